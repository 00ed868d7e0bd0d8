"""The query service of a wiki."""

from typing import Any, Final

import requests

from wbskills.errors import QueryError, StoreError
from wbskills.table import Cell, Iri
from wbskills.wikibase.interface import SelectResult
from wbskills.wikibase.sparql_results import literal_cell

_TIMEOUT: Final = 120  # seconds; query services of Wikimedia give up after 60
_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"
_NARROWER: Final = "ask a narrower question, or run “wbskills store pull” and query the copy"
_LATER: Final = "try again later, or run “wbskills store pull” and query the copy"


def select(endpoint: str, sparql: str, user_agent: str) -> SelectResult:
    """Answer a SELECT query.

    Raises `QueryError` if it is rejected, `StoreError` if there is no answer or only a part.
    """
    if not endpoint:
        raise StoreError(
            "this profile names no query service",
            hint='add sparql = "https://…/sparql" to the profile',
        )
    try:
        response = requests.post(
            endpoint,
            data={"query": sparql},
            headers={"Accept": "application/sparql-results+json", "User-Agent": user_agent},
            timeout=_TIMEOUT,
        )
    except requests.RequestException as error:
        reason = type(error).__name__
        raise StoreError(f"{endpoint} does not answer ({reason})", hint=_LATER) from error
    _check_status(endpoint, response.status_code)
    try:
        result = _parse(response.json())
    except ValueError as error:
        raise StoreError(
            f"the answer of {endpoint} is cut off, or not JSON", hint=_NARROWER
        ) from error
    except (KeyError, TypeError) as error:
        raise StoreError(
            f"the answer of {endpoint} is not that of a SELECT query",
            hint="check sparql in the profile",
        ) from error
    if _is_partial(response, len(result.rows)):
        raise StoreError(
            f"{endpoint} gives only a part of the answer ({len(result.rows)} rows)", hint=_NARROWER
        )
    return result


def _check_status(endpoint: str, status: int) -> None:
    if status == 400:
        hint = "run “wbskills query show” to see the query"
        raise QueryError(f"{endpoint} rejected the query", hint=hint)
    if status == 404:
        hint = "check sparql in the profile"
        raise StoreError(f"there is no query service at {endpoint}", hint=hint)
    if status == 429:
        hint = "wait some minutes, or run “wbskills store pull” and query the copy"
        raise StoreError(f"{endpoint} refused: too many requests", hint=hint)
    if status >= 400:
        raise StoreError(f"{endpoint} does not answer (HTTP {status})", hint=_LATER)


def _is_partial(response: requests.Response, rows: int) -> bool:
    """Check whether a service says that it left rows out, for their number or for the time.

    Virtuoso does so by the status 206, by a state of SQL, or by the most rows that it gives;
    https://docs.openlinksw.com/virtuoso/rdfsparqlprotocolendpoint/
    """
    most = response.headers.get("X-SPARQL-MaxRows", "")
    return (
        response.status_code == 206
        or response.headers.get("X-SQL-State") == "S1TAT"
        or (most.isdigit() and rows >= int(most))
    )


def _parse(found: Any) -> SelectResult:  # noqa: ANN401 - JSON
    variables = tuple(str(name) for name in found["head"]["vars"])
    rows = [
        tuple(_cell(row[name]) if name in row else None for name in variables)
        for row in found["results"]["bindings"]
    ]
    return SelectResult(variables, rows)


def _cell(term: Any) -> Cell:  # noqa: ANN401 - JSON
    match term["type"]:
        case "uri":
            return Iri(term["value"])
        case "bnode":
            return None
        case _:
            return literal_cell(term["value"], term.get("datatype", _STRING))
