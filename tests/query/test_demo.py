"""What each saved query answers about the demo, against a count by plain Python.

See `demo` for how the file is read. Names stand for items here: no two of the demo are alike.
"""

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.query import demo
from tests.query.demo import LABELS, NUMBERS, PLACES, ROLE, SKILLS, Person, Said
from tests.query.demo_store import (
    AT_MOST,
    CANDIDATE,
    CAPACITIES,
    RATED,
    RATINGS,
    STATED,
    open_demo,
)
from tests.query.engines import Elsewhere
from wbskills.data import queries_folder
from wbskills.ontology.entries import Ontology
from wbskills.query.answers import PLACES as DECIMALS
from wbskills.query.saved import load
from wbskills.table import Cell, Iri
from wbskills.tasks.queries import QueryRunner
from wbskills.wikibase.interface import LocalWikibase

Rows = Callable[..., list[tuple[Cell, ...]]]

WORDS = {number: word for word, number in NUMBERS.items()}
WAVE_NAMES = {2025: "INVENTED sample, spring 2025", 2026: "INVENTED sample, spring 2026"}
PEOPLE = demo.people()
NOW = {person.name: person.now() for person in PEOPLE}
SKILLS_NOW = sorted({skill for now in NOW.values() for skill in now})


@pytest.fixture(scope="module")
def store(ontology: Ontology) -> Iterator[LocalWikibase]:
    """The demo in memory."""
    with open_demo(ontology) as made:
        yield made


class InTriples(Elsewhere):
    """The store asked by its triples only."""

    def __init__(self, wikibase: LocalWikibase) -> None:
        super().__init__(wikibase)
        self.select, self.read = wikibase.select, wikibase.read
        self.entities, self.find_property = wikibase.entities, wikibase.find_property


@pytest.fixture(scope="module", params=["tables", "triples"])
def questions(
    request: pytest.FixtureRequest, store: LocalWikibase, ontology: Ontology
) -> QueryRunner:
    """The saved questions, for the demo: with the tables that some are asked of, and without."""
    in_triples = request.param == "triples"
    return QueryRunner(InTriples(store).wikibase() if in_triples else store, ontology)


@pytest.fixture(scope="module")
def rows(questions: QueryRunner) -> Rows:
    """Ask a question and give some columns of the answer."""

    def asked(name: str, columns: str, **values: str) -> list[tuple[Cell, ...]]:
        table = questions.ask(name, values)
        return [tuple(row[column] for column in columns.split()) for row in table]

    return asked


def everybody(until: date = date.max) -> Iterator[tuple[Person, Said]]:
    """Go through the newest answers."""
    return ((person, said) for person in PEOPLE for said in person.now(until).values())


def share(part: int, whole: int) -> Decimal | None:
    """Divide to as many places as answers have."""
    if not whole:
        return None
    return Decimal(Fraction(part, whole).numerator) / Fraction(part, whole).denominator


def same(found: Iterable[tuple[Cell, ...]], expected: Iterable[tuple[Cell, ...]]) -> None:
    """Hold rows against expected ones, in any order; fractions to twelve places."""

    def rounded(cell: Cell) -> Cell:
        return cell.quantize(DECIMALS).normalize() + 0 if isinstance(cell, Decimal) else cell

    one = Counter(tuple(map(rounded, row)) for row in found)
    other = Counter(tuple(map(rounded, row)) for row in expected)
    assert one - other == Counter(), "rows that should not be there"
    assert other - one == Counter(), "rows that are missing"
    assert other, "the demo has nothing to show for this query"


def numbers(skill: str, of: Iterable[Person] = tuple(PEOPLE)) -> list[int]:
    """List the levels that people gave for a skill."""
    found = (NOW[person.name].get(skill) for person in of)
    return [said.number for said in found if said and said.number is not None]


def at_home(community: str) -> list[Person]:
    """List who is at home somewhere."""
    return [person for person in PEOPLE if person.community == community]


COMMUNITIES = sorted({person.community for person in PEOPLE if person.community})


