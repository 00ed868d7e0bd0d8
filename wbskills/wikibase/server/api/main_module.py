"""All modules of the API, and the parameters that every request may have."""

from typing import Final

from wbskills.wikibase.server.api import paraminfo
from wbskills.wikibase.server.api.call import Call, Module
from wbskills.wikibase.server.api.claim_edits import (
    CREATE_CLAIM,
    REMOVE_CLAIMS,
    SET_CLAIM,
    SET_CLAIM_VALUE,
)
from wbskills.wikibase.server.api.deleting import DELETE, EDIT, UNDELETE
from wbskills.wikibase.server.api.entity_edits import EDIT_ENTITY
from wbskills.wikibase.server.api.formatting import AVAILABLE_BADGES, FORMAT_ENTITIES, FORMAT_VALUE
from wbskills.wikibase.server.api.logins import CLIENT_LOGIN, LOGIN, LOGOUT
from wbskills.wikibase.server.api.merging import CREATE_REDIRECT, MERGE_ITEMS
from wbskills.wikibase.server.api.messages import Json
from wbskills.wikibase.server.api.parameters import Parameter
from wbskills.wikibase.server.api.parsing import PARSE_VALUE
from wbskills.wikibase.server.api.part_edits import (
    REMOVE_QUALIFIERS,
    REMOVE_REFERENCES,
    SET_QUALIFIER,
    SET_REFERENCE,
)
from wbskills.wikibase.server.api.query import QUERY
from wbskills.wikibase.server.api.query_parts import GENERATORS, KINDS
from wbskills.wikibase.server.api.reading import GET_CLAIMS, GET_ENTITIES
from wbskills.wikibase.server.api.searching import SEARCH_ENTITIES
from wbskills.wikibase.server.api.sites import SET_SITELINK
from wbskills.wikibase.server.api.term_edits import SET_ALIASES, SET_DESCRIPTION, SET_LABEL

FORMATS: Final = ("json", "jsonfm")
MAIN: Final = (
    Parameter("action", default="help"),
    Parameter("format", default="json"),
    Parameter("maxlag", "integer"),
    Parameter("smaxage", "integer", default=0),
    Parameter("maxage", "integer", default=0),
    Parameter("assert", choices=("anon", "bot", "user")),
    Parameter("assertuser", "user"),
    Parameter("requestid"),
    Parameter("servedby", "boolean"),
    Parameter("curtimestamp", "boolean"),
    Parameter("responselanginfo", "boolean"),
    Parameter("origin"),
    Parameter("uselang", default="user"),
    Parameter("variant"),
    Parameter(
        "errorformat",
        choices=("bc", "html", "none", "plaintext", "raw", "wikitext"),
        default="bc",
    ),
    Parameter("errorlang", default="uselang"),
    Parameter("errorsuselocal", "boolean"),
    Parameter("formatversion", choices=("1", "2", "latest"), default="1"),
    Parameter("callback"),
    Parameter("utf8", "boolean"),
    Parameter("ascii", "boolean"),
    Parameter("wrappedhtml", "boolean"),
)


def _help(_call: Call) -> Json:
    return {"help": {"modules": sorted(MODULES)}}


_ALL: Final = (
    AVAILABLE_BADGES, CLIENT_LOGIN, CREATE_CLAIM, CREATE_REDIRECT, DELETE, EDIT, EDIT_ENTITY,
    FORMAT_ENTITIES, FORMAT_VALUE, GET_CLAIMS, GET_ENTITIES, LOGIN, LOGOUT, MERGE_ITEMS,
    PARSE_VALUE, QUERY, REMOVE_CLAIMS, REMOVE_QUALIFIERS, REMOVE_REFERENCES, SEARCH_ENTITIES,
    SET_ALIASES, SET_CLAIM, SET_CLAIM_VALUE, SET_DESCRIPTION, SET_LABEL, SET_QUALIFIER,
    SET_REFERENCE, SET_SITELINK, UNDELETE, Module("help", _help),
    paraminfo.module(lambda: MODULES, lambda: MAIN, lambda: KINDS, GENERATORS),
)  # fmt: skip
MODULES: Final[dict[str, Module]] = {module.name: module for module in _ALL}
