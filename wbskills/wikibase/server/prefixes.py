"""The prefixes that every query on a Wikibase may use without declaring them.

As Wikibase names them (https://www.mediawiki.org/wiki/Wikibase/Indexing/RDF_Dump_Format
#Prefixes_used), under the names that it uses since version 1.44 and those from before.
"""

from typing import Final

COMMON: Final = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "wikibase": "http://wikiba.se/ontology#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "schema": "http://schema.org/",
    "cc": "http://creativecommons.org/ns#",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "prov": "http://www.w3.org/ns/prov#",
}
GEOF: Final = "http://www.opengis.net/def/function/geosparql/"
_OF_THE_QUERY_SERVICE: Final = {
    "geof": GEOF,
    "bd": "http://www.bigdata.com/rdf#",
    "hint": "http://www.bigdata.com/queryHints#",
}
_PLACES: Final = {
    "wdt": "prop/direct/",
    "wdtn": "prop/direct-normalized/",
    "p": "prop/",
    "ps": "prop/statement/",
    "psv": "prop/statement/value/",
    "psn": "prop/statement/value-normalized/",
    "pq": "prop/qualifier/",
    "pqv": "prop/qualifier/value/",
    "pqn": "prop/qualifier/value-normalized/",
    "pr": "prop/reference/",
    "prv": "prop/reference/value/",
    "prn": "prop/reference/value-normalized/",
    "wdno": "prop/novalue/",
}
_RENAMED: Final = {
    "wdata": ("data", "wiki/Special:EntityData/"),
    "wds": ("s", "entity/statement/"),
    "wdref": ("ref", "reference/"),
    "wdv": ("v", "value/"),
}


def of_documents(concept_base: str) -> dict[str, str]:
    """Give the prefixes of Turtle documents, under their newer names."""
    top = concept_base.removesuffix("entity/")
    own = {name: top + path for name, (_, path) in _RENAMED.items()}
    return {
        **COMMON,
        "wd": concept_base,
        **own,
        **{name: top + path for name, path in _PLACES.items()},
    }


def of_queries(concept_base: str) -> dict[str, str]:
    """Give the prefixes that a query may use, under newer and older names."""
    top = concept_base.removesuffix("entity/")
    older = {old: top + path for old, path in _RENAMED.values()}
    return {**of_documents(concept_base), **older, **_OF_THE_QUERY_SERVICE}
