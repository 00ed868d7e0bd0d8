"""What a column seems to hold, judging by its heading and its answers.

Answers are shown only where they cannot identify anyone: never those of columns with personal data
or free text, and elsewhere only those that at least two people gave, or that are words of a scale.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from wbskills.ontology.entries import Ontology
from wbskills.surveys.files.cell_text import clean, cut, key, leading_number, quoted
from wbskills.surveys.files.columns import Role, SurveyColumn
from wbskills.surveys.mapping.answers import NOT_AVAILABLE, names_of_steps
from wbskills.surveys.mapping.item_names import ItemNames, Suggestion, names_of
from wbskills.surveys.mapping.multiple_choice import YES, is_yes_or_no, split_unknown

NEARLY_THE_NAME: Final = 92  # the score of a suggestion that is more than words around a name
_SHOWN_ANSWERS: Final = 12
_LONGEST_ANSWER: Final = 60
_LONGEST_CHOSEN: Final = 150
_MOST_CONSENTS: Final = 6
_MOST_DIFFERENT: Final = 50  # more different answers than this are free text
_MOST_IDS: Final = 2_000  # that are compared with each other
_DAY = re.compile(r"[12]\d{3}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?")
_ID = re.compile(r"[A-Za-z_-]{0,20}\d[\w-]{0,40}", re.ASCII)
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
    USERNAMES = "usernames"
    CONSENT = "consent"
    FREE_TEXT = "free text"
    PERSONAL = "personal data, never read"


_SCALES: Final = (ColumnKind.LEVELS, ColumnKind.NUMBERS, ColumnKind.CODES)
_VAGUE: Final = (ColumnKind.NONE, ColumnKind.YES_NO, ColumnKind.FREE_TEXT)
_HIDDEN: Final = (ColumnKind.PERSONAL, ColumnKind.FREE_TEXT, ColumnKind.USERNAMES)
_ABOUT_SUBJECTS: Final = (*_SCALES, ColumnKind.BABEL, ColumnKind.YES_NO, ColumnKind.WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnProfile:
    """What one column holds. `answers` have their counts, the most frequent first.

    If cells hold several choices, `answers` are these, `between` is what separates them, and
    `choices` are the skills that they may mean.
    """

    column: SurveyColumn
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
    """What was counted in a column; of personal data only how often it is there.

    `choices` counts, for each text that may separate choices, the choices; they are counted only
    once there are too many different answers to derive them from these. `mails` is the number of
    cells that may be mail addresses. `days` are the first and the last day, while all cells are
    days in ISO 8601; `ids` are the cells, while they may be numbers of responses: all different,
    and none of them a name or a telephone number.
    """

    column: SurveyColumn
    choices: dict[str, Counter[str]] = field(default_factory=dict)
    empty: int = 0
    filled: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    overflowed: bool = False
    mails: int = 0
    days: tuple[str, str] | None = ("9", "")
    ids: set[str] | None = field(default_factory=set)

    def add(self, cell: str) -> None:
        """Count one cell."""
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
            if text not in self.ids and _ID.fullmatch(text) and _is_harmless(text):
                self.ids.add(text)
            else:
                self.ids = None
        if self.overflowed:
            self._count_choices(text, 1)
            return
        self.answers[text] += 1
        if len(self.answers) > _MOST_DIFFERENT:
            self.finish()
            self.overflowed = True
            self.answers.clear()

    def finish(self) -> None:
        """Count the choices in the answers so far."""
        for text, count in self.answers.items():
            self._count_choices(text, count)

    @property
    def is_repeated(self) -> bool:
        """Whether the answers are given twice on average."""
        return not self.overflowed and len(self.answers) * 2 <= self.answers.total()

    @property
    def is_closed(self) -> bool:
        """Whether people chose from fixed answers: few different ones, and none is long."""
        return (
            bool(self.answers)
            and self.is_repeated
            and max(map(len, self.answers)) <= _LONGEST_CHOSEN
        )

    @property
    def is_open(self) -> bool:
        """Whether people wrote what they liked: long answers, or most of them different."""
        lengths = [len(answer) for answer in self.answers]
        long = bool(lengths) and sum(lengths) / len(lengths) > _LONGEST_ANSWER
        return long or len(self.answers) * 2 > self.filled

    def _count_choices(self, text: str, count: int) -> None:
        for between, counts in list(self.choices.items()):
            for part in split_unknown(text, between):
                counts[part] += count
            if len(counts) > _MOST_DIFFERENT:
                del self.choices[between]


class Keywords:
    """Words of scales and of headings. `levels` and `babel` map a word to its steps."""

    def __init__(self, ontology: Ontology) -> None:
        self.levels: dict[str, tuple[str, ...]] = {}
        self.babel: dict[str, tuple[str, ...]] = {}
        for scale in ontology.section("scales"):
            words = self.babel if scale == "babel" else self.levels
            steps = [*ontology.levels(scale).values(), *ontology.outside(scale).values()]
            for name, step in names_of_steps(steps):
                if step not in words.get(name, ()):
                    words[name] = (*words.get(name, ()), step)

    def headings(self, column: SurveyColumn) -> frozenset[str]:
        """Return whether a heading asks for a `username` or a `consent`, or for both."""
        if key(column.question or column.heading) in _USER_CODES:
            return frozenset({"username"})
        heading = key(column.text or column.heading).replace("_", " ")
        return frozenset(what for what, words in _HEADINGS if re.search(words, heading))

    def interest(self, column: SurveyColumn) -> str:
        """Return the interest that a heading asks for; empty if none."""
        heading = key(f"{column.text} {column.question}")
        return next((what for what, words in _INTERESTS if re.search(words, heading)), "")

    def is_yes_or_no(self, answer: str) -> bool:
        """Return whether an answer is a plain yes or no, or N/A."""
        return is_yes_or_no(answer) or key(answer) == NOT_AVAILABLE

    def is_yes(self, answer: str) -> bool:
        """Return whether an answer is a plain yes."""
        return key(answer) in YES

    def is_code(self, answer: str) -> bool:
        """Return whether an answer is only a code, for example `A3` or `AO03`."""
        return bool(_ANSWER_CODE.fullmatch(clean(answer))) and clean(answer) not in self.babel

    def is_step(self, answer: str) -> bool:
        """Return whether an answer begins with a number of a scale, 0 to 10."""
        number = leading_number(answer)
        return number is not None and 0 <= number <= 10

    def is_recoded(self, answer: str) -> bool:
        """Return whether an answer is a negative number, which tools write for “not sure” etc."""
        number = leading_number(answer)
        return number is not None and number < 0

    def is_number(self, answer: str) -> bool:
        """Return whether an answer is a number of a scale, or one that tools write otherwise."""
        return self.is_step(answer) or self.is_recoded(answer)

    def is_level(self, answer: str) -> bool:
        """Return whether an answer is a word of a scale, or N/A among such words."""
        return key(answer) in self.levels or key(answer) == NOT_AVAILABLE

    def knows(self, answer: str) -> bool:
        """Return whether an answer is a word of a scale, or a yes or no."""
        return self.is_level(answer) or key(answer) in self.babel or is_yes_or_no(answer)


def step_of(answer: str, words: Mapping[str, tuple[str, ...]]) -> str:
    """Return the only step that an answer means; empty if none, or more than one."""
    found = words.get(key(answer), ())
    return found[0] if len(found) == 1 else ""


class Classifier:
    """Classifies columns by what was counted in them."""

    def __init__(self, ontology: Ontology) -> None:
        self.keywords = Keywords(ontology)
        self.skills = names_of(ontology, "skills")
        self.languages = names_of(ontology, "languages")
        self.communities = names_of(ontology, "communities")

    def profiles(self, columns: Sequence[ColumnStats]) -> list[ColumnProfile]:
        """Classify all columns; a column also depends on the one before it."""
        kinds: list[ColumnKind] = []
        for stats in columns:
            kinds.append(self._kind(stats, kinds[-1] if kinds else ColumnKind.NONE))
        self._align(columns, kinds)
        return [self._profile(*pair) for pair in zip(columns, kinds, strict=True)]

    def _align(self, columns: Sequence[ColumnStats], kinds: list[ColumnKind]) -> None:
        """Classify the columns of one question alike, also those with few answers."""
        scales: dict[str, set[ColumnKind]] = {}
        for stats, kind in zip(columns, kinds, strict=True):
            if stats.column.array and kind in _SCALES:
                scales.setdefault(stats.column.array, set()).add(kind)
        for place, stats in enumerate(columns):
            found = scales.get(stats.column.array, set())
            if len(found) == 1 and kinds[place] in _VAGUE and self._fits(stats, min(found)):
                kinds[place] = min(found)

    def _fits(self, stats: ColumnStats, kind: ColumnKind) -> bool:
        checks = {
            ColumnKind.NUMBERS: self.keywords.is_number,
            ColumnKind.CODES: self.keywords.is_code,
        }
        return all(map(checks.get(kind, self.keywords.is_level), stats.answers))

    def _kind(self, stats: ColumnStats, before: ColumnKind) -> ColumnKind:
        column = stats.column
        # “Please describe” is also in questions with fixed answers.
        closed = column.role is Role.DESCRIPTION and stats.is_closed
        # Google calls mail addresses “Username”.
        if (column.role.personal and not closed) or stats.mails * 2 > stats.filled:
            return ColumnKind.PERSONAL
        if column.role is not Role.QUESTION and not closed:
            return ColumnKind.NONE
        headings = self.keywords.headings(column)
        # “May we publish this under your username?” asks for a consent; names do not repeat.
        if "username" in headings and not ("consent" in headings and stats.is_repeated):
            return ColumnKind.USERNAMES
        if "consent" not in headings and self._separator(stats):
            return ColumnKind.CHOICES
        if stats.overflowed:
            return ColumnKind.FREE_TEXT
        if "consent" in headings:
            return ColumnKind.CONSENT
        about_language = before is ColumnKind.LANGUAGES or any(
            map(self.languages.find, column.subjects)
        )
        by_answers = self._by_answers(column, list(stats.answers), about_language=about_language)
        if by_answers or not stats.answers:
            return by_answers
        if stats.is_repeated and _is_name(_suggestion(self.skills, column)):
            return ColumnKind.WORDS  # a survey with levels of its own
        return ColumnKind.FREE_TEXT if stats.is_open else ColumnKind.NONE

    def _separator(self, stats: ColumnStats) -> str:
        """Find what separates the choices of a column, if cells hold several of them.

        That is so if some cell holds at least two, and half of all choices look like skills.
        """
        for between, counts in stats.choices.items():
            several = stats.overflowed or any(answer not in counts for answer in stats.answers)
            if several and len(counts) > 1:
                known = sum(self.skills.suggest(part) is not None for part in counts)
                if known * 2 >= len(counts):
                    return between
        return ""

    def _by_answers(
        self, column: SurveyColumn, answers: list[str], *, about_language: bool
    ) -> ColumnKind:
        if not answers:
            return ColumnKind.NONE
        keywords = self.keywords
        own = {key(text) for text in (column.row_text, column.row_code) if text}
        if all(keywords.is_yes_or_no(answer) or key(answer) in own for answer in answers):
            return ColumnKind.YES_NO
        if about_language and all(key(answer) in keywords.babel for answer in answers):
            return ColumnKind.BABEL
        words = sum(key(answer) in keywords.levels for answer in answers)
        if words >= 2 and words * 3 >= len(answers) * 2:
            return ColumnKind.LEVELS
        if any(map(keywords.is_step, answers)) and all(map(keywords.is_number, answers)):
            return ColumnKind.NUMBERS
        if len(answers) > 1 and all(map(keywords.is_code, answers)):
            return ColumnKind.CODES
        if _are_names(answers, self.communities):
            return ColumnKind.COMMUNITIES
        return ColumnKind.LANGUAGES if _are_names(answers, self.languages) else ColumnKind.NONE

    def _profile(self, stats: ColumnStats, kind: ColumnKind) -> ColumnProfile:
        if kind is ColumnKind.CHOICES:
            return self._profile_of_choices(stats)
        hidden, about_subject = kind in _HIDDEN, kind in _ABOUT_SUBJECTS
        return ColumnProfile(
            column=stats.column,
            guess=kind,
            empty=stats.empty,
            distinct=0 if hidden else len(stats.answers),
            answers=() if hidden else self._shown(stats, kind),
            skill=_suggestion(self.skills, stats.column) if about_subject else None,
            language=_suggestion(self.languages, stats.column) if about_subject else None,
        )

    def _profile_of_choices(self, stats: ColumnStats) -> ColumnProfile:
        between = self._separator(stats)
        counts = stats.choices[between]
        suggested = {part: self.skills.suggest(part) for part in counts}
        answers = tuple(
            (cut(part, _LONGEST_ANSWER), count)
            for part, count in counts.most_common()
            if _is_name(suggested[part]) or (count > 1 and _is_harmless(part))
        )
        return ColumnProfile(
            column=stats.column,
            guess=ColumnKind.CHOICES,
            empty=stats.empty,
            distinct=len(counts),
            answers=answers,
            between=between,
            choices=tuple(suggested.get(part) for part, _ in answers),
        )

    def _shown(self, stats: ColumnStats, kind: ColumnKind) -> tuple[tuple[str, int], ...]:
        # The answers to the consent are the survey's own, and a mapping needs all of them. A
        # number of a scale identifies nobody.
        all_shown = kind in (ColumnKind.NUMBERS, ColumnKind.CODES) or (
            kind is ColumnKind.CONSENT and len(stats.answers) <= _MOST_CONSENTS
        )
        # Where most answers differ, one that is in two rows is of a person who answered twice.
        repeated = stats.is_repeated or kind is not ColumnKind.NONE
        shown = (
            (cut(answer, _LONGEST_ANSWER), count)
            for answer, count in stats.answers.most_common()
            if all_shown
            or self.keywords.knows(answer)
            or (repeated and count > 1 and _is_harmless(answer))
        )
        return tuple(shown)[:_SHOWN_ANSWERS]


def _is_harmless(text: str) -> bool:
    """Return whether a message may show a text: it is no address and no telephone number."""
    return quoted(text).startswith("“")


def _are_names(answers: Sequence[str], names: ItemNames) -> bool:
    """Return whether two thirds of the answers are names of items."""
    return sum(names.find(answer) is not None for answer in answers) * 3 >= len(answers) * 2


def _is_name(suggestion: Suggestion | None) -> bool:
    """Return whether a text is the name of a skill, and not a sentence with one."""
    return suggestion is not None and suggestion.score >= NEARLY_THE_NAME


def _suggestion(names: ItemNames, column: SurveyColumn) -> Suggestion | None:
    found: Iterable[Suggestion | None] = map(names.suggest, column.subjects)
    return max((one for one in found if one), key=lambda one: one.score, default=None)
