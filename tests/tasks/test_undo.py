"""Undoing a batch: its own statements, and nothing that someone changed since."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.tasks.people import FIRST, TODAY, ada, by_hand, imported, of, person, taken_back
from wbskills.domain import Identity
from wbskills.ontology.entries import Ontology
from wbskills.tasks.batches import begin, edits_table
from wbskills.tasks.imports import Import
from wbskills.tasks.ontologies import apply_ontology, binding_of
from wbskills.wikibase.interface import LocalWikibase
from wbskills.wikibase.journal.read import BatchEnd, BatchHeader, find_batch, list_batches
from wbskills.wikibase.journal.write import Journal
from wbskills.wikibase.model.entities import Entity, Rank, Snak, Statement
from wbskills.wikibase.model.values import Text
from wbskills.wikibase.model.wire import entity_to_json


def said(entity: Entity) -> object:
    """Return the content of an entity."""
    return entity_to_json(entity)


def test_people_whom_the_batch_made_are_gone(
    wikibase: LocalWikibase, ontology: Ontology, tmp_path: Path
) -> None:
    """With the wave, which nobody else uses; the skills are as they were."""
    known = binding_of(wikibase, ontology)
    lua = wikibase.read([known.item("lua_modules")])[known.item("lua_modules")].entity
    batch = imported(wikibase, ontology, tmp_path, "b1", ada())

    done = taken_back(wikibase, ontology, batch, tmp_path)

    assert done.left == {}
    assert done.in_use == []
    assert not wikibase.find_by_identifier(known.property("wikimedia_username"))
    assert "w2025" not in binding_of(wikibase, ontology).items
    assert said(wikibase.read([lua.id])[lua.id].entity) == said(lua)


def test_what_a_batch_changed_is_put_back(
    wikibase: LocalWikibase, ontology: Ontology, tmp_path: Path
) -> None:
    """The second wave makes the first one older; without it, that is the newest again."""
    imported(wikibase, ontology, tmp_path, "b1", ada())
    before = person(wikibase, ontology)
    batch = imported(wikibase, ontology, tmp_path, "b2", ada("w2026"))
    assert said(person(wikibase, ontology)) != said(before)

    done = taken_back(wikibase, ontology, batch, tmp_path)

    assert done.put_back > 0
    assert said(person(wikibase, ontology)) == said(before)


def test_undoing_twice_is_harmless_and_leaves_no_second_batch(
    wikibase: LocalWikibase, ontology: Ontology, tmp_path: Path
) -> None:
    """The second time nothing is changed."""
    imported(wikibase, ontology, tmp_path, "b1", ada())
    batch = imported(wikibase, ontology, tmp_path, "b2", ada("w2026"))
    taken_back(wikibase, ontology, batch, tmp_path)
    revision = wikibase.revision()

    again = taken_back(wikibase, ontology, batch, tmp_path, "undo2")

    assert wikibase.revision() == revision
    assert again.lines()[0].startswith("Nothing changed")
    assert [each.head.batch for each in list_batches(tmp_path)] == ["undo", "b2", "b1"]


def test_later_changes_of_others_stay_and_are_listed(
    wikibase: LocalWikibase, ontology: Ontology, tmp_path: Path
) -> None:
    """An editor added a qualifier: that statement stays, the others go."""
    batch = imported(wikibase, ontology, tmp_path, "b1", ada())
    entity = person(wikibase, ontology)
    known = binding_of(wikibase, ontology)
    lua = next(s for s in entity.statements if s.main.property == known.property("assessed_skill"))
    url = Snak(known.property("evidence"), Text("https://example.org/x"), "url")
    by_hand(wikibase, entity, replace(lua, qualifiers=(*lua.qualifiers, url)))

    done = taken_back(wikibase, ontology, batch, tmp_path)

    left = wikibase.read([entity.id])[entity.id].entity.statements
    names = (known.property("instance_of"), known.property("wikimedia_username"))
    assert [each.id for each in left if each.main.property not in names] == [lua.id]
    assert done.left == {entity.id: [f"{lua.id} was changed by someone since"]}
    assert "w2025" in binding_of(wikibase, ontology).items  # the statement points to it
    assert known.property("assessed_skill") not in done.deleted


def test_statements_that_others_added_stay_and_keep_the_item(
    wikibase: LocalWikibase, ontology: Ontology, tmp_path: Path
) -> None:
    """Their statement is none of the batch's business."""
    batch = imported(wikibase, ontology, tmp_path, "b1", ada())
    entity = person(wikibase, ontology)
    url = binding_of(wikibase, ontology).property("url")
    by_hand(wikibase, entity, Statement(Snak(url, Text("https://example.org/"), "url")))

    taken_back(wikibase, ontology, batch, tmp_path)

    left = wikibase.read([entity.id])[entity.id].entity
    assert len(left.statements) == 3  # with name and class: it is still that person
    assert left.values(url) == [Text("https://example.org/")]


