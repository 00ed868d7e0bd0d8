"""A questionnaire as a form in one language, for tools that have one form for each language."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from wbskills.ontology.entries import Ontology
from wbskills.questionnaires.export.wording import (
    consent_question,
    explained,
    fact_choices,
    language_question,
    level_choices,
    name_of,
    page_question,
)
from wbskills.questionnaires.schema import Page, Questionnaire


class Kind(StrEnum):
    """How a question is answered."""

    TEXT = "text"
    PARAGRAPH = "paragraph"
    CHOICE = "choice"  # one of a few
    LIST = "list"  # one of many
    GRID = "grid"  # one choice for each row
    CHECKBOXES = "checkboxes"


@dataclass(frozen=True, slots=True)
class Item:
    """A question: its text, what helps to answer it, its rows (of a grid) and its choices."""

    kind: Kind
    title: str
    help: str = ""
    rows: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Questions that are shown together."""

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """A whole form. Who chooses `refusal` as an answer to `consent` sees no more of it."""

    language: str
    title: str
    introduction: str
    thanks: str
    consent: Item
    refusal: str
    sections: tuple[Section, ...]


def form_of(
    questionnaire: Questionnaire, ontology: Ontology, language: str, *, grids: bool = True
) -> Form:
    """Return a questionnaire as a form in one of its languages.

    Without `grids`, each row of one is a question by itself, with the name of the skill as text.
    """
    consent = questionnaire.consent
    return Form(
        language=language,
        title=questionnaire.title[language],
        introduction=questionnaire.introduction[language],
        thanks=questionnaire.thanks[language],
        consent=Item(
            Kind.CHOICE,
            consent_question(questionnaire, language),
            consent.text[language],
            choices=tuple(texts[language] for texts in consent.answers.values()),
            required=True,
        ),
        refusal=consent.answers["withheld"][language],
        sections=tuple(
            section if grids else Section(section.title, tuple(_without_grids(section.items)))
            for section in _sections(questionnaire, ontology, language)
        ),
    )


def _without_grids(items: Iterable[Item]) -> Iterator[Item]:
    for item in items:
        if item.kind is not Kind.GRID:
            yield item
            continue
        for at, row in enumerate(item.rows):
            help_text = f"{item.title}\n{item.help}" if at == 0 else ""
            yield Item(Kind.LIST, row, help_text, choices=item.choices)


def _sections(
    questionnaire: Questionnaire, ontology: Ontology, language: str
) -> Iterator[Section]:
    first = questionnaire.pages[0]
    # Who wants a pseudonym need not say who they are.
    must_be_named = not questionnaire.pseudonym
    who = [Item(Kind.TEXT, questionnaire.username[language], required=must_be_named)]
    if questionnaire.pseudonym:
        who.append(Item(Kind.TEXT, questionnaire.pseudonym[language]))
    skills = tuple(_skills(questionnaire, ontology, first, language))
    yield Section(first.title[language], (*who, *skills))
    about = tuple(_person(questionnaire, ontology, language))
    if about:
        yield Section(about[0].title, about)
    for page in questionnaire.pages[1:]:
        yield Section(
            page.title[language], tuple(_skills(questionnaire, ontology, page, language))
        )


def _skills(
    questionnaire: Questionnaire, ontology: Ontology, page: Page, language: str
) -> Iterator[Item]:
    names = tuple(name_of(ontology, skill, language) for skill in page.skills)
    levels = level_choices(questionnaire, ontology)
    yield Item(
        Kind.GRID,
        page_question(questionnaire.level, page, language),
        "\n".join(explained(levels, language)),
        rows=names,
        choices=tuple(entry.terms.label(language) for entry in levels.values()),
    )
    for texts in questionnaire.interests.values():
        yield Item(Kind.CHECKBOXES, page_question(texts, page, language), choices=names)


def _person(questionnaire: Questionnaire, ontology: Ontology, language: str) -> Iterator[Item]:
    if questionnaire.another_skill:
        yield Item(Kind.PARAGRAPH, questionnaire.another_skill[language])
    for fact in ("home_community", "time_zone", "availability"):
        if fact in questionnaire.facts:
            yield _fact(ontology, fact, questionnaire.facts[fact][language], language)
    if "languages" in questionnaire.facts:
        for number in range(1, questionnaire.most_languages + 1):
            for fact in ("languages", "babel_level"):
                title = language_question(questionnaire, fact, number, language)
                yield _fact(ontology, fact, title, language)


def _fact(ontology: Ontology, fact: str, title: str, language: str) -> Item:
    choices = tuple(entry.terms.label(language) for entry in fact_choices(ontology, fact).values())
    return Item(Kind.LIST if choices else Kind.TEXT, title, choices=choices)
