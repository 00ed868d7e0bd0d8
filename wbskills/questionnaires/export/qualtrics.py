"""Qualtrics: a text in its “advanced format”, one for each language."""

from collections.abc import Iterator
from typing import Final

from wbskills.ontology.entries import Ontology
from wbskills.questionnaires.export.export_format import AnswerColumns, ExportFile, ExportFormat
from wbskills.questionnaires.export.form import Form, Item, Kind, form_of
from wbskills.questionnaires.export.wording import skills_by_name
from wbskills.questionnaires.schema import Questionnaire

_INTERESTS: Final = {"wants_to_learn": "learn", "can_help": "help", "can_teach": "teach"}
_KINDS: Final = {
    Kind.TEXT: "TE:SingleLine",
    Kind.PARAGRAPH: "TE:Essay",
    Kind.CHOICE: "MC:SingleAnswer:Vertical",
    Kind.LIST: "MC:Dropdown",
    Kind.GRID: "Matrix",
    Kind.CHECKBOXES: "MC:MultipleAnswer:Vertical",
}


class Qualtrics(ExportFormat):
    """Texts that Qualtrics imports."""

    name = "qualtrics"
    title = "Qualtrics"
    read_as = "qualtrics"
    one_for_each_language = True
    next_steps = (
        "In Qualtrics: Tools → Import/Export → Import survey, and choose the .txt file.",
        "By hand: force an answer to consent, and skip to the end for “No”; anonymise responses.",
        "Afterwards: Data → Export → CSV, with choice text; do not split multi-value fields.",
        "wbskills survey plan export.csv",
    )

    def files(self, questionnaire: Questionnaire, ontology: Ontology) -> Iterator[ExportFile]:
        """Yield a text for each language."""
        for language in questionnaire.languages:
            form = form_of(questionnaire, ontology, language)
            text = "\n".join(_lines(questionnaire, form)) + "\n"
            yield ExportFile(f"{questionnaire.name}-{language}.txt", text.encode())

    def columns(
        self, questionnaire: Questionnaire, ontology: Ontology, language: str
    ) -> AnswerColumns:
        """Return the columns by the ids of the questions."""
        pages = list(enumerate(questionnaire.pages, 1))
        return AnswerColumns(
            tool=self.read_as,
            consent="consent",
            username="username",
            pseudonym="pseudonym" if questionnaire.pseudonym else "",
            response_id="ResponseId",
            submitted="EndDate",
            levels={
                skill: f"level{number}_{row}"
                for number, page in pages
                for row, skill in enumerate(page.skills, 1)
            },
            interest_cells={
                interest: {
                    f"{_INTERESTS[interest]}{number}": skills_by_name(page, ontology, language)
                    for number, page in pages
                }
                for interest in questionnaire.interests
            },
            between=",",
            another_skill="more" if questionnaire.another_skill else "",
            languages=tuple(
                (f"language{number}", f"babel{number}")
                for number in range(1, questionnaire.most_languages + 1)
                if "languages" in questionnaire.facts
            ),
            facts={
                fact: fact
                for fact in ("home_community", "time_zone", "availability")
                if fact in questionnaire.facts
            },
            only={"Finished": ("True", "1"), "Status": ("IP Address", "0")},
            ignore=(questionnaire.mark + language,),
        )


def _lines(questionnaire: Questionnaire, form: Form) -> Iterator[str]:
    ids = iter(_ids(questionnaire))
    yield "[[AdvancedFormat]]"
    yield f"[[ED:{questionnaire.mark}{form.language}:1]]"
    yield ""
    yield f"[[Block:{_line(form.title)}]]"
    yield ""
    yield "[[Question:DB]]"
    yield f"{_line(form.introduction)}<br><br>{_line(form.consent.help)}"
    yield ""
    yield from _question(form.consent, "consent")
    for section in form.sections:
        yield "[[PageBreak]]"
        yield ""
        for item in section.items:
            yield from _question(item, next(ids))


def _ids(questionnaire: Questionnaire) -> Iterator[str]:
    """Yield the ids of all questions after that of consent, in the order of the form."""

    def page(number: int) -> Iterator[str]:
        yield f"level{number}"
        yield from (f"{_INTERESTS[interest]}{number}" for interest in questionnaire.interests)

    yield "username"
    if questionnaire.pseudonym:
        yield "pseudonym"
    yield from page(1)
    if questionnaire.another_skill:
        yield "more"
    for fact in ("home_community", "time_zone", "availability"):
        if fact in questionnaire.facts:
            yield fact
    if "languages" in questionnaire.facts:
        for number in range(1, questionnaire.most_languages + 1):
            yield from (f"language{number}", f"babel{number}")
    for number in range(2, len(questionnaire.pages) + 1):
        yield from page(number)


def _question(item: Item, id_: str) -> Iterator[str]:
    yield f"[[Question:{_KINDS[item.kind]}]]"
    yield f"[[ID:{id_}]]"
    help_text = "<br>".join(map(_line, item.help.splitlines()))
    has_help = help_text and item.kind is Kind.GRID
    yield f"{_line(item.title)}<br>{help_text}" if has_help else _line(item.title)
    if item.rows:
        yield "[[Choices]]"
        yield from map(_line, item.rows)
        yield "[[Answers]]"
        yield from map(_line, item.choices)
    elif item.choices:
        yield "[[Choices]]"
        yield from map(_line, item.choices)
    yield ""


def _line(text: str) -> str:
    """Keep a text from being read as an instruction or as HTML."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("[[", "[ [").replace("\n", " ")
