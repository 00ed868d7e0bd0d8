"""How the embedded Wikibase is served: rules, limits, and faults for tests of clients."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wbskills.errors import InvalidValue
from wbskills.wikibase.model.entities import Entity

if TYPE_CHECKING:
    from wbskills.wikibase.server.site import Site

MEGABYTE: Final = 1 << 20
# Takes the entity before an edit, if it was there, and after it. Raises `ApiError` to refuse it.
EditCheck = Callable[["Site", Entity | None, Entity], None]


def _allow(_site: "Site", _before: Entity | None, _after: Entity) -> None:
    """Allow every edit."""


@dataclass(slots=True)
class Faults:
    """Troubles that a client has to live with, made on purpose. All off unless asked for.

    `lag` is what the database claims to lag, in seconds, `host` the server that lags, and
    `lag_type` what does: `db`, or `jobqueue`. `read_only` is the reason that writing is refused
    for, `blocked` the reason for which everybody who is logged in is blocked; with `private`
    nobody else may read. `edits_per_minute` limits everybody without the right `noratelimit`.
    `largest_answer` is how many bytes of values an answer may have before the rest is left out,
    8,388,608 in MediaWiki; 0 leaves nothing out. Edits of an entity that has `refuse` in a label
    are refused, as by the message `refuse_as` of an extension; a filter refuses deletions, too.
    Only `late_locks` seconds after an item was made it is noticed that another one has its label
    and description, as under load. The other members count down: so many requests get HTTP 503,
    are dropped before or after they are carried out, or find their session or their tokens gone.
    """

    lag: float = -1.0
    lag_type: str = "db"
    host: str = ""
    read_only: str = ""
    blocked: str = ""
    private: int = 0
    edits_per_minute: int = 0
    largest_answer: int = 0
    refuse: str = ""
    refuse_as: str = "abusefilter-disallowed"
    late_locks: float = 0.0
    unavailable: int = 0
    drop_before: int = 0
    drop_after: int = 0
    expire_session: int = 0
    expire_tokens: int = 0

    def take(self, name: str) -> bool:
        """Tell whether one more fault of this name is due, and count it."""
        left: int = getattr(self, name)
        if left <= 0:
            return False
        setattr(self, name, left - 1)
        return True

    @classmethod
    def parse(cls, text: str) -> "Faults":
        """Read faults as `serve` takes them.

        >>> Faults.parse("lag=7.5,drop_after=1").drop_after
        1

        Raises `InvalidValue` if there is no such fault.
        """
        faults = cls()
        for part in filter(None, text.split(",")):
            name, _, value = part.strip().partition("=")
            name = name.replace("-", "_")
            if name not in cls.__dataclass_fields__:
                raise InvalidValue(
                    f"there is no fault “{name}”", hint=", ".join(cls.__dataclass_fields__)
                )
            try:
                setattr(faults, name, type(getattr(faults, name))(value or 1))
            except ValueError as error:
                raise InvalidValue(f"“{value}” is no value for {name}") from error
        return faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The rules of one server.

    `anonymous_edits`: whoever reaches the server may edit; only for a loopback address.
    `wiki_id` is the name of this wiki among the sites that items can be linked to. `commons`
    has the files and data pages that values may name; as nothing is asked outside of this
    machine, without it all of them are taken to exist. Without `full_text`, list=search finds
    nothing, as in a wiki whose search has no index. `check_edit` may refuse an edit for what it
    says.
    """

    anonymous_edits: bool = False
    wiki_id: str = "wbskills"
    full_text: bool = True
    max_body: int = 8 * MEGABYTE
    max_entity: int = 2 * MEGABYTE
    session_seconds: int = 86_400
    max_sessions: int = 10_000
    login_attempts: int = 5
    login_seconds: int = 300
    secure_cookies: bool = False
    commons: frozenset[str] | None = None
    check_edit: EditCheck = _allow
    faults: Faults = field(default_factory=Faults)
