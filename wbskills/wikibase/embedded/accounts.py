"""Accounts of the embedded Wikibase. Stores hashes of passwords; the caller computes them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wbskills.wikibase.embedded.revision_store import RevisionStore


@dataclass(frozen=True, slots=True)
class Account:
    """A user; `secret` is the hash of the password, empty if there is none."""

    id: int
    name: str
    secret: str
    groups: tuple[str, ...]
    made: str = ""


@dataclass(frozen=True, slots=True)
class BotPassword:
    """A password for one program of a user, with the rights granted to it."""

    app: str
    secret: str
    grants: tuple[str, ...]


class Accounts:
    """The accounts of one store."""

    def __init__(self, revisions: RevisionStore) -> None:
        self._revisions = revisions

    def find(self, name: str) -> Account | None:
        """Find a user by name."""
        rows = self._revisions.rows(
            "SELECT id, name, secret, groups, made FROM account WHERE name = ?", name
        )
        if not rows:
            return None
        return _account(rows[0])

    def list_all(self) -> list[Account]:
        """List all users by name."""
        rows = self._revisions.rows(
            "SELECT id, name, secret, groups, made FROM account ORDER BY name"
        )
        return [_account(row) for row in rows]

    def count(self) -> int:
        """Count the users."""
        return int(self._revisions.rows("SELECT COUNT(*) FROM account")[0][0])

    def put(self, name: str, secret: str, groups: Sequence[str]) -> Account:
        """Create a user, or change the password and groups of one."""
        with self._revisions.transaction():
            self._revisions.run(
                "INSERT INTO account (name, secret, groups, made) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET secret = excluded.secret,"
                " groups = excluded.groups",
                name,
                secret,
                json.dumps(list(groups)),
                self._revisions.now(),
            )
        found = self.find(name)
        assert found is not None  # noqa: S101 - it was put there above
        return found

    def bot_password(self, account: Account, app: str) -> BotPassword | None:
        """Find the password of a program."""
        rows = self._revisions.rows(
            "SELECT app, secret, grants FROM bot_password WHERE account = ? AND app = ?",
            account.id,
            app,
        )
        return BotPassword(rows[0][0], rows[0][1], tuple(json.loads(rows[0][2]))) if rows else None

    def put_bot_password(
        self, account: Account, app: str, secret: str, grants: Sequence[str]
    ) -> None:
        """Set the password of a program."""
        with self._revisions.transaction():
            self._revisions.run(
                "INSERT OR REPLACE INTO bot_password VALUES (?, ?, ?, ?)",
                account.id,
                app,
                secret,
                json.dumps(list(grants)),
            )

    def setting(self, name: str) -> str:
        """Return a setting of the server; empty if it was never set."""
        rows = self._revisions.rows("SELECT value FROM setting WHERE name = ?", name)
        return str(rows[0][0]) if rows else ""

    def put_setting(self, name: str, value: str) -> None:
        """Keep a setting of the server."""
        with self._revisions.transaction():
            self._revisions.run("INSERT OR REPLACE INTO setting VALUES (?, ?)", name, value)


def _account(row: tuple[Any, ...]) -> Account:
    number, name, secret, groups, made = row
    return Account(number, name, secret, tuple(json.loads(groups)), made)
