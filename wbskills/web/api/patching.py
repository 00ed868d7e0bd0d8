"""Three-way merge: what somebody changed in an old revision, done again to the newest one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from wbskills.model.edits import grouped
from wbskills.model.entities import Entity, Sitelink, Statement

_Part = TypeVar("_Part")


class Conflict(Exception):
    """Both sides changed the same thing in different ways."""


def patched(base: Entity, wanted: Entity, latest: Entity, *, force: bool = False) -> Entity:
    """Do to `latest` what leads from `base` to `wanted`.

    Raises `Conflict` where `latest` is no longer as `base` was, unless `force` is given.
    """
    return replace(
        latest,
        labels=_merged(base.labels, wanted.labels, latest.labels, force=force),
        descriptions=_merged(
            base.descriptions, wanted.descriptions, latest.descriptions, force=force
        ),
        aliases=_aliases(base.aliases, wanted.aliases, latest.aliases),
        statements=grouped(
            list(
                _merged(
                    _by_id(base.statements),
                    _by_id(wanted.statements),
                    _by_id(latest.statements),
                    force=force,
                ).values()
            )
        ),
        sitelinks=tuple(
            _merged(
                _by_site(base.sitelinks),
                _by_site(wanted.sitelinks),
                _by_site(latest.sitelinks),
                force=force,
            ).values()
        ),
    )


def _merged(
    base: Mapping[str, _Part],
    wanted: Mapping[str, _Part],
    latest: Mapping[str, _Part],
    *,
    force: bool,
) -> dict[str, _Part]:
    merged = dict(latest)
    for key in {**base, **wanted}:
        before, after, now = base.get(key), wanted.get(key), latest.get(key)
        if after in (before, now):
            continue
        if now != before and not force:
            raise Conflict(key)
        if after is None:
            merged.pop(key, None)
        else:
            merged[key] = after
    return merged


def _aliases(
    base: Mapping[str, tuple[str, ...]],
    wanted: Mapping[str, tuple[str, ...]],
    latest: Mapping[str, tuple[str, ...]],
) -> dict[str, tuple[str, ...]]:
    merged = dict(latest)
    for language in {**base, **wanted}:
        before, after = base.get(language, ()), wanted.get(language, ())
        if before == after:
            continue
        kept = [text for text in latest.get(language, ()) if text in after or text not in before]
        found = tuple(dict.fromkeys([*kept, *(text for text in after if text not in before)]))
        if found:
            merged[language] = found
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
