"""Correcting imported answers: by a better file, by another mapping, or by hand."""

from dataclasses import replace
from datetime import date

import pytest

from tests.tasks.people import SECOND, TODAY, ada, of, person, run
from wbskills.domain import Assessment, Consent, Identity
from wbskills.errors import StoreError
from wbskills.ontology.entries import Ontology
from wbskills.tasks.imports import Import
from wbskills.tasks.ontologies import apply_ontology, binding_of
from wbskills.wikibase.interface import LocalWikibase
from wbskills.wikibase.model.edits import Change
from wbskills.wikibase.model.entities import Entity, Rank, Reference, Snak, Statement
from wbskills.wikibase.model.values import EntityRef, Text, day, whole_number


def item(wikibase: LocalWikibase, ontology: Ontology, key: str) -> Entity:
    """Read an item by key."""
    entity_id = binding_of(wikibase, ontology).item(key)
    return wikibase.read([entity_id])[entity_id].entity


def by_hand(wikibase: LocalWikibase, statement: Statement) -> None:
    """Change a statement of Ada as an editor would."""
    entity_id = (statement.id or "").partition("$")[0]
    base = wikibase.read([entity_id])[entity_id].revision
    edit = Change(key="", id=entity_id, base=base, statements=(statement,))
    wikibase.write([edit], "by hand")


def test_a_date_that_was_read_wrongly_can_be_corrected(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """3 April was 4 March: an earlier day, but the same response, so it is no older answer."""
    wrong = date(2025, 4, 3)
    run(wikibase, ontology, ada(on=wrong, consent=Consent("consent_named", wrong)))
    run(wikibase, ontology, ada())
    dates = {said["point_in_time"][0] for said, _ in of(wikibase, ontology, "assessed_skill")}
    assert dates == {"2025-03-04"}


def test_a_wrong_correction_can_be_reverted(wikibase: LocalWikibase, ontology: Ontology) -> None:
    """Of two answers with the same date, the one imported last is preferred."""
    for home in ("dewiki", "frwiki", "dewiki"):
        run(wikibase, ontology, ada(home_community=home))
    led = [s for s, rank in of(wikibase, ontology, "home_community") if rank is Rank.PREFERRED]
    assert [said["home_community"] for said in led] == [["dewiki"]]


def test_a_wave_that_is_extended_has_one_end(wikibase: LocalWikibase, ontology: Ontology) -> None:
    """Two ends and two numbers of invited people would be four rows of the report."""
    for wave in (SECOND, replace(SECOND, end=date(2026, 4, 15), invited=9)):
        Import(wikibase, ontology, batch="b", today=TODAY).waves([wave])
    known, found = binding_of(wikibase, ontology), item(wikibase, ontology, "w2026")
    assert found.values(known.property("end_time")) == [day(date(2026, 4, 15))]
    assert found.values(known.property("invited")) == [whole_number(9)]


def test_a_skill_that_is_put_in_another_group_leaves_the_old_one(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """`ontology apply` brings a Wikibase up to the files."""
    lua = ontology.entries["lua_modules"]
    other = next(key for key in ontology.section("groups") if key != lua.fact("part_of"))
    facts = tuple(replace(f, value=other) if f.property == "part_of" else f for f in lua.facts)
    changed = {**ontology.entries, "lua_modules": replace(lua, facts=facts)}
    list(apply_ontology(wikibase, replace(ontology, entries=changed)))
    known, found = binding_of(wikibase, ontology), item(wikibase, ontology, "lua_modules")
    assert found.values(known.property("part_of")) == [EntityRef(known.item(other))]


def test_an_older_answer_does_not_overwrite_what_is_deprecated(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """A newer answer stays, even if someone deprecated it."""
    run(wikibase, ontology, ada("w2026"))
    speaks = binding_of(wikibase, ontology).property("speaks")
    (there,) = (s for s in person(wikibase, ontology).statements if s.main.property == speaks)
    wrong = replace(there, rank=Rank.DEPRECATED)
    by_hand(wikibase, wrong)
    run(wikibase, ontology, ada("w2025"))
    assert wrong in person(wikibase, ontology).statements


def test_an_editors_reference_to_the_wave_stays(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """Only a reference that names a response is replaced by a newer response."""
    run(wikibase, ontology, ada())
    known = binding_of(wikibase, ontology)
    skill = known.property("assessed_skill")
    there = next(s for s in person(wikibase, ontology).statements if s.main.property == skill)
    wave = Snak(known.property("stated_in"), EntityRef(known.item("w2025")), "wikibase-item")
    page = Snak(known.property("url"), Text("https://example.org/talk"), "url")
    theirs = Reference((wave, page))
    by_hand(wikibase, replace(there, references=(theirs,)))
    run(wikibase, ontology, ada(assessments=(Assessment("lua_modules", "leads"),)))
    after = next(s for s in person(wikibase, ontology).statements if s.id == there.id)
    assert theirs in after.references


def test_next_years_wave_does_not_take_the_place_of_this_years(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """A mapping that was copied with its key would overwrite all answers."""
    importing = Import(wikibase, ontology, batch="b", today=TODAY)
    importing.waves([SECOND])
    again = replace(SECOND, start=date(2027, 3, 1), end=date(2027, 4, 1))

    with pytest.raises(StoreError, match="from 2026-03-01 to 2026-04-01"):
        importing.waves([again])


def test_a_pseudonym_and_a_username_share_no_key(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """The key of the response would reveal who is behind the pseudonym."""
    run(wikibase, ontology, ada(), ada(identity=Identity("pseudonym", "s-1")))
    known = binding_of(wikibase, ontology)
    ids = [known.property(name) for name in ("wikimedia_username", "pseudonym")]
    found = [wikibase.find_by_identifier(name)[0][1] for name in ids]
    keys = [
        {
            snak.value
            for statement in wikibase.read([entity_id])[entity_id].entity.statements
            for reference in statement.references
            for snak in reference.snaks
            if snak.property == known.property("response_key")
        }
        for entity_id in found
    ]
    assert keys[0].isdisjoint(keys[1])
