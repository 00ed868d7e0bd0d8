"""Nobody is told of or counted without a recorded consent that holds, whoever made their item."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.query.demo_store import open_demo
from tests.query.engines import Sparql
from tests.query.support import FEW, VALUES
from tests.report.made_up import site_of
from wbskills.data import queries_folder
from wbskills.names import username
from wbskills.ontology.entries import Fact, Ontology
from wbskills.ontology.express import Expression
from wbskills.query.run import run
from wbskills.query.saved import SavedQuery, load
from wbskills.table import Table
from wbskills.tasks.ontologies import bound
from wbskills.tasks.reports import ReportOptions, report_content
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.model.edits import Create
from wbskills.wikibase.model.entities import Entity, Rank, Snak, Statement
from wbskills.wikibase.model.values import EntityRef

NAME = "Not asked (invented)"
VALUES_HERE: dict[str, list[dict[str, str]]] = {
    **VALUES,
    "baseline_gap_person": [{"person": NAME}],
    "rare_skills": [{"most": "99"}],
    "at_risk": [{"most": "99"}],
    "candidates": [{"level": "none"}],
    "person_profile": [{}, {"person": NAME}],
}
CASES = [
    (query, values)
    for query in load(queries_folder())
    if query.name != "data_quality"
    for values in VALUES_HERE.get(query.name, [{}])
]
Withdraw = Callable[[Statement], Statement | None]


def _never(_: Statement) -> None:
    return None


def _wrong(consent: Statement) -> Statement:
    return replace(consent, rank=Rank.DEPRECATED)


def _none_any_more(consent: Statement) -> Statement:
    return replace(consent, main=Snak(consent.main.property, None, "wikibase-item", "novalue"))


def _unknown(consent: Statement) -> Statement:
    return replace(consent, main=Snak(consent.main.property, None, "wikibase-item", "somevalue"))


def _something_else(consent: Statement) -> Statement:
    """Name an item that is not a kind of consent."""
    return replace(consent, main=replace(consent.main, value=EntityRef("Q1")))


class Unasked:
    """The demo, and items of people who look like others in it but have not agreed."""

    def __init__(self, store: Embedded, ontology: Ontology) -> None:
        self.store, self.ontology = store, ontology
        self.binding = bound(store, ontology)
        self.consent = self.binding.property("consent")
        self.express = Expression(ontology, self.binding)
        self.username = self.binding.property("wikimedia_username")
        self.people = [found for _, found in store.find_by_identifier(self.username)]

    def twin(self, of: Entity, withdraw: Withdraw) -> None:
        """Make an item with all that another person says but the consent, and a friend."""
        named = {"wikimedia_username", "consent"}
        left_out = {self.binding.property(key) for key in named}
        kept = [each for each in of.statements if each.main.property not in left_out]
        (agreed,) = [each for each in of.statements if each.main.property == self.consent]
        name = self.express.statement(Fact("wikimedia_username", username(NAME)))
        taken_back = withdraw(agreed)
        wish = (Fact("interest", "can_help"), Fact("point_in_time", date(2026, 3, 1)))
        alone = self.express.statement(Fact("assessed_skill", "php", wish))
        told = [name, *kept, replace(alone, rank=Rank.PREFERRED), taken_back]
        statements = [replace(each, id=None) for each in told if each]
        made = Entity(labels={"en": NAME}, statements=tuple(statements))
        (written,) = self.store.write([Create(NAME, made)], "by hand")
        self.endorse(written.id, self.people[1])
        self.endorse(self.people[1], written.id)

    def endorse(self, who: str, by: str) -> None:
        """Let somebody vouch for somebody."""
        said = self.express.statement(Fact("endorsed_skill", "php"))
        by_whom = Snak(self.binding.property("endorsed_by"), EntityRef(by), "wikibase-item")
        stored = self.store.read([who])[who]
        more = replace(said, qualifiers=(by_whom,))
        self.store.revise(
            replace(stored.entity, statements=(*stored.entity.statements, more)),
            stored,
            EditInfo(),
        )

    def answers(self) -> dict[str, tuple[Table, Table]]:
        """Ask every query of the tables and of the triples."""
        return {
            f"{query.name} {values}": (self.ask(query, values), self.ask(query, values, slow=True))
            for query, values in CASES
        }

    def ask(self, query: SavedQuery, values: dict[str, str], *, slow: bool = False) -> Table:
        """Ask a query of the tables, or of the triples; of nobody, nothing is answered."""
        given = dict(values)
        engine = Sparql(self.store).wikibase() if slow else self.store
        if "person" in given:
            found = dict(self.store.find_by_identifier(self.username, [NAME]))
            given["person"] = found.get(NAME, self.people[0])
            if not found:
                return Table(run(query, given, engine, self.binding, self.ontology).columns, ())
        return run(query, given, engine, self.binding, self.ontology)


@pytest.fixture
def unasked(ontology: Ontology) -> Iterator[Unasked]:
    """A few responses."""
    with open_demo(ontology, responses=FEW) as store:
        assert isinstance(store, Embedded)
        yield Unasked(store, ontology)


@pytest.mark.parametrize("withdraw", [_never, _wrong, _none_any_more, _unknown, _something_else])
def test_no_answer_tells_of_somebody_without_consent(unasked: Unasked, withdraw: Withdraw) -> None:
    """Made by hand, or agreed once and not any more: every answer is as if they were not there."""
    (first,) = unasked.store.read(unasked.people[:1]).values()
    unasked.endorse(unasked.people[1], unasked.people[2])
    before = unasked.answers()
    unasked.twin(first.entity, withdraw)
    after = unasked.answers()

    for name, (fast, slow) in before.items():
        if name.startswith("endorsements"):
            continue
        assert set(after[name][0].rows) == set(fast.rows), name
        assert set(after[name][1].rows) == set(slow.rows), name
        assert len(after[name][1]) == len(slow), name
    for table in after["endorsements {}"]:
        assert {row["byLabel"] for row in table if row["byLabel"] == NAME} == set()
        assert NAME not in table.column("personLabel")
        assert len(table) == 2  # the endorsement stays, and says not by whom


def test_the_fault_names_the_item_alone(unasked: Unasked) -> None:
    """Coordinators find it; an answer that is handed on names nobody."""
    (first,) = unasked.store.read(unasked.people[:1]).values()
    unasked.twin(first.entity, _never)
    query = next(each for each in load(queries_folder()) if each.name == "data_quality")

    for slow in (False, True):
        table = unasked.ask(query, {}, slow=slow)
        (row,) = [row for row in table if row["check"] == "no_consent"]
        assert row["itemLabel"] == str(row["item"]).rpartition("/")[2]
        assert NAME not in {str(cell) for row in table.rows for cell in row}
        assert {row["check"] for row in table} == {"no_consent"}


def test_a_report_neither_names_nor_lists_who_has_not_agreed(
    unasked: Unasked, ontology: Ontology
) -> None:
    """Pages, downloads and pictures; that there is somebody, the page of faults counts."""
    (first,) = unasked.store.read(unasked.people[:1]).values()
    unasked.twin(first.entity, _never)
    ((_, item),) = unasked.store.find_by_identifier(unasked.username, [username(NAME)])
    made = report_content(
        unasked.store, ontology, options=ReportOptions(), built=datetime(2026, 5, 1, tzinfo=UTC)
    )
    files = {path: body.decode() for path, body in site_of(made).items()}

    assert [path for path, body in files.items() if NAME in body] == []
    assert [path for path, body in files.items() if re.search(rf"\b{item}\b", body)] == []
    assert "person without recorded consent" in files["quality.html"]
