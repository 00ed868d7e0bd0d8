"""Reading CSV and its relatives: encoding, separator, records.

The encoding is never guessed: a byte order mark decides, else the user, else it is strict UTF-8.
A wrong guess would turn “Zoë” into another person without anyone noticing.
"""

import codecs
import csv
import re
from collections.abc import Iterator
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Final, TextIO

from wbskills.errors import InvalidValue, SurveyError
from wbskills.surveys.files.columns import letter

START: Final = 65_536
SEPARATORS: Final = (",", ";", "\t", "|")

# UTF-32's mark begins with UTF-16's, so it has to be first.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# A first line by which some programs tell Excel the separator; it is not a heading.
_SEPARATOR_LINE = re.compile(r"sep=([^\r\n\w\"])\r?\n")
_SEPARATOR_CELLS: Final = ["sep=", ""]
_KINDS: Final = (
    (b"%PDF", "a PDF file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML file"),
)
_EXPORT: Final = "use a CSV, XLSX or ODS export of the survey"
_CONTROLS: Final = frozenset(range(32)) - frozenset(b"\t\n\v\f\r\x1a\x1b\x1c\x1d\x1e\x1f")
# Cells up to a million characters are reported with their address; what is larger than this
# stops the csv module before it fills the memory.
_LARGEST_FIELD: Final = 8_000_000
_LARGEST_RECORD: Final = 32_000_000
_SAMPLE_RECORDS: Final = 30
_SAMPLE_CHARACTERS: Final = 400_000


def encoding_of(path: Path, start: bytes, named: str) -> str:
    """Return the encoding that a file starts with, else the one that the user named, else UTF-8.

    Raises `InvalidValue` if there is no such encoding, `SurveyError` if the file is not text.
    """
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    if named:
        return _checked_encoding(named)
    _check_text(path, start)
    return "utf-8"


def separator_of(path: Path, encoding: str, named: str) -> str:
    """Find the separator of the cells, by reading the first records with their quotes.

    Raises `InvalidValue` if the user named something longer than one character.
    """
    if named:
        return parse_separator(named)
    try:
        with path.open(encoding=encoding, newline="") as file:
            sample = file.read(_SAMPLE_CHARACTERS)
    except UnicodeError as error:
        raise _undecodable(path, encoding) from error
    stated = _SEPARATOR_LINE.match(sample)
    return stated[1] if stated else _best_separator(sample)


def parse_separator(named: str) -> str:
    """Return the separator that the user named, by itself or by a word; empty if none.

    Raises `InvalidValue` if it is longer than one character.
    """
    separator = {"tab": "\t", "\\t": "\t", "semicolon": ";", "comma": ","}.get(named, named)
    if len(separator) > 1 or (separator and separator in '"\r\n'):
        raise InvalidValue(
            f"“{named}” is not a separator",
            hint="use one character, for example ;, or the word tab",
        )
    return separator


