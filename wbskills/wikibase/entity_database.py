"""The identifiers of entities, and the digests of what was imported, in an SQLite file.

The embedded store keeps this beside its revisions, and a connection to another Wikibase beside
what it has seen there. The tables `identifier` and `brought_about` are the same in both.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from wbskills.wikibase.interface import Written
from wbskills.wikibase.model.entities import Entity, Kind
from wbskills.wikibase.model.values import Text
from wbskills.wikibase.sqlite import Database


class LabelLock(NamedTuple):
    """A label and description that only one entity may have; for a property, the label alone."""

    language: str
    label: str
    description: str


class ImportedDigest(NamedTuple):
    """The digest of a desired state that was imported, and the revision that has it."""

    key: str
    digest: bytes
    entity: str
    revision: int


class EntityDatabase(Database):
    """The names of entities, and the digests of what was imported into them."""

    def find_by_identifier(
        self, property_id: str, names: Iterable[str] | None = None
    ) -> list[tuple[str, str]]:
        """Find entities by their external ids, as pairs of name and id; without `names`, all."""
        if names is None:
            query = "SELECT name, entity FROM identifier WHERE property = ?"
            return self.rows(query, property_id)
        query = "SELECT name, entity FROM identifier WHERE name IN ({}) AND property = ?"
        return self.rows_for(query, names, property_id)

    def put_identifiers(self, entity: Entity) -> None:
        """Replace the identifiers of an entity. Inside a transaction."""
        self.run("DELETE FROM identifier WHERE entity = ?", entity.id)
        rows = [(name, text, entity.id) for name, text in sorted(identifiers(entity))]
        self.run_many("INSERT INTO identifier VALUES (?, ?, ?)", rows)

    def record_imports(self, digests: Mapping[str, bytes], written: Mapping[str, Written]) -> None:
        """Record which desired states, by key and digest, were imported into which entities."""
        rows = [
            (key, digest, written[key].id, written[key].revision)
            for key, digest in digests.items()
        ]
        with self.transaction():
            self.run_many("INSERT OR REPLACE INTO brought_about VALUES (?, ?, ?, ?)", rows)

    def imports(self, keys: Iterable[str]) -> list[ImportedDigest]:
        """Return the recorded imports of these keys."""
        query = "SELECT key, digest, entity, revision FROM brought_about WHERE key IN ({})"
        return [ImportedDigest(*row) for row in self.rows_for(query, keys)]

    def keep_imports(self, entity_id: str, base: int, revision: int) -> None:
        """Record that an edit of `base` undid nothing that was imported. Inside a transaction."""
        self.run(
            "UPDATE brought_about SET revision = ? WHERE entity = ? AND revision = ?",
            revision,
            entity_id,
            base,
        )

    def drop_imports(self, entity_id: str, key: str) -> None:
        """Drop the imports into an entity, and of `key` and `key/…`. Inside a transaction."""
        self.run(
            "DELETE FROM brought_about"
            " WHERE entity = ?1 OR key = ?2 OR substr(key, 1, length(?2) + 1) = ?2 || '/'",
            entity_id,
            key,
        )


def label_locks(entity: Entity) -> Iterator[LabelLock]:
    """List the labels, of an item those with descriptions, that no other entity may have."""
    for language, label in entity.labels.items():
        description = entity.descriptions.get(language, "")
        if entity.kind is Kind.PROPERTY:
            yield LabelLock(language, label, "")
        elif description:
            yield LabelLock(language, label, description)


def identifiers(entity: Entity) -> set[tuple[str, str]]:
    """List identifiers of an entity: property and external id, or `site SITE` and page title."""
    found = {
        (statement.main.property, statement.main.value.text)
        for statement in entity.statements
        if statement.main.datatype == "external-id" and isinstance(statement.main.value, Text)
    }
    found.update((f"site {link.site}", link.title) for link in entity.sitelinks)
    return found
