"""Applying the ontology to a Wikibase that others also use."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from wbskills.errors import OntologyError
from wbskills.ontology.entries import Ontology
from wbskills.tasks.ontologies import apply_ontology, binding_of, bound, plan_ontology
from wbskills.testing import serving
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.model.edits import Create
from wbskills.wikibase.model.entities import Entity, Kind, Snak, Statement
from wbskills.wikibase.model.values import EntityRef, Text
from wbskills.wikibase.remote.login import Secret
from wbskills.wikibase.remote.profile import Login, Profile
from wbskills.wikibase.remote.wikibase import RemoteWikibase


def theirs(store: Embedded, label: str, datatype: str) -> str:
    """Create another user's property."""
    entity = Entity(
        kind=Kind.PROPERTY,
        datatype=datatype,
        labels={"en": label},
        descriptions={"en": "theirs"},
    )
    return store.write([Create(label, entity)], "theirs")[0].id


def shared(given: Mapping[str, str]) -> Embedded:
    """Open a Wikibase whose profile has ids for keys."""
    return Embedded(":memory:", entities=given)


def test_a_property_that_is_there_is_used_and_stays_as_it_is(ontology: Ontology) -> None:
    """It gets its key, so that the binding can be read from the wiki; no term is changed."""
    with shared({"speaks": "P1"}) as store:
        theirs(store, "languages spoken", "wikibase-item")
        before = store.read(["P1"])["P1"].entity
        list(apply_ontology(store, ontology))
        after = store.read(["P1"])["P1"].entity
        assert (after.labels, after.descriptions) == (before.labels, before.descriptions)
        assert bound(store, ontology).property("speaks") == "P1"
        assert plan_ontology(store, ontology) == []
        store.entities = {}
        assert binding_of(store, ontology).property("speaks") == "P1"


def test_an_item_that_is_there_keeps_all_that_others_say(ontology: Ontology) -> None:
    """Its group is theirs; what it has none of is added."""
    with shared({"python": "Q1", "part_of": "P1"}) as store:
        part_of = theirs(store, "component of", "wikibase-item")
        group = Statement(Snak(part_of, EntityRef("Q1"), "wikibase-item"))
        item = Entity(labels={"en": "Python language"}, statements=(group,))
        store.write([Create("py", item)], "theirs")
        list(apply_ontology(store, ontology))
        after = store.read(["Q1"])["Q1"].entity
        assert after.labels == item.labels
        assert after.values(part_of) == [EntityRef("Q1")]
        known = bound(store, ontology)
        assert after.values(known.property("wbskills_key")) == [Text("python")]
        assert after.values(known.property("instance_of")) == [EntityRef(known.item("skill"))]
        assert plan_ontology(store, ontology) == []


def test_all_misfits_are_reported_before_the_first_edit(ontology: Ontology) -> None:
    """A missing entity, one of another kind, and an unknown key."""
    given = {"speaks": "P7", "python": "P1", "level": "Q1", "assesed_skill": "P1"}
    with shared(given) as store:
        theirs(store, "x", "string")
        store.write([Create("q", Entity(labels={"en": "q"}))], "theirs")
        revision = store.revision()
        with pytest.raises(OntologyError) as error:
            list(apply_ontology(store, ontology))
        assert store.revision() == revision
    told = {fault.column: fault for fault in error.value.faults}
    assert "P7 does not exist" in told["speaks"].what
    assert "python" in told
    assert "level" in told
    assert "assessed_skill" in told["assesed_skill"].hint


def test_a_datatype_that_does_not_fit_is_refused(ontology: Ontology) -> None:
    """A property's datatype never changes, so nothing could be written."""
    with shared({"speaks": "P1", "level": "P2"}) as store:
        theirs(store, "tongues", "string")
        theirs(store, "grade", "quantity")
        with pytest.raises(OntologyError) as error:
            list(apply_ontology(store, ontology))
        assert store.revision() == 2
    assert [fault.column for fault in error.value.faults] == ["speaks", "level"]
    assert "P1 has the datatype string, wikibase-item is needed" in str(error.value)


