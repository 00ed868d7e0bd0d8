"""The rules of portable queries, each against a text that breaks it."""

from collections.abc import Callable

import pytest

from wbskills.query.checks import check_portable
from wbskills.query.saved import SavedQuery

GOOD = """\
#+ summary: Counts
#+ x-wbskills:
#+   question: How many?
#+   key: [skill]
#+   columns: {skill: item, n: people}
#+   params: {level: {section: levels, meaning: lowest}}
PREFIX wd: <http://localhost:8181/entity/>
PREFIX wdt: <http://localhost:8181/prop/direct/>
PREFIX ps: <http://localhost:8181/prop/statement/>
PREFIX wikibase: <http://wikiba.se/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
SELECT ?skill (SUM(IF(?x = wd:alone, 1, 0)) AS ?n) WHERE {
  ?said ps:assessed_skill ?skill ; wdt:level/wdt:level_value ?x .
  ?_level_iri (wdt:part_of|wdt:level)/wdt:level_value ?least .
  BIND (xsd:decimal(?x + 1) / ?least AS ?share)
  FILTER EXISTS { ?said a wikibase:BestRank . }
  OPTIONAL { ?skill rdfs:label ?skill_1 FILTER (LANG(?skill_1) = "en") }
}
GROUP BY ?skill
HAVING (SUM(IF(?x = 3, 1, 0)) > 2 && COUNT(DISTINCT ?said) > 1)
ORDER BY DESC(?n) ?skill LIMIT 10
"""


def test_a_good_query_breaks_no_rule(saved: Callable[[str], SavedQuery]) -> None:
    """Paths are no divisions, aggregates are no names."""
    assert check_portable(saved(GOOD)) == []


