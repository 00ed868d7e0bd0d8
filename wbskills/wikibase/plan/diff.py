"""The one difference of this program: what to change so that what should be there is there.

Statements are matched by property, main value and the key qualifiers that `Rules` declare. What
a person says anew replaces the qualifiers it may replace, in the same statement: the GUID, other
people's qualifiers and the references of other sources stay. Statements that are not named are
never touched, but for their rank, where the property's newest statement leads.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from wbskills.wikibase.model.edits import Change, Create, Desired, Edit, group_by_property
from wbskills.wikibase.model.entities import Entity, Rank, Reference, Snak, Statement, Stored
from wbskills.wikibase.model.values import Time

_UNDATED: Final = (-(10**12), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How statements of one Wikibase are told apart; all by property id.

    `key_qualifiers`: qualifiers that are part of what a statement says. `own_qualifiers`: those
    that are replaced. `dated_by`: the qualifier by which the newest statement of each main value
    is preferred and the older ones normal; what is said for an older date never replaces what is
    there for a newer one. `one_at_a_time`: dated properties of which the newest statement leads
    whatever its value (somebody's home community). `complete_with`: the qualifier without which
    a dated statement says less (an interest in a skill, without a level): such a statement never
    takes the lead from one that has it, and leads beside it only while it is newer.
    `one_value`: properties of which a new value takes the place of one that is no longer wanted,
    unless somebody has given a reference for it (the end of a wave). `source`: properties of a
    reference that tell its source; a reference of the same source is left as it is, one whose
    first such value agrees (the same wave) and whose others differ is replaced.
    """

    key_qualifiers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    own_qualifiers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    dated_by: Mapping[str, str] = field(default_factory=dict)
    one_at_a_time: frozenset[str] = frozenset()
    complete_with: Mapping[str, str] = field(default_factory=dict)
    source: tuple[str, ...] = ()
    one_value: frozenset[str] = frozenset()


def plan(
    desired: Iterable[Desired], present: Mapping[str, Stored], rules: Rules
) -> Iterator[Edit]:
    """List the edits that bring what is `present`, by key, up to what is `desired`.

    Pure, and streams: reads no wiki, no file, no clock. Removes nothing. Planning again after
    the plan was carried out gives no edit.
    """
    for want in desired:
        have = present.get(want.key)
        if have is None:
            statements = _ranked(_united(want.entity.statements, rules), rules)
            yield Create(want.key, replace(want.entity, statements=group_by_property(statements)))
            continue
        change = _change(want, have, rules)
        if change is not None:
            yield change


def misranked(entity: Entity, rules: Rules) -> tuple[Statement, ...]:
    """List the statements whose rank breaks the rule, each with the rank that it should have."""
    before = list(entity.statements)
    return tuple(
        after for was, after in zip(before, _ranked(before, rules), strict=True) if was != after
    )


def _change(want: Desired, have: Stored, rules: Rules) -> Change | None:
    labels = _differing(want.entity.labels, have.entity.labels)
    descriptions = _differing(want.entity.descriptions, have.entity.descriptions)
    aliases = _missing_aliases(want.entity, have.entity)
    statements = _changed(want.entity.statements, have.entity.statements, rules)
    if not (labels or descriptions or aliases or statements):
        return None
    return Change(
        key=want.key,
        id=have.entity.id,
        base=have.revision,
        labels=labels,
        descriptions=descriptions,
        aliases=aliases,
        statements=statements,
        was=have,
    )


def _changed(
    wanted: Iterable[Statement], present: tuple[Statement, ...], rules: Rules
) -> tuple[Statement, ...]:
    """List the statements to add and to replace."""
    merged = dict(enumerate(present))
    free: dict[object, list[int]] = {}
    for index, each in enumerate(present):
        free.setdefault(_key(each, rules), []).append(index)
    added = []
    said = set()
    wanted = _united(wanted, rules)
    stale = _stale(wanted, present, rules)
    for want in wanted:
        found = free.get(_key(want, rules)) or stale.get(want.main.property)
        if found:
            index = found.pop(0)
            if not _older(want, merged[index], rules):
                said.add(index)
            merged[index] = _merged(want, merged[index], rules)
        else:
            added.append(want)
            said.add(len(present) + len(added) - 1)
    touched = {each.main.property for each in wanted if each.main.property in rules.dated_by}
    before = [*merged.values(), *added]
    after = _ranked(before, rules, only=touched, said=said)
    return tuple(
        each for index, each in enumerate(after) if index >= len(present) or each != present[index]
    )


def _stale(
    wanted: list[Statement], present: tuple[Statement, ...], rules: Rules
) -> dict[str, list[int]]:
    """List, by property of one value, the statements whose value is not wanted any more."""
    kept = {_key(each, rules) for each in wanted}
    stale: dict[str, list[int]] = {}
    for index, each in enumerate(present):
        ours = not each.references and each.rank is not Rank.DEPRECATED
        if each.main.property in rules.one_value and ours and _key(each, rules) not in kept:
            stale.setdefault(each.main.property, []).append(index)
    return stale


def _merged(want: Statement, have: Statement, rules: Rules) -> Statement:
    """Bring one statement up to date, in place."""
    if _older(want, have, rules):
        return have
    own = rules.own_qualifiers.get(want.main.property, frozenset())
    if _complete(have, rules) and not _complete(want, rules):
        # What says less leaves what it does not tell as it is, and the day of that.
        kept = {rules.complete_with[want.main.property], rules.dated_by.get(want.main.property)}
        own -= kept
        said = tuple(snak for snak in want.qualifiers if snak.property not in kept)
        want = replace(want, qualifiers=said)
    references = have.references
    for reference in want.references:
        references = _with_reference(references, reference, rules)
    return replace(
        have,
        main=want.main,
        qualifiers=_with_qualifiers(have.qualifiers, want.qualifiers, own),
        references=references,
    )


