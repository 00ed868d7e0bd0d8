"""Profiles: saved settings for reaching a shared Wikibase. One TOML file holds any number of them.

    [wikibase.capacity]
    api = "https://capacity.example/w/api.php"
    sparql = "https://capacity.example/query/sparql"
    query_service = "https://capacity.example/query/"
    login = "bot-password"
    user = "Ada@wbskills"
    contact = "https://meta.example/wiki/User:Ada"

    [wikibase.capacity.entities]    # entities that the wiki already has
    speaks = "P42"

The password or token is never in this file; see `wbskills.wikibase.remote.login`.
"""

import hashlib
import ipaddress
import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from wbskills import toml_reader
from wbskills.errors import Fault, FaultyFile, StoreError, WbskillsError

FILE: Final = "wbskills.toml"
NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
_ID: Final = re.compile(r"[PQ][1-9][0-9]*")
_SECTION: Final = "wikibase"
_FORM_SECTION: Final = "self_evaluation"  # read elsewhere
_ADDRESSES: Final = ("api", "sparql", "query_service")
_TEXTS: Final = (*_ADDRESSES, "concept_base", "login", "user", "contact", "secret_file", "state")
_LIMITS: Final = {"edits_per_minute": (0, 100_000), "sessions": (1, 8), "maxlag": (1, 3600)}
_SETTINGS: Final = (*_TEXTS, *_LIMITS, "entities", "keyring")
_SECRETS: Final = ("password", "secret", "token", "access_token", "consumer_secret")

Setting = str | int | float | bool


class Login(StrEnum):
    """A way to log in."""

    NONE = "none"
    BOT_PASSWORD = "bot-password"  # noqa: S105 - the name of a kind, no password
    OAUTH1 = "oauth1"
    OAUTH2 = "oauth2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How to reach one Wikibase.

    `sparql` is the endpoint for programs, `query_service` the page where people write queries.
    `edits_per_minute` 0 means no limit; `maxlag` is in seconds. `entities` maps keys to the ids
    of entities that the wiki already has. `state` is a private folder for journals and for what
    is kept between imports; profiles with the same API share it unless one names another.
    `secret_file` and `keyring` say where the secret is if it is not in the environment.
    """

    name: str
    api: str
    sparql: str = ""
    query_service: str = ""
    concept_base: str = ""
    login: Login = Login.NONE
    user: str = ""
    contact: str = ""
    edits_per_minute: float = 80
    sessions: int = 2
    maxlag: int = 5
    entities: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    state: Path
    secret_file: Path | None = None
    keyring: bool = False


class ProfileError(FaultyFile):
    """A file of profiles is wrong."""

    exit_code = 2


def load_profiles() -> dict[str, Profile]:
    """Read all profiles by name; the working folder's come before the user's own.

    Raises `ProfileError` with all problems of a file.
    """
    found: dict[str, Profile] = {}
    for file in (config_folder() / FILE, Path(FILE)):
        if file.is_file():
            found |= read_profiles(file)
    return found


def read_profiles(file: Path) -> dict[str, Profile]:
    """Read one file of profiles. Raises `ProfileError` with all its problems."""
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ProfileError(str(file), [Fault(what="this is not UTF-8")]) from error
    return parse_profiles(text, file)


def parse_profiles(text: str, file: Path) -> dict[str, Profile]:
    """Parse the text of a file of profiles. Raises `ProfileError` with all its problems."""
    try:
        document = toml_reader.loads(text)
    except ValueError as error:
        raise ProfileError(str(file), [Fault(what=f"this is not TOML: {error}")]) from error
    parser = _Parser(file)
    found = parser.parse(document)
    if parser.faults:
        raise ProfileError(str(file), parser.faults)
    return found


def add_profile(file: Path, name: str, settings: Mapping[str, Setting]) -> None:
    """Append a profile to a file, which is created if it does not exist.

    Raises `ProfileError` if the file or the new profile is wrong, `WbskillsError` if the name is
    taken; the file is then unchanged.
    """
    before = ""
    if file.is_file():
        if name in read_profiles(file):
            raise WbskillsError(
                f"{file} already has a profile “{name}”",
                hint="use another name, or change the file by hand",
            )
        before = file.read_text(encoding="utf-8").rstrip("\n") + "\n\n"
    text = before + profile_toml(name, settings)
    parse_profiles(text, file)
    temporary = file.with_name(f"{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(file)
    except OSError as error:
        raise StoreError(
            f"cannot write {file}: {error.strerror}", hint="use a folder that you may write to"
        ) from error


def profile_toml(name: str, settings: Mapping[str, Setting]) -> str:
    """Write a profile as a TOML table, without empty settings."""
    lines = [f"[{_SECTION}.{name}]"]
    # JSON writes texts, numbers and booleans as TOML does, but for this one character.
    lines += [
        f"{key} = {json.dumps(value, ensure_ascii=False)}".replace("\x7f", "\\u007f")
        for key, value in settings.items()
        if value != ""
    ]
    return "\n".join(lines) + "\n"


def config_folder() -> Path:
    """Return the user's folder for settings, where the operating system has it."""
    return _user_folder("XDG_CONFIG_HOME", "APPDATA", "Library/Application Support", ".config")


