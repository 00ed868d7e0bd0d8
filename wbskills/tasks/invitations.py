"""Inviting people to the form by personal links, and whom to invite again."""

import csv
import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from wbskills.bulk import chunks
from wbskills.domain import USERNAME, Identity
from wbskills.errors import Faults, FaultyFile, InvalidValue, NotFound
from wbskills.names import username
from wbskills.ontology.binding import Binding
from wbskills.ontology.entries import Ontology
from wbskills.private_records.self_evaluations import Invitation
from wbskills.surveys.files.cell_text import clean
from wbskills.surveys.mapping.item_names import names_of
from wbskills.table import Column, Table
from wbskills.wikibase.interface import Wikibase
from wbskills.wikibase.model.values import Time

_USERNAMES: Final = ("username", "user", "name", "benutzername", "wikimedia_username")
_COMMUNITIES: Final = ("community", "home_community", "home wiki", "wiki")
_AGE: Final = re.compile(r"(\d{1,4})\s*([dmy])")
_DAYS: Final = {"d": 1, "m": 30.44, "y": 365.25}
_COLUMNS: Final = (
    Column("username", "Username"),
    Column("community", "Community"),
    Column("link", "Link"),
    Column("expires", "Expires"),
)


class PeopleError(FaultyFile):
    """A list of people to invite has problems."""

    exit_code = 2
    ending = "Nobody was invited."


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody to invite: their username, and the key of their community if known."""

    identity: Identity
    community: str = ""


def read_people(file: Path, ontology: Ontology) -> list[Guest]:
    """Read a CSV file of people: a column `username` and, if wanted, `community`.

    Raises `NotFound`, or `PeopleError` with all problems.
    """
    rows = _rows(file)
    headings = [clean(text).casefold() for text in rows[0]] if rows else []
    at, community_at = _find(headings, _USERNAMES), _find(headings, _COMMUNITIES)
    if at is None:
        hint = "add a first row with the heading “username” above the names"
        raise PeopleError.of(str(file), "no column has the heading “username”", hint)
    communities = names_of(ontology, "communities")
    faults, found = Faults(), dict[Identity, Guest]()
    for number, row in enumerate(rows[1:], 2):
        name, named = _cell(row, at), _cell(row, community_at)
        community = (communities.find(named) or "") if named else ""
        if named and not community:
            near = communities.nearest(named, 1)
            hint = f"use “{near[0]}”, or leave the cell empty" if near else ""
            faults.add(f"no community is called “{named[:80]}”", hint, row=number)
        if name:
            try:
                identity = Identity(USERNAME, username(name))
            except InvalidValue as error:
                faults.add(f"“{name[:80]}”: {error.what}", error.hint, row=number)
            else:
                found.setdefault(identity, Guest(identity, community))
    if faults:
        raise PeopleError(str(file), faults)
    if not found:
        raise PeopleError.of(str(file), "there is nobody in this file")
    return list(found.values())


def _rows(file: Path) -> list[list[str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            return list(csv.reader(opened))
    except OSError as error:
        raise NotFound(f"{file} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise PeopleError.of(str(file), f"this is not CSV in UTF-8: {error}") from error


def _cell(row: list[str], at: int | None) -> str:
    return clean(row[at]) if at is not None and at < len(row) else ""


def age(text: str) -> timedelta:
    """Read an age such as 12m, 90d or 2y. Raises `InvalidValue`."""
    found = _AGE.fullmatch(text.strip().lower())
    if found is None:
        raise InvalidValue(
            f"“{text}” is not an age",
            hint="use for example 12m (months), 90d (days) or 2y (years)",
        )
    return timedelta(days=int(found[1]) * _DAYS[found[2]])


def everybody(wikibase: Wikibase, binding: Binding) -> list[Guest]:
    """List all people who are in a Wikibase under their username."""
    pairs = wikibase.find_by_identifier(binding.property(USERNAME))
    return [Guest(Identity(USERNAME, name)) for name in sorted({name for name, _ in pairs})]


def to_invite(
    guests: Iterable[Guest],
    answered: Mapping[str, str],
    forgotten: Container[Identity],
    before: date | None,
) -> list[Guest]:
    """Leave out who asked to be removed and, with `before`, who has answered since that day.

    `answered` has the day of the newest answer of each username.
    """
    return [
        guest
        for guest in guests
        if guest.identity not in forgotten
        and (before is None or answered.get(guest.identity.name, "") < before.isoformat())
    ]


def newest_answers(wikibase: Wikibase, binding: Binding, names: Iterable[str]) -> dict[str, str]:
    """Return the day of the newest answer of each username that is in a Wikibase."""
    asked, day = binding.property("assessed_skill"), binding.property("point_in_time")
    found: dict[str, str] = {}
    for chunk in chunks(names):
        pairs = wikibase.find_by_identifier(binding.property(USERNAME), chunk)
        read = wikibase.read(entity_id for _, entity_id in pairs)
        for name, entity_id in pairs:
            if entity_id in read:
                days = [
                    value.time[1:11]
                    for statement in read[entity_id].entity.statements
                    if statement.main.property == asked
                    and isinstance(value := statement.qualifier(day), Time)
                ]
                found[name] = max(days, default="")
    return found


def invitations_table(invitations: Iterable[Invitation], links: Iterable[str]) -> Table:
    """List invitations with their links, for a mail merge."""
    rows = [
        (each.username, each.community, link, each.expires)
        for each, link in zip(invitations, links, strict=True)
    ]
    return Table(_COLUMNS, tuple(rows))


def _find(headings: list[str], wanted: tuple[str, ...]) -> int | None:
    return next((at for at, heading in enumerate(headings) if heading in wanted), None)
