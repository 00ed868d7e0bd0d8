"""Looking into a file that nobody has mapped yet, and drafting a mapping for it."""

from pathlib import Path

import pytest

from tests.surveys.answering import answered
from tests.surveys.samples import ada, table, xlsx
from wbskills.data import ontology_folder
from wbskills.errors import MappingError
from wbskills.ontology.entries import Ontology
from wbskills.ontology.load import load as load_ontology
from wbskills.surveys.draft.classify import ColumnKind, ColumnProfile
from wbskills.surveys.draft.inspect_file import Inspection, inspect
from wbskills.surveys.draft.write_draft import draft
from wbskills.surveys.files.columns import Role
from wbskills.surveys.mapping import toml_file
from wbskills.surveys.responses.survey import Survey
from wbskills.toml_reader import toml_text

COLUMNS = [
    "id", "submitdate", "lastpage", "ipaddr", "email",
    "USER. What is your username?", "CONSENT. Do you agree?", "WIKI. Your wiki",
    "SK[a]. How well can you do this? [Lua modules]",
    "SK[b]. How well can you do this? [Writing of Python programs]",
    "LEARN[a]. What do you want to learn? [Lua]", "L. A language", "B. How well?",
    "Y[q]. Which do you use? [SPARQL]", "N[r]. How much? [Templates]", "END. Comments",
]  # fmt: skip
ANSWERS = [
    ["en autonomie", "experte", "Yes", "Deutsch", "native", "Yes", "1 (never)", "One two three"],
    ["notions", "no experience", "No", "French", "basic", "No", "5", "I like it"],
]


