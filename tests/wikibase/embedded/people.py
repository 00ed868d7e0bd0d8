"""Items for tests of the embedded store."""

from wbskills.wikibase.model.edits import Create
from wbskills.wikibase.model.entities import Entity, Snak, Statement
from wbskills.wikibase.model.values import Text, whole_number


def person(name: str, *texts: str) -> Create:
    """Return an edit that creates an item, with a statement for each text."""
    statements = tuple(
        Statement(Snak("P1", Text(text), "string"), (Snak("P2", whole_number(3), "quantity"),))
        for text in texts
    )
    return Create(name, Entity(labels={"en": name}, statements=statements))
