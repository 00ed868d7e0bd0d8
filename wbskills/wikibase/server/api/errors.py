"""Errors of the Action API: their codes and messages are those of MediaWiki and Wikibase."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]

_TEXTS: Final[Mapping[str, str]] = json.loads(
    Path(__file__).with_name("i18n").joinpath("en.json").read_text(encoding="utf-8")
)
_SEE: Final = (
    "See {} for API usage. Subscribe to the mediawiki-api-announce mailing list at"
    " &lt;https://lists.wikimedia.org/postorius/lists/mediawiki-api-announce.lists.wikimedia.org/"
    "&gt; for notice of API deprecations and breaking changes."
)


@dataclass(frozen=True, slots=True)
class Message:
    """A message of MediaWiki: its key, and what replaces `$1`, `$2` and so on."""

    name: str
    parameters: tuple[Any, ...] = ()

    @property
    def wikitext(self) -> str:
        """The text with its parameters filled in."""
        text = _TEXTS.get(self.name, f"⧼{self.name}⧽")
        if self.name == "badaccess-groups":
            many = self.parameters[1:] != (1,)
            text = re.sub(r"\{\{(.*)\|(.*)\}\}", r"\1" if many else r"\2", text)
        if not self.parameters:
            return text
        values = [str(value) for value in self.parameters]
        return re.sub(
            r"\$(\d)",
            lambda found: values[int(found[1]) - 1] if int(found[1]) <= len(values) else found[0],
            text,
        )

    @property
    def plain(self) -> str:
        """The text without markup, on one line."""
        return plain(self.wikitext)

    def to_json(self, version: int) -> Json:
        """Return the message as it is listed in an error."""
        rendered = html(self.wikitext)
        shown: Any = {"*": rendered} if version == 1 else rendered
        return {"name": self.name, "parameters": list(self.parameters), "html": shown}


class ApiError(Exception):
    """A refused request: `code` and `text`, the `messages` behind them, and extra members.

    `also` are further codes for the header `MediaWiki-API-Error`.
    """

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
        """Return the error in the format `form` that the client chose with `errorformat`."""
        data = dict(self.data)
        if self.messages:
            data["messages"] = [message.to_json(version) for message in self.messages]
        hint = "*" if version == 1 else "docref"
        if form == "bc":
            error = {"code": self.code, "info": plain(self.text), **data, hint: _SEE.format(see)}
            return {"error": error}
        found: Json = {"code": self.code}
        if form in _RENDERERS:
            name = "*" if version == 1 else form if form == "html" else "text"
            found[name] = _RENDERERS[form](self.text)
        elif form == "raw":
            found |= {"key": self.messages[0].name if self.messages else self.code, "params": []}
        if data:
            found["data"] = data
        found["module"] = "main" if self.messages or self.code == "maxlag" else module
        return {"errors": [found], hint: _SEE.format(see)}


def api_error(
    code: str,
    *parameters: str | int,
    name: str = "",
    data: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> ApiError:
    """Return an error of MediaWiki with the text `name`, by default `apierror-` and the code."""
    text = Message(name or f"apierror-{code}", parameters).wikitext
    return ApiError(code, text, data=data, headers=headers)


def wikibase_error(
    code: str,
    *parameters: str | int,
    name: str = "",
    data: Mapping[str, Any] | None = None,
    reasons: Sequence[Message] = (),
) -> ApiError:
    """Return an error with the message `name`, by default `wikibase-api-` and the code.

    The messages `reasons` are listed after it.
    """
    message = Message(name or f"wikibase-api-{code}", parameters)
    return ApiError(code, message.wikitext, messages=[message, *reasons], data=data)


def invalid_value(name: str, *parameters: str | int) -> ApiError:
    """Return the error of a validator for a value or term."""
    return wikibase_error("modification-failed", *parameters, name=f"wikibase-validator-{name}")


def save_failed(*reasons: Message, also: Sequence[str] = ()) -> ApiError:
    """Return the error for a well-formed edit that cannot be saved."""
    first = Message("wikibase-api-failed-save")
    return ApiError(
        "failed-save", first.wikitext, messages=[first, *reasons], also=also or [reasons[0].name]
    )


def plain(wikitext: str) -> str:
    """Strip the tags from a text and put it on one line.

    >>> plain("either an <var>id</var> or\\n <b>nothing</b>")
    'either an "id" or nothing'
    """
    # Linear time: the text may contain what a client sent.
    text = re.sub(r"<var>([^<]*)</var>", r'"\1"', wikitext)
    return " ".join(re.sub(r"<[^<>]*>", "", text).split())


def html(wikitext: str) -> str:
    """Render a text as HTML: links to entities become links, everything else is escaped.

    >>> html("[[Item:Q1|Q1]] <b>")
    '<a href="/wiki/Item:Q1" title="Item:Q1">Q1</a> &lt;b&gt;'
    """
    text = escape(wikitext, quote=False)
    return re.sub(
        r"\[\[((?:Item|Property):[QP]\d+)\|([QP]\d+)\]\]",
        r'<a href="/wiki/\1" title="\1">\2</a>',
        text,
    )


_RENDERERS: Final[Mapping[str, Callable[[str], str]]] = {
    "plaintext": plain,
    "html": html,
    "wikitext": str,
}
