"""Hostile input, other sites, full disks, busy wikis: a clear page, and nothing is lost."""

import re
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.self_evaluation.people import ANSWERS, PASSWORD, Form, Person
from wbskills.cli import main
from wbskills.data import ontology_folder
from wbskills.domain import PSEUDONYM, USERNAME, Identity
from wbskills.errors import NotFound
from wbskills.ontology.load import load
from wbskills.private_records.forgotten import Forgotten
from wbskills.questionnaires.schema import Page
from wbskills.self_evaluation import form as form_pages
from wbskills.self_evaluation import sender
from wbskills.tasks.forgetting import lift_block
from wbskills.tasks.questionnaires import find_questionnaire
from wbskills.wikibase.sqlite import Database

ADA = Identity(USERNAME, "Ada")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://e.vil"},
    ],
    ids=["cross-site", "same-site", "origin"],
)
def test_another_site_cannot_send_a_form(form: Form, ada: Person, headers: dict[str, str]) -> None:
    """Not even with the token of the form."""
    ada.get("/me/consent")
    token = re.findall(r'name="form" value="([^"]+)"', ada.shown)[0]
    data = {"form": token, "consent": "consent_named"}
    assert ada.client.post("/me/consent", data=data, headers=headers).status_code == 403
    assert form.private.draft(ADA, "ambassadors") is None


@pytest.mark.parametrize(
    "path", ["consent", "skills-1", "keep", "take", "send", "withdraw", "log-out"]
)
def test_without_its_token_no_form_is_taken(form: Form, ada: Person, path: str) -> None:
    """As when another site makes a browser send it."""
    ada.answer(ANSWERS)
    before = form.store.revision()
    answer = ada.client.post(f"/me/{path}", data={"name": "Ada", "consent": "withheld"})
    assert answer.status_code == 403
    assert form.store.revision() == before
    assert "Ada" in ada.get("/me/stored").text


def test_the_token_of_another_visitor_does_not_do(ada: Person, grace: Person) -> None:
    """Each log-in has its own."""
    grace.get("/me/consent")
    token = re.findall(r'name="form" value="([^"]+)"', grace.shown)[0]
    assert ada.client.post("/me/send", data={"form": token}).status_code == 403


@pytest.mark.parametrize("cookie", ["", "x", "gAAAAA" + "A" * 100, "ا"])
def test_a_cookie_that_is_not_ours_lets_nobody_in(form: Form, cookie: str) -> None:
    """Nor one of another key."""
    someone = form.person("Ada")
    someone.client.set_cookie("wbskills_me", cookie, path="/me")
    assert someone.get("/me/stored").status_code == 403


def test_cookies_and_headers(form: Form, ada: Person) -> None:
    """Cookies are for our pages only; no page is kept, framed, or runs an inline script."""
    form.open(secure=True)
    someone = form.person("Ada")
    someone.log_in()
    answer = someone.client.get("/me/account", base_url="https://localhost")
    (cookie,) = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("wbskills_me=")]
    for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/me"):
        assert flag in cookie
    page = ada.get("/me/consent")
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert not re.search(r"<script(?! src=)| on\w+=|style=", page.text)


def test_names_cannot_be_probed(form: Form) -> None:
    """A wrong password and an unknown name look the same, and both are throttled."""
    someone = form.person("")
    shown = []
    for name in ("Ada", "Nobody"):
        someone.log_in(name, "wrong")
        shown.append(re.sub(r'value="[^"]*"', "", someone.shown))
    assert shown[0] == shown[1]
    statuses = [someone.log_in("Ada", "wrong").status_code for _ in range(8)]
    assert statuses[-1] == 429
    assert someone.log_in("Ada", PASSWORD).status_code == 429


def test_hostile_answers(form: Form, ada: Person) -> None:
    """Ten thousand characters, direction marks, markup: told, or kept as text."""
    ada.fill_in("consent", {"consent": "consent_named"})
    assert ada.fill_in("about", {"another_skill": "x" * 10_001}).status_code == 422
    assert "x" * 10_001 in ada.shown
    hostile = "\u202egnp.exe\n<img src=x onerror=alert(1)>\n{{7*7}}\n=HYPERLINK(1)\n" + "y" * 9_000
    assert ada.fill_in("about", {"another_skill": hostile}).status_code == 200
    for path in ("about", "check"):
        ada.get(f"/me/{path}")
        assert "<img" not in ada.shown
    assert ada.send("/me/send").status_code == 200
    assert "<img" not in ada.get("/me/stored").text
    assert form.store.revision() > 0


