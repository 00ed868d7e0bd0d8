"""Tables that people make by hand, or that no survey tool wrote: as public files showed them."""

from datetime import date
from pathlib import Path

import pytest

from tests.surveys.answering import answered
from tests.surveys.samples import COLUMNS, HEAD, MAPPING, TAIL, ada, survey, table, xlsx
from wbskills.errors import MappingError
from wbskills.ontology.entries import Ontology
from wbskills.surveys.draft.classify import ColumnKind
from wbskills.surveys.draft.inspect_file import inspect
from wbskills.surveys.draft.write_draft import draft
from wbskills.surveys.files.columns import Role
from wbskills.surveys.mapping import toml_file
from wbskills.surveys.mapping.item_names import names_of
from wbskills.surveys.responses.rejected_rows import write_rejected_rows
from wbskills.surveys.responses.survey import Survey

PEOPLE = HEAD + TAIL
FIRST = COLUMNS[:3]


def levels(opened: Survey) -> list[dict[str, str]]:
    """Read what came out, by skill."""
    assert [str(fault) for fault in opened.check().faults] == []
    return [
        {assessment.skill: assessment.level for assessment in response.assessments}
        for response in opened.responses()
    ]


@pytest.mark.parametrize(
    ("headings", "pattern", "ticks"),
    [
        (("Lua", "Python"), '["Lua", "Python"]', ("Lua", "python ")),
        (("Uses Lua", "Uses Python"), '"Uses {skill}"', ("Uses Lua", "Python")),
    ],
)
def test_the_heading_is_the_text_of_a_tick(
    headings: tuple[str, ...],
    pattern: str,
    ticks: tuple[str, str],
    tmp_path: Path,
    ontology: Ontology,
) -> None:
    """All of it, or the name of the choice in it."""
    mapping = f'{PEOPLE}[[questions]]\ncolumns = {pattern}\nchosen = "alone"\n'
    rows = [[*ada()[:3], ticks[0], ""], [*ada(name="Bea")[:3], "", ticks[1]]]
    opened = survey(tmp_path, ontology, table(*rows, columns=[*FIRST, *headings]), mapping)

    assert levels(opened) == [{"lua_modules": "alone"}, {"python": "alone"}]


def test_a_pattern_fits_headings_and_not_letters(tmp_path: Path, ontology: Ontology) -> None:
    """Every column has a letter: “Column*” would be all of them."""
    mapping = MAPPING.replace("SK[{skill}]", "Column*")

    with pytest.raises(MappingError, match=r"no column fits “Column\*”"):
        survey(tmp_path, ontology, table(ada()), mapping)


def test_a_column_of_single_choices_needs_a_separator(tmp_path: Path, ontology: Ontology) -> None:
    """And what is reported can be pasted."""
    question = '[[questions]]\ncolumns = "Main skill"\nchosen = "alone"\n'
    skills = '[questions.skills]\n"Lua" = "lua_modules"\n"None" = ""\n'
    text = table([*ada()[:3], "Lua"], columns=[*FIRST, "Main skill"])

    with pytest.raises(MappingError) as caught:
        survey(tmp_path, ontology, text, PEOPLE + question + skills)
    hint = str(caught.value).partition("Try: ")[2]
    assert hint.startswith('add between = ";" to questions[1], if “Lua” is what people chose')
    opened = survey(tmp_path, ontology, text, f'{PEOPLE}{question}between = ";"\n{skills}')
    assert levels(opened) == [{"lua_modules": "alone"}]


MONTHS = (
    f'{PEOPLE}[[questions]]\ncolumns = "SK[{{skill}}]"\n'
    '[questions.answers]\n"0" = "none"\n"1-11" = "with_help"\n"12-600" = "alone"\n'
)


@pytest.mark.parametrize("answer", ["2 years", "2  Years", "2 ans", "2,5 Jahre", "2+ years"])
def test_a_number_with_a_unit_is_not_a_plain_number(
    answer: str, tmp_path: Path, ontology: Ontology
) -> None:
    """Two years are no two months."""
    (fault,) = survey(tmp_path, ontology, table(ada(answer, "12")), MONTHS).check().faults

    assert "but the mapping only knows plain numbers" in fault.what


