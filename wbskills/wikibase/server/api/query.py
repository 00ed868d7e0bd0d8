"""action=query: what is asked by meta, prop and list, each with parameters of its own.

A query may come in parts: each part ends with the parameters by which the next one is asked
(https://www.mediawiki.org/wiki/API:Continue). What prop= tells of the pages of a generator is
told to its end before the generator goes on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from wbskills.wikibase.server.api import page_set
from wbskills.wikibase.server.api.call import Call, Module
from wbskills.wikibase.server.api.cutting import how_many_fit
from wbskills.wikibase.server.api.errors import ApiError, bad_value
from wbskills.wikibase.server.api.messages import Json
from wbskills.wikibase.server.api.page_props import info_of_missing
from wbskills.wikibase.server.api.page_set import Page, PageSet, titled
from wbskills.wikibase.server.api.parameters import Parameter, read
from wbskills.wikibase.server.api.query_parts import GENERATORS, LIST, META, PROP
from wbskills.wikibase.server.api.titles import Title


@dataclass(slots=True)
class _Parts:
    """Which part of a query this is, and what will be left of it.

    `done` names the modules that have told everything, `pages_done` says that about all that
    hangs on pages. `generator` are the parameters that this part of the generator is asked by,
    `next_pages` those of its next part; `rest` are those of other modules, by name.
    """

    done: frozenset[str] = frozenset()
    pages_done: bool = False
    generator: Json = field(default_factory=dict)
    next_pages: Json = field(default_factory=dict)
    rest: dict[str, Json] = field(default_factory=dict)

    @classmethod
    def of(cls, call: Call, text: str | None) -> "_Parts":
        """Read the parameter `continue`. Raises `ApiError`."""
        if not text:
            return cls()
        pages, bars, done = text.partition("||")
        if not bars:
            raise ApiError(
                "badcontinue",
                "Invalid continue param. You should pass the original value returned by the"
                " previous query.",
            )
        names = [] if pages in ("", "-") else pages.split("|")
        sent = {name: call.words.take(name, []) for name in names}
        return cls(
            frozenset(done.split("|")) - {""},
            pages == "-",
            {name: value for name, value in sent.items() if value is not None},
        )

    def going_on(self, asked: Iterable[str], props: Iterable[str]) -> tuple[Json, bool]:
        """Give the parameters of the next part, and whether all of this batch was told."""
        on_pages = set(props)
        found = {
            k: v
            for name, part in self.rest.items()
            if name not in on_pages
            for k, v in part.items()
        }
        finished = [name for name in asked if name not in self.rest]
        unfinished = {k: v for name in props for k, v in self.rest.get(name, {}).items()}
        if unfinished:
            found |= unfinished | self.generator
            pages = "|".join(self.generator)
        elif self.next_pages:
            found |= self.next_pages
            finished = [name for name in finished if name not in on_pages]
            pages = "|".join(self.next_pages)
        else:
            pages = "-"
        if found:
            found["continue"] = f"{pages}||{'|'.join(finished)}"
        return found, not unfinished


def _query(call: Call) -> Json:
    """Answer all that one query asks."""
    values = call.values
    call.memory["query"] = values
    parts = _Parts.of(call, values["continue"])
    metas, lists, props = (values[name] or [] for name in ("meta", "list", "prop"))
    found: Json = {}
    for name in metas:
        asked = _read(call, META[name].module)
        if name not in parts.done:
            found |= META[name].run(call, asked)
    for name in lists:
        asked = _read(call, LIST[name].module)
        if name not in parts.done:
            listed = LIST[name].run(call, asked)
            room = how_many_fit(call, listed.rows)
            if room < len(listed.rows):  # the rest comes with the next part
                listed = LIST[name].run(call, {**asked, "limit": room})
            found |= {**listed.more, name: list(listed.rows)}
            _leave(parts, LIST[name].module, listed.going_on)
    for name in props:
        call.memory[name] = _read(call, PROP[name].module)
    generated = _generated(call, values, parts)
    named = any(values[each] for each in ("titles", "pageids", "revids"))
    if (named or generated is not None) and not parts.pages_done:
        found |= _of_pages(
            call, values, parts, [p for p in props if p not in parts.done], generated
        )
    result: Json = {}
    going_on, whole = parts.going_on([*metas, *lists, *props], props)
    call.mark(result, **({"batchcomplete": True} if whole else {}))
    if going_on:
        result["continue"] = going_on
    if found:
        result["query"] = found
    return result


def _leave(parts: _Parts, module: Module, going_on: Json) -> None:
    """Remember by what parameters a module is to go on."""
    if going_on:
        parts.rest[module.name] = {f"{module.prefix}{k}": v for k, v in going_on.items()}


def _generated(call: Call, values: Json, parts: _Parts) -> Sequence[Title] | None:
    """Find pages by the generator; None if there is none."""
    name = values["generator"]
    if name is None:
        return None
    if name not in GENERATORS:
        raise bad_value("generator", name)
    prop = PROP.get(name)
    module = prop.module if prop else LIST[name].module
    asked = _read(call, module, "g")
    if parts.pages_done:
        return None
    if prop is None or prop.linked is None:
        listed = LIST[name].run(call, asked)
        titles, going_on = listed.titles, listed.going_on
    else:
        pages = page_set.gather(call, values).there
        pairs, going_on = prop.linked.pairs(call, asked, {page: {} for page in pages})
        titles = [title for _, title in pairs]
    parts.next_pages = {f"g{module.prefix}{k}": v for k, v in going_on.items()}
    return titles


def _of_pages(
    call: Call,
    values: Json,
    parts: _Parts,
    props: list[str],
    generated: Sequence[Title] | None,
) -> Json:
    pages = page_set.gather(call, values, generated)
    shown: dict[Page, Json] = {
        page: page.named() for page in sorted(pages.there, key=lambda page: page.number)
    }
    for name in props:
        _leave(parts, PROP[name].module, PROP[name].run(call, call.memory[name], shown))
    absent = _absent(call, pages, with_info="info" in props)
    if generated is not None and values["generator"] == "search":
        for page, found in shown.items():
            found["index"] = pages.places.get(page.title, 0)
    result = {**pages.told(call), **page_set.wrong_revisions(call, values)}
    if not (absent or shown):
        return result
    keys = [str(found.get("pageid", -place)) for place, found in enumerate(absent, 1)]
    keys += [str(page.number) for page in shown]
    if values["indexpageids"]:
        result["pageids"] = keys
    every = [*absent, *shown.values()]
    result["pages"] = every if call.version == 2 else dict(zip(keys, every, strict=True))
    return result


def _absent(call: Call, pages: PageSet, *, with_info: bool) -> list[Json]:
    """Tell what was asked for and is no page of this wiki."""
    found: list[Json] = []
    for text, reason in pages.invalid.items():
        found.append({"title": text, "invalidreason": reason})
        call.mark(found[-1], invalid=True)
    for title in pages.special:
        found.append(titled(title))
        call.mark(found[-1], special=True)
    for title in pages.missing:
        found.append(titled(title))
        call.mark(found[-1], missing=True)
        if with_info:
            found[-1] |= info_of_missing(call, title)
    for page in pages.unknown:
        found.append({"pageid": page})
        call.mark(found[-1], missing=True)
    return found


def _read(call: Call, module: Module, before: str = "") -> Json:
    values, warnings, limits = read(
        module.parameters,
        call.words,
        prefix=before + module.prefix,
        high=call.user.may("apihighlimits"),
    )
    for text in warnings:
        call.warn(text, module.name)
    if limits:
        call.limits[module.name] = limits[""]
    return values


QUERY: Final = Module(
    "query",
    _query,
    (
        Parameter("prop", multi=True, choices=tuple(sorted(PROP))),
        Parameter("list", multi=True, choices=tuple(sorted(LIST))),
        Parameter("meta", multi=True, choices=tuple(sorted(META))),
        Parameter("indexpageids", "boolean"),
        Parameter("export", "boolean"),
        Parameter("iwurl", "boolean"),
        Parameter("continue"),
        Parameter("rawcontinue", "boolean"),
        Parameter("titles", multi=True),
        Parameter("pageids", multi=True),
        Parameter("revids", multi=True),
        Parameter("generator", choices=GENERATORS),
        Parameter("redirects", "boolean"),
        Parameter("converttitles", "boolean"),
    ),
)
