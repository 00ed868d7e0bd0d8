"""Checks of a workbook before a whole sheet is held in memory, and cells without a value.

What reads workbooks makes room for every cell from the first to the last one, so one stray cell in
the last corner of a sheet takes more memory than there is; and an OpenDocument cell may state that
it is repeated a billion times.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple
from xml.parsers import expat  # refuses nothing by itself: `OdsContent` takes no DOCTYPE

from wbskills.errors import SurveyError
from wbskills.surveys.files.cell_text import MERGED
from wbskills.surveys.files.zip_archive import MOST_CELLS, MOST_TEXT, SAVE, ZipArchive

NOT_CALCULATED: Final = "#NOT CALCULATED"
_LONGEST_TEXT: Final = 16_000_000

_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_XML: Final = (".xml", ".rels")
_SHARED = re.compile(r"xl/sharedStrings.xml", re.IGNORECASE)

# Searched in texts with one kind of blank and of quotation mark: literal beginnings are fast.
_PLAIN: Final = bytes.maketrans(b"\t\n\r\f\v'", b'     "')
# With nothing but plain attributes, so that it ends here for every program that reads it.
_EMPTY_CELL = re.compile(rb"<c(?:[ \t\r\n]+[\w:]+=\"[^\"'<>]*\")*[ \t\r\n]*/>")
_SPACED = re.compile(rb" r *= *")
_LETTERS = re.compile(rb' r="([A-Za-z]{1,7})\d{1,10}"')
_DIGITS = re.compile(rb' r="[A-Za-z]{1,7}(\d{1,10})"')
_ROW_NUMBER = re.compile(rb' r="(\d{1,10})"')
_ROW_TAG = re.compile(rb"<(?:\w+:)?row[ />]")
_SHARED_TAG = re.compile(rb"<(?:\w+:)?c\s[^<>]*\bt\s*=\s*[\"']s[\"']")
_SHARED_INDEX = re.compile(
    rb"<(?:\w+:)?c\s[^<>]*\bt\s*=\s*[\"']s[\"'][^<>]*>\s*<(?:\w+:)?v\s*>\s*(\d{1,9})\s*<"
)
_STRING_TAG = re.compile(rb"<(?:\w+:)?si[\s/>]")

# <c r="D6" s="1" t="e"><v>#N/A</v>: calamine reads such a cell as empty.
_ERROR_CELL = re.compile(
    rb"<c\b(?=[^>]*\bt=\"e\")[^>]*\br=\"([A-Z]{1,3})(\d{1,7})\"[^>]*>(?:<f\b[^<]*(?:</f>|/>))?"
    rb"<v>(#[^<]{1,20})</v>"
)
# A formula without a value: no program has calculated it yet, and this one does not.
_FORMULA_CELL = re.compile(
    rb"<c\b(?![^>]*\bt=\"(?:str|e)\")[^>]*\br=\"([A-Z]{1,3})(\d{1,7})\"[^>]*>"
    rb"<f\b(?:[^<>]*/>|[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>"
)

_MOST_MARKS: Final = 1_000_000
_LONGEST_ERROR: Final = 20
_LONGEST_TAG_START: Final = 100  # bytes
_MAY_BE_MARKED = re.compile(
    rb"number-rows-spanned=[\"'](?:[2-9]|\d{2})|value-type=[\"']error|:formula="
)
_CERTAIN: Final = "!"
_POSSIBLE: Final = "?"
_ERROR_TEXT = re.compile(r"#[A-ZÀ-Þ0-9/_]+[!?]?|Err:\d+")


class MarkedCells(NamedTuple):
    """Cells without a value of their own, counted from 0 and with the last one, and why."""

    top: int
    left: int
    bottom: int
    right: int
    why: str


def check(archive: ZipArchive) -> None:
    """Check that every sheet of a workbook, and all of its text, fits into memory.

    Raises `SurveyError` if a sheet spans more than 10 million cells from the first to the last,
    if its text comes to more than 500 MB, or if it defines entities of its own.
    """
    for name in archive.names:
        if name.endswith(_XML):
            _check_doctype(archive, name)
    if "content.xml" in archive.names:
        _OdsContent(archive).parse()
    text_lengths: list[int] | None = None  # they are needed once, if at all
    for name in archive.names:
        if name.startswith("xl/") and name.endswith(".xml"):
            extent = _Extent()
            for piece in _pieces(archive, name, b"<row"):
                extent.add(piece)
            rows, columns = extent.size
            if columns * rows > MOST_CELLS:
                raise archive.too_large(rows, columns)
            if extent.cells:
                text_lengths = _text_lengths(archive) if text_lengths is None else text_lengths
                _check_text(archive, name, extent.cells, text_lengths)


def cells_without_value(archive: ZipArchive, part: str) -> dict[int, list[tuple[int, str]]]:
    """Find the cells of an XLSX sheet with an error such as #N/A, or a formula without a value.

    They are read as empty, but an empty answer is one that was skipped, which is not the same.
    The result has the index of the column and the error of such cells, by row.
    """
    found: dict[int, list[tuple[int, str]]] = {}

    def add(letters: bytes, row: bytes, text: str) -> None:
        found.setdefault(int(row), []).append((_column_number(letters) - 1, text))

    for text in _pieces(archive, part, b"<c "):
        if b't="e"' in text:
            for match in _ERROR_CELL.finditer(text):
                add(match[1], match[2], match[3].decode(errors="replace"))
        if b"<f" in text:
            for match in _FORMULA_CELL.finditer(text):
                add(match[1], match[2], NOT_CALCULATED)
    return found


def marked_cells(archive: ZipArchive, sheet: str) -> list[MarkedCells]:
    """Find the cells of an OpenDocument sheet without a value of their own.

    They are merged with one above them, or have an error or a formula without a value, and
    are read as empty or even as 0.
    """
    if "content.xml" not in archive.names:
        return []
    before = b""
    for piece in archive.pieces("content.xml"):
        if _MAY_BE_MARKED.search(before + piece):
            break
        before = piece[-_LONGEST_TAG_START:]
    else:
        return []
    content = _OdsContent(archive)
    content.parse()
    return content.marks.get(sheet, [])


def _entities_refused(archive: ZipArchive) -> SurveyError:
    return archive.refused(
        "this workbook defines entities of its own, as no survey does",
        "check where it comes from; open it in a spreadsheet program and save it as CSV",
    )


def _check_doctype(archive: ZipArchive, name: str) -> None:
    before = b""
    for piece in archive.pieces(name):
        if _DOCTYPE.search(before + piece[:10]) or (b"<!" in piece and _DOCTYPE.search(piece)):
            raise _entities_refused(archive)
        before = piece[-10:]


@dataclass(slots=True)
class _Extent:
    """How far a sheet reaches. Cells and rows without a place follow the one before them."""

    rows: int = 0  # of cells that state their place
    columns: int = 0
    numbered_rows: int = 0  # of rows that state theirs
    other_rows: int = 0
    most_other_cells: int = 0  # cells in one row, where some do not state their place
    cells: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """The number of rows and columns, counted from the first."""
        if not self.most_other_cells:
            return self.rows, self.columns
        rows = max(self.rows, self.numbered_rows) + self.other_rows
        return rows, self.columns + self.most_other_cells

    def add(self, piece: bytes) -> None:
        """Add a piece of the sheet."""
        # Formats of whole rows and columns are cells without anything in them.
        text = _EMPTY_CELL.sub(b"", piece).translate(_PLAIN)
        if b" r " in text or b" r= " in text:
            text = _SPACED.sub(b" r=", text)  # legal, but nobody writes it without a reason
        # Sets, as a piece has thousands of cells in a few columns and rows.
        letters = _LETTERS.findall(text)
        self.columns = max(self.columns, max(map(_column_number, set(letters)), default=0))
        self.rows = max(self.rows, max(map(int, set(_DIGITS.findall(text))), default=0))
        numbers = set(_ROW_NUMBER.findall(text))
        self.numbered_rows = max(self.numbered_rows, max(map(int, numbers), default=0))
        self.other_rows += max(_count(b"row", text) - len(numbers), 0)
        cells = _count(b"c", text)
        self.cells += cells
        if cells > len(letters):
            per_row = (_count(b"c", row) for row in _ROW_TAG.split(text))
            self.most_other_cells = max(self.most_other_cells, *per_row)


def _count(tag: bytes, text: bytes) -> int:
    """Count the elements with a name, in any namespace."""
    count = sum(text.count(b"<" + tag + end) for end in (b" ", b">", b"/"))
    if b":" + tag in text:
        count += len(re.findall(rb"<\w+:" + tag + rb"[ />]", text))
    return count


def _check_text(archive: ZipArchive, name: str, cells: int, lengths: list[int]) -> None:
    """Check how long all texts of a sheet are, which many cells can share."""
    if cells * max(lengths, default=0) <= MOST_TEXT:
        return
    total = found = shared = 0
    for text in _pieces(archive, name, b"<c"):
        shared += len(_SHARED_TAG.findall(text))
        for index in _SHARED_INDEX.findall(text):
            found += 1
            total += lengths[int(index)] if int(index) < len(lengths) else 0
    if total > MOST_TEXT:
        raise archive.too_long(total)
    if found < shared:
        raise archive.damaged("a cell points to no text")


def _text_lengths(archive: ZipArchive) -> list[int]:
    """Measure the texts that cells share, in bytes, with their tags."""
    lengths: list[int] = []
    for name in filter(_SHARED.fullmatch, archive.names):
        for text in _pieces(archive, name, b"<si"):
            starts = [found.start() for found in _STRING_TAG.finditer(text)]
            if lengths:  # the last one continues
                lengths[-1] += starts[0] if starts else len(text)
            lengths.extend(end - start for start, end in pairwise([*starts, len(text)]))
    return lengths


def _pieces(archive: ZipArchive, name: str, tag: bytes) -> Iterator[bytes]:
    """Read a part in pieces that begin with a tag, so that none is cut in two."""
    rest = b""
    for piece in archive.pieces(name):
        text = rest + piece
        end = text.rfind(tag, 1)
        if end < 0:
            end = text.rfind(b"<")
        if end <= 0 and len(text) > _LONGEST_TEXT:
            raise archive.refused(
                f"a cell of this workbook has more than {_LONGEST_TEXT:,} characters", SAVE
            )
        if end > 0:
            yield text[:end]
        rest = text[max(end, 0) :]
    yield rest


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


class _OdsContent:
    """The content of an OpenDocument spreadsheet, parsed tag by tag.

    `marks` are the cells without a value of their own, by sheet.
    """

    def __init__(self, archive: ZipArchive) -> None:
        self.archive = archive
        self.marks: dict[str, list[MarkedCells]] = {}
        self._sheet = ""
        self._rows = self._columns = 0  # up to the last cell with a text
        self._cell = self._width = 0  # in this row
        self._text = self._row_text = self._sheet_text = 0  # characters
        self._rows_passed = 0  # of this sheet, empty ones included
        self._repeat = self._row_repeat = 1
        self._error = ""  # whether this cell may have an error, and the text it shows

    def parse(self) -> None:
        """Parse the content. Raises `SurveyError` if a sheet is too large."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.StartDoctypeDeclHandler = self._doctype
        try:
            for piece in self.archive.pieces("content.xml"):
                parser.Parse(piece, False)  # noqa: FBT003  # expat takes it by position
            parser.Parse(b"", True)  # noqa: FBT003  # as above
        except expat.ExpatError as error:
            raise self.archive.damaged("its content is damaged") from error

    def _doctype(self, *_: object) -> None:
        raise _entities_refused(self.archive)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag.rpartition(" ")[2]:
            case "table":
                self._rows = self._columns = self._rows_passed = self._sheet_text = 0
                self._sheet = next(
                    (text for name, text in attributes.items() if name.endswith(" name")), ""
                )
            case "table-row":
                self._row_repeat = self._number(attributes, "number-rows-repeated")
                self._cell = self._width = self._row_text = 0
            case "table-cell" | "covered-table-cell":
                self._repeat = self._number(attributes, "number-columns-repeated")
                self._text = int(any(name.endswith(" value-type") for name in attributes))
                self._text += sum(len(v) for n, v in attributes.items() if n.endswith("-value"))
                self._start_cell(attributes)
            case "s":
                self._text += self._number(attributes, "c")

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        """Mark a formula without a value, and the cells below that are merged with this one."""
        kinds = [text for name, text in attributes.items() if name.endswith(" value-type")]
        is_formula = any(name.endswith(" formula") for name in attributes)
        texts = [text for name, text in attributes.items() if name.endswith(" string-value")]
        # Without the type “error”, only the text shows it: the value is 0 or nothing.
        is_hollow = is_formula and ("float" in kinds or not any(texts))
        self._error = _CERTAIN if "error" in kinds else _POSSIBLE if is_hollow else ""
        if is_formula and not kinds:
            end = self._rows_passed + self._row_repeat
            self._mark(self._rows_passed, end, self._repeat, NOT_CALCULATED)
        rows = self._number(attributes, "number-rows-spanned")
        if rows > 1:
            columns = self._number(attributes, "number-columns-spanned")
            self._mark(self._rows_passed + 1, self._rows_passed + rows, columns, MERGED)

    def _mark_error(self) -> None:
        certainty, text = self._error[0], self._error[1:]
        self._error = ""
        if certainty == _CERTAIN or _ERROR_TEXT.fullmatch(text):
            end = self._rows_passed + self._row_repeat
            self._mark(self._rows_passed, end, self._repeat, f"#{text.lstrip('#') or 'ERROR'}")

    def _mark(self, top: int, end: int, columns: int, why: str) -> None:
        found = self.marks.setdefault(self._sheet, [])
        if len(found) >= _MOST_MARKS:
            raise self.archive.damaged("there are too many errors and merged cells in it")
        found.append(MarkedCells(top, self._cell, end - 1, self._cell + columns - 1, why))

    def _end(self, tag: str) -> None:
        match tag.rpartition(" ")[2]:
            case "table-cell" | "covered-table-cell":
                if self._error:
                    self._mark_error()
                self._cell += self._repeat
                if self._text:
                    self._width = self._cell
                    self._row_text += self._text * self._repeat
                    self._check_size()
            case "table-row":
                self._rows_passed += self._row_repeat
                if self._width:
                    self._rows = self._rows_passed
                    self._columns = max(self._columns, self._width)
                    self._sheet_text += self._row_text * self._row_repeat
                    self._check_size()

    def _data(self, text: str) -> None:
        self._text += len(text)
        if self._error:
            self._error = (self._error + text)[:_LONGEST_ERROR]

    def _check_size(self) -> None:
        if self._rows * self._columns > MOST_CELLS or self._width > MOST_CELLS:
            raise self.archive.too_large(self._rows, max(self._columns, self._width))
        if max(self._sheet_text, self._row_text) > MOST_TEXT:
            raise self.archive.too_long(max(self._sheet_text, self._row_text))

    def _number(self, attributes: Mapping[str, str], name: str) -> int:
        texts = [text for full, text in attributes.items() if full.rpartition(" ")[2] == name]
        try:
            return max(int(texts[0]), 1) if texts else 1
        except ValueError as error:
            raise self.archive.damaged(f"“{texts[0][:20]}” is not a number of cells") from error
