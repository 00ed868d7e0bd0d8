"""Values for the parameters of a query: checked against their types, and written as SPARQL terms.

An item may be named by its id, its key, its label, or a name that the Wikibase knows.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from wbskills.errors import InvalidValue, QueryError
from wbskills.names import ENTITY_ID, KEY, did_you_mean, username
from wbskills.ontology.binding import Binding
from wbskills.ontology.entries import Entry, Ontology
from wbskills.query.saved import NUMBERS, Param, SavedQuery
from wbskills.table import Iri
from wbskills.wikibase.interface import Wikibase

Value = str | int | Decimal | date
# The id of an item that is in no file of the ontology, from a section and a text.
Finder = Callable[[str, str], str | None]
# The ids of the classes of an item, from its id; none if there is no such item.
Classes = Callable[[str], set[str]]

# Sections that no file of the ontology has, and the class of what is in them.
OTHERS: Final = {"people": "person", "waves": "survey_wave_class"}

_ITEM: Final = re.compile(r"Q[1-9][0-9]{0,9}")
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_ESCAPES: Final = {'"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LONGEST_NUMBER: Final = 30
_LARGEST: Final = 2**63 - 1  # engines count in 64 bits, and find nothing beyond
_SHOWN: Final = 80  # characters of a value in a message

# Where MediaWiki falls back on something else than the code without its last part.
# https://www.mediawiki.org/wiki/Manual:Language#Fallback_languages
_FALLBACKS: Final = {
    "zh-cn": "zh-hans", "zh-sg": "zh-hans", "zh-my": "zh-hans", "zh": "zh-hans",
    "zh-tw": "zh-hant", "zh-hk": "zh-hant", "zh-mo": "zh-hant",
    "pt": "pt-br", "als": "de", "bar": "de", "gsw": "de", "lb": "de", "an": "es", "eu": "es",
    "br": "fr", "wa": "fr", "ary": "ar", "arz": "ar", "nn": "nb",
}  # fmt: skip

# Each parameter that has a value, with its checked text; that of an item is its id.
Resolved = Mapping[str, tuple[Param, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """The items and properties of one Wikibase, by everything that names them.

    `find` finds what is not in the ontology, people above all; `classes` are used to check that
    an id is one of the right kind.
    """

    ontology: Ontology
    binding: Binding
    concept_base: str
    find: Finder | None = None
    classes: Classes | None = None

    def id(self, text: str, section: str, choices: tuple[str, ...] = ()) -> str:
        """Return the id of the item that `text` means in a section, or among `choices` of keys.

        Raises `QueryError` with what is near if there is none, or more than one.
        """
        try:
            found = self._id(text, section)
        except QueryError as error:
            if not choices:
                raise
            hint = did_you_mean(text, choices) or f"use one of {', '.join(choices)}"
            raise QueryError(error.what, hint=hint) from error
        if choices and found not in {self.binding.items.get(key) for key in choices}:
            raise QueryError(
                f"“{text}” cannot be chosen here", hint=f"use one of {', '.join(choices)}"
            )
        return found

    def bound(self, key: str) -> str:
        """Return the id of a key. Raises `QueryError` if it has none in this Wikibase."""
        found = self.binding.items.get(key)
        if found is None:
            raise QueryError(
                f"“{key}” is not in this Wikibase",
                hint="run “wbskills ontology apply” on this Wikibase first"
                if key in self.ontology.entries
                else did_you_mean(key, self.ontology.entries),
            )
        return _checked_id(found)

    def property(self, key: str) -> str:
        """Return the id of a property. Raises `QueryError` if it has none in this Wikibase."""
        found = self.binding.properties.get(key)
        if found is None:
            known = self.ontology.properties
            raise QueryError(
                f"the property “{key}” is not in this Wikibase",
                hint="run “wbskills ontology apply” on this Wikibase first"
                if key in known
                else did_you_mean(key, known),
            )
        return found

    def _id(self, text: str, section: str) -> str:
        plain = text.removeprefix(self.concept_base)
        if _ITEM.fullmatch(plain):
            self._refuse_another_kind(plain, section)
            return plain
        entries = self.ontology.section(section)
        if text in entries:
            return self.bound(text)
        named = [entry.key for entry in self._named(text, section)]
        if len(named) == 1:
            return self.bound(named[0])
        if named:
            raise QueryError(
                f"“{text}” names more than one item", hint=f"use {' or '.join(named)}"
            )
        # A key of another section is a slip, not a name that only the Wikibase knows.
        slip = entries and text in self.ontology.entries
        found = self.find(section, text) if self.find and not slip else None
        if found is None or (section in OTHERS and not self._is_of(_checked_id(found), section)):
            raise QueryError(f"there is no “{text}” in {section}", hint=self._hint(text, section))
        return _checked_id(found)

    def _is_of(self, entity_id: str, section: str) -> bool:
        """Return whether an item is of the class of a section."""
        wanted = self._class(section)
        return self.classes is None or wanted is None or wanted in self.classes(entity_id)

    def _refuse_another_kind(self, entity_id: str, section: str) -> None:
        """Refuse the id of an item of another section, for which nothing would be found."""
        key = next((k for k, known in self.binding.items.items() if known == entity_id), "")
        entry = self.ontology.entries.get(key)
        if entry is not None:
            if entry.section != section:
                what = f"{entity_id} is “{entry.key}” in {entry.section}, not in {section}"
                raise QueryError(what, hint=self._hint(entry.key, section))
            return
        wanted = self._class(section)
        if self.classes is None or wanted is None:
            return
        found = self.classes(entity_id)
        if wanted not in found:
            what = "is not an item of" if found else "is not in"
            where = section if found else "this Wikibase"
            raise QueryError(f"{entity_id} {what} {where}", hint=self._hint("", section))

    def _class(self, section: str) -> str | None:
        """Return the id of the class of a section's items."""
        key = OTHERS.get(section)
        for entry in self.ontology.section(section).values():
            key = str(entry.fact("instance_of") or "")
            break
        return self.binding.items.get(key) if key else None

    def _named(self, text: str, section: str) -> Iterator[Entry]:
        wanted = text.casefold()
        for entry in self.ontology.section(section).values():
            if wanted in {name.casefold() for name in entry.terms.names}:
                yield entry

    def _hint(self, text: str, section: str) -> str:
        if section == "people":
            return "use a username, a pseudonym or an id, for example “Ada Lovelace” or Q42"
        if section == "waves":
            return "use the key of a wave in its mapping, or an id, for example Q42"
        entries = self.ontology.section(section)
        keys = {key: key for key in entries}
        labels = {name: key for key, entry in entries.items() for name in entry.terms.names}
        found = did_you_mean(text, {**labels, **keys})
        elsewhere = self.ontology.entries.get(text)
        if not found and elsewhere is not None:
            return f"use a key of {section}; “{text}” is in {elsewhere.section}"
        return (
            found
            or "use a key of the ontology, a label in any language, or an id, for example Q42"
        )


