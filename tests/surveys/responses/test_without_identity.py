"""Files in which no column tells who answered: the row does, salted with the file."""

from datetime import date
from pathlib import Path

import pytest

from tests.surveys.samples import COLUMNS, MAPPING, ada, survey, table
from wbskills.errors import MappingError
from wbskills.ontology.entries import Ontology
from wbskills.stores import open_folder
from wbskills.surveys.draft.inspect_file import inspect
from wbskills.surveys.draft.write_draft import draft
from wbskills.tasks.ontologies import bound
from wbskills.tasks.surveys import import_survey, open_survey

OF_ROWS = MAPPING.replace(
    'column = "USER"\nproperty = "wikimedia_username"',
    'property = "pseudonym"\nprefix = "w-"\nrow_number = true',
)
ROWS = [ada()[1:], ["2026-03-05", "No", "alone", "none"], ada("none")[1:]]


def nameless(*rows: list[str]) -> str:
    """Write a table without usernames."""
    return table(*rows, columns=COLUMNS[1:])


def names(folder: Path, ontology: Ontology, text: str) -> list[str]:
    """List the pseudonyms of a file."""
    opened = survey(folder, ontology, text, OF_ROWS)
    assert opened.check().faults == ()
    return [response.identity.name for response in opened.responses()]


def test_the_row_is_a_pseudonym_of_this_file_alone(tmp_path: Path, ontology: Ontology) -> None:
    """The same for the same file, another for any other one, and it tells no number."""
    first = names(tmp_path, ontology, nameless(*ROWS))

    assert len(set(first)) == 2  # one did not agree
    assert all(name.startswith("w-") and len(name) == 14 for name in first)
    assert names(tmp_path, ontology, nameless(*ROWS)) == first
    assert not set(names(tmp_path, ontology, nameless(*ROWS, ada()[1:]))) & set(first)


def test_importing_twice_changes_nothing(tmp_path: Path, ontology: Ontology) -> None:
    """Two people, however often; and nobody who did not agree."""
    (tmp_path / "s.csv").write_text(nameless(*ROWS))
    (tmp_path / "m.toml").write_text(OF_ROWS)
    with open_folder(":memory:") as store:
        for edits in (True, False):
            mapped = open_survey(tmp_path / "s.csv", tmp_path / "m.toml")
            receipt = import_survey(store, mapped, batch="b", today=date(2026, 5, 1))
            assert bool(receipt.edits) is edits
        known = bound(store, ontology).property("pseudonym")
        assert len(list(store.find_by_identifier(known))) == 2


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            ("row_number = true", 'row_number = true\ncolumn = "WHEN"'),
            "either a column or the row",
        ),
        (('"pseudonym"\nprefix = "w-"', '"wikimedia_username"'), "is not a username"),
        (
            ('prefix = "w-"\n', ""),
            "pseudonyms need a prefix, so that two surveys never use the same one",
        ),
        (("row_number = true", 'row_number = "yes"'), "not true or false"),
        (('column = "CONSENT"', 'column = ""'), "consent.column: this is missing"),
    ],
)
def test_a_mapping_says_one_thing(
    change: tuple[str, str], told: str, tmp_path: Path, ontology: Ontology
) -> None:
    """The consent is recorded whoever someone is known as."""
    with pytest.raises(MappingError, match=told):
        survey(tmp_path, ontology, nameless(*ROWS), OF_ROWS.replace(*change))


def test_a_draft_offers_it(tmp_path: Path, ontology: Ontology) -> None:
    """Where there is no number of a response either."""
    (tmp_path / "s.csv").write_text(nameless(*ROWS))

    assert "generated = true" in draft(inspect(tmp_path / "s.csv", ontology), ontology)
