"""What a report site is made from: the saved queries are asked, and their answers gathered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from wbskills.errors import WbskillsError
from wbskills.memory import gc_paused
from wbskills.ontology.entries import Ontology
from wbskills.private_records.traces import Traces
from wbskills.query.saved import SavedQuery
from wbskills.report.content import Content
from wbskills.report.facts import CONTRACT
from wbskills.report.overview import CommonBounds, RobustnessBounds
from wbskills.report.people_pages import Interests
from wbskills.report.translation import Translation
from wbskills.table import Column, Iri, Table
from wbskills.tasks.publishing import make_sure_it_is_ours, publish, take_down
from wbskills.tasks.questions import Questions, saved_queries
from wbskills.wikibase.interface import Wikibase

_LEVEL: Final = "alone"  # from here on somebody counts as able

# Everything the site asks. What is common enough for a baseline is for that question to say.
_QUESTIONS: Final = {
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
_AWAY: Final = "away"  # who is not to be asked now
_DEMANDS: Final = "baseline_gap_person"  # of anybody: what is asked of one is asked of all
_FAULTS: Final = "data_quality"
_UNASKED: Final = "no_consent"  # the rule that somebody has to have agreed
_YEAR: Final = timedelta(days=365)  # from this age on an answer is due to be asked again


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions:
    """Options of a report: its title, a notice on top of every page, its language.

    Without a title it has the usual one in its language. If `least` is above 0, nobody is named,
    and no number is told, or can be worked out, that counts fewer people.
    """

    title: str = ""
    notice: str = ""
    language: str = "en"
    least: int = 0


def build_report(
    wikibase: Wikibase,
    ontology: Ontology,
    folder: Path,
    *,
    options: ReportOptions,
    built: datetime,
    traces: Traces | None = None,
) -> int:
    """Build the site in a folder; gives the number of its files.

    The folder is replaced as a whole once everything has been written, so that a report that
    failed never takes the place of a good one. Raises `WbskillsError` if it holds other things,
    and if somebody was forgotten since the questions were asked: `traces` tell.
    """
    make_sure_it_is_ours(folder)
    traces = traces or Traces(None)
    state = traces.state()

    def allowed() -> None:
        if traces.state() != state:
            raise WbskillsError(
                "somebody was forgotten while this report was being built; it is not published",
                hint="the same command again",
            )

    content = report_content(wikibase, ontology, options=options, built=built)
    count = publish(content, folder, allowed=allowed)
    try:
        allowed()
    except WbskillsError:
        take_down(folder)  # it took its place at the very moment
        raise
    return count


def report_content(
    wikibase: Wikibase, ontology: Ontology, *, options: ReportOptions, built: datetime
) -> Content:
    """Ask all that a report shows. Raises `WbskillsError` if the Wikibase cannot answer."""
    questions = Questions(wikibase, ontology, language=options.language)
    tables: dict[str, Table] = {}
    texts: dict[str, str] = {}
    notes: dict[str, str] = {}
    saved = saved_queries()
    with gc_paused():
        for name, given in _QUESTIONS.items():
            values = given | _further(saved[name], built)
            tables[name] = questions.ask(name, values)
            texts[name] = questions.show(name, values)
            notes[name] = saved[name].reading
        tables[_FAULTS] = _unlisted(tables[_FAULTS])
        tables[_DEMANDS] = _demands(questions, tables["people"])
    level = ontology.entries[_LEVEL]
    counted = {
        name: ontology.entries[key].terms.label(options.language)
        for name, given in _QUESTIONS.items()
        if (key := given.get("level") or _defaults(saved[name]).get("level"))
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
        queries=texts,
        notes=notes,
        notice=options.notice,
        language=options.language,
        away=ontology.entries[_AWAY].terms.label(options.language),
        interests=Interests(**labels),
        robustness=_robustness_bounds(saved["robustness"]),
        common=_common_bounds(saved["baseline"], counted["baseline"]),
        counted=counted,
        withhold_below=options.least,
    )


def _unlisted(faults: Table) -> Table:
    """Count who is there without a consent, and do not list them: a report is for everybody."""
    at = [column.name for column in faults.columns].index("check")
    rows = (
        tuple(cell if place == at else None for place, cell in enumerate(row))
        if row[at] == _UNASKED
        else row
        for row in faults.rows
    )
    return Table(faults.columns, tuple(rows))


def _demands(questions: Questions, people: Table) -> Table:
    """Ask what the adopted baseline asks for; of nobody it asks nothing."""
    for row in people:
        if isinstance(person := row["person"], Iri):
            return _only(questions.ask(_DEMANDS, {"person": person.id}), CONTRACT[_DEMANDS])
    return Table(tuple(Column(name, name) for name in CONTRACT[_DEMANDS]), ())


def _only(table: Table, names: Sequence[str]) -> Table:
    """Leave all other columns out: those about a person, as nobody in particular is meant."""
    columns = {column.name: column for column in table.columns}
    rows = zip(*(table.column(name) for name in names), strict=True)
    return Table(tuple(columns[name] for name in names), tuple(rows))


def _further(saved: SavedQuery, built: datetime) -> dict[str, str]:
    """Give what a question is asked with that depends on the report."""
    if saved.name == "stale":
        return {"day": str(built.date() - _YEAR)}
    return {}


def _robustness_bounds(robustness: SavedQuery) -> RobustnessBounds:
    """Take the thresholds of robustness from the query, so that they stand in one place."""
    defaults = _defaults(robustness)
    return RobustnessBounds(int(defaults["thin"] or 0), int(defaults["sound"] or 0))


def _common_bounds(baseline: SavedQuery, level: str) -> CommonBounds:
    """Take from the query from where on a skill is common."""
    defaults = _defaults(baseline)
    return CommonBounds(level, Decimal(defaults["share"] or 0), int(defaults["people"] or 0))


def _defaults(saved: SavedQuery) -> dict[str, str]:
    return {param.name: param.default for param in saved.params}
