"""The files for survey tools: what each importer needs, and texts that do no harm."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook

from tests.questionnaires.survey_tools import LimeSurveyImport, Words, items_of_script
from tests.questionnaires.xlsform_tools import kobo, xlsform_questions
from wbskills.errors import NotFound, QuestionnaireError, SurveyError, WbskillsError
from wbskills.ontology.entries import Ontology
from wbskills.questionnaires.export import FORMATS, find_format
from wbskills.questionnaires.export.form import form_of
from wbskills.questionnaires.mapping_text import mapping_text
from wbskills.questionnaires.recognise import find_mark, recognise
from wbskills.questionnaires.schema import Questionnaire
from wbskills.surveys.mapping.toml_file import parse
from wbskills.tasks.questionnaires import export_questionnaire

HOSTILE = '=HYPERLINK("https://x.example"){TOKEN}${consent}</script><b>]]>&[[Choices]] "x" \' \\'


@pytest.fixture(scope="session")
def hostile(ambassadors: Questionnaire) -> Questionnaire:
    """The questionnaire with a text in it that could be read as code by every tool."""
    texts = dict.fromkeys(ambassadors.languages, HOSTILE)
    return replace(ambassadors, title=texts, introduction=texts, level=texts, another_skill=texts)


def files(questionnaire: Questionnaire, ontology: Ontology, tool: str) -> dict[str, bytes]:
    """Return the files for a tool by name."""
    made = find_format(tool).files(questionnaire, ontology)
    return {file.name: file.content for file in made}


@pytest.mark.parametrize("tool", [each.name for each in FORMATS])
def test_the_same_questionnaire_gives_the_same_files(
    tool: str, ambassadors: Questionnaire, ontology: Ontology
) -> None:
    """So that a change in them can be seen in a comparison."""
    once, again = (files(ambassadors, ontology, tool) for _ in range(2))

    assert once == again


def test_limesurvey_reads_the_survey_with_all_languages(
    ambassadors: Questionnaire, ontology: Ontology
) -> None:
    """Its importer finds nothing to object to, and no code is changed."""
    survey = LimeSurveyImport(files(ambassadors, ontology, "limesurvey")["ambassadors.lss"])

    assert survey.languages == list(ambassadors.languages)
    assert sum(len(survey.rows_of(each["qid"])) for each in survey.questions) == 411
    assert [each["title"] for each in survey.questions if each["mandatory"] == "Y"] == [
        "CONSENT",
        "USER",
        "NICK",
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<title>USER</title>", "<title>CONSENT</title>"),
        ("<title>templates</title>", "<title>tem_plates</title>"),
        ("<code>leads</code>", "<code>leadsmore</code>"),
        ("<additional_languages>de", "<additional_languages>nl"),
        ("<LimeSurveyDocType>Survey", "<LimeSurveyDocType>Group"),
        ("<question>Templates", "<question>{TOKEN}"),
        ("AREAS_P2.NAOK", "AREAS_P99.NAOK"),
    ],
)
def test_the_reader_of_the_test_sees_a_spoilt_survey(
    old: str, new: str, ambassadors: Questionnaire, ontology: Ontology
) -> None:
    """Otherwise it would prove nothing."""
    text = files(ambassadors, ontology, "limesurvey")["ambassadors.lss"].decode()
    assert old in text

    with pytest.raises(ValueError, match=r".+"):
        LimeSurveyImport(text.replace(old, new, 1).encode())


def test_limesurvey_stores_no_more_than_it_needs(
    ambassadors: Questionnaire, ontology: Ontology
) -> None:
    """People were told that their email and IP address are not stored; their day is."""
    survey = LimeSurveyImport(files(ambassadors, ontology, "limesurvey")["ambassadors.lss"])
    settings = survey.tables["surveys"][0]

    assert settings["ipaddr"] == settings["refurl"] == settings["savetimings"] == "N"
    assert settings["allowsave"] == "N"  # asks for an email address, and stores the IP address
    assert (settings["anonymized"], settings["datestamp"]) == ("N", "Y")  # else the day is 1980


def test_limesurvey_shows_only_what_was_asked_for(
    ambassadors: Questionnaire, ontology: Ontology
) -> None:
    """Nothing without consent, and further pages only to who chose them."""
    survey = LimeSurveyImport(files(ambassadors, ontology, "limesurvey")["ambassadors.lss"])
    first, *groups = [row["grelevance"] for row in survey.tables["groups"]]

    assert first == "1"
    assert all('CONSENT.NAOK == "NAME"' in each for each in groups)
    assert [f"AREAS_P{number}" in each for number, each in enumerate(groups)] == [False, False] + [
        True
    ] * 11


def test_codes_of_limesurvey_stay_when_the_ontology_grows(
    ambassadors: Questionnaire, ontology: Ontology
) -> None:
    """An export is read with the ontology of a later day; else it would name another community."""

    def codes(known: Ontology) -> dict[str, str]:
        wordings = find_format("limesurvey").columns(ambassadors, known, "en").wordings
        return {key: code for code, key in wordings["home_community"].items()}

    later = codes(ontology)
    first = next(iter(later))
    entries = {key: entry for key, entry in ontology.entries.items() if key != first}
    earlier = codes(replace(ontology, entries=entries))

    assert earlier == {key: code for key, code in later.items() if key != first}


def test_two_skills_with_one_code_are_refused(
    ambassadors: Questionnaire, ontology: Ontology
) -> None:
    """LimeSurvey would give one of them a code of its own making."""
    page = replace(ambassadors.pages[0], skills=("lua_modules", "luamodules"))
    entries = {**ontology.entries, "luamodules": ontology.entries["lua_modules"]}
    alike = replace(ambassadors, pages=(page,))

    with pytest.raises(QuestionnaireError, match="“lua_modules” and “luamodules”"):
        files(alike, replace(ontology, entries=entries), "limesurvey")


def test_hostile_texts_stay_texts_in_limesurvey(
    hostile: Questionnaire, ontology: Ontology
) -> None:
    """LimeSurvey shows texts as HTML."""
    survey = LimeSurveyImport(files(hostile, ontology, "limesurvey")["ambassadors.lss"])
    more = next(each for each in survey.questions if each["title"] == "ANOTHER")

    assert survey.text_of(more["qid"], "en") == HOSTILE.replace("{", "{ ")  # no expression
    shown = next(
        row["question"] for row in survey.tables["question_l10ns"] if row["qid"] == more["qid"]
    )
    assert "<b>" not in shown


def test_pyxform_reads_the_xlsform(hostile: Questionnaire, ontology: Ontology) -> None:
    """And no cell of it is a formula, or a link."""
    content = files(hostile, ontology, "xlsform")["ambassadors.xlsx"]

    names = [each["name"] for each in xlsform_questions(content)]

    assert {"consent", "wiki_account", "lua_modules", hostile.mark} <= set(names)
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_name("survey").to_python()
    assert any(HOSTILE.replace("${", "$ {") in row for row in rows)


def test_a_workbook_has_no_time_of_its_making(
    ambassadors: Questionnaire, ontology: Ontology
) -> None:
    """Otherwise it would differ a second later."""
    content = files(ambassadors, ontology, "xlsform")["ambassadors.xlsx"]

    said = ZipFile(BytesIO(content)).read("docProps/core.xml")

    assert set(re.findall(rb"\d{4}-\d\d-\d\dT", said)) == {b"2000-01-01T"}


def test_a_missing_level_is_not_read_from_a_choice(
    ambassadors: Questionnaire, ontology: Ontology, tmp_path: Path
) -> None:
    """KoboToolbox calls the question and the choice of another one alike."""
    content = files(ambassadors, ontology, "xlsform")
    words = Words(ambassadors, ontology, "en")
    export = kobo(content, words, [], groups=True).decode()
    file = tmp_path / "answers.csv"
    file.write_text(export.replace('"page_1/how_well_1/templates";', ""), encoding="utf-8")

    with pytest.raises(SurveyError, match="there is no column “templates”"):
        recognise(file, [ambassadors], ontology)


def test_odk_accepts_the_form(
    ambassadors: Questionnaire, ontology: Ontology, tmp_path: Path
) -> None:
    """Its own program, which pyxform brings, reads all conditions and texts."""
    if shutil.which("java") is None:
        pytest.skip("Java is not installed")
    from pyxform.xls2xform import convert

    file = tmp_path / "form.xlsx"
    file.write_bytes(files(ambassadors, ontology, "xlsform")["ambassadors.xlsx"])
    warnings: list[str] = []

    convert(file, validate=True, warnings=warnings)

    assert warnings == []


def test_a_skill_with_the_name_of_a_question_is_refused(
    ambassadors: Questionnaire, ontology: Ontology
) -> None:
    """KoboToolbox would refuse the form, and not say how to mend it."""
    page = replace(ambassadors.pages[0], skills=("consent",))
    entries = {**ontology.entries, "consent": ontology.entries["templates"]}

    with pytest.raises(QuestionnaireError, match="a question “consent” already"):
        files(replace(ambassadors, pages=(page,)), replace(ontology, entries=entries), "xlsform")


def test_the_script_of_google_builds_the_form(
    hostile: Questionnaire, ontology: Ontology, tmp_path: Path
) -> None:
    """Run with a form that knows the methods of the reference, and no others."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed")
    script = files(hostile, ontology, "google")["ambassadors-en.gs"].decode()
    file = tmp_path / "run.js"
    file.write_text(f"{FORM_APP}\n{script}\ncreateQuestionnaire();\nfinish();\n", encoding="utf-8")

    done = subprocess.run([node, file], capture_output=True, text=True, check=False, timeout=60)

    assert done.stderr == ""
    built = json.loads(done.stdout)
    expected = items_of_script(script.encode())
    assert built["title"] == HOSTILE
    assert built["collectsEmail"] is False
    asked = [each for each in built["items"] if each["kind"] != "PageBreakItem"]
    assert [each["title"] for each in asked] == [each["title"] for each in expected]
    grids = [each for each in asked if each["kind"] == "GridItem"]
    assert len(grids) == 12
    assert len(grids[0]["rows"]) == 10
    refused = asked[0]["choices"][-1]
    assert refused == {"text": "No", "goesTo": "SUBMIT"}


