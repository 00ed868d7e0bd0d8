"""Copying a Wikibase into a folder: the same entities, whatever happened at the source."""

import bz2
import gzip
import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from wbskills.errors import NotFound, StoreError
from wbskills.stores import open_folder
from wbskills.tasks.pulling import PullResult, pull, pull_dump
from wbskills.testing import ServedWikibase, serving
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.model.edits import Change, Create
from wbskills.wikibase.model.entities import Entity, Kind, Snak, Statement, Stored
from wbskills.wikibase.model.values import EntityRef, Text
from wbskills.wikibase.model.wire import entity_to_json
from wbskills.wikibase.remote.login import Secret
from wbskills.wikibase.remote.profile import Login, Profile
from wbskills.wikibase.remote.reader import Dump, RemoteSource

NOTE = EditInfo(summary="test", user="Tester")


@pytest.fixture
def wiki() -> Iterator[ServedWikibase]:
    """A small Wikibase: a property and three items that name each other."""
    with serving() as served:
        store = served.store
        store.write([Create("p", Entity(kind=Kind.PROPERTY, datatype="wikibase-item",
                                        labels={"en": "knows"}))], "test")  # fmt: skip
        for name in ("Ada", "Grace", "Joan"):
            store.write([Create(name, Entity(labels={"en": name}, descriptions={"en": "x"}))], "t")
        knows = Statement(Snak("P1", EntityRef("Q2"), "wikibase-item"))
        base = store.read(["Q1"])["Q1"].revision
        store.write([Change(key="", id="Q1", base=base, statements=(knows,))], "test")
        yield served


def source_of(wiki: ServedWikibase, state: Path) -> RemoteSource:
    """Open a Wikibase for reading."""
    profile = Profile(
        name="near",
        api=wiki.api,
        login=Login.BOT_PASSWORD,
        user=wiki.bot_user,
        edits_per_minute=0,
        state=state,
    )
    return RemoteSource(profile, Secret({"password": wiki.bot_password}))


def pulled(wiki: ServedWikibase, folder: Path) -> PullResult:
    """Update the copy in a folder."""
    with source_of(wiki, folder / "state") as source:
        return pull(source, folder / "mirror", {})


def mirrored(folder: Path) -> dict[str, Entity]:
    """Read everything that a mirror has."""
    with open_folder(str(folder / "mirror"), write=False) as store:
        names = [f"{letter}{number}" for letter in "PQ" for number in range(1, 20)]
        return {name: stored.entity for name, stored in store.read(names).items()}


def there(wiki: ServedWikibase) -> dict[str, Entity]:
    """Read everything that a Wikibase has."""
    names = [f"{letter}{number}" for letter in "PQ" for number in range(1, 20)]
    return {name: stored.entity for name, stored in wiki.store.read(names).items()}


def one(wiki: ServedWikibase, name: str) -> Stored:
    """Read one entity of a Wikibase."""
    return wiki.store.read([name])[name]


def lines_of(folder: Path, *, without: str = "") -> list[str]:
    """List the triples of a mirror."""
    with open_folder(str(folder / "mirror"), write=False) as store:
        return sorted(line for line in store.triples() if not without or without not in line)


def test_all_is_there_under_the_same_ids(wiki: ServedWikibase, tmp_path: Path) -> None:
    """GUIDs too, and the addresses are those of the source."""
    done = pulled(wiki, tmp_path)
    assert (done.new, done.changed, done.removed) == (4, 0, 0)
    assert mirrored(tmp_path) == there(wiki)
    with open_folder(str(tmp_path / "mirror"), write=False) as store:
        assert store.concept_base == wiki.entities
        assert store.find_property("knows") == "P1"


def test_only_changed_entities_are_read(wiki: ServedWikibase, tmp_path: Path) -> None:
    """From the second time on."""
    pulled(wiki, tmp_path)
    wiki.store.write([Change(key="", id="Q3", base=one(wiki, "Q3").revision,
                             labels={"en": "Johanna"})], "test")  # fmt: skip
    wiki.store.write([Create("new", Entity(labels={"en": "Katherine"}))], "test")
    done = pulled(wiki, tmp_path)
    assert (done.seen, done.new, done.changed) == (2, 1, 1)
    assert mirrored(tmp_path) == there(wiki)
    assert pulled(wiki, tmp_path).seen == 0


