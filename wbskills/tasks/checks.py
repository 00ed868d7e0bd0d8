"""Finding and fixing broken data rules: wrong ranks, and duplicate items.

Simultaneous imports, or edits by hand, can create two items with the same key or name. The one
with the lower number is kept: the statements of the other one are moved to it, and links to the
other one are changed to point to it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final, NamedTuple

from wbskills.bulk import chunks
from wbskills.domain import NAME_PROPERTIES
from wbskills.errors import EditConflict, EditRefused, EditsRefused, StoreError
from wbskills.ontology.binding import rules
from wbskills.ontology.entries import Ontology
from wbskills.tasks.ontologies import bound, property_of_keys
from wbskills.tasks.reversal import mentioned
from wbskills.wikibase.interface import OpenWikibase, Wikibase
from wbskills.wikibase.model.edits import Change, statement_content
from wbskills.wikibase.model.entities import Reference, Snak, Statement, Stored
from wbskills.wikibase.model.values import EntityRef
from wbskills.wikibase.plan.diff import misranked
from wbskills.wikibase.plan.perform import CompletedEdit, perform

RANKS_SUMMARY: Final = "rank rule: the latest answer is preferred"
MERGE_SUMMARY: Final = "duplicate items merged"

Ids = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Misranked:
    """An item with statements of the wrong rank; `statements` are these with the right one."""

    stored: Stored
    statements: tuple[Statement, ...]

    def __str__(self) -> str:
        entity = self.stored.entity
        name = next(iter(entity.labels.values()), entity.id)
        count = len(self.statements)
        return f"{entity.id} {name}: {count} statement{'s' * (count != 1)} with the wrong rank"


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Entities that should be one: `kept` stays. `why_not` says why they cannot be merged."""

    name: str
    kept: str
    others: tuple[str, ...]
    why_not: str = ""

    def __str__(self) -> str:
        ids = ", ".join((self.kept, *self.others))
        return f"“{self.name}” is on {ids}{f': {self.why_not}' if self.why_not else ''}"


class MergeOutcome(NamedTuple):
    """How many duplicates were merged, and what the Wikibase refused."""

    merged: int
    refused: list[StoreError]


def check_ranks(wikibase: Wikibase, ontology: Ontology) -> Iterator[Misranked]:
    """Find items of people on which the latest answer about a skill has no preferred rank."""
    binding = bound(wikibase, ontology, with_twins=True)
    declared = rules(ontology, binding)
    people = {
        entity_id
        for name in NAME_PROPERTIES
        for _, entity_id in wikibase.find_by_identifier(binding.property(name))
    }
    for ids in chunks(sorted(people, key=_number)):
        for stored in wikibase.read(ids).values():
            wrong = misranked(stored.entity, declared)
            if wrong:
                yield Misranked(stored, wrong)


def fix_ranks(wikibase: Wikibase, found: Iterable[Misranked]) -> Iterator[CompletedEdit]:
    """Set the rank that each of the statements should have."""
    changes = [
        Change(
            key=each.stored.entity.id,
            id=each.stored.entity.id,
            base=each.stored.revision,
            statements=each.statements,
            was=each.stored,
        )
        for each in found
    ]
    return perform(changes, wikibase, RANKS_SUMMARY)


def find_duplicates(wikibase: Wikibase, ontology: Ontology) -> list[Duplicates]:
    """List duplicates: entries of the ontology and waves by key, people by name."""
    of_keys = property_of_keys(wikibase, ontology)
    if of_keys is None:
        return []
    pairs = wikibase.find_by_identifier(of_keys)
    properties, items = (_grouped(pair for pair in pairs if pair[1][0] == one) for one in "PQ")
    first = {key: ids[0] for key, ids in [*items.items(), *properties.items()]}
    found = [
        Duplicates(key, ids[0], tuple(ids[1:]), why_not)
        for grouped, why_not in ((properties, "properties cannot be merged"), (items, ""))
        for key, ids in grouped.items()
        if len(ids) > 1
    ]
    named: dict[str, str] = {key: first[key] for key in NAME_PROPERTIES if key in first}
    for of_names in named.values():
        for name, ids in _grouped(wikibase.find_by_identifier(of_names)).items():
            if len(ids) > 1:
                why_not = _difference(wikibase.read(ids).values(), first, named)
                found.append(Duplicates(name, ids[0], tuple(ids[1:]), why_not))
    return found


