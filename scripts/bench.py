"""Measures what DESIGN calls budgets, as ratios in one run, so that the machine matters little.

scripts/bench.py import --people 1000        people/s, and the ratio to the floor
scripts/bench.py queries --people 1000       the median of each saved query, the map by others too
scripts/bench.py report --people 1000        the whole report site, and where its time goes
scripts/bench.py serve                       reads and edits per second over HTTP
scripts/bench.py survey                      rows read and mapped per second, and peak memory
scripts/bench.py remote --people 200         an import over HTTP, and bare requests beside it
scripts/bench.py help                        `wbskills --help` against `import click`

The floor of an import is what no program can leave out: write the same JSON, put it into SQLite,
bulk-load the same N-Triples. Everything here is made up from a seed.
"""

import json
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import bench_data  # type: ignore[import-not-found] # beside this file, as the next are
import bench_queries  # type: ignore[import-not-found]
import bench_remote  # type: ignore[import-not-found]
import bench_serve  # type: ignore[import-not-found]
import bench_survey  # type: ignore[import-not-found]
import click
from bench_data import open_at, temporary_folder, timed, write_survey

from wbskills.data import ontology_folder
from wbskills.ontology.entries import Ontology
from wbskills.ontology.load import load
from wbskills.tasks.ontologies import apply_ontology, bound
from wbskills.tasks.surveys import import_survey, open_survey
from wbskills.wikibase.embedded.rdf import RdfMapping
from wbskills.wikibase.interface import LocalWikibase
from wbskills.wikibase.model.entities import Stored
from wbskills.wikibase.model.wire import entity_to_json

if TYPE_CHECKING:
    from wbskills.report.content import Content
    from wbskills.report.site import Report

AT_ONCE = 200


@click.group()
def main() -> None:
    """Measure the budgets."""


@main.command("import")
@click.option("--people", default=1000, show_default=True)
@click.option("--skills", default=40, show_default=True)
@click.option("--disk/--memory", default=True, show_default=True)
def import_(people: int, skills: int, *, disk: bool) -> None:
    """Import people, import them again, and do the least that has to be done."""
    ontology = load(ontology_folder())
    with temporary_folder() as folder:
        survey = write_survey(folder, ontology, people, skills, ["bench_1"])
        with open_at(folder / "store", disk=disk) as store:
            list(apply_ontology(store, ontology))
            first = timed(lambda: run_import(store, *survey))
            again = statistics.median(timed(lambda: run_import(store, *survey)) for _ in range(3))
            if store.revision() != run_import(store, *survey):
                raise SystemExit("the second import made an edit")
            items = read_people(store, ontology)
            ready = prepared(store.concept_base, items)
            least = timed(lambda: floor(folder / "floor", ready, disk=disk))
    place = "disk" if disk else "memory"
    click.echo(f"{people} people × {skills} skills, {place}")
    click.echo(f"import   {first:7.2f} s   {people / first:8.0f} people/s")
    click.echo(f"floor    {least:7.2f} s   ratio {first / least:.2f}   (budget 2.5)")
    click.echo(f"again    {again:7.2f} s   {first / again:.0f} × faster   (budget 20)")


@main.command()
@click.option("--people", default=1000, show_default=True)
@click.option("--skills", default=40, show_default=True)
@click.option("--disk/--memory", default=True, show_default=True)
def report(people: int, skills: int, *, disk: bool) -> None:
    """Build the whole report site over two waves."""
    from wbskills.tasks.publishing import publish
    from wbskills.tasks.reports import ReportOptions, report_content

    ontology = load(ontology_folder())
    with temporary_folder() as folder:
        world = bench_data.write_world(folder, ontology, people, skills)
        with open_at(folder / "store", disk=disk) as store:
            list(apply_ontology(store, ontology))
            bench_data.fill(store, ontology, world)
            now = datetime.now(UTC)
            clock = Clock()
            with clock("queries"):
                content = report_content(store, ontology, options=ReportOptions(), built=now)
        with clock("writing"):  # and, in it, what comes before it
            files = publish(content, folder / "site", report=clock.timed)
        size = sum(file.stat().st_size for file in (folder / "site").rglob("*") if file.is_file())
    click.echo(f"{people} people × {skills} skills × 2 waves, {'disk' if disk else 'memory'}")
    click.echo(f"{'':8}{'seconds':>9}{'of processor':>14}")
    for name, (wall, processor) in clock.lines():
        click.echo(f"{name:8}{wall:9.2f}{processor:14.2f}")
    click.echo(
        f"{files} files, {size / 1e6:.0f} MB   (budget 10 s at 1,000 people, 90 s at 10,000)"
    )


