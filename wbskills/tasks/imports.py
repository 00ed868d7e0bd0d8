"""Importing a survey: what each response wants to be there, planned and carried out in chunks."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from wbskills.domain import Response, Wave
from wbskills.errors import EditConflict, EditsRefused, StoreError
from wbskills.ontology.binding import Binding, rules
from wbskills.ontology.entries import Ontology
from wbskills.ontology.express import Expression, person_key
from wbskills.tasks.ontologies import bound
from wbskills.wikibase.interface import MergedDuplicate, Overwritten, Wikibase, Written
from wbskills.wikibase.journal.read import EditSource
from wbskills.wikibase.journal.write import Journal
from wbskills.wikibase.model.edits import Create, Desired, Edit
from wbskills.wikibase.model.entities import Entity, Stored
from wbskills.wikibase.model.values import EntityRef, Text, Time
from wbskills.wikibase.plan.diff import Rules, plan
from wbskills.wikibase.plan.perform import Done, perform

AT_ONCE: Final = 200  # people in one transaction
_ROUNDS: Final = 6  # of planning again what others are editing at the same time
_CHANGED: Final = "changed by somebody since it was read"

Watch = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class PersonEdit:
    """An edit of a person's item, and the row of the file that it comes from."""

    row: int
    edit: Edit

    def __str__(self) -> str:
        return f"row {self.row}: {self.edit}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An edit of a person's item that the Wikibase did not take: which row it is from, and why."""

    row: int
    error: StoreError

    def __str__(self) -> str:
        return f"row {self.row}: {self.error.what}"


