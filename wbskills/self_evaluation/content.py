"""What the pages show: questions with their answers, in the language of the reader."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from wbskills.ontology.entries import Entry, Ontology
from wbskills.questionnaires.export.wording import fact_choices, level_choices, name_of
from wbskills.questionnaires.fields import (
    ABOUT_PART,
    CONSENT,
    CONSENT_PART,
    LEVEL,
    Fields,
    Part,
    Problem,
    answered,
    consent_version,
    says_yes,
)
from wbskills.questionnaires.schema import Questionnaire
from wbskills.report.translation import Translation
from wbskills.tasks.self_evaluation import KnownAnswer, KnownPerson

OLD: Final = timedelta(days=365)
CONSENT_VERSION: Final = "consent_version"  # a field that no page shows


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to choose: its value, its name, and what it means."""

    value: str
    label: str
    sentence: str = ""
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a person answered before: in words, when, and whether that is long ago."""

    answer: str
    on: date | None
    old: bool


@dataclass(frozen=True, slots=True)
class SkillQuestion:
    """The questions about one skill, and what has been answered."""

    skill: str
    name: str
    description: str
    level: str
    interests: Mapping[str, bool]
    earlier: Earlier | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PartState:
    """A part in the list of parts: its title, and how much of it is answered."""

    part: Part
    title: str
    answered: int
    questions: int
    done: bool


class FormContent:
    """The texts of a questionnaire in one language, for a person's answers."""

    def __init__(
        self,
        questionnaire: Questionnaire,
        ontology: Ontology,
        language: str,
        words: Translation,
        today: date,
    ) -> None:
        self.asked, self.ontology, self.language = questionnaire, ontology, language
        self.words, self._today = words, today

    def levels(self) -> list[Choice]:
        """List the answers to how well somebody can do something, the lowest level first."""
        return [
            Choice(
                key,
                entry.terms.label(self.language),
                entry.terms.descriptions.get(self.language, ""),
                outside=entry.number is None,
            )
            for key, entry in level_choices(self.asked, self.ontology).items()
        ]

    def consents(self) -> list[Choice]:
        """List the answers to the question of consent."""
        return [
            Choice(kind, texts[self.language])
            for kind, texts in self.asked.consent.answers.items()
        ]

    def choices(self, fact: str) -> list[Choice]:
        """List the answers to a fact: by name, or in the order of a scale."""
        found = [
            Choice(key, entry.terms.label(self.language))
            for key, entry in fact_choices(self.ontology, fact).items()
        ]
        if fact in ("home_community", "languages"):
            found.sort(key=lambda choice: choice.label.casefold())
        return found

    def questions(
        self,
        part: Part,
        fields: Fields,
        known: Mapping[str, KnownAnswer],
        reasons: Mapping[str, str],
    ) -> list[SkillQuestion]:
        """List the questions of a page of skills; `reasons` say why a skill is proposed."""
        return [
            SkillQuestion(
                skill,
                name_of(self.ontology, skill, self.language),
                self._description(skill),
                fields.get(f"{LEVEL}.{skill}", ""),
                {name: bool(fields.get(f"{name}.{skill}")) for name in self.asked.interests},
                self.earlier(skill, known),
                reasons.get(skill, ""),
            )
            for skill in part.skills
        ]

    def earlier(self, skill: str, known: Mapping[str, KnownAnswer]) -> Earlier | None:
        """Return what a person answered before about a skill."""
        found = known.get(f"{LEVEL}.{skill}")
        if found is None or found.wave == self.asked.wave.key:
            return None
        on = date.fromisoformat(found.on) if found.on else None
        old = on is not None and on < self._today - OLD
        return Earlier(self.name(found.value), on, old)

    def parts(self, parts: tuple[Part, ...], fields: Fields) -> list[PartState]:
        """List the parts with how much of each is answered."""
        states = []
        for part in parts:
            count = answered(part, fields, self.asked)
            if part.name == CONSENT_PART:
                done = bool(fields.get(CONSENT)) and self.consent_is_current(fields)
                states.append(PartState(part, self.title(part), count, 1, done))
            else:
                asked = len(part.skills)
                states.append(
                    PartState(part, self.title(part), count, asked, bool(count and count >= asked))
                )
        return states

    def consent_is_current(self, fields: Fields) -> bool:
        """Whether the person saw the text of consent as it is now."""
        return fields.get(CONSENT_VERSION, "") == consent_version(self.asked)

    def may_send(self, fields: Fields) -> bool:
        """Whether the person agreed, to the present text, that their answers are published."""
        return says_yes(fields) and self.consent_is_current(fields)

    def title(self, part: Part) -> str:
        """Return the title of a part."""
        if part.skills:
            return self.asked.pages[part.number - 1].title[self.language]
        return self.words.plain("parts.consent" if part.name == CONSENT_PART else "parts.about")

    def name(self, key: str) -> str:
        """Return the name of an answer."""
        entry = self.ontology.entries.get(key)
        return entry.terms.label(self.language) if entry else key

    def problem(self, problem: Problem, most: int) -> str:
        """Return what is wrong with an answer."""
        return self.words.plain(f"problem.{problem}", most=most)

    def summary(self, part: Part, fields: Fields) -> list[tuple[str, str]]:
        """List what a person answered in a part, as names and answers."""
        return list(self._summary(part, fields))

    def _summary(self, part: Part, fields: Fields) -> Iterator[tuple[str, str]]:
        if part.name == CONSENT_PART:
            if fields.get(CONSENT):
                texts = self.asked.consent.answers[fields[CONSENT]]
                yield self.asked.consent.question[self.language], texts[self.language]
            return
        if part.name == ABOUT_PART:
            for name in ("home_community", "time_zone", "availability"):
                if fields.get(name):
                    yield self.asked.facts[name][self.language], self.name(fields[name])
            for number in range(1, self.asked.most_languages + 1):
                language = fields.get(f"language.{number}", "")
                if language:
                    level = fields.get(f"babel.{number}", "")
                    spoken = [self.name(language), *([self.name(level)] if level else [])]
                    yield self.asked.facts["languages"][self.language], " – ".join(spoken)
            return
        for skill in part.skills:
            level = fields.get(f"{LEVEL}.{skill}", "")
            said = [self.name(level)] if level else []
            said += [
                self.name(interest)
                for interest in self.asked.interests
                if fields.get(f"{interest}.{skill}")
            ]
            if said:
                yield name_of(self.ontology, skill, self.language), "; ".join(said)

    def _description(self, skill: str) -> str:
        entry: Entry = self.ontology.entries[skill]
        return entry.terms.descriptions.get(self.language, "")


def start_fields(known: KnownPerson, questionnaire: Questionnaire) -> dict[str, str]:
    """Return the fields that a new draft begins with.

    Whoever has answered in this wave continues from that; else only facts about the person are
    filled in, and earlier answers about skills wait for being confirmed. A consent counts that
    was given in this wave, to the present text.
    """
    wave, consent = questionnaire.wave, known.consent
    kept = {
        name: each.value for name, each in known.answers.items() if each.wave in ("", wave.key)
    }
    version = consent_version(questionnaire)
    if consent is not None and consent.text_version == version and consent.on >= wave.start:
        kept |= {CONSENT: consent.kind, CONSENT_VERSION: version}
    return kept


def confirmed(
    known: Mapping[str, KnownAnswer], fields: Fields, skills: tuple[str, ...]
) -> dict[str, str]:
    """Return the earlier answers about some skills that no new answer has replaced."""
    found = {}
    for name, each in known.items():
        kind, _, skill = name.partition(".")
        if skill in skills and not fields.get(f"{LEVEL}.{skill}") and kind != "babel":
            found[name] = each.value
    return found
