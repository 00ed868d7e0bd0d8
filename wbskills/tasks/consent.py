"""Which responses may be imported: consent, and people known under two names.

A person is known under a username, a pseudonym, or both. Nobody counts twice, nobody is named
against their latest consent, and a person who was forgotten under one name is not imported under
the other. The latest consent decides. A response under another name is not imported but listed,
with the command that removes the item of that other name.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field, replace
from shlex import quote
from typing import Final

from wbskills.bulk import chunks
from wbskills.domain import USERNAME, Identity, Response
from wbskills.ontology.binding import Binding
from wbskills.private_records.pseudonyms import Pseudonyms
from wbskills.surveys.responses.survey import ConsentRefusal
from wbskills.surveys.responses.validation_report import CappedList
from wbskills.wikibase.interface import Wikibase
from wbskills.wikibase.model.entities import Entity
from wbskills.wikibase.model.values import Time

# Marks in the list of forgotten people: only the username was removed; or later all of it.
_GOES_ON: Final = "goes on under a pseudonym"
_GONE: Final = "does not go on"


def username_removed(account: Identity) -> Identity:
    """Return the block-list entry for a person of whom only the username was removed."""
    return Identity(_GOES_ON, account.name)


def all_removed(account: Identity) -> Identity:
    """Return the block-list entry for a person of whom everything else was removed later."""
    return Identity(_GONE, account.name)


@dataclass(frozen=True, slots=True)
class ChangedConsent:
    """A person whose latest consent is for another name than their item has, or was withdrawn.

    `row` has the later consent, `item` is the name on the item; with `only`, just that name is
    to be removed.
    """

    row: int
    item: Identity
    only: bool = True

    def command(self, wikibase: str = "") -> str:
        """Return the command that acts on it."""
        pseudonym = " --pseudonym" if self.item.property != USERNAME else ""
        only = " --one-name" if self.only else ""
        where = f" --wikibase {quote(wikibase)}" if wikibase else ""
        return f"wbskills forget {quote(self.item.name)}{pseudonym}{only}{where}"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A response without consent, and what the Wikibase has of that person.

    `agreed_later` if the person consented on a later day, in another survey.
    """

    refusal: ConsentRefusal
    has_item: bool = False
    agreed_later: bool = False


