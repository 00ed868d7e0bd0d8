"""Reading the files of the ontology; all problems of all files are reported together."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from os.path import realpath
from pathlib import Path
from typing import Any, Final

from wbskills import toml_reader
from wbskills.errors import Fault, InvalidValue, NotFound, OntologyError
from wbskills.names import KEY, did_you_mean
from wbskills.ontology.entries import Entry, Fact, FactValue, Ontology, PropertyEntry, Terms
from wbskills.wikibase.model.values import check_text

FILES: Final = ("core.toml", "scales.toml", "skills.toml", "roles.toml", "communities.toml")
_KEY_HINT: Final = "use only small Latin letters, digits and “_”"
DATATYPES: Final = (
    "wikibase-item", "wikibase-property", "string", "external-id", "url", "time", "quantity",
    "monolingualtext", "globe-coordinate", "commonsMedia",
)  # fmt: skip
LONGEST_TERM: Final = 250
_TERMS: Final = ("label", "description", "aliases")

# By section of the files: the class of its items, and the property of each member.
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
    """Read the ontology in a folder, and more files of the same form, each file once.

    Raises `OntologyError` with all problems of all files, by file and key; `NotFound` if the
    folder has none of the files.
    """
    found = [name for name in FILES if (folder / name).is_file()]
    if not found:
        raise NotFound(
            f"there is no ontology in {folder}", hint=f"use a folder with {', '.join(FILES)}"
        )
    reading = _OntologyReader()
    files = [*(folder / name for name in found), *further]
    for file in {realpath(file): file for file in files}.values():
        reading.read(file)
    reading.check()
    if reading.faults:
        raise OntologyError(str(folder), reading.faults)
    return Ontology(properties=reading.properties, entries=reading.entries)


class _OntologyReader:
    """What has been read, and the problems found so far; `place` is what is being read."""

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
            self.fault(f"it cannot be read: {error.strerror}", "check the name of the file")
            return
        except ValueError as error:
            self.fault(f"this is not TOML: {error}")
            return
        for section, table in tables.items():
            self.place = f"{file.name}: {section}"
            if section != "properties" and section not in _SECTIONS:
                hint = did_you_mean(section, ["properties", *_SECTIONS])
                self.fault("there is no such section", hint)
                continue
            for key, member in self._tables(table):
                self.place = f"{file.name}: {section}.{key}"
                if not KEY.fullmatch(key):
                    self.fault("this is not a valid key", _KEY_HINT)
                elif section == "properties":
                    self._property(key, member)
                else:
                    self._item(section, key, member)

    def check(self) -> None:
        """Check that keys exist and that names are unique, once everything has been read."""
        for entry in self.entries.values():
            self.place = entry.place
            self._check_properties(entry.allowed)
            for fact in entry.facts:
                self._check_fact(fact)
        for key, declared in self.properties.items():
            self.place = f"core.toml: properties.{key}"
            named = [*declared.qualifiers, *declared.key_qualifiers, *declared.own_qualifiers]
            named += filter(None, (declared.dated_by, declared.complete_with))
            self._check_properties(
                [*named, *(["formatter_url"] if declared.formatter_url else [])]
            )
        self._check_names()

    def _check_properties(self, keys: Iterable[str]) -> None:
        for key in keys:
            if key not in self.properties:
                hint = did_you_mean(key, self.properties)
                self.fault(f"there is no property “{key}”", hint)

    def _check_fact(self, fact: Fact) -> None:
        self._check_properties([fact.property])
        declared, value = self.properties.get(fact.property), fact.value
        if declared and declared.datatype == "wikibase-item" and value not in self.entries:
            hint = did_you_mean(str(value), self.entries)
            self.fault(f"there is no item “{value}”", hint, fact.property)
        for qualifier in fact.qualifiers:
            self._check_fact(qualifier)

    def _check_names(self) -> None:
        """Check labels of properties, and labels with descriptions of items, as Wikibase does."""
        labels: dict[tuple[str, str], str] = {}
        for key, declared in self.properties.items():
            self.place = f"core.toml: properties.{key}"
            for language, text in declared.terms.labels.items():
                other = labels.setdefault((language, text), key)
                if other != key:
                    self.fault(f"“{other}” has the same label “{text}” ({language})")
        names: dict[tuple[str, str, str], str] = {}
        for key, entry in self.entries.items():
            self.place = entry.place
            for language, text in entry.terms.labels.items():
                about = entry.terms.descriptions.get(language)
                other = names.setdefault((language, text, about), key) if about else key
                if other != key:
                    what = f"“{other}” has the same label “{text}” and description ({language})"
                    self.fault(what)

    def _property(self, key: str, table: Mapping[str, Any]) -> None:
        self._check_members(table, [*_TERMS, *_PROPERTY_MEMBERS])
        if key in self.properties:
            self.fault("this key is used twice", "use another key")
        datatype = str(table.get("datatype", ""))
        if datatype not in DATATYPES:
            hint = did_you_mean(datatype, DATATYPES)
            self.fault(f"“{datatype}” is not a datatype", hint, "datatype")
        formatter = str(table.get("formatter_url", ""))
        if formatter and not (formatter.startswith("https://") and "$1" in formatter):
            hint = "use an address, for example https://example.org/$1"
            self.fault("this is not an address with “$1”", hint, "formatter_url")
        self.properties[key] = PropertyEntry(
            key=key,
            datatype=datatype,
            terms=self._terms(table),
            qualifiers=self._texts(table, "qualifiers"),
            key_qualifiers=self._texts(table, "key_qualifiers"),
            own_qualifiers=self._texts(table, "own_qualifiers"),
            dated_by=str(table.get("dated_by", "")),
            complete_with=str(table.get("complete_with", "")),
            one_at_a_time=bool(table.get("one_at_a_time", False)),
            one_value=bool(table.get("one_value", False)),
            formatter_url=formatter,
        )

    def _item(self, section: str, key: str, table: Mapping[str, Any]) -> None:
        class_key, members = _SECTIONS[section]
        self._check_members(table, [*_TERMS, *members, *_OTHER_MEMBERS.get(section, ())])
        facts = [Fact("instance_of", class_key)] if class_key else []
        for member, property_key in members.items():
            facts += [Fact(property_key, value) for value in self._values(table, member)]
        if section == "roles":
            facts += self._requirements(table)
        allowed = self._texts(table, "properties") if section == "classes" else ()
        self._add(section, key, table, facts, allowed=allowed)
        if section == "scales":
            self._levels(key, table)

    def _levels(self, scale: str, table: Mapping[str, Any]) -> None:
        place = self.place
        for part in ("levels", "outside"):
            for key, level in self._tables(table.get(part, {})):
                self.place = f"{place}.{part}.{key}"
                if not KEY.fullmatch(key):
                    self.fault("this is not a valid key", _KEY_HINT)
                facts = [Fact("instance_of", "level_class"), Fact("part_of", scale)]
                number = level.get("value")
                self._check_members(level, [*_TERMS, *(["value"] if part == "levels" else [])])
                if isinstance(number, int) and part == "levels":
                    facts.append(Fact("level_value", number))
                elif part == "levels":
                    self.fault(
                        "a level needs a whole number", "add value = 3, for example", "value"
                    )
                self._add("levels", key, level, facts, number=number)

    def _requirements(self, table: Mapping[str, Any]) -> Iterator[Fact]:
        needs = table.get("requires", [])
        for need in needs if isinstance(needs, list) else [needs]:
            if not isinstance(need, dict) or not {"skill", "level"} <= set(need):
                hint = 'use { skill = "templates", level = "alone" }, for example'
                self.fault("a requirement needs a skill and a level", hint, "requires")
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
        facts: Iterable[Fact],
        *,
        number: int | None = None,
        allowed: tuple[str, ...] = (),
    ) -> None:
        if key in self.entries:
            self.fault("this key is used twice", f"it is also in {self.entries[key].place}")
        self.entries[key] = Entry(
            key=key,
            section=section,
            place=self.place,
            terms=self._terms(table),
            facts=tuple(facts),
            number=number,
            allowed=allowed,
        )

    def _terms(self, table: Mapping[str, Any]) -> Terms:
        labels = self._languages(table, "label")
        descriptions = self._languages(table, "description")
        for member, texts in (("label", labels), ("description", descriptions)):
            if "en" not in texts:
                hint = f'add {member} = {{ en = "…" }}'
                self.fault(f"there is no {member} in English", hint, member)
        for language, text in labels.items():
            if descriptions.get(language) == text:
                self.fault(f"label and description are the same ({language})")
        aliases: dict[str, tuple[str, ...]] = {}
        for language, found in _mapping(table.get("aliases")).items():
            listed = found if isinstance(found, list) else [found]
            checked = [self._term(text, f"aliases.{language}") for text in listed]
            aliases[language] = tuple(filter(None, checked))
        return Terms(labels=labels, descriptions=descriptions, aliases=aliases)

    def _languages(self, table: Mapping[str, Any], member: str) -> dict[str, str]:
        found = table.get(member, {})
        if not isinstance(found, dict):
            self.fault("this needs a language", f'use {member} = {{ en = "…" }}', member)
            return {}
        return {code: self._term(text, f"{member}.{code}") for code, text in found.items()}

    def _term(self, text: object, member: str) -> str:
        try:
            return check_text(str(text), longest=LONGEST_TERM, what="this text")
        except InvalidValue as error:
            self.fault(error.what, error.hint, member)
            return ""

    def _texts(self, table: Mapping[str, Any], member: str) -> tuple[str, ...]:
        return tuple(map(str, self._values(table, member)))

    def _values(self, table: Mapping[str, Any], member: str) -> list[FactValue]:
        found = table.get(member, [])
        values: list[FactValue] = []
        for value in found if isinstance(found, list) else [found]:
            if isinstance(value, str | int | date):
                values.append(value)
            else:
                self.fault(f"“{value}” is not a text, number or day", "", member)
        return values

    def _check_members(self, table: Mapping[str, Any], known: Iterable[str]) -> None:
        known = list(known)
        for member in table:
            if member not in known:
                self.fault(f"there is no member “{member}”", did_you_mean(member, known))

    def _tables(self, table: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
        place = self.place
        for key, member in _mapping(table).items():
            if isinstance(member, dict):
                yield key, member
            else:
                self.place = place
                self.fault("this is not a table", f"use [{place.split(': ')[-1]}.{key}]", key)


def _mapping(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}