def records(path: Path, encoding: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Read the records of a file with their numbers, blank ones included.

    Raises `SurveyError` where the bytes are not in the encoding, or a cell has no end.
    """
    # The limit belongs to the whole process: it is only ever raised, never lowered.
    csv.field_size_limit(max(csv.field_size_limit(), _LARGEST_FIELD))
    number = 0
    try:
        with path.open(encoding=encoding, newline="") as file:
            lines = _Lines(file)
            for number, cells in enumerate(csv.reader(lines, delimiter=separator), 1):
                lines.taken = 0
                yield number, [] if number == 1 and cells == _SEPARATOR_CELLS else cells
    except UnicodeError as error:
        raise _undecodable(path, encoding, separator) from error
    except csv.Error as error:
        raise SurveyError.of(
            str(path),
            f"a cell of this row has no end ({error})",
            "look for a quotation mark that is never closed",
            row=number + 1,
        ) from error


class _Lines:
    """The lines of a file; a record without end is an error before it fills the memory."""

    def __init__(self, file: TextIO) -> None:
        self.file, self.taken = file, 0

    def __iter__(self) -> Iterator[str]:
        while line := self.file.readline(_LARGEST_FIELD):
            self.taken += len(line)
            if len(line) == _LARGEST_FIELD or self.taken > _LARGEST_RECORD:
                raise csv.Error(f"more than {self.taken - 1:,} characters")
            yield line


def _checked_encoding(encoding: str) -> str:
    try:
        "".encode(encoding)
        return codecs.lookup(encoding).name
    except (LookupError, UnicodeError, ValueError) as error:
        raise InvalidValue(
            f"there is no encoding “{encoding}”",
            hint="use one such as utf-8, windows-1252, utf-16-le or big5",
        ) from error


def _check_text(path: Path, start: bytes) -> None:
    lowered = start[:20].lower()
    for magic, kind in _KINDS:
        if lowered.startswith(magic.lower()):
            raise SurveyError.of(str(path), f"this is {kind}", _EXPORT)
    if b"\0" in start and _is_utf_16(start):
        what = "this looks like UTF-16, but has no byte order mark"
        raise SurveyError.of(str(path), what, "use --encoding utf-16-le (or utf-16-be)")
    if not _CONTROLS.isdisjoint(start):
        raise SurveyError.of(str(path), "this is not text", _EXPORT)


def _is_utf_16(start: bytes) -> bool:
    """Return whether every other byte is nearly always 0, as in European languages."""
    half = len(start) // 2
    return half > 0 and max(start[0::2].count(0), start[1::2].count(0)) > 0.7 * half


def _best_separator(sample: str) -> str:
    return max(SEPARATORS, key=lambda separator: _score(sample, separator))


def _score(sample: str, separator: str) -> tuple[bool, int, int]:
    """Rate a separator by whether nearly all records are equally long, and how long they are.

    The first record has the headings, unless it is a title.
    """
    found = list(islice(_read(sample, separator), _SAMPLE_RECORDS))
    lengths = [len(cells) for cells in found if cells]
    usual = max(lengths, key=lengths.count, default=0)
    even = lengths.count(usual) >= 0.8 * len(lengths)
    return even and usual > 1, lengths[0] if lengths else 0, usual


def _read(sample: str, separator: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(StringIO(sample, newline=""), delimiter=separator)
    except csv.Error:
        return  # a cell without end, which `records` reports with its place


def _undecodable(path: Path, encoding: str, separator: str = "") -> SurveyError:
    named = "UTF-8" if encoding.startswith("utf-8") else encoding
    offset, byte = _first_bad_byte(path, encoding)
    row, column = _first_bad_cell(path, encoding, separator)
    return SurveyError.of(
        str(path),
        f"this file is not in {named}: byte {offset:,} (0x{byte:02X}) cannot be read",
        "use --encoding windows-1252, or the encoding of the program that wrote the file",
        row=row,
        column=column,
    )


def _first_bad_byte(path: Path, encoding: str) -> tuple[int, int]:
    # With its mark, UTF-8 would be counted from behind the mark.
    decoder = codecs.getincrementaldecoder("utf-8" if encoding == "utf-8-sig" else encoding)()
    done = 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(START)
            waiting = decoder.getstate()[0]
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                known = (waiting + chunk)[error.start : error.start + 1]
                return done - len(waiting) + error.start, known[0] if known else 0
            except UnicodeError:
                return done, chunk[0] if chunk else 0
            if not chunk:
                return done, 0
            done += len(chunk)


def _first_bad_cell(path: Path, encoding: str, separator: str) -> tuple[int, str]:
    """Find the cell by reading again, with a replacement for what cannot be decoded."""
    wide = encoding.startswith(("utf-16", "utf-32"))
    errors = "replace" if wide else "surrogateescape"
    try:
        with path.open(encoding=encoding, errors=errors, newline="") as file:
            separator = separator or _best_separator(file.read(_SAMPLE_CHARACTERS))
            file.seek(0)
            lines = _Lines(file)
            for number, cells in enumerate(csv.reader(lines, delimiter=separator), 1):
                lines.taken = 0
                for index, cell in enumerate(cells):
                    if any(_marked(character, wide=wide) for character in cell):
                        return number, f"column {letter(index)}"
    except (csv.Error, UnicodeError):
        pass  # the message has the byte anyway
    return 0, ""


def _marked(character: str, *, wide: bool) -> bool:
    return character == "\ufffd" if wide else "\udc80" <= character <= "\udcff"
