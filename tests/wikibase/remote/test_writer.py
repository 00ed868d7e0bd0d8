"""Each edit is made once, also if its answer is lost; no edit by others is lost by it."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.wikibase.remote.disturbed_wiki import FIRST, PEOPLE, SECOND, TODAY, USER, DisturbedWiki
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
from wbskills.wikibase.remote import login

PATIENCE = 0.4  # seconds that the program waits for an answer

LATE = 2.0  # seconds that the wiki takes


def batch(wiki: DisturbedWiki, name: str = "b1") -> Batch:
    """Open the journal of an import."""
    return find_batch(wiki.folder / "journals", name)


def of_wave(people: list[Response], wave: str) -> list[Response]:
    """Pick the responses of one wave."""
    return [person for person in people if person.wave == wave]


@pytest.mark.parametrize("number", [12, 30])
def test_an_edit_whose_answer_was_lost_is_not_sent_again(
    number: int, wiki: DisturbedWiki, people: list[Response]
) -> None:
    """Number 12 makes an item, number 30 changes one."""
    wiki.traffic.acts[number] = lambda: setattr(wiki.served.faults, "drop_after", 1)

    made = wiki.import_all(people)

    assert wiki.traffic.actions["wbeditentity"] == made
    entries = list(batch(wiki).entries())
    assert len(entries) == made
    assert {entry.state for entry in entries} == {EditState.WRITTEN}
    for entry in entries:
        there = wiki.served.store.read([entry.id])[entry.id].entity.statements
        assert {s.id for s in entry.statements} <= {s.id for s in there}


@pytest.mark.parametrize("number", [12, 30])
def test_an_edit_that_was_never_made_is_sent_again_once(
    number: int, wiki: DisturbedWiki, people: list[Response]
) -> None:
    """Exactly once."""
    wiki.traffic.acts[number] = lambda: setattr(wiki.served.faults, "drop_before", 1)

    made = wiki.import_all(people)

    assert wiki.traffic.actions["wbeditentity"] == made + 1
    assert any("the answer was lost" in line for line in wiki.lines)


def test_a_lost_session_and_an_old_token_are_renewed(
    wiki: DisturbedWiki, people: list[Response]
) -> None:
    """One log-in for the one, none for the other."""
    wiki.traffic.acts[20] = lambda: setattr(wiki.served.faults, "expire_session", 1)
    wiki.traffic.acts[30] = lambda: setattr(wiki.served.faults, "expire_tokens", 1)

    made = wiki.import_all(people)

    assert wiki.traffic.actions["login"] == 2
    # Two edits may be in flight when the one session or the one token is gone.
    assert made + 2 <= wiki.traffic.actions["wbeditentity"] <= made + 4


def test_edits_by_others_of_the_same_statement_stay(
    wiki: DisturbedWiki, people: list[Response]
) -> None:
    """The second wave changes the rank of a statement, just as an editor adds evidence to it."""
    before = of_wave(people, FIRST.key)
    after = [each for each in of_wave(people, SECOND.key) if each.assessments]
    wiki.import_all(before)
    evidence = Snak(
        binding_of(wiki.served.store, wiki.ontology).property("evidence"),
        Text("https://example.org/edit"),
        "url",
    )
    touched: list[tuple[str, str]] = []

    def meanwhile() -> None:
        """Add evidence to every statement about a skill, as another user."""
        store = wiki.served.store
        assessed = binding_of(store, wiki.ontology).property("assessed_skill")
        for response in after:
            stored = wiki.person(response.identity.name)
            statements = tuple(
                replace(statement, qualifiers=(*statement.qualifiers, evidence))
                if statement.main.property == assessed
                else statement
                for statement in stored.entity.statements
            )
            touched.extend(
                (response.identity.name, statement.id or "")
                for statement in statements
                if statement.main.property == assessed
            )
            entity = replace(stored.entity, statements=statements)
            store.revise(entity, stored, EditInfo(summary="evidence", user="Rival"))

    wiki.traffic.reset()
    wiki.traffic.acts[1] = meanwhile
    # With two, what comes between may only be listed.
    wiki.import_all(after, batch="b2", sessions=1)

    assert touched
    for name, guid in touched:
        (kept,) = [
            statement for statement in wiki.person(name).entity.statements if statement.id == guid
        ]
        assert evidence in kept.qualifiers
    assert [line for line in wiki.lines if "that was put back" in line]  # it did happen
    for response in after:
        assert_newest_leads(wiki, wiki.person(response.identity.name))


def assert_newest_leads(wiki: DisturbedWiki, stored: Stored) -> None:
    """Make sure that of each skill the newest statement is preferred, and no other."""
    binding = binding_of(wiki.served.store, wiki.ontology)
    assessed, wave = binding.property("assessed_skill"), binding.property("survey_wave")
    by_skill: dict[Any, dict[Any, Rank]] = {}
    for statement in stored.entity.statements:
        if statement.main.property == assessed:
            by_skill.setdefault(statement.main, {})[statement.qualifier(wave)] = statement.rank
    for ranks in by_skill.values():
        leading = [key for key, rank in ranks.items() if rank is Rank.PREFERRED]
        assert len(leading) == 1
        newest = max(ranks, key=lambda ref: int(ref.id[1:]))
        assert leading == [newest]


def test_an_item_created_by_someone_else_meanwhile_is_used(
    wiki: DisturbedWiki, people: list[Response], undisturbed: dict[str, Any]
) -> None:
    """The wiki refuses the second one and names the first."""
    store = wiki.served.store
    username = binding_of(store, wiki.ontology).property("wikimedia_username")

    def meanwhile() -> None:
        entity = Entity(
            labels={"en": "Person 7"},
            descriptions={"en": "person in a capacity map of skills"},
            statements=(Statement(Snak(username, Text("Person 7"), "external-id")),),
        )
        store.revise(entity, None, EditInfo(summary="by hand", user="Rival"))

    wiki.traffic.acts[1] = meanwhile
    wiki.import_all(people)

    assert wiki.snapshot() == undisturbed


def test_an_item_of_another_person_with_the_same_name_is_never_used(
    wiki: DisturbedWiki, people: list[Response]
) -> None:
    """Label and description alone do not identify a person."""
    store = wiki.served.store
    binding = binding_of(store, wiki.ontology)
    other = Entity(
        labels={"en": "Person 7"},
        descriptions={"en": "person in a capacity map of skills"},
        statements=(Statement(Snak(binding.property("pseudonym"), Text("p7"), "external-id")),),
    )
    (written,) = store.write([Create("p7", other)], "by hand")

    wiki.import_all(people)

    assert {each.row for each in wiki.refused} == {9}  # in both waves
    for refused in wiki.refused:
        assert isinstance(refused.error, LabelClash)
        assert written.id in str(refused)
    assert (
        len(wiki.served.store.find_by_identifier(binding.property("wikimedia_username")))
        == PEOPLE - 1
    )
    kept = store.read([written.id])[written.id]
    assert len(kept.entity.statements) == 1


def test_an_import_gives_up_on_a_read_only_wiki_and_continues_later(
    wiki: DisturbedWiki, people: list[Response], undisturbed: dict[str, Any]
) -> None:
    """After a limited time, with a hint; what was written is kept."""
    wiki.patience = 60
    wiki.traffic.acts[25] = lambda: setattr(wiki.served.faults, "read_only", "for ever")

    with pytest.raises(StoreError, match=r"gave up after .* read-only: for ever") as error:
        wiki.import_all(people)

    assert "same command again" in error.value.hint
    found = batch(wiki)
    assert found.ended is BatchEnd.FAILED
    assert {entry.state for entry in found.entries()} == {EditState.WRITTEN, EditState.REFUSED}
    wiki.served.faults.read_only = ""
    wiki.import_all(people, batch="b2")
    assert wiki.snapshot() == undisturbed


def test_the_journal_says_if_an_outcome_is_unknown(
    wiki: DisturbedWiki, people: list[Response], undisturbed: dict[str, Any]
) -> None:
    """The wiki disappears during the import, with the answers to some edits."""
    wiki.patience = 60
    wiki.traffic.acts[25] = lambda: setattr(wiki.served.faults, "drop_after", 10**6)

    with pytest.raises(StoreError, match="it is unknown whether"):
        wiki.import_all(people)

    states = [entry.state for entry in batch(wiki).entries()]
    assert states.count(EditState.UNKNOWN) in {1, 2}  # one for each session
    wiki.served.faults.drop_after = 0
    wiki.import_all(people, batch="b2")
    assert wiki.snapshot() == undisturbed


@pytest.fixture
def heeded() -> Iterator[None]:
    """Heed Ctrl-C; a shell lets what it runs in the background ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeded")
