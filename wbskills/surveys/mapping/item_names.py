"""Finding items of the ontology by what people call them."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import islice, takewhile
from typing import Final, NamedTuple

from wbskills.ontology.entries import Entry, Ontology
from wbskills.surveys.files.cell_text import key

# What names an item in addition to its key, labels and aliases.
_NAMING_FACTS: Final = ("database_name", "language_code")
_SIMILAR: Final = 85  # of 100
_SHORTEST_SIMILAR: Final = 4
_MOST_REMEMBERED: Final = 20_000
_WORD = re.compile(r"\w+")


class Suggestion(NamedTuple):
    """An item that a text may mean: its key, the name that is similar, and a score up to 100."""

    key: str
    name: str
    score: int


class ItemNames:
    """The names of some items of the ontology, in all languages."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        # Compared form of a name → key of the item → the name as it is written.
        self._items: dict[str, dict[str, str]] = {}
        for entry in entries:
            for name in _names(entry):
                self._items.setdefault(key(name), {})[entry.key] = name
        self.all = list(self._items)
        self._in_order = sorted(self.all)
        # What rapidfuzz's token_sort_ratio would compute again for each comparison.
        self._words_in_order = [_in_word_order(name) for name in self.all]
        self._suggested: dict[str, Suggestion | None] = {}
        # Each name that may be found within a text, by its longest word.
        self._by_longest_word: dict[str, list[tuple[str, frozenset[str]]]] = {}
        for name in self.all:
            words = frozenset(_WORD.findall(name))
            if words and len(name) > _SHORTEST_SIMILAR:
                longest = max(words, key=len)
                self._by_longest_word.setdefault(longest, []).append((name, words))

    def find(self, text: str) -> str | None:
        """Find the key of the only item with a name; None if several items have it."""
        items = self._items.get(key(text), {})
        return next(iter(items)) if len(items) == 1 else None

    def sharing(self, text: str) -> tuple[str, ...]:
        """List the keys of the items that share a name; empty if at most one has it."""
        items = self._items.get(key(text), {})
        return tuple(items) if len(items) > 1 else ()

    def suggest(self, text: str) -> Suggestion | None:
        """Suggest the item that a text most likely means, with a score of at least 85.

        Exactly the name of one item scores 100. Words in another order, other endings, or more
        words around the name score less.
        """
        wanted = key(text)
        if wanted not in self._suggested:
            if len(self._suggested) >= _MOST_REMEMBERED:
                self._suggested.clear()
            self._suggested[wanted] = self._suggest(wanted)
        return self._suggested[wanted]

    def nearest(self, text: str, most: int) -> list[str]:
        """List the keys of the items whose names are nearest to a text, the nearest first."""
        from rapidfuzz import fuzz, process  # as below

        found: dict[str, None] = {}
        wanted = _in_word_order(key(text))
        names = process.extract(wanted, self._words_in_order, scorer=fuzz.WRatio, limit=most * 5)
        for _, _, index in names:
            found.setdefault(next(iter(self._items[self.all[index]])))
        return list(found)[:most]

    def _suggest(self, wanted: str) -> Suggestion | None:
        from rapidfuzz import fuzz, process  # only `survey inspect` needs it

        exact = self.find(wanted)
        if exact is not None:
            return Suggestion(exact, self._items[wanted][exact], 100)
        if len(wanted) < _SHORTEST_SIMILAR:
            return self._beginning_with(wanted)  # “3” and “C” are in too many names
        best = process.extractOne(
            _in_word_order(wanted), self._words_in_order, scorer=fuzz.ratio, score_cutoff=_SIMILAR
        )
        name, score = (self.all[best[2]], best[1]) if best else (self._within(wanted), _SIMILAR)
        if not name:
            return self._beginning_with(wanted)
        item, written = next(iter(self._items[name].items()))
        return Suggestion(item, written, min(99, int(score)))

    def _beginning_with(self, wanted: str) -> Suggestion | None:
        """Find the one item whose name is a text and more words."""
        start = f"{wanted} "
        names = islice(self._in_order, bisect_left(self._in_order, start), None)
        items = {
            item: written
            for name in takewhile(lambda name: name.startswith(start), names if wanted else ())
            for item, written in self._items[name].items()
        }
        if len(items) != 1:
            return None
        ((item, written),) = items.items()
        return Suggestion(item, written, _SIMILAR)

    def _within(self, wanted: str) -> str:
        """Find the longest name whose words are all in a text."""
        words = set(_WORD.findall(wanted))
        found = [
            name
            for word in words
            for name, needed in self._by_longest_word.get(word, ())
            if needed <= words
        ]
        return max(found, key=lambda name: (len(name), name), default="")


def names_of(ontology: Ontology, section: str) -> ItemNames:
    """Return the names of a section of the ontology, for example `skills`."""
    return ItemNames(ontology.section(section).values())


def _in_word_order(name: str) -> str:
    return " ".join(sorted(name.split()))


def _names(entry: Entry) -> Iterator[str]:
    yield entry.key
    yield entry.key.replace("_", "-")
    yield from entry.terms.names
    for property_key in _NAMING_FACTS:
        fact = entry.fact(property_key)
        if fact is not None:
            yield str(fact)
