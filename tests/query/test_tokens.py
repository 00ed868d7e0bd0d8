"""Cutting SPARQL into tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbskills.errors import QueryError
from wbskills.query.saved import SavedQuery
from wbskills.wikibase.sparql_tokens import TokenKind, meaningful, place, tokenize

PIECES = [
    ('?a = "?b"', "variable mark text"),
    ("'it''s'", "text text"),
    ('"a \\"quoted\\" ?x"', "text"),
    ('"""two "lines"\n?x"""', "text"),
    ("'''it's ?x'''", "text"),
    ('"""a\\"""" ?x', "text variable"),
    ('""', "text"),
    ('"\\u0022" ?x', "text variable"),
    ('?x # ?y "\n?z', "variable variable"),
    ("<http://a/#b> ?x", "iri variable"),
    ("?a < ?b && ?c > ?d", "variable mark variable mark variable mark variable"),
    # The standard's own trap: without blanks this is an address.
    ("?a<?b&&?c>?d", "variable iri variable"),
    ("?a <= 3", "variable mark number"),
    ("wdt:level_value/wdt:part_of*", "name mark name mark"),
    ("wd:a.b. wd:c.", "name mark name mark"),
    ("wd:%C3%A9 wd:a\\~b", "name name"),
    ("PREFIX : <http://a/> :x", "word name iri name"),
    ("_:b1 _:b.2.", "blank blank mark"),
    ('"chat"@fr-CA, "x"^^xsd:string', "text tag mark text mark name"),
    ("?été $x ?_level_iri ?__x_iri", "variable variable variable variable"),
    ("1 -2 +3.5 .5 1e6 1.e-6 7.", "number number number number number number number mark"),
    ("?a-1", "variable number"),
    ("wdt:part_of? ?x", "name mark variable"),
    ("a true COUNT(*)", "word word word mark mark mark"),
    ("!= >= || ^^ ^ | ! [] ;", "mark mark mark mark mark mark mark mark mark mark"),
]


@pytest.mark.parametrize(("text", "kinds"), PIECES)
def test_cuts_as_the_standard_does(text: str, kinds: str) -> None:
    """Kinds are those of the grammar; the longest token wins."""
    found = " ".join(token.kind for token in meaningful(tokenize(text)))

    assert found == kinds


def test_loses_nothing(packaged: SavedQuery) -> None:
    """Comments and blanks included, the tokens are the text."""
    assert "".join(token.text for token in tokenize(packaged.text)) == packaged.text


@given(st.text(alphabet="?_aé:\"'\\n#<> {}.@^|/+-0e", max_size=30))
def test_loses_nothing_of_any_text(text: str) -> None:
    """Whatever is written, it is cut without loss or refused."""
    try:
        tokens = tokenize(text)
    except QueryError:
        return
    assert "".join(token.text for token in tokens) == text
    assert all(text[token.at :].startswith(token.text) for token in tokens)


@pytest.mark.parametrize("text", ['"open', "'open\n'", '"bad \\x"', "?a ~ ?b", "`", '"""a""'])
def test_refuses_what_is_no_token(text: str) -> None:
    """The message tells the place."""
    with pytest.raises(QueryError, match="line 2, column"):
        tokenize(f"SELECT\n {text}")


def test_reads_a_prefixed_name_without_its_escapes() -> None:
    """`wd:a\\.b` names the key `a.b`."""
    (token,) = tokenize("wd:a\\.b")

    assert token.name == ("wd", "a.b")
    assert token.kind is TokenKind.NAME


def test_tells_line_and_column() -> None:
    """Both count from 1."""
    assert place("one\ntwo", 5) == (2, 2)


@pytest.mark.parametrize(
    "deep",
    [
        "{" * 20_000 + "}" * 20_000, "FILTER(" + "(" * 20_000, "?a ?b " + "[ ?c " * 20_000,
        "OPTIONAL{}" * 20_000, "FILTER(" + "!" * 20_000 + "?a)", "BIND(1 AS ?a)" * 20_000,
        "{}UNION" * 20_000, "FILTER(1" + "+1" * 20_000 + ")",
    ],
)  # fmt: skip
def test_what_no_parser_survives_is_refused(deep: str) -> None:
    """Oxigraph calls itself for each step, until the process ends without a word."""
    with pytest.raises(QueryError, match=r"line 2, column .* is not run"):
        tokenize(f"SELECT *\n{{ {deep} }}")


def test_a_long_list_of_values_is_no_nesting() -> None:
    """Nor are many triples, one after the other, or many brackets that are closed."""
    tokenize("SELECT * { VALUES (?a ?b) { " + "(wd:Q1 wd:Q2) " * 5_000 + "} }")
    tokenize("SELECT * { " + "?a ?b [ ?c ?d ] ; ?e ?f . " * 5_000 + "}")
