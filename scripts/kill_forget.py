"""Kills `forget` at many points and runs it again: no byte of the person may be left.

    scripts/kill_forget.py --points 50

A store is made in which much has happened to somebody's item: edited by others, merged with a
twin, under a second name, with a batch that was taken back and words in the queue. `forget` is run
once to count the calls by which it may change anything: statements of SQLite, changes of the
triples, renames, deletions. Then, for each of so many points spread over them, the store is
copied, `forget` dies there without another step (as by SIGKILL), and is run again to its end.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import click

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.tasks import test_no_byte_left as made  # noqa: E402 - its place
from tests.tasks.test_imports import ada  # noqa: E402 - its place
from tests.tasks.test_undo import imported  # noqa: E402 - its place
from wbskills.data import ontology_folder  # noqa: E402 - its place
from wbskills.domain import Identity  # noqa: E402 - its place
from wbskills.ontology.entries import Ontology  # noqa: E402 - its place
from wbskills.ontology.load import load  # noqa: E402 - its place
from wbskills.private_records.candidates import REJECTED, Candidates, Decision  # noqa: E402 - its place
from wbskills.private_records.pseudonyms import Pseudonyms  # noqa: E402 - its place
from wbskills.tasks.candidates import heard  # noqa: E402 - its place
from wbskills.tasks.forgetting import forget  # noqa: E402 - its place
from wbskills.tasks.naming import spellings  # noqa: E402 - its place
from wbskills.tasks.ontologies import apply_ontology  # noqa: E402 - its place
from wbskills.wikibase.embedded.store import Embedded  # noqa: E402 - its place
from wbskills.wikibase.journal.read import JOURNALS  # noqa: E402 - its place

CHANGING = frozenset({
    "execute", "executemany", "executescript", "update", "load", "bulk_load", "flush", "rename",
    "replace", "unlink", "rmdir", "mkdir", "open", "write", "fsync", "close",
})  # fmt: skip
NICK = Identity("pseudonym", "x-sommer 17")
WORD = "Needlework of hers"


@click.command()
@click.option("--points", default=50, show_default=True, help="How often it is killed.")
def main(points: int) -> None:
    """Kill `forget`, and look for what is left."""
    ontology = load(ontology_folder())
    folder = Path(tempfile.mkdtemp(prefix="wbskills-forget-"))
    evidence = folder / "evidence"
    apart(lambda: prepare(folder / "made", evidence, ontology))
    count = folder / "count"
    shutil.copytree(folder / "made", folder / "whole")
    apart(lambda: count.write_text(str(counted(folder / "whole", ontology))))
    steps = int(count.read_text(encoding="utf-8"))
    needles = evidence.read_text(encoding="utf-8").splitlines()
    left = made.left_over(folder / "whole", *needles)
    for number in range(points):
        point = (2 * number + 1) * steps // (2 * points)
        place = Path(shutil.copytree(folder / "made", folder / "killed"))
        killed = apart(partial(dying, place, ontology, point))
        ended = apart(partial(run, place, ontology))
        found = made.left_over(place, *needles)
        if killed != 9 or ended != 0 or found:
            left.append(f"at {point} of {steps} ({killed}, {ended}): {', '.join(found)}")
        shutil.rmtree(place)
    shutil.rmtree(folder)
    click.echo(
        "\n".join([*left, f"{points} kills among {steps} steps, {len(left)} left something"])
    )
    raise SystemExit(bool(left))


def apart(work: Callable[[], Any]) -> int:
    """Do something in a process of its own; give its exit code. Here no store is ever opened."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def prepare(folder: Path, evidence: Path, ontology: Ontology) -> None:
    """Make the store, and note what must not be found of her."""
    place = made.Place(folder, ontology)
    with Embedded(str(folder)) as store, Candidates(folder) as queue:
        list(apply_ontology(store, ontology))
        place.import_both(store)
        for event in (made.merged, made.undeleted, made.undone, made.own_statement):
            event(place, store)
        named = ada(identity=made.ADA, decided=(WORD.casefold(),))
        with queue.hearing() as hear:
            list(heard(iter([named]), hear, store.salt()))
        queue.decide(Decision(wording=WORD.casefold(), written=WORD, became=REJECTED))
        nick = ada("w2026", identity=NICK, id="19")
        imported(store, ontology, folder / JOURNALS, "b3", nick)
        place.note(place.item(store, NICK))
        with Pseudonyms(folder, store.salt(), make=True) as links:
            links.link(made.ADA, NICK)
        made.half_imported(place, store)
    needles = {*spellings(made.NAME), *spellings(NICK.name), WORD, *place.evidence}
    evidence.write_text("\n".join(sorted(needles)), encoding="utf-8")


def run(folder: Path, ontology: Ontology) -> None:
    """Run `forget` as the command does."""
    with Embedded(str(folder)) as store:
        forget(store, ontology, made.ADA, folder)


def counted(folder: Path, ontology: Ontology) -> int:
    """Run it, and count the calls that change anything."""
    steps = 0

    def count(_: FrameType, event: str, called: Any) -> None:  # noqa: ANN401 - as Python hands it
        nonlocal steps
        steps += event == "c_call" and called.__name__ in CHANGING

    sys.setprofile(count)
    run(folder, ontology)
    sys.setprofile(None)
    return steps


def dying(folder: Path, ontology: Ontology, at: int) -> None:
    """Run it, and die before the call of a number."""
    steps = 0

    def die(_: FrameType, event: str, called: Any) -> None:  # noqa: ANN401 - as Python hands it
        nonlocal steps
        if event == "c_call" and called.__name__ in CHANGING:
            steps += 1
            if steps > at:
                os._exit(9)

    sys.setprofile(die)
    run(folder, ontology)


if __name__ == "__main__":
    main()
