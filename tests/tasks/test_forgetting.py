"""Removing a person: nothing about them stays, and nothing is imported again."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.tasks.people import ada, by_hand, imported, person
from wbskills.domain import Assessment, Identity
from wbskills.errors import NotFound, StoreError
from wbskills.ontology.entries import Ontology
from wbskills.private_records.forgotten import Forgotten
from wbskills.stores import open_folder
from wbskills.tasks.find_person import identity_of
from wbskills.tasks.forgetting import forget
from wbskills.tasks.ontologies import apply_ontology, binding_of
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.interface import LocalWikibase, OpenWikibase
from wbskills.wikibase.journal.read import JOURNALS
from wbskills.wikibase.model.entities import Snak, Statement
from wbskills.wikibase.model.values import EntityRef, Text

ADA = Identity("wikimedia_username", "Augusta")
GRACE = Identity("wikimedia_username", "Grace")


def two_people(wikibase: OpenWikibase, ontology: Ontology, records: Path) -> None:
    """Import two people."""
    both = ada(identity=ADA), ada(identity=GRACE, row=3, id="18")
    imported(wikibase, ontology, records / JOURNALS, "b1", *both)


class NoSysop:
    """A Wikibase on which this user may not delete."""

    def __init__(self, wikibase: LocalWikibase) -> None:
        self._wikibase = wikibase

    def __getattr__(self, name: str) -> object:
        return getattr(self._wikibase, name)

    def delete(self, *_: str) -> bool:
        """Refuse."""
        return False


def test_nothing_on_the_disk_names_them_any_more(ontology: Ontology, tmp_path: Path) -> None:
    """Neither the item, its history and triples, nor the journals and caches."""
    with open_folder(str(tmp_path)) as wikibase:
        list(apply_ontology(wikibase, ontology))
        two_people(wikibase, ontology, tmp_path)
        wikibase.record_imports({}, {})
        done = forget(wikibase, ontology, ADA, tmp_path)
        known = binding_of(wikibase, ontology)
        assert [
            name for name, _ in wikibase.find_by_identifier(known.property("wikimedia_username"))
        ] == ["Grace"]
        assert not any("Augusta" in line for line in wikibase.triples())
    assert done.items[0].deleted
    assert done.histories == ()
    holding = [
        str(file.relative_to(tmp_path))
        for file in tmp_path.rglob("*")
        if file.is_file() and b"Augusta" in file.read_bytes()
    ]
    assert holding == []
    assert any(b"Grace" in file.read_bytes() for file in (tmp_path / JOURNALS).iterdir())


def test_forgetting_twice_is_harmless(
    wikibase: LocalWikibase, ontology: Ontology, tmp_path: Path
) -> None:
    """The second time there is nothing to do, and nothing breaks."""
    two_people(wikibase, ontology, tmp_path)
    forget(wikibase, ontology, ADA, tmp_path)
    revision = wikibase.revision()
    again = forget(wikibase, ontology, ADA, tmp_path)
    assert wikibase.revision() == revision
    assert again.items == ()
    assert not again.new
    assert again.journal_edits == 0


def test_without_the_right_the_item_is_emptied_and_a_deletion_request_shown(
    wikibase: LocalWikibase, ontology: Ontology, tmp_path: Path
) -> None:
    """No statement or label identifies the person; with the right, the item is deleted."""
    two_people(wikibase, ontology, tmp_path)
    entity_id = person(wikibase, ontology, "Augusta").id
    limited: OpenWikibase = NoSysop(wikibase)  # type: ignore[assignment] # passes all else on

    done = forget(limited, ontology, ADA, tmp_path)

    emptied = wikibase.read([entity_id])[entity_id].entity
    assert emptied.statements == ()
    assert dict(emptied.labels) == {"en": f"removed {entity_id}"}
    lines = list(done.lines("Augusta", ontology))
    assert any(f"[[Special:EntityPage/{entity_id}]]" in line for line in lines)


def test_another_person_can_be_emptied_beside_the_first(
    wikibase: LocalWikibase, ontology: Ontology, tmp_path: Path
) -> None:
    """Label and description of two emptied items must not be the same."""
    two_people(wikibase, ontology, tmp_path)
    limited: OpenWikibase = NoSysop(wikibase)  # type: ignore[assignment] # passes all else on
    forget(limited, ontology, ADA, tmp_path)
    assert forget(limited, ontology, GRACE, tmp_path).items


def test_an_item_that_others_made_keeps_what_is_theirs(
    wikibase: LocalWikibase, ontology: Ontology, tmp_path: Path
) -> None:
    """Only what this program wrote goes."""
    two_people(wikibase, ontology, tmp_path)
    entity = person(wikibase, ontology, "Augusta")
    from wbskills.wikibase.model.edits import Create
    from wbskills.wikibase.model.entities import Entity, Kind

    label = Entity(kind=Kind.PROPERTY, datatype="string", labels={"en": "motto"})
    (motto,) = wikibase.write([Create("motto", label)], "theirs")
    by_hand(wikibase, entity, Statement(Snak(motto.id, Text("Onwards"), "string")))

    done = forget(wikibase, ontology, ADA, tmp_path)

    left = wikibase.read([entity.id])[entity.id].entity.statements
    assert [each.main.property for each in left] == [motto.id]
    assert not done.items[0].deleted
    assert len(done.items[0].left) == 1


def test_items_that_link_to_the_person_are_reported(
    wikibase: LocalWikibase, ontology: Ontology, tmp_path: Path
) -> None:
    """Grace was endorsed by Augusta: that statement is Grace's, and is named."""
    two_people(wikibase, ontology, tmp_path)
    known = binding_of(wikibase, ontology)
    theirs, ours = person(wikibase, ontology, "Grace"), person(wikibase, ontology, "Augusta")
    endorsed = Statement(
        Snak(known.property("endorsed_skill"), EntityRef(known.item("python")), "wikibase-item"),
        qualifiers=(Snak(known.property("endorsed_by"), EntityRef(ours.id), "wikibase-item"),),
    )
    by_hand(wikibase, theirs, endorsed)
    assert forget(wikibase, ontology, ADA, tmp_path).mentions == (theirs.id,)


