"""Each edit once, whatever becomes of its answer; nothing of others is lost; a stop is clean."""

import os
import signal
import stat
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.wikibase.remote.conftest import PEOPLE
from tests.wikibase.remote.disturbed import FIRST, SECOND, TODAY, Disturbed
from wbskills.domain import Assessment, Identity, Response
from wbskills.errors import LabelClash, StoreError
from wbskills.tasks.imports import Import
from wbskills.tasks.ontologies import binding_of
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.journal.read import Batch, BatchEnd, BatchHeader, EditState, find_batch
from wbskills.wikibase.journal.write import Journal
from wbskills.wikibase.model.edits import Create
from wbskills.wikibase.model.entities import Entity, Rank, Snak, Statement, Stored
from wbskills.wikibase.model.values import Text
from wbskills.wikibase.remote.retries import Waiter


def batch(place: Disturbed, name: str = "b1") -> Batch:
    """Open the journal of an import."""
    return find_batch(place.folder / "journals", name)


def of_wave(people: list[Response], wave: str) -> list[Response]:
    """Pick the responses of one wave."""
    return [each for each in people if each.wave == wave]


def person(place: Disturbed, name: str) -> Stored:
    """Read somebody's item from the store itself."""
    store = place.served.store
    username = binding_of(store, place.ontology).property("wikimedia_username")
    ((_, entity_id),) = store.identified(username, [name])
    return store.read([entity_id])[entity_id]


@pytest.mark.parametrize("number", [12, 30])
def test_an_edit_whose_answer_was_lost_is_looked_up_and_not_sent_again(
    number: int, place: Disturbed, people: list[Response]
) -> None:
    """Number 12 makes an item, number 30 changes one."""
    place.traffic.acts[number] = lambda: setattr(place.served.faults, "drop_after", 1)

    made = place.import_all(people)

    assert place.traffic.actions["wbeditentity"] == made
    entries = list(batch(place).entries())
    assert len(entries) == made
    assert {each.state for each in entries} == {EditState.WRITTEN}
    for each in entries:
        there = place.served.store.read([each.id])[each.id].entity.statements
        assert {s.id for s in each.statements} <= {s.id for s in there}


@pytest.mark.parametrize("number", [12, 30])
def test_an_edit_that_was_never_made_is_sent_again_after_a_look(
    number: int, place: Disturbed, people: list[Response]
) -> None:
    """Exactly once."""
    place.traffic.acts[number] = lambda: setattr(place.served.faults, "drop_before", 1)

    made = place.import_all(people)

    assert place.traffic.actions["wbeditentity"] == made + 1
    assert any("the answer was lost" in line for line in place.lines)


def test_a_lost_session_is_begun_anew_and_an_old_token_replaced(
    place: Disturbed, people: list[Response]
) -> None:
    """One log-in for the one, none for the other."""
    place.traffic.acts[20] = lambda: setattr(place.served.faults, "expire_session", 1)
    place.traffic.acts[30] = lambda: setattr(place.served.faults, "expire_tokens", 1)

    made = place.import_all(people)

    assert place.traffic.actions["login"] == 2
    # Two edits may be in flight when the one session or the one token is gone.
    assert made + 2 <= place.traffic.actions["wbeditentity"] <= made + 4


