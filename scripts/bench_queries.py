"""Times every saved query over a made world, and one map by other means beside it.

The map of communities and skills is also counted by DuckDB over a flat table, which is about what
the machine could do at best, and, where asked for, by rdflib and Virtuoso over the same triples.
"""

import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import bench_data  # type: ignore[import-not-found] # it stands beside this file
import click

from wbskills.data import ontology_folder, queries_folder
from wbskills.ontology.binding import Binding
from wbskills.ontology.entries import Ontology
from wbskills.ontology.load import load
from wbskills.query.run import run
from wbskills.query.saved import SavedQuery, find
from wbskills.query.saved import load as load_queries
from wbskills.query.table_queries import sql_of
from wbskills.table import Table
from wbskills.tasks.ontologies import apply_ontology, bound
from wbskills.wikibase.interface import LocalWikibase, SelectResult, Wikibase

BUDGETS: Final = {"memory": 500, "disk": 1500}  # ms at 1,000 people
# Not all can be asked without; the middle of the second wave is the hardest day.
VALUES: Final = {
    "as_of": [{"day": "2026-03-10"}],
    "learn_teach": [{"skill": "lua_modules"}],
    "person_profile": [{"person": "Person 00001"}, {}],
    "baseline_gap_person": [{"person": "Person 00001"}],
    "stale": [{"day": "2026-03-10"}],
    "who_can": [{"skill": "lua_modules"}],
}
MAP: Final = "capacity_map"
_FLAT: Final = """
    SELECT community, skill, COUNT(*) AS people,
           SUM(CASE WHEN number >= 3 THEN 1 ELSE 0 END) AS able
    FROM flat WHERE wave = 'bench_2' AND number IS NOT NULL GROUP BY ALL
"""


@click.command()
@click.option("--people", default=1000, show_default=True)
@click.option("--skills", default=40, show_default=True)
@click.option("--times", type=click.IntRange(1), default=5, show_default=True)
@click.option("--disk/--memory", default=False, show_default=True)
@click.option("--name", "names", multiple=True, help="Only this query; may be repeated.")
@click.option("--triples", is_flag=True, help="Each query as SPARQL too, where tables answer.")
@click.option("--rdflib", "in_rdflib", is_flag=True, help="The map by rdflib too: minutes.")
@click.option("--virtuoso", "in_virtuoso", is_flag=True, help="The map by Virtuoso too.")
def main(  # noqa: PLR0913 - options
    people: int,
    skills: int,
    times: int,
    *,
    disk: bool,
    names: tuple[str, ...],
    triples: bool,
    in_rdflib: bool,
    in_virtuoso: bool,
) -> None:
    """Run every saved query some times over two waves; milliseconds.

    The budget is for the first time: a store on disk remembers its answers. Where the tables
    of the store answer, --triples asks the saved query itself beside it.
    """
    ontology = load(ontology_folder())
    with bench_data.temporary_folder() as folder:
        world = bench_data.write_world(folder, ontology, people, skills)
        place = "disk" if disk else "memory"
        with bench_data.open_at(folder / "store", disk=disk) as store:
            list(apply_ontology(store, ontology))
            bench_data.fill(store, ontology, world)
            store.select("SELECT * {}")  # so that the triples of the last edits are not timed
            binding = bound(store, ontology)
            click.echo(f"{people} people × {skills} skills × 2 waves, {place}")
            for query in load_queries(queries_folder()):
                if names and query.name not in names:
                    continue
                for values in VALUES.get(query.name, [{}]):
                    asked = partial(run, query, values, store, binding, ontology)
                    found = _tell(
                        query.name, asked, times, BUDGETS[place] if people <= 1000 else None
                    )
                    if triples and sql_of(query) is not None:
                        there = partial(run, query, values, _by_triples(store), binding, ontology)
                        again = _tell("  the same as SPARQL", there, 1)
                        _same("SPARQL", Counter(found.rows), Counter(again.rows))
            _others(store, binding, ontology, world, rdflib=in_rdflib, virtuoso=in_virtuoso)


def _tell(name: str, asked: Callable[[], Table], times: int, budget: float | None = None) -> Table:
    taken = []
    table = Table((), ())
    for _ in range(times):
        started = time.perf_counter()
        table = asked()
        taken.append((time.perf_counter() - started) * 1000)
    over = "   OVER" if budget is not None and taken[0] > budget else ""
    click.echo(
        f"{name:22} first {taken[0]:8.1f}  median {statistics.median(taken):8.1f}"
        f"  {len(table):6} rows{over}"
    )
    return table


