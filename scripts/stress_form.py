"""Does the form keep its promise on bad days: what it called saved is there, and nothing twice.

    scripts/stress_form.py kill --times 1000     kill -9 the server while 20 people answer
    scripts/stress_form.py load --people 50      so many people answer and send at once

Both start `wbskills serve` on a folder of their own, and invite people by links.
"""

import csv
import html
import json
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import click
import requests

LEVELS = ("none", "aware", "with_help", "alone", "leads", "not_sure", "does_not_apply", "")
PARTS = ("skills-1", "skills-2", "skills-3")
_FIELD = re.compile(r'name="(level\.\w+)"')
_CHECKED = re.compile(r'name="(level\.\w+)" id="[^"]*" value="(\w+)" checked')
_HIDDEN = re.compile(r'type="hidden" name="(\w+)" value="([^"]*)"')


class Server:
    """`wbskills serve` in a folder, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder, self.address = folder, f"http://localhost:{self.port}"
        self.environment = {**os.environ, "XDG_CONFIG_HOME": str(folder.parent / "config")}
        self.log = (folder.parent / "log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "wbskills", "serve", "--wikibase", str(self.folder),
             "--port", str(self.port)],
            env=self.environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
        )  # fmt: skip
        for _ in range(600):
            with suppress(requests.RequestException):
                if requests.get(f"{self.address}/me/looks/me.css", timeout=1).ok:
                    return
            time.sleep(0.05)
        raise SystemExit("the server does not start")

    def kill(self) -> None:
        """End it as a power failure would."""
        assert self._process is not None  # noqa: S101 - it was started
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def links(self, people: int) -> dict[str, str]:
        """Invite people; returns their links by name."""
        listed, links = self.folder.parent / "people.csv", self.folder.parent / "links.csv"
        listed.write_text("username\n" + "".join(f"Person {n}\n" for n in range(people)))
        subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "wbskills", "invite", "--wikibase", str(self.folder),
             "--people", str(listed), "--output", str(links), "--address", self.address],
            env=self.environment, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        with links.open(newline="") as opened:
            return {row["username"]: row["link"] for row in csv.DictReader(opened)}


@dataclass
class Person:
    """Someone who answers: what they know to be saved, and what may be.

    `saved` has the values that a field may have: one if the last answer to it was confirmed,
    more if the server died before it said so.
    """

    name: str
    link: str
    address: str
    session: requests.Session = field(default_factory=requests.Session)
    saved: dict[str, set[str]] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    sends: list[float] = field(default_factory=list)
    confirmed: int = 0

    def enter(self) -> None:
        """Follow the link, and agree."""
        self.get(self.link.removeprefix(self.address))
        page = self.get("/me/consent")
        self.post("/me/consent", page, {"consent": "consent_named"})

    def get(self, path: str) -> str:
        """Open a page."""
        began = time.perf_counter()
        answer = self.session.get(self.address + path, timeout=20)
        self.times.append(time.perf_counter() - began)
        answer.raise_for_status()
        return answer.text

    def post(self, path: str, page: str, fields: dict[str, str]) -> requests.Response:
        """Send the form of a page."""
        hidden = {name: html.unescape(value) for name, value in _HIDDEN.findall(page)}
        answer = self.session.post(
            self.address + path, data={**hidden, **fields}, timeout=30, allow_redirects=False
        )
        if answer.status_code not in (200, 202, 303):
            raise requests.RequestException(f"HTTP {answer.status_code}: {answer.text[:200]}")
        return answer

    def answer_some(self, chance: random.Random) -> None:
        """Change a few answers of a part, as a browser does."""
        part = chance.choice(PARTS)
        page = self.get(f"/me/{part}")
        names = sorted(set(_FIELD.findall(page)))
        shown = dict.fromkeys(names, "") | dict(_CHECKED.findall(page))
        changed = {name: chance.choice(LEVELS) for name in chance.sample(names, 3)}
        for name, value in changed.items():
            self.saved.setdefault(name, {shown[name]}).add(value)
        quiet = {"quiet": "1"} if chance.random() < 0.5 else {}
        self.post(f"/me/{part}", page, {**shown, **changed, **quiet})
        for name, value in changed.items():
            self.saved[name] = {value}
            self.confirmed += 1

    def send(self) -> bool:
        """Send everything; True if it is stored, or there is nothing to send."""
        page = self.get("/me/check")
        began = time.perf_counter()
        answer = self.post("/me/send", page, {})
        self.sends.append(time.perf_counter() - began)
        return answer.status_code in (200, 303)

    def lost(self) -> list[str]:
        """List answers that were called saved and are not there."""
        there: dict[str, str] = {}
        for part in PARTS:
            page = self.get(f"/me/{part}")
            there |= dict.fromkeys(_FIELD.findall(page), "") | dict(_CHECKED.findall(page))
        return [
            f"{self.name}: {name} is “{there.get(name)}”, not one of {sorted(values)}"
            for name, values in self.saved.items()
            if there.get(name) not in values
        ]

    def twice(self) -> list[str]:
        """List what is stored twice: items, or answers about a skill."""
        items = json.loads(self.get("/me/stored.json"))["items"]
        found = [f"{self.name} has {len(items)} items"] if len(items) > 1 else []
        for item in items.values():
            for statements in item["claims"].values():
                values = Counter(
                    json.dumps(each["mainsnak"].get("datavalue")) for each in statements
                )
                found += [
                    f"{self.name}: {value} {n} times" for value, n in values.items() if n > 1
                ]
        return found


@contextmanager
def served(people: int) -> Iterator[tuple[Server, list[Person]]]:
    """Start a server with invited people who have agreed."""
    with tempfile.TemporaryDirectory() as place:
        server = Server(Path(place) / "store")
        server.start()
        server.kill()
        links = server.links(people)
        server.start()
        every = [Person(name, link, server.address) for name, link in links.items()]
        for person in every:
            person.enter()
        try:
            yield server, every
        finally:
            server.kill()


@click.group()
def main() -> None:
    """Put the form under stress."""


@main.command()
@click.option("--times", default=1000, show_default=True, help="How often to kill the server.")
@click.option("--people", default=20, show_default=True)
@click.option("--seed", default=1, show_default=True)
def kill(times: int, people: int, seed: int) -> None:
    """Kill the server at random moments; what was called saved must be there."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    with served(people) as (server, every):
        crowd = Crowd(every, seed)
        crowd.start()
        for number in range(1, times + 1):
            time.sleep(chance.uniform(0.05, 1.2))
            server.kill()
            server.start()
            if number % 50 == 0:
                click.echo(f"{number} kills, {sum(p.confirmed for p in every):,} answers saved")
        crowd.stop()
        for person in every:
            while not person.send():
                time.sleep(1)
        lost = [line for person in every for line in (*person.lost(), *person.twice())]
        confirmed = sum(person.confirmed for person in every)
    click.echo(
        f"{times} kills, {people} people, {confirmed:,} answers called saved: {len(lost)} lost or"
        f" twice, {len(crowd.problems)} error pages"
    )
    click.echo("\n".join([*lost[:20], *crowd.problems[:20]]))
    if lost or crowd.problems:
        raise SystemExit(1)