@pytest.mark.parametrize("number", [3, 15, 28])
def test_ctrl_c_finishes_the_edits_in_flight(
    number: int, wiki: DisturbedWiki, people: list[Response], undisturbed: dict[str, Any]
) -> None:
    """The journal knows of every edit whether it was made; the same command goes on."""

    def interrupt() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.1)  # the edit takes its time

    wiki.traffic.acts[number] = interrupt
    with pytest.raises(KeyboardInterrupt):
        wiki.import_all(people)

    found = batch(wiki)
    assert found.ended is BatchEnd.INTERRUPTED
    entries = list(found.entries())
    assert {entry.state for entry in entries} <= {EditState.WRITTEN, EditState.REFUSED}
    assert sum(entry.state is EditState.WRITTEN for entry in entries) < len(undisturbed)
    assert not [each for each in threading.enumerate() if "wbskills-edits" in each.name]
    assert wiki.import_all(people, batch="b2") > 0
    assert wiki.snapshot() == undisturbed


def test_ctrl_c_may_come_before_all_sessions_have_begun(
    wiki: DisturbedWiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first session finishes its edit, and what it left is logged as not begun."""
    start = threading.Thread.start

    def interrupted(self: threading.Thread) -> None:
        start(self)
        if self.name == "wbskills-edits":
            while not wiki.traffic.actions["wbeditentity"]:
                time.sleep(0.001)
            raise KeyboardInterrupt

    with wiki.remote() as remote, monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", interrupted)
        edits = [
            Create(name, Entity(labels={"en": name}, descriptions={"en": "somebody"}))
            for name in map(str, range(40))
        ]
        journal = Journal.begin(wiki.folder / "journals", BatchHeader(batch="b1", command="test"))
        with pytest.raises(KeyboardInterrupt), journal:
            remote.write(edits, "test", journal)

        made = wiki.traffic.actions["wbeditentity"]
        time.sleep(0.2)

    states = [entry.state for entry in batch(wiki).entries()]
    assert wiki.traffic.actions["wbeditentity"] == made == states.count(EditState.WRITTEN)
    assert states.count(EditState.REFUSED) == 40 - made > 0


@pytest.mark.parametrize("fault", ["expire_tokens", "expire_session"])
def test_a_session_that_is_lost_many_times_does_not_end_an_import(
    fault: str, wiki: DisturbedWiki, people: list[Response]
) -> None:
    """The same edit finds it gone five times, until the wiki has come to itself."""
    for number in range(12, 17):
        wiki.traffic.acts[number] = lambda: setattr(wiki.served.faults, fault, 1)

    made = wiki.import_all(people, sessions=1)

    assert wiki.traffic.actions["wbeditentity"] == made + 5
    assert any(line.startswith("waiting") for line in wiki.lines)


@pytest.mark.parametrize(("fault", "waits"), [("drop_before", 1), ("drop_after", 0)])
def test_a_deletion_whose_answer_was_lost_is_waited_for(
    fault: str, waits: int, wiki: DisturbedWiki, people: list[Response]
) -> None:
    """Not tried again at once, which a wiki in trouble would not survive either."""
    wiki.import_all(people[:2])
    item, other = (wiki.person(person.identity.name).entity.id for person in people[:2])
    wiki.lines.clear()
    wiki.password = wiki.served.bot_password

    with wiki.remote(user=wiki.served.bot_user) as remote:
        assert remote.delete(other, "a test")  # logs in, and fetches a token
        setattr(wiki.served.faults, fault, 1)
        assert remote.delete(item, "a test")
        assert remote.delete(item, "a test")  # is gone already

    assert wiki.served.store.read([item]) == {}
    assert len(wiki.lines) == waits


def test_every_summary_names_the_batch(wiki: DisturbedWiki, people: list[Response]) -> None:
    """So that everyone can find what was imported."""
    wiki.import_all(people[:5], batch="20261122-101112-abcd")

    history = wiki.served.store.history
    written = history.changes(6, user="Importer")
    assert written
    for each in written:
        assert "survey import, batch 20261122-101112-abcd #" in each.edit.summary


def test_the_journal_has_row_and_column(wiki: DisturbedWiki, people: list[Response]) -> None:
    """Of every statement about a skill."""
    columns = {"lua_modules": "F SK[lua]", "python": "G SK[py]"}
    with (
        wiki.remote() as remote,
        Journal.begin(wiki.folder / "j", BatchHeader(batch="c", command="test")) as journal,
    ):
        importing = Import(
            remote, wiki.ontology, batch="c", today=TODAY, journal=journal, columns=columns
        )
        importing.waves([FIRST, SECOND])
        list(importing.responses(of_wave(people, FIRST.key)))

    rows = {f"wikimedia_username/Person {number}": number + 2 for number in range(PEOPLE)}
    entries = [entry for entry in find_batch(wiki.folder / "j", "c").entries() if entry.row]
    assert {entry.key: entry.row for entry in entries} == rows
    shown = {column for entry in entries for column in entry.columns}
    assert shown == {"", "F SK[lua]", "G SK[py]"}
    for entry in entries:
        assert not entry.columns or len(entry.columns) == len(entry.statements)


def test_two_responses_of_one_person_are_planned_one_after_the_other(
    wiki: DisturbedWiki, people: list[Response]
) -> None:
    """The second response is planned on what the first one left."""
    first = people[0]
    second = replace(
        first, wave=SECOND.key, on=SECOND.start, assessments=(Assessment("regex", "leads"),)
    )

    assert wiki.import_all([first, second]) > 0
    assert_newest_leads(wiki, wiki.person(first.identity.name))


def test_hostile_names_are_escaped_everywhere(wiki: DisturbedWiki, people: list[Response]) -> None:
    """Of parameters, of JSON, of the list of ids, of SPARQL."""
    hostile = ['a|b"c', "\u200f\u202ex", "'; DROP TABLE page; --", "&token=1&data={}", "100% + ü"]
    odd = [
        replace(people[0], identity=Identity("pseudonym", name), id=str(index), row=index)
        for index, name in enumerate(hostile)
    ]
    wiki.import_all(odd)

    pseudonym = binding_of(wiki.served.store, wiki.ontology).property("pseudonym")
    assert {name for name, _ in wiki.served.store.find_by_identifier(pseudonym)} == set(hostile)
    assert wiki.import_all(odd, batch="b2") == 0
    wiki.state = "another"
    with wiki.remote() as remote:
        found = remote.find_by_identifier(pseudonym, hostile)
    assert {name for name, _ in found} == set(hostile)


@pytest.mark.parametrize("number", [12, 30])
def test_an_edit_that_arrives_late_is_made_once(
    number: int,
    wiki: DisturbedWiki,
    people: list[Response],
    undisturbed: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The wiki goes on with it after the program has looked it up, and sent it again.

    Number 12 makes an item, number 30 changes one.
    """
    monkeypatch.setattr(login, "_TIMEOUT", (10.0, PATIENCE))
    came: list[float] = []

    def held() -> None:
        time.sleep(LATE)
        came.append(time.monotonic())

    wiki.traffic.acts[number] = held
    wiki.import_all(people)
    while not came:
        time.sleep(0.05)
    time.sleep(0.2)  # now it is carried out, or refused

    assert wiki.snapshot() == undisturbed
    assert wiki.import_all(people, batch="b2") == 0


def test_two_items_of_one_edit_are_merged(
    wiki: DisturbedWiki,
    people: list[Response],
    undisturbed: dict[str, Any],
) -> None:
    """A wiki writes down labels after it has answered, so it may not notice a second item."""
    store = wiki.served.store
    twins: list[str] = []

    def comes_in_late() -> None:
        made = store.history.changes(1, user=USER)[0]
        found = store.read([made.entity])[made.entity].entity
        statements = tuple(replace(statement, id=None) for statement in found.statements)
        with store.without_label_locks():
            note = EditInfo(summary=made.edit.summary, user=USER)
            twin = store.revise(replace(found, id="", statements=statements), None, note)
        twins.append(twin.entity.id)

    def given_up() -> None:
        wiki.served.faults.drop_before = 1
        # After two looks, of which each is a request, comes the repetition, and another look.
        wiki.traffic.later.append((4, comes_in_late))

    wiki.traffic.acts[12] = given_up
    wiki.import_all(people, sessions=1)

    assert len(twins) == 1
    assert twins[0] not in store.read(twins) or store.read(twins)[twins[0]].entity.id != twins[0]
    assert wiki.snapshot() == undisturbed
    assert wiki.import_all(people, batch="b2") == 0
