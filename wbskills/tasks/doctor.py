"""Looking whether everything is there that an import and a report need, and what to do if not."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from wbskills.errors import OntologyError, WbskillsError
from wbskills.model.table import Column, Iri, Table
from wbskills.ontology.entries import Ontology
from wbskills.store import open_folder, open_store
from wbskills.store.discovery import Discovered, discover
from wbskills.store.examination import Examination, Recent
from wbskills.store.port import OpenWikibase
from wbskills.store.profile import Login, Profile
from wbskills.store.secrets import find_secret
from wbskills.tasks.ontologies import plan_ontology

_OLDEST: Final = (1, 35)  # of MediaWiki, whose API we know
_LATE: Final = 24 * 60  # minutes that a query service may lag
_NEEDED: Final = {
    "edit": "editing items",
    "createpage": "making items",
}
_USEFUL: Final = {
    "delete": "forget and undo empty items, and ask for their deletion",
    "apihighlimits": "50 entities are read at once rather than 500",
    "noratelimit": "the wiki's limit of edits holds",
}


class State(Enum):
    """How a check went; the words stand beside the signs."""

    GOOD = "✓ good"
    NOTE = "· note"
    BAD = "✗ bad"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: what was found, and what to do about it."""

    name: str
    state: State
    found: str
    hint: str = ""


def as_table(checks: list[Check]) -> Table:
    """Show checks in a table."""
    columns = (Column("check", "Check"), Column("state", "State"), Column("found", "Found"))
    return Table(columns, tuple((each.name, each.state.value, each.found) for each in checks))


def examine_folder(place: str, ontology: Ontology) -> Iterator[Check]:
    """Look at an embedded Wikibase. A writer may work on it meanwhile."""
    try:
        store = open_folder(place, write=False)
    except WbskillsError as error:
        yield Check("folder", State.BAD, error.what, error.hint)
        return
    with store:
        yield Check("folder", State.GOOD, f"{place}, revision {store.revision()}")
        damages = list(store.damages())
        yield from (
            Check("integrity", State.BAD, each, "wbskills store rebuild; else a copy from before")
            for each in damages
        )
        if not damages:
            yield Check("integrity", State.GOOD, "entities whole, triples up to date")
        yield _ontology(store, ontology)


def examine_profile(
    profile: Profile, ontology: Ontology, tell: Callable[[str], object] = lambda _: None
) -> Iterator[Check]:
    """Look at the Wikibase of a profile; what rests on a failure is not looked at."""
    try:
        found = discover(profile.api, profile.contact)
    except WbskillsError as error:
        yield Check("address", State.BAD, error.what, error.hint)
        return
    yield from _address(profile, found)
    try:
        examination = Examination(profile, find_secret(profile), tell)
    except WbskillsError as error:
        yield Check("log-in", State.BAD, error.what, error.hint or "the user and the secret")
        return
    with examination:
        yield from _user(profile, examination)
        yield _datatypes(examination, ontology)
        with open_store(profile.name, write=False, tell=tell) as store:
            yield _ontology(store, ontology)
            yield _query_service(profile, examination, store)


def _address(profile: Profile, found: Discovered) -> Iterator[Check]:
    yield Check("address", State.GOOD, f"{found.api} ({found.name})")
    version = re.search(r"(\d+)\.(\d+)", found.version)
    known = (int(version[1]), int(version[2])) if version else (0, 0)
    if known < _OLDEST:
        yield Check("version", State.BAD, found.version, "MediaWiki 1.35 or newer")
    else:
        yield Check("version", State.GOOD, found.version)
    if profile.concept_base and profile.concept_base != found.concept_base:
        yield Check(
            "concept base",
            State.BAD,
            f"{profile.concept_base} in the profile, {found.concept_base} on the wiki",
            f'concept_base = "{found.concept_base}" in the profile',
        )
    else:
        yield Check("concept base", State.GOOD, found.concept_base)


