"""`/sparql`: queries by the SPARQL 1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/).

What the clients of Wikibase send differs from the standard, and is taken too: a query in the
address of a POST whatever its content type, and `format=` for those who set no Accept header.
"""

from typing import Final

from flask import Blueprint, Response, request

from wbskills.errors import QueryError, StoreError
from wbskills.wikibase.server.client_input import is_specific, languages, preferred
from wbskills.wikibase.server.closing import closes
from wbskills.wikibase.server.prefixes import of_queries
from wbskills.wikibase.server.query_page import add_query_page
from wbskills.wikibase.server.query_process import (
    LONGEST,
    SECONDS,
    Answered,
    Queries,
    TimeIsUp,
    TooLong,
)
from wbskills.wikibase.server.site import Site

MEDIA: Final = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
}
_TABLES: Final = {
    MEDIA["json"]: "json",
    "application/json": "json",
    MEDIA["xml"]: "xml",
    "application/xml": "xml",
    "text/xml": "xml",
    MEDIA["csv"]: "csv",
    MEDIA["tsv"]: "tsv",
    "text/boolean": "json",
}
_GRAPHS: Final = {
    MEDIA["ttl"]: "ttl",
    "application/turtle": "ttl",
    "application/x-turtle": "ttl",
    "text/n3": "ttl",
    "text/rdf+n3": "ttl",
    MEDIA["nt"]: "nt",
    "text/plain": "nt",
    MEDIA["rdf"]: "rdf",
    "application/xml": "rdf",
}
_NAMED: Final = {
    **{name: name for name in MEDIA},
    **_TABLES,
    **_GRAPHS,
    "turtle": "ttl",
    "n3": "ttl",
    "ntriples": "nt",
    "n-triples": "nt",
    "rdf+xml": "rdf",
}
_LONGEST_BODY: Final = 13 * LONGEST  # bytes: four for each character, all escaped, and a name
_BODIES: Final = ("application/sparql-query", "application/x-www-form-urlencoded")
_SENT_ALONG: Final = "Accept, Api-User-Agent, Content-Type, User-Agent, X-Requested-With"
_IS_TABLE: Final = frozenset(_TABLES.values())


def blueprint(site: Site, *, seconds: float = SECONDS) -> Blueprint:
    """Make the endpoint; a query may take so many seconds."""
    made = Blueprint("sparql", __name__)
    endpoint = Endpoint(site, seconds)
    closes(made, endpoint.queries.close)

    @made.route("/sparql", methods=["GET", "POST"])
    def sparql() -> Response:
        return endpoint.respond()

    @made.after_request
    def open_to_all(response: Response) -> Response:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Allow-Methods"] = "GET, POST"
        response.headers["Access-Control-Allow-Headers"] = _SENT_ALONG
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault("Cache-Control", "no-cache")
        response.headers["Vary"] = "Accept, Accept-Language"
        return response

    add_query_page(made, site, endpoint.answer)
    return made


class Endpoint:
    """Answers the queries of the current request, and of pages."""

    def __init__(self, site: Site, seconds: float) -> None:
        self.queries = Queries(site, of_queries(site.store.concept_base), seconds=seconds)

    def answer(self, query: str, table: str, graph: str, rows: int = 0) -> Answered:
        """Answer a query in one of two formats, with labels in the languages of the request."""
        accepted = list(languages(request.accept_languages))
        return self.queries.run(query, table=table, graph=graph, accepted=accepted, rows=rows)

    def respond(self) -> Response:
        """Answer the current request."""
        if (request.content_length or 0) > _LONGEST_BODY:
            return _told(413, f"A query has {LONGEST:,} characters at most; this body is longer.")
        query = _query()
        refused = _refused(query)
        if refused is not None:
            return refused
        try:
            found = self.answer(query, *_formats())
        except TimeIsUp as error:
            return _told(504, _like_the_query_service(query, error))
        except TooLong as error:
            return _told(413, str(error))
        except QueryError as error:
            return _told(400, str(error))
        except StoreError as error:
            response = _told(503, str(error))
            response.headers["Retry-After"] = "5"
            return response
        response = Response(found, content_type=f"{MEDIA[found.format]}; charset=utf-8")
        response.content_length = found.size
        return response


def _refused(query: str) -> Response | None:
    if request.mimetype == "application/sparql-update" or "update" in request.values:
        return _told(403, "This endpoint answers queries and changes nothing; /w/api.php does.")
    if len(_queries()) > 1:
        return _told(400, "There is more than one query; send them one by one.")
    if not query.strip() and request.content_length and request.mimetype not in _BODIES:
        return _told(415, f"A query is sent as one of {', '.join(_BODIES)}.")
    if not query.strip():
        return _told(400, "There is no query: give it as ?query=…, or POST it.")
    if any(request.values.get(f"{kind}-graph-uri") for kind in ("default", "named")):
        return _told(400, "There is one graph only; leave the parameters that name graphs out.")
    return None


def _query() -> str:
    """Give the query; empty if there is none."""
    return (_queries() or [""])[0]


def _queries() -> list[str]:
    """Find what is sent as a query: as the body, in a form, and in the address."""
    found = request.args.getlist("query") + request.form.getlist("query")
    if request.method == "POST" and request.mimetype == "application/sparql-query":
        # What is no UTF-8 becomes what is no SPARQL.
        found.append(request.get_data(as_text=True))
    return found


def _formats() -> tuple[str, str]:
    """Give the formats of a table and of a graph; which it will be, the query tells."""
    table, graph = "json", "ttl"
    named = _NAMED.get(request.values.get("format", "").lower())
    if named in _IS_TABLE:
        table = named
    elif named is not None:
        graph = named
    accept = request.accept_mimetypes
    if is_specific(accept):
        table = preferred(accept, _TABLES) or table
        graph = preferred(accept, _GRAPHS) or graph
    return table, graph


def _like_the_query_service(query: str, error: TimeIsUp) -> str:
    # Clients look for this name in what the query service of Wikidata answers.
    return (
        f"SPARQL-QUERY: queryStr={query[:2000]}\n\n"
        f"java.util.concurrent.TimeoutException: {error}\n"
    )


def _told(status: int, text: str) -> Response:
    return Response(f"{text}\n", status, content_type="text/plain; charset=utf-8")
