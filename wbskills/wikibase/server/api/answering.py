"""The answer to a request, as it goes over the wire."""

import json
from dataclasses import dataclass
from html import escape

from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.messages import Json


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered: the JSON, and headers."""

    result: Json
    headers: dict[str, str]
    call: Call


def warned(call: Call, result: Json) -> Json:
    """Put the warnings of a request into its answer."""
    if not (call.warnings or call.messages):
        return result
    if call.main["errorformat"] != "bc":
        name = "*" if call.version == 1 else "text"
        listed: list[Json] = [
            {"code": "warning", name: text, "module": module}
            for module, texts in call.warnings.items()
            for text in texts
        ]
        listed += [
            {"code": message["name"], "data": {"messages": [message]}, "module": "main"}
            for message in call.messages
        ]
        return {"warnings": listed, **result}
    name = "*" if call.version == 1 else "warnings"
    found: Json = {module: {name: "\n".join(texts)} for module, texts in call.warnings.items()}
    if call.messages:
        found.setdefault(call.module.name, {})["messages"] = call.messages
    return {"warnings": found, **result}


def finished(call: Call, result: Json) -> Json:
    """Add what the client asked every answer to have."""
    if call.limits:
        result = {"limits": call.limits, **result}
    if call.main.get("requestid"):
        result["requestid"] = call.main["requestid"]
    if call.main.get("servedby"):
        result["servedby"] = "wbskills"
    if call.main.get("curtimestamp"):
        result["curtimestamp"] = call.site.store.now()
    return result


def dumped(result: Json, call: Call) -> str:
    """Write the answer as JSON: in ASCII, unless the client takes UTF-8."""
    wants_ascii = call.main.get("ascii") or (call.version == 1 and not call.main.get("utf8"))
    text = json.dumps(result, ensure_ascii=bool(wants_ascii), separators=(",", ":"))
    return text if wants_ascii else text.encode("utf-8", "replace").decode()


def page_of_json(text: str) -> str:
    """Show the answer to somebody who looks at it in a browser."""
    return f"<!DOCTYPE html><meta charset=utf-8><title>API</title><pre>{escape(text)}</pre>"
