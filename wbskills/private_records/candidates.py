"""The queue of suggestions: skills that people named in a survey without being asked.

A private file: what people typed becomes public only by a decision. It has no names, only salted
hashes of the people.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from wbskills.errors import StoreError, StoreTooNew
from wbskills.private_files import private_file, private_folder
from wbskills.wikibase.sqlite import connect, store_errors

FILE: Final = "candidates.sqlite"
ADOPTED: Final = "adopted"
MERGED: Final = "merged"
REJECTED: Final = "rejected"
_VERSION: Final = 2
_WAIT: Final = 5.0  # seconds
_SCHEMA: Final = (
    # What each person suggested in each wave and has no decision yet.
    """CREATE TABLE named (
        response BLOB, wave TEXT, wording TEXT, written TEXT, level TEXT,
        PRIMARY KEY (response, wording)
    ) WITHOUT ROWID""",
    "CREATE INDEX named_wording ON named (wording)",
    """CREATE TABLE decided (
        wording TEXT PRIMARY KEY, written TEXT, became TEXT, skill TEXT,
        label TEXT, description TEXT, parent TEXT
    ) WITHOUT ROWID""",
)
# Since version 2: which wordings each response gave, whatever was decided on them.
_ADDED: Final = (
    """CREATE TABLE gave (
        response BLOB, wave TEXT, wording TEXT, PRIMARY KEY (response, wording)
    ) WITHOUT ROWID""",
    "CREATE INDEX gave_wording ON gave (wording)",
    "INSERT INTO gave SELECT response, wave, wording FROM named",
    f"PRAGMA user_version = {_VERSION}",
)
_DROP_DECIDED: Final = """
DELETE FROM decided WHERE wording = ?1 AND became <> 'adopted' AND NOT EXISTS (
    SELECT 1 FROM gave WHERE wording = ?1
)"""
# Of what was rejected before version 2, it is unknown who gave it.
_DROP_REJECTED: Final = """
DELETE FROM decided WHERE became = 'rejected' AND wording NOT IN (SELECT wording FROM gave)"""
_WAITING: Final = """
SELECT wording, min(written), count(DISTINCT response), group_concat(DISTINCT wave)
FROM named WHERE wording NOT IN (SELECT wording FROM decided)
GROUP BY wording ORDER BY 3 DESC, 1"""
_DECIDED: Final = """
SELECT wording, written, became, skill, label, description, parent,
    (SELECT count(*) FROM named WHERE named.wording = decided.wording)
FROM decided ORDER BY became, wording"""

_DECISION: Final = (  # the columns of `_DECIDED`; the last one is not stored
    "wording", "written", "became", "skill", "label", "description", "group", "waiting",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waiting:
    """A suggestion that waits for a decision, how many people gave it, and in which waves."""

    wording: str
    written: str
    people: int
    waves: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision on a suggestion: adopted as a new skill, merged into one, or rejected.

    `label`, `description` and `group` are those of an adopted skill. `waiting` counts the people
    whose answers have not been imported again since; `before` is the skill that the wording used
    to mean, and `had_item` says that this one was adopted, so that its item still exists.
    """

    wording: str
    written: str
    became: str
    skill: str = ""
    label: str = ""
    description: str = ""
    group: str = ""
    waiting: int = 0
    before: str = ""
    had_item: bool = False


# Adds one response: its hash, its wave, each suggestion (key, as written, level), and the keys of
# wordings that have a decision.
Add = Callable[[bytes, str, Sequence[tuple[str, str, str]], Sequence[str]], None]


