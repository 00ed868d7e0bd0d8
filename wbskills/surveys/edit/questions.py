"""The questions that a mapping leaves to a person, with what the survey file says about them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from wbskills.domain import PSEUDONYM, USERNAME
from wbskills.errors import Faults, InvalidValue
from wbskills.names import did_you_mean
from wbskills.ontology.entries import Ontology
from wbskills.surveys.draft.classify import ColumnProfile
from wbskills.surveys.draft.inspect_file import Inspection
from wbskills.surveys.edit.decisions import Value, likely
from wbskills.surveys.files.cell_text import clean, cut, key
from wbskills.surveys.mapping.item_names import ItemNames, names_of
from wbskills.surveys.mapping.open_faults import choices_of
from wbskills.surveys.mapping.open_points import OPEN, OpenPoint, Path
from wbskills.surveys.mapping.question_columns import ColumnLookup
from wbskills.surveys.mapping.schema import WITHHELD

IGNORED: Final = ""  # what stands for a column or a choice that is about nothing
_NEAREST: Final = 5
_SHOWN: Final = 6
_LONGEST: Final = 100
_SUBJECTS: Final = ("skills", "languages")
_QUESTIONS: Final = ("questions", "interests", "languages")
_OF_COMMUNITIES: Final = "community_5"
_CHOICES: Final = {
    WITHHELD: ("no consent", "Nothing of this person is imported."),
    USERNAME: ("usernames of wiki accounts", "People are listed under these names."),
    PSEUDONYM: ("pseudonyms", "The names do not show who a person is."),
}
_TITLES: Final = {
    ("title",): "What is this survey called?",
    ("consent",): "On which ground may all answers be published?",
    ("date",): "On which day were the answers given?",
    ("date", "format"): "How are the dates written?",
    ("identity", "property"): "What does the column have that says who answered?",
    ("identity", "prefix"): "What do the pseudonyms of this survey begin with?",
    ("identity", "pseudonym_prefix"): "What do the pseudonyms of this survey begin with?",
}
_OF_WAVES: Final = {
    "start": "Which was the first day of the survey?",
    "end": "Which was the last day of the survey?",
    "license": "What is the address of the licence of the answers?",
}
_EXAMPLES: Final = {
    "label": "Ambassadors, spring 2026",
    "prefix": "ambassadors-2026-",
    "pseudonym_prefix": "ambassadors-2026-",
    "license": "https://creativecommons.org/licenses/by/4.0/",
    "format": "%d/%m/%Y",
    "start": "2026-03-01",
    "end": "2026-03-31",
    "date": "2026-03-04",
}


class Kind(StrEnum):
    """How a question is answered."""

    CHOICE = "one of some choices"
    ITEM = "a skill or a language"
    DAY = "a day"
    TEXT = "a text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A possible answer: what the mapping has, what people read, and what it means."""

    value: str
    label: str
    meaning: str = ""

    def __str__(self) -> str:
        return f"{self.label}: {self.meaning}" if self.meaning else self.label


