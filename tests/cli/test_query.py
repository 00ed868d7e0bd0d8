"""`wbskills query` and `wbskills declared`: arguments, output and error messages."""

import contextlib
import csv
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path
from shutil import copytree
from urllib.parse import unquote, urlsplit

import pytest
import rdflib.query
from click.testing import CliRunner, Result
from rdflib.plugins.sparql import prepareQuery

from tests.query.demo_store import open_demo
from wbskills.cli import main
from wbskills.cli.query import FORMS
from wbskills.data import queries_folder
from wbskills.ontology.entries import Ontology
from wbskills.report.as_text import terminal_width
from wbskills.report.formats import STREAMS
from wbskills.testing import serving
from wbskills.wikibase.sparql_tokens import meaningful, tokenize

ROOT = Path(__file__).resolve().parents[2]
RATINGS = "lang,people,bots\nde,4,2.25\nar,,5\n"
RATINGS_MAPPING = """\
source = "https://survey.example.org/ratings"
date = 2026-02-01
scale = "community_5"
[community]
column = "lang"
key = "{}wiki"
[respondents]
column = "people"
[capacities]
bots = ["bot_operation", "lua_modules"]
[needs]
at_most = 2.5
level = "alone"
people = 2
"""


@pytest.fixture(scope="module")
def store(ontology: Ontology, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the first responses of the sample."""
    folder = tmp_path_factory.mktemp("query") / "store"
    with open_demo(ontology, responses=40, place=str(folder)):
        pass
    return folder


def run(*arguments: object) -> Result:
    """Run a command in this process; an error that is not ours keeps its traceback."""
    return CliRunner().invoke(
        main, [str(argument) for argument in arguments], catch_exceptions=False
    )


def test_the_names_of_formats_are_those_there_are() -> None:
    """They are written twice, so that a help text loads nothing."""
    assert tuple(STREAMS) == FORMS


def test_json_and_tsv_are_read_by_others(store: Path) -> None:
    """They are valid query results for rdflib, with the same values."""
    query = ("query", "run", "coverage", "--wikibase", store, "--format")
    found = [
        rdflib.query.Result.parse(io.BytesIO(run(*query, form).output.encode()), format=form)
        for form in ("json", "tsv")
    ]

    rows = [
        [{str(name): str(term) for name, term in row.items()} for row in result.bindings]
        for result in found
    ]
    assert rows[0] == rows[1]
    assert len(rows[0]) > 20
    heading, *records = csv.reader(io.StringIO(run(*query, "csv").output))
    assert [f"?{name}" for name in heading] == [f"?{name}" for name in found[0].vars or ()]
    assert len(records) == len(rows[0])


def test_markdown_has_a_cell_for_each_heading(store: Path) -> None:
    """And shows shares with their denominators."""
    text = run("query", "run", "coverage", "--format", "markdown", "--wikibase", store).output
    lines = [re.split(r"(?<!\\)\|", line) for line in text.splitlines()]

    assert len({len(line) for line in lines}) == 1
    assert re.search(r"\d+% \(\d+ of \d+\)", text)


def test_a_page_loads_nothing_and_says_how_to_read_it(store: Path) -> None:
    """The answer, the note and the query, in one file."""
    text = run("query", "run", "coverage", "--format", "html", "--wikibase", store).output

    assert text.startswith("<!DOCTYPE html>")
    assert "default-src 'none'" in text
    assert "<script" not in text
    assert not re.search(r"""(src|url\()\s*=?\s*["'(]?https?:""", text)


def test_an_answer_is_shown_in_the_browser(
    store: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A file of the user's own, with how to read the answer and the query in it."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("webbrowser._tryorder", None)
    monkeypatch.setenv("BROWSER", "true %s")
    answered = run("query", "run", "coverage", "--open", "--wikibase", store)

    assert answered.exit_code == 0
    (page,) = tmp_path.glob("coverage-*.html")
    assert page.stat().st_mode & 0o077 == 0
    text = page.read_text(encoding="utf-8")
    assert "Read every share with its denominator" in text
    assert "SELECT ?skill" in text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("baseline", "--param", "share=2"),
            "share: 2 is too large\n  Try: use a number from 0 to 1",
        ),
        (("rare_skills", "--param", "most=-1"), "most: -1 is too small\n  Try: use 1 or more"),
        (
            ("rare_skills", "--param", "most=2", "--param", "most=3"),
            "“most” is given twice; a parameter takes one value",
        ),
        (("who_can", "--param", "skill=Q99999"), "skill: Q99999 is not in this Wikibase"),
        (("who_can",), "“who_can” needs a value for “skill”"),
        (("coverage", "--param", "level=nope"), "there is no “nope” in levels\n  Try: use “none”"),
        (
            ("coverage", "--param", "level=3"),
            "Try: use one of none, aware, with_help, alone, leads",
        ),
        (("coverage", "--queries", "nowhere"), "there is no folder nowhere"),
        (("my query",), "there is no saved query “my query”"),
        (("stale", "--param", "day=yesterday"), "day: “yesterday” is not a day"),
        (("change", "--param", "after=wave_9"), "Try: use the key of a wave in its mapping"),
        (("coverage", "--param", f"group={'x' * 9000}"), "xxx…” in groups"),
    ],
)
def test_a_mistake_is_one_clear_message(
    store: Path, arguments: tuple[str, ...], told: str
) -> None:
    """The problem and a hint."""
    answered = run("query", "run", *arguments, "--wikibase", store)

    assert answered.exit_code == 2
    assert told in answered.output
    assert len(answered.output) < 600


