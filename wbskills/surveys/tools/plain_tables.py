"""Tables that no survey tool wrote."""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import groupby
from typing import Final

from wbskills.errors import Fault, InvalidValue, SurveyError
from wbskills.names import username
from wbskills.surveys.files.cell_text import MISSING, STILL_MISSING, ascii_digits, clean, key
from wbskills.surveys.files.columns import Column, Role
from wbskills.surveys.files.rows import Row, SourceRow, SurveyFile
from wbskills.surveys.tools.tool import SurveyTool, Top, When, asked, cell, split_row

_ROLES: Final = {
    "timestamp": Role.SUBMITTED,
    "zeitstempel": Role.SUBMITTED,
    "horodateur": Role.SUBMITTED,
    "marca temporal": Role.SUBMITTED,
    "date": Role.SUBMITTED,
    "day": Role.SUBMITTED,
    "datum": Role.SUBMITTED,
    "fecha": Role.SUBMITTED,
    "التاريخ": Role.SUBMITTED,
    "submitted at": Role.SUBMITTED,
    "date submitted": Role.SUBMITTED,
    "submission date": Role.SUBMITTED,
    "submitted": Role.SUBMITTED,
    "id": Role.RESPONSE_ID,
    "response id": Role.RESPONSE_ID,
    "language": Role.LANGUAGE,
    "token": Role.TOKEN,
}


class PlainTable(SurveyTool):
    """A plain table: every heading is a question, and says so in its own words."""

    name = "plain"
    between = ";"

    def recognise(self, top: Top) -> str:  # noqa: ARG002  # it takes everything
        """Say that no survey tool was recognised."""
        return "no survey tool is recognised: a plain table, a row per response"

    def columns(self, top: Top) -> tuple[Column, ...]:
        """Read one column from each heading."""
        return tuple(
            asked(index, heading, _ROLES, *split_row(heading))
            for index, heading in enumerate(map(clean, top[0]))
        )


_DAY = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}\b.*")
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
_A_DAY, _A_NUMBER = "\x00day", "\x00number"  # no answer is one of these
_FEWEST_ROWS: Final = 3
_RECURRING: Final = 2  # columns in which the first row says what another one says, too


class TableWithoutHeadings(SurveyTool):
    """A table that begins with a response; a mapping names its columns by letter."""

    name = "headless"
    between = ";"

    def recognise(self, top: Top) -> str:
        """Look for days and answers in the first row, and for nothing in it that is a heading."""
        if len(top) < _FEWEST_ROWS:
            return ""
        days = recurring = 0
        for index in range(len(top[0])):
            first, *below = [_kind(cell(top, row, index)) for row in range(len(top))]
            there = [kind for kind in below if kind]
            if (
                first not in {"", _A_DAY, _A_NUMBER}
                and there
                and set(there) <= {_A_DAY, _A_NUMBER}
            ):
                return ""  # a word above nothing but numbers
            days += first == _A_DAY and bool(there) and set(there) == {_A_DAY}
            recurring += first not in {"", _A_DAY, _A_NUMBER} and first in below
        if not days and recurring < _RECURRING:
            return ""
        return "a table without headings: its first row is a response; name columns by letter"

    def heading_rows(self, top: Top) -> int:  # noqa: ARG002  # there is none, whatever the file
        """Count none."""
        return 0

    def columns(self, top: Top) -> tuple[Column, ...]:
        """Make a column for each cell of the widest row."""
        width = max((len(cells) for cells in top), default=0)
        return tuple(Column(index=index, heading="") for index in range(width))


def _kind(text: str) -> str:
    """Tell a day from a number; another answer is its own kind, and a blank one none."""
    written = ascii_digits(text)
    if _DAY.fullmatch(written):
        return _A_DAY
    return _A_NUMBER if _NUMBER.fullmatch(written) else key(text)


