"""An invented survey as the saved queries would answer it: tables of any size, always the same.

Labels are in several scripts. Nobody in it exists.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import count, cycle
from random import Random

from wbskills.report.content import Content
from wbskills.report.facts import CONTRACT
from wbskills.report.site import Report
from wbskills.table import Cell, Column, Iri, Table

ENTITY = "https://skills.example.org/entity/"
LEVELS = ("none", "aware", "with help", "alone", "leads")
OUTSIDE = ("not sure", "does not apply")
THRESHOLD = 3
COMMON = 2  # the level at which skills are compared for the baseline
GROUPS = {
    "Editing and content": ["Wikitext", "VisualEditor", "Translation", "Referencing", "Images"],
    "Templates and modules": ["Templates", "Lua modules", "TemplateData", "CSS for templates"],
    "Scripts and gadgets": ["User scripts", "Gadgets", "JavaScript", "Accessibility reviews"],
    "Bots and tools": ["Pywikibot", "Toolforge", "AutoWikiBrowser", "OpenRefine"],
    "Data": ["Wikidata editing", "SPARQL", "Lexemes", "QuickStatements", "Shape Expressions"],
    "Community": ["Writing tech news", "Running a workshop", "Mentoring", "Village pump answers"],
    "Reporting": ["Phabricator tasks", "Bug triage", "Testing new features", "Design feedback"],
    "Keeping things safe": ["Abuse filters", "CheckUser", "Two-factor help", "Oversight"],
    "Languages and input": ["Input methods", "Fonts", "Right-to-left layout", "translatewiki.net"],
    "Rare crafts": ["Graphs and maps", "Kiwix", "Braille", "3D models"],
}  # fmt: skip
_COMMUNITIES = (
    "English Wikipedia · Deutschsprachige Wikipedia · "
    "Wikipédia en français · Wikipedia en español · ويكيبيديا العربية · "
    "中文維基百科 · ウィキペディア日本語版 · Русская Википедия · বাংলা উইকিপিডিয়া · "
    "हिन्दी विकिपीडिया · ויקיפדיה העברית · Українська Вікіпедія · 한국어 위키백과 · "
    "ქართული ვიკიპედია · Wikimedia Commons · Wikidata · Vikipedi · "
    "Wikipedia Bahasa Indonesia · தமிழ் விக்கிப்பீடியா · ویکی‌پدیای فارسی · "
    "Wikipédia em português · Polska Wikipedia · Čeština · "
    "Ελληνική Βικιπαίδεια"
)
COMMUNITIES = _COMMUNITIES.split(" · ")
_NAMES = (
    "Ada · Zoë · محمود · ליאור · さくら · 小明 · Олена · নুসরাত · Íñigo · "
    "Mwangi · Thảo · Σοφία · Bjørn · Chioma · مریم · Ayşe · Rafał · "
    "Tuʻipulotu · Ines · दीपा"
)
NAMES = _NAMES.split(" · ")
_LANGUAGES = "English · Deutsch · français · español · العربية · 中文 · 日本語 · русский · বাংলা"
LANGUAGES = _LANGUAGES.split(" · ")
INTERESTS = ("can teach", "can help", "wants to learn")
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }} {% raw %} {able}",
    "a | b || c ! d !! e",
    "[[File:X.png|{{Delete}}]] ~~~~ <ref>",
    "=cmd|' /C calc'!A0",
    "\u202egnp.exe",
    "two\nlines\r\nand\ttabs",
    "&lt;b&gt; &amp; &#60;",
    "null \x00 bell \x07 escape \x1b[31m",
    "</title></td></table></body>",
    "w" * 300,
    "javascript:alert(1)",
    "-{ __NOTOC__ ISBN 0123456789 }-",
)
# What the data can break, each of it about a person.
FAULTS = (
    "no_date", "no_level", "no_wave", "other_scale", "rank", "duplicate_person", "not_allowed",
)  # fmt: skip
NOTICE = "All people on this site are invented."


@dataclass
class Survey:
    """People, communities and skills, and the answers by survey wave."""

    communities: int
    skills: int
    people: int
    waves: int = 2
    seed: int = 7
    random: Random = field(init=False)
    skill: list[tuple[Iri, str, Iri, str]] = field(init=False)
    person: list[tuple[Iri, str, int]] = field(init=False)
    # person, skill, wave -> level (5 and 6 are off the scale), interests
    said: dict[tuple[int, int, int], tuple[int, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)  # noqa: S311  # no secret, a made-up survey
        named = [(skill, group) for group, skills in GROUPS.items() for skill in skills]
        groups = list(GROUPS)
        again = (f" {n}" if n > 1 else "" for n in count(1) for _ in named)
        drawn = zip(cycle(named), again, range(self.skills), strict=False)
        self.skill = [
            (iri(100 + n), label + suffix, iri(50 + groups.index(group)), group)
            for (label, group), suffix, n in drawn
        ]
        pareto = self.random.paretovariate
        homes = [(int(pareto(0.7)) - 1) % self.communities for _ in range(self.people)]
        self.person = [
            (iri(5000 + n), f"{NAMES[n % len(NAMES)]} {n // len(NAMES) + 1}", home)
            for n, home in enumerate(homes)
        ]
        self.said = {}
        for n in range(self.people):
            self._answer(n)

    def _answer(self, person: int) -> None:
        gift = self.random.gauss(0, 0.8)
        waves = [w for w in range(self.waves) if self.random.random() < 0.75] or [0]
        for skill in range(self.skills):
            # Some skills are hard: the last in this order are beyond nearly everybody.
            ease = 3.4 - 3.9 * ((skill * 37) % self.skills) / self.skills
            if self.random.random() < 0.12:
                continue
            for wave in waves:
                level = round(ease + gift + 0.25 * wave + self.random.gauss(0, 0.9))
                level = min(max(level, 0), 4)
                level = self.random.choice((5, 6)) if self.random.random() < 0.06 else level
                wish = self.random.choice(INTERESTS) if self.random.random() < 0.2 else ""
                self.said[person, skill, wave] = level, wish

    @cached_property
    def newest(self) -> dict[tuple[int, int], tuple[int, str]]:
        """The latest answer of each person about each skill."""
        return {(p, s): said for (p, s, _), said in sorted(self.said.items())}


def iri(number: int) -> Iri:
    """The address of an item."""
    return Iri(f"{ENTITY}Q{number}")


def table(name: str, rows: Iterable[Iterable[Cell]]) -> Table:
    """A table of the contract."""
    columns = tuple(Column(column, column.replace("_", " ")) for column in CONTRACT[name])
    return Table(columns, tuple(map(tuple, rows)))


def community(number: int) -> tuple[Iri, str]:
    """A community’s address and name; names beyond the known ones are numbered."""
    known = len(COMMUNITIES)
    return iri(1000 + number), (
        COMMUNITIES[number] if number < known else f"Community {number + 1}"
    )


def wave(number: int) -> tuple[Iri, str]:
    """A wave's address and name."""
    return iri(10 + number), f"{2025 + (number + 1) // 2} {('autumn', 'spring')[number % 2]}"


