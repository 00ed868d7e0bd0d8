"""Entities as RDF are what Wikibase itself makes of them, and always legal N-Triples."""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, Triple, parse

from tests.wikibase.recordings import RECORDINGS
from wbskills.errors import InvalidValue
from wbskills.wikibase.embedded.rdf import EntityTriples, LinkedSite, RdfMapping
from wbskills.wikibase.model.entities import (
    Entity,
    Kind,
    Rank,
    Reference,
    Sitelink,
    Snak,
    Statement,
    Stored,
)
from wbskills.wikibase.model.hashes import value_hash
from wbskills.wikibase.model.values import (
    Coordinate,
    EntityRef,
    Monolingual,
    Quantity,
    Text,
    Time,
    Unknown,
    Value,
)
from wbskills.wikibase.model.wire import entity_from_json

DUMPED = sorted(RECORDINGS.glob("entitydata/*.dump.nt"), key=lambda path: path.name)
RECORDED_BASE = "http://127.0.0.1:8181/entity/"
SITES = {"realwb": LinkedSite("en", "realwb")}

BASE = "http://localhost:8181/entity/"
TOP = BASE.removesuffix("entity/")
PREFIXES = f"""
    @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    @prefix schema: <http://schema.org/> .
    @prefix prov: <http://www.w3.org/ns/prov#> .
    @prefix cc: <http://creativecommons.org/ns#> .
    @prefix geo: <http://www.opengis.net/ont/geosparql#> .
    @prefix wikibase: <http://wikiba.se/ontology#> .
    @prefix wd: <{TOP}entity/> .
    @prefix wdata: <{TOP}wiki/Special:EntityData/> .
    @prefix wds: <{TOP}entity/statement/> .
    @prefix wdref: <{TOP}reference/> .
    @prefix wdv: <{TOP}value/> .
    @prefix genid: <{TOP}.well-known/genid/> .
    @prefix wdt: <{TOP}prop/direct/> .
    @prefix p: <{TOP}prop/> .
    @prefix ps: <{TOP}prop/statement/> .
    @prefix psv: <{TOP}prop/statement/value/> .
    @prefix pq: <{TOP}prop/qualifier/> .
    @prefix pqv: <{TOP}prop/qualifier/value/> .
    @prefix pr: <{TOP}prop/reference/> .
    @prefix prv: <{TOP}prop/reference/value/> .
    @prefix wdno: <{TOP}prop/novalue/> .
"""

texts = st.text(st.characters(exclude_categories=()))  # lone surrogates and controls too
values: st.SearchStrategy[Value] = st.one_of(
    texts.map(Text),
    texts.map(EntityRef),
    st.builds(Monolingual, texts | st.sampled_from(["en", "zh-hant", "sr-el"]), texts),
    st.builds(Time, texts, st.integers(0, 14), texts),
    st.builds(Quantity, texts, texts, texts, texts),
    st.builds(Coordinate, st.floats(-360, 360), st.floats(-360, 360), st.none(), texts),
    st.builds(Unknown, st.just("wikibase-entityid"), st.fixed_dictionaries({"id": texts})),
    st.builds(Unknown, texts, st.none()),
)
datatypes = st.sampled_from(["string", "url", "commonsMedia", "geo-shape", "of-an-extension"])
snaks = st.one_of(
    st.builds(Snak, texts, values, datatypes),
    st.builds(Snak, texts, st.none(), datatypes, st.sampled_from(["somevalue", "novalue"])),
)
statements = st.builds(
    Statement,
    snaks,
    st.tuples(snaks),
    st.tuples(st.builds(Reference, st.tuples(snaks, snaks))),
    st.sampled_from(Rank),
    texts,
)


def canonical(lines: Iterable[str]) -> set[str]:
    """Give the triples of N-Triples lines, letter for letter but for the names of blank nodes."""
    dataset = Dataset(parse("\n".join(lines), RdfFormat.N_TRIPLES))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad.triple) for quad in dataset}


def turtle(text: str) -> set[str]:
    """Read the triples that a test expects."""
    return {str(quad.triple) for quad in parse(PREFIXES + text, RdfFormat.TURTLE)}