def test_the_table_may_say_what_is_counted(tmp_path: Path, ontology: Ontology) -> None:
    """As the hint shows it."""
    mapping = MONTHS + '"1-50 years" = "alone"\n'
    opened = survey(tmp_path, ontology, table(ada("2 Years", "2 (or so)")), mapping)

    assert levels(opened) == [{"lua_modules": "alone", "python": "with_help"}]


def test_every_unknown_choice_of_a_cell_is_counted(tmp_path: Path, ontology: Ontology) -> None:
    """Else whoever mends the first meets the next one."""
    mapping = (
        f'{MAPPING}[[interests]]\ncolumns = "Learn"\nbetween = ";"\nchosen = "wants_to_learn"\n'
        '[interests.skills]\n"Lua" = "lua_modules"\n'
    )
    rows = [[*ada(), "Rust;Lua;Go"], [*ada(name="Bea"), "Go;Zig"]]
    found = survey(tmp_path, ontology, table(*rows, columns=[*COLUMNS, "Learn"]), mapping).check()

    assert [fault.what.partition("the choice ")[2] for fault in found.faults] == [
        "“Rust”",
        "“Go” (also in row 3)",
        "“Zig”",
    ]
    assert found.fault_count == 4


@pytest.mark.parametrize(
    ("day", "hint"),
    [
        ("2569-03-04", 'add calendar = "buddhist" to [date]'),
        ("1447-09-14", "Gregorian"),
        ("2062-03-04", ""),
    ],
)
def test_a_day_of_another_calendar_is_a_fault(
    day: str, hint: str, tmp_path: Path, ontology: Ontology
) -> None:
    """It would be the newest for centuries."""
    (fault,) = survey(tmp_path, ontology, table(ada(day=day))).check().faults

    assert f"is in the year {day[:4]}" in fault.what
    assert hint in fault.hint


def test_another_calendar_is_one_problem_of_all_rows(tmp_path: Path, ontology: Ontology) -> None:
    """Not one for each of a thousand days."""
    rows = [ada(name=f"A{n}", day=f"2569-03-0{n}") for n in range(1, 5)]
    found = survey(tmp_path, ontology, table(*rows)).check()

    (fault,) = found.faults
    assert fault.what == "this day is in the year 2569 (also in rows 3, 4, 5)"
    assert found.fault_count == 4


def test_days_of_a_format_that_is_not_stated_are_one_problem(
    tmp_path: Path, ontology: Ontology
) -> None:
    """With the formats that fit; each of them is never guessed."""
    days = ("04/03/2026", "05/03/2026", "2026-03-05")
    rows = [ada(name=f"A{n}", day=day) for n, day in enumerate(days)]
    (fault,) = survey(tmp_path, ontology, table(*rows)).check().faults

    assert fault.what == "the mapping does not say how days are written here (also in row 3)"
    assert fault.hint == (
        'add format = "%d/%m/%Y" to [date] if “04/03/2026” means 2026-03-04; or format ='
        ' "%m/%d/%Y" if 2026-04-03'
    )
    mapping = MAPPING.replace("[date]\n", '[date]\nformat = "%d/%m/%Y"\n')
    assert survey(tmp_path, ontology, table(*rows), mapping).check().faults == ()


def test_a_mapping_can_say_which_calendar_it_is(tmp_path: Path, ontology: Ontology) -> None:
    """With what the message about such a day says."""
    mapping = MAPPING.replace("[date]\n", '[date]\ncalendar = "buddhist"\n')
    (response,) = survey(tmp_path, ontology, table(ada(day="2569-03-04")), mapping).responses()

    assert response.on == date(2026, 3, 4)
    with pytest.raises(
        MappingError, match='there is no calendar “thai”\n    Try: write calendar = "budd'
    ):
        survey(tmp_path, ontology, table(), mapping.replace("buddhist", "thai"))


def test_a_draft_takes_no_days_of_another_calendar(tmp_path: Path, ontology: Ontology) -> None:
    """A wave in the year 2569 would make them right."""
    path = tmp_path / "s.csv"
    path.write_text(table(ada(day="2569-03-04"), columns=["USER", "Date", *COLUMNS[2:]]))

    seen = inspect(path, ontology)
    assert (seen.first, seen.formats) == (None, ())


