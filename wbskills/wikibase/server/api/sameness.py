"""When two entities are the same for Wikibase: then an edit changes nothing, and is no revision.

Qualifiers, references and the snaks of a reference may stand in any order; that of statements
and aliases counts (https://github.com/wmde/WikibaseDataModel).
"""

from wbskills.wikibase.model.entities import Entity, Statement


def same(one: Entity, other: Entity) -> bool:
    """Tell whether two entities differ in nothing but such an order."""
    return one == other or _unordered(one) == _unordered(other)


def _unordered(entity: Entity) -> tuple[object, ...]:
    return (
        entity.kind,
        entity.id,
        entity.datatype,
        entity.labels,
        entity.descriptions,
        entity.aliases,
        [_of_statement(each) for each in entity.statements],
        entity.sitelinks,
    )


def _of_statement(statement: Statement) -> tuple[object, ...]:
    return (
        statement.id,
        statement.rank,
        statement.main,
        frozenset(statement.qualifiers),
        frozenset(frozenset(reference.snaks) for reference in statement.references),
    )
