"""wbformatvalue, wbformatentities and wbavailablebadges."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape
from typing import Final

from wbskills.wikibase.model.entities import Snak
from wbskills.wikibase.model.values import EntityRef, Monolingual, Quantity, Text, Time, Value
from wbskills.wikibase.server.api.call import Call, Module, title
from wbskills.wikibase.server.api.display import CALENDARS, calendar_to_show, text_of
from wbskills.wikibase.server.api.errors import ApiError, refused
from wbskills.wikibase.server.api.languages import of_terms
from wbskills.wikibase.server.api.messages import Json
from wbskills.wikibase.server.api.parameters import Parameter
from wbskills.wikibase.server.api.rules import DATATYPES, Rules
from wbskills.wikibase.server.api.searching import in_language
from wbskills.wikibase.server.api.statements import read_json
from wbskills.wikibase.server.api.values import Corrupt, entity_id, read_value
from wbskills.wikibase.server.view_model import EntityLabels

_OPTIONS: Final[Mapping[str, Callable[[object], bool]]] = {
    "lang": lambda value: isinstance(value, str),
    "applyRounding": lambda value: isinstance(value, (bool, int)),
    "applyUnit": lambda value: isinstance(value, bool),
    "showcalendar": lambda value: isinstance(value, bool) or value == "auto",
}


def _named(call: Call, name: str, language: str) -> str:
    """Say what an entity is called in a language."""
    target = call.site.store.pages.redirects([name]).get(name, name)
    stored = call.site.store.read([target]).get(target)
    label = in_language(stored.entity.labels, language) if stored else None
    return str(label["value"]) if label else name


def _linked(call: Call, name: str, language: str) -> str:
    page = title(name)
    address = f"{call.site.address}/wiki/{page}"
    shown = escape(_named(call, name, language))
    return f'<a title="{escape(page)}" href="{escape(address)}">{shown}</a>'


def _format_value(call: Call) -> Json:
    undecoded = ApiError("baddatavalue", "Failed to decode datavalue")
    found = read_json(call.values["datavalue"], undecoded)
    try:
        value = read_value(found)
    except Corrupt as error:
        raise ApiError("baddatavalue", f"Failed to decode datavalue: {error}") from None
    datatype = call.values["datatype"]
    if datatype is None and call.values["property"] is not None:
        property_id = entity_id(call.values["property"]) or ""
        datatype = Rules(call.site, call.settings).datatype(property_id)
    options = _options(call)
    return {"result": _shown(call, value, datatype, options)}


def _options(call: Call) -> Json:
    """Read the options. Raises `ApiError` where Wikibase knows no such option or value."""
    if not call.values["options"]:
        return {}
    found = read_json(call.values["options"], refused("invalid-json"))
    if not isinstance(found, dict):
        return {}
    for name, value in found.items():
        good = _OPTIONS.get(name)
        if good is None:
            raise ApiError("param-illegal", f"Unknown option: {name[:100]}")
        if not good(value):
            raise ApiError("param-illegal", f"The value of the option {name} is invalid")
    return found


def _shown(call: Call, value: Value, datatype: str | None, options: Json) -> str:
    form, language = call.values["generate"], str(options.get("lang", call.language))
    if isinstance(value, Quantity) and options.get("applyUnit") is False:
        value = replace(value, unit="1")
    text = text_of(value, lambda name: _named(call, name, language), language)
    if form == "text/plain":
        calendar = _calendar(value, options)
        return f"{text} ({calendar})" if calendar else text
    if form == "text/x-wiki":
        if isinstance(value, EntityRef):
            return f"[[{title(value.id)}|{text}]]"
        if isinstance(value, Monolingual):
            return f'<span lang="{escape(value.language)}">{escape(text)}</span>'
        return text
    return _html(call, value, text, datatype, language)


def _calendar(value: Value, options: Json) -> str | None:
    """Name the calendar of a date as plain text does: only where that is asked for."""
    wanted = options.get("showcalendar", False)
    if not isinstance(value, Time) or not wanted:
        return None
    return calendar_to_show(value) if wanted == "auto" else CALENDARS.get(value.calendar)


def _html(call: Call, value: Value, text: str, datatype: str | None, language: str) -> str:
    shown = escape(text)
    match value:
        case EntityRef(target):
            return _linked(call, target, language)
        case Time() if calendar := calendar_to_show(value):
            return f'{shown}<sup class="wb-calendar-name">{escape(calendar)}</sup>'
        case Monolingual(code, _):
            named = escape(of_terms().get(code, code))
            return (
                f'<span lang="{escape(code)}" class="wb-monolingualtext-value">{shown}</span>'
                f' <span class="wb-monolingualtext-language-name" dir="auto">({named})</span>'
            )
        case Text() if datatype == "url":
            return f'<a rel="nofollow" class="external free" href="{shown}">{shown}</a>'
        case Text() if datatype == "external-id":
            return _identifier(call, text)
    return shown


def _identifier(call: Call, text: str) -> str:
    """Mark an id of another database; link it, where its property is named and tells how."""
    snak = Snak(entity_id(call.values["property"] or "") or "", Text(text), "external-id")
    labels = EntityLabels(call.site.store, [snak.property], ())
    address = labels.identifier_url(snak, text)
    if not address:
        return f'<span class="wb-external-id">{escape(text)}</span>'
    return (
        f'<a class="wb-external-id external" href="{escape(address)}" rel="nofollow">'
        f"{escape(text)}</a>"
    )


def _format_entities(call: Call) -> Json:
    shown: Json = {}
    for text in call.values["ids"] or ():
        name = entity_id(text)
        if name is None:
            raise refused("invalid-entity-id")
        shown[name] = _linked(call, name, call.language)
    return {"wbformatentities": shown, "success": 1}


def _available_badges(_call: Call) -> Json:
    return {"badges": []}


FORMAT_VALUE = Module(
    "wbformatvalue",
    _format_value,
    (
        Parameter(
            "generate",
            choices=(
                "text/html",
                "text/html; disposition=verbose",
                "text/html; disposition=verbose-preview",
                "text/plain",
                "text/x-wiki",
            ),
            default="text/x-wiki",
        ),
        Parameter("datavalue", "text", required=True),
        Parameter("datatype", choices=tuple(sorted(DATATYPES, key=str.casefold))),
        Parameter("property"),
        Parameter("options", "text"),
    ),
)
FORMAT_ENTITIES = Module(
    "wbformatentities", _format_entities, (Parameter("ids", required=True, multi=True),)
)
AVAILABLE_BADGES = Module("wbavailablebadges", _available_badges)
