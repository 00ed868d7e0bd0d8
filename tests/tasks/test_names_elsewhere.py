"""Names with unusual characters, and texts of others that name a forgotten person."""

import re
import shutil
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tasks.events import (
    ADA,
    GRACE,
    NAME,
    Place,
    built,
    killed_readers,
    left_over,
)
from tests.tasks.people import ada, imported
from wbskills.domain import Identity
from wbskills.errors import NotFound
from wbskills.ontology.entries import Ontology
from wbskills.tasks.copies import clear_reports
from wbskills.tasks.forgetting import forget
from wbskills.tasks.personal_data import NameMatcher
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.journal.read import JOURNALS


@pytest.fixture
def place(with_ontology: Path, tmp_path: Path, ontology: Ontology) -> Place:
    """A store of its own."""
    return Place(Path(shutil.copytree(with_ontology, tmp_path / "store")), ontology)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ('x-"Zoë" & <b>', 'x-&#34;Zoë&#34; &amp; &lt;b&gt;'),
        ('x-"Zoë" & <b>', '"x-""Zoë"" & <b>",1'),
        ('x-"Zoë" & <b>', r'{"a":"x-\"Zo\u00eb\" \u0026 \u003cb\u003e"}'),
        ("x {|} y", "| x &#123;&#124;&#125; y"),
        ("Ada Ünal", unicodedata.normalize("NFD", "by Ada Ünal")),
        (unicodedata.normalize("NFD", "Ada Ünal"), "by Ada Ünal"),
        ("Ada Ünal", "/wiki/ada%20%c3%9cnal"),
        ("أحمد شهر", "wiki/%D8%A3%D8%AD%D9%85%D8%AF_%D8%B4%D9%87%D8%B1?a"),
        ("C++", "C++, and more"),
        ("★", "a ★ b"),
    ],
)  # fmt: skip
def test_a_name_is_found_however_a_format_writes_it(name: str, written: str) -> None:
    """In texts and in bytes; and not in what is no such name."""
    assert NameMatcher([name])(written)
    assert NameMatcher([name]).in_bytes(written.encode())
    assert not NameMatcher([name])("C, Ada, x, Zoë and Ünal")


def test_a_report_with_a_name_of_odd_signs_is_built_again(
    place: Place, ontology: Ontology
) -> None:
    """Each format of a report has escapes of its own."""
    odd, site = Identity("pseudonym", 'x-"Zoë" & <b>d\'Ünalsson</b>'), place.folder.parent / "site"
    with place.open() as store:
        both = ada(identity=odd), ada(identity=GRACE, row=3, id="18")
        imported(store, ontology, place.folder / JOURNALS, "b1", *both)
    built(place.folder, site, ontology)
    assert left_over(site, "nalsson")
    with place.open() as store:
        done = forget(store, ontology, odd, place.folder)
    (report,) = clear_reports([odd], place.folder)
    assert not report.why
    assert done.naming == ()  # what is noted until all is done goes by itself
    assert left_over(place.folder.parent, "nalsson") == []
    assert left_over(site, "Grace Hopper")


def test_a_process_that_is_killed_during_forget_leaves_no_copy(
    place: Place, ontology: Ontology
) -> None:
    """For example a query that began after the store was opened for writing."""
    with place.open() as store:
        place.import_both(store)
        killed_readers(place, store)
        assert forget(store, ontology, ADA, place.folder).reading == ()
        assert left_over(place.folder, NAME) == []


def test_a_pseudonym_given_as_a_username_is_reported(place: Place, ontology: Ontology) -> None:
    """With the option that is missing, or too much."""
    nick = Identity("pseudonym", "Sommer 17")
    with place.open() as store:
        imported(store, ontology, place.folder / JOURNALS, "b1", ada(identity=nick))
        with pytest.raises(NotFound) as told:
            forget(store, ontology, Identity("wikimedia_username", "Sommer 17"), place.folder)
        assert told.value.hint == "run the same command with --pseudonym"


@pytest.mark.parametrize("name", ["Value", "Q1"])
def test_a_word_of_the_format_is_nobody(name: str, place: Place, ontology: Ontology) -> None:
    """The JSON of an entity has words of its own, and ids."""
    with place.open() as store:
        imported(store, ontology, place.folder / JOURNALS, "b1", ada(identity=GRACE))
        named = Identity("wikimedia_username", name)
        texts = forget(store, ontology, named, place.folder, unseen=True).texts
        assert place.item(store, GRACE).entity.id not in texts


@pytest.mark.parametrize("still", [False, True])
def test_what_others_wrote_of_them_elsewhere(
    still: bool, place: Place, ontology: Ontology
) -> None:
    """Blanked in older revisions; where the newest names them, it is reported."""
    with place.open() as store:
        place.import_both(store)
        stored = place.item(store, GRACE)
        named = replace(stored.entity, descriptions={"en": f"works with {NAME}"})
        stored = store.revise(named, stored, EditInfo(user="Editor"))
        if not still:
            other = replace(stored.entity, descriptions={"en": "works with others"})
            store.revise(other, stored, EditInfo(user="Editor"))
        done = forget(store, ontology, ADA, place.folder)
        if still:
            assert done.texts == (stored.entity.id,)
            assert re.search(
                f"{stored.entity.id}: a text there", "\n".join(done.lines("", ontology))
            )
            other = replace(stored.entity, descriptions={"en": "works with others"})
            store.revise(other, place.item(store, GRACE), EditInfo(user="Editor"))
            done = forget(store, ontology, ADA, place.folder)
        assert done.texts == ()
    assert left_over(place.folder, NAME) == []
    with place.open() as store:
        assert place.item(store, GRACE).entity.descriptions == {"en": "works with others"}