def _with_qualifiers(
    present: tuple[Snak, ...], wanted: tuple[Snak, ...], own: frozenset[str]
) -> tuple[Snak, ...]:
    """Replace the qualifiers that are our own, add what is missing, keep the order."""
    groups: dict[str, list[Snak]] = {snak.property: [] for snak in (*present, *wanted)}
    for snak in present:
        if snak.property not in own:
            groups[snak.property].append(snak)
    for snak in wanted:
        if snak not in groups[snak.property]:
            groups[snak.property].append(snak)
    return tuple(snak for group in groups.values() for snak in group)


def _with_reference(
    present: tuple[Reference, ...], wanted: Reference, rules: Rules
) -> tuple[Reference, ...]:
    source = _source(wanted, rules)
    if not source:
        return present if wanted in present else (*present, wanted)
    sources = [_source(each, rules) for each in present]
    if source in sources:
        return present
    for index, other in enumerate(sources):
        if other and other[0] == source[0] and None not in other:  # else it is not of a response
            return (*present[:index], wanted, *present[index + 1 :])
    return (*present, wanted)


def _source(reference: Reference, rules: Rules) -> tuple[object, ...]:
    """Tell where a reference points to; empty if it does not say so in the way of `rules`."""
    values = {snak.property: snak.value for snak in reference.snaks}
    if not rules.source or rules.source[0] not in values:
        return ()
    return tuple(values.get(name) for name in rules.source)


def _united(statements: Iterable[Statement], rules: Rules) -> list[Statement]:
    """Leave out a statement that says the same as an earlier one."""
    united: dict[object, Statement] = {}
    for statement in statements:
        united.setdefault(_key(statement, rules), statement)
    return list(united.values())


def _ranked(
    statements: list[Statement],
    rules: Rules,
    only: set[str] | None = None,
    said: Container[int] = (),
) -> list[Statement]:
    """Make the newest statement of each value preferred and the older ones normal.

    One that is not complete stands back behind those that are, and leads beside them if it is
    newer than all of them. Of equal dates, what was `said` just now leads, then what has led
    before, then the last.
    """
    newest: dict[tuple[str, object], tuple[bool, tuple[int, str], bool, bool, int]] = {}
    beside: dict[tuple[str, object], tuple[tuple[int, str], bool, bool, int]] = {}
    for index, statement in enumerate(statements):
        when = _date(statement, rules)
        name = statement.main.property
        if when is None or (only is not None and name not in only):
            continue
        if when == _UNDATED and name in rules.one_at_a_time:
            continue  # nobody knows which of several holds
        key = _rival(statement, rules)
        claim = (when, index in said, statement.rank is Rank.PREFERRED, index)
        complete = _complete(statement, rules)
        newest[key] = max((complete, *claim), newest.get(key, (complete, *claim)))
        if not complete:
            beside[key] = max(claim, beside.get(key, claim))
    if not newest:
        return statements
    leading = {claim[-1] for claim in newest.values()}
    leading |= {claim[-1] for key, claim in beside.items() if claim[0] > newest[key][1]}
    return [
        statement
        if _rival(statement, rules) not in newest
        else _with_rank(statement, index in leading)
        for index, statement in enumerate(statements)
    ]


def _complete(statement: Statement, rules: Rules) -> bool:
    """Tell whether a statement says all that statements of its property say."""
    name = rules.complete_with.get(statement.main.property)
    return name is None or any(snak.property == name for snak in statement.qualifiers)


def _rival(statement: Statement, rules: Rules) -> tuple[str, object]:
    """Tell what statements share of which only the newest leads."""
    name = statement.main.property
    return name, None if name in rules.one_at_a_time else statement.main


def _older(want: Statement, have: Statement, rules: Rules) -> bool:
    """Tell whether something newer is there already. A response may correct its own date."""
    wanted, present = _date(want, rules), _date(replace(have, rank=Rank.NORMAL), rules)
    if wanted is None or present is None or wanted >= present:
        return False
    told = {_source(each, rules) for each in want.references} - {()}
    return not told or told != {_source(each, rules) for each in have.references} - {()}


def _with_rank(statement: Statement, leads: bool) -> Statement:
    rank = Rank.PREFERRED if leads else Rank.NORMAL
    if statement.rank is rank or statement.rank is Rank.DEPRECATED:
        return statement
    return replace(statement, rank=rank)


def _date(statement: Statement, rules: Rules) -> tuple[int, str] | None:
    """Give the date that decides the rank: without any, the oldest; None if it does not count."""
    qualifier = rules.dated_by.get(statement.main.property)
    if qualifier is None or statement.rank is Rank.DEPRECATED:
        return None
    when = statement.qualifier(qualifier)
    return when.order if isinstance(when, Time) else _UNDATED


def _key(statement: Statement, rules: Rules) -> object:
    """Tell what two statements share if they are the same statement."""
    names = rules.key_qualifiers.get(statement.main.property, ())
    if not names:
        return statement.main
    return statement.main, frozenset(s for s in statement.qualifiers if s.property in names)


def _differing(want: Mapping[str, str], have: Mapping[str, str]) -> dict[str, str]:
    return {language: text for language, text in want.items() if have.get(language) != text}


def _missing_aliases(want: Entity, have: Entity) -> dict[str, tuple[str, ...]]:
    missing = {
        language: tuple(text for text in texts if text not in have.aliases.get(language, ()))
        for language, texts in want.aliases.items()
    }
    return {language: texts for language, texts in missing.items() if texts}
