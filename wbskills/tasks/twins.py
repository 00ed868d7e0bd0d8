"""Finding what is there twice, and making one of it.

Two people who import at the same moment, or hand work, leave two items of one key or one name.
The one with the lower number stays, gets what the other one had, and what pointed to the other
one points to it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

from wbskills.errors import EditConflict, EditRefused, EditsRefused, StoreError
from wbskills.ontology.entries import Ontology
from wbskills.tasks.ontologies import property_of_keys
from wbskills.tasks.undoing import mentioned
from wbskills.wikibase.interface import OpenWikibase, Wikibase
from wbskills.wikibase.model.edits import Change, statement_content
from wbskills.wikibase.model.entities import Reference, Snak, Statement, Stored
from wbskills.wikibase.model.values import EntityRef
from wbskills.wikibase.plan.perform import perform

SUMMARY: Final = "what was there twice is one"
_NAMES: Final[tuple[str, ...]] = ("wikimedia_username", "pseudonym")
_AT_ONCE: Final = 200

Ids = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Twins:
    """Entities that should be one: `kept` stays. `why_not` tells what is in the way, if any is."""

    name: str
    kept: str
    others: tuple[str, ...]
    why_not: str = ""

    def __str__(self) -> str:
        told = f"“{self.name}” stands on {', '.join((self.kept, *self.others))}"
        return f"{told}: {self.why_not}" if self.why_not else told


def find_twins(wikibase: Wikibase, ontology: Ontology) -> list[Twins]:
    """List what is there twice: entries of the ontology, waves, people."""
    of_keys = property_of_keys(wikibase, ontology)
    if of_keys is None:
        return []
    pairs = wikibase.identified(of_keys)
    properties, items = (_grouped(pair for pair in pairs if pair[1][0] == one) for one in "PQ")
    first = {key: ids[0] for key, ids in [*items.items(), *properties.items()]}
    found = [
        _twins(key, ids, why_not)
        for grouped, why_not in ((properties, "a property cannot be made a redirect"), (items, ""))
        for key, ids in grouped.items()
        if len(ids) > 1
    ]
    named: dict[str, str] = {key: first[key] for key in _NAMES if key in first}
    for of_names in named.values():
        for name, ids in _grouped(wikibase.identified(of_names)).items():
            if len(ids) > 1:
                people = wikibase.read(ids)
                found.append(_twins(name, ids, _difference(people.values(), first, named)))
    return found


def _grouped(pairs: Iterable[tuple[str, str]]) -> Ids:
    """Group entities by name, the lowest number first."""
    ids: Ids = {}
    for name, entity_id in sorted(set(pairs), key=lambda pair: int(pair[1][1:])):
        ids.setdefault(name, []).append(entity_id)
    return ids


def _twins(name: str, ids: list[str], why_not: str) -> Twins:
    return Twins(name, ids[0], tuple(ids[1:]), why_not)


def _difference(people: Iterable[Stored], ids: Mapping[str, str], named: Mapping[str, str]) -> str:
    """Tell why items of one name may be those of several people; empty if they are not."""
    listed = [each.entity for each in people]
    person = EntityRef(ids.get("person", ""))
    if not all(person in each.values(ids.get("instance_of", "")) for each in listed):
        return "one of them is no person of this map"
    for property_id in named.values():
        names = {frozenset(map(str, each.values(property_id))) for each in listed} - {frozenset()}
        if len(names) > 1:
            return "they have different names beside that one"
    return ""


def unite_twins(
    wikibase: OpenWikibase, ontology: Ontology, found: Iterable[Twins]
) -> tuple[int, list[StoreError]]:
    """Make one of what is there twice, as far as it can be.

    Counts what was given up, and tells what the Wikibase refused. First is changed what points
    there: where that cannot be, the two stay, so that the same can be done again.
    """
    into = {other: each.kept for each in found if not each.why_not for other in each.others}
    if not into:
        return 0, []
    refused: list[StoreError] = []
    try:
        for _ in perform(_pointed(wikibase, ontology, into), wikibase, SUMMARY):
            pass
    except EditsRefused as error:
        refused += error.reasons.values()
        _leave(into, wikibase.read([*error.reasons, *error.conflicts]))
    except EditConflict as error:
        _leave(into, wikibase.read(error.keys))
    count = 0
    for other, kept in into.items():
        try:
            wikibase.merge_items(other, kept, SUMMARY)
            count += 1
        except EditRefused as error:
            refused.append(error)
    return count, refused


def _leave(into: dict[str, str], pointing: Mapping[str, Stored]) -> None:
    """Leave alone what something points to that could not be changed."""
    for stored in pointing.values():
        for entity_id in mentioned(stored.entity):
            into.pop(entity_id, None)


def _pointed(wikibase: Wikibase, ontology: Ontology, into: Mapping[str, str]) -> Iterator[Change]:
    """List what has to be changed for what pointed to something that was given up."""
    of_keys = property_of_keys(wikibase, ontology) or ""
    keyed = wikibase.identified(of_keys)
    properties = {key: each for key, each in keyed if key in _NAMES}
    people = [wikibase.identified(each) for each in properties.values()]
    ids = sorted({entity_id for _, entity_id in chain(keyed, *people)})
    for start in range(0, len(ids), _AT_ONCE):
        for stored in wikibase.read(ids[start : start + _AT_ONCE]).values():
            change = pointed(stored, into)
            if change is not None:
                yield change


def pointed(stored: Stored, into: Mapping[str, str]) -> Change | None:
    """Let the statements of an entity point to what stayed; of two that say the same, one goes.

    Pure. None if nothing is to be changed.
    """
    entity = stored.entity
    now = [_statement(each, into) for each in entity.statements]
    if now == list(entity.statements):
        return None
    kept: dict[object, Statement] = {}
    removed: list[str] = []
    for each in now:
        there = kept.setdefault(statement_content(each), each)
        if there is not each and each.id is not None:
            new = tuple(one for one in each.references if one not in there.references)
            kept[statement_content(each)] = replace(there, references=(*there.references, *new))
            removed.append(each.id)
    before = {each.id: each for each in entity.statements}
    changed = tuple(each for each in kept.values() if before[each.id] != each)
    return Change(
        key=entity.id,
        id=entity.id,
        base=stored.revision,
        statements=changed,
        removed=tuple(removed),
        was=stored,
    )


def _statement(statement: Statement, into: Mapping[str, str]) -> Statement:
    return replace(
        statement,
        main=_snak(statement.main, into),
        qualifiers=tuple(_snak(each, into) for each in statement.qualifiers),
        references=tuple(
            Reference(tuple(_snak(each, into) for each in reference.snaks))
            for reference in statement.references
        ),
    )


def _snak(snak: Snak, into: Mapping[str, str]) -> Snak:
    if isinstance(snak.value, EntityRef) and snak.value.id in into:
        return replace(snak, value=EntityRef(into[snak.value.id]))
    return snak
