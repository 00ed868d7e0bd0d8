"""Pages for people: what they copy a form from, and what they print."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from wbskills.data import base_stylesheet

_RIGHT_TO_LEFT: Final = ("ar", "fa", "he", "ur", "yi", "dv", "ps", "sd")


def render(template: str, **values: object) -> str:
    """Write a page that needs no other file; all texts are escaped."""
    style = base_stylesheet().read_text(encoding="utf-8")
    return _environment().get_template(template).render(style=style, **values)


def direction(language: str) -> str:
    """Return the direction of writing of a language: `ltr` or `rtl`."""
    return "rtl" if language.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["direction"] = direction
    return environment
