"""Drives a real OpenRefine against `wbskills serve`: reconcile, schema, upload, and read back.

    sudo apt install openrefine
    scripts/openrefine_demo.py                   starts OpenRefine without its window
    scripts/openrefine_demo.py --openrefine http://127.0.0.1:3333     uses one that runs

It makes a small table of people, matches their skills to items by the reconciliation service,
makes an item for each person, adds a statement with a qualifier and a reference, uploads, and
checks by JSON and SPARQL what came out; a second upload must change nothing. What a person clicks
for the same is in docs/openrefine.md. Written for OpenRefine 3.6, as Debian 12 has it.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import click
import requests

from wbskills.testing import ServedWikibase, serving

TABLE: Final = (
    "person,skill,level\n"
    "Ada,Lua modules,3\n"
    "Grace,Templates,2\n"
)  # fmt: skip
SKILLS: Final = ("Lua modules", "Templates")
PROPERTIES: Final = {
    "instance of": "wikibase-item",
    "assessed skill": "wikibase-item",
    "level": "quantity",
    "stated at": "url",
}
SOURCE: Final = "https://example.org/survey"
_EVERY_ROW: Final = json.dumps({"facets": [], "mode": "row-based"})
_PATIENCE: Final = 120  # seconds


class OpenRefine:
    """The commands that OpenRefine's own pages send."""

    def __init__(self, address: str) -> None:
        self._address, self._session = address, requests.Session()
        # Its log-in to a Wikibase fails if a client sends no cookie at all.
        self._session.cookies.set("scripted", "1")

    def get(self, command: str, **values: str) -> Any:  # noqa: ANN401 - JSON
        """Ask something."""
        return self._read(self._session.get(self._url(command), params=values, timeout=60))

    def post(self, command: str, **values: str) -> Any:  # noqa: ANN401 - JSON
        """Do something."""
        token = self.get("core/get-csrf-token")["token"]
        data = {**values, "csrf_token": token}
        return self._read(self._session.post(self._url(command), data=data, timeout=120))

    def make_project(self, table: str) -> str:
        """Make a project from a CSV file; give its id."""
        token = self.get("core/get-csrf-token")["token"]
        answer = self._session.post(
            self._url("core/create-project-from-upload"),
            params={"csrf_token": token},
            data={"project-name": "people", "format": "text/line-based/*sv"},
            files={"project-file": ("people.csv", table, "text/csv")},
            allow_redirects=False,
            timeout=60,
        )
        where = answer.headers.get("Location", "")
        if "project" not in parse_qs(urlsplit(where).query):
            raise SystemExit(f"no project was made: {answer.status_code} {answer.text[:500]}")
        return parse_qs(urlsplit(where).query)["project"][0]

    def wait(self, project: str) -> None:
        """Wait until nothing runs any more."""
        for _ in range(_PATIENCE * 2):
            if not self.get("core/get-processes", project=project)["processes"]:
                return
            time.sleep(0.5)
        raise SystemExit("OpenRefine has not finished")

    def _url(self, command: str) -> str:
        return f"{self._address}/command/{command}"

    @staticmethod
    def _read(answer: requests.Response) -> Any:  # noqa: ANN401 - JSON
        if not answer.ok:
            raise SystemExit(f"{answer.url}: {answer.status_code} {answer.text[:1000]}")
        found = answer.json()
        if isinstance(found, dict) and found.get("code") == "error":
            raise SystemExit(f"{answer.url}: {json.dumps(found)[:1000]}")
        return found


