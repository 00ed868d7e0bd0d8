"""A line that is lost from a mapping is noticed: the import is refused, or means the same."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.surveys.answering import answered
from tests.surveys.exports.importing import line, write
from tests.surveys.exports.quirks import PEOPLE
from tests.surveys.exports.styles import STYLES
from tests.surveys.exports.tools import TOOLS, Tool
from wbskills.data import ontology_folder
from wbskills.errors import WbskillsError
from wbskills.ontology.load import load
from wbskills.surveys.draft.inspect_file import inspect
from wbskills.surveys.draft.write_draft import draft
from wbskills.surveys.mapping.toml_file import parse
from wbskills.surveys.responses.survey import Survey

ONTOLOGY = load(ontology_folder())
# Of these, accepting the draft is not enough to import anything.
REFUSED = ("limesurvey-r", "sosci", "redcap")
EVERY = tuple(tool for tool in (*TOOLS, *STYLES) if tool.name not in REFUSED)
# A file of few people hides what only one of them said.
MANY = [
    replace(person, name=f"{person.name} {number}", when=person.when.replace(day=number + 1))
    for number in range(6)
    for person in PEOPLE
]


@cache
def survey_of(number: int) -> tuple[Path, tuple[str, ...], tuple[str, ...]]:
    """Return a file of a tool, the lines of its true mapping, and what an import makes of it."""
    tool: Tool = EVERY[number]
    file = write(Path(mkdtemp()) / "s.csv", tool.rows(MANY), tool)
    written = answered(draft(inspect(file, ONTOLOGY), ONTOLOGY))
    true = imported(file, written)
    assert true is not None, tool.name  # else every spoilt one would be refused, too
    return file, tuple(written.splitlines()), true


def imported(file: Path, mapping: str) -> tuple[str, ...] | None:
    """Return what an import makes of a file; None if it is refused."""
    try:
        opened = Survey.open(file, parse(mapping, file.with_name("m.toml")), ONTOLOGY)
        survey = opened.salted(b"salt of the test")  # of generated pseudonyms
        if survey.check().faults:
            return None
        generated = survey.mapping.source.identity.generated
        # Without the number of the response, a generated pseudonym is another one.
        said = (
            line(one).partition(" | ")[2] if generated else line(one) for one in survey.responses()
        )
        return tuple(sorted(said))
    except (WbskillsError, ValueError):  # or it is no TOML any more
        return None


def outcome(number: int, gone: int) -> str:
    """Say what becomes of the import without one line."""
    file, lines, before = survey_of(number)
    at = gone % len(lines)
    after = imported(file, "\n".join(lines[:at] + lines[at + 1 :]))
    if after is None:
        return "refused"
    return "the same" if after == before else f"{EVERY[number].name}: {lines[at]}"


@settings(deadline=None, max_examples=150)
@given(st.integers(0, len(EVERY) - 1), st.integers(0, 200))
def test_a_mapping_without_one_line_is_refused_or_means_the_same(number: int, gone: int) -> None:
    """Of the draft of every tool, once its questions are answered."""
    assert outcome(number, gone) in {"refused", "the same"}


@settings(deadline=None, max_examples=60)
@given(st.integers(0, len(EVERY) - 1), st.integers(0, 200))
def test_an_answer_that_is_taken_away_again_is_refused(number: int, gone: int) -> None:
    """A question mark in place of any text of the mapping refuses it as a whole."""
    file, lines, _ = survey_of(number)
    at = gone % len(lines)
    name, sign, value = lines[at].partition(" = ")
    if sign and name[0] != "#" and value.startswith('"') and name not in {"separator", "between"}:
        spoilt = [*lines[:at], f'{name} = "?"', *lines[at + 1 :]]
        assert imported(file, "\n".join(spoilt)) is None
