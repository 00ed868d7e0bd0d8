"""Files written as survey tools write them, and imported with the mapping of the tool."""

from collections.abc import Sequence
from pathlib import Path

from tests.surveys.exports.quirks import PEOPLE
from tests.surveys.exports.tools import SKILLS, Person, Tool, said
from wbskills.domain import Response
from wbskills.ontology.entries import Ontology
from wbskills.surveys import tools
from wbskills.surveys.files.columns import SurveyColumn
from wbskills.surveys.mapping import toml_file
from wbskills.surveys.responses.survey import Survey
from wbskills.surveys.responses.validation_report import ValidationReport

EVERYBODY = sorted(map(said, PEOPLE))


def write(path: Path, rows: Sequence[Sequence[str]], tool: Tool) -> Path:
    """Write a file as a tool does."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(tool.text(rows))
    return path


def open_with(path: Path, tool: Tool, ontology: Ontology) -> Survey:
    """Open a file with the mapping of a tool, which is written to `m.toml` beside it."""
    mapping = path.with_name("m.toml")
    mapping.write_text(tool.mapping, encoding="utf-8")
    return Survey.open(path, toml_file.load(mapping), ontology)


def read(path: Path, tool: Tool, ontology: Ontology) -> list[Response]:
    """Import a file with the mapping of a tool; it must have no faults."""
    survey = open_with(path, tool, ontology)
    assert [fault.what for fault in survey.check().faults] == []
    return list(survey.responses())


def survey(rows: Sequence[Sequence[str]], tool: Tool, folder: Path, ontology: Ontology) -> Survey:
    """Write rows as a tool does, and open the file with the mapping of the tool."""
    return open_with(write(folder / "s.csv", rows, tool), tool, ontology)


def check(
    rows: Sequence[Sequence[str]], tool: Tool, folder: Path, ontology: Ontology
) -> ValidationReport:
    """Write rows as a tool does, and check the file with the mapping of the tool."""
    return survey(rows, tool, folder, ontology).check()


def column(tool: str, *rows: Sequence[str], at: int = -1) -> SurveyColumn:
    """Read one column from the first rows of a file."""
    return tools.find_tool(tool).columns(rows)[at]


def line(response: Response) -> str:
    """Write a response in the words of `said`."""
    answers = [
        " ".join((assessment.skill, assessment.level, *assessment.interests))
        for assessment in response.assessments
    ]
    in_order = sorted(answers, key=lambda text: [*SKILLS].index(text.split(" ")[0]))
    return " | ".join([response.identity.name, str(response.on), *in_order])


def expected(people: Sequence[Person], tool: Tool) -> list[str]:
    """Return what `line` has to give for the responses of some people.

    A long table has no interests, and nobody without an answer.
    """
    if tool.name == "long":
        people = [
            Person(person.name, person.when, person.levels, frozenset(), person.agrees)
            for person in people
            if person.levels
        ]
    return sorted(said(person) for person in people if person.agrees)
