"""Items of the ontology by what people call them: never a guess where two may be meant."""

import pytest

from wbskills.ontology.entries import Entry, Fact, Terms
from wbskills.surveys.mapping.item_names import ItemNames


def entry(key: str, label: str, *aliases: str, facts: tuple[Fact, ...] = ()) -> Entry:
    """Make a skill."""
    terms = Terms(labels={"en": label}, aliases={"en": aliases})
    return Entry(key=key, section="skills", place="x.toml", terms=terms, facts=facts)


NAMES = ItemNames(
    [
        entry("lua_modules", "Lua modules", "Scribunto"),
        entry("user_scripts", "User scripts", "JS"),
        entry("gadgets", "Gadgets", "JS"),
        entry("sql_replicas", "SQL replicas of the wikis"),
        entry("page_forms", "Page Forms extension"),
        entry("page_schemas", "Page Schemas extension"),
        entry("c_plus", "C library"),
        entry("enwiki", "English Wikipedia", facts=(Fact("database_name", "enwiki_p"),)),
    ]
)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Lua modules", "lua_modules"),
        (" LUA  Modules ", "lua_modules"),
        ("lua_modules", "lua_modules"),
        ("lua-modules", "lua_modules"),
        ("scribunto", "lua_modules"),
        ("enwiki_p", "enwiki"),
        ("JS", None),
        ("Lua", None),
        ("", None),
    ],
)
def test_an_item_is_found_by_each_of_its_names(text: str, key: str | None) -> None:
    """Key, label, alias, or the name of a wiki's database; two items with one name by none."""
    assert NAMES.find(text) == key


def test_items_that_share_a_name_are_listed() -> None:
    """A name of one item is not shared."""
    assert NAMES.sharing("js") == ("user_scripts", "gadgets")
    assert NAMES.sharing("Scribunto") == NAMES.sharing("nothing") == ()


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("scribunto", ("lua_modules", "Scribunto", 100)),
        ("Lua module", ("lua_modules", "Lua modules", 95)),
        ("modules Lua", ("lua_modules", "Lua modules", 99)),
        ("I often wrote Scribunto for others", ("lua_modules", "Scribunto", 85)),
        ("SQL", ("sql_replicas", "SQL replicas of the wikis", 85)),
        ("C", ("c_plus", "C library", 85)),
        ("SQ", None),
        ("Page", None),
        ("Perl", None),
        ("", None),
    ],
)
def test_what_a_text_most_likely_means(text: str, suggestion: tuple[str, str, int] | None) -> None:
    """Only its exact name scores 100; a beginning that several items have is no suggestion."""
    for _ in range(2):  # the second time from memory
        found = NAMES.suggest(text)
        if suggestion is None:
            assert found is None
        else:
            assert found == suggestion


def test_of_two_names_within_a_text_the_longer_one_is_meant() -> None:
    """“Lua” is in “Lua modules” as well."""
    names = ItemNames([entry("gadgets", "Gadgets"), entry("gadget_tests", "Tests of gadgets")])
    found = names.suggest("I wrote and ran several automatic tests of gadgets")
    assert found is not None
    assert found.key == "gadget_tests"
