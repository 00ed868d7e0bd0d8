"""Triples as JSON-LD in the form of Wikibase: `@graph` with short names, `@context` behind it.

A predicate is named by its local name, or with its prefix where another one has that name
already. What its first object is like stands in the context, for all that are like it.
"""

import json
import re
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, Final

import pyoxigraph as ox

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_SHARED: Final = ("wdref:", "wdv:")  # nodes of references and values
_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,14}")  # what every JSON parser reads exactly
_LOCAL: Final = re.compile(r"\w[\w-]*")

Json = dict[str, Any]


def jsonld(triples: Iterable[ox.Triple], prefixes: Mapping[str, str]) -> bytes:
    """Write triples; the order of subjects and of what is said of each is kept."""
    every = list(triples)
    document = _Document(_usable(prefixes, every))
    document.name(every)
    graph = [
        document.node(list(group))
        for _, group in groupby(every, key=lambda triple: triple.subject)
    ]
    found = {"@graph": graph, "@context": document.context}
    return json.dumps(found, ensure_ascii=False, indent=4).encode()


def _usable(prefixes: Mapping[str, str], triples: Iterable[ox.Triple]) -> dict[str, str]:
    """Leave out prefixes that are read as the scheme of an address, as in `geo:12,34`."""
    schemes = {
        iri.value.partition(":")[0]
        for triple in triples
        for iri in (triple.subject, triple.object)
        if isinstance(iri, ox.NamedNode)
    }
    return {name: base for name, base in prefixes.items() if name not in schemes}


class _Document:
    def __init__(self, prefixes: Mapping[str, str]) -> None:
        # The longest first, for `prop/direct/` begins as `prop/` does.
        self._prefixes = sorted(prefixes.items(), key=lambda pair: -len(pair[1]))
        self.context: Json = {}
        self._terms: dict[str, str] = {}  # by predicate
        self._coerced: dict[str, str] = {}  # datatypes or @id, by predicate

    def name(self, triples: Iterable[ox.Triple]) -> None:
        """Name predicates in the order of triples, and those of references at their citation."""
        later: dict[str, list[ox.Triple]] = {}
        waiting: list[ox.Triple] = []
        for triple in triples:
            subject = self._reference(triple.subject)
            shared = later.setdefault(subject, []) if subject.startswith(_SHARED) else waiting
            shared.append(triple)
        waiting.reverse()
        while waiting:
            triple = waiting.pop()
            if triple.predicate.value != _TYPE:
                self._term(triple.predicate.value, triple.object)
            waiting += reversed(later.pop(self._reference(triple.object), []))

    def node(self, triples: list[ox.Triple]) -> Json:
        """Write what is said of one subject."""
        found: Json = {"@id": self._reference(triples[0].subject)}
        for triple in triples:
            if triple.predicate.value == _TYPE:
                _add(found, "@type", self._reference(triple.object))
            else:
                term = self._term(triple.predicate.value, triple.object)
                _add(found, term, self._object(triple.predicate.value, triple.object))
        return found

    def _reference(self, node: Any) -> str:  # noqa: ANN401 - a term of a triple
        return self._compact(node.value) if isinstance(node, ox.NamedNode) else str(node)

    def _compact(self, iri: str) -> str:
        for name, base in self._prefixes:
            local = iri.removeprefix(base)
            if local != iri and _LOCAL.fullmatch(local):
                self.context.setdefault(name, base)
                return f"{name}:{local}"
        return iri

    def _term(self, predicate: str, object_: Any) -> str:  # noqa: ANN401 - a term of a triple
        known = self._terms.get(predicate)
        if known is not None:
            return known
        compact = self._compact(predicate)
        kind = _kind(object_)
        coerced = self._compact(kind) if kind not in {"", "@id"} else kind
        about = {"@type": coerced} if coerced else {}
        local = compact.rpartition(":")[2]
        if compact != predicate and local not in self.context:
            term = local
            self.context[term] = {"@id": compact, **about}
        else:
            term = compact
            if about:
                self.context[term] = about
        self._terms[predicate], self._coerced[predicate] = term, kind
        return term

    def _object(self, predicate: str, object_: Any) -> Any:  # noqa: ANN401 - a term, JSON
        kind, expected = _kind(object_), self._coerced[predicate]
        if kind == "@id":
            reference = self._reference(object_)
            return reference if expected == "@id" else {"@id": reference}
        if kind:
            if kind == expected:
                return object_.value
            return {"@type": self._compact(kind), "@value": object_.value}
        if object_.language:
            return {"@language": object_.language, "@value": object_.value}
        is_number = object_.datatype.value == f"{_XSD}integer"
        value = int(object_.value) if is_number else object_.value
        return {"@value": value} if expected else value


def _kind(object_: Any) -> str:  # noqa: ANN401 - a term of a triple
    """Give the datatype of a literal, `@id` of a node; empty of what JSON itself can tell."""
    if not isinstance(object_, ox.Literal):
        return "@id"
    datatype = object_.datatype.value
    if object_.language or datatype == f"{_XSD}string":
        return ""
    if datatype == f"{_XSD}integer" and _INTEGER.fullmatch(object_.value):
        return ""
    return datatype


def _add(node: Json, term: str, value: Any) -> None:  # noqa: ANN401 - JSON
    if term not in node:
        node[term] = value
    elif isinstance(node[term], list):
        node[term].append(value)
    else:
        node[term] = [node[term], value]
