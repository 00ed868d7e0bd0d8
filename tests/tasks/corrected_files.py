"""Versions of one survey file, and the people that an import of them leaves."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

import wbskills
from wbskills.tasks.ontologies import binding_of
from wbskills.wikibase.model.wire import entity_to_json

SKILLS = ("lua_modules", "python", "sparql")
MAPPING = """
title = "corrected"
tool = "plain"
[waves.spring]
label = { en = "Spring" }
start = 2026-03-01
end = 2026-03-31
[identity]
column = "User"
property = "wikimedia_username"
[response]
id = "Id"
[date]
column = "Date"
[consent]
column = "Consent"
answers = { "Yes" = "consent_named", "No" = "withheld" }
[[questions]]
columns = "SK {skill}"
answers = "scale:self_5"
[[interests]]
columns = "HELP {skill}"
chosen = "can_help"
[[languages]]
column = "Language"
level_column = "Babel"
answers = "scale:babel"
[person.home_community]
column = "Home"
[person.availability]
column = "Time"
"""
HEADINGS = (
    "Id", "User", "Date", "Consent", "Home", "Time", "Language", "Babel",
    *(f"SK {skill}" for skill in SKILLS), *(f"HELP {skill}" for skill in SKILLS),
)  # fmt: skip
Row = Mapping[str, str]

rows = st.fixed_dictionaries(
    {
        "Date": st.sampled_from(["2026-03-04", "2026-03-05", "2026-03-06"]),
        "Home": st.sampled_from(["", "dewiki", "frwiki"]),
        "Time": st.sampled_from(["", "available", "away"]),
        "Language": st.sampled_from(["", "de", "fr"]),
        "Babel": st.sampled_from(["", "babel_3", "babel_n"]),
        **{
            f"SK {skill}": st.sampled_from(["", "none", "alone", "leads", "not sure"])
            for skill in SKILLS
        },
        **{f"HELP {skill}": st.sampled_from(["", "Yes", "No"]) for skill in SKILLS},
    }
)
# Of each response its number (there may be two of one person), and the person.
files = st.dictionaries(st.integers(1, 4), st.tuples(st.integers(1, 2), rows), max_size=4)


def write(path: Path, answers: Mapping[int, tuple[int, Row]], names: str) -> Path:
    """Write a survey file; people are called by `names` and their number."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, HEADINGS)
        table.writeheader()
        for number, (person, row) in answers.items():
            babel = row["Babel"] if row["Language"] else ""
            fixed = {"Id": str(number), "User": f"{names} {person}", "Consent": "Yes"}
            table.writerow({**row, **fixed, "Babel": babel})
    return path


def state(capacity: wbskills.Capacity, name: str) -> Any:  # noqa: ANN401 - JSON
    """Return the statements of a person, without what differs between two names."""
    wikibase = capacity.wikibase
    binding = binding_of(wikibase, capacity.ontology)
    found = dict(wikibase.find_by_identifier(binding.property("wikimedia_username"), [name]))
    if name not in found:
        return None
    claims = entity_to_json(wikibase.read([found[name]])[found[name]].entity)["claims"]
    del claims[binding.property("wikimedia_username")]
    key = binding.property("response_key")
    return {
        name: sorted(repr(_without_ids(claim, key)) for claim in claims[name]) for name in claims
    }


def _without_ids(claim: dict[str, Any], key: str) -> Any:  # noqa: ANN401 - JSON
    claim = {name: part for name, part in claim.items() if name not in ("id", "qualifiers-order")}
    claim["qualifiers"] = sorted(claim.get("qualifiers", {}).items())  # their order says nothing
    for reference in claim.get("references", ()):
        reference.pop("hash", None)
        reference["snaks"].pop(key, None)
    return claim


def counting(answers: Mapping[int, tuple[int, Row]], person: int) -> tuple[str, int]:
    """Return day and number of the answer of a person that counts."""
    counts = ("", 0)
    for number, (who, row) in answers.items():
        if who == person and row["Date"] >= counts[0]:  # of one day, the lower row
            counts = row["Date"], number
    return counts


PLAIN = dict.fromkeys(HEADINGS, "") | {"Date": "2026-03-04"}
FULL = PLAIN | {
    "Home": "dewiki", "Time": "available", "Language": "de", "Babel": "babel_3",
    "SK lua_modules": "alone", "SK python": "leads", "HELP python": "Yes",
    "HELP sparql": "Yes",
}  # fmt: skip
