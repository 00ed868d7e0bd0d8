"""Completing a mapping question by question; each decision is saved at once."""

import os
import secrets
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from wbskills.data import ontology_folder
from wbskills.errors import MappingError, cannot_write
from wbskills.ontology.entries import Ontology
from wbskills.ontology.load import load as load_ontology
from wbskills.surveys.draft.inspect_file import Inspection, inspect
from wbskills.surveys.draft.write_draft import draft
from wbskills.surveys.edit.decisions import Value, comments, decided, reopened
from wbskills.surveys.edit.questions import EditQuestion, Questions
from wbskills.surveys.mapping.open_points import open_points
from wbskills.toml_reader import loads


class MappingEditor:
    """The mapping of a survey file, while a person completes it.

    The mapping is read again before each change, so that it can be edited elsewhere meanwhile.
    """

    def __init__(self, file: Path, mapping: Path, ontology_files: Iterable[Path] = ()) -> None:
        self.file, self.mapping = file, mapping
        self.ontology_files = tuple(ontology_files)

    def begin(self) -> bool:
        """Write a draft if there is no mapping yet; returns whether one was written.

        Raises `SurveyError` or `NotFound` if the survey file cannot be read.
        """
        if self.mapping.exists():
            return False
        ontology = load_ontology(ontology_folder(), *self.ontology_files)
        text = draft(inspect(self.file, ontology), ontology)
        try:
            with self.mapping.open("x", encoding="utf-8") as opened:
                opened.write(text)
        except OSError as error:
            raise cannot_write(self.mapping, error) from error
        return True

    @cached_property
    def ontology(self) -> Ontology:
        """The ontology that the mapping uses."""
        _, document = self._read()
        named = document.get("ontology")
        own = named if isinstance(named, list) else [named]
        files = [self.mapping.parent / name for name in own if isinstance(name, str)]
        return load_ontology(ontology_folder(), *filter(Path.is_file, files), *self.ontology_files)

    @cached_property
    def known(self) -> Questions:
        """What the survey file says about the questions."""
        return Questions(self._inspected(), self.ontology)

    def questions(self, *, also_decided: bool = False) -> list[EditQuestion]:
        """List the open questions of the mapping, or all that can be decided here.

        Raises `MappingError` if the mapping is not TOML.
        """
        text, document = self._read()
        points = open_points(reopened(document) if also_decided else document)
        notes = comments(text, {point.path: None for point in points})
        return self.known.of(document, points, notes)

    def decide(self, decisions: Mapping[EditQuestion, Value]) -> None:
        """Write decisions to the mapping. Raises `WbskillsError` if it cannot be changed."""
        text, _ = self._read()
        by_path = {path: value for question, value in decisions.items() for path in question.paths}
        changed = decided(text, by_path)
        if changed != text:
            self._save(changed)

    def edition(self) -> str:
        """Return what changes whenever the mapping does."""
        text, _ = self._read()
        return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def _inspected(self) -> Inspection:
        _, document = self._read()

        def text(name: str) -> str:
            value = document.get(name)
            return value if isinstance(value, str) else ""

        row = document.get("heading_row")
        return inspect(
            self.file,
            self.ontology,
            encoding=text("encoding"),
            separator=text("separator"),
            sheet=text("sheet"),
            tool=text("tool"),
            heading_row=row if isinstance(row, int) else 0,
        )

    def _read(self) -> tuple[str, dict[str, Any]]:
        try:
            text = self.mapping.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
            return text, loads(text)
        except OSError as error:
            raise MappingError.of(str(self.mapping), f"it cannot be read: {error}") from error
        except ValueError as error:
            hint = "correct it in a text editor"
            raise MappingError.of(str(self.mapping), f"this is not TOML: {error}", hint) from error

    def _save(self, text: str) -> None:
        """Replace the mapping as a whole, so that an interruption leaves either of the two."""
        place = self.mapping.resolve()  # a link stays a link
        temporary = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
        try:
            with temporary.open("x", encoding="utf-8", newline="\n") as opened:
                opened.write(text)
                opened.flush()
                os.fsync(opened.fileno())
            with suppress(OSError):  # a file system without modes
                shutil.copymode(place, temporary)
            temporary.replace(place)
        except OSError as error:
            raise cannot_write(self.mapping, error) from error
        finally:
            temporary.unlink(missing_ok=True)