def row(number: int) -> list[str]:
    """Make the row of an invented person."""
    mail, name = f"person{number}@example.org", f"Nobody {number}"
    day = f"2026-03-{number + 1:02d} 10:00:00"
    own = [str(number), day, "6", f"192.0.2.{number}", mail, name, "Yes, I do", "enwiki"]
    return own + [("" if number == 7 else answer) for answer in ANSWERS[number % 2]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A survey file of eight people."""
    path = tmp_path / "s.csv"
    path.write_text(table(*map(row, range(8)), columns=COLUMNS), encoding="utf-8-sig")
    return path


def reports(inspection: Inspection) -> dict[str, ColumnProfile]:
    """Return the reports of columns by letter."""
    return {report.column.letter: report for report in inspection.columns}


def test_an_inspection_describes_the_file(path: Path, ontology: Ontology) -> None:
    """Tool and why, encoding, separator, rows, days."""
    seen = inspect(path, ontology)

    assert (seen.tool, seen.encoding, seen.separator, seen.rows) == (
        "limesurvey",
        "utf-8-sig",
        ",",
        8,
    )
    assert "it has the columns id, submitdate" in seen.reason
    assert (str(seen.first), str(seen.last)) == (
        "2026-03-01 10:00:00+00:00",
        "2026-03-08 10:00:00+00:00",
    )


def test_columns_are_guessed_by_their_answers_in_five_languages(
    path: Path, ontology: Ontology
) -> None:
    """Words of scales are known as labels and aliases."""
    found = reports(inspect(path, ontology)).values()
    assert [report.guess.name for report in found] == [
        "NONE", "NONE", "NONE", "PERSONAL", "PERSONAL", "USERNAMES", "CONSENT", "COMMUNITIES",
        "LEVELS", "LEVELS", "YES_NO", "LANGUAGES", "BABEL", "YES_NO", "NUMBERS", "PERSONAL",
    ]  # fmt: skip


def test_skills_are_suggested_with_a_score(path: Path, ontology: Ontology) -> None:
    """A name scores 100; more words around it score less, and so do other skills not at all."""
    seen = reports(inspect(path, ontology))

    for letter, key, score in [("I", "lua_modules", 100), ("O", "templates", 100)]:
        suggestion = seen[letter].skill
        assert suggestion is not None
        assert (suggestion.key, suggestion.score) == (key, score)
    within = seen["J"].skill
    assert within is not None
    assert within.key == "python"
    assert within.score < 100
    assert seen["K"].skill is not None


def test_answers_are_shown_with_counts(path: Path, ontology: Ontology) -> None:
    """Empty cells are counted apart."""
    level = reports(inspect(path, ontology))["I"]

    assert level.answers == (("en autonomie", 4), ("notions", 3))
    assert (level.empty, level.distinct) == (1, 2)


def test_no_value_of_personal_data_or_free_text_is_shown(path: Path, ontology: Ontology) -> None:
    """Neither in the inspection nor in the draft."""
    seen = inspect(path, ontology)
    shown = str(seen.columns) + draft(seen, ontology)

    for value in ("@example.org", "192.0.2", "Nobody 3", "One two", "I like it"):
        assert value not in shown


def test_answers_of_only_one_person_are_not_shown(tmp_path: Path, ontology: Ontology) -> None:
    """A single answer may name someone, whatever the column is called."""
    path = tmp_path / "s.csv"
    words = ["often"] * 5 + ["never"] * 4 + ["only when Ada Lovelace asks"]
    path.write_text(table(*([word] for word in words), columns=["Q"]))

    (report,) = inspect(path, ontology).columns

    assert report.answers == (("often", 5), ("never", 4))
    assert report.distinct == 3


def test_texts_around_a_skill_are_shown_only_if_two_people_wrote_them(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Where a cell holds several choices, someone may have typed another one."""
    path = tmp_path / "s.csv"
    cells = ["Lua;Python"] * 3 + ["SPARQL;Python bots for the company of Ada Lovelace"]
    path.write_text(table(*([cell, "x"] for cell in cells), columns=["Your tools", "n"]))

    seen = inspect(path, ontology)

    report = seen.columns[0]
    assert report.guess is ColumnKind.CHOICES
    assert dict(report.answers) == {"Lua": 3, "Python": 3, "SPARQL": 1}
    assert "Lovelace" not in str(seen) + draft(seen, ontology)


def test_columns_of_many_different_answers_are_free_text(
    tmp_path: Path, ontology: Ontology
) -> None:
    """However they are headed; numbers of years are not shown either."""
    path = tmp_path / "s.csv"
    rows = [[f"word {n}", str(n % 55), "yes " * 30 + str(n % 2)] for n in range(60)]
    path.write_text(table(*rows, columns=["A", "B", "C"]))

    found = [(report.guess, report.answers) for report in inspect(path, ontology).columns]
    assert found == [(ColumnKind.FREE_TEXT, ())] * 3


def test_a_draft_loads_once_its_questions_are_answered(path: Path, ontology: Ontology) -> None:
    """And reads the file without a fault."""
    written = draft(inspect(path, ontology), ontology)
    told = path.with_name("m.toml")
    told.write_text(answered(written))

    opened = Survey.open(path, toml_file.load(told), ontology)

    found = opened.check()
    assert found.faults == ()
    assert found.responses == 8
    assert {tally.skill for tally in found.skills} >= {"lua_modules", "python"}
    first = next(opened.responses())
    assert first.home_community == "enwiki"
    assert [(one.language, one.babel_level) for one in first.speaks] == [("lang_de", "babel_n")]
    assert first.assessments[0].interests == ("wants_to_learn",)


def test_a_draft_asks_what_is_not_certain(path: Path, ontology: Ontology) -> None:
    """Nobody imports a guess by accident."""
    lines = draft(inspect(path, ontology), ontology).splitlines()

    assert 'column = "USER"' in lines
    assert any(line.startswith('property = "?"  # perhaps wikimedia_username') for line in lines)
    consents = "consent_named, consent_pseudonym or withheld"
    assert f'"Yes, I do" = "?"  # {consents}; 8 times' in lines
    assert any(line.startswith('"SK[a]" = "lua_modules"') for line in lines)
    assert "# column E “email”: email address" in lines


def test_an_open_question_is_refused_with_examples_and_counts(
    path: Path, ontology: Ontology
) -> None:
    """All of them at once, with what each may mean and a line that can be pasted."""
    told = path.with_name("m.toml")
    told.write_text(draft(inspect(path, ontology), ontology))

    with pytest.raises(MappingError) as raised:
        Survey.open(path, toml_file.load(told), ontology)

    said = str(raised.value)
    assert "what does “Yes, I do” mean? 8 answers, in column" in said
    assert "write one of consent_named, consent_pseudonym" in said
    assert "usernames of wiki accounts (no real names), or pseudonyms?" in said
    assert f"Try: wbskills survey edit {path} --mapping {told}" in said
    assert "write one of wikimedia_username, pseudonym in place of “?”" in said
    assert told.read_text().count('"?"') == len(raised.value.faults) - 1


def test_every_column_is_mentioned_in_a_draft(path: Path, ontology: Ontology) -> None:
    """What is not imported is listed by its heading, not left out."""
    found = inspect(path, ontology)
    written = draft(found, ontology)

    assert "complete = true" in written
    for profile in found.columns:
        column = profile.column
        if column.role is Role.QUESTION or column.role.personal:
            assert any(name in written for name in column.names), column


def test_a_draft_of_a_table_without_any_skill_says_so(tmp_path: Path, ontology: Ontology) -> None:
    """It shows how a question looks."""
    path = tmp_path / "s.csv"
    path.write_text("colour,shape\nred,round\nred,round\nblue,round\n")

    written = draft(inspect(path, ontology), ontology)

    assert "# No question about skills was recognised" in written
    assert 'tool = "plain"' in written


def test_days_that_fit_two_formats_are_asked_about(tmp_path: Path, ontology: Ontology) -> None:
    """4 March or 3 April: only a person can tell."""
    path = tmp_path / "s.csv"
    path.write_text("Timestamp,x\n04/03/2026,a\n05/03/2026,a\n")

    seen = inspect(path, ontology)

    assert seen.formats == ("%d/%m/%Y", "%m/%d/%Y")
    assert 'format = "?"  # perhaps %d/%m/%Y, %m/%d/%Y' in draft(seen, ontology)
    path.write_text("Timestamp,x\n25/03/2026,a\n05/03/2026,a\n")
    assert 'format = "%d/%m/%Y"' in draft(inspect(path, ontology), ontology)


def test_a_level_that_no_scale_knows_is_asked_about(tmp_path: Path, ontology: Ontology) -> None:
    """The others of the same question are suggested."""
    path = tmp_path / "s.csv"
    words = ["alone", "with help", "none", "sort of", "sort of", "alone"]
    rows = [ada(word, name=f"A{n}") for n, word in enumerate(words)]
    path.write_text(table(*rows))

    lines = draft(inspect(path, ontology), ontology).splitlines()

    assert '"with help" = "with_help"  # 1 times' in lines
    assert '"sort of" = "?"  # 2 times' in lines


def test_repeated_headings_are_named_by_letter(tmp_path: Path, ontology: Ontology) -> None:
    """A draft that names two columns by one name would not load."""
    path = tmp_path / "s.csv"
    path.write_text("Python,Python\nalone,none\nnone,alone\n")

    assert '"column A" = "python"' in draft(inspect(path, ontology), ontology)


def test_workbooks_and_odd_texts_are_drafted_with_what_it_takes_to_read_them(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Sheet, separator, encoding."""
    rows = [["Languages [German]", "Python"], ["native", "alone"], ["basic", "none"]]
    written = draft(inspect(xlsx(tmp_path / "s.xlsx", rows), ontology), ontology)
    assert 'sheet = "Answers"' in written
    assert '"Languages [German]" = "lang_de"' in written
    assert 'answers = "scale:babel"' in written

    path = tmp_path / "s.csv"
    path.write_bytes("Größe\tKäse\nnone\tja\nalone\tja\n".encode("latin-1"))
    written = draft(inspect(path, ontology, encoding="latin-1"), ontology)
    assert 'encoding = "iso8859-1"' in written
    assert 'separator = "tab"' in written
    assert "[[questions]]  # Größe" in written
    assert "# No skill is known by these names." in written
    assert '"Größe" = "?"  # nearest: ' in written


def test_texts_are_written_as_toml_reads_them() -> None:
    """Quotes, backslashes and what nobody sees."""
    assert toml_text('a "b" \\ c\n') == '"a \\"b\\" \\\\ c\\U0000000A"'


def test_a_word_of_two_scales_has_a_comment_in_the_draft(tmp_path: Path) -> None:
    """With both levels that it can mean, for someone to choose."""
    (tmp_path / "ours.toml").write_text(
        '[scales.ours]\nlabel = { en = "ours" }\ndescription = { en = "another scale" }\n'
        '[scales.ours.levels.ours_low]\nvalue = 0\nlabel = { en = "Alone" }\n'
        'description = { en = "low in ours" }\n'
    )
    both = load_ontology(ontology_folder(), tmp_path / "ours.toml")
    rows = [ada(answer, "none", name=answer) for answer in ("alone", "none", "leads")]
    (tmp_path / "s.csv").write_text(table(*rows))
    written = draft(inspect(tmp_path / "s.csv", both), both)
    (line,) = [line for line in written.splitlines() if '"alone" =' in line]
    assert line.startswith('"alone" = "?"  # perhaps alone, ours_low; ')
