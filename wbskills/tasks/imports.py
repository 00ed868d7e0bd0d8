"""Writing the responses of a survey to a Wikibase: planned and carried out in chunks."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from wbskills.bulk import SIZE, OnProgress, Progress, ignore
from wbskills.domain import NAME_PROPERTIES, Asked, Response, Wave
from wbskills.errors import EditConflict, EditsRefused, StoreError
from wbskills.ontology.binding import Binding, rules
from wbskills.ontology.entries import Ontology
from wbskills.ontology.express import Expression
from wbskills.tasks.ontologies import bound
from wbskills.wikibase.interface import MergedDuplicate, Overwritten, Wikibase, Written
from wbskills.wikibase.journal.read import EditSource
from wbskills.wikibase.journal.write import Journal
from wbskills.wikibase.model.edits import Create, Desired, Edit
from wbskills.wikibase.model.entities import Entity, Snak, Statement, Stored
from wbskills.wikibase.model.values import EntityRef, Text, Time
from wbskills.wikibase.plan.diff import plan
from wbskills.wikibase.plan.perform import CompletedEdit, perform

_ROUNDS: Final = 6  # of planning again what others are editing at the same time
_CHANGED: Final = "changed by someone else in the meantime"


@dataclass(frozen=True, slots=True)
class PersonEdit:
    """An edit of a person's item, and the row of the file that it comes from.

    `taken_back` names what the person said before and says no more.
    """

    row: int
    edit: Edit
    taken_back: tuple[str, ...] = ()

    def __str__(self) -> str:
        removed = f"; no longer said: {', '.join(self.taken_back)}" if self.taken_back else ""
        return f"row {self.row}: {self.edit}{removed}"


@dataclass(frozen=True, slots=True)
class RefusedEdit:
    """An edit of a person's item that the Wikibase refused: its row in the file, and why."""

    row: int
    error: StoreError

    def __str__(self) -> str:
        return f"row {self.row}: {self.error.what}"


