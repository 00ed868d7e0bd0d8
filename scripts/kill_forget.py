"""Kills `forget` at many points and runs it again: no byte of the person may be left.

    scripts/kill_forget.py --points 50
    scripts/kill_forget.py --points 50 --remote
    scripts/kill_forget.py --points 50 --mirror

A store is made in which much has happened to somebody's item: edited by others, merged with a
twin, under a second name, with a batch that was taken back and words in the queue. `forget` is run
once to count the calls by which it may change anything: statements of SQLite, changes of the
triples, renames, deletions. Then, for each of so many points spread over them, the store is
copied, `forget` dies there without another step (as by SIGKILL), and is run again to its end.

With `--remote` the Wikibase is served by a process of its own and reached through a profile; on
this side there are journals, words in the queue, pseudonyms, a mirror and reports of both. What
the wiki keeps in its history has to be named by the run that ends it. With `--mirror` the command
is given the mirror alone. There calls that send or receive count, too.
"""

import os
import shutil
import socket
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import click
from argon2 import PasswordHasher

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.tasks import events as made  # noqa: E402 - its place
from tests.tasks.people import ada, imported  # noqa: E402 - its place
from wbskills.cli import main as wbskills  # noqa: E402 - its place
from wbskills.data import ontology_folder  # noqa: E402 - its place
from wbskills.domain import Identity  # noqa: E402 - its place
from wbskills.ontology.load import load  # noqa: E402 - its place
from wbskills.private_records.candidates import REJECTED, Candidates, Decision  # noqa: E402 - its place
from wbskills.private_records.pseudonyms import Pseudonyms  # noqa: E402 - its place
from wbskills.stores import open_folder, open_store  # noqa: E402 - its place
from wbskills.tasks.candidates import queue_suggestions  # noqa: E402 - its place
from wbskills.tasks.forgetting import forget  # noqa: E402 - its place
from wbskills.tasks.ontologies import apply_ontology  # noqa: E402 - its place
from wbskills.tasks.personal_data import spellings  # noqa: E402 - its place
from wbskills.testing import serving  # noqa: E402 - its place
from wbskills.wikibase.embedded.store import Embedded  # noqa: E402 - its place
from wbskills.wikibase.interface import OpenWikibase  # noqa: E402 - its place
from wbskills.wikibase.journal.read import JOURNALS  # noqa: E402 - its place
from wbskills.wikibase.model.wire import entity_to_json  # noqa: E402 - its place
from wbskills.wikibase.server import accounts  # noqa: E402 - its place

CHANGING = frozenset({
    "execute", "executemany", "executescript", "update", "load", "bulk_load", "flush", "rename",
    "replace", "unlink", "rmdir", "mkdir", "open", "write", "fsync", "close", "send", "sendall",
    "recv_into",
})  # fmt: skip
FEW = 6  # calls at one line of code: a report makes tens of thousands at the same
NICK = Identity("pseudonym", "x-sommer 17")
WORD = "Needlework of hers"


@click.command()
@click.option("--points", default=50, show_default=True, help="How often it is killed.")
@click.option("--remote", is_flag=True, help="Forget in a served wiki, through a profile.")
@click.option("--mirror", is_flag=True, help="Forget in a mirror alone.")
def main(points: int, *, remote: bool, mirror: bool) -> None:
    """Kill `forget`, and look for what is left."""
    folder = Path(tempfile.mkdtemp(prefix="wbskills-forget-"))
    scene = Far(folder, alone=mirror) if remote or mirror else Near(folder)
    apart(scene.prepare)
    shutil.copytree(scene.place, folder / "made")
    count = folder / "count"
    with scene.ready():
        if apart(lambda: count.write_text(str(counted(scene.run)))) != 0:
            raise SystemExit("it fails where nothing kills it")
    steps, left = int(count.read_text(encoding="utf-8")), scene.wrong()
    click.echo("".join(f"without a kill: {each}\n" for each in left), nl=False)
    for number in range(points):
        point = (2 * number + 1) * steps // (2 * points)
        shutil.rmtree(scene.place)
        shutil.copytree(folder / "made", scene.place)
        with scene.ready():
            killed = apart(partial(dying, scene.run, point))
            ended = apart(scene.run)
        found = scene.wrong()
        if killed != 9 or ended != 0 or found:
            left.append(f"at {point} of {steps} ({killed}, {ended}): {', '.join(found)}")
            click.echo(left[-1])
    shutil.rmtree(folder)
    click.echo(f"{points} kills among {steps} steps, {len(left)} left something")
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


