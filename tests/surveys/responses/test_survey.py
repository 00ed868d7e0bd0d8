"""A whole survey: the responses that it holds, and everything that is wrong with it."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from tests.surveys.samples import (
    COLUMNS,
    HEAD,
    MAPPING,
    QUESTIONS,
    TAIL,
    ada,
    ods,
    survey,
    table,
    xlsx,
)
from wbskills.data import ontology_folder
from wbskills.domain import Assessment, Consent, Identity, Response, Speaks
from wbskills.errors import MappingError, SurveyError
from wbskills.ontology.entries import Ontology
from wbskills.ontology.load import load as load_ontology
from wbskills.surveys.mapping import toml_file
from wbskills.surveys.responses.rejected_rows import rejected_rows
from wbskills.surveys.responses.survey import Survey

SECOND = (
    HEAD.replace("w1", "w2")
    .replace("2026", "2027")
    .replace("First", "Second")
    .replace('title = "Test"', "")
)


def faults(opened: Survey) -> list[str]:
    """List the faults of a survey, each of which has a hint."""
    found = opened.check().faults
    assert all(fault.hint for fault in found)
    return [str(fault).replace("\n    Try: ", " | ") for fault in found]


def levels(response: Response) -> dict[str, str]:
    """Return the levels of a response by skill."""
    return {assessment.skill: assessment.level for assessment in response.assessments}


def test_a_row_becomes_a_response(tmp_path: Path, ontology: Ontology) -> None:
    """With all that is stored of it, and nothing else."""
    mapping = MAPPING + (
        '[[interests]]\ncolumns = "HELP[{skill}]"\nanswers = { "Yes" = "can_help" }\n'
        'nothing = ["", "No"]\n'
        '[[languages]]\ncolumn = "LANG"\nlevel_column = "BABEL"\nanswers = "scale:babel"\n'
        '[[languages]]\ncolumns = "SPEAKS[{language}]"\nanswers = "scale:babel"\n'
        '[response]\nid = "id"\n[person.home_community]\ncolumn = "WIKI"\n'
        '[person.time_zone]\ncolumn = "ZONE"\n[person.role]\nvalue = "technical_ambassador"\n'
        '[person.availability]\ncolumn = "TIME"\nanswers = { "on Sundays" = "limited" }\n'
    )
    columns = [
        *COLUMNS, "id", "HELP[lua_modules]", "LANG", "BABEL", "SPEAKS[fr]", "SPEAKS[Deutsch]",
        "WIKI", "ZONE", "TIME",
    ]  # fmt: skip
    row = [
        *ada("con autonomía", "not sure", name="user:ada_Lovelace"), "17.0", "Yes", "English", "N",
        "no knowledge", "fließend", "Deutschsprachige Wikipedia", "Europe/Berlin", "on Sundays",
    ]  # fmt: skip

    (response,) = survey(tmp_path, ontology, table(row, columns=columns), mapping).responses()

    assert response == Response(
        identity=Identity("wikimedia_username", "Ada Lovelace"),
        consent=Consent("consent_named", date(2026, 3, 4)),
        wave="w1",
        on=date(2026, 3, 4),
        id="17",
        row=2,
        assessments=(
            Assessment("lua_modules", "alone", ("can_help",)),
            Assessment("python", "not_sure"),
        ),
        home_community="dewiki",
        speaks=(
            Speaks(language="lang_de", babel_level="babel_3"),
            Speaks(language="lang_en", babel_level="babel_n"),
        ),
        time_zone="Europe/Berlin",
        availability="limited",
        role="technical_ambassador",
    )


def test_languages_that_a_person_does_not_speak_are_left_out(
    tmp_path: Path, ontology: Ontology
) -> None:
    """One without a level is spoken; a column of its own counts before a pair."""
    mapping = MAPPING + (
        '[[languages]]\ncolumn = "LANG"\nlevel_column = "BABEL"\nanswers = "scale:babel"\n'
        '[[languages]]\ncolumns = "SPEAKS[{language}]"\nanswers = "scale:babel"\n'
    )
    columns = [*COLUMNS, "LANG", "BABEL", "SPEAKS[Arabic]"]
    answers = [
        ("German", "", ""),
        ("German", "Babel 0", ""),
        ("German", "Babel 3", "Babel 0"),
        ("", "Babel 3", "Babel 2"),
        ("Arabic", "Babel 3", "Babel 2"),
    ]
    rows = [[*ada(name=f"A{n}"), *cells] for n, cells in enumerate(answers)]

    opened = survey(tmp_path, ontology, table(*rows, columns=columns), mapping)

    assert [one.speaks for one in opened.responses()] == [
        (Speaks(language="lang_de"),),
        (),
        (Speaks(language="lang_de", babel_level="babel_3"),),
        (Speaks(language="lang_ar", babel_level="babel_2"),),
        (Speaks(language="lang_ar", babel_level="babel_2"),),
    ]


def test_an_unknown_language_is_added_to_the_table_of_languages(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Where the message says."""
    mapping = MAPPING + '[[languages]]\ncolumn = "LANG"\n'
    text = table([*ada(), "Klingon"], columns=[*COLUMNS, "LANG"])

    (told,) = faults(survey(tmp_path, ontology, text, mapping))
    assert told.endswith("“Klingon” | add it under languages[1].languages")
    (response,) = survey(
        tmp_path, ontology, text, mapping + '[languages.languages]\n"Klingon" = "lang_de"\n'
    ).responses()
    assert response.speaks == (Speaks(language="lang_de"),)