PLEASE = "Which of these are you? If none, please describe"


def test_fixed_answers_are_shown_for_any_question(tmp_path: Path, ontology: Ontology) -> None:
    """What people wrote themselves is not."""
    rows = [["editor", f"I am the {n}th of my name"] for n in range(6)]
    path = tmp_path / "s.csv"
    path.write_text(table(*rows, ["reader", "x"], ["reader", "x"], columns=[PLEASE, f"{PLEASE}!"]))

    closed, open_ = inspect(path, ontology).columns
    assert dict(closed.answers) == {"editor": 6, "reader": 2}
    assert (open_.guess, open_.answers) == (ColumnKind.PERSONAL, ())


@pytest.mark.parametrize(
    "heading", ["GenderSelect", "Qgender", "Qyear_born", "Q3_Age", "age_group", "dateOfBirth"]
)
def test_codes_of_traits_are_known(heading: str, tmp_path: Path, ontology: Ontology) -> None:
    """However a program has put the word together."""
    path = tmp_path / "s.csv"
    path.write_text(table(["1987"], ["1987"], columns=[heading]))

    (column,) = inspect(path, ontology).columns
    assert (column.guess, column.answers) == (ColumnKind.PERSONAL, ())


@pytest.mark.parametrize("heading", ["Usage", "LanguageSelect", "Qualification", "Q5_message"])
def test_similar_words_are_not_the_same(heading: str, tmp_path: Path, ontology: Ontology) -> None:
    """A column that is hidden by mistake is missed."""
    path = tmp_path / "s.csv"
    path.write_text(table(["often"], ["often"], columns=[heading]))

    (column,) = inspect(path, ontology).columns
    assert column.guess is not ColumnKind.PERSONAL


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        (
            "RespondentID,How well do you know Lua?,\n,Response,Other\n3292,alone,\n",
            "surveymonkey",
        ),
        (
            "RespondentID,CollectorID,StartDate,Lua\n,,,Response\n1,2,3/4/2026,alone\n",
            "surveymonkey",
        ),
        ("ประทับเวลา,Lua\n4/3/2026 10:39:41,alone\n", "google"),
    ],
)
def test_tools_are_known_by_other_headings(
    text: str, tool: str, tmp_path: Path, ontology: Ontology
) -> None:
    """Older ones, and those of other languages."""
    path = tmp_path / "s.csv"
    path.write_text(text, encoding="utf-8")

    assert inspect(path, ontology).tool == tool


def test_a_general_word_is_not_a_certain_name(ontology: Ontology) -> None:
    """“SQL” may be meant, but what is asked is more."""
    found = names_of(ontology, "skills").suggest("SQL")

    assert found is not None
    assert (found[0], found[2] < 92) == ("sql_replicas", True)


