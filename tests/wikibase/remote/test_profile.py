"""Profiles: what a file of them may hold, and where it is looked for."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from wbskills.cli import main
from wbskills.errors import NotFound, StoreError, WbskillsError
from wbskills.stores import find_profile, open_store, records_folder
from wbskills.testing import ServedWikibase
from wbskills.wikibase.remote.profile import (
    FILE,
    Login,
    ProfileError,
    add_profile,
    load_profiles,
    parse_profiles,
    profile_toml,
    read_profiles,
)

WHOLE = """
[wikibase.capacity]
api = "https://capacity.example/w/api.php"
sparql = "https://capacity.example/query/sparql"
login = "bot-password"
user = "Ada@wbskills"
contact = "https://meta.example/wiki/User:Ada"
edits_per_minute = 30
secret_file = "private/secret"

[wikibase.capacity.entities]
speaks = "P42"

[wikibase.here]
api = "http://127.0.0.1:8181/w/api.php"
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def test_a_profile_says_how_to_reach_a_wiki(home: Path) -> None:
    """Paths are meant from the file's own folder."""
    Path(FILE).write_text(WHOLE, encoding="utf-8")
    found = load_profiles()["capacity"]
    assert found.login is Login.BOT_PASSWORD
    assert found.edits_per_minute == 30
    assert dict(found.entities) == {"speaks": "P42"}
    assert found.secret_file == home / "work" / "private" / "secret"
    assert found.state.parent == home / "state" / "wbskills"


def test_this_machine_has_no_default_limit() -> None:
    """Others have 80 edits a minute."""
    found = parse_profiles(WHOLE.replace("edits_per_minute = 30\n", ""), Path(FILE))
    assert found["here"].edits_per_minute == 0
    assert found["capacity"].edits_per_minute == 80


def test_two_wikis_of_one_name_share_nothing() -> None:
    """The folder of what is remembered follows from the address, too."""
    other = WHOLE.replace("127.0.0.1:8181", "127.0.0.1:8182")
    one, two = (parse_profiles(text, Path(FILE))["here"].state for text in (WHOLE, other))
    assert one != two


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ('api = "http://wiki.example/w/api.php"', "not encrypted"),
        ('api = "https://Ada:secret@wiki.example/w/api.php"', "must not contain a password"),
        ('api = "wiki.example"', "is not a web address"),
        ('api = "https://[x/w/api.php"', "is not a web address"),
        ('user = "Ada"', "address of the API is missing"),
        ('api = "https://w.example/api.php"', "needs a contact"),
        ('api = "http://localhost/api.php"\nlogin = "magic"', "no log-in “magic”"),
        ('api = "http://localhost/api.php"\nlogin = "bot-password"', "needs a user"),
        ('api = "http://localhost/api.php"\npassword = "x"', "must not be stored in the profile"),
        ('api = "http://localhost/api.php"\nsparkl = "x"', "no setting “sparkl”"),
        ('api = "http://localhost/api.php"\nsessions = 0', "out of range"),
        ('api = "http://localhost/api.php"\nsessions = true', "out of range"),
        ('api = "http://localhost/api.php"\nmaxlag = "5"', "out of range"),
        ('api = "http://localhost/api.php"\nentities = { x = "L1" }', "“L1” is not an id"),
        ('api = "http://localhost/api.php"\nentities = 3', "a table is expected"),
        ('api = "http://localhost/api.php"\nkeyring = "yes"', "true or false"),
        ("api = 3", "a text is expected"),
        ("api = ", "not TOML"),
    ],
)
def test_every_problem_has_its_place(wrong: str, expected: str) -> None:
    """The password in an address is not shown."""
    with pytest.raises(ProfileError) as error:
        parse_profiles(f"[wikibase.x]\n{wrong}\n", Path(FILE))
    assert expected in str(error.value)
    assert "secret@" not in str(error.value)


def test_all_problems_are_reported_at_once() -> None:
    """Of all profiles of the file."""
    text = '[wikibase.a]\nuser = "x"\n[wikibase.B]\n[wikibase.c]\napi = 1\n[colour]\n'
    with pytest.raises(ProfileError) as error:
        parse_profiles(text, Path(FILE))
    assert len(error.value.faults) == 5


def test_the_working_folder_comes_before_the_users_own(home: Path) -> None:
    """Both files are read."""
    own = home / "config" / "wbskills" / FILE
    own.parent.mkdir(parents=True)
    own.write_text(WHOLE, encoding="utf-8")
    Path(FILE).write_text('[wikibase.here]\napi = "http://localhost/x"\n', encoding="utf-8")
    assert load_profiles()["here"].api == "http://localhost/x"
    assert load_profiles()["capacity"].user == "Ada@wbskills"


