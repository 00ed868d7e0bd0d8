"""Results of SPARQL queries as rows of cells."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

import pyoxigraph as ox

from wbskills.table import Cell, Iri
from wbskills.wikibase.interface import SelectResult

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_WHOLE: Final = {f"{_XSD}{name}" for name in ("integer", "int", "long", "nonNegativeInteger")}
_NUMBERS: Final = {f"{_XSD}{name}" for name in ("decimal", "double", "float")}
_MIDNIGHT: Final = "T00:00:00Z"


def read_solutions(solutions: ox.QuerySolutions) -> SelectResult:
    """Read the rows of a SELECT query.

    Decimals that are integers become `int`, times at midnight `date`; blank nodes and unbound
    variables become None.
    """
    known: dict[ox.Literal | ox.NamedNode, Cell] = {}

    def cell(term: object) -> Cell:
        if not isinstance(term, ox.Literal | ox.NamedNode):
            return None
        found = known.get(term)
        if found is None:
            found = known[term] = _cell(term)
        return found

    rows = [tuple(map(cell, solution)) for solution in _terms(solutions)]
    return SelectResult(tuple(variable.value for variable in solutions.variables), rows)


def _terms(solutions: ox.QuerySolutions) -> Iterable[Iterable[object]]:
    return solutions  # iterating over a solution gives terms in the order of the variables


def _cell(term: ox.Literal | ox.NamedNode) -> Cell:
    if isinstance(term, ox.NamedNode):
        return Iri(term.value)
    return literal_cell(term.value, term.datatype.value)


def literal_cell(text: str, datatype: str) -> Cell:
    """Read a literal by its datatype; text that cannot be read stays text.

    >>> literal_cell("+3", "http://www.w3.org/2001/XMLSchema#decimal")
    3
    """
    try:
        if datatype in _WHOLE:
            return int(text)
        if datatype in _NUMBERS:
            number = Decimal(text)
            if not number.is_finite():
                return text  # NaN, INF
            return int(number) if number == number.to_integral_value() else number
        if datatype == f"{_XSD}dateTime":
            return _read_datetime(text)
        if datatype == f"{_XSD}date":
            return date.fromisoformat(text[:10])
        if datatype == f"{_XSD}boolean":
            return text in ("true", "1")
    except (ValueError, InvalidOperation):
        pass  # a year before 1: readable as text
    return text


def _read_datetime(text: str) -> Cell:
    if text.endswith(_MIDNIGHT):
        return date.fromisoformat(text.removesuffix(_MIDNIGHT))
    return datetime.fromisoformat(text)
