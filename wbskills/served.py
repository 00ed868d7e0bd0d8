"""The embedded Wikibase as we serve it: with the live report, and edits checked."""

from dataclasses import replace
from pathlib import Path

from flask import Flask

from wbskills.consent_check import check_person
from wbskills.tasks.reports import Looks
from wbskills.web import reports
from wbskills.web.app import create_app
from wbskills.web.settings import Settings
from wbskills.web.site import Site


def served(
    site: Site,
    settings: Settings | None = None,
    *,
    looks: Looks | None = None,
    ontology: tuple[Path, ...] = (),
) -> Flask:
    """Make the WSGI application of a capacity map; `wbskills.web.app.close` ends it.

    `looks` says how the report looks, in each of its languages; `ontology` are further files that
    it is made with.
    """
    checked = replace(settings or Settings(), check_edit=check_person)
    return create_app(site, checked, [reports.blueprint(site, looks, ontology)])
