"""An import as commands run it: with a progress bar, and its receipt."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wbskills.cli.options import harmless, progress_bar

if TYPE_CHECKING:
    from wbskills.api import Capacity
    from wbskills.results import ImportReceipt, OnProgress


def show_import(run: "Callable[[OnProgress], ImportReceipt]", aside: Path | None = None) -> None:
    """Run an import and show what became of it; exit code 1 if the wiki refused some edits."""
    with progress_bar("people") as show:
        receipt = run(show)
    if receipt.set_aside:
        what = f"{receipt.set_aside} bad rows are in {aside}, with reasons"
        click.echo(f"{what}; mend and import that file.")
    for line in receipt.lines():
        click.echo(harmless(line))
    if receipt.file is not None:
        click.echo(f"Receipt: {receipt.file}")
    if receipt.edits:
        click.echo(f"Batch: {receipt.batch}, which `wbskills batch show` and `undo` know")
    if receipt.refused:
        raise SystemExit(1)


def capacity_of(
    wikibase: str, further: tuple[Path, ...] = (), *, write: bool = True
) -> "Capacity":
    """Open what a command works on."""
    import wbskills
    from wbskills.cli.options import told_on_stderr

    return wbskills.open(wikibase, ontology=further, write=write, on_wait=told_on_stderr)
