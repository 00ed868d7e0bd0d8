"""`/sparql`: queries by the SPARQL 1.1 Protocol; and `/query`: a form for queries.

See https://www.w3.org/TR/sparql11-protocol/. Two things that clients of Wikibase send differ from
it and are accepted, too: a query in the address of a POST, whatever its content type, and
`format=` from clients that set no Accept header.
"""

import json
from typing import Any, Final
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, request

from wbskills.errors import QueryError, StoreError
from wbskills.names import ENTITY_ID
from wbskills.wikibase.server import query_worker
from wbskills.wikibase.server.client_input import is_specific, languages, preferred
from wbskills.wikibase.server.documents import page_title
from wbskills.wikibase.server.query_pool import (
    MAX_QUERY,
    TIMEOUT,
    QueryAnswer,
    QueryPool,
    QueryTimeout,
    QueryTooLong,
)
from wbskills.wikibase.server.rendering import Templates
from wbskills.wikibase.server.site import Site, on_close
from wbskills.wikibase.server.sparql_text import query_prefixes
from wbskills.wikibase.server.view_model import DisplayText

_LABELS: Final = (
    '  SERVICE wikibase:label { bd:serviceParam wikibase:language "[AUTO_LANGUAGE],en" }\n}\n'
)
EXAMPLES: Final = (
    (
        "All items, with labels",
        (
            "SELECT ?item ?itemLabel ?itemDescription WHERE {\n"
            f"  ?item a wikibase:Item .\n{_LABELS}LIMIT 100"
        ),
    ),
    (
        "Properties and their datatypes",
        (
            "SELECT ?property ?propertyLabel ?type WHERE {\n"
            "  ?property a wikibase:Property ; wikibase:propertyType ?type .\n"
            f"{_LABELS}ORDER BY ?propertyLabel"
        ),
    ),
    (
        "How often each property is used",
        (
            "SELECT ?property ?propertyLabel (COUNT(?statement) AS ?uses) WHERE {\n"
            "  ?property wikibase:claim ?p .\n  ?entity ?p ?statement .\n"
            f"{_LABELS}GROUP BY ?property ?propertyLabel\nORDER BY DESC(?uses)"
        ),
    ),
)
_PAGE_ROWS: Final = 500  # the files have all of them
_MEDIA: Final = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
}
_TABLES: Final = {
    _MEDIA["json"]: "json",
    "application/json": "json",
    _MEDIA["xml"]: "xml",
    "application/xml": "xml",
    "text/xml": "xml",
    _MEDIA["csv"]: "csv",
    _MEDIA["tsv"]: "tsv",
    "text/boolean": "json",
}
_GRAPHS: Final = {
    _MEDIA["ttl"]: "ttl",
    "application/turtle": "ttl",
    "application/x-turtle": "ttl",
    "text/n3": "ttl",
    "text/rdf+n3": "ttl",
    _MEDIA["nt"]: "nt",
    "text/plain": "nt",
    _MEDIA["rdf"]: "rdf",
    "application/xml": "rdf",
}
_NAMED: Final = {
    **{name: name for name in _MEDIA},
    **_TABLES,
    **_GRAPHS,
    "turtle": "ttl",
    "n3": "ttl",
    "ntriples": "nt",
    "n-triples": "nt",
    "rdf+xml": "rdf",
}
_MAX_BODY: Final = 13 * MAX_QUERY  # bytes: four for each character, all escaped, and a name
_BODY_TYPES: Final = ("application/sparql-query", "application/x-www-form-urlencoded")
_ALLOWED_HEADERS: Final = "Accept, Api-User-Agent, Content-Type, User-Agent, X-Requested-With"


def blueprint(site: Site, *, timeout: float = TIMEOUT) -> Blueprint:
    """Return the endpoint and the page with the form; a query may take `timeout` seconds."""
    routes = Blueprint("sparql", __name__)
    pool = QueryPool(site, query_prefixes(site.store.concept_base), timeout=timeout)
    on_close(routes, pool.close)
    templates = Templates(site)

    @routes.route("/sparql", methods=["GET", "POST"])
    def sparql() -> Response:
        return _respond(pool)

    @routes.get("/query")
    def query_page() -> Response:
        return _query_page(pool, templates, site.store.concept_base)

    @routes.after_request
    def allow_every_origin(response: Response) -> Response:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Allow-Methods"] = "GET, POST"
        response.headers["Access-Control-Allow-Headers"] = _ALLOWED_HEADERS
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault("Cache-Control", "no-cache")
        response.headers["Vary"] = "Accept, Accept-Language"
        return response

    return routes


def _run(
    pool: QueryPool, query: str, table: str = "json", graph: str = "ttl", rows: int = 0
) -> QueryAnswer:
    """Answer a query, with labels in the languages of the request."""
    accepted = list(languages(request.accept_languages))
    return pool.run(query, table=table, graph=graph, languages=accepted, rows=rows)


