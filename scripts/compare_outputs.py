"""Keeps what this version answers on the sample survey, and compares two such folders.

    python scripts/compare_outputs.py keep FOLDER [--declared RATINGS.csv]
    python scripts/compare_outputs.py compare BEFORE AFTER

Kept are: the answer of every saved query with each set of parameters in `CASES`, the triples, the
tables of the databases, the figures of the report's pages and its data files, and what
`wbskills --help` says of commands and options. Run `keep` before and after a change that should
alter no result, each in its own checkout. Only the command line is used, so that versions with
other modules can be compared.
"""

import html.parser
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Final

import click
import pyoxigraph

ROOT: Final = Path(__file__).resolve().parents[1]
SAMPLE: Final = ROOT / "scripts" / "sample" / "ambassadors-survey.csv"
MAPPING: Final = ROOT / "ontology" / "surveys" / "sample.toml"
DECLARED: Final = ROOT / "ontology" / "declared" / "cee-2018.toml"

AT_MOST: Final = 40  # files that are listed

TIMED: Final = re.compile(
    r"(?<=/reference/)[0-9a-f]{40}|(?<=\")\d{8}T\d{6}[^\"]*(?=\")|(?<=\")[0-9a-f]{20}(?=\")"
)
"""Batch ids, which begin with the time; digests with the store's salt; references with either."""

CASES: Final[dict[str, tuple[str, ...]]] = {
    "as_of": ("day=2025-12-31", "day=2026-12-31 level=with_help community=frwiki"),
    "at_risk": ("", "level=leads most=1", "community=dewiki"),
    "baseline": ("", "level=alone share=0.3 people=2"),
    "baseline_gap": ("", "community=dewiki"),
    "baseline_gap_person": ("", "person=Q437"),
    "candidates": ("",),
    "capacity_map": ("", "level=with_help"),
    "capacity_map_groups": ("", "level=leads"),
    "change": ("", "level=with_help"),
    "communities": ("",),
    "coverage": ("", "level=with_help", "group=group_wiki"),
    "data_quality": ("",),
    "declared_capacity": ("",),
    "endorsements": ("",),
    "freshness": ("", "community=dewiki"),
    "languages": ("", "babel=babel_3", "language=lang_fr"),
    "learn_teach": ("skill=lua_modules", "skill=templates turn=2 interest=can_help"),
    "needs": ("", "community=dewiki", "bridge=lang_en turn=3"),
    "people": ("",),
    "person_profile": ("", "person=Q437"),
    "rare_skills": ("", "level=with_help"),
    "responses_per_wave": ("",),
    "robustness": ("", "level=with_help"),
    "skill_page": ("", "skill=templates"),
    "stale": ("day=2026-01-01",),
    "who_can": (
        "skill=templates",
        "skill=templates language=lang_fr",
        "skill=templates level=with_help babel=babel_2 interest=can_help",
        "skill=lua_modules community=dewiki",
    ),
}


@click.group()
def main() -> None:
    """Compare what two versions answer."""


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--declared", help="Ratings of communities, for ontology/declared/cee-2018.toml.")
def keep(folder: Path, declared: str | None) -> None:
    """Keep the answers of the installed wbskills in FOLDER."""
    store, site = folder / "store", folder / "site"
    folder.mkdir(parents=True)
    run("ontology", "apply", "--wikibase", str(store))
    run("survey", "apply", str(SAMPLE), "--mapping", str(MAPPING), "--wikibase", str(store))
    if declared:
        run("declared", "apply", declared, "--mapping", str(DECLARED), "--wikibase", str(store))
    run("report", "build", str(site), "--wikibase", str(store))
    for name, cases in CASES.items():
        for number, case in enumerate(cases):
            parameters = [text for pair in case.split() for text in ("--param", pair)]
            answer = run(
                "query", "run", name, *parameters, "--format", "csv", "--wikibase", str(store)
            )
            write(folder / "answers" / f"{name}-{number}.csv", answer)
    write(folder / "triples.nt", "\n".join(sorted(triples(store))))
    for path in sorted([*store.glob("*.db"), *store.glob("*.sqlite")]):
        write(folder / "schemas" / f"{path.name}.sql", schema(path))
    for page in sorted(site.rglob("*.html")):
        write(folder / "figures" / f"{page.relative_to(site)}.txt", figures(page))
    for path in sorted(site.rglob("*.csv")):
        write(folder / "data" / path.relative_to(site), path.read_text(encoding="utf-8"))
    for command in commands(()):
        write(folder / "options" / ("-".join(command) + ".txt"), options(command))
    shutil.rmtree(store)
    shutil.rmtree(site)


