"""Ratings that communities gave themselves: a table of means, and what its columns mean.

The table has a row for each community and a column for each capacity. The mapping states which
skills each capacity means, on which scale it was rated, and where the table comes from.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from wbskills.errors import Faults, MappingError, NotFound, SurveyError
from wbskills.names import did_you_mean
from wbskills.ontology.entries import Ontology
from wbskills.surveys.files.cell_text import clean, quoted
from wbskills.surveys.files.columns import letter
from wbskills.surveys.files.rows import Row, open_file
from wbskills.toml_reader import TomlTable, open_toml


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """What a community said of itself about one skill: a mean on a scale.

    `community`, `skill` and `scale` are keys of the ontology. `respondents` is None where the
    table does not show it. `row` is the row of the table as a spreadsheet counts.
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
class NeedRule:
    """When a rating is also a need: at which mean or below, for how many people at what level."""

    at_most: Decimal
    level: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingsMapping:
    """What the columns of a table of ratings mean.

    `community` is the key of a community with {} for the content of its column. `capacities` maps
    the heading of each column to the skills that it means.
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
    needs: NeedRule | None = None


def load(path: Path, ontology: Ontology) -> RatingsMapping:
    """Read a mapping, and check it against the ontology.

    Raises `NotFound` if there is no such file, `MappingError` with all its faults.
    """
    if not path.is_file():
        raise NotFound(f"mapping file not found: {path}", hint="copy the one in ontology/declared")
    top = open_toml(path, MappingError, parse_float=Decimal)
    mapping = _mapping(top, path)
    _check_mapping(mapping, ontology, top.faults)
    if top.faults:
        raise MappingError(str(path), top.faults)
    return mapping


def read(file: Path, mapping: RatingsMapping, ontology: Ontology) -> list[Rating]:
    """Read a table of ratings; an empty cell is no rating.

    Raises `SurveyError` with everything that is wrong in the table, `MappingError` if it does not
    have the columns of the mapping.
    """
    opened = open_file(file)
    headings = [clean(cell) for cell in opened.top_cells[0]]
    columns = _columns(headings, mapping)
    reader = _RatingsReader(mapping, ontology, headings, columns)
    ratings = [
        rating
        for row in opened.rows(1, len(headings), len(headings))
        for rating in reader.ratings(row)
    ]
    if reader.faults:
        raise SurveyError(str(file), reader.faults)
    return ratings


def needs(ratings: Iterable[Rating], rule: NeedRule) -> list[Rating]:
    """List the ratings that are also needs."""
    return [rating for rating in ratings if rating.mean <= rule.at_most]


def _mapping(top: TomlTable, path: Path) -> RatingsMapping:
    top.text("title")
    community = top.table("community") or TomlTable({}, "community", top.faults)
    respondents = top.table("respondents")
    capacities = top.table("capacities") or TomlTable({}, "capacities", top.faults)
    if not capacities.members:
        capacities.fault("there is no capacity", 'add "bots and Lua" = ["lua_modules"]')
    need = top.table("needs")
    on = top.day("date")
    if on is None and "date" not in top:
        top.fault("this is missing", "add date = 2026-03-04", "date")
    mapping = RatingsMapping(
        path=path,
        source=top.required_text("source", "https://meta.wikimedia.org/wiki/…"),
        on=on or date.min,
        scale=top.required_text("scale", "community_5"),
        community_column=community.required_text("column", "lang"),
        community=community.required_text("key", "{}wiki"),
        respondents_column=(
            respondents.required_text("column", "respondents") if respondents else ""
        ),
        capacities={name: capacities.texts(name) for name in capacities.members},
        ignore=top.texts("ignore"),
        needs=_need_rule(need) if need else None,
    )
    for table in (top, community, respondents, need):
        if table is not None:
            table.finish()
    return mapping


def _need_rule(table: TomlTable) -> NeedRule:
    at_most = table.raw("at_most")
    if type(at_most) is not int and not isinstance(at_most, Decimal):
        table.fault("this is not a number", "write at_most = 2.5", "at_most")
        at_most = 0
    people = table.integer("people")
    if people is None or people < 1:
        table.fault("this must be at least 1", "write people = 2", "people")
    return NeedRule(
        at_most=Decimal(at_most), level=table.required_text("level", "alone"), people=people or 1
    )


def _check_mapping(mapping: RatingsMapping, ontology: Ontology, faults: Faults) -> None:
    def check_key(value: str, section: str, kind: str, column: str) -> bool:
        known = ontology.section(section)
        if value not in known:
            faults.add(f"there is no {kind} “{value}”", did_you_mean(value, known), column=column)
        return value in known

    if mapping.scale:
        check_key(mapping.scale, "scales", "scale", "scale")
    if mapping.source and not mapping.source.startswith(("https://", "http://")):
        faults.add("this is not a web address", "write https://…", column="source")
    if mapping.community and "{}" not in mapping.community:
        what = "the key has no place for the content of the column"
        faults.add(what, 'write key = "{}wiki"', column="community.key")
    if mapping.needs and mapping.needs.level:
        check_key(mapping.needs.level, "levels", "level", "needs.level")
    capacity_of: dict[str, str] = {}
    for capacity, skills in mapping.capacities.items():
        for skill in skills:
            column = f"capacities.{capacity}"
            if check_key(skill, "skills", "skill", column) and skill in capacity_of:
                what = f"“{skill}” is already what “{capacity_of[skill]}” means"
                faults.add(what, "use another skill", column=column)
            capacity_of.setdefault(skill, capacity)


def _columns(headings: Sequence[str], mapping: RatingsMapping) -> dict[str, int]:
    named = [mapping.community_column, *mapping.capacities, *mapping.ignore]
    if mapping.respondents_column:
        named.append(mapping.respondents_column)
    faults = Faults()
    for name in named:
        if name not in headings:
            faults.add(f"the table has no column “{name}”", did_you_mean(name, headings))
    for index, heading in enumerate(headings):
        if heading and heading not in named:
            faults.add(
                f"the mapping does not mention the column {letter(index)} “{heading}”",
                f'add "{heading}" = ["…"] under [capacities], or ignore = ["{heading}"]',
            )
    for name in dict.fromkeys(headings):
        if name in named and headings.count(name) > 1:
            faults.add(f"the table has two columns “{name}”")
    if faults:
        raise MappingError(str(mapping.path), faults)
    return {name: headings.index(name) for name in named}


class _RatingsReader:
    """Reads the rows of a table, and collects its faults."""

    def __init__(
        self,
        mapping: RatingsMapping,
        ontology: Ontology,
        headings: Sequence[str],
        columns: Mapping[str, int],
    ) -> None:
        self.mapping, self.headings, self.columns = mapping, headings, columns
        self.faults = Faults()
        self.communities = ontology.section("communities")
        steps = [step.number or 0 for step in ontology.levels(mapping.scale).values()]
        self.lowest, self.highest = min(steps), max(steps)
        self.rows: dict[str, int] = {}  # of each community

    def ratings(self, row: Row) -> Iterator[Rating]:
        if row.fault is not None:
            self.faults.append(row.fault)
            return
        cells = [clean(cell) for cell in row.cells]
        community = self._community(cells, row.number)
        respondents = self._respondents(cells, row.number)
        for name, skills in self.mapping.capacities.items():
            mean = self._mean(cells[self.columns[name]], row.number, name)
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

    def _community(self, cells: Sequence[str], row: int) -> str:
        column = self.mapping.community_column
        key = self.mapping.community.replace("{}", cells[self.columns[column]])
        if key not in self.communities:
            hint = did_you_mean(key, self.communities) or "add it to a file of the ontology"
            self._fault(row, column, f"there is no community {quoted(key)}", hint)
            return ""
        if key in self.rows:
            self._fault(row, column, f"“{key}” is already in row {self.rows[key]}")
            return ""
        self.rows[key] = row
        return key

    def _respondents(self, cells: Sequence[str], row: int) -> int | None:
        column = self.mapping.respondents_column
        text = cells[self.columns[column]] if column else ""
        if not text:
            return None
        if not (text.isascii() and text.isdigit()) or len(text) > 9:
            what = f"{quoted(text)} is not a number of people"
            self._fault(row, column, what, "write a number such as 12")
            return None
        return int(text)

    def _mean(self, text: str, row: int, column: str) -> Decimal | None:
        if not text:
            return None
        try:
            mean = Decimal(text if text.isascii() else "")
        except InvalidOperation:
            what = f"{quoted(text)} is not a number"
            self._fault(row, column, what, "write digits, for example 3.25")
            return None
        if not mean.is_finite() or not self.lowest <= mean <= self.highest:
            hint = f"use a number from {self.lowest} to {self.highest}"
            self._fault(row, column, f"{quoted(text)} is not on the scale", hint)
            return None
        return mean

    def _fault(self, row: int, column: str, what: str, hint: str = "") -> None:
        index = self.columns[column]
        place = f"column {letter(index)} “{self.headings[index]}”"
        self.faults.add(what, hint, row=row, column=place)
