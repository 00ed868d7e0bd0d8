"""Binding a query to one Wikibase and one reader."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from tests.query.made import BASE, World
from tests.query.support import bind
from wbskills.errors import QueryError
from wbskills.ontology.binding import Binding
from wbskills.ontology.entries import Ontology
from wbskills.query.saved import SavedQuery

HEADER = """\
#+ summary: A
#+   test
#+ x-wbskills:
#+   question: Who?
#+   key: [a]
#+   columns: {a: anything}
"""

Bind = Callable[..., str]


@pytest.fixture
def bound(
    saved: Callable[[str], SavedQuery], ontology: Ontology, world: World
) -> Callable[..., str]:
    """Bind a query that is given by its text and the meanings of its parameters."""

    def bind_text(text: str, params: str = "", **values: object) -> str:
        header = HEADER + (f"#+   params: {{{params}}}\n" if params else "")
        known: dict[str, object] = {
            "binding": world.binding,
            "ontology": ontology,
            "concept_base": BASE,
            "lang": "en",
            "find": None,
        }
        options = {name: values.pop(name, value) for name, value in known.items()}
        query = saved(f"{header}{text}\n")
        return bind(query, values, **options)  # type: ignore[arg-type]  # checked by what it does

    return bind_text


def test_keys_become_ids_only_where_they_are_names(bound: Bind, world: World) -> None:
    """Texts, addresses, comments and other prefixes stay as they are."""
    text = """\
PREFIX wd: <http://localhost:8181/entity/>
PREFIX w: <http://localhost:8181/prop/direct/>
PREFIX pqv: <http://localhost:8181/prop/qualifier/value/>
PREFIX other: <http://other.example.org/>
SELECT ?a WHERE { # w:level
  ?a w:level wd:alone , wd:Q7 ; other:level "w:level" .
  ?a pqv:point_in_time <http://x/w:level#wd:alone> .
}"""
    item, prop = world.binding.item("alone"), world.binding.property

    assert (
        bound(text)
        == f"""\
