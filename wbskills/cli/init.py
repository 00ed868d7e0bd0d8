"""`wbskills init`: saving how to connect to a shared Wikibase."""

from pathlib import Path

import click

from wbskills.errors import InvalidValue

_LOGINS = ("none", "bot-password", "oauth1", "oauth2")
_CONTACT = "How the people who run the wiki can reach you (page or email address)"
_USER = "Username for the log-in, for example Ada@wbskills"


@click.command()
@click.argument("name")
@click.option("--api", metavar="URL", help="Address of the wiki or of its api.php.")
@click.option("--sparql", metavar="URL", default=None, help="Address of its SPARQL endpoint.")
@click.option(
    "--query-service",
    metavar="URL",
    default="",
    help="Address of the page where people write queries.",
)
@click.option("--login", type=click.Choice(_LOGINS), default=None, help="Log-in method.")
@click.option(
    "--user",
    metavar="NAME",
    default=None,
    help="Username for the log-in, for example Ada@wbskills.",
)
@click.option(
    "--contact",
    default=None,
    help="How the people who run the wiki can reach you: a page or an email address.",
)
@click.option(
    "--everywhere",
    is_flag=True,
    help="Save the profile for all your folders, not only this one.",
)
@click.option("--offline", is_flag=True, help="Do not contact the wiki.")
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
    """Save how to connect to a Wikibase, as the profile NAME.

    Use it with --wikibase NAME. The profile is a table in wbskills.toml, which you can edit.
    wbskills asks for anything the options do not give. Passwords and tokens are never stored
    there: put them into an environment variable, a file that only you can read, or the system
    keyring.

    \b
    Examples:
      wbskills init capacity
      wbskills init capacity --api https://capacity.example --login bot-password \\
          --user Ada@wbskills --contact https://meta.example/wiki/User:Ada
      wbskills doctor --wikibase capacity
    """
    from wbskills.wikibase.remote.profile import (
        FILE,
        NAME,
        add_profile,
        config_folder,
        is_loopback,
    )
    from wbskills.wikibase.remote.site_info import DiscoveredWiki, discover

    if not NAME.fullmatch(name):
        raise InvalidValue(
            f"“{name}” cannot be the name of a profile",
            hint="use small Latin letters, digits and “-”, beginning with a letter, for example"
            " our-wiki",
        )
    # If the options give all of this, an optional query service is not asked for.
    complete = api and login and (user or login != _LOGINS[1])
    address = _checked_address(api or click.prompt("Address of the wiki, or of its api.php"))
    if contact is None:
        local = is_loopback(address)
        contact = "" if local else click.prompt(_CONTACT)
    found = (
        DiscoveredWiki(
            api=address if address.endswith("api.php") else f"{address.rstrip('/')}/w/api.php"
        )
        if offline
        else discover(address, contact)
    )
    if found.private:
        click.echo(
            f"{found.api} is the API of a private wiki, which can only be read after a log-in."
        )
    elif found.name:
        click.echo(f"{found.name}, {found.version}")
    if sparql is None:
        sparql = found.sparql
        if not sparql and not complete:
            sparql = click.prompt(
                "Address of its SPARQL endpoint (leave empty if there is none)",
                default="",
                show_default=False,
            )
    if login is None:
        login = click.prompt("Log-in method", type=click.Choice(_LOGINS), default=_LOGINS[1])
    if user is None:
        user = click.prompt(_USER) if login == _LOGINS[1] else ""
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
    _print_saved(file, name, login)


def _checked_address(address: str) -> str:
    """Complete the address of a wiki, with https by default. Raises `InvalidValue`."""
    from wbskills.wikibase.remote.profile import address_fault

    address = address.strip()
    if "://" not in address:
        address = f"https://{address}"
    fault = address_fault(address)
    if fault:
        raise InvalidValue(fault.what, hint=fault.hint)
    return address


def _print_saved(file: Path, name: str, login: str) -> None:
    from wbskills.wikibase.remote.login import KEYRING_SERVICE, secret_variable

    click.echo(f"The profile “{name}” is in {file}.")
    if login != "none":
        click.echo("Put its password or token into one of these, never into that file:")
        click.echo(f"  the environment variable {secret_variable(name)}")
        click.echo('  a file that only you can read:  secret_file = "…" in the profile')
        click.echo("  the system's keyring:           keyring = true in the profile, and")
        click.echo(
            f"                                  python -m keyring set {KEYRING_SERVICE} {name}"
        )
    click.echo(f"  Try: wbskills doctor --wikibase {name}")
