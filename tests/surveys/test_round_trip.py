"""Random people and answers, written as each tool writes them, come out as they went in."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.surveys.exports.styles import STYLES
from tests.surveys.exports.tools import (
    LEVELS,
    MICROSOFT,
    OUTSIDE,
    SKILLS,
    TOOLS,
    Person,
    Tool,
    said,
)
from tests.surveys.files import xlsx
from wbskills.domain import Response
from wbskills.ontology.entries import Ontology
from wbskills.surveys import tools
from wbskills.surveys.mapping import toml_file
from wbskills.surveys.responses.survey import Survey

# Letters that windows-1252 has where UTF-8 has the second byte of a letter: behind “Ã” or “Â”,
# they are what a wrong encoding makes of another letter, and are refused as that.
SECOND_BYTES = "ŒŠŽŸªº"
NAMES = st.text(
    st.characters(categories=["Lu", "Lo"], max_codepoint=0x6FF, exclude_characters=SECOND_BYTES),
    min_size=1,
    max_size=8,
).map(lambda text: text.upper())
PEOPLE = st.lists(
    st.builds(
        Person,
        name=NAMES,
        when=st.datetimes(datetime(2026, 3, 1), datetime(2026, 3, 31)),  # noqa: DTZ001  # as tools do
        levels=st.dictionaries(st.sampled_from([*SKILLS]), st.sampled_from([*LEVELS, *OUTSIDE])),
        learns=st.frozensets(st.sampled_from([*SKILLS])),
        agrees=st.booleans(),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda person: person.name,
)
FEW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def write(path: Path, rows: Sequence[Sequence[str]], tool: Tool) -> Path:
    """Write a file as a tool does."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(tool.text(rows))
    return path


def read(path: Path, tool: Tool, ontology: Ontology) -> list[Response]:
    """Import a file with the mapping of the tool; it must be without a fault."""
    told = path.with_suffix(".toml")
    told.write_text(tool.mapping, encoding="utf-8")
    survey = Survey.open(path, toml_file.load(told), ontology)
    assert [fault.what for fault in survey.check().faults] == []
    return list(survey.responses())


def line(response: Response) -> str:
    """Write a response in the words of `said`."""
    answers = [" ".join((one.skill, one.level, *one.interests)) for one in response.assessments]
    in_order = sorted(answers, key=lambda text: [*SKILLS].index(text.split(" ")[0]))
    return " | ".join([response.identity.name, str(response.on), *in_order])


def expected(people: Sequence[Person], tool: Tool) -> list[str]:
    """Say what has to come out; a long table has no interests, and nobody without an answer."""
    if tool.name == "long":
        people = [
            Person(one.name, one.when, one.levels, frozenset(), one.agrees)
            for one in people
            if one.levels
        ]
    return sorted(said(one) for one in people if one.agrees)


@pytest.mark.parametrize("tool", [*TOOLS, *STYLES], ids=lambda tool: tool.name)
@FEW
@given(people=PEOPLE)
def test_what_goes_in_comes_out(
    tool: Tool, people: list[Person], tmp_path: Path, ontology: Ontology
) -> None:
    """In every tool's own way of writing."""
    path = write(tmp_path / "s.csv", tool.rows(people), tool)
    if people and any(one.levels for one in people):
        assert sorted(map(line, read(path, tool, ontology))) == expected(people, tool)


@FEW
@given(people=PEOPLE)
def test_a_workbook_of_microsoft_forms_has_real_dates(
    people: list[Person], tmp_path: Path, ontology: Ontology
) -> None:
    """No format has to be declared for them."""
    first = datetime(1899, 12, 30)  # noqa: DTZ001  # spreadsheets know no zones
    rows: list[list[object]] = [list(row) for row in MICROSOFT.headings]
    for person in people:
        cells: list[object] = [MICROSOFT.cell(person, what) for what in MICROSOFT.layout]
        days = (person.when - first).total_seconds() / 86_400
        cells[MICROSOFT.column("when")] = ('s="2"', str(days))
        cells[MICROSOFT.column("when") + 1] = ('s="2"', str(days))
        rows.append(cells)
    path = xlsx(tmp_path / "s.xlsx", rows)

    assert sorted(map(line, read(path, MICROSOFT, ontology))) == expected(people, MICROSOFT)


@pytest.mark.parametrize("tool", [*TOOLS, *STYLES], ids=lambda tool: tool.name)
def test_the_tool_is_recognised(tool: Tool) -> None:
    """With the reason."""
    someone = Person("Ada", datetime(2026, 3, 4, 10), dict.fromkeys(SKILLS, "alone"))  # noqa: DTZ001

    shape, reason = tools.recognise(tool.rows([someone]))

    assert f'tool = "{shape.name}"' in tool.mapping
    assert reason.startswith(tool.reason)