@main.command()
@click.argument("before", type=click.Path(path_type=Path, exists=True))
@click.argument("after", type=click.Path(path_type=Path, exists=True))
def compare(before: Path, after: Path) -> None:
    """Print the first files that differ between BEFORE and AFTER; exit code 1 if any does."""
    names = sorted(
        {path.relative_to(root) for root in (before, after) for path in root.rglob("*.*")}
    )
    names = [name for name in names if not (before / name).is_dir()]
    different = [name for name in names if text(before / name) != text(after / name)]
    for name in different[:AT_MOST]:
        old, new = (text(root / name).splitlines() for root in (before, after))
        gone, added = len(set(old) - set(new)), len(set(new) - set(old))
        click.echo(f"{name}: {gone} lines only before, {added} lines only after")
    click.echo(f"{len(names)} files compared, {len(different)} differ")
    sys.exit(bool(different))


def run(*arguments: str) -> str:
    """Return what a command prints; stop if it fails."""
    command = [sys.executable, "-m", "wbskills", *arguments]
    done = subprocess.run(  # noqa: S603  # our own command
        command, check=False, capture_output=True, text=True, encoding="utf-8"
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)}\n{done.stderr}")
    return done.stdout


def triples(store: Path) -> list[str]:
    """Return the triples of an embedded store as N-Triples, without what depends on the clock."""
    dump = pyoxigraph.Store.read_only(str(store / "triples")).dump(
        format=pyoxigraph.RdfFormat.N_TRIPLES, from_graph=pyoxigraph.DefaultGraph()
    )
    assert dump is not None  # noqa: S101  # it is None only if written to a file
    lines = (TIMED.sub("", line) for line in dump.decode().splitlines())
    return [line for line in lines if "#dateTime>" not in line]


def schema(path: Path) -> str:
    """Return the statements that make the tables of a database."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql NOT NULL ORDER BY sql")
        return "\n".join(re.sub(r"\s+", " ", row[0]) for row in rows)


class Figures(html.parser.HTMLParser):
    """Collects the numbers of a page's text, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        """Take the numbers of one text."""
        self.found.extend(re.findall(r"\d[\d.,]*\d|\d", re.sub(r"\d\d:\d\d", "", data)))


def figures(page: Path) -> str:
    """Return the numbers on a page, one a line."""
    parser = Figures()
    parser.feed(page.read_text(encoding="utf-8"))
    return "\n".join(parser.found)


def commands(above: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return all commands and groups below one, itself first."""
    listed = run(*above, "--help").partition("Commands:\n")[2]
    names = re.findall(r"^  ([a-z][\w-]*)", listed, re.MULTILINE)
    return [above or ("wbskills",)] + [
        found for name in names for found in commands((*above, name))
    ]


def options(command: tuple[str, ...]) -> str:
    """Return the names of a command's options and arguments."""
    shown = run(*(() if command == ("wbskills",) else command), "--help")
    usage = shown.splitlines()[0]
    return "\n".join([usage, *re.findall(r"^  (?:-\w, )?(--\S+(?: \S+)?)", shown, re.MULTILINE)])


def text(path: Path) -> str:
    """Return the text of a file, or nothing if it does not exist."""
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def write(path: Path, content: str) -> None:
    """Write a text file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
