"""What works for an application beside its requests, and has to be ended with it."""

from collections.abc import Callable
from typing import Final

from flask import Blueprint, Flask

_CLOSING: Final = "wbskills.closing"


def closes(blueprint: Blueprint, close: Callable[[], object]) -> None:
    """Let something be called when the application of a blueprint is closed."""
    blueprint.record(lambda setup: setup.app.extensions.setdefault(_CLOSING, []).append(close))


def close_all(app: Flask) -> None:
    """Call it, the last one first."""
    for close in reversed(app.extensions.get(_CLOSING, [])):
        close()