def test_they_are_not_imported_again(tmp_path: Path) -> None:
    """The block is stored next to the journals, without a name."""
    Forgotten(tmp_path).add(ADA)
    again = Forgotten(tmp_path)
    assert ADA in again
    assert GRACE not in again
    assert Identity("pseudonym", "Augusta") not in again
    file = tmp_path / "forgotten.json"
    assert "Augusta" not in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o077 == 0


def test_blocks_of_another_machine_are_taken_over(tmp_path: Path) -> None:
    """Each machine has a salt of its own."""
    Forgotten(tmp_path / "here").add(ADA)
    Forgotten(tmp_path / "there").add(GRACE)
    ours = Forgotten(tmp_path / "here")
    assert ours.take_over(tmp_path / "there" / "forgotten.json") == 1
    assert ours.take_over(tmp_path / "there" / "forgotten.json") == 0
    again = Forgotten(tmp_path / "here")
    assert ADA in again
    assert GRACE in again


@pytest.mark.parametrize("text", ["", "{", '{"forgotten": 3, "keys": {}}', "[]", '{"keys": 3}'])
def test_a_damaged_list_stops_everything(tmp_path: Path, text: str) -> None:
    """An unreadable file must not let a forgotten person be imported again."""
    (tmp_path / "forgotten.json").write_text(text, encoding="utf-8")
    with pytest.raises(StoreError, match=r"forgotten\.json, the list of removed people"):
        Forgotten(tmp_path)


