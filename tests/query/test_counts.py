"""What the saved queries answer, against a count of what the made people said."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal

import pytest

from tests.query.conftest import Ask
from tests.query.made import BASE, NUMBERS, WAVES, Person, Said, World
from wbskills.ontology.entries import Ontology
from wbskills.query.answers import PLACES
from wbskills.table import Cell, Iri

GERMAN = ("de-at", "de", "mul", "en")


def iri(entity_id: str | None) -> Iri | None:
    """Give the address of an item."""
    return Iri(BASE + entity_id) if entity_id else None


def share(part: int, whole: int) -> Decimal | None:
    """Divide as exactly as answers are given."""
    return (Decimal(part) / whole).quantize(PLACES).normalize() if whole else None


def everybody(world: World) -> Iterator[tuple[Person, Said]]:
    """Go through everything that counts today."""
    return ((person, said) for person in world.people for said in person.now())


def named(world: World, entity_id: str | None) -> tuple[Cell, Cell]:
    """Give the two columns of an item: its address and its name in German."""
    return iri(entity_id), world.label(entity_id, *GERMAN)


def joined(world: World, ids: Iterable[str]) -> str | None:
    """Join names as the queries do."""
    return ", ".join(sorted(str(world.label(one, *GERMAN)) for one in ids)) or None


def by_skill(world: World) -> dict[str, Counter[str]]:
    """Count the levels of each skill, those outside the scale included."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for _, said in everybody(world):
        found[said.skill][said.level] += 1
    return found


def able(levels: Counter[str], level: str) -> int:
    """Count those at a level or above it."""
    least = NUMBERS[level]
    return sum(n for key, n in levels.items() if NUMBERS.get(key, -1) >= least)


def given(levels: Counter[str]) -> int:
    """Count those who gave a level of the scale."""
    return sum(levels[key] for key in NUMBERS)


def wilson(part: int, whole: int) -> tuple[Decimal | None, Decimal | None]:
    """Give Wilson's interval of 95 % to four places, by way of a real square root."""
    if not whole:
        return None, None
    middle = part + 1.96**2 / 2
    reach = 1.96 * math.sqrt(part * (whole - part) / whole + 1.96**2 / 4)
    ends = ((middle - reach) / (whole + 1.96**2), (middle + reach) / (whole + 1.96**2))
    low, high = (Decimal(str(round(end, 4))).normalize() + 0 for end in ends)
    return low, high


@pytest.mark.parametrize("level", ["none", "with_help", "alone", "leads"])
def test_coverage_counts_people_with_a_level_and_those_without_beside(
    ask: Ask, world: World, level: str
) -> None:
    """The four kinds of nothing stay apart from 0, and each share has its denominator."""
    expected = {
        (
            *named(world, skill),
            *named(world, world.groups[skill] or None),
            able(levels, level),
            given(levels),
            share(able(levels, level), given(levels)),
            share(sum(NUMBERS[key] * levels[key] for key in NUMBERS), given(levels)),
            levels["not_sure"],
            levels["does_not_apply"],
            None,  # no form of the made waves is known
            *wilson(able(levels, level), given(levels)),
        )
        for skill, levels in by_skill(world).items()
    }

    table = ask("coverage", level=level)

    assert set(table.rows) == expected
    assert len(table) == len(expected) == len(world.groups)


def test_coverage_of_one_group_leaves_out_all_others(
    ask: Ask, world: World, ontology: Ontology
) -> None:
    """A skill without a group is in no group."""
    group = next(iter(ontology.section("groups")))
    everything, some = ask("coverage"), ask("coverage", group=group)

    group_id = iri(world.binding.item(group))
    assert {row for row in everything.rows if row[2] == group_id} == set(some.rows)
    assert 0 < len(some) < len(everything)


