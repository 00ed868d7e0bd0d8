"""Reading saved queries, and telling what is wrong in them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from wbskills.data import queries_folder
from wbskills.errors import NotFound, QueryError
from wbskills.query.saved import SavedQuery, find, load

GOOD = """\
#+ summary: Who does it
#+ tags: [people]
#+ defaults:
#+   - level: alone
#+   - most: 3
#+ enumerate:
#+   - level: [aware, alone]
#+ x-wbskills:
#+   question: Who?
#+   view: {kind: matrix, row: person, column: skill, value: share}
#+   key: [person]
#+   fractions: [share]
#+   columns:
#+     person: item of the person
#+     skill: item of the skill
#+     share: from 0 to 1
#+   params:
#+     level: {section: levels, meaning: lowest level}
#+     language: {section: languages, meaning: only speakers}
#+     most: largest number
#+   reading: >-
#+     With
#+     care.
SELECT ?person ?skill (xsd:decimal(?a) / ?b AS ?share) WHERE {
  ?person ?x ?_level_iri , ?__language_iri . FILTER (?a < ?_most_integer)
}
"""

Save = Callable[..., SavedQuery]


def test_reads_everything_that_the_header_says(saved: Save) -> None:
    """Columns in order, parameters with their types, defaults and sections."""
    query = saved(GOOD)

    assert (query.name, query.summary, query.question) == ("mine", "Who does it", "Who?")
    assert list(query.columns) == ["person", "skill", "share"]
    assert query.reading == "With care."
    assert query.view == {"kind": "matrix", "row": "person", "column": "skill", "value": "share"}
    level, language, most = query.params
    assert (level.type, level.required, level.section) == ("iri", True, "levels")
    assert (level.default, level.choices) == ("alone", ("aware", "alone"))
    assert (language.variable, language.required, language.default) == (
        "__language_iri",
        False,
        "",
    )
    assert (most.type, most.default, most.automatic) == ("integer", "3", False)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("summary: Who", "sumary: Who", "sumary: there is no such key\n    Try: use “summary”"),
        ("summary: Who does it", "summary: Who does it", ""),
        ("#+   question: Who?\n", "", "x-wbskills.question: this is missing"),
        ("person: item of the person", "persona: item", "the query has no column “persona”"),
        ("#+     share: from 0 to 1\n", "", "“share” is missing"),
        ("?person ?skill (", "?skill ?person (", "the columns are in another order"),
        ("most: largest number", "moist: largest number", "“moist”\n    Try: use “most”"),
        ("section: levels, ", "", "x-wbskills.params.level: an item needs a section"),
        ("most: largest number", "most: {section: skills, meaning: x}", "only items have"),
        ("most: largest number", "most: {section: skills}", "params.most.meaning: this is"),
        ("key: [person]", "key: [persons]", "x-wbskills.key: there is no “persons”"),
        ("key: [person]", "key: person", "a list is expected"),
        ("value: share", "value: shares", "x-wbskills.view: there is no “shares”"),
        ("row: person, ", "", "x-wbskills.view: a matrix needs a “row”"),
        ("kind: matrix", "kind: cake", "there is no such view\n    Try: use table or matrix"),
        ("- most: 3", "- mist: 3", "defaults: there is no “mist”"),
        ("- most: 3", "most: 3", "this is not YAML"),
        ("tags: [people]", "tags: {a: b}", "tags: a list is expected"),
        ("x-wbskills:", "x-wbskills: 3\n#+ method:", "names with values are expected"),
        ("summary: Who does it", "summary: [a]", "summary: a text is expected"),
        ("?_most_integer", "?_most", "“?_most” begins like a parameter but has no type"),
        ("?_most_integer", "?_most_integer + ?_most_number", "“most” is ?_most_integer elsewhere"),
        ("SELECT ?person ?skill", "SELECT * WHERE {} #", "the columns have no names"),
        ("SELECT ?person", "ASK ?person", "a saved query is a SELECT query"),
        ("?person ?x", '"open ?x', "is not SPARQL"),
    ],
)  # fmt: skip
def test_tells_what_is_wrong_by_file_and_key(saved: Save, old: str, new: str, told: str) -> None:
    """Whoever wrote the file can mend it without looking at ours."""
    assert old in GOOD
    if not told:
        saved(GOOD.replace(old, new))
        return

    with pytest.raises(QueryError) as error:
        saved(GOOD.replace(old, new))

    assert str(error.value).startswith("mine.rq: ")
    assert told in str(error.value)


def test_tells_all_faults_of_a_folder_at_once(saved: Save, tmp_path: Path) -> None:
    """They can be mended in one go."""
    saved(GOOD, "good")
    for name in ("one", "Two"):
        (tmp_path / f"{name}.rq").write_text("SELECT ?a {}", encoding="utf-8")
    (tmp_path / "three.rq").write_bytes(b"\xff")

    with pytest.raises(QueryError) as error:
        load(tmp_path)

    text = str(error.value)
    assert "one.rq: 2 problems\n  there is no header" in text
    assert "“Two” cannot be the name of a query" in text
    assert "three.rq: this is not UTF-8" in text
    assert "good" not in text


def test_the_first_folder_wins(saved: Save, tmp_path: Path) -> None:
    """A coordinator can put a better query in the place of ours."""
    saved(GOOD, "who_can")

    assert find("who_can", [tmp_path, queries_folder()]).summary == "Who does it"
    assert find("coverage", [tmp_path, queries_folder()]).path.parent == queries_folder()


@pytest.mark.parametrize("name", ["who-can", "who_cna", "Who_Can"])
def test_names_what_was_meant(name: str) -> None:
    """A slip of the pen is found."""
    with pytest.raises(NotFound, match="Try: use “who_can”"):
        find(name, [queries_folder()])


def test_no_name_leads_out_of_the_folder(saved: Save, tmp_path: Path) -> None:
    """Names come from the web, too."""
    saved(GOOD)
    (tmp_path / "inner").mkdir()

    with pytest.raises(NotFound):
        find("../mine", [tmp_path / "inner"])


def test_there_has_to_be_a_folder(tmp_path: Path) -> None:
    """An empty list of queries would hide a wrong path."""
    with pytest.raises(NotFound, match="there is no folder"):
        load(tmp_path / "nowhere")


def test_a_parameter_is_known_by_name(saved: Save) -> None:
    """And asked for by a name that is near."""
    query = saved(GOOD)

    assert query.param("most").type == "integer"
    with pytest.raises(QueryError, match="Try: use “level”"):
        query.param("levle")
