"""`SERVICE wikibase:label` put into plain SPARQL, so that queries made for Wikidata run here.

As the query service has it (https://www.mediawiki.org/wiki/Wikidata_Query_Service/User_Manual
#Label_service): without triples in the block, ?xLabel, ?xDescription and ?xAltLabel are filled
wherever the query uses them; with triples, the variables that they name. Each becomes a
sub-select at the end of its group that looks in one language after the other; what has no
label gets the last part of its address.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from wbskills.errors import QueryError
from wbskills.wikibase.server.sparql_text import QueryText, Service

AUTO: Final = "[AUTO_LANGUAGE]"
MOST_LANGUAGES: Final = 40
MOST_BLOCKS: Final = 20
MOST_LOOKS: Final = 2_000  # for a text in a language, all blocks together
MOST_ADDED: Final = 1 << 20  # characters; the name of a variable stands there many times

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
class _Wanted:
    """A variable to be filled with texts of what `subject` stands for."""

    subject: str  # a variable with its mark, or an IRI
    predicate: str
    into: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a block says: the languages in their order, and what it names by triples."""

    languages: tuple[str, ...]
    named: tuple[_Wanted, ...]


def without_label_services(
    query: str, prefixes: Mapping[str, str], concept_base: str, accepted: Sequence[str] = ()
) -> str:
    """Give the query with each label service replaced by patterns that Oxigraph can run.

    `accepted` are the languages that stand for `[AUTO_LANGUAGE]`. Hints to Wikidata's engine
    go; a query without SERVICE and hints comes back as it is. Raises `QueryError` if another
    SERVICE stands in it.
    """
    text = QueryText(query, prefixes)
    changes: list[tuple[int, int, str]] = []
    prefix = _free_prefix(text)
    services = text.label_services()
    if len(services) > MOST_BLOCKS:
        raise QueryError(f"there are more than {MOST_BLOCKS} label services", hint="one")
    looks = added = 0
    for service in services:
        asked = _asked(text, service, accepted)
        wanted = asked.named or tuple(_automatic(text, service))
        looks += len(wanted) * max(1, len(asked.languages))
        if looks > MOST_LOOKS:
            raise QueryError("the label service is asked for too much", hint="fewer languages")
        patterns = []
        for one in wanted:
            patterns.append(_pattern(one, asked, concept_base, prefix))
            added += len(patterns[-1])
            if added > MOST_ADDED:
                raise QueryError("the label service is asked for too much", hint="shorter names")
        start, end = text.tokens[service.first].at, text.tokens[service.closing].at + 1
        # An empty group keeps the triples before and after apart, the line ends keep places.
        changes.append((start, end, "{" + "\n" * query[start:end].count("\n") + "}"))
        group_end = text.tokens[text.closing[service.within]].at
        changes.append((group_end, group_end, "".join(patterns)))
    for first, last in text.hints():
        start, end = text.tokens[first].at, text.tokens[last].at + len(text.tokens[last].text)
        changes.append((start, end, ""))
    pieces = []
    at = 0
    for start, end, by in sorted(changes):
        if start >= at:  # a block inside another one is no SPARQL, and goes with it
            pieces += [query[at:start], by]
            at = end
    return "".join([*pieces, query[at:]])


def _asked(text: QueryText, service: Service, accepted: Sequence[str]) -> _Asked:
    languages: list[str] = []
    named: list[_Wanted] = []
    for subject, predicate, object_ in _triples(text, service):
        about, token = text.iri(predicate), text.tokens[object_]
        if text.iri(subject) == _PARAMETER and about == _LANGUAGE:
            languages += _codes(token.text.strip("\"'"), accepted)
        elif about in _TEXTS and token.variable:
            said = text.tokens[subject].text
            iri = text.iri(subject)
            named.append(_Wanted(f"<{iri}>" if iri else said, about, token.text))
        else:
            raise text.refused(
                subject,
                "the label service does not know this",
                "?thing rdfs:label ?name, schema:description or skos:altLabel",
            )
    return _Asked(tuple(dict.fromkeys(languages))[:MOST_LANGUAGES], tuple(named))


