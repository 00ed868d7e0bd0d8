"""Words that tell what a column is about, in five languages."""

import re
from collections.abc import Mapping
from typing import Final

from wbskills.ontology.entries import Entry, Ontology
from wbskills.surveys.answers import names_of_steps
from wbskills.surveys.cells import key, leading_number
from wbskills.surveys.columns import Column

_YES: Final = frozenset({"yes", "y", "ja", "sí", "si", "oui", "نعم", "true", "checked", "x"})
_NO: Final = frozenset({"no", "n", "nein", "non", "لا", "false", "not selected", "n/a"})
_USERNAME: Final = (
    r"user ?name|(wikimedia|wiki|meta) (account|user)|benutzer(name|konto)|nom d.utilisat"
    r"|nombre de usuari|اسم المستخدم"
)
_CONSENT: Final = (
    r"consent|\bagree|may (we|be) publish|einwillig|einverstanden|zustimm|d.accord|j.accepte"
    r"|consiento|acepto|de acuerdo|موافق|أوافق"
)
_HEADINGS: Final = (("username", _USERNAME), ("consent", _CONSENT))
_USER_CODES: Final = frozenset({"user", "username", "account", "benutzer", "usuario"})
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

    def heading(self, column: Column) -> str:
        """Tell whether a heading asks for a username or a consent; empty if for neither."""
        if key(column.question or column.heading) in _USER_CODES:
            return "username"
        asked = key(column.text or column.heading)
        return next((what for what, words in _HEADINGS if re.search(words, asked)), "")

    def interest(self, column: Column) -> str:
        """Tell which interest a heading asks for; empty if none."""
        asked = key(f"{column.text} {column.question}")
        return next((what for what, words in _INTERESTS if re.search(words, asked)), "")

    def is_yes_or_no(self, answer: str) -> bool:
        """Tell whether an answer is a plain yes or no."""
        return key(answer) in _YES or key(answer) in _NO

    def is_yes(self, answer: str) -> bool:
        """Tell whether an answer is a plain yes."""
        return key(answer) in _YES

    def is_step(self, answer: str) -> bool:
        """Tell whether an answer begins with a number of a scale, 0 to 10."""
        number = leading_number(answer)
        return number is not None and 0 <= number <= 10

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
