"""How the embedded Wikibase is served: rules, limits, and simulated failures."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wbskills.errors import InvalidValue
from wbskills.wikibase.model.entities import Entity

if TYPE_CHECKING:
    from wbskills.wikibase.server.site import Site

MEGABYTE: Final = 1 << 20
# Takes the entity before an edit, if it existed, and after it. Raises `ApiError` to refuse it.
EditCheck = Callable[["Site", Entity | None, Entity], None]


def _allow(_site: "Site", _before: Entity | None, _after: Entity) -> None:
    """Allow every edit."""


@dataclass(slots=True)
class SimulatedFaults:
    """Simulated failures, for tests of clients. By default there are none.

    - `lag`: how far the database claims to be behind, in seconds; `lag_type` is `db` or
      `jobqueue`, `host` the name of the server that is behind.
    - `read_only`: the reason for which every edit is refused.
    - `blocked`: the reason for which every user who is logged in is blocked.
    - `private`: if 1, only users who are logged in may read.
    - `edits_per_minute`: the limit for users without the right `noratelimit`; 0 is no limit.
    - `largest_answer`: bytes of values in an answer, after which the rest is left out; MediaWiki
      has 8,388,608; 0 is no limit.
    - `refuse`: edits and deletions of entities with this text in a label are refused, with the
      message `refuse_as` of an extension.
    - `late_locks`: for so many seconds after an item was created, another one can be created
      with the same label and description, as on a busy wiki.

    The others count down. So many requests get HTTP 503 (`unavailable`), lose their connection
    before or after they are carried out (`drop_before`, `drop_after`), or have lost their
    session or their tokens (`expire_session`, `expire_tokens`).
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
        """Count down a failure; False if none is left."""
        left: int = getattr(self, name)
        if left <= 0:
            return False
        setattr(self, name, left - 1)
        return True

    @classmethod
    def parse(cls, text: str) -> "SimulatedFaults":
        """Parse the value of `serve --faults`.

        >>> SimulatedFaults.parse("lag=7.5,drop_after=1").drop_after
        1

        Raises `InvalidValue` at an unknown name or an unsuitable value.
        """
        faults = cls()
        for part in filter(None, text.split(",")):
            name, _, value = part.strip().partition("=")
            name = name.replace("-", "_")
            if name not in cls.__dataclass_fields__:
                names = ", ".join(cls.__dataclass_fields__)
                raise InvalidValue(
                    f"the fault “{name}” does not exist", hint=f"use one of {names}"
                )
            try:
                setattr(faults, name, type(getattr(faults, name))(value or 1))
            except ValueError as error:
                raise InvalidValue(f"the fault {name} cannot be “{value}”") from error
        return faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The rules of one server.

    - `anonymous_edits`: everyone who reaches the server may edit; only for a loopback address.
    - `wiki_id`: the name of this wiki among the sites that sitelinks can name.
    - `full_text`: if false, `list=search` finds nothing, as in a wiki without a search index.
    - `commons`: the files and data pages that values may name. Nothing is requested from other
      machines, so without it all of them are assumed to exist.
    - `check_edit`: called before each edit, and may refuse it.

    Sizes are in bytes.
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
    faults: SimulatedFaults = field(default_factory=SimulatedFaults)
