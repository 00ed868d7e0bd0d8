"""Two versions of a survey file, and two mappings of one file, imported one after the other."""

import csv
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import wbskills
from tests.tasks.corrected_files import FULL, MAPPING, Row, counting, files, write
from tests.tasks.people import of
from wbskills.tasks.ontologies import binding_of
from wbskills.wikibase.model.wire import entity_to_json

_INTERESTS = """[[interests]]
columns = "HELP {skill}"
chosen = "can_help"
"""
_LEVELS = """[[questions]]
columns = "SK {skill}"
answers = "scale:self_5"
"""
_GENERAL = """[[interests]]
column = "HELP sparql"
at_least = "alone"
answers = { "Yes" = "can_help" }
"""
LEVELS_ALONE = MAPPING.replace(_INTERESTS, "")
INTERESTS_ALONE = MAPPING.replace(_LEVELS, "")
GENERAL_INTEREST = MAPPING.replace(_INTERESTS, _GENERAL)
BOTH_PARTS = FULL | {"SK python": "leads", "HELP python": "Yes"}
_CONTENT = """
SELECT ?p ?node ?q ?v WHERE { ?item ?name "%s" ; ?p ?node . ?node ?q ?v .
  FILTER (CONTAINS(STR(?node), "/entity/statement/")) }"""


@pytest.fixture
def capacity(folder: Path) -> Iterator[wbskills.Capacity]:
    """A capacity map that has the ontology and nobody in it."""
    with wbskills.open(folder) as opened:
        yield opened


def people(capacity: wbskills.Capacity) -> dict[str, Any]:
    """Read the items of all people, by name, as JSON."""
    wikibase = capacity.wikibase
    name = binding_of(wikibase, capacity.ontology).property("wikimedia_username")
    ids = {entity_id: person for person, entity_id in wikibase.find_by_identifier(name)}
    return {ids[key]: entity_to_json(each.entity) for key, each in wikibase.read(ids).items()}


