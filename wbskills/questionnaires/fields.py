"""A questionnaire as a form: its parts, their fields, and what the fields of a person say.

Fields are named `level.lua_modules`, `can_help.lua_modules`, `language.1`, `babel.1`,
`home_community` …; an answer is a key of the ontology, or a text. Nothing here knows of pages.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from wbskills.domain import (
    PSEUDONYM,
    Asked,
    Assessment,
    Consent,
    Identity,
    Response,
    Speaks,
    Wave,
)
from wbskills.ontology.entries import Ontology
from wbskills.questionnaires.export.wording import fact_choices, level_choices
from wbskills.questionnaires.schema import Questionnaire
from wbskills.surveys.files.cell_text import clean
from wbskills.surveys.mapping.answers import is_time_zone
from wbskills.surveys.mapping.language_lists import NOT_SPOKEN
from wbskills.surveys.mapping.schema import PSEUDONYMOUS, WITHHELD
from wbskills.surveys.responses.generated_pseudonyms import generated_pseudonym
from wbskills.surveys.responses.interests import interests_of, merge_interests
from wbskills.surveys.responses.open_answers import collect_skills, split

CONSENT: Final = "consent"
PSEUDONYM_FIELD: Final = "pseudonym"
ANOTHER_SKILL: Final = "another_skill"
CONSENT_PART: Final = "consent"
ABOUT_PART: Final = "about"
SKILLS_PART: Final = "skills-"
LEVEL: Final = "level"
LONGEST_PSEUDONYM: Final = 60
LONGEST_TEXT: Final = 10_000
# The id of a response to the form: a person has one in each wave, and sends it as often as they
# like.
RESPONSE_ID: Final = "self-evaluation"
# People who name a skill say that they can do it, not how well.
LEVEL_OF_ANOTHER_SKILL: Final = "not_sure"
BETWEEN_SKILLS: Final = ("\n", ";")  # where people name several

Fields = Mapping[str, str]


class Problem(StrEnum):
    """What can be wrong with an answer."""

    UNKNOWN = "unknown"  # not one of the choices
    NO_CONSENT = "no_consent"  # no choice was made
    PSEUDONYM = "pseudonym"  # too long, or an address
    TIME_ZONE = "time_zone"
    TOO_LONG = "too_long"
    LANGUAGE_TWICE = "language_twice"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the form, which is one page. `skills` are those that it asks about.

    `number` is that of a page of skills in the questionnaire, from 1.
    """

    name: str
    number: int = 0
    skills: tuple[str, ...] = ()
    more: bool = False


def parts_of(questionnaire: Questionnaire) -> tuple[Part, ...]:
    """List the parts in their order: consent, the first skills, the person, the other skills."""
    skills = [
        Part(f"{SKILLS_PART}{number}", number, page.skills, page.more)
        for number, page in enumerate(questionnaire.pages, 1)
    ]
    about = [Part(ABOUT_PART)] if questionnaire.facts or questionnaire.another_skill else []
    return (Part(CONSENT_PART), *skills[:1], *about, *skills[1:])


def fields_of(part: Part, questionnaire: Questionnaire) -> tuple[str, ...]:
    """List the names of the fields of a part."""
    if part.name == CONSENT_PART:
        pseudonym = (PSEUDONYM_FIELD,) if questionnaire.pseudonym else ()
        return (CONSENT, *pseudonym)
    if part.name == ABOUT_PART:
        facts = [name for name in questionnaire.facts if name not in ("languages", "babel_level")]
        if "languages" in questionnaire.facts:
            for number in range(1, questionnaire.most_languages + 1):
                facts += [f"language.{number}", f"babel.{number}"]
        return (*facts, *([ANOTHER_SKILL] if questionnaire.another_skill else []))
    asked = (LEVEL, *questionnaire.interests)
    return tuple(f"{name}.{skill}" for skill in part.skills for name in asked)


