"""The pages as HTML, in the language of the reader; every value is escaped."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from flask import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from wbskills.questionnaires.schema import Questionnaire
from wbskills.report.translation import Translation
from wbskills.wikibase.server.rendering import HEADERS

_FOLDER: Final = Path(__file__).parent
# Scripts come only from files of ours; a log-in form leads to the wiki of the log-in.
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self';"
    " base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


@cache
def translation(language: str) -> Translation:
    """Return the messages in a language."""
    return Translation(language, folder=_FOLDER / "messages")


class Templates:
    """The HTML templates of the pages for one questionnaire."""

    def __init__(self, questionnaire: Questionnaire, log_in_origin: str = "") -> None:
        self._questionnaire = questionnaire
        self._policy = f"{_POLICY} {log_in_origin}".rstrip()
        self._templates = Environment(
            loader=FileSystemLoader(_FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._names = {
            each: translation(each).plain("language.name") for each in questionnaire.languages
        }

    def page(
        self, name: str, language: str, status: int = 200, values: Mapping[str, object] = {}
    ) -> Response:
        """Render a template; nothing of it is kept by the browser or on the way."""
        words = translation(language)
        text = self._templates.get_template(f"{name}.html").render(
            {
                "t": words,
                "language": language,
                "dir": words.direction,
                "languages": self._names,
                "asked": self._questionnaire,
                **values,
            }
        )
        response = Response(
            text.encode("utf-8", "replace"), status, content_type="text/html; charset=utf-8"
        )
        return with_headers(response, self._policy)


def with_headers(response: Response, policy: str = _POLICY) -> Response:
    """Add what keeps a page private."""
    response.headers.update(HEADERS)
    response.headers["Content-Security-Policy"] = policy
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Cookie, Accept-Language"
    return response
