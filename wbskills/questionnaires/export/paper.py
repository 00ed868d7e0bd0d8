"""Paper: a sheet for each language to print, and a table to type the answers into."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Final

from wbskills.ontology.entries import Ontology
from wbskills.questionnaires.export.export_format import AnswerColumns, ExportFile, ExportFormat
from wbskills.questionnaires.export.html import render
from wbskills.questionnaires.export.wording import (
    explained,
    fact_choices,
    level_choices,
    name_of,
)
from wbskills.questionnaires.schema import Questionnaire

_INTERESTS: Final = {"wants_to_learn": "learn", "can_help": "help", "can_teach": "teach"}
_OUTSIDE: Final = {"not_sure": "?", "does_not_apply": "-"}
_CONSENT: Final = {"consent_named": "1", "consent_pseudonym": "2", "withheld": "0"}


class Paper(ExportFormat):
    """Sheets to print, and a table to type the answers into."""

    name = "paper"
    title = "paper"
    read_as = "plain"
    next_steps = (
        "Print the sheet of each language from a browser, and give each copy a number.",
        "Type the answers into a copy of the table, one row for each sheet, with the codes on it.",
        "Dates are typed as 2027-03-05, home wikis as dewiki, languages as de.",
        "wbskills survey plan table.csv",
    )

    def files(self, questionnaire: Questionnaire, ontology: Ontology) -> Iterator[ExportFile]:
        """Yield a sheet for each language, and the table."""
        codes = _codes(questionnaire)
        choices = level_choices(questionnaire, ontology)
        marks = _level_marks(questionnaire, ontology)
        for language in questionnaire.languages:
            sheet = render(
                "paper.html",
                asked=questionnaire,
                language=language,
                mark=_mark(questionnaire),
                consents=[
                    (_CONSENT[kind], texts[language])
                    for kind, texts in questionnaire.consent.answers.items()
                ],
                levels=list(zip(marks, explained(choices, language), strict=True)),
                availabilities={
                    key: entry.terms.label(language)
                    for key, entry in fact_choices(ontology, "availability").items()
                },
                babel={
                    mark: name_of(ontology, key, language)
                    for mark, key in _babel_marks(ontology).items()
                },
                pages={
                    page.title[language]: {
                        codes[skill]: name_of(ontology, skill, language) for skill in page.skills
                    }
                    for page in questionnaire.pages
                },
            )  # fmt: skip
            yield ExportFile(f"{questionnaire.name}-{language}.html", sheet.encode())
        columns = self.columns(questionnaire, ontology, questionnaire.languages[0])
        table = StringIO()
        csv.writer(table).writerow(_headings(columns))
        yield ExportFile(f"{questionnaire.name}-table.csv", table.getvalue().encode())

    def columns(
        self,
        questionnaire: Questionnaire,
        ontology: Ontology,
        language: str,  # noqa: ARG002  # codes are the same in all
    ) -> AnswerColumns:
        """Return the columns of the table."""
        codes = _codes(questionnaire)
        steps = dict(
            zip(
                _level_marks(questionnaire, ontology),
                level_choices(questionnaire, ontology),
                strict=True,
            )
        )
        return AnswerColumns(
            tool=self.read_as,
            consent="consent",
            username="username",
            pseudonym="pseudonym" if questionnaire.pseudonym else "",
            response_id=f"sheet ({_mark(questionnaire)})",
            submitted="date",
            levels={skill: f"{codes[skill]} {skill}" for skill in questionnaire.skills},
            interest_cells={
                interest: {_INTERESTS[interest]: {code: skill for skill, code in codes.items()}}
                for interest in questionnaire.interests
            },
            between=" ",
            another_skill="another skill" if questionnaire.another_skill else "",
            languages=tuple(
                (f"language {number}", f"level of language {number}")
                for number in range(1, questionnaire.most_languages + 1)
                if "languages" in questionnaire.facts
            ),
            facts={
                fact: fact.replace("_", " ")
                for fact in ("home_community", "time_zone", "availability")
                if fact in questionnaire.facts
            },
            wordings={
                "consent": {mark: kind for kind, mark in _CONSENT.items()},
                "level": steps,
                "babel_level": _babel_marks(ontology),
            },
        )


def _mark(questionnaire: Questionnaire) -> str:
    return f"wbs-{questionnaire.name.replace('_', '-')}-v{questionnaire.version}"


def _codes(questionnaire: Questionnaire) -> dict[str, str]:
    """Return a code for each skill: a letter for the page, a number for the row."""
    return {
        skill: f"{chr(ord('A') + at)}{row}"
        for at, page in enumerate(questionnaire.pages)
        for row, skill in enumerate(page.skills, 1)
    }


def _level_marks(questionnaire: Questionnaire, ontology: Ontology) -> list[str]:
    return [
        _OUTSIDE.get(key, str(entry.number))
        for key, entry in level_choices(questionnaire, ontology).items()
    ]


def _babel_marks(ontology: Ontology) -> dict[str, str]:
    """Return the levels of languages by what is typed for them: 0 to 5, or n."""
    return {
        "n" if key == "babel_n" else str(entry.number): key
        for key, entry in fact_choices(ontology, "babel_level").items()
    }


def _headings(columns: AnswerColumns) -> Iterator[str]:
    yield columns.response_id
    yield columns.submitted
    yield columns.consent
    yield columns.username
    if columns.pseudonym:
        yield columns.pseudonym
    yield from columns.levels.values()
    for cells in columns.interest_cells.values():
        yield from cells
    if columns.another_skill:
        yield columns.another_skill
    yield from columns.facts.values()
    for language, level in columns.languages:
        yield language
        yield level
