"""Reading a mapping: everything that is wrong with it, at once."""

from datetime import date
from pathlib import Path

import pytest

from tests.surveys.samples import HEAD, MAPPING, QUESTIONS, TAIL
from wbskills.data import ontology_folder
from wbskills.errors import MappingError, NotFound
from wbskills.surveys.mapping import toml_file
from wbskills.surveys.mapping.schema import SurveyMapping


def loaded(folder: Path, text: str) -> SurveyMapping:
    """Write a mapping and read it."""
    path = folder / "m.toml"
    path.write_text(text, encoding="utf-8")
    return toml_file.load(path)


def faults(folder: Path, text: str) -> list[str]:
    """List what is wrong in a mapping; every fault says where it is."""
    with pytest.raises(MappingError) as caught:
        loaded(folder, text)
    assert str(folder / "m.toml") in str(caught.value)
    return [str(fault) for fault in caught.value.faults]


def test_a_mapping_is_data(tmp_path: Path) -> None:
    """All of it can be said in TOML."""
    (tmp_path / "more.toml").touch()
    mapping = loaded(
        tmp_path,
        'ontology = ["more.toml"]\nempty = ["NA"]\nignore = "REMARK"\n'
        + HEAD.replace("[waves.w1]", '[waves.w1]\nlicense = "https://l.example"\ninvited = 9')
        + '[answers.own]\n"Yes" = "alone"\n'
        + TAIL
        + '[response]\nid = "id"\nlast_page = "lastpage"\npages = 6\n'
        + QUESTIONS.replace('"scale:self_5"', '["scale:self_5", "own"]')
        + '[person.role]\nvalue = "technical_ambassador"\n',
    )

    (wave,) = mapping.waves
    assert (wave.key, wave.start, wave.invited) == ("w1", date(2026, 3, 1), 9)
    assert mapping.ontology == (tmp_path / "more.toml",)
    assert mapping.empty == ("NA",)
    assert mapping.ignore == ("REMARK",)
    (question,) = mapping.questions
    assert question.answers.scales == ("self_5",)
    assert question.answers.table == {"Yes": "alone"}
    assert question.answers.not_asked == ("N/A",)
    assert question.answers.skipped == ("",)
    assert mapping.person["role"].value == "technical_ambassador"
    assert mapping.completeness.pages == 6


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    """With the key of each, and what to try."""
    told = faults(
        tmp_path,
        """
        tittle = "x"
        [waves.W1]
        start = "2026-03-01"
        [identity]
        column = "USER"
        property = "username"
        [date]
        column = "WHEN"
        format = "%Y-%m"
        [consent]
        column = "CONSENT"
        [[questions]]
        colums = "SK[{skill}]"
        answers = "own"
        [[interests]]
        columns = 3
        answers = { "Yes" = 3 }
        """,
    )

    expected = [
        "title: this is missing",
        "there is no member “tittle”\n    Try: use “title”",
        "waves.W1: this is not a key",
        "waves.W1.label: there is no label in English",
        "waves.W1.start: this is not a date\n    Try: write start = 2026-03-04 (without quotation",
        "“username” does not identify a person\n    Try: use wikimedia_username",
        "date.format: “%Y-%m” does not have day, month and year\n    Try: use a format such as",
        "consent: the mapping does not say which answers give consent",
        "questions[1]: there is no member “colums”\n    Try: use “columns”",
        "questions[1].answers: there is no [answers.own]",
        "interests[1].columns: this is not a list of texts",
        "interests[1].answers: this is not a table of texts",
    ]
    for text in expected:
        assert any(text in fault for fault in told), (text, told)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "the mapping has no survey wave"),
        (HEAD + QUESTIONS, "the mapping does not say who a response is from"),
        (HEAD + QUESTIONS, "the mapping does not say when the answers were given"),
        (HEAD + QUESTIONS, "the mapping does not say which column has the consent"),
        (HEAD + TAIL, "no column is mapped to a skill"),
        (MAPPING.replace("2026-03-31", "2026-02-01"), "ends (2026-02-01) before it starts"),
        ('consent = "consent_named"\n' + HEAD, "needs the text that the form made them agree to"),
        ('consent = "consent_licensed"\n' + HEAD, "needs the licence under which"),
        (MAPPING.replace("wikimedia_username", "pseudonym"), "pseudonyms need a prefix"),
        (MAPPING.replace('"USER"', '"USER"\nprefix = "x-"'), "a username has no prefix"),
        (MAPPING.replace('"USER"', '"USER"\npseudonym_column = "T"'), "pseudonym_prefix = "),
        (MAPPING + '[response]\npages = 6\n', "“last_page” and “pages” need each other"),
        (MAPPING + "[person.role]\n", "this needs a column, or one value for all"),
        (MAPPING + "[wave]\n", "wave.column: this is missing"),
        (MAPPING + "[[questions]]\n", "this question has no columns"),
        (MAPPING.replace("[waves.w1]", "waves = 3\n[x]"), "this is not a table"),
        (MAPPING + "[questions2]\n", "there is no member “questions2”"),
        ("questions = 3\n" + HEAD, "this is not an array of tables"),
    ],
)  # fmt: skip
def test_what_is_missing_or_does_not_fit_is_a_fault(tmp_path: Path, text: str, fault: str) -> None:
    """Each with a sentence of its own."""
    assert any(fault in told for told in faults(tmp_path, text))