@pytest.mark.parametrize(
    "fields",
    [
        {"level.templates": "best"},
        {"level.templates": "alone\n"},
        {"can_help.templates": "yes"},
        {"level.nothing": "alone", "__class__": "x", "before": "[" * 90_000},
        {"before": '{"level.templates": 1}'},
    ],
    ids=["level", "line", "interest", "name", "before"],
)
def test_fields_that_no_page_has(ada: Person, fields: dict[str, str]) -> None:
    """They are told, or nothing becomes of them."""
    ada.get("/me/skills-1")
    assert ada.send("/me/skills-1", fields).status_code in (200, 422)
    ada.get("/me/check")
    assert "best" not in ada.text()


def test_the_pseudonym_of_another_person_is_refused(ada: Person, grace: Person) -> None:
    """Else one could write over their answers, or speak for them."""
    wanted = {"consent": "consent_pseudonym", "pseudonym": "Kingfisher"}
    grace.answer({"consent": wanted, "skills-1": {"level.templates": "alone"}})
    assert ada.fill_in("consent", wanted).status_code == 422
    assert "Somebody else has this pseudonym" in ada.text()
    ada.get("/me/check")
    assert ada.send("/me/send").status_code == 409
    assert "Somebody else has this pseudonym" in ada.text()
    grace.get("/me/stored")
    assert "ambassadors-2026-27-Kingfisher" in grace.text()
    assert "alone" in grace.text()


def test_who_takes_a_pseudonym_later_is_not_named_any_more(form: Form, ada: Person) -> None:
    """What was stored under the username is removed, and the answers stay."""
    ada.answer(ANSWERS)
    ada.answer({"consent": {"consent": "consent_pseudonym", "pseudonym": "Owl"}})
    assert "Your answers are stored" in ada.text()
    items = list(ada.get("/me/stored.json").get_json()["items"].values())
    assert len(items) == 1
    assert "ambassadors-2026-27-Owl" in str(items)
    assert "Ada" not in str(items)
    assert form.property("pseudonym") in items[0]["claims"]
    ada.get("/me/check")
    assert "Templates alone" in ada.text()


