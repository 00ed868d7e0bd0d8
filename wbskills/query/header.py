"""The header of a saved query: lines that begin with `#+`, together YAML, as grlc has them.

https://github.com/CLARIAH/grlc#decorator-syntax lists the keys of grlc; ours are under
`x-wbskills`, which grlc ignores.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from wbskills.errors import Fault
from wbskills.names import did_you_mean

MARK: Final = "#+"
OURS: Final = "x-wbskills"
VIEWS: Final = ("table", "matrix")
_GRLC: Final = (
    "summary", "description", "tags", "defaults", "enumerate", "endpoint", "endpoint_in_url",
    "method", "pagination", OURS,
)  # fmt: skip
_MEMBERS: Final = (
    "question", "view", "key", "columns", "derive", "fractions", "params", "reading",
)  # fmt: skip
# How columns are derived, and how many columns or variables each function takes.
FUNCTIONS: Final[Mapping[str, int]] = {"label": 1, "labels": 1, "wilson_low": 2, "wilson_high": 2}
_CALL: Final = re.compile(r"(\w+)\((\w+(?:\s*,\s*\w+)*)\)")


@dataclass(frozen=True, slots=True)
class Derived:
    """A column that is not asked for, but computed from others: `function` of `of`.

    `label` is the label of an item. `labels` joins the labels of an item over all rows that are
    otherwise equal, which become one row. `wilson_low` and `wilson_high` are the ends of the 95 %
    interval of a share, from its numerator and denominator.
    """

    function: str
    of: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a header says about a parameter: its meaning, and what values it can have.

    `section` is that of an item, empty for what is no item; `least` and `greatest` bound a number.
    """

    meaning: str = ""
    section: str = ""
    least: Decimal | None = None
    greatest: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a header says, before it is held against the query below it.

    `params` describes each parameter.
    """

    summary: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    defaults: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    question: str = ""
    view: Mapping[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    derived: Mapping[str, Derived] = field(default_factory=dict)
    fractions: tuple[str, ...] = ()
    params: Mapping[str, About] = field(default_factory=dict)
    reading: str = ""


def split(text: str) -> tuple[str, str]:
    """Part a file into its header, without the marks, and the query below it."""
    lines = text.splitlines(keepends=True)
    end = next((n for n, line in enumerate(lines) if not line.startswith(MARK)), len(lines))
    header = "".join(line.removeprefix(MARK) for line in lines[:end])
    return header, "".join(lines[end:])


def read(header: str) -> tuple[Header, list[Fault]]:
    """Read a header, and tell everything that is wrong in it, by key."""
    import yaml

    try:
        # All scalars stay texts: to YAML, “no” would be false, and it is a language.
        found = yaml.BaseLoader(header).get_single_data()
    except RecursionError:
        return Header(), [Fault(what="this is nested too deeply", column="header")]
    except yaml.YAMLError as error:
        return Header(), [Fault(what=f"this is not YAML: {error}", column="header")]
    if not isinstance(found, dict):
        return Header(), [Fault(what="there is no header", hint=f"add {MARK} summary: …")]
    reading = _Reading()
    return reading.header(found), reading.faults


class _Reading:
    """Reads the parts of a header, and keeps what is wrong in them and where."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.place = ""

    def header(self, found: Mapping[str, Any]) -> Header:
        self.known(found, _GRLC)
        about = Header(
            summary=self.needed(found, "summary"),
            description=self.text(found, "description"),
            tags=self.texts(found, "tags"),
            defaults=self.defaults(found),
            choices=self.choices(found),
        )
        ours = self.mapping(found, OURS)
        self.place = f"{OURS}."
        self.known(ours, _MEMBERS)
        return replace(
            about,
            question=self.needed(ours, "question"),
            view=self.view(ours),
            key=self.texts(ours, "key"),
            fractions=self.texts(ours, "fractions"),
            reading=self.text(ours, "reading"),
            columns=self.columns(ours),
            derived=self.derived(ours),
            params=self.params(ours),
        )

    def fault(self, key: str, what: str, hint: str = "") -> None:
        self.faults.append(Fault(what=what, hint=hint, column=f"{self.place}{key}"))

    def known(self, table: Mapping[str, Any], names: Sequence[str]) -> None:
        for name in table:
            if name not in names:
                self.fault(name, "there is no such key", did_you_mean(name, names))

    def text(self, table: Mapping[str, Any], key: str) -> str:
        found = table.get(key, "")
        if not isinstance(found, str):
            self.fault(key, "a text is expected")
            return ""
        return " ".join(found.split())

    def needed(self, table: Mapping[str, Any], key: str) -> str:
        text = self.text(table, key)
        if not text:
            self.fault(key, "this is missing")
        return text

    def texts(self, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        found = table.get(key) or []
        if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
            self.fault(key, "a list is expected", f"write {key}: [one, two]")
            return ()
        return tuple(found)

    def mapping(self, table: Mapping[str, Any], key: str) -> dict[str, Any]:
        found = table.get(key) or {}
        if not isinstance(found, dict):
            self.fault(key, "names with values are expected", f"write {key}: {{name: value}}")
            return {}
        return found

    def pairs(self, table: Mapping[str, Any], key: str) -> Iterable[tuple[str, Any]]:
        """Read grlc's way of naming parameters: a list of mappings with one name each."""
        found = table.get(key) or []
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            self.fault(
                key, "a list of names with values is expected", f"write {key}: [{{level: …}}]"
            )
            return []
        return [pair for one in found for pair in one.items()]

    def defaults(self, table: Mapping[str, Any]) -> dict[str, str]:
        return {
            name: self.text({name: value}, name) for name, value in self.pairs(table, "defaults")
        }

    def choices(self, table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
        return {
            name: self.texts({name: value}, name) for name, value in self.pairs(table, "enumerate")
        }

    def view(self, ours: Mapping[str, Any]) -> dict[str, str]:
        found = ours.get("view") or VIEWS[0]
        view = {"kind": found} if isinstance(found, str) else self.mapping(ours, "view")
        if view.get("kind") not in VIEWS:
            self.fault("view", "there is no such view", f"use {' or '.join(VIEWS)}")
        return {part: self.text(view, part) for part in view}

    def columns(self, ours: Mapping[str, Any]) -> dict[str, str]:
        found = self.mapping(ours, "columns")
        self.place = f"{OURS}.columns."
        return {name: self.needed(found, name) for name in found}

    def derived(self, ours: Mapping[str, Any]) -> dict[str, Derived]:
        self.place = f"{OURS}."
        found = self.mapping(ours, "derive")
        self.place = f"{OURS}.derive."
        derived = {}
        for column in found:
            call = _CALL.fullmatch(self.needed(found, column))
            of = tuple(re.split(r"\s*,\s*", call[2])) if call else ()
            if call is None or FUNCTIONS.get(call[1]) != len(of):
                self.fault(column, "there is no such function", "use label(item), labels(item), …")
            else:
                derived[column] = Derived(call[1], of)
        return derived

    def params(self, ours: Mapping[str, Any]) -> dict[str, About]:
        self.place = f"{OURS}."
        params = {}
        found = self.mapping(ours, "params")
        for name, about in found.items():
            if isinstance(about, dict):
                self.place = f"{OURS}.params.{name}."
                self.known(about, ("section", "meaning", "least", "greatest"))
                params[name] = About(
                    meaning=self.needed(about, "meaning"),
                    section=self.text(about, "section"),
                    least=self.number(about, "least"),
                    greatest=self.number(about, "greatest"),
                )
            else:
                self.place = f"{OURS}.params."
                params[name] = About(meaning=self.needed(found, name))
        return params

    def number(self, table: Mapping[str, Any], key: str) -> Decimal | None:
        text = self.text(table, key)
        try:
            return Decimal(text) if text else None
        except InvalidOperation:
            self.fault(key, f"“{text}” is not a number")
            return None
