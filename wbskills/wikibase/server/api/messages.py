"""The texts of errors, as clients know them: by name, with parameters, in plain text or HTML."""

import re
from dataclasses import dataclass
from html import escape
from typing import Any, Final

Json = dict[str, Any]

_TEXTS: Final = {
    "abusefilter-disallowed": "This action has been automatically identified as harmful, and"
    " therefore disallowed.\nIf you believe your action was constructive, please inform an"
    " administrator of what you were trying to do.\nA brief description of the abuse rule which"
    " your action matched is: $1",
    "abusefilter-warning": "<b>Warning:</b> This action has been automatically identified as"
    " harmful.\nUnconstructive actions will be quickly reverted,\nand egregious or repeated"
    " unconstructive editing will result in your account or IP address being blocked.\nIf you"
    " believe this action to be constructive, you may submit it again to confirm it.\nA brief"
    " description of the abuse rule which your action matched is: $1",
    "actionthrottledtext": "As an anti-abuse measure, you are limited from performing this action"
    " too many times in a short space of time, and you have exceeded this limit.\nPlease try"
    " again in a few minutes.",
    "badaccess-groups": "The action you have requested is limited to users in"
    " {{one of the groups|the group}}: $1.",
    "blockedtext": "Your username or IP address has been blocked.",
    "captcha-edit-fail": "Incorrect or missing CAPTCHA.",
    "edit-conflict": "Edit conflict.",
    "no-such-entity": "⧼no-such-entity⧽",
    "nocreate-loggedin": "You do not have permission to create new pages.",
    "protectedpagetext": "This page has been protected to prevent editing or other actions.",
    "wbskills-forgotten": "Somebody of this name asked to be forgotten and may not be recorded"
    " again.",
    "wbskills-no-consent": "What somebody can do may only be recorded with their consent: state it"
    " with the property “consent” in the same edit or before.",
    "wikibase-api-cant-load-entity-content": "Cannot access content, revision may be deleted.",
    "wikibase-api-editconflict": "Edit conflict. Could not patch the current revision.",
    "wikibase-api-failed-modify": "Attempted modification of the Item failed.",
    "wikibase-api-failed-save": "The save has failed.",
    "wikibase-api-illegal-entity-remove": "Entities can not be deleted by providing a top-level"
    " <var>remove</var> key.",
    "wikibase-api-illegal-id-or-site-page-selector": "You need to provide either an entity"
    " <var>id</var>, or a <var>site</var> and <var>page</var> combination, but not both.",
    "wikibase-api-illegal-ids-or-sites-titles-selector": 'Either provide the Item "ids" or pairs'
    ' of "sites" and "titles" for corresponding page',
    "wikibase-api-inconsistent-language": "Inconsistent language detected.",
    "wikibase-api-inconsistent-site": "Inconsistent site detected.",
    "wikibase-api-invalid-claim": "$1",
    "wikibase-api-invalid-entity-id": "Invalid entity ID.",
    "wikibase-api-invalid-guid": "Invalid claim guid.",
    "wikibase-api-invalid-json": "Invalid json in request.",
    "wikibase-api-invalid-snak": "Invalid snak data.",
    "wikibase-api-missing-language": "A language is required.",
    "wikibase-api-modification-failed": "$1",
    "wikibase-api-no-external-page": 'The external client site "$1" did not provide page'
    ' information for page "$2".',
    "wikibase-api-no-such-claim": "Could not find such a claim.",
    "wikibase-api-no-such-entity": 'Could not find an entity with the ID "$1".',
    "wikibase-api-no-such-entity-link": "Could not find a page link that matched to $1.",
    "wikibase-api-no-such-qualifier": "$1",
    "wikibase-api-no-such-reference": "Could not find such a reference.",
    "wikibase-api-no-such-sitelink": "Could not find a sitelink to the given site.",
    "wikibase-api-nosuchrevid": "Revision with ID not found.",
    "wikibase-api-not-supported": "The requested feature is not supported by the given entity.",
    "wikibase-setsitelink-not-badge": "The Item $1 is not a badge.",
    "wikibase-api-not-recognized-array": "An array was expected, but not recognized.",
    "wikibase-api-not-recognized-datatype": "A datatype was expected, but either missing or not"
    " recognized.",
    "wikibase-api-not-recognized-language": "The supplied language code was not recognized.",
    "wikibase-api-not-recognized-site": "The supplied site identifier was not recognized.",
    "wikibase-api-not-recognized-string": "A string was expected, but not recognized.",
    "wikibase-api-origin-not-empty": "$1",
    "wikibase-api-param-illegal": "$1",
    "wikibase-api-param-invalid": "$1",
    "wikibase-api-param-missing": "$1",
    "wikibase-api-permissiondenied": "You do not have the permissions needed to carry out this"
    " action.",
    "wikibase-api-target-is-redirect": "The redirect's target must not be a redirect too.",
    "wikibase-api-unknown-datatype": "The datatype is not known: $1",
    "wikibase-api-unresolved-redirect": "The given entity ID refers to a redirect, which is not"
    " supported in this context.",
    "wikibase-conflict-patched": "Your edit was patched into the latest version.",
    "wikibase-error-entity-too-big": "The entity is too big. The maximum allowed entity size is"
    " 2 MB.",
    "wikibase-itemmerge-cant-merge-self": "Cannot merge an Item with itself.",
    "wikibase-itemmerge-no-such-entity": "Item not found.",
    "wikibase-parse-error": "The value is malformed.",
    "wikibase-parse-error-coordinate": "The coordinate value is malformed.",
    "wikibase-parse-error-entity-id": "The entity ID is malformed.",
    "wikibase-parse-error-quantity": "The quantity value is malformed.",
    "wikibase-parse-error-time": "The time value is malformed.",
    "wikibase-self-conflict-patched": "Your edit was patched into the latest version, overriding"
    " some of your own intermediate changes.",
    "wikibase-validator-alias-too-long": "Each alias must be no more than $1 characters long",
    "wikibase-validator-alias-too-short": "Each alias must be at least one character long",
    "wikibase-validator-bad-entity-type": "Unexpected entity type $1",
    "wikibase-validator-bad-prefix": "⧼wikibase-validator-bad-prefix⧽",
    "wikibase-validator-bad-url": "URLs are not allowed to contain certain characters like spaces"
    " or square brackets: $1",
    "wikibase-validator-bad-url-scheme": 'An URL scheme "$1" is not supported.',
    "wikibase-validator-bad-value": "Data value corrupt: $1",
    "wikibase-validator-bad-value-type": "Bad value type $1, expected $2",
    "wikibase-validator-check-file-type": "File extension is missing.",
    "wikibase-validator-description-too-long": "Description must be no more than $1 characters"
    " long",
    "wikibase-validator-illegal-file-chars": "File names are not allowed to contain characters"
    " like colons or slashes",
    "wikibase-validator-label-conflict": 'Property $3 already has label "$1" associated with'
    " language code $2.",
    "wikibase-validator-label-equals-description": "Label and description for language code $1"
    " can not have the same value.",
    "wikibase-validator-label-too-long": "Label must be no more than $1 characters long",
    "wikibase-validator-label-with-description-conflict": 'Item $3 already has label "$1"'
    " associated with language code $2, using the same description text.",
    "wikibase-validator-malformed-value": "Malformed input: $1",
    "wikibase-validator-missing-field": 'Missing required field "$1"',
    "wikibase-validator-no-such-entity": "$1 not found",
    "wikibase-validator-no-such-media": 'The file "$1" does not exist on'
    " [https://commons.wikimedia.org/ Wikimedia Commons].",
    "wikibase-validator-no-such-property": "Property $1 not found",
    "wikibase-validator-not-a-language": '"$1" is not a known language code.',
    "wikibase-validator-not-allowed": "Illegal value: $1",
    "wikibase-validator-page-not-exists": 'The page "$1" does not exist.',
    "wikibase-validator-sitelink-conflict": "The link $1 is already used by Item $2. You may"
    " remove it from $2 if it does not belong there or merge the Items if they are about the"
    " exact same topic.",
    "wikibase-validator-too-high": "Out of range, must be no higher than $1",
    "wikibase-validator-too-long": "Must be no more than $1 characters long",
    "wikibase-validator-too-short": "Must be at least one character long",
    "wikibase-validator-url-scheme-missing": 'This URL misses a scheme like "https://": $1',
}


