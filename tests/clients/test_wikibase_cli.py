"""wikibase-cli, unchanged, from npm: the commands that people type.

It is installed once into `.cache/clients`. Without Node 20 or npm these tests are skipped; where
it cannot be installed, too, but not on CI.
"""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pytest

from tests.clients.contract import ClientContract
from tests.clients.facts import Claim, Fact, Unknown, Wanted
from tests.clients.wiki import Wiki

VERSION: Final = "20.3.1"
CACHE: Final = Path(__file__).parents[2] / ".cache" / "clients" / f"wikibase-cli-{VERSION}"


@dataclass(frozen=True, slots=True)
class CommandLine:
    """The command `wb` with its file of settings."""

    wiki: Wiki
    command: Path
    home: Path

    def create_property(self, label: str, datatype: str) -> str:
        """`wb create-entity` with a type and a datatype."""
        data = {"type": "property", "datatype": datatype, "labels": {"en": label}}
        return str(self._json("create-entity", json.dumps(data))["entity"]["id"])

    def create_item(self, wanted: Wanted) -> str:
        """`wb create-entity` with everything in one edit."""
        claims: dict[str, list[Any]] = {}
        for claim in wanted.claims:
            claims.setdefault(self._property(claim.fact), []).append(self._claim(claim))
        data = {
            "labels": {"en": wanted.label, **dict(wanted.labels)},
            "descriptions": {"en": wanted.description},
            "aliases": {"en": list(wanted.aliases)},
            "claims": claims,
        }
        return str(self._json("create-entity", json.dumps(data))["entity"]["id"])

    def add(self, item: str, claim: Claim) -> None:
        """`wb edit-entity` with its references, then `wb add-qualifier` for each."""
        bare = replace(claim, qualifiers=())
        claims = {self._property(claim.fact): [self._claim(bare)]}
        made = self._json("edit-entity", json.dumps({"id": item, "claims": claims}))
        statement = made["entity"]["claims"][self._property(claim.fact)][-1]["id"]
        for fact in claim.qualifiers:
            self._run("add-qualifier", statement, self._property(fact), self._argument(fact))

    def change(self, item: str, old: Fact, new: Fact) -> None:
        """`wb update-claim` with the old value and the new one."""
        values = (self._argument(old), self._argument(new))
        self._run("update-claim", item, self._property(old), *values)

    def remove(self, item: str, fact: Fact) -> None:
        """`wb remove-claim` with the GUID that was read before."""
        for statement in self.read(item)["claims"][self._property(fact)]:
            if statement["mainsnak"]["datavalue"]["value"]["id"] == fact.value:
                self._run("remove-claim", statement["id"])

    def merge(self, source: str, target: str) -> None:
        """`wb merge-entity`."""
        self._run("merge-entity", source, target)

    def search(self, text: str) -> list[str]:
        """`wb search --json`."""
        return [found["id"] for found in self._json("search", "--json", text)]

    def read(self, entity_id: str) -> dict[str, Any]:
        """`wb data`."""
        found: dict[str, Any] = self._json("data", entity_id)
        return found

    def ask(self, query: str) -> list[dict[str, str]]:
        """`wb sparql --raw` with a file."""
        file = self.home / "query.rq"
        file.write_text(query, encoding="utf-8")
        found = self._json("sparql", "--raw", str(file))["results"]["bindings"]
        return [{name: cell["value"] for name, cell in row.items()} for row in found]

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [self.command, *arguments],
            env={**os.environ, "HOME": str(self.home), "WB_CONFIG": str(self.home / "wb.json")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout

    def _json(self, *arguments: str) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self._run(*arguments))

    def _property(self, fact: Fact) -> str:
        return self.wiki.properties[fact.datatype]

    def _argument(self, fact: Fact) -> str:
        value = self._value(fact)
        return value if isinstance(value, str) else json.dumps(value)

    def _claim(self, claim: Claim) -> dict[str, Any]:
        value = self._value(claim.fact)
        main = value if isinstance(claim.fact.value, Unknown) else {"value": value}
        return {
            **main,
            "rank": claim.rank,
            "qualifiers": self._snaks(claim.qualifiers),
            "references": [self._snaks(facts) for facts in claim.references],
        }

    def _snaks(self, facts: tuple[Fact, ...]) -> dict[str, Any]:
        return {self._property(fact): self._value(fact) for fact in facts}

    def _value(self, fact: Fact) -> Any:  # noqa: ANN401 - JSON
        match fact.datatype, fact.value:
            case _, Unknown() as unknown:
                return {"snaktype": unknown.value}
            case "quantity", (amount, *unit):
                return {"amount": amount, **({"unit": unit[0]} if unit else {})}
            case "monolingualtext", (text, language):
                return {"text": text, "language": language}
            case "globe-coordinate", (*place,):
                names = ("latitude", "longitude", "precision")
                return dict(zip(names, map(float, place), strict=True))
            case _, value:
                return value


