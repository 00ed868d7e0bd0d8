"""An import as commands run it: with a journal, a progress bar and a receipt."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wbskills.cli.options import harmless, told_on_stderr

if TYPE_CHECKING:
    from wbskills.wikibase.journal.read import Batch


def import_into(
    wikibase: str,
    file: Path,
    mapping: Path,
    further: tuple[Path, ...],
    *,
    aside: Path | None = None,
    resumed: "Batch | None" = None,
) -> None:
    """Import a survey, or go on with an import that was broken off."""
    from contextlib import ExitStack, nullcontext
    from datetime import UTC, datetime

    from tqdm import tqdm

    from wbskills.private_records.candidates import FILE as QUEUE
    from wbskills.private_records.candidates import Candidates
    from wbskills.private_records.forgotten import Forgotten
    from wbskills.private_records.pseudonyms import Pseudonyms
    from wbskills.stores import open_store, records_of
    from wbskills.tasks.batches import begin, head_of
    from wbskills.tasks.surveys import (
        RECEIPTS,
        batch_id,
        import_survey,
        open_survey,
        put_aside,
        refuse_faults,
    )
    from wbskills.wikibase.journal.read import Ended
    from wbskills.wikibase.journal.write import Journal

    records = records_of(wikibase)
    mapped = open_survey(file, mapping, further, records)
    if aside is None:
        refuse_faults(mapped)  # before a store is made
    elif bad := put_aside(mapped, aside):
        click.echo(f"{bad} bad rows are in {aside}, with reasons; mend and import that file.")
    now = datetime.now(UTC)
    batch = resumed.head.batch if resumed else batch_id(now)
    forgotten = Forgotten(records)
    with (
        # Silent where there is no terminal.
        tqdm(total=mapped.survey.respondents, unit=" people", disable=None, leave=False) as bar,
        open_store(wikibase, tell=told_on_stderr) as store,
        (
            Candidates(records)
            # A form that asks for no others may still hold the “no” of somebody who named some.
            if records is not None and (mapped.survey.fitted.others or (records / QUEUE).exists())
            else nullcontext()
        ) as queue,
        ExitStack() as stack,
    ):
        made = records is not None and mapped.survey.fitted.pseudonym is not None
        links = stack.enter_context(Pseudonyms(records, store.salt(), make=made))
        more = {f"ontology {number}": path for number, path in enumerate(further, 1)}
        head = head_of(batch, "survey apply", wikibase, survey=file, mapping=mapping, **more)
        with Journal.resume(resumed.path) if resumed else begin(records, head) as journal:
            receipt = import_survey(
                store,
                mapped,
                batch=batch,
                today=now.date(),
                journal=journal,
                forgotten=forgotten,
                watch=bar.update,
                queue=queue,
                links=links,
            )
            if receipt.refused and journal is not None:
                journal.end(Ended.FAILED, "some edits were refused")  # so it can be resumed
    for line in receipt.lines(wikibase=wikibase):
        click.echo(harmless(line))
    if records is not None:
        click.echo(f"Receipt: {receipt.keep(records / RECEIPTS)}")
    if receipt.edits:
        click.echo(f"Batch: {batch}, which `wbskills batch show` and `undo` know")
    if receipt.refused:
        raise SystemExit(1)
