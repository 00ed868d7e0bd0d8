"""The pages of the form: the list of parts, each part, the last look, and sending."""

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Final
from zoneinfo import available_timezones

from flask import Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from wbskills.errors import StoreError
from wbskills.questionnaires.fields import (
    ABOUT_PART,
    ANOTHER_SKILL,
    CONSENT,
    CONSENT_PART,
    LONGEST_TEXT,
    PSEUDONYM_FIELD,
    Fields,
    Part,
    Problem,
    consent_version,
    fields_of,
    merged,
    new_pseudonym,
    parts_of,
    pseudonym_prefix,
    read_part,
    says_yes,
)
from wbskills.self_evaluation.content import CONSENT_VERSION, confirmed
from wbskills.self_evaluation.proposals import Proposals
from wbskills.self_evaluation.reader import Reader
from wbskills.self_evaluation.wiring import FormParts
from wbskills.surveys.mapping.schema import PSEUDONYMOUS
from wbskills.tasks.self_evaluation import Reason

_LONGEST_BEFORE: Final = 100_000
_NOT_OFFERED: Final = ("Etc/", "SystemV/", "posix/", "right/", "US/")


class Form:
    """The pages of one questionnaire."""

    def __init__(self, parts: FormParts) -> None:
        self._parts = parts
        self._proposals = Proposals(parts)
        self._of = {part.name: part for part in parts_of(parts.questionnaire)}

    def list_page(self, who: Reader, message: str = "") -> AnyResponse:
        """Show the parts with what is done, and what is known from before."""
        if closed := who.closed():
            return who.say(closed, "closed.title")
        if self._parts.evaluation.is_blocked(who.who.identity):
            return who.message("problem.forgotten", 403)
        draft, known = who.stored_draft, who.known
        if draft is None and not known.items:
            return redirect(f"/me/{CONSENT_PART}", 303)  # nothing to choose from yet
        fields = who.draft.fields
        states = who.content.parts(tuple(self._of.values()), fields)
        kept = confirmed(known.answers, fields, self._parts.questionnaire.skills)
        levels = [name for name in kept if name.startswith("level.")]
        days = [known.answers[name].on for name in levels if known.answers[name].on]
        wave = self._parts.questionnaire.wave.key
        waiting = draft is not None and draft.waiting
        return who.page(
            "parts",
            first=[each for each in states if not each.part.more],
            more=[each for each in states if each.part.more],
            known_count=len(levels),
            known_day=date.fromisoformat(max(days)) if days else who.parts.today,
            sent_before=any(each.wave == wave for each in known.answers.values()),
            saved=who.parts.private.saved(who.who.identity, draft.questionnaire)
            if draft
            else None,
            waiting=waiting,
            message=who.words.plain("sent.waiting") if waiting else message,
            problem=self._refusal(who, draft.refused) if draft and draft.refused else "",
        )

    def part_page(
        self,
        who: Reader,
        part: Part,
        wrong: Mapping[str, Problem] | None = None,
        typed: Fields | None = None,
        problem: str = "",
        status: int = 200,
    ) -> Response:
        """Show a part, with what was typed where something is `wrong`."""
        stored = who.draft.fields
        fields = {**stored, **(typed or {})}
        most = LONGEST_TEXT
        texts = {name: who.content.problem(each, most) for name, each in (wrong or {}).items()}
        if problem:
            texts[part.name] = problem
        shown = {name: stored.get(name, "") for name in fields_of(part, who.parts.questionnaire)}
        values: dict[str, object] = {
            "part": part,
            "fields": fields,
            "wrong": texts,
            "before": json.dumps(shown, ensure_ascii=False),
        }
        if part.name == CONSENT_PART:
            values |= self._consent_values(who, fields)
            return who.page("consent", status, **values)
        if part.name == ABOUT_PART:
            return who.page("about", status, **values, **self._about_values(who, fields))
        return who.page("skills", status, **values, **self._skills_values(who, part, fields))

    def save(self, who: Reader, part: Part, sent: Mapping[str, str]) -> AnyResponse:
        """Save a part, and go on; or show it again with what is wrong."""
        typed = {name: sent.get(name, "") for name in fields_of(part, who.parts.questionnaire)}
        read = read_part(part, sent, who.parts.questionnaire, who.parts.ontology)
        try:
            who.change(self._changed(who, part, sent, read.fields), part.name)
        except StoreError as error:
            text = who.words.plain("problem.not_saved", reason=error.what)
            return self.part_page(who, part, {}, typed, text, status=503)
        if kept := sent.get("keep"):
            skills = part.skills if kept == "*" else (kept,)
            who.change(confirmed(who.known.answers, who.draft.fields, skills), part.name)
            where = f"#level.{kept}" if kept in part.skills else ""
            return redirect(f"/me/{part.name}{where}", 303)
        if read.problems:
            bad = {name: typed[name] for name in read.problems if name in typed}
            return self.part_page(who, part, read.problems, bad, status=422)
        if part.name == CONSENT_PART and self._is_taken(who):
            return self.part_page(
                who,
                part,
                {},
                typed,
                who.words.plain("problem.pseudonym_taken"),
                status=422,
            )
        if part.name == CONSENT_PART and not says_yes(who.draft.fields):
            return redirect("/me/", 303)
        return redirect(self._next(part) if sent.get("go", "next") == "next" else "/me/", 303)

    def save_quietly(self, who: Reader, part: Part, sent: Mapping[str, str]) -> str:
        """Save what a script sends while a person types; returns the next `before`."""
        read = read_part(part, sent, who.parts.questionnaire, who.parts.ontology)
        changed = self._changed(who, part, sent, read.fields)
        if changed:
            who.change(changed, part.name)
        fields = who.draft.fields
        names = fields_of(part, who.parts.questionnaire)
        return json.dumps({name: fields.get(name, "") for name in names}, ensure_ascii=False)

    def keep_all(self, who: Reader) -> AnyResponse:
        """Fill in all earlier answers that no new one has replaced."""
        asked = who.parts.questionnaire
        kept = confirmed(who.known.answers, who.draft.fields, asked.skills)
        if kept:
            who.change(kept, next(iter(self._of)))
        count = sum(name.startswith("level.") for name in kept)
        return self.list_page(who, who.words.plain("known.kept", n=count))

    def take(self, who: Reader, name: str) -> AnyResponse:
        """Take over a proposal about the person."""
        given = self._proposals.fields(who, name)
        if given:
            who.change(given, ABOUT_PART)
        return redirect(f"/me/{ABOUT_PART}", 303)

    def check_page(self, who: Reader, status: int = 200) -> AnyResponse:
        """Show everything once more, as others will see it."""
        if closed := who.closed():
            return who.say(closed, "closed.title", 403)
        fields = who.draft.fields
        summaries = [
            (who.content.title(part), (summary, part.name))
            for part in self._of.values()
            if (summary := who.content.summary(part, fields))
        ]
        return who.page(
            "check",
            status,
            parts=summaries,
            may_send=who.content.may_send(fields),
            shown_name=self._shown_name(who, fields),
            another=fields.get(ANOTHER_SKILL, ""),
        )

    def send(self, who: Reader) -> AnyResponse:
        """Send the answers."""
        if closed := who.closed():
            return who.say(closed, "closed.title", 403)
        draft = who.stored_draft
        if draft is None:
            return redirect("/me/", 303)
        if self._parts.evaluation.is_blocked(who.who.identity):
            return who.message("problem.forgotten", 403)
        if not who.content.may_send(draft.fields):
            return self.check_page(who, 422)
        outcome = self._parts.sender.send(draft)
        report = self._parts.host.report
        if outcome.refused is not None:
            return who.page(
                "sent",
                409,
                title=who.words.plain("sent.refused_title"),
                written=False,
                item="",
                reason=self._refusal(who, outcome.refused.reason, outcome.refused.what),
                report=report,
            )
        written = outcome.sent is not None
        item = outcome.sent.item if outcome.sent else ""
        return who.page(
            "sent",
            200 if written else 202,
            title=who.words.plain("sent.title" if written else "sent.waiting_title"),
            written=written,
            item=self._parts.host.item.format(id=item) if item else "",
            reason="",
            report=report,
        )

    def _changed(
        self, who: Reader, part: Part, sent: Mapping[str, str], fields: Fields
    ) -> dict[str, str]:
        changed = merged(_before(sent), fields, who.draft.fields)
        if part.name == CONSENT_PART and fields.get(CONSENT):
            changed[CONSENT] = fields[CONSENT]
            changed[CONSENT_VERSION] = consent_version(who.parts.questionnaire)
        return changed

    def _next(self, part: Part) -> str:
        """Return the address of the part that comes next; after the first ones, the list."""
        names = list(self._of)
        later = names[names.index(part.name) + 1 :]
        return f"/me/{later[0]}" if later and not self._of[later[0]].more else "/me/"

    def _is_taken(self, who: Reader) -> bool:
        fields, evaluation = who.draft.fields, self._parts.evaluation
        if fields.get(CONSENT) != PSEUDONYMOUS or not fields.get(PSEUDONYM_FIELD):
            return False
        if who.known.pseudonym is not None:
            return False
        wanted = new_pseudonym(who.who.identity, fields, who.parts.questionnaire, b"")
        return evaluation.pseudonym_is_taken(who.who.identity, wanted)

    def _shown_name(self, who: Reader, fields: Fields) -> str:
        if fields.get(CONSENT) != PSEUDONYMOUS:
            return who.who.name
        return self._parts.evaluation.response(who.draft, who.parts.today).identity.name

    def _consent_values(self, who: Reader, fields: Fields) -> dict[str, object]:
        known = who.known
        return {
            "choices": who.content.consents(),
            "changed": bool(fields.get(CONSENT)) and not who.content.consent_is_current(fields),
            "pseudonym": known.pseudonym.name if known.pseudonym else "",
            "prefix": pseudonym_prefix(who.parts.questionnaire),
            "stored": bool(known.items),
        }

    def _about_values(self, who: Reader, fields: Fields) -> dict[str, object]:
        facts = ("home_community", "languages", "babel_level", "availability")
        return {
            "choices": {fact: who.content.choices(fact) for fact in facts},
            "zones": _zones(),
            "proposals": self._proposals.about(who, fields),
        }

    def _skills_values(self, who: Reader, part: Part, fields: Fields) -> dict[str, object]:
        reasons = self._proposals.skills(who, fields)
        questions = who.content.questions(part, fields, who.known.answers, reasons)
        return {
            "title": who.content.title(part),
            "levels": who.content.levels(),
            "questions": questions,
            "interests": {
                name: who.content.name(name) for name in who.parts.questionnaire.interests
            },
            "has_earlier": any(each.earlier and not each.level for each in questions),
        }

    def _refusal(self, who: Reader, reason: str, what: str = "") -> str:
        if reason == Reason.ITEM_REFUSED:
            return who.words.plain("problem.item_refused", reason=what)
        return who.words.plain(f"problem.{reason}")


def _before(sent: Mapping[str, str]) -> dict[str, str]:
    """Return what the page showed when it was loaded; nothing if that was tampered with."""
    text = sent.get("before", "")
    if len(text) > _LONGEST_BEFORE:
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}


@cache
def _zones() -> list[str]:
    return sorted(
        zone for zone in available_timezones() if "/" in zone and not zone.startswith(_NOT_OFFERED)
    )
