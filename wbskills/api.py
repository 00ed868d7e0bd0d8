"""The Python API: a capacity map that is open, and what can be done with it.

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
from datetime import UTC, datetime
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any, Final, Self

from wbskills.data import ontology_folder
from wbskills.domain import Identity
from wbskills.errors import WbskillsError
from wbskills.ontology.entries import Ontology
from wbskills.ontology.load import load as load_ontology
from wbskills.private_records.candidates import FILE as CANDIDATES
from wbskills.private_records.candidates import Candidates
from wbskills.private_records.forgotten import Forgotten
from wbskills.private_records.pseudonyms import Pseudonyms
from wbskills.private_records.traces import BuiltReport, Traces
from wbskills.query.saved import SavedQuery
from wbskills.results import (
    Answer,
    ForgetReceipt,
    ImportReceipt,
    OnProgress,
    OntologyReceipt,
    Progress,
    SurveyPlan,
    UndoReceipt,
)
from wbskills.stores import DEFAULT, IN_MEMORY, find_profile, open_store, records_folder
from wbskills.tasks.batches import begin, entities_of, head_of, open_batch
from wbskills.tasks.copies import Cleared, clear_mirror, forget_in_copies
from wbskills.tasks.forgetting import (
    BEYOND,
    forget,
    identity_of,
    known_of,
    told,
    unknown,
)
from wbskills.tasks.ontologies import apply_ontology, rehearsed_ontology
from wbskills.tasks.places import open_or_empty
from wbskills.tasks.questions import Questions, saved_queries
from wbskills.tasks.reports import ReportOptions, build_report
from wbskills.tasks.surveys import (
    RECEIPTS,
    batch_id,
    import_survey,
    open_survey,
    put_aside,
    refuse_faults,
    set_aside_lines,
)
from wbskills.tasks.undo import undo
from wbskills.wikibase.embedded.dry_run import DryRun
from wbskills.wikibase.embedded.mirror import mirror_state
from wbskills.wikibase.interface import OpenWikibase
from wbskills.wikibase.journal.read import Batch, BatchEnd
from wbskills.wikibase.journal.write import Journal
from wbskills.wikibase.model.edits import Edit

__all__ = [
    "Answer", "Capacity", "ForgetReceipt", "ImportReceipt", "OntologyReceipt", "Progress",
    "SurveyPlan", "UndoReceipt", "open",
]  # fmt: skip

FilePath = str | PathLike[str]
IMPORT: Final = "survey apply"  # the command, as journals have it


class Capacity:
    """A Wikibase with its ontology: import surveys, ask, report, undo, forget.

    `open` makes one. It is a context manager; nothing else may write the same folder while one
    that writes is open.
    """

    def __init__(
        self,
        place: str,
        *,
        ontology: Iterable[FilePath] = (),
        language: str = "en",
        queries: Iterable[FilePath] = (),
        write: bool = True,
        on_wait: Callable[[str], object] = lambda _: None,
    ) -> None:
        self.place, self.language = place, language
        self._further = tuple(Path(file) for file in ontology)
        self._folders = tuple(Path(folder) for folder in queries)
        self._write, self._on_wait = write, on_wait
        self._records = records_folder(place)
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the Wikibase."""
        self._opened.close()

    @cached_property
    def ontology(self) -> Ontology:
        """The ontology that travels with the program, and the further files of it."""
        return load_ontology(ontology_folder(), *self._further)

    @cached_property
    def wikibase(self) -> OpenWikibase:
        """The Wikibase itself, opened when it is first needed."""
        opened = open_store(self.place, write=self._write, on_progress=self._on_wait)
        return self._opened.enter_context(opened)

    def _as_it_is(self) -> AbstractContextManager[OpenWikibase]:
        """Give the Wikibase for a plan: the open one, one to read, or an empty one in memory."""
        if "wikibase" in self.__dict__ or self.place == IN_MEMORY:
            return nullcontext(self.wikibase)
        return open_or_empty(self.place)

    def plan_ontology(self) -> list[Edit]:
        """List the edits that would bring the Wikibase up to the ontology; makes no folder."""
        with self._as_it_is() as wikibase:
            return rehearsed_ontology(wikibase, self.ontology)

    def apply_ontology(self, *, on_progress: OnProgress = lambda _: None) -> OntologyReceipt:
        """Bring the Wikibase up to the ontology; what is there besides is left alone.

        Raises `OntologyError`, before the first edit, with everything that does not fit.
        """
        batch = batch_id(datetime.now(UTC))
        edits: list[Edit] = []
        ontology, wikibase = self.ontology, self.wikibase  # before a journal is begun
        with begin(self._records, self._head(batch, "ontology apply")) as journal:
            for done in apply_ontology(wikibase, ontology, journal):
                edits.append(done.edit)
                on_progress(Progress(len(edits), 0))
        return OntologyReceipt(batch, tuple(edits))

    def plan_survey(
        self,
        file: FilePath,
        *,
        mapping: FilePath,
        set_aside: FilePath | None = None,
        on_edit: Callable[[str], object] = lambda _: None,
    ) -> SurveyPlan:
        """Tell what importing a survey file would do; writes nothing, and makes no folder.

        With `set_aside` it is the good rows whose import is planned, and the plan tells what is
        wrong with the others. `on_edit` is given a line for each edit as it is found. Raises
        `SurveyError` or `MappingError` with all faults.
        """
        mapped = open_survey(Path(file), Path(mapping), self._further, self._records)
        bad: tuple[str, ...] = ()
        if set_aside is None:
            refuse_faults(mapped)
        else:
            bad = tuple(set_aside_lines(mapped, Path(set_aside)))
        edits: list[str] = []

        def show(line: str) -> None:
            edits.append(line)
            on_edit(line)

        with ExitStack() as stack:
            wikibase = stack.enter_context(self._as_it_is())
            links = stack.enter_context(Pseudonyms(None, wikibase.salt()))
            links.take_over(self._records)
            receipt = import_survey(
                DryRun(wikibase),
                mapped,
                batch="plan",
                today=datetime.now(UTC).date(),
                forgotten=Forgotten(self._records),
                show=show,
                links=links,
            )
        return SurveyPlan(bad, tuple(edits), receipt, self.place)

    def import_survey(
        self,
        file: FilePath,
        *,
        mapping: FilePath,
        set_aside: FilePath | None = None,
        on_progress: OnProgress = lambda _: None,
    ) -> ImportReceipt:
        """Import a survey file; the same file again changes nothing.

        With `set_aside` the good rows are imported, and the bad ones are put, with reasons, into
        that new file. Raises `SurveyError` or `MappingError` with all faults; then nothing was
        written.
        """
        return self._import(Path(file), Path(mapping), set_aside, on_progress, None)

    def resume(self, batch: str, *, on_progress: OnProgress = lambda _: None) -> ImportReceipt:
        """Go on with an import that was broken off. Raises `NotFound`, or as `import_survey`."""
        opened = open_batch(self._records, batch)
        files = opened.head.files
        if opened.head.command != IMPORT or not {"survey", "mapping"} <= files.keys():
            raise WbskillsError(
                f"{batch} is no import of a survey, but “{opened.head.command}”",
                hint=f"the same command again: wbskills {opened.head.command}",
            )
        survey, mapping = Path(files["survey"]), Path(files["mapping"])
        return self._import(survey, mapping, None, on_progress, opened)

    def _import(
        self,
        file: Path,
        mapping: Path,
        set_aside: FilePath | None,
        on_progress: OnProgress,
        resumed: Batch | None,
    ) -> ImportReceipt:
        records, noted = self._records, resumed.head.files if resumed else {}
        further = [Path(path) for role, path in noted.items() if role.startswith("ontology")]
        mapped = open_survey(file, mapping, (*further, *self._further), records)
        bad = 0
        if set_aside is None:
            refuse_faults(mapped)  # before a store is made
        else:
            bad = put_aside(mapped, Path(set_aside))
        now = datetime.now(UTC)
        batch = resumed.head.batch if resumed else batch_id(now)
        forgotten, fitted = Forgotten(records), mapped.survey.mapping
        with ExitStack() as stack:
            wikibase = self.wikibase
            queue = None
            # A form that asks for no others may still hold the “no” of somebody who named some.
            if records is not None and (fitted.others or (records / CANDIDATES).exists()):
                queue = stack.enter_context(Candidates(records))
            made = records is not None and fitted.pseudonym is not None
            links = stack.enter_context(Pseudonyms(records, wikibase.salt(), make=made))
            head = self._head(batch, IMPORT, survey=file, mapping=mapping)
            journal = stack.enter_context(
                Journal.resume(resumed.path) if resumed else begin(records, head)
            )
            receipt = import_survey(
                wikibase,
                mapped,
                batch=batch,
                today=now.date(),
                journal=journal,
                forgotten=forgotten,
                watch=_Counter(mapped.survey.respondents, on_progress),
                queue=queue,
                links=links,
            )
            if receipt.refused and journal is not None:
                journal.end(BatchEnd.FAILED, "some edits were refused")  # so it can be resumed
        kept = receipt.keep(records / RECEIPTS) if records is not None else None
        return ImportReceipt(receipt, kept, bad, self.place)

    def queries(self) -> dict[str, SavedQuery]:
        """Give the saved queries by name: what each asks, its parameters and its columns."""
        return dict(saved_queries(self._folders))

    def ask(self, name: str, **params: object) -> Answer:
        """Answer a saved query; `params` are its parameters.

        An item is named by its key, a label or an id. Raises `NotFound` or `QueryError`.
        """
        given = {key: str(value) for key, value in params.items() if value is not None}
        questions = self._questions
        return Answer(
            questions.saved(name),
            questions.ask(name, given),
            questions.show(name, given),
            self.language,
        )

    def build_report(
        self,
        folder: FilePath,
        *,
        lang: str = "",
        title: str = "",
        notice: str = "",
        withhold_below: int = 0,
    ) -> int:
        """Build the report site in a folder; gives the number of its files.

        What was there before is replaced, if a report made it. With `withhold_below` nobody is
        named, and no number is shown that counts fewer people.
        """
        options = ReportOptions(
            title=title, notice=notice, language=lang or self.language, least=withhold_below
        )
        traces, made = Traces(self._records), Path(folder).absolute()
        is_profile = find_profile(self.place) is not None
        wikibase = self.wikibase
        traces.note_report(
            BuiltReport(
                folder=str(made),
                wikibase=self.place if is_profile else str(Path(self.place).absolute()),
                ontology=tuple(str(each.absolute()) for each in self._further),
                title=title,
                notice=notice,
                language=options.language,
                least=withhold_below,
            )
        )
        return build_report(
            wikibase,
            self.ontology,
            Path(folder),
            options=options,
            built=datetime.now(UTC),
            traces=traces,
        )

    def undo(self, batch: str, *, on_progress: OnProgress = lambda _: None) -> UndoReceipt:
        """Take a batch back, statement by statement; what others changed since is left alone."""
        opened = open_batch(self._records, batch)
        new = batch_id(datetime.now(UTC))
        count = _Counter(entities_of(opened), on_progress)
        wikibase = self.wikibase
        ontology = self.ontology
        with begin(self._records, self._head(new, f"batch undo {batch}")) as journal:
            return UndoReceipt(new, undo(wikibase, ontology, opened, journal, count))

    def forget(
        self, name: str, *, pseudonym: bool = False, one_name: bool = False, unseen: bool = False
    ) -> ForgetReceipt:
        """Remove somebody who asked for it, and block their return.

        Their item goes, and what this machine keeps of them, mirrors and reports included. With
        `one_name` only what stands under this name; with `unseen` a name is blocked that nobody
        here has. Raises `NotFound` if nobody of this name is here.
        """
        identity = identity_of(name, pseudonym=pseudonym)
        source = None if find_profile(self.place) else mirror_state(self.place)
        if source is not None:
            return self._forget_in_mirror(identity, source.concept_base)
        copies: list[Cleared] = []
        done = forget(
            self.wikibase,
            self.ontology,
            identity,
            self._records,
            one_name=one_name,
            unseen=unseen,
            clear_copies=lambda names: copies.extend(
                forget_in_copies(self.ontology, names, self._records)
            ),
        )
        lines = [*told(done, identity.name, self.ontology)]
        lines += [line for copy in copies for line in copy.lines()]
        lines.append(BEYOND)
        if done.refused:
            lines.append("The wiki refuses a part of it, see above.")
            lines.append("  Try: the same command again, when the wiki lets it be done")
        return ForgetReceipt(tuple(lines), tuple(copies), done)

    def _forget_in_mirror(self, identity: Identity, origin: str) -> ForgetReceipt:
        """Take somebody out of a mirror alone, and out of the reports that were made of it."""
        place = Path(self.place)
        with open_store(self.place, write=False) as store:
            known = known_of(store, self.ontology, identity, None, one_name=True)
            begun = identity in Traces(place).unfinished()
            if not known.items and not known.ids and not begun:
                raise unknown(store, self.ontology, identity)
        copies = tuple(clear_mirror(place, self.ontology, [identity]))
        lines = [line for copy in copies for line in copy.lines()]
        lines.append(f"They still stand at {origin}")
        lines.append("  Try: the same with --wikibase and the profile of that Wikibase")
        return ForgetReceipt(tuple(lines), copies)

    @cached_property
    def _questions(self) -> Questions:
        return Questions(
            self.wikibase, self.ontology, language=self.language, folders=self._folders
        )

    def _head(self, batch: str, command: str, **files: Path) -> Any:  # noqa: ANN401
        further = {f"ontology {number}": file for number, file in enumerate(self._further, 1)}
        return head_of(batch, command, self.place, **files, **further)


class _Counter:
    """Adds up what is done, and tells it."""

    def __init__(self, total: int, on_progress: OnProgress) -> None:
        self._total, self._done, self._on_progress = total, 0, on_progress

    def __call__(self, more: int) -> None:
        self._done += more
        self._on_progress(Progress(self._done, self._total))


def open(  # noqa: A001 - as a stranger would look for it: wbskills.open
    place: FilePath = DEFAULT,
    *,
    ontology: Iterable[FilePath] = (),
    language: str = "en",
    queries: Iterable[FilePath] = (),
    write: bool = True,
    on_wait: Callable[[str], object] = lambda _: None,
) -> Capacity:
    """Open the Wikibase in a folder, in memory (`:memory:`), or of a profile.

    `ontology` are further files of the ontology, `queries` folders with saved queries of your
    own; `language` is that of labels. With `write` a folder is made if it is not there; without,
    it can be read while others write. `on_wait` is told what a wiki far away is waited for.

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