def test_an_id_of_something_else_is_refused(store: Path) -> None:
    """A level is no skill, and neither is a person; the answer would be empty without a word."""
    people = run("query", "run", "people", "--format", "csv", "--wikibase", store).output
    person = people.splitlines()[1].split(",")[0]
    shown = run("query", "show", "coverage", "--wikibase", store).output
    level = re.findall(r"wd:(Q\d+) wdt:", shown)[0]

    other = run("query", "run", "who_can", "--param", f"skill={level}", "--wikibase", store)
    assert f"{level} is “alone” in levels, not in skills" in other.output
    other = run("query", "run", "who_can", "--param", f"skill={person}", "--wikibase", store)
    assert f"{person} is not an item of skills" in other.output
    mine = run(
        "query", "run", "person_profile", "--param", f"person={person}", "--wikibase", store
    )
    assert mine.exit_code == 0


@pytest.mark.parametrize("tables", [False, True], ids=["alone", "copied"])
def test_a_users_own_query_replaces_the_built_in_one(
    store: Path, tmp_path: Path, *, tables: bool
) -> None:
    """It hides the built-in query of its name, and its SQL too, even where that was copied."""
    asked = "query", "run", "coverage", "--format", "csv", "--wikibase", store
    folder = tmp_path / "mine"
    if tables:
        copytree(queries_folder(), folder)
    else:
        folder.mkdir()
    text = (queries_folder() / "coverage.rq").read_text(encoding="utf-8")
    last = text.rindex("ORDER BY")
    (folder / "coverage.rq").write_text(f"{text[:last]}{text[last:].rstrip()}\nLIMIT 1\n")
    assert len(run(*asked).output.splitlines()) > 2
    assert len(run(*asked, "--queries", folder).output.splitlines()) == 2


def test_a_users_own_query_is_created_checked_and_run(store: Path, tmp_path: Path) -> None:
    """It works like those that are built in, and is never overwritten."""
    folder = tmp_path / "mine"
    made = run("query", "new", "near_me", "--folder", folder)
    assert f"wbskills query run near_me --queries {folder}" in made.output
    assert run("query", "check", folder).output == "No problems found.\n"
    found = run(
        "query", "run", "near_me", "--queries", folder, "--wikibase", store,
        "--param", "community=arwiki", "--format", "csv",
    )  # fmt: skip
    assert found.exit_code == 0
    assert len(found.output.splitlines()) > 2
    assert (
        "near_me: Whose home community this is" in run("query", "list", "--queries", folder).output
    )

    again = run("query", "new", "near_me", "--folder", folder)
    assert again.exit_code == 1
    assert "already exists" in again.output
    assert "small Latin letters" in run("query", "new", "My query", "--folder", folder).output


