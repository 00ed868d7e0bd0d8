"""Reading questionnaires: every fault is found, and all of them at once."""

from pathlib import Path

import pytest

from wbskills.data import ontology_folder
from wbskills.errors import QuestionnaireError
from wbskills.ontology.entries import Ontology
from wbskills.questionnaires.schema import Questionnaire
from wbskills.questionnaires.toml_file import load

TITLES = '{ en = "What most ambassadors do", de = "Mehr", es = "Más", fr = "Plus", ar = "المزيد" }'
SHIPPED = ontology_folder() / "questionnaires" / "ambassadors.toml"


def spoilt(folder: Path, *changes: tuple[str, str]) -> Path:
    """Write the built-in questionnaire with some changes."""
    text = SHIPPED.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file = folder / "spoilt.toml"
    file.write_text(text, encoding="utf-8")
    return file


def faults(file: Path, ontology: Ontology) -> str:
    """Return what is said about a file."""
    with pytest.raises(QuestionnaireError) as raised:
        load(file, ontology)
    return str(raised.value)


def test_the_built_in_questionnaire_begins_with_the_baseline(
    ambassadors: Questionnaire, ontology: Ontology
) -> None:
    """At most ten skills on the first page, every published skill in all, each once."""
    first, *more = ambassadors.pages
    published = {
        key
        for key, skill in ontology.section("skills").items()
        if skill.fact("status") not in {"candidate", "retired"}
    }

    assert len(first.skills) == 10
    assert not first.more
    assert all(page.more for page in more)
    assert sorted(ambassadors.skills) == sorted(published)


def test_the_introduction_is_short(ambassadors: Questionnaire) -> None:
    """Most people who give up do so there."""
    assert all(len(text.split()) <= 75 for text in ambassadors.introduction.values())


def test_all_faults_are_told_together(tmp_path: Path, ontology: Ontology) -> None:
    """Of every part of the file."""
    file = spoilt(
        tmp_path,
        ("version = 1\n", "version = 0\n"),
        ('role = "technical_ambassador"  #', 'role = "tecnical_ambassador"  #'),
        ("start = 2026-10-01", "start = 2028-10-01"),
        ('question = { en = "What else', 'question = { xx = "What else'),
        ('"group_data", ', '"group_dataa", '),
        ("can_teach = {", "can_teech = {"),
        ('fr = "Quel est votre wiki d’origine ?"', 'fr = ""'),
    )

    said = faults(file, ontology)

    assert "8 problems" in said
    for expected in (
        "version: this is not a version",
        "there is no role “tecnical_ambassador”",
        "use “technical_ambassador”, if that is what you mean",
        "wave.end: the wave ends before it starts",
        "another_skill.question.en: there is no text in this language",
        "“xx” is not a language of the questionnaire",
        "there is no group “group_dataa”",
        "there is no member “can_teech”",
        "facts.home_community.fr: there is no text in this language",
    ):
        assert expected in said


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('name = "ambassadors"', 'name = "wave2"', "cannot be the name"),
        ('name = "ambassadors"', 'name = "ambassadors_of_all_wikis"', "too long"),
        (
            'languages = ["en",',
            'languages = ["english language",',
            "is not the code of a language",
        ),
        ('key = "ambassadors_2026_27"', 'key = "lua_modules"', "already used"),
        ('scale = "self_5"', 'scale = "self_6"', "there is no scale"),
        ('role = "technical_ambassador"\ntitle', 'skills = ["luaa"]\ntitle', "there is no skill"),
        (
            'role = "technical_ambassador"\ntitle',
            'skills = ["sparql", "sparql"]\ntitle',
            "is asked twice",
        ),
        ("[[pages]]\nrole", "[[pages]]\nskills = []\nrole", "either skills, a role or groups"),
        (
            'en = "Yes, under a pseudonym"',
            'en = "No"',
            "“No” is the answer for “consent_pseudonym” as well as",
        ),
        (
            'de = "Ja, unter einem Pseudonym"',
            'de = "NON"',
            "answer for “consent_pseudonym” as well",
        ),
        (
            'en = "Which could you teach?"',
            'en = "Which of these would you like to  learn?"',
            "is the text of “interests.wants_to_learn” as well",
        ),
        (
            'fr = "Quel est votre wiki d’origine ?"',
            'fr = "Quel est votre nom d’utilisateur sur les wikis ?"',
            "is the text of “identity.username” as well",
        ),
        (
            '[[pages]]\ngroups = ["group_wiki"',
            f'[[pages]]\nskills = ["sparql"]\ntitle = {TITLES}\n[[pages]]\ngroups = ["group_wiki"',
            "“What most ambassadors do” is the text of “pages, title of",
        ),
        ('withheld = { en = "No"', 'withhold = { en = "No"', "people cannot choose “withheld”"),
        ('# text_url = "https://…"', 'text_url = "javascript:x"', "not the address of a web page"),
        ("most_languages = 3", "most_languages = 30", "not a number of languages"),
        ('en = "Thank you!', 'en = "\\u001b[2J', "cannot be shown"),
        ('en = "Tell others', f'en = "{"x" * 3000}', "characters"),
    ],
)
def test_a_fault_is_told(
    old: str, new: str, expected: str, tmp_path: Path, ontology: Ontology
) -> None:
    """Whatever a person may write."""
    assert expected in faults(spoilt(tmp_path, (old, new)), ontology)


def test_texts_may_have_the_spaces_and_joiners_of_their_language(
    tmp_path: Path, ontology: Ontology
) -> None:
    """No-break spaces of French, joiners of Persian and Hindi."""
    file = spoilt(
        tmp_path, ("Merci ! Vos", "Merci\u202f! Vos\u00a0"), ("شكرا لك!", "می\u200cکنم क्\u200dष")
    )

    assert "\u202f" in load(file, ontology).thanks["fr"]
    assert "\u200c" in load(file, ontology).thanks["ar"]


def test_an_empty_file_has_faults_and_no_traceback(tmp_path: Path, ontology: Ontology) -> None:
    """Everything that is needed is named."""
    file = tmp_path / "empty.toml"
    file.write_text("", encoding="utf-8")

    said = faults(file, ontology)

    for name in ("name", "version", "languages", "title", "wave", "consent", "identity", "levels"):
        assert name in said