# A test
PREFIX wd: <{BASE}>
PREFIX w: <http://skills.example.org/prop/direct/>
PREFIX pqv: <http://skills.example.org/prop/qualifier/value/>
PREFIX other: <http://other.example.org/>
SELECT ?a WHERE {{ # w:level
  ?a w:{prop("level")} wd:{item} , wd:Q7 ; other:level "w:level" .
  ?a pqv:{prop("point_in_time")} <http://x/w:level#wd:alone> .
}}
"""
    )


def test_parameters_are_replaced_only_as_whole_variables(bound: Bind) -> None:
    """`?_m_integer` is not the beginning of `?_m_integer2`, and `$` is the same as `?`."""
    text = 'SELECT ?a { ?a ?m ?b FILTER (?_m_integer < $_m_integer && ?m != "?_m_integer") }'

    assert 'FILTER (5 < 5 && ?m != "?_m_integer")' in bound(text, "m: a number", m=5)


ITEM = """\
PREFIX wd: <http://localhost:8181/entity/>
SELECT ?a { ?a ?b ?_x_iri }"""


@pytest.mark.parametrize(
    "named",
    ["alone", "selbstständig", "ALONE", " alone ", "{id}", "{base}{id}"],
)
def test_an_item_is_named_by_key_label_or_id(bound: Bind, world: World, named: str) -> None:
    """Labels of any language, in capitals or not."""
    found = world.binding.item("alone")
    text = named.format(id=found, base=BASE)

    assert f"?b wd:{found} }}" in bound(ITEM, "x: {section: levels, meaning: any}", x=text)


@pytest.mark.parametrize(
    ("section", "named", "told"),
    [
        ("levels", "alnoe", "x: there is no “alnoe” in levels\n  Try: use “alone”"),
        ("levels", "selbststaendig", "Try: use “selbstständig”"),
        ("levels", "lua_modules", "“lua_modules” is in skills"),
        (
            "levels",
            "zzz",
            "use a key of the ontology, a label in any language, or an id, for example Q42",
        ),
        ("levels", "P7", "there is no “P7” in levels"),
        ("levels", "Q7 . ?a ?b ?c", "there is no"),
        ("levels", "Q0", "there is no"),
        ("people", "Nobody", "use a username, a pseudonym or an id"),
    ],
)
def test_what_is_no_item_is_refused_with_what_is_near(
    bound: Bind, section: str, named: str, told: str
) -> None:
    """Nobody has to look up keys after a slip."""
    with pytest.raises(QueryError) as error:
        bound(ITEM, f"x: {{section: {section}, meaning: any}}", x=named)

    assert told in str(error.value)


def test_what_stands_in_no_file_is_looked_for(bound: Bind) -> None:
    """People and waves are known to the Wikibase alone; what it says is looked at again."""
    asked = []

    def find(section: str, text: str) -> str | None:
        asked.append((section, text))
        return {"Ada": "Q77", "Eve": "Q7 . ?a"}.get(text)

    people = "x: {section: people, meaning: any}"
    assert "?b wd:Q77 }" in bound(ITEM, people, x="Ada", find=find)
    assert asked == [("people", "Ada")]
    with pytest.raises(QueryError, match="not the id of an item"):
        bound(ITEM, people, x="Eve", find=find)
    with pytest.raises(QueryError, match="is in skills"):
        bound(ITEM, "x: {section: levels, meaning: any}", x="lua_modules", find=find)
    assert len(asked) == 2


def test_a_label_of_two_items_is_not_guessed(bound: Bind, ontology: Ontology) -> None:
    """Both keys are named."""
    entries = dict(ontology.entries)
    entries["aware"] = entries["alone"].__class__(
        key="aware", section="levels", place="", terms=entries["alone"].terms
    )
    double = Ontology(properties=ontology.properties, entries=entries)

    with pytest.raises(QueryError, match="names more than one item\n  Try: use aware or alone"):
        bound(ITEM, "x: {section: levels, meaning: any}", x="selbstständig", ontology=double)


def test_a_query_need_not_declare_a_prefix(bound: Bind, world: World) -> None:
    """What is shown declares those that it uses."""
    text = ITEM.partition("\n")[2]
    asked = bound(text, "x: {section: levels, meaning: any}", x="alone")

    assert (
        f"PREFIX wd: <{BASE}>\n\nSELECT ?a {{ ?a ?b wd:{world.binding.item('alone')} }}" in asked
    )


@pytest.mark.parametrize(
    ("kind", "value", "term"),
    [
        ("literal", "it's", '"it\'s"'),
        ("literal", 'a "b" \\ \n', '"a \\"b\\" \\\\"'),
        ("literal", "a\nb\tc\rd", '"a\\nb\\tc\\rd"'),
        ("integer", "-3", "-3"),
        ("integer", 7, "7"),
        ("number", "0.50", "0.50"),
        ("number", Decimal("1E+2"), "100"),
        ("number", ".5", "0.5"),
        ("xsd_date", date(2026, 3, 4), '"2026-03-04"^^<http://www.w3.org/2001/XMLSchema#date>'),
        (
            "xsd_dateTime",
            "2026-03-04",
            '"2026-03-04T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>',
        ),
    ],
)
def test_values_are_written_as_their_type_asks(
    bound: Bind, kind: str, value: object, term: str
) -> None:
    """Texts in quotation marks, numbers bare, days with their type."""
    text = bound(f"SELECT ?a {{ FILTER (?a = ?_x_{kind}) }}", "x: anything", x=value)

    assert f"FILTER (?a = {term})" in text


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        (
            "integer",
            "3.5",
            "x: “3.5” is not a whole number\n  Try: use only digits, for example 5",
        ),
        ("integer", "٣", "is not a whole number"),
        ("integer", "9" * 40, "is not a whole number"),
        (
            "number",
            "0,5",
            "x: “0,5” is not a number\n  Try: use digits with a point, for example 0.5",
        ),
        ("number", "NaN", "is not a number"),
        ("number", "1e5", "is not a number"),
        ("xsd_date", "4.3.2026", "x: “4.3.2026” is not a day"),
        ("xsd_date", "2026-02-30", "Try: use year, month and day, for example 2026-03-04"),
        ("xsd_date", "20260304", "is not a day"),
        ("literal", "a\0b", "control characters"),
        ("literal", "a\ud800b", "control characters"),
    ],
)
def test_values_that_do_not_fit_are_refused(bound: Bind, kind: str, value: str, told: str) -> None:
    """With the parameter's name and what would fit."""
    with pytest.raises(QueryError) as error:
        bound(f"SELECT ?a {{ FILTER (?a = ?_x_{kind}) }}", "x: anything", x=value)

    assert told in str(error.value)


