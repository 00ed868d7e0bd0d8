"""Profiles: how to reach a Wikibase of others. A small TOML file holds any number of them.

    [wikibase.capacity]
    api = "https://capacity.example/w/api.php"
    sparql = "https://capacity.example/query/sparql"
    query_service = "https://capacity.example/query/"
    login = "bot-password"
    user = "Ada@wbskills"
    contact = "https://meta.example/wiki/User:Ada"

    [wikibase.capacity.entities]    # what the wiki has already
    speaks = "P42"

The secret of the log-in never stands there; see `wbskills.wikibase.remote.secrets`.
"""

import hashlib
import ipaddress
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

from wbskills import toml_text
from wbskills.errors import Fault, FaultyFile, NotFound

FILE: Final = "wbskills.toml"
NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
_ID: Final = re.compile(r"[PQ][1-9][0-9]*")
_SECTION: Final = "wikibase"


class Login(StrEnum):
    """How to log in."""

    NONE = "none"
    BOT_PASSWORD = "bot-password"  # noqa: S105 - the name of a kind, no password
    OAUTH1 = "oauth1"
    OAUTH2 = "oauth2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How to reach one Wikibase.

    `sparql` is for programs, `query_service` is the page in which people write queries.
    `edits_per_minute` 0 means no limit; `maxlag` is in seconds. `entities` gives the id of
    what the wiki has already, by key. `state` is a private folder: journals, and what is
    remembered between imports. All profiles of one API share it, unless one says otherwise.
    `secret_file` and `keyring` tell where the secret is,
    if not in the environment.
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


class Secret:
    """What proves who logs in. `parts` has it by name; no text of it ever shows it."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Mapping[str, str]) -> None:
        self._parts = dict(parts)

    @property
    def parts(self) -> Mapping[str, str]:
        """The parts by name, such as `password` or `access_token`."""
        return MappingProxyType(self._parts)

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, _: str) -> str:
        return repr(self)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not for keeping")


class ProfileError(FaultyFile):
    """A file of profiles is wrong."""

    exit_code = 2


def profile_files() -> list[Path]:
    """List where profiles may stand, the working folder before the user's own."""
    return [Path(FILE), config_folder() / FILE]


def config_folder() -> Path:
    """Give the user's folder of settings, as systems have it."""
    return _home("XDG_CONFIG_HOME", "APPDATA", "Library/Application Support", ".config")


def state_folder() -> Path:
    """Give the user's folder of what programs note between runs, as systems have it."""
    return _home("XDG_STATE_HOME", "LOCALAPPDATA", "Library/Application Support", ".local/state")


def state_of(api: str) -> Path:
    """Give the folder of what is remembered of the wiki with this API, whatever reaches it.

    >>> state_of("https://W.example:443/w/api.php") == state_of("http://w.example/w/api.php/")
    True
    """
    split = urlsplit(api)
    host = "localhost" if is_loopback(api) else split.hostname or ""
    port = "" if split.port in {None, 80, 443} else f":{split.port}"
    mark = hashlib.sha256(f"{host}{port}{split.path.rstrip('/')}".encode()).hexdigest()[:12]
    return state_folder() / f"{re.sub('[^a-z0-9.-]', '_', host)}-{mark}"


def former_states_of(api: str) -> list[Path]:
    """List the folders in which earlier versions kept that, one for each name of a profile."""
    mark = hashlib.sha256(api.encode()).hexdigest()[:8]
    return sorted(path for path in state_folder().glob(f"*-{mark}") if path.is_dir())


def profiles() -> dict[str, Profile]:
    """Read all profiles; one in the working folder hides the user's of the same name.

    Raises `ProfileError` with all faults of a file.
    """
    found: dict[str, Profile] = {}
    for file in reversed(profile_files()):
        if file.is_file():
            found |= read_profiles(file)
    return found


def find_profile(name: str) -> Profile:
    """Find a profile by name. Raises `NotFound` or `ProfileError`."""
    known = profiles()
    if name not in known:
        raise NotFound(
            f"there is no profile “{name}”",
            hint=" or ".join(sorted(known)) or f"wbskills init {name}",
        )
    return known[name]


def read_profiles(file: Path) -> dict[str, Profile]:
    """Read one file of profiles. Raises `ProfileError` with all its faults."""
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ProfileError(str(file), [Fault(what="this is not UTF-8")]) from error
    return parse_profiles(text, file)


def parse_profiles(text: str, file: Path) -> dict[str, Profile]:
    """Read the text of a file of profiles. Raises `ProfileError` with all its faults."""
    try:
        document = toml_text.loads(text)
    except ValueError as error:
        raise ProfileError(str(file), [Fault(what=f"this is not TOML: {error}")]) from error
    reader = _Reader(file)
    found = reader.profiles(document)
    if reader.faults:
        raise ProfileError(str(file), reader.faults)
    return found


def is_loopback(address: str) -> bool:
    """Tell whether an address leads to this machine itself.

    >>> is_loopback("http://127.0.0.1:8181/w/api.php"), is_loopback("http://example.org")
    (True, False)
    """
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def fault_of_address(address: str) -> tuple[str, str] | None:
    """Tell what is wrong with an address, and what to try; None if nothing is."""
    try:
        split = urlsplit(address)
        split.port  # noqa: B018 - a port that is no number raises here
    except ValueError:
        return f"“{address}” is no address", "https://example.org/w/api.php"
    if split.scheme not in {"http", "https"} or not split.hostname:
        return f"“{address}” is no address", "https://example.org/w/api.php"
    if split.username or split.password:
        return "an address must not hold a password", "the setting “user”"
    if split.scheme == "http" and not is_loopback(address):
        return f"{address} is not encrypted", f"https{address[len('http') :]}"
    return None


