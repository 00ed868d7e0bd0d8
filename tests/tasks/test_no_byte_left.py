"""After `forget`, no file contains anything of the person, whatever happened to the item."""

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.tasks.events import ADA, EVENTS, GRACE, NAME, Place, built, left_over
from tests.tasks.people import ada, imported
from wbskills.cli import main
from wbskills.domain import Identity
from wbskills.errors import StoreError, WbskillsError
from wbskills.ontology.entries import Ontology
from wbskills.private_records.traces import BuiltReport, Traces
from wbskills.stores import open_folder
from wbskills.tasks import copies, publishing, reports
from wbskills.tasks.copies import (
    clear_copy,
    clear_reports,
    forget_in_copies,
    forget_in_copy,
)
from wbskills.tasks.forget_receipt import Removal, RemovedItem
from wbskills.tasks.forgetting import forget
from wbskills.tasks.ontologies import apply_ontology, binding_of
from wbskills.tasks.personal_data import spellings
from wbskills.tasks.pulling import pull
from wbskills.testing import ServedWikibase, serving
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.journal.read import JOURNALS
from wbskills.wikibase.model.entities import Entity
from wbskills.wikibase.remote.login import Secret
from wbskills.wikibase.remote.profile import Login, Profile
from wbskills.wikibase.remote.reader import RemoteSource
from wbskills.wikibase.remote.wikibase import RemoteWikibase


@pytest.fixture(params=EVENTS, ids=lambda event: event.__name__)
def place(request: pytest.FixtureRequest, folder: Path, ontology: Ontology) -> Place:
    """A store with two people; the item of one was edited."""
    place = Place(folder, ontology)
    with place.open() as store:
        place.import_both(store)
        # Kept answers, a copy of the triples, and what an earlier process left in the log.
        store.select("SELECT * { ?s ?p ?o }")
        request.param(place, store)
    return place


def test_no_byte_is_left(place: Place, ontology: Ontology) -> None:
    """Neither the name in any spelling nor an answer; other people are complete."""
    with place.open() as store:
        forget(store, ontology, ADA, place.folder)
        there = [place.item(store, GRACE).entity.labels["en"]] if _is_there(place, store) else []
    needles = (*spellings(NAME), *place.evidence)
    assert left_over(place.folder, *needles) == []
    assert left_over(place.folder, "Grace Hopper") or not there
    with place.open() as store:
        assert not any(NAME in line for line in store.triples())
        assert list(store.find_damage()) == []


def _is_there(place: Place, store: Embedded) -> bool:
    known = binding_of(store, place.ontology).property("wikimedia_username")
    return bool(store.find_by_identifier(known, [GRACE.name]))