def test_a_file_that_is_not_toml_or_missing_is_refused(tmp_path: Path) -> None:
    """One message each."""
    assert "this is not TOML" in faults(tmp_path, "title = ")[0]
    with pytest.raises(NotFound, match="wbskills survey inspect FILE --draft"):
        toml_file.load(tmp_path / "nothing.toml")


@pytest.mark.parametrize(
    "path", sorted((ontology_folder() / "surveys").glob("*.toml")), ids=lambda path: path.name
)
def test_every_mapping_of_the_project_is_a_good_one(path: Path) -> None:
    """Adding a mapping adds a test."""
    assert toml_file.load(path).title


NAMED = MAPPING.replace('"scale:self_5"', '["de", "fr"]')


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            NAMED + "[answers]\nde = { Bon = 'alone' }\nfr = { 'bon ' = 'aware' }\n",
            "“bon” means “alone” in one table and “aware” in another",
        ),
        (
            MAPPING.replace('answers = "scale:self_5"', "")
            + "[questions.answers.de]\n'Gut' = 'alone'\n"
            + "[questions.answers.nl]\n'gut\u200b' = 'aware'\n",
            "“gut” means “alone” in one language and “aware” in another",
        ),
        (
            MAPPING + "[questions.skills]\n'Lua' = 'lua_modules'\n'LUA ' = 'python'\n",
            "“LUA” is both “lua_modules” and “python”",
        ),
    ],
)
def test_one_wording_with_two_meanings_is_a_fault(tmp_path: Path, text: str, fault: str) -> None:
    """Never silently the first or the last of them, however it is spelt."""
    (told,) = faults(tmp_path, text)
    assert fault in told
    assert "Try: " in told


def test_two_tables_may_have_one_wording_with_one_meaning(tmp_path: Path) -> None:
    """As languages share words."""
    path = tmp_path / "m.toml"
    path.write_text(NAMED + "[answers]\nde = { OK = 'alone' }\nfr = { 'ok ' = 'alone' }\n")
    (question,) = toml_file.load(path).questions
    assert set(question.answers.table.values()) == {"alone"}


@pytest.mark.parametrize("name", ["nothing.toml", ".", "a\\u0000b", "/dev/zero"])
def test_files_of_the_ontology_have_to_be_there(tmp_path: Path, name: str) -> None:
    """A device is no file: it would be read for ever."""
    (told,) = faults(tmp_path, f'ontology = ["{name}"]\n' + MAPPING)
    assert told.startswith("ontology: file not found")


def test_an_open_question_is_not_missing_as_well(tmp_path: Path) -> None:
    """It is one problem: the question."""
    identity = '[identity]\ncolumn = "USER"\nproperty = "wikimedia_username"\n'
    mapping = loaded(tmp_path, f'consent = "?"\ndate = "?"\n{HEAD}{identity}{QUESTIONS}')

    assert [point.place for point in mapping.open] == ["consent", "date"]
