"""What was made of a Wikibase on this machine: mirrors and reports name somebody, too."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote

from wbskills.data import ontology_folder
from wbskills.domain import Identity
from wbskills.errors import StoreError, WbskillsError
from wbskills.ontology.entries import Ontology
from wbskills.ontology.load import load as load_ontology
from wbskills.private_records.traces import BuiltReport, Traces
from wbskills.stores import open_mirror, open_store
from wbskills.tasks.forgetting import known_of
from wbskills.tasks.naming import Naming
from wbskills.tasks.ontologies import binding_of
from wbskills.tasks.publishing import take_down
from wbskills.tasks.reports import ReportOptions, build_report
from wbskills.wikibase.embedded.mirror import Mirror, mirror_state
from wbskills.wikibase.interface import OpenWikibase


@dataclass(frozen=True, slots=True)
class Cleared:
    """What was done to one copy: a mirror, out of which items were taken, or a report.

    `why` tells why a report could not be built again; then it was removed, if it was `removed`.
    """

    place: Path
    items: tuple[str, ...] = ()
    report: BuiltReport | None = None
    why: str = ""
    removed: bool = False

    def lines(self) -> Iterator[str]:
        """Tell it to the user."""
        if self.report is None and self.items:
            yield f"{self.place}: {', '.join(self.items)} taken out of this mirror"
        elif self.report is not None and not self.why:
            yield f"{self.place}: the report named them, and was built again"
        elif self.report is not None:
            deed = "was removed" if self.removed else "could not be removed either"
            yield f"{self.place}: the report named them, and {deed}: {self.why}"
            yield f"  Try: {command(self.report)}"


def forget_in_copies(
    ontology: Ontology, identities: Sequence[Identity], records: Path | None
) -> Iterator[Cleared]:
    """Take somebody out of the mirrors and reports of a store; its own items are gone already.

    Only those are known that were made on this machine and are still where they were.
    """
    traces = Traces(records)
    for folder in traces.mirrors():
        if mirror_state(str(folder)) is not None:
            yield from clear_mirror(folder, ontology, identities)
    yield from clear_reports(identities, records)


def clear_mirror(
    folder: Path, ontology: Ontology, identities: Sequence[Identity]
) -> Iterator[Cleared]:
    """Take somebody out of a mirror and of its reports; when broken off, it is to be ended."""
    with Traces(folder).forgetting(identities):
        yield Cleared(folder, forget_in_mirror(folder, ontology, identities))
        yield from clear_reports(identities, folder)


def forget_in_mirror(
    folder: Path, ontology: Ontology, identities: Sequence[Identity]
) -> tuple[str, ...]:
    """Take somebody out of a mirror, which does not copy them again; gives their items.

    Raises `StoreError`, also if the folder is no mirror.
    """
    source = mirror_state(str(folder))
    if source is None:
        raise StoreError(f"{folder} mirrors no Wikibase", hint="wbskills store pull")
    naming = Naming(each.name for each in identities)
    with open_mirror(folder, source.concept_base, source.entities) as store:
        mirror, ids = Mirror(folder), set[str]()
        for identity in identities:
            known = known_of(store, ontology, identity, None, one_name=True)
            ids |= (known.ids | known.items.keys()) - known.shared
        mirror.exclude(ids)
        for stored in store.read(sorted(ids)).values():
            store.drop_entity(stored, None)
        mirror.note({}, ids)
        for entity_id in sorted(ids):
            store.erase_history(entity_id)
        store.erase_mentions(naming)
        store.clean_up()
    return tuple(sorted(ids))


def clear_reports(identities: Sequence[Identity], records: Path | None) -> Iterator[Cleared]:
    """Build those reports of a store again that name somebody; remove one that cannot be."""
    naming = Naming(each.name for each in identities)
    for report in Traces(records).reports():
        folder = Path(report.folder)
        if not _names(folder, naming):
            continue
        try:
            _build_again(report, identities)
        except WbskillsError as error:
            yield Cleared(folder, (), report, error.what, _taken_down(folder))
        else:
            yield Cleared(folder, (), report)


def command(report: BuiltReport) -> str:
    """Write the command that builds a report, to be pasted."""
    given = [report.folder, "--wikibase", report.wikibase]
    for option, value in (
        *(("--ontology", path) for path in report.ontology),
        ("--title", report.title),
        ("--notice", report.notice),
        ("--lang", report.language if report.language != "en" else ""),
        ("--withhold-below", str(report.least or "")),
    ):
        given += [option, value] if value else []
    return f"wbskills report build {' '.join(map(quote, given))}"


def _names(folder: Path, naming: Naming) -> bool:
    """Tell whether a report names somebody, or what a killed build of it left behind."""
    beside = sorted(folder.parent.glob(f"{folder.name}.*"))
    return any(
        naming.in_bytes((Path(top) / name).read_bytes())
        for place in (folder, *(each for each in beside if each.is_dir()))
        for top, _, names in os.walk(place)
        for name in names
    )


def _build_again(report: BuiltReport, identities: Sequence[Identity]) -> None:
    """Build a report as it was built. Raises `StoreError` if queries still find the person."""
    options = ReportOptions(
        title=report.title, notice=report.notice, language=report.language, least=report.least
    )
    ontology = load_ontology(ontology_folder(), *map(Path, report.ontology))
    with open_store(report.wikibase, write=False) as store:
        for each in identities:
            if _found(store, ontology, each):
                raise StoreError("the query service still finds them; it lags behind")
        build_report(
            store,
            ontology,
            Path(report.folder),
            options=options,
            built=datetime.now(UTC),
        )


def _found(wikibase: OpenWikibase, ontology: Ontology, identity: Identity) -> bool:
    """Tell whether queries find somebody: a service may lag behind its wiki."""
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
