"""Saved queries for other programs: read as these read them, and asked of other engines."""

from pathlib import Path

import pytest
import rdflib
import yaml
from rdflib import RDF, RDFS, Namespace

from wbskills.errors import WbskillsError
from wbskills.ontology.entries import Ontology
from wbskills.tasks.queries import QueryRunner, saved_queries
from wbskills.wikibase.interface import LocalWikibase, SelectResult
from wbskills.wikibase.server.label_service import replace_label_services
from wbskills.wikibase.server.sparql_text import query_prefixes

SHACL = Namespace("http://www.w3.org/ns/shacl#")
SCHEMA = Namespace("https://schema.org/")
ENDPOINT = "https://query.example.org/sparql"


@pytest.fixture
def exported(wikibase: LocalWikibase, ontology: Ontology, tmp_path: Path) -> Path:
    """All saved queries of a Wikibase, in a folder."""
    folder = tmp_path / "out"
    assert QueryRunner(wikibase, ontology).export(folder, ENDPOINT) == len(saved_queries())
    return folder


def asked(wikibase: LocalWikibase, text: str) -> SelectResult:
    """Ask as a query service does, which looks up labels."""
    base = wikibase.concept_base
    return wikibase.select(replace_label_services(text, query_prefixes(base), base))


def test_files_say_in_ids_what_they_said_in_keys(
    exported: Path, wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """The header is YAML still; the query is asked by rdflib, with its parameters as variables."""
    names = saved_queries()
    assert {file.stem for file in exported.glob("*.rq")} == set(names)
    about = yaml.safe_load(
        "".join(
            line.removeprefix("#+")
            for line in (exported / "who_can.rq").read_text().splitlines(keepends=True)
            if line.startswith("#+")
        )
    )
    items = dict(QueryRunner(wikibase, ontology)._binding.items)
    base = wikibase.concept_base
    assert about["endpoint"] == ENDPOINT
    assert {"level": f"{base}{items['alone']}"} in about["defaults"]
    assert {
        "interest": [f"{base}{items[key]}" for key in ("wants_to_learn", "can_help", "can_teach")]
    } in about["enumerate"]
    for name in names:
        text = (exported / f"{name}.rq").read_text(encoding="utf-8")
        asked(wikibase, text)  # which refuses what is not SPARQL
        assert "localhost:8181" not in text or base.startswith("http://localhost:8181")


def test_the_catalogue_is_run_as_it_is(exported: Path, wikibase: LocalWikibase) -> None:
    """Each query is there once, with what it answers and where."""
    graph = rdflib.Graph().parse(exported / "catalogue.ttl")
    found = set(graph.subjects(RDF.type, SHACL.SPARQLExecutable))

    assert {str(node).rpartition("#")[2] for node in found} == set(saved_queries())
    for node in found:
        answer = asked(wikibase, str(graph.value(node, SHACL.select)))
        query = saved_queries()[str(node).rpartition("#")[2]]
        name = query.name
        shown = [each for each in query.columns if each in {*query.selected, *query.labels}]
        assert list(answer.variables) == shown
        assert str(graph.value(node, RDFS.label)) == saved_queries()[name].summary
        assert str(graph.value(node, SCHEMA.target)) == ENDPOINT


def test_nothing_of_anybody_else_is_overwritten(
    exported: Path, wikibase: LocalWikibase, ontology: Ontology, tmp_path: Path
) -> None:
    """An earlier export is; a folder of one's own queries is not."""
    (exported / "gone.rq").touch()
    QueryRunner(wikibase, ontology).export(exported)
    assert not (exported / "gone.rq").exists()

    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "near_me.rq").write_text("mine")
    with pytest.raises(WbskillsError, match="has other files"):
        QueryRunner(wikibase, ontology).export(mine)
    assert [file.name for file in mine.iterdir()] == ["near_me.rq"]
