"""The same commands on a Wikibase of others: from a profile to a report on a mirror."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from wbskills.cli import main
from wbskills.ontology.entries import Ontology
from wbskills.stores import open_folder, open_store
from wbskills.tasks.ontologies import binding_of
from wbskills.testing import ServedWikibase, serving
from wbskills.wikibase.interface import OpenWikibase

ROOT = Path(__file__).resolve().parents[2]
MAPPING = ROOT / "ontology" / "surveys" / "sample.toml"
SAMPLE = ROOT / "scripts" / "sample" / "ambassadors-survey.csv"
PEOPLE = 8

pytestmark = pytest.mark.usefixtures("batch")


def run(*arguments: object, code: int = 0) -> Result:
    """Run a command, which ends with an exit code."""
    done = CliRunner().invoke(
        main, [str(argument) for argument in arguments], catch_exceptions=False
    )
    assert done.exit_code == code, done.output
    return done


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder to work in, with a user's own folders beside it."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        patch.delenv("WBSKILLS_WIKIBASE", raising=False)
        patch.chdir(folder)
        yield folder


@pytest.fixture(scope="module")
def wiki(home: Path) -> Iterator[ServedWikibase]:
    """A Wikibase that answers on this machine, and a profile “ours” of it."""
    with serving() as served, pytest.MonkeyPatch.context() as patch:
        patch.setenv("WBSKILLS_SECRET_OURS", served.bot_password)
        done = run("init", "ours", "--api", served.address, "--login", "bot-password",
                   "--user", served.bot_user, "--sparql", served.sparql)  # fmt: skip
        assert "WBSKILLS_SECRET_OURS" in done.output
        assert (home / "wbskills.toml").is_file()
        yield served


@pytest.fixture(scope="module")
def survey(home: Path) -> Path:
    """The sample, cut down to a few people."""
    lines = SAMPLE.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    file = home / "answers.csv"
    file.write_text("".join(lines[: PEOPLE + 1]), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def batch(wiki: ServedWikibase, survey: Path) -> str:
    """Import the survey; returns the batch."""
    run("ontology", "apply", "--wikibase", "ours")
    planned = run("survey", "plan", survey, "--mapping", MAPPING, "--wikibase", "ours")
    assert "people would be added" in planned.output
    done = run("survey", "apply", survey, "--mapping", MAPPING, "--wikibase", "ours")
    found = re.search(r"^Batch: (\S+)", done.output, re.MULTILINE)
    assert found
    assert wiki.bot_password not in done.output
    return found[1]


def people(store: OpenWikibase, ontology: Ontology) -> dict[str, str]:
    """Return the ids of people by name."""
    known = binding_of(store, ontology)
    return dict(store.find_by_identifier(known.property("wikimedia_username")))


def test_doctor_finds_nothing_bad() -> None:
    """Everything is checked, and each symbol has a word next to it."""
    shown = run("doctor", "--wikibase", "ours").output
    for name in ("address", "version", "log-in", "rights", "datatypes", "ontology"):
        assert re.search(rf"^{name} +✓ good", shown, re.MULTILINE), shown
    assert re.search(r"^query service +✓ good.*up to date", shown, re.MULTILINE), shown


def test_the_ontology_is_there_once() -> None:
    """Applied again, it makes no edit."""
    assert (
        "already has the whole ontology" in run("ontology", "apply", "--wikibase", "ours").output
    )


def test_the_same_file_again_makes_no_edit(survey: Path) -> None:
    """It creates no batch."""
    again = run("survey", "apply", survey, "--mapping", MAPPING, "--wikibase", "ours")
    assert "Nothing to do" in again.output
    listed = run("batch", "list", "--wikibase", "ours").output
    assert listed.count("survey apply") == 1


def test_a_receipt_names_rows_and_columns(batch: str) -> None:
    """Of every statement."""
    shown = run("batch", "show", batch, "--wikibase", "ours", "--format", "objects").output
    rows = json.loads(shown)["rows"] if isinstance(json.loads(shown), dict) else json.loads(shown)
    answers = [row for row in rows if "assessed_skill" in str(row)]
    assert answers
    assert all(re.search(r"column [A-Z]+ ", str(row)) for row in answers)


def test_queries_run_on_the_profile() -> None:
    """Through its query service."""
    shown = run("query", "run", "coverage", "--wikibase", "ours", "--format", "csv").output
    assert len(shown.splitlines()) > 20


def test_a_mirror_gives_the_same_answers(ontology: Ontology) -> None:
    """Ids are those of the source, and the report builds without it."""
    pulled = run("store", "pull", "mirror", "--wikibase", "ours")
    assert "mirror: 0 new entities" not in pulled.output
    asked = ("query", "run", "capacity_map", "--format", "csv", "--wikibase")
    assert run(*asked, "./mirror").output == run(*asked, "ours").output
    with open_store("ours", write=False) as far, open_folder("./mirror", write=False) as near:
        assert people(near, ontology) == people(far, ontology)
    run("report", "build", "site", "--wikibase", "./mirror")
    assert (
        "0 new entities, 0 changed" in run("store", "pull", "mirror", "--wikibase", "ours").output
    )


def test_a_mirror_is_not_written(survey: Path) -> None:
    """Its ids would soon be other ones at the source."""
    run("store", "pull", "mirror", "--wikibase", "ours")
    refused = run(
        "survey", "apply", survey, "--mapping", MAPPING, "--wikibase", "./mirror", code=1
    )
    assert "a read-only copy of http" in refused.output


def test_a_forgotten_person_is_not_imported_again(survey: Path, ontology: Ontology) -> None:
    """The item is deleted; a later import skips their row and reports it without a name."""
    with open_store("ours", write=False) as store:
        name, entity_id = min(people(store, ontology).items())
    done = run("forget", name, "--wikibase", "ours", "--yes")
    assert f"{entity_id}: deleted" in done.output
    assert "history" in done.output
    again = run("survey", "apply", survey, "--mapping", MAPPING, "--wikibase", "ours")
    assert re.search(
        r"not imported, because the person asked to be removed: rows? \d", again.output
    )
    assert name not in again.output
    with open_store("ours", write=False) as store:
        assert name not in people(store, ontology)
    run("store", "pull", "mirror", "--wikibase", "ours")
    with open_folder("./mirror", write=False) as near:
        there = people(near, ontology)
    assert name not in there
    done = run("forget", min(there), "--wikibase", "./mirror", "--yes")
    assert f"{there[min(there)]} removed from this copy" in done.output
    assert "They are still in" in done.output
    run("store", "pull", "mirror", "--wikibase", "ours")
    with open_folder("./mirror", write=False) as near:
        assert people(near, ontology).keys() == there.keys() - {min(there)}


def test_a_batch_is_undone(batch: str, ontology: Ontology) -> None:
    """Runs last: nobody of it is left. A second time does no harm."""
    done = run("batch", "undo", batch, "--wikibase", "ours", "--yes")
    assert "entities deleted" in done.output
    with open_store("ours", write=False) as store:
        assert people(store, ontology) == {}
    again = run("batch", "undo", batch, "--wikibase", "ours", "--yes")
    assert "Nothing changed" in again.output


def test_an_import_with_a_refused_edit_continues_and_exits_with_1(
    survey: Path, wiki: ServedWikibase, ontology: Ontology, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The receipt names row and reason; resuming makes that one edit alone."""
    named = csv.DictReader(survey.read_text(encoding="utf-8").splitlines())
    user = next(row["USER. What is your Wikimedia username?"] for row in named)
    monkeypatch.setattr(wiki.faults, "refuse", user)
    command = ("survey", "apply", survey, "--mapping", MAPPING, "--wikibase", "ours")

    done = run(*command, code=1)

    assert "1 edit was refused by the Wikibase:\n  row 2: " in done.output
    assert f"a filter of the wiki refuses it: No people named {user}" in done.output
    batch = re.search(r"^Batch: (\S+)", done.output, re.MULTILINE)
    kept = re.search(r"^Receipt: (\S+)$", done.output, re.MULTILINE)
    assert batch
    assert kept
    assert [refusal["row"] for refusal in json.loads(Path(kept[1]).read_text())["refused"]] == [2]
    with open_store("ours", write=False) as store:
        assert people(store, ontology)
        assert user not in people(store, ontology)
    assert "1 edit was refused" in run(*command, code=1).output
    wiki.faults.refuse = ""
    assert "1 person added" in run("batch", "resume", batch[1], "--wikibase", "ours").output


def test_no_secret_is_in_any_file(home: Path, wiki: ServedWikibase) -> None:
    """Not in the profile, a journal, a receipt or the state."""
    run("doctor", "--wikibase", "ours")
    holding = [
        file
        for file in home.rglob("*")
        if file.is_file() and wiki.bot_password.encode() in file.read_bytes()
    ]
    assert holding == []


def test_a_complete_profile_is_saved_without_a_question(wiki: ServedWikibase, home: Path) -> None:
    """A missing query service is looked up on the wiki; the user is not asked."""
    done = run("init", "full", "--api", wiki.api, "--login", "bot-password",
               "--user", "Ada@wbskills", "--contact", "ada@example.org")  # fmt: skip
    assert "query service" not in done.output
    assert "[wikibase.full]" in (home / "wbskills.toml").read_text(encoding="utf-8")


def test_a_private_wiki_is_recognised(wiki: ServedWikibase) -> None:
    """Its profile can be written all the same."""
    wiki.faults.private = 1
    done = run("init", "private", "--api", wiki.address, "--login", "none")
    wiki.faults.private = 0
    assert f"{wiki.api} is the API of a private wiki" in done.output