def test_what_somebody_else_did_to_the_same_statement_meanwhile_stays(
    place: Disturbed, people: list[Response]
) -> None:
    """The second wave changes the rank of a statement, just as an editor adds evidence to it."""
    before = of_wave(people, FIRST.key)
    after = [each for each in of_wave(people, SECOND.key) if each.assessments]
    place.import_all(before)
    evidence = Snak(
        binding_of(place.served.store, place.ontology).property("evidence"),
        Text("https://example.org/edit"),
        "url",
    )
    touched: list[tuple[str, str]] = []

    def meanwhile() -> None:
        """Give evidence to every statement about a skill of everybody, as somebody else."""
        store = place.served.store
        assessed = binding_of(store, place.ontology).property("assessed_skill")
        for response in after:
            stored = person(place, response.identity.name)
            statements = tuple(
                replace(each, qualifiers=(*each.qualifiers, evidence))
                if each.main.property == assessed
                else each
                for each in stored.entity.statements
            )
            touched.extend(
                (response.identity.name, each.id or "")
                for each in statements
                if each.main.property == assessed
            )
            entity = replace(stored.entity, statements=statements)
            store.revise(entity, stored, EditInfo(summary="evidence", user="Rival"))

    place.traffic.reset()
    place.traffic.acts[1] = meanwhile
    # With two, what comes between may only be listed.
    place.import_all(after, batch="b2", sessions=1)

    assert touched
    for name, guid in touched:
        (kept,) = [each for each in person(place, name).entity.statements if each.id == guid]
        assert evidence in kept.qualifiers
    assert [line for line in place.lines if "that was put back" in line]  # it did happen
    for response in after:
        assert_newest_leads(place, person(place, response.identity.name))


def assert_newest_leads(place: Disturbed, stored: Stored) -> None:
    """Make sure that of each skill the newest statement is preferred, and no other."""
    binding = binding_of(place.served.store, place.ontology)
    assessed, wave = binding.property("assessed_skill"), binding.property("survey_wave")
    by_skill: dict[Any, dict[Any, Rank]] = {}
    for each in stored.entity.statements:
        if each.main.property == assessed:
            by_skill.setdefault(each.main, {})[each.qualifier(wave)] = each.rank
    for ranks in by_skill.values():
        leading = [key for key, rank in ranks.items() if rank is Rank.PREFERRED]
        assert len(leading) == 1
        newest = max(ranks, key=lambda ref: int(ref.id[1:]))
        assert leading == [newest]


def test_an_item_that_somebody_made_meanwhile_is_taken_and_not_doubled(
    place: Disturbed, people: list[Response], undisturbed: dict[str, Any]
) -> None:
    """The wiki refuses the second one and names the first."""
    store = place.served.store
    username = binding_of(store, place.ontology).property("wikimedia_username")

    def meanwhile() -> None:
        entity = Entity(
            labels={"en": "Person 7"},
            descriptions={"en": "person in a capacity map of skills"},
            statements=(Statement(Snak(username, Text("Person 7"), "external-id")),),
        )
        store.revise(entity, None, EditInfo(summary="by hand", user="Rival"))

    place.traffic.acts[1] = meanwhile
    place.import_all(people)

    assert place.state_of_things() == undisturbed


def test_an_item_of_the_same_name_that_is_somebody_else_is_never_taken(
    place: Disturbed, people: list[Response]
) -> None:
    """Label and description alone make nobody that person."""
    store = place.served.store
    binding = binding_of(store, place.ontology)
    other = Entity(
        labels={"en": "Person 7"},
        descriptions={"en": "person in a capacity map of skills"},
        statements=(Statement(Snak(binding.property("pseudonym"), Text("p7"), "external-id")),),
    )
    (written,) = store.write([Create("p7", other)], "by hand")

    place.import_all(people)

    assert {each.row for each in place.refused} == {9}  # in both waves
    for refused in place.refused:
        assert isinstance(refused.error, LabelClash)
        assert written.id in str(refused)
    assert len(place.served.store.identified(binding.property("wikimedia_username"))) == PEOPLE - 1
    kept = store.read([written.id])[written.id]
    assert len(kept.entity.statements) == 1


def test_a_wiki_that_stays_read_only_is_given_up_and_gone_on_with_later(
    place: Disturbed, people: list[Response], undisturbed: dict[str, Any]
) -> None:
    """After a limited time, with a hint; what was written is kept."""
    place.patience = 60
    place.traffic.acts[25] = lambda: setattr(place.served.faults, "read_only", "for ever")

    with pytest.raises(StoreError, match=r"gave up after .* read-only: for ever") as error:
        place.import_all(people)

    assert "same command again" in error.value.hint
    found = batch(place)
    assert found.ended is BatchEnd.FAILED
    assert {each.state for each in found.entries()} == {EditState.WRITTEN, EditState.REFUSED}
    place.served.faults.read_only = ""
    place.import_all(people, batch="b2")
    assert place.state_of_things() == undisturbed


