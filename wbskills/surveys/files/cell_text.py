"""The text of cells: cleaned of invisible characters, compared, shortened, or quoted.

Survey tools leave byte order marks inside cells, no-break spaces from web pages, and direction
marks around Arabic and Hebrew. Two answers that look the same must be the same.
"""

import re
import unicodedata
from decimal import Decimal
from typing import Final

BOM: Final = "\ufeff"
# The headings of the columns that are added to a file of rejected rows, and what it has in place
# of cells that were left out.
REASON_HEADINGS: Final = ("wbskills: row", "wbskills: why")
MISSING: Final = "#MISSING"
STILL_MISSING: Final = f"this cell still has {MISSING}, which stands for a cell that was left out"
# In place of a cell of a workbook that is merged with the cell above it.
MERGED: Final = "#MERGED"

# Soft hyphen, zero-width space and no-break space, word joiner and its like, direction marks,
# and the byte order mark: a reader sees none of them.
_UNSEEN = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)
_JOINERS = re.compile("[\u200c\u200d]+")
_SPACES = re.compile(r"\s+")
_NUMBER = re.compile(r"([-+−]?)(\d+)(?:([.,٫])(\d+))?(?!\w|[.,٫]\d)")
_POINT_ZERO = re.compile(r"(\d+)(?:\.0+|[,٫]0{1,2})")  # three zeros make a thousand
# Scripts with joined letters begin with Hebrew and Arabic; before them, a joiner means nothing.
_FIRST_JOINING_SCRIPT = "\u0590"
_VIRAMA = 9

_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_INTERNET_ADDRESS = re.compile(
    r"\d{1,3}(\.\d{1,3}){3}|[0-9a-f]{0,4}(:[0-9a-f]{0,4}){3,7}", re.IGNORECASE
)
_PHONE = re.compile(r"\+?[\d\s()/-]{8,}")
_DATE = re.compile(r"\d{1,4}([-/. ])\d{1,2}\1\d{1,4}\b.*")
_LONGEST_SHOWN = 40
_SEARCHED = 500  # characters: searching a million for an address takes minutes


def clean(text: str) -> str:
    r"""Remove invisible characters, spaces at the edges, and spaces in a row.

    >>> clean("\ufeff1 (None at all)\u00a0 ")
    '1 (None at all)'

    The joiners U+200C and U+200D stay inside words of scripts that need them (Persian, Hindi,
    Malayalam …), and U+200D after a virama; anywhere else they are dropped. The result is in
    NFC.
    """
    if text.isascii():
        return " ".join(text.split())
    seen = _JOINERS.sub(_joiner, _UNSEEN.sub("", text))
    return unicodedata.normalize("NFC", _SPACES.sub(" ", seen).strip())


def key(text: str) -> str:
    r"""Return the form in which answers are compared: cleaned, and without upper case.

    >>> key("With  HELP\u200b") == key("with help")
    True
    """
    return clean(text).casefold()


def leading_number(text: str) -> Decimal | None:
    """Find the number that an answer begins with, in digits of any script.

    >>> leading_number("5 - mostly others")
    Decimal('5')
    >>> leading_number("٣") == 3
    True

    A number that continues as a word (`3D`) is none; neither is one with a comma before exactly
    three digits, which could mean either of two numbers.
    """
    found = _NUMBER.match(clean(text))
    if found is None:
        return None
    sign, whole, comma, part = found.groups()
    if comma == "," and len(part) == 3:
        return None
    number = Decimal(f"{whole}.{part}" if part else whole)
    return -number if sign in ("-", "−") else number


def ascii_digits(text: str) -> str:
    """Write the digits of any script as 0 to 9.

    >>> ascii_digits("۲۰۲۵-۰۳-۰۴")
    '2025-03-04'
    """
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(letter, letter)) for letter in text)


def number_text(text: str) -> str:
    """Clean a number that is used as a name: pandas makes `16.0` of a number 16.

    >>> number_text(" 16.0"), number_text("16,0"), number_text("16,000")
    ('16', '16', '16,000')
    """
    cleaned = ascii_digits(clean(text))
    found = _POINT_ZERO.fullmatch(cleaned)
    return found.group(1) if found else cleaned


def quoted(text: str) -> str:
    """Quote a cell in a message: cleaned, cut to 40 characters, nothing that identifies people.

    >>> quoted("ada@example.org")
    'an email address (not shown)'
    """
    cleaned = clean(text)
    if _MAIL.search(cleaned[:_SEARCHED]):
        return "an email address (not shown)"
    if _INTERNET_ADDRESS.fullmatch(cleaned):
        return "an internet address (not shown)"
    if _PHONE.fullmatch(cleaned) and not _DATE.fullmatch(cleaned):
        return "a long number (not shown)"
    return f"“{cut(cleaned, _LONGEST_SHOWN)}”"


def mojibake(text: str) -> str:
    """Return a text as it was before its UTF-8 was read as windows-1252; empty if it never was.

    >>> mojibake("ZoÃ«"), mojibake("Zoë")
    ('Zoë', '')
    """
    if text.isascii():
        return ""
    try:
        meant = b"".join(map(_western, text)).decode("utf-8")
    except UnicodeError:
        return ""
    # “ÂŒ” would be invisible, so it is no word that was read wrongly.
    return meant if len(meant) < len(text) and meant.isprintable() else ""


def cut(text: str, longest: int) -> str:
    """Cut a text to a number of characters; the last one is “…” where something is missing."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def counted(count: int, one: str, several: str = "") -> str:
    """Write a number with the noun that it counts.

    >>> counted(1, "response"), counted(1200, "person", "people")
    ('1 response', '1,200 people')
    """
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def _western(letter: str) -> bytes:
    """Return the byte of a letter in windows-1252, which leaves five of them undefined."""
    try:
        return letter.encode("windows-1252")
    except UnicodeError:
        return letter.encode("latin-1")


def _joiner(found: re.Match[str]) -> str:
    before = found.string[: found.start()][-1:]
    after = found.string[found.end() :][:1]
    if before < _FIRST_JOINING_SCRIPT or not _in_word(before):
        return ""
    if _in_word(after):
        return found.group()[:1]
    return "\u200d" if unicodedata.combining(before) == _VIRAMA and "\u200d" in found[0] else ""


def _in_word(letter: str) -> bool:
    return bool(letter) and unicodedata.category(letter)[0] in "LM"