def test_a_journal_that_cannot_be_read_is_named(
    wikibase: LocalWikibase, ontology: Ontology, tmp_path: Path
) -> None:
    """It may hold their answers."""
    two_people(wikibase, ontology, tmp_path)
    damaged = tmp_path / JOURNALS / "b9.jsonl"
    damaged.write_text('{"journal": 1\n{}\n', encoding="utf-8")
    assert forget(wikibase, ontology, ADA, tmp_path).unread == (damaged,)


def test_a_name_is_understood_however_it_is_written() -> None:
    """In the forms in which surveys contain it."""
    assert identity_of("user:augusta") == ADA
    assert identity_of("\u200fuser:augusta\u200e\u00a0") == ADA  # right to left, and copied
    assert identity_of("sommer 17", pseudonym=True) == Identity("pseudonym", "sommer 17")


def test_an_answer_after_a_reimport_is_found_too(
    wikibase: LocalWikibase, ontology: Ontology, tmp_path: Path
) -> None:
    """Statements of several batches go, and all their journals are cleared."""
    two_people(wikibase, ontology, tmp_path)
    more = replace(ada("w2026", identity=ADA), assessments=(Assessment("regex", "alone"),))
    imported(wikibase, ontology, tmp_path / JOURNALS, "b2", more)
    done = forget(wikibase, ontology, ADA, tmp_path)
    assert done.journal_edits == 2
    assert done.items[0].statements["assessed_skill"] == 3


def test_an_unknown_name_is_reported_with_similar_ones(
    wikibase: LocalWikibase, ontology: Ontology, tmp_path: Path
) -> None:
    """Nobody is blocked by a slip of the pen; who was never here can be, if that is meant."""
    two_people(wikibase, ontology, tmp_path)
    agusta = Identity("wikimedia_username", "Agusta")
    with pytest.raises(NotFound) as told_of:
        forget(wikibase, ontology, agusta, tmp_path)
    assert "Augusta" in told_of.value.hint
    assert agusta not in Forgotten(tmp_path)
    assert forget(wikibase, ontology, agusta, tmp_path, unseen=True).new
    assert agusta in Forgotten(tmp_path)


def test_who_was_deleted_before_can_be_forgotten_and_does_not_come_back(
    ontology: Ontology, tmp_path: Path
) -> None:
    """Also without a journal: the history shows the item."""
    with Embedded(str(tmp_path / "store")) as store:
        list(apply_ontology(store, ontology))
        two_people(store, ontology, tmp_path)
        entity = person(store, ontology, "Augusta")
        store.remove(store.read([entity.id])[entity.id], EditInfo(summary="content was: Augusta"))
        done = forget(store, ontology, ADA, tmp_path / "elsewhere")
        assert done.histories == ()
        with pytest.raises(NotFound):
            store.restore(entity.id, EditInfo())


def test_an_item_with_two_names_is_one_person(
    wikibase: LocalWikibase, ontology: Ontology, tmp_path: Path
) -> None:
    """As after a merge of two accounts: both are blocked, or only one with `one_name`."""
    two_people(wikibase, ontology, tmp_path)
    second = Snak(
        binding_of(wikibase, ontology).property("pseudonym"), Text("x-17"), "external-id"
    )
    by_hand(wikibase, person(wikibase, ontology, "Grace"), Statement(second))
    by_hand(wikibase, person(wikibase, ontology, "Augusta"), Statement(replace(
        second, value=Text("x-18"))))  # fmt: skip

    done = forget(wikibase, ontology, GRACE, tmp_path)
    assert done.also == (Identity("pseudonym", "x-17"),)
    assert Identity("pseudonym", "x-17") in Forgotten(tmp_path)

    done = forget(wikibase, ontology, ADA, tmp_path, one_name=True)
    assert done.also == ()
    known = binding_of(wikibase, ontology)
    ((_, entity_id),) = wikibase.find_by_identifier(known.property("pseudonym"), ["x-18"])
    stays = wikibase.read([entity_id])[entity_id].entity
    assert stays.labels == {"en": "x-18"}
    assert stays.values(known.property("wikimedia_username")) == []
    assert stays.values(known.property("assessed_skill"))
