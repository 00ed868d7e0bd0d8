"""Saved queries for other programs: files for grlc, and a catalogue of what can be asked.

grlc makes a web service of a folder of such files: https://github.com/CLARIAH/grlc. A catalogue
describes queries that can be run as they are, in SHACL's words, as those of the SIB do:
https://github.com/sib-swiss/sparql-examples.
"""

from collections.abc import Iterable
from typing import Any, Final

from wbskills.query import header, render
from wbskills.query.params import Items, languages_of, resolve_params
from wbskills.query.saved import Param, SavedQuery

_SHACL: Final = "http://www.w3.org/ns/shacl#"
_SCHEMA: Final = "https://schema.org/"
_WIDTH: Final = 120


def for_grlc(query: SavedQuery, items: Items, endpoint: str = "") -> str:
    """Return the file of a saved query for one Wikibase, with ids instead of keys.

    Parameters stay variables; defaults and choices that are items are addresses. `endpoint` is
    the address that grlc asks. Raises `QueryError` if the Wikibase lacks a key.
    """
    import yaml

    about: dict[str, Any] = yaml.BaseLoader(header.split(query.text)[0]).get_single_data()
    for key, found in (("defaults", _defaults), ("enumerate", _choices)):
        values = [{each.name: found(each, items)} for each in query.params if found(each, items)]
        about |= {key: values} if values else {}
    if endpoint:
        about["endpoint"] = endpoint
    lines = yaml.safe_dump(about, allow_unicode=True, sort_keys=False, width=_WIDTH).splitlines()
    decorated = "".join(f"{header.MARK} {line}\n" for line in lines)
    return decorated + render.for_grlc(query, items)


def catalogue(
    queries: Iterable[SavedQuery], items: Items, lang: str = "en", endpoint: str = ""
) -> str:
    """Return a description of queries in Turtle, each as it is asked without values.

    A required parameter without a default stays a variable, and so means all.
    Raises `QueryError` if the Wikibase lacks a key.
    """
    from rdflib import RDF, RDFS, Graph, Literal, Namespace, URIRef

    shacl, schema = Namespace(_SHACL), Namespace(_SCHEMA)
    graph = Graph()
    graph.bind("sh", shacl)
    graph.bind("schema", schema)
    for query in queries:
        node = URIRef(f"#{query.name}")
        resolved = resolve_params(query, {}, items, lang, complete=False)
        asked = render.for_people(query, resolved, items, languages_of(resolved))
        graph.add((node, RDF.type, shacl.SPARQLExecutable))
        graph.add((node, RDF.type, shacl.SPARQLSelectExecutable))
        graph.add((node, RDFS.label, Literal(query.summary, lang="en")))
        graph.add((node, RDFS.comment, Literal(query.description or query.question, lang="en")))
        graph.add((node, shacl.select, Literal(asked)))
        for tag in query.tags:
            graph.add((node, schema.keywords, Literal(tag)))
        if endpoint:
            graph.add((node, schema.target, URIRef(endpoint)))
    return graph.serialize(format="turtle")


def _defaults(param: Param, items: Items) -> str:
    return _value(param, param.default, items) if param.default else ""


def _choices(param: Param, items: Items) -> list[str]:
    return [_value(param, choice, items) for choice in param.choices]


def _value(param: Param, text: str, items: Items) -> str:
    if param.type != "iri":
        return text
    return f"{items.concept_base}{items.id(text, param.section)}"