def _checked_id(found: str) -> str:
    """Refuse what is not the id of an item: ids come from other programs."""
    if not _ITEM.fullmatch(found):
        raise QueryError(f"“{found}” is not the id of an item")
    return found


def items_of(wikibase: Wikibase, ontology: Ontology, binding: Binding) -> Items:
    """Return the items of a Wikibase, including people and waves, which are in no file."""
    return Items(
        ontology=ontology,
        binding=binding,
        concept_base=wikibase.concept_base,
        find=finder(wikibase, binding),
        classes=classes(wikibase, binding),
    )


def resolve_params(
    query: SavedQuery,
    values: Mapping[str, Value | None],
    items: Items,
    lang: str = "en",
    *,
    complete: bool = True,
) -> dict[str, tuple[Param, str]]:
    """Return each parameter that has a value or a default, with its checked text.

    `values` are given by the names of parameters; surrounding blanks do not count, and None or an
    empty text mean that there is no value. Unless it must be `complete`, required parameters may
    be missing.

    Raises `QueryError` if a value is missing, unknown, or does not fit its type.
    """
    given = {name: text_of(value) for name, value in values.items() if value is not None}
    for name in given:
        query.param(name)
    given = {name: text for name, text in given.items() if text}
    chosen = language(given.get("lang", lang))
    given |= {"lang": chosen, "fallback": language(given.get("fallback", fallback(chosen)))}
    resolved = {}
    for param in query.params:
        text = given.get(param.name) or param.default
        if text:
            resolved[param.name] = param, _checked_value(param, text, items)
        elif param.required and complete:
            raise QueryError(
                f"“{query.name}” needs a value for “{param.name}”: {param.meaning}",
                hint=f"add {param.name}=…",
            )
    return resolved


