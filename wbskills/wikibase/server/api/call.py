"""One request to one module: its parameters, who makes it, and what it works on."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from wbskills.wikibase.server.accounts import Authenticator, Session, Sessions, User
from wbskills.wikibase.server.api import titles
from wbskills.wikibase.server.api.messages import Json
from wbskills.wikibase.server.api.parameters import Parameter, Words, read
from wbskills.wikibase.server.settings import Settings
from wbskills.wikibase.server.site import Site

_LANGUAGE: Final = re.compile(r"[a-z0-9-]{2,35}", re.ASCII)
_OURS: Final = frozenset({"user", "content"})  # which language that is, the wiki says


@dataclass(frozen=True, slots=True)
class Module:
    """What can be asked of the API under one name.

    `token` is the kind of token it needs, `posted` whether it has to be sent by POST, `secret`
    what it takes beside its parameters and never from an address, `generates` whether
    action=query can go on with the pages that it finds.
    """

    name: str
    run: Callable[["Call"], Json]
    parameters: tuple[Parameter, ...] = ()
    token: str = ""
    posted: bool = False
    writes: bool = False
    secret: tuple[str, ...] = ()
    prefix: str = ""
    submodule_of: str = ""
    generates: bool = False

    @property
    def path(self) -> str:
        """Give the name that paraminfo knows this module by."""
        return f"{self.submodule_of}+{self.name}" if self.submodule_of else self.name


@dataclass(slots=True)
class Server:
    """What lives as long as the server does."""

    site: Site
    settings: Settings
    sessions: Sessions
    authenticator: Authenticator
    edit_times: dict[str, list[float]] = field(default_factory=dict)
    made_at: dict[str, float] = field(default_factory=dict)  # entities, while locks are late


@dataclass(slots=True)
class Call:
    """One request while it is carried out. `values` are the module's parameters."""

    server: Server
    module: Module
    words: Words
    main: Json
    user: User
    session: Session | None
    address: str
    values: Json = field(default_factory=dict)
    warnings: dict[str, list[str]] = field(default_factory=dict)
    messages: list[Json] = field(default_factory=list)
    limits: Json = field(default_factory=dict)
    new_session: Session | None = None
    ended: bool = False
    memory: dict[str, Any] = field(default_factory=dict)

    @property
    def site(self) -> Site:
        """Give the Wikibase that is served."""
        return self.server.site

    @property
    def settings(self) -> Settings:
        """Give the rules of the server."""
        return self.server.settings

    @property
    def version(self) -> int:
        """Give the format version: 1, or 2."""
        return 1 if self.main["formatversion"] == "1" else 2

    @property
    def language(self) -> str:
        """Give the language that labels are shown in."""
        wanted: str = self.main["uselang"].lower()
        return wanted if _LANGUAGE.fullmatch(wanted) and wanted not in _OURS else "en"

    def read(self, module: Module | None = None) -> None:
        """Read the parameters of the module. Raises `ApiError`."""
        module = module or self.module
        self.values, warnings, limits = read(
            module.parameters,
            self.words,
            prefix=module.prefix,
            high=self.user.may("apihighlimits"),
        )
        for text in warnings:
            self.warn(text, module.name)
        if limits:
            self.limits[module.name] = limits[""]

    def warn(self, text: str, module: str = "") -> None:
        """Add a warning to the answer."""
        self.warnings.setdefault(module or self.module.name, []).append(text)

    def mark(self, found: Json, **flags: object) -> None:
        """Add booleans to a part of the answer, in the form of the format version."""
        for name, flag in flags.items():
            if self.version == 2:
                found[name] = bool(flag)
            elif flag:
                found[name] = ""

    def titled(self, entity_id: str) -> Json:
        """Name the page of an entity."""
        return {"ns": titles.space_of(entity_id), "title": title(entity_id)}


def title(entity_id: str) -> str:
    """Give the title of an entity's page."""
    return str(titles.of_entity(entity_id))


def link(entity_id: str) -> str:
    """Give the wikitext of a link to an entity."""
    return f"[[{title(entity_id)}|{entity_id}]]"
