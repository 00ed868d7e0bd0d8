"""Names of users, as MediaWiki takes them."""

import pytest

from wbskills.errors import InvalidValue
from wbskills.names import username


@pytest.mark.parametrize(
    "text",
    [
        "http://[", "https://[::1/wiki/User:X", "1.2.3.4", "+49 170 1234567", "0170/1234567",
        "Foo%20bar", "a\ufffdb", "", "2004", "a@b.example", "x" * 236, "<script>", "User:",
    ],
)  # fmt: skip
def test_what_is_no_name_is_refused(text: str) -> None:
    """Addresses and telephone numbers above all: what is written is public."""
    with pytest.raises(InvalidValue):
        username(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ada_Lovelace", "Ada Lovelace"), ("ßeta", "ßeta"), ("1 of Many", "1 of Many"),
        ("مستخدم:أمل", "أمل"), ("https://meta.wikimedia.org/wiki/User:Zo%C3%AB", "Zoë"),
        ("Agent 007", "Agent 007"),
    ],
)  # fmt: skip
def test_a_name_is_written_as_mediawiki_does(text: str, name: str) -> None:
    """However it was typed."""
    assert username(text) == name
