"""The embedded Wikibase as we serve it: with the live report, and edits checked."""

from dataclasses import replace
from pathlib import Path

from flask import Flask

from wbskills import live_report
from wbskills.consent_check import check_person
from wbskills.tasks.reports import Looks
from wbskills.wikibase.server.app import create_app
from wbskills.wikibase.server.settings import Settings
from wbskills.wikibase.server.site import Site


def served(
    site: Site,
    settings: Settings | None = None,
    *,
    looks: Looks | None = None,
    ontology: tuple[Path, ...] = (),
) -> Flask:
    """Make the WSGI application of a capacity map; `wbskills.wikibase.server.app.close` ends it.

    `looks` says how the report looks, in each of its languages; `ontology` are further files that
    it is made with.
    """
    checked = replace(settings or Settings(), check_edit=check_person)
    return create_app(site, checked, [live_report.blueprint(site, looks, ontology)])
