"""Pages that people read: the start, items and properties, old revisions, search, changes."""

from collections.abc import Iterator, Sequence
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
from wbskills.wikibase.server.documents import title
from wbskills.wikibase.server.query_page import EXAMPLES
from wbskills.wikibase.server.rendering import Templates
from wbskills.wikibase.server.site import Site
from wbskills.wikibase.server.view_model import EntityLabels, Shown, best_term, sections

_LOOKS: Final = Path(__file__).resolve().with_name("static")
HISTORY: Final = 50
CHANGES: Final = 100
HITS: Final = 20
PROPERTIES: Final = 500

# Each script of the page's own language, and what everybody may fall back to.
_LAST_RESORT: Final = ("en", "mul")


def blueprint(site: Site) -> Blueprint:
    """Make the pages."""
    made = Blueprint("pages", __name__)
    view = _View(site)

    @made.get("/")
    @made.get("/wiki/")
    @made.get("/wiki/Main_Page")
    def start() -> Response:
        return view.start()

    @made.get("/wiki/Item:<name>")
    @made.get("/wiki/Property:<name>")
    @made.get("/wiki/<name>")
    def page(name: str) -> AnyResponse:
        return view.entity(name)

    @made.get("/wiki/Special:Search")
    def search() -> AnyResponse:
        return view.search()

    @made.get("/wiki/Special:RecentChanges")
    def changes() -> Response:
        return view.changes()

    @made.get("/wiki/Special:ListProperties")
    def properties() -> Response:
        return view.properties()

    @made.get("/w/index.php")
    def by_title() -> AnyResponse:
        asked = request.args.get("title", "Main_Page")
        oldid = request.args.get("oldid", "")
        return redirect(
            f"/wiki/{quote(asked, safe=':')}" + (f"?oldid={oldid}" if oldid.isdecimal() else "")
        )

    @made.app_errorhandler(404)
    def nothing_there(error: NotFound) -> AnyResponse:
        # What a program asked for is answered by its own interface, or by the error as it is.
        if error.response is not None or not request.accept_mimetypes.accept_html:
            return error.get_response()
        return view.nothing_there()

    @made.get("/looks/<path:name>")
    def looks(name: str) -> Response:
        shared = base_stylesheet()
        folder = shared.parent if name == shared.name else _LOOKS
        return send_from_directory(folder, name, max_age=3600)

    return made


