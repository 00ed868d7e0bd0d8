"""What has to work with every client that writes."""

import re
from typing import Any

from tests.clients.facts import Claim, Client, Fact, Wanted, sample
from tests.clients.wiki import Wiki, canonical


def values_of(entity: dict[str, Any], property_id: str) -> list[Any]:
    """Return the values of a property, without the parts that clients may omit."""
    return [
        _plain(statement["mainsnak"]["datavalue"]["value"])
        for statement in entity["claims"].get(property_id, [])
    ]


def _plain(value: object) -> object:
    if isinstance(value, dict) and ("id" in value or "numeric-id" in value):
        return value.get("id", f"Q{value.get('numeric-id')}")
    if isinstance(value, dict):
        known = {name: part for name, part in value.items() if part is not None}
        if "time" in known:
            known["time"] = re.sub(r"^\+0+(?=\d{4}-)", "+", known["time"])
        return known
    return value


class ClientContract:
    """One client against one Wikibase; a class for each client inherits these tests."""

    def test_new_entities_belong_to_the_user_who_logged_in(
        self, client: Client, wiki: Wiki
    ) -> None:
        """A property and an item, both available at once."""
        property_id = client.create_property("nickname", "string")
        item_id = client.create_item(Wanted("Grace", "made by a client"))

        assert (property_id[0], item_id[0]) == ("P", "Q")
        assert wiki.entity(property_id)["datatype"] == "string"
        assert wiki.entity(item_id)["labels"]["en"]["value"] == "Grace"
        assert {wiki.last_editor(property_id), wiki.last_editor(item_id)} == {wiki.served.user}

    def test_search_finds_an_item_by_the_beginning_of_its_label(self, client: Client) -> None:
        """As soon as it was created."""
        item_id = client.create_item(Wanted("Xanthippe the found", "to be found"))

        assert client.search("Xanthippe the") == [item_id]
        assert client.search("nothing of this name") == []

    def test_a_statement_is_added_with_qualifiers_and_references(
        self, client: Client, wiki: Wiki
    ) -> None:
        """With the intended values."""
        skill, string = wiki.properties["wikibase-item"], wiki.properties["string"]
        url = wiki.properties["url"]
        item_id = client.create_item(Wanted("Hedy", "to be added to"))

        client.add(item_id, _claim(wiki))

        (statement,) = wiki.entity(item_id)["claims"][skill]
        (qualifier,) = statement["qualifiers"][string]
        (reference,) = statement["references"]
        assert statement["mainsnak"]["datavalue"]["value"]["id"] == wiki.items[0]
        assert qualifier["datavalue"]["value"] == "with help"
        assert reference["snaks"][url][0]["datavalue"]["value"] == "https://example.org/s"
        assert reference["snaks-order"] == [url, wiki.properties["time"]]

    def test_a_changed_statement_keeps_its_id_qualifiers_and_references(
        self, client: Client, wiki: Wiki
    ) -> None:
        """Only its value changes."""
        skill = wiki.properties["wikibase-item"]
        item_id = client.create_item(Wanted("Mary", "to be changed"))
        client.add(item_id, _claim(wiki))
        (before,) = wiki.entity(item_id)["claims"][skill]

        client.change(
            item_id, Fact("wikibase-item", wiki.items[0]), Fact("wikibase-item", wiki.items[1])
        )

        (after,) = wiki.entity(item_id)["claims"][skill]
        assert after["mainsnak"]["datavalue"]["value"]["id"] == wiki.items[1]
        assert {**after, "mainsnak": None} == {**before, "mainsnak": None}

    def test_a_removed_statement_is_gone_and_the_others_stay(
        self, client: Client, wiki: Wiki
    ) -> None:
        """With its qualifiers and references, from JSON and from the SPARQL endpoint."""
        skill = wiki.properties["wikibase-item"]
        item_id = client.create_item(Wanted("Radia", "to be removed from"))
        client.add(item_id, _claim(wiki))
        client.add(item_id, Claim(Fact("string", "stays")))

        client.remove(item_id, Fact("wikibase-item", wiki.items[0]))

        assert list(wiki.entity(item_id)["claims"]) == [wiki.properties["string"]]
        assert client.ask(f"SELECT ?said {{ wd:{item_id} p:{skill} ?said }}") == []

    def test_a_merged_item_redirects_to_the_other(self, client: Client, wiki: Wiki) -> None:
        """With its statements."""
        source = client.create_item(Wanted("Ada twice", "to be merged"))
        target = client.create_item(Wanted("Ada once", "to be merged"))
        client.add(source, Claim(Fact("string", "moves")))

        client.merge(source, target)

        assert values_of(wiki.entity(target), wiki.properties["string"]) == ["moves"]
        redirects = client.ask(f"SELECT ?to {{ wd:{source} owl:sameAs ?to }}")
        assert redirects == [{"to": f"{wiki.served.entities}{target}"}]

    def test_it_reads_what_it_wrote(self, client: Client, wiki: Wiki) -> None:
        """Through the API and with queries, every value of the sample."""
        wanted = sample(*wiki.items)
        with_unit = Claim(Fact("quantity", ("+4.20", wiki.items[1])))
        item_id = client.create_item(
            Wanted("Read again", wanted.description, claims=(*wanted.claims[4:], with_unit))
        )

        seen, stored = client.read(item_id), wiki.entity(item_id)
        rows = client.ask(
            f"SELECT ?id {{ wd:{item_id} wdt:{wiki.properties['external-id']} ?id }}"
        )

        for datatype in ("external-id", "url", "quantity", "time", "monolingualtext"):
            property_id = wiki.properties[datatype]
            assert values_of(stored, property_id), datatype
            assert values_of(seen, property_id) == values_of(stored, property_id)
        units = [value["unit"] for value in values_of(stored, wiki.properties["quantity"])]
        assert units == ["1", wiki.served.entities + wiki.items[1]]
        assert rows == [{"id": "AL-1815"}]

    def test_json_rdf_and_sparql_agree(self, client: Client, wiki: Wiki) -> None:
        """The endpoint has exactly the triples of the entity's RDF."""
        wanted = sample(*wiki.items)
        item_id = client.create_item(Wanted("Three ways", "to be compared", claims=wanted.claims))

        rdf, queried = wiki.triples(item_id), wiki.queried(item_id)
        statements = [one for many in wiki.entity(item_id)["claims"].values() for one in many]
        nodes = {str(one.subject) for one in rdf if "/entity/statement/" in str(one.subject)}

        assert len(statements) == len(nodes) == len(wanted.claims)
        address = wiki.served.address
        assert canonical(queried, address, item_id) == canonical(rdf, address, item_id)

    def test_the_sample_is_the_same_item_from_every_client(
        self, client: Client, wiki: Wiki, same_item: tuple[dict[str, Any], list[str]]
    ) -> None:
        """JSON and triples equal those of the sample sent without a client."""
        item_id = client.create_item(sample(*wiki.items))

        expected, triples = same_item
        assert wiki.bare(item_id) == expected
        assert wiki.bare_triples(item_id) == triples


def _claim(wiki: Wiki) -> Claim:
    return Claim(
        Fact("wikibase-item", wiki.items[0]),
        qualifiers=(Fact("string", "with help"),),
        references=((Fact("url", "https://example.org/s"), Fact("time", "2026-03-04")),),
    )
