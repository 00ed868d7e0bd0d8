"""Queries written for Wikidata's query service get their labels here, too."""

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbskills.errors import QueryError
from wbskills.wikibase.server.label_service import replace_label_services
from wbskills.wikibase.server.sparql_text import query_prefixes
from wbskills.wikibase.sparql_tokens import tokenize

BASE = "http://localhost:8181/entity/"
PREFIXES = query_prefixes(BASE)
SERVICE = 'SERVICE wikibase:label { bd:serviceParam wikibase:language "%s". }'

TYPICAL = (
    Path(__file__).with_name("typical_queries.txt").read_text(encoding="utf-8").split("----\n")
)
PIECES = [
    *"{}()[].;,*#\n",
    *(
        "SELECT",
        "WHERE",
        "SERVICE",
        "SILENT",
        "AS",
        "VALUES",
        "BIND",
        "OPTIONAL",
        "UNION",
        "PREFIX",
    ),
    *("?x", "?xLabel", "$y", "wd:Q1", "e:", "<http://e/>", '"""', "'en,[AUTO_LANGUAGE]'"),
    *("wikibase:label", "bd:serviceParam", "wikibase:language", "rdfs:label", "skos:altLabel"),
    *("hint:Query", "hint:x"),
]

# A person and what she can do: labels in several languages, in one, and in none.
DATA = f"""
@prefix wd: <{BASE}> . @prefix wdt: <{PREFIXES["wdt"]}> . @prefix p: <{PREFIXES["p"]}> .
@prefix wikibase: <http://wikiba.se/ontology#> . @prefix schema: <http://schema.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
wd:Q1 a wikibase:Item ; rdfs:label "Ada"@en, "Ада"@ru ; schema:description "a person"@en ;
  wdt:P1 wd:Q2, wd:Q3, wd:Q4 .
wd:Q2 a wikibase:Item ; rdfs:label "templates"@en, "Vorlagen"@de ; skos:altLabel "tpl"@en ,
  "Schablonen"@de, "Muster"@de ; schema:description "wikitext"@en .
wd:Q3 a wikibase:Item ; rdfs:label "Lua"@mul .
wd:Q4 a wikibase:Item ; schema:description "no name"@en .
wd:P1 a wikibase:Property ; rdfs:label "can"@en ; wikibase:directClaim wdt:P1 ;
  wikibase:propertyType wikibase:WikibaseItem .
"""


@pytest.fixture(scope="module")
def triples() -> ox.Store:
    """The data above."""
    store = ox.Store()
    store.load(DATA.encode(), format=ox.RdfFormat.TURTLE)
    return store


def rows(
    triples: ox.Store, query: str, *columns: str, accepted: Sequence[str] = ()
) -> list[tuple[str, ...]]:
    """Run a query without its label service; return some columns, `-` where unbound."""
    plain = replace_label_services(query, PREFIXES, BASE, accepted)
    found = triples.query(plain, prefixes=PREFIXES)
    assert isinstance(found, ox.QuerySolutions)
    return sorted(
        tuple(getattr(row[name], "value", "-").removeprefix(BASE) for name in columns)
        for row in found
    )


def test_each_label_is_in_the_first_language_that_has_one(triples: ox.Store) -> None:
    """Without any, the id takes its place."""
    query = f"SELECT ?x ?xLabel {{ wd:Q1 wdt:P1 ?x {SERVICE % 'de,en,mul'} }}"

    assert rows(triples, query, "x", "xLabel") == [
        ("Q2", "Vorlagen"), ("Q3", "Lua"), ("Q4", "Q4"),
    ]  # fmt: skip


