"""Changes of terms and sitelinks: wbsetlabel, wbsetdescription, wbsetaliases, wbsetsitelink.

Also the changes that wbeditentity makes of their JSON.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from wbskills.wikibase.model.entities import Entity, Kind, Sitelink
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.deserializers import parse_entity_id, read_entity_id
from wbskills.wikibase.server.api.editing import (
    Target,
    check_rights,
    choose_entity,
    page_url,
    save,
    using_up_id,
)
from wbskills.wikibase.server.api.errors import Json, api_error, invalid_value, wikibase_error
from wbskills.wikibase.server.api.languages import term_languages
from wbskills.wikibase.server.api.titles import MAIN_PAGE, capitalized, title_of
from wbskills.wikibase.server.api.validators import excerpt

_MAX_LENGTH: Final = 250
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

Aliases = Mapping[str, tuple[str, ...]]
_Term = Mapping[str, Any]  # one term in JSON


def set_label(call: Call) -> Json:
    """Set or remove the label in one language."""
    return _set_term(call, "label")


def set_description(call: Call) -> Json:
    """Set or remove the description in one language."""
    return _set_term(call, "description")


def set_aliases(call: Call) -> Json:
    """Set all aliases in one language, or add and remove some."""
    target = _choose_entity(call)
    language = call.values["language"]
    added, removed, whole = (call.values[name] for name in ("add", "remove", "set"))
    if whole is None and added is None and removed is None:
        names = '"add", "remove" and "set"'
        raise api_error("missingparam", names, name="apierror-missingparam-at-least-one-of")
    before = target.entity.aliases.get(language, ())
    if whole is not None:
        what, texts = "set", _cleaned(whole)
    else:
        what = "update" if added and removed else "add" if added else "remove"
        gone = set(_cleaned(removed or ()))
        texts = [text for text in before if text not in gone] + _cleaned(added or ())
    for text in texts:
        _check_length(text, "alias")
    aliases = dict(target.entity.aliases)
    _put_aliases(aliases, language, texts)
    after = aliases.get(language, ())
    summary = f"/* wbsetaliases-{what}:{len(after)}|{language} */ {', '.join(after)}".rstrip()
    saved = save(call, target, replace(target.entity, aliases=aliases), summary)
    flags = {} if after else {"removed": ""}
    listed = [{"language": language, "value": text, **flags} for text in after or before]
    return saved.terms_json({"aliases": {language: listed} if listed else {}})


def clean_term(text: str) -> str:
    """Return a term as it is stored.

    >>> clean_term(" a\\tb ")
    'a b'
    """
    if text.isascii():
        return _CONTROL.sub(" ", text).strip()
    whole = text.encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFC", _CONTROL.sub(" ", whole).strip())


def change_terms(present: Mapping[str, str], found: object, kind: str) -> dict[str, str]:
    """Return labels or descriptions changed by the JSON of a client. Raises `ApiError`.

    `kind` is `label` or `description`.
    """
    if not isinstance(found, (Mapping, list)):
        raise wikibase_error("not-recognized-array")
    terms = dict(present)
    for key, term in found.items() if isinstance(found, Mapping) else enumerate(found):
        language = _language(key, term)
        _put_term(terms, language, "" if "remove" in term else clean_term(_text(term)), kind)
    return terms


def change_aliases(present: Aliases, found: object) -> dict[str, tuple[str, ...]]:
    """Return aliases changed by the JSON of a client. Raises `ApiError`.

    Those of one group replace all in their language, but for those marked by `add` and
    `remove`. A list without languages as keys is a group for each of its members.
    """
    aliases = dict(present)
    for group in list(_alias_groups(found, aliases)):
        whole: dict[str, list[str]] = {}
        for language, term in group:
            text = clean_term(_text(term))
            _check_length(text, "alias")
            before = aliases.get(language, ())
            if "remove" in term:
                _put_aliases(aliases, language, (each for each in before if each != text))
            elif "add" in term:
                _put_aliases(aliases, language, (*before, text))
            else:
                whole.setdefault(language, []).append(text)
        for language, texts in whole.items():
            _put_aliases(aliases, language, texts)
    return aliases


def set_sitelink(call: Call) -> Json:
    """Set or remove the link of an item to a page."""
    site, title = call.values["linksite"], call.values["linktitle"]
    badges = call.values["badges"]
    if site != call.settings.wiki_id:
        raise api_error("badvalue", "linksite", site)
    target = choose_entity(call)
    if target.kind is not Kind.ITEM:
        raise wikibase_error("invalid-entity-id")
    links = {link.site: link for link in target.entity.sitelinks}
    old = links.get(site)
    if title is None and badges is not None and old is not None:
        title = old.title
    if not title:
        if old is None:
            raise wikibase_error("no-such-sitelink")
        del links[site]
        shown: Json = {"title": old.title, "badges": [], "removed": ""}
        summary = f"/* wbsetsitelink-remove:1|{site} */"
    else:
        _check_badges(badges or ())
        new = links[site] = _valid_link(call, site, title)
        shown = {"title": new.title, "badges": [], "url": page_url(call, new.title)}
        summary = f"/* wbsetsitelink-{'add' if old is None else 'set'}:1|{site} */ {new.title}"
    saved = save(call, target, replace(target.entity, sitelinks=tuple(links.values())), summary)
    return saved.terms_json({"sitelinks": {site: {"site": site, **shown}}})


def change_sitelinks(call: Call, entity: Entity, found: object) -> tuple[Sitelink, ...]:
    """Return the sitelinks of an item changed by the JSON of a client. Raises `ApiError`."""
    if not isinstance(found, (Mapping, list)):
        raise wikibase_error("not-recognized-array")
    links = {link.site: link for link in entity.sitelinks}
    entries: Iterable[tuple[object, object]] = (
        found.items() if isinstance(found, Mapping) else ((None, each) for each in found)
    )
    for key, each in entries:
        if not isinstance(each, Mapping):
            raise wikibase_error("not-recognized-array")
        site, title = each.get("site"), each.get("title")
        if not isinstance(site, str):
            raise wikibase_error("not-recognized-site")
        if key is not None and key != site:
            raise wikibase_error("inconsistent-site")
        if "remove" in each or title == "" or (title is None and "badges" not in each):
            links.pop(site, None)
            continue
        if title is None and site not in links:
            raise wikibase_error("no-such-sitelink")
        if title is not None and not isinstance(title, str):
            raise wikibase_error("not-recognized-string")
        _check_badges(each.get("badges") or ())
        links[site] = _valid_link(call, site, links[site].title if title is None else title)
    return tuple(links.values())


def normalize_title(title: str) -> str:
    """Return a title as MediaWiki writes it.

    >>> normalize_title("main_page ")
    'Main page'
    """
    return capitalized(" ".join(title.replace("_", " ").split()))


def _set_term(call: Call, kind: str) -> Json:
    target = _choose_entity(call)
    language, text = call.values["language"], clean_term(call.values["value"] or "")
    entity = target.entity
    before = entity.labels if kind == "label" else entity.descriptions
    after = dict(before)
    with using_up_id(call, target):
        _put_term(after, language, text, kind)
    if kind == "label":
        wanted = replace(entity, labels=after)
    else:
        wanted = replace(entity, descriptions=after)
    what = "remove" if not text else "set" if language in before else "add"
    shown = text or before.get(language, "")
    saved = save(call, target, wanted, f"/* wbset{kind}-{what}:1|{language} */ {shown}".rstrip())
    term = {"language": language, **({"value": text} if text else {"removed": ""})}
    return saved.terms_json({f"{kind}s": {language: term}})


def _choose_entity(call: Call) -> Target:
    """Load the entity; checks rights even if nothing would change."""
    target = choose_entity(call)
    check_rights(call, creates=target.is_new, kind=target.kind, terms=True)
    return target


def _cleaned(texts: Iterable[str]) -> list[str]:
    return [text for text in map(clean_term, texts) if text]


def _put_term(terms: dict[str, str], language: str, text: str, kind: str) -> None:
    """Set a term, or remove it if the text is empty."""
    if text:
        _check_length(text, kind)
        terms[language] = text
    else:
        terms.pop(language, None)


def _put_aliases(aliases: dict[str, tuple[str, ...]], language: str, texts: Iterable[str]) -> None:
    if found := tuple(dict.fromkeys(texts)):
        aliases[language] = found
    else:
        aliases.pop(language, None)


def _check_length(text: str, kind: str) -> None:
    if not text:
        raise invalid_value(f"{kind}-too-short", "1", "")
    if len(text) > _MAX_LENGTH:
        raise invalid_value(f"{kind}-too-long", str(_MAX_LENGTH), excerpt(text))


def _alias_groups(
    found: object, aliases: dict[str, tuple[str, ...]]
) -> Iterator[list[tuple[str, _Term]]]:
    """Yield groups of languages and terms; removes the aliases of an empty group."""
    if not isinstance(found, (Mapping, list)):
        raise wikibase_error("not-recognized-array")
    for key, group in found.items() if isinstance(found, Mapping) else enumerate(found):
        if not isinstance(group, (Mapping, list)):
            raise wikibase_error("not-recognized-array")
        if not group and isinstance(key, str):
            aliases.pop(key, None)
        terms = group if isinstance(group, list) else [group]
        yield [(_language(key, term), term) for term in terms]


def _language(key: object, term: object) -> str:
    """Return the language of a term; a `key` that is a text has to be the same."""
    if not isinstance(term, Mapping):
        raise wikibase_error("not-recognized-array")
    language = term.get("language")
    if language is None:
        raise wikibase_error("missing-language")
    if not isinstance(language, str):
        raise wikibase_error("not-recognized-string")
    if isinstance(key, str) and key != language:
        raise wikibase_error("inconsistent-language")
    if language not in term_languages():
        raise wikibase_error("not-recognized-language")
    return language


def _text(term: _Term) -> str:
    text = term.get("value", "" if "remove" in term else None)
    if not isinstance(text, str):
        raise wikibase_error("not-recognized-string")
    return text


def _valid_link(call: Call, site: str, title: str) -> Sitelink:
    """Return a sitelink to an existing page. Raises `ApiError`."""
    if site != call.settings.wiki_id:
        raise wikibase_error("not-recognized-site")
    name = normalize_title(title)
    if not _page_exists(call, name):
        raise wikibase_error("no-external-page", site, title)
    return Sitelink(site, name)


def _page_exists(call: Call, title: str) -> bool:
    if title == str(MAIN_PAGE):
        return True
    prefix, _, name = title.partition(":")
    entity_id = parse_entity_id(name)
    return (
        entity_id is not None
        and prefix == title_of(entity_id).prefix
        and call.site.store.pages.exists(entity_id)
    )


def _check_badges(badges: object) -> None:
    """Refuse badges: this wiki has none. Raises `ApiError`."""
    if not isinstance(badges, (list, tuple)):
        raise wikibase_error("not-recognized-array")
    for badge in badges:
        if not isinstance(badge, str):
            raise wikibase_error("not-recognized-string")
        item = read_entity_id(badge, "Q")
        raise wikibase_error("not-badge", item, name="wikibase-setsitelink-not-badge")