def triple(line: str) -> Triple:
    """Read one line, strictly; it must be one triple and nothing else."""
    (quad,) = parse(line, RdfFormat.N_TRIPLES)
    assert len(line.splitlines()) == 1
    found = quad.triple
    assert isinstance(found, Triple)
    return found


def missing_and_extra(found: Iterable[str], expected: Iterable[str]) -> tuple[list[str], ...]:
    """Tell what is not as it was recorded; two empty lists if all is."""
    ours, theirs = canonical(found), canonical(expected)
    return sorted(theirs - ours), sorted(ours - theirs)


def recorded_mapping(*, skolemize: bool = False) -> RdfMapping:
    """Make the mapping of the Wikibase that was recorded."""
    return RdfMapping(RECORDED_BASE, sites=SITES, skolemize=skolemize)


def stored(found: dict[str, Any]) -> Stored:
    """Read an entity as the API and the dumps give it."""
    return Stored(entity_from_json(found), found["lastrevid"], found.get("modified", ""))


def recorded(path: Path, mapping: RdfMapping) -> EntityTriples:
    """Write the entity of a recording from its JSON."""
    entity_id = path.name.partition(".")[0]
    text = path.with_name(f"{entity_id}.json").read_text(encoding="utf-8")
    ((shown, found),) = json.loads(text)["entities"].items()
    if shown == entity_id:
        return mapping.triples(stored(found))
    # The JSON of a redirect is that of its target; only the RDF tells of the redirect itself.
    document = path.read_text(encoding="utf-8")
    revision, modified = (
        re.findall(rf'schema.org/{name}> "([^"]*)"', document)[0]
        for name in ("version", "dateModified")
    )
    return mapping.redirect(entity_id, shown, int(revision), modified)


def item(*statements: Statement, sitelinks: tuple[Sitelink, ...] = ()) -> Stored:
    """Make the item Q1."""
    return Stored(Entity(id="Q1", statements=statements, sitelinks=sitelinks), 1)


def said(value: Value, datatype: str = "string") -> Statement:
    """Make a statement of P5 about Q1."""
    return Statement(Snak("P5", value, datatype), id="Q1$A")


def triples(stored: Stored) -> set[str]:
    """Write an entity and give its triples, but for those of its document."""
    lines = RdfMapping(BASE, sites=SITES).triples(stored).lines()
    return {each for each in canonical(lines) if "/Special:EntityData/" not in each}


def truthy(value: Value, datatype: str = "string") -> str:
    """Give the object of the truthy triple of a value, as it is written."""
    (line,) = (
        line
        for line in RdfMapping(BASE).triples(item(said(value, datatype))).own
        if "/prop/direct/P5>" in line
    )
    return line.split(" ", 2)[2].removesuffix(" .")


# What Wikibase makes of them


@pytest.mark.parametrize("path", DUMPED, ids=lambda path: path.name.partition(".")[0])
def test_a_recorded_entity_gives_the_recorded_triples(path: Path) -> None:
    """Same IRIs, same hashes, same literals letter for letter, as a real Wikibase."""
    expected = path.read_text(encoding="utf-8").splitlines()

    found = recorded(path, recorded_mapping()).lines()

    assert missing_and_extra(found, expected) == ([], [])


@pytest.mark.parametrize("path", DUMPED, ids=lambda path: path.name.partition(".")[0])
def test_blank_nodes_have_the_names_that_wikibase_gives_them(path: Path) -> None:
    """So they stay the same from one dump to the next."""
    expected = set(re.findall(r"_:\w+", path.read_text(encoding="utf-8")))

    found = recorded(path, recorded_mapping()).lines()

    assert {name for line in found for name in re.findall(r"_:\w+", line)} == expected


