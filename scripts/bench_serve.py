"""Measures `wbskills serve`: how many requests and edits a second, with every edit on the disk.

    scripts/bench_serve.py                     1, 2 and 4 clients, 5 seconds each
    scripts/bench_serve.py --clients 8 --seconds 20

Server and clients are processes of their own on this machine, so they share its processors. The
clients are as small as can be: one kept connection each, bodies made beforehand.

A real Wikibase (MediaWiki 1.39, MariaDB, two processors) did 32 reads of one item a second, and 11
to 14 edits that made an item with 40 statements.
"""

import http.client
import json
import multiprocessing
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import bench_data  # type: ignore[import-not-found] # beside this file
import click

REAL_READS, REAL_EDITS = 32, 14  # a second, of a real Wikibase on two processors
AIM: Final = 10
STATEMENTS: Final = 40
DATATYPES: Final = ("wikibase-item", "wikibase-item", "time", "string", "url")


@dataclass
class Client:
    """One kept connection that is logged in; it keeps its cookies."""

    address: str
    user: str
    password: str
    token: str = ""
    ready: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        self._connection = http.client.HTTPConnection(parts.netloc, timeout=60)
        asked = self.api(action="query", meta="tokens", type="login")
        token = asked["query"]["tokens"]["logintoken"]
        self.api(action="login", lgname=self.user, lgpassword=self.password, lgtoken=token)
        self.token = self.api(action="query", meta="tokens")["query"]["tokens"]["csrftoken"]

    def api(self, **form: str) -> Any:  # noqa: ANN401 - JSON
        """Ask the Action API by POST."""
        return json.loads(self.post(urlencode({"format": "json", **form})))

    def edit(self, **form: str) -> str:
        """Make an entity; give its id."""
        found = self.api(action="wbeditentity", token=self.token, **form)
        if "entity" not in found:
            raise SystemExit(f"the edit was refused: {found}")
        entity_id: str = found["entity"]["id"]
        return entity_id

    def post(self, body: str) -> bytes:
        """Send a form that is ready."""
        return self._ask("POST", "/w/api.php", body)

    def get(self, path: str) -> bytes:
        """Ask for a page."""
        return self._ask("GET", path, None)

    def _ask(self, method: str, path: str, body: str | None) -> bytes:
        head = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            head["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body, head)
        answer = self._connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        found = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {found[:200]!r}")
        return found


Work = Callable[[Client, list[str], int], None]


def read_one(client: Client, ids: list[str], number: int) -> None:
    """Read one item of 40 statements."""
    asked = {"action": "wbgetentities", "ids": ids[number % len(ids)], "format": "json"}
    client.get(f"/w/api.php?{urlencode(asked)}")


def read_many(client: Client, ids: list[str], _: int) -> None:
    """Read fifty items at once."""
    client.post(urlencode({"action": "wbgetentities", "ids": "|".join(ids), "format": "json"}))


def read_rdf(client: Client, ids: list[str], number: int) -> None:
    """Read one item as RDF."""
    client.get(f"/wiki/Special:EntityData/{ids[number % len(ids)]}.ttl")


def make_item(client: Client, ids: list[str], _: int) -> None:
    """Make an item with 40 statements, each with three qualifiers and a reference."""
    _made(client, ids)


def make_item_and_ask(client: Client, ids: list[str], _: int) -> None:
    """Make such an item, and see it in a query."""
    made = _made(client, ids)
    query = f"SELECT (COUNT(*) AS ?n) {{ wd:{made} p:P1 ?said }}"
    found = json.loads(client.get(f"/sparql?format=json&query={quote(query)}"))
    if found["results"]["bindings"][0]["n"]["value"] != str(STATEMENTS):
        raise SystemExit(f"the query does not see {made}")


def _made(client: Client, ids: list[str]) -> str:
    """Make an item: a body that is ready but for its label, and of the answer only the id."""
    if not client.ready:
        form = {"action": "wbeditentity", "new": "item", "format": "json", "token": client.token}
        client.ready = urlencode({**form, "data": item(ids[:2], name="NAME")})
    name = f"Person+{random.getrandbits(60):x}"
    answer = client.post(client.ready.replace("NAME", name, 1))
    found = re.search(rb'"id":"(Q\d+)"', answer)
    if found is None:
        raise SystemExit(f"the edit was refused: {answer[:300]!r}")
    return found[1].decode()


def ask_only(client: Client, ids: list[str], number: int) -> None:
    """Ask a small query while nobody edits."""
    query = f"SELECT * {{ wd:{ids[number % len(ids)]} wdt:P1 ?skill }}"
    client.get(f"/sparql?format=json&query={quote(query)}")


WORK: Final[dict[str, tuple[Work, int]]] = {
    "read one item": (read_one, REAL_READS),
    "read 50 items": (read_many, 0),
    "read RDF": (read_rdf, 0),
    "query": (ask_only, 0),
    "make an item": (make_item, REAL_EDITS),
    "make and query": (make_item_and_ask, 0),
}


@click.command()
@click.option("--clients", multiple=True, type=int, default=(1, 2, 4), show_default=True)
@click.option("--seconds", default=5.0, show_default=True, help="For each kind of request.")
def main(clients: tuple[int, ...], seconds: float) -> None:
    """Measure requests and edits a second of a server whose store is on the disk."""
    click.echo(
        f"a second, items with {STATEMENTS} statements; ratio to a real Wikibase (aim {AIM})"
    )
    heads = "".join(f"{count:>9} client{'s' if count > 1 else ' '}" for count in clients)
    click.echo(f"{'':16}{heads}")
    with (
        bench_data.temporary_folder() as folder,
        served(folder) as access,
    ):
        ids = prepared(access)
        for name, (_, real) in WORK.items():
            found = [measured(access, name, ids, count, seconds) for count in clients]
            click.echo(f"{name:16}" + "".join(shown(each, real) for each in found))


def shown(each: float, real: int) -> str:
    """Write a figure and its ratio."""
    ratio = f"({each / real:.1f}×)" if real else ""
    return f"{each:8.1f} {ratio:>8}"


Access = tuple[str, str, str]


@contextmanager
def served(folder: Path) -> Iterator[Access]:
    """Serve an empty Wikibase in a folder; gives address, user and password."""
    command = [sys.executable, "-m", "wbskills", "serve", "--port", "0", "--add-user", "Bench"]
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*command, "--wikibase", str(folder / "wikibase")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    if process.stdin is None or process.stdout is None:
        raise SystemExit("the server has no pipes")
    try:
        process.stdin.write("a password for the bench\n")
        process.stdin.close()
        printed = ""
        for line in process.stdout:
            printed += line
            if line.startswith("Ctrl-C"):
                break
        login = re.search(r"user (\S+), password (\S+)", printed)
        address = re.search(r"(http://\S+)/w/api\.php", printed)
        if login is None or address is None:
            raise SystemExit(f"the server does not run: {printed}")
        yield address[1], login[1], login[2]
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def prepared(access: Access) -> list[str]:
    """Make the properties and fifty items; give the ids of the items."""
    client = Client(*access)
    for number, datatype in enumerate(DATATYPES):
        data = {"labels": english(f"property {number}"), "datatype": datatype}
        client.edit(new="property", data=json.dumps(data))
    plain = [
        client.edit(new="item", data=json.dumps({"labels": english(f"skill {number}")}))
        for number in range(2)
    ]
    return [client.edit(new="item", data=item(plain, f"Person {number}")) for number in range(50)]


def english(text: str) -> dict[str, dict[str, str]]:
    """Write a label."""
    return {"en": {"language": "en", "value": text}}


def item(targets: list[str], name: str) -> str:
    """Write an item as a survey makes one for a person: 40 assessed skills."""

    def entity(target: str) -> dict[str, Any]:
        return {"type": "wikibase-entityid", "value": {"entity-type": "item", "id": target}}

    def snak(property_id: str, value: dict[str, Any]) -> dict[str, Any]:
        return {"snaktype": "value", "property": property_id, "datavalue": value}

    day = {
        "type": "time",
        "value": {
            "time": "+2026-03-04T00:00:00Z",
            "timezone": 0,
            "before": 0,
            "after": 0,
            "precision": 11,
            "calendarmodel": "http://www.wikidata.org/entity/Q1985727",
        },
    }
    claims = [
        {
            "type": "statement",
            "rank": "normal",
            "mainsnak": snak("P1", entity(targets[number % 2])),
            "qualifiers": [
                snak("P2", entity(targets[0])),
                snak("P3", day),
                snak("P4", {"type": "string", "value": f"skill {number}"}),
            ],
            "references": [
                {"snaks": [snak("P5", {"type": "string", "value": "https://example.org/wave"})]}
            ],
        }
        for number in range(STATEMENTS)
    ]
    return json.dumps({"labels": english(name), "claims": claims})


def measured(access: Access, name: str, ids: list[str], count: int, seconds: float) -> float:
    """Let so many clients work at once; give what they did a second, together."""
    context = multiprocessing.get_context("spawn")
    start, done = context.Barrier(count), context.Queue()
    processes = [
        context.Process(target=_work, args=(access, name, ids, seconds, start, done))
        for _ in range(count)
    ]
    for process in processes:
        process.start()
    rates: list[float] = [done.get(timeout=seconds + 120) for _ in processes]
    for process in processes:
        process.join()
    return sum(rates)


def _work(
    access: Access,
    name: str,
    ids: list[str],
    seconds: float,
    start: Barrier,
    done: Any,  # noqa: ANN401 - a queue
) -> None:
    work, _ = WORK[name]
    client = Client(*access)
    work(client, ids, 0)
    start.wait()
    began, times = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        times += 1
        work(client, ids, times)
    done.put(times / (time.perf_counter() - began))


if __name__ == "__main__":
    main()
