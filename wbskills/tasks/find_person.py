"""Finding all that is stored about a person, before anything is removed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from wbskills.domain import PSEUDONYM, USERNAME, Identity
from wbskills.errors import InvalidValue, NotFound, StoreError
from wbskills.names import did_you_mean, username
from wbskills.ontology.binding import Binding
from wbskills.ontology.entries import Ontology
from wbskills.private_records.pseudonyms import Pseudonyms
from wbskills.private_records.traces import Traces
from wbskills.surveys.files.cell_text import clean
from wbskills.tasks.ontologies import binding_of
from wbskills.tasks.personal_data import identities_on, is_made_here
from wbskills.wikibase.interface import OpenWikibase
from wbskills.wikibase.journal.read import ENDING, JOURNALS, read_lines
from wbskills.wikibase.model.entities import Stored


@dataclass(slots=True)
class KnownPerson:
    """What is known about a person.

    `identities` are all their names, the requested one first. `items` exist now, `ids` were
    theirs at some time, `shared` are those that name someone else now, `unread` are journals that
    cannot be read.
    """

    identities: list[Identity]
    items: dict[str, Stored] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)
    unread: list[Path] = field(default_factory=list)
    one_name: bool = False

    def add(self, names: Iterable[Identity]) -> None:
        """Add other names of theirs."""
        self.identities += [name for name in names if name not in self.identities]


def identity_of(name: str, *, pseudonym: bool = False) -> Identity:
    """Read a name as someone typed it or copied it from a table.

    Raises `InvalidValue` if it cannot be a name.
    """
    name = clean(name)
    if not pseudonym:
        return Identity(USERNAME, username(name))
    if not name.strip():
        raise InvalidValue(
            "this is not a pseudonym", hint="use the pseudonym exactly as it is on the item"
        )
    return Identity(PSEUDONYM, name)


def find_person(
    wikibase: OpenWikibase,
    ontology: Ontology,
    identity: Identity,
    records: Path | None,
    *,
    one_name: bool = False,
) -> KnownPerson:
    """Find everything about a person; changes nothing.

    An item with several names is one person, and so are all items with one of these; with
    `one_name`, no other name is followed.
    """
    binding = binding_of(wikibase, ontology, with_twins=True)
    known = KnownPerson([identity], one_name=one_name)
    given = set(wikibase.entities.values())
    journals = journal_files(records)
    unfinished, begun = Traces(records).unfinished(), set[str]()
    if identity in unfinished:
        known.add(unfinished)
        begun = Traces(records).unfinished_items()
    for each in known.identities:  # grows meanwhile
        if not one_name:
            known.add(_linked_names(wikibase, binding, each, records))
        property_id = binding.property(each.property)
        found = {entity for _, entity in wikibase.find_by_identifier(property_id, [each.name])}
        journaled, known.unread = _journaled(journals, each.key())
        once = begun | journaled | wikibase.find_in_history(property_id, each.name)
        known.ids |= found | once
        for entity_id, stored in wikibase.read(sorted(found | once)).items():
            known.items[entity_id] = stored
            others = [one for one in identities_on(stored.entity, binding) if one != each]
            if not others:
                known.shared.discard(entity_id)
            elif one_name or entity_id not in found:
                known.shared.add(entity_id)  # or it was renamed: only what names them is removed
            elif is_made_here(stored.entity, binding, given):
                known.add(others)
    return known


def unknown_person(wikibase: OpenWikibase, ontology: Ontology, identity: Identity) -> NotFound:
    """Return the error for a name that nobody here has, with the nearest names."""
    binding = binding_of(wikibase, ontology, with_twins=True)
    named = identity.property == USERNAME
    asked, other = ("user", PSEUDONYM) if named else ("pseudonym", USERNAME)
    if wikibase.find_by_identifier(binding.property(other), [identity.name]):
        return NotFound(
            f"“{identity.name}” is not a {asked} here; nobody was blocked",
            hint=f"run the same command with{'' if named else 'out'} --pseudonym",
        )
    property_id = binding.property(identity.property)
    close = did_you_mean(
        identity.name, {name for name, _ in wikibase.find_by_identifier(property_id)}
    )
    return NotFound(
        f"no {asked} here is, or was, called “{identity.name}”; nobody was blocked",
        hint=close
        or "use the name exactly as it is on the item, or add --unseen to block it in advance",
    )


def journal_files(records: Path | None) -> list[Path]:
    """List the journals of a Wikibase."""
    return [] if records is None else sorted((records / JOURNALS).glob(f"*{ENDING}"))


def _linked_names(
    wikibase: OpenWikibase, binding: Binding, identity: Identity, records: Path | None
) -> list[Identity]:
    """List other names of a person that imports have linked to this one."""
    with Pseudonyms(records, wikibase.salt()) as links:
        if identity.property == USERNAME:
            return links.pseudonyms(identity)
        accounts = links.accounts(identity)
        if not accounts:
            return []
        pairs = wikibase.find_by_identifier(binding.property(USERNAME))
        people = [Identity(USERNAME, name) for name in {name for name, _ in pairs}]
        return [person for person in people if links.hash(person) in accounts]


def _journaled(journals: Iterable[Path], key: str) -> tuple[set[str], list[Path]]:
    """Find the ids that journals have for a key, and the journals that cannot be read."""
    found: set[str] = set()
    unread: list[Path] = []
    for path in journals:
        numbers = set()
        try:
            for line in read_lines(path):
                if line.get("key") == key:
                    numbers.add(line["edit"])
                    found.update({line["id"]} if "id" in line else ())
                elif line.get("done") in numbers:
                    found.add(line["id"])
        except StoreError:
            unread.append(path)
    return found, unread
