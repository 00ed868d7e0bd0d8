"""wbformatvalue, wbformatentities and wbavailablebadges."""

from html import escape

from wbskills.model.values import EntityRef, Text, Value
from wbskills.web.api.call import Call, Module, title
from wbskills.web.api.display import text_of
from wbskills.web.api.errors import ApiError, refused
from wbskills.web.api.messages import Json
from wbskills.web.api.parameters import Parameter
from wbskills.web.api.rules import DATATYPES, Rules
from wbskills.web.api.searching import in_language
from wbskills.web.api.statements import read_json
from wbskills.web.api.values import Corrupt, entity_id, read_value


def _named(call: Call, name: str) -> str:
    """Say what an entity is called, in the language of the request."""
    target = call.site.store.archive.redirects([name]).get(name, name)
    stored = call.site.store.read([target]).get(target)
    label = in_language(stored.entity.labels, call.language) if stored else None
    return str(label["value"]) if label else name


def _linked(call: Call, name: str) -> str:
    page = title(name)
    address = f"{call.site.address}/wiki/{page}"
    shown = escape(_named(call, name))
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
    return {"result": _shown(call, value, datatype, call.values["generate"])}


def _shown(call: Call, value: Value, datatype: str | None, form: str) -> str:
    text = text_of(value, lambda name: _named(call, name))
    if form == "text/plain":
        return text
    if form == "text/x-wiki":
        if isinstance(value, EntityRef):
            return f"[[{title(value.id)}|{text}]]"
        return text
    if isinstance(value, EntityRef):
        return _linked(call, value.id)
    if isinstance(value, Text) and datatype == "url":
        return f'<a rel="nofollow" class="external free" href="{escape(text)}">{escape(text)}</a>'
    return escape(text)


def _format_entities(call: Call) -> Json:
    shown: Json = {}
    for text in call.values["ids"] or ():
        name = entity_id(text)
        if name is None:
            raise refused("invalid-entity-id")
        shown[name] = _linked(call, name)
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
