"""What all pages of the form share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from wbskills.ontology.entries import Ontology
from wbskills.private_records.sealing import Key
from wbskills.private_records.self_evaluations import Clock, SelfEvaluations, now
from wbskills.questionnaires.schema import Questionnaire
from wbskills.self_evaluation.sender import Sender
from wbskills.self_evaluation.templates import Templates
from wbskills.self_evaluation.visitors import Cookies
from wbskills.tasks.form_settings import FormSettings
from wbskills.tasks.self_evaluation import SelfEvaluation

HistoryRow = tuple[str, str, str]  # when, who, what


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """Where the form is served: beside an embedded Wikibase, or on its own.

    `account` returns the name of who is logged in at the served Wikibase, or None; None if there
    is no such log-in. `history` lists the changes of an item, newest first; None if they are kept
    by another wiki. `item` is the address of an item, with `{id}`. `report` is the address of the
    report, if there is one. `wiki` is the name of the Wikibase; `deletes` if items can be deleted
    there at once.
    """

    address: str
    item: str
    account: Callable[[], str | None] | None = None
    history: Callable[[str], Sequence[HistoryRow]] | None = None
    report: str = ""
    wiki: str = ""
    deletes: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FormParts:
    """What the pages need: the questionnaire, who answers it, and where answers go."""

    questionnaire: Questionnaire
    evaluation: SelfEvaluation
    private: SelfEvaluations
    sender: Sender
    settings: FormSettings
    host: Host
    key: Key
    templates: Templates
    cookies: Cookies
    secure: bool
    clock: Clock = now

    @property
    def ontology(self) -> Ontology:
        """The ontology, with the skills that were adopted."""
        return self.evaluation.ontology

    @property
    def today(self) -> date:
        """The day, in UTC, as it is stored with answers."""
        return self.clock().date()
