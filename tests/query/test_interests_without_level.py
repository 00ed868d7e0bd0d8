"""What people would like to do with a skill, where nobody asked how well they know it."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest

from tests.query.demo_store import open_demo
from tests.query.engines import InRdflib, Watched, both
from tests.query.support import IN_SQL, VALUES
from wbskills.data import queries_folder
from wbskills.domain import Assessment, Consent, Identity, Response, Speaks, Wave
from wbskills.ontology.entries import Ontology
from wbskills.query.run import run
from wbskills.query.saved import find
from wbskills.table import Table
from wbskills.tasks.checks import check_ranks
from wbskills.tasks.imports import Import
from wbskills.tasks.ontologies import bound
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.interface import LocalWikibase, Wikibase

FIRST = Wave(
    key="skills_2025", labels={"en": "skills"}, start=date(2025, 1, 1), end=date(2025, 2, 1),
    asked=("web_security",),
)  # fmt: skip
SECOND = Wave(
    key="wishes_2026", labels={"en": "wishes"}, start=date(2026, 6, 1), end=date(2026, 7, 1)
)
# Nobody in the few rows of the sample has said anything about it.
SKILL, LABEL = "web_security", "Web security basics"


def said(name: str, wave: Wave, *assessments: Assessment) -> Response:
    """Make a response, of somebody who speaks German."""
    return Response(
        identity=Identity("wikimedia_username", name),
        consent=Consent("consent_named", wave.start),
        wave=wave.key,
        on=wave.start,
        id=name,
        row=2,
        assessments=assessments,
        speaks=(Speaks(language="lang_de", babel_level="babel_n"),),
        home_community="dewiki",
    )


RESPONSES = (
    # Lia has a level from before; what she wants now must not hide it.
    said("Lia", FIRST, Assessment(SKILL, "alone")),
    said("Lia", SECOND, Assessment(SKILL, "", ("can_teach", "can_help"))),
    # Mo has never told a level, Nia has told one since.
    said("Mo", SECOND, Assessment(SKILL, "", ("wants_to_learn",))),
    said("Nia", FIRST, Assessment(SKILL, "", ("wants_to_learn",))),
    said("Nia", SECOND, Assessment(SKILL, "aware")),
)


def bring(store: Wikibase, ontology: Ontology, *responses: Response) -> int:
    """Import responses; gives the number of edits."""
    importing = Import(store, ontology, batch="b", today=date(2026, 8, 1))
    importing.waves([FIRST, SECOND])
    return len(list(importing.responses(responses)))


@pytest.fixture(scope="module")
def wishing(ontology: Ontology) -> Iterator[LocalWikibase]:
    """A few of the sample, and three people of two waves."""
    with open_demo(ontology, responses=4) as store:
        for each in RESPONSES:
            bring(store, ontology, each)
        yield store


def ask(store: LocalWikibase, ontology: Ontology, name: str, **values: str) -> Table:
    """Ask a saved query."""
    query = find(name, [queries_folder()])
    return run(query, values, store, bound(store, ontology), ontology)


def test_the_newest_level_stays_and_a_newer_interest_stands_beside_it(
    wishing: LocalWikibase, ontology: Ontology
) -> None:
    """An interest without a level takes the place of no level, and goes before a newer one."""
    rows = ask(wishing, ontology, "person_profile")
    told = {
        (row["personLabel"], row["levelLabel"], row["interests"], row["current"])
        for row in rows
        if row["personLabel"] in {"Lia", "Mo", "Nia"}
    }
    assert told == {
        ("Lia", "alone", None, 1),
        ("Lia", None, "can help, can teach", 1),
        ("Mo", None, "wants to learn", 1),
        ("Nia", None, "wants to learn", 0),
        ("Nia", "aware", None, 1),
    }
    assert list(check_ranks(wishing, ontology)) == []
    assert len(ask(wishing, ontology, "data_quality")) == 0


def test_importing_again_changes_nothing_whatever_the_order(ontology: Ontology) -> None:
    """The later wave first, and everything twice."""
    with open_demo(ontology, responses=1) as store:
        for each in reversed(RESPONSES):
            assert bring(store, ontology, each) == 1
        assert list(check_ranks(store, ontology)) == []
        assert bring(store, ontology, *RESPONSES) == 0


def test_who_only_wishes_is_in_no_share(wishing: LocalWikibase, ontology: Ontology) -> None:
    """Two people were told to have a level, and the rest is not asked about it."""
    (row,) = [one for one in ask(wishing, ontology, "coverage") if one["skillLabel"] == LABEL]
    assert (row["able"], row["assessed"]) == (1, 2)
    waves = {one["waveLabel"]: one for one in ask(wishing, ontology, "responses_per_wave")}
    assert (waves["wishes"]["people"], waves["wishes"]["assessments"]) == (3, 1)
    assert (waves["skills"]["people"], waves["skills"]["unanswered"]) == (2, 1)


def test_who_wishes_is_found(wishing: LocalWikibase, ontology: Ontology) -> None:
    """By those who would teach, and who teaches by everybody."""
    pairs = ask(wishing, ontology, "learn_teach", skill=SKILL)
    assert [(one["learnerLabel"], one["learner_level"]) for one in pairs] == [("Mo", None)]
    assert [(one["teacherLabel"], one["teacher_level"], one["teaches"]) for one in pairs] == [
        ("Lia", "alone", 1)
    ]
    (can,) = ask(wishing, ontology, "who_can", skill=SKILL, level="alone", interest="can_teach")
    assert (can["personLabel"], can["interests"]) == ("Lia", "can help, can teach")
    page = {one["levelLabel"]: one for one in ask(wishing, ontology, "skill_page", skill=SKILL)}
    assert page.keys() == {"alone", "aware", None}
    assert (page[None]["people"], page[None]["number"]) == (2, None)
    assert (page[None]["wants_to_learn"], page[None]["can_teach"]) == (1, 1)


@pytest.mark.parametrize("query", IN_SQL, ids=lambda query: str(query.name))
def test_the_tables_say_what_the_triples_say(
    query: object, wishing: LocalWikibase, ontology: Ontology
) -> None:
    """Every question, also about the skill that people wish for."""
    assert isinstance(wishing, Embedded)
    found = find(str(getattr(query, "name", "")), [queries_folder()])
    about = [{"skill": SKILL}] if found.name in {"learn_teach", "skill_page"} else []
    about += [{"skill": SKILL, "level": "none"}] if found.name == "who_can" else []
    for values in [*VALUES.get(found.name, [{}]), *about]:
        fast, slow = both(found, values, ontology, Watched(wishing))
        assert fast == slow


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("data_quality", {}),
        ("responses_per_wave", {}),
        ("person_profile", {"person": "Lia"}),
        ("skill_page", {"skill": SKILL}),
        ("learn_teach", {"skill": SKILL}),
        ("who_can", {"skill": SKILL, "level": "none", "interest": "can_teach"}),
    ],
)
def test_rdflib_says_the_same(
    name: str, values: dict[str, str], wishing: LocalWikibase, ontology: Ontology
) -> None:
    """On an engine that shares nothing with ours."""
    query = find(name, [queries_folder()])
    other = InRdflib(wishing).wikibase()
    found = run(query, values, other, bound(wishing, ontology), ontology)
    assert Counter(found.rows) == Counter(ask(wishing, ontology, name, **values).rows)
