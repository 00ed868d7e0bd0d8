"""The messages of the site, one file per language, with numbers and dates as each writes them."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from pathlib import Path
from string import Formatter

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup, escape

from wbskills.errors import InvalidValue

_FOLDER = Path(__file__).resolve().parent / "messages"
_FALLBACK = "en"
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
# https://www.w3.org/International/questions/qa-scripts lists the scripts; these languages
# are mostly written in one of them.
_RIGHT_TO_LEFT = {
    "aeb", "ar", "arc", "ary", "arz", "apc", "azb", "bqi", "ckb", "dv", "fa", "glk", "he", "khw",
    "ks", "lki", "lrc", "luz", "mzn", "nqo", "pnb", "ps", "sd", "skr", "syr", "ug", "ur", "yi",
}  # fmt: skip
_RIGHT_TO_LEFT_SCRIPTS = {"arab", "hebr", "nkoo", "syrc", "thaa"}

_STEERS_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ONE_PER_CENT = Decimal("0.01")

Value = str | int | date | datetime | Decimal


class Translation:
    """The messages of one language; a message that is not translated yet is English.

    A message is named `section.name`. If it has plural forms (`one`, `few`, `other` …), the
    value `n` selects one. Raises `InvalidValue` if `language` is not a language code.
    """

    def __init__(self, language: str, *, folder: Path = _FOLDER) -> None:
        if not _LANGUAGE.fullmatch(language):
            raise InvalidValue(
                f"“{language}” is not a language code", hint="use a code, for example en or pt-br"
            )
        self.language = language
        self.locale = _locale(language)
        self.plural = self.locale.plural_form  # Babel builds it at each access
        self._messages = _load(folder / f"{_FALLBACK}.toml")
        base = language.lower().split("-")[0]
        for name in dict.fromkeys((base, language.lower())):
            own = folder / f"{name}.toml"
            if name != _FALLBACK and own.is_file():
                self._messages |= _load(own)
        self._fixed: dict[str, Markup] = {}
        self._percent = cache(self._format_percent)
        self._plain = cache(lambda name: self(name).unescape())
        self._number = cache(self._format_number)
        self._day = cache(self._format_day)
        self.time = cache(self._format_time)
        self._isolates = self.direction == "rtl"

    def __call__(self, name: str, /, **values: Value) -> Markup:
        """Return a message with its values, both escaped for HTML.

        The direction of writing of a value does not affect the text around it.
        """
        if not values and name in self._fixed:
            return self._fixed[name]
        message = self._messages[name]
        if not isinstance(message, str):
            n = values["n"]
            category = self.plural(n if isinstance(n, int) else 0)
            message = message.get(category, message["other"])
        pieces = []
        for text, key in _pieces(message):
            pieces.append(text)
            if key:
                pieces.append(str(escape(self._shown(values[key]))))
        found = Markup("".join(pieces))  # noqa: S704  # messages are escaped when they are read
        if not values:
            self._fixed[name] = found  # used on thousands of pages
        return found

    def plain(self, name: str, /, **values: Value) -> str:
        """Return a message as plain text, for files that are not HTML."""
        return self(name, **values).unescape() if values else self._plain(name)

    def has(self, name: str) -> bool:
        """Check whether there is such a message."""
        return name in self._messages

    @property
    def direction(self) -> str:
        """The direction in which the language is written: `ltr` or `rtl`."""
        base, *subtags = self.language.lower().split("-")
        from_right = base in _RIGHT_TO_LEFT or bool(_RIGHT_TO_LEFT_SCRIPTS & set(subtags))
        return "rtl" if from_right and "latn" not in subtags else "ltr"

    def number(self, value: Decimal | int | None, places: int = 0) -> str:
        """Format a number with that many decimals; a dash for None."""
        return "–" if value is None else self._number(value, places)

    def percent(self, part: int, whole: int) -> str:
        """Format a share in whole per cents: only none is 0%, and only all is 100%."""
        if whole <= 0:
            return "–"
        share = Decimal(part) / whole
        if 0 < share < _ONE_PER_CENT:
            return self._compared(f"<{self._percent(1)}")
        if 1 - _ONE_PER_CENT < share < 1:
            return self._compared(f">{self._percent(99)}")
        return self._percent(int((share * 100).to_integral_value(rounding=ROUND_HALF_UP)))

    def day(self, value: date | None) -> str:
        """Format a date in its short form; nothing for None."""
        return "" if value is None else self._day(value)

    def timestamp(self, value: datetime) -> str:
        """Format a date and time to the minute, with the time zone if it has one."""
        zone = f" {value.tzname()}" if value.tzname() else ""
        return f"{self._day(value.date())}, {value:%H:%M}{zone}"

    def _format_time(self, value: date | None) -> Markup:
        """Format a date as an HTML element; nothing for None."""
        if value is None:
            return Markup("")
        return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), self.day(value))

    def age(self, days: int | None) -> str:
        """Format an age in days, months or years, depending on how long it is."""
        if days is None:
            return "–"
        if days >= 730:
            return self.plain("age.years", n=round(days / 365.25))
        if days >= 45:
            return self.plain("age.months", n=round(days / 30.44))
        return self.plain("age.days", n=days)

    def _format_percent(self, whole: int) -> str:
        return format_percent(whole * _ONE_PER_CENT, locale=self.locale)

    def _compared(self, written: str) -> str:
        """Keep a sign of comparison from being mirrored in text from right to left."""
        return f"\u2066{written}\u2069" if self._isolates else written

    def _format_number(self, value: Decimal | int, places: int) -> str:
        pattern = "#,##0." + "0" * places if places else "#,##0"
        exact = Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
        return str(format_decimal(exact, pattern, locale=self.locale))

    def _format_day(self, value: date) -> str:
        return format_date(value, "medium", locale=self.locale)

    def _shown(self, value: Value) -> Value:
        if isinstance(value, int | Decimal):
            return self._number(value, 0)
        if isinstance(value, date):
            return self.day(value)
        return _isolated(value, ascii_too=self._isolates)


def available_languages() -> tuple[str, ...]:
    """List the codes of the languages that have messages, English first."""
    codes = sorted(file.stem for file in _FOLDER.glob("*.toml"))
    return (_FALLBACK, *(code for code in codes if code != _FALLBACK))


@cache
def _locale(language: str) -> Locale:
    """Find the nearest locale, or else English."""
    parts = language.split("-")
    for known in ("_".join(parts), parts[0], _FALLBACK):
        try:
            return Locale.parse(known)
        except (UnknownLocaleError, ValueError):
            continue
    raise AssertionError("Babel knows English")


def _load(file: Path) -> dict[str, str | Mapping[str, str]]:
    """Read messages, and escape them for HTML once."""
    sections = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        f"{section}.{name}": _escaped(message)
        for section, messages in sections.items()
        for name, message in messages.items()
    }


def _isolated(value: str, *, ascii_too: bool) -> str:
    """Isolate the direction of a value; in text from the left, ASCII needs no isolation."""
    if isinstance(value, Markup) or (value.isascii() and not ascii_too):
        return value
    return f"\u2068{_STEERS_DIRECTION.sub('', value)}\u2069"


@lru_cache(maxsize=1 << 10)
def _pieces(message: str) -> tuple[tuple[str, str | None], ...]:
    """Split a message into texts, each with the name of the value that follows it."""
    return tuple((text, key) for text, key, _, _ in Formatter().parse(message))


def _escaped(message: str | Mapping[str, str]) -> str | Mapping[str, str]:
    if isinstance(message, str):
        return message.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {category: str(_escaped(text)) for category, text in message.items()}
