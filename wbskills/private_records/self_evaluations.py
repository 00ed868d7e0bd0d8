"""What people have not sent yet, and who was invited: a private file next to the journals.

Never part of the Wikibase. People are salted hashes here, and everything they wrote is encrypted
with a key that lies elsewhere (`sealing`). A draft is removed when it was sent, when the person
withdraws, and after 90 days; `forget` removes all of a person.
"""

import json
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from wbskills.domain import Identity
from wbskills.errors import StoreError
from wbskills.private_files import private_file, private_folder
from wbskills.private_records.sealing import Key, SealBroken
from wbskills.wikibase.sqlite import MEMORY, Database

FILE: Final = "self-evaluations.sqlite"
DRAFT_DAYS: Final = 90
_FORMAT: Final = 1
_WAIT: Final = 10.0  # seconds
_CLAIM: Final = timedelta(minutes=2)  # for which nobody else sends the same answers
_LONGEST_WAIT: Final = timedelta(minutes=10)
_SCHEMA: Final = (
    "CREATE TABLE seal (sealed BLOB)",
    """CREATE TABLE draft (
        person BLOB, questionnaire TEXT, sealed BLOB, saved TEXT, state TEXT,
        tries INTEGER, next TEXT, PRIMARY KEY (person, questionnaire)
    ) WITHOUT ROWID""",
    """CREATE TABLE progress (
        person BLOB, questionnaire TEXT, community TEXT, began TEXT, part TEXT, finished TEXT,
        PRIMARY KEY (person, questionnaire)
    ) WITHOUT ROWID""",
    """CREATE TABLE invitation (
        id TEXT PRIMARY KEY, person BLOB, questionnaire TEXT, community TEXT, sealed BLOB,
        expires TEXT, opened TEXT, revoked TEXT
    ) WITHOUT ROWID""",
    "CREATE INDEX invitation_person ON invitation (person)",
    "CREATE TABLE access (person BLOB PRIMARY KEY, sealed BLOB) WITHOUT ROWID",
)
_WAITING: Final = (
    "SELECT person, questionnaire, sealed, state FROM draft WHERE state = 'waiting' AND"
)
_OF_A_PERSON: Final = ("draft", "progress", "invitation", "access")

Fields = Mapping[str, str]
Clock = Callable[[], datetime]


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class State(StrEnum):
    """Whether answers are still being given, or wait to be written to the Wikibase."""

    DRAFT = "draft"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Draft:
    """The answers that a person has not sent yet, by field of the form; `waiting` once sent.

    `language` is that of the pages, `version` that of the questionnaire. `how` says how the
    person logged in. `sent` is when they sent it, `refused` why it was not written.
    """

    identity: Identity
    questionnaire: str
    version: int = 0
    language: str = "en"
    how: str = ""
    fields: Fields = field(default_factory=dict)
    sent: str = ""
    refused: str = ""
    waiting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A personal link. `community` is a key of the ontology; days are as 2026-03-04."""

    id: str
    username: str
    questionnaire: str
    expires: str
    community: str = ""
    opened: str = ""
    revoked: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one person got, who is not named; `part` is the last part that they saved."""

    community: str
    invited: bool
    opened: bool
    began: bool
    part: str
    finished: bool


