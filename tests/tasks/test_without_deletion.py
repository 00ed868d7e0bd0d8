"""On a remote Wikibase where this user may not delete: items are emptied and found again."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tasks.people import ada, imported, of, person, taken_back
from wbskills.domain import Identity
from wbskills.ontology.entries import Ontology
from wbskills.ontology.express import PERSON
from wbskills.tasks.forgetting import forget
from wbskills.tasks.ontologies import apply_ontology, binding_of
from wbskills.testing import ServedWikibase, serving
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.journal.read import JOURNALS
from wbskills.wikibase.model.entities import Rank
from wbskills.wikibase.remote.login import Secret
from wbskills.wikibase.remote.profile import Login, Profile
from wbskills.wikibase.remote.wikibase import RemoteWikibase
from wbskills.wikibase.server.accounts import add_bot_password, add_user

GRACE = Identity("wikimedia_username", "Grace")
ADA = Identity("wikimedia_username", "Ada")


@pytest.fixture
def served(ontology: Ontology) -> Iterator[ServedWikibase]:
    """A Wikibase with the ontology."""
    with serving() as wiki:
        list(apply_ontology(wiki.store, ontology))
        yield wiki


@pytest.fixture
def wikibase(served: ServedWikibase, tmp_path: Path) -> Iterator[RemoteWikibase]:
    """The remote Wikibase for a user who may only edit."""
    accounts = served.store.accounts
    account = add_user(accounts, "Editor", "a password of no use", ("bot",))
    grants = ("basic", "highvolume", "editpage", "createeditmovepage", "delete")
    password = add_bot_password(accounts, account, "tests", grants=grants)
    profile = Profile(
        name="near",
        api=served.api,
        sparql=served.sparql,
        login=Login.BOT_PASSWORD,
        user="Editor@tests",
        edits_per_minute=0,
        state=tmp_path,
    )
    with RemoteWikibase(profile, Secret({"password": password})) as remote:
        yield remote


def test_two_people_are_emptied_and_deletion_requests_shown(
    wikibase: RemoteWikibase, served: ServedWikibase, ontology: Ontology, tmp_path: Path
) -> None:
    """Neither statement nor label tells who they were; the block is kept."""
    imported(wikibase, ontology, tmp_path / JOURNALS, "b1", ada(), ada(identity=GRACE, row=3))
    ids = [person(wikibase, ontology, name).id for name in ("Ada", "Grace")]
    stored = served.store.read(ids)[ids[0]]
    renamed = replace(
        stored.entity, descriptions={"en": "Ada, who writes"}, aliases={"en": ("Ada", "Countess")}
    )
    served.store.revise(renamed, stored, EditInfo(user="Somebody"))
    for identity, entity_id in zip((ADA, GRACE), ids, strict=True):
        done = forget(wikibase, ontology, identity, tmp_path)
        assert any(entity_id in line for line in done.lines("x", ontology) if "delete" in line)
        assert done.histories == (entity_id,)
    for stored in served.store.read(ids).values():
        assert stored.entity.statements == ()
        assert set(stored.entity.labels.values()) == {f"removed {stored.entity.id}"}
        assert stored.entity.descriptions == PERSON
        assert stored.entity.aliases == {}
    again = forget(wikibase, ontology, ADA, tmp_path)
    assert not again.new


def test_what_was_undone_is_imported_into_the_same_items(
    wikibase: RemoteWikibase, served: ServedWikibase, ontology: Ontology, tmp_path: Path
) -> None:
    """The emptied item still has name and class: nobody is made twice."""
    batch = imported(wikibase, ontology, tmp_path, "b1", ada())
    entity_id = person(wikibase, ontology).id
    answers = of(served.store, ontology, "assessed_skill")
    done = taken_back(wikibase, ontology, batch, tmp_path)
    assert entity_id in done.to_delete
    assert len(served.store.read([entity_id])[entity_id].entity.statements) == 2

    imported(wikibase, ontology, tmp_path, "b2", ada())

    assert person(served.store, ontology).id == entity_id
    assert of(served.store, ontology, "assessed_skill") == answers


def test_an_administrator_takes_the_rest_down_later(
    wikibase: RemoteWikibase, served: ServedWikibase, ontology: Ontology, tmp_path: Path
) -> None:
    """Undoing again, with the right, deletes what was only emptied."""
    imported(wikibase, ontology, tmp_path, "b1", ada())
    second = imported(wikibase, ontology, tmp_path, "b2", ada("w2026", identity=GRACE, id="9"))
    taken_back(wikibase, ontology, second, tmp_path)
    done = taken_back(served.store, ontology, second, tmp_path, "undo2")
    assert len(done.deleted) >= 1
    known = binding_of(served.store, ontology)
    assert [
        n for n, _ in served.store.find_by_identifier(known.property("wikimedia_username"))
    ] == ["Ada"]
    assert {rank for _, rank in of(served.store, ontology, "assessed_skill")} == {Rank.PREFERRED}


def test_undoing_twice_blames_nobody_for_what_the_first_time_removed(
    wikibase: RemoteWikibase, ontology: Ontology, tmp_path: Path
) -> None:
    """Two waves in one batch: the second changed ranks of what the first had made."""
    batch = imported(wikibase, ontology, tmp_path, "b1", ada(), ada("w2026", row=3))
    first = taken_back(wikibase, ontology, batch, tmp_path)
    revision = wikibase.revision()

    second = taken_back(wikibase, ontology, batch, tmp_path, "undo2")

    assert first.removed
    assert (first.left, second.left) == ({}, {})
    assert second.to_delete == first.to_delete
    assert wikibase.revision() == revision
