"""Two imports of one file at once, from two machines, on a wiki whose locks are late."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final

from tests.wikibase.remote.disturbed_wiki import DisturbedWiki
from wbskills.domain import Response

LATE: Final = 0.5  # seconds until a wiki notices that it has a label already


def import_at_once(wiki: DisturbedWiki, people: list[Response], late: float = LATE) -> str:
    """Import twice at once; tells what is wrong afterwards, nothing if all is well."""
    wiki.served.faults.late_locks = late
    machines = [replace(wiki, state=f"state of {name}", united=[]) for name in ("one", "two")]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda each: each.import_all(people, batch=each.state), machines))
    wiki.served.faults.late_locks = 0
    wiki.united = [each for machine in machines for each in machine.united]
    doubled = [name for name in wiki.snapshot() if name.endswith("(again)")]
    if doubled:
        return f"twins: {doubled}"
    first = machines[0]
    first.import_all(people, batch="again")  # each machine puts in its own keys of responses
    edits = first.import_all(people, batch="once more")
    return f"{edits} edits when imported again" if edits else ""


def without_duplicate_references(things: Mapping[str, Any]) -> dict[str, Any]:
    """Take what is there without references that differ by the key of one machine only."""
    return {
        name: {**thing, "statements": [_once(each) for each in thing["statements"]]}
        for name, thing in things.items()
    }


def _once(statement: str) -> Any:  # noqa: ANN401 - JSON
    *said, references = json.loads(statement)
    return [*said, [each for n, each in enumerate(references) if each not in references[:n]]]
