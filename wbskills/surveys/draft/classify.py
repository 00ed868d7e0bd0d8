"""Classify columns."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from wbskills.ontology.entries import Entry, Ontology
from wbskills.surveys.files.cell_text import clean, cut, key, leading_number, quoted
from wbskills.surveys.files.columns import Column, Role
from wbskills.surveys.mapping.answers import names_of_steps
from wbskills.surveys.mapping.item_names import ItemNames, names_of
from wbskills.surveys.mapping.multiple_choice import YES, is_yes_or_no, split_unknown

_DIFFERENT: Final = 50  # more different answers than this are free text
_MOST_IDS: Final = 2_000  # that are compared with each other
_DAY = re.compile(r"[12]\d{3}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?")
_ID = re.compile(r"[A-Za-z_-]{0,20}\d[\w-]{0,40}", re.ASCII)


class ColumnKind(StrEnum):
    """What the answers of a column look like."""

    NONE = ""
    LEVELS = "levels of a skill"
    BABEL = "levels of a language"
    YES_NO = "yes or no"
    NUMBERS = "numbers of a scale"
    CODES = "codes of answers"
    WORDS = "answers about a skill"
    CHOICES = "several choices in one cell"
    COMMUNITIES = "wikis"
    LANGUAGES = "languages"
    USERNAMES = "names of users"
    CONSENT = "consent"
    FREE_TEXT = "free text"
    PERSONAL = "personal data, never read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A skill or a language that a column may be about, to be accepted by a person."""

    key: str
    name: str
    score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnProfile:
    """What one column holds. `answers` come with their counts, the most frequent first.

    Where a cell holds several choices, `answers` are these, `between` is what stands between them,
    and `choices` are the skills that they may be.
    """

    column: Column
    guess: ColumnKind
    empty: int
    distinct: int
    answers: tuple[tuple[str, int], ...]
    skill: Suggestion | None = None
    language: Suggestion | None = None
    between: str = ""
    choices: tuple[Suggestion | None, ...] = ()


@dataclass(slots=True)
class ColumnStats:
    """What has been seen of a column; of personal data, only how often it is there.

    `parts` counts, for each text that may stand between choices, the choices; they are counted
    only once there are too many different answers to tell them from these. `mails` counts cells
    that may be mail addresses. `days` has the first and the last of the column, while all of its
    cells are days as ISO 8601 writes them; `ids` the cells, while they may be numbers of
    responses: all are different, and none can be a name or a telephone number.
    """

    column: Column
    parts: dict[str, Counter[str]] = field(default_factory=dict)
    empty: int = 0
    filled: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    overflowed: bool = False
    mails: int = 0
    days: tuple[str, str] | None = ("9", "")
    ids: set[str] | None = field(default_factory=set)

    def add(self, cell: str) -> None:
        """Look at one cell."""
        text = clean(cell) if not cell.isascii() else cell.strip()
        if not text:
            self.empty += 1
            return
        self.filled += 1
        if not self.column.role.shown and self.column.role is not Role.DESCRIPTION:
            return
        self.mails += "@" in text
        if self.days is not None:
            days = min(self.days[0], text), max(self.days[1], text)
            self.days = days if _DAY.fullmatch(text) else None
        if self.ids is not None and len(self.ids) < _MOST_IDS:
            fits = text not in self.ids and _ID.fullmatch(text) and quoted(text).startswith("“")
            if fits:
                self.ids.add(text)
            else:
                self.ids = None
        if self.overflowed:
            if self.parts:
                self._part(text, 1)
            return
        self.answers[text] += 1
        if len(self.answers) > _DIFFERENT:
            self.finish()
            self.overflowed = True
            self.answers.clear()

    def finish(self) -> None:
        """Count the choices in the answers that have been seen."""
        for text, count in self.answers.items():
            self._part(text, count)

    def _part(self, text: str, count: int) -> None:
        for between, counted in list(self.parts.items()):
            for part in split_unknown(text, between):
                counted[part] += count
            if len(counted) > _DIFFERENT:
                del self.parts[between]


_NOT_CLEAR: Final = "n/a"
_ANSWER_CODE = re.compile(r"[A-Z]{1,4}0*\d{1,2}")
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


class Keywords:
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
        return is_yes_or_no(answer) or key(answer) == _NOT_CLEAR

    def is_yes(self, answer: str) -> bool:
        """Tell whether an answer is a plain yes."""
        return key(answer) in YES

    def is_code(self, answer: str) -> bool:
        """Tell whether an answer is a bare code, such as `A3` or `AO03`."""
        return bool(_ANSWER_CODE.fullmatch(clean(answer))) and clean(answer) not in self.babel

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
        return key(answer) in self.levels or key(answer) == _NOT_CLEAR

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


