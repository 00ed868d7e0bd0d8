"""Saved queries: one question a file, found by name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from wbskills.errors import Fault, NotFound, QueryError
from wbskills.names import KEY, did_you_mean
from wbskills.query import header
from wbskills.query.header import OURS, Derived, Header
from wbskills.query.query_text import PREFIXES, ParsedQuery, SortKey, parse_query

NUMBERS = ("integer", "number")
LABEL = "Label"  # ends the name of a column of labels
# Parameters that follow from the reader's language; every query with labels has them.
AUTOMATIC = {
    "lang": "language of the names, as a code, for example en",
    "fallback": "language to use if a name is missing; set from lang",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """Something that a query asks for before it can answer.

    `variable` is how the query writes it, without the question mark. `type` is BASIL's: iri (an
    item), literal, integer, number, xsd_date or xsd_dateTime. An item is one of the ontology's
    `section`; `people` and `waves` are those of the Wikibase. `choices`, if there are any, are all
    that is allowed; a number is not below `least` and not above `greatest`. A parameter that is
    not required means “all” when left out.
    """

    name: str
    variable: str
    type: str
    required: bool
    meaning: str
    section: str = ""
    default: str = ""
    choices: tuple[str, ...] = ()
    least: Decimal | None = None
    greatest: Decimal | None = None

    @property
    def automatic(self) -> bool:
        """Whether it follows from the reader's language, so that nobody need be asked."""
        return self.name in AUTOMATIC


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedQuery:
    """A question that is asked again and again.

    `columns` maps each column to its meaning and unit, in order; `key` are those that no two rows
    share together; `fractions` those whose numbers need not be whole. `view` says how to show the
    answer: its `kind` (table, matrix) and which column plays which part. `text` is the whole file.

    The engine is asked for the variables `selected`; columns that are `derived` are computed from
    them. `order` sorts the rows by columns or selected variables; None leaves that to the engine.
    """

    name: str
    path: Path
    text: str
    summary: str
    question: str
    columns: Mapping[str, str]
    description: str = ""
    reading: str = ""
    tags: tuple[str, ...] = ()
    view: Mapping[str, str] = field(default_factory=lambda: {"kind": "table"})
    key: tuple[str, ...] = ()
    fractions: tuple[str, ...] = ()
    params: tuple[Param, ...] = ()
    selected: tuple[str, ...] = ()
    derived: Mapping[str, Derived] = field(default_factory=dict)
    order: tuple[SortKey, ...] | None = None
    prefixes: Mapping[str, str] = field(default_factory=lambda: PREFIXES)
    declared: frozenset[str] = frozenset()

    @property
    def labels(self) -> dict[str, str]:
        """Columns of labels, with the variables of the items that have these labels."""
        return {
            column: derived.of[0]
            for column, derived in self.derived.items()
            if derived.function in {"label", "labels"}
        }

    @property
    def sorts_afterwards(self) -> bool:
        """Whether the rows are sorted by columns that the engine does not know."""
        return bool(self.order) and any(key.variable in self.derived for key in self.order or ())

    def param(self, name: str) -> Param:
        """Return a parameter by name. Raises `QueryError` if there is none of that name."""
        for param in self.params:
            if param.name == name:
                return param
        names = [param.name for param in self.params]
        raise QueryError(
            f"“{self.name}” has no parameter “{name}”",
            hint=did_you_mean(name, names) or (f"use one of {', '.join(names)}" if names else ""),
        )


def load(folder: Path) -> list[SavedQuery]:
    """Read all saved queries of a folder, in the order of their names.

    Raises `QueryError` with all faults of all files; `NotFound` if there is no such folder.
    """
    _need(folder)
    found = []
    wrong = []
    for path in sorted(folder.glob("*.rq")):
        try:
            found.append(read(path))
        except QueryError as error:
            wrong.append(str(error))
    if wrong:
        raise QueryError("\n".join(wrong))
    return found


def _need(folder: Path) -> None:
    if not folder.is_dir():
        raise NotFound(f"there is no folder {folder}", hint="use a folder with .rq files")


def find(name: str, folders: Iterable[Path]) -> SavedQuery:
    """Find a saved query by name; the first folder that has it wins.

    Raises `NotFound` with the names that are near; `QueryError` if its file is faulty.
    """
    names: list[str] = []
    for folder in folders:
        _need(folder)
        path = folder / f"{name}.rq"
        # Only a key can be the name of a file, so no name leads out of the folder.
        if KEY.fullmatch(name) and path.is_file():
            return read(path)
        names += sorted(file.stem for file in folder.glob("*.rq"))
    if name in names:  # a hint that is what was typed helps nobody
        raise NotFound(
            f"“{name}” cannot be the name of a query",
            hint=f"rename {name}.rq, with only small Latin letters, digits and “_”",
        )
    raise NotFound(
        f"there is no saved query “{name}”",
        hint=did_you_mean(name, names) or f"use one of {', '.join(names)}",
    )


