"""Responses of people, importing them, and reading their items."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from wbskills.domain import Assessment, Consent, Identity, Response, Speaks, Wave
from wbskills.ontology.entries import Ontology
from wbskills.tasks.imports import Import
from wbskills.tasks.ontologies import binding_of
from wbskills.tasks.undo import UndoReceipt, undo
from wbskills.wikibase.interface import OpenWikibase, Wikibase
from wbskills.wikibase.journal.read import Batch, BatchHeader, find_batch
from wbskills.wikibase.journal.write import Journal
from wbskills.wikibase.model.edits import Change, Edit
from wbskills.wikibase.model.entities import Entity, Rank, Statement
from wbskills.wikibase.model.values import EntityRef, Time

TODAY = date(2026, 11, 22)
FIRST = Wave(
    key="w2025", labels={"en": "2025"}, start=date(2025, 3, 1), end=date(2025, 4, 1),
    asked=("lua_modules", "python"),
)  # fmt: skip
SECOND = Wave(
    key="w2026", labels={"en": "2026"}, start=date(2026, 3, 1), end=date(2026, 4, 1),
    asked=("lua_modules", "regex"), invited=7,
)  # fmt: skip


def ada(wave: str = "w2025", **different: Any) -> Response:  # noqa: ANN401 - as `replace`
    """Make Ada's response in a wave."""
    on = date(2025, 3, 4) if wave == "w2025" else date(2026, 3, 4)
    usual = Response(
        identity=Identity("wikimedia_username", "Ada"),
        consent=Consent("consent_named", on),
        wave=wave,
        on=on,
        id="17",
        row=2,
        assessments=(
            Assessment("lua_modules", "with_help", ("wants_to_learn",)),
            Assessment("python", "does_not_apply"),
        ),
        home_community="dewiki",
        speaks=(Speaks(language="lang_de", babel_level="babel_n"),),
    )
    return replace(usual, **different)


def run(wikibase: Wikibase, ontology: Ontology, *responses: Response) -> list[Edit]:
    """Import responses."""
    importing = Import(wikibase, ontology, batch="b1", today=TODAY)
    importing.waves([FIRST, SECOND])
    return [response.edit for response in importing.responses(responses)]


def person(wikibase: Wikibase, ontology: Ontology, name: str = "Ada") -> Entity:
    """Read a person's item."""
    known = binding_of(wikibase, ontology)
    ((_, entity_id),) = wikibase.find_by_identifier(known.property("wikimedia_username"), [name])
    return wikibase.read([entity_id])[entity_id].entity


def told(wikibase: Wikibase, ontology: Ontology, statement: Statement) -> dict[str, list[str]]:
    """Return the qualifiers of a statement as texts, by the key of their property."""
    keys = binding_of(wikibase, ontology).keys()
    found: dict[str, list[str]] = {}
    for snak in (statement.main, *statement.qualifiers):
        match snak.value:
            case EntityRef(entity_id):
                text = keys.get(entity_id, entity_id)
            case Time(time):
                text = time[1:11]
            case _:
                text = str(snak.value)
        found.setdefault(keys[snak.property], []).append(text)
    return found


def of(
    wikibase: Wikibase, ontology: Ontology, property_key: str, name: str = "Ada"
) -> list[tuple[dict[str, list[str]], Rank]]:
    """List a person's statements of a property with their ranks."""
    entity = person(wikibase, ontology, name)
    name = binding_of(wikibase, ontology).property(property_key)
    return [
        (told(wikibase, ontology, statement), statement.rank)
        for statement in entity.statements
        if statement.main.property == name
    ]


def imported(
    wikibase: OpenWikibase, ontology: Ontology, folder: Path, batch: str, *responses: Response
) -> Batch:
    """Import responses as a batch of its own."""
    with Journal.begin(folder, BatchHeader(batch=batch, command="survey apply")) as journal:
        columns = {"lua_modules": "column F", "python": "column G"}
        importing = Import(
            wikibase, ontology, batch=batch, today=TODAY, journal=journal, columns=columns
        )
        importing.waves([FIRST, SECOND])
        list(importing.responses(responses))
    return find_batch(folder, batch)


def taken_back(
    wikibase: OpenWikibase, ontology: Ontology, batch: Batch, folder: Path, name: str = "undo"
) -> UndoReceipt:
    """Undo a batch, as a batch."""
    with Journal.begin(folder, BatchHeader(batch=name, command="batch undo")) as journal:
        return undo(wikibase, ontology, batch, journal)


def by_hand(wikibase: OpenWikibase, entity: Entity, *statements: Statement) -> None:
    """Write statements as an editor would."""
    base = wikibase.read([entity.id])[entity.id].revision
    edit = Change(key="", id=entity.id, base=base, statements=statements)
    wikibase.write([edit], "by hand")