def able(levels: Iterable[int], least: int = 3) -> int:
    """Count levels that are high enough."""
    return sum(number >= least for number in levels)


def group(skill: str) -> str:
    """Name the group of a skill."""
    return str(LABELS[SKILLS["skills"][skill]["group"]])


def test_every_query_is_held_against_the_survey() -> None:
    """A query without a test here would be trusted for no reason."""
    tested = set(globals())
    for query in load(queries_folder()):
        if query.name != "endorsements":  # see test_places
            assert any(name.startswith(f"test_{query.name}") for name in tested), query.name


def test_coverage(rows: Rows) -> None:
    """Shares, what is outside the scale, who was asked, and the interval of Wilson."""
    forms = demo.asked()
    expected = []
    for skill in SKILLS_NOW:
        levels = numbers(skill)
        others = Counter(said.level for _, said in everybody() if said.skill == skill)
        asked = sum(
            any(
                wave in {s.wave for s in person.said.values()}
                for wave in forms
                if skill in forms[wave]
            )
            for person in PEOPLE
        )
        n, k, z = len(levels), able(levels), 1.96
        reach = z * math.sqrt(k * (n - k) / n + z * z / 4)
        ends = [(k + z * z / 2 + sign * reach) / (n + z * z) for sign in (-1, 1)]
        expected.append(
            (
                LABELS[skill], group(skill), k, n, share(k, n), share(sum(levels), n),
                others["not sure"], others["does not apply"], asked,
                *(Decimal(str(round(end, 4))) for end in ends),
            )
        )  # fmt: skip
    columns = (
        "skillLabel groupLabel able assessed share mean not_sure does_not_apply asked low high"
    )
    same(rows("coverage", columns), expected)


def test_baseline(rows: Rows) -> None:
    """Common skills, and which of them the role has."""
    required = {need["skill"] for need in ROLE}
    expected = [
        (LABELS[skill], able(levels, 2), len(levels), int(skill in required))
        for skill in SKILLS_NOW
        for levels in [numbers(skill)]
        if len(levels) >= 5 and Fraction(able(levels, 2), len(levels)) >= Fraction(1, 2)
    ]
    same(rows("baseline", "skillLabel able assessed required"), expected)


def test_baseline_gap(rows: Rows) -> None:
    """Each community against each skill of the role, also where nobody answered."""
    expected = []
    for community in COMMUNITIES:
        for need in ROLE:
            levels = numbers(need["skill"], at_home(community))
            enough = able(levels, NUMBERS[need["level"].replace("_", " ")])
            expected.append(
                (
                    LABELS[community], LABELS[need["skill"]], need["level"].replace("_", " "),
                    need["importance"], len(at_home(community)), len(levels), enough,
                    share(enough, len(levels)), int(enough == 0),
                )
            )  # fmt: skip
    columns = (
        "communityLabel skillLabel minimumLabel importanceLabel people assessed able share lacking"
    )
    same(rows("baseline_gap", columns), expected)
    one = [row for row in expected if row[0] == LABELS["dewiki"]]
    same(rows("baseline_gap", columns, community="dewiki"), one)


def test_baseline_gap_person(rows: Rows) -> None:
    """Each person against each skill of the role; no level is no gap of so many steps."""
    expected = []
    for person in PEOPLE:
        for need in ROLE:
            said = NOW[person.name].get(need["skill"])
            least = NUMBERS[need["level"].replace("_", " ")]
            missing = None if said is None or said.number is None else max(0, least - said.number)
            told = (said.level, missing, said.on) if said else (None, None, None)
            expected.append((person.name, LABELS[need["skill"]], need["importance"], *told))
    columns = "personLabel skillLabel importanceLabel levelLabel missing since"
    same(rows("baseline_gap_person", columns), expected)
    name = PEOPLE[3].name
    one = [row for row in expected if row[0] == name]
    same(rows("baseline_gap_person", columns, person=name), one)


