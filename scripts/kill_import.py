"""Kills an import at random moments and runs it again: it must always end in the same store.

    scripts/kill_import.py --times 50
    scripts/kill_import.py --times 50 --remote

Each time a store that has the ontology is copied, the import of the sample survey is started as a
process of its own, killed (SIGKILL) after a random part of the time that it takes, and run again
to its end. Then all entities are compared with those of an uninterrupted import, byte for byte,
and the triples with those of a rebuild.

With `--remote` the store is served, and the import goes through its Action API as into any
Wikibase. The comparison then leaves out ids, GUIDs and revisions: two sessions write at the same
time, so these differ from run to run. A third run must make no edit.
"""

import csv
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.wikibase.remote.disturbed_wiki import difference, snapshot  # noqa: E402 - after the path
from wbskills.stores import open_folder  # noqa: E402 - after the path
from wbskills.testing import ServedWikibase, serving  # noqa: E402 - after the path
from wbskills.wikibase.model.wire import Json, entity_to_json  # noqa: E402 - after the path

SAMPLE = ROOT / "scripts" / "sample" / "ambassadors-survey.csv"
MAPPING = ROOT / "ontology" / "surveys" / "sample.toml"
LOSE_STATE = 0.3  # how often the state folder is lost, too


@click.command()
@click.option("--times", default=50, show_default=True, help="How many imports are killed.")
@click.option("--seed", default=2026, show_default=True)
@click.option("--rows", default=0, help="Rows of the sample that are imported; 0: all.")
@click.option("--remote", is_flag=True, help="Import through the Action API.")
def main(times: int, seed: int, rows: int, remote: bool) -> None:
    """Kill imports and compare the results."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    folder = Path(tempfile.mkdtemp(prefix="wbskills-kill-"))
    survey = sample_rows(folder / SAMPLE.name, rows) if rows else SAMPLE
    prepared = folder / "prepared"
    run("ontology", "apply", "--wikibase", str(prepared))
    kill_all = kill_remote_imports if remote else kill_local_imports
    kill_all(folder, prepared, times, chance, survey)
    shutil.rmtree(folder)


def sample_rows(copy: Path, rows: int) -> Path:
    """Copy some rows from all over the sample."""
    with SAMPLE.open(encoding="utf-8-sig", newline="") as file:
        heading, *answers = csv.reader(file)
    with copy.open("w", encoding="utf-8", newline="") as file:
        chosen = [answers[number * len(answers) // rows] for number in range(rows)]
        csv.writer(file).writerows([heading, *chosen])
    return copy


def kill_local_imports(
    folder: Path, prepared: Path, times: int, chance: random.Random, survey: Path
) -> None:
    """Kill imports into an embedded store."""
    whole = folder / "whole"
    shutil.copytree(prepared, whole)
    started = time.monotonic()
    run_import(whole, survey)
    takes = time.monotonic() - started
    expected = entities(whole)
    while_writing = 0
    for number in range(1, times + 1):
        broken = folder / "broken"
        shutil.copytree(prepared, broken)
        killed = run_import(broken, survey, kill_after=chance.uniform(0, takes))
        before = latest_revision(broken)
        run_import(broken, survey)
        while_writing += killed and latest_revision(prepared) < before < latest_revision(whole)
        if wrong := difference(entities(broken), expected) or wrong_triples(broken):
            click.echo(f"{number}: {wrong}; the store is in {broken}")
            raise SystemExit(1)
        shutil.rmtree(broken)
    click.echo(f"{times} imports killed, {while_writing} while writing: always the same store")


def kill_remote_imports(
    folder: Path, prepared: Path, times: int, chance: random.Random, survey: Path
) -> None:
    """Kill imports that go through the Action API of a served store."""
    whole = folder / "whole"
    shutil.copytree(prepared, whole)
    with serving(str(whole)) as served:
        started = time.monotonic()
        import_into(served, folder / "home", survey)
        takes = time.monotonic() - started
        expected = snapshot(served.store)
        last = served.store.revision()
    shutil.rmtree(folder / "home")
    while_writing = 0
    for number in range(1, times + 1):
        broken, home = folder / "broken", folder / "home"
        shutil.copytree(prepared, broken)
        with serving(str(broken)) as served:
            killed = import_into(served, home, survey, kill_after=chance.uniform(0, takes))
            before = served.store.revision()
            if chance.random() < LOSE_STATE:
                shutil.rmtree(home / "state", ignore_errors=True)
            import_into(served, home, survey)
            wrong = difference(snapshot(served.store), expected)
            after = served.store.revision()
            import_into(served, home, survey)
            if not wrong and served.store.revision() != after:
                wrong = f"{served.store.revision() - after} edits by the third run"
        if wrong:
            click.echo(f"{number}: {wrong}; the store is in {broken}, the journals in {home}")
            raise SystemExit(1)
        while_writing += killed and latest_revision(prepared) < before < last
        shutil.rmtree(broken)
        shutil.rmtree(home)
        if number % 10 == 0:
            click.echo(f"{number} imports killed, {while_writing} while writing")
    click.echo(f"{times} imports killed, {while_writing} while writing: always the same wiki")


def import_into(
    served: ServedWikibase, home: Path, survey: Path, kill_after: float | None = None
) -> bool:
    """Run the import in a folder with a profile; returns whether it was killed."""
    home.mkdir(exist_ok=True)
    (home / "wbskills.toml").write_text(
        f"""\
[wikibase.served]
api = "{served.api}"
sparql = "{served.sparql}"
login = "bot-password"
user = "{served.bot_user}"
state = "state"
""",
        encoding="utf-8",
    )
    secret = {"WBSKILLS_SECRET_SERVED": served.bot_password}
    return run_import("served", survey, kill_after, cwd=home, environment=secret)


def run_import(
    wikibase: Path | str,
    survey: Path,
    kill_after: float | None = None,
    *,
    cwd: Path = ROOT,
    environment: Mapping[str, str] | None = None,
) -> bool:
    """Run the import, and kill it after some seconds; returns whether it was killed."""
    arguments = ["--mapping", str(MAPPING), "--wikibase", str(wikibase)]
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "wbskills", "survey", "apply", str(survey), *arguments],
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
    )
    try:
        status = process.wait(kill_after)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    if status:
        raise SystemExit(f"the import ended with {status}")
    return False


def run(*arguments: str) -> None:
    """Run a command of wbskills."""
    command = [sys.executable, "-m", "wbskills", *arguments]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)  # noqa: S603


def latest_revision(store: Path) -> int:
    """Return the latest revision of a store."""
    with open_folder(str(store), write=False) as wikibase:
        return wikibase.revision()


def entities(store: Path) -> dict[str, Json]:
    """Read all entities."""
    with open_folder(str(store), write=False) as wikibase:
        ids = [f"{letter}{number}" for letter in "PQ" for number in range(1, 5_000)]
        return {name: entity_to_json(each.entity) for name, each in wikibase.read(ids).items()}


def wrong_triples(store: Path) -> str:
    """Compare the triples of a store with those of a rebuild; empty if they are equal."""
    with open_folder(str(store)) as wikibase:
        triples = set(wikibase.triples())
        wikibase.rebuild()
        return "" if triples == set(wikibase.triples()) else "the triples differ from a rebuild"


if __name__ == "__main__":
    main()
