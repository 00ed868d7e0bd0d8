"""A questionnaire as its file states it: what is asked, in which words, and for which wave.

The files are in `ontology/questionnaires/`. Texts are by language, and there is one in each of
the questionnaire's languages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from wbskills.domain import Wave

Texts = Mapping[str, str]

# What `facts` may ask of a person; `languages` goes with `babel_level`.
FACTS: Final = ("home_community", "languages", "babel_level", "time_zone", "availability")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentQuestion:
    """What people agree to before they answer.

    `text` says what will be public; its `version` is stored with the consent. `answers` are the
    choices, by what they mean: `consent_named`, `consent_pseudonym` or `withheld`.
    """

    version: int
    text: Texts
    question: Texts
    answers: Mapping[str, Texts]
    text_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Skills that are asked together. Pages with `more` are shown to who asks for them."""

    title: Texts
    skills: tuple[str, ...]
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Questionnaire:
    """A questionnaire; a change in what it asks needs another `version`.

    `scale` is the scale of the levels. `more` asks which of the pages with `more` people want to
    see; it is empty if there are none. `interests` are the questions about all skills of a page,
    by interest (`wants_to_learn`, `can_help`, `can_teach`). `facts` are questions about the
    person, by their names in `FACTS`; people can name up to `most_languages` languages. `role` is
    the role that everyone who answers has; empty if there is none.
    """

    file: str
    name: str
    version: int
    languages: tuple[str, ...]
    title: Texts
    introduction: Texts
    thanks: Texts
    wave: Wave
    consent: ConsentQuestion
    username: Texts
    pseudonym: Texts
    scale: str
    level: Texts
    pages: tuple[Page, ...]
    more: Texts
    interests: Mapping[str, Texts]
    another_skill: Texts
    facts: Mapping[str, Texts]
    most_languages: int = 3
    role: str = ""

    @property
    def mark(self) -> str:
        """The code by which an export of a survey tool shows which questionnaire it answers.

        Letters and digits only, at most 20 of them, as LimeSurvey allows in codes of questions:
        version 2 of `ambassadors` is `wbsambassadorsv2`.
        """
        return f"wbs{self.name.replace('_', '')}v{self.version}"

    @property
    def skills(self) -> tuple[str, ...]:
        """The keys of all skills asked, in the order of the pages."""
        return tuple(skill for page in self.pages for skill in page.skills)