class Wiki:
    """The Wikibase, filled with what the table speaks of."""

    def __init__(self, served: ServedWikibase) -> None:
        self.served, self._session = served, requests.Session()
        token = self.api(action="query", meta="tokens", type="login")["query"]["tokens"]
        self.api(
            action="login",
            lgname=served.bot_user,
            lgpassword=served.bot_password,
            lgtoken=token["logintoken"],
        )
        self._token = self.api(action="query", meta="tokens")["query"]["tokens"]["csrftoken"]
        self.properties = {
            name: self._make("property", name, datatype=datatype)
            for name, datatype in PROPERTIES.items()
        }
        self.skills = {name: self._make("item", name) for name in SKILLS}

    def api(self, **form: str) -> Any:  # noqa: ANN401 - JSON
        """Ask the Action API."""
        answer = self._session.post(self.served.api, {**form, "format": "json"}, timeout=60)
        return answer.json()

    def revision(self) -> int:
        """Tell the newest revision."""
        found = self.api(action="query", list="recentchanges", rcprop="ids", rclimit="1")
        number: int = found["query"]["recentchanges"][0]["revid"]
        return number

    def rows(self) -> list[tuple[str, ...]]:
        """Ask for what was uploaded."""
        names = ("personLabel", "skillLabel", "level", "source")
        said, level, source = (
            self.properties[name] for name in ("assessed skill", "level", "stated at")
        )
        query = f"""
            SELECT ?personLabel ?skillLabel ?level ?source {{
              ?person p:{said} ?said .
              ?said ps:{said} ?skill ; pq:{level} ?level ;
                prov:wasDerivedFrom/pr:{source} ?source .
              SERVICE wikibase:label {{ bd:serviceParam wikibase:language "en" }}
            }} ORDER BY ?personLabel"""
        answer = requests.get(
            self.served.sparql, params={"query": query, "format": "json"}, timeout=60
        )
        found = answer.json()["results"]["bindings"]
        return [tuple(row[name]["value"] for name in names) for row in found]

    def _make(self, kind: str, label: str, **more: str) -> str:
        data = {"labels": {"en": {"language": "en", "value": label}}, **more}
        form = {"new": kind, "data": json.dumps(data), "token": self._token}
        made: str = self.api(action="wbeditentity", **form)["entity"]["id"]
        return made


@click.command()
@click.option("--openrefine", default="", help="The address of an OpenRefine that runs.")
@click.option("--port", default=3399, show_default=True, help="Where to start one otherwise.")
def main(openrefine: str, port: int) -> None:
    """Take a table into the embedded Wikibase by OpenRefine."""
    with serving() as served, running(openrefine, port) as address:
        wiki, program = Wiki(served), OpenRefine(address)
        manifest = requests.get(f"{served.address}/manifest.json", timeout=60).json()
        program.post(
            "core/set-preference", name="wikibase.manifests", value=json.dumps([manifest])
        )
        project = program.make_project(TABLE)
        reconcile(program, project, "skill", served)
        matched = matches(program, project)
        click.echo(f"reconciled: {matched}")
        expect(matched, [wiki.skills[name] for name in SKILLS])
        # Nobody is found; what a new item's address is, OpenRefine knows from having asked.
        reconcile(program, project, "person", served)
        program.post(
            "core/recon-mark-new-topics",
            project=project,
            columnName="person",
            shareNewTopics="true",
            engine=_EVERY_ROW,
        )
        log_in(program, served)
        save_schema(program, project, wiki)
        upload(program, project, manifest)
        rows = wiki.rows()
        click.echo(f"uploaded: {rows}")
        expect(rows, [("Ada", "Lua modules", "3", SOURCE), ("Grace", "Templates", "2", SOURCE)])
        before = wiki.revision()
        upload(program, project, manifest)
        expect(wiki.revision(), before)
        click.echo("uploaded again: no edit")


def reconcile(program: OpenRefine, project: str, column: str, served: ServedWikibase) -> None:
    """Match a column to items by the reconciliation service."""
    about = requests.get(service(served), timeout=60).json()
    config = {
        "mode": "standard-service",
        "service": service(served),
        "identifierSpace": about["identifierSpace"],
        "schemaSpace": about["schemaSpace"],
        "type": None,
        "autoMatch": True,
        "columnDetails": [],
        "limit": 0,
    }
    program.post("core/reconcile", project=project, columnName=column, config=json.dumps(config),
                 engine=_EVERY_ROW)  # fmt: skip
    program.wait(project)


def service(served: ServedWikibase) -> str:
    """Give the address of the reconciliation service, in English."""
    return f"{served.address}/reconcile/en/api"


def matches(program: OpenRefine, project: str) -> list[str]:
    """Read which items the skills were matched to."""
    found = program.post("core/get-rows", project=project, engine=_EVERY_ROW, limit="10")
    every = found.get("pool", {}).get("recons", {})
    cells = [row["cells"][1] for row in found["rows"]]
    recons = [every.get(str(cell["r"]), {}) if not isinstance(cell["r"], dict) else cell["r"]
              for cell in cells]  # fmt: skip
    return [recon.get("m", {}).get("id", "") for recon in recons]


def log_in(program: OpenRefine, served: ServedWikibase) -> None:
    """Give OpenRefine the bot password."""
    values = {
        "wb-username": served.bot_user,
        "wb-password": served.bot_password,
        "wb-api-endpoint": served.api,
    }
    found = program.post("wikidata/login", **values)
    if not found.get("logged_in"):
        raise SystemExit(f"OpenRefine was not let in: {found}")


