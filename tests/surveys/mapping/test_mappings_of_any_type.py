"""A mapping in which any member is of any type: one clear fault, or a survey that is read."""

import copy
import io
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.surveys.samples import table
from wbskills.errors import MappingError, WbskillsError
from wbskills.ontology.entries import Ontology
from wbskills.surveys.mapping import toml_file
from wbskills.surveys.responses.compare import compare
from wbskills.surveys.responses.rejected_rows import write_rejected_rows
from wbskills.surveys.responses.survey import Survey
from wbskills.toml_reader import toml_text

# Every member that a mapping can have.
EVERYTHING = """
title = "T"
tool = "plain"
encoding = "utf-8"
separator = ","
heading_row = 1
empty = ["NA"]
ontology = []
ignore = ["X*"]
personal = ["P"]
wave = { column = "WAVE", answers = { "1" = "w1" } }
answers = { ja = { "ja" = "alone", "nein" = "none" } }
[waves.w1]
label = { en = "W", de = "V" }
start = 2026-03-01
end = 2026-03-31
url = "https://example.org"
invited = 3
license = "https://example.org/l"
consent_text_url = "https://example.org/c"
[identity]
column = "USER"
property = "wikimedia_username"
pseudonym_column = "NICK"
pseudonym_prefix = "t-"
renamed = { "Old" = "New" }
[response]
id = "ID"
submitted = "WHEN"
last_page = "PAGE"
pages = 3
only = { "CONSENT" = ["Yes", "No", "Nick"] }
[date]
column = "WHEN"
format = ["%d/%m/%Y", "spreadsheet"]
zone = "Europe/Berlin"
written_in = "UTC"
[consent]
column = "CONSENT"
answers = { "Yes" = "consent_named", "No" = "withheld", "Nick" = "consent_pseudonym" }
[[questions]]
columns = "SK[{skill}]"
answers = ["scale:self_5", "ja"]
skipped = ["", "-"]
not_asked = ["N/A"]
skills = { "python" = "python" }
[[questions]]
columns = ["CH"]
between = ";"
chosen = "alone"
not_chosen = "none"
skills = { "Lua" = "regex", "SPARQL" = "sparql" }
[[interests]]
columns = "HELP[{skill}]"
answers = { "Yes" = "can_help" }
nothing = ["No", ""]
[[others]]
columns = "OTH"
level_column = "OTHL"
between = [","]
answers = "scale:self_5"
[[languages]]
column = "LANG"
level_column = "BABEL"
answers = "scale:babel"
languages = { "d" = "lang_de" }
[[languages]]
columns = "L[{language}]"
answers = "scale:babel"
languages = { "fr" = "lang_fr" }
[person]
home_community = { column = "WIKI", answers = { "x" = "enwiki" } }
time_zone = { column = "TZ" }
role = { value = "technical_ambassador" }
"""
COLUMNS = [
    "USER", "WHEN", "CONSENT", "NICK", "ID", "PAGE", "WAVE", "SK[lua_modules]", "SK[python]",
    "CH", "HELP[lua_modules]", "OTH", "OTHL", "LANG", "BABEL", "L[fr]", "WIKI", "TZ", "P", "X1",
]  # fmt: skip
ANSWERS = [
    "1", "3", "1", "alone", "none", "Lua", "Yes", "Kiwix", "alone", "de", "de-2", "fr-1",
    "enwiki", "Europe/Berlin", "p", "x",
]  # fmt: skip
TABLE = table(
    ["Ada", "04/03/2026", "Yes", "Otter", *ANSWERS],
    ["Bea", "05/03/2026", "Nick", "Elk", *ANSWERS],
    ["Cy", "06/03/2026", "No", "Fox", *ANSWERS],
    ["Dan", "07/03/2026", "Yes"],
    columns=COLUMNS,
)
VALUES: list[Any] = [
    10**30, True, "", "\x00", "*", "A" * 3000, [], [{}], {"x": {"y": "alone"}}, date(1, 1, 1),
]  # fmt: skip


def toml(value: object) -> str:
    """Write a value as TOML."""
    if isinstance(value, dict):
        members = ", ".join(f"{toml_text(name)} = {toml(one)}" for name, one in value.items())
        return f"{{ {members} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, str):
        return toml_text(value)
    return str(value).lower() if isinstance(value, bool | float) else str(value)


def places(node: object, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Name every member of a mapping, however deep."""
    members = node.items() if isinstance(node, dict) else ()
    for name, member in enumerate(node) if isinstance(node, list) else members:
        yield (*place, name)
        yield from places(member, (*place, name))


def spoilt(value: object) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Write the mapping with each member in turn replaced by a value."""
    whole = tomllib.loads(EVERYTHING)
    for place in places(whole):
        changed: Any = copy.deepcopy(whole)
        within = changed
        for name in place[:-1]:
            within = within[name]
        within[place[-1]] = value
        yield place, "".join(f"{toml_text(name)} = {toml(one)}\n" for name, one in changed.items())


def read(folder: Path, mapping: str, ontology: Ontology) -> None:
    """Do with a mapping all that can be done without a store."""
    (folder / "m.toml").write_text(mapping, encoding="utf-8")
    told = toml_file.load(folder / "m.toml")
    compare(folder / "s.csv", told, ontology)
    survey = Survey.open(folder / "s.csv", told, ontology)
    found = survey.check()
    parts = (found.withheld, found.incomplete, found.superseded, found.faulty)
    assert found.responses + sum(part.count for part in parts) == found.rows == 4
    assert sum(1 for _ in survey.responses()) == found.responses
    list(survey.refusals())
    write_rejected_rows(survey, io.StringIO())


def refusal(folder: Path, mapping: str, ontology: Ontology) -> WbskillsError | None:
    """Tell why a mapping is refused, if it is."""
    try:
        read(folder, mapping, ontology)
    except WbskillsError as error:
        return error
    return None


def test_the_whole_mapping_is_a_good_one(tmp_path: Path, ontology: Ontology) -> None:
    """Otherwise the tests below would test little."""
    (tmp_path / "s.csv").write_text(TABLE)
    read(tmp_path, EVERYTHING, ontology)
    assert len(list(places(tomllib.loads(EVERYTHING)))) > 100


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:20])
def test_a_member_of_any_type_is_read_or_refused_with_a_hint(
    tmp_path: Path, ontology: Ontology, value: object
) -> None:
    """It is read, or it is one of our errors, which says what to try."""
    (tmp_path / "s.csv").write_text(TABLE)
    outcomes = [(place, refusal(tmp_path, mapping, ontology)) for place, mapping in spoilt(value)]
    assert any(refused is not None for _, refused in outcomes)
    for place, refused in outcomes:
        assert refused is None or "Try: " in str(refused), (place, refused)
        faults = refused.faults if isinstance(refused, MappingError) else ()
        assert all(fault.hint for fault in faults), (place, refused)
