"""Self-evaluation: what is known of a person, and writing what they answered.

Answers go the way that imports go: a `Response`, compared with what is there, and a journal.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from wbskills.bulk import ignore
from wbskills.domain import PSEUDONYM, Consent, Identity, Response
from wbskills.errors import StoreError, WbskillsError
from wbskills.ontology.binding import Binding
from wbskills.ontology.entries import Ontology
from wbskills.private_records.candidates import Candidates
from wbskills.private_records.forgotten import Forgotten
from wbskills.private_records.pseudonyms import Pseudonyms
from wbskills.private_records.self_evaluations import Draft
from wbskills.questionnaires.fields import LEVEL, asked_of, response_of, wave_of
from wbskills.questionnaires.schema import Questionnaire
from wbskills.tasks.batches import begin, head_of
from wbskills.tasks.candidates import (
    decisions_of,
    meanings,
    queue_suggestions,
    suggestions_of,
    with_adopted,
)
from wbskills.tasks.consent import ConsentFilter
from wbskills.tasks.forgetting import forget
from wbskills.tasks.imports import Import
from wbskills.tasks.ontologies import apply_ontology, binding_of
from wbskills.tasks.surveys import batch_id
from wbskills.wikibase.interface import OpenWikibase
from wbskills.wikibase.journal.write import Journal
from wbskills.wikibase.model.entities import Entity, Rank, Statement, Stored
from wbskills.wikibase.model.values import EntityRef, Text, Time, Value

COMMAND: Final = "self-evaluation"  # as it is stored in journals
INVITATION: Final = "invitation"
WAYS: Final = {INVITATION: "invitation link"}  # how people are identified who did not log in


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """An answer that is stored: a key or a text, the day it was given, the key of its wave."""

    value: str
    on: str = ""
    wave: str = ""


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """What is stored of a person: their items by name, and their newest answers by field.

    `consent` is the latest one, if any.
    """

    items: Mapping[Identity, Stored] = field(default_factory=dict)
    answers: Mapping[str, KnownAnswer] = field(default_factory=dict)
    consent: Consent | None = None

    @property
    def pseudonym(self) -> Identity | None:
        """The pseudonym that they have an item under."""
        return next((each for each in self.items if each.property == PSEUDONYM), None)


class Reason(StrEnum):
    """Why answers cannot be written, whenever it is tried."""

    FORGOTTEN = "forgotten"
    PSEUDONYM_TAKEN = "pseudonym_taken"
    ITEM_REFUSED = "item_refused"


class AnswersRefused(WbskillsError):
    """The answers of a person cannot be written, and trying again later does not help."""

    def __init__(self, reason: Reason, what: str) -> None:
        super().__init__(what)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Sent:
    """Answers that were written: the item of the person, and how many edits it took."""

    item: str
    edits: int


class SelfEvaluation:
    """Writes the answers to one questionnaire into one Wikibase, and reads what is known.

    `records` is the folder of journals; None for a Wikibase in memory. `clear_copies` is called
    with the names of a person whose item is removed. Whoever calls `send` and `withdraw` sees to
    it that nobody else writes meanwhile.
    """

    def __init__(
        self,
        wikibase: OpenWikibase,
        ontology: Ontology,
        questionnaire: Questionnaire,
        records: Path | None,
        place: str = "",
        clear_copies: Callable[[list[Identity]], object] = ignore,
    ) -> None:
        self.wikibase, self.questionnaire, self.records = wikibase, questionnaire, records
        self._files, self._place, self._clear_copies = ontology, place, clear_copies
        self._binding: Binding | None = None
        # Without a folder, who has which pseudonym is known as long as the program runs.
        self._links = Pseudonyms(None, wikibase.salt()) if records is None else None
        self._forgotten = Forgotten(None) if records is None else None

    @property
    def ontology(self) -> Ontology:
        """The ontology, with the skills that were adopted from what people named."""
        if self.records is None:
            return self._files
        return with_adopted(self._files, decisions_of(self.records))

    def known(self, account: Identity) -> KnownPerson:
        """Read what is stored of a person, under their username and their pseudonyms."""
        binding = binding_of(self.wikibase, self._files)
        with self._pseudonyms() as links:
            names = [account, *links.pseudonyms(account)]
        items: dict[Identity, Stored] = {}
        for name in names:
            pairs = self.wikibase.find_by_identifier(binding.property(name.property), [name.name])
            for stored in self.wikibase.read(entity_id for _, entity_id in pairs).values():
                items[name] = stored
        answers: dict[str, KnownAnswer] = {}
        consents: list[Consent] = []
        for stored in items.values():
            found = _StoredAnswers(stored.entity, binding, self.questionnaire)
            answers |= dict(found.all())
            consents += found.consents()
        consent = max(consents, key=lambda each: each.on, default=None)
        return KnownPerson(items, answers, consent)

    def is_blocked(self, account: Identity) -> bool:
        """Whether a person asked to be removed, and not to be added again."""
        with self._pseudonyms() as links:
            consents = ConsentFilter(self.wikibase, Binding(), self._block_list(), links)
            return consents.blocks(account) and consents.blocks(
                Identity(PSEUDONYM, account.name), account
            )

    def pseudonym_is_taken(self, account: Identity, pseudonym: Identity) -> bool:
        """Whether somebody else has a pseudonym."""
        binding = binding_of(self.wikibase, self._files)
        with self._pseudonyms() as links:
            if pseudonym in links.pseudonyms(account):
                return False
            if links.accounts(pseudonym):
                return True
        found = self.wikibase.find_by_identifier(binding.property(PSEUDONYM), [pseudonym.name])
        return bool(found)

    def named_by(self, account: Identity, known: KnownPerson) -> list[str]:
        """List the skills that a person named, and that nobody has decided on."""
        names = {account, *known.items}
        wave = self.questionnaire.wave.key
        return suggestions_of(self.records, names, [wave], self.wikibase.salt())

    def response(self, draft: Draft, on: date) -> Response:
        """Return the response that a draft is."""
        known = self.known(draft.identity).pseudonym
        return response_of(
            draft.identity,
            draft.fields,
            self.questionnaire,
            on=on,
            salt=self.wikibase.salt(),
            known_pseudonym=known,
            decided=self._decided(),
            identified_by=WAYS.get(draft.how, ""),
        )

    def _decided(self) -> dict[str, str]:
        """Return the skills that wordings of people were found to mean."""
        return meanings(decisions_of(self.records)) if self.records is not None else {}

    def send(self, draft: Draft, now: datetime) -> Sent:
        """Write the answers of a person. Safe to repeat.

        What they had under another name, against their new consent, is removed. Raises
        `AnswersRefused` if it is no use to try again, else `StoreError`.
        """
        on = datetime.fromisoformat(f"{draft.sent}+00:00").date() if draft.sent else now.date()
        response = self.response(draft, on)
        if response.identity.property == PSEUDONYM and self.pseudonym_is_taken(
            draft.identity, response.identity
        ):
            raise AnswersRefused(
                Reason.PSEUDONYM_TAKEN, f"somebody else is called “{response.identity.name}”"
            )
        head = head_of(batch_id(now), COMMAND, self._place)
        try:
            binding = self.prepare(now)
            with begin(self.records, head) as journal:
                importing = self._importing(head.batch, now, binding, journal)
                allowed = self._allowed(response, importing.binding)
                if self.records is not None and (response.named or response.decided):
                    with Candidates(self.records) as queue, queue.adding() as add:
                        list(queue_suggestions([allowed], add, self.wikibase.salt()))
                made = list(importing.responses([allowed]))
        except StoreError:
            self._binding = None  # what was looked up may not be true any more
            raise
        for refused in importing.refused:
            raise AnswersRefused(Reason.ITEM_REFUSED, refused.error.what)
        found = self.wikibase.find_by_identifier(
            importing.binding.property(response.identity.property), [response.identity.name]
        )
        return Sent(found[0][1] if found else "", len(made))

    def prepare(self, now: datetime) -> Binding:
        """Add what the Wikibase lacks of the ontology, and the wave; only the first time."""
        if self._binding is None:
            head = head_of(batch_id(now), COMMAND, self._place)
            with begin(self.records, head) as journal:
                binding = binding_of(self.wikibase, self._files)
                if binding.missing(self._files):
                    list(apply_ontology(self.wikibase, self._files, journal))
                    binding = binding_of(self.wikibase, self._files)
                importing = self._importing(head.batch, now, binding, journal)
                importing.waves([wave_of(self.questionnaire)])
                self._binding = importing.binding
        return self._binding

    def _importing(
        self, batch: str, now: datetime, binding: Binding, journal: Journal | None
    ) -> Import:
        return Import(
            self.wikibase,
            self.ontology,
            batch=batch,
            today=now.date(),
            journal=journal,
            binding=binding,
            asked=asked_of(self.questionnaire, self._decided().values()),
            summary=f"self-evaluation, {self.questionnaire.name}",
        )

    def _allowed(self, response: Response, binding: Binding) -> Response:
        """Pass on a response that may be written, after removing what is under other names."""
        for _ in range(2):
            with self._pseudonyms(make=True) as links:
                consents = ConsentFilter(self.wikibase, binding, self._block_list(), links)
                for allowed in consents.allowed([response]):
                    return allowed
            if consents.blocked.count:
                break
            for change in consents.changed:
                self._forget(change.item, one_name=True)
        raise AnswersRefused(
            Reason.FORGOTTEN, "this person asked to be removed, and not to be added again"
        )

    def withdraw(self, account: Identity) -> bool:
        """Remove everything of a person, under all their names; False if nothing was stored.

        Raises `StoreError`.
        """
        known = self.known(account)
        for name in known.items:
            if self._is_there(name):
                self._forget(name, one_name=False)
        return bool(known.items)

    def _is_there(self, name: Identity) -> bool:
        binding = binding_of(self.wikibase, self._files)
        return bool(self.wikibase.find_by_identifier(binding.property(name.property), [name.name]))

    def _forget(self, name: Identity, *, one_name: bool) -> None:
        removal = forget(
            self.wikibase,
            self._files,
            name,
            self.records,
            one_name=one_name,
            clear_copies=lambda names: self._clear_copies(list(names)),
        )
        if self._forgotten is not None and not one_name:
            self._forgotten.add(name)
        refused = [item.refused for item in removal.items if item.refused]
        if refused:
            raise StoreError(f"not everything could be removed: {refused[0]}")

    def _block_list(self) -> Forgotten:
        return self._forgotten if self._forgotten is not None else Forgotten(self.records)

    def _pseudonyms(self, *, make: bool = False) -> "_Links":
        return _Links(self._links, self.records, self.wikibase.salt(), make=make)


class _Links:
    """The pseudonyms, opened for a moment; those of a Wikibase in memory stay open."""

    def __init__(
        self, kept: Pseudonyms | None, records: Path | None, salt: bytes, *, make: bool
    ) -> None:
        self._kept = kept
        self._opened = kept or Pseudonyms(records, salt, make=make)

    def __enter__(self) -> Pseudonyms:
        return self._opened

    def __exit__(self, *_: object) -> None:
        if self._kept is None:
            self._opened.__exit__()


class _StoredAnswers:
    """Reads the answers on one item."""

    def __init__(self, entity: Entity, binding: Binding, questionnaire: Questionnaire) -> None:
        self._entity, self._binding, self._asked = entity, binding, questionnaire
        self._keys = binding.keys()

    def all(self) -> Iterator[tuple[str, KnownAnswer]]:
        """Yield the answers by the name of their field, the newest of each."""
        yield from self.skills()
        yield from self.facts()
        if "languages" in self._asked.facts:
            yield from self.languages()

    def consents(self) -> Iterator[Consent]:
        """Yield the consents, with the version of their text."""
        for statement in _of(self._entity, self._binding, "consent"):
            day = self._day(statement)
            version = statement.qualifier(self._binding.property("consent_text_version"))
            if day:
                yield Consent(
                    self._key_of(statement.main.value),
                    date.fromisoformat(day),
                    text_version=version.text if isinstance(version, Text) else "",
                )

    def skills(self) -> Iterator[tuple[str, KnownAnswer]]:
        newest: dict[str, tuple[str, Statement]] = {}
        for statement in _of(self._entity, self._binding, "assessed_skill"):
            skill, day = self._key_of(statement.main.value), self._day(statement)
            if skill in self._asked.skills and day >= newest.get(skill, ("",))[0]:
                newest[skill] = day, statement
        for skill, (day, statement) in newest.items():
            wave = "".join(self._qualifiers(statement, "survey_wave"))
            for level in self._qualifiers(statement, "level"):
                yield f"{LEVEL}.{skill}", KnownAnswer(level, day, wave)
            for interest in self._qualifiers(statement, "interest"):
                if interest in self._asked.interests:
                    yield f"{interest}.{skill}", KnownAnswer("on", day, wave)

    def facts(self) -> Iterator[tuple[str, KnownAnswer]]:
        for name in ("home_community", "availability", "time_zone"):
            if name in self._asked.facts:
                for statement in _of(self._entity, self._binding, name):
                    value = statement.main.value
                    text = value.text if isinstance(value, Text) else self._key_of(value)
                    if text:
                        yield name, KnownAnswer(text, self._day(statement))

    def languages(self) -> Iterator[tuple[str, KnownAnswer]]:
        spoken = [
            (language, statement)
            for statement in _of(self._entity, self._binding, "speaks")
            if (language := self._key_of(statement.main.value))
        ]
        for number, (language, statement) in enumerate(spoken[: self._asked.most_languages], 1):
            yield f"language.{number}", KnownAnswer(language, self._day(statement))
            for level in self._qualifiers(statement, "babel_level"):
                yield f"babel.{number}", KnownAnswer(level, self._day(statement))

    def _key_of(self, value: Value | None) -> str:
        return self._keys.get(value.id, "") if isinstance(value, EntityRef) else ""

    def _qualifiers(self, statement: Statement, name: str) -> Iterator[str]:
        wanted = self._binding.property(name)
        keys = (self._key_of(s.value) for s in statement.qualifiers if s.property == wanted)
        return filter(None, keys)

    def _day(self, statement: Statement) -> str:
        value = statement.qualifier(self._binding.property("point_in_time"))
        return value.time[1:11] if isinstance(value, Time) else ""


def _of(entity: Entity, binding: Binding, key: str) -> Iterable[Statement]:
    property_id = binding.property(key)
    return (
        each
        for each in entity.statements
        if each.main.property == property_id and each.rank is not Rank.DEPRECATED
    )
