"""Building a report site from the results of saved queries."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from wbskills.bulk import gc_paused
from wbskills.errors import WbskillsError
from wbskills.ontology.entries import Ontology
from wbskills.private_records.traces import Traces
from wbskills.query.saved import SavedQuery
from wbskills.report.content import Content
from wbskills.report.facts import CONTRACT
from wbskills.report.overview import CommonBounds, RobustnessBounds
from wbskills.report.people_pages import Interests
from wbskills.report.translation import Translation
from wbskills.results import Answer
from wbskills.table import Column, Iri, Table
from wbskills.tasks.publishing import publish, refuse_other_files, take_down
from wbskills.tasks.queries import QueryRunner
from wbskills.wikibase.interface import Wikibase

_LEVEL: Final = "alone"  # from here on people count as having the skill

# The queries of the site, with their values.
_QUERIES: Final = {
    "coverage": {"level": _LEVEL},
    "baseline": {},
    "rare_skills": {"level": _LEVEL},
    "capacity_map": {"level": _LEVEL},
    "people": {},
    "person_profile": {},
    "responses_per_wave": {},
    "communities": {},
    "endorsements": {},
    "change": {"level": _LEVEL},
    "needs": {"level": _LEVEL},
    "declared_capacity": {"level": _LEVEL},
    "candidates": {"level": _LEVEL},
    "robustness": {"level": _LEVEL},
    "stale": {},
    "freshness": {},
    "at_risk": {"level": _LEVEL},
    "languages": {"level": _LEVEL},
    "baseline_gap": {},
    "capacity_map_groups": {"level": _LEVEL},
    "data_quality": {},
}
_AWAY: Final = "away"
_BASELINE: Final = "baseline_gap_person"  # about any person: the baseline is the same for all
_PROBLEMS: Final = "data_quality"
_NO_CONSENT: Final = "no_consent"  # the check of `data_quality` whose people are not listed
_YEAR: Final = timedelta(days=365)  # from this age on, an answer is old


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions:
    """Options of a report: its title, a notice at the top of every page, its language.

    Without a title it has the usual one in its language. If `withhold_below` is above 0, nobody is
    named, and every number about fewer people is hidden and cannot be worked out.
    """

    title: str = ""
    notice: str = ""
    language: str = "en"
    withhold_below: int = 0


def build_report(
    wikibase: Wikibase,
    ontology: Ontology,
    folder: Path,
    *,
    options: ReportOptions,
    built: datetime,
    traces: Traces | None = None,
) -> int:
    """Build the site in a folder; returns the number of its files.

    The folder is replaced as a whole once everything has been written, so that a failed report
    never replaces a good one. Raises `WbskillsError` if the folder has other files, and if a
    person was forgotten meanwhile, which `traces` show.
    """
    refuse_other_files(folder)
    traces = traces or Traces(None)
    state = traces.state()

    def allowed() -> None:
        if traces.state() != state:
            raise WbskillsError(
                "a person was removed while this report was being built, so it was not published",
                hint="run the same command again",
            )

    content = report_content(wikibase, ontology, options=options, built=built)
    count = publish(content, folder, allowed=allowed)
    try:
        allowed()
    except WbskillsError:
        take_down(folder)  # it was published at that very moment
        raise
    return count


def report_content(
    wikibase: Wikibase, ontology: Ontology, *, options: ReportOptions, built: datetime
) -> Content:
    """Run all queries of a report. Raises `WbskillsError` if the Wikibase cannot answer."""
    runner = QueryRunner(wikibase, ontology, language=options.language)
    answers: dict[str, Answer] = {}
    with gc_paused():
        for name, values in _QUERIES.items():
            dated = {"day": str(built.date() - _YEAR)} if name == "stale" else {}
            answers[name] = runner.ask(name, values | dated)
        tables = {name: answer.table for name, answer in answers.items()}
        tables[_PROBLEMS] = _without_people(tables[_PROBLEMS])
        tables[_BASELINE] = _baseline(runner, tables["people"])
    saved = {name: answer.query for name, answer in answers.items()}
    level = ontology.entries[_LEVEL]
    counted = {
        name: ontology.entries[key].terms.label(options.language)
        for name, values in _QUERIES.items()
        if (key := values.get("level") or _defaults(saved[name]).get("level"))
    }
    labels = {
        key: ontology.entries[key].terms.label(options.language) for key in Interests._fields
    }
    return Content(
        title=options.title or Translation(options.language).plain("site.title"),
        built=built,
        revision=wikibase.revision(),
        level=level.terms.label(options.language),
        level_number=level.number or 0,
        levels=tuple(
            step.terms.label(options.language)
            for step in ontology.levels(str(level.fact("part_of"))).values()
        ),
        tables=tables,
        queries={name: answer.sparql for name, answer in answers.items()},
        notes={name: query.reading for name, query in saved.items()},
        notice=options.notice,
        language=options.language,
        away=ontology.entries[_AWAY].terms.label(options.language),
        interests=Interests(**labels),
        robustness=_robustness_bounds(saved["robustness"]),
        common=_common_bounds(saved["baseline"], counted["baseline"]),
        counted=counted,
        withhold_below=options.withhold_below,
    )


def _without_people(problems: Table) -> Table:
    """Count people without consent, and do not list them: anyone may read a report."""
    at = [column.name for column in problems.columns].index("check")
    rows = (
        tuple(cell if place == at else None for place, cell in enumerate(row))
        if row[at] == _NO_CONSENT
        else row
        for row in problems.rows
    )
    return Table(problems.columns, tuple(rows))


def _baseline(runner: QueryRunner, people: Table) -> Table:
    """Run the query for the skills of the baseline; the columns about a person are left out."""
    names = CONTRACT[_BASELINE]
    for row in people:
        if isinstance(person := row["person"], Iri):
            table = runner.ask(_BASELINE, {"person": person.id}).table
            columns = {column.name: column for column in table.columns}
            rows = zip(*(table.column(name) for name in names), strict=True)
            return Table(tuple(columns[name] for name in names), tuple(rows))
    return Table(tuple(Column(name, name) for name in names), ())


def _robustness_bounds(robustness: SavedQuery) -> RobustnessBounds:
    defaults = _defaults(robustness)
    return RobustnessBounds(int(defaults["thin"] or 0), int(defaults["sound"] or 0))


def _common_bounds(baseline: SavedQuery, level: str) -> CommonBounds:
    defaults = _defaults(baseline)
    return CommonBounds(level, Decimal(defaults["share"] or 0), int(defaults["people"] or 0))


def _defaults(saved: SavedQuery) -> dict[str, str]:
    return {param.name: param.default for param in saved.params}