class SelfEvaluations:
    """Drafts, invitations and progress for one Wikibase. A context manager; threads share it.

    `salt` is that of the Wikibase. Without a folder, all is kept in memory.
    Raises `StoreError` if the file cannot be used, or was written with another key.
    """

    def __init__(self, folder: Path | None, salt: bytes, key: Key, clock: Clock = now) -> None:
        self._salt, self._key, self._clock = salt, key, clock
        self._file = folder / FILE if folder is not None else None
        if self._file is not None:
            private_folder(self._file.parent)
            private_file(self._file)
        self._db = _open(self._file)
        try:
            with self._db.transaction():
                if self._db.format == 0:
                    for statement in _SCHEMA:
                        self._db.run(statement)
                    self._db.run("INSERT INTO seal VALUES (?)", key.seal(FILE))
                    self._db.set_format(_FORMAT)
            self._check_key()
        except BaseException:
            self._db.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def draft(self, identity: Identity, questionnaire: str) -> Draft | None:
        """Return what a person has answered so far."""
        rows = self._db.rows(
            "SELECT sealed, state FROM draft WHERE person = ? AND questionnaire = ?",
            person_hash(identity, self._salt),
            questionnaire,
        )
        return self._draft(*rows[0]) if rows else None

    def change(
        self,
        start: Draft,
        changed: Fields,
        *,
        part: str = "",
        community: str = "",
        **about: object,
    ) -> Draft:
        """Change some fields of a draft, which begins as `start` if there is none.

        It is on the disk when this returns. `about` are other members of a draft. `part` is the
        part of the form that was saved. Answers that wait to be written become a draft again, if
        one of them changes.
        """
        who = person_hash(start.identity, self._salt)
        with self._db.transaction():
            rows = self._db.rows(
                "SELECT sealed, state FROM draft WHERE person = ? AND questionnaire = ?",
                who,
                start.questionnaire,
            )
            before = self._draft(*rows[0]) if rows else start
            fields = {name: value for name, value in {**before.fields, **changed}.items() if value}
            if before.waiting and fields == before.fields and "refused" not in about:
                return before  # it was sent as it is
            about = {"refused": "", **about}
            after = replace(before, fields=fields, waiting=False, sent="", **about)  # type: ignore[arg-type]
            if not rows or after != before:
                self._put(who, after, State.DRAFT)
            self._record(who, start.questionnaire, part, community)
        return after

    def submit(self, draft: Draft) -> Draft:
        """Mark a draft as sent by the person: from now on it waits to be written.

        What another tab or device has saved since the draft was read is sent with it.
        """
        who = person_hash(draft.identity, self._salt)
        with self._db.transaction():
            rows = self._db.rows(
                "SELECT sealed, state FROM draft WHERE person = ? AND questionnaire = ?",
                who,
                draft.questionnaire,
            )
            latest = self._draft(*rows[0]) if rows else draft
            sent = replace(latest, waiting=True, sent=self._now(), refused="")
            self._put(who, sent, State.WAITING)
        return sent

    def take_waiting(self, only: Identity | None = None) -> Draft | None:
        """Return answers that wait to be written and whose time has come, the oldest first.

        Nobody else gets them for two minutes, so that they are not written twice at once. With
        `only`, those of one person, whatever their time.
        """
        with self._db.transaction():
            rows = (
                self._db.rows(f"{_WAITING} next <= ? ORDER BY saved LIMIT 1", self._now())
                if only is None
                else self._db.rows(f"{_WAITING} person = ?", person_hash(only, self._salt))
            )
            if not rows:
                return None
            who, questionnaire, sealed, state = rows[0]
            self._db.run(
                "UPDATE draft SET next = ? WHERE person = ? AND questionnaire = ?",
                _text(self._clock() + _CLAIM),
                who,
                questionnaire,
            )
        return self._draft(sealed, state)

    def postpone(self, draft: Draft) -> None:
        """Try again later: after 15 seconds, then twice as long each time, up to ten minutes."""
        who = person_hash(draft.identity, self._salt)
        with self._db.transaction():
            rows = self._db.rows(
                "SELECT tries FROM draft WHERE person = ? AND questionnaire = ?",
                who,
                draft.questionnaire,
            )
            tries = rows[0][0] if rows else 0
            wait = min(_LONGEST_WAIT, timedelta(seconds=15 * 2 ** min(tries, 10)))
            self._db.run(
                "UPDATE draft SET tries = tries + 1, next = ?"
                " WHERE person = ? AND questionnaire = ? AND state = 'waiting'",
                _text(self._clock() + wait),
                who,
                draft.questionnaire,
            )

    def finish(self, draft: Draft) -> None:
        """Remove answers that were written, unless the person has changed them since."""
        who = person_hash(draft.identity, self._salt)
        with self._db.transaction():
            rows = self._db.rows(
                "SELECT sealed, state FROM draft WHERE person = ? AND questionnaire = ?",
                who,
                draft.questionnaire,
            )
            if rows and self._draft(*rows[0]) == draft:
                self._db.run(
                    "DELETE FROM draft WHERE person = ? AND questionnaire = ?",
                    who,
                    draft.questionnaire,
                )
            self._db.run(
                "UPDATE progress SET finished = ? WHERE person = ? AND questionnaire = ?",
                self._today(),
                who,
                draft.questionnaire,
            )
        self._wipe()

    def drop(self, identity: Identity, questionnaire: str) -> None:
        """Remove the draft of a person."""
        with self._db.transaction():
            self._db.run(
                "DELETE FROM draft WHERE person = ? AND questionnaire = ?",
                person_hash(identity, self._salt),
                questionnaire,
            )
        self._wipe()

    def drop_old(self) -> int:
        """Remove drafts of 90 days ago, and invitations that expired so long ago."""
        before = _text(self._clock() - timedelta(days=DRAFT_DAYS))
        with self._db.transaction():
            gone = self._db.run(
                "DELETE FROM draft WHERE saved < ? AND state = 'draft'", before
            ) + self._db.run("DELETE FROM invitation WHERE expires < ?", before[:10])
        if gone:
            self._wipe()
        return gone

    def forget(self, identities: Iterable[Identity]) -> int:
        """Remove everything about a person; returns how many records there were."""
        with self._db.transaction():
            gone = _forget(self._db, identities, self._salt)
        self._wipe()
        return gone

    def invite(
        self, people: Iterable[tuple[Identity, str]], questionnaire: str, expires: date
    ) -> list[Invitation]:
        """Make a personal link for each person, with the key of their community if known.

        An earlier link of a person for the same questionnaire is revoked.
        """
        made = []
        with self._db.transaction():
            for identity, community in people:
                who = person_hash(identity, self._salt)
                invitation = Invitation(
                    id=secrets.token_urlsafe(16),
                    username=identity.name,
                    questionnaire=questionnaire,
                    community=community,
                    expires=expires.isoformat(),
                )
                self._db.run(
                    "UPDATE invitation SET revoked = ?"
                    " WHERE person = ? AND questionnaire = ? AND revoked = ''",
                    self._today(),
                    who,
                    questionnaire,
                )
                self._db.run(
                    "INSERT INTO invitation VALUES (?, ?, ?, ?, ?, ?, '', '')",
                    invitation.id,
                    who,
                    questionnaire,
                    community,
                    self._key.seal(identity.name),
                    invitation.expires,
                )
                made.append(invitation)
        return made

    def invitation(self, invitation_id: str) -> Invitation | None:
        """Find an invitation that is still valid."""
        rows = self._db.rows(
            "SELECT id, questionnaire, community, sealed, expires, opened, revoked"
            " FROM invitation WHERE id = ?",
            invitation_id,
        )
        for id_, questionnaire, community, sealed, expires, opened, revoked in rows:
            if not revoked and expires >= self._today():
                return Invitation(
                    id=id_,
                    username=self._key.open(sealed),
                    questionnaire=questionnaire,
                    community=community,
                    expires=expires,
                    opened=opened,
                )
        return None

    def valid_until(self, identity: Identity) -> list[date]:
        """List the last days of the links that a person has."""
        rows = self._db.rows(
            "SELECT expires FROM invitation WHERE person = ? AND revoked = '' AND expires >= ?",
            person_hash(identity, self._salt),
            self._today(),
        )
        return [date.fromisoformat(expires) for (expires,) in rows]

    def saved(self, identity: Identity, questionnaire: str) -> date | None:
        """Return the day on which a draft was saved last."""
        rows = self._db.rows(
            "SELECT saved FROM draft WHERE person = ? AND questionnaire = ?",
            person_hash(identity, self._salt),
            questionnaire,
        )
        return datetime.fromisoformat(rows[0][0]).date() if rows else None

    def mark_opened(self, invitation_id: str) -> None:
        """Record that somebody followed a link."""
        with self._db.transaction():
            self._db.run(
                "UPDATE invitation SET opened = ? WHERE id = ? AND opened = ''",
                self._today(),
                invitation_id,
            )

    def revoke(self, identity: Identity) -> int:
        """Make all links of a person invalid; returns how many were valid."""
        with self._db.transaction():
            return self._db.run(
                "UPDATE invitation SET revoked = ? WHERE person = ? AND revoked = ''",
                self._today(),
                person_hash(identity, self._salt),
            )

    def progress(self, questionnaire: str) -> Iterator[Progress]:
        """Yield how far each person got who was invited or began."""
        rows = self._db.rows(
            "SELECT p, max(community), max(invited), max(opened), max(began), max(part),"
            " max(finished) FROM ("
            " SELECT person AS p, community, 1 AS invited, opened <> '' AS opened, 0 AS began,"
            " '' AS part, 0 AS finished FROM invitation WHERE questionnaire = ?1"
            " UNION ALL SELECT person, community, 0, 0, 1, part, finished <> ''"
            " FROM progress WHERE questionnaire = ?1) GROUP BY p",
            questionnaire,
        )
        for _, community, invited, opened, began, part, finished in rows:
            yield Progress(
                community, bool(invited), bool(opened), bool(began), part, bool(finished)
            )

    def access(self, identity: Identity) -> str:
        """Return what lets the program edit as a person; empty if they gave it none."""
        rows = self._db.rows(
            "SELECT sealed FROM access WHERE person = ?", person_hash(identity, self._salt)
        )
        return self._key.open(rows[0][0]) if rows else ""

    def set_access(self, identity: Identity, access: str) -> None:
        """Keep what lets the program edit as a person, encrypted."""
        with self._db.transaction():
            self._db.run(
                "INSERT OR REPLACE INTO access VALUES (?, ?)",
                person_hash(identity, self._salt),
                self._key.seal(access),
            )

    def _check_key(self) -> None:
        try:
            self._key.open(self._db.rows("SELECT sealed FROM seal")[0][0])
        except SealBroken:
            raise StoreError(
                f"{self._file} was encrypted with another key",
                hint="put the key of before back, or move that file elsewhere: answers that were"
                " not sent, and invitations, are lost then",
            ) from None

    def _draft(self, sealed: bytes, state: str) -> Draft:
        found = json.loads(self._key.open(sealed))
        identity = Identity(*found.pop("identity"))
        return Draft(identity=identity, **found, waiting=state == State.WAITING)

    def _put(self, who: bytes, draft: Draft, state: State) -> None:
        content = {
            "identity": [draft.identity.property, draft.identity.name],
            "questionnaire": draft.questionnaire,
            "version": draft.version,
            "language": draft.language,
            "how": draft.how,
            "fields": draft.fields,
            "sent": draft.sent,
            "refused": draft.refused,
        }
        saved = self._now()
        self._db.run(
            "INSERT OR REPLACE INTO draft VALUES (?, ?, ?, ?, ?, 0, ?)",
            who,
            draft.questionnaire,
            self._key.seal(json.dumps(content)),
            saved,
            state.value,
            saved,
        )

    def _record(self, who: bytes, questionnaire: str, part: str, community: str) -> None:
        self._db.run(
            "INSERT INTO progress VALUES (?1, ?2, ?3, ?4, ?5, '')"
            " ON CONFLICT (person, questionnaire) DO UPDATE SET"
            " part = CASE WHEN ?5 = '' THEN part ELSE ?5 END,"
            " community = CASE WHEN ?3 = '' THEN community ELSE ?3 END",
            who,
            questionnaire,
            community,
            self._today(),
            part,
        )

    def _wipe(self) -> None:
        """Leave no byte of what was removed in SQLite's own files."""
        _wipe(self._db)

    def _now(self) -> str:
        return _text(self._clock())

    def _today(self) -> str:
        return self._now()[:10]


