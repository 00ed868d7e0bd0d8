"""wbeditentity: change anything of an entity, or make one."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from wbskills.wikibase.model.entities import Entity, Kind, Sitelink, Statement
from wbskills.wikibase.server.api import terms
from wbskills.wikibase.server.api.call import Call, Module
from wbskills.wikibase.server.api.editing import (
    Target,
    answered,
    check_rights,
    chosen,
    save,
    shown,
)
from wbskills.wikibase.server.api.errors import ApiError, refused
from wbskills.wikibase.server.api.messages import Json
from wbskills.wikibase.server.api.parameters import Parameter
from wbskills.wikibase.server.api.rules import DATATYPES, Rules
from wbskills.wikibase.server.api.sites import check_badges, checked_link
from wbskills.wikibase.server.api.statements import (
    find,
    flat_claims,
    put,
    read_json,
    read_statement,
)
from wbskills.wikibase.server.api.titles import of_entity
from wbskills.wikibase.server.api.values import entity_id

CHOICE = (
    Parameter("id"),
    Parameter("new", choices=("item", "property")),
    Parameter("site"),
    Parameter("title"),
)
_MANY_LANGUAGES = 50


def _edit_entity(call: Call) -> Json:
    target = chosen(call)
    check_rights(call, creates=target.latest is None, kind=target.entity.kind)
    try:
        data = _data(call)
        if target.latest is None:  # statements may come with GUIDs of the id that it gets
            fresh = call.site.store.next_id(target.entity.kind)
            target = replace(target, entity=replace(target.entity, id=fresh))
        _check_header(call, target, data)
        wanted = _wanted(call, target, data)
    except ApiError:
        if target.latest is None:
            call.site.store.skip_id(target.entity.kind)
        raise
    saved = save(call, target, wanted, _summary(call, target, wanted, data))
    return answered(saved, shown(call, saved))


def _data(call: Call) -> Mapping[str, Any]:
    found = read_json(call.values["data"], refused("invalid-json"))
    if found == []:
        return {}
    if isinstance(found, list):
        raise refused("not-recognized-string")
    if not isinstance(found, Mapping):
        raise refused("not-recognized-array")
    return found


def _check_header(call: Call, target: Target, data: Mapping[str, Any]) -> None:
    """Refuse data that says that it is of something else, or of another revision."""
    if "remove" in data:
        raise refused("not-recognized", name="wikibase-api-illegal-entity-remove")
    if data.get("id") is not None and entity_id(str(data["id"])) != target.id:
        raise refused("param-invalid", 'Invalid field used in call: "id", must match id parameter')
    if "type" in data and data["type"] != target.entity.kind.value:
        raise refused(
            "param-invalid",
            'Invalid field used in call: "type", must match type associated with id',
        )
    page = call.site.store.pages.existing_page_ids([target.id]).get(target.id, 0)
    title = of_entity(target.id)
    true = {
        "pageid": (', "pageid",', page),
        "ns": (': "namespace",', title.space),
        "title": (': "title",', str(title)),
        "lastrevid": (': "lastrevid",', target.base.revision if target.base else 0),
    }
    for name, (field, value) in true.items():
        if data.get(name) is not None and data[name] != value:
            raise refused(
                "param-illegal",
                f"Illegal field used in call{field} must either be correct or not given",
            )


def _wanted(call: Call, target: Target, data: Mapping[str, Any]) -> Entity:
    entity = target.entity
    if call.values["clear"]:
        entity = Entity(kind=entity.kind, id=entity.id, datatype=entity.datatype)
    if target.latest is None and entity.kind is Kind.PROPERTY:
        datatype = data.get("datatype")
        if not isinstance(datatype, str) or datatype not in DATATYPES:
            raise refused("param-illegal", name="wikibase-api-not-recognized-datatype")
        entity = replace(entity, datatype=datatype)
    if "labels" in data:
        entity = replace(entity, labels=terms.changed(entity.labels, data["labels"], "label"))
    if "descriptions" in data:
        entity = replace(
            entity,
            descriptions=terms.changed(entity.descriptions, data["descriptions"], "description"),
        )
    if "aliases" in data:
        entity = replace(entity, aliases=terms.changed_aliases(entity.aliases, data["aliases"]))
    if "sitelinks" in data and entity.kind is not Kind.ITEM:
        raise refused("not-supported")
    if data.get("sitelinks"):
        entity = replace(entity, sitelinks=tuple(_links(call, entity, data["sitelinks"])))
    if "claims" in data:
        entity = _with_claims(call, entity, data["claims"])
    return entity


def _links(call: Call, entity: Entity, found: object) -> Iterable[Sitelink]:
    if not isinstance(found, (Mapping, list)):
        raise refused("not-recognized-array")
    links = {link.site: link for link in entity.sitelinks}
    keyed = found.items() if isinstance(found, Mapping) else ((None, each) for each in found)
    for key, each in keyed:
        if not isinstance(each, Mapping):
            raise refused("not-recognized-array")
        site, title = each.get("site"), each.get("title")
        if not isinstance(site, str):
            raise refused("not-recognized-site")
        if key is not None and key != site:
            raise refused("inconsistent-site")
        if "remove" in each or title == "" or (title is None and "badges" not in each):
            links.pop(site, None)
        elif title is None and "badges" in each and site not in links:
            raise refused("no-such-sitelink")
        elif title is not None and not isinstance(title, str):
            raise refused("not-recognized-string")
        else:
            check_badges(each.get("badges") or ())
            title = links[site].title if title is None else title
            links[site] = checked_link(call, site, title)
    return links.values()


def _with_claims(call: Call, entity: Entity, found: object) -> Entity:
    rules = Rules(call.site, call.settings)
    for claim in flat_claims(found):
        if "remove" in claim:
            guid = claim.get("id")
            if not isinstance(guid, str):
                raise refused("invalid-claim", "Cannot remove a claim with no GUID")
            there = find(entity, guid)
            if there is None:
                raise refused(
                    "modification-failed", f"Entity does not have statement with GUID {guid}"
                )
            left: tuple[Statement, ...] = tuple(s for s in entity.statements if s is not there)
            entity = replace(entity, statements=left)
        else:
            statement = rules.check(read_statement(claim))
            entity = replace(entity, statements=put(entity, statement))
    return entity


def _summary(call: Call, target: Target, wanted: Entity, data: Mapping[str, Any]) -> str:
    if target.latest is None:
        return f"/* wbeditentity-create-{wanted.kind.value}:0| */"
    if call.values["clear"]:
        return "/* wbeditentity-override:0| */"
    languages = _changed_languages(target.entity, wanted)
    others = {"claims", "sitelinks"} & data.keys()
    if not languages or others:
        return "/* wbeditentity-update:0| */"
    if len(languages) > _MANY_LANGUAGES:
        return f"/* wbeditentity-update-languages:0||{len(languages)} */"
    return f"/* wbeditentity-update-languages-short:0||{', '.join(languages)} */"


def _changed_languages(before: Entity, after: Entity) -> list[str]:
    found: dict[str, None] = {}
    pairs: tuple[tuple[Mapping[str, object], Mapping[str, object]], ...] = (
        (before.labels, after.labels),
        (before.descriptions, after.descriptions),
        (before.aliases, after.aliases),
    )
    for old, new in pairs:
        for language in {**old, **new}:
            if old.get(language) != new.get(language):
                found[language] = None
    return list(found)


EDIT_ENTITY = Module(
    "wbeditentity",
    _edit_entity,
    (
        *CHOICE,
        Parameter("baserevid", "integer"),
        Parameter("summary"),
        Parameter("tags", multi=True, choices=()),
        Parameter("token", required=True, token="csrf"),  # noqa: S106 - a kind, no secret
        Parameter("bot", "boolean"),
        Parameter("data", "text", required=True),
        Parameter("clear", "boolean"),
    ),
    token="csrf",  # noqa: S106 - a kind, no secret
    posted=True,
    writes=True,
)
