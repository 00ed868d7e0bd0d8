"""Replays the requests that were recorded of a real Wikibase, and compares the answers.

They are sent in their order to an empty server. What cannot be equal is compared in another way:
tokens and times by their form, HTML by its text; GUIDs, revisions, pages and log entries must
correspond to those of the recording one to one, through the whole replay.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
from werkzeug.test import Client, TestResponse

from tests.wikibase.recordings import RECORDINGS
from wbskills.cli.serve import Options, serve
from wbskills.web_app import create_web_app
from wbskills.wikibase.embedded.store import IN_MEMORY, Embedded
from wbskills.wikibase.server.accounts import add_bot_password, add_user
from wbskills.wikibase.server.settings import Settings
from wbskills.wikibase.server.site import Site

Json = dict[str, Any]

HERE: Final = Path(__file__).parent
EXCHANGES: Final = RECORDINGS / "exchanges"
ADDRESS: Final = "http://127.0.0.1:8181"
OPTIONS: Final = (
    *("--anonymous-edits", "--name", "RealWB", "--wiki-id", "realwb"),
    *("--commons", str(HERE / "commons.txt")),
    "--no-full-text",  # the recorded wiki's search had no index of its items
)

"""The options with which `wbskills serve` is configured like the recorded Wikibase."""

PASSWORDS: Final = {
    "WbBot@bot": "b" * 32,
    "Editor@edit": "e" * 32,
    "Editor@readonly": "r" * 32,
    "Admin@bot": "a" * 32,
    "WbBot": "the main password",
}
_GUID: Final = re.compile(
    r"[QPqp]\d+[$-][0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"
)
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_NUMBERED: Final = {
    "lastrevid": "revision",
    "revid": "revision",
    "parentid": "revision",
    "old_revid": "revision",
    "oldrevid": "revision",
    "newrevid": "revision",
    "pageid": "page",
    "logid": "log",
    "rcid": "change",
}
_NUMBER: Final = re.compile(r'"(lastrevid|pageid)": (\d+)')
_TIMES: Final = {"timestamp", "modified", "dateModified", "newtimestamp", "touched"}
_VERSION: Final = {"generator", "phpversion", "phpsapi", "dbtype", "dbversion"}
_GOING_ON: Final = {"rccontinue", "grccontinue", "uccontinue", "lecontinue"}  # with times in them
_NOT_COMPARED: Final = {"sha1", "classname", *_GOING_ON, *_VERSION}
_UNORDERED: Final = {"rights", "groups"}
_HEADERS: Final = (
    "MediaWiki-API-Error",
    "Retry-After",
    "X-Database-Lag",
    "Access-Control-Allow-Origin",
    "MediaWiki-Login-Suppressed",
    "Location",
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A recorded request and its answer."""

    name: str
    title: str
    request: Mapping[str, Any]
    response: Mapping[str, Any]

    @property
    def number(self) -> int:
        """The number that the name begins with."""
        return int(self.name[:4])

    @property
    def about(self) -> str:
        """The part of the server that has to answer: api, entity data or REST."""
        url = self.request["url"]
        if url.startswith("/w/rest.php"):
            return "REST"
        return "api" if url == "/w/api.php" else "entity data"


def exchanges() -> list[Exchange]:
    """Return all recordings, in order."""
    found = []
    for path in sorted(EXCHANGES.glob("[0-9]*.json")):
        recorded = json.loads(path.read_text(encoding="utf-8"))
        found.append(
            Exchange(path.stem, recorded["title"], recorded["request"], recorded["response"])
        )
    return found


def out_of_scope() -> dict[str, str]:
    """Return why some recordings are not compared, by name."""
    return {name: group["reason"] for group in _groups() for name in group["exchanges"]}


def _replayed_uncompared() -> set[str]:
    """Return the recordings out of scope whose effects later ones need."""
    return {name for group in _groups() if group.get("asked") for name in group["exchanges"]}


def _groups() -> list[dict[str, Any]]:
    with (HERE / "out_of_scope.toml").open("rb") as file:
        found: list[dict[str, Any]] = tomllib.load(file)["group"]
    return found


