"""How many people have answered a questionnaire: counts, never names."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from wbskills.private_records.self_evaluations import Progress
from wbskills.table import Column, Table

LEAST: Final = 3  # people in a community; fewer are counted with others
OTHERS: Final = "*"
_COLUMNS: Final = (
    Column("community", "Community"),
    Column("invited", "Invited"),
    Column("opened", "Opened"),
    Column("began", "Began"),
    Column("finished", "Finished"),
)
_STOPPED: Final = (Column("part", "Last part saved"), Column("people", "People"))


@dataclass(frozen=True, slots=True)
class FormStatus:
    """Counts of people: by community (`""` if unknown, `*` for small ones), and of all.

    Each has how many were invited, opened their link, began, and sent their answers. `stopped`
    counts those who began and sent nothing, by the last part that they saved.
    """

    total: tuple[int, int, int, int]
    communities: dict[str, tuple[int, int, int, int]]
    stopped: dict[str, int]

    def table(self) -> Table:
        """List the counts; all people first."""
        rows = [("all", *self.total)]
        rows += [
            ({OTHERS: f"fewer than {LEAST} people", "": "unknown"}.get(name, name), *counts)
            for name, counts in self.communities.items()
        ]
        return Table(_COLUMNS, tuple(rows))

    def stopped_table(self) -> Table:
        """List where people stopped."""
        return Table(_STOPPED, tuple(self.stopped.items()))


def form_status(people: Iterable[Progress], parts: Iterable[str]) -> FormStatus:
    """Count people; `parts` are the parts of the form in their order."""
    every = list(people)
    sizes = Counter(one.community for one in every)
    groups: dict[str, list[Progress]] = {}
    for one in every:
        small = one.community and sizes[one.community] < LEAST
        groups.setdefault(OTHERS if small else one.community, []).append(one)
    named = sorted(groups, key=lambda name: (name in ("", OTHERS), -len(groups[name]), name))
    stopped = Counter(one.part for one in every if one.began and not one.finished)
    return FormStatus(
        _counts(every),
        {name: _counts(groups[name]) for name in named},
        {part: stopped[part] for part in ("", *parts) if stopped[part]},
    )


def _counts(people: list[Progress]) -> tuple[int, int, int, int]:
    return (
        sum(one.invited for one in people),
        sum(one.opened for one in people),
        sum(one.began for one in people),
        sum(one.finished for one in people),
    )