SHOWN: Final = 12
NEARLY_THE_NAME: Final = 92
_LONGEST_ANSWER: Final = 60
_LONGEST_CHOSEN: Final = 150
_CONSENTS: Final = 6
_SCALES: Final = (ColumnKind.LEVELS, ColumnKind.NUMBERS, ColumnKind.CODES)
_VAGUE: Final = (ColumnKind.NONE, ColumnKind.YES_NO, ColumnKind.FREE_TEXT)


class Classifier:
    """Judges columns by what has been seen of them."""

    def __init__(self, ontology: Ontology) -> None:
        self.wordings = Keywords(ontology)
        self.skills = names_of(ontology, "skills")
        self.languages = names_of(ontology, "languages")
        self.communities = names_of(ontology, "communities")

    def reports(self, looks: Iterable[ColumnStats]) -> Iterable[ColumnProfile]:
        """Classifier all columns; what stands before a column helps to tell what it is."""
        before = ColumnKind.NONE
        judged = []
        for look in looks:
            before = self._guess(look, before)
            judged.append((look, before))
        self._agree(judged)
        return [self._report(look, guess) for look, guess in judged]

    def _agree(self, judged: list[tuple[ColumnStats, ColumnKind]]) -> None:
        """Classifier the columns of one question alike, also those in which few answers stand."""
        scales: dict[str, set[ColumnKind]] = {}
        for look, guess in judged:
            if look.column.array and guess in _SCALES:
                scales.setdefault(look.column.array, set()).add(guess)
        for place, (look, guess) in enumerate(judged):
            found = scales.get(look.column.array, set())
            if len(found) == 1 and guess in _VAGUE and self._fits(look, min(found)):
                judged[place] = look, min(found)

    def _is_number(self, answer: str) -> bool:
        return self.wordings.is_step(answer) or self.wordings.is_recoded(answer)

    def _fits(self, look: ColumnStats, guess: ColumnKind) -> bool:
        if guess is ColumnKind.NUMBERS:
            return all(map(self._is_number, look.answers))
        if guess is ColumnKind.CODES:
            return all(map(self.wordings.is_code, look.answers))
        return all(map(self.wordings.is_level, look.answers))

    def _report(self, look: ColumnStats, guess: ColumnKind) -> ColumnProfile:
        if guess is ColumnKind.CHOICES:
            return self._choices_report(look)
        hidden = guess in (ColumnKind.PERSONAL, ColumnKind.FREE_TEXT, ColumnKind.USERNAMES)
        about = guess in (*_SCALES, ColumnKind.BABEL, ColumnKind.YES_NO, ColumnKind.WORDS)
        return ColumnProfile(
            column=look.column,
            guess=guess,
            empty=look.empty,
            distinct=0 if hidden else len(look.answers),
            answers=() if hidden else tuple(self._shown(look, guess)),
            skill=_suggestion(self.skills, look.column) if about else None,
            language=_suggestion(self.languages, look.column) if about else None,
        )

    def _guess(self, look: ColumnStats, before: ColumnKind) -> ColumnKind:
        column = look.column
        # “Please describe” also stands in questions whose answers are given.
        closed = column.role is Role.DESCRIPTION and _is_closed(look)
        if column.role.personal and not closed:
            return ColumnKind.PERSONAL
        if look.mails * 2 > look.filled:
            return ColumnKind.PERSONAL  # Google heads them “Username”
        if column.role is not Role.QUESTION and not closed:
            return ColumnKind.NONE
        headings = self.wordings.headings(column)
        # “May we publish this under your username?” asks for a consent; names do not repeat.
        repeated = not look.overflowed and len(look.answers) * 2 <= look.answers.total()
        if "username" in headings and not ("consent" in headings and repeated):
            return ColumnKind.USERNAMES
        if "consent" not in headings and self._between(look):
            return ColumnKind.CHOICES
        if look.overflowed:
            return ColumnKind.FREE_TEXT
        if "consent" in headings:
            return ColumnKind.CONSENT
        language = before is ColumnKind.LANGUAGES or any(map(self.languages.find, column.subjects))
        by_answers = self._by_answers(column, list(look.answers), about_language=language)
        if by_answers or not look.answers:
            return by_answers
        if repeated and _is_name(_suggestion(self.skills, column)):
            return ColumnKind.WORDS  # a form with levels of its own
        return ColumnKind.FREE_TEXT if _is_open(look) else ColumnKind.NONE

    def _between(self, look: ColumnStats) -> str:
        """Tell what stands between the choices of a column, if cells hold several of them.

        That is so if some cell holds at least two, and half of all choices look like skills.
        """
        for between, counted in look.parts.items():
            several = look.overflowed or any(answer not in counted for answer in look.answers)
            if not several or len(counted) < 2:
                continue
            known = sum(self.skills.suggest(part) is not None for part in counted)
            if known * 2 >= len(counted):
                return between
        return ""

    def _choices_report(self, look: ColumnStats) -> ColumnProfile:
        between = self._between(look)
        suggested = {part: _suggestion_of(self.skills, part) for part in look.parts[between]}
        answers = tuple(
            (cut(part, _LONGEST_ANSWER), count)
            for part, count in look.parts[between].most_common()
            if _is_name(suggested[part]) or (count > 1 and quoted(part).startswith("“"))
        )
        return ColumnProfile(
            column=look.column,
            guess=ColumnKind.CHOICES,
            empty=look.empty,
            distinct=len(look.parts[between]),
            answers=answers,
            between=between,
            choices=tuple(suggested.get(part) for part, _ in answers),
        )

    def _by_answers(
        self, column: Column, answers: list[str], *, about_language: bool
    ) -> ColumnKind:
        if not answers:
            return ColumnKind.NONE
        own = {key(text) for text in (column.row_text, column.row_code) if text}
        if all(self.wordings.is_yes_or_no(one) or key(one) in own for one in answers):
            return ColumnKind.YES_NO
        if about_language and all(key(answer) in self.wordings.babel for answer in answers):
            return ColumnKind.BABEL
        if _most(answers, self.wordings.levels):
            return ColumnKind.LEVELS
        if any(map(self.wordings.is_step, answers)) and all(map(self._is_number, answers)):
            return ColumnKind.NUMBERS
        if len(answers) > 1 and all(map(self.wordings.is_code, answers)):
            return ColumnKind.CODES
        if _named(answers, self.communities):
            return ColumnKind.COMMUNITIES
        return ColumnKind.LANGUAGES if _named(answers, self.languages) else ColumnKind.NONE

    def _shown(self, look: ColumnStats, guess: ColumnKind) -> Iterable[tuple[str, int]]:
        # The answers to the consent are the form's own, and a mapping needs every one of them.
        everything = guess is ColumnKind.CONSENT and len(look.answers) <= _CONSENTS
        # Where most answers differ, one that two rows share is somebody who answered twice.
        telling = len(look.answers) * 2 <= look.answers.total() or guess is not ColumnKind.NONE
        shown = (
            (cut(answer, _LONGEST_ANSWER), count)
            for answer, count in look.answers.most_common()
            if everything
            or self.wordings.knows(answer)
            or guess in (ColumnKind.NUMBERS, ColumnKind.CODES)  # a number of a scale names nobody
            or (telling and count > 1 and quoted(answer).startswith("“"))
        )
        return list(shown)[:SHOWN]


