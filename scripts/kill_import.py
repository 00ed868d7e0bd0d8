"""Kills an import at random moments and runs it again: it must always end in the same store.

    scripts/kill_import.py --times 50
    scripts/kill_import.py --times 50 --remote

Each time a store that has the ontology is copied, the import of the sample survey is started as a
process of its own, killed (SIGKILL) after a random part of the time that it takes, and run again
to its end. Then all entities are compared with those of an import that nothing broke off, to the
letter, and the triples with those of a rebuild.

With `--remote` the store is served, and the import goes through its Action API like that into any
Wikibase. What is compared then leaves out ids, GUIDs and revisions: two sessions write at once, so
these come as they come. A third run must make no edit.
"""

import csv
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.wikibase.remote.disturbed_wiki import snapshot  # noqa: E402 - its place
from wbskills.stores import open_folder  # noqa: E402 - its place
from wbskills.testing import ServedWikibase, serving  # noqa: E402 - its place
from wbskills.wikibase.model.wire import Json, entity_to_json  # noqa: E402 - its place

SAMPLE = ROOT / "scripts" / "sample" / "ambassadors-survey.csv"
MAPPING = ROOT / "ontology" / "surveys" / "sample.toml"


@click.command()
@click.option("--times", default=50, show_default=True, help="How many imports are killed.")
@click.option("--seed", default=2026, show_default=True)
@click.option("--rows", default=0, help="Rows of the sample that are imported; 0: all.")
@click.option("--remote", is_flag=True, help="Import through the Action API.")
def main(times: int, seed: int, rows: int, remote: bool) -> None:
    """Kill imports and compare what they come to."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    folder = Path(tempfile.mkdtemp(prefix="wbskills-kill-"))
    survey = cut(folder / SAMPLE.name, rows) if rows else SAMPLE
    prepared = folder / "prepared"
    run("ontology", "apply", "--wikibase", str(prepared))
    if remote:
        over_the_network(folder, prepared, times, chance, survey)
    else:
        in_process(folder, prepared, times, chance, survey)
    shutil.rmtree(folder)


def cut(copy: Path, rows: int) -> Path:
    """Copy some rows from all over the sample."""
    with SAMPLE.open(encoding="utf-8-sig", newline="") as file:
        heading, *answers = csv.reader(file)
    with copy.open("w", encoding="utf-8", newline="") as file:
        chosen = [answers[number * len(answers) // rows] for number in range(rows)]
        csv.writer(file).writerows([heading, *chosen])
    return copy


def in_process(
    folder: Path, prepared: Path, times: int, chance: random.Random, survey: Path
) -> None:
    """Kill imports into an embedded store."""
    whole = folder / "whole"
    shutil.copytree(prepared, whole)
    started = time.monotonic()
    run_import(whole, survey)
    takes = time.monotonic() - started
    expected = entities(whole)
    amid = 0
    for number in range(1, times + 1):
        broken = folder / "broken"
        shutil.copytree(prepared, broken)
        killed = kill_import(broken, survey, chance.uniform(0, takes))
        before = newest(broken)
        run_import(broken, survey)
        amid += killed and newest(prepared) < before < newest(whole)
        wrong = difference(broken, expected)
        if wrong:
            click.echo(f"{number}: {wrong}; the store is in {broken}")
            raise SystemExit(1)
        shutil.rmtree(broken)
    click.echo(f"{times} imports killed, {amid} of them amid their writing: always the same store")


def over_the_network(
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
        newest_revision = served.store.revision()
    shutil.rmtree(folder / "home")
    amid = 0
    for number in range(1, times + 1):
        broken, home = folder / "broken", folder / "home"
        shutil.copytree(prepared, broken)
        with serving(str(broken)) as served:
            killed = import_into(served, home, survey, kill_after=chance.uniform(0, takes))
            before = served.store.revision()
            if chance.random() < 0.3:
                shutil.rmtree(home / "state", ignore_errors=True)
            import_into(served, home, survey)
            wrong = differing(snapshot(served.store), expected)
            after = served.store.revision()
            import_into(served, home, survey)
            if not wrong and served.store.revision() != after:
                wrong = f"{served.store.revision() - after} edits by the third run"
        if wrong:
            click.echo(f"{number}: {wrong}; the store is in {broken}, the journals in {home}")
            raise SystemExit(1)
        amid += killed and newest(prepared) < before < newest_revision
        shutil.rmtree(broken)
        shutil.rmtree(home)
        if number % 10 == 0:
            click.echo(f"{number} imports killed, {amid} amid their writing")
    click.echo(f"{times} imports killed, {amid} of them amid their writing: always the same wiki")


def import_into(
    served: ServedWikibase, home: Path, survey: Path, kill_after: float | None = None
) -> bool:
    """Run the import in a folder with a profile; tells whether it was killed."""
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
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "wbskills", *import_command("served", survey)],
        cwd=home,
        env={**os.environ, "WBSKILLS_SECRET_SERVED": served.bot_password},
        stdout=subprocess.DEVNULL,
    )
    try:
        status = process.wait(kill_after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    if status:
        raise SystemExit(f"the import ended with {status}")
    return False


def differing(found: dict[str, Any], expected: dict[str, Any]) -> str:
    """Tell what is wrong with a wiki; empty if nothing is."""
    wrong = [name for name in {**found, **expected} if found.get(name) != expected.get(name)]
    if not wrong:
        return ""
    return f"{len(found)} entities instead of {len(expected)}, differing: {wrong[:5]}"


def run(*arguments: str) -> None:
    """Run a command of wbskills."""
    command = [sys.executable, "-m", "wbskills", *arguments]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)  # noqa: S603


def import_command(wikibase: Path | str, survey: Path) -> list[str]:
    """Give the arguments of the import."""
    return [
        "survey", "apply", str(survey), "--mapping", str(MAPPING), "--wikibase", str(wikibase),
    ]  # fmt: skip


def run_import(store: Path, survey: Path) -> None:
    """Run the import to its end."""
    run(*import_command(store, survey))


def kill_import(store: Path, survey: Path, after: float) -> bool:
    """Start the import and kill it after some seconds; tells whether it was still running."""
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "wbskills", *import_command(store, survey)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    return False


def newest(store: Path) -> int:
    """Give the newest revision of a store."""
    with open_folder(str(store), write=False) as wikibase:
        return wikibase.revision()


def entities(store: Path) -> dict[str, Json]:
    """Read all entities."""
    with open_folder(str(store), write=False) as wikibase:
        ids = [f"{letter}{number}" for letter in "PQ" for number in range(1, 5_000)]
        return {name: entity_to_json(each.entity) for name, each in wikibase.read(ids).items()}


def difference(store: Path, expected: dict[str, Json]) -> str:
    """Tell what is wrong with a store; empty if nothing is."""
    found = entities(store)
    if found != expected:
        wrong = [name for name in expected if found.get(name) != expected[name]]
        return f"{len(found)} entities instead of {len(expected)}, differing: {wrong[:5]}"
    with open_folder(str(store)) as wikibase:
        triples = set(wikibase.triples())
        wikibase.rebuild()
        if triples != set(wikibase.triples()):
            return "the triples are not those of a rebuild"
    return ""


if __name__ == "__main__":
    main()