@pytest.mark.parametrize(
    ("place", "deep", "told"),
    [
        ("BODY", "{" * 20_000 + "}" * 20_000, "more than 100 open brackets"),
        ("HEADER", "[" * 20_000 + "]" * 20_000, "nested too deeply"),
        ("HEADER", "{a: " * 20_000 + "}" * 20_000, "nested too deeply"),
    ],
)
def test_a_file_that_is_nested_without_end_is_refused(
    tmp_path: Path, place: str, deep: str, told: str
) -> None:
    """It ended the program without a word, or with a traceback."""
    text = "#+ summary: x\n#+ tags: HEADER\nSELECT ?a WHERE { ?a ?b ?c BODY }\n"
    (tmp_path / "deep.rq").write_text(text.replace(place, deep))

    for command in (
        ["check", tmp_path],
        ["list", "--queries", tmp_path],
    ):
        shown = run("query", *command)
        assert told in shown.output
        assert shown.exit_code in {1, 2}


def test_sparql_that_is_not_portable_is_reported(tmp_path: Path) -> None:
    """By file and line."""
    run("query", "new", "mine", "--folder", tmp_path)
    file = tmp_path / "mine.rq"
    text = file.read_text(encoding="utf-8").replace(
        "  FILTER EXISTS {", "  SERVICE <http://a/> {", 1
    )
    file.write_text(text, encoding="utf-8")

    checked = run("query", "check", tmp_path)

    assert checked.exit_code == 2
    assert "mine.rq: line 21: “SERVICE” is not understood everywhere" in checked.output


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("is given\n}", "is given\n", ": this is not SPARQL from here on"),
        ("ORDER BY ?personLabel ?person ?community\n", "ORDER BY ?personLabel ?person (?community",
         "mine.rq: the query ends too early"),
        ("wdt:home_community ?c", "wdt:home_comunity ?c",
         "line 20: there is no property “home_comunity” in the ontology\n    Try: use “home_c"),
        ("?community = ?__", "?community = wd:mewiki || ?community = ?__", "no item “mewiki”"),
        ("section: communities", "section: comunities",
         "x-wbskills.params.community: there is no section “comunities”\n    Try: use “com"),
        ("x-wbskills:\n", "defaults:\n#+   - community: dewikki\n#+ x-wbskills:\n",
         "defaults.community: there is no “dewikki” in communities\n    Try: use “dewiki”"),
        ("x-wbskills:\n", "enumerate:\n#+   - community: [dewiki, nowhere]\n#+ x-wbskills:\n",
         "enumerate.community: there is no “nowhere” in communities"),
    ],
)  # fmt: skip
def test_a_query_that_would_fail_is_reported_by_check(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    """Brackets, keys, sections and values; also in a file that begins with a byte order mark."""
    run("query", "new", "mine", "--folder", tmp_path)
    file = tmp_path / "mine.rq"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8-sig")

    checked = run("query", "check", tmp_path)

    assert checked.exit_code == 2
    assert told in checked.output


def test_a_terminal_is_given_what_fits_and_how_to_read_it(store: Path) -> None:
    """A file is given every id and every letter."""
    asked = ["query", "run", "who_can", "--param", "skill=lua_modules", "--wikibase", str(store)]
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "wbskills", *asked],
        stdout=theirs, stderr=subprocess.PIPE, check=True, text=True,
        env={**os.environ, "COLUMNS": "80"},
    )  # fmt: skip
    os.close(theirs)
    screen = bytearray()
    with contextlib.suppress(OSError):  # how a terminal ends
        while piece := os.read(ours, 4096):
            screen += piece
    os.close(ours)
    shown = screen.decode().splitlines()

    assert max(map(terminal_width, shown)) == 80
    assert not re.search(r"\bQ[0-9]+", "".join(shown))
    assert "People said this about themselves." in done.stderr


