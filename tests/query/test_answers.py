"""What an answer becomes: labels, columns derived from others, and the order of rows."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal

import pytest

from wbskills.errors import StoreError
from wbskills.query.answers import finish
from wbskills.query.saved import SavedQuery
from wbskills.table import Cell, Iri
from wbskills.wikibase.interface import SelectResult

HEADER = """\
#+ summary: A test
#+ x-wbskills:
#+   question: Who?
#+   key: [person]
#+   columns: {person: a, personLabel: b, since: c, languages: d, low: e, high: f}
#+   derive:
#+     languages: labels(language)
#+     low: wilson_low(able, assessed)
#+     high: wilson_high(able, assessed)
#+   fractions: [low, high]
SELECT ?person ?since ?language ?able ?assessed WHERE { ?person ?b ?c }
ORDER BY DESC(?since) ?personLabel ?person
"""
NAMES = ("person", "since", "language", "able", "assessed")
LABELS = {"http://x/entity/Q1": "Zoe", "http://x/entity/Q2": "Ada", "http://x/entity/Q8": "fr"}
ADA, ZOE, NOBODY, FR, DE = (Iri(f"http://x/entity/Q{n}") for n in (2, 1, 3, 8, 9))
DAY = date(2026, 3, 1)


@pytest.fixture
def finished(saved: Callable[[str], SavedQuery]) -> Callable[..., list[tuple[Cell, ...]]]:
    """Finish rows of the query, with the labels of some items."""

    def labels(addresses: Iterable[str]) -> dict[str, str]:
        return {each: LABELS[each] for each in addresses if each in LABELS}

    def from_rows(*rows: tuple[Cell, ...]) -> list[tuple[Cell, ...]]:
        return finish(saved(HEADER), SelectResult(NAMES, list(rows)), labels)

    return from_rows


def test_rows_that_differ_in_a_joined_variable_only_are_one(
    finished: Callable[..., list[tuple[Cell, ...]]],
) -> None:
    """Its labels are sorted; what has no label is named by its id."""
    rows = finished(
        (ADA, DAY, FR, 1, 2), (ADA, DAY, DE, 1, 2), (ADA, DAY, FR, 1, 2), (NOBODY, DAY, None, 0, 0)
    )

    assert [row[:4] for row in rows] == [(ADA, "Ada", DAY, "Q9, fr"), (NOBODY, "Q3", DAY, None)]


def test_the_interval_is_that_of_wilson(
    finished: Callable[..., list[tuple[Cell, ...]]],
) -> None:
    """To four places; of nobody there is none."""
    rows = finished((ADA, DAY, None, 12, 19), (ZOE, DAY, None, 0, 3), (NOBODY, DAY, None, 0, 0))

    assert [row[4:] for row in rows] == [
        (Decimal("0.4104"), Decimal("0.8085")),
        (None, None),
        (Decimal(0), Decimal("0.5615")),
    ]


def test_rows_are_sorted_by_labels_and_days(
    finished: Callable[..., list[tuple[Cell, ...]]],
) -> None:
    """As SPARQL sorts: what is unknown comes first, and last where the order is turned around."""
    later = date(2026, 4, 1)
    rows = finished(
        (ZOE, DAY, None, 1, 1), (NOBODY, None, None, 1, 1), (ADA, DAY, None, 1, 1),
        (ZOE, later, None, 1, 1),
    )  # fmt: skip

    assert [(row[1], row[2]) for row in rows] == [
        ("Zoe", later), ("Ada", DAY), ("Zoe", DAY), ("Q3", None),
    ]  # fmt: skip


def test_an_answer_without_a_variable_is_refused(saved: Callable[[str], SavedQuery]) -> None:
    """Also one that no column shows."""
    with pytest.raises(StoreError, match="the answer to “mine” lacks assessed"):
        finish(saved(HEADER), SelectResult(NAMES[:-1], []), lambda _: {})
