"""The family of errors: everything that a user can cause, with what to do about it.

    WbskillsError
    ├── InvalidValue          text or a number that the data model refuses
    ├── NotFound              no such file, skill, query, person …
    ├── FaultyFile            holds Faults, all that were found in one file
    │   ├── OntologyError     a file of the ontology
    │   ├── MappingError      a mapping of a survey
    │   └── SurveyError       a survey file
    ├── QueryError            a saved query, or a value given to it
    └── StoreError            the Wikibase refused, or is not reachable
        ├── LabelClash        label and description are taken by another entity
        ├── EditConflict      somebody changed the entity since it was read
        ├── EditRefused       the Wikibase refuses one edit, and may take others
        ├── EditsRefused      some edits of several were refused; the others were made
        ├── StoreBusy         another process is writing
        └── StoreTooNew       made by a newer version of wbskills

Whatever else escapes is a fault of ours and keeps its traceback.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

SHOWN_FAULTS = 50


class WbskillsError(Exception):
    """What went wrong and, when we can tell, what to do about it.

    `exit_code` is 2 where the command was used wrongly, else 1.
    """

    exit_code = 1

    def __init__(self, what: str, *, hint: str = "") -> None:
        super().__init__(f"{what}\n  Try: {hint}" if hint else what)
        self.what, self.hint = what, hint


class InvalidValue(WbskillsError):
    """A value that Wikibase's data model, or ours, does not allow."""


class NotFound(WbskillsError):
    """Something that was named is not there."""

    exit_code = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong in a file: where it is, what it is, and what to try.

    `row` counts as a spreadsheet does, the first line of the file being 1; 0 means the
    whole file. `column` is the letter and heading of a column, or the key in a TOML file.
    """

    what: str
    hint: str = ""
    row: int = 0
    column: str = ""

    def __str__(self) -> str:
        place = ", ".join(
            part for part in (f"row {self.row}" if self.row else "", self.column) if part
        )
        told = f"{place}: {self.what}" if place else self.what
        return f"{told}\n    Try: {self.hint}" if self.hint else told


class FaultyFile(WbskillsError):
    """A file with faults: all of them, so that they can be mended at once."""

    ending = ""

    def __init__(self, file: str, faults: Sequence[Fault]) -> None:
        shown = [f"  {fault}" for fault in faults[:SHOWN_FAULTS]]
        if len(faults) > SHOWN_FAULTS:
            shown.append(f"  … and {len(faults) - SHOWN_FAULTS} more")
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__("\n".join([f"{file}: {count}", *shown, self.ending]).rstrip())
        self.file, self.faults = file, tuple(faults)

    @classmethod
    def of(cls, file: str, what: str, hint: str = "", *, row: int = 0, column: str = "") -> Self:
        """Return an error with one fault."""
        return cls(file, [Fault(what=what, hint=hint, row=row, column=column)])


class Faults(list[Fault]):
    """The faults of one file, collected to be reported together."""

    def add(self, what: str, hint: str = "", *, row: int = 0, column: str = "") -> None:
        """Add a fault."""
        self.append(Fault(what=what, hint=hint, row=row, column=column))


class OntologyError(FaultyFile):
    """A file of the ontology is wrong."""

    ending = "Nothing was changed."


class MappingError(FaultyFile):
    """A mapping of a survey is wrong."""

    exit_code = 2
    ending = "Nothing was imported."


class SurveyError(FaultyFile):
    """A survey file has answers that cannot be read."""

    ending = "Nothing was imported."


class QueryError(WbskillsError):
    """A saved query is wrong, or a value given to it does not fit."""

    exit_code = 2


class StoreError(WbskillsError):
    """The Wikibase refused something, or cannot be reached."""


class LabelClash(StoreError):
    """Label and description (of a property: the label) are already those of `entity`."""

    def __init__(self, what: str, *, entity: str, hint: str = "") -> None:
        super().__init__(what, hint=hint)
        self.entity = entity


class EditConflict(StoreError):
    """The entity was changed by somebody since it was read; of several, those with these keys."""

    def __init__(self, what: str, *, hint: str = "", keys: Sequence[str] = ()) -> None:
        super().__init__(what, hint=hint)
        self.keys = tuple(keys)


class EditRefused(StoreError):
    """The Wikibase refuses one edit, for what it says or where; it may take others."""


class EditsRefused(StoreError):
    """Some edits of several were refused; all others were made.

    `reasons` tells by key why. `conflicts` are the keys of edits that met with somebody else's.
    """

    def __init__(self, reasons: Mapping[str, StoreError], conflicts: Sequence[str] = ()) -> None:
        told = [f"  {error.what}" for error in list(reasons.values())[:SHOWN_FAULTS]]
        if len(reasons) > SHOWN_FAULTS:
            told.append(f"  … and {len(reasons) - SHOWN_FAULTS} more")
        count = "1 edit was" if len(reasons) == 1 else f"{len(reasons)} edits were"
        hints = dict.fromkeys(error.hint for error in reasons.values() if error.hint)
        super().__init__(
            "\n".join([f"{count} refused, all others made:", *told]),
            hint="; ".join([*hints, "then the same command again"]),
        )
        self.reasons, self.conflicts = dict(reasons), tuple(conflicts)


class StoreBusy(StoreError):
    """Another process is writing to the embedded store."""


class StoreTooNew(StoreError):
    """The embedded store was made by a newer version of wbskills."""


def cannot_write(file: Path, error: OSError) -> WbskillsError:
    """Give the error for a file or folder that cannot be written."""
    if isinstance(error, FileExistsError):
        return WbskillsError(f"{file} already exists", hint="use another name")
    return WbskillsError(
        f"{file} cannot be written: {error.strerror}",
        hint="use another folder, or free some space on the disk",
    )
