"""`wbskills serve`: a Wikibase folder over HTTP."""

import gc
import secrets
import shlex
import signal
import socket
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from wbskills.cli.options import FILE, echo, load_ontology, on_wikibase, with_ontology
from wbskills.errors import NotFound

if TYPE_CHECKING:
    from flask import Blueprint

    from wbskills.tasks.mapping_editor import MappingEditor
    from wbskills.tasks.reports import ReportOptions
    from wbskills.wikibase.embedded.accounts import Accounts
    from wbskills.wikibase.server.settings import Settings
    from wbskills.wikibase.server.site import Site

PORT = 8181
_EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - refused without --address
_PROGRAM = "wbskills"  # the name of the first bot password


@click.command()
@on_wikibase
@with_ontology
@click.option("--host", default="localhost", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="Port to listen on. 0 means any free port.",
)
@click.option(
    "--address",
    default="",
    help="Address that clients use, if it differs from host and port.",
)
@click.option(
    "--concept-base",
    default="",
    metavar="ADDRESS",
    help="Start of every entity address, for example https://example.org/entity/."
    " Default: where they are served. It cannot be changed once there are entities.",
)
@click.option("--name", default="wbskills", show_default=True, help="Name of the Wikibase.")
@click.option(
    "--wiki-id",
    default="wbskills",
    show_default=True,
    metavar="ID",
    help="Id of this wiki in sitelinks.",
)
@click.option(
    "--commons",
    metavar="FILE",
    type=FILE,
    help="File with the names of media files and data pages that values may use, one per line."
    " Default: all.",
)
@click.option(
    "--add-user",
    metavar="NAME",
    help="Add a user, or change a user's password, before starting.",
)
@click.option(
    "--add-oauth-app",
    "oauth_app",
    metavar="NAME=ADDRESS",
    help="Register an application that may ask who somebody is (OAuth 2), and where people come"
    " back to; prints its id and secret.",
)
@click.option("--public", is_flag=True, help="Allow a --host that other machines can reach.")
@click.option(
    "--allow-origin",
    "origins",
    multiple=True,
    metavar="ORIGIN",
    help="Allow requests from the pages of this site, for example https://query.example.org. Can"
    " be repeated. Without this and --public, only pages from this machine are allowed, for"
    " example OpenRefine.",
)
@click.option(
    "--secure-cookies/--no-secure-cookies",
    default=None,
    help="Send log-in cookies only over https. Default: on with --public, else off.",
)
@click.option(
    "--full-text/--no-full-text",
    default=True,
    help="Let list=search of the API find items. A wiki without a search index finds none.",
)
@click.option("--anonymous-edits", is_flag=True, help="Let everyone on this machine edit.")
@click.option(
    "--title",
    default="",
    help="Title of the report. Default: “Who can do what”, in the language of the page.",
)
@click.option(
    "--notice", default="", help="Sentence to show at the top of every page of the report."
)
@click.option(
    "--withhold-below",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="In the report, name nobody, and show of each skill only how many people have it, where"
    " at least N have it and at least N do not. The items can still be read.",
)
@click.option(
    "--survey",
    metavar="FILE",
    type=FILE,
    help="Also serve a page on which you complete the mapping of this survey file. The printed"
    " address has a token, without which nobody can open it.",
)
@click.option(
    "--mapping",
    metavar="FILE",
    type=FILE,
    help="The mapping for --survey. Default: the name of the survey file, with .toml.",
)
@click.option(
    "--questionnaire",
    metavar="NAME",
    help="The questionnaire that people answer at /me/. Default: the one in wbskills.toml, else"
    " ambassadors.",
)
@click.option(
    "--faults",
    default="",
    help="Simulate failures, to test clients, for example lag=5,read_only=x.",
)
def serve(**given: Any) -> None:  # noqa: ANN401 - click hands over one value for each option
    """Serve a Wikibase folder to programs and browsers, until you press Ctrl-C.

    Works with software made for Wikibase: the Action API, Special:EntityData, SPARQL, OpenRefine.
    Also has pages to read, a query form, the live report, and the form on which people evaluate
    themselves. Only this machine can reach it, unless you use --host and --public.

    \b
      wbskills serve --add-user Ada
      wbskills serve --wikibase :memory: --anonymous-edits
      wbskills serve --survey answers.csv
      wbskills serve --title "Technical ambassadors" --notice "A draft."
    """
    from wbskills import survey_page
    from wbskills.stores import IN_MEMORY
    from wbskills.web_app import create_web_app
    from wbskills.wikibase.server.guard import is_loopback, local_only, origin_of
    from wbskills.wikibase.server.http_server import HttpServer
    from wbskills.wikibase.server.site import close

    options = Options(**given)
    options.check()
    allowed = {origin_of(origin) for origin in options.origins}
    load_ontology(
        options.ontology_files
    )  # so that problems in a file are shown now, not on a page
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
                _print_empty(options.wikibase)
            users = _users(site.store.accounts, options)
            editor, token = options.editor(), secrets.token_urlsafe()
            form = options.form(site, secure=settings.secure_cookies)
            application = create_web_app(
                site,
                settings,
                options=options.report(),
                ontology=options.ontology_files,
                more=[form, *([survey_page.blueprint(site, editor, token)] if editor else [])],
            )
            guarded = application if options.public else local_only(application, where, allowed)
            _print_addresses(site, options, users, secure_cookies=settings.secure_cookies)
            if editor:
                echo(f"Complete the mapping of {editor.file} at")
                echo(f"  {site.address}/survey/?token={token}")
            echo("Ctrl-C stops it.")
            sys.stdout.flush()
            signal.signal(signal.SIGTERM, _stop)
            _slow_down_gc()
            try:
                server.run(guarded)
            finally:
                close(application)
            click.echo("Stopped.")
    finally:
        server.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of the command."""

    wikibase: str
    ontology_files: tuple[Path, ...]
    host: str
    port: int
    address: str
    concept_base: str
    name: str
    wiki_id: str
    commons: Path | None
    add_user: str | None
    oauth_app: str | None
    public: bool
    origins: tuple[str, ...]
    secure_cookies: bool | None
    anonymous_edits: bool
    full_text: bool
    title: str
    notice: str
    withhold_below: int
    survey: Path | None
    mapping: Path | None
    questionnaire: str | None
    faults: str

    def check(self) -> None:
        """Raise `UsageError` for options that must not be combined."""
        from wbskills.stores import find_profile
        from wbskills.wikibase.server.guard import is_loopback

        if find_profile(self.wikibase) is not None:
            raise click.UsageError(
                f"{self.wikibase} is a profile of another Wikibase.\n  Try: use a folder"
            )
        loopback = is_loopback(self.host)
        if not loopback and not self.public:
            raise click.UsageError(
                f"Other machines can reach {self.host}.\n"
                "  Try: add --public, if that is what you want"
            )
        if self.anonymous_edits and (self.public or not loopback):
            raise click.UsageError("--anonymous-edits is only for this machine.")
        if self.survey and (self.public or not loopback):
            raise click.UsageError("--survey is only for this machine: its page writes a file.")
        if self.mapping and not self.survey:
            raise click.UsageError("--mapping needs --survey.")
        if self.host in _EVERYWHERE and not self.address:
            # It would be in all answers, and in the names of entities for ever.
            raise click.UsageError(
                f"{self.host} means every address of this machine, but clients need one of them."
                f"\n  Try: add --address http://{socket.gethostname()}:{self.port}"
            )

    def settings(self) -> "Settings":
        """Return the settings of the server. Raises `InvalidValue` or `NotFound`."""
        from wbskills.wikibase.server.settings import Settings, SimulatedFaults

        return Settings(
            anonymous_edits=self.anonymous_edits,
            full_text=self.full_text,
            secure_cookies=self.public if self.secure_cookies is None else self.secure_cookies,
            wiki_id=self.wiki_id,
            commons=_titles(self.commons) if self.commons else None,
            faults=SimulatedFaults.parse(self.faults),
        )

    def report(self) -> "ReportOptions":
        """Return the options of the report."""
        from wbskills.tasks.reports import ReportOptions

        return ReportOptions(
            title=self.title, notice=self.notice, withhold_below=self.withhold_below
        )

    def editor(self) -> "MappingEditor | None":
        """Return the mapping to complete, of which there is a draft at least."""
        from wbskills.tasks.mapping_editor import MappingEditor

        if self.survey is None:
            return None
        mapping = self.mapping or self.survey.with_suffix(".toml")
        editor = MappingEditor(self.survey, mapping, self.ontology_files)
        editor.begin()
        editor.questions()  # so that problems in a file are shown now, not on a page
        return editor

    def form(self, site: "Site", *, secure: bool) -> "Blueprint":
        """Return the pages on which people evaluate themselves."""
        from wbskills.self_evaluation.app import beside_wikibase
        from wbskills.tasks.form_settings import load_settings

        settings = load_settings()
        if self.questionnaire is not None:
            settings = replace(settings, questionnaire=self.questionnaire)
        return beside_wikibase(site, settings, ontology=self.ontology_files, secure=secure)

    def open(self, address: str) -> AbstractContextManager["Site"]:
        """Open the folder, to be served at an address."""
        from wbskills.wikibase.server.site import open_site

        return open_site(self.wikibase, address, concept_base=self.concept_base, name=self.name)


def _titles(file: Path) -> frozenset[str]:
    """Read the names of media files and data pages."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise NotFound(f"{file} cannot be read: {error}") from error
    return frozenset(filter(None, map(str.strip, lines)))


