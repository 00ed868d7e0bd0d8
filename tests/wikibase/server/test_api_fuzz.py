"""Whatever is thrown at the API, it answers with JSON, and an error changes nothing."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.wikibase.server.support import ADDRESS, Api, LocalServer, make_users
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.server.api.parameters import ACTIONS, QUERY
from wbskills.wikibase.server.settings import Settings, SimulatedFaults

_IDS = ("Q1", "Q2", "q1", "P1", "P2", "Q999", "P999", "Q2147483648", "X1", "Q0", "", "Q1|Q2")
_WORDS = (
    "", "en", "de", "xx-nope", "value", "somevalue", "novalue", "item", "property", "1", "-1",
    "max", "0", "\x00", "|", "\x1f", "a" * 300, "Q1$", "string", "time", "text/plain",
    "Item:Q1", "Property:P1", "{", "[]", "{}", "null", "5", '"x"', "99999999999999999999", "*",
)  # fmt: skip

_MEMBERS = (
    "labels", "descriptions", "aliases", "claims", "sitelinks", "language", "value", "remove",
    "add", "site", "title", "mainsnak", "snaktype", "property", "datavalue", "type", "rank",
    "qualifiers", "qualifiers-order", "references", "snaks", "snaks-order", "id", "numeric-id",
    "entity-type", "time", "precision", "amount", "unit", "upperBound", "lowerBound", "latitude",
    "longitude", "globe", "text", "calendarmodel", "timezone", "before", "after", "en", "P1",
    "P2", "datatype", "badges",
)  # fmt: skip
_TYPES = (
    "string", "time", "quantity", "globecoordinate", "monolingualtext", "wikibase-entityid",
    "nope",
)  # fmt: skip
_MAIN = (
    "maxlag", "assert", "uselang", "errorformat", "formatversion", "callback", "requestid",
    "ascii",
)  # fmt: skip

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from((*_IDS, *_WORDS, "\ud800")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(_MEMBERS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


def snak(value: object) -> dict[str, Any]:
    """A snak that is right but for its value."""
    return {"snaktype": "value", "property": "P1", "datavalue": value}


nearly = st.one_of(
    json_values,
    st.builds(lambda value: {"labels": {"en": {"language": "en", "value": value}}}, json_values),
    st.builds(lambda value: {"aliases": {"en": value}}, json_values),
    st.builds(lambda value: {"sitelinks": value}, json_values),
    st.builds(
        lambda kind, value: {
            "claims": [
                {"type": "statement", "mainsnak": snak({"type": kind, "value": value})},
            ]
        },
        st.sampled_from(_TYPES),
        json_values,
    ),
    st.builds(
        lambda qualifiers, references: {
            "claims": [
                {
                    "type": "statement",
                    "mainsnak": snak({"type": "string", "value": "x"}),
                    "qualifiers": qualifiers,
                    "references": references,
                }
            ]
        },
        json_values,
        json_values,
    ),
    st.builds(lambda found: snak({"type": "string", "value": found}), json_values),
)
words = st.one_of(
    st.sampled_from(_IDS + _WORDS),
    st.text(max_size=20),
    nearly.map(json.dumps),
)


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[tuple[LocalServer, Api]]:
    """A server with two properties and items, and an administrator."""
    with Embedded(":memory:", concept_base=f"{ADDRESS}/entity/") as store:
        make_users(store)
        faults = SimulatedFaults()
        server = LocalServer(store, faults, Settings(faults=faults, login_attempts=10**9))
        api = server.user("Root@app")
        api.edit({"datatype": "string", "labels": _labels("text")}, new="property")
        api.edit({"datatype": "time", "labels": _labels("time")}, new="property")
        for name in ("one", "two"):
            api.edit({"labels": _labels(name)}, new="item")
        yield server, api


def _labels(text: str) -> dict[str, dict[str, str]]:
    return {"en": {"language": "en", "value": text}}


def _asks(action: str) -> st.SearchStrategy[dict[str, str]]:
    names = [parameter.name for parameter in ACTIONS[action].parameters if not parameter.token]
    return st.dictionaries(st.sampled_from(names), words, max_size=6) if names else st.just({})


_QUIET = sorted(ACTIONS.keys() - {"login", "clientlogin", "logout"})


@pytest.mark.parametrize("action", _QUIET)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_every_answer_is_json_and_an_error_changes_nothing(
    fuzzed: tuple[LocalServer, Api], action: str, data: st.DataObject
) -> None:
    """No parameter makes the server fail, or leaves an edit half made."""
    server, api = fuzzed
    form = data.draw(_asks(action))
    if action == "query":
        kind = data.draw(st.sampled_from(sorted(QUERY)))
        form[kind] = data.draw(st.sampled_from(sorted(QUERY[kind])))
        part = QUERY[kind][form[kind]]
        names = [part.prefix + parameter.name for parameter in part.parameters]
        form |= data.draw(st.dictionaries(st.sampled_from(names or ["x"]), words, max_size=4))
    main = data.draw(
        st.dictionaries(
            st.sampled_from(_MAIN),
            st.sampled_from([*_WORDS, "2", "plaintext", "html", "raw", "none"]),
            max_size=1,
        )
    )
    before = server.store.revision()

    response = api.raw(**{**main, **form, "action": action, "token": api.token})

    text = response.get_data(as_text=True)
    assert response.status_code == 200
    failed = "MediaWiki-API-Error" in response.headers
    assert not failed or server.store.revision() == before
    if response.mimetype == "application/json":  # but for other formats
        found = json.loads(text)
        found.pop("results", None) and found.pop("error", None)  # of wbparsevalue
        assert failed == ("error" in found or "errors" in found)


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=nearly, target=st.sampled_from(["Q1", "Q2", "P1", "new"]))
def test_no_data_makes_wbeditentity_fail(
    fuzzed: tuple[LocalServer, Api], data: object, target: str
) -> None:
    """Malformed data is refused in the words of the API; what is saved can be read again."""
    server, api = fuzzed
    before = server.store.revision()
    where = {"new": "item"} if target == "new" else {"id": target}

    found = api.edit(data, **where)

    assert ("error" in found) == ("success" not in found)
    if "error" in found:
        assert server.store.revision() == before
    else:
        name = found["entity"]["id"]
        again = api("wbgetentities", ids=name)["entities"][name]
        assert again["lastrevid"] == found["entity"]["lastrevid"]
        for part in ("labels", "descriptions", "aliases", "claims"):
            assert again[part] == found["entity"][part]
