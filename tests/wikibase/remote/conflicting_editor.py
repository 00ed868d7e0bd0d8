"""An editor of the very statements that a program is about to write.

Every edit is recorded with a check that it is still there at the end, or was reported as lost.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from tests.wikibase.remote.disturbed_wiki import FIRST, SECOND, DisturbedWiki
from wbskills.domain import Response
from wbskills.errors import StoreError
from wbskills.tasks.ontologies import binding_of
from wbskills.tasks.undo import undo
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.interface import Overwritten
from wbskills.wikibase.journal.read import BatchHeader, find_batch
from wbskills.wikibase.journal.write import Journal
from wbskills.wikibase.model.entities import Entity, Rank, Reference, Snak, Statement
from wbskills.wikibase.model.values import EntityRef, Text

KINDS: Final = ("evidence", "reference", "level", "deprecate", "remove", "add", "label")
_TRIES: Final = 3  # of the same command

Holds = Callable[[Entity], bool]


@dataclass(frozen=True, slots=True)
class RecordedEdit:
    """An edit of a statement, and how to check that it is still there."""

    entity: str
    guid: str
    kind: str
    holds: Holds


class ConflictingEditor:
    """Edits people's items as another user, mostly the one that is about to be written."""

    def __init__(self, wiki: DisturbedWiki, chance: Random) -> None:
        self._place, self._chance = wiki, chance
        self._store = wiki.served.store
        binding = binding_of(self._store, wiki.ontology)
        self._assessed = binding.property("assessed_skill")
        self._wave, self._level = binding.property("survey_wave"), binding.property("level")
        self._evidence = binding.property("evidence")
        self._about = binding.property("about")
        self._older = EntityRef(binding.item(FIRST.key))
        self._alone, self._leads = (EntityRef(binding.item(key)) for key in ("alone", "leads"))
        self._username = binding.property("wikimedia_username")
        self.recorded: dict[tuple[str, str, str], RecordedEdit] = {}
        self.made: Counter[str] = Counter()

    def edit(self) -> None:
        """Make one edit, and record it."""
        entity_id = getattr(self._place.traffic.here, "entity", "")
        if not entity_id.startswith("Q") or self._chance.random() < 0.2:
            _, entity_id = self._chance.choice(
                sorted(self._store.find_by_identifier(self._username))
            )
        kind = self._chance.choice(KINDS)
        seed = self._chance.randrange(2**32)
        while True:
            stored = self._store.read([entity_id]).get(entity_id)
            if stored is None:
                return
            edited = self._edited(stored.entity, kind, Random(seed))  # noqa: S311 - no secret
            if edited is None:
                return
            entity, recorded = edited
            try:
                self._store.revise(entity, stored, EditInfo(summary=kind, user="Rival"))
            except StoreError:
                continue  # the import was quicker
            break
        if kind == "remove":
            self.recorded = {k: v for k, v in self.recorded.items() if v.guid != recorded.guid}
        self.recorded[entity_id, recorded.guid, kind] = recorded
        self.made[kind] += 1

    def _edited(
        self, entity: Entity, kind: str, chance: Random
    ) -> tuple[Entity, RecordedEdit] | None:
        text = f"https://example.org/{chance.randrange(10**9)}"
        if kind == "label":
            return replace(entity, labels={**entity.labels, "nl": text}), RecordedEdit(
                entity.id, "", kind, lambda now: now.labels.get("nl") == text
            )
        if kind == "add":
            added = Statement(Snak(self._about, Text(text), "external-id"))
            return replace(entity, statements=(*entity.statements, added)), RecordedEdit(
                entity.id, text, kind, lambda now: Text(text) in now.values(self._about)
            )
        skills = [
            statement
            for statement in entity.statements
            if statement.main.property == self._assessed
        ]
        if kind in {"level", "remove", "deprecate"}:
            # Of what the file says itself, the file has the last word.
            skills = [skill for skill in skills if skill.qualifier(self._wave) == self._older]
        if not skills:
            return None
        coming = getattr(self._place.traffic.here, "data", "")
        same = [skill for skill in skills if f'"{skill.id}"' in coming]
        old = chance.choice(same or skills)
        new, holds = self._changed(old, kind, text)
        changed = (new if statement is old else statement for statement in entity.statements)
        kept = tuple(each for each in changed if each is not None)
        return replace(entity, statements=kept), RecordedEdit(entity.id, old.id or "", kind, holds)

    def _changed(self, old: Statement, kind: str, text: str) -> tuple[Statement | None, Holds]:
        guid = old.id

        def that(test: Callable[[Statement], bool]) -> Holds:
            return lambda now: any(
                test(statement) for statement in now.statements if statement.id == guid
            )

        match kind:
            case "evidence":
                snak = Snak(self._evidence, Text(text), "url")
                new = replace(old, qualifiers=(*old.qualifiers, snak))
                return new, that(lambda each: snak in each.qualifiers)
            case "reference":
                reference = Reference((Snak(self._evidence, Text(text), "url"),))
                new = replace(old, references=(*old.references, reference))
                hashed = reference.hash
                return new, that(lambda each: hashed in {one.hash for one in each.references})
            case "level":
                had = old.qualifier(self._level)
                level = self._leads if had == self._alone else self._alone
                snak = Snak(self._level, level, "wikibase-item")
                rest = tuple(
                    qualifier for qualifier in old.qualifiers if qualifier.property != self._level
                )
                new = replace(old, qualifiers=(snak, *rest))
                return new, that(lambda each: each.qualifier(self._level) == level)
            case "deprecate":
                new = replace(old, rank=Rank.DEPRECATED)
                return new, that(lambda each: each.rank is Rank.DEPRECATED)
            case _:
                return None, lambda now: all(statement.id != guid for statement in now.statements)

    def lost(self, reports: list[Overwritten]) -> list[RecordedEdit]:
        """List the edits that are gone and were not reported."""
        reported = {(report.entity, report.guid) for report in reports if not report.back}
        found = self._store.read({each.entity for each in self.recorded.values()})
        return [
            each
            for each in self.recorded.values()
            if not (each.entity in found and each.holds(found[each.entity].entity))
            and (each.entity, each.guid) not in reported
            and (each.entity, "") not in reported
        ]


