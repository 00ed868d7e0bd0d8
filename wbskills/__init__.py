"""A capacity map for people: self-evaluated skills in a Wikibase.

`open` opens one; see `wbskills.api` and docs/python-api.md.
"""

from typing import TYPE_CHECKING

from wbskills.errors import WbskillsError
from wbskills.version import __version__

if TYPE_CHECKING:
    from wbskills.api import (
        Answer,
        Capacity,
        ForgetReceipt,
        ImportReceipt,
        OntologyReceipt,
        Progress,
        RatingsReceipt,
        SurveyInspection,
        SurveyPlan,
        UndoReceipt,
    )
    from wbskills.api import open as open  # noqa: A004 - as a stranger would look for it

__all__ = [
    "Answer",
    "Capacity",
    "ForgetReceipt",
    "ImportReceipt",
    "OntologyReceipt",
    "Progress",
    "RatingsReceipt",
    "SurveyInspection",
    "SurveyPlan",
    "UndoReceipt",
    "WbskillsError",
    "__version__",
    "open",
]


def __dir__() -> list[str]:
    """List the API, also before it is imported."""
    return __all__


def __getattr__(name: str) -> object:
    """Import the API when it is first used, so that `wbskills --help` starts quickly."""
    if name in __all__:
        from wbskills import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
