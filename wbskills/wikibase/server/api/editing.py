"""What all edit modules share: finding the entity, checking rights, and saving.

A module calls `load_entity` or `choose_entity`, changes the entity, and calls `save`.
"""

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from wbskills.errors import EditConflict, LabelClash
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.model.edits import group_by_property
from wbskills.wikibase.model.entities import Entity, Kind, Stored
from wbskills.wikibase.model.wire import entity_to_json
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.deserializers import read_entity_id
from wbskills.wikibase.server.api.errors import (
    ApiError,
    Json,
    Message,
    api_error,
    invalid_value,
    save_failed,
    wikibase_error,
)
from wbskills.wikibase.server.api.three_way_merge import merge_changes, same_content
from wbskills.wikibase.server.api.titles import link_to
from wbskills.wikibase.server.settings import SimulatedFaults

_MINUTE: Final = 60.0
_ABUSE_FILTER: Final = "abusefilter-"  # the prefix of its messages
_MAX_SUMMARY: Final = 500
_MAX_TAGS: Final = 50


@dataclass(frozen=True, slots=True)
class Target:
    """The entity to edit: in the revision that the client knows (`base`), and in the latest.

    Both revisions are None for a new entity, of which `entity` has the kind only.
    """

    entity: Entity
    base: Stored | None = None
    latest: Stored | None = None

    @property
    def kind(self) -> Kind:
        """The kind of the entity."""
        return self.entity.kind

    @property
    def is_new(self) -> bool:
        """Whether the edit creates the entity."""
        return self.latest is None


@dataclass(frozen=True, slots=True)
class EditResult:
    """A finished edit: the entity as the client sent it, and the revision.

    `stored` is what was written, unless edits of others were merged into it.
    """

    entity: Entity
    revision: int
    changed: bool
    stored: Stored | None = None

    def to_json(self, part: Json) -> Json:
        """Return the answer of a module that edits an entity: the `part` that it shows."""
        part["lastrevid"] = self.revision
        if not self.changed:
            part["nochange"] = ""
        return {"entity": part, "success": 1}

    def terms_json(self, part: Json) -> Json:
        """Return the answer of a module that edits terms or sitelinks."""
        return self.to_json({**part, "id": self.entity.id, "type": self.entity.kind.value})


def load_entity(call: Call, text: str) -> Target:
    """Load an entity to edit, by its id. Raises `ApiError`."""
    entity_id, store = read_entity_id(text), call.site.store
    latest = store.read([entity_id]).get(entity_id)
    if latest is None:
        if entity_id in store.pages.redirects([entity_id]):
            raise wikibase_error("unresolved-redirect")
        raise wikibase_error("no-such-entity", entity_id, name="no-such-entity")
    number = call.values.get("baserevid")
    if not number or number == latest.revision:
        return Target(latest.entity, latest, latest)
    if number == store.pages.main_page()[0]:
        raise wikibase_error("cant-load-entity-content")
    revision = store.history.revision(number)
    base = revision.entity_then() if revision and revision.entity == entity_id else None
    if base is None:
        raise wikibase_error("nosuchrevid")
    return Target(base.entity, base, latest)


def choose_entity(call: Call) -> Target:
    """Load the entity with the `id` or the link to `site` and `title`, or start a `new` one.

    Raises `ApiError`.
    """
    entity_id, kind = call.values["id"], call.values["new"]
    site, page = call.values["site"], call.values["title"]
    by_page = site is not None or page is not None
    if kind is not None and (entity_id is not None or by_page):
        text = (
            'Either provide the item "id" or pairs of "site" and "title" or a "new" type for an'
            " entity"
        )
        raise ApiError("param-illegal", f"⧼{text}⧽", messages=[Message(text)])
    if kind is not None:
        check_rights(call, creates=True, kind=Kind(kind))
        return Target(Entity(kind=Kind(kind)))
    if (entity_id is not None) == by_page or (by_page and not (site and page)):
        raise wikibase_error("param-illegal", name="wikibase-api-illegal-id-or-site-page-selector")
    if entity_id is None:
        entity_id = call.site.store.pages.find_linked(str(site), str(page))
        if entity_id is None:
            raise wikibase_error("no-such-entity-link", f"{site}:{page}")
    return load_entity(call, entity_id)


