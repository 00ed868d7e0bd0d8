"""Which response of a person counts, in files of any length.

Like `tools.plain_tables`, this uses sqlite3 as a list that spills to the disk: in a nameless
temporary file that is gone when it is closed. It has row numbers and hashes, but no names.
"""

import sqlite3
from collections.abc import Iterator
from hashlib import blake2b
from typing import NamedTuple
from weakref import finalize

from wbskills.surveys.responses.parse_row import ParsedRow, RowState

_BATCH = 200
_CACHE = "PRAGMA cache_size = -256"  # kilobytes; the rest is on the disk
_TABLE = """
CREATE TABLE read (
    row INTEGER PRIMARY KEY, state INTEGER, person BLOB, moment TEXT, wave TEXT,
    kinds BLOB, interests INTEGER, name BLOB, home TEXT
)"""
_NEWEST = """
CREATE TABLE newest AS
SELECT row, first_value(row) OVER (
    PARTITION BY person, wave ORDER BY moment DESC, row DESC
) AS by
FROM read WHERE person IS NOT NULL"""
_SUPERSEDED = """
SELECT newest.by, read.row, read.state, read.wave, read.kinds, read.interests
FROM read JOIN newest USING (row)
WHERE read.state = ? AND newest.by != read.row ORDER BY read.row"""
# Rows of different people with the same name, which count, or will once they are fixed.
_CLASH = """
CREATE TABLE clash AS
WITH counts AS (
    SELECT read.row, read.name, read.person FROM read JOIN newest USING (row)
    WHERE newest.by = read.row AND read.name IS NOT NULL
), names AS (
    SELECT name, min(row) AS lowest, max(row) AS highest FROM counts
    GROUP BY name HAVING count(DISTINCT person) > 1
)
SELECT counts.row AS row, iif(counts.row = lowest, highest, lowest) AS other
FROM counts JOIN names USING (name)"""
_SHARED = """
SELECT clash.other, read.row, read.state, read.wave, read.kinds, read.interests
FROM clash JOIN read USING (row) ORDER BY read.row"""
_TWO_HOMES = """
SELECT max(row) FROM read WHERE person IS NOT NULL AND home != ''
GROUP BY person, wave HAVING count(DISTINCT home) > 1 ORDER BY 1"""
_REFUSING = """
SELECT read.row, newest.by, last.moment
FROM read JOIN newest USING (row) JOIN read AS last ON last.row = newest.by
WHERE last.state = ?1 AND (read.row = newest.by OR read.state = ?2) ORDER BY read.row"""
_COUNTING = """
SELECT read.row FROM read JOIN newest USING (row)
WHERE read.state = ? AND newest.by = read.row AND read.row NOT IN (SELECT row FROM clash)
ORDER BY read.row"""


class Outranked(NamedTuple):
    """A row that does not count, without its faults and response, and the row that is why."""

    other_row: int
    parsed: ParsedRow


class Deduplicator:
    """All rows of a file, as far as they show which response of each person counts.

    The latest one of a person in a wave counts; of two at the same moment, the lower one in the
    file. That is so whatever the latest one is: it also counts if it withdraws a consent, or if
    it has faults that are still to be fixed.
    """

    def __init__(self) -> None:
        # Rows may be added by one thread and read by another, but never at the same time.
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        finalize(self, self._database.close)
        for statement in (
            "PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", _CACHE, _TABLE, "BEGIN",
        ):  # fmt: skip
            self._database.execute(statement)
        self._waiting: list[tuple[object, ...]] = []

    def add(self, parsed: ParsedRow) -> None:
        """Add a row."""
        person = name = None
        if parsed.person and parsed.wave and parsed.moment:
            person = _hash(parsed.person)
        home = ""
        identity = parsed.identity if parsed.state is RowState.FAULTY else None
        if parsed.response is not None:
            home, identity = parsed.response.home_community, parsed.response.identity
        if identity is not None:
            name = _hash(repr(identity))
        self._waiting.append(
            (
                parsed.row, parsed.state, person, parsed.moment, parsed.wave, parsed.kinds,
                parsed.interests, name, home,
            )
        )  # fmt: skip
        if len(self._waiting) >= _BATCH:
            self._write()

    def decide(self) -> None:
        """Find out which response of each person counts, once all rows have been added."""
        self._write()
        self._database.execute(_NEWEST)
        self._database.execute("CREATE UNIQUE INDEX by_row ON newest (row)")
        self._database.execute(_CLASH)
        self._database.execute("CREATE UNIQUE INDEX clash_row ON clash (row)")

    def superseded(self) -> Iterator[Outranked]:
        """List the good rows that were replaced by a newer answer, each with the newer row."""
        yield from map(_outranked, self._database.execute(_SUPERSEDED, (RowState.GOOD,)))

    def shared_names(self) -> Iterator[Outranked]:
        """List the rows whose name is that of another person, each with a row of that person."""
        yield from map(_outranked, self._database.execute(_SHARED))

    def two_homes(self) -> list[int]:
        """List the last rows of people who answered for two communities in one wave."""
        return [row for (row,) in self._database.execute(_TWO_HOMES)]

    def counting(self) -> Iterator[int]:
        """List the rows that count, from the top."""
        for (row,) in self._database.execute(_COUNTING, (RowState.GOOD,)):
            yield row

    def refusing(self) -> Iterator[tuple[int, int, str]]:
        """List the rows of people whose latest answer is no consent, from the top.

        These are the latest answers, and those before them with a consent; each with the
        row of the latest answer and its moment.
        """
        yield from self._database.execute(_REFUSING, (RowState.WITHHELD, RowState.GOOD))

    def _write(self) -> None:
        self._database.executemany(
            "INSERT INTO read VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", self._waiting
        )
        self._waiting.clear()


def _hash(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()


def _outranked(found: tuple[int, int, int, str, bytes, int]) -> Outranked:
    other, row, state, wave, kinds, interests = found
    return Outranked(
        other, ParsedRow(row, RowState(state), wave=wave, kinds=kinds, interests=interests)
    )
