"""A whole survey file with its mapping: everything that is wrong in it, and its responses.

The file is read twice, so that a file of any length is refused or imported as a whole without
being held in memory. The first pass reads all rows, collects all faults, and finds out which
response of each person counts; the second one yields these responses. The responses of a small
file are kept in the first pass.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from shlex import quote
from typing import Final, NamedTuple

from wbskills.domain import Asked, Identity, Response
from wbskills.errors import Fault, MappingError
from wbskills.ontology.entries import Ontology
from wbskills.surveys import tools
from wbskills.surveys.files.cell_text import BOM
from wbskills.surveys.files.columns import SurveyColumn
from wbskills.surveys.files.rows import Row, SurveyFile, digest_of, find_heading_row, open_file
from wbskills.surveys.mapping.dates import SPREADSHEET
from wbskills.surveys.mapping.open_faults import open_faults
from wbskills.surveys.mapping.open_points import is_about
from wbskills.surveys.mapping.resolve import mapping_faults, resolve
from wbskills.surveys.mapping.resolved import ResolvedMapping
from wbskills.surveys.mapping.schema import SurveyMapping
from wbskills.surveys.responses.deduplicate import Deduplicator
from wbskills.surveys.responses.parse_row import ParsedRow
from wbskills.surveys.responses.row_reader import RowReader
from wbskills.surveys.responses.validation_report import (
    ValidationPass,
    ValidationReport,
    shared_name_fault,
)

# A file with more is read twice. Most answers are one and the same object.
_MOST_KEPT_RESPONSES: Final = 1_000
_MOST_KEPT_ANSWERS: Final = 100_000


@dataclass(frozen=True, slots=True)
class ConsentRefusal:
    """A row in which a person did not consent, and its day (`9999` if it has none).

    `identity` is a name by which the Wikibase may know the person, `wave` the wave of the answer.
    """

    row: int
    identity: Identity
    wave: str
    on: str


class OpenedFile(NamedTuple):
    """A survey file, the survey tool that wrote it, and its columns."""

    file: SurveyFile
    tool: tools.SurveyTool
    columns: tuple[SurveyColumn, ...]


def open_with_mapping(path: Path, mapping: SurveyMapping) -> OpenedFile:
    """Open a survey file with the encoding, sheet, tool … that its mapping names.

    Raises `SurveyError` or `NotFound` if it cannot be read.
    """
    file = open_file(
        path,
        encoding=mapping.encoding,
        separator=mapping.separator,
        sheet=mapping.sheet,
        heading_row=mapping.heading_row,
    )
    tool = tools.find_tool(mapping.tool) if mapping.tool else tools.recognise(file.top_cells)[0]
    return OpenedFile(file, tool, tool.columns_of(file))


def title_fault(file: SurveyFile, mapping: SurveyMapping) -> Fault | None:
    """Return a fault if the file seems to have a title that the mapping does not mention."""
    row = 0 if mapping.heading_row else find_heading_row(file)
    if not row:
        return None
    what = f"row {file.top[0][0]} of the file looks like a title, and row {row} like its headings"
    return Fault(what=what, hint=f"add heading_row = {row}", column="heading_row")


def refuse_open_points(
    file: SurveyFile,
    tool: tools.SurveyTool,
    columns: Sequence[SurveyColumn],
    mapping: SurveyMapping,
    ontology: Ontology,
) -> None:
    """Raise `MappingError` with the open questions of a mapping, and all its faults, if any."""
    if mapping.open:
        others = mapping_faults(replace(mapping, complete=False), columns, ontology)
        faults = [fault for fault in others if not is_about(fault, mapping.open)]
        rows = tool.rows(file, columns)
        asked = open_faults(mapping.open, columns, rows, ontology)
        command = f"wbskills survey edit {quote(file.name)} --mapping {quote(mapping.file)}"
        one_by_one = Fault(what="these questions can be answered one by one", hint=command)
        raise MappingError(mapping.file, [*asked, *faults, one_by_one])


class Survey:
    """A survey file and the mapping that was resolved against its columns.

    `decided` maps the wordings of skills that people named to the skills that they mean.
    """

    def __init__(
        self,
        file: SurveyFile,
        tool: tools.SurveyTool,
        mapping: ResolvedMapping,
        decided: Mapping[str, str] | None = None,
    ) -> None:
        self.file, self.tool, self.mapping = file, tool, mapping
        self._decided = decided or {}
        self._reader = RowReader(mapping, decided)

    @classmethod
    def open(
        cls,
        path: Path,
        mapping: SurveyMapping,
        ontology: Ontology,
        decided: Mapping[str, str] | None = None,
    ) -> "Survey":
        """Open a survey file, and resolve the mapping against its columns.

        Raises `MappingError` with every fault of the mapping, `SurveyError` or `NotFound` if the
        file cannot be read.
        """
        file, tool, columns = open_with_mapping(path, mapping)
        if file.from_1904 and SPREADSHEET in mapping.dates.formats:
            raise MappingError.of(
                mapping.file,
                f"{file.name} counts its days from 1904, so such a number is another day",
                "format the column as dates in a spreadsheet program, then remove the format here",
                column="date.format",
            )
        refuse_open_points(file, tool, columns, mapping, ontology)
        try:
            resolved = resolve(mapping, columns, ontology)
        except MappingError as error:
            title = title_fault(file, mapping)
            if title is None:
                raise
            raise MappingError(mapping.file, [title, *error.faults]) from error
        identity = mapping.identity
        if identity.row_number or (identity.generated and resolved.response_id is None):
            resolved = replace(resolved, file_digest=digest_of(path))
        # Until the Wikibase is known, pseudonyms are made with a secret that nobody keeps.
        resolved = replace(resolved, salt=secrets.token_bytes())
        return cls(file, tool, resolved, decided)

    def salted(self, salt: bytes) -> "Survey":
        """Return the survey with the pseudonyms that the secret of a Wikibase makes."""
        if not self.mapping.source.identity.generated:
            return self
        mapping = replace(self.mapping, salt=salt)
        return Survey(self.file, self.tool, mapping, self._decided)

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings of the file, from left to right."""
        own = (column for column in self.mapping.columns if column.source_index is None)
        return tuple(column.heading for column in own)

    @property
    def asked(self) -> Asked:
        """What the columns of the file ask that the mapping reads."""
        mapping = self.mapping
        facts = {name for name, columns in mapping.person.items() if columns}
        lists_languages = mapping.language_pairs or mapping.language_lists
        levels = {each.skill for each in mapping.skills}
        if mapping.others:
            levels |= set(self._decided.values())
        interests = {
            each.skill for each in (*mapping.skills, *mapping.interests) if each.interests
        }
        for general in mapping.general_interests:
            interests |= levels if general.skills is None else set(general.skills)
        return Asked(
            levels=frozenset(levels),
            interests=frozenset(interests),
            facts=frozenset(facts | ({"speaks"} if lists_languages else set())),
            languages=frozenset(each.language for each in mapping.languages),
        )

    @property
    def respondents(self) -> int:
        """The number of responses that count, which is what `responses` yields."""
        return self.check().responses

    def check(self) -> ValidationReport:
        """Read the whole file and report what is in it and what is wrong; later calls are free.

        Raises `SurveyError` only where the file cannot be read any further.
        """
        return self._checked[0]

    def responses(self) -> Iterator[Response]:
        """Yield the responses that count from the top of the file, without rows with faults.

        The caller decides by `check().faults` whether to import a file that has such rows.
        """
        _, deduplicator, kept = self._checked
        counting = deduplicator.counting()
        if kept is not None:
            yield from (kept[number] for number in counting if number in kept)
            return
        expected = next(counting, None)
        for row in self._rows():
            if expected is None:
                return
            if row.number == expected:
                response = self._reader.read(row).response
                if response is not None:
                    yield response
                expected = next(counting, None)

    def refusals(self) -> Iterator[ConsentRefusal]:
        """Yield the latest answers of people who did not consent, if their wave is known.

        They are never written; they show who may have withdrawn a consent. A person who
        agreed to a pseudonym elsewhere in this file is yielded by that name as well.
        """
        refusing = self._checked[1].refusing()
        expected, by, moment = next(refusing, (0, 0, ""))
        for row in self._rows():
            if not expected:
                return
            if row.number == expected:
                parsed = self._reader.read(row)
                for identity in _identities(parsed):
                    yield ConsentRefusal(by, identity, parsed.wave, moment[:10])
                expected, by, moment = next(refusing, (0, 0, ""))

    def faulty_rows(self) -> Iterator[tuple[Row, tuple[Fault, ...]]]:
        """Yield the rows that have faults, and these, from the top of the file."""
        shared_names = self._checked[1].shared_names()
        shared = next(shared_names, None)
        for row in self._rows():
            faults = self._reader.read(row).faults
            if shared is not None and shared.parsed.row == row.number:
                faults = (*faults, shared_name_fault(self.mapping, row.number, shared.other_row))
                shared = next(shared_names, None)
            if faults:
                yield row, faults

    @cached_property
    def _checked(self) -> tuple[ValidationReport, Deduplicator, dict[int, Response] | None]:
        """Read the file for the first time; keep the responses of a small file by their rows."""
        validation = ValidationPass(self.mapping)
        kept: dict[int, Response] | None = {}
        answers = 0
        for row in self._rows(validation):
            parsed = self._reader.read(row)
            validation.add(parsed)
            if kept is not None and parsed.response is not None:
                kept[row.number] = parsed.response
                answers += len(parsed.response.assessments)
                if len(kept) > _MOST_KEPT_RESPONSES or answers > _MOST_KEPT_ANSWERS:
                    kept = None
        report = validation.report(self.file.name, self.tool.name)
        return report, validation.deduplicator, kept

    def _rows(self, validation: ValidationPass | None = None) -> Iterator[Row]:
        """Read the rows, and empty the cells with personal data before anything else happens."""
        for row in self.tool.rows(self.file, self.mapping.columns, self._reader.when):
            cells = row.cells
            if validation is not None and BOM in "".join(cells):
                validation.cells_with_bom += sum(BOM in cell for cell in cells)
            for index in self.mapping.dropped:
                cells[index] = ""
                for source in row.sources:
                    source.cells[index] = ""
            yield row


def _identities(parsed: ParsedRow) -> Iterator[Identity]:
    """List all names that a row has for the person who answered."""
    names = [parsed.identity, parsed.pseudonym]
    if parsed.response is not None:
        names += [parsed.response.identity, parsed.response.account]
    yield from dict.fromkeys(name for name in names if name is not None)
