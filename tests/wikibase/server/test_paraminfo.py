"""paraminfo is true: clients ask it what they may ask."""

from typing import Any

from tests.wikibase.server.support import Api, LocalServer
from wbskills.wikibase.server.api.parameters import ACTIONS
from wbskills.wikibase.server.api.validators import DATATYPES


def described(api: Api, *paths: str) -> dict[str, Any]:
    """Describe modules, by path."""
    found = api("paraminfo", modules="|".join(paths), formatversion="2")
    assert "warnings" not in found
    return {each["path"]: each for each in found["paraminfo"]["modules"]}


def test_every_module_that_is_named_is_described(server: LocalServer) -> None:
    """Pywikibot breaks off at one that is not."""
    api = server.anonymous()
    query = described(api, "query")["query"]
    members = {
        path
        for parameter in query["parameters"]
        for path in parameter.get("submodules", {}).values()
    }
    (actions,) = [
        parameter["submodules"].values()
        for parameter in described(api, "main")["main"]["parameters"]
        if parameter["name"] == "action"
    ]

    assert members == described(api, *sorted(members)).keys()
    assert set(actions) == described(api, *sorted(actions)).keys()


def test_what_is_called_a_generator_is_one(server: LocalServer) -> None:
    """Each can be asked; nothing else can."""
    api = server.anonymous()
    (generator,) = [
        each
        for each in described(api, "query")["query"]["parameters"]
        if each["name"] == "generator"
    ]
    members = described(api, *sorted(generator["submodules"].values()))

    assert {member["name"] for member in members.values() if member["generator"]} == set(
        generator["type"]
    )
    assert generator["submoduleparamprefix"] == "g"
    for member in members.values():
        about = {"titles": "Item:Q1"} if member["group"] == "prop" else {}
        title = {f"g{member['prefix']}title": "Item:Q1"}
        search = {f"g{member['prefix']}search": "x"}
        known = {parameter["name"] for parameter in member["parameters"]}
        about |= (title if "title" in known else {}) | (search if "search" in known else {})
        found = api("query", generator=member["name"], formatversion="2", **about)
        assert found["batchcomplete"] is True
        assert "warnings" not in found


def test_every_list_and_prop_answers_with_its_key(server: LocalServer) -> None:
    """Also where there is nothing to tell: no list is silently left out."""
    api = server.anonymous()
    parameters = described(api, "query")["query"]["parameters"]
    (lists,) = [parameter["type"] for parameter in parameters if parameter["name"] == "list"]
    asked = {
        "backlinks": {"bltitle": "Item:Q1"},
        "embeddedin": {"eititle": "Item:Q1"},
        "imageusage": {"iutitle": "File:X.png"},
        "categorymembers": {"cmtitle": "Category:X"},
        "usercontribs": {"ucuser": "Root"},
        "search": {"srsearch": "x"},
        "wbsearch": {"wbssearch": "x"},
    }
    for name in lists:
        found = api("query", list=name, **asked.get(name, {}))
        assert isinstance(found["query"][name], list)
        assert "warnings" not in found


def test_the_table_of_modules_names_every_datatype() -> None:
    """A datatype that a property may have can be parsed and formatted."""
    for name in ("wbparsevalue", "wbformatvalue"):
        (datatype,) = [
            parameter for parameter in ACTIONS[name].parameters if parameter.name == "datatype"
        ]
        assert set(datatype.choices or ()) == set(DATATYPES)
