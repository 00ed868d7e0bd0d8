"""Personal links: the id of an invitation, signed."""

import hmac
from hashlib import sha256
from typing import Final

from wbskills.private_records.sealing import Key

_SIGNATURE: Final = 16  # characters


def invitation_link(address: str, key: Key, invitation_id: str) -> str:
    """Return the personal link of an invitation, where people open `address`."""
    return f"{address}/me/invitation/{invitation_id}.{_signature(key, invitation_id)}"


def invitation_id_of(link: str, key: Key) -> str | None:
    """Return the id in the last part of a link; None if nobody here has signed it."""
    invitation_id, _, signature = link.partition(".")
    wanted = _signature(key, invitation_id)
    signed = hmac.compare_digest(signature.encode("utf-8", "replace"), wanted.encode())
    return invitation_id if signed else None


def _signature(key: Key, invitation_id: str) -> str:
    text = invitation_id.encode("utf-8", "replace")
    return hmac.new(key.derived("invitation"), text, sha256).hexdigest()[:_SIGNATURE]