@pytest.fixture(scope="session")
def wb() -> Path:
    """The command, installed from npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("wikibase-cli needs Node 20 and npm")
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    if int(told.stdout.lstrip("v").partition(".")[0]) < 20:
        pytest.skip(f"wikibase-cli needs Node 20, this is {told.stdout.strip()}")
    command = CACHE / "node_modules" / ".bin" / "wb"
    if not command.exists():
        _install(npm)
    return command


def _install(npm: str) -> None:
    """Install what these tests were written for; whoever comes at the same time does no harm."""
    made = CACHE.with_name(f"{CACHE.name}.{os.getpid()}")
    made.mkdir(parents=True)
    package = f"wikibase-cli@{VERSION}"
    install = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(made), package]
    done = subprocess.run(install, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode == 0 and not CACHE.exists():
        made.rename(CACHE)
        return
    shutil.rmtree(made, ignore_errors=True)
    if done.returncode != 0:
        told = f"{package} cannot be installed: {done.stderr[-1000:]}"
        pytest.fail(told) if os.environ.get("CI") else pytest.skip(told)


@pytest.fixture(scope="module")
def client(wb: Path, wiki: Wiki, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """The command with settings of its own; its home keeps what it has learnt."""
    home = tmp_path_factory.mktemp("wb")
    served = wiki.served
    credentials = {"username": served.bot_user, "password": served.bot_password}
    settings = {
        "instance": served.address,
        "sparql-endpoint": served.sparql,
        "lang": "en",
        "credentials": {served.address: credentials},
    }
    (home / "wb.json").write_text(json.dumps(settings), encoding="utf-8")
    return CommandLine(wiki, wb, home)


class TestWikibaseCli(ClientContract):
    """wikibase-cli writes and reads as on any Wikibase."""

    def test_it_lists_the_properties_by_a_query_with_the_label_service(
        self, client: CommandLine, wiki: Wiki
    ) -> None:
        """`wb props` uses prefixes that it does not declare, and `SERVICE wikibase:label`."""
        listed = client._json("props")

        assert listed[wiki.properties["quantity"]] == "a quantity"
        assert set(wiki.properties.values()) <= set(listed)

    def test_each_single_edit_command_works(self, client: CommandLine, wiki: Wiki) -> None:
        """A statement, a qualifier and a reference, a label and an alias."""
        string, url = wiki.properties["string"], wiki.properties["url"]
        item_id = client.create_item(Wanted("Edith", "to be changed in small steps"))

        statement = client._json("add-claim", item_id, string, "said")["claim"]["id"]
        client._run("add-qualifier", statement, string, "how")
        client._run("add-reference", statement, url, "https://example.org/r")
        client._run("set-label", item_id, "de", "Edith die Erste")
        client._run("add-alias", item_id, "en", "Edie")

        found = wiki.entity(item_id)
        (said,) = found["claims"][string]
        assert said["qualifiers"][string][0]["datavalue"]["value"] == "how"
        (reference,) = said["references"]
        assert reference["snaks"][url][0]["datavalue"]["value"] == "https://example.org/r"
        assert found["labels"]["de"]["value"] == "Edith die Erste"
        assert [alias["value"] for alias in found["aliases"]["en"]] == ["Edie"]
