"""Receipts of imports."""

from dataclasses import replace

from wbskills.tasks.receipts import Tally
from wbskills.wikibase.model.edits import Change, Create
from wbskills.wikibase.model.entities import Entity, Snak, Statement
from wbskills.wikibase.model.values import Text


def test_a_tally_counts_people_and_statements() -> None:
    """The numbers of a receipt."""
    statement = Statement(Snak("P1", Text("x"), "string"))
    tally = Tally()
    tally.count(Create("a", Entity(statements=(statement, statement))))
    tally.count(
        Change(key="b", id="Q1", base=1, statements=(statement, replace(statement, id="Q1$1")))
    )

    assert (tally.created, tally.changed) == (1, 1)
    assert (tally.statements_added, tally.statements_changed) == (3, 1)
