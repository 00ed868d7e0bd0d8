"""How surveys ask for consent: one question, several, ticks, or a form that demands it."""

from pathlib import Path

import pytest

from tests.surveys.samples import COLUMNS, HEAD, MAPPING, QUESTIONS, ada, survey, table
from wbskills.errors import MappingError
from wbskills.ontology.entries import Ontology
from wbskills.surveys.responses.compare import compare
from wbskills.surveys.responses.survey import Survey

WHO = """
[identity]
column = "USER"
property = "wikimedia_username"
pseudonym_column = "NICK"
pseudonym_prefix = "x-"
[date]
column = "WHEN"
"""
TWO_BOXES = """
[[consent]]
column = "CONSENT"
answers = { "Yes" = "consent_named", "" = "withheld" }
[[consent]]
column = "NAMED"
answers = { "Yes" = "consent_named", "" = "consent_pseudonym" }
"""
WITH_TEXT = HEAD + 'consent_text_url = "https://example.org/text"\n'
WIDE = [*COLUMNS, "NICK", "NAMED"]


def answers(publish: str, named: str, name: str = "Ada") -> list[str]:
    """Make a row with two answers about consent."""
    row = [*ada(name=name), f"nick of {name}", named]
    row[2] = publish
    return row


def kinds(found: Survey) -> dict[str, str]:
    """Return the kind of each consent, by the name that is stored."""
    assert found.check().faults == ()
    return {one.identity.name: one.consent.kind for one in found.responses()}


def test_of_two_boxes_the_one_that_permits_least_counts(
    tmp_path: Path, ontology: Ontology
) -> None:
    """To be named is of no use to someone who does not publish."""
    rows = [
        answers("Yes", "Yes", "Ada"), answers("Yes", "", "Bea"), answers("", "Yes", "Cid"),
        answers("", "", "Dee"),
    ]  # fmt: skip
    mapping = HEAD + WHO + TWO_BOXES + QUESTIONS

    found = survey(tmp_path, ontology, table(*rows, columns=WIDE), mapping)

    assert kinds(found) == {"Ada": "consent_named", "x-nick of Bea": "consent_pseudonym"}
    assert found.check().withheld.count == 2


def test_a_refusal_counts_whatever_the_other_answer_is(tmp_path: Path, ontology: Ontology) -> None:
    """Not even its faults are shown."""
    row = answers("", "perhaps")
    mapping = HEAD + WHO + TWO_BOXES + QUESTIONS
    found = survey(tmp_path, ontology, table(row, columns=WIDE), mapping)

    assert kinds(found) == {}
    (fault,) = (
        survey(tmp_path, ontology, table(answers("Yes", "perhaps"), columns=WIDE), mapping)
        .check()
        .faults
    )
    assert "“perhaps”" in fault.what
    assert "consent[2].answers; “withheld” means no consent" in fault.hint


def test_a_refusal_is_found_in_a_row_of_the_wrong_length(
    tmp_path: Path, ontology: Ontology
) -> None:
    """In any of the columns about consent."""
    boxes = TWO_BOXES.replace('"" = "consent_pseudonym"', '"No" = "withheld"')
    mapping = HEAD + WHO + boxes + QUESTIONS
    row = ["Ada", "2026-03-04", "Yes", "", "", "", "No", "x"]
    found = survey(tmp_path, ontology, table(row, columns=WIDE), mapping).check()

    assert (found.withheld.count, found.faults) == (1, ())


def test_a_refusal_that_moved_counts_whatever_the_other_answer_is(
    tmp_path: Path, ontology: Ontology
) -> None:
    """In the first column, too."""
    boxes = TWO_BOXES.replace('"" = "withheld"', '"No" = "withheld"', 1)
    row = ["Ada", "2026-03-04", "of March", "No", "", "", "", "Yes"]
    found = survey(
        tmp_path, ontology, table(row, columns=WIDE), HEAD + WHO + boxes + QUESTIONS
    ).check()

    assert (found.withheld.count, found.faults) == (1, ())


