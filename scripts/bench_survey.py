"""Measures reading and mapping of survey files: rows per second, and peak memory.

Each figure comes from a process of its own, so that none has the memory of another. Times are
those of the processor, so that other work on the machine does not count. Of a hundred answers one
is withheld and one superseded, as in real files.
"""

import csv
import json
import random
import resource
import subprocess
import sys
import time
from pathlib import Path

import bench_data  # type: ignore[import-not-found] # beside this file
import click

from wbskills.data import ontology_folder
from wbskills.ontology.load import load
from wbskills.surveys.mapping import toml_file
from wbskills.surveys.responses.survey import Survey

FIXED = ("USER", "WHEN", "CONSENT")
MOST_GROWTH = 1.10
MOST_SLOWER = 1.25
MAPPING = """
title = "bench"
tool = "plain"
ontology = ["skills.toml"]
[waves.bench]
label = { en = "Bench" }
start = 2026-03-01
end = 2026-03-31
[identity]
column = "USER"
property = "wikimedia_username"
[date]
column = "WHEN"
[consent]
column = "CONSENT"
answers = { "Yes" = "consent_named", "No" = "withheld" }
[[questions]]
columns = "SK[{skill}]"
answers = "scale:self_5"
"""


@click.command()
@click.option("--rows", default=2000, show_default=True, help="To measure the speed with.")
@click.option("--few", default=1000, show_default=True, help="To measure the memory with.")
@click.option("--many", default=100_000, show_default=True, help="As well.")
@click.option("--one", hidden=True, type=click.Path(path_type=Path), help="Measure one folder.")
def main(rows: int, few: int, many: int, one: Path | None) -> None:
    """Read and map files of 100 and 700 columns, of few and of many rows."""
    if one is not None:
        click.echo(json.dumps(measured(one)))
        return
    click.echo("columns    rows   check rows/s   responses rows/s   cells/s   peak memory")
    for columns in (100, 700):
        told(columns, rows)
    (low, fast), (high, slow) = [told(100, count) for count in (few, many)]
    ratio("memory", high / low, MOST_GROWTH, few, many)
    ratio("check of a row", slow / fast, MOST_SLOWER, few, many)


def ratio(what: str, found: float, budget: float, few: int, many: int) -> None:
    """Tell how much more many rows take than few."""
    over = "" if found <= budget else "   OVER"
    click.echo(
        f"{what} of {many:,} rows / {few:,} rows: {found:.2f}   (budget {budget:.2f}){over}"
    )


def told(columns: int, rows: int) -> tuple[float, float]:
    """Measure a file in a process of its own, and tell it.

    Gives peak MB and seconds to check a row. The responses of a small file are kept by the check.
    """
    with bench_data.temporary_folder() as folder:
        write(folder, columns, rows)
        command = [sys.executable, __file__, "--one", str(folder)]
        run = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  # ourselves
    found: dict[str, float] = json.loads(run.stdout)
    both = rows / (found["check"] + found["responses"])
    click.echo(
        f"{columns:7} {rows:7,} {rows / found['check']:14,.0f} {rows / found['responses']:18,.0f}"
        f" {both * columns:9,.0f} {found['peak']:10.1f} MB"
    )
    return found["peak"], found["check"] / rows


def measured(folder: Path) -> dict[str, float]:
    """Read a file as an import does: twice, unless it is small."""
    ontology = load(ontology_folder(), folder / "skills.toml")
    survey = Survey.open(folder / "s.csv", toml_file.load(folder / "m.toml"), ontology)
    started = time.process_time()
    findings = survey.check()
    checked = time.process_time()
    if findings.responses != sum(1 for _ in survey.responses()):
        raise SystemExit("not every response was read")
    done = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"check": checked - started, "responses": done - checked, "peak": peak}


def write(folder: Path, columns: int, rows: int) -> None:
    """Write a survey with its mapping, and the skills that it asks for."""
    chance = random.Random(2026)  # noqa: S311 - no secret
    own = load(ontology_folder())
    levels = [step.terms.label() for step in own.levels("self_5").values()]
    skills = [f"bench_skill_{number}" for number in range(columns - len(FIXED))]
    (folder / "m.toml").write_text(MAPPING, encoding="utf-8")
    (folder / "skills.toml").write_text("".join(map(_skill, skills)), encoding="utf-8")
    with (folder / "s.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow([*FIXED, *(f"SK[{skill}]" for skill in skills)])
        for number in range(rows):
            answers = chance.choices(levels, k=len(skills))
            out.writerow([*_person(number), *answers])


def _skill(key: str) -> str:
    label = key.replace("_", " ")
    return f'[skills.{key}]\nlabel = {{ en = "{label}" }}\ndescription = {{ en = "a {label}" }}\n'


def _person(number: int) -> tuple[str, str, str]:
    name = f"Person {number - 50 if number % 100 == 99 else number}"
    return name, f"2026-03-{1 + number % 31:02}", "No" if number % 100 == 98 else "Yes"


if __name__ == "__main__":
    main()
