"""A form beside a Wikibase in a folder, with the accounts of Ada and Grace."""

from collections.abc import Iterator
from pathlib import Path
from threading import Lock

import pytest

from tests.self_evaluation.people import ADDRESS, PASSWORD, Form, Person
from wbskills.private_records.sealing import Key
from wbskills.private_records.self_evaluations import SelfEvaluations
from wbskills.tasks.form_settings import FormSettings
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.server.accounts import add_user
from wbskills.wikibase.server.site import Site

NAMES = ("Ada", "Grace", "Hypatia of Nowhere")  # the last is in no file by chance


@pytest.fixture(scope="session")
def key() -> Key:
    """The key of the form."""
    return Key.random()


@pytest.fixture
def settings() -> FormSettings:
    """The settings of the form."""
    return FormSettings(coordinators=frozenset({"Grace"}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the Wikibase."""
    return tmp_path / "store"


@pytest.fixture
def form(folder: Path, key: Key, settings: FormSettings) -> Iterator[Form]:
    """The form beside a new Wikibase."""
    with Embedded(str(folder), concept_base=f"{ADDRESS}/entity/") as store:
        for name in NAMES:
            add_user(store.accounts, name, PASSWORD, ())
        site = Site(store, ADDRESS, Lock(), records=folder)
        with SelfEvaluations(folder, store.salt(), key) as private:
            opened = Form(site, key, settings, private)
            opened.open()
            yield opened
        opened.close()


@pytest.fixture
def ada(form: Form) -> Person:
    """Ada, who has logged in."""
    person = form.person("Ada")
    person.log_in()
    return person


@pytest.fixture
def grace(form: Form) -> Person:
    """Grace, who has logged in, and is a coordinator."""
    person = form.person("Grace")
    person.log_in()
    return person


@pytest.fixture
def hypatia(form: Form) -> Person:
    """Somebody whose name is long enough to be looked for in files."""
    person = form.person(NAMES[2])
    person.log_in()
    return person
