"""The tables beside the triples: always those of the entities, and never in anybody's way."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.query.demo_store import open_demo
from wbskills.data import queries_folder
from wbskills.ontology.entries import Ontology
from wbskills.query.run import run
from wbskills.query.saved import find
from wbskills.table import Table
from wbskills.tasks.ontologies import bound
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.embedded.statement_tables import (
    StatementTables,
    name,
    number,
    rows,
    subject_of,
)
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.interface import TableQuery
from wbskills.wikibase.model.entities import Rank, Snak, Statement
from wbskills.wikibase.model.values import EntityRef, Monolingual, Quantity, Text, Time

FEW = 5  # responses
EVERYTHING = TableQuery("SELECT COUNT(*) AS statements FROM statement", {}, (), frozenset())


@pytest.fixture
def folder(ontology: Ontology, tmp_path: Path) -> Path:
    """A store with a few people."""
    with open_demo(ontology, responses=FEW, place=str(tmp_path / "store")):
        return tmp_path / "store"


@pytest.fixture
def store(folder: Path) -> Iterator[Embedded]:
    """The store, opened for writing."""
    with Embedded(str(folder)) as opened:
        yield opened


def dumped(file: Path) -> dict[str, set[Any]]:
    """Read all rows."""
    with closing(sqlite3.connect(file)) as db:
        tables = ("entity", "statement", "qualifier", "odd")
        return {table: set(db.execute(f"SELECT * FROM {table}")) for table in tables}  # noqa: S608


def made_anew(store: Embedded, file: Path) -> dict[str, set[Any]]:
    """Make the tables from the entities and nothing else."""
    rebuilt = StatementTables(str(file))
    newest = {number: stored.revision for number, stored in all_of(store).items()}
    assert rebuilt.refresh(newest, store.read)
    rebuilt.close()
    return dumped(file)


def all_of(store: Embedded) -> Any:  # noqa: ANN401 - of tests
    """Read every entity."""
    ids = [f"{letter}{at}" for letter in "QP" for at in range(1, 600)]
    return store.read(ids)


def person(store: Embedded, ontology: Ontology) -> Any:  # noqa: ANN401 - of tests
    """Read a person."""
    named = store.find_by_identifier(bound(store, ontology).property("wikimedia_username"))
    return store.read([named[0][1]])[named[0][1]]


def coverage(store: Embedded, ontology: Ontology) -> Table:
    """Ask something that tables answer."""
    query = find("coverage", [queries_folder()])
    return run(query, {}, store, bound(store, ontology), ontology)


def test_they_follow_whatever_happens_to_an_entity(
    store: Embedded, folder: Path, ontology: Ontology, tmp_path: Path
) -> None:
    """An import, an edit, a deletion, a restoration, a redirect and a rebuild."""
    file = folder / "tables.sqlite"
    one = person(store, ontology)
    steps: list[Callable[[Any], object]] = [
        lambda now: store.revise(replace(now.entity, statements=()), now, EditInfo()),
        lambda now: store.remove(now, EditInfo()),
        lambda _: store.restore(one.entity.id, EditInfo()),
        lambda now: store.redirect(now, "Q1", EditInfo()),
        lambda _: store.rebuild(),
    ]
    for at, step in enumerate(steps):
        step(store.read([one.entity.id]).get(one.entity.id))
        assert store.query_tables(EVERYTHING) is not None
        assert dumped(file) == made_anew(store, tmp_path / f"anew-{at}.sqlite")


def test_an_import_leaves_nothing_to_refresh(
    folder: Path, ontology: Ontology, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading ten thousand people again takes half a minute."""
    with Embedded(str(folder)) as store:
        store.query_tables(EVERYTHING)
        made = set(dumped(folder / "tables.sqlite")["entity"])
        newest = {(number(each), one.revision) for each, one in all_of(store).items()}
        assert made == newest
    with Embedded(str(folder)) as again:
        monkeypatch.setattr(again._revisions, "read", None)
        assert again.query_tables(EVERYTHING) is not None
        assert coverage(again, ontology).rows


