"""Writing a first mapping from what an inspection saw.

The draft is data for a person to look at: what is certain stands as it is, what is only likely
stands behind `#? `, and what nobody but a person can know stands behind `#! `. Taking these
marks away gives a mapping that loads.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from wbskills.ontology.entries import Ontology
from wbskills.surveys.draft.classify import ColumnKind, ColumnProfile
from wbskills.surveys.draft.draft_questions import (
    ASKED,
    LIKELY,
    ColumnNames,
    QuestionsDraft,
    comment,
    text,
)
from wbskills.surveys.draft.inspect_file import Inspection
from wbskills.surveys.files.columns import Column, Role

_WITH_ZONES: Final = ("google", "nextcloud", "kobo")
_FINISHED: Final = ("True", "1")
_LONG: Final = timedelta(days=183)  # no form is open for longer
_STATUS: Final = ("IP Address", "0")


def draft(inspection: Inspection, ontology: Ontology) -> str:
    """Write a mapping for the file that was inspected, as TOML with comments."""
    return "\n".join(_Draft(inspection, ontology).lines()) + "\n"


class _Draft:
    """One draft, being written."""

    def __init__(self, inspection: Inspection, ontology: Ontology) -> None:
        self.inspection, self.ontology = inspection, ontology
        self.limesurvey = inspection.tool == "limesurvey"
        self.names = ColumnNames(report.column for report in inspection.columns)

    def lines(self) -> Iterator[str]:
        seen = self.inspection
        yield f"# Mapping of {Path(seen.file).name}, drafted by “survey inspect”: look through it."
        yield f"# {seen.reason}."
        yield f"# Lines behind “{LIKELY.strip()}” are suggestions: take the mark away to accept."
        yield f"# Lines behind “{ASKED.strip()}” only you can fill in; take their mark away too."
        yield ""
        yield f'{ASKED}title = "What this survey is called"'
        yield f"tool = {text(seen.tool)}"
        yield from self._reading()
        yield from self._consent_ground()
        yield from self._day()
        yield from self._wave()
        yield from self._identity()
        yield from self._response()
        yield from self._consent()
        yield from QuestionsDraft(seen, self.ontology, self.names).lines()
        yield from self._communities()
        yield from self._never_read()

    def _reading(self) -> Iterator[str]:
        seen = self.inspection
        if seen.encoding and not seen.encoding.startswith("utf"):
            yield f"encoding = {text(seen.encoding)}"
        if seen.separator not in ("", ",", ";"):
            yield f"separator = {text('tab' if seen.separator == chr(9) else seen.separator)}"
        if seen.sheet:
            yield f"sheet = {text(seen.sheet)}"
        if seen.heading_row:
            yield f"heading_row = {seen.heading_row}  # as a spreadsheet counts; a title is above"
        if "pandas or R" in seen.reason:
            yield f'{LIKELY}empty = ["NA", "nan"]  # what pandas or R write into empty cells'
        yield "# Columns that are looked at and left out; * stands for any text."
        yield f"ignore = [{', '.join(map(self.names.pattern, self._doubled()))}]"
        mails = [
            self.names.pattern(one.column)
            for one in self._hidden()
            if not one.column.role.personal
        ]
        if mails:
            yield "# Mail addresses, whatever the heading says; never read."
            yield f"personal = [{', '.join(mails)}]"

    def _doubled(self) -> list[Column]:
        """List the columns of several choices which have a column for each choice, too."""
        columns = [
            one.column for one in self.inspection.columns if one.guess is ColumnKind.CHOICES
        ]
        spread = {one.column.array for one in self.inspection.columns}
        return [column for column in columns if column.name in spread]

    def _hidden(self) -> list[ColumnProfile]:
        return [one for one in self.inspection.columns if one.guess is ColumnKind.PERSONAL]

    def _consent_ground(self) -> Iterator[str]:
        if self._with_guess(ColumnKind.CONSENT) is None:
            yield ""
            yield "# No column with a consent was found. The only other ground is that the answers"
            yield "# were published before, under the licence named in the wave."
            yield f'{ASKED}consent = "consent_licensed"'

    def _day(self) -> Iterator[str]:
        if self._with_role(Role.SUBMITTED) is None:
            yield ""
            yield "# No column with the day of the response was found: one day for all."
            yield f"{ASKED}date = 2026-03-04"

    def _wave(self) -> Iterator[str]:
        first, last = self.inspection.first, self.inspection.last
        mark = LIKELY if first and len(self.inspection.formats) < 2 else ASKED
        yield ""
        if first and last and last - first > _LONG:
            yield f"# The answers are from {first.date()} to {last.date()}: if that was asked more"
            yield "# than once, give each wave its start and end, in a table of its own."
        # With the year in it: a wave of the same key next year would be this one.
        yield f"[waves.wave_{first.year if first else 1}]"
        yield f'{ASKED}label = {{ en = "What this wave is called" }}'
        yield f"{mark}start = {first.date() if first else '2026-03-01'}"
        yield f"{mark}end = {last.date() if last else '2026-03-31'}"
        if self._with_guess(ColumnKind.CONSENT) is None:
            yield f'{ASKED}license = "https://creativecommons.org/licenses/by/4.0/"'
        else:
            yield '# consent_text_url = "https://…"'

    def _identity(self) -> Iterator[str]:
        named = self._with_guess(ColumnKind.USERNAMES)
        index = self._with_role(Role.INDEX) or self._with_role(Role.RESPONSE_ID)
        yield ""
        yield "[identity]"
        if named:
            yield f"{LIKELY}column = {self.names.name(named.column)}"
            yield 'property = "wikimedia_username"'
            return
        yield "# No column with usernames was found. A pseudonym needs a prefix that no other"
        yield "# survey has; the number of a response tells nothing about who gave it."
        # Never a column that happens to be there: it may hold real names.
        if index:
            yield f"{ASKED}column = {self.names.name(index.column)}"
        else:
            yield f"{ASKED}row_number = true  # the row, salted with this file, is the pseudonym"
        yield f'{ASKED}property = "pseudonym"'
        yield f'{ASKED}prefix = "survey-2026-"'

    def _response(self) -> Iterator[str]:
        number = self._with_role(Role.RESPONSE_ID) or self._with_role(Role.INDEX)
        submitted = self._with_role(Role.SUBMITTED)
        if number or (submitted and self.limesurvey):
            yield ""
            yield "[response]"
        if number:
            yield f"id = {self.names.name(number.column)}"
        if submitted and self.limesurvey:
            yield f"submitted = {self.names.name(submitted.column)}  # empty: not submitted"
        yield from self._only()
        if submitted:
            yield ""
            yield "[date]"
            yield f"column = {self.names.name(submitted.column)}"
            if self.inspection.tool in _WITH_ZONES:
                yield '# zone = "Europe/Berlin"  # in which days count; else as they are written'
            yield from self._formats()

    def _only(self) -> Iterator[str]:
        if self.inspection.tool != "qualtrics":
            return
        lines = [
            f"{LIKELY}{self.names.name(found.column)} = [{', '.join(map(text, accepted))}]"
            for role, accepted in ((Role.FINISHED, _FINISHED), (Role.STATUS, _STATUS))
            if (found := self._with_role(role))
        ]
        if lines:
            yield ""
            yield "[response.only]  # rows with other answers here are previews, or not finished"
            yield from lines

    def _formats(self) -> Iterator[str]:
        formats = self.inspection.formats
        if "" in formats:
            return  # ISO 8601 needs no format
        if len(formats) > 1:
            yield "# All days of the file fit more than one format; only you can tell which it is:"
            yield from (f"# format = {text(one)}" for one in formats[1:])
        mark = ASKED if len(formats) > 1 else LIKELY
        yield from (f"{mark}format = {text(one)}" for one in formats[:1])

    def _consent(self) -> Iterator[str]:
        found = self._with_guess(ColumnKind.CONSENT)
        if found is None:
            return
        yield ""
        yield f"[consent]  # {comment(found.column.text or found.column.heading)}"
        yield f"column = {self.names.name(found.column)}"
        yield ""
        yield "[consent.answers]  # consent_named, consent_pseudonym or withheld"
        for answer, count in found.answers:
            yield f'{ASKED}{text(answer)} = "withheld"  # {count} times'

    def _communities(self) -> Iterator[str]:
        found = self._with_guess(ColumnKind.COMMUNITIES)
        if found:
            yield ""
            yield f"[person.home_community]  # {comment(found.column.text)}"
            yield f"column = {self.names.name(found.column)}"

    def _never_read(self) -> Iterator[str]:
        hidden = [one for one in self._hidden() if one.column.role.personal]
        if hidden:
            yield ""
            yield "# Never read, because they hold personal data:"
            yield from (f"# {comment(str(one.column))}: {one.column.role}" for one in hidden)

    def _with_guess(self, guess: ColumnKind) -> ColumnProfile | None:
        return next((one for one in self.inspection.columns if one.guess is guess), None)

    def _with_role(self, role: Role) -> ColumnProfile | None:
        return next((one for one in self.inspection.columns if one.column.role is role), None)
