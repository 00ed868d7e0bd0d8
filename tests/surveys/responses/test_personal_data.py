"""Nothing of a column with personal data gets anywhere, whatever else goes wrong with a file."""

import io
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.surveys.exports.importing import write
from tests.surveys.exports.quirks import ADA, NOOR, ZOE
from tests.surveys.exports.styles import STYLES
from tests.surveys.exports.tools import TOOLS, Tool
from wbskills.cli import main
from wbskills.ontology.entries import Ontology
from wbskills.surveys.draft.inspect_file import inspect
from wbskills.surveys.draft.write_draft import draft
from wbskills.surveys.mapping import toml_file
from wbskills.surveys.responses.compare import compare
from wbskills.surveys.responses.rejected_rows import write_rejected_rows
from wbskills.surveys.responses.survey import Survey
from wbskills.tasks.surveys import columns_table, describe_file, differences_table

MARK = "Geheim"
# Columns of the tools' own that name people.
OWN = {
    "IPAddress", "RecipientEmail", "IP Address", "Email Address", "_submitted_by", "SubmitterID",
    "Benutzer-ID", "Anzeigename", "Email", "Name",
}  # fmt: skip
# What forms ask beside.
ASKED = (
    "E-Mail", "First name", "Phone number", "Gender", "Any comments?", "Where do you live?",
    "IP address", "Alter", "Adresse IP",
)  # fmt: skip
BELOW = {
    "qualtrics": ("{}", '{{"ImportId":"x"}}'),
    "surveymonkey": ("Response",),
    "nextcloud": ("question-id-9{n}",),
}


def spoilt(tool: Tool) -> list[list[str]]:
    """Write a file with a secret in every personal cell, and everything wrong in some row."""
    people = [
        ADA, ZOE, NOOR, replace(ZOE, name="Bea", agrees=False), replace(ADA, when=NOOR.when),
        replace(ADA, name="Cy"), replace(ADA, name="Di"), replace(ADA, name="bad|name"),
        replace(ADA, name=""),
    ]  # fmt: skip
    rows = tool.rows(people)
    top = len(tool.headings)
    below = BELOW.get(tool.name, ())
    for n, asked in enumerate(ASKED):
        rows[0].append(asked)
        for row, text in zip(rows[1:top], below, strict=False):
            row.append(text.format(asked, n=n))
    numbers = count(1)
    for row in rows[top:]:
        for index, heading in enumerate(rows[0]):
            if index >= len(row):
                row.append("")
            if heading in OWN or heading in ASKED:
                row[index] = f"{MARK}{next(numbers)}x@example.org"
    level, day, consent = (tool.column(what) for what in ("lua_modules", "when", "consent"))
    rows[-1][level] = "never heard of it"
    rows[-2][day] = "some day"
    rows[-3][level] = "ZoÃ«"
    rows[-4][consent] = "perhaps"
    return rows


def everything(path: Path, tool: Tool, ontology: Ontology) -> str:
    """Say all that is ever said about a file."""
    seen = inspect(path, ontology)
    mapping = path.with_suffix(".toml")
    mapping.write_text(tool.mapping, encoding="utf-8")
    told = toml_file.load(mapping)
    survey = Survey.open(path, told, ontology)
    aside = io.StringIO()
    write_rejected_rows(survey, aside)
    said: Sequence[object] = (
        describe_file(seen), columns_table(seen).rows, draft(seen, ontology), survey.check(),
        aside.getvalue(), differences_table(compare(path, told, ontology)).rows,
        list(survey.responses()), list(survey.refusals()),
    )  # fmt: skip
    return "\n".join(map(str, said))


@pytest.mark.parametrize("tool", [*TOOLS, *STYLES], ids=lambda tool: tool.name)
def test_personal_data_are_never_shown(tool: Tool, tmp_path: Path, ontology: Ontology) -> None:
    """Not in an inspection, a draft, a comparison, a fault, a warning, a row that is rejected."""
    path = write(tmp_path / "s.csv", spoilt(tool), tool)

    said = everything(path, tool, ontology)

    assert MARK in path.read_text(encoding="utf-8")
    assert MARK not in said
    assert "never heard of it" in said  # else nothing was looked at


def test_no_secret_is_ever_kept(tmp_path: Path) -> None:
    """Nor is one in the store, its queue, its journal or its receipts; every file is searched."""
    store = tmp_path / "store"
    on = ("--wikibase", str(store))
    said = []
    for tool in TOOLS:
        folder = tmp_path / "surveys" / tool.name
        folder.mkdir(parents=True)
        path, mapping = write(folder / "s.csv", spoilt(tool), tool), folder / "m.toml"
        mapping.write_text(tool.mapping, encoding="utf-8")
        files = (str(path), "--mapping", str(mapping), *on)
        mend = str(tmp_path / f"{tool.name}.csv")
        said.append(
            CliRunner().invoke(main, ["survey", "apply", *files, "--set-aside", mend]).output
        )
        path.unlink()
    said.append(CliRunner().invoke(main, ["candidates", "list", *on]).output)
    kept = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    assert any(b"spring_2026" in content for content in kept.values())
    assert not [path for path, content in kept.items() if MARK.encode() in content]
    assert MARK not in "".join(said)
    for tool in TOOLS:
        aside = (tmp_path / f"{tool.name}.csv").read_text(encoding="utf-8-sig")
        assert "never heard of it" in aside
