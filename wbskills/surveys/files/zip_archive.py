"""The parts of a zip file, unpacked piece by piece and never further than they state.

A small zip file can unpack to more than a computer can hold, and the sizes that it states can be
false: so they are added up first, and then checked while it is unpacked.
"""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from wbskills.errors import SurveyError

LARGEST: Final = 1_000_000_000
HIGHEST_RATIO: Final = 200
MOST_CELLS: Final = 10_000_000
MOST_TEXT: Final = 500_000_000
SAVE: Final = "save the sheet with the answers as CSV, or delete cells far outside of it"
PIECE: Final = 1_000_000
_LOCAL_HEADER: Final = 30  # bytes before the name of a part
_ENCRYPTED: Final = 1


class ZipArchive:
    """A zip file.

    Raises `SurveyError` if it is damaged, unpacks to more than 1 GB or to more than 200 times
    its size, or is packed in a way that no spreadsheet program uses.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with zipfile.ZipFile(path) as archive:
                parts = archive.infolist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise self.damaged("it is cut off or damaged") from error
        self._parts = {part.filename: part for part in parts}
        if len(self._parts) < len(parts):
            raise self.damaged("two of its parts have the same name")
        self._check_sizes()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all parts."""
        return tuple(self._parts)

    def pieces(self, name: str) -> Iterator[bytes]:
        """Unpack a part in pieces of at most a megabyte.

        Raises `SurveyError` where the part is damaged, or larger than it states.
        """
        part = self._parts[name]
        remaining = part.file_size
        try:
            for piece in self._unpacked(part):
                remaining -= len(piece)
                if remaining < 0:
                    raise self.damaged(f"its part “{name[:60]}” is larger than it states")
                yield piece
        except (zlib.error, OSError) as error:
            raise self.damaged(f"its part “{name[:60]}” is damaged") from error

    def whole(self, name: str, longest: int = 10 * PIECE) -> bytes:
        """Unpack a part that is small; empty if there is none."""
        if name not in self._parts:
            return b""
        if self._parts[name].file_size > longest:
            raise self.damaged(f"its part “{name[:60]}” is larger than any such part")
        return b"".join(self.pieces(name))

    def damaged(self, why: str) -> SurveyError:
        """Return the error of a file that cannot be read."""
        return self.refused(f"this workbook cannot be read: {why}", "export the survey again")

    def refused(self, what: str, hint: str) -> SurveyError:
        """Return an error of this file."""
        return SurveyError.of(str(self.path), what, hint)

    def too_large(self, rows: int, columns: int) -> SurveyError:
        """Return the error of a sheet with more cells than can be held."""
        return self.refused(
            f"a sheet of this workbook spans {rows:,} rows and {columns:,} columns;"
            f" up to {MOST_CELLS:,} cells are read",
            SAVE,
        )

    def too_long(self, total: int) -> SurveyError:
        """Return the error of a sheet with more text than can be held, in characters."""
        return self.refused(
            f"the texts of a sheet of this workbook come to {total / 1e6:,.0f} MB;"
            f" up to {MOST_TEXT / 1e6:,.0f} MB are read",
            "save the sheet with the answers as CSV",
        )

    def _check_sizes(self) -> None:
        unpacked = sum(part.file_size for part in self._parts.values())
        size = self.path.stat().st_size
        if unpacked > LARGEST or unpacked > HIGHEST_RATIO * size:
            raise self.refused(
                f"this workbook would unpack to {unpacked / 1e6:,.0f} MB,"
                f" {unpacked // max(size, 1):,} times its size",
                "save it as CSV; up to 1 GB and 200 times the size are unpacked",
            )
        for part in self._parts.values():
            if part.flag_bits & _ENCRYPTED:
                raise self.refused(
                    "this workbook has a password", "save it without a password, or as CSV"
                )
            if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise self.damaged("it is packed in a way that no spreadsheet program uses")

    def _unpacked(self, part: zipfile.ZipInfo) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            file.seek(part.header_offset)
            header = file.read(_LOCAL_HEADER)
            if len(header) < _LOCAL_HEADER or not header.startswith(b"PK\x03\x04"):
                raise self.damaged("it is cut off or damaged")
            name, extra = header[26:28], header[28:30]
            file.seek(int.from_bytes(name, "little") + int.from_bytes(extra, "little"), 1)
            packed = _packed(file, part.compress_size)
            stored = part.compress_type == zipfile.ZIP_STORED
            yield from packed if stored else _inflated(packed)


def _packed(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0 and (piece := file.read(min(PIECE, size))):
        size -= len(piece)
        yield piece


def _inflated(packed: Iterator[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    for piece in packed:
        waiting = piece
        while waiting:
            unpacked = inflater.decompress(waiting, PIECE)
            if unpacked:
                yield unpacked
            waiting = inflater.unconsumed_tail
            if inflater.eof:
                return
    yield inflater.flush()
