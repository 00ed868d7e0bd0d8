"""Options and ways to open things that several commands share. Imports nothing heavy."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from wbskills.data import ontology_folder
from wbskills.ontology.entries import Ontology

if TYPE_CHECKING:
    from wbskills.results import OnProgress, Progress

Command = TypeVar("Command", bound=Callable[..., Any])

FILE = click.Path(path_type=Path)


def on_wikibase(command: Command) -> Command:
    """Let a command work on the Wikibase of a profile or in a folder."""
    return click.option(
        "--wikibase",
        metavar="NAME",
        envvar="WBSKILLS_WIKIBASE",
        default="wbskills-store",
        show_default=True,
        show_envvar=True,
        callback=_settled,
        help="A profile (`wbskills init`), or the folder of an embedded Wikibase, which is"
        " made by the first command that writes.",
    )(command)


def _settled(_context: click.Context, _option: click.Parameter, place: str) -> str:
    """Tell if what earlier versions remembered of a wiki is taken over."""
    from wbskills.stores import migrate_state

    migrate_state(place, told_on_stderr)
    return place


def with_ontology(command: Command) -> Command:
    """Let a command take further files of the ontology."""
    return click.option(
        "--ontology",
        "further",
        metavar="FILE",
        type=FILE,
        multiple=True,
        help="A further file of the ontology, such as skills of your own; may be repeated.",
    )(command)


def load_ontology(further: tuple[Path, ...] = ()) -> Ontology:
    """Read the ontology that travels with the program, and further files."""
    from wbskills.ontology.load import load

    return load(ontology_folder(), *further)


def harmless(text: str) -> str:
    """Replace what a terminal would carry out rather than show: names and answers are hostile."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "�" for sign in text)


@contextmanager
def progress_bar(unit: str) -> "Iterator[OnProgress]":
    """Give what shows progress as a bar; silent where there is no terminal."""
    from tqdm import tqdm

    with tqdm(unit=f" {unit}", disable=None, leave=False) as bar:

        def show(progress: "Progress") -> None:
            bar.total = progress.total or None
            bar.update(progress.done - bar.n)

        yield show


def told_on_stderr(line: str) -> None:
    """Tell what a Wikibase far away is waited for, above a progress bar if there is one."""
    import sys

    from tqdm import tqdm

    tqdm.write(harmless(line), file=sys.stderr)
