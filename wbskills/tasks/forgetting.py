"""Forgetting somebody: nothing of them stays that this program wrote, and nothing comes back."""

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from wbskills.domain import Identity
from wbskills.errors import (
    EditConflict,
    EditRefused,
    EditsRefused,
    InvalidValue,
    NotFound,
    StoreError,
)
from wbskills.names import did_you_mean, username
from wbskills.ontology.binding import Binding
from wbskills.ontology.entries import Ontology
from wbskills.private_records.forgotten import Forgotten
from wbskills.private_records.pseudonyms import Pseudonyms
from wbskills.private_records.traces import STATE, Traces
from wbskills.surveys.files.cell_text import clean
from wbskills.tasks.belongings import (
    belongings,
    emptying,
    identities_on,
    is_made_here,
    nobody,
)
from wbskills.tasks.candidates import forget_naming, forget_words, has_words
from wbskills.tasks.naming import Naming
from wbskills.tasks.ontologies import binding_of
from wbskills.tasks.two_names import NAMED, goes_on, gone
from wbskills.wikibase.interface import OpenWikibase
from wbskills.wikibase.journal.read import (
    ENDING,
    JOURNALS,
    read_lines,
    remove_edits,
    remove_leftovers,
)
from wbskills.wikibase.model.edits import Change
from wbskills.wikibase.model.entities import Statement, Stored
from wbskills.wikibase.plan.perform import perform

BEYOND: Final = "Copies and backups that others made or that were put elsewhere are not reached."
_CLEARED: Final = {"triples", "snapshots", "readers"}  # by making the triples anew
_SHOWN: Final = 20  # entities
_ROUNDS: Final = 5  # of looking again at what somebody edits at the same time
# It stands in the history for ever, so it tells nobody's name.
REASON: Final = "removed at the request of the person"


