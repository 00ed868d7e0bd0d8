"""The errors that a user can cause, with what to do about them.

    WbskillsError
    ├── InvalidValue          a text or a number that the data model does not allow
    ├── NotFound              no such file, skill, query, person …
    ├── FaultyFile            all problems of one file, as `Fault`s
    │   ├── OntologyError     a file of the ontology
    │   ├── QuestionnaireError  a questionnaire
    │   ├── MappingError      the mapping of a survey
    │   └── SurveyError       a survey file
    ├── QueryError            a saved query, or a value for one of its parameters
    └── StoreError            the Wikibase refused something, or cannot be reached
        ├── LabelClash        another entity has the same label and description
        ├── EditConflict      someone changed the entity since it was read
        ├── EditRefused       the Wikibase refused one edit, and may take others
        ├── EditsRefused      some of several edits were refused; the others were made
        ├── StoreBusy         another process is writing
        └── StoreTooNew       written by a newer version of wbskills

Any other exception is a bug of this program and keeps its traceback.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

SHOWN_FAULTS = 50


class WbskillsError(Exception):
    """What is wrong (`what`) and, if known, what to do about it (`hint`).

    `exit_code` of a command is 2 if it was used wrongly, else 1.
    """

    exit_code = 1

    def __init__(self, what: str, *, hint: str = "") -> None:
        super().__init__(f"{what}\n  Try: {hint}" if hint else what)
        self.what, self.hint = what, hint


class InvalidValue(WbskillsError):
    """A value that the data model of Wikibase, or ours, does not allow."""


class NotFound(WbskillsError):
    """Something that was named does not exist."""

    exit_code = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One problem in a file: where it is, what is wrong, and what to try.

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
        what = f"{place}: {self.what}" if place else self.what
        return f"{what}\n    Try: {self.hint}" if self.hint else what


class FaultyFile(WbskillsError):
    """A file with problems: all of them, so that they can be fixed together."""

    ending = ""

    def __init__(self, file: str, faults: Sequence[Fault]) -> None:
        shown = [f"  {fault}" for fault in faults[:SHOWN_FAULTS]]
        if len(faults) > SHOWN_FAULTS:
            shown.append(f"  … and {len(faults) - SHOWN_FAULTS} more")
        count = "1 problem" if len(faults) == 1 else f"{len(faults)} problems"
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
    """A file of the ontology has problems."""

    ending = "Nothing was changed."


class MappingError(FaultyFile):
    """The mapping of a survey has problems."""

    exit_code = 2
    ending = "Nothing was imported."


class QuestionnaireError(FaultyFile):
    """A questionnaire has problems."""

    exit_code = 2
    ending = "Nothing was written."


class SurveyError(FaultyFile):
    """A survey file has problems."""

    ending = "Nothing was imported."


class QueryError(WbskillsError):
    """A saved query has an error, or a value for one of its parameters does not fit."""

    exit_code = 2


class StoreError(WbskillsError):
    """The Wikibase refused something, or cannot be reached."""


class LabelClash(StoreError):
    """`entity` already has the same label and description (of a property: the same label)."""

    def __init__(self, what: str, *, entity: str, hint: str = "") -> None:
        super().__init__(what, hint=hint)
        self.entity = entity


class EditConflict(StoreError):
    """Someone changed an entity since it was read; `keys` are those of all such edits."""

    def __init__(self, what: str, *, hint: str = "", keys: Sequence[str] = ()) -> None:
        super().__init__(what, hint=hint)
        self.keys = tuple(keys)


class EditRefused(StoreError):
    """The Wikibase refused one edit, for its content or its place; it may take others."""


class EditsRefused(StoreError):
    """Some of several edits were refused; all others were made.

    `reasons` are by key; `conflicts` are the keys of edits that conflicted with those of others.
    """

    def __init__(self, reasons: Mapping[str, StoreError], conflicts: Sequence[str] = ()) -> None:
        shown = [f"  {error.what}" for error in list(reasons.values())[:SHOWN_FAULTS]]
        if len(reasons) > SHOWN_FAULTS:
            shown.append(f"  … and {len(reasons) - SHOWN_FAULTS} more")
        count = "1 edit was" if len(reasons) == 1 else f"{len(reasons)} edits were"
        hints = dict.fromkeys(error.hint for error in reasons.values() if error.hint)
        super().__init__(
            "\n".join([f"{count} refused, all others were made:", *shown]),
            hint="; then ".join([*hints, "run the same command again"]),
        )
        self.reasons, self.conflicts = dict(reasons), tuple(conflicts)


class StoreBusy(StoreError):
    """Another process is writing to the same folder."""


class StoreTooNew(StoreError):
    """A newer version of wbskills wrote the folder."""


def cannot_write(file: Path, error: OSError) -> WbskillsError:
    """Return the error for a file or folder that cannot be written."""
    if isinstance(error, FileExistsError):
        return WbskillsError(f"{file} already exists", hint="use another name")
    return WbskillsError(
        f"{file} cannot be written: {error.strerror}",
        hint="use another folder, or free some space on the disk",
    )
