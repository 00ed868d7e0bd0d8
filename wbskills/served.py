"""The embedded Wikibase as we serve it: with the live report, and edits checked."""

from dataclasses import replace
from pathlib import Path

from flask import Flask

from wbskills import live_report
from wbskills.consent_check import check_person
from wbskills.tasks.reports import ReportOptions
from wbskills.wikibase.server.app import create_app
from wbskills.wikibase.server.settings import Settings
from wbskills.wikibase.server.site import Site


def served(
    site: Site,
    settings: Settings | None = None,
    *,
    options: ReportOptions | None = None,
    ontology: tuple[Path, ...] = (),
) -> Flask:
    """Make the WSGI application of a capacity map; `wbskills.wikibase.server.app.close` ends it.

    `options` are those of the report, but for its language; `ontology` are further files that
    it is made with.
    """
    checked = replace(settings or Settings(), check_edit=check_person)
    return create_app(site, checked, [live_report.blueprint(site, options, ontology)])
