"""What every Wikibase does: embedded, far away, and a live one if there is one to try.

`WBSKILLS_TEST_WIKIBASE` names the profile of a live Wikibase that is there for tests; items and
properties with names of their own are left on it.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from wbskills.errors import LabelClash, QueryError
from wbskills.names import new
from wbskills.ontology.entries import Ontology
from wbskills.stores import open_store
from wbskills.table import Iri
from wbskills.tasks.ontologies import apply_ontology, plan_ontology
from wbskills.testing import serving
from wbskills.wikibase.interface import PartlyWritten, Wikibase, Written
from wbskills.wikibase.journal.read import BatchHeader, EditState, find_batch
from wbskills.wikibase.journal.write import Journal
from wbskills.wikibase.model.edits import Change, Create, Desired, Edit
from wbskills.wikibase.model.entities import Entity, Kind, Rank, Reference, Snak, Statement, Stored
from wbskills.wikibase.model.values import EntityRef, Text, day, whole_number
from wbskills.wikibase.plan.diff import Rules, plan
from wbskills.wikibase.plan.perform import perform
from wbskills.wikibase.remote.login import Secret
from wbskills.wikibase.remote.profile import Login, Profile
from wbskills.wikibase.remote.wikibase import RemoteWikibase

LIVE: Final = "WBSKILLS_TEST_WIKIBASE"
_PATIENCE: Final = 120.0  # seconds for a query service to catch up

DATATYPES: Final = {
    "text": "string",
    "name": "external-id",
    "thing": "wikibase-item",
    "count": "quantity",
    "day": "time",
    "page": "url",
}


@dataclass
class Place:
    """A Wikibase, and properties there that were made for one run of these tests."""

    wikibase: Wikibase
    mark: str = field(default_factory=lambda: secrets.token_hex(4))
    ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        made = [
            Create(
                name,
                Entity(
                    kind=Kind.PROPERTY,
                    datatype=datatype,
                    labels={"en": self.named(f"{name} property")},
                ),
            )
            for name, datatype in DATATYPES.items()
        ]
        written = self.wikibase.write(made, "contract tests")
        self.ids = {edit.key: each.id for edit, each in zip(made, written, strict=True)}

    def named(self, text: str) -> str:
        """Make a name that nothing else on this Wikibase has."""
        return f"{text} {self.mark}"

    def create(self, label: str, *statements: Statement, about: str = "a thing") -> Create:
        """Say that an item should be made."""
        entity = Entity(
            labels={"en": self.named(label)}, descriptions={"en": about}, statements=statements
        )
        return Create(label, entity)

    def make(self, label: str, *statements: Statement) -> Stored:
        """Make an item."""
        (written,) = self.wikibase.write([self.create(label, *statements)], "contract tests")
        return self.item(written.id)

    def item(self, entity_id: str) -> Stored:
        """Read an item."""
        return self.wikibase.read([entity_id])[entity_id]

    def write(self, *edits: Edit) -> list[Written]:
        """Make edits."""
        return self.wikibase.write(edits, "contract tests")

    def snak(self, name: str, value: Text | EntityRef | int) -> Snak:
        """Make a snak of one of the properties."""
        found = whole_number(value) if isinstance(value, int) else value
        return Snak(self.ids[name], found, DATATYPES[name])

    def statement(self, name: str, value: Text | EntityRef | int) -> Statement:
        """Make a statement of one of the properties."""
        return Statement(self.snak(name, value))


def _memory(_: ExitStack, __: Path) -> Wikibase:
    return open_store(":memory:")


def _folder(_: ExitStack, folder: Path) -> Wikibase:
    return open_store(str(folder / "store"))


def _remote(stack: ExitStack, folder: Path) -> Wikibase:
    served = stack.enter_context(serving())
    profile = Profile(
        name="served",
        api=served.api,
        sparql=served.sparql,
        login=Login.BOT_PASSWORD,
        user=served.bot_user,
        edits_per_minute=0,
        state=folder / "state",
    )
    return stack.enter_context(RemoteWikibase(profile, Secret({"password": served.bot_password})))


def _live(stack: ExitStack, _: Path) -> Wikibase:
    name = os.environ.get(LIVE)
    if not name:
        pytest.skip(f"{LIVE} names no Wikibase")
    return stack.enter_context(open_store(name))


_KINDS: Final[dict[str, Callable[[ExitStack, Path], Wikibase]]] = {
    "memory": _memory,
    "folder": _folder,
    "remote": _remote,
    "live": _live,
}


@pytest.fixture(
    params=[
        pytest.param(kind, marks=pytest.mark.live) if kind == "live" else kind for kind in _KINDS
    ],
    scope="module",
)
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """Each kind of Wikibase in turn, for all tests of this file."""
    with ExitStack() as stack:
        yield Place(_KINDS[request.param](stack, tmp_path_factory.mktemp("contract")))


def test_what_is_written_is_read_back(place: Place) -> None:
    """All of it: values, qualifiers in their order, references, ranks; each with a GUID."""
    other = place.make("pointed to")
    statements = (
        replace(
            place.statement("text", Text("one “two” \\ ünï 漢 𝒳 <b>|&amp;")),
            qualifiers=(place.snak("count", 3), place.snak("count", -7)),
            references=(Reference((place.snak("page", Text("https://example.org/a?b=c&d")),)),),
            rank=Rank.PREFERRED,
        ),
        replace(
            place.statement("text", Text("two")),
            references=(
                Reference((place.snak("text", Text("a")), place.snak("count", 1))),
                Reference((place.snak("text", Text("b")),)),
            ),
        ),
        place.statement("thing", EntityRef(other.entity.id)),
        Statement(Snak(place.ids["day"], day(date(2026, 3, 4)), "time")),
        Statement(Snak(place.ids["text"], None, "string", "novalue"), rank=Rank.DEPRECATED),
        Statement(Snak(place.ids["thing"], None, "wikibase-item", "somevalue")),
    )
    grouped = sorted(
        statements, key=lambda each: list(place.ids.values()).index(each.main.property)
    )

    stored = place.make("whole_number", *grouped)

    assert [replace(statement, id=None) for statement in stored.entity.statements] == grouped
    guids = [statement.id or "" for statement in stored.entity.statements]
    assert all(guid.startswith(f"{stored.entity.id}$") for guid in guids)
    assert len(set(guids)) == len(guids)
    assert stored.entity.labels == {"en": place.named("whole_number")}
    assert stored.modified.endswith("Z")


def test_what_is_not_there_is_left_out(place: Place) -> None:
    """Also where it stands among what is there, and where the id is none at all."""
    here = place.make("here").entity.id

    assert list(place.wikibase.read(["Q99999999", here, "P99999999"])) == [here]
    assert place.wikibase.read([]) == {}


def test_properties_are_found_by_label(place: Place) -> None:
    """In the language asked for, and only whole."""
    label = place.named("count property")

    assert place.wikibase.find_property(label) == place.ids["count"]
    assert place.wikibase.find_property(label, "de") is None
    assert place.wikibase.find_property(place.named("count")) is None


def test_label_and_description_are_a_lock(place: Place) -> None:
    """A second item with both is refused, and the first named."""
    first = place.make("locked")
    place.write(place.create("locked", about="another thing"))

    with pytest.raises((LabelClash, PartlyWritten)) as refused:
        place.write(place.create("locked"))

    found = refused.value
    clash = found.outcomes[0] if isinstance(found, PartlyWritten) else found
    assert isinstance(clash, LabelClash)
    assert clash.entity == first.entity.id


def test_items_are_found_by_external_id(place: Place) -> None:
    """As soon as they are written; all of them, or those of some names."""
    first, second = (place.named(text) for text in ("first’s “id”", "second's id"))
    one = place.make("first", place.statement("name", Text(first))).entity.id
    two = place.make("second", place.statement("name", Text(second))).entity.id
    name = place.ids["name"]

    assert place.wikibase.find_by_identifier(name, [second, "nobody", second]) == [(second, two)]
    assert {(first, one), (second, two)} <= set(place.wikibase.find_by_identifier(name))
    assert place.wikibase.find_by_identifier(name, []) == []
    assert place.wikibase.find_by_identifier(place.ids["text"], [first]) == []


def test_a_change_adds_replaces_and_removes_and_leaves_the_rest_alone(place: Place) -> None:
    """Terms of other languages, other statements, aliases that were there."""
    before = place.make(
        "changing",
        place.statement("text", Text("kept")),
        place.statement("text", Text("replaced")),
        place.statement("text", Text("removed")),
    )
    kept, replaced, removed = before.entity.statements
    better = replace(replaced, main=place.snak("text", Text("better")), rank=Rank.PREFERRED)

    (first,) = place.write(
        Change(
            key="changing",
            id=before.entity.id,
            base=before.revision,
            labels={"de": "anders"},
            aliases={"en": ("one", "two")},
            statements=(better, place.statement("count", 5)),
            removed=(removed.id or "",),
            was=before,
        )
    )
    amid = place.item(before.entity.id)
    place.write(
        Change(
            key="changing",
            id=before.entity.id,
            base=first.revision,
            aliases={"en": ("three",)},
            descriptions={"de": "etwas"},
            was=amid,
        )
    )

    after = place.item(before.entity.id)
    assert amid.revision == first.revision > before.revision
    assert after.entity.labels == {"en": place.named("changing"), "de": "anders"}
    assert after.entity.descriptions == {"en": "a thing", "de": "etwas"}
    assert list(after.entity.aliases["en"]) == ["one", "two", "three"]
    assert set(after.entity.statements[:2]) == {kept, better}
    assert after.entity.statements[2].main == place.snak("count", 5)
    assert len(after.entity.statements) == 3


def test_edits_that_point_to_each_other_are_all_carried_out(place: Place) -> None:
    """Two passes: nothing points at what is not there yet."""

    def wants(key: str, target: str) -> Create:
        return place.create(
            key, Statement(Snak(place.ids["thing"], EntityRef(new(target)), "wikibase-item"))
        )

    done = list(perform([wants("a", "b"), wants("b", "a")], place.wikibase, "contract tests"))

    ids = {each.edit.key: each.written.id for each in done}
    for key, target in (("a", "b"), ("b", "a")):
        entity = place.item(ids[key]).entity
        assert entity.values(place.ids["thing"]) == [EntityRef(ids[target])]


def test_planning_again_after_a_plan_was_carried_out_gives_no_edit(place: Place) -> None:
    """What was written is recognised, whatever the Wikibase made of it."""
    text = place.ids["text"]
    rules = Rules(key_qualifiers={text: (place.ids["count"],)})
    wanted = Desired(
        key="planned",
        entity=Entity(
            labels={"en": place.named("planned")},
            descriptions={"en": "a thing"},
            aliases={"en": ("alias",)},
            statements=tuple(
                replace(place.statement("text", Text("x")), qualifiers=(place.snak("count", n),))
                for n in range(3)
            ),
        ),
    )
    (done,) = perform(plan([wanted], {}, rules), place.wikibase, "contract tests")
    more = replace(
        wanted,
        entity=replace(
            wanted.entity,
            statements=(*wanted.entity.statements, place.statement("text", Text("y"))),
        ),
    )
    for each in (wanted, more):
        present = {"planned": place.item(done.written.id)}
        list(perform(plan([each], present, rules), place.wikibase, "contract tests"))

    present = {"planned": place.item(done.written.id)}
    assert list(plan([more], present, rules)) == []
    assert len(present["planned"].entity.statements) == 4


def test_queries_see_what_is_written(place: Place) -> None:
    """Sooner or later: a query service may lag."""
    target = place.make("target").entity.id
    source = place.make("source", place.statement("thing", EntityRef(target))).entity.id
    base = place.wikibase.concept_base
    direct = base.removesuffix("entity/") + f"prop/direct/{place.ids['thing']}"
    query = (
        f'SELECT ?item ("é\\"" AS ?text) (7 AS ?n) ?none {{ ?item <{direct}> <{base}{target}> }}'
    )
    deadline = time.monotonic() + _PATIENCE
    answer = place.wikibase.select(query)
    while not answer.rows and time.monotonic() < deadline:
        time.sleep(1)
        answer = place.wikibase.select(query)

    assert answer.variables == ("item", "text", "n", "none")
    assert answer.rows == [(Iri(f"{base}{source}"), 'é"', 7, None)]


def test_a_query_that_is_none_is_refused(place: Place) -> None:
    """One clear error."""
    with pytest.raises(QueryError):
        place.wikibase.select("SELECT nonsense")


def test_what_was_brought_about_is_recalled_until_somebody_changes_it(place: Place) -> None:
    """So that the same answers again need no look at the item."""
    stored = place.make("brought about")
    written = Written(stored.entity.id, stored.revision)
    key = place.named("person/w1")
    place.wikibase.record_imports({key: b"digest"}, {key: written})
    assert place.wikibase.imported_digests([key, "nobody/w1"]) == {key: b"digest"}

    # Noted of a revision that is not the newest any more.
    place.wikibase.record_imports({key: b"digest"}, {key: replace(written, revision=1)})
    assert place.wikibase.imported_digests([key]) == {}


def test_an_edit_of_this_program_leaves_what_it_brought_about_before(place: Place) -> None:
    """Two waves of one person: the second undoes nothing of the first."""
    stored = place.make("two waves")
    key = place.named("person/w2")
    place.wikibase.record_imports({key: b"d"}, {key: Written(stored.entity.id, stored.revision)})
    place.write(
        Change(
            key="two waves",
            id=stored.entity.id,
            base=stored.revision,
            statements=(place.statement("text", Text("more")),),
            was=stored,
        )
    )
    place.item(stored.entity.id)  # reading it shows that no other edit came between

    assert place.wikibase.imported_digests([key]) == {key: b"d"}


def test_the_journal_tells_every_statement_with_its_guid(place: Place, tmp_path: Path) -> None:
    """Enough to list what was written, and to take it back."""
    with Journal.begin(tmp_path, BatchHeader(batch="b1", command="test")) as journal:
        (made,) = place.wikibase.write(
            [place.create("logged", place.statement("text", Text("a")))], "test, batch b1", journal
        )
        before = place.item(made.id)
        (old,) = before.entity.statements
        edit = Change(
            key="logged",
            id=made.id,
            base=made.revision,
            labels={"en": place.named("logged anew")},
            statements=(
                place.statement("text", Text("b")),
                replace(old, rank=Rank.DEPRECATED),
                place.statement("count", 1),
            ),
            was=before,
        )
        place.wikibase.write([edit], "test, batch b1", journal)

    first, second = find_batch(tmp_path, "b1").entries()
    after = {statement.id: statement for statement in place.item(made.id).entity.statements}
    assert (first.state, second.state) == (EditState.WRITTEN, EditState.WRITTEN)
    assert (first.created, first.id, first.revision) == (True, made.id, made.revision)
    assert first.statements == before.entity.statements
    assert list(second.statements) == [after[statement.id] for statement in second.statements]
    assert second.replaced == (old,)
    assert [each.main for each in second.added] == [
        place.snak("text", Text("b")),
        place.snak("count", 1),
    ]
    assert second.terms.labels == {"en": place.named("logged anew")}
    assert second.terms_before.labels == {"en": place.named("logged")}


def test_a_refused_edit_is_noted_as_not_made(place: Place, tmp_path: Path) -> None:
    """It does not have to be looked up."""
    place.make("taken")
    with (
        pytest.raises((LabelClash, PartlyWritten)),
        Journal.begin(tmp_path, BatchHeader(batch="b2", command="test")) as journal,
    ):
        place.wikibase.write([place.create("taken")], "test, batch b2", journal)

    (entry,) = find_batch(tmp_path, "b2").entries()
    assert entry.state is EditState.REFUSED
    assert "label" in entry.why


def test_the_salt_stays_and_revisions_grow(place: Place) -> None:
    """Salted keys of one Wikibase are the same from run to run."""
    before = place.wikibase.revision()
    place.make("one more")

    assert place.wikibase.revision() > before
    assert len(place.wikibase.salt()) >= 16
    assert place.wikibase.salt() == place.wikibase.salt()


def test_the_ontology_is_applied_once(place: Place, ontology: Ontology) -> None:
    """Applying it again changes nothing."""
    list(apply_ontology(place.wikibase, ontology))

    assert plan_ontology(place.wikibase, ontology) == []
