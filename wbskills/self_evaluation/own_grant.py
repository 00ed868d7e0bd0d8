"""Making edits as the person themselves, where they allowed that when they logged in."""

import json
import logging
from contextlib import AbstractContextManager
from time import time
from typing import Final

from wbskills.domain import Identity
from wbskills.private_records.self_evaluations import SelfEvaluations
from wbskills.wikibase.remote import oauth
from wbskills.wikibase.remote.oauth import LogInError, OAuthApp, Token
from wbskills.wikibase.remote.wikibase import RemoteWikibase

EDITING: Final = frozenset({"editpage", "createeditmovepage"})  # grants, both of which it takes
_SPARE: Final = 120.0  # seconds that a token must be valid for
_log = logging.getLogger(__name__)


class OwnGrants:
    """The tokens of people who allowed edits in their name; kept encrypted."""

    def __init__(self, wikibase: RemoteWikibase, private: SelfEvaluations, app: OAuthApp) -> None:
        self._wikibase, self._private, self._app = wikibase, private, app

    def acting_as(self, identity: Identity) -> AbstractContextManager[None] | None:
        """Return what makes edits as a person for a while; None if they did not allow it."""
        kept = self._private.access(identity)
        if not kept:
            return None
        token = Token(**json.loads(kept))
        if token.expires < time() + _SPARE:
            try:
                token = oauth.refresh(self._app, token)
            except LogInError as error:
                _log.warning("a token could not be renewed: %s", error.problem)
                return None
            keep(self._private, identity, token)
        return self._wikibase.acting_as(token.access)


def keep(private: SelfEvaluations, identity: Identity, token: Token) -> None:
    """Keep a person's token."""
    told = {"access": token.access, "refresh": token.refresh, "expires": token.expires}
    private.set_access(identity, json.dumps(told))


def is_same_wiki(api: str, rest: str) -> bool:
    """Whether two addresses are of one wiki: api.php and rest.php stand in one folder."""
    return api.rpartition("/")[0] == rest.rpartition("/")[0]
