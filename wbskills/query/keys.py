"""Keys of a saved query, held against the ontology: what it names must be there."""

from collections.abc import Iterator

from wbskills.errors import Fault
from wbskills.ontology.entries import Ontology
from wbskills.query import body
from wbskills.query.body import NAMESPACES
from wbskills.query.header import OURS
from wbskills.query.items import OTHERS
from wbskills.query.saved import Param, SavedQuery
from wbskills.query.spelling import near
from wbskills.wikibase.sparql_tokens import meaningful, place, tokenize


def check(query: SavedQuery, ontology: Ontology) -> Iterator[Fault]:
    """Tell which keys, sections and values of a query the ontology does not have."""
    prefixes = body.read(query.text).prefixes
    items = [key for key, entry in ontology.entries.items() if entry.section]
    known = {"item": items, "property": list(ontology.properties)}
    for token in meaningful(tokenize(query.text)):
        prefix, key = token.name
        kind = NAMESPACES.get(prefixes.get(prefix, ""))
        if kind and key and key not in known[kind]:
            yield Fault(
                what=f"there is no {kind} “{key}” in the ontology",
                hint=near(key, known[kind]),
                row=place(query.text, token.at)[0],
            )
    for param in query.params:
        if param.type == "iri":
            yield from _values(param, ontology)


def _values(param: Param, ontology: Ontology) -> Iterator[Fault]:
    sections = {entry.section for entry in ontology.entries.values()} | set(OTHERS)
    if param.section not in sections:
        yield Fault(
            what=f"there is no section “{param.section}”",
            hint=near(param.section, sections) or ", ".join(sorted(filter(None, sections))),
            column=f"{OURS}.params.{param.name}",
        )
        return
    if param.section in OTHERS:  # they stand in no file of the ontology
        return
    keys = ontology.section(param.section)
    for where, values in (("defaults", [param.default]), ("enumerate", param.choices)):
        for value in filter(None, values):
            if value not in keys:
                yield Fault(
                    what=f"there is no “{value}” in {param.section}",
                    hint=near(value, keys),
                    column=f"{where}.{param.name}",
                )
