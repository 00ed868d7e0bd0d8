"""The modules that change qualifiers and references of a statement."""

from collections.abc import Iterable
from dataclasses import replace

from wbskills.wikibase.model.entities import Reference, Snak, Statement
from wbskills.wikibase.model.wire import reference_to_json, statement_to_json
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.claim_edits import (
    SNAK_TYPES,
    answered,
    claim,
    module,
    property_parameter,
    replaced,
    snak,
)
from wbskills.wikibase.server.api.display import snak_in_summary
from wbskills.wikibase.server.api.editing import save
from wbskills.wikibase.server.api.errors import missing_param, refused
from wbskills.wikibase.server.api.messages import Json
from wbskills.wikibase.server.api.parameters import Parameter
from wbskills.wikibase.server.api.rules import Rules
from wbskills.wikibase.server.api.statements import distinct, read_json, read_snaks


def _set_qualifier(call: Call) -> Json:
    target, there = claim(call, call.values["claim"])
    digest, name = call.values["snakhash"], call.values["property"]
    old = None
    if digest is not None:
        old = next((each for each in there.qualifiers if each.hash == digest), None)
        if old is None:
            raise refused(
                "no-such-qualifier", "Claim does not have a qualifier with the given hash"
            )
    if name is None and old is None:
        raise refused("param-missing", "Either a snakhash or a property must be given")
    property_id = property_parameter(name) if name is not None else (old.property if old else "")
    if old is not None and old.property != property_id:
        raise refused("param-illegal", "The property of a qualifier cannot be changed")
    if call.values["snaktype"] is None:
        raise refused("param-missing", "A snaktype must be given")
    made = snak(call, property_id, Rules(call.site, call.settings))
    if made in there.qualifiers:
        raise refused(
            "modification-failed",
            f"The statement has already a qualifier with hash {made.hash}",
        )
    kept = [each for each in there.qualifiers if each is not old]
    after = replace(there, qualifiers=_grouped([*kept, made]))
    what = "update" if old is not None else "add"
    saved = save(
        call,
        target,
        replaced(target.entity, there, after),
        f"/* wbsetqualifier-{what}:1| */ {snak_in_summary(made)}",
    )
    return answered(saved, {"claim": statement_to_json(after)})


def _grouped(snaks: Iterable[Snak]) -> tuple[Snak, ...]:
    groups: dict[str, list[Snak]] = {}
    for each in snaks:
        groups.setdefault(each.property, []).append(each)
    return tuple(each for group in groups.values() for each in group)


def _remove_qualifiers(call: Call) -> Json:
    target, there = claim(call, call.values["claim"])
    wanted = call.values["qualifiers"]
    if not wanted:
        raise missing_param("qualifiers")
    gone = [each for each in there.qualifiers if each.hash in wanted]
    if {each.hash for each in gone} != set(wanted):
        raise refused("no-such-qualifier", "Invalid snak hash")
    after = replace(there, qualifiers=tuple(q for q in there.qualifiers if q not in gone))
    told = ", ".join(map(snak_in_summary, gone))
    saved = save(
        call,
        target,
        replaced(target.entity, there, after),
        f"/* wbremovequalifiers-remove:{len(gone)}| */ {told}",
    )
    return answered(saved, {})


def _set_reference(call: Call) -> Json:
    target, there = claim(call, call.values["statement"])
    order = call.values["snaks-order"]
    snaks = read_snaks(
        read_json(call.values["snaks"], refused("invalid-json")),
        None if order is None else read_json(order, refused("invalid-json")),
    )
    made = Rules(call.site, call.settings).reference(Reference(distinct(snaks)))
    if not made.snaks:
        raise refused("param-invalid", "A reference must have at least one snak")
    references, what = _with_reference(there, made, call.values["reference"])
    index = call.values["index"]
    if index is not None:
        references.remove(made)
        references.insert(max(index, 0), made)
    after = replace(there, references=tuple(references))
    saved = save(
        call,
        target,
        replaced(target.entity, there, after),
        f"/* wbsetreference-{what}:2| */ {snak_in_summary(there.main)}",
    )
    return answered(saved, {"reference": reference_to_json(made)})


def _with_reference(
    there: Statement, made: Reference, digest: str | None
) -> tuple[list[Reference], str]:
    """Add a reference, or put it in the place of the one with that hash."""
    references = list(there.references)
    if digest is None:
        if any(each.hash == made.hash for each in references):
            raise refused(
                "modification-failed",
                f"The statement has already a reference with hash {made.hash}",
            )
        return [*references, made], "add"
    for number, each in enumerate(references):
        if each.hash == digest:
            others = [*references[:number], *references[number + 1 :]]
            if any(other.hash == made.hash for other in others):
                raise refused(
                    "modification-failed",
                    f"The statement has already a reference with hash {made.hash}",
                )
            return [*references[:number], made, *references[number + 1 :]], "set"
    raise refused("no-such-reference")


def _remove_references(call: Call) -> Json:
    target, there = claim(call, call.values["statement"])
    wanted = call.values["references"]
    if not wanted:
        raise missing_param("references")
    if not set(wanted) <= {each.hash for each in there.references}:
        raise refused("no-such-reference")
    left = tuple(each for each in there.references if each.hash not in wanted)
    saved = save(
        call,
        target,
        replaced(target.entity, there, replace(there, references=left)),
        f"/* wbremovereferences-remove:2||{len(there.references) - len(left)} */"
        f" {snak_in_summary(there.main)}",
    )
    return answered(saved, {})


SET_QUALIFIER = module(
    "wbsetqualifier",
    _set_qualifier,
    Parameter("claim", required=True),
    Parameter("property"),
    Parameter("value", "text"),
    Parameter("snaktype", choices=SNAK_TYPES),
    Parameter("snakhash"),
)
REMOVE_QUALIFIERS = module(
    "wbremovequalifiers",
    _remove_qualifiers,
    Parameter("claim", required=True),
    Parameter("qualifiers", required=True, multi=True),
)
SET_REFERENCE = module(
    "wbsetreference",
    _set_reference,
    Parameter("statement", required=True),
    Parameter("snaks", "text", required=True),
    Parameter("snaks-order"),
    Parameter("reference"),
    Parameter("index", "integer"),
)
REMOVE_REFERENCES = module(
    "wbremovereferences",
    _remove_references,
    Parameter("statement", required=True),
    Parameter("references", required=True, multi=True),
)