def forget_self_evaluations(
    folder: Path | None, identities: Iterable[Identity], salt: bytes
) -> int:
    """Remove everything about a person from the file, if there is one; needs no key."""
    file = None if folder is None else folder / FILE
    if file is None or not file.exists():
        return 0
    db = _open(file)
    try:
        if db.format == 0:
            return 0
        with db.transaction():
            gone = _forget(db, identities, salt)
        _wipe(db)
    finally:
        db.close()
    return gone


def has_self_evaluations(folder: Path | None, identity: Identity, salt: bytes) -> bool:
    """Whether the file, if there is one, has anything about a person; needs no key."""
    file = None if folder is None else folder / FILE
    if file is None or not file.exists():
        return False
    db = _open(file)
    try:
        return db.format > 0 and any(
            db.rows(f"SELECT 1 FROM {table} WHERE person = ?", person_hash(identity, salt))  # noqa: S608
            for table in _OF_A_PERSON
        )
    finally:
        db.close()


def person_hash(identity: Identity, salt: bytes) -> bytes:
    """Return what stands for a person in the file."""
    return blake2b(
        identity.key().encode(), key=salt, digest_size=16, person=b"self-evaluation"[:16]
    ).digest()


def _forget(db: Database, identities: Iterable[Identity], salt: bytes) -> int:
    return sum(
        db.run(f"DELETE FROM {table} WHERE person = ?", person_hash(identity, salt))  # noqa: S608
        for identity in identities
        for table in _OF_A_PERSON
    )


def _wipe(db: Database) -> None:
    """Empty the write-ahead log, which holds pages as they were; others may still read it."""
    try:
        db.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    except (StoreError, sqlite3.Error):
        return


def _open(file: Path | None) -> Database:
    return Database(
        file or MEMORY,
        name=str(file or "the answers that were not sent yet"),
        format_known=_FORMAT,
        wait=_WAIT,
        durable=True,
        damage_hint="move the file elsewhere; answers that were not sent are lost then",
    )


def _text(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
