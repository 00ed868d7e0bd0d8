"""`survey edit` asks what is open in a mapping, in the terminal."""

import os
import pty
import select
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.surveys.edit.true_answers import true_answer
from tests.surveys.exports.importing import expected, line, write
from tests.surveys.exports.quirks import PEOPLE
from tests.surveys.exports.styles import STYLES
from tests.surveys.exports.tools import FROM_R, GOOGLE, TOOLS, Tool
from wbskills.cli import main
from wbskills.ontology.entries import Ontology
from wbskills.surveys.mapping import toml_file
from wbskills.surveys.responses.survey import Survey
from wbskills.tasks.mapping_editor import MappingEditor
from wbskills.wikibase.embedded.store import IN_MEMORY

# A file of few people hides what only one of them said.
MANY = [
    replace(person, name=f"{person.name} {number}", when=person.when.replace(day=number + 1))
    for number in range(20)
    for person in PEOPLE
]
# Their drafts leave columns out, or need a decision that the mappings of the tests do not have: a
# code or a number is not always a skill's name, and a question may be cut, or not in the file.
UNTOLD = (
    FROM_R.name, "limesurvey-shortened", "qualtrics-numbers", "typeform", "sosci", "sosci-labels",
    "redcap",
)  # fmt: skip
WAVE, NAMED = "Spring 2026", "wikimedia_username"


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    """The answers to a form of Google, in a file."""
    return write(tmp_path / "answers.csv", GOOGLE.rows(MANY), GOOGLE)


def edit(file: Path, *typed: str, mapping: str = "") -> Result:
    """Run the command, and type some lines."""
    more = ["--mapping", mapping] if mapping else []
    return CliRunner().invoke(
        main,
        ["survey", "edit", str(file), "--wikibase", IN_MEMORY, *more],
        input="".join(f"{each}\n" for each in typed),
    )


def truth(file: Path, tool: Tool) -> list[str]:
    """Answer all questions of a draft for a file truly."""
    editor = MappingEditor(file, file.with_name("scratch.toml"))
    editor.begin()
    return [true_answer(each, editor.known, tool) for each in editor.questions()]


@pytest.mark.parametrize(
    "tool",
    [one for one in (*TOOLS, *STYLES) if one.name not in UNTOLD],
    ids=lambda tool: tool.name,
)
def test_true_answers_give_the_statements_that_people_made(
    tool: Tool, tmp_path: Path, ontology: Ontology
) -> None:
    """For the file of each tool, from its draft, by numbered lines."""
    file = write(tmp_path / "answers.csv", tool.rows(MANY), tool)

    result = edit(file, *truth(file, tool))

    assert "Nothing is open." in result.output, result.output
    assert result.exit_code == 0, result.output
    survey = Survey.open(file, toml_file.load(tmp_path / "answers.toml"), ontology)
    assert [fault.what for fault in survey.check().faults] == []
    assert sorted(map(line, survey.responses())) == expected(MANY, tool)


def test_the_end_shows_the_effects_and_the_next_command(survey: Path) -> None:
    """Rows, people, levels of each skill; and the command that is shown works."""
    result = edit(survey, WAVE, NAMED, "consent_named", "wants_to_learn")

    assert result.exit_code == 0
    assert "60 rows read; 60 responses counted" in result.output
    assert "  python: 40 levels" in result.output
    assert "60 people would be added" in result.output
    command = f"wbskills survey apply {survey} --mapping {survey.with_suffix('.toml')}"
    assert command in result.output
    applied = CliRunner().invoke(main, [*command.split()[1:], "--wikibase", IN_MEMORY])
    assert applied.exit_code == 0
    assert "60 people added" in applied.output


def test_what_is_decided_is_kept(survey: Path) -> None:
    """Each answer is saved at once; the next time it goes on with what is open."""
    first = edit(survey, WAVE)  # and then the input ends
    second = edit(survey, NAMED, "consent_named", "wants_to_learn")

    assert "3 questions are open; the others are decided." in first.output
    assert f"Try: wbskills survey edit {survey} --mapping" in first.output
    assert first.exit_code == 0
    assert "What is this run of the survey called?" not in second.output
    assert "Nothing is open." in second.output


def test_one_can_leave_questions_open_go_back_and_quit(survey: Path) -> None:
    """By numbers as well as by the words of the mapping."""
    mapping = survey.with_suffix(".toml")
    result = edit(survey, "Wrong", "4", WAVE, "?", "1", "7")

    assert result.exit_code == 0
    assert f'label = {{ en = "{WAVE}" }}' in mapping.read_text("utf-8")
    assert '\n"Yes" = "consent_named"' in mapping.read_text("utf-8")
    assert '\nproperty = "?"' in mapping.read_text("utf-8")
    assert "2 questions are open" in result.output


