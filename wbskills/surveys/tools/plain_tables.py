"""Tables that no survey tool wrote: plain ones, ones without headings, and long ones."""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import groupby
from typing import Final, NamedTuple

from wbskills.errors import Fault, InvalidValue, SurveyError
from wbskills.names import username
from wbskills.surveys.files.cell_text import MISSING, STILL_MISSING, ascii_digits, clean, key
from wbskills.surveys.files.columns import Role, SurveyColumn
from wbskills.surveys.files.rows import Row, SourceRow, SurveyFile
from wbskills.surveys.tools.tool import SurveyTool, Top, When, cell, column_of, split_row

_DATES: Final = dict.fromkeys(
    ("timestamp", "date", "day", "datum", "fecha", "التاريخ"), Role.SUBMITTED
)
_ROLES: Final = _DATES | {
    **dict.fromkeys(
        (
            "zeitstempel", "horodateur", "marca temporal", "submitted at", "date submitted",
            "submission date", "submitted",
        ),
        Role.SUBMITTED,
    ),
    "id": Role.RESPONSE_ID, "response id": Role.RESPONSE_ID, "language": Role.LANGUAGE,
    "token": Role.TOKEN,
}  # fmt: skip


class PlainTable(SurveyTool):
    """A table with one heading row and one row for each response; every heading is a question."""

    name = "plain"
    between = ";"

    def recognise(self, top: Top) -> str:  # noqa: ARG002  # it recognises every file
        """Return that no survey tool was recognised."""
        return "no survey tool is recognised: a plain table, a row per response"

    def columns(self, top: Top) -> tuple[SurveyColumn, ...]:
        """Return one column for each heading."""
        return tuple(
            column_of(index, heading, _ROLES, *split_row(heading))
            for index, heading in enumerate(map(clean, top[0]))
        )


class TwoHeadingRows(SurveyTool):
    """A table with questions in its first row and, below each, the rows of the question.

    In a workbook, the cell of the question is often merged over those of its rows; in CSV, blank
    cells follow it.
    """

    name = "two-rows"
    between = ";"

    def recognise(self, top: Top) -> str:
        """Look for blank cells behind a question, with texts below that are no answers."""
        if len(top) <= _FEWEST_ROWS or sum(map(bool, map(clean, top[0]))) < 2:
            return ""  # one text alone is a title
        below = [index for index, _, row in _headings(top) if row and not cell(top, 0, index)]
        texts = [key(cell(top, 1, index)) for index in below]
        answers = {key(text) for row in top[2:] for text in row}
        if len(below) < 2 or not answers.isdisjoint(texts) or _DAY in map(_kind, texts):
            return ""
        if _NUMBER in map(_kind, texts):
            return ""
        return "a table with two heading rows: questions, and what each of them asks about"

    def heading_rows(self, top: Top) -> int:  # noqa: ARG002  # whatever the file
        """Return 2."""
        return 2

    def columns(self, top: Top) -> tuple[SurveyColumn, ...]:
        """Return a column for each cell, with the question above it: `Question [row]`."""
        return tuple(
            column_of(index, f"{question} [{row}]" if row else question, _ROLES, question, row)
            for index, question, row in _headings(top)
        )


def _headings(top: Top) -> Iterator[tuple[int, str, str]]:
    """Yield the question and the row of each column; a question alone has no row."""
    question = ""
    width = max(len(top[0]), len(top[1]))
    for index in range(width):
        above, below = cell(top, 0, index), cell(top, 1, index)
        question = above or question
        is_alone = bool(above) and (index + 1 == width or bool(cell(top, 0, index + 1)))
        yield index, question, "" if is_alone and not below else below


_DAY_CELL = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}\b.*")
_NUMBER_CELL = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
_DAY, _NUMBER = "\x00day", "\x00number"  # no answer is one of these
_FEWEST_ROWS: Final = 3
_FEWEST_RECURRING: Final = 2  # columns in which the first row has the same answer as another one


class TableWithoutHeadings(SurveyTool):
    """A table whose first row is a response; a mapping names its columns by letter."""

    name = "headless"
    between = ";"

    def recognise(self, top: Top) -> str:
        """Look for days and answers in the first row, and for nothing that is a heading."""
        if len(top) < _FEWEST_ROWS:
            return ""
        days = recurring = 0
        for index in range(len(top[0])):
            first, *below = [_kind(cell(top, row, index)) for row in range(len(top))]
            kinds = set(below) - {""}
            is_text = first not in {"", _DAY, _NUMBER}
            if is_text and kinds and kinds <= {_DAY, _NUMBER}:
                return ""  # a word above nothing but numbers
            days += first == _DAY and kinds == {_DAY}
            recurring += is_text and first in below
        if not days and recurring < _FEWEST_RECURRING:
            return ""
        return "a table without headings: its first row is a response; name columns by letter"

    def heading_rows(self, top: Top) -> int:  # noqa: ARG002  # there is none, whatever the file
        """Return 0."""
        return 0

    def columns(self, top: Top) -> tuple[SurveyColumn, ...]:
        """Return a column for each cell of the widest row."""
        width = max((len(cells) for cells in top), default=0)
        return tuple(SurveyColumn(index=index, heading="") for index in range(width))


