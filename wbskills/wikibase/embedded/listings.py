"""Lists of what the embedded store holds as pages: their titles, numbers, and log entries."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from wbskills.wikibase.embedded.entities_db import Ledger
from wbskills.wikibase.model.entities import Kind

_AT_ONCE: Final = 500  # parameters of one statement; SQLite allows at least 999
_THERE: Final = (
    "(SELECT id, kind, number, revision, NULL AS target FROM entity"
    " UNION ALL SELECT id, kind, number, revision, target FROM gone WHERE target IS NOT NULL)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """A deletion (`delete`) or restoration (`restore`) of the page of an entity."""

    id: int
    made: str
    user: str
    action: str
    entity: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Which titles are meant: all from `start` to `end` that begin with `prefix`.

    `redirects` asks for redirects only, or (False) for all others; `down` turns the order
    around, and `start` is the last of the alphabet then.
    """

    start: str = ""
    end: str = ""
    prefix: str = ""
    redirects: bool | None = None
    down: bool = False


class Listings:
    """What lists of pages are made from."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def pages(self, ids: Iterable[str]) -> dict[str, int]:
        """Give the page numbers of entities and redirects; what is not there is left out."""
        return dict(
            self._chosen(
                "SELECT r.entity, MIN(r.id) FROM revision r WHERE r.entity IN ({})"
                " AND (EXISTS (SELECT 1 FROM entity e WHERE e.id = r.entity) OR EXISTS"
                " (SELECT 1 FROM gone g WHERE g.id = r.entity AND g.target IS NOT NULL))"
                " GROUP BY r.entity",
                ids,
            )
        )

    def newest(self, ids: Iterable[str]) -> dict[str, int]:
        """Give the newest revisions of entities and redirects."""
        return dict(self._chosen(f"SELECT id, revision FROM {_THERE} WHERE id IN ({{}})", ids))  # noqa: S608 - ours

    def main_page(self) -> tuple[int, str]:
        """Give the number of the main page, 0 if there is none, and when it was made."""
        return self._ledger.main_page()

    def titles(self, kind: Kind, limit: int, wanted: Range) -> list[str]:
        """List the ids of entities and redirects in the order of their letters."""
        order, after, before = ("DESC", "<=", ">=") if wanted.down else ("ASC", ">=", "<=")
        asked = ["kind = ?", "substr(id, 1, ?) = ?"]
        values: list[str | int] = [kind.value, len(wanted.prefix), wanted.prefix]
        for sign, bound in ((after, wanted.start), (before, wanted.end)):
            if bound:
                asked.append(f"id {sign} ?")
                values.append(bound)
        if wanted.redirects is not None:
            asked.append(f"target IS {'NOT ' if wanted.redirects else ''}NULL")
        rows = self._ledger.rows(
            f"SELECT id FROM {_THERE} WHERE {' AND '.join(asked)} ORDER BY id {order} LIMIT ?",  # noqa: S608 - ours
            *values,
            limit,
        )
        return [row[0] for row in rows]

    def random(self, kinds: Iterable[Kind], limit: int, redirects: bool | None) -> list[str]:
        """Choose some entities, or redirects, at random."""
        named = [kind.value for kind in kinds]
        asked = "" if redirects is None else f" AND target IS {'NOT ' if redirects else ''}NULL"
        rows = self._ledger.rows(
            f"SELECT id FROM {_THERE} WHERE kind IN ({','.join('?' * len(named))}){asked}"  # noqa: S608 - ours
            " ORDER BY random() LIMIT ?",
            *named,
            limit,
        )
        return [row[0] for row in rows]

    def log(
        self,
        limit: int,
        *,
        start: int | None = None,
        down: bool = True,
        times: tuple[str, str],
        action: str = "",
        user: str = "",
        entity: str = "",
    ) -> list[LogEntry]:
        """List deletions and restorations, from the entry `start` on."""
        order, sign, first = ("DESC", "<=", 2**62) if down else ("ASC", ">=", 0)
        rows = self._ledger.rows(
            "SELECT id, made, user, action, entity, reason FROM log"  # noqa: S608 - ours
            f" WHERE id {sign} ? AND made BETWEEN ? AND ? AND ? IN ('', action)"
            f" AND ? IN ('', user) AND ? IN ('', entity) ORDER BY id {order} LIMIT ?",
            first if start is None else start,
            *times,
            action,
            user,
            entity,
            limit,
        )
        return [
            LogEntry(
                id=row[0], made=row[1], user=row[2], action=row[3], entity=row[4], reason=row[5]
            )
            for row in rows
        ]

    def edits_of(self, user: str) -> int:
        """Count the edits of a user."""
        return int(self._ledger.rows("SELECT COUNT(*) FROM editor WHERE name = ?", user)[0][0])

    def _chosen(self, query: str, ids: Iterable[str]) -> list[tuple[Any, ...]]:
        names = list(dict.fromkeys(ids))
        rows = []
        for start in range(0, len(names), _AT_ONCE):
            part = names[start : start + _AT_ONCE]
            rows += self._ledger.rows(query.format(",".join("?" * len(part))), *part)
        return rows
