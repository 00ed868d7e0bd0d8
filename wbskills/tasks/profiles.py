"""Setting up a profile: is its name one, is its address one, what does the wiki say of itself."""

from wbskills.errors import InvalidValue
from wbskills.wikibase.remote.profile import NAME, address_fault
from wbskills.wikibase.remote.site_info import DiscoveredWiki, discover


def checked_name(name: str) -> str:
    """Give the name of a profile. Raises `InvalidValue` if it is none."""
    if not NAME.fullmatch(name):
        raise InvalidValue(
            f"“{name}” is no name of a profile",
            hint="small Latin letters, digits and “-”, a letter first, as in our-wiki",
        )
    return name


def checked_address(address: str) -> str:
    """Give the address of a wiki; https where nothing else is said.

    Raises `InvalidValue` if it is none, or not encrypted and not on this machine.
    """
    address = address.strip()
    if "://" not in address:
        address = f"https://{address}"
    fault = address_fault(address)
    if fault:
        raise InvalidValue(fault.what, hint=fault.hint)
    return address


def known_of(address: str, contact: str, *, offline: bool) -> DiscoveredWiki:
    """Ask a wiki what it is; `offline`, take the address for that of its API."""
    if not offline:
        return discover(address, contact)
    api = address if address.endswith("api.php") else f"{address.rstrip('/')}/w/api.php"
    return DiscoveredWiki(api=api)