def test_a_whole_dump_is_the_union_of_its_entities() -> None:
    """Nothing in a dump comes from anywhere but an entity.

    Left out: the dump's own header, which also carries the licence and the version of the
    format for all documents. Entities that were not recorded one by one come from the JSON
    dump, which does not tell when they were edited last.
    """
    mapping = recorded_mapping()
    dump = (RECORDINGS / "dumps/dump.nt").read_text(encoding="utf-8").splitlines()
    every = json.loads((RECORDINGS / "dumps/dump.json").read_text(encoding="utf-8"))
    one_by_one = {path.name.partition(".")[0] for path in DUMPED}
    others = [found for found in every if found["id"] not in one_by_one]
    left_out = re.compile(
        r"<http://wikiba\.se/ontology#Dump> "
        r"|\S+ <http://(creativecommons\.org/ns#license|schema\.org/softwareVersion)> "
        rf"|\S+/({'|'.join(found['id'] for found in others)})> <http://schema\.org/dateModified> "
    )

    ours = [recorded(path, mapping) for path in DUMPED]
    ours += [mapping.triples(stored(found)) for found in others]

    assert missing_and_extra(
        (line for each in ours for line in each.lines() if not left_out.match(line)),
        (line for line in dump if not left_out.match(line)),
    ) == ([], [])


def test_literals_are_compared_letter_for_letter() -> None:
    """Otherwise `+3` and `3` would pass for the same, and these tests would see too little."""
    integer = "^^<http://www.w3.org/2001/XMLSchema#integer>"

    assert canonical([f'<a:s> <a:p> "+3"{integer} .']) != canonical(
        [f'<a:s> <a:p> "3"{integer} .']
    )


def test_a_person_with_an_assessment() -> None:
    """The triples that all saved queries rest on."""
    wave = Snak("P3", EntityRef("Q30"), "wikibase-item")
    date = value_hash(Time("+2026-03-04T00:00:00Z"))
    when = Snak("P4", Time("+2026-03-04T00:00:00Z"), "time")
    source = Reference((wave, Snak("P6", Text("b7"), "external-id")))
    level = Snak("P2", EntityRef("Q20"), "wikibase-item")
    skill = Snak("P1", EntityRef("Q10"), "wikibase-item")
    person = Entity(
        id="Q1",
        labels={"en": "Ada"},
        descriptions={"en": "person"},
        aliases={"en": ("A.",)},
        statements=(
            Statement(skill, (level, when, wave), (source,), Rank.PREFERRED, "Q1$0A-b"),
            Statement(skill, rank=Rank.NORMAL, id="Q1$0C"),
        ),
    )

    found = RdfMapping(BASE).triples(Stored(person, 7, "2026-03-05T06:07:08Z"))

    assert canonical(found.lines()) == turtle(f"""
        wdata:Q1 a schema:Dataset ; schema:about wd:Q1 ; schema:version 7 ;
          cc:license <http://creativecommons.org/publicdomain/zero/1.0/> ;
          schema:softwareVersion "1.0.0" ;
          schema:dateModified "2026-03-05T06:07:08Z"^^xsd:dateTime ;
          wikibase:statements 2 ; wikibase:sitelinks 0 ; wikibase:identifiers 0 .
        wd:Q1 a wikibase:Item ;
          rdfs:label "Ada"@en ; skos:prefLabel "Ada"@en ; schema:name "Ada"@en ;
          schema:description "person"@en ; skos:altLabel "A."@en ;
          wdt:P1 wd:Q10 ; p:P1 wds:Q1-0A-b , wds:Q1-0C .
        wds:Q1-0A-b a wikibase:Statement , wikibase:BestRank ;
          wikibase:rank wikibase:PreferredRank ;
          ps:P1 wd:Q10 ; pq:P2 wd:Q20 ; pq:P3 wd:Q30 ;
          pq:P4 "2026-03-04T00:00:00Z"^^xsd:dateTime ; pqv:P4 wdv:{date} ;
          prov:wasDerivedFrom wdref:{source.hash} .
        wds:Q1-0C a wikibase:Statement ; wikibase:rank wikibase:NormalRank ; ps:P1 wd:Q10 .
        wdref:{source.hash} a wikibase:Reference ; pr:P3 wd:Q30 ; pr:P6 "b7" .
        wdv:{date} a wikibase:TimeValue ; wikibase:timeValue "2026-03-04T00:00:00Z"^^xsd:dateTime ;
          wikibase:timePrecision 11 ; wikibase:timeTimezone 0 ;
          wikibase:timeCalendarModel <http://www.wikidata.org/entity/Q1985727> .
    """)


