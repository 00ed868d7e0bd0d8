"""A corrected file of the same wave: what it says no more is removed, and nothing of others."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import wbskills
from tests.tasks.corrected_files import FULL, MAPPING, Row, counting, files, state, write
from tests.tasks.people import TODAY, ada, of, person, run
from wbskills.domain import Asked, Assessment, Identity, Speaks
from wbskills.ontology.entries import Ontology
from wbskills.tasks import imports
from wbskills.tasks.imports import Import
from wbskills.tasks.ontologies import binding_of
from wbskills.wikibase.interface import LocalWikibase
from wbskills.wikibase.model.edits import Change
from wbskills.wikibase.model.entities import Rank, Reference, Snak
from wbskills.wikibase.model.values import Text


@pytest.fixture(scope="module")
def capacity() -> Iterator[wbskills.Capacity]:
    """A capacity map in memory that all examples share; each has people of its own."""
    with wbskills.open(":memory:") as opened:
        opened.apply_ontology()
        yield opened


EXAMPLE = iter(range(10_000_000))


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(first=files, second=files)
def test_the_second_file_counts_as_if_it_were_the_only_one(
    capacity: wbskills.Capacity,
    tmp_path: Path,
    first: Mapping[int, tuple[int, Row]],
    second: Mapping[int, tuple[int, Row]],
) -> None:
    """Of everybody in it, unless the first file has an answer that another one made later."""
    number = next(EXAMPLE)
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    file = tmp_path / "answers.csv"
    corrected, alone = f"Corrected {number}", f"Alone {number}"
    capacity.import_survey(write(file, first, corrected), mapping=mapping)
    capacity.import_survey(write(file, second, corrected), mapping=mapping)
    again = capacity.import_survey(file, mapping=mapping)
    capacity.import_survey(write(file, second, alone), mapping=mapping)

    assert again.edits == 0
    for who in {who for who, _ in second.values()}:
        was, now = counting(first, who), counting(second, who)
        if was[0] <= now[0] or was[1] == now[1]:
            mine = state(capacity, f"{corrected} {who}")
            assert mine == state(capacity, f"{alone} {who}")


def count(capacity: wbskills.Capacity) -> object:
    """Count all triples."""
    return capacity.wikibase.select("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }").rows


def test_a_correction_is_planned_journalled_and_can_be_undone(tmp_path: Path) -> None:
    """Plan, receipt and batch name what goes; undo brings it back; the triples follow."""
    mapping, file = tmp_path / "mapping.toml", tmp_path / "answers.csv"
    mapping.write_text(MAPPING, encoding="utf-8")
    blanked = FULL | {"SK lua_modules": "", "HELP sparql": "", "Home": ""}
    with wbskills.open(tmp_path / "store") as capacity:
        capacity.apply_ontology()
        capacity.import_survey(write(file, {1: (1, FULL)}, "Ada"), mapping=mapping)
        before, triples = state(capacity, "Ada 1"), count(capacity)
        write(file, {1: (1, blanked)}, "Ada")
        planned = capacity.plan_survey(file, mapping=mapping)
        receipt = capacity.import_survey(file, mapping=mapping)
        listed = capacity.batch_edits(receipt.batch)
        people = {row["personLabel"] for row in capacity.ask("who_can", skill="lua_modules")}
        capacity.undo(receipt.batch)

        assert (
            "3 removed statements; no longer said: home_community dewiki (column E “Home”),"
            " lua_modules (column I “SK lua_modules”)"
        ) in str(planned)
        assert "3 statements would be removed, because the response no longer says it" in str(
            planned
        )
        assert receipt.tally.statements_removed == 3
        assert [row["what"] for row in listed].count("removed") == 3
        assert people == set()
        assert state(capacity, "Ada 1") == before
        assert count(capacity) == triples


def test_the_triples_are_those_of_the_second_file_alone(tmp_path: Path) -> None:
    """Nothing of the first one is left in what queries see."""
    mapping, file = tmp_path / "mapping.toml", tmp_path / "answers.csv"
    mapping.write_text(MAPPING, encoding="utf-8")
    blanked = FULL | {"SK python": "", "HELP python": "", "Language": "", "Babel": ""}
    seen = []
    for versions in ([FULL, blanked], [blanked]):
        with wbskills.open(":memory:") as capacity:
            capacity.apply_ontology()
            for version in versions:
                capacity.import_survey(write(file, {1: (1, version)}, "Ada"), mapping=mapping)
            rows = capacity.wikibase.select(
                "SELECT ?p ?o WHERE { ?s <http://www.w3.org/2000/01/rdf-schema#label>"
                ' "Ada 1"@en ; ?p ?o FILTER (!STRSTARTS(STR(?o), "http://localhost")'
                " || !CONTAINS(STR(?o), 'statement')) }"
            ).rows
            seen.append(sorted(map(str, rows)))
            dated = ("schema.org/version", "schema.org/dateModified")
            seen[-1] = [row for row in seen[-1] if not any(each in row for each in dated)]

    assert seen[0] == seen[1]


# ------------------------------------------------------------------------ what stays as it is

ASKED = Asked(
    levels=frozenset({"lua_modules", "python"}),
    interests=frozenset({"lua_modules", "sparql"}),
    facts=frozenset({"home_community", "speaks"}),
)


def corrected(wikibase: LocalWikibase, ontology: Ontology, *responses: Any) -> None:  # noqa: ANN401
    """Import responses of a file that asks `ASKED`."""
    importing = Import(wikibase, ontology, batch="b", today=TODAY, asked=ASKED)
    list(importing.responses(responses))


def skills_of(wikibase: LocalWikibase, ontology: Ontology) -> list[str]:
    """List the skills that Ada has statements of, once for each."""
    return [said["assessed_skill"][0] for said, _ in of(wikibase, ontology, "assessed_skill")]


def test_what_this_file_does_not_ask_stays(wikibase: LocalWikibase, ontology: Ontology) -> None:
    """A survey may be imported in two files, or with two mappings."""
    said = (Assessment("lua_modules", "alone"), Assessment("regex", "alone"))
    run(wikibase, ontology, ada(assessments=said, time_zone="Europe/Berlin"))

    corrected(wikibase, ontology, ada(assessments=(), time_zone=""))

    assert skills_of(wikibase, ontology) == ["regex"]
    assert len(of(wikibase, ontology, "time_zone")) == 1


def test_a_level_stays_where_only_an_interest_is_asked(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """An interest that is taken back says nothing of the level."""
    said = (Assessment("sparql", "alone"), Assessment("lua_modules", "alone"))
    run(wikibase, ontology, ada(assessments=said))

    corrected(wikibase, ontology, ada(assessments=()))

    assert skills_of(wikibase, ontology) == ["sparql"]


def test_a_level_that_was_blanked_goes_and_the_interest_stays(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """Of one answer, both parts are as the last file says."""
    run(wikibase, ontology, ada(assessments=(Assessment("python", "alone", ("can_help",)),)))

    corrected(wikibase, ontology, ada(assessments=(Assessment("python", "", ("can_help",)),)))

    ((said, rank),) = of(wikibase, ontology, "assessed_skill")
    assert "level" not in said
    assert said["interest"] == ["can_help"]
    assert rank is Rank.PREFERRED


def test_an_older_answer_takes_nothing_back(wikibase: LocalWikibase, ontology: Ontology) -> None:
    """An old file that is imported late does not remove what was said since."""
    late = ada()
    run(wikibase, ontology, late)

    corrected(wikibase, ontology, replace(late, id="older", on=date(2025, 1, 1), assessments=()))

    assert skills_of(wikibase, ontology) == ["lua_modules", "python"]


ADDRESS = "https://example.org"


def referenced_by_hand(
    wikibase: LocalWikibase, ontology: Ontology, fact: str, *, ours: bool, address: bool
) -> None:
    """Edit the references of Ada's statements of a property, as an editor does."""
    binding, item = binding_of(wikibase, ontology), person(wikibase, ontology)
    own = (Reference((Snak(binding.property("url"), Text(ADDRESS), "url"),)),) * address
    edited = tuple(
        replace(each, references=(*(each.references if ours else ()), *own))
        for each in item.statements
        if each.main.property == binding.property(fact)
    )
    revision = wikibase.read([item.id])[item.id].revision
    edit = Change(key="", id=item.id, base=revision, statements=edited)
    wikibase.write([edit], "by hand")