class Near:
    """A store in a folder."""

    def __init__(self, folder: Path) -> None:
        self.place, self.evidence = folder / "place", folder / "evidence"
        self.ontology = load(ontology_folder())

    def prepare(self) -> None:
        """Make the store, and note what must not be found of her."""
        place = made.Place(self.place, self.ontology)
        with Embedded(str(self.place)) as store:
            list(apply_ontology(store, self.ontology))
            place.import_both(store)
            for event in (made.merged, made.undeleted, made.undone, made.own_statement):
                event(place, store)
            self.surround(place, store)
        self.note({*spellings(NICK.name), *place.evidence})

    def surround(self, place: made.Place, store: OpenWikibase) -> None:
        """Let there be words in the queue, a second name of hers, and half an import."""
        place.folder.mkdir(exist_ok=True)
        with Candidates(place.folder) as queue:
            named = ada(identity=made.ADA, decided=(WORD.casefold(),))
            with queue.adding() as add:
                list(queue_suggestions([named], add, store.salt()))
            queue.decide(Decision(wording=WORD.casefold(), written=WORD, became=REJECTED))
        nick = ada("w2026", identity=NICK, id="19")
        imported(store, self.ontology, place.folder / JOURNALS, "b3", nick)
        place.note(place.item(store, NICK))
        with Pseudonyms(place.folder, store.salt(), make=True) as links:
            links.link(made.ADA, NICK)
        made.half_imported(place, store)

    def note(self, needles: set[str]) -> None:
        """Note what must not be found."""
        self.evidence.write_text(
            "\n".join(sorted({*needles, *spellings(made.NAME), WORD})), encoding="utf-8"
        )

    @contextmanager
    def ready(self) -> Iterator[None]:
        """Let all run that has to."""
        yield

    def run(self) -> None:
        """Run `forget` as the command does."""
        with Embedded(str(self.place)) as store:
            forget(store, self.ontology, made.ADA, self.place)

    def wrong(self) -> list[str]:
        """Tell what is left of her."""
        needles = self.evidence.read_text(encoding="utf-8").splitlines()
        return made.left_over(self.place, *needles)


