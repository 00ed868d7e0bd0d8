"""The web application: the Action API, data, SPARQL, pages to read, and what OpenRefine needs."""

from collections.abc import Sequence
from typing import Final

import flask

from wbskills.wikibase.server import entity_data, manifest, pages, reconcile, rest, sparql
from wbskills.wikibase.server.api import dispatch
from wbskills.wikibase.server.closing import close_all
from wbskills.wikibase.server.settings import Settings
from wbskills.wikibase.server.site import Site

MOST_PARAMETERS: Final = 2_000  # of a form; PHP, and so MediaWiki, reads half as many


def create_app(
    site: Site, settings: Settings | None = None, further: Sequence[flask.Blueprint] = ()
) -> flask.Flask:
    """Make the WSGI application for one Wikibase; `close` it when it is no longer needed.

    `further` are blueprints with pages that are not Wikibase's own.
    """
    settings = settings or Settings()
    site.store.make_main_page()
    app = flask.Flask("wbskills.wikibase.server", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.max_body
    app.before_request(_refuse_crowd)
    app.json.sort_keys = False  # type: ignore[attr-defined] # the default provider has it
    app.register_blueprint(dispatch.blueprint(site, settings))
    app.register_blueprint(entity_data.blueprint(site, settings.wiki_id))
    for module in (sparql, pages, reconcile, manifest, rest):
        app.register_blueprint(module.blueprint(site))
    for blueprint in further:
        app.register_blueprint(blueprint)
    return app


def _refuse_crowd() -> None:
    """Refuse a form of millions of parameters before they are taken apart, at 60 bytes each."""
    request = flask.request
    if request.mimetype == "application/x-www-form-urlencoded":
        form = request.get_data()  # which is kept, and the form is read from it
        if len(form) > MOST_PARAMETERS and form.count(b"&") > MOST_PARAMETERS:
            flask.abort(413, f"There are more than {MOST_PARAMETERS:,} parameters.")


def close(app: flask.Flask) -> None:
    """End the processes and threads that work for an application."""
    close_all(app)