def save_schema(program: OpenRefine, project: str, wiki: Wiki) -> None:
    """Say what each row becomes: an item, with a statement, a qualifier and a reference."""

    def pid(name: str) -> dict[str, str]:
        datatype = PROPERTIES[name]
        return {"type": "wbpropconstant", "pid": wiki.properties[name], "label": name,
                "datatype": datatype}  # fmt: skip

    level = {
        "type": "wbquantityexpr",
        "amount": {"type": "wbstringvariable", "columnName": "level"},
    }
    statement = {
        "value": {"type": "wbentityvariable", "columnName": "skill"},
        "qualifiers": [{"prop": pid("level"), "value": level}],
        "references": [
            {
                "snaks": [
                    {
                        "prop": pid("stated at"),
                        "value": {"type": "wbstringconstant", "value": SOURCE},
                    }
                ]
            }
        ],
        "mode": "add_or_merge",
        "mergingStrategy": {
            "type": "qualifiers", "valueMatcher": {"type": "lax"}, "pids": [],
        },
    }  # fmt: skip
    label = {
        "name_type": "LABEL_IF_NEW",
        "value": {
            "type": "wbmonolingualexpr",
            "language": {"type": "wblanguageconstant", "id": "en", "label": "English"},
            "value": {"type": "wbstringvariable", "columnName": "person"},
        },
    }
    schema = {
        "siteIri": wiki.served.entities,
        "mediaWikiApiEndpoint": wiki.served.api,
        "entityTypeSiteIRI": {"item": wiki.served.entities, "property": wiki.served.entities},
        "entityEdits": [
            {
                "type": "wbitemeditexpr",
                "subject": {"type": "wbentityvariable", "columnName": "person"},
                "statementGroups": [
                    {"property": pid("assessed skill"), "statements": [statement]}
                ],
                "nameDescs": [label],
            }
        ],
    }
    text = json.dumps(schema)
    program.post("wikidata/save-wikibase-schema", project=project, schema=text)
    manifest = requests.get(f"{wiki.served.address}/manifest.json", timeout=60).text
    seen = program.post(
        "wikidata/preview-wikibase-schema",
        project=project,
        engine=_EVERY_ROW,
        schema=text,
        manifest=manifest,
    )
    warnings = [w.get("type") for w in seen.get("warnings", []) if w.get("severity") == "CRITICAL"]
    click.echo(f"preview: {seen.get('edit_count')} edits, critical warnings: {warnings}")


def upload(program: OpenRefine, project: str, manifest: dict[str, Any]) -> None:
    """Upload what the schema says, as fast as the manifest allows."""
    wikibase = manifest["wikibase"]
    values = {"summary": "from a table", "tag": "", "editGroupsUrlSchema": "",
              "maxlag": str(wikibase["maxlag"]),
              "maxEditsPerMinute": str(wikibase["max_edits_per_minute"])}  # fmt: skip
    program.post("wikidata/perform-wikibase-edits", project=project, engine=_EVERY_ROW, **values)
    program.wait(project)


def expect(found: object, wanted: object) -> None:
    """Stop if something else came out."""
    if found != wanted:
        raise SystemExit(f"expected {wanted}\nfound    {found}")


@contextmanager
def running(address: str, port: int) -> Iterator[str]:
    """Start OpenRefine without a window, unless one runs; gives its address."""
    if address:
        yield address.rstrip("/")
        return
    command = shutil.which("openrefine")
    if command is None:
        raise SystemExit("OpenRefine is not there.\n  Try: apt install openrefine")
    with tempfile.TemporaryDirectory(prefix="wbskills-openrefine-") as folder:
        log = Path(folder) / "log.txt"
        with log.open("w", encoding="utf-8") as told:
            process = subprocess.Popen(  # noqa: S603 - the program that was found
                [command, "-p", str(port), "-i", "127.0.0.1", "-d", folder,
                 "-x", "refine.headless=true"],
                stdout=told, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        try:
            _wait_for(f"http://127.0.0.1:{port}/command/core/get-version", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            _end(process)


def _wait_for(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(_PATIENCE * 2):
        if process.poll() is not None:
            break
        try:
            if requests.get(address, timeout=5).ok:
                return
        except requests.RequestException:  # it is not there yet, or not quite
            time.sleep(0.5)
    raise SystemExit(f"OpenRefine does not start:\n{log.read_text(encoding='utf-8')[-3000:]}")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End OpenRefine, a script that started Java, and wait until it has saved its projects."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(_PATIENCE)
        for _ in range(_PATIENCE * 2):
            os.killpg(process.pid, 0)
            time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
