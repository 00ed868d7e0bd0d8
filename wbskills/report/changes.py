"""What changed between the two newest survey waves.

All people of one wave and all people of the next are not the same people. So each skill has two
counts: of those who answered both times, and of all who answered each time.
"""

from collections import defaultdict
from typing import NamedTuple

from wbskills.report.facts import Change, Facts, Wave


class Changes(NamedTuple):
    """Two waves, what changed from one to the other, and how many `people` answered both."""

    old: Wave
    new: Wave
    skills: tuple[Change, ...]
    people: int

    @property
    def same(self) -> int:
        """Count the answers that can be compared, of all skills."""
        return sum(one.same for one in self.skills)

    @property
    def up(self) -> int:
        """Count the comparable answers that went up."""
        return sum(one.up for one in self.skills)

    @property
    def down(self) -> int:
        """Count the comparable answers that went down."""
        return sum(one.down for one in self.skills)


def changes(facts: Facts) -> Changes | None:
    """Give what changed, where most did first; None where there are no two waves to compare."""
    waves = {wave.wave.id: wave for wave in facts.waves}
    found = [one for one in facts.changes if one.old in waves and one.new in waves]
    if not found:
        return None
    old, new = found[0].old, found[0].new
    who: dict[str, set[str]] = defaultdict(set)
    for said in facts.said:
        if said.wave.id in {old, new}:
            who[said.wave.id].add(said.person.id)
    found.sort(key=lambda one: (-abs(one.up - one.down), one.skill.alphabetical))
    return Changes(waves[old], waves[new], tuple(found), len(who[old] & who[new]))
