"""Applies the changes of an edit of an old revision to the latest one, as Wikibase does."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from wbskills.wikibase.model.edits import group_by_property
from wbskills.wikibase.model.entities import Entity, Sitelink, Statement

_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True)
class MergedChanges:
    """The latest revision with the changes applied: how many were `done`, how many `refused`.

    Refused are changes of what was changed meanwhile, even in the same way.
    """

    entity: Entity
    done: int
    refused: int


def merge_changes(base: Entity, wanted: Entity, latest: Entity) -> MergedChanges:
    """Apply the changes from `base` to `wanted` to `latest`.

    Changes of terms and sitelinks that someone else has changed are refused. A statement is
    taken from `wanted` whole, whatever it has become; it counts as refused only if that changes
    nothing.
    """
    merge = _Merge()
    entity = replace(
        latest,
        labels=merge.parts(base.labels, wanted.labels, latest.labels),
        descriptions=merge.parts(base.descriptions, wanted.descriptions, latest.descriptions),
        aliases=merge.aliases(base.aliases, wanted.aliases, latest.aliases),
        statements=group_by_property(
            list(merge.statements(_by_id(base), _by_id(wanted), _by_id(latest)).values())
        ),
        sitelinks=tuple(merge.parts(_by_site(base), _by_site(wanted), _by_site(latest)).values()),
    )
    return MergedChanges(entity, merge.done, merge.refused)


def same_content(one: Entity, other: Entity) -> bool:
    """Check whether Wikibase treats two entities as equal, so that an edit changes nothing.

    The order of qualifiers, of references and of the snaks of a reference does not count, that
    of statements and aliases does (https://github.com/wmde/WikibaseDataModel).
    """
    return one == other or (
        replace(one, statements=()) == replace(other, statements=())
        and list(map(_unordered, one.statements)) == list(map(_unordered, other.statements))
    )


class _Merge:
    """Merges the parts of an entity, and counts the changes."""

    def __init__(self) -> None:
        self.done = self.refused = 0

    def parts(
        self, base: Mapping[str, _Part], wanted: Mapping[str, _Part], latest: Mapping[str, _Part]
    ) -> dict[str, _Part]:
        merged = dict(latest)
        for key in {**base, **wanted}:
            before, after = base.get(key), wanted.get(key)
            if after != before:
                self._apply(merged, key, after, refused=latest.get(key) != before)
        return merged

    def statements(
        self,
        base: Mapping[str, Statement],
        wanted: Mapping[str, Statement],
        latest: Mapping[str, Statement],
    ) -> dict[str, Statement]:
        merged = dict(latest)
        for guid in {**base, **wanted}:
            after = wanted.get(guid)
            if after != base.get(guid):
                unchanged = latest.get(guid) == after or (guid in latest) != (guid in base)
                self._apply(merged, guid, after, refused=unchanged)
        return merged

    def _apply(
        self, merged: dict[str, _Part], key: str, after: _Part | None, *, refused: bool
    ) -> None:
        self.refused += refused
        self.done += not refused
        if refused:
            return
        if after is None:
            merged.pop(key, None)
        else:
            merged[key] = after

    def aliases(
        self,
        base: Mapping[str, tuple[str, ...]],
        wanted: Mapping[str, tuple[str, ...]],
        latest: Mapping[str, tuple[str, ...]],
    ) -> dict[str, tuple[str, ...]]:
        """Merge aliases one by one."""
        merged = dict(latest)
        for language in {**base, **wanted}:
            before, after = base.get(language, ()), wanted.get(language, ())
            current = latest.get(language, ())
            removed = [text for text in before if text not in after]
            added = [text for text in after if text not in before]
            refused = sum(text not in current for text in removed)
            refused += sum(text in current for text in added)
            self.refused += refused
            self.done += len(removed) + len(added) - refused
            found = (*(text for text in current if text not in removed), *added)
            if found:
                merged[language] = tuple(dict.fromkeys(found))
            else:
                merged.pop(language, None)
        return merged


def _by_id(entity: Entity) -> dict[str, Statement]:
    # A statement without a GUID is new: nobody else can have changed it.
    return {each.id or f"new {number}": each for number, each in enumerate(entity.statements)}


def _by_site(entity: Entity) -> dict[str, Sitelink]:
    return {link.site: link for link in entity.sitelinks}


def _unordered(statement: Statement) -> tuple[object, ...]:
    return (
        statement.id,
        statement.rank,
        statement.main,
        frozenset(statement.qualifiers),
        frozenset(frozenset(reference.snaks) for reference in statement.references),
    )
