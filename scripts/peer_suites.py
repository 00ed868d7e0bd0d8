"""Runs the test suites of clients of Wikibase against `wbskills serve`, and tabulates them.

    python scripts/peer_suites.py                                    # what npm has
    python scripts/peer_suites.py wikibaseintegrator=FOLDER pywikibot=FOLDER

wikibase-edit brings its tests in its package, which is fetched from npm by name and version into
`.cache/peers`; the tests of the other two are in their repositories only: FOLDER is a checkout.
What fails on purpose stands in `peer_suites.toml` with its reason; any other failure, and an
exception that no longer fails, ends the script with 1. Needs Node 20 and npm. All that is tested
is a Wikibase on this machine: requests to other hosts go nowhere.
"""

import json
import os
import shutil
import subprocess
import sys
import tomllib
import venv
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Any, Final

import requests

from wbskills.testing import ServedWikibase, serving
from wbskills.wikibase.server.accounts import add_user

HERE: Final = Path(__file__).resolve().parent
CACHE: Final = HERE.parent / ".cache" / "peers"
LONGEST: Final = 900  # seconds for a suite
NOWHERE: Final = "http://127.0.0.1:9"  # a proxy that there is none of

Outcome = tuple[set[str], dict[str, str]]  # what passes; what fails, and why


@dataclass(frozen=True, slots=True)
class Suite:
    """The tests of one client; `known` are the failures that are meant, with their reasons."""

    name: str
    runner: str
    packages: tuple[str, ...]
    tests: tuple[str, ...]
    known: Mapping[str, str]


def main(arguments: list[str]) -> int:
    """Run the suites, print a table, tell whether all is as expected."""
    folders = dict(each.split("=", 1) for each in arguments)
    document = tomllib.loads((HERE / "peer_suites.toml").read_text(encoding="utf-8"))
    good = True
    print("| suite | tests | pass | known | unexpected |\n|---|---|---|---|---|")
    for suite in _suites(document):
        if suite.runner == "pytest" and suite.name not in folders:
            print(f"| {suite.name} | not run: {suite.name}=FOLDER |")
            continue
        with serving(anonymous_edits=True) as wikibase, _settings(wikibase) as settings:
            if suite.runner == "mocha":
                passed, failed = _mocha(suite, settings)
            else:
                passed, failed = _pytest(suite, Path(folders[suite.name]).resolve(), settings)
        good = _tabulate(suite, passed, failed) and good
    return 0 if good else 1


def _tabulate(suite: Suite, passed: set[str], failed: Mapping[str, str]) -> bool:
    unexpected = {title: why for title, why in failed.items() if title not in suite.known}
    gone = sorted(suite.known.keys() & passed)
    known = len(failed) - len(unexpected)
    total = len(passed) + len(failed)
    print(f"| {suite.name} | {total} | {len(passed)} | {known} | {len(unexpected)} |")
    for title, why in unexpected.items():
        print(f"  fails: {title}\n    {' '.join(why.split())[:200]}")
    for title in gone:
        print(f"  passes now, so it is no exception any more: {title}")
    return not unexpected and not gone


def _suites(document: Mapping[str, Any]) -> list[Suite]:
    return [
        Suite(
            name,
            table["runner"],
            tuple(table["packages"]),
            tuple(table["tests"]),
            {test: each["reason"] for each in table.get("known", ()) for test in each["tests"]},
        )
        for name, table in document.items()
    ]


def _mocha(suite: Suite, settings: Path) -> Outcome:
    """Run a suite that comes in a package of npm."""
    folder = CACHE / suite.name
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "package.json").exists():
        (folder / "package.json").write_text("{}", encoding="utf-8")
    quiet = ["--no-audit", "--no-fund", "--silent"]
    subprocess.run(  # noqa: S603 - packages that the table names
        ["npm", "install", *quiet, *suite.packages],  # noqa: S607 - the npm of this machine
        cwd=folder,
        check=True,
        timeout=LONGEST,
    )
    tests = [str(path) for pattern in suite.tests for path in sorted(folder.glob(pattern))]
    result = settings / "result.json"
    reporter = ["--reporter", "json", "--reporter-option", f"output={result}"]
    limits = ["--exit", "--timeout", "20000", "--node-option", "import=tsx/esm"]
    _run(
        ["node_modules/.bin/mocha", *limits, *reporter, *tests],
        folder,
        result,
        NODE_CONFIG_DIR=str(settings),
    )
    found = json.loads(result.read_text(encoding="utf-8"))
    failed = {test["fullTitle"]: test["err"].get("message", "") for test in found["failures"]}
    return {test["fullTitle"] for test in found["passes"]}, failed