def test_a_later_wave_keeps_its_lead(
    wikibase: LocalWikibase, ontology: Ontology, tmp_path: Path
) -> None:
    """Undoing the first batch does not make its person disappear, nor two answers lead."""
    first = imported(wikibase, ontology, tmp_path, "b1", ada())
    imported(wikibase, ontology, tmp_path, "b2", ada("w2026"))

    taken_back(wikibase, ontology, first, tmp_path)

    answers = of(wikibase, ontology, "assessed_skill")
    assert {tuple(told["survey_wave"]) for told, _ in answers} == {("w2026",)}
    assert {rank for _, rank in answers} == {Rank.PREFERRED}


def test_the_ontology_stays_while_others_use_it(ontology: Ontology, tmp_path: Path) -> None:
    """A batch may have made skills that a later one asks about."""
    from wbskills.stores import open_folder

    with open_folder(":memory:") as wikibase:
        with Journal.begin(tmp_path, BatchHeader(batch="b0", command="ontology apply")) as journal:
            list(apply_ontology(wikibase, ontology, journal))
        imported(wikibase, ontology, tmp_path, "b1", ada())

        done = taken_back(wikibase, ontology, find_batch(tmp_path, "b0"), tmp_path)

        assert len(done.in_use) == len(ontology.properties) + len(ontology.entries)
        assert binding_of(wikibase, ontology).missing(ontology) == []


def test_an_unused_ontology_goes_and_can_come_again(ontology: Ontology, tmp_path: Path) -> None:
    """Nothing is left that would be in the way."""
    from wbskills.stores import open_folder

    with open_folder(":memory:") as wikibase:
        with Journal.begin(tmp_path, BatchHeader(batch="b0", command="ontology apply")) as journal:
            list(apply_ontology(wikibase, ontology, journal))
        done = taken_back(wikibase, ontology, find_batch(tmp_path, "b0"), tmp_path)
        assert done.left == {}
        assert not binding_of(wikibase, ontology).properties

        list(apply_ontology(wikibase, ontology))
        assert binding_of(wikibase, ontology).missing(ontology) == []


def test_what_was_undone_can_be_imported_again(
    wikibase: LocalWikibase, ontology: Ontology, tmp_path: Path
) -> None:
    """The recorded digests of the first import must not hide that the statements are gone."""
    imported(wikibase, ontology, tmp_path, "b1", ada())
    batch = imported(wikibase, ontology, tmp_path, "b2", ada("w2026"))
    after = said(person(wikibase, ontology))
    taken_back(wikibase, ontology, batch, tmp_path)

    imported(wikibase, ontology, tmp_path, "b3", ada("w2026"))

    assert said(person(wikibase, ontology)) == after


def test_an_undo_can_be_undone(
    wikibase: LocalWikibase, ontology: Ontology, tmp_path: Path
) -> None:
    """It is a batch like others, as long as no item was deleted."""
    imported(wikibase, ontology, tmp_path, "b1", ada())
    batch = imported(wikibase, ontology, tmp_path, "b2", ada("w2026"))
    answers = of(wikibase, ontology, "assessed_skill")
    taken_back(wikibase, ontology, batch, tmp_path)

    taken_back(wikibase, ontology, find_batch(tmp_path, "undo"), tmp_path, "redo")

    def key(told: tuple[dict[str, list[str]], Rank]) -> str:
        return repr(told)

    assert sorted(of(wikibase, ontology, "assessed_skill"), key=key) == sorted(answers, key=key)


def test_a_receipt_names_the_row_and_column_of_each_answer(
    wikibase: LocalWikibase, ontology: Ontology, tmp_path: Path
) -> None:
    """In words of the ontology, with the GUID under which it can be found."""
    batch = imported(
        wikibase, ontology, tmp_path, "b1", ada(), ada(identity=_grace(), row=3, id="18")
    )
    shown = edits_table(batch, binding_of(wikibase, ontology))
    answers = [row for row in shown if row["property"] == "assessed_skill"]
    told = [(row["row"], row["column"], row["value"]) for row in answers]
    assert told == [
        (2, "column F", "lua_modules"),
        (2, "column G", "python"),
        (3, "column F", "lua_modules"),
        (3, "column G", "python"),
    ]
    assert answers[0]["guid"] == next(
        statement.id
        for statement in person(wikibase, ontology).statements
        if statement.main.property == binding_of(wikibase, ontology).property("assessed_skill")
    )


def test_a_batch_that_failed_says_so(
    wikibase: LocalWikibase, ontology: Ontology, tmp_path: Path
) -> None:
    """It was begun, and did not come to its end."""

    def break_down() -> None:
        with begin(tmp_path, BatchHeader(batch="b1", command="survey apply")) as journal:
            importing = Import(wikibase, ontology, batch="b1", today=TODAY, journal=journal)
            importing.waves([FIRST])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_down()
    (batch,) = list_batches(tmp_path / "journals")
    assert batch.ended is BatchEnd.FAILED


def _grace() -> Identity:
    return Identity("wikimedia_username", "Grace")
