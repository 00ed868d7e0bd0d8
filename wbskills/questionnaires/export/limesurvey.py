"""LimeSurvey: a survey structure (.lss) with all languages.

What its importer needs was read in LimeSurvey/LimeSurvey, application/helpers/admin/
import_helper.php (`XMLImportSurvey`) and application/models/Question.php: tables of rows; texts by
language in tables of their own; codes of questions of 1 to 20 letters and digits that begin with a
letter, codes of rows of letters and digits, unique in their question; codes of answers of at most
5 characters.
"""

from collections.abc import Iterator, Mapping
from typing import Final
from xml.sax.saxutils import escape

from wbskills.ontology.entries import Entry, Ontology
from wbskills.questionnaires.export.export_format import AnswerColumns, ExportFile, ExportFormat
from wbskills.questionnaires.export.wording import explained, fact_choices, level_choices
from wbskills.questionnaires.schema import Page, Questionnaire, Texts
from wbskills.surveys.mapping.schema import WITHHELD

_SURVEY: Final = 100_000  # ids within the file; LimeSurvey gives its own
_DATABASE: Final = 400  # the first version with texts in tables of their own
_CODE_LENGTH: Final = 20
_ANSWER_LENGTH: Final = 5
_INTERESTS: Final = {"wants_to_learn": "LEARN", "can_help": "HELP", "can_teach": "TEACH"}
_FACTS: Final = {"home_community": "WIKI", "time_zone": "ZONE", "availability": "AVAIL"}
_CONSENT: Final = {"consent_named": "NAME", "consent_pseudonym": "PSEUD", "withheld": "NO"}
_NOT_REFUSED: Final = 'CONSENT.NAOK != "NO"'

_Row = Mapping[str, object]


class LimeSurvey(ExportFormat):
    """A survey structure for LimeSurvey 4 and later."""

    name = "limesurvey"
    title = "LimeSurvey"
    read_as = "limesurvey"
    next_steps = (
        "In LimeSurvey: Create survey → Import, and choose the .lss file.",
        "Check the survey, then activate it. It stores no IP addresses.",
        "Afterwards: Responses → Export → CSV, with “Question code” as headings.",
        "wbskills survey plan results-survey.csv",
    )

    def files(self, questionnaire: Questionnaire, ontology: Ontology) -> Iterator[ExportFile]:
        """Yield one file."""
        text = _Survey(questionnaire, ontology).xml()
        yield ExportFile(f"{questionnaire.name}.lss", text.encode())

    def columns(
        self,
        questionnaire: Questionnaire,
        ontology: Ontology,
        language: str,  # noqa: ARG002  # codes are the same in all
    ) -> AnswerColumns:
        """Return the columns by their codes, which every setting but “Question text” has."""
        codes = _skill_codes(questionnaire)
        wordings = {"consent": {code: kind for kind, code in _CONSENT.items()}}
        wordings["consent"]["N/A"] = WITHHELD  # a response that ended before the question
        asked = {"level": level_choices(questionnaire, ontology)}
        asked |= {fact: fact_choices(ontology, fact) for fact in questionnaire.facts}
        for question, answers in asked.items():
            if answers:
                codes_of = _answer_codes(answers)
                wordings[question] = {code: answer for answer, code in codes_of.items()}
        return AnswerColumns(
            tool=self.read_as,
            consent="CONSENT",
            username="USER",
            pseudonym="NICK" if questionnaire.pseudonym else "",
            response_id="id",
            submitted="submitdate",
            unfinished_are_exported=True,
            levels={
                skill: f"LEVEL{number}[{codes[skill]}]"
                for number, page in enumerate(questionnaire.pages, 1)
                for skill in page.skills
            },
            interests={
                interest: {
                    skill: f"{_INTERESTS[interest]}{number}[{codes[skill]}]"
                    for number, page in enumerate(questionnaire.pages, 1)
                    for skill in page.skills
                }
                for interest in questionnaire.interests
            },
            another_skill="MORE" if questionnaire.another_skill else "",
            languages=tuple(
                (f"LANG{number}", f"BABEL{number}")
                for number in range(1, questionnaire.most_languages + 1)
                if "languages" in questionnaire.facts
            ),
            facts={fact: _FACTS[fact] for fact in questionnaire.facts if fact in _FACTS},
            wordings=wordings,
            ignore=(questionnaire.mark,),
        )