def languages_of(resolved: Resolved) -> tuple[str, ...]:
    """Return the languages in which labels are looked up, best first; none if none are needed."""
    chosen = [resolved[name][1] for name in ("lang", "fallback") if name in resolved]
    return tuple(dict.fromkeys([*chosen, "mul", "en"])) if chosen else ()


def fallback(lang: str) -> str:
    """Return the language that labels fall back on before “mul” and English.

    >>> fallback("de-at"), fallback("zh-tw"), fallback("eo")
    ('de', 'zh-hant', 'en')
    """
    return _FALLBACKS.get(lang) or lang.rpartition("-")[0] or "en"


def language(code: str) -> str:
    """Return the code of a language as Wikibase writes it.

    >>> language("pt_BR")
    'pt-br'

    Raises `QueryError` if it cannot be one.
    """
    found = code.strip().lower().replace("_", "-")
    if not re.fullmatch(r"[a-z]{2,8}(-[a-z0-9]{1,8})*", found):
        what = f"“{_short(code)}” is not the code of a language"
        raise QueryError(what, hint="use a code such as de, es or pt-br")
    return found


def _checked_value(param: Param, text: str, items: Items) -> str:
    try:
        if param.type == "iri":
            return items.id(text, param.section, param.choices)
        _refuse_out_of_range(term(text, param.type, param.choices), param)
    except QueryError as error:
        what = error.what.replace(text, _short(text))
        raise QueryError(f"{param.name}: {what}", hint=error.hint) from error
    return text


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _refuse_out_of_range(written: str, param: Param) -> None:
    if param.type in NUMBERS:
        number = Decimal(written)
        if param.least is not None and number < param.least:
            raise QueryError(f"{written} is too small", hint=_range(param))
        if param.greatest is not None and number > param.greatest:
            raise QueryError(f"{written} is too large", hint=_range(param))


def _range(param: Param) -> str:
    if param.greatest is None:
        return f"use {param.least} or more"
    if param.least is None:
        return f"use {param.greatest} or less"
    return f"use a number from {param.least} to {param.greatest}"


def finder(wikibase: Wikibase, binding: Binding) -> Finder:
    """Return a function that finds people by name and everything else by its key."""

    def find_one(key: str, name: str) -> str | None:
        property_id = binding.properties.get(key)
        pairs = wikibase.find_by_identifier(property_id, [name]) if property_id else []
        found = sorted({entity_id for _, entity_id in pairs})
        if len(found) > 1:
            raise QueryError(
                f"“{name}” names more than one item", hint=f"use {' or '.join(found)}"
            )
        return found[0] if found else None

    def find(section: str, text: str) -> str | None:
        if section != "people":
            return find_one("wbskills_key", text) if KEY.fullmatch(text) else None
        try:
            found = find_one("wikimedia_username", username(text))
        except InvalidValue:
            found = None
        return found or find_one("pseudonym", text)

    return find


