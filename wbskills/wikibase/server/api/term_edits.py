"""wbsetlabel, wbsetdescription and wbsetaliases."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from wbskills.wikibase.server.api import terms
from wbskills.wikibase.server.api.call import Call, Module
from wbskills.wikibase.server.api.editing import (
    COMMON,
    Target,
    answered,
    check_rights,
    chosen,
    save,
)
from wbskills.wikibase.server.api.entity_edits import CHOICE
from wbskills.wikibase.server.api.errors import ApiError
from wbskills.wikibase.server.api.messages import Json
from wbskills.wikibase.server.api.parameters import Parameter


def _set_term(call: Call, *, kind: str) -> Json:
    """Set or remove the label or description in a language."""
    target = _chosen(call)
    language = call.values["language"]
    text = terms.clean(call.values["value"] or "")
    present = target.entity.labels if kind == "label" else target.entity.descriptions
    after = dict(present)
    try:
        terms.set_term(after, language, text, kind)
    except ApiError:
        if target.latest is None:
            call.site.store.skip_id(target.entity.kind)
        raise
    entity = target.entity
    if kind == "label":
        wanted = replace(entity, labels=after)
    else:
        wanted = replace(entity, descriptions=after)
    what = "remove" if not text else "set" if language in present else "add"
    told = text or present.get(language, "")
    saved = save(call, target, wanted, f"/* wbset{kind}-{what}:1|{language} */ {told}".rstrip())
    part: Json = {"language": language}
    part |= {"value": text} if text else {"removed": ""}
    found = {
        f"{kind}s": {language: part},
        "id": saved.shown.id,
        "type": saved.shown.kind.value,
    }
    return answered(saved, found)


def _set_aliases(call: Call) -> Json:
    """Set all aliases in a language, or add and remove some."""
    target = _chosen(call)
    language = call.values["language"]
    added, removed, fresh = (call.values[name] for name in ("add", "remove", "set"))
    if fresh is None and added is None and removed is None:
        raise ApiError(
            "missingparam", 'At least one of the parameters "add", "remove" and "set" is required.'
        )
    present = target.entity.aliases.get(language, ())
    if fresh is not None:
        texts = _clean(fresh)
        what = "set"
    else:
        gone = set(_clean(removed or ()))
        texts = [text for text in present if text not in gone]
        texts += _clean(added or ())
        what = "update" if added and removed else "add" if added else "remove"
    for text in texts:
        terms.check_length(text, "alias")
    aliases = {**target.entity.aliases, language: tuple(dict.fromkeys(texts))}
    if not texts:
        del aliases[language]
    after = aliases.get(language, ())
    told = f"/* wbsetaliases-{what}:{len(after)}|{language} */ {', '.join(after)}".rstrip()
    saved = save(call, target, replace(target.entity, aliases=aliases), told)
    listed = [{"language": language, "value": text} for text in after]
    if after:
        found: Json = {"aliases": {language: listed}}
    else:
        gone_too = [{"language": language, "value": text, "removed": ""} for text in present]
        found = {"aliases": {language: gone_too}} if gone_too else {"aliases": {}}
    return answered(saved, {**found, "id": saved.shown.id, "type": saved.shown.kind.value})


def _chosen(call: Call) -> Target:
    """Find what is to be edited, by somebody who may, even if nothing would change."""
    target = chosen(call)
    check_rights(call, creates=target.latest is None, kind=target.entity.kind, terms=True)
    return target


def _clean(texts: Iterable[str]) -> list[str]:
    """Bring aliases into the form in which they are kept; empty ones are none."""
    return [text for text in map(terms.clean, texts) if text]


def _module(name: str, run: Callable[[Call], Json], *parameters: Parameter) -> Module:
    return Module(
        name,
        run,
        (*CHOICE, *COMMON, *parameters),
        token="csrf",  # noqa: S106 - a kind, no secret
        posted=True,
        writes=True,
    )


_LANGUAGE = Parameter("language", "language", required=True)
SET_LABEL = _module("wbsetlabel", partial(_set_term, kind="label"), _LANGUAGE, Parameter("value"))
SET_DESCRIPTION = _module(
    "wbsetdescription", partial(_set_term, kind="description"), _LANGUAGE, Parameter("value")
)
SET_ALIASES = _module(
    "wbsetaliases",
    _set_aliases,
    Parameter("add", multi=True),
    Parameter("remove", multi=True),
    Parameter("set", multi=True),
    _LANGUAGE,
)
