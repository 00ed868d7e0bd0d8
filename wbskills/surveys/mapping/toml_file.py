"""Reading a mapping from its TOML file, with all faults at once."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from wbskills.domain import PSEUDONYM, USERNAME, Wave
from wbskills.errors import Fault, Faults, InvalidValue, MappingError, NotFound
from wbskills.names import KEY
from wbskills.surveys.files.cell_text import cut, key
from wbskills.surveys.files.rows import MOST_ROWS
from wbskills.surveys.mapping.dates import SPREADSHEET
from wbskills.surveys.mapping.open_points import OpenPoint, is_about, open_points, without_open
from wbskills.surveys.mapping.schema import (
    BUDDHIST_CALENDAR,
    LICENSED,
    PERSON_FIELDS,
    CompletenessRule,
    ConsentRule,
    DateRule,
    IdentityRule,
    PersonField,
    SurveyMapping,
    WaveChoice,
)
from wbskills.surveys.mapping.toml_questions import QuestionsReader
from wbskills.toml_reader import TomlTable, loads, open_toml
from wbskills.wikibase.model.values import check_text

LONGEST_LABEL: Final = 250
LONGEST_ADDRESS: Final = 500
MOST_INVITED: Final = 10_000_000_000
_LONGEST_NAME: Final = 80  # in a message
_EXAMPLE: Final = datetime(2001, 3, 25, 17, 8, 9)  # noqa: DTZ001  # survey tools write local time


def load(path: Path) -> SurveyMapping:
    """Read a mapping; `resolve` checks later whether its columns and keys exist.

    Raises `NotFound` if there is no such file, and `MappingError` with all its faults.
    """
    if not path.is_file():
        raise NotFound(
            f"mapping file not found: {path}",
            hint=f"run “wbskills survey inspect FILE --draft {path}” to write a first draft",
        )
    return _read(open_toml(path, MappingError), path)


def parse(text: str, path: Path) -> SurveyMapping:
    """Read a mapping from its text; `path` is where the paths in it start, and is in messages.

    Raises `MappingError` with all its faults, `ValueError` if it is not TOML.
    """
    return _read(TomlTable(loads(text), "", Faults()), path)


def _read(top: TomlTable, path: Path) -> SurveyMapping:
    points = open_points(top.members)
    if points:
        top = TomlTable(without_open(top.members), "", top.faults)
    mapping = replace(_MappingReader(top, path).read(), open=points)
    faults = [fault for fault in top.faults if not is_about(fault, points)]
    if faults:
        raise MappingError(str(path), [*faults, *(_unanswered(point) for point in points)])
    return mapping


def _unanswered(point: OpenPoint) -> Fault:
    return Fault(what="this is still a question", hint="answer it, too", column=point.place)


def is_web_address(text: str) -> bool:
    """Return whether a text is the address of a web page that can safely be a link.

    >>> is_web_address("https://example.org/s?id=1"), is_web_address("javascript:alert(1)")
    (True, False)
    """
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    unsafe = any(sign.isspace() or not sign.isprintable() or sign in '<>"{}|\\^`' for sign in text)
    known = parts.scheme in ("http", "https") and bool(host) and not unsafe
    return known and not parts.username and len(text) <= LONGEST_ADDRESS


class _MappingReader:
    """Reads the parts of one mapping."""

    def __init__(self, top: TomlTable, path: Path) -> None:
        self.top, self.path = top, path
        self.questions = QuestionsReader(top)

    def read(self) -> SurveyMapping:
        top = self.top
        mapping = SurveyMapping(
            file=str(self.path),
            title=top.required_text("title", "Skills of ambassadors, spring 2026"),
            tool=top.text("tool"),
            encoding=top.text("encoding"),
            separator=top.text("separator"),
            sheet=top.text("sheet"),
            heading_row=self._heading_row(),
            ontology=tuple(self._ontology()),
            empty=top.texts("empty"),
            waves=tuple(self._waves()),
            wave_choice=self._wave_choice(),
            identity=self._identity(),
            completeness=self._completeness(),
            dates=self._dates(),
            consents=tuple(self._consents()),
            **self.questions.read(),
            person=self._person(),
            ignore=top.texts("ignore"),
            personal=top.texts("personal"),
            complete=top.boolean("complete"),
        )
        top.finish()
        check_waves(mapping.waves, top.faults)
        if not (mapping.questions or mapping.interests or mapping.general_interests):
            top.fault(
                "no column is mapped to a skill", 'add [[questions]] with columns = "SK[{skill}]"'
            )
        self._check_license(mapping)
        return mapping

    def _check_license(self, mapping: SurveyMapping) -> None:
        consents = {kind for rule in mapping.consents for kind in rule.answers.values()}
        grounds = [rule.ground for rule in mapping.consents if rule.ground]
        for wave in mapping.waves:
            if {*grounds} - {LICENSED} and not wave.consent_text_url:
                self.top.fault(
                    "a consent that everyone gave needs the text that the form made them agree to",
                    'add consent_text_url = "https://example.org/consent"',
                    f"waves.{wave.key}.consent_text_url",
                )
            if LICENSED in {*consents, *grounds} and not wave.license:
                self.top.fault(
                    f"“{LICENSED}” needs the licence under which the answers were published",
                    'add license = "https://creativecommons.org/licenses/by/4.0/"',
                    f"waves.{wave.key}.license",
                )

    def _ontology(self) -> Iterator[Path]:
        for name in self.top.texts("ontology"):
            path = self.path.parent / name
            try:
                exists = path.is_file()
            except OSError:  # for example because the name is too long
                exists = False
            if not exists:
                hint = "use the path of a TOML file, relative to the folder of this mapping"
                self.top.fault(f"file not found: “{cut(name, _LONGEST_NAME)}”", hint, "ontology")
            yield path

    def _heading_row(self) -> int:
        row = self.top.integer("heading_row")
        if row is not None and not 1 <= row <= MOST_ROWS:
            hint = "count rows as a spreadsheet does, from 1: heading_row = 3"
            self.top.fault("there is no such row", hint, "heading_row")
            return 0
        return row or 0

    def _waves(self) -> Iterator[Wave]:
        table = self.top.table("waves")
        if table is None or not table.members:
            hint = "add [waves.sample_2026] with label, start and end"
            self.top.fault("the mapping has no survey wave", hint)
            return
        for name in table.members:
            member = table.table(name)
            if member is not None:
                yield _wave(name, member)

    def _wave_choice(self) -> WaveChoice | None:
        table = self.top.table("wave")
        if table is None:
            return None
        choice = WaveChoice(
            column=table.required_text("column", "wave"), answers=table.text_by_text("answers")
        )
        table.finish()
        return choice

    def _identity(self) -> IdentityRule:
        table = self.top.table("identity")
        if table is None:
            self.top.fault(
                "the mapping does not say who a response is from",
                'add [identity] with column = "USER"',
            )
            return IdentityRule(column="", property="")
        row_number, generated = table.boolean("row_number"), table.boolean("generated")
        name = table.required_text("property", USERNAME)
        needs_column = not row_number and (not generated or name == USERNAME)
        rule = IdentityRule(
            property=name,
            column=table.required_text("column", "USER") if needs_column else table.text("column"),
            row_number=row_number,
            generated=generated,
            prefix=table.text("prefix"),
            pseudonym_column=table.text("pseudonym_column"),
            pseudonym_prefix=table.text("pseudonym_prefix"),
            renamed=table.text_by_text("renamed"),
        )
        if rule.property and rule.property not in (USERNAME, PSEUDONYM):
            what = f"“{rule.property}” does not identify a person"
            table.fault(what, f"use {USERNAME} or {PSEUDONYM}", "property")
        if row_number and (rule.column or rule.pseudonym_column):
            table.fault(
                "either a column or the row identifies the person",
                "remove row_number, or the column",
            )
        if row_number and generated:
            table.fault("“generated” includes “row_number”", "remove row_number", "row_number")
        pseudonymous = f'write property = "{PSEUDONYM}"'
        if row_number and rule.property == USERNAME:
            table.fault("the number of a row is not a username", pseudonymous, "property")
        if rule.prefix and rule.property == USERNAME:
            table.fault("a username has no prefix", pseudonymous, "prefix")
        needs_prefix = {
            "prefix": rule.property == PSEUDONYM and not rule.prefix,
            "pseudonym_prefix": not rule.pseudonym_prefix
            and (rule.pseudonym_column or (generated and rule.property == USERNAME)),
        }
        for name in filter(needs_prefix.get, needs_prefix):
            table.fault(
                "pseudonyms need a prefix, so that two surveys never use the same one",
                f'add {name} = "ambassadors-2026-"',
                name,
            )
        table.finish()
        return rule

    def _completeness(self) -> CompletenessRule:
        table = self.top.table("response")
        if table is None:
            return CompletenessRule()
        rule = CompletenessRule(
            id_column=table.text("id"),
            submitted_column=table.text("submitted"),
            last_page_column=table.text("last_page"),
            pages=table.integer("pages"),
            only=table.texts_by_text("only"),
        )
        if bool(rule.last_page_column) != bool(rule.pages):
            table.fault(
                "“last_page” and “pages” need each other",
                'write both, for example last_page = "lastpage" and pages = 6',
            )
        table.finish()
        return rule

    def _dates(self) -> DateRule:
        if isinstance(self.top.members.get("date"), date):
            return DateRule(day=self.top.day("date"))
        table = self.top.table("date")
        if table is None:
            if "date" not in self.top:
                self.top.fault(
                    "the mapping does not say when the answers were given",
                    'add [date] with column = "submitdate", or date = 2026-03-04 for all answers',
                    "date",
                )
            return DateRule()
        rule = DateRule(
            column=table.required_text("column", "submitdate"),
            formats=table.texts("format"),
            zone=_zone(table, "zone"),
            written_in=_zone(table, "written_in"),
            calendar=table.text("calendar"),
        )
        if rule.calendar not in ("", BUDDHIST_CALENDAR):
            hint = f'write calendar = "{BUDDHIST_CALENDAR}", or remove it'
            table.fault(f"there is no calendar “{rule.calendar}”", hint, "calendar")
        for text in rule.formats:
            _check_format(table, text)
        if rule.written_in and not rule.zone:
            what = "“written_in” needs the time zone in which days are counted"
            table.fault(what, 'add zone = "UTC" to [date]', "zone")
        table.finish()
        return rule

    def _consents(self) -> Iterator[ConsentRule]:
        found = self.top.raw("consent")
        if isinstance(found, str):
            yield ConsentRule(place="consent", ground=found)
        elif isinstance(found, list):
            yield from map(self._consent, self.top.tables("consent"))
        elif (table := self.top.table("consent")) is not None:
            yield self._consent(table)
        elif found is None:
            self.top.fault(
                "the mapping does not say which column has the consent",
                'add [consent] with column = "CONSENT"',
                "consent",
            )

    def _consent(self, table: TomlTable) -> ConsentRule:
        ground = table.text("ground")
        rule = ConsentRule(
            place=table.place,
            column=table.text("column") if ground else table.required_text("column", "CONSENT"),
            answers=table.text_by_text("answers"),
            ground=ground,
        )
        if ground and (rule.column or rule.answers):
            table.fault(
                "this is either a ground for everyone, or a column",
                "move the column to a [[consent]] of its own",
                "ground",
            )
        elif not ground and not rule.answers:
            table.fault(
                "the mapping does not say which answers give consent",
                'add answers = { "Yes, under my username" = "consent_named", "No" = "withheld" }',
            )
        table.finish()
        return rule

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
                hint = 'write either column = "WIKI" or value = "…"'
                table.fault("this needs a column, or one value for all", hint)
            table.finish()
        top.finish()
        return fields


def check_waves(waves: Sequence[Wave], faults: Faults) -> None:
    """Add what the item of a wave cannot hold, and waves that would become one item."""
    labels: dict[tuple[str, str], str] = {}
    for wave in waves:
        place = f"waves.{wave.key}"
        for language, label in wave.labels.items():
            column = f"{place}.label.{language}"
            try:
                # A label of invisible characters is empty as well.
                check_text(label if key(label) else "", longest=LONGEST_LABEL, what="this label")
            except InvalidValue as error:
                hint = error.hint or f'write {language} = "Ambassadors, spring 2026"'
                faults.add(error.what, hint, column=column)
            other = labels.setdefault((language, key(label)), wave.key)
            if other != wave.key and key(label):
                faults.add(
                    f"the wave “{other}” has the same label",
                    "use a label that shows which of the two it is, for example its year",
                    column=column,
                )
        for name in ("url", "consent_text_url", "license"):
            address = getattr(wave, name)
            if address and not is_web_address(address):
                hint = f'write {name} = "https://example.org/survey"'
                faults.add("this is not a web address", hint, column=f"{place}.{name}")
        if version := wave.consent_text_version:
            try:
                check_text(version, longest=LONGEST_LABEL, what="this version")
            except InvalidValue as error:
                hint = error.hint or 'write consent_text_version = "2026-03"'
                faults.add(error.what, hint, column=f"{place}.consent_text_version")
        if wave.invited is not None and not 0 <= wave.invited <= MOST_INVITED:
            hint = "write invited = 120, or remove it"
            what = f"{wave.invited} cannot be a number of people"
            faults.add(what, hint, column=f"{place}.invited")


def _wave(name: str, table: TomlTable) -> Wave:
    if not KEY.fullmatch(name):
        table.fault("this is not a key", "use only small Latin letters, digits and “_”")
    labels = table.text_by_text("label")
    if "en" not in labels:
        table.fault("there is no label in English", 'add label = { en = "…" }', "label")
    start, end = table.day("start"), table.day("end")
    if start is None or end is None:
        table.fault("a wave needs its first and last day", "add start = 2026-03-01 and end = …")
    elif start > end:
        table.fault(f"the wave ends ({end}) before it starts ({start})", "swap start and end")
    wave = Wave(
        key=name,
        labels=labels,
        start=start or date.min,
        end=end or date.max,
        url=table.text("url"),
        consent_text_url=table.text("consent_text_url"),
        consent_text_version=table.text("consent_text_version"),
        license=table.text("license"),
        invited=table.integer("invited"),
    )
    table.finish()
    return wave


def _zone(table: TomlTable, name: str) -> ZoneInfo | None:
    text = table.text(name)
    if not text:
        return None
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        hint = f'write {name} = "Europe/Berlin", or “UTC”'
        table.fault(f"“{text}” is not a time zone", hint, name)
        return None


def _check_format(table: TomlTable, text: str) -> None:
    if text == SPREADSHEET:
        return
    try:
        again = datetime.strptime(_EXAMPLE.strftime(text), text)  # noqa: DTZ007  # as above
    except ValueError:
        again = datetime.min  # noqa: DTZ901  # as above
    if again.date() != _EXAMPLE.date():
        table.fault(
            f"“{text}” does not have day, month and year",
            "use a format such as %d/%m/%Y for 25/03/2026, or %Y-%m-%d %H:%M:%S",
            "format",
        )