@dataclass(frozen=True, slots=True, kw_only=True)
class EditQuestion:
    """One question to a person; its answer is written to all its `paths`.

    `columns` are headings, `examples` answers with their counts, the most frequent first;
    `count` is how often people gave the answer that the question is about, None if it is not
    about one. `choices` begin with the likeliest; those of a skill or a language are only the
    nearest. `value` is what the mapping has now.
    """

    paths: tuple[Path, ...]
    kind: Kind
    title: str
    subject: str = ""
    columns: tuple[str, ...] = ()
    examples: tuple[tuple[str, int], ...] = ()
    count: int | None = None
    choices: tuple[Choice, ...] = ()
    example: str = ""
    value: Value = OPEN

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided it yet."""
        return self.value == OPEN

    @property
    def section(self) -> str:
        """The part of the ontology that has its answers: skills, languages; else empty."""
        return str(self.paths[0][-2]) if self.kind is Kind.ITEM else ""


class Questions:
    """The questions of one mapping about one survey file."""

    def __init__(self, inspection: Inspection, ontology: Ontology) -> None:
        self.inspection, self.ontology = inspection, ontology
        profiles = inspection.columns
        self.profiles: Mapping[int, ColumnProfile] = {one.column.index: one for one in profiles}
        shown = [one.column for one in profiles if not one.column.role.personal]
        self.lookup = ColumnLookup(shown, Faults())
        self.names: Mapping[str, ItemNames] = {
            section: names_of(ontology, section) for section in _SUBJECTS
        }

    def of(
        self, document: Mapping[str, Any], points: Iterable[OpenPoint], notes: Mapping[Path, str]
    ) -> list[EditQuestion]:
        """List the questions for some points of a mapping, in its order; equal ones are one.

        `notes` are what the mapping has behind the lines of the points.
        """
        groups: dict[tuple[object, ...], list[OpenPoint]] = {}
        for point in points:
            same = (_what_is_asked(document, point.path), _at(document, point.path))
            groups.setdefault(same, []).append(point)
        return [self._question(document, group, notes) for group in groups.values()]

    def items(self, question: EditQuestion) -> list[Choice]:
        """List everything that a question about a skill or a language can be answered with."""
        section = question.section
        return [self._item(section, name) for name in self.ontology.section(section)]

    def read(self, question: EditQuestion, text: str) -> Value:
        """Read what a person typed or chose. Raises `InvalidValue` if it is no answer."""
        text = clean(text)
        if text == OPEN:
            return OPEN
        if question.kind is Kind.ITEM:
            return self._read_item(question, text)
        if question.kind is Kind.DAY:
            try:
                return date.fromisoformat(text)
            except ValueError as error:
                raise InvalidValue(
                    f"“{text}” is not a day", hint=f"write it as {question.example}"
                ) from error
        if not text:
            raise InvalidValue("this needs an answer", hint="or leave it open")
        if question.kind is Kind.CHOICE:
            for choice in question.choices:
                if key(text) in (key(choice.value), key(choice.label)):
                    return choice.value
            raise InvalidValue(f"“{cut(text, _LONGEST)}” is none of the choices")
        return text

    def nearest(self, question: EditQuestion, text: str) -> list[Choice]:
        """List the skills or languages whose names are nearest to a text."""
        section = question.section
        return [self._item(section, one) for one in self.names[section].nearest(text, _NEAREST)]

    def _read_item(self, question: EditQuestion, text: str) -> str:
        section = question.section
        if text == IGNORED or text in self.ontology.section(section):
            return text
        found = self.names[section].find(text)
        if found is None:
            raise InvalidValue(
                f"“{cut(text, _LONGEST)}” is no {section[:-1]} here",
                hint=did_you_mean(key(text), self.names[section].all),
            )
        return found

    def _question(
        self, document: Mapping[str, Any], points: Sequence[OpenPoint], notes: Mapping[Path, str]
    ) -> EditQuestion:
        point, path = points[0], points[0].path
        columns = {
            column.index: self.profiles[column.index]
            for each in points
            for name in each.columns
            for column in self.lookup.named(name)
            or [one.column for one in self.lookup.matching(name)]
        }
        counts: Counter[str] = Counter()
        for profile in columns.values():
            counts.update(dict(profile.answers))
        section, is_answer = _subjects_of(path), "answers" in path[:-1]
        is_choice = bool(section) and self._is_choice(document, path)
        subject = point.subject if is_answer or section else ""
        if section and not is_choice and columns:
            column = next(iter(columns.values())).column
            subject = next(iter(column.subjects), column.heading)
        wanted = key(point.subject)
        kind, choices = self._choices(path, subject, likely(notes.get(path, "")))
        return EditQuestion(
            paths=tuple(each.path for each in points),
            kind=kind,
            title=_title(path, cut(clean(subject), _LONGEST)),
            subject=cut(clean(subject), _LONGEST),
            columns=tuple(dict.fromkeys(map(_heading, columns.values()))),
            examples=() if is_answer or is_choice else tuple(counts.most_common(_SHOWN)),
            count=sum(number for text, number in counts.items() if key(text) == wanted)
            if is_answer or is_choice
            else None,
            choices=tuple(choices),
            example=_EXAMPLES.get(str(path[-1]), _EXAMPLES.get(str(path[-2:][0]), "")),
            value=_at(document, path),
        )

    def _is_choice(self, document: Mapping[str, Any], path: Path) -> bool:
        """Return whether a row of a table of skills is a choice within a cell, and no column."""
        block = _at(document, path[:-2])
        return isinstance(block, dict) and bool(block.get("columns"))

    def _choices(
        self, path: Path, subject: str, first: Sequence[str]
    ) -> tuple[Kind, Iterable[Choice]]:
        table = _subjects_of(path)
        if table:
            known = self.ontology.section(table)
            near = [*first, *self.names[table].nearest(subject, _NEAREST)]
            keys = dict.fromkeys(one for one in near if one in known)
            return Kind.ITEM, [self._item(table, one) for one in list(keys)[:_NEAREST]]
        if path == ("date",) or (path[0] == "waves" and path[-1] in ("start", "end")):
            return Kind.DAY, []
        if path == ("date", "format"):
            return Kind.TEXT, [Choice(value=one, label=one) for one in self.inspection.formats]
        if "answers" in path:  # of one language, it is within another table
            path = (*path[: path.index("answers") + 1], path[-1])
        keys = dict.fromkeys(one for one in choices_of(path, self.ontology) if self._fits(one))
        if not keys:
            return Kind.TEXT, []
        ordered = dict.fromkeys([*(one for one in first if one in keys), *keys])
        return Kind.CHOICE, map(self._choice, ordered)

    def _fits(self, name: str) -> bool:
        entry = self.ontology.entries.get(name)
        return entry is None or entry.fact("part_of") != _OF_COMMUNITIES

    def _choice(self, name: str) -> Choice:
        if name in _CHOICES:
            label, meaning = _CHOICES[name]
            return Choice(value=name, label=label, meaning=meaning)
        terms = self.ontology.entries[name].terms
        return Choice(value=name, label=terms.label(), meaning=terms.descriptions.get("en", ""))

    def _item(self, section: str, name: str) -> Choice:
        return Choice(value=name, label=self.ontology.section(section)[name].terms.label())


def _what_is_asked(document: Mapping[str, Any], path: Path) -> tuple[object, ...]:
    """Return what equal questions share: the same answer of the same scale; the same choice."""
    if path[0] not in _QUESTIONS:
        return path
    table = _at(document, path[:-1])
    if path[-2] == "answers" and isinstance(table, dict):
        return path[0], "answers", frozenset(map(key, table)), key(str(path[-1]))
    if _subjects_of(path):
        return path[-2], key(str(path[-1]))
    return path


def _subjects_of(path: Path) -> str:
    """Return `skills` or `languages` for a column or a choice that is about one; else empty."""
    is_subject = path[0] in _QUESTIONS and len(path) > 3 and path[-2] in _SUBJECTS
    return str(path[-2]) if is_subject else ""


def _title(path: Path, subject: str) -> str:
    table = path[-2] if len(path) > 1 else ""
    if _subjects_of(path):
        return f"Which {str(table)[:-1]} is “{subject}”?"
    if path[0] == "consent" and len(path) > 1:
        return f"What does the answer “{subject}” agree to?"
    if subject:
        return f"What does the answer “{subject}” mean?"
    if path[0] == "waves":
        if table == "label":
            return f"What is this run of the survey called? (language: {path[-1]})"
        return _OF_WAVES.get(str(path[-1]), f"What is “{path[-1]}” of the survey?")
    if path[-1] == "chosen":
        return "What does it mean that someone chose something here?"
    if path[-1] == "not_chosen":
        return "What does it mean that someone did not choose something here?"
    return _TITLES.get(tuple(map(str, path)), f"What is “{OpenPoint(path).place}”?")


def _heading(profile: ColumnProfile) -> str:
    column = profile.column
    return cut(clean(column.text or column.heading), _LONGEST)


def _at(document: Any, path: Path) -> Any:  # noqa: ANN401 - whatever TOML holds
    for part in path:
        document = document[part]
    return document