# The methods that developers.google.com/apps-script/reference/forms has of these items.
FORM_APP = """
var made = {items: []};
function recorder(kind, methods) {
  var item = {kind: kind};
  made.items.push(item);
  var self = {item: item};
  methods.forEach(function (name) {
    self['set' + name] = function (value) {
      if (value === undefined || value === null) throw new Error(kind + '.set' + name);
      item[name.charAt(0).toLowerCase() + name.slice(1)] = value;
      return self;
    };
  });
  return self;
}
var COMMON = ['Title', 'HelpText'];
var FormApp = {
  PageNavigationType: {SUBMIT: 'SUBMIT'},
  create: function (title) {
    made.title = title;
    return {
      setDescription: function (text) { made.description = text; },
      setConfirmationMessage: function (text) { made.thanks = text; },
      setCollectEmail: function (on) { made.collectsEmail = on; },
      setProgressBar: function (on) { made.bar = on; },
      setAllowResponseEdits: function (on) { made.editable = on; },
      addMultipleChoiceItem: function () {
        var item = recorder('MultipleChoiceItem', COMMON.concat(['Required', 'Choices']));
        item.createChoice = function (text, to) {
          return {text: text, goesTo: to === 'SUBMIT' ? to : to.item.kind};
        };
        return item;
      },
      addPageBreakItem: function () { return recorder('PageBreakItem', COMMON); },
      addTextItem: function () { return recorder('TextItem', COMMON.concat(['Required'])); },
      addParagraphTextItem: function () {
        return recorder('ParagraphTextItem', COMMON.concat(['Required']));
      },
      addGridItem: function () {
        return recorder('GridItem', COMMON.concat(['Required', 'Rows', 'Columns']));
      },
      addCheckboxItem: function () {
        return recorder('CheckboxItem', COMMON.concat(['Required', 'ChoiceValues']));
      },
      addListItem: function () {
        return recorder('ListItem', COMMON.concat(['Required', 'ChoiceValues']));
      },
      getEditUrl: function () { return 'https://forms.example/edit'; },
      getPublishedUrl: function () { return 'https://forms.example/view'; }
    };
  }
};
var Logger = {log: function (text) {}};
function finish() { console.log(JSON.stringify(made)); }
"""


