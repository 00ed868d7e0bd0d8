"""Applying the ontology to a Wikibase."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from wbskills.cli import main
from wbskills.errors import StoreError
from wbskills.ontology.entries import Ontology
from wbskills.stores import open_store
from wbskills.tasks.ontologies import (
    apply_ontology,
    binding_of,
    bound,
    plan_ontology,
    preview_ontology,
)
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.interface import EditLog, LocalWikibase, Written
from wbskills.wikibase.model.edits import Change, Create, Edit
from wbskills.wikibase.model.entities import Entity, Snak, Statement
from wbskills.wikibase.model.values import EntityRef, Text


def test_applying_twice_changes_nothing_the_second_time(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """The fixture has applied it once."""
    assert plan_ontology(wikibase, ontology) == []
    assert bound(wikibase, ontology).missing(ontology) == []


def test_everything_declared_is_there(wikibase: LocalWikibase, ontology: Ontology) -> None:
    """With its terms, its key and statements that point to real items."""
    binding = binding_of(wikibase, ontology)
    lua = wikibase.read([binding.item("lua_modules")])[binding.item("lua_modules")].entity

    assert lua.labels == ontology.entries["lua_modules"].terms.labels
    assert lua.values(binding.property("wbskills_key")) == [Text("lua_modules")]
    assert lua.values(binding.property("part_of")) == [EntityRef(binding.item("group_wiki"))]


def test_a_changed_label_is_one_edit(wikibase: LocalWikibase, ontology: Ontology) -> None:
    """An editor's change of a term of the ontology is listed, and reverted by applying."""
    binding = binding_of(wikibase, ontology)
    name = binding.item("python")
    revision = wikibase.read([name])[name].revision
    change = Change(key="", id=name, base=revision, labels={"de": "Schlange", "nl": "Python"})
    wikibase.write([change], "test")

    assert [str(edit) for edit in plan_ontology(wikibase, ontology)] == [
        f"change {name} python: 1 term"
    ]
    list(apply_ontology(wikibase, ontology))
    assert wikibase.read([name])[name].entity.labels["nl"] == "Python"
    assert plan_ontology(wikibase, ontology) == []


def test_what_others_added_to_an_item_stays(wikibase: LocalWikibase, ontology: Ontology) -> None:
    """A second `part of` is someone else's decision."""
    binding = binding_of(wikibase, ontology)
    name = binding.item("python")
    theirs = Statement(
        Snak(binding.property("part_of"), EntityRef(binding.item("group_data")), "wikibase-item")
    )
    revision = wikibase.read([name])[name].revision
    wikibase.write([Change(key="", id=name, base=revision, statements=(theirs,))], "test")

    assert plan_ontology(wikibase, ontology) == []


def test_a_store_without_the_ontology_says_what_to_do(ontology: Ontology) -> None:
    """The next command is named."""
    with open_store(":memory:") as empty, pytest.raises(StoreError, match="ontology apply"):
        bound(empty, ontology)


def test_a_key_on_two_items_is_an_error(wikibase: LocalWikibase, ontology: Ontology) -> None:
    """Never a guess which of them is meant."""
    of_keys = binding_of(wikibase, ontology).property("wbskills_key")
    twin = Entity(
        labels={"en": "twin"},
        statements=(Statement(Snak(of_keys, Text("python"), "external-id")),),
    )
    wikibase.write([Create("twin", twin)], "test")

    with pytest.raises(StoreError, match="“python” is on both"):
        binding_of(wikibase, ontology)


class Power(Exception):
    """It went off."""


class Flickering(Embedded):
    """A Wikibase whose power goes off after some transactions; None: it stays on."""

    left: int | None = None

    def write(
        self, edits: Sequence[Edit], summary: str, log: EditLog | None = None
    ) -> list[Written]:
        """Write, or raise `Power`."""
        if self.left is not None:
            if self.left == 0:
                raise Power
            self.left -= 1
        return super().write(edits, summary, log)


@pytest.mark.parametrize("survived", range(6))
def test_breaking_off_between_any_two_transactions_does_no_harm(
    survived: int, wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """Applying again ends with the same entities, by key, and none twice."""
    with Flickering(":memory:") as store:
        store.left = survived
        with pytest.raises(Power):
            list(apply_ontology(store, ontology))
        store.left = None

        list(apply_ontology(store, ontology))

        assert plan_ontology(store, ontology) == []
        keys = set(binding_of(store, ontology).keys().values())
        assert keys == set(binding_of(wikibase, ontology).keys().values())
        assert wikibase.revision() - store.revision() <= 1


def test_the_ontology_needs_at_most_one_edit_per_entry(ontology: Ontology) -> None:
    """Each entity is made in one edit; only the property of keys needs a second."""
    with open_store(":memory:") as store:
        done = list(apply_ontology(store, ontology))
    assert len(done) == len(ontology.properties) + len(ontology.entries) + 1


def test_an_entry_less_on_the_wiki_is_one_to_create(ontology: Ontology) -> None:
    """A new skill in the files is one edit."""
    fewer = dict(ontology.entries)
    del fewer["sparql"]
    with open_store(":memory:") as store:
        list(apply_ontology(store, replace(ontology, entries=fewer)))
        assert next(iter(map(str, plan_ontology(store, ontology)))).startswith(
            "create item sparql"
        )


def test_as_many_edits_are_shown_as_are_made(ontology: Ontology) -> None:
    """The property of keys has a statement with itself, which is an edit of its own."""
    with Embedded(":memory:") as store:
        shown = preview_ontology(store, ontology)
        assert store.revision() == 0
        made = list(apply_ontology(store, ontology))
        assert str(shown[-1]) == "change property/wbskills_key: 1 new statement"
        assert [edit.key for edit in shown] == [done.edit.key for done in made]
        assert store.revision() == len(shown)
        assert preview_ontology(store, ontology) == []


def test_the_commands_tell_the_same_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a diff, and of what is applied after it."""
    monkeypatch.chdir(tmp_path)
    shown = CliRunner().invoke(main, ["ontology", "diff"]).stdout
    applied = CliRunner().invoke(main, ["ontology", "apply"]).stdout
    counts = [re.search(r"(\d+) edits", text) for text in (shown.splitlines()[-1], applied)]
    assert all(counts)
    assert len({found[1] for found in counts if found}) == 1
