"""A table as CSV (RFC 4180): for spreadsheets and scripts."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import starmap
from typing import Any

from wbskills.report.figures import QUOTIENT_PLACES, rounded
from wbskills.table import Cell, Iri, Table

# What makes a spreadsheet run a cell's text as a formula, full-width forms included.
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_UNSEEN = re.compile("[\\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")

_TO_QUOTE = re.compile('[",\r\n]')
_AT_ONCE = 500  # records

Texts = dict[type, Callable[[Any], str]]  # how cells of each kind are written


def as_csv(table: Table, *, addresses: bool = False, headings: bool = False) -> str:
    """Write a table as CSV; see `csv_lines`."""
    return "".join(csv_lines(table, addresses=addresses, headings=headings))


def csv_lines(table: Table, *, addresses: bool = False, headings: bool = False) -> Iterator[str]:
    """Write a table as CSV, some records at a time, each ending in CR LF.

    The first line holds the names of the columns, which stay as they are from one version to
    the next, or on request the headings for people. Entities are written as ids, or on request
    as addresses; shares and other fractions with four decimals at most. Text that a spreadsheet
    would run as a formula gets a leading apostrophe; numbers never do.
    """
    names = [column.heading if headings else column.name for column in table.columns]
    yield _records([map(_text, names)])
    exact = _TEXTS | {Iri: lambda entity: _text(entity.address)} if addresses else _TEXTS
    short = exact | {Decimal: _short}
    texts = [short if column.fraction else exact for column in table.columns]
    for start in range(0, len(table), _AT_ONCE):
        # Column by column, as most hold cells of one kind, and the same few again and again.
        columns = zip(*table.rows[start : start + _AT_ONCE], strict=True)
        written = starmap(_column, zip(columns, texts, strict=True))
        yield _records(zip(*written, strict=True))


def _records(rows: Iterable[Iterable[str]]) -> str:
    # A line with nothing in it would be no record.
    return "".join([(",".join(row) or '""') + "\r\n" for row in rows])


def _column(cells: Sequence[Cell], texts: Texts) -> Iterable[str]:
    kinds = {kind: _for(kind, texts) for kind in set(map(type, cells))}
    if len(kinds) == 1:
        return map(next(iter(kinds.values())), cells)
    return [kinds[type(cell)](cell) for cell in cells]


def _for(kind: type, texts: Texts) -> Callable[[Any], str]:
    return next(texts[each] for each in kind.__mro__ if each in texts)


def harmless(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run.

    Blanks and what is not seen before it do not count: some programs take them away.

    >>> harmless("=HYPERLINK(1)"), harmless(" \\ufeff=1"), harmless("a = b")
    ("'=HYPERLINK(1)", "' \\ufeff=1", 'a = b')
    """
    if text[:1].isalnum():
        return text
    if text.startswith(_FORMULA):
        return "'" + text
    unseen = _UNSEEN.match(text)
    runs = unseen is not None and text.startswith(_FORMULA, unseen.end())
    return "'" + text if runs else text


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _TO_QUOTE.search(text) else text


# The same few labels and addresses stand in thousands of rows.
@lru_cache(maxsize=1 << 16)
def _text(text: str) -> str:
    return _quoted(harmless(text))


@lru_cache(maxsize=1 << 16)
def _id(address: str) -> str:
    return _text(Iri(address).short)


def _short(quotient: Decimal) -> str:
    return format(rounded(quotient, QUOTIENT_PLACES), "f")


_TEXTS: Texts = {
    str: _text,
    Iri: lambda entity: _id(entity.address),
    type(None): lambda _: "",
    bool: lambda truth: "true" if truth else "false",
    int: str,
    Decimal: str,
    datetime: lambda moment: moment.isoformat(timespec="seconds"),
    date: date.isoformat,
}