def _users(accounts: "Accounts", options: Options) -> int:
    """Add the requested users and applications; returns the number of users."""
    if options.add_user:
        _add_user(accounts, options.add_user)
    if options.oauth_app:
        _add_app(accounts, options.oauth_app)
    users = accounts.count()
    if users == 0 and not options.anonymous_edits and sys.stdin.isatty():
        users = _first_user(accounts)
    if options.public and users == 0:
        raise NotFound("a public server needs a user who may edit", hint="add --add-user NAME")
    return users


def _add_user(accounts: "Accounts", name: str) -> None:
    """Add a user with all rights, or change the password of a user."""
    from wbskills.wikibase.server.accounts import add_bot_password, add_user

    account = add_user(accounts, name, _password(name), ("sysop", "bot"))
    _print_user(account.name, add_bot_password(accounts, account, _PROGRAM))


def _add_app(accounts: "Accounts", text: str) -> None:
    """Register an application, or register one of the same name anew."""
    from wbskills.wikibase.remote.profile import address_fault
    from wbskills.wikibase.server.oauth import register_app

    name, _, address = text.partition("=")
    fault = address_fault(address)
    if not name or fault:
        what = fault.what if name and fault else "An application needs a name and an address."
        raise click.UsageError(f"{what}\n  Try: --add-oauth-app form=https://…/me/callback")
    app, secret = register_app(accounts, name, address)
    click.echo(f"{name} may ask who somebody is: client id {app.id}, secret {secret}")
    click.echo("  It is shown only once.\n")