def check_rights(
    call: Call, *, creates: bool = False, kind: Kind = Kind.ITEM, terms: bool = False
) -> None:
    """Raise `ApiError` if the user may not edit, or not the `terms` of an entity."""
    needed = ["edit", "createpage"] if creates else ["edit"]
    if creates and kind is Kind.PROPERTY:
        needed.append("property-create")
    if terms:
        needed.append(f"{kind.value}-term")
    if all(call.user.may(right) for right in needed):
        return
    denied = Message("wikibase-api-permissiondenied")
    reasons = [
        Message("badaccess-groups", (f"*, [[{call.site.name}:Users|Users]]", 2)),
        Message("nocreate-loggedin") if creates else Message("badaccess-groups", ("*", 1)),
    ]
    raise ApiError(
        "permissiondenied",
        denied.wikitext,
        messages=[denied, *reasons],
        also=["cantcreate"] if creates else [],
    )


@contextmanager
def using_up_id(call: Call, target: Target) -> Iterator[None]:
    """Use up the id of a new entity if it is refused, as Wikibase does."""
    try:
        yield
    except ApiError:
        if target.is_new:
            call.site.store.skip_id(target.kind)
        raise


def edit_info(call: Call, auto_summary: str) -> EditInfo:
    """Return the author and the summary of an edit. Raises `ApiError` for an undefined tag."""
    tags = call.values.get("tags") or []
    if tags:
        raise api_error("badtags", tags[0], data={"disallowedtags": tags[:_MAX_TAGS]})
    summary = call.values.get("summary") or ""
    has_text = bool(auto_summary.partition(" */ ")[2])
    separator = ", " if has_text and summary else " " if summary else ""
    return EditInfo(
        summary=f"{auto_summary}{separator}{summary[:_MAX_SUMMARY]}".rstrip(),
        user=call.user.name,
        bot=bool(call.values.get("bot")) and call.user.may("bot"),
        tags=(call.grant.tag,) if call.grant is not None else (),
    )


def save(call: Call, target: Target, wanted: Entity, auto_summary: str) -> EditResult:
    """Save an entity; keeps what others have changed since the base revision.

    `auto_summary` is the summary in Wikibase's form. If it raises `ApiError`, nothing is saved.
    """
    wanted = replace(wanted, statements=group_by_property(list(wanted.statements)))
    changes_terms = _terms(wanted) != _terms(target.entity)
    check_rights(call, creates=target.is_new, kind=wanted.kind, terms=changes_terms)
    info = edit_info(call, auto_summary)
    check_distinct_terms(wanted, None if target.is_new else target.entity)
    if target.latest is None or target.base is None:
        with using_up_id(call, target):
            stored = _write(call, wanted, None, info)
        return EditResult(stored.entity, stored.revision, changed=True, stored=stored)
    if same_content(wanted, target.base.entity):
        return EditResult(wanted, target.latest.revision, changed=False)
    merged = wanted
    if target.base.revision != target.latest.revision:
        merged = _merged(call, target.base, wanted, target.latest)
        if same_content(merged, target.latest.entity):
            return EditResult(merged, target.latest.revision, changed=False)
    stored = _write(call, merged, target.latest, info)
    if merged is not wanted:
        return EditResult(wanted, stored.revision, changed=True)
    return EditResult(stored.entity, stored.revision, changed=True, stored=stored)


def check_distinct_terms(entity: Entity, before: Entity | None) -> None:
    """Raise `ApiError` if a label has become the same as the description in its language."""
    for language, label in entity.labels.items():
        if entity.descriptions.get(language) != label:
            continue
        if before is None or (
            (before.labels.get(language), before.descriptions.get(language)) != (label, label)
        ):
            raise invalid_value("label-equals-description", language)


def check_filter(call: Call, *entities: Entity | None) -> None:
    """Raise `ApiError` if the simulated filter refuses an entity, before or after an edit."""
    reason = _filter_message(call.settings.faults, entities)
    if reason is not None:
        raise save_failed(reason)


def check_deletion(call: Call, entity: Entity) -> None:
    """Raise `ApiError` if the simulated filter refuses a deletion; captchas do not."""
    faults = call.settings.faults
    reason = _filter_message(faults, [entity])
    if reason is not None and faults.refuse_as.startswith(_ABUSE_FILTER):
        raise ApiError(faults.refuse_as, reason.wikitext, messages=[reason])


def label_clash(call: Call, entity: Entity, owner: str) -> ApiError:
    """Return the error for a label (of an item: with description) that `owner` has already."""
    other = call.site.store.read([owner])[owner].entity
    for language, label in entity.labels.items():
        if other.labels.get(language) != label:
            continue
        parameters = (label, language, link_to(owner))
        if entity.kind is Kind.PROPERTY:
            return save_failed(Message("wikibase-validator-label-conflict", parameters))
        if other.descriptions.get(language) == entity.descriptions.get(language):
            return invalid_value("label-with-description-conflict", *parameters)
    return save_failed(Message("wikibase-validator-label-conflict", ("", "", link_to(owner))))


