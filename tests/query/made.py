"""People who do not exist, made from a seed: what they said, and the same as Wikibase's RDF.

What they said is kept as plain Python values, so that a query can be held against a count that
shares nothing with it.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import count

from wbskills.ontology.binding import Binding
from wbskills.ontology.entries import Ontology

TOP = "http://skills.example.org/"
BASE = f"{TOP}entity/"
WAVES = (date(2025, 3, 1), date(2026, 3, 1))
LEVELS = ("none", "aware", "with_help", "alone", "leads", "does_not_apply", "not_sure")
NUMBERS = {"none": 0, "aware": 1, "with_help": 2, "alone": 3, "leads": 4}
HOSTILE = (
    'Ada "the\\first" <script>alert(1)</script>',
    '"@en . } UNION {',
    "two\nlines\t?x #",
    "’٣",
)

_LINKS = ("instance_of", "part_of", "requires_skill")  # between the items of the ontology
_XSD = "http://www.w3.org/2001/XMLSchema#"
_WIKIBASE = "http://wikiba.se/ontology#"
_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_LABELS = (
    "http://www.w3.org/2000/01/rdf-schema#label",
    "http://www.w3.org/2004/02/skos/core#prefLabel",
    "http://schema.org/name",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One assessment; skill and wave are ids, the level and the interests are keys."""

    skill: str
    level: str
    wave: str
    on: date
    interests: tuple[str, ...]
    current: bool

    @property
    def number(self) -> int | None:
        """The level's number; None off the scale."""
        return NUMBERS.get(self.level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person; community and languages are ids, the availability is a key."""

    id: str
    name: str
    community: str | None
    languages: tuple[str, ...]
    availability: str | None
    time_zone: str | None
    said: tuple[Said, ...]

    def now(self) -> list[Said]:
        """List what counts today."""
        return [said for said in self.said if said.current]


@dataclass(slots=True)
class World:
    """Everything in one Wikibase: labels by id and language, groups of skills, people."""

    binding: Binding
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    communities: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    waves: dict[str, int | None] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)

    def vouched(self) -> list[tuple[Person, str, Person, date]]:
        """List who was vouched for, in which skill, by whom and when: every third has a friend."""
        answered = [person for person in self.people if person.said]
        return [
            (person, person.said[0].skill, answered[at - 1], date(2026, 4, 1))
            for at, person in enumerate(answered)
            if at % 3 == 0 and len(answered) > 1
        ]

    def label(self, entity_id: str | None, *languages: str) -> str | None:
        """Give the label in the first language that has one, else the id."""
        if entity_id is None:
            return None
        texts = self.labels.get(entity_id, {})
        return next((texts[code] for code in languages if code in texts), entity_id)


def bind_all(ontology: Ontology) -> Binding:
    """Give every key of the ontology an id, in the order of the files."""
    return Binding(
        properties={key: f"P{n}" for n, key in enumerate(ontology.properties, 1)},
        items={key: f"Q{n}" for n, key in enumerate(ontology.entries, 1)},
    )


def make(
    ontology: Ontology,
    *,
    people: int = 30,
    skills: int = 24,
    asked: int = 12,
    communities: int = 6,
    languages: int = 4,
    seed: int = 1,
) -> World:
    """Make a world: of those who answered, six in ten did so in both waves."""
    chance = random.Random(seed)  # noqa: S311 - no secrets here
    world = World(binding := bind_all(ontology))
    for key, entry in ontology.entries.items():
        world.labels[binding.item(key)] = dict(entry.terms.labels)
    ids = (f"Q{n}" for n in count(len(ontology.entries) + 1))
    _items(world, ontology, skills, ids)
    for n, names in ((communities, world.communities), (languages, world.languages)):
        kind = "wiki" if names is world.communities else "language"
        for number in range(n):
            names.append(made := next(ids))
            world.labels[made] = {"en": f"{kind} {number}", "de": f"{kind} Nr. {number}"}
    for number, invited in enumerate((people * 2, None), 1):
        world.waves[wave := next(ids)] = invited
        world.labels[wave] = {"mul": f"wave {number}"}
        world.keys[f"wave_{number}"] = wave
    hard = {skill: chance.gauss(0.9, 1.1) for skill in world.groups}
    for number in range(people):
        world.people.append(_person(world, chance, next(ids), number, hard, asked))
    return world


def _items(world: World, ontology: Ontology, skills: int, ids: Iterator[str]) -> None:
    binding = world.binding
    for key, entry in list(ontology.section("skills").items())[:skills]:
        group = entry.fact("part_of")
        world.groups[binding.item(key)] = binding.item(str(group)) if group else ""
    groups = [binding.item(key) for key in ontology.section("groups")]
    for number in range(skills - len(world.groups)):
        world.groups[made := next(ids)] = groups[number % len(groups)]
        world.labels[made] = {"en": f"made skill {number}"}
    # The last skill has neither group nor label: somebody named it in a free text.
    world.groups[last := next(ids)] = ""
    world.labels[last] = {}
    role = ontology.entries["technical_ambassador"]
    world.required = {
        binding.item(str(fact.value)) for fact in role.facts if fact.property == "requires_skill"
    }


def _person(
    world: World, chance: random.Random, made: str, number: int, hard: dict[str, float], asked: int
) -> Person:
    name = HOSTILE[number] if number < len(HOSTILE) else f"Person {number}"
    world.labels[made] = {"mul" if number % 2 else "en": name}
    gift = chance.gauss(1.4, 0.8)
    mood = chance.random()
    answered = [n for n in (0, 1) if mood < 0.6 or (mood < 0.8) == (n == 0)]
    texts: list[tuple[int, str, str, tuple[str, ...]]] = []
    for n in answered:
        for skill in chance.sample(list(hard), min(asked, len(hard))):
            step = round(min(4, max(0, chance.gauss(gift - hard[skill] + n * 0.2, 0.9))))
            level = LEVELS[step] if (odd := chance.random()) > 0.08 else LEVELS[5 + (odd < 0.03)]
            wishes = ("wants_to_learn",) if step < 2 else ("can_help", "can_teach")[: step - 1]
            texts.append((n, skill, level, wishes if chance.random() < 0.4 else ()))
    newest = {skill: n for n, skill, _, _ in texts}
    waves = list(world.waves)
    said = tuple(
        Said(
            skill=skill,
            level=level,
            wave=waves[n],
            on=WAVES[n].replace(day=1 + number % 28),
            interests=wishes,
            current=newest[skill] == n,
        )
        for n, skill, level, wishes in texts
    )
    community = world.communities[int(chance.random() ** 2 * len(world.communities))]
    speaks = chance.sample(world.languages, chance.choice((0, 1, 1, 2, 3)))
    return Person(
        id=made,
        name=name,
        community=community if chance.random() < 0.95 else None,
        languages=tuple(speaks),
        availability=chance.choice(("available", "limited", None)),
        time_zone=chance.choice(("Africa/Lagos", "Europe/Berlin", None)),
        said=said,
    )


def ntriples(world: World, ontology: Ontology) -> bytes:
    """Write the world as Wikibase's RDF mapping has it, in N-Triples."""
    return "\n".join(_Writing(world, ontology).all()).encode() + b"\n"


class _Writing:
    def __init__(self, world: World, ontology: Ontology) -> None:
        self.world, self.ontology = world, ontology
        self.property, self.item = world.binding.property, world.binding.item
        self.statements = count(1)

    def all(self) -> Iterator[str]:
        for entity_id, texts in self.world.labels.items():
            yield f"{_wd(entity_id)} {_TYPE} <{_WIKIBASE}Item> ."
            for code, text in texts.items():
                yield from (
                    f"{_wd(entity_id)} <{term}> {_text(text)}@{code} ." for term in _LABELS
                )
        yield from self.items()
        for person in self.world.people:
            yield from self.person(person)
        for person, skill, friend, day in self.world.vouched():
            lines = list(self.state(person.id, "endorsed_skill", _wd(skill)))
            yield from lines
            node = lines[0].split(" ")[2]
            yield f"{node} {self.prop('qualifier', 'endorsed_by')} {_wd(friend.id)} ."
            yield f"{node} {self.prop('qualifier', 'point_in_time')} {_day(day)} ."

    def items(self) -> Iterator[str]:
        for key, entry in self.ontology.entries.items():
            for fact in entry.facts:
                if entry.section != "skills" and fact.property in _LINKS:
                    yield from self.link(self.item(key), fact.property, self.item(str(fact.value)))
            if entry.number is not None:
                yield from self.state(self.item(key), "level_value", _amount(entry.number))
        for skill, group in self.world.groups.items():
            yield from self.link(skill, "instance_of", self.item("skill"))
            if group:
                yield from self.link(skill, "part_of", group)
        places = dict.fromkeys(self.world.communities, "community")
        for place, kind in (
            places | dict.fromkeys(self.world.languages, "language_class")
        ).items():
            yield from self.link(place, "instance_of", self.item(kind))
        for (wave, invited), day in zip(self.world.waves.items(), WAVES, strict=True):
            yield from self.link(wave, "instance_of", self.item("survey_wave_class"))
            yield from self.state(wave, "start_time", _day(day))
            yield from self.state(wave, "end_time", _day(day.replace(day=28)))
            if invited is not None:
                yield from self.state(wave, "invited", _amount(invited))

    def person(self, person: Person) -> Iterator[str]:
        yield from self.link(person.id, "instance_of", self.item("person"))
        yield from self.state(person.id, "wikimedia_username", _text(person.name))
        yield from self.link(person.id, "consent", self.item("consent_named"))
        if person.community:
            yield from self.link(person.id, "home_community", person.community)
        for language in person.languages:
            yield from self.link(person.id, "speaks", language)
        if person.availability:
            yield from self.link(person.id, "availability", self.item(person.availability))
        if person.time_zone:
            yield from self.state(person.id, "time_zone", _text(person.time_zone))
        sources: set[str] = set()
        for said in person.said:
            source = f"<{TOP}reference/{person.id}x{said.wave}>"
            if source not in sources:
                sources.add(source)
                yield f"{source} {_TYPE} <{_WIKIBASE}Reference> ."
                yield f"{source} {self.prop('reference', 'stated_in')} {_wd(said.wave)} ."
                key = _text(f"{person.id}/{said.wave}")
                yield f"{source} {self.prop('reference', 'response_key')} {key} ."
            yield from self.said(person, said, source)

    def said(self, person: Person, said: Said, source: str) -> Iterator[str]:
        lines = list(self.state(person.id, "assessed_skill", _wd(said.skill), rank=said.current))
        yield from lines
        node = lines[0].split(" ")[2]
        qualifier = "qualifier"
        yield f"{node} {self.prop(qualifier, 'level')} {_wd(self.item(said.level))} ."
        yield f"{node} {self.prop(qualifier, 'point_in_time')} {_day(said.on)} ."
        value = f"<{TOP}value/{said.on:%Y%m%d}>"
        yield f"{node} {self.prop('qualifier/value', 'point_in_time')} {value} ."
        yield f"{node} {self.prop(qualifier, 'survey_wave')} {_wd(said.wave)} ."
        for wish in said.interests:
            yield f"{node} {self.prop(qualifier, 'interest')} {_wd(self.item(wish))} ."
        yield f"{node} <http://www.w3.org/ns/prov#wasDerivedFrom> {source} ."

    def prop(self, kind: str, key: str) -> str:
        return f"<{TOP}prop/{kind}/{self.property(key)}>"

    def link(self, subject: str, key: str, target: str) -> Iterator[str]:
        return self.state(subject, key, _wd(target))

    def state(
        self, subject: str, key: str, value: str, *, rank: bool | None = None
    ) -> Iterator[str]:
        """Write a statement; `rank` is None for normal and best, else whether it is preferred."""
        node = f"<{BASE}statement/{subject}-{next(self.statements):08d}>"
        yield f"{_wd(subject)} <{TOP}prop/{self.property(key)}> {node} ."
        yield f"{node} {_TYPE} <{_WIKIBASE}Statement> ."
        named = "PreferredRank" if rank else "NormalRank"
        yield f"{node} <{_WIKIBASE}rank> <{_WIKIBASE}{named}> ."
        yield f"{node} {self.prop('statement', key)} {value} ."
        if rank is not False:
            yield f"{node} {_TYPE} <{_WIKIBASE}BestRank> ."
            yield f"{_wd(subject)} {self.prop('direct', key)} {value} ."


def _wd(entity_id: str) -> str:
    return f"<{BASE}{entity_id}>"


def _text(text: str) -> str:
    for sign, escape in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t")):
        text = text.replace(sign, escape)
    return f'"{text}"'


def _amount(number: int) -> str:
    return f'"{number:+}"^^<{_XSD}decimal>'


def _day(day: date) -> str:
    return f'"{day.isoformat()}T00:00:00Z"^^<{_XSD}dateTime>'
