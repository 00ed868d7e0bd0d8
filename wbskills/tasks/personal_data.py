"""Finding the personal data of someone who is to be forgotten: in texts, and on items.

On an item, classes, identifiers and the texts themselves decide; never a description, which
anyone may change.
"""

import json
import re
import unicodedata
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape, unescape
from typing import Final
from urllib.parse import quote, quote_plus, unquote_plus

from wbskills.domain import NAME_PROPERTIES, Identity
from wbskills.ontology.binding import Binding
from wbskills.ontology.express import PERSON
from wbskills.wikibase.model.edits import Change
from wbskills.wikibase.model.entities import Entity, Snak, Statement, Stored
from wbskills.wikibase.model.values import EntityRef, Monolingual, Text

_INNER: Final = slice(1, -1)  # of a text in quotes
_ESCAPED: Final = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|(["\\/]))')  # in JSON and in queries
_LETTERS: Final = re.compile(r"[0-9A-Za-z]{3,}")  # no escape changes them


class NameMatcher:
    """Finds names in texts: as whole words, in upper or lower case.

    A name is found as it is written, with underscores, as in addresses, and as in JSON, HTML,
    CSV and wikitext; letters with marks may be composed or not. Bytes are read as UTF-8.
    """

    def __init__(self, names: Iterable[str]) -> None:
        names = [_composed(name) for name in names]
        spelt = {spelling for name in names for spelling in spellings(name)}
        longest = sorted(spelt, key=len, reverse=True)
        pattern = "|".join(map(re.escape, longest)) or "(?!)"
        self._text = re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)
        letters = "|".join(max(_LETTERS.findall(name), key=len, default="") for name in names)
        self._letters = re.compile(letters if names else "(?!)", re.IGNORECASE)
        self._bytes = re.compile(self._letters.pattern.encode(), re.IGNORECASE)

    def __call__(self, text: str) -> bool:
        """Check whether a text contains one of the names."""
        if self._letters.search(text) is None:
            return False
        return any(self._text.search(each) for each in (_composed(text), _unescaped(text)))

    def in_bytes(self, found: bytes) -> bool:
        """Check whether the bytes of a file contain one of the names."""
        return self._bytes.search(found) is not None and self(found.decode(errors="replace"))


def spellings(name: str) -> set[str]:
    """List how a name may be written.

    >>> sorted(spellings("Ada L"))
    ['Ada L', 'Ada%20L', 'Ada+L', 'Ada_L']
    """
    under = name.replace(" ", "_")
    plain = {name, under, quote(name, safe=""), quote(name), quote_plus(name), quote(under)}
    return plain | {escape(name)} | {json.dumps(each)[_INNER] for each in (name, under)}


@dataclass(frozen=True, slots=True)
class PersonalData:
    """What to remove from an item: all of it if `whole`, else the statements that are `theirs`.

    `left` are statements that others made; `made_here` if this program created the item.
    """

    whole: bool
    made_here: bool
    theirs: tuple[Statement, ...]
    left: tuple[Statement, ...]


def identities_on(entity: Entity, binding: Binding) -> Iterator[Identity]:
    """List the names of a person on an item."""
    for name in NAME_PROPERTIES:
        for value in entity.values(binding.property(name)):
            if isinstance(value, Text):
                yield Identity(name, value.text)


def is_made_here(entity: Entity, binding: Binding, given: Container[str]) -> bool:
    """Whether this program created an item for a person.

    Where the class was on the wiki before (`given` has the ids of such entities), the
    description must be ours, too.
    """
    person = binding.item("person")
    if EntityRef(person) not in entity.values(binding.property("instance_of")):
        return False
    return person not in given or entity.descriptions.get("en") == PERSON["en"]


def personal_data(
    entity: Entity,
    binding: Binding,
    given: Container[str],
    matcher: NameMatcher,
    *,
    named_only: bool = False,
) -> PersonalData:
    """Decide what to remove; with `named_only`, nothing but statements that name the person."""
    keys = {entity_id: key for key, entity_id in binding.properties.items()}
    made_here = not named_only and (
        is_made_here(entity, binding, given) or _names_nobody(entity, binding)
    )

    def is_theirs(statement: Statement) -> bool:
        if _names(statement, matcher):
            return True
        if named_only:
            return False
        if made_here:
            return statement.main.property in keys
        return _is_ours(statement, keys, given, binding)

    theirs = tuple(filter(is_theirs, entity.statements))
    left = tuple(each for each in entity.statements if each not in theirs)
    links = all(matcher(sitelink.title) for sitelink in entity.sitelinks)
    return PersonalData(made_here and not left and links, made_here, theirs, left)


def plan_emptying(
    stored: Stored, found: PersonalData, matcher: NameMatcher, label: str
) -> Change | None:
    """Plan the edit that leaves no name, and only what others added; None if nothing is to change.

    Not every Wikibase lets a label be removed, so `label`, which no other item has, replaces it.
    """
    entity = stored.entity
    labels = {
        language: label
        for language, text in entity.labels.items()
        if text != label and (found.made_here or matcher(text))
    }
    descriptions = {
        language: PERSON["en"]
        for language, text in entity.descriptions.items()
        if text != PERSON["en"] and (found.made_here or matcher(text))
    }
    unnamed = {
        language: gone
        for language, texts in entity.aliases.items()
        if (gone := tuple(text for text in texts if found.made_here or matcher(text)))
    }
    change = Change(
        key=entity.id,
        id=entity.id,
        base=stored.revision,
        labels=labels,
        descriptions=descriptions,
        removed=tuple(each.id for each in found.theirs if each.id),
        unnamed=unnamed,
        unlinked=tuple(sitelink.site for sitelink in entity.sitelinks if matcher(sitelink.title)),
    )
    does = (labels, descriptions, change.removed, unnamed, change.unlinked)
    return change if any(does) else None


def anonymous_label(entity_id: str) -> str:
    """Return the label of an item that named a person who was forgotten."""
    return f"removed {entity_id}"


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _unescaped(text: str) -> str:
    """Return a text without the escapes of JSON, HTML, CSV and addresses."""

    def plain(found: re.Match[str]) -> str:
        return found[2] if found[1] is None else chr(int(found[1], 16))

    return _composed(unquote_plus(_ESCAPED.sub(plain, unescape(text))).replace('""', '"'))


def _names_nobody(entity: Entity, binding: Binding) -> bool:
    """Check whether an item of a person was emptied, or has only its description left."""
    ours = entity.descriptions.get("en") == PERSON["en"]
    emptied = anonymous_label(entity.id) in entity.labels.values()
    return (ours or emptied) and not any(identities_on(entity, binding))


def _is_ours(
    statement: Statement, keys: Mapping[str, str], given: Container[str], binding: Binding
) -> bool:
    """Check whether this program wrote a statement on an item that others also use."""
    if statement.main.property not in keys:
        return False
    if statement.main.property not in given:
        return True
    response_key = binding.property("response_key")
    return statement.main.value == EntityRef(binding.item("person")) or any(
        snak.property == response_key
        for reference in statement.references
        for snak in reference.snaks
    )


def _names(statement: Statement, matcher: NameMatcher) -> bool:
    snaks: Iterable[Snak] = (
        statement.main,
        *statement.qualifiers,
        *(snak for reference in statement.references for snak in reference.snaks),
    )
    return any(
        matcher(snak.value.text) for snak in snaks if isinstance(snak.value, Text | Monolingual)
    )