def _user(profile: Profile, examination: Examination) -> Iterator[Check]:
    told = examination.about
    if profile.login is Login.NONE:
        yield Check("log-in", State.NOTE, f"none; the wiki sees {told.user}", "wbskills init")
    else:
        yield Check("log-in", State.GOOD, f"{told.user}, by {profile.login}")
    lacking = [what for right, what in _NEEDED.items() if right not in told.rights]
    if lacking:
        yield Check(
            "rights",
            State.BAD,
            f"no right to: {', '.join(lacking)}",
            "a log-in, or the grants “edit” and “create pages” of the bot password",
        )
    else:
        yield Check("rights", State.GOOD, f"edit, make items ({', '.join(sorted(told.groups))})")
    for right, otherwise in _USEFUL.items():
        if right not in told.rights:
            yield Check(f"right “{right}”", State.NOTE, f"no: {otherwise}")
    yield _limit(profile, told.edits_per_minute)


def _limit(profile: Profile, allowed: float) -> Check:
    wanted = profile.edits_per_minute
    rates = [rate for rate in (wanted, allowed) if rate]
    if not rates:
        return Check("rate", State.GOOD, "no limit of edits")
    rate = min(rates)
    whose = "the wiki's limit" if rate == allowed else "by the profile"
    told = f"{rate:.0f} edits a minute ({whose}): 1,000 people in {1000 / rate:.0f} minutes"
    if rate < 10:
        hint = "the group “bot”, or a confirmed account"
        return Check("rate", State.NOTE, told, hint)
    return Check("rate", State.GOOD, told)


def _datatypes(examination: Examination, ontology: Ontology) -> Check:
    needed = {each.datatype for each in ontology.properties.values()}
    there = examination.datatypes()
    if not there:
        return Check("datatypes", State.NOTE, "the wiki does not tell which it has")
    if needed - there:
        return Check(
            "datatypes",
            State.BAD,
            f"missing: {', '.join(sorted(needed - there))}",
            "an extension of the wiki; its administrators can turn it on",
        )
    return Check("datatypes", State.GOOD, f"all {len(needed)} that the ontology needs")


def _ontology(store: OpenWikibase, ontology: Ontology) -> Check:
    try:
        edits = plan_ontology(store, ontology)
    except OntologyError as error:
        told = "; ".join(f"{each.column}: {each.what}" for each in error.faults)
        return Check("ontology", State.BAD, told, error.faults[0].hint)
    except WbskillsError as error:
        return Check("ontology", State.BAD, error.what, error.hint)
    if edits:
        hint = "wbskills ontology diff, then wbskills ontology apply"
        return Check("ontology", State.NOTE, f"{len(edits)} edits behind", hint)
    return Check("ontology", State.GOOD, "up to date")


def _query_service(profile: Profile, examination: Examination, store: OpenWikibase) -> Check:
    name = "query service"
    if not profile.sparql:
        hint = 'sparql = "…" in the profile; or wbskills store pull, and reports on its folder'
        return Check(name, State.BAD, "the profile names none", hint)
    try:
        recent = examination.recent()
        shown = _versions(store, recent)
    except WbskillsError as error:
        return Check(name, State.BAD, error.what, error.hint)
    if not recent:
        return Check(name, State.GOOD, f"{profile.sparql}; nothing was edited lately")
    unseen = [each.time for each in recent if shown.get(each.entity, 0) < each.revision]
    if not unseen:
        return Check(name, State.GOOD, f"{profile.sparql}, up to date")
    now = datetime.strptime(examination.about.time, "%Y-%m-%dT%H:%M:%S%z")
    minutes = (now - min(unseen)).total_seconds() / 60
    told = f"{profile.sparql} is at least {minutes:.0f} minutes behind"
    hint = "waiting; or wbskills store pull, and reports on its folder"
    return Check(name, State.BAD if minutes > _LATE else State.NOTE, told, hint)


def _versions(store: OpenWikibase, recent: list[Recent]) -> dict[str, int]:
    """Ask the query service which revisions it has; services differ in where they keep it."""
    base = store.concept_base
    values = " ".join(f"<{base}{each.entity}>" for each in recent)
    schema = "http://schema.org/"
    query = (
        f"SELECT ?entity ?version WHERE {{ VALUES ?entity {{ {values or f'<{base}>'} }}"
        f" {{ ?entity <{schema}version> ?version }}"
        f" UNION {{ ?page <{schema}about> ?entity ; <{schema}version> ?version }} }}"
    )
    found: dict[str, int] = {}
    for entity, version in store.select(query).rows:
        if isinstance(entity, Iri) and isinstance(version, int):
            found[entity.id] = max(version, found.get(entity.id, 0))
    return found