def test_what_is_not_given_is_all_or_an_error(bound: Bind) -> None:
    """The filter of an optional parameter is left out; an empty field of a form is not given."""
    text = "SELECT ?a { ?a ?b ?c . FILTER (?a = ?__x_integer) }"

    for values in ({}, {"x": None}, {"x": ""}, {"x": "  "}):
        assert bound(text, "x: how many", **values) == "# A test\nSELECT ?a { ?a ?b ?c . }\n"
    assert "FILTER (?a = 3)" in bound(text, "x: how many", x=3)
    with pytest.raises(QueryError, match="needs a value for “x”: how many\n  Try: add x="):
        bound(text.replace("?__x", "?_x"), "x: how many")
    with pytest.raises(QueryError, match="has no parameter “y”\n  Try: use one of x"):
        bound(text, "x: how many", y="1")


def test_only_choices_can_be_chosen(
    saved: Callable[[str], SavedQuery], ontology: Ontology, world: World
) -> None:
    """However they are named; an answer outside the scale is no least level."""
    header = HEADER.replace("#+ x-w", "#+ enumerate: [{x: [alone, leads]}, {y: [b]}]\n#+ x-w")
    text = "#+   params: {x: {section: levels, meaning: any}, y: any}\n" + ITEM.replace(
        "_x_iri", "__x_iri FILTER (?a = ?__y_literal)"
    )
    query = saved(header + text)

    def bound_to(**values: str) -> str:
        return bind(query, values, binding=world.binding, ontology=ontology, concept_base=BASE)

    assert world.binding.item("leads") in bound_to(x="leitet an", y="b") or bound_to(x="leads")
    assert world.binding.item("alone") in bound_to(x=world.binding.item("alone"))
    unsure = world.binding.item("not_sure")
    for values in ({"x": "not_sure"}, {"x": unsure}, {"y": "c"}):
        with pytest.raises(QueryError, match="cannot be chosen here\n  Try: "):
            bound_to(**values)


def test_a_wikibase_without_the_ontology_is_told_so(bound: Bind) -> None:
    """A key without an id is not left in the query, where it would match nothing."""
    text = """\
PREFIX wd: <http://localhost:8181/entity/>
PREFIX wdt: <http://localhost:8181/prop/direct/>
SELECT ?a { ?a %s }"""

    for body, told in (
        (
            "?b wd:alone",
            "“alone” is not in this Wikibase\n  Try: run “wbskills ontology apply” on",
        ),
        (
            "wdt:level ?b",
            "property “level” is not in this Wikibase\n  Try: run “wbskills ontology apply” on",
        ),
        ("?b wd:alnoe", "“alnoe” is not in this Wikibase\n  Try: use “alone”"),
        ("wdt:levle ?b", "property “levle” is not in this Wikibase\n  Try: use “level”"),
    ):
        with pytest.raises(QueryError) as error:
            bound(text % body, binding=Binding())
        assert told in str(error.value)


@pytest.mark.parametrize(
    ("lang", "terms"),
    [
        ("en", '"en" "en"'),
        ("de_AT", '"de-at" "de"'),
        ("zh-TW", '"zh-tw" "zh-hant"'),
        ("pt", '"pt" "pt-br"'),
        ("sr-cyrl-rs", '"sr-cyrl-rs" "sr-cyrl"'),
        ("eo", '"eo" "en"'),
    ],
)
def test_the_language_brings_its_fallback(bound: Bind, lang: str, terms: str) -> None:
    """It can also be given as a value; a code that cannot be one is refused."""
    text = "SELECT ?a { VALUES ?a { ?_lang_literal ?_fallback_literal } }"
    params = "lang: language, fallback: filled in"

    assert terms in bound(text, params, lang=lang)
    with pytest.raises(QueryError, match="not the code of a language"):
        bound(text, params, lang='de" }')


@pytest.mark.parametrize("base", ["skills.example.org", "http://a/> {", "javascript:/", ""])
def test_the_wikibase_needs_an_address(bound: Bind, base: str) -> None:
    """It goes into every prefix."""
    with pytest.raises(QueryError, match="not the address"):
        bound("SELECT ?a {}", concept_base=base)
