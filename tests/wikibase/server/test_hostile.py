"""Input that is meant to do harm: it is refused at once, and costs next to nothing."""

from contextlib import suppress
from time import perf_counter

import pytest
from flask import Flask
from werkzeug.test import Client

from tests.wikibase.server.support import ADDRESS, Api, LocalServer
from wbskills.errors import QueryError
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.server.accounts import Authenticator, TooManyFailures, add_user
from wbskills.wikibase.server.api import languages
from wbskills.wikibase.server.api.errors import plain
from wbskills.wikibase.server.guard import local_only
from wbskills.wikibase.server.label_service import replace_label_services
from wbskills.wikibase.server.settings import Settings
from wbskills.wikibase.server.sparql_text import query_prefixes
from wbskills.wikibase.sparql_tokens import tokenize

LONG = 200_000


@pytest.mark.parametrize(
    "piece",
    ["a.", "a-", "<", "<a", "'", "''x", '"""', "1.", "1e", "_:a.", ":a.", "?", "@a-", "#", "\\"],
)
def test_no_text_takes_long_to_be_cut_into_tokens(piece: str) -> None:
    """The time grows with the length of a query, not with its square: nobody can stop it."""
    started = perf_counter()
    with suppress(QueryError):
        tokenize(piece * (LONG // len(piece)))

    assert perf_counter() - started < 10  # a second or less; ten minutes and more otherwise


@pytest.mark.parametrize("piece", ["<var>", "<", "<var", "</var>", "[[Item:Q1|"])
def test_no_message_takes_long_to_be_written(piece: str) -> None:
    """A wrong value stands in the message that refuses it."""
    started = perf_counter()
    plain(piece * (LONG // len(piece)))

    assert perf_counter() - started < 10


def test_a_query_of_label_services_only_is_refused() -> None:
    """Each of them looks through all of the query."""
    base = f"{ADDRESS}/entity/"
    block = 'SERVICE wikibase:label { bd:serviceParam wikibase:language "en" } '
    things = " ".join(f"?a{each} ?b ?c ." for each in range(5000))
    labels = " ".join(f"?a{each}Label" for each in range(5000))

    for query in (f"SELECT * {{ {block * 5000} }}", f"SELECT {labels} {{ {things} {block} }}"):
        started = perf_counter()
        with pytest.raises(QueryError):
            replace_label_services(query, query_prefixes(base), base)
        assert perf_counter() - started < 5


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8181", "200"),
        ("localhost", "200"),
        ("[::1]:8181", "200"),
        ("evil.example", "403"),
        ("evil.example:8181", "403"),
        ("127.0.0.1.evil.example", "403"),
        ("127.0.0.1@evil.example", "403"),
        ("[", "403"),
        ("[::1", "403"),
        ("[evil]", "403"),
    ],
)
def test_only_names_of_this_machine_are_answered(host: str, status: str) -> None:
    """A page may give its own name this machine's address; odd names are no failure either."""
    told: list[str] = []
    app = Flask("test")
    app.add_url_rule("/", "start", lambda: "here")
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/",
        "HTTP_HOST": host,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8181",
        "wsgi.url_scheme": "http",
    }

    b"".join(local_only(app, ADDRESS)(environ, lambda status, _head: told.append(status[:3])))

    assert told == [status]


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("action=login&lgpassword=x", {"lgname": "Ada"}),
        ("action=login&lgtoken=x", {"lgname": "Ada", "lgpassword": "x"}),
        ("action=clientlogin&password=x", {"username": "Ada", "logintoken": "x"}),
        ("action=wbsetlabel&token=x", {"id": "Q1", "language": "en"}),
    ],
)
def test_no_secret_is_taken_from_an_address(
    server: LocalServer, address: str, form: dict[str, str]
) -> None:
    """Addresses are written down: by browsers, proxies and servers."""
    client = Client(server.app)

    found = client.post(f"/w/api.php?format=json&{address}", data=form, base_url=ADDRESS).json

    assert found is not None
    assert found["error"]["code"] == "mustpostparams"


def test_failures_are_counted_however_a_name_is_written() -> None:
    """And a name of megabytes is not kept."""
    with Embedded(":memory:") as store:
        add_user(store.accounts, "Ada", "right")
        authenticator = Authenticator(store.accounts, Settings(), lambda: 0.0)
        for name in ("Ada", "ada", "User:Ada", " Ada", "Ada "):
            assert authenticator.authenticate(name, "wrong", "::1") is None
        with pytest.raises(TooManyFailures):
            authenticator.authenticate("Ada", "right", "::1")

        authenticator.authenticate("x" * 1_000_000, "wrong", "::2")
        assert sum(map(len, authenticator._throttle._failures)) < 10_000


def test_a_name_given_twice_counts_as_php_counts_it(bot: Api) -> None:
    """The last one, in an address as in a form."""
    found = bot.client.get(
        "/w/api.php?action=help&action=query&meta=userinfo&format=json", base_url=ADDRESS
    )

    assert found.get_json()["query"]["userinfo"]["name"] == "Bot"


def test_languages_that_are_none_are_not_kept(bot: Api) -> None:
    """Each request may name another one, of megabytes."""
    bot.edit({"labels": {"en": {"language": "en", "value": "one"}}}, new="item")
    languages.fallback_chain.cache_clear()
    for number in range(3):
        found = bot("wbsearchentities", search="one", language="en", uselang=f"{number}x" * 10_000)
        assert found["search"][0]["label"] == "one"

    assert languages.fallback_chain.cache_info().currsize == 1
    for number in range(2_000):
        languages.fallback_chain(f"x{number}")
    assert languages.fallback_chain.cache_info().currsize <= 1_000
