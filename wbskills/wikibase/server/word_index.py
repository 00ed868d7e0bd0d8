"""Items and properties by the words of their labels and aliases, in whatever order.

Made from the store when it is first asked, and again when the store has changed since: 0.2
seconds for 100,000 names. It is in memory only, and holds words and ids.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from threading import Lock
from typing import Final

from wbskills.wikibase.model.entities import Kind
from wbskills.wikibase.server.site import Site

_WORD: Final = re.compile(r"\w+")
_BEGINNINGS: Final = 200  # words that begin alike, looked at for one beginning
_LOOKED_AT: Final = 5_000  # entities that have a word, the rarest words first
_MOST_WORDS: Final = 20  # of a name that is looked for

_Index = dict[str, list[str]]


def plain(text: str) -> str:
    """Write a text so that those that look alike are equal.

    >>> plain("Ａda  LOVELACE")
    'ada lovelace'
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def words(text: str) -> list[str]:
    """List the words of a text.

    >>> words("Adams, Douglas")
    ['adams', 'douglas']
    """
    return _WORD.findall(plain(text))


class WordIndex:
    """The words of what one site has."""

    def __init__(self, site: Site) -> None:
        self._store, self._lock = site.store, Lock()
        self._known: dict[Kind, tuple[int, _Index, list[str]]] = {}

    def find(self, name: str, kind: Kind, most: int, *, unfinished: bool = False) -> list[str]:
        """List entities that have words of a name, those with most and the rarest words first.

        If it is `unfinished`, the last word may be the beginning of one.
        """
        index, listed = self._index(kind)
        asked = list(dict.fromkeys(words(name)))[:_MOST_WORDS]
        meant = [[word] for word in asked]
        if unfinished and asked:
            meant[-1] += _beginning(asked[-1], listed)
        having = [_merged(index, spelled) for spelled in meant]
        left = _LOOKED_AT
        scores: Counter[str] = Counter()
        for found in sorted(having, key=len):
            for entity in set(found[:left]):
                # One word more counts more than any rarity: 1 is below the sum of it.
                scores[entity] += 1_000_000 + 1_000_000 // (len(found) + _MOST_WORDS)
            left -= min(left, len(found))
        ordered = sorted(scores.items(), key=lambda pair: (-pair[1], int(pair[0][1:])))
        return [entity for entity, _ in ordered[:most]]

    def _index(self, kind: Kind) -> tuple[_Index, list[str]]:
        with self._lock:
            edition = self._store.edition
            known = self._known.get(kind)
            if known is None or known[0] != edition:
                index: _Index = defaultdict(list)
                for entity, text in self._store.pages.names(kind):
                    for word in set(words(text)):
                        index[word].append(entity)
                known = self._known[kind] = (edition, dict(index), sorted(index))
            return known[1], known[2]


def _beginning(word: str, listed: list[str]) -> list[str]:
    """List longer words that begin so, from an ordered list."""
    first = bisect_left(listed, word)
    near = listed[first : first + _BEGINNINGS]
    return [other for other in near if other != word and other.startswith(word)]


def _merged(index: _Index, spelled: list[str]) -> list[str]:
    """List what has one of some words; cut where it is more than is looked at."""
    found: list[str] = []
    for word in spelled:
        found += index.get(word, [])[: _LOOKED_AT + 1]
        if len(found) > _LOOKED_AT:
            break
    return found
