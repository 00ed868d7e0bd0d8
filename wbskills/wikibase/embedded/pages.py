"""Entities as pages of a wiki: which exist, their page ids, titles and redirects, and search."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from wbskills.wikibase.embedded.revision_store import RevisionStore
from wbskills.wikibase.model.entities import Kind

_LAST: Final = "\U0010ffff"  # sorts after every text with the same beginning
_EXISTING: Final = (
    "(SELECT id, kind, number, revision, NULL AS target FROM entity"
    " UNION ALL SELECT id, kind, number, revision, target FROM gone WHERE target IS NOT NULL)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleRange:
    """The titles from `start` to `end` that begin with `prefix`; an empty text sets no bound.

    `redirects` True selects redirects only, False everything else, None both. `down` sorts in
    descending order; `start` is then the last title.
    """

    start: str = ""
    end: str = ""
    prefix: str = ""
    redirects: bool | None = None
    down: bool = False


@dataclass(frozen=True, slots=True)
class TermMatch:
    """A term found by a search; `role` is `label` or `alias`."""

    entity: str
    language: str
    text: str
    role: str


class Pages:
    """The pages of one store. Each entity and each redirect has one."""

    def __init__(self, revisions: RevisionStore) -> None:
        self._revisions = revisions

    def exists(self, entity_id: str) -> bool:
        """Return whether there is an entity or a redirect with this id."""
        query = f"SELECT 1 FROM {_EXISTING} WHERE id = ?"  # noqa: S608 - a constant
        return bool(self._revisions.rows(query, entity_id))

    def deleted(self, entity_id: str) -> bool:
        """Return whether an entity was deleted; a redirect was not."""
        query = "SELECT 1 FROM gone WHERE id = ? AND target IS NULL"
        return bool(self._revisions.rows(query, entity_id))

    def redirects(self, ids: Iterable[str] | None = None) -> dict[str, str]:
        """Return the targets of redirects, by id: of those among `ids`, or of all."""
        query = "SELECT id, target FROM gone WHERE target IS NOT NULL"
        if ids is None:
            return dict(self._revisions.rows(f"{query} ORDER BY id"))
        return dict(self._revisions.rows_for(f"{query} AND id IN ({{}})", ids))

    def page_ids(self, ids: Iterable[str]) -> dict[str, int]:
        """Return the page ids of entities, also of deleted ones: the ids of first revisions."""
        query = "SELECT entity, MIN(id) FROM revision WHERE entity IN ({}) GROUP BY entity"
        return dict(self._revisions.rows_for(query, ids))

    def existing_page_ids(self, ids: Iterable[str]) -> dict[str, int]:
        """Return the page ids of entities and redirects; those that do not exist are left out."""
        return dict(
            self._revisions.rows_for(
                "SELECT r.entity, MIN(r.id) FROM revision r WHERE r.entity IN ({})"
                " AND (EXISTS (SELECT 1 FROM entity e WHERE e.id = r.entity) OR EXISTS"
                " (SELECT 1 FROM gone g WHERE g.id = r.entity AND g.target IS NOT NULL))"
                " GROUP BY r.entity",
                ids,
            )
        )

    def entity_of(self, page_id: int) -> str | None:
        """Return the id of the entity with a page id, also of a deleted one."""
        rows = self._revisions.rows(
            "SELECT entity FROM revision r WHERE id = ? AND NOT EXISTS"
            " (SELECT 1 FROM revision p WHERE p.entity = r.entity AND p.id < r.id)",
            page_id,
        )
        return rows[0][0] if rows else None

    def newest_revisions(self, ids: Iterable[str]) -> dict[str, int]:
        """Return the newest revisions of entities and redirects."""
        query = f"SELECT id, revision FROM {_EXISTING} WHERE id IN ({{}})"  # noqa: S608 - a constant
        return dict(self._revisions.rows_for(query, ids))

    def main_page(self) -> tuple[int, str]:
        """Return the page id of the main page, 0 if there is none, and when it was created."""
        return self._revisions.main_page()

    def titles(self, kind: Kind, limit: int, wanted: TitleRange) -> list[str]:
        """List the ids of entities and redirects in alphabetical order."""
        order, after, before = ("DESC", "<=", ">=") if wanted.down else ("ASC", ">=", "<=")
        conditions = ["kind = ?", "substr(id, 1, ?) = ?"]
        values: list[str | int] = [kind.value, len(wanted.prefix), wanted.prefix]
        for sign, bound in ((after, wanted.start), (before, wanted.end)):
            if bound:
                conditions.append(f"id {sign} ?")
                values.append(bound)
        where = " AND ".join(conditions) + _redirect_condition(wanted.redirects)
        query = f"SELECT id FROM {_EXISTING} WHERE {where} ORDER BY id {order} LIMIT ?"  # noqa: S608 - values are bound
        return [row[0] for row in self._revisions.rows(query, *values, limit)]

    def random(self, kinds: Iterable[Kind], limit: int, redirects: bool | None) -> list[str]:
        """Choose entities or redirects at random; `redirects` as in `TitleRange`."""
        names = ",".join(f"'{kind.value}'" for kind in kinds)
        where = f"kind IN ({names}){_redirect_condition(redirects)}"
        query = f"SELECT id FROM {_EXISTING} WHERE {where} ORDER BY random() LIMIT ?"  # noqa: S608 - of an enumeration
        return [row[0] for row in self._revisions.rows(query, limit)]

    def ids(self, kind: Kind, limit: int) -> list[str]:
        """List the ids of entities, without redirects, in alphabetical order."""
        query = "SELECT id FROM entity WHERE kind = ? ORDER BY id LIMIT ?"
        return [row[0] for row in self._revisions.rows(query, kind.value, limit)]

    def counts(self) -> dict[str, int]:
        """Return the numbers of `entities` and `revisions`."""
        ((entities, revisions),) = self._revisions.rows(
            "SELECT (SELECT COUNT(*) FROM entity), (SELECT COUNT(*) FROM revision)"
        )
        return {"entities": entities, "revisions": revisions}

    def search(
        self, prefix: str, languages: Sequence[str], kind: Kind, limit: int
    ) -> list[TermMatch]:
        """Find entities by the beginning of a label or alias, one language after the other.

        Each entity is found once: by a label rather than an alias, in the earliest language.
        """
        found: dict[str, TermMatch] = {}
        for language in languages:
            for role in ("label", "alias"):
                # Grouped, so that many aliases of one entity leave room for others.
                rows = self._revisions.rows(
                    "SELECT entity, MIN(text) AS first FROM term WHERE kind = ?"
                    " AND language = ? AND text >= ? AND text < ? AND role = ?"
                    " GROUP BY entity ORDER BY first, entity LIMIT ?",
                    kind.value,
                    language,
                    prefix,
                    prefix + _LAST,
                    role,
                    limit + len(found),
                )
                for entity_id, text in rows:
                    found.setdefault(entity_id, TermMatch(entity_id, language, text, role))
                if len(found) >= limit:
                    return list(found.values())[:limit]
        return list(found.values())

    def names(self, kind: Kind) -> list[tuple[str, str]]:
        """List labels and aliases in all languages, as pairs of entity and text."""
        return self._revisions.rows(
            "SELECT DISTINCT entity, text FROM term WHERE kind = ?"
            " AND role IN ('label', 'alias') ORDER BY entity",
            kind.value,
        )

    def find_linked(self, site: str, title: str) -> str | None:
        """Find the item that has a sitelink."""
        rows = self._revisions.rows(
            "SELECT entity FROM identifier WHERE property = ? AND name = ?", f"site {site}", title
        )
        return rows[0][0] if rows else None


def _redirect_condition(redirects: bool | None) -> str:
    return "" if redirects is None else f" AND target IS {'NOT ' if redirects else ''}NULL"
