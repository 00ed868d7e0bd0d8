"""Workbooks are opened once, however often their rows are read."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

import pytest
from python_calamine import CalamineWorkbook

from tests.surveys.samples import COLUMNS, MAPPING, ada, ods, xlsx
from wbskills.ontology.entries import Ontology
from wbskills.surveys.draft.inspect_file import inspect
from wbskills.surveys.files import workbooks
from wbskills.surveys.files.zip_archive import ZipArchive
from wbskills.surveys.mapping import toml_file
from wbskills.surveys.responses import survey as survey_module
from wbskills.surveys.responses.survey import Survey


class Openings:
    """Counts how often a workbook is opened, by calamine and as a zip file."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calamine = self.zip = 0
        openings = self

        class CountedWorkbook:
            @staticmethod
            def from_filelike(file: BinaryIO) -> CalamineWorkbook:
                openings.calamine += 1
                return CalamineWorkbook.from_filelike(file)

        class CountedArchive(ZipArchive):
            def __init__(self, path: Path) -> None:
                openings.zip += 1
                super().__init__(path)

        monkeypatch.setattr(workbooks, "CalamineWorkbook", CountedWorkbook)
        monkeypatch.setattr(workbooks, "ZipArchive", CountedArchive)


@pytest.mark.parametrize("write", [xlsx, ods])
def test_a_workbook_is_opened_once_for_all_passes(
    write: Callable[[Path, Iterable[Sequence[str]]], Path],
    tmp_path: Path,
    ontology: Ontology,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Opening it, checking it, and reading its responses again need no second look at the file."""
    rows = [COLUMNS, *(ada(name=name) for name in ("Ada", "Bea", "Cid"))]
    path = write(tmp_path / f"s.{'xlsx' if write is xlsx else 'ods'}", rows)
    mapping = tmp_path / "m.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    monkeypatch.setattr(survey_module, "_MOST_KEPT_RESPONSES", 1)  # so that it is read twice
    openings = Openings(monkeypatch)

    survey = Survey.open(path, toml_file.load(mapping), ontology)
    names = [response.identity.name for response in survey.responses()]

    assert names == ["Ada", "Bea", "Cid"]
    assert (openings.calamine, openings.zip) == (1, 1)


def test_a_workbook_with_a_title_is_opened_once_by_inspect(
    tmp_path: Path, ontology: Ontology, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finding the headings below the title does not open it again."""
    path = xlsx(tmp_path / "s.xlsx", [["Survey of skills"], COLUMNS, ada(), ada(name="Bea")])
    openings = Openings(monkeypatch)

    assert inspect(path, ontology).heading_row == 2
    assert (openings.calamine, openings.zip) == (1, 1)
