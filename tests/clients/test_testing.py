"""`wbskills.testing`, as another project uses it."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import requests

from tests.clients.wiki import logged_in
from wbskills.testing import ServedWikibase, serving

CONFTEST = 'pytest_plugins = ["wbskills.testing"]\n'
THEIR_TEST = """
from urllib.request import urlopen


def test_it_answers(wbskills_wikibase):
    with urlopen(wbskills_wikibase.sparql + "?query=ASK%7B%7D") as answer:
        assert b"true" in answer.read()


def test_it_is_empty_again(wbskills_wikibase, wbskills_shared_wikibase):
    assert wbskills_wikibase.address != wbskills_shared_wikibase.address
    with urlopen(wbskills_wikibase.entities + "Q1.json") as answer:
        raise AssertionError("nothing is there")
"""


@pytest.fixture
def wikibase() -> ServedWikibase:
    """What stays of a server that has ended."""
    with serving() as served:
        assert requests.get(served.api, timeout=10).ok
    return served


def test_a_server_ends_without_warnings(capfd: pytest.CaptureFixture[str]) -> None:
    """Its sockets are closed."""
    with serving() as served:
        assert requests.get(served.api, timeout=10).ok

    assert capfd.readouterr() == ("", "")


def test_one_line_gives_another_project_its_fixtures(tmp_path: Path) -> None:
    """In a folder of its own, with warnings as errors; the second test is meant to fail."""
    (tmp_path / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (tmp_path / "test_theirs.py").write_text(THEIR_TEST, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"]

    done = subprocess.run(
        command, cwd=tmp_path, env=os.environ, capture_output=True, text=True, check=False
    )

    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert "HTTP Error 404" in done.stdout


def test_nothing_is_left_when_it_has_ended(wikibase: ServedWikibase) -> None:
    """No thread, and nobody listens any more."""
    with pytest.raises(requests.ConnectionError):
        requests.get(wikibase.api, timeout=10)

    assert "wbskills" not in {thread.name for thread in threading.enumerate()}


def test_an_open_connection_does_not_delay_the_end() -> None:
    """As of browsers and sessions."""
    with requests.Session() as session:
        with serving() as served:
            assert session.get(served.api, timeout=10).ok
        with pytest.raises(requests.ConnectionError):
            session.get(served.api, timeout=10)


def test_failures_can_be_simulated() -> None:
    """To test how a client handles them."""
    with serving() as served:
        served.faults.lag = 7.5
        asked = f"{served.api}?action=query&meta=siteinfo&maxlag=5&format=json"
        refused = requests.get(asked, timeout=10)
        served.faults.lag = -1
        answered = requests.get(asked, timeout=10)

    assert refused.json()["error"]["code"] == "maxlag"
    assert int(refused.headers["Retry-After"]) > 0
    assert "query" in answered.json()


def test_a_folder_is_kept(tmp_path: Path) -> None:
    """Its content is available when it is served again."""
    folder = str(tmp_path / "wikibase")
    with serving(folder) as served, logged_in(served) as make:
        made = make("item", labels={"en": {"language": "en", "value": "kept"}})

    with serving(folder) as served:
        path = f"{served.address}/wiki/Special:EntityData/{made}.json"
        found = requests.get(path, timeout=10).json()["entities"][made]

    assert found["labels"]["en"]["value"] == "kept"
