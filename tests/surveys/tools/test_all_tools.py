"""What holds for the files of every survey tool."""

from dataclasses import replace
from pathlib import Path
from time import process_time

import pytest

from tests.surveys.exports.importing import EVERYBODY, check, line, read, survey, write
from tests.surveys.exports.quirks import ADA, PEOPLE, ZOE
from tests.surveys.exports.styles import STYLES
from tests.surveys.exports.tools import ASKED, CONSENT, GOOGLE, LEARN, SKILLS, TOOLS, Tool, said
from wbskills.errors import MappingError
from wbskills.ontology.entries import Ontology
from wbskills.surveys import tools
from wbskills.surveys.draft.inspect_file import inspect
from wbskills.surveys.draft.write_draft import draft
from wbskills.surveys.mapping import toml_file
from wbskills.surveys.responses.rejected_rows import text_format, write_rejected_rows
from wbskills.surveys.responses.survey import Survey


@pytest.mark.parametrize("name", [shape.name for shape in tools.TOOLS if shape.name != "long"])
@pytest.mark.parametrize("part", [".A", "/_", "_0", "[1]/", " - ", " (", "] [", "a. "])
def test_a_heading_without_end_is_read_in_no_time(name: str, part: str) -> None:
    """People who can name a question can write into it what keeps a careless pattern busy."""
    begun = process_time()

    tools.find_tool(name).columns([["a " + part * 50_000, "a " + part * 49_999], ["", ""]])

    assert process_time() - begun < 5


def test_the_tool_can_be_named(tmp_path: Path, ontology: Ontology) -> None:
    """Where the file looks like that of another one."""
    path = write(
        tmp_path / "s.csv", [["Your account", f"{ASKED} (Lua)"], ["Ada", "alone"]], GOOGLE
    )

    seen = inspect(path, ontology, tool="nextcloud")

    assert (seen.tool, seen.reason) == ("nextcloud", "read as nextcloud, as requested")
    assert seen.columns[1].column.row_text == "Lua"


@pytest.mark.parametrize(
    ("before", "after", "said_of_it"),
    [
        (
            'between = ";"\n',
            'between = ";"\nanswers = "scale:self_5"\n',
            "either “answers” that say",
        ),
        ('chosen = "wants_to_learn"', 'chosen = "alone"', "a choice cannot mean “alone”"),
        (
            'chosen = "wants_to_learn"',
            'not_chosen = "can_help"',
            "“not_chosen” needs “chosen”",
        ),
        (
            'chosen = "wants_to_learn"',
            'answers = "scale:self_5"',
            "several choices in one cell need",
        ),
        ("[date]\n", '[date]\nzone = "Mars/Olympus"\n', "“Mars/Olympus” is not a time zone"),
        ("[date]\n", '[date]\nwritten_in = "UTC"\n', "needs the time zone in which days"),
        (
            '"wikimedia_username"',
            '"wikimedia_username"\nrenamed = { "a|b" = "Ada" }',
            "this is not",
        ),
    ],
)
def test_what_a_mapping_says_about_choices_and_days_is_checked(
    before: str, after: str, said_of_it: str, tmp_path: Path, ontology: Ontology
) -> None:
    """With the rest of its faults."""
    assert before in GOOGLE.mapping
    tool = replace(GOOGLE, mapping=GOOGLE.mapping.replace(before, after, 1))

    with pytest.raises(MappingError, match=said_of_it):
        survey(GOOGLE.rows(PEOPLE), tool, tmp_path, ontology)


def by_language(german: str) -> Tool:
    """Say what answers mean in English and in German."""
    answers = f'[questions.answers.en]\nalone = "alone"\n[questions.answers.de]\n{german}\n[[int'
    return replace(
        GOOGLE,
        mapping=GOOGLE.mapping.replace('answers = "scale:self_5"\n', "").replace("[[int", answers),
    )


def test_answers_can_have_a_table_for_each_language(tmp_path: Path, ontology: Ontology) -> None:
    """Where two languages contradict each other, that is said."""
    rows = GOOGLE.rows([replace(ADA, levels={"python": "alone"})])
    rows += [[*GOOGLE.rows([ZOE])[1]]]
    rows[2][2:5] = ["", "allein", ""]

    found = survey(rows, by_language('allein = "alone"'), tmp_path, ontology)
    levels = [
        assessment.level
        for response in found.responses()
        for assessment in response.assessments
        if assessment.level
    ]
    assert levels == ["alone", "alone"]
    with pytest.raises(
        MappingError, match=r"“alone” means “alone” in one language and “leads” in"
    ):
        survey(rows, by_language('alone = "leads"'), tmp_path, ontology)


def test_a_choice_may_contain_the_separator(tmp_path: Path, ontology: Ontology) -> None:
    """The longest choice that fits is taken."""
    choices = {**SKILLS, "python": "Python", "lua_modules": "Python, Lua and others"}
    tool = replace(
        GOOGLE,
        between=", ",
        choices=choices,
        mapping=GOOGLE.mapping.replace('between = ";"', 'between = ", "').replace(
            '"Lua modules" =', '"Python, Lua and others" ='
        ),
    )

    found = read(write(tmp_path / "s.csv", tool.rows(PEOPLE), tool), tool, ontology)

    assert sorted(map(line, found)) == EVERYBODY


