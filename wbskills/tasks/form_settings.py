"""The settings of the form, in the section `[self_evaluation]` of `wbskills.toml`.

    [self_evaluation]
    questionnaire = "ambassadors"
    coordinators = ["Ada"]

    [self_evaluation.wiki]          # for log-in by a wiki's OAuth 2
    rest = "https://meta.wikimedia.org/w/rest.php"
    api = "https://meta.wikimedia.org/w/api.php"
    client_id = "…"
    name = "Meta-Wiki"

The secret of the application is in the environment, as `WBSKILLS_OAUTH_SECRET`, or in the private
file `secret_file`.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from wbskills.errors import FaultyFile, InvalidValue
from wbskills.names import username
from wbskills.toml_reader import TomlTable, open_toml
from wbskills.wikibase.remote.login import read_secret_file
from wbskills.wikibase.remote.profile import FILE, address_fault, config_folder

SECTION: Final = "self_evaluation"
SECRET: Final = "WBSKILLS_OAUTH_SECRET"  # noqa: S105 - the name of a variable


class SettingsError(FaultyFile):
    """The settings of the form are wrong."""

    exit_code = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class WikiLogIn:
    """The wiki where people log in by OAuth 2, and the application that is registered there."""

    rest: str
    client_id: str
    api: str = ""
    name: str = ""
    client_secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSettings:
    """How people log in to the form, and who may see how many have answered.

    `wikibase` is the profile or folder that a form on its own writes to, `address` where people
    open it, without a slash at the end.
    """

    questionnaire: str = "ambassadors"
    wikibase: str = ""
    address: str = ""
    accounts: bool = True
    invitations: bool = True
    wiki: WikiLogIn | None = None
    coordinators: frozenset[str] = frozenset()


def load_settings() -> FormSettings:
    """Read the settings of the working folder, else of the user; else the usual ones.

    Raises `SettingsError` with all faults, `SecretError` if a secret cannot be read.
    """
    for file in (Path(FILE), config_folder() / FILE):
        if file.is_file():
            top = open_toml(file, SettingsError)
            table = top.table(SECTION)
            if table is not None:
                return _read(file, top, table)
    return FormSettings()


def _read(file: Path, top: TomlTable, table: TomlTable) -> FormSettings:
    ways = table.texts("log_in") or ("account", "invitation", "wiki")
    for way in ways:
        if way not in ("account", "invitation", "wiki"):
            table.fault(
                f"there is no log-in “{way[:80]}”", "use account, invitation or wiki", "log_in"
            )
    wiki = table.table("wiki")
    settings = FormSettings(
        questionnaire=table.text("questionnaire") or "ambassadors",
        wikibase=table.text("wikibase"),
        address=_address(table, "address").rstrip("/"),
        accounts="account" in ways,
        invitations="invitation" in ways,
        wiki=_wiki(wiki) if wiki is not None and "wiki" in ways else None,
        coordinators=frozenset(_names(table)),
    )
    table.finish()
    if top.faults:
        raise SettingsError(str(file), top.faults)
    return settings


def _wiki(table: TomlTable) -> WikiLogIn:
    file = table.text("secret_file")
    secret = read_secret_file(Path(file).expanduser()).strip() if file else ""
    found = WikiLogIn(
        rest=_address(table, "rest", needed="https://meta.wikimedia.org/w/rest.php"),
        api=_address(table, "api"),
        name=table.text("name"),
        client_id=table.required_text("client_id", "…"),
        client_secret=os.environ.get(SECRET, "") or secret,
    )
    table.finish()
    return found


def _address(table: TomlTable, name: str, needed: str = "") -> str:
    address = table.required_text(name, needed) if needed else table.text(name)
    fault = address_fault(address) if address else None
    if fault:
        table.fault(fault.what, fault.hint, name)
    return address


def _names(table: TomlTable) -> list[str]:
    found = []
    for name in table.texts("coordinators"):
        try:
            found.append(username(name))
        except InvalidValue as error:
            table.fault(f"“{name[:80]}”: {error.what}", error.hint, "coordinators")
    return found
