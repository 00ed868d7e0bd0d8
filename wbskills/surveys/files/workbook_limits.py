"""How large the sheets of a workbook are, found out before anything holds a whole one.

What reads workbooks makes room for every cell from the first to the last one, so one stray cell
in the last corner of a sheet takes more memory than there is; and an OpenDocument cell may say
that it stands there a billion times.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from wbskills.surveys.files.ods_checks import NOT_CALCULATED, Content
from wbskills.surveys.files.zip_archive import MOST_CELLS, MOST_TEXT, SAVE, Packed

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


def check(packed: Packed) -> None:
    """Check that every sheet of a workbook, and all of its text, fits into memory.

    Raises `SurveyError` if a sheet spans more than 10 million cells from the first to the last,
    if its text comes to more than 500 MB, or if it brings definitions of its own for entities.
    """
    for name in packed.names:
        if name.endswith(_XML):
            _no_doctype(packed, name)
    if "content.xml" in packed.names:
        Content(packed).check()
    strings: list[list[int]] = []
    for name in packed.names:
        if name.startswith("xl/") and name.endswith(".xml"):
            _check_sheet(packed, name, strings)


def spoilt(packed: Packed, part: str) -> Spoilt:
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


def _no_doctype(packed: Packed, name: str) -> None:
    before = b""
    for piece in packed.pieces(name):
        if _DOCTYPE.search(before + piece[:10]) or (b"<!" in piece and _DOCTYPE.search(piece)):
            raise packed.refused(
                "this workbook defines entities of its own, as no survey does",
                "look where it comes from; open it in a spreadsheet program and save it as CSV",
            )
        before = piece[-10:]


def _check_sheet(packed: Packed, name: str, strings: list[list[int]]) -> None:
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


def _check_text(packed: Packed, name: str, cells: int, strings: list[list[int]]) -> None:
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


def _lengths(packed: Packed) -> list[int]:
    """Measure the texts that cells have in common, in bytes, their marks included."""
    lengths: list[int] = []
    for name in filter(_SHARED.fullmatch, packed.names):
        for text in _whole_tags(packed, name, b"<si"):
            starts = [found.start() for found in _STRING_TAG.finditer(text)]
            if lengths:  # the last one went on
                lengths[-1] += starts[0] if starts else len(text)
            lengths.extend(end - start for start, end in pairwise([*starts, len(text)]))
    return lengths


def _whole_tags(packed: Packed, name: str, tag: bytes) -> Iterator[bytes]:
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
