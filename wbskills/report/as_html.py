"""A table as one HTML page that needs nothing else: for a browser, or to send to somebody."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from html import escape
from typing import Final

from wbskills.report.figures import fixed, parts, share_text, shares
from wbskills.table import Cell, Column, Iri, Table

_LINKABLE: Final = re.compile(r"https?://[^\x00-\x20<>\"']+")
_STYLE: Final = """
:root { color-scheme: light dark; font-family: system-ui, sans-serif; }
body { margin: 1rem auto; max-width: 80rem; padding: 0 1rem; }
.scroll { overflow: auto; max-height: 80vh; }
table { border-collapse: collapse; }
th, td { border: 1px solid #8888; padding: .25rem .5rem; text-align: start; vertical-align: top; }
th { position: sticky; top: 0; background: Canvas; }
td.number { text-align: end; font-variant-numeric: tabular-nums; }
pre { overflow: auto; }
@media print { .scroll { overflow: visible; max-height: none; } th { position: static; } }
"""


def html_lines(
    table: Table, *, title: str = "", note: str = "", query: str = "", lang: str = "en"
) -> Iterator[str]:
    """Write a table as an HTML page, row by row, with a title, how to read it, and its query.

    `lang` is the language of the labels; the words of the page are English. An entity whose label
    is in the table stands there once, as its label, linked to the item. The page loads nothing
    and runs no script, and its own policy forbids both.
    """
    named = harmless(title) or "Answer"
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{named}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{named}</h1>\n"
    )
    count = "1 row" if len(table) == 1 else f"{len(table)} rows"
    yield f"<p>{harmless(note)}</p>\n" if note else ""
    yield (
        f'<p>{count}.</p>\n<div class="scroll" tabindex="0" role="region" aria-label="{named}">\n'
    )
    yield from html_table(table, lang=lang)
    yield "</div>\n"
    if query:
        text = harmless(query, lines=True)
        yield f"<details><summary>SPARQL</summary><pre>{text}</pre></details>\n"
    yield "</body>\n</html>\n"


def html_table(table: Table, *, lang: str = "en") -> Iterator[str]:
    """Write the table alone, row by row."""
    yield "<table>\n<thead><tr>"
    at = {column.name: position for position, column in enumerate(table.columns)}
    shown = [position for name, position in at.items() if f"{name}Label" not in at]
    for position in shown:
        column = table.columns[position]
        yield f'<th scope="col" title="{harmless(column.about)}">{harmless(column.heading)}</th>'
    yield f'</tr></thead>\n<tbody lang="{harmless(lang)}">\n'
    of = shares(table)
    for row in table.rows:
        yield "<tr>"
        for position in shown:
            column = table.columns[position]
            name = column.name
            entity_at = at.get(name.removesuffix("Label")) if name.endswith("Label") else None
            entity = None if entity_at is None else row[entity_at]
            if position in of and isinstance(cell := row[position], Decimal):
                text = harmless(share_text(cell, parts(row, of[position])))
                yield f'<td class="number">{text}</td>'
            else:
                yield _cell(row[position], column, entity)
        yield "</tr>\n"
    yield "</tbody>\n</table>\n"


def harmless(text: str, *, lines: bool = False) -> str:
    """Write text so that a browser shows it as it is and nothing reaches beyond it.

    >>> harmless('<b onclick="x">')
    '&lt;b onclick=&quot;x&quot;&gt;'
    """
    kept = "\n\t" if lines else ""
    return escape(
        "".join(sign if sign in kept or _is_allowed(sign) else "\ufffd" for sign in text)
    )


def _is_allowed(sign: str) -> bool:
    return unicodedata.category(sign) not in {"Cc", "Cs"} and not (
        "\u202a" <= sign <= "\u202e" or "\u2066" <= sign <= "\u2069"
    )


def _cell(cell: Cell, column: Column, entity: Cell) -> str:
    match cell:
        case None:
            return "<td>–</td>"
        case bool():
            return f"<td>{'yes' if cell else 'no'}</td>"
        case Decimal() if column.fraction:
            return f'<td class="number">{fixed(cell, 2)}</td>'
        case int() | Decimal():
            return f'<td class="number">{cell}</td>'
        case datetime():
            return f"<td>{cell.isoformat(sep=' ', timespec='minutes')}</td>"
        case date():
            return f"<td>{cell.isoformat()}</td>"
        case Iri():
            return f"<td>{_link(cell, cell.short)}</td>"
        case _ if isinstance(entity, Iri):
            return f"<td>{_link(entity, cell)}</td>"
        case _:
            return f"<td><bdi>{harmless(cell)}</bdi></td>"


def _link(entity: Iri, label: str) -> str:
    text = f"<bdi>{harmless(label)}</bdi>"
    if not _LINKABLE.fullmatch(entity.address):
        return text
    return f'<a href="{escape(entity.address)}" rel="noreferrer">{text}</a>'
