"""wbeditentity: changes anything of an entity, or creates one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from wbskills.wikibase.model.entities import Entity, Kind
from wbskills.wikibase.model.wire import entity_to_json
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.change_ops import change_aliases, change_sitelinks, change_terms
from wbskills.wikibase.server.api.claims import find_statement, put_statement
from wbskills.wikibase.server.api.deserializers import (
    flat_claims,
    parse_entity_id,
    read_json,
    read_statement,
)
from wbskills.wikibase.server.api.editing import (
    EditResult,
    Target,
    check_rights,
    choose_entity,
    page_url,
    save,
    using_up_id,
)
from wbskills.wikibase.server.api.errors import Json, wikibase_error
from wbskills.wikibase.server.api.titles import title_of
from wbskills.wikibase.server.api.validators import DATATYPES, Validators

_MAX_LISTED_LANGUAGES: Final = 50


def edit_entity(call: Call) -> Json:
    """Change an entity as its JSON in `data` says, or create one."""
    target = choose_entity(call)
    check_rights(call, creates=target.is_new, kind=target.kind)
    with using_up_id(call, target):
        data = _data(call)
        if target.is_new:  # statements may have GUIDs with the id that it will get
            fresh = call.site.store.next_id(target.kind)
            target = replace(target, entity=replace(target.entity, id=fresh))
        _check_header(call, target, data)
        wanted = _changed(call, target, data)
    saved = save(call, target, wanted, _summary(call, target, wanted, data))
    return saved.to_json(_entity_json(call, saved))


def _data(call: Call) -> Mapping[str, Any]:
    found = read_json(call.values["data"], wikibase_error("invalid-json"))
    if found == []:
        return {}
    if isinstance(found, list):
        raise wikibase_error("not-recognized-string")
    if not isinstance(found, Mapping):
        raise wikibase_error("not-recognized-array")
    return found


def _check_header(call: Call, target: Target, data: Mapping[str, Any]) -> None:
    """Refuse data about another entity or revision."""
    entity_id = target.entity.id
    if "remove" in data:
        raise wikibase_error("not-recognized", name="wikibase-api-illegal-entity-remove")
    if data.get("id") is not None and parse_entity_id(str(data["id"])) != entity_id:
        raise wikibase_error(
            "param-invalid", 'Invalid field used in call: "id", must match id parameter'
        )
    if "type" in data and data["type"] != target.kind.value:
        raise wikibase_error(
            "param-invalid",
            'Invalid field used in call: "type", must match type associated with id',
        )
    page = call.site.store.pages.existing_page_ids([entity_id]).get(entity_id, 0)
    title = title_of(entity_id)
    for name, label, value in (
        ("pageid", ', "pageid",', page),
        ("ns", ': "namespace",', title.namespace),
        ("title", ': "title",', str(title)),
        ("lastrevid", ': "lastrevid",', target.base.revision if target.base else 0),
    ):
        if data.get(name) is not None and data[name] != value:
            raise wikibase_error(
                "param-illegal",
                f"Illegal field used in call{label} must either be correct or not given",
            )


def _changed(call: Call, target: Target, data: Mapping[str, Any]) -> Entity:
    """Return the entity changed by the data. Raises `ApiError`."""
    entity = target.entity
    if call.values["clear"]:
        entity = Entity(kind=entity.kind, id=entity.id, datatype=entity.datatype)
    if target.is_new and entity.kind is Kind.PROPERTY:
        datatype = data.get("datatype")
        if not isinstance(datatype, str) or datatype not in DATATYPES:
            raise wikibase_error("param-illegal", name="wikibase-api-not-recognized-datatype")
        entity = replace(entity, datatype=datatype)
    if "labels" in data:
        labels = change_terms(entity.labels, data["labels"], "label")
        entity = replace(entity, labels=labels)
    if "descriptions" in data:
        descriptions = change_terms(entity.descriptions, data["descriptions"], "description")
        entity = replace(entity, descriptions=descriptions)
    if "aliases" in data:
        entity = replace(entity, aliases=change_aliases(entity.aliases, data["aliases"]))
    if "sitelinks" in data and entity.kind is not Kind.ITEM:
        raise wikibase_error("not-supported")
    if data.get("sitelinks"):
        entity = replace(entity, sitelinks=change_sitelinks(call, entity, data["sitelinks"]))
    if "claims" in data:
        entity = _with_claims(call, entity, data["claims"])
    return entity


def _with_claims(call: Call, entity: Entity, found: object) -> Entity:
    validators = Validators(call.site, call.settings)
    for claim in flat_claims(found):
        if "remove" not in claim:
            statement = validators.statement(read_statement(claim))
            entity = replace(entity, statements=put_statement(entity, statement))
            continue
        guid = claim.get("id")
        if not isinstance(guid, str):
            raise wikibase_error("invalid-claim", "Cannot remove a claim with no GUID")
        removed = find_statement(entity, guid)
        if removed is None:
            raise wikibase_error(
                "modification-failed", f"Entity does not have statement with GUID {guid}"
            )
        kept = tuple(each for each in entity.statements if each is not removed)
        entity = replace(entity, statements=kept)
    return entity


def _summary(call: Call, target: Target, wanted: Entity, data: Mapping[str, Any]) -> str:
    if target.is_new:
        return f"/* wbeditentity-create-{wanted.kind.value}:0| */"
    if call.values["clear"]:
        return "/* wbeditentity-override:0| */"
    languages = _changed_languages(target.entity, wanted)
    if not languages or {"claims", "sitelinks"} & data.keys():
        return "/* wbeditentity-update:0| */"
    if len(languages) > _MAX_LISTED_LANGUAGES:
        return f"/* wbeditentity-update-languages:0||{len(languages)} */"
    return f"/* wbeditentity-update-languages-short:0||{', '.join(languages)} */"


def _changed_languages(before: Entity, after: Entity) -> list[str]:
    pairs: tuple[tuple[Mapping[str, object], Mapping[str, object]], ...] = (
        (before.labels, after.labels),
        (before.descriptions, after.descriptions),
        (before.aliases, after.aliases),
    )
    changed = (
        language
        for old, new in pairs
        for language in {**old, **new}
        if old.get(language) != new.get(language)
    )
    return list(dict.fromkeys(changed))


def _entity_json(call: Call, saved: EditResult) -> Json:
    """Return the JSON of an entity, with the URLs of its sitelinks."""
    if saved.stored is not None:
        found = dict(call.site.store.entity_json(saved.stored))
    else:
        found = entity_to_json(saved.entity)
    if found.get("sitelinks"):
        found["sitelinks"] = {
            site: {**sitelink, "url": page_url(call, sitelink["title"])}
            for site, sitelink in found["sitelinks"].items()
        }
    return found
