"""How many have answered, for coordinators."""

from flask import Response

from wbskills.questionnaires.fields import parts_of
from wbskills.self_evaluation.reader import Reader
from wbskills.self_evaluation.wiring import FormParts
from wbskills.tasks.form_status import LEAST, OTHERS, form_status


class StatusPage:
    """The page with the counts."""

    def __init__(self, parts: FormParts) -> None:
        self._parts = parts

    def page(self, who: Reader) -> Response:
        """Show the counts to a coordinator."""
        if not who.is_coordinator:
            return who.message("problem.not_coordinator", 403)
        asked, words = self._parts.questionnaire, who.words
        parts = {part.name: part for part in parts_of(asked)}
        found = form_status(self._parts.private.progress(asked.name), parts)
        names = {
            OTHERS: words.plain("status.others", least=LEAST),
            "": words.plain("status.unknown"),
        }
        rows = [(words.plain("status.all"), *found.total)]
        rows += [
            (names.get(key) or who.content.name(key), *counts)
            for key, counts in found.communities.items()
        ]
        stopped = [
            (who.content.title(parts[name]) if name in parts else "–", count)
            for name, count in found.stopped.items()
        ]
        return who.page("status", rows=rows, stopped=stopped)