def test_descriptions_and_aliases_are_bound_if_they_exist(
    triples: ox.Store,
) -> None:
    """All aliases of the first language that has any, joined."""
    query = f"SELECT ?x ?xDescription ?xAltLabel {{ wd:Q1 wdt:P1 ?x {SERVICE % 'de,en'} }}"

    found = rows(triples, query, "x", "xDescription", "xAltLabel")

    assert [(x, told) for x, told, _ in found] == [
        ("Q2", "wikitext"), ("Q3", "-"), ("Q4", "no name"),
    ]  # fmt: skip
    assert sorted(found[0][2].split(", ")) == ["Muster", "Schablonen"]
    assert [aliases for _, _, aliases in found[1:]] == ["-", "-"]


def test_auto_language_means_the_languages_of_the_reader(triples: ox.Store) -> None:
    """In their order, before those in the query."""
    query = f"SELECT ?xLabel {{ BIND(wd:Q1 AS ?x) {SERVICE % '[AUTO_LANGUAGE],en'} }}"

    assert rows(triples, query, "xLabel", accepted=["uk", "ru"]) == [("Ада",)]
    assert rows(triples, query, "xLabel", accepted=["fr"]) == [("Ada",)]
    assert rows(triples, query, "xLabel", accepted=['x" } #']) == [("Ada",)]


def test_variables_named_in_the_block_are_bound(triples: ox.Store) -> None:
    """Also for a constant item; then no variable is bound by its name alone."""
    query = """SELECT * { wd:Q1 wdt:P1 ?x
      SERVICE wikibase:label { bd:serviceParam wikibase:language "en" .
        ?x rdfs:label ?name ; schema:description ?told . wd:Q1 rdfs:label ?who . } }"""

    assert rows(triples, query, "name", "told", "who") == [
        ("Q3", "-", "Ada"), ("Q4", "no name", "Ada"),
        ("templates", "wikitext", "Ada"),
    ]  # fmt: skip


def test_select_star_has_no_internal_variables(triples: ox.Store) -> None:
    """Only those in the query."""
    query = f"SELECT * {{ wd:Q1 wdt:P1 ?x {SERVICE % 'en'} FILTER(STRLEN(?xLabel) > 2) }}"
    found = triples.query(replace_label_services(query, PREFIXES, BASE), prefixes=PREFIXES)

    assert isinstance(found, ox.QuerySolutions)
    assert sorted(name.value for name in found.variables) == ["x", "xLabel"]
    assert len(list(found)) == 1


def test_the_block_may_come_first(triples: ox.Store) -> None:
    """Wikidata's label service runs last, wherever it is written."""
    first = f"SELECT ?xLabel {{ {SERVICE % 'en'} wd:Q1 wdt:P1 ?x }}"
    between = (
        f"SELECT ?xLabel ?yLabel {{ ?y wdt:P1 ?x {SERVICE % 'en'} ?x a wikibase:Item"
        " OPTIONAL { ?x schema:description ?told } }"
    )

    expected = [("Q3",), ("Q4",), ("templates",)]
    assert rows(triples, first, "xLabel") == expected
    assert rows(triples, between, "xLabel") == expected
    assert set(rows(triples, between, "yLabel")) == {("Ada",)}


def test_grouping_by_a_label_works(triples: ox.Store) -> None:
    """As in many queries on Wikidata."""
    query = (
        f"SELECT ?yLabel (COUNT(?x) AS ?n) {{ ?y wdt:P1 ?x . {SERVICE % 'en'} }}"
        " GROUP BY ?y ?yLabel HAVING (COUNT(?x) > 1) ORDER BY DESC(?n) ?yLabel"
    )

    assert rows(triples, query, "yLabel", "n") == [("Ada", "3")]


def test_a_sub_select_may_have_the_service(triples: ox.Store) -> None:
    """Outside, its labels are visible if it selects them."""
    inner = (
        f"SELECT ?label ?all {{ {{ SELECT ?x ?xLabel {{ wd:Q1 wdt:P1 ?x {SERVICE % 'en'} }} }}"
        " BIND(?xLabel AS ?label) BIND(CONCAT(?xLabel, '!') AS ?all) }"
    )
    outer = (
        "SELECT ?x ?xLabel ?n { { SELECT ?x (COUNT(*) AS ?n) { ?y wdt:P1 ?x } GROUP BY ?x }"
        f" {SERVICE % 'de'} }}"
    )

    assert rows(triples, inner, "all") == [("Q3!",), ("Q4!",), ("templates!",)]
    assert rows(triples, outer, "xLabel", "n") == [("Q3", "1"), ("Q4", "1"), ("Vorlagen", "1")]