def level(number: int) -> tuple[Iri, str]:
    """A level's address and name."""
    return iri(30 + number), (*LEVELS, *OUTSIDE)[number]


def quotient(part: int, whole: int) -> Decimal | None:
    """A share as a query engine gives it, with all its digits."""
    return Decimal(part) / whole if whole else None


def tables(survey: Survey) -> dict[str, Table]:
    """All tables of the contract."""
    makers: dict[str, Callable[[Survey], Iterable[Iterable[Cell]]]] = {
        "coverage": _coverage,
        "baseline": _baseline,
        "rare_skills": _rare_skills,
        "capacity_map": _capacity_map,
        "people": _people,
        "person_profile": _person_profile,
        "responses_per_wave": _responses_per_wave,
        "communities": _communities,
        "endorsements": _endorsements,
        "change": _change,
        "needs": _needs,
        "declared_capacity": _declared_capacity,
        "candidates": _candidates,
        "at_risk": _at_risk,
        "languages": _languages,
        "baseline_gap": _baseline_gap,
        "baseline_gap_person": _baseline_gap_person,
        "capacity_map_groups": _capacity_map_groups,
        "data_quality": _data_quality,
    }
    return {name: table(name, make(survey)) for name, make in makers.items()}


def content(survey: Survey, *, language: str = "en") -> Content:
    """The content of a site."""
    made = tables(survey)
    query = "PREFIX wd: <{}>\nSELECT * WHERE {{\n  # {}: a < b && c > d\n  ?s ?p ?o\n}}\n"
    return Content(
        title="Capacity map of the technical ambassadors",
        notice=NOTICE,
        language=language,
        built=datetime(2026, 5, 2, 8, 30, tzinfo=UTC),
        revision=4211,
        level="alone",
        levels=LEVELS,
        tables=made,
        queries={name: query.format(ENTITY, name) for name in made},
    )


def site_of(made: Content) -> dict[str, bytes]:
    """All files of a site, by path."""
    report = Report(made)
    return {path: report.page(path) or b"" for path in report.paths}


