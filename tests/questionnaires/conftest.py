"""The questionnaire for ambassadors, and its ontology."""

import pytest

from wbskills.data import ontology_folder
from wbskills.ontology.entries import Ontology
from wbskills.ontology.load import load as load_ontology
from wbskills.questionnaires.schema import Questionnaire
from wbskills.questionnaires.toml_file import load


@pytest.fixture(scope="session")
def ontology() -> Ontology:
    """The built-in ontology."""
    return load_ontology(ontology_folder())


@pytest.fixture(scope="session")
def ambassadors(ontology: Ontology) -> Questionnaire:
    """The built-in questionnaire."""
    return load(ontology_folder() / "questionnaires" / "ambassadors.toml", ontology)
