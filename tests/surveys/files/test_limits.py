"""Large files and hostile files: memory stays flat, and nothing but our errors gets out."""

import gc
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.surveys.samples import MAPPING, ada, survey, table, xlsx
from wbskills.errors import WbskillsError
from wbskills.ontology.entries import Ontology
from wbskills.surveys.draft.inspect_file import inspect
from wbskills.surveys.files import csv_files
from wbskills.surveys.files.rows import open_file
from wbskills.surveys.responses.survey import Survey

ON_ONE_FOLDER = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)


def people(count: int) -> Iterator[list[str]]:
    """Make the rows of many people, each with a name of their own."""
    return (ada("alone", "none", name=f"Person {n}") for n in range(count))


def peak(opened: Survey) -> int:
    """Measure the memory that both passes over a survey take at most."""
    gc.collect()
    tracemalloc.start()
    opened.check()
    for _ in opened.responses():
        pass
    _, highest = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return highest


def refusal(path: Path) -> str:
    """Read a whole file, and return the message if it is refused."""
    try:
        file = open_file(path)
        width = len(file.top[0][1])
        assert all(len(row.cells) == width for row in file.rows(0, width, width))
    except WbskillsError as error:
        return str(error)
    return ""


def test_memory_does_not_grow_with_the_rows(tmp_path: Path, ontology: Ontology) -> None:
    """Five times as many rows, whatever becomes of them, take no more memory."""

    def made(count: int) -> Survey:
        rows = list(people(count))
        for n, row in enumerate(rows):
            kind = n % 5
            row[3] = f"never heard of it {n % 300}" if kind == 1 else row[3]
            row[2] = "No" if kind == 2 else row[2]
            row[1] = "" if kind == 3 and n % 2 else row[1]
            row[0] = "Ada" if kind == 4 else row[0]
        return survey(tmp_path, ontology, table(*rows))

    peak(made(100))  # what is imported late is not counted
    small, large = peak(made(2_000)), peak(made(10_000))

    # Lists that stop at a thousand members may fill up; 32 bytes for each row would be too much.
    assert large < small + 250_000


@given(st.binary(max_size=3000))
@ON_ONE_FOLDER
def test_random_bytes_give_rows_or_one_of_our_errors(tmp_path: Path, content: bytes) -> None:
    """Never a traceback."""
    path = tmp_path / "s.csv"
    path.write_bytes(content)
    said = refusal(path)
    assert not said or (str(path) in said and "Try:" in said)


@given(
    st.lists(
        st.lists(st.text(max_size=12).map(lambda text: text.replace("\r", "")), min_size=1),
        min_size=1,
        max_size=8,
    )
)
@ON_ONE_FOLDER
def test_any_table_can_be_inspected(
    tmp_path: Path, ontology: Ontology, rows: list[list[str]]
) -> None:
    """Whatever the headings and the cells are."""
    path = tmp_path / "s.csv"
    path.write_text(table(*rows[1:], columns=rows[0]), encoding="utf-8", errors="replace")
    try:
        seen = inspect(path, ontology)
    except WbskillsError:
        # Blank headings, a carriage return that is no line break, or a byte that is no text.
        assert not any(map(str.strip, rows[0])) or not "".join(map("".join, rows)).isprintable()
        return
    assert seen.rows <= len(rows)


@given(st.lists(st.tuples(*[st.text(max_size=20)] * 5), max_size=5))
@ON_ONE_FOLDER
def test_any_answers_give_responses_or_faults(
    tmp_path: Path, ontology: Ontology, rows: list[tuple[str, ...]]
) -> None:
    """And every row is counted once, as what it is."""
    text = table(ada(), *rows, ada("maybe", name="Bea"))
    try:
        opened = survey(tmp_path, ontology, text.encode("utf-8", "replace"))
        found = opened.check()
    except WbskillsError:  # a row that is no row, or a lone carriage return
        assert not "".join(map("".join, rows)).isprintable()
        return
    assert found.rows == found.responses + sum(
        listed.count
        for listed in (found.withheld, found.incomplete, found.superseded, found.faulty)
    )
    assert found.responses == len(list(opened.responses()))
    assert all(fault.row and fault.column and fault.hint for fault in found.faults)


@given(st.data())
@ON_ONE_FOLDER
def test_spoilt_workbooks_give_rows_or_one_of_our_errors(
    tmp_path: Path, data: st.DataObject
) -> None:
    """Any byte may be wrong, any part may be missing."""
    content = bytearray(xlsx(tmp_path / "whole.xlsx", [["a", "b"], ["1", "2"]]).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "s.xlsx"
    path.write_bytes(content[: data.draw(st.integers(4, len(content)))])
    said = refusal(path)
    assert not said or (str(path) in said and "Try:" in said)


def test_the_mapping_of_these_tests_is_a_good_one(tmp_path: Path, ontology: Ontology) -> None:
    """Else the tests above would pass for the wrong reason."""
    assert survey(tmp_path, ontology, table(*people(3)), MAPPING).check().responses == 3


# Ten times as small as it is: counting the memory of ten million cells takes half a minute.
ENDLESS = {
    "a cell": b"a,b\n1," + b"x" * 4_000_000,
    "a cell in quotes": b'a,b\n1,"' + b"x" * 4_000_000,
    "a cell of many lines": b'a,b\n1,"' + (b"x" * 99 + b"\n") * 40_000,
    "a row": b"a,b\n" + b"," * 4_000_000,
    "a row of many lines": b"a,b\n" + b'x,"\n",' * 600_000,
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_has_no_end_stops_before_the_memory_is_full(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line without end is no more than one message, and is never held whole."""
    assert (csv_files._LARGEST_FIELD, csv_files._LARGEST_RECORD) == (8_000_000, 32_000_000)
    monkeypatch.setattr(csv_files, "_LARGEST_FIELD", 800_000)
    monkeypatch.setattr(csv_files, "_LARGEST_RECORD", 3_200_000)
    path = tmp_path / "s.csv"
    path.write_bytes(ENDLESS[name])
    tracemalloc.start()
    said = refusal(path)
    _, highest = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "row 2: a cell of this row has no end" in said
    assert highest < 20_000_000


def test_more_columns_than_a_spreadsheet_has(tmp_path: Path) -> None:
    """A file whose line breaks were lost is one line of a million cells."""
    path = tmp_path / "s.csv"
    path.write_text(",".join(["abc"] * 16_385) + "\n1\n")
    assert "this file has 16,385 columns; up to 16,384 are read" in refusal(path)
    path.write_text(",".join(["abc"] * 16_384) + "\n" + ",".join("1" * 16_384) + "\n")
    assert refusal(path) == ""


def test_a_long_table_of_one_person_takes_no_longer_for_a_row(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Where someone heads the name of the team “person”, and many answers have faults."""
    mapping = MAPPING.replace("USER", "person").replace("CONSENT", "ok").replace("WHEN", "date")
    mapping = mapping.replace('"SK[{skill}]"', '"level [{skill}]"')

    def seconds(rows: int) -> float:
        answers = [
            ["Team", ("", "lua_modules")[row % 2], "alone", f"2026-03-{1 + row % 28:02}", "Yes"]
            for row in range(rows)
        ]
        text = table(*answers, columns=["person", "skill", "level", "date", "ok"])
        started = time.process_time()
        assert survey(tmp_path, ontology, text, mapping).check().fault_count == rows // 2
        return time.process_time() - started

    few = seconds(2_000)
    assert seconds(8_000) < 8 * few  # four times as many; it was fourteen times as long
