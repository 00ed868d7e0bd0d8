"""Commands: from a survey file to a map, and one clear message for each mistake."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from wbskills.cli import ErrorGroup, main
from wbskills.cli.query import FORMS
from wbskills.stores import open_store

ROOT = Path(__file__).resolve().parents[2]
SURVEY = ROOT / "scripts" / "sample" / "ambassadors-survey.csv"
MAPPING = ROOT / "ontology" / "surveys" / "sample.toml"


def run(*arguments: object) -> Result:
    """Run a command in this process; an error that is not ours keeps its traceback."""
    return CliRunner().invoke(
        main, [str(argument) for argument in arguments], catch_exceptions=False
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the sample survey in it."""
    folder = tmp_path_factory.mktemp("cli") / "store"
    done = run("survey", "apply", SURVEY, "--mapping", MAPPING, "--wikibase", folder)
    assert done.exit_code == 0, done.output
    return folder


def commands(command: click.Command, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """List all commands below one."""
    if not isinstance(command, click.Group):
        return [path]
    below = [
        each for name, sub in command.commands.items() for each in commands(sub, (*path, name))
    ]
    return [path, *below]


@pytest.mark.parametrize("path", commands(main), ids=" ".join)
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    """A first sentence, and help for each option."""
    shown = run(*path, "--help")
    assert shown.exit_code == 0
    assert re.search(r"\n\n  [A-Z].*[.:]", shown.output)


def test_help_loads_nothing_heavy() -> None:
    """It must come at once."""
    code = "import sys; from wbskills.cli import main; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    heavy = {"wikibaseintegrator", "rdflib", "SPARQLWrapper", "pyoxigraph", "jinja2", "tqdm"}
    assert heavy & set(loaded) == set()


def test_a_survey_becomes_items_a_receipt_and_a_report(store: Path, tmp_path: Path) -> None:
    """The whole way, with the sample."""
    (receipt,) = (store / "receipts").iterdir()
    counted = json.loads(receipt.read_text(encoding="utf-8"))
    assert counted["created"] == 190
    assert counted["withheld_rows"]["count"] == 10

    site = tmp_path / "site"
    built = run("report", "build", site, "--wikibase", store, "--notice", "All invented.")
    assert built.exit_code == 0, built.output
    assert "All invented." in (site / "index.html").read_text(encoding="utf-8")
    assert len(list((site / "people").iterdir())) == 190


def test_the_same_file_again_makes_no_edit(store: Path) -> None:
    """The message states it."""
    with open_store(str(store), write=False) as wikibase:
        before = wikibase.revision()
    again = run("survey", "apply", SURVEY, "--mapping", MAPPING, "--wikibase", store)
    with open_store(str(store), write=False) as wikibase:
        assert wikibase.revision() == before
    assert "Nothing to do" in again.output


def test_a_plan_writes_nothing(tmp_path: Path) -> None:
    """Not even an empty store; the plan lists what applying does."""
    folder = tmp_path / "store"
    planned = run("survey", "plan", SURVEY, "--mapping", MAPPING, "--wikibase", folder)
    assert planned.exit_code == 0
    assert not folder.exists()
    assert "190 people would be added, 113 would be changed" in planned.output
    assert re.search(r"^row 2: create item wikimedia_username/", planned.output, re.MULTILINE)


def test_a_draft_is_written_once(tmp_path: Path) -> None:
    """An edited mapping is never overwritten."""
    draft = tmp_path / "m.toml"
    assert run("survey", "inspect", SURVEY, "--draft", draft).exit_code == 0
    again = run("survey", "inspect", SURVEY, "--draft", draft)
    assert again.exit_code == 1
    assert "already exists" in again.output


def test_inspecting_shows_no_personal_data() -> None:
    """Columns with addresses and names are named, their contents are not."""
    shown = run("survey", "inspect", SURVEY).output
    assert "personal data, never read" in shown
    assert "192.0.2." not in shown
    assert "@example.org" not in shown


def test_bad_rows_can_be_saved_to_a_separate_file(tmp_path: Path) -> None:
    """Good rows are imported; bad rows are saved to a file with the reasons."""
    survey, aside = tmp_path / "s.csv", tmp_path / "bad.csv"
    text = SURVEY.read_text(encoding="utf-8-sig").replace("Yoruba Wikipedia", "Yourba Wikipedia")
    survey.write_text(text, encoding="utf-8")
    arguments = (survey, "--mapping", MAPPING, "--wikibase", tmp_path / "store")

    refused(run("survey", "apply", *arguments), "Yourba Wikipedia", "Nothing was imported")
    assert not (tmp_path / "store").exists()
    planned = run("survey", "plan", *arguments, "--set-aside", aside)
    assert planned.exit_code == 0
    assert f"bad rows would be saved to {aside}:" in planned.output
    assert "Yourba Wikipedia" in planned.output
    assert "people would be added" in planned.output
    assert not aside.exists()
    assert run("survey", "apply", *arguments, "--set-aside", aside).exit_code == 0
    assert "Yourba Wikipedia" in aside.read_text(encoding="utf-8")

    mended = aside.read_text(encoding="utf-8").replace("Yourba", "Yoruba")
    aside.write_text(mended, encoding="utf-8")
    run("survey", "apply", aside, "--mapping", MAPPING, "--wikibase", tmp_path / "store")
    whole = run("survey", "apply", SURVEY, "--mapping", MAPPING, "--wikibase", tmp_path / "store")
    assert "Nothing to do" in whole.output


QUERIES = [
    ("coverage",), ("baseline",), ("rare_skills",), ("capacity_map",), ("people",),
    ("person_profile",), ("responses_per_wave",), ("who_can", "--param", "skill=lua_modules"),
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query[0])
def test_every_query_answers_in_every_form(query: tuple[str, ...], form: str, store: Path) -> None:
    """With rows."""
    answered = run("query", "run", *query, "--format", form, "--wikibase", store)
    assert answered.exit_code == 0, answered.output
    assert len(answered.output.splitlines()) > 2


def test_a_query_is_shown_with_the_ids_of_the_wikibase(store: Path) -> None:
    """Ready to paste: no key is left in it."""
    shown = run(
        "query", "show", "who_can", "--param", "skill=Lua-Module", "--wikibase", store
    ).output
    assert re.search(r"ps:P\d+ wd:Q\d+", shown)
    assert "lua_modules" not in shown


def test_a_wrong_rank_is_found_and_fixed(store: Path, tmp_path: Path) -> None:
    """The rank rule holds again, and nothing else changed."""
    folder = tmp_path / "store"
    shutil.copytree(store, folder)
    spoil(folder)
    found = run("check", "--wikibase", folder)
    assert found.exit_code == 1
    assert "Items that break the rank rule: 1." in found.output
    assert run("check", "--fix", "--wikibase", folder).exit_code == 0
    assert run("check", "--wikibase", folder).exit_code == 0


def spoil(folder: Path) -> None:
    """Set all of a person's statements to normal rank, as an editor might."""
    from dataclasses import replace

    from wbskills.wikibase.model.edits import Change
    from wbskills.wikibase.model.entities import Rank

    with open_store(str(folder)) as wikibase:
        name = max(
            (f"Q{number}" for number in range(280, 300)),
            key=lambda each: len(wikibase.read([each])[each].entity.statements),
        )
        stored = wikibase.read([name])[name]
        leading = [s for s in stored.entity.statements if s.rank is Rank.PREFERRED]
        changed = tuple(replace(each, rank=Rank.NORMAL) for each in leading)
        change = Change(key="", id=name, base=stored.revision, statements=changed)
        wikibase.write([change], "spoilt")


def refused(result: Result, *words: str) -> None:
    """Check that a command ended in one message with a next step, and no traceback."""
    assert result.exit_code in (1, 2)
    assert "Traceback" not in result.output
    assert "Try:" in result.output or "Try '" in result.output or "Try “" in result.output
    for word in words:
        assert word in result.output


@pytest.mark.parametrize("command", ["inspect", "plan", "apply"])
@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("missing.csv", None, "missing.csv"),
        ("empty.csv", b"", "empty"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(200), "picture.csv"),
        ("random.csv", bytes(range(256)) * 20, "random.csv"),
        ("broken.xlsx", b"PK\x03\x04 and then nothing", "broken.xlsx"),
        ("latin.csv", "a,b\nGröße,1\n".encode("latin-1"), "--encoding"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_message(
    command: str, name: str, content: bytes | None, word: str, tmp_path: Path
) -> None:
    """No store is created."""
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    more = () if command == "inspect" else ("--mapping", MAPPING, "--wikibase", tmp_path / "s")
    refused(run("survey", command, file, *more), word)
    assert not (tmp_path / "s").exists()


def test_a_folder_is_no_survey(tmp_path: Path) -> None:
    """Nor is it a mapping."""
    refused(run("survey", "inspect", tmp_path))
    refused(run("survey", "plan", SURVEY, "--mapping", tmp_path))
    refused(run("survey", "plan", SURVEY, "--mapping", tmp_path / "none.toml"), "none.toml")


def test_a_wrong_mapping_names_every_fault(tmp_path: Path) -> None:
    """An unknown skill gets a hint; nothing is written."""
    mapping = tmp_path / "m.toml"
    text = MAPPING.read_text(encoding="utf-8")
    mapping.write_text(
        text.replace('columns = "SK[{skill}]"', 'skills = { "SK[lua_modules]" = "lua_module" }')
        .replace('column = "USER"', 'column = "USR"'),
        encoding="utf-8",
    )  # fmt: skip
    result = run("survey", "apply", SURVEY, "--mapping", mapping, "--wikibase", tmp_path / "s")
    refused(result, "lua_module", "USR", "Try: use “lua_modules”")
    assert not (tmp_path / "s").exists()


def test_a_wave_cannot_have_the_key_of_a_skill(tmp_path: Path) -> None:
    """Its label would be written over the skill's."""
    mapping = tmp_path / "m.toml"
    text = MAPPING.read_text(encoding="utf-8").replace("[waves.sample_2025]", "[waves.python]")
    mapping.write_text(text, encoding="utf-8")
    refused(run("survey", "plan", SURVEY, "--mapping", mapping), "waves.python", "python_2025")


def test_a_store_of_a_newer_version_is_one_message(tmp_path: Path) -> None:
    """With what to do."""
    run("ontology", "apply", "--wikibase", tmp_path / "s")
    with sqlite3.connect(tmp_path / "s" / "entities.sqlite") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    refused(run("query", "run", "coverage", "--wikibase", tmp_path / "s"), "newer version")


def test_a_second_writer_is_told_to_wait(tmp_path: Path) -> None:
    """The first one continues."""
    with open_store(str(tmp_path / "s")):
        refused(run("ontology", "apply", "--wikibase", tmp_path / "s"), "another process")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("coverge",), "coverage"),
        (("who_can",), "skill"),
        (("who_can", "--param", "skill=lua_module"), "lua_modules"),
        (("who_can", "--param", "skil=lua_modules"), "skill"),
        (("who_can", "--param", "skill=lua_modules", "--param", "level=expert-ish"), "level"),
        (("baseline", "--param", "share=a lot"), "number"),
        (("coverage", "--param", "nonsense"), "NAME=VALUE"),
        (("coverage", "--lang", "not a language"), "language"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_a_hint(
    arguments: tuple[str, ...], word: str, store: Path
) -> None:
    """Before any query runs."""
    refused(run("query", "run", *arguments, "--wikibase", store), word)


def test_no_store_is_one_message(tmp_path: Path) -> None:
    """Reading commands make none."""
    for command in (
        ("query", "run", "coverage"),
        ("report", "build", tmp_path / "site"),
        ("check",),
        ("store", "rebuild"),
    ):
        refused(run(*command, "--wikibase", tmp_path / "none"), "there is no Wikibase")
    assert list(tmp_path.iterdir()) == []


def test_a_report_takes_no_place_of_other_things(store: Path, tmp_path: Path) -> None:
    """A folder with something else in it is left alone."""
    (tmp_path / "thesis.txt").write_text("do not lose me")
    refused(run("report", "build", tmp_path, "--wikibase", store), "not a report folder")
    assert (tmp_path / "thesis.txt").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write_is_one_message(tmp_path: Path) -> None:
    """For a store and for a report."""
    tmp_path.chmod(0o500)
    refused(run("ontology", "apply", "--wikibase", tmp_path / "s"), "cannot be made")
    tmp_path.chmod(0o700)


def test_a_full_disk_is_one_message(store: Path) -> None:
    """`/dev/full` is a disk without room."""
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    command = ["query", "run", "coverage", "--wikibase", str(store)]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "wbskills", *command],
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert ended.returncode == 1
    assert (
        ended.stderr
        == "Error: the disk is full\n  Try: free some space, then run the command again\n"
    )


def test_building_a_report_touches_no_neighbour(store: Path, tmp_path: Path) -> None:
    """Not even one whose name looks like something temporary."""
    (tmp_path / "site.new").mkdir()
    (tmp_path / "site.new" / "thesis.txt").write_text("do not lose me")
    assert run("report", "build", tmp_path / "site", "--wikibase", store).exit_code == 0
    assert sorted(each.name for each in tmp_path.iterdir()) == ["site", "site.new"]
    assert (tmp_path / "site.new" / "thesis.txt").exists()


def test_an_address_is_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is a folder with that name created."""
    monkeypatch.chdir(tmp_path)
    refused(run("ontology", "apply", "--wikibase", "https://wiki.example/"), "is an address")
    assert list(tmp_path.iterdir()) == []


def test_a_store_with_flipped_bytes_is_one_message(tmp_path: Path) -> None:
    """In every command."""
    run("ontology", "apply", "--wikibase", tmp_path / "s")
    file = tmp_path / "s" / "entities.sqlite"
    content = bytearray(file.read_bytes())
    for at in range(20_000, len(content), 997):
        content[at] ^= 0x5A
    file.write_bytes(content)
    for command in (("ontology", "diff"), ("check",), ("query", "run", "coverage")):
        refused(run(*command, "--wikibase", tmp_path / "s"))


def test_what_is_printed_into_a_file_is_utf_8(store: Path, tmp_path: Path) -> None:
    """Whatever the system's encoding."""
    with (tmp_path / "out.csv").open("wb") as out:
        command = ["query", "run", "people", "--format", "csv", "--wikibase", str(store)]
        subprocess.run(
            [sys.executable, "-m", "wbskills", *command],
            check=True,
            stdout=out,
            env={**os.environ, "PYTHONIOENCODING": "cp1252"},
        )
    assert "小雨" in (tmp_path / "out.csv").read_text(encoding="utf-8")


def test_an_interruption_shows_how_to_continue() -> None:
    """Ctrl-C is no error; what was done stays done."""

    @click.group(cls=ErrorGroup)
    def face() -> None:
        """Act as the whole program."""

    @face.command()
    def work() -> None:
        """Raise the interruption."""
        raise KeyboardInterrupt

    ended = CliRunner().invoke(face, ["work"])
    assert ended.exit_code == 130
    assert "the same command again" in ended.output


@pytest.mark.parametrize("text", ["title = " + "[" * 3000, f"title = {'9' * 5000}"])
def test_toml_that_nobody_writes_is_one_message(text: str, tmp_path: Path) -> None:
    """Too deep or too long for a parser."""
    file = tmp_path / "m.toml"
    file.write_text(text, encoding="utf-8")
    refused(run("survey", "plan", SURVEY, "--mapping", file), "this is not TOML")
    ended = run("ontology", "diff", "--ontology", file, "--wikibase", tmp_path / "s")
    assert ended.exit_code == 1
    assert "m.toml: this is not TOML" in ended.output


def test_a_rebuild_reports_its_result(store: Path) -> None:
    """Queries still work afterwards."""
    assert "query index rebuilt" in run("store", "rebuild", "--wikibase", store).output
    assert run("query", "run", "coverage", "--wikibase", store).exit_code == 0


def test_the_ontology_is_shown_before_it_is_applied(tmp_path: Path) -> None:
    """And after that there is nothing to show."""
    shown = run("ontology", "diff", "--wikibase", tmp_path / "s")
    assert "create item lua_modules" in shown.output
    assert not (tmp_path / "s").exists()
    assert "edits for" in run("ontology", "apply", "--wikibase", tmp_path / "s").output
    assert "already" in run("ontology", "apply", "--wikibase", tmp_path / "s").output
    assert "Nothing would change" in run("ontology", "diff", "--wikibase", tmp_path / "s").output
