"""Pseudonyms for people of whom a survey has none.

They are made with the secret of the Wikibase: with the file alone, nobody can find out which
person is which response. The same response has the same pseudonym whenever it is imported.
"""

from hashlib import blake2b
from typing import Final

from wbskills.domain import PSEUDONYM, Identity

_SIZE: Final = 8  # bytes; so no two of a million people get the same pseudonym
_ROW_SIZE: Final = 6


def generated_pseudonym(source: str, prefix: str, salt: bytes) -> Identity:
    """Return the pseudonym of what tells one person from all others, such as a response id.

    Surveys with different prefixes have different pseudonyms, so that nobody can link them.
    """
    text = f"{prefix}\n{source}".encode()
    digest = blake2b(text, key=salt, digest_size=_SIZE, person=b"pseudonym")
    return Identity(PSEUDONYM, prefix + digest.hexdigest())


def pseudonym_of_row(number: int, prefix: str, file_digest: bytes) -> Identity:
    """Return the pseudonym of a row of one file, for mappings with `row_number`."""
    digest = blake2b(str(number).encode(), key=file_digest, digest_size=_ROW_SIZE)
    return Identity(PSEUDONYM, prefix + digest.hexdigest())
