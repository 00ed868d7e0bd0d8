"""What public facts of a wiki account let the form propose: skills, languages, the home wiki."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wbskills.errors import QuestionnaireError
from wbskills.names import did_you_mean
from wbskills.ontology.entries import Ontology
from wbskills.questionnaires.fields import Fields
from wbskills.questionnaires.schema import Questionnaire, Texts
from wbskills.surveys.mapping.language_lists import NOT_SPOKEN
from wbskills.toml_reader import TomlTable, open_toml
from wbskills.wikibase.remote.public_facts import MOST_EDITS, PublicFacts

FILE: Final = "proposals.toml"
# What each text of a reason may name.
_REASONS: Final[Mapping[str, frozenset[str]]] = {
    "edits": frozenset({"count", "namespace"}),
    "group": frozenset({"group"}),
    "babel": frozenset(),
    "home": frozenset(),
}
_NAMED: Final = re.compile(r"\{([^{}]*)\}")
_LONGEST: Final = 250  # characters of a reason
# A language with its script and country (zh-hant-tw); zh-yue is another language.
_CODE: Final = re.compile(r"([a-z]{2,3})(?:-[a-z]{4})?(?:-[a-z]{2})?")
_LEVELS: Final = tuple(f"babel_{level}" for level in "n543210")  # from the best


@dataclass(frozen=True, slots=True)
class Rule:
    """A skill, and what lets it be proposed: `edits` in a `namespace`, or a `group`."""

    skill: str
    namespace: str = ""
    edits: int = 0
    group: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of the file, the texts of the reasons, by kind and language, and other codes.

    `codes` are the languages of codes that the ontology does not have (`no`: Norwegian Bokmål).
    """

    rules: tuple[Rule, ...]
    reasons: Mapping[str, Texts]
    codes: Mapping[str, str]


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
    texts = {name: _reason(reasons, name) for name in _REASONS}
    rules = tuple(_rule(table, ontology) for table in top.tables("skills"))
    codes, languages = top.text_by_text("babel_codes"), ontology.section("languages")
    for code, language in codes.items():
        if language not in languages:
            hint = did_you_mean(language, languages) or "use the key of a language"
            top.fault(f"there is no language “{language[:80]}”", hint, f"babel_codes.{code}")
    reasons.finish()
    top.finish()
    if top.faults:
        raise QuestionnaireError(str(file), top.faults)
    return Rules(rules, texts, codes)


def _reason(table: TomlTable, name: str) -> Texts:
    texts, known = table.text_by_text(name), _REASONS[name]
    if "en" not in texts:
        table.fault("there is no English text", f'add {name} = {{ en = "…" }}', name)
    for language, text in texts.items():
        if not text.isprintable() or not 0 < len(text) <= _LONGEST:
            hint = f"write one line of at most {_LONGEST} characters"
            table.fault("this text cannot be shown", hint, f"{name}.{language}")
        for unknown in sorted(set(_NAMED.findall(text)) - known):
            listed = ", ".join(f"{{{each}}}" for each in sorted(known))
            hint = f"use {listed}" if listed else "remove it"
            table.fault(f"“{{{unknown[:80]}}}” stands for nothing", hint, f"{name}.{language}")
    return texts


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
    elif rule.group and "edits" in table:
        table.fault("a group needs no edits", "remove edits", "edits")
    elif rule.namespace and "edits" not in table:
        table.fault("it is not said how many edits it takes", "add edits = 100", "edits")
    elif rule.namespace and not 1 <= rule.edits <= MOST_EDITS:
        hint = f"use a number from 1 to {MOST_EDITS}, as no more edits are looked at"
        table.fault("nobody can have that many edits", hint, "edits")
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
        *_languages(facts, rules, questionnaire, ontology, words),
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
    edits = {_comparable(namespace): count for namespace, count in facts.edits.items()}
    for rule in rules.rules:
        if rule.skill in seen or rule.skill not in questionnaire.skills:
            continue
        count = edits.get(_comparable(rule.namespace), 0)
        if rule.namespace and count >= rule.edits:
            reason = words("edits", count=count, namespace=rule.namespace)
        elif rule.group and rule.group in facts.groups:
            reason = words("group", group=rule.group)
        else:
            continue
        seen.add(rule.skill)
        yield Proposal(f"skill.{rule.skill}", reason, skill=rule.skill)


def _comparable(namespace: str) -> str:
    """Return the name of a namespace as MediaWiki compares it."""
    return namespace.replace("_", " ").strip().casefold()


def _languages(
    facts: PublicFacts,
    rules: Rules,
    questionnaire: Questionnaire,
    ontology: Ontology,
    words: _Reasons,
) -> Iterator[Proposal]:
    """Propose each language once, with the best level of its codes, the best known first."""
    if "languages" not in questionnaire.facts:
        return
    by_code = {
        str(entry.fact("language_code")): key
        for key, entry in ontology.section("languages").items()
    }
    by_code.update(rules.codes)
    spoken: dict[str, str] = {}
    for code, level in facts.babel.items():
        language, babel = _language(code.lower(), by_code), f"babel_{level.lower()}"
        if language and babel in _LEVELS:
            spoken[language] = min(babel, spoken.get(language, babel), key=_LEVELS.index)
    for language, babel in sorted(spoken.items(), key=lambda pair: _LEVELS.index(pair[1])):
        if babel != NOT_SPOKEN:
            given = (("language", language), ("babel", babel))
            yield Proposal(f"language.{language}", words("babel"), fields=given)


def _language(code: str, by_code: Mapping[str, str]) -> str:
    """Find a language by its code, or by the code without script and country."""
    split = _CODE.fullmatch(code)
    return by_code.get(code) or (by_code.get(split[1], "") if split else "")


def _home(
    facts: PublicFacts, questionnaire: Questionnaire, ontology: Ontology, words: _Reasons
) -> Iterator[Proposal]:
    if "home_community" not in questionnaire.facts or not facts.home:
        return
    for key, entry in ontology.section("communities").items():
        if entry.fact("database_name") == facts.home:
            yield Proposal("home", words("home"), fields=(("home_community", key),))
