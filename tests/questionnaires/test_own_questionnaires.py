"""Questionnaires of people's own: made from another, beside others, and read back."""

import shutil
from datetime import date
from pathlib import Path

import pytest

import wbskills
from tests.questionnaires.respondents import PEOPLE
from tests.questionnaires.survey_tools import Words, typed
from wbskills.data import ontology_folder
from wbskills.errors import InvalidValue, QuestionnaireError, WbskillsError
from wbskills.ontology.entries import Ontology
from wbskills.questionnaires.export import find_format
from wbskills.questionnaires.recognise import recognise
from wbskills.questionnaires.schema import Questionnaire
from wbskills.questionnaires.toml_file import load
from wbskills.tasks import imports
from wbskills.tasks.questionnaires import find_questionnaire, new_questionnaire, questionnaires

TODAY = date(2026, 12, 1)


def table_of(asked: Questionnaire, ontology: Ontology) -> bytes:
    """Return the empty table that the answers on paper are typed into."""
    files = find_format("paper").files(asked, ontology)
    return next(file.content for file in files if file.name == f"{asked.name}-table.csv")


def test_versions_lie_side_by_side(
    ambassadors: Questionnaire, ontology: Ontology, tmp_path: Path
) -> None:
    """An export of the first version is read after the second one was made."""
    own = tmp_path / "questionnaires"
    first = new_questionnaire("our_wiki", ambassadors, ontology, ambassadors.wave.start, own)
    text = first.read_text(encoding="utf-8")
    second = text.replace("version = 1", "version = 2", 1).replace(
        "our_wiki_2026", "our_wiki_2027"
    )
    (own / "our_wiki_2.toml").write_text(second, encoding="utf-8")

    every = questionnaires(ontology, own)

    assert find_questionnaire("our_wiki", ontology, own).version == 2
    assert [(each.name, each.version) for each in every] == [
        ("our_wiki", 1),
        ("our_wiki", 2),
        ("ambassadors", 1),
    ]
    file = tmp_path / "typed.csv"
    file.write_bytes(table_of(every[0], ontology))
    assert str(recognise(file, every, ontology)) == "our_wiki, version 1 (paper)"


def test_two_files_of_one_version_are_refused(
    ambassadors: Questionnaire, ontology: Ontology, tmp_path: Path
) -> None:
    """Which of them a file answers could not be told."""
    own = tmp_path / "questionnaires"
    first = new_questionnaire("our_wiki", ambassadors, ontology, ambassadors.wave.start, own)
    shutil.copy(first, own / "copy.toml")

    with pytest.raises(WbskillsError, match="version 1 of “our_wiki” as well"):
        questionnaires(ontology, own)


def test_a_new_questionnaire_differs_from_its_source(
    ambassadors: Questionnaire, ontology: Ontology, tmp_path: Path
) -> None:
    """Two waves with one key or label would be one item."""
    made = load(
        new_questionnaire("our_wiki", ambassadors, ontology, ambassadors.wave.end, tmp_path),
        ontology,
    )

    assert made.wave.key == "our_wiki_2027"
    assert made.wave.labels["en"] == "Our wiki, 2027"
    assert made.wave.start == ambassadors.wave.end
    assert made.skills == ambassadors.skills


@pytest.mark.parametrize(
    ("name", "error", "expected"),
    [
        ("Our wiki", InvalidValue, "cannot be the name"),
        ("technical_ambassadors", QuestionnaireError, "too long"),
        ("ambassadors", InvalidValue, "there is a questionnaire “ambassadors” already"),
        ("ambassa_dors", InvalidValue, "there is a questionnaire “ambassadors” already"),
    ],
)
def test_a_copy_that_would_not_work_is_not_written(
    name: str,
    error: type[WbskillsError],
    expected: str,
    ambassadors: Questionnaire,
    ontology: Ontology,
    tmp_path: Path,
) -> None:
    """A faulty file in the folder would stop every import without a mapping."""
    with pytest.raises(error, match=expected):
        new_questionnaire(name, ambassadors, ontology, TODAY, tmp_path)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("line", "otherwise"),
    [
        ("start = 2026-10-01", "  start = 2026-10-01"),
        ('key = "ambassadors_2026_27"', '"key" = "ambassadors_2026_27"'),
        ("label = { en", "  label = { en"),
    ],
)
def test_a_source_in_another_layout_is_refused(
    line: str, otherwise: str, ontology: Ontology, tmp_path: Path
) -> None:
    """TOML allows many; what was not found would keep the wave of the source."""
    shipped = (ontology_folder() / "questionnaires" / "ambassadors.toml").read_text("utf-8")
    file = tmp_path / "source.toml"
    file.write_text(shipped.replace(line, otherwise, 1), encoding="utf-8")

    with pytest.raises(InvalidValue, match="cannot be copied"):
        new_questionnaire("our_wiki", load(file, ontology), ontology, TODAY, tmp_path / "own")

    assert list((tmp_path / "own").iterdir()) == []


def test_two_names_with_one_mark_are_refused(
    ambassadors: Questionnaire, ontology: Ontology, tmp_path: Path
) -> None:
    """The mark has no “_”, so answers to one would be read as answers to the other."""
    first = new_questionnaire("our_wiki", ambassadors, ontology, TODAY, tmp_path)
    text = first.read_text(encoding="utf-8").replace('"our_wiki"', '"ourwiki"', 1)
    (tmp_path / "second.toml").write_text(text, encoding="utf-8")

    with pytest.raises(QuestionnaireError, match="have the same mark: wbsourwikiv1"):
        questionnaires(ontology, tmp_path)


def test_an_import_without_a_mapping_is_resumed_from_any_folder(
    ambassadors: Questionnaire,
    ontology: Ontology,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The batch knows where the questionnaires were."""
    began, elsewhere = tmp_path / "began", tmp_path / "elsewhere"
    began.mkdir()
    elsewhere.mkdir()
    made = new_questionnaire("our_wiki", ambassadors, ontology, TODAY, began / "questionnaires")
    asked = load(made, ontology)
    answers = typed(
        {"ambassadors-table.csv": table_of(asked, ontology)}, Words(asked, ontology, "en"), PEOPLE
    )
    (began / "typed.csv").write_bytes(answers)

    def break_off(*_: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.chdir(began)
    with wbskills.open(tmp_path / "store") as capacity:
        capacity.apply_ontology()
        with monkeypatch.context() as patch:
            patch.setattr(imports.Import, "_write", break_off)
            with pytest.raises(KeyboardInterrupt):
                capacity.import_survey("typed.csv")
        (batch,) = [
            str(each["batch"]) for each in capacity.batches() if each["command"] == "survey apply"
        ]
        monkeypatch.chdir(elsewhere)
        receipt = capacity.resume(batch)

    assert receipt.lines()[0] == "answers to our_wiki, version 1 (paper)"
    assert receipt.batch == batch
    assert receipt.edits == 3
