"""Words that tell what a column is about, in five languages."""

import re
from collections.abc import Mapping
from typing import Final

from wbskills.ontology.entries import Entry, Ontology
from wbskills.surveys.files.cell_text import clean, key, leading_number
from wbskills.surveys.files.columns import Column
from wbskills.surveys.mapping.answers import names_of_steps
from wbskills.surveys.mapping.multiple_choice import YES, is_tick

_UNCLEAR: Final = "n/a"
_CODE = re.compile(r"[A-Z]{1,4}0*\d{1,2}")
_USERNAME: Final = (
    r"user ?name|(wikimedia|wiki|meta) (account|user)|benutzer(name|konto)|nom d.utilisat"
    r"|nombre de usuari|اسم المستخدم"
)
_CONSENT: Final = (
    r"consent|\bagree|may (we|be) publish|do you accept|einwillig|einverstanden|zustimm"
    r"|\bstimm(e|st|en)\b.*\bzu\b|d.accord|accepte|consient|\bacept[aoe]|de acuerdo"
    r"|موافق|أوافق|توافق"
)
_HEADINGS: Final = (("username", _USERNAME), ("consent", _CONSENT))
_USER_CODES: Final = frozenset({"user", "username", "account", "person", "benutzer", "usuario"})
_INTERESTS: Final = (
    ("wants_to_learn", r"learn|improve|lernen|verbessern|apprendre|améliorer|aprender|تعلم"),
    ("can_teach", r"teach|unterricht|vermitteln|enseign|enseñ|تعليم|تدريس"),
    ("can_help", r"help|helfen|unterstütz|aider|ayudar|مساعدة"),
)


class Wordings:
    """Words of scales and of headings. `levels` and `babel` go from a word to its steps."""

    def __init__(self, ontology: Ontology) -> None:
        self.levels: dict[str, tuple[str, ...]] = {}
        self.babel: dict[str, tuple[str, ...]] = {}
        for scale in ontology.section("scales"):
            steps = [*ontology.levels(scale).values(), *ontology.outside(scale).values()]
            _note(steps, self.babel if scale == "babel" else self.levels)

    def headings(self, column: Column) -> frozenset[str]:
        """Tell whether a heading asks for a username or a consent; some speak of both."""
        if key(column.question or column.heading) in _USER_CODES:
            return frozenset({"username"})
        asked = key(column.text or column.heading).replace("_", " ")
        return frozenset(what for what, words in _HEADINGS if re.search(words, asked))

    def interest(self, column: Column) -> str:
        """Tell which interest a heading asks for; empty if none."""
        asked = key(f"{column.text} {column.question}")
        return next((what for what, words in _INTERESTS if re.search(words, asked)), "")

    def is_yes_or_no(self, answer: str) -> bool:
        """Tell whether an answer is a plain yes or no, also as 1 and 0."""
        return is_tick(answer) or key(answer) == _UNCLEAR

    def is_yes(self, answer: str) -> bool:
        """Tell whether an answer is a plain yes."""
        return key(answer) in YES

    def is_code(self, answer: str) -> bool:
        """Tell whether an answer is a bare code, such as `A3` or `AO03`."""
        return bool(_CODE.fullmatch(clean(answer))) and clean(answer) not in self.babel

    def is_step(self, answer: str) -> bool:
        """Tell whether an answer begins with a number of a scale, 0 to 10."""
        number = leading_number(answer)
        return number is not None and 0 <= number <= 10

    def is_recoded(self, answer: str) -> bool:
        """Tell whether an answer is a negative number, as tools write “not sure” and the like."""
        number = leading_number(answer)
        return number is not None and number < 0

    def is_level(self, answer: str) -> bool:
        """Tell whether an answer is a word of a scale, or N/A among such words."""
        return key(answer) in self.levels or key(answer) == _UNCLEAR

    def knows(self, answer: str) -> bool:
        """Tell whether an answer is a word of a scale, or a yes or no."""
        asked = key(answer)
        return asked in self.levels or asked in self.babel or self.is_yes_or_no(answer)


def _note(steps: list[Entry], into: dict[str, tuple[str, ...]]) -> None:
    for name, step in names_of_steps(steps):
        if step not in into.get(name, ()):
            into[name] = (*into.get(name, ()), step)


def step_of(answer: str, words: Mapping[str, tuple[str, ...]]) -> str:
    """Name the one step that an answer means; empty if none, or more than one."""
    found = words.get(key(answer), ())
    return found[0] if len(found) == 1 else ""
