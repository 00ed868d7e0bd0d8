"""wbformatvalue, wbformatentities and wbavailablebadges, and the formatters of values."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from html import escape
from typing import Final

from wbskills.wikibase.model.entities import Snak
from wbskills.wikibase.model.values import (
    DAY,
    GREGORIAN,
    JULIAN,
    Coordinate,
    EntityRef,
    Monolingual,
    Quantity,
    Text,
    Time,
    Unknown,
    Value,
)
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.deserializers import (
    InvalidDataValue,
    parse_entity_id,
    read_entity_id,
    read_json,
    read_value,
)
from wbskills.wikibase.server.api.errors import ApiError, Json, api_error, wikibase_error
from wbskills.wikibase.server.api.languages import (
    ENGLISH,
    day_suffix,
    month_name,
    separators,
    term_languages,
)
from wbskills.wikibase.server.api.titles import title_of
from wbskills.wikibase.server.api.validators import Validators
from wbskills.wikibase.server.api.wbsearchentities import in_language
from wbskills.wikibase.server.view_model import EntityLabels

_OPTIONS: Final[Mapping[str, Callable[[object], bool]]] = {
    "lang": lambda value: isinstance(value, str),
    "applyRounding": lambda value: isinstance(value, (bool, int)),
    "applyUnit": lambda value: isinstance(value, bool),
    "showcalendar": lambda value: isinstance(value, bool) or value == "auto",
}
_LONG_SPANS: Final = {  # by precision: years rounded to, number of units in them, unit
    0: (1_000_000_000, 1, "billion years"),
    1: (100_000_000, 100, "million years"),
    2: (10_000_000, 10, "million years"),
    3: (1_000_000, 1, "million years"),
    4: (100_000, 100_000, "years"),
    5: (10_000, 10_000, "years"),
}
_CALENDARS: Final = {GREGORIAN: "Gregorian", JULIAN: "Julian"}
_GREGORIAN_SINCE: Final = 1583
_BOTH_CALENDARS: Final = range(1581, 1930)  # years of which the calendar is always shown

LabelOf = Callable[[str], str]


def format_value(call: Call) -> Json:
    """Format a value as HTML, plain text or wikitext."""
    undecoded = api_error("baddatavalue")
    found = read_json(call.values["datavalue"], undecoded)
    try:
        value = read_value(found)
    except InvalidDataValue as error:
        raise ApiError("baddatavalue", f"Failed to decode datavalue: {error}") from None
    datatype = Validators(call.site, call.settings).requested_datatype(call.values)
    return {"result": _formatted(call, value, datatype, _options(call))}


def format_entities(call: Call) -> Json:
    """Format entities as HTML links."""
    ids = [read_entity_id(text) for text in call.values["ids"]]
    shown = {entity_id: _link(call, entity_id, call.language) for entity_id in ids}
    return {"wbformatentities": shown, "success": 1}


def available_badges(_call: Call) -> Json:
    """List the badges of sitelinks: this wiki has none."""
    return {"badges": []}


def snak_summary(snak: Snak) -> str:
    """Format a snak for the summary of an edit, for example `[[Property:P3]]: text`."""
    if snak.value is None:
        shown = "no value" if snak.kind == "novalue" else "unknown value"
    else:
        shown = format_plain(snak.value, lambda entity_id: f"[[{title_of(entity_id)}]]")
    return f"[[{title_of(snak.property)}]]: {shown}"


def format_plain(value: Value, label_of: LabelOf, language: str = ENGLISH) -> str:
    """Format a value as plain text, with the numbers and months of a language."""
    match value:
        case Text(text) | Monolingual(_, text):
            return text
        case EntityRef(entity_id):
            return label_of(entity_id)
        case Quantity():
            return _format_quantity(value, label_of, language)
        case Time():
            return _format_time(value, language)
        case Coordinate():
            latitude = _format_angle(value.latitude, "N", "S", value.precision)
            return f"{latitude}, {_format_angle(value.longitude, 'E', 'W', value.precision)}"
        case Unknown(_, data):
            return str(data)


def _options(call: Call) -> Json:
    """Read the options. Raises `ApiError` for an unknown option or value."""
    if not call.values["options"]:
        return {}
    found = read_json(call.values["options"], wikibase_error("invalid-json"))
    if not isinstance(found, dict):
        return {}
    for name, value in found.items():
        if name not in _OPTIONS:
            raise ApiError("param-illegal", f"Unknown option: {name[:100]}")
        if not _OPTIONS[name](value):
            raise ApiError("param-illegal", f"The value of the option {name} is invalid")
    return found


def _formatted(call: Call, value: Value, datatype: str | None, options: Json) -> str:
    form, language = call.values["generate"], str(options.get("lang", call.language))
    if isinstance(value, Quantity) and options.get("applyUnit") is False:
        value = replace(value, unit="1")
    text = format_plain(value, lambda entity_id: _label(call, entity_id, language), language)
    if form == "text/plain":
        calendar = _plain_calendar(value, options.get("showcalendar", False))
        return f"{text} ({calendar})" if calendar else text
    if form == "text/x-wiki":
        if isinstance(value, EntityRef):
            return f"[[{title_of(value.id)}|{text}]]"
        if isinstance(value, Monolingual):
            return f'<span lang="{escape(value.language)}">{escape(text)}</span>'
        return text
    return _html(call, value, text, datatype, language)


def _html(call: Call, value: Value, text: str, datatype: str | None, language: str) -> str:
    shown = escape(text)
    match value:
        case EntityRef(entity_id):
            return _link(call, entity_id, language)
        case Time() if calendar := _calendar_to_show(value):
            return f'{shown}<sup class="wb-calendar-name">{escape(calendar)}</sup>'
        case Monolingual(code, _):
            name = escape(term_languages().get(code, code))
            return (
                f'<span lang="{escape(code)}" class="wb-monolingualtext-value">{shown}</span>'
                f' <span class="wb-monolingualtext-language-name" dir="auto">({name})</span>'
            )
        case Text() if datatype == "url":
            return f'<a rel="nofollow" class="external free" href="{shown}">{shown}</a>'
        case Text() if datatype == "external-id":
            property_id = parse_entity_id(call.values["property"] or "") or ""
            labels = EntityLabels(call.site.store, [property_id], ())
            url = labels.identifier_url(Snak(property_id, Text(text), "external-id"), text)
            if url:
                href = f'href="{escape(url)}" rel="nofollow"'
                return f'<a class="wb-external-id external" {href}>{shown}</a>'
            return f'<span class="wb-external-id">{shown}</span>'
    return shown


def _label(call: Call, entity_id: str, language: str) -> str:
    """Return the label of an entity, or its id."""
    stored = call.read_entities([entity_id]).get(entity_id)
    label = in_language(stored.entity.labels, language) if stored else None
    return str(label["value"]) if label else entity_id


def _link(call: Call, entity_id: str, language: str) -> str:
    title = str(title_of(entity_id))
    href = escape(f"{call.site.address}/wiki/{title}")
    label = escape(_label(call, entity_id, language))
    return f'<a title="{escape(title)}" href="{href}">{label}</a>'


def _plain_calendar(value: Value, wanted: object) -> str | None:
    """Return the calendar of a date if the option `showcalendar` asks for it."""
    if not isinstance(value, Time) or not wanted:
        return None
    return _calendar_to_show(value) if wanted == "auto" else _CALENDARS.get(value.calendar)


def _calendar_to_show(value: Time) -> str | None:
    """Return the calendar of a date; None if it is the usual one of its time."""
    if value.precision < 9:
        return None
    year = int(value.time[0] + value.time[1:].partition("-")[0])
    usual = GREGORIAN if year >= _GREGORIAN_SINCE else JULIAN
    if value.calendar == usual and (value.precision == 9 or year not in _BOTH_CALENDARS):
        return None
    return _CALENDARS.get(value.calendar, value.calendar)


def _format_quantity(value: Quantity, label_of: LabelOf, language: str) -> str:
    number = Decimal(value.amount)
    amount = _format_number(number, language)
    if value.upper is not None and value.lower is not None:
        margin = max(Decimal(value.upper) - number, number - Decimal(value.lower))
        amount = f"{_format_number(number, language, trim=True)}±"
        amount += _format_number(margin, language, trim=True)
    if value.unit == "1":
        return amount
    return f"{amount} {label_of(value.unit.rpartition('/')[2])}"


def _format_number(number: Decimal, language: str, *, trim: bool = False) -> str:
    text = f"{number:,f}"
    if trim and "." in text:
        text = text.rstrip("0").rstrip(".")
    group, point = separators(language)
    return text.translate({ord(","): group, ord("."): point})


def _format_time(value: Time, language: str) -> str:
    """Format a time as Wikibase's MwTimeIsoFormatter does."""
    year, month, day = (int(part) for part in value.time[1:].partition("T")[0].split("-"))
    text = _format_year(year, value.precision, bce=value.time[0] == "-")
    if value.precision >= 10:
        if not 0 < month <= 12 or (value.precision >= DAY and not day):
            return value.time
        text = f"{month_name(language, month)} {text}"
    if value.precision >= DAY:
        text = f"{day}{day_suffix(language)} {text}"
    return text


def _format_year(year: int, precision: int, *, bce: bool) -> str:
    """Format a year, or the span of years around it."""
    era = " BCE" if bce else ""
    if precision in _LONG_SPANS:
        span, units, unit = _LONG_SPANS[precision]
        if number := (2 * year + span) // (2 * span) * units:
            return f"{number} {unit}{era or ' CE'}"
    elif precision in (6, 7):
        span, unit = (1000, "millennium") if precision == 6 else (100, "century")
        if number := -(-year // span):
            return f"{number}. {unit}{era}"
    elif precision == 8 and (number := year // 10 * 10):
        return f"{number}s{era}"
    return f"{year}{era or (' CE' if year < 100 else '')}"


def _format_angle(number: float, positive: str, negative: str, precision: float | None) -> str:
    seconds = round(abs(number) * 3600, 2 if (precision or 1) < 1 / 3600 else 0)
    minutes, second = divmod(seconds, 60)
    degree, minute = divmod(int(minutes), 60)
    text = f"{degree}°"
    if (precision or 0) < 1:
        text += f"{minute}'"
    if (precision or 0) < 1 / 60:
        text += f'{second:g}"'
    return text + (positive if number >= 0 else negative)