@dataclass(frozen=True, slots=True)
class Message:
    """A message by its name and parameters."""

    name: str
    parameters: tuple[Any, ...] = ()

    @property
    def wikitext(self) -> str:
        """Give the text with the parameters put in."""
        text = _TEXTS.get(self.name, f"⧼{self.name}⧽")
        if self.name == "badaccess-groups":
            many = self.parameters[1:] != (1,)
            text = re.sub(r"\{\{(.*)\|(.*)\}\}", r"\1" if many else r"\2", text)
        if not self.parameters:
            return text
        values = [str(value) for value in self.parameters]
        return re.sub(
            r"\$(\d)",
            lambda found: values[int(found[1]) - 1] if int(found[1]) <= len(values) else found[0],
            text,
        )

    @property
    def plain(self) -> str:
        """Give the text without marks, on one line."""
        return plain(self.wikitext)

    @property
    def html(self) -> str:
        """Give the text as safe HTML."""
        return html(self.wikitext)

    def to_json(self, version: int) -> Json:
        """Write the message as it stands beside an error."""
        rendered: Any = {"*": self.html} if version == 1 else self.html
        return {"name": self.name, "parameters": list(self.parameters), "html": rendered}


def plain(wikitext: str) -> str:
    """Take tags out of a text and put it on one line.

    >>> plain("either an <var>id</var> or\\n <b>nothing</b>")
    'either an "id" or nothing'
    """
    # What a client sent may stand in there: nothing may be looked through more than once.
    text = re.sub(r"<var>([^<]*)</var>", r'"\1"', wikitext)
    return " ".join(re.sub(r"<[^<>]*>", "", text).split())


def html(wikitext: str) -> str:
    """Write a text as HTML: links to entities stay links, everything else is shown as it is.

    >>> html("[[Item:Q1|Q1]] <b>")
    '<a href="/wiki/Item:Q1" title="Item:Q1">Q1</a> &lt;b&gt;'
    """
    text = escape(wikitext, quote=False)
    return re.sub(
        r"\[\[((?:Item|Property):[QP]\d+)\|([QP]\d+)\]\]",
        r'<a href="/wiki/\1" title="\1">\2</a>',
        text,
    )
