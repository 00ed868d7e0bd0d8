"""Which response of a person counts, in files of any length.

Outside the store, only this and `shapes.long` use sqlite3: as a list that spills to the disk by
itself, not as a store. It lives in a nameless temporary file that is gone when it is closed, and
it holds row numbers and hashes, nobody's name.
"""

import sqlite3
from collections.abc import Iterator
from hashlib import blake2b
from weakref import finalize

from wbskills.surveys.responses.parse_row import Reading, State

_BATCH = 200
_CACHE = "PRAGMA cache_size = -256"  # kilobytes; the rest lies on the disk
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
SELECT read.row, newest.by, read.wave, read.kinds, read.interests FROM read JOIN newest USING (row)
WHERE read.state = ? AND newest.by != read.row ORDER BY read.row"""
# Rows that count, or will when they are mended, of different people who gave one name.
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
SELECT read.row, clash.other, read.state, read.wave, read.kinds, read.interests
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


class Counting:
    """All readings of a file, as far as they tell which response of each person counts.

    The newest one of a person in a wave counts; of two at the same moment, the lower one in the
    file. That holds whatever the newest one is: one that takes back a consent, or one with
    faults that are still to be mended, counts too.
    """

    def __init__(self) -> None:
        # Readings may be taken in by one thread and asked for by another, never at once.
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        finalize(self, self._database.close)
        for text in (
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            _CACHE,
            _TABLE,
            "BEGIN",
        ):
            self._database.execute(text)
        self._waiting: list[tuple[object, ...]] = []

    def add(self, reading: Reading) -> None:
        """Note a reading."""
        person = None
        if reading.person and reading.wave and reading.moment:
            person = blake2b(reading.person.encode(), digest_size=16).digest()
        moment, wave = reading.moment, reading.wave
        name, home = None, ""
        identity = reading.identity if reading.state is State.FAULTY else None
        if reading.response is not None:
            home, identity = reading.response.home_community, reading.response.identity
        if identity is not None:
            name = blake2b(repr(identity).encode(), digest_size=16).digest()
        about = (reading.row, reading.state, person, moment, wave)
        self._waiting.append((*about, reading.kinds, reading.interests, name, home))
        if len(self._waiting) >= _BATCH:
            self._write()

    def decide(self) -> None:
        """Find out which response of each person counts, once all have been added."""
        self._write()
        self._database.execute(_NEWEST)
        self._database.execute("CREATE UNIQUE INDEX by_row ON newest (row)")
        self._database.execute(_CLASH)
        self._database.execute("CREATE UNIQUE INDEX clash_row ON clash (row)")

    def superseded(self) -> Iterator[tuple[int, Reading]]:
        """List the good readings that do not count, each with the row that does."""
        for row, by, wave, kinds, interests in self._database.execute(_SUPERSEDED, (State.GOOD,)):
            yield by, Reading(row, State.GOOD, wave=wave, kinds=kinds, interests=interests)

    def shared_names(self) -> Iterator[tuple[int, Reading]]:
        """List the readings whose name is that of another person, each with a row of theirs."""
        for row, other, state, wave, kinds, interests in self._database.execute(_SHARED):
            yield other, Reading(row, State(state), wave=wave, kinds=kinds, interests=interests)

    def two_homes(self) -> list[int]:
        """List the last rows of people who answered for two communities in one wave."""
        return [row for (row,) in self._database.execute(_TWO_HOMES)]

    def counting(self) -> Iterator[int]:
        """List the rows that count, from the top."""
        for (row,) in self._database.execute(_COUNTING, (State.GOOD,)):
            yield row

    def refusing(self) -> Iterator[tuple[int, int, str]]:
        """List the rows, from the top, of people who did not agree in the end.

        That is the row that says so, and those above it by which they had agreed; each with the
        row that says so, and its moment.
        """
        yield from self._database.execute(_REFUSING, (State.WITHHELD, State.GOOD))

    def _write(self) -> None:
        self._database.executemany(
            "INSERT INTO read VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", self._waiting
        )
        self._waiting.clear()
