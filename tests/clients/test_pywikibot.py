"""Pywikibot, unchanged, with a family and a folder of settings of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import urlsplit

import pytest

from tests.clients.contract import ClientContract
from tests.clients.facts import Claim, Fact, Unknown, Wanted
from tests.clients.wiki import Wiki

DRIVER: Final = Path(__file__).with_name("pywikibot_driver.py")

FAMILY: Final = """
from pywikibot import family


class Family(family.WikibaseFamily):
    name = "tested"
    langs = {"en": "HOST"}
    interwiki_forward = None

    def protocol(self, code):
        return "http"

    def scriptpath(self, code):
        return "/w"

    def interface(self, code):
        return "DataSite"

    def shared_data_repository(self, code, transcluded=False):
        return ("tested", "en")

    def default_globe(self, code):
        return "earth"

    def globes(self, code):
        return {"earth": "http://www.wikidata.org/entity/Q2"}

    def calendarmodel(self, code):
        return "http://www.wikidata.org/entity/Q1985727"

    @property
    def obsolete(self):
        return {}
"""

SETTINGS: Final = """
family = "tested"
mylang = "en"
usernames["tested"]["en"] = "USER"
register_families_folder("families")
password_file = "user-password.py"
put_throttle = 0
minthrottle = 0
maxthrottle = 1
max_retries = 2
retry_wait = 1
"""


@dataclass(frozen=True, slots=True)
class Pywikibot:
    """The process that runs Pywikibot, logged in."""

    wiki: Wiki
    requests: IO[str]
    answers: IO[str]
    complaints: Path

    def create_property(self, label: str, datatype: str) -> str:
        """Edit a property page that has no id yet."""
        return str(self._do("create_property", label, datatype))

    def create_item(self, wanted: Wanted) -> str:
        """Edit an item page that has no id yet, then add each statement."""
        labels = {"en": wanted.label, **dict(wanted.labels)}
        claims = [self._claim(claim) for claim in wanted.claims]
        done = self._do("create_item", labels, wanted.description, wanted.aliases, claims)
        return str(done)

    def add(self, item: str, claim: Claim) -> None:
        """`addClaim`, `addQualifier` and `addSources`."""
        self._do("add", item, self._claim(claim))

    def change(self, item: str, old: Fact, new: Fact) -> None:
        """`changeTarget`."""
        self._do("change", item, self._fact(old), self._fact(new))

    def remove(self, item: str, fact: Fact) -> None:
        """`removeClaims`."""
        self._do("remove", item, self._fact(fact))

    def merge(self, source: str, target: str) -> None:
        """`mergeInto`."""
        self._do("merge", source, target)

    def search(self, text: str) -> list[str]:
        """`search_entities`."""
        found: list[str] = self._do("search", text)
        return found

    def read(self, entity_id: str) -> dict[str, Any]:
        """`toJSON` of the page that was read."""
        found: dict[str, Any] = self._do("read", entity_id)
        return found

    def pages(self, how: str, *about: str) -> list[str]:
        """Choose pages in one of the ways of scripts."""
        found: list[str] = self._do("pages", how, *about)
        return found

    def ask(self, query: str) -> list[dict[str, str]]:
        """`SparqlQuery.select`."""
        served = self.wiki.served
        found: list[dict[str, str]] = self._do("ask", query, served.sparql, served.entities)
        return found

    def _do(self, *line: object) -> Any:  # noqa: ANN401 - JSON
        self.requests.write(json.dumps(line) + "\n")
        self.requests.flush()
        answer = self.answers.readline()
        assert answer, self.complaints.read_text(encoding="utf-8")[-3000:]
        return json.loads(answer)

    def _claim(self, claim: Claim) -> dict[str, Any]:
        return {
            "fact": self._fact(claim.fact),
            "rank": claim.rank,
            "qualifiers": [self._fact(fact) for fact in claim.qualifiers],
            "references": [[self._fact(fact) for fact in facts] for facts in claim.references],
        }

    def _fact(self, fact: Fact) -> dict[str, Any]:
        unknown = fact.value.value if isinstance(fact.value, Unknown) else ""
        return {
            "property": self.wiki.properties[fact.datatype],
            "datatype": fact.datatype,
            "unknown": unknown,
            "value": "" if unknown else fact.value,
        }


def write_settings(folder: Path, wiki: Wiki) -> None:
    """Write what Pywikibot reads from its folder; only the user may read the password."""
    served = wiki.served
    program = served.bot_user.partition("@")[2]
    families = folder / "families"
    families.mkdir()
    host = urlsplit(served.address).netloc
    (families / "tested_family.py").write_text(FAMILY.replace("HOST", host), encoding="utf-8")
    settings = SETTINGS.replace("USER", served.user)
    (folder / "user-config.py").write_text(settings, encoding="utf-8")
    (folder / "user-config.py").chmod(0o600)
    password = folder / "user-password.py"
    password.touch(0o600)
    password.write_text(
        f"({served.user!r}, BotPassword({program!r}, {served.bot_password!r}))\n",
        encoding="utf-8",
    )


@pytest.fixture(scope="module")
def client(wiki: Wiki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pywikibot]:
    """Pywikibot in a process of its own."""
    folder = tmp_path_factory.mktemp("pywikibot")
    write_settings(folder, wiki)
    complaints = folder / "complaints.txt"
    with (
        complaints.open("w", encoding="utf-8") as errors,
        subprocess.Popen(
            [sys.executable, str(DRIVER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=folder,
            env={**os.environ, "PYWIKIBOT_DIR": str(folder)},
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        yield Pywikibot(wiki, process.stdin, process.stdout, complaints)
        process.stdin.close()
        process.wait(30)


class TestPywikibot(ClientContract):
    """Pywikibot writes and reads as on any Wikibase."""

    def test_scripts_go_through_pages(self, client: Pywikibot, wiki: Wiki) -> None:
        """With `-start` and `-search`, by what mentions a page, and by who edited it."""
        first, skill = wiki.items[0], wiki.properties["wikibase-item"]
        points = Claim(Fact("wikibase-item", first))
        item = client.create_item(Wanted("Marie of the generators", "to be gone through"))
        client.add(item, points)
        found = client.pages("argument", f"-start:Item:{item}", "-ns:120", "-limit:1")

        assert found == [f"Item:{item}"]
        assert client.pages("argument", "-search:Marie generators", "-ns:120") == [f"Item:{item}"]
        said = f"-search:haswbstatement:{skill}={first} Marie"
        assert client.pages("argument", said, "-ns:120") == [f"Item:{item}"]
        assert f"Item:{item}" in client.pages("prefix", item[:2])
        assert f"Item:{item}" in client.pages("references", f"Item:{first}")
        links = client.pages("links", f"Item:{item}")
        assert sorted(links) == [f"Item:{first}", f"Property:{skill}"]
        assert client.pages("contributions", wiki.served.user)[0] == f"Item:{item}"

    def test_lists_that_need_wikitext_are_empty(self, client: Pywikibot, wiki: Wiki) -> None:
        """Not an error, and the script does not crash."""
        page = f"Item:{wiki.items[0]}"

        for how in ("templates", "categories", "embedded in"):
            assert client.pages(how, page) == []
        assert client.pages("log") == []