def read(path: Path) -> SavedQuery:
    """Read one saved query.

    Raises `QueryError` with everything that is wrong in the file, by key of its header.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")  # as some editors write it
    except UnicodeDecodeError as error:
        raise QueryError(f"{path.name}: this is not UTF-8") from error
    return _parsed(path, text)


@lru_cache(
    maxsize=256
)  # the same queries are asked again and again; a changed text is parsed anew
def _parsed(path: Path, text: str) -> SavedQuery:
    about, faults = header.read(header.split(text)[0])
    try:
        parsed = parse_query(text)
    except QueryError as error:
        raise _faulty(path, [*faults, Fault(what=error.what, hint=error.hint)]) from error
    derived = _derived(about, parsed)
    faults += _differences(path.stem, about, parsed, derived)
    if faults:
        raise _faulty(path, faults)
    return SavedQuery(
        name=path.stem,
        path=path,
        text=text,
        summary=about.summary,
        question=about.question,
        columns=about.columns,
        description=about.description,
        reading=about.reading,
        tags=about.tags,
        view=about.view,
        key=about.key,
        fractions=about.fractions,
        params=tuple(_params(about, parsed, derived)),
        selected=parsed.selected,
        derived=derived,
        order=parsed.order,
        prefixes=parsed.prefixes,
        declared=frozenset(parsed.declared),
    )


def _derived(about: Header, parsed: ParsedQuery) -> dict[str, Derived]:
    """Return how each column is derived that is not selected: `xLabel` is the label of `x`."""
    found = dict(about.derived)
    for column in about.columns:
        item = column.removesuffix(LABEL)
        if column not in found and column not in parsed.selected and item in parsed.selected:
            found[column] = Derived("label", (item,))
    return {column: found[column] for column in about.columns if column in found}


def _faulty(path: Path, faults: Sequence[Fault]) -> QueryError:
    count = "1 problem" if len(faults) == 1 else f"{len(faults)} problems"
    return QueryError("\n  ".join([f"{path.name}: {count}", *map(str, faults)]))


def _params(about: Header, parsed: ParsedQuery, derived: Mapping[str, Derived]) -> Iterator[Param]:
    for name, described in about.params.items():
        slot = parsed.slots[name]
        yield Param(
            name=name,
            variable=slot.variable,
            type=slot.type,
            required=slot.required,
            meaning=described.meaning,
            section=described.section,
            default=about.defaults.get(name, ""),
            choices=about.choices.get(name, ()),
            least=described.least,
            greatest=described.greatest,
        )
    if any(each.function in {"label", "labels"} for each in derived.values()):
        for name, meaning in AUTOMATIC.items():
            if name not in about.params:
                yield Param(
                    name=name,
                    variable=f"_{name}_literal",
                    type="literal",
                    required=True,
                    meaning=meaning,
                    default="en",
                )


def _differences(
    name: str, about: Header, parsed: ParsedQuery, derived: Mapping[str, Derived]
) -> Iterator[Fault]:
    """Compare the header with the query below it."""
    if not KEY.fullmatch(name):
        yield Fault(
            what=f"“{name}” cannot be the name of a query",
            hint="use only small Latin letters, digits and “_”",
        )
    yield from _columns(about, parsed, derived)
    yield from _unlike(f"{OURS}.params", about.params, parsed.slots, "the query has no parameter")
    parts = [column for part, column in about.view.items() if part != "kind"]
    for key, named in (("key", about.key), ("fractions", about.fractions), ("view", parts)):
        yield from _unknown(f"{OURS}.{key}", named, about.columns)
    for key, named in (("defaults", tuple(about.defaults)), ("enumerate", tuple(about.choices))):
        yield from _unknown(key, named, about.params)
    yield from _matrix(about.view)
    for param, slot in parsed.slots.items():
        described = about.params.get(param)
        if described is None:
            continue
        where = f"{OURS}.params.{param}"
        if (slot.type == "iri") != bool(described.section):
            what = "an item needs a section" if slot.type == "iri" else "only items have a section"
            yield Fault(what=what, hint="write {section: skills, meaning: …}", column=where)
        if slot.type not in NUMBERS and (described.least, described.greatest) != (None, None):
            yield Fault(what="only numbers have a least and a greatest value", column=where)


def _columns(
    about: Header, parsed: ParsedQuery, derived: Mapping[str, Derived]
) -> Iterator[Fault]:
    """Compare the columns that are described with those that are selected or derived."""
    used = {variable for each in derived.values() for variable in each.of}
    used |= {key.variable for key in parsed.order or ()}
    # What is selected for others only need not be described.
    described = [*about.columns, *(used - set(about.columns))]
    columns = [name for name in about.columns if name not in derived]
    selected = [name for name in parsed.selected if name in about.columns]
    where = f"{OURS}.columns"
    for name in columns:
        if name not in parsed.selected:
            hint = did_you_mean(name, parsed.selected)
            yield Fault(what=f"the query has no column “{name}”", hint=hint, column=where)
    for name in parsed.selected:
        if name not in described:
            yield Fault(what=f"“{name}” is missing", column=where)
    if set(columns) == set(selected) and columns != selected:
        hint = ", ".join(selected)
        yield Fault(what="the columns are in another order in the query", hint=hint, column=where)
    for name, each in about.derived.items():
        yield from _unknown(f"{OURS}.derive", [name], about.columns)
        yield from _unknown(f"{OURS}.derive.{name}", each.of, parsed.selected)


def _matrix(view: Mapping[str, str]) -> Iterator[Fault]:
    """List the parts that a matrix lacks."""
    for part in ("row", "column", "value"):
        if view.get("kind") == "matrix" and part not in view:
            yield Fault(what=f"a matrix needs a “{part}”", column=f"{OURS}.view")


def _unlike(
    key: str, described: Iterable[str], present: Iterable[str], what: str
) -> Iterator[Fault]:
    described, present = list(described), list(present)
    for name in described:
        if name not in present:
            yield Fault(what=f"{what} “{name}”", hint=did_you_mean(name, present), column=key)
    for name in present:
        if name not in described:
            yield Fault(what=f"“{name}” is missing", column=key)


def _unknown(key: str, named: Iterable[str], known: Iterable[str]) -> Iterator[Fault]:
    known = list(known)
    for name in named:
        if name not in known:
            yield Fault(what=f"there is no “{name}”", hint=did_you_mean(name, known), column=key)