def _most(answers: list[str], known: dict[str, tuple[str, ...]]) -> bool:
    """Tell whether at least two answers, and two thirds of all, are words of a scale."""
    found = sum(key(answer) in known for answer in answers)
    return found >= 2 and found * 3 >= len(answers) * 2


def _named(answers: list[str], names: ItemNames) -> bool:
    """Tell whether two thirds of the answers are names of some items."""
    return sum(names.find(answer) is not None for answer in answers) * 3 >= len(answers) * 2


def _is_closed(look: ColumnStats) -> bool:
    """Tell whether people chose from given answers: few different ones, and none is long."""
    return (
        not look.overflowed
        and 0 < len(look.answers) * 2 <= look.answers.total()
        and max(map(len, look.answers)) <= _LONGEST_CHOSEN
    )


def _is_open(look: ColumnStats) -> bool:
    """Tell whether people wrote what they liked: more than half of the answers are different."""
    lengths = [len(answer) for answer in look.answers]
    long = bool(lengths) and sum(lengths) / len(lengths) > _LONGEST_ANSWER
    return long or len(look.answers) * 2 > look.filled


def _is_name(suggestion: Suggestion | None) -> bool:
    """Tell whether a text is a skill's name, and not words of somebody around one."""
    return suggestion is not None and suggestion.score >= NEARLY_THE_NAME


def _suggestion_of(names: ItemNames, text: str) -> Suggestion | None:
    found = names.suggest(text)
    return Suggestion(key=found[0], name=found[1], score=found[2]) if found else None


def _suggestion(names: ItemNames, column: Column) -> Suggestion | None:
    found = [names.suggest(subject) for subject in column.subjects]
    best = max((one for one in found if one), key=lambda one: one[2], default=None)
    return Suggestion(key=best[0], name=best[1], score=best[2]) if best else None