def test_questions_without_an_edit_between_them_look_for_changes_once(
    store: Embedded, ontology: Ontology, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report asks twenty of them, of ten thousand people."""
    looks = []
    newest = store._revisions.newest

    def counted() -> dict[str, int]:
        looks.append(1)
        return newest()

    monkeypatch.setattr(store._revisions, "newest", counted)
    one = person(store, ontology)
    for expected in (1, 2, 3, 4):
        for _ in range(3):
            coverage(store, ontology)
            store.query_tables(EVERYTHING)
        assert len(looks) == expected
        if expected == 1:
            store.revise(replace(one.entity, labels={"en": "New"}), one, EditInfo())
        elif expected == 2:
            store.remove(store.read([one.entity.id])[one.entity.id], EditInfo())
        elif expected == 3:
            store.restore(one.entity.id, EditInfo())


def test_who_is_erased_leaves_no_trace_in_the_file(
    store: Embedded, folder: Path, ontology: Ontology
) -> None:
    """No query finds it, nor do the bytes of the files have it."""
    one = person(store, ontology)
    secret = next(
        statement.main.value.text
        for statement in one.entity.statements
        if isinstance(statement.main.value, Text) and statement.main.datatype == "external-id"
    )
    files = [folder / f"tables.sqlite{end}" for end in ("", "-wal")]
    assert any(secret.encode() in file.read_bytes() for file in files)
    store.remove(one, EditInfo())
    store.erase_history(one.entity.id)
    assert not any(secret.encode() in file.read_bytes() for file in files if file.exists())


@pytest.mark.parametrize("broken", [b"", b"no database at all" * 100])
def test_a_broken_file_is_made_anew(folder: Path, ontology: Ontology, broken: bytes) -> None:
    """It can be lost without losing anything."""
    with Embedded(str(folder)) as store:
        expected = coverage(store, ontology)
    (folder / "tables.sqlite").write_bytes(broken)
    with Embedded(str(folder)) as store:
        assert store.query_tables(EVERYTHING) is not None
        assert coverage(store, ontology) == expected


def test_tables_of_an_older_program_are_made_anew(folder: Path, ontology: Ontology) -> None:
    """As if they had been lost."""
    with sqlite3.connect(folder / "tables.sqlite") as old:
        old.execute("DROP TABLE odd")
        old.execute("CREATE TABLE another (a, b)")
        old.execute("PRAGMA user_version = 1")
    old.close()
    with Embedded(str(folder)) as store:
        assert store.query_tables(EVERYTHING) is not None
        assert coverage(store, ontology).rows


def test_without_them_the_triples_answer(folder: Path, ontology: Ontology) -> None:
    """Another process has the file, or there is no space for it."""
    with Embedded(str(folder)) as store:
        expected = coverage(store, ontology)
        store.revise(person(store, ontology).entity, person(store, ontology), EditInfo())
        held = sqlite3.connect(folder / "tables.sqlite", isolation_level=None)
        held.execute("BEGIN EXCLUSIVE")
        assert store.query_tables(EVERYTHING) is None
        assert coverage(store, ontology) == expected
        held.close()
        assert store.query_tables(EVERYTHING) is not None


def test_a_file_that_somebody_else_has_is_left_alone(folder: Path, ontology: Ontology) -> None:
    """Who opens the store meanwhile does without, and takes nothing away."""
    before = dumped(folder / "tables.sqlite")
    held = sqlite3.connect(folder / "tables.sqlite", isolation_level=None)
    held.execute("PRAGMA journal_mode = DELETE")
    held.execute("BEGIN EXCLUSIVE")
    with Embedded(str(folder), write=False) as store:
        assert store.query_tables(EVERYTHING) is None
        assert coverage(store, ontology).rows
    held.execute("ROLLBACK")
    held.close()
    assert dumped(folder / "tables.sqlite") == before


def test_a_reader_beside_a_writer_is_told_the_same(folder: Path, ontology: Ontology) -> None:
    """What the writer has just written is seen, or the triples of a moment ago are."""
    with Embedded(str(folder)) as writer, Embedded(str(folder), write=False) as reader:
        one = person(writer, ontology)
        writer.revise(replace(one.entity, statements=one.entity.statements[:3]), one, EditInfo())
        expected = coverage(writer, ontology)
        assert reader.query_tables(EVERYTHING) is None  # its triples are a snapshot
        with Embedded(str(folder), write=False) as later:
            assert coverage(later, ontology) == expected


def test_what_questions_share_is_made_again_after_an_edit(
    store: Embedded, ontology: Ontology
) -> None:
    """A skill that moves into another group is found there at once."""
    binding = bound(store, ontology)
    before = {row["skillLabel"]: row["groupLabel"] for row in coverage(store, ontology)}
    skill = store.read([binding.item("lua_modules")])[binding.item("lua_modules")]
    group = EntityRef(binding.item("group_comm"))
    moved = tuple(
        replace(statement, main=replace(statement.main, value=group))
        if statement.main.property == binding.property("part_of")
        else statement
        for statement in skill.entity.statements
    )
    store.revise(replace(skill.entity, statements=moved), skill, EditInfo())
    after = {row["skillLabel"]: row["groupLabel"] for row in coverage(store, ontology)}
    label = skill.entity.labels["en"]
    assert after[label] == store.read([group.id])[group.id].entity.labels["en"] != before[label]
    assert after | {label: ""} == before | {label: ""}


def test_ids_and_numbers() -> None:
    """Items are above 0, properties below."""
    for entity_id in ("Q1", "Q4294967295", "P1", "P99"):
        assert name(number(entity_id)) == entity_id
    with pytest.raises(ValueError, match="L1"):
        number("L1")


def test_rows_of_every_kind_of_value(ontology: Ontology, store: Embedded) -> None:
    """What has a row, and what is only noted as odd."""
    values: list[tuple[Any, str, Any]] = [
        (EntityRef("P7"), "wikibase-property", -7),
        (EntityRef("Q99999999999999999999"), "wikibase-item", None),
        (Text("Ada"), "external-id", "Ada"),
        (Text("http://example.org/ä b"), "url", "http://example.org/ä%20b"),
        (Quantity("+3"), "quantity", 3),
        (Quantity("-0.1"), "quantity", -0.1),
        (Time("+2026-00-00T00:00:00Z", 9), "time", "2026-01-01"),
        (Quantity("+0.1000000000000000055511151231257827"), "quantity", None),
        (Quantity("+99999999999999999999"), "quantity", None),
        (Time("-0044-03-15T00:00:00Z"), "time", None),
        (Monolingual("de", "ja"), "monolingualtext", None),
    ]
    one = person(store, ontology).entity
    statements = tuple(
        Statement(Snak(f"P{at}", value, datatype), id=f"{one.id}${at}")
        for at, (value, datatype, _) in enumerate(values, 1)
    )
    found = rows(replace(one, statements=statements))
    by_property = {kind: value for kind, _, _, value, _, _ in found.statements}
    odd = {kind for kind, _, main in found.odd if main}
    expected = {at: value for at, (_, _, value) in enumerate(values, 1)}
    assert by_property == {at: value for at, value in expected.items() if value is not None}
    assert odd == {at for at, value in expected.items() if value is None}
    assert {subject_of(statement[2]) for statement in found.statements} == {one.id}


def test_best_is_as_wikibase_has_it(ontology: Ontology, store: Embedded) -> None:
    """One preferred statement hides the normal ones of its property; a deprecated one never is."""
    one = person(store, ontology).entity
    ranks = (Rank.NORMAL, Rank.PREFERRED, Rank.DEPRECATED)
    made = [
        Statement(Snak(kind, Quantity("+1"), "quantity"), rank=rank, id=f"{one.id}${kind}{at}")
        for kind, led in (("P1", ranks), ("P2", ranks[::2]))
        for at, rank in enumerate(led)
    ]
    found = rows(replace(one, statements=tuple(made))).statements
    assert {(kind, rank, best) for kind, _, _, _, rank, best in found} == {
        (1, 1, 0), (1, 2, 1), (1, 0, 0), (2, 1, 1), (2, 0, 0)
    }  # fmt: skip


def test_equal_texts_of_an_answer_are_one_object() -> None:
    """SQLite gives each cell a text of its own, and everybody's answers have the same labels."""
    tables = StatementTables(":memory:")
    sql = (
        "WITH RECURSIVE n AS (SELECT 1 AS one UNION ALL SELECT one + 1 FROM n WHERE one < 25000)"
        " SELECT one, 'label ' || (one % 3) AS label, CASE WHEN one % 2 THEN 'odd' END AS kind"
        " FROM n"
    )
    found = tables.select(sql, {}, (), {})
    assert found is not None
    names, rows = found

    assert names == ("one", "label", "kind")
    assert [row[0] for row in rows] == list(range(1, 25_001))
    assert len({id(row[1]) for row in rows}) == 3
    assert {row[2] for row in rows} == {"odd", None}
    tables.close()
