"""The Wikibase protocol over the network: what the rest of the program sees of a wiki."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Final, Self

from wbskills.errors import EditConflict, EditRefused, LabelClash, StoreError
from wbskills.table import Iri
from wbskills.wikibase.interface import EditLog, PartlyWritten, SelectResult, Written
from wbskills.wikibase.model.edits import Change, Create, Edit, apply_change
from wbskills.wikibase.model.entities import Entity, Stored
from wbskills.wikibase.model.guids_and_locks import identifiers
from wbskills.wikibase.remote.api import AnswerLost, Api, Refused
from wbskills.wikibase.remote.catalogue import Catalogue
from wbskills.wikibase.remote.data import named
from wbskills.wikibase.remote.logins import user_agent
from wbskills.wikibase.remote.profile import Profile, Secret
from wbskills.wikibase.remote.reader import About, Reader, about, chunks
from wbskills.wikibase.remote.sparql import select
from wbskills.wikibase.remote.state import State
from wbskills.wikibase.remote.uniting import Uniter, reckoned
from wbskills.wikibase.remote.waiting import Waiting, Watch
from wbskills.wikibase.remote.writer import Failure, Job, Outcome, Writer

_TRIES: Final = 5
_NAMES: Final = 200  # asked of the query service at once


class Remote:
    """A Wikibase far away. A context manager.

    `watch` is given lines for the user, from any thread: what is waited for, what is being
    read. Nothing is asked of the wiki before something is needed.

    Raises `StoreError` where the wiki refuses, or does not answer for a long time.
    """

    def __init__(
        self,
        profile: Profile,
        secret: Secret,
        *,
        watch: Watch = lambda _: None,
        waiting: Waiting | None = None,
    ) -> None:
        self.profile = profile
        self._waiting = waiting or Waiting(watch)
        self._api = Api(profile, secret, self._waiting)
        self._opened: _Opened | None = None
        self._hoped: dict[str, _Hope] = {}
        self._unlogged = f"{secrets.token_hex(4)}"
        self._numbers = count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connections and let go of the state folder."""
        self._api.close()
        if self._opened is not None:
            self._opened.state.close()
            self._opened = None

    @property
    def requests(self) -> int:
        """How many requests were sent to the API, the log-in aside."""
        return self._api.requests

    @property
    def concept_base(self) -> str:
        """The address that entity ids are put behind."""
        return self.profile.concept_base or self._open().about.concept_base

    @property
    def entities(self) -> Mapping[str, str]:
        """Ids that keys of the ontology have here because the profile says so."""
        return self.profile.entities

    @property
    def about(self) -> About:
        """What the wiki says of itself and of this user."""
        return self._open().about

    def _open(self) -> "_Opened":
        """Get to know the wiki, once."""
        if self._opened is None:
            told = about(self._api)
            if told.rate:
                self._api.pace.at_most(told.rate)
            reader = Reader(self._api, told)
            state = State(self.profile.state, self.profile.concept_base or told.concept_base)
            self._opened = _Opened(
                told,
                reader,
                state,
                Catalogue(reader, state, told, self._waiting),
                Uniter(self._api, reader, told, self._waiting, state.revisions),
            )
        return self._opened

    def read(self, ids: Iterable[str]) -> dict[str, Stored]:
        """Read entities by id; what is not there, or is a redirect, is left out."""
        names = list(dict.fromkeys(ids))
        if not names:
            return {}
        opened = self._open()
        found = opened.catalogue.take(names)
        fresh = opened.reader.read(name for name in names if name not in found)
        fresh = self._not_older(fresh)
        there = {name: each for name, each in fresh.items() if each.entity.id == name}
        opened.catalogue.saw(there.values())
        opened.catalogue.missed(name for name in names if name not in found and name not in there)
        found |= there
        for name, stored in found.items():
            self._fulfil(name, stored)
        return found

    def _not_older(self, found: dict[str, Stored]) -> dict[str, Stored]:
        """Read again what a lagging database gives as it was before our own edit."""
        tries = self._waiting.once()
        for _ in range(_TRIES):
            old = [
                name
                for name, stored in found.items()
                if name in self._hoped and stored.revision < self._hoped[name].revision
            ]
            if not old:
                break
            tries.again("the wiki does not show its newest edits yet")
            found |= self._open().reader.read(old)
        return found

    def _fulfil(self, name: str, stored: Stored) -> None:
        """Compare an entity with what it should be after our last edit."""
        hope = self._hoped.pop(name, None)
        if hope is None or hope.revision != stored.revision:
            return
        if {each.id for each in stored.entity.statements} == hope.guids:
            # Nobody's edit came between, so what was brought about before still is.
            self._open().state.carry(name, hope.base, hope.revision)

    def find_property(self, label: str, language: str = "en") -> str | None:
        """Find the property that has this label."""
        return self._open().catalogue.find_property(label, language)

    def label_conflicts(self, entity: Entity) -> set[str]:
        """Find others that have label and description of an entity in a language.

        On a very large wiki, those are found that this program has seen.
        """
        return self._open().catalogue.label_conflicts(entity)

    def identified(
        self, property_id: str, names: Iterable[str] | None = None
    ) -> list[tuple[str, str]]:
        """Find entities by their external ids, as pairs of name and id.

        All is found by reading. On a very large wiki, what this program has not seen yet is
        asked of the query service, and then read.
        """
        catalogue = self._open().catalogue
        wanted = None if names is None else list(dict.fromkeys(names))
        found = catalogue.identified(property_id, wanted)
        if catalogue.complete or not self.profile.sparql:
            return found
        known = {name for name, _ in found}
        unknown = None if wanted is None else [name for name in wanted if name not in known]
        if unknown == []:
            return found
        self.read(self._asked(property_id, unknown))
        return catalogue.identified(property_id, wanted)

    def _asked(self, property_id: str, names: list[str] | None) -> list[str]:
        """Ask the query service for entities with external ids."""
        direct = self.concept_base.removesuffix("entity/") + f"prop/direct/{property_id}"
        parts = [None] if names is None else list(chunks(names, _NAMES))
        found = []
        for part in parts:
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
        """Carry out edits, each for itself; one `Written` for each.

        Raises `PartlyWritten` if some met with somebody else's edit, or were refused for what
        they say, and another `StoreError` if no edit is taken any more; all that could be made
        was made, and stands in the log.
        """
        if not edits:
            return []
        opened = self._open()
        opened.state.claim()
        opened.catalogue.take(edit.id for edit in edits if isinstance(edit, Change))
        ready = [named(edit) for edit in edits]
        numbers = [next(self._numbers) for _ in ready] if log is None else log.intend(ready)
        batch = self._unlogged if log is None else log.batch
        mark = summary if batch in summary else f"{summary}, batch {batch}"
        jobs = [
            Job(index, number, edit, f"{mark} #{number}")
            for index, (number, edit) in enumerate(zip(numbers, ready, strict=True))
        ]
        writer = Writer(
            self._api,
            opened.reader,
            self._waiting,
            user=opened.about.user,
            sessions=self.profile.sessions,
            bot="bot" in opened.about.rights,
            since=opened.about.time,
        )
        outcomes = writer.run(jobs, log)
        self._note(ready, outcomes)
        outcomes = self._without_twins(jobs, outcomes, mark, log)
        return self._settled(ready, outcomes)

    def _without_twins(
        self, jobs: Sequence[Job], outcomes: Sequence[Outcome], mark: str, log: EditLog | None
    ) -> list[Outcome]:
        """Unite what was made with what others made at the same time."""
        own = {
            outcome.id: (replace(job.edit.entity, id=outcome.id), outcome)
            for job, outcome in zip(jobs, outcomes, strict=True)
            if isinstance(job.edit, Create) and isinstance(outcome, Written)
        }
        if not own:
            return list(outcomes)
        opened = self._open()
        united = {each.entity: each for each in opened.uniter.unite(own, mark)}
        if not united:
            return list(outcomes)
        opened.catalogue.missed(united)
        kept = self.read({each.into for each in united.values()})
        return list(reckoned(jobs, outcomes, united, kept, log))

    def merge_items(self, entity_id: str, into: str, summary: str) -> None:
        """Put everything of an item into another one, of which it becomes a redirect.

        Raises `EditRefused` if the wiki does not let these two be united.
        """
        opened = self._open()
        opened.state.claim()
        opened.uniter.merge(entity_id, into, summary)
        opened.catalogue.missed([entity_id])

    def _note(self, edits: Sequence[Edit], outcomes: Sequence[Outcome]) -> None:
        """Note what was made, so that it is found again without reading."""
        seen: list[tuple[Entity, int]] = []
        for edit, written in zip(edits, outcomes, strict=True):
            if not isinstance(written, Written):
                continue
            if isinstance(edit, Create):
                seen.append((replace(edit.entity, id=written.id), written.revision))
            elif edit.was is not None:
                after = apply_change(edit.was.entity, edit)
                after = _with_statements(after, edit)
                seen.append((after, written.revision))
                expected = frozenset(each.id or "" for each in after.statements)
                self._hoped[edit.id] = _Hope(
                    edit.base, written.revision, frozenset() if written.merged else expected
                )
            else:
                self._hoped[edit.id] = _Hope(edit.base, written.revision, frozenset())
        opened = self._open()
        opened.state.note(seen)

    def _settled(self, edits: Sequence[Edit], outcomes: Sequence[Outcome]) -> list[Written]:
        """Give what was written, or raise what went wrong."""
        made: list[Written | StoreError | None] = []
        for outcome in outcomes:
            if not isinstance(outcome, Failure):
                made.append(outcome)
            elif self._is_conflict(outcome):
                made.append(None)
            elif isinstance(outcome.error, EditRefused | LabelClash):
                made.append(outcome.error)
            else:
                raise outcome.error
        written = [each for each in made if isinstance(each, Written)]
        if len(written) < len(edits):
            missing = len(edits) - len(written)
            raise PartlyWritten(
                f"{missing} of {len(edits)} edits met with somebody else’s, or were refused",
                made,
                hint="the same command again",
            )
        return written

    def _is_conflict(self, failure: Failure) -> bool:
        """Tell whether planning again can make a failed edit good."""
        error, edit = failure.error, failure.job.edit
        if isinstance(error, LabelClash):
            # Somebody else has made the same item meanwhile, or a run that was broken off.
            return isinstance(edit, Create) and self._open().catalogue.adopt(
                error.entity, identifiers(edit.entity)
            )
        return isinstance(error, EditConflict)

    def delete(self, entity_id: str, reason: str) -> bool:
        """Delete an entity; False where this user may not. One that is not there is deleted.

        Raises `EditRefused` if the wiki does not let go of this one.
        """
        opened, tries = self._open(), self._waiting.once()
        opened.state.claim()
        for _ in range(_TRIES):
            try:
                self._api.edit("delete", title=opened.reader.title(entity_id), reason=reason)
            except AnswerLost as lost:
                if entity_id not in opened.reader.revisions([entity_id]):
                    break
                tries.again(lost.why, lost.seconds)
            except Refused as error:
                if error.code == "missingtitle":
                    break
                if error.code in {"permissiondenied", "cantdelete"}:
                    return False
                if error.alone:
                    raise EditRefused(f"{entity_id}: {error.what}", hint=error.hint) from error
                raise
            else:
                break
        else:
            raise StoreError(f"{entity_id} could not be deleted", hint="the same command again")
        opened.state.drop([entity_id])
        return True

    def ever_identified(self, property_id: str, name: str) -> set[str]:
        """Find nothing: what a wiki's history says is not searched."""
        del property_id, name
        return set()

    def erase_history(self, entity_id: str) -> bool:
        """Do nothing: what a wiki's history says is its administrators' to hide."""
        del entity_id
        return False

    def erase_mentions(self, names: Callable[[str], bool]) -> tuple[str, ...]:
        """Do nothing: a wiki cannot be searched for all that names somebody."""
        del names
        return ()

    def clean_up(self) -> tuple[str, ...]:
        """Leave no byte of what was dropped in the file of this machine's notes."""
        self._open().state.clean_up()
        return ()

    def select(self, sparql: str) -> SelectResult:
        """Answer a SELECT query from the query service, which may lag behind the wiki."""
        return select(self.profile.sparql, sparql, user_agent(self.profile))

    def imported_digests(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Give the digests of desired states whose entities nobody has changed since."""
        opened = self._open()
        notes = opened.state.imported_digests(list(keys))
        newest = opened.reader.revisions({entity for _, _, entity, _ in notes})
        return {
            key: bytes(digest)
            for key, digest, entity, revision in notes
            if newest.get(entity) == revision
        }

    def record_imports(self, digests: Mapping[str, bytes], written: Mapping[str, Written]) -> None:
        """Note which desired states have been brought about, in which entities."""
        self._open().state.remember(
            (key, digest, written[key].id, written[key].revision)
            for key, digest in digests.items()
        )

    def drop_cached(self, entity_id: str, key: str) -> None:
        """Drop what was noted on this machine of an entity, and of `key` and `key/…`."""
        self._open().state.drop_cached(entity_id, key)

    def salt(self) -> bytes:
        """Give the secret that response ids are hashed with; it never leaves this machine."""
        return self._open().state.salt()

    def revision(self) -> int:
        """Give the number of the wiki's newest revision."""
        return self._open().reader.newest_revision()


class _Opened:
    """What a wiki is known by, once it was asked."""

    def __init__(
        self, told: About, reader: Reader, state: State, catalogue: Catalogue, uniter: Uniter
    ) -> None:
        self.about, self.reader, self.state = told, reader, state
        self.catalogue, self.uniter = catalogue, uniter


class _Hope:
    """How an entity should be after an edit: its revision and its statements."""

    def __init__(self, base: int, revision: int, guids: frozenset[str]) -> None:
        self.base, self.revision, self.guids = base, revision, guids


def _with_statements(entity: Entity, change: Change) -> Entity:
    """Add the statements that a change adds under a GUID, which `apply_change` ignores."""
    present = {each.id for each in entity.statements}
    added = tuple(each for each in change.statements if each.id not in present)
    return replace(entity, statements=(*entity.statements, *added))


def _literal(text: str) -> str:
    """Write a text for SPARQL."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
