"""Importing responses: repeatable, in any order, and after any interruption."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.tasks.people import ada, of, person, run
from wbskills.domain import Assessment, Consent, Identity, Response
from wbskills.errors import StoreError
from wbskills.ontology.entries import Ontology
from wbskills.tasks import imports
from wbskills.tasks.ontologies import apply_ontology, binding_of
from wbskills.wikibase.embedded.dry_run import DryRun
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.interface import EditLog, LocalWikibase, Wikibase, Written
from wbskills.wikibase.model.edits import Change, Create, Edit
from wbskills.wikibase.model.entities import Entity, Rank, Snak, Statement
from wbskills.wikibase.model.values import EntityRef, Text
from wbskills.wikibase.model.wire import entity_to_json


def test_an_answer_becomes_a_statement_with_its_qualifiers(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """As in the data model: level, date, wave, interest, and reference."""
    run(wikibase, ontology, ada())

    assert of(wikibase, ontology, "assessed_skill") == [
        (
            {
                "assessed_skill": ["lua_modules"],
                "level": ["with_help"],
                "point_in_time": ["2025-03-04"],
                "survey_wave": ["w2025"],
                "interest": ["wants_to_learn"],
            },
            Rank.PREFERRED,
        ),
        (
            {
                "assessed_skill": ["python"],
                "level": ["does_not_apply"],
                "point_in_time": ["2025-03-04"],
                "survey_wave": ["w2025"],
            },
            Rank.PREFERRED,
        ),
    ]


def test_a_consent_has_its_day_and_its_text(wikibase: LocalWikibase, ontology: Ontology) -> None:
    """What somebody agreed to can still be told when the text is another one."""
    on = date(2025, 3, 4)
    consent = Consent("consent_named", on, "https://survey.example.org/consent", "ambassadors 2")

    run(wikibase, ontology, ada(consent=consent))

    ((stored, _),) = of(wikibase, ontology, "consent")
    assert stored == {
        "consent": ["consent_named"],
        "point_in_time": ["2025-03-04"],
        "consent_text_url": [str(Text("https://survey.example.org/consent"))],
        "consent_text_version": [str(Text("ambassadors 2"))],
    }


def test_the_response_itself_cannot_be_found_in_what_is_stored(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """The id in the survey tool becomes a salted hash."""
    run(wikibase, ontology, ada(id="token-4711"))
    known = binding_of(wikibase, ontology)
    entity = person(wikibase, ontology)
    keys = {
        snak.value.text
        for statement in entity.statements
        for reference in statement.references
        for snak in reference.snaks
        if snak.property == known.property("response_key") and isinstance(snak.value, Text)
    }

    assert "token" not in str(entity_to_json(entity))  # a hash may have any digits
    assert len(keys) == 1


def test_only_what_the_closed_list_allows_is_stored(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """Every property of a person's item is one of the class."""
    run(wikibase, ontology, ada(time_zone="Europe/Berlin", availability="limited"))
    keys = binding_of(wikibase, ontology).keys()

    used = {keys[statement.main.property] for statement in person(wikibase, ontology).statements}

    assert used <= set(ontology.entries["person"].allowed)