def test_preferred_statements_hide_the_normal_ones_of_their_property() -> None:
    """Best rank is worked out for each property by itself; deprecated is never best."""
    ranks = {
        "P1": [Rank.PREFERRED, Rank.NORMAL, Rank.PREFERRED],
        "P2": [Rank.NORMAL, Rank.DEPRECATED, Rank.NORMAL],
        "P3": [Rank.DEPRECATED],
    }
    statements = [
        Statement(
            Snak(name, Text(f"{name}-{index}"), "string"), rank=rank, id=f"Q1${name}-{index}"
        )
        for name, each in ranks.items()
        for index, rank in enumerate(each)
    ]

    found = triples(item(*statements))

    best = {"P1-0", "P1-2", "P2-0", "P2-2"}
    assert {re.findall(r'"(.*)"', line)[0] for line in found if "/prop/direct/" in line} == best
    assert {re.findall(r"Q1-([^>]*)>", line)[0] for line in found if "BestRank" in line} == best


def test_no_value_is_a_class_and_some_value_a_node() -> None:
    """Each stands where a value would stand: main snak, qualifier, reference."""
    none, some = Snak("P5", None, "time", "novalue"), Snak("P5", None, "time", "somevalue")
    source = Reference((none, some))

    found = triples(
        item(Statement(none, (some,), id="Q1$A"), Statement(some, (none,), (source,), id="Q1$B"))
    )

    nodes = {re.findall(r"genid/(\w+)>", line)[0] for line in found if "/genid/" in line}
    assert len(nodes) == 4  # truthy, main snak, qualifier, reference
    assert (
        turtle(f"""
        wd:Q1 a wdno:P5 . wds:Q1-A a wdno:P5 . wds:Q1-B a wdno:P5 . wdref:{source.hash} a wdno:P5 .
    """)
        <= found
    )


@pytest.mark.parametrize(
    ("value", "datatype", "expected"),
    [
        (EntityRef("Q7"), "wikibase-item", f"<{BASE}Q7>"),
        (EntityRef("P7"), "wikibase-property", f"<{BASE}P7>"),
        (Text("a"), "string", '"a"'),
        (Text("a"), "external-id", '"a"'),
        (Text("a"), "of-an-extension", '"a"'),
        (Text("http://a.example/ü b"), "url", "<http://a.example/ü%20b>"),
        (Text(" http://a.example/\n"), "url", "<http://a.example/>"),
        (Text("no address"), "url", '"no address"'),
        (
            Text("D'Arc, (1) 50%.png"),
            "commonsMedia",
            "<http://commons.wikimedia.org/wiki/Special:FilePath/D%27Arc%2C%20%281%29%2050%25.png>",
        ),
        (
            Text("Data:Berlin (x).map"),
            "geo-shape",
            "<http://commons.wikimedia.org/data/main/Data:Berlin+(x).map>",
        ),
        (
            Text("Data:Ü.tab"),
            "tabular-data",
            "<http://commons.wikimedia.org/data/main/Data:%C3%9C.tab>",
        ),
        (Monolingual("zh-hant", "漢字"), "monolingualtext", '"漢字"@zh-hant'),
        (
            Time("+0000-00-00T00:00:00Z", 9),
            "time",
            '"+0000-00-00T00:00:00Z"',
        ),
        (Quantity("+5.50"), "quantity", '"+5.50"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        (
            Coordinate(-4.5, 137.4, 0.1, "http://a.example/mars"),
            "globe-coordinate",
            '"<http://a.example/mars> Point(137.4 -4.5)"^^<http://www.opengis.net/ont/geosparql#wktLiteral>',
        ),
        (
            Unknown("wikibase-entityid", {"id": "L1-F2", "entity-type": "form"}),
            "wikibase-form",
            f"<{BASE}L1-F2>",
        ),
    ],
)
def test_each_datatype_has_its_own_form(value: Value, datatype: str, expected: str) -> None:
    """Addresses become IRIs, numbers and dates literals of their types."""
    assert truthy(value, datatype) == expected


def test_a_value_of_an_unknown_kind_has_a_statement_but_no_object() -> None:
    """There is nothing that could be said of it; the statement is there all the same."""
    assert triples(item(said(Unknown("odd", {"a": 1}), "odd"))) == turtle("""
        wd:Q1 a wikibase:Item ; p:P5 wds:Q1-A .
        wds:Q1-A a wikibase:Statement , wikibase:BestRank ; wikibase:rank wikibase:NormalRank .
    """)


