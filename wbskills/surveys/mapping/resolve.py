"""Fitting a mapping to the columns of one file and to the ontology: every key, every column."""

from collections.abc import Iterable, Sequence
from typing import Final

from wbskills.domain import Wave
from wbskills.errors import Fault, InvalidValue, MappingError
from wbskills.names import username
from wbskills.ontology.entries import Ontology
from wbskills.surveys.files.cell_text import clean, key
from wbskills.surveys.files.columns import Column, Role
from wbskills.surveys.mapping.answers import Matcher, Meanings, matcher
from wbskills.surveys.mapping.column_lookup import Lookup
from wbskills.surveys.mapping.item_names import Names, names_of, near
from wbskills.surveys.mapping.question_columns import Things
from wbskills.surveys.mapping.resolved import (
    Answered,
    Fitted,
    LanguageColumn,
    LanguageColumns,
    OtherColumn,
    SkillColumns,
)
from wbskills.surveys.mapping.schema import (
    PSEUDONYMOUS,
    WITHHELD,
    Answers,
    PersonField,
    SurveyMapping,
)
from wbskills.surveys.mapping.timezones import TimeZones

_SECTIONS: Final = {
    "home_community": "communities",
    "affiliation": "communities",
    "availability": "availabilities",
    "role": "roles",
}


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


def faults_of(
    mapping: SurveyMapping, columns: Sequence[Column], ontology: Ontology
) -> list[Fault]:
    """List everything in a mapping that does not fit the columns of a file."""
    fitting = _Fitting(mapping, columns, ontology)
    fitting.fitted()
    return fitting.faults


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
        self.things = Things(mapping, ontology, self.lookup, self._claim)
        levels = list(ontology.section("levels"))
        self.babel = [level for level in levels if _is_babel(ontology, level)]
        self.levels = [level for level in levels if level not in self.babel]

    def fitted(self) -> Fitted:
        """Fit every part; what could not be found is noted as a fault and left out."""
        mapping = self.mapping
        identity = self._column(mapping.identity.column, "identity.column")
        others = tuple(self._others())  # first: patterns for skills leave these columns out
        skills, interests = self._skills()
        return Fitted(
            mapping=mapping,
            columns=self.lookup.columns,
            waves={wave.key: wave for wave in mapping.waves},
            wave=self._wave(),
            identity=None if mapping.identity.row_number else identity or self.lookup.columns[0],
            pseudonym=self._column(mapping.identity.pseudonym_column, "identity.pseudonym_column"),
            date_column=self._column(mapping.dates.column, "date.column"),
            day=mapping.dates.day,
            response_id=self._column(mapping.completeness.id_column, "response.id"),
            submitted=self._column(mapping.completeness.submitted_column, "response.submitted"),
            last_page=self._column(mapping.completeness.last_page_column, "response.last_page"),
            consent=self._consent(),
            skills=skills,
            interests=interests,
            languages=tuple(self._languages()),
            language_pairs=tuple(self._language_pairs()),
            person=self._person(),
            values=self._values(),
            dropped=self._dropped(),
            unused=self._unused(),
            others=others,
            only=tuple(self._only()),
            renamed=self._renamed(),
            used=frozenset(self.used),
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

    def _skills(self) -> tuple[tuple[SkillColumns, ...], tuple[SkillColumns, ...]]:
        """Find the skills of which the file asks the level, and those of interest alone."""
        names = names_of(self.ontology, "skills")
        levels: dict[str, list[Answered]] = {}
        for question in self.mapping.questions:
            earlier = set(levels)
            for answered, skill in self.things.told(question, names, "skill", self.levels):
                found = levels.setdefault(skill, [])
                if not found or (question.about and skill not in earlier):
                    found.append(answered)
                else:
                    self._fault(
                        f"{answered.column} and {found[0].column} both ask for “{skill}”",
                        f'one of them only; or all of them in one question with skill = "{skill}",'
                        " if each person answers one of them",
                        question.place,
                    )
        interests: dict[str, list[Answered]] = {}
        allowed = list(self.ontology.section("interests"))
        for question in self.mapping.interests:
            for answered, skill in self.things.told(question, names, "skill", allowed):
                interests.setdefault(skill, []).append(answered)
        return tuple(
            SkillColumns(
                skill=skill, levels=tuple(columns), interests=tuple(interests.get(skill, ()))
            )
            for skill, columns in levels.items()
        ), tuple(
            SkillColumns(skill=skill, levels=(), interests=tuple(columns))
            for skill, columns in interests.items()
            if skill not in levels
        )

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
                    choices = self.things.spread.get(column.index)
                    if choices is None:
                        self._claim(column, place)
                        self.things.open.add(column.index)
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
            for answered, language in self.things.told(question, names, "language", self.babel):
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

    def _person(self) -> dict[str, tuple[Answered, ...]]:
        found = {}
        for name, told in self.mapping.person.items():
            read = self._reader(name, told)
            columns: dict[int, Column] = {}
            for text in told.columns:
                if "*" in text and not self.lookup.named(text):
                    fitting = self.lookup.several(text, told.place)
                    columns |= {column.index: column for column, _ in fitting}
                elif (column := self._column(text, told.place)) is not None:
                    columns[column.index] = column
            for index in columns:
                self.used.setdefault(index, told.place)
            if columns:
                found[name] = tuple(Answered(one, Meanings(read)) for one in columns.values())
        return found

    def _reader(self, name: str, told: PersonField) -> Matcher | TimeZones:
        if name not in _SECTIONS:
            return TimeZones(told, self.mapping.empty)
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
                hint = near(value, section) or ", ".join(list(section)[:12])
                self._fault(f"there is no “{value}”", hint, place)
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

    def _answered(self, name: str, place: str, read: Matcher | TimeZones) -> Answered | None:
        column = self._column(name, place)
        return Answered(column, Meanings(read)) if column is not None else None

    def _fault(self, what: str, hint: str, place: str) -> None:
        self.faults.append(Fault(what=what, hint=hint, column=place))


def _labels(wave: Wave) -> Iterable[str]:
    return [wave.key, *wave.labels.values()]


def _is_babel(ontology: Ontology, level: str) -> bool:
    return ontology.entries[level].fact("part_of") == "babel"
