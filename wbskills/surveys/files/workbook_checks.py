"""Checks of a workbook before a whole sheet is held in memory."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple
from xml.parsers import expat

from wbskills.surveys.files.cell_text import MERGED
from wbskills.surveys.files.zip_archive import MOST_CELLS, MOST_TEXT, SAVE, ZipArchive

_LONGEST_TEXT: Final = 16_000_000

_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_XML: Final = (".xml", ".rels")
_SHARED = re.compile(r"xl/sharedStrings.xml", re.IGNORECASE)

# Looked for in texts with one kind of blank and of quotation mark: literal beginnings are fast.
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

# <c r="D6" s="1" t="e"><v>#N/A</v>: calamine gives such a cell as an empty one.
_ERROR_CELL = re.compile(
    rb"<c\b(?=[^>]*\bt=\"e\")[^>]*\br=\"([A-Z]{1,3})(\d{1,7})\"[^>]*>(?:<f\b[^<]*(?:</f>|/>))?"
    rb"<v>(#[^<]{1,20})</v>"
)
# A formula without a value: no program has calculated it yet, and this one does not.
_FORMULA_CELL = re.compile(
    rb"<c\b(?![^>]*\bt=\"(?:str|e)\")[^>]*\br=\"([A-Z]{1,3})(\d{1,7})\"[^>]*>"
    rb"<f\b(?:[^<>]*/>|[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>"
)


@dataclass(slots=True)
class Spoilt:
    """Cells that hold no value: errors and formulas that nobody calculated, by row."""

    cells: dict[int, list[tuple[int, str]]] = field(default_factory=dict)

    def add(self, letters: bytes, row: bytes, text: str) -> None:
        """Note a cell."""
        self.cells.setdefault(int(row), []).append((_number(letters) - 1, text))


def check(packed: ZipArchive) -> None:
    """Check that every sheet of a workbook, and all of its text, fits into memory.

    Raises `SurveyError` if a sheet spans more than 10 million cells from the first to the last,
    if its text comes to more than 500 MB, or if it brings definitions of its own for entities.
    """
    for name in packed.names:
        if name.endswith(_XML):
            _no_doctype(packed, name)
    if "content.xml" in packed.names:
        OdsContent(packed).check()
    strings: list[list[int]] = []
    for name in packed.names:
        if name.startswith("xl/") and name.endswith(".xml"):
            _check_sheet(packed, name, strings)


def spoilt(packed: ZipArchive, part: str) -> Spoilt:
    """Find the cells of an XLSX sheet that hold an error such as #N/A, or an empty formula.

    They are read as empty, and an empty answer is one that was skipped, which is not the same
    as one that a formula has spoilt.
    """
    found = Spoilt()
    for text in _whole_tags(packed, part, b"<c "):
        if b't="e"' in text:
            for match in _ERROR_CELL.finditer(text):
                found.add(match[1], match[2], match[3].decode(errors="replace"))
        if b"<f" in text:
            for match in _FORMULA_CELL.finditer(text):
                found.add(match[1], match[2], NOT_CALCULATED)
    return found


def _no_doctype(packed: ZipArchive, name: str) -> None:
    before = b""
    for piece in packed.pieces(name):
        if _DOCTYPE.search(before + piece[:10]) or (b"<!" in piece and _DOCTYPE.search(piece)):
            raise packed.refused(
                "this workbook defines entities of its own, as no survey does",
                "look where it comes from; open it in a spreadsheet program and save it as CSV",
            )
        before = piece[-10:]


def _check_sheet(packed: ZipArchive, name: str, strings: list[list[int]]) -> None:
    """Check one XLSX sheet; any other part has no cells and passes."""
    extent = _Extent()
    for piece in _whole_tags(packed, name, b"<row"):
        extent.take(piece)
    rows, columns = extent.size
    if columns * rows > MOST_CELLS:
        raise packed.too_large(rows, columns)
    if extent.cells:
        _check_text(packed, name, extent.cells, strings)


@dataclass(slots=True)
class _Extent:
    """How far a sheet reaches. Cells and rows without a place follow the one before them."""

    rows: int = 0  # of cells that tell their place
    columns: int = 0
    told_rows: int = 0  # of rows that tell theirs
    nameless_rows: int = 0
    most_nameless: int = 0  # cells in one row, where some do not tell their place
    cells: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns, counted from the first."""
        if not self.most_nameless:
            return self.rows, self.columns
        rows = max(self.rows, self.told_rows) + self.nameless_rows
        return rows, self.columns + self.most_nameless

    def take(self, piece: bytes) -> None:
        """Take in a piece of the sheet."""
        # Formats of whole rows and columns are cells without anything in them.
        text = _EMPTY_CELL.sub(b"", piece).translate(_PLAIN)
        if b" r " in text or b" r= " in text:
            text = _SPACED.sub(b" r=", text)  # legal, and written by nobody without a reason
        # Sets, as a piece has thousands of cells in a few columns and rows.
        letters = _LETTERS.findall(text)
        self.columns = max(self.columns, max(map(_number, set(letters)), default=0))
        self.rows = max(self.rows, max(map(int, set(_DIGITS.findall(text))), default=0))
        numbers = set(_ROW_NUMBER.findall(text))
        self.told_rows = max(self.told_rows, max(map(int, numbers), default=0))
        self.nameless_rows += max(_count(b"row", text) - len(numbers), 0)
        cells = _count(b"c", text)
        self.cells += cells
        if cells > len(letters):
            per_row = (_count(b"c", row) for row in _ROW_TAG.split(text))
            self.most_nameless = max(self.most_nameless, *per_row)


