"""Saved queries: one question a file, found by name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from wbskills.errors import Fault, NotFound, QueryError
from wbskills.names import KEY
from wbskills.query import body, header
from wbskills.query.body import Body
from wbskills.query.header import OURS, Header
from wbskills.query.spelling import near

NUMBERS = ("integer", "number")
AUTOMATIC = ("lang", "fallback")  # parameters that follow from the reader's language


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

    def param(self, name: str) -> Param:
        """Give a parameter by name. Raises `QueryError` if there is none of that name."""
        for param in self.params:
            if param.name == name:
                return param
        names = [param.name for param in self.params]
        raise QueryError(
            f"“{self.name}” has no parameter “{name}”", hint=near(name, names) or ", ".join(names)
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
        raise NotFound(f"there is no folder {folder}", hint="a folder with .rq files")


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
            hint=f"a file with a name of small Latin letters, digits and “_”, not {name}.rq",
        )
    raise NotFound(f"there is no saved query “{name}”", hint=near(name, names) or ", ".join(names))


def read(path: Path) -> SavedQuery:
    """Read one saved query.

    Raises `QueryError` with everything that is wrong in the file, by key of its header.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")  # as some editors write it
    except UnicodeDecodeError as error:
        raise QueryError(f"{path.name}: this is not UTF-8") from error
    about, faults = header.read(header.split(text)[0])
    try:
        said = body.read(text)
    except QueryError as error:
        raise _faulty(path, [*faults, Fault(what=error.what, hint=error.hint)]) from error
    faults += _differences(path.stem, about, said)
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
        params=tuple(_params(about, said)),
    )


def _faulty(path: Path, faults: Sequence[Fault]) -> QueryError:
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    return QueryError("\n  ".join([f"{path.name}: {count}", *map(str, faults)]))


def _params(about: Header, said: Body) -> Iterator[Param]:
    for name, told in about.params.items():
        slot = said.slots[name]
        yield Param(
            name=name,
            variable=slot.variable,
            type=slot.type,
            required=slot.required,
            meaning=told.meaning,
            section=told.section,
            default=about.defaults.get(name, ""),
            choices=about.choices.get(name, ()),
            least=told.least,
            greatest=told.greatest,
        )


def _differences(name: str, about: Header, said: Body) -> Iterator[Fault]:
    """Hold the header against the query below it."""
    if not KEY.fullmatch(name):
        yield Fault(
            what=f"“{name}” cannot be the name of a query",
            hint="small Latin letters, digits and “_”",
        )
    yield from _unlike(f"{OURS}.columns", about.columns, said.columns, "the query has no column")
    yield from _unlike(f"{OURS}.params", about.params, said.slots, "the query has no parameter")
    if set(about.columns) == set(said.columns) and tuple(about.columns) != said.columns:
        yield Fault(
            what="the columns stand in another order",
            hint=", ".join(said.columns),
            column=f"{OURS}.columns",
        )
    parts = [column for part, column in about.view.items() if part != "kind"]
    for key, named in (("key", about.key), ("fractions", about.fractions), ("view", parts)):
        yield from _unknown(f"{OURS}.{key}", named, said.columns)
    for key, named in (("defaults", tuple(about.defaults)), ("enumerate", tuple(about.choices))):
        yield from _unknown(key, named, about.params)
    yield from _matrix(about.view)
    for param, slot in said.slots.items():
        told = about.params.get(param)
        if told is None:
            continue
        where = f"{OURS}.params.{param}"
        if (slot.type == "iri") != bool(told.section):
            what = "an item needs a section" if slot.type == "iri" else "only items have a section"
            yield Fault(what=what, hint="{section: skills, meaning: …}", column=where)
        if slot.type not in NUMBERS and (told.least, told.greatest) != (None, None):
            yield Fault(what="only numbers have a least and a greatest value", column=where)


def _matrix(view: Mapping[str, str]) -> Iterator[Fault]:
    """Tell what a matrix lacks."""
    for part in ("row", "column", "value"):
        if view.get("kind") == "matrix" and part not in view:
            yield Fault(what=f"a matrix needs a “{part}”", column=f"{OURS}.view")


def _unlike(key: str, told: Iterable[str], there: Iterable[str], what: str) -> Iterator[Fault]:
    told, there = list(told), list(there)
    for name in told:
        if name not in there:
            yield Fault(what=f"{what} “{name}”", hint=near(name, there), column=key)
    for name in there:
        if name not in told:
            yield Fault(what=f"“{name}” is missing", column=key)


def _unknown(key: str, named: Iterable[str], known: Iterable[str]) -> Iterator[Fault]:
    known = list(known)
    for name in named:
        if name not in known:
            yield Fault(what=f"there is no “{name}”", hint=near(name, known), column=key)