@dataclass(frozen=True, slots=True)
class ReadAnswers:
    """What was read from a form: good answers, and the problems with others, both by field."""

    fields: Fields
    problems: Mapping[str, Problem]


def read_part(
    part: Part, given: Mapping[str, str], questionnaire: Questionnaire, ontology: Ontology
) -> ReadAnswers:
    """Read what a browser sent for one part; anything may have been sent."""
    fields: dict[str, str] = {}
    problems: dict[str, Problem] = {}
    for name in fields_of(part, questionnaire):
        text = given.get(name, "")
        answer = text.replace("\r\n", "\n").strip() if name == ANOTHER_SKILL else clean(text)
        problem = _problem(name, answer, questionnaire, ontology) if answer else None
        if problem:
            problems[name] = problem
        else:
            fields[name] = answer
    if part.name == CONSENT_PART and not fields.get(CONSENT) and CONSENT not in problems:
        problems[CONSENT] = Problem.NO_CONSENT
    problems |= _languages_twice(fields)
    for name in problems:
        fields.pop(name, None)
    return ReadAnswers(fields, problems)


def _problem(
    name: str, answer: str, questionnaire: Questionnaire, ontology: Ontology
) -> Problem | None:
    kind = name.partition(".")[0]
    if kind == PSEUDONYM_FIELD:
        bad = len(answer) > LONGEST_PSEUDONYM or "@" in answer or not answer.isprintable()
        return Problem.PSEUDONYM if bad else None
    if kind == "time_zone":
        return None if is_time_zone(answer) else Problem.TIME_ZONE
    if kind == ANOTHER_SKILL:
        return Problem.TOO_LONG if len(answer) > LONGEST_TEXT else None
    return None if answer in choices_of(kind, questionnaire, ontology) else Problem.UNKNOWN


def choices_of(kind: str, questionnaire: Questionnaire, ontology: Ontology) -> Iterable[str]:
    """List the answers that a kind of field can have: keys, or `on` for a box."""
    if kind == CONSENT:
        return questionnaire.consent.answers
    if kind == LEVEL:
        return level_choices(questionnaire, ontology)
    if kind in questionnaire.interests:
        return ("on",)
    fact = {"language": "languages", "babel": "babel_level"}.get(kind, kind)
    return fact_choices(ontology, fact)


def _languages_twice(fields: Fields) -> dict[str, Problem]:
    seen: set[str] = set()
    found = {}
    for name, value in fields.items():
        if name.startswith("language.") and value:
            if value in seen:
                found[name] = Problem.LANGUAGE_TWICE
            seen.add(value)
    return found


def merged(before: Fields, posted: Fields, stored: Fields) -> dict[str, str]:
    """Return what a page changed: its fields that differ from what it showed, `before`.

    What another tab or device has changed meanwhile is in `stored`, and stays.
    """
    return {
        name: value
        for name, value in posted.items()
        if value != before.get(name, "") and value != stored.get(name, "")
    }


def answered(part: Part, fields: Fields, questionnaire: Questionnaire) -> int:
    """Count the questions of a part that have an answer: skills, or facts."""
    if part.skills:
        return sum(bool(fields.get(f"{LEVEL}.{skill}")) for skill in part.skills)
    names = fields_of(part, questionnaire)
    return sum(bool(fields.get(name)) for name in names if not name.startswith("babel."))


def consent_version(questionnaire: Questionnaire) -> str:
    """Return the version of the text of consent, as it is stored with each consent."""
    return f"{questionnaire.name} {questionnaire.consent.version}"


def wave_of(questionnaire: Questionnaire) -> Wave:
    """Return the wave of a questionnaire, with everything that it asks."""
    wave = questionnaire.wave
    return replace(wave, labels=labels_of(wave), asked=questionnaire.skills)


def labels_of(wave: Wave) -> dict[str, str]:
    """Return the labels of a wave, one of them in English."""
    return {"en": next(iter(wave.labels.values())), **wave.labels}


