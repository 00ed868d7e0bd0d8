"""Writing a draft mapping from an inspection.

A person has to check the draft: what is certain is written as it is, suggestions have the marker
`#? `, and what only a person can know has the marker `#! `. Without these markers it is a mapping
that loads.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from wbskills.ontology.entries import Ontology
from wbskills.surveys.draft.classify import ColumnKind, ColumnProfile
from wbskills.surveys.draft.draft_questions import (
    SUGGESTED,
    TO_FILL_IN,
    ColumnNames,
    QuestionsDraft,
    comment,
    toml_text,
)
from wbskills.surveys.draft.inspect_file import Inspection
from wbskills.surveys.files.columns import Role, SurveyColumn

_WITH_ZONES: Final = ("google", "nextcloud", "kobo")
_ONLY: Final = ((Role.FINISHED, ("True", "1")), (Role.STATUS, ("IP Address", "0")))
_LONG: Final = timedelta(days=183)  # no survey is open for longer


def draft(inspection: Inspection, ontology: Ontology) -> str:
    """Write a draft mapping for the file that was inspected, as TOML with comments."""
    return "\n".join(_Draft(inspection, ontology).lines()) + "\n"


class _Draft:
    """Writes one draft."""

    def __init__(self, inspection: Inspection, ontology: Ontology) -> None:
        self.inspection, self.ontology = inspection, ontology
        self.limesurvey = inspection.tool == "limesurvey"
        self.names = ColumnNames(profile.column for profile in inspection.columns)
        self.personal = [
            column for column in inspection.columns if column.guess is ColumnKind.PERSONAL
        ]
        self.consent = self._of_kind(ColumnKind.CONSENT)
        self.submitted = self._with_role(Role.SUBMITTED)
        self.response_id = self._with_role(Role.RESPONSE_ID)
        self.index = self._with_role(Role.INDEX)

    def lines(self) -> Iterator[str]:
        found = self.inspection
        yield f"# Draft mapping of {Path(found.file).name} by “survey inspect”: please check it."
        yield f"# {found.reason}."
        yield f"# Lines with “{SUGGESTED.strip()}” are suggestions: delete the marker to accept."
        yield f"# Lines with “{TO_FILL_IN.strip()}” are for you; delete the marker as well."
        yield ""
        yield f'{TO_FILL_IN}title = "What this survey is called"'
        yield f"tool = {toml_text(found.tool)}"
        yield from self._file_format()
        yield from self._without_columns()
        yield from self._wave()
        yield from self._identity()
        yield from self._response()
        yield from self._consent()
        yield from QuestionsDraft(found, self.ontology, self.names).lines()
        communities = self._of_kind(ColumnKind.COMMUNITIES)
        if communities:
            yield ""
            yield f"[person.home_community]  # {comment(communities.column.text)}"
            yield f"column = {self.names.name(communities.column)}"
        hidden = [one.column for one in self.personal if one.column.role.personal]
        if hidden:
            yield ""
            yield "# Never read, because they hold personal data:"
            yield from (f"# {comment(str(column))}: {column.role}" for column in hidden)

    def _file_format(self) -> Iterator[str]:
        found = self.inspection
        if found.encoding and not found.encoding.startswith("utf"):
            yield f"encoding = {toml_text(found.encoding)}"
        if found.separator not in ("", ",", ";"):
            separator = "tab" if found.separator == "\t" else found.separator
            yield f"separator = {toml_text(separator)}"
        if found.sheet:
            yield f"sheet = {toml_text(found.sheet)}"
        if found.heading_row:
            yield f"heading_row = {found.heading_row}  # as a spreadsheet counts, below a title"
        if "pandas or R" in found.reason:
            yield f'{SUGGESTED}empty = ["NA", "nan"]  # what pandas or R write into empty cells'
        # Choices that have a column each do not need the one that holds all of them.
        arrays = {column.column.array for column in found.columns}
        ignored = [
            column.column
            for column in found.columns
            if column.guess is ColumnKind.CHOICES and column.column.name in arrays
        ]
        yield "# Columns that are ignored; * stands for any text."
        yield f"ignore = [{', '.join(map(self.names.pattern, ignored))}]"
        mails = [one.column for one in self.personal if not one.column.role.personal]
        if mails:
            yield "# Email addresses, whatever the heading says; never read."
            yield f"personal = [{', '.join(map(self.names.pattern, mails))}]"

    def _without_columns(self) -> Iterator[str]:
        """Write what has to be stated for all responses if there is no column for it."""
        if self.consent is None:
            yield ""
            yield "# No column with a consent was found. The only other basis is that the answers"
            yield "# were published before, under the licence of the wave."
            yield f'{TO_FILL_IN}consent = "consent_licensed"'
        if self.submitted is None:
            yield ""
            yield "# No column with the date of the response was found: one date for all."
            yield f"{TO_FILL_IN}date = 2026-03-04"

    def _wave(self) -> Iterator[str]:
        first, last = self.inspection.first, self.inspection.last
        marker = SUGGESTED if first and len(self.inspection.formats) < 2 else TO_FILL_IN
        yield ""
        if first and last and last - first > _LONG:
            yield f"# The answers are from {first.date()} to {last.date()}. If the survey was run"
            yield "# more than once, give each wave a table of its own, with its start and end."
        # With the year: a wave with the same key next year would be this one.
        yield f"[waves.wave_{first.year if first else 1}]"
        yield f'{TO_FILL_IN}label = {{ en = "What this wave is called" }}'
        yield f"{marker}start = {first.date() if first else '2026-03-01'}"
        yield f"{marker}end = {last.date() if last else '2026-03-31'}"
        if self.consent is None:
            yield f'{TO_FILL_IN}license = "https://creativecommons.org/licenses/by/4.0/"'
        else:
            yield '# consent_text_url = "https://…"'

    def _identity(self) -> Iterator[str]:
        usernames = self._of_kind(ColumnKind.USERNAMES)
        number = self.index or self.response_id
        yield ""
        yield "[identity]"
        if usernames:
            yield f"{SUGGESTED}column = {self.names.name(usernames.column)}"
            yield 'property = "wikimedia_username"'
            return
        yield "# No column with usernames was found. A pseudonym needs a prefix that no other"
        yield "# survey has; the number of a response does not show who gave it."
        # Never another column: it may hold real names.
        if number:
            yield f"{TO_FILL_IN}column = {self.names.name(number)}"
        else:
            yield f"{TO_FILL_IN}row_number = true  # the pseudonym is made of row and file"
        yield f'{TO_FILL_IN}property = "pseudonym"'
        yield f'{TO_FILL_IN}prefix = "survey-2026-"'

    def _response(self) -> Iterator[str]:
        number, submitted = self.response_id or self.index, self.submitted
        if number or (submitted and self.limesurvey):
            yield ""
            yield "[response]"
        if number:
            yield f"id = {self.names.name(number)}"
        if submitted and self.limesurvey:
            yield f"submitted = {self.names.name(submitted)}  # empty: not submitted"
        only = [
            f"{SUGGESTED}{self.names.name(column)} = [{', '.join(map(toml_text, accepted))}]"
            for role, accepted in _ONLY
            if (column := self._with_role(role))
        ]
        if only and self.inspection.tool == "qualtrics":
            yield ""
            yield "[response.only]  # rows with other answers here are previews, or not finished"
            yield from only
        if submitted:
            yield ""
            yield "[date]"
            yield f"column = {self.names.name(submitted)}"
            if self.inspection.tool in _WITH_ZONES:
                yield '# zone = "Europe/Berlin"  # in which days are counted; else as written'
            yield from self._formats()

    def _formats(self) -> Iterator[str]:
        formats = self.inspection.formats
        if "" in formats:
            return  # ISO 8601 needs no format
        if len(formats) > 1:
            yield "# All dates of the file fit several formats; only you can know the right one:"
            yield from (f"# format = {toml_text(one)}" for one in formats[1:])
        marker = TO_FILL_IN if len(formats) > 1 else SUGGESTED
        yield from (f"{marker}format = {toml_text(one)}" for one in formats[:1])

    def _consent(self) -> Iterator[str]:
        if self.consent is None:
            return
        column = self.consent.column
        yield ""
        yield f"[consent]  # {comment(column.text or column.heading)}"
        yield f"column = {self.names.name(column)}"
        yield ""
        yield "[consent.answers]  # consent_named, consent_pseudonym or withheld (no consent)"
        for answer, count in self.consent.answers:
            yield f'{TO_FILL_IN}{toml_text(answer)} = "withheld"  # {count} times'

    def _of_kind(self, kind: ColumnKind) -> ColumnProfile | None:
        return next((column for column in self.inspection.columns if column.guess is kind), None)

    def _with_role(self, role: Role) -> SurveyColumn | None:
        columns = (profile.column for profile in self.inspection.columns)
        return next((column for column in columns if column.role is role), None)
