"""What `data_quality` finds: every rule broken once, by hand, in a small Wikibase."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from tests.query.demo_store import open_demo
from tests.query.engines import InRdflib
from wbskills.data import queries_folder
from wbskills.ontology.binding import Binding
from wbskills.ontology.entries import Fact, FactValue, Ontology
from wbskills.ontology.express import Expression
from wbskills.query.run import run
from wbskills.query.saved import find
from wbskills.table import Iri, Table
from wbskills.tasks.ontologies import bound
from wbskills.wikibase.interface import LocalWikibase, Wikibase
from wbskills.wikibase.model.edits import Create
from wbskills.wikibase.model.entities import Entity, Rank, Statement

NAME = "Broken (invented)"


class Broken:
    """A Wikibase in which one person is made by hand, with whatever statements."""

    def __init__(self, store: LocalWikibase, ontology: Ontology) -> None:
        self.store, self.ontology = store, ontology
        self.binding: Binding = bound(store, ontology)
        self.express = Expression(ontology, self.binding)

    def said(
        self, skill: str, *without: str, rank: Rank = Rank.PREFERRED, **other: str
    ) -> Statement:
        """Make an answer that lacks something, or says something else."""
        facts: dict[str, FactValue] = {
            "level": other.get("level", "alone"),
            "survey_wave": "sample_2026",
            "point_in_time": date.fromisoformat(other.get("on", "2026-03-20")),
        }
        binding = bound(self.store, self.ontology)
        express = Expression(self.ontology, self.wave(binding))
        told = [Fact(key, value) for key, value in facts.items() if key not in without]
        return replace(express.statement(Fact("assessed_skill", skill, tuple(told))), rank=rank)

    def wave(self, binding: Binding) -> Binding:
        """Find the wave, which stands in no file of the ontology."""
        of_keys = self.binding.properties["wbskills_key"]
        found = dict(self.store.find_by_identifier(of_keys, ["sample_2026"]))
        return Binding(properties=binding.properties, items={**binding.items, **found})

    def person(
        self,
        *statements: Statement,
        name: str = NAME,
        label: str = NAME,
        consent: str = "consent_named",
    ) -> str:
        """Create a person."""
        usual = [
            self.express.statement(Fact("instance_of", "person")),
            self.express.statement(Fact("wikimedia_username", name)),
        ]
        if consent:
            usual.append(self.express.statement(Fact("consent", consent)))
        entity = Entity(
            labels={"en": label}, descriptions={"en": label}, statements=(*usual, *statements)
        )
        (written,) = self.store.write([Create(label, entity)], "by hand")
        return written.id

    def asked(self, engine: Wikibase) -> Table:
        """Ask the query of an engine."""
        query = find("data_quality", [queries_folder()])
        return run(query, {}, engine, self.binding, self.ontology)

    def found(self) -> set[tuple[str, str, str]]:
        """List the faults that the query finds: check, item, what it is about."""
        keys = self.binding.keys()
        return {
            (str(row["check"]), item.id, keys.get(detail.id, detail.id))
            for row in self.asked(self.store)
            for item, detail in [(row["item"], row["detail"])]
            if isinstance(item, Iri) and isinstance(detail, Iri)
        }


@pytest.fixture
def broken(ontology: Ontology) -> Iterator[Broken]:
    """A Wikibase with two responses, and nothing wrong yet."""
    with open_demo(ontology, responses=2) as store:
        yield Broken(store, ontology)


def test_nothing_is_found_where_nothing_is_wrong(broken: Broken) -> None:
    """A hand-made answer as it should be is no fault, and neither is a deprecated one."""
    broken.person(
        broken.said("php"),
        broken.said("php", rank=Rank.NORMAL, on="2025-03-20"),
        broken.said("python", "level", "point_in_time", rank=Rank.DEPRECATED),
    )

    assert broken.found() == set()


@pytest.mark.parametrize(
    ("check", "lacking"),
    [("no_level", "level"), ("no_wave", "survey_wave")],
)
def test_what_is_missing_is_found(broken: Broken, check: str, lacking: str) -> None:
    """Each qualifier that an answer has to have."""
    item = broken.person(broken.said("php", lacking))

    assert broken.found() == {(check, item, "php")}


def test_an_answer_without_a_day_is_found(broken: Broken) -> None:
    """Nobody knows whether it is the newest, so it is the one and only fault of its kind."""
    item = broken.person(broken.said("php", "point_in_time"))

    assert broken.found() == {("no_date", item, "php")}


def test_a_level_of_another_scale_is_found(broken: Broken) -> None:
    """A step of the Babel scale says nothing about a skill."""
    item = broken.person(broken.said("php", level="babel_3"))

    assert broken.found() == {("other_scale", item, "php")}


@pytest.mark.parametrize(
    "ranks",
    [
        {"2025-03-20": Rank.PREFERRED, "2026-03-20": Rank.NORMAL},
        {"2025-03-20": Rank.PREFERRED, "2026-03-20": Rank.PREFERRED},
    ],
)
def test_a_broken_rule_of_ranks_is_found(broken: Broken, ranks: dict[str, Rank]) -> None:
    """An older answer that is preferred hides the newest, or stands beside it."""
    item = broken.person(*(broken.said("php", rank=rank, on=on) for on, rank in ranks.items()))

    assert broken.found() == {("rank", item, "php")}


def test_an_answer_that_is_hidden_by_another_skill_is_found(broken: Broken) -> None:
    """Best rank is worked out per property: beside a preferred one a normal one is lost."""
    item = broken.person(broken.said("php"), broken.said("python", rank=Rank.NORMAL))

    assert broken.found() == {("rank", item, "python")}


def test_two_people_with_one_name_are_found(broken: Broken) -> None:
    """Each with the other."""
    one = broken.person(broken.said("php"))
    other = broken.person(broken.said("php"), label="Twin (invented)")

    assert broken.found() == {("duplicate_person", one, other), ("duplicate_person", other, one)}


def test_two_items_with_one_key_are_found(broken: Broken) -> None:
    """A key that stands twice makes every import stop."""
    key = broken.express.statement(Fact("wbskills_key", "php"))
    made = Entity(labels={"en": "copy"}, descriptions={"en": "copy"}, statements=(key,))
    (copy,) = broken.store.write([Create("copy", made)], "by hand")

    php = broken.binding.item("php")
    assert {(check, item) for check, item, _ in broken.found()} == {
        ("duplicate_key", copy.id),
        ("duplicate_key", php),
    }


def test_what_must_not_be_said_of_a_person_is_found(broken: Broken) -> None:
    """The closed list of the ontology, and nothing else."""
    item = broken.person(broken.express.statement(Fact("url", "https://example.org/me")))

    assert broken.found() == {("not_allowed", item, "url")}


def test_a_person_without_consent_is_found(broken: Broken) -> None:
    """Somebody made by hand, and not asked."""
    item = broken.person(consent="")

    assert broken.found() == {("no_consent", item, "consent")}


def test_rdflib_finds_the_same(broken: Broken) -> None:
    """All faults at once, on an engine that shares nothing with ours."""
    broken.person(broken.said("php", "level"), broken.said("python", "point_in_time"))
    broken.person(
        broken.said("php", level="babel_3"),
        broken.said("python", rank=Rank.NORMAL),
        broken.express.statement(Fact("url", "https://example.org/me")),
        label="Twin (invented)",
    )
    broken.person(name="Not asked (invented)", label="Not asked (invented)", consent="")
    table = broken.asked(broken.store)

    assert set(table.column("check")) == {
        "no_level", "no_date", "other_scale", "rank", "not_allowed", "duplicate_person",
        "no_consent",
    }  # fmt: skip
    assert set(broken.asked(InRdflib(broken.store).wikibase()).rows) == set(table.rows)


def test_the_closed_list_is_that_of_the_ontology(ontology: Ontology) -> None:
    """It is written twice, as a query cannot read the files."""
    text = find("data_quality", [queries_folder()]).text
    listed = re.findall(r"\bp:(\w+)", text[text.index("NOT IN (") :].partition(")")[0])

    assert sorted(listed) == sorted(ontology.entries["person"].allowed)
