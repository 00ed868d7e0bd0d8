"""Options, opening and printing that several commands share. Imports nothing heavy."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from wbskills.data import ontology_folder
from wbskills.ontology.entries import Ontology

if TYPE_CHECKING:
    from wbskills.api import Capacity
    from wbskills.bulk import OnProgress, Progress

Command = TypeVar("Command", bound=Callable[..., Any])

FILE = click.Path(path_type=Path)


def on_wikibase(command: Command) -> Command:
    """Add the option --wikibase: a profile or a folder."""
    return click.option(
        "--wikibase",
        metavar="NAME",
        envvar="WBSKILLS_WIKIBASE",
        default="wbskills-store",
        show_default=True,
        show_envvar=True,
        callback=_migrated,
        help="A profile made with `wbskills init`, or a Wikibase folder. The first command that"
        " writes creates the folder.",
    )(command)


def _migrated(_context: click.Context, _option: click.Parameter, place: str) -> str:
    """Move the records that earlier versions kept for each profile."""
    from wbskills.stores import migrate_state

    migrate_state(place, print_waiting)
    return place


def with_ontology(command: Command) -> Command:
    """Add the option --ontology: more ontology files."""
    return click.option(
        "--ontology",
        "ontology_files",
        metavar="FILE",
        type=FILE,
        multiple=True,
        help="Another ontology file, for example with your own skills. Can be repeated.",
    )(command)


def with_confirmation(command: Command) -> Command:
    """Add the option --yes."""
    return click.option("--yes", is_flag=True, help="Do not ask for confirmation.")(command)


def open_capacity(
    wikibase: str,
    ontology_files: Iterable[Path] = (),
    *,
    write: bool = True,
    language: str = "en",
    queries: Iterable[Path] = (),
) -> "Capacity":
    """Open the capacity map that a command works on."""
    import wbskills

    return wbskills.open(
        wikibase,
        ontology=ontology_files,
        write=write,
        language=language,
        queries=queries,
        on_wait=print_waiting,
    )


def load_ontology(ontology_files: tuple[Path, ...] = ()) -> Ontology:
    """Read the built-in ontology, and more ontology files."""
    from wbskills.ontology.load import load

    return load(ontology_folder(), *ontology_files)


def printable(text: str) -> str:
    """Replace control characters, which a terminal would obey: names and answers are hostile."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "�" for sign in text)


def echo(*lines: object) -> None:
    """Print lines without control characters."""
    for line in lines:
        click.echo(printable(str(line)))


@contextmanager
def progress_bar(unit: str) -> "Iterator[OnProgress]":
    """Yield a callback that shows progress as a bar; it prints nothing without a terminal."""
    from tqdm import tqdm

    with tqdm(unit=f" {unit}", disable=None, leave=False) as bar:

        def on_progress(progress: "Progress") -> None:
            bar.total = progress.total or None
            bar.update(progress.done - bar.n)

        yield on_progress


def print_waiting(line: str) -> None:
    """Print a line about a wait on stderr, above a progress bar if there is one."""
    from tqdm import tqdm

    tqdm.write(printable(line), file=sys.stderr)
