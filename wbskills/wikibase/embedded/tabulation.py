"""Answering questions by the tables of a store, with labels from its ledger."""

import hashlib

from wbskills.wikibase.embedded.rdf import statement_name
from wbskills.wikibase.embedded.revision_store import RevisionStore
from wbskills.wikibase.embedded.statement_tables import StatementTables
from wbskills.wikibase.embedded.tabling import name, number, numbered, subject_of
from wbskills.wikibase.interface import SelectResult, TableQuery


class TableQueries:
    """The tables of a ledger, ready to be asked."""

    def __init__(self, tables: StatementTables, ledger: RevisionStore) -> None:
        self._tables, self._revisions = tables, ledger
        self._state = (-1, -1)  # of the ledger, when the tables were last held against it
        self._labels: dict[tuple[str, ...], dict[int, str]] = {}  # by languages

    def answer(self, question: TableQuery) -> SelectResult | None:
        """Answer a question; None if it has to be asked as SPARQL."""
        state = self._revisions.state()
        if state != self._state:
            if not self._tables.heal(self._revisions.newest(), self._revisions.read):
                return None
            self._state = state
            self._labels.clear()
        if self._tables.is_odd(question.properties):
            return None
        labels = self._labels_in(question.languages)
        found = self._tables.select(
            question.sql,
            question.values,
            question.shared,
            {
                "name": lambda each: None if each is None else labels.get(each) or name(each),
                "md5": lambda text: hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
                "address": lambda each: None if each is None else self._address(each),
            },
        )
        return None if found is None else SelectResult(*found)

    def rebuild(self) -> None:
        """Make all tables anew."""
        self._tables.clear()
        self._state = (-1, -1)
        self._tables.heal(self._revisions.newest(), self._revisions.read)

    def _labels_in(self, languages: tuple[str, ...]) -> dict[int, str]:
        """Give the labels of all entities that have one, by number."""
        if languages not in self._labels:
            found: dict[int, str] = {}
            for language in reversed(languages):
                found |= {number(each): text for each, text in self._revisions.labels(language)}
            self._labels = {languages: found}  # those of one reader: they are many
        return self._labels[languages]

    def _address(self, statement: int) -> str | None:
        """Give the address of a statement by its number in the tables."""
        subject = subject_of(statement)
        for stored in self._revisions.read([subject]).values():
            for at, each in numbered(stored.entity):
                if at == statement and each.id is not None:
                    return f"{self._revisions.concept_base}statement/{statement_name(each.id)}"
        return None