def asked_of(questionnaire: Questionnaire, decided: Iterable[str] = ()) -> Asked:
    """Return what the form asks; `decided` are skills that wordings were found to mean."""
    facts = {"home_community", "time_zone", "availability"} & questionnaire.facts.keys()
    speaks = {"speaks"} if "languages" in questionnaire.facts else set()
    levels = frozenset([*questionnaire.skills, *filter(None, decided)])
    return Asked(
        levels=levels,
        interests=levels if questionnaire.interests else frozenset(),
        facts=frozenset(facts | speaks),
    )


def response_of(  # noqa: PLR0913 - each by its name
    account: Identity,
    fields: Fields,
    questionnaire: Questionnaire,
    *,
    on: date,
    salt: bytes,
    known_pseudonym: Identity | None = None,
    decided: Mapping[str, str] | None = None,
    identified_by: str = "",
) -> Response:
    """Return the response that a person's answers are.

    `account` is their username, `known_pseudonym` the pseudonym that they had before. `decided`
    maps wordings of skills to the skills that they mean. Answers about skills that are not asked
    any more are left out.
    """
    consent = fields[CONSENT]
    identity = account
    if consent == PSEUDONYMOUS:
        identity = known_pseudonym or new_pseudonym(account, fields, questionnaire, salt)
    assessments = tuple(_assessments(fields, questionnaire))
    wordings = map(clean, split(fields.get(ANOTHER_SKILL, ""), BETWEEN_SKILLS))
    named = collect_skills(
        ((wording, LEVEL_OF_ANOTHER_SKILL) for wording in wordings if wording),
        decided=decided or {},
        assessed=(each.skill for each in assessments if each.level),
    )
    return Response(
        identity=identity,
        consent=Consent(
            consent, on, questionnaire.consent.text_url, consent_version(questionnaire)
        ),
        wave=questionnaire.wave.key,
        on=on,
        id=RESPONSE_ID,
        row=1,
        assessments=merge_interests((*assessments, *named.assessments), ()),
        home_community=fields.get("home_community", ""),
        speaks=tuple(_speaks(fields, questionnaire)),
        time_zone=fields.get("time_zone", ""),
        availability=fields.get("availability", ""),
        role=questionnaire.role,
        named=named.named,
        decided=named.decided,
        account=account if identity != account else None,
        identified_by=identified_by,
    )


def new_pseudonym(
    account: Identity, fields: Fields, questionnaire: Questionnaire, salt: bytes
) -> Identity:
    """Return the pseudonym that a person chose, or one that is made up and cannot be traced."""
    prefix = pseudonym_prefix(questionnaire)
    chosen = fields.get(PSEUDONYM_FIELD, "")
    if chosen:
        return Identity(PSEUDONYM, prefix + chosen)
    return generated_pseudonym(f"account {account.name}", prefix, salt)


def pseudonym_prefix(questionnaire: Questionnaire) -> str:
    """Return what all new pseudonyms of a wave begin with, so that surveys cannot be linked."""
    return questionnaire.wave.key.replace("_", "-") + "-"


def says_yes(fields: Fields) -> bool:
    """Whether the person agreed that their answers are published."""
    return fields.get(CONSENT, WITHHELD) not in ("", WITHHELD)


def _assessments(fields: Fields, questionnaire: Questionnaire) -> Iterator[Assessment]:
    for skill in questionnaire.skills:
        level = fields.get(f"{LEVEL}.{skill}", "")
        interests = interests_of(
            name for name in questionnaire.interests if fields.get(f"{name}.{skill}")
        )
        if level or interests:
            yield Assessment(skill, level, interests)


def _speaks(fields: Fields, questionnaire: Questionnaire) -> Iterator[Speaks]:
    seen: set[str] = set()
    for number in range(1, questionnaire.most_languages + 1):
        language = fields.get(f"language.{number}", "")
        level = fields.get(f"babel.{number}", "")
        if language and language not in seen and level != NOT_SPOKEN:
            seen.add(language)
            yield Speaks(language=language, babel_level=level)
