"""Undo, pull, check and forget on a wiki that refuses single edits, or lets twins through."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner

from tests.wikibase.remote.at_once import import_at_once, with_each_source_once
from tests.wikibase.remote.conftest import PEOPLE
from tests.wikibase.remote.disturbed import FIRST, SECOND, TODAY, Disturbed, told
from wbskills.cli import main
from wbskills.domain import Response
from wbskills.stores import open_folder
from wbskills.tasks.imports import Import
from wbskills.tasks.ontologies import binding_of
from wbskills.tasks.undoing import mentioned
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.journal.read import BatchHeader
from wbskills.wikibase.journal.write import Journal
from wbskills.wikibase.model.entities import Entity, Kind, Rank, Snak, Statement, Stored
from wbskills.wikibase.model.values import Text
from wbskills.wikibase.remote.duplicates import TwinMerger

HIGH = "Tester@tests"  # who may delete
BY_HAND = EditInfo(summary="by hand", user="Rival")
UNWANTED = {f"Person {number}" for number in range(PEOPLE) if str(number)[0] == "1"}
REFUSALS = {
    "abusefilter-warning": "a filter of the wiki refuses it",
    "captcha-edit-fail": "the wiki asks for a captcha",
}


@pytest.fixture
def first(people: list[Response]) -> list[Response]:
    """What people said in the first wave."""
    return [each for each in people if each.wave == FIRST.key]


@pytest.fixture(autouse=True)
def far(place: Disturbed, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile “far” of the wiki, for somebody who may delete."""
    monkeypatch.chdir(place.folder)
    monkeypatch.setenv("XDG_STATE_HOME", str(place.folder / "elsewhere"))
    monkeypatch.setenv("WBSKILLS_SECRET_FAR", place.served.bot_password)
    use(place, HIGH)
    place.state = "."  # where the journals are


def use(place: Disturbed, user: str) -> None:
    """Write the profile for a user."""
    (place.folder / "wbskills.toml").write_text(
        f'[wikibase.far]\napi = "{place.served.api}"\nsparql = "{place.served.sparql}"\n'
        f'login = "bot-password"\nuser = "{user}"\nstate = "."\n'
    )


def run(*arguments: str) -> tuple[int, str]:
    """Run a command on the wiki; gives its exit code and what it printed."""
    done = CliRunner().invoke(main, [*arguments, "--wikibase", "far"])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def refuse(place: Disturbed, message: str) -> None:
    """Let the wiki refuse edits of Person 1, and of Person 10 to 15."""
    place.served.faults.refuse, place.served.faults.refuse_as = "Person 1", message


def username_of(place: Disturbed) -> str:
    """Give the property of usernames."""
    binding = binding_of(place.served.store, place.ontology, with_twins=True)
    return binding.property("wikimedia_username")


def make_twins(place: Disturbed, *names: str) -> None:
    """Make people once more, as it happens where locks are late."""
    for stored in items(place, *names):
        statements = tuple(replace(each, id=None) for each in stored.entity.statements)
        twin = replace(stored.entity, id="", statements=statements)
        with place.served.store.without_label_locks():
            place.served.store.revise(twin, None, BY_HAND)


def items(place: Disturbed, *names: str) -> list[Stored]:
    """Read the items of people, all if none is named."""
    username = username_of(place)
    ids = {e for _, e in place.served.store.identified(username, names or None)}
    return list(place.served.store.read(sorted(ids)).values())


def names(place: Disturbed) -> set[str]:
    """List the people who are there."""
    username = username_of(place)
    return {name for name, _ in place.served.store.identified(username)}


def dangling(place: Disturbed) -> set[str]:
    """List the ids that something there mentions and that are not there."""
    store = place.served.store
    read = store.read(f"{letter}{number}" for letter in "PQ" for number in range(1, 600))
    needed = {name for each in read.values() for name in mentioned(each.entity)}
    return needed - store.read(needed).keys()


def mirrored(place: Disturbed) -> dict[str, Any]:
    """Bring a mirror up to the wiki; tell what is there."""
    code, output = run("store", "pull", "mirror")
    assert code == 0, output
    with open_folder(str(place.folder / "mirror"), write=False) as mirror:
        return told(mirror)  # type: ignore[arg-type] # embedded


def doubled(place: Disturbed, people: Iterable[Response], patch: pytest.MonkeyPatch) -> None:
    """Import twice, as batches b1 and b2: the second one began earlier, and broke off its look."""
    place.served.faults.late_locks = 60
    head = BatchHeader(batch="b2", command="survey apply")
    other = replace(place, state="another")
    with other.remote() as two, Journal.begin(place.folder / "journals", head) as journal:
        importing = Import(two, place.ontology, batch="b2", today=TODAY, journal=journal)
        two.identified(binding_of(two, place.ontology).property("wikimedia_username"))
        place.import_all(people)
        with patch.context() as blind:
            blind.setattr(TwinMerger, "merge_twins", lambda *_: [])
            importing.waves([FIRST, SECOND])
            list(importing.responses(people))