def _respond(pool: QueryPool) -> Response:
    """Answer a request to the endpoint."""
    if (request.content_length or 0) > _MAX_BODY:
        return _plain(413, f"A query has at most {MAX_QUERY:,} characters; this body is longer.")
    queries = _queries()
    query = queries[0] if queries else ""
    refusal = _refusal(query, queries)
    if refusal is not None:
        return refusal
    try:
        answer = _run(pool, query, *_formats())
    except QueryTimeout as error:
        return _plain(504, _like_the_query_service(query, error))
    except QueryTooLong as error:
        return _plain(413, str(error))
    except QueryError as error:
        return _plain(400, str(error))
    except StoreError as error:
        response = _plain(503, str(error))
        response.headers["Retry-After"] = "5"
        return response
    response = Response(answer, content_type=f"{_MEDIA[answer.format]}; charset=utf-8")
    response.content_length = answer.size
    return response


def _refusal(query: str, queries: list[str]) -> Response | None:
    if request.mimetype == "application/sparql-update" or "update" in request.values:
        return _plain(403, "This endpoint only answers queries. To make changes, use /w/api.php.")
    if len(queries) > 1:
        return _plain(400, "There is more than one query. Send them one by one.")
    if not query.strip() and request.content_length and request.mimetype not in _BODY_TYPES:
        return _plain(415, f"Send the query as one of {', '.join(_BODY_TYPES)}.")
    if not query.strip():
        return _plain(400, "The query is missing. Send it as ?query=… or with POST.")
    if any(request.values.get(f"{kind}-graph-uri") for kind in ("default", "named")):
        return _plain(400, "There is only one graph. Omit the parameters that name graphs.")
    return None


def _queries() -> list[str]:
    """Return what is sent as a query: in the address, in a form, and as the body."""
    found = request.args.getlist("query") + request.form.getlist("query")
    if request.method == "POST" and request.mimetype == "application/sparql-query":
        # Invalid UTF-8 becomes invalid SPARQL.
        found.append(request.get_data(as_text=True))
    return found


def _formats() -> tuple[str, str]:
    """Return the formats for a table and for a graph; the query decides which it will be."""
    table, graph = "json", "ttl"
    named = _NAMED.get(request.values.get("format", "").lower())
    if named is not None and named in _TABLES.values():
        table = named
    elif named is not None:
        graph = named
    accept = request.accept_mimetypes
    if is_specific(accept):
        table = preferred(accept, _TABLES) or table
        graph = preferred(accept, _GRAPHS) or graph
    return table, graph


def _like_the_query_service(query: str, error: QueryTimeout) -> str:
    # Clients look for this exception in the answers of Wikidata's query service.
    return (
        f"SPARQL-QUERY: queryStr={query[:2000]}\n\n"
        f"java.util.concurrent.TimeoutException: {error}\n"
    )


def _plain(status: int, text: str) -> Response:
    return Response(f"{text}\n", status, content_type="text/plain; charset=utf-8")


def _query_page(pool: QueryPool, templates: Templates, concept_base: str) -> Response:
    """Return the page with the form and, if there is a query, its first rows."""
    query = request.args.get("query", "")
    shown: dict[str, Any] = {"error": "", "text": "", "columns": [], "rows": [], "more": False}
    status = 200
    if query.strip():
        try:
            shown |= _display(_run(pool, query, rows=_PAGE_ROWS), concept_base)
        except QueryTimeout as error:
            shown["error"], status = str(error), 504
        except QueryError as error:
            shown["error"], status = str(error), 400
        except StoreError as error:
            shown["error"], status = str(error), 503
    return templates.page(
        "query",
        status,
        query=query,
        files=[(kind, _link("/sparql", query, kind)) for kind in ("json", "csv", "tsv", "xml")],
        examples=[(name, _link("/query", text), text) for name, text in EXAMPLES],
        shown=_PAGE_ROWS,
        **shown,
    )


def _link(path: str, query: str, format_: str = "") -> str:
    parameters = {"query": query} | ({"format": format_} if format_ else {})
    return f"{path}?{urlencode(parameters, quote_via=quote)}"


def _display(answer: QueryAnswer, concept_base: str) -> dict[str, Any]:
    """Return the values of the page that show an answer."""
    if answer.format == "json":
        return {"text": "true" if json.loads(answer.body)["boolean"] else "false"}
    if answer.format != query_worker.PREVIEW:
        return {"text": answer.body.decode("utf-8", "replace"), "more": answer.more}
    table = json.loads(answer.body)
    return {
        "columns": table["columns"],
        "rows": [[_display_term(cell, concept_base) for cell in row] for row in table["rows"]],
        "more": answer.more,
    }


def _display_term(term: dict[str, Any] | None, concept_base: str) -> DisplayText:
    """Return a term of an answer as a text on a page; entities link to their pages."""
    if term is None:
        return DisplayText(text="")
    text = str(term["value"])
    if term["type"] != "uri":
        return DisplayText(text=text, language=term.get("xml:lang", ""))
    entity_id = text.removeprefix(concept_base)
    if ENTITY_ID.fullmatch(entity_id):
        return DisplayText(text=entity_id, href=f"/wiki/{page_title(entity_id)}")
    is_web = text.startswith(("http://", "https://"))
    return DisplayText(text=text, href=text if is_web else "")
