"""The words of the site's pages, in one file per language, English being complete."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from markupsafe import Markup

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
_WITHOUT_PLURAL = {"id", "ja", "ko", "ms", "th", "vi", "yue", "zh"}

_STEERS_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")

Value = str | int | date | datetime | Decimal


class Words:
    """Messages of one language, English standing in where a message is not translated yet.

    A message is named `section.name`. It may differ by number, as a table with `one` and
    `other`; then it is chosen by the value `n`.

    Raises `InvalidValue` if `language` is not a language code.
    """

    def __init__(self, language: str, *, folder: Path = _FOLDER) -> None:
        if not _LANGUAGE.fullmatch(language):
            raise InvalidValue(
                f"“{language}” is not the code of a language", hint="“en” or “pt-br”"
            )
        self.language = language
        self._messages = _load(folder / f"{_FALLBACK}.toml")
        base = language.lower().split("-")[0]
        for name in dict.fromkeys((base, language.lower())):
            own = folder / f"{name}.toml"
            if name != _FALLBACK and own.is_file():
                self._messages |= _load(own)
        self._one = "other" if base in _WITHOUT_PLURAL else "one"

    def __call__(self, name: str, /, **values: Value) -> Markup:
        """Give a message with its values filled in, both escaped for HTML.

        A value keeps its direction of writing to itself, in attributes as well as in text.
        """
        message = self._messages[name]
        if not isinstance(message, str):
            category = self._one if values["n"] == 1 else "other"
            message = message.get(category, message["other"])
        words = Markup(message)  # noqa: S704  # ours, and escaped on loading; values are below
        return words.format(**{key: _isolated(value) for key, value in values.items()})

    @property
    def direction(self) -> str:
        """Tell which way the language is written: `ltr` or `rtl`."""
        base, *subtags = self.language.lower().split("-")
        from_right = base in _RIGHT_TO_LEFT or bool(_RIGHT_TO_LEFT_SCRIPTS & set(subtags))
        return "rtl" if from_right and "latn" not in subtags else "ltr"


def _load(file: Path) -> dict[str, str | Mapping[str, str]]:
    """Read messages, escaped once for HTML here rather than at each use."""
    sections = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        f"{section}.{name}": _escaped(message)
        for section, messages in sections.items()
        for name, message in messages.items()
    }


def _isolated(value: Value) -> Value:
    if not isinstance(value, str) or isinstance(value, Markup) or value.isascii():
        return value
    return f"\u2068{_STEERS_DIRECTION.sub('', value)}\u2069"


def _escaped(message: str | Mapping[str, str]) -> str | Mapping[str, str]:
    if isinstance(message, str):
        return message.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {category: str(_escaped(text)) for category, text in message.items()}