class Far(Near):
    """A wiki that is served, and what there is of it on this side; or the mirror `alone`."""

    def __init__(self, folder: Path, *, alone: bool) -> None:
        super().__init__(folder)
        self.alone = alone
        self.ids, self.said = folder / "ids", folder / "said"
        self.wiki, self.home = self.place / "wiki", self.place / "home"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        # How slow it is otherwise does not matter here.
        quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        vars(accounts)["_HASHER"] = quick

    def prepare(self) -> None:
        """Make the wiki and what there is of it here, and note what must not be found of her."""
        self.home.mkdir(parents=True)
        place = made.Place(self.home / "state", self.ontology)
        with serving(str(self.wiki), port=self.port) as served:
            list(apply_ontology(served.store, self.ontology))
            self.enter(served.bot_password)
            Path("wbskills.toml").write_text(
                f'[wikibase.near]\napi = "{served.api}"\nsparql = "{served.sparql}"\n'
                f'login = "bot-password"\nuser = "{served.bot_user}"\nstate = "state"\n'
                "edits_per_minute = 0\n",
                encoding="utf-8",
            )
            with open_store("near") as store:
                place.import_both(store)
                made.own_statement(place, served.store)
                known = {*place.evidence}
                self.surround(place, store)
                ids = [place.item(store, each).entity.id for each in (made.ADA, NICK)]
            command("store", "pull", "mirror", "--wikibase", "near")
            command("report", "build", "site", "--wikibase", "near")
            command("report", "build", "of-mirror", "--wikibase", "./mirror")
        copy = made.Place(Path("mirror"), self.ontology)
        with Embedded("mirror", write=False) as mirror:
            for each in ("readers/1999999-0", "snapshots/1999999-ab"):
                (copy.folder / each).mkdir(parents=True)
                mirror.snapshot(copy.folder / each / "1")
        self.ids.write_text(" ".join(ids), encoding="utf-8")
        self.note(known if self.alone else {*spellings(NICK.name), *place.evidence})

    def enter(self, password: str) -> None:
        """Be where the profile is, and be able to log in."""
        os.chdir(self.home)
        os.environ["WBSKILLS_SECRET_NEAR"] = password

    @contextmanager
    def ready(self) -> Iterator[None]:
        """Serve the wiki, from a process of its own."""
        if self.alone:
            self.enter("")
            yield
            return
        to_us, to_them = os.pipe(), os.pipe()
        child = os.fork()
        if child == 0:
            os.close(to_them[1])
            with serving(str(self.wiki), port=self.port) as served:
                os.write(to_us[1], served.bot_password.encode())
                os.read(to_them[0], 1)  # until the other end is closed
            os._exit(0)
        for end in (to_us[1], to_them[0]):
            os.close(end)
        self.enter(os.read(to_us[0], 1000).decode())
        try:
            yield
        finally:
            os.close(to_them[1])
            os.close(to_us[0])
            os.waitpid(child, 0)

    def run(self) -> None:
        """Run the command, and keep what it says."""
        with self.said.open("w", encoding="utf-8") as said:
            os.dup2(said.fileno(), sys.stdout.fileno())
        command("forget", made.NAME, "--yes", "--wikibase", "./mirror" if self.alone else "near")

    def wrong(self) -> list[str]:
        """Tell what is left of her on this side, and whether the rest is told."""
        needles = self.evidence.read_text(encoding="utf-8").splitlines()
        places = ("mirror", "of-mirror") if self.alone else (".",)
        found = [one for each in places for one in made.left_over(self.home / each, *needles)]
        if not made.left_over(self.home / "mirror", made.GRACE.name):
            found.append("somebody else is gone")
        sites = ("of-mirror",) if self.alone else ("of-mirror", "site")
        pages = [self.home / each / "index.html" for each in sites]
        found += [f"{each} is gone" for each in pages if not each.exists()]
        if self.alone:
            return found
        said, ids = self.said.read_text(encoding="utf-8"), self.ids.read_text().split()
        there = Path(f"{self.ids}.there")
        apart(lambda: there.write_text("\n".join(self.at_the_wiki(ids)), encoding="utf-8"))
        text = there.read_text(encoding="utf-8")
        found += [f"the wiki: {each}" for each in needles if each in text]
        told = said[said.find("The history of") :]
        return found + [f"{each}: its history is not told" for each in ids if each not in told]

    def at_the_wiki(self, ids: list[str]) -> Iterator[str]:
        """Give what the items say, as they are now."""
        with open_folder(str(self.wiki), write=False) as store:
            yield from (str(entity_to_json(each.entity)) for each in store.read(ids).values())


def command(*arguments: str) -> None:
    """Run a command of wbskills."""
    wbskills(list(arguments), standalone_mode=False)


def counted(run: Callable[[], None]) -> int:
    """Run it, and count the calls that change anything."""
    steps = 0

    def count(_: int) -> None:
        nonlocal steps
        steps += 1

    watched(run, count)
    return steps


def dying(run: Callable[[], None], at: int) -> None:
    """Run it, and die before the call of a number."""

    def die(number: int) -> None:
        if number > at:
            os._exit(9)

    watched(run, die)


def watched(run: Callable[[], None], see: Callable[[int], None]) -> None:
    """Run it, and tell of each call that may change anything; of one line's, the first few."""
    seen: Counter[tuple[Any, ...]] = Counter()
    steps = 0

    def look(frame: FrameType, event: str, called: Any) -> None:  # noqa: ANN401 - as Python hands it
        nonlocal steps
        if event == "c_call" and called.__name__ in CHANGING:
            place = frame.f_code, frame.f_lineno, called.__name__
            seen[place] += 1
            if seen[place] <= FEW:
                steps += 1
                see(steps)

    sys.setprofile(look)
    run()
    sys.setprofile(None)


if __name__ == "__main__":
    main()
