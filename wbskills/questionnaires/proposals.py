"""What public facts of a wiki account let the form propose: skills, languages, the home wiki."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wbskills.errors import QuestionnaireError
from wbskills.names import did_you_mean
from wbskills.ontology.entries import Ontology
from wbskills.questionnaires.fields import Fields
from wbskills.questionnaires.schema import Questionnaire, Texts
from wbskills.toml_reader import TomlTable, open_toml
from wbskills.wikibase.remote.public_facts import PublicFacts

FILE: Final = "proposals.toml"
_REASONS: Final = ("edits", "group", "babel", "home")


@dataclass(frozen=True, slots=True)
class Rule:
    """A skill, and what lets it be proposed: `edits` in a `namespace`, or a `group`."""

    skill: str
    namespace: str = ""
    edits: int = 0
    group: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of the file, and the texts of the reasons, by kind and language."""

    rules: tuple[Rule, ...]
    reasons: Mapping[str, Texts]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something to take over: its name, the fields that it fills in, and the reason.

    Of a proposed skill only `skill` is set: how well the person can do it, only they know.
    """

    name: str
    reason: str
    skill: str = ""
    fields: tuple[tuple[str, str], ...] = ()


def load_rules(file: Path, ontology: Ontology) -> Rules:
    """Read the rules. Raises `QuestionnaireError` with all faults of the file."""
    top = open_toml(file, QuestionnaireError)
    reasons = top.table("reasons") or TomlTable({}, "reasons", top.faults)
    texts = {name: reasons.text_by_text(name) for name in _REASONS}
    for name, by_language in texts.items():
        if "en" not in by_language:
            reasons.fault("there is no English text", f'add {name} = {{ en = "…" }}', name)
    rules = tuple(_rule(table, ontology) for table in top.tables("skills"))
    reasons.finish()
    top.finish()
    if top.faults:
        raise QuestionnaireError(str(file), top.faults)
    return Rules(rules, texts)


def _rule(table: TomlTable, ontology: Ontology) -> Rule:
    rule = Rule(
        skill=table.required_text("skill", "lua_modules"),
        namespace=table.text("namespace"),
        edits=table.integer("edits") or 0,
        group=table.text("group"),
    )
    table.finish()
    skills = ontology.section("skills")
    if rule.skill and rule.skill not in skills:
        hint = did_you_mean(rule.skill, skills) or "use the key of a skill"
        table.fault(f"there is no skill “{rule.skill[:80]}”", hint, "skill")
    if bool(rule.namespace) == bool(rule.group):
        table.fault("a rule needs a namespace or a group, not both", 'write group = "bot"')
    elif rule.namespace and rule.edits < 1:
        table.fault("it is not said how many edits it takes", "add edits = 100", "edits")
    return rule


def propose(
    facts: PublicFacts,
    rules: Rules,
    questionnaire: Questionnaire,
    ontology: Ontology,
    language: str,
) -> list[Proposal]:
    """List what public facts let us propose, as far as the questionnaire asks for it."""
    words = _Reasons(rules.reasons, language)
    return [
        *_skills(facts, rules, questionnaire, words),
        *_languages(facts, questionnaire, ontology, words),
        *_home(facts, questionnaire, ontology, words),
    ]


def still_open(proposals: list[Proposal], fields: Fields) -> list[Proposal]:
    """Leave out proposals about what a person has answered already."""
    spoken = {value for name, value in fields.items() if name.startswith("language.")}
    return [
        each
        for each in proposals
        if not (each.skill and fields.get(f"level.{each.skill}"))
        and not any(
            value in spoken if name == "language" else bool(fields.get(name))
            for name, value in each.fields
            if name != "babel"
        )
    ]


def filled_in(proposal: Proposal, fields: Fields, questionnaire: Questionnaire) -> dict[str, str]:
    """Return the fields that a proposal fills in; a language goes into the first free place."""
    given = dict(proposal.fields)
    if "language" not in given:
        return given
    for number in range(1, questionnaire.most_languages + 1):
        if not fields.get(f"language.{number}"):
            return {f"{name}.{number}": value for name, value in given.items()}
    return {}


class _Reasons:
    def __init__(self, texts: Mapping[str, Texts], language: str) -> None:
        self._texts, self._language = texts, language

    def __call__(self, name: str, **found: object) -> str:
        texts = self._texts[name]
        text = texts.get(self._language) or texts["en"]
        for key, value in found.items():
            text = text.replace(f"{{{key}}}", str(value))
        return text


def _skills(
    facts: PublicFacts, rules: Rules, questionnaire: Questionnaire, words: _Reasons
) -> Iterator[Proposal]:
    seen = set()
    for rule in rules.rules:
        if rule.skill in seen or rule.skill not in questionnaire.skills:
            continue
        count = facts.edits.get(rule.namespace, 0) if rule.namespace else 0
        if rule.namespace and count >= rule.edits:
            reason = words("edits", count=count, namespace=rule.namespace)
        elif rule.group and rule.group in facts.groups:
            reason = words("group", group=rule.group)
        else:
            continue
        seen.add(rule.skill)
        yield Proposal(f"skill.{rule.skill}", reason, skill=rule.skill)


def _languages(
    facts: PublicFacts, questionnaire: Questionnaire, ontology: Ontology, words: _Reasons
) -> Iterator[Proposal]:
    if "languages" not in questionnaire.facts:
        return
    by_code = {
        str(entry.fact("language_code")): key
        for key, entry in ontology.section("languages").items()
    }
    levels = ontology.levels("babel")
    for code, level in sorted(facts.babel.items(), key=lambda pair: (pair[1] != "N", pair[0])):
        language, babel = by_code.get(code.lower()), f"babel_{level.lower()}"
        if language and babel in levels and babel != "babel_0":
            given = (("language", language), ("babel", babel))
            yield Proposal(f"language.{language}", words("babel"), fields=given)


def _home(
    facts: PublicFacts, questionnaire: Questionnaire, ontology: Ontology, words: _Reasons
) -> Iterator[Proposal]:
    if "home_community" not in questionnaire.facts or not facts.home:
        return
    for key, entry in ontology.section("communities").items():
        if entry.fact("database_name") == facts.home:
            yield Proposal("home", words("home"), fields=(("home_community", key),))
