"""Saved queries that are also written in SQL, for the statement tables of an embedded store.

Beside `queries/NAME.rq` there may be `queries/tables/NAME.sql`, where that makes the whole command
much faster. It has the same parameters, as `:name`, and the same variables, where items are
numbers; a variable of days is named `"latest:day"`, one of addresses `"source:address"`, and one
of items without labels `"wave:item"`. Keys of the ontology are `:prop_assessed_skill` and
`:item_alone`. Tests compare every answer with that of the saved query, which alone is shown.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from wbskills.data import queries_folder
from wbskills.ontology.binding import Binding
from wbskills.query.params import Resolved
from wbskills.query.saved import Param, SavedQuery
from wbskills.table import Cell, Iri
from wbskills.wikibase.embedded.statement_tables import name as entity_id
from wbskills.wikibase.embedded.statement_tables import number
from wbskills.wikibase.interface import SelectResult, TableQuery, TableStore, Wikibase
from wbskills.wikibase.sqlite import read_script

_VIEWS: Final = "views.sql"
_KEY: Final = re.compile(r":(prop|item)_([a-z0-9_]+)")
_CREATED: Final = re.compile(r"CREATE TEMP (?:VIEW|TABLE) (\w+)")
_NOT_WITH: Final = re.compile(r"(?m)^-- Not with: (.+)$")


class SqlText(NamedTuple):
    """The SQL of a saved query.

    `views` are what all such queries share; `properties` are the keys of those properties that
    this one reads, itself or through views. With a value for one of the parameters `not_with`,
    the triples are faster.
    """

    sql: str
    views: tuple[str, ...]
    properties: frozenset[str]
    not_with: frozenset[str]


def sql_of(query: SavedQuery) -> SqlText | None:
    """Return the SQL of a saved query; None if there is none, or if the query is a user's own."""
    if query.path.parent != queries_folder():
        return None
    return _read(query.path.parent / "tables" / f"{query.name}.sql")


def select_from_tables(
    query: SavedQuery, resolved: Resolved, wikibase: Wikibase, binding: Binding
) -> SelectResult | None:
    """Answer a saved query from the tables of a store; None if it has to be asked as SPARQL."""
    found = sql_of(query)
    if (
        found is None
        or not isinstance(wikibase, TableStore)
        or not found.not_with.isdisjoint(resolved)
    ):
        return None
    values = {param.name: None for param in query.params}
    answer = wikibase.query_tables(
        TableQuery(
            sql=_with_numbers(found.sql, binding),
            values=values | {name: _value(*given) for name, given in resolved.items()},
            shared=tuple(_with_numbers(view, binding) for view in found.views),
            properties=frozenset(abs(number(binding.properties[key])) for key in found.properties),
        )
    )
    return None if answer is None else _with_cells(answer, query, wikibase.concept_base)


def _with_numbers(text: str, binding: Binding) -> str:
    """Replace keys by the numbers of their ids."""

    def replaced(match: re.Match[str]) -> str:
        kind, key = match.groups()
        ids = binding.items if kind == "item" else binding.properties
        return str(abs(number(ids[key])))

    return _KEY.sub(replaced, text)


@lru_cache(maxsize=100)
def _read(file: Path) -> SqlText | None:
    if not file.is_file():
        return None
    text = file.read_text(encoding="utf-8")
    views = read_script(file.with_name(_VIEWS))
    read = "\n".join([text, *_needed(text, views)])
    properties = frozenset(key for kind, key in _KEY.findall(read) if kind == "prop")
    not_with = [name for found in _NOT_WITH.findall(text) for name in found.split(", ")]
    return SqlText(text, tuple(views), properties, frozenset(not_with))


def _needed(sql: str, views: Sequence[str]) -> Iterator[str]:
    words = set(re.findall(r"\w+", sql))
    for statement in reversed(views):  # what a view reads stands above it
        if words.intersection(_CREATED.findall(statement)):
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


def _with_cells(answer: SelectResult, query: SavedQuery, concept_base: str) -> SelectResult:
    """Return an answer with the cells that SPARQL gives: items as addresses, days as dates."""
    items = set(query.labels.values())
    names = [variable.partition(":") for variable in answer.variables]
    columns = [
        _cells("item" if name in items else kind, cells, concept_base)
        for (name, _, kind), cells in zip(names, zip(*answer.rows, strict=True), strict=False)
    ]
    return SelectResult(tuple(name for name, _, _ in names), list(zip(*columns, strict=True)))


def _cells(kind: str, cells: Sequence[Any], concept_base: str) -> Sequence[Cell]:
    match kind:
        case "item":
            return _mapped(cells, partial(_item, concept_base))
        case "address":
            return _mapped(cells, Iri)
        case "day":
            return _mapped(cells, date.fromisoformat)
    if float in set(map(type, cells)):
        return _mapped(cells, lambda cell: Decimal(repr(cell)))
    return cells


def _item(concept_base: str, cell: int | str) -> Cell:
    return cell if isinstance(cell, str) else Iri(f"{concept_base}{entity_id(cell)}")


def _mapped(cells: Iterable[Any], become: Callable[[Any], Cell]) -> list[Cell]:
    """Map the cells of a column that are not empty, each distinct one once."""
    known: dict[Any, Cell] = {cell: become(cell) for cell in set(cells) - {None}}
    return list(map(known.get, cells))
