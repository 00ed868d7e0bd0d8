"""Binding: a saved query made ready for one Wikibase and one reader.

Keys become ids and parameters become terms, token by token: what a value holds can fill a place
in the query and never change its shape.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from wbskills.errors import QueryError
from wbskills.names import ENTITY_ID
from wbskills.ontology.binding import Binding
from wbskills.ontology.entries import Ontology
from wbskills.query import body, header
from wbskills.query.body import NAMESPACES, TOP
from wbskills.query.items import Classes, Finder, Items
from wbskills.query.saved import NUMBERS, Param, SavedQuery
from wbskills.query.spelling import near
from wbskills.query.terms import Value, term, text_of
from wbskills.wikibase.sparql_tokens import Kind, Token, tokenize

_SHOWN: Final = 80  # characters of a value in a message

# Where MediaWiki falls back on something else than the code without its last part.
# https://www.mediawiki.org/wiki/Manual:Language#Fallback_languages
_FALLBACKS: Final = {
    "zh-cn": "zh-hans", "zh-sg": "zh-hans", "zh-my": "zh-hans", "zh": "zh-hans",
    "zh-tw": "zh-hant", "zh-hk": "zh-hant", "zh-mo": "zh-hant",
    "pt": "pt-br", "als": "de", "bar": "de", "gsw": "de", "lb": "de", "an": "es", "eu": "es",
    "br": "fr", "wa": "fr", "ary": "ar", "arz": "ar", "nn": "nb",
}  # fmt: skip


def bind(  # noqa: PLR0913 - all but two are given by name
    query: SavedQuery,
    values: Mapping[str, Value | None],
    *,
    binding: Binding,
    ontology: Ontology,
    concept_base: str,
    lang: str = "en",
    find: Finder | None = None,
    classes: Classes | None = None,
) -> str:
    """Give the text of a query, ready to paste into the query service of a Wikibase.

    `values` are given by the parameters' names, blanks around them do not count; None and an empty
    text mean that nothing is given. An item may be named by id, by key, by label, or, where `find`
    is given, as that understands it; `classes` tells whether an id is one of the right kind. A
    parameter that is not required and not given stays a free variable, which means “all”.

    Raises `QueryError` if a value is missing, unknown or does not fit its type, or if the query
    names a key that has no id in this Wikibase.
    """
    items = Items(
        ontology=ontology, binding=binding, concept_base=concept_base, find=find, classes=classes
    )
    return written(query, settle(query, values, items, lang), items)


def settle(
    query: SavedQuery,
    values: Mapping[str, Value | None],
    items: Items,
    lang: str = "en",
    *,
    whole: bool = True,
) -> dict[str, tuple[Param, str]]:
    """Give what a query is asked with: each parameter that has a value, and its checked text.

    That of an item is its id; what is not given has its default. Raises `QueryError` as `bind`,
    but where it need not be `whole`, what is required may be missing.
    """
    given = {name: text_of(value) for name, value in values.items() if value is not None}
    for name in given:
        query.param(name)
    given = {name: text for name, text in given.items() if text}
    chosen = language(given.get("lang", lang))
    given |= {"lang": chosen, "fallback": language(given.get("fallback", fallback(chosen)))}
    settled = {}
    for param in query.params:
        text = given.get(param.name) or param.default
        if text:
            settled[param.name] = param, _checked(param, text, items)
        elif param.required and whole:
            raise QueryError(
                f"“{query.name}” needs a value for “{param.name}”: {param.meaning}",
                hint=f"{param.name}=…",
            )
    return settled


def written(query: SavedQuery, settled: Mapping[str, tuple[Param, str]], items: Items) -> str:
    """Write a query with what `settle` gave."""
    concept_base = items.concept_base
    if not re.fullmatch(r"https?://[^\x00-\x20<>\"{}|^`\\]+/", concept_base):
        raise QueryError(f"“{concept_base}” is not the address of a Wikibase's entities")
    text = header.split(query.text)[1]
    said = body.read(text)
    short = {namespace: prefix for prefix, namespace in said.prefixes.items()}
    prefix = short.get(f"{TOP}entity/")
    terms = {
        param.variable: _term(param, text, concept_base, prefix)
        for param, text in settled.values()
    }
    top = concept_base.removesuffix("entity/")
    bound = (_bound(token, terms, items, said.prefixes, top) for token in tokenize(text))
    return f"# {query.summary}\n{''.join(bound)}"


def fallback(lang: str) -> str:
    """Give the language that labels fall back on before “mul” and English.

    >>> fallback("de-at"), fallback("zh-tw"), fallback("eo")
    ('de', 'zh-hant', 'en')
    """
    return _FALLBACKS.get(lang) or lang.rpartition("-")[0] or "en"


def language(code: str) -> str:
    """Write the code of a language as Wikibase does.

    >>> language("pt_BR")
    'pt-br'

    Raises `QueryError` if it cannot be one.
    """
    found = code.strip().lower().replace("_", "-")
    if not re.fullmatch(r"[a-z]{2,8}(-[a-z0-9]{1,8})*", found):
        what = f"“{_short(code)}” is not the code of a language"
        raise QueryError(what, hint="de, es or pt-br")
    return found


def _checked(param: Param, text: str, items: Items) -> str:
    """Refuse a value that does not fit its parameter; give it, and of an item the id."""
    try:
        if param.type == "iri":
            return items.id(text, param.section, param.choices)
        _in_range(term(text, param.type, param.choices), param)
    except QueryError as error:
        what = error.what.replace(text, _short(text))
        raise QueryError(f"{param.name}: {what}", hint=error.hint) from error
    return text


def _term(param: Param, text: str, concept_base: str, prefix: str | None) -> str:
    if param.type != "iri":
        return term(text, param.type)
    return f"<{concept_base}{text}>" if prefix is None else f"{prefix}:{text}"


def _short(text: str) -> str:
    """Cut a value for a message, which it would fill otherwise."""
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _in_range(written: str, param: Param) -> None:
    """Refuse a number that is out of the range which the query's header gives."""
    if param.type in NUMBERS:
        number = Decimal(written)
        if param.least is not None and number < param.least:
            raise QueryError(f"{written} is too small", hint=_range(param))
        if param.greatest is not None and number > param.greatest:
            raise QueryError(f"{written} is too large", hint=_range(param))


