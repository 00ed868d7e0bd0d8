"""`/manifest.json`: what OpenRefine has to know of this Wikibase.

Version 2 of the format (https://github.com/OpenRefine/wikibase-manifests), also at the address
where the extension WikibaseManifest serves it.
"""

from typing import Any, Final

from flask import Blueprint, Response, jsonify

from wbskills.wikibase.server.site import Site

INSTANCE_OF: Final = "instance of"
SUBCLASS_OF: Final = "subclass of"


def blueprint(site: Site) -> Blueprint:
    """Make the two addresses of the manifest."""
    made = Blueprint("manifest", __name__)

    @made.get("/manifest.json")
    @made.get("/w/rest.php/wikibase/manifest/v0/manifest")
    def manifest() -> Response:
        response = jsonify(_manifest(site))
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cache-Control"] = "no-cache"
        return response

    return made


def _manifest(site: Site) -> dict[str, Any]:
    base, api = site.store.concept_base, f"{site.address}/w/api.php"
    kind = {
        "site_iri": base,
        "reconciliation_endpoint": f"{site.address}/reconcile/${{lang}}/api",
        "mediawiki_api": api,
    }
    return {
        "version": "2.0",
        "mediawiki": {
            "name": site.name,
            "root": f"{site.address}/wiki/",
            "main_page": f"{site.address}/wiki/Main_Page",
            "api": api,
        },
        "wikibase": {
            "site_iri": base,
            "sparql_endpoint": f"{site.address}/sparql",
            "maxlag": 5,
            # 0 is no limit. OpenRefine takes a number n for a pause of n/60 seconds after each
            # edit, and so is the slower the more is allowed; what is too much, maxlag tells.
            "max_edits_per_minute": 0,
            "properties": {
                "instance_of": site.store.find_property(INSTANCE_OF) or "",
                "subclass_of": site.store.find_property(SUBCLASS_OF) or "",
            },
        },
        "entity_types": {"item": kind, "property": kind},
    }
