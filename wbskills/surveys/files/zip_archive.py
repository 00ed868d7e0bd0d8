"""The parts of a zip file, unpacked piece by piece and never further than is said.

A small zip file can unpack to more than a computer holds, and what it says about its sizes can be
a lie: so what is said is added up, and then counted while it is unpacked.
"""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from wbskills.errors import Fault, SurveyError

LARGEST: Final = 1_000_000_000
HIGHEST_RATIO: Final = 200
MOST_CELLS: Final = 10_000_000
MOST_TEXT: Final = 500_000_000
SAVE: Final = "save the sheet with the answers as CSV, or delete what stands far outside of it"
PIECE: Final = 1_000_000
_LOCAL: Final = 30  # bytes before the name of a part
_ENCRYPTED: Final = 1


class ZipArchive:
    """A zip file.

    Raises `SurveyError` if it is damaged, unpacks to more than 1 GB or to more than 200 times
    its size, or is packed in a way that no spreadsheet program uses.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with zipfile.ZipFile(path) as packed:
                listed = packed.infolist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise self.damaged("it is cut off or damaged") from error
        self._parts = {part.filename: part for part in listed}
        if len(self._parts) < len(listed):
            raise self.damaged("two of its parts have one name")
        self._check_sizes()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all parts."""
        return tuple(self._parts)

    def pieces(self, name: str) -> Iterator[bytes]:
        """Unpack a part piece by piece, each of at most a megabyte.

        Raises `SurveyError` where the part is damaged, or larger than it says.
        """
        part = self._parts[name]
        left = part.file_size
        try:
            for piece in self._unpacked(part):
                left -= len(piece)
                if left < 0:
                    raise self.damaged(f"its part {_shown(name)} is larger than it says")
                yield piece
        except (zlib.error, OSError) as error:
            raise self.damaged(f"its part {_shown(name)} is damaged") from error

    def whole(self, name: str, longest: int = 10 * PIECE) -> bytes:
        """Unpack a part that is small; empty if there is none."""
        if name not in self._parts:
            return b""
        if self._parts[name].file_size > longest:
            raise self.damaged(f"its part {_shown(name)} is larger than any such part")
        return b"".join(self.pieces(name))

    def damaged(self, why: str) -> SurveyError:
        """Say why this file cannot be read."""
        return self.refused(f"this workbook cannot be read: {why}", "export the survey again")

    def refused(self, what: str, hint: str) -> SurveyError:
        """Say what is wrong with this file, and what to try."""
        return SurveyError(str(self.path), [Fault(what=what, hint=hint)])

    def too_large(self, rows: int, columns: int) -> SurveyError:
        """Say that a sheet has more cells than can be held."""
        return self.refused(
            f"a sheet of this workbook spans {rows:,} rows and {columns:,} columns;"
            f" up to {MOST_CELLS:,} cells are read",
            SAVE,
        )

    def too_long(self, total: int) -> SurveyError:
        """Say that a sheet has more text than can be held, in characters."""
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
            local = file.read(_LOCAL)
            if len(local) < _LOCAL or not local.startswith(b"PK\x03\x04"):
                raise self.damaged("it is cut off or damaged")
            file.seek(
                int.from_bytes(local[26:28], "little") + int.from_bytes(local[28:30], "little"), 1
            )
            raw = _raw(file, part.compress_size)
            if part.compress_type == zipfile.ZIP_STORED:
                yield from raw
            else:
                yield from _inflated(raw)


def _raw(file: BinaryIO, left: int) -> Iterator[bytes]:
    while left > 0 and (piece := file.read(min(PIECE, left))):
        left -= len(piece)
        yield piece


def _inflated(raw: Iterator[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    for packed in raw:
        waiting = packed
        while waiting:
            piece = inflater.decompress(waiting, PIECE)
            if piece:
                yield piece
            waiting = inflater.unconsumed_tail
            if inflater.eof:
                return
    yield inflater.flush()


def _shown(name: str) -> str:
    return f"“{name[:60]}”"
