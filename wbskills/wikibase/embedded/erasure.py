"""Erasing a person from the history of the embedded store.

The ids of revisions and log entries stay, so that they are not used again; their texts are
blanked. What was erased may still be in free pages of the file and in derived data: `pending`
is True until `finish` has cleared the file, also after a process was killed in between.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from wbskills.wikibase.embedded.revision_store import RevisionStore
from wbskills.wikibase.entity_database import identifiers
from wbskills.wikibase.model.entities import Entity, Stored
from wbskills.wikibase.model.values import Text
from wbskills.wikibase.model.wire import entity_from_json

_REVISIONS_READ: Final = 1000  # at once
_PENDING: Final = "erased"  # a setting that exists as long as something has to be cleared

Names = Callable[[str], bool]  # returns whether a text names the person


class Erasure:
    """What can be erased in one store. All but `finish` needs a transaction."""

    def __init__(self, revisions: RevisionStore) -> None:
        self._revisions = revisions

    def find_in_history(self, property_id: str, name: str) -> set[str]:
        """Find entities that had an external id in any stored revision; also deleted ones."""
        rows = self._revisions.rows(
            "SELECT entity, json FROM revision WHERE instr(json, ?)",
            json.dumps(name, ensure_ascii=False),
        )
        return {
            entity
            for entity, text in rows
            if Text(name) in entity_from_json(json.loads(text)).values(property_id)
        }

    def erase(self, entity_id: str) -> None:
        """Blank the history of an entity and of its redirects.

        If the entity exists, its newest revision and those of its redirects stay; redirects to
        a deleted entity are deleted, too.
        """
        ids = self._with_redirects(entity_id)
        target_exists = (
            "WITH RECURSIVE on_way (id) AS (SELECT ?1 UNION SELECT gone.target FROM gone"
            " JOIN on_way USING (id)) SELECT 1 FROM entity JOIN on_way USING (id)"
        )
        if not self._revisions.rows(target_exists, entity_id):
            for name in ids:
                self._revisions.run("UPDATE gone SET target = NULL WHERE id = ?", name)
                self._revisions.run("INSERT OR IGNORE INTO unsettled VALUES (?)", name)
        for name in ids:
            self._revisions.run("UPDATE revision SET summary = '' WHERE entity = ?", name)
            self._revisions.run(
                "UPDATE revision SET json = '' WHERE entity = ?1 AND id NOT IN ("
                "SELECT revision FROM entity WHERE id = ?1 UNION"
                " SELECT revision FROM gone WHERE id = ?1 AND target IS NOT NULL)",
                name,
            )
            self._revisions.run("UPDATE log SET reason = '' WHERE entity = ?", name)
        self._set_pending()

    def _with_redirects(self, entity_id: str) -> list[str]:
        rows = self._revisions.rows(
            "WITH RECURSIVE here (id) AS (SELECT ? UNION"
            " SELECT gone.id FROM gone JOIN here ON gone.target = here.id) SELECT id FROM here",
            entity_id,
        )
        return [row[0] for row in rows]

    def blank_superseded(self, before: Stored, after: Entity) -> None:
        """Blank the revision before the newest one; what only it had will be cleared."""
        number = before.revision
        self._revisions.run("UPDATE revision SET json = '', summary = '' WHERE id = ?", number)
        if _identifying(before.entity) - _identifying(after):
            self._set_pending()

    def erase_mentions(self, names: Names) -> list[str]:
        """Blank all summaries, reasons and older revisions that name a person.

        Returns the entities, also deleted ones, whose newest revision does. All their revisions
        stay, because there the name may be a term of the map.
        """
        for table, column in (("revision", "summary"), ("log", "reason")):
            query = f"SELECT id, {column} FROM {table} WHERE {column} <> ''"  # noqa: S608 - ours
            for number, text in self._revisions.rows(query):
                if names(text):
                    update = f"UPDATE {table} SET {column} = '' WHERE id = ?"  # noqa: S608 - ours
                    self._revisions.run(update, number)
                    self._set_pending()
        newest, named = self._newest(), list(self._naming(names))
        kept = {entity_id for number, entity_id in named if newest.get(entity_id) == number}
        for number, entity_id in named:
            if entity_id not in kept:
                self._revisions.run("UPDATE revision SET json = '' WHERE id = ?", number)
                self._set_pending()
        return sorted(kept, key=lambda entity_id: (entity_id[0], int(entity_id[1:])))

    def _naming(self, names: Names) -> Iterator[tuple[int, str]]:
        """Find the revisions that name the person, with their entities."""
        last = 0
        while rows := self._revisions.rows(
            "SELECT id, entity, json FROM revision WHERE id > ? ORDER BY id LIMIT ?",
            last,
            _REVISIONS_READ,
        ):
            for number, entity_id, text in rows:
                if names(text) and any(map(names, _texts(json.loads(text)))):
                    yield number, entity_id
            last = rows[-1][0]

    def _newest(self) -> dict[str, int]:
        return dict(
            self._revisions.rows(
                "SELECT id, revision FROM entity UNION SELECT id, revision FROM gone"
            )
        )

    def _set_pending(self) -> None:
        self._revisions.run("INSERT OR REPLACE INTO setting VALUES (?, 1)", _PENDING)

    @property
    def pending(self) -> bool:
        """Whether something was erased that may still be in free pages or derived data."""
        return bool(self._revisions.rows("SELECT 1 FROM setting WHERE name = ?", _PENDING))

    def finish(self) -> None:
        """Rewrite the file without free pages, after all derived data was cleared.

        Raises `StoreBusy` if another process is reading the pages as they were.
        """
        self._revisions.clean_up()
        with self._revisions.transaction():
            self._revisions.run("DELETE FROM setting WHERE name = ?", _PENDING)


def _texts(found: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    """List the texts in the JSON of an entity: terms, values, and titles of sitelinks."""
    for key, each in found.items() if isinstance(found, dict) else ():
        if isinstance(each, str) and key in {"value", "text", "title"}:
            yield each
        yield from _texts(each)
    for each in found if isinstance(found, list) else ():
        yield from _texts(each)


def _identifying(entity: Entity) -> set[tuple[str, str]]:
    """Return what can identify a person: terms, external ids, and statements' GUIDs."""
    terms = [("label", text) for text in entity.labels.values()]
    terms += [("description", text) for text in entity.descriptions.values()]
    terms += [("alias", text) for texts in entity.aliases.values() for text in texts]
    guids = [("statement", statement.id or "") for statement in entity.statements]
    return {*terms, *guids, *identifiers(entity)}
