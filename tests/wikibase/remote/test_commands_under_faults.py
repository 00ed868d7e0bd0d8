"""Undo, pull, check and forget on a wiki that refuses single edits, or lets twins through."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner

from tests.wikibase.remote.disturbed_wiki import (
    FIRST,
    PEOPLE,
    SECOND,
    TODAY,
    DisturbedWiki,
    snapshot,
)
from tests.wikibase.remote.parallel_imports import import_twice, without_duplicate_references
from wbskills.cli import main
from wbskills.domain import Response
from wbskills.stores import open_folder
from wbskills.tasks.imports import Import
from wbskills.tasks.ontologies import binding_of
from wbskills.tasks.reversal import mentioned
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
    return [person for person in people if person.wave == FIRST.key]


@pytest.fixture(autouse=True)
def far(wiki: DisturbedWiki, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile “far” of the wiki, for a user who may delete."""
    monkeypatch.chdir(wiki.folder)
    monkeypatch.setenv("XDG_STATE_HOME", str(wiki.folder / "elsewhere"))
    monkeypatch.setenv("WBSKILLS_SECRET_FAR", wiki.served.bot_password)
    use(wiki, HIGH)
    wiki.state = "."  # where the journals are


def use(wiki: DisturbedWiki, user: str) -> None:
    """Write the profile for a user."""
    (wiki.folder / "wbskills.toml").write_text(
        f'[wikibase.far]\napi = "{wiki.served.api}"\nsparql = "{wiki.served.sparql}"\n'
        f'login = "bot-password"\nuser = "{user}"\nstate = "."\n'
    )


def run(*arguments: str) -> tuple[int, str]:
    """Run a command on the wiki; gives its exit code and what it printed."""
    done = CliRunner().invoke(main, [*arguments, "--wikibase", "far"])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def refuse(wiki: DisturbedWiki, message: str) -> None:
    """Let the wiki refuse edits of Person 1, and of Person 10 to 15."""
    wiki.served.faults.refuse, wiki.served.faults.refuse_as = "Person 1", message


def username_of(wiki: DisturbedWiki) -> str:
    """Give the property of usernames."""
    binding = binding_of(wiki.served.store, wiki.ontology, with_twins=True)
    return binding.property("wikimedia_username")


def make_twins(wiki: DisturbedWiki, *names: str) -> None:
    """Make people once more, as it happens where locks are late."""
    for stored in items(wiki, *names):
        statements = tuple(replace(statement, id=None) for statement in stored.entity.statements)
        twin = replace(stored.entity, id="", statements=statements)
        with wiki.served.store.without_label_locks():
            wiki.served.store.revise(twin, None, BY_HAND)


def items(wiki: DisturbedWiki, *names: str) -> list[Stored]:
    """Read the items of people, all if none is named."""
    username = username_of(wiki)
    ids = {e for _, e in wiki.served.store.find_by_identifier(username, names or None)}
    return list(wiki.served.store.read(sorted(ids)).values())


def names(wiki: DisturbedWiki) -> set[str]:
    """List the people who are there."""
    username = username_of(wiki)
    return {name for name, _ in wiki.served.store.find_by_identifier(username)}


def dangling(wiki: DisturbedWiki) -> set[str]:
    """List the ids that something there mentions and that are not there."""
    store = wiki.served.store
    read = store.read(f"{letter}{number}" for letter in "PQ" for number in range(1, 600))
    needed = {name for each in read.values() for name in mentioned(each.entity)}
    return needed - store.read(needed).keys()


def mirrored(wiki: DisturbedWiki) -> dict[str, Any]:
    """Bring a mirror up to the wiki; tell what is there."""
    code, output = run("store", "pull", "mirror")
    assert code == 0, output
    with open_folder(str(wiki.folder / "mirror"), write=False) as mirror:
        return snapshot(mirror)  # type: ignore[arg-type] # embedded


