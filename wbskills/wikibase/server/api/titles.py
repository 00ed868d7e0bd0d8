"""Titles of pages: the namespaces of this wiki, and how MediaWiki writes titles."""

import re
from dataclasses import dataclass
from typing import Final

from wbskills.wikibase.server.api.deserializers import parse_entity_id
from wbskills.wikibase.server.api.errors import Json, Message

NAMESPACES: Final = {
    -2: "Media", -1: "Special", 0: "", 1: "Talk", 2: "User", 3: "User talk", 4: "Project",
    5: "Project talk", 6: "File", 7: "File talk", 8: "MediaWiki", 9: "MediaWiki talk",
    10: "Template", 11: "Template talk", 12: "Help", 13: "Help talk", 14: "Category",
    15: "Category talk", 120: "Item", 121: "Item talk", 122: "Property", 123: "Property talk",
}  # fmt: skip
ITEMS, PROPERTIES = 120, 122
_BY_NAME: Final = {
    **{name.casefold(): number for number, name in NAMESPACES.items() if name},
    "image": 6,
    "image talk": 7,
}
_ILLEGAL: Final = re.compile(r"[\x00-\x1f\x7f<>\[\]{|}]|~~~|%[0-9A-Fa-f]{2}")
_MAX_BYTES: Final = 255


class InvalidTitle(ValueError):
    """A text that cannot be a title; the message says why."""


@dataclass(frozen=True, slots=True, order=True)
class Title:
    """The title of a page: the number of its namespace, and its name in there."""

    namespace: int
    name: str
    prefix: str = ""

    def __str__(self) -> str:
        return f"{self.prefix}:{self.name}" if self.namespace else self.name

    @property
    def entity(self) -> str | None:
        """The id of the entity on the page, if it is in the namespace of such entities."""
        is_id = parse_entity_id(self.name) == self.name
        return self.name if is_id and self.namespace == _namespace(self.name) else None

    def to_json(self) -> Json:
        """Return the members that name a page in answers."""
        return {"ns": self.namespace, "title": str(self)}


MAIN_PAGE: Final = Title(0, "Main Page")


def title_of(entity_id: str) -> Title:
    """Return the title of an entity's page."""
    namespace = _namespace(entity_id)
    return Title(namespace, entity_id, NAMESPACES[namespace])


def link_to(entity_id: str) -> str:
    """Return a wikitext link to an entity.

    >>> link_to("Q1")
    '[[Item:Q1|Q1]]'
    """
    return f"[[{title_of(entity_id)}|{entity_id}]]"


def content_model(entity_id: str | None) -> str:
    """Return the content model of an entity's page, or of a page without an entity."""
    if not entity_id:
        return "wikitext"
    return "wikibase-property" if entity_id.startswith("P") else "wikibase-item"


def parse_title(text: str, site_name: str) -> Title:
    """Parse a title; `site_name` is the local name of the project namespace.

    >>> str(parse_title("item:q42", "Tests"))
    'Item:Q42'
    >>> str(parse_title(" main_page", "Tests"))
    'Main page'

    Raises `InvalidTitle`.
    """
    plain = " ".join(text.replace("_", " ").split()).removeprefix(":").partition("#")[0].strip()
    namespace, name = 0, plain
    before, colon, after = plain.partition(":")
    if colon:
        key = before.strip().casefold()
        local = {site_name.casefold(): 4, f"{site_name} talk".casefold(): 5}
        known = local.get(key, _BY_NAME.get(key))
        if known is not None:
            namespace, name = known, after.strip()
    if not name:
        raise InvalidTitle(Message("title-invalid-empty").wikitext)
    found = _ILLEGAL.search(name)
    if found:
        raise InvalidTitle(Message("title-invalid-characters", (found[0],)).wikitext)
    if len(name.encode()) > _MAX_BYTES:
        raise InvalidTitle(Message("title-invalid-too-long", (_MAX_BYTES,)).wikitext)
    return Title(namespace, capitalized(name), local_name(namespace, site_name))


def capitalized(name: str) -> str:
    """Return a name with its first letter in upper case."""
    return name[:1].upper() + name[1:]


def local_name(namespace: int, site_name: str) -> str:
    """Return the name of a namespace; the project namespace has the name of the site."""
    return NAMESPACES[namespace].replace("Project", site_name)


def _namespace(entity_id: str) -> int:
    return PROPERTIES if entity_id.startswith("P") else ITEMS
