"""Runs the test suites of Wikibase clients against `wbskills serve`, and prints a table of them.

    python scripts/peer_suites.py                                    # suites on npm
    python scripts/peer_suites.py wikibaseintegrator=FOLDER pywikibot=FOLDER

The package of wikibase-edit contains its tests; it is fetched from npm by name and version into
`.cache/peers`. The tests of the other two are only in their repositories: FOLDER is a checkout.
Expected failures are in `peer_suites.toml` with their reasons; any other failure, and an expected
failure that passes, makes the exit code 1. Needs Node 20 and npm. Only a Wikibase on this machine
is tested: requests to other hosts are blocked.
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
from typing import Any, Final, NamedTuple

import requests

from wbskills.testing import ServedWikibase, serving
from wbskills.wikibase.server.accounts import add_user

HERE: Final = Path(__file__).resolve().parent
CACHE: Final = HERE.parent / ".cache" / "peers"
TIMEOUT: Final = 900  # seconds for a suite
NO_PROXY_THERE: Final = "http://127.0.0.1:9"  # nothing listens on this port


class Results(NamedTuple):
    """The titles of the tests that pass, and those that fail with their messages."""

    passed: set[str]
    failed: dict[str, str]


@dataclass(frozen=True, slots=True)
class Suite:
    """The tests of one client; `known` are the expected failures, with their reasons."""

    name: str
    runner: str
    packages: tuple[str, ...]
    tests: tuple[str, ...]
    known: Mapping[str, str]


def main(arguments: list[str]) -> int:
    """Run the suites and print a table; returns the exit code."""
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
                results = _mocha(suite, settings)
            else:
                results = _pytest(suite, Path(folders[suite.name]).resolve(), settings)
        good = _print_results(suite, results) and good
    return 0 if good else 1


def _print_results(suite: Suite, results: Results) -> bool:
    """Print the results of a suite; returns whether they are as expected."""
    passed, failed = results
    unexpected = {title: why for title, why in failed.items() if title not in suite.known}
    gone = sorted(suite.known.keys() & passed)
    known = len(failed) - len(unexpected)
    total = len(passed) + len(failed)
    print(f"| {suite.name} | {total} | {len(passed)} | {known} | {len(unexpected)} |")
    for title, why in unexpected.items():
        print(f"  fails: {title}\n    {' '.join(why.split())[:200]}")
    for title in gone:
        print(f"  passes now, so it is no longer a known failure: {title}")
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


def _mocha(suite: Suite, settings: Path) -> Results:
    """Run a suite from an npm package."""
    folder = CACHE / suite.name
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "package.json").exists():
        (folder / "package.json").write_text("{}", encoding="utf-8")
    quiet = ["--no-audit", "--no-fund", "--silent"]
    subprocess.run(  # noqa: S603 - packages that the table names
        ["npm", "install", *quiet, *suite.packages],  # noqa: S607 - the npm of this machine
        cwd=folder,
        check=True,
        timeout=TIMEOUT,
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
    return Results({test["fullTitle"] for test in found["passes"]}, failed)


def _pytest(suite: Suite, checkout: Path, settings: Path) -> Results:
    """Run a suite from a repository, in an environment of its own.

    It runs in a copy, as tests leave files: Pywikibot caches a wiki's API for months.
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
        timeout=TIMEOUT,
    )
    result = settings / "result.xml"
    access = json.loads((settings / "default.json").read_text(encoding="utf-8"))
    _run(
        [str(python), "-m", "pytest", "-q", f"--junitxml={result}", *suite.tests],
        checkout,
        result,
        PYWIKIBOT_DIR=str(settings),
        WBI_INTEGRATION_MEDIAWIKI_API_URL=f"{access['instance']}/w/api.php",
        WBI_INTEGRATION_SPARQL_ENDPOINT_URL=f"{access['instance']}/sparql",
        WBI_INTEGRATION_USER=access["credentials"]["username"],
        WBI_INTEGRATION_PASSWORD=access["credentials"]["password"],
    )
    passed, failed = set(), {}
    for case in ET.parse(result).iter("testcase"):  # noqa: S314 - pytest has just written it
        title = f"{case.get('classname')}.{case.get('name')}"
        wrong = [each for each in case if each.tag in {"failure", "error"}]
        if wrong:
            failed[title] = wrong[0].get("message", "")
        elif case.find("skipped") is None:
            passed.add(title)
    return Results(passed, failed)


def _run(command: list[str], folder: Path, result: Path, **variables: str) -> None:
    done = subprocess.run(  # noqa: S603 - the runners above
        command,
        cwd=folder,
        env={
            **os.environ,
            "HTTP_PROXY": NO_PROXY_THERE,
            "HTTPS_PROXY": NO_PROXY_THERE,
            "NO_PROXY": "127.0.0.1",
        }
        | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT,
    )
    if not result.exists():
        sys.exit(f"{command[0]} did not run:\n{done.stdout[-1000:]}{done.stderr[-2000:]}")


@contextmanager
def _settings(wikibase: ServedWikibase) -> Iterator[Path]:
    """Fill the Wikibase, and write the settings of each client for it."""
    second = token_hex(16)
    add_user(wikibase.store.accounts, "Second tester", second, ("sysop",))
    _fill(wikibase)
    access = {
        "instance": wikibase.address,
        "statementsKey": "claims",
        "credentials": {"username": wikibase.bot_user, "password": wikibase.bot_password},
        "credentialsAlt": {"username": wikibase.user, "password": wikibase.password},
        "secondUserCredentials": {"username": "Second tester", "password": second},
    }
    program = wikibase.bot_user.partition("@")[2]
    files = {
        "default.json": json.dumps(access),
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
    """Create some items, as tests expect a wiki to have pages."""
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
