"""Looking whether everything is there that an import and a report need, and what to do if not."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Final

from wbskills.errors import OntologyError, WbskillsError
from wbskills.ontology.entries import Ontology
from wbskills.stores import open_folder, open_store
from wbskills.table import Column, Iri, Table
from wbskills.tasks.ontologies import rehearsed_ontology
from wbskills.wikibase.interface import OpenWikibase
from wbskills.wikibase.model.edits import Create, Edit
from wbskills.wikibase.model.entities import Kind
from wbskills.wikibase.remote.api import RequestRefused
from wbskills.wikibase.remote.api_errors import READ_DENIED
from wbskills.wikibase.remote.login import find_secret
from wbskills.wikibase.remote.profile import Login, Profile
from wbskills.wikibase.remote.reader import RecentEdit, RemoteSource
from wbskills.wikibase.remote.site_info import DiscoveredWiki, SiteInfo, discover

_OLDEST: Final = (1, 35)  # of MediaWiki, whose API we know
_PATIENCE: Final = 20.0  # seconds, as the user sits and waits
_RECENT: Final = 50  # edits that are looked for in the query service
_LATE: Final = 24 * 60  # minutes that a query service may lag
_EDIT: Final = "Edit existing pages"
_CREATE: Final = "Create, edit, and move pages"
_MANY: Final = "High-volume (bot) access"
_DELETE: Final = "Delete pages, revisions, and log entries"
# By right: the grant that gives it to a program, as the pages of MediaWiki name it, and what it
# is for, or what holds without it.
_NEEDED: Final = {
    "edit": (_EDIT, "editing items"),
    "createpage": (_CREATE, "making items"),
    "item-term": (_EDIT, "labels of items"),
}
_FOR_THE_ONTOLOGY: Final = {
    "property-create": (_CREATE, "making properties"),
    "property-term": (_EDIT, "labels of properties"),
}
_USEFUL: Final = {
    "bot": (_MANY, "every edit shows in the recent changes, and in watchlists"),
    "delete": (_DELETE, "forget and undo empty items, and ask for their deletion"),
    "item-merge": (_EDIT, "items that were made twice are told, not merged"),
    "apihighlimits": (_MANY, "50 entities are read at once rather than 500"),
    "noratelimit": (_MANY, "the wiki's limit of edits holds"),
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
        damages = list(store.find_damage())
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
    if not found.private:
        yield from _address(profile, found)
    try:
        # Who cannot log in as the wiki is read-only would wait for nothing.
        patience = 0.0 if found.read_only else _PATIENCE
        wiki = RemoteSource(profile, find_secret(profile), tell, patience=patience)
    except WbskillsError as error:
        yield from _not_let_in(profile, found, error)
        return
    with wiki:
        if found.private:
            yield from _address(profile, _told(found, wiki.site))
        yield from _user(profile, wiki.site)
        yield _datatypes(wiki, ontology)
        with open_store(profile.name, write=False, on_progress=tell) as store:
            yield _state(profile, store)
            yield from _ontology_by(wiki.site, profile, store, ontology)
            yield _query_service(profile, wiki, store)


def _told(found: DiscoveredWiki, told: SiteInfo) -> DiscoveredWiki:
    """Complete what a private wiki says by what it says to who has logged in."""
    return replace(
        found,
        name=f"{told.name}, private",
        version=told.version,
        concept_base=told.concept_base,
        read_only=told.read_only,
    )


def _not_let_in(profile: Profile, found: DiscoveredWiki, error: WbskillsError) -> Iterator[Check]:
    """Tell why nothing more can be looked at."""
    if found.private:
        what = f"{found.api}, private: it tells nothing to who has not logged in"
        yield Check("address", State.GOOD, what)
    if found.private and profile.login is Login.NONE:
        hint = 'login = "bot-password" and user = "…" in the profile'
        yield Check("log-in", State.BAD, "none, and nobody else may read this wiki", hint)
    elif isinstance(error, RequestRefused) and error.code == READ_DENIED:
        hint = "the wiki's administrators: the right “read”, and the grant “Basic rights”"
        yield Check("log-in", State.BAD, f"{profile.user} may not read this wiki", hint)
    else:
        yield Check("log-in", State.BAD, error.what, error.hint or "the user and the secret")


def _address(profile: Profile, found: DiscoveredWiki) -> Iterator[Check]:
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
    if found.read_only:
        hint = "again later; an import waits for it, up to a quarter of an hour"
        yield Check("writing", State.BAD, f"the wiki is read-only: {found.read_only}", hint)


def _user(profile: Profile, told: SiteInfo) -> Iterator[Check]:
    if profile.login is Login.NONE:
        yield Check("log-in", State.NOTE, f"none; the wiki sees {told.user}", "wbskills init")
    else:
        yield Check("log-in", State.GOOD, f"{told.user}, by {profile.login}")
    if told.block:
        what = f"{told.user} is {told.block}{' (not everywhere)' if told.partial_block else ''}"
        state = State.NOTE if told.partial_block else State.BAD
        yield Check("block", state, what, "the wiki's administrators")
    yield _rights(profile, told, _NEEDED, "edit, make items", State.BAD)
    for right, (grant, otherwise) in _USEFUL.items():
        if right not in told.rights:
            hint = _way_to(profile, [grant])
            yield Check(f"right “{right}”", State.NOTE, f"no: {otherwise}", hint)
    yield _limit(profile, told)


def _rights(
    profile: Profile,
    told: SiteInfo,
    needed: Mapping[str, tuple[str, str]],
    good: str,
    otherwise: State,
) -> Check:
    """Check some rights, all of which are needed for something."""
    lacking = {right: found for right, found in needed.items() if right not in told.rights}
    if not lacking:
        groups = ", ".join(sorted(told.groups))
        return Check("rights", State.GOOD, f"{good} ({groups})")
    what = ", ".join(f"{purpose} ({right})" for right, (_, purpose) in lacking.items())
    hint = _way_to(profile, [grant for grant, _ in lacking.values()])
    return Check("rights", otherwise, f"no right to: {what}", hint)


def _way_to(profile: Profile, grants: list[str]) -> str:
    """Say how a right is got: by a grant, or as a member of a group."""
    if profile.login is Login.NONE:
        return "a log-in: wbskills init"
    named = " and ".join(f"“{grant}”" for grant in dict.fromkeys(grants))
    whose = "bot password" if profile.login is Login.BOT_PASSWORD else "consumer"
    return f"the grant {named} of the {whose}; else a group of the wiki that has the right"


def _limit(profile: Profile, told: SiteInfo) -> Check:
    rates = [rate for rate in (profile.edits_per_minute, told.rate) if rate]
    if not rates:
        return Check("rate", State.GOOD, "no limit of edits")
    rate = min(rates)
    whose = f"of {told.edit_limit:.0f} by the wiki" if rate == told.rate else "by the profile"
    minutes = math.ceil(1000 / rate)
    what = f"{rate:.0f} edits a minute ({whose}): 1,000 people in {minutes} minutes"
    if rate < 10:
        hint = "the group “bot”, or a confirmed account"
        return Check("rate", State.NOTE, what, hint)
    return Check("rate", State.GOOD, what)


def _state(profile: Profile, store: OpenWikibase) -> Check:
    """Look whether what is remembered of the wiki can be read and written."""
    try:
        store.salt()
    except WbskillsError as error:
        return Check("state folder", State.BAD, error.what, error.hint)
    return Check("state folder", State.GOOD, str(profile.state))


def _datatypes(wiki: RemoteSource, ontology: Ontology) -> Check:
    needed = {each.datatype for each in ontology.properties.values()}
    there = wiki.datatypes()
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
    return _behind(store, ontology)[0]


def _ontology_by(
    told: SiteInfo, profile: Profile, store: OpenWikibase, ontology: Ontology
) -> Iterator[Check]:
    """Look at the ontology, and whether this user could make what it still needs."""
    check, edits = _behind(store, ontology)
    yield check
    properties = any(
        isinstance(edit, Create) and edit.entity.kind is Kind.PROPERTY for edit in edits
    )
    state = State.BAD if properties else State.NOTE
    rights = _rights(profile, told, _FOR_THE_ONTOLOGY, "make properties", state)
    yield replace(rights, name="rights for the ontology")


def _behind(store: OpenWikibase, ontology: Ontology) -> tuple[Check, list[Edit]]:
    try:
        edits = rehearsed_ontology(store, ontology)
    except OntologyError as error:
        told = "; ".join(f"{each.column}: {each.what}" for each in error.faults)
        return Check("ontology", State.BAD, told, error.faults[0].hint), []
    except WbskillsError as error:
        return Check("ontology", State.BAD, error.what, error.hint), []
    if edits:
        hint = "wbskills ontology diff, then wbskills ontology apply"
        return Check("ontology", State.NOTE, f"{len(edits)} edits behind", hint), edits
    return Check("ontology", State.GOOD, "up to date"), []


def _query_service(profile: Profile, wiki: RemoteSource, store: OpenWikibase) -> Check:
    name = "query service"
    if not profile.sparql:
        hint = 'sparql = "…" in the profile; or wbskills store pull, and reports on its folder'
        return Check(name, State.BAD, "the profile names none", hint)
    try:
        recent = wiki.latest_edits(_RECENT)
        shown = _versions(store, recent)
    except WbskillsError as error:
        return Check(name, State.BAD, error.what, error.hint)
    if not recent:
        return Check(name, State.GOOD, f"{profile.sparql}; nothing was edited lately")
    unseen = [each.time for each in recent if shown.get(each.entity, 0) < each.revision]
    if not unseen:
        return Check(name, State.GOOD, f"{profile.sparql}, up to date")
    now = datetime.strptime(wiki.site.time, "%Y-%m-%dT%H:%M:%S%z")
    minutes = (now - min(unseen)).total_seconds() / 60
    told = f"{profile.sparql} is at least {minutes:.0f} minutes behind"
    hint = "waiting; or wbskills store pull, and reports on its folder"
    return Check(name, State.BAD if minutes > _LATE else State.NOTE, told, hint)


def _versions(store: OpenWikibase, recent: list[RecentEdit]) -> dict[str, int]:
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