def test_what_another_source_says_as_well_loses_only_our_reference(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """An editor has confirmed it with an address."""
    run(wikibase, ontology, ada(speaks=(Speaks(language="lang_de"),)))
    referenced_by_hand(wikibase, ontology, "speaks", ours=True, address=True)

    corrected(wikibase, ontology, ada(speaks=()))

    name = binding_of(wikibase, ontology).property("speaks")
    (found,) = (
        each for each in person(wikibase, ontology).statements if each.main.property == name
    )
    assert [snak.value for each in found.references for snak in each.snaks] == [Text(ADDRESS)]


def test_a_part_that_another_source_says_as_well_stays(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """What the other source supports is the statement as it is."""
    run(wikibase, ontology, ada(assessments=(Assessment("sparql", "alone", ("can_help",)),)))
    referenced_by_hand(wikibase, ontology, "assessed_skill", ours=True, address=True)

    corrected(wikibase, ontology, ada(assessments=()))

    ((said, _),) = of(wikibase, ontology, "assessed_skill")
    assert said["interest"] == ["can_help"]


def test_statements_without_our_reference_stay(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """An editor has added it by hand."""
    run(wikibase, ontology, ada(speaks=(Speaks(language="lang_de"),)))
    referenced_by_hand(wikibase, ontology, "speaks", ours=False, address=False)

    corrected(wikibase, ontology, ada(speaks=()))

    assert len(of(wikibase, ontology, "speaks")) == 1


def test_an_interest_does_not_take_back_a_level_of_another_source(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """The response says nothing of the level, and has not said it."""
    run(wikibase, ontology, ada(assessments=(Assessment("lua_modules", "alone"),)))
    referenced_by_hand(wikibase, ontology, "assessed_skill", ours=False, address=True)

    corrected(wikibase, ontology, ada(assessments=(Assessment("lua_modules", "", ("can_help",)),)))

    ((said, _),) = of(wikibase, ontology, "assessed_skill")
    assert said["level"] == ["alone"]


def test_the_second_response_of_a_person_takes_back_what_the_first_said(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """The newest one counts as a whole, in one file or in two."""
    run(wikibase, ontology, ada())

    corrected(wikibase, ontology, ada(id="later", on=date(2025, 3, 9), assessments=()))

    assert skills_of(wikibase, ontology) == []


def test_the_newest_of_an_earlier_wave_is_current_again(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """The rank rule holds for what is left."""
    run(wikibase, ontology, ada(assessments=(Assessment("python", "aware"),)))
    second = ada(
        wave="w2026", on=date(2026, 3, 4), id="2", assessments=(Assessment("python", "leads"),)
    )
    run(wikibase, ontology, second)

    corrected(wikibase, ontology, replace(second, assessments=()))

    ((said, rank),) = of(wikibase, ontology, "assessed_skill")
    assert said["level"] == ["aware"]
    assert rank is Rank.PREFERRED


def test_a_response_that_corrects_its_own_day_takes_back_as_well(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """An earlier day is no older answer if it is the same response."""
    run(wikibase, ontology, ada())

    corrected(wikibase, ontology, ada(on=date(2025, 3, 2), assessments=(), home_community=""))

    assert skills_of(wikibase, ontology) == []
    assert of(wikibase, ontology, "home_community") == []


def test_an_older_response_does_not_take_back_a_role(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """A role has no day, but the response that gave it has."""
    asked = Asked(facts=frozenset({"role"}))
    run(wikibase, ontology, ada(role="technical_ambassador"))
    older = ada(id="older", on=date(2025, 3, 2))

    list(Import(wikibase, ontology, batch="b", today=TODAY, asked=asked).responses([older]))

    assert len(of(wikibase, ontology, "role")) == 1
    list(Import(wikibase, ontology, batch="b", today=TODAY, asked=asked).responses([ada()]))
    assert of(wikibase, ontology, "role") == []


def test_a_response_is_looked_at_again_when_more_is_asked(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """It says the same as before, but now it could have said more; so after an upgrade, too."""
    run(wikibase, ontology, ada())
    said = ada(assessments=(Assessment("python", "does_not_apply"),))
    run(wikibase, ontology, said)
    assert len(skills_of(wikibase, ontology)) == 2

    corrected(wikibase, ontology, said)

    assert skills_of(wikibase, ontology) == ["python"]


@pytest.mark.parametrize("at_once", [1, 200])
def test_one_name_of_a_person_does_not_take_back_what_another_said(
    wikibase: LocalWikibase,
    ontology: Ontology,
    monkeypatch: pytest.MonkeyPatch,
    at_once: int,
) -> None:
    """Two people were merged; else each import would remove the other half."""
    monkeypatch.setattr(imports, "SIZE", at_once)
    one = ada(assessments=(Assessment("lua_modules", "alone"),))
    other = ada(
        identity=Identity("wikimedia_username", "Grace"),
        id="18",
        row=3,
        assessments=(Assessment("python", "alone"),),
    )
    run(wikibase, ontology, one)
    binding = binding_of(wikibase, ontology)
    username = binding.property("wikimedia_username")
    ((_, entity_id),) = wikibase.find_by_identifier(username, ["Ada"])
    stored = wikibase.read([entity_id])[entity_id]
    (name,) = (each for each in stored.entity.statements if each.main.property == username)
    grace = replace(name, id=None, main=Snak(username, Text("Grace"), "external-id"))
    edit = Change(key="", id=entity_id, base=stored.revision, statements=(grace,))
    wikibase.write([edit], "merged")

    corrected(wikibase, ontology, one, other)
    assert sorted(skills_of(wikibase, ontology)) == ["lua_modules", "python"]

    again = Import(wikibase, ontology, batch="b", today=TODAY, asked=ASKED)
    assert list(again.responses([one, other])) == []
    corrected(wikibase, ontology, one, replace(other, assessments=()))
    assert skills_of(wikibase, ontology) == ["lua_modules"]
    corrected(wikibase, ontology, one, other)
    corrected(wikibase, ontology, replace(one, assessments=()), replace(other, assessments=()))
    assert skills_of(wikibase, ontology) == []
