"""Batches, resuming, undoing and forgetting, as a user of an embedded Wikibase meets them."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from wbskills.cli import main
from wbskills.ontology.entries import Ontology
from wbskills.stores import open_folder
from wbskills.tasks import imports
from wbskills.tasks.ontologies import binding_of

ROOT = Path(__file__).resolve().parents[2]
MAPPING = ROOT / "ontology" / "surveys" / "sample.toml"
SAMPLE = ROOT / "scripts" / "sample" / "ambassadors-survey.csv"


def run(*arguments: object, code: int = 0, **more: str) -> Result:
    """Run a command, which ends with an exit code."""
    given = [str(argument) for argument in arguments]
    done = CliRunner().invoke(main, given, catch_exceptions=False, **more)  # type: ignore[arg-type] # input only
    assert done.exit_code == code, done.output
    return done


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    """The sample, cut down to a few people."""
    lines = SAMPLE.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    file = tmp_path / "answers.csv"
    file.write_text("".join(lines[:9]), encoding="utf-8")
    return file


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A folder for a Wikibase."""
    folder = tmp_path / "store"
    run("ontology", "apply", "--wikibase", folder)
    return folder


def applied(survey: Path, store: Path) -> str:
    """Import a survey; returns the batch."""
    done = run("survey", "apply", survey, "--mapping", MAPPING, "--wikibase", store)
    found = re.search(r"^Batch: (\S+)", done.output, re.MULTILINE)
    assert found, done.output
    return found[1]


def names(store: Path, ontology: Ontology) -> list[str]:
    """List the people of a Wikibase."""
    with open_folder(str(store), write=False) as wikibase:
        known = binding_of(wikibase, ontology)
        pairs = wikibase.find_by_identifier(known.property("wikimedia_username"))
    return sorted(name for name, _ in pairs)


def test_each_import_is_a_batch(survey: Path, store: Path) -> None:
    """The list names the file; importing it again creates no batch."""
    batch = applied(survey, store)
    run("survey", "apply", survey, "--mapping", MAPPING, "--wikibase", store)
    listed = run("batch", "list", "--wikibase", store).output
    assert listed.count("survey apply") == 1
    assert listed.count("ontology apply") == 1
    assert batch in listed
    assert "answers.csv" in listed


def test_a_batch_is_undone_on_a_yes_only(survey: Path, store: Path, ontology: Ontology) -> None:
    """Then nobody is left, and the same file can be imported again."""
    batch = applied(survey, store)
    before = names(store, ontology)
    refused = run("batch", "undo", batch, "--wikibase", store, code=1, input="n\n")
    assert "Aborted" in refused.output
    assert names(store, ontology) == before
    run("batch", "undo", batch, "--wikibase", store, input="y\n")
    assert names(store, ontology) == []
    applied(survey, store)
    assert names(store, ontology) == before


