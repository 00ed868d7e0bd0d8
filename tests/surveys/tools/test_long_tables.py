"""Long tables: a row for each answer."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from tests.surveys.exports.importing import line, survey
from tests.surveys.exports.tools import LONG
from wbskills.errors import SurveyError
from wbskills.ontology.entries import Ontology
from wbskills.surveys.mapping import toml_file
from wbskills.surveys.responses.rejected_rows import write_rejected_rows
from wbskills.surveys.responses.survey import Survey

LONG_HEAD = ["person", "skill", "level", "date", "consent"]


def long(folder: Path, ontology: Ontology, *rows: str, mapping: str = LONG.mapping) -> Survey:
    """Open a long table; each row is written with commas."""
    parted = [LONG_HEAD, *(row.split(",") for row in rows)]
    return survey(parted, replace(LONG, mapping=mapping), folder, ontology)


def test_a_newer_answer_about_the_same_skill_supersedes_only_that(
    tmp_path: Path, ontology: Ontology
) -> None:
    """And both are reported; spellings of one account are one person."""
    found = long(
        tmp_path, ontology,
        "Ada,Python,none,2026-03-01,Yes",
        "Ada,Lua,aware,2026-03-02,Yes",
        "User:ada,python,alone,2026-03-09,Yes",
    )  # fmt: skip

    assert list(map(line, found.responses())) == [
        "Ada | 2026-03-09 | lua_modules aware | python alone"
    ]
    assert found.check().superseded.first == ((2, 3),)


def test_an_answer_without_consent_stays_out(tmp_path: Path, ontology: Ontology) -> None:
    """Although the same person agreed to others before."""
    found = long(
        tmp_path, ontology, "Ada,Python,none,2026-03-01,Yes", "Ada,Lua,aware,2026-03-02,No"
    )

    assert list(found.responses()) == []
    assert found.check().withheld.count == 1


def test_faults_of_a_long_table_name_their_own_rows(tmp_path: Path, ontology: Ontology) -> None:
    """The row and column of the file, not those of the spread table."""
    found = long(
        tmp_path, ontology,
        "Ada,Python,none,2026-03-01,Yes",
        "Ada,Lua,godlike,2026-03-01,Yes",
        "Zoe,,alone,2026-03-01,Yes",
        ",Lua,alone,2026-03-01,Yes",
    )  # fmt: skip

    assert [(fault.row, fault.column, fault.what) for fault in found.check().faults] == [
        (3, "column C “level [Lua]”", "the mapping does not know the answer “godlike”"),
        (4, "column B “skill”", "this row does not say which skill it is about"),
        (5, "column A “person”", "this row does not say who answered"),
    ]


def test_rejected_rows_of_a_long_table_are_those_of_the_file(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Fixed, they are read with the same mapping; all answers of a person go together."""
    found = long(
        tmp_path, ontology,
        "Ada,Python,none,2026-03-01,Yes",
        "Ada,Lua,godlike,2026-03-01,Yes",
        "Zoe,Lua,alone,2026-03-01,Yes",
    )  # fmt: skip
    aside = io.StringIO()

    assert write_rejected_rows(found, aside) == 2
    head, *rows = csv.reader(io.StringIO(aside.getvalue()))
    assert head[:5] == LONG_HEAD
    assert [row[:3] for row in rows] == [["Ada", "Python", "none"], ["Ada", "Lua", "godlike"]]
    assert [row[5:] for row in rows] == [
        ["2", "saved with other answers of this person, which have problems"],
        ["3", "column C “level [Lua]”: the mapping does not know the answer “godlike”"],
    ]
    mended = aside.getvalue().replace("godlike", "leads")
    (tmp_path / "s.csv").write_text(mended, encoding="utf-8")
    again = Survey.open(tmp_path / "s.csv", toml_file.load(tmp_path / "m.toml"), ontology)
    assert list(map(line, again.responses())) == [
        "Ada | 2026-03-01 | lua_modules leads | python none"
    ]


def test_the_date_of_an_answer_decides_its_wave(tmp_path: Path, ontology: Ontology) -> None:
    """A person has a response in each."""
    autumn = (
        '\n[waves.autumn_2026]\nlabel = { en = "Autumn" }\nstart = 2026-09-01\nend = 2026-09-30\n'
    )
    mapping = LONG.mapping.replace("\n[consent]", f"{autumn}[consent]", 1)
    found = long(
        tmp_path, ontology, "Ada,Python,none,2026-03-01,Yes", "Ada,Python,alone,2026-09-02,Yes",
        mapping=mapping,
    )  # fmt: skip

    assert [(response.wave, response.assessments[0].level) for response in found.responses()] == [
        ("spring_2026", "none"),
        ("autumn_2026", "alone"),
    ]


def test_a_table_that_is_not_long_cannot_be_read_as_one(
    tmp_path: Path, ontology: Ontology
) -> None:
    """The message says what is missing."""
    with pytest.raises(SurveyError, match=r"needs the columns “person”, “skill” and “level”"):
        survey([["name", "Lua"], ["Ada", "3"]], LONG, tmp_path, ontology)