MOST_SKILLS: Final = 5_000
_NEEDED: Final = "the columns “person”, “skill” and “level”"
_PERSON: Final = frozenset(
    {
        "person", "user", "username", "user name", "name", "account", "benutzer", "benutzername",
        "benutzerkonto", "usuario", "nombre de usuario", "utilisateur", "nom d'utilisateur",
        "nom d’utilisateur", "participant", "respondent", "المستخدم", "اسم المستخدم",
    }
)  # fmt: skip
_SKILL: Final = frozenset(
    {
        "skill", "competence", "competency", "ability", "fähigkeit", "kompetenz", "habilidad",
        "competencia", "compétence", "المهارة", "مهارة",
    }
)  # fmt: skip
_LEVEL: Final = frozenset(
    {
        "level", "answer", "rating", "score", "self-assessment", "stufe", "antwort", "niveau",
        "nivel", "respuesta", "réponse", "المستوى", "مستوى",
    }
)  # fmt: skip
_LONG_ROLES: Final = {
    "date": Role.SUBMITTED, "datum": Role.SUBMITTED, "fecha": Role.SUBMITTED,
    "التاريخ": Role.SUBMITTED, "timestamp": Role.SUBMITTED, "day": Role.SUBMITTED,
    "id": Role.RESPONSE_ID, "language": Role.LANGUAGE,
}  # fmt: skip
_TABLE: Final = """
CREATE TABLE answer (
    row INTEGER PRIMARY KEY, person TEXT, wave TEXT, moment TEXT, consent TEXT, skill INTEGER,
    cells TEXT, fault TEXT
)"""
_BY_PERSON: Final = "CREATE INDEX by_person ON answer (person, wave)"
# A row with a fault goes with the newest of the other answers of its person.
_NEWEST: Final = """
CREATE TABLE newest AS SELECT person, wave, consent FROM (
    SELECT person, wave, consent, row_number() OVER (
        PARTITION BY person, wave ORDER BY moment DESC, row DESC
    ) AS turn FROM answer WHERE fault = ''
) WHERE turn = 1"""
_BY_NEWEST: Final = "CREATE INDEX newest_person ON newest (person, wave)"
_WITH_OTHERS: Final = """
UPDATE answer SET consent = coalesce((
    SELECT newest.consent FROM newest
    WHERE newest.person = answer.person AND newest.wave = answer.wave
), consent) WHERE fault != ''"""
# Of two answers of a person about one skill in one wave, the newer one is in the first response,
# the older in one of its own; so are answers without the consent of others. Each response is
# numbered by its first row.
_SPREAD: Final = """
WITH numbered AS (
    SELECT *, row_number() OVER (
        PARTITION BY person, wave, consent, skill ORDER BY moment DESC, row DESC
    ) AS turn FROM answer
)
SELECT min(row) OVER (PARTITION BY person, wave, consent, turn) AS number, row, skill, cells, fault
FROM numbered ORDER BY number, moment, row"""


