"""What the embedded store keeps besides entities: history, deletions, redirects, search."""

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from wbskills.errors import EditConflict, LabelClash, NotFound
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.model.entities import Entity, Kind

ADDED = ("term", "editor", "gone", "used_up", "unsettled", "log", "account", "bot_password")


def item(label: str, description: str = "") -> Entity:
    """A new item with a label."""
    described = {"en": description} if description else {}
    return Entity(labels={"en": label}, descriptions=described)


def test_who_made_a_revision_is_kept(empty: Embedded) -> None:
    """Newest first, each with the one before it."""
    first = empty.revise(item("a"), None, EditInfo(summary="one", user="Ada"))
    second = empty.revise(
        Entity(id="Q1", labels={"en": "b"}), first, EditInfo(summary="two", user="Bot", bot=True)
    )

    history = empty.history.revisions_of("Q1")

    assert [(each.id, each.parent, each.edit.user, each.edit.bot) for each in history] == [
        (second.revision, first.revision, "Bot", True),
        (first.revision, 0, "Ada", False),
    ]
    assert empty.history.editors_since("Q1", first.revision) == {"Bot"}


def test_an_edit_on_an_old_revision_is_refused(empty: Embedded) -> None:
    """The caller has to merge first."""
    first = empty.revise(item("a"), None, EditInfo())
    empty.revise(Entity(id="Q1", labels={"en": "b"}), first, EditInfo())

    with pytest.raises(EditConflict):
        empty.revise(Entity(id="Q1", labels={"en": "c"}), first, EditInfo())
    with pytest.raises(EditConflict):
        empty.remove(first, EditInfo())


def test_labels_and_aliases_are_found_by_their_beginning(empty: Embedded) -> None:
    """Labels before aliases, the language that was asked for before its substitutes."""
    entity = Entity(labels={"en": "water"}, aliases={"en": ("aqua", "wasser")})
    stored = empty.revise(entity, None, EditInfo())
    empty.revise(Entity(labels={"de": "Wasser", "en": "wave"}), None, EditInfo())

    def found(text: str, *languages: str) -> list[str]:
        hits = empty.pages.search(text, languages, Kind.ITEM, 10)
        return [f"{hit.entity} {hit.text}" for hit in hits]

    assert found("wa", "en") == ["Q1 water", "Q2 wave"]
    assert found("was", "en") == ["Q1 wasser"]
    assert found("W", "de", "en") == ["Q2 Wasser"]
    assert found("%", "en") == []
    empty.revise(Entity(id="Q1", labels={"en": "ice"}), stored, EditInfo())
    assert found("wa", "en") == ["Q2 wave"]


def test_a_deleted_entity_comes_back_unless_its_label_was_taken(empty: Embedded) -> None:
    """Labels with descriptions are locked for what is there only."""
    stored = empty.revise(item("a", "d"), None, EditInfo())
    empty.remove(stored, EditInfo(user="Root"))
    assert empty.pages.deleted("Q1")
    other = empty.revise(item("a", "d"), None, EditInfo())
    assert other.entity.id == "Q2"

    with pytest.raises(LabelClash):
        empty.restore("Q1", EditInfo())
    assert empty.pages.deleted("Q1")

    empty.remove(other, EditInfo())
    assert empty.restore("Q1", EditInfo()).entity == stored.entity
    with pytest.raises(NotFound):
        empty.restore("Q1", EditInfo())


def test_several_edits_are_made_together_or_not_at_all(empty: Embedded) -> None:
    """The second clashes, so the first is not made either."""
    first = empty.revise(item("a", "d"), None, EditInfo())
    second = empty.revise(item("b", "d"), None, EditInfo())
    lines = sorted(empty.triples())

    with pytest.raises(LabelClash):
        empty.revise_all(
            [
                (Entity(id="Q2", labels={"en": "c"}), second, EditInfo()),
                (item("a", "d"), None, EditInfo()),
            ]
        )

    assert empty.revision() == 2
    assert empty.read(["Q2"])["Q2"].entity.labels == {"en": "b"}
    assert sorted(empty.triples()) == lines
    assert first.entity.id == "Q1"


def test_an_id_that_was_used_up_is_not_given_again(empty: Embedded) -> None:
    """Nor one of an entity that is gone."""
    empty.skip_id(Kind.ITEM)
    stored = empty.revise(item("a"), None, EditInfo())
    assert stored.entity.id == "Q2"
    empty.redirect(stored, "Q9", EditInfo())
    assert empty.revise(item("b"), None, EditInfo()).entity.id == "Q3"


KILLED = """
import os, signal, sys
from wbskills.wikibase.embedded.derived import DerivedData
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.embedded.store import Embedded

store = Embedded(sys.argv[1])
DerivedData.update_outdated = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
stored = store.read(["Q1"])["Q1"]
if sys.argv[2] == "delete":
    store.remove(stored, EditInfo())
else:
    store.redirect(stored, "Q2", EditInfo())
"""


@pytest.mark.parametrize("what", ["delete", "redirect"])
def test_triples_follow_a_deletion_after_a_crash(what: str, tmp_path: Path) -> None:
    """The next opening finishes what the process could not."""
    place = str(tmp_path / "s")
    with Embedded(place) as store:
        store.revise(item("a"), None, EditInfo())
        store.revise(item("b"), None, EditInfo())

    ended = subprocess.run([sys.executable, "-c", KILLED, place, what], check=False)

    assert ended.returncode == -signal.SIGKILL
    with Embedded(place) as store:
        assert "Q1" not in store.read(["Q1"])
        after = sorted(store.triples())
        assert any("sameAs" in line for line in after) is (what == "redirect")
        store.rebuild()
        assert sorted(store.triples()) == after


def test_a_store_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    """Its labels can be searched, and nothing is lost."""
    place = tmp_path / "s"
    with Embedded(str(place)) as store:
        store.revise(item("water"), None, EditInfo())
    with sqlite3.connect(place / "entities.sqlite") as file:
        for table in ADDED:
            file.execute(f"DROP TABLE {table}")
        file.execute("PRAGMA user_version = 1")
    file.close()

    with Embedded(str(place)) as store:
        assert store.read(["Q1"])["Q1"].entity.labels == {"en": "water"}
        hits = store.pages.search("wat", ["en"], Kind.ITEM, 5)
        assert [hit.entity for hit in hits] == ["Q1"]