def _kind(text: str) -> str:
    """Return whether a cell is a day or a number; any other answer is its own kind."""
    written = ascii_digits(text)
    if _DAY_CELL.fullmatch(written):
        return _DAY
    return _NUMBER if _NUMBER_CELL.fullmatch(written) else key(text)


MOST_SKILLS: Final = 5_000
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
_LONG_ROLES: Final = _DATES | {"id": Role.RESPONSE_ID, "language": Role.LANGUAGE}
_TABLE: Final = """
CREATE TABLE answer (
    row INTEGER PRIMARY KEY, person TEXT, wave TEXT, moment TEXT, consent TEXT, skill INTEGER,
    cells TEXT, fault TEXT
)"""
_BY_PERSON: Final = "CREATE INDEX by_person ON answer (person, wave)"
# A row with a fault is in one response with the latest of the other answers of its person.
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
# and the older one in a response of its own; so are answers without the consent of the others.
# Each response has the number of its first row.
_RESPONSES: Final = """
WITH numbered AS (
    SELECT *, row_number() OVER (
        PARTITION BY person, wave, consent, skill ORDER BY moment DESC, row DESC
    ) AS turn FROM answer
)
SELECT min(row) OVER (PARTITION BY person, wave, consent, turn) AS number, row, skill, cells, fault
FROM numbered ORDER BY number, moment, row"""


class _Answer(NamedTuple):
    """One row of a long table: the response that it belongs to, and what it holds."""

    response: int
    row: int
    skill: int  # index of the column that is added for it
    cells: list[str]
    surplus: list[str]
    missing: int
    slipped: bool
    fault: Fault | None


class LongTable(SurveyTool):
    """A table with one row for each answer: person, skill, level, and perhaps a date.

    It is read as one row for each person and wave, with a column for each skill. Like
    `responses.deduplicate`, this uses sqlite3 as a list that spills to the disk: in a nameless
    temporary file that is gone when it is closed.
    """

    name = "long"

    def recognise(self, top: Top) -> str:
        """Look for columns of persons, skills and levels."""
        places = _places(top[0])
        if -1 in places:
            return ""
        names = ", ".join(clean(top[0][index]) for index in places)
        return f"a long table: a row for each answer, with the columns {names}"

    def columns(self, top: Top) -> tuple[SurveyColumn, ...]:
        """Return the file's own columns; `columns_of` adds those of the skills."""
        person, skill, level = _places(top[0])
        return tuple(
            SurveyColumn(index=index, heading=heading, text=heading, role=Role.OWN)
            if index in (skill, level)
            else SurveyColumn(index=index, heading=heading, text=heading)
            if index == person
            else column_of(index, heading, _LONG_ROLES, heading)
            for index, heading in enumerate(map(clean, top[0]))
        )

    def columns_of(self, file: SurveyFile) -> tuple[SurveyColumn, ...]:
        """Return the file's own columns and one for each of its skills.

        Raises `SurveyError` if a column for person, skill or level is missing, or if there are
        more than 5,000 skills.
        """
        own = self.columns(file.top_cells)
        places = _places(file.top_cells[0])
        if -1 in places:
            raise SurveyError.of(
                file.name,
                "a long table needs the columns “person”, “skill” and “level”",
                "use these words as their headings",
            )
        _, skill, level = places
        skills: dict[str, str] = {}
        for row in super().rows(file, own):
            name = clean(row.cells[skill])
            if name not in ("", MISSING) and row.fault is None:
                skills.setdefault(key(name), name)
            if len(skills) > MOST_SKILLS:
                raise SurveyError.of(
                    file.name,
                    f"this column has more than {MOST_SKILLS:,} different skills",
                    "check which column has the skills; its heading should be “skill”",
                    row=row.number,
                    column=str(own[skill]),
                )
        about = own[level].heading
        return own + tuple(
            SurveyColumn(
                index=len(own) + number,
                heading=f"{about} [{name}]",
                text=about,
                row_text=name,
                source_index=level,
            )
            for number, name in enumerate(skills.values())
        )

    def rows(
        self, file: SurveyFile, columns: Sequence[SurveyColumn], when: When | None = None
    ) -> Iterator[Row]:
        """Read one row for each person and wave; without `when`, for each person and date."""
        own = [column for column in columns if column.source_index is None]
        with closing(sqlite3.connect("", isolation_level=None)) as database:
            for text in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", _TABLE):
                database.execute(text)
            answers = _answers(super().rows(file, own), columns, when or _by_date(own))
            database.execute("BEGIN")
            database.executemany("INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?, ?, ?)", answers)
            for text in (_BY_PERSON, _NEWEST, _BY_NEWEST, _WITH_OTHERS):
                database.execute(text)
            level = next((c.source_index for c in columns if c.source_index is not None), 0)
            found = map(_loaded, database.execute(_RESPONSES))
            for _, members in groupby(found, key=lambda answer: answer.response):
                yield _response(list(members), len(own), len(columns), level)