@dataclass(slots=True)
class Pairs:
    """Which of our names corresponds to which recorded one, one to one."""

    there: dict[tuple[str, Any], Any] = field(default_factory=dict)
    here: dict[tuple[str, Any], Any] = field(default_factory=dict)

    def agree(self, kind: str, recorded: Any, ours: Any) -> bool:  # noqa: ANN401 - JSON
        """Tell whether two names can correspond; remember them if they are new."""
        known = self.there.setdefault((kind, recorded), ours)
        back = self.here.setdefault((kind, ours), recorded)
        return bool(known == ours and back == recorded)

    def ours(self, kind: str, recorded: Any) -> Any:  # noqa: ANN401 - JSON
        """Return our name for a recorded one; itself if there is none."""
        return self.there.get((kind, recorded), recorded)


@contextmanager
def replaying(*arguments: str) -> Iterator["Replay"]:
    """Serve an empty Wikibase with options of `wbskills serve`, as typed."""
    options = Options(**serve.make_context("serve", ["--wikibase", IN_MEMORY, *arguments]).params)
    with options.open(ADDRESS) as site:
        _make_users(site.store)
        yield Replay(site, options.settings())


class Replay:
    """A server on which the recordings are replayed."""

    def __init__(self, site: Site, settings: Settings) -> None:
        self.faults = settings.faults
        self._app = create_web_app(site, settings)
        self._clients: dict[str, Client] = {}
        self.pairs = Pairs()
        self._asked = _replayed_uncompared()

    def replay(self, exchange: Exchange) -> list[str]:
        """Replay one exchange; return the differences."""
        self._set_faults(exchange.number)
        return self.compared(exchange)

    def compared(self, exchange: Exchange) -> list[str]:
        """Send a recorded request; return the differences."""
        return list(self._differences(exchange, self._send(exchange)))

    def skip(self, exchange: Exchange) -> None:
        """Handle an exchange that is out of scope."""
        if exchange.name in self._asked:
            self._send(exchange)

    def _set_faults(self, number: int) -> None:
        faults = self.faults
        faults.edits_per_minute = 2 if 308 <= number <= 311 else 0
        faults.read_only = "database is locked for a test" if number == 312 else ""
        lagging = 316 <= number <= 318
        faults.lag, faults.host = (7.25, "fake-replica") if lagging else (-1.0, "")

    def _client(self, name: str) -> Client:
        if name == "anonymous":
            return Client(self._app)
        if name not in self._clients:
            client = self._clients[name] = Client(self._app)
            if name in PASSWORDS and name != "WbBot@bot":
                log_in(client, name, PASSWORDS[name])
        return self._clients[name]

    def _send(self, exchange: Exchange) -> TestResponse:
        request = exchange.request
        who = request["as"]
        client = self._client(who)
        form = {
            name: self._value(who, name, value, request)
            for name, value in (request.get("form") or {}).items()
        }
        query = {
            name: self._value(who, name, value, request)
            for name, value in (request.get("query") or {}).items()
        }
        return client.open(
            request["url"],
            method=request["method"],
            base_url=ADDRESS,
            query_string=query or None,
            data=form or None,
            headers={k: v for k, v in (request.get("headers") or {}).items() if v},
            environ_base={"REMOTE_ADDR": "127.0.0.1"},
        )

    def _value(self, who: str, name: str, value: Any, request: Mapping[str, Any]) -> str:  # noqa: ANN401 - JSON
        text = str(value)
        if name in ("lgpassword", "password") and text == "<password>":
            form = request["form"]
            return PASSWORDS.get(form.get("lgname") or form.get("username"), text)
        if name in ("token", "lgtoken", "logintoken"):
            return self._token(who, text)
        if name in ("baserevid", "undo", "revision", "oldid"):
            return str(self.pairs.ours("revision", int(text)))
        return _NUMBER.sub(self._our_number, self._with_our_guids(text))

    def _our_number(self, found: re.Match[str]) -> str:
        """Return our number for a recorded one in the JSON of an edit."""
        return f'"{found[1]}": {self.pairs.ours(_NUMBERED[found[1]], int(found[2]))}'

    def _token(self, who: str, recorded: str) -> str:
        known = self.pairs.ours("token", recorded)
        if known != recorded or recorded == "+\\" or who in ("anonymous", "WbBot@bot"):
            return str(known)
        if recorded.startswith("dead"):
            return recorded
        return csrf(self._client(who))

    def _with_our_guids(self, text: str) -> str:
        return _GUID.sub(self._our_guid, text)

    def _our_guid(self, found: re.Match[str]) -> str:
        """Return our GUID for a recorded one; in RDF it has a hyphen after the id."""
        entity_id, rest = re.split("[$-]", found[0], maxsplit=1)
        ours = str(self.pairs.ours("guid", f"{entity_id}${rest}"))
        return ours if "$" in found[0] else ours.replace("$", "-")

    def _differences(self, exchange: Exchange, response: TestResponse) -> Iterator[str]:
        expected = exchange.response
        if response.status_code != expected["status"]:
            yield f"status: expected {expected['status']}, got {response.status_code}"
        for name in _HEADERS:
            if exchange.about == "entity data" and name.startswith("Access"):
                continue  # recorded from the web server in front of Wikibase
            wanted, got = expected["headers"].get(name), response.headers.get(name)
            if wanted != got and not (name == "Location" and got == f"{ADDRESS}{wanted}"):
                yield f"header {name}: expected {wanted}, got {got}"
        body, text = expected["body"], response.get_data(as_text=True)
        if isinstance(body, (dict, list)):
            try:
                got = json.loads(text)
            except ValueError:
                yield f"body: expected JSON, got {text[:100]!r}"
                return
            yield from self.compare(_by_title(body), _by_title(got), "")
        elif "turtle" in expected["headers"].get("Content-Type", ""):
            yield from self._compare_triples(body or "", text)

    def _compare_triples(self, expected: str, got: str) -> Iterator[str]:
        wanted, found = _triples(self._with_our_guids(expected)), _triples(got)
        for line in sorted(wanted - found)[:5]:
            yield f"missing: {line}"
        for line in sorted(found - wanted)[:5]:
            yield f"too many: {line}"

    def compare(self, expected: Any, got: Any, path: str) -> Iterator[str]:  # noqa: ANN401 - JSON
        """Return the differences between two JSON values."""
        if isinstance(expected, dict) and isinstance(got, dict):
            yield from self._compare_maps(expected, got, path)
        elif isinstance(expected, list) and isinstance(got, list):
            if len(expected) != len(got):
                yield f"{path}: expected {len(expected)} entries, got {len(got)}"
            for number, (one, other) in enumerate(zip(expected, got, strict=False)):
                yield from self.compare(one, other, f"{path}/{number}")
        elif isinstance(expected, str) and isinstance(got, str):
            if not self._same_text(expected, got):
                yield f"{path}: expected {_short(expected)}, got {_short(got)}"
        elif type(expected) is not type(got) or expected != got:
            yield f"{path}: expected {_short(expected)}, got {_short(got)}"

    def _compare_maps(self, expected: Json, got: Json, path: str) -> Iterator[str]:
        for name in [*expected, *(name for name in got if name not in expected)]:
            place = f"{path}/{name}"
            if name not in got:
                yield f"{place}: expected {_short(expected[name])}, got nothing"
            elif name not in expected:
                yield f"{place}: expected nothing, got {_short(got[name])}"
            elif name not in _NOT_COMPARED:
                yield from self._compare_member(name, expected[name], got[name], place)

    def _compare_member(self, name: str, expected: Any, got: Any, place: str) -> Iterator[str]:  # noqa: ANN401 - JSON
        wrong = f"{place}: expected {_short(expected)}, got {_short(got)}"
        if name in _NUMBERED and isinstance(got, int):
            if (expected == 0) != (got == 0) or not self.pairs.agree(
                _NUMBERED[name], expected, got
            ):
                yield f"{wrong} (corresponded to another)"
        elif name in _TIMES or (name == "time" and place.endswith("/general/time")):
            if got != expected and not _TIME.fullmatch(str(got)):
                yield wrong
        elif name.endswith("token") or place == "/login/token":
            if not self._same_token(expected, got):
                yield wrong
        elif name == "html":
            yield from self.compare(_text_of(expected), _text_of(got), place)
        elif name in _UNORDERED and isinstance(got, list):
            yield from self.compare(sorted(expected), sorted(got), place)
        elif name == "extensions" and isinstance(got, list):
            known = [each["name"] for each in expected if each["type"] == "wikibase"]
            yield from self.compare(known, [each["name"] for each in got], place)
        else:
            yield from self.compare(expected, got, place)

    def _same_token(self, expected: str, got: str) -> bool:
        if got != "+\\":
            self.pairs.there["token", expected] = got
        return (expected == "+\\") == (got == "+\\") and str(got).endswith("+\\")

    def _same_text(self, expected: str, got: str) -> bool:
        theirs, ours = _GUID.findall(expected), _GUID.findall(got)
        if len(theirs) != len(ours):
            return False
        agreed = [self.pairs.agree("guid", *pair) for pair in zip(theirs, ours, strict=True)]
        return all(agreed) and _GUID.sub("", expected) == _GUID.sub("", got)


