"""The SPARQL text of a saved query: its prefixes, columns, order and parameters.

Parameters are those of BASIL and grlc: `?_skill_iri` is required, `?__language_iri` optional, and
the ending is the type. To any other program they are ordinary variables.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from wbskills.errors import QueryError
from wbskills.wikibase.sparql_tokens import PROPERTY_PATHS, Token, TokenTree, place

# In saved queries, the address of whichever Wikibase is asked.
TOP: Final = "http://localhost:8181/"
TYPES: Final = ("iri", "literal", "integer", "number", "xsd_date", "xsd_dateTime")

# What a saved query may use without declaring it; `render` declares what it uses.
PREFIXES: Final[Mapping[str, str]] = {
    "wd": f"{TOP}entity/",
    **{prefix: f"{TOP}{path}" for prefix, path in PROPERTY_PATHS.items()},
    "wikibase": "http://wikiba.se/ontology#",
    "bd": "http://www.bigdata.com/rdf#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "http://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
# Namespaces whose local names are keys of the ontology, and of what.
NAMESPACES: Final[Mapping[str, str]] = {
    PREFIXES["wd"]: "item",
    **{PREFIXES[prefix]: "property" for prefix in PROPERTY_PATHS},
}

_PARAMETER = re.compile(rf"_(_?)([A-Za-z][A-Za-z0-9]*)_({'|'.join(TYPES)})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A parameter in the text of a query: `?_level_iri` is the slot of `level`."""

    variable: str
    name: str
    type: str
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SortKey:
    """A variable in ORDER BY."""

    variable: str
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedQuery:
    """What a query selects, in order; how it sorts; its parameters by name.

    `prefixes` are those it may use, `declared` those it declares. `order` is None where
    the query has no ORDER BY, or one that is more than a list of variables.
    """

    prefixes: Mapping[str, str]
    declared: Mapping[str, str]
    selected: tuple[str, ...]
    order: tuple[SortKey, ...] | None
    slots: Mapping[str, Slot]


def parse_query(text: str) -> ParsedQuery:
    """Read a query.

    Raises `QueryError` if it is not a SELECT query with named columns, or if a parameter has no
    type or two.
    """
    tree = TokenTree(text)
    return ParsedQuery(
        prefixes={**PREFIXES, **tree.prefixes},
        declared=tree.prefixes,
        selected=_selected(tree),
        order=_order(tree),
        slots=_slots(text, tree.tokens),
    )


def slot_of(variable: str) -> Slot | None:
    """Read a variable as a parameter; None if it is an ordinary one.

    >>> slot_of("__language_iri")
    Slot(variable='__language_iri', name='language', type='iri', required=False)
    """
    match = _PARAMETER.fullmatch(variable)
    if match is None:
        return None
    return Slot(
        variable=variable, name=match.group(2), type=match.group(3), required=not match.group(1)
    )


def _selected(tree: TokenTree) -> tuple[str, ...]:
    tokens = tree.tokens[tree.body() :]
    if not tokens or tokens[0].word != "SELECT":
        raise QueryError(
            "a saved query is a SELECT query", hint="write SELECT ?person ?skill WHERE { … }"
        )
    columns = []
    depth = 0
    for before, token in pairwise(tokens):
        if depth == 0 and (token.text in {"{", "*"} or token.word in {"WHERE", "FROM"}):
            break
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.variable and (depth == 0 or (depth == 1 and before.word == "AS")):
            columns.append(token.variable)
    if not columns:
        line, _ = place(tree.text, tokens[0].at)
        raise QueryError(
            f"line {line}: the columns have no names", hint="write ?a ?b instead of *"
        )
    return tuple(columns)


def _order(tree: TokenTree) -> tuple[SortKey, ...] | None:
    start = tree.outermost("ORDER")
    if start is None:
        return None
    keys = []
    rest = iter(tree.tokens[start + 2 :])
    for token in rest:
        if token.variable:
            keys.append(SortKey(variable=token.variable))
        elif token.word in {"ASC", "DESC"}:
            inner = [next(rest, token) for _ in range(3)]
            if not inner[1].variable or inner[2].text != ")":
                return None
            keys.append(SortKey(variable=inner[1].variable, descending=token.word == "DESC"))
        else:
            return None
    return tuple(keys)


def _slots(text: str, tokens: Sequence[Token]) -> dict[str, Slot]:
    slots: dict[str, Slot] = {}
    for token, found in _parameters(text, tokens):
        known = slots.setdefault(found.name, found)
        if known != found:
            line, _ = place(text, token.at)
            raise QueryError(
                f"line {line}: “{found.name}” is ?{known.variable} elsewhere",
                hint="use one type for a parameter, and make it required or optional everywhere",
            )
    return slots


def _parameters(text: str, tokens: Sequence[Token]) -> Iterator[tuple[Token, Slot]]:
    for token in tokens:
        if token.variable.startswith("_"):
            found = slot_of(token.variable)
            if found is None:
                line, _ = place(text, token.at)
                raise QueryError(
                    f"line {line}: “{token.text}” begins like a parameter but has no type",
                    hint=f"use an ending from {', '.join(f'_{name}' for name in TYPES)}",
                )
            yield token, found
