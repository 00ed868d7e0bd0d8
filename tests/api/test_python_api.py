"""The Python API: the examples of its page, and typical code of a user."""

import doctest
import re
import shutil
import subprocess
import sys
from dataclasses import fields as fields_of
from dataclasses import is_dataclass
from pathlib import Path

import pytest

import wbskills
from wbskills import api
from wbskills.tasks.queries import new_query

ROOT = Path(__file__).parents[2]


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the sample survey and its mapping, as the working folder."""
    shutil.copy(ROOT / "scripts/sample/ambassadors-survey.csv", tmp_path)
    shutil.copy(ROOT / "ontology/surveys/sample.toml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("sample")
def test_the_examples_of_the_page_are_correct() -> None:
    """Every example of docs/python-api.md prints what is shown below it."""
    found = doctest.testfile(str(ROOT / "docs/python-api.md"), module_relative=False)

    assert found.attempted > 15
    assert found.failed == 0


def public_names() -> list[str]:
    """List what `import wbskills` promises, and what a `Capacity` offers."""
    members = [name for name in dir(api.Capacity) if not name.startswith("_")]
    return [name for name in [*wbskills.__all__, *members] if not name.startswith("_")]


@pytest.mark.parametrize("name", public_names())
def test_every_public_name_is_documented(name: str) -> None:
    """It has a docstring, and is on the page of the API."""
    page = (ROOT / "docs/python-api.md").read_text(encoding="utf-8")
    public = getattr(wbskills, name) if name in wbskills.__all__ else getattr(api.Capacity, name)

    assert public.__doc__
    assert re.search(rf"\b{name}\b", page)


@pytest.mark.parametrize("name", [name for name in wbskills.__all__ if name[0].isupper()])
def test_members_of_public_classes_are_documented(name: str) -> None:
    """Methods and properties have docstrings; fields are named in that of their class."""
    public = getattr(wbskills, name)
    fields = {each.name for each in fields_of(public)} if is_dataclass(public) else set[str]()
    for member in vars(public):
        if not member.startswith("_") and member not in fields:
            assert getattr(public, member).__doc__, member


def test_importing_the_package_imports_nothing_heavy() -> None:
    """The commands are as quick to start as before."""
    code = "import sys, wbskills; print([m for m in sys.modules if m in ('pyoxigraph', 'click')])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_progress_is_reported_up_to_the_end(sample: Path) -> None:
    """Each time with the total; it can be printed directly."""
    told: list[api.Progress] = []
    with wbskills.open(sample / "store") as capacity:
        capacity.apply_ontology()
        capacity.import_survey(
            "ambassadors-survey.csv", mapping="sample.toml", on_progress=told.append
        )

    assert told[-1].done == told[-1].total
    assert str(api.Progress(1200, 3400)) == "1,200 of 3,400"


def test_an_answer_shows_itself_in_a_notebook_and_runs_nothing(sample: Path) -> None:
    """As a table, with the texts of people escaped."""
    del sample
    with wbskills.open(":memory:") as capacity:
        capacity.apply_ontology()
        answer = capacity.ask("coverage")

    shown = answer._repr_html_()
    assert shown.startswith("<table>")
    assert "<script" not in shown
    with pytest.raises(wbskills.WbskillsError, match="not a format"):
        answer.to_text("pdf")


def test_a_query_sees_that_an_undo_took_the_ontology_away(tmp_path: Path) -> None:
    """The ids of before would find nothing, and say nothing of it."""
    with wbskills.open(tmp_path / "store") as capacity:
        receipt = capacity.apply_ontology()
        assert len(capacity.ask("people")) == 0
        capacity.undo(receipt.batch)
        with pytest.raises(wbskills.WbskillsError, match="entries of the ontology are missing"):
            capacity.ask("people")


def test_an_answer_has_its_sparql_after_the_capacity_map_is_closed() -> None:
    """It is written when it is first asked for, which may be later."""
    with wbskills.open(":memory:") as capacity:
        capacity.apply_ontology()
        answer = capacity.ask("who_can", skill="templates")
        expected = capacity.sparql("who_can", skill="templates")

    assert answer.sparql == expected


def test_a_query_that_was_changed_is_read_again(tmp_path: Path) -> None:
    """A person who writes a query tries it again and again in one session."""
    file = new_query("mine", tmp_path)
    with wbskills.open(":memory:", queries=[tmp_path]) as capacity:
        before = capacity.queries()["mine"].summary
        file.write_text(file.read_text(encoding="utf-8").replace(before, "Changed"), "utf-8")

        assert capacity.queries()["mine"].summary == "Changed"


def test_a_closed_capacity_map_says_that_it_is_closed() -> None:
    """Not that its files are damaged."""
    capacity = wbskills.open(":memory:")
    capacity.apply_ontology()
    capacity.ask("communities")
    capacity.close()

    with pytest.raises(wbskills.WbskillsError, match="is closed"):
        capacity.ask("communities")


def test_the_names_of_the_api_can_be_completed() -> None:
    """Before it is imported, too."""
    assert {"open", "Capacity"} <= set(dir(wbskills))
