"""Pages as HTML: the templates, and the headers that keep a page from doing anything else."""

from pathlib import Path
from typing import Final

from flask import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from wbskills.wikibase.server.site import Site
from wbskills.wikibase.server.summaries import readable

# Nothing but our own stylesheet is ever loaded, and no script runs: labels are anybody's text.
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_RIGHT_TO_LEFT: Final = frozenset(
    {
        "ar", "arc", "arq", "ary", "arz", "azb", "bcc", "bgn", "bqi", "ckb", "dv", "fa", "glk",
        "he", "khw", "kk-arab", "kk-cn", "ks-arab", "ku-arab", "lki", "lrc", "luz", "mzn", "nqo",
        "pnb", "prs", "ps", "sd", "sdh", "skr", "skr-arab", "syc", "ug", "ug-arab", "ur", "yi",
    }
)  # fmt: skip


class Templates:
    """The templates of one site; every value is escaped where it is written."""

    def __init__(self, site: Site) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).with_name("templates")),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals |= {"site": site.name, "dir": direction, "readable": readable}

    def page(self, name: str, status: int = 200, **values: object) -> Response:
        """Render a page."""
        text = self._templates.get_template(f"{name}.html").render(**values)
        response = Response(
            text.encode("utf-8", "replace"), status, content_type="text/html; charset=utf-8"
        )
        response.headers["Content-Security-Policy"] = POLICY
        response.headers.update(HEADERS)
        response.headers["Vary"] = "Accept-Language"
        return response


def direction(language: str) -> str:
    """Tell in which direction a language is written.

    >>> direction("he"), direction("en")
    ('rtl', 'ltr')
    """
    return "rtl" if language.lower() in _RIGHT_TO_LEFT else "ltr"