@pytest.mark.parametrize(
    ("old", "new", "row", "told"),
    [
        ("rdfs:label", "dct:title", 18, "the prefix “dct:” is not declared"),
        ("  OPTIONAL {", "  SERVICE wikibase:label {", 18, "“SERVICE” is not understood"),
        ("  OPTIONAL {", "  lateral {", 18, "“lateral” is not understood"),
        ("WHERE {\n", "FROM <http://a/> WHERE {\n", 13, "“FROM” is not understood"),
        ("COUNT(DISTINCT ?said)", "COUNT(MEDIAN(?said))", 21, "“MEDIAN” is not understood"),
        ("COUNT(DISTINCT ?said) > 1", "?n > 1", 21, "HAVING by a name"),
        ("a wikibase:BestRank .", "a ?b . ?b ?c ?d", 17, "EXISTS with more than one"),
        ("FILTER EXISTS", "FILTER NOT EXISTS", 17, ""),
        ("a wikibase:BestRank .", "a ?b ; ?c ?d", 17, "EXISTS with more than one"),
        ("FILTER EXISTS { ?said a wikibase:BestRank . }",
         'FILTER (COALESCE(?x, "") = "" || EXISTS { ?said a wikibase:BestRank })', 17, "beside"),
        ("FILTER EXISTS { ?said a wikibase:BestRank . }",
         "FILTER (NOT EXISTS { ?said a wikibase:BestRank } || ?x = 1)", 17, "beside “||”"),
        ("FILTER EXISTS { ?said a wikibase:BestRank . }",
         "FILTER (IF(?x = 1 || ?x = 2, 1, IF(EXISTS { ?said a ?b }, 1, 0)) = 1)", 17, ""),
        ("FILTER EXISTS { ?said a wikibase:BestRank . }",
         "FILTER (?x = 1 || ?x = 2) FILTER EXISTS { ?said a ?b }", 17, ""),
        ("OPTIONAL { ?skill",
         "OPTIONAL { ?skill wdt:level ?y . ?y wdt:level ?z ; a ?b } OPTIONAL { ?skill",
         18, "patterns of two subjects"),
        ("OPTIONAL { ?skill",
         "OPTIONAL { ?skill wdt:level ?y FILTER (?y > 1) ?y a ?b } OPTIONAL { ?skill",
         18, "patterns of two subjects"),
        ("OPTIONAL { ?skill", "OPTIONAL { ?skill wdt:level ?y ; a ?b } OPTIONAL { ?skill", 18, ""),
        ("OPTIONAL { ?skill",
         "OPTIONAL { ?skill (wdt:level|wdt:next)/wdt:level ?y } OPTIONAL { ?skill", 18, ""),
        ("OPTIONAL { ?skill",
         "OPTIONAL { SELECT ?y { ?skill wdt:level ?y . ?y a ?b } } OPTIONAL { ?skill",
         18, ""),
        ("OPTIONAL { ?skill",
         "OPTIONAL { ?skill a ?y . ?y a ?b }  # few: one a skill\n  OPTIONAL { ?skill", 18, ""),
        ("OPTIONAL { ?skill",
         "OPTIONAL { ?skill a ?y } # few\n OPTIONAL { ?y a ?b . ?b a ?c }\n OPTIONAL { ?skill",
         19, "patterns of two subjects"),
        ("xsd:decimal(?x + 1) /", "(?x + 1) /", 16, "1 / 2 is 0"),
        ("xsd:decimal(?x + 1) /", "?x /", 16, "1 / 2 is 0"),
        ("xsd:decimal(?x + 1) /", "xsd:integer(?x) /", 16, "1 / 2 is 0"),
        ("ORDER BY DESC(?n) ?skill", "ORDER BY DESC(?n)", 22, "have no fixed order"),
        ("ORDER BY DESC(?n) ?skill LIMIT 10", "", 21, "have no fixed order"),
        ("GROUP BY ?skill", "GROUP BY ?skill ?_level_iri", 20, ""),
        ("GROUP BY ?skill", "GROUP BY ?_level_iri", 20, "cannot be replaced here"),
        ("AS ?share)", "AS ?_level_iri)", 16, "cannot be replaced here"),
        ("EXISTS { ?said a wikibase:BestRank . }", "(BOUND(?_level_iri))", 17, "cannot be"),
        ("BIND (xsd", "VALUES ?_level_iri { wd:alone } BIND (xsd", 16, "cannot be replaced here"),
        ("  OPTIONAL {", "  { SELECT ?_level_iri {} } OPTIONAL {", 18, "cannot be replaced here"),
        ("SUM(IF(?x = wd:alone, 1, 0))", "GROUP_CONCAT(?x)", 13, "some engines keep a language"),
        ("SUM(IF(?x = wd:alone, 1, 0))", 'GROUP_CONCAT(DISTINCT STR(?x); separator=",")', 13, ""),
        ("BIND (xsd", "?skill rdfs:label ?skill_1 BIND (xsd", 18, "a second label"),
        ("ps:assessed_skill ?skill", "ps:assessed_skill 3", 14, "a number is not found if"),
        ("wd:alone", "wd:Q7", 13, "“Q7” means something else in every Wikibase"),
        ("#+   key: [skill]\n", "", 0, "there is no key"),
        ("?_level_iri (wdt", "?__level_iri (wdt", 15, "a free variable here where"),
        ("?_level_iri (wdt:part_of|wdt:level)/wdt:level_value ?least .",
         "{ ?__level_iri (wdt:part_of|wdt:level)/wdt:level_value ?least }", 15, ""),
    ],
)  # fmt: skip
def test_a_trap_is_told_with_its_line(
    saved: Callable[[str], SavedQuery], old: str, new: str, row: int, told: str
) -> None:
    """Each was measured on some engine: wrong, silent or slow."""
    assert old in GOOD

    faults = check_portable(saved(GOOD.replace(old, new, 1)))

    assert [(fault.row, told in fault.what) for fault in faults] == ([(row, True)] if told else [])


def test_a_hint_for_one_engine_is_told(saved: Callable[[str], SavedQuery]) -> None:
    """It gives no rows on all others, and no error."""
    hinted = GOOD.replace(
        "SELECT ?skill", "PREFIX hint: <http://www.bigdata.com/queryHints#>\nSELECT ?skill"
    ).replace("  OPTIONAL", "  hint:Query hint:optimizer 'None' . OPTIONAL")

    assert {fault.row for fault in check_portable(saved(hinted))} == {13, 19}
