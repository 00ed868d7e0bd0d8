"""What an edit overwrote, and what to put back. Pure: reads the JSON of revisions, sends nothing.

Of two edits of one statement from the same revision, a Wikibase lets the last one win, and says
no more than that it merged them. What stood there in between is found in the history: by what
the statement was in the revision that an edit was planned on, in the one just before the edit,
and in the newest. Terms need no such care: there the wiki refuses the second edit.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of an entity: `claims` by GUID; None if its content cannot be seen."""

    id: int
    user: str
    claims: Mapping[str, Json] | None


@dataclass(frozen=True, slots=True)
class Loss:
    """A statement that was overwritten: as somebody else had left it, and as the edit left it.

    `ours` is None if the edit removed it. `revision` and `user` tell whose change was lost;
    `guid` is empty, and nothing else known, where a revision cannot be read.
    """

    guid: str
    theirs: Json | None
    ours: Json | None
    revision: int
    user: str


def revision(found: Json) -> Revision:
    """Read a revision from an answer of `prop=revisions`."""
    slot = found.get("slots", {}).get("main", {})
    try:
        claims = json.loads(slot["content"])["claims"]
    except (KeyError, TypeError, ValueError):
        return Revision(int(found["revid"]), str(found.get("user", "")), None)
    groups: Iterable[list[Json]] = claims.values() if isinstance(claims, dict) else ()
    by_guid = {str(each["id"]): each for group in groups for each in group}
    return Revision(int(found["revid"]), str(found.get("user", "")), by_guid)


def losses(history: Sequence[Revision], edit: int, touched: Collection[str]) -> list[Loss]:
    """List what an edit overwrote of the statements that it `touched`.

    `history` goes, the oldest first, from the revision that the edit was planned on to the
    newest; `edit` is the number of the revision that it made.
    """
    until = next((n for n, each in enumerate(history) if each.id == edit), len(history))
    if until < 2:
        return []  # nobody came between
    base, before = history[0], history[until - 1]
    ours = history[until] if until < len(history) else None
    if base.claims is None or before.claims is None or ours is None or ours.claims is None:
        return [Loss("", None, None, before.id, before.user)]
    found = []
    for guid in touched:
        was, theirs, left = (each.get(guid) for each in (base.claims, before.claims, ours.claims))
        if was is None or theirs is None or theirs in (was, left):
            continue
        by = _last_change(history[:until], guid)
        found.append(Loss(guid, theirs, left, by.id, by.user))
    return found


def _last_change(history: Sequence[Revision], guid: str) -> Revision:
    """Find the revision that left a statement as it was at last."""
    last = (history[-1].claims or {}).get(guid)
    by = history[-1]
    for each in reversed(history):
        if each.claims is None or each.claims.get(guid) != last:
            break
        by = each
    return by


def put_back(lost: Iterable[Loss], now: Revision) -> tuple[list[Loss], list[Loss]]:
    """Divide what was lost: what can be put back, and what somebody has changed since.

    What stands there again already is in neither.
    """
    back: list[Loss] = []
    beyond: list[Loss] = []
    for each in lost:
        if each.theirs is None or now.claims is None:
            beyond.append(each)
            continue
        there = now.claims.get(each.guid)
        if there == each.theirs:
            continue
        (back if there == each.ours else beyond).append(each)
    return back, beyond
