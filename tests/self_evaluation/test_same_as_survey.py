"""The same answers mean the same statements, given in the form or in a survey file."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import wbskills
from tests.questionnaires.respondents import PEOPLE, Respondent
from tests.questionnaires.survey_tools import Words, typed, written
from tests.self_evaluation.people import ADDRESS, PASSWORD, Form
from wbskills.data import ontology_folder
from wbskills.domain import PSEUDONYM, USERNAME
from wbskills.ontology.load import load
from wbskills.questionnaires.fields import RESPONSE_ID, parts_of
from wbskills.tasks.ontologies import binding_of
from wbskills.tasks.questionnaires import export_questionnaire, find_questionnaire
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.model.wire import entity_to_json
from wbskills.wikibase.server.accounts import add_user

CONSENTING = [person for person in PEOPLE if person.consent != "withheld"]
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def fields(person: Respondent) -> dict[str, str]:
    """Return what a person fills in, by the names of the fields."""
    given = {"consent": person.consent, "pseudonym": person.pseudonym, **person.facts}
    given |= {f"level.{skill}": level for skill, level in person.levels.items()}
    for interest, skills in person.interests.items():
        given |= {f"{interest}.{skill}": "on" for skill in skills}
    for number, (language, level) in enumerate(person.languages, 1):
        given |= {f"language.{number}": language, f"babel.{number}": level}
    return given | {"another_skill": person.another_skill}


@pytest.fixture
def by_form(form: Form) -> Embedded:
    """The Wikibase after people have answered the form."""
    asked = find_questionnaire("ambassadors", load(ontology_folder()))
    for each in CONSENTING:
        add_user(form.store.accounts, each.username, PASSWORD, ())
        person = form.person(each.username)
        person.log_in()
        person.answer({part.name: fields(each) for part in parts_of(asked)})
        assert "Your answers are stored" in person.text()
    return form.store


@pytest.fixture
def by_survey(by_form: Embedded, tmp_path: Path) -> Iterator[Embedded]:
    """Another Wikibase, after the import of the same answers, typed from paper."""
    ontology = load(ontology_folder())
    asked = find_questionnaire("ambassadors", ontology)
    export_questionnaire(asked, ontology, "paper", tmp_path / "paper")
    today = datetime.now(UTC).replace(tzinfo=None)
    people = [replace(person, when=today) for person in CONSENTING]
    table = typed(written(tmp_path / "paper"), Words(asked, ontology, "en"), people).decode()
    head, *rows = table.splitlines()
    # The number of the sheet stands first; the form has a name in its place.
    rows = [f"{RESPONSE_ID},{row.partition(',')[2]}" for row in rows]
    file = tmp_path / "table.csv"
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    folder = tmp_path / "survey"
    with (
        Embedded(str(folder), concept_base=f"{ADDRESS}/entity/") as store,
        store._revisions.transaction(),
    ):
        store._revisions.run("UPDATE setting SET value = ? WHERE name = 'salt'", by_form.salt())
    with wbskills.open(folder) as capacity:
        capacity.import_survey(file)
        yield capacity.wikibase  # type: ignore[misc] # it is an embedded one


def people_in(store: Embedded) -> dict[str, dict[str, Any]]:
    """Return the items of people as JSON, by name, without what is random."""
    binding = binding_of(store, load(ontology_folder()))
    found = {}
    for kind in (USERNAME, PSEUDONYM):
        for name, item in store.find_by_identifier(binding.property(kind)):
            told = entity_to_json(store.read([item])[item].entity)
            del told["id"]
            for statements in told["claims"].values():
                for statement in statements:
                    del statement["id"]
            found[name] = told
    return found


def test_entities_are_the_same(by_form: Embedded, by_survey: Embedded) -> None:
    """Labels, statements, qualifiers, references and ranks."""
    here, there = people_in(by_form), people_in(by_survey)
    assert here.keys() == there.keys()
    assert len(here) == len(CONSENTING)
    for name in here:
        assert here[name] == there[name]


def test_triples_are_the_same(by_form: Embedded, by_survey: Embedded) -> None:
    """All of them, with the ontology and the wave, but for random ids and times of edits."""

    def told(store: Embedded) -> Counter[str]:
        lines = (_GUID.sub("GUID", line) for line in store.triples())
        changing = ("dateModified", "/ontology#timestamp", "schema.org/version")
        return Counter(line for line in lines if not any(part in line for part in changing))

    here, there = told(by_form), told(by_survey)
    assert sorted((here - there).elements()) == []
    assert sorted((there - here).elements()) == []