@pytest.mark.parametrize("form", ["html", "wikitext"])
def test_what_is_taken_elsewhere_says_what_it_is(store: Path, form: str) -> None:
    """Query and parameters; as a page, also how to read it, and the SPARQL."""
    found = run(
        "query", "run", "who_can", "--wikibase", store, "--format", form,
        "--param", "skill=lua_modules", "--lang", "de",
    ).output  # fmt: skip

    assert "Who has a skill, and what help they offer (skill" in found
    if form == "html":
        assert '<html lang="en">' in found
        assert '<tbody lang="de">' in found
        assert "People said this about themselves." in found
        assert "SELECT ?person" in found


@pytest.mark.parametrize(
    ("number", "told"),
    [(2**63 - 1, ""), (2**63, "most: 9223372036854775808 is too large"), (10**30, "whole number")],
)
def test_no_engine_counts_beyond_64_bits(store: Path, number: int, told: str) -> None:
    """They would find nothing, or stop."""
    asked = run("query", "run", "at_risk", "--wikibase", store, "--param", f"most={number}")

    assert asked.exit_code == (2 if told else 0)
    assert told in asked.output


def test_output_that_is_closed_is_no_fault_of_ours(store: Path) -> None:
    """As in `wbskills query run coverage >&-`."""
    command = [
        sys.executable,
        "-m",
        "wbskills",
        "query",
        "run",
        "coverage",
        "--wikibase",
        str(store),
    ]
    closed = ["sh", "-c", 'exec "$@" >&-', "sh", *command]
    done = subprocess.run(closed, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    "number", ['"NaN"^^xsd:double', '"INF"^^xsd:double', "1e300", "12345678901234567.5"]
)
def test_odd_numbers_are_answers(store: Path, tmp_path: Path, number: str) -> None:
    """Which a query of one's own may well compute."""
    (tmp_path / "odd.rq").write_text(
        "#+ summary: Odd\n#+ x-wbskills:\n#+   question: Odd?\n#+   columns: {n: a number}\n"
        "#+   key: [n]\n#+   fractions: [n]\nPREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
        f"SELECT ?n WHERE {{ BIND ({number} AS ?n) }} ORDER BY ?n\n",
        encoding="utf-8",
    )
    for form in FORMS:
        asked = (
            "query",
            "run",
            "odd",
            "--queries",
            tmp_path,
            "--wikibase",
            store,
            "--format",
            form,
        )
        found = run(*asked)
        assert found.exit_code == 0, found.output


def test_a_file_whose_name_cannot_be_one_is_not_suggested(store: Path, tmp_path: Path) -> None:
    """The hint used to be the very name that was typed."""
    run("query", "new", "mine", "--folder", tmp_path)
    (tmp_path / "mine.rq").rename(tmp_path / "my query.rq")

    told = run("query", "run", "my query", "--queries", tmp_path, "--wikibase", store)

    assert "“my query” cannot be the name of a query" in told.output
    assert "Try: my query" not in told.output


@pytest.mark.parametrize(
    ("service", "begins"),
    [
        ("https://query.example.org/", "https://query.example.org/#%23%20How%20many"),
        ("https://q.example.org/?q={query}&x=1", "https://q.example.org/?q=%23%20How%20many"),
    ],
)
def test_a_query_is_shown_with_a_link_that_opens_it(
    store: Path, service: str, begins: str
) -> None:
    """In the form of Wikidata's query service, or where the address has {query}."""
    shown = run("query", "show", "coverage", "--query-service", service, "--wikibase", store)

    address = shown.output.splitlines()[-1].removeprefix("# ")
    assert address.startswith(begins)
    prepareQuery(shown.output)  # it can be saved as it is
    refused = run(
        "query", "show", "coverage", "--query-service", "javascript:x", "--wikibase", store
    )
    assert "is not a web address" in refused.output


def test_a_link_opens_what_was_shown(store: Path) -> None:
    """To the last character, blanks and comments included."""
    show = ("query", "show", "coverage", "--wikibase", store)
    text = run(*show).output
    shown = run(*show, "--query-service", "https://query.example.org/")
    address = shown.output.splitlines()[-1].removeprefix("# ")

    assert unquote(urlsplit(address).fragment) == text.removesuffix("\n")


