"""Nextcloud Forms: other languages, and answers that moved."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from tests.surveys.exports.importing import EVERYBODY, check, line, survey
from tests.surveys.exports.quirks import ADA, PEOPLE, ZOE
from tests.surveys.exports.tools import CONSENT, NEXTCLOUD, NEXTCLOUD_IDS, USER, said
from wbskills.ontology.entries import Ontology
from wbskills.surveys import tools
from wbskills.surveys.files.columns import Role
from wbskills.surveys.responses.rejected_rows import write_rejected_rows


def without_grid(count: int) -> list[list[str]]:
    """Write Zoë's answers as Nextcloud does if she skips a grid of three rows."""
    rows = NEXTCLOUD.rows(PEOPLE)
    first = NEXTCLOUD.column("lua_modules")
    rows[2] = [*rows[2][:first], "", *rows[2][first + 3 :], *[""] * count]
    return rows


@pytest.mark.parametrize("filled_up", [0, 2])
def test_a_row_in_which_answers_moved_is_refused(
    filled_up: int, tmp_path: Path, ontology: Ontology
) -> None:
    """Whether the row was filled up at its end or not; the others stay good."""
    found = check(without_grid(filled_up), NEXTCLOUD, tmp_path, ontology)

    (fault,) = found.faults
    assert fault.row == 3
    assert found.responses == 2


def test_a_refusal_that_moved_is_a_refusal(tmp_path: Path, ontology: Ontology) -> None:
    """Nothing of that row is reported to anyone, its fault neither."""
    rows = without_grid(2)
    rows[2][NEXTCLOUD.column("consent") - 2] = "No"

    found = check(rows, NEXTCLOUD, tmp_path, ontology)

    assert (found.faults, found.withheld.first) == ((), (3,))


def test_a_row_in_which_answers_moved_is_rejected_unchanged(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Nothing of it is lost: someone has to move its cells."""
    aside = io.StringIO()

    assert write_rejected_rows(survey(without_grid(2), NEXTCLOUD, tmp_path, ontology), aside) == 1
    *_, row = csv.reader(io.StringIO(aside.getvalue()))
    assert row[3:9] == ["Zoë", "", "", "Yes", "", ""]


def test_a_partly_answered_grid_is_not_taken_for_a_moved_one(
    tmp_path: Path, ontology: Ontology
) -> None:
    """The consent still stands where it should."""
    people = [replace(ADA, levels={"user_scripts": "alone"}), ZOE]

    found = survey(NEXTCLOUD.rows(people), NEXTCLOUD, tmp_path, ontology)

    assert sorted(map(line, found.responses())) == sorted(map(said, people))


@pytest.mark.parametrize(
    "titles",
    [
        ["User ID", "User display name", "Timestamp"],
        ["User display name", "Timestamp"],  # version 2
        ["Identifiant utilisateur", "Nom d'affichage de l'utilisateur", "Horodatage"],
        ["ID de usuario", "Nombre a mostrar del usuario", "Marca de tiempo"],
        ["رمز المستخدم", "اسم العرض للمستخدم", "الطابع الزمني "],
        ["Gebruiker-ID", "Weergavenaam gebruiker", "Tijdstempel"],
        ["ID utente", "Nome visualizzato dell'utente", "Marca temporale"],
        ["ID користувача", "Ім'я", "Мітка часу"],
    ],
)
def test_nextcloud_is_known_by_its_first_columns_in_other_languages(titles: list[str]) -> None:
    """Names of accounts are personal data in all of them."""
    shape, reason = tools.recognise([[*titles, "Which?"], ["", "", "2026-03-04T10:30:00+01:00"]])
    *own, question = shape.columns([[*titles, "Which?"]])

    assert (shape.name, reason[:30]) == ("nextcloud", "Nextcloud Forms: 1 heading row")
    assert [one.role for one in own] == [*[Role.NAME] * (len(titles) - 1), Role.SUBMITTED]
    assert all(one.sure for one in own)
    assert question.role is Role.QUESTION


def test_a_grid_of_numbers_that_was_not_answered_moves_what_follows(
    tmp_path: Path, ontology: Ontology
) -> None:
    """A grid of numbers leaves out cells for each of its rows, also for one alone."""
    head = ["User ID", "User display name", "Timestamp", "Name", "Agree?"]
    grid = [
        f"Years? ({skill} - {where})" for skill in ("Lua", "PHP") for where in ("here", "there")
    ]
    rows = [
        [*head, *grid, "Last?"],
        ["", "", "2026-03-04T10:30:00+01:00", "Ada", "Yes", "1", "2", "3", "4", "5"],
        ["", "", "2026-03-04T10:30:00+01:00", "Bea", "Yes", "1", "2", "", "5", ""],
        ["", "", "2026-03-04T10:30:00+01:00", "Cem", "Yes", "", "3", "4", "5", ""],
        ["", "", "2026-03-04T10:30:00+01:00", "Dov", "Yes", "", "5", "", "", ""],
    ]
    mapping = NEXTCLOUD.mapping.partition("[[questions]]")[0]
    for before, after in ((USER, "Name"), (CONSENT, "Agree?"), ("Zeitstempel", "Timestamp")):
        mapping = mapping.replace(before, after)
    blocks = (
        '[[questions]]\ncolumns = "Years? ({skill} - here)"\n[questions.answers]\n'
        '"1" = "aware"\n"3" = "alone"\n'
    )

    found = check(rows, replace(NEXTCLOUD, mapping=mapping + blocks), tmp_path, ontology)

    assert [(fault.row, fault.column) for fault in found.faults] == [
        (3, "column H “Years? (PHP - here)”"),
        (4, "column F “Years? (Lua - here)”"),
    ]
    assert (found.faulty.first, found.responses) == ((3, 4, 5), 1)


def test_an_apostrophe_before_a_formula_is_not_part_of_an_answer(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Nextcloud writes it into CSV, so that no spreadsheet calculates an answer."""
    rows = NEXTCLOUD.rows(PEOPLE)
    rows[1][NEXTCLOUD.column("python")] = "'-- all of it"
    mapping = NEXTCLOUD.mapping.replace(
        'answers = "scale:self_5"', 'answers = ["scale:self_5", "more"]'
    )
    tool = replace(NEXTCLOUD, mapping=f'{mapping}[answers.more]\n"-- all of it" = "alone"\n')

    found = survey(rows, tool, tmp_path, ontology)

    assert sorted(map(line, found.responses())) == EVERYBODY


def test_names_of_nextcloud_accounts_are_never_read() -> None:
    """The wiki account is what people tell, not what they are called elsewhere."""
    found = tools.find_tool("nextcloud").columns(NEXTCLOUD_IDS.headings)

    assert [one.role for one in found[:4]] == [
        Role.RESPONSE_ID, Role.NAME, Role.NAME, Role.SUBMITTED,
    ]  # fmt: skip
    assert all(one.sure for one in found[1:3])