@pytest.mark.parametrize(
    ("values", "among"),
    [
        ({}, lambda _: True),
        ({"language": "lang_de"}, lambda person: "lang_de" in person.languages),
        ({"region": "region_mena"}, lambda person: person.region == "region_mena"),
    ],
)
def test_rare_skills(rows: Rows, values: dict[str, str], among: Callable[[Person], bool]) -> None:
    """Overall, among the speakers of a language, and in a region."""
    some = [person for person in PEOPLE if among(person)]
    expected = []
    for skill in SKILLS_NOW:
        holders = able(numbers(skill, some))
        expected += [
            (LABELS[skill], holders, person.name, said.level)
            for person in some
            for said in [NOW[person.name].get(skill)]
            if said and (said.number or 0) >= 3 and holders <= 2
        ]
    same(rows("rare_skills", "skillLabel holders personLabel levelLabel", **values), expected)


@pytest.mark.parametrize("community", ["", "dewiki"])
def test_at_risk(rows: Rows, community: str) -> None:
    """Holders who are away do not count; learners are those who are not able yet."""
    some = at_home(community) if community else PEOPLE
    expected = []
    for skill in SKILLS_NOW:
        now = [(person, NOW[person.name][skill]) for person in some if skill in NOW[person.name]]
        given = [(person, said) for person, said in now if said.number is not None]
        strong = [person for person, said in given if (said.number or 0) >= 3]
        here = [person for person in strong if person.availability != "away"]
        learners = sum(
            (said.number or 0) < 3 and "wants_to_learn" in said.wishes for _, said in given
        )
        if given and len(here) <= 2:
            away = len(strong) - len(here)
            expected.append((LABELS[skill], len(here), away, len(given), learners))
    columns = "skillLabel holders away assessed learners"
    same(rows("at_risk", columns, community=community), expected)


@pytest.mark.parametrize(
    ("values", "fits"),
    [
        ({}, lambda _person, _said: True),
        ({"language": "lang_en"}, lambda person, _: "lang_en" in person.languages),
        (
            {"language": "lang_en", "babel": "babel_3"},
            lambda person, _: person.languages.get("lang_en", -1) >= 3,
        ),
        ({"interest": "can_help"}, lambda _, said: "can_help" in said.wishes),
        ({"region": "region_mena"}, lambda person, _: person.region == "region_mena"),
        ({"zone": "Europe/"}, lambda person, _: person.zone.startswith("Europe/")),
        ({"community": "arwiki"}, lambda person, _: person.community == "arwiki"),
    ],
)
def test_who_can(rows: Rows, values: dict[str, str], fits: Callable[[Person, Said], bool]) -> None:
    """By each parameter; the level is the lowest that is enough."""
    expected = [
        (
            person.name, LABELS[person.community] if person.community else None, said.level,
            said.on, ", ".join(sorted(LABELS[wish] for wish in said.wishes)) or None,
            ", ".join(sorted(LABELS[key] for key in person.languages)) or None,
            LABELS[person.availability] if person.availability else None, person.zone or None,
        )
        for person, said in everybody()
        if said.skill == "lua_modules" and (said.number or 0) >= 2 and fits(person, said)
    ]  # fmt: skip
    columns = (
        "personLabel communityLabel levelLabel since interests languages availability time_zone"
    )
    found = rows("who_can", columns, skill="lua_modules", level="with_help", **values)
    same(found, expected)
    names = [str(row[0]) for row in found]
    assert names == sorted(names)  # no ranking of people


def test_capacity_map(rows: Rows) -> None:
    """A cell for each community and skill that somebody gave a level for."""
    expected = [
        (
            LABELS[community],
            LABELS[skill],
            len(levels),
            able(levels),
            share(sum(levels), len(levels)),
        )
        for community in COMMUNITIES
        for skill in SKILLS_NOW
        if (levels := numbers(skill, at_home(community)))
    ]
    same(rows("capacity_map", "communityLabel skillLabel people able mean"), expected)


