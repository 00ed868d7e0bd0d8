"""Writing a draft mapping from an inspection.

What is certain is written as it is. What only a person can know is an open question, `"?"`, with
what it may be behind it. Every column of the file is mentioned, and the draft says so: without one
of its lines it is refused, or means the same.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from wbskills.ontology.entries import Ontology
from wbskills.surveys import tools
from wbskills.surveys.draft.classify import ColumnKind, ColumnProfile
from wbskills.surveys.draft.draft_questions import (
    ColumnNames,
    QuestionsDraft,
    comment,
    question,
)
from wbskills.surveys.draft.inspect_file import Inspection
from wbskills.surveys.files.cell_text import key
from wbskills.surveys.files.columns import Role, SurveyColumn
from wbskills.surveys.mapping.item_names import names_of
from wbskills.toml_reader import loads, toml_text

_WITH_ZONES: Final = ("google", "nextcloud", "kobo")
# The columns that a complete mapping mentions.
_NEEDED: Final = (Role.QUESTION, Role.STATUS, Role.FINISHED)
_LONG: Final = timedelta(days=183)  # no survey is open for longer


def draft(inspection: Inspection, ontology: Ontology) -> str:
    """Write a draft mapping for the file that was inspected, as TOML with comments."""
    written = _Draft(inspection, ontology)
    head, rest = list(written.head()), "\n".join(written.rest())
    ignored = written.ignored(loads("\n".join([*head, rest])))
    return "\n".join([*head, *ignored, rest]) + "\n"


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

    def head(self) -> Iterator[str]:
        """Write what stands above the list of ignored columns."""
        found = self.inspection
        yield f"# Draft mapping of {Path(found.file).name} by “survey inspect”."
        yield f"# {found.reason}."
        yield "# “?” is a question for you; replace each by its answer. Behind it is what it may"
        yield "# be. As long as there is one, nothing is imported."
        yield ""
        yield f"title = {toml_text(Path(found.file).stem)}"
        yield f"tool = {toml_text(found.tool)}"
        yield from self._file_format()
        yield "complete = true  # every column is mentioned below; one that is not is a problem"

    def ignored(self, written: object) -> Iterator[str]:
        """List the columns that are mentioned nowhere in what was written."""
        mentioned = set(map(key, _texts(written)))
        left = [
            column
            for column in (profile.column for profile in self.inspection.columns)
            if column.role in _NEEDED and mentioned.isdisjoint(map(key, column.names))
        ]
        yield "# Columns that are ignored; * stands for any text."
        yield "ignore = ["
        for column in left:
            about = comment(column.row_text or column.text)
            behind = f"  # {about}" if about and key(about) != key(column.name) else ""
            yield f"    {self.names.pattern(column)},{behind}"
        yield "]"

    def rest(self) -> Iterator[str]:
        """Write what stands below."""
        found = self.inspection
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
            yield from self._unknown_communities(communities)
        hidden = [one.column for one in self.personal if one.column.role.personal]
        if hidden:
            yield ""
            yield "# Never read, because they hold personal data:"
            yield from (f"# {comment(str(column))}: {column.role}" for column in hidden)

    def _unknown_communities(self, profile: ColumnProfile) -> Iterator[str]:
        """Ask which communities the answers mean that are the name of none."""
        names = names_of(self.ontology, "communities")
        unknown = [each for each in profile.answers if names.find(each[0]) is None]
        if unknown:
            yield ""
            yield "[person.home_community.answers]"
        for answer, count in unknown:
            near = ", ".join(names.nearest(answer, 3))
            yield question(toml_text(answer), f"nearest: {near}; {count} times")

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
            yield 'empty = ["NA", "nan"]  # what pandas or R write into empty cells'
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
            yield question("consent", "or name the column in [consent]", ["consent_licensed"])
        if self.submitted is None:
            yield ""
            yield "# No column with the date of the response was found: one date for all."
            yield question("date", "a day without quotation marks, for example 2026-03-04")

    def _wave(self) -> Iterator[str]:
        first, last = self.inspection.first, self.inspection.last
        sure = first is not None and last is not None and len(self.inspection.formats) < 2
        yield ""
        if first and last and last - first > _LONG:
            yield f"# The answers are from {first.date()} to {last.date()}. If the survey was run"
            yield "# more than once, give each wave a table of its own, with its start and end."
        # With the year: a wave with the same key next year would be this one.
        yield f"[waves.wave_{first.year if first else 1}]"
        yield "# What this wave is called, for example Ambassadors, spring 2026."
        yield 'label = { en = "?" }'
        for name, day in (("start", first), ("end", last)):
            if sure and day is not None:
                yield f"{name} = {day.date()}  # of the answers in this file"
            else:
                likely = [str(day.date())] if day is not None else []
                yield question(name, "a day without quotation marks", likely)
        if self.consent is None:
            yield question("license", "address of the licence of the published answers")
        else:
            yield '# consent_text_url = "https://…"'

    def _identity(self) -> Iterator[str]:
        usernames = self._of_kind(ColumnKind.USERNAMES)
        yield ""
        yield "[identity]"
        if usernames:
            yield f"column = {self.names.name(usernames.column)}"
            about = "are these the usernames of wiki accounts, and no real names?"
            yield question("property", about, ["wikimedia_username"])
            return
        yield "# No column with usernames was found. A generated pseudonym shows nobody who it is;"
        yield "# its prefix must be one that no other survey has, for example survey-2026-."
        yield "generated = true"
        yield 'property = "pseudonym"'
        yield question("prefix")

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
            f"{self.names.name(column)} = [{', '.join(map(toml_text, accepted))}]"
            for role, accepted in tools.find_tool(self.inspection.tool).counting.items()
            if (column := self._only_with_role(role))
        ]
        if only:
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
        if len(formats) == 1:
            yield f"format = {toml_text(formats[0])}"
        elif formats:
            yield question("format", "all dates fit each of them", formats)

    def _consent(self) -> Iterator[str]:
        if self.consent is None:
            return
        column = self.consent.column
        yield ""
        yield f"[consent]  # {comment(column.text or column.heading)}"
        yield f"column = {self.names.name(column)}"
        yield ""
        yield "[consent.answers]  # withheld is no consent"
        for answer, count in self.consent.answers:
            kinds = "consent_named, consent_pseudonym or withheld"
            yield question(toml_text(answer), f"{kinds}; {count} times")

    def _of_kind(self, kind: ColumnKind) -> ColumnProfile | None:
        return next((column for column in self.inspection.columns if column.guess is kind), None)

    def _only_with_role(self, role: Role) -> SurveyColumn | None:
        """Return the only column with a role: of several, nobody knows which one counts."""
        found = [one.column for one in self.inspection.columns if one.column.role is role]
        return found[0] if len(found) == 1 else None

    def _with_role(self, role: Role) -> SurveyColumn | None:
        columns = (profile.column for profile in self.inspection.columns)
        return next((column for column in columns if column.role is role), None)


def _texts(document: object) -> Iterator[str]:
    """Yield all names and texts of a TOML document."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict):
        for name, value in document.items():
            yield name
            yield from _texts(value)
    elif isinstance(document, list):
        for value in document:
            yield from _texts(value)