def test_deletions_and_redirects_are_followed(wiki: ServedWikibase, tmp_path: Path) -> None:
    """A link to a redirect leads to its target."""
    pulled(wiki, tmp_path)
    wiki.store.remove(one(wiki, "Q3"), NOTE)
    wiki.store.redirect(one(wiki, "Q2"), "Q1", NOTE)
    done = pulled(wiki, tmp_path)
    assert (done.removed, done.redirected) == (1, 1)
    assert mirrored(tmp_path) == there(wiki)
    same = f"<{wiki.entities}Q2> <http://www.w3.org/2002/07/owl#sameAs> <{wiki.entities}Q1> ."
    assert same in lines_of(tmp_path)


def test_what_was_restored_is_there_again(wiki: ServedWikibase, tmp_path: Path) -> None:
    """Though it was no edit."""
    pulled(wiki, tmp_path)
    wiki.store.remove(one(wiki, "Q3"), NOTE)
    pulled(wiki, tmp_path)
    wiki.store.restore("Q3", NOTE)
    assert pulled(wiki, tmp_path).new == 1
    assert mirrored(tmp_path) == there(wiki)


def test_two_items_may_have_changed_names_with_each_other(
    wiki: ServedWikibase, tmp_path: Path
) -> None:
    """The source may hold, for a moment, what the lock of labels forbids."""
    pulled(wiki, tmp_path)
    for name, label in (("Q1", "another"), ("Q2", "Ada"), ("Q1", "Grace")):
        edit = Change(key="", id=name, base=one(wiki, name).revision, labels={"en": label})
        wiki.store.write([edit], "test")
    pulled(wiki, tmp_path)
    assert mirrored(tmp_path) == there(wiki)


