"""Inviting people to the form, and counting who answered, for the Wikibase at a place."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from wbskills.errors import NotFound, WbskillsError, cannot_write
from wbskills.ontology.entries import Ontology
from wbskills.private_files import open_private
from wbskills.private_records.forgotten import Forgotten
from wbskills.private_records.invitation_links import invitation_link
from wbskills.private_records.sealing import Key, load_key
from wbskills.private_records.self_evaluations import SelfEvaluations
from wbskills.questionnaires.fields import parts_of
from wbskills.report.as_data import csv_lines
from wbskills.stores import open_store, records_folder
from wbskills.tasks.find_person import identity_of
from wbskills.tasks.form_settings import load_settings
from wbskills.tasks.form_status import FormStatus, form_status
from wbskills.tasks.invitations import (
    age,
    everybody,
    invitations_table,
    newest_answers,
    read_people,
    to_invite,
)
from wbskills.tasks.ontologies import binding_of
from wbskills.tasks.questionnaires import find_questionnaire
from wbskills.wikibase.interface import OpenWikibase
from wbskills.wikibase.remote.profile import config_folder


@dataclass(frozen=True, slots=True)
class Invited:
    """How many people were invited, and left out; the last day of their links."""

    invited: int
    left_out: int
    expires: str


class Inviting:
    """Invitations to one questionnaire, for the Wikibase at a place.

    Raises `NotFound` or `QuestionnaireError` if there is no such questionnaire.
    """

    def __init__(
        self, place: str, ontology: Ontology, questionnaire: str, address: str = ""
    ) -> None:
        self._place, self._ontology = place, ontology
        self._asked = find_questionnaire(questionnaire, ontology)
        self._address = (address or load_settings().address).rstrip("/")

    def invite(self, people: Path | None, stale: str | None, days: int, output: Path) -> Invited:
        """Write links for the people of a file, or for all; returns how many.

        Raises `WbskillsError` if the file exists: then nobody was invited.
        """
        if not self._address:
            raise WbskillsError(
                "it is not known where people open the form",
                hint="add --address https://…, or address to [self_evaluation] in wbskills.toml",
            )
        guests = read_people(people, self._ontology) if people is not None else None
        today = datetime.now(UTC).date()
        before = today - age(stale) if stale is not None else None
        with self._opened() as (wikibase, private, key):
            binding = binding_of(wikibase, self._ontology)
            every = guests if guests is not None else everybody(wikibase, binding)
            names = [guest.identity.name for guest in every]
            answered = newest_answers(wikibase, binding, names) if before is not None else {}
            wanted = to_invite(every, answered, Forgotten(self._records), before)
            expires = today + timedelta(days=days)
            try:
                with open_private(output, "x", newline="") as opened:
                    made = private.invite(
                        [(guest.identity, guest.community) for guest in wanted],
                        self._asked.name,
                        expires,
                    )
                    links = [invitation_link(self._address, key, each.id) for each in made]
                    opened.writelines(csv_lines(invitations_table(made, links)))
            except OSError as error:
                raise cannot_write(output, error) from error
        return Invited(len(wanted), len(every) - len(wanted), expires.isoformat())

    def revoke(self, name: str) -> int:
        """Make the links of a person invalid. Raises `NotFound` if there are none."""
        with self._opened() as (_, private, _key):
            count = private.revoke(identity_of(name))
        if not count:
            raise NotFound(f"nobody called “{name}” has a link that is valid")
        return count

    def status(self) -> FormStatus:
        """Count who was invited, began and finished."""
        with self._opened() as (_, private, _key):
            people = list(private.progress(self._asked.name))
        return form_status(people, [part.name for part in parts_of(self._asked)])

    @property
    def _records(self) -> Path:
        records = records_folder(self._place)
        if records is None:
            raise WbskillsError(
                "a Wikibase in memory keeps no invitations", hint="use --wikibase FOLDER"
            )
        return records

    @contextmanager
    def _opened(self) -> Iterator[tuple[OpenWikibase, SelfEvaluations, Key]]:
        key = load_key(config_folder())
        with (
            open_store(self._place, write=False) as wikibase,
            SelfEvaluations(self._records, wikibase.salt(), key) as private,
        ):
            yield wikibase, private, key
