"""Reading one row as a response: the one interpretation that both passes over a file share."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import IntEnum
from hashlib import blake2b
from typing import Final

from wbskills.domain import Assessment, Consent, Identity, Response, Speaks
from wbskills.errors import Fault, InvalidValue
from wbskills.names import username
from wbskills.surveys.files.cell_text import clean, key, mojibake, number_text, quoted
from wbskills.surveys.files.columns import Column
from wbskills.surveys.files.rows import Row
from wbskills.surveys.mapping.answers import Kind, Meaning, Meanings
from wbskills.surveys.mapping.dates import SPREADSHEET, is_plausible, parse_moment
from wbskills.surveys.mapping.resolved import Answered, Fitted, SkillColumns
from wbskills.surveys.mapping.schema import PSEUDONYMOUS, WITHHELD
from wbskills.surveys.responses.open_answers import Heard, Hearing

_LONGEST_NAME: Final = 200
_ROW_DIGEST: Final = 6  # bytes: of a million rows, no two have the same
_NOT_SPOKEN: Final = "babel_0"
# What LimeSurvey writes as the day of submission where a survey does not record days.
_NO_DAY: Final = date(1980, 1, 1)
_BUDDHIST: Final = 543  # years that this calendar is ahead
_YEARS_LATE: Final = 10  # after the last wave, a response is no late one


class State(IntEnum):
    """What becomes of a row, as far as the row alone can tell."""

    GOOD = 0
    INCOMPLETE = 1
    WITHHELD = 2
    FAULTY = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """What one row says.

    `person` and `moment` tell which of two responses of one person is the newer one; they are
    empty where that cannot be known. `identity` is told where there is no response: a withheld row
    may be of somebody who agreed before, also to the `pseudonym` that it has, a faulty one may
    have the name of somebody else. `kinds` has the kind of each answer about a skill, in the order
    of `Fitted.skills`; `straight` names the grids with the same answer in every row; `interests`
    counts those in skills without a level, `left_out` words that name no skill.
    """

    row: int
    state: State
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


# By skill: the column of the level (-1: there are several), what its cells mean, and the
# assessments made so far.
Levels = tuple[tuple[int, Meanings, dict[str, Assessment], SkillColumns], ...]


class RowReading:
    """One row, being read; faults are collected on the way."""

    __slots__ = (
        "cells", "decided", "empty", "faults", "fitted", "levels", "number", "only_wave", "row",
    )  # fmt: skip

    def __init__(
        self,
        fitted: Fitted,
        row: Row,
        empty: set[str],
        only_wave: str,
        decided: Mapping[str, str],
    ) -> None:
        self.decided = decided
        self.fitted, self.number, self.cells, self.row = fitted, row.number, row.cells, row
        self.empty, self.only_wave = empty, only_wave
        self.faults: list[Fault] = []
        self.levels: Levels = ()

    def reading(self) -> Reading:
        """Read all of the row."""
        moment = self._moment()
        wave = self._wave(moment)
        identity = self._identity()
        person = f"{identity.property}:{identity.name}" if identity else ""
        consent = self._consent()
        if consent == WITHHELD:
            # Nothing of this row is told to anybody, its faults neither.
            # Without a day it may be the newest, so it is.
            known = person if wave else ""
            when = str(moment or "9999")
            return Reading(
                self.number,
                State.WITHHELD,
                known,
                wave,
                when,
                identity=identity,
                pseudonym=self._quietly_pseudonym(identity),
            )
        account = identity
        if consent == PSEUDONYMOUS:
            identity = self._pseudonym(identity)
        kinds, assessments = self._assessments()
        alone = tuple(self._interests_alone())
        speaks = self._speaks()
        about = {name: self._first(some).value for name, some in self.fitted.person.items()}
        heard = self._heard(assessments) if self.fitted.others else Heard()
        assessments = _united((*assessments, *heard.assessments), alone)
        response = None
        if identity and moment and not self.faults:
            response = Response(
                identity=identity,
                consent=Consent(consent, moment.date(), self._consent_text(wave, consent)),
                wave=wave,
                on=moment.date(),
                id=self._id(),
                row=self.number,
                assessments=assessments,
                speaks=speaks,
                named=heard.named,
                decided=heard.decided,
                account=account if account != identity else None,
                **{**self.fitted.values, **about},
            )
        return Reading(
            row=self.number,
            state=State.GOOD if response else State.FAULTY,
            person=person,
            wave=wave,
            moment=str(moment or ""),
            kinds=kinds,
            interests=sum(not said.level for said in assessments),
            left_out=heard.left_out,
            faults=tuple(self.faults),
            response=response,
            identity=None if response else identity,
        )

    def when(self) -> tuple[str, str, str]:
        """Tell wave, moment and consent, as far as the row tells them; empty where not."""
        moment = self._moment()
        return self._wave(moment), str(moment or ""), self._consent()

    def _moment(self) -> datetime | None:
        if self.fitted.day is not None:
            return datetime.combine(self.fitted.day, datetime.min.time(), UTC)
        column = self.fitted.date_column
        if column is None:
            return None
        cell = self.cells[column.index]
        dates = self.fitted.mapping.dates
        formats = dates.formats
        moment = parse_moment(cell, formats, zone=dates.zone, written_in=dates.written_in)
        if moment is not None and self._far_off(moment):
            self._other_calendar(column, cell, moment.year)
            return None
        if moment is None or moment.date() == _NO_DAY:
            what = "there is no day" if key(cell) in self.empty else f"{quoted(cell)} is no day"
            expected = "a day such as " + " or ".join(
                datetime(2026, 3, 25, 17, 8, 9, tzinfo=UTC).strftime(text)
                for text in (formats or ("%Y-%m-%d",))
            )
            counted = None if parse_moment(cell, []) else parse_moment(cell, [SPREADSHEET])
            if moment is None and counted is not None:
                expected = f'{expected}; format = "{SPREADSHEET}" if it means {counted.date()}'
            if moment is not None:
                what = f"{what}: LimeSurvey writes it where a survey records no days"
                expected = "date = 2026-03-25 in the mapping, for all responses"
            self._fault(column, what, expected)
            return None
        return moment

    def _far_off(self, moment: datetime) -> bool:
        """Tell that no response can be of a day: it is of another calendar, or mistyped."""
        last = max(wave.end.year for wave in self.fitted.waves.values())
        return not is_plausible(moment) or moment.year > last + _YEARS_LATE

    def _other_calendar(self, column: Column, cell: str, year: int) -> None:
        waves = self.fitted.waves.values()
        meant = year - _BUDDHIST
        hint = "the day in the Gregorian calendar"
        if any(wave.start.year <= meant <= wave.end.year for wave in waves):
            hint = (
                f"{meant} in place of {year}, as the Buddhist calendar is {_BUDDHIST} years ahead"
            )
        self._fault(column, f"{quoted(cell)} is in the year {year}", hint)

    def _wave(self, moment: datetime | None) -> str:
        if self.fitted.wave is not None:
            return self._value(self.fitted.wave)
        if self.only_wave or moment is None:
            return self.only_wave
        day = moment.date()
        for wave in self.fitted.waves.values():
            if wave.start <= day <= wave.end:
                return wave.key
        spans = ", ".join(
            f"{wave.key} {wave.start} to {wave.end}" for wave in self.fitted.waves.values()
        )
        self._fault(
            self.fitted.date_column, f"{day} lies in no wave ({spans})", "other days for a wave"
        )
        return ""

    def _identity(self) -> Identity | None:
        identities = self.fitted.mapping.identity
        if self.fitted.identity is None:
            salt = self.fitted.file_digest
            row = blake2b(str(self.number).encode(), key=salt, digest_size=_ROW_DIGEST)
            return Identity("pseudonym", identities.prefix + row.hexdigest())
        return self._named(identities.property, self.fitted.identity, identities.prefix)

    def _pseudonym(self, known: Identity | None) -> Identity | None:
        if known is None or known.property == "pseudonym" or self.fitted.pseudonym is None:
            return known
        prefix = self.fitted.mapping.identity.pseudonym_prefix
        return self._named("pseudonym", self.fitted.pseudonym, prefix)

    def _quietly_pseudonym(self, known: Identity | None) -> Identity | None:
        """Give the pseudonym of a row that is not imported; whatever is wrong with it."""
        column = self.fitted.pseudonym
        if column is None or key(self.cells[column.index]) in self.empty:
            return None
        before, found = len(self.faults), self._pseudonym(known)
        del self.faults[before:]
        return found if found != known else None

    def _named(self, property_key: str, column: Column, prefix: str) -> Identity | None:
        cell = self.cells[column.index]
        if key(cell) in self.empty:
            self._fault(
                column,
                "it is not said who answered",
                "a name in this cell; else leave out the row",
            )
            return None
        if property_key == "pseudonym":
            name = prefix + number_text(cell)
            if "@" not in name and len(name) <= _LONGEST_NAME:
                return Identity(property_key, name)
            self._fault(column, f"{quoted(cell)} is no pseudonym", "a short text without “@”")
            return None
        meant = mojibake(clean(cell))
        if meant:
            self._fault(
                column,
                f"{quoted(cell)} is “{meant}”, read in a wrong encoding",
                "export the survey again: a program took its UTF-8 for windows-1252",
            )
            return None
        try:
            name = username(clean(cell))
            return Identity(property_key, self.fitted.renamed.get(name, name))
        except InvalidValue as error:
            self._fault(column, f"{quoted(cell)}: {error.what}", error.hint)
            return None

    def _consent(self) -> str:
        answered = self.fitted.consent
        if answered is None:
            return self.fitted.mapping.consent.ground
        meaning = answered.meanings[self.cells[answered.column.index]]
        if meaning.kind is Kind.FAULT:
            self._fault(answered.column, meaning.what, f'{meaning.hint}, or "{WITHHELD}"')
            return ""
        return meaning.value or WITHHELD

    def _consent_text(self, wave: str, consent: str) -> str:
        found = self.fitted.waves[wave]
        return found.license if consent == "consent_licensed" else found.consent_text_url

    def _assessments(self) -> tuple[bytes, tuple[Assessment, ...]]:
        """Read the assessments of skills whose level was asked, and the kinds of all answers."""
        cells = self.cells
        kinds = bytearray()
        assessments = []
        for index, meanings, made, skill in self.levels:
            meaning = meanings[cells[index]] if index >= 0 else self._first(skill.levels)
            kinds.append(meaning.kind)
            interests = self._interests(skill) if skill.interests else ()
            if meaning.value:
                found = None if interests else made.get(meaning.value)
                assessments.append(found or skill.assessment(meaning.value, interests))
                continue
            if interests:
                assessments.append(Assessment(skill.skill, "", interests))
            if meaning.what and index >= 0:
                self._unread(skill.level.column, meaning)
        return bytes(kinds), tuple(assessments)

    def _interests_alone(self) -> Iterator[Assessment]:
        """Read the interests in skills of which the form does not ask the level."""
        for skill in self.fitted.interests:
            interests = self._interests(skill)
            if interests:
                yield Assessment(skill.skill, "", interests)

    def _first(self, columns: Sequence[Answered]) -> Meaning:
        """Read the one answer that stands in one of several columns; two are a fault."""
        found, told = None, None
        nothing = Meaning(Kind.NOT_ASKED)
        for one in columns:
            meaning = one.meanings[self.cells[one.column.index]]
            if meaning.what:
                self._unread(one.column, meaning)
                nothing = meaning
            elif not meaning.value:
                nothing = min(nothing, meaning, key=lambda each: each.kind)
            elif found is None or told is None:
                found, told = meaning, one.column
            elif meaning.value != found.value:
                self._fault(
                    one.column,
                    f"{quoted(self.cells[one.column.index])} stands here, and"
                    f" {quoted(self.cells[told.index])} in column {told.letter}, which asks the"
                    " same",
                    f"the one that holds; empty the other cell of this row, in column"
                    f" {told.letter} or {one.column.letter}",
                )
        return found or nothing

    def _interests(self, skill: SkillColumns) -> tuple[str, ...]:
        """Read the interests in a skill, in a fixed order."""
        found = [value for one in skill.interests if (value := self._value(one))]
        if not found:
            return ()
        return tuple(sorted({part.strip() for value in found for part in value.split(",")}))

    def _heard(self, assessments: tuple[Assessment, ...]) -> Heard:
        """Make what can be made of skills that the form did not ask about."""
        hearing = Hearing(self.decided, {said.skill for said in assessments if said.level})
        for other in self.fitted.others:
            cell = self.cells[other.column.index]
            if key(cell) not in other.empty:
                level = self._value(other.level_column) if other.level_column else other.level
                hearing.take(other, cell, level)
        return hearing.heard()

    def _speaks(self) -> tuple[Speaks, ...]:
        found: dict[str, str] = {}
        for one in self.fitted.languages:
            level = self._value(one.level)
            if level and level != _NOT_SPOKEN:
                found[one.language] = level
        for pair in self.fitted.language_pairs:
            language = self._value(pair.language)
            level = self._value(pair.level) if pair.level else ""
            if language and level != _NOT_SPOKEN:
                found.setdefault(language, level)
        return tuple(Speaks(language=name, babel_level=level) for name, level in found.items())

    def _value(self, answered: Answered) -> str:
        meaning = answered.meanings[self.cells[answered.column.index]]
        if meaning.what:
            self._unread(answered.column, meaning)
        return meaning.value

    def _unread(self, column: Column, meaning: Meaning) -> None:
        """Note an answer that means nothing: it may be several that exclude each other."""
        ticked = _ticked(column, self.cells)
        if len(ticked) < 2:
            for one in (meaning, *meaning.more):
                self._fault(column, one.what, one.hint)
            return
        columns = [self.fitted.columns[index] for index in ticked]
        told = " and ".join(
            f"{quoted(self.cells[one.index])} (column {one.letter})" for one in columns
        )
        letters = " or ".join(one.letter for one in columns)
        self._fault(
            column,
            f"{told} are ticked in one row, and only one of them can be true",
            f"the one that holds; empty the other cell of this row, in column {letters}",
        )

    def _id(self) -> str:
        column = self.fitted.response_id
        found = number_text(self.cells[column.index]) if column else ""
        return found or f"row {self.number}"

    def _fault(self, column: Column | None, what: str, hint: str) -> None:
        self.faults.append(
            Fault(
                what=what,
                hint=hint,
                row=self.row.origin(column.index) if column else self.number,
                column=str(column) if column else "",
            )
        )


def _united(
    assessments: tuple[Assessment, ...], alone: tuple[Assessment, ...]
) -> tuple[Assessment, ...]:
    """Put interests that stand alone to the level that somebody told in another place."""
    levels = {said.skill for said in assessments if said.level}
    wishes = {said.skill: said.interests for said in alone}
    wishes |= {said.skill: said.interests for said in assessments if not said.level}
    if wishes.keys().isdisjoint(levels):
        return (*assessments, *alone)
    return tuple(
        replace(said, interests=said.interests or wishes.get(said.skill, ()))
        for said in (*assessments, *alone)
        if said.level or said.skill not in levels
    )


def _ticked(column: Column, cells: list[str]) -> list[int]:
    """Find the cells that an answer was put together from, where a column was made of several.

    They stand from its first column on, in the order of the answer.
    """
    if column.stands_in is None:
        return []
    rest, found = cells[column.index], []
    for index in range(column.stands_in, column.index):
        cell = cells[index]
        if rest and cell.strip() and rest.startswith(cell):
            found.append(index)
            rest = rest[len(cell) :].lstrip(" +")
    return [] if rest else found
