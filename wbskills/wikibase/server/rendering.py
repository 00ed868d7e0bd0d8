"""Pages as HTML: templates, safe headers, and summaries of edits in words.

Summaries are stored as Wikibase has them, `/* wbsetlabel-set:1|de */ Ada`: the action, the number
of its arguments, the arguments, and what was written.
"""

import re
from pathlib import Path
from typing import Final

from flask import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from wbskills.wikibase.server.cookies import logged_in
from wbskills.wikibase.server.site import Site

# Only our own stylesheet is loaded, and no script runs: anyone can write labels.
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

_SUMMARY: Final = re.compile(r"/\* ([a-z-]+):[0-9]*\|?([^*]*?) ?\*/ ?(.*)", re.DOTALL)
_LINK: Final = re.compile(r"\[\[(?:Item|Property):([QP][0-9]+)(?:\|[^\[\]|]*)?\]\]")
# {1}, {2}: the arguments. Summaries of other actions are shown as they are stored.
_ACTIONS: Final = {
    "undo": "Undid revision {1} by {2}",
    "wbcreateclaim-create": "Added a statement",
    "wbcreateredirect": "Redirected {1} to {2}",
    "wbeditentity-create-item": "Created an item",
    "wbeditentity-create-property": "Created a property",
    "wbeditentity-override": "Replaced the whole entity",
    "wbeditentity-update": "Changed the entity",
    "wbeditentity-update-languages": "Changed names in {1} languages",
    "wbeditentity-update-languages-short": "Changed names in {1}",
    "wbmergeitems-from": "Merged {1} into this",
    "wbmergeitems-to": "Merged into {1}",
    "wbremoveclaims-remove": "Removed a statement",
    "wbremovequalifiers-remove": "Removed a qualifier",
    "wbremovereferences-remove": "Removed a reference",
    "wbsetaliases-add": "Added aliases in {1}",
    "wbsetaliases-remove": "Removed aliases in {1}",
    "wbsetaliases-set": "Set the aliases in {1}",
    "wbsetaliases-update": "Changed the aliases in {1}",
    "wbsetclaim-create": "Added a statement",
    "wbsetclaim-update": "Changed a statement",
    "wbsetclaimvalue": "Changed the value of a statement",
    "wbsetdescription-add": "Added the description in {1}",
    "wbsetdescription-remove": "Removed the description in {1}",
    "wbsetdescription-set": "Changed the description in {1}",
    "wbsetlabel-add": "Added the label in {1}",
    "wbsetlabel-remove": "Removed the label in {1}",
    "wbsetlabel-set": "Changed the label in {1}",
    "wbsetqualifier-add": "Added a qualifier",
    "wbsetqualifier-update": "Changed a qualifier",
    "wbsetreference-add": "Added a reference",
    "wbsetreference-set": "Changed a reference",
    "wbsetsitelink-add": "Linked the page on {1}",
    "wbsetsitelink-remove": "Removed the link to {1}",
    "wbsetsitelink-set": "Changed the link to {1}",
}


class Templates:
    """The HTML templates of one site; every value is escaped when it is rendered."""

    def __init__(self, site: Site) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).with_name("templates")),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals |= {
            "site": site.name, "dir": direction, "readable": readable_summary,
            "logged_in": logged_in,
        }  # fmt: skip

    def page(self, template: str, status: int = 200, /, **values: object) -> Response:
        """Render a template with some values."""
        text = self._templates.get_template(f"{template}.html").render(**values)
        response = Response(
            text.encode("utf-8", "replace"), status, content_type="text/html; charset=utf-8"
        )
        response.headers["Content-Security-Policy"] = POLICY
        response.headers.update(HEADERS)
        response.headers["Vary"] = "Accept-Language, Cookie"
        return response


def direction(language: str) -> str:
    """Return the writing direction of a language.

    >>> direction("he"), direction("en")
    ('rtl', 'ltr')
    """
    return "rtl" if language.lower() in _RIGHT_TO_LEFT else "ltr"


def readable_summary(summary: str) -> str:
    """Return a stored summary in words.

    >>> readable_summary("/* wbsetlabel-set:1|de */ Ada")
    'Changed the label in de: Ada'
    """
    parts = _SUMMARY.fullmatch(summary)
    action = _ACTIONS.get(parts[1]) if parts else None
    if parts is None or action is None:
        return summary
    # An action without arguments of its own has an empty first one: `:0||Q1`.
    for number, argument in enumerate(filter(None, parts[2].split("|")), 1):
        action = action.replace(f"{{{number}}}", argument)
    written = _LINK.sub(r"\1", parts[3])
    return f"{action}: {written}" if written else action