def test_choices_can_be_levels_and_what_is_left_out_a_level_too(
    tmp_path: Path, ontology: Ontology
) -> None:
    """An empty cell was skipped, unless the mapping says that it is a choice of nothing."""
    rows = [["account", "day", "uses", "agrees"], ["Ada", "2026-03-04", "Lua;", "x"],
            ["Zoe", "2026-03-05", "", "x"]]  # fmt: skip
    told = (
        'columns = "uses"\nbetween = ";"\nchosen = "alone"\nnot_chosen = "none"\n'
        'skills = { "Lua" = "lua_modules", "Python" = "python", "Forth" = "" }\n'
    )
    head = GOOGLE.mapping.partition("[[questions]]")[0].replace('tool = "google"\n', "")
    for name, heading in ((CONSENT, "agrees"), ("Timestamp", "day"), ("Yes", "x")):
        head = head.replace(f'"{name}"', f'"{heading}"')
    head = head.replace("What is your username?", "account")
    tool = replace(GOOGLE, mapping=f"{head}[[questions]]\n{told}")

    found = survey(rows, tool, tmp_path, ontology)
    assert list(map(line, found.responses())) == [
        "Ada | 2026-03-04 | lua_modules alone | python none",
        "Zoe | 2026-03-05",
    ]
    found = survey(
        rows, replace(tool, mapping=f"{tool.mapping}skipped = []\n"), tmp_path, ontology
    )
    assert line(list(found.responses())[1]) == "Zoe | 2026-03-05 | lua_modules none | python none"


def test_what_people_add_to_the_choices_of_one_cell_can_be_kept(
    tmp_path: Path, ontology: Ontology
) -> None:
    """As skills that the form did not ask about; the choices of the form are none of these."""
    rows = GOOGLE.rows([ADA])
    rows[1][GOOGLE.column("learn")] += ";Rust and Go"
    others = f'[[others]]\ncolumns = "{LEARN}"\nlevel = "aware"\n'
    tool = replace(GOOGLE, mapping=GOOGLE.mapping + others)

    (found,) = survey(rows, tool, tmp_path, ontology).responses()

    assert line(found) == said(ADA)
    assert [(one.wording, one.level) for one in found.named] == [("Rust and Go", "aware")]


def test_signs_that_follow_each_other_are_no_choice(tmp_path: Path, ontology: Ontology) -> None:
    """Nor is one at the end, or a space more."""
    rows = GOOGLE.rows(PEOPLE)
    rows[1][GOOGLE.column("learn")] = ";Lua modules ;; Python; "

    found = survey(rows, GOOGLE, tmp_path, ontology)

    assert sorted(map(line, found.responses())) == EVERYBODY


def test_an_answer_in_the_wrong_encoding_is_recognised(tmp_path: Path, ontology: Ontology) -> None:
    """And not only as one that nobody knows."""
    rows = GOOGLE.rows(PEOPLE)
    rows[1][GOOGLE.column("python")] = "selbststÃ¤ndig"

    (fault,) = check(rows, GOOGLE, tmp_path, ontology).faults

    assert (
        fault.what
        == "“selbststÃ¤ndig” should be “selbstständig”: the file was read in the wrong encoding"
    )


def test_a_draft_shows_how_to_keep_other_answers(tmp_path: Path, ontology: Ontology) -> None:
    """As a comment: free text is nothing that a suggestion may open."""
    headings = ["id", "submitdate", "lastpage", "startlanguage", "SK[lua]", "SK[other]"]
    rows = [headings, ["1", "2026-03-04", "6", "en", "alone", "Rust"]]

    written = draft(inspect(write(tmp_path / "s.csv", rows, GOOGLE), ontology), ontology)

    assert '# [[others]]\n# columns = "SK[other]"\n# level = "alone"\n' in written
    assert "Rust" not in written


def test_a_heading_with_a_star_is_drafted_by_its_letter(
    tmp_path: Path, ontology: Ontology
) -> None:
    """In a mapping a star stands for any text."""
    rows = GOOGLE.rows(PEOPLE * 3)
    rows[0][GOOGLE.column("learn")] += " *"

    written = draft(inspect(write(tmp_path / "s.csv", rows, GOOGLE), ontology), ontology)

    assert 'columns = "column F"' in written


@pytest.mark.parametrize("tool", [*TOOLS, *STYLES], ids=lambda tool: tool.name)
def test_rejected_rows_can_be_imported_once_they_are_fixed(
    tool: Tool, tmp_path: Path, ontology: Ontology
) -> None:
    """With all its heading rows, and with the same mapping."""
    people = [replace(person, learns=frozenset()) for person in PEOPLE]
    rows = tool.rows(people)
    column = tool.column("lua_modules")
    first = len(tool.headings)
    good, rows[first][column] = rows[first][column], "godlike"
    opened = survey(rows, tool, tmp_path, ontology)
    assert sorted(map(line, opened.responses())) == sorted(map(said, people[1:]))

    encoding, _ = text_format(opened)
    with (tmp_path / "s2.csv").open("w", encoding=encoding, newline="") as file:
        write_rejected_rows(opened, file)
    text = (tmp_path / "s2.csv").read_text(encoding=encoding)
    assert "godlike" in text
    (tmp_path / "s2.csv").write_text(text.replace("godlike", good, 1), encoding=encoding)
    again = Survey.open(tmp_path / "s2.csv", toml_file.load(tmp_path / "m.toml"), ontology)

    assert list(map(line, again.responses())) == [said(people[0])]