def test_two_blocks_in_two_groups_are_independent(triples: ox.Store) -> None:
    """One in each branch of a UNION, with different languages."""
    query = (
        f"SELECT ?x ?xLabel {{ {{ BIND(wd:Q2 AS ?x) {SERVICE % 'de'} }} UNION"
        f" {{ BIND(wd:Q2 AS ?x) {SERVICE % 'en'} }} }}"
    )

    assert rows(triples, query, "xLabel") == [("Vorlagen",), ("templates",)]


def test_an_unbound_variable_gets_no_label(triples: ox.Store) -> None:
    """Not that of any other entity, either."""
    query = (
        f"SELECT ?x ?y ?yLabel {{ wd:Q1 wdt:P1 ?x OPTIONAL {{ ?x wdt:P1 ?y }} {SERVICE % 'en'} }}"
    )

    assert rows(triples, query, "x", "yLabel") == [("Q2", "-"), ("Q3", "-"), ("Q4", "-")]


def test_the_label_of_a_text_or_foreign_address_is_itself(triples: ox.Store) -> None:
    """As in the query service."""
    query = (
        'SELECT ?x ?xLabel { VALUES ?x { "text" <http://example.org/a> 5 wd:Q4 }'
        f" {SERVICE % 'en'} }}"
    )

    assert rows(triples, query, "xLabel") == [
        ("5",),
        ("Q4",),
        ("http://example.org/a",),
        ("text",),
    ]


def test_a_label_bound_by_the_query_is_kept(triples: ox.Store) -> None:
    """A variable cannot be bound twice."""
    query = (
        "SELECT ?x ?xLabel { wd:Q1 wdt:P1 ?x OPTIONAL { ?x rdfs:label ?xLabel }"
        f" {SERVICE % 'de'} }}"
    )
    bound = f"SELECT ?xLabel {{ BIND(wd:Q2 AS ?x) BIND('mine' AS ?xLabel) {SERVICE % 'de'} }}"

    assert ("-",) in rows(triples, query, "xLabel")
    assert rows(triples, bound, "xLabel") == [("mine",)]


@pytest.mark.parametrize("query", TYPICAL)
def test_a_typical_query_is_answered(triples: ox.Store, query: str) -> None:
    """Queries as people and programs write them, with comments."""
    plain = replace_label_services(query, PREFIXES, BASE, ["de"])
    found = triples.query(plain, prefixes=PREFIXES)

    assert bool(found) if isinstance(found, ox.QueryBoolean) else len(list(found)) > 0
    assert "SERVICE" not in [token.word for token in tokenize(plain)]


def test_optimizer_hints_are_removed(triples: ox.Store) -> None:
    """As triples they would match nothing."""
    query = (
        'SELECT ?x { hint:Query hint:optimizer "None" . wd:Q1 wdt:P1 ?x .'
        " hint:Prior hint:rangeSafe true . ?x a wikibase:Item . hint:Prior hint:runLast true }"
    )

    assert rows(triples, query, "x") == [("Q2",), ("Q3",), ("Q4",)]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=25))
def test_any_text_is_rewritten_or_refused(parts: list[str]) -> None:
    """With a `QueryError`, never another exception; and no SERVICE is left."""
    try:
        plain = replace_label_services(" ".join(parts), PREFIXES, BASE, ["de"])
    except QueryError:
        return
    assert "SERVICE" not in [token.word for token in tokenize(plain)]


