"""Surveys: inspecting a file, planning its import, and importing it."""

import filecmp
import secrets
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from shlex import quote
from typing import Final

from wbskills.bulk import OnProgress, ignore
from wbskills.data import ontology_folder
from wbskills.domain import Identity, Response
from wbskills.errors import Fault, MappingError, NotFound, cannot_write
from wbskills.ontology.entries import Ontology
from wbskills.ontology.load import load as load_ontology
from wbskills.private_files import open_private
from wbskills.private_records.candidates import Candidates, Decision
from wbskills.private_records.pseudonyms import Pseudonyms
from wbskills.questionnaires.recognise import recognise
from wbskills.surveys.draft.classify import ColumnProfile
from wbskills.surveys.draft.inspect_file import Inspection
from wbskills.surveys.draft.write_draft import draft
from wbskills.surveys.files.cell_text import counted, cut
from wbskills.surveys.files.columns import SurveyColumn
from wbskills.surveys.mapping.resolved import ResolvedMapping
from wbskills.surveys.mapping.toml_file import load as load_mapping
from wbskills.surveys.mapping.toml_file import parse
from wbskills.surveys.responses.compare import Difference, compare
from wbskills.surveys.responses.rejected_rows import (
    rejected_rows,
    text_format,
    write_rejected_rows,
)
from wbskills.surveys.responses.survey import Survey
from wbskills.surveys.responses.validation_report import CappedList
from wbskills.table import Column, Table
from wbskills.tasks.candidates import (
    decisions_of,
    drop_suggestions,
    meanings,
    queue_suggestions,
    refuse_unknown,
    with_adopted,
)
from wbskills.tasks.consent import ConsentFilter, under_all_names, withdrawals
from wbskills.tasks.imports import Import
from wbskills.tasks.ontologies import apply_ontology, binding_of
from wbskills.tasks.questionnaires import OWN, questionnaires
from wbskills.tasks.receipts import ImportReceipt, Tally
from wbskills.wikibase.interface import Wikibase
from wbskills.wikibase.journal.write import Journal

_LONGEST_HEADING: Final = 40
_MOST_ANSWERS: Final = 6
_COLUMNS: Final = (
    Column("column", "Column"),
    Column("heading", "Heading"),
    Column("looks_like", "Looks like"),
    Column("empty", "Empty"),
    Column("different", "Distinct"),
    Column("answers", "Answers"),
    Column("suggestion", "Suggestion"),
)
_DIFFERENCES: Final = (
    Column("change", "Change"),
    Column("where", "Where"),
    Column("what", "What"),
    Column("try", "Try"),
)


@dataclass(frozen=True, slots=True)
class MappedSurvey:
    """A survey file with its mapping, and the ontology that the mapping uses.

    `questionnaire` says which one the file answers, if it needed no mapping.
    """

    survey: Survey
    ontology: Ontology
    decisions: tuple[Decision, ...] = ()
    questionnaire: str = ""

    def refuse_problems(self) -> None:
        """Raise `SurveyError` with all problems of the file, if there are any."""
        error = self.survey.check().error()
        if error is not None:
            raise error


def open_survey(
    file: Path,
    mapping: Path | None,
    ontology_files: Iterable[Path] = (),
    records: Path | None = None,
    own: Path = OWN,
) -> MappedSurvey:
    """Open a survey file with its mapping; writes nothing.

    Without a mapping, the file must answer a questionnaire: a built-in one, or one of the folder
    `own`. `ontology_files` are ontology files; `records` may have decisions on suggested skills.
    Raises `MappingError` or `SurveyError` with all problems.
    """
    questionnaire = ""
    if mapping is None:
        known = load_ontology(ontology_folder(), *ontology_files)
        recognised = recognise(file, questionnaires(known, own), known)
        described = parse(recognised.mapping, Path(f"mapping of {recognised.questionnaire.name}"))
        questionnaire = str(recognised)
    else:
        _check_exists(mapping, file)
        described = load_mapping(mapping)
    decisions = decisions_of(records) if records is not None else ()
    loaded = load_ontology(ontology_folder(), *described.ontology, *ontology_files)
    ontology = with_adopted(loaded, decisions)
    taken = [
        Fault(
            what=f"this key is already used in {ontology.entries[wave.key].place}",
            hint=f"use another key, for example {wave.key}_{wave.start.year}",
            column=f"waves.{wave.key}",
        )
        for wave in described.waves
        if wave.key in ontology.entries
    ]
    if taken:
        raise MappingError(described.file, taken)
    survey = Survey.open(file, described, ontology, meanings(decisions))
    return MappedSurvey(survey, ontology, decisions, questionnaire)


def compare_survey(
    file: Path, mapping: Path, ontology_files: Iterable[Path] = ()
) -> list[Difference]:
    """Compare a survey file with a mapping that was written for another file."""
    _check_exists(mapping, file)
    described = load_mapping(mapping)
    ontology = load_ontology(ontology_folder(), *described.ontology, *ontology_files)
    return compare(file, described, ontology)


