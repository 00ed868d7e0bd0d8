"""Skills that people named and the form did not ask about: what of their words may be kept.

What people type into “other, please specify” is hostile input and free text: it may hold a mail
address, a whole story, or signs that nobody sees. Only what can be the name of a skill is kept.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from wbskills.domain import Assessment, Named
from wbskills.surveys.files.cell_text import clean, key, quoted
from wbskills.surveys.mapping.resolved import OtherColumn

LONGEST: Final = 100
_MOST: Final = 20  # skills that one cell can name
_ADDRESS = re.compile(r"https?://|www\.|@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Heard:
    """What was made of the words of one person.

    `assessments` are of skills that somebody has decided the words mean, `named` waits for such
    a decision, `left_out` counts what cannot be the name of a skill. `decided` are the keys of
    all wordings that were decided on.
    """

    assessments: tuple[Assessment, ...] = ()
    named: tuple[Named, ...] = ()
    left_out: int = 0
    decided: tuple[str, ...] = ()


@dataclass(slots=True)
class Hearing:
    """The words of one person, being gone through.

    `decided` goes from the key of a wording to the skill that it means; empty if to none.
    """

    decided: Mapping[str, str]
    assessed: set[str]
    assessments: list[Assessment] = field(default_factory=list)
    named: dict[str, Named] = field(default_factory=dict)
    left_out: int = 0
    settled: dict[str, None] = field(default_factory=dict)

    def take(self, other: OtherColumn, cell: str, level: str) -> None:
        """Take in one cell, whose skills have one level (empty: it was not told)."""
        for part in other.choices(cell).unknown if other.choices else _parts(cell, other.between):
            wording = clean(part)
            asked = key(wording)
            if asked in other.empty:
                continue
            if asked in self.decided:
                self.settled[asked] = None
                self._assess(self.decided[asked], level)
            elif is_name(wording):
                self.named.setdefault(asked, Named(wording, level))
            else:
                self.left_out += 1

    def heard(self) -> Heard:
        """Give what was made of all cells."""
        return Heard(
            tuple(self.assessments),
            tuple(self.named.values()),
            self.left_out,
            tuple(self.settled),
        )

    def _assess(self, skill: str, level: str) -> None:
        # What the form asked for by itself was answered there.
        if skill and level and skill not in self.assessed:
            self.assessed.add(skill)
            self.assessments.append(Assessment(skill, level))


def is_name(wording: str) -> bool:
    """Tell whether words can be the name of a skill, and name nobody.

    >>> is_name("Kiwix"), is_name("write to ada@example.org"), is_name("+49 30 1234567")
    (True, False, False)
    """
    return (
        len(wording) <= LONGEST
        and wording.isprintable()
        and any(map(str.isalpha, wording))
        and not _ADDRESS.search(wording)
        and quoted(wording).startswith("“")
    )


def _parts(cell: str, between: Sequence[str]) -> Iterator[str]:
    texts: Collection[str] = [cell]
    for sign in between:
        texts = [part for text in texts for part in text.split(sign)]
    yield from list(texts)[:_MOST]