def test_a_long_query_loses_its_comments_and_then_its_link(store: Path, tmp_path: Path) -> None:
    """Servers need not take more than 8,000 bytes in an address; “#” keeps it in the browser."""
    run("query", "new", "long", "--folder", tmp_path)
    file = tmp_path / "long.rq"
    many = "  FILTER (?person != ?community)\n" * 150
    text = file.read_text(encoding="utf-8").replace("  FILTER EXISTS", f"{many}  FILTER EXISTS")
    file.write_text(text, encoding="utf-8")
    show = (
        "query", "show", "long", "--queries", tmp_path, "--wikibase", store, "--query-service"
    )  # fmt: skip
    kept = run(*show, "https://query.example.org/")
    sent = run(*show, "https://query.example.org/?query={query}")
    shorter = run(
        "query", "show", "coverage", "--wikibase", store, "--query-service",
        "https://query.example.org/?q={query}",
    )  # fmt: skip

    assert "# https://query.example.org/#" in kept.output
    assert "# https://" not in sent.stdout
    assert sent.stderr == (
        "This query is too long for a link.\n  Try: paste it at"
        " https://query.example.org/?query=\n"
    )
    address = shorter.output.splitlines()[-1].removeprefix("# ")
    assert len(address) <= 8000
    one, other = (
        [token.text for token in meaningful(tokenize(text))]
        for text in (shorter.output, unquote(urlsplit(address).query.removeprefix("q=")))
    )
    assert one == other


