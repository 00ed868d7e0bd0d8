"""The query service of a wiki, by SPARQLWrapper."""

from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError, URLError

from SPARQLWrapper import JSON, POST, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import EndPointNotFound, QueryBadFormed, SPARQLWrapperException

from wbskills.errors import QueryError, StoreError
from wbskills.table import Cell, Iri
from wbskills.wikibase.interface import SelectResult
from wbskills.wikibase.sparql_results import literal_cell

_PATIENCE: Final = 120  # seconds; query services of Wikimedia give up after 60
_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"


def select(endpoint: str, sparql: str, agent: str) -> SelectResult:
    """Answer a SELECT query.

    Raises `QueryError` if it cannot be parsed, `StoreError` if there is no answer.
    """
    if not endpoint:
        raise StoreError(
            "this profile names no query service",
            hint='sparql = "https://…/sparql" in the profile',
        )
    # A new one for each query: it keeps state from one to the next.
    wrapper = SPARQLWrapper(endpoint, agent=agent)
    wrapper.setMethod(POST)
    wrapper.setReturnFormat(JSON)
    wrapper.setOnlyConneg(True)
    wrapper.setTimeout(_PATIENCE)
    wrapper.setQuery(sparql)
    try:
        result = wrapper.query()
        found: Any = result.convert()
    except QueryBadFormed as error:
        raise QueryError(
            f"{endpoint} does not understand the query", hint="wbskills query show"
        ) from error
    except EndPointNotFound as error:
        raise StoreError(
            f"there is no query service at {endpoint}", hint="sparql in the profile"
        ) from error
    except HTTPError as error:
        raise _refused(endpoint, error) from error
    except (TimeoutError, SPARQLWrapperException, URLError, HTTPException, OSError) as error:
        raise StoreError(
            f"{endpoint} does not answer ({type(error).__name__})",
            hint="again later; wbskills store pull, for reports of many queries",
        ) from error
    except ValueError as error:
        raise StoreError(
            f"the answer of {endpoint} is cut off or no JSON", hint="a narrower question"
        ) from error
    told = answer(found, endpoint)
    if _is_cut(result.response, len(told.rows)):
        raise StoreError(
            f"{endpoint} gives only a part of the answer ({len(told.rows)} rows)",
            hint="a narrower question; wbskills store pull, for reports of many queries",
        )
    return told


def _is_cut(response: Any, rows: int) -> bool:  # noqa: ANN401 - of urllib, untyped here
    """Tell whether a service says that it left rows out, for their number or for the time.

    Virtuoso does so by the status 206, by a state of SQL, or by the number of rows that it
    gives at most; https://docs.openlinksw.com/virtuoso/rdfsparqlprotocolendpoint/
    """
    most = str(response.headers.get("X-SPARQL-MaxRows") or "")
    return (
        response.status == 206
        or response.headers.get("X-SQL-State") == "S1TAT"
        or (most.isdigit() and rows >= int(most))
    )


def answer(found: object, endpoint: str) -> SelectResult:
    """Read an answer in SPARQL's JSON. Raises `StoreError` if it is none."""
    try:
        assert isinstance(found, dict)  # noqa: S101 - told below
        variables = tuple(str(name) for name in found["head"]["vars"])
        rows = [
            tuple(_cell(row[name]) if name in row else None for name in variables)
            for row in found["results"]["bindings"]
        ]
    except (AssertionError, KeyError, TypeError) as error:
        raise StoreError(
            f"the answer of {endpoint} is not that of a SELECT query", hint="sparql in the profile"
        ) from error
    return SelectResult(variables, rows)


def _cell(term: Any) -> Cell:  # noqa: ANN401 - JSON
    match term["type"]:
        case "uri":
            return Iri(term["value"])
        case "bnode":
            return None
        case _:
            return literal_cell(term["value"], term.get("datatype", _STRING))


def _refused(endpoint: str, error: HTTPError) -> StoreError:
    if error.code == 429:
        return StoreError(
            f"{endpoint} was asked too much", hint="again in some minutes; wbskills store pull"
        )
    return StoreError(f"{endpoint} does not answer (HTTP {error.code})", hint="again later")
