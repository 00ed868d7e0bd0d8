"""All modules of the API, and the parameters that every request may have."""

from typing import Final

from wbskills.web.api import paraminfo
from wbskills.web.api.call import Call, Module
from wbskills.web.api.claim_edits import (
    CREATE_CLAIM,
    REMOVE_CLAIMS,
    SET_CLAIM,
    SET_CLAIM_VALUE,
)
from wbskills.web.api.deleting import DELETE, EDIT, UNDELETE
from wbskills.web.api.entity_edits import EDIT_ENTITY
from wbskills.web.api.formatting import AVAILABLE_BADGES, FORMAT_ENTITIES, FORMAT_VALUE
from wbskills.web.api.logins import CLIENT_LOGIN, LOGIN, LOGOUT
from wbskills.web.api.merging import CREATE_REDIRECT, MERGE_ITEMS
from wbskills.web.api.messages import Json
from wbskills.web.api.parameters import Parameter
from wbskills.web.api.parsing import PARSE_VALUE
from wbskills.web.api.part_edits import (
    REMOVE_QUALIFIERS,
    REMOVE_REFERENCES,
    SET_QUALIFIER,
    SET_REFERENCE,
)
from wbskills.web.api.query import QUERY
from wbskills.web.api.query_parts import GENERATORS, KINDS
from wbskills.web.api.reading import GET_CLAIMS, GET_ENTITIES
from wbskills.web.api.searching import SEARCH_ENTITIES
from wbskills.web.api.sites import SET_SITELINK
from wbskills.web.api.term_edits import SET_ALIASES, SET_DESCRIPTION, SET_LABEL

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
