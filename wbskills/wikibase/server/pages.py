"""Pages to read: the start page, items and properties, old revisions, search, and changes."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final
from urllib.parse import quote

from flask import Blueprint, Response, redirect, request, send_from_directory
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from wbskills.data import base_stylesheet
from wbskills.names import ENTITY_ID
from wbskills.wikibase.embedded.history import Revision, RevisionFilter
from wbskills.wikibase.model.entities import Entity, Kind, Stored
from wbskills.wikibase.server.client_input import languages
from wbskills.wikibase.server.documents import page_title
from wbskills.wikibase.server.rendering import Templates
from wbskills.wikibase.server.site import Site
from wbskills.wikibase.server.sparql import EXAMPLES
from wbskills.wikibase.server.view_model import DisplayText, EntityLabels, best_term, sections

_STATIC: Final = Path(__file__).resolve().with_name("static")
_MAX_REVISIONS: Final = 50
_MAX_CHANGES: Final = 100
_MAX_HITS: Final = 20
_MAX_PROPERTIES: Final = 500
_FALLBACKS: Final = ("en", "mul")  # languages


def blueprint(site: Site) -> Blueprint:
    """Return the pages of a Wikibase."""
    routes = Blueprint("pages", __name__)
    pages = _Pages(site)

    for path, view in (
        ("/", pages.start),
        ("/wiki/", pages.start),
        ("/wiki/Main_Page", pages.start),
        ("/wiki/Item:<name>", pages.entity),
        ("/wiki/Property:<name>", pages.entity),
        ("/wiki/<name>", pages.entity),
        ("/wiki/Special:Search", pages.search),
        ("/wiki/Special:RecentChanges", pages.changes),
        ("/wiki/Special:ListProperties", pages.properties),
    ):
        routes.add_url_rule(path, view_func=view)

    @routes.get("/w/index.php")
    def by_title() -> AnyResponse:
        title = request.args.get("title", "Main_Page")
        oldid = request.args.get("oldid", "")
        query = f"?oldid={oldid}" if oldid.isdecimal() else ""
        return redirect(f"/wiki/{quote(title, safe=':')}{query}")

    @routes.app_errorhandler(404)
    def not_found(error: NotFound) -> AnyResponse:
        # Programs get the answer of the API they called, or the plain error.
        if error.response is not None or not request.accept_mimetypes.accept_html:
            return error.get_response()
        return pages.not_found("There is no page at this address.")

    @routes.get("/looks/<path:name>")
    def static(name: str) -> Response:
        shared = base_stylesheet()
        folder = shared.parent if name == shared.name else _STATIC
        return send_from_directory(folder, name, max_age=3600)

    return routes


class _Pages:
    def __init__(self, site: Site) -> None:
        self._site, self._store = site, site.store
        self._templates = Templates(site)

    def start(self) -> Response:
        return self._templates.page(
            "start",
            counts=self._store.pages.counts(),
            changes=self._with_links(self._store.history.changes(8)),
            address=self._site.address,
            example=EXAMPLES[0][1],
        )

    def entity(self, name: str) -> AnyResponse:
        entity_id = name.upper()
        if not ENTITY_ID.fullmatch(entity_id):
            return self.not_found(f"There is no page “{name}” here.")
        if request.path != f"/wiki/{page_title(entity_id)}":
            return redirect(f"/wiki/{page_title(entity_id)}", 301)
        history, pages = self._store.history, self._store.pages
        latest = self._store.read([entity_id]).get(entity_id)
        target = None if latest else pages.redirects([entity_id]).get(entity_id)
        if target is not None:
            return redirect(f"/wiki/{page_title(target)}?from={entity_id}", 302)
        if latest is None:
            reason = "was deleted" if pages.deleted(entity_id) else "does not exist"
            return self.not_found(f"{entity_id} {reason}.")
        stored: Stored | None = latest
        oldid = request.args.get("oldid", "")
        if oldid.isdecimal() and len(oldid) < 19 and int(oldid) != latest.revision:
            revision = history.revision(int(oldid))
            stored = revision.entity_then() if revision and revision.entity == entity_id else None
        if stored is None:
            return self.not_found(f"{entity_id} has no revision {oldid} that can be shown.")
        return self._revision(stored, latest, history.revisions_of(entity_id, _MAX_REVISIONS))

    def _revision(self, stored: Stored, latest: Stored, history: list[Revision]) -> Response:
        entity = stored.entity
        reader_languages = _languages()
        statements, identifiers = sections(self._store, entity, reader_languages)
        label = best_term(entity.labels, reader_languages)
        description = best_term(entity.descriptions, reader_languages)
        came_from = request.args.get("from", "")
        return self._templates.page(
            "entity",
            entity=entity,
            label=DisplayText(text=label.text, language=label.language),
            description=DisplayText(text=description.text, language=description.language),
            terms=list(_terms(entity, reader_languages)),
            statements=statements,
            identifiers=identifiers,
            history=history,
            stored=stored,
            is_old=stored.revision != latest.revision,
            came_from=came_from if ENTITY_ID.fullmatch(came_from) else "",
            concept=f"{self._store.concept_base}{entity.id}",
            links_here=f"SELECT ?item ?itemLabel ?property WHERE {{\n"
            f"  ?item ?property wd:{entity.id} .\n"
            '  SERVICE wikibase:label { bd:serviceParam wikibase:language "[AUTO_LANGUAGE],en" }\n'
            "}",
        )

    def search(self) -> AnyResponse:
        text = request.args.get("search", "").strip()
        if ENTITY_ID.fullmatch(text.upper()) and self._store.read([text.upper()]):
            return redirect(f"/wiki/{page_title(text.upper())}", 302)
        hits = list(islice(self._hits(text), _MAX_HITS)) if text else []
        return self._templates.page("search", search_text=text, hits=hits)

    def _hits(self, text: str) -> Iterator[tuple[DisplayText, DisplayText, str]]:
        """Yield link, description, and the alias that was found, if it was not the label."""
        reader_languages = _languages()
        spellings = dict.fromkeys(
            (text, text.lower(), text[:1].upper() + text[1:], text.capitalize())
        )
        found = {
            hit.entity: hit.text
            for kind in Kind
            for spelling in spellings
            for hit in self._store.pages.search(spelling, reader_languages, kind, _MAX_HITS)
        }
        labels = EntityLabels(self._store, found, reader_languages)
        entities = self._store.read(found)
        for entity_id, term in found.items():
            description = best_term(entities[entity_id].entity.descriptions, reader_languages)
            link = labels.link(entity_id)
            shown = DisplayText(
                text=description.text, language=description.language, remark=entity_id
            )
            yield link, shown, term if term != link.text else ""

    def changes(self) -> Response:
        before = request.args.get("before", "")
        start = int(before) if before.isdecimal() and len(before) < 19 else None
        found = self._store.history.changes(_MAX_CHANGES, RevisionFilter(start=start))
        older = found[-1].id - 1 if len(found) == _MAX_CHANGES else 0
        return self._templates.page("changes", changes=self._with_links(found), older=older)

    def _with_links(self, found: Sequence[Revision]) -> list[tuple[Revision, DisplayText]]:
        labels = EntityLabels(self._store, (one.entity for one in found), _languages())
        return [(one, labels.link(one.entity)) for one in found]

    def properties(self) -> Response:
        ids = self._store.pages.ids(Kind.PROPERTY, _MAX_PROPERTIES)
        reader_languages = _languages()
        labels = EntityLabels(self._store, ids, reader_languages)
        rows = [
            (
                labels.link(one.entity.id),
                one.entity,
                best_term(one.entity.descriptions, reader_languages),
            )
            for one in _by_number(self._store.read(ids).values())
        ]
        return self._templates.page("properties", rows=rows)

    def not_found(self, message: str) -> Response:
        return self._templates.page("missing", 404, what=message)


def _by_number(entities: Iterable[Stored]) -> list[Stored]:
    return sorted(entities, key=lambda one: int(one.entity.id[1:]))


def _languages() -> list[str]:
    """Return the languages of a page, best first: that in the address, those of the reader."""
    uselang = request.args.get("uselang", "").lower()
    first = [uselang] if uselang else []
    return list(dict.fromkeys([*first, *languages(request.accept_languages), *_FALLBACKS]))


def _terms(
    entity: Entity, reader_languages: Sequence[str]
) -> Iterator[tuple[str, str, str, list[str]]]:
    """Yield language, label, description and aliases; the reader's own languages first."""
    codes = {*entity.labels, *entity.descriptions, *entity.aliases}
    first = [code for code in reader_languages if code in codes]
    for code in [*first, *sorted(codes - set(first))]:
        yield (
            code,
            entity.labels.get(code, ""),
            entity.descriptions.get(code, ""),
            list(entity.aliases.get(code, ())),
        )