def test_an_unknown_answer_in_the_first_column_is_one_fault(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Like one in any other column."""
    columns = ["SK[python]", *COLUMNS[:3]]
    row = ["maybe", *ada()[:3]]
    (rejected,) = rejected_rows(survey(tmp_path, ontology, table(row, columns=columns)))
    assert [(one.column, one.what) for one in rejected.faults] == [
        ("column A “SK[python]”", "the mapping does not know the answer “maybe”")
    ]


def test_four_kinds_of_nothing_are_kept_apart(tmp_path: Path, ontology: Ontology) -> None:
    """Level 0 and the answers outside the scale are statements, the others are not."""
    text = table(
        ada("none", "does not apply"), ada("", "N/A", name="Bea"), ada("not sure", "", name="Cid")
    )
    opened = survey(tmp_path, ontology, text)

    assert [levels(response) for response in opened.responses()] == [
        {"lua_modules": "none", "python": "does_not_apply"},
        {},
        {"lua_modules": "not_sure"},
    ]
    found = opened.check()
    assert (found.skipped, found.not_asked) == (2, 1)
    assert (found.does_not_apply, found.not_sure, found.levels) == (1, 1, 1)
    by_skill = {tally.skill: tally for tally in found.skills}
    assert by_skill["lua_modules"].skipped == 1
    assert by_skill["python"].column.letter == "E"


def test_an_answer_that_matches_nothing_is_a_fault_with_its_address(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Never level 0."""
    text = table(ada("alon", "none"), ada("maybe", "N/a", name="Bea"), ada("alone", "medio" * 20))
    opened = survey(tmp_path, ontology, text)

    unknown = "the mapping does not know the answer"
    add = "add it under questions[1].answers"
    close = "use “alone”, if that is what you mean"
    cut = ("medio" * 8)[:39]
    assert faults(opened) == [
        f"row 2, column D “SK[lua_modules]”: {unknown} “alon” | {close}; or {add}",
        f"row 3, column D “SK[lua_modules]”: {unknown} “maybe” | {add}",
        f"row 4, column E “SK[python]”: {unknown} “{cut}…” | {add}",
    ]
    error = opened.check().error()
    assert isinstance(error, SurveyError)
    assert str(tmp_path / "s.csv") in str(error)
    assert list(opened.responses()) == []


def test_the_same_fault_is_reported_once_with_its_rows(tmp_path: Path, ontology: Ontology) -> None:
    """A thousand cells with one cause are one line."""
    rows = [ada("maybe", "none", name=f"A{n}") for n in range(1000)]
    opened = survey(tmp_path, ontology, table(*rows))

    (fault,) = opened.check().faults
    assert fault.row == 2
    assert "(also in rows 3, 4, 5, 6, 7 and 994 more)" in fault.what
    assert opened.check().fault_count == 1000


def test_a_million_different_faults_do_not_fill_the_memory(
    tmp_path: Path, ontology: Ontology
) -> None:
    """The first thousand are reported, the others counted."""
    rows = [ada(f"maybe {n}", "none", name=f"A{n}") for n in range(1100)]
    found = survey(tmp_path, ontology, table(*rows)).check()

    assert len(found.faults) == 1001
    assert "100 problems are not listed" in str(found.faults[-1])
    assert (found.faulty.count, len(found.faulty.first)) == (1100, 1000)


def test_no_consent_no_response(tmp_path: Path, ontology: Ontology) -> None:
    """A row that is withheld is counted, and its answers are not even looked at."""
    rows = [
        ["Ada", "2026-03-04", "No", "gibberish", "?"],
        ["", "", "", "gibberish", "?"],
        ada(name="Bea"),
    ]
    opened = survey(tmp_path, ontology, table(*rows))

    found = opened.check()
    assert [response.identity.name for response in opened.responses()] == ["Bea"]
    assert (found.withheld.count, found.withheld.first) == (2, (2, 3))
    assert found.faults == ()


def test_an_unknown_answer_to_the_consent_is_a_fault(tmp_path: Path, ontology: Ontology) -> None:
    """A word that was misspelt in the mapping must not withhold everyone in silence."""
    row = ["Ada", "2026-03-04", "Yess", "alone", "none"]

    (fault,) = faults(survey(tmp_path, ontology, table(row)))

    assert fault.startswith(
        "row 2, column C “CONSENT”: the mapping does not know the answer “Yess”"
    )
    assert fault.endswith("or add it under consent.answers; “withheld” means no consent")


def test_who_agreed_to_a_pseudonym_is_never_named(tmp_path: Path, ontology: Ontology) -> None:
    """The username serves to find two answers of one person, and nothing else."""
    mapping = MAPPING.replace(
        '"USER"', '"USER"\npseudonym_column = "NICK"\npseudonym_prefix = "t-"'
    ).replace('"No" =', '"Nick" = "consent_pseudonym", "No" =')
    rows = [["Ada", "2026-03-04", "Nick", "alone", "none", "Otter"]]
    (response,) = survey(
        tmp_path, ontology, table(*rows, columns=[*COLUMNS, "NICK"]), mapping
    ).responses()

    assert response.identity == Identity("pseudonym", "t-Otter")
    assert response.consent.kind == "consent_pseudonym"
    assert "Ada" not in str(response)


def test_two_people_cannot_have_one_pseudonym(tmp_path: Path, ontology: Ontology) -> None:
    """They would become one item, and every import would turn it from one into the other."""
    mapping = MAPPING.replace(
        '"USER"', '"USER"\npseudonym_column = "NICK"\npseudonym_prefix = "t-"'
    ).replace('"No" =', '"Nick" = "consent_pseudonym", "No" =')
    rows = [
        [name, "2026-03-04", "Nick", "alone", "none", "Otter"] for name in ("Ada", "Bea", "Ada")
    ]
    opened = survey(tmp_path, ontology, table(*rows, columns=[*COLUMNS, "NICK"]), mapping)

    first, second = faults(opened)

    assert first.startswith("row 3, column F “NICK”: this row and row 4 have the same name")
    assert second.startswith("row 4, column F “NICK”: this row and row 3 have the same name")
    assert list(opened.responses()) == []
    assert [bad.row for bad in rejected_rows(opened)] == [3, 4]
    found = opened.check()
    assert (found.rows, found.responses, found.superseded.count) == (3, 0, 1)
    assert found.faulty.first == (3, 4)


def test_published_data_need_no_consent_but_a_licence(tmp_path: Path, ontology: Ontology) -> None:
    """The licence is the ground, and its address stands with the consent."""
    mapping = (
        'consent = "consent_licensed"\ndate = 2026-03-05\n'
        + HEAD
        + 'license = "https://l.example"\n'
        + '[identity]\ncolumn = "column A"\nproperty = "pseudonym"\nprefix = "t-"\n'
        + QUESTIONS
    )
    text = table(["0", "alone"], ["7.0", ""], columns=["", "SK[python]"])
    responses = list(survey(tmp_path, ontology, text, mapping).responses())

    assert [response.identity.name for response in responses] == ["t-0", "t-7"]
    assert responses[0].consent == Consent(
        "consent_licensed", date(2026, 3, 5), "https://l.example"
    )
    assert [response.id for response in responses] == ["row 2", "row 3"]


def test_incomplete_responses_are_counted_and_left_out(tmp_path: Path, ontology: Ontology) -> None:
    """Who did not submit has not answered; not even the day is needed then."""
    mapping = MAPPING.replace('"WHEN"', '"submitdate"') + (
        '[response]\nsubmitted = "submitdate"\nlast_page = "lastpage"\npages = 6\n'
    )
    columns = ["USER", "submitdate", "CONSENT", "SK[python]", "lastpage"]
    rows = [
        ["Ada", "", "Yes", "alone", "6"],
        ["Bea", "2026-03-04", "Yes", "alone", "5"],
        ["Cid", "2026-03-04", "Yes", "alone", ""],
        ["Dan", "2026-03-04", "Yes", "alone", "6.0"],
    ]
    opened = survey(tmp_path, ontology, table(*rows, columns=columns), mapping)

    assert [response.identity.name for response in opened.responses()] == ["Dan"]
    assert opened.check().incomplete.first == (2, 3, 4)


def test_of_two_answers_of_one_person_the_newest_counts(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Whatever the spelling of the name and the order of the rows; both are listed."""
    rows = [
        ada("leads", name="User:ada_Lovelace", day="2026-03-09 10:00:01"),
        ada("none", name="Ada Lovelace", day="2026-03-09 10:00:00"),
        ada("aware", name="Bea"),
        ada("alone", name="bea"),
    ]
    opened = survey(tmp_path, ontology, table(*rows))

    assert [levels(response)["lua_modules"] for response in opened.responses()] == [
        "leads",
        "alone",
    ]
    found = opened.check()
    assert found.superseded.first == ((3, 2), (4, 5))
    assert (found.rows, found.responses, found.levels) == (4, 2, 4)


def test_after_a_withdrawal_no_response_is_imported(tmp_path: Path, ontology: Ontology) -> None:
    """The newest response counts, and it says no."""
    rows = [ada(), ["ada", "2026-03-05", "No", "", ""]]
    opened = survey(tmp_path, ontology, table(*rows))

    assert list(opened.responses()) == []
    assert opened.check().superseded.first == ((2, 3),)
    assert opened.check().withheld.first == (3,)


@pytest.mark.parametrize("swapped", [False, True])
def test_who_agrees_after_a_refusal_is_imported(
    tmp_path: Path, ontology: Ontology, *, swapped: bool
) -> None:
    """The date decides, not the order in the file."""
    rows = [["Ada", "2026-03-04", "No", "", ""], ada(day="2026-03-05")]
    opened = survey(tmp_path, ontology, table(*(reversed(rows) if swapped else rows)))

    (response,) = opened.responses()
    assert response.on == date(2026, 3, 5)


def test_a_bad_answer_does_not_bring_an_older_one_back(tmp_path: Path, ontology: Ontology) -> None:
    """The newest response counts once it is fixed; until then nothing is taken."""
    opened = survey(tmp_path, ontology, table(ada("none"), ada("maybe", day="2026-03-05")))

    assert list(opened.responses()) == []
    assert opened.check().superseded.first == ((2, 3),)


def test_the_date_of_a_response_decides_its_wave(tmp_path: Path, ontology: Ontology) -> None:
    """One person may answer in each; a day in no wave is a fault."""
    mapping = HEAD + SECOND + TAIL + QUESTIONS
    rows = [ada(), ada(day="2027-03-31"), ada(day="2026-04-01", name="Bea")]
    opened = survey(tmp_path, ontology, table(*rows), mapping)

    assert [(response.wave, response.on.year) for response in opened.responses()] == [
        ("w1", 2026),
        ("w2", 2027),
    ]
    assert opened.check().by_wave == {"w1": 1, "w2": 1}
    (fault,) = faults(opened)
    assert fault.startswith(
        "row 4, column B “WHEN”: 2026-04-01 is outside every survey wave (w1 2026-03-01 to"
    )


def test_a_column_can_decide_the_wave(tmp_path: Path, ontology: Ontology) -> None:
    """By key, label, or what the mapping says."""
    mapping = HEAD + SECOND + '[wave]\ncolumn = "WAVE"\nanswers = { "2nd" = "w2" }\n'
    rows = [
        [*ada(name=f"A{n}"), wave] for n, wave in enumerate(["w1", "First wave", "2nd", "3rd"])
    ]
    opened = survey(
        tmp_path, ontology, table(*rows, columns=[*COLUMNS, "WAVE"]), mapping + TAIL + QUESTIONS
    )

    assert [response.wave for response in opened.responses()] == ["w1", "w1", "w2"]
    assert "the mapping does not know the answer “3rd”" in faults(opened)[-1]


def test_waves_know_what_they_asked(tmp_path: Path, ontology: Ontology) -> None:
    """A skill that nobody in a wave was asked is not one of its skills."""
    mapping = HEAD + SECOND + TAIL + QUESTIONS
    rows = [ada("", "N/A"), ada("N/A", "none", day="2027-03-04")]

    waves = survey(tmp_path, ontology, table(*rows), mapping).check().waves

    assert [(wave.key, wave.asked) for wave in waves] == [
        ("w1", ("lua_modules",)),
        ("w2", ("python",)),
    ]


def test_days_are_read_in_the_formats_of_the_mapping(tmp_path: Path, ontology: Ontology) -> None:
    """In digits of any script; ISO is always understood."""
    mapping = MAPPING.replace('"WHEN"', '"WHEN"\nformat = ["%d/%m/%Y %H:%M", "%d.%m.%y"]')
    days = ["04/03/2026 10:15", "4.3.26", "٠٤/٠٣/٢٠٢٦ ١٠:١٥", "2026-03-04T10:15:00+01:00"]
    rows = [ada(name=f"A{n}", day=day) for n, day in enumerate(days)]

    responses = survey(tmp_path, ontology, table(*rows), mapping).responses()

    assert [response.on for response in responses] == [date(2026, 3, 4)] * 4


def test_what_is_not_a_date_is_a_fault(tmp_path: Path, ontology: Ontology) -> None:
    """With the format that is expected."""
    mapping = MAPPING.replace('"WHEN"', '"WHEN"\nformat = "%d/%m/%Y"')
    days = ["31/02/2026", "03/25/2026", "", "1980-01-01 00:00:00"]
    rows = [ada(name=f"A{n}", day=day) for n, day in enumerate(days)]

    limesurvey = (
        "LimeSurvey writes it if a survey does not record dates"
        " | write date = 2026-03-25 into the mapping, for all responses"
    )
    assert faults(survey(tmp_path, ontology, table(*rows), mapping)) == [
        "row 2, column B “WHEN”: “31/02/2026” is not a date | use a date such as 25/03/2026",
        "row 3, column B “WHEN”: “03/25/2026” is not a date | use a date such as 25/03/2026",
        "row 4, column B “WHEN”: this row has no date | use a date such as 25/03/2026",
        f"row 5, column B “WHEN”: “1980-01-01 00:00:00” is not a date: {limesurvey}",
    ]


def test_invalid_names_are_faults(tmp_path: Path, ontology: Ontology) -> None:
    """And a mail address in the wrong column is not repeated."""
    rows = [ada(name=name) for name in ("ada@example.org", "a|b", " ")]

    told = faults(survey(tmp_path, ontology, table(*rows)))

    assert told[0].startswith("row 2, column A “USER”: an email address (not shown): this is not")
    assert told[1].startswith("row 3, column A “USER”: “a|b”: this is not a Wikimedia username")
    assert told[2].startswith("row 4, column A “USER”: this row does not say who answered")


def test_a_pseudonym_is_not_a_mail_address(tmp_path: Path, ontology: Ontology) -> None:
    """A pseudonym that names someone is none."""
    mapping = MAPPING.replace("wikimedia_username", 'pseudonym"\nprefix = "t-')
    opened = survey(tmp_path, ontology, table(ada(name="ada@example.org")), mapping)

    assert "(not shown) is not a pseudonym" in faults(opened)[0]


@pytest.mark.parametrize(
    ("answers", "cells", "told"),
    [
        (
            '{ "1" = "none", "2-3" = "aware", "4-10" = "leads" }',
            ["\ufeff1 (None at all)", "3.0", "10 - always"],
            ["none", "aware", "leads"],
        ),
        (
            '{ "1-11 months" = "with_help", "1-40 years" = "leads", "1-30 days" = "aware" }',
            ["5 months", "5 years", "5 days"],
            ["with_help", "leads", "aware"],
        ),
        ('{ "Ja" = "alone", "Yes" = "alone" }', ["ja ", "YES"], ["alone", "alone"]),
        ('"scale:self_5"', ["3 – alone", "خبير", "experte"], ["alone", "leads", "leads"]),
        (
            '"scale:self_5"',
            ["I can do it with instructions at hand or with somebody to ask."],
            ["with_help"],
        ),
    ],
)
def test_answers_become_levels(
    tmp_path: Path, ontology: Ontology, answers: str, cells: Sequence[str], told: Sequence[str]
) -> None:
    """By a table, by ranges of numbers, or by labels and aliases in all languages."""
    mapping = MAPPING.replace('"scale:self_5"', answers)
    rows = [ada(cell, "", name=f"A{n}") for n, cell in enumerate(cells)]
    opened = survey(tmp_path, ontology, table(*rows), mapping)

    assert faults(opened) == []
    assert [levels(response)["lua_modules"] for response in opened.responses()] == told


@pytest.mark.parametrize("cell", ["2.5", "0", "11", "7th", "-3", "many"])
def test_a_number_outside_all_ranges_is_a_fault(
    tmp_path: Path, ontology: Ontology, cell: str
) -> None:
    """Numbers are not rounded to the nearest range."""
    mapping = MAPPING.replace('"scale:self_5"', '{ "1-2" = "none", "3-10" = "alone" }')
    opened = survey(tmp_path, ontology, table(ada(cell, "")), mapping)

    assert f"the mapping does not know the answer “{cell}”" in faults(opened)[0]


def test_na_is_never_guessed(tmp_path: Path, ontology: Ontology) -> None:
    """It means “not asked” in one tool and “does not apply” in another."""
    silent = MAPPING.replace('not_asked = ["N/A"]', "")
    opened = survey(tmp_path, ontology, table(ada("N/A")), silent)

    assert "“N/A” can mean “not asked” or “does not apply”" in faults(opened)[0]


def test_a_program_in_between_may_write_empty_cells_as_na(
    tmp_path: Path, ontology: Ontology
) -> None:
    """R and pandas do."""
    opened = survey(tmp_path, ontology, table(ada("NA", "none")), 'empty = ["NA"]\n' + MAPPING)

    assert opened.check().skipped == 1
    assert faults(opened) == []


def test_an_empty_answer_can_be_forbidden(tmp_path: Path, ontology: Ontology) -> None:
    """Where a form does not let people skip, an empty cell is a fault of the export."""
    opened = survey(tmp_path, ontology, table(ada("", "none")), MAPPING + "skipped = []\n")

    assert "does not say what an empty cell means" in faults(opened)[0]


def test_interests_without_a_level_are_kept(tmp_path: Path, ontology: Ontology) -> None:
    """Of a skill whose level was skipped, and of one whose level nobody asked."""
    mapping = MAPPING + (
        '[[interests]]\ncolumns = "LEARN[{skill}]"\nnothing = ["No", ""]\n'
        'answers = { "Yes" = "wants_to_learn", "Both" = "can_help, can_teach" }\n'
    )
    columns = [*COLUMNS, "LEARN[lua_modules]", "LEARN[php]"]
    rows = [[*ada("", "none"), "Yes", "Yes"], [*ada(name="Bea"), "Both", "No"]]
    opened = survey(tmp_path, ontology, table(*rows, columns=columns), mapping)

    assert opened.check().interests_without_level == 2
    first, second = opened.responses()
    assert [
        (assessment.skill, assessment.level, assessment.interests)
        for assessment in first.assessments
    ] == [
        ("lua_modules", "", ("wants_to_learn",)),
        ("python", "none", ()),
        ("php", "", ("wants_to_learn",)),
    ]
    assert [assessment.interests for assessment in second.assessments] == [
        ("can_help", "can_teach"),
        (),
    ]
    assert [wave.asked for wave in opened.check().waves] == [("lua_modules", "python")]


def test_a_form_may_ask_for_interests_alone(tmp_path: Path, ontology: Ontology) -> None:
    """No level is asked of anyone."""
    mapping = MAPPING.replace("[[questions]]", "[[interests]]").replace(
        'answers = "scale:self_5"', 'answers = { "Yes" = "can_help" }'
    )
    opened = survey(tmp_path, ontology, table(ada("Yes", "")), mapping)

    (response,) = opened.responses()
    assert response.assessments == (Assessment("lua_modules", "", ("can_help",)),)
    assert opened.check().levels == 0


def test_each_unknown_choice_of_a_cell_is_one_fault(tmp_path: Path, ontology: Ontology) -> None:
    """However many choices the question knows; the known ones in the cell are no help."""
    mapping = (
        HEAD
        + TAIL
        + '[[interests]]\ncolumns = "SK[python]"\nbetween = ";"\nchosen = "can_help"\n'
        + 'skills = { "Lua" = "lua_modules", "Python" = "python", "SQL" = "sql_replicas" }\n'
    )
    opened = survey(tmp_path, ontology, table(ada("", "Lua; Zork;Python; Quux")), mapping)

    assert [fault.what for row in rejected_rows(opened) for fault in row.faults] == [
        "the mapping does not know the choice “Zork”",
        "the mapping does not know the choice “Quux”",
    ]


SEVERAL = MAPPING.replace('columns = "SK[{skill}]"', 'columns = "SK[*]"\nskill = "lua_modules"')


@pytest.mark.parametrize(
    ("answers", "level"),
    [(("", "alone"), "alone"), (("none", ""), "none"), (("none", "none"), "none"), (("", ""), "")],
)
def test_the_one_answer_of_several_columns_counts(
    answers: tuple[str, str], level: str, tmp_path: Path, ontology: Ontology
) -> None:
    """A column for each country, of which everyone saw one."""
    opened = survey(tmp_path, ontology, table(ada(*answers)), SEVERAL)

    (response,) = opened.responses()
    assert levels(response) == ({"lua_modules": level} if level else {})
    (tally,) = opened.check().skills
    assert (tally.levels, tally.skipped) == (int(bool(level)), int(not level))


def test_two_answers_in_several_columns_are_a_fault(tmp_path: Path, ontology: Ontology) -> None:
    """Nobody knows which of the two holds."""
    (fault,) = faults(survey(tmp_path, ontology, table(ada("none", "alone")), SEVERAL))

    assert "the answer is “alone” here and “none” in column" in fault


def test_a_fact_may_be_in_several_columns(tmp_path: Path, ontology: Ontology) -> None:
    """By a list of names, or by a pattern."""
    columns = [*COLUMNS, "WIKI_DE", "WIKI_FR"]
    rows = [[*ada(), "dewiki", ""], [*ada(name="Bea"), "", "frwiki"], [*ada(name="Cy"), "", ""]]
    for told in ('["WIKI_DE", "WIKI_FR"]', '"WIKI_*"'):
        mapping = MAPPING + f"[person.home_community]\ncolumn = {told}\n"
        opened = survey(tmp_path, ontology, table(*rows, columns=columns), mapping)
        assert [response.home_community for response in opened.responses()] == [
            "dewiki",
            "frwiki",
            "",
        ]
    rows = [[*ada(), "dewiki", "frwiki"]]
    mapping = MAPPING + '[person.home_community]\ncolumn = "WIKI_*"\n'
    (fault,) = faults(survey(tmp_path, ontology, table(*rows, columns=columns), mapping))
    assert "the answer is “frwiki” here and “dewiki”" in fault


def test_a_time_zone_is_not_free_text(tmp_path: Path, ontology: Ontology) -> None:
    """Only names of zones get into a public item."""
    mapping = MAPPING + '[person.time_zone]\ncolumn = "ZONE"\nanswers = { "MEZ" = "UTC+1" }\n'
    zones = ["Africa/Dar_es_Salaam", "UTC+5:30", "MEZ", "", "call me"]
    rows = [[*ada(name=f"A{n}"), zone] for n, zone in enumerate(zones)]
    opened = survey(tmp_path, ontology, table(*rows, columns=[*COLUMNS, "ZONE"]), mapping)

    assert [response.time_zone for response in opened.responses()] == [*zones[:2], "UTC+1", ""]
    assert "“call me” is not a time zone" in faults(opened)[0]


def test_a_time_zone_for_everyone_is_checked_as_answers_are(
    tmp_path: Path, ontology: Ontology
) -> None:
    """A mistake in it would be in every item."""
    mapping = MAPPING + '[person.time_zone]\nvalue = "call me"\n'

    with pytest.raises(MappingError, match="“call me” is not a time zone"):
        survey(tmp_path, ontology, table(ada()), mapping)


def test_personal_data_are_emptied_before_anything_else(
    tmp_path: Path, ontology: Ontology
) -> None:
    """No value of such a column is anywhere behind it, not even in what is rejected."""
    mail = "ada@example.org"
    columns = ["ipaddr", "email", "REMARK. Anything else?", *COLUMNS]
    rows = [["192.0.2.9", mail, "my cat", *ada("maybe")], ["", mail, "", *ada(name="B")]]
    opened = survey(tmp_path, ontology, table(*rows, columns=columns), MAPPING)

    everything = str([opened.check(), *opened.responses(), *rejected_rows(opened)])
    for value in (mail, "192.0.2.9", "my cat"):
        assert value not in everything


def test_every_row_is_exactly_one_thing(tmp_path: Path, ontology: Ontology) -> None:
    """So the receipt adds up."""
    rows = [
        ada(), ada(), ada("maybe"), ["Bea", "2026-03-04", "No", "", ""], ["C", "", "Yes", "", ""],
        ["Dan", "2026-03-04"], ada(name="Eve"),
    ]  # fmt: skip
    found = survey(tmp_path, ontology, table(*rows)).check()

    assert found.rows == 7
    counts = (
        found.responses, found.withheld.count, found.incomplete.count, found.superseded.count,
        found.faulty.count,
    )  # fmt: skip
    assert counts == (1, 1, 0, 2, 3)


def test_rows_of_the_wrong_length_are_faults_beside_all_others(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Nobody has to mend one kind of fault to see the next."""
    told = faults(survey(tmp_path, ontology, table(["Dan", "2026-03-04"], ada("maybe"))))

    assert [fault[:17] for fault in told] == ["row 2, column C: ", "row 3, column D “"]


def test_dates_outside_a_wave_and_empty_waves_are_warnings(
    tmp_path: Path, ontology: Ontology
) -> None:
    """They are no faults, but someone should look."""
    warnings = survey(tmp_path, ontology, table(ada(day="2025-03-04"))).check().warnings
    assert "1 response has a date outside" in str(warnings[0])
    warnings = survey(tmp_path, ontology, table()).check().warnings
    assert "this file has headings, but no rows" in str(warnings[0])
    two = survey(tmp_path, ontology, table(ada()), HEAD + SECOND + TAIL + QUESTIONS)
    assert "no response belongs to the wave “w2”" in str(two.check().warnings[0])


def test_workbooks_give_the_same_responses(tmp_path: Path, ontology: Ontology) -> None:
    """A survey is what it says, not the file it comes in."""
    rows = [COLUMNS, ada("alone", "N/A"), ada("none", "", name="Bea")]
    expected = list(survey(tmp_path, ontology, table(*rows[1:])).responses())
    mapping = toml_file.load(tmp_path / "m.toml")

    for path in (xlsx(tmp_path / "s.xlsx", rows), ods(tmp_path / "s.ods", rows)):
        assert list(Survey.open(path, mapping, ontology).responses()) == expected


def test_the_progress_bar_knows_how_many(tmp_path: Path, ontology: Ontology) -> None:
    """Responses that count, not rows."""
    assert survey(tmp_path, ontology, table(ada(), ada(), ada(name="B"))).respondents == 2


def test_a_refusal_without_a_date_counts_as_the_latest(tmp_path: Path, ontology: Ontology) -> None:
    """It may be the newest, so it is."""
    opened = survey(tmp_path, ontology, table(ada(), ["Ada", "", "No", "", ""]))
    assert list(opened.responses()) == []


@pytest.mark.parametrize(
    "row",
    [
        ["Ada", "2026-03-04", "No", "secret", "none", "too much"],
        ["Ada, Countess", "of Lovelace", "2026-03-04", "No", "secret", "none"],
        ["Ada", "2026-03-04", "no", "secret"],
        ["Ada", "2026-03-04", "", "secret", "none", "too much"],
        ["Ada", "2026-03-04", "No", "x" * 1_000_001, "none"],
    ],
    ids=["behind", "slipped", "short", "no answer", "large cell"],
)
def test_a_refusal_counts_in_a_broken_row(
    tmp_path: Path, ontology: Ontology, row: list[str]
) -> None:
    """Nothing of the row is reported, wherever a surplus separator has put the answer."""
    opened = survey(tmp_path, ontology, table(row, ada(name="Bea")))
    found = opened.check()
    assert found.withheld.first == (2,)
    assert found.faults == ()
    assert list(rejected_rows(opened)) == []


def test_a_row_of_the_wrong_length_with_consent_is_a_fault(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Also one that ends before the answer that counts."""
    rows = [[*ada(), "too much"], ["Bea", "2026-03-04"]]
    assert len(faults(survey(tmp_path, ontology, table(*rows)))) == 2


def test_a_refusal_in_a_broken_row_withdraws_a_consent(tmp_path: Path, ontology: Ontology) -> None:
    """It is the newest answer of this person."""
    later = [*ada(day="2026-03-05"), "too much"]
    later[2] = "No"
    opened = survey(tmp_path, ontology, table(ada(), later))
    assert list(opened.responses()) == []


SKILLS = ["lua_modules", "python", "regex", "sparql", "javascript", "css"]
GRID = ["USER", "WHEN", "CONSENT", *(f"SK[{skill}]" for skill in SKILLS)]


def test_the_same_answer_to_every_question_is_a_warning(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Someone may mean it, so it is imported; empty answers are not answers."""
    rows = [
        ["Ada", "2026-03-04", "Yes", *["alone"] * 6],
        ["Bea", "2026-03-04", "Yes", *["alone"] * 5, "none"],
        ["Cy", "2026-03-04", "Yes", *[""] * 6],
        ["Dan", "2026-03-04", "No", *["alone"] * 6],
    ]
    found = survey(tmp_path, ontology, table(*rows, columns=GRID)).check()
    (warning,) = found.warnings
    assert warning.what == (
        "1 response with the same answer to every question of questions[1]: row 2"
    )
    assert (found.responses, found.faults) == (3, ())


def test_a_person_with_two_wikis_is_a_warning(tmp_path: Path, ontology: Ontology) -> None:
    """The newest answer counts, as always."""
    mapping = MAPPING + '\n[person.home_community]\ncolumn = "WIKI"\n'
    rows = [[*ada(), "dewiki"], [*ada(day="2026-03-05"), "enwiki"], [*ada(name="Bea"), "dewiki"]]
    opened = survey(tmp_path, ontology, table(*rows, columns=[*COLUMNS, "WIKI"]), mapping)
    (warning,) = opened.check().warnings
    assert (warning.row, warning.what) == (
        3,
        "1 person answered twice in a wave, for two communities; the latest answer counts",
    )
    assert [response.home_community for response in opened.responses()] == ["enwiki", "dewiki"]


def test_a_six_among_answers_from_one_to_five(tmp_path: Path, ontology: Ontology) -> None:
    """It is no answer until the mapping says what it means."""
    scale = '"1" = "none"\n"2" = "aware"\n"3" = "with_help"\n"4" = "alone"\n"5" = "leads"\n'
    mapping = MAPPING.replace('answers = "scale:self_5"', "") + "[questions.answers]\n" + scale
    text = table(ada("5", "6"), ada("6.0", "5.5", name="Bea"))
    told = faults(survey(tmp_path, ontology, text, mapping))
    assert len(told) == 3
    assert "the mapping does not know the answer “6”" in told[0]
    assert (
        faults(survey(tmp_path, ontology, table(ada("5", "6")), mapping + '"6" = "leads"')) == []
    )


def test_one_name_in_two_waves_is_a_fault_too(tmp_path: Path, ontology: Ontology) -> None:
    """They would become one item all the same."""
    mapping = MAPPING.replace(
        '"USER"', '"USER"\npseudonym_column = "NICK"\npseudonym_prefix = "t-"'
    ).replace('"No" =', '"Nick" = "consent_pseudonym", "No" =')
    mapping = mapping.replace(
        "[identity]",
        '[waves.w2]\nlabel = { en = "Second" }\nstart = 2027-03-01\nend = 2027-03-31\n[identity]',
    )
    rows = [
        ["Ada", "2026-03-04", "Nick", "alone", "none", "Otter"],
        ["Ada", "2027-03-04", "Nick", "alone", "none", "Otter"],
        ["Bea", "2027-03-04", "Nick", "alone", "none", "Otter"],
    ]
    wide = [*COLUMNS, "NICK"]
    opened = survey(tmp_path, ontology, table(*rows, columns=wide), mapping)
    assert opened.check().fault_count == 3
    assert list(opened.responses()) == []
    assert faults(survey(tmp_path, ontology, table(*rows[:2], columns=wide), mapping)) == []


def test_one_unknown_answer_of_a_whole_question_is_one_fault(
    tmp_path: Path, ontology: Ontology
) -> None:
    """A thousand cells with one cause are fixed by one line of the mapping."""
    skills = list(ontology.section("skills"))[:12]
    columns = ["USER", "WHEN", "CONSENT", *(f"SK[{skill}]" for skill in skills)]
    rows = [[name, "2026-03-04", "Yes", *["zork"] * 12] for name in ("Ada", "Bea")]
    rows[1][3] = "quux"
    found = survey(tmp_path, ontology, table(*rows, columns=columns)).check()
    assert [fault.what for fault in found.faults] == [
        "the mapping does not know the answer “zork” (in 23 cells of 12 columns)",
        "the mapping does not know the answer “quux”",
    ]
    assert found.fault_count == 24


TWO_SCALES = """
[scales.ours]
label = { en = "ours" }
description = { en = "another scale of the same skills" }
[scales.ours.levels.ours_low]
value = 0
label = { en = "Alone" }
description = { en = "low in ours" }
"""


def test_a_word_of_two_scales_is_a_fault_with_a_hint(tmp_path: Path) -> None:
    """What is said to try is a mapping that works."""
    (tmp_path / "ours.toml").write_text(TWO_SCALES)
    both = load_ontology(ontology_folder(), tmp_path / "ours.toml")
    mapping = MAPPING.replace('"scale:self_5"', '["scale:self_5", "scale:ours"]')
    text = table(ada("alone", "none"))

    (fault,) = survey(tmp_path, both, text, mapping).check().faults
    assert fault.what == "the answer “alone” has several meanings: alone or ours_low"
    assert (
        'answers = ["scale:…", "ours"] into questions[1], and under [answers.ours]' in fault.hint
    )

    mapping = mapping.replace('"scale:ours"]', '"scale:ours", "ours"]')
    mapping += '[answers.ours]\n"alone" = "alone"\n'
    assert survey(tmp_path, both, text, mapping).check().faults == ()