def test_line_numbers_of_errors_are_kept(triples: ox.Store) -> None:
    """A block of several lines is replaced by as many."""
    query = "SELECT ?xLabel {\n?x a ?y\n SERVICE wikibase:label {\n\n}\n}\nORDER BY oops"

    with pytest.raises(SyntaxError, match="at 7:"):
        triples.query(replace_label_services(query, PREFIXES, BASE), prefixes=PREFIXES)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://127.0.0.1:1/sparql> { ?a ?b ?c } }",
        "SELECT * { SERVICE SILENT <http://example.org/> { ?a ?b ?c } }",
        "SELECT * { SERVICE ?where { ?a ?b ?c } }",
        "SELECT * { service wikibase:mwapi { ?a ?b ?c } }",
        "SELECT * { SERVICE#x\n<http://127.0.0.1:1/>{} }",
        # Oxigraph needs no blank after a keyword, nor before one.
        "SELECT * { SERVICEwikibase:mwapi { ?a ?b ?c } }",
        "SELECT * { SERVICESILENT<http://127.0.0.1:1/> { ?a ?b ?c } }",
        "SELECT * { ?a ?b trueSERVICE<http://127.0.0.1:1/> { ?a ?b ?c } }",
        "SELECT * { ?a ?b trueSERVICEwikibase:x { ?a ?b ?c } }",
        "SELECT * { ?a ?b 1SERVICE<http://127.0.0.1:1/> { ?a ?b ?c } }",
        "PREFIX wikibase: <http://e/> SELECT * { SERVICE wikibase:label { ?a ?b ?c } }",
        "SELECT * { \\u0053ERVICE <http://127.0.0.1:1/> {} }",
        "SELECT * { ?a ?b ?c FILTER(?a<?b)SERVICE<http://127.0.0.1:1/>{} FILTER(?b>?c) }",
        "SELECT * { SERVICE wikibase:label { SERVICE <http://127.0.0.1:1/> { ?a ?b ?c } } }",
        "SELECT * { SERVICE wikibase:label { ?a ?b ?c } }",
        "SELECT * { SERVICE",
        "SERVICE wikibase:label { }",
        "SELECT * { SERVICE wikibase:label }",
    ],
)
def test_any_other_service_is_refused(query: str) -> None:
    """However it is hidden: no other machine is ever queried."""
    with pytest.raises(QueryError):
        replace_label_services(query, PREFIXES, BASE)


@pytest.mark.parametrize(
    "query",
    [
        'SELECT * { ?a ?b "SERVICE <http://127.0.0.1:1/> {}" } # SERVICE <x>',
        "SELECT ?service { ?service <http://example.org/SERVICE> ?b ; schema:serviceType ?c }",
    ],
)
def test_the_word_may_occur_in_texts_names_and_comments(query: str) -> None:
    """Such a query is returned unchanged."""
    assert replace_label_services(query, PREFIXES, BASE) == query


def test_labels_of_many_rows_take_little_time() -> None:
    """Labels of 40,000 rows cost at most a few times what the rows cost."""
    store = ox.Store()
    lines = [
        f'<{BASE}Q{n}> <http://www.w3.org/2000/01/rdf-schema#label> "n{n}"@en .'
        for n in range(2000)
    ]
    lines += [
        f"<{BASE}Q{n}> <{PREFIXES['wdt']}P1> <{BASE}Q{1000 + (n * 7 + k * 13) % 1000}> ."
        for n in range(1000)
        for k in range(40)
    ]
    store.bulk_load("\n".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES)
    query = f"SELECT ?y ?yLabel {{ ?x wdt:P1 ?y {SERVICE % 'de,en'} }}"
    plain = replace_label_services(query, PREFIXES, BASE)

    start = perf_counter()
    found = store.query(plain, prefixes=PREFIXES)
    count = len(list(found)) if isinstance(found, ox.QuerySolutions) else 0

    assert count == 40_000
    assert perf_counter() - start < 5