def test_an_interrupted_batch_is_resumed(
    survey: Path, store: Path, ontology: Ontology, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its name alone, from any folder, into the same batch."""
    real, calls = imports.Import._write, []

    def break_off(self: imports.Import, *given: object) -> object:
        calls.append(1)
        if len(calls) > 1:
            raise KeyboardInterrupt
        return real(self, *given)  # type: ignore[arg-type] # handed on as it came

    monkeypatch.setattr(imports, "SIZE", 2)
    with monkeypatch.context() as patch:
        patch.setattr(imports.Import, "_write", break_off)
        done = run("survey", "apply", survey, "--mapping", MAPPING, "--wikibase", store, code=130)
        assert "Interrupted" in done.output
    assert len(names(store, ontology)) == 2
    listed = run("batch", "list", "--wikibase", store).output
    found = re.search(r"^(\S+) .*survey apply.*interrupted$", listed, re.MULTILINE)
    assert found, listed

    run("batch", "resume", found[1], "--wikibase", store)

    assert len(names(store, ontology)) > 2
    listed = run("batch", "list", "--wikibase", store).output
    assert re.search(rf"^{found[1]} .*survey apply.* done$", listed, re.MULTILINE)
    assert listed.count("survey apply") == 1
    assert "nothing left to do" in run("batch", "resume", found[1], "--wikibase", store).output
    run("batch", "undo", found[1], "--wikibase", store, "--yes")
    assert names(store, ontology) == []


@pytest.mark.parametrize("command", ["show", "resume", "undo"])
@pytest.mark.parametrize("name", ["20260101-000000-abcd", "../store/x", ""])
def test_an_unknown_batch_is_reported(store: Path, command: str, name: str) -> None:
    """For any text."""
    done = run("batch", command, name, "--wikibase", store, code=2)
    assert "wbskills batch list" in done.output


def test_only_an_import_is_resumed(store: Path) -> None:
    """Of others the command is named."""
    listed = run("batch", "list", "--wikibase", store).output
    batch = re.search(r"^(\S+) .*ontology apply", listed, re.MULTILINE)
    assert batch
    done = run("batch", "resume", batch[1], "--wikibase", store, code=1)
    assert "wbskills ontology apply" in done.output


def test_forgotten_people_are_not_imported_again(
    survey: Path, store: Path, ontology: Ontology
) -> None:
    """A plan and an import leave their row out, by row and without a name."""
    applied(survey, store)
    name = names(store, ontology)[0]
    run("forget", name, "--wikibase", store, code=1, input="n\n")
    assert name in names(store, ontology)
    done = run("forget", name, "--wikibase", store, "--yes").output
    assert "deleted, with its history" in done
    for command in ("plan", "apply"):
        again = run("survey", command, survey, "--mapping", MAPPING, "--wikibase", store).output
        assert re.search(
            r"^1 not imported, because the person asked to be removed: rows? \d",
            again,
            re.MULTILINE,
        )
        assert name not in again
    assert name not in names(store, ontology)
    assert "already blocked" in run("forget", name, "--wikibase", store, "--yes").output


def test_reports_that_name_the_person_are_built_again(
    survey: Path, store: Path, ontology: Ontology, tmp_path: Path
) -> None:
    """With their title; an unknown name is reported, and nothing is changed."""
    applied(survey, store)
    name, *_ = names(store, ontology)
    site = tmp_path / "my site"
    run("report", "build", site, "--wikibase", store, "--title", "Ours", "--lang", "de")
    told = run("forget", f"{name}x", "--wikibase", store, "--yes", code=2).output
    assert name in told
    done = run("forget", name, "--wikibase", store, "--yes").output
    assert "the report named them, and was rebuilt" in done
    assert not [f for f in site.rglob("*") if f.is_file() and name.encode() in f.read_bytes()]
    index = (site / "index.html").read_text(encoding="utf-8")
    assert "Ours" in index
    assert 'lang="de"' in index


def test_forgetting_needs_a_name_and_a_wikibase(tmp_path: Path) -> None:
    """And makes nothing where there is nothing."""
    nowhere = tmp_path / "none"
    assert "USER" in run("forget", "--wikibase", nowhere, code=2).output
    assert "no Wikibase" in run("forget", "Ada", "--wikibase", nowhere, code=2).output
    assert not nowhere.exists()


def test_a_withdrawn_consent_is_reported(
    survey: Path, store: Path, ontology: Ontology, tmp_path: Path
) -> None:
    """The rows are named, and the command that removes people; nothing is removed by itself."""
    applied(survey, store)
    before = names(store, ontology)
    text = survey.read_text(encoding="utf-8")
    agreed = "Yes, under my username"
    assert agreed in text
    lines = text.splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if agreed in line)
    lines[at] = lines[at].replace(agreed, "No", 1)
    second = tmp_path / "second.csv"
    second.write_text("".join(lines), encoding="utf-8")
    done = run("survey", "apply", second, "--mapping", MAPPING, "--wikibase", store).output
    assert re.search(
        rf"^1 from people who withdrew their consent and have an item: row {at + 1}$",
        done,
        re.MULTILINE,
    ), done
    assert "wbskills forget" in done
    assert names(store, ontology) == before
