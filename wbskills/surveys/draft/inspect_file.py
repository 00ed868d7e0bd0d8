"""What is in a survey file that has no mapping yet."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from wbskills.ontology.entries import Ontology
from wbskills.surveys import tools
from wbskills.surveys.draft.classify import Classifier, ColumnProfile, ColumnStats
from wbskills.surveys.files.cell_text import BOM, MERGED, clean
from wbskills.surveys.files.columns import Role, SurveyColumn
from wbskills.surveys.files.rows import Row, find_heading_row, open_file
from wbskills.surveys.mapping.dates import FORMATS, is_plausible, parse_moment
from wbskills.surveys.tools.plain_tables import (
    PlainTable,
    TableWithoutHeadings,
    TwoHeadingRows,
)

_FEWEST_IDS: Final = 8  # in fewer rows, answers of a scale may all be different

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a survey file holds.

    `heading_row` is the row of the headings if there is a title above them, else 0. `first` and
    `last` are the days of the first and last response, `formats` those in which all dates of the
    file can be read (empty text: ISO 8601), the likeliest first; if there are several, `first` and
    `last` are in that one.
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
    """Inspect a survey file of a `tool` or, without it, of the one that is recognised.

    The headings are in `heading_row` or, without it, below what looks like a title.
    Raises `SurveyError` or `NotFound` if it cannot be read, or if there is no such tool.
    """
    file = open_file(
        path, encoding=encoding, separator=separator, sheet=sheet, heading_row=heading_row
    )
    survey_tool, reason = tools.recognise(file.top_cells)
    if not heading_row and survey_tool.name == PlainTable.name:
        heading_row = find_heading_row(file)
        file = file.with_heading_row(heading_row)
        survey_tool, reason = tools.recognise(file.top_cells)
    if heading_row:
        reason += f"; the headings are in row {heading_row}"
    if tool:
        survey_tool, reason = tools.find_tool(tool), f"read as {tool}, as requested"
    columns = survey_tool.columns_of(file)
    between = filter(None, (survey_tool.between, ", " if survey_tool.between else ""))
    separators = tuple(dict.fromkeys(between))
    stats = [ColumnStats(column, {one: Counter() for one in separators}) for column in columns]
    dates = _DateColumn(columns)
    rows = cells_with_bom = 0
    for row in survey_tool.rows(file, columns):
        rows += 1
        cells_with_bom += sum(BOM in cell for cell in row.cells)
        dates.add(row)
        for column_stats, cell in zip(stats, row.cells, strict=True):
            column_stats.add("" if cell == MERGED else cell)
    for column_stats in stats:
        column_stats.finish()
    span, formats = dates.span, tuple(dates.formats)
    if survey_tool.name in {PlainTable.name, TableWithoutHeadings.name, TwoHeadingRows.name}:
        found = _find_response_columns(stats)
        if found and dates.column is None:
            span, formats = found, ("",)
    first, last = span or (None, None)
    return Inspection(
        file=file.name,
        tool=survey_tool.name,
        reason=reason,
        encoding=file.encoding,
        separator=file.separator,
        sheet=file.sheet,
        heading_row=heading_row,
        rows=rows,
        cells_with_bom=cells_with_bom,
        columns=tuple(Classifier(ontology).profiles(stats)),
        first=first,
        last=last,
        formats=formats,
    )


def _find_response_columns(columns: list[ColumnStats]) -> Span | None:
    """Find the columns of day and number of the responses by their cells, and set their roles.

    Returns the first and the last day. Of several columns of days, the one with the latest day is
    that of the submission.
    """
    roles = {stats.column.role for stats in columns}
    candidates = [
        stats
        for stats in columns
        if stats.column.role is Role.QUESTION and stats.filled > 1 and not stats.empty
    ]
    ids = [
        candidate
        for candidate in candidates
        if candidate.ids and not candidate.days and candidate.filled >= _FEWEST_IDS
    ]
    if ids and roles.isdisjoint({Role.RESPONSE_ID, Role.INDEX}):
        ids[0].column = replace(ids[0].column, role=Role.RESPONSE_ID)
    spans = {
        stats.column.index: span
        for stats in candidates
        if stats.days and (span := _span(*stats.days))
    }
    if not spans or Role.SUBMITTED in roles:
        return None
    last = max(spans, key=lambda index: spans[index][1])
    columns[last].column = replace(columns[last].column, role=Role.SUBMITTED)
    return spans[last]


def _span(first: str, last: str) -> Span | None:
    start, end = parse_moment(first, ()), parse_moment(last, ())
    if start and end and is_plausible(start) and is_plausible(end):
        return start, end
    return None


class _DateColumn:
    """The days of the responses, and the formats that fit all of them.

    `04/03/2026` fits two. A survey is open for weeks and not for most of a year, so the format in
    which all days are closest together is the first one, and `span` is in it.
    """

    def __init__(self, columns: Sequence[SurveyColumn]) -> None:
        self.column = next((column for column in columns if column.role is Role.SUBMITTED), None)
        self._fitting = ["", *FORMATS]
        self._spans: dict[str, Span] = {}
        self._any: Span | None = None

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

        if not self._spans:
            return []
        # Every format accepts ISO 8601, too.
        return [""] if "" in self._fitting else sorted(self._fitting, key=width)

    @property
    def span(self) -> Span | None:
        formats = self.formats
        return self._spans[formats[0]] if formats else self._any


def _widened(span: Span | None, moment: datetime) -> Span:
    first, last = span or (moment, moment)
    return min(first, moment), max(last, moment)
