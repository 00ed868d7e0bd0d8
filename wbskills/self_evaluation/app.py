"""Putting the form together, beside a served Wikibase or on its own.

On its own, it is a WSGI application for any server that runs such:

    gunicorn "wbskills.self_evaluation.app:create_app()"

with the settings of `wbskills.tasks.form_settings`.
"""

from contextlib import AbstractContextManager
from pathlib import Path
from threading import Lock
from typing import Final
from urllib.parse import urlsplit

from flask import Blueprint, Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from wbskills.data import ontology_folder
from wbskills.domain import Identity
from wbskills.errors import WbskillsError
from wbskills.ontology.load import load as load_ontology
from wbskills.private_records.sealing import Key, load_key
from wbskills.private_records.self_evaluations import Clock, SelfEvaluations, now
from wbskills.questionnaires.schema import Questionnaire
from wbskills.self_evaluation.log_in import app_of
from wbskills.self_evaluation.own_grant import OwnGrants, is_same_wiki
from wbskills.self_evaluation.routes import blueprint as routes_of
from wbskills.self_evaluation.sender import AsPerson, Sender
from wbskills.self_evaluation.templates import Templates
from wbskills.self_evaluation.visitors import Cookies
from wbskills.self_evaluation.wiring import FormParts, Host
from wbskills.stores import IN_MEMORY, find_profile, open_store, records_folder
from wbskills.tasks.copies import forget_in_copies
from wbskills.tasks.form_settings import FormSettings, load_settings
from wbskills.tasks.questionnaires import find_questionnaire
from wbskills.tasks.self_evaluation import SelfEvaluation
from wbskills.wikibase.interface import OpenWikibase
from wbskills.wikibase.remote.profile import config_folder
from wbskills.wikibase.remote.wikibase import RemoteWikibase
from wbskills.wikibase.server.cookies import logged_in
from wbskills.wikibase.server.rendering import readable_summary
from wbskills.wikibase.server.site import Site, on_close

PROGRAM: Final = "wbskills"  # whose edits have no user in the history
MAX_BODY: Final = 1 << 20  # bytes of a form; 100 skills take 20,000


def beside_wikibase(
    site: Site,
    settings: FormSettings | None = None,
    *,
    key: Key | None = None,
    ontology: tuple[Path, ...] = (),
    secure: bool = False,
    questionnaire: Questionnaire | None = None,
    clock: Clock = now,
) -> Blueprint:
    """Return the form for the Wikibase of a site, as a blueprint of its application.

    `secure` if cookies go over https only. The settings name the questionnaire, if none is given.
    Raises `WbskillsError` if the settings or the
    questionnaire have faults, or the key cannot be read.
    """

    def account() -> str | None:
        user = logged_in()
        return user.name if user is not None else None

    def history(item: str) -> list[tuple[str, str, str]]:
        found = site.store.history.revisions_of(item)
        return [
            (each.made, each.edit.user or PROGRAM, readable_summary(each.edit.summary))
            for each in found
        ]

    host = Host(
        address=site.address,
        item="/wiki/Item:{id}",
        account=account,
        history=history,
        report="/report/",
        wiki=site.name,
    )
    return _blueprint(
        site.store,
        site.records,
        settings or load_settings(),
        host,
        key or (Key.random() if site.records is None else load_key(config_folder())),
        lock=site.write_lock,
        ontology=ontology,
        secure=secure,
        questionnaire=questionnaire,
        clock=clock,
    )


def create_app(
    settings: FormSettings | None = None, *, key: Key | None = None, behind_proxy: bool = True
) -> Flask:
    """Return the form as an application of its own, for a profile or a folder.

    `behind_proxy` if a web server in front says where requests come from. `close` of
    `wbskills.wikibase.server.site` ends it. Raises `WbskillsError` if the settings have faults,
    or the Wikibase cannot be opened.
    """
    settings = settings or load_settings()
    if not settings.wikibase or not settings.address:
        raise WbskillsError(
            "the form needs to know its Wikibase and its address",
            hint='add [self_evaluation] with wikibase = "NAME" and address = "https://…" to'
            " wbskills.toml",
        )
    place = settings.wikibase
    profile = find_profile(place)
    wikibase = open_store(place)
    api = profile.api if profile else ""
    host = Host(
        address=settings.address,
        item=wikibase.concept_base + "{id}",
        wiki=urlsplit(api).hostname or "",
        deletes=profile is None,
    )
    app = Flask("wbskills.self_evaluation", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = MAX_BODY
    form = _blueprint(
        wikibase,
        records_folder(place) if place != IN_MEMORY else None,
        settings,
        host,
        key or load_key(config_folder()),
        lock=Lock(),
        place=place,
        secure=settings.address.startswith("https:"),
    )
    on_close(form, lambda: wikibase.__exit__(None, None, None))
    app.register_blueprint(form)
    if behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1)  # type: ignore[method-assign]
    return app


def _blueprint(  # noqa: PLR0913 - each by its name
    wikibase: OpenWikibase,
    records: Path | None,
    settings: FormSettings,
    host: Host,
    key: Key,
    *,
    lock: AbstractContextManager[object],
    place: str = "",
    ontology: tuple[Path, ...] = (),
    secure: bool,
    questionnaire: Questionnaire | None = None,
    clock: Clock = now,
) -> Blueprint:
    loaded = load_ontology(ontology_folder(), *ontology)
    asked = questionnaire or find_questionnaire(settings.questionnaire, loaded)

    def clear_copies(names: list[Identity]) -> None:
        forget_in_copies(loaded, names, records)

    evaluation = SelfEvaluation(
        wikibase, loaded, asked, records, place or str(records or IN_MEMORY), clear_copies
    )
    private = SelfEvaluations(records, wikibase.salt(), key, clock)
    as_person: AsPerson = _as_nobody
    if (
        settings.wiki is not None
        and isinstance(wikibase, RemoteWikibase)
        and is_same_wiki(wikibase.profile.api, settings.wiki.rest)
    ):
        application = app_of(settings.wiki, host.address)
        as_person = OwnGrants(wikibase, private, application).acting_as
    sender = Sender(evaluation, private, lock, clock, as_person)
    origin = (
        "{0.scheme}://{0.netloc}".format(urlsplit(settings.wiki.rest)) if settings.wiki else ""
    )
    form = routes_of(
        FormParts(
            questionnaire=asked,
            evaluation=evaluation,
            private=private,
            sender=sender,
            settings=settings,
            host=host,
            key=key,
            templates=Templates(asked, origin),
            cookies=Cookies(key, secure=secure),
            secure=secure,
            clock=clock,
        )
    )
    on_close(form, private.close)
    on_close(form, sender.close)  # called first: the last one that was added
    sender.start()
    return form


def _as_nobody(_: Identity) -> None:
    """Let the program make all edits."""
