"""The content of an OpenDocument spreadsheet, gone through before anything holds a whole sheet."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple
from xml.parsers import expat  # refuses nothing by itself: `Content` takes no DOCTYPE

from wbskills.surveys.files.cell_text import MERGED
from wbskills.surveys.files.zip_archive import MOST_CELLS, MOST_TEXT, Packed

NOT_CALCULATED: Final = "#NOT CALCULATED"
_MOST_MARKS: Final = 1_000_000
_LONGEST_ERROR: Final = 20
_LONGEST_MARK: Final = 100  # bytes
_MARKED = re.compile(rb"number-rows-spanned=[\"'](?:[2-9]|\d{2})|value-type=[\"']error|:formula=")
_TOLD: Final = "!"
_SHOWN: Final = "?"
_ERROR_SHOWN = re.compile(r"#[A-ZÀ-Þ0-9/_]+[!?]?|Err:\d+")


class Mark(NamedTuple):
    """Cells that hold no value of their own, from 0 and the last one included, and why."""

    top: int
    left: int
    bottom: int
    right: int
    why: str


def marks_of(packed: Packed, sheet: str) -> list[Mark]:
    """Find the cells of an OpenDocument sheet that hold no value of their own.

    They are merged with one above them, or hold an error or an empty formula, and are read as
    empty or even as 0.
    """
    if "content.xml" not in packed.names:
        return []
    before = b""
    for piece in packed.pieces("content.xml"):
        if _MARKED.search(before + piece):
            break
        before = piece[-_LONGEST_MARK:]
    else:
        return []
    content = Content(packed)
    content.check()
    return content.marks.get(sheet, [])


class Content:
    """The content of an OpenDocument spreadsheet, gone through tag by tag."""

    def __init__(self, packed: Packed) -> None:
        self.packed = packed
        self.rows = self.columns = 0  # up to the last cell with a text
        self.cell = self.wide = 0  # in this row
        self.text = self.row_text = self.text_all = 0  # characters of this cell, row and sheet
        self.passed = 0  # rows of this sheet, empty ones included
        self.repeat = self.row_repeat = 1
        self.sheet = ""
        self.error = ""  # whether this cell may be wrong, and what it shows
        self.marks: dict[str, list[Mark]] = {}

    def check(self) -> None:
        """Go through the content. Raises `SurveyError` if a sheet is too large."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.StartDoctypeDeclHandler = self._doctype
        try:
            for piece in self.packed.pieces("content.xml"):
                parser.Parse(piece, False)  # noqa: FBT003  # expat takes it by position
            parser.Parse(b"", True)  # noqa: FBT003  # as above
        except expat.ExpatError as error:
            raise self.packed.damaged("its content is damaged") from error

    def _doctype(self, *_: object) -> None:
        raise self.packed.refused(
            "this workbook defines entities of its own, as no survey does",
            "look where it comes from; open it in a spreadsheet program and save it as CSV",
        )

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag.rpartition(" ")[2]:
            case "table":
                self.rows = self.columns = self.passed = self.text_all = 0
                named = [text for name, text in attributes.items() if name.endswith(" name")]
                self.sheet = named[0] if named else ""
            case "table-row":
                self.row_repeat = self._times(attributes, "number-rows-repeated")
                self.cell = self.wide = self.row_text = 0
            case "table-cell" | "covered-table-cell":
                self.repeat = self._times(attributes, "number-columns-repeated")
                self.text = int(any(name.endswith(" value-type") for name in attributes))
                self.text += sum(len(v) for n, v in attributes.items() if n.endswith("-value"))
                self._notice(attributes)
            case "s":
                self.text += self._times(attributes, "c")

    def _notice(self, attributes: dict[str, str]) -> None:
        """Look whether a cell has a value of its own, and gives none to those below it."""
        kinds = [text for name, text in attributes.items() if name.endswith(" value-type")]
        is_formula = any(name.endswith(" formula") for name in attributes)
        texts = [text for name, text in attributes.items() if name.endswith(" string-value")]
        # Without the word “error”, what is shown tells it: the value is 0 or nothing.
        hollow = is_formula and ("float" in kinds or not any(texts))
        self.error = _TOLD if "error" in kinds else _SHOWN if hollow else ""
        if is_formula and not kinds:
            self._mark(self.passed, self.passed + self.row_repeat, self.repeat, NOT_CALCULATED)
        rows = self._times(attributes, "number-rows-spanned")
        if rows > 1:
            columns = self._times(attributes, "number-columns-spanned")
            self._mark(self.passed + 1, self.passed + rows, columns, MERGED)

    def _look(self) -> None:
        """Look at what a cell shows that may hold an error."""
        told, shown = self.error[0], self.error[1:]
        self.error = ""
        if told == _TOLD or _ERROR_SHOWN.fullmatch(shown):
            why = f"#{shown.lstrip('#') or 'ERROR'}"
            self._mark(self.passed, self.passed + self.row_repeat, self.repeat, why)

    def _mark(self, top: int, end: int, columns: int, why: str) -> None:
        found = self.marks.setdefault(self.sheet, [])
        if len(found) >= _MOST_MARKS:
            raise self.packed.damaged("there are too many errors and merged cells in it")
        found.append(Mark(top, self.cell, end - 1, self.cell + columns - 1, why))

    def _end(self, tag: str) -> None:
        match tag.rpartition(" ")[2]:
            case "table-cell" | "covered-table-cell":
                if self.error:
                    self._look()
                self.cell += self.repeat
                if self.text:
                    self.wide = self.cell
                    self.row_text += self.text * self.repeat
                    self._measure()
            case "table-row":
                self.passed += self.row_repeat
                if self.wide:
                    self.rows, self.columns = self.passed, max(self.columns, self.wide)
                    self.text_all += self.row_text * self.row_repeat
                    self._measure()

    def _data(self, text: str) -> None:
        self.text += len(text)
        if self.error:
            self.error = (self.error + text)[:_LONGEST_ERROR]

    def _measure(self) -> None:
        if self.rows * self.columns > MOST_CELLS or self.wide > MOST_CELLS:
            raise self.packed.too_large(self.rows, max(self.columns, self.wide))
        if max(self.text_all, self.row_text) > MOST_TEXT:
            raise self.packed.too_long(max(self.text_all, self.row_text))

    def _times(self, attributes: Mapping[str, str], name: str) -> int:
        texts = [text for full, text in attributes.items() if full.rpartition(" ")[2] == name]
        try:
            return max(int(texts[0]), 1) if texts else 1
        except ValueError as error:
            raise self.packed.damaged(f"“{texts[0][:20]}” is no number of cells") from error