def _others(
    store: LocalWikibase,
    binding: Binding,
    ontology: Ontology,
    world: bench_data.World,
    *,
    rdflib: bool,
    virtuoso: bool,
) -> None:
    """Have the map answered by others, who have to come to the same."""
    query = find(MAP, [queries_folder()])
    expected = run(query, {}, store, binding, ontology)
    _flat(expected, binding, world)
    if rdflib or virtuoso:
        sys.path.insert(0, str(Path(__file__).parents[1]))  # the engines of the tests
        triples = world.flat.with_name("all.nt")
        with triples.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in store.triples())
        for engine in [_by_rdflib] * rdflib + [_by_virtuoso] * virtuoso:
            engine(query, expected, store, binding, ontology, triples)


def _flat(expected: Table, binding: Binding, world: bench_data.World) -> None:
    try:
        import duckdb  # type: ignore[import-not-found] # not needed but for this
    except ImportError:
        click.echo(f"{MAP} by DuckDB: left out, it is not installed (pip install duckdb)")
        return
    place = duckdb.connect()
    place.execute("SET threads = 1")
    place.execute("CREATE TABLE flat AS FROM read_csv(?, header = true)", [str(world.flat)])
    taken, rows = [], []
    for _ in range(5):
        started = time.perf_counter()
        rows = place.execute(_FLAT).fetchall()
        taken.append((time.perf_counter() - started) * 1000)
    click.echo(f"{MAP} by DuckDB, a flat table: median {statistics.median(taken):.1f}")
    named = ("community", "skill", "people", "able")
    columns = [column.name for column in expected.columns]
    places = [columns.index(name) for name in named]
    ours = Counter(
        tuple(getattr(row[at], "id", row[at]) for at in places) for row in expected.rows
    )
    theirs = Counter(
        (binding.item(home), binding.item(skill), n, able) for home, skill, n, able in rows
    )
    _same("DuckDB", ours, theirs)


def _by_rdflib(
    query: SavedQuery,
    expected: Table,
    store: LocalWikibase,
    binding: Binding,
    ontology: Ontology,
    triples: Path,
) -> None:
    import rdflib

    from tests.query.engines import cell_of

    graph = rdflib.Graph().parse(triples, format="nt")

    def select(sparql: str) -> SelectResult:
        found = graph.query(sparql)
        rows = [tuple(map(cell_of, cast("Any", row))) for row in found]
        return SelectResult(tuple(map(str, found.vars or ())), rows)

    _ask_elsewhere("rdflib", query, expected, _Elsewhere(store, select), binding, ontology)


def _by_virtuoso(
    query: SavedQuery,
    expected: Table,
    store: LocalWikibase,
    binding: Binding,
    ontology: Ontology,
    triples: Path,
) -> None:
    from tests.query.engines import OverHttp
    from tests.query.virtuoso import missing, virtuoso

    if reason := missing():
        click.echo(f"{MAP} by Virtuoso: left out, {reason}")
        return
    folder = triples.with_name("virtuoso")
    folder.mkdir()
    with virtuoso(folder, triples, buffers=170_000) as address:
        there = OverHttp(store, address)
        _ask_elsewhere(
            "Virtuoso", query, expected, _Elsewhere(store, there.select), binding, ontology
        )


class _Elsewhere:
    """A Wikibase whose SPARQL is answered by another engine."""

    def __init__(self, store: LocalWikibase, select: Callable[[str], SelectResult]) -> None:
        self.concept_base, self.find_by_identifier = store.concept_base, store.find_by_identifier
        self.select = select


def _by_triples(store: LocalWikibase) -> Wikibase:
    return cast("Wikibase", _Elsewhere(store, store.select))


def _ask_elsewhere(
    engine: str,
    query: SavedQuery,
    expected: Table,
    there: _Elsewhere,
    binding: Binding,
    ontology: Ontology,
) -> None:
    asked = partial(run, query, {}, cast("Wikibase", there), binding, ontology)
    found = _tell(f"{MAP} by {engine}", asked, 3 if engine == "Virtuoso" else 1)
    _same(engine, Counter(expected.rows), Counter(found.rows))


def _same(engine: str, ours: "Counter[Any]", theirs: "Counter[Any]") -> None:
    if ours != theirs:
        raise SystemExit(
            f"{engine} comes to another map: {list((ours - theirs) + (theirs - ours))[:3]}"
        )
