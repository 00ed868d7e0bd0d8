"""Fitting a mapping to the columns of a file: what is not there, and what is there twice."""

from pathlib import Path

import pytest

from tests.surveys.samples import COLUMNS, MAPPING, QUESTIONS, ada, survey, table
from wbskills.errors import MappingError
from wbskills.ontology.entries import Ontology
from wbskills.surveys.mapping.resolved import ResolvedMapping


def fitted(
    folder: Path, ontology: Ontology, mapping: str = MAPPING, columns: list[str] = COLUMNS
) -> ResolvedMapping:
    """Fit a mapping to columns."""
    return survey(folder, ontology, table(columns=columns), mapping).mapping


def skills(found: ResolvedMapping) -> list[tuple[str, str]]:
    """List the skills with the letters of their columns."""
    return [(skill.skill, skill.level.column.letter) for skill in found.skills]


@pytest.mark.parametrize(
    "question",
    [
        'columns = "SK[{skill}]"',
        'columns = "sk[*]"',
        'columns = "*K[{skill}]"',
        'columns = ["SK[lua_modules]", "column E"]',
        'skills = { "SK[lua_modules]" = "lua_modules", "column E" = "python" }',
        'columns = "SK[{skill}]"\nskills = { "python" = "python" }',
    ],
)
def test_columns_are_found_by_pattern_code_heading_or_letter(
    tmp_path: Path, ontology: Ontology, question: str
) -> None:
    """Whatever is easiest to write."""
    mapping = MAPPING.replace('columns = "SK[{skill}]"', question)

    assert skills(fitted(tmp_path, ontology, mapping)) == [("lua_modules", "D"), ("python", "E")]


