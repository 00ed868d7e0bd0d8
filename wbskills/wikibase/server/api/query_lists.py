"""action=query&list=…: pages and users, and lists that are always empty here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from wbskills.wikibase.embedded.accounts import Account
from wbskills.wikibase.embedded.pages import TitleRange
from wbskills.wikibase.model.entities import Kind
from wbskills.wikibase.server.accounts import rights_of
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.deserializers import parse_entity_id
from wbskills.wikibase.server.api.errors import Json, api_error
from wbskills.wikibase.server.api.page_set import Page, find_pages, pages_of, parse_number
from wbskills.wikibase.server.api.query_revisions import is_address
from wbskills.wikibase.server.api.titles import (
    ITEMS,
    MAIN_PAGE,
    PROPERTIES,
    InvalidTitle,
    Title,
    capitalized,
    parse_title,
    title_of,
)

ENTITY_NAMESPACES: Final = (str(ITEMS), str(PROPERTIES))
_MAX_LINKS: Final = 5_000


@dataclass(frozen=True, slots=True)
class ListResult:
    """What a list has found.

    `rows` are shown by list=, `titles` are the pages for generator=. `following` are the
    parameters of the next part. `more` is shown beside the rows.
    """

    rows: Sequence[Any] = ()
    titles: Sequence[Title] = ()
    following: Json = field(default_factory=dict)
    more: Json = field(default_factory=dict)


def kinds_in(values: Json) -> list[Kind]:
    """Return the kinds of entities in the namespaces asked for; of all if none is."""
    wanted = values["namespace"] or ENTITY_NAMESPACES
    return [
        kind
        for namespace, kind in ((str(ITEMS), Kind.ITEM), (str(PROPERTIES), Kind.PROPERTY))
        if namespace in wanted
    ]


def links_to(call: Call, entity_id: str) -> list[str]:
    """Return the ids of entities whose statements mention an entity or use a property."""
    base = call.site.store.concept_base
    entity = f"<{base}{entity_id}>"
    patterns = []
    if entity_id.startswith("P"):
        prop = base.removesuffix("entity/") + "prop/"
        patterns = [
            f"?e <{prop}{entity_id}> ?s",
            f"?s <{prop}qualifier/{entity_id}> ?v . ?e ?p ?s",
            f"?r <{prop}reference/{entity_id}> ?v . ?s ?d ?r . ?e ?p ?s",
        ]
    patterns += [
        f"?s ?a {entity} . ?e ?p ?s",
        f"?n ?b {entity} . ?s ?a ?n . ?e ?p ?s",
        f"?n ?c {entity} . ?r ?b ?n . ?s ?a ?r . ?e ?p ?s",
    ]
    union = " UNION ".join(f"{{ {pattern} }}" for pattern in patterns)
    answer = call.site.store.select(
        f"SELECT DISTINCT ?e WHERE {{ {union}"
        f' FILTER(STRSTARTS(STR(?s), "{base}statement/")) }} LIMIT {_MAX_LINKS}'
    )
    found = [str(row[0]).removeprefix(base) for row in answer.rows]
    return [each for each in found if parse_entity_id(each)]


def all_pages(call: Call, values: Json) -> ListResult:
    """List the pages of a namespace by title."""
    limit = values["limit"]
    wanted = TitleRange(
        start=_normalized(values["continue"] or values["from"]),
        end=_normalized(values["to"]),
        prefix=_normalized(values["prefix"]),
        redirects=_redirects(values),
        down=values["dir"] == "descending",
    )
    if values["namespace"] not in ENTITY_NAMESPACES:
        is_main = values["namespace"] == str(MAIN_PAGE.namespace) and _has_main_page(wanted)
        return _listed(find_pages(call, [MAIN_PAGE] if is_main else []), {})
    (kind,) = kinds_in({"namespace": [values["namespace"]]})
    entities = call.site.store.pages.titles(kind, limit + 1, wanted)
    following = {"continue": entities[limit]} if len(entities) > limit else {}
    return _listed(pages_of(call, entities[:limit]), following)


def back_links(call: Call, values: Json) -> ListResult:
    """List the entities whose statements mention an entity."""
    entity = _title(call, values, "bl").entity
    if entity is None or values["filterredir"] == "redirects":
        return ListResult()
    namespaces = values["namespace"] or ENTITY_NAMESPACES
    found = pages_of(call, links_to(call, entity))
    found = [page for page in found if str(page.title.namespace) in namespaces]
    found.sort(key=lambda page: page.number, reverse=values["dir"] == "descending")
    keys = [f"{page.title.namespace}|{page.number}" for page in found]
    first = keys.index(values["continue"]) if values["continue"] in keys else 0
    last = first + values["limit"]
    return _listed(found[first:last], {"continue": keys[last]} if last < len(keys) else {})


def random_pages(call: Call, values: Json) -> ListResult:
    """List random pages of entities."""
    entities = call.site.store.pages.random(kinds_in(values), values["limit"], _redirects(values))
    pages = pages_of(call, entities)
    rows = [{"id": page.number, **page.title.to_json()} for page in pages]
    return ListResult(rows, [page.title for page in pages])


def all_users(call: Call, values: Json) -> ListResult:
    """List accounts by name."""
    low, high = _normalized(values["continue"] or values["from"]), values["to"]
    beginning, groups = _normalized(values["prefix"]), set(values["group"] or ())
    found = [
        each
        for each in call.site.store.accounts.list_all()
        if each.name >= low
        and (not high or each.name <= _normalized(high))
        and each.name.startswith(beginning)
        and (not groups or groups & set(each.groups))
    ]
    if values["dir"] == "descending":
        found.reverse()
    limit = values["limit"]
    following = {"continue": found[limit].name} if len(found) > limit else {}
    return ListResult(
        [_user(call, each, values["prop"] or ()) for each in found[:limit]], (), following
    )


def users(call: Call, values: Json) -> ListResult:
    """List the accounts with the names and numbers asked for."""
    accounts, props = call.site.store.accounts, values["prop"] or ()
    numbers = {parse_number(text) for text in values["userids"] or ()}
    names = [*(values["users"] or ()), *(a.name for a in accounts.list_all() if a.id in numbers)]
    rows: list[Json] = []
    for name in names:
        account = accounts.find(capitalized(name))
        if account is None:
            rows.append({"name": name})
            call.set_flags(rows[-1], **{"invalid" if is_address(name) else "missing": True})
        else:
            rows.append(_user(call, account, props))
    return ListResult(rows)


def empty_list(call: Call, values: Json, prefix: str) -> ListResult:
    """Answer a list of pages that a wiki of entities cannot have.

    If it is about a page, its title has to be given all the same.
    """
    if "title" in values:
        _title(call, values, prefix)
    return ListResult()


def _listed(pages: Iterable[Page], following: Json) -> ListResult:
    found = list(pages)
    return ListResult(
        [each.to_json() for each in found], [each.title for each in found], following
    )


def _normalized(text: str | None) -> str:
    return capitalized((text or "").replace("_", " "))


def _redirects(values: Json) -> bool | None:
    """Whether only redirects are asked for; None if everything is."""
    return {"redirects": True, "nonredirects": False}.get(values["filterredir"])


def _has_main_page(wanted: TitleRange) -> bool:
    name = MAIN_PAGE.name
    low, high = (wanted.end, wanted.start) if wanted.down else (wanted.start, wanted.end)
    in_range = low <= name and (not high or name <= high)
    return in_range and name.startswith(wanted.prefix) and wanted.redirects is not True


def _title(call: Call, values: Json, prefix: str) -> Title:
    """Return the title that a list is about. Raises `ApiError`."""
    if values["title"] is None and values["pageid"] is not None:
        entity = call.site.store.pages.entity_of(values["pageid"])
        if entity is None:
            raise api_error("nosuchpageid", values["pageid"])
        return title_of(entity)
    if not values["title"]:
        names = f'"{prefix}title" and "{prefix}pageid"'
        raise api_error("missingparam", names, name="apierror-missingparam-one-of")
    try:
        return parse_title(values["title"], call.site.name)
    except InvalidTitle:
        raise api_error("invalidtitle", values["title"]) from None


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
        call.set_flags(shown, emailable=False)
    return shown
