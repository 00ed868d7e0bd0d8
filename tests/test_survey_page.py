"""The page of a mapping: who may use it, what it shows, and what it saves."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Lock

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.surveys.edit.true_answers import true_answer
from tests.surveys.exports.importing import expected, line, write
from tests.surveys.exports.quirks import PEOPLE
from tests.surveys.exports.tools import GOOGLE, LIMESURVEY, QUALTRICS, Tool
from wbskills import survey_page
from wbskills.ontology.entries import Ontology
from wbskills.surveys.edit.questions import Kind
from wbskills.surveys.mapping import toml_file
from wbskills.surveys.responses.survey import Survey
from wbskills.tasks.mapping_editor import MappingEditor
from wbskills.web_app import create_web_app
from wbskills.wikibase.embedded.store import IN_MEMORY, Embedded
from wbskills.wikibase.server.site import Site, close

ADDRESS = "http://127.0.0.1:8181"
TOKEN = "for-tests"  # noqa: S105 - of a server that exists only here
MANY = [
    replace(person, name=f"{person.name} {number}", when=person.when.replace(day=number + 1))
    for number in range(20)
    for person in PEOPLE
]


class Reader:
    """A browser, without scripts, and the survey whose mapping its user completes."""

    def __init__(self, client: FlaskClient, editor: MappingEditor) -> None:
        self.client, self.editor = client, editor

    def enter(self) -> TestResponse:
        """Open the address with the token."""
        return self.client.get(f"/survey/?token={TOKEN}", follow_redirects=True)

    def hidden(self) -> dict[str, str]:
        """Return the hidden fields of the form."""
        shown = self.client.get("/survey/").text
        return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', shown))

    def send(self, answers: dict[str, str], **other: str) -> TestResponse:
        """Send the form with answers by the title of their question."""
        fields = {
            survey_page._name(each): answers[each.title]
            for each in self.editor.questions(also_decided=True)
            if each.title in answers
        }
        return self.client.post("/survey/", data={**self.hidden(), **fields, **other})


@pytest.fixture
def tool() -> Tool:
    """The tool that wrote the survey file."""
    return GOOGLE


@pytest.fixture
def reader(tool: Tool, tmp_path: Path) -> Iterator[Reader]:
    """A browser that has not been at the page yet."""
    editor = MappingEditor(
        write(tmp_path / "answers.csv", tool.rows(MANY), tool), tmp_path / "m.toml"
    )
    editor.begin()
    with Embedded(IN_MEMORY, concept_base=f"{ADDRESS}/entity/") as store:
        site = Site(store, ADDRESS, Lock())
        app = create_web_app(site, more=[survey_page.blueprint(site, editor, TOKEN)])
        before = store.revision()
        yield Reader(app.test_client(), editor)
        assert store.revision() == before  # whatever happened, nothing was imported
        close(app)


def all_answers(reader: Reader, tool: Tool) -> dict[str, str]:
    """Answer all open questions truly."""
    editor = reader.editor
    return {each.title: true_answer(each, editor.known, tool) for each in editor.questions()}


def test_nobody_enters_without_the_token(reader: Reader) -> None:
    """The token leaves the address at once; the cookie is for this page only."""
    for path in (
        "/survey/",
        "/survey/?token=wrong",
        "/survey/?token=☃",
        "/survey/preview/map.html",
    ):
        assert reader.client.get(path).status_code == 403
    assert reader.client.post("/survey/").status_code == 403

    entered = reader.client.get(f"/survey/?token={TOKEN}")

    assert (entered.status_code, entered.location) == (303, "/survey/")
    cookie = entered.headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/survey"))
    page = reader.client.get("/survey/")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert "script" not in page.headers["Content-Security-Policy"]


def test_another_page_cannot_send_the_form(reader: Reader) -> None:
    """Each form has a token of its own."""
    reader.enter()
    before = reader.editor.mapping.read_text("utf-8")

    refused = reader.send({"What is this survey called?": "Stolen"}, form="wrong")

    assert refused.status_code == 403
    assert reader.editor.mapping.read_text("utf-8") == before


@pytest.mark.parametrize("tool", [GOOGLE, LIMESURVEY, QUALTRICS], ids=lambda tool: tool.name)
def test_true_answers_give_the_statements_that_people_made(
    reader: Reader, tool: Tool, ontology: Ontology
) -> None:
    """And the page shows the effects, and the map that there would be."""
    reader.enter()

    saved = reader.send(all_answers(reader, tool))

    assert (saved.status_code, saved.location) == (303, "/survey/")
    survey = Survey.open(reader.editor.file, toml_file.load(reader.editor.mapping), ontology)
    assert sorted(map(line, survey.responses())) == expected(MANY, tool)
    shown = reader.client.get("/survey/").text
    assert "Nothing is open." in shown
    assert "60 responses counted" in shown
    assert "  python: 40 levels" in shown
    preview = reader.client.get("/survey/preview/coverage.html")
    assert reader.client.get("/survey/preview/map.html").status_code == 200
    assert preview.status_code == 200
    assert survey_page.NOTICE in preview.text
    assert "Lua modules" in preview.text
    assert reader.client.get("/survey/preview/static/site.css").mimetype == "text/css"
    assert reader.client.get("/survey/preview/nothing.html").status_code == 404


def test_what_cannot_be_read_is_shown_and_the_rest_is_saved(reader: Reader) -> None:
    """Beside its field, with what was typed."""
    reader.enter()

    answer = reader.send(
        {
            "What is this survey called?": "Ambassadors",
            "Which was the first day of the survey?": "yesterday",
            "Which skill is “Python”?": "no such skill",
        }
    )

    shown = html.unescape(answer.text)
    assert answer.status_code == 422
    assert "3 of your answers could not be read" in shown
    assert "“yesterday” is not a day" in shown
    assert 'value="yesterday"' in shown
    assert "“no such skill” is no skill here" in shown
    written = reader.editor.mapping.read_text("utf-8")
    assert 'title = "Ambassadors"' in written
    assert "yesterday" not in written


def test_a_decision_can_be_changed_and_opened_again(reader: Reader) -> None:
    """Also one that the draft was sure of; a skill by its name, or ignored."""
    reader.enter()
    python = next(e for e in reader.editor.questions(also_decided=True) if "Python" in e.title)
    reader.send({python.title: "Gadgets"})
    assert '= "gadgets"' in reader.editor.mapping.read_text("utf-8")
    reader.send({python.title: ""})
    assert '[Python]" = ""' in reader.editor.mapping.read_text("utf-8")
    reader.send({python.title: "?"})
    assert python.title in {each.title for each in reader.editor.questions()}


def test_a_mapping_that_was_changed_elsewhere_is_not_overwritten(reader: Reader) -> None:
    """The form belongs to the mapping that it was made from."""
    reader.enter()
    old = reader.hidden()
    text = reader.editor.mapping.read_text("utf-8") + "# mine\n"
    reader.editor.mapping.write_text(text, "utf-8")

    answer = reader.send({"What is this survey called?": "Theirs"}, **old)

    assert answer.status_code == 409
    assert "changed elsewhere meanwhile" in answer.text
    assert reader.editor.mapping.read_text("utf-8") == text


def test_problems_stand_in_place_of_the_effects(reader: Reader, tool: Tool) -> None:
    """With what to try; the preview is refused as well."""
    reader.enter()
    end = {"Which was the last day of the survey?": "2026-02-01"}
    reader.send(all_answers(reader, tool) | end)

    shown = html.unescape(reader.client.get("/survey/").text)

    assert "before it starts" in shown
    assert "responses counted" not in shown
    assert reader.client.get("/survey/preview/map.html").status_code == 409


def test_headings_and_answers_are_never_markup(tmp_path: Path) -> None:
    """They are untrusted, wherever they are shown."""
    attack = "<script>alert(1)</script>"
    headings = [[text.replace("?", f"{attack}?") for text in GOOGLE.headings[0]]]
    hostile = replace(GOOGLE, headings=headings, yes_no=(f"Yes {attack}", "No"))
    file = write(tmp_path / "answers.csv", hostile.rows(MANY), hostile)
    editor = MappingEditor(file, tmp_path / "m.toml")
    editor.begin()
    assert any(each.kind is Kind.CHOICE for each in editor.questions())
    with Embedded(IN_MEMORY, concept_base=f"{ADDRESS}/entity/") as store:
        site = Site(store, ADDRESS, Lock())
        app = create_web_app(site, more=[survey_page.blueprint(site, editor, TOKEN)])
        shown = Reader(app.test_client(), editor).enter().text
        close(app)

    assert "alert(1)" in shown
    assert "<script" not in shown