def spoiled(made: Content) -> Content:
    """The same content with every label, name and word replaced by an attack."""
    attacks = cycle(HOSTILE)
    known: dict[Cell, str] = {}

    def spoil(cell: Cell) -> Cell:
        if not isinstance(cell, str) or not cell:
            return cell
        return known.setdefault(cell, f"{next(attacks)} {len(known)}")

    worse = {
        name: Table(one.columns, tuple(tuple(map(spoil, row)) for row in one.rows))
        for name, one in made.tables.items()
    }
    return replace(
        made,
        title=f"{HOSTILE[0]} title",
        notice=f"{HOSTILE[1]} notice",
        level=known.get("alone", HOSTILE[0]),
        tables=worse,
        queries=dict.fromkeys(worse, HOSTILE[0]),
    )


def _by_skill(survey: Survey) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for (_, skill), (number, _) in survey.newest.items():
        found[skill].append(number)
    return found


def _able(numbers: Iterable[int]) -> int:
    return sum(THRESHOLD <= number < len(LEVELS) for number in numbers)


def _coverage(survey: Survey) -> Iterable[Iterable[Cell]]:
    said = _by_skill(survey)
    for at, skill in enumerate(survey.skill):
        on_scale = [number for number in said[at] if number < len(LEVELS)]
        able, assessed = _able(on_scale), len(on_scale)
        mean = quotient(sum(on_scale), assessed)
        share = quotient(able, assessed)
        yield *skill, able, assessed, share, mean, said[at].count(5), said[at].count(6)


def _baseline(survey: Survey) -> Iterable[Iterable[Cell]]:
    said = _by_skill(survey)
    for at, skill in enumerate(survey.skill):
        numbers = [number for number in said[at] if number < len(LEVELS)]
        able = sum(number >= COMMON for number in numbers)
        if len(numbers) >= 5 and 2 * able >= len(numbers):
            yield *skill, able, len(numbers), quotient(able, len(numbers)), int(at % 5 == 0)


def _rare_skills(survey: Survey) -> Iterable[Iterable[Cell]]:
    holders: dict[int, list[int]] = defaultdict(list)
    for (person, skill), (number, _) in survey.newest.items():
        if THRESHOLD <= number < len(LEVELS):
            holders[skill].append(person)
    for skill, people in sorted(holders.items()):
        for person in people if len(people) <= 4 else []:
            who, name, home = survey.person[person]
            number = survey.newest[person, skill][0]
            one = survey.skill[skill][:2]
            yield *one, len(people), who, name, *level(number), *community(home)


def _capacity_map(survey: Survey) -> Iterable[Iterable[Cell]]:
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    for (person, skill), (number, _) in survey.newest.items():
        if number < len(LEVELS):
            found[survey.person[person][2], skill].append(number)
    for (home, skill), numbers in sorted(found.items()):
        mean = quotient(sum(numbers), len(numbers))
        yield *community(home), *survey.skill[skill], len(numbers), _able(numbers), mean


def _people(survey: Survey) -> Iterable[Iterable[Cell]]:
    for at, (who, name, home) in enumerate(survey.person):
        speaks = ", ".join(sorted({LANGUAGES[at % 9], LANGUAGES[at % 4]}))
        free = ("a few hours a month", "on request", "", "weekends")[at % 4]
        zone = ("UTC+1", "UTC", "UTC+5:30", "UTC−3", "")[at % 5]
        latest = date(2026, 3, 1) + timedelta(days=at % 28)
        yield who, name, *community(home), speaks, free, zone, latest


def _person_profile(survey: Survey) -> Iterable[Iterable[Cell]]:
    newest: dict[tuple[int, int], int] = {}
    for person, skill, number in sorted(survey.said):
        newest[person, skill] = number
    for (person, skill, when), (number, interests) in sorted(survey.said.items()):
        who, name, _ = survey.person[person]
        value = Decimal(number) if number < len(LEVELS) else None
        day = date(2025, 9, 1) + timedelta(days=180 * when + person % 28)
        current = int(newest[person, skill] == when)
        answer = *level(number), value, interests, day
        yield who, name, *survey.skill[skill], *answer, *wave(when), current


def _responses_per_wave(survey: Survey) -> Iterable[Iterable[Cell]]:
    for number in range(survey.waves):
        said = [person for person, _, when in survey.said if when == number]
        people = len(set(said))
        invited = people * 2 + 40 if number else None
        start = date(2025, 9, 1) + timedelta(days=180 * number)
        share = quotient(people, invited) if invited else None
        yield *wave(number), start, start + timedelta(28), people, len(said), invited, share


def _communities(survey: Survey) -> Iterable[Iterable[Cell]]:
    sizes = Counter(home for _, _, home in survey.person)
    for home, people in sorted(sizes.items()):
        language = iri(800 + home % 9), LANGUAGES[home % 9]
        region = iri(900 + home % 3), ("Africa", "Asia", "Europe")[home % 3]
        yield *community(home), *language, *region, people