def test_an_interrupted_pull_continues(
    wiki: ServedWikibase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entities that were copied are not read again."""
    from wbskills.tasks import pulling

    monkeypatch.setattr(pulling, "_SIZE", 2)

    def stop(_: object) -> None:
        raise KeyboardInterrupt

    with source_of(wiki, tmp_path) as source, pytest.raises(KeyboardInterrupt):
        pull(source, tmp_path / "mirror", {}, stop)
    assert len(mirrored(tmp_path)) == 2
    done = pulled(wiki, tmp_path)
    assert (done.seen, done.new) == (4, 2)
    assert mirrored(tmp_path) == there(wiki)


def test_triples_are_those_of_the_source(wiki: ServedWikibase, tmp_path: Path) -> None:
    """But for the numbers of revisions."""
    pulled(wiki, tmp_path)
    version = "<http://schema.org/version>"
    assert lines_of(tmp_path, without=version) == sorted(
        line for line in wiki.store.triples() if version not in line
    )


def test_a_store_that_is_not_a_mirror_is_not_overwritten(
    wiki: ServedWikibase, tmp_path: Path
) -> None:
    """Nor is a mirror of another Wikibase."""
    with open_folder(str(tmp_path / "mirror")) as store:
        store.write([Create("x", Entity(labels={"en": "mine"}))], "test")
    with pytest.raises(StoreError, match="of its own"):
        pulled(wiki, tmp_path)


def test_a_mirror_of_another_wiki_is_refused(wiki: ServedWikibase, tmp_path: Path) -> None:
    """Two wikis use the same ids for different entities."""
    pulled(wiki, tmp_path)
    with serving() as other, pytest.raises(StoreError, match="mirrors"):
        pulled(other, tmp_path)


def dumped(wiki: ServedWikibase, file: Path, *, end: str = "]\n") -> Path:
    """Write a JSON dump as Wikibase does."""
    lines = []
    for name in there(wiki):
        stored = one(wiki, name)
        more = {"lastrevid": stored.revision, "modified": stored.modified}
        lines.append(json.dumps({**entity_to_json(stored.entity), **more}))
    lines.insert(1, json.dumps({"type": "lexeme", "id": "L1"}))
    data = ("[\n" + ",\n".join(lines) + "\n" + end).encode()
    if file.suffix == ".gz":
        data = gzip.compress(data)
    elif file.suffix == ".bz2":
        data = bz2.compress(data)
    file.write_bytes(data)
    return file


@pytest.mark.parametrize("name", ["all.json", "all.json.gz", "all.json.bz2"])
def test_a_dump_gives_the_same(wiki: ServedWikibase, tmp_path: Path, name: str) -> None:
    """And reading on from the wiki finds nothing new."""
    dump = Dump(dumped(wiki, tmp_path / name))
    done = pull_dump(dump, wiki.entities, tmp_path / "mirror", {})
    assert (done.new, done.removed) == (4, 0)
    assert mirrored(tmp_path) == there(wiki)
    after = pulled(wiki, tmp_path)
    assert (after.new, after.changed) == (0, 0)


def test_a_dump_takes_nothing_back(wiki: ServedWikibase, tmp_path: Path) -> None:
    """Entities newer than the dump stay; entities deleted before it are removed."""
    pulled(wiki, tmp_path)
    wiki.store.remove(one(wiki, "Q3"), NOTE)
    wiki.store.write([Create("y", Entity(labels={"en": "Y"}))], "test")
    dump = dumped(wiki, tmp_path / "all.json")
    wiki.store.write([Create("new", Entity(labels={"en": "Katherine"}))], "test")
    edit = Change(key="", id="Q1", base=one(wiki, "Q1").revision, labels={"en": "Augusta"})
    wiki.store.write([edit], "test")
    pulled(wiki, tmp_path)
    pull_dump(Dump(dump), wiki.entities, tmp_path / "mirror", {})
    assert mirrored(tmp_path) == there(wiki)


@pytest.mark.parametrize(
    ("name", "cut"), [("all.json", 40), ("all.json.gz", 40), ("all.json.bz2", 40)]
)
def test_a_truncated_dump_is_reported(
    wiki: ServedWikibase, tmp_path: Path, name: str, cut: int
) -> None:
    """Nothing is deleted for being missing in it."""
    pulled(wiki, tmp_path)
    file = dumped(wiki, tmp_path / name)
    file.write_bytes(file.read_bytes()[:-cut])
    with pytest.raises(StoreError, match=name):
        pull_dump(Dump(file), wiki.entities, tmp_path / "mirror", {})
    assert mirrored(tmp_path) == there(wiki)


def test_a_dump_without_its_end_is_reported(wiki: ServedWikibase, tmp_path: Path) -> None:
    """It may lack any number of entities."""
    file = dumped(wiki, tmp_path / "all.json", end="")
    with pytest.raises(StoreError, match="cut off"):
        pull_dump(Dump(file), wiki.entities, tmp_path / "mirror", {})


def test_a_missing_dump_is_reported(tmp_path: Path) -> None:
    """Before anything is made."""
    with pytest.raises(NotFound):
        Dump(tmp_path / "none.json")


def test_ids_that_a_profile_gives_come_along(wiki: ServedWikibase, tmp_path: Path) -> None:
    """Reports on the mirror need them."""
    with source_of(wiki, tmp_path) as source:
        pull(source, tmp_path / "mirror", {"speaks": "P1"})
    with open_folder(str(tmp_path / "mirror"), write=False) as store:
        assert dict(store.entities) == {"speaks": "P1"}


def test_text_of_any_kind_survives(wiki: ServedWikibase, tmp_path: Path) -> None:
    """Terms and values are taken as they are."""
    wiki.store.write([Create("t", Entity(kind=Kind.PROPERTY, datatype="string",
                                         labels={"en": "says"}))], "test")  # fmt: skip
    odd = Entity(labels={"en": "“<b>\u202eAda"}, aliases={"ar": ("ا", "ب")}, statements=(
        Statement(Snak("P2", Text('"\\ \u2028'), "string")),
    ))  # fmt: skip
    wiki.store.write([Create("odd", replace(odd, id=""))], "test")
    pulled(wiki, tmp_path)
    assert mirrored(tmp_path) == there(wiki)


def test_a_mirror_keeps_nothing_of_what_was_there_before(
    wiki: ServedWikibase, tmp_path: Path
) -> None:
    """People removed or emptied at the source are in no file of the mirror after the next pull."""
    secret = Entity(labels={"en": "Hypatia"}, descriptions={"en": "Theano"})
    wiki.store.write([Create("a", secret), Create("b", Entity(labels={"en": "Aspasia"}))], "t")
    pulled(wiki, tmp_path)
    labels = {"labels": {"en": "removed"}, "descriptions": {"en": "nobody"}}
    base = one(wiki, "Q4").revision
    wiki.store.write([Change(key="", id="Q4", base=base, **labels)], "test")  # type: ignore[arg-type] # terms
    wiki.store.remove(one(wiki, "Q5"), NOTE)
    pulled(wiki, tmp_path)
    assert mirrored(tmp_path) == there(wiki)
    with sqlite3.connect(tmp_path / "mirror" / "entities.sqlite") as database:
        kept = "".join(row[0] for row in database.execute("SELECT json FROM revision"))
    assert not {"Hypatia", "Theano", "Aspasia"} & set(re.findall(r"\w+", kept))
