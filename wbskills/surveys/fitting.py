"""Fitting a mapping to the columns of one file and to the ontology: every key, every column."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from wbskills.errors import Fault, InvalidValue, MappingError
from wbskills.model.ids import username
from wbskills.model.skills import Wave
from wbskills.ontology.entries import Ontology
from wbskills.surveys.answers import Kind, Matcher, Meaning, Meanings, matcher
from wbskills.surveys.cells import clean, key, quoted
from wbskills.surveys.choices import Choices, OneOf, Ticked
from wbskills.surveys.columns import Column, Role
from wbskills.surveys.fitted import (
    Answered,
    Fitted,
    LanguageColumn,
    LanguageColumns,
    OtherColumn,
    SkillColumns,
)
from wbskills.surveys.lookup import Lookup
from wbskills.surveys.mapping import (
    PSEUDONYMOUS,
    WITHHELD,
    Answers,
    PersonField,
    Question,
    SurveyMapping,
)
from wbskills.surveys.names import Names, names_of, near

_SECTIONS: Final = {
    "home_community": "communities",
    "affiliation": "communities",
    "availability": "availabilities",
    "role": "roles",
}
_TIME_ZONE = re.compile(r"[A-Z][A-Za-z_]+(/[A-Z][\w+-]+){1,2}|UTC([+-]\d{1,2}(:\d\d)?)?")


def fit(mapping: SurveyMapping, columns: Sequence[Column], ontology: Ontology) -> Fitted:
    """Fit a mapping to the columns of a file.

    Raises `MappingError` with every column that is not there, every key that the ontology
    does not have, and whatever is said twice.
    """
    fitting = _Fitting(mapping, columns, ontology)
    fitted = fitting.fitted()
    if fitting.faults:
        raise MappingError(mapping.file, fitting.faults)
    return fitted


def fit_what_fits(mapping: SurveyMapping, columns: Sequence[Column], ontology: Ontology) -> Fitted:
    """Fit a mapping to the columns of a file, leaving out whatever does not fit."""
    return _Fitting(mapping, columns, ontology).fitted()


class _Fitting:
    """One mapping, being fitted."""

    def __init__(
        self, mapping: SurveyMapping, columns: Sequence[Column], ontology: Ontology
    ) -> None:
        self.mapping, self.ontology = mapping, ontology
        self.faults: list[Fault] = []
        self.lookup = Lookup(columns, self.faults)
        self.used: dict[int, str] = {}
        self.claimed: dict[int, str] = {}
        self.open: set[int] = set()  # columns in which people named other skills
        self.spread = dict(self._spread())
        levels = list(ontology.section("levels"))
        self.babel = [level for level in levels if _is_babel(ontology, level)]
        self.levels = [level for level in levels if level not in self.babel]

    def fitted(self) -> Fitted:
        """Fit every part; what could not be found is noted as a fault and left out."""
        mapping = self.mapping
        identity = self._column(mapping.identity.column, "identity.column")
        others = tuple(self._others())  # first: patterns for skills leave these columns out
        skills, lonely = self._skills()
        return Fitted(
            mapping=mapping,
            columns=self.lookup.columns,
            waves={wave.key: wave for wave in mapping.waves},
            wave=self._wave(),
            identity=identity or self.lookup.columns[0],
            pseudonym=self._column(mapping.identity.pseudonym_column, "identity.pseudonym_column"),
            date_column=self._column(mapping.dates.column, "date.column"),
            day=mapping.dates.day,
            response_id=self._column(mapping.completeness.id_column, "response.id"),
            submitted=self._column(mapping.completeness.submitted_column, "response.submitted"),
            last_page=self._column(mapping.completeness.last_page_column, "response.last_page"),
            consent=self._consent(),
            skills=skills,
            lonely=lonely,
            languages=tuple(self._languages()),
            language_pairs=tuple(self._language_pairs()),
            person=self._person(),
            values=self._values(),
            dropped=self._dropped(),
            unused=self._unused(),
            others=others,
            only=tuple(self._only()),
            renamed=self._renamed(),
        )

    def _column(self, name: str, place: str) -> Column | None:
        """Find a column that several parts may read: the same one can be date and completeness."""
        found = self.lookup.one(name, place)
        if found is not None:
            if found.index in self.claimed:
                self._taken(found, self.claimed[found.index], place)
            self.used.setdefault(found.index, place)
        return found

    def _claim(self, column: Column, place: str) -> None:
        """Take a column for one question: nothing else can say what its cells mean."""
        other = self.used.setdefault(column.index, place)
        if other != place:
            self._taken(column, other, place)
        self.claimed[column.index] = place

    def _taken(self, column: Column, other: str, place: str) -> None:
        self._fault(f"{column} is already used by {other}", "one of the two", place)

    def _wave(self) -> Answered | None:
        choice = self.mapping.wave_choice
        if choice is None:
            return None
        keys = [wave.key for wave in self.mapping.waves]
        names = [name for wave in self.mapping.waves for name in set(_labels(wave))]
        table = {
            name: wave.key
            for wave in self.mapping.waves
            for name in _labels(wave)
            if names.count(name) == 1  # a label that two waves share tells nothing
        }
        answers = Answers(table=table | dict(choice.answers), skipped=())
        return self._answered(choice.column, "wave", self._matcher(answers, "wave", keys))

    def _consent(self) -> Answered | None:
        consent = self.mapping.consent
        kinds = list(self.ontology.section("consents"))
        if consent.ground and consent.ground not in kinds:
            self._fault(f"there is no consent “{consent.ground}”", ", ".join(kinds), "consent")
        if not consent.column:
            return None
        if PSEUDONYMOUS in consent.answers.values() and not self._has_pseudonyms():
            self._fault(
                "some answers agree to a pseudonym only, but it is not said where it stands",
                'pseudonym_column = "NICK" under [identity]',
                "consent.answers",
            )
        if any(not clean(text) and kind != WITHHELD for text, kind in consent.answers.items()):
            self._fault("no answer is no consent", f'"" = "{WITHHELD}"', "consent.answers")
        read = self._matcher(Answers(table=consent.answers), "consent", [*kinds, WITHHELD])
        return self._answered(consent.column, "consent", read)

    def _has_pseudonyms(self) -> bool:
        identity = self.mapping.identity
        return identity.property == "pseudonym" or bool(identity.pseudonym_column)

    def _skills(self) -> tuple[tuple[SkillColumns, ...], tuple[Answered, ...]]:
        names = names_of(self.ontology, "skills")
        levels: dict[str, Answered] = {}
        for question in self.mapping.questions:
            for answered, skill in self._told(question, names, "skill", self.levels):
                column = answered.column
                other = levels.setdefault(skill, answered)
                if other is not answered:
                    self._fault(
                        f"{column} and {other.column} both ask for “{skill}”",
                        "one of them only",
                        question.place,
                    )
        interests: dict[str, list[Answered]] = {}
        allowed = list(self.ontology.section("interests"))
        for question in self.mapping.interests:
            for answered, skill in self._told(question, names, "skill", allowed):
                interests.setdefault(skill, []).append(answered)
        return tuple(
            SkillColumns(skill=skill, level=level, interests=tuple(interests.get(skill, ())))
            for skill, level in levels.items()
        ), tuple(one for skill in interests if skill not in levels for one in interests[skill])

    def _others(self) -> Iterable[OtherColumn]:
        empty = frozenset({"", *map(key, self.mapping.empty)})
        for others in self.mapping.others:
            place = others.place
            if others.level and others.level not in self.levels:
                hint = near(others.level, self.levels) or ", ".join(self.levels)
                self._fault(f"there is no level “{others.level}”", hint, f"{place}.level")
            read = self._matcher(others.answers, place, self.levels)
            level = self._answered(others.level_column, f"{place}.level_column", read)
            for pattern in others.columns:
                for column, _ in self.lookup.several(pattern, f"{place}.columns", written=True):
                    choices = self.spread.get(column.index)
                    if choices is None:
                        self._claim(column, place)
                        self.open.add(column.index)
                    else:
                        choices.heard = True
                    yield OtherColumn(
                        column=column,
                        level=others.level,
                        level_column=level,
                        between=others.between,
                        empty=empty,
                        choices=choices,
                    )

    def _languages(self) -> Iterable[LanguageColumn]:
        names = names_of(self.ontology, "languages")
        for question in self.mapping.languages:
            for answered, language in self._told(question, names, "language", self.babel):
                yield LanguageColumn(language, answered)

    def _language_pairs(self) -> Iterable[LanguageColumns]:
        names = names_of(self.ontology, "languages")
        for pair in self.mapping.language_pairs:
            allowed = list(self.ontology.section("languages"))
            table = Answers(table=pair.languages)
            read = self._matcher(table, f"{pair.place}.languages", allowed, names=names)
            levels = self._matcher(pair.answers, pair.place, self.babel)
            language = self._answered(pair.column, f"{pair.place}.column", read)
            level = self._answered(pair.level_column, f"{pair.place}.level_column", levels)
            if language is not None:
                yield LanguageColumns(language, level)

    def _person(self) -> dict[str, Answered]:
        found = {}
        for name, told in self.mapping.person.items():
            read = self._reader(name, told)
            answered = self._answered(told.column, told.place, read)
            if answered is not None:
                found[name] = answered
        return found

    def _reader(self, name: str, told: PersonField) -> "Matcher | _TimeZones":
        if name not in _SECTIONS:
            return _TimeZones(told, self.mapping.empty)
        section = _SECTIONS[name]
        names = names_of(self.ontology, section)
        allowed = self.ontology.section(section)
        return self._matcher(told.answers, told.place, allowed, names=names)

    def _values(self) -> dict[str, str]:
        values = {name: told.value for name, told in self.mapping.person.items() if told.value}
        for name, value in values.items():
            section = self.ontology.section(_SECTIONS.get(name, ""))
            if name in _SECTIONS and value not in section:
                place = f"person.{name}.value"
                self._fault(f"there is no “{value}”", near(value, section), place)
        return values

    def _dropped(self) -> tuple[int, ...]:
        """List the columns to be emptied at the door: what is personal, and is not mapped."""
        dropped = {
            column.index
            for column in self.lookup.columns
            if column.role.personal and column.index not in self.used
        }
        for pattern in self.mapping.personal:
            for column, _ in self.lookup.matching(pattern):
                if column.index in self.used:
                    place = self.used[column.index]
                    self._fault(f"{column} is used by {place}", "one of the two", "personal")
                dropped.add(column.index)
        return tuple(sorted(dropped))

    def _unused(self) -> tuple[Column, ...]:
        known = set(self.used)
        for pattern in (*self.mapping.ignore, *self.mapping.personal):
            known |= {column.index for column, _ in self.lookup.matching(pattern)}
        return tuple(
            column
            for column in self.lookup.columns
            if column.index not in known and column.role is Role.QUESTION
        )

    def _told(
        self, question: Question, names: Names, what: str, allowed: Iterable[str]
    ) -> Iterable[tuple[Answered, str]]:
        """Find the columns of a question with what their cells mean, and what each is about."""
        known = list(allowed)
        if question.chosen:
            self._check_chosen(question, known)
        if question.between:
            yield from self._choices(question, what)
            return
        read = self._matcher(question.answers, question.place, known)
        for column, thing in self._things(question, names, what):
            decide = Ticked.of(question, column, self.mapping.empty) if question.chosen else read
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

    def _only(self) -> Iterable[tuple[Column, frozenset[str]]]:
        for name, accepted in self.mapping.completeness.only.items():
            column = self._column(name, "response.only")
            if column is not None:
                yield column, frozenset(map(key, accepted))

    def _renamed(self) -> dict[str, str]:
        renamed = {}
        for old, new in self.mapping.identity.renamed.items():
            try:
                renamed[username(old)] = username(new)
            except InvalidValue as error:
                self._fault(error.what, error.hint, "identity.renamed")
        return renamed

    def _things(self, question: Question, names: Names, what: str) -> Iterable[tuple[Column, str]]:
        """Find the columns of a question, and the skill or language that each is about."""
        place = question.place
        if not question.columns:
            for name, thing in question.things.items():
                column = self.lookup.one(name, f"{place}.{what}s")
                if column is not None and thing and self._is(thing, what, f"{place}.{what}s"):
                    self._claim(column, place)
                    yield column, thing
            return
        things = {key(name): thing for name, thing in question.things.items()}
        for pattern in question.columns:
            for column, caught in self.lookup.several(pattern, f"{place}.columns"):
                if column.index in self.open:
                    continue
                self._claim(column, place)
                about = thing_of([caught, *column.subjects], column.names, things, names)
                if about is None:
                    self._nameless(column, names, what, place)
                elif about and self._is(about, what, f"{place}.{what}s"):
                    yield column, about

    def _is(self, thing: str, what: str, place: str) -> bool:
        known = self.ontology.section(f"{what}s")
        if thing not in known:
            self._fault(f"there is no {what} “{thing}”", near(thing, known), place)
        return thing in known

    def _nameless(self, column: Column, names: Names, what: str, place: str) -> None:
        subject = column.subjects[0] if column.subjects else column.name
        shared = names.shared(subject)
        close = " or ".join(shared) or names.near(subject) or f"a {what} of the ontology"
        self._fault(
            f"{column}: “{subject}” names no {what}",
            f'"{subject}" = {close} under {place}.{what}s; "" if it is none',
            place,
        )

    def _matcher(
        self, answers: Answers, place: str, allowed: Iterable[str], names: Names | None = None
    ) -> Matcher:
        return matcher(
            answers,
            place,
            self.ontology,
            self.faults,
            allowed=allowed,
            empty=self.mapping.empty,
            names=names,
        )

    def _answered(self, name: str, place: str, read: "Matcher | _TimeZones") -> Answered | None:
        column = self._column(name, place)
        return Answered(column, Meanings(read)) if column is not None else None

    def _fault(self, what: str, hint: str, place: str) -> None:
        self.faults.append(Fault(what=what, hint=hint, column=place))


class _TimeZones:
    """Reads time zones: names such as Europe/Berlin, or UTC+5:30."""

    def __init__(self, told: PersonField, empty: Iterable[str]) -> None:
        self.place = told.place
        self.table = {clean(text): value for text, value in told.answers.table.items()}
        self.skipped = {*map(clean, told.answers.skipped), *map(clean, empty)}

    def __call__(self, cell: str) -> Meaning:
        text = self.table.get(clean(cell), clean(cell))
        if text in self.skipped:
            return Meaning(Kind.SKIPPED)
        if _TIME_ZONE.fullmatch(text):
            return Meaning(Kind.GIVEN, text)
        return Meaning(
            Kind.FAULT,
            what=f"{quoted(cell)} is not a time zone",
            hint=f"Europe/Berlin or UTC+5:30; else say what it means under {self.place}.answers",
        )


def thing_of(
    subjects: Iterable[str], columns: Iterable[str], things: Mapping[str, str], names: Names
) -> str | None:
    """Find what a column is about: what the mapping says, else what the ontology knows."""
    asked = [key(subject) for subject in subjects if subject]
    told = next((things[name] for name in (*asked, *map(key, columns)) if name in things), None)
    return told if told is not None else next(filter(None, map(names.find, asked)), None)


def _labels(wave: Wave) -> Iterable[str]:
    return [wave.key, *wave.labels.values()]


def _is_babel(ontology: Ontology, level: str) -> bool:
    return ontology.entries[level].fact("part_of") == "babel"
