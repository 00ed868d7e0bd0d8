"""The trickiest parts, against readers of a few lines that know nothing of the importer."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.surveys.exports.importing import line, write
from tests.surveys.exports.tools import NEXTCLOUD, SKILLS, Person
from tests.surveys.samples import TAIL
from tests.surveys.strategies import FEW, PEOPLE
from wbskills.ontology.entries import Ontology
from wbskills.surveys.mapping import toml_file
from wbskills.surveys.mapping.multiple_choice import ChoiceSplitter
from wbskills.surveys.mapping.schema import Answers, Question
from wbskills.surveys.responses.survey import Survey
from wbskills.surveys.tools.tool import split_row

TWO_WAVES = """
title = "Test"
[waves.w1]
label = { en = "First wave" }
start = 2026-03-01
end = 2026-03-02
[waves.w2]
label = { en = "Second wave" }
start = 2026-03-03
end = 2026-03-04
"""
STEPS = ("none", "aware", "with help", "alone", "leads")
HEADINGS = ("USER", "WHEN", "CONSENT", "SK[lua_modules]")
QUESTIONS = '[[questions]]\ncolumns = "SK[{skill}]"\nanswers = "scale:self_5"\n'
FIRST = datetime(2026, 3, 1, tzinfo=UTC)


def opened(folder: Path, rows: Sequence[Sequence[str]], ontology: Ontology) -> Survey:
    """Open a file of two waves."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    (folder / "s.csv").write_text(text.getvalue(), encoding="utf-8")
    (folder / "m.toml").write_text(TWO_WAVES + TAIL + QUESTIONS, encoding="utf-8")
    return Survey.open(folder / "s.csv", toml_file.load(folder / "m.toml"), ontology)


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["Ada", "ada", "Bea", "User:Ada"]),
        st.integers(0, 8).map(lambda steps: FIRST + timedelta(hours=12 * steps)),
        st.sampled_from(["Yes", "No", ""]),
        st.sampled_from(["", *STEPS]),
    ),
    max_size=8,
)


@settings(FEW, max_examples=60)
@given(rows=ROWS, order=st.permutations(range(4)))
def test_the_latest_answer_of_each_wave_counts_in_any_order_of_columns(
    rows: list[tuple[str, datetime, str, str]],
    order: list[int],
    tmp_path: Path,
    ontology: Ontology,
) -> None:
    """A refusal counts as an answer; of two at one moment, the lower one in the file does."""
    newest: dict[tuple[str, bool], tuple[datetime, int]] = {}
    outside = set()
    for number, (name, when, _, _) in enumerate(rows, 2):
        person = name.removeprefix("User:").capitalize()
        if when >= FIRST + timedelta(days=4):
            outside.add(number)
            continue
        wave = (person, when < FIRST + timedelta(days=2))
        newest[wave] = max(newest.get(wave, (when, number)), (when, number))
    wanted = [
        (name.removeprefix("User:").capitalize(), when.date(), level.replace(" ", "_"))
        for number, (name, when, agreed, level) in enumerate(rows, 2)
        if agreed == "Yes" and number in {number for _, number in newest.values()}
    ]

    cells = [(name, f"{when:%Y-%m-%d %H:%M:%S}", *rest) for name, when, *rest in rows]
    mixed = [[row[index] for index in order] for row in (HEADINGS, *cells)]
    survey = opened(tmp_path, mixed, ontology)

    said = [
        (
            response.identity.name,
            response.on,
            "".join(assessment.level for assessment in response.assessments),
        )
        for response in survey.responses()
    ]
    assert said == wanted
    refused = {row for row in outside if rows[row - 2][2] != "Yes"}
    assert {fault.row for fault in survey.check().faults} <= outside
    assert survey.check().faulty.count == len(outside - refused)


CHOICE = st.text("ab,;- ", min_size=1, max_size=6).map(lambda text: " ".join(text.split()))
FORM = st.lists(
    CHOICE.filter(lambda text: bool(text.strip(" ,;-"))), min_size=1, max_size=5, unique=True
)


