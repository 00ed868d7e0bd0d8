"""Titles of pages: the namespaces of this wiki, and how a title is written in MediaWiki."""

import re
from dataclasses import dataclass
from typing import Final

from wbskills.wikibase.server.api.values import entity_id

SPACES: Final = {
    -2: "Media", -1: "Special", 0: "", 1: "Talk", 2: "User", 3: "User talk", 4: "Project",
    5: "Project talk", 6: "File", 7: "File talk", 8: "MediaWiki", 9: "MediaWiki talk",
    10: "Template", 11: "Template talk", 12: "Help", 13: "Help talk", 14: "Category",
    15: "Category talk", 120: "Item", 121: "Item talk", 122: "Property", 123: "Property talk",
}  # fmt: skip
ALIASES: Final = {"image": 6, "image talk": 7}
CHOICES: Final = tuple(str(number) for number in SPACES if number >= 0)
MAIN_PAGE: Final = "Main Page"
ITEMS, PROPERTIES = 120, 122
_BY_NAME: Final = {name.casefold(): number for number, name in SPACES.items() if name} | ALIASES
_ILLEGAL: Final = re.compile(r"[\x00-\x1f\x7f<>\[\]{|}]|~~~|%[0-9A-Fa-f]{2}")
_LONGEST: Final = 255


class InvalidTitle(ValueError):
    """A text that no page can have as its title; says why."""


@dataclass(frozen=True, slots=True, order=True)
class Title:
    """The title of a page: the number of its namespace, and its name in there."""

    space: int
    name: str
    prefix: str = ""

    def __str__(self) -> str:
        return f"{self.prefix}:{self.name}" if self.space else self.name

    @property
    def entity(self) -> str | None:
        """Give the id of the entity that has its page here."""
        found = entity_id(self.name)
        if found != self.name:
            return None
        return found if self.space == space_of(found) else None


def space_of(name: str) -> int:
    """Give the number of the namespace that an entity's page is in."""
    return PROPERTIES if name.startswith("P") else ITEMS


def of_entity(name: str) -> Title:
    """Give the title of an entity's page."""
    space = space_of(name)
    return Title(space, name, SPACES[space])


def read(text: str, site: str) -> Title:
    """Read a title as somebody wrote it, in the wiki that is called `site`.

    >>> str(read("item:q42", "Tests"))
    'Item:Q42'
    >>> str(read(" main_page", "Tests"))
    'Main page'

    Raises `InvalidTitle`.
    """
    plain = " ".join(text.replace("_", " ").split()).removeprefix(":").partition("#")[0].strip()
    space, name = 0, plain
    before, colon, after = plain.partition(":")
    if colon:
        known = _BY_NAME.get(before.strip().casefold())
        for local, number in ((site, 4), (f"{site} talk", 5)):
            if before.strip().casefold() == local.casefold():
                known = number
        if known is not None:
            space, name = known, after.strip()
    if not name:
        raise InvalidTitle(
            "The requested page title is empty or contains only the name of a namespace."
        )
    found = _ILLEGAL.search(name)
    if found:
        raise InvalidTitle(f'The requested page title contains invalid characters: "{found[0]}".')
    if len(name.encode()) > _LONGEST:
        raise InvalidTitle(
            "The requested page title is too long. It must be no longer than"
            f" {_LONGEST} bytes in UTF-8 encoding."
        )
    return Title(space, name[:1].upper() + name[1:], local_name(space, site))


def local_name(space: int, site: str) -> str:
    """Give the name of a namespace; that of the project is the wiki's own."""
    return SPACES[space].replace("Project", site)
