"""Make the sample survey: 200 INVENTED ambassadors of real wikis answer in two waves.

    python scripts/make_sample_survey.py [FILE]

The file is the same on every run, byte by byte. It looks like an export of LimeSurvey (“code and
text” headings) and has the defects of real exports: byte order marks and no-break spaces inside
cells, direction marks around names, one username in several spellings, people who answered twice,
did not finish, or did not consent. Names and profiles are in scripts/sample/.
"""

import csv
import io
import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "scripts" / "sample"
OUTPUT = SAMPLE / "ambassadors-survey.csv"

SEED = 20250310
WAVES = {"sample_2025": datetime(2025, 3, 10), "sample_2026": datetime(2026, 3, 9)}  # noqa: DTZ001  # survey tools write local time
WAVE_DAYS = 42
LEVELS = ["none", "aware", "with_help", "alone", "leads"]
RIGHT_TO_LEFT = {"arwiki", "fawiki", "hewiki"}
META = [
    "id. Response ID", "submitdate. Date submitted", "lastpage. Last page",
    "startlanguage. Start language", "seed. Seed", "startdate. Date started",
    "datestamp. Date last action", "ipaddr. IP address", "refurl. Referrer URL",
]  # fmt: skip
PAGES = 6
_UNABLE = 0.8  # so low that later waves leave it below “with help”
_ONE_IN_DOWN = 29  # one of so many answers goes down
TEACHABLE = [
    "templates", "lua_modules", "gadgets", "python", "wikidata_editing", "sparql", "bug_reporting",
    "page_translation", "technical_workshops", "event_organisation",
]  # fmt: skip
REMARKS = ["Thank you for asking.", "More workshops, please!", "I answered on my phone."]


@dataclass
class Person:
    """An invented ambassador. `levels` has a number from 0 to 4 for each skill."""

    number: int
    name: str
    wiki: str
    profile: str
    time_zone: str
    speaks: list[tuple[str, str]]
    form: str
    consent: str
    levels: dict[str, float] = field(default_factory=dict)


class Chance:
    """Random choices that use only `random()`, which is the same in every version of Python."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # a sample, not a secret

    def one_in(self, share: float) -> bool:
        """Return true with a probability between 0 and 1."""
        return self._random.random() < share

    def number(self, low: int, high: int) -> int:
        """Return a whole number between two ends, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def among(self, members: list[Any]) -> Any:  # noqa: ANN401  # whatever is in the list
        """Return one of several members."""
        return members[int(self._random.random() * len(members))]

    def near(self, middle: float, spread: float) -> float:
        """Return a number near another one: the sum of three numbers is nearly normal."""
        return middle + spread * (sum(self._random.random() for _ in range(3)) - 1.5)


class Terms:
    """The English labels of the ontology by key."""

    def __init__(self) -> None:
        folder = ROOT / "ontology"
        self.skills = _read(folder / "skills.toml")["skills"]
        places = _read(folder / "communities.toml")
        self.communities, self.languages = places["communities"], places["languages"]
        scales = _read(folder / "scales.toml")["scales"]
        self.levels = scales["self_5"]["levels"] | scales["self_5"]["outside"]
        self.babel = scales["babel"]["levels"]

    def skill(self, key: str) -> str:
        """Return the label of a skill."""
        return str(self.skills[key]["label"]["en"])


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default=OUTPUT)
def main(path: Path) -> None:
    """Write the sample survey."""
    path.write_bytes(sample().encode("utf-8-sig"))
    print(f"{path}: {path.stat().st_size:,} bytes")


def sample() -> str:
    """Return the whole file as text."""
    chance, terms = Chance(SEED), Terms()
    profiles = _read(SAMPLE / "profiles.toml")
    people = list(_people(chance, profiles))
    _make_rare(chance, people, profiles["rare"])
    _make_lacking(people, profiles["lacking"])
    written = io.StringIO(newline="")
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n")
    survey = _Survey(chance, terms, profiles)
    writer.writerow(survey.headings())
    for row in _rows(survey, chance, people):
        writer.writerow(row)
    return written.getvalue()