@pytest.mark.parametrize(
    ("message", "user"),
    [
        ("abusefilter-warning", HIGH),
        ("captcha-edit-fail", HIGH),
        ("captcha-edit-fail", "Importer@tests"),
    ],
)
def test_an_undo_leaves_what_is_refused_and_what_that_needs(
    message: str,
    user: str,
    place: Disturbed,
    first: list[Response],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody else has added to two items, which are therefore edited and not deleted."""
    if user != HIGH:
        monkeypatch.setenv("WBSKILLS_SECRET_FAR", place.password)
        use(place, user)
    before = place.state_of_things()
    place.import_all(first)
    about = binding_of(place.served.store, place.ontology).property("about")
    for stored in items(place, "Person 1", "Person 2"):
        theirs = Statement(Snak(about, Text("Q1"), "string"))
        more = replace(stored.entity, statements=(*stored.entity.statements, theirs))
        place.served.store.revise(more, stored, BY_HAND)
    kept = {each.entity.id: each.entity for each in items(place, "Person 1", "Person 2")}
    refuse(place, message)

    code, output = run("batch", "undo", "b1", "--yes")

    assert code == 1
    assert REFUSALS[message] in output
    assert "Traceback" not in output
    assert not dangling(place)
    there = items(place, "Person 1")[0].entity
    assert there == kept[there.id]
    changed = items(place, "Person 2")[0].entity
    assert len(changed.statements) < len(kept[changed.id].statements)

    place.served.faults.refuse = ""
    code, output = run("batch", "undo", "b1", "--yes")

    assert code == 0, output
    if user == HIGH:
        assert names(place) == {"Person 1", "Person 2"}
        for stored in items(place):
            place.served.store.remove(stored, BY_HAND)
        run("batch", "undo", "b1", "--yes")
        assert place.state_of_things() == before
    assert not dangling(place)
    for stored in items(place):  # name, class, and what is the other one's
        others = sum(each.main.property == about for each in stored.entity.statements)
        assert len(stored.entity.statements) == 2 + others


def test_a_mirror_of_a_wiki_that_refused_is_whole(place: Disturbed, first: list[Response]) -> None:
    """It has what was made, and what is made later."""
    refuse(place, "abusefilter-disallowed")
    place.import_all(first)
    assert mirrored(place) == place.state_of_things()
    place.served.faults.refuse = ""
    place.import_all(first, batch="b2")
    assert names(place) >= UNWANTED
    assert mirrored(place) == place.state_of_things()


@pytest.mark.parametrize("message", ["abusefilter-warning"])
def test_check_mends_all_that_is_not_refused(
    message: str, place: Disturbed, first: list[Response]
) -> None:
    """Twins and wrong ranks; a second run mends the rest."""
    place.import_all(first)
    good = with_each_source_once(place.state_of_things())
    make_twins(place, "Person 1", "Person 2")
    wrong = items(place, "Person 3", "Person 4", "Person 11")
    for stored in wrong:
        statements = tuple(replace(each, rank=Rank.NORMAL) for each in stored.entity.statements)
        place.served.store.revise(replace(stored.entity, statements=statements), stored, BY_HAND)
    refuse(place, message)

    code, output = run("check", "--fix")

    assert code == 1
    assert "Traceback" not in output
    assert output.count(REFUSALS[message]) == 2, output  # the twins, and Person 11
    assert (len(items(place, "Person 1")), len(items(place, "Person 2"))) == (2, 1)
    things = with_each_source_once(place.state_of_things())
    for number in (2, 3, 4):
        name = next(each for each in good if each.startswith(f"Person {number}|"))
        assert things[name] == good[name]

    place.served.faults.refuse = ""
    code, output = run("check", "--fix")
    assert code == 0, output
    assert run("check")[0] == 0
    assert with_each_source_once(place.state_of_things()) == good


def test_twins_whose_users_cannot_be_changed_stay_twins(
    place: Disturbed, first: list[Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What points to one of two waves is changed before that becomes a redirect."""
    doubled(place, first, monkeypatch)
    place.served.faults.late_locks = 0
    refuse(place, "captcha-edit-fail")

    assert run("check", "--fix")[0] == 1

    assert not dangling(place)
    place.served.faults.refuse = ""
    code, output = run("check", "--fix")
    assert code == 0, output
    store = place.served.store
    read = store.read(f"Q{number}" for number in range(1, 600))
    needed = {name for each in read.values() for name in mentioned(each.entity)}
    assert not store.pages.redirects(sorted(needed))


@pytest.mark.parametrize("message", ["captcha-edit-fail"])
def test_forget_goes_on_and_a_second_run_ends_it(
    message: str, place: Disturbed, first: list[Response]
) -> None:
    """They have two items, one of which somebody gave another label, so that it is not refused.

    Somebody has added to both, so that they are emptied.
    """
    place.import_all(first)
    make_twins(place, "Person 1")
    one, two = items(place, "Person 1")
    note = place.served.store.revise(
        Entity(kind=Kind.PROPERTY, datatype="string", labels={"en": "note"}), None, BY_HAND
    ).entity.id
    theirs = Statement(Snak(note, Text("x"), "string"))
    for stored, label in ((one, "Person 1"), (two, "somebody")):
        changed = replace(
            stored.entity,
            labels={"en": label},
            statements=(*stored.entity.statements, theirs),
        )
        place.served.store.revise(changed, stored, BY_HAND)
    refuse(place, message)

    code, output = run("forget", "Person 1", "--yes")

    assert code == 1, output
    assert REFUSALS[message] in output
    assert "Traceback" not in output
    assert [each.entity.id for each in items(place, "Person 1")] == [one.entity.id]
    code, output = run("forget", "Person 2", "--yes")  # somebody else is not in the way
    assert code == 0, output

    place.served.faults.refuse = ""
    code, output = run("forget", "Person 1", "--yes")
    assert code == 0, output
    assert names(place).isdisjoint({"Person 1", "Person 2"})
    journals = "".join(
        path.read_text() for path in (place.folder / "journals").iterdir() if path.is_file()
    )
    assert not re.search(r"Person [12]\b", journals)


def test_a_deletion_that_a_filter_refuses_is_made_good_later(
    place: Disturbed, first: list[Response]
) -> None:
    """Somebody has taken the username away, so that only a journal tells whose item it is."""
    place.import_all(first)
    (stored,) = items(place, "Person 1")
    username = username_of(place)
    others = tuple(each for each in stored.entity.statements if each.main.property != username)
    place.served.store.revise(replace(stored.entity, statements=others), stored, BY_HAND)
    refuse(place, "abusefilter-disallowed")
    code, output = run("forget", "Person 1", "--yes")
    assert (code, REFUSALS["abusefilter-warning"] in output) == (1, True)
    assert place.served.store.read([stored.entity.id])
    place.served.faults.refuse = ""
    code, output = run("forget", "Person 1", "--yes")
    assert (code, f"{stored.entity.id}: deleted" in output) == (0, True)
    assert not place.served.store.read([stored.entity.id])


def test_twins_are_mirrored_found_and_made_one(
    place: Disturbed,
    people: list[Response],
    undisturbed: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A mirror has both while there are two, and one afterwards."""
    doubled(place, people, monkeypatch)
    assert len(items(place)) == 2 * PEOPLE
    assert mirrored(place) == place.state_of_things()

    code, output = run("check")
    assert code == 1
    assert output.count(" stands on ") == PEOPLE + 2
    code, output = run("check", "--fix")
    assert code == 0, output

    things = with_each_source_once(place.state_of_things())
    assert things == with_each_source_once(undisturbed)
    assert mirrored(place) == place.state_of_things()


def test_both_of_two_twins_are_forgotten(
    place: Disturbed, first: list[Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nobody else; also in the mirror."""
    doubled(place, first, monkeypatch)
    mirrored(place)
    code, output = run("forget", "Person 0", "--yes")
    assert code == 0, output
    assert names(place) == {each.identity.name for each in first} - {"Person 0"}
    assert len(items(place)) == 2 * PEOPLE - 2
    place.served.faults.late_locks = 0
    assert mirrored(place) == place.state_of_things()


def test_undoing_one_of_two_imports_leaves_the_other(
    place: Disturbed, first: list[Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes its own twins back."""
    before = place.state_of_things()
    doubled(place, first, monkeypatch)
    assert run("batch", "undo", "b2", "--yes")[0] == 0
    assert not [name for name in place.state_of_things() if name.endswith("(again)")]
    assert len(items(place)) == PEOPLE
    assert not dangling(place)
    assert run("batch", "undo", "b1", "--yes")[0] == 0
    assert place.state_of_things() == before


def test_undoing_one_of_two_united_imports_loses_nothing_of_the_other(
    place: Disturbed, first: list[Response], undisturbed: dict[str, Any]
) -> None:
    """What both say of a person stays, and is listed; an import brings back what is missing."""
    assert import_at_once(place, first) == ""

    code, output = run("batch", "undo", "state of two", "--yes")

    assert code == 0, output
    assert names(place) == {each.identity.name for each in first}
    assert not dangling(place)
    replace(place, state="state of one").import_all(first, batch="b3")
    things, whole = (with_each_source_once(one) for one in (place.state_of_things(), undisturbed))
    assert things.keys() == whole.keys()
    assert not [name for name in things if name.endswith("(again)")]