def test_where_nobody_can_tell_the_journal_says_so(
    place: Disturbed, people: list[Response], undisturbed: dict[str, Any]
) -> None:
    """The wiki is gone amid the import, with the answers to some edits."""
    place.patience = 60
    place.traffic.acts[25] = lambda: setattr(place.served.faults, "drop_after", 10**6)

    with pytest.raises(StoreError, match="it is unknown whether"):
        place.import_all(people)

    states = [each.state for each in batch(place).entries()]
    assert states.count(EditState.UNKNOWN) in {1, 2}  # one for each session
    place.served.faults.drop_after = 0
    place.import_all(people, batch="b2")
    assert place.state_of_things() == undisturbed


@pytest.fixture
def heeded() -> Iterator[None]:
    """Heed Ctrl-C; a shell lets what it runs in the background ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeded")
@pytest.mark.parametrize("number", [3, 15, 28])
def test_ctrl_c_finishes_the_edits_in_flight_and_leaves_no_question(
    number: int, place: Disturbed, people: list[Response], undisturbed: dict[str, Any]
) -> None:
    """The journal knows of every edit whether it was made; the same command goes on."""

    def interrupt() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.1)  # the edit takes its time

    place.traffic.acts[number] = interrupt
    with pytest.raises(KeyboardInterrupt):
        place.import_all(people)

    found = batch(place)
    assert found.ended is BatchEnd.INTERRUPTED
    entries = list(found.entries())
    assert {each.state for each in entries} <= {EditState.WRITTEN, EditState.REFUSED}
    assert sum(each.state is EditState.WRITTEN for each in entries) < len(undisturbed)
    assert not [each for each in threading.enumerate() if "wbskills-edits" in each.name]
    assert place.import_all(people, batch="b2") > 0
    assert place.state_of_things() == undisturbed


def test_ctrl_c_may_come_before_all_sessions_have_begun(
    place: Disturbed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first session finishes its edit, and what it left is logged as not begun."""
    start = threading.Thread.start

    def interrupted(self: threading.Thread) -> None:
        start(self)
        if self.name == "wbskills-edits":
            while not place.traffic.actions["wbeditentity"]:
                time.sleep(0.001)
            raise KeyboardInterrupt

    with place.remote() as remote, monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", interrupted)
        edits = [
            Create(name, Entity(labels={"en": name}, descriptions={"en": "somebody"}))
            for name in map(str, range(40))
        ]
        journal = Journal.begin(place.folder / "journals", BatchHeader(batch="b1", command="test"))
        with pytest.raises(KeyboardInterrupt), journal:
            remote.write(edits, "test", journal)

        made = place.traffic.actions["wbeditentity"]
        time.sleep(0.2)

    states = [each.state for each in batch(place).entries()]
    assert place.traffic.actions["wbeditentity"] == made == states.count(EditState.WRITTEN)
    assert states.count(EditState.REFUSED) == 40 - made > 0


@pytest.mark.parametrize("fault", ["expire_tokens", "expire_session"])
def test_a_session_that_is_lost_many_times_does_not_end_an_import(
    fault: str, place: Disturbed, people: list[Response]
) -> None:
    """The same edit finds it gone five times, until the wiki has come to itself."""
    for number in range(12, 17):
        place.traffic.acts[number] = lambda: setattr(place.served.faults, fault, 1)

    made = place.import_all(people, sessions=1)

    assert place.traffic.actions["wbeditentity"] == made + 5
    assert any(line.startswith("waiting") for line in place.lines)


