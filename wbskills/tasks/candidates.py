"""Suggestions: skills that people named in a survey without being asked, and decisions on them.

Decisions are kept in the queue next to the Wikibase. The people behind a suggestion get their
answer recorded when their survey is imported again: responses are always read from the survey
file, so that every import of the same file has the same result.
"""

import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

from wbskills.domain import Identity, Response
from wbskills.errors import InvalidValue, NotFound, StoreError
from wbskills.names import KEY, did_you_mean
from wbskills.ontology.binding import Binding, rules
from wbskills.ontology.entries import Entry, Fact, Ontology, Terms
from wbskills.ontology.express import Expression
from wbskills.ontology.load import LONGEST_TERM
from wbskills.private_records.candidates import (
    ADOPTED,
    FILE,
    MERGED,
    REJECTED,
    Add,
    Candidates,
    Decision,
)
from wbskills.surveys.files.cell_text import clean, key
from wbskills.surveys.mapping.item_names import names_of
from wbskills.table import Column, Table
from wbskills.tasks.consent import Withdrawal
from wbskills.tasks.ontologies import bound
from wbskills.wikibase.interface import Wikibase
from wbskills.wikibase.model.edits import Edit
from wbskills.wikibase.model.values import check_text
from wbskills.wikibase.plan.diff import plan
from wbskills.wikibase.plan.perform import perform

SUMMARY: Final = "a candidate skill that people named in a survey"
DESCRIPTION: Final = "skill that people named in a survey, without being asked for it"
_WAITING: Final = (
    Column("wording", "Wording"),
    Column("people", "People"),
    Column("waves", "Waves"),
    Column("like", "Similar skill"),
)
_DECIDED: Final = (
    Column("wording", "Wording"),
    Column("became", "Became"),
    Column("skill", "Skill"),
    Column("waiting", "People waiting"),
)


class Adopted(NamedTuple):
    """A decision to make a suggestion a candidate skill, and the edits that created its item."""

    decision: Decision
    edits: list[Edit]


def decisions_of(records: Path) -> tuple[Decision, ...]:
    """Read the decisions on suggestions; none where there is no queue."""
    with Candidates(records, write=False) as queue:
        return tuple(queue.decisions())


def meanings(decisions: Iterable[Decision]) -> dict[str, str]:
    """Return the skill that each wording means; empty if it means none."""
    return {decision.wording: decision.skill for decision in decisions}


def with_adopted(ontology: Ontology, decisions: Iterable[Decision]) -> Ontology:
    """Return the ontology with the skills that were adopted; its own files come first."""
    adopted = {
        decision.skill: _entry(decision) for decision in decisions if decision.became == ADOPTED
    }
    return replace(ontology, entries={**adopted, **ontology.entries})


def refuse_unknown(decisions: Iterable[Decision], ontology: Ontology, binding: Binding) -> None:
    """Raise `StoreError` if a suggestion was merged into a skill that does not exist."""
    for decision in decisions:
        if (
            decision.skill
            and decision.skill not in ontology.entries
            and decision.skill not in binding.items
        ):
            raise StoreError(
                f"“{decision.written}” means the skill “{decision.skill}”,"
                " which does not exist here",
                hint="add --ontology with the file that has this skill, or run"
                " “wbskills candidates merge” again",
            )


def queue_suggestions(responses: Iterable[Response], add: Add, salt: bytes) -> Iterator[Response]:
    """Yield the responses unchanged, and add their suggestions to the queue."""
    for response in responses:
        named = [(key(each.wording), each.wording, each.level) for each in response.named]
        person = _hash(response.wave, response.identity, salt)
        add(person, response.wave, named, response.decided)
        yield response


def suggestions_of(
    records: Path | None, identities: Iterable[Identity], waves: Iterable[str], salt: bytes
) -> list[str]:
    """List the skills that a person named in some waves and nobody has decided on."""
    if records is None:
        return []
    people = [_hash(wave, identity, salt) for wave in waves for identity in identities]
    with Candidates(records, write=False) as queue:
        return queue.named_by(people)


