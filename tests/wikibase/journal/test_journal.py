"""The journal of a batch: what is in it after whatever happened to the process."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wbskills.errors import NotFound, StoreError
from wbskills.wikibase.interface import Written
from wbskills.wikibase.journal.read import (
    BatchEnd,
    BatchHeader,
    EditSource,
    EditState,
    find_batch,
    list_batches,
    read_batch,
    remove_edits,
)
from wbskills.wikibase.journal.write import Journal
from wbskills.wikibase.model.edits import Change, Create
from wbskills.wikibase.model.entities import Entity, Kind, Rank, Reference, Snak, Statement, Stored
from wbskills.wikibase.model.values import EntityRef, Text, whole_number

HEAD = BatchHeader(
    batch="20261122-181500-3fa1",
    command="survey apply",
    wikibase="capacity",
    program="0.1.0",
    began="2026-11-22T18:15:00Z",
    files={"survey": "a.csv", "mapping": "m.toml"},
)
TEXT = Snak("P1", Text("a\n“b” \\ \u2028 𝒳"), "string")


def statement(text: str = "x", guid: str | None = None) -> Statement:
    """Make a statement that has everything."""
    return Statement(
        Snak("P2", EntityRef("Q5"), "wikibase-item"),
        (TEXT, Snak("P3", whole_number(3), "quantity"), Snak("P1", Text(text), "string")),
        (Reference((TEXT,)), Reference((Snak("P3", None, "quantity", "somevalue"),))),
        Rank.PREFERRED,
        guid,
    )


def create(key: str = "person/Ada") -> Create:
    """Say that an item should be made."""
    return Create(key, Entity(labels={"en": "Ada"}, statements=(statement(), statement("y"))))


def test_what_is_noted_is_read(tmp_path: Path) -> None:
    """All of an edit, with its place, and what was there before."""
    was = Entity(
        id="Q7",
        labels={"en": "old", "fr": "vieux"},
        aliases={"en": ("a",)},
        statements=(statement("1", "Q7$1"), statement("2", "Q7$2"), statement("3", "Q7$3")),
    )
    change = Change(
        key="person/Bea",
        id="Q7",
        base=4,
        labels={"en": "new", "de": "neu"},
        aliases={"en": ("b",)},
        statements=(statement("1b", "Q7$1"), statement("4")),
        removed=("Q7$2",),
        was=Stored(was, 4),
    )
    with Journal.begin(tmp_path, HEAD) as journal:
        journal.source_of_edit = lambda edit: (
            EditSource(2, ("C", "D")) if edit is change else EditSource()
        )
        one, two = journal.intend([create(), change])
        journal.done(one, Written("Q9", 5, ("Q9$a", "Q9$b")))
        journal.done(two, Written("Q7", 6, ("Q7$1", "Q7$4")))

    batch = find_batch(tmp_path, HEAD.batch)
    first, second = batch.entries()
    assert (batch.head, batch.ended, batch.edits) == (HEAD, BatchEnd.DONE, 2)
    assert (first.key, first.created, first.id, first.kind) == (
        "person/Ada", True, "Q9", Kind.ITEM,
    )  # fmt: skip
    assert first.statements == (statement("x", "Q9$a"), statement("y", "Q9$b"))
    assert first.terms.labels == {"en": "Ada"}
    assert (second.row, second.columns, second.base, second.revision) == (2, ("C", "D"), 4, 6)
    assert second.statements == (statement("1b", "Q7$1"), statement("4", "Q7$4"))
    assert second.added == (statement("4", "Q7$4"),)
    assert second.replaced == was.statements[:2]
    assert second.terms.labels == {"en": "new", "de": "neu"}
    assert second.terms_before.labels == {"en": "old"}
    assert second.terms_before.aliases == {"en": ("a",)}


def test_a_batch_without_edits_leaves_no_file(tmp_path: Path) -> None:
    """There is nothing to resume or to take back."""
    with Journal.begin(tmp_path / "journals", HEAD):
        pass

    assert list((tmp_path / "journals").iterdir()) == []
    assert list_batches(tmp_path / "journals") == []


@pytest.mark.parametrize(
    ("error", "ended"),
    [(KeyboardInterrupt(), BatchEnd.INTERRUPTED), (StoreError("gone"), BatchEnd.FAILED)],
)
def test_how_a_batch_ended_is_noted(error: BaseException, ended: BatchEnd, tmp_path: Path) -> None:
    """By the user, or by an error."""
    journal = Journal.begin(tmp_path, HEAD)
    journal.intend([create()])
    journal.__exit__(type(error), error, None)

    (listed,) = list_batches(tmp_path)
    assert (listed.ended, listed.edits, listed.head) == (ended, 0, HEAD)


@settings(deadline=None, max_examples=50)  # files are made; a disk may be slow
@given(cut=st.integers(min_value=1, max_value=2_000))
def test_a_torn_last_line_counts_as_not_written(
    cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Wherever the power went off, what stands before is read, and the batch can go on."""
    folder = tmp_path_factory.mktemp("torn")
    journal = Journal.begin(folder, HEAD)
    (number,) = journal.intend([create()])
    journal.done(number, Written("Q1", 1))
    journal.intend([create("person/Bea")])
    journal.close()
    whole_text = journal.path.read_bytes()
    head = whole_text.index(b"\n") + 1
    journal.path.write_bytes(whole_text[: max(head, len(whole_text) - cut)])

    batch = read_batch(journal.path)
    before = [entry.key for entry in batch.entries()]
    assert before in ([], ["person/Ada"], ["person/Ada", "person/Bea"])
    assert batch.ended is None

    with Journal.resume(journal.path) as more:
        numbers = more.intend([create("person/Cleo")])
        more.done(numbers[0], Written("Q3", 3))
    after = list(read_batch(journal.path).entries())
    assert [each.key for each in after] == [*before, "person/Cleo"]
    assert len({each.number for each in after}) == len(after)
    assert after[-1].state is EditState.WRITTEN
    assert read_batch(journal.path).ended is BatchEnd.DONE