def bad_rows_lines(mapped: MappedSurvey, file: Path) -> list[str]:
    """Describe in lines what `save_bad_rows` would write to a file; writes nothing."""
    findings = mapped.survey.check()
    if not findings.faults:
        return []
    bad = sum(1 for _ in rejected_rows(mapped.survey))
    rows = counted(bad, "bad row", "bad rows")
    return [f"{rows} would be saved to {file}:", *(f"  {fault}" for fault in findings.faults), ""]


def save_bad_rows(mapped: MappedSurvey, file: Path) -> int:
    """Write the bad rows, with the reasons, to a new file; returns how many there are.

    Without bad rows, no file is written. A file with the very same content is left alone, so that
    an interrupted command can be repeated. Raises `WbskillsError` if another file exists or
    cannot be written.
    """
    if not mapped.survey.check().faults:
        return 0
    encoding, _ = text_format(mapped.survey)
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with open_private(temporary, "x", encoding=encoding, newline="") as opened:
            count = write_rejected_rows(mapped.survey, opened)
        if not file.exists():
            temporary.replace(file)
        elif not filecmp.cmp(temporary, file, shallow=False):
            raise FileExistsError
    except OSError as error:
        raise cannot_write(file, error) from error
    finally:
        temporary.unlink(missing_ok=True)
    return count


def import_survey(  # noqa: PLR0913 - each by its name; none goes with another
    wikibase: Wikibase,
    mapped: MappedSurvey,
    *,
    batch: str,
    today: date,
    journal: Journal | None = None,
    forgotten: Container[Identity] = (),
    on_edit: Callable[[str], object] = ignore,
    on_progress: OnProgress = ignore,
    queue: Candidates | None = None,
    links: Pseudonyms | None = None,
) -> ImportReceipt:
    """Import the good rows of a survey; on a `DryRun` of a Wikibase this is the dry run.

    First, what the Wikibase lacks of the ontology is added. Nothing is written about people who
    are `forgotten`. `journal` records the edits. `on_edit` is called with a line for each edit,
    `on_progress` after each chunk of people. Suggested skills go into the `queue`; those of
    people who withdrew their consent leave it. `links`, which may be added to, know whose
    pseudonyms are whose.
    """
    salt = wikibase.salt()
    survey = mapped.survey.salted(salt)
    findings = survey.check()
    prepared = 0
    binding = binding_of(wikibase, mapped.ontology)
    refuse_unknown(mapped.decisions, mapped.ontology, binding)
    incomplete = bool(binding.missing(mapped.ontology))
    if incomplete:
        for done in apply_ontology(wikibase, mapped.ontology, journal):
            on_edit(str(done.edit))
            prepared += 1
    importing = Import(
        wikibase,
        mapped.ontology,
        batch=batch,
        today=today,
        journal=journal,
        columns=_columns_of(survey.mapping),
        binding=None if incomplete else binding,
        asked=survey.asked,
    )
    for edit in importing.waves(findings.waves):
        on_edit(str(edit))
        prepared += 1
    tally = Tally()
    withdrawn: set[int] = set()
    with (
        queue.adding() if queue is not None else nullcontext() as add,
        nullcontext(links) if links is not None else Pseudonyms(None, salt) as known,
    ):
        consents = ConsentFilter(wikibase, importing.binding, forgotten, known)
        refusals = list(survey.refusals())
        consents.read_refusals(refusals)
        if survey.mapping.has_two_names:
            consents.read_consents(survey.responses())
        responses = _counted(consents.allowed(survey.responses()), tally)
        if add is not None and survey.mapping.others:
            responses = queue_suggestions(responses, add, salt)
        for response in importing.responses(responses, on_progress, survey.respondents):
            tally.count(response.edit)
            on_edit(str(response))
        refusals = list(under_all_names(refusals, known))
        for withdrawal in withdrawals(wikibase, importing.binding, refusals):
            refusal = withdrawal.refusal
            if withdrawal.has_item and not withdrawal.agreed_later:
                withdrawn.add(refusal.row)
                consents.add_withdrawal(refusal.row, refusal.identity)
            if queue is not None:
                tally.taken_back += drop_suggestions(queue, withdrawal, salt)
    return ImportReceipt(
        batch=batch,
        file=findings.file,
        questionnaire=mapped.questionnaire,
        findings=findings,
        prepared=prepared,
        tally=tally,
        forgotten=consents.blocked,
        elsewhere=consents.elsewhere,
        changed=tuple(consents.changed),
        withdrawn=_capped(withdrawn),
        refused=tuple(importing.refused),
        overwritten=tuple(importing.overwritten),
        united=tuple(importing.united),
    )


def batch_id(now: datetime) -> str:
    """Return the id of a new batch: its time, and four random characters."""
    return f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


