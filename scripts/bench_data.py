"""Makes up what questions are timed on: people, what they said, and what communities want.

Everybody answers in both waves about every skill; some want to learn, some offer help, some are
away; a few skills nearly nobody has. The same facts are kept in a flat table, for those who count
without SPARQL. Everything comes from a seed.
"""

import csv
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from wbskills.ontology.binding import rules
from wbskills.ontology.entries import Ontology
from wbskills.ontology.express import Expression
from wbskills.stores import open_folder
from wbskills.tasks.declared import apply_declared, open_declared
from wbskills.tasks.ontologies import bound
from wbskills.tasks.surveys import import_survey, open_survey
from wbskills.wikibase.interface import LocalWikibase
from wbskills.wikibase.model.edits import Desired
from wbskills.wikibase.model.entities import Entity, Snak, Statement
from wbskills.wikibase.model.values import EntityRef
from wbskills.wikibase.plan.diff import plan
from wbskills.wikibase.plan.perform import perform

WAVES: Final = {"bench_1": date(2025, 3, 1), "bench_2": date(2026, 3, 1)}
_SCALE: Final = ("none", "aware", "with_help", "alone", "leads")
_OUTSIDE: Final = ("not_sure", "does_not_apply")
_WISHES: Final = {"Learn": "wants_to_learn", "Help": "can_help", "Teach": "can_teach"}
_RATED: Final = 60  # communities
_RARE: Final = 3  # skills that two people have at most
_SHOWN: Final = 20  # endorsements are written for every so many people


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The files of a made world; `flat` has a row for each person, skill and wave."""

    survey: Path
    mapping: Path
    ratings: Path
    ratings_mapping: Path
    flat: Path


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Create a folder that is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="wbskills-bench-") as name:
        yield Path(name)


def open_at(folder: Path, *, disk: bool) -> LocalWikibase:
    """Open a new store in a folder, or in memory."""
    return open_folder(str(folder) if disk else ":memory:")


def write_survey(
    folder: Path, ontology: Ontology, people: int, skills: int, waves: list[str]
) -> tuple[Path, Path]:
    """Write a plain table and its mapping: some skills, of which people know some."""
    chance = random.Random(2026)  # noqa: S311 - no secret
    asked = list(ontology.section("skills").values())[:skills]
    levels = [step.terms.label() for step in ontology.levels("self_5").values()]
    homes = list(ontology.section("communities"))
    languages = list(ontology.section("languages"))
    file, mapping = folder / "survey.csv", folder / "mapping.toml"
    with _table(file) as out:
        out.writerow(
            [
                "User",
                "Date",
                "Consent",
                "Home",
                "Speaks",
                *(f"Skill: {s.terms.label()}" for s in asked),
            ]
        )
        for wave in waves:
            for number in range(people):
                out.writerow(
                    [
                        f"Person {number:05}",
                        WAVES[wave],
                        "Yes",
                        homes[int(len(homes) * chance.random() ** 2)],
                        chance.choice(languages),
                        *(chance.choice(levels) for _ in asked),
                    ]
                )
    mapping.write_text(_MAPPING + _PLAIN_MAPPING, encoding="utf-8")
    return file, mapping


def write_world(folder: Path, ontology: Ontology, people: int, skills: int) -> World:
    """Write the files of a made world."""
    made = World(
        survey=folder / "survey.csv",
        mapping=folder / "mapping.toml",
        ratings=folder / "ratings.csv",
        ratings_mapping=folder / "ratings.toml",
        flat=folder / "flat.csv",
    )
    chance = random.Random(2026)  # noqa: S311 - no secret
    asked = list(ontology.section("skills"))[:skills]
    made.mapping.write_text(_MAPPING + _WORLD_MAPPING, encoding="utf-8")
    with _table(made.survey) as survey, _table(made.flat) as flat:
        head = ["User", "Date", "Consent", "Home", "Zone", "Time", "L1", "B1", "L2", "B2"]
        kinds = ("Skill", *_WISHES)
        survey.writerow(head + [f"{kind}[{skill}]" for kind in kinds for skill in asked])
        flat.writerow(["person", "community", "skill", "wave", "level", "number", "wishes"])
        for name, day in WAVES.items():
            for row, said in _people(chance, ontology, asked, people, day):
                survey.writerow(row)
                flat.writerows((row[0], row[3], *each[:1], name, *each[1:]) for each in said)
    _write_ratings(made, chance, ontology, asked)
    return made


def fill(store: LocalWikibase, ontology: Ontology, world: World) -> None:
    """Bring a made world into a Wikibase, as the commands do."""
    mapped = open_survey(world.survey, world.mapping)
    import_survey(store, mapped, batch="bench", today=datetime.now(UTC).date())
    apply_declared(store, open_declared(world.ratings, world.ratings_mapping))
    _endorse(store, ontology)


Said = tuple[str, str, str, str]  # skill, level, number, wishes


def _people(
    chance: random.Random, ontology: Ontology, asked: list[str], people: int, day: date
) -> Iterator[tuple[list[str], list[Said]]]:
    homes = list(ontology.section("communities"))
    tongues = list(ontology.section("languages"))
    for number in range(people):
        said = [_said(chance, at, skill, asked, people) for at, skill in enumerate(asked)]
        first, second = chance.sample(tongues[:30], 2)
        about = [
            f"Person {number:05}",
            day.replace(day=1 + number % 28).isoformat(),
            "Yes",
            # The same in both waves: nobody moves.
            homes[int(len(homes) * random.Random(number).random() ** 2)],  # noqa: S311 - no secret
            chance.choice(("Europe/Berlin", "Africa/Lagos", "Asia/Kolkata", "")),
            chance.choice(("available",) * 8 + ("limited", "away")),
            *(first, "babel_n", second, f"babel_{chance.randrange(1, 6)}"),
        ]
        ticks = [
            "Yes" if wish in wishes.split() else ""
            for wish in _WISHES.values()
            for _, _, _, wishes in said
        ]
        yield [*about, *(level for _, level, _, _ in said), *ticks], said


def _said(chance: random.Random, at: int, skill: str, asked: list[str], people: int) -> Said:
    if chance.random() < 0.05:
        return skill, chance.choice(_OUTSIDE), "", ""
    number = chance.randrange(5)
    if at >= len(asked) - _RARE and chance.random() > 1 / people:
        number = min(number, 2)
    wishes = []
    if number < 2 and chance.random() < 0.2:
        wishes.append("wants_to_learn")
    if number > 2 and chance.random() < 0.2:
        wishes.append("can_help")
    if number > 2 and chance.random() < 0.1:
        wishes.append("can_teach")
    return skill, _SCALE[number], str(number), " ".join(wishes)


def _write_ratings(
    made: World, chance: random.Random, ontology: Ontology, asked: list[str]
) -> None:
    capacities = {f"capacity {at}": asked[at : at + 2] for at in range(0, min(20, len(asked)), 2)}
    with _table(made.ratings) as out:
        out.writerow(["wiki", "people", *capacities])
        for wiki in list(ontology.section("communities"))[:_RATED]:
            marks = (f"{chance.uniform(1, 5):.2f}" for _ in capacities)
            out.writerow([wiki, chance.randrange(1, 20), *marks])
    meant = "\n".join(f'"{name}" = {skills}' for name, skills in capacities.items())
    made.ratings_mapping.write_text(_RATINGS_MAPPING + meant, encoding="utf-8")


def _endorse(store: LocalWikibase, ontology: Ontology) -> None:
    """Let some people vouch for the one before them, in one skill each."""
    binding = bound(store, ontology)
    name = binding.property("wikimedia_username")
    ids = [found for _, found in sorted(store.find_by_identifier(name))][::_SHOWN]
    items = store.read(ids)
    skill = next(iter(ontology.section("skills")))
    express = Expression(ontology, binding)
    wanted = []
    for friend, person in pairwise(ids):
        by = Snak(binding.property("endorsed_by"), EntityRef(friend), "wikibase-item")
        on = express.snak("point_in_time", WAVES["bench_2"])
        statement = Statement(express.snak("endorsed_skill", skill), (by, on))
        wanted.append(Desired(key=person, entity=Entity(id=person, statements=(statement,))))
    list(perform(plan(wanted, items, rules(ontology, binding)), store, "bench"))


@contextmanager
def _table(file: Path) -> Iterator[Any]:
    with file.open("w", encoding="utf-8", newline="") as opened:
        yield csv.writer(opened)


_MAPPING: Final = """
title = "bench"
tool = "plain"