def test_rows_of_an_array_are_matched_by_their_text_in_any_language(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Labels, aliases and keys of the ontology."""
    columns = [*COLUMNS[:3], "SK[1]. Wie gut? [Lua-Module]", "SK[2]. Wie gut? [بايثون]"]

    assert skills(fitted(tmp_path, ontology, columns=columns)) == [
        ("lua_modules", "D"),
        ("python", "E"),
    ]


def test_a_row_can_be_left_out_by_an_empty_text(tmp_path: Path, ontology: Ontology) -> None:
    """“None of these” is a row of many forms."""
    columns = [*COLUMNS, "SK[0]. How well? [None of these]"]
    mapping = MAPPING + 'skills = { "None of these" = "" }\n'

    assert len(skills(fitted(tmp_path, ontology, mapping, columns))) == 2


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"USER"', '"USR"', "identity.column: no column is called “USR”\n    Try: use “user”"),
        ('"SK[{skill}]"', '"SKILL[*]"', "questions[1].columns: no column fits “SKILL[*]”"),
        ('"scale:self_5"', '"scale:self5"', "for these answers\n    Try: use “self_5”"),
        ('"scale:self_5"', '"scale:babel"', "“babel” is not a scale for these answers"),
        ('"scale:self_5"', '{ "Yes" = "alon" }', "an answer here cannot mean “alon”"),
        ('"scale:self_5"', '{ "a" = "none", "A " = "alone" }', "this answer is here twice"),
        ('"scale:self_5"', '{ "1-3" = "none", "3" = "alone" }', "overlaps another one"),
        ('"consent_named"', '"named"', "an answer here cannot mean “named”"),
        ('"No" = "withheld"', '"" = "consent_named"', "an empty answer is not a consent"),
        ('"consent_named"', '"consent_pseudonym"', "agree only to a pseudonym, but"),
        ('"WHEN"', '"column E"', "“SK[python]” is already used by questions[1]"),
        (
            'columns = "SK[{skill}]"',
            'skills = { "SK[python]" = "pyton" }',
            "questions[1].skills: there is no skill “pyton”\n    Try: use “python”",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_a_fault_with_its_key(
    tmp_path: Path, ontology: Ontology, old: str, new: str, fault: str
) -> None:
    """And with what may have been meant."""
    with pytest.raises(MappingError) as caught:
        fitted(tmp_path, ontology, MAPPING.replace(old, new, 1))

    assert fault in str(caught.value)
    assert "m.toml" in str(caught.value)


def test_all_faults_are_reported_at_once(tmp_path: Path, ontology: Ontology) -> None:
    """Of columns, answers and keys together."""
    mapping = MAPPING.replace('"USER"', '"A"').replace('"WHEN"', '"B"').replace("self_5", "x")

    with pytest.raises(MappingError) as caught:
        fitted(tmp_path, ontology, mapping)

    assert [fault.column for fault in caught.value.faults] == [
        "identity.column",
        "questions[1].answers",
        "date.column",
    ]


def test_a_row_that_names_no_skill_is_a_fault_with_suggestions(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Nothing is left out silently."""
    with pytest.raises(
        MappingError, match=r"“SK\[pyhton\]”: “pyhton” is not the name of a skill"
    ) as caught:
        fitted(tmp_path, ontology, columns=[*COLUMNS[:3], "SK[pyhton]"])
    assert "“python”" in str(caught.value)


def test_a_skill_that_is_asked_twice_is_a_fault(tmp_path: Path, ontology: Ontology) -> None:
    """Two levels for one skill in one wave would contradict each other."""
    columns = [*COLUMNS, "SK[Lua]"]

    with pytest.raises(MappingError, match=r"both ask for “lua_modules”"):
        fitted(tmp_path, ontology, columns=columns)


def test_a_repeated_heading_has_to_be_named_by_letter(tmp_path: Path, ontology: Ontology) -> None:
    """“column A” is always unique."""
    columns = ["USER", "WHEN", "CONSENT", "SK[python]", "USER"]

    with pytest.raises(
        MappingError,
        match="matches several columns: A, E\n    Try: use the letter, for example “column A”",
    ):
        fitted(tmp_path, ontology, columns=columns)
    found = fitted(tmp_path, ontology, MAPPING.replace('"USER"', '"column E"'), columns)
    assert found.identity is not None
    assert found.identity.letter == "E"


def test_personal_data_cannot_be_mapped(tmp_path: Path, ontology: Ontology) -> None:
    """Not by name, and not by a pattern that catches it."""
    columns = ["id", "submitdate", "lastpage", "email", *COLUMNS]
    for mapping in (
        MAPPING.replace('column = "USER"', 'column = "email"'),
        MAPPING.replace('"SK[{skill}]"', '["SK[{skill}]", "e*"]'),
    ):
        with pytest.raises(MappingError, match=r"personal data \(email address\), which is never"):
            fitted(tmp_path, ontology, mapping, columns)


def test_a_guess_of_personal_data_is_overruled_by_the_mapping(
    tmp_path: Path, ontology: Ontology
) -> None:
    """In a table made by hand, “name” is the username."""
    columns = ["name", "E-Mail", *COLUMNS[1:]]
    found = fitted(tmp_path, ontology, MAPPING.replace('"USER"', '"name"'), columns)

    assert found.identity is not None
    assert found.identity.letter == "A"
    assert found.dropped == (1,)


def test_a_column_can_be_called_personal(tmp_path: Path, ontology: Ontology) -> None:
    """But then nothing else may read it."""
    columns = [*COLUMNS, "TEAM"]

    assert fitted(tmp_path, ontology, 'personal = "TEAM"\n' + MAPPING, columns).dropped == (5,)
    with pytest.raises(MappingError, match=r"“USER” is already used by identity.column"):
        fitted(tmp_path, ontology, 'personal = "U*"\n' + MAPPING)


def test_columns_that_the_mapping_does_not_mention_are_reported(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Ignored ones and LimeSurvey's own are not."""
    columns = ["id", "submitdate", "lastpage", *COLUMNS, "WHY", "REMARK"]
    found = fitted(tmp_path, ontology, 'ignore = ["REM*"]\n' + MAPPING, columns)

    assert [column.heading for column in found.unused] == ["WHY"]


def test_two_questions_cannot_take_one_column(tmp_path: Path, ontology: Ontology) -> None:
    """Its cells mean one thing."""
    with pytest.raises(MappingError, match=r"is already used by questions\[1\]"):
        fitted(tmp_path, ontology, MAPPING + QUESTIONS)


def test_one_value_for_all_has_to_exist(tmp_path: Path, ontology: Ontology) -> None:
    """A role of the ontology, a wiki of the ontology."""
    with pytest.raises(MappingError, match="there is no role “tech_ambassador”"):
        fitted(tmp_path, ontology, MAPPING + '[person.role]\nvalue = "tech_ambassador"\n')


def test_a_tool_of_the_mapping_overrules_what_is_recognised(
    tmp_path: Path, ontology: Ontology
) -> None:
    """The headings of the usual columns alone do not look like LimeSurvey."""
    plain = survey(tmp_path, ontology, table(ada()))
    assert plain.tool.name == "plain"
    lime = survey(tmp_path, ontology, table(ada()), 'tool = "limesurvey"\n' + MAPPING)
    assert lime.tool.name == "limesurvey"
