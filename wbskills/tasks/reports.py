"""Building the report site: questions asked, pages made, files put in their place at once."""

import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from wbskills.errors import WbskillsError
from wbskills.model.table import Table
from wbskills.ontology.entries import Ontology
from wbskills.report.profiles import Interests
from wbskills.report.site import Content, Page, pages
from wbskills.store.port import Wikibase
from wbskills.tasks.files import cannot_write
from wbskills.tasks.questions import Questions

MARK: Final = ".wbskills-report"
_LEVEL: Final = "alone"  # from here on somebody counts as able

# Everything the site asks; people decide what is common enough for a baseline by looking.
_QUESTIONS: Final = {
    "coverage": {"level": _LEVEL},
    "baseline": {"level": _LEVEL, "share": "0", "people": "0"},
    "rare_skills": {"level": _LEVEL},
    "capacity_map": {"level": _LEVEL},
    "people": {"level": _LEVEL},
    "person_profile": {},
    "responses_per_wave": {},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """How a report is to look: its title, a notice on top of every page, its language."""

    title: str = "Who can do what"
    notice: str = ""
    language: str = "en"


def build_report(
    wikibase: Wikibase, ontology: Ontology, folder: Path, *, looks: Looks, built: datetime
) -> int:
    """Build the site in a folder; gives the number of its files.

    The folder is replaced as a whole once everything has been written, so that a report that
    failed never takes the place of a good one. Raises `WbskillsError` if it holds other things.
    """
    _make_sure_it_is_ours(folder)
    questions = Questions(wikibase, ontology, language=looks.language)
    tables: dict[str, Table] = {}
    texts: dict[str, str] = {}
    for name, values in _QUESTIONS.items():
        tables[name] = questions.ask(name, values)
        texts[name] = questions.show(name, values)
    level = ontology.entries[_LEVEL]
    labels = {key: ontology.entries[key].terms.label(looks.language) for key in Interests._fields}
    content = Content(
        title=looks.title,
        built=built,
        revision=wikibase.revision(),
        level=level.terms.label(looks.language),
        level_number=level.number or 0,
        tables=tables,
        queries=texts,
        notice=looks.notice,
        language=looks.language,
        interests=Interests(**labels),
    )
    return _publish(pages(content), folder)


def _make_sure_it_is_ours(folder: Path) -> None:
    if folder.exists() and (
        not folder.is_dir() or (any(folder.iterdir()) and not (folder / MARK).exists())
    ):
        raise WbskillsError(
            f"{folder} is there already and holds no report",
            hint="a new folder; a report replaces what is in it",
        )


def _publish(site: Iterable[Page], folder: Path) -> int:
    folder = folder.resolve()
    made = folder.with_name(f"{folder.name}.{secrets.token_hex(4)}")
    count = 0
    file = made
    try:
        made.mkdir(parents=True)
        (made / MARK).touch()
        known = {made}
        for page in site:
            file = made / page.path
            if file.parent not in known:
                file.parent.mkdir(parents=True, exist_ok=True)
                known.add(file.parent)
            file.write_bytes(page.body)
            count += 1
        shutil.rmtree(folder, ignore_errors=True)
        made.rename(folder)
    except OSError as error:
        shutil.rmtree(made, ignore_errors=True)
        raise cannot_write(file, error) from error
    return count
