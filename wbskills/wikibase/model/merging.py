"""Putting everything of one item into another one. Pure."""

from dataclasses import dataclass, replace

from wbskills.wikibase.model.edits import group_by_property
from wbskills.wikibase.model.entities import Entity, Sitelink, Statement


@dataclass(frozen=True, slots=True)
class MergeResult:
    """What comes of it: the item with all of both, and what had to stay of the other.

    Where both have a description in a language, or a page of one site, that of the first stays
    there; these are listed.
    """

    merged: Entity
    left: Entity
    languages: tuple[str, ...]
    sites: tuple[str, ...]


def merge(source: Entity, target: Entity) -> MergeResult:
    """Put all of `source` into `target`; labels that differ become aliases."""
    labels, aliases = dict(target.labels), {k: list(v) for k, v in target.aliases.items()}
    for language, label in source.labels.items():
        if labels.setdefault(language, label) != label:
            aliases.setdefault(language, []).append(label)
    for language, texts in source.aliases.items():
        aliases.setdefault(language, []).extend(texts)
    descriptions = {**source.descriptions, **target.descriptions}
    kept = {
        language: text
        for language, text in source.descriptions.items()
        if descriptions[language] != text
    }
    links, kept_links = _merged_links(source, target)
    merged = replace(
        target,
        labels=labels,
        descriptions=descriptions,
        aliases={language: tuple(dict.fromkeys(texts)) for language, texts in aliases.items()},
        statements=_merged_statements(source, target),
        sitelinks=links,
    )
    left = Entity(id=source.id, descriptions=kept, sitelinks=kept_links)
    return MergeResult(merged, left, tuple(kept), tuple(link.site for link in kept_links))


def _merged_links(
    source: Entity, target: Entity
) -> tuple[tuple[Sitelink, ...], tuple[Sitelink, ...]]:
    links = {link.site: link for link in (*source.sitelinks, *target.sitelinks)}
    kept = tuple(link for link in source.sitelinks if links[link.site] != link)
    return tuple(links.values()), kept


def _merged_statements(source: Entity, target: Entity) -> tuple[Statement, ...]:
    """Add what the source says; of an equal statement only the references that are new."""
    statements = list(target.statements)
    said = {statement_content(each): number for number, each in enumerate(statements)}
    for each in source.statements:
        number = said.get(statement_content(each))
        if number is None:
            statements.append(replace(each, id=None))
            continue
        there = statements[number]
        new = [ref for ref in each.references if ref not in there.references]
        statements[number] = replace(there, references=(*there.references, *new))
    return group_by_property(statements)


def statement_content(statement: Statement) -> tuple[object, ...]:
    """Give what two statements share that say the same, whatever their sources and ranks."""
    return statement.main, frozenset(statement.qualifiers)
