"""Finding the columns that a mapping means."""

import re
from collections.abc import Iterable, Sequence

from wbskills.errors import Fault
from wbskills.surveys.files.cell_text import key
from wbskills.surveys.files.columns import Column, Role
from wbskills.surveys.mapping.item_names import near

_HOLE = re.compile(r"\*|\{\w+\}")


class Lookup:
    """The columns of one file by their names, and the faults of looking for others."""

    def __init__(self, columns: Sequence[Column], faults: list[Fault]) -> None:
        self.columns, self.faults = tuple(columns), faults
        self._named: dict[str, list[Column]] = {}
        for column in columns:
            for name in {key(name) for name in column.names}:
                self._named.setdefault(name, []).append(column)

    def one(self, name: str, place: str) -> Column | None:
        """Find the one column of a name; a name that is missing or not the only one is a fault."""
        if not name:
            return None
        found = self._named.get(key(name), [])
        if len(found) == 1:
            return self._permitted(found[0], place)
        if found:
            letters = " and ".join(column.letter for column in found)
            self._fault(
                f"“{name}” names the columns {letters}", f"“column {found[0].letter}”", place
            )
        else:
            # Headings can be very long, codes are what people misspell.
            known = [key(column.name) for column in self.columns]
            self._fault(
                f"there is no column “{name}”",
                near(key(name), known) or "a heading, a code, or “column C”",
                place,
            )
        return None

    def named(self, name: str) -> list[Column]:
        """List the columns of a name, however many."""
        return self._named.get(key(name), [])

    def several(
        self, pattern: str, place: str, *, written: bool = False
    ) -> list[tuple[Column, str]]:
        """Find the columns that fit a pattern, with what stands in its `{hole}`.

        Only with `written` may they be those in which people wrote what they liked. A pattern
        that fits many columns leaves such columns out, as nobody can tell it not to fit them.
        """
        found = [
            (column, caught)
            for column, caught in self.matching(pattern)
            if self._wanted(column, pattern, written=written)
            and ((written and column.role is Role.FREE_TEXT) or self._permitted(column, place))
        ]
        if not found:
            known = [key(column.name) for column in self.columns]
            self._fault(
                f"no column fits “{pattern}”",
                near(key(pattern), known) or "* stands for any text, {skill} for a skill",
                place,
            )
        return found

    def _wanted(self, column: Column, pattern: str, *, written: bool) -> bool:
        open_text = column.role is Role.FREE_TEXT and column.sure
        return written or not open_text or not _HOLE.search(pattern)

    def matching(self, pattern: str) -> list[tuple[Column, str]]:
        """List the columns that fit a pattern, however many, with what stands in its hole."""
        expression = _expression(pattern)
        # A letter is the name of one column: “Column*” means headings.
        within = bool(_HOLE.search(pattern))
        return [
            (column, found["hole"] if "hole" in expression.groupindex else "")
            for column in self.columns
            for names in [(column.heading, column.code) if within else column.names]
            for found in [_first(expression, names)]
            if found
        ]

    def _permitted(self, column: Column, place: str) -> Column | None:
        if column.role.personal and column.sure:
            self._fault(
                f"{column} is personal data ({column.role}), which is never read",
                "take it out of the mapping",
                place,
            )
            return None
        return column

    def _fault(self, what: str, hint: str, place: str) -> None:
        self.faults.append(Fault(what=what, hint=hint, column=place))


def _expression(pattern: str) -> re.Pattern[str]:
    parts: list[str] = []
    end, holes = 0, 0
    cleaned = key(pattern)
    for found in _HOLE.finditer(cleaned):
        parts.append(re.escape(cleaned[end : found.start()]))
        is_first = found[0] != "*" and not holes
        parts.append("(?P<hole>.+)" if is_first else ".*")
        holes += is_first
        end = found.end()
    parts.append(re.escape(cleaned[end:]))
    return re.compile("".join(parts), re.DOTALL)


def _first(expression: re.Pattern[str], names: Iterable[str]) -> re.Match[str] | None:
    return next((found for name in names if (found := expression.fullmatch(key(name)))), None)
