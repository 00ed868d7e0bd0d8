"""What this machine keeps beside a store so that `forget` reaches everything that was made of it.

Where reports were built from it and where it was mirrored, a small private file for each; and
whether somebody is being forgotten, so that no report is published meanwhile that names them.
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

from wbskills.domain import Identity
from wbskills.errors import StoreError
from wbskills.private_files import open_private, private_folder

_FOLDER: Final = "traces"
STATE: Final = "forgetting.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltReport:
    """A report as it was built: where, of which Wikibase, and with which options of the command.

    All paths are absolute, `wikibase` the name of a profile or a path.
    """

    folder: str
    wikibase: str
    ontology: tuple[str, ...] = ()
    title: str = ""
    notice: str = ""
    language: str = "en"
    least: int = 0


class Traces:
    """The traces of one store, in its folder of journals; without a folder there are none."""

    def __init__(self, records: Path | None) -> None:
        self._records = records

    def note_report(self, report: BuiltReport) -> None:
        """Note that a report is being built, of a Wikibase that is there.

        Where nothing can be written, nothing is noted.
        """
        self._note("report", report.folder, asdict(report))

    def note_mirror(self, folder: Path) -> None:
        """Note that the Wikibase is mirrored in a folder."""
        place = str(folder.absolute())
        self._note("mirror", place, {"folder": place})

    def reports(self) -> Iterator[BuiltReport]:
        """List the reports that are still where they were built."""
        for found in self._found("report"):
            yield BuiltReport(**{**found, "ontology": tuple(found["ontology"])})

    def mirrors(self) -> Iterator[Path]:
        """List the mirrors that are still there."""
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
        """Give a text that changes whenever somebody is forgotten. Raises `StoreError`.

        It does where somebody is being forgotten just now, or where that was broken off.
        """
        text = self._state()
        if text.startswith("+"):
            raise StoreError(
                "somebody is being forgotten, or that was broken off: nothing is published",
                hint="wbskills forget with the same name again; then this command",
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
        """Give the names of whoever is being forgotten, or was when that was broken off."""
        return self._unfinished()[0]

    def unfinished_items(self) -> set[str]:
        """Give the items of theirs that were known when that was begun."""
        return self._unfinished()[1]

    def _unfinished(self) -> tuple[list[Identity], set[str]]:
        lines = [*self._state().split("\n"), "", ""]
        try:
            names, items = json.loads(lines[1] or "[]"), json.loads(lines[2] or "[]")
            return [Identity(*each) for each in names], set(items)
        except (ValueError, TypeError):
            return [], set()

    @contextmanager
    def forgetting(
        self, identities: Iterable[Identity] = (), items: Iterable[str] = ()
    ) -> Iterator[None]:
        """Note that somebody is being forgotten, until that has ended well.

        Their names and items stand there that long: what tells of one of them may be gone before
        all is done that has to be done for it. Raises `StoreError` if that of somebody else is to
        be ended first.
        """
        identities = list(identities)
        before = self.unfinished()
        if before and not set(before) & set(identities):
            pseudonym = " --pseudonym" if before[0].property == "pseudonym" else ""
            raise StoreError(
                f"somebody else is being forgotten in {self._records}, or that was broken off",
                hint=f"wbskills forget {quote(before[0].name)}{pseudonym}, with the other options"
                " as before; then this command",
            )
        token = secrets.token_hex(8)
        names = json.dumps([[each.property, each.name] for each in identities])
        if self._records is not None:
            _write(self._records / STATE, f"+{token}\n{names}\n{json.dumps(sorted(items))}")
        yield
        if self._records is not None:
            for left in self._records.glob(f"{STATE}.*"):  # by a process that was killed
                left.unlink(missing_ok=True)
            _write(self._records / STATE, token)


def _write(file: Path, text: str) -> None:
    beside = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    private_folder(file.parent)
    with open_private(beside, "w") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    beside.replace(file)
