"""Answering questions by the tables of a store, with labels from its ledger."""

import hashlib

from wbskills.store.ledger import Ledger
from wbskills.store.port import Answer, Question
from wbskills.store.rdf import statement_name
from wbskills.store.tables import Tables
from wbskills.store.tabling import name, number, numbered, subject_of


class Tabulation:
    """The tables of a ledger, ready to be asked."""

    def __init__(self, tables: Tables, ledger: Ledger) -> None:
        self._tables, self._ledger = tables, ledger
        self._labels: tuple[tuple[int, int, tuple[str, ...]], dict[int, str]] = ((-1, 0, ()), {})

    def answer(self, question: Question) -> Answer | None:
        """Answer a question; None if it has to be asked as SPARQL."""
        if not self._tables.heal(self._ledger.newest(), self._ledger.read):
            return None
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
        return None if found is None else Answer(*found)

    def _labels_in(self, languages: tuple[str, ...]) -> dict[int, str]:
        """Give the labels of all entities that have one, by number."""
        # Every edit has a revision, a deletion an entry in the log.
        logged = self._ledger.rows("SELECT COALESCE(MAX(id), 0) FROM log")[0][0]
        key = self._ledger.revision(), int(logged), languages
        if self._labels[0] != key:
            found: dict[int, str] = {}
            for language in reversed(languages):
                found |= {number(each): text for each, text in self._ledger.labels(language)}
            self._labels = key, found
        return self._labels[1]

    def _address(self, statement: int) -> str | None:
        """Give the address of a statement by its number in the tables."""
        subject = subject_of(statement)
        for stored in self._ledger.read([subject]).values():
            for at, each in numbered(stored.entity):
                if at == statement and each.id is not None:
                    return f"{self._ledger.concept_base}statement/{statement_name(each.id)}"
        return None
