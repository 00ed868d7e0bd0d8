"""Nextcloud Forms: titles, in some versions a row of ids below them; grids as `Question (Row)`.

A grid or ranking without answers takes one cell instead of one for each of its rows, and all
answers after it move to the left; so does a single row of a grid of numbers, `Question (Row -
Column)`. If that may have happened, the row is refused: cells that moved can be valid answers to
other questions.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from wbskills.errors import Fault
from wbskills.surveys.files.cell_text import clean, counted, key
from wbskills.surveys.files.columns import Role, SurveyColumn
from wbskills.surveys.files.rows import Row, SurveyFile
from wbskills.surveys.tools.one_column_per_answer import find_scales
from wbskills.surveys.tools.tool import SurveyTool, Top, When, cell, column_of

_IDS: Final = {
    "submission_id": Role.RESPONSE_ID,
    "user_id": Role.NAME,
    "user_display_name": Role.NAME,
    "timestamp": Role.SUBMITTED,
}
_QUESTION_ID = re.compile(r"question-id-(\d+)((?:-\d+)*)")
_TITLES: Final = {
    Role.RESPONSE_ID: ("submission id",),
    Role.NAME: (
        "user id", "user display name", "benutzer-id", "anzeigename", "anzeigename des benutzers",
        "anzeigename des nutzers", "id utilisateur", "identifiant utilisateur",
        "nom d'affichage de l'utilisateur", "id de usuario", "nombre para mostrar del usuario",
        "nombre a mostrar del usuario", "nombre de usuario", "رمز المستخدم", "اسم العرض للمستخدم",
        "id utente", "nome visualizzato dell'utente", "gebruiker-id", "weergavenaam gebruiker",
        "id użytkownika", "wyświetlana nazwa użytkownika", "id do usuário",
        "nome de exibição do usuário", "id de l'usuari", "nom de visualització de l'usuari",
        "identif. uživatele", "zobrazované jméno uživatele", "id пользователя",
        "отображаемое имя пользователя", "id користувача", "ім'я", "användar-id",
        "användarens visningsnamn", "kullanıcı kimliği", "görüntülenecek kullanıcı adı",
        "felhasználóazonosító", "felhasználó megjelenítendő neve", "ユーザーid", "ユーザー表示名",
        "用户id", "用户展示名", "使用者 id", "使用顯示名稱", "유저 id", "사용자 표시 이름",
        "זיהוי משתמש", "شناسه کاربر", "نام نمایشی کاربر", "käyttäjätunniste",
        "käyttäjän näyttönimi", "bruger id", "vist navn for bruger", "bruker-id",
        "brukers visningsnavn", "ταυτότητα χρήστη", "εμφανιζόμενο όνομα χρήστη",
    ),
    Role.SUBMITTED: (
        "timestamp", "zeitstempel", "horodatage", "marca de tiempo", "الطابع الزمني",
        "marca temporale", "tijdstempel", "znacznik czasu", "marca temporal", "marca de temps",
        "časové razítko", "метка времени", "мітка часу", "tidsstämpel", "zaman damgası",
        "időbélyeg", "タイムスタンプ", "时间戳", "時間戳", "타임스탬프", "زمان", "aikaleima",
        "tidsstempel", "χρονοσφραγίδα",
    ),
}  # fmt: skip
_ROLES: Final = {word: role for role, words in _TITLES.items() for word in words}
# In a text file, an apostrophe prevents spreadsheets from calculating what follows.
_ESCAPED = re.compile(r"\A'(?=[=+\-@\t\r])")
_ROW = re.compile(r"(.*\S)\s+\(([^()]*(?:\([^()]*\)[^()]*)*)\)", re.DOTALL)


class NextcloudForms(SurveyTool):
    """The files of Nextcloud Forms: CSV, XLSX and ODS."""

    name = "nextcloud"
    between = ";"

    def recognise(self, top: Top) -> str:
        """Look for the row of ids, or for the first columns of older versions."""
        if self.heading_rows(top) == 2:
            return "Nextcloud Forms: 2 heading rows, the second holds submission_id or question-id"
        roles = [_ROLES.get(key(text)) for text in top[0][:4]]
        if Role.NAME in roles and Role.SUBMITTED in roles:
            rows = counted(1, "heading row")
            return f"Nextcloud Forms: {rows}, with the columns {', '.join(top[0][:3])}"
        return ""

    def heading_rows(self, top: Top) -> int:
        """Return 2 if there is a row of ids, which older versions do not write."""
        ids = [cell(top, 1, index) for index in range(len(top[0]))]
        return 2 if any(code in _IDS or _QUESTION_ID.fullmatch(code) for code in ids) else 1

    def columns(self, top: Top) -> tuple[SurveyColumn, ...]:
        """Return a column for each title; ids, else titles, show roles and grids."""
        ids = self.heading_rows(top) == 2
        return tuple(
            _column(index, clean(title), cell(top, 1, index) if ids else "")
            for index, title in enumerate(top[0])
        )

    def rows(
        self, file: SurveyFile, columns: Sequence[SurveyColumn], when: When | None = None
    ) -> Iterator[Row]:
        """Read the rows, and refuse those in which answers may have moved."""
        grids = _grids(columns)
        for found in super().rows(file, columns, when):
            row = _unescaped(found) if file.encoding else found
            moved = None if row.fault else _moved(row, grids, columns)
            if moved is None:
                yield row
            else:
                # After the grid, no cell is in its column, not even the consent.
                fault, first, far = moved
                yield row._replace(fault=fault, moved=(first, far))


def _unescaped(row: Row) -> Row:
    """Remove the apostrophes that Nextcloud writes before what looks like a formula."""
    if not any(cell.startswith("'") for cell in row.cells):
        return row
    return row._replace(cells=[_ESCAPED.sub("", cell) for cell in row.cells])


def _column(index: int, title: str, id_: str) -> SurveyColumn:
    found = _QUESTION_ID.fullmatch(id_)
    row = _ROW.fullmatch(title)
    has_row = bool(row and (found[2] if found else not id_))
    text, row_text = (row[1], row[2]) if row and has_row else (title, "")
    if id_ in _IDS:
        return SurveyColumn(index=index, heading=title, text=title, role=_IDS[id_], sure=True)
    roles = {} if id_ or index > 3 else _ROLES
    column = column_of(index, title, roles, text, row_text)
    if found is None or not found[2]:
        return column
    return SurveyColumn(
        index=index,
        heading=title,
        question=found[1],
        row_code=found[2].lstrip("-"),
        text=text,
        row_text=row_text,
        role=column.role,
        sure=column.sure,
    )


def _grids(columns: Sequence[SurveyColumn]) -> list[tuple[int, int]]:
    """Find grids that may take one cell instead of several: first column and number of columns."""
    found = []
    for name, group in groupby(columns, lambda one: (one.question, one.text, bool(one.row_text))):
        members = list(group)
        if name[2] and len(members) > 1:
            found.append((members[0].index, len(members)))
            found += [(scale.columns[0], len(scale.columns)) for scale in find_scales(members)]
    return found


def _moved(
    row: Row, grids: list[tuple[int, int]], columns: Sequence[SurveyColumn]
) -> tuple[Fault, int, int] | None:
    """Return the fault if answers after a grid may have moved into it: from where, and how far.

    That is so if its first cell is empty, something follows, and the row ends in as many empty
    cells as the move leaves there.
    """
    filled = [index for index, text in enumerate(row.cells) if text.strip()]
    last = filled[-1] if filled else 0
    for first, count in grids:
        empty_at_end = len(columns) - 1 - last
        if not row.cells[first].strip() and last > first and empty_at_end >= count - 1:
            fault = Fault(
                what="this grid has no answers, and what follows may have moved to the left",
                hint=f"compare it with the survey: move its cells {count - 1} to the right from"
                f" column {columns[first + 1].letter} on, or fill in the first row of the grid",
                row=row.number,
                column=str(columns[first]),
            )
            return fault, first, count - 1
    return None