def test_a_full_disk(form: Form, ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page says so, and still has what was typed."""
    ada.get("/me/skills-1")
    whole = Database.run

    def full(self: Database, statement: str, *values: object) -> int:
        if "INTO draft" in statement:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorname = "SQLITE_FULL"
            raise error
        return whole(self, statement, *values)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Database, "run", full)
        answer = ada.send("/me/skills-1", {"level.templates": "alone"})
        assert answer.status_code == 503
        assert "the disk is full" in ada.text()
        assert 'value="alone" checked' in ada.shown
        quiet = ada.send("/me/skills-1", {"level.templates": "alone", "quiet": "1"})
        assert quiet.status_code == 503
    ada.get("/me/skills-1")
    assert 'value="alone" checked' not in ada.shown
    ada.send("/me/skills-1", {"level.templates": "alone"})
    assert form.private.draft(ADA, "ambassadors") is not None


def test_a_wiki_that_is_busy(form: Form, ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answers wait, the page says so, and they are written without the person."""
    monkeypatch.setattr(sender, "WAIT_SECONDS", 0.2)
    monkeypatch.setattr(sender.Sender.send, "__defaults__", (0.2,))
    for part, fields in ANSWERS.items():
        ada.fill_in(part, fields)
    ada.get("/me/check")
    with form.site.write_lock:  # as during an import
        assert ada.send("/me/send").status_code == 202
        assert "Your answers are safe" in ada.text()
        ada.fill_in("skills-1", {})  # saved again as it is: it is still sent
        ada.get("/me/")
        assert "you need not do anything" in ada.text()
    form.close()  # waits for what is being written
    form.open()
    ada = form.person("Ada")
    ada.log_in()
    ada.get("/me/stored")
    assert "German Wikipedia" in ada.text()
    assert form.private.draft(ADA, "ambassadors") is None


def test_a_server_that_stopped_before_it_wrote(form: Form, ada: Person) -> None:
    """What a person sent is written at the next start."""
    for part, fields in ANSWERS.items():
        ada.fill_in(part, fields)
    draft = form.private.draft(ADA, "ambassadors")
    assert draft is not None
    form.close()
    form.private.submit(draft)
    form.open()
    ada = form.person("Ada")
    ada.log_in()
    for _ in range(100):
        if "German Wikipedia" in ada.get("/me/stored").text:
            break
    assert "German Wikipedia" in ada.text()


def test_who_asked_to_be_removed_is_not_added_again(form: Form, ada: Person, folder: Path) -> None:
    """Not even if they had begun before."""
    for part, fields in ANSWERS.items():
        ada.fill_in(part, fields)
    ada.get("/me/check")
    Forgotten(folder).add(ADA)
    before = form.store.revision()
    assert ada.send("/me/send").status_code == 403
    assert "asked us to remove everything" in ada.text()
    assert form.store.revision() == before


def test_who_has_changed_their_mind_can_come_back(form: Form, ada: Person, folder: Path) -> None:
    """Once those who run the form have lifted the block; also from a pseudonym to the username."""
    ada.answer(ANSWERS)
    ada.answer({"consent": {"consent": "consent_pseudonym", "pseudonym": "Owl"}})
    ada.answer({"consent": {"consent": "consent_named"}})
    assert "asked us to remove everything" in ada.text()
    lift_block(folder, ADA, form.store.salt())
    ada.get("/me/check")
    ada.send("/me/send")
    assert "Your answers are stored" in ada.text()
    ada.get("/me/withdraw")
    ada.send("/me/withdraw", name="Ada")
    ada.get("/me/account")
    assert "asked us to remove everything" in ada.text()
    lift_block(folder, ADA, form.store.salt())
    with pytest.raises(NotFound, match="is not blocked here"):
        lift_block(folder, ADA, form.store.salt())
    ada.answer(ANSWERS)
    assert "Your answers are stored" in ada.text()
    form.close()
    Forgotten(folder).add(ADA)
    run = CliRunner().invoke(main, ["unforget", "ada", "--wikibase", str(folder)])
    assert "can be added again" in run.output
    assert ADA not in Forgotten(folder)


def test_a_questionnaire_that_changed_meanwhile(form: Form, ada: Person) -> None:
    """Answers about skills that are still asked stay; a new text of consent is asked anew."""
    ada.fill_in("consent", {"consent": "consent_named"})
    ada.fill_in("skills-1", ANSWERS["skills-1"])
    asked = find_questionnaire("ambassadors", load(ontology_folder()))
    consent = replace(asked.consent, version=2)
    page = Page(title=asked.pages[0].title, skills=("templates", "lua_modules"))
    form.open(questionnaire=replace(asked, version=2, consent=consent, pages=(page,)))
    ada = form.person("Ada")
    ada.log_in()
    ada.get("/me/skills-1")
    assert 'value="alone" checked' in ada.shown
    ada.get("/me/check")
    assert ada.send("/me/send").status_code == 422
    ada.get("/me/consent")
    assert "has changed since you agreed" in ada.text()
    ada.send("/me/consent", consent="consent_named")
    ada.get("/me/check")
    assert ada.send("/me/send").status_code == 200
    assert "does not apply" not in ada.get("/me/stored").text  # of a skill not asked any more


def test_before_and_after_the_wave(form: Form, ada: Person) -> None:
    """Nothing can be answered; what is stored can be seen and removed."""
    ada.answer(ANSWERS)
    form.open(clock=lambda: datetime(2028, 1, 1, tzinfo=UTC))
    ada = form.person("Ada")
    ada.log_in()
    assert "was open until" in ada.text()
    assert ada.client.get("/me/skills-1").status_code == 403
    ada.get("/me/stored")
    assert "German Wikipedia" in ada.text()


def test_all_messages_are_used_and_translated() -> None:
    """In five languages, with the same values."""
    folder = Path(form_pages.__file__).parent
    import tomllib

    code = "".join(
        file.read_text() for file in folder.rglob("*") if file.suffix in (".py", ".html")
    )
    english = tomllib.loads((folder / "messages" / "en.toml").read_text())
    dynamic = ("problem.", "status.")
    unused = [
        f"{section}.{name}"
        for section, messages in english.items()
        for name in messages
        if f"{section}.{name}" not in code and not f"{section}.{name}".startswith(dynamic)
    ]
    assert unused == []
    for language in ("ar", "de", "es", "fr"):
        found = tomllib.loads((folder / "messages" / f"{language}.toml").read_text())
        assert {k: set(v) for k, v in found.items()} == {k: set(v) for k, v in english.items()}
        for section, messages in english.items():
            for name, text in messages.items():
                wanted = set(re.findall(r"{(\w+)}", str(text).replace("{n}", ""))) - {"n"}
                there = set(re.findall(r"{(\w+)}", str(found[section][name]))) - {"n"}
                assert there == wanted, f"{language} {section}.{name}"


def test_no_file_tells_who_is_behind_a_pseudonym(
    form: Form, hypatia: Person, folder: Path
) -> None:
    """Only their account is there, and hashes."""
    wanted = {"consent": "consent_pseudonym", "pseudonym": "Owl"}
    hypatia.answer({"consent": wanted, "skills-1": ANSWERS["skills-1"]})
    assert form.store.find_by_identifier(form.property(PSEUDONYM), ["ambassadors-2026-27-Owl"])
    for file in folder.rglob("*"):
        if file.is_file() and "entities" not in file.name:  # which has the account
            assert b"Hypatia" not in file.read_bytes(), file
