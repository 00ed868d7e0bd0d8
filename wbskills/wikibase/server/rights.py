"""Who may do what: the rights of groups, and what a bot password grants of them."""

from typing import Final

ANYBODY: Final = (
    "createaccount", "read", "edit", "createpage", "createtalk", "writeapi", "viewmywatchlist",
    "editmywatchlist", "viewmyprivateinfo", "editmyprivateinfo", "editmyoptions", "item-term",
    "property-term", "item-merge", "item-redirect", "property-create",
)  # fmt: skip
_READER: Final = tuple(
    right
    for right in ANYBODY
    if right not in {"edit", "createpage", "createtalk", "item-term", "property-term"}
    and right not in {"item-merge", "item-redirect", "property-create"}
)
_USER: Final = (
    "move", "move-subpages", "move-rootuserpages", "move-categorypages", "minoredit", "purge",
    "sendemail", "applychangetags", "changetags", "editcontentmodel",
)  # fmt: skip
_CONFIRMED: Final = ("autoconfirmed", "editsemiprotected")
_BOT: Final = (
    "bot", "autoconfirmed", "editsemiprotected", "nominornewtalk", "autopatrol",
    "suppressredirect", "apihighlimits", "writeapi", "noratelimit",
)  # fmt: skip
_SYSOP: Final = (
    "delete", "undelete", "deletedhistory", "deletedtext", "browsearchive", "protect",
    "editprotected", "block", "rollback", "apihighlimits", "noratelimit", "patrol",
)  # fmt: skip

_OF_GROUP: Final = {"bot": _BOT, "sysop": _SYSOP}
GROUPS: Final = tuple(_OF_GROUP)

# What a bot password may do of what its user may do.
# https://www.mediawiki.org/wiki/Manual:$wgGrantPermissions
_OF_GRANT: Final = {
    "basic": (
        "autoconfirmed", "autopatrol", "editsemiprotected", "nominornewtalk", "patrolmarks",
        "read", "suppressredirect", "writeapi",
    ),
    "highvolume": ("bot", "apihighlimits", "noratelimit", "markbotedits"),
    "editpage": (
        "edit", "minoredit", "applychangetags", "changetags", "editcontentmodel", "item-term",
        "property-term", "item-merge", "item-redirect", "purge",
    ),
    "createeditmovepage": (
        "edit", "minoredit", "applychangetags", "changetags", "editcontentmodel", "createpage",
        "createtalk", "delete-redirect", "move", "move-rootuserpages", "move-subpages",
        "move-categorypages", "property-create",
    ),
    "editprotected": ("edit", "editprotected"),
    "delete": (
        "edit", "delete", "undelete", "deletedhistory", "deletedtext", "browsearchive",
    ),
    "rollback": ("rollback",),
    "protect": ("edit", "protect", "editprotected"),
    "blockusers": ("block",),
}  # fmt: skip
GRANTS: Final = tuple(_OF_GRANT)
USUAL_GRANTS: Final = ("basic", "highvolume", "editpage", "createeditmovepage", "delete")


def of_anonymous(*, edits: bool) -> tuple[str, ...]:
    """Give the rights of somebody who is not logged in."""
    return ANYBODY if edits else _READER


def of_user(groups: tuple[str, ...]) -> tuple[str, ...]:
    """Give the rights of a user in some groups."""
    found = [right for group in groups for right in _OF_GROUP.get(group, ())]
    return tuple(dict.fromkeys([*found, *_CONFIRMED, *ANYBODY, *_USER]))


def granted(rights: tuple[str, ...], grants: tuple[str, ...]) -> tuple[str, ...]:
    """Give what is left of some rights under the grants of a bot password."""
    allowed = {right for grant in ("basic", *grants) for right in _OF_GRANT.get(grant, ())}
    return tuple(right for right in rights if right in allowed)
