"""Asking a Wikibase, and what the answer becomes."""

from datetime import date
from decimal import Decimal

import pytest

from tests.query.engines import Graph, Oxigraph
from tests.query.made import BASE, World, ntriples
from wbskills.data import queries_folder
from wbskills.errors import QueryError, StoreError
from wbskills.ontology.binding import Binding
from wbskills.ontology.entries import Ontology
from wbskills.query.params import finder
from wbskills.query.render import without_comments
from wbskills.query.run import columns, run
from wbskills.query.saved import find
from wbskills.table import Cell, Column
from wbskills.wikibase.interface import SelectResult
from wbskills.wikibase.sparql_tokens import TokenKind, tokenize


class Canned(Graph):
    """Gives one answer, and keeps the question."""

    def __init__(self, answer: SelectResult) -> None:
        self.answer, self.asked = answer, ""

    def select(self, sparql: str) -> SelectResult:
        """Answer whatever is asked."""
        self.asked = sparql
        return self.answer


WAVES = find("responses_per_wave", [queries_folder()])
NAMES = tuple(WAVES.columns)
REST = (0, None, 0, 0, 0)  # the columns that these tests do not look at


def test_cells_have_one_type_in_a_column(world: World, ontology: Ontology) -> None:
    """Counts are whole, shares are decimals also where they happen to be whole."""
    row = (None, "a", date(2026, 3, 1), None, Decimal("3.0"), 4, Decimal(5), 1, *REST)
    engine = Canned(SelectResult(NAMES[::-1], [row[::-1]]))

    table = run(WAVES, {}, engine.wikibase(), world.binding, ontology)

    assert table.rows == ((None, None, date(2026, 3, 1), None, 3, 4, 5, Decimal(1), *REST),)
    assert [type(cell) for cell in table.rows[0][4:8]] == [int, int, int, Decimal]
    assert not any(token.kind is TokenKind.COMMENT for token in tokenize(engine.asked))


def test_shares_are_equal_on_engines_that_divide_to_more_places(
    world: World, ontology: Ontology
) -> None:
    """Some give 15 digits, some 18, some 28."""
    texts = ("0.3333333333333333333333333333", "0.333333333333333", "0.500")
    rows: list[tuple[Cell, ...]] = [
        (None, "a", None, None, 1, 1, 3, Decimal(text), *REST) for text in texts
    ]
    engine = Canned(SelectResult(NAMES, rows))

    table = run(WAVES, {}, engine.wikibase(), world.binding, ontology)

    third = Decimal("0.333333333333")
    assert table.column("share") == [third, third, Decimal("0.5")]


def test_an_answer_without_a_column_is_no_answer(world: World, ontology: Ontology) -> None:
    """A service that lost something is not believed."""
    engine = Canned(SelectResult(NAMES[1:], []))

    with pytest.raises(StoreError, match="the answer to “responses_per_wave” lacks wave"):
        run(WAVES, {}, engine.wikibase(), world.binding, ontology)


def test_columns_have_headings_for_people() -> None:
    """The name of an item is headed by what it is."""
    assert columns(WAVES)[:3] == [
        Column("wave", "Wave: item", "survey wave (Wikibase item)"),
        Column("waveLabel", "Wave", "name of the survey wave"),
        Column("start", "Start", "first day of the wave"),
    ]


def test_people_are_found_by_name_and_waves_by_key(world: World, graph: Oxigraph) -> None:
    """However a user name is written; a pseudonym as it is."""
    found = finder(graph.wikibase(), world.binding)
    person = world.people[5]

    assert found("people", f"user:{person.name.replace(' ', '_')}") == person.id
    assert found("people", "wave_1") == world.keys["wave_1"]  # the graph takes it for a pseudonym
    assert found("waves", "wave_1") == world.keys["wave_1"]
    assert found("waves", "Wave 1") is None
    assert found("people", "Nobody") is None
    assert found("people", "a|b") is None
    assert finder(graph.wikibase(), Binding())("people", person.name) is None


def test_a_name_of_two_people_is_not_guessed(world: World) -> None:
    """It happens where somebody was created twice by hand."""

    class Twice(Graph):
        def find_by_identifier(self, *_: object) -> list[tuple[str, str]]:
            return [("Ada", "Q5"), ("Ada", "Q4")]

    with pytest.raises(QueryError, match="names more than one item\n  Try: use Q4 or Q5"):
        finder(Twice(world).wikibase(), world.binding)("people", "Ada")


def test_comments_are_left_out_but_nothing_else() -> None:
    """SPARQLWrapper sends a query as an update if a comment has “delete” in it."""
    text = '# delete\nSELECT ?a { ?a <http://a/#b> "# no" } # load'

    assert without_comments(text) == '\nSELECT ?a { ?a <http://a/#b> "# no" } '


def odd_statements(world: World) -> bytes:
    """Write what people do by hand: no wave, no day, no group, and a deprecated answer."""
    prop, item = world.binding.property, world.binding.item
    top = BASE.removesuffix("entity/")
    wikibase, person = "http://wikiba.se/ontology#", world.people[0].id
    skill = item("lua_modules")
    rdf_type = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    lines = []
    for n, rank in enumerate(("Normal", "Deprecated")):
        node = f"<{BASE}statement/odd-{n}>"
        lines += [
            f"<{BASE}{person}> <{top}prop/{prop('assessed_skill')}> {node} .",
            f"{node} <{top}prop/statement/{prop('assessed_skill')}> <{BASE}{skill}> .",
            f"{node} <{top}prop/qualifier/{prop('level')}> <{BASE}{item('leads')}> .",
            f"{node} <{wikibase}rank> <{wikibase}{rank}Rank> .",
            f"{node} {rdf_type} <{wikibase}Statement> .",
        ]
    return "\n".join(lines).encode()


def test_what_somebody_did_by_hand_does_no_harm(world: World, ontology: Ontology) -> None:
    """An answer without wave and day is one row more, a deprecated one is none."""
    usual = Oxigraph(world, ntriples(world, ontology))
    odd = Oxigraph(world, ntriples(world, ontology) + odd_statements(world))
    profile = find("person_profile", [queries_folder()])

    def rows(engine: Graph, name: str) -> set[tuple[object, ...]]:
        query = profile if name == "person_profile" else find(name, [queries_folder()])
        return set(run(query, {}, engine.wikibase(), world.binding, ontology).rows)

    (more,) = rows(odd, "person_profile") - rows(usual, "person_profile")
    assert more[-4:] == (None, None, None, 0)
    for name in ("coverage", "capacity_map", "people", "responses_per_wave"):
        assert rows(odd, name) == rows(usual, name)
