"""Invented people who answer the questionnaire for ambassadors, and what has to come of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from wbskills.domain import Response


@dataclass(frozen=True, slots=True, kw_only=True)
class Respondent:
    """A person and all that they answer, in keys of the ontology; what is missing is skipped."""

    username: str
    consent: str = "consent_named"
    pseudonym: str = ""
    when: datetime = datetime(2026, 12, 5, 10, 30)  # noqa: DTZ001 - as survey tools write it
    levels: Mapping[str, str] = field(default_factory=dict)
    interests: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    another_skill: str = ""
    languages: tuple[tuple[str, str], ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)

    def not_named(self) -> "Respondent":
        """Return the person as a form knows them that asks only those for a name who agreed."""
        return self if self.consent == "consent_named" else replace(self, username="")


PEOPLE: Final = (
    Respondent(
        username="Ada Example",
        levels={
            "templates": "alone", "bug_reporting": "leads", "phabricator": "not_sure",
            "lua_modules": "with_help", "sql_replicas": "none", "survey_design": "aware",
        },
        interests={
            "wants_to_learn": ("lua_modules", "templates"),
            "can_help": ("bug_reporting",),
            "can_teach": ("bug_reporting", "page_translation"),
        },
        another_skill="Typesetting",
        languages=(("lang_de", "babel_n"), ("lang_en", "babel_4")),
        facts={
            "home_community": "dewiki", "time_zone": "Europe/Berlin", "availability": "limited",
        },
    ),
    Respondent(
        username="Bo Invented",
        consent="consent_pseudonym",
        pseudonym="Kingfisher",
        when=datetime(2026, 12, 6, 20, 5),  # noqa: DTZ001 - as above
        levels={"templates": "does_not_apply", "helpdesk": "aware", "mentoring": "alone"},
        facts={"home_community": "arwiki"},
    ),
    Respondent(username="Cy Refused", consent="withheld"),
    Respondent(username="Di Silent", when=datetime(2026, 12, 7, 7, 0)),  # noqa: DTZ001 - as above
)  # fmt: skip


def meant(person: Respondent, skills: tuple[str, ...]) -> dict[str, object]:
    """Return what an import has to make of a person's answers; `skills` are all that is asked."""
    ticked: dict[str, set[str]] = {}
    for interest, chosen in person.interests.items():
        for skill in chosen:
            ticked.setdefault(skill, set()).add(interest)
    named = person.consent == "consent_named"
    return {
        "name": person.username if named else f"ambassadors-2026-27-{person.pseudonym}",
        "consent": (person.consent, "ambassadors 1"),
        "on": person.when.date(),
        "answers": {
            skill: (person.levels.get(skill, ""), frozenset(ticked.get(skill, ())))
            for skill in skills
            if skill in person.levels or skill in ticked
        },
        "named": person.another_skill,
        "languages": dict(person.languages),
        "facts": dict(person.facts),
        "role": "technical_ambassador",
        "wave": "ambassadors_2026_27",
    }


def imported(response: Response) -> dict[str, object]:
    """Return a response in the same form as `meant`."""
    facts = {
        name: value
        for name in ("home_community", "time_zone", "availability")
        if (value := getattr(response, name))
    }
    return {
        "name": response.identity.name,
        "consent": (response.consent.kind, response.consent.text_version),
        "on": response.on,
        "answers": {
            said.skill: (said.level, frozenset(said.interests)) for said in response.assessments
        },
        "named": "".join(each.wording for each in response.named),
        "languages": {each.language: each.babel_level for each in response.speaks},
        "facts": facts,
        "role": response.role,
        "wave": response.wave,
    }
