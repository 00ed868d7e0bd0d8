"""A query as its tokens and brackets: enough of its form to find and replace SERVICE blocks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from wbskills.errors import QueryError
from wbskills.wikibase.server.prefixes import GEOF
from wbskills.wikibase.sparql_tokens import Kind, Token, meaningful, place, tokenize

LABELS: Final = "http://wikiba.se/ontology#label"
HINTS: Final = "http://www.bigdata.com/queryHints#"

_FUNCTIONS: Final = (GEOF, "http://wikiba.se/ontology#", "http://www.bigdata.com/rdf#")

_CLOSING: Final = {"{": "}", "(": ")", "[": "]"}


@dataclass(frozen=True, slots=True)
class Service:
    """A `SERVICE` block; positions count the tokens of a `QueryText`.

    `first` is its keyword, `opening` and `closing` are its braces; `within` is the opening
    brace of the group that it stands in.
    """

    first: int
    opening: int
    closing: int
    within: int


class QueryText:
    """The tokens of a query without blanks and comments, and which bracket closes which.

    Raises `QueryError` if there is something that is no token.
    """

    def __init__(self, query: str, prefixes: Mapping[str, str]) -> None:
        self.query = query
        self.tokens: list[Token] = list(meaningful(tokenize(query)))
        self.closing = _matched(self.tokens)
        self.prefixes = {**prefixes, **_declared(self.tokens)}

    def iri(self, at: int) -> str:
        """Give the IRI that a token stands for; empty if it stands for none."""
        token = self.tokens[at]
        if token.kind is Kind.IRI:
            return token.text[1:-1]
        if token.kind is not Kind.NAME:
            return ""
        prefix, local = token.name
        base = self.prefixes.get(prefix)
        return "" if base is None else base + local

    def variables(self, start: int, end: int) -> Iterator[str]:
        """List the variables between two positions, as often as they stand there."""
        return (token.variable for token in self.tokens[start:end] if token.variable)

    def label_services(self) -> list[Service]:
        """Find the blocks of the label service.

        Raises `QueryError` at a SERVICE of any other kind: nothing is ever asked elsewhere; and
        at a function of Wikidata's engine, which would silently give nothing here.
        """
        found = []
        groups: list[int] = []
        for at, token in enumerate(self.tokens):
            if token.text == "{" and token.kind is Kind.MARK:
                groups.append(at)
            elif token.text == "}" and token.kind is Kind.MARK and groups:
                groups.pop()
            elif token.word == "SERVICE":
                found.append(self._service(at, groups))
            elif token.holds("SERVICE"):
                raise self.refused(at, "SERVICE stands inside another word", "blanks around it")
            elif self._is_function(at):
                what = f"the function {token.text} is not offered here"
                raise self.refused(at, what, "the query without it; the client can reckon")
        return found

    def _is_function(self, at: int) -> bool:
        """Tell whether a function of Wikidata's engine is called."""
        if at + 1 >= len(self.tokens) or self.tokens[at + 1].text not in {"(", "()"}:
            return False
        return self.iri(at).startswith(_FUNCTIONS)

    def hints(self) -> Iterator[tuple[int, int]]:
        """Find the triples that tell Wikidata's engine how to work; gives first and last token.

        They change no answer there. Here they would be triples that nothing has.
        """
        for at in range(len(self.tokens) - 2):
            if self.iri(at).startswith(HINTS) and self.iri(at + 1).startswith(HINTS):
                has_dot = at + 3 < len(self.tokens) and self.tokens[at + 3].text == "."
                yield at, at + 3 if has_dot else at + 2

    def refused(self, at: int, what: str, hint: str) -> QueryError:
        """Make the error that a token gives rise to, with its line and column."""
        line, column = place(self.query, self.tokens[at].at)
        return QueryError(f"line {line}, column {column}: {what}", hint=hint)

    def _service(self, at: int, groups: list[int]) -> Service:
        target = at + 1
        if target < len(self.tokens) and self.tokens[target].word == "SILENT":
            target += 1
        opening = target + 1
        if target >= len(self.tokens) or self.iri(target) != LABELS:
            name = self.tokens[target].text if target < len(self.tokens) else ""
            raise self.refused(
                at, f"SERVICE {name} is not offered here", "SERVICE wikibase:label, or none"
            )
        if not groups or opening not in self.closing or self.tokens[opening].text != "{":
            raise self.refused(at, "this SERVICE has no block", "{ … } after it, inside WHERE")
        return Service(at, opening, self.closing[opening], groups[-1])


def _matched(tokens: list[Token]) -> dict[int, int]:
    """Give the closing bracket of each opening one; one that nothing closes is left out."""
    found: dict[int, int] = {}
    open_: list[int] = []
    for at, token in enumerate(tokens):
        if token.kind is not Kind.MARK:
            continue
        if token.text in _CLOSING:
            open_.append(at)
        elif token.text in _CLOSING.values() and open_:
            opened = open_.pop()
            if _CLOSING[tokens[opened].text] == token.text:
                found[opened] = at
    return found


def _declared(tokens: list[Token]) -> dict[str, str]:
    """Read the prefixes that the query itself declares."""
    return {
        name.name[0]: iri.text[1:-1]
        for word, name, iri in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if word.word == "PREFIX" and name.kind is Kind.NAME and iri.kind is Kind.IRI
    }
