"""What public facts of a wiki account propose, and that nothing of it is stored by itself."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.self_evaluation.people import Form
from wbskills.data import ontology_folder
from wbskills.errors import QuestionnaireError
from wbskills.ontology.load import load
from wbskills.private_records.sealing import Key
from wbskills.questionnaires.proposals import FILE, Proposal, load_rules, propose
from wbskills.self_evaluation import proposals as shown
from wbskills.self_evaluation.visitors import COOKIE, WIKI, Visitor
from wbskills.tasks.form_settings import FormSettings, WikiLogIn
from wbskills.tasks.questionnaires import find_questionnaire
from wbskills.wikibase.remote.public_facts import PublicFacts, facts_of

# As the API of a wiki with Babel and CentralAuth answers.
ANSWER: dict[str, Any] = {
    "query": {
        "babel": {"de": "N", "en": "4", "xx": "3", "fr": "0"},
        "globaluserinfo": {"home": "dewiki", "name": "Ada", "groups": ["abusefilter"]},
        "namespaces": {
            "0": {"id": 0, "name": ""},
            "10": {"id": 10, "canonical": "Template", "name": "Vorlage"},
            "828": {"id": 828, "canonical": "Module", "name": "Modul"},
        },
        "users": [{"name": "Ada", "groups": ["*", "user", "translationadmin"]}],
        "usercontribs": [{"ns": 828, "title": "Modul:A"}] * 120 + [{"ns": 10, "title": "V"}] * 5,
    }
}
RECORDED = Path(__file__).parents[1] / "data" / "wikibase"


def found(facts: PublicFacts) -> list[Proposal]:
    """Propose in German."""
    ontology = load(ontology_folder())
    asked = find_questionnaire("ambassadors", ontology)
    return propose(facts, load_rules(ontology_folder() / FILE, ontology), asked, ontology, "de")


def test_what_is_proposed() -> None:
    """Skills without a level, languages with theirs, the home wiki; each with its reason."""
    proposals = {each.name: each for each in found(facts_of(ANSWER))}
    assert list(proposals) == [
        "skill.lua_modules", "skill.translation_admin", "skill.abuse_filter",
        "language.lang_de", "language.lang_en", "home",
    ]  # fmt: skip
    lua = proposals["skill.lua_modules"]
    assert lua.reason == "120 Ihrer letzten Bearbeitungen sind im Namensraum Module."
    assert lua.fields == ()
    assert proposals["language.lang_de"].fields == (("language", "lang_de"), ("babel", "babel_n"))
    assert proposals["home"].fields == (("home_community", "dewiki"),)


@pytest.mark.parametrize(
    "answer",
    [
        None, [], "x", {}, {"query": []}, {"error": {"code": "x"}},
        {"query": {"babel": [], "users": {}, "usercontribs": [1, None, {"ns": "x"}, {"ns": []}]}},
        {"query": {"babel": {"de": ["N"], "en": "\u202e", "x" * 999: "N"}}},
        {"query": {"globaluserinfo": {"home": "<script>", "groups": [["a"], {"b": 1}, "\n"]}}},
        {"query": {"namespaces": {"0": 1, "1": {"id": [], "canonical": {}}}}},
    ],
    ids=range(10),
)  # fmt: skip
def test_whatever_a_wiki_answers(answer: object) -> None:
    """A strange answer is no fact."""
    assert found(facts_of(answer)) == []


def test_all_faults_of_the_rules_are_told(tmp_path: Path) -> None:
    """At once, with what to do."""
    file = tmp_path / "proposals.toml"
    file.write_text(
        '[reasons]\nedits = { de = "x" }\n[[skills]]\nskill = "lua_module"\ngroup = "bot"\n'
        '[[skills]]\nskill = "gadgets"\n[[skills]]\nskill = "gadgets"\nnamespace = "Gadget"\n'
    )
    with pytest.raises(QuestionnaireError) as caught:
        load_rules(file, load(ontology_folder()))
    said = str(caught.value)
    assert "use “lua_modules”" in said
    assert "a rule needs a namespace or a group" in said
    assert "add edits = 100" in said
    assert said.count("there is no English text") == 4


@pytest.fixture
def settings() -> FormSettings:
    """A log-in at a wiki."""
    wiki = WikiLogIn(
        rest="https://w.example/w/rest.php", api="https://w.example/w/api.php", client_id="x"
    )
    return FormSettings(wiki=wiki)


def test_only_what_is_taken_over_is_stored(
    form: Form, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person sees the reasons, and decides."""
    monkeypatch.setattr(shown, "public_facts", lambda *_: facts_of(ANSWER))
    ada = form.person("Ada")
    visitor = Visitor("Ada", WIKI)
    content = {"how": WIKI, "name": "Ada", "invitation": "", "community": "", "form": visitor.form}
    sealed = key.seal(json.dumps({"cookie": COOKIE, "is": content})).decode()
    ada.client.set_cookie(COOKIE, sealed, path="/me")
    ada.fill_in("consent", {"consent": "consent_named"})
    ada.get("/me/about")
    assert "You speak German (native)." in ada.text()
    assert "Your home wiki is German Wikipedia." in ada.text()
    ada.send("/me/take", take="language.lang_de")
    assert "You speak German" not in ada.text()
    assert "Your home wiki is German Wikipedia." in ada.text()
    ada.get("/me/skills-2")
    assert "120 of your latest edits are in the namespace Module." in ada.text()
    ada.get("/me/check")
    assert "German – native" in ada.text()
    assert "German Wikipedia" not in ada.text()
    assert "Lua" not in ada.text()
