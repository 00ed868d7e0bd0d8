"""The Wikibase that clients use, and how to read it without any of them."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

import pyoxigraph as ox
import requests

from tests.clients.facts import DATATYPES
from wbskills.testing import ServedWikibase, serving

_TIMEOUT: Final = 30
_DOCUMENT: Final = re.compile(r"/wiki/Special:EntityData/")
# What differs between two writings of the same item.
_OF_ONE_WRITING: Final = frozenset(
    {
        "http://schema.org/version",
        "http://schema.org/dateModified",
        "http://wikiba.se/ontology#timestamp",
    }
)
_OF_ITS_DOCUMENT: Final = _OF_ONE_WRITING | {
    f"http://wikiba.se/ontology#{name}" for name in ("statements", "sitelinks", "identifiers")
}
_ENTITY_TRIPLES: Final = """
CONSTRUCT {{ ?s ?p ?o }} WHERE {{
  {{ BIND(wd:{id} AS ?s) }}
  UNION {{ wd:{id} ?claim ?s . ?s a wikibase:Statement }}
  UNION {{ wd:{id} ?claim ?said . ?said prov:wasDerivedFrom ?s }}
  UNION {{ wd:{id} ?claim ?said . ?said a wikibase:Statement ; ?part ?s .
          ?s wikibase:timeValue|wikibase:quantityAmount|wikibase:geoLatitude ?value }}
  UNION {{ wd:{id} ?claim ?said . ?said prov:wasDerivedFrom ?source . ?source ?part ?s .
          ?s wikibase:timeValue|wikibase:quantityAmount|wikibase:geoLatitude ?value }}
  ?s ?p ?o
}}
"""


@dataclass(frozen=True, slots=True)
class Wiki:
    """A served Wikibase with a property of each datatype and two items as values."""

    served: ServedWikibase
    properties: dict[str, str] = field(default_factory=dict)
    items: tuple[str, ...] = ()

    def entity(self, entity_id: str) -> dict[str, Any]:
        """Return an entity as JSON."""
        found = self._get(f"/wiki/Special:EntityData/{entity_id}.json").json()["entities"]
        only: dict[str, Any] = found[entity_id]
        return only

    def last_editor(self, entity_id: str) -> str:
        """Return who made the latest revision."""
        title = f"Property:{entity_id}" if entity_id[0] == "P" else f"Item:{entity_id}"
        path = "/w/api.php?action=query&prop=revisions&rvprop=user&format=json&formatversion=2"
        found = self._get(f"{path}&titles={title}").json()
        name: str = found["query"]["pages"][0]["revisions"][0]["user"]
        return name

    def triples(self, entity_id: str) -> list[ox.Triple]:
        """Return an entity's own triples from its RDF, without those about the document."""
        path = f"/wiki/Special:EntityData/{entity_id}.nt?flavor=dump"
        parsed = ox.parse(self._get(path).content, format=ox.RdfFormat.N_TRIPLES)
        every = [quad.triple for quad in parsed]
        return [one for one in every if not _DOCUMENT.search(str(one.subject))]

    def queried(self, entity_id: str) -> list[ox.Triple]:
        """Return the same triples from the SPARQL endpoint."""
        query = quote(_ENTITY_TRIPLES.format(id=entity_id))
        answer = self._get(f"/sparql?query={query}", Accept="application/n-triples")
        parsed = ox.parse(answer.content, format=ox.RdfFormat.N_TRIPLES)
        every = [quad.triple for quad in parsed]
        item = f"{self.served.entities}{entity_id}"
        # The query service tells of the item what RDF tells of its document.
        return [
            one
            for one in every
            if not (str(one.subject) == f"<{item}>" and one.predicate.value in _OF_ITS_DOCUMENT)
        ]

    def bare(self, entity_id: str) -> dict[str, Any]:
        """Return an entity without what differs between two writings: id, GUIDs, revision."""
        found = self.entity(entity_id)
        for name in ("id", "lastrevid", "modified", "pageid", "title"):
            found.pop(name, None)
        for statements in found["claims"].values():
            for statement in statements:
                del statement["id"]
        return json.loads(  # type: ignore[no-any-return] # a copy with another address
            json.dumps(found).replace(self.served.address, "http://wiki.test")
        )

    def bare_triples(self, entity_id: str) -> list[str]:
        """Return the triples of an entity without what differs between two writings."""
        every = [
            triple
            for triple in self.triples(entity_id)
            if triple.predicate.value not in _OF_ONE_WRITING
        ]
        return canonical(every, self.served.address, entity_id)

    def _get(self, path: str, **headers: str) -> requests.Response:
        answer = requests.get(self.served.address + path, headers=headers, timeout=_TIMEOUT)
        answer.raise_for_status()
        return answer


def canonical(triples: Iterable[ox.Triple], address: str, entity_id: str) -> list[str]:
    """Return triples in a form that ignores ids of items and statements."""
    data = ox.Dataset(
        ox.Quad(*(_renamed(part, address, entity_id) for part in triple))  # type: ignore[arg-type] # a part stays where it was
        for triple in triples
    )
    data.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(map(str, data))


def _renamed(part: object, address: str, entity_id: str) -> object:
    if isinstance(part, ox.Literal) and part.datatype.value.endswith("#decimal"):
        # The query service writes every number in one way, as Wikidata's does.
        return ox.Literal(str(Decimal(part.value).normalize()), datatype=part.datatype)
    if not isinstance(part, ox.NamedNode):
        return part
    node = re.search(rf"/entity/statement/({entity_id}-.*)|/\.well-known/genid/(.*)", part.value)
    if node:
        return ox.BlankNode(re.sub(r"\W", "", node[1] or node[2]))
    itself = re.sub(rf"/entity/{entity_id}$", "/entity/ITSELF", part.value)
    return ox.NamedNode(itself.replace(address, "http://wiki.test"))


@contextmanager
def wiki_with_properties() -> Iterator[Wiki]:
    """Serve a Wikibase with what the clients need."""
    with serving() as served, logged_in(served) as make:
        properties = {
            datatype: make("property", datatype=datatype, labels=_english(f"a {datatype}"))
            for datatype in DATATYPES
        }
        items = tuple(make("item", labels=_english(text)) for text in ("Lua modules", "metre"))
        yield Wiki(served, properties, items)


@contextmanager
def logged_in(served: ServedWikibase) -> Iterator[Callable[..., str]]:
    """Log in with the bot password; yield a function that creates an entity and returns its id."""
    with requests.Session() as session:

        def post(**form: str) -> Any:  # noqa: ANN401 - JSON
            return session.post(served.api, {"format": "json", **form}, timeout=_TIMEOUT).json()

        def make(kind: str, **data: object) -> str:
            edit = {"action": "wbeditentity", "new": kind, "data": json.dumps(data)}
            answer = post(**edit, token=token)
            assert "entity" in answer, answer
            entity_id: str = answer["entity"]["id"]
            return entity_id

        asked = post(action="query", meta="tokens", type="login")
        found = post(
            action="login",
            lgname=served.bot_user,
            lgpassword=served.bot_password,
            lgtoken=asked["query"]["tokens"]["logintoken"],
        )
        assert found["login"]["result"] == "Success", found
        token = post(action="query", meta="tokens")["query"]["tokens"]["csrftoken"]
        yield make


def _english(text: str) -> dict[str, object]:
    return {"en": {"language": "en", "value": text}}