def test_capacity_map_groups(rows: Rows) -> None:
    """A person counts once in a group, whatever the number of skills."""
    expected = []
    for community in COMMUNITIES:
        for name in sorted({group(skill) for skill in SKILLS_NOW}):
            skills = [skill for skill in SKILLS_NOW if group(skill) == name]
            each = {
                person.name: [n for skill in skills for n in numbers(skill, [person])]
                for person in at_home(community)
            }
            levels = [number for found in each.values() for number in found]
            if levels:
                expected.append(
                    (
                        LABELS[community], name, sum(map(bool, each.values())),
                        sum(able(found) > 0 for found in each.values()),
                        len(levels), share(sum(levels), len(levels)),
                    )
                )  # fmt: skip
    columns = "communityLabel groupLabel people able answers mean"
    same(rows("capacity_map_groups", columns), expected)


def test_robustness(rows: Rows) -> None:
    """One is fragile, two or three are thin, four are solid; the thresholds are parameters."""

    def expected(thin: int, sound: int) -> Iterator[tuple[Cell, ...]]:
        for community in COMMUNITIES:
            for skill in SKILLS_NOW:
                levels = numbers(skill, at_home(community))
                strong = able(levels)
                steps = [(sound, "solid"), (thin, "thin"), (1, "fragile")]
                word = next((word for least, word in steps if strong >= least), None)
                if levels:
                    yield LABELS[community], LABELS[skill], len(levels), strong, word

    columns = "communityLabel skillLabel people able robustnessLabel"
    same(rows("robustness", columns), expected(2, 4))
    same(rows("robustness", columns, thin="3", sound="6"), expected(3, 6))
    dewiki = [row for row in expected(2, 4) if row[0] == LABELS["dewiki"]]
    same(rows("robustness", columns, community="dewiki"), dewiki)


def declared() -> Iterator[tuple[str, str, Decimal, int]]:
    """Go through the invented ratings: community, skill, mean, people who rated."""
    for community, (respondents, *means) in RATINGS.items():
        for skills, mean in zip(CAPACITIES.values(), means, strict=True):
            for skill in skills if mean else ():
                yield community, skill, Decimal(mean), respondents


def test_declared_capacity(rows: Rows) -> None:
    """Both from 0 to 1: ratings from 1 to 5, levels from 0 to 4."""
    expected = []
    for community, skill, rating, respondents in declared():
        levels = numbers(skill, at_home(community))
        told = (rating - 1) / 4
        mean = share(sum(levels), len(levels))
        counted = mean / 4 if mean is not None else None
        difference = told - counted if counted is not None else None
        expected.append(
            (
                LABELS[community], LABELS[skill], rating, 1, 5, respondents, RATED, len(levels),
                able(levels), mean, told, counted, difference,
            )
        )  # fmt: skip
    columns = (
        "communityLabel skillLabel rating lowest highest respondents date people able mean"
        " declared computed difference"
    )
    same(rows("declared_capacity", columns), expected)


def needs() -> Iterator[tuple[str, str, str, int | None]]:
    """Go through the needs: community, skill, level, people wanted; without a level, alone."""
    for community, skill, rating, _ in declared():
        if rating <= Decimal(AT_MOST):
            yield community, skill, "alone", 2
    for community, skill, level, people in STATED:
        yield community, skill, level.replace("_", " ") or "alone", people


