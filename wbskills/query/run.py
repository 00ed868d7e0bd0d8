"""Asking a saved query of a Wikibase, and giving its answer as a table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from wbskills.bulk import chunks, gc_paused
from wbskills.ontology.binding import Binding
from wbskills.ontology.entries import Ontology
from wbskills.query.answers import finish
from wbskills.query.params import (
    Items,
    Resolved,
    Value,
    items_of,
    languages_of,
    literal,
    resolve_params,
)
from wbskills.query.render import for_engine, for_people
from wbskills.query.saved import LABEL, SavedQuery
from wbskills.query.table_queries import select_from_tables
from wbskills.table import Column, Iri, Table
from wbskills.wikibase.interface import Wikibase

_LOOKED_UP: Final = 500  # items whose labels are asked for at once


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedQuery:
    """A saved query with checked values for its parameters, ready to be asked of one Wikibase."""

    query: SavedQuery
    resolved: Resolved
    items: Items
    wikibase: Wikibase

    @property
    def sparql(self) -> str:
        """The query as people paste it into the query service of the Wikibase."""
        languages = languages_of(self.resolved)
        return for_people(self.query, self.resolved, self.items, languages)

    def table(self) -> Table:
        """Return the answer.

        Items have columns of ids (`skill`, as `Iri`) and of names (`skillLabel`). Numbers are
        whole (int), except in columns that may have fractions (Decimal, 12 places). Days are
        dates. Raises `StoreError` if the Wikibase cannot answer.
        """
        with gc_paused():
            answer = select_from_tables(
                self.query, self.resolved, self.wikibase, self.items.binding
            ) or self.wikibase.select(for_engine(self.query, self.resolved, self.items))
            rows = finish(self.query, answer, self._labels)
            return Table(columns=tuple(columns(self.query)), rows=tuple(rows))

    def _labels(self, addresses: Iterable[str]) -> dict[str, str]:
        """Look up the labels of entities, each in the first language that has one."""
        base, languages = self.items.concept_base, languages_of(self.resolved)
        ours = sorted(each for each in addresses if each.startswith(base))
        listed = ", ".join(map(literal, languages))
        found: dict[tuple[str, str], str] = {}
        for part in chunks(ours, _LOOKED_UP):
            values = " ".join(f"<{each}>" for each in part)
            answer = self.wikibase.select(
                "SELECT ?item (LANG(?text) AS ?language) (STR(?text) AS ?label) WHERE {"
                f" VALUES ?item {{ {values} }}"
                " ?item <http://www.w3.org/2000/01/rdf-schema#label> ?text ."
                f" FILTER (LANG(?text) IN ({listed})) }}"
            )
            for item, language, label in answer.rows:
                if isinstance(item, Iri):
                    found[item.address, str(language)] = str(label)
        return {
            each: next(
                found[each, language] for language in languages if (each, language) in found
            )
            for each, _ in found
        }


def prepare(
    query: SavedQuery,
    values: Mapping[str, Value | None],
    wikibase: Wikibase,
    binding: Binding,
    ontology: Ontology,
    lang: str = "en",
) -> PreparedQuery:
    """Check the values of a query's parameters, given by their names.

    Raises `QueryError` as `resolve_params` does.
    """
    items = items_of(wikibase, ontology, binding)
    return PreparedQuery(
        query=query,
        resolved=resolve_params(query, values, items, lang),
        items=items,
        wikibase=wikibase,
    )


def run(
    query: SavedQuery,
    values: Mapping[str, Value | None],
    wikibase: Wikibase,
    binding: Binding,
    ontology: Ontology,
    lang: str = "en",
) -> Table:
    """Answer a saved query; see `prepare` and `PreparedQuery.table`."""
    return prepare(query, values, wikibase, binding, ontology, lang).table()


def columns(query: SavedQuery) -> list[Column]:
    """Return the columns of a query with headings for people.

    The names of items are headed by what they are (“Skill”), their ids by “Skill: item”.
    """
    found = []
    for name, about in query.columns.items():
        words = name.removesuffix(LABEL).replace("_", " ").capitalize()
        heading = f"{words}: item" if f"{name}{LABEL}" in query.columns else words
        found.append(Column(name, heading, about, fraction=name in query.fractions))
    return found
