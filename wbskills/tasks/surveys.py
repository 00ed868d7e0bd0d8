"""Surveys: what is in a file, what importing it would do, and doing it."""

import filecmp
import secrets
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from wbskills.data import ontology_folder
from wbskills.domain import Identity, Response
from wbskills.errors import Fault, MappingError, NotFound
from wbskills.ontology.entries import Ontology
from wbskills.ontology.load import load as load_ontology
from wbskills.private_files import open_private
from wbskills.private_records.candidates import Candidates, Decision
from wbskills.private_records.pseudonyms import Pseudonyms
from wbskills.surveys.files.cell_text import counted
from wbskills.surveys.mapping.toml_file import load as load_mapping
from wbskills.surveys.responses.compare import Difference, compare
from wbskills.surveys.responses.rejected_rows import (
    rejected_rows,
    text_format,
    write_rejected_rows,
)
from wbskills.surveys.responses.survey import Survey
from wbskills.surveys.responses.validation_report import CappedList
from wbskills.tasks.candidates import (
    decided,
    drop_words,
    heard,
    meanings,
    refuse_unknown,
    with_adopted,
)
from wbskills.tasks.files import cannot_write
from wbskills.tasks.imports import Import, Watch
from wbskills.tasks.ontologies import apply_ontology, binding_of
from wbskills.tasks.receipts import Receipt, Tally
from wbskills.tasks.two_names import Doorkeeper, linked
from wbskills.tasks.withdrawals import withdrawals
from wbskills.wikibase.interface import Wikibase
from wbskills.wikibase.journal.write import Journal

RECEIPTS: Final = "receipts"

Show = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class MappedSurvey:
    """A survey file with its mapping, and the ontology that the mapping speaks of."""

    survey: Survey
    ontology: Ontology
    decisions: tuple[Decision, ...] = ()


def open_survey(
    file: Path, mapping: Path, further: Iterable[Path] = (), folder: Path | None = None
) -> MappedSurvey:
    """Open a survey file with its mapping; nothing is written.

    What was decided on candidate skills stands in the store's `folder`, if there is one.
    Raises `MappingError` or `SurveyError` with all faults.
    """
    if not mapping.is_file():
        raise NotFound(f"there is no mapping {mapping}", hint="wbskills survey inspect --draft")
    described = load_mapping(mapping)
    decisions = decided(folder) if folder is not None else ()
    own = load_ontology(ontology_folder(), *described.ontology, *further)
    ontology = with_adopted(own, decisions)
    taken = [
        Fault(
            what=f"the key is that of {ontology.entries[wave.key].place} already",
            hint=f"another key, such as {wave.key}_{wave.start.year}",
            column=f"waves.{wave.key}",
        )
        for wave in described.waves
        if wave.key in ontology.entries
    ]
    if taken:
        raise MappingError(str(mapping), taken)
    survey = Survey.open(file, described, ontology, meanings(decisions))
    return MappedSurvey(survey, ontology, decisions)


def compare_survey(file: Path, mapping: Path, further: Iterable[Path] = ()) -> list[Difference]:
    """List what changed in a survey file against a mapping; nothing is written."""
    described = load_mapping(mapping)
    ontology = load_ontology(ontology_folder(), *described.ontology, *further)
    return compare(file, described, ontology)


def refuse_faults(mapped: MappedSurvey) -> None:
    """Raise `SurveyError` with all faults of the file, if there are any."""
    error = mapped.survey.check().error()
    if error is not None:
        raise error


def set_aside_lines(mapped: MappedSurvey, file: Path) -> list[str]:
    """Tell what `put_aside` would put into a file, and what is wrong with it; writes nothing."""
    findings = mapped.survey.check()
    if not findings.faults:
        return []
    bad = sum(1 for _ in rejected_rows(mapped.survey))
    told = counted(bad, "bad row would be", "bad rows would be")
    return [f"{told} in {file}:", *(f"  {fault}" for fault in findings.faults), ""]


