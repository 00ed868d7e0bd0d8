"""A table as wikitext: sortable, ready to paste into a page of Meta-Wiki."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import repeat

from wbskills.report.figures import QUOTIENT_PLACES, fixed, rounded, share_text, shares
from wbskills.table import Cell, Column, Iri, Table

# Every character that begins, ends or is part of some markup, wherever it stands. The colon
# stops addresses from becoming links; the apostrophe, underscore and tilde stop '' __TOC__ ~~~~.
_MARKUP = re.compile(r"[&<>\"'\[\]{}|!=*#:;~_\\]")
_AT_THE_START = ("-", "+", " ")
# "RFC 1", "PMID 1" and "ISBN 1…" become links by themselves, if a real space stands between.
_MAGIC_LINK = re.compile(r"\b(RFC|PMID|ISBN)\s+(?=\d)")
# Only an address that holds no markup of its own is linked.
_LINKABLE = re.compile(r"https?://(?!localhost|127\.|\[)(?:(?!__)[\w.:/#?&%+,-])+", re.ASCII)


def as_wikitext(table: Table, *, caption: str = "") -> str:
    """Write a table as a sortable wikitable.

    An entity whose label is in the table stands there once, as its label, linked to the item
    unless that is on this very machine. Shares are per cents with what they are a share of.
    Nothing that comes from a cell can act as markup.
    """
    shown = _shown(table)
    lines = ['{| class="wikitable sortable"']
    if caption:
        lines.append(f"|+ {harmless(caption)}")
    lines += [f'! scope="col" | {harmless(table.columns[at].heading)}' for at, _ in shown]
    # Column by column, as most hold cells of one kind, and the same few again and again.
    cells = list(zip(*table.rows, strict=True)) or [()] * len(table.columns)
    of = {
        at: zip(cells[parts[0]], cells[parts[1]], strict=True) if parts else repeat(None)
        for at, parts in shares(table).items()
    }
    written = [
        map(_labelled, cells[at], cells[entity])
        if entity is not None
        else map(_share, cells[at], of[at])
        if at in of
        else _column(table.columns[at], cells[at])
        for at, entity in shown
    ]
    lines += ["|-\n| " + "\n| ".join(row) for row in zip(*written, strict=True)]
    lines.append("|}")
    return "\n".join(lines) + "\n"


def harmless(text: str) -> str:
    """Write text so that MediaWiki shows it as it is.

    >>> harmless("a | [[b]]")
    'a &#124; &#91;&#91;b&#93;&#93;'
    """
    return _kept(text) if len(text) <= _SHORT else _escaped(text)


def _escaped(text: str) -> str:
    plain = re.sub(r"\s", " ", text)
    if not (plain.isascii() and plain.isprintable()):
        plain = "".join(c for c in plain if _is_allowed(c))
    written = _MARKUP.sub(_entity, plain)
    written = _MAGIC_LINK.sub(r"\1&#32;", written)
    if written.startswith(_AT_THE_START):
        written = f"&#{ord(written[0])};{written[1:]}"
    return written


# The same labels stand in thousands of tables of a report.
_SHORT = 200
_kept = lru_cache(maxsize=1 << 15)(_escaped)


def _entity(character: re.Match[str]) -> str:
    return f"&#{ord(character[0])};"


def _is_allowed(character: str) -> bool:
    # MediaWiki refuses control characters; directional ones would reach beyond their cell
    # wherever the table is quoted in running text.
    return unicodedata.category(character) not in {"Cc", "Cs"} and not (
        "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069"
    )


def _shown(table: Table) -> list[tuple[int, int | None]]:
    """List the columns to write, each with the column of the entity that it is the label of."""
    at = {column.name: position for position, column in enumerate(table.columns)}
    return [
        (position, at.get(name.removesuffix("Label")) if name.endswith("Label") else None)
        for name, position in at.items()
        if f"{name}Label" not in at
    ]


def _column(column: Column, cells: Sequence[Cell]) -> Iterable[str]:
    if column.fraction:
        return [fixed(cell, 2) if isinstance(cell, Decimal) else _cell(cell) for cell in cells]
    return map(_cell, cells)


def _share(cell: Cell, of: tuple[Cell, Cell] | None) -> str:
    if not isinstance(cell, Decimal) or not cell.is_finite():
        return _cell(cell)
    order = rounded(cell, QUOTIENT_PLACES)
    return f'data-sort-value="{order:f}" | {harmless(share_text(cell, of))}'


def _labelled(label: Cell, entity: Cell) -> str:
    if isinstance(label, str) and isinstance(entity, Iri):
        return linked(label, entity.address)
    return _cell(label)


@lru_cache(maxsize=1 << 15)
def linked(label: str, address: str) -> str:
    """Link a label to its entity, unless that is on this very machine."""
    text = harmless(label)
    return f"[{address} {text}]" if text.strip() and _LINKABLE.fullmatch(address) else text


def _cell(cell: Cell) -> str:
    return harmless(cell) if isinstance(cell, str) else _other(cell)


@lru_cache(maxsize=1 << 15, typed=True)
def _other(cell: Cell) -> str:
    if isinstance(cell, Iri) and cell.short == cell.address and _LINKABLE.fullmatch(cell.address):
        return f"[{cell.address}]"
    return harmless(_plain(cell))


def _plain(cell: Cell) -> str:
    match cell:
        case None:
            return "–"
        case bool():
            return "yes" if cell else "no"
        case datetime():
            return cell.isoformat(timespec="seconds")
        case date():
            return cell.isoformat()
        case Iri():
            return cell.short
        case _:
            return str(cell)