class _View:
    def __init__(self, site: Site) -> None:
        self._site, self._store = site, site.store
        self._templates = Templates(site)

    def start(self) -> Response:
        return self._templates.page(
            "start",
            counts=self._store.pages.counts(),
            changes=self._changed(self._store.history.changes(8)),
            address=self._site.address,
            example=EXAMPLES[0][1],
        )

    def entity(self, name: str) -> AnyResponse:
        entity_id = name.upper()
        if not ENTITY_ID.fullmatch(entity_id):
            return self._missing(f"There is no page “{name}” here.")
        if request.path != f"/wiki/{title(entity_id)}":
            return redirect(f"/wiki/{title(entity_id)}", 301)
        history, pages = self._store.history, self._store.pages
        newest = self._store.read([entity_id]).get(entity_id)
        target = None if newest else pages.redirects([entity_id]).get(entity_id)
        if target is not None:
            return redirect(f"/wiki/{title(target)}?from={entity_id}", 302)
        if newest is None:
            was = "was deleted" if pages.deleted(entity_id) else "was never made"
            return self._missing(f"{entity_id} {was}.")
        stored = newest
        oldid = request.args.get("oldid", "")
        if oldid.isdecimal() and len(oldid) < 19 and int(oldid) != newest.revision:
            kept = history.revision(int(oldid))
            old = kept.entity_then() if kept and kept.entity == entity_id else None
            if old is None:
                return self._missing(f"{entity_id} has no revision {oldid} that can be shown.")
            stored = old
        return self._shown(stored, newest, history.revisions_of(entity_id, HISTORY))

    def _shown(self, stored: Stored, newest: Stored, history: list[Revision]) -> Response:
        entity = stored.entity
        wanted = _languages()
        statements, identifiers = sections(self._store, entity, wanted)
        label, label_language = best_term(entity.labels, wanted)
        description, description_language = best_term(entity.descriptions, wanted)
        came_from = request.args.get("from", "")
        return self._templates.page(
            "entity",
            entity=entity,
            label=Shown(text=label, language=label_language),
            description=Shown(text=description, language=description_language),
            terms=list(_terms(entity, wanted)),
            statements=statements,
            identifiers=identifiers,
            history=history,
            stored=stored,
            is_old=stored.revision != newest.revision,
            came_from=came_from if ENTITY_ID.fullmatch(came_from) else "",
            concept=f"{self._store.concept_base}{entity.id}",
            links_here=f"SELECT ?thing ?thingLabel ?property WHERE {{\n"
            f"  ?thing ?property wd:{entity.id} .\n"
            '  SERVICE wikibase:label { bd:serviceParam wikibase:language "[AUTO_LANGUAGE],en" }\n'
            "}",
        )

    def search(self) -> AnyResponse:
        asked = request.args.get("search", "").strip()
        if ENTITY_ID.fullmatch(asked.upper()) and self._store.read([asked.upper()]):
            return redirect(f"/wiki/{title(asked.upper())}", 302)
        hits = list(islice(self._hits(asked), HITS)) if asked else []
        return self._templates.page("search", asked=asked, hits=hits)

    def _hits(self, asked: str) -> Iterator[tuple[Shown, Shown, str]]:
        """Find entities by the beginnings of their labels and aliases, however written."""
        wanted = _languages()
        spellings = dict.fromkeys(
            (asked, asked.lower(), asked[:1].upper() + asked[1:], asked.capitalize())
        )
        found = {
            hit.entity: hit.text
            for kind in Kind
            for spelling in spellings
            for hit in self._store.pages.search(spelling, wanted, kind, HITS)
        }
        names = EntityLabels(self._store, found, wanted)
        described = self._store.read(found)
        for entity_id, text in found.items():
            told, language = best_term(described[entity_id].entity.descriptions, wanted)
            by = text if text != names.shown(entity_id).text else ""
            yield names.shown(entity_id), Shown(text=told, language=language, remark=entity_id), by

    def changes(self) -> Response:
        before = request.args.get("before", "")
        number = int(before) if before.isdecimal() and len(before) < 19 else None
        found = self._store.history.changes(CHANGES, RevisionFilter(start=number))
        older = found[-1].id - 1 if len(found) == CHANGES else 0
        return self._templates.page("changes", changes=self._changed(found), older=older)

    def _changed(self, found: list[Revision]) -> list[tuple[Revision, Shown]]:
        names = EntityLabels(self._store, (one.entity for one in found), _languages())
        return [(one, names.shown(one.entity)) for one in found]

    def properties(self) -> Response:
        ids = self._store.pages.ids(Kind.PROPERTY, PROPERTIES)
        wanted = _languages()
        names = EntityLabels(self._store, ids, wanted)
        rows = [
            (names.shown(name), stored.entity, best_term(stored.entity.descriptions, wanted))
            for name, stored in sorted(self._store.read(ids).items(), key=_by_number)
        ]
        return self._templates.page("properties", rows=rows)

    def nothing_there(self) -> Response:
        return self._missing("There is no page at this address.")

    def _missing(self, what: str) -> Response:
        return self._templates.page("missing", 404, what=what)


def _by_number(pair: tuple[str, Stored]) -> int:
    return int(pair[0][1:])


def _languages() -> list[str]:
    """List the languages that a page is for: the one in its address, then those of the reader."""
    asked = request.args.get("uselang", "").lower()
    wanted = [asked] if asked else []
    return list(dict.fromkeys([*wanted, *languages(request.accept_languages), *_LAST_RESORT]))


def _terms(entity: Entity, wanted: Sequence[str]) -> Iterator[tuple[str, str, str, list[str]]]:
    """Give language, label, description and aliases, the reader's own languages first."""
    codes = {*entity.labels, *entity.descriptions, *entity.aliases}
    first = [code for code in wanted if code in codes]
    for code in [*first, *sorted(codes - set(first))]:
        yield (
            code,
            entity.labels.get(code, ""),
            entity.descriptions.get(code, ""),
            list(entity.aliases.get(code, ())),
        )