def _places(headings: Sequence[str]) -> tuple[int, int, int]:
    """Find the columns of persons, skills and levels; -1 where there is none."""
    words = [key(heading) for heading in headings]

    def place(known: frozenset[str]) -> int:
        return next((index for index, word in enumerate(words) if word in known), -1)

    return place(_PERSON), place(_SKILL), place(_LEVEL)


def _by_date(own: Sequence[SurveyColumn]) -> When:
    day = next((column.index for column in own if column.role is Role.SUBMITTED), None)
    return lambda cells: (clean(cells[day]) if day is not None else "?", "", "")


def _answers(
    rows: Iterable[Row], columns: Sequence[SurveyColumn], when: When
) -> Iterator[tuple[object, ...]]:
    """Prepare rows for the table `answer`; `_loaded` reads them back."""
    person, skill, _ = _places([column.heading for column in columns])
    skill_columns = {key(column.row_text): column.index for column in columns if column.row_text}
    for row in rows:
        number, cells = row.number, row.cells
        about = skill_columns.get(key(cells[skill]))
        fault = row.fault
        if fault is None and about is None:
            what = "this row does not say which skill it is about"
            hint = "add the name of the skill to this cell, or delete the row"
            if cells[skill] == MISSING:
                what = STILL_MISSING
                hint = "copy the cells of the row of the survey that “wbskills: row” names"
            fault = Fault(what=what, hint=hint, row=number, column=str(columns[skill]))
        wave, moment, consent = when(cells)
        # A row whose person is not certain stays alone.
        is_certain = fault is None or (not row.surplus and person < len(cells) - row.missing)
        is_certain = is_certain and MISSING not in cells
        name = _name(cells[person], number) if is_certain and wave else f"\0{number}"
        content = json.dumps([cells, list(row.surplus), row.missing, row.slipped])
        reason = json.dumps([fault.what, fault.hint, fault.column]) if fault else ""
        yield number, name, wave, moment, consent, about or 0, content, reason


def _name(cell: str, number: int) -> str:
    """Return a name by which two spellings of one account are alike; rows without one differ."""
    if not clean(cell):
        return f"\0{number}"
    try:
        return username(clean(cell))
    except InvalidValue:
        return key(cell)


def _loaded(found: tuple[int, int, int, str, str]) -> _Answer:
    response, row, skill, content, reason = found
    fault = None
    if reason:
        what, hint, column = json.loads(reason)
        fault = Fault(what=what, hint=hint, row=row, column=column)
    cells, surplus, missing, slipped = json.loads(content)
    return _Answer(response, row, skill, cells, surplus, missing, slipped, fault)


def _response(answers: Sequence[_Answer], own: int, width: int, level: int) -> Row:
    """Make one row of the answers of a person; what is not about a skill is that of the latest.

    One answer with a fault holds back the others, as they count together.
    """
    latest = answers[-1]
    cells = [*latest.cells, *[""] * (width - own)]
    origins = [latest.row] * width
    faulty = next((answer for answer in answers if answer.fault), None)
    for answer in answers:
        if answer.skill and (answer is not faulty):
            cells[answer.skill] = answer.cells[level]
            origins[answer.skill] = answer.row
    surplus, missing = [], 0
    if faulty is not None and len(answers) == 1:
        # What is missing is missing before the columns that were added.
        surplus = faulty.surplus
        missing = faulty.missing + width - own if faulty.missing else 0
    return Row(
        latest.response,
        cells,
        faulty.fault if faulty else None,
        origins,
        surplus,
        missing,
        [SourceRow(answer.row, answer.cells, answer.slipped) for answer in answers],
        slipped=any(answer.slipped for answer in answers),
    )
