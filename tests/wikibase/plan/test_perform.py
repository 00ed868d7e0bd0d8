"""Carrying out plans: their order, their transactions, and what is reported of the rest."""

from collections.abc import Iterator, Sequence

import pytest

from wbskills.errors import EditConflict, EditsRefused, StoreError
from wbskills.names import new
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.interface import EditLog, PartlyWritten, Written
from wbskills.wikibase.model.edits import Change, Create, Edit
from wbskills.wikibase.model.entities import Entity, Kind, Reference, Snak, Statement
from wbskills.wikibase.model.values import EntityRef
from wbskills.wikibase.plan.perform import EDITS_PER_TRANSACTION, CompletedEdit, perform


class Selective(Embedded):
    """A Wikibase that refuses some edits, and in which others conflict, by key."""

    def __init__(self) -> None:
        super().__init__(":memory:")
        self.refused: set[str] = set()
        self.conflicting: set[str] = set()
        self.full = False
        self.transactions: list[list[str]] = []  # keys

    def write(
        self, edits: Sequence[Edit], summary: str, log: EditLog | None = None
    ) -> list[Written]:
        """Make each edit on its own, as a remote Wikibase does."""
        self.transactions.append([edit.key for edit in edits])
        if self.full:
            raise StoreError("the disk is full")
        outcomes: list[Written | StoreError | None] = []
        for edit in edits:
            if edit.key in self.refused:
                outcomes.append(StoreError(f"“{edit.key}” is refused"))
            elif edit.key in self.conflicting:
                outcomes.append(None)
            else:
                outcomes += super().write([edit], summary, log)
        written = [outcome for outcome in outcomes if isinstance(outcome, Written)]
        if len(written) < len(edits):
            raise PartlyWritten("some were not made", outcomes)
        return written


@pytest.fixture
def selective() -> Iterator[Selective]:
    """A Wikibase in memory that has the property “part of”, P1."""
    with Selective() as store:
        list(perform([PART], store, "test"))
        store.transactions.clear()
        yield store


def wants(key: str, *targets: str) -> Create:
    """Return an edit that creates an item, which points to others by key."""
    statements = tuple(
        Statement(Snak(new("part"), EntityRef(new(target)), "wikibase-item")) for target in targets
    )
    return Create(key, Entity(labels={"en": key}, statements=statements))


def links(key: str, *targets: str) -> Create:
    """Return the same where the property exists: a target is an id, or a key in `new:`."""
    statements = tuple(
        Statement(Snak("P1", EntityRef(target), "wikibase-item")) for target in targets
    )
    return Create(key, Entity(labels={"en": key}, statements=statements))


def targets(store: Embedded, entity_id: str) -> list[str]:
    """List the ids that an item points to."""
    entity = store.read([entity_id])[entity_id].entity
    return [value.id for value in entity.values("P1") if isinstance(value, EntityRef)]


PART = Create(
    "part", Entity(kind=Kind.PROPERTY, datatype="wikibase-item", labels={"en": "part of"})
)


def test_entities_may_point_to_what_comes_earlier_later_and_to_themselves(
    empty: Embedded,
) -> None:
    """Whatever the order, all statements are there in the end."""
    edits = [PART, wants("a", "b", "a"), wants("b"), wants("c", "a", "b")]

    done = list(perform(edits, empty, "test"))

    ids = {each.edit.key: each.written.id for each in done}
    assert {key: set(targets(empty, ids[key])) for key in "abc"} == {
        "a": {ids["a"], ids["b"]},
        "b": set(),
        "c": {ids["a"], ids["b"]},
    }


def test_qualifiers_and_references_may_point_to_new_entities(empty: Embedded) -> None:
    """They get the id like a main value, whether the entity comes earlier or later."""
    there = Snak("P1", EntityRef("Q1"), "wikibase-item")

    def at(key: str) -> Snak:
        return Snak("P1", EntityRef(new(key)), "wikibase-item")

    statements = (
        Statement(there, qualifiers=(at("earlier"), at("later"))),
        Statement(there, references=(Reference((at("later"),)), Reference((at("earlier"),)))),
    )
    edits = [
        PART,
        wants("earlier"),
        Create("a", Entity(labels={"en": "a"}, statements=statements)),
        wants("later"),
    ]

    ids = {each.edit.key: each.written.id for each in perform(edits, empty, "test")}

    entity = empty.read([ids["a"]])[ids["a"]].entity
    earlier, later = EntityRef(ids["earlier"]), EntityRef(ids["later"])
    assert [[snak.value for snak in statement.qualifiers] for statement in entity.statements] == [
        [earlier, later],
        [],
    ]
    assert [
        [snak.value for reference in statement.references for snak in reference.snaks]
        for statement in entity.statements
    ] == [[], [later, earlier]]


