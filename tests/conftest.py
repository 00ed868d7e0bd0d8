"""What all tests share: the real ontology, and an embedded Wikibase that has it."""

import gc
from collections.abc import Iterator

import pytest

from wbskills.data import ontology_folder
from wbskills.ontology.entries import Ontology
from wbskills.ontology.load import load
from wbskills.stores import open_folder
from wbskills.tasks.ontologies import apply_ontology
from wbskills.wikibase.interface import LocalWikibase


@pytest.fixture(autouse=True, scope="module")
def collected_here() -> Iterator[None]:
    """Clear up in this thread: Oxigraph tells of answers that are dropped in another one."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def ontology() -> Ontology:
    """The ontology that travels with the program."""
    return load(ontology_folder())


@pytest.fixture
def wikibase(ontology: Ontology) -> Iterator[LocalWikibase]:
    """An embedded Wikibase in memory that has the ontology."""
    with open_folder(":memory:") as store:
        list(apply_ontology(store, ontology))
        yield store