@pytest.mark.parametrize("bridge", ["", "lang_en"])
def test_needs(rows: Rows, bridge: str) -> None:
    """Everybody elsewhere who can, wants, is not away, and shares a language.

    How many would, in whatever language, tells a missing language from a missing person. Two
    needs for one skill at two levels are two needs.
    """
    expected: list[tuple[Cell, ...]] = []
    for community, skill, level, people in needs():
        least = NUMBERS[level]
        told = PLACES["communities"][community].get("language")
        tongues = {tongue for tongue in (told, bridge) if tongue}
        have = able(numbers(skill, at_home(community)), least)
        willing = [
            (person, said)
            for person, said in everybody()
            if said.skill == skill
            and said.number is not None
            and said.number >= least
            and {"can_help", "can_teach"} & set(said.wishes)
            and person.availability != "away"
            and person.community != community
        ]
        need = (LABELS[community], LABELS[skill], level, least, people, have, len(willing))
        helpers: list[tuple[Cell, ...]] = [
            (
                *need, person.name, said.level, int("can_teach" in said.wishes),
                ", ".join(sorted(LABELS[key] for key in shared)), said.on,
            )
            for person, said in willing
            if (shared := tongues & set(person.languages))
        ]  # fmt: skip
        expected += helpers or [(*need, None, None, None, None, None)]
    columns = (
        "communityLabel skillLabel targetLabel least wanted able willing personLabel levelLabel"
        " teaches languages since"
    )
    assert bridge or any(row[6] and row[7] is None for row in expected)  # only a language lacks
    lua = {
        row[2]: row[5] for row in expected if row[:2] == (LABELS["arwiki"], LABELS["lua_modules"])
    }
    assert len(set(lua.values())) == 2  # else a sum over both levels would not be seen
    same(rows("needs", columns, bridge=bridge), expected)


def test_communities(rows: Rows) -> None:
    """Those with people, and those of which only needs or ratings of their own are known."""
    told = {community for community, *_ in declared()} | {community for community, *_ in STATED}
    assert told - set(COMMUNITIES)
    expected = [
        (
            LABELS[community],
            LABELS[language] if language else None,
            LABELS[PLACES["communities"][community]["region"]],
            len(at_home(community)),
        )
        for community in {*COMMUNITIES, *told}
        for language in [PLACES["communities"][community].get("language")]
    ]
    same(rows("communities", "communityLabel languageLabel regionLabel people"), expected)


def test_needs_name_somebody_else_first_each_turn(questions: QueryRunner) -> None:
    """The order is that of a hash, which anyone can compute again."""
    orders = []
    for turn in ("1", "2", "3"):
        table = questions.ask("needs", {"bridge": "lang_en", "turn": turn})
        per_need: dict[tuple[Cell, Cell, Cell], list[str]] = defaultdict(list)
        for row in table:
            person = row["person"]
            ids = [
                cell.id if isinstance(cell, Iri) else ""
                for cell in (row["community"], row["skill"], person)
            ]
            per_need[row["community"], row["skill"], row["target"]].append(
                hashlib.md5(" ".join([turn, *ids]).encode(), usedforsecurity=False).hexdigest()
            )
        assert all(lots == sorted(lots) for lots in per_need.values())
        assert any(len(lots) > 2 for lots in per_need.values())
        orders.append([row["person"] for row in table])
    assert len(orders) == len({tuple(map(str, order)) for order in orders}) == 3


@pytest.mark.parametrize("interest", ["", "can_teach"])
def test_learn_teach(rows: Rows, interest: str) -> None:
    """Pairs with a language of both; a learner without a teacher keeps a row."""
    skill = "wikidata_editing"
    answers = [(person, said) for person, said in everybody() if said.skill == skill]
    offers = {interest} if interest else {"can_help", "can_teach"}
    expected: list[tuple[Cell, ...]] = []
    for learner, wish in answers:
        if "wants_to_learn" not in wish.wishes:
            continue
        own = wish.level if wish.number is not None else None
        pairs: list[tuple[Cell, ...]] = [
            (
                learner.name, own, teacher.name, offer.level if offer.number is not None else None,
                int("can_teach" in offer.wishes),
                ", ".join(sorted(LABELS[key] for key in both)),
            )
            for teacher, offer in answers
            if offers & set(offer.wishes)
            and teacher is not learner
            and teacher.availability != "away"
            and (both := set(learner.languages) & set(teacher.languages))
        ]  # fmt: skip
        expected += pairs or [(learner.name, own, None, None, None, None)]
    columns = "learnerLabel learner_level teacherLabel teacher_level teaches languages"
    same(rows("learn_teach", columns, skill=skill, interest=interest), expected)