def doubled(wiki: DisturbedWiki, people: Iterable[Response], patch: pytest.MonkeyPatch) -> None:
    """Import twice, as batches b1 and b2: the second one began earlier, and broke off its look."""
    wiki.served.faults.late_locks = 60
    head = BatchHeader(batch="b2", command="survey apply")
    other = replace(wiki, state="another")
    with other.remote() as two, Journal.begin(wiki.folder / "journals", head) as journal:
        importing = Import(two, wiki.ontology, batch="b2", today=TODAY, journal=journal)
        two.find_by_identifier(binding_of(two, wiki.ontology).property("wikimedia_username"))
        wiki.import_all(people)
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
    wiki: DisturbedWiki,
    first: list[Response],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Someone else has added to two items, which are therefore edited and not deleted."""
    if user != HIGH:
        monkeypatch.setenv("WBSKILLS_SECRET_FAR", wiki.password)
        use(wiki, user)
    before = wiki.snapshot()
    wiki.import_all(first)
    about = binding_of(wiki.served.store, wiki.ontology).property("about")
    for stored in items(wiki, "Person 1", "Person 2"):
        theirs = Statement(Snak(about, Text("Q1"), "string"))
        more = replace(stored.entity, statements=(*stored.entity.statements, theirs))
        wiki.served.store.revise(more, stored, BY_HAND)
    kept = {item.entity.id: item.entity for item in items(wiki, "Person 1", "Person 2")}
    refuse(wiki, message)

    code, output = run("batch", "undo", "b1", "--yes")

    assert code == 1
    assert REFUSALS[message] in output
    assert "Traceback" not in output
    assert not dangling(wiki)
    there = items(wiki, "Person 1")[0].entity
    assert there == kept[there.id]
    changed = items(wiki, "Person 2")[0].entity
    assert len(changed.statements) < len(kept[changed.id].statements)

    wiki.served.faults.refuse = ""
    code, output = run("batch", "undo", "b1", "--yes")

    assert code == 0, output
    if user == HIGH:
        assert names(wiki) == {"Person 1", "Person 2"}
        for stored in items(wiki):
            wiki.served.store.remove(stored, BY_HAND)
        run("batch", "undo", "b1", "--yes")
        assert wiki.snapshot() == before
    assert not dangling(wiki)
    for stored in items(wiki):  # name, class, and what is the other one's
        others = sum(statement.main.property == about for statement in stored.entity.statements)
        assert len(stored.entity.statements) == 2 + others


def test_a_mirror_of_a_wiki_that_refused_is_whole(
    wiki: DisturbedWiki, first: list[Response]
) -> None:
    """It has what was made, and what is made later."""
    refuse(wiki, "abusefilter-disallowed")
    wiki.import_all(first)
    assert mirrored(wiki) == wiki.snapshot()
    wiki.served.faults.refuse = ""
    wiki.import_all(first, batch="b2")
    assert names(wiki) >= UNWANTED
    assert mirrored(wiki) == wiki.snapshot()


@pytest.mark.parametrize("message", ["abusefilter-warning"])
def test_check_fixes_all_that_is_not_refused(
    message: str, wiki: DisturbedWiki, first: list[Response]
) -> None:
    """Duplicates and wrong ranks; a second run fixes the rest."""
    wiki.import_all(first)
    good = without_duplicate_references(wiki.snapshot())
    make_twins(wiki, "Person 1", "Person 2")
    wrong = items(wiki, "Person 3", "Person 4", "Person 11")
    for stored in wrong:
        statements = tuple(
            replace(statement, rank=Rank.NORMAL) for statement in stored.entity.statements
        )
        wiki.served.store.revise(replace(stored.entity, statements=statements), stored, BY_HAND)
    refuse(wiki, message)

    code, output = run("check", "--fix")

    assert code == 1
    assert "Traceback" not in output
    assert output.count(REFUSALS[message]) == 2, output  # the twins, and Person 11
    assert (len(items(wiki, "Person 1")), len(items(wiki, "Person 2"))) == (2, 1)
    things = without_duplicate_references(wiki.snapshot())
    for number in (2, 3, 4):
        name = next(each for each in good if each.startswith(f"Person {number}|"))
        assert things[name] == good[name]

    wiki.served.faults.refuse = ""
    code, output = run("check", "--fix")
    assert code == 0, output
    assert run("check")[0] == 0
    assert without_duplicate_references(wiki.snapshot()) == good


def test_twins_whose_users_cannot_be_changed_stay_twins(
    wiki: DisturbedWiki, first: list[Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What points to one of two waves is changed before that becomes a redirect."""
    doubled(wiki, first, monkeypatch)
    wiki.served.faults.late_locks = 0
    refuse(wiki, "captcha-edit-fail")

    assert run("check", "--fix")[0] == 1

    assert not dangling(wiki)
    wiki.served.faults.refuse = ""
    code, output = run("check", "--fix")
    assert code == 0, output
    store = wiki.served.store
    read = store.read(f"Q{number}" for number in range(1, 600))
    needed = {name for each in read.values() for name in mentioned(each.entity)}
    assert not store.pages.redirects(sorted(needed))