_ADDRESSES: Final = ("api", "sparql", "query_service")
_TEXTS: Final = (*_ADDRESSES, "concept_base", "login", "user", "contact", "secret_file")
_NUMBERS: Final = ("edits_per_minute", "sessions", "maxlag")
_OTHERS: Final = ("entities", "keyring", "state")
_SECRETS: Final = ("password", "secret", "token", "access_token", "consumer_secret")
_LIMITS: Final = {"edits_per_minute": (0, 100_000), "sessions": (1, 8), "maxlag": (1, 3600)}


class _Reader:
    """Reads one file and gathers its faults."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._place = ""
        self.faults: list[Fault] = []

    def profiles(self, document: Mapping[str, Any]) -> dict[str, Profile]:
        tables = document.get(_SECTION, {})
        for section in document:
            if section != _SECTION:
                self._fault(f"there is no setting “{section}”", f"[{_SECTION}.NAME]")
        if not isinstance(tables, dict):
            self._fault("a table is expected", f"[{_SECTION}.NAME]")
            return {}
        found = {}
        for name, table in tables.items():
            self._place = f"{_SECTION}.{name}"
            if not NAME.fullmatch(name):
                self._fault(
                    f"“{name}” is no name of a profile", "small Latin letters, digits and “-”"
                )
            elif not isinstance(table, dict):
                self._fault("a table is expected", f"[{_SECTION}.{name}]")
            else:
                found[name] = self._profile(name, table)
        return found

    def _profile(self, name: str, table: Mapping[str, Any]) -> Profile:
        self._members(table)
        texts = {member: self._text(table, member) for member in _TEXTS}
        api = texts["api"]
        if not api:
            self._fault("the address of the API is missing", 'api = "https://…/w/api.php"')
        for member in _ADDRESSES:
            fault = fault_of_address(texts[member]) if texts[member] else None
            if fault:
                self._fault(*fault, member)
        login = self._login(texts["login"])
        if login is Login.BOT_PASSWORD and not texts["user"]:
            self._fault("this log-in needs a user", 'user = "Ada@wbskills"', "user")
        near = is_loopback(api) if api and not fault_of_address(api) else True
        if not near and not texts["contact"]:
            self._fault(
                "wikis want to know whom to tell when something goes wrong",
                'contact = "https://…/wiki/User:Ada", or an address of mail',
                "contact",
            )
        numbers = {member: self._number(table, member) for member in _NUMBERS if member in table}
        secret_file = texts["secret_file"]
        return Profile(
            name=name,
            api=api,
            sparql=texts["sparql"],
            query_service=texts["query_service"],
            concept_base=texts["concept_base"],
            login=login,
            user=texts["user"],
            contact=texts["contact"],
            edits_per_minute=numbers.get("edits_per_minute", 0 if near else 80),
            sessions=int(numbers.get("sessions", 2)),
            maxlag=int(numbers.get("maxlag", 5)),
            entities=self._entities(table.get("entities", {})),
            state=self._state(api, self._text(table, "state")),
            secret_file=self._beside(secret_file) if secret_file else None,
            keyring=table.get("keyring") is True,
        )

    def _members(self, table: Mapping[str, Any]) -> None:
        known = (*_TEXTS, *_NUMBERS, *_OTHERS)
        for member in table:
            if member in _SECRETS:
                self._fault(
                    "a secret does not belong here",
                    "the environment, a private file or the keyring (docs/real-wikibase.md)",
                    member,
                )
            elif member not in known:
                self._fault(f"there is no setting “{member}”", ", ".join(known))
        if not isinstance(table.get("keyring", False), bool):
            self._fault("true or false is expected", "keyring = true", "keyring")

    def _login(self, text: str) -> Login:
        try:
            return Login(text or "none")
        except ValueError:
            self._fault(f"there is no log-in “{text}”", ", ".join(Login), "login")
            return Login.NONE

    def _entities(self, table: object) -> Mapping[str, str]:
        if not isinstance(table, dict):
            self._fault("a table is expected", 'entities = { speaks = "P42" }', "entities")
            return {}
        for key, entity_id in table.items():
            if not isinstance(entity_id, str) or not _ID.fullmatch(entity_id):
                self._fault(f"“{entity_id}” is no id", "P42 or Q42", f"entities.{key}")
        return MappingProxyType(dict(table))

    def _state(self, api: str, told: str) -> Path:
        if told:
            return self._beside(told)
        return state_folder() if not api or fault_of_address(api) else state_of(api)

    def _beside(self, told: str) -> Path:
        """Read a path as the file means it: from its own folder."""
        return self._file.absolute().parent / Path(told).expanduser()

    def _text(self, table: Mapping[str, Any], member: str) -> str:
        found = table.get(member, "")
        if not isinstance(found, str) or not found.isprintable():
            self._fault("a text is expected", f'{member} = "…"', member)
            return ""
        return found.strip()

    def _number(self, table: Mapping[str, Any], member: str) -> float:
        found = table[member]
        least, most = _LIMITS[member]
        whole = member != "edits_per_minute"
        if (
            isinstance(found, bool)
            or not isinstance(found, int if whole else int | float)
            or not least <= found <= most
        ):
            self._fault("this is out of range", f"a number from {least} to {most}", member)
            return least
        return float(found)

    def _fault(self, what: str, hint: str = "", member: str = "") -> None:
        column = ".".join(part for part in (self._place, member) if part)
        self.faults.append(Fault(what=what, hint=hint, column=column))


def _home(variable: str, windows: str, mac: str, other: str) -> Path:
    if told := os.environ.get(variable):
        return Path(told) / "wbskills"
    if sys.platform == "win32" and (told := os.environ.get(windows)):
        return Path(told) / "wbskills"
    return Path.home() / (mac if sys.platform == "darwin" else other) / "wbskills"
