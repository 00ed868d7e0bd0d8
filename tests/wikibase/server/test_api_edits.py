"""Edits that are not in the recordings: merges, conflicts, deletions, concurrent clients."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.wikibase.server.support import ADDRESS, Api, LocalServer, make_users
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.server.settings import Settings, SimulatedFaults


def terms(**labels: str) -> dict[str, Any]:
    """Labels as clients send them."""
    return {"labels": {code: {"language": code, "value": text} for code, text in labels.items()}}


def statement(text: str, property_id: str = "P1") -> dict[str, Any]:
    """A statement with a text as clients send it."""
    value = {"type": "string", "value": text}
    snak = {"snaktype": "value", "property": property_id, "datavalue": value}
    return {"type": "statement", "mainsnak": snak}


def make(api: Api) -> tuple[str, str]:
    """Create a string property and an item with a statement; return its id and the GUID."""
    api.edit({"datatype": "string", **terms(en="text")}, new="property")
    found = api.edit({**terms(en="one"), "claims": [statement("a")]}, new="item")["entity"]
    return found["id"], found["claims"]["P1"][0]["id"]


def test_edits_of_different_statements_from_one_base_are_merged(bot: Api, ada: Api) -> None:
    """Two clients that read the same revision do not undo each other's edits."""
    name, guid = make(bot)
    base = str(bot("wbgetentities", ids=name)["entities"][name]["lastrevid"])

    assert "success" in bot.edit(
        {"claims": [{**statement("a2"), "id": guid}]}, id=name, baserevid=base
    )
    assert "success" in ada.edit({"claims": [statement("b")]}, id=name, baserevid=base)

    assert texts_of(bot, name) == ["a2", "b"]


def texts_of(api: Api, name: str) -> list[str]:
    """Return the texts of an item's statements."""
    claims = api("wbgetentities", ids=name)["entities"][name]["claims"].get("P1", ())
    return [claim["mainsnak"]["datavalue"]["value"] for claim in claims]


def messages_of(found: dict[str, Any]) -> list[str]:
    """Return the names of the warnings of an edit."""
    warnings = found.get("warnings", {}).get("wbeditentity", {})
    return [message["name"] for message in warnings.get("messages", ())]


@pytest.mark.parametrize(
    ("first", "second", "after"),
    [
        ({"to": "b"}, {"to": "c"}, ["c"]),
        ({"to": "b"}, {"remove": ""}, []),
        ({"to": "b"}, {"to": "b"}, "editconflict"),
        ({"remove": ""}, {"to": "c"}, "editconflict"),
        ({"remove": ""}, {"remove": ""}, "editconflict"),
    ],
)
def test_of_two_edits_of_one_statement_the_last_wins(
    bot: Api, ada: Api, first: dict[str, str], second: dict[str, str], after: list[str] | str
) -> None:
    """With a warning; if nothing is left to change, it is a conflict, as in the recordings."""
    name, guid = make(bot)
    base = str(bot("wbgetentities", ids=name)["entities"][name]["lastrevid"])

    def edit(api: Api, what: dict[str, str]) -> dict[str, Any]:
        claim = {**statement(what["to"]), "id": guid} if "to" in what else {"id": guid, **what}
        found: dict[str, Any] = api.edit({"claims": [claim]}, id=name, baserevid=base)
        return found

    assert messages_of(edit(bot, first)) == []
    found = edit(ada, second)

    if after == "editconflict":
        assert found["error"]["code"] == after
        names = [each["name"] for each in found["error"]["messages"]]
        assert names == ["wikibase-api-editconflict", "edit-conflict"]
        return
    assert messages_of(found) == ["wikibase-conflict-patched"]
    assert texts_of(bot, name) == after


def test_in_a_conflict_with_ones_own_edit_the_rest_is_saved(bot: Api) -> None:
    """With a warning; if nothing is left to save, it is a conflict like any other."""
    name, _ = make(bot)
    base = str(bot("wbgetentities", ids=name)["entities"][name]["lastrevid"])
    bot.edit(terms(en="two"), id=name, baserevid=base)

    nothing_left = bot.edit(terms(en="three"), id=name, baserevid=base)
    found = bot.edit(terms(en="three", de="drei"), id=name, baserevid=base)

    assert nothing_left["error"]["code"] == "editconflict"
    (warning,) = found["warnings"]["wbeditentity"]["messages"]
    assert warning["name"] == "wikibase-self-conflict-patched"
    labels = bot("wbgetentities", ids=name, props="labels")["entities"][name]["labels"]
    assert {code: term["value"] for code, term in labels.items()} == {"en": "two", "de": "drei"}


