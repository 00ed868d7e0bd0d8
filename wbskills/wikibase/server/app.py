"""The web application: the Action API, entity data, SPARQL, pages to read, and OpenRefine."""

from collections.abc import Sequence
from typing import Final

import flask

from wbskills.wikibase.server import (
    entity_data,
    log_in_pages,
    oauth_pages,
    openrefine,
    pages,
    sparql,
)
from wbskills.wikibase.server.accounts import Authenticator, Sessions
from wbskills.wikibase.server.api.blueprint import blueprint as api_blueprint
from wbskills.wikibase.server.cookies import LogInState
from wbskills.wikibase.server.oauth import OAuth
from wbskills.wikibase.server.settings import Settings
from wbskills.wikibase.server.site import Site

MAX_PARAMETERS: Final = 2_000  # of a form; PHP, and so MediaWiki, allows half as many
_REST: Final = "/w/rest.php"
_REST_METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def create_app(
    site: Site, settings: Settings | None = None, more: Sequence[flask.Blueprint] = ()
) -> flask.Flask:
    """Return the WSGI application for one Wikibase; `site.close` ends what works for it.

    `more` are blueprints with pages that are not Wikibase's own.
    """
    settings = settings or Settings()
    site.store.create_main_page()
    app = flask.Flask("wbskills.wikibase.server", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.max_body
    app.before_request(_limit_parameters)
    app.json.sort_keys = False  # type: ignore[attr-defined] # the default provider has it
    accounts = site.store.accounts
    log_in = LogInState(
        settings, Sessions(settings), Authenticator(accounts, settings), OAuth(accounts)
    )
    log_in.keep_on(app)
    app.register_blueprint(api_blueprint(site, settings, log_in))
    app.register_blueprint(log_in_pages.blueprint(site, log_in))
    app.register_blueprint(oauth_pages.blueprint(site, log_in))
    app.register_blueprint(entity_data.blueprint(site, settings.wiki_id))
    for module in (sparql, pages, openrefine):
        app.register_blueprint(module.blueprint(site))
    for blueprint in (_rest_api(), *more):
        app.register_blueprint(blueprint)
    return app


def _limit_parameters() -> None:
    """Refuse a form of millions of parameters before it is parsed, at 60 bytes each."""
    request = flask.request
    if request.mimetype == "application/x-www-form-urlencoded":
        form = request.get_data()  # is cached, and the form is parsed from it
        if len(form) > MAX_PARAMETERS and form.count(b"&") > MAX_PARAMETERS:
            flask.abort(413, f"There are more than {MAX_PARAMETERS:,} parameters.")


def _rest_api() -> flask.Blueprint:
    """Answer all other paths of MediaWiki's REST API with its own 404."""
    rest = flask.Blueprint("rest", __name__)

    @rest.route(_REST, methods=_REST_METHODS)
    @rest.route(f"{_REST}/<path:_path>", methods=_REST_METHODS)
    @rest.route(f"{_REST}/", methods=_REST_METHODS)
    def not_found(_path: str = "") -> flask.Response:
        path = flask.request.path.removeprefix(_REST)
        message = f"The requested relative path ({path}) did not match any known handler"
        response = flask.jsonify(
            messageTranslations={"en": message}, httpCode=404, httpReason="Not Found"
        )
        response.status_code = 404
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return rest