def _first_user(accounts: "Accounts") -> int:
    """Ask for the first user of a Wikibase; returns the number of users."""
    click.echo("Nobody may edit this Wikibase yet.")
    name = click.prompt("Name of its first user (empty for none)", default="", show_default=False)
    if name:
        _add_user(accounts, name)
    return accounts.count()


def _slow_down_gc() -> None:
    """Run the garbage collector less often; it took 7 % of the time of an edit."""
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
        raise click.UsageError(
            "A user needs a password.\n  Try: write it as one line to standard input"
        )
    return password


def _print_user(name: str, secret: str) -> None:
    click.echo(f"{name} may edit through programs: user {name}@{_PROGRAM}, password {secret}")
    click.echo("  It is shown only once. Give programs this password, not your own.\n")


def _print_empty(wikibase: str) -> None:
    """Print that the Wikibase is empty, so that a mistyped folder is noticed."""
    click.echo(f"The Wikibase in {wikibase} is new, and empty.")
    click.echo(f"  Try: {shlex.join(['wbskills', 'ontology', 'apply', '--wikibase', wikibase])}\n")


def _print_addresses(site: "Site", options: Options, users: int, *, secure_cookies: bool) -> None:
    """Print the addresses, and who may edit."""
    at = site.address
    click.echo(f"wbskills serves the Wikibase in {options.wikibase}:")
    click.echo(f"  {at}/                pages, search and a query form")
    click.echo(f"  {at}/report/         the report")
    click.echo(f"  {at}/me/             the form on which people evaluate themselves")
    click.echo(f"  {at}/w/api.php       Action API")
    click.echo(f"  {at}/sparql          SPARQL")
    click.echo(f"  {at}/manifest.json   for OpenRefine")
    if secure_cookies and not at.startswith("https:"):
        click.echo(
            "Log-ins only work over https.\n"
            "  Try: use a proxy with https, and give its address as --address"
        )
    if not site.serves_concept_base:
        _print_names(site, options)
    if options.anonymous_edits:
        click.echo("Everyone on this machine may edit.")
    elif users == 0:
        click.echo("Nobody may edit yet.\n  Try: wbskills serve --add-user NAME")


def _print_names(site: "Site", options: Options) -> None:
    """Print a warning if entities are not served at the addresses that identify them."""
    base = site.store.concept_base
    click.echo(f"Entities are named {base}Q1 and so on; queries must use these names.")
    if options.concept_base:
        return
    click.echo("  They were created to be served there, and keep their names.")
    home, again = urlsplit(base), ["wbskills", "serve", "--wikibase", options.wikibase]
    if home.hostname not in {"localhost", "127.0.0.1", "::1"}:
        click.echo(f"  Try: {shlex.join([*again, '--address', f'{home.scheme}://{home.netloc}'])}")
    elif options.public or options.address:
        click.echo(
            "  Try: use --wikibase with a new folder, and serve it here once before it is filled"
        )
    else:
        click.echo(f"  Try: {shlex.join([*again, '--port', str(home.port or 80)])}")


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
