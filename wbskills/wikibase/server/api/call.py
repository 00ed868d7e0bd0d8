"""One request to a module, and the state of its answer."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from wbskills.wikibase.model.entities import Stored
from wbskills.wikibase.server.accounts import Authenticator, Session, Sessions, User
from wbskills.wikibase.server.api.errors import Json, Message
from wbskills.wikibase.server.api.parameters import Module, ParameterReader, RequestParameters
from wbskills.wikibase.server.cookies import LogInState
from wbskills.wikibase.server.oauth import Grant
from wbskills.wikibase.server.settings import Settings
from wbskills.wikibase.server.site import Site

_LANGUAGE: Final = re.compile(r"[a-z0-9-]{2,35}", re.ASCII)
_WIKI_LANGUAGE: Final = frozenset({"user", "content"})  # values of uselang; English here


@dataclass(slots=True)
class Server:
    """What is shared by all requests to one server."""

    site: Site
    settings: Settings
    log_in: LogInState
    edit_times: dict[str, list[float]] = field(default_factory=dict)
    created_at: dict[str, float] = field(default_factory=dict)  # by entity id, for `late_locks`

    @property
    def sessions(self) -> Sessions:
        """The sessions of its clients."""
        return self.log_in.sessions

    @property
    def authenticator(self) -> Authenticator:
        """What checks passwords."""
        return self.log_in.authenticator


@dataclass(slots=True)
class Call:
    """One request while it is carried out. `values` are the parameters of its module.

    `grant` is what its OAuth 2 token allows; `bad_token` if it has one that is not valid.
    """

    server: Server
    module: Module
    request: RequestParameters
    main: Json
    user: User
    session: Session | None
    address: str
    cross_origin: bool = False
    grant: Grant | None = None
    bad_token: bool = False
    values: Json = field(default_factory=dict)
    warnings: dict[str, list[str]] = field(default_factory=dict)
    messages: list[Json] = field(default_factory=list)
    limits: Json = field(default_factory=dict)
    new_session: Session | None = None
    logged_out: bool = False
    cache: dict[str, Any] = field(default_factory=dict)
    _size: int = 0

    @property
    def site(self) -> Site:
        """The Wikibase that is served."""
        return self.server.site

    @property
    def settings(self) -> Settings:
        """The settings of the server."""
        return self.server.settings

    @property
    def version(self) -> int:
        """The format version: 1 or 2."""
        return 1 if self.main["formatversion"] == "1" else 2

    @property
    def language(self) -> str:
        """The language for labels."""
        wanted: str = self.main["uselang"].lower()
        return wanted if _LANGUAGE.fullmatch(wanted) and wanted not in _WIKI_LANGUAGE else "en"

    def read(self, module: Module, generator: str = "") -> Json:
        """Return the values of a module's parameters. Raises `ApiError`.

        `generator` is put before the prefix of a generator's parameters.
        """
        reader = ParameterReader(
            self.request, self.user.may("apihighlimits"), generator + module.prefix
        )
        values = reader.read(module.parameters)
        for text in reader.warnings:
            self.warn(text, module.name)
        if reader.limit is not None:
            self.limits[module.name] = reader.limit
        return values

    def read_entities(self, ids: Iterable[str]) -> dict[str, Stored]:
        """Read entities by id; redirects have the entities that they lead to."""
        wanted = list(ids)
        targets = self.site.store.pages.redirects(wanted)
        found = self.site.store.read({*wanted, *targets.values()})
        resolved = {each: targets.get(each, each) for each in wanted}
        return {each: found[target] for each, target in resolved.items() if target in found}

    def warn(self, text: str, module: str = "") -> None:
        """Add a warning to the answer."""
        self.warnings.setdefault(module or self.module.name, []).append(text)

    def set_flags(self, found: Json, **flags: object) -> None:
        """Set booleans in a part of the answer, in the style of the format version."""
        for name, flag in flags.items():
            if self.version == 2:
                found[name] = bool(flag)
            elif flag:
                found[name] = ""

    def fits(self, value: object) -> bool:
        """Count a value towards the size of the answer; False, with a warning, if it is too big.

        As in MediaWiki only values are counted, not keys, and a later value may still fit.
        """
        most = self.settings.faults.largest_answer
        if not most:
            return True
        size = self._size + _size_of(value)
        if size <= most:
            self._size = size
            return True
        if "result" not in self.warnings:
            text = Message("apiwarn-truncatedresult", (f"{most:,}",)).wikitext
            self.warn(text, "result")
        return False


def _size_of(value: Any) -> int:  # noqa: ANN401 - JSON
    match value:
        case dict():
            return sum(map(_size_of, value.values()))
        case list():
            return sum(map(_size_of, value))
        case bool():
            return int(value)
        case None:
            return 0
        case _:
            return len(str(value).encode("utf-8", "surrogatepass"))