@pytest.mark.parametrize(("fault", "waits"), [("drop_before", 1), ("drop_after", 0)])
def test_a_deletion_whose_answer_was_lost_is_waited_for(
    fault: str, waits: int, place: Disturbed, people: list[Response]
) -> None:
    """Not tried again at once, which a wiki in trouble would not survive either."""
    place.import_all(people[:2])
    item, other = (person(place, each.identity.name).entity.id for each in people[:2])
    place.lines.clear()
    place.password = place.served.bot_password

    with place.remote(user=place.served.bot_user) as remote:
        assert remote.delete(other, "a test")  # logs in, and fetches a token
        setattr(place.served.faults, fault, 1)
        assert remote.delete(item, "a test")
        assert remote.delete(item, "a test")  # is gone already

    assert place.served.store.read([item]) == {}
    assert len(place.lines) == waits


def test_every_summary_names_the_batch(place: Disturbed, people: list[Response]) -> None:
    """So that anybody can find what was imported."""
    place.import_all(people[:5], batch="20261122-101112-abcd")

    history = place.served.store.history
    written = history.changes(6, user="Importer")
    assert written
    for each in written:
        assert "survey import, batch 20261122-101112-abcd #" in each.edit.summary


def test_the_journal_tells_row_and_column(place: Disturbed, people: list[Response]) -> None:
    """Of every statement about a skill."""
    columns = {"lua_modules": "F SK[lua]", "python": "G SK[py]"}
    with (
        place.remote() as remote,
        Journal.begin(place.folder / "j", BatchHeader(batch="c", command="test")) as journal,
    ):
        importing = Import(
            remote, place.ontology, batch="c", today=TODAY, journal=journal, columns=columns
        )
        importing.waves([FIRST, SECOND])
        list(importing.responses(of_wave(people, FIRST.key)))

    rows = {f"wikimedia_username/Person {number}": number + 2 for number in range(PEOPLE)}
    entries = [each for each in find_batch(place.folder / "j", "c").entries() if each.row]
    assert {each.key: each.row for each in entries} == rows
    told = {column for each in entries for column in each.columns}
    assert told == {"", "F SK[lua]", "G SK[py]"}
    for each in entries:
        assert not each.columns or len(each.columns) == len(each.statements)


def test_the_state_and_the_journals_are_private(place: Disturbed, people: list[Response]) -> None:
    """They say who answered what."""
    place.import_all(people[:3])

    for folder in (place.folder / "state", place.folder / "journals"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        for file in folder.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_with_somebody_twice_in_one_wave_of_edits_waits_its_turn(
    place: Disturbed, people: list[Response]
) -> None:
    """The second response is planned on what the first one left."""
    first = people[0]
    second = replace(
        first, wave=SECOND.key, on=SECOND.start, assessments=(Assessment("regex", "leads"),)
    )

    assert place.import_all([first, second]) > 0
    assert_newest_leads(place, person(place, first.identity.name))


def test_names_that_try_to_break_out_are_names(place: Disturbed, people: list[Response]) -> None:
    """Of parameters, of JSON, of the list of ids, of SPARQL."""
    hostile = ['a|b"c', "\u200f\u202ex", "'; DROP TABLE page; --", "&token=1&data={}", "100% + ü"]
    odd = [
        replace(people[0], identity=Identity("pseudonym", name), id=str(index), row=index)
        for index, name in enumerate(hostile)
    ]
    place.import_all(odd)

    pseudonym = binding_of(place.served.store, place.ontology).property("pseudonym")
    assert {name for name, _ in place.served.store.identified(pseudonym)} == set(hostile)
    assert place.import_all(odd, batch="b2") == 0
    place.state = "another"
    with place.remote() as remote:
        found = remote.identified(pseudonym, hostile)
    assert {name for name, _ in found} == set(hostile)


def test_waiting_can_be_broken_off(tmp_path: Path) -> None:
    """A stop ends every wait at once."""
    del tmp_path
    from wbskills.wikibase.remote.retries import Cancelled

    waiting = Waiter(lambda _: None)
    threading.Timer(0.05, waiting.stop.set).start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        waiting.sleep(30)
    assert time.monotonic() - begun < 5
