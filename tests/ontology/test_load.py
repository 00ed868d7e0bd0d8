"""Reading the ontology: what it holds, and that every fault is reported, all at once."""

import csv
from pathlib import Path

import pytest
from hypothesis.vendor.pretty import pretty

from wbskills.data import ontology_folder
from wbskills.errors import NotFound, OntologyError
from wbskills.ontology.entries import Ontology
from wbskills.ontology.load import load

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
LANGUAGES = {"en", "de", "es", "fr", "ar"}


def test_it_has_all_languages(ontology: Ontology) -> None:
    """Labels in five languages; what people read in a form also has its description in five."""
    terms = {key: entry.terms for key, entry in ontology.entries.items()}
    terms |= {f"property {key}": entry.terms for key, entry in ontology.properties.items()}
    lacking = [key for key, named in terms.items() if not set(named.labels) >= LANGUAGES]
    assert lacking == []
    steps = [*ontology.levels("self_5").values(), *ontology.outside("self_5").values()]
    assert [step.key for step in steps if not set(step.terms.descriptions) >= LANGUAGES] == []


def test_the_scale_goes_from_none_to_leads(ontology: Ontology) -> None:
    """Five steps with numbers, two answers outside the scale."""
    numbers = {key: step.number for key, step in ontology.levels("self_5").items()}
    assert numbers == {"none": 0, "aware": 1, "with_help": 2, "alone": 3, "leads": 4}
    assert list(ontology.outside("self_5")) == ["does_not_apply", "not_sure"]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the source of the skills is not here")
def test_the_skills_are_those_of_the_catalogue(ontology: Ontology) -> None:
    """A hundred, in order, with their groups, matches and the ten of the baseline."""
    with (SHARED / "data" / "skills.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    skills = ontology.section("skills")

    assert list(skills) == [row["slug"].replace("-", "_") for row in rows]
    for row, skill in zip(rows, skills.values(), strict=True):
        assert skill.terms.labels["en"] == row["label_en"]
        assert skill.terms.descriptions["en"] == row["description_en"]
        assert skill.fact("part_of") == "group_" + row["group"].replace("-", "_")
        assert (skill.fact("close_match") or "") == row["esco_uri"]
        assert (skill.fact("about") or "") == row["wikidata_concept_qid"]
    required = {
        fact.value
        for fact in ontology.entries["technical_ambassador"].facts
        if fact.property == "requires_skill"
    }
    marked = {row["slug"].replace("-", "_") for row in rows if row["baseline_candidate"]}
    assert required == marked
    assert len(required) == 10


def test_a_person_may_have_a_closed_list_of_properties(ontology: Ontology) -> None:
    """No real name, mail, gender, age, address: people come first."""
    assert set(ontology.entries["person"].allowed) == {
        "instance_of", "wikimedia_username", "pseudonym", "home_community", "affiliation",
        "speaks", "time_zone", "availability", "role", "consent", "assessed_skill",
        "endorsed_skill",
    }  # fmt: skip


def written(folder: Path, text: str) -> Path:
    """Write a file of skills next to a small core."""
    (folder / "core.toml").write_text(
        """
[properties.instance_of]
datatype = "wikibase-item"
label = { en = "instance of" }
description = { en = "class" }
[classes.skill]
label = { en = "skill" }
description = { en = "something" }
""",
        encoding="utf-8",
    )
    (folder / "skills.toml").write_text(text, encoding="utf-8")
    return folder


def faults(folder: Path) -> list[str]:
    """Load, and return the problems by place."""
    with pytest.raises(OntologyError) as caught:
        load(folder)
    return [f"{fault.column}: {fault.what}" for fault in caught.value.faults]


def test_all_faults_are_reported_together(tmp_path: Path) -> None:
    """By file and key, each with a hint where a similar key exists."""
    found = faults(
        written(
            tmp_path,
            """
[groups.Group-1]
label = { en = "g" }
[skills.lua]
label = { de = "Lua" }
description = { en = "" }
grup = "x"
[skills.other]
label = { en = "same" }
description = { en = "same" }
group = "nowhere"
[skilz.x]
""",
        )
    )

    assert "skills.toml: groups.Group-1: this is not a valid key" in found
    assert "skills.toml: skills.lua.label: there is no label in English" in found
    assert "skills.toml: skills.lua.description.en: this text is empty" in found
    assert "skills.toml: skills.lua: there is no member “grup”" in found
    assert "skills.toml: skills.other: label and description are the same (en)" in found
    assert "skills.toml: skills.other: there is no property “part_of”" in found
    assert "skills.toml: skilz: there is no such section" in found


def test_a_hint_names_what_is_near(tmp_path: Path) -> None:
    """A slip of the pen is the usual reason."""
    folder = written(tmp_path, '[skills.lua]\nlabel = { en = "Lua" }\ndescripton = { en = "x" }\n')
    with pytest.raises(OntologyError, match="Try: use “description”"):
        load(folder)


def test_a_key_is_unique_across_all_files(tmp_path: Path) -> None:
    """Also across sections: items share one set of keys."""
    text = '[groups.{0}]\nlabel = {{ en = "a" }}\ndescription = {{ en = "b" }}\n'
    found = faults(written(tmp_path, text.format("skill")))
    assert "skills.toml: groups.skill: this key is used twice" in found


def test_text_that_is_not_toml_is_a_fault_like_any_other(tmp_path: Path) -> None:
    """With the line that the parser names."""
    (found,) = faults(written(tmp_path, "[skills\n"))
    assert found.startswith("skills.toml: this is not TOML")


def test_a_folder_without_an_ontology_is_not_found(tmp_path: Path) -> None:
    """Rather than an empty ontology."""
    with pytest.raises(NotFound, match="no ontology"):
        load(tmp_path)


def test_further_files_add_skills(tmp_path: Path) -> None:
    """A survey may ask for skills of its own."""
    more = tmp_path / "more.toml"
    more.write_text(
        '[skills.juggling]\nlabel = { en = "Juggling" }\ndescription = { en = "Keeps 3 up." }\n'
        'group = "group_wiki"\n',
        encoding="utf-8",
    )
    assert load(ontology_folder(), more).entries["juggling"].fact("part_of") == "group_wiki"
    by_another_way = tmp_path / ".." / tmp_path.name / more.name
    assert "juggling" in load(ontology_folder(), more, by_another_way).entries  # read once
    with pytest.raises(OntologyError, match=r"none\.toml: it cannot be read"):
        load(ontology_folder(), tmp_path / "none.toml")


def test_a_failing_test_does_not_print_all_of_it(ontology: Ontology) -> None:
    """Its repr names its size: the whole took 250 kB."""
    told = f"<Ontology: {len(ontology.properties)} properties, {len(ontology.entries)} entries>"
    assert repr(ontology) == told
    assert pretty(ontology) == told


def test_a_formatter_url_has_a_place_for_the_identifier(tmp_path: Path) -> None:
    """And leads into the web."""
    text = (
        '[properties.name]\ndatatype = "external-id"\nformatter_url = "{}"\n'
        'label = {{ en = "name" }}\ndescription = {{ en = "a name" }}\n'
    )
    wrong = ("https://x.example/", "javascript:$1")
    for number, each in enumerate(wrong):
        folder = tmp_path / str(number)
        folder.mkdir()
        found = faults(written(folder, text.format(each)))
        assert (
            "skills.toml: properties.name.formatter_url: this is not an address with “$1”" in found
        )