def state_folder() -> Path:
    """Return the user's folder for what programs keep, where the operating system has it."""
    return _user_folder(
        "XDG_STATE_HOME", "LOCALAPPDATA", "Library/Application Support", ".local/state"
    )


def state_folder_of(api: str) -> Path:
    """Return the state folder of the wiki with this API, the same for all spellings of it.

    >>> one, two = "https://W.example:443/w/api.php", "http://w.example/w/api.php/"
    >>> state_folder_of(one) == state_folder_of(two)
    True
    """
    split = urlsplit(api)
    host = "localhost" if is_loopback(api) else split.hostname or ""
    port = "" if split.port in {None, 80, 443} else f":{split.port}"
    digest = hashlib.sha256(f"{host}{port}{split.path.rstrip('/')}".encode()).hexdigest()[:12]
    return state_folder() / f"{re.sub('[^a-z0-9.-]', '_', host)}-{digest}"


def former_state_folders(api: str) -> list[Path]:
    """List the state folders of earlier versions for this API, one for each profile name."""
    digest = hashlib.sha256(api.encode()).hexdigest()[:8]
    return sorted(path for path in state_folder().glob(f"*-{digest}") if path.is_dir())


def is_loopback(address: str) -> bool:
    """Check whether an address leads to this machine.

    >>> is_loopback("http://127.0.0.1:8181/w/api.php"), is_loopback("http://example.org")
    (True, False)
    """
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def address_fault(address: str) -> Fault | None:
    """Check an address: http or https, no password in it, encrypted unless on this machine."""
    try:
        split = urlsplit(address)
        split.port  # noqa: B018 - raises if the port is not a number
    except ValueError:
        split = urlsplit("")
    if split.scheme not in {"http", "https"} or not split.hostname:
        return Fault(
            what=f"“{address}” is not a web address",
            hint="write it like https://example.org/w/api.php",
        )
    if split.username or split.password:
        return Fault(what="an address must not contain a password", hint="use the setting “user”")
    if split.scheme == "http" and not is_loopback(address):
        return Fault(what=f"{address} is not encrypted", hint=f"use https{address[len('http') :]}")
    return None


