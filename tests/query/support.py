"""What several tests of queries need: a query bound to one Wikibase, and values to ask with."""

from collections.abc import Mapping

from wbskills.data import queries_folder
from wbskills.ontology.binding import Binding
from wbskills.ontology.entries import Ontology
from wbskills.query.params import (
    Classes,
    Finder,
    Items,
    Value,
    languages_of,
    resolve_params,
)
from wbskills.query.render import for_people
from wbskills.query.saved import SavedQuery, load
from wbskills.query.table_queries import sql_of

# Values that show something of each query, and the parameters that narrow it.
VALUES: dict[str, list[dict[str, str]]] = {
    "as_of": [{"day": "2025-12-31"}, {"day": "2026-03-20", "community": "arwiki"}],
    "at_risk": [{}, {"community": "arwiki", "most": "0"}],
    "baseline": [{"share": "0", "people": "0"}],
    "baseline_gap": [{}, {"community": "arwiki"}],
    "baseline_gap_person": [{}, {"person": "ليلى (invented)"}],
    "capacity_map": [{}, {"lang": "ar"}],
    "change": [{}, {"before": "sample_2025", "after": "sample_2026", "level": "with_help"}],
    "declared_capacity": [{}, {"community": "arwiki"}],
    "endorsements": [{}, {"person": "ليلى (invented)"}],
    "coverage": [{}, {"group": "group_wiki", "lang": "de-at"}],
    "freshness": [{}, {"community": "arwiki"}],
    "languages": [{}, {"language": "lang_ar", "babel": "babel_3"}],
    "learn_teach": [
        {"skill": "wikidata_editing"},
        {"skill": "wikidata_editing", "interest": "can_teach", "turn": "2"},
    ],
    "needs": [
        {},
        {"bridge": "lang_en", "turn": "x"},
        {"community": "arwiki", "skill": "bot_operation"},
    ],
    "person_profile": [{}, {"person": "ليلى (invented)"}],
    "rare_skills": [
        {"most": "3"},
        {"most": "9", "language": "lang_de"},
        {"most": "9", "region": "region_mena"},
    ],
    "robustness": [{}, {"community": "arwiki", "thin": "3"}],
    "skill_page": [{}, {"skill": "lua_modules"}],
    "stale": [{"day": "2026-01-01"}],
    "who_can": [
        {"skill": "lua_modules", "level": "aware"},
        {"skill": "lua_modules", "level": "none", "language": "lang_en", "babel": "babel_3"},
        {"skill": "lua_modules", "level": "none", "region": "region_mena", "zone": "Asia/"},
        {"skill": "lua_modules", "level": "none", "interest": "can_help", "community": "arwiki"},
    ],
}
CASES = [
    (query, values) for query in load(queries_folder()) for values in VALUES.get(query.name, [{}])
]
IN_SQL = [query for query in load(queries_folder()) if sql_of(query) is not None]
FEW = 9  # responses that rdflib, which is slow, is asked about


def case_id(value: object) -> str:
    """Name a case of a parametrised test."""
    return value.name if isinstance(value, SavedQuery) else ",".join(map(str, value.values()))  # type: ignore[attr-defined]  # the other one is a dictionary


def bind(  # noqa: PLR0913 - all but two are given by name
    query: SavedQuery,
    values: Mapping[str, Value | None],
    *,
    binding: Binding,
    ontology: Ontology,
    concept_base: str,
    lang: str = "en",
    find: Finder | None = None,
    classes: Classes | None = None,
) -> str:
    """Return a query as people paste it."""
    items = Items(
        ontology=ontology, binding=binding, concept_base=concept_base, find=find, classes=classes
    )
    resolved = resolve_params(query, values, items, lang)
    return for_people(query, resolved, items, languages_of(resolved))