@dataclass(frozen=True, slots=True)
class ScheduleResult:
    """The result of one schedule; `wrong` is empty if nothing was lost unreported."""

    wrong: str
    edits: int
    put_back: int
    reported: int


def run_schedule(
    wiki: DisturbedWiki, people: list[Response], seed: int, *, undone: bool = False
) -> ScheduleResult:
    """Import a second wave, or undo it (`undone`), while someone edits the same statements."""
    chance = Random(seed)  # noqa: S311 - no secret
    wiki.import_directly([person for person in people if person.wave == FIRST.key])
    second = [person for person in people if person.wave == SECOND.key and person.assessments]
    if undone:
        wiki.import_all(second, batch="b2")
    editor = ConflictingEditor(wiki, chance)
    wiki.traffic.reset()
    for number in chance.sample(range(1, 2 * len(second)), len(second)):
        wiki.traffic.acts[number] = editor.edit
    for number in chance.sample(range(1, 40), 5):
        wiki.traffic.later.append((number, editor.edit))
    reports = _undo(wiki) if undone else _import(wiki, second)
    wiki.traffic.acts.clear()
    wiki.traffic.later.clear()
    lost = editor.lost(reports)
    again = 0 if undone or lost else wiki.import_all(second, batch="b9")
    wrong = f"lost unreported: {lost}" if lost else ""
    if again:
        wrong = f"{again} edits when imported again"
    back = sum(report.back for report in reports)
    return ScheduleResult(wrong, editor.made.total(), back, len(reports) - back)


def _import(wiki: DisturbedWiki, people: list[Response]) -> list[Overwritten]:
    reports: list[Overwritten] = []
    for number in range(_TRIES):
        try:
            wiki.import_all(people, batch=f"b{3 + number}")
        except StoreError:
            if number == _TRIES - 1:
                raise
        else:
            return reports + wiki.overwritten
        reports += wiki.overwritten
    raise AssertionError  # the loop has ended by now


def _undo(wiki: DisturbedWiki) -> list[Overwritten]:
    batch = find_batch(wiki.folder / "journals", "b2")
    head = BatchHeader(batch="undo", command="batch undo b2")
    with (
        wiki.remote() as remote,
        Journal.begin(wiki.folder / "journals", head) as journal,
    ):
        done = undo(remote, wiki.ontology, batch, journal)
    return done.overwritten