def test_hostile_texts_stay_texts_in_pages(hostile: Questionnaire, ontology: Ontology) -> None:
    """In the pages to copy and in the sheets to print."""
    for tool in ("nextcloud", "microsoft", "surveymonkey", "paper"):
        for name, content in files(hostile, ontology, tool).items():
            if name.endswith(".html"):
                assert b"</script>" not in content
                assert b"&lt;/script&gt;" in content


def test_hostile_texts_are_no_instructions_to_qualtrics(
    hostile: Questionnaire, ontology: Ontology
) -> None:
    """Its format has instructions in double brackets."""
    text = files(hostile, ontology, "qualtrics")["ambassadors-en.txt"].decode()

    assert "[[Choices]] &quot;" not in text
    assert all(line.startswith("[[") for line in text.splitlines() if "[[" in line)
    assert "<b>" not in text


@pytest.mark.parametrize("tool", [each.name for each in FORMATS])
def test_the_mapping_of_each_tool_can_be_read(
    tool: str, hostile: Questionnaire, ontology: Ontology, tmp_path: Path
) -> None:
    """Also with texts that TOML has to escape."""
    done = export_questionnaire(hostile, ontology, tool, tmp_path)
    mappings = [file for file in done.files if file.suffix == ".toml"]

    assert len(mappings) == (5 if find_format(tool).one_for_each_language else 1)
    for file in mappings:
        assert parse(file.read_text(encoding="utf-8"), file).title == HOSTILE