def test_bounds_and_unit_stand_at_the_node_of_a_quantity() -> None:
    """A number without a unit has the unit that Wikidata has for "one", on every Wikibase."""
    bare, full = Quantity("+3"), Quantity("+3", f"{BASE}Q9", "+4", "+2")

    found = triples(item(said(bare, "quantity"), said(full, "quantity")))

    assert (
        turtle(f"""
        wds:Q1-A psv:P5 wdv:{value_hash(bare)} , wdv:{value_hash(full)} .
        wdv:{value_hash(bare)} a wikibase:QuantityValue ;
          wikibase:quantityAmount "+3"^^xsd:decimal ;
          wikibase:quantityUnit <http://www.wikidata.org/entity/Q199> .
        wdv:{value_hash(full)} a wikibase:QuantityValue ;
          wikibase:quantityAmount "+3"^^xsd:decimal ; wikibase:quantityUnit wd:Q9 ;
          wikibase:quantityUpperBound "+4"^^xsd:decimal ;
          wikibase:quantityLowerBound "+2"^^xsd:decimal .
    """)
        <= found
    )


def test_a_place_without_precision_is_taken_for_exact_to_a_second_of_arc() -> None:
    """Wikibase says so, and marks that nobody else did."""
    place = Coordinate(1, 2.5, None)

    assert turtle(f"""
        wdv:{value_hash(place)} a wikibase:GlobecoordinateValue , wikibase:GeoAutoPrecision ;
          wikibase:geoLatitude "1"^^xsd:double ; wikibase:geoLongitude "2.5"^^xsd:double ;
          wikibase:geoPrecision "0.00027777777777778"^^xsd:double ;
          wikibase:geoGlobe <http://www.wikidata.org/entity/Q2> .
    """) <= triples(item(said(place, "globe-coordinate")))


@pytest.mark.parametrize(
    ("datatype", "name", "value_class"),
    [("string", "String", "Datatype"), ("wikibase-item", "WikibaseItem", "Object")],
)
def test_a_property_defines_its_predicates(datatype: str, name: str, value_class: str) -> None:
    """So a query can go from `wd:P5` to `wdt:P5`, and know whether to expect IRIs."""
    found = RdfMapping(BASE).triples(
        Stored(Entity(kind=Kind.PROPERTY, id="P5", datatype=datatype), 1)
    )

    (other,) = set(re.findall(r"genid/(\w+)", "".join(found.own)))
    assert {each for each in canonical(found.own) if "EntityData" not in each} == turtle(f"""
        wd:P5 a wikibase:Property ; wikibase:propertyType wikibase:{name} ;
          wikibase:directClaim wdt:P5 ; wikibase:claim p:P5 ; wikibase:novalue wdno:P5 ;
          wikibase:statementProperty ps:P5 ; wikibase:statementValue psv:P5 ;
          wikibase:qualifier pq:P5 ; wikibase:qualifierValue pqv:P5 ;
          wikibase:reference pr:P5 ; wikibase:referenceValue prv:P5 .
        p:P5 a owl:ObjectProperty . psv:P5 a owl:ObjectProperty .
        pqv:P5 a owl:ObjectProperty . prv:P5 a owl:ObjectProperty .
        wdt:P5 a owl:{value_class}Property . ps:P5 a owl:{value_class}Property .
        pq:P5 a owl:{value_class}Property . pr:P5 a owl:{value_class}Property .
        wdno:P5 a owl:Class ; owl:complementOf genid:{other} .
        genid:{other} a owl:Restriction ;
          owl:onProperty wdt:P5 ; owl:someValuesFrom owl:Thing .
    """)


