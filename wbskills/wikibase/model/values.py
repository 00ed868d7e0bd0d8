"""Values of Wikibase's data model, one class per kind of datavalue.

Their members are those of Wikibase's JSON
(https://www.mediawiki.org/wiki/Wikibase/DataModel/JSON). Texts and amounts are stored as Wikibase
wrote them, so that writing back what was read loses nothing.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from wbskills.errors import InvalidValue

GREGORIAN = "http://www.wikidata.org/entity/Q1985727"
JULIAN = "http://www.wikidata.org/entity/Q1985786"
EARTH = "http://www.wikidata.org/entity/Q2"
DAY = 11  # precision of a time: 9 is a year, 10 a month, 11 a day


@dataclass(frozen=True, slots=True)
class Text:
    """A plain text: the value of string, external-id, url and commonsMedia properties."""

    text: str


@dataclass(frozen=True, slots=True)
class EntityRef:
    """A link to the item or property `id`."""

    id: str


@dataclass(frozen=True, slots=True)
class Time:
    """A point in time as Wikibase writes it, `+2026-03-04T00:00:00Z`.

    `precision` goes from 0 (a billion years) over 9 (a year) and 11 (a day) to 14 (a second).
    """

    time: str
    precision: int = DAY
    calendar: str = GREGORIAN
    timezone: int = 0
    before: int = 0
    after: int = 0

    @property
    def order(self) -> tuple[int, str]:
        """A key that sorts times from the oldest to the newest: the year, then the rest."""
        sign = -1 if self.time.startswith("-") else 1
        year, _, rest = self.time[1:].partition("-")
        return sign * int(year), rest


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with a sign (`+3`), exact; `unit` is `1` or the address of an item."""

    amount: str
    unit: str = "1"
    upper: str | None = None
    lower: str | None = None


@dataclass(frozen=True, slots=True)
class Monolingual:
    """A text in one language."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Coordinate:
    """A place on a globe, in degrees."""

    latitude: float
    longitude: float
    precision: float | None
    globe: str = EARTH


@dataclass(frozen=True, slots=True, eq=False)
class Unknown:
    """A value of an unknown kind, which is stored and written back unchanged."""

    kind: str
    json: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unknown) and (self.kind, self.json) == (other.kind, other.json)

    def __hash__(self) -> int:
        return hash((self.kind, repr(self.json)))


Value = Text | EntityRef | Time | Quantity | Monolingual | Coordinate | Unknown


def day(value: date) -> Time:
    """Return the time value of a calendar day.

    >>> day(date(2026, 3, 4)).time
    '+2026-03-04T00:00:00Z'
    """
    return Time(f"+{value.year:04}-{value.month:02}-{value.day:02}T00:00:00Z")


def whole_number(number: int, unit: str = "1") -> Quantity:
    """Return the quantity of a whole number.

    >>> whole_number(3).amount
    '+3'
    """
    return Quantity(f"{number:+}", unit)


def check_text(text: str, *, longest: int, what: str) -> str:
    """Return `text` if Wikibase accepts it as a value or term; `what` names it in messages.

    Raises `InvalidValue` if it is empty, has more than `longest` characters, begins or ends
    with white space, or contains a control character.
    """
    if not text:
        raise InvalidValue(f"{what} is empty")
    if len(text) > longest:
        raise InvalidValue(f"{what} has {len(text)} characters; at most {longest} are allowed")
    if text != text.strip() or any(ord(sign) < 32 for sign in text):
        raise InvalidValue(f"{what} begins or ends with a space, or contains a line break")
    return text
