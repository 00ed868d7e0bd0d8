"""MediaWiki's REST API, of which nothing is offered: an unknown path answers in its form."""

import flask

from wbskills.wikibase.server.site import Site

_ROOT = "/w/rest.php"
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def blueprint(_site: Site) -> flask.Blueprint:
    """Make the part of the application that answers below `/w/rest.php`."""
    rest = flask.Blueprint("rest", __name__)

    @rest.route(_ROOT, methods=_METHODS)
    @rest.route(f"{_ROOT}/<path:_path>", methods=_METHODS)
    @rest.route(f"{_ROOT}/", methods=_METHODS)
    def no_match(_path: str = "") -> flask.Response:
        path = flask.request.path.removeprefix(_ROOT)
        told = f"The requested relative path ({path}) did not match any known handler"
        response = flask.jsonify(
            messageTranslations={"en": told}, httpCode=404, httpReason="Not Found"
        )
        response.status_code = 404
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return rest
