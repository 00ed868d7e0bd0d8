"""Files of every tool with everything that goes wrong, and what has to be said about them.

`python -m tests.surveys.exports.write` writes the files, and what has to come out of them; with
`--faults`, also what the importer says today. Read the difference before you keep it.
"""

import pytest

from tests.surveys.exports.quirks import cases
from tests.surveys.exports.write import FOLDER, file_of, out_of, told
from wbskills.ontology.entries import Ontology

CASES = cases()


@pytest.mark.parametrize("name", CASES)
def test_the_files_are_those_that_the_script_writes(name: str) -> None:
    """Byte by byte."""
    assert file_of(name).read_bytes() == CASES[name].bytes()


@pytest.mark.parametrize("name", CASES)
def test_what_comes_out_is_what_people_said(name: str, ontology: Ontology) -> None:
    """Worked out from the people, without the importer."""
    came_out, _ = told(name, CASES[name], ontology)

    assert came_out == out_of(CASES[name])


@pytest.mark.parametrize("name", CASES)
def test_faults_are_reported(name: str, ontology: Ontology) -> None:
    """Word by word: file, row, column, value, what to try."""
    _, faults = told(name, CASES[name], ontology)

    golden = file_of(name).with_suffix(".faults")
    assert faults == (golden.read_text(encoding="utf-8") if golden.exists() else "")


def test_no_file_is_left_over() -> None:
    """Each file has its case."""
    there = {path.stem for path in FOLDER.glob("*/*.csv")}
    assert there == {name.partition("/")[2] for name in CASES}
    assert {path.parent.name for path in FOLDER.glob("*/*.csv")} == {
        name.partition("/")[0] for name in CASES
    }
