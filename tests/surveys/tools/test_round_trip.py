"""Random people and answers, written as each tool writes them, come out as they went in."""

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import assume, given

from tests.surveys.exports.importing import expected, line, read, write
from tests.surveys.exports.styles import STYLES
from tests.surveys.exports.tools import (
    MICROSOFT,
    SKILLS,
    TOOLS,
    Person,
    Tool,
)
from tests.surveys.samples import xlsx
from tests.surveys.strategies import FEW, PEOPLE
from wbskills.ontology.entries import Ontology
from wbskills.surveys import tools


@pytest.mark.parametrize("tool", [*TOOLS, *STYLES], ids=lambda tool: tool.name)
@FEW
@given(people=PEOPLE)
def test_responses_are_read_as_they_were_written(
    tool: Tool, people: list[Person], tmp_path: Path, ontology: Ontology
) -> None:
    """In every tool's own way of writing."""
    assume(
        any(person.levels for person in people)
    )  # else there is nothing to recognise the tool by
    path = write(tmp_path / "s.csv", tool.rows(people), tool)

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
