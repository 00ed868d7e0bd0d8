"""A Wikibase far away that has the ontology, for each test its own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

import pytest
from argon2 import PasswordHasher

from tests.wikibase.remote.disturbed_wiki import (
    PEOPLE,
    DisturbedWiki,
    make_responses,
    prepare_store,
    serve_disturbed,
)
from tests.wikibase.remote.strange_wiki import Behaviour, StrangeWiki
from wbskills.domain import Response
from wbskills.ontology.entries import Ontology
from wbskills.testing import ServedWikibase, serving
from wbskills.wikibase.server import accounts


@pytest.fixture(autouse=True, scope="session")
def quick_hashes() -> Iterator[None]:
    """Hash passwords fast: how slow it is otherwise is not what is tested here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            accounts, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        )
        yield


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, ontology: Ontology) -> Path:
    """A store that has the ontology, to be copied."""
    folder = tmp_path_factory.mktemp("prepared") / "store"
    prepare_store(folder, ontology)
    return folder


@pytest.fixture
def wiki(prepared: Path, ontology: Ontology) -> Iterator[DisturbedWiki]:
    """A Wikibase far away that has the ontology."""
    with serve_disturbed(prepared, ontology) as found:
        yield found


@pytest.fixture(scope="session")
def people() -> list[Response]:
    """Some people, many of them in two waves."""
    return make_responses(PEOPLE, Random(4))  # noqa: S311 - no secret


@pytest.fixture(scope="session")
def undisturbed(prepared: Path, ontology: Ontology, people: list[Response]) -> dict[str, Any]:
    """What an import that nothing disturbs leaves."""
    with serve_disturbed(prepared, ontology) as found:
        found.import_all(people)
        return found.snapshot()


@pytest.fixture(scope="module")
def served() -> Iterator[ServedWikibase]:
    """An empty Wikibase that is served on this machine."""
    with serving() as found:
        yield found


@pytest.fixture
def serve() -> Iterator[Callable[[Behaviour], StrangeWiki]]:
    """Start a wiki that behaves in some way."""
    wikis = []

    def start(behave: Behaviour) -> StrangeWiki:
        wiki = StrangeWiki(behave)
        wikis.append(wiki)
        Thread(target=wiki.serve_forever, daemon=True).start()
        return wiki

    yield start
    for wiki in wikis:
        wiki.over.set()
        wiki.shutdown()
        wiki.server_close()