def page_url(call: Call, title: str) -> str:
    """Return the URL of a page of this wiki."""
    return f"{call.site.address}/wiki/{title.replace(' ', '_')}"


def _terms(entity: Entity) -> tuple[object, ...]:
    return dict(entity.labels), dict(entity.descriptions), dict(entity.aliases)


def _merged(call: Call, base: Stored, wanted: Entity, latest: Stored) -> Entity:
    """Apply the changes of the client to the latest revision. Raises `ApiError` at a conflict."""
    merge = merge_changes(base.entity, wanted, latest.entity)
    if not (merge.done or merge.refused):  # only the order of statements differs
        return merge.entity
    name = "wikibase-conflict-patched"
    if merge.refused:
        others = call.site.store.history.editors_since(wanted.id, base.revision)
        if others != {call.user.name} or not merge.done:
            raise _conflict()
        name = "wikibase-self-conflict-patched"
    call.messages.append({**Message(name).to_json(call.version), "type": "warning"})
    return merge.entity


def _conflict() -> ApiError:
    return wikibase_error("editconflict", reasons=[Message("edit-conflict")])


def _write(call: Call, entity: Entity, before: Stored | None, info: EditInfo) -> Stored:
    old = before.entity if before else None
    _check_sitelinks(call, entity, old)
    _check_size(call, entity)
    _check_rate(call)
    check_filter(call, old, entity)
    call.settings.check_edit(call.site, old, entity)
    try:
        return _revise(call, entity, before, info)
    except LabelClash as error:
        raise label_clash(call, entity, error.entity) from error
    except EditConflict as error:
        raise _conflict() from error


def _revise(call: Call, entity: Entity, before: Stored | None, info: EditInfo) -> Stored:
    """Write an entity; with the fault `late_locks`, a clash with a fresh label is not noticed."""
    late, now = call.settings.faults.late_locks, time.monotonic()
    try:
        stored = call.site.store.revise(entity, before, info)
    except LabelClash as error:
        if before is not None or call.server.created_at.get(error.entity, -late) + late <= now:
            raise
        with call.site.store.without_label_locks():
            stored = call.site.store.revise(entity, before, info)
    if late and before is None:
        call.server.created_at[stored.entity.id] = now
    return stored


def _filter_message(faults: SimulatedFaults, entities: Iterable[Entity | None]) -> Message | None:
    labels = (label for entity in entities if entity for label in entity.labels.values())
    if not faults.refuse or not any(faults.refuse in label for label in labels):
        return None
    parameters = (f"No people named {faults.refuse}", "1")
    is_filter = faults.refuse_as.startswith(_ABUSE_FILTER)
    return Message(faults.refuse_as, parameters if is_filter else ())


def _check_sitelinks(call: Call, entity: Entity, before: Entity | None) -> None:
    """Refuse a link to a page that another item is linked to."""
    for sitelink in entity.sitelinks:
        if before and sitelink in before.sitelinks:
            continue
        owner = call.site.store.pages.find_linked(sitelink.site, sitelink.title)
        if owner is not None and owner != entity.id:
            url = page_url(call, sitelink.title)
            shown = f"[{url} {sitelink.site}:{sitelink.title}]"
            raise save_failed(
                Message("wikibase-validator-sitelink-conflict", (shown, link_to(owner)))
            )


def _check_size(call: Call, entity: Entity) -> None:
    if len(entity.statements) < 500:  # cannot reach the limit
        return
    if len(json.dumps(entity_to_json(entity))) > call.settings.max_entity:
        limit = {"size": call.settings.max_entity}
        raise save_failed(Message("wikibase-error-entity-too-big", (limit,)))


def _check_rate(call: Call) -> None:
    """Count the edits of a minute for the fault `edits_per_minute`."""
    most, now = call.settings.faults.edits_per_minute, time.monotonic()
    if not most or call.user.may("noratelimit"):
        return
    times = call.server.edit_times.get(call.user.name, ())
    recent = [when for when in times if when > now - _MINUTE]
    if len(recent) >= most:
        raise save_failed(Message("actionthrottledtext"), also=["ratelimited"])
    call.server.edit_times[call.user.name] = [*recent, now]
