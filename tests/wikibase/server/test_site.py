"""Entities have the address where they are served as their IRI, unless they have IRIs already."""

import json
from pathlib import Path
from threading import Lock
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result

from tests.wikibase.server.serve_command import connect, get, running
from tests.wikibase.server.support import Api, LocalServer, put, text
from wbskills.cli.serve import Options, serve
from wbskills.errors import WbskillsError
from wbskills.web_app import create_web_app
from wbskills.wikibase.embedded.store import CONCEPT_BASE, Embedded
from wbskills.wikibase.model.entities import Entity
from wbskills.wikibase.server.http_server import HttpServer
from wbskills.wikibase.server.settings import Settings
from wbskills.wikibase.server.site import Site, open_site

HERE = "http://localhost:9321"
ELSEWHERE = "https://people.example.org"


def create_item_in(folder: Path, concept_base: str = "") -> str:
    """Create a store with an item; return its folder."""
    with Embedded(str(folder), concept_base=concept_base) as store:
        put(store, Entity(labels={"en": "metre"}))
    return str(folder)


def concept_base_of(place: str, address: str = HERE, **how: str) -> str:
    """Open a site, and return what the IRIs of its entities begin with."""
    with open_site(place, address, **how) as site:
        assert site.store.concept_base == site.store._derived._triples._concept_base
        return site.store.concept_base


def test_a_new_store_takes_the_address_or_the_option(tmp_path: Path) -> None:
    """In memory and in a folder; the concept base can change as long as there is no entity."""
    place = str(tmp_path / "store")

    assert concept_base_of(":memory:") == f"{HERE}/entity/"
    assert concept_base_of(place) == f"{HERE}/entity/"
    assert concept_base_of(place, concept_base=f"{ELSEWHERE}/entity/") == f"{ELSEWHERE}/entity/"
    assert concept_base_of(place, "http://localhost:1") == "http://localhost:1/entity/"


def test_a_store_with_entities_keeps_its_concept_base(tmp_path: Path) -> None:
    """Links to entities stay valid; a different concept base is refused."""
    place = create_item_in(tmp_path / "store", concept_base=f"{ELSEWHERE}/entity/")

    assert concept_base_of(place) == f"{ELSEWHERE}/entity/"
    with pytest.raises(WbskillsError, match="cannot be changed"):
        concept_base_of(place, concept_base=f"{HERE}/entity/")
    with Embedded(place) as store:
        assert store.select("SELECT ?i { ?i a <http://wikiba.se/ontology#Item> }").rows


def test_the_concept_base_outlives_the_entities(tmp_path: Path) -> None:
    """Deleted entities may still be linked elsewhere."""
    place = create_item_in(tmp_path / "store", concept_base=f"{ELSEWHERE}/entity/")
    with Embedded(place) as store:
        store.delete("Q1", "a test")

    assert concept_base_of(place) == f"{ELSEWHERE}/entity/"


@pytest.mark.parametrize(
    "odd", ["people.example.org", "https://x.org/wiki/", "https://x.org/e y/"]
)
def test_an_invalid_concept_base_is_refused(odd: str) -> None:
    """The hint shows a valid one."""
    with pytest.raises(WbskillsError, match="cannot begin with") as caught:
        concept_base_of(":memory:", concept_base=odd)

    assert caught.value.hint == f"use --concept-base {ELSEWHERE}/entity/"


def test_an_invalid_address_is_refused() -> None:
    """It would be part of the IRIs of entities forever."""
    with pytest.raises(WbskillsError, match="cannot begin with") as caught:
        concept_base_of(":memory:", "people.example.org")

    assert caught.value.hint == f"use --address {ELSEWHERE}"


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104 - it must be refused
def test_a_wildcard_host_needs_an_address(host: str) -> None:
    """Other machines need an address of this one that they can use."""
    result = run_refused("--wikibase", ":memory:", "--host", host, "--public")

    assert result.exit_code == 2
    assert "Try: add --address http://" in result.output


def test_import_and_serve_agree_on_the_concept_base() -> None:
    """The two most usual commands need no option for that."""
    host = next(option.default for option in serve.params if option.name == "host")
    port = next(option.default for option in serve.params if option.name == "port")

    assert f"http://{host}:{port}/entity/" == CONCEPT_BASE


def test_localhost_answers_on_ipv4_and_ipv6() -> None:
    """Some programs try IPv6 only."""
    server = HttpServer("localhost", 0)
    port = urlsplit(server.address).port
    families = {socket.getsockname()[:2] for socket in server._sockets}
    server.close()

    assert server.address == f"http://localhost:{port}"
    assert families <= {("127.0.0.1", port), ("::1", port)}
    assert ("127.0.0.1", port) in families


