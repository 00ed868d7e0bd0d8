"""What the clients are asked to write, in terms that belong to none of them."""

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Protocol


class Unknown(Enum):
    """The two kinds of no value."""

    SOME = "somevalue"
    NONE = "novalue"


Value = str | tuple[str, ...] | Unknown

# One property of each of these datatypes is there before a client comes.
DATATYPES: Final = (
    "string", "external-id", "url", "wikibase-item", "quantity", "time", "monolingualtext",
    "globe-coordinate",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """A property and its value, by the datatype of the property.

    A string for most; amount (and unit) of a quantity, text and language, latitude and
    longitude and precision as a tuple; a time is a day, `2026-03-04`.
    """

    datatype: str
    value: Value


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement to write."""

    fact: Fact
    qualifiers: tuple[Fact, ...] = ()
    references: tuple[tuple[Fact, ...], ...] = ()
    rank: str = "normal"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An item to write."""

    label: str
    description: str
    labels: tuple[tuple[str, str], ...] = ()
    aliases: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()


class Client(Protocol):
    """What each client does here, in its own way."""

    def create_property(self, label: str, datatype: str) -> str:
        """Create a property; return its id."""

    def create_item(self, wanted: Wanted) -> str:
        """Create an item; return its id."""

    def add(self, item: str, claim: Claim) -> None:
        """Add a statement with its qualifiers and references."""

    def change(self, item: str, old: Fact, new: Fact) -> None:
        """Change the value of the statement that has a value."""

    def remove(self, item: str, fact: Fact) -> None:
        """Remove the statement that has a value."""

    def merge(self, source: str, target: str) -> None:
        """Merge an item into another."""

    def search(self, text: str) -> list[str]:
        """Find items by the beginning of their labels; return their ids."""

    def read(self, entity_id: str) -> dict[str, Any]:
        """Return an entity as JSON, with `labels` and `claims` at least."""

    def ask(self, query: str) -> list[dict[str, str]]:
        """Answer a SELECT; return the values of each row."""


def sample(target: str, other: str) -> Wanted:
    """An item with a value of each kind, qualifiers, references, ranks, and both no values."""
    day = Fact("time", "2026-03-04")
    return Wanted(
        label="Ada Lovelace",
        description="person of the sample “same item”",
        labels=(("de", "Ada Löwenherz"),),
        aliases=("Augusta", "A. L."),
        claims=(
            Claim(
                Fact("wikibase-item", target),
                qualifiers=(
                    Fact("quantity", ("+3",)),
                    day,
                    Fact("string", "first <said> & “quoted”"),
                ),
                references=(
                    (Fact("url", "https://example.org/wave?x=1&y=ü"), day),
                    (Fact("wikibase-item", target),),
                ),
                rank="preferred",
            ),
            Claim(Fact("wikibase-item", other), qualifiers=(Fact("time", Unknown.SOME),)),
            Claim(Fact("string", 'one line with ünïcödé \\ and "quotes"')),
            Claim(Fact("string", Unknown.NONE)),
            Claim(Fact("external-id", "AL-1815")),
            Claim(Fact("url", "https://example.org/ada")),
            Claim(Fact("quantity", ("-12.50",))),
            Claim(Fact("time", "1815-12-10"), rank="deprecated"),
            Claim(Fact("monolingualtext", ("Zählerin von Zahlen", "de"))),
            Claim(Fact("globe-coordinate", ("51.5", "-0.125", "0.001"))),
        ),
    )
