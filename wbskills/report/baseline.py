"""The baseline: the skills that a role requires, and how many people have them at its levels."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from wbskills.report.facts import NO_ITEM, BaselineSkill, Facts, ItemRef
from wbskills.report.overview import HALF, Bar, by_share, share, skill_bar


class BaselineResult(NamedTuple):
    """A baseline skill: `able` of the `assessed` people are at the baseline level or above.

    `least` is the number of that level, None if it is not known.
    """

    skill: ItemRef
    minimum: ItemRef
    least: Decimal | None
    able: int
    assessed: int

    @property
    def bar(self) -> Bar:
        """The bar of the skill."""
        return skill_bar(self)


class Baseline(NamedTuple):
    """The baseline compared with people's answers.

    `required` are the baseline skills that anyone answered about, the scarcest first; at least
    half of those who answered have `held` of them at the baseline level. `common` are common
    skills outside the baseline; `also` counts those in it. Nobody answered about the `unasked`
    baseline skills.
    """

    required: tuple[BaselineResult, ...]
    held: int
    common: tuple[Bar, ...]
    also: int = 0
    unasked: tuple[ItemRef, ...] = ()


def baseline(facts: Facts, results: Mapping[str, BaselineResult]) -> Baseline:
    """Compare the baseline with the answers; `results` are those of `baseline_results`."""
    asked = answered_skills(facts)
    named = {one.skill for one in facts.coverage if one.required}
    named |= {one.skill for one in facts.baseline}
    required = [
        # A skill without a baseline level is counted at the level of the site.
        results.get(one.skill.id)
        or BaselineResult(one.skill, NO_ITEM, None, one.able, one.assessed)
        for one in facts.coverage
        if one.required and one.skill.id in asked
    ]
    return Baseline(
        required=tuple(reversed(by_share(required))),
        held=sum(share(one) >= HALF for one in required),
        common=tuple(skill_bar(one) for one in by_share(facts.common) if not one.required),
        also=sum(one.required for one in facts.common),
        unasked=tuple(
            sorted((one for one in named if one.id not in asked), key=lambda one: one.sort_key)
        ),
    )


def baseline_results(facts: Facts, levels: Sequence[str] = ()) -> dict[str, BaselineResult]:
    """Count who is at the baseline level, by the skill's id.

    `levels` are the labels of the scale from 0 on.
    """
    lowest = baseline_levels(facts, levels)
    given: dict[str, Counter[Decimal]] = {skill: Counter() for skill in lowest}
    for answer in facts.answers:
        if answer.current and answer.number is not None and answer.skill.id in given:
            given[answer.skill.id][answer.number] += 1
    found: dict[str, BaselineResult] = {}
    for skill, minimum in _baseline_skills(facts):
        least, counts = lowest[skill.id], given[skill.id]
        able = sum(n for number, n in counts.items() if least is None or number >= least)
        found.setdefault(skill.id, BaselineResult(skill, minimum, least, able, counts.total()))
    return found


def baseline_levels(facts: Facts, levels: Sequence[str] = ()) -> dict[str, Decimal | None]:
    """Return the number of each skill's baseline level, None if unknown, by the skill's id."""
    # Answers give the numbers of levels; labels those of levels that nobody gave.
    given = {
        answer.level.id: answer.number for answer in facts.answers if answer.number is not None
    }
    labels = {label: Decimal(at) for at, label in enumerate(levels)}
    return {
        baseline_skill.skill.id: given.get(
            baseline_skill.minimum.id, labels.get(baseline_skill.minimum.label)
        )
        for baseline_skill in _baseline_skills(facts)
    }


def answered_skills(facts: Facts) -> frozenset[str]:
    """List the ids of the skills that anyone answered about."""
    return frozenset(
        one.skill.id
        for one in facts.coverage
        if one.assessed or one.not_sure or one.does_not_apply
    )


def _baseline_skills(facts: Facts) -> list[BaselineSkill]:
    """List the skills of the baseline, of people and of communities."""
    of_communities = (
        BaselineSkill(community_baseline.skill, community_baseline.minimum)
        for community_baseline in facts.community_baselines
    )
    return list(dict.fromkeys([*facts.baseline, *of_communities]))