def drop_suggestions(queue: Candidates, withdrawal: Withdrawal, salt: bytes) -> int:
    """Remove the suggestions of a person who withdrew their consent; returns their number.

    If the person consented again later, only those of the wave of the refusal are removed.
    """
    refusal = withdrawal.refusal
    waves = [refusal.wave] if withdrawal.agreed_later else {*queue.waves(), refusal.wave}
    return queue.forget([_hash(wave, refusal.identity, salt) for wave in waves])


def forget_suggestions(
    records: Path | None, identities: Iterable[Identity], names: Callable[[str], bool], salt: bytes
) -> int:
    """Remove the suggestions of a person, and those of others that name them (as `names` says).

    Returns how many were removed.
    """
    if records is None or not (records / FILE).exists():
        return 0
    with Candidates(records) as queue:
        waves = queue.waves()
        theirs = [_hash(wave, identity, salt) for identity in identities for wave in waves]
        count = queue.forget(theirs)
        queue.drop_rejected_of_nobody()  # they may be theirs
        return count + queue.forget_naming(names)


def has_suggestions(records: Path | None, identity: Identity, salt: bytes) -> bool:
    """Whether the queue has suggestions of a person."""
    if records is None or not (records / FILE).exists():
        return False
    with Candidates(records, write=False) as queue:
        return queue.knows([_hash(wave, identity, salt) for wave in queue.waves()])


def waiting_table(records: Path, ontology: Ontology) -> Table:
    """List the suggestions that wait for a decision, each with a skill that it may mean."""
    with Candidates(records, write=False) as queue:
        waiting, decisions = queue.waiting(), tuple(queue.decisions())
    names = names_of(with_adopted(ontology, decisions), "skills")
    rows = []
    for each in waiting:
        close = names.suggest(each.written)
        like = f"{close[0]}? ({close[2]} %)" if close else None
        rows.append((each.written, each.people, ", ".join(each.waves), like))
    return Table(_WAITING, tuple(rows))


def decided_table(records: Path) -> Table:
    """List the decisions made so far."""
    decisions = decisions_of(records)
    rows = [
        (decision.written, decision.became, decision.skill or None, decision.waiting)
        for decision in decisions
    ]
    return Table(_DECIDED, tuple(rows))


def adopt(  # noqa: PLR0913  # an item has that many members
    wikibase: Wikibase,
    records: Path,
    ontology: Ontology,
    wording: str,
    skill: str,
    *,
    label: str = "",
    description: str = "",
    group: str = "",
) -> Adopted:
    """Make a candidate skill, with the key `skill`, from a suggestion. Safe to repeat.

    Raises `NotFound` if nobody suggested this wording, `InvalidValue` if the key is not valid or
    taken.
    """
    with _queue(records) as queue:
        found = _find(queue, wording)
        decision = replace(
            found,
            became=ADOPTED,
            skill=skill,
            label=check_text(label or found.written, longest=LONGEST_TERM, what="the label"),
            description=check_text(
                description or DESCRIPTION, longest=LONGEST_TERM, what="the description"
            ),
            group=group,
        )
        _check_key(decision, ontology, queue.decisions())
        edits = _create(wikibase, ontology, decision)
        queue.decide(decision)
    return Adopted(decision, edits)


def merge(records: Path, ontology: Ontology, wording: str, skill: str) -> Decision:
    """Treat a suggestion as an existing skill, which is named by key, label or alias.

    Raises `NotFound` if there is no such skill or nobody suggested this wording.
    """
    with _queue(records) as queue:
        found = _find(queue, wording)
        known = with_adopted(ontology, queue.decisions()).section("skills")
        names = names_of(ontology, "skills")
        meant = skill if skill in known else names.find(skill)
        if meant is None:
            close = did_you_mean(skill, names.all)
            raise NotFound(
                f"no skill is called “{skill}”", hint=close or "use a key of the ontology"
            )
        decision = replace(found, became=MERGED, skill=meant, label="", description="", group="")
        queue.decide(decision)
    return decision


