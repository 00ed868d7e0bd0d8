"""What all edits share: finding what is to be edited, checking rights, and saving it."""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from wbskills.errors import EditConflict, LabelClash
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.model.edits import group_by_property
from wbskills.wikibase.model.entities import Entity, Kind, Stored
from wbskills.wikibase.model.wire import entity_to_json
from wbskills.wikibase.server.api import terms
from wbskills.wikibase.server.api.call import Call, link
from wbskills.wikibase.server.api.errors import ApiError, invalid, refused, unsaved
from wbskills.wikibase.server.api.messages import Json, Message
from wbskills.wikibase.server.api.parameters import Parameter
from wbskills.wikibase.server.api.patching import patched
from wbskills.wikibase.server.api.sameness import same
from wbskills.wikibase.server.api.values import entity_id
from wbskills.wikibase.server.settings import Faults

COMMON: Final = (
    Parameter("summary"),
    Parameter("tags", multi=True, choices=()),
    Parameter("token", required=True, token="csrf"),  # noqa: S106 - a kind, no secret
    Parameter("baserevid", "integer"),
    Parameter("bot", "boolean"),
)
_MINUTE: Final = 60.0
_FILTER: Final = "abusefilter-"  # how the names of its messages begin
_LONGEST_SUMMARY: Final = 500
_MOST_TAGS: Final = 50


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be edited: the entity as the client knows it, and as it is now.

    Both are None for a new entity, of which `entity` has the kind only.
    """

    entity: Entity
    base: Stored | None = None
    latest: Stored | None = None

    @property
    def id(self) -> str:
        """Give the id; empty for a new entity."""
        return self.entity.id


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of an edit. `shown` is the entity as the client made it.

    `stored` is what was written, unless it is more than that.
    """

    shown: Entity
    revision: int
    changed: bool
    stored: Stored | None = None


def existing(call: Call, name: str) -> Target:
    """Find an entity to edit, by an id as the client wrote it. Raises `ApiError`."""
    found = entity_id(name)
    if found is None:
        raise refused("invalid-entity-id")
    return _loaded(call, found)


def _loaded(call: Call, found: str) -> Target:
    latest = call.site.store.read([found]).get(found)
    if latest is None:
        if found in call.site.store.pages.redirects([found]):
            raise refused("unresolved-redirect")
        raise refused("no-such-entity", found, name="no-such-entity")
    number = call.values.get("baserevid")
    if not number or number == latest.revision:
        return Target(latest.entity, latest, latest)
    if number == call.site.store.pages.main_page()[0]:
        raise refused("cant-load-entity-content")  # it is there, and holds no entity
    revision = call.site.store.history.revision(number)
    base = revision.entity_then() if revision and revision.entity == found else None
    if base is None:
        raise refused("nosuchrevid")
    return Target(base.entity, base, latest)


def chosen(call: Call) -> Target:
    """Find what is to be edited by `id`, by `site` and `title`, or make something `new`."""
    name, kind = call.values["id"], call.values["new"]
    site, page = call.values["site"], call.values["title"]
    by_page = site is not None or page is not None
    if kind is not None and (name is not None or by_page):
        text = (
            'Either provide the item "id" or pairs of "site" and "title" or a "new" type for an'
            " entity"
        )
        raise ApiError("param-illegal", f"⧼{text}⧽", messages=[Message(text)])
    if kind is not None:
        check_rights(call, creates=True, kind=Kind(kind))
        return Target(Entity(kind=Kind(kind)))
    if (name is not None) == by_page or (by_page and not (site and page)):
        raise refused("param-illegal", name="wikibase-api-illegal-id-or-site-page-selector")
    if name is None:
        found = call.site.store.pages.linked(str(site), str(page))
        if found is None:
            raise refused(
                "no-such-entity-link", f"{site}:{page}", name="wikibase-api-no-such-entity-link"
            )
        name = found
    return existing(call, name)


def check_rights(
    call: Call, *, creates: bool = False, kind: Kind = Kind.ITEM, terms: bool = False
) -> None:
    """Refuse somebody who may not edit, or not the `terms` of an entity."""
    needed = ["edit", "createpage"] if creates else ["edit"]
    if creates and kind is Kind.PROPERTY:
        needed.append("property-create")
    if terms:
        needed.append(f"{kind.value}-term")
    if all(call.user.may(right) for right in needed):
        return
    name = call.site.name
    denied = Message("wikibase-api-permissiondenied")
    why = [Message("badaccess-groups", (f"*, [[{name}:Users|Users]]", 2))]
    if creates:
        why.append(Message("nocreate-loggedin"))
    else:
        why.append(Message("badaccess-groups", ("*", 1)))
    raise ApiError(
        "permissiondenied",
        denied.wikitext,
        messages=[denied, *why],
        also=["cantcreate"] if creates else [],
    )