def test_change(rows: Rows) -> None:
    """The same people before and after, and all people of each wave."""
    expected = []
    for skill in SKILLS_NOW:
        waves = [
            {
                person.name: said.number
                for person in PEOPLE
                if (said := person.said.get((skill, year))) and said.number is not None
            }
            for year in (2025, 2026)
        ]
        if not all(waves):
            continue
        before, after = (list(wave.values()) for wave in waves)
        both = [(waves[0][name], waves[1][name]) for name in waves[0] if name in waves[1]]
        steps = [new - old for old, new in both]
        expected.append(
            (
                LABELS[skill], len(before), able(before), share(able(before), len(before)),
                len(after), able(after), share(able(after), len(after)), len(both),
                sum(step > 0 for step in steps), sum(step < 0 for step in steps),
                steps.count(0), able(old for old, _ in both), able(new for _, new in both),
                share(sum(steps), len(steps)),
            )
        )  # fmt: skip
    columns = (
        "skillLabel assessed_before able_before share_before assessed_after able_after share_after"
        " both up down same both_able_before both_able_after mean_change"
    )
    same(rows("change", columns), expected)
    same(rows("change", columns, before="sample_2025", after="sample_2026"), expected)


@pytest.mark.parametrize("day", ["2025-04-01", "2025-12-31", "2026-03-20", "2027-01-01"])
def test_as_of(rows: Rows, day: str) -> None:
    """In the midst of a wave, between two, and today."""
    expected = []
    until = date.fromisoformat(day)
    for skill in SKILLS_NOW:
        told = [said for _, said in everybody(until) if said.skill == skill]
        levels = [said.number for said in told if said.number is not None]
        if told:
            expected.append(
                (
                    LABELS[skill], able(levels), len(levels), share(able(levels), len(levels)),
                    share(sum(levels), len(levels)), len(told) - len(levels),
                    max(said.on for said in told),
                )
            )  # fmt: skip
    same(rows("as_of", "skillLabel able assessed share mean outside latest", day=day), expected)


def test_as_of_today_is_the_coverage(rows: Rows) -> None:
    """By another way: the newest by date is the best by rank."""
    columns = "skillLabel able assessed share mean"
    same(rows("as_of", columns, day="2100-01-01"), rows("coverage", columns))


@pytest.mark.parametrize("day", [date(2026, 1, 1), PEOPLE[-1].now()[CANDIDATE].on])
def test_stale(rows: Rows, day: date) -> None:
    """Who has newest answers from before a day, in the order of names; not from that day."""
    expected = [
        (
            person.name, LABELS[person.community] if person.community else None, len(days),
            sum(on < day for on in days), min(days), max(days),
        )
        for person in PEOPLE
        for days in [[said.on for said in NOW[person.name].values()]]
        if any(on < day for on in days)
    ]  # fmt: skip
    columns = "personLabel communityLabel answers stale oldest latest"
    found = rows("stale", columns, day=str(day))
    same(found, expected)
    assert [row[0] for row in found] == sorted(str(row[0]) for row in found)


def test_freshness(rows: Rows) -> None:
    """Answers and people, day by day."""
    days: dict[date, list[str]] = defaultdict(list)
    for person, said in everybody():
        days[said.on].append(person.name)
    expected = [
        (on, WAVE_NAMES[on.year], len(names), len(set(names))) for on, names in days.items()
    ]
    same(rows("freshness", "date waveLabel answers people"), expected)


def test_responses_per_wave(rows: Rows) -> None:
    """People, answers, what was left out, and what they agreed to."""
    forms = demo.asked()
    days = {2025: (date(2025, 3, 10), date(2025, 4, 21), 400)}
    days[2026] = (date(2026, 3, 9), date(2026, 4, 20), 420)
    expected = []
    for year, (start, end, invited) in days.items():
        there = [p for p in PEOPLE if any(wave == year for _, wave in p.said)]
        answers = sum(wave == year for person in there for _, wave in person.said)
        expected.append(
            (
                WAVE_NAMES[year], start, end, len(there), answers, invited,
                share(len(there), invited), len(forms[year]),
                len(forms[year]) * len(there) - answers,
                sum(person.consent == "named" for person in there),
                sum(person.consent == "pseudonym" for person in there), 0,
            )
        )  # fmt: skip
    columns = (
        "waveLabel start end people assessments invited share asked unanswered named pseudonym"
        " licensed"
    )
    same(rows("responses_per_wave", columns), expected)


