"""The difference between how entities should be and how they are, as edits.

Statements are matched by property, main value and the key qualifiers of `Rules`. A new answer
replaces the own qualifiers of its statement: the GUID, other qualifiers and the references of
other sources stay. Statements that are not mentioned change only in two ways: their ranks, where
the newest statement of a property is preferred, and by a `Correction`, where their source was
asked again and no longer makes them.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from wbskills.wikibase.model.edits import (
    Change,
    Correction,
    Create,
    Desired,
    Edit,
    group_by_property,
)
from wbskills.wikibase.model.entities import Entity, Rank, Reference, Snak, Statement, Stored
from wbskills.wikibase.model.values import Time

_UNDATED: Final = (-(10**12), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How statements of one Wikibase are matched, replaced and ranked; by property id.

    `key_qualifiers`: qualifiers that are part of the identity of a statement.
    `own_qualifiers`: qualifiers that a new answer replaces.
    `dated_by`: the qualifier with the date. Of each main value the newest statement is preferred
        and the older ones normal; an older answer never replaces a newer one.
    `one_at_a_time`: dated properties with one preferred statement whatever its value (the home
        community of a person).
    `complete_with`: the qualifier of a complete statement (the level of a skill). A dated
        statement without it (an interest) never replaces a complete one as the preferred
        statement, and is preferred beside it only while it is newer.
    `one_value`: properties where a new value replaces one that is no longer wanted (the end of
        a wave), unless that has a reference.
    `source`: properties that identify the source of a reference. A reference with the same
        source stays; one with the same first value (the wave) and other values is replaced.
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
    """Yield the edits that turn what is `present`, by key, into what is `desired`.

    Removes only what a source takes back (see `Correction`). After the edits were made, planning
    again gives none.
    """
    for want in desired:
        have = present.get(want.key)
        if have is None:
            statements = _ranked(_without_duplicates(want.entity.statements, rules), rules)
            yield Create(want.key, replace(want.entity, statements=group_by_property(statements)))
            continue
        change = _change(want, have, rules)
        if change is not None:
            yield change


def misranked(entity: Entity, rules: Rules) -> tuple[Statement, ...]:
    """Return the statements with a wrong rank, each with the right one."""
    before = list(entity.statements)
    return tuple(
        after for was, after in zip(before, _ranked(before, rules), strict=True) if was != after
    )


def _change(want: Desired, have: Stored, rules: Rules) -> Change | None:
    labels = _differing(want.entity.labels, have.entity.labels)
    descriptions = _differing(want.entity.descriptions, have.entity.descriptions)
    aliases = _missing_aliases(want.entity, have.entity)
    statements, removed = _changed(want, have.entity.statements, rules)
    if not (labels or descriptions or aliases or statements or removed):
        return None
    return Change(
        key=want.key,
        id=have.entity.id,
        base=have.revision,
        labels=labels,
        descriptions=descriptions,
        aliases=aliases,
        statements=statements,
        removed=removed,
        was=have,
    )


def _changed(
    want: Desired, present: tuple[Statement, ...], rules: Rules
) -> tuple[tuple[Statement, ...], tuple[str, ...]]:
    """Return the statements to add and to replace, and the GUIDs of those to remove."""
    past = _Past(want.corrections, present, rules)
    merged = dict(enumerate(present))
    free: dict[object, list[int]] = {}
    for index, each in enumerate(present):
        free.setdefault(_key(each, rules), []).append(index)
    added = []
    new = set()  # indexes of statements that the new answers are in
    wanted = _without_duplicates(want.entity.statements, rules)
    outdated = _outdated(wanted, present, rules)
    for each in wanted:
        found = free.get(_key(each, rules)) or outdated.get(each.main.property)
        if found:
            index = found.pop(0)
            if not _older(each, merged[index], rules):
                new.add(index)
            merged[index] = _merged(each, merged[index], rules, past)
        else:
            added.append(each)
            new.add(len(present) + len(added) - 1)
    touched = {each.main.property for each in wanted}
    for index in (index for indexes in free.values() for index in indexes):
        have = merged[index]
        left = past.left(have)
        if left != have:
            touched.add(have.main.property)
        if left is None:
            del merged[index]
        else:
            merged[index] = left
    merged |= dict(enumerate(added, len(present)))
    place = {index: at for at, index in enumerate(merged)}
    after = _ranked(
        list(merged.values()),
        rules,
        only=touched & rules.dated_by.keys(),
        new={place[index] for index in new},
    )
    changed = tuple(
        each
        for index, each in zip(merged, after, strict=True)
        if index >= len(present) or each != present[index]
    )
    gone = (each.id for index, each in enumerate(present) if index not in merged)
    return changed, tuple(filter(None, gone))


@dataclass(frozen=True, slots=True)
class _Past:
    """What sources said before, and which of it they may take back."""

    corrections: tuple[Correction, ...]
    present: tuple[Statement, ...]
    rules: Rules

    def left(self, have: Statement) -> Statement | None:
        """Return what is left of a statement that is not wanted, all of it if nobody may."""
        left: Statement | None = have
        for correction in self.corrections:
            if left is not None and self._may_take_back(left, correction):
                left = self._without(left, correction)
        return left

    def own_qualifiers(self, want: Statement, have: Statement) -> frozenset[str]:
        """Return the qualifiers of `have` that a new answer replaces: those that it was asked."""
        name = have.main.property
        own = self.rules.own_qualifiers.get(name, frozenset())
        correction = self._correction_of(want)
        asked = _asked(have, correction, self.rules) if correction is not None else None
        return own if asked is None else own - _content(name, self.rules) | asked

    def loses_completeness(self, want: Statement, have: Statement) -> bool:
        """Return whether an incomplete answer takes back what made `have` complete."""
        correction = self._correction_of(want)
        return (
            correction is not None
            and self.rules.complete_with[have.main.property]
            in (_asked(have, correction, self.rules) or ())
            and self._may_take_back(have, correction)
        )

    def _correction_of(self, want: Statement) -> Correction | None:
        sources = {_source(reference, self.rules) for reference in want.references}
        return next((each for each in self.corrections if each.source in sources), None)

    def _may_take_back(self, have: Statement, correction: Correction) -> bool:
        """Return whether the source of a correction, and nobody newer, made a statement."""
        if have.rank is Rank.DEPRECATED or have.id is None:
            return False
        sources = {
            _source(each, self.rules)
            for each in have.references
            if _is_of(each, correction, self.rules)
        }
        if not sources or correction.source in sources:
            return bool(sources)
        return self._said_on(have, sources) <= correction.when.order

    def _said_on(self, have: Statement, sources: Container[tuple[object, ...]]) -> tuple[int, str]:
        """Return the date of a statement; without one, the newest of its sources."""
        when = _date(have, self.rules)
        if when is not None:
            return when
        dates = (
            _date(each, self.rules)
            for each in self.present
            if any(_source(reference, self.rules) in sources for reference in each.references)
        )
        return max(filter(None, dates), default=_UNDATED)

    def _without(self, have: Statement, correction: Correction) -> Statement | None:
        """Return a statement without what was asked; None if nothing of it is left."""
        asked = _asked(have, correction, self.rules)
        if asked is None:
            return have
        others = tuple(r for r in have.references if not _is_of(r, correction, self.rules))
        unasked = _content(have.main.property, self.rules) - asked
        if not any(snak.property in unasked for snak in have.qualifiers):
            return replace(have, references=others) if others else None
        if others:  # they support the statement as it is
            return have
        kept = tuple(snak for snak in have.qualifiers if snak.property not in asked)
        return replace(have, qualifiers=kept)


def _asked(have: Statement, correction: Correction, rules: Rules) -> frozenset[str] | None:
    """Return the own qualifiers of a statement that were asked about; None if it was not."""
    name, value = have.main.property, have.main.value
    if name not in correction.asked or value is None:
        return None
    asked = correction.asked[name]
    return _content(name, rules) if asked is None else asked.get(value)


def _content(name: str, rules: Rules) -> frozenset[str]:
    """Return the own qualifiers of a property but for its date."""
    return rules.own_qualifiers.get(name, frozenset()) - {rules.dated_by.get(name, "")}


def _is_of(reference: Reference, correction: Correction, rules: Rules) -> bool:
    """Return whether a correction speaks for the source of a reference."""
    source = _source(reference, rules)
    if not source or None in source:  # not of a response
        return False
    return source == correction.source if correction.alone else source[0] == correction.source[0]


def _outdated(
    wanted: list[Statement], present: tuple[Statement, ...], rules: Rules
) -> dict[str, list[int]]:
    """Return, by property of one value, the statements whose value is no longer wanted."""
    kept = {_key(each, rules) for each in wanted}
    outdated: dict[str, list[int]] = {}
    for index, each in enumerate(present):
        ours = not each.references and each.rank is not Rank.DEPRECATED
        if each.main.property in rules.one_value and ours and _key(each, rules) not in kept:
            outdated.setdefault(each.main.property, []).append(index)
    return outdated


def _merged(want: Statement, have: Statement, rules: Rules, past: _Past) -> Statement:
    """Update one statement."""
    if _older(want, have, rules):
        return have
    own = past.own_qualifiers(want, have)
    becomes_incomplete = _complete(have, rules) and not _complete(want, rules)
    if becomes_incomplete and not past.loses_completeness(want, have):
        # An incomplete answer changes neither the missing qualifier nor its date.
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
    """Replace own qualifiers, add missing ones, and keep the order."""
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
        if other and other[0] == source[0] and None not in other:  # else not of a response
            return (*present[:index], wanted, *present[index + 1 :])
    return (*present, wanted)


def _source(reference: Reference, rules: Rules) -> tuple[object, ...]:
    """Return what identifies the source of a reference; empty if it has none by the rules."""
    values = {snak.property: snak.value for snak in reference.snaks}
    if not rules.source or rules.source[0] not in values:
        return ()
    return tuple(values.get(name) for name in rules.source)


def _without_duplicates(statements: Iterable[Statement], rules: Rules) -> list[Statement]:
    """Leave out statements that match an earlier one."""
    first: dict[object, Statement] = {}
    for statement in statements:
        first.setdefault(_key(statement, rules), statement)
    return list(first.values())


def _ranked(
    statements: list[Statement],
    rules: Rules,
    only: set[str] | None = None,
    new: Container[int] = (),
) -> list[Statement]:
    """Make the newest statement of each value preferred and the older ones normal.

    An incomplete statement is preferred only if there is no complete one, or beside that if it
    is newer. Of equal dates, the `new` one is preferred, then the one that was, then the last.
    """
    newest: dict[tuple[str, object], tuple[bool, tuple[int, str], bool, bool, int]] = {}
    beside: dict[tuple[str, object], tuple[tuple[int, str], bool, bool, int]] = {}
    for index, statement in enumerate(statements):
        when = _date(statement, rules)
        name = statement.main.property
        if when is None or (only is not None and name not in only):
            continue
        if when == _UNDATED and name in rules.one_at_a_time:
            continue  # it is unknown which one is current
        key = _rank_group(statement, rules)
        claim = (when, index in new, statement.rank is Rank.PREFERRED, index)
        complete = _complete(statement, rules)
        newest[key] = max((complete, *claim), newest.get(key, (complete, *claim)))
        if not complete:
            beside[key] = max(claim, beside.get(key, claim))
    if not newest:
        return statements
    preferred = {claim[-1] for claim in newest.values()}
    preferred |= {claim[-1] for key, claim in beside.items() if claim[0] > newest[key][1]}
    return [
        statement
        if _rank_group(statement, rules) not in newest
        else _with_rank(statement, index in preferred)
        for index, statement in enumerate(statements)
    ]


def _complete(statement: Statement, rules: Rules) -> bool:
    """Return whether a statement has the qualifier of complete ones."""
    name = rules.complete_with.get(statement.main.property)
    return name is None or any(snak.property == name for snak in statement.qualifiers)


def _rank_group(statement: Statement, rules: Rules) -> tuple[str, object]:
    """Return what statements share of which only the newest is preferred."""
    name = statement.main.property
    return name, None if name in rules.one_at_a_time else statement.main


def _older(want: Statement, have: Statement, rules: Rules) -> bool:
    """Return whether `have` is newer than `want`; a response may correct its own date."""
    wanted, present = _date(want, rules), _date(replace(have, rank=Rank.NORMAL), rules)
    if wanted is None or present is None or wanted >= present:
        return False
    sources = {_source(reference, rules) for reference in want.references} - {()}
    return not sources or sources != {
        _source(reference, rules) for reference in have.references
    } - {()}


def _with_rank(statement: Statement, preferred: bool) -> Statement:
    rank = Rank.PREFERRED if preferred else Rank.NORMAL
    if statement.rank is rank or statement.rank is Rank.DEPRECATED:
        return statement
    return replace(statement, rank=rank)


def _date(statement: Statement, rules: Rules) -> tuple[int, str] | None:
    """Return the date that decides the rank, the oldest if missing; None if none is used."""
    qualifier = rules.dated_by.get(statement.main.property)
    if qualifier is None or statement.rank is Rank.DEPRECATED:
        return None
    when = statement.qualifier(qualifier)
    return when.order if isinstance(when, Time) else _UNDATED


def _key(statement: Statement, rules: Rules) -> object:
    """Return the identity of a statement: equal keys mean the same statement."""
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
