"""Three-way merge: what somebody changed in an old revision, done again to the newest one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from wbskills.wikibase.model.edits import group_by_property
from wbskills.wikibase.model.entities import Entity, Sitelink, Statement

_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True)
class Merge:
    """The newest revision with the changes done to it.

    `done` counts them, `refused` those of something that was changed meanwhile, be it in the
    same way: they are not in `entity`.
    """

    entity: Entity
    done: int
    refused: int


def patched(base: Entity, wanted: Entity, latest: Entity) -> Merge:
    """Do to `latest` what leads from `base` to `wanted`, as Wikibase does it.

    Of terms and sitelinks, what somebody else has changed is refused. A statement is another
    matter: it is taken from `wanted` whole, whatever somebody else did to it. Only where that
    changes nothing, as it is gone or says the same already, it counts as refused.
    """
    tally = _Tally()
    entity = replace(
        latest,
        labels=tally.merged(base.labels, wanted.labels, latest.labels),
        descriptions=tally.merged(base.descriptions, wanted.descriptions, latest.descriptions),
        aliases=tally.aliases(base.aliases, wanted.aliases, latest.aliases),
        statements=group_by_property(
            list(
                tally.statements(
                    _by_id(base.statements), _by_id(wanted.statements), _by_id(latest.statements)
                ).values()
            )
        ),
        sitelinks=tuple(
            tally.merged(
                _by_site(base.sitelinks), _by_site(wanted.sitelinks), _by_site(latest.sitelinks)
            ).values()
        ),
    )
    return Merge(entity, tally.done, tally.refused)


class _Tally:
    """Merges the parts of an entity and counts what could be done and what not."""

    def __init__(self) -> None:
        self.done = self.refused = 0

    def merged(
        self, base: Mapping[str, _Part], wanted: Mapping[str, _Part], latest: Mapping[str, _Part]
    ) -> dict[str, _Part]:
        merged = dict(latest)
        for key in {**base, **wanted}:
            before, after = base.get(key), wanted.get(key)
            if after == before:
                continue
            if latest.get(key) != before:
                self.refused += 1
                continue
            self.done += 1
            if after is None:
                merged.pop(key, None)
            else:
                merged[key] = after
        return merged

    def statements(
        self,
        base: Mapping[str, Statement],
        wanted: Mapping[str, Statement],
        latest: Mapping[str, Statement],
    ) -> dict[str, Statement]:
        """Merge statements: the last edit wins, unless there is nothing left to change."""
        merged = dict(latest)
        for guid in {**base, **wanted}:
            before, after = base.get(guid), wanted.get(guid)
            if after == before:
                continue
            idle = latest.get(guid) == after or (guid in latest) != (guid in base)
            self.refused += idle
            self.done += not idle
            if idle:
                continue
            if after is None:
                del merged[guid]
            else:
                merged[guid] = after
        return merged

    def aliases(
        self,
        base: Mapping[str, tuple[str, ...]],
        wanted: Mapping[str, tuple[str, ...]],
        latest: Mapping[str, tuple[str, ...]],
    ) -> dict[str, tuple[str, ...]]:
        """Merge aliases one by one: those of a language may be changed by several at once."""
        merged = dict(latest)
        for language in {**base, **wanted}:
            before, after = base.get(language, ()), wanted.get(language, ())
            now = latest.get(language, ())
            gone = [text for text in before if text not in after]
            new = [text for text in after if text not in before]
            refused = sum(text not in now for text in gone) + sum(text in now for text in new)
            self.refused += refused
            self.done += len(gone) + len(new) - refused
            found = (*(text for text in now if text not in gone), *new)
            if found:
                merged[language] = tuple(dict.fromkeys(found))
            else:
                merged.pop(language, None)
        return merged


def _by_id(statements: tuple[Statement, ...]) -> dict[str, Statement]:
    # A statement without a GUID is new: nobody else can have changed it.
    return {
        statement.id or f"new {number}": statement for number, statement in enumerate(statements)
    }


def _by_site(links: tuple[Sitelink, ...]) -> dict[str, Sitelink]:
    return {link.site: link for link in links}
