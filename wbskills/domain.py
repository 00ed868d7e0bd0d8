"""The words of this field: who said what about which skill, in which wave.

Skills, levels, waves, communities and the like are named by their keys in the ontology
(`lua_modules`, `alone`), so nothing here depends on one Wikibase.
"""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a person is: a name in one of the properties that may name a person.

    `property` is `wikimedia_username` or `pseudonym`. A username is normalised already.
    """

    property: str
    name: str


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person agreed to: a consent class (`consent_named` …), when, and to which text."""

    kind: str
    on: date
    text_url: str = ""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What one person said about one skill in one wave.

    `level` is the key of a step of the scale, or `does_not_apply` or `not_sure`; empty where they
    told only what they would like to do with the skill. `interests` are keys: wants_to_learn,
    can_help, can_teach.
    """

    skill: str
    level: str
    interests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """A skill that a person named and that the form did not ask about, in their own words.

    `level` is the key of a step of the scale; empty if they did not tell it.
    """

    wording: str
    level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaks:
    """A language (key `lang_xx`) and how well, as a step of the Babel scale if it is known."""

    language: str
    babel_level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What one person answered in one wave: all that is stored of it, and nothing else.

    `id` is the response's number or token in the survey tool; only a salted hash of it is ever
    stored. `row` is the line of the file, as a spreadsheet counts. Empty texts are not known.
    `named` goes to the queue of candidate skills, never to the Wikibase; `decided` are wordings
    of theirs that were decided on there. `account` is whose a pseudonym is, if the survey tells:
    it is never written to the Wikibase, and shown in no text.
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
    named: tuple[Named, ...] = ()
    decided: tuple[str, ...] = ()
    account: Identity | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """One run of a survey: key, labels by language, first and last day, where its form stands.

    `invited` and `answered` count people; `license` is the address of the licence under
    which the answers were published before, where that is the ground for the record.
    """

    key: str
    labels: dict[str, str]
    start: date
    end: date
    url: str = ""
    consent_text_url: str = ""
    license: str = ""
    invited: int | None = None
    asked: tuple[str, ...] = ()
