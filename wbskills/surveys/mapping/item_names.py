"""Finding things of the ontology by what people call them."""

import re
from bisect import bisect_left
from collections.abc import Iterable
from itertools import islice, takewhile
from typing import Final

from wbskills.ontology.entries import Entry, Ontology
from wbskills.surveys.files.cell_text import key

# What names an item beside its key, its labels and its aliases.
_NAMING_FACTS: Final = ("database_name", "language_code")
_NEAR_ENOUGH: Final = 70
_SUGGESTED: Final = 85
_SHORTEST_SUGGESTED: Final = 4
_REMEMBERED: Final = 20_000
_WORD = re.compile(r"\w+")


class Names:
    """The names of some items of the ontology, in all languages.

    A name that two items have in common finds neither: `shared` tells which they are.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._found: dict[str, dict[str, str]] = {}
        for entry in entries:
            for name in _names(entry):
                self._found.setdefault(key(name), {})[entry.key] = name
        self._choices = list(self._found)
        self._in_order = sorted(self._choices)
        # As rapidfuzz's token_sort_ratio would do for each comparison anew.
        self._sorted = [_sorted(name) for name in self._choices]
        self._suggested: dict[str, tuple[str, str, int] | None] = {}
        # Each name that may be found within a text, under its rarest kind of word: the longest.
        self._within_by_word: dict[str, list[tuple[str, frozenset[str]]]] = {}
        for name in self._choices:
            words = frozenset(_WORD.findall(name))
            if words and len(name) > _SHORTEST_SUGGESTED:
                longest = max(words, key=len)
                self._within_by_word.setdefault(longest, []).append((name, words))

    def find(self, text: str) -> str | None:
        """Find the key of the one item with a name."""
        found = self._found.get(key(text), {})
        return next(iter(found)) if len(found) == 1 else None

    def shared(self, text: str) -> tuple[str, ...]:
        """List the items that share a name; empty where at most one has it."""
        found = self._found.get(key(text), {})
        return tuple(found) if len(found) > 1 else ()

    def near(self, text: str) -> str:
        """Suggest names that are spelt nearly like a text: “Lua” or “Luau”."""
        return near(key(text), self._choices)

    def suggest(self, text: str) -> tuple[str, str, int] | None:
        """Suggest the item that a text most likely means: its key, its name, a score up to 100.

        Exactly the name of one item scores 100. Words in another order, other endings, or more
        words around the name score less. None below 85.
        """
        asked = key(text)
        if asked not in self._suggested:
            if len(self._suggested) >= _REMEMBERED:
                self._suggested.clear()
            self._suggested[asked] = self._suggest(asked)
        return self._suggested[asked]

    def _suggest(self, asked: str) -> tuple[str, str, int] | None:
        # Imported here: only `survey inspect` and faults need it.
        from rapidfuzz import fuzz, process

        exact = self.find(asked)
        if exact is not None:
            return exact, self._found[asked][exact], 100
        if len(asked) < _SHORTEST_SUGGESTED:
            return self._beginning(asked)  # “3” and “C” stand in too many names
        best = process.extractOne(
            _sorted(asked), self._sorted, scorer=fuzz.ratio, score_cutoff=_SUGGESTED
        )
        name, score = (
            (self._choices[best[2]], best[1]) if best else (self._within(asked), _SUGGESTED)
        )
        if not name:
            return self._beginning(asked)
        item, written = next(iter(self._found[name].items()))
        return item, written, min(99, int(score))

    def _beginning(self, asked: str) -> tuple[str, str, int] | None:
        """Find the one item whose name begins with a text, other words following."""
        start = f"{asked} "
        names = islice(self._in_order, bisect_left(self._in_order, start), None)
        items = {
            item: written
            for name in takewhile(lambda name: name.startswith(start), names if asked else ())
            for item, written in self._found[name].items()
        }
        if len(items) != 1:
            return None
        ((item, written),) = items.items()
        return item, written, _SUGGESTED

    def _within(self, asked: str) -> str:
        """Find the longest name all words of which stand in a text."""
        words = set(_WORD.findall(asked))
        found = [
            name
            for word in words
            for name, needed in self._within_by_word.get(word, ())
            if needed <= words
        ]
        return max(found, key=lambda name: (len(name), name), default="")


def names_of(ontology: Ontology, section: str) -> Names:
    """Give the names of a section of the ontology: `skills`, `communities`."""
    return Names(ontology.section(section).values())


def near(text: str, known: Iterable[str]) -> str:
    """Suggest up to three texts that are spelt nearly like another; empty where there is none."""
    from rapidfuzz import fuzz, process

    found = process.extract(
        text, list(known), scorer=fuzz.ratio, limit=3, score_cutoff=_NEAR_ENOUGH
    )
    return " or ".join(f"“{name}”" for name, _, _ in found)


def _sorted(name: str) -> str:
    return " ".join(sorted(name.split()))


def _names(entry: Entry) -> Iterable[str]:
    yield entry.key
    yield entry.key.replace("_", "-")
    yield from entry.terms.names
    for property_key in _NAMING_FACTS:
        fact = entry.fact(property_key)
        if fact is not None:
            yield str(fact)
