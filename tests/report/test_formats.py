"""Each format: what it promises, and that no cell can break out of it."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.conftest import Golden
from tests.report.made_up import HOSTILE
from wbskills.report.as_text import as_text, terminal_width
from wbskills.report.as_wikitext import as_wikitext, escape_wikitext
from wbskills.report.content import Content
from wbskills.report.formats import STREAMS, WIDEST, as_matrix, format_table
from wbskills.table import Cell, Column, Iri, Table

LIVE_MARKUP = re.compile(r"[<>\[\]{}|!=~]|''|__|^[-+*#:; ]|\b(RFC|PMID|ISBN) |://")


def of(*cells: Cell, name: str = "x", fraction: bool = False) -> Table:
    """A table of one column."""
    return Table((Column(name, name, fraction=fraction),), tuple((cell,) for cell in cells))


def csv_of(table: Table) -> str:
    """A table as CSV."""
    return format_table(table, "csv")


def objects_of(table: Table) -> str:
    """A table as JSON objects."""
    return format_table(table, "objects")


def mixed() -> Table:
    """A table with a cell of every kind."""
    names = ("skill", "skillLabel", "able", "assessed", "share", "mean", "on", "at", "ok", "note")
    moment = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    rows: tuple[tuple[Cell, ...], ...] = (
        (Iri("https://w.example/entity/Q1"), "Lua", 12, 19, Decimal(12) / 19, Decimal("2.25"),
         date(2026, 3, 4), moment, True, "fine"),
        (Iri("https://w.example/entity/Q22"), "技能", 0, 0, None, None, None, None, False, "=1+1"),
        (Iri("http://localhost/entity/Q3"), "a|b", -5, 1, Decimal(1), Decimal(-1), None, None,
         None, "-"),
    )  # fmt: skip
    headings = ("Skill", "Skill", "Able", "Answers", "Share", "Mean", "On", "At", "OK", "Note")
    columns = (
        Column(name, heading, fraction=name in {"share", "mean"})
        for name, heading in zip(names, headings, strict=True)
    )
    return Table(tuple(columns), rows)


@pytest.mark.parametrize("name", STREAMS)
def test_every_format_is_as_expected(name: str, golden: Callable[[str], Golden]) -> None:
    """A change of a format is visible in review."""
    assert format_table(mixed(), name) == golden(f"mixed.{name}")


@pytest.mark.parametrize("name", STREAMS)
def test_every_format_can_be_empty(name: str) -> None:
    """An empty answer is an answer."""
    assert format_table(of(), name)


@pytest.mark.parametrize("name", STREAMS)
def test_every_format_can_be_written_as_utf_8(name: str) -> None:
    """A lone surrogate in a label does not stop an export."""
    text = format_table(of("a\ud800b"), name)
    assert text.encode("utf-8", "replace")
    if name != "csv":
        text.encode()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝1",
                                  " =1", "\ufeff=1", "\u200f \u202e@x", "\x00+1"])  # fmt: skip
def test_csv_text_is_no_formula(text: str) -> None:
    """A spreadsheet shows it and does not run it."""
    assert next(csv.reader(io.StringIO(csv_of(of(text)).split("\r\n", 1)[1])))[0] == "'" + text


@pytest.mark.parametrize("number", [-5, Decimal("-0.5"), Decimal("1E-7")])
def test_csv_numbers_stay_numbers(number: Cell) -> None:
    """A minus sign is no formula."""
    assert csv_of(of(number)) == f"x\r\n{number}\r\n"


@pytest.mark.parametrize("name", ["share", "share_before", "mean_change", "computed"])
def test_csv_and_json_round_fractions_to_four_places(name: str) -> None:
    """The name of the column does not matter."""
    third = of(Decimal(1) / 3, name=name, fraction=True)
    assert csv_of(third) == f"{name}\r\n0.3333\r\n"
    assert objects_of(third) == f'[\n  {{"{name}": 0.3333}}\n]\n'


@pytest.mark.parametrize("form", ["table", "markdown", "wikitext", "html"])
def test_people_read_shares_in_per_cents_and_other_fractions_rounded(form: str) -> None:
    """Shares have their parts; means have two decimals."""
    names = ("able_before", "assessed_before", "share_before", "share_after", "mean_change")
    columns = (Column(name, name, fraction=name[0] in "sm") for name in names)
    row = (93, 143, Decimal(93) / 143, Decimal("0.75"), Decimal("0.168316831683"))
    text = format_table(Table(tuple(columns), (row,)), form)
    assert "65% (93 of 143)" in text
    assert "75%" in text
    assert "0.17" in text
    assert "0.168" not in text
    assert "0.6503" not in text.replace('"0.6503"', "")  # what it is sorted by


@given(
    st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2))
)
def test_csv_reads_back_equal(rows: list[list[str]]) -> None:
    """Whatever is in a cell, it stays in its cell."""
    table = Table((Column("a", "A"), Column("b", "B")), tuple((a, b) for a, b in rows))
    read = list(csv.reader(io.StringIO(csv_of(table), newline="")))
    assert [[cell.removeprefix("'") for cell in row] for row in read[1:]] == [
        [cell.removeprefix("'") for cell in row] for row in rows
    ]


@given(st.lists(st.none() | st.text() | st.integers() | st.booleans() | st.dates(), max_size=20))
def test_csv_is_what_the_standard_library_writes(cells: list[Cell]) -> None:
    """For any mix of types in a column, and for empty records."""
    wanted = io.StringIO(newline="")
    written_alone = (csv_of(Table((*of().columns, *of().columns), ((cell, 0),))) for cell in cells)
    texts = [next(csv.reader(text.split("\r\n", 1)[1:])) for text in written_alone]
    csv.writer(wanted).writerows([["x"], *([text] for text, _ in texts)])
    assert csv_of(of(*cells)) == wanted.getvalue()


def test_a_long_csv_comes_in_pieces() -> None:
    """No piece holds everything; together they are the whole."""
    table = Table(mixed().columns, mixed().rows * 1000)
    pieces = list(STREAMS["csv"](table))
    assert max(map(len, pieces)) < len("".join(pieces)) / 4
    head, *rows = csv_of(mixed()).splitlines(keepends=True)
    assert "".join(pieces) == head + "".join(rows * 1000)


def test_json_numbers_lose_no_digit() -> None:
    """Quantities are exact in Wikibase and stay so."""
    exact = Decimal("12345678901234567890.12345678901234567890")
    text = objects_of(of(exact, 10**30, Decimal("1E+3"), Decimal("NaN")))
    read = [row["x"] for row in json.loads(text, parse_float=Decimal)]
    assert read == [exact, 10**30, Decimal(1000), None]


@given(st.lists(st.text()))
def test_json_reads_back_equal(texts: list[str]) -> None:
    """Even a lone surrogate does."""
    text = objects_of(of(*texts))
    assert [row["x"] for row in json.loads(text.encode())] == texts


@pytest.mark.parametrize("attack", HOSTILE)
def test_wikitext_of_a_hostile_label_has_no_live_markup(attack: str) -> None:
    """The name of a skill cannot edit a page."""
    assert not LIVE_MARKUP.search(escape_wikitext(attack))
    assert len(as_wikitext(of(attack)).splitlines()) == 5


@given(st.text())
def test_wikitext_of_any_label_has_no_live_markup(text: str) -> None:
    """Not only known attacks are escaped."""
    assert not LIVE_MARKUP.search(escape_wikitext(text))


def test_wikitext_links_only_addresses_without_markup() -> None:
    """An address that could end its link is not linked."""
    columns = (Column("skill", "Skill"), Column("skillLabel", "Skill"))
    for address in ("https://w.example/Q1 x", "https://w.example/]", "javascript:alert(1)",
                    "https://w.example/~~~~", "http://localhost:8181/entity/Q1"):  # fmt: skip
        text = as_wikitext(Table(columns, ((Iri(address), "Lua"),)))
        assert "| Lua\n" in text, address


def test_wikitext_caption_is_escaped() -> None:
    """The caption may hold text that people entered."""
    assert "|+ a &#124;&#125;\n" in as_wikitext(of(), caption="a |}")


@pytest.mark.parametrize("attack", HOSTILE)
def test_text_cannot_steer_a_terminal(attack: str) -> None:
    """No escape sequence, no change of direction, one line per row."""
    text = as_text(of(attack))
    assert len(text.split("\n")) == 4
    bad = {c for c in text if unicodedata.category(c) in {"Cc", "Cf"}} - {"\n"}
    assert not bad


def test_text_lines_up_in_every_script() -> None:
    """Columns are aligned by what a terminal shows, not by the number of code points."""
    table = Table(
        (Column("a", "Name"), Column("b", "N")),
        (("Ada", 1), ("技能", 22), ("e\u0301te\u0301", 333), ("한국어", 4)),
    )
    lines = as_text(table).splitlines()
    assert {terminal_width(line) for line in lines} == {len("한국어") * 2 + 2 + 3}


def test_text_is_cut_to_the_width_but_numbers_never() -> None:
    """Labels are cut short; a number without its end would be another number."""
    table = Table(
        (Column("a", "Label"), Column("n", "N")), (("long " * 30, 12345678901), ("技" * 60, 2))
    )
    lines = as_text(table, width=40).splitlines()
    assert max(map(terminal_width, lines)) <= 40
    assert "12345678901" in lines[2]
    assert "…" in lines[2]
    assert "…" in lines[3]


def test_text_has_the_parts_of_a_share(small: Content) -> None:
    """Three of five is not three hundred of five hundred."""
    assert re.search(r"\d+% \(\d+ of \d+\)", as_text(small.tables["coverage"]))
    assert re.search(r"\d+% \(\d+ of \d+\)", as_text(small.tables["responses_per_wave"]))


VIEW = {"kind": "matrix", "row": "home", "column": "skill", "value": "mean", "size": "people"}


def item(number: int) -> Iri:
    """The address of an item."""
    return Iri(f"https://w.example/entity/Q{number}")


def means(skills: int) -> Table:
    """Two homes and some skills; nobody answered in the second home about the first skill."""
    names = ("home", "homeLabel", "skill", "skillLabel", "mean", "people")
    rows = [
        (item(home), f"home {home}", item(10 + skill), f"skill {skill}", Decimal(skill) / 8, home)
        for home in (1, 2)
        for skill in range(skills)
        if (home, skill) != (2, 0)
    ]
    return Table(tuple(Column(name, name.capitalize()) for name in names), tuple(rows))


def test_a_matrix_has_a_column_for_each_item() -> None:
    """Each cell has the number of people behind it; a cell without answers is empty."""
    found = as_matrix(means(3), VIEW)

    assert [column.heading for column in found.columns] == [
        "Home", "Homelabel", "skill 0", "skill 1", "skill 2",
    ]  # fmt: skip
    assert found.rows == (
        (item(1), "home 1", "0.00 (1)", "0.13 (1)", "0.25 (1)"),
        (item(2), "home 2", None, "0.13 (2)", "0.25 (2)"),
    )


def test_labels_and_sizes_are_optional() -> None:
    """A query may have neither."""
    short = Table(
        (Column("home", "Home"), Column("skill", "Skill"), Column("n", "N")),
        ((item(1), item(11), 3), (item(1), None, 4)),
    )
    found = as_matrix(short, {"kind": "matrix", "row": "home", "column": "skill", "value": "n"})

    assert [column.heading for column in found.columns] == ["Home", "Q11", "–"]
    assert found.rows == ((item(1), "3", "4"),)


@pytest.mark.parametrize(
    ("skills", "view"), [(3, {"kind": "table"}), (WIDEST + 1, VIEW), (0, VIEW)]
)
def test_other_tables_are_unchanged(skills: int, view: dict[str, str]) -> None:
    """Also a matrix that would be too wide."""
    assert as_matrix(means(skills), view) == means(skills)
