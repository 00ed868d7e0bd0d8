"""Forgetting somebody: nothing of them stays that this program wrote, and nothing comes back."""

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wbskills.errors import InvalidValue, StoreError
from wbskills.model.edits import Change
from wbskills.model.entities import Entity, Statement, Stored
from wbskills.model.ids import username
from wbskills.model.skills import Identity
from wbskills.model.values import EntityRef
from wbskills.ontology.binding import Binding
from wbskills.ontology.entries import Ontology
from wbskills.ontology.express import PERSON
from wbskills.store.forgotten import Forgotten
from wbskills.store.journal import ENDING, JOURNALS, drop, lines_of
from wbskills.store.perform import perform
from wbskills.store.port import OpenWikibase
from wbskills.surveys.cells import clean
from wbskills.tasks.candidates import forget_words
from wbskills.tasks.ontologies import binding_of

# It stands in the history for ever, so it tells nobody's name.
REASON: Final = "removed at the request of the person"
_NAMES: Final = ("wikimedia_username", "pseudonym")


@dataclass(frozen=True, slots=True)
class Removed:
    """What became of one item: `gone` if it was deleted.

    `statements` counts what was removed, by property; `left` are statements of others, which
    stay, and so may `aliases`.
    """

    id: str
    statements: Counter[str]
    left: tuple[Statement, ...]
    gone: bool
    aliases: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting:
    """What was done to forget somebody, and what could not be done.

    `new` if they were not blocked before. `histories` are items whose history still tells what
    stood there, `mentions` items that point to theirs (None if nobody can tell), `unread`
    journals that could not be cleared. `words` were taken out of the queue of candidate skills.
    """

    items: tuple[Removed, ...]
    journal_edits: int
    words: int
    new: bool
    histories: tuple[str, ...]
    mentions: tuple[str, ...] | None
    unread: tuple[Path, ...]


def identity_of(name: str, *, pseudonym: bool = False) -> Identity:
    """Give the identity that a name stands for, also one that was copied out of a table.

    Raises `InvalidValue` if it is none.
    """
    name = clean(name)
    if not pseudonym:
        return Identity("wikimedia_username", username(name))
    if not name.strip():
        raise InvalidValue("this is no pseudonym", hint="the pseudonym as the item has it")
    return Identity("pseudonym", name)


def forget(
    wikibase: OpenWikibase, ontology: Ontology, identity: Identity, records: Path | None
) -> Forgetting:
    """Remove somebody from a Wikibase and from what this machine keeps, and block their return.

    `records` is the folder of journals. Can be repeated, also after it was broken off: first
    the name is blocked, last the journals are cleared. Raises `StoreError`.
    """
    new = Forgotten(records).add(identity)
    binding = binding_of(wikibase, ontology)
    key = f"{identity.property}/{identity.name}"
    journals = [] if records is None else sorted((records / JOURNALS).glob(f"*{ENDING}"))
    known, unread = _journaled(journals, key)
    pairs = wikibase.identified(binding.property(identity.property), [identity.name])
    found = {entity_id for _, entity_id in pairs}
    read = wikibase.read(sorted(found | known))
    own = [s for i, s in read.items() if i in found or _was_emptied(s.entity, binding)]
    mentions = _mentions(wikibase, [stored.entity.id for stored in own])
    items = tuple(_remove(wikibase, binding, stored) for stored in own)
    ids = sorted({each.id for each in items} | (known - read.keys()))
    staying = {each.id for each in items if not each.gone}
    histories = [i for i in ids if i in staying or not wikibase.erase_history(i)]
    wikibase.drop_notes("", key)
    for entity_id in ids:
        wikibase.drop_notes(entity_id, key)
    cleared = [path for path in journals if path not in unread]
    dropped = sum(drop(path, key=key) for path in cleared)
    dropped += sum(drop(path, entity=entity_id) for path in cleared for entity_id in ids)
    words = forget_words(records, identity, wikibase.salt())
    return Forgetting(
        items=items,
        journal_edits=dropped,
        words=words,
        new=new,
        histories=tuple(histories),
        mentions=mentions,
        unread=tuple(unread),
    )


def _journaled(journals: Iterable[Path], key: str) -> tuple[set[str], list[Path]]:
    """Find the ids that journals know for a key; and the journals that cannot be read."""
    found: set[str] = set()
    unread: list[Path] = []
    for path in journals:
        numbers = set()
        try:
            for line in lines_of(path):
                if line.get("key") == key:
                    numbers.add(line["edit"])
                    found.update({line["id"]} if "id" in line else ())
                elif line.get("done") in numbers:
                    found.add(line["id"])
        except StoreError:
            unread.append(path)
    return found, unread


