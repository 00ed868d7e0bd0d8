"""The terms of the domain: people, consents, answers about skills, survey waves.

Skills, levels, waves and communities are named by their keys in the ontology (`lua_modules`,
`alone`), so nothing here depends on one Wikibase.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Final

USERNAME: Final = "wikimedia_username"
PSEUDONYM: Final = "pseudonym"
NAME_PROPERTIES: Final = (USERNAME, PSEUDONYM)


@dataclass(frozen=True, slots=True)
class Identity:
    """The name of a person: a username (normalised) or a pseudonym.

    `property` is the key of the property that has it, `USERNAME` or `PSEUDONYM`.
    """

    property: str
    name: str

    def key(self) -> str:
        """Return the key of the person's item in plans and journals."""
        return f"{self.property}/{self.name}"


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person consented to: a class (`consent_named` …), when, and to which text."""

    kind: str
    on: date
    text_url: str = ""
    text_version: str = field(default="", repr=False)  # `repr` is part of hashes that are stored


@dataclass(frozen=True, slots=True)
class Assessment:
    """The answer of one person about one skill in one wave.

    `level` is the key of a level, or `does_not_apply` or `not_sure`; empty if there are only
    `interests`, which are keys: wants_to_learn, can_help, can_teach.
    """

    skill: str
    level: str
    interests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SuggestedSkill:
    """A skill that a person suggested, in their own words; the survey did not ask about it.

    `level` is the key of a level; empty if they gave none.
    """

    wording: str
    level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaks:
    """A language (key `lang_xx`), and how well, as a level of the Babel scale if known."""

    language: str
    babel_level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The response of one person in one wave: all that is stored of it, and nothing else.

    `id` is the number or token of the response in the survey tool; only a salted hash of it is
    ever stored. `row` is the row of the file, as a spreadsheet counts. Empty texts are unknown.
    `named` goes to the queue of suggestions, never to the Wikibase; `decided` are those wordings
    of theirs that have a decision there. `account` is the username behind a pseudonym, if the
    survey has it: it is never written to the Wikibase, and shown in no text. `identified_by` says
    how the person was identified, where they did not log in.
    """

    identity: Identity
    consent: Consent
    wave: str
    on: date
    id: str
    row: int
    assessments: tuple[Assessment, ...] = ()
    home_community: str = ""
    affiliation: str = ""
    speaks: tuple[Speaks, ...] = ()
    time_zone: str = ""
    availability: str = ""
    role: str = ""
    named: tuple[SuggestedSkill, ...] = ()
    decided: tuple[str, ...] = ()
    account: Identity | None = field(default=None, repr=False)
    identified_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a survey file asks: an answer that is missing there was not given, or was taken back.

    `levels` are skills asked for a level, `interests` those asked for an interest; a skill may be
    in both. `facts` are properties of a person (`home_community` …, `speaks`); `languages` are
    those that have a question each, where people do not name the languages they speak.
    """

    levels: frozenset[str] = frozenset()
    interests: frozenset[str] = frozenset()
    facts: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()

    def __str__(self) -> str:
        parts = (self.levels, self.interests, self.facts, self.languages)
        return "; ".join(" ".join(sorted(part)) for part in parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """One run of a survey: key, labels by language, first and last day, address of the survey.

    `consent_text_version` is stored with each consent, not with the wave, during which the text
    may change. `invited` counts people; `license` is the address of the licence under which the
    answers were published before, where that is what allows the import; `asked` has the keys of
    the skills.
    """

    key: str
    labels: dict[str, str]
    start: date
    end: date
    url: str = ""
    consent_text_url: str = ""
    consent_text_version: str = ""
    license: str = ""
    invited: int | None = None
    asked: tuple[str, ...] = ()
