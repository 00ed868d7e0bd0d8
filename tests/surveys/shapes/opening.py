"""Opening files of survey tools in tests, each with a mapping that reads it."""

from collections.abc import Sequence
from pathlib import Path

from tests.surveys.exports.quirks import PEOPLE
from tests.surveys.exports.tools import Tool, said
from tests.surveys.test_round_trip import write
from wbskills.ontology.entries import Ontology
from wbskills.surveys import tools
from wbskills.surveys.files.columns import Column
from wbskills.surveys.mapping import toml_file
from wbskills.surveys.responses.survey import Survey
from wbskills.surveys.responses.validation_report import Findings

EVERYBODY = sorted(map(said, PEOPLE))


def check(rows: Sequence[Sequence[str]], tool: Tool, folder: Path, ontology: Ontology) -> Findings:
    """Import a file with the mapping of a tool."""
    return survey(rows, tool, folder, ontology).check()


def survey(rows: Sequence[Sequence[str]], tool: Tool, folder: Path, ontology: Ontology) -> Survey:
    """Open a file with the mapping of a tool."""
    told = folder / "m.toml"
    told.write_text(tool.mapping, encoding="utf-8")
    return Survey.open(write(folder / "s.csv", rows, tool), toml_file.load(told), ontology)


def column(tool: str, *rows: Sequence[str], at: int = -1) -> Column:
    """Read one column from the first rows of a file."""
    return tools.named(tool).columns(rows)[at]