def test_the_profile_names_the_query_service(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then nobody needs to type it; what is typed comes first."""
    monkeypatch.chdir(tmp_path)
    with serving(str(store)) as address:
        Path("wbskills.toml").write_text(
            f"""
            [wikibase.ours]
            api = "{address.api}"
            sparql = "{address.sparql}"
            query_service = "https://query.example.org/"
            """,
            encoding="utf-8",
        )
        show = ("query", "show", "coverage", "--wikibase", "ours")
        shown, told = run(*show), run(*show, "--query-service", "https://other.example.org/")

    assert shown.output.splitlines()[-1].startswith("# https://query.example.org/#")
    assert told.output.splitlines()[-1].startswith("# https://other.example.org/#")


@pytest.fixture
def ratings(tmp_path: Path) -> tuple[Path, Path]:
    """A table of ratings and its mapping."""
    (tmp_path / "ratings.csv").write_text(RATINGS, encoding="utf-8")
    (tmp_path / "ratings.toml").write_text(RATINGS_MAPPING, encoding="utf-8")
    return tmp_path / "ratings.csv", tmp_path / "ratings.toml"


def test_ratings_are_planned_written_and_not_written_twice(
    ratings: tuple[Path, Path], tmp_path: Path
) -> None:
    """Four ratings, and two needs of the community that rated itself low."""
    file, mapping = ratings
    rest = (file, "--mapping", mapping, "--wikibase", tmp_path / "store")
    planned = run("declared", "plan", *rest)
    assert "2 communities, 4 ratings: 6 statements would be written." in planned.output
    assert not (tmp_path / "store").exists()
    assert "6 statements written." in run("declared", "apply", *rest).output
    assert "0 statements written." in run("declared", "apply", *rest).output

    file.write_text(RATINGS.replace("2.25", "4.5"), encoding="utf-8")
    assert "2 statements written." in run("declared", "apply", *rest).output
    answer = run(
        "query", "run", "declared_capacity", "--format", "objects", "--param", "community=dewiki",
        "--wikibase", tmp_path / "store",
    )  # fmt: skip
    assert {row["rating"] for row in json.loads(answer.output)} == {4.5}


def test_ratings_are_a_batch_that_can_be_undone(
    ratings: tuple[Path, Path], tmp_path: Path
) -> None:
    """The newer rating too, in the place of which the older one is put; not to be resumed."""
    file, mapping = ratings
    at = ("--wikibase", tmp_path / "store")

    def shown() -> str:
        return run("query", "run", "declared_capacity", "--format", "csv", *at).output

    def batch_of(done: Result) -> str:
        found = re.search(r"^Batch: (\S+)", done.output, re.MULTILINE)
        assert found, done.output
        return found[1]

    run("ontology", "apply", *at)
    nothing = shown()
    first = batch_of(run("declared", "apply", file, "--mapping", mapping, *at))
    before = shown()
    file.write_text(RATINGS.replace("2.25", "4.5"), encoding="utf-8")
    second = batch_of(run("declared", "apply", file, "--mapping", mapping, *at))
    assert shown() != before

    refused = run("batch", "resume", second, *at)
    assert "wbskills declared apply" in refused.output
    receipt = run("batch", "show", second, "--format", "csv", *at).output
    assert "4.5" in receipt
    run("batch", "undo", second, "--yes", *at)
    assert shown() == before
    assert "Nothing changed" in run("batch", "undo", second, "--yes", *at).output
    run("batch", "undo", first, "--yes", *at)
    assert shown() == nothing


def test_a_need_from_another_source_is_left_alone(
    ratings: tuple[Path, Path], tmp_path: Path
) -> None:
    """A community's own statement is not replaced by one derived from a table."""
    file, mapping = ratings
    rest = ("--mapping", mapping, "--wikibase", tmp_path / "store")
    run("declared", "apply", file, *rest)
    other = mapping.with_name("other.toml")
    text = RATINGS_MAPPING.replace("ratings", "another").replace("people = 2", "people = 9")
    other.write_text(text, encoding="utf-8")
    run("declared", "apply", file, "--mapping", other, "--wikibase", tmp_path / "store")

    needs = run("query", "run", "needs", "--format", "objects", "--wikibase", tmp_path / "store")
    found = {(row["wanted"], row["source"].rpartition("/")[2]) for row in json.loads(needs.output)}
    assert found == {(2, "ratings")}


@pytest.mark.parametrize(
    ("table", "mapping", "told"),
    [
        (RATINGS.replace("2.25", "7"), "", "row 2, column C “bots”: “7” is not on the scale"),
        (RATINGS.replace("2.25", "high"), "", "“high” is not a number"),
        (RATINGS.replace("2.25", "NaN"), "", "is not on the scale"),
        (RATINGS.replace("de,4", "de,four"), "", "“four” is not a number of people"),
        (RATINGS.replace("de,", "xx,"), "", "there is no community “xxwiki”"),
        (RATINGS + "de,4,3\n", "", "“dewiki” is already in row 2"),
        (RATINGS.replace("people", "answers"), "", "the table has no column “people”"),
        (
            RATINGS.replace("bots\n", "bots,help\n").replace("5", "5,3"),
            "",
            "does not mention the column D “help”",
        ),
        ("", "", "empty"),
        (RATINGS, RATINGS_MAPPING.replace("lua_m", "lau_m"), "there is no skill “lau_modules”"),
        (RATINGS, RATINGS_MAPPING.replace("community_5", "five"), "there is no scale “five”"),
        (
            RATINGS,
            RATINGS_MAPPING.replace("{}wiki", "wiki"),
            "the key has no place for the content of the column",
        ),
        (RATINGS, RATINGS_MAPPING.replace("date =", "day ="), "date: this is missing"),
        (RATINGS, RATINGS_MAPPING.replace("people = 2", "people = 0"), "this must be at least 1"),
        (RATINGS, RATINGS_MAPPING.replace("2.5", '"low"'), "needs.at_most: this is not a number"),
        (RATINGS, "source = ", "this is not TOML"),
    ],
)
def test_faults_of_a_table_or_mapping_are_reported_and_nothing_is_written(
    ratings: tuple[Path, Path], tmp_path: Path, table: str, mapping: str, told: str
) -> None:
    """By row and column, or by key."""
    ratings[0].write_text(table, encoding="utf-8")
    if mapping:
        ratings[1].write_text(mapping, encoding="utf-8")
    done = run(
        "declared", "apply", ratings[0], "--mapping", ratings[1], "--wikibase", tmp_path / "store"
    )

    assert done.exit_code in {1, 2}
    assert told in done.output
    assert not (tmp_path / "store").exists()


def test_the_mapping_that_travels_with_the_program_is_right(ontology: Ontology) -> None:
    """It reads the real table where that is available."""
    from wbskills.surveys.capacity_ratings import load, read

    mapping = load(ROOT / "ontology" / "declared" / "cee-2018.toml", ontology)
    table = ROOT.parent / "shared" / "data" / "community-capacities-cee-2018.csv"
    if not table.is_file():
        pytest.skip(f"{table.name} is not at hand")
    found = read(table, mapping, ontology)

    with table.open(encoding="utf-8", newline="") as file:
        records = list(csv.DictReader(file))
    expected = {
        (f"{record['lang']}wiki", skill, record[capacity], int(record["respondents"]))
        for record in records
        for capacity, skills in mapping.capacities.items()
        for skill in skills
    }
    assert {
        (each.community, each.skill, f"{each.mean:.2f}", each.respondents) for each in found
    } == expected
    assert len(found) == len(expected) == 12 * 16


def test_a_limit_gives_the_first_rows_and_says_so(store: Path) -> None:
    """On the other channel, so that the rows stay what they are; all rows need no word."""
    ask = ("query", "run", "coverage", "--format", "csv", "--wikibase", store)
    whole = run(*ask).stdout.splitlines()
    some, all_ = run(*ask, "--limit", "3"), run(*ask, "--limit", len(whole) - 1)

    assert some.stdout.splitlines() == whole[:4]
    assert some.stderr == f"The first 3 of {len(whole) - 1} rows.\n"
    assert (all_.stdout.splitlines(), all_.stderr) == (whole, "")


def test_rows_are_written_many_at_a_time(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not one of them is lost between the lots."""
    ask = ("query", "run", "person_profile", "--format", "tsv", "--wikibase", store)
    whole = run(*ask).stdout
    monkeypatch.setattr(sys.modules["wbskills.cli.query"], "_BUFFER", 100)

    assert run(*ask).stdout == whole


def test_who_has_read_enough_gets_no_complaint(store: Path) -> None:
    """As with `| head`: the reader stops before everything is written."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [
        sys.executable,
        "-m",
        "wbskills",
        "query",
        "run",
        "coverage",
        "--wikibase",
        str(store),
    ]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)

    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, b"")


