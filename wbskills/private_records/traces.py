"""Records of the reports and copies made from a Wikibase on this machine, for `forget`.

A small private file for each report that was built and each copy that was pulled; and whether a
person is being forgotten, so that no report that names them is published meanwhile.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from shlex import quote
from typing import Any, Final

from wbskills.domain import PSEUDONYM, Identity
from wbskills.errors import StoreError
from wbskills.private_files import open_private, private_folder

_FOLDER: Final = "traces"
STATE: Final = "forgetting.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltReport:
    """A report: its folder, its Wikibase, and the options it was built with.

    All paths are absolute; `wikibase` is the name of a profile or a path.
    """

    folder: str
    wikibase: str
    ontology: tuple[str, ...] = ()
    title: str = ""
    notice: str = ""
    language: str = "en"
    least: int = 0

    def command(self) -> str:
        """Return the command that builds this report."""
        given = [self.folder, "--wikibase", self.wikibase]
        for option, value in (
            *(("--ontology", path) for path in self.ontology),
            ("--title", self.title),
            ("--notice", self.notice),
            ("--lang", self.language if self.language != "en" else ""),
            ("--withhold-below", str(self.least or "")),
        ):
            given += [option, value] if value else []
        return f"wbskills report build {' '.join(map(quote, given))}"


class Traces:
    """The records of one Wikibase, in the folder of its journals; without a folder, none."""

    def __init__(self, records: Path | None) -> None:
        self._records = records

    def note_report(self, report: BuiltReport) -> None:
        """Record that a report is being built; does nothing where nothing can be written."""
        self._note("report", report.folder, asdict(report))

    def note_mirror(self, folder: Path) -> None:
        """Record that the Wikibase is copied into a folder."""
        place = str(folder.absolute())
        self._note("mirror", place, {"folder": place})

    def reports(self) -> Iterator[BuiltReport]:
        """List the reports that still exist."""
        for found in self._found("report"):
            yield BuiltReport(**{**found, "ontology": tuple(found["ontology"])})

    def mirrors(self) -> Iterator[Path]:
        """List the copies that still exist."""
        for found in self._found("mirror"):
            yield Path(found["folder"])

    def _note(self, kind: str, place: str, what: dict[str, Any]) -> None:
        if self._records is None:
            return
        name = hashlib.sha256(place.encode()).hexdigest()[:16]
        with suppress(OSError):
            _write(self._records / _FOLDER / f"{kind}-{name}.json", json.dumps(what))

    def _found(self, kind: str) -> Iterator[dict[str, Any]]:
        folder = None if self._records is None else self._records / _FOLDER
        for file in sorted(folder.glob(f"{kind}-*.json")) if folder is not None else ():
            try:
                found = json.loads(file.read_text(encoding="utf-8"))
                if Path(found["folder"]).exists():
                    yield found
            except (OSError, ValueError, KeyError, TypeError):
                continue

    def state(self) -> str:
        """Return a text that changes whenever a person is forgotten.

        Raises `StoreError` while a person is being forgotten, or if that was interrupted.
        """
        text = self._state()
        if text.startswith("+"):
            raise StoreError(
                "a person is being removed, or that was interrupted: nothing is published",
                hint="run “wbskills forget” with the same name again, then this command",
            )
        return text

    def _state(self) -> str:
        if self._records is None:
            return ""
        try:
            return (self._records / STATE).read_text(encoding="utf-8")
        except OSError:
            return ""

    def unfinished(self) -> list[Identity]:
        """List the names of the person of an unfinished or interrupted `forgetting`."""
        return self._unfinished()[0]

    def unfinished_items(self) -> set[str]:
        """List the ids of their items that were known when it began."""
        return self._unfinished()[1]

    def _unfinished(self) -> tuple[list[Identity], set[str]]:
        lines = [*self._state().split("\n"), "", ""]
        try:
            names, items = json.loads(lines[1] or "[]"), json.loads(lines[2] or "[]")
            return [Identity(*name) for name in names], set(items)
        except (ValueError, TypeError):
            return [], set()

    @contextmanager
    def forgetting(
        self, identities: Iterable[Identity] = (), items: Iterable[str] = ()
    ) -> Iterator[None]:
        """Record that a person is being forgotten, until the block ends without an error.

        Until then their names and items are kept, so that an interrupted run can be completed.
        Raises `StoreError` if that of another person must be completed first.
        """
        identities = list(identities)
        before = self.unfinished()
        if before and not set(before) & set(identities):
            pseudonym = " --pseudonym" if before[0].property == PSEUDONYM else ""
            raise StoreError(
                f"another person is being removed from {self._records}, or that was interrupted",
                hint=f"run “wbskills forget {quote(before[0].name)}{pseudonym}” with the other"
                " options as before, then this command",
            )
        token = secrets.token_hex(8)
        names = json.dumps([[identity.property, identity.name] for identity in identities])
        if self._records is not None:
            _write(self._records / STATE, f"+{token}\n{names}\n{json.dumps(sorted(items))}")
        yield
        if self._records is not None:
            for left in self._records.glob(f"{STATE}.*"):  # by a process that was killed
                left.unlink(missing_ok=True)
            _write(self._records / STATE, token)


def _write(file: Path, text: str) -> None:
    temporary = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    private_folder(file.parent)
    with open_private(temporary, "w") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    temporary.replace(file)
