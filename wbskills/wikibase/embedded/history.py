"""The revisions of the embedded store and who made them; deletions, restorations and redirects.

Works on the tables of the `RevisionStore`, in its transactions.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from wbskills.errors import EditConflict, NotFound
from wbskills.wikibase.embedded.revision_store import AppliedEdit, RevisionStore
from wbskills.wikibase.model.entities import Entity, Kind, Stored
from wbskills.wikibase.model.wire import entity_from_json

EVER: Final = ("", "9999")  # earlier and later than the time of any revision


@dataclass(frozen=True, slots=True, kw_only=True)
class EditInfo:
    """What is recorded with an edit besides the entity. An empty `made` means now."""

    summary: str = ""
    user: str = ""
    bot: bool = False
    tags: tuple[str, ...] = ()
    made: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One revision of an entity; `parent` is 0 for the first.

    `text` is the stored JSON; empty if it was blanked, as after someone was forgotten.
    """

    id: int
    parent: int
    entity: str
    made: str
    edit: EditInfo
    text: str

    def entity_then(self) -> Stored | None:
        """Return the entity as it was; None if this is a redirect, or if its text was blanked."""
        found = json.loads(self.text) if self.text else {"redirect": ""}
        if "redirect" in found:
            return None
        return Stored(entity_from_json(found), self.id, self.made)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionFilter:
    """Which revisions, and in which order: newest first, or oldest first with `oldest`.

    `start` is the id of the first revision, included. `times` are the earliest and the latest
    time, both included.
    """

    start: int | None = None
    oldest: bool = False
    times: tuple[str, str] = EVER

    def sql(self) -> tuple[str, tuple[str, str, int]]:
        """Return the end of a query up to its LIMIT, and the values before that limit."""
        if self.oldest:
            where, start = "r.id >= ? ORDER BY r.id LIMIT ?", self.start or 0
        else:
            where = "r.id <= ? ORDER BY r.id DESC LIMIT ?"
            start = 2**62 if self.start is None else self.start
        return f"r.made BETWEEN ? AND ? AND {where}", (*self.times, start)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """A deletion (`delete`) or restoration (`restore`) of an entity."""

    id: int
    made: str
    user: str
    action: str
    entity: str
    reason: str


_NEWEST: Final = RevisionFilter()
_FIRST: Final = "NOT EXISTS (SELECT 1 FROM revision p WHERE p.entity = r.entity AND p.id < r.id)"
_REVISIONS: Final = (
    "SELECT r.id, (SELECT COALESCE(MAX(p.id), 0) FROM revision p"
    " WHERE p.entity = r.entity AND p.id < r.id), r.entity, r.made, r.summary,"
    " COALESCE(e.name, ''), COALESCE(e.bot, 0), COALESCE(e.tags, '[]'), {text}"
    " FROM revision r LEFT JOIN editor e ON e.revision = r.id WHERE "
)