def test_in_a_conflict_with_an_edit_of_another_user_nothing_is_saved(bot: Api, ada: Api) -> None:
    """Not even what the other user has not changed."""
    name, _ = make(bot)
    base = str(bot("wbgetentities", ids=name)["entities"][name]["lastrevid"])
    bot.edit(terms(en="two"), id=name, baserevid=base)

    found = ada.edit(terms(en="three", de="drei"), id=name, baserevid=base)

    assert found["error"]["code"] == "editconflict"
    labels = bot("wbgetentities", ids=name, props="labels")["entities"][name]["labels"]
    assert {code: term["value"] for code, term in labels.items()} == {"en": "two"}


@pytest.mark.parametrize(
    ("first", "second", "after"),
    [
        ({"add": "x"}, {"add": "y"}, ["a", "b", "x", "y"]),
        ({"add": "x"}, {"remove": "a"}, ["b", "x"]),
        ({"remove": "a"}, {"remove": "b"}, None),
        ({"set": "c"}, {"add": "d"}, ["c", "d"]),
        ({"add": "x"}, {"add": "x"}, "editconflict"),
        ({"remove": "a"}, {"remove": "a"}, "editconflict"),
    ],
)
def test_aliases_of_one_language_are_merged_one_by_one(
    bot: Api,
    ada: Api,
    first: dict[str, str],
    second: dict[str, str],
    after: list[str] | str | None,
) -> None:
    """Two users may add and remove different ones; the same one is a conflict."""
    names = [{"language": "en", "value": text} for text in ("a", "b")]
    base = str(bot.edit({"aliases": {"en": names}}, new="item")["entity"]["lastrevid"])
    bot.write("wbsetaliases", id="Q1", language="en", baserevid=base, **first)

    found = ada.write("wbsetaliases", id="Q1", language="en", baserevid=base, **second)

    if after == "editconflict":
        assert found["error"]["code"] == after
        return
    there = bot("wbgetentities", ids="Q1", props="aliases")["entities"]["Q1"]["aliases"]
    assert [term["value"] for term in there.get("en", [])] == (after or [])


@pytest.mark.parametrize("part", ["labels", "descriptions"])
@pytest.mark.parametrize("again", ["new", "other", ""])
def test_a_term_that_was_changed_meanwhile_is_a_conflict(
    bot: Api, ada: Api, part: str, again: str
) -> None:
    """The second edit may set another text, the same text, or none."""

    def to(text: str) -> dict[str, Any]:
        return {part: {"en": {"language": "en", "value": text}}}

    base = str(bot.edit(to("old"), new="item")["entity"]["lastrevid"])
    bot.edit(to("new"), id="Q1", baserevid=base)

    assert ada.edit(to(again), id="Q1", baserevid=base)["error"]["code"] == "editconflict"
    assert bot("wbgetentities", ids="Q1")["entities"]["Q1"][part]["en"]["value"] == "new"


def test_deletions_and_restorations_reach_queries_and_searches(server: LocalServer) -> None:
    """The triples and the term index change with the entity."""
    root = server.user("Root@app")
    name, _ = make(root)
    count = f"SELECT (COUNT(*) AS ?n) WHERE {{ <{ADDRESS}/entity/{name}> ?p ?o }}"
    before = server.store.select(count).rows

    assert "delete" in root.write("delete", title=f"Item:{name}")
    assert server.store.select(count).rows == [(0,)]
    assert root("wbsearchentities", search="one", language="en")["search"] == []
    assert root("wbgetentities", ids=name)["entities"][name] == {"id": name, "missing": ""}

    assert "undelete" in root.write("undelete", title=f"Item:{name}")
    assert server.store.select(count).rows == before
    assert [hit["id"] for hit in root("wbsearchentities", search="one", language="en")["search"]]


def test_an_id_is_never_used_again(server: LocalServer) -> None:
    """Not even the id of the newest item, after it was deleted."""
    root = server.user("Root@app")
    name, _ = make(root)
    root.write("delete", title=f"Item:{name}")

    assert root.edit(terms(en="next"), new="item")["entity"]["id"] == "Q2"


