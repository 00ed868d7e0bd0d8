"""The columns of `SELECT *` in the order of the query; Oxigraph has them by the alphabet."""

from collections.abc import Mapping

import pyoxigraph as ox

from wbskills.wikibase.sparql_tokens import Kind, cut, meaningful


def with_columns(query: str, base: str, prefixes: Mapping[str, str]) -> str:
    """Give the query with its columns named instead of `*`, in the order in which it names them.

    Any other query comes back as it is. `base` and `prefixes` are what it may use without
    declaring them. Raises `SyntaxError` if it is no query.

    >>> with_columns("SELECT * { ?z ?y ?x . ?y ?b ?z }", "http://localhost/", {})
    'SELECT ?z ?y ?x ?b { ?z ?y ?x . ?y ?b ?z }'
    """
    star = _star(query) if "*" in query else -1
    if star < 0:
        return query
    # Which ones there are, no data is needed for.
    found = ox.Store().query(query, base_iri=base, prefixes=dict(prefixes))
    if not isinstance(found, ox.QuerySolutions) or not found.variables:
        return query
    columns = {each.value for each in found.variables}
    names = dict.fromkeys(token.variable for token in meaningful(cut(query)))
    listed = " ".join(f"?{name}" for name in names if name in columns)
    return query[:star] + listed + query[star + 1 :]


def _star(query: str) -> int:
    """Find the `*` after the outermost SELECT; -1 if there is none."""
    before = ""
    for token in meaningful(cut(query)):
        if token.kind is Kind.MARK:
            return token.at if token.text == "*" and before == "SELECT" else -1
        if token.word not in {"DISTINCT", "REDUCED"} or before != "SELECT":
            before = token.word
    return -1
