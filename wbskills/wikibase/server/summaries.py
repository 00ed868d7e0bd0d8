"""Summaries of edits as people read them.

They are kept as Wikibase keeps them, `/* wbsetlabel-set:1|de */ Ada`: what was done, how many
arguments, the arguments, and then what was written.
"""

import re
from typing import Final

_AUTO: Final = re.compile(r"/\* ([a-z-]+):[0-9]*\|?([^*]*?) ?\*/ ?(.*)", re.DOTALL)
_LINK: Final = re.compile(r"\[\[(?:Item|Property):([QP][0-9]+)(?:\|[^\[\]|]*)?\]\]")

# {0}, {1}: the arguments. What is not here is shown as it was kept.
_TOLD: Final = {
    "undo": "Undid revision {1} of {2}",
    "wbcreateclaim-create": "Said something new",
    "wbcreateredirect": "Redirected {1} to {2}",
    "wbeditentity-create-item": "Made a new item",
    "wbeditentity-create-property": "Made a new property",
    "wbeditentity-override": "Wrote all of it anew",
    "wbeditentity-update": "Changed it",
    "wbeditentity-update-languages": "Changed names in {1} languages",
    "wbeditentity-update-languages-short": "Changed names in {1}",
    "wbmergeitems-from": "Merged {1} into this",
    "wbmergeitems-to": "Merged into {1}",
    "wbremoveclaims-remove": "Took away a statement",
    "wbremovequalifiers-remove": "Took away a qualifier",
    "wbremovereferences-remove": "Took away a reference",
    "wbsetaliases-add": "Added aliases in {1}",
    "wbsetaliases-remove": "Took away aliases in {1}",
    "wbsetaliases-set": "Set the aliases in {1}",
    "wbsetaliases-update": "Changed the aliases in {1}",
    "wbsetclaim-create": "Said something new",
    "wbsetclaim-update": "Changed a statement",
    "wbsetclaimvalue": "Changed the value of a statement",
    "wbsetdescription-add": "Added the description in {1}",
    "wbsetdescription-remove": "Took away the description in {1}",
    "wbsetdescription-set": "Changed the description in {1}",
    "wbsetlabel-add": "Added the label in {1}",
    "wbsetlabel-remove": "Took away the label in {1}",
    "wbsetlabel-set": "Changed the label in {1}",
    "wbsetqualifier-add": "Added a qualifier",
    "wbsetqualifier-update": "Changed a qualifier",
    "wbsetreference-add": "Added a reference",
    "wbsetreference-set": "Changed a reference",
    "wbsetsitelink-add": "Linked the page on {1}",
    "wbsetsitelink-remove": "Took away the link to {1}",
    "wbsetsitelink-set": "Changed the link to {1}",
}


def readable(summary: str) -> str:
    """Say in words what was done, and what was written with it.

    >>> readable("/* wbsetlabel-set:1|de */ Ada")
    'Changed the label in de: Ada'
    """
    found = _AUTO.fullmatch(summary)
    told = _TOLD.get(found[1]) if found else None
    if found is None or told is None:
        return summary
    arguments = found[2].split("|")
    # The first is kept empty where an action has none of its own: `:0||Q1`.
    arguments = ["", *(part for part in arguments if part)]
    for number, argument in enumerate(arguments):
        told = told.replace(f"{{{number}}}", argument)
    written = _LINK.sub(r"\1", found[3])
    return f"{told}: {written}" if written else told
