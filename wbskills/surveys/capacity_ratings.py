"""Ratings that communities gave to themselves: a table of means, and what its columns stand for.

The table has a row for each community and a column for each capacity. The mapping tells which
skills each capacity means, on which scale it was rated, and where the table comes from.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from wbskills import toml_text
from wbskills.errors import Fault, MappingError, NotFound, SurveyError
from wbskills.ontology.entries import Ontology
from wbskills.surveys.files.cell_text import clean, quoted
from wbskills.surveys.files.columns import letter
from wbskills.surveys.files.rows import Row, open_file
from wbskills.surveys.mapping.item_names import near
from wbskills.surveys.mapping.toml_reader import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """What a community said of itself about one skill: a mean on a scale.

    `community`, `skill` and `scale` are keys of the ontology. `respondents` is None where the
    table does not tell. `row` is the line of the table, as a spreadsheet counts.
    """

    community: str
    skill: str
    mean: Decimal
    scale: str
    on: date
    source: str
    row: int
    respondents: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """When a rating is also a need: at which mean or below, for how many people at what level."""

    at_most: Decimal
    level: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingsMapping:
    """What the columns of a table of ratings mean.

    `community` is the key of a community with {} for what its column holds. `capacities` maps
    the heading of each column to the skills that it stands for.
    """

    path: Path
    source: str
    on: date
    scale: str
    community_column: str
    community: str
    respondents_column: str = ""
    capacities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    wanted: Wanted | None = None


def load(path: Path, ontology: Ontology) -> RatingsMapping:
    """Read a mapping, and hold it against the ontology.

    Raises `NotFound` if there is no such file, `MappingError` with everything that is wrong.
    """
    if not path.is_file():
        raise NotFound(f"there is no mapping {path}", hint="ontology/declared has one to copy")
    try:
        members = toml_text.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except ValueError as error:
        fault = Fault(what=f"this is not TOML: {error}", hint="quotation marks around all texts")
        raise MappingError(str(path), [fault]) from error
    faults: list[Fault] = []
    mapping = _mapping(Table(members, "", faults), path)
    _check(mapping, ontology, faults)
    if faults:
        raise MappingError(str(path), faults)
    return mapping


def read(file: Path, mapping: RatingsMapping, ontology: Ontology) -> list[Rating]:
    """Read a table of ratings.

    An empty cell is no rating. Raises `SurveyError` with everything that is wrong in the table,
    `MappingError` if a column of the mapping is not there or one of the table is not in it.
    """
    opened = open_file(file)
    if not opened.top:
        raise SurveyError(str(file), [Fault(what="this table is empty")])
    headings = [clean(cell) for cell in opened.top[0][1]]
    columns = _columns(headings, mapping)
    faults: list[Fault] = []
    reading = _Reading(mapping, ontology, headings, columns, faults)
    found = [
        rating
        for row in opened.rows(1, len(headings), len(headings))
        for rating in reading.row(row)
    ]
    if faults:
        raise SurveyError(str(file), faults)
    return found


def _mapping(top: Table, path: Path) -> RatingsMapping:
    top.text("title")
    community = top.table("community") or Table({}, "community", top.faults)
    respondents = top.table("respondents")
    capacities = top.table("capacities") or Table({}, "capacities", top.faults)
    if not capacities.members:
        capacities.fault("there is no capacity", '"bots and Lua" = ["lua_modules"]')
    needs = top.table("needs")
    on = top.day("date")
    if on is None and "date" not in top:
        top.fault("this is missing", "date = 2026-03-04", "date")
    mapping = RatingsMapping(
        path=path,
        source=top.needed("source", "https://meta.wikimedia.org/wiki/…"),
        on=on or date.min,
        scale=top.needed("scale", "community_5"),
        community_column=community.needed("column", "lang"),
        community=community.needed("key", "{}wiki"),
        respondents_column=respondents.needed("column", "respondents") if respondents else "",
        capacities={name: capacities.texts(name) for name in capacities.members},
        ignore=top.texts("ignore"),
        wanted=_wanted(needs) if needs else None,
    )
    for table in (top, community, respondents, needs):
        if table is not None:
            table.finish()
    return mapping


def _wanted(table: Table) -> Wanted:
    table.asked.add("at_most")
    at_most = table.members.get("at_most")
    if type(at_most) is not int and not isinstance(at_most, Decimal):
        table.fault("this is not a number", "at_most = 2.5", "at_most")
        at_most = 0
    people = table.number("people")
    if people is None or people < 1:
        table.fault("at least one person is wanted", "people = 2", "people")
    return Wanted(
        at_most=Decimal(at_most), level=table.needed("level", "alone"), people=people or 1
    )


def _check(mapping: RatingsMapping, ontology: Ontology, faults: list[Fault]) -> None:
    scales, skills = ontology.section("scales"), ontology.section("skills")
    levels = ontology.section("levels")
    if mapping.scale and mapping.scale not in scales:
        what = f"there is no scale “{mapping.scale}”"
        faults.append(Fault(what=what, hint=near(mapping.scale, scales), column="scale"))
    if mapping.source and not mapping.source.startswith(("https://", "http://")):
        faults.append(Fault(what="this is not an address", hint="https://…", column="source"))
    if mapping.community and "{}" not in mapping.community:
        what = "the key has no place for what the column says"
        faults.append(Fault(what=what, hint="{}wiki", column="community.key"))
    if mapping.wanted and mapping.wanted.level and mapping.wanted.level not in levels:
        what = f"there is no level “{mapping.wanted.level}”"
        hint = near(mapping.wanted.level, levels)
        faults.append(Fault(what=what, hint=hint, column="needs.level"))
    taken: dict[str, str] = {}
    for capacity, keys in mapping.capacities.items():
        for key in keys:
            column = f"capacities.{capacity}"
            if key not in skills:
                what = f"there is no skill “{key}”"
                faults.append(Fault(what=what, hint=near(key, skills), column=column))
            elif key in taken:
                what = f"“{key}” stands for “{taken[key]}” already"
                faults.append(Fault(what=what, hint="another skill", column=column))
            taken.setdefault(key, capacity)


def _columns(headings: list[str], mapping: RatingsMapping) -> dict[str, int]:
    named = [mapping.community_column, *mapping.capacities, *mapping.ignore]
    if mapping.respondents_column:
        named.append(mapping.respondents_column)
    faults = [
        Fault(what=f"the table has no column “{name}”", hint=near(name, headings))
        for name in named
        if name not in headings
    ]
    faults += [
        Fault(
            what=f"nothing is said about the column {letter(at)} “{heading}”",
            hint=f'"{heading}" = ["…"] under [capacities], or ignore = ["{heading}"]',
        )
        for at, heading in enumerate(headings)
        if heading and heading not in named
    ]
    faults += [
        Fault(what=f"the column “{name}” stands twice in the table")
        for name in dict.fromkeys(headings)
        if name in named and headings.count(name) > 1
    ]
    if faults:
        raise MappingError(str(mapping.path), faults)
    return {name: headings.index(name) for name in named}


class _Reading:
    """Reads rows, and keeps what is wrong in them and where."""

    def __init__(
        self,
        mapping: RatingsMapping,
        ontology: Ontology,
        headings: list[str],
        columns: Mapping[str, int],
        faults: list[Fault],
    ) -> None:
        self.mapping, self.headings, self.columns = mapping, headings, columns
        self.faults = faults
        self.communities = ontology.section("communities")
        self.skills = ontology.section("skills")
        steps = [step.number or 0 for step in ontology.levels(mapping.scale).values()]
        self.lowest, self.highest = min(steps), max(steps)
        self.seen: dict[str, int] = {}

    def row(self, row: Row) -> Iterator[Rating]:
        if row.fault is not None:
            self.faults.append(row.fault)
            return
        cells = [clean(cell) for cell in row.cells]
        community = self.community(cells[self.columns[self.mapping.community_column]], row.number)
        respondents = self.respondents(cells, row.number)
        for name, skills in self.mapping.capacities.items():
            mean = self.mean(cells[self.columns[name]], row.number, name)
            if mean is None or not community:
                continue
            for skill in skills:
                yield Rating(
                    community=community,
                    skill=skill,
                    mean=mean,
                    scale=self.mapping.scale,
                    on=self.mapping.on,
                    source=self.mapping.source,
                    row=row.number,
                    respondents=respondents,
                )

    def fault(self, row: int, column: str, what: str, hint: str = "") -> None:
        at = self.columns[column]
        place = f"column {letter(at)} “{self.headings[at]}”"
        self.faults.append(Fault(what=what, hint=hint, row=row, column=place))

    def community(self, text: str, row: int) -> str:
        column = self.mapping.community_column
        key = self.mapping.community.replace("{}", text)
        if key not in self.communities:
            hint = near(key, self.communities) or "adding it to a file of the ontology"
            self.fault(row, column, f"there is no community {quoted(key)}", hint)
            return ""
        if key in self.seen:
            self.fault(row, column, f"“{key}” stands in row {self.seen[key]} already")
            return ""
        self.seen[key] = row
        return key

    def respondents(self, cells: list[str], row: int) -> int | None:
        column = self.mapping.respondents_column
        text = cells[self.columns[column]] if column else ""
        if not text:
            return None
        if not (text.isascii() and text.isdigit()) or len(text) > 9:
            self.fault(row, column, f"{quoted(text)} is not a number of people", "12")
            return None
        return int(text)

    def mean(self, text: str, row: int, column: str) -> Decimal | None:
        if not text:
            return None
        try:
            mean = Decimal(text if text.isascii() else "")
        except InvalidOperation:
            self.fault(row, column, f"{quoted(text)} is not a number", "digits, as in 3.25")
            return None
        if not mean.is_finite() or not self.lowest <= mean <= self.highest:
            hint = f"a number from {self.lowest} to {self.highest}"
            self.fault(row, column, f"{quoted(text)} is off the scale", hint)
            return None
        return mean


def wanted(ratings: Iterable[Rating], when: Wanted | None) -> list[Rating]:
    """List the ratings that are also needs."""
    return [rating for rating in ratings if when and rating.mean <= when.at_most]