@dataclass(frozen=True, slots=True)
class Removed:
    """What became of one item: `gone` if it was deleted.

    `statements` counts what was removed, by property; `left` are statements of others, which
    stay. `refused` tells why the Wikibase did not let it be deleted; if it was not `emptied`
    either, all of it is still there.
    """

    id: str
    statements: Counter[str]
    left: tuple[Statement, ...]
    gone: bool
    emptied: bool = True
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting:
    """What was done to forget somebody, and what could not be done.

    `new` if they were not blocked before; `also` are other names that their item gave them, which
    are blocked, too. `histories` are items whose history still tells what stood there, `mentions`
    items that point to theirs (None if nobody can tell), `texts` those of others that name them,
    `unread` journals that could not be cleared, `naming` other files that still name them.
    `words`, theirs or with their name, left the queue of candidate skills. `reading` are
    processes that still read a copy of before.
    """

    items: tuple[Removed, ...]
    journal_edits: int
    words: int
    new: bool
    histories: tuple[str, ...]
    mentions: tuple[str, ...] | None
    unread: tuple[Path, ...]
    texts: tuple[str, ...] = ()
    also: tuple[Identity, ...] = ()
    naming: tuple[Path, ...] = ()
    reading: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether the Wikibase refused something, so that the same has to be tried again."""
        return any(item.refused for item in self.items)


@dataclass(slots=True)
class Known:
    """What is known of somebody before anything is done.

    `identities` are all their names, the one asked for first. `items` are there, `ids` were
    theirs at some time, `shared` are those that name somebody else now.
    """

    identities: list[Identity]
    items: dict[str, Stored] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)
    unread: list[Path] = field(default_factory=list)
    one_name: bool = False

    def add(self, names: Iterable[Identity]) -> None:
        """Add other names of theirs."""
        self.identities += [each for each in names if each not in self.identities]


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


def known_of(
    wikibase: OpenWikibase,
    ontology: Ontology,
    identity: Identity,
    records: Path | None,
    *,
    one_name: bool = False,
) -> Known:
    """Look for all that is here of somebody; nothing is changed.

    An item with several names is one person, and so are all items with one of them; with
    `one_name`, no other name is looked at.
    """
    binding = binding_of(wikibase, ontology, with_twins=True)
    known = Known([identity], one_name=one_name)
    given = set(wikibase.entities.values())
    journals = _journals(records)
    unfinished, begun = Traces(records).unfinished(), set[str]()
    if identity in unfinished:
        known.add(unfinished)
        begun = Traces(records).unfinished_items()
    for each in known.identities:  # grows on the way
        if not one_name:
            known.add(_linked(wikibase, binding, each, records))
        property_id = binding.property(each.property)
        found = {entity for _, entity in wikibase.identified(property_id, [each.name])}
        journaled, unread = _journaled(journals, _key(each))
        known.unread = unread
        once = begun | journaled | wikibase.ever_identified(property_id, each.name)
        known.ids |= found | once
        for entity_id, stored in wikibase.read(sorted(found | once)).items():
            known.items[entity_id] = stored
            others = [one for one in identities_on(stored.entity, binding) if one != each]
            if not others:
                known.shared.discard(entity_id)
            elif one_name or entity_id not in found:
                known.shared.add(entity_id)  # or it was renamed: only what names them goes
            elif is_made_here(stored.entity, binding, given):
                known.add(others)
    return known


def forget(
    wikibase: OpenWikibase,
    ontology: Ontology,
    identity: Identity,
    records: Path | None,
    *,
    one_name: bool = False,
    unseen: bool = False,
    clear_copies: Callable[[Sequence[Identity]], object] = lambda _: None,
) -> Forgetting:
    """Remove somebody from a Wikibase and from what this machine keeps, and block their return.

    `records` is the folder of journals; `clear_copies` is given all names and takes them out of
    mirrors and reports. With `one_name`, what stands under another name of theirs
    stays. Can be repeated, also after it was broken off: first the names are blocked, and what
    tells which items were theirs goes last. Raises `NotFound` if nobody of this name is here,
    unless they are to be blocked `unseen`, and `StoreError`.
    """
    known = known_of(wikibase, ontology, identity, records, one_name=one_name)
    blocked, salt = Forgotten(records), wikibase.salt()
    seen = known.items or known.ids or identity in blocked or has_words(records, identity, salt)
    if not seen and not unseen:
        raise unknown(wikibase, ontology, identity)
    with Traces(records).forgetting(known.identities, known.ids | known.items.keys()):
        done = _forget(wikibase, ontology, known, records)
        clear_copies(known.identities)
    return done


def _forget(
    wikibase: OpenWikibase, ontology: Ontology, known: Known, records: Path | None
) -> Forgetting:
    blocked, salt = Forgotten(records), wikibase.salt()
    new, *_ = [blocked.add(each) for each in known.identities]
    for each in (one for one in known.identities if one.property == NAMED):
        if known.one_name:
            blocked.add(goes_on(each))
        elif goes_on(each) in blocked:
            blocked.add(gone(each))
    binding = binding_of(wikibase, ontology, with_twins=True)
    naming = Naming(e.name for e in known.identities)
    mentions = _mentions(wikibase, sorted(known.items))
    items = tuple(_remove(wikibase, binding, each, known, naming) for each in known.items.values())
    ids = sorted(known.ids | known.items.keys())
    own = {i for i in ids if i not in known.shared}
    keys = {_key(each) for each in known.identities}
    again = any(item.refused for item in items)  # then what tells whose they are is needed
    readable = [path for path in _journals(records) if path not in known.unread]
    cleared = [] if again else readable
    dropped = sum(remove_edits(path, keys=keys, entities=own, names=naming) for path in cleared)
    if records is not None:
        remove_leftovers(records / JOURNALS)
    kept = tuple(entity_id for entity_id in ids if not wikibase.erase_history(entity_id))
    texts = wikibase.erase_mentions(naming)
    for key in sorted(keys):
        for entity_id in ("", *sorted(own)):
            wikibase.drop_cached(entity_id, key)
    words = sum(forget_words(records, each, salt) for each in known.identities)
    words += forget_naming(records, naming)
    with Pseudonyms(records, salt) as links:
        for each in known.identities:
            if each.property == "pseudonym" and not again:
                (links.drop if known.one_name else links.forget)(each)
    return Forgetting(
        items=items,
        journal_edits=dropped,
        words=words,
        new=new,
        histories=kept,
        mentions=mentions,
        texts=texts,
        unread=tuple(known.unread),
        also=tuple(known.identities[1:]),
        reading=wikibase.clean_up(),
        naming=tuple(_still_naming(records, naming)),
    )


def _linked(
    wikibase: OpenWikibase, binding: Binding, identity: Identity, records: Path | None
) -> list[Identity]:
    """List other names of somebody, as far as imports have noted whose a pseudonym is."""
    with Pseudonyms(records, wikibase.salt()) as links:
        if identity.property == NAMED:
            return links.of(identity)
        accounts = links.accounts(identity)
        if not accounts:
            return []
        names = {name for name, _ in wikibase.identified(binding.property(NAMED))}
        return [one for one in (Identity(NAMED, n) for n in names) if links.hash(one) in accounts]


def _journals(records: Path | None) -> list[Path]:
    return [] if records is None else sorted((records / JOURNALS).glob(f"*{ENDING}"))


def _key(identity: Identity) -> str:
    return f"{identity.property}/{identity.name}"


def unknown(wikibase: OpenWikibase, ontology: Ontology, identity: Identity) -> NotFound:
    """Say that nobody is here of a name, and name the nearest."""
    binding = binding_of(wikibase, ontology, with_twins=True)
    named = identity.property == NAMED
    asked, other = ("user", "pseudonym") if named else ("pseudonym", NAMED)
    if wikibase.identified(binding.property(other), [identity.name]):
        return NotFound(
            f"“{identity.name}” is no {asked} here; nobody is blocked",
            hint=f"the same command with{'' if named else 'out'} --pseudonym",
        )
    property_id = binding.property(identity.property)
    close = did_you_mean(identity.name, {name for name, _ in wikibase.identified(property_id)})
    return NotFound(
        f"there is no {asked} “{identity.name}” here, and was none; nobody is blocked",
        hint=close or "the name as the item has it; --unseen to block somebody in advance",
    )


def _journaled(journals: Iterable[Path], key: str) -> tuple[set[str], list[Path]]:
    """Find the ids that journals know for a key; and the journals that cannot be read."""
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


def told(done: Forgetting, name: str, ontology: Ontology) -> Iterator[str]:
    """Tell in lines what was removed, what remains, and what is to be done by hand."""
    if not done.items:
        yield f"No item of {name} was found."
    for item in done.items:
        yield from _told_of(item, done.histories, ontology)
    if done.refused:
        yield "On this machine journals still tell which items were theirs, to try it again."
    else:
        yield f"On this machine: {done.journal_edits} edits were taken out of journals."
    if done.words:
        yield f"{done.words} words, theirs or with their name, left the queue of candidate skills."
    for each in done.also:
        yield f"They are known here as “{each.name}”, too: that name is blocked as well."
    yield "A later import is blocked." if done.new else "Later imports were blocked already."
    yield from _left(done)
    yield from _by_hand(done)


def _told_of(item: Removed, histories: Container[str], ontology: Ontology) -> Iterator[str]:
    yield f"{item.id}: {_deed(item, histories)}"
    if item.refused:
        yield f"  {item.refused}"
    if not item.emptied:
        return
    for key, count in sorted(item.statements.items()):
        label = f"“{ontology.properties[key].terms.label()}”" if key else "that named them"
        yield f"  {count} {'statement' if count == 1 else 'statements'} {label}"
    if item.left:
        yield f"  {len(item.left)} statements that are not of this program stay"


def _left(done: Forgetting) -> Iterator[str]:
    for path in done.unread:
        yield f"{path} cannot be read, and may name them.\n  Try: removing that file"
    for path in done.naming:
        yield f"{path} names them, or uses their name as a word.\n  Try: a look at that file"
    for process in done.reading:
        yield f"Process {process} still reads a copy of before, which goes when it ends."
    if done.mentions is None:
        yield "Whether other items point there is not known: the query service did not answer."
    elif done.mentions:
        yield f"Other items pointed there: {', '.join(done.mentions)}"
    if done.texts:
        more = len(done.texts) - _SHOWN
        ids = ", ".join(done.texts[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
        yield f"{ids}: a text there names them, or has their name as a word."
        yield "  Try: an edit there, then the same command; a deleted one may have to be restored"


def _by_hand(done: Forgetting) -> Iterator[str]:
    asked = [item.id for item in done.items if not (item.gone or (item.left and item.emptied))]
    hidden = [entity_id for entity_id in done.histories if entity_id not in asked]
    if asked:
        why = "The wiki refuses it" if done.refused else "This user may not delete"
        yield f"{why}. Ask on the wiki's page for requests:"
        named = ", ".join(f"[[Special:EntityPage/{entity_id}]]" for entity_id in asked)
        yield f"  Please delete {named} with its history: the person asked to be removed."
    if hidden:
        named = ", ".join(hidden)
        yield f"The history of {named} still tells what stood there."
        yield "  Try: asking the wiki's administrators to hide those revisions"


def _deed(item: Removed, histories: Container[str]) -> str:
    if not item.emptied:
        return "nothing was removed"
    if item.gone:
        return "deleted" if item.id in histories else "deleted, with its history"
    return "what this program wrote was removed" if item.left else "emptied, but not deleted"


def _remove(
    wikibase: OpenWikibase,
    binding: Binding,
    stored: Stored,
    known: Known,
    naming: Naming,
    rounds: int = _ROUNDS,
) -> Removed:
    """Delete an item that holds nothing of others; else remove what is the person's.

    What somebody edits at the same time is looked at again, some `rounds`.
    """
    entity = stored.entity
    keys = {entity_id: key for key, entity_id in binding.properties.items()}
    given = set(wikibase.entities.values())
    others = [each for each in identities_on(entity, binding) if each not in known.identities]
    found = belongings(entity, binding, given, naming, named_only=bool(others))
    counted = Counter(keys.get(statement.main.property, "") for statement in found.theirs)
    refused = ""
    try:
        if found.whole and wikibase.delete(entity.id, REASON):
            return Removed(entity.id, counted, (), gone=True)
    except EditRefused as error:
        refused = error.what
    label = others[0].name if others else nobody(entity.id)
    change = emptying(stored, found, naming, label)
    try:
        if change is None or _emptied(wikibase, change):
            return Removed(entity.id, counted, found.left, gone=False, refused=refused)
    except EditsRefused as error:
        refused = next(iter(error.reasons.values())).what
        return Removed(
            entity.id, Counter(), found.left, gone=False, emptied=False, refused=refused
        )
    again = wikibase.read([entity.id]).get(entity.id)
    if again is None:
        return Removed(entity.id, counted, (), gone=True)
    if rounds == 1:
        raise EditConflict(
            f"{entity.id} is edited by somebody at the same time", hint="the same command again"
        )
    rest = _remove(wikibase, binding, again, known, naming, rounds - 1)
    return replace(rest, statements=counted)


def _emptied(wikibase: OpenWikibase, change: Change) -> bool:
    """Empty an item; False if somebody edited it meanwhile, so that something is left."""
    try:
        done = list(perform([change], wikibase, REASON))
    except EditConflict:
        return False
    return not any(each.back for one in done for each in one.written.overwritten)


def _still_naming(records: Path | None, naming: Naming) -> Iterator[Path]:
    """Find files beside the store that name somebody; the store itself was cleared."""
    for file in sorted(records.rglob("*")) if records is not None else ():
        inside = file.relative_to(records).parts[0] if records is not None else ""
        if (
            inside in _CLEARED
            or file.name == STATE
            or ".sqlite" in file.name
            or not file.is_file()
        ):
            continue
        try:
            if naming.in_bytes(file.read_bytes()):
                yield file
        except OSError:
            continue


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
