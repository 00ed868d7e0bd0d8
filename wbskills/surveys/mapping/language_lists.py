"""Several languages in one cell, each with its level behind it or without one.

For example `German, English (C1)`, `de; en-3` or `French: native / Arabic`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wbskills.domain import Speaks
from wbskills.names import did_you_mean
from wbskills.surveys.files.cell_text import clean, key, quoted
from wbskills.surveys.mapping.answers import AnswerKind, Matcher, Meaning, fault

NOT_SPOKEN: Final = "babel_0"
_MOST_PER_CELL: Final = 20
_BEFORE_LEVEL = re.compile(r"[\s(\[:=/–—-]+")
_AROUND_LEVEL: Final = " ()[]:=/–—-"


@dataclass(frozen=True, slots=True)
class LanguageListReader:
    """Reads the languages of a cell; `between` are the texts that separate them."""

    place: str
    between: tuple[str, ...]
    languages: Matcher
    levels: Matcher

    def __call__(self, cell: str) -> tuple[tuple[Speaks, ...], tuple[Meaning, ...]]:
        """Return the languages of a cell, and what is wrong with others in it."""
        found: dict[str, str] = {}
        faults = []
        for text in self._split(cell):
            language, level = self._read(text)
            if level.what:
                faults.append(level)
            elif language and found.get(language) and level.value not in ("", found[language]):
                what = f"{quoted(cell)} has a language with two levels"
                faults.append(fault(what, "keep one of them"))
            elif language:
                found[language] = level.value or found.get(language, "")
        return tuple(
            Speaks(language=language, babel_level=level)
            for language, level in found.items()
            if level != NOT_SPOKEN
        ), tuple(faults)

    def _split(self, cell: str) -> list[str]:
        if self.languages(cell).value:  # a name may contain what separates names
            return [cell]
        texts = [cell]
        for separator in self.between:
            texts = [part for text in texts for part in text.split(separator)]
        return [text for text in texts if clean(text)][:_MOST_PER_CELL]

    def _read(self, text: str) -> tuple[str, Meaning]:
        """Return the language of a text and its level, which may be missing or a fault."""
        whole = self.languages(text)
        if not whole.what:
            return whole.value, Meaning(AnswerKind.SKIPPED)
        unknown = None
        for name, separator, level in _with_level(clean(text)):
            language = self.languages(name).value
            meaning = self.levels(level)
            if meaning.what and separator == "-":  # “en-3”, as on user pages
                meaning = min(meaning, self.levels(f"babel-{level}"), key=_is_fault)
            if language and not meaning.what:
                return language, meaning
            if language and unknown is None:
                unknown = meaning
        return "", unknown or self._unknown(text)

    def _unknown(self, text: str) -> Meaning:
        written = clean(text)
        add = f'add "{written}" = "lang_…" under {self.place}.languages'
        names = self.languages.names
        close = did_you_mean(key(text), names.all) if names else ""
        what = f"the mapping does not know the language {quoted(text)}"
        return fault(what, f"{close}; or {add}" if close else add)


def _is_fault(meaning: Meaning) -> bool:
    return bool(meaning.what)


def _with_level(text: str) -> Iterator[tuple[str, str, str]]:
    """List the ways to split a text into name, separator and level, the longest name first."""
    for found in reversed(list(_BEFORE_LEVEL.finditer(text))):
        level = text[found.end() :].strip(_AROUND_LEVEL)
        if level and found.start():
            yield text[: found.start()], found[0], level
