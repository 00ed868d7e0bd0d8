"""Reading a TOML table member by member, collecting every fault on the way."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from wbskills.errors import Fault
from wbskills.surveys.mapping.item_names import near


class Table:
    """A table of a TOML file. What nobody asked for is a fault, once `finish` is called.

    `place` is the key of the table, as in `questions[2].answers`.
    """

    def __init__(self, members: dict[str, Any], place: str, faults: list[Fault]) -> None:
        self.members, self.place, self.faults = members, place, faults
        self.asked: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self.members

    def fault(self, what: str, hint: str = "", name: str = "") -> None:
        """Note a fault of this table, or of one of its members."""
        self.faults.append(Fault(what=what, hint=hint, column=self.key(name)))

    def key(self, name: str = "") -> str:
        """Give the full key of a member, as it is written in messages."""
        return ".".join(part for part in (self.place, name) if part)

    def text(self, name: str) -> str:
        """Read a text; empty where there is none."""
        found = self._take(name)
        if found is None or isinstance(found, str):
            return found or ""
        self.fault("this is not a text", f'{name} = "…"', name)
        return ""

    def needed(self, name: str, example: str) -> str:
        """Read a text that has to be there."""
        text = self.text(name)
        if not text and not isinstance(self.members.get(name), int | float | dict | list):
            self.fault("this is missing", f'{name} = "{example}"', name)
        return text

    def texts(self, name: str) -> tuple[str, ...]:
        """Read one text or a list of texts."""
        found = self._take(name)
        listed = found if isinstance(found, list) else [] if found is None else [found]
        if all(isinstance(text, str) for text in listed):
            return tuple(listed)
        self.fault("this is not a list of texts", f'{name} = ["…", "…"]', name)
        return ()

    def number(self, name: str) -> int | None:
        """Read a whole number."""
        found = self._take(name)
        if found is None or type(found) is int:
            return found
        self.fault("this is not a whole number", f"{name} = 120", name)
        return None

    def truth(self, name: str) -> bool:
        """Read true or false; false where there is none."""
        found = self._take(name)
        if found is None or isinstance(found, bool):
            return bool(found)
        self.fault("this is neither true nor false", f"{name} = true", name)
        return False

    def day(self, name: str) -> date | None:
        """Read a day."""
        found = self._take(name)
        if found is None:
            return None
        if isinstance(found, datetime):
            return found.date()
        if isinstance(found, date):
            return found
        self.fault("this is not a day", f"{name} = 2026-03-04 (without quotation marks)", name)
        return None

    def pairs(self, name: str) -> dict[str, str]:
        """Read a table from text to text."""
        found = self._take(name)
        if found is None:
            return {}
        if isinstance(found, dict) and all(isinstance(text, str) for text in found.values()):
            return dict(found)
        self.fault("this is not a table of texts", f'{name} = {{ "Yes" = "alone" }}', name)
        return {}

    def lists(self, name: str) -> dict[str, tuple[str, ...]]:
        """Read a table from text to one text or a list of texts."""
        table = self.table(name)
        return {member: table.texts(member) for member in table.members} if table else {}

    def table(self, name: str) -> "Table | None":
        """Read a table."""
        found = self._take(name)
        if found is None:
            return None
        if isinstance(found, dict):
            return Table(found, self.key(name), self.faults)
        self.fault("this is not a table", f"[{self.key(name)}]", name)
        return None

    def tables(self, name: str) -> Iterator["Table"]:
        """Read an array of tables."""
        found = self._take(name)
        if found is None:
            return
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            self.fault("this is not an array of tables", f"[[{self.key(name)}]]", name)
            return
        for number, one in enumerate(found, 1):
            yield Table(one, f"{self.key(name)}[{number}]", self.faults)

    def finish(self) -> None:
        """Note every member that nobody asked for."""
        for name in self.members:
            if name not in self.asked:
                known = near(name, sorted(self.asked))
                hint = known or "one of " + ", ".join(sorted(self.asked))
                self.fault(f"there is no member “{name}”", hint)

    def _take(self, name: str) -> Any:  # noqa: ANN401  # whatever TOML holds there
        self.asked.add(name)
        return self.members.get(name)
