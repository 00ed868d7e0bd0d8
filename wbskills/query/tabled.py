"""The fast way to some saved queries: the same question in SQL, over the tables of a store.

Beside `queries/NAME.rq` there may be `queries/tables/NAME.sql`. It has the same parameters, as
`:name`, and the same columns, where items are numbers. A column of days is named `"latest:day"`,
one of addresses `"source:address"`, and one of items that have no label beside them `"wave:item"`.
Keys of the ontology stand as `:prop_assessed_skill` and `:item_alone`. The saved query is what
counts: a test holds every answer to its rows, and what the tables cannot hold is asked of the
triples.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from wbskills.ontology.binding import Binding
from wbskills.query.cells import Row, in_order
from wbskills.query.saved import Param, SavedQuery
from wbskills.table import Cell, Iri
from wbskills.wikibase.embedded.statement_tables import name as name_of
from wbskills.wikibase.embedded.statement_tables import number
from wbskills.wikibase.interface import SelectResult, TableQuery, TableStore, Wikibase
from wbskills.wikibase.sqlite import read_script

FOLDER: Final = "tables"
_SHARED: Final = "views.sql"
_KEY: Final = re.compile(r":(prop|item)_([a-z0-9_]+)")
_MADE: Final = re.compile(r"CREATE TEMP (?:VIEW|TABLE) (\w+)")
_NOT_WITH: Final = re.compile(r"(?m)^-- Not with: (.+)$")


def file_of(query: SavedQuery) -> Path:
    """Say where the SQL of a saved query is, if there is any."""
    return query.path.parent / FOLDER / f"{query.name}.sql"


def tabulated(
    query: SavedQuery,
    given: Mapping[str, tuple[Param, str]],
    wikibase: Wikibase,
    binding: Binding,
) -> list[Row] | None:
    """Ask a saved query of the tables of a store; None if it has to be asked as SPARQL.

    The rows have the columns of the query. `given` are the parameters that have a value,
    checked, with ids of items.
    """
    if not isinstance(wikibase, TableStore):
        return None
    found = _read(file_of(query))
    if found is None or not found.not_with.isdisjoint(given):
        return None
    question = TableQuery(
        sql=_bound(found.sql, binding),
        values={
            param.name: _value(*given[param.name]) if param.name in given else None
            for param in query.params
        },
        shared=tuple(_bound(each, binding) for each in found.shared),
        properties=frozenset(abs(number(binding.properties[key])) for key in found.properties),
        languages=(given["lang"][1], given["fallback"][1], "mul", "en"),
    )
    answer = wikibase.query_tables(question)
    return None if answer is None else _in_words(answer, query, wikibase.concept_base)


class _Asked(NamedTuple):
    """A question as its file has it.

    `shared` is what all questions share; `properties` are the keys of those that are read by it
    or by as much of that as it needs. With a value for one of the parameters `not_with` the
    triples are faster.
    """

    sql: str
    shared: tuple[str, ...]
    properties: frozenset[str]
    not_with: frozenset[str]


def _bound(text: str, binding: Binding) -> str:
    """Put numbers in the place of keys."""

    def bound(match: re.Match[str]) -> str:
        kind, key = match.groups()
        ids = binding.items if kind == "item" else binding.properties
        return str(abs(number(ids[key])))

    return _KEY.sub(bound, text)


@lru_cache(maxsize=100)
def _read(file: Path) -> _Asked | None:
    if not file.is_file():
        return None
    text = file.read_text(encoding="utf-8")
    shared = read_script(file.with_name(_SHARED))
    read = "\n".join([text, *_needed(text, shared)])
    properties = frozenset(key for kind, key in _KEY.findall(read) if kind == "prop")
    not_with = [name for found in _NOT_WITH.findall(text) for name in found.split(", ")]
    return _Asked(text, shared, properties, frozenset(not_with))


def _needed(sql: str, shared: Sequence[str]) -> Iterator[str]:
    words = set(re.findall(r"\w+", sql))
    for statement in reversed(shared):  # what a view reads stands above it
        if words.intersection(_MADE.findall(statement)):
            words.update(re.findall(r"\w+", statement))
            yield statement


def _value(param: Param, text: str) -> int | float | str:
    match param.type:
        case "iri":
            return number(text)
        case "integer":
            return int(text)
        case "number":
            return float(text)
        case _:
            return text


def _in_words(answer: SelectResult, query: SavedQuery, concept_base: str) -> list[Row]:
    """Give the answer as the triples would give it: items with addresses, days as dates."""

    def become(named: str, cells: Sequence[Any]) -> Sequence[Cell]:
        name, _, kind = named.partition(":")
        if kind == "item" or f"{name}Label" in query.columns:
            return _mapped(cells, lambda cell: Iri(f"{concept_base}{name_of(cell)}"))
        if kind == "address":
            return _mapped(cells, Iri)
        if kind == "day":
            return _mapped(cells, date.fromisoformat)
        if float in set(map(type, cells)):
            return _mapped(cells, lambda cell: Decimal(repr(cell)))
        return cells

    return in_order(query, answer, become)


def _mapped(cells: Iterable[Any], become: Callable[[Any], Cell]) -> list[Cell]:
    """Map cells that are there, each kind of cell once."""
    known: dict[Any, Cell] = {cell: become(cell) for cell in set(cells) - {None}}
    return list(map(known.get, cells))
