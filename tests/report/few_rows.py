"""Facts from a few rows, for tests of what pages are made of."""

from collections.abc import Sequence

from tests.report.made_up import Survey, content, iri, table
from wbskills.report.facts import Facts
from wbskills.report.overview import CommonBounds, Overview, RobustnessBounds
from wbskills.report.overview import overview as overview_of
from wbskills.report.people_pages import Interests, PersonPage, PersonPages
from wbskills.report.reading import read_facts
from wbskills.table import Cell, Iri

GROUP = (iri(50), "Group")
LUA = (iri(100), "Lua", *GROUP)
CSS = (iri(101), "CSS", *GROUP)
DEWIKI, ARWIKI = (iri(1000), "dewiki"), (iri(1001), "arwiki")
ADA, BO = (iri(5000), "Ada"), (iri(5001), "Bo")
OLD, NEW = (iri(10), "2025"), (iri(11), "2026")


def facts(**rows: Sequence[tuple[Cell, ...]]) -> Facts:
    """Facts from the rows of some tables; the other tables are empty."""
    tables = content(Survey(0, 0, 0, waves=0)).tables
    return read_facts({name: table(name, rows.get(name, ())) for name in tables})


def person(who: tuple[Iri, str], home: tuple[Iri, str] = DEWIKI) -> tuple[Cell, ...]:
    """A row of the table `people`."""
    return *who, *home, "Deutsch", "weekends", "UTC", None


def answer(
    who: tuple[Iri, str],
    skill: tuple[Iri, str, Iri, str],
    number: int | None,
    wave: tuple[Iri, str] = NEW,
    interests: str = "",
) -> tuple[Cell, ...]:
    """A row of the table `person_profile`."""
    name = "not sure" if number is None else ("none", "aware", "help", "alone", "leads")[number]
    level = iri(30 + (9 if number is None else number)), name
    return *who, *skill, *level, number, interests, None, *wave, wave is NEW


def place(home: tuple[Cell, ...], language: str, people: int = 1) -> tuple[Cell, ...]:
    """A row of the table `communities`."""
    return *home, iri(800 + len(language)), language, None, None, people


def speaker(who: tuple[Cell, ...], home: tuple[Cell, ...], languages: str) -> tuple[Cell, ...]:
    """A row of the table `people`."""
    return *who, *home, languages, "", "", None


def pages_of(answers: Facts, interests: Interests) -> list[PersonPage]:
    """The pages of all people."""
    maker = PersonPages(answers, interests)
    return [maker.page(person) for person in answers.people]


def overview(answers: Facts) -> Overview:
    """The figures of the start page, of one wave."""
    offers = frozenset({"can help", "can teach"})
    return overview_of(answers, None, offers, RobustnessBounds(), CommonBounds())
