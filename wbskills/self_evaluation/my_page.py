"""What is stored about the reader: to see, to download, and to remove."""

import json

from flask import Response
from werkzeug.wrappers import Response as AnyResponse

from wbskills.errors import StoreError
from wbskills.private_records.self_evaluations import DRAFT_DAYS
from wbskills.report.as_data import csv_lines
from wbskills.self_evaluation.reader import Reader
from wbskills.self_evaluation.templates import with_headers
from wbskills.self_evaluation.wiring import FormParts
from wbskills.surveys.files.cell_text import clean
from wbskills.tasks.ontologies import binding_of
from wbskills.tasks.stored_data import Wording, stored_json, stored_table

_MOST_CHANGES = 500


class MyPage:
    """The pages about what is stored of the reader."""

    def __init__(self, parts: FormParts) -> None:
        self._parts = parts

    def page(self, who: Reader) -> Response:
        """Show everything that is stored."""
        wording, host = self._wording(who), self._parts.host
        items = [
            {
                "id": stored.entity.id,
                "name": identity.name,
                "address": host.item.format(id=stored.entity.id),
                "rows": list(wording.rows(stored.entity)),
                "history": host.history(stored.entity.id)[:_MOST_CHANGES]
                if host.history
                else None,
            }
            for identity, stored in who.known.items.items()
        ]
        return who.page("stored", items=items, private=self._private_lines(who))

    def download(self, who: Reader, kind: str) -> AnyResponse:
        """Return everything as a file."""
        entities = {one.entity.id: one.entity for one in who.known.items.values()}
        if kind == "json":
            found = stored_json(entities, self._private(who))
            text, media = json.dumps(found, ensure_ascii=False, indent=1), "application/json"
        elif kind == "csv":
            text = "".join(csv_lines(stored_table(entities, self._wording(who))))
            media = "text/csv"
        else:
            return who.message("problem.missing", 404)
        response = Response(text, content_type=f"{media}; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="my-skills.{kind}"'
        return with_headers(response)

    def withdraw_page(self, who: Reader, problem: str = "", status: int = 200) -> Response:
        """Ask whether a person is sure, and say what remains."""
        words, host = who.words, self._parts.host
        ids = ", ".join(one.entity.id for one in who.known.items.values())
        remains = words.plain("withdraw.here")
        if not host.deletes and ids:
            remains = words.plain("withdraw.elsewhere", wiki=host.wiki, id=ids)
        return who.page("withdraw", status, remains=remains, problem=problem)

    def withdraw(self, who: Reader, typed: str) -> AnyResponse:
        """Remove everything of a person who typed their name."""
        if clean(typed).replace("_", " ") != who.who.name:
            return self.withdraw_page(who, who.words.plain("withdraw.wrong"), 422)
        try:
            stored = self._parts.sender.withdraw(who.who.identity)
        except StoreError as error:
            text = who.words.plain("withdraw.failed", reason=error.what)
            return self.withdraw_page(who, text, 503)
        who.visitor = None
        done = "withdraw.done" if stored else "withdraw.nothing"
        page = who.say(who.words.plain(done), "withdraw.done_title")
        return self._parts.cookies.forget(page)

    def _wording(self, who: Reader) -> Wording:
        binding = binding_of(self._parts.evaluation.wikibase, self._parts.ontology)
        wikibase = self._parts.evaluation.wikibase
        return Wording(wikibase, binding, self._parts.ontology, who.language)

    def _private(self, who: Reader) -> dict[str, object]:
        """Return what is stored of a person and not public."""
        draft = who.stored_draft
        found: dict[str, object] = {
            "links valid until": [
                day.isoformat() for day in self._parts.private.valid_until(who.who.identity)
            ],
            "skills that you named": self._parts.evaluation.named_by(who.who.identity, who.known),
        }
        if draft is not None:
            found["not sent yet" if not draft.waiting else "waiting"] = dict(draft.fields)
        return found

    def _private_lines(self, who: Reader) -> list[str]:
        words, draft = who.words, who.stored_draft
        lines = []
        if draft is not None and draft.waiting:
            lines.append(words.plain("mine.waiting"))
        elif draft is not None:
            saved = self._parts.private.saved(who.who.identity, draft.questionnaire)
            lines.append(
                words.plain(
                    "mine.draft",
                    n=len(draft.fields),
                    day=saved or self._parts.today,
                    days=DRAFT_DAYS,
                )
            )
        lines += [
            words.plain("mine.invited", day=day)
            for day in self._parts.private.valid_until(who.who.identity)
        ]
        named = self._parts.evaluation.named_by(who.who.identity, who.known)
        if named:
            lines.append(f"{words.plain('mine.named')} {', '.join(named)}")
        return lines