@dataclass(slots=True)
class ConsentFilter:
    """Passes on the responses that may be imported, and lists the rows of the others.

    `blocked` are rows of forgotten people; `elsewhere` rows of people who withdrew their consent,
    consented under another name later, or have an item under another name; `changed` what to do
    about the latter.
    """

    wikibase: Wikibase
    binding: Binding
    forgotten: Container[Identity]
    links: Pseudonyms
    blocked: CappedList[int] = field(default_factory=CappedList)
    changed: list[ChangedConsent] = field(default_factory=list)
    elsewhere: CappedList[int] = field(default_factory=CappedList)
    _latest: dict[bytes, tuple[str, str]] = field(default_factory=dict)
    _refused: dict[bytes, str] = field(default_factory=dict)

    def read_consents(self, responses: Iterable[Response]) -> None:
        """Find out under which name each person consented last."""
        for response in responses:
            account = self.links.hash(_account(response))
            last = (response.consent.on.isoformat(), str(response.identity))
            self._latest[account] = max(last, self._latest.get(account, last))

    def read_refusals(self, refusals: Iterable[ConsentRefusal]) -> None:
        """Find out who refused, and when: earlier responses of theirs are not imported."""
        for refusal in refusals:
            account = self.links.hash(refusal.identity)
            self._refused[account] = max(refusal.on, self._refused.get(account, ""))

    def allowed(self, responses: Iterable[Response]) -> Iterator[Response]:
        """Pass on the responses that may be imported."""
        for chunk in chunks(responses):
            yield from self._allowed(chunk)

    def add_withdrawal(self, row: int, item: Identity) -> None:
        """List a person who has an item and withdrew their consent."""
        change = ChangedConsent(row, item, only=False)
        if change not in self.changed:
            self.changed.append(change)

    def _allowed(self, chunk: list[Response]) -> Iterator[Response]:
        wanted = [each for each in chunk if not self._is_blocked(each)]
        others = {each.row: self._other_names(each) for each in wanted}
        there = self._consents({name for names in others.values() for name in names})
        for each in wanted:
            items = {other: there[other] for other in others[each.row] if other in there}
            for one, on in items.items():
                if on <= each.consent.on.isoformat():
                    self.changed.append(ChangedConsent(each.row, one))
            if items or self._agreed_otherwise(each) or self._refused_since(each):
                self.elsewhere.add(each.row)
                continue
            if each.account is not None:
                self.links.link(each.account, each.identity)
            yield each

    def blocks(self, identity: Identity, account: Identity | None = None) -> bool:
        """Check whether a person was forgotten; `account` is the username behind a pseudonym."""
        blocked = identity in self.forgotten
        if not blocked and account is not None and account in self.forgotten:
            blocked = (
                all_removed(account) in self.forgotten
                or username_removed(account) not in self.forgotten
            )
        return blocked or self.links.is_forgotten(account or identity)

    def _is_blocked(self, response: Response) -> bool:
        blocked = self.blocks(response.identity, response.account)
        if blocked:
            self.blocked.add(response.row)
        return blocked

    def _other_names(self, response: Response) -> list[Identity]:
        if response.account is None:
            return self.links.pseudonyms(response.identity)
        others = self.links.pseudonyms(response.account)
        return [response.account, *(other for other in others if other != response.identity)]

    def _agreed_otherwise(self, response: Response) -> bool:
        """Check whether the person consented under another name later in this file."""
        latest = self._latest.get(self.links.hash(_account(response))) if self._latest else None
        return latest is not None and latest[1] != str(response.identity)

    def _refused_since(self, response: Response) -> bool:
        """Check whether the person refused later in this file."""
        if not self._refused:
            return False
        names = {_account(response), response.identity}
        refused = (self._refused.get(self.links.hash(name), "") for name in names)
        return max(refused) >= response.consent.on.isoformat()

    def _consents(self, names: set[Identity]) -> dict[Identity, str]:
        """Find which names have items, and the day of the latest consent on each."""
        found: dict[Identity, str] = {}
        for kind in {each.property for each in names}:
            asked = sorted(each.name for each in names if each.property == kind)
            ids = dict(self.wikibase.find_by_identifier(self.binding.property(kind), asked))
            read = self.wikibase.read(ids.values())
            for name, entity_id in ids.items():
                if entity_id in read:
                    found[Identity(kind, name)] = _agreed(read[entity_id].entity, self.binding)
        return found


def under_all_names(
    refusals: Iterable[ConsentRefusal], links: Pseudonyms
) -> Iterator[ConsentRefusal]:
    """Pass on refusals, and each once more for every pseudonym of that person."""
    for refusal in refusals:
        yield refusal
        if refusal.identity.property == USERNAME:
            yield from (
                replace(refusal, identity=pseudonym)
                for pseudonym in links.pseudonyms(refusal.identity)
            )


def withdrawals(
    wikibase: Wikibase, binding: Binding, refusals: Iterable[ConsentRefusal]
) -> Iterator[Withdrawal]:
    """Look up the items of people who refused."""
    for chunk in chunks(refusals):
        for kind in {each.identity.property: None for each in chunk}:
            asked = [each for each in chunk if each.identity.property == kind]
            names = [each.identity.name for each in asked]
            ids = dict(wikibase.find_by_identifier(binding.property(kind), names))
            read = wikibase.read(ids.values())
            for each in asked:
                stored = read.get(ids.get(each.identity.name, ""))
                when = _agreed(stored.entity, binding) if stored is not None else ""
                yield Withdrawal(each, stored is not None, when > each.on)


def _account(response: Response) -> Identity:
    return response.account or response.identity


def _agreed(entity: Entity, binding: Binding) -> str:
    """Return the day of the latest consent on an item, as 2026-03-04; empty if there is none."""
    consent, day = binding.property("consent"), binding.property("point_in_time")
    days = [s.qualifier(day) for s in entity.statements if s.main.property == consent]
    return max((each.time[1:11] for each in days if isinstance(each, Time)), default="")
