"""`wbskills serve`: the embedded Wikibase over HTTP."""

import gc
import shlex
import signal
import socket
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from wbskills.cli.options import FILE, load_ontology, on_wikibase, with_ontology
from wbskills.errors import NotFound

if TYPE_CHECKING:
    from wbskills.tasks.reports import ReportOptions
    from wbskills.wikibase.embedded.accounts import Accounts
    from wbskills.wikibase.server.settings import Settings
    from wbskills.wikibase.server.site import Site

PORT = 8181
_EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - what must not be named
_PROGRAM = "wbskills"  # the name of the first bot password


@click.command()
@on_wikibase
@with_ontology
@click.option("--host", default="localhost", show_default=True, help="The address to listen at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="The port to listen at; 0 takes any that is free.",
)
@click.option("--address", default="", help="Where clients reach it, if not at host and port.")
@click.option(
    "--concept-base",
    default="",
    metavar="ADDRESS",
    help="What the names of entities begin with, as in https://example.org/entity/; if not"
    " given, where they are served. It stays with the store once there are entities.",
)
@click.option("--name", default="wbskills", show_default=True, help="The name of the Wikibase.")
@click.option(
    "--wiki-id",
    default="wbskills",
    show_default=True,
    metavar="ID",
    help="What sitelinks to pages of this wiki call it.",
)
@click.option(
    "--commons",
    metavar="FILE",
    type=FILE,
    help="The files and data pages that values may name, one a line; without it, any.",
)
@click.option("--add-user", metavar="NAME", help="Make a user, or change one's password, first.")
@click.option("--public", is_flag=True, help="Allow an address that other machines can reach.")
@click.option(
    "--allow-origin",
    "origins",
    multiple=True,
    metavar="ORIGIN",
    help="Let pages of this site ask, as in https://query.example.org; may be repeated. Without"
    " it and --public, only pages that this machine serves may, such as OpenRefine.",
)
@click.option(
    "--secure-cookies/--no-secure-cookies",
    default=None,
    help="Let browsers send the cookies of a log-in over https only; the default with --public.",
)
@click.option(
    "--full-text/--no-full-text",
    default=True,
    help="Let list=search of the API find items; in a wiki without a search index it finds none.",
)
@click.option("--anonymous-edits", is_flag=True, help="Let everybody on this machine edit.")
@click.option(
    "--title",
    default="",
    help="The title of the report; if not given, “Who can do what” in its language.",
)
@click.option("--notice", default="", help="A sentence to stand on top of every page of it.")
@click.option(
    "--withhold-below",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="In the report, name nobody, and tell of each skill only how many can do it, where at"
    " least N can and at least N cannot. The items are served all the same.",
)
@click.option(
    "--faults", default="", help="Troubles for tests of clients, as in lag=5,read_only=x."
)
def serve(**given: Any) -> None:  # noqa: ANN401 - click hands over one value for each option
    """Serve the embedded Wikibase to programs and browsers, until Ctrl-C.

    Software that was made for Wikibase works with it: the Action API, Special:EntityData,
    SPARQL, OpenRefine. Pages to read, a query form and the report, live, are there, too. Only
    this machine reaches it, unless you say otherwise.

    \b
      wbskills serve --add-user Ada
      wbskills serve --wikibase :memory: --anonymous-edits
      wbskills serve --title "Technical ambassadors" --notice "A draft."
    """
    from wbskills.stores import IN_MEMORY
    from wbskills.web_app import create_web_app
    from wbskills.wikibase.server.guard import is_loopback, local_only, origin_of
    from wbskills.wikibase.server.http_server import HttpServer
    from wbskills.wikibase.server.site import close

    options = Options(**given)
    options.check()
    allowed = {origin_of(each) for each in options.origins}
    load_ontology(options.further)  # so that a fault in a file is told now, not on a page
    settings = options.settings()
    server = HttpServer(
        options.host,
        options.port,
        max_body=settings.max_body,
        is_proxied=options.public and is_loopback(options.host),
    )
    try:
        where = options.address.rstrip("/") or server.address
        with options.open(where) as site:
            if options.wikibase != IN_MEMORY and site.store.revision() == 0:
                _tell_empty(options.wikibase)
            users = _users(site.store.accounts, options)
            application = create_web_app(
                site, settings, options=options.report(), ontology=options.further
            )
            guarded = application if options.public else local_only(application, where, allowed)
            _tell(site, options, users, secure_cookies=settings.secure_cookies)
            signal.signal(signal.SIGTERM, _stop)
            _collect_less_garbage()
            try:
                server.run(guarded)
            finally:
                close(application)
            click.echo("Stopped.")
    finally:
        server.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command was given: one member for each of its options."""

    wikibase: str
    further: tuple[Path, ...]
    host: str
    port: int
    address: str
    concept_base: str
    name: str
    wiki_id: str
    commons: Path | None
    add_user: str | None
    public: bool
    origins: tuple[str, ...]
    secure_cookies: bool | None
    anonymous_edits: bool
    full_text: bool
    title: str
    notice: str
    withhold_below: int
    faults: str

    def check(self) -> None:
        """Raise `UsageError` if what is asked for must not be."""
        from wbskills.stores import find_profile
        from wbskills.wikibase.server.guard import is_loopback

        if find_profile(self.wikibase) is not None:
            raise click.UsageError(
                f"{self.wikibase} is a profile of another Wikibase.\n  Try: a folder to serve"
            )
        loopback = is_loopback(self.host)
        if not loopback and not self.public:
            raise click.UsageError(
                f"{self.host} is an address that other machines reach.\n"
                "  Try: --public, if that is meant"
            )
        if self.anonymous_edits and (self.public or not loopback):
            raise click.UsageError("--anonymous-edits is for this machine alone.")
        if self.host in _EVERYWHERE and not self.address:
            # It would stand in whatever clients are told, and in the names of entities for good.
            raise click.UsageError(
                f"{self.host} is every address of this machine; clients need one that is its own."
                f"\n  Try: --address http://{socket.gethostname()}:{self.port}"
            )

    def settings(self) -> "Settings":
        """Give the rules that are served by. Raises `InvalidValue` or `NotFound`."""
        from wbskills.wikibase.server.settings import Faults, Settings

        return Settings(
            anonymous_edits=self.anonymous_edits,
            full_text=self.full_text,
            secure_cookies=self.public if self.secure_cookies is None else self.secure_cookies,
            wiki_id=self.wiki_id,
            commons=_titles(self.commons) if self.commons else None,
            faults=Faults.parse(self.faults),
        )

    def report(self) -> "ReportOptions":
        """Tell how the report is to look."""
        from wbskills.tasks.reports import ReportOptions

        return ReportOptions(title=self.title, notice=self.notice, least=self.withhold_below)

    def open(self, address: str) -> AbstractContextManager["Site"]:
        """Open what is to be served at an address."""
        from wbskills.wikibase.server.site import open_site

        return open_site(self.wikibase, address, concept_base=self.concept_base, name=self.name)


def _titles(file: Path) -> frozenset[str]:
    """Read a list of files and data pages."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise NotFound(f"{file} cannot be read: {error}") from error
    return frozenset(filter(None, map(str.strip, lines)))