def _by_title(found: Any) -> Any:  # noqa: ANN401 - JSON
    """Key pages by their titles; their numbers are compared where they are members."""
    pages = found.get("query", {}).get("pages") if isinstance(found, dict) else None
    if isinstance(pages, dict):
        by_title = {_title(page): page for page in pages.values()}
        return {**found, "query": {**found["query"], "pages": by_title}}
    if isinstance(pages, list):
        ordered = sorted(pages, key=_title)
        return {**found, "query": {**found["query"], "pages": ordered}}
    return found


def _title(page: Json) -> str:
    return str(page.get("title", page.get("pageid")))


def _text_of(html: Any) -> str:  # noqa: ANN401 - JSON
    """Return the text of HTML, in which links may also be written as wikitext."""
    shown = str(html["*"] if isinstance(html, dict) else html)
    text = re.sub(r"<[^>]*>", "", unescape(re.sub(r"<[^>]*>", "", shown)))
    return re.sub(r"\[(?:https?://\S+ |\[[^]|]*\|)([^]]*)\]+", r"\1", text)


def _triples(turtle: str) -> set[str]:
    try:
        data = ox.Dataset(ox.parse(turtle.encode(), format=ox.RdfFormat.TURTLE))
    except SyntaxError as error:
        return {f"not Turtle: {error}"}
    data.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    known = ("http://schema.org/version", "http://schema.org/dateModified")
    return {
        f"{quad.subject} {quad.predicate} {quad.object}"
        for quad in data
        if quad.predicate.value not in known
    }


