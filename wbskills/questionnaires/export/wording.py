"""What several survey tools have in common: questions and answers in one language."""

from collections.abc import Mapping
from typing import Final

from wbskills.ontology.entries import Entry, Ontology
from wbskills.questionnaires.schema import Page, Questionnaire, Texts

# What the choices of a fact are, as a section of the ontology.
SECTIONS: Final = {
    "home_community": "communities",
    "languages": "languages",
    "availability": "availabilities",
}


def text_mark(questionnaire: Questionnaire, language: str) -> str:
    """Return the mark of a questionnaire as people see it, with the language of the form.

    It is in the heading of the question of consent, where a survey tool has no codes:
    `wbs-ambassadors-v1-fr`.
    """
    name = questionnaire.name.replace("_", "-")
    return f"wbs-{name}-v{questionnaire.version}-{language}"


def consent_question(questionnaire: Questionnaire, language: str) -> str:
    """Return the question of consent with the mark of the questionnaire."""
    question = questionnaire.consent.question[language]
    return f"{question} ({text_mark(questionnaire, language)})"


def page_question(texts: Texts, page: Page, language: str) -> str:
    """Return a question about the skills of a page, which other pages ask about theirs."""
    return f"{texts[language]} ({page.title[language]})"


def language_question(questionnaire: Questionnaire, fact: str, number: int, language: str) -> str:
    """Return the question for the language of a number, from 1, or for how well it is spoken."""
    return f"{questionnaire.facts[fact][language]} ({number})"


def name_of(ontology: Ontology, key: str, language: str) -> str:
    """Return the label of an entry."""
    return ontology.entries[key].terms.label(language)


def level_choices(questionnaire: Questionnaire, ontology: Ontology) -> dict[str, Entry]:
    """List the answers to how well somebody can do something, from the lowest level up."""
    scale = questionnaire.scale
    return ontology.levels(scale) | ontology.outside(scale)


def explained(choices: Mapping[str, Entry], language: str) -> list[str]:
    """List levels with the sentence that says what each means."""
    return [
        f"{entry.terms.label(language)}: {entry.terms.descriptions[language]}"
        if language in entry.terms.descriptions
        else entry.terms.label(language)
        for entry in choices.values()
    ]


def fact_choices(ontology: Ontology, fact: str) -> dict[str, Entry]:
    """List what people choose from as the answer to a fact; empty if they type it."""
    if fact == "babel_level":
        return ontology.levels("babel")
    return ontology.section(SECTIONS[fact]) if fact in SECTIONS else {}


def wordings_of(choices: Mapping[str, Entry], languages: tuple[str, ...]) -> dict[str, str]:
    """Return what each answer means, by its label in each language."""
    return {
        entry.terms.label(language): key
        for key, entry in choices.items()
        for language in languages
    }


def skills_by_name(page: Page, ontology: Ontology, language: str) -> dict[str, str]:
    """Return the skills of a page by their labels."""
    return {name_of(ontology, skill, language): skill for skill in page.skills}