class Candidates:
    """The queue of one Wikibase. A context manager.

    Without `write`, a missing file is an empty queue. Raises `StoreError` if the file cannot be
    used, `StoreBusy` if another process is writing to it.
    """

    def __init__(self, folder: Path, *, write: bool = True) -> None:
        self._file = folder / FILE
        with _translated(self._file):
            if write:
                private_folder(folder)
                private_file(self._file)
            place = str(self._file) if self._file.exists() else ":memory:"
            self._db = connect(place, wait=_WAIT)
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def waiting(self) -> list[Waiting]:
        """List the suggestions that wait for a decision, most frequent first."""
        with _translated(self._file):
            return [
                Waiting(wording, written, people, tuple(sorted(waves.split(","))))
                for wording, written, people, waves in self._db.execute(_WAITING)
            ]

    def decisions(self) -> list[Decision]:
        """List all decisions."""
        with _translated(self._file):
            rows = self._db.execute(_DECIDED).fetchall()
        return [Decision(**dict(zip(_DECISION, row, strict=True))) for row in rows]

    def decide(self, decision: Decision) -> None:
        """Record a decision, which replaces an earlier one on the same wording."""
        values = [getattr(decision, name) for name in _DECISION[:-1]]
        with _translated(self._file):
            self._db.execute("INSERT OR REPLACE INTO decided VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    @contextmanager
    def adding(self) -> Iterator[Add]:
        """Add the suggestions of responses, which replace what these suggested before.

        All of them are added when the block ends, or none if it raises.
        """
        with _translated(self._file):
            self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._add
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        with _translated(self._file):
            self._db.execute("COMMIT")

    def waves(self) -> list[str]:
        """List the waves with suggestions."""
        with _translated(self._file):
            return [wave for (wave,) in self._db.execute("SELECT DISTINCT wave FROM gave")]

    def named_by(self, responses: Iterable[bytes]) -> list[str]:
        """List what some responses named and nobody has decided on, as it was written."""
        with _translated(self._file):
            return [
                written
                for response in responses
                for (written,) in self._db.execute(
                    "SELECT written FROM named WHERE response = ? AND wording NOT IN"
                    " (SELECT wording FROM decided) ORDER BY wording",
                    (response,),
                )
            ]

    def knows(self, responses: Iterable[bytes]) -> bool:
        """Check whether any of these responses made suggestions, decided or not."""
        with _translated(self._file):
            return any(
                self._db.execute(
                    f"SELECT 1 FROM {table} WHERE response = ?",  # noqa: S608 - ours
                    (response,),
                ).fetchone()
                for response in responses
                for table in ("named", "gave")
            )

    def forget(self, responses: Iterable[bytes]) -> int:
        """Remove the suggestions of some responses; returns how many there were.

        Decisions on wordings that nobody else gave are removed, too, except adopted skills: their
        items are public.
        """
        count = 0
        with _translated(self._file):
            for response in responses:
                count += self._db.execute(
                    "DELETE FROM named WHERE response = ?", (response,)
                ).rowcount
                gave = self._db.execute(
                    "SELECT wording FROM gave WHERE response = ?", (response,)
                ).fetchall()
                self._db.execute("DELETE FROM gave WHERE response = ?", (response,))
                self._db.executemany(_DROP_DECIDED, gave)
        return count

    def forget_naming(self, names: Callable[[str], bool]) -> int:
        """Remove suggestions that name a person, as `names` says; returns how many there were.

        Adopted ones stay: their items are public.
        """
        count = 0
        with _translated(self._file):
            rows = self._db.execute(
                "SELECT wording, written FROM named UNION"
                " SELECT wording, written FROM decided WHERE became <> 'adopted'"
            ).fetchall()
            for wording in {one for one, written in rows if names(one) or names(written or "")}:
                for query in (
                    "DELETE FROM named WHERE wording = ?",
                    "DELETE FROM gave WHERE wording = ?",
                    "DELETE FROM decided WHERE wording = ? AND became <> 'adopted'",
                ):
                    self._db.execute(query, (wording,))
                count += 1
        return count

    def drop_rejected_of_nobody(self) -> None:
        """Remove rejected wordings for which no response is recorded."""
        with _translated(self._file):
            self._db.execute(_DROP_REJECTED)

    def _add(
        self,
        response: bytes,
        wave: str,
        named: Sequence[tuple[str, str, str]],
        decided: Sequence[str] = (),
    ) -> None:
        with _translated(self._file):
            for table in ("named", "gave"):
                self._db.execute(
                    f"DELETE FROM {table} WHERE response = ?",  # noqa: S608 - ours
                    (response,),
                )
            self._db.executemany(
                "INSERT OR IGNORE INTO gave VALUES (?, ?, ?)",
                [(response, wave, each) for each in (*(one[0] for one in named), *decided)],
            )
            self._db.executemany(
                "INSERT INTO named VALUES (?, ?, ?, ?, ?)",
                [(response, wave, *one) for one in named],
            )

    def _prepare(self) -> None:
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found > _VERSION:
            raise StoreTooNew(
                f"a newer version of wbskills wrote {self._file} (format {found}; this version"
                f" reads {_VERSION})",
                hint="run “pip install --upgrade wbskills”",
            )
        self._db.execute("PRAGMA secure_delete = ON")  # what is removed leaves no byte
        if found < _VERSION:
            self._db.execute("BEGIN IMMEDIATE")
            found = self._db.execute("PRAGMA user_version").fetchone()[0]
            for statement in (*(_SCHEMA if found == 0 else ()), *_ADDED):
                if found < _VERSION:
                    self._db.execute(statement)
            self._db.execute("COMMIT")


@contextmanager
def _translated(file: Path) -> Iterator[None]:
    """Translate errors of SQLite and the system."""
    hint = "move the file elsewhere; importing the surveys again creates a new one"
    try:
        with store_errors(str(file), hint):
            yield
    except OSError as error:
        raise StoreError(
            f"{file} cannot be used: {error.strerror}",
            hint="free some space on the disk, or get permission to write there",
        ) from error