def _short(found: Any) -> str:  # noqa: ANN401 - JSON
    text = json.dumps(found, ensure_ascii=False)
    return text if len(text) < 160 else f"{text[:160]}…"


def _make_users(store: Embedded) -> None:
    accounts = store.accounts
    admin = add_user(accounts, "Admin", "x" * 20, ("sysop",))
    add_user(accounts, "Somebody")
    editor = add_user(accounts, "Editor", "x" * 20)
    bot = add_user(accounts, "WbBot", PASSWORDS["WbBot"], ("bot",))
    add_user(accounts, "Somebody else")
    for account, app, name, grants in (
        (admin, "bot", "Admin@bot", ("basic", "editpage", "delete", "highvolume")),
        (editor, "edit", "Editor@edit", ("basic", "editpage")),
        (editor, "readonly", "Editor@readonly", ("basic",)),
        (bot, "bot", "WbBot@bot", ("basic", "highvolume", "editpage", "createeditmovepage")),
    ):
        add_bot_password(accounts, account, app, PASSWORDS[name], grants)


def api(client: Client, **form: str) -> Any:  # noqa: ANN401 - JSON
    """Send a request to the API by POST."""
    answer = client.post("/w/api.php", data={"format": "json", **form}, base_url=ADDRESS)
    return json.loads(answer.get_data())


def log_in(client: Client, name: str, password: str) -> None:
    """Log in with a bot password."""
    found = api(client, action="query", meta="tokens", type="login")
    token = found["query"]["tokens"]["logintoken"]
    answer = api(client, action="login", lgname=name, lgpassword=password, lgtoken=token)
    assert answer["login"]["result"] == "Success", answer


def csrf(client: Client) -> str:
    """Fetch the token for edits."""
    return str(api(client, action="query", meta="tokens")["query"]["tokens"]["csrftoken"])
