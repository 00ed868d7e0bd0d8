"""A table as wikitext: sortable, ready to paste into a page of Meta-Wiki."""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from wbskills.model.table import Cell, Column, Iri, Table
from wbskills.report.figures import QUOTIENT_PLACES, fixed, parts_of_share, rounded, share_text

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
    parts = parts_of_share(table)
    for row in table.rows:
        lines.append("|-")
        of = (row[parts[0]], row[parts[1]]) if parts else None
        for at, entity_at in shown:
            entity = None if entity_at is None else row[entity_at]
            lines.append("| " + _cell(row[at], table.columns[at], entity, of))
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


def _cell(cell: Cell, column: Column, entity: Cell, of: tuple[Cell, Cell] | None) -> str:
    match cell:
        case Decimal() if column.name == "share" and cell.is_finite():
            order = rounded(cell, QUOTIENT_PLACES)
            return f'data-sort-value="{order:f}" | {harmless(share_text(cell, of))}'
        case Decimal() if column.name == "mean":
            return fixed(cell, 2)
        case str() if isinstance(entity, Iri):
            return _linked(cell, entity)
        case Iri() if "/entity/" not in cell.address and _LINKABLE.fullmatch(cell.address):
            return f"[{cell.address}]"
        case _:
            return harmless(_plain(cell))


@lru_cache(maxsize=1 << 15)
def _linked(label: str, entity: Iri) -> str:
    text = harmless(label)
    can_be_linked = text.strip() and _LINKABLE.fullmatch(entity.address)
    return f"[{entity.address} {text}]" if can_be_linked else text


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
