"""Questionnaires: listing them, writing one for a survey tool, and making a new one."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from wbskills.data import ontology_folder
from wbskills.errors import InvalidValue, NotFound, QuestionnaireError, WbskillsError, cannot_write
from wbskills.names import did_you_mean
from wbskills.ontology.entries import Ontology
from wbskills.questionnaires.export import ExportFile, find_format
from wbskills.questionnaires.mapping_text import mapping_text
from wbskills.questionnaires.schema import Questionnaire
from wbskills.questionnaires.toml_file import NAME, load

OWN: Final = Path("questionnaires")  # in the current folder
_OPEN: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class ExportedQuestionnaire:
    """The files that were written for a survey tool, and what to do with them."""

    files: tuple[Path, ...]
    next_steps: tuple[str, ...]


def questionnaires(ontology: Ontology, own: Path = OWN) -> list[Questionnaire]:
    """List the questionnaires of the folder `questionnaires`, then the built-in ones.

    One of the folder is taken in place of a built-in one of the same name and version. Raises
    `QuestionnaireError` with all faults of the first faulty file, or if two files have the same
    mark.
    """
    found: dict[str, Questionnaire] = {}
    for folder in (own, ontology_folder() / "questionnaires"):
        for path in sorted(folder.glob("*.toml")):
            each = load(path, ontology)
            other = found.setdefault(each.mark, each)
            if each.name != other.name:
                raise QuestionnaireError.of(
                    other.file,
                    f"the answers to “{other.name}” and to “{each.name}” ({path}) have the same"
                    f" mark: {each.mark}",
                    "use a name that differs by more than “_”",
                    column="name",
                )
            if other is not each and folder == own:
                raise QuestionnaireError.of(
                    str(path),
                    f"{other.file} is version {each.version} of “{each.name}” as well",
                    f"write version = {each.version + 1}, if it asks something else",
                    column="version",
                )
    return list(found.values())


def find_questionnaire(name: str, ontology: Ontology, own: Path = OWN) -> Questionnaire:
    """Find the newest version of a questionnaire by its name; or read a file, by its path.

    Raises `NotFound`, or `QuestionnaireError` with all faults.
    """
    if name.endswith(".toml"):
        return load(Path(name), ontology)
    every = questionnaires(ontology, own)
    named = [each for each in every if each.name == name]
    if not named:
        known = list(dict.fromkeys(each.name for each in every))
        raise NotFound(
            f"there is no questionnaire “{name}”",
            hint=did_you_mean(name, known) or f"use one of {', '.join(known)}, or a .toml file",
        )
    return max(named, key=lambda each: each.version)


def export_questionnaire(
    questionnaire: Questionnaire, ontology: Ontology, tool: str, folder: Path
) -> ExportedQuestionnaire:
    """Write a questionnaire for a survey tool, with the mappings that fit its export.

    No file is replaced. Raises `NotFound` if there is no such tool, `WbskillsError` if a file
    exists or cannot be written; then no file is written.
    """
    form = find_format(tool)
    files = [*form.files(questionnaire, ontology), *_mappings(questionnaire, ontology, tool)]
    paths = tuple(folder / file.name for file in files)
    written: list[Path] = []
    for path, file in zip(paths, files, strict=True):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as opened:
                written.append(path)
                opened.write(file.content)
        except OSError as error:
            for done in written:
                done.unlink(missing_ok=True)
            raise cannot_write(path, error) from error
    return ExportedQuestionnaire(paths, form.next_steps)


def _mappings(questionnaire: Questionnaire, ontology: Ontology, tool: str) -> Iterator[ExportFile]:
    form = find_format(tool)
    languages = questionnaire.languages if form.one_for_each_language else ("",)
    for language in languages:
        columns = form.columns(questionnaire, ontology, language or questionnaire.languages[0])
        name = f"mapping-{language}.toml" if language else "mapping.toml"
        yield ExportFile(name, mapping_text(questionnaire, columns).encode())


def new_questionnaire(
    name: str, source: Questionnaire, ontology: Ontology, today: date, folder: Path = OWN
) -> Path:
    """Copy a questionnaire under another name, with a wave that begins today; returns its file.

    Raises `InvalidValue` if the name is not valid or already used, `QuestionnaireError` if the
    copy has faults, `WbskillsError` if the file exists; then no file is written.
    """
    if not NAME.fullmatch(name):
        raise InvalidValue(
            f"“{name}” cannot be the name of a questionnaire",
            hint="use small Latin letters and “_” between them, for example my_survey",
        )
    for each in questionnaires(ontology, folder):
        if each.name.replace("_", "") == name.replace("_", ""):
            raise InvalidValue(
                f"there is a questionnaire “{each.name}” already: {each.file}",
                hint="use another name, which differs by more than “_”",
            )
    wave = f"{name}_{today.year}"
    file = folder / f"{name}.toml"
    try:
        text = Path(source.file).read_text(encoding="utf-8")
        folder.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as opened:
            opened.write(_renamed(text, name, wave, source.languages, today))
    except OSError as error:
        raise cannot_write(file, error) from error
    try:
        made = load(file, ontology)
        found = (made.name, made.version, made.wave.key, made.wave.start)
        if found != (name, 1, wave, today) or made.wave.labels == source.wave.labels:
            raise InvalidValue(
                f"{source.file} cannot be copied: its name, version and wave were not found",
                hint="write name, version, and key, label, start and end of [wave] as"
                " ambassadors.toml does, each in a line of its own",
            )
    except WbskillsError:
        file.unlink()
        raise
    return file


def _renamed(text: str, name: str, wave: str, languages: Iterable[str], today: date) -> str:
    label = f"{name.replace('_', ' ').capitalize()}, {today.year}"
    labels = ", ".join(f'{language} = "{label}"' for language in languages)
    for pattern, line in (
        (r"^name = .*?(?=\s*(#|$))", f'name = "{name}"'),
        (r"^version = .*$", "version = 1"),
        (r"^key = .*$", f'key = "{wave}"'),
        (r"^label = .*$", f"label = {{ {labels} }}"),  # no two waves may have the same
        (r"^start = .*$", f"start = {today}"),
        (r"^end = .*$", f"end = {today + _OPEN}"),
    ):
        text = re.sub(pattern, line, text, count=1, flags=re.MULTILINE)
    return text
