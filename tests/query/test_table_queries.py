"""The fast way: whatever the tables answer, the saved query answers the same."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from tests.query.demo_store import open_demo
from tests.query.engines import Watched, both
from tests.query.support import CASES, FEW, IN_SQL, VALUES, case_id
from wbskills.errors import LabelClash
from wbskills.ontology.binding import Binding
from wbskills.ontology.entries import Ontology
from wbskills.query.saved import SavedQuery
from wbskills.tasks.ontologies import bound
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.model.entities import Entity, Rank, Snak, Statement
from wbskills.wikibase.model.values import DAY, EntityRef, Time


@pytest.fixture(scope="module")
def demo(ontology: Ontology) -> Iterator[Embedded]:
    """The whole sample."""
    with open_demo(ontology) as made:
        assert isinstance(made, Embedded)
        yield made


@pytest.mark.parametrize(
    ("query", "values"), [case for case in CASES if case[0] in IN_SQL], ids=case_id
)
def test_the_demo_has_the_same_rows_in_the_same_order(
    query: SavedQuery, values: dict[str, str], ontology: Ontology, demo: Embedded
) -> None:
    """Every case that the engines are held to, and in a language with other labels."""
    watched = Watched(demo)
    for lang in ("en", "ar"):
        fast, slow = both(query, values, ontology, watched, lang)
        assert fast == slow
    assert watched.refused == 0
    assert watched.answered == 2 or "person" in values


def test_one_person_is_asked_of_the_triples(ontology: Ontology, demo: Embedded) -> None:
    """The tables go through everybody for that, the triples do not."""
    query = next(query for query in IN_SQL if query.name == "person_profile")
    watched = Watched(demo)
    name = demo.find_by_identifier(bound(demo, ontology).property("wikimedia_username"))[0][0]
    fast, slow = both(query, {"person": name}, ontology, watched)
    assert len(fast) > 0
    assert fast == slow
    assert watched.answered + watched.refused == 0


class Mischief:
    """Changes a Wikibase in ways that no import would, by chance."""

    def __init__(self, store: Embedded, binding: Binding, chance: random.Random) -> None:
        self.store, self.binding, self.chance = store, binding, chance
        ids = [number for _, number in store.find_by_identifier(binding.property("wbskills_key"))]
        people = [
            each for _, each in store.find_by_identifier(binding.property("wikimedia_username"))
        ]
        self.skills = [each for each in ids if each.startswith("Q")]
        self.ids = [*self.skills, *people * 8]

    def change(self) -> None:
        """Change something."""
        found = self.store.read([self.chance.choice(self.ids)])
        for stored in found.values():
            changed = self.chance.choice(
                (
                    self._rank, self._rank, self._without, self._twice, self._elsewhere,
                    self._another_level, self._another_day, self._nameless, self._gone,
                    self._not_allowed,
                )
            )(stored.entity)  # fmt: skip
            if changed is not None:
                with suppress(LabelClash):
                    self.store.revise(changed, stored, EditInfo())

    def unknown(self, key: str) -> None:
        """Let somebody's statement, or a qualifier of it, have an unknown value."""
        for stored in self.store.read(self.ids).values():
            for at, each in enumerate(stored.entity.statements):
                changed = _unknown(each, self.binding.property(key))
                if changed != each:
                    self.store.revise(_with(stored.entity, at, changed), stored, EditInfo())
                    return

    def _each(self, entity: Entity, change: Callable[[Statement], Statement]) -> Entity | None:
        key = self.binding.property("wbskills_key")  # without it nobody would find anything
        free = [at for at, each in enumerate(entity.statements) if each.main.property != key]
        if not free:
            return None
        at = self.chance.choice(free)
        return _with(entity, at, change(entity.statements[at]))

    def _rank(self, entity: Entity) -> Entity | None:
        return self._each(entity, lambda each: replace(each, rank=self.chance.choice([*Rank])))

    def _without(self, entity: Entity) -> Entity | None:
        def change(each: Statement) -> Statement:
            kept = [snak for snak in each.qualifiers if self.chance.random() < 0.6]
            return replace(each, qualifiers=tuple(kept))

        return self._each(entity, change)

    def _twice(self, entity: Entity) -> Entity | None:
        if not entity.statements:
            return None
        kinds = sorted({each.main.property for each in entity.statements})
        kind = self.chance.choice(kinds)  # else it would nearly always be an answer
        of_kind = [each for each in entity.statements if each.main.property == kind]
        again = replace(self.chance.choice(of_kind), id=None)
        return replace(entity, statements=(*entity.statements, again))

    def _elsewhere(self, entity: Entity) -> Entity | None:
        """Let a statement be about another item of the ontology, whatever that is."""

        def change(each: Statement) -> Statement:
            if not isinstance(each.main.value, EntityRef):
                return each
            target = EntityRef(self.chance.choice(self.skills))
            return replace(each, main=replace(each.main, value=target))

        return self._each(entity, change)

    def _another_level(self, entity: Entity) -> Entity | None:
        level = self.binding.property("level")
        keys = ("babel_3", "leads", "not_sure", "robust_1", "none")
        known = [self.binding.items[key] for key in keys if key in self.binding.items]
        other = Snak(level, EntityRef(self.chance.choice(known)), "wikibase-item")
        return self._each(entity, lambda each: replace(each, qualifiers=(*each.qualifiers, other)))

    def _another_day(self, entity: Entity) -> Entity | None:
        day = f"+20{self.chance.randrange(10, 40)}-02-0{self.chance.randrange(1, 9)}T00:00:00Z"
        precision = self.chance.choice((DAY, DAY - 1, DAY - 2))
        when = Snak(self.binding.property("point_in_time"), Time(day, precision), "time")
        return self._each(entity, lambda each: replace(each, qualifiers=(*each.qualifiers, when)))

    def _nameless(self, entity: Entity) -> Entity:
        kept = {code: text for code, text in entity.labels.items() if self.chance.random() < 0.4}
        return replace(entity, labels=kept)

    def _gone(self, entity: Entity) -> None:
        if entity.id in self.skills:
            return
        stored = self.store.read([entity.id])[entity.id]
        self.store.remove(stored, EditInfo())
        if self.chance.random() < 0.5:
            self.store.restore(entity.id, EditInfo())

    def _not_allowed(self, entity: Entity) -> Entity:
        odd = Snak(
            self.binding.property("needs_skill"),
            EntityRef(self.chance.choice(self.skills)),
            "wikibase-item",
        )
        return replace(entity, statements=(*entity.statements, Statement(odd)))


