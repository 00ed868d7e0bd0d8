"""Forms as people really make them: what is drafted for them must not mislead anyone."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.surveys.exports.importing import line
from tests.surveys.samples import xlsx
from wbskills.ontology.entries import Ontology
from wbskills.surveys import tools
from wbskills.surveys.draft.classify import ColumnKind
from wbskills.surveys.draft.inspect_file import Inspection, inspect
from wbskills.surveys.draft.write_draft import draft
from wbskills.surveys.files.cell_text import mojibake
from wbskills.surveys.files.columns import Role, SurveyColumn
from wbskills.surveys.mapping import toml_file
from wbskills.surveys.responses.survey import Survey
from wbskills.tasks.surveys import describe_file

STEPS = ("none", "aware", "with help", "alone", "leads")
PLAIN = """
title = "Test"
date = 2026-03-04
[waves.w1]
label = { en = "First wave" }
start = 2026-03-01
end = 2026-03-31
[identity]
column = "USER"
property = "wikimedia_username"
[consent]
column = "CONSENT"
answers = { "Yes" = "consent_named", "No" = "withheld" }
"""


def seen(folder: Path, ontology: Ontology, *rows: Sequence[str]) -> Inspection:
    """Inspect a file of some rows, the headings first."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    (folder / "s.csv").write_text(text.getvalue(), encoding="utf-8")
    return inspect(folder / "s.csv", ontology)


def drafted(folder: Path, ontology: Ontology, *rows: Sequence[str]) -> str:
    """Draft a mapping of some rows."""
    return draft(seen(folder, ontology, *rows), ontology)


def block(written: str, start: str) -> str:
    """Return the part of a draft that begins with a heading, up to the next question."""
    return start + written.partition(start)[2].partition("\n[[")[0]


@pytest.mark.parametrize("name", ["ÂŒ", "Â\u0085", "Zoë", "Ã"])
def test_an_invisible_result_means_no_wrong_encoding(name: str) -> None:
    """A letter and another one are no control character in a wrong encoding."""
    assert mojibake(name) == ""


# DateRule


def test_of_two_formats_the_one_with_the_days_together_comes_first(
    tmp_path: Path, ontology: Ontology
) -> None:
    """A wave from January to December would be the wrong one; it is asked about all the same."""
    rows = [[f"03/{day:02d}/2026", "3"] for day in range(1, 13)]
    found = seen(tmp_path, ontology, ["Date", "Lua"], *rows)

    assert found.formats == ("%m/%d/%Y", "%d/%m/%Y")
    assert (str(found.first)[:10], str(found.last)[:10]) == ("2026-03-01", "2026-03-12")
    assert describe_file(found)[-1].endswith("to 2026-03-12, if dates are written %m/%d/%Y")
    assert 'start = "?"  # perhaps 2026-03-01' in draft(found, ontology)


