"""The example scripts for the Python API, run unchanged."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "scripts" / "sample" / "ambassadors-survey.csv"


def run(script: str, *arguments: object, code: int = 0) -> str:
    """Run a script; return its output."""
    command = [sys.executable, str(ROOT / "scripts" / script), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_surveys_are_imported_and_answers_exported(tmp_path: Path) -> None:
    """A file twice makes no second edit; each answer is a file; errors are one message."""
    survey = shutil.copy(SAMPLE, tmp_path / "answers.csv")
    mapping = ROOT / "ontology" / "surveys" / "sample.toml"
    store = tmp_path / "store"

    first = run("import_survey.py", store, survey, "--mapping", mapping)
    again = run("import_survey.py", store, survey, "--mapping", mapping)
    exported = run("export_answers.py", store, tmp_path / "answers", "de")

    assert "303 responses" in first
    assert " 0 edits" in again
    assert "coverage.csv: " in exported
    assert (tmp_path / "answers" / "coverage.csv").read_text(encoding="utf-8").startswith("skill,")
    assert "Traceback" not in run("export_answers.py", tmp_path / "nowhere", tmp_path, code=1)


@pytest.mark.parametrize("script", ["import_survey.py", "export_answers.py"])
def test_a_missing_argument_is_told(script: str) -> None:
    """And `--help` writes no file of that name."""
    assert "Missing argument" in run(script, code=2)
    assert "Usage: " in run(script, "--help")