def test_an_edit_without_an_outcome_is_unknown(tmp_path: Path) -> None:
    """To continue, it is looked up."""
    journal = Journal.begin(tmp_path, HEAD)
    one, two = journal.intend([create(), create("person/Bea")])
    journal.refused(two, "not begun")
    journal.close()

    first, second = read_batch(journal.path).entries()
    assert (first.number, first.state, first.id) == (one, EditState.UNKNOWN, "")
    assert (second.state, second.why) == (EditState.REFUSED, "not begun")


def test_somebody_can_be_taken_out(tmp_path: Path) -> None:
    """By key or by id; everybody else stays, and nothing of them is left in the file."""
    with Journal.begin(tmp_path, HEAD) as journal:
        numbers = journal.intend([create(), create("person/Bea"), create("person/Cleo")])
        for index, number in enumerate(numbers, 1):
            journal.done(number, Written(f"Q{index}", index))
    path = journal.path

    def dropped(key: str = "", entity: str = "") -> int:
        return remove_edits(path, keys={key}, entities={entity}, names="Ada".__eq__)

    with path.open("a", encoding="utf-8") as torn:
        torn.write('{"edit":4,"key":"person/Ada"')  # by a crash
    assert dropped("person/Ada") == 1
    assert dropped(entity="Q3") == 1
    assert dropped("person/Ada") == 0

    assert [entry.key for entry in read_batch(path).entries()] == ["person/Bea"]
    assert read_batch(path).ended is BatchEnd.DONE
    assert b"Ada" not in path.read_bytes().replace(b'"value":"Ada"', b"").replace(
        b'"en":"Ada"', b""
    )
    assert path.stat().st_mode & 0o077 == 0
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_what_is_no_journal_is_told_or_left_out(tmp_path: Path) -> None:
    """No traceback for another file in the folder."""
    for name, content in (
        ("a.jsonl", b""),
        ("b.jsonl", b"[1]\n"),
        ("c.jsonl", b"\xff\xfe\n"),
        ("d.jsonl", json.dumps({"journal": 99}).encode() + b"\n"),
        ("e.jsonl", b'{"journal": 1}\n'),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(StoreError):
            read_batch(tmp_path / name)

    assert list_batches(tmp_path) == []
    for name in ("nothing", "../a", "a/../a", ""):
        with pytest.raises(NotFound):
            find_batch(tmp_path, name)
