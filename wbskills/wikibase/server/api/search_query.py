"""What somebody types into list=search: words, phrases, and conditions on statements."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

_TOKEN: Final = re.compile(
    r'(?P<no>[-!]?)(?:(?P<key>haswbstatement|inlabel):)?(?P<text>"[^"]*"|(?:"[^"]*"|[^\s"])+)',
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"\w+")
_CONDITION: Final = re.compile(
    r"(P[1-9][0-9]{0,9})(?:=(.+))?", re.IGNORECASE | re.ASCII | re.DOTALL
)
_ENTITY: Final = re.compile(r"[PQ][1-9][0-9]{0,9}", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Words:
    """Words that stand beside each other; of the last, with `begins`, only the beginning."""

    words: tuple[str, ...]
    begins: bool = False
    labels_only: bool = False
    not_there: bool = False

    def stand_in(self, words: tuple[str, ...]) -> bool:
        """Tell whether a text, given as its words, has them."""
        count = len(self.words)
        for start in range(len(words) - count + 1):
            there = words[start : start + count]
            if there[:-1] == self.words[:-1] and (
                there[-1].startswith(self.words[-1])
                if self.begins
                else there[-1] == self.words[-1]
            ):
                return True
        return False


@dataclass(frozen=True, slots=True)
class Condition:
    """A property that an entity must have; the value too, unless that is empty."""

    property: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Statements:
    """Conditions of which one must be met, or (with `not_there`) none may be."""

    any_of: tuple[Condition, ...]
    not_there: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """All that is asked for at once."""

    words: tuple[Words, ...] = ()
    statements: tuple[Statements, ...] = ()
    impossible: bool = False  # a condition that nothing can meet

    @property
    def wanted(self) -> list[Words]:
        """List the words that have to be there."""
        return [each for each in self.words if not each.not_there]


def words_of(text: str) -> tuple[str, ...]:
    """Split a text into its words, in lower case."""
    return tuple(_WORD.findall(text.lower()))


def parse(text: str) -> Search:
    """Read a search.

    >>> parse('haswbstatement:P31=Q5 "deep sea"').statements[0].any_of[0].value
    'Q5'
    """
    words: list[Words] = []
    statements: list[Statements] = []
    impossible = False
    for found in _TOKEN.finditer(text):
        not_there, key = bool(found["no"]), (found["key"] or "").lower()
        if key == "haswbstatement":
            conditions = tuple(dict.fromkeys(_conditions(found["text"].replace('"', ""))))
            statements.append(Statements(conditions, not_there))
            impossible |= not conditions and not not_there
            continue
        phrase = found["text"].startswith('"')
        plain = found["text"].partition("@")[0] if key else found["text"]
        parts = words_of(plain)
        begins = not phrase and plain.endswith("*")
        groups = [parts] if phrase or not_there else [(part,) for part in parts]
        for number, group in enumerate(groups, 1):
            if group:
                last = begins and number == len(groups)
                words.append(Words(group, last, key == "inlabel", not_there))
    return Search(tuple(words), tuple(statements), impossible)


def _conditions(text: str) -> Iterable[Condition]:
    for part in text.split("|"):
        found = _CONDITION.fullmatch(part.partition("[")[0].strip())
        if found:
            yield Condition(found[1].upper(), found[2] or "")


def is_entity(word: str) -> bool:
    """Tell whether a word may be the id of an entity."""
    return bool(_ENTITY.fullmatch(word))


@dataclass(slots=True)
class Terms:
    """The texts of one entity, by what they are: label, alias or description."""

    entity: str
    labels: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    descriptions: list[str] = field(default_factory=list)

    def rank(self, search: Search) -> int | None:
        """Say how well a search fits, 0 is best; None if it does not."""
        names = [words_of(text) for text in (*self.labels, *self.aliases)]
        names.append((self.entity.lower(),))
        others = [words_of(text) for text in self.descriptions]
        for each in search.words:
            texts = names if each.labels_only else [*names, *others]
            if any(each.stand_in(text) for text in texts) == each.not_there:
                return None
        wanted = tuple(word for each in search.wanted for word in each.words)
        if not wanted:
            return 0
        if wanted in (words_of(text) for text in self.labels) or wanted == names[-1]:
            return 0
        if wanted in names:
            return 1
        if any(text[: len(wanted)] == wanted for text in names):
            return 2
        fits = all(any(each.stand_in(text) for text in names) for each in search.wanted)
        return 3 if fits else 4


def marked(text: str, search: Search, around: Mapping[str, str]) -> str:
    """Write a text as HTML with the words of a search marked."""
    words = sorted({word for each in search.wanted for word in each.words}, key=len, reverse=True)
    if words:
        pattern = rf"\b(?:{'|'.join(map(re.escape, words))})\b"
        text = re.sub(pattern, lambda hit: f"\x01{hit[0]}\x02", text, flags=re.IGNORECASE)
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    safe = safe.replace('"', "&quot;")
    return safe.replace("\x01", around["before"]).replace("\x02", around["after"])
