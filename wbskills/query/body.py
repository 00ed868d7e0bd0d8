"""What the text of a query says: its prefixes, its columns, its parameters.

Parameters are those of BASIL and grlc: `?_skill_iri` is required, `?__language_iri` optional, and
the ending tells the type. To any other program they are ordinary variables.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from wbskills.errors import QueryError
from wbskills.wikibase.sparql_tokens import Token, meaningful, place, tokenize

TOP: Final = "http://localhost:8181/"  # stands in every saved query for the Wikibase at hand
TYPES: Final = ("iri", "literal", "integer", "number", "xsd_date", "xsd_dateTime")

# What follows the top in Wikibase's namespaces, and whether an item or a property comes then.
# https://www.mediawiki.org/wiki/Wikibase/Indexing/RDF_Dump_Format#Full_list_of_prefixes
NAMESPACES: Final[Mapping[str, str]] = {
    f"{TOP}entity/": "item",
    f"{TOP}prop/": "property",
    f"{TOP}prop/direct/": "property",
    f"{TOP}prop/direct-normalized/": "property",
    f"{TOP}prop/novalue/": "property",
    **{
        f"{TOP}prop/{part}/{end}": "property"
        for part in ("statement", "qualifier", "reference")
        for end in ("", "value/", "value-normalized/")
    },
}

_PARAMETER = re.compile(rf"_(_?)([A-Za-z][A-Za-z0-9]*)_({'|'.join(TYPES)})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A parameter as it stands in the text: `_level_iri` is the slot of `level`."""

    variable: str
    name: str
    type: str
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Prefixes with their namespaces, columns in their order, parameters by name."""

    prefixes: Mapping[str, str]
    columns: tuple[str, ...]
    slots: Mapping[str, Slot]


def read(text: str) -> Body:
    """Read what a query says about itself.

    Raises `QueryError` if it is no SELECT query with named columns, or if a parameter has no type
    or two.
    """
    tokens = list(meaningful(tokenize(text)))
    prefixes, rest = _prologue(tokens)
    return Body(prefixes=prefixes, columns=_columns(text, rest), slots=_slots(text, tokens))


def slot(variable: str) -> Slot | None:
    """Read a variable as a parameter; None if it is an ordinary one.

    >>> slot("__language_iri")
    Slot(variable='__language_iri', name='language', type='iri', required=False)
    """
    match = _PARAMETER.fullmatch(variable)
    if match is None:
        return None
    return Slot(
        variable=variable, name=match.group(2), type=match.group(3), required=not match.group(1)
    )


def _prologue(tokens: Sequence[Token]) -> tuple[dict[str, str], Sequence[Token]]:
    prefixes = {}
    at = 0
    while at + 2 < len(tokens) and tokens[at].word in {"PREFIX", "BASE"}:
        if tokens[at].word == "PREFIX":
            prefixes[tokens[at + 1].name[0]] = tokens[at + 2].text[1:-1]
            at += 1
        at += 2
    return prefixes, tokens[at:]


def _columns(text: str, tokens: Sequence[Token]) -> tuple[str, ...]:
    if not tokens or tokens[0].word != "SELECT":
        raise QueryError(
            "a saved query is a SELECT query", hint="SELECT ?person ?personLabel WHERE { … }"
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
        line, _ = place(text, tokens[0].at)
        raise QueryError(f"line {line}: the columns have no names", hint="?a ?b instead of *")
    return tuple(columns)


def _slots(text: str, tokens: Sequence[Token]) -> dict[str, Slot]:
    slots: dict[str, Slot] = {}
    for token, found in _parameters(text, tokens):
        known = slots.setdefault(found.name, found)
        if known != found:
            line, _ = place(text, token.at)
            raise QueryError(
                f"line {line}: “{found.name}” is ?{known.variable} elsewhere",
                hint="one type for a parameter, and required or optional in all places",
            )
    return slots


def _parameters(text: str, tokens: Sequence[Token]) -> Iterator[tuple[Token, Slot]]:
    for token in tokens:
        if token.variable.startswith("_"):
            found = slot(token.variable)
            if found is None:
                line, _ = place(text, token.at)
                raise QueryError(
                    f"line {line}: “{token.text}” begins like a parameter but has no type",
                    hint=f"an ending from {', '.join(f'_{name}' for name in TYPES)}",
                )
            yield token, found