def told(done: Forgetting, name: str, ontology: Ontology) -> Iterator[str]:
    """Tell in lines what was removed, what remains, and what is to be done by hand."""
    if not done.items:
        yield f"No item of {name} was found."
    for item in done.items:
        yield f"{item.id}: {_deed(item, done.histories)}"
        for key, count in sorted(item.statements.items()):
            label = ontology.properties[key].terms.label()
            yield f"  {count} {'statement' if count == 1 else 'statements'} “{label}”"
        if item.left:
            yield f"  {len(item.left)} statements that are not of this program stay"
        if item.aliases:
            yield "  aliases stay: they can only be removed by hand"
    yield f"On this machine: {done.journal_edits} edits were taken out of journals."
    if done.words:
        yield f"{done.words} of their words were taken out of the queue of candidate skills."
    yield "A later import is blocked." if done.new else "Later imports were blocked already."
    for path in done.unread:
        yield f"{path} cannot be read, and may name them.\n  Try: removing that file"
    if done.mentions is None:
        yield "Whether other items point there is not known: the query service did not answer."
    elif done.mentions:
        yield f"Other items pointed there: {', '.join(done.mentions)}"
    yield from _by_hand(done)


def _by_hand(done: Forgetting) -> Iterator[str]:
    asked = [item.id for item in done.items if not item.gone and not item.left]
    if asked:
        yield "This user may not delete. Ask on the wiki's page for requests:"
        named = ", ".join(f"[[Special:EntityPage/{entity_id}]]" for entity_id in asked)
        yield f"  Please delete {named} with its history: the person asked to be removed."
    elif done.histories:
        named = ", ".join(done.histories)
        yield f"The history of {named} still tells what stood there."
        yield "  Try: asking the wiki's administrators to hide those revisions"
    yield "Copies that others made, and backups, are not reached from here."


def _deed(item: Removed, histories: Container[str]) -> str:
    if item.gone:
        return "deleted" if item.id in histories else "deleted, with its history"
    return "what this program wrote was removed" if item.left else "emptied, but not deleted"


def _remove(wikibase: OpenWikibase, binding: Binding, stored: Stored) -> Removed:
    """Delete an item that holds nothing of others; else remove what is the person's."""
    entity = stored.entity
    keys = {entity_id: key for key, entity_id in binding.properties.items()}
    given = set(wikibase.entities.values())
    made_here = entity.descriptions.get("en") == PERSON["en"] and not entity.sitelinks
    if made_here and all(each.main.property in keys for each in entity.statements):
        ours, left = entity.statements, entity.statements[:0]
    else:
        ours = tuple(s for s in entity.statements if _is_ours(s, keys, given, binding))
        left = tuple(s for s in entity.statements if s not in ours)
    counted = Counter(keys[statement.main.property] for statement in ours)
    if not left and made_here and wikibase.delete(entity.id, REASON):
        return Removed(entity.id, counted, (), gone=True)
    # A label cannot be taken away, but it can name nobody; the id keeps it unlike all others.
    nobody = f"removed {entity.id}"
    labels = dict.fromkeys((c for c, text in entity.labels.items() if text != nobody), nobody)
    change = Change(
        key=entity.id,
        id=entity.id,
        base=stored.revision,
        labels=labels if made_here else {},
        removed=tuple(each.id for each in ours if each.id),
    )
    if change.labels or change.removed:
        for _ in perform([change], wikibase, REASON):
            pass
    return Removed(
        entity.id, counted, left, gone=False, aliases=made_here and bool(entity.aliases)
    )


def _is_ours(
    statement: Statement, keys: Mapping[str, str], given: Container[str], binding: Binding
) -> bool:
    """Tell whether this program wrote a statement on an item that others use, too."""
    if statement.main.property not in keys:
        return False
    if statement.main.property not in given:
        return True
    ours = {binding.property("response_key")}
    return statement.main.value == EntityRef(binding.item("person")) or any(
        snak.property in ours for reference in statement.references for snak in reference.snaks
    )


def _was_emptied(entity: Entity, binding: Binding) -> bool:
    """Tell whether an item that a journal names was one of ours and names nobody any more."""
    named = [value for key in _NAMES for value in entity.values(binding.property(key))]
    return not named and entity.descriptions.get("en") == PERSON["en"]


def _mentions(wikibase: OpenWikibase, ids: list[str]) -> tuple[str, ...] | None:
    """List entities whose statements point to some items; None if nobody can tell."""
    if not ids:
        return ()
    values = " ".join(f"<{wikibase.concept_base}{entity_id}>" for entity_id in ids)
    query = (
        f"SELECT DISTINCT ?from WHERE {{ VALUES ?item {{ {values} }}"
        " ?from ?direct ?item . FILTER (STRSTARTS(STR(?from), "
        f'"{wikibase.concept_base}")) }} ORDER BY ?from LIMIT 50'
    )
    try:
        rows = wikibase.select(query).rows
    except StoreError:
        return None
    # A statement's node is named by the id of its entity and a GUID.
    found = [str(row[0]).removeprefix(wikibase.concept_base) for row in rows]
    names = dict.fromkeys(re.split("[$-]", name.removeprefix("statement/"))[0] for name in found)
    return tuple(name for name in names if name not in ids)
