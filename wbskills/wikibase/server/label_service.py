"""`SERVICE wikibase:label` rewritten as plain SPARQL, so that queries made for Wikidata run here.

As in the query service (https://www.mediawiki.org/wiki/Wikidata_Query_Service/User_Manual
#Label_service): if the block has no triples, ?xLabel, ?xDescription and ?xAltLabel are bound
wherever the query uses them; otherwise the variables named in the triples. Each becomes a
sub-select at the end of its group that tries one language after the other. Without a label, the
variable is bound to the last part of the address.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from wbskills.errors import QueryError
from wbskills.wikibase.server.sparql_text import QueryText, ServiceBlock

AUTO: Final = "[AUTO_LANGUAGE]"
_MAX_LANGUAGES: Final = 40
_MAX_BLOCKS: Final = 20
_MAX_LOOKUPS: Final = 2_000  # of a text in a language, in all blocks together
_MAX_ADDED: Final = 1 << 20  # characters; the name of a variable is repeated many times

_LABEL: Final = "http://www.w3.org/2000/01/rdf-schema#label"
_ALIAS: Final = "http://www.w3.org/2004/02/skos/core#altLabel"
# Longest first: ?xAltLabel is the alias of ?x before it is the label of ?xAlt.
_SUFFIXES: Final = {
    "AltLabel": _ALIAS,
    "Description": "http://schema.org/description",
    "Label": _LABEL,
}
_TEXTS: Final = frozenset(_SUFFIXES.values())
_LANGUAGE: Final = "http://wikiba.se/ontology#language"
_PARAMETER: Final = "http://www.bigdata.com/rdf#serviceParam"
_CODE: Final = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class _LabelVariable:
    """The variable `into`, to be bound to a text of `subject`, a variable or an IRI."""

    subject: str
    predicate: str
    into: str


@dataclass(frozen=True, slots=True)
class _BlockContent:
    """What a block says: the languages to try, in order, and the variables in its triples."""

    languages: tuple[str, ...]
    named: tuple[_LabelVariable, ...]


def replace_label_services(
    query: str, prefixes: Mapping[str, str], concept_base: str, auto_languages: Sequence[str] = ()
) -> str:
    """Return the query with each label service replaced by patterns that Oxigraph can run.

    `auto_languages` replace `[AUTO_LANGUAGE]`. Optimizer hints are removed; a query without
    SERVICE and hints is returned unchanged. Raises `QueryError` at any other SERVICE, and if
    the result would be too large.
    """
    text = QueryText(query, prefixes)
    edits: list[tuple[int, int, str]] = []
    prefix = _unused_prefix(text)
    services = text.label_services()
    if len(services) > _MAX_BLOCKS:
        raise QueryError(f"there are more than {_MAX_BLOCKS} label services", hint="use one")
    lookups = added = 0
    for service in services:
        content = _content(text, service, auto_languages)
        variables = content.named or tuple(_automatic(text, service))
        lookups += len(variables) * max(1, len(content.languages))
        if lookups > _MAX_LOOKUPS:
            raise QueryError("the label service has too many lookups", hint="name fewer languages")
        patterns = []
        for variable in variables:
            patterns.append(_pattern(variable, content.languages, concept_base, prefix))
            added += len(patterns[-1])
            if added > _MAX_ADDED:
                raise QueryError(
                    "the label service makes the query too long", hint="use shorter variables"
                )
        start, end = text.tokens[service.first].at, text.tokens[service.closing].at + 1
        # An empty group keeps the triples before and after apart; line ends keep line numbers.
        edits.append((start, end, "{" + "\n" * query[start:end].count("\n") + "}"))
        group_end = text.tokens[text.closing[service.group]].at
        edits.append((group_end, group_end, "".join(patterns)))
    for first, last in text.hints():
        start, end = text.tokens[first].at, text.tokens[last].at + len(text.tokens[last].text)
        edits.append((start, end, ""))
    pieces = []
    at = 0
    for start, end, replacement in sorted(edits):
        if start >= at:  # a block inside another one is not SPARQL, and disappears with it
            pieces += [query[at:start], replacement]
            at = end
    return "".join([*pieces, query[at:]])


def _content(
    text: QueryText, service: ServiceBlock, auto_languages: Sequence[str]
) -> _BlockContent:
    languages: list[str] = []
    named: list[_LabelVariable] = []
    for subject, predicate, object_ in _triples(text, service):
        iri, predicate_iri, token = text.iri(subject), text.iri(predicate), text.tokens[object_]
        if iri == _PARAMETER and predicate_iri == _LANGUAGE:
            languages += _codes(token.text.strip("\"'"), auto_languages)
        elif predicate_iri in _TEXTS and token.variable:
            name = f"<{iri}>" if iri else text.tokens[subject].text
            named.append(_LabelVariable(name, predicate_iri, token.text))
        else:
            raise text.error(
                subject,
                "the label service does not support this",
                "use ?item rdfs:label ?name, schema:description or skos:altLabel",
            )
    return _BlockContent(tuple(dict.fromkeys(languages))[:_MAX_LANGUAGES], tuple(named))


def _triples(text: QueryText, service: ServiceBlock) -> Iterator[tuple[int, int, int]]:
    """Yield the triples of a block as positions of tokens; `;` and `,` are resolved."""
    subject = predicate = -1
    before = "."
    for at in range(service.opening + 1, service.closing):
        mark = text.tokens[at].text
        if mark in {".", ";", ","}:
            before = mark
        elif before == ".":
            subject, before = at, ";"
            predicate = -1
        elif before == ";":
            predicate, before = at, ","
        elif predicate >= 0:
            yield subject, predicate, at


def _codes(text: str, auto_languages: Sequence[str]) -> Iterator[str]:
    for part in text.split(","):
        code = part.strip()
        if code == AUTO:
            yield from (
                auto_language.lower()
                for auto_language in auto_languages
                if _CODE.fullmatch(auto_language)
            )
        elif _CODE.fullmatch(code):
            yield code.lower()


def _automatic(text: QueryText, service: ServiceBlock) -> Iterator[_LabelVariable]:
    """Yield the variables of the query that are named after a text of another variable."""
    start, end = service.group, text.closing[service.group]
    known = set(text.variables(start, service.first))
    known |= set(text.variables(service.closing, end))
    bound = set(_bound(text, service))
    used = dict.fromkeys(text.variables(*_query_around(text, service)))
    for name in used:
        if name in bound:
            continue
        for suffix, predicate in _SUFFIXES.items():
            about = name.removesuffix(suffix)
            if about != name and about in known:
                yield _LabelVariable(f"?{about}", predicate, f"?{name}")
                break


def _bound(text: QueryText, service: ServiceBlock) -> Iterator[str]:
    """Yield the variables that the group binds without the service.

    Inside parentheses a variable is only used, unless AS or VALUES precede it.
    """
    depth = 0
    values_end = -1
    after_values = False  # the next brace opens the values
    for at in range(service.group + 1, text.closing[service.group]):
        token = text.tokens[at]
        if token.word == "VALUES":
            after_values = True
        elif token.text == "{" and after_values:
            values_end, after_values = text.closing.get(at, -1), False
        elif token.text == "(":
            depth += 1
        elif token.text == ")":
            depth -= 1
        elif token.variable and not service.opening < at < service.closing:
            is_bound = depth == 0 or at < values_end or text.tokens[at - 1].word == "AS"
            if is_bound or after_values:
                yield token.variable


def _query_around(text: QueryText, service: ServiceBlock) -> tuple[int, int]:
    """Return start and end of the innermost SELECT around a block, by default the whole query."""
    best = (0, len(text.tokens))
    for opening, closing in text.closing.items():
        inside = opening < service.first < closing and best[0] <= opening
        if inside and text.tokens[opening + 1].word == "SELECT":
            best = (opening + 1, closing)
    return best


def _unused_prefix(text: QueryText) -> str:
    """Return a prefix that no variable of the query has."""
    marks = (len(name) - len(name.lstrip("_")) for name in text.variables(0, len(text.tokens)))
    return "_" * (1 + max(marks, default=0))


def _pattern(
    variable: _LabelVariable, languages: Sequence[str], concept_base: str, prefix: str
) -> str:
    """Return the sub-select that binds one variable; its own variables begin with `prefix`."""
    into, subject = variable.into, variable.subject
    is_variable = not subject.startswith("<")
    entity, unbound = f"?{prefix}entity", f"?{prefix}unbound"
    # An unbound subject must match nothing; without this it would match everything.
    bound = f"COALESCE({subject}, <urn:wbskills:nothing>)" if is_variable else subject
    pattern = _aliases if variable.predicate == _ALIAS else _text
    candidates = [f"?{prefix}{number}" for number in range(len(languages))]
    lookups = " ".join(
        pattern(entity, f"<{variable.predicate}>", language, candidate)
        for language, candidate in zip(languages, candidates, strict=True)
    )
    if variable.predicate == _LABEL:
        candidates.append(_fallback(subject, concept_base))
    choice = f"COALESCE({', '.join([*candidates, unbound])})"
    if is_variable:
        choice = f"IF(BOUND({subject}), {choice}, {unbound})"
    return (
        f" LATERAL {{ SELECT {subject if is_variable else ''} {into} WHERE {{"
        f" BIND({bound} AS {entity}) {lookups} BIND({choice} AS {into}) }} }}"
    )


def _text(entity: str, predicate: str, language: str, into: str) -> str:
    return f'OPTIONAL {{ {entity} {predicate} {into} FILTER(LANG({into}) = "{language}") }}'


def _aliases(entity: str, predicate: str, language: str, into: str) -> str:
    """Return the pattern that joins all aliases in a language; without any, it binds nothing."""
    alias, joined = f"{into}each", f"{into}joined"
    return (
        f'LATERAL {{ SELECT {entity} (GROUP_CONCAT({alias}; SEPARATOR=", ") AS {joined})'
        f" WHERE {{ {_text(entity, predicate, language, alias)} }} GROUP BY {entity} }}"
        f" BIND(IF(STRLEN({joined}) > 0, {joined}, {into}none) AS {into})"
    )


def _fallback(subject: str, concept_base: str) -> str:
    """Return what replaces a label: an id, else the address or the text itself."""
    iri = f"STR({subject})"
    return f'IF(STRSTARTS({iri}, "{concept_base}"), STRAFTER({iri}, "{concept_base}"), {iri})'
