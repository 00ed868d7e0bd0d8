"""Two imports of one file at the same time, from two machines, on a wiki with late locks."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final

from tests.wikibase.remote.disturbed_wiki import DisturbedWiki
from wbskills.domain import Response

LATE: Final = 0.5  # seconds until a wiki notices that it has a label already


def import_twice(wiki: DisturbedWiki, people: list[Response], late: float = LATE) -> str:
    """Import twice at the same time; returns what is wrong afterwards, empty if nothing."""
    wiki.served.faults.late_locks = late
    machines = [replace(wiki, state=f"state of {name}", merged=[]) for name in ("one", "two")]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda each: each.import_all(people, batch=each.state), machines))
    wiki.served.faults.late_locks = 0
    wiki.merged = [each for machine in machines for each in machine.merged]
    duplicates = [name for name in wiki.snapshot() if name.endswith("(again)")]
    if duplicates:
        return f"duplicates: {duplicates}"
    first = machines[0]
    first.import_all(people, batch="again")  # each machine writes its own response keys
    edits = first.import_all(people, batch="once more")
    return f"{edits} edits when imported again" if edits else ""


def without_duplicate_references(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return a snapshot without references that differ only by the response key of a machine."""
    return {
        name: {**each, "statements": [_once(each) for each in each["statements"]]}
        for name, each in described.items()
    }


def _once(statement: str) -> Any:  # noqa: ANN401 - JSON
    *said, references = json.loads(statement)
    return [*said, [each for n, each in enumerate(references) if each not in references[:n]]]
