"""Reading a mapping from its TOML file, with every fault reported at once."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from wbskills import toml_text
from wbskills.errors import Fault, MappingError, NotFound
from wbskills.surveys.files.cell_text import cut
from wbskills.surveys.files.rows import MOST_ROWS
from wbskills.surveys.mapping.dates import SPREADSHEET
from wbskills.surveys.mapping.schema import (
    LICENSED,
    PERSON_FIELDS,
    Completeness,
    Consents,
    Dates,
    Identities,
    PersonField,
    SurveyMapping,
    WaveChoice,
)
from wbskills.surveys.mapping.toml_questions import Questions
from wbskills.surveys.mapping.toml_reader import Table
from wbskills.surveys.mapping.waves import faults_of, read_waves

PROPERTIES: Final = ("wikimedia_username", "pseudonym")
_LONGEST: Final = 80  # of a name in a message
_PROBE: Final = datetime(2001, 3, 25, 17, 8, 9)  # noqa: DTZ001  # survey tools write local time


def load(path: Path) -> SurveyMapping:
    """Read a mapping.

    Raises `NotFound` if there is no such file, and `MappingError` with everything that is wrong
    in it. Whether its columns and keys exist is found out by `fitting.fit`.
    """
    if not path.is_file():
        raise NotFound(f"there is no mapping {path}", hint="survey inspect FILE drafts one")
    try:
        members = toml_text.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        fault = Fault(what=f"this is not TOML: {error}", hint="quotation marks around all texts")
        raise MappingError(str(path), [fault]) from error
    faults: list[Fault] = []
    mapping = _Loading(Table(members, "", faults), path).mapping()
    if faults:
        raise MappingError(str(path), faults)
    return mapping


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # such as a name that is too long
        return False


class _Loading:
    """One mapping, being read."""

    def __init__(self, top: Table, path: Path) -> None:
        self.top, self.path = top, path
        self.questions = Questions(top)

    def mapping(self) -> SurveyMapping:
        top = self.top
        mapping = SurveyMapping(
            file=str(self.path),
            title=top.needed("title", "Skills of ambassadors, spring 2026"),
            tool=top.text("tool"),
            encoding=top.text("encoding"),
            separator=top.text("separator"),
            sheet=top.text("sheet"),
            heading_row=self._heading_row(),
            ontology=tuple(self._ontology()),
            empty=top.texts("empty"),
            waves=tuple(read_waves(self.top)),
            wave_choice=self._wave_choice(),
            identity=self._identity(),
            completeness=self._completeness(),
            dates=self._dates(),
            consent=self._consent(),
            **self.questions.read(),
            person=self._person(),
            ignore=top.texts("ignore"),
            personal=top.texts("personal"),
        )
        top.finish()
        self._together(mapping)
        return mapping

    def _together(self, mapping: SurveyMapping) -> None:
        """Check what only the members together can tell."""
        self.top.faults.extend(faults_of(mapping.waves))
        if not (mapping.questions or mapping.interests):
            self.top.fault(
                "no column is mapped to a skill", '[[questions]] with columns = "SK[{skill}]"'
            )
        licensed = mapping.consent.ground == LICENSED or LICENSED in (
            mapping.consent.answers.values()
        )
        for wave in mapping.waves:
            if licensed and not wave.license:
                self.top.fault(
                    f"“{LICENSED}” needs the licence under which the answers were published",
                    'license = "https://creativecommons.org/licenses/by/4.0/"',
                    f"waves.{wave.key}.license",
                )

    def _ontology(self) -> Iterator[Path]:
        for name in self.top.texts("ontology"):
            path = self.path.parent / name
            if not _is_file(path):
                hint = "the name of a TOML file, seen from the folder of this mapping"
                self.top.fault(f"there is no file “{cut(name, _LONGEST)}”", hint, "ontology")
            yield path

    def _heading_row(self) -> int:
        row = self.top.number("heading_row")
        if row is not None and not 1 <= row <= MOST_ROWS:
            self.top.fault("rows are counted from 1", "heading_row = 3", "heading_row")
            return 0
        return row or 0

    def _wave_choice(self) -> WaveChoice | None:
        table = self.top.table("wave")
        if table is None:
            return None
        choice = WaveChoice(column=table.needed("column", "wave"), answers=table.pairs("answers"))
        table.finish()
        return choice

    def _identity(self) -> Identities:
        table = self.top.table("identity")
        if table is None:
            self.top.fault("it is not said who a response is from", '[identity] column = "USER"')
            return Identities(column="", property="")
        named = table.needed("property", "wikimedia_username")
        if named and named not in PROPERTIES:
            table.fault(f"“{named}” does not name a person", " or ".join(PROPERTIES), "property")
        row_number = table.truth("row_number")
        identity = Identities(
            column=table.text("column") if row_number else table.needed("column", "USER"),
            row_number=row_number,
            property=named,
            prefix=table.text("prefix"),
            pseudonym_column=table.text("pseudonym_column"),
            pseudonym_prefix=table.text("pseudonym_prefix"),
            renamed=table.pairs("renamed"),
        )
        if row_number and (identity.column or identity.pseudonym_column):
            table.fault("either a column or the row tells who answered", "one of the two")
        if row_number and named == PROPERTIES[0]:
            hint = f'property = "{PROPERTIES[1]}"'
            table.fault("the number of a row is no username", hint, "property")
        if identity.prefix and named == PROPERTIES[0]:
            table.fault("a username has no prefix", f'property = "{PROPERTIES[1]}"', "prefix")
        if named == PROPERTIES[1] and not identity.prefix:
            self._no_prefix(table, "prefix")
        if identity.pseudonym_column and not identity.pseudonym_prefix:
            self._no_prefix(table, "pseudonym_prefix")
        table.finish()
        return identity

    def _no_prefix(self, table: Table, name: str) -> None:
        table.fault(
            "pseudonyms of two surveys must never meet", f'{name} = "ambassadors-2026-"', name
        )

    def _completeness(self) -> Completeness:
        table = self.top.table("response")
        if table is None:
            return Completeness()
        found = Completeness(
            id_column=table.text("id"),
            submitted_column=table.text("submitted"),
            last_page_column=table.text("last_page"),
            pages=table.number("pages"),
            only=table.lists("only"),
        )
        if bool(found.last_page_column) != bool(found.pages):
            table.fault("“last_page” and “pages” go together", 'last_page = "lastpage", pages = 6')
        table.finish()
        return found

    def _dates(self) -> Dates:
        if isinstance(self.top.members.get("date"), date):
            return Dates(day=self.top.day("date"))
        table = self.top.table("date")
        if table is None:
            if "date" not in self.top:
                self.top.fault(
                    "it is not said when the answers were given",
                    '[date] column = "submitdate", or date = 2026-03-04 for all',
                )
            return Dates()
        formats = table.texts("format")
        for text in formats:
            self._check_format(table, text)
        found = Dates(
            column=table.needed("column", "submitdate"),
            formats=formats,
            zone=self._zone(table, "zone"),
            written_in=self._zone(table, "written_in"),
        )
        if found.written_in and not found.zone:
            table.fault("it is not said in which time zone days count", 'zone = "UTC"', "zone")
        table.finish()
        return found

    def _zone(self, table: Table, name: str) -> ZoneInfo | None:
        text = table.text(name)
        if not text:
            return None
        try:
            return ZoneInfo(text)
        except (KeyError, ValueError, OSError):
            table.fault(f"there is no time zone “{text}”", "Europe/Berlin, or UTC", name)
            return None

    def _check_format(self, table: Table, text: str) -> None:
        if text == SPREADSHEET:
            return
        try:
            again = datetime.strptime(_PROBE.strftime(text), text)  # noqa: DTZ007  # as above
        except ValueError:
            again = datetime.min  # noqa: DTZ901  # as above
        if again.date() != _PROBE.date():
            table.fault(
                f"“{text}” does not tell day, month and year",
                "%d/%m/%Y for 25/03/2026, or %Y-%m-%d %H:%M:%S",
                "format",
            )

    def _consent(self) -> Consents:
        if isinstance(self.top.members.get("consent"), str):
            ground = self.top.text("consent")
            if ground != LICENSED:
                self.top.fault(
                    "a consent that everybody gives needs a column in which they gave it",
                    f'consent = "{LICENSED}" for answers that were published before',
                    "consent",
                )
            return Consents(ground=ground)
        table = self.top.table("consent")
        if table is None:
            if "consent" not in self.top:
                self.top.fault("it is not said who agreed to what", '[consent] column = "CONSENT"')
            return Consents()
        found = Consents(column=table.needed("column", "CONSENT"), answers=table.pairs("answers"))
        if not found.answers:
            table.fault(
                "it is not said which answer is a consent",
                'answers = { "Yes, under my username" = "consent_named", "No" = "withheld" }',
            )
        table.finish()
        return found

    def _person(self) -> dict[str, PersonField]:
        top = self.top.table("person")
        if top is None:
            return {}
        fields = {}
        for name in PERSON_FIELDS:
            table = top.table(name)
            if table is None:
                continue
            fields[name] = PersonField(
                place=table.place,
                columns=table.texts("column"),
                value=table.text("value"),
                answers=self.questions.answers(table),
            )
            if bool(fields[name].columns) == bool(fields[name].value):
                table.fault("either a column or one value for all", 'column = "WIKI"')
            table.finish()
        top.finish()
        return fields
