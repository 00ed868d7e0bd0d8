"""XLSForm: a workbook that KoboToolbox, ODK and Ona read, with all languages.

The sheets `survey`, `choices` and `settings`, as xlsform.org describes them; pyxform, which these
tools use themselves, checks it in the tests. Names are keys of the ontology, so an export with
names (“XML values and headers”) needs no table of answers.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Final

from wbskills.errors import QuestionnaireError
from wbskills.ontology.entries import Entry, Ontology
from wbskills.questionnaires.export.export_format import AnswerColumns, ExportFile, ExportFormat
from wbskills.questionnaires.export.headings import columns_by_text
from wbskills.questionnaires.export.wording import (
    explained,
    fact_choices,
    language_question,
    level_choices,
    page_question,
)
from wbskills.questionnaires.schema import Page, Questionnaire, Texts
from wbskills.surveys.files.cell_text import key
from wbskills.surveys.files.columns import SurveyColumn

_NAMES: Final = {
    "ar": "العربية", "de": "Deutsch", "en": "English", "es": "Español", "fr": "Français",
}  # fmt: skip
_INTERESTS: Final = {"wants_to_learn": "learn", "can_help": "help", "can_teach": "teach"}
_AGREED: Final = (
    "selected(${consent}, 'consent_named') or selected(${consent}, 'consent_pseudonym')"
)
_NAMED: Final = "selected(${consent}, 'consent_named')"
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
        "Afterwards: download the answers as CSV or XLSX, with any headers.",
        "wbskills survey plan export.csv",
    )

    def files(self, questionnaire: Questionnaire, ontology: Ontology) -> Iterator[ExportFile]:
        """Yield one workbook.

        Raises `QuestionnaireError` if a skill has the name of another question.
        """
        yield ExportFile(f"{questionnaire.name}.xlsx", _Form(questionnaire, ontology).workbook())

    def columns(
        self,
        questionnaire: Questionnaire,
        ontology: Ontology,  # noqa: ARG002  # keys are names
        language: str,  # noqa: ARG002  # names are the same in all
    ) -> AnswerColumns:
        """Return the columns by the names of the questions, without their groups."""
        asked = questionnaire
        return AnswerColumns(
            tool=self.read_as,
            consent="consent",
            username="wiki_account",
            pseudonym="pseudonym" if asked.pseudonym else "",
            submitted="_submission_time",
            levels={skill: skill for skill in asked.skills},
            interest_cells={
                interest: {
                    f"{_INTERESTS[interest]}_{number}": {skill: skill for skill in page.skills}
                    for number, page in enumerate(asked.pages, 1)
                }
                for interest in asked.interests
            },
            between=" ",
            another_skill="another_skill" if asked.another_skill else "",
            languages=tuple(
                (f"language_{number}", f"babel_level_{number}")
                for number in range(1, asked.most_languages + 1)
                if "languages" in asked.facts
            ),
            facts={
                fact: fact
                for fact in ("home_community", "time_zone", "availability")
                if fact in asked.facts
            },
            wordings={"consent": {kind: kind for kind in asked.consent.answers}},
            ignore=(asked.mark, *(["areas"] if asked.more else [])),
        )

    def variants(
        self, questionnaire: Questionnaire, ontology: Ontology, language: str
    ) -> Iterator[AnswerColumns]:
        """Yield the columns by their names, then by their labels in each language."""
        yield self.columns(questionnaire, ontology, language)
        for each in questionnaire.languages:
            columns = columns_by_text(
                questionnaire,
                ontology,
                each,
                tool=self.read_as,
                submitted="_submission_time",
                heading=lambda _, row: row,
                between=" ",
            )
            yield replace(
                columns,
                consent=questionnaire.consent.question[each],
                ignore=(questionnaire.mark, *filter(None, [questionnaire.more.get(each)])),
            ).renamed(_plain)

    def fitted(self, columns: AnswerColumns, found: Sequence[SurveyColumn]) -> AnswerColumns:
        """Name the columns as the file has them: with groups, and with a column for each choice.

        If there are columns for each choice, they are read, and not the cells with all choices:
        labels have spaces, as there are between choices.
        """
        paths = _Paths(found)
        choices = {
            interest: {
                skill: (question, paths.of_choice(question, choice))
                for question, skills in cells.items()
                for choice, skill in skills.items()
            }
            for interest, cells in columns.interest_cells.items()
        }
        split = all(path for by_skill in choices.values() for _, path in by_skill.values())
        own = {path for by_skill in choices.values() for _, path in by_skill.values() if path}
        cells = [name for each in columns.interest_cells.values() for name in each]
        fit = columns.renamed(lambda name: paths.of(name, own))
        if split:
            fit = replace(
                fit,
                interests={
                    interest: {skill: path for skill, (_, path) in by_skill.items()}
                    for interest, by_skill in choices.items()
                },
                interest_cells={},
            )
        unread = (paths.of(name, own) for name in cells) if split else sorted(own)
        return super().fitted(replace(fit, ignore=(*fit.ignore, *unread)), found)


class _Paths:
    """Finds the headings of questions and choices, which begin with the groups they are in."""

    def __init__(self, found: Iterable[SurveyColumn]) -> None:
        self.headings: dict[str, list[str]] = {}
        # KoboToolbox writes a slash between groups, and ODK Central a hyphen, which labels have
        # as well: the whole heading counts first.
        for separator in ("^", "/", "-"):
            for column in found:
                for part in re.finditer(separator, column.heading):
                    rest = key(column.heading[part.end() :])
                    self.headings.setdefault(rest, []).append(column.heading)

    def of(self, name: str, choices: Collection[str]) -> str:
        """Return the heading of a question, which is none of the `choices` of another one."""
        there = (each for each in self.headings.get(key(name), []) if each not in choices)
        return next(there, name)

    def of_choice(self, question: str, choice: str) -> str:
        """Return the heading of a choice of a question; empty if it has no column."""
        return next(iter(self.headings.get(key(f"{question}/{choice}"), [])), "")


def _plain(text: str) -> str:
    """Return a text in which no form sees a reference to a question.

    >>> _plain("${consent}")
    '$ {consent}'
    """
    return text.replace("${", "$ {")


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
        # Who wants a pseudonym is not asked who they are.
        self._add("text", "wiki_account", asked.username, required="yes", relevant=_NAMED)
        if asked.pseudonym:
            self._add("text", "pseudonym", asked.pseudonym, required="yes", relevant=_PSEUDONYM)
        levels = level_choices(asked, self.ontology)
        self._list("levels", self._labels(levels))
        pages = list(enumerate(asked.pages, 1))
        for number, page in pages:
            if not page.more:
                self._page(number, page, levels, _AGREED)
        self._person()
        more = {f"page_{number}": page.title for number, page in pages if page.more}
        if more:
            self._list("areas", more)
            self._add("select_multiple areas", "areas", asked.more, relevant=_AGREED)
        for number, page in pages:
            if page.more:
                chosen = f"({_AGREED}) and selected(${{areas}}, 'page_{number}')"
                self._page(number, page, levels, chosen)
        self._add("note", "thanks", asked.thanks)
        return self._write()

    def _page(self, number: int, page: Page, levels: Mapping[str, Entry], relevant: str) -> None:
        asked = self.questionnaire
        self._add("begin_group", f"page_{number}", page.title, relevant=relevant)
        sentences = {
            language: "\n".join(explained(levels, language)) for language in asked.languages
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
            asks = {language: page_question(texts, page, language) for language in asked.languages}
            self._add(f"select_multiple skills_{number}", name, asks)
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
                        language: language_question(asked, fact, number, language)
                        for language in asked.languages
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
        if name and any(row["name"] == name for row in self.survey):
            raise QuestionnaireError.of(
                self.questionnaire.file,
                f"an XLSForm has a question “{name}” already, which is no skill",
                "give this skill another key, or leave it out",
            )
        self.survey.append({"type": kind, "name": name, **self._texts(texts or {}), **more})

    def _list(self, name: str, choices: Mapping[str, Texts]) -> None:
        self.choices += [
            {"list_name": name, "name": key, **self._texts(texts)}
            for key, texts in choices.items()
        ]

    def _texts(self, texts: Texts) -> _Row:
        return {f"label::{_language(language)}": _plain(text) for language, text in texts.items()}

    def _write(self) -> bytes:
        from xlsxwriter import Workbook

        asked = self.questionnaire
        settings = {
            "form_title": _plain(asked.title[asked.languages[0]]),
            "form_id": asked.mark,
            "version": str(asked.version),
            "default_language": _language(asked.languages[0]),
        }
        content = BytesIO()
        # Texts stay texts: no formula, no link.
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with Workbook(content, options) as workbook:
            # Without the time of its making, the same questionnaire is the same file.
            workbook.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC)})
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
