"""The web application of a capacity map: a Wikibase server, the live report, and consent.

An edit is refused if it would add answers of a person without recorded consent, or the name of a
person who was forgotten. This needs the properties of our ontology; a Wikibase without them is
served unchecked.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from flask import Blueprint, Flask

from wbskills import live_report
from wbskills.domain import Identity
from wbskills.errors import InvalidValue
from wbskills.names import username
from wbskills.private_records.forgotten import Forgotten
from wbskills.surveys.files.cell_text import clean
from wbskills.tasks.reports import ReportOptions
from wbskills.wikibase.interface import LocalWikibase
from wbskills.wikibase.model.entities import Entity, Kind, best_ranked
from wbskills.wikibase.model.values import EntityRef, Text
from wbskills.wikibase.server.api.errors import Message, save_failed
from wbskills.wikibase.server.app import create_app
from wbskills.wikibase.server.settings import Settings
from wbskills.wikibase.server.site import Site

_KEY_PROPERTY: Final = "wbskills key"  # its label
_USERNAME: Final = "wikimedia_username"
_KEYS: Final = (
    "instance_of", "consent", "assessed_skill", "endorsed_skill", _USERNAME, "pseudonym",
    "person", "consent_class",
)  # fmt: skip


def create_web_app(
    site: Site,
    settings: Settings | None = None,
    *,
    options: ReportOptions | None = None,
    ontology: tuple[Path, ...] = (),
    more: Sequence[Blueprint] = (),
) -> Flask:
    """Return the WSGI application; `wbskills.wikibase.server.site.close` ends it.

    `options` are those of the report, but for its language; `ontology` are more files to build
    it with. `more` are further pages.
    """
    settings = replace(settings or Settings(), check_edit=check_consent)
    return create_app(site, settings, [live_report.blueprint(site, options, ontology), *more])


def check_consent(site: Site, before: Entity | None, after: Entity) -> None:
    """Refuse an edit that adds answers without consent, or the name of a forgotten person.

    An item that already breaks these rules can still be edited as long as nothing is added, so
    that it can be emptied. Raises `ApiError`, and `StoreError` if the names of forgotten people
    cannot be read.
    """
    if after.kind is not Kind.ITEM or not after.statements:
        return
    ids = _ids_by_key(site.store)
    if ids is None:
        return
    old, new = _Person(before or Entity(), ids), _Person(after, ids)
    lacks_consent = bool(new.answers) and not new.has_consent(site.store)
    if lacks_consent and (new.answers - old.answers or old.has_consent(site.store)):
        raise save_failed(Message("wbskills-no-consent"))
    added = set(new.identities()) - set(old.identities())
    if added and site.records is not None:
        forgotten = Forgotten(site.records)
        if any(identity in forgotten for identity in added):
            raise save_failed(Message("wbskills-forgotten"))


def _ids_by_key(store: LocalWikibase) -> dict[str, str] | None:
    """Find the ids of the entities needed here; None if the ontology is not in the Wikibase."""
    key_property = store.find_property(_KEY_PROPERTY)
    if key_property is None:
        return None
    ids = dict(store.find_by_identifier(key_property, _KEYS))
    return ids if {"consent", "assessed_skill"} <= ids.keys() else None


@dataclass(frozen=True, slots=True)
class _Person:
    """An item that may be that of a person; `ids` are entity ids by key."""

    entity: Entity
    ids: dict[str, str]

    @property
    def answers(self) -> Counter[object]:
        """Count answers and endorsements, of any rank."""
        properties = {self.ids.get("assessed_skill"), self.ids.get("endorsed_skill")}
        answers = (
            statement
            for statement in self.entity.statements
            if statement.main.property in properties
        )
        return Counter((answer.main, frozenset(answer.qualifiers)) for answer in answers)

    def has_consent(self, store: LocalWikibase) -> bool:
        """Check whether a consent is recorded that was not withdrawn."""
        consents = [
            each.main.value.id
            for each in best_ranked(self.entity.statements)
            if each.main.property == self.ids["consent"] and isinstance(each.main.value, EntityRef)
        ]
        instance_of = self.ids.get("instance_of", "")
        consent_class = EntityRef(self.ids.get("consent_class", ""))
        return any(
            consent_class in stored.entity.values(instance_of)
            for stored in store.read(consents).values()
        )

    def identities(self) -> Iterator[Identity]:
        """Yield the names of the person: in statements, and as labels and aliases of the item."""
        for key in (_USERNAME, "pseudonym"):
            for value in self.entity.values(self.ids.get(key, "")):
                if isinstance(value, Text):
                    yield from _identity(key, value.text)
        classes = self.entity.values(self.ids.get("instance_of", ""))
        if self.answers or EntityRef(self.ids.get("person", "")) in classes:
            aliases = (text for alias in self.entity.aliases.values() for text in alias)
            for text in {*self.entity.labels.values(), *aliases}:
                yield from _identity(_USERNAME, text)
                yield from _identity("pseudonym", text)


def _identity(key: str, text: str) -> Iterator[Identity]:
    """Yield the identity with a name, unless no such name is possible."""
    try:
        yield Identity(key, username(clean(text)) if key == _USERNAME else clean(text))
    except InvalidValue:
        return