def put_aside(mapped: MappedSurvey, file: Path) -> int:
    """Write the bad rows, if there are any, with their reasons into a new file; count them.

    A file that holds the very same already is left as it is, so that a command that was broken
    off can be given again. Raises `WbskillsError` if another file is there, or if none can be
    made; then nothing is left of it.
    """
    if not mapped.survey.check().faults:
        return 0
    encoding, _ = text_format(mapped.survey)
    beside = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with open_private(beside, "x", encoding=encoding, newline="") as opened:
            count = write_rejected_rows(mapped.survey, opened)
        if not file.exists():
            beside.replace(file)
        elif not filecmp.cmp(beside, file, shallow=False):
            raise FileExistsError
    except OSError as error:
        raise cannot_write(file, error) from error
    finally:
        beside.unlink(missing_ok=True)
    return count


def import_survey(  # noqa: PLR0913 - each by its name; none goes with another
    wikibase: Wikibase,
    mapped: MappedSurvey,
    *,
    batch: str,
    today: date,
    journal: Journal | None = None,
    forgotten: Container[Identity] = (),
    show: Show = lambda _: None,
    watch: Watch = lambda _: None,
    queue: Candidates | None = None,
    links: Pseudonyms | None = None,
) -> Receipt:
    """Import the good rows of a survey; over a `DryRun` this is the dry run.

    What the ontology lacks on the Wikibase is made first. Nothing is written of anybody who is
    `forgotten`. `journal` notes the edits, with the row of each and the columns of its skills.
    `show` is given a line for each edit, `watch` the number of responses dealt with since last
    time. Skills that the form did not ask about go into the `queue` of candidates, and those that
    people named who do not agree any more leave it. `links` tell, and are told, which pseudonyms
    are whose.
    """
    findings = mapped.survey.check()
    prepared = 0
    binding = binding_of(wikibase, mapped.ontology)
    refuse_unknown(mapped.decisions, mapped.ontology, binding)
    if binding.missing(mapped.ontology):
        for done in apply_ontology(wikibase, mapped.ontology, journal):
            show(str(done.edit))
            prepared += 1
    importing = Import(
        wikibase,
        mapped.ontology,
        batch=batch,
        today=today,
        journal=journal,
        columns={tally.skill: str(tally.column) for tally in findings.skills}
        | {one.skill: str(one.interests[0].column) for one in mapped.survey.mapping.interests},
    )
    for edit in importing.waves(findings.waves):
        show(str(edit))
        prepared += 1
    tally = Tally()
    withdrawn: dict[int, None] = {}
    with (
        queue.hearing() if queue is not None else nullcontext() as hear,
        nullcontext(links) if links is not None else Pseudonyms(None, wikibase.salt()) as known,
    ):
        door = Doorkeeper(wikibase, importing.binding, forgotten, known)
        refused_here = list(mapped.survey.refusals())
        door.learn_refusals(refused_here)
        if mapped.survey.mapping.pseudonym is not None:
            door.learn(mapped.survey.responses())
        responses = _counted(door.welcome(mapped.survey.responses()), tally)
        if hear is not None and mapped.survey.mapping.others:
            responses = heard(responses, hear, wikibase.salt())
        for each in importing.responses(responses, watch):
            tally.count(each.edit)
            show(str(each))
        refusals = linked(refused_here, known)
        for refused in withdrawals(wikibase, mapped.ontology, refusals):
            if refused.has_item and not refused.agreed_later:
                withdrawn[refused.refusal.row] = None
                door.took_back(refused.refusal.row, refused.refusal.identity)
            if queue is not None:
                tally.taken_back += drop_words(queue, refused, wikibase.salt())
    return Receipt(
        batch=batch,
        file=findings.file,
        findings=findings,
        prepared=prepared,
        tally=tally,
        forgotten=door.blocked,
        elsewhere=door.elsewhere,
        changed=tuple(door.changed),
        withdrawn=_listed(withdrawn),
        refused=tuple(importing.refused),
        overwritten=tuple(importing.overwritten),
        united=tuple(importing.united),
    )


def _listed(rows: Iterable[int]) -> CappedList[int]:
    listing: CappedList[int] = CappedList()
    for row in sorted(rows):
        listing.add(row)
    return listing


def _counted(responses: Iterator[Response], tally: Tally) -> Iterator[Response]:
    for response in responses:
        tally.named += len(response.named)
        yield response


def batch_id(now: datetime) -> str:
    """Name a new batch: when it began, and four letters against two at once."""
    return f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
