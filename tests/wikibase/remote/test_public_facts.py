"""Public facts of an account: a wiki that fails or hangs takes facts away, never the form."""

import json
from collections.abc import Callable
from threading import BoundedSemaphore
from time import monotonic
from typing import Any

import pytest

from tests.wikibase.remote.strange_wiki import Behaviour, StrangeWiki, drip, hang, send
from wbskills.testing import ServedWikibase
from wbskills.wikibase.remote import public_facts as module
from wbskills.wikibase.remote.public_facts import MOST_EDITS, PublicFacts, facts_of, public_facts

NAMESPACES = {"0": {"id": 0}, "828": {"id": 828, "canonical": "Module", "name": "Modul"}}


def test_what_is_asked(serve: Callable[[Behaviour], StrangeWiki]) -> None:
    """All in one request, about the account and nobody else."""
    found = {"query": {"babel": {"de": "N"}, "globaluserinfo": {"home": "dewiki"}}}
    wiki = serve(send(json.dumps(found).encode()))
    assert public_facts(wiki.api, "Ada & Bob") == PublicFacts(babel={"de": "N"}, home="dewiki")
    (asked,) = wiki.asked
    assert {asked[name][0] for name in ("babuser", "guiuser", "ususers", "ucuser")} == {
        "Ada & Bob"
    }


@pytest.mark.parametrize(
    "behave",
    [
        send(b""), send(b"<html>"), send(b"[" * 100_000), send(b"9" * 100_000),
        send(b'{"query": {"babel": {"de": "N"}}}', announced=4_000),  # cut off
        send(b'{"query": {"babel": {"de": "N"}}}'.ljust(3 << 20)),  # too long
        send(b"{}", status=302), send(b"no", status=503),
        send(b'{"error": {"code": "readapidenied"}}'),
    ],
    ids=["empty", "page", "deep", "number", "cut", "long", "redirect", "busy", "private"],
)  # fmt: skip
def test_a_wiki_that_fails(serve: Callable[[Behaviour], StrangeWiki], behave: Behaviour) -> None:
    """Nothing is known, and it was not an answer."""
    assert public_facts(serve(behave).api, "Ada") == PublicFacts(answered=False)


@pytest.mark.parametrize("behave", [drip, hang])
def test_a_wiki_that_takes_for_ever(
    serve: Callable[[Behaviour], StrangeWiki], behave: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The form waits for a moment only, and not at all once too many wait."""
    monkeypatch.setattr(module, "_SECONDS_IN_ALL", 0.3)
    monkeypatch.setattr(module, "_AT_ONCE", BoundedSemaphore(1))
    wiki = serve(behave)
    start = monotonic()
    assert not public_facts(wiki.api, "Ada").answered
    assert monotonic() - start < 2
    assert not public_facts(wiki.api, "Grace").answered
    assert len(wiki.asked) == 1


def test_no_wiki_and_no_encryption() -> None:
    """Names go nowhere in the open."""
    assert not public_facts("http://127.0.0.1:9/w/api.php", "Ada").answered
    assert not public_facts("http://wiki.example/w/api.php", "Ada").answered


def test_the_served_wikibase(served: ServedWikibase) -> None:
    """It has neither Babel nor CentralAuth: these facts are unknown, the others known."""
    facts = public_facts(served.api, served.user)
    assert facts.answered
    assert (facts.babel, facts.home) == ({}, "")


def test_a_wiki_without_the_extensions() -> None:
    """As a MediaWiki 1.39 without Babel has answered: it warns, and that is all."""
    answer: dict[str, Any] = {
        "batchcomplete": True,
        "warnings": {"query": {"warnings": 'Unrecognized value for parameter "meta": babel'}},
        "query": {"users": [{"userid": 6, "name": "Editor", "groups": ["*", "user"]}]},
    }
    assert facts_of(answer) == PublicFacts(groups=("*", "user"))


def test_groups_on_other_wikis() -> None:
    """Those of the same account count, and each once."""
    merged = [{"wiki": "frwiki"}, {"wiki": "dewiki", "groups": ["interface-admin", "user"]}, "x"]
    answer = {
        "query": {
            "users": [{"groups": ["user"]}],
            "globaluserinfo": {"home": "dewiki", "groups": ["global-rollback"], "merged": merged},
        }
    }
    assert facts_of(answer).groups == ("user", "global-rollback", "interface-admin")


def test_edits_are_counted_by_namespace() -> None:
    """Never more than were asked for, and none in a namespace that the wiki does not name."""
    edits: list[object] = [{"ns": 828}] * 3 + [
        {"ns": 0},
        {"ns": 9},
        {"ns": -(10**400)},
        {"ns": "828"},
    ]
    answer = {"query": {"namespaces": NAMESPACES, "usercontribs": edits}}
    assert facts_of(answer).edits == {"Module": 3, "": 1}
    answer = {"query": {"namespaces": NAMESPACES, "usercontribs": [{"ns": 828}] * 9_999}}
    assert facts_of(answer).edits == {"Module": MOST_EDITS}
