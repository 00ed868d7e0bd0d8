"""Asking a saved query of a Wikibase, and giving its answer as a table."""

from collections.abc import Mapping
from typing import Final

from wbskills.bulk import gc_paused
from wbskills.data import queries_folder
from wbskills.errors import InvalidValue, QueryError
from wbskills.names import ENTITY_ID, KEY, username
from wbskills.ontology.binding import Binding
from wbskills.ontology.entries import Ontology
from wbskills.query.bind import settle, written
from wbskills.query.cells import in_order
from wbskills.query.items import Classes, Finder, Items
from wbskills.query.saved import SavedQuery
from wbskills.query.tabled import tabulated
from wbskills.query.terms import Value
from wbskills.table import Column, Iri, Table
from wbskills.wikibase.interface import Wikibase
from wbskills.wikibase.sparql_tokens import Kind, tokenize

_LABEL: Final = "Label"


def run(
    query: SavedQuery,
    values: Mapping[str, Value | None],
    wikibase: Wikibase,
    binding: Binding,
    ontology: Ontology,
    lang: str = "en",
) -> Table:
    """Ask a saved query of a Wikibase.

    Items have columns of ids (`skill`, as `Iri`) and of names (`skillLabel`). Numbers are whole
    (int), but for the columns that may have fractions (Decimal, 12 places). Days are dates.

    Raises `QueryError` as `bind` does; `StoreError` if the Wikibase cannot answer.
    """
    items = Items(
        ontology=ontology,
        binding=binding,
        concept_base=wikibase.concept_base,
        find=finder(wikibase, binding),
        classes=classes(wikibase, binding),
    )
    settled = settle(query, values, items, lang)
    # The SQL is held to the built-in query; of one's own, even a copy, nobody knows what it asks.
    built_in = query.path.parent == queries_folder()
    with gc_paused():
        rows = tabulated(query, settled, wikibase, binding) if built_in else None
        if rows is None:
            answer = wikibase.select(without_comments(written(query, settled, items)))
            rows = in_order(query, answer)
        return Table(columns=tuple(columns(query)), rows=tuple(rows))


def columns(query: SavedQuery) -> list[Column]:
    """Give the columns of a query with headings for people.

    The names of items are headed by what they are (“Skill”), their ids by “Skill: item”.
    """
    found = []
    for name, about in query.columns.items():
        words = name.removesuffix(_LABEL).replace("_", " ").capitalize()
        heading = f"{words}: item" if f"{name}{_LABEL}" in query.columns else words
        found.append(Column(name, heading, about, fraction=name in query.fractions))
    return found


def finder(wikibase: Wikibase, binding: Binding) -> Finder:
    """Give what finds items that stand in no file: people by name, and all others by key."""

    def identified(key: str, name: str) -> str | None:
        property_id = binding.properties.get(key)
        pairs = wikibase.identified(property_id, [name]) if property_id else []
        found = sorted({entity_id for _, entity_id in pairs})
        if len(found) > 1:
            raise QueryError(f"“{name}” names more than one item", hint=" or ".join(found))
        return found[0] if found else None

    def find(section: str, text: str) -> str | None:
        if section != "people":
            return identified("wbskills_key", text) if KEY.fullmatch(text) else None
        try:
            found = identified("wikimedia_username", username(text))
        except InvalidValue:
            found = None
        return found or identified("pseudonym", text)

    return find


def classes(wikibase: Wikibase, binding: Binding) -> Classes:
    """Give what tells the classes of an item."""

    def found(entity_id: str) -> set[str]:
        instance_of = binding.properties.get("instance_of")
        if instance_of is None or not ENTITY_ID.fullmatch(entity_id):
            return set()
        base = wikibase.concept_base
        direct = f"{base.removesuffix('entity/')}prop/direct/{instance_of}"
        answer = wikibase.select(
            f"SELECT ?class WHERE {{ <{base}{entity_id}> <{direct}> ?class }}"
        )
        return {cell.id for (cell,) in answer.rows if isinstance(cell, Iri)}

    return found


def without_comments(text: str) -> str:
    """Leave the comments out: some clients look for keywords in them to tell queries from edits.

    See https://github.com/RDFLib/sparqlwrapper/issues/211.
    """
    return "".join(token.text for token in tokenize(text) if token.kind is not Kind.COMMENT)
