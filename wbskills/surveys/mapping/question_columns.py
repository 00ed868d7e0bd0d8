"""The columns that a mapping names: found in one file, with the subject of each column."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from wbskills.errors import Faults
from wbskills.names import did_you_mean
from wbskills.ontology.entries import Ontology
from wbskills.surveys.files.cell_text import cut, key
from wbskills.surveys.files.columns import Role, SurveyColumn
from wbskills.surveys.mapping.answers import Meanings, matcher
from wbskills.surveys.mapping.item_names import ItemNames
from wbskills.surveys.mapping.multiple_choice import (
    CheckboxReader,
    ChoiceReader,
    ChoiceSplitter,
)
from wbskills.surveys.mapping.resolved import MappedColumn
from wbskills.surveys.mapping.schema import Question, SurveyMapping

_HOLE = re.compile(r"\*|\{\w+\}")
_LONGEST_NAME: Final = 80  # in a message


class Matching(NamedTuple):
    """A column that fits a pattern, and what its heading has in the `{hole}` of the pattern."""

    column: SurveyColumn
    caught: str


class ColumnLookup:
    """Finds the columns of one file by name; a name that cannot be found is added to `faults`."""

    def __init__(self, columns: Sequence[SurveyColumn], faults: Faults) -> None:
        self.columns, self.faults = tuple(columns), faults
        self._named: dict[str, list[SurveyColumn]] = {}
        for column in columns:
            for name in {key(name) for name in column.names}:
                self._named.setdefault(name, []).append(column)

    def one(self, name: str, place: str) -> SurveyColumn | None:
        """Find the only column with a name; none or several are a fault, an empty name is not."""
        if not name:
            return None
        found = self.named(name)
        if len(found) == 1:
            return found[0] if self._is_permitted(found[0], place) else None
        if found:
            what = f"“{name}” matches several columns: {', '.join(c.letter for c in found)}"
            hint = f"use the letter, for example “column {found[0].letter}”"
        else:
            what = f"no column is called “{name}”"
            hint = self._similar(name) or "use a heading, a code, or a letter such as “column C”"
        self.faults.add(what, hint, column=place)
        return None

    def named(self, name: str) -> list[SurveyColumn]:
        """List the columns with a name, however many."""
        return self._named.get(key(name), [])

    def several(self, pattern: str, place: str, *, free_text: bool = False) -> list[Matching]:
        """Find the columns that fit a pattern; it is a fault if there is none.

        Only with `free_text` may they be columns of free text. A pattern that fits many columns
        leaves these out, as nobody can write one that does not fit them.
        """
        found = [
            matching
            for matching in self.matching(pattern)
            if self._is_wanted(matching.column, pattern, place, free_text=free_text)
        ]
        if not found:
            self.faults.add(
                f"no column fits “{pattern}”",
                self._similar(pattern)
                or "use a pattern in which * stands for any text, {skill} for a skill",
                column=place,
            )
        return found

    def matching(self, pattern: str) -> list[Matching]:
        """List the columns that fit a pattern, however many."""
        expression = _expression(pattern)
        # A letter is the name of one column: “Column*” means headings.
        has_hole = bool(_HOLE.search(pattern))
        found = []
        for column in self.columns:
            names = (column.heading, column.code) if has_hole else column.names
            match = next((m for name in names if (m := expression.fullmatch(key(name)))), None)
            if match:
                found.append(Matching(column, match.groupdict().get("hole", "")))
        return found

    def _is_wanted(
        self, column: SurveyColumn, pattern: str, place: str, *, free_text: bool
    ) -> bool:
        if column.role is Role.FREE_TEXT:
            if free_text:
                return True
            if column.sure and _HOLE.search(pattern):
                return False
        return self._is_permitted(column, place)

    def _is_permitted(self, column: SurveyColumn, place: str) -> bool:
        if not (column.role.personal and column.sure):
            return True
        what = f"{column} is personal data ({column.role}), which is never read"
        self.faults.add(what, "remove it from the mapping", column=place)
        return False

    def _similar(self, name: str) -> str:
        # Headings can be very long; codes are what people misspell.
        return did_you_mean(key(name), [key(column.name) for column in self.columns])


class QuestionColumns:
    """Finds the columns of the questions of a mapping, in one file.

    `claim` reserves a column for one question. `splitters` are for columns whose cells hold
    several choices, by the index of the column. Patterns for skills leave out `open_columns`, in
    which people named other skills.
    """

    def __init__(
        self,
        mapping: SurveyMapping,
        ontology: Ontology,
        lookup: ColumnLookup,
        claim: Callable[[SurveyColumn, str], None],
    ) -> None:
        self.mapping, self.ontology, self.lookup = mapping, ontology, lookup
        self.faults, self._claim = lookup.faults, claim
        self.open_columns: set[int] = set()
        self.ignored: set[int] = set()  # named in a question, as columns that it ignores
        self.splitters = {
            matching.column.index: ChoiceSplitter(question, mapping.empty)
            for question in (*mapping.questions, *mapping.interests, *mapping.languages)
            if question.between
            for pattern in question.columns
            for matching in lookup.matching(pattern)
        }

    def of(
        self, question: Question, names: ItemNames, kind: str, allowed: Iterable[str]
    ) -> Iterator[tuple[MappedColumn, str]]:
        """Find the columns of a question, each with its subject.

        `kind` is what the subjects are, `skill` or `language`; `names` are their names. `allowed`
        lists the keys that an answer may mean.
        """
        keys = list(allowed)
        if question.chosen:
            self._check_chosen(question, keys)
        if question.between:
            yield from self._choices(question, kind)
            return
        read = matcher(
            question.answers,
            question.place,
            self.ontology,
            self.faults,
            allowed=keys,
            empty=self.mapping.empty,
        )
        for column, caught, subject in self._columns(question, names, kind):
            decide = (
                CheckboxReader.of(question, column, self.mapping.empty, caught)
                if question.chosen
                else read
            )
            yield MappedColumn(column, Meanings(decide)), subject

    def _check_chosen(self, question: Question, allowed: Sequence[str]) -> None:
        for name, value in (("chosen", question.chosen), ("not_chosen", question.not_chosen)):
            if value and value not in allowed:
                self.faults.add(
                    f"a choice cannot mean “{value}”",
                    did_you_mean(value, allowed) or f"use one of {', '.join(allowed[:12])}",
                    column=f"{question.place}.{name}",
                )

    def _choices(self, question: Question, kind: str) -> Iterator[tuple[MappedColumn, str]]:
        """Treat each choice of a cell that holds several as a question of its own."""
        place = f"{question.place}.{kind}s"
        for pattern in question.columns:
            for column, _ in self.lookup.several(pattern, f"{question.place}.columns"):
                self._claim(column, question.place)
                splitter = self.splitters[column.index]
                is_first = True
                for choice, subject in question.subjects.items():
                    if subject and self._exists(subject, kind, place):
                        decide = ChoiceReader(splitter, key(choice), reports_unknown=is_first)
                        yield MappedColumn(column, Meanings(decide)), subject
                        is_first = False

    def _columns(
        self, question: Question, names: ItemNames, kind: str
    ) -> Iterator[tuple[SurveyColumn, str, str]]:
        """Find the columns of a question: each with what a pattern has caught, and its subject."""
        place = f"{question.place}.{kind}s"
        if not question.columns:
            for name, subject in question.subjects.items():
                column = self.lookup.one(name, place)
                if column is not None and not subject:
                    self.ignored.add(column.index)
                if column is not None and subject and self._exists(subject, kind, place):
                    self._claim(column, question.place)
                    yield column, "", subject
            return
        subjects = {key(name): subject for name, subject in question.subjects.items()}
        for pattern in question.columns:
            for column, caught in self.lookup.several(pattern, f"{question.place}.columns"):
                if column.index in self.open_columns:
                    continue
                self._claim(column, question.place)
                about = question.about or subject_of(
                    [caught, *column.subjects], column.names, subjects, names
                )
                if about is None:
                    self._no_subject(column, names, kind, question)
                elif about and self._exists(about, kind, place):
                    yield column, caught, about

    def _exists(self, subject: str, kind: str, place: str) -> bool:
        known = self.ontology.section(f"{kind}s")
        if subject not in known:
            hint = did_you_mean(subject, known) or f"use the key of a {kind} of the ontology"
            what = f"there is no {kind} “{cut(subject, _LONGEST_NAME)}”"
            self.faults.add(what, hint, column=place)
        return subject in known

    def _no_subject(
        self, column: SurveyColumn, names: ItemNames, kind: str, question: Question
    ) -> None:
        place = question.place
        text = column.subjects[0] if column.subjects else column.name
        sharing = names.sharing(text)
        meant = " or ".join(sharing) if sharing else f"the key of a {kind}"
        hint = f'add "{text}" = {meant} under {place}.{kind}s; "" ignores the column'
        similar = "" if sharing else did_you_mean(key(text), names.all)
        if similar:
            hint = f"{similar}: {hint}"
        if question.subjects and question.chosen:
            choice = cut(next(iter(question.subjects)), _LONGEST_NAME)
            hint = (
                f'add between = ";" to {place}, if “{choice}” is what people chose in its cells,'
                f" even if it is only one of them; else {hint}"
            )
        self.faults.add(f"{column}: “{text}” is not the name of a {kind}", hint, column=place)


def subject_of(
    texts: Iterable[str],
    column_names: Iterable[str],
    subjects: Mapping[str, str],
    names: ItemNames,
) -> str | None:
    """Find the subject of a column: the one that the mapping states, else one by its name.

    `texts` are what the column may be about, `subjects` maps compared texts to keys. The result is
    empty if the mapping ignores the column, and None if nothing is known.
    """
    keys = [key(text) for text in texts if text]
    for name in (*keys, *map(key, column_names)):
        if name in subjects:
            return subjects[name]
    return next(filter(None, map(names.find, keys)), None)


def _expression(pattern: str) -> re.Pattern[str]:
    parts: list[str] = []
    end, has_hole = 0, False
    cleaned = key(pattern)
    for found in _HOLE.finditer(cleaned):
        parts.append(re.escape(cleaned[end : found.start()]))
        is_first = found[0] != "*" and not has_hole
        parts.append("(?P<hole>.+)" if is_first else ".*")
        has_hole = has_hole or is_first
        end = found.end()
    parts.append(re.escape(cleaned[end:]))
    return re.compile("".join(parts), re.DOTALL)