def merge_duplicates(
    wikibase: OpenWikibase, ontology: Ontology, found: Iterable[Duplicates]
) -> MergeOutcome:
    """Merge duplicates where possible.

    What points to them is changed first. Where the Wikibase refuses that, both stay, so that
    another run can finish the work.
    """
    into = {other: each.kept for each in found if not each.why_not for other in each.others}
    refused: list[StoreError] = []
    if not into:
        return MergeOutcome(0, refused)
    try:
        for _ in perform(_redirections(wikibase, ontology, into), wikibase, MERGE_SUMMARY):
            pass
    except EditsRefused as error:
        refused += error.reasons.values()
        _keep_mentioned(into, wikibase.read([*error.reasons, *error.conflicts]))
    except EditConflict as error:
        _keep_mentioned(into, wikibase.read(error.keys))
    count = 0
    for other, kept in into.items():
        try:
            wikibase.merge_items(other, kept, MERGE_SUMMARY)
            count += 1
        except EditRefused as error:
            refused.append(error)
    return MergeOutcome(count, refused)


def plan_redirection(stored: Stored, into: Mapping[str, str]) -> Change | None:
    """Plan the edit that changes links to merged items; None if there are none.

    `into` maps the id of each merged item to that of the item it was merged into. Of two
    statements that are then equal, one is removed. Pure.
    """
    entity = stored.entity
    now = [_statement(statement, into) for statement in entity.statements]
    if now == list(entity.statements):
        return None
    kept: dict[object, Statement] = {}
    removed: list[str] = []
    for each in now:
        there = kept.setdefault(statement_content(each), each)
        if there is not each and each.id is not None:
            new = tuple(
                reference for reference in each.references if reference not in there.references
            )
            kept[statement_content(each)] = replace(there, references=(*there.references, *new))
            removed.append(each.id)
    before = {statement.id: statement for statement in entity.statements}
    return Change(
        key=entity.id,
        id=entity.id,
        base=stored.revision,
        statements=tuple(each for each in kept.values() if before[each.id] != each),
        removed=tuple(removed),
        was=stored,
    )


def _number(entity_id: str) -> int:
    return int(entity_id[1:])


def _grouped(pairs: Iterable[tuple[str, str]]) -> Ids:
    """Group ids by name, the lowest number first."""
    ids: Ids = {}
    for name, entity_id in sorted(set(pairs), key=lambda pair: _number(pair[1])):
        ids.setdefault(name, []).append(entity_id)
    return ids


def _difference(people: Iterable[Stored], ids: Mapping[str, str], named: Mapping[str, str]) -> str:
    """Say why items with one name may be about several people; empty if they are not."""
    listed = [each.entity for each in people]
    person = EntityRef(ids.get("person", ""))
    if not all(person in each.values(ids.get("instance_of", "")) for each in listed):
        return "one of them is not a person on this map"
    for property_id in named.values():
        names = {frozenset(map(str, each.values(property_id))) for each in listed} - {frozenset()}
        if len(names) > 1:
            return "their other names differ"
    return ""


def _keep_mentioned(into: dict[str, str], pointing: Mapping[str, Stored]) -> None:
    """Remove from `into` the items that other entities still link to."""
    for stored in pointing.values():
        for entity_id in mentioned(stored.entity):
            into.pop(entity_id, None)


def _redirections(
    wikibase: Wikibase, ontology: Ontology, into: Mapping[str, str]
) -> Iterator[Change]:
    keyed = wikibase.find_by_identifier(property_of_keys(wikibase, ontology) or "")
    properties = [entity_id for key, entity_id in keyed if key in NAME_PROPERTIES]
    people = [wikibase.find_by_identifier(each) for each in properties]
    for ids in chunks(sorted({entity_id for _, entity_id in chain(keyed, *people)})):
        for stored in wikibase.read(ids).values():
            change = plan_redirection(stored, into)
            if change is not None:
                yield change


def _statement(statement: Statement, into: Mapping[str, str]) -> Statement:
    return replace(
        statement,
        main=_snak(statement.main, into),
        qualifiers=tuple(_snak(qualifier, into) for qualifier in statement.qualifiers),
        references=tuple(
            Reference(tuple(_snak(snak, into) for snak in reference.snaks))
            for reference in statement.references
        ),
    )


def _snak(snak: Snak, into: Mapping[str, str]) -> Snak:
    if isinstance(snak.value, EntityRef) and snak.value.id in into:
        return replace(snak, value=EntityRef(into[snak.value.id]))
    return snak