def test_no_file_is_replaced(
    ambassadors: Questionnaire, ontology: Ontology, tmp_path: Path
) -> None:
    """And if one of them is there, none is written."""
    (tmp_path / "mapping.toml").write_text("mine", encoding="utf-8")

    with pytest.raises(WbskillsError, match="already exists"):
        export_questionnaire(ambassadors, ontology, "limesurvey", tmp_path)

    assert [file.name for file in tmp_path.iterdir()] == ["mapping.toml"]


def test_an_unknown_tool_is_told_with_a_near_one() -> None:
    """A name is easily misspelt."""
    with pytest.raises(NotFound, match="limesurvey"):
        find_format("limesurvy")


# --------------------------------------------------------------------------------- recognising


def test_a_form_that_was_changed_is_told(
    ambassadors: Questionnaire, ontology: Ontology, tmp_path: Path
) -> None:
    """Every missing column is named."""
    file = tmp_path / "typed.csv"
    table = files(ambassadors, ontology, "paper")["ambassadors-table.csv"].decode()
    file.write_text(table.replace("A1 templates,", "").replace("learn,", ""), encoding="utf-8")

    with pytest.raises(SurveyError) as raised:
        recognise(file, [ambassadors], ontology)

    said = str(raised.value)
    assert "2 columns are missing" in said
    assert "“A1 templates”" in said
    assert "“learn”" in said
    assert f"wbskills survey inspect {file} --draft mapping.toml" in said


def test_headings_of_another_kind_are_told_in_short(
    ambassadors: Questionnaire, ontology: Ontology, tmp_path: Path
) -> None:
    """LimeSurvey can abbreviate texts; then no column is there, and there are 413."""
    file = tmp_path / "typed.csv"
    file.write_text("id,submitdate,lastpage,wbsambassadorsv1\n1,,,\n", encoding="utf-8")

    with pytest.raises(SurveyError) as raised:
        recognise(file, [ambassadors], ontology)

    said = str(raised.value)
    assert "413 columns are missing: the form was changed, or exported with other headings" in said
    assert len(said.splitlines()) < 40
    assert "and 383 more columns" in said