def _users(accounts: "Accounts", options: Options) -> int:
    """Make the users that are asked for; gives how many there are then."""
    if options.add_user:
        _add_user(accounts, options.add_user)
    users = accounts.count()
    if users == 0 and not options.anonymous_edits and sys.stdin.isatty():
        users = _first_user(accounts)
    if options.public and users == 0:
        raise NotFound("a public server needs a user who may edit", hint="--add-user NAME")
    return users


def _add_user(accounts: "Accounts", name: str) -> None:
    """Make a user who may do everything, or change the password of one."""
    from wbskills.wikibase.server.accounts import add_bot_password
    from wbskills.wikibase.server.accounts import add_user as put_user

    account = put_user(accounts, name, _password(name), ("sysop", "bot"))
    _tell_user(account.name, add_bot_password(accounts, account, _PROGRAM))


def _first_user(accounts: "Accounts") -> int:
    """Ask who may edit a Wikibase that has no users yet; gives how many there are then."""
    click.echo("Nobody may edit this Wikibase yet.")
    name = click.prompt("Name of its first user (empty for none)", default="", show_default=False)
    if name:
        _add_user(accounts, name)
    return accounts.count()


def _collect_less_garbage() -> None:
    """Look for cycles seldom: entities have none, and looking took 7 % of the time of an edit."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _password(name: str) -> str:
    """Ask for a password, or read it from standard input."""
    if sys.stdin.isatty():
        asked = click.prompt(f"Password for {name}", hide_input=True, confirmation_prompt=True)
        return str(asked)
    password = sys.stdin.readline().rstrip("\n")
    if not password:
        raise click.UsageError("A user needs a password.\n  Try: one line on standard input")
    return password


def _tell_user(name: str, secret: str) -> None:
    click.echo(f"{name} may edit through programs: user {name}@{_PROGRAM}, password {secret}")
    click.echo("  It is shown this once; programs should have this one, not your own.\n")


def _tell_empty(wikibase: str) -> None:
    """Say that nothing is there, so that a mistyped folder is noticed."""
    click.echo(f"The Wikibase in {wikibase} is new, and empty.")
    click.echo(f"  Try: {shlex.join(['wbskills', 'ontology', 'apply', '--wikibase', wikibase])}\n")


def _tell(site: "Site", options: Options, users: int, *, secure_cookies: bool) -> None:
    """Say where everything is, and what to try."""
    at = site.address
    click.echo(f"wbskills serves the Wikibase in {options.wikibase}:")
    click.echo(f"  {at}/                pages, search and a query form")
    click.echo(f"  {at}/report/         the report: who can do what")
    click.echo(f"  {at}/w/api.php       Action API")
    click.echo(f"  {at}/sparql          SPARQL")
    click.echo(f"  {at}/manifest.json   for OpenRefine")
    if secure_cookies and not at.startswith("https:"):
        click.echo("Log-ins last over https only.\n  Try: a proxy that speaks https, as --address")
    if not site.serves_concept_base:
        _tell_names(site, options)
    if options.anonymous_edits:
        click.echo("Everybody on this machine may edit.")
    elif users == 0:
        click.echo("Nobody may edit yet.\n  Try: wbskills serve --add-user NAME")
    click.echo("Ctrl-C stops it.")
    sys.stdout.flush()


def _tell_names(site: "Site", options: Options) -> None:
    """Say that entities have other names than the addresses where they are served."""
    base = site.store.concept_base
    click.echo(f"Entities are named {base}Q1 and so on: so queries must name them.")
    if options.concept_base:
        return
    click.echo("  They were made to be served there, and keep their names.")
    home, again = urlsplit(base), ["wbskills", "serve", "--wikibase", options.wikibase]
    if home.hostname not in {"localhost", "127.0.0.1", "::1"}:
        click.echo(f"  Try: {shlex.join([*again, '--address', f'{home.scheme}://{home.netloc}'])}")
    elif options.public or options.address:
        click.echo("  Try: --wikibase with a new folder, served here once before it is filled")
    else:
        click.echo(f"  Try: {shlex.join([*again, '--port', str(home.port or 80)])}")


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
