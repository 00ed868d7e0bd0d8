"""One question about many skills at once: “could you help others?”."""

from pathlib import Path

import pytest

from tests.surveys.samples import COLUMNS, HEAD, MAPPING, TAIL, ada, survey, table
from wbskills.errors import MappingError
from wbskills.ontology.entries import Ontology
from wbskills.surveys.responses.compare import compare

QUESTION = """
[[interests]]
column = "HELP"
answers = { "Yes" = "can_help", "Yes, and teach" = "can_help, can_teach" }
nothing = ["No", ""]
"""
AT_LEAST = MAPPING + QUESTION + 'at_least = "alone"\n'
ALL = [*COLUMNS, "HELP"]


def found(
    folder: Path, ontology: Ontology, *rows: list[str], mapping: str = AT_LEAST
) -> list[dict[str, tuple[str, tuple[str, ...]]]]:
    """Return level and interests of each skill, for each row."""
    opened = survey(folder, ontology, table(*rows, columns=ALL), mapping)
    assert opened.check().faults == ()
    return [
        {one.skill: (one.level, one.interests) for one in response.assessments}
        for response in opened.responses()
    ]


def test_who_could_help_can_do_so_with_what_they_do_alone(
    tmp_path: Path, ontology: Ontology
) -> None:
    """At that level, or above; a skill without a level is not meant."""
    rows = [
        [*ada("alone", "with help"), "Yes"], [*ada("leads", "", name="Bea"), "Yes, and teach"],
        [*ada("not sure", "aware", name="Cid"), "Yes"], [*ada(name="Dee"), "No"],
    ]  # fmt: skip

    assert found(tmp_path, ontology, *rows) == [
        {"lua_modules": ("alone", ("can_help",)), "python": ("with_help", ())},
        {"lua_modules": ("leads", ("can_help", "can_teach"))},
        {"lua_modules": ("not_sure", ()), "python": ("aware", ())},
        {"lua_modules": ("alone", ()), "python": ("none", ())},
    ]


def test_the_question_may_be_about_some_skills_or_groups(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Then it needs no level: an interest in a skill that nobody was asked about is kept."""
    row = [*ada("none", "alone"), "Yes"]
    some = MAPPING + QUESTION + 'skills = ["lua_modules", "templates"]\n'
    assert found(tmp_path, ontology, row, mapping=some) == [
        {
            "lua_modules": ("none", ("can_help",)),
            "python": ("alone", ()),
            "templates": ("", ("can_help",)),
        }
    ]
    group = MAPPING + QUESTION + 'groups = ["group_wiki"]\n'
    (answered,) = found(tmp_path, ontology, row, mapping=group)
    in_group = [
        key
        for key, skill in ontology.section("skills").items()
        if skill.fact("part_of") == "group_wiki"
    ]
    assert {skill for skill, (_, interests) in answered.items() if interests} == {*in_group}
    assert "templates" in in_group
    assert "python" not in in_group
    both = group + 'at_least = "none"\n'
    (answered,) = found(tmp_path, ontology, row, mapping=both)
    assert answered == {"lua_modules": ("none", ("can_help",)), "python": ("alone", ())}


def test_it_adds_to_interests_in_single_skills(tmp_path: Path, ontology: Ontology) -> None:
    """Each interest once."""
    mapping = (
        AT_LEAST
        + '[[interests]]\ncolumns = "WANT"\nskill = "lua_modules"\n'
        + ('chosen = "wants_to_learn"\n')
    )
    row = [*ada(), "Yes", "x"]
    opened = survey(tmp_path, ontology, table(row, columns=[*ALL, "WANT"]), mapping)

    (response,) = opened.responses()
    assert response.assessments[0].interests == ("can_help", "wants_to_learn")


def test_a_mapping_may_have_such_questions_alone(tmp_path: Path, ontology: Ontology) -> None:
    """An offer to help with all of a group is worth keeping."""
    mapping = HEAD + TAIL + QUESTION + 'skills = ["python"]\n'
    row = [*ada(), "Yes"]

    assert found(tmp_path, ontology, row, mapping=mapping) == [{"python": ("", ("can_help",))}]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", 'add at_least = "alone"'),
        ('at_least = "alon"\n', "at_least: there is no level “alon”\n    Try: use “alone”"),
        ('at_least = "not_sure"\n', "there is no level “not_sure”"),
        ('skills = ["pyton"]\n', "skills: there is no skill “pyton”\n    Try: use “python”"),
        ('groups = ["group_wik"]\n', "there is no group “group_wik”\n    Try: use “group_wiki”"),
        ('at_least = "alone"\nchosen = "can_help"\n', "there is no member “chosen”"),
    ],
)
def test_a_fault_of_the_mapping_is_told(
    line: str, told: str, tmp_path: Path, ontology: Ontology
) -> None:
    """With what may have been meant."""
    with pytest.raises(MappingError) as caught:
        survey(tmp_path, ontology, table(columns=ALL), MAPPING + QUESTION + line)
    assert told in str(caught.value)


def test_unknown_answers_and_missing_columns_are_found(tmp_path: Path, ontology: Ontology) -> None:
    """As for any other question."""
    opened = survey(tmp_path, ontology, table([*ada(), "Maybe"], columns=ALL), AT_LEAST)
    (fault,) = opened.check().faults

    assert "“Maybe”" in fault.what
    assert fault.hint == "add it under interests[1].answers"
    (tmp_path / "s.csv").write_text(table(ada()))
    (gone,) = compare(tmp_path / "s.csv", opened.mapping.source, ontology)
    assert gone.where == "interests[1].column"
