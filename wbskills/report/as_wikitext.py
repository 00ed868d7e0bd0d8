"""A table as wikitext: sortable, ready to paste into a page of Meta-Wiki."""

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from itertools import repeat
from typing import Final

from wbskills.report.figures import (
    QUOTIENT_PLACES,
    ShownColumn,
    fixed,
    is_printable,
    rounded,
    share_text,
    shown_columns,
)
from wbskills.table import Cell, Iri, Table

# Every character that begins, ends or is part of some markup, wherever it is. The colon keeps
# addresses from becoming links; apostrophe, underscore and tilde stop '' __TOC__ ~~~~.
_MARKUP: Final = re.compile(r"[&<>\"'\[\]{}|!=*#:;~_\\]")
_AT_THE_START: Final = ("-", "+", " ")
# MediaWiki links "RFC 1", "PMID 1" and "ISBN 1…" by itself if there is a real space in them.
_MAGIC_LINK: Final = re.compile(r"\b(RFC|PMID|ISBN)\s+(?=\d)")
# Only an address without markup of its own is linked, and none on this machine.
_LINKABLE: Final = re.compile(
    r"https?://(?!localhost|127\.|\[)(?:(?!__)[\w.:/#?&%+,-])+", re.ASCII
)
_SHORT: Final = 200  # characters; longer texts are not cached


def as_wikitext(table: Table, *, caption: str = "") -> str:
    """Write a table as a sortable wikitable.

    Items that have labels are shown once, as the label, linked unless the item is on this
    machine. Shares are per cents with what they are a share of. No cell can act as markup.
    """
    columns = shown_columns(table)
    lines = ['{| class="wikitable sortable"']
    if caption:
        lines.append(f"|+ {escape_wikitext(caption)}")
    lines += [f'! scope="col" | {escape_wikitext(column.column.heading)}' for column in columns]
    # Column by column, since most columns hold cells of one type and repeat them.
    cells = list(zip(*table.rows, strict=True)) or [()] * len(table.columns)
    written = [_column(column, cells) for column in columns]
    lines += ["|-\n| " + "\n| ".join(row) for row in zip(*written, strict=True)]
    lines.append("|}")
    return "\n".join(lines) + "\n"


def escape_wikitext(text: str) -> str:
    """Write text so that MediaWiki shows it unchanged.

    >>> escape_wikitext("a | [[b]]")
    'a &#124; &#91;&#91;b&#93;&#93;'
    """
    return _cached(text) if len(text) <= _SHORT else _escaped(text)


@lru_cache(maxsize=1 << 15)
def wiki_link(label: str, address: str) -> str:
    """Link a label to an address, or only write it if the address cannot be linked."""
    text = escape_wikitext(label)
    return f"[{address} {text}]" if text.strip() and _LINKABLE.fullmatch(address) else text


def _escaped(text: str) -> str:
    plain = re.sub(r"\s", " ", text)
    if not (plain.isascii() and plain.isprintable()):
        plain = "".join(c for c in plain if is_printable(c))
    written = _MARKUP.sub(lambda c: f"&#{ord(c[0])};", plain)
    written = _MAGIC_LINK.sub(r"\1&#32;", written)
    if written.startswith(_AT_THE_START):
        written = f"&#{ord(written[0])};{written[1:]}"
    return written


_cached = lru_cache(maxsize=1 << 15)(_escaped)  # the same labels are in thousands of tables


def _column(shown: ShownColumn, table: list[tuple[Cell, ...]]) -> Iterable[str]:
    cells = table[shown.at]
    if shown.labels is not None:
        return map(_label, cells, table[shown.labels])
    if shown.is_share:
        parts = shown.parts
        return map(
            _share,
            cells,
            zip(table[parts[0]], table[parts[1]], strict=True) if parts else repeat(None),
        )
    if shown.column.fraction:
        return [fixed(cell, 2) if isinstance(cell, Decimal) else _cell(cell) for cell in cells]
    return map(_cell, cells)


def _share(cell: Cell, parts: tuple[Cell, Cell] | None) -> str:
    if not isinstance(cell, Decimal) or not cell.is_finite():
        return _cell(cell)
    order = rounded(cell, QUOTIENT_PLACES)
    return f'data-sort-value="{order:f}" | {escape_wikitext(share_text(cell, parts))}'


def _label(label: Cell, item: Cell) -> str:
    if isinstance(label, str) and isinstance(item, Iri):
        return wiki_link(label, item.address)
    return _cell(label)


def _cell(cell: Cell) -> str:
    return escape_wikitext(cell) if isinstance(cell, str) else _other_cell(cell)


@lru_cache(maxsize=1 << 15, typed=True)
def _other_cell(cell: Cell) -> str:
    match cell:
        case None:
            return "–"
        case bool():
            return "yes" if cell else "no"
        case datetime():
            return escape_wikitext(cell.isoformat(timespec="seconds"))
        case Iri() if cell.short == cell.address and _LINKABLE.fullmatch(cell.address):
            return f"[{cell.address}]"
        case Iri():
            return escape_wikitext(cell.short)
        case _:
            return escape_wikitext(str(cell))
