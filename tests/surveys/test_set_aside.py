"""Bad rows in a file of their own."""

import io
from pathlib import Path

from tests.surveys.files import COLUMNS, ada, survey, table
from wbskills.ontology.entries import Ontology
from wbskills.surveys.set_aside import set_aside


def test_bad_rows_can_be_mended_and_imported(tmp_path: Path, ontology: Ontology) -> None:
    """The file that is written fits the same mapping, and says why the rows are there."""
    rows = [["ada@example.org", *ada("maybe")], ["", *ada(name="Bea")]]
    text = table(*rows, columns=["email", *COLUMNS])
    written = io.StringIO()

    assert set_aside(survey(tmp_path, ontology, text), written) == 1

    heading, row = written.getvalue().splitlines()
    assert heading == ",".join(["email", *COLUMNS, "wbskills: row", "wbskills: why"])
    assert row == (
        ",Ada,2026-03-04,Yes,maybe,none,2,"
        "column E “SK[lua_modules]”: “maybe” is not an answer that the mapping knows"
    )
    mended = written.getvalue().replace(",maybe,", ",alone,")
    again = survey(tmp_path, ontology, mended)
    assert again.check().faults == ()
    assert [one.identity.name for one in again.responses()] == ["Ada"]
