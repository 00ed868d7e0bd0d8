"""The commands of README, pasted unchanged, do what it states."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_examples_of_readme_work_as_they_are_written(tmp_path: Path) -> None:
    """From the sample survey to a map, then saved queries and the Python API."""
    folder = tmp_path / "with a blank"
    folder.mkdir()
    for name in ("scripts", "ontology"):
        (folder / name).symlink_to(ROOT / name)

    sections = ("From any survey", "Run saved queries", "Use it from Python")
    printed = [_run(block, folder) for title in sections for block in _blocks(title)]

    assert (folder / "site" / "index.html").is_file()
    assert (folder / "coverage.csv").read_text(encoding="utf-8").count("\n") > 10
    assert all("(invented)" in output for output in printed[-2:])  # the questions have answers


def _blocks(title: str) -> list[str]:
    """Return the examples below a heading as shell commands."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = next(part for part in text.split("\n## ") if part.startswith(title))
    blocks = re.findall(r"```(sh|python)\n(.*?)```", section, re.DOTALL)
    assert blocks
    return [text if kind == "sh" else f"python - <<'END'\n{text}END\n" for kind, text in blocks]


def _run(block: str, folder: Path) -> str:
    """Run a block in a shell that stops at the first error, and return its output."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["/bin/sh", "-eu", "-c", block],
        cwd=folder,
        env={**os.environ, "PATH": path, "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
