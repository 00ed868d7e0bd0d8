"""The web application: the Action API, and whatever other pages are installed."""

from importlib import import_module
from importlib.util import find_spec
from typing import Final

import flask

from wbskills.web.api.dispatch import blueprint
from wbskills.web.settings import Settings
from wbskills.web.site import Site

_PAGES: Final = ("sparql", "entity_data", "pages", "reconcile", "manifest")


def create_app(site: Site, settings: Settings | None = None) -> flask.Flask:
    """Make the WSGI application for one Wikibase."""
    settings = settings or Settings()
    app = flask.Flask("wbskills.web", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.max_body
    app.json.sort_keys = False  # type: ignore[attr-defined] # the default provider has it
    app.register_blueprint(blueprint(site, settings))
    for name in _PAGES:
        path = f"wbskills.web.{name}"
        if find_spec(path) is not None:
            app.register_blueprint(import_module(path).blueprint(site))
    return app