def ways(cell: str, known: Sequence[str], between: str) -> set[frozenset[str]]:
    """Find every way in which a cell can be put together of known choices."""
    if not cell:
        return {frozenset()}
    return {
        rest | {one}
        for one in known
        if cell == one or cell.startswith(one + between)
        for rest in ways(cell[len(one + between) :], known, between)
        if cell == one or cell[len(one + between) :]
    }


@settings(FEW, max_examples=300)
@given(form=FORM, data=st.data(), between=st.sampled_from([";", ", ", "; "]))
def test_choices_that_contain_the_separator_are_split(
    form: list[str], data: st.DataObject, between: str
) -> None:
    """Where a cell can be read in one way only, this is the way."""
    # A choice that begins or ends in the sign itself can be read by nobody.
    sign = between.strip()
    form = [one for one in form if not one.startswith(sign) and not one.endswith(sign)]
    ticked = data.draw(st.lists(st.sampled_from(form), unique=True)) if form else []
    cell = between.join(ticked)
    question = Question(
        place="q",
        answers=Answers(),
        subjects=dict.fromkeys(form, "x"),
        between=between,
        chosen="y",
    )

    assume(len(ways(cell, form, between)) == 1)

    found = ChoiceSplitter(question, ())(cell)

    assert (found.found, found.unknown) == (frozenset(ticked), ())


@pytest.mark.parametrize("ticked", [("Lua", "bots, gadgets"), ("Lua, bots", "gadgets")])
def test_a_shorter_choice_is_taken_if_the_rest_is_a_choice_as_well(
    ticked: tuple[str, ...],
) -> None:
    """“Lua, bots” would leave “gadgets”, which is no choice."""
    things = dict.fromkeys(("Lua", "Lua, bots", "bots, gadgets", *ticked), "x")
    question = Question(place="q", answers=Answers(), subjects=things, between=", ", chosen="y")

    found = ChoiceSplitter(question, ())(", ".join(ticked))

    known = frozenset(one.casefold() for one in ticked)
    assert (found.found, found.unknown) == (known, ())


NESTED = st.recursive(
    st.text("ab ", min_size=1, max_size=3),
    lambda inner: st.tuples(st.text("ab ", max_size=3), inner).map(
        lambda two: f"{two[0]}[{two[1]}]"
    ),
    max_leaves=2,
)


@settings(FEW, max_examples=200)
@given(
    question=st.text("ab? ", min_size=1, max_size=8), row=st.text("ab ", min_size=1), tail=NESTED
)
def test_the_row_is_in_the_last_brackets(question: str, row: str, tail: str) -> None:
    """Brackets within it belong to it, one pair deep."""
    inner = tail if tail.count("[") < 2 else row
    text, found = split_row(f"{question}[{inner}]")

    assert text == " ".join(question.split())
    assert found == " ".join(inner.split())


@FEW
@given(people=PEOPLE, empty=st.integers(0, 3))
def test_a_row_in_which_answers_may_have_moved_is_never_read_wrong(
    people: list[Person], empty: int, tmp_path: Path, ontology: Ontology
) -> None:
    """Nextcloud writes one cell for a grid that nobody answered: refused, or withheld."""
    rows = NEXTCLOUD.rows(people)
    first = NEXTCLOUD.column(next(iter(SKILLS)))
    moved = rows[len(NEXTCLOUD.headings) + empty % len(people)]
    moved[first : first + len(SKILLS)] = [""]
    moved += [""] * (len(SKILLS) - 1)
    told = tmp_path / "m.toml"
    told.write_text(NEXTCLOUD.mapping, encoding="utf-8")

    file = write(tmp_path / "s.csv", rows, NEXTCLOUD)
    survey = Survey.open(file, toml_file.load(told), ontology)

    names = {line(response).partition(" | ")[0] for response in survey.responses()}
    others = {one.name for index, one in enumerate(people) if index != empty % len(people)}
    assert names == {person.name for person in people if person.agrees and person.name in others}