def note(call: Call, auto: str) -> EditInfo:
    """Say who makes an edit and why. Raises `ApiError` for a tag that is not defined."""
    tags = call.values.get("tags") or []
    if tags:
        raise ApiError(
            "badtags",
            f'The tag "{tags[0]}" is not allowed to be manually applied.',
            data={"disallowedtags": tags[:_MOST_TAGS]},
        )
    own = call.values.get("summary") or ""
    parts = auto.partition(" */ ")
    joined = ", " if parts[2] and own else " " if own else ""
    return EditInfo(
        summary=f"{auto}{joined}{own[:_LONGEST_SUMMARY]}".rstrip(),
        user=call.user.name,
        bot=bool(call.values.get("bot")) and call.user.may("bot"),
    )


def save(call: Call, target: Target, wanted: Entity, auto: str) -> Saved:
    """Save an entity as the client wants it; what others changed meanwhile stays.

    `auto` is the summary in Wikibase's form. Raises `ApiError`, and then nothing is saved.
    """
    wanted = replace(wanted, statements=group_by_property(list(wanted.statements)))
    renamed = _terms(wanted) != _terms(target.entity)
    check_rights(call, creates=target.latest is None, kind=wanted.kind, terms=renamed)
    noted = note(call, auto)
    terms.check_distinct(wanted, target.entity if target.latest else None)
    if target.latest is None or target.base is None:
        return _created(call, wanted, noted)
    if same(wanted, target.base.entity):
        return Saved(wanted, target.latest.revision, changed=False)
    final = wanted
    if target.base.revision != target.latest.revision:
        final = _rebased(call, target, wanted)
        if same(final, target.latest.entity):
            return Saved(final, target.latest.revision, changed=False)
    stored = _written(call, final, target.latest, noted)
    if final is not wanted:
        return Saved(wanted, stored.revision, changed=True)
    return Saved(stored.entity, stored.revision, changed=True, stored=stored)


def _terms(entity: Entity) -> tuple[object, ...]:
    return dict(entity.labels), dict(entity.descriptions), dict(entity.aliases)


def _created(call: Call, wanted: Entity, noted: EditInfo) -> Saved:
    try:
        stored = _written(call, wanted, None, noted)
    except ApiError:
        call.site.store.skip_id(wanted.kind)
        raise
    return Saved(stored.entity, stored.revision, changed=True, stored=stored)


def _rebased(call: Call, target: Target, wanted: Entity) -> Entity:
    assert target.base is not None  # noqa: S101 - of an entity that is there
    assert target.latest is not None  # noqa: S101 - of an entity that is there
    merge = patched(target.base.entity, wanted, target.latest.entity)
    if not (merge.done or merge.refused):  # statements in another order
        return merge.entity
    name = "wikibase-conflict-patched"
    if merge.refused:
        others = call.site.store.history.editors_since(wanted.id, target.base.revision)
        if others != {call.user.name} or not merge.done:
            raise _conflict()
        name = "wikibase-self-conflict-patched"
    told = Message(name).to_json(call.version)
    call.messages.append({**told, "type": "warning"})
    return merge.entity


def _conflict() -> ApiError:
    first = Message("wikibase-api-editconflict")
    return ApiError("editconflict", first.wikitext, messages=[first, Message("edit-conflict")])


def _written(call: Call, entity: Entity, before: Stored | None, noted: EditInfo) -> Stored:
    _check_links(call, entity, before)
    _check_size(call, entity)
    _check_rate(call)
    check_filter(call, before.entity if before else None, entity)
    call.settings.check_edit(call.site, before.entity if before else None, entity)
    try:
        return _revised(call, entity, before, noted)
    except LabelClash as error:
        raise clash(call, entity, error.entity) from error
    except EditConflict as error:
        raise _conflict() from error