def _range(param: Param) -> str:
    """Tell from where to where a number may go.

    >>> _range(Param(name="n", variable="_n_integer", type="integer", required=True, meaning="",
    ...              least=Decimal(0), greatest=Decimal(1)))
    'a number from 0 to 1'
    """
    if param.greatest is None:
        return f"{param.least} or more"
    return (
        f"{param.greatest} or less"
        if param.least is None
        else f"a number from {param.least} to {param.greatest}"
    )


def _bound(
    token: Token, terms: Mapping[str, str], items: Items, prefixes: Mapping[str, str], top: str
) -> str:
    if token.variable:
        return terms.get(token.variable, token.text)
    if token.kind is Kind.IRI and token.text.startswith(f"<{TOP}"):
        return f"<{top}{token.text[len(TOP) + 1 :]}"
    prefix, key = token.name
    kind = NAMESPACES.get(prefixes.get(prefix, ""))
    if not key or kind is None or ENTITY_ID.fullmatch(key):
        return token.text
    return f"{prefix}:{items.bound(key) if kind == 'item' else _property(key, items)}"


def _property(key: str, items: Items) -> str:
    found = items.binding.properties.get(key)
    if found is None:
        known = items.ontology.properties
        raise QueryError(
            f"the property “{key}” is not in this Wikibase",
            hint="apply the ontology to this Wikibase first" if key in known else near(key, known),
        )
    return found
