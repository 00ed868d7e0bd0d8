"""Duplicates are found and merged: people, and waves with the answers that link to them."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from tests.wikibase.remote.disturbed_wiki import FIRST, TODAY, make_responses, snapshot
from wbskills.cli import main
from wbskills.domain import Response
from wbskills.errors import StoreError
from wbskills.ontology.entries import Ontology
from wbskills.stores import open_folder
from wbskills.tasks.checks import find_duplicates
from wbskills.tasks.imports import Import
from wbskills.tasks.ontologies import apply_ontology, binding_of
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.model.entities import Entity, Snak, Statement
from wbskills.wikibase.model.values import EntityRef, Text


@pytest.fixture
def people() -> list[Response]:
    """Some people in one wave."""
    everybody = make_responses(5, Random(3))  # noqa: S311 - no secret
    return [each for each in everybody if each.wave == FIRST.key]


@pytest.fixture
def store(tmp_path: Path, ontology: Ontology, people: list[Response]) -> Path:
    """A store into which people were imported."""
    with open_folder(str(tmp_path / "store")) as store:
        list(apply_ontology(store, ontology))
        importing = Import(store, ontology, batch="b", today=TODAY)
        importing.waves([FIRST])
        list(importing.responses(people))
    return tmp_path / "store"


def doubled(store: Embedded, ontology: Ontology) -> None:
    """Make the wave and all people once more, as a second import does that came at once."""
    binding = binding_of(store, ontology)
    names = store.find_by_identifier(binding.property("wikimedia_username"))
    ids = [binding.item(FIRST.key), *(entity_id for _, entity_id in names)]
    wave, other = ids[0], ids[0]
    for stored in [store.read([entity_id])[entity_id] for entity_id in ids]:
        statements = tuple(
            replace(
                statement,
                id=None,
                qualifiers=tuple(_elsewhere(snak, wave, other) for snak in statement.qualifiers),
            )
            for statement in stored.entity.statements
        )
        with store.without_label_locks():
            made = store.revise(
                replace(stored.entity, id="", statements=statements), None, EditInfo()
            )
        if stored.entity.id == wave:
            other = made.entity.id


def _elsewhere(snak: Snak, old: str, new: str) -> Snak:
    return replace(snak, value=EntityRef(new)) if snak.value == EntityRef(old) else snak


def run(*arguments: str) -> tuple[int, str]:
    """Run a command; returns its exit code and output."""
    done = CliRunner().invoke(main, [*arguments], catch_exceptions=False)
    return done.exit_code, done.output


def test_duplicates_are_found_and_merged(
    store: Path, ontology: Ontology, people: list[Response]
) -> None:
    """Until then an import stops with a message; afterwards it continues."""
    with open_folder(str(store)) as opened:
        assert isinstance(opened, Embedded)
        before = snapshot(opened)
        doubled(opened, ontology)
        with pytest.raises(StoreError, match="wbskills check --fix"):
            Import(opened, ontology, batch="b2", today=TODAY)

    code, found = run("check", "--wikibase", str(store))
    assert code == 1
    assert f"“{FIRST.key}” is on Q" in found
    assert "“Person 0” is on Q" in found
    assert "wbskills check --fix" in found
    code, mended = run("check", "--wikibase", str(store), "--fix")
    assert (code, "Duplicates merged: 6." in mended) == (0, True)

    assert run("check", "--wikibase", str(store))[0] == 0
    with open_folder(str(store)) as opened:
        assert isinstance(opened, Embedded)
        assert snapshot(opened) == before
        importing = Import(opened, ontology, batch="b3", today=TODAY)
        assert importing.waves([FIRST]) == []
        assert list(importing.responses(people)) == []


def test_possibly_different_people_are_reported_and_not_merged(
    store: Path, ontology: Ontology
) -> None:
    """An item that is not that of a person, or has another name as well."""
    with open_folder(str(store)) as opened:
        assert isinstance(opened, Embedded)
        username = binding_of(opened, ontology).property("wikimedia_username")
        named = Statement(Snak(username, Text("Person 1"), "external-id"))
        opened.revise(Entity(labels={"en": "a page"}, statements=(named,)), None, EditInfo())
        (twin,) = find_duplicates(opened, ontology)
        assert twin.why_not == "one of them is not a person on this map"

    code, found = run("check", "--wikibase", str(store), "--fix")

    assert code == 1
    assert "Duplicates merged: 0." in found
    assert "by hand" in found
