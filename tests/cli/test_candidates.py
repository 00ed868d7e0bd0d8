"""The commands for suggestions, and for comparing the surveys of two years."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.surveys.samples import COLUMNS, MAPPING, ada, table
from wbskills.cli import main

OTHERS = MAPPING + '\n[[others]]\ncolumns = "SK[other]"\nlevel = "alone"\n'


def run(*arguments: object) -> Result:
    """Run a command."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def survey(tmp_path: Path) -> tuple[Path, Path, Path]:
    """A survey, its mapping, and the folder of a store."""
    file, mapping = tmp_path / "s.csv", tmp_path / "m.toml"
    rows = [[*ada(), "Kiwix"], [*ada(name="Bea"), "kiwix"], [*ada(name="Cy"), "\u202egnol"]]
    columns = [*COLUMNS, "SK[other]"]
    file.write_text(table(*rows, columns=columns), encoding="utf-8")
    mapping.write_text(OTHERS, encoding="utf-8")
    return file, mapping, tmp_path / "store"


def test_from_other_please_specify_to_an_assessment(survey: tuple[Path, Path, Path]) -> None:
    """Import, list, decide, import again."""
    file, mapping, store = survey
    imported = ("survey", "apply", file, "--mapping", mapping, "--wikibase", store)
    on = ("--wikibase", store)

    planned = run("survey", "plan", file, "--mapping", mapping, *on)
    assert planned.exit_code == 0, planned.output
    assert "Suggested skills that the survey did not ask about: 3" in planned.output
    assert not store.exists()

    assert run(*imported).exit_code == 0
    listed = run("candidates", "list", *on)
    assert [line.split()[:2] for line in listed.output.splitlines()[2:4]] == [
        ["Kiwix", "2"],
        ["gnol", "1"],
    ]

    adopted = run("candidates", "adopt", "kiwix", "--key", "kiwix", "--group", "group_data", *on)
    assert adopted.exit_code == 0, adopted.output
    assert "“Kiwix” is now the candidate skill kiwix" in adopted.output
    assert run("candidates", "reject", "gnol", *on).exit_code == 0
    assert "(no rows)" in run("candidates", "list", *on).output
    assert "2 changed" in run(*imported).output
    assert "Nothing to do" in run(*imported).output
    decided = run("candidates", "list", "--decided", *on).output
    assert ["Kiwix", "adopted", "kiwix", "0"] in [line.split() for line in decided.splitlines()]
    known = run("query", "run", "who_can", "--param", "skill=kiwix", *on)
    assert known.exit_code == 0, known.output
    assert "Bea" in known.output


def test_merging_by_a_label(survey: tuple[Path, Path, Path]) -> None:
    """The decision can be changed, and earlier answers are reported."""
    file, mapping, store = survey
    run("survey", "apply", file, "--mapping", mapping, "--wikibase", store)
    merged = run("candidates", "merge", "KIWIX", "Regular expressions", "--wikibase", store)
    assert "“Kiwix” now means regex" in merged.output
    again = run("candidates", "merge", "kiwix", "sparql", "--wikibase", store)
    assert "It used to mean regex" in again.output
    assert "each answer about regex that people gave with this wording" in again.output
    assert "wbskills batch undo" in again.output
    assert "the item of" not in again.output  # regex is a skill of its own right


def test_the_item_of_an_adopted_suggestion_can_be_undone(
    survey: tuple[Path, Path, Path],
) -> None:
    """What stays is reported, and the command in the hint undoes it."""
    file, mapping, store = survey
    on = ("--wikibase", store)
    imported = ("survey", "apply", file, "--mapping", mapping, *on)
    run(*imported)
    run("candidates", "adopt", "kiwix", "--key", "kiwix", *on)
    given = run(*imported).output
    batch = given.partition("Batch: ")[2].split()[0]
    assert "Bea" in run("query", "run", "who_can", "--param", "skill=kiwix", *on).output

    rejected = run("candidates", "reject", "kiwix", *on).output
    assert "It used to mean kiwix" in rejected
    assert "the item of kiwix, with its status “candidate”" in rejected
    assert "Nothing to do" in run(*imported).output
    assert "Bea" in run("query", "run", "who_can", "--param", "skill=kiwix", *on).output

    undone = run("batch", "undo", batch, *on, "--yes")
    assert undone.exit_code == 0, undone.output
    assert run(*imported).exit_code == 0
    assert "Bea" not in run("query", "run", "who_can", "--param", "skill=kiwix", *on).output
    assert "Bea" in run("query", "run", "who_can", "--param", "skill=lua_modules", *on).output


@pytest.mark.parametrize(
    "arguments",
    [
        ("adopt", "nothing", "--key", "k"),
        ("merge", "nothing", "lua_modules"),
        ("reject", "nothing"),
    ],
)
def test_a_wording_that_nobody_gave(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """One message, and no store is created."""
    result = run("candidates", *arguments, "--wikibase", tmp_path / "store")
    assert result.exit_code == 2
    assert "nobody suggested “nothing”" in result.output
    assert "wbskills candidates list" in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_mapping_that_still_fits(survey: tuple[Path, Path, Path]) -> None:
    """Exit code 0, as of a comparison without a difference."""
    file, mapping, _ = survey
    result = run("survey", "check", mapping, file)
    assert (result.exit_code, result.output) == (
        0,
        "No differences: the mapping fits this file.\n",
    )


def test_a_mapping_that_no_longer_fits(survey: tuple[Path, Path, Path]) -> None:
    """Exit code 1, and nothing is written."""
    file, mapping, store = survey
    file.write_text(file.read_text().replace("alone", "all by myself"), encoding="utf-8")
    result = run("survey", "check", mapping, file)
    assert result.exit_code == 1
    assert "new answer" in result.output
    assert "“all by myself”" in result.output
    assert not store.exists()


def test_a_comparison_without_a_file(tmp_path: Path) -> None:
    """One message, exit code 2."""
    result = run("survey", "check", tmp_path / "m.toml", tmp_path / "s.csv")
    assert result.exit_code == 2
    assert "mapping file not found:" in result.output