[waves.bench_1]
label = { en = "Bench 1" }
start = 2025-01-01
end = 2025-12-31
invited = 20000

[waves.bench_2]
label = { en = "Bench 2" }
start = 2026-01-01
end = 2026-12-31

[identity]
column = "User"
property = "wikimedia_username"

[date]
column = "Date"

[consent]
column = "Consent"

[consent.answers]
"Yes" = "consent_named"

[person.home_community]
column = "Home"
"""

_PLAIN_MAPPING: Final = """
[[languages]]
column = "Speaks"

[[questions]]
columns = "Skill: {skill}"
answers = "scale:self_5"
"""

_WORLD_MAPPING: Final = """
[person.time_zone]
column = "Zone"

[person.availability]
column = "Time"

[[languages]]
column = "L1"
level_column = "B1"
answers = "scale:babel"

[[languages]]
column = "L2"
level_column = "B2"
answers = "scale:babel"

[[questions]]
columns = "Skill[{skill}]"
answers = "scale:self_5"
""" + "".join(
    f"""
[[interests]]
columns = "{kind}[{{skill}}]"
answers = {{ "Yes" = "{wish}" }}
nothing = [""]
"""
    for kind, wish in _WISHES.items()
)

_RATINGS_MAPPING: Final = """
source = "https://survey.example.org/ratings"
date = 2026-02-01
scale = "community_5"
community = { column = "wiki", key = "{}" }
respondents = { column = "people" }
needs = { at_most = 2.0, level = "alone", people = 3 }
[capacities]
"""