@pytest.mark.parametrize(
    ("datatype", "direct"), [("external-id", "ObjectProperty"), ("quantity", "DatatypeProperty")]
)
def test_ids_and_quantities_have_predicates_for_normalised_values(
    datatype: str, direct: str
) -> None:
    """Wikibase defines them even where no value is normalised."""
    entity = Entity(kind=Kind.PROPERTY, id="P5", datatype=datatype)

    assert turtle(f"""
        wd:P5 wikibase:directClaimNormalized <{TOP}prop/direct-normalized/P5> ;
          wikibase:statementValueNormalized <{TOP}prop/statement/value-normalized/P5> ;
          wikibase:qualifierValueNormalized <{TOP}prop/qualifier/value-normalized/P5> ;
          wikibase:referenceValueNormalized <{TOP}prop/reference/value-normalized/P5> .
        <{TOP}prop/direct-normalized/P5> a owl:{direct} .
        <{TOP}prop/statement/value-normalized/P5> a owl:ObjectProperty .
    """) <= triples(Stored(entity, 1))


def test_a_sitelink_is_an_article_about_the_item() -> None:
    """The site's home has no port, and the user before it has no place there: as in Wikibase."""
    address = "http://user@wiki.example:8181/wiki/Main_Page"
    link = Sitelink("realwb", "Main Page", ("Q8",), address)

    assert triples(item(sitelinks=(link,))) == turtle(f"""
        wd:Q1 a wikibase:Item .
        <{address}> a schema:Article ; schema:about wd:Q1 ; schema:inLanguage "en" ;
          schema:isPartOf <http://wiki.example/> ; schema:name "Main Page"@en ;
          wikibase:badge wd:Q8 .
        <http://wiki.example/> wikibase:wikiGroup "realwb" .
    """)


@pytest.mark.parametrize(
    "link",
    [
        Sitelink("elsewhere", "A", url="http://elsewhere.example/A"),
        Sitelink("realwb", "A"),
        Sitelink("realwb", "A", url="not an address"),
        Sitelink("realwb", "A", url="http://a:b/A"),
    ],
)
def test_a_sitelink_without_a_known_place_is_left_out(link: Sitelink) -> None:
    """As Wikibase does with a site that it does not know; the count still has it."""
    found = RdfMapping(BASE, sites=SITES).triples(item(sitelinks=(link,)))

    assert not any("Article" in line for line in found.lines())
    assert any('sitelinks> "1"' in line for line in found.own)


def test_a_redirect_says_what_it_was_merged_into() -> None:
    """Its document stays, without counts of statements."""
    found = RdfMapping(BASE, license="http://a.example/license").redirect("Q1", "Q2", 9)

    assert canonical(found.lines()) == turtle("""
        wd:Q1 owl:sameAs wd:Q2 .
        wdata:Q1 a schema:Dataset ; schema:about wd:Q1 ; schema:version 9 ;
          cc:license <http://a.example/license> ; schema:softwareVersion "1.0.0" .
    """)


def test_the_documents_may_be_elsewhere() -> None:
    """A Wikibase behind a proxy has its data at another address than its concepts."""
    mapping = RdfMapping("https://a.example/entity/", data_base="https://b.example/data/")

    found = mapping.redirect("Q1", "Q2", 9).lines()

    assert (
        "<https://b.example/data/Q1> <http://schema.org/about> <https://a.example/entity/Q1> ."
        in found
    )


def test_a_statement_without_id_is_refused() -> None:
    """Its node would have no name."""
    with pytest.raises(InvalidValue, match="no name in RDF"):
        RdfMapping(BASE).triples(item(Statement(Snak("P5", Text("a"), "string"))))


def test_an_address_that_is_no_base_is_refused() -> None:
    """Entity ids are put straight behind it."""
    with pytest.raises(InvalidValue, match=r"a\.example/entity"):
        RdfMapping("http://a.example/entity")


# What a store can do with it


@pytest.mark.parametrize("path", DUMPED, ids=lambda path: path.name.partition(".")[0])
def test_every_line_is_the_entitys_own_or_belongs_to_a_node_it_shares(path: Path) -> None:
    """A store replaces the first kind with the entity, and counts who points to the second."""
    found = recorded(path, recorded_mapping(skolemize=True))
    top = RECORDED_BASE.removesuffix("entity/")

    own = {str(triple(line).subject) for line in found.own}
    assert not any(re.match(rf"<{top}(reference|value)/", subject) for subject in own)
    for iri, lines in found.shared.items():
        assert lines
        assert {str(triple(line).subject) for line in lines} == {f"<{iri}>"}
        assert f"<{iri}>" not in own
        assert any(f" <{iri}> ." in line for line in found.lines())
    assert set(found.lines()) == {
        *found.own,
        *(x for lines in found.shared.values() for x in lines),
    }
    assert len(found.lines()) == len(set(found.lines()))


