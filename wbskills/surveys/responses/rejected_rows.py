"""What a row that cannot be taken leaves behind: what of it may be kept, to be mended.

The file of bad rows must not hold what the door keeps out. A row of the wrong length may have its
mail addresses below any heading, so nothing of it is kept where a file has personal columns.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from wbskills.errors import Fault
from wbskills.surveys.files.cell_text import MISSING, quoted
from wbskills.surveys.files.rows import Row

_SHORT: Final = 500  # characters: whatever is only an address is shorter
_INTERNET_ADDRESS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
_PLACE = re.compile(r"[-+]?\d{1,3}\.\d{3,}[,;\s]+[-+]?\d{1,3}\.\d{3,}")


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be taken: its cells, the personal ones emptied, and the reasons.

    `surplus` are cells for which there is no heading.
    """

    row: int
    cells: tuple[str, ...]
    faults: tuple[Fault, ...]
    surplus: tuple[str, ...] = ()


def bad_rows(row: Row, faults: tuple[Fault, ...], dropped: Collection[int]) -> Iterator[BadRow]:
    """Give a bad row as it stands in the file; in a long table, all rows that it was made of.

    `dropped` are the columns with personal data, whose cells are empty already.
    """
    if not row.sources:
        # What is missing must not pass for an empty answer when the row comes back.
        there = row.cells[: len(row.cells) - row.missing]
        firm = 0 if row.slipped else row.moved[0] if row.moved else len(there)
        yield _kept([*there, *[MISSING] * row.missing], row.number, faults, dropped, firm,
                    tuple(row.surplus))  # fmt: skip
        return
    told = {fault.row for fault in faults}
    with_them = Fault(what="set aside with other answers of this person, which have faults")
    known = {source.number for source in row.sources}
    for number, cells, slipped in row.sources:
        own = tuple(fault for fault in faults if fault.row == number)
        if number == row.number:
            own += tuple(fault for fault in faults if fault.row not in known)
        why = own if own or not told else (with_them,)
        yield _kept(cells, number, why, dropped, 0 if slipped else len(cells))


def _kept(  # a row has that many sides
    cells: list[str],
    number: int,
    faults: tuple[Fault, ...],
    dropped: Collection[int],
    firm: int,
    surplus: tuple[str, ...] = (),
) -> BadRow:
    """Keep what surely stands in a column that may be read, and names nobody by its look."""
    if firm < len(cells) and any(index >= firm for index in dropped):
        cells = [
            cell if index < firm else "" if index in dropped else MISSING
            for index, cell in enumerate(cells)
        ]
        surplus = ()
        faults = (*faults, _left_out(number))
    kept = tuple(MISSING if is_personal(cell) else cell for cell in cells)
    return BadRow(number, kept, faults, tuple(c for c in surplus if not is_personal(c)))


def _left_out(number: int) -> Fault:
    return Fault(
        what=f"personal data may stand anywhere in this row, so its cells are left out: put those"
        f" of row {number} of the survey in place of {MISSING}, or mend it there"
    )


def is_personal(cell: str) -> bool:
    """Tell whether a cell looks like, or holds, a mail or internet address or a place on the map.

    >>> is_personal("write to ada@example.org"), is_personal("52.5200, 13.4050"), is_personal("3")
    (True, True, False)
    """
    if "@" in cell and any(
        "." in word.partition("@")[2].strip(".,;:!?>)") and not word.startswith("@")
        for word in cell.split()
    ):
        return True
    if _INTERNET_ADDRESS.search(cell) or _PLACE.search(cell):
        return True
    return ":" in cell and len(cell) <= _SHORT and quoted(cell).startswith("an internet address")
