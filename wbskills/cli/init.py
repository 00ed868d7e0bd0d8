"""`wbskills init`: how to reach a Wikibase of others."""

from pathlib import Path

import click

_LOGINS = ("none", "bot-password", "oauth1", "oauth2")


@click.command()
@click.argument("name")
@click.option("--api", metavar="URL", help="The address of the wiki, or of its api.php.")
@click.option("--sparql", metavar="URL", default=None, help="The address of its query service.")
@click.option(
    "--query-service", metavar="URL", default="", help="The page in which people write queries."
)
@click.option("--login", type=click.Choice(_LOGINS), default=None, help="How to log in.")
@click.option("--user", metavar="NAME", default=None, help="Who logs in, as in Ada@wbskills.")
@click.option("--contact", default=None, help="Whom the wiki's people can ask: a page or mail.")
@click.option("--everywhere", is_flag=True, help="For all your folders, not only this one.")
@click.option("--offline", is_flag=True, help="Ask the wiki nothing.")
def init(  # noqa: PLR0913 - click hands over one argument for each option
    name: str,
    api: str | None,
    sparql: str | None,
    query_service: str,
    login: str | None,
    user: str | None,
    contact: str | None,
    *,
    everywhere: bool,
    offline: bool,
) -> None:
    """Write a profile NAME: how to reach a Wikibase, for --wikibase NAME.

    It is a table in wbskills.toml, which you may edit. Asks for what no option tells; for the
    query service only beside other questions, as many a wiki names it. The secret of a log-in
    is never put there, but into the environment, a file that only you can read, or the
    system's keyring.

    \b
    Examples:
      wbskills init capacity
      wbskills init capacity --api https://capacity.example --login bot-password \\
          --user Ada@wbskills --contact https://meta.example/wiki/User:Ada
      wbskills doctor --wikibase capacity
    """
    from wbskills.tasks.profiles import checked_address, checked_name, known_of
    from wbskills.wikibase.remote.profile import FILE, add_profile, config_folder, is_loopback

    checked_name(name)
    # Who says all of this needs no question: a query service can be left out.
    told = api and login and (user or login != _LOGINS[1])
    address = checked_address(api or click.prompt("Address of the wiki, or of its api.php"))
    if contact is None:
        near = is_loopback(address)
        contact = "" if near else click.prompt("Whom the wiki's people can ask (page or mail)")
    found = known_of(address, contact, offline=offline)
    if found.private:
        click.echo(f"{found.api} is the API of a private wiki: it tells nothing without a log-in.")
    elif found.name:
        click.echo(f"{found.name}, {found.version}")
    if sparql is None:
        sparql = found.sparql
        if not sparql and not told:
            sparql = click.prompt(
                "Address of its query service (empty: none)", default="", show_default=False
            )
    if login is None:
        login = click.prompt("How to log in", type=click.Choice(_LOGINS), default=_LOGINS[1])
    if user is None:
        user = click.prompt("Who logs in, as in Ada@wbskills") if login == _LOGINS[1] else ""
    settings = {
        "api": found.api,
        "sparql": sparql,
        "query_service": query_service,
        "concept_base": found.concept_base,
        "login": login,
        "user": user,
        "contact": contact,
    }
    file = (config_folder() if everywhere else Path()) / FILE
    add_profile(file, name, settings)
    _tell(file, name, login)


def _tell(file: Path, name: str, login: str) -> None:
    from wbskills.wikibase.remote.login import KEYRING_SERVICE, secret_variable

    click.echo(f"The profile “{name}” is in {file}.")
    if login != "none":
        click.echo("Its secret belongs into one of these, never into that file:")
        click.echo(f"  the environment variable {secret_variable(name)}")
        click.echo('  a file that only you can read:  secret_file = "…" in the profile')
        click.echo("  the system's keyring:           keyring = true in the profile, and")
        click.echo(
            f"                                  python -m keyring set {KEYRING_SERVICE} {name}"
        )
    click.echo(f"  Try: wbskills doctor --wikibase {name}")