class Import:
    """One import into one Wikibase.

    `batch` stands in the summary of each edit. `today` is the day of retrieval that
    references tell. `journal` notes the edits, with the row of each and, by `columns`, the
    column of the file in which a skill was asked about.

    `refused` lists what the Wikibase did not take, while it took others; `overwritten` what
    somebody else had changed in the moment before an edit, `united` what somebody else made at
    the same time, too.
    """

    def __init__(
        self,
        wikibase: Wikibase,
        ontology: Ontology,
        *,
        batch: str,
        today: date,
        journal: Journal | None = None,
        columns: Mapping[str, str] | None = None,
    ) -> None:
        self._wikibase, self._ontology, self._today = wikibase, ontology, today
        self._summary = f"survey import, batch {batch}"
        self._journal, self._columns = journal, columns or {}
        self._rows: dict[str, int] = {}  # by key, of the people of a chunk
        self.refused: list[Refusal] = []
        self.overwritten: list[Overwritten] = []
        self.united: list[MergedDuplicate] = []
        if journal is not None:
            journal.source_of_edit = self._place
        self._express, self._binding, self._rules = self._words()
        self._keys = self._binding.keys()

    def _words(self) -> tuple[Expression, Binding, Rules]:
        binding = bound(self._wikibase, self._ontology)
        express = Expression(
            self._ontology, binding, salt=self._wikibase.salt(), today=self._today
        )
        return express, binding, rules(self._ontology, binding)

    @property
    def binding(self) -> Binding:
        """What the words of the ontology are called in this Wikibase."""
        return self._binding

    def waves(self, waves: Iterable[Wave]) -> list[Edit]:
        """Make sure that the waves are there; give what was edited for it.

        Raises `StoreError` if a key is that of a wave on quite other days.
        """
        waves = list(waves)
        made: list[Edit] = []
        for attempt in range(_ROUNDS):
            united = _united(each for wave in waves for each in self._express.wave(wave))
            ids = {self._binding.items[key]: key for key in united if key in self._binding.items}
            present = {ids[name]: stored for name, stored in self._wikibase.read(ids).items()}
            for wave in waves:
                if wave.key in present:
                    self._refuse_another(wave, present[wave.key])
            edits = list(plan(united.values(), present, self._rules))
            unsure = False
            try:
                for done in perform(edits, self._wikibase, self._summary, self._journal):
                    self._note(done, made)
                    unsure = unsure or not done.written.conflict_free
            except EditConflict:
                if attempt == _ROUNDS - 1:
                    raise
                unsure = True
            if edits:  # the waves have ids now
                self._express, self._binding, self._rules = self._words()
                self._keys = self._binding.keys()
            if not unsure:
                break
        return made

    def _refuse_another(self, wave: Wave, present: Stored) -> None:
        """Refuse a wave whose days have nothing to do with those of the wave of its key.

        Its answers would take the place of the other's.
        """
        days = {
            name: [value.time[1:11] for value in values if isinstance(value, Time)]
            for name in ("start_time", "end_time")
            for values in [present.entity.values(self._binding.property(name))]
        }
        if not days["start_time"] or not days["end_time"]:
            return
        first, last = min(days["start_time"]), max(days["end_time"])
        if wave.end.isoformat() < first or wave.start.isoformat() > last:
            raise StoreError(
                f"the wave “{wave.key}” is there already, from {first} to {last}",
                hint=f"another key in the mapping, such as [waves.{wave.key}_{wave.start.year}]",
            )

    def responses(
        self, responses: Iterable[Response], watch: Watch = lambda _: None
    ) -> Iterator[PersonEdit]:
        """Bring about what responses say; yields the edits, in the order of the responses.

        `watch` is told how many responses have been dealt with since it was told last.
        """
        for chunk in _chunks(responses):
            for edit in self._bring_about(chunk):
                yield PersonEdit(chunk[edit.key].row, edit)
            watch(len(chunk))

    def _place(self, edit: Edit) -> EditSource:
        """Tell where in the file an edit comes from."""
        row = self._rows.get(edit.key, 0)
        if not row or not self._columns:
            return EditSource(row)
        statements = edit.entity.statements if isinstance(edit, Create) else edit.statements
        skills, assessed = self._keys, self._binding.property("assessed_skill")
        return EditSource(
            row,
            tuple(
                self._columns.get(skills.get(each.main.value.id, ""), "")
                if each.main.property == assessed and isinstance(each.main.value, EntityRef)
                else ""
                for each in statements
            ),
        )

    def _bring_about(self, chunk: dict[str, Response]) -> list[Edit]:
        digests = {
            f"{key}/{response.wave}": self._express.digest(response)
            for key, response in chunk.items()
        }
        known = self._wikibase.imported_digests(digests)
        news = {
            key: response
            for key, response in chunk.items()
            if known.get(f"{key}/{response.wave}") != digests[f"{key}/{response.wave}"]
        }
        if not news:
            return []
        self._rows = {key: response.row for key, response in news.items()}
        made: list[Edit] = []
        written: dict[str, Written] = {}
        refused: dict[str, StoreError] = {}
        left, conflict = news, None
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
        self.refused += [Refusal(news[key].row, error) for key, error in refused.items()]
        kept = {key: f"{key}/{news[key].wave}" for key in news if key not in refused}
        self._wikibase.record_imports(
            {name: digests[name] for name in kept.values()},
            {name: written[key] for key, name in kept.items()},
        )
        return made

    def _round(
        self, responses: dict[str, Response], made: list[Edit], written: dict[str, Written]
    ) -> None:
        """Read the people, plan, carry out; notes what was made, and which item holds whom now.

        Raises `EditConflict` or `EditsRefused` when all other edits are made.
        """
        present = self._present(responses)
        wishes = [self._express.response(response) for response in responses.values()]
        desired, of_one = self._by_item(wishes, present)
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
            for done in perform(edits, self._wikibase, self._summary, self._journal):
                self._note(done, made)
                for key in of_one.get(done.edit.key, (done.edit.key,)):
                    written[key] = done.written
        except EditsRefused as error:
            reasons = {
                key: reason
                for first, reason in error.reasons.items()
                for key in of_one.get(first, (first,))
            }
            raise EditsRefused(reasons, error.conflicts) from error

    def _note(self, done: Done, made: list[Edit]) -> None:
        """Note an edit among those that were made, and what happened to it."""
        self.overwritten += done.written.overwritten
        united = done.written.duplicate
        if united is not None:
            self.united.append(united)
        if united is None or not united.ours:
            made.append(done.edit)

    def _by_item(
        self, wishes: Iterable[Desired], present: Mapping[str, Stored]
    ) -> tuple[list[Desired], dict[str, list[str]]]:
        """Make one wish of those for one item, as after a merge of two people.

        Gives with them, by the key of the first, the keys of all whose item it is. An item that
        is called by any of their names keeps that label.
        """
        united: dict[str, Desired] = {}
        of_one: dict[str, list[str]] = {}
        for each in wishes:
            stored = present.get(each.key)
            if stored is None:
                united[each.key] = each
                continue
            keys = of_one.setdefault(stored.entity.id, [])
            keys.append(each.key)
            wish = Desired(key=keys[0], entity=self._called(each.entity, stored.entity))
            united.update(_united([*filter(None, [united.get(keys[0])]), wish]))
        return list(united.values()), {keys[0]: keys for keys in of_one.values()}

    def _called(self, wanted: Entity, present: Entity) -> Entity:
        """Ask for no other label where the present one is another name of the same person."""
        names = {Text(label) for label in present.labels.values()}
        known = [self._binding.property(name) for name in ("wikimedia_username", "pseudonym")]
        if any(names & set(present.values(each)) for each in known):
            return replace(wanted, labels={})
        return wanted

    def _present(self, responses: dict[str, Response]) -> dict[str, Stored]:
        """Find the people who are there already."""
        ids: dict[str, str] = {}
        for name in {response.identity.property for response in responses.values()}:
            names = [r.identity.name for r in responses.values() if r.identity.property == name]
            for person, entity_id in self._wikibase.identified(
                self._binding.property(name), names
            ):
                if ids.setdefault(f"{name}/{person}", entity_id) != entity_id:
                    raise StoreError(
                        f"“{person}” stands on two items: {ids[f'{name}/{person}']}, {entity_id}",
                        hint="wbskills check --fix, which makes one of them",
                    )
        read = self._wikibase.read(ids.values())
        # What was deleted a moment ago is not there.
        return {key: read[entity_id] for key, entity_id in ids.items() if entity_id in read}


def _chunks(responses: Iterable[Response]) -> Iterator[dict[str, Response]]:
    """Take responses by the chunk; a person stands in a chunk once."""
    chunk: dict[str, Response] = {}
    for response in responses:
        key = person_key(response)
        if key in chunk or len(chunk) >= AT_ONCE:
            yield chunk
            chunk = {}
        chunk[key] = response
    if chunk:
        yield chunk


def _united(desired: Iterable[Desired]) -> dict[str, Desired]:
    """Make one of several wishes for the same entity, such as a skill asked in two waves."""
    united: dict[str, Desired] = {}
    for each in desired:
        if each.key in united:
            before = united[each.key].entity
            statements = (*before.statements, *each.entity.statements)
            united[each.key] = Desired(key=each.key, entity=replace(before, statements=statements))
        else:
            united[each.key] = each
    return united
