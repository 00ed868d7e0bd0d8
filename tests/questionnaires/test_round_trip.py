"""From a questionnaire to a survey tool, to its export, to what the answers mean: no mapping."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

import wbskills
from tests.questionnaires import survey_tools as tools
from tests.questionnaires import xlsform_tools
from tests.questionnaires.respondents import PEOPLE, imported, meant
from tests.questionnaires.survey_tools import Files, Words
from wbskills.ontology.entries import Ontology
from wbskills.questionnaires.export.form import form_of
from wbskills.questionnaires.schema import Questionnaire
from wbskills.tasks.questionnaires import export_questionnaire
from wbskills.tasks.surveys import open_survey

LANGUAGES = ("en", "de", "es", "fr", "ar")
Export = Callable[[Files, Words], bytes]


def google(files: Files, words: Words) -> bytes:
    """Download the answers as CSV, with the word for the time in the language of the account."""
    stamp = {"en": "Timestamp", "de": "Zeitstempel", "es": "Marca temporal", "fr": "Horodateur"}
    rows = tools.by_text(
        tools.items_of_script(files[f"ambassadors-{words.language}.gs"]),
        words,
        PEOPLE,
        own={stamp.get(words.language, "طابع زمني"): "{time}"},
        grid="{question} [{row}]",
        between=";",
        time="%Y/%m/%d %I:%M:%S %p GMT+1",
    )
    return tools.text(rows, quotes=True)


def items(words: Words, *, grids: bool = True) -> list[dict[str, object]]:
    """Return the questions that people copied from the page."""
    form = form_of(words.asked, words.ontology, words.language, grids=grids)
    every = [form.consent, *(item for section in form.sections for item in section.items)]
    return [
        {"kind": str(item.kind), "title": item.title, "rows": item.rows, "choices": item.choices}
        for item in every
    ]


def nextcloud(files: Files, words: Words) -> bytes:
    """Download the results as CSV."""
    del files
    rows = tools.by_text(
        items(words, grids=False),
        words,
        PEOPLE,
        own={
            "Benutzer-ID": "",
            "Anzeigename des Nutzers": "Anonymer Benutzer",
            "Zeitstempel": "{time}",
        },
        grid="",
        between="; ",
        time="%Y-%m-%dT%H:%M:%S+01:00",
    )
    return tools.text(rows, quotes=True, mark="\ufeff")


def microsoft(files: Files, words: Words, *, grid: str = "{row}") -> bytes:
    """Save the workbook of the results as CSV."""
    del files
    rows = tools.by_text(
        items(words),
        words,
        PEOPLE,
        own={
            "ID": "1",
            "Start time": "{time}",
            "Completion time": "{time}",
            "Email": "anonymous",
            "Name": "",
        },
        grid=grid,
        between=";",
        time="{0.month}/{0.day}/{0:%y %H:%M:%S}",
    )
    return tools.text(rows, mark="\ufeff")


def surveymonkey(files: Files, words: Words) -> bytes:
    """Export all individual responses."""
    del files
    own = {
        "Respondent ID": "114", "Collector ID": "402", "Start Date": "{time}",
        "End Date": "{time}", "IP Address": "192.0.2.7", "Email Address": "", "First Name": "",
        "Last Name": "", "Custom Data 1": "",
    }  # fmt: skip
    rows = tools.by_text(
        items(words),
        words,
        PEOPLE,
        own=own,
        grid="{question}\u0000{row}",
        choice="{question}\u0000{row}",
        time="%m/%d/%Y %I:%M:%S %p",
    )
    numbered = [[str(number), *row[1:]] for number, row in enumerate(rows[1:], 114)]
    return tools.text(tools.surveymonkey_rows([rows[0], *numbered]))


def lime(
    files: Files,
    words: Words,
    *,
    heading: str = "{code}",
    codes: tuple[str, str] | None = None,
    row: str = "[{}]",
    underscores: bool = False,
) -> bytes:
    """Export as LimeSurvey with some of its settings."""
    return tools.limesurvey(
        files,
        words,
        PEOPLE,
        heading=heading,
        codes=codes,
        row=row,
        underscores=underscores,
    )


def kobo(files: Files, words: Words, *, groups: bool, labels: bool, several: str) -> bytes:
    """Download from KoboToolbox with some of its settings."""
    return xlsform_tools.kobo(files, words, PEOPLE, groups=groups, labels=labels, several=several)


def odk(files: Files, words: Words, *, groups: bool, several: str) -> bytes:
    """Download from ODK Central with some of its settings."""
    return xlsform_tools.odk(files, words, PEOPLE, groups=groups, several=several)


EXPORTS: dict[str, tuple[str, Export]] = {
    "limesurvey": ("limesurvey", lime),
    "limesurvey-codes": ("limesurvey", partial(lime, codes=("Y", ""))),
    "limesurvey-converted": ("limesurvey", partial(lime, codes=("1", "2"))),
    "limesurvey-expressions": ("limesurvey", partial(lime, row="_{}")),
    "limesurvey-both": ("limesurvey", partial(lime, heading="{code}. {text}")),
    "limesurvey-texts": ("limesurvey", partial(lime, heading="{text}")),
    "limesurvey-texts-codes": ("limesurvey", partial(lime, heading="{text}", codes=("Y", ""))),
    "limesurvey-underscores": ("limesurvey", partial(lime, heading="{text}", underscores=True)),
    **{
        f"kobo-{'labels' if labels else 'names'}-{'groups' if groups else 'plain'}-{several}": (
            "xlsform",
            partial(kobo, groups=groups, labels=labels, several=several),
        )
        for labels in (False, True)
        for groups in (False, True)
        for several in ("both", "summary", "details")
    },
    **{
        f"odk-{'groups' if groups else 'plain'}-{several}": (
            "xlsform",
            partial(odk, groups=groups, several=several),
        )
        for groups in (False, True)
        for several in ("both", "summary")
    },
    "google": ("google", google),
    "qualtrics": ("qualtrics", lambda files, words: tools.qualtrics(files, words, PEOPLE)),
    "nextcloud": ("nextcloud", nextcloud),
    "microsoft": ("microsoft", microsoft),
    "microsoft-likert": ("microsoft", partial(microsoft, grid="{question}.{row}")),
    "surveymonkey": ("surveymonkey", surveymonkey),
    "paper": ("paper", lambda files, words: tools.typed(files, words, PEOPLE)),
}


@pytest.fixture(scope="session")
def exported(
    ambassadors: Questionnaire, ontology: Ontology, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Files]:
    """The files of the questionnaire for a tool, written once."""
    known: dict[str, Files] = {}

    def files(tool: str) -> Files:
        if tool not in known:
            folder = tmp_path_factory.mktemp(tool)
            export_questionnaire(ambassadors, ontology, tool, folder)
            known[tool] = tools.written(folder)
        return known[tool]

    return files


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", EXPORTS)
def test_answers_come_back_without_a_mapping(
    name: str,
    language: str,
    exported: Callable[[str], Files],
    ambassadors: Questionnaire,
    ontology: Ontology,
    tmp_path: Path,
) -> None:
    """Every answer means what the person meant, in each tool and language."""
    tool, export = EXPORTS[name]
    file = tmp_path / "answers.csv"
    file.write_bytes(export(exported(tool), Words(ambassadors, ontology, language)))

    opened = open_survey(file, None)

    report = opened.survey.check()
    assert [str(fault) for fault in report.faults] == []
    assert report.withheld.count == 1
    assert "ambassadors, version 1" in opened.questionnaire
    expected = [meant(one, ambassadors.skills) for one in PEOPLE if one.consent != "withheld"]
    assert list(map(imported, opened.survey.responses())) == expected


@pytest.mark.parametrize("name", ["limesurvey", "google"])
def test_the_mapping_beside_the_files_reads_the_same(
    name: str,
    exported: Callable[[str], Files],
    ambassadors: Questionnaire,
    ontology: Ontology,
    tmp_path: Path,
) -> None:
    """It is what the import makes by itself, for people who want to read or change it."""
    tool, export = EXPORTS[name]
    files = exported(tool)
    file, mapping = tmp_path / "answers.csv", tmp_path / "mapping.toml"
    file.write_bytes(export(files, Words(ambassadors, ontology, "en")))
    mapping.write_bytes(files["mapping.toml" if tool == "limesurvey" else "mapping-en.toml"])

    by_mapping = open_survey(file, mapping).survey.responses()

    assert list(by_mapping) == list(open_survey(file, None).survey.responses())


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("limesurvey", "fr"),
        ("kobo-labels-plain-both", "ar"),
        ("google", "de"),
        ("qualtrics", "es"),
        ("nextcloud", "en"),
        ("microsoft", "ar"),
        ("surveymonkey", "fr"),
        ("paper", "de"),
    ],
)
def test_the_statements_are_there_after_an_import(
    name: str,
    language: str,
    exported: Callable[[str], Files],
    ambassadors: Questionnaire,
    ontology: Ontology,
    tmp_path: Path,
) -> None:
    """By the command that people use, up to the answer of a query."""
    file = tmp_path / "results.csv"
    tool, export = EXPORTS[name]
    file.write_bytes(export(exported(tool), Words(ambassadors, ontology, language)))

    with wbskills.open(":memory:") as capacity:
        receipt = capacity.import_survey(file)
        answer = capacity.ask("person_profile", person="Ada Example")
        again = capacity.import_survey(file)

    assert receipt.lines()[0].startswith("answers to ambassadors, version 1 (")
    assert receipt.tally.created == 3
    said = {row["skillLabel"]: row["levelLabel"] for row in answer}
    ada = PEOPLE[0].levels
    names = {skill: ontology.entries[skill].terms.label() for skill in ada}
    levels = {skill: ontology.entries[level].terms.label() for skill, level in ada.items()}
    assert {names[skill]: levels[skill] for skill in ada}.items() <= said.items()
    assert again.edits == 0
