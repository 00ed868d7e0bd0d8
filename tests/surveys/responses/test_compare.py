"""A mapping of last year, and the file of this year."""

from pathlib import Path

import pytest

from tests.surveys.samples import COLUMNS, MAPPING, ada, table
from wbskills.errors import SurveyError
from wbskills.ontology.entries import Ontology
from wbskills.surveys.mapping.toml_file import load
from wbskills.surveys.responses.compare import ChangeKind, Difference, compare

ROWS = MAPPING + '[questions.skills]\n"Pywikibot" = "python"\n'


def differences(
    folder: Path, ontology: Ontology, text: str, mapping: str = MAPPING
) -> list[Difference]:
    """Compare a file with a mapping."""
    file, told = folder / "s.csv", folder / "m.toml"
    file.write_text(text, encoding="utf-8")
    told.write_text(mapping, encoding="utf-8")
    return compare(file, load(told), ontology)


def said(found: list[Difference]) -> list[str]:
    """Tell differences in short."""
    return [f"{one.change}: {one.where}: {one.what}" for one in found]


def test_a_file_of_the_same_form_has_no_differences(tmp_path: Path, ontology: Ontology) -> None:
    """Whatever people answered, as long as the form offered it."""
    assert differences(tmp_path, ontology, table(ada("leads", "N/A"), ada("", ""))) == []


def test_columns_come_and_go(tmp_path: Path, ontology: Ontology) -> None:
    """A column that is most likely the old one under another name is reported as such."""
    text = table([*ada(), "x"], columns=["USERNAME", *COLUMNS[1:], "What else?"])
    found = differences(tmp_path, ontology, text)
    assert said(found) == [
        "renamed: identity.column: “USER” is now most likely column A “USERNAME”",
        "new column: column F “What else?”: the mapping does not mention it",
    ]
    assert all(one.hint for one in found)


def test_a_column_that_two_parts_of_the_mapping_read(tmp_path: Path, ontology: Ontology) -> None:
    """It is renamed for both."""
    mapping = MAPPING + '\n[response]\nsubmitted = "WHEN"\n'
    text = table(ada(), columns=["USER", "WHEN WAS IT", *COLUMNS[2:]])
    assert [difference.where for difference in differences(tmp_path, ontology, text, mapping)] == [
        "date.column",
        "response.submitted",
    ]


def test_a_column_that_is_gone(tmp_path: Path, ontology: Ontology) -> None:
    """Without its consent column, no answer is looked at."""
    text = table(["Ada", "2026-03-04", "dunno"], columns=["USER", "WHEN", "SK[python]"])
    assert said(differences(tmp_path, ontology, text)) == [
        "gone: consent.column: nothing in this file is called “CONSENT”",
        "not compared: consent.column: without the column of the consent, no answers are compared",
    ]


def test_rows_of_a_question_are_renamed_or_new(tmp_path: Path, ontology: Ontology) -> None:
    """By the likeness of their names."""
    columns = [*COLUMNS[:3], "SK[Pywikibots]", "SK[Basket weaving]"]
    assert said(differences(tmp_path, ontology, table(ada(), columns=columns), ROWS)) == [
        "renamed: questions[1]: “Pywikibot” is now most likely column D “SK[Pywikibots]”",
        "new row: column E “SK[Basket weaving]”: a row of questions[1] with an unknown name",
    ]


def test_another_row_of_one_question_is_not_the_same_renamed(
    tmp_path: Path, ontology: Ontology
) -> None:
    """However much of the heading is the question, which is alike in all rows."""
    asked = "Can you do this? [{}]"
    known = (("Lua modules", "lua_modules"), ("Regex", "regex"))
    named = "".join(f'"{asked.format(row)}" = "{thing}"\n' for row, thing in known)
    mapping = MAPPING.replace('columns = "SK[{skill}]"\n', "") + "[questions.skills]\n" + named
    columns = [*COLUMNS[:3], asked.format("Lua module"), asked.format("SPARQL")]
    text = 'tool = "google"\n' + mapping

    found = differences(tmp_path, ontology, table(ada(), columns=columns), text)

    assert [(one.change, one.where) for one in found] == [
        (ChangeKind.RENAMED, "questions[1]"),
        (ChangeKind.GONE, "questions[1]"),
        (ChangeKind.NEW_COLUMN, "column E “Can you do this? [SPARQL]”"),
    ]
    assert "is now most likely column D" in found[0].what
    assert "[Regex]" in found[1].what


def test_a_row_that_is_gone(tmp_path: Path, ontology: Ontology) -> None:
    """The others are as they were."""
    columns = [*COLUMNS[:3], "SK[lua_modules]", "SK[regex]"]
    (found,) = said(differences(tmp_path, ontology, table(ada(), columns=columns), ROWS))
    assert found == "gone: questions[1]: nothing in this file is called “Pywikibot”"


def test_new_answers_are_listed_once(tmp_path: Path, ontology: Ontology) -> None:
    """However many cells have them, those of most cells first."""
    rows = [ada("zork", "zork"), ada("quux", "zork", name="Bea")]
    first, second = differences(tmp_path, ontology, table(*rows))
    assert first.change is second.change is ChangeKind.NEW_ANSWER
    assert first.where == "column D “SK[lua_modules]” and 1 column more"
    assert first.what == "the mapping does not know the answer “zork” (3 cells, row 2)"
    assert "“quux”" in second.what


def test_answers_without_consent_are_not_compared(tmp_path: Path, ontology: Ontology) -> None:
    """Neither are those of someone whose consent nobody understands."""
    refused, unclear = ada("secret one"), ada("secret two", name="Bea")
    refused[2], unclear[2] = "No", "Only on Sundays"
    (found,) = said(differences(tmp_path, ontology, table(refused, unclear)))
    assert found.startswith(
        "new answer: column C “CONSENT”: the mapping does not know the answer “Only on"
    )


def test_dates_outside_the_wave_need_a_new_one(tmp_path: Path, ontology: Ontology) -> None:
    """The most usual change of all."""
    rows = [ada(day="2027-03-05"), ada(day="2027-03-09", name="Bea")]
    (found,) = differences(tmp_path, ontology, table(*rows))
    assert found.change is ChangeKind.OTHER_DAYS
    assert "2 responses from 2027-03-05 to 2027-03-09" in found.what


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_an_empty_file_is_refused(tmp_path: Path, ontology: Ontology, text: str) -> None:
    """As everywhere."""
    with pytest.raises(SurveyError):
        differences(tmp_path, ontology, text)


@pytest.mark.parametrize("text", ["a", "a,b\n"])
def test_any_other_file_can_be_compared(tmp_path: Path, ontology: Ontology, text: str) -> None:
    """Even one that has nothing in common with the mapping."""
    assert ChangeKind.GONE in {
        difference.change for difference in differences(tmp_path, ontology, text)
    }


def test_a_repeated_column_is_reported(tmp_path: Path, ontology: Ontology) -> None:
    """Nothing is new or gone, and yet the mapping does not fit any more."""
    text = table([*ada(), "alone"], columns=[*COLUMNS, "SK[python]"])
    (tmp_path / "s.csv").write_text(text)
    (tmp_path / "m.toml").write_text(MAPPING)
    (found,) = compare(tmp_path / "s.csv", load(tmp_path / "m.toml"), ontology)
    assert found.change is ChangeKind.NOT_COMPARED
    assert "both ask for “python”" in found.what
