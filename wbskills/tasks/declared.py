"""Community ratings: how communities rate their own capacities, written on their items."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wbskills.bulk import ignore
from wbskills.data import ontology_folder
from wbskills.ontology.binding import Binding, rules
from wbskills.ontology.entries import Fact, Ontology
from wbskills.ontology.express import Expression
from wbskills.ontology.load import load as load_ontology
from wbskills.surveys import capacity_ratings
from wbskills.surveys.capacity_ratings import NeedRule, Rating
from wbskills.tasks.ontologies import apply_ontology, binding_of, bound
from wbskills.wikibase.interface import Wikibase
from wbskills.wikibase.journal.write import Journal
from wbskills.wikibase.model.edits import Change, Desired, Edit, group_by_property
from wbskills.wikibase.model.entities import Entity, Statement, Stored
from wbskills.wikibase.plan.diff import plan
from wbskills.wikibase.plan.perform import perform

SUMMARY: Final = "declared capacities"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredRatings:
    """A table of ratings without problems."""

    ontology: Ontology
    ratings: list[Rating]
    wanted: NeedRule | None

    @property
    def communities(self) -> int:
        """How many communities the table has ratings of."""
        return len({rating.community for rating in self.ratings})


def open_declared(file: Path, mapping: Path, ontology: Ontology | None = None) -> DeclaredRatings:
    """Read a table of ratings with its mapping; writes nothing.

    Raises `MappingError` or `SurveyError` with all problems.
    """
    ontology = ontology or load_ontology(ontology_folder())
    meant = capacity_ratings.load(mapping, ontology)
    ratings = capacity_ratings.read(file, meant, ontology)
    return DeclaredRatings(ontology=ontology, ratings=ratings, wanted=meant.needs)


def apply_declared(
    wikibase: Wikibase,
    declared: DeclaredRatings,
    on_edit: Callable[[str], object] = ignore,
    *,
    journal: Journal | None = None,
) -> list[Edit]:
    """Write ratings and the needs that follow from them; on a `DryRun` this is the dry run.

    First, what the Wikibase lacks of the ontology is added; these edits are not returned. The
    same table again makes no edit; a need from another source is left alone. `journal` records
    the edits, `on_edit` is called with a line for each.
    """
    done: list[Edit] = []
    summary = SUMMARY if journal is None else f"{SUMMARY}, batch {journal.batch}"
    binding = binding_of(wikibase, declared.ontology)
    if binding.missing(declared.ontology):
        for made in apply_ontology(wikibase, declared.ontology, journal):
            on_edit(str(made.edit))
        binding = bound(wikibase, declared.ontology)
    express = Expression(declared.ontology, binding)
    keys = {binding.item(rating.community): rating.community for rating in declared.ratings}
    present = {keys[name]: stored for name, stored in wikibase.read(keys).items()}
    desired = _desired(declared, express, binding, present)
    edits = plan(desired, present, rules(declared.ontology, binding))
    for each in perform(edits, wikibase, summary, journal):
        on_edit(str(each.edit))
        done.append(each.edit)
    return done


def statements_written(edits: list[Edit]) -> int:
    """Count the statements that edits add or change."""
    return sum(len(edit.statements) for edit in edits if isinstance(edit, Change))


def _desired(
    declared: DeclaredRatings, express: Expression, binding: Binding, present: Mapping[str, Stored]
) -> Iterator[Desired]:
    statements: dict[str, list[Statement]] = {}
    for rating in declared.ratings:
        statements.setdefault(rating.community, []).append(express.statement(_capacity(rating)))
    if declared.wanted is not None:
        for rating in capacity_ratings.needs(declared.ratings, declared.wanted):
            need = express.statement(_need(rating, declared.wanted))
            if not _from_elsewhere(
                need, present.get(rating.community), binding.property("source")
            ):
                statements[rating.community].append(need)
    for community, wanted in statements.items():
        yield Desired(
            key=community,
            entity=Entity(id=binding.item(community), statements=group_by_property(wanted)),
        )


def _capacity(rating: Rating) -> Fact:
    qualifiers = [
        Fact("mean_rating", rating.mean),
        Fact("rating_scale", rating.scale),
        Fact("point_in_time", rating.on),
        Fact("source", rating.source),
    ]
    if rating.respondents is not None:
        qualifiers.insert(2, Fact("answered", rating.respondents))
    return Fact("capacity", rating.skill, tuple(qualifiers))


def _need(rating: Rating, wanted: NeedRule) -> Fact:
    return Fact(
        "needs_skill",
        rating.skill,
        (
            Fact("target_level", wanted.level),
            Fact("target_people", wanted.people),
            Fact("point_in_time", rating.on),
            Fact("source", rating.source),
        ),
    )


def _from_elsewhere(need: Statement, stored: Stored | None, source: str) -> bool:
    """Check whether the community has this need from another source."""
    ours = need.qualifier(source)
    return stored is not None and any(
        statement.main == need.main and statement.qualifier(source) != ours
        for statement in stored.entity.statements
    )