def test_the_same_responses_again_make_no_edit(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """Neither all at once nor wave by wave."""
    assert len(run(wikibase, ontology, ada(), ada("w2026"))) == 2
    revision = wikibase.revision()

    for again in ((ada(), ada("w2026")), (ada("w2026"), ada()), (ada(),)):
        assert run(wikibase, ontology, *again) == []
    assert wikibase.revision() == revision


def test_without_the_notes_of_earlier_imports_there_is_still_no_edit(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """The notes save reading; the diff decides."""
    run(wikibase, ontology, ada(), ada("w2026"))

    class Forgetful(DryRun):
        """Recalls nothing."""

        def imported_digests(self, keys: object) -> dict[str, bytes]:
            """Recall nothing."""
            del keys
            return {}

    assert run(Forgetful(wikibase), ontology, ada(), ada("w2026")) == []


@pytest.mark.parametrize("waves", [("w2025", "w2026"), ("w2026", "w2025")])
def test_the_newest_wave_leads_in_whatever_order_they_come(
    waves: tuple[str, str], wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """Older answers get normal rank; a skill that was asked only once stays current."""
    by_wave = {
        "w2025": ada(),
        "w2026": ada(
            "w2026", assessments=(Assessment("lua_modules", "alone"),), home_community="frwiki"
        ),
    }
    for wave in waves:
        run(wikibase, ontology, by_wave[wave])

    current = [
        (said["assessed_skill"][0], said["level"][0])
        for said, rank in of(wikibase, ontology, "assessed_skill")
        if rank is Rank.PREFERRED
    ]
    home = {
        said["home_community"][0]: rank for said, rank in of(wikibase, ontology, "home_community")
    }
    assert sorted(current) == [("lua_modules", "alone"), ("python", "does_not_apply")]
    assert home == {"dewiki": Rank.NORMAL, "frwiki": Rank.PREFERRED}
    assert len(of(wikibase, ontology, "speaks")) == 1


def test_a_corrected_answer_changes_the_statement_in_place(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """Nothing else is changed."""
    run(wikibase, ontology, ada())
    before = person(wikibase, ontology)
    corrected = ada(
        assessments=(Assessment("lua_modules", "leads"), Assessment("python", "does_not_apply"))
    )

    (edit,) = run(wikibase, ontology, corrected)

    assert isinstance(edit, Change)
    assert len(edit.statements) == 1
    after = person(wikibase, ontology)
    assert [statement.id for statement in after.statements] == [
        statement.id for statement in before.statements
    ]


def test_skills_know_in_which_waves_they_were_asked(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """Not asked is not the same as not answered."""
    run(wikibase, ontology)
    known = binding_of(wikibase, ontology)
    entity_id = known.item("lua_modules")
    asked = wikibase.read([entity_id])[entity_id].entity.values(known.property("asked_in"))

    assert asked == [EntityRef(known.item("w2025")), EntityRef(known.item("w2026"))]


def test_two_items_of_one_name_are_an_error_not_a_guess(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """The message names both."""
    run(wikibase, ontology, ada())
    name = binding_of(wikibase, ontology).property("wikimedia_username")
    twin = Statement(Snak(name, Text("Ada"), "external-id"))
    wikibase.write([Create("twin", Entity(labels={"en": "A."}, statements=(twin,)))], "test")

    with pytest.raises(StoreError, match="two items are about “Ada”"):
        run(wikibase, ontology, ada("w2026"))


class Power(Exception):
    """It went off."""


class Flickering(Embedded):
    """A Wikibase whose power goes off at a certain write or note; 0: never."""

    countdown = 0

    def _tick(self) -> None:
        self.countdown -= 1
        if self.countdown == 0:
            raise Power

    def write(
        self, edits: Sequence[Edit], summary: str, log: EditLog | None = None
    ) -> list[Written]:
        """Write, or raise `Power` just before or just after."""
        self._tick()
        written = super().write(edits, summary, log)
        self._tick()
        return written

    def record_imports(self, *arguments: Any) -> None:  # noqa: ANN401 - passed on as it comes
        """Note, or raise `Power`."""
        self._tick()
        super().record_imports(*arguments)


def crowd() -> list[Response]:
    """Make the responses of some people in two waves."""
    return [
        ada(wave, identity=Identity("wikimedia_username", f"User {number}"), id=f"{number}")
        for wave in ("w2025", "w2026")
        for number in range(23)
        if (number + len(wave)) % 7
    ]


def store_in(folder: Path) -> Flickering:
    """Open a store whose clock does not run."""
    return Flickering(str(folder), clock=lambda: datetime(2026, 11, 22, tzinfo=UTC))


def entities(wikibase: Wikibase) -> list[str]:
    """Write all items out, but for the hashes that hang on the salt of one store."""
    found = wikibase.read([f"Q{number}" for number in range(1, 400)])
    texts = [str(entity_to_json(each.entity)) for each in found.values()]
    return [re.sub(r"'[0-9a-f]{20}'|'[0-9a-f]{40}'", "", text) for text in texts]


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory, ontology: Ontology) -> list[str]:
    """The result of an import that was not interrupted."""
    with store_in(tmp_path_factory.mktemp("unbroken")) as store:
        list(apply_ontology(store, ontology))
        run(store, ontology, *crowd())
        return entities(store)


@pytest.mark.parametrize("moment", range(1, 15, 2))
def test_an_interrupted_and_repeated_import_gives_the_same_store(
    moment: int,
    tmp_path: Path,
    ontology: Ontology,
    unbroken: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Same entities to the letter, GUIDs included, and the triples of a rebuild."""
    monkeypatch.setattr(imports, "SIZE", 10)
    with store_in(tmp_path / "s") as store:
        list(apply_ontology(store, ontology))
        store.countdown = moment
        with pytest.raises(Power):
            run(store, ontology, *crowd())

    with store_in(tmp_path / "s") as store:
        run(store, ontology, *crowd())

        assert entities(store) == unbroken
        triples = sorted(store.triples())
        store.rebuild()
        assert sorted(store.triples()) == triples


def merged(store: LocalWikibase, ontology: Ontology) -> str:
    """Merge Grace's item into Ada's, as an editor would; returns the id of the kept one."""
    assert isinstance(store, Embedded)
    stays, goes = (person(store, ontology, name) for name in ("Ada", "Grace"))
    stored = store.read([stays.id, goes.id])
    store.redirect(stored[goes.id], stays.id, EditInfo(summary="merged"))
    statements = [replace(statement, id=None) for statement in goes.statements]
    present = {statement.main for statement in stays.statements}
    after = tuple(statement for statement in statements if statement.main not in present)
    both = replace(stays, statements=(*stays.statements, *after))
    store.revise(both, stored[stays.id], EditInfo(summary="merged"))
    return stays.id


@pytest.mark.parametrize("rehearsed", [True, False])
@pytest.mark.parametrize("at_once", [1, 200])
def test_two_people_who_were_merged_are_imported_into_one_item(
    wikibase: LocalWikibase,
    ontology: Ontology,
    monkeypatch: pytest.MonkeyPatch,
    *,
    rehearsed: bool,
    at_once: int,
) -> None:
    """Both rows count, no change by others is reported, and a second import changes nothing."""
    monkeypatch.setattr(imports, "SIZE", at_once)
    grace = Identity("wikimedia_username", "Grace")
    answers = (Assessment("regex", "alone"),)
    rows = [ada(), ada(identity=grace, row=3, id="18", assessments=answers)]
    run(wikibase, ontology, *rows)
    stays = merged(wikibase, ontology)
    later = [ada("w2026"), ada("w2026", identity=grace, row=3, id="18", assessments=answers)]
    if rehearsed:
        before = wikibase.revision()
        planned = run(DryRun(wikibase), ontology, *rows, *later)
        assert {edit.id for edit in planned if isinstance(edit, Change)} == {stays}
        assert wikibase.revision() == before
    run(wikibase, ontology, *rows, *later)
    assert person(wikibase, ontology, "Grace").id == stays
    known = binding_of(wikibase, ontology)
    said = [each["assessed_skill"] for each, _ in of(wikibase, ontology, "assessed_skill")]
    assert said.count(["regex"]) == 2
    assert said.count(["lua_modules"]) == 2
    assert len(person(wikibase, ontology).values(known.property("wikimedia_username"))) == 2
    assert run(wikibase, ontology, *rows, *later) == []