@pytest.mark.parametrize("message", ["captcha-edit-fail"])
def test_forget_goes_on_and_a_second_run_completes_it(
    message: str, wiki: DisturbedWiki, first: list[Response]
) -> None:
    """The person has two items; one has another label by now, so that it is not refused.

    Someone has added to both, so that they are emptied.
    """
    wiki.import_all(first)
    make_twins(wiki, "Person 1")
    one, two = items(wiki, "Person 1")
    note = wiki.served.store.revise(
        Entity(kind=Kind.PROPERTY, datatype="string", labels={"en": "note"}), None, BY_HAND
    ).entity.id
    theirs = Statement(Snak(note, Text("x"), "string"))
    for stored, label in ((one, "Person 1"), (two, "somebody")):
        changed = replace(
            stored.entity,
            labels={"en": label},
            statements=(*stored.entity.statements, theirs),
        )
        wiki.served.store.revise(changed, stored, BY_HAND)
    refuse(wiki, message)

    code, output = run("forget", "Person 1", "--yes")

    assert code == 1, output
    assert REFUSALS[message] in output
    assert "Traceback" not in output
    assert [item.entity.id for item in items(wiki, "Person 1")] == [one.entity.id]
    code, output = run("forget", "Person 2", "--yes")  # others are not affected
    assert code == 0, output

    wiki.served.faults.refuse = ""
    code, output = run("forget", "Person 1", "--yes")
    assert code == 0, output
    assert names(wiki).isdisjoint({"Person 1", "Person 2"})
    journals = "".join(
        path.read_text() for path in (wiki.folder / "journals").iterdir() if path.is_file()
    )
    assert not re.search(r"Person [12]\b", journals)


def test_a_deletion_that_a_filter_refuses_is_made_later(
    wiki: DisturbedWiki, first: list[Response]
) -> None:
    """Someone has removed the username, so that only a journal shows whose item it is."""
    wiki.import_all(first)
    (stored,) = items(wiki, "Person 1")
    username = username_of(wiki)
    others = tuple(
        statement for statement in stored.entity.statements if statement.main.property != username
    )
    wiki.served.store.revise(replace(stored.entity, statements=others), stored, BY_HAND)
    refuse(wiki, "abusefilter-disallowed")
    code, output = run("forget", "Person 1", "--yes")
    assert (code, REFUSALS["abusefilter-warning"] in output) == (1, True)
    assert wiki.served.store.read([stored.entity.id])
    wiki.served.faults.refuse = ""
    code, output = run("forget", "Person 1", "--yes")
    assert (code, f"{stored.entity.id}: deleted" in output) == (0, True)
    assert not wiki.served.store.read([stored.entity.id])


def test_twins_are_mirrored_found_and_merged(
    wiki: DisturbedWiki,
    people: list[Response],
    undisturbed: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A mirror has both while there are two, and one afterwards."""
    doubled(wiki, people, monkeypatch)
    assert len(items(wiki)) == 2 * PEOPLE
    assert mirrored(wiki) == wiki.snapshot()

    code, output = run("check")
    assert code == 1
    assert output.count(" is on ") == PEOPLE + 2
    code, output = run("check", "--fix")
    assert code == 0, output

    things = without_duplicate_references(wiki.snapshot())
    assert things == without_duplicate_references(undisturbed)
    assert mirrored(wiki) == wiki.snapshot()


def test_both_of_two_twins_are_forgotten(
    wiki: DisturbedWiki, first: list[Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nobody else is; also in the mirror."""
    doubled(wiki, first, monkeypatch)
    mirrored(wiki)
    code, output = run("forget", "Person 0", "--yes")
    assert code == 0, output
    assert names(wiki) == {each.identity.name for each in first} - {"Person 0"}
    assert len(items(wiki)) == 2 * PEOPLE - 2
    wiki.served.faults.late_locks = 0
    assert mirrored(wiki) == wiki.snapshot()


def test_undoing_one_of_two_imports_leaves_the_other(
    wiki: DisturbedWiki, first: list[Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes its own twins back."""
    before = wiki.snapshot()
    doubled(wiki, first, monkeypatch)
    assert run("batch", "undo", "b2", "--yes")[0] == 0
    assert not [name for name in wiki.snapshot() if name.endswith("(again)")]
    assert len(items(wiki)) == PEOPLE
    assert not dangling(wiki)
    assert run("batch", "undo", "b1", "--yes")[0] == 0
    assert wiki.snapshot() == before


def test_undoing_one_of_two_merged_imports_loses_nothing_of_the_other(
    wiki: DisturbedWiki, first: list[Response], undisturbed: dict[str, Any]
) -> None:
    """What both say of a person stays, and is listed; an import brings back what is missing."""
    assert import_twice(wiki, first) == ""

    code, output = run("batch", "undo", "state of two", "--yes")

    assert code == 0, output
    assert names(wiki) == {each.identity.name for each in first}
    assert not dangling(wiki)
    replace(wiki, state="state of one").import_all(first, batch="b3")
    things, whole = (without_duplicate_references(one) for one in (wiki.snapshot(), undisturbed))
    assert things.keys() == whole.keys()
    assert not [name for name in things if name.endswith("(again)")]