def test_a_merge_that_cannot_be_saved_changes_nothing(server: LocalServer, bot: Api) -> None:
    """Both items stay unchanged if the label of a third one clashes."""
    described = {"descriptions": {"en": {"language": "en", "value": "d"}}}
    bot.edit({**terms(en="taken"), **described}, new="item")
    bot.edit(described, new="item")
    bot.edit(terms(en="taken"), new="item")
    before = server.store.revision()

    found = bot.write("wbmergeitems", fromid="Q3", toid="Q2")

    assert found["error"]["code"] == "modification-failed"
    assert server.store.revision() == before


def test_a_redirect_is_owl_same_as_in_queries(server: LocalServer, bot: Api) -> None:
    """As in Wikibase's RDF; also after the triple store was rebuilt."""
    bot.edit(terms(en="a"), new="item")
    bot.edit(terms(en="b"), new="item")
    bot.write("wbmergeitems", fromid="Q1", toid="Q2")
    ask = f"SELECT ?p ?o WHERE {{ <{ADDRESS}/entity/Q1> ?p ?o }}"

    first = [tuple(map(str, row)) for row in server.store.select(ask).rows]
    server.store.rebuild()

    assert first == [("http://www.w3.org/2002/07/owl#sameAs", f"{ADDRESS}/entity/Q2")]
    assert [tuple(map(str, row)) for row in server.store.select(ask).rows] == first


def test_edits_of_concurrent_clients_are_all_saved(server: LocalServer) -> None:
    """None is lost, each has its own revision, and readers see whole entities."""
    writers = [server.user(name) for name in ("Bot@app", "Ada@app", "Root@app", "Bot@app")]
    make(writers[0])
    before = server.store.revision()

    def work(number: int) -> list[int]:
        api, revisions = writers[number], []
        for step in range(15):
            found = api.edit({"claims": [statement(f"{number}-{step}")]}, id="Q1")
            revisions.append(found["entity"]["lastrevid"])
            read = api("wbgetentities", ids="Q1")["entities"]["Q1"]
            assert len(read["claims"]["P1"]) >= 1
        return revisions

    with ThreadPoolExecutor(4) as pool:
        revisions = [revision for done in pool.map(work, range(4)) for revision in done]

    assert sorted(revisions) == list(range(before + 1, before + 61))
    claims = writers[0]("wbgetentities", ids="Q1")["entities"]["Q1"]["claims"]["P1"]
    assert len(claims) == 61
    assert len({claim["id"] for claim in claims}) == 61


def test_edits_are_there_after_the_store_is_opened_again(tmp_path: Path) -> None:
    """Entities, users, redirects and deletions outlive the server."""
    place = str(tmp_path / "store")
    with Embedded(place, concept_base=f"{ADDRESS}/entity/") as store:
        make_users(store)
        root = LocalServer(store, SimulatedFaults(), Settings()).user("Root@app")
        make(root)
        for label in ("b", "c"):
            root.edit(terms(en=label), new="item")
        root.write("wbmergeitems", fromid="Q2", toid="Q1")
        root.write("delete", title="Item:Q3")
        lines = sorted(store.triples())

    with Embedded(place) as store:
        again = LocalServer(store, SimulatedFaults(), Settings()).user("Root@app")
        found = again("wbgetentities", ids="Q1|Q2|Q3")["entities"]
        assert found["Q2"]["id"] == "Q1"
        assert "missing" in found["Q3"]
        assert sorted(store.triples()) == lines
        store.rebuild()
        assert sorted(store.triples()) == lines


def test_jsonp_and_cross_origin_requests_are_anonymous(bot: Api) -> None:
    """A page of another site can read only what is public."""
    crossed = bot.raw(action="query", meta="userinfo", origin="*")
    assert "anon" in crossed.get_json()["query"]["userinfo"]
    assert crossed.headers["Access-Control-Allow-Origin"] == "*"

    called = bot.raw(action="query", meta="userinfo", callback="show")
    text = called.get_data(as_text=True)
    assert text.startswith("/**/show(")
    assert '"anon"' in text
    odd = bot.raw(action="query", meta="userinfo", callback="alert(1)//")
    assert odd.mimetype == "application/json"


def test_a_body_that_is_too_big_is_refused(server: LocalServer) -> None:
    """It is not read."""
    api = server.anonymous()
    response = api.raw(action="wbeditentity", data="x" * (server.settings.max_body + 1))

    assert response.status_code == 413


