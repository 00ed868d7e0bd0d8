"""What was seen in a survey file, in words and as a table."""

from collections.abc import Iterable

from wbskills.surveys.draft.classify import ColumnProfile
from wbskills.surveys.draft.inspect_file import Inspection
from wbskills.surveys.responses.compare import Difference
from wbskills.table import Column, Table

_LONGEST_HEADING = 40
_MOST_ANSWERS = 6

_COLUMNS = (
    Column("column", "Column"),
    Column("heading", "Heading"),
    Column("looks_like", "Looks like"),
    Column("empty", "Empty"),
    Column("different", "Different"),
    Column("answers", "Answers"),
    Column("suggestion", "Suggestion"),
)

_DIFFERENCES = (
    Column("change", "Change"),
    Column("where", "Where"),
    Column("what", "What"),
    Column("try", "Try"),
)


def about(found: Inspection) -> list[str]:
    """Tell what the file is."""
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
        unsure = f", if days are written {found.formats[0]}" if len(found.formats) > 1 else ""
        lines.append(days + unsure)
    if found.cells_with_bom:
        lines.append(
            f"{found.cells_with_bom} cells begin with a byte order mark, which is dropped"
        )
    return lines


def columns_of(found: Inspection) -> Table:
    """Give a row for each column of the file."""
    return Table(_COLUMNS, tuple(_row(report) for report in found.columns))


def differences_of(found: Iterable[Difference]) -> Table:
    """Give a row for each thing that changed against a mapping."""
    rows = [(one.change.value, one.where, one.what, one.hint) for one in found]
    return Table(_DIFFERENCES, tuple(rows))


def _row(report: ColumnProfile) -> tuple[str | int | None, ...]:
    heading = report.column.heading
    answers = [f"{answer} ({count})" for answer, count in report.answers[:_MOST_ANSWERS]]
    suggestion = report.skill or report.language
    return (
        report.column.letter,
        f"{heading[:_LONGEST_HEADING]}…" if len(heading) > _LONGEST_HEADING else heading,
        report.guess.value,
        report.empty,
        report.distinct,
        ", ".join(answers) + (" …" if len(report.answers) > _MOST_ANSWERS else ""),
        f"{suggestion.key}? ({suggestion.score} %)" if suggestion else None,
    )
