"""A table for a terminal: aligned, with control characters replaced."""

import unicodedata
from typing import Final

from wbskills.report.figures import is_numeric, shown_columns, shown_text
from wbskills.table import Table

_GAP: Final = "  "
_NARROWEST: Final = 8
_JOINERS: Final = "\u200c\u200d"  # Persian, Indic scripts and emoji need them; they move nothing


def as_text(table: Table, *, width: int | None = None) -> str:
    """Write a table in aligned columns, numbers to the right.

    Items are written as ids, shares as per cents with what they are a share of. `width` is the
    largest number of terminal columns in a line: text, never a number, is cut short with “…”.
    """
    columns = shown_columns(table, with_ids=True)
    heads = [escape_terminal(column.column.heading or column.column.name) for column in columns]
    rows = [[escape_terminal(shown_text(column, row)) for column in columns] for row in table.rows]
    numeric = [is_numeric(table, column.at) for column in columns]
    widths = [
        max(map(terminal_width, [head, *(row[at] for row in rows)]))
        for at, head in enumerate(heads)
    ]
    if width is not None:
        widths = _narrowed(widths, numeric, width)
    lines = [
        _line(heads, widths, numeric),
        _GAP.join("─" * wide for wide in widths),
        *(_line(row, widths, numeric) for row in rows),
    ]
    if not rows:
        lines.append("(no rows)")
    return "".join(line.rstrip() + "\n" for line in lines)


def without_ids(table: Table) -> Table:
    """Drop the columns of items that have a column of labels, since a screen is narrow."""
    kept = [shown_column.at for shown_column in shown_columns(table)]
    return Table(
        tuple(table.columns[at] for at in kept),
        tuple(tuple(row[at] for at in kept) for row in table.rows),
    )


def escape_terminal(text: str) -> str:
    r"""Replace what could steer a terminal or change the direction of writing.

    >>> escape_terminal("a\nb\x1b[31m\u202e")
    'a b�[31m�'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_escaped_character, text))


def terminal_width(text: str) -> int:
    """Count the columns that a text takes on a terminal.

    >>> terminal_width("abc"), terminal_width("技能"), terminal_width("e\u0301")
    (3, 4, 1)
    """
    return len(text) if text.isascii() else sum(map(_character_width, text))


def _escaped_character(character: str) -> str:
    if character in _JOINERS:
        return character
    match unicodedata.category(character):
        case "Cc" if character in "\t\n\r\v\f":
            return " "
        case "Zl" | "Zp":
            return " "
        case "Cc" | "Cf" | "Cs" | "Co" | "Cn":
            return "\ufffd"
        case _:
            return character


def _character_width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"} or "\u1160" <= character <= "\u11ff":
        return 0  # combining marks, and the inner parts of a Hangul syllable
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _narrowed(widths: list[int], numeric: list[bool], width: int) -> list[int]:
    """Take from the widest column of text, one by one, until the line fits or none can give."""
    widths = list(widths)
    excess = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    texts = [at for at, is_number in enumerate(numeric) if not is_number]
    while excess > 0 and texts:
        widest = max(texts, key=lambda at: widths[at])
        if widths[widest] <= _NARROWEST:
            break
        widths[widest] -= 1
        excess -= 1
    return widths


def _line(cells: list[str], widths: list[int], numeric: list[bool]) -> str:
    return _GAP.join(
        _padded(cell, wide, right=is_number)
        for cell, wide, is_number in zip(cells, widths, numeric, strict=True)
    )


def _padded(text: str, width: int, *, right: bool) -> str:
    if not right:
        text = _cut(text, width)
    blank = " " * (width - terminal_width(text))
    return blank + text if right else text + blank


def _cut(text: str, width: int) -> str:
    if terminal_width(text) <= width:
        return text
    taken = 0
    for at, character in enumerate(text):
        taken += _character_width(character)
        if taken > width - 1:
            return text[:at] + "…"
    return text
