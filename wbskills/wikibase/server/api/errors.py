"""The one way in which a module refuses: an error with a code, as the client will see it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from wbskills.wikibase.server.api.messages import Json, Message, html, plain

_SEE: Final = (
    "See {} for API usage. Subscribe to the mediawiki-api-announce mailing list at"
    " &lt;https://lists.wikimedia.org/postorius/lists/mediawiki-api-announce.lists.wikimedia.org/"
    "&gt; for notice of API deprecations and breaking changes."
)

_TEXTS: Final[Mapping[str, Callable[[str], str]]] = {
    "plaintext": plain,
    "html": html,
    "wikitext": str,
}


class ApiError(Exception):
    """A refusal. `messages` are Wikibase's, `data` further members, `also` further codes."""

    def __init__(
        self,
        code: str,
        text: str,
        *,
        messages: Sequence[Message] = (),
        data: Mapping[str, Any] | None = None,
        also: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {text}")
        self.code, self.text = code, text
        self.messages, self.data = tuple(messages), dict(data or {})
        self.codes = ", ".join([code, *also])
        self.headers = dict(headers or {})

    def to_json(self, *, form: str, version: int, see: str, module: str) -> Json:
        """Write the error in the form that the client asked for by `errorformat`."""
        data = dict(self.data)
        if self.messages:
            data["messages"] = [message.to_json(version) for message in self.messages]
        hint = "*" if version == 1 else "docref"
        if form == "bc":
            error = {"code": self.code, "info": plain(self.text), **data, hint: _SEE.format(see)}
            return {"error": error}
        found: Json = {"code": self.code}
        if form in _TEXTS:
            name = "*" if version == 1 else form if form == "html" else "text"
            found[name] = _TEXTS[form](self.text)
        elif form == "raw":
            found |= {"key": self.messages[0].name if self.messages else self.code, "params": []}
        if data:
            found["data"] = data
        found["module"] = "main" if self.messages or self.code == "maxlag" else module
        return {"errors": [found], hint: _SEE.format(see)}


def refused(code: str, *parameters: str | int, name: str = "") -> ApiError:
    """Make an error of Wikibase's own, whose message is named after its code."""
    message = Message(name or f"wikibase-api-{code}", parameters)
    return ApiError(code, message.wikitext, messages=[message])


def invalid(name: str, *parameters: str | int) -> ApiError:
    """Make the error for a value or term that a validator does not let through."""
    return refused("modification-failed", *parameters, name=f"wikibase-validator-{name}")


def unsaved(*reasons: Message, also: Sequence[str] = ()) -> ApiError:
    """Make the error for an edit that was fine by itself and cannot be saved."""
    first = Message("wikibase-api-failed-save")
    return ApiError(
        "failed-save", first.wikitext, messages=[first, *reasons], also=also or [reasons[0].name]
    )


def missing_param(name: str) -> ApiError:
    """Make the error for a parameter that was left out."""
    return ApiError("missingparam", f'The "{name}" parameter must be set.')


def bad_value(name: str, value: str) -> ApiError:
    """Make the error for a parameter whose value is none of those allowed."""
    return ApiError("badvalue", f'Unrecognized value for parameter "{name}": {value}.')
