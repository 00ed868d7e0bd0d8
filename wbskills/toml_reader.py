"""Reading TOML from untrusted sources, at a bounded cost, collecting all faults; writing texts.

`tomllib` keeps every beginning of a dotted key: one of 100,000 parts takes gigabytes.
"""

import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from wbskills.errors import Faults, FaultyFile
from wbskills.names import did_you_mean

LONGEST: Final = 4_000_000  # characters; the largest mapping known has 300,000
MOST_PARTS: Final = 32  # of a key

_PART: Final = r"""(?:[A-Za-z0-9_-]++|"(?:\\.|[^"\\\n])*+"|'[^'\n]*+')"""
_KEYS: Final = re.compile(
    # Comments and long strings are skipped; the last choice takes all other texts and names.
    r'''\#[^\n]*+|"""(?:\\.|[^\\])*?(?:"""|\Z)|\'\'\'.*?(?:\'\'\'|\Z)'''
    rf"|(?P<long>{_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{MOST_PARTS}}})|{_PART}"
    # An unclosed text is skipped as a whole, or it would be searched from each of its marks.
    r"""|"(?:\\.|[^"\\\n])*+|'[^'\n]*+""",
    re.DOTALL,
)


def loads(text: str, *, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """Parse a TOML document.

    >>> loads("a.b = 1")
    {'a': {'b': 1}}

    Raises `ValueError` if it is not TOML, is too long, or is nested too deeply.
    """
    if len(text) > LONGEST:
        raise ValueError(f"it has more than {LONGEST:,} characters")
    for found in _KEYS.finditer(text):
        if found["long"]:
            line = text.count("\n", 0, found.start()) + 1
            raise ValueError(f"a key has more than {MOST_PARTS} parts (at line {line})")
    try:
        return tomllib.loads(text, parse_float=parse_float)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def toml_text(value: str) -> str:
    r"""Write a text as TOML does.

    >>> toml_text('say "yes"')
    '"say \\"yes\\""'
    """
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    shown = "".join(
        letter if letter.isprintable() or letter == " " else f"\\U{ord(letter):08X}"
        for letter in escaped
    )
    return f'"{shown}"'


def open_toml(
    path: Path, error: type[FaultyFile], *, parse_float: Callable[[str], Any] = float
) -> "TomlTable":
    """Open a TOML file as a table without faults so far.

    Raises `error` if the file is not TOML or not UTF-8.
    """
    try:
        members = loads(path.read_text(encoding="utf-8-sig"), parse_float=parse_float)
    except ValueError as reason:
        hint = "put all texts into quotation marks"
        raise error.of(str(path), f"this is not TOML: {reason}", hint) from reason
    return TomlTable(members, "", Faults())


class TomlTable:
    """A table of a TOML file that collects the faults found while it is read.

    `place` is the key of the table, for example `questions[2].answers`; all tables of a file share
    their `faults`. A member of another type than the one asked for is a fault, and reads as if it
    was missing. Members that were never read become faults in `finish`.
    """

    def __init__(self, members: dict[str, Any], place: str, faults: Faults) -> None:
        self.members, self.place, self.faults = members, place, faults
        self._known: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self.members

    def fault(self, what: str, hint: str = "", name: str = "") -> None:
        """Add a fault of this table, or of one of its members."""
        self.faults.add(what, hint, column=self.key(name))

    def key(self, name: str = "") -> str:
        """Return the full key of the table or of a member, as it is shown in messages."""
        return ".".join(part for part in (self.place, name) if part)

    def raw(self, name: str) -> Any:  # noqa: ANN401  # whatever TOML holds there
        """Return a member of any type; None if there is none."""
        self._known.add(name)
        return self.members.get(name)

    def text(self, name: str) -> str:
        """Read a text; empty if there is none."""
        found = self.raw(name)
        if found is None or isinstance(found, str):
            return found or ""
        self.fault("this is not a text", f'write {name} = "…"', name)
        return ""

    def required_text(self, name: str, example: str) -> str:
        """Read a text; a missing or empty one is a fault."""
        text = self.text(name)
        if not text and not isinstance(self.members.get(name), int | float | dict | list):
            self.fault("this is missing", f'add {name} = "{example}"', name)
        return text

    def texts(self, name: str) -> tuple[str, ...]:
        """Read one text or a list of texts."""
        found = self.raw(name)
        texts = found if isinstance(found, list) else [] if found is None else [found]
        if all(isinstance(text, str) for text in texts):
            return tuple(texts)
        self.fault("this is not a list of texts", f'write {name} = ["…", "…"]', name)
        return ()

    def integer(self, name: str) -> int | None:
        """Read a whole number."""
        found = self.raw(name)
        if found is None or type(found) is int:
            return found
        self.fault("this is not a whole number", f"write {name} = 120", name)
        return None

    def boolean(self, name: str) -> bool:
        """Read true or false; false if there is none."""
        found = self.raw(name)
        if found is None or isinstance(found, bool):
            return bool(found)
        self.fault("this is not true or false", f"write {name} = true", name)
        return False

    def day(self, name: str) -> date | None:
        """Read a date."""
        found = self.raw(name)
        if found is None:
            return None
        if isinstance(found, datetime):
            return found.date()
        if isinstance(found, date):
            return found
        hint = f"write {name} = 2026-03-04 (without quotation marks)"
        self.fault("this is not a date", hint, name)
        return None

    def text_by_text(self, name: str) -> dict[str, str]:
        """Read a table of texts."""
        found = self.raw(name)
        if found is None:
            return {}
        if isinstance(found, dict) and all(isinstance(text, str) for text in found.values()):
            return dict(found)
        self.fault("this is not a table of texts", f'write {name} = {{ "Yes" = "alone" }}', name)
        return {}

    def texts_by_text(self, name: str) -> dict[str, tuple[str, ...]]:
        """Read a table whose members are one text or a list of texts."""
        table = self.table(name)
        return {member: table.texts(member) for member in table.members} if table else {}

    def table(self, name: str) -> "TomlTable | None":
        """Read a table."""
        found = self.raw(name)
        if found is None:
            return None
        if isinstance(found, dict):
            return TomlTable(found, self.key(name), self.faults)
        self.fault("this is not a table", f"write [{self.key(name)}]", name)
        return None

    def tables(self, name: str) -> Iterator["TomlTable"]:
        """Read an array of tables."""
        found = self.raw(name)
        if found is None:
            return
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            self.fault("this is not an array of tables", f"write [[{self.key(name)}]]", name)
            return
        for number, one in enumerate(found, 1):
            yield TomlTable(one, f"{self.key(name)}[{number}]", self.faults)

    def finish(self) -> None:
        """Add a fault for every member that was never read."""
        for name in self.members:
            if name not in self._known:
                names = sorted(self._known)
                hint = did_you_mean(name, names) or f"use one of {', '.join(names)}"
                self.fault(f"there is no member “{name}”", hint)