class Clock:
    """Adds up seconds, of the wall and of the processor, under names."""

    def __init__(self) -> None:
        self._spent: dict[str, tuple[float, float]] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Add the time of what is done inside."""
        wall, processor = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            before = self._spent.get(name, (0.0, 0.0))
            spent = time.perf_counter() - wall, time.process_time() - processor
            self._spent[name] = before[0] + spent[0], before[1] + spent[1]

    def timed(self, content: "Content") -> "Report":
        """Make a report that tells this clock what it takes: reading it first, then its pages."""
        from wbskills.report.site import Report

        clock = self

        class Timed(Report):
            def pieces(self, path: str) -> Iterable[bytes]:
                with clock("pages"):
                    return [b"".join(super().pieces(path) or ())]

        with self("reading"):
            return Timed(content)

    def lines(self) -> Iterator[tuple[str, tuple[float, float]]]:
        """Give each part by itself, and then all of them."""
        parts = {name: self._spent[name] for name in ("queries", "reading", "pages")}
        whole = [self._spent["queries"][at] + self._spent["writing"][at] for at in (0, 1)]
        rest = [whole[at] - sum(part[at] for part in parts.values()) for at in (0, 1)]
        yield from parts.items()
        yield "writing", (rest[0], rest[1])
        yield "all", (whole[0], whole[1])


@main.command("help")
def help_() -> None:
    """Compare `wbskills --help` with `import click`."""
    commands = {
        "import click": [sys.executable, "-c", "import click"],
        "wbskills --help": [sys.executable, "-m", "wbskills", "--help"],
    }
    taken = {name: [] for name in commands}  # type: dict[str, list[float]]
    for _ in range(21):
        for name, command in commands.items():
            taken[name].append(
                timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))  # noqa: B023, S603
            )
    medians = {name: statistics.median(values) for name, values in taken.items()}
    for name, median in medians.items():
        click.echo(f"{name:16} {median * 1000:6.0f} ms")
    ratio = medians["wbskills --help"] / medians["import click"]
    click.echo(f"ratio {ratio:.2f}   (budget 3)")


def run_import(store: LocalWikibase, file: Path, mapping: Path) -> int:
    """Import a survey as the command does; gives the store's revision after it."""
    mapped = open_survey(file, mapping)
    import_survey(store, mapped, batch="bench", today=datetime.now(UTC).date())
    return store.revision()


def read_people(store: LocalWikibase, ontology: Ontology) -> list[Stored]:
    """Read all people's items."""
    name = bound(store, ontology).property("wikimedia_username")
    ids = [entity_id for _, entity_id in store.find_by_identifier(name)]
    return list(store.read(ids).values())


Prepared = list[tuple[str, dict[str, object], str]]


def prepared(concept_base: str, items: list[Stored]) -> Prepared:
    """Make ready what the floor writes: id, JSON as objects, N-Triples as text."""
    mapping = RdfMapping(concept_base)
    return [
        (each.entity.id, entity_to_json(each.entity), "\n".join(mapping.triples(each).lines()))
        for each in items
    ]


def floor(folder: Path, items: Prepared, *, disk: bool) -> None:
    """Do the least: write the JSON, put it into SQLite, load the triples."""
    import pyoxigraph as ox

    folder.mkdir()
    db = sqlite3.connect(folder / "f.sqlite" if disk else ":memory:")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("CREATE TABLE revision (id INTEGER PRIMARY KEY, entity TEXT, json TEXT)")
    triples = ox.Store(str(folder / "triples")) if disk else ox.Store()
    for start in range(0, len(items), AT_ONCE):
        part = items[start : start + AT_ONCE]
        with db:
            db.executemany(
                "INSERT INTO revision (entity, json) VALUES (?, ?)",
                [
                    (name, json.dumps(entity, ensure_ascii=False, separators=(",", ":")))
                    for name, entity, _ in part
                ],
            )
        text = "\n".join(lines for _, _, lines in part).encode()
        triples.bulk_load(text, format=ox.RdfFormat.N_TRIPLES)
    db.close()


main.add_command(bench_queries.main, "queries")
main.add_command(bench_remote.main, "remote")
main.add_command(bench_serve.main, "serve")
main.add_command(bench_survey.main, "survey")

if __name__ == "__main__":
    main()