def _revised(call: Call, entity: Entity, before: Stored | None, noted: EditInfo) -> Stored:
    """Write an entity; a lock on its label may be late, if the server is asked for that."""
    late, now = call.settings.faults.late_locks, time.monotonic()
    try:
        stored = call.site.store.revise(entity, before, noted)
    except LabelClash as error:
        if before is not None or call.server.made_at.get(error.entity, -late) + late <= now:
            raise
        with call.site.store.without_label_locks():
            stored = call.site.store.revise(entity, before, noted)
    if late and before is None:
        call.server.made_at[stored.entity.id] = now
    return stored


def check_filter(call: Call, *entities: Entity | None) -> None:
    """Refuse an edit as an extension of MediaWiki does, if the server is asked for that.

    `entities` are what is edited, before and after.
    """
    reason = _unwanted(call.settings.faults, entities)
    if reason is not None:
        raise unsaved(reason)


def check_deletion(call: Call, entity: Entity) -> None:
    """Refuse a deletion as a filter does; no captcha stands before one."""
    faults = call.settings.faults
    reason = _unwanted(faults, [entity])
    if reason is not None and faults.refuse_as.startswith(_FILTER):
        raise ApiError(faults.refuse_as, reason.wikitext, messages=[reason])


def _unwanted(faults: Faults, entities: Iterable[Entity | None]) -> Message | None:
    labels = (label for each in entities if each for label in each.labels.values())
    if not faults.refuse or not any(faults.refuse in label for label in labels):
        return None
    told = (f"No people named {faults.refuse}", "1")
    return Message(faults.refuse_as, told if faults.refuse_as.startswith(_FILTER) else ())


def _check_links(call: Call, entity: Entity, before: Stored | None) -> None:
    """Refuse a page that another item is linked to already."""
    had = before.entity.sitelinks if before else ()
    for sitelink in entity.sitelinks:
        if sitelink in had:
            continue
        owner = call.site.store.pages.linked(sitelink.site, sitelink.title)
        if owner is not None and owner != entity.id:
            address = page_address(call, sitelink.title)
            shown = f"[{address} {sitelink.site}:{sitelink.title}]"
            raise unsaved(Message("wikibase-validator-sitelink-conflict", (shown, link(owner))))


def page_address(call: Call, title: str) -> str:
    """Give the address of a page of this wiki."""
    return f"{call.site.address}/wiki/{title.replace(' ', '_')}"


def _check_size(call: Call, entity: Entity) -> None:
    if len(entity.statements) < 500:  # smaller than the limit, whatever stands in them
        return
    if len(json.dumps(entity_to_json(entity))) > call.settings.max_entity:
        too_big = Message("wikibase-error-entity-too-big", ({"size": call.settings.max_entity},))
        raise unsaved(too_big)


def _check_rate(call: Call) -> None:
    """Count the edits of a minute, while the server is asked to limit them."""
    most = call.settings.faults.edits_per_minute
    if not most or call.user.may("noratelimit"):
        return
    now = time.monotonic()
    times = [
        when for when in call.server.edit_times.get(call.user.name, ()) if when > now - _MINUTE
    ]
    if len(times) >= most:
        raise unsaved(Message("actionthrottledtext"), also=["ratelimited"])
    call.server.edit_times[call.user.name] = [*times, now]


def clash(call: Call, entity: Entity, owner: str) -> ApiError:
    """Tell whose label (of an item: with description) it is that is wanted."""
    other = call.site.store.read([owner])[owner].entity
    for language, label in entity.labels.items():
        if other.labels.get(language) != label:
            continue
        parameters = (label, language, link(owner))
        if entity.kind is Kind.PROPERTY:
            return unsaved(Message("wikibase-validator-label-conflict", parameters))
        if other.descriptions.get(language) == entity.descriptions.get(language):
            return invalid("label-with-description-conflict", *parameters)
    return unsaved(Message("wikibase-validator-label-conflict", ("", "", link(owner))))


def shown(call: Call, saved: Saved) -> Json:
    """Write an entity as edits answer with it: sitelinks with addresses."""
    if saved.stored is not None:
        found = dict(call.site.store.entity_json(saved.stored))
    else:
        found = entity_to_json(saved.shown)
    if found.get("sitelinks"):
        found["sitelinks"] = {
            site: {**sitelink, "url": page_address(call, sitelink["title"])}
            for site, sitelink in found["sitelinks"].items()
        }
    return found


def answered(saved: Saved, part: Json) -> Json:
    """Answer an edit with a part of the entity."""
    part["lastrevid"] = saved.revision
    if not saved.changed:
        part["nochange"] = ""
    return {"entity": part, "success": 1}