def test_days_and_numbers_of_responses_are_found_by_their_looks(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Whatever their headings say, also in a language that nobody here knows."""
    rows = [
        [
            f"2026-03-{n + 1:02} 10:00",
            f"2026-03-{n + 2:02}",
            f"r-{n}",
            "4930123456" + str(n),
            "Ada",
        ]
        for n in range(8)
    ]
    columns = ["Began", "Päivä", "Vastaus", "Puhelin", "Nimi"]
    path = tmp_path / "s.csv"
    path.write_text(table(*rows, columns=columns), encoding="utf-8")

    seen = inspect(path, ontology)
    assert [str(column.column.role) for column in seen.columns[:3]] == [
        "question", "when it was submitted", "number of the response",
    ]  # fmt: skip
    assert [column.column.role for column in seen.columns[3:]] == [Role.QUESTION] * 2
    assert [str(day)[:10] for day in (seen.first, seen.last)] == ["2026-03-02", "2026-03-09"]
    written = draft(seen, ontology)
    assert '[date]\ncolumn = "Päivä"' in written
    assert 'id = "Vastaus"' in written
    assert "date = 2026" not in written


LETTERS = (
    MAPPING.replace('"USER"', '"column A"')
    .replace('"WHEN"', '"column B"')
    .replace('"CONSENT"', '"column C"')
    .replace(
        'columns = "SK[{skill}]"\n',
        'skills = { "column D" = "lua_modules", "column E" = "python" }\n',
    )
)


def test_a_table_without_headings_begins_with_a_response(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Nobody is lost in the first row, and rows that are rejected stand without headings, too."""
    rows = [ada(name=name) for name in ("Ada", "Bea", "Cy")] + [ada("oops", name="Di")]
    text = table(*rows[1:], columns=rows[0])
    opened = survey(tmp_path, ontology, text, LETTERS)

    assert opened.tool.name == "headless"
    assert [response.identity.name for response in opened.responses()] == ["Ada", "Bea", "Cy"]
    seen = inspect(tmp_path / "s.csv", ontology)
    assert (seen.tool, seen.rows) == ("headless", 4)
    assert '[date]\ncolumn = "column B"' in draft(seen, ontology)
    with (tmp_path / "bad.csv").open("w") as bad:
        assert write_rejected_rows(opened, bad) == 1
    mended = (tmp_path / "bad.csv").read_text().replace("oops", "alone")
    again = survey(tmp_path, ontology, mended, 'tool = "headless"\n' + LETTERS)
    assert [response.identity.name for response in again.responses()] == ["Di"]


@pytest.mark.parametrize(
    "text",
    [
        "Name,Lua,2025\nAda,alone,3\nBea,none,4\nCy,alone,3\n",
        "1,2,3\n4,5,6\n7,8,9\n",
        "Day,Answer\n2026-01-01,Answer\n2026-01-02,No\n2026-01-03,No\n",
    ],
)
def test_headings_are_not_taken_for_a_response(
    text: str, tmp_path: Path, ontology: Ontology
) -> None:
    """A number may head a column, and an answer may be the word of a heading."""
    path = tmp_path / "s.csv"
    path.write_text(text)

    assert inspect(path, ontology).tool != "headless"


# Two heading rows

TWO_ROWS = [
    ["When", "Account", "How well can you do this?", "", "", "May we publish it?"],
    ["", "", "Lua modules", "Python", "SPARQL", ""],
    ["2026-03-04", "Ada", "alone", "none", "leads", "Yes"],
    ["2026-03-05", "Bo", "aware", "alone", "", "Yes"],
    ["2026-03-06", "Cy", "leads", "alone", "none", "Yes"],
]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_questions_above_their_rows_are_two_heading_rows(
    ending: str, tmp_path: Path, ontology: Ontology
) -> None:
    """The second row is no response, and each column has its question and its row."""
    path = tmp_path / f"s.{ending}"
    if ending == "csv":
        path.write_text("".join(",".join(row) + "\n" for row in TWO_ROWS), encoding="utf-8")
    else:
        xlsx(path, TWO_ROWS)

    seen = inspect(path, ontology)

    assert (seen.tool, seen.rows) == ("two-rows", 3)
    headings = [profile.column.heading for profile in seen.columns]
    assert headings[1:4] == [
        "Account", "How well can you do this? [Lua modules]", "How well can you do this? [Python]",
    ]  # fmt: skip
    mapping = tmp_path / "m.toml"
    mapping.write_text(answered(draft(seen, ontology)), encoding="utf-8")
    opened = Survey.open(path, toml_file.load(mapping), ontology).salted(b"salt")
    assert levels(opened) == [
        {"lua_modules": "alone", "python": "none", "sparql": "leads"},
        {"lua_modules": "aware", "python": "alone"},
        {"lua_modules": "leads", "python": "alone", "sparql": "none"},
    ]


@pytest.mark.parametrize(
    "second",
    [
        ["2026-03-03", "Di", "alone", "none", "aware", "Yes"],  # an answer like the others
        ["2026-03-03", "Di", "3", "4", "2", "Yes"],
        ["", "", "", "", "", ""],
    ],
)
def test_a_first_response_is_no_second_heading_row(
    second: list[str], tmp_path: Path, ontology: Ontology
) -> None:
    """Blank headings alone do not make one."""
    path = tmp_path / "s.csv"
    rows = [TWO_ROWS[0], second, *TWO_ROWS[2:]]
    path.write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")

    assert inspect(path, ontology).tool != "two-rows"
