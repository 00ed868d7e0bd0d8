"""Candidate skills: what people named and nobody asked for, and what becomes of it.

A decision is noted in the queue beside the store. The people behind the words get their assessment
when their survey is imported again: what a response says is read from its file, as ever, so that
every import of the same file gives the same map.
"""

import shlex
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Final

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
    Candidates,
    Decision,
    Hear,
    Waiting,
)
from wbskills.surveys.files.cell_text import clean, key
from wbskills.surveys.mapping.item_names import names_of
from wbskills.table import Column, Table
from wbskills.tasks.ontologies import bound
from wbskills.tasks.withdrawals import Withdrawal
from wbskills.wikibase.interface import Wikibase
from wbskills.wikibase.model.edits import Edit
from wbskills.wikibase.model.values import check_text
from wbskills.wikibase.plan.diff import plan
from wbskills.wikibase.plan.perform import perform

SUMMARY: Final = "a candidate skill that people named in a survey"
DESCRIPTION: Final = "skill that people named in a survey, without being asked for it"
_COLUMNS: Final = (
    Column("wording", "Wording"),
    Column("people", "People"),
    Column("waves", "Waves"),
    Column("like", "Like the skill"),
)
_DECIDED_COLUMNS: Final = (
    Column("wording", "Wording"),
    Column("became", "Became"),
    Column("skill", "Skill"),
    Column("waiting", "Waiting people"),
)


def decided(folder: Path) -> tuple[Decision, ...]:
    """Read the decisions of a store; none where there is no queue."""
    with Candidates(folder, write=False) as queue:
        return tuple(queue.decisions())


def meanings(decisions: tuple[Decision, ...]) -> dict[str, str]:
    """Give the skill that each wording means; empty if it means none."""
    return {each.wording: each.skill for each in decisions}


def with_adopted(ontology: Ontology, decisions: tuple[Decision, ...]) -> Ontology:
    """Give the ontology with the skills that were adopted; its own files come first."""
    adopted = {each.skill: _entry(each) for each in decisions if each.became == ADOPTED}
    return replace(ontology, entries={**adopted, **ontology.entries})


def refuse_unknown(decisions: tuple[Decision, ...], ontology: Ontology, binding: Binding) -> None:
    """Raise `StoreError` if a wording was merged into a skill that is nowhere to be found."""
    for each in decisions:
        if each.skill and each.skill not in ontology.entries and each.skill not in binding.items:
            raise StoreError(
                f"“{each.written}” means the skill “{each.skill}”, which is not there",
                hint="--ontology with the file that has this skill; or `candidates merge` again",
            )


def heard(responses: Iterator[Response], hear: Hear, salt: bytes) -> Iterator[Response]:
    """Pass responses on, and let the queue hear what they named."""
    for response in responses:
        asked = [(key(each.wording), each.wording, each.level) for each in response.named]
        person = _hash(response.wave, response.identity, salt)
        hear(person, response.wave, asked, response.decided)
        yield response


def forget_words(folder: Path | None, identity: Identity, salt: bytes) -> int:
    """Drop what somebody named, in whatever wave; gives how many words that were."""
    if folder is None or not (folder / FILE).exists():
        return 0
    with Candidates(folder) as queue:
        count = queue.forget([_hash(wave, identity, salt) for wave in queue.waves()])
        queue.drop_rejected_of_nobody()  # they may be theirs
        return count


def forget_naming(folder: Path | None, naming: Callable[[str], bool]) -> int:
    """Drop words of others that name somebody; gives how many words that were."""
    if folder is None or not (folder / FILE).exists():
        return 0
    with Candidates(folder) as queue:
        return queue.forget_naming(naming)


def has_words(folder: Path | None, identity: Identity, salt: bytes) -> bool:
    """Tell whether words of somebody are in the queue."""
    if folder is None or not (folder / FILE).exists():
        return False
    with Candidates(folder, write=False) as queue:
        return queue.knows([_hash(wave, identity, salt) for wave in queue.waves()])


def drop_words(queue: Candidates, withdrawal: Withdrawal, salt: bytes) -> int:
    """Drop what somebody named who does not agree any more; gives how many words that were.

    Whoever agreed again later only takes back what was named in the wave of the refusal.
    """
    refusal = withdrawal.refusal
    waves = [refusal.wave] if withdrawal.agreed_later else {*queue.waves(), refusal.wave}
    return queue.forget([_hash(wave, refusal.identity, salt) for wave in waves])


def waiting_table(folder: Path, ontology: Ontology) -> Table:
    """List what waits for a decision, each with the skill that it may mean."""
    with Candidates(folder, write=False) as queue:
        waiting, decisions = queue.waiting(), tuple(queue.decisions())
    names = names_of(with_adopted(ontology, decisions), "skills")
    rows = []
    for each in waiting:
        close = names.suggest(each.written)
        like = f"{close[0]}? ({close[2]} %)" if close else None
        rows.append((each.written, each.people, ", ".join(each.waves), like))
    return Table(_COLUMNS, tuple(rows))


