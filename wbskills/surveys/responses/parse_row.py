"""Parsing one row as a response; both passes over a file use the same parser."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Final

from wbskills.domain import PSEUDONYM, Assessment, Consent, Identity, Response, Speaks
from wbskills.errors import Fault, InvalidValue
from wbskills.names import username
from wbskills.surveys.files.cell_text import clean, key, mojibake, number_text, quoted
from wbskills.surveys.files.columns import SurveyColumn
from wbskills.surveys.files.rows import Row
from wbskills.surveys.mapping.answers import AnswerKind, Meaning, Meanings
from wbskills.surveys.mapping.dates import parse_moment
from wbskills.surveys.mapping.language_lists import NOT_SPOKEN
from wbskills.surveys.mapping.resolved import MappedColumn, ResolvedMapping, SkillColumns
from wbskills.surveys.mapping.schema import BUDDHIST_CALENDAR, LICENSED, PSEUDONYMOUS, WITHHELD
from wbskills.surveys.responses.day_problems import day_problem
from wbskills.surveys.responses.generated_pseudonyms import (
    generated_pseudonym,
    pseudonym_of_row,
)
from wbskills.surveys.responses.interests import (
    interests_of,
    merge_interests,
    with_general_interest,
)
from wbskills.surveys.responses.open_answers import OpenAnswers, collect_open_answers

_LONGEST_NAME: Final = 200


class RowState(IntEnum):
    """What happens to a row, as far as the row alone can show."""

    GOOD = 0
    INCOMPLETE = 1
    WITHHELD = 2
    FAULTY = 3


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """What one row says.

    `person` and `moment` show which of two responses of one person is the newer one; they are
    empty if unknown. `identity` is set where there is no response: a person without consent may
    have given it before, also for the `pseudonym`, and a faulty row may have the name of another
    person. `kinds` has the `AnswerKind` of each answer, in the order of `ResolvedMapping.skills`;
    `straight` names the grids with the same answer in every row; `interests` is the number of
    interests in skills without a level, `left_out` of texts that cannot be the name of a skill.
    """

    row: int
    state: RowState
    person: str = ""
    wave: str = ""
    moment: str = ""
    kinds: bytes = b""
    straight: tuple[str, ...] = ()
    interests: int = 0
    left_out: int = 0
    faults: tuple[Fault, ...] = ()
    response: Response | None = None
    identity: Identity | None = None
    pseudonym: Identity | None = None


@dataclass(frozen=True, slots=True)
class FileContext:
    """What is the same for all rows of a file, so that the innermost loop looks up nothing.

    `levels` has for each skill the column of its level (-1: several), what the cells mean, and the
    assessments made so far. `only_wave` is empty if there are several waves.
    """

    mapping: ResolvedMapping
    decided: Mapping[str, str]
    empty: frozenset[str]
    only_wave: str
    levels: tuple[tuple[int, Meanings, dict[str, Assessment], SkillColumns], ...]

    @classmethod
    def of(cls, mapping: ResolvedMapping, decided: Mapping[str, str]) -> "FileContext":
        """Prepare a mapping and decisions on the wordings of skills."""
        return cls(
            mapping=mapping,
            decided=decided,
            empty=frozenset({"", *map(key, mapping.source.empty)}),
            only_wave=next(iter(mapping.waves)) if len(mapping.waves) == 1 else "",
            levels=tuple(
                (
                    skill.level.column.index if len(skill.levels) == 1 else -1,
                    skill.level.meanings,
                    skill.made,
                    skill,
                )
                for skill in mapping.skills
            ),
        )


class RowParser:
    """Parses one row and collects its faults."""

    __slots__ = ("cells", "context", "faults", "mapping", "row")

    def __init__(self, context: FileContext, row: Row) -> None:
        self.context, self.mapping = context, context.mapping
        self.row, self.cells = row, row.cells
        self.faults: list[Fault] = []

    def parse(self) -> ParsedRow:
        """Parse the whole row."""
        moment = self._moment()
        wave = self._wave(moment)
        consent = self._consent()
        identity = self._identity(consent)
        person = f"{identity.property}:{identity.name}" if identity else ""
        if consent == WITHHELD:
            # Nobody sees anything of this row, not even its faults. Without a date it may be the
            # latest one, so it counts as that.
            return ParsedRow(
                self.row.number,
                RowState.WITHHELD,
                person if wave else "",
                wave,
                str(moment or "9999"),
                identity=identity,
                pseudonym=self._pseudonym_without_faults(identity),
            )
        account = identity
        if consent == PSEUDONYMOUS:
            identity = self._pseudonym(identity)
        kinds, assessments = self._assessments()
        interests_only = tuple(self._interests_only())
        speaks = self._speaks()
        facts = {
            name: self._first_answer(columns).value
            for name, columns in self.mapping.person.items()
        }
        open_answers = self._open_answers(assessments) if self.mapping.others else OpenAnswers()
        assessments = merge_interests((*assessments, *open_answers.assessments), interests_only)
        for general in self.mapping.general_interests:
            interests = self._value(general.column)
            assessments = with_general_interest(assessments, general, interests)
        response = None
        if identity and moment and not self.faults:
            text = self.mapping.waves[wave]
            agreed = (text.consent_text_url, text.consent_text_version)
            consent_text = (text.license, "") if consent == LICENSED else agreed
            response = Response(
                identity=identity,
                consent=Consent(consent, moment.date(), *consent_text),
                wave=wave,
                on=moment.date(),
                id=self._id(),
                row=self.row.number,
                assessments=assessments,
                speaks=speaks,
                named=open_answers.named,
                decided=open_answers.decided,
                account=account if account != identity else None,
                **{**self.mapping.values, **facts},
            )
        return ParsedRow(
            row=self.row.number,
            state=RowState.GOOD if response else RowState.FAULTY,
            person=person,
            wave=wave,
            moment=str(moment or ""),
            kinds=kinds,
            interests=sum(not assessment.level for assessment in assessments),
            left_out=open_answers.left_out,
            faults=tuple(self.faults),
            response=response,
            identity=None if response else identity,
        )

    def when(self) -> tuple[str, str, str]:
        """Return wave, moment and consent; empty where the row does not show them."""
        moment = self._moment()
        return self._wave(moment), str(moment or ""), self._consent()

    def _moment(self) -> datetime | None:
        if self.mapping.day is not None:
            return datetime.combine(self.mapping.day, datetime.min.time(), UTC)
        column = self.mapping.date_column
        if column is None:
            return None
        cell, rule = self.cells[column.index], self.mapping.source.dates
        moment = parse_moment(
            cell,
            rule.formats,
            zone=rule.zone,
            written_in=rule.written_in,
            buddhist=rule.calendar == BUDDHIST_CALENDAR,
        )
        waves, empty = self.mapping.waves.values(), self.context.empty
        problem = day_problem(cell, moment, rule, waves, empty=empty)
        if problem is None:
            return moment
        self._fault(column, *problem)
        return None

    def _wave(self, moment: datetime | None) -> str:
        if self.mapping.wave is not None:
            return self._value(self.mapping.wave)
        if self.context.only_wave or moment is None:
            return self.context.only_wave
        day, waves = moment.date(), self.mapping.waves.values()
        for wave in waves:
            if wave.start <= day <= wave.end:
                return wave.key
        spans = ", ".join(f"{wave.key} {wave.start} to {wave.end}" for wave in waves)
        self._fault(
            self.mapping.date_column,
            f"{day} is outside every survey wave ({spans})",
            "change the first or last day of a wave in the mapping",
        )
        return ""

    def _identity(self, consent: str) -> Identity | None:
        rule, column = self.mapping.source.identity, self.mapping.identity
        if rule.row_number:
            return pseudonym_of_row(self.row.number, rule.prefix, self.mapping.file_digest)
        if column is None:
            return self._generated(rule.prefix)
        if rule.generated and self._is_empty(column):
            if rule.property == PSEUDONYM:
                return self._generated(rule.prefix)
            if consent in (PSEUDONYMOUS, WITHHELD):
                return self._pseudonym(None)
        return self._named(rule.property, column, rule.prefix)

    def _pseudonym(self, identity: Identity | None) -> Identity | None:
        """Return the pseudonym of someone who agreed only to that."""
        rule, column = self.mapping.source.identity, self.mapping.pseudonym
        if identity is not None and identity.property == PSEUDONYM:
            return identity
        if column is not None and not (rule.generated and self._is_empty(column)):
            return self._named(PSEUDONYM, column, rule.pseudonym_prefix)
        return self._generated(rule.pseudonym_prefix, identity) if rule.generated else identity

    def _generated(self, prefix: str, account: Identity | None = None) -> Identity | None:
        """Make a pseudonym: of the account, else of the response id, else of the row."""
        column = self.mapping.response_id
        source = f"row {self.row.number} of {self.mapping.file_digest.hex()}"
        if account is not None:
            source = f"account {account.name}"
        elif column is not None:
            if self._is_empty(column):
                what = "this row has no response id, of which its pseudonym would be made"
                self._fault(column, what, "add an id to this cell, or delete the row")
                return None
            source = f"response {number_text(self.cells[column.index])}"
        return generated_pseudonym(source, prefix, self.mapping.salt)

    def _is_empty(self, column: SurveyColumn) -> bool:
        return key(self.cells[column.index]) in self.context.empty

    def _pseudonym_without_faults(self, identity: Identity | None) -> Identity | None:
        """Return the pseudonym of a row that is not imported, whatever else it holds."""
        column = self.mapping.pseudonym
        generated = self.mapping.source.identity.generated
        if not generated and (column is None or self._is_empty(column)):
            return None
        before, found = len(self.faults), self._pseudonym(identity)
        del self.faults[before:]
        return found if found != identity else None

    def _named(self, property_key: str, column: SurveyColumn, prefix: str) -> Identity | None:
        cell = self.cells[column.index]
        if self._is_empty(column):
            what = "this row does not say who answered"
            self._fault(column, what, "add a name to this cell, or delete the row")
            return None
        if property_key == PSEUDONYM:
            name = prefix + number_text(cell)
            if "@" not in name and len(name) <= _LONGEST_NAME:
                return Identity(property_key, name)
            what = f"{quoted(cell)} is not a pseudonym"
            self._fault(column, what, "use a short text without “@”")
            return None
        meant = mojibake(clean(cell))
        if meant:
            self._fault(
                column,
                f"{quoted(cell)} should be “{meant}”: the file was read in the wrong encoding",
                "export the survey again; another program read its UTF-8 as windows-1252",
            )
            return None
        try:
            name = username(clean(cell))
            return Identity(property_key, self.mapping.renamed.get(name, name))
        except InvalidValue as error:
            self._fault(column, f"{quoted(cell)}: {error.what}", error.hint)
            return None

    def _consent(self) -> str:
        """Return the consent: of several answers, the one that permits least."""
        found = [self.mapping.ground] if self.mapping.ground else []
        unknown = []
        for consent in self.mapping.consents:
            meaning = consent.meanings[self.cells[consent.column.index]]
            if meaning.kind is AnswerKind.FAULT:
                unknown.append((consent.column, meaning))
            else:
                found.append(meaning.value or WITHHELD)
        if WITHHELD in found:
            return WITHHELD
        for column, meaning in unknown:
            self._fault(column, meaning.what, f"{meaning.hint}; “{WITHHELD}” means no consent")
        if unknown or not found:
            return ""
        return PSEUDONYMOUS if PSEUDONYMOUS in found else found[0]

    def _assessments(self) -> tuple[bytes, tuple[Assessment, ...]]:
        """Parse the skills that the survey asks a level of, and the kinds of all answers."""
        cells = self.cells
        kinds = bytearray()
        assessments = []
        for index, meanings, made, skill in self.context.levels:
            meaning = meanings[cells[index]] if index >= 0 else self._first_answer(skill.levels)
            kinds.append(meaning.kind)
            interests = self._interests(skill) if skill.interests else ()
            if meaning.value:
                found = None if interests else made.get(meaning.value)
                assessments.append(found or skill.assessment(meaning.value, interests))
                continue
            if interests:
                assessments.append(Assessment(skill.skill, "", interests))
            if meaning.what and index >= 0:
                self._unknown(skill.level.column, meaning)
        return bytes(kinds), tuple(assessments)

    def _interests_only(self) -> Iterator[Assessment]:
        """Parse the interests in skills that the survey does not ask a level of."""
        for skill in self.mapping.interests:
            interests = self._interests(skill)
            if interests:
                yield Assessment(skill.skill, "", interests)

    def _interests(self, skill: SkillColumns) -> tuple[str, ...]:
        return interests_of(filter(None, map(self._value, skill.interests)))

    def _first_answer(self, columns: Sequence[MappedColumn]) -> Meaning:
        """Return the one answer in several columns; two different ones are a fault."""
        answer, answered = None, None
        nothing = Meaning(AnswerKind.NOT_ASKED)
        for column in columns:
            meaning = column.meanings[self.cells[column.column.index]]
            if meaning.what:
                self._unknown(column.column, meaning)
                nothing = meaning
            elif not meaning.value:
                nothing = min(nothing, meaning, key=lambda each: each.kind)
            elif answer is None or answered is None:
                answer, answered = meaning, column.column
            elif meaning.value != answer.value:
                here, there = (quoted(self.cells[c.index]) for c in (column.column, answered))
                self._fault(
                    column.column,
                    f"the answer is {here} here and {there} in column {answered.letter}, which"
                    " asks the same",
                    "keep the right one and empty the other cell, in column"
                    f" {answered.letter} or {column.column.letter}",
                )
        return answer or nothing

    def _open_answers(self, assessments: Sequence[Assessment]) -> OpenAnswers:
        cells = []
        for column in self.mapping.others:
            cell = self.cells[column.column.index]
            if key(cell) not in column.empty:
                level = self._value(column.level_column) if column.level_column else column.level
                cells.append((column, cell, level))
        assessed = (assessment.skill for assessment in assessments if assessment.level)
        return collect_open_answers(cells, decided=self.context.decided, assessed=assessed)

    def _speaks(self) -> tuple[Speaks, ...]:
        found: dict[str, str] = {}
        for one in self.mapping.languages:
            level = self._value(one.level)
            if level and level != NOT_SPOKEN:
                found[one.language] = level
        for pair in self.mapping.language_pairs:
            language = self._value(pair.language)
            level = self._value(pair.level) if pair.level else ""
            if language and level != NOT_SPOKEN:
                found.setdefault(language, level)
        for one_list in self.mapping.language_lists:
            spoken, faults = one_list.read(self.cells[one_list.column.index])
            for speaks in spoken:
                found.setdefault(speaks.language, speaks.babel_level)
            for meaning in faults:
                self._fault(one_list.column, meaning.what, meaning.hint)
        return tuple(Speaks(language=name, babel_level=level) for name, level in found.items())

    def _value(self, mapped: MappedColumn) -> str:
        meaning = mapped.meanings[self.cells[mapped.column.index]]
        if meaning.what:
            self._unknown(mapped.column, meaning)
        return meaning.value

    def _unknown(self, column: SurveyColumn, meaning: Meaning) -> None:
        """Add the fault of an unknown answer, which may be several that exclude each other."""
        ticked = _ticked(column, self.cells)
        if len(ticked) < 2:
            for one in (meaning, *meaning.more):
                self._fault(column, one.what, one.hint)
            return
        columns = [self.mapping.columns[index] for index in ticked]
        answers = " and ".join(
            f"{quoted(self.cells[one.index])} (column {one.letter})" for one in columns
        )
        self._fault(
            column,
            f"{answers} are ticked in this row, but only one can be true",
            "keep the right one and empty the other cell, in column"
            f" {' or '.join(one.letter for one in columns)}",
        )

    def _id(self) -> str:
        column = self.mapping.response_id
        found = number_text(self.cells[column.index]) if column else ""
        return found or f"row {self.row.number}"

    def _fault(self, column: SurveyColumn | None, what: str, hint: str) -> None:
        row = self.row.origin(column.index) if column else self.row.number
        self.faults.append(Fault(what=what, hint=hint, row=row, column=str(column or "")))


def _ticked(column: SurveyColumn, cells: list[str]) -> list[int]:
    """Find the cells that an answer was put together from, if a column was made of several."""
    if column.source_index is None:
        return []
    rest, found = cells[column.index], []
    for index in range(column.source_index, column.index):
        cell = cells[index]
        if rest and cell.strip() and rest.startswith(cell):
            found.append(index)
            rest = rest[len(cell) :].lstrip(" +")
    return [] if rest else found
