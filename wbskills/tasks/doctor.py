"""Checking that a Wikibase is ready to use, with a fix for each problem."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Final

from wbskills.bulk import ignore
from wbskills.errors import OntologyError, WbskillsError
from wbskills.ontology.entries import Ontology
from wbskills.stores import find_profile, open_folder, open_store
from wbskills.table import Column, Iri, Table
from wbskills.tasks.ontologies import preview_ontology
from wbskills.wikibase.interface import OpenWikibase
from wbskills.wikibase.model.edits import Create, Edit
from wbskills.wikibase.model.entities import Kind
from wbskills.wikibase.remote.api import RequestRefused
from wbskills.wikibase.remote.api_errors import READ_DENIED
from wbskills.wikibase.remote.login import find_secret
from wbskills.wikibase.remote.profile import Login, Profile
from wbskills.wikibase.remote.reader import RecentEdit, RemoteSource
from wbskills.wikibase.remote.site_info import DiscoveredWiki, SiteInfo, discover

_PATIENCE: Final = 20.0  # seconds, as the user is waiting
_RECENT: Final = 50  # edits that are looked up in the query service
_OLDEST: Final = (1, 35)  # of MediaWiki, whose API we know
_LATE: Final = 24 * 60  # minutes that a query service may be behind
_EDIT: Final = "Edit existing pages"
_CREATE: Final = "Create, edit, and move pages"
_MANY: Final = "High-volume (bot) access"
_DELETE: Final = "Delete pages, revisions, and log entries"
# By right: the grant that gives it to a program, as MediaWiki names it, and what it is for (of
# useful ones: what happens without it).
_NEEDED: Final = {
    "edit": (_EDIT, "editing items"),
    "createpage": (_CREATE, "creating items"),
    "item-term": (_EDIT, "labels of items"),
}
_FOR_THE_ONTOLOGY: Final = {
    "property-create": (_CREATE, "creating properties"),
    "property-term": (_EDIT, "labels of properties"),
}
_USEFUL: Final = {
    "bot": (_MANY, "every edit is in the recent changes and in watchlists"),
    "delete": (_DELETE, "forget and undo can only empty items"),
    "item-merge": (_EDIT, "duplicate items are listed, not merged"),
    "apihighlimits": (_MANY, "50 entities are read at a time, not 500"),
    "noratelimit": (_MANY, "the wiki's edit limit applies"),
}


class CheckState(Enum):
    """The result of a check."""

    GOOD = "✓ good"
    NOTE = "· note"
    BAD = "✗ bad"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was found, and what to do about it."""

    name: str
    state: CheckState
    found: str
    hint: str = ""


def examine(
    place: str, ontology: Ontology, on_wait: Callable[[str], object] = ignore
) -> list[Check]:
    """Check a profile or a folder; writes nothing."""
    profile = find_profile(place)
    if profile is None:
        return list(examine_folder(place, ontology))
    return list(examine_profile(profile, ontology, on_wait))


def as_table(checks: list[Check]) -> Table:
    """List checks in a table."""
    columns = (Column("check", "Check"), Column("state", "CheckState"), Column("found", "Found"))
    return Table(columns, tuple((check.name, check.state.value, check.found) for check in checks))


def examine_folder(place: str, ontology: Ontology) -> Iterator[Check]:
    """Check a Wikibase folder; others may write to it meanwhile."""
    try:
        store = open_folder(place, write=False)
    except WbskillsError as error:
        yield Check("folder", CheckState.BAD, error.what, error.hint)
        return
    with store:
        yield Check("folder", CheckState.GOOD, f"{place}, revision {store.revision()}")
        damages = list(store.find_damage())
        yield from (
            Check(
                "integrity",
                CheckState.BAD,
                damage,
                "run “wbskills store rebuild”; if that does not help, restore a backup",
            )
            for damage in damages
        )
        if not damages:
            yield Check("integrity", CheckState.GOOD, "entities intact, query index up to date")
        yield _ontology(store, ontology)


def examine_profile(
    profile: Profile, ontology: Ontology, on_wait: Callable[[str], object] = ignore
) -> Iterator[Check]:
    """Check the Wikibase of a profile; what depends on a failed check is left out."""
    try:
        found = discover(profile.api, profile.contact)
    except WbskillsError as error:
        yield Check("address", CheckState.BAD, error.what, error.hint)
        return
    if not found.private:
        yield from _address(profile, found)
    try:
        # A read-only wiki may refuse the log-in: waiting would not help.
        patience = 0.0 if found.read_only else _PATIENCE
        wiki = RemoteSource(profile, find_secret(profile), on_wait, patience=patience)
    except WbskillsError as error:
        yield from _log_in_failed(profile, found, error)
        return
    with wiki:
        if found.private:
            yield from _address(profile, _completed(found, wiki.site))
        yield from _user(profile, wiki.site)
        yield _datatypes(wiki, ontology)
        with open_store(profile.name, write=False, on_progress=on_wait) as store:
            yield _state(profile, store)
            yield from _ontology_by(wiki.site, profile, store, ontology)
            yield _query_service(profile, wiki, store)