def decided_table(folder: Path) -> Table:
    """List what became of each wording that somebody has decided on."""
    return Table(
        _DECIDED_COLUMNS,
        tuple(
            (each.written, each.became, each.skill or None, each.waiting)
            for each in decided(folder)
        ),
    )


def adopt(  # noqa: PLR0913  # an item has that many members
    wikibase: Wikibase,
    folder: Path,
    ontology: Ontology,
    wording: str,
    skill: str,
    *,
    label: str = "",
    description: str = "",
    group: str = "",
) -> tuple[Decision, list[Edit]]:
    """Make a skill with the status “candidate” of a wording; gives the edits that it took.

    Raises `NotFound` if nobody gave this wording, `InvalidValue` for a key that cannot be or is
    taken. The same again makes no edit.
    """
    with _queue(folder) as queue:
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
        _check_key(decision, ontology, tuple(queue.decisions()))
        edits = _make(wikibase, ontology, decision)
        queue.decide(decision)
    return decision, edits


def merge(folder: Path, ontology: Ontology, wording: str, skill: str) -> Decision:
    """Let a wording mean a skill that is there already, from now on.

    The skill is named by key, label or alias. Raises `NotFound` if there is no such skill or
    nobody gave this wording.
    """
    with _queue(folder) as queue:
        found = _find(queue, wording)
        known = with_adopted(ontology, tuple(queue.decisions())).section("skills")
        names = names_of(ontology, "skills")
        meant = skill if skill in known else names.find(skill)
        if meant is None:
            close = did_you_mean(skill, names.all)
            raise NotFound(
                f"there is no skill “{skill}”", hint=close or "use a key of the ontology"
            )
        decision = replace(found, became=MERGED, skill=meant, label="", description="", group="")
        queue.decide(decision)
    return decision


def reject(folder: Path, wording: str) -> Decision:
    """Let a wording mean no skill. Raises `NotFound` if nobody gave it."""
    with _queue(folder) as queue:
        found = _find(queue, wording)
        decision = replace(found, became=REJECTED, skill="", label="", description="", group="")
        queue.decide(decision)
    return decision


def look_for(folder: Path, wording: str) -> None:
    """Look whether somebody gave a wording. Raises `NotFound` if nobody did."""
    with _queue(folder) as queue:
        _find(queue, wording)


def _queue(folder: Path) -> Candidates:
    """Open the queue of a store; an empty one where there is none, which nothing is put into."""
    return Candidates(folder, write=(folder / FILE).exists())


def _find(queue: Candidates, wording: str) -> Decision:
    """Find a wording that waits, or one that was decided on and may be decided anew."""
    asked = key(wording)
    waiting = {each.wording: each for each in queue.waiting()}
    if asked in waiting:
        return _open(waiting[asked])
    before = {each.wording: each for each in queue.decisions()}
    if asked in before:
        was = before[asked]
        return replace(was, before=was.skill, had_item=was.became == ADOPTED)
    hint = did_you_mean(asked, waiting) or "wbskills candidates list"
    raise NotFound(f"nobody named “{clean(wording)}”", hint=hint)


def _open(waiting: Waiting) -> Decision:
    return Decision(
        wording=waiting.wording,
        written=waiting.written,
        became="",
        waiting=waiting.people,
    )


def _check_key(decision: Decision, ontology: Ontology, decisions: tuple[Decision, ...]) -> None:
    skill, group = decision.skill, decision.group
    if not KEY.fullmatch(skill):
        raise InvalidValue(f"“{skill}” is no key", hint="small Latin letters, digits and “_”")
    if skill in ontology.entries:
        raise InvalidValue(
            f"the key “{skill}” is taken by {ontology.entries[skill].place}",
            hint=f"another key; or {_merging(decision.written, skill)}",
        )
    for each in decisions:
        if each.became == ADOPTED and each.skill == skill and each.wording != decision.wording:
            raise InvalidValue(
                f"the key “{skill}” is that of “{each.written}”",
                hint=f"another key; or {_merging(decision.written, skill)}",
            )
    groups = ontology.section("groups")
    if group and group not in groups:
        raise NotFound(
            f"there is no group “{group}”",
            hint=did_you_mean(group, groups) or f"use one of {', '.join(groups)}",
        )


def _merging(written: str, skill: str) -> str:
    return shlex.join(["wbskills", "candidates", "merge", written, skill])


def _make(wikibase: Wikibase, ontology: Ontology, decision: Decision) -> list[Edit]:
    """Make the item of an adopted skill, if it is not there yet."""
    entry = _entry(decision)
    binding = bound(wikibase, ontology)
    present = {}
    if entry.key in binding.items:
        stored = wikibase.read([binding.items[entry.key]])[binding.items[entry.key]]
        if stored.entity.labels.get("en") != decision.label:
            raise InvalidValue(
                f"the key “{entry.key}” is that of {stored.entity.id} already", hint="another key"
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
        place="the candidates that were adopted",
        terms=Terms(labels={"en": decision.label}, descriptions={"en": decision.description}),
        facts=tuple(facts),
    )


def _hash(wave: str, identity: Identity, salt: bytes) -> bytes:
    person = f"{wave}\n{identity}"
    return blake2b(person.encode(), key=salt, digest_size=16).digest()
