"""A folder with a Wikibase that has the ontology."""

import shutil
from pathlib import Path

import pytest

from wbskills.ontology.entries import Ontology
from wbskills.tasks.ontologies import apply_ontology
from wbskills.wikibase.embedded.store import Embedded


@pytest.fixture(scope="session")
def with_ontology(tmp_path_factory: pytest.TempPathFactory, ontology: Ontology) -> Path:
    """A folder with the ontology, to be copied."""
    place = tmp_path_factory.mktemp("with-ontology") / "store"
    with Embedded(str(place)) as store:
        list(apply_ontology(store, ontology))
    return place


@pytest.fixture
def folder(with_ontology: Path, tmp_path: Path) -> Path:
    """A folder with the ontology, for one test."""
    return Path(shutil.copytree(with_ontology, tmp_path / "store"))
