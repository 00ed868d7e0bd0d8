"""What a saved query becomes: without the filters that nothing is given for, and with labels."""

from collections.abc import Callable

import pytest

from tests.query.made import BASE, World
from tests.query.support import bind
from wbskills.ontology.entries import Ontology
from wbskills.query.params import Items, resolve_params
from wbskills.query.render import for_engine, for_grlc
from wbskills.query.saved import SavedQuery

HEADER = """\
#+ summary: A test
#+ x-wbskills:
#+   question: Who?
#+   key: [person]
#+   columns: {person: who, personLabel: their name}
#+   params: {skill: {section: skills, meaning: what they can do}}
"""
Bound = Callable[..., str]


@pytest.fixture
def bound(saved: Callable[[str], SavedQuery], ontology: Ontology, world: World) -> Bound:
    """Bind a query below the header, without the lines above its SELECT."""

    def bind_text(text: str, **values: str) -> str:
        query = saved(f"{HEADER}{text}\n")
        whole = bind(
            query, values, binding=world.binding, ontology=ontology, concept_base=BASE, lang="de"
        )
        return whole[whole.index("SELECT") :]

    return bind_text


@pytest.mark.parametrize(
    ("part", "left"),
    [
        ("FILTER (?b = ?__skill_iri)", ""),
        ("FILTER NOT EXISTS { ?person ?b ?__skill_iri } .", ""),
        ("{ ?person ?b ?__skill_iri . FILTER (?b != ?c) }", ""),
        ("{ ?person ?b ?c } UNION { ?person ?b ?__skill_iri }", " { ?person ?b ?c }"),
        ("OPTIONAL { ?person ?b ?c FILTER (?c = ?__skill_iri) }", " OPTIONAL { ?person ?b ?c }"),
        (
            'FILTER (COALESCE(STR(?__skill_iri), "") = "" || ?b = ?__skill_iri)',
            ' FILTER (COALESCE(STR(?__skill_iri), "") = "" || ?b = ?__skill_iri)',
        ),
    ],
)
def test_the_smallest_part_around_an_optional_parameter_goes(
    bound: Bound, world: World, part: str, left: str
) -> None:
    """A filter, a group of its own or a branch; with a value it stays, and so does all else."""
    text = f"SELECT ?person {{ ?person ?b ?x . {part} ?y ?b ?z }}"
    asked = bound(text).partition("\n  SERVICE")[0]
    item = f"wd:{world.binding.item('lua_modules')}"

    assert asked == f"SELECT ?person ?personLabel WHERE {{ ?person ?b ?x .{left} ?y ?b ?z"
    assert part.replace("?__skill_iri", item) in bound(text, skill="lua_modules")


def test_labels_are_asked_of_the_query_service(bound: Bound) -> None:
    """Where they are called as the service calls them, it needs no more than the languages."""
    text = """\
SELECT ?person WHERE { ?person ?b ?c . FILTER (?b = ?__skill_iri) }
ORDER BY ?personLabel"""

    assert (
        bound(text)
        == """\
SELECT ?person ?personLabel WHERE { ?person ?b ?c .
  SERVICE wikibase:label { bd:serviceParam wikibase:language "de,en,mul" . }
}
ORDER BY ?personLabel
"""
    )


def test_counts_are_made_before_labels_are_looked_up(bound: Bound) -> None:
    """A query service would else look one up for each row that is counted."""
    text = """\
SELECT ?person (COUNT(*) AS ?n) WHERE { ?person ?b ?c . FILTER (?b = ?__skill_iri) }
GROUP BY ?person
ORDER BY ?n ?personLabel"""

    assert (
        bound(text)
        == """\
SELECT ?person ?personLabel WHERE {
  { SELECT ?person (COUNT(*) AS ?n) WHERE { ?person ?b ?c . }
  GROUP BY ?person }
  SERVICE wikibase:label { bd:serviceParam wikibase:language "de,en,mul" . }
}
ORDER BY ?n ?personLabel
"""
    )


def test_prefixes_are_declared_where_they_are_used(
    saved: Callable[[str], SavedQuery], ontology: Ontology, world: World
) -> None:
    """And those that the query declares itself stay as they are."""
    items = Items(ontology=ontology, binding=world.binding, concept_base=BASE)
    query = saved(f"{HEADER}SELECT ?person {{ ?person wdt:speaks wd:lang_de ; ?b ?__skill_iri }}")
    asked = for_engine(query, resolve_params(query, {}, items), items)

    assert asked.splitlines()[:3] == [
        f"PREFIX wd: <{BASE}>",
        "PREFIX wdt: <http://skills.example.org/prop/direct/>",
        "",
    ]
    assert asked.count("PREFIX") == 2


def test_other_programs_may_leave_an_optional_parameter_out(
    saved: Callable[[str], SavedQuery], ontology: Ontology, world: World
) -> None:
    """They do not know of our rule, so each part says itself when it counts."""
    items = Items(ontology=ontology, binding=world.binding, concept_base=BASE)
    query = saved(
        f"{HEADER}SELECT ?person {{ ?person ?b ?c . FILTER (?b = ?__skill_iri)"
        " { ?person ?c ?__skill_iri } { ?c ?c ?c } UNION { ?c ?b ?__skill_iri } }"
    )
    text = for_grlc(query, items)
    missing = 'COALESCE(STR(?__skill_iri), "") = ""'

    assert f"FILTER (IF({missing}, 1, IF((?b = ?__skill_iri), 1, 0)) = 1)" in text
    assert f"{{ ?person ?c ?__skill_iri }} UNION {{ FILTER ({missing}) }}" in text
    assert f"UNION {{ ?c ?b ?__skill_iri  FILTER (!({missing})) }}" in text
    assert 'wikibase:language ?_lang_literal , ?_fallback_literal , "mul" , "en" .' in text