def _completed(found: DiscoveredWiki, about: SiteInfo) -> DiscoveredWiki:
    """Add what a private wiki states about itself only after the log-in."""
    return replace(
        found,
        name=f"{about.name}, private",
        version=about.version,
        concept_base=about.concept_base,
        read_only=about.read_only,
    )


def _log_in_failed(
    profile: Profile, found: DiscoveredWiki, error: WbskillsError
) -> Iterator[Check]:
    """Return the failed check of the log-in, after which nothing more can be checked."""
    if found.private:
        what = f"{found.api}, private: it can only be read after a log-in"
        yield Check("address", CheckState.GOOD, what)
    if found.private and profile.login is Login.NONE:
        hint = 'add login = "bot-password" and user = "…" to the profile'
        yield Check(
            "log-in", CheckState.BAD, "none, but this wiki can only be read after a log-in", hint
        )
    elif isinstance(error, RequestRefused) and error.code == READ_DENIED:
        hint = (
            "ask the wiki's administrators for the right “read”, and add the grant “Basic rights”"
        )
        yield Check("log-in", CheckState.BAD, f"{profile.user} may not read this wiki", hint)
    else:
        yield Check(
            "log-in",
            CheckState.BAD,
            error.what,
            error.hint or "check the user and the password or token",
        )


def _address(profile: Profile, found: DiscoveredWiki) -> Iterator[Check]:
    yield Check("address", CheckState.GOOD, f"{found.api} ({found.name})")
    version = re.search(r"(\d+)\.(\d+)", found.version)
    known = (int(version[1]), int(version[2])) if version else (0, 0)
    if known < _OLDEST:
        yield Check(
            "version", CheckState.BAD, found.version, "use a wiki with MediaWiki 1.35 or newer"
        )
    else:
        yield Check("version", CheckState.GOOD, found.version)
    if profile.concept_base and profile.concept_base != found.concept_base:
        yield Check(
            "concept base",
            CheckState.BAD,
            f"{profile.concept_base} in the profile, {found.concept_base} on the wiki",
            f'set concept_base = "{found.concept_base}" in the profile',
        )
    else:
        yield Check("concept base", CheckState.GOOD, found.concept_base)
    if found.read_only:
        hint = "try again later; an import waits for it, up to a quarter of an hour"
        yield Check("writing", CheckState.BAD, f"the wiki is read-only: {found.read_only}", hint)


def _user(profile: Profile, about: SiteInfo) -> Iterator[Check]:
    if profile.login is Login.NONE:
        yield Check(
            "log-in", CheckState.NOTE, f"none; the wiki sees {about.user}", "run “wbskills init”"
        )
    else:
        yield Check("log-in", CheckState.GOOD, f"{about.user}, by {profile.login}")
    if about.block:
        what = f"{about.user} is {about.block}{' (not everywhere)' if about.partial_block else ''}"
        state = CheckState.NOTE if about.partial_block else CheckState.BAD
        yield Check("block", state, what, "ask the wiki's administrators")
    yield _rights(profile, about, _NEEDED, "edit, create items", CheckState.BAD)
    for right, (grant, otherwise) in _USEFUL.items():
        if right not in about.rights:
            hint = _way_to(profile, [grant])
            yield Check(f"right “{right}”", CheckState.NOTE, f"no: {otherwise}", hint)
    yield _limit(profile, about)


def _rights(
    profile: Profile,
    about: SiteInfo,
    needed: Mapping[str, tuple[str, str]],
    good: str,
    otherwise: CheckState,
) -> Check:
    """Check rights that are all needed."""
    missing = {right: found for right, found in needed.items() if right not in about.rights}
    if not missing:
        groups = ", ".join(sorted(about.groups))
        return Check("rights", CheckState.GOOD, f"{good} ({groups})")
    what = ", ".join(f"{purpose} ({right})" for right, (_, purpose) in missing.items())
    hint = _way_to(profile, [grant for grant, _ in missing.values()])
    return Check("rights", otherwise, f"no right for: {what}", hint)


def _way_to(profile: Profile, grants: list[str]) -> str:
    """Return a hint on how to get a right: by a grant, or as a member of a group."""
    if profile.login is Login.NONE:
        return "run “wbskills init” to add a log-in"
    named = " and ".join(f"“{grant}”" for grant in dict.fromkeys(grants))
    whose = "bot password" if profile.login is Login.BOT_PASSWORD else "consumer"
    return f"add the grant {named} to the {whose}, or join a group of the wiki with the right"


