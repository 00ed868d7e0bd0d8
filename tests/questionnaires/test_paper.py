"""The sheet to print: what can be answered stands on it, with what is typed for it."""

import re
from pathlib import Path

import pytest

from tests.questionnaires.respondents import Respondent, imported, meant
from tests.questionnaires.survey_tools import Words, typed
from wbskills.ontology.entries import Ontology
from wbskills.questionnaires.export import find_format
from wbskills.questionnaires.export.wording import fact_choices
from wbskills.questionnaires.schema import Questionnaire
from wbskills.tasks.surveys import open_survey


@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "ar"])
def test_what_is_typed_for_a_choice_stands_beside_it(
    language: str, ambassadors: Questionnaire, ontology: Ontology
) -> None:
    """On an empty line people would write words that no import knows."""
    files = {file.name: file for file in find_format("paper").files(ambassadors, ontology)}
    sheet = files[f"ambassadors-{language}.html"].content.decode()

    explained = set(re.findall(r'<span class="code">([^<]+)</span> ([^<]+)</li>', sheet))

    for fact in ("availability", "babel_level"):
        for key, entry in fact_choices(ontology, fact).items():
            typed_as = key.removeprefix("babel_")
            assert (typed_as, entry.terms.label(language)) in explained


def test_every_choice_that_is_typed_comes_back(
    ambassadors: Questionnaire, ontology: Ontology, tmp_path: Path
) -> None:
    """Each availability, and each level of a language."""
    people = [
        Respondent(username=f"Ada {key}", facts={"availability": key})
        for key in fact_choices(ontology, "availability")
    ] + [
        Respondent(username=f"Bo {key[-1]}", languages=(("lang_fr", key),))
        for key in fact_choices(ontology, "babel_level")
        if key != "babel_0"  # who does not speak a language is not stored as a speaker
    ]
    files = {file.name: file.content for file in find_format("paper").files(ambassadors, ontology)}
    file = tmp_path / "answers.csv"
    file.write_bytes(typed(files, Words(ambassadors, ontology, "en"), people))

    responses = open_survey(file, None).survey.responses()

    assert list(map(imported, responses)) == [meant(one, ambassadors.skills) for one in people]
