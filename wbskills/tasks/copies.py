"""Forgetting a person in what was made from a Wikibase on this machine: copies and reports."""

import json
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from wbskills.data import ontology_folder
from wbskills.domain import Identity
from wbskills.errors import StoreError, WbskillsError
from wbskills.ontology.entries import Ontology
from wbskills.ontology.load import load as load_ontology
from wbskills.private_records.traces import BuiltReport, Traces
from wbskills.stores import open_mirror, open_store
from wbskills.tasks.find_person import find_person
from wbskills.tasks.forget_receipt import ClearedCopy
from wbskills.tasks.ontologies import binding_of
from wbskills.tasks.personal_data import NameMatcher
from wbskills.tasks.publishing import take_down
from wbskills.tasks.reports import ReportOptions, build_report
from wbskills.wikibase.embedded.mirror import Mirror, mirror_state
from wbskills.wikibase.interface import OpenWikibase


def forget_in_copies(
    ontology: Ontology, identities: Sequence[Identity], records: Path | None
) -> Iterator[ClearedCopy]:
    """Remove a person from the copies and reports of a Wikibase.

    Only those are known that were made on this machine and still exist.
    """
    for folder in Traces(records).mirrors():
        if mirror_state(str(folder)) is not None:
            yield from clear_copy(folder, ontology, identities)
    yield from clear_reports(identities, records)


def clear_copy(
    folder: Path, ontology: Ontology, identities: Sequence[Identity]
) -> Iterator[ClearedCopy]:
    """Remove a person from a copy and its reports; an interrupted run must be completed."""
    with Traces(folder).forgetting(identities):
        yield ClearedCopy(folder, forget_in_copy(folder, ontology, identities))
        yield from clear_reports(identities, folder)


def forget_in_copy(
    folder: Path, ontology: Ontology, identities: Sequence[Identity]
) -> tuple[str, ...]:
    """Remove a person from a copy, which does not copy them again; returns the ids of their items.

    Raises `StoreError`, also if the folder is not a copy.
    """
    source = mirror_state(str(folder))
    if source is None:
        raise StoreError(
            f"{folder} is not a copy of a Wikibase", hint=f"run “wbskills store pull {folder}”"
        )
    matcher = NameMatcher(identity.name for identity in identities)
    with open_mirror(folder, source.concept_base, source.entities) as store:
        mirror, ids = Mirror(folder), set[str]()
        for identity in identities:
            known = find_person(store, ontology, identity, None, one_name=True)
            ids |= (known.ids | known.items.keys()) - known.shared
        mirror.exclude(ids)
        for stored in store.read(sorted(ids)).values():
            store.drop_entity(stored, None)
        mirror.record_copied({}, ids)
        for entity_id in sorted(ids):
            store.erase_history(entity_id)
        store.erase_mentions(matcher)
        store.clean_up()
    return tuple(sorted(ids))


def clear_reports(identities: Sequence[Identity], records: Path | None) -> Iterator[ClearedCopy]:
    """Build the reports that name a person again; remove one that cannot be built."""
    matcher = NameMatcher(identity.name for identity in identities)
    for report in Traces(records).reports():
        folder = Path(report.folder)
        if not _names(folder, matcher):
            continue
        try:
            _build_again(report, identities)
        except WbskillsError as error:
            removed = _taken_down(folder)
            yield ClearedCopy(folder, report=report, why=error.what, removed=removed)
        else:
            yield ClearedCopy(folder, report=report)


def _names(folder: Path, matcher: NameMatcher) -> bool:
    """Check whether a report, or what an interrupted build of it left behind, names the person."""
    others = sorted(folder.parent.glob(f"{folder.name}.*"))
    return any(
        matcher.in_bytes((Path(top) / name).read_bytes())
        for place in (folder, *(other for other in others if other.is_dir()))
        for top, _, names in os.walk(place)
        for name in names
    )


def _build_again(report: BuiltReport, identities: Sequence[Identity]) -> None:
    """Build a report with its options. Raises `StoreError` if queries still find the person."""
    ontology = load_ontology(ontology_folder(), *map(Path, report.ontology))
    with open_store(report.wikibase, write=False) as store:
        for identity in identities:
            if _found(store, ontology, identity):
                raise StoreError("the query service still finds them, because it is behind")
        build_report(
            store,
            ontology,
            Path(report.folder),
            options=ReportOptions(
                title=report.title,
                notice=report.notice,
                language=report.language,
                withhold_below=report.least,
            ),
            built=datetime.now(UTC),
        )


def _found(wikibase: OpenWikibase, ontology: Ontology, identity: Identity) -> bool:
    """Check whether queries still find a person: a query service may lag behind its wiki."""
    property_id = binding_of(wikibase, ontology, with_twins=True).property(identity.property)
    direct = f"{wikibase.concept_base.removesuffix('entity/')}prop/direct/{property_id}"
    name = json.dumps(identity.name, ensure_ascii=False)
    return bool(wikibase.select(f"SELECT ?who {{ ?who <{direct}> {name} }} LIMIT 1").rows)


def _taken_down(folder: Path) -> bool:
    try:
        take_down(folder)
    except WbskillsError:
        return False
    return not folder.exists()