def _with(entity: Entity, at: int, statement: Statement) -> Entity:
    before, after = entity.statements[:at], entity.statements[at + 1 :]
    return replace(entity, statements=(*before, statement, *after))


def _unknown(statement: Statement, wanted: str) -> Statement:
    def unknown(snak: Snak) -> Snak:
        if snak.property != wanted:
            return snak
        return Snak(snak.property, None, snak.datatype, "somevalue")

    told = tuple(map(unknown, statement.qualifiers))
    return replace(statement, main=unknown(statement.main), qualifiers=told)


@pytest.mark.parametrize("seed", range(6))
def test_odd_statements_are_answered_the_same(seed: int, ontology: Ontology) -> None:
    """Ranks, qualifiers, labels and whole items as no import leaves them."""
    with open_demo(ontology, responses=FEW) as store:
        assert isinstance(store, Embedded)
        mischief = Mischief(store, bound(store, ontology), random.Random(seed))  # noqa: S311 - no secret
        watched = Watched(store)
        for _ in range(90):
            mischief.change()
        _all_the_same(watched, ontology)
        assert watched.refused == 0
        assert watched.answered > len(IN_SQL)


@pytest.mark.parametrize("key", ["assessed_skill", "level", "survey_wave", "home_community"])
def test_unknown_values_are_left_to_the_triples(key: str, ontology: Ontology) -> None:
    """A value that nobody knows is a node of its own there, and no row here."""
    with open_demo(ontology, responses=FEW) as store:
        assert isinstance(store, Embedded)
        chance = random.Random(1)  # noqa: S311 - no secret
        Mischief(store, bound(store, ontology), chance).unknown(key)
        watched = Watched(store)
        _all_the_same(watched, ontology)
        assert watched.refused > 0


def _all_the_same(watched: Watched, ontology: Ontology) -> None:
    for query in IN_SQL:
        for values in VALUES.get(query.name, [{}]):
            fast, slow = both(query, values, ontology, watched)
            assert Counter(fast.rows) == Counter(slow.rows), (query.name, values)
