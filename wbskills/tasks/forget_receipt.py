"""What was removed about a person, what remains, and what is left to do by hand."""

from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wbskills.domain import Identity
from wbskills.ontology.entries import Ontology
from wbskills.private_records.traces import BuiltReport
from wbskills.wikibase.model.entities import Statement

_SHOWN: Final = 20  # entities
_BEYOND: Final = "This does not remove backups, or copies that others have made."


@dataclass(frozen=True, slots=True)
class RemovedItem:
    """What happened to one item.

    `statements` counts the removed ones by key of their property; `left` are statements of
    others. If it was not `deleted`, `refused` may say why; if it was not `emptied` either, all
    of it still exists.
    """

    id: str
    statements: Counter[str]
    left: tuple[Statement, ...]
    deleted: bool
    emptied: bool = True
    refused: str = ""

    def lines(self, histories: Container[str], ontology: Ontology) -> Iterator[str]:
        """Describe it; `histories` are items whose history still shows what was there."""
        yield f"{self.id}: {self._outcome(histories)}"
        if self.refused:
            yield f"  {self.refused}"
        if not self.emptied:
            return
        for key, count in sorted(self.statements.items()):
            label = (
                f"“{ontology.properties[key].terms.label()}”"
                if key
                else "that contained their name"
            )
            yield f"  {count} {'statement' if count == 1 else 'statements'} {label}"
        if self.left:
            yield f"  statements that others added, and that remain: {len(self.left)}"

    def _outcome(self, histories: Container[str]) -> str:
        if not self.emptied:
            return "nothing was removed"
        if self.deleted:
            return "deleted" if self.id in histories else "deleted, with its history"
        return "what this program wrote was removed" if self.left else "emptied, but not deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What was removed from a Wikibase and its records, and what could not be removed.

    `new` if the person was not blocked before; `also` are other names on their item, which are
    blocked, too. `histories` are items whose history still shows what was there; `mentions` items
    that point to theirs (None if unknown); `texts` items of others with a text that names them;
    `unread` journals that could not be cleared; `naming` other files that still name them;
    `suggestions` the number of suggestions removed from the queue; `reading` processes that
    still read an earlier copy.
    """

    items: tuple[RemovedItem, ...]
    journal_edits: int
    suggestions: int
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
        """Whether the Wikibase refused a part of it, which another run may still do."""
        return any(item.refused for item in self.items)

    def lines(self, name: str, ontology: Ontology) -> Iterator[str]:
        """Describe it in lines for people."""
        if not self.items:
            yield f"No item of {name} was found."
        for item in self.items:
            yield from item.lines(self.histories, ontology)
        if self.refused:
            yield "The journals on this machine still record which items were theirs."
        else:
            yield f"Edits removed from journals on this machine: {self.journal_edits}."
        if self.suggestions:
            yield (
                "Suggestions by them or with their name, removed from the queue:"
                f" {self.suggestions}."
            )
        for each in self.also:
            yield f"They are also known here as “{each.name}”: that name is blocked as well."
        yield "Later imports are blocked." if self.new else "Later imports were already blocked."
        yield from self._remains()
        yield from self._by_hand()

    def _remains(self) -> Iterator[str]:
        for path in self.unread:
            yield f"{path} cannot be read and may still name the person.\n  Try: delete that file"
        for path in self.naming:
            yield f"{path} contains their name, or the same word.\n  Try: check that file"
        for process in self.reading:
            yield f"Process {process} still reads an earlier copy, which is deleted when it ends."
        if self.mentions is None:
            yield "The query service did not answer: it is unknown whether other items link there."
        elif self.mentions:
            yield f"Other items that linked there: {', '.join(self.mentions)}"
        if self.texts:
            more = len(self.texts) - _SHOWN
            ids = ", ".join(self.texts[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
            yield f"{ids}: a text there contains their name, or the same word."
            yield "  Try: edit it, then run the same command again; restore a deleted item first"

    def _by_hand(self) -> Iterator[str]:
        asked = [
            item.id for item in self.items if not (item.deleted or (item.left and item.emptied))
        ]
        hidden = [entity_id for entity_id in self.histories if entity_id not in asked]
        if asked:
            why = "The wiki refused the deletion" if self.refused else "This user may not delete"
            yield f"{why}. Post this on the wiki's page for requests:"
            named = ", ".join(f"[[Special:EntityPage/{entity_id}]]" for entity_id in asked)
            yield f"  Please delete {named} with its history: the person asked to be removed."
        if hidden:
            named = ", ".join(hidden)
            yield f"The history of {named} still shows what was there."
            yield "  Try: ask the wiki's administrators to hide those revisions"


@dataclass(frozen=True, slots=True)
class ClearedCopy:
    """What was done to one copy of the Wikibase, or to one report, on this machine.

    `items` were removed from a copy. A `report` was built again or, if `why` says that it could
    not be, `removed`.
    """

    place: Path
    items: tuple[str, ...] = ()
    report: BuiltReport | None = None
    why: str = ""
    removed: bool = False

    def lines(self) -> Iterator[str]:
        """Describe it in lines for people."""
        if self.report is None:
            if self.items:
                yield f"{self.place}: {', '.join(self.items)} removed from this copy"
        elif not self.why:
            yield f"{self.place}: the report named them, and was rebuilt"
        else:
            outcome = "was removed" if self.removed else "could not be removed either"
            yield f"{self.place}: the report named them, and {outcome}: {self.why}"
            yield f"  Try: {self.report.command()}"


@dataclass(frozen=True, slots=True)
class ForgetReceipt:
    """What was removed about a person, from the Wikibase and from the copies on this machine.

    `removal` is None where only a copy was cleared; `text` has the lines for people.
    """

    text: tuple[str, ...]
    copies: tuple[ClearedCopy, ...]
    removal: Removal | None = None

    @property
    def refused(self) -> bool:
        """Whether the Wikibase refused a part of it, which another run may still do."""
        return self.removal is not None and self.removal.refused

    def lines(self) -> list[str]:
        """Describe it in lines for people: what was removed, and what remains."""
        return list(self.text)


def receipt_of_removal(
    removal: Removal, copies: tuple[ClearedCopy, ...], name: str, ontology: Ontology
) -> ForgetReceipt:
    """Return the receipt of a removal from a Wikibase and its copies."""
    lines = [*removal.lines(name, ontology)]
    lines += [line for copy in copies for line in copy.lines()]
    lines.append(_BEYOND)
    if removal.refused:
        lines.append("The wiki refused part of this, see above.")
        lines.append("  Try: run the same command again, when the wiki allows it")
    return ForgetReceipt(tuple(lines), copies, removal)


def receipt_of_copy(copies: tuple[ClearedCopy, ...], origin: str) -> ForgetReceipt:
    """Return the receipt of a removal from a copy of the Wikibase `origin` alone."""
    lines = [line for copy in copies for line in copy.lines()]
    lines.append(f"They are still in {origin}")
    lines.append("  Try: run the same command with --wikibase and the profile of that Wikibase")
    return ForgetReceipt(tuple(lines), copies)
