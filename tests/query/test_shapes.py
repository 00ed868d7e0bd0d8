"""No value changes the shape of a query that travels with the program: each parameter of each."""

from functools import lru_cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.query.hostile import TEXTS, kinds, shape
from tests.query.made import BASE, bind_all
from tests.query.support import bind
from wbskills.data import ontology_folder, queries_folder
from wbskills.errors import QueryError
from wbskills.ontology.load import load
from wbskills.query.params import language
from wbskills.query.saved import Param, SavedQuery
from wbskills.query.saved import load as load_queries

ONTOLOGY = load(ontology_folder())
BINDING = bind_all(ONTOLOGY)
CASES = [(query, param) for query in load_queries(queries_folder()) for param in query.params]
# Nobody gives `fallback` a value: it comes from `lang`, and only both together have one shape.
TEXT_CASES = [
    (query, param)
    for query, param in CASES
    if param.type == "literal" and param.name != "fallback"
]
GOOD = {
    "iri": "Q99999", "literal": "harmless", "integer": "5", "number": "0.5",
    "xsd_date": "2026-03-04", "xsd_dateTime": "2026-03-04",
}  # fmt: skip
ATTACKS = (
    '" . } UNION { ?s ?p ?o } #', "'" * 3, '"' * 3, "\\", "\\u0022 }", "{", "}", "# }", "a\nb\rc",
    "\u202eabc\u200f\u2066", "?_lang_literal", "<http://a/> <http://b/>", "x" * 10_000,
    '"}' * 5_000, "\\" * 9_999, "\u200f{" * 5_000,
)  # fmt: skip


def bound(query: SavedQuery, param: Param, value: str) -> str:
    """Bind a query with one value of interest and harmless ones for what it needs else."""
    usual = {p.name: GOOD[p.type] for p in query.params if p.required and not p.default}
    values = {**usual, "fallback": "en", param.name: value}
    return bind(query, values, binding=BINDING, ontology=ONTOLOGY, concept_base=BASE)


@lru_cache(maxsize=32)
def algebra(query: str, value: str) -> object:
    """Parse a query and write down its shape."""
    from rdflib.plugins.sparql import prepareQuery

    return shape(prepareQuery(query).algebra, value)


@pytest.mark.parametrize(
    ("query", "param"), [pytest.param(q, p, id=f"{q.name}-{p.name}") for q, p in CASES]
)
def test_an_attack_is_refused_or_one_term(query: SavedQuery, param: Param) -> None:
    """Quotes, braces, backslashes, comments, line breaks, directions, and 10,000 characters."""
    harmless, longest = "", 0
    for text in ATTACKS:
        try:
            attack = bound(query, param, text)
        except QueryError as error:
            longest = max(longest, len(str(error)))
            continue
        assert param.type == "literal"
        harmless = harmless or bound(query, param, "harmless")
        assert kinds(attack) == kinds(harmless)
    assert longest < 600, "a message must not repeat 10,000 characters"


@settings(deadline=None, max_examples=20)
@given(text=TEXTS, choice=st.sampled_from(TEXT_CASES))
@example(text='"}' * 5_000, choice=TEXT_CASES[0])
@example(text="\\" * 9_999, choice=TEXT_CASES[-1])
@example(text="zh_TW", choice=next(case for case in TEXT_CASES if case[1].name == "lang"))
def test_no_text_changes_the_algebra(text: str, choice: tuple[SavedQuery, Param]) -> None:
    """Whatever else may be written, in the places where a text may stand."""
    query, param = choice
    try:
        attack = bound(query, param, text)
    except QueryError:
        return
    value = text.strip()
    if value and param.automatic:
        value = language(value)  # which is written small
    if value:
        assert algebra(attack, value) == algebra(bound(query, param, "harmless"), "harmless")