def test_baseline_has_the_skills_at_the_share_and_knows_the_role(ask: Ask, world: World) -> None:
    """A skill counts as common only if enough people assessed it."""
    expected = {
        (
            *named(world, skill),
            *named(world, world.groups[skill] or None),
            able(levels, "with_help"),
            given(levels),
            share(able(levels, "with_help"), given(levels)),
            int(skill in world.required),
        )
        for skill, levels in by_skill(world).items()
        if given(levels) >= 8 and able(levels, "with_help") * 5 >= 2 * given(levels)
    }

    table = ask("baseline", share="0.4", people=8)

    assert set(table.rows) == expected
    assert 0 < len(table) < len(world.groups)
    assert set(ask("baseline", share=0, people=0).column("required")) == {0, 1}


def test_rare_skills_name_everybody_who_has_one(ask: Ask, world: World) -> None:
    """Skills with at most so many holders, with each of them."""
    counts = {skill: able(levels, "alone") for skill, levels in by_skill(world).items()}
    expected = {
        (
            *named(world, said.skill),
            counts[said.skill],
            *named(world, person.id),
            *named(world, world.binding.item(said.level)),
            *named(world, person.community),
        )
        for person, said in everybody(world)
        if said.number in {3, 4} and counts[said.skill] <= 2
    }

    table = ask("rare_skills", level="alone", most=2)

    assert set(table.rows) == expected
    assert {1, 2} == set(table.column("holders"))


def who_can(
    world: World,
    skill: str,
    level: str,
    *,
    language: str = "",
    interest: str = "",
    community: str = "",
) -> set[tuple[Cell, ...]]:
    """Tell who can do something, by looking at everybody."""
    item = world.binding.item
    return {
        (
            *named(world, person.id),
            *named(world, person.community),
            *named(world, item(said.level)),
            joined(world, map(item, said.interests)),
            joined(world, person.languages),
            said.on,
            world.label(person.availability and item(person.availability), *GERMAN),
            person.time_zone,
        )
        for person, said in everybody(world)
        if said.skill == skill
        and NUMBERS.get(said.level, -1) >= NUMBERS[level]
        and language in {"", *person.languages}
        and interest in {"", *said.interests}
        and community in {"", person.community}
    }


def test_who_can_lists_also_those_who_told_no_language_or_community(
    ask: Ask, world: World
) -> None:
    """A parameter that is not given constrains nothing."""
    skill, _ = Counter(said.skill for _, said in everybody(world)).most_common(1)[0]
    expected = who_can(world, skill, "none")

    table = ask("who_can", skill=skill, level="none")

    assert set(table.rows) == expected
    assert None in table.column("languages")
    assert None in table.column("interests")


def test_who_can_narrows_by_each_parameter(ask: Ask, world: World) -> None:
    """Language, interest and community leave out who does not fit."""
    skill = next(iter(world.groups))
    narrow: list[dict[str, str]] = [
        {"language": world.languages[0]},
        {"interest": "wants_to_learn"},
        {"community": world.communities[0]},
        {"language": world.languages[0], "community": world.communities[0]},
    ]
    everybody_ = len(who_can(world, skill, "none"))
    for one in narrow:
        table = ask("who_can", skill=skill, level="none", **one)
        assert set(table.rows) == who_can(world, skill, "none", **one)
        assert 0 < len(table) < everybody_


def test_capacity_map_has_a_cell_only_where_somebody_gave_a_level(ask: Ask, world: World) -> None:
    """An empty cell is not a 0; people without a community are in no row."""
    cells: dict[tuple[str, str], list[int]] = defaultdict(list)
    for person, said in everybody(world):
        if person.community and said.number is not None:
            cells[person.community, said.skill].append(said.number)
    expected = {
        (
            *named(world, community),
            *named(world, skill),
            *named(world, world.groups[skill] or None),
            len(numbers),
            sum(number >= 3 for number in numbers),
            share(sum(numbers), len(numbers)),
        )
        for (community, skill), numbers in cells.items()
    }

    assert set(ask("capacity_map").rows) == expected


