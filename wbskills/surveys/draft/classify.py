"""Judging what a column holds by its heading and by what was seen of its answers.

Answers are shown only where they cannot name anybody: never from columns with personal data or
free text, and elsewhere only those that at least two people gave, or that are words of a scale.
"""

from collections.abc import Iterable
from typing import Final

from wbskills.ontology.entries import Ontology
from wbskills.surveys.draft.column_stats import ColumnReport, Guess, Look, Suggestion
from wbskills.surveys.draft.keywords import Wordings
from wbskills.surveys.files.cell_text import cut, key, quoted
from wbskills.surveys.files.columns import Column, Role
from wbskills.surveys.mapping.item_names import Names, names_of

SHOWN: Final = 12
NEARLY_THE_NAME: Final = 92
_LONGEST_ANSWER: Final = 60
_LONGEST_CHOSEN: Final = 150
_CONSENTS: Final = 6
_SCALES: Final = (Guess.LEVELS, Guess.NUMBERS, Guess.CODES)
_VAGUE: Final = (Guess.NONE, Guess.YES_NO, Guess.FREE_TEXT)


class Judge:
    """Judges columns by what has been seen of them."""

    def __init__(self, ontology: Ontology) -> None:
        self.wordings = Wordings(ontology)
        self.skills = names_of(ontology, "skills")
        self.languages = names_of(ontology, "languages")
        self.communities = names_of(ontology, "communities")

    def reports(self, looks: Iterable[Look]) -> Iterable[ColumnReport]:
        """Judge all columns; what stands before a column helps to tell what it is."""
        before = Guess.NONE
        judged = []
        for look in looks:
            before = self._guess(look, before)
            judged.append((look, before))
        self._agree(judged)
        return [self._report(look, guess) for look, guess in judged]

    def _agree(self, judged: list[tuple[Look, Guess]]) -> None:
        """Judge the columns of one question alike, also those in which few answers stand."""
        scales: dict[str, set[Guess]] = {}
        for look, guess in judged:
            if look.column.array and guess in _SCALES:
                scales.setdefault(look.column.array, set()).add(guess)
        for place, (look, guess) in enumerate(judged):
            found = scales.get(look.column.array, set())
            if len(found) == 1 and guess in _VAGUE and self._fits(look, min(found)):
                judged[place] = look, min(found)

    def _is_number(self, answer: str) -> bool:
        return self.wordings.is_step(answer) or self.wordings.is_recoded(answer)

    def _fits(self, look: Look, guess: Guess) -> bool:
        if guess is Guess.NUMBERS:
            return all(map(self._is_number, look.answers))
        if guess is Guess.CODES:
            return all(map(self.wordings.is_code, look.answers))
        return all(map(self.wordings.is_level, look.answers))

    def _report(self, look: Look, guess: Guess) -> ColumnReport:
        if guess is Guess.CHOICES:
            return self._choices_report(look)
        hidden = guess in (Guess.PERSONAL, Guess.FREE_TEXT, Guess.USERNAMES)
        about = guess in (*_SCALES, Guess.BABEL, Guess.YES_NO, Guess.WORDS)
        return ColumnReport(
            column=look.column,
            guess=guess,
            empty=look.empty,
            distinct=0 if hidden else len(look.answers),
            answers=() if hidden else tuple(self._shown(look, guess)),
            skill=_suggestion(self.skills, look.column) if about else None,
            language=_suggestion(self.languages, look.column) if about else None,
        )

    def _guess(self, look: Look, before: Guess) -> Guess:
        column = look.column
        # “Please describe” also stands in questions whose answers are given.
        closed = column.role is Role.DESCRIPTION and _is_closed(look)
        if column.role.personal and not closed:
            return Guess.PERSONAL
        if look.mails * 2 > look.filled:
            return Guess.PERSONAL  # Google heads them “Username”
        if column.role is not Role.QUESTION and not closed:
            return Guess.NONE
        headings = self.wordings.headings(column)
        # “May we publish this under your username?” asks for a consent; names do not repeat.
        repeated = not look.overflowed and len(look.answers) * 2 <= look.answers.total()
        if "username" in headings and not ("consent" in headings and repeated):
            return Guess.USERNAMES
        if "consent" not in headings and self._between(look):
            return Guess.CHOICES
        if look.overflowed:
            return Guess.FREE_TEXT
        if "consent" in headings:
            return Guess.CONSENT
        language = before is Guess.LANGUAGES or any(map(self.languages.find, column.subjects))
        by_answers = self._by_answers(column, list(look.answers), about_language=language)
        if by_answers or not look.answers:
            return by_answers
        if repeated and _is_name(_suggestion(self.skills, column)):
            return Guess.WORDS  # a form with levels of its own
        return Guess.FREE_TEXT if _is_open(look) else Guess.NONE

    def _between(self, look: Look) -> str:
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

    def _choices_report(self, look: Look) -> ColumnReport:
        between = self._between(look)
        suggested = {part: _suggestion_of(self.skills, part) for part in look.parts[between]}
        answers = tuple(
            (cut(part, _LONGEST_ANSWER), count)
            for part, count in look.parts[between].most_common()
            if _is_name(suggested[part]) or (count > 1 and quoted(part).startswith("“"))
        )
        return ColumnReport(
            column=look.column,
            guess=Guess.CHOICES,
            empty=look.empty,
            distinct=len(look.parts[between]),
            answers=answers,
            between=between,
            choices=tuple(suggested.get(part) for part, _ in answers),
        )

    def _by_answers(self, column: Column, answers: list[str], *, about_language: bool) -> Guess:
        if not answers:
            return Guess.NONE
        own = {key(text) for text in (column.row_text, column.row_code) if text}
        if all(self.wordings.is_yes_or_no(one) or key(one) in own for one in answers):
            return Guess.YES_NO
        if about_language and all(key(answer) in self.wordings.babel for answer in answers):
            return Guess.BABEL
        if _most(answers, self.wordings.levels):
            return Guess.LEVELS
        if any(map(self.wordings.is_step, answers)) and all(map(self._is_number, answers)):
            return Guess.NUMBERS
        if len(answers) > 1 and all(map(self.wordings.is_code, answers)):
            return Guess.CODES
        if _named(answers, self.communities):
            return Guess.COMMUNITIES
        return Guess.LANGUAGES if _named(answers, self.languages) else Guess.NONE

    def _shown(self, look: Look, guess: Guess) -> Iterable[tuple[str, int]]:
        # The answers to the consent are the form's own, and a mapping needs every one of them.
        everything = guess is Guess.CONSENT and len(look.answers) <= _CONSENTS
        # Where most answers differ, one that two rows share is somebody who answered twice.
        telling = len(look.answers) * 2 <= look.answers.total() or guess is not Guess.NONE
        shown = (
            (cut(answer, _LONGEST_ANSWER), count)
            for answer, count in look.answers.most_common()
            if everything
            or self.wordings.knows(answer)
            or guess in (Guess.NUMBERS, Guess.CODES)  # a number of a scale names nobody
            or (telling and count > 1 and quoted(answer).startswith("“"))
        )
        return list(shown)[:SHOWN]


