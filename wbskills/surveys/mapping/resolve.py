"""Resolving a mapping: checking all its keys and columns against the ontology and a file."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from wbskills.domain import PSEUDONYM
from wbskills.errors import Fault, Faults, InvalidValue, MappingError
from wbskills.names import did_you_mean, username
from wbskills.ontology.entries import Ontology
from wbskills.surveys.files.cell_text import key
from wbskills.surveys.files.columns import Role, SurveyColumn
from wbskills.surveys.mapping.answers import Matcher, Meanings, TimeZoneReader, matcher
from wbskills.surveys.mapping.item_names import ItemNames, names_of
from wbskills.surveys.mapping.language_lists import LanguageListReader
from wbskills.surveys.mapping.question_columns import ColumnLookup, QuestionColumns
from wbskills.surveys.mapping.resolved import (
    GeneralInterestColumn,
    LanguageColumn,
    LanguageListColumn,
    LanguagePairColumns,
    MappedColumn,
    OpenColumn,
    ResolvedMapping,
    SkillColumns,
)
from wbskills.surveys.mapping.schema import (
    PSEUDONYMOUS,
    WITHHELD,
    Answers,
    LanguagePair,
    PersonField,
    SurveyMapping,
)
from wbskills.toml_reader import toml_text

# Columns that decide which rows count.
_OF_ROWS: Final = (Role.STATUS, Role.FINISHED)
_SECTIONS: Final = {
    "home_community": "communities",
    "affiliation": "communities",
    "availability": "availabilities",
    "role": "roles",
}


def resolve(
    mapping: SurveyMapping, columns: Sequence[SurveyColumn], ontology: Ontology
) -> ResolvedMapping:
    """Resolve a mapping against the columns of a file.

    Raises `MappingError` with every column that is missing, every key that the ontology does not
    have, and everything that is stated twice.
    """
    resolver = _Resolver(mapping, columns, ontology)
    resolved = resolver.resolve()
    if resolver.faults:
        raise MappingError(mapping.file, resolver.faults)
    return resolved


def resolve_partially(
    mapping: SurveyMapping, columns: Sequence[SurveyColumn], ontology: Ontology
) -> ResolvedMapping:
    """Resolve a mapping against the columns of a file, and leave out what does not fit."""
    return _Resolver(mapping, columns, ontology).resolve()


def mapping_faults(
    mapping: SurveyMapping, columns: Sequence[SurveyColumn], ontology: Ontology
) -> list[Fault]:
    """List everything in a mapping that does not fit the columns of a file."""
    resolver = _Resolver(mapping, columns, ontology)
    resolver.resolve()
    return resolver.faults


class _Resolver:
    """Resolves one mapping, and collects its faults."""

    def __init__(
        self, mapping: SurveyMapping, columns: Sequence[SurveyColumn], ontology: Ontology
    ) -> None:
        self.mapping, self.ontology = mapping, ontology
        self.faults = Faults()
        self.lookup = ColumnLookup(columns, self.faults)
        self.used: dict[int, str] = {}  # index of a column → place in the mapping
        self.claimed: dict[int, str] = {}
        self.questions = QuestionColumns(mapping, ontology, self.lookup, self._claim)
        levels = list(ontology.section("levels"))
        self.babel = [
            level for level in levels if ontology.entries[level].fact("part_of") == "babel"
        ]
        self.levels = [level for level in levels if level not in self.babel]

    def resolve(self) -> ResolvedMapping:
        """Resolve every part; what cannot be found is left out, and is a fault."""
        mapping = self.mapping
        identity = self._column(mapping.identity.column, "identity.column")
        others = tuple(self._others())  # first: patterns for skills leave these columns out
        only = tuple(self._only())
        self._check_response_id()
        skills, interests = self._skills()
        return ResolvedMapping(
            source=mapping,
            columns=self.lookup.columns,
            waves={wave.key: wave for wave in mapping.waves},
            wave=self._wave(),
            identity=identity or (self.lookup.columns[0] if mapping.identity.column else None),
            pseudonym=self._column(mapping.identity.pseudonym_column, "identity.pseudonym_column"),
            date_column=self._column(mapping.dates.column, "date.column"),
            day=mapping.dates.day,
            response_id=self._column(mapping.completeness.id_column, "response.id"),
            submitted=self._column(mapping.completeness.submitted_column, "response.submitted"),
            last_page=self._column(mapping.completeness.last_page_column, "response.last_page"),
            consents=tuple(self._consents()),
            ground=next((rule.ground for rule in mapping.consents if rule.ground), ""),
            skills=skills,
            interests=interests,
            general_interests=tuple(self._general_interests()),
            languages=tuple(self._languages()),
            language_pairs=tuple(self._language_pairs()),
            language_lists=tuple(self._language_lists()),
            person=self._person(),
            values=self._values(),
            dropped=self._dropped(),
            unused=self._unused(),
            others=others,
            only=only,
            renamed=self._renamed(),
            used=frozenset(self.used),
        )

    def _column(self, name: str, place: str) -> SurveyColumn | None:
        """Find a column that several parts may read: one can be both date and completeness."""
        found = self.lookup.one(name, place)
        if found is not None:
            if found.index in self.claimed:
                self._used_twice(found, self.claimed[found.index], place)
            self.used.setdefault(found.index, place)
        return found

    def _claim(self, column: SurveyColumn, place: str) -> None:
        """Reserve a column for one question: only that may say what its cells mean."""
        other = self.used.setdefault(column.index, place)
        if other != place:
            self._used_twice(column, other, place)
        self.claimed[column.index] = place

    def _used_twice(self, column: SurveyColumn, other: str, place: str) -> None:
        what = f"{column} is already used by {other}"
        self.faults.add(what, "remove it from one of the two", column=place)

    def _check_response_id(self) -> None:
        """Refuse pseudonyms that depend on the order of rows, if a column has better to tell."""
        mapping = self.mapping
        if not mapping.identity.generated or mapping.identity.column:
            return
        if mapping.completeness.id_column:
            return
        for column in self.lookup.columns:
            if column.role is Role.RESPONSE_ID:
                what = f"{column} has the number of each response, and pseudonyms are made without"
                hint = f"add id = {toml_text(column.name)} to [response]"
                self.faults.add(what, hint, column="response.id")

    def _wave(self) -> MappedColumn | None:
        choice = self.mapping.wave_choice
        if choice is None:
            return None
        waves = {wave.key: {wave.key, *wave.labels.values()} for wave in self.mapping.waves}
        names = [name for wave_names in waves.values() for name in wave_names]
        table = {
            name: wave
            for wave, wave_names in waves.items()
            for name in wave_names
            if names.count(name) == 1  # a label that two waves share decides nothing
        }
        answers = Answers(table=table | dict(choice.answers), skipped=())
        return self._mapped(choice.column, "wave", self._matcher(answers, "wave", list(waves)))

    def _consents(self) -> Iterator[MappedColumn]:
        rules = self.mapping.consents
        kinds = list(self.ontology.section("consents"))
        self._check_pseudonyms()
        grounds = [rule for rule in rules if rule.ground]
        for rule in grounds:
            if rule.ground not in kinds:
                what = f"“{rule.ground}” is not a kind of consent"
                self.faults.add(what, f"use one of {', '.join(kinds)}", column=rule.place)
        for rule in grounds[1:]:
            what = "everyone gave only one consent"
            self.faults.add(what, "remove this [[consent]]", column=rule.place)
        for rule in rules:
            if not rule.column:
                continue
            place = f"{rule.place}.answers"
            others = (other.blank for other in rules if other.column and other is not rule)
            restricts = rule.blank == PSEUDONYMOUS and (grounds or WITHHELD in others)
            if rule.blank != WITHHELD and not restricts:
                hint = f'write "" = "{WITHHELD}"'
                self.faults.add("an empty answer is not a consent", hint, column=place)
            read = self._matcher(Answers(table=rule.answers), rule.place, [*kinds, WITHHELD])
            mapped = self._mapped(rule.column, f"{rule.place}.column", read)
            if mapped is not None:
                yield mapped

    def _check_pseudonyms(self) -> None:
        identity = self.mapping.identity
        if identity.property == PSEUDONYM or identity.pseudonym_column or identity.generated:
            return
        for rule in self.mapping.consents:
            if PSEUDONYMOUS in (rule.ground, *rule.answers.values()):
                self.faults.add(
                    "some answers agree only to a pseudonym, but the mapping does not say where it"
                    " is",
                    'add pseudonym_column = "NICK" to [identity]; or generated = true, so that one'
                    " is made",
                    column=f"{rule.place}.answers",
                )

    def _skills(self) -> tuple[tuple[SkillColumns, ...], tuple[SkillColumns, ...]]:
        """Find the skills that the file asks a level of, and those of interest only."""
        names = names_of(self.ontology, "skills")
        levels: dict[str, list[MappedColumn]] = {}
        for question in self.mapping.questions:
            earlier = set(levels)
            for mapped, skill in self.questions.of(question, names, "skill", self.levels):
                found = levels.setdefault(skill, [])
                if not found or (question.about and skill not in earlier):
                    found.append(mapped)
                else:
                    self.faults.add(
                        f"{mapped.column} and {found[0].column} both ask for “{skill}”",
                        "keep one of them; or put all of them into one question with"
                        f' skill = "{skill}", if each person answers one of them',
                        column=question.place,
                    )
        interests: dict[str, list[MappedColumn]] = {}
        allowed = list(self.ontology.section("interests"))
        for question in self.mapping.interests:
            for mapped, skill in self.questions.of(question, names, "skill", allowed):
                interests.setdefault(skill, []).append(mapped)
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

    def _general_interests(self) -> Iterator[GeneralInterestColumn]:
        skills, allowed = self.ontology.section("skills"), self.ontology.section("interests")
        groups = list(self.ontology.section("groups"))
        for one in self.mapping.general_interests:
            for skill in one.skills:
                self._check_key(skill, list(skills), "skill", f"{one.place}.skills")
            for group in one.groups:
                self._check_key(group, groups, "group", f"{one.place}.groups")
            wanted = tuple(
                skill
                for skill, entry in skills.items()
                if skill in one.skills or entry.fact("part_of") in one.groups
            )
            read = self._matcher(one.answers, one.place, allowed)
            column = self._mapped(one.column, f"{one.place}.column", read)
            if column is not None:
                is_limited = bool(one.skills or one.groups)
                levels = self._at_least(one.at_least, f"{one.place}.at_least")
                yield GeneralInterestColumn(
                    column=column, skills=wanted if is_limited else None, levels=levels
                )

    def _at_least(self, level: str, place: str) -> frozenset[str]:
        """List a level and all above it on its scale; empty if there is none."""
        if not level:
            return frozenset()
        on_scale = [one for one in self.levels if self.ontology.entries[one].number is not None]
        self._check_key(level, on_scale, "level", place)
        if level not in on_scale:
            return frozenset()
        entry = self.ontology.entries[level]
        steps = self.ontology.levels(str(entry.fact("part_of"))).values()
        return frozenset(s.key for s in steps if (s.number or 0) >= (entry.number or 0))

    def _others(self) -> Iterator[OpenColumn]:
        empty = frozenset({"", *map(key, self.mapping.empty)})
        for others in self.mapping.others:
            place = others.place
            if others.level:
                self._check_key(others.level, self.levels, "level", f"{place}.level")
            read = self._matcher(others.answers, place, self.levels)
            level = self._mapped(others.level_column, f"{place}.level_column", read)
            for pattern in others.columns:
                for column, _ in self.lookup.several(pattern, f"{place}.columns", free_text=True):
                    splitter = self.questions.splitters.get(column.index)
                    if splitter is None:
                        self._claim(column, place)
                        self.questions.open_columns.add(column.index)
                    else:
                        splitter.has_open_answers = True
                    yield OpenColumn(
                        column=column,
                        level=others.level,
                        level_column=level,
                        between=others.between,
                        empty=empty,
                        choices=splitter,
                    )

    def _languages(self) -> Iterator[LanguageColumn]:
        names = names_of(self.ontology, "languages")
        for question in self.mapping.languages:
            for mapped, language in self.questions.of(question, names, "language", self.babel):
                yield LanguageColumn(language, mapped)

    def _language_lists(self) -> Iterator[LanguageListColumn]:
        for pair in self.mapping.language_pairs:
            if pair.between:
                names, levels = self._language_matchers(pair)
                column = self._column(pair.column, f"{pair.place}.column")
                if column is not None:
                    read = LanguageListReader(pair.place, pair.between, names, levels)
                    yield LanguageListColumn(column, read)

    def _language_matchers(self, pair: LanguagePair) -> tuple[Matcher, Matcher]:
        names = names_of(self.ontology, "languages")
        allowed = self.ontology.section("languages")
        skipped = ("", *self.mapping.empty)
        table = Answers(table=pair.languages, skipped=skipped, member="languages")
        read = self._matcher(table, pair.place, allowed, names=names)
        return read, self._matcher(pair.answers, pair.place, self.babel)

    def _language_pairs(self) -> Iterator[LanguagePairColumns]:
        for pair in self.mapping.language_pairs:
            if pair.between:
                continue
            read, levels = self._language_matchers(pair)
            language = self._mapped(pair.column, f"{pair.place}.column", read)
            level = self._mapped(pair.level_column, f"{pair.place}.level_column", levels)
            if language is not None:
                yield LanguagePairColumns(language, level)

    def _person(self) -> dict[str, tuple[MappedColumn, ...]]:
        found = {}
        for name, field in self.mapping.person.items():
            read = self._person_reader(name, field)
            columns: dict[int, SurveyColumn] = {}
            for text in field.columns:
                if "*" in text and not self.lookup.named(text):
                    fitting = self.lookup.several(text, field.place)
                    columns |= {column.index: column for column, _ in fitting}
                elif (column := self._column(text, field.place)) is not None:
                    columns[column.index] = column
            for index in columns:
                self.used.setdefault(index, field.place)
            if columns:
                found[name] = tuple(MappedColumn(one, Meanings(read)) for one in columns.values())
        return found

    def _person_reader(self, name: str, field: PersonField) -> Matcher | TimeZoneReader:
        if name not in _SECTIONS:
            return TimeZoneReader(field, self.mapping.empty)
        section = _SECTIONS[name]
        names, allowed = names_of(self.ontology, section), self.ontology.section(section)
        return self._matcher(field.answers, field.place, allowed, names=names)

    def _values(self) -> dict[str, str]:
        values = {name: field.value for name, field in self.mapping.person.items() if field.value}
        for name, value in values.items():
            if name in _SECTIONS:
                section = list(self.ontology.section(_SECTIONS[name]))
                self._check_key(value, section, name.replace("_", " "), f"person.{name}.value")
            elif (meaning := self._person_reader(name, self.mapping.person[name])(value)).what:
                self.faults.add(meaning.what, meaning.hint, column=f"person.{name}.value")
        return values

    def _check_key(self, value: str, known: Sequence[str], kind: str, place: str) -> None:
        if value not in known:
            hint = did_you_mean(value, known) or f"use one of {', '.join(known[:12])}"
            self.faults.add(f"there is no {kind} “{value}”", hint, column=place)

    def _dropped(self) -> tuple[int, ...]:
        """List the columns to be emptied before anything reads them: personal and not mapped."""
        dropped = {
            column.index
            for column in self.lookup.columns
            if column.role.personal and column.index not in self.used
        }
        for pattern in self.mapping.personal:
            for column, _ in self.lookup.matching(pattern):
                if column.index in self.used:
                    self._used_twice(column, self.used[column.index], "personal")
                dropped.add(column.index)
        return tuple(sorted(dropped))

    def _unused(self) -> tuple[SurveyColumn, ...]:
        known = self.used.keys() | self.questions.ignored
        for pattern in (*self.mapping.ignore, *self.mapping.personal):
            known |= {column.index for column, _ in self.lookup.matching(pattern)}
        needed = (Role.QUESTION, *(_OF_ROWS if self.mapping.complete else ()))
        unused = tuple(
            column
            for column in self.lookup.columns
            if column.index not in known and column.role in needed
        )
        if self.mapping.complete:
            for column in unused:
                self.faults.add(
                    f"{column} is mentioned nowhere, and the mapping says that it is complete",
                    f"add {toml_text(column.name)} to ignore, or say what it means",
                    column="complete",
                )
        return unused

    def _only(self) -> Iterator[tuple[SurveyColumn, frozenset[str]]]:
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
                self.faults.add(error.what, error.hint, column="identity.renamed")
        return renamed

    def _matcher(
        self,
        answers: Answers,
        place: str,
        allowed: Iterable[str],
        names: ItemNames | None = None,
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

    def _mapped(
        self, name: str, place: str, read: Matcher | TimeZoneReader
    ) -> MappedColumn | None:
        column = self._column(name, place)
        return MappedColumn(column, Meanings(read)) if column is not None else None