class _Parser:
    """Parses one file and collects its faults."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._place = ""
        self.faults: list[Fault] = []

    def parse(self, document: Mapping[str, Any]) -> dict[str, Profile]:
        for section in document:
            if section not in (_SECTION, _FORM_SECTION):
                self._fault(f"there is no setting “{section}”", f"use [{_SECTION}.NAME]")
        tables = document.get(_SECTION, {})
        if not isinstance(tables, dict):
            self._fault("a table is expected", f"use [{_SECTION}.NAME]")
            return {}
        found = {}
        for name, table in tables.items():
            self._place = f"{_SECTION}.{name}"
            if not NAME.fullmatch(name):
                self._fault(
                    f"“{name}” cannot be the name of a profile",
                    "use only small Latin letters, digits and “-”",
                )
            elif not isinstance(table, dict):
                self._fault("a table is expected", f"use [{_SECTION}.{name}]")
            else:
                found[name] = self._profile(name, table)
        return found

    def _profile(self, name: str, table: Mapping[str, Any]) -> Profile:
        self._check_names(table)
        texts = {key: self._text(table, key) for key in _TEXTS}
        api, user, contact = texts["api"], texts["user"], texts["contact"]
        faulty = not api
        if not api:
            self._fault("the address of the API is missing", 'add api = "https://…/w/api.php"')
        for key in _ADDRESSES:
            fault = address_fault(texts[key]) if texts[key] else None
            if fault:
                self._fault(fault.what, fault.hint, key)
                faulty = faulty or key == "api"
        login = self._login(texts["login"])
        if login is Login.BOT_PASSWORD and not user:
            self._fault("this log-in needs a user", 'add user = "Ada@wbskills"', "user")
        local = faulty or is_loopback(api)
        if not local and not contact:
            self._fault(
                "the profile needs a contact, so that the people who run the wiki can reach you",
                'add contact = "https://…/wiki/User:Ada", or an email address',
                "contact",
            )
        numbers = {key: self._number(table, key) for key in _LIMITS if key in table}
        if texts["state"]:
            state = self._path(texts["state"])
        else:
            state = state_folder() if faulty else state_folder_of(api)
        return Profile(
            name=name,
            api=api,
            sparql=texts["sparql"],
            query_service=texts["query_service"],
            concept_base=texts["concept_base"],
            login=login,
            user=user,
            contact=contact,
            edits_per_minute=numbers.get("edits_per_minute", 0 if local else 80),
            sessions=int(numbers.get("sessions", 2)),
            maxlag=int(numbers.get("maxlag", 5)),
            entities=self._entities(table.get("entities", {})),
            state=state,
            secret_file=self._path(texts["secret_file"]) if texts["secret_file"] else None,
            keyring=table.get("keyring") is True,
        )

    def _check_names(self, table: Mapping[str, Any]) -> None:
        for key in table:
            if key in _SECRETS:
                self._fault(
                    "a password or token must not be stored in the profile",
                    "use the environment, a private file or the keyring (docs/real-wikibase.md)",
                    key,
                )
            elif key not in _SETTINGS:
                self._fault(f"there is no setting “{key}”", f"use one of {', '.join(_SETTINGS)}")
        if not isinstance(table.get("keyring", False), bool):
            self._fault("true or false is expected", "use keyring = true", "keyring")

    def _login(self, text: str) -> Login:
        try:
            return Login(text or "none")
        except ValueError:
            self._fault(f"there is no log-in “{text}”", f"use one of {', '.join(Login)}", "login")
            return Login.NONE

    def _entities(self, table: object) -> Mapping[str, str]:
        if not isinstance(table, dict):
            self._fault("a table is expected", 'use entities = { speaks = "P42" }', "entities")
            return {}
        for key, entity_id in table.items():
            if not isinstance(entity_id, str) or not _ID.fullmatch(entity_id):
                self._fault(f"“{entity_id}” is not an id", "use P42 or Q42", f"entities.{key}")
        return MappingProxyType(dict(table))

    def _path(self, text: str) -> Path:
        """Resolve a path from the folder of the file."""
        return self._file.absolute().parent / Path(text).expanduser()

    def _text(self, table: Mapping[str, Any], key: str) -> str:
        found = table.get(key, "")
        if not isinstance(found, str) or not found.isprintable():
            self._fault("a text is expected", f'use {key} = "…"', key)
            return ""
        return found.strip()

    def _number(self, table: Mapping[str, Any], key: str) -> float:
        found = table[key]
        least, most = _LIMITS[key]
        kinds = int | float if key == "edits_per_minute" else int
        if isinstance(found, bool) or not isinstance(found, kinds) or not least <= found <= most:
            self._fault("this is out of range", f"use a number from {least} to {most}", key)
            return least
        return float(found)

    def _fault(self, what: str, hint: str, key: str = "") -> None:
        column = ".".join(part for part in (self._place, key) if part)
        self.faults.append(Fault(what=what, hint=hint, column=column))


def _user_folder(variable: str, windows: str, mac: str, other: str) -> Path:
    chosen = os.environ.get(variable)
    if not chosen and sys.platform == "win32":
        chosen = os.environ.get(windows)
    if chosen:
        return Path(chosen) / "wbskills"
    return Path.home() / (mac if sys.platform == "darwin" else other) / "wbskills"
