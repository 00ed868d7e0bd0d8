"""Writing decisions into the text of a mapping; its comments and its order stay as they are."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from typing import Any, Final

import tomlkit
from tomlkit.exceptions import TOMLKitError

from wbskills.domain import PSEUDONYM, USERNAME
from wbskills.errors import InvalidValue
from wbskills.surveys.mapping.open_points import OPEN, Path
from wbskills.surveys.mapping.schema import PSEUDONYMOUS
from wbskills.toml_reader import loads

Value = str | bool | date  # a day, or the text "?" for what stays open
_PERHAPS: Final = "perhaps "


def decided(text: str, decisions: Mapping[Path, Value]) -> str:
    """Write decisions into a mapping, by their paths, and what follows from them.

    Raises `InvalidValue` if the mapping cannot be changed in this way; `ValueError` if it is not
    TOML.
    """
    wanted = loads(text)
    try:
        for path, value in decisions.items():
            _put(wanted, path, value)
    except (LookupError, TypeError) as error:
        raise InvalidValue(
            "the mapping was changed meanwhile", hint="begin again: what is decided is kept"
        ) from error
    more = _consequences(wanted)
    for path, value in more.items():
        _put(wanted, path, value)
    try:
        document = tomlkit.parse(text)
        for path, value in (*decisions.items(), *more.items()):
            _put(document, path, value)
        written = tomlkit.dumps(document)
        if loads(written) == wanted:
            return written
    except (TOMLKitError, ValueError):
        pass
    raise InvalidValue(
        "this mapping is written in a way that cannot be changed here",
        hint="replace each “?” in a text editor",
    )


def comments(text: str, paths: Mapping[Path, object]) -> dict[Path, str]:
    """Return the comments that stand behind some lines of a mapping, without their marks."""
    document = tomlkit.parse(text)
    found = {}
    for path in paths:
        table: Any = document
        for part in path[:-1]:
            table = table[part]
        item = table.item(path[-1]) if hasattr(table, "item") else None
        comment = item.trivia.comment if item is not None else ""
        found[path] = comment.lstrip("# ").strip()
    return found


def likely(comment: str) -> tuple[str, ...]:
    """Return what a comment of a draft says that the answer may be, the likeliest first.

    >>> likely("perhaps with_help, aware; 12 times")
    ('with_help', 'aware')
    """
    if not comment.startswith(_PERHAPS):
        return ()
    named = comment.removeprefix(_PERHAPS).partition(";")[0]
    return tuple(part.strip() for part in named.split(","))


def reopened(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapping in which every decision that can be edited is an open question again."""
    again = deepcopy(dict(document))
    for name in ("questions", "interests", "languages"):
        tables = again.get(name)
        for table in tables if isinstance(tables, list) else ():
            if isinstance(table, dict):
                _reopen(table, ("chosen", "not_chosen"))
                for part in ("answers", "skills", "languages"):
                    _reopen(table.get(part))
    _reopen(again, ("title",))
    consents = again.get("consent")
    for consent in consents if isinstance(consents, list) else [consents]:
        _reopen(consent.get("answers") if isinstance(consent, dict) else None)
    _reopen(again.get("identity"), ("property", "prefix", "pseudonym_prefix"))
    waves = again.get("waves")
    for wave in waves.values() if isinstance(waves, dict) else ():
        _reopen(wave, ("start", "end", "license"))
        _reopen(wave.get("label") if isinstance(wave, dict) else None)
    return again


def _reopen(table: object, names: tuple[str, ...] | None = None) -> None:
    if isinstance(table, dict):
        for name in [*table] if names is None else names:
            if isinstance(table.get(name), str | date):
                table[name] = OPEN
            elif names is None:  # the answers of one language
                _reopen(table[name])


def _put(document: Any, path: Path, value: Value) -> None:  # noqa: ANN401 - whatever TOML holds
    for part in path[:-1]:
        document = document[part]
    document[path[-1]] = value


def _consequences(document: Mapping[str, Any]) -> dict[Path, Value]:
    """List what a mapping needs further because of what is in it, as open questions."""
    identity, consents = document.get("identity"), document.get("consent")
    if not isinstance(identity, dict):
        return {}
    if identity.get("property") == PSEUDONYM:
        return {} if identity.get("prefix") else {("identity", "prefix"): OPEN}
    rules = consents if isinstance(consents, list) else [consents]
    given = [
        *(rule.get("answers") for rule in rules if isinstance(rule, dict)),
    ]
    kinds = {kind for answers in given if isinstance(answers, dict) for kind in answers.values()}
    if identity.get("property") != USERNAME or PSEUDONYMOUS not in kinds:
        return {}
    more: dict[Path, Value] = {}
    if not (identity.get("generated") or identity.get("pseudonym_column")):
        more["identity", "generated"] = True
    if not identity.get("pseudonym_prefix"):
        more["identity", "pseudonym_prefix"] = OPEN
    return more