def _most(answers: list[str], known: dict[str, tuple[str, ...]]) -> bool:
    """Tell whether at least two answers, and two thirds of all, are words of a scale."""
    found = sum(key(answer) in known for answer in answers)
    return found >= 2 and found * 3 >= len(answers) * 2


def _named(answers: list[str], names: Names) -> bool:
    """Tell whether two thirds of the answers are names of some items."""
    return sum(names.find(answer) is not None for answer in answers) * 3 >= len(answers) * 2


def _is_closed(look: Look) -> bool:
    """Tell whether people chose from given answers: few different ones, and none is long."""
    return (
        not look.overflowed
        and 0 < len(look.answers) * 2 <= look.answers.total()
        and max(map(len, look.answers)) <= _LONGEST_CHOSEN
    )


def _is_open(look: Look) -> bool:
    """Tell whether people wrote what they liked: more than half of the answers are different."""
    lengths = [len(answer) for answer in look.answers]
    long = bool(lengths) and sum(lengths) / len(lengths) > _LONGEST_ANSWER
    return long or len(look.answers) * 2 > look.filled


def _is_name(suggestion: Suggestion | None) -> bool:
    """Tell whether a text is a skill's name, and not words of somebody around one."""
    return suggestion is not None and suggestion.score >= NEARLY_THE_NAME


def _suggestion_of(names: Names, text: str) -> Suggestion | None:
    found = names.suggest(text)
    return Suggestion(key=found[0], name=found[1], score=found[2]) if found else None


def _suggestion(names: Names, column: Column) -> Suggestion | None:
    found = [names.suggest(subject) for subject in column.subjects]
    best = max((one for one in found if one), key=lambda one: one[2], default=None)
    return Suggestion(key=best[0], name=best[1], score=best[2]) if best else None
