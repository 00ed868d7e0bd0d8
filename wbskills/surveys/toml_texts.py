"""Words of forms, as they stand in a TOML file."""

from typing import Final

from wbskills.surveys.cells import cut

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
