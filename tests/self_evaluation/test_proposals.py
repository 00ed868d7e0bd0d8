"""What public facts of a wiki account propose, and that nothing of it is stored by itself."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.self_evaluation.people import Form, Person
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


LANGUAGES = {"en", "de", "es", "fr", "ar"}


def found(facts: PublicFacts) -> list[Proposal]:
    """Propose in German."""
    ontology = load(ontology_folder())
    asked = find_questionnaire("ambassadors", ontology)
    return propose(facts, load_rules(ontology_folder() / FILE, ontology), asked, ontology, "de")


def log_in_at_the_wiki(person: Person, key: Key) -> None:
    """Let somebody come back from the log-in of the wiki."""
    visitor = Visitor(person.name, WIKI)
    content = {"how": WIKI, "name": person.name, "invitation": "", "community": ""}
    content["form"] = visitor.form
    sealed = key.seal(json.dumps({"cookie": COOKIE, "is": content})).decode()
    person.client.set_cookie(COOKIE, sealed, path="/me")


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


@pytest.mark.parametrize(
    ("babel", "proposed"),
    [
        ({"en": "2", "de": "N", "fr": "4"}, "de n, fr 4, en 2"),
        ({"zh-Hans": "3", "zh-Hant-TW": "N", "zh": "1"}, "zh n"),
        ({"pt-br": "5", "no": "2", "simple": "3"}, "pt 5, en 3, nb 2"),
        ({"de": "0", "de-at": "0"}, ""),
        ({"zh-yue": "N", "zh-min-nan": "N", "en-": "N", "": "N"}, ""),  # other languages, or none
        ({"de": "6", "en": "NN", "fr": "-1", "es": "n0"}, ""),
    ],
)  # fmt: skip
def test_levels_and_codes_of_babel(babel: dict[str, str], proposed: str) -> None:
    """Each language once, with the best level of its codes; the best known language first."""
    given = [dict(each.fields) for each in found(PublicFacts(babel=babel))]
    shown = [f"{each['language'][5:]} {each['babel'][6:]}" for each in given]
    assert ", ".join(shown) == proposed


def test_namespaces_are_compared_as_mediawiki_does(tmp_path: Path) -> None:
    """Whoever writes a rule need not know how the API writes the name."""
    file = tmp_path / "proposals.toml"
    builtin = (ontology_folder() / FILE).read_text(encoding="utf-8").partition("[[skills]]")[0]
    file.write_text(
        builtin + '[[skills]]\nskill = "templates"\nnamespace = "template_TALK"\nedits = 5\n',
        encoding="utf-8",
    )
    ontology = load(ontology_folder())
    asked, rules = find_questionnaire("ambassadors", ontology), load_rules(file, ontology)
    for count, skills in ((4, []), (5, ["templates"])):
        facts = PublicFacts(edits={"Template talk": count})
        proposals = propose(facts, rules, asked, ontology, "en")
        assert [each.skill for each in proposals] == skills


def test_the_reasons_are_there_in_all_languages() -> None:
    """Each in the five of the form, naming the same things."""
    rules = load_rules(ontology_folder() / FILE, load(ontology_folder()))
    for texts in rules.reasons.values():
        assert set(texts) == LANGUAGES
        assert len({tuple(sorted(re.findall(r"{.*?}", text))) for text in texts.values()}) == 1


def test_all_faults_of_the_rules_are_told(tmp_path: Path) -> None:
    """At once, with what to do."""
    file = tmp_path / "proposals.toml"
    file.write_text(
        '[reasons]\nedits = { de = "x {cuont}", fr = "" }\nhome = { en = "in {wiki}" }\n'
        '[babel_codes]\nno = "lang_no"\n[[skills]]\nskill = "lua_module"\ngroup = "bot"\n'
        '[[skills]]\nskill = "gadgets"\ngroup = "bot"\nedits = 1\n'
        '[[skills]]\nskill = "gadgets"\nnamespace = "File"\nedits = -1\n'
        '[[skills]]\nskill = "gadgets"\nnamespace = "File"\nedits = 501\nlevel = "alone"\n'
        '[[skills]]\nskill = "gadgets"\n[[skills]]\nskill = "gadgets"\nnamespace = "Gadget"\n'
    )
    with pytest.raises(QuestionnaireError) as caught:
        load_rules(file, load(ontology_folder()))
    said = str(caught.value)
    assert "use “lua_modules”" in said
    assert "a rule needs a namespace or a group" in said
    assert "add edits = 100" in said
    assert said.count("there is no English text") == 3
    assert "“{cuont}” stands for nothing\n    Try: use {count}, {namespace}" in said
    assert "“{wiki}” stands for nothing\n    Try: remove it" in said
    assert "this text cannot be shown" in said
    assert "there is no language “lang_no”" in said
    assert "a group needs no edits" in said
    assert said.count("use a number from 1 to 500") == 2
    assert "there is no member “level”" in said  # never a level for a skill


def test_a_wiki_that_was_silent_is_asked_again(
    form: Form, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After five minutes; one that has answered, after an hour."""
    now, asked = [1_000.0], list[str]()
    answers = iter([PublicFacts(answered=False), facts_of(ANSWER), facts_of(ANSWER)])

    def ask(_: str, name: str) -> PublicFacts:
        asked.append(name)
        return next(answers)

    monkeypatch.setattr(shown, "public_facts", ask)
    monkeypatch.setattr(shown, "monotonic", lambda: now[0])
    ada = form.person("Ada")
    log_in_at_the_wiki(ada, key)
    ada.fill_in("consent", {"consent": "consent_named"})
    for seconds, requests in ((0, 1), (299, 1), (2, 2), (3_599, 2), (2, 3)):
        now[0] += seconds
        ada.get("/me/about")
        assert len(asked) == requests


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
    log_in_at_the_wiki(ada, key)
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
