"""Hostile texts, and the shape of a query: its kinds of tokens, and its algebra."""

from hypothesis import strategies as st
from rdflib import Literal
from rdflib.plugins.sparql.parserutils import CompValue

from wbskills.wikibase.sparql_tokens import meaningful, tokenize

HOSTILE = (
    '" . } UNION { ?s ?p ?o', "'", '"', "\\", '\\"', "\n", "\r\n", "\t", "\\u007d", "\\u0022",
    "\\U00000022", "\\\\u0022", "u0022", "?x", "$x", "#", "<", ">", "{", "}", "é", "😀", "\u2028",
    "@en", "^^", "\\1", "\\g<0>", "%s", "?_name_literal", "wd:alone", " ", "*/", "--", ";", "\\n",
)  # fmt: skip
TEXTS = st.one_of(
    st.lists(st.sampled_from(HOSTILE), max_size=6).map("".join),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)


def kinds(text: str) -> list[str]:
    """List the kinds of a query's tokens."""
    return [token.kind for token in meaningful(tokenize(text))]


def shape(node: object, value: str) -> object:
    """Write down an algebra, with the value that was bound in it hidden.

    The label service has a language with those to fall back on, as a term and in its own text.
    """
    if isinstance(node, CompValue):
        return (node.name, [(key, shape(node[key], value)) for key in sorted(node)])
    if isinstance(node, list | tuple):
        return [shape(part, value) for part in node]
    if isinstance(node, set | frozenset):
        return sorted(map(str, node))
    if node in (Literal(value), Literal(f"{value},en,mul")):
        return "the value"
    return repr(node).replace(f'"{value},en,mul"', "the value")
