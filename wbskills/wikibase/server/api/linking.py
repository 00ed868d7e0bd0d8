"""Which entities mention an entity, found by a query."""

from typing import Final

from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.values import entity_id

_MOST: Final = 5_000


def links_here(call: Call, name: str) -> list[str]:
    """List the entities whose statements mention an entity, or use a property, by their ids."""
    base = call.site.store.concept_base
    itself = f"<{base}{name}>"
    ways = []
    if name.startswith("P"):
        prop = base.removesuffix("entity/") + "prop/"
        ways = [
            f"?e <{prop}{name}> ?s",
            f"?s <{prop}qualifier/{name}> ?v . ?e ?p ?s",
            f"?r <{prop}reference/{name}> ?v . ?s ?d ?r . ?e ?p ?s",
        ]
    ways += [
        f"?s ?a {itself} . ?e ?p ?s",
        f"?n ?b {itself} . ?s ?a ?n . ?e ?p ?s",
        f"?n ?c {itself} . ?r ?b ?n . ?s ?a ?r . ?e ?p ?s",
    ]
    pattern = " UNION ".join(f"{{ {way} }}" for way in ways)
    answer = call.site.store.select(
        f"SELECT DISTINCT ?e WHERE {{ {pattern}"
        f' FILTER(STRSTARTS(STR(?s), "{base}statement/")) }} LIMIT {_MOST}'
    )
    found = [str(row[0]).removeprefix(base) for row in answer.rows]
    return [each for each in found if entity_id(each)]
