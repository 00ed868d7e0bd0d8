"""Asking saved questions of one Wikibase."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from wbskills.data import queries_folder
from wbskills.model.table import Table
from wbskills.ontology.entries import Ontology
from wbskills.query.bind import bind
from wbskills.query.run import finder, run
from wbskills.query.saved import SavedQuery, find, load
from wbskills.store.port import Wikibase
from wbskills.tasks.ontologies import bound


class Questions:
    """The saved questions that can be asked of a Wikibase.

    `folders` with queries of the user's own come before those that travel with the program.
    Raises `StoreError` if the Wikibase lacks something of the ontology.
    """

    def __init__(
        self,
        wikibase: Wikibase,
        ontology: Ontology,
        *,
        language: str = "en",
        folders: Sequence[Path] = (),
    ) -> None:
        self._wikibase, self._ontology, self._language = wikibase, ontology, language
        self._folders = [*folders, queries_folder()]
        self._binding = bound(wikibase, ontology)

    def ask(self, name: str, values: Mapping[str, str]) -> Table:
        """Give the answer to a question. Raises `QueryError` or `NotFound`."""
        return run(
            find(name, self._folders),
            values,
            self._wikibase,
            self._binding,
            self._ontology,
            self._language,
        )

    def show(self, name: str, values: Mapping[str, str]) -> str:
        """Give the SPARQL of a question, ready to paste into a query service."""
        return bind(
            find(name, self._folders),
            values,
            binding=self._binding,
            ontology=self._ontology,
            concept_base=self._wikibase.concept_base,
            lang=self._language,
            find=finder(self._wikibase, self._binding),
        )


def saved_queries(folders: Sequence[Path] = ()) -> dict[str, SavedQuery]:
    """List all saved queries by name; those in `folders` hide built-in ones of the same name."""
    found: dict[str, SavedQuery] = {}
    for folder in [queries_folder(), *reversed(folders)]:
        found |= {saved.name: saved for saved in load(folder)}
    return found