def _people(chance: Chance, profiles: dict[str, Any]) -> Iterator[Person]:
    kinds = [name for name, stated in profiles["profiles"].items() for _ in range(stated["share"])]
    number = 0
    for wiki, stated in _read(SAMPLE / "people.toml")["communities"].items():
        for name in stated["names"]:
            number += 1
            profile = chance.among(kinds)
            person = Person(
                number=number,
                name=f"{name} (invented)",
                wiki=wiki,
                profile=profile,
                time_zone=chance.among(stated["time_zones"]),
                speaks=_languages(chance, stated),
                form=chance.among(["en", "en", "de", "es", "fr", "ar"]),
                consent="Yes, under my username",
            )
            better = profiles["profiles"][profile]["better"]
            talent = chance.near(0.0, 0.5)
            for skill, usual in profiles["skills"].items():
                middle = usual + better.get(skill, 0.0) + talent
                if skill == "rtl_testing" and wiki in RIGHT_TO_LEFT:
                    middle += 1.6
                person.levels[skill] = max(0.0, min(4.4, chance.near(middle, 1.1)))
            yield person


def _languages(chance: Chance, stated: dict[str, Any]) -> list[tuple[str, str]]:
    known = [
        (language, f"babel_{chance.number(1, 4)}")
        for language in stated["also"]
        if chance.one_in(0.9 if language == "lang_en" else 0.35)
    ]
    return [(stated["language"], "babel_n"), *known][:3]


def _make_rare(chance: Chance, people: list[Person], rare: dict[str, int]) -> None:
    """Give a rare skill to exactly one or two people."""
    for skill, holders in rare.items():
        for person in people:
            person.levels[skill] = min(person.levels[skill], 1.4)
        for _ in range(holders):
            chance.among(people).levels[skill] = 3.6


def _make_lacking(people: list[Person], lacking: dict[str, list[str]]) -> None:
    """Create gaps in some wikis, with which others could help."""
    for person in people:
        for skill in lacking.get(person.wiki, []):
            person.levels[skill] = min(person.levels[skill], _UNABLE)


class _Survey:
    """The survey: its headings, and a row for the answers of a person."""

    def __init__(self, chance: Chance, terms: Terms, profiles: dict[str, Any]) -> None:
        self.chance, self.terms = chance, terms
        self.skills = list(profiles["skills"])
        self.only_in = profiles["only_in"]
        self.number = 0

    def headings(self) -> list[str]:
        named = [(key, self.terms.skill(key)) for key in self.skills]
        teachable = [(key, self.terms.skill(key)) for key in TEACHABLE]
        return [
            *META,
            "CONSENT. May we publish your answers in the map of skills?",
            "USER. What is your Wikimedia username?",
            "NICK. The pseudonym that this form gave you",
            "email. Your e-mail address",
            "WIKI. Which wiki do you work on most?",
            "ZONE. What is your time zone?",
            "AVAIL. Do you have time for requests?",
            *(
                heading
                for n in (1, 2, 3)
                for heading in (f"LANG{n}. Language {n}", f"BABEL{n}. How well do you know it?")
            ),
            *(f"SK[{key}]. How well can you do this? [{label}]" for key, label in named),
            *(f"LEARN[{key}]. What would you like to learn? [{label}]" for key, label in named),
            *(f"HELP[{key}]. May others ask you for help? [{label}]" for key, label in named),
            *(f"TEACH[{key}]. What could you teach? [{label}]" for key, label in teachable),
            "REMARK. Anything else you want to tell us?",
        ]

    def row(self, person: Person, wave: str, at: datetime, *, name: str = "") -> list[str]:
        """Return a response. `name` is the username as it is typed this time."""
        self.number += 1
        levels = {skill: self._level(person, wave, skill) for skill in self.skills}
        return [
            *self._meta(person, at),
            person.consent,
            name or person.name,
            f"Ambassador {person.number:03d}",
            f"ambassador{person.number:03d}@example.org",
            str(self.terms.communities[person.wiki]["label"]["en"]),
            person.time_zone,
            self.chance.among(["available", "available", "limited", "away", ""]),
            *self._speaks(person),
            *(self._word(skill, level) for skill, level in levels.items()),
            *(_tick(self._learns(level), level) for level in levels.values()),
            *(_tick(self._helps(level), level) for level in levels.values()),
            *(_tick(self._teaches(levels[skill]), levels[skill]) for skill in TEACHABLE),
            self.chance.among(REMARKS) if self.chance.one_in(0.05) else "",
        ]

    def _meta(self, person: Person, at: datetime) -> list[str]:
        started = at - timedelta(minutes=self.chance.number(6, 40))
        address = f"192.0.2.{person.number % 250 + 1}"  # RFC 5737: addresses for examples
        return [
            str(self.number), str(at), str(PAGES), person.form,
            str(self.chance.number(10**8, 10**9 - 1)), str(started), str(at), address,
            "https://survey.example.org/",
        ]  # fmt: skip

    def _speaks(self, person: Person) -> Iterator[str]:
        for language, level in (*person.speaks, *[("", "")] * (3 - len(person.speaks))):
            yield str(self.terms.languages[language]["label"]["en"]) if language else ""
            yield str(self.terms.babel[level]["label"]["en"]) if level else ""

    def _level(self, person: Person, wave: str, skill: str) -> str:
        if any(skill in asked for other, asked in self.only_in.items() if other != wave):
            return "not asked"
        foreign = skill == "rtl_testing" and person.wiki not in RIGHT_TO_LEFT
        if self.chance.one_in(0.3 if foreign else 0.01):
            return "does_not_apply"
        if self.chance.one_in(0.015):
            return "not_sure"
        if self.chance.one_in(0.03):
            return "skipped"
        if skill not in ("wikibase_admin", "central_notice") and self.chance.one_in(0.35):
            person.levels[skill] += 0.3 if wave == "sample_2026" else 0.0
        found = min(4, int(person.levels[skill] + 0.5))
        if wave == "sample_2026" and found and (person.number + len(skill)) % _ONE_IN_DOWN == 0:
            found -= 1  # people who know more see better what they do not know
        return LEVELS[found]

    def _word(self, skill: str, level: str) -> str:
        """Return a level as the export has it, with its defects."""
        if level in ("not asked", "skipped"):
            return "N/A" if level == "not asked" else ""
        word = str(self.terms.levels[level]["label"]["en"])
        if level == "none" and skill in ("sql_replicas", "php"):
            return "\ufeff" + word  # a mark on the lowest option, as a real export has it
        return word.replace(" ", "\u00a0") if self.chance.one_in(0.02) else word

    def _learns(self, level: str) -> bool:
        share = {"none": 0.06, "aware": 0.25, "with_help": 0.35, "alone": 0.06}.get(level, 0.0)
        return self.chance.one_in(share)

    def _helps(self, level: str) -> bool:
        return self.chance.one_in({"alone": 0.4, "leads": 0.8}.get(level, 0.0))

    def _teaches(self, level: str) -> bool:
        return self.chance.one_in({"alone": 0.1, "leads": 0.55}.get(level, 0.0))


