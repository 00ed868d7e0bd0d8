"""A browser without scripts, in which a person answers the form."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from wbskills.data import ontology_folder
from wbskills.ontology.load import load
from wbskills.private_records.sealing import Key
from wbskills.private_records.self_evaluations import SelfEvaluations
from wbskills.self_evaluation.app import beside_wikibase
from wbskills.tasks.form_settings import FormSettings
from wbskills.tasks.ontologies import binding_of
from wbskills.tasks.questionnaires import find_questionnaire
from wbskills.web_app import create_web_app
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.server.site import Site, close

ADDRESS = "http://127.0.0.1:8181"
PASSWORD = "a long pass phrase"  # noqa: S105 - of a server that exists only here
_TAG = re.compile(r"<script.*?</script>|<[^>]+>", re.DOTALL)


@dataclass
class Person:
    """Somebody with a browser of their own."""

    client: FlaskClient
    name: str = ""
    shown: str = field(default="", repr=False)

    def get(self, path: str) -> TestResponse:
        """Open a page."""
        return self._keep(self.client.get(path, follow_redirects=True))

    def send(
        self, path: str, fields: Mapping[str, str] | None = None, **more: str
    ) -> TestResponse:
        """Send the form of the page that was opened last, with some fields changed.

        An empty text takes a tick away.
        """
        filled = FilledForm(path)
        filled.feed(self.shown)
        token = re.search(r'name="form" value="([^"]*)"', self.shown)
        if token:
            filled.fields.setdefault("form", token[1])
        data = {**filled.fields, **(fields or {}), **more}
        return self._keep(self.client.post(path, data=data, follow_redirects=True))

    def log_in(self, name: str = "", password: str = PASSWORD) -> TestResponse:
        """Log in with an account of the wiki."""
        self.get("/wiki/Special:UserLogin?returnto=/me/account")
        return self.send(
            "/wiki/Special:UserLogin", {"name": name or self.name, "password": password}
        )

    def fill_in(self, part: str, fields: Mapping[str, str]) -> TestResponse:
        """Open a part of the form and send it with some answers."""
        self.get(f"/me/{part}")
        return self.send(f"/me/{part}", fields)

    def answer(self, answers: Mapping[str, Mapping[str, str]]) -> TestResponse:
        """Answer several parts, and send everything."""
        for part, fields in answers.items():
            self.fill_in(part, fields)
        self.get("/me/check")
        return self.send("/me/send")

    def text(self) -> str:
        """Return what can be read on the page that was opened last."""
        shown = html.unescape(_TAG.sub(" ", self.shown))
        return " ".join(shown.replace("\u2068", "").replace("\u2069", "").split())

    def _keep(self, answer: TestResponse) -> TestResponse:
        self.shown = answer.text
        return answer


class FilledForm(HTMLParser):
    """What a browser would send of the form with an address, as it is shown."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._action, self._inside, self._name = action, False, ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the fields that have a value."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("action") == self._action
        if not self._inside:
            return
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "input" and (
            given.get("type", "text") not in ("radio", "checkbox") or "checked" in given
        ):
            self.fields[name] = value
        elif tag in ("select", "textarea"):
            self._name = name
            self.fields.setdefault(name, "")
        elif tag == "option" and "selected" in given:
            self.fields[self._name] = value
        self._text = tag == "textarea"

    def handle_data(self, data: str) -> None:
        """Collect the text of a field."""
        if self._inside and getattr(self, "_text", False):
            self.fields[self._name] += data


@dataclass
class Form:
    """The form, the Wikibase behind it, and what it keeps privately."""

    site: Site
    key: Key
    settings: FormSettings
    private: SelfEvaluations
    app: Flask | None = None

    @property
    def store(self) -> Embedded:
        """The Wikibase."""
        return self.site.store

    def open(self, **more: object) -> None:
        """Start the server, or start it anew; `more` are further members of `beside_wikibase`."""
        self.close()
        form = beside_wikibase(self.site, self.settings, key=self.key, **more)  # type: ignore[arg-type]
        self.app = create_web_app(self.site, more=[form])

    def close(self) -> None:
        """Stop the server."""
        if self.app is not None:
            close(self.app)
            self.app = None

    def next_wave(self, *, days: int) -> None:
        """Let some days go by, after which the questionnaire belongs to another wave."""
        asked = find_questionnaire("ambassadors", load(ontology_folder()))
        wave = replace(
            asked.wave,
            key="ambassadors_later",
            labels=dict.fromkeys(asked.languages, "Later"),
            start=asked.wave.start + timedelta(days=days),
            end=asked.wave.end + timedelta(days=days),
        )
        self.open(
            questionnaire=replace(asked, wave=wave),
            clock=lambda: datetime.now(UTC) + timedelta(days=days),
        )

    def property(self, key: str) -> str:
        """Return the id of a property."""
        return binding_of(self.store, load(ontology_folder())).property(key)

    def person(self, name: str) -> Person:
        """Return a person who has an account but has not logged in."""
        assert self.app is not None
        return Person(self.app.test_client(), name)


ANSWERS = {
    "consent": {"consent": "consent_named"},
    "skills-1": {
        "level.templates": "alone",
        "can_help.templates": "on",
        "can_teach.templates": "on",
        "level.bug_reporting": "not_sure",
        "level.phabricator": "does_not_apply",
        "wants_to_learn.page_translation": "on",
    },
    "about": {
        "home_community": "dewiki",
        "language.1": "lang_de",
        "babel.1": "babel_n",
        "language.2": "lang_ar",
        "time_zone": "Europe/Berlin",
        "availability": "limited",
        "another_skill": "Kiwix\n<script>alert(1)</script>\n",
    },
    "skills-2": {"level.lua_modules": "aware"},
}
