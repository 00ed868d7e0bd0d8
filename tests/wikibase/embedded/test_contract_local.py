"""What every embedded Wikibase does, to the letter: numbers, times, triples."""

from dataclasses import replace

import pytest

from wbskills.errors import EditConflict, LabelClash, QueryError, StoreError
from wbskills.table import Iri
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.interface import Written
from wbskills.wikibase.model.edits import Change, Create
from wbskills.wikibase.model.entities import Entity, Kind, Reference, Snak, Statement
from wbskills.wikibase.model.values import EntityRef, Text, whole_number


def create(label: str, *statements: Statement, about: str = "a thing") -> Create:
    """Say that an item should be made."""
    entity = Entity(labels={"en": label}, descriptions={"en": about}, statements=statements)
    return Create(label, entity)


def text(property_id: str, value: str, datatype: str = "string") -> Statement:
    """Make a statement with a text."""
    return Statement(Snak(property_id, Text(value), datatype))


def link(target: str) -> Statement:
    """Make a statement that points to an item."""
    return Statement(Snak("P2", EntityRef(target), "wikibase-item"))


def test_what_is_written_is_read_back(empty: Embedded) -> None:
    """Ids are given in order, and every statement has a GUID."""
    reference = Reference((Snak("P4", Text("https://example.org/"), "url"),))
    statement = Statement(
        Snak("P1", Text("one"), "string"), (Snak("P3", whole_number(3), "quantity"),), (reference,)
    )

    written = empty.write([create("Ada", statement), create("Bea")], "test")
    found = empty.read(["Q1", "Q2", "Q3"])

    assert written == [Written("Q1", 1), Written("Q2", 2)]
    assert list(found) == ["Q1", "Q2"]
    (kept,) = found["Q1"].entity.statements
    assert kept.id is not None
    assert kept.id.startswith("Q1$")
    assert replace(kept, id=None) == statement
    assert found["Q1"].modified == "2026-03-04T12:00:00Z"


def test_properties_have_numbers_of_their_own(empty: Embedded) -> None:
    """P1 stands beside Q1."""
    made = Create("p", Entity(kind=Kind.PROPERTY, datatype="string", labels={"en": "name"}))

    assert [each.id for each in empty.write([create("Ada"), made], "test")] == ["Q1", "P1"]
    assert empty.find_property("name") == "P1"
    assert empty.find_property("name", "de") is None


def test_label_and_description_are_a_lock(empty: Embedded) -> None:
    """Wikibase refuses a second item with both, and names the first."""
    empty.write([create("Ada")], "test")
    empty.write([create("Ada", about="another thing")], "test")

    with pytest.raises(LabelClash, match="Q1") as clash:
        empty.write([create("Bea"), create("Ada")], "test")

    assert clash.value.entity == "Q1"
    assert empty.revision() == 2
    assert empty.read(["Q3"]) == {}


def test_a_change_of_terms_moves_the_lock(empty: Embedded) -> None:
    """The old name is free again."""
    empty.write([create("Ada")], "test")
    empty.write([Change(key="Ada", id="Q1", base=1, labels={"en": "Countess"})], "test")

    assert [each.id for each in empty.write([create("Ada")], "test")] == ["Q2"]


def test_a_change_needs_the_revision_it_was_planned_against(empty: Embedded) -> None:
    """Otherwise an edit would be lost."""
    empty.write([create("Ada")], "test")
    change = Change(key="Ada", id="Q1", base=1, labels={"de": "Ada"})
    empty.write([change], "test")

    with pytest.raises(EditConflict, match="Q1"):
        empty.write([change], "test")
    with pytest.raises(StoreError, match="Q9"):
        empty.write([replace(change, id="Q9")], "test")


def test_entities_are_found_by_external_id(empty: Embedded) -> None:
    """Also after it changed."""
    empty.write([create("Ada", text("P1", "ada", "external-id")), create("Bea")], "test")

    assert empty.find_by_identifier("P1") == [("ada", "Q1")]
    assert empty.find_by_identifier("P1", ["bea", "ada"]) == [("ada", "Q1")]
    assert empty.find_by_identifier("P2", ["ada"]) == []


def test_queries_see_what_is_written_and_not_what_is_gone(empty: Embedded) -> None:
    """The triples follow every edit."""
    empty.write([create("Ada", link("Q1")), create("Bea", link("Q1"))], "test")
    guid = empty.read(["Q1"])["Q1"].entity.statements[0].id
    assert guid is not None
    linked = (
        "SELECT ?item WHERE { ?item <http://localhost:8181/prop/direct/P2>"
        " <http://localhost:8181/entity/Q1> } ORDER BY ?item"
    )
    assert empty.select(linked).rows == [
        (Iri("http://localhost:8181/entity/Q1"),),
        (Iri("http://localhost:8181/entity/Q2"),),
    ]

    empty.write([Change(key="Ada", id="Q1", base=1, removed=(guid,))], "test")

    assert empty.select(linked).rows == [(Iri("http://localhost:8181/entity/Q2"),)]


def test_shared_nodes_go_with_the_last_that_points_to_them(empty: Embedded) -> None:
    """After whatever edits, the triples are those of a rebuilt store."""
    reference = Reference((Snak("P3", whole_number(7), "quantity"),))
    cited = replace(text("P1", "one"), references=(reference,))
    empty.write([create("Ada", cited), create("Bea", cited)], "test")
    for name in ("Q1", "Q2"):
        stored = empty.read([name])[name]
        guid = stored.entity.statements[0].id or ""
        empty.write([Change(key="", id=name, base=stored.revision, removed=(guid,))], "test")
        after = sorted(empty.triples())
        empty.rebuild()
        assert sorted(empty.triples()) == after


def test_a_query_that_is_none_is_refused(empty: Embedded) -> None:
    """One clear error, and never a request to another server."""
    with pytest.raises(QueryError, match="not SPARQL"):
        empty.select("SELECT nonsense")
    with pytest.raises(QueryError):
        empty.select("ASK { ?s ?p ?o }")
    for service in ("SERVICE <http://127.0.0.1:9/>", "service ex:y", "SERVICEex:y",
                    "SERVICESILENT<http://127.0.0.1:9/>"):  # fmt: skip
        with pytest.raises(QueryError, match="no other server"):
            empty.select(
                f"PREFIX ex: <http://127.0.0.1:9/> SELECT * {{ {service} {{ ?s ?p ?o }} }}"
            )


def test_what_was_brought_about_is_recalled_until_somebody_changes_it(empty: Embedded) -> None:
    """So that the same answers again need no look at the item."""
    (written,) = empty.write([create("Ada")], "test")
    empty.record_imports({"Ada/w1": b"digest"}, {"Ada/w1": written})
    assert empty.imported_digests(["Ada/w1", "Bea/w1"]) == {"Ada/w1": b"digest"}

    # What this program adds on top leaves it true …
    empty.write([Change(key="Ada", id="Q1", base=1, labels={"de": "Ada"})], "test")
    assert empty.imported_digests(["Ada/w1"]) == {"Ada/w1": b"digest"}

    # … what an editor does may not.
    stored = empty.read(["Q1"])["Q1"]
    empty.revise(
        replace(stored.entity, labels={"en": "Countess"}), stored, EditInfo(summary="by hand")
    )
    assert empty.imported_digests(["Ada/w1"]) == {}
