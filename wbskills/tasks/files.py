"""Writing files that a user asked for."""

from pathlib import Path

from wbskills.errors import WbskillsError


def write_new(file: Path, text: str) -> None:
    """Write a file that is not there yet. Raises `WbskillsError` if it is, or cannot be made."""
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except OSError as error:
        raise cannot_write(file, error) from error


def cannot_write(file: Path, error: OSError) -> WbskillsError:
    """Say that a file cannot be written."""
    if isinstance(error, FileExistsError):
        return WbskillsError(f"{file} is there already", hint="another name")
    return WbskillsError(
        f"{file} cannot be written: {error.strerror}",
        hint="another folder, or room on the disk",
    )
