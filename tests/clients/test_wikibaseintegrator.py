"""WikibaseIntegrator, unchanged, against the served Wikibase."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from wikibaseintegrator import WikibaseIntegrator, datatypes, wbi_helpers
from wikibaseintegrator.models import Qualifiers, Reference, References
from wikibaseintegrator.wbi_config import config
from wikibaseintegrator.wbi_enums import ActionIfExists, WikibaseRank, WikibaseSnakType
from wikibaseintegrator.wbi_login import Login

from tests.clients.contract import ClientContract
from tests.clients.facts import Claim, Fact, Unknown, Value, Wanted
from tests.clients.wiki import Wiki


@dataclass(frozen=True, slots=True)
class Integrator:
    """The client, logged in."""

    wiki: Wiki
    wbi: WikibaseIntegrator

    def create_property(self, label: str, datatype: str) -> str:
        """Write a new property."""
        made = self.wbi.property.new(datatype=datatype)
        made.labels.set("en", label)
        return str(made.write(**_FEW_TRIES).id)

    def create_item(self, wanted: Wanted) -> str:
        """Write a new item with everything in one edit."""
        made = self.wbi.item.new()
        for language, label in (("en", wanted.label), *wanted.labels):
            made.labels.set(language, label)
        made.descriptions.set("en", wanted.description)
        made.aliases.set("en", list(wanted.aliases)) if wanted.aliases else None
        for claim in wanted.claims:
            made.claims.add(self._statement(claim), ActionIfExists.FORCE_APPEND)
        return str(made.write(**_FEW_TRIES).id)

    def add(self, item: str, claim: Claim) -> None:
        """Read the item, append a statement, write it."""
        found = self.wbi.item.get(item)
        found.claims.add(self._statement(claim), ActionIfExists.FORCE_APPEND)
        found.write(**_FEW_TRIES)

    def change(self, item: str, old: Fact, new: Fact) -> None:
        """Put another value into the statement that was read."""
        found = self.wbi.item.get(item)
        (statement,) = self._saying(found, old)
        statement.mainsnak.datavalue = self._value(new).mainsnak.datavalue
        found.write(**_FEW_TRIES)

    def remove(self, item: str, fact: Fact) -> None:
        """Mark the statement as removed, and write the item."""
        found = self.wbi.item.get(item)
        (statement,) = self._saying(found, fact)
        statement.remove()
        found.write(**_FEW_TRIES)

    def merge(self, source: str, target: str) -> None:
        """Merge by the helper for it."""
        wbi_helpers.merge_items(source, target, login=self.wbi.login, **_FEW_TRIES)

    def search(self, text: str) -> list[str]:
        """Search by the helper for it."""
        found: list[str] = wbi_helpers.search_entities(text, language="en", **_FEW_TRIES)
        return found

    def read(self, entity_id: str) -> dict[str, Any]:
        """Read an entity into objects and write them as JSON again."""
        found: dict[str, Any] = self.wbi.item.get(entity_id).get_json()
        return found

    def ask(self, query: str) -> list[dict[str, str]]:
        """Ask by the helper for it, which puts the query into the address of a POST."""
        found = wbi_helpers.execute_sparql_query(query, max_retries=1)["results"]["bindings"]
        return [{name: cell["value"] for name, cell in row.items()} for row in found]

    def _saying(self, item: Any, fact: Fact) -> list[Any]:  # noqa: ANN401 - untyped library
        meant = self._value(fact).mainsnak.datavalue["value"]["id"]
        claims = item.claims.get(self.wiki.properties[fact.datatype])
        return [claim for claim in claims if claim.mainsnak.datavalue["value"]["id"] == meant]

    def _statement(self, claim: Claim) -> Any:  # noqa: ANN401 - untyped library
        qualifiers = Qualifiers()
        for fact in claim.qualifiers:
            qualifiers.add(self._value(fact))
        references = References()
        for facts in claim.references:
            reference = Reference()
            for fact in facts:
                reference.add(self._value(fact))
            references.add(reference)
        return self._value(
            claim.fact,
            qualifiers=qualifiers,
            references=references,
            rank=WikibaseRank(claim.rank),
        )

    def _value(self, fact: Fact, **more: object) -> Any:  # noqa: ANN401 - untyped library
        kind, made = _MADE[fact.datatype]
        more["prop_nr"] = self.wiki.properties[fact.datatype]
        if isinstance(fact.value, Unknown):
            return kind(snaktype=WikibaseSnakType(fact.value.value), **more)
        arguments = made(fact.value)
        if "unit" in arguments:
            arguments["unit"] = self.wiki.served.entities + arguments["unit"]
        return kind(**arguments, **more)


_FEW_TRIES: Any = {"max_retries": 1, "retry_after": 0}


def _plain(value: Value) -> dict[str, Any]:
    return {"value": value}


def _quantity(value: Any) -> dict[str, Any]:  # noqa: ANN401 - a tuple, by the datatype
    return dict(zip(("amount", "unit"), value, strict=False))


def _time(value: Any) -> dict[str, Any]:  # noqa: ANN401 - a string, by the datatype
    return {"time": f"+{value}T00:00:00Z"}


def _text(value: Any) -> dict[str, Any]:  # noqa: ANN401 - a tuple, by the datatype
    return dict(zip(("text", "language"), value, strict=True))


def _place(value: Any) -> dict[str, Any]:  # noqa: ANN401 - a tuple, by the datatype
    return dict(zip(("latitude", "longitude", "precision"), map(float, value), strict=True))


_MADE: Any = {
    "string": (datatypes.String, _plain),
    "external-id": (datatypes.ExternalID, _plain),
    "url": (datatypes.URL, _plain),
    "wikibase-item": (datatypes.Item, _plain),
    "quantity": (datatypes.Quantity, _quantity),
    "time": (datatypes.Time, _time),
    "monolingualtext": (datatypes.MonolingualText, _text),
    "globe-coordinate": (datatypes.GlobeCoordinate, _place),
}


@pytest.fixture(scope="module")
def client(wiki: Wiki) -> Iterator[Integrator]:
    """The client with its settings, which belong to the whole process, put back afterwards."""
    served = wiki.served
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "MEDIAWIKI_API_URL": served.api,
            "MEDIAWIKI_INDEX_URL": f"{served.address}/w/index.php",
            "MEDIAWIKI_REST_URL": f"{served.address}/w/rest.php",
            "SPARQL_ENDPOINT_URL": served.sparql,
            "WIKIBASE_URL": served.address,
            "USER_AGENT": "wbskills-tests/1.0",
        }.items():
            patch.setitem(config, name, value)
        login = Login(user=served.bot_user, password=served.bot_password)
        yield Integrator(wiki, WikibaseIntegrator(login=login))


class TestWikibaseIntegrator(ClientContract):
    """WikibaseIntegrator writes and reads as on any Wikibase."""
