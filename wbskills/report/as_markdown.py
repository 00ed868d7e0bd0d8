"""A table as Markdown (GitHub's tables): for issues, notes and chats."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from wbskills.report.as_text import harmless as visible
from wbskills.report.figures import fixed, parts, share_text, shares
from wbskills.table import Cell, Iri, Table

# Every character that begins or ends markup, HTML or a table's cell. Addresses, mentions and
# issue numbers become links by themselves, so “:”, “@” and “#” are in it, too.
_MARKUP: Final = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&:@$=^])")
_LINKABLE: Final = re.compile(r"https?://[\w./?%+,:-]+", re.ASCII)


def markdown_lines(table: Table) -> Iterator[str]:
    """Write a table as Markdown, row by row.

    An entity whose label is in the table stands there once, as its label, linked to the item.
    Shares are per cents with what they are a share of. Nothing in a cell can act as markup.
    """
    at = {column.name: position for position, column in enumerate(table.columns)}
    shown = [position for name, position in at.items() if f"{name}Label" not in at]
    entities = [at.get(table.columns[position].name.removesuffix("Label")) for position in shown]
    numeric = [_is_numeric(table, position) for position in shown]
    yield _line(harmless(table.columns[position].heading) for position in shown)
    yield _line("---:" if number else "---" for number in numeric)
    of = shares(table)
    for row in table.rows:
        yield _line(
            _linked(row[position], row[entity])
            if entity is not None and entity != position
            else _share(row[position], parts(row, of[position]))
            if position in of
            else _cell(row[position], fraction=table.columns[position].fraction)
            for position, entity in zip(shown, entities, strict=True)
        )


def harmless(text: str) -> str:
    r"""Write text so that Markdown shows it as it is.

    >>> print(harmless("a | [b](c)"))
    a \| \[b\]\(c\)
    """
    return _MARKUP.sub(r"\\\1", visible(text)).strip() or "–"


def _line(cells: Iterator[str]) -> str:
    return "| " + " | ".join(cells) + " |\n"


def _linked(label: Cell, entity: Cell) -> str:
    text = _cell(label)
    if isinstance(entity, Iri) and _LINKABLE.fullmatch(entity.address):
        return f"[{text}]({entity.address})"
    return text


def _share(cell: Cell, of: tuple[Cell, Cell] | None) -> str:
    if not isinstance(cell, Decimal):
        return _cell(cell)
    return share_text(cell, of).replace("<", "\\<").replace(">", "\\>")


def _cell(cell: Cell, *, fraction: bool = False) -> str:
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
            return harmless(cell.isoformat(sep=" ", timespec="minutes"))
        case date():
            return cell.isoformat()
        case Iri():
            return f"<{cell.address}>" if _LINKABLE.fullmatch(cell.address) else harmless(cell.id)
        case _:
            return harmless(cell)


def _is_numeric(table: Table, at: int) -> bool:
    return all(
        row[at] is None or (isinstance(row[at], int | Decimal) and not isinstance(row[at], bool))
        for row in table.rows
    )