def content(item: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Return an item without ids and without the order of what is in it."""
    found = {name: item[name] for name in ("labels", "descriptions", "aliases")}
    for name, claims in item["claims"].items():
        found[name] = sorted(
            repr([{**claim, "id": "", "qualifiers-order": "", "qualifiers": qualifiers}])
            for claim in claims
            for qualifiers in [sorted(claim.get("qualifiers", {}).items())]
        )
    return found


def triples(capacity: wbskills.Capacity, name: str) -> list[list[str]]:
    """List what SPARQL sees of each statement of a person, without ids."""
    statements: dict[str, list[str]] = {}
    for row in capacity.wikibase.select(_CONTENT % name).rows:
        prop, node, *rest = map(str, row)
        statements.setdefault(node, [prop]).append(" ".join(rest))
    return sorted(sorted(each) for each in statements.values())


def imported(
    capacity: wbskills.Capacity, folder: Path, row: Row, mapping: str = MAPPING
) -> wbskills.ImportReceipt:
    """Import a file of one response of Ada with a mapping."""
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    file = write(folder / "answers.csv", {1: (1, row)}, "Ada")
    return capacity.import_survey(file, mapping=folder / "mapping.toml")


def python_of_ada(capacity: wbskills.Capacity) -> dict[str, list[str]]:
    """Return the statement about Ada's Python, by keys."""
    found = of(capacity.wikibase, capacity.ontology, "assessed_skill", "Ada 1")
    (said,) = (said for said, _ in found if said["assessed_skill"] == ["python"])
    return said


@settings(
    deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(first=files, second=files)
def test_the_second_file_leaves_what_it_leaves_in_an_empty_map_and_undo_the_first(
    with_ontology: Path,
    tmp_path: Path,
    first: Mapping[int, tuple[int, Row]],
    second: Mapping[int, tuple[int, Row]],
) -> None:
    """Entities and triples but for ids, keys of responses too; undo restores the GUIDs as well."""
    mapping, file = tmp_path / "mapping.toml", tmp_path / "answers.csv"
    mapping.write_text(MAPPING, encoding="utf-8")
    stores = [tmp_path / "corrected", tmp_path / "alone"]
    for store in stores:
        shutil.rmtree(store, ignore_errors=True)
        shutil.copytree(with_ontology, store)
    with wbskills.open(stores[0]) as corrected, wbskills.open(stores[1]) as alone:
        corrected.import_survey(write(file, first, "Ada"), mapping=mapping)
        before = people(corrected)
        receipt = corrected.import_survey(write(file, second, "Ada"), mapping=mapping)
        alone.import_survey(file, mapping=mapping)

        mine, expected = people(corrected), people(alone)
        for person in {person for person, _ in second.values()}:
            was, now = counting(first, person), counting(second, person)
            if was[0] <= now[0] or was[1] == now[1]:
                name = f"Ada {person}"
                assert content(mine[name]) == content(expected[name])
                assert triples(corrected, name) == triples(alone, name)

        assert corrected.import_survey(file, mapping=mapping).edits == 0
        if receipt.edits:
            corrected.undo(receipt.batch)
        after = people(corrected)
        assert {name: _by_guid(item) for name, item in after.items() if name in before} == {
            name: _by_guid(item) for name, item in before.items()
        }


def _by_guid(item: dict[str, Any]) -> dict[str, Any]:
    return {claim["id"]: claim for claims in item["claims"].values() for claim in claims}


@pytest.mark.parametrize(
    "mappings", [(LEVELS_ALONE, INTERESTS_ALONE), (INTERESTS_ALONE, LEVELS_ALONE)]
)
def test_two_mappings_of_one_file_give_what_one_mapping_gives(
    capacity: wbskills.Capacity, tmp_path: Path, mappings: tuple[str, str]
) -> None:
    """Neither takes back what only the other asks."""
    for mapping in mappings:
        imported(capacity, tmp_path, BOTH_PARTS, mapping)

    assert python_of_ada(capacity)["level"] == ["leads"]
    assert python_of_ada(capacity)["interest"] == ["can_help"]


def test_a_level_changed_by_a_mapping_without_interests_keeps_them(
    capacity: wbskills.Capacity, tmp_path: Path
) -> None:
    """A mapping of the levels alone says nothing of interests."""
    imported(capacity, tmp_path, BOTH_PARTS)

    imported(capacity, tmp_path, BOTH_PARTS | {"SK python": "alone"}, LEVELS_ALONE)

    assert python_of_ada(capacity)["level"] == ["alone"]
    assert python_of_ada(capacity)["interest"] == ["can_help"]


@pytest.mark.parametrize(
    ("mapping", "blank", "gone", "kept"),
    [
        (LEVELS_ALONE, "SK python", "level", "interest"),
        (INTERESTS_ALONE, "HELP python", "interest", "level"),
    ],
)
def test_what_a_mapping_asks_is_taken_back_and_the_rest_of_the_answer_stays(
    capacity: wbskills.Capacity, tmp_path: Path, mapping: str, blank: str, gone: str, kept: str
) -> None:
    """Of one statement, each mapping removes its own part."""
    imported(capacity, tmp_path, BOTH_PARTS)

    imported(capacity, tmp_path, BOTH_PARTS | {blank: ""}, mapping)

    assert gone not in python_of_ada(capacity)
    assert kept in python_of_ada(capacity)


def test_an_interest_in_many_skills_is_taken_back_and_the_levels_stay(
    capacity: wbskills.Capacity, tmp_path: Path
) -> None:
    """One answer about many skills is corrected in each of these."""
    imported(capacity, tmp_path, FULL, GENERAL_INTEREST)
    assert python_of_ada(capacity)["interest"] == ["can_help"]

    imported(capacity, tmp_path, FULL | {"HELP sparql": ""}, GENERAL_INTEREST)

    assert python_of_ada(capacity)["level"] == ["leads"]
    assert "interest" not in python_of_ada(capacity)


def test_the_plan_names_parts_of_answers_and_the_columns_of_all(
    capacity: wbskills.Capacity, tmp_path: Path
) -> None:
    """An interest, the level of a language, a language and a home community."""
    imported(capacity, tmp_path, BOTH_PARTS)
    row = BOTH_PARTS | {"HELP python": "", "Babel": "", "Home": ""}
    file = write(tmp_path / "answers.csv", {1: (1, row)}, "Ada")

    planned = str(capacity.plan_survey(file, mapping=tmp_path / "mapping.toml"))

    assert "home_community dewiki (column E “Home”)" in planned
    assert "speaks lang_de: babel_level (column H “Babel”)" in planned
    assert "python: can_help (column M “HELP python”)" in planned
    assert "1 statement would be removed" in planned


def test_the_row_and_column_of_a_fact_are_in_the_journal(
    capacity: wbskills.Capacity, tmp_path: Path
) -> None:
    """As those of a level are."""
    batch = imported(capacity, tmp_path, FULL).batch

    homes = [row for row in capacity.batch_edits(batch) if row["property"] == "home_community"]

    assert [(row["row"], row["column"]) for row in homes] == [(2, "column E “Home”")]


def test_people_who_are_in_no_file_any_more_stay(
    capacity: wbskills.Capacity, tmp_path: Path
) -> None:
    """The file may be a part of the survey."""
    imported(capacity, tmp_path, FULL)
    before = people(capacity)
    file = tmp_path / "answers.csv"
    with file.open(encoding="utf-8", newline="") as opened:
        headings, _ = csv.reader(opened)
    file.write_text(",".join(headings) + "\n", encoding="utf-8")

    receipt = capacity.import_survey(file, mapping=tmp_path / "mapping.toml")

    assert receipt.edits == 0
    assert people(capacity) == before
