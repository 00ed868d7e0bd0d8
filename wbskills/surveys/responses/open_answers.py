"""Skills that people named although the survey did not ask about them.

What people type into “other, please specify” is free text: it may hold a mail address, a whole
story, or invisible characters. Only what can be the name of a skill is kept.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from wbskills.domain import Assessment, SuggestedSkill
from wbskills.surveys.files.cell_text import clean, key, quoted
from wbskills.surveys.mapping.resolved import OpenColumn

LONGEST: Final = 100
_MOST_PER_CELL: Final = 20
_ADDRESS = re.compile(r"https?://|www\.|@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OpenAnswers:
    """The skills that one person named.

    `assessments` are of wordings whose skill was decided, `named` are wordings without such a
    decision, `left_out` is the number of texts that cannot be the name of a skill. `decided` are
    the keys of all wordings with a decision.
    """

    assessments: tuple[Assessment, ...] = ()
    named: tuple[SuggestedSkill, ...] = ()
    left_out: int = 0
    decided: tuple[str, ...] = ()


def collect_open_answers(
    cells: Iterable[tuple[OpenColumn, str, str]],
    *,
    decided: Mapping[str, str],
    assessed: Iterable[str],
) -> OpenAnswers:
    """Collect the skills that a person named in some cells.

    `cells` have their column, their text, and the level of their skills (empty: unknown).
    `decided` maps the key of a wording to the skill that it means (empty: to none). Skills that
    the survey asked about by themselves and that were answered there are `assessed` already.
    """
    wordings = (
        (wording, level)
        for column, cell, level in cells
        for wording in map(
            clean, column.choices(cell).unknown if column.choices else split(cell, column.between)
        )
        if key(wording) not in column.empty
    )
    return collect_skills(wordings, decided=decided, assessed=assessed)


def collect_skills(
    wordings: Iterable[tuple[str, str]], *, decided: Mapping[str, str], assessed: Iterable[str]
) -> OpenAnswers:
    """Collect the skills that a person named: wordings, each with a level (empty: unknown).

    `decided` and `assessed` are as in `collect_open_answers`.
    """
    known = set(assessed)
    assessments: list[Assessment] = []
    named: dict[str, SuggestedSkill] = {}
    with_decision: dict[str, None] = {}
    left_out = 0
    for wording, level in wordings:
        wording_key = key(wording)
        if wording_key in decided:
            with_decision[wording_key] = None
            skill = decided[wording_key]
            if skill and level and skill not in known:
                known.add(skill)
                assessments.append(Assessment(skill, level))
        elif is_name(wording):
            named.setdefault(wording_key, SuggestedSkill(wording, level))
        else:
            left_out += 1
    return OpenAnswers(tuple(assessments), tuple(named.values()), left_out, tuple(with_decision))


def is_name(wording: str) -> bool:
    """Return whether a wording can be the name of a skill, and identifies nobody.

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


def split(cell: str, between: Iterable[str]) -> Sequence[str]:
    """Split what a person typed at separators; only the first twenty parts count."""
    texts = [cell]
    for separator in between:
        texts = [part for text in texts for part in text.split(separator)]
    return texts[:_MOST_PER_CELL]
