"""Saved queries as SPARQL for one Wikibase: keys become ids, and parameters become values.

Everything is replaced token by token: a value can fill its place in a query, and never change the
query's shape.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from textwrap import fill, indent
from typing import Final

from wbskills.errors import QueryError
from wbskills.names import ENTITY_ID
from wbskills.query import header
from wbskills.query.params import Items, Resolved, term
from wbskills.query.query_text import NAMESPACES, PREFIXES, TOP
from wbskills.query.saved import Param, SavedQuery
from wbskills.wikibase.sparql_tokens import Token, TokenKind, TokenTree, tokenize

_BASE: Final = re.compile(r"https?://[^\x00-\x20<>\"{}|^`\\]+/")
_WIDTH: Final = 100
_SPACES: Final = {TokenKind.SPACE, TokenKind.COMMENT}


def for_engine(query: SavedQuery, resolved: Resolved, items: Items) -> str:
    """Return what is sent to an engine: without comments, and without an order that `run` makes.

    Some clients look for keywords in comments, to tell queries from edits; see
    https://github.com/RDFLib/sparqlwrapper/issues/211.
    """
    text = _rendered(query, resolved, items)
    text = _without_order(text) if query.sorts_afterwards else text
    return without_comments(_declared(text, query, items))


def for_people(
    query: SavedQuery, resolved: Resolved, items: Items, languages: Iterable[str] = ()
) -> str:
    """Return the query as people paste it into a query service, which looks up labels in it.

    With `languages`, `SERVICE wikibase:label` fills the columns that `run` fills with labels.
    """
    text = _rendered(query, resolved, items)
    listed = ",".join(languages)
    if listed and query.labels:
        text = _with_label_service(text, query, f'"{listed}"')
    return f"# {query.summary}\n{_declared(text, query, items)}"


def for_grlc(query: SavedQuery, items: Items) -> str:
    """Return the query with its parameters as variables, which other programs replace.

    A filter with an optional parameter is true where the parameter stays a variable.
    """
    text = _rendered(query, None, items)
    if query.labels:
        text = _with_label_service(
            text, query, '?_lang_literal , ?_fallback_literal , "mul" , "en"'
        )
    return _declared(text, query, items)


def without_comments(text: str) -> str:
    """Return a query without its comments."""
    return "".join(token.text for token in tokenize(text) if token.kind is not TokenKind.COMMENT)


def optional_parts(text: str) -> list[tuple[int, int, frozenset[str]]]:
    """List the parts of a query that count only where an optional parameter has a value.

    A part is a FILTER, a group in braces of its own, or a branch after UNION. The smallest one
    around an optional parameter is the one that counts; a FILTER that handles a missing value
    itself, by COALESCE or BOUND, always counts.
    Each part is the position of its first character, the one behind its last, and the variables
    of its optional parameters.
    """
    tree = TokenTree(text)
    parts = list(_parts(tree))
    found: dict[tuple[int, int], set[str]] = {}
    for at, token in enumerate(tree.tokens):
        if token.variable.startswith("__"):
            around = [(first, last) for first, last in parts if first < at < last]
            if around:
                smallest = min(around, key=lambda part: part[1] - part[0])
                found.setdefault(smallest, set()).add(token.variable)
    return [
        (tree.tokens[first].at, tree.tokens[last].at + 1, frozenset(variables))
        for (first, last), variables in sorted(found.items())
        if tree.tokens[first].word != "FILTER"
        or not {"COALESCE", "BOUND"} & {token.word for token in tree.tokens[first:last]}
    ]


def _parts(tree: TokenTree) -> Iterator[tuple[int, int]]:
    """Find all FILTERs, branches after UNION, and groups of their own, by positions of tokens."""
    for at, token in enumerate(tree.tokens):
        if token.word in {"FILTER", "UNION"}:
            opening = next((n for n in range(at + 1, len(tree.tokens)) if n in tree.closing), at)
            yield at, tree.closing.get(opening, at)
        elif token.text == "{" and at in tree.closing and tree.depths[at]:
            before, last = tree.tokens[at - 1], tree.closing[at]
            inner, after = tree.tokens[at + 1].word, tree.tokens[last + 1].word
            # Not the group of a keyword such as OPTIONAL, nor a list of VALUES.
            if not (before.word or before.variable or inner == "SELECT" or after == "UNION"):
                yield at, last


def _rendered(query: SavedQuery, resolved: Resolved | None, items: Items) -> str:
    """Replace keys and parameters; `resolved` is None where parameters stay variables."""
    concept_base = items.concept_base
    if not _BASE.fullmatch(concept_base):
        raise QueryError(f"“{concept_base}” is not the address of a Wikibase's entities")
    text = header.split(query.text)[1]
    prefix = next((name for name, base in query.prefixes.items() if base == PREFIXES["wd"]), "wd")
    terms = {
        param.variable: _term(param, value, prefix) for param, value in (resolved or {}).values()
    }
    text = _guarded(text) if resolved is None else _without_missing(text, terms)
    top = concept_base.removesuffix("entity/")
    return "".join(_replaced(token, terms, items, query.prefixes, top) for token in tokenize(text))


def _without_missing(text: str, given: Iterable[str]) -> str:
    """Leave out the parts of a query whose optional parameters have no value."""
    kept, at = [], 0
    for first, last, variables in optional_parts(text):
        if variables.issubset(given) or first < at:
            continue
        before = text[at:first].rstrip()
        dot = re.compile(r"\s*\.").match(text, last) if before.endswith((".", "{", "}")) else None
        kept.append(before)
        at = dot.end() if dot else last
    return "".join([*kept, text[at:]])


def _guarded(text: str) -> str:
    """Make optional parts count where their parameters were replaced, and only there."""
    for first, last, variables in reversed(optional_parts(text)):
        part = text[first:last]
        missing = " || ".join(f'COALESCE(STR(?{name}), "") = ""' for name in sorted(variables))
        if part.upper().startswith("UNION"):
            part = f"{part[:-1]} FILTER (!({missing})) }}"
        elif part.startswith("{"):
            part = f"{part} UNION {{ FILTER ({missing}) }}"
        else:
            condition = part[len("FILTER") :].strip()
            # Not true and false: with those, Virtuoso finds nothing.
            part = f"FILTER (IF({missing}, 1, IF({condition}, 1, 0)) = 1)"
        text = text[:first] + part + text[last:]
    return text


def _term(param: Param, value: str, prefix: str) -> str:
    return f"{prefix}:{value}" if param.type == "iri" else term(value, param.type)


def _replaced(
    token: Token, terms: Mapping[str, str], items: Items, prefixes: Mapping[str, str], top: str
) -> str:
    if token.variable:
        return terms.get(token.variable, token.text)
    if token.kind is TokenKind.IRI and token.text.startswith(f"<{TOP}"):
        return f"<{top}{token.text[len(TOP) + 1 :]}"
    prefix, key = token.name
    kind = NAMESPACES.get(prefixes.get(prefix, ""))
    if not key or kind is None or ENTITY_ID.fullmatch(key):
        return token.text
    return f"{prefix}:{items.bound(key) if kind == 'item' else items.property(key)}"


def _declared(text: str, query: SavedQuery, items: Items) -> str:
    """Declare the prefixes that the text uses, where it does not do so itself."""
    used = {token.name[0] for token in tokenize(text)}
    top = items.concept_base.removesuffix("entity/")
    lines = [
        f"PREFIX {prefix}: <{namespace.replace(TOP, top)}>\n"
        for prefix, namespace in PREFIXES.items()
        if prefix in used and prefix not in query.declared
    ]
    return "".join([*lines, "\n" if lines and not query.declared else "", text])


def _without_order(text: str) -> str:
    tree = TokenTree(text)
    start = tree.outermost("ORDER")
    return text if start is None else text[: tree.tokens[start].at].rstrip()


def _with_label_service(text: str, query: SavedQuery, languages: str) -> str:
    """Have a query service fill the columns of labels."""
    tree = TokenTree(text)
    select = tree.body()
    opening = next(
        at
        for at in tree.closing
        if at > select and tree.tokens[at].text == "{" and tree.depths[at] == 0
    )
    where = opening - (tree.tokens[opening - 1].word == "WHERE")
    columns = [
        f"?{name}" for name in query.columns if name in query.selected or name in query.labels
    ]
    head = fill(f"SELECT {' '.join(columns)} WHERE {{", _WIDTH, subsequent_indent="       ")
    service = indent(_label_service(query, languages), "  ")
    start, first, last = (
        tree.tokens[select].at,
        tree.tokens[opening].at,
        tree.tokens[tree.closing[opening]].at,
    )
    grouped = any(
        token.word in {"DISTINCT", "REDUCED"} or token.text == "("
        for token in tree.tokens[select:where]
    )
    if not grouped:
        return f"{text[:start]}{head}{text[first + 1 : last].rstrip()}\n{service}\n{text[last:]}"
    order = tree.outermost("ORDER")
    end = len(text) if order is None else tree.tokens[order].at
    inner = indent(f"{{ {text[start:end].rstrip()} }}", "  ")
    return f"{text[:start]}{head}\n{inner}\n{service}\n}}\n{text[end:]}"


def _label_service(query: SavedQuery, languages: str) -> str:
    named = [(of, column) for column, of in query.labels.items()]
    about = f"bd:serviceParam wikibase:language {languages} ."
    if all(column == f"{of}Label" for of, column in named):
        return f"SERVICE wikibase:label {{ {about} }}"
    lines = "".join(f"  ?{of} rdfs:label ?{column} .\n" for of, column in named)
    return f"SERVICE wikibase:label {{\n  {about}\n{lines}}}"