def _triples(text: QueryText, service: Service) -> Iterator[tuple[int, int, int]]:
    """Go through the triples of a block, with their `;` and `,`; gives the places of tokens."""
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


def _codes(listed: str, accepted: Sequence[str]) -> Iterator[str]:
    for part in listed.split(","):
        code = part.strip()
        if code == AUTO:
            yield from (each.lower() for each in accepted if _CODE.fullmatch(each))
        elif _CODE.fullmatch(code):
            yield code.lower()


def _automatic(text: QueryText, service: Service) -> Iterator[_Wanted]:
    """Find the variables that the query uses and that name a text of another variable."""
    start, end = service.within, text.closing[service.within]
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
                yield _Wanted(f"?{about}", predicate, f"?{name}")
                break


def _bound(text: QueryText, service: Service) -> Iterator[str]:
    """List the variables that the group gives a value to without the service.

    Inside parentheses a variable is only looked at, unless AS or VALUES stand before it.
    """
    depth = 0
    values_end = -1
    after_values = False  # a brace that is still to come opens the values
    for at in range(service.within + 1, text.closing[service.within]):
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
            given = depth == 0 or at < values_end or text.tokens[at - 1].word == "AS"
            yield from [token.variable] if given or after_values else []


def _query_around(text: QueryText, service: Service) -> tuple[int, int]:
    """Give where the SELECT that the block belongs to begins and ends; else the whole query."""
    best = (0, len(text.tokens))
    for opening, closing in text.closing.items():
        inside = opening < service.first < closing and best[0] <= opening
        if inside and text.tokens[opening + 1].word == "SELECT":
            best = (opening + 1, closing)
    return best


def _free_prefix(text: QueryText) -> str:
    """Give what no variable of the query begins with."""
    marks = (len(name) - len(name.lstrip("_")) for name in text.variables(0, len(text.tokens)))
    return "_" * (1 + max(marks, default=0))


def _pattern(wanted: _Wanted, asked: _Asked, concept_base: str, prefix: str) -> str:
    """Write the sub-select that fills one variable; its own variables begin with `prefix`."""
    into, subject = wanted.into, wanted.subject
    is_variable = not subject.startswith("<")
    thing, none = f"?{prefix}thing", f"?{prefix}none"
    # Unbound, the subject must match nothing; left as it is it would match everything.
    sought = f"COALESCE({subject}, <urn:wbskills:nothing>)" if is_variable else subject
    look = _aliases if wanted.predicate == _ALIAS else _first
    looks = []
    choices = []
    for number, language in enumerate(asked.languages):
        found = f"?{prefix}{number}"
        looks.append(look(thing, f"<{wanted.predicate}>", language, found))
        choices.append(found)
    if wanted.predicate == _LABEL:
        choices.append(_fallback(subject, concept_base))
    choice = f"COALESCE({', '.join([*choices, none])})"
    if is_variable:
        choice = f"IF(BOUND({subject}), {choice}, {none})"
    return (
        f" LATERAL {{ SELECT {subject if is_variable else ''} {into} WHERE {{"
        f" BIND({sought} AS {thing}) {' '.join(looks)} BIND({choice} AS {into}) }} }}"
    )


def _first(thing: str, predicate: str, language: str, found: str) -> str:
    return f'OPTIONAL {{ {thing} {predicate} {found} FILTER(LANG({found}) = "{language}") }}'


def _aliases(thing: str, predicate: str, language: str, found: str) -> str:
    """Write the pattern that joins all aliases in a language; unbound if there are none."""
    each, joined = f"{found}each", f"{found}joined"
    return (
        f'LATERAL {{ SELECT {thing} (GROUP_CONCAT({each}; SEPARATOR=", ") AS {joined})'
        f" WHERE {{ {_first(thing, predicate, language, each)} }} GROUP BY {thing} }}"
        f" BIND(IF(STRLEN({joined}) > 0, {joined}, {found}none) AS {found})"
    )


def _fallback(subject: str, concept_base: str) -> str:
    """Write what stands in for a label: an id, else the address or the text itself."""
    iri = f"STR({subject})"
    return f'IF(STRSTARTS({iri}, "{concept_base}"), STRAFTER({iri}, "{concept_base}"), {iri})'
