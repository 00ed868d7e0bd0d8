"""What KoboToolbox and ODK Central do with an XLSForm: read it with pyxform, and export answers.

What they write was read in kobotoolbox/formpack, `src/formpack/schema/fields.py`, and in
getodk/central-backend, `lib/data/briefcase.js`.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from io import BytesIO
from typing import Any, Final

from python_calamine import CalamineWorkbook

from tests.questionnaires.respondents import Respondent
from tests.questionnaires.survey_tools import Files, Words, text

_INTERESTS: Final = {"learn": "wants_to_learn", "help": "can_help", "teach": "can_teach"}
# Questions that pyxform adds for the table of levels.
_GENERATED: Final = ("reserved_name", "generated_")


@cache  # one conversion takes half a second
def xlsform_questions(content: bytes) -> list[dict[str, Any]]:
    """Return the questions of an XLSForm, as pyxform reads it, with the path of their groups."""
    from pyxform.xls2xform import convert

    warnings: list[str] = []
    converted = convert(BytesIO(content), warnings=warnings)
    found: list[dict[str, Any]] = []

    def walk(each: Any, path: tuple[str, ...]) -> None:  # noqa: ANN401 - pyxform's own classes
        for child in each.children or ():
            if child.type == "group" and child.name != "meta":
                walk(child, (*path, child.name))
            elif child.name != "meta":
                found.append({"name": child.name, "type": child.type, "path": path})

    assert converted.xform.startswith("<?xml") or "<h:html" in converted.xform
    assert warnings == []
    walk(converted._survey, ())
    return found


class _Form:
    """The names and labels of a form, in a language; without a language, names are shown."""

    def __init__(self, content: bytes, language: str) -> None:
        workbook = CalamineWorkbook.from_filelike(BytesIO(content))
        self.survey = _records(workbook.get_sheet_by_name("survey").to_python())
        self.choices = _records(workbook.get_sheet_by_name("choices").to_python())
        self.label = next(
            (each for each in self.survey[0] if language and each.endswith(f"({language})")), ""
        )
        self.shown = {row["name"]: row.get(self.label) or row["name"] for row in self.survey}
        self.offered = {
            row["name"]: self._choices(row["type"].split()[1])
            for row in self.survey
            if row["type"].startswith("select")
        }

    def _choices(self, listed: str) -> dict[str, str]:
        """Return what each choice of a list is called, by its name."""
        return {
            row["name"]: row.get(self.label) or row["name"]
            for row in self.choices
            if row["list_name"] == listed
        }


def _records(rows: Sequence[Sequence[Any]]) -> list[dict[str, str]]:
    return [dict(zip(map(str, rows[0]), map(str, row), strict=True)) for row in rows[1:]]


def kobo(
    files: Files,
    words: Words,
    people: Sequence[Respondent],
    *,
    groups: bool = False,
    labels: bool = False,
    several: str = "both",
    odk: bool = False,
) -> bytes:
    """Export answers as KoboToolbox does, with names or with `labels`, or as ODK Central.

    `several` choices are in one column (`summary`), in a column for each (`details`), or `both`.
    """
    content = files["ambassadors.xlsx"]
    form = _Form(content, words.language if labels else "")
    headings: list[str] = []
    cells: list[Callable[[Respondent], str]] = []
    for each in xlsform_questions(content):
        name, kind = each["name"], each["type"]
        if name.startswith(_GENERATED) or (odk and kind == "note"):
            continue
        path = [form.shown[part] for part in (*(each["path"] if groups else ()), name)]
        heading = ("-" if odk else "/").join(path)
        if not kind.startswith("select all") and kind != "select_multiple":
            headings.append(heading)
            cells.append(partial(_answer, name, form.offered.get(name, {})))
            continue
        offered = form.offered[name]
        if several != "details":
            headings.append(heading)
            cells.append(partial(_choices, name, offered))
        if several != "summary":
            # ODK Central knows only the choices that somebody has made.
            split = {
                choice: label
                for choice, label in offered.items()
                if not odk or any(choice in _chosen(name, one) for one in people)
            }
            headings += [f"{heading}/{label}" for label in split.values()]
            cells += [partial(_choice, name, choice) for choice in split]
    before, after, ends = _own_columns(odk=odk)
    rows = []
    for number, one in enumerate(map(Respondent.not_named, people), 1):
        time = f"{one.when:%Y-%m-%dT%H:%M:%S}"
        first = f"{time}.000Z" if odk else time
        last = [end.format(number, time=time) for end in ends]
        rows.append([first, *(cell(one) for cell in cells), *last])
    return text(
        [[*before, *headings, *after], *rows], separator="," if odk else ";", quotes=not odk
    )


def _own_columns(*, odk: bool) -> tuple[list[str], list[str], list[str]]:
    """Return the columns of the tool's own, before and after the questions, and their answers."""
    if odk:
        after = ["meta-instanceID", "KEY", "SubmitterID", "FormVersion"]
        return ["SubmissionDate"], after, ["uuid:1", "uuid:{}", "7", "1"]
    after = ["_id", "_uuid", "_submission_time", "_status", "_index"]
    return ["start"], after, ["{}", "b9a7", "{time}", "submitted_via_web", "1"]


def odk(
    files: Files, words: Words, people: Sequence[Respondent], *, several: str, groups: bool
) -> bytes:
    """Export answers as ODK Central does, which has names only."""
    return kobo(files, words, people, groups=groups, odk=True, several=several)


def _chosen(name: str, person: Respondent) -> tuple[str, ...]:
    """Return the choices of a question with several; those of `areas` are what was answered."""
    interest = _INTERESTS.get(name.partition("_")[0])
    return person.interests.get(interest, ()) if interest else ("page_2",)


def _choices(name: str, offered: dict[str, str], person: Respondent) -> str:
    chosen = _chosen(name, person)
    return " ".join(label for choice, label in offered.items() if choice in chosen)


def _choice(name: str, choice: str, person: Respondent) -> str:
    return str(int(choice in _chosen(name, person)))


def _answer(name: str, offered: dict[str, str], person: Respondent) -> str:
    said = _said(name, person)
    return offered.get(said, said)


def _said(name: str, person: Respondent) -> str:
    if name in person.levels:
        return person.levels[name]
    before, _, number = name.rpartition("_")
    at = int(number) - 1 if number.isdigit() else 0
    pair = person.languages[at] if at < len(person.languages) else ("", "")
    answers = {
        "wiki_account": person.username, "consent": person.consent, "pseudonym": person.pseudonym,
        "another_skill": person.another_skill, **person.facts,
    }  # fmt: skip
    if before == "language":
        return pair[0]
    if before == "babel_level":
        return pair[1]
    return "wbsambassadorsv1" if name.startswith("wbs") else answers.get(name, "")
