"""A corrected file of the same wave: what it says no more is removed, and nothing of others."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import wbskills
from tests.tasks.people import TODAY, ada, of, run
from wbskills.domain import Asked, Assessment, Speaks
from wbskills.ontology.entries import Ontology
from wbskills.tasks.imports import Import
from wbskills.tasks.ontologies import binding_of
from wbskills.wikibase.interface import LocalWikibase
from wbskills.wikibase.model.edits import Change
from wbskills.wikibase.model.entities import Rank, Reference, Snak
from wbskills.wikibase.model.values import Text
from wbskills.wikibase.model.wire import entity_to_json

SKILLS = ("lua_modules", "python", "sparql")
MAPPING = """
title = "corrected"
tool = "plain"
[waves.spring]
label = { en = "Spring" }
start = 2026-03-01
end = 2026-03-31
[identity]
column = "User"
property = "wikimedia_username"
[response]
id = "Id"
[date]
column = "Date"
[consent]
column = "Consent"
answers = { "Yes" = "consent_named", "No" = "withheld" }
[[questions]]
columns = "SK {skill}"
answers = "scale:self_5"
[[interests]]
columns = "HELP {skill}"
chosen = "can_help"
[[languages]]
column = "Language"
level_column = "Babel"
answers = "scale:babel"
[person.home_community]
column = "Home"
[person.availability]
column = "Time"
"""
HEADINGS = (
    "Id", "User", "Date", "Consent", "Home", "Time", "Language", "Babel",
    *(f"SK {skill}" for skill in SKILLS), *(f"HELP {skill}" for skill in SKILLS),
)  # fmt: skip
Row = Mapping[str, str]

rows = st.fixed_dictionaries(
    {
        "Date": st.sampled_from(["2026-03-04", "2026-03-05", "2026-03-06"]),
        "Home": st.sampled_from(["", "dewiki", "frwiki"]),
        "Time": st.sampled_from(["", "available", "away"]),
        "Language": st.sampled_from(["", "de", "fr"]),
        "Babel": st.sampled_from(["", "babel_3", "babel_n"]),
        **{
            f"SK {skill}": st.sampled_from(["", "none", "alone", "leads", "not sure"])
            for skill in SKILLS
        },
        **{f"HELP {skill}": st.sampled_from(["", "Yes", "No"]) for skill in SKILLS},
    }
)
# Of each response its number (there may be two of one person), and the person.
files = st.dictionaries(st.integers(1, 4), st.tuples(st.integers(1, 2), rows), max_size=4)


def write(path: Path, answers: Mapping[int, tuple[int, Row]], names: str) -> Path:
    """Write a survey file; people are called by `names` and their number."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, HEADINGS)
        table.writeheader()
        for number, (person, row) in answers.items():
            babel = row["Babel"] if row["Language"] else ""
            fixed = {"Id": str(number), "User": f"{names} {person}", "Consent": "Yes"}
            table.writerow({**row, **fixed, "Babel": babel})
    return path


def state(capacity: wbskills.Capacity, name: str) -> Any:  # noqa: ANN401 - JSON
    """Return the statements of a person, without what differs between two names."""
    wikibase = capacity.wikibase
    binding = binding_of(wikibase, capacity.ontology)
    found = dict(wikibase.find_by_identifier(binding.property("wikimedia_username"), [name]))
    if name not in found:
        return None
    claims = entity_to_json(wikibase.read([found[name]])[found[name]].entity)["claims"]
    del claims[binding.property("wikimedia_username")]
    key = binding.property("response_key")
    return {
        name: sorted(repr(_without_ids(claim, key)) for claim in claims[name]) for name in claims
    }


def _without_ids(claim: dict[str, Any], key: str) -> Any:  # noqa: ANN401 - JSON
    claim = {name: part for name, part in claim.items() if name not in ("id", "qualifiers-order")}
    claim["qualifiers"] = sorted(claim.get("qualifiers", {}).items())  # their order says nothing
    for reference in claim.get("references", ()):
        reference.pop("hash", None)
        reference["snaks"].pop(key, None)
    return claim


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
    """Of everybody in it whose answer in it is not older than the one in the first file."""
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
    for person in {person for person, _ in second.values()}:
        if _counting(first, person) <= _counting(second, person):
            mine = state(capacity, f"{corrected} {person}")
            assert mine == state(capacity, f"{alone} {person}")


def _counting(answers: Mapping[int, tuple[int, Row]], person: int) -> str:
    """Return the day of the answer of a person that counts."""
    return max((row["Date"] for who, row in answers.values() if who == person), default="")


PLAIN = dict.fromkeys(HEADINGS, "") | {"Date": "2026-03-04"}
FULL = PLAIN | {
    "Home": "dewiki", "Time": "available", "Language": "de", "Babel": "babel_3",
    "SK lua_modules": "alone", "SK python": "leads", "HELP python": "Yes",
    "HELP sparql": "Yes",
}  # fmt: skip


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

        assert "3 removed statements; no longer said: home_community dewiki, lua_modules" in str(
            planned
        )
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
    skills=frozenset({"lua_modules", "python"}),
    interests=frozenset({"sparql"}),
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
    said = (Assessment("sparql", "alone"), Assessment("lua_modules", "", ("can_help",)))
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


def test_what_another_source_says_as_well_loses_only_our_reference(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """An editor has confirmed it with an address."""
    run(wikibase, ontology, ada(speaks=(Speaks(language="lang_de"),)))
    binding = binding_of(wikibase, ontology)
    identifier = binding.property("wikimedia_username")
    (_, entity_id), *_ = wikibase.find_by_identifier(identifier, [ada().identity.name])
    stored = wikibase.read([entity_id])[entity_id]
    speaks = next(
        each
        for each in stored.entity.statements
        if each.main.property == binding.property("speaks")
    )
    address = Reference((Snak(binding.property("url"), Text("https://example.org"), "url"),))
    kept = replace(speaks, references=(*speaks.references, address))
    change = Change(key="", id=entity_id, base=stored.revision, statements=(kept,))
    wikibase.write([change], "by hand")

    corrected(wikibase, ontology, ada(speaks=()))

    (found,) = (
        each
        for each in wikibase.read([entity_id])[entity_id].entity.statements
        if each.main.property == binding.property("speaks")
    )
    assert found.references == (address,)


def test_statements_without_our_reference_stay(
    wikibase: LocalWikibase, ontology: Ontology
) -> None:
    """An editor has added it by hand."""
    run(wikibase, ontology, ada(speaks=(Speaks(language="lang_de"),)))
    binding = binding_of(wikibase, ontology)
    identifier = binding.property("wikimedia_username")
    (_, entity_id), *_ = wikibase.find_by_identifier(identifier, [ada().identity.name])
    stored = wikibase.read([entity_id])[entity_id]
    bare = tuple(
        replace(each, references=())
        for each in stored.entity.statements
        if each.main.property == binding.property("speaks")
    )
    wikibase.write([Change(key="", id=entity_id, base=stored.revision, statements=bare)], "hand")

    corrected(wikibase, ontology, ada(speaks=()))

    assert len(of(wikibase, ontology, "speaks")) == 1


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
