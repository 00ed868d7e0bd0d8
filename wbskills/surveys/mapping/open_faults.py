"""Describing the open questions of a mapping: examples and counts of a file, and the choices."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from wbskills.errors import Fault, Faults
from wbskills.ontology.entries import Ontology
from wbskills.surveys.files.cell_text import clean, counted, cut, key
from wbskills.surveys.files.columns import SurveyColumn
from wbskills.surveys.files.rows import Row
from wbskills.surveys.mapping.item_names import names_of
from wbskills.surveys.mapping.open_points import OpenPoint, Path
from wbskills.surveys.mapping.question_columns import ColumnLookup
from wbskills.surveys.mapping.schema import WITHHELD

_SHOWN: Final = 3
_WHAT: Final = {
    "label": "what is this wave called?",
    "start": "on which day did the wave start?",
    "end": "on which day did the wave end?",
    "date": "on which day were the answers given?",
    "format": "how are days written, for example %d/%m/%Y?",
    "license": "what is the address of the licence under which the answers were published?",
    "prefix": "what do pseudonyms begin with? Of no other survey, for example survey-2026-",
    "property": "usernames of wiki accounts (no real names), or pseudonyms?",
    "chosen": "what does a tick mean?",
    "consent": "on which ground may the answers be published?",
}
_LONGEST: Final = 60
_MOST_COUNTED: Final = 1_000  # different answers of a column


def open_faults(
    points: Sequence[OpenPoint],
    columns: Sequence[SurveyColumn],
    rows: Iterable[Row],
    ontology: Ontology,
) -> list[Fault]:
    """Describe open questions as faults, with examples and counts from the rows of a file.

    Nothing of columns with personal data is shown.
    """
    lookup = ColumnLookup([each for each in columns if not each.role.personal], Faults())
    found = {point.path: _found(lookup, point.columns) for point in points}
    wanted = {column.index: column for group in found.values() for column in group}
    counts: dict[int, Counter[str]] = {index: Counter() for index in wanted}
    for row in rows:
        for index, counter in counts.items():
            text = clean(row.cells[index])
            if text and (len(counter) < _MOST_COUNTED or text in counter):
                counter[text] += 1
    return [_fault(point, found[point.path], counts, ontology) for point in points]


def choices_of(path: Path, ontology: Ontology) -> list[str]:
    """List what an open question may be answered with; empty if it is a text or a day."""
    first, last = path[0], path[-2] if len(path) > 1 else ""
    if last == "answers" or path[-1] in ("chosen", "not_chosen", "level"):
        if first in ("consent", "answers"):
            return [*ontology.section("consents"), WITHHELD] if first == "consent" else []
        if first == "languages":
            return list(ontology.levels("babel"))
        if first == "interests":
            return list(ontology.section("interests"))
        own = {**ontology.levels("self_5"), **ontology.outside("self_5")}
        return list(own) if first in ("questions", "others") else []
    if path == ("identity", "property"):
        return ["wikimedia_username", "pseudonym"]
    return list(ontology.section("consents")) if path == ("consent",) else []


def _found(lookup: ColumnLookup, names: Iterable[str]) -> list[SurveyColumn]:
    found: dict[int, SurveyColumn] = {}
    for name in names:
        columns = lookup.named(name) or [each.column for each in lookup.matching(name)]
        found |= {column.index: column for column in columns}
    return list(found.values())


def _fault(
    point: OpenPoint,
    columns: Sequence[SurveyColumn],
    counts: Mapping[int, Counter[str]],
    ontology: Ontology,
) -> Fault:
    table = point.path[-2] if len(point.path) > 1 else ""
    subject = cut(clean(point.subject), _LONGEST)
    choices = choices_of(point.path, ontology)
    if table in ("skills", "languages"):
        kind = str(table)[:-1]
        near = names_of(ontology, str(table)).nearest(point.subject, _SHOWN)
        total = sum((counts[each.index] for each in columns), Counter[str]())
        common = [each for each in total.most_common(_SHOWN) if each[1] > 1]
        shown = ", ".join(f"{answer} ({count})" for answer, count in common)
        what = f"which {kind} is “{subject}”?{f' Its answers: {shown}' if shown else ''}"
        hint = f'write the key of a {kind}, for example "{point.subject}" = "{near[0]}"'
        if len(near) > 1:
            hint += f" (near: {', '.join(near)})"
        return Fault(what=what, hint=f'{hint}; "" ignores it', column=point.place)
    if table == "answers" or str(table).startswith("answers"):
        count, where = _count(point.subject, columns, counts)
        what = f"what does “{subject}” mean? {counted(count, 'answer')}{where}"
    else:
        what = _WHAT.get(point.subject) or _WHAT.get(str(table), "this is a question for you")
        if columns and point.subject in ("chosen", "property"):
            what = f"{columns[0]}: {what}"
    if choices:
        hint = f"write one of {', '.join(choices)} in place of “?”"
    else:
        hint = "write what it is in place of “?”"
    return Fault(what=what, hint=hint, column=point.place)


def _count(
    answer: str, columns: Sequence[SurveyColumn], counts: Mapping[int, Counter[str]]
) -> tuple[int, str]:
    """Count an answer in some columns; also returns where it is, for a message."""
    wanted = key(answer)
    having = {
        column: sum(number for text, number in counts[column.index].items() if key(text) == wanted)
        for column in columns
    }
    total = sum(having.values())
    first = next((column for column, number in having.items() if number), None)
    if first is None:
        return total, ""
    more = sum(1 for number in having.values() if number) - 1
    return total, f", in {first}" + (f" and {counted(more, 'other column')}" if more else "")
