"""The state belongs to the wiki, whichever profile reaches it; and it is private."""

import hashlib
import shutil
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.wikibase.remote.disturbed_wiki import FIRST, SECOND, TODAY, DisturbedWiki
from wbskills.cli import main
from wbskills.domain import Identity, Response
from wbskills.errors import StoreError
from wbskills.private_records.candidates import Candidates, Decision
from wbskills.private_records.forgotten import Forgotten
from wbskills.stores import migrate_state, open_store, records_folder
from wbskills.tasks.forgetting import forget
from wbskills.tasks.imports import Import
from wbskills.wikibase.interface import OpenWikibase, Written
from wbskills.wikibase.journal.read import JOURNALS, BatchHeader, list_batches
from wbskills.wikibase.journal.write import Journal
from wbskills.wikibase.model.edits import Create
from wbskills.wikibase.model.entities import Entity
from wbskills.wikibase.remote.profile import FILE, load_profiles, state_folder
from wbskills.wikibase.remote.state import LocalState

ADA = Identity("wikimedia_username", "Person 1")

NAMES = ("one", "two")


@pytest.fixture
def two(wiki: DisturbedWiki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DisturbedWiki:
    """Two profiles of one wiki, written differently."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    apis = (wiki.served.api, wiki.served.api.replace("127.0.0.1", "LOCALHOST"))
    text = ""
    for name, api in zip(NAMES, apis, strict=True):
        monkeypatch.setenv(f"WBSKILLS_SECRET_{name.upper()}", wiki.password)
        text += (
            f'[wikibase.{name}]\napi = "{api}"\nsparql = "{wiki.served.sparql}"\n'
            f'login = "bot-password"\nuser = "{wiki.profile.user}"\n'
        )
    Path(FILE).write_text(text, encoding="utf-8")
    return wiki


def former(name: str) -> Path:
    """Tell where an earlier version kept what is remembered."""
    mark = hashlib.sha256(load_profiles()[name].api.encode()).hexdigest()[:8]
    return state_folder() / f"{name}-{mark}"


def imported(store: OpenWikibase, wiki: DisturbedWiki, people: list[Response], batch: str) -> int:
    """Import people by a store that was opened; gives the number of edits."""
    importing = Import(store, wiki.ontology, batch=batch, today=TODAY)
    made = len(importing.waves([FIRST, SECOND]))
    return made + sum(1 for _ in importing.responses(people))


def test_the_same_file_by_another_profile_changes_nothing(
    two: DisturbedWiki, people: list[Response]
) -> None:
    """One salt, so the response keys are the same."""
    with open_store("one") as store:
        assert imported(store, two, people[:4], "b1")
    with open_store("two") as store:
        assert imported(store, two, people[:4], "b2") == 0


def test_a_person_forgotten_through_one_profile_is_blocked_in_the_other(
    two: DisturbedWiki, people: list[Response]
) -> None:
    """The block is of the wiki."""
    with open_store("one") as store:
        imported(store, two, people[:4], "b1")
        forget(store, two.ontology, ADA, records_folder("one"))
    assert ADA in Forgotten(records_folder("two"))


@pytest.mark.usefixtures("two")
def test_a_profile_may_name_its_own_folder(tmp_path: Path) -> None:
    """Then nothing is shared, and nothing taken over."""
    text = Path(FILE).read_text(encoding="utf-8")
    Path(FILE).write_text(f'{text}state = "own"\n', encoding="utf-8")
    Forgotten(former("two")).add(ADA)
    assert records_folder("two") == tmp_path / "own"
    assert former("two").is_dir()
    assert records_folder("one") != records_folder("two")


def remembered(folder: Path, base: str, batch: str, name: str) -> bytes:
    """Make a folder as an earlier version had it; gives its salt."""
    state = LocalState(folder, base)
    salt = state.salt()
    state.close()
    Forgotten(folder).add(Identity("wikimedia_username", name))
    with Journal.begin(folder / JOURNALS, BatchHeader(batch=batch, command="test")) as journal:
        journal.done(journal.intend([Create("x", Entity())])[0], Written("Q1", 1))
    with Candidates(folder) as queue:
        queue.decide(Decision(wording=name, written=name, became="rejected"))
    return salt


def test_state_of_earlier_versions_is_merged(
    two: DisturbedWiki,
) -> None:
    """Both block lists, both journals, all decisions; the salt of the newest batch."""
    base = two.served.entities
    newer = remembered(former("one"), base, "20260303-000000-aaaa", "Ada")
    older = remembered(former("two"), base, "20250303-000000-bbbb", "Grace")
    lines: list[str] = []

    migrate_state("two", lines.append)
    migrate_state("one", lines.append)

    assert len(lines) == 2
    folder = records_folder("one")
    assert folder is not None
    assert folder == records_folder("two")
    assert [path.name for path in state_folder().iterdir()] == [folder.name]
    blocked = Forgotten(folder)
    assert all(Identity("wikimedia_username", name) in blocked for name in ("Ada", "Grace"))
    assert len(list_batches(folder / JOURNALS)) == 2
    with Candidates(folder) as queue:
        assert {decision.wording for decision in queue.decisions()} == {"Ada", "Grace"}
    state = LocalState(folder, base)
    kept = [state.salt(), state.setting(f"salt of {former('one').name}")]
    state.close()
    assert sorted(kept) == sorted([newer, older])
    migrate_state("one", lines.append)
    assert len(lines) == 2


def test_the_newest_batch_decides_the_salt(two: DisturbedWiki) -> None:
    """Not the name of the profile, nor which one is used first."""
    base = two.served.entities
    mark = former("one").name.removeprefix("one-")
    remembered(state_folder() / f"zeta-{mark}", base, "20250303-000000-bbbb", "Ada")
    newer = remembered(state_folder() / f"alpha-{mark}", base, "20260303-000000-aaaa", "Grace")
    with open_store("one") as store:
        assert store.salt() == newer


def test_an_unreadable_block_list_is_never_lost(two: DisturbedWiki) -> None:
    """Nothing is imported until it is fixed."""
    base = two.served.entities
    remembered(former("one"), base, "20260303-000000-aaaa", "Ada")
    shutil.copytree(former("one"), former("one").with_name(f"z-{former('one').name[4:]}"))
    damaged = former("one").with_name(f"z-{former('one').name[4:]}") / "forgotten.json"
    damaged.write_text("{", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(StoreError, match="the list of removed people"):
            records_folder("one")
    assert len(list(state_folder().rglob("forgotten.json"))) == 2


def test_state_about_another_concept_base_is_left_alone(two: DisturbedWiki) -> None:
    """A profile may have named another one, by mistake or on purpose."""
    mark = former("one").name.removeprefix("one-")
    remembered(former("one"), two.served.entities, "20260303-000000-aaaa", "Ada")
    other = state_folder() / f"other-{mark}"
    remembered(other, "http://other.example/entity/", "20250303-000000-bbbb", "Grace")
    folder = records_folder("one")
    assert other.is_dir()
    assert Identity("wikimedia_username", "Grace") not in Forgotten(folder)


def test_a_command_says_that_it_migrated_state(two: DisturbedWiki) -> None:
    """On stderr, the first time."""
    remembered(former("one"), two.served.entities, "20260303-000000-aaaa", "Ada")
    first, second = (
        CliRunner().invoke(main, ["batch", "list", "--wikibase", "one"]) for _ in range(2)
    )
    assert "20260303-000000-aaaa" in first.stdout
    assert "moved from" in first.stderr
    assert not second.stderr


def test_a_state_folder_is_for_one_wiki(wiki: DisturbedWiki) -> None:
    """Another concept base is another Wikibase: its names would be taken for ours."""
    with wiki.remote() as remote:
        remote.salt()
    other = wiki.remote(concept_base="http://other.example/entity/")
    with other as remote, pytest.raises(StoreError, match="another Wikibase"):
        remote.salt()


def test_the_state_and_the_journals_are_private(
    wiki: DisturbedWiki, people: list[Response]
) -> None:
    """They contain who answered what."""
    wiki.import_all(people[:3])

    for folder in (wiki.folder / "state", wiki.folder / "journals"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        for file in folder.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
