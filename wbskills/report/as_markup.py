"""A table as HTML, for a browser or to send to someone, and as Markdown (GitHub's tables)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from html import escape
from typing import Final

from wbskills.report.as_text import escape_terminal
from wbskills.report.figures import (
    ShownColumn,
    is_numeric,
    is_printable,
    shown_columns,
    shown_text,
)
from wbskills.table import Cell, Iri, Table

_HTML_LINKABLE: Final = re.compile(r"https?://[^\x00-\x20<>\"']+")
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

# Every character that begins or ends markup, HTML or a cell. GitHub links addresses, mentions
# and issue numbers by itself, so “:”, “@” and “#” are among them.
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&:@$=^])")
_MARKDOWN_LINKABLE: Final = re.compile(r"https?://[\w./?%+,:-]+", re.ASCII)


def html_lines(
    table: Table, *, title: str = "", note: str = "", query: str = "", lang: str = "en"
) -> Iterator[str]:
    """Write a table as an HTML page, row by row, with a title, how to read it, and its query.

    `lang` is the language of the labels; the page itself is English. Items that have labels are
    shown once, as the label with a link. The page loads nothing and runs no script, and its own
    content security policy forbids both.
    """
    heading = escape_html(title) or "Answer"
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{heading}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{heading}</h1>\n"
    )
    count = "1 row" if len(table) == 1 else f"{len(table)} rows"
    yield f"<p>{escape_html(note)}</p>\n" if note else ""
    yield (
        f'<p>{count}.</p>\n<div class="scroll" tabindex="0" role="region"'
        f' aria-label="{heading}">\n'
    )
    yield from html_table(table, lang=lang)
    yield "</div>\n"
    if query:
        text = escape_html(query, keep="\n\t")
        yield f"<details><summary>SPARQL</summary><pre>{text}</pre></details>\n"
    yield "</body>\n</html>\n"


def html_table(table: Table, *, lang: str = "en") -> Iterator[str]:
    """Write only the <table> element, row by row; `lang` is the language of the labels."""
    columns = shown_columns(table)
    yield "<table>\n<thead><tr>"
    for column in columns:
        about, heading = escape_html(column.column.about), escape_html(column.column.heading)
        yield f'<th scope="col" title="{about}">{heading}</th>'
    yield f'</tr></thead>\n<tbody lang="{escape_html(lang)}">\n'
    for row in table.rows:
        yield f"<tr>{''.join(_html_cell(one, row) for one in columns)}</tr>\n"
    yield "</tbody>\n</table>\n"


def markdown_lines(table: Table) -> Iterator[str]:
    """Write a table as Markdown, row by row.

    Items that have labels are shown once, as the label with a link. No cell can act as markup.
    """
    columns = shown_columns(table)
    yield _markdown_row(escape_markdown(column.column.heading) for column in columns)
    yield _markdown_row("---:" if is_numeric(table, column.at) else "---" for column in columns)
    for row in table.rows:
        yield _markdown_row(_markdown_cell(column, row) for column in columns)


def escape_html(text: str, *, keep: str = "") -> str:
    """Escape text for HTML, attributes included; control characters become “�”.

    Characters that steer the direction of writing do as well. `keep` lists control characters
    that are to stay.

    >>> escape_html('<b onclick="x">')
    '&lt;b onclick=&quot;x&quot;&gt;'
    """
    return escape("".join(c if c in keep or is_printable(c) else "\ufffd" for c in text))


def escape_markdown(text: str) -> str:
    r"""Write text so that Markdown shows it unchanged.

    >>> print(escape_markdown("a | [b](c)"))
    a \| \[b\]\(c\)
    """
    return _MARKDOWN.sub(r"\\\1", escape_terminal(text)).strip() or "–"


def _html_cell(shown: ShownColumn, row: Sequence[Cell]) -> str:
    cell = row[shown.at]
    text = escape_html(shown_text(shown, row))
    if isinstance(cell, int | Decimal) and not isinstance(cell, bool):
        return f'<td class="number">{text}</td>'
    if not isinstance(cell, str | Iri):
        return f"<td>{text}</td>"
    item = cell if shown.labels is None else row[shown.labels]
    text = f"<bdi>{text}</bdi>"
    if isinstance(item, Iri) and _HTML_LINKABLE.fullmatch(item.address):
        text = f'<a href="{escape(item.address)}" rel="noreferrer">{text}</a>'
    return f"<td>{text}</td>"


def _markdown_row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |\n"


def _markdown_cell(shown: ShownColumn, row: Sequence[Cell]) -> str:
    cell, text = row[shown.at], shown_text(shown, row)
    if isinstance(cell, Iri) and _MARKDOWN_LINKABLE.fullmatch(cell.address):
        return f"<{cell.address}>"
    if isinstance(cell, str | Iri | datetime):
        text = escape_markdown(text)
    elif shown.is_share:
        text = text.replace("<", "\\<").replace(">", "\\>")
    item = None if shown.labels is None else row[shown.labels]
    if isinstance(item, Iri) and _MARKDOWN_LINKABLE.fullmatch(item.address):
        return f"[{text}]({item.address})"
    return text
