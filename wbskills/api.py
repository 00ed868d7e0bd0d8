"""The Python API: an open capacity map, and what can be done with it.

    import wbskills

    with wbskills.open("wbskills-store") as capacity:
        capacity.apply_ontology()
        receipt = capacity.import_survey("answers.csv", mapping="mapping.toml")
        for row in capacity.ask("who_can", skill="lua_modules"):
            print(row["personLabel"])

docs/python-api.md goes through it with examples that are run as tests.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Final, Self

from wbskills.bulk import OnProgress, Progress, ignore
from wbskills.data import ontology_folder
from wbskills.domain import Identity
from wbskills.errors import NotFound, WbskillsError
from wbskills.ontology.entries import Ontology
from wbskills.ontology.load import load as load_ontology
from wbskills.private_records.candidates import FILE as CANDIDATES
from wbskills.private_records.candidates import Candidates
from wbskills.private_records.forgotten import Forgotten
from wbskills.private_records.pseudonyms import Pseudonyms
from wbskills.private_records.traces import BuiltReport, Traces
from wbskills.query.saved import SavedQuery
from wbskills.questionnaires.schema import Questionnaire
from wbskills.results import Answer, OntologyReceipt, RatingsReceipt
from wbskills.stores import DEFAULT, IN_MEMORY, find_profile, open_store, records_folder
from wbskills.surveys.draft.inspect_file import inspect
from wbskills.surveys.responses.compare import Difference
from wbskills.table import Table
from wbskills.tasks.batches import batches, begin, edits_table, head_of, open_batch
from wbskills.tasks.copies import clear_copy, forget_in_copies
from wbskills.tasks.declared import apply_declared, open_declared, statements_written
from wbskills.tasks.find_person import find_person, identity_of, unknown_person
from wbskills.tasks.forget_receipt import (
    ClearedCopy,
    ForgetReceipt,
    receipt_of_copy,
    receipt_of_removal,
)
from wbskills.tasks.forgetting import forget, lift_block
from wbskills.tasks.ontologies import apply_ontology, binding_of, preview_ontology
from wbskills.tasks.queries import QueryRunner, saved_queries
from wbskills.tasks.questionnaires import (
    OWN,
    ExportedQuestionnaire,
    export_questionnaire,
    find_questionnaire,
    questionnaires,
)
from wbskills.tasks.receipts import ImportReceipt, SurveyPlan
from wbskills.tasks.reports import ReportOptions, build_report
from wbskills.tasks.surveys import (
    SurveyInspection,
    bad_rows_lines,
    batch_id,
    compare_survey,
    import_survey,
    open_survey,
    save_bad_rows,
)
from wbskills.tasks.undo import UndoReceipt, undo
from wbskills.wikibase.embedded.dry_run import DryRun
from wbskills.wikibase.embedded.mirror import mirror_state
from wbskills.wikibase.interface import OpenWikibase
from wbskills.wikibase.journal.read import Batch, BatchEnd, BatchHeader
from wbskills.wikibase.journal.write import Journal
from wbskills.wikibase.model.edits import Edit

__all__ = [
    "Answer", "Capacity", "ForgetReceipt", "ImportReceipt", "OntologyReceipt", "Progress",
    "RatingsReceipt", "SurveyInspection", "SurveyPlan", "UndoReceipt", "open",
]  # fmt: skip

FilePath = str | PathLike[str]
OnLine = Callable[[str], object]
IMPORT: Final = "survey apply"  # the command, as it is stored in journals


class Capacity:
    """A Wikibase with its ontology: import surveys, run queries, build reports, undo, forget.

    `open` returns one; it is a context manager; while it is open for writing, nothing else may
    write to the same folder.
    """

    def __init__(
        self,
        place: str,
        *,
        ontology: Iterable[FilePath] = (),
        language: str = "en",
        queries: Iterable[FilePath] = (),
        write: bool = True,
        on_wait: OnLine = ignore,
    ) -> None:
        self.place, self.language = place, language
        self.records = records_folder(place)
        self._further = tuple(Path(file) for file in ontology)
        self._folders = tuple(Path(folder) for folder in queries)
        self._write, self._on_wait = write, on_wait
        self._opened, self._closed = ExitStack(), False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the Wikibase; whatever needs it afterwards raises `WbskillsError`."""
        self._closed = True
        self._drop_query_runner()
        self.__dict__.pop("wikibase", None)
        self._opened.close()

    @cached_property
    def ontology(self) -> Ontology:
        """The built-in ontology, with the files that `open` was given."""
        return load_ontology(ontology_folder(), *self._further)

    @cached_property
    def wikibase(self) -> OpenWikibase:
        """The Wikibase itself, opened when it is first needed."""
        if self._closed:
            raise WbskillsError(
                "this capacity map is closed", hint="open it again with wbskills.open"
            )
        opened = open_store(self.place, write=self._write, on_progress=self._on_wait)
        return self._opened.enter_context(opened)

    def plan_ontology(self) -> list[Edit]:
        """List the edits that `apply_ontology` would make. Writes nothing."""
        with self._for_plan() as wikibase:
            return preview_ontology(wikibase, self.ontology)

    def apply_ontology(self, *, on_progress: OnProgress = ignore) -> OntologyReceipt:
        """Add the ontology to the Wikibase, or bring it up to date; safe to repeat.

        Raises `OntologyError`, before the first edit, with everything that does not fit.
        """
        edits: list[Edit] = []
        ontology, wikibase = self.ontology, self.wikibase  # before a journal is begun
        head = self._head("ontology apply")
        self._drop_query_runner()
        with begin(self.records, head) as journal:
            for done in apply_ontology(wikibase, ontology, journal):
                edits.append(done.edit)
                on_progress(Progress(len(edits), 0))
        return OntologyReceipt(head.batch, tuple(edits))

    def inspect_survey(
        self,
        file: FilePath,
        *,
        encoding: str = "",
        separator: str = "",
        sheet: str = "",
        tool: str = "",
        heading_row: int = 0,
    ) -> SurveyInspection:
        """Show what is in a survey file; what is not given is recognised. Writes nothing.

        Nothing of columns with personal data is kept. Raises `SurveyError` or `NotFound`.
        """
        found = inspect(
            Path(file),
            self.ontology,
            encoding=encoding,
            separator=separator,
            sheet=sheet,
            tool=tool,
            heading_row=heading_row,
        )
        return SurveyInspection(found, self.ontology)

    def check_survey(self, file: FilePath, *, mapping: FilePath) -> list[Difference]:
        """List what differs between a survey file and a mapping that was written for another.

        Raises `SurveyError`, `NotFound`, or `MappingError` if the mapping has open questions.
        """
        return compare_survey(Path(file), Path(mapping), self._further)

    def plan_survey(
        self,
        file: FilePath,
        *,
        mapping: FilePath | None = None,
        set_aside: FilePath | None = None,
    ) -> SurveyPlan:
        """Preview the import of a survey file. Writes nothing.

        The answers to a questionnaire of `questionnaires` need no mapping.
        With `set_aside`, the import of the good rows is planned, and the plan lists the problems
        of the others. Raises `SurveyError` or `MappingError` with all problems.
        """
        mapped = open_survey(Path(file), _path(mapping), self._further, self.records)
        bad: list[str] = []
        if set_aside is None:
            mapped.refuse_problems()
        else:
            bad = bad_rows_lines(mapped, Path(set_aside))
        edits: list[str] = []
        with self._for_plan() as wikibase, Pseudonyms(None, wikibase.salt()) as links:
            links.take_over(self.records)
            receipt = import_survey(
                DryRun(wikibase),
                mapped,
                batch="plan",
                today=datetime.now(UTC).date(),
                forgotten=Forgotten(self.records),
                on_edit=edits.append,
                links=links,
            )
        return SurveyPlan(tuple(bad), tuple(edits), replace(receipt, wikibase=self.place))

    def import_survey(
        self,
        file: FilePath,
        *,
        mapping: FilePath | None = None,
        set_aside: FilePath | None = None,
        on_progress: OnProgress = ignore,
    ) -> ImportReceipt:
        """Import a survey file; the same file again changes nothing.

        The answers to a questionnaire of `questionnaires` need no mapping.
        With `set_aside`, the good rows are imported, and the bad ones saved, with the reasons, to
        that new file. Raises `SurveyError` or `MappingError` with all problems; then nothing was
        written.
        """
        return self._import(Path(file), _path(mapping), set_aside, on_progress, None)

    def resume(self, batch: str, *, on_progress: OnProgress = ignore) -> ImportReceipt:
        """Continue an interrupted import. Raises `NotFound`, or as `import_survey`."""
        opened = open_batch(self.records, batch)
        command, files = opened.head.command, opened.head.files
        if command != IMPORT or "survey" not in files:
            raise WbskillsError(
                f"{batch} is not a survey import; it was written by “{command}”",
                hint=f"run that command again: wbskills {command}",
            )
        survey, mapping = Path(files["survey"]), _path(files.get("mapping"))
        return self._import(survey, mapping, None, on_progress, opened)

    def _import(
        self,
        file: Path,
        mapping: Path | None,
        set_aside: FilePath | None,
        on_progress: OnProgress,
        resumed: Batch | None,
    ) -> ImportReceipt:
        records, recorded = self.records, resumed.head.files if resumed else {}
        further = [Path(path) for role, path in recorded.items() if role.startswith("ontology")]
        own = Path(recorded.get("questionnaires", OWN))
        mapped = open_survey(file, mapping, (*further, *self._further), records, own)
        if set_aside is None:
            mapped.refuse_problems()  # before a store is created
        bad = 0 if set_aside is None else save_bad_rows(mapped, Path(set_aside))
        fitted = mapped.survey.mapping
        self._drop_query_runner()
        with ExitStack() as stack:
            wikibase = self.wikibase
            queue = None
            # Even a survey without suggestions may have the refusal of a person who made some.
            if records is not None and (fitted.others or (records / CANDIDATES).exists()):
                queue = stack.enter_context(Candidates(records))
            make = records is not None and fitted.has_two_names
            links = stack.enter_context(Pseudonyms(records, wikibase.salt(), make=make))
            read_by = {"questionnaires": own} if mapping is None else {"mapping": mapping}
            head = resumed.head if resumed else self._head(IMPORT, survey=file, **read_by)
            journal = stack.enter_context(
                Journal.resume(resumed.path) if resumed else begin(records, head)
            )
            receipt = import_survey(
                wikibase,
                mapped,
                batch=head.batch,
                today=datetime.now(UTC).date(),
                journal=journal,
                forgotten=Forgotten(records),
                on_progress=on_progress,
                queue=queue,
                links=links,
            )
            if receipt.refused and journal is not None:
                journal.end(BatchEnd.FAILED, "some edits were refused")  # so it can be resumed
        receipt = replace(receipt, set_aside=bad, wikibase=self.place)
        return receipt if records is None else replace(receipt, saved_to=receipt.save(records))

    def plan_ratings(
        self, file: FilePath, *, mapping: FilePath, on_edit: OnLine = ignore
    ) -> RatingsReceipt:
        """Preview an import of community ratings. Writes nothing.

        `on_edit` is called with a line for each edit. Raises as `import_ratings` does.
        """
        declared = open_declared(Path(file), Path(mapping), self.ontology)
        with self._for_plan() as wikibase:
            edits = apply_declared(DryRun(wikibase), declared, on_edit)
        counts = declared.communities, len(declared.ratings), statements_written(edits)
        return RatingsReceipt("", *counts)

    def import_ratings(self, file: FilePath, *, mapping: FilePath) -> RatingsReceipt:
        """Import a table of community ratings; the same table again changes nothing.

        Raises `MappingError` or `SurveyError` with all problems.
        """
        declared = open_declared(Path(file), Path(mapping), self.ontology)
        head = self._head("declared apply", survey=Path(file), mapping=Path(mapping))
        self._drop_query_runner()
        wikibase = self.wikibase  # before a journal is begun
        with begin(self.records, head) as journal:
            edits = apply_declared(wikibase, declared, journal=journal)
        counts = declared.communities, len(declared.ratings), statements_written(edits)
        return RatingsReceipt(head.batch if edits else "", *counts)

    def questionnaires(self) -> list[Questionnaire]:
        """List the questionnaires: your own in the folder `questionnaires`, and the built-in ones.

        Raises `QuestionnaireError` with all faults of a file.
        """
        return questionnaires(self.ontology)

    def export_questionnaire(
        self, name: str, folder: FilePath, *, tool: str
    ) -> ExportedQuestionnaire:
        """Write a questionnaire for a survey tool, with the mapping of its export, into a folder.

        `name` is that of a questionnaire, or a TOML file. Raises `NotFound`, or `WbskillsError` if
        one of the files exists.
        """
        asked = find_questionnaire(name, self.ontology)
        return export_questionnaire(asked, self.ontology, tool, Path(folder))

    def queries(self) -> dict[str, SavedQuery]:
        """Return the saved queries by name: summary, parameters and columns of each."""
        return saved_queries(self._folders)

    def ask(self, name: str, /, **params: object) -> Answer:
        """Run a saved query; `params` are values for its parameters.

        An item is named by its key, a label or an id. Raises `NotFound` or `QueryError`.
        """
        return self._runner.ask(name, _values(params))

    def sparql(self, name: str, /, **params: object) -> str:
        """Return the SPARQL of a saved query, ready to paste into a query service."""
        return self._runner.sparql(name, _values(params))

    def export_queries(self, folder: FilePath, *, endpoint: str = "") -> int:
        """Write all saved queries, and a catalogue, for other programs; returns their number.

        `endpoint` is the address of the Wikibase's SPARQL endpoint.
        """
        return self._runner.export(Path(folder), endpoint)

    def build_report(
        self,
        folder: FilePath,
        *,
        lang: str = "",
        title: str = "",
        notice: str = "",
        withhold_below: int = 0,
    ) -> int:
        """Build the report site in a folder; returns the number of its files.

        A report that is in the folder is replaced. With `withhold_below`, nobody is named, and
        every number about fewer people is hidden.
        """
        language = lang or self.language
        is_profile = find_profile(self.place) is not None
        wikibase, traces = self.wikibase, Traces(self.records)
        traces.note_report(
            BuiltReport(
                folder=str(Path(folder).absolute()),
                wikibase=self.place if is_profile else str(Path(self.place).absolute()),
                ontology=tuple(str(each.absolute()) for each in self._further),
                title=title,
                notice=notice,
                language=language,
                least=withhold_below,
            )
        )
        return build_report(
            wikibase,
            self.ontology,
            Path(folder),
            options=ReportOptions(
                title=title,
                notice=notice,
                language=language,
                withhold_below=withhold_below,
            ),
            built=datetime.now(UTC),
            traces=traces,
        )

    def batches(self) -> Table:
        """List the batches that were written from this machine, latest first."""
        return batches(self.records)

    def batch_edits(self, batch: str) -> Table:
        """List every statement that a batch wrote, with the row and column it came from."""
        opened = open_batch(self.records, batch)
        return edits_table(opened, binding_of(self.wikibase, self.ontology))

    def undo(self, batch: str, *, on_progress: OnProgress = ignore) -> UndoReceipt:
        """Undo a batch, statement by statement; what others changed since is left alone."""
        opened = open_batch(self.records, batch)
        wikibase, ontology = self.wikibase, self.ontology  # before a journal is begun
        self._drop_query_runner()
        with begin(self.records, self._head(f"batch undo {batch}")) as journal:
            return undo(wikibase, ontology, opened, journal, on_progress)

    def forget(
        self, name: str, *, pseudonym: bool = False, one_name: bool = False, unseen: bool = False
    ) -> ForgetReceipt:
        """Remove a person who asked for it, and block later imports of them.

        Removes their item, and what this machine has about them, copies and reports included.
        With `one_name`, only what is stored under this name; with `unseen`, a name is blocked
        that nobody here has. Raises `NotFound` if nobody here has this name.
        """
        identity = identity_of(name, pseudonym=pseudonym)
        source = None if find_profile(self.place) else mirror_state(self.place)
        if source is not None:
            return receipt_of_copy(self._forget_in_copy(identity), source.concept_base)
        copies: list[ClearedCopy] = []
        removal = forget(
            self.wikibase,
            self.ontology,
            identity,
            self.records,
            one_name=one_name,
            unseen=unseen,
            clear_copies=lambda names: copies.extend(
                forget_in_copies(self.ontology, names, self.records)
            ),
        )
        return receipt_of_removal(removal, tuple(copies), identity.name, self.ontology)

    def unforget(self, name: str, *, pseudonym: bool = False) -> None:
        """Let a person who was removed be added again. Raises `NotFound` if nobody is blocked."""
        lift_block(self.records, identity_of(name, pseudonym=pseudonym), self.wikibase.salt())

    def _forget_in_copy(self, identity: Identity) -> tuple[ClearedCopy, ...]:
        place = Path(self.place)
        with open_store(self.place, write=False) as store:
            known = find_person(store, self.ontology, identity, None, one_name=True)
            begun = identity in Traces(place).unfinished()
            if not known.items and not known.ids and not begun:
                raise unknown_person(store, self.ontology, identity)
        return tuple(clear_copy(place, self.ontology, [identity]))

    @cached_property
    def _runner(self) -> QueryRunner:
        return QueryRunner(
            self.wikibase, self.ontology, language=self.language, folders=self._folders
        )

    def _drop_query_runner(self) -> None:
        """Look up the ids of keys again at the next query: they may have changed."""
        self.__dict__.pop("_runner", None)

    def _for_plan(self) -> AbstractContextManager[OpenWikibase]:
        """Return the Wikibase for a plan: opened read-only or, if none exists, an empty one."""
        if "wikibase" in self.__dict__ or self.place == IN_MEMORY:
            return nullcontext(self.wikibase)
        try:
            return open_store(self.place, write=False, on_progress=self._on_wait)
        except NotFound:
            if find_profile(self.place) is not None:
                raise
            return open_store(IN_MEMORY)

    def _head(self, command: str, **files: Path) -> BatchHeader:
        further = {f"ontology {number}": file for number, file in enumerate(self._further, 1)}
        return head_of(batch_id(datetime.now(UTC)), command, self.place, **files, **further)


def open(  # noqa: A001 - what people look for: wbskills.open
    place: FilePath = DEFAULT,
    *,
    ontology: Iterable[FilePath] = (),
    language: str = "en",
    queries: Iterable[FilePath] = (),
    write: bool = True,
    on_wait: OnLine = ignore,
) -> Capacity:
    """Open the Wikibase in a folder, in memory (`:memory:`), or of a profile.

    `ontology` are more ontology files, `queries` folders with your own saved queries, `language`
    is that of names. With `write`, a folder is created if it does not exist; without, it can be
    read while others write. `on_wait` is called with a line for each wait for a shared Wikibase.

    Raises `NotFound`, `StoreBusy` or another `WbskillsError`.
    """
    capacity = Capacity(
        str(place),
        ontology=ontology,
        language=language,
        queries=queries,
        write=write,
        on_wait=on_wait,
    )
    if not write:
        capacity.wikibase  # noqa: B018 - raises where there is none to read
    return capacity


def _path(file: FilePath | None) -> Path | None:
    return None if file is None else Path(file)


def _values(params: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in params.items() if value is not None}