def classes(wikibase: Wikibase, binding: Binding) -> Classes:
    """Return a function that looks up the classes of an item."""

    def found(entity_id: str) -> set[str]:
        instance_of = binding.properties.get("instance_of")
        if instance_of is None or not ENTITY_ID.fullmatch(entity_id):
            return set()
        base = wikibase.concept_base
        direct = f"{base.removesuffix('entity/')}prop/direct/{instance_of}"
        answer = wikibase.select(
            f"SELECT ?class WHERE {{ <{base}{entity_id}> <{direct}> ?class }}"
        )
        return {cell.id for (cell,) in answer.rows if isinstance(cell, Iri)}

    return found


def text_of(value: Value) -> str:
    """Return a value as people type it.

    >>> text_of(Decimal("1E+2")), text_of(date(2026, 3, 4))
    ('100', '2026-03-04')
    """
    return format(value, "f") if isinstance(value, Decimal) else str(value).strip()


def term(text: str, kind: str, choices: tuple[str, ...] = ()) -> str:
    """Write a value of a type, which is one of `choices` if there are any.

    Raises `QueryError` if it does not fit.
    """
    if choices and text not in choices:
        raise QueryError(
            f"“{text}” cannot be chosen here", hint=f"use one of {', '.join(choices)}"
        )
    return _WRITERS[kind](text)


def literal(text: str) -> str:
    r"""Write a text, in quotation marks.

    >>> print(literal('say "hi"'), literal(r"\u0022"))
    "say \"hi\"" "\\\U000000750022"

    Raises `QueryError` if it has control characters, which no label or name has.
    """
    if any(ord(sign) < 32 and sign not in _ESCAPES for sign in text) or _surrogates(text):
        raise QueryError("this text has control characters in it")
    # SPARQL may read \u0022 anywhere as a quotation mark, before it looks for texts (19.2), and
    # some engines do so even after an escaped backslash. So no “u” is left behind a backslash.
    text = re.sub(r"\\([uU]?)", lambda found: "\\\\" + _codepoint(found.group(1)), text)
    for sign, escape in _ESCAPES.items():
        text = text.replace(sign, escape)
    return f'"{text}"'


def integer(text: str) -> str:
    """Write a whole number. Raises `QueryError` if it is none."""
    if not re.fullmatch(r"[+-]?[0-9]+", text) or len(text) > _LONGEST_NUMBER:
        raise QueryError(f"“{text}” is not a whole number", hint="use only digits, for example 5")
    if abs(int(text)) > _LARGEST:
        raise QueryError(f"{text} is too large", hint=f"use a number up to {_LARGEST}")
    return str(int(text))


def number(text: str) -> str:
    """Write a number. Raises `QueryError` if it is none."""
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", text) or len(text) > _LONGEST_NUMBER:
        raise QueryError(
            f"“{text}” is not a number", hint="use digits with a point, for example 0.5"
        )
    return format(Decimal(text), "f")


def day(text: str) -> str:
    """Write a day as xsd:date. Raises `QueryError` if it is none."""
    return f'"{_day(text)}"^^<{_XSD}date>'


def midnight(text: str) -> str:
    """Write a day as Wikibase does in its RDF, as xsd:dateTime at midnight.

    Raises `QueryError` if it is no day.
    """
    return f'"{_day(text)}T00:00:00Z"^^<{_XSD}dateTime>'


_WRITERS: Final[Mapping[str, Callable[[str], str]]] = {
    "literal": literal,
    "integer": integer,
    "number": number,
    "xsd_date": day,
    "xsd_dateTime": midnight,
}


def _surrogates(text: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in text)


def _codepoint(sign: str) -> str:
    return f"\\U{ord(sign):08X}" if sign else ""


def _day(text: str) -> str:
    # Python would take 20260304 and 2026-W10-3 as well.
    written = re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)
    try:
        return date.fromisoformat(text if written else "").isoformat()
    except ValueError as error:
        raise QueryError(
            f"“{text}” is not a day", hint="use year, month and day, for example 2026-03-04"
        ) from error
