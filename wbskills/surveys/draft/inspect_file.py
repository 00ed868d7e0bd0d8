"""What is in a survey file that nobody has mapped yet; `judging` decides what may be shown."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from wbskills.ontology.entries import Ontology
from wbskills.surveys import tools
from wbskills.surveys.draft.classify import Classifier, ColumnProfile, ColumnStats
from wbskills.surveys.files.cell_text import BOM, MERGED, clean
from wbskills.surveys.files.columns import Column, Role
from wbskills.surveys.files.rows import Row, SurveyFile, find_heading_row, open_file
from wbskills.surveys.mapping.dates import SPREADSHEET, is_plausible, parse_moment
from wbskills.surveys.tools.plain_tables import PlainTable, TableWithoutHeadings

_FORMATS: Final = (
    "", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y",
    "%d/%m/%y %H:%M:%S", "%m/%d/%y %H:%M:%S", "%d/%m/%y %H:%M", "%m/%d/%y %H:%M",
    "%d/%m/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M:%S %p", "%d.%m.%Y, %H:%M:%S", SPREADSHEET,
)  # fmt: skip

_FEWEST_IDS: Final = 8  # of fewer rows, answers of a scale may all be different


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a survey file holds.

    `heading_row` is the row of the headings where a title stands above them, else 0.

    `first` and `last` are the days of the first and last response, `formats` those in which
    all dates of the file can be read (empty text: ISO 8601), the likeliest first: where there are
    more than one, `first` and `last` hold only if it is the right one.
    """

    file: str
    tool: str
    reason: str
    encoding: str
    separator: str
    sheet: str
    heading_row: int
    rows: int
    cells_with_bom: int
    columns: tuple[ColumnProfile, ...]
    first: datetime | None = None
    last: datetime | None = None
    formats: tuple[str, ...] = ()


def inspect(
    path: Path,
    ontology: Ontology,
    *,
    encoding: str = "",
    separator: str = "",
    sheet: str = "",
    tool: str = "",
    heading_row: int = 0,
) -> Inspection:
    """Look through a survey file, as one of `tool` or, without it, of the tool it looks like.

    The headings are in `heading_row` or, without it, below what looks like a title.
    Raises `SurveyError` or `NotFound` if it cannot be read, or if there is no such tool.
    """

    def opened(row: int) -> tuple[SurveyFile, tools.SurveyTool, str]:
        file = open_file(
            path, encoding=encoding, separator=separator, sheet=sheet, heading_row=row
        )
        below = f"; the headings stand in row {row}" if row else ""
        shape, reason = tools.recognise([cells for _, cells in file.top])
        return file, shape, reason + below

    file, shape, reason = opened(heading_row)
    if not heading_row and shape.name == PlainTable.name:
        heading_row = find_heading_row(file)
        file, shape, reason = opened(heading_row)
    if tool:
        shape, reason = tools.named(tool), f"read as {tool}, as you said"
    columns = shape.columns_of(file)
    between = tuple(dict.fromkeys(filter(None, (shape.between, ", " if shape.between else ""))))
    looks = [ColumnStats(column, {one: Counter() for one in between}) for column in columns]
    dates = _DateColumn(columns)
    rows = bom = 0
    for row in shape.rows(file, columns):
        rows += 1
        bom += sum(BOM in cell for cell in row.cells)
        dates.add(row)
        for look, cell in zip(looks, row.cells, strict=True):
            look.add("" if cell == MERGED else cell)
    for look in looks:
        look.finish()
    span, formats = dates.span, tuple(dates.formats)
    if shape.name in {PlainTable.name, TableWithoutHeadings.name}:
        found = _of_responses(looks)
        span, formats = (found, ("",)) if found and dates.column is None else (span, formats)
    judge = Classifier(ontology)
    first, last = span or (None, None)
    return Inspection(
        file=file.name,
        tool=shape.name,
        reason=reason,
        encoding=file.encoding,
        separator=file.separator,
        sheet=file.sheet,
        heading_row=heading_row,
        rows=rows,
        cells_with_bom=bom,
        columns=tuple(judge.reports(looks)),
        first=first,
        last=last,
        formats=formats,
    )


def _of_responses(looks: list[ColumnStats]) -> tuple[datetime, datetime] | None:
    """Find day and number of the responses by their looks, where no heading says which they are.

    Gives the first and the last day. Of several columns of days, the latest is that of the end.
    """
    roles = {look.column.role for look in looks}
    whole = [
        look
        for look in looks
        if look.column.role is Role.QUESTION and look.filled > 1 and not look.empty
    ]
    ids = [one for one in whole if one.ids and not one.days and one.filled >= _FEWEST_IDS]
    if ids and roles.isdisjoint({Role.RESPONSE_ID, Role.INDEX}):
        ids[0].column = replace(ids[0].column, role=Role.RESPONSE_ID)
    spans = {
        look.column.index: span for look in whole if look.days and (span := _span(*look.days))
    }
    if not spans or Role.SUBMITTED in roles:
        return None
    last = max(spans, key=lambda index: spans[index][1])
    looks[last].column = replace(looks[last].column, role=Role.SUBMITTED)
    return spans[last]


def _span(first: str, last: str) -> tuple[datetime, datetime] | None:
    begun, ended = parse_moment(first, ()), parse_moment(last, ())
    if begun and ended and is_plausible(begun) and is_plausible(ended):
        return begun, ended
    return None


class _DateColumn:
    """The days of the responses, and the formats that fit all of them.

    `04/03/2026` fits two. A survey is open for weeks and not for most of a year: the format that
    takes all days closest together comes first, and its days are told.
    """

    def __init__(self, columns: tuple[Column, ...]) -> None:
        self.column = next((one for one in columns if one.role is Role.SUBMITTED), None)
        self._fitting = list(_FORMATS)
        self._spans: dict[str, tuple[datetime, datetime]] = {}
        self._any: tuple[datetime, datetime] | None = None

    def add(self, row: Row) -> None:
        text = clean(row.cells[self.column.index]) if self.column else ""
        if not text:
            return
        found = {
            form: moment
            for form in self._fitting
            if (moment := parse_moment(text, [form] if form else [])) and is_plausible(moment)
        }
        self._fitting = list(found)
        for form, moment in found.items():
            self._spans[form] = _widened(self._spans.get(form), moment)
            self._any = _widened(self._any, moment)

    @property
    def formats(self) -> list[str]:
        def width(form: str) -> timedelta:
            first, last = self._spans[form]
            return last - first

        if "" in self._fitting:
            return [""] if self._spans else []  # ISO 8601, which every format lets pass
        return sorted(self._fitting, key=width) if self._spans else []

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        formats = self.formats
        return self._spans[formats[0]] if formats else self._any


def _widened(
    span: tuple[datetime, datetime] | None, moment: datetime
) -> tuple[datetime, datetime]:
    first, last = span or (moment, moment)
    return min(first, moment), max(last, moment)
