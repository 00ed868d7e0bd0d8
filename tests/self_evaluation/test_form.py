"""The whole way of a person: log in, answer, send, come back, see everything, withdraw."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tests.self_evaluation.people import ANSWERS, Form, Person
from wbskills.data import ontology_folder
from wbskills.domain import USERNAME, Identity
from wbskills.ontology.load import load
from wbskills.private_records.candidates import Candidates
from wbskills.private_records.self_evaluations import FILE
from wbskills.tasks.forgetting import forget


def test_a_new_person(form: Form, ada: Person, folder: Path) -> None:
    """What they answer is in the Wikibase once they send it, and not before."""
    before = form.store.revision()
    for part, fields in ANSWERS.items():
        assert ada.fill_in(part, fields).status_code == 200
    assert form.store.revision() == before
    ada.get("/me/check")
    assert "Templates alone; can help; can teach" in ada.text()
    assert "<script>" not in ada.shown
    assert ada.send("/me/send").status_code == 200
    assert "Your answers are stored" in ada.text()
    ada.get("/me/stored")
    for told in ("German Wikipedia", "Europe/Berlin", "limited", "Kiwix", "consent text version"):
        assert told in ada.text(), told
    with Candidates(folder, write=False) as queue:
        assert [each.written for each in queue.waiting()] == ["<script>alert(1)</script>", "Kiwix"]


def test_without_consent_nothing_is_written(form: Form, ada: Person) -> None:
    """Neither without an answer about consent, nor after “No”."""
    before = form.store.revision()
    ada.fill_in("skills-1", ANSWERS["skills-1"])
    ada.get("/me/check")
    assert ada.send("/me/send").status_code == 422
    ada.fill_in("consent", {"consent": "withheld"})
    ada.get("/me/check")
    assert ada.send("/me/send").status_code == 422
    assert form.store.revision() == before


def test_who_comes_back_in_the_same_wave_changes_only_what_they_change(ada: Person) -> None:
    """All other answers are still there; one that is taken back is not."""
    ada.answer(ANSWERS)
    ada.answer({"skills-1": {"level.templates": "leads", "can_teach.templates": ""}})
    ada.get("/me/check")
    shown = ada.text()
    assert "Templates leads; can help" in shown
    assert "can teach" not in shown
    assert " aware " in shown  # of another page
    stored = json.loads(ada.get("/me/stored.json").text)
    assert len(stored["items"]) == 1


def test_earlier_answers_are_confirmed_all_at_once(form: Form, ada: Person) -> None:
    """In a new wave a person takes a minute; what is older than a year is marked."""
    ada.answer(ANSWERS)
    ada.get("/me/")
    assert "You have answered before" not in ada.text()  # in this wave
    form.next_wave(days=400)
    ada = form.person("Ada")
    ada.log_in()
    ada.get("/me/")
    assert "We know 4 answers of yours" in ada.text()
    ada.get("/me/skills-1")
    assert "you answered: alone older than a year" in ada.text()
    assert 'value="alone" checked' not in ada.shown  # until it is confirmed
    ada.get("/me/")
    ada.send("/me/keep")
    assert "4 answers were filled in" in ada.text()
    ada.fill_in("consent", {"consent": "consent_named"})
    ada.get("/me/check")
    assert "Templates alone; can help; can teach" in ada.text()
    assert ada.send("/me/send").status_code == 200
    found = json.loads(ada.get("/me/stored.json").text)
    (item,) = found["items"].values()
    skills = item["claims"][form.property("assessed_skill")]
    assert len(skills) == 10  # five of each wave
    preferred = [each for each in skills if each["rank"] == "preferred"]
    assert len(preferred) == 5


def test_who_gave_no_level_need_not_agree_again(ada: Person) -> None:
    """The consent of this wave counts, whatever else was sent with it."""
    ada.answer({"consent": {"consent": "consent_named"}, "about": {"home_community": "dewiki"}})
    assert "Your answers are stored" in ada.text()
    ada.answer({"skills-1": {"level.templates": "alone"}})
    assert "Your answers are stored" in ada.text()


def test_another_persons_answers_cannot_be_seen(ada: Person, grace: Person) -> None:
    """Each sees their own only."""
    ada.answer(ANSWERS)
    grace.get("/me/stored")
    assert "Nothing is stored about you" in grace.text()
    assert json.loads(grace.get("/me/stored.json").text)["items"] == {}
    grace.get("/me/check")
    assert "alone" not in grace.text()


def test_withdrawing_leaves_no_byte(form: Form, ada: Person, folder: Path) -> None:
    """Nothing of the person is left in any file, and they are not added again."""
    ada.answer(ANSWERS)
    ada.get("/me/withdraw")
    assert ada.send("/me/withdraw", name="Grace").status_code == 422
    ada.get("/me/withdraw")
    ada.send("/me/withdraw", name="Ada")
    assert "has been removed" in ada.text()
    assert "You are not logged in" in ada.get("/me/stored").text
    identity = Identity(USERNAME, "Ada")
    assert form.private.draft(identity, "ambassadors") is None
    assert not list(form.private.progress("ambassadors"))
    for file in folder.rglob("*"):
        if file.is_file() and file.name != "entities.sqlite":  # has the account
            content = file.read_bytes()
            assert b"Kiwix" not in content, file
            assert b"wikimedia_username/Ada" not in content, file
    ada.get("/me/account")
    assert "asked us to remove everything" in ada.text()


def test_forget_clears_what_was_not_sent(form: Form, ada: Person, folder: Path) -> None:
    """The command needs no key, and the person need not have sent anything."""
    ada.fill_in("skills-1", ANSWERS["skills-1"])
    form.close()
    ontology = load(ontology_folder())
    forget(form.store, ontology, Identity(USERNAME, "Ada"), folder)
    assert form.private.draft(Identity(USERNAME, "Ada"), "ambassadors") is None
    assert not list(form.private.progress("ambassadors"))


def test_unsent_answers_are_encrypted(hypatia: Person, folder: Path) -> None:
    """Neither name nor answers can be read in the file."""
    hypatia.fill_in("about", {"another_skill": "a very private skill", "home_community": "dewiki"})
    for file in folder.glob(f"{FILE}*"):
        content = file.read_bytes()
        assert b"private skill" not in content
        assert b"Hypatia" not in content
        assert file.stat().st_mode & 0o077 == 0


def test_the_session_ends_and_nothing_is_lost(form: Form, ada: Person) -> None:
    """Whoever logs in again, in any browser, goes on where they were."""
    ada.fill_in("skills-1", ANSWERS["skills-1"])
    elsewhere = form.person("Ada")
    elsewhere.log_in()
    elsewhere.get("/me/skills-1")
    assert 'value="alone" checked' in elsewhere.shown


def test_two_tabs(ada: Person) -> None:
    """What one tab changed is not undone by another one that still shows the old answers."""
    ada.get("/me/skills-1")
    old = ada.shown
    ada.send("/me/skills-1", {"level.templates": "alone"})
    ada.shown = old
    ada.send("/me/skills-1", {"level.bug_reporting": "aware"})
    ada.get("/me/check")
    assert "Templates alone" in ada.text()
    assert "aware" in ada.text()


def test_wrong_answers_are_told_where_they_are(ada: Person) -> None:
    """The others are saved, and what was typed is still there."""
    answer = ada.fill_in(
        "about", {"time_zone": "the moon", "home_community": "dewiki", "language.1": "lang_xx"}
    )
    assert answer.status_code == 422
    assert "Write it like Europe/Berlin" in ada.text()
    assert 'value="the moon"' in ada.shown
    ada.get("/me/check")
    assert "German Wikipedia" in ada.text()


def test_old_drafts_are_deleted(form: Form, ada: Person) -> None:
    """After ninety days."""
    ada.fill_in("skills-1", ANSWERS["skills-1"])
    assert form.private.drop_old() == 0
    form.private._clock = lambda: datetime.now(UTC) + timedelta(days=91)
    assert form.private.drop_old() == 1


def test_status_for_coordinators(form: Form, ada: Person, grace: Person) -> None:
    """Counts, for coordinators only; no names."""
    form.private.invite(
        [(Identity(USERNAME, "Ada"), "dewiki"), (Identity(USERNAME, "Zoë"), "dewiki")],
        "ambassadors",
        date(2100, 1, 1),
    )
    ada.fill_in("skills-1", ANSWERS["skills-1"])
    assert ada.get("/me/status").status_code == 403
    grace.get("/me/status")
    assert "Invited" in grace.text()
    assert "What most ambassadors do 1" in grace.text()
    assert "Zoë" not in grace.text()
    assert "Ada" not in grace.text()