def _endorsements(survey: Survey) -> Iterable[Iterable[Cell]]:
    pairs = sorted({(person, skill) for person, skill, _ in survey.said})
    for person, skill in pairs[::7] if len(survey.person) > 1 else []:
        by = survey.person[(person + 1) % len(survey.person)][:2]
        yield *survey.person[person][:2], *survey.skill[skill][:2], *by, date(2026, 4, 1)


def _change(survey: Survey) -> Iterable[Iterable[Cell]]:
    for at, skill in enumerate(survey.skill if survey.waves > 1 else []):
        levels = [
            {
                person: number
                for (person, asked, when), (number, _) in survey.said.items()
                if (asked, when) == (at, wanted) and number < len(LEVELS)
            }
            for wanted in (0, 1)
        ]
        before, after = levels
        both = before.keys() & after.keys()
        counts = [
            *(n for said in levels for n in (len(said), _able(said.values()))),
            len(both),
            sum(after[who] > before[who] for who in both),
            sum(after[who] < before[who] for who in both),
            _able(before[who] for who in both),
            _able(after[who] for who in both),
        ]
        if before and after:
            yield *skill[:2], wave(0)[0], wave(1)[0], *counts


def _needs(survey: Survey) -> Iterable[Iterable[Cell]]:
    if survey.person:
        skill, far = survey.skill[0][:2], survey.person[-1]
        wanted = *level(3), 3, 2, 0
        yield *community(survey.person[0][2]), *skill, *wanted, 1, *far[:2], LANGUAGES[0]
        yield *community(survey.person[0][2]), *survey.skill[1][:2], *wanted, 0, None, None, None


def _declared_capacity(survey: Survey) -> Iterable[Iterable[Cell]]:
    if survey.person:
        rating = Decimal("3.5"), Decimal(1), Decimal(5), date(2018, 10, 1)
        half = Decimal("0.625")
        yield *community(survey.person[0][2]), *survey.skill[0][:2], *rating, 3, 1, half, half


def _candidates(survey: Survey) -> Iterable[Iterable[Cell]]:
    if survey.person:
        yield iri(990), "Knot theory", 2, 1


def _at_risk(survey: Survey) -> Iterable[Iterable[Cell]]:
    for row in _coverage(survey):
        skill, label, group, name, able, assessed, *_ = row
        if isinstance(able, int) and able <= 2:
            yield skill, label, group, name, able, 0, assessed, 1


def _languages(survey: Survey) -> Iterable[Iterable[Cell]]:
    speaks = {at: {LANGUAGES[at % 9], LANGUAGES[at % 4]} for at in range(len(survey.person))}
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    for (person, skill), (number, _) in survey.newest.items():
        for language in speaks[person] if number < len(LEVELS) else ():
            found[LANGUAGES.index(language), skill].append(number)
    for (at, skill), numbers in sorted(found.items()):
        counts = len(numbers), _able(numbers), *(numbers.count(n) for n in range(len(LEVELS)))
        yield iri(800 + at), LANGUAGES[at], *survey.skill[skill][:2], *counts


def _baseline_gap(survey: Survey) -> Iterable[Iterable[Cell]]:
    sizes = Counter(home for _, _, home in survey.person)
    cells = {(row[0], row[2]): row for row in map(tuple, _capacity_map(survey))}
    for home, people in sorted(sizes.items()):
        for skill in survey.skill[::5]:
            known = cells.get((community(home)[0], skill[0]))
            counts = (known[6], known[7]) if known else (0, 0)
            yield *community(home), *skill[:2], *level(3), people, *counts


def _baseline_gap_person(survey: Survey) -> Iterable[Iterable[Cell]]:
    for skill in survey.skill[::5] if survey.person else []:
        yield *skill[:2], *level(3)


def _capacity_map_groups(survey: Survey) -> Iterable[Iterable[Cell]]:
    found: dict[tuple[int, int], set[int]] = defaultdict(set)
    able: dict[tuple[int, int], set[int]] = defaultdict(set)
    for (person, skill), (number, _) in survey.newest.items():
        group = next(at for at, one in enumerate(survey.skill) if one[2] == survey.skill[skill][2])
        if number < len(LEVELS):
            found[survey.person[person][2], group].add(person)
            if number >= THRESHOLD:
                able[survey.person[person][2], group].add(person)
    for (home, group), people in sorted(found.items()):
        counts = len(people), len(able[home, group])
        yield *community(home), *survey.skill[group][2:], *counts


def _data_quality(survey: Survey) -> Iterable[Iterable[Cell]]:
    for who, name, _ in survey.person[:1]:
        for check in FAULTS:
            yield check, who, name, *survey.skill[0][:2]
        yield "duplicate_key", iri(77), "Twice there", iri(78), "Twice there, too"
        yield "rule_of_their_own", iri(79), "Q79", None, None
