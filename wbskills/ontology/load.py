"""Reading the files of the ontology, with every fault of every file reported at once."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from os.path import realpath
from pathlib import Path
from typing import Any, Final

from wbskills import toml_reader
from wbskills.errors import Fault, InvalidValue, NotFound, OntologyError
from wbskills.names import KEY
from wbskills.ontology.entries import Entry, Fact, FactValue, Ontology, PropertyEntry, Terms
from wbskills.wikibase.model.values import check_text

FILES: Final = ("core.toml", "scales.toml", "skills.toml", "roles.toml", "communities.toml")
DATATYPES: Final = (
    "wikibase-item", "wikibase-property", "string", "external-id", "url", "time", "quantity",
    "monolingualtext", "globe-coordinate", "commonsMedia",
)  # fmt: skip
LONGEST_TERM: Final = 250
_TERMS: Final = ("label", "description", "aliases")

# Section of the files → the class its items are instances of, and which of its members become
# statements of which property.
_SECTIONS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "classes": ("", {}),
    "statuses": ("status_class", {}),
    "availabilities": ("availability_class", {}),
    "importances": ("importance_class", {}),
    "robustnesses": ("robustness_class", {}),
    "interests": ("interest_class", {}),
    "consents": ("consent_class", {}),
    "scales": ("scale", {}),
    "groups": ("skill_group", {}),
    "skills": (
        "skill",
        {
            "group": "part_of",
            "broader": "broader",
            "status": "status",
            "replaced_by": "replaced_by",
            "close_match": "close_match",
            "about": "about",
        },
    ),
    "roles": ("role_class", {}),
    "regions": ("region_class", {}),
    "languages": ("language_class", {"code": "language_code"}),
    "communities": (
        "community",
        {
            "database_name": "database_name",
            "language": "language",
            "region": "region",
            "wikidata": "wikidata_id",
        },
    ),
}
_OTHER_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "classes": ("properties",),
    "scales": ("levels", "outside"),
    "roles": ("requires",),
}
_PROPERTY_MEMBERS: Final = (
    "datatype", "qualifiers", "key_qualifiers", "own_qualifiers", "dated_by", "complete_with",
    "one_at_a_time", "one_value", "formatter_url",
)  # fmt: skip


def load(folder: Path, *further: Path) -> Ontology:
    """Read the ontology in a folder, and further files in the same form.

    A file that is named twice is read once: a mapping and a command line may both name it.

    Raises `OntologyError` with every fault of every file, by file and key; `NotFound` if the
    folder has none of the files.
    """
    found = [name for name in FILES if (folder / name).is_file()]
    if not found:
        raise NotFound(
            f"there is no ontology in {folder}", hint=f"a folder with {', '.join(FILES)}"
        )
    reading = _Reading()
    files = [*(folder / name for name in found), *further]
    for file in {realpath(file): file for file in files}.values():
        reading.read(file)
    reading.check()
    if reading.faults:
        raise OntologyError(str(folder), reading.faults)
    return Ontology(properties=reading.properties, entries=reading.entries)


class _Reading:
    """The ontology as far as it has been read, and the faults found so far."""

    def __init__(self) -> None:
        self.properties: dict[str, PropertyEntry] = {}
        self.entries: dict[str, Entry] = {}
        self.faults: list[Fault] = []
        self.place = ""

    def fault(self, what: str, hint: str = "", member: str = "") -> None:
        where = f"{self.place}.{member}" if member else self.place
        self.faults.append(Fault(what=what, hint=hint, column=where))

    def read(self, file: Path) -> None:
        self.place = file.name
        try:
            tables = toml_reader.loads(file.read_text(encoding="utf-8-sig"))
        except OSError as error:
            self.fault(f"it cannot be read: {error.strerror}")
            return
        except ValueError as error:
            self.fault(f"this is not TOML: {error}")
            return
        for section, table in tables.items():
            self.place = f"{file.name}: {section}"
            if section != "properties" and section not in _SECTIONS:
                self.fault("there is no such section", _near(section, ["properties", *_SECTIONS]))
                continue
            for key, member in self._tables(table):
                self.place = f"{file.name}: {section}.{key}"
                if not KEY.fullmatch(key):
                    self.fault("this is not a key", "small Latin letters, digits and “_”")
                elif section == "properties":
                    self._property(key, member)
                else:
                    self._item(section, key, member)

    def check(self) -> None:
        """Check what only the whole can tell: that keys exist and that names are unique."""
        for entry in self.entries.values():
            self.place = entry.place
            for fact in entry.facts:
                self._known(fact)
            for name in entry.allowed:
                if name not in self.properties:
                    self.fault(f"there is no property “{name}”", _near(name, self.properties))
        for key, declared in self.properties.items():
            self.place = f"core.toml: properties.{key}"
            if declared.formatter_url:
                self._known(Fact("formatter_url", declared.formatter_url))
            named = [*declared.qualifiers, *declared.key_qualifiers, *declared.own_qualifiers]
            for name in [*named, *filter(None, (declared.dated_by, declared.complete_with))]:
                if name not in self.properties:
                    self.fault(f"there is no property “{name}”", _near(name, self.properties))
        self._unique()

    def _known(self, fact: Fact) -> None:
        declared = self.properties.get(fact.property)
        if declared is None:
            self.fault(
                f"there is no property “{fact.property}”", _near(fact.property, self.properties)
            )
        elif declared.datatype == "wikibase-item" and fact.value not in self.entries:
            self.fault(
                f"there is no item “{fact.value}”",
                _near(str(fact.value), self.entries),
                fact.property,
            )
        for qualifier in fact.qualifiers:
            self._known(qualifier)

    def _unique(self) -> None:
        """Labels of properties, and label and description of items, are unique in a Wikibase."""
        labels: dict[tuple[str, str], str] = {}
        for key, declared in self.properties.items():
            for language, text in declared.terms.labels.items():
                other = labels.setdefault((language, text), key)
                if other != key:
                    self.place = f"core.toml: properties.{key}"
                    self.fault(f"the label “{text}” ({language}) is that of “{other}”")
        names: dict[tuple[str, str, str], str] = {}
        for key, entry in self.entries.items():
            for language, text in entry.terms.labels.items():
                about = entry.terms.descriptions.get(language)
                other = names.setdefault((language, text, about), key) if about else key
                if other != key:
                    self.place = entry.place
                    self.fault(
                        f"label “{text}” and description ({language}) are those of “{other}”"
                    )

    def _property(self, key: str, table: Mapping[str, Any]) -> None:
        self._members(table, [*_TERMS, *_PROPERTY_MEMBERS])
        if key in self.properties:
            self.fault("this key stands twice")
        datatype = table.get("datatype", "")
        if datatype not in DATATYPES:
            self.fault(
                f"“{datatype}” is not a datatype", _near(str(datatype), DATATYPES), "datatype"
            )
        self.properties[key] = PropertyEntry(
            key=key,
            datatype=str(datatype),
            terms=self._terms(table),
            qualifiers=self._texts(table, "qualifiers"),
            key_qualifiers=self._texts(table, "key_qualifiers"),
            own_qualifiers=self._texts(table, "own_qualifiers"),
            dated_by=str(table.get("dated_by", "")),
            complete_with=str(table.get("complete_with", "")),
            one_at_a_time=bool(table.get("one_at_a_time", False)),
            one_value=bool(table.get("one_value", False)),
            formatter_url=self._formatter(table),
        )

    def _formatter(self, table: Mapping[str, Any]) -> str:
        found = str(table.get("formatter_url", ""))
        if found and not (found.startswith("https://") and "$1" in found):
            self.fault("this is no address with “$1”", "https://example.org/$1", "formatter_url")
        return found

    def _item(self, section: str, key: str, table: Mapping[str, Any]) -> None:
        class_key, members = _SECTIONS[section]
        others = _OTHER_MEMBERS.get(section, ())
        self._members(table, [*_TERMS, *members, *others])
        facts = [Fact("instance_of", class_key)] if class_key else []
        for member, property_key in members.items():
            facts += [Fact(property_key, value) for value in self._values(table, member)]
        if section == "roles":
            facts += self._requirements(table)
        allowed = self._texts(table, "properties") if section == "classes" else ()
        self._add(section, key, table, tuple(facts), allowed=allowed)
        if section == "scales":
            self._steps(key, table)

    def _steps(self, scale: str, table: Mapping[str, Any]) -> None:
        place = self.place
        for part in ("levels", "outside"):
            for key, step in self._tables(table.get(part, {})):
                self.place = f"{place}.{part}.{key}"
                if not KEY.fullmatch(key):
                    self.fault("this is not a key", "small Latin letters, digits and “_”")
                facts = [Fact("instance_of", "level_class"), Fact("part_of", scale)]
                number = step.get("value")
                self._members(step, [*_TERMS, *(["value"] if part == "levels" else [])])
                if isinstance(number, int) and part == "levels":
                    facts.append(Fact("level_value", number))
                elif part == "levels":
                    self.fault("a level needs a whole number", "value = 3", "value")
                self._add("levels", key, step, tuple(facts), number=number)

    def _requirements(self, table: Mapping[str, Any]) -> Iterator[Fact]:
        needs = table.get("requires", [])
        for need in needs if isinstance(needs, list) else [needs]:
            if not isinstance(need, dict) or not {"skill", "level"} <= set(need):
                self.fault(
                    "a requirement needs a skill and a level",
                    '{ skill = "templates", level = "alone", importance = "required" }',
                    "requires",
                )
                continue
            qualifiers = [Fact("minimum_level", str(need["level"]))]
            if "importance" in need:
                qualifiers.append(Fact("importance", str(need["importance"])))
            yield Fact("requires_skill", str(need["skill"]), tuple(qualifiers))

    def _add(
        self,
        section: str,
        key: str,
        table: Mapping[str, Any],
        facts: tuple[Fact, ...],
        *,
        number: int | None = None,
        allowed: tuple[str, ...] = (),
    ) -> None:
        if key in self.entries:
            self.fault("this key stands twice", f"it stands in {self.entries[key].place} too")
        self.entries[key] = Entry(
            key=key,
            section=section,
            place=self.place,
            terms=self._terms(table),
            facts=facts,
            number=number,
            allowed=allowed,
        )

    def _terms(self, table: Mapping[str, Any]) -> Terms:
        labels = self._languages(table, "label")
        descriptions = self._languages(table, "description")
        if "en" not in labels:
            self.fault("there is no label in English", 'label = { en = "…" }', "label")
        if "en" not in descriptions:
            self.fault(
                "there is no description in English", 'description = { en = "…" }', "description"
            )
        for language, text in labels.items():
            if descriptions.get(language) == text:
                self.fault(f"label and description are the same ({language})")
        aliases: dict[str, tuple[str, ...]] = {}
        for language, texts in _mapping(table.get("aliases")).items():
            listed = texts if isinstance(texts, list) else [texts]
            checked = [self._term(text, f"aliases.{language}") for text in listed]
            aliases[language] = tuple(text for text in checked if text)
        return Terms(labels=labels, descriptions=descriptions, aliases=aliases)

    def _languages(self, table: Mapping[str, Any], member: str) -> dict[str, str]:
        found = table.get(member, {})
        if not isinstance(found, dict):
            self.fault("this needs a language", f'{member} = {{ en = "…" }}', member)
            return {}
        return {
            language: self._term(text, f"{member}.{language}") for language, text in found.items()
        }

    def _term(self, text: object, member: str) -> str:
        try:
            return check_text(str(text), longest=LONGEST_TERM, what="this text")
        except InvalidValue as error:
            self.fault(error.what, error.hint, member)
            return ""

    def _texts(self, table: Mapping[str, Any], member: str) -> tuple[str, ...]:
        return tuple(str(value) for value in self._values(table, member))

    def _values(self, table: Mapping[str, Any], member: str) -> list[FactValue]:
        found = table.get(member, [])
        listed = found if isinstance(found, list) else [found]
        for value in listed:
            if not isinstance(value, str | int | date):
                self.fault(f"“{value}” is neither text, number nor day", "", member)
        return [value for value in listed if isinstance(value, str | int | date)]

    def _members(self, table: Mapping[str, Any], known: Iterable[str]) -> None:
        known = list(known)
        for member in table:
            if member not in known:
                self.fault(f"there is no member “{member}”", _near(member, known))

    def _tables(self, table: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
        place = self.place
        for key, member in _mapping(table).items():
            if isinstance(member, dict):
                yield key, member
            else:
                self.place = place
                self.fault("a table is expected", f"[{place.split(': ')[-1]}.{key}]", key)


def _mapping(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}


def _near(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=3)
    return " or ".join(near)