def test_all_taken_labels_of_properties_are_reported_together(ontology: Ontology) -> None:
    """With what would make them ours."""
    taken = [ontology.properties[key].terms.label() for key in ("speaks", "level")]
    with shared({}) as store:
        for label in taken:
            theirs(store, label, "wikibase-item")
        with pytest.raises(OntologyError) as error:
            plan_ontology(store, ontology)
    assert [fault.column for fault in error.value.faults] == ["speaks", "level"]
    assert 'speaks = "P1"' in str(error.value)


def test_a_key_on_another_entity_is_reported(ontology: Ontology) -> None:
    """The profile and the wiki must not disagree."""
    with Embedded(":memory:") as store:
        list(apply_ontology(store, ontology))
        other = theirs(store, "tongues", "wikibase-item")
        own = binding_of(store, ontology).property("speaks")
        store.entities = {"speaks": other}
        with pytest.raises(OntologyError, match=f"{own} has the key, and {other} is given"):
            binding_of(store, ontology)


def test_a_property_of_another_datatype_is_not_proposed(ontology: Ontology) -> None:
    """It could never be used; it needs another label."""
    label = ontology.properties["speaks"].terms.label()
    with shared({}) as store:
        theirs(store, label, "string")
        with pytest.raises(OntologyError) as error:
            plan_ontology(store, ontology)
    (fault,) = error.value.faults
    assert fault.what.endswith("its datatype is string, wikibase-item is needed")
    assert fault.hint.startswith("use another label for P1")
    assert "speaks =" not in fault.hint


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_taken_property_label_is_reported_in_any_language(
    ontology: Ontology, language: str
) -> None:
    """Wikibase lets no two properties share one."""
    label = ontology.properties["speaks"].terms.labels[language]
    with shared({}) as store:
        entity = Entity(kind=Kind.PROPERTY, datatype="string", labels={language: label})
        store.write([Create("p", entity)], "theirs")
        with pytest.raises(OntologyError) as error:
            plan_ontology(store, ontology)
    assert [fault.column for fault in error.value.faults] == ["speaks"]


def item_like(ontology: Ontology, key: str) -> Entity:
    """Create an item with only the label and description of one of ours."""
    terms = ontology.entries[key].terms
    return Entity(labels={"en": terms.label("en")}, descriptions={"en": terms.descriptions["en"]})


def test_taken_labels_of_items_are_reported_before_the_first_edit(ontology: Ontology) -> None:
    """Of the whole ontology, which has properties first."""
    keys = described(ontology)[:2]
    with shared({}) as store:
        for key in keys:
            store.write([Create(key, item_like(ontology, key))], "theirs")
        with pytest.raises(OntologyError) as error:
            list(apply_ontology(store, ontology))
        assert store.revision() == 2
    assert [fault.column for fault in error.value.faults] == keys
    assert f'{keys[0]} = "Q1"' in error.value.faults[0].hint


def test_taken_labels_are_reported_on_a_remote_wikibase(
    ontology: Ontology, tmp_path: Path
) -> None:
    """From what was read of the wiki, also by a version that stored no labels of items."""
    key = described(ontology)[0]
    with serving() as wiki:
        wiki.store.write([Create(key, item_like(ontology, key))], "theirs")
        before = wiki.store.revision()
        profile = Profile(
            name="near",
            api=wiki.api,
            login=Login.BOT_PASSWORD,
            user=wiki.bot_user,
            edits_per_minute=0,
            state=tmp_path,
        )
        for _ in range(2):
            with RemoteWikibase(profile, Secret({"password": wiki.bot_password})) as remote:
                with pytest.raises(OntologyError) as error:
                    plan_ontology(remote, ontology)
                assert [fault.column for fault in error.value.faults] == [key]
            as_version_1(tmp_path / "state.sqlite")
        assert wiki.store.revision() == before


def described(ontology: Ontology) -> list[str]:
    """List the keys of items that have a description: only those can clash."""
    return [key for key, entry in ontology.entries.items() if "en" in entry.terms.descriptions]


def as_version_1(file: Path) -> None:
    """Make the file of what is remembered as the first version had it."""
    with closing(sqlite3.connect(file)) as database, database:
        database.executescript(
            "DROP TABLE term_lock; PRAGMA user_version = 1;"
            "CREATE TABLE label (language TEXT, text TEXT, entity TEXT)"
        )