class LongTable(SurveyTool):
    """A table with one row for each answer."""

    name = "long"

    def recognise(self, top: Top) -> str:
        """Look for columns of persons, skills and levels."""
        person, skill, level = _places(top)
        if -1 in (person, skill, level):
            return ""
        names = ", ".join(clean(top[0][index]) for index in (person, skill, level))
        return f"a long table: a row for each answer, with the columns {names}"

    def columns(self, top: Top) -> tuple[Column, ...]:
        """Read the file's own columns; those of skills and levels are spread by `columns_of`."""
        person, skill, level = _places(top)
        return tuple(
            Column(index=index, heading=heading, text=heading, role=Role.OWN)
            if index in (skill, level)
            else Column(index=index, heading=heading, text=heading)
            if index == person
            else asked(index, heading, _LONG_ROLES, heading, "")
            for index, heading in enumerate(map(clean, top[0]))
        )

    def columns_of(self, file: SurveyFile) -> tuple[Column, ...]:
        """Add a column for each skill of the file.

        Raises `SurveyError` if a column for person, skill or level is missing, or if there are
        more than 5,000 skills.
        """
        top = [cells for _, cells in file.top]
        own = self.columns(top)
        person, skill, level = _places(top)
        if -1 in (person, skill, level):
            raise SurveyError(
                file.name,
                [
                    Fault(
                        what=f"a long table needs {_NEEDED}",
                        hint="head them as they are named here",
                    )
                ],
            )
        skills: dict[str, str] = {}
        for row in super().rows(file, own):
            name = clean(row.cells[skill])
            if name not in ("", MISSING) and row.fault is None:
                skills.setdefault(key(name), name)
            if len(skills) > MOST_SKILLS:
                raise SurveyError(
                    file.name,
                    [
                        Fault(
                            what=f"this column holds more than {MOST_SKILLS:,} different skills",
                            hint="look which column holds the skills; head it “skill”",
                            row=row.number,
                            column=str(own[skill]),
                        )
                    ],
                )
        about = own[level].heading
        return own + tuple(
            Column(
                index=len(own) + number,
                heading=f"{about} [{name}]",
                text=about,
                row_text=name,
                stands_in=level,
            )
            for number, name in enumerate(skills.values())
        )

    def rows(
        self, file: SurveyFile, columns: Sequence[Column], when: When | None = None
    ) -> Iterator[Row]:
        """Read one row for each person and wave; without `when`, for each person and date."""
        own = [column for column in columns if column.stands_in is None]
        with closing(sqlite3.connect("", isolation_level=None)) as database:
            for text in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", _TABLE):
                database.execute(text)
            answers = self._answers(super().rows(file, own), columns, when or _by_day(own))
            database.execute("BEGIN")
            database.executemany("INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?, ?, ?)", answers)
            for text in (_BY_PERSON, _NEWEST, _BY_NEWEST, _WITH_OTHERS):
                database.execute(text)
            found = database.execute(_SPREAD)
            level = next((c.stands_in for c in columns if c.stands_in is not None), 0)
            for number, members in groupby(found, key=lambda answer: int(answer[0])):
                yield _spread(number, list(members), len(own), len(columns), level)

    def _answers(
        self, rows: Iterable[Row], columns: Sequence[Column], when: When
    ) -> Iterator[tuple[object, ...]]:
        person, skill, _ = _places([[column.heading for column in columns]])
        spread = {key(column.row_text): column.index for column in columns if column.row_text}
        for row in rows:
            number, cells = row.number, row.cells
            about = spread.get(key(cells[skill]))
            fault = row.fault
            if fault is None and about is None:
                what = "this row does not say which skill it is about"
                hint = "add the name of the skill to this cell, or delete the row"
                if cells[skill] == MISSING:
                    what = STILL_MISSING
                    hint = "copy the cells of the row of the survey that “wbskills: row” names"
                fault = Fault(what=what, hint=hint, row=number, column=str(columns[skill]))
            wave, moment, consent = when(cells)
            told = ""
            if fault is not None:
                told = json.dumps([fault.what, fault.hint, fault.column])
            # Who cannot be trusted to be the person of this row stays alone.
            known = fault is None or (not row.surplus and person < len(cells) - row.missing)
            known = known and MISSING not in cells
            name = _name(cells[person], number) if known and wave else f"\0{number}"
            there = json.dumps([cells, list(row.surplus), row.missing, row.slipped])
            yield number, name, wave, moment, consent, about or 0, there, told


def _places(top: Top) -> tuple[int, int, int]:
    """Find the columns of persons, skills and levels; -1 where there is none."""
    words = [key(heading) for heading in top[0]]

    def place(known: frozenset[str]) -> int:
        return next((index for index, word in enumerate(words) if word in known), -1)

    return place(_PERSON), place(_SKILL), place(_LEVEL)


def _by_day(own: Sequence[Column]) -> When:
    day = next((column.index for column in own if column.role is Role.SUBMITTED), None)
    return lambda cells: (clean(cells[day]) if day is not None else "?", "", "")


def _name(cell: str, number: int) -> str:
    """Name a person, two spellings of one account alike; rows without a name stay apart."""
    if not clean(cell):
        return f"\0{number}"
    try:
        return username(clean(cell))
    except InvalidValue:
        return key(cell)


def _spread(
    number: int, members: list[tuple[int, int, int, str, str]], own: int, width: int, level: int
) -> Row:
    """Make one row of the answers of a person; what is not about a skill is that of the newest.

    One answer with a fault holds back the others: they count together.
    """
    read = [json.loads(told) for _, _, _, told, _ in members]
    cells = [*read[-1][0], *[""] * (width - own)]
    origins = [members[-1][1]] * width
    fault, surplus, missing = None, [], 0
    for (_, row, skill, _, told), (there, more, less, _) in zip(members, read, strict=True):
        if told and fault is None:
            what, hint, column = json.loads(told)
            fault = Fault(what=what, hint=hint, row=row, column=column)
            # What is missing is missing before the columns that were added.
            surplus, missing = more, less + width - own if less else 0
        elif skill:
            cells[skill] = there[level]
            origins[skill] = row
    sources = [
        SourceRow(row, there, slipped)
        for (_, row, _, _, _), (there, _, _, slipped) in zip(members, read, strict=True)
    ]
    if fault is None or len(members) > 1:
        surplus, missing = [], 0
    slipped = any(source.slipped for source in sources)
    return Row(number, cells, fault, origins, surplus, missing, sources, slipped=slipped)
