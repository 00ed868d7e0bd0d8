"""Leaves people out: tables for a site that names nobody and tells nothing of a few."""

from collections import defaultdict
from collections.abc import Mapping

from wbskills.model.table import Cell, Table
from wbskills.report.facts import PERSONAL

# The denominators, and the numbers that say something about the people counted by them.
_COUNTED = {
    "coverage": ("assessed", ["able", "share", "mean", "not_sure", "does_not_apply"]),
    "baseline": ("assessed", ["able", "share"]),
    "capacity_map": ("people", ["able", "mean"]),
    "communities": ("people", []),
    "declared_capacity": ("people", ["able", "mean", "computed", "difference"]),
    "candidates": ("people", ["able"]),
    "at_risk": ("assessed", ["holders", "away", "learners"]),
    "languages": (
        "people", ["able", "mean", "none", "aware", "with_help", "alone", "leads"],
    ),
    "baseline_gap": ("assessed", ["people", "able", "share", "lacking"]),
    "capacity_map_groups": ("people", ["able", "answers", "mean"]),
    "robustness": ("people", ["able", "robustness", "robustnessLabel"]),
    "change": (
        "both",
        [
            "assessed_before", "able_before", "share_before", "assessed_after", "able_after",
            "share_after", "up", "down", "same", "both_able_before", "both_able_after",
            "mean_change",
        ],
    ),
}  # fmt: skip


# Who would help with a need, and the numbers of people who would, or who can.
_HELPING = frozenset({"person", "personLabel", "levelLabel", "teaches", "languages", "since"})
_MANY = frozenset({"able", "willing"})


def withhold(tables: Mapping[str, Table], least: int) -> dict[str, Table]:
    """Empty the tables that name people, and every number that counts fewer than `least` people.

    Needs are those of communities, so they stay, without the people who would help.

    Where a skill has one such cell in the map, a second is emptied with it, the smallest that
    is left: else the first could be told from the sum.
    """
    found = {}
    for name, table in tables.items():
        if name in PERSONAL:
            found[name] = Table(table.columns, ())
        elif name == "needs":
            found[name] = _unnamed(table, least)
        elif name in _COUNTED:
            found[name] = _emptied(table, *_COUNTED[name], least)
        else:
            found[name] = table
    return found


def _unnamed(table: Table, least: int) -> Table:
    """Keep what communities need, once each, without those who would help."""
    names = [column.name for column in table.columns]
    rows = (
        tuple(
            None if name in _HELPING or (name in _MANY and _number(cell) < least) else cell
            for name, cell in zip(names, row, strict=True)
        )
        for row in table.rows
    )
    return Table(table.columns, tuple(dict.fromkeys(rows)))


def _emptied(table: Table, counted: str, others: list[str], least: int) -> Table:
    names = [column.name for column in table.columns]
    count = names.index(counted)
    gone = {names.index(name) for name in (counted, *others) if name in names}
    too_few = {at for at, row in enumerate(table.rows) if _number(row[count]) < least}
    if {"community", "skill"} <= set(names):
        too_few |= _second(table, too_few, count)
    rows = tuple(
        tuple(None if place in gone else cell for place, cell in enumerate(row))
        if at in too_few
        else row
        for at, row in enumerate(table.rows)
    )
    return Table(table.columns, rows)


def _second(table: Table, too_few: set[int], count: int) -> set[int]:
    """Find, for each skill with one emptied cell, the smallest of its others.

    A skill in two groups has two rows for a cell; both are found.
    """
    skills, homes = table.column("skill"), table.column("community")
    hidden: dict[Cell, set[Cell]] = defaultdict(set)
    left: dict[Cell, list[int]] = defaultdict(list)
    for at, skill in enumerate(skills):
        if at in too_few:
            hidden[skill].add(homes[at])
        else:
            left[skill].append(at)
    found: set[int] = set()
    for skill, gone in hidden.items():
        if len(gone) == 1 and left[skill]:
            smallest = min(left[skill], key=lambda at: (_number(table.rows[at][count]), at))
            found |= {at for at in left[skill] if homes[at] == homes[smallest]}
    return found


def _number(cell: Cell) -> int:
    return cell if isinstance(cell, int) else 0