def test_people_has_a_row_for_everybody(ask: Ask, world: World) -> None:
    """Also for those who told nothing but their name."""
    expected = {
        (
            *named(world, person.id),
            *named(world, person.community),
            joined(world, person.languages),
            world.label(person.availability and world.binding.item(person.availability), *GERMAN),
            person.time_zone,
            max((said.on for said in person.now()), default=None),
        )
        for person in world.people
    }

    table = ask("people")

    assert set(table.rows) == expected
    assert len(table) == len(world.people)


def test_person_profile_has_every_wave_and_marks_what_is_current(ask: Ask, world: World) -> None:
    """One person by name, or everybody."""
    item = world.binding.item
    expected = {
        (
            *named(world, person.id),
            *named(world, said.skill),
            *named(world, world.groups[said.skill] or None),
            *named(world, item(said.level)),
            said.number,
            joined(world, map(item, said.interests)),
            said.on,
            *named(world, said.wave),
            int(said.current),
        )
        for person in world.people
        for said in person.said
    }
    person = world.people[5]

    assert set(ask("person_profile").rows) == expected
    for name in (person.id, person.name, f"User:{person.name}", BASE + person.id):
        table = ask("person_profile", person=name)
        assert set(table.rows) == {row for row in expected if row[0] == iri(person.id)}


def test_responses_per_wave_counts_people_and_answers(ask: Ask, world: World) -> None:
    """Where nobody knows how many were invited there is no share, not a share of 0."""
    expected = []
    for (wave, invited), start in zip(world.waves.items(), WAVES, strict=True):
        answers = [
            person.id for person in world.people for said in person.said if said.wave == wave
        ]
        people = len(set(answers))
        known = share(people, invited) if invited else None
        expected.append(
            (
                *named(world, wave),
                start,
                start.replace(day=28),
                people,
                len(answers),
                invited,
                known,
                *(0, None),  # what the forms asked is not known
                *(people, 0, 0),  # the made people agreed under their names
            )
        )

    assert list(ask("responses_per_wave").rows) == expected


def test_names_come_in_the_language_of_the_reader(
    ask: Ask, world: World, ontology: Ontology
) -> None:
    """A language without a name falls back on its relative, then on “mul”, English, the id."""
    skill = next(iter(ontology.section("skills")))
    labels = ontology.entries[skill].terms.labels
    entity_id = world.binding.item(skill)

    def name(lang: str) -> object:
        rows = [row for row in ask("coverage", lang=lang) if row["skill"] == iri(entity_id)]
        return rows[0]["skillLabel"]

    assert name("de_AT") == labels["de"]
    assert name("es") == labels["es"]
    assert name("fr-ca") == labels["fr"]
    assert name("eo") == labels["en"]
    unnamed = [row for row in ask("coverage") if row["skillLabel"] in world.groups]
    assert [row["group"] for row in unnamed] == [None]


def test_change_goes_down_as_well_as_up(ask: Ask, world: World) -> None:
    """Nobody in the sample goes down; of the made people some do, down to nothing too."""
    old, new = world.waves
    expected = {}
    for skill in world.groups:
        pairs = []
        for person in world.people:
            given = {said.wave: said.number for said in person.said if said.skill == skill}
            before, after = given.get(old), given.get(new)
            if before is not None and after is not None:
                pairs.append((before, after))
        down = sum(after < before for before, after in pairs)
        steps = sum(after - before for before, after in pairs)
        expected[iri(skill)] = down, share(steps, len(pairs))
        assert pairs or expected[iri(skill)] == (0, None)
    found = {row["skill"]: (row["down"], row["mean_change"]) for row in ask("change")}
    assert sum(down for down, _ in expected.values()) > 0
    assert found == {skill: expected[skill] for skill in found if isinstance(skill, Iri)}
    assert len(found) > 3