@dataclass(frozen=True, slots=True)
class SurveyInspection:
    """What is in a survey file: `found` has its tool, encoding, days and columns.

    `ontology` is the one whose skills were looked for.
    """

    found: Inspection
    ontology: Ontology

    def lines(self) -> list[str]:
        """Describe it in lines for people: tool, encoding, rows, days, questions."""
        return [*describe_file(self.found), *question_lines(self.found)]

    def table(self) -> Table:
        """List the columns, with frequent answers and suggested entries."""
        return columns_table(self.found)

    def draft(self) -> str:
        """Write a draft mapping, as TOML; what only people know is a question in it."""
        return draft(self.found, self.ontology)


def describe_file(found: Inspection) -> list[str]:
    """Describe a survey file in lines for people: tool, encoding, rows, days."""
    form = [found.encoding] if found.encoding else []
    if found.separator:
        names = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}
        form.append(f"{names.get(found.separator, found.separator)} between cells")
    if found.sheet:
        form.append(f"sheet “{found.sheet}”")
    lines = [
        f"{found.file}: {found.reason}",
        f"{', '.join(form)}; {found.rows} rows, {len(found.columns)} columns",
    ]
    if found.first and found.last:
        days = f"answers from {found.first.date()} to {found.last.date()}"
        unsure = f", if dates are written {found.formats[0]}" if len(found.formats) > 1 else ""
        lines.append(days + unsure)
    if found.cells_with_bom:
        lines.append(
            f"{found.cells_with_bom} cells begin with a byte order mark, which is ignored"
        )
    return lines


def question_lines(found: Inspection) -> list[str]:
    """List the questions that have several columns, with their texts."""
    counts: Counter[str] = Counter()
    texts: dict[str, str] = {}
    for profile in found.columns:
        column = profile.column
        if column.array:
            counts[column.array] += 1
            texts.setdefault(column.array, column.text)
    return [
        f"{array} ({counted(count, 'column')}){f': {text}' if text and text != array else ''}"
        for array, count in counts.items()
        if count > 1 and (text := texts[array]) is not None
    ]


def _shortened(column: SurveyColumn) -> str:
    """Return what tells a column apart: of a question with several, its code or row."""
    if column.array and (column.row_code or column.row_text):
        return cut(column.code if column.row_code else f"[{column.row_text}]", _LONGEST_HEADING)
    if len(column.heading) <= _LONGEST_HEADING:
        return column.heading
    start = _LONGEST_HEADING // 2
    return f"{column.heading[:start]}…{column.heading[start + 1 - _LONGEST_HEADING :]}"


def columns_table(found: Inspection) -> Table:
    """List the columns of a survey file, with frequent answers and suggested entries."""
    return Table(_COLUMNS, tuple(map(_row, found.columns)))


def differences_table(found: Iterable[Difference]) -> Table:
    """List the differences between a survey file and a mapping."""
    rows = [(one.change.value, one.where, one.what, one.hint) for one in found]
    return Table(_DIFFERENCES, tuple(rows))


def _check_exists(mapping: Path, file: Path) -> None:
    if not mapping.is_file():
        draft_one = f"wbskills survey inspect {quote(str(file))} --draft {quote(str(mapping))}"
        raise NotFound(f"mapping file not found: {mapping}", hint=draft_one)


def _row(report: ColumnProfile) -> tuple[str | int | None, ...]:
    answers = [f"{answer} ({count})" for answer, count in report.answers[:_MOST_ANSWERS]]
    suggestion = report.skill or report.language
    return (
        report.column.letter,
        _shortened(report.column),
        report.guess.value,
        report.empty,
        report.distinct,
        ", ".join(answers) + (" …" if len(report.answers) > _MOST_ANSWERS else ""),
        f"{suggestion.key}? ({suggestion.score} %)" if suggestion else None,
    )


def _columns_of(mapping: ResolvedMapping) -> dict[str, str]:
    """Return the column of each skill, language and fact, and of parts of their statements.

    Of several it is the first, but none for an interest: each asks for another.
    """
    found: dict[str, SurveyColumn] = {}
    for skill in (*mapping.skills, *mapping.interests):
        found[skill.skill] = (skill.levels or skill.interests)[0].column
        if skill.levels:
            found[f"{skill.skill} level"] = skill.level.column
        if len(skill.interests) == 1:
            found[f"{skill.skill} interest"] = skill.interests[0].column
    found |= {each.language: each.level.column for each in mapping.languages}
    found |= {fact: columns[0].column for fact, columns in mapping.person.items() if columns}
    listed = [each.column for each in mapping.language_lists]
    named = [each.language.column for each in mapping.language_pairs]
    for column in (*named, *listed)[:1]:
        found["speaks"] = column
    levels = [each.level.column for each in mapping.language_pairs if each.level]
    for column in levels[:1]:
        found["speaks babel_level"] = column
    return {name: str(column) for name, column in found.items()}


def _capped(rows: Iterable[int]) -> CappedList[int]:
    capped: CappedList[int] = CappedList()
    for row in sorted(rows):
        capped.add(row)
    return capped


def _counted(responses: Iterator[Response], tally: Tally) -> Iterator[Response]:
    for response in responses:
        tally.named += len(response.named)
        yield response
