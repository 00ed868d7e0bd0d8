"""A drafted mapping, with its suggestions accepted, reads the file of every tool."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.surveys.answering import answered
from tests.surveys.exports.importing import expected, line, write
from tests.surveys.exports.quirks import PEOPLE
from tests.surveys.exports.styles import STYLES
from tests.surveys.exports.tools import FROM_R, GOOGLE, TOOLS, Person, Tool
from wbskills.ontology.entries import Ontology
from wbskills.surveys.draft.inspect_file import inspect
from wbskills.surveys.draft.write_draft import draft
from wbskills.surveys.mapping import toml_file
from wbskills.surveys.responses.compare import compare
from wbskills.surveys.responses.survey import Survey

# A file of few people hides what only one of them said.
MANY = [
    replace(person, name=f"{person.name} {number}", when=person.when.replace(day=number + 1))
    for number in range(20)
    for person in PEOPLE
]


def accepted(written: str) -> str:
    """Accept all suggestions, and know what only people know."""
    return answered(written).replace('"-99" = "not_sure"', '"-99" = "does_not_apply"')


def draft_of(people: Sequence[Person], tool: Tool, folder: Path, ontology: Ontology) -> str:
    """Write a file as a tool does, and draft a mapping for it."""
    return draft(inspect(write(folder / "s.csv", tool.rows(people), tool), ontology), ontology)


# A code or a number is not always a skill's name, and of a question that was cut, or is not in the
# file, nobody knows what it asks for.
UNTOLD = (
    FROM_R.name, "limesurvey-codes", "limesurvey-expressions", "limesurvey-shortened",
    "qualtrics-numbers", "typeform", "sosci", "sosci-labels", "redcap",
)  # fmt: skip


@pytest.mark.parametrize(
    "tool",
    [one for one in (*TOOLS, *STYLES) if one.name not in UNTOLD],
    ids=lambda tool: tool.name,
)
def test_an_accepted_draft_reads_the_file(tool: Tool, tmp_path: Path, ontology: Ontology) -> None:
    """And what comes out is what people said; the file it was drafted from holds nothing new."""
    told = tmp_path / "m.toml"
    told.write_text(accepted(draft_of(MANY, tool, tmp_path, ontology)), encoding="utf-8")

    mapping = toml_file.load(told)
    survey = Survey.open(tmp_path / "s.csv", mapping, ontology)

    assert [fault.what for fault in survey.check().faults] == []
    assert sorted(map(line, survey.responses())) == expected(MANY, tool)
    assert compare(tmp_path / "s.csv", mapping, ontology) == []


def test_answers_of_more_than_one_wave_are_noticed(tmp_path: Path, ontology: Ontology) -> None:
    """Nobody asks for longer than half a year; the file may hold last year's answers too."""
    earlier = [replace(one, when=one.when.replace(year=one.when.year - 1)) for one in MANY]

    assert "was run\n# more than once" not in draft_of(MANY, GOOGLE, tmp_path, ontology)
    assert "was run\n# more than once" in draft_of([*MANY, *earlier], GOOGLE, tmp_path, ontology)
