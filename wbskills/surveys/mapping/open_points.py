"""Open questions of a mapping: what only a person can know stands in it as `"?"`.

A draft has them; a mapping that has any is refused, with all of them (see `open_faults`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from wbskills.errors import Fault
from wbskills.surveys.files.cell_text import clean, cut

OPEN: Final = "?"
_SEPARATORS: Final = ("between", "separator")  # where “?” may be meant
_LONGEST: Final = 60

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """An open question: its path in the TOML document, and the columns that it is about.

    `columns` are names or patterns, as the mapping has them.
    """

    path: Path
    columns: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """The path as messages have it: `questions[1].answers.Sometimes`."""
        text = ""
        for part in self.path:
            if isinstance(part, int):
                text += f"[{part + 1}]"
            else:
                text += f".{cut(clean(part), _LONGEST)}" if text else part
        return text

    @property
    def subject(self) -> str:
        """The last part of the path: an answer, a heading, or a member of the mapping."""
        return str(self.path[-1])


def open_points(document: Mapping[str, Any]) -> tuple[OpenPoint, ...]:
    """List the open questions of a mapping, in the order of its file.

    >>> [each.place for each in open_points({"title": "?", "wave": {"a": {"label": {"en": "?"}}}})]
    ['title', 'wave.a.label.en']
    """
    return tuple(OpenPoint(path, _columns(document, path)) for path in _paths(document, ()))


def without_open(document: Any) -> Any:  # noqa: ANN401 - whatever TOML holds
    """Return a document without its open questions, so that the rest can be read."""
    if isinstance(document, dict):
        return {
            name: without_open(value)
            for name, value in document.items()
            if not _is_open(name, value)
        }
    return [*map(without_open, document)] if isinstance(document, list) else document


def is_about(fault: Fault, points: Iterable[OpenPoint]) -> bool:
    """Return whether a fault may only say that an open question is not answered.

    That is so if it is about the question, what that is part of, or another member of the same
    table.
    """
    return bool(fault.column) and any(
        f"{each.place}.".startswith((f"{fault.column}.", f"{fault.column}["))
        or each.place.rpartition(".")[0] == fault.column.rpartition(".")[0] != ""
        for each in points
    )


def _paths(document: Any, path: Path) -> Iterator[Path]:  # noqa: ANN401 - whatever TOML holds
    if isinstance(document, dict):
        for name, value in document.items():
            if _is_open(name, value):
                yield (*path, name)
            else:
                yield from _paths(value, (*path, name))
    elif isinstance(document, list):
        for number, value in enumerate(document):
            yield from _paths(value, (*path, number))


def _is_open(name: str, value: object) -> bool:
    return value == OPEN and name not in _SEPARATORS


def _columns(document: Mapping[str, Any], path: Path) -> tuple[str, ...]:
    """Return the columns that the part of the mapping names in which an open question stands."""
    if len(path) > 1 and path[-2] in ("skills", "languages"):
        block = _at(document, path[:-2])
        if not isinstance(block, dict) or not block.get("columns"):
            return (str(path[-1]),)
    for end in range(len(path) - 1, 0, -1):
        block = _at(document, path[:end])
        if isinstance(block, dict):
            named = [block.get(name) for name in ("columns", "column")]
            names = [
                name for each in named for name in (each if isinstance(each, list) else [each])
            ]
            for table in ("skills", "languages"):
                if isinstance(block.get(table), dict) and not block.get("columns"):
                    names += list(block[table])
            texts = tuple(name for name in names if isinstance(name, str) and name != OPEN)
            if texts:
                return texts
    return ()


def _at(document: Any, path: Path) -> Any:  # noqa: ANN401 - whatever TOML holds
    for part in path:
        document = document[part]
    return document
