"""The query service of a wiki, through SPARQLWrapper."""

from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError, URLError

from SPARQLWrapper import JSON, POST, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import EndPointNotFound, QueryBadFormed, SPARQLWrapperException

from wbskills.errors import QueryError, StoreError
from wbskills.table import Cell, Iri
from wbskills.wikibase.interface import SelectResult
from wbskills.wikibase.sparql_results import literal_cell

_TIMEOUT: Final = 120  # seconds; query services of Wikimedia give up after 60
_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"
_PULL: Final = "run “wbskills store pull” and query the copy"


def select(endpoint: str, sparql: str, user_agent: str) -> SelectResult:
    """Run a SELECT query.

    Raises `QueryError` if it is rejected, `StoreError` if there is no answer or only a part.
    """
    if not endpoint:
        raise StoreError(
            "this profile names no query service",
            hint='add sparql = "https://…/sparql" to the profile',
        )
    # A new wrapper for each query: it keeps state between queries.
    wrapper = SPARQLWrapper(endpoint, agent=user_agent)
    wrapper.setMethod(POST)
    wrapper.setReturnFormat(JSON)
    wrapper.setOnlyConneg(True)
    wrapper.setTimeout(_TIMEOUT)
    wrapper.setQuery(sparql)
    try:
        result = wrapper.query()
        found: Any = result.convert()
    except QueryBadFormed as error:
        raise QueryError(
            f"{endpoint} rejected the query", hint="run “wbskills query show” to see the query"
        ) from error
    except EndPointNotFound as error:
        raise StoreError(
            f"there is no query service at {endpoint}", hint="check sparql in the profile"
        ) from error
    except HTTPError as error:
        raise _http_error(endpoint, error) from error
    except (TimeoutError, SPARQLWrapperException, URLError, HTTPException, OSError) as error:
        raise StoreError(
            f"{endpoint} does not answer ({type(error).__name__})",
            hint=f"try again later, or {_PULL}",
        ) from error
    except ValueError as error:
        raise StoreError(
            f"the answer of {endpoint} is cut off, or not JSON",
            hint=f"ask a narrower question, or {_PULL}",
        ) from error
    answer = _parse(found, endpoint)
    if _is_partial(result.response, len(answer.rows)):
        raise StoreError(
            f"{endpoint} gives only a part of the answer ({len(answer.rows)} rows)",
            hint=f"ask a narrower question, or {_PULL}",
        )
    return answer


def _is_partial(response: Any, rows: int) -> bool:  # noqa: ANN401 - of urllib, untyped here
    """Check whether a service says that it left rows out, for their number or for the time.

    Virtuoso does so by the status 206, by a state of SQL, or by the most rows that it gives;
    https://docs.openlinksw.com/virtuoso/rdfsparqlprotocolendpoint/
    """
    most = str(response.headers.get("X-SPARQL-MaxRows") or "")
    return (
        response.status == 206
        or response.headers.get("X-SQL-State") == "S1TAT"
        or (most.isdigit() and rows >= int(most))
    )


def _parse(found: Any, endpoint: str) -> SelectResult:  # noqa: ANN401 - JSON
    try:
        variables = tuple(str(name) for name in found["head"]["vars"])
        rows = [
            tuple(_cell(row[name]) if name in row else None for name in variables)
            for row in found["results"]["bindings"]
        ]
    except (KeyError, TypeError, IndexError) as error:
        raise StoreError(
            f"the answer of {endpoint} is not that of a SELECT query",
            hint="check sparql in the profile",
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


def _http_error(endpoint: str, error: HTTPError) -> StoreError:
    if error.code == 429:
        return StoreError(
            f"{endpoint} refused: too many requests",
            hint=f"wait some minutes, or {_PULL}",
        )
    return StoreError(f"{endpoint} does not answer (HTTP {error.code})", hint="try again later")