class Crowd:
    """People who answer and send, each in a thread, while the server comes and goes."""

    def __init__(self, people: list[Person], seed: int) -> None:
        self.problems: list[str] = []
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._live, args=(each, random.Random(f"{seed} {each.name}")))  # noqa: S311
            for each in people
        ]

    def start(self) -> None:
        """Let them begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let them finish what they are doing."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _live(self, person: Person, chance: random.Random) -> None:
        while not self._over.is_set():
            try:
                if chance.random() < 0.1:
                    person.send()
                else:
                    person.answer_some(chance)
            except requests.RequestException as error:
                if "HTTP" in str(error) and "HTTPConnection" not in str(error):
                    self.problems.append(str(error))
                time.sleep(0.05)


@main.command()
@click.option("--people", default=50, show_default=True)
def load(people: int) -> None:
    """Let people answer and send at once, and time it."""
    with served(people) as (_, every):
        for person in every:
            person.times.clear()

        def live(person: Person) -> None:
            own = random.Random(person.name)  # noqa: S311 - no secret
            for _ in range(5):
                person.answer_some(own)
            while not person.send():
                time.sleep(0.5)

        threads = [threading.Thread(target=live, args=(each,)) for each in every]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.perf_counter() - began
        problems = [line for person in every for line in (*person.lost(), *person.twice())]
        every[0].times.clear()
        for _ in range(50):
            every[0].get("/me/skills-1")
        alone = [round(seconds * 1000) for seconds in every[0].times[-50:]]
        pages = [seconds for person in every[1:] for seconds in person.times]
        sends = [seconds for person in every for seconds in person.sends]
    click.echo(f"{people} people answered and sent within {took:.1f} s; {len(problems)} problems")
    for name, seconds in (("a page", pages), ("sending", sends)):
        cut = statistics.quantiles(seconds, n=20)
        click.echo(
            f"{name}: median {statistics.median(seconds):.3f} s, 95th percentile {cut[18]:.3f} s"
        )
    click.echo(f"a page with nobody else: median {statistics.median(alone):.0f} ms")
    click.echo("\n".join(problems[:20]))
    if problems:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
