"""Personal links: who gets one, what it opens, and when it is not valid any more."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.self_evaluation.people import ADDRESS, ANSWERS, Form, Person
from wbskills.cli import main
from wbskills.domain import USERNAME, Identity
from wbskills.private_records.forgotten import Forgotten
from wbskills.private_records.invitation_links import invitation_link
from wbskills.private_records.sealing import VARIABLE, Key
from wbskills.private_records.self_evaluations import SelfEvaluations
from wbskills.stores import open_store

ZOE = Identity(USERNAME, "Zoë")
FAR = date(2100, 1, 1)


@pytest.fixture
def link(form: Form) -> str:
    """The link of Zoë, who has no account here."""
    (made,) = form.private.invite([(ZOE, "dewiki")], "ambassadors", FAR)
    return invitation_link("", form.key, made.id)


@pytest.fixture
def zoe(form: Form) -> Person:
    """Zoë, who has not logged in."""
    return form.person("Zoë")


def test_a_link_lets_in(form: Form, zoe: Person, link: str) -> None:
    """And what is stored says that nobody logged in."""
    zoe.get(link)
    assert "You are answering as Zoë." in zoe.text()
    zoe.answer(ANSWERS)
    zoe.get("/me/stored")
    assert "identified by: invitation link" in zoe.text()
    assert zoe.get("/me/stored.json").get_json()["private"]["links valid until"] == ["2100-01-01"]
    (progress,) = form.private.progress("ambassadors")
    assert progress.community == "dewiki"
    assert progress.opened
    assert progress.finished


@pytest.mark.parametrize("ending", ["", ".", ".0000000000000000", "x"])
def test_a_forged_link_lets_nobody_in(zoe: Person, link: str, ending: str) -> None:
    """The page is the same for all of them."""
    forged = link + ending if ending == "x" else link.partition(".")[0] + ending
    answer = zoe.get(forged)
    assert answer.status_code == 404
    assert "not valid, or not any more" in zoe.text()
    assert zoe.client.get("/me/stored").status_code == 403


def test_a_revoked_link_ends_a_session(form: Form, zoe: Person, link: str) -> None:
    """Whoever stole it cannot go on either; what was saved is kept."""
    zoe.get(link)
    zoe.fill_in("skills-1", ANSWERS["skills-1"])
    assert form.private.revoke(ZOE) == 1
    assert zoe.get("/me/skills-1").status_code == 403
    assert zoe.get(link).status_code == 404
    assert form.private.draft(ZOE, "ambassadors") is not None


def test_an_expired_link(form: Form, zoe: Person, link: str) -> None:
    """It ends with its day."""
    form.open(clock=lambda: datetime(2100, 1, 2, tzinfo=UTC))
    zoe = form.person("Zoë")
    assert zoe.get(link).status_code == 404


def test_a_new_link_replaces_an_old_one(form: Form, zoe: Person, link: str) -> None:
    """So there is one at a time."""
    (made,) = form.private.invite([(ZOE, "")], "ambassadors", FAR)
    assert zoe.get(link).status_code == 404
    assert zoe.get(invitation_link("", form.key, made.id)).status_code == 200


def test_who_is_logged_in_is_asked(ada: Person, link: str) -> None:
    """A link that somebody else sends does not change who one is."""
    ada.get(link)
    assert "This link is for Zoë, and you are answering as Ada." in ada.text()
    ada.get("/me/stored")
    assert "You are answering as Ada." in ada.text()


def test_wrong_links_are_throttled(zoe: Person, link: str) -> None:
    """A good one does not count."""
    for _ in range(30):
        zoe.get(link)
    answers = [zoe.get("/me/invitation/abc.def").status_code for _ in range(25)]
    assert answers.count(404) == 20
    assert answers[-1] == 429


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It writes a private file with a link each; not for people who asked to be removed."""
    secret = "4oGSkGSFNSH0cGDKzCYJ-uJkGWPGGmkJGVxRR6aTSJk="  # noqa: S105 - of this test
    monkeypatch.setenv(VARIABLE, secret)
    monkeypatch.chdir(tmp_path)
    with open_store("store"):
        pass
    Forgotten(Path("store")).add(Identity(USERNAME, "Gone"))
    Path("people.csv").write_text("Username,Community\nUser:ada,German Wikipedia\nGone,\n")
    command = ["invite", "--wikibase", "store", "--people", "people.csv", "--address", ADDRESS]
    run = CliRunner().invoke(main, [*command, "--output", "links.csv"])
    assert run.exit_code == 0, run.output
    with Path("links.csv").open(newline="") as opened:
        (row,) = csv.DictReader(opened)
    assert (row["username"], row["community"]) == ("Ada", "dewiki")
    assert Path("links.csv").stat().st_mode & 0o077 == 0
    with open_store("store", write=False) as wikibase:
        private = SelfEvaluations(Path("store"), wikibase.salt(), Key(secret.encode()))
        with private:
            found = private.invitation(row["link"].rpartition("/")[2].partition(".")[0])
    assert found is not None
    assert found.username == "Ada"
    assert found.expires == (datetime.now(UTC).date() + timedelta(days=60)).isoformat()
    again = CliRunner().invoke(main, [*command, "--output", "links.csv"])
    assert "already exists" in again.output
    status = CliRunner().invoke(main, ["questionnaire", "status", "--wikibase", "store"])
    assert status.exit_code == 0, status.output
    assert "fewer than 3 people" in status.output
    revoked = CliRunner().invoke(main, ["invite", "--wikibase", "store", "--revoke", "Ada"])
    assert "1 link of Ada" in revoked.output


def test_all_problems_of_a_list_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With their rows, and nobody is invited."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    with open_store("store"):
        pass
    Path("people.csv").write_text("user,wiki\na#b,dewiki\nAda,Gondor\n")
    run = CliRunner().invoke(
        main,
        ["invite", "--wikibase", "store", "--people", "people.csv", "--address", ADDRESS,
         "--output", "links.csv"],
    )  # fmt: skip
    assert run.exit_code == 2
    assert "row 2" in run.output
    assert "row 3" in run.output
    assert not Path("links.csv").exists()


def test_only_those_whose_answers_are_old(
    form: Form, ada: Person, monkeypatch: pytest.MonkeyPatch, folder: Path, tmp_path: Path
) -> None:
    """With --stale, whoever has answered lately is left out."""
    ada.answer(ANSWERS)
    form.close()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv(VARIABLE, form.key._secret.decode())
    command = ["invite", "--wikibase", str(folder), "--address", ADDRESS, "--output"]
    run = CliRunner().invoke(main, [*command, str(tmp_path / "a.csv"), "--stale", "12m"])
    assert "0 people have a link" in run.output
    people = tmp_path / "people.csv"
    people.write_text("username\nAda\nGrace\n")
    run = CliRunner().invoke(
        main, [*command, str(tmp_path / "b.csv"), "--stale", "12m", "--people", str(people)]
    )
    assert "1 person has a link" in run.output