def _rows(survey: _Survey, chance: Chance, people: list[Person]) -> Iterator[list[str]]:
    """Return the rows of both waves by time, with everything that goes wrong in real surveys."""
    for person in people[3::50]:
        person.consent = "No"
    for person in people[20::70]:
        person.consent = ""
    for person in people[8::33]:
        person.consent = "Yes, under a pseudonym"
    for wave, start in WAVES.items():
        present = [one for one in people if _takes_part(chance, one, wave)]
        times = sorted(chance.number(0, WAVE_DAYS * 24 * 60) for _ in present)
        for place, (person, minutes) in enumerate(zip(present, times, strict=True)):
            at = start + timedelta(minutes=minutes)
            row = survey.row(person, wave, at, name=_typed(chance, person))
            if place in (50, 97):
                row = _unfinished(row)
            yield row
            if place == 70:  # the same person again, under another spelling of the name
                again = at + timedelta(hours=1)
                typed = "User:" + person.name.replace(" ", "_")
                yield survey.row(person, wave, again, name=typed)


def _takes_part(chance: Chance, person: Person, wave: str) -> bool:
    """Return whether a person answers: three of five do in both waves, the others in one."""
    kind = person.number % 5
    if kind < 3:
        return chance.one_in(0.98)
    return (kind == 3) == (wave == "sample_2025")


def _typed(chance: Chance, person: Person) -> str:
    """Return a username as people type it: with a prefix, underscores, or direction marks."""
    if person.wiki in RIGHT_TO_LEFT and chance.one_in(0.4):
        return f"\u200f{person.name}\u200e"
    if chance.one_in(0.05):
        return f"User:{person.name}"
    if chance.one_in(0.05):
        return person.name.replace(" ", "_")
    return f"{person.name}\u00a0" if chance.one_in(0.03) else person.name


def _unfinished(row: list[str]) -> list[str]:
    return [row[0], "", "3", *row[3:60], *[""] * (len(row) - 60)]


def _tick(ticked: bool, level: str) -> str:
    if level == "not asked":
        return "N/A"
    return "Yes" if ticked else "No"


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