def test_the_printed_address_is_the_concept_base(tmp_path: Path) -> None:
    """Labels and units work when written with the address that the command prints."""
    with running("--wikibase", str(tmp_path / "store"), "--anonymous-edits") as (_, at, printed):
        connection = connect(at)
        status, told = get(connection, "/manifest.json")
        connection.close()

    assert status == 200
    assert json.loads(told)["wikibase"]["site_iri"] == f"{at}/entity/"
    assert at.startswith("http://localhost:")
    assert "Entities are named" not in printed


def test_a_store_from_another_address_is_reported(tmp_path: Path) -> None:
    """With the consequence, and how to serve it at its own address."""
    local = create_item_in(tmp_path / "local", concept_base="http://localhost:9999/entity/")
    far = create_item_in(tmp_path / "far", concept_base=f"{ELSEWHERE}/entity/")

    with running("--wikibase", local) as (_, _, printed):
        assert "Entities are named http://localhost:9999/entity/Q1 and so on" in printed
        assert f"Try: wbskills serve --wikibase {local} --port 9999" in printed
    with running("--wikibase", local, "--address", "http://x.example") as (_, _, printed):
        assert "Try: use --wikibase with a new folder" in printed
    with running("--wikibase", far) as (_, _, printed):
        assert f"Try: wbskills serve --wikibase {far} --address {ELSEWHERE}" in printed


def run_refused(*arguments: str) -> Result:
    """Run the command until it refuses."""
    return CliRunner().invoke(serve, ["--port", "0", *arguments])


def test_another_concept_base_is_refused_by_the_command(tmp_path: Path) -> None:
    """Before anything is served."""
    place = create_item_in(tmp_path / "store")

    result = run_refused("--wikibase", place, "--concept-base", f"{ELSEWHERE}/entity/")

    assert isinstance(result.exception, WbskillsError)
    assert f"the addresses {CONCEPT_BASE}Q1" in str(result.exception)


def test_served_addresses_are_accepted_for_units_and_entities() -> None:
    """Even if they are not the IRIs; the IRI is stored."""
    with Embedded(":memory:", concept_base=f"{ELSEWHERE}/entity/") as store:
        put(store, Entity(labels={"en": "metre"}))
        app = create_web_app(Site(store, HERE, Lock()), Settings(anonymous_edits=True))
        api = Api(app.test_client(), "+\\")
        length = api.edit({"labels": {}, "datatype": "quantity"}, new="property")["entity"]["id"]
        given = {"amount": "+3", "unit": f"{HERE}/entity/Q1"}
        made = api.write(
            "wbcreateclaim", entity="Q1", property=length, snaktype="value",
            value=json.dumps(given),
        )  # fmt: skip
        found = api("wbsearchentities", search=f"{HERE}/entity/Q1", language="en", type="item")

    assert made["claim"]["mainsnak"]["datavalue"]["value"]["unit"] == f"{ELSEWHERE}/entity/Q1"
    assert [each["id"] for each in found["search"]] == ["Q1"]


def test_only_listed_files_and_data_pages_exist(tmp_path: Path) -> None:
    """Without a list, all are assumed to exist; no other machine is asked."""
    file = tmp_path / "commons.txt"
    file.write_text("Known.jpg\nData:Known.map\n", encoding="utf-8")
    arguments = ["--wikibase", ":memory:", "--anonymous-edits", "--commons", str(file)]
    options = Options(**serve.make_context("serve", arguments).params)
    with options.open(HERE) as site:
        api = Api(create_web_app(site, options.settings()).test_client(), "+\\")
        picture = api.edit({"datatype": "commonsMedia"}, new="property")["entity"]["id"]
        shape = api.edit({"datatype": "geo-shape"}, new="property")["entity"]["id"]

        def says(property_id: str, value: str) -> bool:
            claim = text(property_id, value).main
            form = {"property": claim.property, "snaktype": "value", "value": json.dumps(value)}
            item = api.edit({}, new="item")["entity"]["id"]
            return "claim" in api.write("wbcreateclaim", entity=item, **form)

        assert [says(picture, "Known.jpg"), says(shape, "Data:Known.map")] == [True, True]
        assert [says(picture, "Other.jpg"), says(shape, "Data:Other.map")] == [False, False]


def test_a_failed_creation_uses_up_an_id(server: LocalServer, ada: Api) -> None:
    """As in Wikibase: ids can have gaps."""
    first = ada.edit({"labels": {"en": {"language": "en", "value": "a"}}}, new="item")
    failed = ada.edit({"labels": {"xx-none": {"language": "xx-none", "value": "a"}}}, new="item")
    second = ada.edit({}, new="item")

    assert "error" in failed
    assert [first["entity"]["id"], second["entity"]["id"]] == ["Q1", "Q3"]
    assert server.store.read(["Q2"]) == {}
