"""The columns of a question, and the skill or language that each of them is about."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from wbskills.errors import Fault
from wbskills.ontology.entries import Ontology
from wbskills.surveys.files.cell_text import cut, key
from wbskills.surveys.files.columns import Column
from wbskills.surveys.mapping.answers import Meanings, matcher
from wbskills.surveys.mapping.column_lookup import Lookup
from wbskills.surveys.mapping.item_names import Names, near
from wbskills.surveys.mapping.multiple_choice import Choices, OneOf, Ticked
from wbskills.surveys.mapping.resolved import Answered
from wbskills.surveys.mapping.schema import Question, SurveyMapping

_LONGEST: Final = 80  # of a name in a message


class Things:
    """Finds what the questions of a mapping ask about, in the columns of one file.

    `claim` takes a column for one question. `spread` has the columns whose cells hold several
    choices; patterns for skills leave out the `open` ones, in which people named other skills.
    """

    def __init__(
        self,
        mapping: SurveyMapping,
        ontology: Ontology,
        lookup: Lookup,
        claim: Callable[[Column, str], None],
    ) -> None:
        self.mapping, self.ontology, self.lookup = mapping, ontology, lookup
        self._claim = claim
        self.open: set[int] = set()
        self.spread = dict(self._spread())

    def told(
        self, question: Question, names: Names, what: str, allowed: Iterable[str]
    ) -> Iterable[tuple[Answered, str]]:
        """Find the columns of a question with what their cells mean, and what each is about."""
        known = list(allowed)
        if question.chosen:
            self._check_chosen(question, known)
        if question.between:
            yield from self._choices(question, what)
            return
        read = matcher(
            question.answers, question.place, self.ontology, self.lookup.faults,
            allowed=known, empty=self.mapping.empty,
        )  # fmt: skip
        for column, caught, thing in self._things(question, names, what):
            decide = (
                Ticked.of(question, column, self.mapping.empty, caught)
                if question.chosen
                else read
            )
            yield Answered(column, Meanings(decide)), thing

    def _check_chosen(self, question: Question, allowed: Sequence[str]) -> None:
        for name, told in (("chosen", question.chosen), ("not_chosen", question.not_chosen)):
            if told and told not in allowed:
                hint = near(told, allowed) or ", ".join(allowed[:12])
                self._fault(
                    f"“{told}” is nothing that a choice can mean", hint, f"{question.place}.{name}"
                )

    def _choices(self, question: Question, what: str) -> Iterable[tuple[Answered, str]]:
        """Read each choice of a cell that holds several as a question of its own."""
        place = f"{question.place}.{what}s"
        for pattern in question.columns:
            for column, _ in self.lookup.several(pattern, f"{question.place}.columns"):
                self._claim(column, question.place)
                cells = self.spread[column.index]
                first = True
                for choice, thing in question.things.items():
                    if thing and self._is(thing, what, place):
                        # A choice that nobody knows is told once, not by each of the others.
                        decide = OneOf(cells, key(choice), tells=first)
                        yield Answered(column, Meanings(decide)), thing
                        first = False

    def _spread(self) -> Iterable[tuple[int, Choices]]:
        """Find the columns whose cells hold several choices."""
        mapping = self.mapping
        for question in (*mapping.questions, *mapping.interests, *mapping.languages):
            for pattern in question.columns if question.between else ():
                for column, _ in self.lookup.matching(pattern):
                    yield column.index, Choices(question, mapping.empty)

    def _things(
        self, question: Question, names: Names, what: str
    ) -> Iterable[tuple[Column, str, str]]:
        """Find the columns of a question, and the skill or language that each is about.

        Between the two stands what a pattern has caught of the heading.
        """
        place = question.place
        if not question.columns:
            for name, thing in question.things.items():
                column = self.lookup.one(name, f"{place}.{what}s")
                if column is not None and thing and self._is(thing, what, f"{place}.{what}s"):
                    self._claim(column, place)
                    yield column, "", thing
            return
        things = {key(name): thing for name, thing in question.things.items()}
        for pattern in question.columns:
            for column, caught in self.lookup.several(pattern, f"{place}.columns"):
                if column.index in self.open:
                    continue
                self._claim(column, place)
                subjects = [caught, *column.subjects]
                about = question.about or thing_of(subjects, column.names, things, names)
                if about is None:
                    self._nameless(column, names, what, question)
                elif about and self._is(about, what, f"{place}.{what}s"):
                    yield column, caught, about

    def _is(self, thing: str, what: str, place: str) -> bool:
        known = self.ontology.section(f"{what}s")
        if thing not in known:
            hint = near(thing, known) or f"the key of a {what} of the ontology"
            self._fault(f"there is no {what} “{cut(thing, _LONGEST)}”", hint, place)
        return thing in known

    def _nameless(self, column: Column, names: Names, what: str, question: Question) -> None:
        place = question.place
        subject = column.subjects[0] if column.subjects else column.name
        shared = names.shared(subject)
        close = " or ".join(shared) or names.near(subject) or f"a {what} of the ontology"
        hint = f'"{subject}" = {close} under {place}.{what}s; "" if it is none'
        if question.things and question.chosen:
            choice = cut(next(iter(question.things)), _LONGEST)
            one = f"if “{choice}” is what people chose in its cells, even if one of them only"
            hint = f'between = ";" in {place}, {one}; else {hint}'
        self._fault(f"{column}: “{subject}” names no {what}", hint, place)

    def _fault(self, what: str, hint: str, place: str) -> None:
        self.lookup.faults.append(Fault(what=what, hint=hint, column=place))


def thing_of(
    subjects: Iterable[str], columns: Iterable[str], things: Mapping[str, str], names: Names
) -> str | None:
    """Find what a column is about: what the mapping says, else what the ontology knows."""
    asked = [key(subject) for subject in subjects if subject]
    told = next((things[name] for name in (*asked, *map(key, columns)) if name in things), None)
    return told if told is not None else next(filter(None, map(names.find, asked)), None)
