"""The text of a SPARQL query: prefixes, brackets, SERVICE blocks, and the columns of `SELECT *`.

This is enough of a parser to find and replace SERVICE blocks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from wbskills.errors import QueryError
from wbskills.wikibase.sparql_tokens import (
    PROPERTY_PATHS,
    TokenKind,
    TokenTree,
    cut,
    meaningful,
    place,
)

# The prefixes of Wikibase (https://www.mediawiki.org/wiki/Wikibase/Indexing/RDF_Dump_Format
# #Prefixes_used), under the names of version 1.44 and older ones.
_COMMON: Final = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "wikibase": "http://wikiba.se/ontology#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "schema": "http://schema.org/",
    "cc": "http://creativecommons.org/ns#",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "prov": "http://www.w3.org/ns/prov#",
}
_GEOF: Final = "http://www.opengis.net/def/function/geosparql/"
_QUERY_SERVICE: Final = {
    "geof": _GEOF,
    "bd": "http://www.bigdata.com/rdf#",
    "hint": "http://www.bigdata.com/queryHints#",
}
_RENAMED: Final = {
    "wdata": ("data", "wiki/Special:EntityData/"),
    "wds": ("s", "entity/statement/"),
    "wdref": ("ref", "reference/"),
    "wdv": ("v", "value/"),
}

_LABEL_SERVICE: Final = "http://wikiba.se/ontology#label"
_HINTS: Final = "http://www.bigdata.com/queryHints#"
_FUNCTIONS: Final = (_GEOF, "http://wikiba.se/ontology#", "http://www.bigdata.com/rdf#")


def document_prefixes(concept_base: str) -> dict[str, str]:
    """Return the prefixes of Turtle documents, under their newer names."""
    top = concept_base.removesuffix("entity/")
    renamed = {name: top + path for name, (_, path) in _RENAMED.items()}
    paths = {name: top + path for name, path in PROPERTY_PATHS.items()}
    return {**_COMMON, "wd": concept_base, **renamed, **paths}


def query_prefixes(concept_base: str) -> dict[str, str]:
    """Return the prefixes that a query may use undeclared, under newer and older names."""
    top = concept_base.removesuffix("entity/")
    older = {name: top + path for name, path in _RENAMED.values()}
    return {**document_prefixes(concept_base), **older, **_QUERY_SERVICE}


def name_columns(query: str, base: str, prefixes: Mapping[str, str]) -> str:
    """Replace the `*` of a SELECT by its columns in the order in which the query names them.

    Oxigraph would sort them by name. Any other query is returned unchanged. `base` and
    `prefixes` can be used undeclared. Raises `SyntaxError` if the query is invalid.

    >>> name_columns("SELECT * { ?z ?y ?x . ?y ?b ?z }", "http://localhost/", {})
    'SELECT ?z ?y ?x ?b { ?z ?y ?x . ?y ?b ?z }'
    """
    star = _star(query) if "*" in query else -1
    if star < 0:
        return query
    # Which columns there are does not depend on data.
    found = ox.Store().query(query, base_iri=base, prefixes=dict(prefixes))
    if not isinstance(found, ox.QuerySolutions) or not found.variables:
        return query
    columns = {variable.value for variable in found.variables}
    names = dict.fromkeys(token.variable for token in meaningful(cut(query)))
    listed = " ".join(f"?{name}" for name in names if name in columns)
    return query[:star] + listed + query[star + 1 :]


def _star(query: str) -> int:
    """Return the position of the `*` after the outermost SELECT; -1 if there is none."""
    before = ""
    for token in meaningful(cut(query)):
        if token.kind is TokenKind.MARK:
            return token.at if token.text == "*" and before == "SELECT" else -1
        if token.word not in {"DISTINCT", "REDUCED"} or before != "SELECT":
            before = token.word
    return -1


@dataclass(frozen=True, slots=True)
class ServiceBlock:
    """A `SERVICE` block; positions count the tokens of a `QueryText`.

    `first` is the keyword, `opening` and `closing` are its braces; `group` is the opening brace
    of the group that contains it.
    """

    first: int
    opening: int
    closing: int
    group: int


class QueryText(TokenTree):
    """A query in which the blocks of the label service and hints can be found."""

    def label_services(self) -> list[ServiceBlock]:
        """Return the blocks of the label service.

        Raises `QueryError` at any other SERVICE, because no other machine is ever queried, and
        at a function of Wikidata's engine, which would silently return nothing here.
        """
        found = []
        groups: list[int] = []
        for at, token in enumerate(self.tokens):
            if token.text == "{" and token.kind is TokenKind.MARK:
                groups.append(at)
            elif token.text == "}" and token.kind is TokenKind.MARK and groups:
                groups.pop()
            elif token.word == "SERVICE":
                found.append(self._service(at, groups))
            elif token.holds("SERVICE"):
                raise self.error(
                    at, "SERVICE is part of another word", "put spaces around SERVICE"
                )
            elif self._is_function(at):
                what = f"the function {token.text} is not available here"
                raise self.error(at, what, "remove it, and compute the value in your program")
        return found

    def _is_function(self, at: int) -> bool:
        """Check whether a function of Wikidata's engine is called."""
        if at + 1 >= len(self.tokens) or self.tokens[at + 1].text not in {"(", "()"}:
            return False
        return self.iri(at).startswith(_FUNCTIONS)

    def hints(self) -> Iterator[tuple[int, int]]:
        """Yield the first and last token of each optimizer hint for Wikidata's engine.

        Hints change no answer there. Here they would be triples that match nothing.
        """
        for at in range(len(self.tokens) - 2):
            if self.iri(at).startswith(_HINTS) and self.iri(at + 1).startswith(_HINTS):
                has_dot = at + 3 < len(self.tokens) and self.tokens[at + 3].text == "."
                yield at, at + 3 if has_dot else at + 2

    def error(self, at: int, what: str, hint: str) -> QueryError:
        """Return an error with the line and column of a token."""
        line, column = place(self.text, self.tokens[at].at)
        return QueryError(f"line {line}, column {column}: {what}", hint=hint)

    def _service(self, at: int, groups: list[int]) -> ServiceBlock:
        target = at + 1
        if target < len(self.tokens) and self.tokens[target].word == "SILENT":
            target += 1
        opening = target + 1
        if target >= len(self.tokens) or self.iri(target) != _LABEL_SERVICE:
            name = self.tokens[target].text if target < len(self.tokens) else ""
            raise self.error(
                at,
                f"SERVICE {name} is not available here",
                "use SERVICE wikibase:label, or no SERVICE",
            )
        if not groups or opening not in self.closing or self.tokens[opening].text != "{":
            raise self.error(at, "this SERVICE has no block", "add { … } after it, inside WHERE")
        return ServiceBlock(at, opening, self.closing[opening], groups[-1])