class Import:
    """One import into one Wikibase.

    `batch` and `summary` are in the summary of each edit; `today` is the day of retrieval in
    references. `journal` records the edits, each with its row and, by `columns` (headings by
    skill, language or fact, and by one of these with a qualifier, as in `python interest`), the
    column. `binding` is looked up if it is not given. What the survey `asked`, and a response
    says no more, is removed.

    `refused` lists edits that the Wikibase refused while it took others; `overwritten` what
    someone else changed just before an edit; `united` items that someone else created at the
    same time.
    """

    def __init__(  # noqa: PLR0913 - each by its name
        self,
        wikibase: Wikibase,
        ontology: Ontology,
        *,
        batch: str,
        today: date,
        journal: Journal | None = None,
        columns: Mapping[str, str] | None = None,
        binding: Binding | None = None,
        asked: Asked | None = None,
        summary: str = "survey import",
    ) -> None:
        self._wikibase, self._ontology, self._today = wikibase, ontology, today
        self._summary = f"{summary}, batch {batch}"
        self._journal, self._columns = journal, columns or {}
        self._rows: dict[str, int] = {}  # by key, of the people of a chunk
        self._salt, self._asked = wikibase.salt(), asked
        self.refused: list[RefusedEdit] = []
        self.overwritten: list[Overwritten] = []
        self.united: list[MergedDuplicate] = []
        self._bind(binding or bound(wikibase, ontology))

    def _bind(self, binding: Binding) -> None:
        self.binding, self._keys = binding, binding.keys()
        self._rules = rules(self._ontology, binding)
        self._express = Expression(
            self._ontology, binding, salt=self._salt, today=self._today, asked=self._asked
        )

    def waves(self, waves: Iterable[Wave]) -> list[Edit]:
        """Create or update survey waves; returns the edits that were made.

        Raises `StoreError` if the Wikibase has a wave of the same key on other days.
        """
        waves = list(waves)
        made: list[Edit] = []
        for attempt in range(_ROUNDS):
            desired = _united(each for wave in waves for each in self._express.wave(wave))
            items = self.binding.items
            ids = {items[key]: key for key in desired if key in items}
            present = {ids[name]: stored for name, stored in self._wikibase.read(ids).items()}
            for wave in waves:
                if wave.key in present:
                    self._refuse_another(wave, present[wave.key])
            edits = list(plan(desired.values(), present, self._rules))
            sure = True
            try:
                for done in self._perform(edits, made):
                    sure = sure and done.written.conflict_free
            except EditConflict:
                if attempt == _ROUNDS - 1:
                    raise
                sure = False
            if edits:  # the waves have ids now
                self._bind(bound(self._wikibase, self._ontology))
            if sure:
                break
        return made

    def _refuse_another(self, wave: Wave, present: Stored) -> None:
        """Refuse a wave on other days than the one of its key, whose answers it would replace."""
        starts, ends = (
            _days(present.entity, self.binding.property(name))
            for name in ("start_time", "end_time")
        )
        if not starts or not ends:
            return
        start, end = min(starts), max(ends)
        if wave.end.isoformat() < start or wave.start.isoformat() > end:
            raise StoreError(
                f"the Wikibase already has a wave “{wave.key}”, from {start} to {end}",
                hint="use another key in the mapping, for example"
                f" [waves.{wave.key}_{wave.start.year}]",
            )

    def responses(
        self, responses: Iterable[Response], on_progress: OnProgress = ignore, total: int = 0
    ) -> Iterator[PersonEdit]:
        """Write responses; yields the edits, in the order of the responses.

        `on_progress` is called after each chunk of people.
        """
        count = 0
        for chunk in _chunks(responses):
            for edit in self._write(chunk):
                yield PersonEdit(chunk[edit.key].row, edit, self._taken_back(edit))
            count += len(chunk)
            on_progress(Progress(count, total))

    def _taken_back(self, edit: Edit) -> tuple[str, ...]:
        """Name what an edit removes, each with its column: skills, facts, and parts of these."""
        if isinstance(edit, Create) or edit.was is None:
            return ()
        after = {statement.id: statement for statement in edit.statements}
        named = []
        for before in edit.was.entity.statements:
            fact, value = self._named(before.main)
            said = value if fact == "assessed_skill" else f"{fact} {value}".rstrip()
            if before.id in edit.removed:
                named.append(said + _in_brackets(self._column(before)))
            elif before.id in after:
                named += [
                    f"{said}: {part}{_in_brackets(self._column(before, qualifier))}"
                    for part, qualifier in self._parts_taken_back(before, after[before.id])
                ]
        return tuple(named)

    def _parts_taken_back(self, before: Statement, after: Statement) -> Iterator[tuple[str, str]]:
        """Name each interest that a statement has no more; of other qualifiers, those gone.

        Also yields the key of the qualifier.
        """
        kept = {snak.property for snak in after.qualifiers}
        for snak in before.qualifiers:
            if snak not in after.qualifiers:
                name, value = self._named(snak)
                if name == "interest":
                    yield value, name
                elif snak.property not in kept:
                    yield name, name

    def _named(self, snak: Snak) -> tuple[str, str]:
        """Return the keys of a property and of the item that is its value, if it is one."""
        item = snak.value.id if isinstance(snak.value, EntityRef) else ""
        return self._keys.get(snak.property, snak.property), self._keys.get(item, item)

    def _column(self, statement: Statement, qualifier: str = "") -> str:
        """Return the column that a statement, or a part of it, comes from; empty if unknown."""
        fact, value = self._named(statement.main)
        keys = (f"{value} {qualifier}".rstrip(), f"{fact} {qualifier}".rstrip())
        return next(filter(None, map(self._columns.get, keys)), "")

    def _source(self, edit: Edit) -> EditSource:
        """Return the row and columns of the file that an edit comes from."""
        row = self._rows.get(edit.key, 0)
        if not row or not self._columns:
            return EditSource(row)
        statements = edit.entity.statements if isinstance(edit, Create) else edit.statements
        return EditSource(row, tuple(map(self._column, statements)))

    def _write(self, chunk: dict[str, Response]) -> list[Edit]:
        """Write the responses that were not imported before."""
        digests = {
            f"{key}/{response.wave}": self._express.digest(response)
            for key, response in chunk.items()
        }
        known = self._wikibase.imported_digests(digests)
        new = {
            key: response
            for key, response in chunk.items()
            if known.get(f"{key}/{response.wave}") != digests[f"{key}/{response.wave}"]
        }
        if not new:
            return []
        self._rows = {key: response.row for key, response in new.items()}
        made: list[Edit] = []
        written: dict[str, Written] = {}
        refused: dict[str, StoreError] = {}
        left, conflict = new, None
        for _ in range(_ROUNDS):
            conflict = None
            try:
                self._round(left, made, written)
            except EditConflict as error:
                conflict = error
            except EditsRefused as error:
                refused |= error.reasons
                if error.conflicts:
                    conflict = EditConflict(f"{', '.join(error.conflicts[:5])}: {_CHANGED}")
            left = {
                key: response
                for key, response in left.items()
                if key not in refused and (key not in written or not written[key].conflict_free)
            }
            if not left:
                break
        else:
            if conflict is not None:
                raise conflict
        self.refused += [RefusedEdit(new[key].row, error) for key, error in refused.items()]
        kept = {key: f"{key}/{new[key].wave}" for key in new if key not in refused}
        self._wikibase.record_imports(
            {name: digests[name] for name in kept.values()},
            {name: written[key] for key, name in kept.items()},
        )
        return made

    def _round(
        self, responses: dict[str, Response], made: list[Edit], written: dict[str, Written]
    ) -> None:
        """Read the people, plan, carry out; adds to `made` and, by key of a person, `written`.

        Raises `EditConflict` or `EditsRefused` when all other edits are made.
        """
        present = self._present(responses)
        desired, of_one = self._by_item(map(self._express.response, responses.values()), present)
        edits = list(plan(desired, present, self._rules))
        planned = {key for edit in edits for key in of_one.get(edit.key, (edit.key,))}
        for key in planned:
            written.pop(key, None)
        written.update(
            (key, Written(stored.entity.id, stored.revision))
            for key, stored in present.items()
            if key not in planned
        )
        try:
            for done in self._perform(edits, made):
                for key in of_one.get(done.edit.key, (done.edit.key,)):
                    written[key] = done.written
        except EditsRefused as error:
            reasons = {
                key: reason
                for first, reason in error.reasons.items()
                for key in of_one.get(first, (first,))
            }
            raise EditsRefused(reasons, error.conflicts) from error

    def _perform(self, edits: list[Edit], made: list[Edit]) -> Iterator[CompletedEdit]:
        if self._journal is not None:
            self._journal.source_of_edit = self._source
        for done in perform(edits, self._wikibase, self._summary, self._journal):
            self.overwritten += done.written.overwritten
            united = done.written.duplicate
            if united is not None:
                self.united.append(united)
            if united is None or not united.ours:
                made.append(done.edit)
            yield done

    def _by_item(
        self, desired: Iterable[Desired], present: Mapping[str, Stored]
    ) -> tuple[list[Desired], dict[str, list[str]]]:
        """Unite what is desired for one item, as after a merge of two people.

        Also returns, by the key of the first, the keys of all people who share an item.
        """
        united: dict[str, Desired] = {}
        of_one: dict[str, list[str]] = {}
        for each in desired:
            stored = present.get(each.key)
            if stored is None:
                united[each.key] = each
                continue
            keys = of_one.setdefault(stored.entity.id, [])
            keys.append(each.key)
            entity = self._labelled(each.entity, stored.entity)
            corrections = each.corrections
            if self._has_several_names(stored.entity):
                # One name does not take back what was answered under another.
                corrections = tuple(replace(each, alone=True) for each in corrections)
            wish = Desired(key=keys[0], entity=entity, corrections=corrections)
            united.update(_united([*filter(None, [united.get(keys[0])]), wish]))
        return list(united.values()), {keys[0]: keys for keys in of_one.values()}

    def _has_several_names(self, entity: Entity) -> bool:
        names = (entity.values(self.binding.property(name)) for name in NAME_PROPERTIES)
        return sum(map(len, names)) > 1

    def _labelled(self, desired: Entity, present: Entity) -> Entity:
        """Keep the present label where it is another name of the same person."""
        names = {Text(label) for label in present.labels.values()}
        if any(names & set(present.values(self.binding.property(n))) for n in NAME_PROPERTIES):
            return replace(desired, labels={})
        return desired

    def _present(self, responses: dict[str, Response]) -> dict[str, Stored]:
        """Read the items of people who have one, by key."""
        ids: dict[str, str] = {}
        for name in {response.identity.property for response in responses.values()}:
            names = [r.identity.name for r in responses.values() if r.identity.property == name]
            for person, entity_id in self._wikibase.find_by_identifier(
                self.binding.property(name), names
            ):
                other = ids.setdefault(f"{name}/{person}", entity_id)
                if other != entity_id:
                    raise StoreError(
                        f"two items are about “{person}”: {other} and {entity_id}",
                        hint="run “wbskills check --fix” to merge them, then the same command"
                        " again",
                    )
        read = self._wikibase.read(ids.values())
        # An item that was deleted a moment ago is not read.
        return {key: read[entity_id] for key, entity_id in ids.items() if entity_id in read}


def _chunks(responses: Iterable[Response]) -> Iterator[dict[str, Response]]:
    """Split responses into chunks that have each person once."""
    chunk: dict[str, Response] = {}
    for response in responses:
        key = response.identity.key()
        if key in chunk or len(chunk) >= SIZE:
            yield chunk
            chunk = {}
        chunk[key] = response
    if chunk:
        yield chunk


def _in_brackets(column: str) -> str:
    return f" ({column})" if column else ""


def _days(entity: Entity, property_id: str) -> list[str]:
    return [each.time[1:11] for each in entity.values(property_id) if isinstance(each, Time)]


def _united(desired: Iterable[Desired]) -> dict[str, Desired]:
    """Unite what is desired for the same entity, for example a skill asked in two waves."""
    united: dict[str, Desired] = {}
    for each in desired:
        if each.key in united:
            before = united[each.key]
            statements = (*before.entity.statements, *each.entity.statements)
            united[each.key] = Desired(
                key=each.key,
                entity=replace(before.entity, statements=statements),
                corrections=(*before.corrections, *each.corrections),
            )
        else:
            united[each.key] = each
    return united