def test_the_history_has_summaries_and_users(ada: Api) -> None:
    """Clients read them with prop=revisions."""
    ada.edit(terms(en="a"), new="item", summary="because")

    pages = ada(
        "query", prop="revisions", titles="Item:Q1", rvprop="ids|user|comment", formatversion="2"
    )["query"]["pages"]

    assert pages[0]["revisions"] == [
        {
            "revid": 2,  # the first is that of the main page
            "parentid": 0,
            "user": "Ada",
            "comment": "/* wbeditentity-create-item:0| */ because",
        }
    ]
    assert json.dumps(pages)


def test_a_statement_keeps_its_guid_if_a_client_changes_its_case(
    server: LocalServer, bot: Api
) -> None:
    """Its IRI in RDF contains the GUID."""
    name, guid = make(bot)
    changed = {**statement("b"), "id": guid.lower()}

    found = bot.write("wbsetclaim", claim=json.dumps(changed))
    assert found["claim"]["id"] == guid
    found = bot.edit({"claims": [{**statement("c"), "id": guid.lower()}]}, id=name)

    assert [claim["id"] for claim in found["entity"]["claims"]["P1"]] == [guid]
    node = f"{ADDRESS}/entity/statement/{guid.replace('$', '-')}"
    assert server.store.select(f"SELECT ?p {{ ?item ?p <{node}> }}").rows
    assert "success" in bot.write("wbremoveclaims", claim=guid.lower())


def test_values_can_be_separated_by_another_character(bot: Api) -> None:
    """U+001F, which also stands at the beginning, for values that contain `|`."""
    bot.edit({}, new="item")
    bot.write("wbsetaliases", id="Q1", language="en", set="\x1fa|b\x1fc\u0301")

    found = bot("wbgetentities", ids="\x1fQ1\x1fQ2")["entities"]

    assert list(found) == ["Q1", "Q2"]
    assert [term["value"] for term in found["Q1"]["aliases"]["en"]] == ["a|b", "\u0107"]


def test_a_long_number_keeps_all_its_digits(bot: Api) -> None:
    """So do its bounds."""
    number = "1234567890" * 4

    found = bot("wbparsevalue", datatype="quantity", values=f"{number}±1")["results"][0]["value"]

    assert (found["amount"], found["upperBound"]) == (f"+{number}", f"+{number[:-1]}1")
    assert found["lowerBound"] == f"+{int(number) - 1}"


def test_the_revision_of_the_main_page_cannot_be_a_base_revision(bot: Api) -> None:
    """The main page has the first revision; it contains no entity."""
    bot.edit({"labels": {"en": {"language": "en", "value": "one"}}}, new="item")

    main = bot("query", titles="Main Page", prop="revisions", rvprop="ids")["query"]["pages"]
    (page,) = main.values()
    number = str(page["revisions"][0]["revid"])
    answer = bot.write("wbsetlabel", id="Q1", language="en", value="two", baserevid=number)

    assert answer["error"]["code"] == "cant-load-entity-content"


def test_a_reference_is_inserted_at_its_index(bot: Api) -> None:
    """Without an index it is the last one."""
    _, guid = make(bot)

    def add(text: str, **index: str) -> None:
        snaks = json.dumps({"P1": [statement(text)["mainsnak"]]})
        assert "reference" in bot.write("wbsetreference", statement=guid, snaks=snaks, **index)

    for text in ("a", "b"):
        add(text)
    add("c", index="1")

    (claim,) = bot("wbgetclaims", claim=guid)["claims"]["P1"]
    values = [each["snaks"]["P1"][0]["datavalue"]["value"] for each in claim["references"]]
    assert values == ["a", "c", "b"]


def test_items_that_link_to_each_other_are_merged_only_on_request(bot: Api) -> None:
    """The error names the property."""
    bot.edit({"datatype": "wikibase-item", **terms(en="link")}, new="property")
    bot.edit(terms(en="a"), new="item")
    value = {"type": "wikibase-entityid", "value": {"id": "Q1"}}
    snak = {"snaktype": "value", "property": "P1", "datavalue": value}
    bot.edit({**terms(en="b"), "claims": [{"type": "statement", "mainsnak": snak}]}, new="item")

    refused = bot.write("wbmergeitems", fromid="Q1", toid="Q2")
    merged = bot.write("wbmergeitems", fromid="Q1", toid="Q2", ignoreconflicts="statement")

    assert refused["error"]["code"] == "failed-modify"
    assert refused["error"]["extradata"][0].endswith("links to the other using property P1")
    assert merged["success"] == 1
