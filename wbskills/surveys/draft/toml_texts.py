"""Words of forms, and names of columns, as they stand in the TOML of a draft."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from wbskills.surveys.files.cell_text import cut, key
from wbskills.surveys.files.columns import Column

# Before what is only likely, and before what nobody but a person can know.
LIKELY: Final = "#? "
ASKED: Final = "#! "
_LONGEST_COMMENT: Final = 80


def text(value: str) -> str:
    r"""Write a text as TOML does.

    >>> text('say "yes"')
    '"say \\"yes\\""'
    """
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    shown = "".join(
        letter if letter.isprintable() or letter == " " else f"\\U{ord(letter):08X}"
        for letter in escaped
    )
    return f'"{shown}"'


def comment(words: str) -> str:
    """Cut words of a form to what stands behind a `#`, in one line."""
    printable = "".join(letter if letter.isprintable() else " " for letter in words)
    return cut(printable, _LONGEST_COMMENT)


class ColumnNames:
    """The names by which a draft means the columns of a file."""

    def __init__(self, columns: Iterable[Column]) -> None:
        names = Counter(key(column.name) for column in columns)
        self._twice = {name for name, count in names.items() if count > 1}

    def pattern(self, column: Column) -> str:
        """Name a column where the mapping takes patterns: a star in a heading would be one."""
        is_pattern = any(sign in column.name for sign in "*{")
        return text(f"column {column.letter}") if is_pattern else self.name(column)

    def name(self, column: Column) -> str:
        """Name a column by its shortest name, or by its letter if others have the same name."""
        unique = key(column.name) not in self._twice
        return text(column.name if unique else f"column {column.letter}")
