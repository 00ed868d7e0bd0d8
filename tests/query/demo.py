"""The sample survey read by plain Python: what everybody in it said, without any of our own code.

What queries answer about the demo is held against counts over these values. Only the files are
shared with the program: the survey, its mapping's conventions, and the names in the ontology.
"""

import csv
import tomllib
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SURVEY = ROOT / "scripts" / "sample" / "ambassadors-survey.csv"
MAPPING = ROOT / "ontology" / "surveys" / "sample.toml"
WAVES = {2025: "sample_2025", 2026: "sample_2026"}
NUMBERS = {"none": 0, "aware": 1, "with help": 2, "alone": 3, "leads": 4}
OUTSIDE = {"not sure": "not_sure", "does not apply": "does_not_apply"}
BABEL = (
    "no knowledge",
    "basic",
    "intermediate",
    "advanced",
    "near-native",
    "professional",
    "native",
)
WISHES = {"LEARN": "wants_to_learn", "HELP": "can_help", "TEACH": "can_teach"}
Cells = dict[str, str]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / "ontology" / name).read_text(encoding="utf-8"))


CORE, SKILLS, PLACES = _read("core.toml"), _read("skills.toml"), _read("communities.toml")
ROLE = _read("roles.toml")["roles"]["technical_ambassador"]["requires"]
LABELS = {
    key: entry["label"]["en"]
    for section in chain(CORE.values(), SKILLS.values(), PLACES.values())
    for key, entry in section.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One answer about one skill; `level` is a word of the form, `number` None off the scale."""

    skill: str
    level: str
    wave: int
    on: date
    wishes: tuple[str, ...]

    @property
    def number(self) -> int | None:
        """The level's number."""
        return NUMBERS.get(self.level)


@dataclass(slots=True, kw_only=True)
class Person:
    """What is known of one person; facts about the person are those of the newest response."""

    name: str
    consent: str = ""
    community: str = ""
    zone: str = ""
    availability: str = ""
    languages: dict[str, int] = field(default_factory=dict)
    said: dict[tuple[str, int], Said] = field(default_factory=dict)

    def now(self, until: date = date.max) -> dict[str, Said]:
        """Give the newest answer about each skill, up to a day."""
        newest: dict[str, Said] = {}
        for said in sorted(self.said.values(), key=lambda said: said.on):
            if said.on <= until:
                newest[said.skill] = said
        return newest

    @property
    def region(self) -> str:
        """The region of the home community."""
        return str(PLACES["communities"][self.community]["region"]) if self.community else ""


def people() -> list[Person]:
    """Read everybody who agreed and finished, from the oldest response to the newest."""
    with SURVEY.open(encoding="utf-8-sig", newline="") as file:
        heading, *rows = csv.reader(file)
    codes = [text.partition(". ")[0] for text in heading]
    answers = [dict(zip(codes, map(_clean, row), strict=True)) for row in rows]
    found: dict[str, Person] = {}
    for cells in sorted(answers, key=lambda cells: cells["submitdate"]):
        if cells["submitdate"] and cells["CONSENT"].startswith("Yes"):
            _take(cells, found)
    return list(found.values())


def asked() -> dict[int, set[str]]:
    """Tell which skills each wave's form had: those with an answer other than “N/A”."""
    with SURVEY.open(encoding="utf-8-sig", newline="") as file:
        heading, *rows = csv.reader(file)
    found: dict[int, set[str]] = {2025: set(), 2026: set()}
    for row in rows:
        for text, cell in zip(heading, row, strict=True):
            if text.startswith("SK[") and row[1] and _clean(cell) not in {"", "N/A"}:
                found[int(row[1][:4])].add(text[3:].partition("]")[0])
    return found


def _take(cells: Cells, found: dict[str, Person]) -> None:
    named = "username" in cells["CONSENT"]
    name = _username(cells["USER"]) if named else f"sample-{cells['NICK']}"
    person = found.setdefault(name, Person(name=name))
    on = date.fromisoformat(cells["submitdate"][:10])
    person.consent = "named" if named else "pseudonym"
    person.community = _key("communities", cells["WIKI"]) or person.community
    person.zone = cells["ZONE"] or person.zone
    person.availability = _key("availabilities", cells["AVAIL"]) or person.availability
    for number in "123":
        if language := _key("languages", cells[f"LANG{number}"]):
            person.languages[language] = BABEL.index(cells[f"BABEL{number}"])
    # Of two responses in one wave the newer one counts, whole.
    for skill, wave in list(person.said):
        if wave == on.year:
            del person.said[skill, wave]
    for code, answer in cells.items():
        skill = code[3:-1]
        if code.startswith("SK[") and answer not in {"", "N/A"}:
            level = answer.lower()
            assert level in NUMBERS or level in OUTSIDE, answer
            wishes = tuple(
                wish for part, wish in WISHES.items() if cells.get(f"{part}[{skill}]") == "Yes"
            )
            said = Said(skill=skill, level=level, wave=on.year, on=on, wishes=wishes)
            person.said[skill, on.year] = said


def _clean(cell: str) -> str:
    """Take out what is not seen: byte order marks, marks of direction, no-break blanks."""
    seen = "".join(sign for sign in cell if sign == "\u200d" or unicodedata.category(sign) != "Cf")
    return " ".join(seen.split())


def _username(text: str) -> str:
    name = text.removeprefix("User:").replace("_", " ").strip()
    return unicodedata.normalize("NFC", name[:1].upper() + name[1:])


def _key(section: str, label: str) -> str:
    if not label:
        return ""
    place = {**CORE, **PLACES}[section]
    return next(
        str(key)
        for key, entry in place.items()
        if label in {entry["label"]["en"], *entry.get("aliases", {}).get("en", [])}
    )
