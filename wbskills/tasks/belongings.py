"""What on an item is somebody's who wants to be forgotten, and what is of others.

Decided by class and identifier, and by what a text says: never by a description, which anybody
may change.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from wbskills.domain import Identity
from wbskills.ontology.binding import Binding
from wbskills.ontology.express import PERSON
from wbskills.tasks.naming import Naming
from wbskills.wikibase.model.edits import Change
from wbskills.wikibase.model.entities import Entity, Snak, Statement, Stored
from wbskills.wikibase.model.values import EntityRef, Monolingual, Text

NAMES = ("wikimedia_username", "pseudonym")


@dataclass(frozen=True, slots=True)
class Belongings:
    """What goes of an item: all of it if `whole`, else statements that are `theirs`."""

    whole: bool
    made_here: bool
    theirs: tuple[Statement, ...]
    left: tuple[Statement, ...]


def identities_on(entity: Entity, binding: Binding) -> Iterator[Identity]:
    """List the names that an item gives a person."""
    for name in NAMES:
        for value in entity.values(binding.property(name)):
            if isinstance(value, Text):
                yield Identity(name, value.text)


def is_made_here(entity: Entity, binding: Binding, given: Container[str]) -> bool:
    """Tell whether an item is one of this program's people.

    Where the wiki had the class before (`given` are such ids), its description tells, too.
    """
    person = binding.item("person")
    if EntityRef(person) not in entity.values(binding.property("instance_of")):
        return False
    return person not in given or entity.descriptions.get("en") == PERSON["en"]


def names_nobody(entity: Entity, binding: Binding) -> bool:
    """Tell whether an item that was somebody's was emptied, or is as it was made but for them."""
    ours = entity.descriptions.get("en") == PERSON["en"]
    emptied = nobody(entity.id) in entity.labels.values()
    return (ours or emptied) and not any(identities_on(entity, binding))


def belongings(
    entity: Entity,
    binding: Binding,
    given: Container[str],
    naming: Naming,
    *,
    named_only: bool = False,
) -> Belongings:
    """Decide what goes. With `named_only` nothing but what names them goes."""
    keys = {entity_id: key for key, entity_id in binding.properties.items()}
    made_here = not named_only and (
        is_made_here(entity, binding, given) or names_nobody(entity, binding)
    )
    if named_only:
        theirs = tuple(each for each in entity.statements if _is_about(each, naming))
    elif made_here:
        theirs = tuple(
            each
            for each in entity.statements
            if each.main.property in keys or _is_about(each, naming)
        )
    else:
        theirs = tuple(
            each
            for each in entity.statements
            if _is_ours(each, keys, given, binding) or _is_about(each, naming)
        )
    left = tuple(each for each in entity.statements if each not in theirs)
    links = all(naming(each.title) for each in entity.sitelinks)
    whole = made_here and not left and links
    return Belongings(whole, made_here, theirs, left)


def emptying(stored: Stored, found: Belongings, naming: Naming, label: str) -> Change | None:
    """Plan the edit that leaves of an item what is of others, and no name; None if none is due.

    A label cannot be taken away in every Wikibase: `label` takes its place, which is unlike
    those of all other items.
    """
    entity = stored.entity
    labels = {
        language: label
        for language, text in entity.labels.items()
        if text != label and (found.made_here or naming(text))
    }
    descriptions = {
        language: PERSON["en"]
        for language, text in entity.descriptions.items()
        if text != PERSON["en"] and (found.made_here or naming(text))
    }
    unnamed = {
        language: gone
        for language, texts in entity.aliases.items()
        if (gone := tuple(each for each in texts if found.made_here or naming(each)))
    }
    change = Change(
        key=entity.id,
        id=entity.id,
        base=stored.revision,
        labels=labels,
        descriptions=descriptions,
        removed=tuple(each.id for each in found.theirs if each.id),
        unnamed=unnamed,
        unlinked=tuple(each.site for each in entity.sitelinks if naming(each.title)),
    )
    does = (labels, descriptions, change.removed, unnamed, change.unlinked)
    return change if any(does) else None


def nobody(entity_id: str) -> str:
    """Give the label of an item that named somebody."""
    return f"removed {entity_id}"


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


def _is_about(statement: Statement, naming: Naming) -> bool:
    """Tell whether a statement names somebody."""
    snaks: Iterable[Snak] = (
        statement.main,
        *statement.qualifiers,
        *(snak for reference in statement.references for snak in reference.snaks),
    )
    return any(
        naming(each.value.text) for each in snaks if isinstance(each.value, Text | Monolingual)
    )
