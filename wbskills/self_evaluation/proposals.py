"""Proposals from public facts: shown with their reasons, stored only if they are taken over."""

from collections import OrderedDict
from threading import Lock
from time import monotonic
from typing import Final

from wbskills.data import ontology_folder
from wbskills.questionnaires.fields import Fields
from wbskills.questionnaires.proposals import (
    FILE,
    Proposal,
    filled_in,
    load_rules,
    propose,
    still_open,
)
from wbskills.self_evaluation.reader import Reader
from wbskills.self_evaluation.visitors import WIKI
from wbskills.self_evaluation.wiring import FormParts
from wbskills.wikibase.remote.public_facts import PublicFacts, public_facts

_MOST: Final = 1_000  # people whose facts are kept, in memory only
_KEPT: Final = 3_600.0  # seconds
_KEPT_SILENCE: Final = 300.0  # until a wiki that did not answer is asked again


class Proposals:
    """Proposals for the people who have logged in at a wiki."""

    def __init__(self, parts: FormParts) -> None:
        self._parts = parts
        self._rules = load_rules(ontology_folder() / FILE, parts.evaluation.ontology)
        self._facts: OrderedDict[str, tuple[float, PublicFacts]] = OrderedDict()
        self._lock = Lock()

    def about(self, who: Reader, fields: Fields) -> list[dict[str, str]]:
        """List what can be proposed about the person: `name`, `text` and `reason`."""
        return [
            {"name": each.name, "text": self._text(who, each), "reason": each.reason}
            for each in self._open(who, fields)
            if each.fields
        ]

    def skills(self, who: Reader, fields: Fields) -> dict[str, str]:
        """Return the reasons for proposed skills."""
        return {each.skill: each.reason for each in self._open(who, fields) if each.skill}

    def fields(self, who: Reader, name: str) -> dict[str, str]:
        """Return the fields that a proposal fills in."""
        fields = who.draft.fields
        for each in self._open(who, fields):
            if each.name == name:
                return filled_in(each, fields, self._parts.questionnaire)
        return {}

    def _open(self, who: Reader, fields: Fields) -> list[Proposal]:
        facts = self._facts_of(who)
        every = propose(
            facts, self._rules, self._parts.questionnaire, self._parts.ontology, who.language
        )
        return still_open(every, fields)

    def _facts_of(self, who: Reader) -> PublicFacts:
        wiki = self._parts.settings.wiki
        if wiki is None or not wiki.api or who.who.how != WIKI:
            return PublicFacts()
        with self._lock:
            until, known = self._facts.get(who.who.name, (0.0, PublicFacts()))
        if monotonic() >= until:
            known = public_facts(wiki.api, who.who.name)
            until = monotonic() + (_KEPT if known.answered else _KEPT_SILENCE)
            with self._lock:
                self._facts[who.who.name] = until, known
                while len(self._facts) > _MOST:
                    self._facts.popitem(last=False)
        return known

    def _text(self, who: Reader, proposal: Proposal) -> str:
        given = dict(proposal.fields)
        if "language" in given:
            return who.words.plain(
                "proposal.language",
                language=who.content.name(given["language"]),
                level=who.content.name(given["babel"]),
            )
        community = who.content.name(given["home_community"])
        return who.words.plain("proposal.community", community=community)
