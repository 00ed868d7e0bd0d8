"""A table for a terminal: aligned, and harmless whatever the labels hold."""

import unicodedata
from datetime import date, datetime
from decimal import Decimal

from wbskills.report.figures import fixed, parts, share_text, shares
from wbskills.table import Cell, Iri, Table

_GAP = "  "
_NARROWEST = 8
_JOINERS = "\u200c\u200d"  # Persian, Indic scripts and emoji need them; they move nothing


def as_text(table: Table, *, width: int | None = None) -> str:
    """Write a table in aligned columns, numbers to the right.

    Entities are written as ids, other addresses in full, shares as per cents with what they are
    a share of. `width` is the most characters a line may take: text, never a number, is then cut
    short with “…”.
    """
    heads = [harmless(column.heading or column.name) for column in table.columns]
    rows = _written(table)
    numeric = [_is_numeric(table, at) for at in range(len(heads))]
    widths = [
        max(map(columns_taken, [head, *(row[at] for row in rows)]))
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


def for_eyes(table: Table) -> Table:
    """Leave out the ids of what stands there by name, for a screen is narrow."""
    names = {column.name for column in table.columns}
    kept = [at for at, one in enumerate(table.columns) if f"{one.name}Label" not in names]
    return Table(
        tuple(table.columns[at] for at in kept),
        tuple(tuple(row[at] for at in kept) for row in table.rows),
    )


def harmless(text: str) -> str:
    r"""Replace what could steer a terminal or turn the direction of writing.

    >>> harmless("a\nb\x1b[31m\u202e")
    'a b�[31m�'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_harmless_character, text))


def columns_taken(text: str) -> int:
    """Count the columns that a text takes on a terminal.

    >>> columns_taken("abc"), columns_taken("技能"), columns_taken("e\u0301")
    (3, 4, 1)
    """
    return len(text) if text.isascii() else sum(map(_columns_of, text))


def _harmless_character(character: str) -> str:
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


def _columns_of(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"} or "\u1160" <= character <= "\u11ff":
        return 0  # marks sit on the letter before; so do the inner parts of a Hangul syllable
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _written(table: Table) -> list[list[str]]:
    of = shares(table)
    return [
        [
            share_text(cell, parts(row, of[at]))
            if at in of and isinstance(cell, Decimal)
            else _cell(cell, fraction=table.columns[at].fraction)
            for at, cell in enumerate(row)
        ]
        for row in table.rows
    ]


def _cell(cell: Cell, *, fraction: bool) -> str:
    match cell:
        case None:
            return "–"
        case bool():
            return "yes" if cell else "no"
        case Decimal() if fraction:
            return fixed(cell, 2)
        case int() | Decimal():
            return str(cell)
        case datetime():
            return cell.isoformat(sep=" ", timespec="minutes")
        case date():
            return cell.isoformat()
        case Iri():
            return harmless(cell.short)
        case _:
            return harmless(cell)


def _is_numeric(table: Table, at: int) -> bool:
    return all(
        cell is None or (isinstance(cell, int | Decimal) and not isinstance(cell, bool))
        for cell in (row[at] for row in table.rows)
    )


def _narrowed(widths: list[int], numeric: list[bool], width: int) -> list[int]:
    """Take from the widest column of text, one by one, until the line fits or none can give."""
    widths = list(widths)
    excess = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    can_give = [at for at, is_number in enumerate(numeric) if not is_number]
    while excess > 0 and can_give:
        widest = max(can_give, key=lambda at: widths[at])
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
    taken = columns_taken(text)
    if taken > width and not right:
        text = _cut(text, width)
        taken = columns_taken(text)
    blank = " " * (width - taken)
    return blank + text if right else text + blank


def _cut(text: str, width: int) -> str:
    taken = 0
    for at, character in enumerate(text):
        taken += _columns_of(character)
        if taken > width - 1:
            return text[:at] + "…"
    return text