def _pytest(suite: Suite, checkout: Path, settings: Path) -> Outcome:
    """Run a suite that is in a repository only, in a copy and an environment of its own.

    A copy, as tests leave files: Pywikibot keeps what a wiki said of its API for months.
    """
    checkout = shutil.copytree(
        checkout, settings / suite.name, ignore=shutil.ignore_patterns(".git", "apicache*")
    )
    made = CACHE / suite.name
    python = made / "bin" / "python"
    if not python.exists():
        venv.create(made, with_pip=True)
    subprocess.run(  # noqa: S603 - packages that the table names, and the user's checkout
        [python, "-m", "pip", "install", "--quiet", *suite.packages, "--editable", checkout],
        check=True,
        timeout=LONGEST,
    )
    result = settings / "result.xml"
    told = json.loads((settings / "default.json").read_text(encoding="utf-8"))
    _run(
        [str(python), "-m", "pytest", "-q", f"--junitxml={result}", *suite.tests],
        checkout,
        result,
        PYWIKIBOT_DIR=str(settings),
        WBI_INTEGRATION_MEDIAWIKI_API_URL=f"{told['instance']}/w/api.php",
        WBI_INTEGRATION_SPARQL_ENDPOINT_URL=f"{told['instance']}/sparql",
        WBI_INTEGRATION_USER=told["credentials"]["username"],
        WBI_INTEGRATION_PASSWORD=told["credentials"]["password"],
    )
    passed, failed = set(), {}
    for case in ET.parse(result).iter("testcase"):  # noqa: S314 - pytest has just written it
        title = f"{case.get('classname')}.{case.get('name')}"
        wrong = [each for each in case if each.tag in {"failure", "error"}]
        if wrong:
            failed[title] = wrong[0].get("message", "")
        elif case.find("skipped") is None:
            passed.add(title)
    return passed, failed


def _run(command: list[str], folder: Path, result: Path, **variables: str) -> None:
    done = subprocess.run(  # noqa: S603 - the runners above
        command,
        cwd=folder,
        env={**os.environ, "HTTP_PROXY": NOWHERE, "HTTPS_PROXY": NOWHERE, "NO_PROXY": "127.0.0.1"}
        | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST,
    )
    if not result.exists():
        sys.exit(f"{command[0]} did not run:\n{done.stdout[-1000:]}{done.stderr[-2000:]}")


@contextmanager
def _settings(wikibase: ServedWikibase) -> Iterator[Path]:
    """Fill the Wikibase, and write down where it is and who may edit, as each client reads it."""
    second = token_hex(16)
    add_user(wikibase.store.accounts, "Second tester", second, ("sysop",))
    _fill(wikibase)
    told = {
        "instance": wikibase.address,
        "statementsKey": "claims",
        "credentials": {"username": wikibase.bot_user, "password": wikibase.bot_password},
        "credentialsAlt": {"username": wikibase.user, "password": wikibase.password},
        "secondUserCredentials": {"username": "Second tester", "password": second},
    }
    program = wikibase.bot_user.partition("@")[2]
    files = {
        "default.json": json.dumps(told),
        "families/served_family.py": FAMILY.format(host=wikibase.address.partition("//")[2]),
        "user-config.py": USER_CONFIG.format(user=wikibase.user),
        "passwords": f'("{wikibase.user}", BotPassword("{program}", "{wikibase.bot_password}"))\n',
    }
    with TemporaryDirectory() as made:
        for name, text in files.items():
            path = Path(made, name)
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            path.chmod(0o600)
        yield Path(made)


def _fill(wikibase: ServedWikibase) -> None:
    """Make some items, as tests expect a wiki to have pages."""
    session = requests.Session()

    def ask(**form: str) -> Any:  # noqa: ANN401 - JSON
        return session.post(wikibase.api, data={"format": "json", **form}, timeout=60).json()

    token = ask(action="query", meta="tokens", type="login")["query"]["tokens"]["logintoken"]
    ask(
        action="login",
        lgname=wikibase.bot_user,
        lgpassword=wikibase.bot_password,
        lgtoken=token,
    )
    token = ask(action="query", meta="tokens")["query"]["tokens"]["csrftoken"]
    for number in range(20):
        label = {"language": "en", "value": f"Item {number}"}
        data = json.dumps({"labels": {"en": label}})
        ask(action="wbeditentity", new="item", data=data, token=token)


FAMILY: Final = """
from pywikibot import family


class Family(family.WikibaseFamily, family.SingleSiteFamily):
    name = "served"
    domain = "{host}"
    item_namespace = "Item"

    def protocol(self, code):
        return "http"

    def scriptpath(self, code):
        return "/w"

    def interface(self, code):
        return "DataSite"
"""
USER_CONFIG: Final = """
import os

family = mylang = "served"
user_families_paths = [os.path.join(base_dir, "families")]
usernames["served"]["served"] = "{user}"
password_file = "passwords"
put_throttle = minthrottle = 0
max_retries = retry_wait = 1
"""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
