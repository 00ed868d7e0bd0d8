"""Which item somebody means: by id, by key, by label, or by a name that the Wikibase knows."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from wbskills.errors import QueryError
from wbskills.ontology.binding import Binding
from wbskills.ontology.entries import Entry, Ontology
from wbskills.query.spelling import near

# Finds the id of an item that stands in no file of the ontology: takes a section and a text.
Finder = Callable[[str, str], str | None]
# Tells the classes of an item of the Wikibase: takes an id, gives ids; none if it is not there.
Classes = Callable[[str], set[str]]

# Sections that no file of the ontology has, and the class of what is in them.
OTHERS: Final = {"people": "person", "waves": "survey_wave_class"}
_ITEM: Final = re.compile(r"Q[1-9][0-9]{0,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """The items of one Wikibase, as far as anybody can name them.

    `find` looks for what is not in the ontology, people above all; `classes` tells of an id
    what it is the id of.
    """

    ontology: Ontology
    binding: Binding
    concept_base: str
    find: Finder | None = None
    classes: Classes | None = None

    def id(self, text: str, section: str, choices: tuple[str, ...] = ()) -> str:
        """Give the id of the item that `text` means in a section, or among `choices` of keys.

        Raises `QueryError` with what is near if there is none, or more than one.
        """
        try:
            found = self._id(text, section)
        except QueryError as error:
            if not choices:
                raise
            hint = near(text, choices) or ", ".join(choices)
            raise QueryError(error.what, hint=hint) from error
        if choices and found not in {self.binding.items.get(key) for key in choices}:
            raise QueryError(f"“{text}” cannot be chosen here", hint=", ".join(choices))
        return found

    def bound(self, key: str) -> str:
        """Give the id of a key. Raises `QueryError` if it has none in this Wikibase."""
        found = self.binding.items.get(key)
        if found is None:
            raise QueryError(
                f"“{key}” is not in this Wikibase",
                hint="apply the ontology to this Wikibase first"
                if key in self.ontology.entries
                else near(key, self.ontology.entries),
            )
        return _checked(found)

    def _id(self, text: str, section: str) -> str:
        plain = text.removeprefix(self.concept_base)
        if _ITEM.fullmatch(plain):
            self._refuse_another_kind(plain, section)
            return plain
        entries = self.ontology.section(section)
        if text in entries:
            return self.bound(text)
        named = [entry.key for entry in self._named(text, section)]
        if len(named) == 1:
            return self.bound(named[0])
        if named:
            raise QueryError(f"“{text}” names more than one item", hint=" or ".join(named))
        # A key of another section is a slip, not a name that only the Wikibase knows.
        slip = entries and text in self.ontology.entries
        found = self.find(section, text) if self.find and not slip else None
        if found is None or (section in OTHERS and not self._is_of(_checked(found), section)):
            raise QueryError(f"there is no “{text}” in {section}", hint=self._hint(text, section))
        return _checked(found)

    def _is_of(self, entity_id: str, section: str) -> bool:
        """Tell whether what has a key or a name is what a section is about."""
        wanted = self._class(section)
        return self.classes is None or wanted is None or wanted in self.classes(entity_id)

    def _refuse_another_kind(self, entity_id: str, section: str) -> None:
        """Refuse the id of something else, which would give an empty answer and no word why."""
        key = next((k for k, known in self.binding.items.items() if known == entity_id), "")
        entry = self.ontology.entries.get(key)
        if entry is not None:
            if entry.section != section:
                what = f"{entity_id} is “{entry.key}” in {entry.section}, not in {section}"
                raise QueryError(what, hint=self._hint(entry.key, section))
            return
        wanted = self._class(section)
        if self.classes is None or wanted is None:
            return
        found = self.classes(entity_id)
        if wanted not in found:
            what = "is no item of" if found else "is not in"
            where = section if found else "this Wikibase"
            raise QueryError(f"{entity_id} {what} {where}", hint=self._hint("", section))

    def _class(self, section: str) -> str | None:
        """Give the id of the class of a section's items."""
        key = OTHERS.get(section)
        for entry in self.ontology.section(section).values():
            key = str(entry.fact("instance_of") or "")
            break
        return self.binding.items.get(key) if key else None

    def _named(self, text: str, section: str) -> Iterator[Entry]:
        wanted = text.casefold()
        for entry in self.ontology.section(section).values():
            if wanted in {name.casefold() for name in entry.terms.names}:
                yield entry

    def _hint(self, text: str, section: str) -> str:
        if section == "people":
            return "a user name as in “Ada Lovelace”, a pseudonym, or an id as in Q42"
        if section == "waves":
            return "the key of a wave in its mapping, or an id as in Q42"
        entries = self.ontology.section(section)
        keys = {key: key for key in entries}
        labels = {name: key for key, entry in entries.items() for name in entry.terms.names}
        found = near(text, {**labels, **keys})
        elsewhere = self.ontology.entries.get(text)
        if not found and elsewhere is not None:
            return f"“{text}” stands in {elsewhere.section}"
        return found or "a key of the ontology, a label in any language, or an id as in Q42"


def _checked(found: str) -> str:
    """Look again at what goes into a query: it came from another program."""
    if not _ITEM.fullmatch(found):
        raise QueryError(f"“{found}” is not the id of an item")
    return found
