"""Several languages in one cell, each with its level behind it or without one."""

from pathlib import Path

import pytest

from tests.surveys.samples import COLUMNS, MAPPING, ada, survey, table
from wbskills.errors import MappingError
from wbskills.ontology.entries import Ontology

QUESTION = """
[[languages]]
column = "LANGS"
between = [",", ";", "/", " and "]
answers = ["scale:babel", "cefr"]
languages = { "Schwyzerdütsch" = "lang_de" }
[answers.cefr]
"B1" = "babel_2"
"C1" = "babel_4"
"""


def spoken(
    folder: Path, ontology: Ontology, cell: str, question: str = QUESTION
) -> tuple[list[str], list[str]]:
    """Return the languages with their levels in a cell, and what is wrong with it."""
    row = [*ada(), cell]
    opened = survey(folder, ontology, table(row, columns=[*COLUMNS, "LANGS"]), MAPPING + question)
    speaks = [
        f"{one.language.removeprefix('lang_')} {one.babel_level.removeprefix('babel_')}".strip()
        for response in opened.responses()
        for one in response.speaks
    ]
    return speaks, [f"{one.what}; {one.hint}" for one in opened.check().faults]


@pytest.mark.parametrize(
    ("cell", "languages"),
    [
        ("German, English (C1)", ["de", "en 4"]),
        ("de; en-3; fr-N", ["de", "en 3", "fr n"]),
        ("Deutsch: Muttersprache / English – fluent", ["de n", "en 3"]),
        ("German native speaker and English C1", ["de n", "en 4"]),
        ("Schwyzerdütsch; EN [b1];", ["de", "en 2"]),
        ("German (Babel 3), English = N", ["de 3", "en n"]),
        ("German, French (Babel 0)", ["de"]),
        ("German, German (C1)", ["de 4"]),
        ("", []),
        (" ; ", []),
    ],
)
def test_each_language_may_have_a_level(
    cell: str, languages: list[str], tmp_path: Path, ontology: Ontology
) -> None:
    """In brackets, behind a colon, a dash or a blank, or as on user pages."""
    assert spoken(tmp_path, ontology, cell) == (languages, [])


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("Germn, English", "the language “Germn”; use “german”, if that is what you mean; or add"),
        ("Klingon", 'the language “Klingon”; add "Klingon" = "lang_…" under languages[1]'),
        ("German (C9)", "the answer “C9”; add it under languages[1].answers"),
        ("German (4)", "the answer “4”; add it under languages[1].answers"),
        ("German C1, de-3", "“German C1, de-3” has a language with two levels; keep one of them"),
    ],
)  # fmt: skip
def test_what_is_unknown_is_a_fault(
    cell: str, told: str, tmp_path: Path, ontology: Ontology
) -> None:
    """The language, or only the level of one that is known."""
    _, (fault,) = spoken(tmp_path, ontology, cell)

    assert told in fault


def test_all_faults_of_a_cell_are_told(tmp_path: Path, ontology: Ontology) -> None:
    """At once."""
    assert len(spoken(tmp_path, ontology, "Klingon, English (C9); German")[1]) == 2


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("between", 'level_column = "SK[python]"\nbetween'), "remove “level_column”"),
        (('";", ', '"", '), "a text that separates languages is empty"),
        (('"lang_de"', '"lang_xx"'), "an answer here cannot mean “lang_xx”"),
        (('"LANGS"', '"LANG"'), "no column is called “LANG”"),
    ],
)
def test_a_fault_of_the_mapping_is_told(
    change: tuple[str, str], told: str, tmp_path: Path, ontology: Ontology
) -> None:
    """As for any other question."""
    with pytest.raises(MappingError, match=told):
        spoken(tmp_path, ontology, "", QUESTION.replace(*change))
