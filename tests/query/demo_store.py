"""The sample survey in an embedded Wikibase, with a few things that no survey brings."""

import csv
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.query.demo import MAPPING, SURVEY
from wbskills.ontology.binding import rules
from wbskills.ontology.entries import Fact, Ontology
from wbskills.ontology.express import Expression
from wbskills.stores import open_folder
from wbskills.tasks.declared import apply_declared, open_declared
from wbskills.tasks.ontologies import apply_ontology, bound
from wbskills.tasks.surveys import import_survey, open_survey
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.interface import LocalWikibase
from wbskills.wikibase.model.edits import Desired
from wbskills.wikibase.model.entities import Entity
from wbskills.wikibase.plan.diff import plan
from wbskills.wikibase.plan.perform import perform

CANDIDATE = "central_notice"  # asked about, but as yet proposed only
SOURCE = "https://survey.example.org/ratings"
RATED = date(2026, 2, 1)
# Invented ratings of communities, from 1 to 5: people who rated, bots and Lua, help, banners.
RATINGS = {
    "arwiki": (4, "2.25", "3.5", "5"),
    "dewiki": (9, "4.75", "", "3"),
    "frwiki": (3, "1", "2.5", "4.5"),
    "commonswiki": (2, "2", "3", "1"),  # has no language
    "lvwiki": (2, "4", "", ""),  # nobody in the survey, and no need
}
CAPACITIES = {"bots": ("bot_operation", "lua_modules"), "help": ("helpdesk",), "banners": ("php",)}
AT_MOST = "2.5"
# What communities state themselves: skill, level if they say one, people if they say how many. The
# first needs a skill at two levels, the last has nobody in the survey and rates nothing.
STATED: tuple[tuple[str, str, str, int | None], ...] = (
    ("arwiki", "lua_modules", "with_help", 5),
    ("dewiki", "phabricator", "", None),
    ("sqwiki", "templates", "leads", 1),
)
_RATINGS_MAPPING = f"""
source = "{SOURCE}"
date = {RATED}
scale = "community_5"
community = {{ column = "wiki", key = "{{}}wiki" }}
respondents = {{ column = "people" }}
needs = {{ at_most = {AT_MOST}, level = "alone", people = 2 }}
[capacities]
bots = ["bot_operation", "lua_modules"]
help = ["helpdesk"]
banners = ["php"]
"""


def open_demo(
    ontology: Ontology, *, responses: int | None = None, place: str = ":memory:"
) -> LocalWikibase:
    """Make the demo; `responses` takes the first rows of the survey only."""
    store = open_folder(place)
    list(apply_ontology(store, ontology))
    with TemporaryDirectory() as name:
        folder = Path(name)
        file = SURVEY if responses is None else _cut(folder / "cut.csv", responses)
        import_survey(store, open_survey(file, MAPPING), batch="demo", today=date(2026, 5, 1))
        _declare(store, folder)
    _propose(store, ontology)
    _state(store, ontology)
    return store


def _cut(file: Path, responses: int) -> Path:
    with SURVEY.open(encoding="utf-8-sig", newline="") as whole:
        rows = [row for at, row in enumerate(csv.reader(whole)) if at <= responses]
    _write(file, rows)
    return file


def _declare(store: LocalWikibase, folder: Path) -> None:
    rows = [["wiki", "people", "bots", "help", "banners"]]
    rows += [[key.removesuffix("wiki"), *map(str, row)] for key, row in RATINGS.items()]
    _write(folder / "ratings.csv", rows)
    (folder / "ratings.toml").write_text(_RATINGS_MAPPING, encoding="utf-8")
    apply_declared(store, open_declared(folder / "ratings.csv", folder / "ratings.toml"))


def _write(file: Path, rows: Iterable[Iterable[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows(rows)


def _propose(store: LocalWikibase, ontology: Ontology) -> None:
    binding = bound(store, ontology)
    item = binding.item(CANDIDATE)
    status = Expression(ontology, binding).statement(Fact("status", "candidate"))
    wanted = [Desired(key=CANDIDATE, entity=Entity(id=item, statements=(status,)))]
    present = {CANDIDATE: store.read([item])[item]}
    list(perform(plan(wanted, present, rules(ontology, binding)), store, "a test"))


def _state(store: LocalWikibase, ontology: Ontology) -> None:
    """Write the needs as somebody would by hand: no import would state one skill twice."""
    assert isinstance(store, Embedded)
    binding = bound(store, ontology)
    express = Expression(ontology, binding)
    for community, skill, level, people in STATED:
        told: tuple[Fact, ...] = (Fact("target_level", level),) if level else ()
        told += (Fact("target_people", people),) if people else ()
        statement = express.statement(Fact("needs_skill", skill, told))
        item = binding.item(community)
        stored = store.read([item])[item]
        stated = replace(stored.entity, statements=(*stored.entity.statements, statement))
        store.revise(stated, stored, EditInfo())
