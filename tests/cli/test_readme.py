"""The commands of README, pasted as they stand, do what it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_commands_of_readme_work_as_they_stand(tmp_path: Path) -> None:
    """From the sample survey to a map, and the questions; a query has an answer, too."""
    folder = tmp_path / "with a blank"
    folder.mkdir()
    for name in ("scripts", "ontology"):
        (folder / name).symlink_to(ROOT / name)

    told = [_run(block, folder) for title in ("From your survey", "Ask") for block in _of(title)]

    assert (folder / "site" / "index.html").is_file()
    assert (folder / "coverage.csv").read_text(encoding="utf-8").count("\n") > 10
    assert "(invented)" in told[-1]  # the question has an answer


def _of(title: str) -> list[str]:
    """Give the blocks of commands below a heading, but for those that make an environment."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = next(part for part in text.split("\n## ") if part.startswith(title))
    blocks: list[str] = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    assert blocks
    return [block for block in blocks if "pip install" not in block]


def _run(block: str, folder: Path) -> str:
    """Run a block in a shell that stops at the first fault; give what it printed."""
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
