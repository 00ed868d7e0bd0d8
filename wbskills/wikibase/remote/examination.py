"""What `wbskills doctor` asks a wiki far away."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self

from wbskills.errors import StoreError
from wbskills.wikibase.remote.api import Api, Refused
from wbskills.wikibase.remote.profile import Profile, Secret
from wbskills.wikibase.remote.reader import About, about, id_of
from wbskills.wikibase.remote.waiting import Waiting

__all__ = ["PATIENCE", "About", "Examination", "Recent", "Refused"]

PATIENCE: Final = 20.0  # seconds; whoever asks sits and waits
_RECENT: Final = 50  # newest edits that are looked for in the query service
_FORM: Final = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Recent:
    """A newest edit: of which entity, which revision, when."""

    entity: str
    revision: int
    time: datetime


class Examination:
    """A wiki that is being looked at by one user. A context manager.

    Raises `StoreError` where it does not answer, is no Wikibase, or does not let the user in.
    """

    def __init__(
        self,
        profile: Profile,
        secret: Secret,
        tell: Callable[[str], object] = lambda _: None,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._api = Api(profile, secret, Waiting(tell, patience=patience))
        try:
            self.about: About = about(self._api)
        except BaseException:
            self._api.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._api.close()

    def datatypes(self) -> frozenset[str]:
        """List the datatypes that the wiki has; empty if it does not tell."""
        found = self._api.ask("paraminfo", modules="wbformatvalue")
        for module in found.get("paraminfo", {}).get("modules", ()):
            for parameter in module.get("parameters", ()):
                if parameter.get("name") == "datatype" and isinstance(parameter["type"], list):
                    return frozenset(parameter["type"])
        return frozenset()

    def recent(self) -> list[Recent]:
        """List the newest edit of each entity that was edited last, the newest first."""
        found: dict[str, Recent] = {}
        answer: Any = self._api.ask(
            "query",
            list="recentchanges",
            rcnamespace="|".join(str(number) for number, _ in self.about.spaces.values()),
            rcprop="title|ids|timestamp",
            rctype="edit|new",
            rclimit=_RECENT,
        )
        try:
            for each in answer["query"]["recentchanges"]:
                when = datetime.strptime(each["timestamp"], _FORM).replace(tzinfo=UTC)
                name = id_of(each["title"])
                if name:
                    found.setdefault(name, Recent(name, int(each["revid"]), when))
        except (KeyError, ValueError) as error:
            raise StoreError("the wiki’s recent changes cannot be read") from error
        return list(found.values())
