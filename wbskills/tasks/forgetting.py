"""Forgetting a person: removing what this program wrote about them, and blocking later imports."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from wbskills.bulk import ignore
from wbskills.domain import PSEUDONYM, USERNAME, Identity
from wbskills.errors import EditConflict, EditRefused, EditsRefused, NotFound, StoreError
from wbskills.ontology.binding import Binding
from wbskills.ontology.entries import Ontology
from wbskills.private_records.forgotten import Forgotten
from wbskills.private_records.pseudonyms import Pseudonyms
from wbskills.private_records.self_evaluations import (
    forget_self_evaluations,
    has_self_evaluations,
)
from wbskills.private_records.traces import STATE, Traces
from wbskills.tasks.candidates import forget_suggestions, has_suggestions
from wbskills.tasks.consent import all_removed, username_removed
from wbskills.tasks.find_person import KnownPerson, find_person, journal_files, unknown_person
from wbskills.tasks.forget_receipt import Removal, RemovedItem
from wbskills.tasks.ontologies import binding_of
from wbskills.tasks.personal_data import (
    NameMatcher,
    anonymous_label,
    identities_on,
    personal_data,
    plan_emptying,
)
from wbskills.wikibase.interface import OpenWikibase
from wbskills.wikibase.journal.read import JOURNALS, remove_edits, remove_leftovers
from wbskills.wikibase.model.edits import Change
from wbskills.wikibase.model.entities import Stored
from wbskills.wikibase.plan.perform import perform

_CLEARED: Final = {"triples", "snapshots", "readers"}  # when the query index is rebuilt
_ROUNDS: Final = 5  # of reading again what is edited at the same time
# It stays in the history for ever, so it names nobody.
REASON: Final = "removed at the request of the person"


def forget(
    wikibase: OpenWikibase,
    ontology: Ontology,
    identity: Identity,
    records: Path | None,
    *,
    one_name: bool = False,
    unseen: bool = False,
    clear_copies: Callable[[Sequence[Identity]], object] = ignore,
) -> Removal:
    """Remove a person from a Wikibase and from the records on this machine; block later imports.

    `records` is the folder of journals; `clear_copies` is called with all their names, to clear
    copies and reports. With `one_name`, what is stored under their other names stays. Safe to
    repeat, also after an interruption: names are blocked first, and what shows which items were
    theirs is removed last.

    Raises `NotFound` if nobody here has or had this name, unless it is to be blocked `unseen`;
    `StoreError`.
    """
    known = find_person(wikibase, ontology, identity, records, one_name=one_name)
    seen = (
        known.items
        or known.ids
        or identity in Forgotten(records)
        or has_suggestions(records, identity, wikibase.salt())
        or has_self_evaluations(records, identity, wikibase.salt())
    )
    if not seen and not unseen:
        raise unknown_person(wikibase, ontology, identity)
    with Traces(records).forgetting(known.identities, known.ids | known.items.keys()):
        done = _forget(wikibase, ontology, known, records)
        clear_copies(known.identities)
    return done


def lift_block(records: Path | None, identity: Identity, salt: bytes) -> None:
    """Let a person who was forgotten be added again: they have come back, and agreed.

    Raises `NotFound` if they are not blocked.
    """
    blocked = Forgotten(records)
    names = (identity, username_removed(identity), all_removed(identity))
    lifted = [blocked.remove(name) for name in names]
    with Pseudonyms(records, salt) as links:
        lifted.append(links.lift_block(identity))
    if not any(lifted):
        raise NotFound(
            f"“{identity.name}” is not blocked here",
            hint="use the name under which the person was removed, with --pseudonym if it was one",
        )


def _forget(
    wikibase: OpenWikibase, ontology: Ontology, known: KnownPerson, records: Path | None
) -> Removal:
    new = _block(known, Forgotten(records))
    binding = binding_of(wikibase, ontology, with_twins=True)
    matcher = NameMatcher(identity.name for identity in known.identities)
    mentions = _mentions(wikibase, sorted(known.items))
    items = tuple(
        _remove(wikibase, binding, item, known, matcher) for item in known.items.values()
    )
    ids = sorted(known.ids | known.items.keys())
    own = {entity_id for entity_id in ids if entity_id not in known.shared}
    keys = {identity.key() for identity in known.identities}
    again = any(item.refused for item in items)  # then the next run needs the journals
    readable = [path for path in journal_files(records) if path not in known.unread]
    cleared = [] if again else readable
    dropped = sum(remove_edits(path, keys=keys, entities=own, names=matcher) for path in cleared)
    if records is not None:
        remove_leftovers(records / JOURNALS)
    histories = tuple(entity_id for entity_id in ids if not wikibase.erase_history(entity_id))
    texts = wikibase.erase_mentions(matcher)
    for key in sorted(keys):
        for entity_id in ("", *sorted(own)):
            wikibase.drop_cached(entity_id, key)
    salt = wikibase.salt()
    suggestions = forget_suggestions(records, known.identities, matcher, salt)
    forget_self_evaluations(records, known.identities, salt)
    with Pseudonyms(records, salt) as links:
        for identity in known.identities:
            if identity.property == PSEUDONYM and not again:
                (links.drop if known.one_name else links.forget)(identity)
    return Removal(
        items=items,
        journal_edits=dropped,
        suggestions=suggestions,
        new=new,
        histories=histories,
        mentions=mentions,
        texts=texts,
        unread=tuple(known.unread),
        also=tuple(known.identities[1:]),
        reading=wikibase.clean_up(),
        naming=tuple(_files_naming(records, matcher)),
    )


def _block(known: KnownPerson, blocked: Forgotten) -> bool:
    """Block all names; return whether the first one was not blocked before."""
    new, *_ = [blocked.add(identity) for identity in known.identities]
    for each in (identity for identity in known.identities if identity.property == USERNAME):
        if known.one_name:
            blocked.add(username_removed(each))
        elif username_removed(each) in blocked:
            blocked.add(all_removed(each))
    return new


def _remove(
    wikibase: OpenWikibase,
    binding: Binding,
    stored: Stored,
    known: KnownPerson,
    matcher: NameMatcher,
    rounds: int = _ROUNDS,
) -> RemovedItem:
    """Delete an item without statements of others; else empty it.

    What is edited at the same time is read again, in some `rounds`.
    """
    entity = stored.entity
    keys = {entity_id: key for key, entity_id in binding.properties.items()}
    given = set(wikibase.entities.values())
    others = [each for each in identities_on(entity, binding) if each not in known.identities]
    found = personal_data(entity, binding, given, matcher, named_only=bool(others))
    counted = Counter(keys.get(statement.main.property, "") for statement in found.theirs)
    refused = ""
    try:
        if found.whole and wikibase.delete(entity.id, REASON):
            return RemovedItem(entity.id, counted, (), deleted=True)
    except EditRefused as error:
        refused = error.what
    label = others[0].name if others else anonymous_label(entity.id)
    change = plan_emptying(stored, found, matcher, label)
    try:
        if change is None or _emptied(wikibase, change):
            return RemovedItem(entity.id, counted, found.left, deleted=False, refused=refused)
    except EditsRefused as error:
        refused = next(iter(error.reasons.values())).what
        return RemovedItem(
            entity.id, Counter(), found.left, deleted=False, emptied=False, refused=refused
        )
    again = wikibase.read([entity.id]).get(entity.id)
    if again is None:
        return RemovedItem(entity.id, counted, (), deleted=True)
    if rounds == 1:
        raise EditConflict(
            f"{entity.id} is being edited by someone else", hint="run the same command again"
        )
    rest = _remove(wikibase, binding, again, known, matcher, rounds - 1)
    return replace(rest, statements=counted)


def _emptied(wikibase: OpenWikibase, change: Change) -> bool:
    """Empty an item; False if someone edited it at the same time, so that something is left."""
    try:
        done = list(perform([change], wikibase, REASON))
    except EditConflict:
        return False
    return not any(each.back for one in done for each in one.written.overwritten)


def _files_naming(records: Path | None, matcher: NameMatcher) -> Iterator[Path]:
    """List files next to the Wikibase that still name the person."""
    for file in sorted(records.rglob("*")) if records is not None else ():
        inside = file.relative_to(records).parts[0] if records is not None else ""
        if (
            inside in _CLEARED
            or file.name == STATE
            or ".sqlite" in file.name
            or not file.is_file()
        ):
            continue
        try:
            if matcher.in_bytes(file.read_bytes()):
                yield file
        except OSError:
            continue


def _mentions(wikibase: OpenWikibase, ids: list[str]) -> tuple[str, ...] | None:
    """List entities whose statements point to some items; None if that is unknown."""
    if not ids:
        return ()
    values = " ".join(f"<{wikibase.concept_base}{entity_id}>" for entity_id in ids)
    query = (
        f"SELECT DISTINCT ?from WHERE {{ VALUES ?item {{ {values} }}"
        " ?from ?direct ?item . FILTER (STRSTARTS(STR(?from), "
        f'"{wikibase.concept_base}")) }} ORDER BY ?from LIMIT 50'
    )
    try:
        rows = wikibase.select(query).rows
    except StoreError:
        return None
    # The node of a statement is named by the id of its entity and a GUID.
    found = [str(row[0]).removeprefix(wikibase.concept_base) for row in rows]
    names = dict.fromkeys(re.split("[$-]", name.removeprefix("statement/"))[0] for name in found)
    return tuple(name for name in names if name not in ids)