def test_person_profile(rows: Rows) -> None:
    """All that somebody said, in every wave."""
    person = next(person for person in PEOPLE if len({wave for _, wave in person.said}) == 2)
    expected = [
        (
            LABELS[said.skill], said.level, said.number,
            ", ".join(sorted(LABELS[wish] for wish in said.wishes)) or None, said.on,
            WAVE_NAMES[said.wave], int(NOW[person.name][said.skill] == said),
        )
        for said in person.said.values()
    ]  # fmt: skip
    columns = "skillLabel levelLabel number interests date waveLabel current"
    same(rows("person_profile", columns, person=person.name), expected)


@pytest.mark.parametrize("skill", ["", "lua_modules"])
def test_skill_page(rows: Rows, skill: str) -> None:
    """Each answer that somebody gave, with what those people wish."""
    cells: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for _, said in everybody():
        if skill in {"", said.skill}:
            cells[said.skill, said.level].append(said)
    expected = [
        (
            LABELS[key], level, NUMBERS.get(level), len(told),
            *(sum(wish in said.wishes for said in told) for wish in demo.WISHES.values()),
            max(said.on for said in told),
        )
        for (key, level), told in cells.items()
    ]  # fmt: skip
    columns = "skillLabel levelLabel number people wants_to_learn can_help can_teach latest"
    same(rows("skill_page", columns, skill=skill), expected)


@pytest.mark.parametrize("babel", [0, 3])
def test_languages(rows: Rows, babel: int) -> None:
    """Everybody counts in each language that they speak well enough."""
    expected = []
    for language in sorted({key for person in PEOPLE for key in person.languages}):
        speakers = [person for person in PEOPLE if person.languages.get(language, -1) >= babel]
        for skill in SKILLS_NOW:
            if levels := numbers(skill, speakers):
                counts = Counter(levels)
                expected.append(
                    (
                        LABELS[language], LABELS[skill], len(levels), able(levels),
                        share(sum(levels), len(levels)), *(counts[n] for n in sorted(WORDS)),
                    )
                )  # fmt: skip
    columns = "languageLabel skillLabel people able mean none aware with_help alone leads"
    same(rows("languages", columns, babel=f"babel_{babel}"), expected)


@pytest.mark.parametrize("level", ["aware", "alone", "leads"])
def test_candidates(rows: Rows, level: str) -> None:
    """Only what has that status, with what people said of it."""
    told = [said for _, said in everybody() if said.skill == CANDIDATE]
    days = [said.on for said in told]
    expected = [
        (
            LABELS[CANDIDATE], group(CANDIDATE), len(told),
            sum((said.number or 0) >= NUMBERS[level] for said in told), min(days), max(days),
        )
    ]  # fmt: skip
    columns = "skillLabel groupLabel people able first latest"
    same(rows("candidates", columns, level=level), expected)


def test_data_quality_finds_nothing_in_what_was_imported(rows: Rows) -> None:
    """No false alarm; what it does find is in `test_data_quality`."""
    assert rows("data_quality", "check") == []


def test_people(rows: Rows) -> None:
    """Everybody once."""
    expected = [
        (
            person.name, LABELS[person.community] if person.community else None,
            ", ".join(sorted(LABELS[key] for key in person.languages)) or None,
            LABELS[person.availability] if person.availability else None, person.zone or None,
            max(said.on for said in now.values()),
        )
        for person in PEOPLE
        for now in [NOW[person.name]]
    ]  # fmt: skip
    columns = "personLabel communityLabel languages availability time_zone latest"
    same(rows("people", columns), expected)