def test_a_terminal_is_not_steered_by_a_label() -> None:
    """Colours, titles and directions stay out of it; tabulators and lines stay in."""
    readable = sys.modules["wbskills.cli.query"]._readable

    assert readable("a\tb\x1b[31m\r\nc\u202ed\n") == "a\tb\ufffd[31m\nc\ufffdd\n"


def test_the_query_that_the_manual_shows_is_that_file() -> None:
    """The manual shows the file that the program runs."""
    manual = (ROOT / "docs" / "saved-queries.md").read_text(encoding="utf-8")
    (name,) = re.findall(r"without its header \(`(queries/.*\.rq)`\)", manual)
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines(keepends=True)
    body = "".join(line for line in lines if not line.startswith("#+"))

    assert f"```\n{body}```\n" in manual


def test_the_query_in_the_manual_works(store: Path, tmp_path: Path) -> None:
    """Following docs/saved-queries.md exactly gives an answer without errors."""
    manual = (ROOT / "docs" / "saved-queries.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```sparql\n(.*?)```", manual, re.DOTALL)
    (tmp_path / "near_me.rq").write_text(text, encoding="utf-8")
    asked = re.search(r"wbskills query run near_me --queries my-queries (.*)", manual)
    assert asked is not None

    assert run("query", "check", tmp_path).exit_code == 0
    ask = (
        "query",
        "run",
        "near_me",
        "--queries",
        tmp_path,
        "--wikibase",
        store,
        "--format",
        "csv",
    )
    assert run(*ask, *asked[1].split()).exit_code == 0
    found = run(*ask, "--param", "community=arwiki", "--param", "skill=templates",
                "--param", "level=none").stdout.splitlines()  # fmt: skip
    assert found[0] == "person,personLabel,number"
    assert len(found) > 1
    assert len({row.split(",")[0] for row in found}) == len(found)  # nobody is there twice