def test_an_entity_that_exists_may_get_a_statement_about_a_new_one(selective: Selective) -> None:
    """Whether that comes before or after it in the plan; its other changes are not delayed."""
    (home,) = (each.written for each in perform([links("home")], selective, "test"))
    statements = links("", new("earlier"), new("later")).entity.statements
    change = Change(
        key="home",
        id=home.id,
        base=home.revision,
        labels={"de": "Heim"},
        statements=statements,
    )

    done = list(perform([links("earlier"), change, links("later")], selective, "test"))

    created = {each.edit.key: each.written.id for each in done if isinstance(each.edit, Create)}
    assert targets(selective, home.id) == [created["earlier"], created["later"]]
    assert selective.read([home.id])[home.id].entity.labels == {"en": "home", "de": "Heim"}
    assert [each.edit.key for each in done] == ["earlier", "home", "later", "home"]


def test_pointing_to_an_entity_that_is_never_created_is_an_error(empty: Embedded) -> None:
    """It names what is missing, and is no refusal of the Wikibase."""
    with pytest.raises(StoreError, match="a points to nowhere, which does not exist") as error:
        list(perform([PART, wants("a", "nowhere")], empty, "test"))

    assert not isinstance(error.value, EditsRefused)


def test_many_edits_are_written_in_transactions_of_limited_size(selective: Selective) -> None:
    """One after the other as they are planned; the last one holds the rest."""
    edits = [links(f"item {number}") for number in range(EDITS_PER_TRANSACTION + 1)]
    keys = [edit.key for edit in edits]

    done = perform(iter(edits), selective, "test")

    assert next(done).edit == edits[0]
    assert selective.transactions == [keys[:-1]]
    assert [each.edit for each in done] == edits[1:]
    assert selective.transactions == [keys[:-1], keys[-1:]]


def test_an_entity_is_written_before_one_that_points_to_it(selective: Selective) -> None:
    """The one that points to it gets the statement at once, without a second edit."""
    edits = [links("x"), links("y"), links("z", new("x"), new("y")), links("w", new("x"))]

    list(perform(edits, selective, "test"))

    assert selective.transactions == [["x", "y"], ["z", "w"]]


def test_refused_edits_do_not_stop_the_others(selective: Selective) -> None:
    """All others are made and reported; the error has the reason of each refusal."""
    selective.refused = {"b"}

    done: list[CompletedEdit] = []
    with pytest.raises(EditsRefused) as refused:
        done.extend(perform([links("a"), links("b"), links("c")], selective, "test"))

    assert [each.edit.key for each in done] == ["a", "c"]
    assert {key: why.what for key, why in refused.value.reasons.items()} == {"b": "“b” is refused"}
    assert refused.value.conflicts == ()


def test_conflicts_do_not_stop_the_others(selective: Selective) -> None:
    """The error has the keys of all of them, to be planned again."""
    selective.conflicting = {"a", "c"}

    done: list[CompletedEdit] = []
    with pytest.raises(EditConflict) as conflict:
        done.extend(perform([links("a"), links("b"), links("c")], selective, "test"))

    assert [each.edit.key for each in done] == ["b"]
    assert conflict.value.keys == ("a", "c")
    assert not isinstance(conflict.value, EditsRefused)


def test_refusals_are_reported_together_with_conflicts(selective: Selective) -> None:
    """Neither hides the other."""
    selective.refused, selective.conflicting = {"a"}, {"c"}

    with pytest.raises(EditsRefused) as refused:
        list(perform([links("a"), links("b"), links("c")], selective, "test"))

    assert set(refused.value.reasons) == {"a"}
    assert refused.value.conflicts == ("c",)


def test_what_points_to_a_refused_entity_is_refused_too(selective: Selective) -> None:
    """The reason names that entity; what else points to created ones is made."""
    selective.refused = {"y", "z"}
    edits = [
        links("a", new("z"), new("b")),
        links("b"),
        links("c", new("d")),
        links("d"),
        links("z"),
        links("y"),
    ]

    done: list[CompletedEdit] = []
    with pytest.raises(EditsRefused) as refused:
        done.extend(perform(edits, selective, "test"))

    assert {key: why.what for key, why in refused.value.reasons.items()} == {
        "z": "“z” is refused",
        "y": "“y” is refused",
        "a": "a points to z",
    }
    ids = {each.edit.key: each.written.id for each in done}
    assert targets(selective, ids["c"]) == [ids["d"]]


def test_no_statement_is_added_to_what_was_refused_or_conflicted(selective: Selective) -> None:
    """There is no entity to add it to, or one that has to be planned again."""
    selective.refused, selective.conflicting = {"a"}, {"b"}
    edits = [links("a", new("d")), links("b", new("d")), links("c", new("d")), links("d")]

    with pytest.raises(EditsRefused) as refused:
        list(perform(edits, selective, "test"))

    assert selective.transactions == [["a", "b", "c", "d"], ["c"]]
    assert set(refused.value.reasons) == {"a"}
    assert refused.value.conflicts == ("b",)


def test_any_other_error_ends_the_run(selective: Selective) -> None:
    """A Wikibase that cannot be written to is no matter of single edits."""
    selective.full = True

    with pytest.raises(StoreError, match="the disk is full"):
        list(perform([links("a"), links("b", new("a")), links("c")], selective, "test"))

    assert selective.transactions == [["a"]]
