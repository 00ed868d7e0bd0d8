"""Kills an import at random moments and runs it again: it must always end in the same store.

scripts/kill_import.py --times 50

Each time a store that has the ontology is copied, the import of the sample survey is started as a
process of its own, killed (SIGKILL) after a random part of the time that it takes, and run again
to its end. Then all entities are compared with those of an import that nothing broke off, to the
letter, and the triples with those of a rebuild.
"""

import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from wbskills.model.wire import Json, entity_to_json
from wbskills.store import open_store

ROOT = Path(__file__).resolve().parent.parent
SURVEY = ROOT / "scripts" / "sample" / "ambassadors-survey.csv"
MAPPING = ROOT / "ontology" / "surveys" / "sample.toml"


@click.command()
@click.option("--times", default=50, show_default=True, help="How many imports are killed.")
@click.option("--seed", default=2026, show_default=True)
def main(times: int, seed: int) -> None:
    """Kill imports and compare what they come to."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    folder = Path(tempfile.mkdtemp(prefix="wbskills-kill-"))
    prepared, whole = folder / "prepared", folder / "whole"
    run("ontology", "apply", "--wikibase", str(prepared))
    shutil.copytree(prepared, whole)
    started = time.monotonic()
    run_import(whole)
    takes = time.monotonic() - started
    expected = entities(whole)
    amid = 0
    for number in range(1, times + 1):
        broken = folder / "broken"
        shutil.copytree(prepared, broken)
        killed = kill_import(broken, chance.uniform(0, takes))
        before = newest(broken)
        run_import(broken)
        amid += killed and newest(prepared) < before < newest(whole)
        wrong = difference(broken, expected)
        if wrong:
            click.echo(f"{number}: {wrong}; the store is in {broken}")
            raise SystemExit(1)
        shutil.rmtree(broken)
    shutil.rmtree(folder)
    click.echo(f"{times} imports killed, {amid} of them amid their writing: always the same store")


def run(*arguments: str) -> None:
    """Run a command of wbskills."""
    command = [sys.executable, "-m", "wbskills", *arguments]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)  # noqa: S603


def import_command(store: Path) -> list[str]:
    """Give the arguments of the import."""
    return [
        "survey", "apply", str(SURVEY), "--mapping", str(MAPPING), "--wikibase", str(store),
    ]  # fmt: skip


def run_import(store: Path) -> None:
    """Run the import to its end."""
    run(*import_command(store))


def kill_import(store: Path, after: float) -> bool:
    """Start the import and kill it after some seconds; tells whether it was still running."""
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "wbskills", *import_command(store)],
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
    with open_store(str(store), write=False) as wikibase:
        return wikibase.revision()


def entities(store: Path) -> dict[str, Json]:
    """Read all entities."""
    with open_store(str(store), write=False) as wikibase:
        ids = [f"{letter}{number}" for letter in "PQ" for number in range(1, 5_000)]
        return {name: entity_to_json(each.entity) for name, each in wikibase.read(ids).items()}


def difference(store: Path, expected: dict[str, Json]) -> str:
    """Tell what is wrong with a store; empty if nothing is."""
    found = entities(store)
    if found != expected:
        wrong = [name for name in expected if found.get(name) != expected[name]]
        return f"{len(found)} entities instead of {len(expected)}, differing: {wrong[:5]}"
    with open_store(str(store)) as wikibase:
        triples = set(wikibase.triples())
        wikibase.rebuild()
        if triples != set(wikibase.triples()):
            return "the triples are not those of a rebuild"
    return ""


if __name__ == "__main__":
    main()
