"""Who has an account here: meta=userinfo, list=users and list=allusers."""

from collections.abc import Sequence

from wbskills.wikibase.embedded.accounts import Account
from wbskills.wikibase.server.accounts import rights_of
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.closing import block_of
from wbskills.wikibase.server.api.lists import Listed, capital
from wbskills.wikibase.server.api.messages import Json
from wbskills.wikibase.server.api.page_revisions import is_address
from wbskills.wikibase.server.api.page_set import number


def user_info(call: Call, values: Json) -> Json:
    """Answer meta=userinfo."""
    user, props = call.user, values["prop"] or ()
    found: Json = {"id": user.id, "name": user.name}
    if user.anonymous:
        call.mark(found, anon=True)
    if "groups" in props:
        found["groups"] = list(user.groups)
    if "rights" in props:
        found["rights"] = list(user.rights)
    if "ratelimits" in props:
        found["ratelimits"] = {}
    if "blockinfo" in props:
        found |= block_of(call)
    if "editcount" in props:
        edits = 0 if user.anonymous else call.site.store.history.edit_count(user.name)
        found["editcount"] = edits
    if "hasmsg" in props:
        call.mark(found, messages=False)
    if "options" in props:
        found["options"] = {"language": "en"}
    return {"userinfo": found}


def all_users(call: Call, values: Json) -> Listed:
    """Answer list=allusers."""
    low, high = capital(values["continue"] or values["from"] or ""), values["to"]
    beginning, groups = capital(values["prefix"] or ""), set(values["group"] or ())
    found = [
        each
        for each in call.site.store.accounts.every()
        if each.name >= low
        and (not high or each.name <= capital(high))
        and each.name.startswith(beginning)
        and (not groups or groups & set(each.groups))
    ]
    if values["dir"] == "descending":
        found.reverse()
    limit = values["limit"]
    going_on = {"continue": found[limit].name} if len(found) > limit else {}
    return Listed(
        [_user(call, each, values["prop"] or ()) for each in found[:limit]], (), going_on
    )


def _user(call: Call, account: Account, props: Sequence[str]) -> Json:
    shown: Json = {"userid": account.id, "name": account.name}
    if "editcount" in props:
        shown["editcount"] = call.site.store.history.edit_count(account.name)
    if "registration" in props:
        shown["registration"] = account.made
    if "groups" in props:
        shown["groups"] = [*account.groups, "*", "user", "autoconfirmed"]
    if "rights" in props:
        shown["rights"] = list(rights_of(account))
    if "gender" in props:
        shown["gender"] = "unknown"
    if "emailable" in props:
        call.mark(shown, emailable=False)
    return shown


def users(call: Call, values: Json) -> Listed:
    """Answer list=users."""
    accounts, props = call.site.store.accounts, values["prop"] or ()
    wanted = {number(text) for text in values["userids"] or ()}
    rows: list[Json] = []
    for name in [*(values["users"] or ()), *(a.name for a in accounts.every() if a.id in wanted)]:
        account = accounts.find(name[:1].upper() + name[1:])
        if account is None:
            rows.append({"name": name})
            call.mark(rows[-1], **{"invalid" if is_address(name) else "missing": True})
            continue
        rows.append(_user(call, account, props))
    return Listed(rows)