def test_pseudonyms_need_a_prefix_which_is_asked_for(survey: Path, ontology: Ontology) -> None:
    """So that the mapping of a person who agreed only to a pseudonym is complete."""
    answers = [WAVE, NAMED, "consent_pseudonym", "spring-2026-", "wants_to_learn"]

    result = edit(survey, *answers)

    assert "What do the pseudonyms of this survey begin with?" in result.output
    assert result.exit_code == 0, result.output
    mapping = toml_file.load(survey.with_suffix(".toml"))
    assert mapping.identity.generated
    names = {each.identity.name for each in Survey.open(survey, mapping, ontology).responses()}
    assert all(name.startswith("spring-2026-") for name in names)


def test_a_skill_can_be_found_by_its_name(tmp_path: Path, ontology: Ontology) -> None:
    """What is no name of a skill is asked again, with the nearest."""
    headings = [[text.replace("Python", "Snake charming") for text in GOOGLE.headings[0]]]
    file = write(tmp_path / "s.csv", replace(GOOGLE, headings=headings).rows(MANY), GOOGLE)
    asked = "something else: type its name"
    shown = edit(file, WAVE, NAMED, "consent_named").output
    number = next(each for each in shown.splitlines() if each.endswith(asked)).split()[0]

    result = edit(file, number, "pythn", number, "Python", "wants_to_learn")

    assert "Which skill is “Snake charming”?" in result.output
    assert "“pythn” is no skill here" in result.output
    assert result.exit_code == 0, result.output
    survey = Survey.open(file, toml_file.load(tmp_path / "s.toml"), ontology)
    assert {"python", "lua_modules"} <= {each.skill for each in survey.mapping.skills}


def test_control_characters_never_reach_the_terminal(tmp_path: Path) -> None:
    """Headings and answers are untrusted."""
    headings = [[text.replace("?", "\x9b2J\u202e?") for text in GOOGLE.headings[0]]]
    tool = replace(GOOGLE, headings=headings, yes_no=("Yes\x9d0;x\x9c", "No"))
    file = write(tmp_path / "s.csv", tool.rows(MANY), tool)

    output = edit(file, WAVE, NAMED).output

    assert "Yes" in output
    assert not {"\x9b", "\x9c", "\x9d", "\u202e"} & set(output)


def in_terminal(argv: list[str], keys: Iterator[bytes]) -> str:
    """Run a command in a terminal of its own, and press keys whenever it waits for some."""
    process, terminal = pty.fork()
    if process == 0:
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
        environment.pop("NO_COLOR", None)
        os.execve(argv[0], argv, environment)  # noqa: S606 - our own command
    shown = b""
    while True:
        if select.select([terminal], [], [], 1.5)[0]:
            try:
                read = os.read(terminal, 65536)
            except OSError:  # it has ended
                break
            if not read:
                break
            shown += read
            if b"\x1b[6n" in read:  # “where is the cursor?”
                os.write(terminal, b"\x1b[1;1R")
        elif b"Type it" in shown or b"Your answer" in shown:
            os.write(terminal, next(keys, b"\x03"))
    os.waitpid(process, 0)
    return shown.decode()


def test_lists_are_drawn_in_a_terminal(survey: Path) -> None:
    """Arrow keys and Enter choose; Ctrl-C ends, and what is decided is kept."""
    command = [sys.executable, "-m", "wbskills", "survey", "edit", str(survey)]

    shown = in_terminal(command, iter([b"Spring 2026\r", b"\r", b"\x1b[B\x1b[B\x1b[B\r"]))

    written = survey.with_suffix(".toml").read_text("utf-8")
    assert 'en = "Spring 2026"' in written
    assert '\nproperty = "wikimedia_username"' in written
    assert '\n"Yes" = "withheld"' in written
    assert '\nchosen = "?"' in written
    assert "1 question is open" in shown
    assert "Traceback" not in shown


def test_the_page_is_only_for_this_machine(survey: Path) -> None:
    """It writes a file, so it is refused where others can reach the server."""
    serve = ["serve", "--wikibase", IN_MEMORY, "--anonymous-edits"]
    page = ["--survey", str(survey)]

    public = CliRunner().invoke(main, [*serve[:3], *page, "--public"])
    without = CliRunner().invoke(main, [*serve, "--mapping", "m.toml"])

    assert public.exit_code == without.exit_code == 2
    assert "--survey is only for this machine" in public.output
    assert "--mapping needs --survey" in without.output
    assert not survey.with_suffix(".toml").exists()
