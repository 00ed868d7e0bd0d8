"""XLSForm: a workbook that KoboToolbox, ODK and Ona read, with all languages.

The sheets `survey`, `choices` and `settings`, as xlsform.org describes them; pyxform, which these
tools use themselves, checks it in the tests. Names are keys of the ontology, so an export with
names (“XML values and headers”) needs no table of answers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from typing import Final

from wbskills.ontology.entries import Entry, Ontology
from wbskills.questionnaires.export.export_format import AnswerColumns, ExportFile, ExportFormat
from wbskills.questionnaires.export.wording import explained, fact_choices, level_choices
from wbskills.questionnaires.schema import Page, Questionnaire, Texts
from wbskills.surveys.files.columns import SurveyColumn

_NAMES: Final = {
    "ar": "العربية", "de": "Deutsch", "en": "English", "es": "Español", "fr": "Français",
}  # fmt: skip
_INTERESTS: Final = {"wants_to_learn": "learn", "can_help": "help", "can_teach": "teach"}
_AGREED: Final = (
    "selected(${consent}, 'consent_named') or selected(${consent}, 'consent_pseudonym')"
)
_PSEUDONYM: Final = "selected(${consent}, 'consent_pseudonym')"

_Row = dict[str, str]


class XlsForm(ExportFormat):
    """An XLSForm for KoboToolbox, ODK Central and Ona."""

    name = "xlsform"
    title = "KoboToolbox, ODK, Ona (XLSForm)"
    read_as = "kobo"
    next_steps = (
        "KoboToolbox: New → Upload an XLSForm. ODK Central: upload it as the form's definition.",
        "Deploy or publish the form. Turn off metadata such as the device id.",
        "Afterwards: download the answers as CSV or XLSX, with “XML values and headers”.",
        "wbskills survey plan export.csv",
    )

    def files(self, questionnaire: Questionnaire, ontology: Ontology) -> Iterator[ExportFile]:
        """Yield one workbook."""
        yield ExportFile(f"{questionnaire.name}.xlsx", _Form(questionnaire, ontology).workbook())

    def columns(
        self,
        questionnaire: Questionnaire,
        ontology: Ontology,  # noqa: ARG002  # keys are names
        language: str,  # noqa: ARG002  # names are the same in all
    ) -> AnswerColumns:
        """Return the columns by the names of the questions, without their groups."""
        skills = {skill: skill for page in questionnaire.pages for skill in page.skills}
        return AnswerColumns(
            tool=self.read_as,
            consent="consent",
            username="wiki_account",
            pseudonym="pseudonym" if questionnaire.pseudonym else "",
            submitted="_submission_time",
            levels=skills,
            interest_cells={
                interest: {
                    f"{_INTERESTS[interest]}_{number}": {skill: skill for skill in page.skills}
                    for number, page in enumerate(questionnaire.pages, 1)
                }
                for interest in questionnaire.interests
            },
            between=" ",
            another_skill="another_skill" if questionnaire.another_skill else "",
            languages=tuple(
                (f"language_{number}", f"babel_level_{number}")
                for number in range(1, questionnaire.most_languages + 1)
                if "languages" in questionnaire.facts
            ),
            facts={
                fact: fact
                for fact in ("home_community", "time_zone", "availability")
                if fact in questionnaire.facts
            },
            wordings={"consent": {kind: kind for kind in questionnaire.consent.answers}},
            ignore=(questionnaire.mark,),
        )

    def fitted(self, columns: AnswerColumns, found: Sequence[SurveyColumn]) -> AnswerColumns:
        """Put the groups before the names, as the export has them: `page_1/lua_modules`."""
        paths = {_last(column.heading): column.heading for column in found}
        choices = [column.heading for column in found if _last(column.heading) in columns.levels]

        def path(name: str) -> str:
            return paths.get(name, name)

        # KoboToolbox also writes a column for each choice, which is called like the skill.
        beside = {
            _last(heading): heading
            for heading in reversed(choices)
            if not _is_choice(heading, columns)
        }
        columns = replace(
            columns,
            consent=path(columns.consent),
            username=path(columns.username),
            pseudonym=path(columns.pseudonym),
            another_skill=path(columns.another_skill),
            levels={skill: beside.get(name, name) for skill, name in columns.levels.items()},
            interest_cells={
                interest: {path(name): known for name, known in cells.items()}
                for interest, cells in columns.interest_cells.items()
            },
            languages=tuple((path(one), path(level)) for one, level in columns.languages),
            facts={fact: path(name) for fact, name in columns.facts.items()},
            ignore=(
                *map(path, columns.ignore),
                *(heading for heading in choices if _is_choice(heading, columns)),
            ),
        )
        return super().fitted(columns, found)


def _last(heading: str) -> str:
    """Return the name of a question without its groups.

    >>> _last("page_1/lua_modules"), _last("page_1-lua_modules"), _last("consent")
    ('lua_modules', 'lua_modules', 'consent')
    """
    return heading.replace("-", "/").rpartition("/")[2]


def _is_choice(heading: str, columns: AnswerColumns) -> bool:
    before = heading.rpartition("/")[0]
    cells = {name for cells in columns.interest_cells.values() for name in cells}
    return _last(before) in {_last(name) for name in cells}


class _Form:
    """Collects the rows of the sheets of one form."""

    def __init__(self, questionnaire: Questionnaire, ontology: Ontology) -> None:
        self.questionnaire, self.ontology = questionnaire, ontology
        self.survey: list[_Row] = []
        self.choices: list[_Row] = []

    def workbook(self) -> bytes:
        asked = self.questionnaire
        self._add("calculate", asked.mark, calculation=f"'{asked.mark}'")
        self._add("note", "introduction", asked.introduction)
        self._add("note", "consent_text", asked.consent.text)
        self._list("consents", asked.consent.answers)
        self._add("select_one consents", "consent", asked.consent.question, required="yes")
        self._add("text", "wiki_account", asked.username, required="yes", relevant=_AGREED)
        if asked.pseudonym:
            self._add("text", "pseudonym", asked.pseudonym, required="yes", relevant=_PSEUDONYM)
        levels = level_choices(asked, self.ontology)
        self._list("levels", self._labels(levels))
        for number, page in enumerate(asked.pages, 1):
            self._page(number, page, levels)
        self._person()
        self._add("note", "thanks", asked.thanks)
        return self._write()

    def _page(self, number: int, page: Page, levels: Mapping[str, Entry]) -> None:
        asked = self.questionnaire
        self._add("begin_group", f"page_{number}", page.title, relevant=_AGREED)
        sentences = {
            language: " · ".join(explained(levels, language)) for language in asked.languages
        }
        self._add("note", f"levels_{number}", sentences)
        self._add("begin_group", f"how_well_{number}", asked.level, appearance="table-list")
        names = self._labels({skill: self.ontology.entries[skill] for skill in page.skills})
        for skill, texts in names.items():
            self._add("select_one levels", skill, texts)
        self._add("end_group")
        self._list(f"skills_{number}", names)
        for interest, texts in asked.interests.items():
            name = f"{_INTERESTS[interest]}_{number}"
            self._add(f"select_multiple skills_{number}", name, texts)
        self._add("end_group")

    def _person(self) -> None:
        asked = self.questionnaire
        if asked.another_skill:
            self._add(
                "text",
                "another_skill",
                asked.another_skill,
                appearance="multiline",
                relevant=_AGREED,
            )
        for fact in ("home_community", "time_zone", "availability"):
            if fact in asked.facts:
                self._fact(fact, fact, asked.facts[fact])
        for number in range(1, asked.most_languages + 1):
            for fact, name in (("languages", "language"), ("babel_level", "babel_level")):
                if fact in asked.facts:
                    texts = {
                        language: f"{text} ({number})"
                        for language, text in asked.facts[fact].items()
                    }
                    self._fact(fact, f"{name}_{number}", texts)

    def _fact(self, fact: str, name: str, texts: Texts) -> None:
        choices = fact_choices(self.ontology, fact)
        if not choices:
            self._add("text", name, texts, relevant=_AGREED)
            return
        if all(row["list_name"] != fact for row in self.choices):
            self._list(fact, self._labels(choices))
        self._add(f"select_one {fact}", name, texts, appearance="minimal", relevant=_AGREED)

    def _labels(self, entries: Mapping[str, Entry]) -> dict[str, Texts]:
        languages = self.questionnaire.languages
        return {
            key: {language: entry.terms.label(language) for language in languages}
            for key, entry in entries.items()
        }

    def _add(self, kind: str, name: str = "", texts: Texts | None = None, **more: str) -> None:
        self.survey.append({"type": kind, "name": name, **self._texts(texts or {}), **more})

    def _list(self, name: str, choices: Mapping[str, Texts]) -> None:
        self.choices += [
            {"list_name": name, "name": key, **self._texts(texts)}
            for key, texts in choices.items()
        ]

    def _texts(self, texts: Texts) -> _Row:
        return {f"label::{_language(language)}": text for language, text in texts.items()}

    def _write(self) -> bytes:
        from xlsxwriter import Workbook

        asked = self.questionnaire
        settings = {
            "form_title": asked.title[asked.languages[0]],
            "form_id": asked.mark,
            "version": str(asked.version),
            "default_language": _language(asked.languages[0]),
        }
        content = BytesIO()
        # Texts stay texts: no formula, no link.
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with Workbook(content, options) as workbook:
            for name, rows in (
                ("survey", self.survey), ("choices", self.choices), ("settings", [settings]),
            ):  # fmt: skip
                sheet = workbook.add_worksheet(name)
                headings = list(dict.fromkeys(heading for row in rows for heading in row))
                sheet.write_row(0, 0, headings)
                for number, row in enumerate(rows, 1):
                    for at, heading in enumerate(headings):
                        sheet.write_string(number, at, row.get(heading, ""))
        return content.getvalue()


def _language(code: str) -> str:
    return f"{_NAMES.get(code, code)} ({code})"