def test_a_misspelt_profile_creates_no_folder() -> None:
    """A slip of the finger must not import people into another wiki."""
    Path(FILE).write_text(WHOLE, encoding="utf-8")
    with pytest.raises(NotFound, match="capacity"):
        open_store("capactiy")
    assert not Path("capactiy").exists()
    with open_store("./capactiy"):
        assert Path("capactiy").is_dir()


def test_a_name_without_a_profile_means_a_folder() -> None:
    """Nothing else changes for who has no profile."""
    assert find_profile("wbskills-store") is None
    assert records_folder("wbskills-store") == Path("wbskills-store")
    assert records_folder(":memory:") is None
    with pytest.raises(StoreError, match="is an address"):
        open_store("http://127.0.0.1/")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Cf", "Zs", "Cn", "Co"])))
def test_a_written_profile_can_be_read(text: str) -> None:
    """Whatever the user is called."""
    written = profile_toml("x", {"api": "http://localhost/", "user": text, "keyring": True})
    found = parse_profiles(written, Path(FILE))["x"]
    assert found.user == text
    assert found.keyring


def test_adding_a_profile_keeps_the_rest_of_the_file(home: Path) -> None:
    """Comments and other profiles; one of the same name is not replaced."""
    file = home / "some" / FILE
    add_profile(file, "one", {"api": "http://localhost/1"})
    file.write_text("# mine\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    add_profile(file, "two", {"api": "http://localhost/2"})
    before = file.read_text(encoding="utf-8")
    assert before.startswith("# mine\n")
    assert set(read_profiles(file)) == {"one", "two"}
    with pytest.raises(WbskillsError, match="already"):
        add_profile(file, "one", {"api": "http://localhost/3"})
    with pytest.raises(ProfileError, match=r"wbskills\.toml: "):
        add_profile(file, "three", {"api": "http://far.example/"})
    assert file.read_text(encoding="utf-8") == before


def test_init_asks_for_what_no_option_gives(served: ServedWikibase) -> None:
    """And finds out what the wiki tells by itself."""
    answers = f"{served.address}\n{served.sparql}\nbot-password\nAda@x\n"
    done = CliRunner().invoke(main, ["init", "near"], input=answers, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    found = load_profiles()["near"]
    assert found.api == served.api
    assert found.concept_base == served.entities
    assert found.user == "Ada@x"
    assert "WBSKILLS_SECRET_NEAR" in done.output


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["Near", "--api", "http://localhost/"], "cannot be the name of a profile"),
        (["near", "--api", "http://wiki.example/"], "https://wiki.example/"),
        (["near", "--api", "http://127.0.0.1:9/"], "does not answer"),
    ],
)
def test_init_writes_nothing_if_something_is_wrong(arguments: list[str], expected: str) -> None:
    """And says what."""
    done = CliRunner().invoke(main, ["init", *arguments, "--contact", "x", "--login", "none"])
    assert done.exit_code == 1
    assert expected in done.output
    assert not Path(FILE).exists()


def test_init_without_a_network() -> None:
    """What would be asked of the wiki is left open."""
    done = CliRunner().invoke(
        main,
        ["init", "far", "--api", "wiki.example", "--contact", "ada@wiki.example", "--sparql", "",
         "--login", "oauth2", "--offline", "--everywhere"],
        catch_exceptions=False,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert load_profiles()["far"].api == "https://wiki.example/w/api.php"
    assert not Path(FILE).exists()


def test_a_profile_may_name_the_page_in_which_people_write_queries() -> None:
    """For links; it must be an address like the others."""
    line = 'query_service = "https://capacity.example/query/"\n'
    expected = WHOLE.replace("[wikibase.capacity]\n", f"[wikibase.capacity]\n{line}")
    assert parse_profiles(expected, Path(FILE))["capacity"].query_service.endswith("/query/")
    assert parse_profiles(WHOLE, Path(FILE))["capacity"].query_service == ""
    with pytest.raises(ProfileError, match=r"capacity\.query_service"):
        parse_profiles(expected.replace(line, 'query_service = "javascript:x"\n'), Path(FILE))


def test_init_has_an_option_for_the_query_page() -> None:
    """It does not ask for it."""
    done = CliRunner().invoke(
        main,
        ["init", "ours", "--offline", "--api", "http://127.0.0.1:8181/w/api.php", "--sparql", "",
         "--login", "none", "--query-service", "http://127.0.0.1:8181/query"],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert load_profiles()["ours"].query_service == "http://127.0.0.1:8181/query"


def test_a_command_on_a_folder_loads_no_libraries_for_the_network() -> None:
    """They take longer to load than many a command takes."""
    code = "import sys, wbskills.stores; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()

    assert "wbskills.stores" in loaded
    assert {"requests", "wikibaseintegrator", "SPARQLWrapper", "keyring"}.isdisjoint(loaded)