class History:
    """The history of one store."""

    def __init__(self, revisions: RevisionStore) -> None:
        self._revisions = revisions

    def revise(self, entity: Entity, before: Stored | None, edit: EditInfo) -> AppliedEdit:
        """Write one whole entity, and who did it. Inside a transaction."""
        applied = self._revisions.revise(entity, before, edit.summary, edit.made)
        self._record_editor(applied.after.revision, edit)
        return applied

    def remove(self, stored: Stored, edit: EditInfo, target: str | None = None) -> int:
        """Delete an entity, or with a `target` redirect it. Inside a transaction.

        Returns the id of the log entry of a deletion, or of the revision of a redirect. Raises
        `EditConflict` if `stored` is not the newest revision.
        """
        name, revision = stored.entity.id, stored.revision
        if target is not None:
            revision = self._revisions.revision() + 1
            text = json.dumps({"entity": name, "redirect": target}, separators=(",", ":"))
            self._revisions.run(
                "INSERT INTO revision VALUES (?, ?, ?, ?, ?)",
                revision,
                name,
                self._revisions.now(),
                edit.summary,
                text,
            )
            self._record_editor(revision, edit)
        for table in ("term", "term_lock", "identifier"):
            self._revisions.run(f"DELETE FROM {table} WHERE entity = ?", name)  # noqa: S608 - ours
        if not self._revisions.run(
            "DELETE FROM entity WHERE id = ? AND revision = ?", name, stored.revision
        ):
            raise EditConflict(f"{name} was changed by someone else since it was read")
        self._revisions.run(
            "INSERT OR REPLACE INTO gone VALUES (?, ?, ?, ?, ?)",
            name,
            stored.entity.kind.value,
            int(name[1:]),
            revision,
            target,
        )
        self._revisions.run("INSERT OR IGNORE INTO unsettled VALUES (?)", name)
        return revision if target is not None else self._log("delete", name, edit)

    def restore(self, entity_id: str, edit: EditInfo) -> Stored:
        """Restore a deleted entity as it was. Inside a transaction.

        Raises `NotFound` if there is no such deleted entity, `LabelClash` if another entity has
        its label by now.
        """
        rows = self._revisions.rows(
            "SELECT kind, number, revision FROM gone g WHERE id = ? AND target IS NULL AND EXISTS"
            " (SELECT 1 FROM revision r WHERE r.id = g.revision AND r.json <> '')",
            entity_id,
        )
        if not rows:
            raise NotFound(f"there is no deleted {entity_id}")
        self._revisions.run("DELETE FROM gone WHERE id = ?", entity_id)
        self._revisions.run("INSERT INTO entity VALUES (?, ?, ?, ?)", entity_id, *rows[0])
        stored = self._revisions.read([entity_id])[entity_id]
        self._revisions.index_new(stored.entity)
        self._revisions.run("INSERT OR IGNORE INTO unsettled VALUES (?)", entity_id)
        self._log("restore", entity_id, edit)
        return stored

    def _record_editor(self, revision: int, edit: EditInfo) -> None:
        if edit.user:
            self._revisions.run(
                "INSERT INTO editor VALUES (?, ?, ?, ?)",
                revision,
                edit.user,
                int(edit.bot),
                json.dumps(edit.tags),
            )

    def _log(self, action: str, entity_id: str, edit: EditInfo) -> int:
        self._revisions.run(
            "INSERT INTO log (made, user, action, entity, reason) VALUES (?, ?, ?, ?, ?)",
            self._revisions.now(),
            edit.user,
            action,
            entity_id,
            edit.summary,
        )
        return self.last_log_entry()

    def last_log_entry(self) -> int:
        """Return the id of the newest log entry; 0 if there is none."""
        return int(self._revisions.rows("SELECT COALESCE(MAX(id), 0) FROM log")[0][0])

    def outdated(self) -> list[str]:
        """List the entities whose triples have to be replaced."""
        return [row[0] for row in self._revisions.rows("SELECT entity FROM unsettled")]

    def outdated_since(self, revision: int, log_entry: int) -> list[str]:
        """List the same for triples that stopped at a revision and a log entry."""
        rows = self._revisions.rows(
            "SELECT entity FROM log WHERE id > ?1 UNION SELECT id FROM gone"
            " WHERE target IS NOT NULL AND revision > ?2 UNION SELECT entity FROM unsettled",
            log_entry,
            revision,
        )
        return [row[0] for row in rows]

    def mark_updated(self, ids: Sequence[str]) -> None:
        """Record that the triples of entities were replaced."""
        with self._revisions.transaction():
            for name in ids:
                self._revisions.run("DELETE FROM unsettled WHERE entity = ?", name)

    def revisions_of(
        self,
        entity_id: str,
        limit: int = 50,
        selected: RevisionFilter = _NEWEST,
        *,
        texts: bool = False,
    ) -> list[Revision]:
        """List the revisions of an entity, with their texts only if asked for."""
        where, values = selected.sql()
        return self._select(f"r.entity = ? AND {where}", entity_id, *values, limit, texts=texts)

    def changes(
        self,
        limit: int,
        selected: RevisionFilter = _NEWEST,
        *,
        kinds: Iterable[Kind] = Kind,
        new: bool | None = None,
        bot: bool | None = None,
        user: str | None = None,
    ) -> list[Revision]:
        """List the revisions of all entities that are not deleted, without their texts.

        `new` selects those that created an entity (True) or all others (False); `bot` those of
        bots or of others; `user` those of one user.
        """
        letters = "".join({Kind.ITEM: "Q", Kind.PROPERTY: "P"}[kind] for kind in kinds)
        condition = "" if new is None else f" AND {'' if new else 'NOT '}{_FIRST}"
        if bot is not None:
            condition += f" AND COALESCE(e.bot, 0) = {int(bot)}"
        # Summaries repeat labels and values, so those of deleted entities are not shown.
        there = "NOT EXISTS (SELECT 1 FROM gone g WHERE g.id = r.entity AND g.target IS NULL)"
        where, values = selected.sql()
        return self._select(
            "instr(?, substr(r.entity, 1, 1)) > 0 AND (? = '' OR e.name = ?)"
            f" AND {there}{condition} AND {where}",
            letters,
            user or "",
            user or "",
            *values,
            limit,
            texts=False,
        )

    def revision(self, number: int) -> Revision | None:
        """Find a revision by its id."""
        found = self._select("r.id = ?", number, texts=True)
        return found[0] if found else None

    def editors_since(self, entity_id: str, revision: int) -> set[str]:
        """Return the users who edited an entity after a revision."""
        rows = self._revisions.rows(
            "SELECT DISTINCT COALESCE(e.name, '') FROM revision r"
            " LEFT JOIN editor e ON e.revision = r.id WHERE r.entity = ? AND r.id > ?",
            entity_id,
            revision,
        )
        return {row[0] for row in rows}

    def edit_count(self, user: str) -> int:
        """Count the edits of a user."""
        query = "SELECT COUNT(*) FROM editor WHERE name = ?"
        return int(self._revisions.rows(query, user)[0][0])

    def log_entries(
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
        """List deletions and restorations, newest first (`down`) or oldest first.

        `start` is the id of the first entry; an empty `action`, `user` or `entity` means any.
        """
        order, sign, first = ("DESC", "<=", 2**62) if down else ("ASC", ">=", 0)
        rows = self._revisions.rows(
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

    def _select(self, where: str, *values: str | int, texts: bool) -> list[Revision]:
        query = _REVISIONS.format(text="r.json" if texts else "''") + where
        return [
            Revision(
                id=row[0],
                parent=row[1],
                entity=row[2],
                made=row[3],
                edit=EditInfo(
                    summary=row[4], user=row[5], bot=bool(row[6]), tags=tuple(json.loads(row[7]))
                ),
                text=row[8],
            )
            for row in self._revisions.rows(query, *values)
        ]
