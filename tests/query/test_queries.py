"""Every saved query that travels with the program, found by itself."""

import random
import re
import statistics

import pyoxigraph as ox
import pytest
from rdflib.plugins.sparql import prepareQuery

from tests.query.conftest import PACKAGED, values_for
from tests.query.engines import Oxigraph, Rdflib
from tests.query.made import BASE, World, make, ntriples
from tests.query.support import bind
from wbskills.ontology.entries import Ontology
from wbskills.query.checks import check_portable
from wbskills.query.run import run
from wbskills.query.saved import SavedQuery

QUESTIONS = (
    "Which skills are common, and which of them should be in the baseline?",
    "Who has a rare skill, including skills that the survey did not ask about?",
    "Who has a skill, at which level, in which language, for which wiki, and who offers help?",
    "Which communities have gaps, and who could help?",
    "What changed since the last survey wave?",
    "How is volunteer work recognised?",
    "Is the data good enough for others to use?",
)
LONGEST, USUAL = 70, 25  # lines below the header

# The made people have nothing to do with these; `test_engines` asks them of the sample survey.
ELSEWHERE = (
    "baseline_gap", "baseline_gap_person", "candidates", "data_quality", "declared_capacity",
    "learn_teach", "needs",
)  # fmt: skip

WIDE = {"level": "none", "share": "0", "people": "1", "most": "9"}


@pytest.fixture(scope="module")
def five(ontology: Ontology) -> World:
    """Five people: rdflib is slow, and hostile names are among the first four."""
    return make(ontology, people=5, skills=4, asked=3, communities=2, languages=2, seed=3)


def bound(query: SavedQuery, world: World, ontology: Ontology) -> str:
    """Bind a query to a made world."""
    return bind(
        query,
        values_for(query, world),
        binding=world.binding,
        ontology=ontology,
        concept_base=BASE,
        lang="de-at",
    )


def test_nobody_is_scored_or_ranked(packaged: SavedQuery) -> None:
    """A row about a person is about a skill, or counts nothing; and no best one comes first."""
    if "person" in packaged.key and "skill" not in packaged.columns:
        assert {"able", "skills", "share", "mean", "number"}.isdisjoint(packaged.columns)
    if "person" in packaged.columns:
        order = packaged.text.rpartition("ORDER BY")[2]
        assert not re.search(r"DESC\(\?(number|level|able|mean)", order)


def test_is_legal_sparql_before_anything_is_done_to_it(packaged: SavedQuery) -> None:
    """An editor that knows the prefixes of Wikibase takes it as it stands in the file."""
    prepareQuery(packaged.text, initNs=dict(packaged.prefixes))
    ox.Store().query(packaged.text, prefixes=dict(packaged.prefixes))


def test_is_legal_sparql_when_bound(
    packaged: SavedQuery, world: World, ontology: Ontology
) -> None:
    """It can be pasted into the query service of a Wikibase."""
    text = bound(packaged, world, ontology)

    prepareQuery(text)
    ox.Store().query(text)
    assert text.startswith(f"# {packaged.summary}\n")
    assert "localhost" not in text
    assert not re.search(r"\?_[a-z]", text)


def test_keeps_the_rules_of_portable_queries(packaged: SavedQuery) -> None:
    """One text is right on every engine."""
    assert check_portable(packaged) == []


def test_is_short(packaged: SavedQuery) -> None:
    """Labels, statistics, prefixes and what is not given are not its business."""
    lines = [line for line in packaged.text.splitlines() if not line.startswith("#+")]
    assert len(lines) <= LONGEST
    assert not packaged.declared
    assert "rdfs:label" not in packaged.text


def test_half_of_all_are_very_short() -> None:
    """As somebody writes them who knows the query service of Wikidata."""
    lengths = [
        sum(not line.startswith("#+") for line in path.read_text(encoding="utf-8").splitlines())
        for path in PACKAGED
    ]
    assert statistics.median(lengths) <= USUAL


def test_says_what_it_is_for(packaged: SavedQuery) -> None:
    """A reader learns the question, and how to read the answer."""
    assert packaged.question in QUESTIONS
    assert packaged.description
    assert packaged.reading
    assert packaged.tags


def test_takes_items_of_sections_that_there_are(packaged: SavedQuery, ontology: Ontology) -> None:
    """A parameter whose section nobody fills could never be given."""
    sections = {entry.section for entry in ontology.entries.values()}
    for param in packaged.params:
        assert param.type != "iri" or param.section in {*sections, "people", "waves"}
        assert set(param.choices) <= set(ontology.section(param.section))


def test_gives_the_same_answer_on_another_engine(
    packaged: SavedQuery, five: World, ontology: Ontology
) -> None:
    """No answer hangs on one engine, names with quotes and line breaks included."""
    triples = ntriples(five, ontology)
    names = {param.name for param in packaged.params}
    wide = {name: value for name, value in WIDE.items() if name in names}
    values = {**values_for(packaged, five), **wide}
    tables = [
        run(packaged, values, engine(five, triples).wikibase(), five.binding, ontology, "de-at")
        for engine in (Oxigraph, Rdflib)
    ]

    assert tables[0].rows == tables[1].rows
    assert len(tables[0]) > 0 or packaged.name in ELSEWHERE


def test_gives_rows_in_one_order_however_the_triples_came(
    packaged: SavedQuery, world: World, ontology: Ontology, graph: Oxigraph
) -> None:
    """A report that is built again does not change when nothing has."""
    lines = ntriples(world, ontology).splitlines(keepends=True)
    random.Random(7).shuffle(lines)  # noqa: S311 - no secrets here
    values = values_for(packaged, world)
    tables = [
        run(packaged, values, engine.wikibase(), world.binding, ontology)
        for engine in (graph, Oxigraph(world, b"".join(lines)))
    ]

    assert tables[0].rows == tables[1].rows


def test_has_no_two_rows_with_one_key(
    packaged: SavedQuery, world: World, ontology: Ontology, graph: Oxigraph
) -> None:
    """The key that the header names tells rows apart."""
    values = values_for(packaged, world)
    table = run(packaged, values, graph.wikibase(), world.binding, ontology)
    keys = [tuple(row[name] for name in packaged.key) for row in table]

    assert len(keys) == len(set(keys))