def test_a_short_questionnaire_is_written_as_well(
    ambassadors: Questionnaire, ontology: Ontology
) -> None:
    """One language, two skills, and nothing else that may be left out."""
    answers = {
        kind: each for kind, each in ambassadors.consent.answers.items() if "pseud" not in kind
    }
    short = replace(
        ambassadors,
        languages=("fr",),
        consent=replace(ambassadors.consent, answers=answers),
        pseudonym={},
        pages=(replace(ambassadors.pages[0], skills=("templates", "phabricator")),),
        more={},
        interests={},
        another_skill={},
        facts={},
    )

    survey = LimeSurveyImport(files(short, ontology, "limesurvey")["ambassadors.lss"])
    asked = xlsform_questions(files(short, ontology, "xlsform")["ambassadors.xlsx"])

    codes = ["wbsambassadorsv1", "CONSENT", "USER", "LEVEL1"]
    assert [each["title"] for each in survey.questions] == codes
    assert {"consent", "wiki_account", "templates", "phabricator"} <= {
        each["name"] for each in asked
    }
    for tool in ("limesurvey", "xlsform"):
        for columns in find_format(tool).variants(short, ontology, "fr"):
            assert parse(mapping_text(short, columns), Path("mapping.toml")).title


def test_a_long_title_fits_into_limesurvey(ambassadors: Questionnaire, ontology: Ontology) -> None:
    """Its database has room for 200 characters, and its importer gives up if there are more."""
    long = replace(ambassadors, title=dict.fromkeys(ambassadors.languages, "<" * 250))

    survey = LimeSurveyImport(files(long, ontology, "limesurvey")["ambassadors.lss"])

    titles = [row["surveyls_title"] for row in survey.tables["surveys_languagesettings"]]
    assert {len(each) for each in titles} == {200}


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("sheet", "does not say which questionnaire"),
        ("sheet (wbs-ambassadors-v7)", "version 7 of “ambassadors”, and only version 1 is known"),
        ("sheet (wbs-strangers-v1)", "there is no such questionnaire"),
    ],
)
def test_a_file_of_another_questionnaire_is_told(
    heading: str, expected: str, ambassadors: Questionnaire, ontology: Ontology, tmp_path: Path
) -> None:
    """With what to do."""
    file = tmp_path / "typed.csv"
    file.write_text(f"{heading},date,consent\n1,2026-12-05,1\n", encoding="utf-8")

    with pytest.raises(SurveyError, match=re.escape(expected)):
        recognise(file, [ambassadors], ontology)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("May we? (WBS-Ambassadors-V1-FR)", "fr"),
        ("group/wbsambassadorsv1", ""),
        ("wbsambassadorsv1pt-br", "pt-br"),
        ("wbs ambassadors v1", ""),
    ],
)
def test_the_mark_is_found_as_tools_write_it(text: str, language: str) -> None:
    """With any letters, blanks and groups around it."""
    mark = find_mark(["something", text])

    assert mark is not None
    assert (mark.name, mark.version, mark.language) == ("ambassadors", 1, language)


@pytest.mark.parametrize(
    "text", ["", "wbs", "cowbsnamev1", "wbs-ambassadors", "wbsv1", "wbsx-v1234"]
)
def test_what_is_no_mark_is_none(text: str) -> None:
    """A heading that only looks like it."""
    assert find_mark([text]) is None


@pytest.mark.parametrize("language", ["en", "ar"])
def test_who_wants_a_pseudonym_need_not_give_a_username(
    language: str, ambassadors: Questionnaire, ontology: Ontology
) -> None:
    """In the forms of tools that cannot ask the one or the other."""
    first = form_of(ambassadors, ontology, language).sections[0]

    assert first.items[0].title == ambassadors.username[language]
    assert not first.items[0].required
    no_pseudonyms = form_of(replace(ambassadors, pseudonym={}), ontology, language)
    assert no_pseudonyms.sections[0].items[0].required
