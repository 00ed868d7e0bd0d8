"""`/query`: a form for a query, and its answer as a table."""

import json
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, request

from wbskills.errors import QueryError, StoreError
from wbskills.names import ENTITY_ID
from wbskills.wikibase.server import query_worker
from wbskills.wikibase.server.documents import title
from wbskills.wikibase.server.query_process import Answered, TimeIsUp
from wbskills.wikibase.server.rendering import Templates
from wbskills.wikibase.server.site import Site
from wbskills.wikibase.server.view_model import Shown

SHOWN: Final = 500  # rows; the rest is in the files

Ask = Callable[[str, str, str, int], Answered]

EXAMPLES: Final = (
    (
        "Everything, with labels",
        (
            "SELECT ?thing ?thingLabel ?thingDescription WHERE {\n"
            "  ?thing a wikibase:Item .\n"
            '  SERVICE wikibase:label { bd:serviceParam wikibase:language "[AUTO_LANGUAGE],en" }\n'
            "}\nLIMIT 100"
        ),
    ),
    (
        "Properties and their datatypes",
        (
            "SELECT ?property ?propertyLabel ?type WHERE {\n"
            "  ?property a wikibase:Property ; wikibase:propertyType ?type .\n"
            '  SERVICE wikibase:label { bd:serviceParam wikibase:language "[AUTO_LANGUAGE],en" }\n'
            "}\nORDER BY ?propertyLabel"
        ),
    ),
    (
        "How often each property is used",
        (
            "SELECT ?property ?propertyLabel (COUNT(?statement) AS ?uses) WHERE {\n"
            "  ?property wikibase:claim ?p .\n  ?thing ?p ?statement .\n"
            '  SERVICE wikibase:label { bd:serviceParam wikibase:language "[AUTO_LANGUAGE],en" }\n'
            "}\nGROUP BY ?property ?propertyLabel\nORDER BY DESC(?uses)"
        ),
    ),
)


def add_query_page(made: Blueprint, site: Site, ask: Ask) -> None:
    """Add the page to a blueprint; `ask` answers a query in a form for tables and for graphs."""
    templates = Templates(site)

    @made.get("/query")
    def query_page() -> Response:
        query = request.args.get("query", "")
        found: dict[str, Any] = {"error": "", "text": "", "columns": [], "rows": [], "more": False}
        status = 200
        if query.strip():
            try:
                found |= _read(ask(query, "json", "ttl", SHOWN), site.store.concept_base)
            except (QueryError, StoreError) as error:
                found["error"] = str(error)
                status = _status(error)
        return templates.page(
            "query",
            status,
            query=query,
            files=[(kind, _file(query, kind)) for kind in ("json", "csv", "tsv", "xml")],
            examples=[(name, _file(text, "", "/query"), text) for name, text in EXAMPLES],
            shown=SHOWN,
            **found,
        )


def _status(error: QueryError | StoreError) -> int:
    if isinstance(error, TimeIsUp):
        return 504
    return 400 if isinstance(error, QueryError) else 503


def _file(query: str, kind: str, place: str = "/sparql") -> str:
    wanted = {"query": query} | ({"format": kind} if kind else {})
    return f"{place}?{urlencode(wanted, quote_via=quote)}"


def _read(answer: Answered, concept_base: str) -> dict[str, Any]:
    if answer.format == "json":
        return {"text": "true" if json.loads(answer.body)["boolean"] else "false"}
    if answer.format != query_worker.SHOWN:
        return {"text": answer.body.decode("utf-8", "replace"), "more": answer.more}
    found = json.loads(answer.body)
    return {
        "columns": found["columns"],
        "rows": [[_shown(cell, concept_base) for cell in row] for row in found["rows"]],
        "more": answer.more,
    }


def _shown(term: dict[str, Any] | None, concept_base: str) -> Shown:
    """Give a term of an answer as a text of the page; entities link to their pages."""
    if term is None:
        return Shown(text="")
    text = str(term["value"])
    if term["type"] != "uri":
        return Shown(text=text, language=term.get("xml:lang", ""))
    name = text.removeprefix(concept_base)
    if ENTITY_ID.fullmatch(name):
        return Shown(text=name, href=f"/wiki/{title(name)}")
    is_web = text.startswith(("http://", "https://"))
    return Shown(text=text, href=text if is_web else "")