def _limit(profile: Profile, about: SiteInfo) -> Check:
    rates = [rate for rate in (profile.edits_per_minute, about.rate) if rate]
    if not rates:
        return Check("rate", CheckState.GOOD, "edits are not limited")
    rate = min(rates)
    whose = f"of {about.edit_limit:.0f} by the wiki" if rate == about.rate else "by the profile"
    minutes = math.ceil(1000 / rate)
    what = f"{rate:.0f} edits a minute ({whose}): 1,000 people in {minutes} minutes"
    if rate < 10:
        hint = "ask for the group “bot”, or use a confirmed account"
        return Check("rate", CheckState.NOTE, what, hint)
    return Check("rate", CheckState.GOOD, what)


def _state(profile: Profile, store: OpenWikibase) -> Check:
    """Check that the records of the wiki can be read and written."""
    try:
        store.salt()
    except WbskillsError as error:
        return Check("state folder", CheckState.BAD, error.what, error.hint)
    return Check("state folder", CheckState.GOOD, str(profile.state))


def _datatypes(wiki: RemoteSource, ontology: Ontology) -> Check:
    needed = {each.datatype for each in ontology.properties.values()}
    available = wiki.datatypes()
    if not available:
        return Check("datatypes", CheckState.NOTE, "the wiki does not say which datatypes it has")
    if needed - available:
        return Check(
            "datatypes",
            CheckState.BAD,
            f"missing: {', '.join(sorted(needed - available))}",
            "ask the wiki's administrators to enable the extension that has them",
        )
    return Check("datatypes", CheckState.GOOD, f"all {len(needed)} that the ontology needs")


def _ontology(store: OpenWikibase, ontology: Ontology) -> Check:
    return _behind(store, ontology)[0]


def _ontology_by(
    about: SiteInfo, profile: Profile, store: OpenWikibase, ontology: Ontology
) -> Iterator[Check]:
    """Check the ontology, and if this user could create what is missing."""
    check, edits = _behind(store, ontology)
    yield check
    properties = any(
        isinstance(edit, Create) and edit.entity.kind is Kind.PROPERTY for edit in edits
    )
    state = CheckState.BAD if properties else CheckState.NOTE
    rights = _rights(profile, about, _FOR_THE_ONTOLOGY, "create properties", state)
    yield replace(rights, name="rights for the ontology")


def _behind(store: OpenWikibase, ontology: Ontology) -> tuple[Check, list[Edit]]:
    try:
        edits = preview_ontology(store, ontology)
    except OntologyError as error:
        what = "; ".join(f"{fault.column}: {fault.what}" for fault in error.faults)
        return Check("ontology", CheckState.BAD, what, error.faults[0].hint), []
    except WbskillsError as error:
        return Check("ontology", CheckState.BAD, error.what, error.hint), []
    if edits:
        hint = "run “wbskills ontology diff”, then “wbskills ontology apply”"
        return Check("ontology", CheckState.NOTE, f"{len(edits)} edits missing", hint), edits
    return Check("ontology", CheckState.GOOD, "up to date"), []


def _query_service(profile: Profile, wiki: RemoteSource, store: OpenWikibase) -> Check:
    name = "query service"
    if not profile.sparql:
        hint = 'add sparql = "…" to the profile, or run “wbskills store pull” and query its folder'
        return Check(name, CheckState.BAD, "the profile has no query service", hint)
    try:
        recent = wiki.latest_edits(_RECENT)
        shown = _versions(store, recent)
    except WbskillsError as error:
        return Check(name, CheckState.BAD, error.what, error.hint)
    if not recent:
        return Check(name, CheckState.GOOD, f"{profile.sparql}; there are no recent edits")
    unseen = [each.time for each in recent if shown.get(each.entity, 0) < each.revision]
    if not unseen:
        return Check(name, CheckState.GOOD, f"{profile.sparql}, up to date")
    now = datetime.strptime(wiki.site.time, "%Y-%m-%dT%H:%M:%S%z")
    minutes = (now - min(unseen)).total_seconds() / 60
    what = f"{profile.sparql} is at least {minutes:.0f} minutes behind"
    hint = "wait; or run “wbskills store pull” and build reports from its folder"
    return Check(name, CheckState.BAD if minutes > _LATE else CheckState.NOTE, what, hint)


def _versions(store: OpenWikibase, recent: list[RecentEdit]) -> dict[str, int]:
    """Query which revisions the query service has; services differ in where they store them."""
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
