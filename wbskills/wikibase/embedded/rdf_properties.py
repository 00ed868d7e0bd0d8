"""What a property is made of in RDF: its predicates, and the class of having no value.

As in Wikibase's dumps
(https://www.mediawiki.org/wiki/Wikibase/Indexing/RDF_Dump_Format#Properties).
"""

from typing import Final

from wbskills.wikibase.embedded.ntriples import resource
from wbskills.wikibase.embedded.rdf_values import ONTOLOGY, A

OWL: Final = "http://www.w3.org/2002/07/owl#"

_OBJECT: Final = "ObjectProperty"
_DATATYPE: Final = "DatatypeProperty"

# Wikibase's name of each predicate, and where it stands below `prop/`.
_TO_VALUES = {
    "directClaim": "direct/",
    "statementProperty": "statement/",
    "qualifier": "qualifier/",
    "reference": "reference/",
}
_TO_NODES = {
    "claim": "",
    "statementValue": "statement/value/",
    "qualifierValue": "qualifier/value/",
    "referenceValue": "reference/value/",
}
_TO_NORMALIZED_NODES = {
    "statementValueNormalized": "statement/value-normalized/",
    "qualifierValueNormalized": "qualifier/value-normalized/",
    "referenceValueNormalized": "reference/value-normalized/",
}
_WITH_IRIS = frozenset(
    {
        "commonsMedia", "entity-schema", "geo-shape", "tabular-data", "url", "wikibase-form",
        "wikibase-item", "wikibase-lexeme", "wikibase-property", "wikibase-sense",
    }
)  # fmt: skip
_NORMALIZED = {"external-id": _OBJECT, "quantity": _DATATYPE}


def definition(subject: str, prop: str, name: str, datatype: str, others: str) -> list[str]:
    """List the lines that define the property `name`.

    `prop` is the namespace that all predicates stand in; `others` is the node, as it is to be
    written, of whatever has a value of the property.
    """
    kind = "".join(part[:1].upper() + part[1:] for part in datatype.split("-"))
    lines = [f"{subject} <{ONTOLOGY}propertyType> {resource(ONTOLOGY + kind)} ."]
    for predicate, (path, owl_class) in _predicates(datatype).items():
        iri = f"<{prop}{path}{name}>"
        lines.append(f"{subject} <{ONTOLOGY}{predicate}> {iri} .")
        lines.append(f"{iri} {A} <{OWL}{owl_class}> .")
    novalue = f"<{prop}novalue/{name}>"
    return [
        *lines,
        f"{subject} <{ONTOLOGY}novalue> {novalue} .",
        f"{novalue} {A} <{OWL}Class> .",
        f"{novalue} <{OWL}complementOf> {others} .",
        f"{others} {A} <{OWL}Restriction> .",
        f"{others} <{OWL}onProperty> <{prop}direct/{name}> .",
        f"{others} <{OWL}someValuesFrom> <{OWL}Thing> .",
    ]


def _predicates(datatype: str) -> dict[str, tuple[str, str]]:
    """Give, by the name of each predicate, its path and its class in OWL."""
    of_values = _OBJECT if datatype in _WITH_IRIS else _DATATYPE
    found = {name: (path, of_values) for name, path in _TO_VALUES.items()}
    found |= {name: (path, _OBJECT) for name, path in _TO_NODES.items()}
    if datatype in _NORMALIZED:
        found |= {name: (path, _OBJECT) for name, path in _TO_NORMALIZED_NODES.items()}
        found["directClaimNormalized"] = ("direct-normalized/", _NORMALIZED[datatype])
    return found
