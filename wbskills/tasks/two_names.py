"""One person under two names, username and pseudonym.

Nobody counts twice, nobody is named against their last word, and who was forgotten under one name
is not taken in under the other.
The newest consent of a person decides. What they said under another name is left out and listed,
with the command that makes room for it where the Wikibase has an item of that other name.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from shlex import quote
from typing import Final

from wbskills.domain import Identity, Response
from wbskills.ontology.binding import Binding
from wbskills.private_records.pseudonyms import Pseudonyms
from wbskills.surveys.responses.survey import ConsentRefusal
from wbskills.surveys.responses.validation_report import CappedList
from wbskills.tasks.withdrawals import agreed
from wbskills.wikibase.interface import Wikibase

_AT_ONCE: Final = 200
NAMED: Final = "wikimedia_username"
# Marks in the list of who is forgotten: a person goes on under a pseudonym; or not any more.
_GOES_ON: Final = "goes on under a pseudonym"
_GONE: Final = "does not go on"


def goes_on(account: Identity) -> Identity:
    """Give the mark of somebody of whom only what names them was removed."""
    return Identity(_GOES_ON, account.name)


def gone(account: Identity) -> Identity:
    """Give the mark of somebody of whom all was removed after they had gone on for a while."""
    return Identity(_GONE, account.name)


@dataclass(frozen=True, slots=True)
class Changed:
    """Somebody whose consent is to another name than that of their item, or who takes it back.

    `row` is that of the newer consent, `item` the name that the item gives them; with `only` that
    name alone is to go.
    """

    row: int
    item: Identity
    only: bool = True

    def command(self, wikibase: str = "") -> str:
        """Write the command that acts on it."""
        pseudonym = " --pseudonym" if self.item.property != NAMED else ""
        only = " --one-name" if self.only else ""
        where = f" --wikibase {quote(wikibase)}" if wikibase else ""
        return f"wbskills forget {quote(self.item.name)}{pseudonym}{only}{where}"


@dataclass(slots=True)
class Doorkeeper:
    """Passes on the responses that may be imported, and lists the others."""

    wikibase: Wikibase
    binding: Binding
    forgotten: Container[Identity]
    links: Pseudonyms
    blocked: CappedList[int] = field(default_factory=CappedList)
    changed: list[Changed] = field(default_factory=list)
    elsewhere: CappedList[int] = field(default_factory=CappedList)
    _newest: dict[bytes, tuple[str, str]] = field(default_factory=dict)
    _refused: dict[bytes, str] = field(default_factory=dict)

    def learn(self, responses: Iterable[Response]) -> None:
        """Find out which name each person agreed to last, from a file that has several of one."""
        for each in responses:
            account = self.links.hash(_account(each))
            last = (each.consent.on.isoformat(), str(each.identity))
            self._newest[account] = max(last, self._newest.get(account, last))

    def learn_refusals(self, refusals: Iterable[ConsentRefusal]) -> None:
        """Find out who did not agree, and when: what they said before is not taken in."""
        for each in refusals:
            account = self.links.hash(each.identity)
            self._refused[account] = max(each.on, self._refused.get(account, ""))

    def welcome(self, responses: Iterable[Response]) -> Iterator[Response]:
        """Pass on who may come in."""
        responses = iter(responses)
        while chunk := list(islice(responses, _AT_ONCE)):
            yield from self._welcome(chunk)

    def took_back(self, row: int, item: Identity) -> None:
        """Note somebody with an item who does not agree any more."""
        change = Changed(row, item, only=False)
        if change not in self.changed:
            self.changed.append(change)

    def _welcome(self, chunk: list[Response]) -> Iterator[Response]:
        wanted = [each for each in chunk if not self._is_blocked(each)]
        others = {each.row: self._others(each) for each in wanted}
        there = self._items({one for names in others.values() for one in names})
        for each in wanted:
            items = {one: there[one] for one in others[each.row] if one in there}
            for one, on in items.items():
                if on <= each.consent.on.isoformat():
                    self.changed.append(Changed(each.row, one))
            if items or self._agreed_otherwise(each) or self._refused_since(each):
                self.elsewhere.add(each.row)
                continue
            if each.account is not None:
                self.links.link(each.account, each.identity)
            yield each

    def _is_blocked(self, response: Response) -> bool:
        account = response.account
        blocked = response.identity in self.forgotten
        if not blocked and account is not None and account in self.forgotten:
            blocked = gone(account) in self.forgotten or goes_on(account) not in self.forgotten
        if blocked or self.links.is_forgotten(_account(response)):
            self.blocked.add(response.row)
            return True
        return False

    def _others(self, response: Response) -> list[Identity]:
        """List other names that somebody may have."""
        if response.account is None:
            return self.links.of(response.identity)
        others = self.links.of(response.account)
        return [response.account, *(each for each in others if each != response.identity)]

    def _agreed_otherwise(self, response: Response) -> bool:
        """Tell whether somebody agreed to another name later, in the same file."""
        newest = self._newest.get(self.links.hash(_account(response))) if self._newest else None
        return newest is not None and newest[1] != str(response.identity)

    def _refused_since(self, response: Response) -> bool:
        """Tell whether somebody did not agree any more later, in the same file."""
        if not self._refused:
            return False
        names = {_account(response), response.identity}
        said = (self._refused.get(self.links.hash(each), "") for each in names)
        return max(said) >= response.consent.on.isoformat()

    def _items(self, names: set[Identity]) -> dict[Identity, str]:
        """Find the items of some names, with the day of the newest consent on each."""
        found: dict[Identity, str] = {}
        for kind in {each.property for each in names}:
            asked = sorted(each.name for each in names if each.property == kind)
            ids = dict(self.wikibase.identified(self.binding.property(kind), asked))
            read = self.wikibase.read(ids.values())
            for name, entity_id in ids.items():
                if entity_id in read:
                    found[Identity(kind, name)] = agreed(read[entity_id].entity, self.binding)
        return found


def _account(response: Response) -> Identity:
    return response.account or response.identity


def linked(refusals: Iterable[ConsentRefusal], links: Pseudonyms) -> Iterator[ConsentRefusal]:
    """Pass on refusals, and each once more for the pseudonyms of whoever refused."""
    for each in refusals:
        yield each
        if each.identity.property == NAMED:
            yield from (replace(each, identity=one) for one in links.of(each.identity))
