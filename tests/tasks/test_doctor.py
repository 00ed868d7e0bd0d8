"""Checking that a Wikibase is ready to use: each problem is found, with a hint."""

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wbskills.ontology.entries import Ontology
from wbskills.stores import open_folder
from wbskills.tasks import doctor
from wbskills.tasks.doctor import Check, CheckState, examine_folder, examine_profile
from wbskills.tasks.ontologies import apply_ontology
from wbskills.testing import ServedWikibase, serving
from wbskills.wikibase.model.edits import Change, Create
from wbskills.wikibase.model.entities import Entity
from wbskills.wikibase.remote.login import Secret
from wbskills.wikibase.remote.profile import Login, Profile
from wbskills.wikibase.remote.reader import RemoteSource
from wbskills.wikibase.remote.site_info import DiscoveredWiki
from wbskills.wikibase.server.accounts import add_bot_password


@pytest.fixture
def near(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[ServedWikibase, Profile]]:
    """A Wikibase on this machine, and a profile of it that is found by name."""
    with serving() as wiki:
        profile = Profile(
            name="near",
            api=wiki.api,
            sparql=wiki.sparql,
            login=Login.BOT_PASSWORD,
            user=wiki.bot_user,
            edits_per_minute=0,
            state=tmp_path / "state",
        )
        text = (
            f'[wikibase.near]\napi = "{wiki.api}"\nsparql = "{wiki.sparql}"\n'
            f'login = "bot-password"\nuser = "{wiki.bot_user}"\nstate = "state"\n'
        )
        (tmp_path / "wbskills.toml").write_text(text, encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("WBSKILLS_SECRET_NEAR", wiki.bot_password)
        yield wiki, profile


def bad(checks: Iterator[Check]) -> dict[str, Check]:
    """Pick what is bad."""
    return {check.name: check for check in checks if check.state is CheckState.BAD}


def test_a_wiki_without_the_ontology_is_ready(
    near: tuple[ServedWikibase, Profile], ontology: Ontology
) -> None:
    """Applying it comes next, and writing nothing has changed."""
    wiki, profile = near
    before = wiki.store.revision()
    checks = {each.name: each for each in examine_profile(profile, ontology)}
    assert checks["ontology"].state is CheckState.NOTE
    assert "ontology apply" in checks["ontology"].hint
    assert not [name for name, each in checks.items() if each.state is CheckState.BAD]
    assert wiki.store.revision() == before


def test_a_wrong_password_is_a_problem(
    near: tuple[ServedWikibase, Profile], ontology: Ontology, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What depends on the log-in is not checked."""
    monkeypatch.setenv("WBSKILLS_SECRET_NEAR", "wrong")
    checks = list(examine_profile(near[1], ontology))
    assert checks[-1].name == "log-in"
    assert checks[-1].state is CheckState.BAD
    assert checks[-1].hint


def test_a_wiki_that_does_not_answer_is_a_problem(
    near: tuple[ServedWikibase, Profile], ontology: Ontology
) -> None:
    """One line, with a hint."""
    (check,) = examine_profile(replace(near[1], api="http://127.0.0.1:9/w/api.php"), ontology)
    assert check.state is CheckState.BAD
    assert "does not answer" in check.found


def test_who_has_not_logged_in_may_not_write(
    near: tuple[ServedWikibase, Profile], ontology: Ontology
) -> None:
    """The check states that only reading is possible."""
    found = bad(examine_profile(replace(near[1], login=Login.NONE), ontology))
    assert list(found) == ["rights", "rights for the ontology"]
    assert found["rights"].hint == "run “wbskills init” to add a log-in"


def test_a_block_is_reported_with_its_author_and_reason(
    near: tuple[ServedWikibase, Profile], ontology: Ontology
) -> None:
    """The user has all rights, but cannot use them."""
    near[0].faults.blocked = "too many edits"
    found = bad(examine_profile(near[1], ontology))
    assert list(found) == ["block"]
    assert "blocked by Admin for ever: too many edits" in found["block"].found


def granted(wiki: ServedWikibase, monkeypatch: pytest.MonkeyPatch, *grants: str) -> None:
    """Log in by a bot password with other grants."""
    account = wiki.store.accounts.find(wiki.user)
    assert account is not None
    password = add_bot_password(wiki.store.accounts, account, "few", grants=grants)
    text = Path("wbskills.toml").read_text(encoding="utf-8")
    text = text.replace(wiki.bot_user, f"{wiki.user}@few")
    Path("wbskills.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("WBSKILLS_SECRET_NEAR", password)


@pytest.mark.parametrize(
    ("grants", "wrong"),
    [
        ((), {"rights": ("Edit existing pages", "Create, edit, and move pages")}),
        (("editpage",), {"rights": ("Create, edit, and move pages",)}),
        (("createeditmovepage",), {"rights": ("Edit existing pages",)}),
        (("editpage", "createeditmovepage"), {}),
    ],
)
def test_a_missing_right_is_reported_with_its_grant(
    near: tuple[ServedWikibase, Profile],
    ontology: Ontology,
    monkeypatch: pytest.MonkeyPatch,
    grants: tuple[str, ...],
    wrong: dict[str, tuple[str, ...]],
) -> None:
    """By the names that Special:BotPasswords shows."""
    granted(near[0], monkeypatch, *grants)
    profile = replace(near[1], user=f"{near[0].user}@few")
    checks = {each.name: each for each in examine_profile(profile, ontology)}
    bad_ones = {name for name, each in checks.items() if each.state is CheckState.BAD}
    assert bad_ones - {"rights for the ontology"} == set(wrong)
    for name, named in wrong.items():
        assert all(f"“{grant}”" in checks[name].hint for grant in named)
    assert checks["right “bot”"].state is CheckState.NOTE
    assert "High-volume" in checks["right “bot”"].hint


def test_the_right_to_make_properties_is_needed_as_long_as_some_are_missing(
    near: tuple[ServedWikibase, Profile], ontology: Ontology, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For imports alone, the right is not needed."""
    granted(near[0], monkeypatch, "editpage")
    profile = replace(near[1], user=f"{near[0].user}@few")
    (before,) = [
        each for each in examine_profile(profile, ontology) if each.name.startswith("rights for")
    ]
    list(apply_ontology(near[0].store, ontology))
    (after,) = [
        each for each in examine_profile(profile, ontology) if each.name.startswith("rights for")
    ]
    assert before.state is CheckState.BAD
    assert "creating properties (property-create)" in before.found
    assert after.state is CheckState.NOTE


def test_a_private_wiki_is_checked_after_the_log_in(
    near: tuple[ServedWikibase, Profile], ontology: Ontology
) -> None:
    """It is a Wikibase that answers less without a log-in."""
    near[0].faults.private = 1
    checks = {each.name: each for each in examine_profile(near[1], ontology)}
    assert not [check for check in checks.values() if check.state is CheckState.BAD]
    assert "private" in checks["address"].found
    assert checks["concept base"].found == near[0].entities
    found = bad(examine_profile(replace(near[1], login=Login.NONE), ontology))
    assert list(found) == ["log-in"]
    assert "can only be read after a log-in" in found["log-in"].found


def test_a_read_only_wiki_is_reported_without_waiting(
    near: tuple[ServedWikibase, Profile], ontology: Ontology
) -> None:
    """A log-in that it refuses is not reported as a lost answer."""
    near[0].faults.read_only = "Maintenance"
    lines: list[str] = []
    found = bad(examine_profile(near[1], ontology, lines.append))
    assert found["writing"].found == "the wiki is read-only: Maintenance"
    assert found["log-in"].found == "no log-in: the wiki is read-only: Maintenance"
    assert lines == []


def test_an_unusable_state_folder_is_reported(
    near: tuple[ServedWikibase, Profile], ontology: Ontology
) -> None:
    """And not as a fault of the ontology alone."""
    Path("state").write_text("in the way", encoding="utf-8")
    found = bad(examine_profile(near[1], ontology))
    assert "state folder" in found


def test_the_time_that_is_reckoned_is_that_of_the_rate_that_is_kept(
    near: tuple[ServedWikibase, Profile],
) -> None:
    """Nine tenths of what the wiki allows."""
    with RemoteSource(near[1], Secret({"password": near[0].bot_password})) as wiki:
        told = replace(wiki.site, edit_limit=90.0)
    check = doctor._limit(near[1], told)
    assert check.found == "81 edits a minute (of 90 by the wiki): 1,000 people in 13 minutes"


def test_another_concept_base_is_a_problem(
    near: tuple[ServedWikibase, Profile], ontology: Ontology
) -> None:
    """Every query would look for other addresses."""
    wiki, profile = near
    found = bad(examine_profile(replace(profile, concept_base="http://x.example/"), ontology))
    assert wiki.entities in found["concept base"].hint


@pytest.mark.parametrize("sparql", ["", "http://127.0.0.1:9/sparql"])
def test_a_missing_query_service_is_a_problem(
    near: tuple[ServedWikibase, Profile], ontology: Ontology, sparql: str
) -> None:
    """A mirror would do instead."""
    text = Path("wbskills.toml").read_text(encoding="utf-8")
    Path("wbskills.toml").write_text(text.replace(near[0].sparql, sparql), encoding="utf-8")
    near[0].store.write([Create("x", Entity(labels={"en": "x"}))], "test")
    found = bad(examine_profile(replace(near[1], sparql=sparql), ontology))
    assert list(found) == ["query service"]
    assert "store pull" in found["query service"].hint


def test_a_property_of_another_datatype_is_a_problem(
    near: tuple[ServedWikibase, Profile], ontology: Ontology
) -> None:
    """It is reported before any import."""
    label = ontology.properties["speaks"].terms.label()
    from wbskills.wikibase.model.entities import Kind

    theirs = Entity(kind=Kind.PROPERTY, datatype="string", labels={"en": label})
    near[0].store.write([Create("p", theirs)], "test")
    found = bad(examine_profile(near[1], ontology))
    assert "speaks" in found["ontology"].found


def test_the_lag_of_a_query_service_is_reported(
    near: tuple[ServedWikibase, Profile], ontology: Ontology, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the oldest edit that it does not show."""
    from wbskills.wikibase.remote.reader import RecentEdit

    when = datetime.now(UTC) - timedelta(minutes=90)
    monkeypatch.setattr(RemoteSource, "latest_edits", lambda *_: [RecentEdit("Q1", 999, when)])
    checks = {each.name: each for each in examine_profile(near[1], ontology)}
    assert checks["query service"].state is CheckState.NOTE
    assert "at least 90 minutes behind" in checks["query service"].found


@pytest.mark.parametrize(
    ("version", "state"),
    [
        ("MediaWiki 1.43.9", CheckState.GOOD),
        ("MediaWiki 1.31.0", CheckState.BAD),
        ("MediaWiki 1.45.0-wmf.3", CheckState.GOOD),
        ("", CheckState.BAD),
    ],
)
def test_old_versions_are_bad(tmp_path: Path, version: str, state: CheckState) -> None:
    """Their API was never tested."""
    profile = Profile(name="x", api="http://localhost/", state=tmp_path)
    told = DiscoveredWiki(api="http://localhost/", version=version)
    checks = {each.name: each for each in doctor._address(profile, told)}
    assert checks["version"].state is state


def test_a_good_folder_is_good(tmp_path: Path, ontology: Ontology) -> None:
    """Every check passes, also while another process writes."""
    place = str(tmp_path / "store")
    with open_folder(place) as store:
        list(apply_ontology(store, ontology))
        assert {each.state for each in examine_folder(place, ontology)} <= {
            CheckState.GOOD,
            CheckState.NOTE,
        }
    assert {each.state for each in examine_folder(place, ontology)} == {CheckState.GOOD}


def test_triples_that_do_not_follow_are_found(tmp_path: Path, ontology: Ontology) -> None:
    """As after putting back a part of another copy of the folder, of the same age."""
    place = tmp_path / "store"
    with open_folder(str(place)) as store:
        list(apply_ontology(store, ontology))
    shutil.copytree(place, tmp_path / "copy")
    for folder, name in ((place, "Q1"), (tmp_path / "copy", "Q2")):
        with open_folder(str(folder)) as store:
            base = store.read([name])[name].revision
            store.write([Change(key="", id=name, base=base, labels={"en": "new"})], "test")
    shutil.rmtree(tmp_path / "copy" / "triples")
    shutil.copytree(place / "triples", tmp_path / "copy" / "triples")
    found = bad(examine_folder(str(tmp_path / "copy"), ontology))
    assert "triples of 2 entities" in found["integrity"].found
    assert "rebuild" in found["integrity"].hint


def test_a_damaged_file_is_found(tmp_path: Path, ontology: Ontology) -> None:
    """There is no traceback."""
    place = tmp_path / "store"
    with open_folder(str(place)) as store:
        list(apply_ontology(store, ontology))
    with sqlite3.connect(place / "entities.sqlite") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file = place / "entities.sqlite"
    data = bytearray(file.read_bytes())
    for start in range(8192, len(data), 4096 * 7):
        data[start : start + 200] = b"\xa5" * 200
    file.write_bytes(data)
    assert bad(examine_folder(str(place), ontology))