def test_entities_that_share_a_node_agree_about_it() -> None:
    """So it does not matter which of them wrote it, nor which of them goes first."""
    mapping = recorded_mapping()
    nodes: dict[str, set[str]] = {}
    pointed_at_twice = 0

    for path in DUMPED:
        for iri, lines in recorded(path, mapping).shared.items():
            pointed_at_twice += iri in nodes
            assert nodes.setdefault(iri, set(lines)) == set(lines)

    assert pointed_at_twice


def test_a_reference_in_another_order_is_the_same_node() -> None:
    """Its name does not depend on the order; nor may what is said of it."""
    url, date = (
        Snak("P5", Text("http://a.example"), "url"),
        Snak("P6", Time("+2026-01-01T00:00:00Z"), "time"),
    )
    one, other = (
        RdfMapping(BASE)
        .triples(item(Statement(url, references=(Reference(each),), id="Q1$A")))
        .shared
        for each in ((url, date), (date, url))
    )

    assert {iri: set(lines) for iri, lines in one.items()} == {
        iri: set(lines) for iri, lines in other.items()
    }


@pytest.mark.parametrize("path", DUMPED, ids=lambda path: path.name.partition(".")[0])
def test_skolem_iris_stand_exactly_where_blank_nodes_would(path: Path) -> None:
    """A store can remove a triple with an IRI; one with a blank node it could only guess."""
    blank = recorded(path, recorded_mapping()).lines()
    skolem = recorded(path, recorded_mapping(skolemize=True)).lines()

    assert not any("_:" in line.split('"')[0] for line in skolem)
    assert blank == [
        re.sub(r"<[^> ]*/\.well-known/genid/(\w+)>", r"_:\1", line) for line in skolem
    ]


def test_what_was_written_before_does_not_matter() -> None:
    """The mapping remembers snaks and references; what it gives is the same as without."""
    mapping = recorded_mapping()
    first = [recorded(path, mapping) for path in DUMPED]

    assert [recorded(path, mapping) for path in reversed(DUMPED)] == first[::-1]
    assert [recorded(path, recorded_mapping()) for path in DUMPED] == first


def test_memory_is_bounded() -> None:
    """A store runs for months and sees snaks without end."""
    mapping = RdfMapping(BASE)
    statement = said(Text("a"))

    for number in range(10_000):
        mapping.triples(
            item(replace(statement, qualifiers=(Snak("P6", Text(str(number)), "string"),)))
        )

    assert len(mapping._qualifier.cache._same) <= 4096
    assert len(mapping._qualifier.cache._equal) <= 4096


# Whatever stands in an entity


@settings(deadline=None)  # the first example compiles the patterns
@given(st.lists(statements, max_size=3), texts, texts, st.none() | texts)
def test_no_text_breaks_a_line(
    hostile: list[Statement], text: str, language: str, datatype: str | None
) -> None:
    """Ids, values, languages and addresses come from outside; each line stays one triple."""
    entity = Entity(
        id=text,
        kind=Kind.ITEM if datatype is None else Kind.PROPERTY,
        datatype=datatype,
        labels={language: text},
        descriptions={"en": text},
        aliases={"en": (text,)},
        statements=tuple(hostile),
        sitelinks=(Sitelink("realwb", text, (text,), f"http://a.example/{text}"),),
    )
    mapping = RdfMapping(BASE, sites=SITES, skolemize=False)

    for line in mapping.triples(Stored(entity, 1, text)).lines():
        triple(line)


@given(texts, texts)
def test_statements_with_odd_ids_have_legal_names(first: str, second: str) -> None:
    """Old GUIDs are in lower case; whatever else is in one becomes a dash, as in Wikibase."""
    found = RdfMapping(BASE).triples(
        item(replace(said(Text("a")), id=first), replace(said(Text("b")), id=f"q1${second}"))
    )

    for line in found.own:
        triple(line)
    assert any(re.search(r"/statement/q1-[A-Za-z0-9_-]*> ", line) for line in found.own)
