"""Decisions are written into a mapping, and nothing else of it changes."""

import tomllib
from datetime import date

import pytest

from wbskills.errors import InvalidValue
from wbskills.surveys.edit.decisions import comments, decided, likely, reopened
from wbskills.surveys.mapping.open_points import open_points

MAPPING = """# About this survey
title = "?"     # what it is called

[waves.w]
label = { en = "?", de = "Welle" }
start = "?"
end = 2026-03-31

[identity]
column = "USER"
property = "?"

[consent]
column = "C"
answers = { "Yes" = "?", "No" = "withheld" }

[[questions]]  # How well?
columns = "SK[{skill}]"
[questions.answers]
"Some.times ☃" = "?"  # perhaps with_help, aware; 12 times
"Always" = "alone"

[[interests]]
columns = "Q7"
between = "?"
chosen = "?"
"""


def test_comments_order_and_everything_else_stay() -> None:
    """Only the decided lines are different."""
    answer = ("questions", 0, "answers", "Some.times ☃")
    day = date(2026, 3, 1)

    written = decided(
        MAPPING,
        {answer: "with_help", ("title",): 'A "title"', ("waves", "w", "start"): day,
         ("waves", "w", "label", "en"): "Wave"},
    )  # fmt: skip

    old, new = MAPPING.splitlines(), written.splitlines()
    changed = {after for before, after in zip(old, new, strict=True) if before != after}
    assert changed == {
        'title = "A \\"title\\""     # what it is called',
        'label = { en = "Wave", de = "Welle" }',
        "start = 2026-03-01",
        '"Some.times ☃" = "with_help"  # perhaps with_help, aware; 12 times',
    }


def test_what_follows_from_a_decision_becomes_a_question() -> None:
    """Pseudonyms need a prefix; those of people with a username are generated."""
    pseudonyms = decided(MAPPING, {("identity", "property"): "pseudonym"})
    both = decided(
        MAPPING,
        {("identity", "property"): "wikimedia_username",
         ("consent", "answers", "Yes"): "consent_pseudonym"},
    )  # fmt: skip

    assert tomllib.loads(pseudonyms)["identity"]["prefix"] == "?"
    assert tomllib.loads(both)["identity"] == {
        "column": "USER", "property": "wikimedia_username",
        "generated": True, "pseudonym_prefix": "?",
    }  # fmt: skip
    assert decided(both, {("identity", "pseudonym_prefix"): "w-"}).count("pseudonym_prefix") == 1


def test_a_path_that_is_not_there_is_told() -> None:
    """As it happens if someone changed the file meanwhile."""
    with pytest.raises(InvalidValue, match="changed meanwhile"):
        decided(MAPPING, {("questions", 7, "chosen"): "alone"})


def test_the_comments_behind_open_questions_say_what_is_likely() -> None:
    """As drafts write them."""
    paths = {point.path: None for point in open_points(tomllib.loads(MAPPING))}
    found = comments(MAPPING, paths)

    assert likely(found["questions", 0, "answers", "Some.times ☃"]) == ("with_help", "aware")
    assert found["interests", 0, "chosen"] == ""
    assert likely(found["title",]) == ()


def test_decisions_can_be_opened_again() -> None:
    """All that a person decides, and nothing that says where something is."""
    again = open_points(reopened(tomllib.loads(MAPPING)))

    assert [point.place for point in again] == [
        "title", "waves.w.label.en", "waves.w.label.de", "waves.w.start", "waves.w.end",
        "identity.property", "consent.answers.Yes", "consent.answers.No",
        "questions[1].answers.Some.times ☃", "questions[1].answers.Always", "interests[1].chosen",
    ]  # fmt: skip