def test_days_that_one_format_fits_are_only_likely_to_be_the_whole_wave(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Nothing is asked that is known."""
    written = drafted(tmp_path, ontology, ["Date", "Lua"], ["13.03.2026", "3"])

    assert "\nstart = 2026-03-13" in written


def test_days_in_iso_need_no_format(tmp_path: Path, ontology: Ontology) -> None:
    """Although any format lets them pass."""
    found = seen(tmp_path, ontology, ["Date", "Lua"], ["2026-03-04", "3"], ["2026-04-03", "3"])

    assert found.formats == ("",)
    assert describe_file(found)[-1] == "answers from 2026-03-04 to 2026-04-03"
    assert "\nstart = 2026-03-04" in draft(found, ontology)


# Numbers and words


def test_one_number_is_one_level_however_it_is_written(tmp_path: Path, ontology: Ontology) -> None:
    """With a comma, with a point, in digits of another script."""
    rows = [[one, two] for one, two in zip("12345", ("1,0", "٢", "3.0", "٤", "5,0"), strict=True)]
    written = drafted(tmp_path, ontology, ["Lua", "Python"], *rows * 3)

    steps = [
        text for text in written.splitlines() if text.partition(" = ")[0].strip('"').isdigit()
    ]
    assert [text.partition(";")[0] for text in steps] == [
        '"1" = "?"  # perhaps none', '"2" = "?"  # perhaps aware',
        '"3" = "?"  # perhaps with_help', '"4" = "?"  # perhaps alone',
        '"5" = "?"  # perhaps leads',
    ]  # fmt: skip


def test_levels_in_words_of_their_own_are_drafted(tmp_path: Path, ontology: Ontology) -> None:
    """Where the headings are skills; what only one person said is still not shown."""
    words = ("never heard", "dabble", "on my own", "guru")
    rows = [[words[n % 4], words[n // 4 % 4]] for n in range(16)] + [["as Ada does it", "guru"]]
    found = seen(tmp_path, ontology, ["Lua modules", "Python"], *rows)

    assert [column.guess for column in found.columns] == [ColumnKind.WORDS, ColumnKind.WORDS]
    written = draft(found, ontology)
    assert written.count("[[questions]]") == 1
    assert '"dabble" = "?"' in written
    assert "Ada" not in written


def test_skills_that_are_ticked_are_one_question(tmp_path: Path, ontology: Ontology) -> None:
    """Also where each has a column of its own, and nothing says that they belong together."""
    written = drafted(
        tmp_path, ontology, ["Lua modules", "Python"], *[["Yes", ""], ["", "Yes"]] * 3
    )

    assert written.count("[[questions]]") == 1


def test_levels_come_before_ticks(tmp_path: Path, ontology: Ontology) -> None:
    """A skill can be asked about twice; how well says more than whether."""
    head = ["Use? [Lua modules]", "Use? [Python]", "How well? [Lua modules]", "How well? [Python]"]
    rows = [["Yes", "No", STEPS[n % 5], STEPS[n % 3]] for n in range(10)]
    written = drafted(tmp_path, ontology, head, *rows)

    assert '"How well? [Python]" = "python"' in written
    assert '"Use? [Python]" = ' not in written


def test_two_questions_of_one_text_stay_apart(tmp_path: Path, ontology: Ontology) -> None:
    """Yes and no are no levels because another question of the same name has some."""
    head = ["How well? [Lua]", "How well? [Python]"] * 2
    rows = [[STEPS[n % 5], STEPS[n % 3], "Yes", "No"] for n in range(10)]
    written = drafted(tmp_path, ontology, head, *rows)

    assert 'answers = "scale:self_5"' in written
    assert '"Yes" = ' not in block(written, 'answers = "scale:self_5"')


# Tools


def test_the_scales_of_a_dual_scale_are_two_questions(tmp_path: Path, ontology: Ontology) -> None:
    """One for the level, one for the interest."""
    text = "How well, and would you teach it? [{}][{}]"
    head = ["id. Response ID", "submitdate. Date submitted", "lastpage. Last page"]
    for code, name in (("lua", "Lua modules"), ("py", "Python")):
        head += [f"SK[{code}][1]. {text.format(name, 'Level')}"]
        head += [f"SK[{code}][2]. {text.format(name, 'Would you teach it?')}"]
    rows = [["1", "2026-03-04", "5", STEPS[n % 5], "Yes", STEPS[n % 3], "No"] for n in range(9)]
    written = drafted(tmp_path, ontology, head, *rows)

    levels, interests = block(written, "[[questions]]"), block(written, "[[interests]]")
    assert 'answers = "scale:self_5"' in levels
    assert '"SK[py][1]" = "python"' in levels
    assert "[2]" not in levels
    assert 'chosen = "?"  # perhaps can_teach' in interests
    assert '"SK[py][2]" = "python"' in interests


QUALTRICS = [
    ["StartDate", "EndDate", "ResponseId", "USER", "CONSENT", "Q3_1", "Q3_2", "Q3_9", "Q3_9_TEXT"],
    ["Start Date", "End Date", "Response ID", "Your username", "Do you consent?",
     *(f"Which do you use? (Select all) - Selected Choice - {one}"
       for one in ("Lua modules", "Python", "Other, please specify")),
     "Which do you use? (Select all) - Other, please specify - Text"],
]  # fmt: skip


def test_a_choice_of_qualtrics_is_known_by_its_own_text(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Split fields are headed “Selected Choice - Lua modules” and hold “Lua modules”."""
    row = ["2026-03-04", "2026-03-04", "R_1", "Ada", "Yes", "Lua modules", "", "", ""]
    seen(tmp_path, ontology, *QUALTRICS, row)
    told = tmp_path / "m.toml"
    told.write_text(
        f'{PLAIN}\n[[questions]]\ncolumns = ["Q3_1", "Q3_2", "Q3_9"]\nchosen = "alone"\n'
        'skills = { "Other, please specify" = "" }\n',
        encoding="utf-8",
    )

    survey = Survey.open(tmp_path / "s.csv", toml_file.load(told), ontology)

    assert [fault.what for fault in survey.check().faults] == []
    assert list(map(line, survey.responses())) == ["Ada | 2026-03-04 | lua_modules alone"]


def test_a_tick_at_other_is_not_free_text() -> None:
    """The text stands in the column behind it."""
    columns = {column.code: column for column in tools.find_tool("qualtrics").columns(QUALTRICS)}

    assert columns["Q3_9"].role is Role.QUESTION
    assert columns["Q3_9_TEXT"].role is Role.FREE_TEXT


@pytest.mark.parametrize(
    "heading",
    [
        "Stimmst du der Veröffentlichung zu?", "Acceptez-vous la publication ?",
        "¿Acepta que se publique?", "هل توافق على النشر؟", "Do you accept the terms?",
    ],
)  # fmt: skip
def test_a_consent_is_known_by_many_words(
    heading: str, tmp_path: Path, ontology: Ontology
) -> None:
    """In five languages."""
    found = seen(tmp_path, ontology, [heading, "Lua"], *[["a", "1"], ["b", "2"]] * 3)

    assert found.columns[0].guess is ColumnKind.CONSENT


# People


def test_mail_addresses_are_no_usernames(tmp_path: Path, ontology: Ontology) -> None:
    """Google heads the addresses that it collects “Username”."""
    rows = [["2026/03/04 10:00:00 AM GMT+1", f"ada{n}@example.org", f"Ada {n}"] for n in range(9)]
    found = seen(tmp_path, ontology, ["Timestamp", "Username", "Wiki account"], *rows)

    assert [column.guess for column in found.columns[1:]] == [
        ColumnKind.PERSONAL,
        ColumnKind.USERNAMES,
    ]
    written = draft(found, ontology)
    assert 'personal = ["Username"]' in written
    assert '\ncolumn = "Wiki account"' in written


def test_a_star_after_a_heading_matches_nothing(tmp_path: Path, ontology: Ontology) -> None:
    """It marks a question that has to be answered; in a mapping it would fit other columns."""
    rows = [[f"ada{n}@example.org", f"Ada {n}"] for n in range(9)]
    written = drafted(tmp_path, ontology, ["User *", "User * on the wiki"], *rows)

    assert 'personal = ["column A"]' in written


def test_real_names_are_never_offered_as_pseudonyms(tmp_path: Path, ontology: Ontology) -> None:
    """Not even behind a mark: someone takes it away."""
    written = drafted(tmp_path, ontology, ["Name", "Lua"], *[["Ada Lovelace", "1"]] * 3)

    assert "column = " not in block(written, "[identity]")
    assert "generated = true" in block(written, "[identity]")
    assert '"Name"' not in block(written, "[identity]")


def test_a_workbook_has_no_encoding(tmp_path: Path, ontology: Ontology) -> None:
    """So nothing is said of one."""
    path = xlsx(tmp_path / "s.xlsx", [["Lua"], ["3"]])

    assert describe_file(inspect(path, ontology))[1].startswith("sheet “Answers”; 1 rows")


@pytest.mark.parametrize("extra", [1, 2, 5])
def test_a_refusal_that_slipped_in_a_long_table_is_found(
    extra: int, tmp_path: Path, ontology: Ontology
) -> None:
    """Behind the columns of the file stand those of the skills."""
    rows = [
        ["USER", "skill", "level", "CONSENT"],
        ["Ada", "Lua modules", *["x"] * extra, "alone", "No"],
    ]
    seen(tmp_path, ontology, *rows)
    told = tmp_path / "m.toml"
    told.write_text(
        f'{PLAIN}\n[[questions]]\ncolumns = "level [{{skill}}]"\nanswers = "scale:self_5"\n',
        encoding="utf-8",
    )
    (tmp_path / "s.csv").write_text(
        (tmp_path / "s.csv").read_text() + "Bea,Lua modules,alone,Yes\n", encoding="utf-8"
    )

    found = Survey.open(tmp_path / "s.csv", toml_file.load(told), ontology).check()

    assert (found.withheld.count, found.faulty.count, found.responses) == (1, 0, 1)


def test_a_column_of_a_scale_belongs_to_its_question() -> None:
    """`array` tells the two scales apart."""
    head = ["SK[lua][1]. How? [Lua][Level]", "SK[lua][2]. How? [Lua][Teach]"]
    first, second = tools.find_tool("limesurvey").columns([head])

    def told(one: SurveyColumn) -> tuple[str, ...]:
        return one.code, one.array, one.text, one.row_text

    assert told(first) == ("SK[lua][1]", "SK [1]", "How? Level", "Lua")
    assert told(second) == ("SK[lua][2]", "SK [2]", "How? Teach", "Lua")


def test_rows_without_a_skill_are_asked_about_beside_the_others(
    tmp_path: Path, ontology: Ontology
) -> None:
    """In words of the survey's own, too; and so are communities that nobody knows by that name."""
    words = ("never tried", "on my own", "I teach others")
    head = ["How good? [Lua modules]", "How good? [Python]", "How good? [Making coffee]", "Wiki"]
    wikis = ["dewiki", "frwiki", "enwiki"] * 5 + ["German one"] * 2
    rows = [[words[n % 3], words[n // 3 % 3], words[n % 2], wiki] for n, wiki in enumerate(wikis)]
    written = drafted(tmp_path, ontology, head, *rows)

    assert '"How good? [Lua modules]" = "lua_modules"' in written
    assert '"How good? [Making coffee]" = "?"  # nearest: ' in written
    assert "ignore = [\n]" in written
    if "[person.home_community]" in written:
        assert '"German one" = "?"  # nearest: ' in written
