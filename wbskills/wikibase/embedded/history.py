"""What happened to the entities of the embedded store, and what is no longer there.

Beside the ledger's plain reading and writing: who made which revision, deletion, redirects,
search by label and alias. Works on the ledger's tables, in the ledger's transactions.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from wbskills.errors import EditConflict, NotFound
from wbskills.wikibase.embedded.entities_db import Ledger, Step
from wbskills.wikibase.embedded.listings import Listings
from wbskills.wikibase.model.entities import Entity, Kind, Stored
from wbskills.wikibase.model.wire import entity_from_json

EVER: Final = ("", "9999")  # from the first to the last time that a revision may have
_LAST: Final = "\U0010ffff"  # sorts behind every text that has the same beginning


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is noted with an edit: its summary, who made it, with which marks, and when.

    `made` is empty for now.
    """

    summary: str = ""
    user: str = ""
    bot: bool = False
    tags: tuple[str, ...] = ()
    made: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One revision of an entity; `parent` is 0 for the first.

    `text` is the JSON that was kept; empty if it was blanked, as of somebody who was forgotten.
    """

    id: int
    parent: int
    entity: str
    made: str
    note: Note
    text: str

    def entity_then(self) -> Stored | None:
        """Give the entity as it was; None if it was a redirect, or what it said was blanked."""
        found = json.loads(self.text) if self.text else {"redirect": ""}
        if "redirect" in found:
            return None
        return Stored(entity_from_json(found), self.id, self.made)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """A way through revisions: newest first, or `oldest`, from the number `start` on, itself too.

    `times` are the first and the last that are meant, both included.
    """

    start: int | None = None
    oldest: bool = False
    times: tuple[str, str] = EVER

    def query(self) -> tuple[str, tuple[str, str, int]]:
        """Write the end of a query, and its values but for the limit."""
        if self.oldest:
            where, start = "r.id >= ? ORDER BY r.id LIMIT ?", self.start or 0
        else:
            where = "r.id <= ? ORDER BY r.id DESC LIMIT ?"
            start = 2**62 if self.start is None else self.start
        return f"r.made BETWEEN ? AND ? AND {where}", (*self.times, start)


_NEWEST: Final = Walk()


@dataclass(frozen=True, slots=True)
class Hit:
    """A term that was found: `role` is label or alias."""

    entity: str
    language: str
    text: str
    role: str


_REVISIONS: Final = (
    "SELECT r.id, (SELECT COALESCE(MAX(p.id), 0) FROM revision p"
    " WHERE p.entity = r.entity AND p.id < r.id), r.entity, r.made, r.summary,"
    " COALESCE(e.name, ''), COALESCE(e.bot, 0), COALESCE(e.tags, '[]'), {text}"
    " FROM revision r LEFT JOIN editor e ON e.revision = r.id WHERE "
)


class Archive:
    """The history of one ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.lists = Listings(ledger)

    def note(self, revision: int, note: Note) -> None:
        """Keep who made a revision. Inside a transaction."""
        if note.user:
            self._ledger.run(
                "INSERT INTO editor VALUES (?, ?, ?, ?)",
                revision,
                note.user,
                int(note.bot),
                json.dumps(note.tags),
            )

    def revise(self, entity: Entity, before: Stored | None, note: Note) -> Step:
        """Write one whole entity, and who did it. Inside a transaction."""
        step = self._ledger.revise(entity, before, note.summary, note.made)
        self.note(step.after.revision, note)
        return step

    def remove(self, stored: Stored, note: Note, target: str | None = None) -> int:
        """Take an entity out, deleted or (with a target) redirected. Inside a transaction.

        Gives the number of the log entry of a deletion, of a redirect its new revision.
        """
        name, kind = stored.entity.id, stored.entity.kind.value
        revision, entry = stored.revision, 0
        if target is not None:
            revision = entry = self._ledger.revision() + 1
            text = json.dumps({"entity": name, "redirect": target}, separators=(",", ":"))
            self._ledger.run(
                "INSERT INTO revision VALUES (?, ?, ?, ?, ?)",
                revision,
                name,
                self._ledger.now(),
                note.summary,
                text,
            )
            self.note(revision, note)
        for table in ("term", "term_lock", "identifier"):
            self._ledger.run(f"DELETE FROM {table} WHERE entity = ?", name)  # noqa: S608 - ours
        if not self._ledger.run(
            "DELETE FROM entity WHERE id = ? AND revision = ?", name, stored.revision
        ):
            raise EditConflict(f"{name} was changed by somebody since it was read")
        self._ledger.run(
            "INSERT OR REPLACE INTO gone VALUES (?, ?, ?, ?, ?)",
            name,
            kind,
            int(name[1:]),
            revision,
            target,
        )
        self._ledger.run("INSERT OR IGNORE INTO unsettled VALUES (?)", name)
        return entry if target is not None else self._log("delete", name, note)

    def restore(self, entity_id: str, note: Note) -> Stored:
        """Bring a deleted entity back as it was. Inside a transaction.

        Raises `NotFound` if there is no such deleted entity, `LabelClash` if its label is
        another's by now.
        """
        rows = self._ledger.rows(
            "SELECT kind, number, revision FROM gone g WHERE id = ? AND target IS NULL AND EXISTS"
            " (SELECT 1 FROM revision r WHERE r.id = g.revision AND r.json <> '')",
            entity_id,
        )
        if not rows:
            raise NotFound(f"there is no deleted {entity_id}")
        kind, number, revision = rows[0]
        self._ledger.run("DELETE FROM gone WHERE id = ?", entity_id)
        self._ledger.run(
            "INSERT INTO entity VALUES (?, ?, ?, ?)", entity_id, kind, number, revision
        )
        stored = self._ledger.read([entity_id])[entity_id]
        self._ledger.reindex(stored.entity)
        self._ledger.run("INSERT OR IGNORE INTO unsettled VALUES (?)", entity_id)
        self._log("restore", entity_id, note)
        return stored

    def _log(self, action: str, entity_id: str, note: Note) -> int:
        self._ledger.run(
            "INSERT INTO log (made, user, action, entity, reason) VALUES (?, ?, ?, ?, ?)",
            self._ledger.now(),
            note.user,
            action,
            entity_id,
            note.summary,
        )
        return int(self._ledger.rows("SELECT MAX(id) FROM log")[0][0])

    def entries(self) -> int:
        """Give the number of the newest log entry: of a deletion, redirect or restoration."""
        return int(self._ledger.rows("SELECT COALESCE(MAX(id), 0) FROM log")[0][0])

    def use_up(self, kind: Kind) -> str:
        """Take the next id, so that nobody gets it again. Inside a transaction."""
        entity_id = self._ledger.next_id(kind)
        self._ledger.run(
            "INSERT OR REPLACE INTO used_up VALUES (?, ?)", kind.value, int(entity_id[1:])
        )
        return entity_id

    def redirects(self, ids: Iterable[str]) -> dict[str, str]:
        """Tell which of some ids are redirects, and where to."""
        marks, names = _in(ids)
        return dict(
            self._ledger.rows(
                f"SELECT id, target FROM gone WHERE target IS NOT NULL AND id IN ({marks})",  # noqa: S608 - marks only
                *names,
            )
        )

    def redirected(self) -> dict[str, str]:
        """List all redirects."""
        return dict(
            self._ledger.rows("SELECT id, target FROM gone WHERE target IS NOT NULL ORDER BY id")
        )

    def exists(self, entity_id: str) -> bool:
        """Tell whether there is an entity, or a redirect, of this id."""
        return bool(
            self._ledger.rows(
                "SELECT 1 FROM entity WHERE id = ?1"
                " UNION ALL SELECT 1 FROM gone WHERE id = ?1 AND target IS NOT NULL",
                entity_id,
            )
        )

    def deleted(self, entity_id: str) -> bool:
        """Tell whether an entity was deleted (and is no redirect)."""
        return bool(
            self._ledger.rows("SELECT 1 FROM gone WHERE id = ? AND target IS NULL", entity_id)
        )

    def unsettled(self) -> list[str]:
        """List entities whose triples may not be what they should be."""
        return [row[0] for row in self._ledger.rows("SELECT entity FROM unsettled")]

    def unseen(self, revision: int, entry: int) -> list[str]:
        """List what was deleted, restored or redirected after a revision and a log entry."""
        return [
            row[0]
            for row in self._ledger.rows(
                "SELECT entity FROM log WHERE id > ?1 UNION SELECT id FROM gone"
                " WHERE target IS NOT NULL AND revision > ?2 UNION SELECT entity FROM unsettled",
                entry,
                revision,
            )
        ]

    def settled(self, ids: Sequence[str]) -> None:
        """Note that the triples of some entities are right again."""
        with self._ledger.transaction():
            for name in ids:
                self._ledger.run("DELETE FROM unsettled WHERE entity = ?", name)

    def history(
        self, entity_id: str, limit: int = 50, walk: Walk = _NEWEST, *, texts: bool = False
    ) -> list[Revision]:
        """List the revisions of an entity."""
        going, values = walk.query()
        return self._revisions(f"r.entity = ? AND {going}", entity_id, *values, limit, texts=texts)

    def changes(
        self,
        limit: int,
        walk: Walk = _NEWEST,
        *,
        kinds: Iterable[Kind] = Kind,
        new: bool | None = None,
        bot: bool | None = None,
        user: str | None = None,
    ) -> list[Revision]:
        """List the revisions of all entities that are not deleted, without texts.

        `new` asks for those only that made an entity, or for all others; `bot` likewise for
        those of bots; `user` for those of one user.
        """
        letters = "".join(f"{kind.value[0].upper()}".replace("I", "Q") for kind in kinds)
        first = "NOT EXISTS (SELECT 1 FROM revision p WHERE p.entity = r.entity AND p.id < r.id)"
        asked = "" if new is None else f" AND {first}" if new else f" AND NOT ({first})"
        if bot is not None:
            asked += f" AND COALESCE(e.bot, 0) = {int(bot)}"
        # Summaries repeat labels and values: those of what was deleted are nobody's business.
        there = "NOT EXISTS (SELECT 1 FROM gone g WHERE g.id = r.entity AND g.target IS NULL)"
        going, values = walk.query()
        return self._revisions(
            "instr(?, substr(r.entity, 1, 1)) > 0 AND (? = '' OR e.name = ?)"
            f" AND {there}{asked} AND {going}",
            letters,
            user or "",
            user or "",
            *values,
            limit,
            texts=False,
        )

    def revision(self, number: int) -> Revision | None:
        """Find a revision by its number."""
        found = self._revisions("r.id = ?", number, texts=True)
        return found[0] if found else None

    def editors_since(self, entity_id: str, revision: int) -> set[str]:
        """Tell who has edited an entity after a revision."""
        rows = self._ledger.rows(
            "SELECT DISTINCT COALESCE(e.name, '') FROM revision r"
            " LEFT JOIN editor e ON e.revision = r.id WHERE r.entity = ? AND r.id > ?",
            entity_id,
            revision,
        )
        return {row[0] for row in rows}

    def _revisions(self, where: str, *values: str | int, texts: bool) -> list[Revision]:
        query = _REVISIONS.format(text="r.json" if texts else "''") + where
        return [
            Revision(
                id=row[0],
                parent=row[1],
                entity=row[2],
                made=row[3],
                note=Note(
                    summary=row[4], user=row[5], bot=bool(row[6]), tags=tuple(json.loads(row[7]))
                ),
                text=row[8],
            )
            for row in self._ledger.rows(query, *values)
        ]

    def page_ids(self, ids: Iterable[str]) -> dict[str, int]:
        """Give entities the numbers of their pages: those of their first revisions."""
        marks, names = _in(ids)
        return dict(
            self._ledger.rows(
                f"SELECT entity, MIN(id) FROM revision WHERE entity IN ({marks}) GROUP BY entity",  # noqa: S608 - marks only
                *names,
            )
        )

    def of_page(self, page_id: int) -> str | None:
        """Find the entity of a page."""
        found = self.revision(page_id)
        return found.entity if found and found.parent == 0 else None

    def ids(self, kind: Kind, limit: int, *, start: str = "") -> list[str]:
        """List ids in the order of their letters, from `start` on."""
        rows = self._ledger.rows(
            "SELECT id FROM entity WHERE kind = ? AND id >= ? ORDER BY id LIMIT ?",
            kind.value,
            start,
            limit,
        )
        return [row[0] for row in rows]

    def counts(self) -> dict[str, int]:
        """Count entities and revisions."""
        entities, revisions = self._ledger.rows(
            "SELECT (SELECT COUNT(*) FROM entity), (SELECT COUNT(*) FROM revision)"
        )[0]
        return {"entities": entities, "revisions": revisions}

    def search(
        self, beginning: str, languages: Sequence[str], kind: Kind, limit: int
    ) -> list[Hit]:
        """Find entities by the beginning of a label or alias, in some languages in turn.

        An entity is found once: by the best of its terms.
        """
        hits: dict[str, Hit] = {}
        for language in languages:
            for role in ("label", "alias"):
                # Grouped: many aliases of one entity must not leave no room for others.
                rows = self._ledger.rows(
                    "SELECT entity, MIN(text) AS first FROM term WHERE kind = ?"
                    " AND language = ? AND text >= ? AND text < ? AND role = ?"
                    " GROUP BY entity ORDER BY first, entity LIMIT ?",
                    kind.value,
                    language,
                    beginning,
                    beginning + _LAST,
                    role,
                    limit + len(hits),
                )
                for entity_id, text in rows:
                    hits.setdefault(entity_id, Hit(entity_id, language, text, role))
                if len(hits) >= limit:
                    return list(hits.values())[:limit]
        return list(hits.values())

    def names(self, kind: Kind) -> list[tuple[str, str]]:
        """List labels and aliases in all languages, as pairs of entity and text."""
        return self._ledger.rows(
            "SELECT DISTINCT entity, text FROM term WHERE kind = ?"
            " AND role IN ('label', 'alias') ORDER BY entity",
            kind.value,
        )

    def linked(self, site: str, title: str) -> str | None:
        """Find the item that has a sitelink."""
        rows = self._ledger.rows(
            "SELECT entity FROM identifier WHERE property = ? AND name = ?", f"site {site}", title
        )
        return rows[0][0] if rows else None


def _in(ids: Iterable[str]) -> tuple[str, list[str]]:
    names = list(dict.fromkeys(ids))
    return ",".join("?" * len(names)), names
