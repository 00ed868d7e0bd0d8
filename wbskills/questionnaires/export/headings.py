"""The columns of tools whose headings are the texts of the questions, in one language."""

from collections.abc import Callable

from wbskills.ontology.entries import Ontology
from wbskills.questionnaires.export.export_format import AnswerColumns
from wbskills.questionnaires.export.wording import (
    consent_question,
    language_question,
    page_question,
    skills_by_name,
)
from wbskills.questionnaires.schema import Questionnaire

# Joins the question of a grid and a row of it to the heading of a column.
Heading = Callable[[str, str], str]


def columns_by_text(  # noqa: PLR0913 - each by its name
    questionnaire: Questionnaire,
    ontology: Ontology,
    language: str,
    *,
    tool: str,
    submitted: str,
    heading: Heading,
    between: str = "",
    dates: tuple[str, ...] = (),
) -> AnswerColumns:
    """Return the columns whose headings are the texts of a form in one language.

    Without `between`, each choice of several has a column of its own.
    """
    asked = questionnaire
    by_skill: dict[str, str] = {}
    interests: dict[str, dict[str, str]] = {}
    cells: dict[str, dict[str, dict[str, str]]] = {}
    for page in asked.pages:
        question = page_question(asked.level, page, language)
        names = skills_by_name(page, ontology, language)
        by_skill |= {skill: heading(question, name) for name, skill in names.items()}
        for interest, texts in asked.interests.items():
            question = page_question(texts, page, language)
            if between:
                cells.setdefault(interest, {})[question] = names
            else:
                found = {skill: heading(question, name) for name, skill in names.items()}
                interests.setdefault(interest, {}).update(found)
    return AnswerColumns(
        tool=tool,
        consent=consent_question(asked, language),
        username=asked.username[language],
        pseudonym=asked.pseudonym.get(language, ""),
        submitted=submitted,
        dates=dates,
        levels=by_skill,
        interests=interests,
        interest_cells=cells,
        between=between,
        another_skill=asked.another_skill.get(language, ""),
        languages=tuple(
            (
                language_question(asked, "languages", number, language),
                language_question(asked, "babel_level", number, language),
            )
            for number in range(1, asked.most_languages + 1)
            if "languages" in asked.facts
        ),
        facts={
            fact: asked.facts[fact][language]
            for fact in ("home_community", "time_zone", "availability")
            if fact in asked.facts
        },
    )
