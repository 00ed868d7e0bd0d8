"""Edits by the Action API need consent, and do not bring back forgotten people."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any

import pytest
from werkzeug.test import Client

from tests.wikibase.server.support import ADDRESS, Api, LocalServer, make_users, quick_hashing
from wbskills.domain import Identity
from wbskills.ontology.entries import Fact, Ontology
from wbskills.ontology.express import Expression
from wbskills.private_records.forgotten import Forgotten
from wbskills.tasks.ontologies import apply_ontology, bound
from wbskills.web_app import create_web_app
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.model.edits import Create
from wbskills.wikibase.model.entities import Entity, Rank, Snak, Statement
from wbskills.wikibase.model.wire import statement_to_json
from wbskills.wikibase.server.settings import Settings, SimulatedFaults
from wbskills.wikibase.server.site import Site, close

ADA = Identity("wikimedia_username", "Ada Lovelace")


class Wiki:
    """A Wikibase with our ontology, an editor, and statements in the form of the API."""

    def __init__(self, store: Embedded, ontology: Ontology, api: Api) -> None:
        self.store, self.api = store, api
        self.binding = bound(store, ontology)
        self.express = Expression(ontology, self.binding)

    def statement(self, key: str, value: str, **qualifiers: str) -> Statement:
        """Return a statement."""
        facts = tuple(Fact(name, each) for name, each in qualifiers.items())
        return self.express.statement(Fact(key, value, facts))

    def edit(self, *statements: Statement, label: str = "", **form: str) -> Any:  # noqa: ANN401 - JSON
        """Create an item, or add to one; return the answer."""
        data: dict[str, Any] = {
            "claims": [statement_to_json(statement) for statement in statements]
        }
        if label:
            data["labels"] = {"en": {"language": "en", "value": label}}
        return self.api.edit(data, **(form or {"new": "item"}))

    def person(self, *statements: Statement, name: str = "Grace", label: str = "") -> Any:  # noqa: ANN401 - JSON
        """Create the item of a person."""
        who = self.statement("instance_of", "person"), self.statement("wikimedia_username", name)
        return self.edit(*who, *statements, label=label or name)


@pytest.fixture
def wiki(ontology: Ontology, tmp_path: Path) -> Iterator[Wiki]:
    """A Wikibase with the ontology, no people, and a folder of private records."""
    with (
        quick_hashing(),
        Embedded(":memory:", concept_base=f"{ADDRESS}/entity/") as store,
    ):
        list(apply_ontology(store, ontology))
        make_users(store)
        app = create_web_app(Site(store, ADDRESS, Lock(), records=tmp_path))
        api = Api(Client(app), "+\\")
        api.log_in("Root@app")
        yield Wiki(store, ontology, api)
        close(app)


def refusal(answer: Any) -> str:  # noqa: ANN401 - JSON
    """Return the reason of a refusal, in the form of Wikibase."""
    assert answer.get("error", {}).get("code") == "failed-save", answer
    assert answer["error"]["info"] == "The save has failed."
    reasons = [message["name"] for message in answer["error"]["messages"]]
    assert reasons[0] == "wikibase-api-failed-save"
    return str(reasons[1])


def test_answers_need_consent(wiki: Wiki) -> None:
    """In the same edit or before it, however the edit is made."""
    skill, agreed = (
        wiki.statement("assessed_skill", "php", level="alone"),
        wiki.statement("consent", "consent_named"),
    )
    assert refusal(wiki.person(skill)) == "wbskills-no-consent"
    assert refusal(wiki.edit(skill, label="No class")) == "wbskills-no-consent"
    assert refusal(wiki.person(wiki.statement("endorsed_skill", "php"))) == "wbskills-no-consent"
    assert "success" in wiki.person(skill, agreed)

    made = wiki.person(name="Alan")["entity"]["id"]
    php = json.dumps({"entity-type": "item", "id": wiki.binding.item("php")})
    claim = {
        "entity": made, "property": wiki.binding.property("assessed_skill"),
        "snaktype": "value", "value": php,
    }  # fmt: skip
    assert refusal(wiki.api.write("wbcreateclaim", **claim)) == "wbskills-no-consent"
    assert "success" in wiki.edit(agreed, id=made)
    assert "success" in wiki.api.write("wbcreateclaim", **claim)


def test_consent_must_be_valid(wiki: Wiki) -> None:
    """It is not some other item, and not deprecated."""
    skill = wiki.statement("assessed_skill", "php", level="alone")
    other = wiki.statement("consent", "python")
    assert refusal(wiki.person(skill, other)) == "wbskills-no-consent"
    deprecated = {
        **statement_to_json(wiki.statement("consent", "consent_named")), "rank": "deprecated"
    }  # fmt: skip
    data = {"claims": [statement_to_json(skill), deprecated]}
    assert refusal(wiki.api.edit(data, new="item")) == "wbskills-no-consent"


def test_consent_cannot_be_removed_before_the_answers(wiki: Wiki) -> None:
    """An item without consent can be emptied, but not added to."""
    skill = wiki.statement("assessed_skill", "php", level="alone")
    made = wiki.person(skill, wiki.statement("consent", "consent_named"))["entity"]
    consent, php = (
        made["claims"][wiki.binding.property(key)][0]["id"]
        for key in ("consent", "assessed_skill")
    )
    assert refusal(wiki.api.write("wbremoveclaims", claim=consent)) == "wbskills-no-consent"
    assert "success" in wiki.api.write("wbremoveclaims", claim=php)
    assert "success" in wiki.api.write("wbremoveclaims", claim=consent)

    python = wiki.statement("assessed_skill", "python", level="alone")
    old = Entity(labels={"en": "Old"}, statements=(skill, python))
    (there,) = wiki.store.write([Create("old", old)], "by an earlier version")
    stored = wiki.store.read([there.id])[there.id].entity
    assert "success" in wiki.api.write("wbremoveclaims", claim=str(stored.statements[0].id))
    assert refusal(wiki.edit(skill, id=there.id)) == "wbskills-no-consent"
    other = wiki.api.write("wbsetdescription", id=there.id, language="en", value="somebody")
    assert "success" in other


def test_merges_are_checked(wiki: Wiki, tmp_path: Path) -> None:
    """They bring neither answers without consent nor forgotten names."""
    php, python = (
        wiki.statement("assessed_skill", each, level="alone") for each in ("php", "python")
    )
    one, other = (
        wiki.store.write([Create(name, Entity(labels={"en": name}, statements=(said,)))], "old")
        for name, said in (("One", php), ("Other", python))
    )
    ids = {"fromid": one[0].id, "toid": other[0].id}
    assert refusal(wiki.api.write("wbmergeitems", **ids)) == "wbskills-no-consent"

    agreed = wiki.statement("consent", "consent_named")
    no = replace(
        agreed, main=Snak(agreed.main.property, None, "wikibase-item", "novalue"),
        rank=Rank.PREFERRED,
    )  # fmt: skip
    told = wiki.person(agreed, php, name="Alan")["entity"]["id"]
    withdrawn = wiki.person(no, name="Alan's other item")["entity"]["id"]
    ids = {"fromid": told, "toid": withdrawn}
    assert refusal(wiki.api.write("wbmergeitems", **ids)) == "wbskills-no-consent"

    Forgotten(tmp_path).add(ADA)
    thing = wiki.edit(label="Ada Lovelace")["entity"]["id"]
    ids = {"fromid": thing, "toid": told}
    assert refusal(wiki.api.write("wbmergeitems", **ids)) == "wbskills-forgotten"
    plain = wiki.edit(label="A thing")["entity"]["id"]
    assert "success" in wiki.api.write("wbmergeitems", fromid=plain, toid=told)


def test_forgotten_people_are_not_created_again(wiki: Wiki, tmp_path: Path) -> None:
    """Neither by name nor by label or alias of a person; other items may have any name."""
    agreed = wiki.statement("consent", "consent_named")
    before = wiki.person(agreed, name="Ada Lovelace")["entity"]["id"]
    wiki.api.write("delete", title=f"Item:{before}")
    Forgotten(tmp_path).add(ADA)

    assert refusal(wiki.person(agreed, name="Ada Lovelace")) == "wbskills-forgotten"
    assert refusal(wiki.person(name="Grace", label="User:Ada_Lovelace")) == "wbskills-forgotten"
    grace = wiki.person(agreed, name="Grace")["entity"]["id"]
    alias = {"id": grace, "language": "de", "add": "ada Lovelace"}
    assert refusal(wiki.api.write("wbsetaliases", **alias)) == "wbskills-forgotten"
    assert refusal(wiki.api.write("undelete", title=f"Item:{before}")) == "wbskills-forgotten"
    assert "success" in wiki.edit(label="Ada Lovelace")


def test_a_wikibase_without_our_ontology_is_unchecked() -> None:
    """Even if its properties have the same labels."""
    with (
        quick_hashing(),
        Embedded(":memory:", concept_base=f"{ADDRESS}/entity/") as store,
    ):
        make_users(store)
        add_answer(LocalServer(store, SimulatedFaults(), Settings()).user("Bot@app"))


def add_answer(bot: Api) -> None:
    """Create properties with the labels of ours, and an item with a statement."""
    for label in ("consent", "assessed skill", "wbskills key"):
        data = {"labels": {"en": {"language": "en", "value": label}}, "datatype": "string"}
        assert "success" in bot.edit(data, new="property")
    statement = {
        "type": "statement", "rank": "normal",
        "mainsnak": {
            "snaktype": "value", "property": "P2",
            "datavalue": {"type": "string", "value": "Lua"},
        },
    }  # fmt: skip
    assert "success" in bot.edit({"claims": [statement]}, new="item")