def reject(records: Path, wording: str) -> Decision:
    """Reject a suggestion. Raises `NotFound` if nobody suggested this wording."""
    with _queue(records) as queue:
        found = _find(queue, wording)
        decision = replace(found, became=REJECTED, skill="", label="", description="", group="")
        queue.decide(decision)
    return decision


def check_suggested(records: Path, wording: str) -> None:
    """Raise `NotFound` if nobody suggested a wording."""
    with _queue(records) as queue:
        _find(queue, wording)


def _queue(records: Path) -> Candidates:
    """Open the queue; an empty one in memory where there is none."""
    return Candidates(records, write=(records / FILE).exists())


def _find(queue: Candidates, wording: str) -> Decision:
    """Find a suggestion that waits, or one with a decision, which may be changed."""
    asked = key(wording)
    waiting = {each.wording: each for each in queue.waiting()}
    if asked in waiting:
        found = waiting[asked]
        return Decision(wording=asked, written=found.written, became="", waiting=found.people)
    before = {decision.wording: decision for decision in queue.decisions()}
    if asked in before:
        was = before[asked]
        return replace(was, before=was.skill, had_item=was.became == ADOPTED)
    raise NotFound(
        f"nobody suggested “{clean(wording)}”",
        hint=did_you_mean(asked, waiting)
        or "run “wbskills candidates list” to see all suggestions",
    )


def _check_key(decision: Decision, ontology: Ontology, decisions: Iterable[Decision]) -> None:
    skill, group = decision.skill, decision.group
    if not KEY.fullmatch(skill):
        raise InvalidValue(
            f"“{skill}” is not a valid key", hint="use only small Latin letters, digits and “_”"
        )
    merging = shlex.join(["wbskills", "candidates", "merge", decision.written, skill])
    hint = f"use another key, or run “{merging}”"
    if skill in ontology.entries:
        place = ontology.entries[skill].place
        raise InvalidValue(f"the key “{skill}” is taken by {place}", hint=hint)
    for each in decisions:
        if each.became == ADOPTED and each.skill == skill and each.wording != decision.wording:
            raise InvalidValue(f"the key “{skill}” is taken by “{each.written}”", hint=hint)
    groups = ontology.section("groups")
    if group and group not in groups:
        raise NotFound(
            f"no group is called “{group}”",
            hint=did_you_mean(group, groups) or f"use {', '.join(groups)}",
        )


def _create(wikibase: Wikibase, ontology: Ontology, decision: Decision) -> list[Edit]:
    """Create the item of an adopted skill, if it does not exist yet."""
    entry = _entry(decision)
    binding = bound(wikibase, ontology)
    present = {}
    if entry.key in binding.items:
        stored = wikibase.read([binding.items[entry.key]])[binding.items[entry.key]]
        if stored.entity.labels.get("en") != decision.label:
            raise InvalidValue(
                f"{stored.entity.id} already has the key “{entry.key}”",
                hint="use another key",
            )
        present[entry.key] = stored
    desired = [Expression(ontology, binding).entry(entry)]
    edits = list(plan(desired, present, rules(ontology, binding)))
    return [done.edit for done in perform(edits, wikibase, SUMMARY)]


def _entry(decision: Decision) -> Entry:
    facts = [Fact("instance_of", "skill"), Fact("status", "candidate")]
    if decision.group:
        facts.append(Fact("part_of", decision.group))
    return Entry(
        key=decision.skill,
        section="skills",
        place="the candidate skills",
        terms=Terms(labels={"en": decision.label}, descriptions={"en": decision.description}),
        facts=tuple(facts),
    )


def _hash(wave: str, identity: Identity, salt: bytes) -> bytes:
    person = f"{wave}\n{identity}"
    return blake2b(person.encode(), key=salt, digest_size=16).digest()
