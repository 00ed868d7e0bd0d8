"""Measures an import into a Wikibase over HTTP, against the least that has to be sent.

    scripts/bench_remote.py --people 200             the import, bare requests of the same JSON
    scripts/bench_remote.py --people 100 --others    other clients beside it, with the same JSON

Each runs against a server of its own (`wbskills serve` in a process of its own, on a copy of one
folder that has the ontology), so each makes the same items. *Bare requests* are POSTs of
wbeditentity over kept connections, as many at a time as the import has sessions, of JSON that
was made beforehand.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import bench_serve  # type: ignore[import-not-found] # beside this file, as the next is
import click
from bench_data import temporary_folder, timed, write_survey  # type: ignore[import-not-found]

from wbskills.data import ontology_folder
from wbskills.ontology.load import load
from wbskills.stores import open_folder
from wbskills.tasks.imports import Import
from wbskills.tasks.ontologies import apply_ontology, bound
from wbskills.tasks.surveys import import_survey, open_survey
from wbskills.wikibase.model.wire import entity_to_json
from wbskills.wikibase.remote.login import Secret
from wbskills.wikibase.remote.profile import Login, Profile
from wbskills.wikibase.remote.wikibase import RemoteWikibase

AIM: Final = 1.1
ROOT: Final = Path(__file__).resolve().parents[1]
WB: Final = ROOT / ".cache" / "clients" / "wikibase-cli-20.3.1" / "node_modules" / ".bin" / "wb"

Json = dict[str, Any]
Access = tuple[str, str, str]


@click.command()
@click.option("--people", default=200, show_default=True)
@click.option("--skills", default=40, show_default=True)
@click.option("--sessions", default=2, show_default=True)
@click.option("--times", default=3, show_default=True, help="Runs of each; the median counts.")
@click.option("--others", is_flag=True, help="WikibaseIntegrator, wikibase-cli, Pywikibot too.")
def main(people: int, skills: int, sessions: int, times: int, *, others: bool) -> None:
    """Import people over HTTP, and do the least that has to be done."""
    with temporary_folder() as folder:
        bench = Bench(folder, people, skills, sessions)
        click.echo(f"{people} people × {skills} skills, {sessions} sessions, median of {times}")
        # In turn, so that what else the machine does meets both alike.
        runs = [(bench.ours(), bench.bare()) for _ in range(times)]
        ours, bare = (statistics.median(each) for each in zip(*runs, strict=True))
        click.echo(f"bare requests {bare:7.2f} s  {people / bare:6.1f} people/s")
        told = f"{people / ours:6.1f} people/s   ratio {ours / bare:.2f}   (budget {AIM})"
        click.echo(f"wbskills      {ours:7.2f} s  {told}")
        click.echo(f"  requests a person: {bench.requests / people:.3f}   (budget 1.05)")
        click.echo(f"  the same file again: {bench.again:.2f} s, {bench.more} requests")
        for name, run in bench.others() if others else ():
            seconds = run()
            click.echo(f"{name:13} {seconds:7.2f} s  {people / seconds:6.1f} people/s")


class Bench:
    """One survey, one folder with the ontology and the wave, and the JSON of all people."""

    def __init__(self, folder: Path, people: int, skills: int, sessions: int) -> None:
        self._folder, self._sessions, self._runs = folder, sessions, 0
        self.requests = self.more = 0
        self.again = 0.0
        ontology = load(ontology_folder())
        self._survey = write_survey(folder, ontology, people, skills, ["bench_1"])
        mapped = open_survey(*self._survey)
        base = folder / "base" / "wikibase"
        with open_folder(str(base)) as store:
            list(apply_ontology(store, ontology))
            today = datetime.now(UTC).date()
            Import(store, ontology, batch="bench", today=today).waves(mapped.survey.check().waves)
        shutil.copytree(base, folder / "full")
        with open_folder(str(folder / "full")) as store:
            import_survey(store, mapped, batch="bench", today=today)
            name = bound(store, ontology).property("wikimedia_username")
            ids = sorted(
                (each for _, each in store.find_by_identifier(name)), key=lambda i: int(i[1:])
            )
            self.items = [bare_json(s.entity) for s in store.read(ids).values()]

    @contextmanager
    def _server(self) -> Iterator[Access]:
        self._runs += 1
        place = self._folder / f"run{self._runs}"
        shutil.copytree(self._folder / "base", place)
        with bench_serve.served(place) as access:
            yield access
        shutil.rmtree(place)

    def ours(self) -> float:
        """Import by this program, without the fixed start-up: bare requests have none."""
        mapped = open_survey(*self._survey)
        findings = mapped.survey.check()
        with (
            self._server() as (address, user, password),
            self._remote(address, user, password) as store,
        ):
            importing = Import(
                store, mapped.ontology, batch="bench", today=datetime.now(UTC).date()
            )
            importing.waves(findings.waves)
            before = store.requests
            seconds = timed(lambda: list(importing.responses(mapped.survey.responses())))
            self.requests = store.requests - before
            self.again = timed(lambda: list(importing.responses(mapped.survey.responses())))
            self.more = store.requests - before - self.requests
        return float(seconds)

    @contextmanager
    def _remote(self, address: str, user: str, password: str) -> Iterator[RemoteWikibase]:
        profile = Profile(
            name="bench",
            api=f"{address}/w/api.php",
            sparql=f"{address}/sparql",
            login=Login.BOT_PASSWORD,
            user=user,
            edits_per_minute=0,
            sessions=self._sessions,
            state=self._folder / f"state{self._runs}",
        )
        with RemoteWikibase(profile, Secret({"password": password})) as store:
            yield store

    def bare(self) -> float:
        """Send the same JSON, and nothing else."""
        with self._server() as access:
            clients = [bench_serve.Client(*access) for _ in range(self._sessions)]
            texts = [json.dumps(item, ensure_ascii=False) for item in self.items]

            def send(number: int) -> None:
                for text in texts[number :: self._sessions]:
                    clients[number].edit(new="item", data=text, summary="bench", bot="1")

            with ThreadPoolExecutor(self._sessions) as pool:
                return float(timed(lambda: list(pool.map(send, range(self._sessions)))))

    def others(self) -> Iterator[tuple[str, Callable[[], float]]]:
        """List other clients, each in the way that is quickest for it."""
        yield "WBI loop", self._integrator
        yield "Pywikibot", self._pywikibot
        if WB.exists():
            yield "wikibase-cli", self._command_line

    def _integrator(self) -> float:
        """Run a plain loop over `item.new().write()`, as its documentation shows it."""
        from wikibaseintegrator import WikibaseIntegrator
        from wikibaseintegrator.wbi_config import config
        from wikibaseintegrator.wbi_enums import ActionIfExists
        from wikibaseintegrator.wbi_login import Login as LogIn

        with self._server() as (address, user, password):
            config["MEDIAWIKI_API_URL"] = f"{address}/w/api.php"
            config["USER_AGENT"] = "wbskills-bench"
            wbi = WikibaseIntegrator(login=LogIn(user=user, password=password), is_bot=True)

            def loop() -> None:
                for item in self.items:
                    made = wbi.item.new()
                    made.labels.set("en", item["labels"]["en"]["value"])
                    made.descriptions.set("en", item["descriptions"]["en"]["value"])
                    for claim in claims_of(item):
                        made.claims.add(integrator_claim(claim), ActionIfExists.FORCE_APPEND)
                    made.write(max_retries=2, retry_after=1)

            return float(timed(loop))

    def _pywikibot(self) -> float:
        """Run `ItemPage.editEntity` with the whole of an item, in a process of its own."""
        from tests.clients.test_pywikibot import FAMILY, SETTINGS

        with self._server() as (address, user, password):
            place = self._folder / "pywikibot"
            (place / "families").mkdir(parents=True)
            host = urlsplit(address).netloc
            family = FAMILY.replace("HOST", host)
            (place / "families" / "tested_family.py").write_text(family, encoding="utf-8")
            account, _, program = user.partition("@")
            settings = SETTINGS.replace("USER", account)
            (place / "user-config.py").write_text(settings, encoding="utf-8")
            secret = place / "user-password.py"
            secret.touch(0o600)
            secret.write_text(f"({account!r}, BotPassword({program!r}, {password!r}))\n")
            (place / "items.json").write_text(json.dumps(self.items), encoding="utf-8")
            done = subprocess.run(  # noqa: S603 - our own script
                [sys.executable, "-c", _PYWIKIBOT, str(place / "items.json")],
                cwd=place,
                env={**os.environ, "PYWIKIBOT_DIR": str(place)},
                capture_output=True,
                text=True,
                check=True,
            )
            return float(done.stdout.split()[-1])

    def _command_line(self) -> float:
        """Run `wb create-entity --batch`, one item a line; with the start of Node."""
        with self._server() as (address, user, password):
            place = self._folder / "wb"
            place.mkdir(exist_ok=True)
            settings = {
                "instance": address,
                "lang": "en",
                "credentials": {address: {"username": user, "password": password}},
            }
            (place / "wb.json").write_text(json.dumps(settings), encoding="utf-8")
            lines = "".join(f"{json.dumps(simplified(item))}\n" for item in self.items)
            started = time.perf_counter()
            done = subprocess.run(  # noqa: S603 - a program that the tests installed
                [str(WB), "create-entity", "--batch"],
                input=lines,
                env={**os.environ, "HOME": str(place), "WB_CONFIG": str(place / "wb.json")},
                capture_output=True,
                text=True,
                check=False,
            )
            seconds = time.perf_counter() - started
            made = done.stdout.count('"success"')
            if made != len(self.items):
                click.echo(f"  wikibase-cli made {made} items only: {done.stderr[-500:]}")
            return seconds


def bare_json(entity: Any) -> Json:  # noqa: ANN401 - an entity
    """Give the JSON of a new item: no ids, nothing empty."""
    found: Json = entity_to_json(entity)
    for group in found["claims"].values():
        for claim in group:
            del claim["id"]
    return {name: found[name] for name in ("labels", "descriptions", "claims")}


def claims_of(item: Json) -> Iterator[Json]:
    """Go through the statements of an item."""
    for group in item["claims"].values():
        yield from group


def snaks_of(groups: Json) -> Iterator[Json]:
    """Go through snaks that are grouped by property."""
    for group in groups.values():
        yield from group


def value_of(snak: Json) -> str:
    """Give the value of a snak as people write it: an id, a text, a day."""
    value = snak["datavalue"]["value"]
    if isinstance(value, str):
        return value
    return str(value["id"] if "id" in value else value["time"])


def integrator_claim(claim: Json) -> Any:  # noqa: ANN401 - untyped library
    """Make a statement of WikibaseIntegrator."""
    from wikibaseintegrator.models import Qualifiers, Reference, References

    qualifiers, references = Qualifiers(), References()
    for snak in snaks_of(claim.get("qualifiers", {})):
        qualifiers.add(integrator_value(snak))
    for each in claim.get("references", ()):
        reference = Reference()
        for snak in snaks_of(each["snaks"]):
            reference.add(integrator_value(snak))
        references.add(reference)
    made = integrator_value(claim["mainsnak"])
    made.qualifiers, made.references = qualifiers, references
    made.rank = claim["rank"]
    return made


def integrator_value(snak: Json) -> Any:  # noqa: ANN401 - untyped library
    """Make a value of WikibaseIntegrator."""
    from wikibaseintegrator import datatypes

    name, value = snak["property"], value_of(snak)
    match snak["datatype"]:
        case "wikibase-item":
            return datatypes.Item(value, prop_nr=name)
        case "time":
            return datatypes.Time(value, prop_nr=name)
        case "external-id":
            return datatypes.ExternalID(value, prop_nr=name)
        case "url":
            return datatypes.URL(value, prop_nr=name)
        case _:
            return datatypes.String(value, prop_nr=name)


def simplified(item: Json) -> Json:
    """Write an item in the short form that wikibase-cli takes."""
    claims: Json = {}
    for claim in claims_of(item):
        short: Json = {"value": short_value(claim["mainsnak"]), "rank": claim["rank"]}
        if "qualifiers" in claim:
            short["qualifiers"] = {
                name: [short_value(snak) for snak in group]
                for name, group in claim["qualifiers"].items()
            }
        short["references"] = [
            {name: [short_value(snak) for snak in group] for name, group in each["snaks"].items()}
            for each in claim.get("references", ())
        ]
        claims.setdefault(claim["mainsnak"]["property"], []).append(short)
    terms = {
        name: {code: term["value"] for code, term in item[name].items()}
        for name in ("labels", "descriptions")
    }
    return {**terms, "claims": claims}


def short_value(snak: Json) -> str:
    """Give the value of a snak in wikibase-cli's short form."""
    value = value_of(snak)
    return value[1:11] if snak["datatype"] == "time" else value


_PYWIKIBOT: Final = """
import json, sys, time
import pywikibot
site = pywikibot.Site().data_repository()
site.login()
items = json.load(open(sys.argv[1], encoding="utf-8"))
started = time.perf_counter()
for item in items:
    pywikibot.ItemPage(site).editEntity(item, summary="bench", bot=True)
print(time.perf_counter() - started)
"""

if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