def test_several_ticks_in_one_cell_are_one_answer(tmp_path: Path, ontology: Ontology) -> None:
    """Each combination that people chose has a meaning; others are a problem."""
    consent = """
[consent]
column = "CONSENT"
[consent.answers]
"I agree;Name me" = "consent_named"
"I agree" = "consent_pseudonym"
"Name me" = "withheld"
"""
    rows = [
        answers("I agree;Name me", ""), answers("I agree", "", "Bea"),
        answers("Name me", "", "Cid"),
    ]  # fmt: skip
    found = survey(
        tmp_path, ontology, table(*rows, columns=WIDE), HEAD + WHO + consent + QUESTIONS
    )

    assert kinds(found) == {"Ada": "consent_named", "x-nick of Bea": "consent_pseudonym"}


def test_a_form_may_have_demanded_consent(tmp_path: Path, ontology: Ontology) -> None:
    """The address of the text that everyone agreed to is stored with each consent."""
    mapping = 'consent = "consent_named"\n' + WITH_TEXT + WHO + QUESTIONS
    (one,) = survey(tmp_path, ontology, table(answers("", ""), columns=WIDE), mapping).responses()

    assert (one.consent.kind, one.consent.text_url) == (
        "consent_named",
        "https://example.org/text",
    )
    with pytest.raises(MappingError) as caught:
        survey(tmp_path, ontology, table(), mapping.replace("consent_text_url", "url"))
    (fault,) = caught.value.faults
    assert fault.column == "waves.w1.consent_text_url"
    assert fault.hint.removeprefix("add ") in WITH_TEXT.replace("/text", "/consent")


def test_a_form_may_demand_consent_and_ask_for_the_name(
    tmp_path: Path, ontology: Ontology
) -> None:
    """A box that is left empty then means a pseudonym."""
    consent = """
[[consent]]
ground = "consent_named"
[[consent]]
column = "NAMED"
answers = { "Yes" = "consent_named", "" = "consent_pseudonym" }
"""
    rows = [answers("", "Yes"), answers("", "", "Bea")]
    found = survey(
        tmp_path, ontology, table(*rows, columns=WIDE), WITH_TEXT + WHO + consent + QUESTIONS
    )

    assert kinds(found) == {"Ada": "consent_named", "x-nick of Bea": "consent_pseudonym"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('"" = "withheld"', '"" = "consent_pseudonym"'), "an empty answer is not a consent"),
        (('"" = "consent_pseudonym"', '"" = "consent_named"'), "an empty answer is not a consent"),
        (('column = "NAMED"', 'ground = "consent_named"'), "either a ground for everyone, or"),
        (('pseudonym_column = "NICK"\npseudonym_prefix = "x-"\n', ""), "or generated = true"),
        (("[[consent]]\ncolumn = \"NAMED\"", "[[consent]]\nkolumn = 3"), "no member “kolumn”"),
        (
            ('[[consent]]\n', '[[consent]]\nground = "withheld"\n[[consent]]\n'),
            "“withheld” is not a kind of consent",
        ),
        (
            ("[[consent]]\n", '[[consent]]\nground = "consent_named"\n' * 2 + "[[consent]]\n"),
            "everyone gave only one consent",
        ),
    ],
)  # fmt: skip
def test_what_is_no_consent_is_a_fault(
    change: tuple[str, str], told: str, tmp_path: Path, ontology: Ontology
) -> None:
    """An empty answer never is one by itself."""
    mapping = WITH_TEXT + WHO + TWO_BOXES.replace(*change, 1) + QUESTIONS
    if change[0] not in TWO_BOXES:
        mapping = mapping.replace(*change)
    with pytest.raises(MappingError, match=told):
        survey(tmp_path, ontology, table(columns=WIDE), mapping)


def test_a_file_is_compared_by_all_its_questions_about_consent(
    tmp_path: Path, ontology: Ontology
) -> None:
    """One that is gone is named, and a new answer is found in any of them."""
    mapping = HEAD + WHO + TWO_BOXES + QUESTIONS
    opened = survey(tmp_path, ontology, table(answers("Yes", "maybe"), columns=WIDE), mapping)
    file = tmp_path / "s.csv"

    (new,) = compare(file, opened.mapping.source, ontology)
    file.write_text(table(ada()))
    gone = compare(file, opened.mapping.source, ontology)

    assert "maybe" in str(new)
    assert any(one.where == "consent[2].column" for one in gone), MAPPING
