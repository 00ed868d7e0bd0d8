"""The reader of a page: their language, who they are, and what they have answered."""

from dataclasses import dataclass
from functools import cached_property

from flask import Response

from wbskills.private_records.self_evaluations import Draft
from wbskills.report.translation import Translation
from wbskills.self_evaluation.content import FormContent, start_fields
from wbskills.self_evaluation.templates import translation
from wbskills.self_evaluation.visitors import ACCOUNT, WIKI, Visitor
from wbskills.self_evaluation.wiring import FormParts
from wbskills.tasks.self_evaluation import KnownPerson

Values = dict[str, object]


@dataclass
class Reader:
    """Who reads a page; `visitor` is None if nobody is logged in."""

    parts: FormParts
    language: str
    visitor: Visitor | None

    @property
    def words(self) -> Translation:
        """The messages in the reader's language."""
        return translation(self.language)

    @property
    def who(self) -> Visitor:
        """The visitor; only for pages that need one."""
        assert self.visitor is not None  # noqa: S101 - the routes see to it
        return self.visitor

    @property
    def is_coordinator(self) -> bool:
        """Whether the reader may see the counts; for that a link is not enough."""
        visitor = self.visitor
        return (
            visitor is not None
            and visitor.how in (ACCOUNT, WIKI)
            and visitor.name in self.parts.settings.coordinators
        )

    @cached_property
    def known(self) -> KnownPerson:
        """What the Wikibase has of the reader."""
        return self.parts.evaluation.known(self.who.identity)

    @cached_property
    def stored_draft(self) -> Draft | None:
        """What the reader has answered and not sent."""
        return self.parts.private.draft(self.who.identity, self.parts.questionnaire.name)

    @property
    def draft(self) -> Draft:
        """The answers so far, or those that a new draft begins with."""
        return self.stored_draft or self.new_draft()

    def new_draft(self) -> Draft:
        """Return the draft of who has none yet."""
        asked = self.parts.questionnaire
        return Draft(
            self.who.identity,
            asked.name,
            asked.version,
            self.language,
            self.who.how,
            start_fields(self.known, asked),
        )

    @cached_property
    def content(self) -> FormContent:
        """The texts of the questionnaire."""
        return FormContent(
            self.parts.questionnaire,
            self.parts.ontology,
            self.language,
            self.words,
            self.parts.today,
        )

    def change(self, changed: dict[str, str], part: str = "") -> Draft:
        """Save answers; on the disk when this returns. Raises `StoreError`."""
        draft = self.parts.private.change(
            self.draft,
            changed,
            part=part,
            community=self.who.community or changed.get("home_community", ""),
            version=self.parts.questionnaire.version,
            language=self.language,
            how=self.who.how,
        )
        self.__dict__["stored_draft"] = draft
        return draft

    def closed(self) -> str:
        """Say that the questionnaire cannot be answered today; empty if it can."""
        wave = self.parts.questionnaire.wave
        if self.parts.today < wave.start:
            return self.words.plain("closed.before", day=wave.start)
        if self.parts.today > wave.end:
            return self.words.plain("closed.after", day=wave.end)
        return ""

    def page(self, template: str, status: int = 200, /, **values: object) -> Response:
        """Render a template for this reader."""
        about = {"visitor": self.visitor, "coordinates": self.is_coordinator}
        return self.parts.templates.page(template, self.language, status, {**about, **values})

    def message(self, name: str, status: int, /, **values: str | int) -> Response:
        """Render a page that only says what is wrong."""
        return self.say(self.words.plain(name, **values), "problem.title", status)

    def say(self, text: str, title: str, status: int = 200) -> Response:
        """Render a page with one sentence."""
        return self.page("message", status, text=text, title=self.words.plain(title))
