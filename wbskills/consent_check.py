"""What an edit may not do where people are recorded: no consent, no answers; nobody comes back.

Only where the Wikibase has the properties of our ontology, by their keys. An item that is not as
it should be already can still be edited, as long as nothing is added to it: so it can be emptied.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wbskills.domain import Identity
from wbskills.errors import InvalidValue
from wbskills.names import username
from wbskills.private_records.forgotten import Forgotten
from wbskills.surveys.files.cell_text import clean
from wbskills.wikibase.interface import LocalWikibase
from wbskills.wikibase.model.entities import Entity, Kind, best
from wbskills.wikibase.model.values import EntityRef, Text
from wbskills.wikibase.server.api.errors import unsaved
from wbskills.wikibase.server.api.messages import Message
from wbskills.wikibase.server.site import Site

_KEYS: Final = "wbskills key"  # the label of the property of keys
_USERNAME: Final = "wikimedia_username"
_PROPERTIES: Final = (
    "instance_of", "consent", "assessed_skill", "endorsed_skill", _USERNAME, "pseudonym",
)  # fmt: skip
_CLASSES: Final = ("person", "consent_class")


def check_person(site: Site, before: Entity | None, after: Entity) -> None:
    """Refuse an item that would tell of somebody who has not agreed, or who was forgotten.

    Raises `ApiError`, and `StoreError` if nobody can tell who was forgotten.
    """
    if after.kind is not Kind.ITEM or not after.statements:
        return
    ids = _bound(site.store)
    if ids is None:
        return
    was = _Person(before or Entity(), ids)
    person = _Person(after, ids)
    if person.answers and not person.agreed(site.store):
        added = person.answers - was.answers
        if added or was.agreed(site.store):
            raise unsaved(Message("wbskills-no-consent"))
    new = set(person.names()) - set(was.names())
    if new and site.records is not None:
        forgotten = Forgotten(site.records)
        if any(each in forgotten for each in new):
            raise unsaved(Message("wbskills-forgotten"))


def _bound(store: LocalWikibase) -> dict[str, str] | None:
    """Find the ids of the keys; None if this is no Wikibase of ours."""
    of_keys = store.find_property(_KEYS)
    if of_keys is None:
        return None
    found = dict(store.identified(of_keys, [*_PROPERTIES, *_CLASSES]))
    return found if {"consent", "assessed_skill"} <= found.keys() else None


@dataclass(frozen=True, slots=True)
class _Person:
    """An item, if it is that of a person; `ids` are those of the keys that there are."""

    entity: Entity
    ids: dict[str, str]

    @property
    def answers(self) -> Counter[object]:
        """Count what is said of what the person can do, however it is ranked."""
        told = {self.ids.get("assessed_skill"), self.ids.get("endorsed_skill")}
        found = (each for each in self.entity.statements if each.main.property in told)
        return Counter((each.main, frozenset(each.qualifiers)) for each in found)

    def agreed(self, store: LocalWikibase) -> bool:
        """Tell whether a consent is recorded that was not taken back."""
        consents = [
            each.main.value.id
            for each in best(self.entity.statements)
            if each.main.property == self.ids["consent"] and isinstance(each.main.value, EntityRef)
        ]
        of, kind = self.ids.get("instance_of", ""), EntityRef(self.ids.get("consent_class", ""))
        return any(kind in each.entity.values(of) for each in store.read(consents).values())

    def names(self) -> Iterator[Identity]:
        """List what names the person: statements, and labels and aliases of a person's item."""
        for key in (_USERNAME, "pseudonym"):
            for value in self.entity.values(self.ids.get(key, "")):
                if isinstance(value, Text):
                    yield from _identities(key, value.text)
        classes = self.entity.values(self.ids.get("instance_of", ""))
        if self.answers or EntityRef(self.ids.get("person", "")) in classes:
            aliases = (text for each in self.entity.aliases.values() for text in each)
            for text in {*self.entity.labels.values(), *aliases}:
                yield from _identities(_USERNAME, text)
                yield from _identities("pseudonym", text)


def _identities(key: str, text: str) -> Iterator[Identity]:
    try:
        yield Identity(key, username(clean(text)) if key == _USERNAME else clean(text))
    except InvalidValue:
        return