def test_a_report_that_was_being_built_meanwhile_is_not_published(
    folder: Path, tmp_path: Path, ontology: Ontology, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queries it ran before still name them."""
    place, asked = Place(folder, ontology), reports.report_content

    def ask(*given: object, **more: object) -> object:
        content = asked(*given, **more)  # type: ignore[arg-type] # passed on
        with place.open() as store:
            forget(store, ontology, ADA, folder)
        return content

    with place.open() as store:
        place.import_both(store)
    monkeypatch.setattr(reports, "report_content", ask)
    with pytest.raises(WbskillsError, match="a person was removed"):
        built(folder, tmp_path / "site", ontology)
    assert left_over(tmp_path, *spellings(NAME), *place.evidence) == []
    assert not (tmp_path / "site").exists()


def test_no_report_is_built_while_a_person_is_being_forgotten(
    folder: Path, tmp_path: Path, ontology: Ontology
) -> None:
    """Nor after an interruption, until the run is completed."""
    with pytest.raises(KeyboardInterrupt), Traces(folder).forgetting():
        raise KeyboardInterrupt
    with pytest.raises(StoreError, match="being removed"):
        built(folder, tmp_path / "site", ontology)
    with Traces(folder).forgetting():
        pass
    assert built(folder, tmp_path / "site", ontology)


def test_a_name_left_by_a_kill_amid_its_note_goes_with_the_next_run(tmp_path: Path) -> None:
    """The names to forget are first written to a temporary file, which a kill leaves behind."""
    left = tmp_path / "forgetting.json.0badcafe"
    left.write_text(NAME)

    with Traces(tmp_path).forgetting():
        pass

    assert [each.name for each in tmp_path.iterdir()] == ["forgetting.json"]


def test_an_interrupted_run_is_not_complete_after_forgetting_someone_else(
    folder: Path, tmp_path: Path, ontology: Ontology
) -> None:
    """It is ended first, and until then no report is built."""
    place = Place(folder, ontology)

    def break_off(_: object) -> None:
        raise KeyboardInterrupt

    with place.open() as store:
        place.import_both(store)
        with pytest.raises(KeyboardInterrupt):
            forget(store, ontology, ADA, folder, clear_copies=break_off)
        with pytest.raises(StoreError, match="another person") as told:
            forget(store, ontology, GRACE, folder)
        assert told.value.hint.startswith(f"run “wbskills forget '{NAME}'”")
        with pytest.raises(StoreError, match="being removed"):
            built(folder, tmp_path / "site", ontology)
        forget(store, ontology, ADA, folder)
        forget(store, ontology, GRACE, folder)
    assert left_over(folder, *spellings(NAME), *spellings(GRACE.name)) == []


def test_a_report_that_names_them_is_built_again(
    folder: Path, tmp_path: Path, ontology: Ontology
) -> None:
    """One that does not is left alone; one that cannot be built is removed."""
    place = Place(folder, ontology)
    built(folder, tmp_path / "empty", ontology)
    with place.open() as store:
        place.import_both(store)
    built(folder, tmp_path / "site", ontology)
    assert left_over(tmp_path / "site", "Ada")
    shutil.copytree(tmp_path / "site", tmp_path / "lost")
    (tmp_path / "site.0123abcd").mkdir()  # of a build that was killed
    shutil.copytree(tmp_path / "site", tmp_path / "site.0123abcd", dirs_exist_ok=True)
    Traces(folder).note_report(
        BuiltReport(folder=str(tmp_path / "lost"), wikibase=str(tmp_path / "no"), title="A & B")
    )
    with place.open() as store:
        forget(store, ontology, ADA, folder)
    done = {copy.place.name: copy for copy in clear_reports([ADA], folder)}
    assert left_over(tmp_path, *spellings(NAME), *place.evidence) == []
    assert left_over(tmp_path / "site", "Grace Hopper")
    assert done.keys() == {"site", "lost"}
    assert done["lost"].removed
    assert "--title 'A & B'" in list(done["lost"].lines())[-1]


def test_whose_name_is_a_word_of_the_map_takes_no_report_away(
    folder: Path, tmp_path: Path, ontology: Ontology
) -> None:
    """A person has the name of a skill: the report is built again, and still has the skill."""
    place, python = Place(folder, ontology), Identity("wikimedia_username", "Python")
    with place.open() as store:
        journals = folder / JOURNALS
        imported(store, ontology, journals, "b1", ada(identity=python), ada(identity=GRACE))
    built(folder, tmp_path / "site", ontology)
    with place.open() as store:
        forget(store, ontology, python, folder)
    (done,) = clear_reports([python], folder)
    assert not done.why
    assert left_over(tmp_path / "site", "Grace Hopper")


def test_a_report_whose_removal_was_interrupted_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts as a report until it is empty."""
    site, unlink = tmp_path / "site.0123abcd.old", Path.unlink
    (site / "b").mkdir(parents=True)
    (tmp_path / "site").mkdir()
    mark = f"{publishing._HEAD}\na.html\nb/c.html\n"
    for name, text in ((publishing.MARKER, mark), ("a.html", NAME), ("b/c.html", NAME)):
        (site / name).write_text(text, encoding="utf-8")

    def break_off(path: Path, *, missing_ok: bool = False) -> None:
        unlink(path, missing_ok=missing_ok)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", break_off)
        with pytest.raises(KeyboardInterrupt):
            publishing.take_down(tmp_path / "site")
    assert left_over(site, NAME)
    publishing.take_down(tmp_path / "site")
    assert not site.exists()


@pytest.fixture
def wiki(ontology: Ontology) -> Iterator[ServedWikibase]:
    """A Wikibase that is used as the remote one."""
    with serving() as served:
        list(apply_ontology(served.store, ontology))
        yield served


def profile(wiki: ServedWikibase, state: Path) -> Profile:
    """Describe how to reach it."""
    return Profile(
        name="near", api=wiki.api, sparql=wiki.sparql, login=Login.BOT_PASSWORD,
        user=wiki.bot_user, edits_per_minute=0, state=state,
    )  # fmt: skip


def pulled(wiki: ServedWikibase, near: Profile, mirror: Path) -> None:
    """Update the mirror from the wiki."""
    Traces(near.state).note_mirror(mirror)
    with RemoteSource(near, Secret({"password": wiki.bot_password})) as source:
        pull(source, mirror, {})


def test_on_our_side_of_a_wiki_nothing_is_left(
    wiki: ServedWikibase, tmp_path: Path, ontology: Ontology
) -> None:
    """In state, journals, kept answers, mirrors and reports; what the wiki keeps is named."""
    near, mirror = profile(wiki, tmp_path / "state"), tmp_path / "mirror"
    place = Place(near.state, ontology)
    with RemoteWikibase(near, Secret({"password": wiki.bot_password})) as remote:
        place.import_both(remote)
        pulled(wiki, near, mirror)
        built(mirror, tmp_path / "site", ontology)
        assert left_over(tmp_path / "site", "Ada")
        done = forget(remote, ontology, ADA, near.state)
        copies = list(forget_in_copies(ontology, [ADA], near.state))
    assert done.histories == (done.items[0].id,)
    assert [copy.place.name for copy in copies] == ["mirror", "site"]
    assert left_over(tmp_path, *spellings(NAME), *place.evidence) == []
    pulled(wiki, near, mirror)
    assert left_over(tmp_path, *spellings(NAME), *place.evidence) == []
    assert left_over(mirror, "Grace Hopper")


@pytest.mark.parametrize(
    ("owner", "deed"),
    [(RemoteWikibase, "delete"), (RemoteWikibase, "clean_up"), (Embedded, "clean_up")],
)
def test_an_interrupted_run_on_a_wiki_is_completed_by_the_same_command(
    owner: type,
    deed: str,
    wiki: ServedWikibase,
    tmp_path: Path,
    ontology: Ontology,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And names the items whose history the wiki keeps, though journals know them no more."""
    near, mirror = profile(wiki, tmp_path / "state"), tmp_path / "mirror"
    place, does = Place(near.state, ontology), getattr(owner, deed)

    def break_off(*given: object) -> None:
        does(*given)
        raise KeyboardInterrupt

    def run(remote: RemoteWikibase) -> Removal:
        return forget(
            remote, ontology, ADA, near.state,
            clear_copies=lambda names: list(forget_in_copies(ontology, names, near.state)),
        )  # fmt: skip

    with RemoteWikibase(near, Secret({"password": wiki.bot_password})) as remote:
        place.import_both(remote)
        her = place.item(remote).entity.id
        pulled(wiki, near, mirror)
        with monkeypatch.context() as patch:
            patch.setattr(owner, deed, break_off)
            with pytest.raises(KeyboardInterrupt):
                run(remote)
        assert run(remote).histories == (her,)
    assert her not in wiki.store.read([her])
    assert left_over(tmp_path, *spellings(NAME), *place.evidence) == []
    assert left_over(mirror, "Grace Hopper")


def test_a_history_is_named_beside_what_others_are_asked_to_delete(ontology: Ontology) -> None:
    """One item could not be deleted, and another is gone and has its history."""
    emptied = RemovedItem("Q5", Counter(), (), deleted=False)
    done = Removal(
        items=(emptied,), journal_edits=0, suggestions=0, new=True, histories=("Q5", "Q7"),
        mentions=(), unread=(),
    )  # fmt: skip
    lines = "\n".join(done.lines(NAME, ontology))
    assert "Please delete [[Special:EntityPage/Q5]]" in lines
    assert "The history of Q7 still shows" in lines


@pytest.mark.parametrize("deed", ["forget_in_copy", "_build_again"])
def test_an_interrupted_run_on_a_mirror_is_completed_by_the_same_command(
    deed: str,
    wiki: ServedWikibase,
    tmp_path: Path,
    ontology: Ontology,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Though nobody of that name is in it any more; until then no report is built of it."""
    near, mirror = profile(wiki, tmp_path / "state"), tmp_path / "mirror"
    place, does = Place(near.state, ontology), getattr(copies, deed)
    place.import_both(wiki.store)
    pulled(wiki, near, mirror)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text(NAME, encoding="utf-8")  # a quick report
    Traces(mirror).note_report(BuiltReport(folder=str(tmp_path / "site"), wikibase=str(mirror)))
    monkeypatch.setattr(copies, "build_report", lambda *_, **__: shutil.rmtree(tmp_path / "site"))

    def break_off(*given: object) -> None:
        if deed == "forget_in_copy":
            does(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(copies, deed, break_off)
        with pytest.raises(KeyboardInterrupt):
            list(clear_copy(mirror, ontology, [ADA]))
    with pytest.raises(StoreError, match="being removed"):
        Traces(mirror).state()
    again = CliRunner().invoke(main, ["forget", NAME, "--yes", "--wikibase", str(mirror)])
    assert again.exit_code == 0, again.output
    assert "are still in" in again.output
    Traces(mirror).state()
    assert left_over(mirror, *spellings(NAME), *place.evidence) == []
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("deed", ["deleted", "emptied", "merged"])
def test_a_mirror_follows_without_a_trace(
    deed: str, wiki: ServedWikibase, tmp_path: Path, ontology: Ontology
) -> None:
    """After they were forgotten at the source, the next pull leaves nothing here."""
    near, mirror = profile(wiki, tmp_path / "state"), tmp_path / "mirror"
    place = Place(near.state, ontology)
    place.import_both(wiki.store)
    pulled(wiki, near, mirror)
    stored = place.item(wiki.store)
    if deed == "deleted":
        wiki.store.remove(stored, EditInfo())
    elif deed == "merged":
        wiki.store.redirect(stored, place.item(wiki.store, GRACE).entity.id, EditInfo())
    else:
        wiki.store.revise(
            Entity(id=stored.entity.id, labels={"en": "removed"}), stored, EditInfo()
        )
    pulled(wiki, near, mirror)
    assert left_over(mirror, *spellings(NAME), *place.evidence) == []


def test_a_mirror_can_be_cleared_by_itself(
    wiki: ServedWikibase, tmp_path: Path, ontology: Ontology
) -> None:
    """The next pull does not copy them again, though the wiki still has them."""
    near, mirror = profile(wiki, tmp_path / "state"), tmp_path / "mirror"
    place = Place(near.state, ontology)
    place.import_both(wiki.store)
    pulled(wiki, near, mirror)
    (item,) = forget_in_copy(mirror, ontology, [ADA])
    assert left_over(mirror, *spellings(NAME), *place.evidence) == []
    place.revise(wiki.store, aliases={"en": ("Countess",)})
    pulled(wiki, near, mirror)
    assert left_over(mirror, *spellings(NAME), "Countess") == []
    with open_folder(str(mirror), write=False) as store:
        assert item not in store.read([item])


def test_wherever_it_is_killed_the_next_run_ends_it() -> None:
    """At a few points here; `scripts/kill_forget.py` does it at any number of them."""
    script = Path(__file__).parents[2] / "scripts" / "kill_forget.py"
    done = subprocess.run(
        [sys.executable, script, "--points", "8"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
