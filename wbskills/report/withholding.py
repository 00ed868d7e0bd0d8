"""Leaves people out: what a site may tell that names nobody and tells nothing of a few.

Numbers that are withheld one by one can be worked out of those that are left: a cell of the map
from the sum of its group, a community from the rest of all. So such a site has one table of
answers only, without any breakdown: of each skill, how many can do it and how many gave a level.
Nothing else of the site depends on what people said.
"""

from collections.abc import Mapping
from typing import Final

from wbskills.table import Cell, Table

# The tables of such a site, and the columns that they keep.
_KEPT: Final[Mapping[str, frozenset[str]]] = {
    "coverage": frozenset(
        {"skill", "skillLabel", "group", "groupLabel", "able", "assessed", "share", "low", "high"}
    ),
    "needs": frozenset(
        {
            "community", "communityLabel", "skill", "skillLabel", "target", "targetLabel",
            "least", "wanted", "source",
        }
    ),
    "declared_capacity": frozenset(
        {
            "community", "communityLabel", "skill", "skillLabel", "rating", "lowest", "highest",
            "respondents", "date", "source", "declared",
        }
    ),
}  # fmt: skip


def withhold(tables: Mapping[str, Table], least: int) -> dict[str, Table]:
    """Give the tables that a site may have which tells nothing of fewer than so many people.

    A skill is among them if so many can do it and so many cannot: “8 of 8” tells of each of the
    eight. What communities need stays, without who would help, and so does what they say of
    themselves, unless fewer said it.
    """
    return {name: _told(name, tables[name], least) for name in _KEPT if name in tables}


def without_rows(tables: Mapping[str, Table], told: Mapping[str, Table]) -> dict[str, Table]:
    """Give all tables of a site, empty but for the answers that are told by skill."""
    found = {name: Table(table.columns, ()) for name, table in tables.items()}
    columns = tables["coverage"].columns
    cells = [
        told["coverage"].column(column.name) if column.name in _KEPT["coverage"] else ()
        for column in columns
    ]
    count = len(told["coverage"])
    rows = zip(*(each or [None] * count for each in cells), strict=True)
    return {**found, "coverage": Table(columns, tuple(rows))}


def _told(name: str, table: Table, least: int) -> Table:
    names = [column.name for column in table.columns]
    kept = [at for at, column in enumerate(names) if column in _KEPT[name]]
    rows = (
        tuple(row[at] for at in kept)
        for row in table.rows
        if _tells_of_many(name, dict(zip(names, row, strict=True)), least)
    )
    # Needs have a row for each person who would help.
    return Table(tuple(table.columns[at] for at in kept), tuple(dict.fromkeys(rows)))


def _tells_of_many(name: str, row: Mapping[str, Cell], least: int) -> bool:
    match name:
        case "coverage":
            able, assessed = _number(row["able"]), _number(row["assessed"])
            return min(able, assessed - able) >= least
        case "declared_capacity":
            said = row.get("respondents")
            return said is None or _number(said) >= least
        case _:
            return True


def _number(cell: Cell) -> int:
    return int(cell) if isinstance(cell, int) else 0