def _skill_codes(questionnaire: Questionnaire) -> dict[str, str]:
    """Return a code for each skill: its key without “_”, shortened to what LimeSurvey allows."""
    codes: dict[str, str] = {}
    for number, skill in enumerate(questionnaire.skills):
        code = skill.replace("_", "")[:_CODE_LENGTH]
        # “other” and “time” mean something to LimeSurvey.
        taken = code in codes.values() or code.endswith(("other", "comment")) or code == "time"
        codes[skill] = f"{code[: _CODE_LENGTH - 4]}{number:04}" if taken else code
    return codes


def _answer_codes(choices: Mapping[str, Entry]) -> dict[str, str]:
    """Return a code for each answer: the end of its key, or its number."""
    ends = {key: key.rpartition("_")[2][:_ANSWER_LENGTH] for key in choices}
    if len(set(ends.values())) == len(ends) and all(map(str.isalnum, ends.values())):
        return ends
    return {key: f"A{number}" for number, key in enumerate(choices, 1)}


class _Survey:
    """Collects the rows of the tables of one survey."""

    def __init__(self, questionnaire: Questionnaire, ontology: Ontology) -> None:
        self.questionnaire, self.ontology = questionnaire, ontology
        self.languages = questionnaire.languages
        self.codes = _skill_codes(questionnaire)
        self.tables: dict[str, list[_Row]] = {}
        self.group = self.question = 0

    def xml(self) -> str:
        asked = self.questionnaire
        self._group(asked.consent.question, asked.consent.text)
        self._mark()
        self._choice("CONSENT", asked.consent.question, self._consents(), mandatory=True)
        named = f'{_NOT_REFUSED} && CONSENT.NAOK != ""'
        self._add("S", "USER", asked.username, mandatory=True, relevance=named)
        if asked.pseudonym:
            pseudonym = 'CONSENT.NAOK == "PSEUD"'
            self._add("S", "NICK", asked.pseudonym, mandatory=True, relevance=pseudonym)
        for number, page in enumerate(asked.pages, 1):
            self._page(number, page)
        self._person()
        return self._document()

    def _consents(self) -> dict[str, Texts]:
        return {
            _CONSENT[kind]: texts for kind, texts in self.questionnaire.consent.answers.items()
        }

    def _mark(self) -> None:
        mark = self.questionnaire.mark
        question = self._add("*", mark, dict.fromkeys(self.languages, mark))
        self._row("question_attributes", qid=question, attribute="hidden", value="1", language="")

    def _page(self, number: int, page: Page) -> None:
        asked = self.questionnaire
        levels = level_choices(asked, self.ontology)
        sentences = {
            language: "<br />".join(map(escape, explained(levels, language)))
            for language in self.languages
        }
        self._group(page.title, {}, relevance=_NOT_REFUSED)
        question = self._add("F", f"LEVEL{number}", asked.level, help_text=sentences)
        self._rows(question, "F", page)
        self._answers(question, self._labels(levels))
        for interest, texts in asked.interests.items():
            question = self._add("M", f"{_INTERESTS[interest]}{number}", texts)
            self._rows(question, "M", page)

    def _person(self) -> None:
        asked = self.questionnaire
        title = asked.another_skill or asked.thanks
        if not asked.another_skill and not asked.facts:
            return
        self._group(title, {}, relevance=_NOT_REFUSED)
        if asked.another_skill:
            self._add("T", "MORE", asked.another_skill)
        for fact, code in _FACTS.items():
            if fact in asked.facts:
                entries = fact_choices(self.ontology, fact)
                if entries:
                    self._choice(code, asked.facts[fact], self._labels(entries), kind="!")
                else:
                    self._add("S", code, asked.facts[fact])
        if "languages" in asked.facts:
            for number in range(1, asked.most_languages + 1):
                for fact, code in (("languages", "LANG"), ("babel_level", "BABEL")):
                    texts = {
                        language: f"{text} ({number})"
                        for language, text in asked.facts[fact].items()
                    }
                    choices = self._labels(fact_choices(self.ontology, fact))
                    self._choice(f"{code}{number}", texts, choices, kind="!")

    def _labels(self, choices: Mapping[str, Entry]) -> dict[str, Texts]:
        codes = _answer_codes(choices)
        return {
            codes[key]: {language: entry.terms.label(language) for language in self.languages}
            for key, entry in choices.items()
        }

    def _choice(
        self,
        code: str,
        texts: Texts,
        answers: Mapping[str, Texts],
        *,
        kind: str = "L",
        mandatory: bool = False,
    ) -> None:
        self._answers(self._add(kind, code, texts, mandatory=mandatory), answers)

    def _group(self, title: Texts, text: Texts, *, relevance: str = "1") -> None:
        self.group += 1
        self._row(
            "groups", gid=self.group, sid=_SURVEY, group_order=self.group,
            randomization_group="", grelevance=relevance,
        )  # fmt: skip
        for language in self.languages:
            self._row(
                "group_l10ns", id=len(self.tables.get("group_l10ns", [])) + 1, gid=self.group,
                group_name=title[language], description=escape(text.get(language, "")),
                language=language,
            )  # fmt: skip

    def _add(
        self,
        kind: str,
        code: str,
        texts: Texts,
        *,
        help_text: Texts | None = None,
        mandatory: bool = False,
        relevance: str = "1",
        parent: int = 0,
    ) -> int:
        """Add a question, or a row of one; returns its id."""
        self.question += 1
        table = "subquestions" if parent else "questions"
        self._row(
            table, qid=self.question, parent_qid=parent, sid=_SURVEY, gid=self.group, type=kind,
            title=code, other="N", mandatory="Y" if mandatory else "N", encrypted="N",
            question_order=len(self.tables.get(table, [])) + 1, scale_id=0, same_default=0,
            relevance=relevance,
        )  # fmt: skip
        for language in self.languages:
            self._row(
                "question_l10ns", id=len(self.tables.get("question_l10ns", [])) + 1,
                qid=self.question, question=escape(texts[language]),
                help=(help_text or {}).get(language, ""), language=language,
            )  # fmt: skip
        return self.question

    def _rows(self, question: int, kind: str, page: Page) -> None:
        for skill in page.skills:
            terms = self.ontology.entries[skill].terms
            texts = {language: terms.label(language) for language in self.languages}
            self._add(kind, self.codes[skill], texts, parent=question)

    def _answers(self, question: int, answers: Mapping[str, Texts]) -> None:
        for order, (code, texts) in enumerate(answers.items(), 1):
            answer = len(self.tables.get("answers", [])) + 1
            self._row(
                "answers", aid=answer, qid=question, code=code, sortorder=order,
                assessment_value=0, scale_id=0,
            )  # fmt: skip
            for language in self.languages:
                self._row(
                    "answer_l10ns", id=len(self.tables.get("answer_l10ns", [])) + 1, aid=answer,
                    answer=escape(texts[language]), language=language,
                )  # fmt: skip

    def _row(self, table: str, **cells: object) -> None:
        self.tables.setdefault(table, []).append(cells)

    def _document(self) -> str:
        asked = self.questionnaire
        self._row(
            "surveys", sid=_SURVEY, gsid=1, active="N", anonymized="N", format="G",
            language=self.languages[0], additional_languages=" ".join(self.languages[1:]),
            datestamp="Y", ipaddr="N", ipanonymize="Y", refurl="N", savetimings="N",
            usecookie="N", allowsave="Y", allowprev="Y", showprogress="N", showwelcome="Y",
            listpublic="N", publicstatistics="N", questionindex=1, template="fruity",
        )  # fmt: skip
        for language in self.languages:
            self._row(
                "surveys_languagesettings", surveyls_survey_id=_SURVEY, surveyls_language=language,
                surveyls_title=escape(asked.title[language]), surveyls_description="",
                surveyls_welcometext=escape(asked.introduction[language]),
                surveyls_endtext=escape(asked.thanks[language]), surveyls_dateformat=6,
                surveyls_numberformat=0,
            )  # fmt: skip
        languages = "".join(f"  <language>{language}</language>\n" for language in self.languages)
        tables = "".join(_table(name, rows) for name, rows in sorted(self.tables.items()))
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<document>\n'
            " <LimeSurveyDocType>Survey</LimeSurveyDocType>\n"
            f" <DBVersion>{_DATABASE}</DBVersion>\n"
            f" <languages>\n{languages} </languages>\n{tables}</document>\n"
        )


def _table(name: str, rows: list[_Row]) -> str:
    fields = "".join(f"   <fieldname>{field}</fieldname>\n" for field in rows[0])
    written = "".join(
        "   <row>"
        + "".join(f"<{field}>{escape(str(cell))}</{field}>" for field, cell in row.items())
        + "</row>\n"
        for row in rows
    )
    return (
        f" <{name}>\n  <fields>\n{fields}  </fields>\n  <rows>\n{written}  </rows>\n </{name}>\n"
    )
