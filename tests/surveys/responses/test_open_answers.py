"""Skills that the form did not ask about."""

from pathlib import Path

import pytest

from tests.surveys.samples import COLUMNS, MAPPING, ada, survey, table
from wbskills.domain import Assessment, SuggestedSkill
from wbskills.errors import MappingError
from wbskills.ontology.entries import Ontology
from wbskills.surveys.responses.open_answers import is_name

OTHERS = MAPPING + '\n[[others]]\ncolumns = "SK[other]"\nlevel = "alone"\n'
WIDE = [*COLUMNS, "SK[other]"]


def test_what_people_name_is_kept_with_their_response(tmp_path: Path, ontology: Ontology) -> None:
    """It is no assessment before someone has decided what it means."""
    rows = [[*ada(), " Kiwix\u200b "], [*ada(name="Bea"), ""]]
    opened = survey(tmp_path, ontology, table(*rows, columns=WIDE), OTHERS)

    first, second = opened.responses()

    assert opened.check().faults == ()
    assert first.named == (SuggestedSkill("Kiwix", "alone"),)
    assert [said.skill for said in first.assessments] == ["lua_modules", "python"]
    assert second.named == ()


def test_several_in_one_cell_are_parted_where_the_mapping_says(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Twice the same is once, however it is written."""
    mapping = OTHERS + 'between = [";", ","]\n'
    opened = survey(
        tmp_path, ontology, table([*ada(), "Kiwix; R, kiwix ;"], columns=WIDE), mapping
    )

    (response,) = opened.responses()

    assert [each.wording for each in response.named] == ["Kiwix", "R"]


def test_a_level_may_be_in_a_column_of_its_own(tmp_path: Path, ontology: Ontology) -> None:
    """An answer there that matches nothing is a fault, as everywhere."""
    mapping = OTHERS.replace('level = "alone"', 'level_column = "HOW"\nanswers = "scale:self_5"')
    rows = [[*ada(), "Kiwix", "with help"], [*ada(name="Bea"), "R", "a bit"]]
    opened = survey(tmp_path, ontology, table(*rows, columns=[*WIDE, "HOW"]), mapping)

    (response,) = opened.responses()

    assert response.named == (SuggestedSkill("Kiwix", "with_help"),)
    (fault,) = opened.check().faults
    assert (fault.row, fault.column) == (3, "column G “HOW”")


def test_what_was_decided_becomes_an_assessment(tmp_path: Path, ontology: Ontology) -> None:
    """Unless the form asked the same and got an answer; what was rejected is gone."""
    rows = [[*ada(), "Reg Ex"], [*ada(name="Bea"), "lua scripting"], [*ada(name="Cy"), "tea"]]
    decided = {"reg ex": "regex", "lua scripting": "lua_modules", "tea": ""}
    opened = survey(tmp_path, ontology, table(*rows, columns=WIDE), OTHERS)
    opened = type(opened)(opened.file, opened.tool, opened.mapping, decided)

    first, second, third = opened.responses()

    assert first.assessments[-1] == Assessment("regex", "alone")
    assert [said.skill for said in second.assessments] == ["lua_modules", "python"]
    assert [len(each.assessments) for each in (second, third)] == [2, 2]
    assert not any(each.named for each in (first, second, third))


@pytest.mark.parametrize(
    "words",
    [
        "ada@example.org",
        "see https://evil.example/x",
        "www.evil.example",
        "+49 30 1234567",
        "192.0.2.7",
        "a" * 101,
        "bad\x1b[31m",
        "12345",
        "…",
    ],
)
def test_what_cannot_be_the_name_of_a_skill_is_left_out(
    tmp_path: Path, ontology: Ontology, words: str
) -> None:
    """And told as a number only: it may name someone."""
    assert not is_name(words)
    opened = survey(tmp_path, ontology, table([*ada(), words], columns=WIDE), OTHERS)

    (response,) = opened.responses()
    found = opened.check()

    assert response.named == ()
    assert "1 text about other skills cannot be the name of a skill" in str(found.warnings[0])
    assert words not in str(found.warnings)


@pytest.mark.parametrize("words", ["C", "C++", "R", "日本語", "العربية", "Lua (modules) & more"])
def test_names_of_skills_may_be_short_and_in_any_script(words: str) -> None:
    """“C” is a skill."""
    assert is_name(words)


def test_nothing_is_kept_of_who_did_not_agree(tmp_path: Path, ontology: Ontology) -> None:
    """Neither the words nor their number."""
    row = [*ada(), "Kiwix"]
    row[2] = "No"
    opened = survey(tmp_path, ontology, table(row, columns=WIDE), OTHERS)

    assert list(opened.responses()) == []
    assert "Kiwix" not in repr(opened.check())


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ('columns = "SK[other]"', "either one level for all, or a column"),
        ('columns = "SK[other]"\nlevel = "expert"', "there is no level “expert”"),
        ('level = "alone"', "this question has no columns"),
        ('columns = "SK[other]"\nlevel = "alone"\nbetween = [""]', "a text that separates skills"),
        ('columns = "OTHER"\nlevel = "alone"', "no column fits “OTHER”"),
        ('columns = "e-mail"\nlevel = "alone"', "personal data"),
    ],
)
def test_faults_of_the_mapping(
    tmp_path: Path, ontology: Ontology, members: str, told: str
) -> None:
    """Each with what to try."""
    text = table([*ada(), "Kiwix", "x"], columns=[*WIDE, "e-mail"])
    with pytest.raises(MappingError) as refused:
        survey(tmp_path, ontology, text, MAPPING + "\n[[others]]\n" + members)
    assert told in str(refused.value)
    assert all(fault.hint for fault in refused.value.faults)
