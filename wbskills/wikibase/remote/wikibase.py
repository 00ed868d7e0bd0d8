"""The interface of a Wikibase, over the network."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import count
from typing import Final, Self

from wbskills.bulk import chunks
from wbskills.errors import EditConflict, EditRefused, LabelClash, StoreError
from wbskills.table import Iri
from wbskills.wikibase.entity_database import identifiers
from wbskills.wikibase.interface import (
    EditLog,
    MergedDuplicate,
    PartlyWritten,
    SelectResult,
    Written,
)
from wbskills.wikibase.model.edits import Change, Create, Edit, apply_change
from wbskills.wikibase.model.entities import Entity, Stored
from wbskills.wikibase.remote.api import ActionApi, AnswerLost, RequestRefused
from wbskills.wikibase.remote.duplicates import TwinMerger
from wbskills.wikibase.remote.edit_json import with_new_guids
from wbskills.wikibase.remote.entity_index import EntityIndex
from wbskills.wikibase.remote.login import Secret, user_agent
from wbskills.wikibase.remote.profile import Profile
from wbskills.wikibase.remote.reader import RemoteReader
from wbskills.wikibase.remote.retries import Waiter
from wbskills.wikibase.remote.site_info import fetch_site_info
from wbskills.wikibase.remote.state import LocalState
from wbskills.wikibase.remote.writer import EditWriter, Failure, Job, Outcome

_TRIES: Final = 5
_NAMES_PER_QUERY: Final = 200


class RemoteWikibase:
    """A shared Wikibase, reached through a profile. A context manager.

    Nothing is sent before something is needed. `on_progress` gets lines for the user, from any
    thread: what is being waited for or read.

    Raises `StoreError` if the wiki refuses, or does not answer for a long time.
    """

    def __init__(
        self,
        profile: Profile,
        secret: Secret,
        *,
        on_progress: Callable[[str], object] = lambda _: None,
        waiter: Waiter | None = None,
    ) -> None:
        self.profile = profile
        self._waiter = waiter or Waiter(on_progress)
        self._api = ActionApi(profile, secret, self._waiter)
        self._connected: _Connection | None = None
        self._expected: dict[str, _ExpectedState] = {}
        self._unlogged_batch = secrets.token_hex(4)
        self._unlogged_numbers = count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections and the state folder."""
        self._api.close()
        if self._connected is not None:
            self._connected.state.close()
            self._connected = None

    def acting_as(self, access_token: str) -> AbstractContextManager[None]:
        """Make edits as the person who gave this OAuth 2 token, for a while."""
        self._connect()  # what is known of the wiki is not what that person may see
        return self._api.acting_as(access_token)

    @property
    def requests(self) -> int:
        """How many requests were sent to the API, without log-ins."""
        return self._api.requests

    @property
    def concept_base(self) -> str:
        """The address that stands before entity ids."""
        return self.profile.concept_base or self._connect().reader.site.concept_base

    @property
    def entities(self) -> Mapping[str, str]:
        """The ids of entities that the wiki already has, by key, from the profile."""
        return self.profile.entities

    def _connect(self) -> "_Connection":
        """Fetch the site information, once."""
        if self._connected is None:
            site = fetch_site_info(self._api)
            if site.rate:
                self._api.rate.limit_to(site.rate)
            self._api.bot = "bot" in site.rights
            reader = RemoteReader(self._api, site)
            state = LocalState(self.profile.state, self.profile.concept_base or site.concept_base)
            self._connected = _Connection(
                reader,
                state,
                EntityIndex(reader, state, self._waiter),
                TwinMerger(self._api, reader, self._waiter, state.revisions),
            )
        return self._connected

    def read(self, ids: Iterable[str]) -> dict[str, Stored]:
        """Read entities by id; missing ones and redirects are left out."""
        names = list(dict.fromkeys(ids))
        if not names:
            return {}
        here = self._connect()
        found = here.index.pop_read(names)
        fresh = self._read_up_to_date([name for name in names if name not in found])
        there = {name: each for name, each in fresh.items() if each.entity.id == name}
        here.index.add(there.values())
        here.index.remove(name for name in names if name not in found and name not in there)
        found |= there
        for name, stored in found.items():
            self._confirm(name, stored)
        return found

    def _read_up_to_date(self, names: list[str]) -> dict[str, Stored]:
        """Read entities, until a lagging database shows our own last edits of them."""
        reader, retries = self._connect().reader, self._waiter.retries()
        found = reader.read(names)
        for _ in range(_TRIES):
            old = [
                name
                for name, stored in found.items()
                if name in self._expected and stored.revision < self._expected[name].revision
            ]
            if not old:
                break
            retries.wait("the wiki does not show its latest edits yet")
            found |= reader.read(old)
        return found

    def _confirm(self, name: str, stored: Stored) -> None:
        """Compare an entity with what our last edit should have left."""
        expected = self._expected.pop(name, None)
        if (
            expected is not None
            and expected.revision == stored.revision
            and expected.guids == {statement.id for statement in stored.entity.statements}
        ):
            # Nobody's edit came between, so earlier imports still hold.
            state = self._connect().state
            with state.transaction():
                state.keep_imports(name, expected.base, expected.revision)

    def find_property(self, label: str, language: str = "en") -> str | None:
        """Find the property that has this label."""
        return self._connect().index.find_property(label, language)

    def label_conflicts(self, entity: Entity) -> set[str]:
        """Find other entities that have its label and description in a language.

        On a very large wiki, only among those that this program has read.
        """
        return self._connect().index.label_conflicts(entity)

    def find_by_identifier(
        self, property_id: str, names: Iterable[str] | None = None
    ) -> list[tuple[str, str]]:
        """Find entities by their external ids, as pairs of name and id; without `names`, all.

        On a very large wiki, the query service finds those that this program has not read yet;
        then they are read.
        """
        index = self._connect().index
        wanted = None if names is None else list(dict.fromkeys(names))
        found = index.find_by_identifier(property_id, wanted)
        if index.complete or not self.profile.sparql:
            return found
        known = {name for name, _ in found}
        unknown = None if wanted is None else [name for name in wanted if name not in known]
        if unknown == []:
            return found
        self.read(self._query_identified(property_id, unknown))
        return index.find_by_identifier(property_id, wanted)

    def _query_identified(self, property_id: str, names: list[str] | None) -> list[str]:
        """Ask the query service for the entities with these external ids."""
        direct = self.concept_base.removesuffix("entity/") + f"prop/direct/{property_id}"
        found = []
        for part in [None] if names is None else chunks(names, _NAMES_PER_QUERY):
            values = "" if part is None else f"VALUES ?name {{ {' '.join(map(_literal, part))} }} "
            answer = self.select(f"SELECT ?entity {{ {values}?entity <{direct}> ?name }}")
            found += [
                str(row[0]).removeprefix(self.concept_base)
                for row in answer.rows
                if isinstance(row[0], Iri)
            ]
        return found

    def write(
        self, edits: Sequence[Edit], summary: str, log: EditLog | None = None
    ) -> list[Written]:
        """Make edits, each on its own; one `Written` for each.

        Raises `PartlyWritten` if some conflicted with edits by others or were refused on their
        own, and another `StoreError` if the wiki accepts no more edits; all that could be made
        was made, and is in the log.
        """
        if not edits:
            return []
        here = self._connect()
        here.state.lock_for_writing()
        here.index.pop_read(edit.id for edit in edits if isinstance(edit, Change))
        edits = [with_new_guids(edit) for edit in edits]
        if log is None:
            batch, numbers = self._unlogged_batch, [next(self._unlogged_numbers) for _ in edits]
        else:
            batch, numbers = log.batch, log.intend(edits)
        mark = summary if batch in summary else f"{summary}, batch {batch}"
        jobs = [
            Job(index, number, edit, f"{mark} #{number}")
            for index, (number, edit) in enumerate(zip(numbers, edits, strict=True))
        ]
        writer = EditWriter(self._api, here.reader, self._waiter, sessions=self.profile.sessions)
        outcomes = writer.run(jobs, log)
        self._index_written(edits, outcomes)
        outcomes = self._merge_twins(jobs, outcomes, mark, log)
        return self._result(edits, outcomes)

    def _index_written(self, edits: Sequence[Edit], outcomes: Sequence[Outcome]) -> None:
        """Index what was written, so that it is found again without reading."""
        written: list[tuple[Entity, int]] = []
        for edit, outcome in zip(edits, outcomes, strict=True):
            if not isinstance(outcome, Written):
                continue
            if isinstance(edit, Create):
                written.append((replace(edit.entity, id=outcome.id), outcome.revision))
                continue
            guids: frozenset[str] = frozenset()
            if edit.was is not None:
                after = _after(edit.was.entity, edit)
                written.append((after, outcome.revision))
                if not outcome.merged:
                    guids = frozenset(statement.id or "" for statement in after.statements)
            self._expected[edit.id] = _ExpectedState(edit.base, outcome.revision, guids)
        self._connect().state.index(written)

    def _merge_twins(
        self, jobs: Sequence[Job], outcomes: list[Outcome], mark: str, log: EditLog | None
    ) -> list[Outcome]:
        """Merge what was created with what others created at the same time.

        A creation that was given up counts as not made in the log: that is what an undo needs.
        """
        own = {
            outcome.id: (replace(job.edit.entity, id=outcome.id), outcome)
            for job, outcome in zip(jobs, outcomes, strict=True)
            if isinstance(job.edit, Create) and isinstance(outcome, Written)
        }
        here = self._connect()
        pairs = here.twins.merge_twins(own, mark) if own else []
        if not pairs:
            return outcomes
        given_up: dict[str, MergedDuplicate] = {each.entity: each for each in pairs}
        kept: dict[str, MergedDuplicate] = {each.into: each for each in pairs}
        here.index.remove(given_up)
        there = self.read(kept)
        outcomes = list(outcomes)
        for job, outcome in zip(jobs, outcomes, strict=True):
            if not isinstance(outcome, Written) or not isinstance(job.edit, Create):
                continue
            if pair := given_up.get(outcome.id):
                if log is not None:
                    log.refused(job.number, str(pair))
                revision = there[pair.into].revision if pair.into in there else 0
                outcomes[job.index] = Written(
                    pair.into, revision, conflict_free=False, duplicate=pair
                )
            elif pair := kept.get(outcome.id):
                outcomes[job.index] = replace(outcome, conflict_free=False, duplicate=pair)
        return outcomes

    def _result(self, edits: Sequence[Edit], outcomes: Sequence[Outcome]) -> list[Written]:
        """Return what was written, or raise what went wrong."""
        results: list[Written | StoreError | None] = []
        for outcome in outcomes:
            if not isinstance(outcome, Failure):
                results.append(outcome)
            elif self._is_conflict(outcome):
                results.append(None)
            elif isinstance(outcome.error, EditRefused | LabelClash):
                results.append(outcome.error)
            else:
                raise outcome.error
        written = [result for result in results if isinstance(result, Written)]
        if len(written) < len(edits):
            missing = len(edits) - len(written)
            raise PartlyWritten(
                f"{missing} of {len(edits)} edits conflicted with someone else’s edits, or were"
                " refused",
                results,
                hint="run the same command again",
            )
        return written

    def _is_conflict(self, failure: Failure) -> bool:
        """Check whether a failed edit can be planned again."""
        error, edit = failure.error, failure.job.edit
        if isinstance(error, LabelClash):
            # Someone else has created the same item, or an earlier run that was interrupted.
            return isinstance(edit, Create) and self._connect().index.read_and_compare(
                error.entity, identifiers(edit.entity)
            )
        return isinstance(error, EditConflict)

    def merge_items(self, entity_id: str, into: str, summary: str) -> None:
        """Move everything of an item into another one, and redirect it there.

        Raises `EditRefused` if the wiki refuses to merge these two.
        """
        here = self._connect()
        here.state.lock_for_writing()
        here.twins.merge(entity_id, into, summary)
        here.index.remove([entity_id])

    def delete(self, entity_id: str, reason: str) -> bool:
        """Delete an entity; False if this user may not. A missing one counts as deleted.

        Raises `EditRefused` if the wiki refuses to delete this one.
        """
        here, retries = self._connect(), self._waiter.retries()
        here.state.lock_for_writing()
        for _ in range(_TRIES):
            try:
                self._api.edit("delete", title=here.reader.title(entity_id), reason=reason)
                break
            except AnswerLost as lost:
                if entity_id not in here.reader.revisions([entity_id]):
                    break
                retries.wait(lost.why, lost.seconds)
            except RequestRefused as error:
                if error.code == "missingtitle":
                    break
                if error.code in {"permissiondenied", "cantdelete"}:
                    return False
                if error.edit_only:
                    raise EditRefused(f"{entity_id}: {error.what}", hint=error.hint) from error
                raise
        else:
            raise StoreError(
                f"{entity_id} could not be deleted", hint="run the same command again"
            )
        here.state.remove([entity_id])
        return True

    def find_in_history(self, property_id: str, name: str) -> set[str]:
        """Return nothing: the history of a wiki is not searched."""
        del property_id, name
        return set()

    def erase_history(self, entity_id: str) -> bool:
        """Do nothing: only the wiki's administrators can hide its history."""
        del entity_id
        return False

    def erase_mentions(self, names: Callable[[str], bool]) -> tuple[str, ...]:
        """Do nothing: a wiki cannot be searched for all texts that name a person."""
        del names
        return ()

    def clean_up(self) -> tuple[str, ...]:
        """Leave no byte of what was removed in the state folder."""
        self._connect().state.clean_up()
        return ()

    def select(self, sparql: str) -> SelectResult:
        """Answer a SELECT query from the query service, which may lag behind the wiki."""
        from wbskills.wikibase.remote.sparql import select

        return select(self.profile.sparql, sparql, user_agent(self.profile.contact))

    def imported_digests(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return the digests of `record_imports` whose entities nobody has changed since."""
        here = self._connect()
        imports = here.state.imports(keys)
        latest = here.reader.revisions({each.entity for each in imports})
        return {
            each.key: each.digest for each in imports if latest.get(each.entity) == each.revision
        }

    def record_imports(self, digests: Mapping[str, bytes], written: Mapping[str, Written]) -> None:
        """Store the digests of desired states that were written, by key."""
        self._connect().state.record_imports(digests, written)

    def drop_cached(self, entity_id: str, key: str) -> None:
        """Remove what this machine knows about an entity, and about `key` and `key/…`."""
        self._connect().state.drop_cached(entity_id, key)

    def salt(self) -> bytes:
        """Return the secret that response ids are hashed with; it never leaves this machine."""
        return self._connect().state.salt()

    def revision(self) -> int:
        """Return the number of the wiki's latest revision."""
        return self._connect().reader.latest_revision()


@dataclass(frozen=True, slots=True)
class _Connection:
    """What works on one wiki, once it has said what it is."""

    reader: RemoteReader
    state: LocalState
    index: EntityIndex
    twins: TwinMerger


@dataclass(frozen=True, slots=True)
class _ExpectedState:
    """What an edit should have left: a revision made from `base`, with these statements."""

    base: int
    revision: int
    guids: frozenset[str]


def _after(entity: Entity, change: Change) -> Entity:
    """Apply a change, also the statements that it adds under GUIDs of ours."""
    after = apply_change(entity, change)
    present = {statement.id for statement in after.statements}
    added = tuple(statement for statement in change.statements if statement.id not in present)
    return replace(after, statements=(*after.statements, *added))


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
