"""`wbskills serve`: the embedded Wikibase over HTTP."""

import gc
import shlex
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from wbskills.cli.options import load_ontology, on_wikibase, with_ontology
from wbskills.errors import NotFound

if TYPE_CHECKING:
    from wbskills.store.accounts import Accounts

PORT = 8181
_PROGRAM = "wbskills"  # the name of the first bot password


@click.command()
@on_wikibase
@with_ontology
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="The port to listen at; 0 takes any that is free.",
)
@click.option("--address", default="", help="Where clients reach it, if not at host and port.")
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
    help="In the report, name nobody, and show no number about fewer than N people. The items"
    " are served all the same.",
)
@click.option(
    "--faults", default="", help="Troubles for tests of clients, as in lag=5,read_only=x."
)
def serve(  # noqa: PLR0913 - click hands over one argument for each option
    wikibase: str,
    host: str,
    port: int,
    address: str,
    add_user: str | None,
    *,
    further: tuple[Path, ...],
    title: str,
    notice: str,
    withhold_below: int,
    faults: str,
    public: bool,
    origins: tuple[str, ...],
    secure_cookies: bool | None,
    anonymous_edits: bool,
) -> None:
    """Serve the embedded Wikibase to programs and browsers, until Ctrl-C.

    Software that was made for Wikibase works with it: the Action API, Special:EntityData,
    SPARQL, OpenRefine. Pages to read, a query form and the report, live, are there, too. Only
    this machine reaches it, unless you say otherwise.

    \b
      wbskills serve --add-user Ada
      wbskills serve --wikibase :memory: --anonymous-edits
      wbskills serve --title "Technical ambassadors" --notice "A draft."
    """
    from wbskills.store import IN_MEMORY, profile_of
    from wbskills.tasks.reports import Looks
    from wbskills.web.app import close, create_app
    from wbskills.web.guard import at_home, is_loopback, origin_of
    from wbskills.web.serving import Server
    from wbskills.web.settings import Faults, Settings
    from wbskills.web.site import open_site

    if profile_of(wikibase) is not None:
        raise click.UsageError(
            f"{wikibase} is a profile of another Wikibase.\n  Try: a folder to serve"
        )
    loopback = is_loopback(host)
    if not loopback and not public:
        raise click.UsageError(
            f"{host} is an address that other machines reach.\n  Try: --public, if that is meant"
        )
    if not loopback and anonymous_edits:
        raise click.UsageError("--anonymous-edits is for this machine alone.")
    allowed = {origin_of(each) for each in origins}
    load_ontology(further)  # so that a fault in a file is told now, not on a page
    settings = Settings(
        anonymous_edits=anonymous_edits,
        secure_cookies=public if secure_cookies is None else secure_cookies,
        faults=Faults.parse(faults),
        report=Looks(title=title, notice=notice, least=withhold_below),
        ontology=further,
    )
    server = Server(host, port, longest_body=settings.max_body)
    try:
        where = address.rstrip("/") or server.address
        with open_site(wikibase, where) as site:
            accounts = site.store.accounts
            if wikibase != IN_MEMORY and site.store.revision() == 0:
                _tell_empty(wikibase)
            if add_user:
                _add_user(accounts, add_user)
            users = accounts.count()
            if users == 0 and not anonymous_edits and sys.stdin.isatty():
                users = _first_user(accounts)
            if public and users == 0:
                raise NotFound("a public server needs a user who may edit", hint="--add-user NAME")
            application = create_app(site, settings)
            guarded = application if public else at_home(application, where, allowed)
            _tell(
                where,
                wikibase,
                users,
                anonymous_edits=anonymous_edits,
                secure_cookies=settings.secure_cookies,
            )
            signal.signal(signal.SIGTERM, _stop)
            _collect_less_garbage()
            try:
                server.run(guarded)
            finally:
                close(application)
            click.echo("Stopped.")
    finally:
        server.close()


def _add_user(accounts: "Accounts", name: str) -> None:
    """Make a user who may do everything, or change the password of one."""
    from wbskills.web.accounts import add_bot_password
    from wbskills.web.accounts import add_user as put_user

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


def _tell(
    at: str, wikibase: str, users: int, *, anonymous_edits: bool, secure_cookies: bool
) -> None:
    """Say where everything is, and what to try."""
    click.echo(f"wbskills serves the Wikibase in {wikibase}:")
    click.echo(f"  {at}/                pages, search and a query form")
    click.echo(f"  {at}/report/         the report: who can do what")
    click.echo(f"  {at}/w/api.php       Action API")
    click.echo(f"  {at}/sparql          SPARQL")
    click.echo(f"  {at}/manifest.json   for OpenRefine")
    if secure_cookies and not at.startswith("https:"):
        click.echo("Log-ins last over https only.\n  Try: a proxy that speaks https, as --address")
    if anonymous_edits:
        click.echo("Everybody on this machine may edit.")
    elif users == 0:
        click.echo("Nobody may edit yet.\n  Try: wbskills serve --add-user NAME")
    click.echo("Ctrl-C stops it.")
    sys.stdout.flush()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
