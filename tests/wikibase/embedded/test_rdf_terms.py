"""Every term is legal N-Triples and says what it was given, whatever that was."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from tests.wikibase.recordings import RECORDINGS
from wbskills.wikibase.embedded.rdf_terms import find_iri, literal, resource, tagged, typed

texts = st.text(st.characters(exclude_categories=()))  # lone surrogates and controls too
well_formed = st.text()
addresses = st.lists(
    st.sampled_from(["http:", *"/a4[%@:#?>\\é\ue000"]),
).map("".join)


def read(term: str) -> Literal | NamedNode:
    """Read a term as the object of a line, strictly."""
    line = f"<a:s> <a:p> {term} ."
    (quad,) = parse(line, RdfFormat.N_TRIPLES)
    assert len(line.splitlines()) == 1
    assert isinstance(quad.triple, Triple)
    assert isinstance(quad.object, Literal | NamedNode)
    return quad.object


@given(well_formed)
@example('quotes ", backslashes \\ and \\" both')
@example("lines\nof\r\nall\u2028kinds\x85\x0b\x0c\x1d")
@example("\x00\x7f\t")
@example("beyond the basic plane 😀🇩🇪")
def test_a_text_comes_back_as_it_was(text: str) -> None:
    """Quotes, line ends and control characters do not end a literal, or a line."""
    assert read(literal(text)) == Literal(text)


@given(texts)
@example("\ud83d")
@example("a\udc00\ud800b")
def test_a_lone_surrogate_becomes_a_replacement_character(text: str) -> None:
    """JSON can hold half a character; UTF-8, and so RDF, cannot."""
    found = read(literal(text))

    assert isinstance(found, Literal)
    assert found.value == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def test_two_surrogates_that_make_a_pair_are_one_character() -> None:
    """A text that was cut and joined again is whole."""
    assert read(literal("\ud83d\ude00")) == Literal("😀")


@given(texts, texts | st.from_regex(r"[A-Za-z0-9]{1,9}(-[A-Za-z0-9]{1,9}){0,4}", fullmatch=True))
@example("x", "zh-classical")
@example("x", "en-a")
@example("x", "en@x")
def test_what_is_no_language_never_breaks_a_line(text: str, language: str) -> None:
    """Old codes of MediaWiki are no tags; the text is written without them, as Wikibase does."""
    found = read(tagged(text, language))

    assert isinstance(found, Literal)
    assert found.language in {None, language.lower()}


@pytest.mark.parametrize(
    "code", ["en", "pt-br", "zh-hant", "sr-el", "be-tarask", "de-x-formal", "es-419", "mul"]
)
def test_the_languages_of_wikibase_are_kept(code: str) -> None:
    """The tag is the code of the wiki, not the canonical one of BCP 47."""
    assert tagged("x", code) == f'"x"@{code}'


@pytest.mark.parametrize("name", ["0029-wbcontentlanguages-term", "0030-wbcontentlanguages-mono"])
def test_all_languages_of_a_real_wikibase_are_kept_but_one(name: str) -> None:
    """`zh-classical` is too long for a tag; its own successor is `lzh`."""
    exchange = json.loads((RECORDINGS / f"exchanges/{name}.json").read_text(encoding="utf-8"))
    codes = set(exchange["response"]["body"]["query"]["wbcontentlanguages"])

    untagged = {code for code in codes if tagged("x", code) == '"x"'}

    assert untagged <= {"zh-classical"}
    for code in codes:
        read(tagged("x", code))


def test_a_number_keeps_its_digits() -> None:
    """An amount is written as Wikibase wrote it."""
    found = read(typed("+007.50", "http://www.w3.org/2001/XMLSchema#decimal"))

    assert isinstance(found, Literal)
    assert found.value == "+007.50"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://example.org/ü/日本?q=ä#x", "http://example.org/ü/日本?q=ä#x"),
        ("http://example.org/a b", "http://example.org/a%20b"),
        ("http://example.org/a|b", "http://example.org/a%7Cb"),
        ("http://example.org/{x}", "http://example.org/%7Bx%7D"),
        ("http://example.org/\\b", "http://example.org/%5Cb"),
        ("http://example.org/a%20b", "http://example.org/a%20b"),
        ("http://example.org/100%", "http://example.org/100%25"),
        ('http://example.org/"> <http://evil', "http://example.org/%22%3E%20%3Chttp://evil"),
        ("http://example.org/\n\t\x00", "http://example.org/%0A%09%00"),
        ("http://example.org/[a]", "http://example.org/%5Ba%5D"),
        ("http://example.org/a\u2028b", "http://example.org/a%E2%80%A8b"),
        ("http://example.org/#a#b", "http://example.org/#a%23b"),
        ("http://example.org/\ue000\ud800", "http://example.org/%EE%80%80%EF%BF%BD"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("http://user:pw@example.org:8181/", "http://user:pw@example.org:8181/"),
    ],
)
def test_an_address_is_escaped_where_it_has_to_be(text: str, expected: str) -> None:
    """What an IRI may hold is left alone, so that addresses stay comparable."""
    assert find_iri(text) == f"<{expected}>"
    assert read(f"<{expected}>") == NamedNode(expected)


@pytest.mark.parametrize(
    "text", ["", "example.org", "//example.org", "1a:b", "http://a:b/", "http://a@b@c/", "é:a"]
)
def test_what_is_no_address_is_written_as_a_text(text: str) -> None:
    """A relative address means nothing in a graph; the text is kept all the same."""
    assert find_iri(text) is None
    assert resource(text) == literal(text)


@given(texts | addresses)
@example("http:////")
@example("a://b:1:2")
def test_no_address_breaks_a_line(text: str) -> None:
    """Whatever stands in a value, the store can read the line."""
    found = read(resource(text))

    assert isinstance(found, Literal if find_iri(text) is None else NamedNode)