def _count(tag: bytes, text: bytes) -> int:
    """Count the elements of a name, in whatever namespace."""
    count = sum(text.count(b"<" + tag + end) for end in (b" ", b">", b"/"))
    if b":" + tag in text:
        count += len(re.findall(rb"<\w+:" + tag + rb"[ />]", text))
    return count


def _check_text(packed: ZipArchive, name: str, cells: int, strings: list[list[int]]) -> None:
    """Check how long all texts of a sheet are, which many cells can have in common."""
    if not strings:
        strings.append(_lengths(packed))
    lengths = strings[0]
    if cells * max(lengths, default=0) <= MOST_TEXT:
        return
    total = found = shared = 0
    for text in _whole_tags(packed, name, b"<c"):
        shared += len(_SHARED_TAG.findall(text))
        for index in _SHARED_INDEX.findall(text):
            found += 1
            total += lengths[int(index)] if int(index) < len(lengths) else 0
    if total > MOST_TEXT:
        raise packed.too_long(total)
    if found < shared:
        raise packed.damaged("a cell points to no text")


def _lengths(packed: ZipArchive) -> list[int]:
    """Measure the texts that cells have in common, in bytes, their marks included."""
    lengths: list[int] = []
    for name in filter(_SHARED.fullmatch, packed.names):
        for text in _whole_tags(packed, name, b"<si"):
            starts = [found.start() for found in _STRING_TAG.finditer(text)]
            if lengths:  # the last one went on
                lengths[-1] += starts[0] if starts else len(text)
            lengths.extend(end - start for start, end in pairwise([*starts, len(text)]))
    return lengths


def _whole_tags(packed: ZipArchive, name: str, tag: bytes) -> Iterator[bytes]:
    """Give a part in pieces that begin with a tag, so that none is cut in two."""
    rest = b""
    for piece in packed.pieces(name):
        text = rest + piece
        end = text.rfind(tag, 1)
        if end < 0:
            end = text.rfind(b"<")
        if end <= 0 and len(text) > _LONGEST_TEXT:
            raise packed.refused(
                f"a cell of this workbook has more than {_LONGEST_TEXT:,} characters", SAVE
            )
        if end > 0:
            yield text[:end]
        rest = text[max(end, 0) :]
    yield rest


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


NOT_CALCULATED: Final = "#NOT CALCULATED"
_MOST_MARKS: Final = 1_000_000
_LONGEST_ERROR: Final = 20
_LONGEST_MARK: Final = 100  # bytes
_MARKED = re.compile(rb"number-rows-spanned=[\"'](?:[2-9]|\d{2})|value-type=[\"']error|:formula=")
_TOLD: Final = "!"
_SHOWN: Final = "?"
_ERROR_SHOWN = re.compile(r"#[A-ZÀ-Þ0-9/_]+[!?]?|Err:\d+")


class MarkedCells(NamedTuple):
    """Cells that hold no value of their own, from 0 and the last one included, and why."""

    top: int
    left: int
    bottom: int
    right: int
    why: str


def marks_of(packed: ZipArchive, sheet: str) -> list[MarkedCells]:
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
    content = OdsContent(packed)
    content.check()
    return content.marks.get(sheet, [])


class OdsContent:
    """The content of an OpenDocument spreadsheet, gone through tag by tag."""

    def __init__(self, packed: ZipArchive) -> None:
        self.packed = packed
        self.rows = self.columns = 0  # up to the last cell with a text
        self.cell = self.wide = 0  # in this row
        self.text = self.row_text = self.text_all = 0  # characters of this cell, row and sheet
        self.passed = 0  # rows of this sheet, empty ones included
        self.repeat = self.row_repeat = 1
        self.sheet = ""
        self.error = ""  # whether this cell may be wrong, and what it shows
        self.marks: dict[str, list[MarkedCells]] = {}

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
        found.append(MarkedCells(top, self.cell, end - 1, self.cell + columns - 1, why))

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
