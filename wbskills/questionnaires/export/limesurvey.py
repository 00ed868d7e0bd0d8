"""LimeSurvey: a survey structure (.lss) with all languages.

What its importer needs was read in LimeSurvey/LimeSurvey (application/helpers/admin/
import_helper.php, application/models/Question.php and Answer.php): a table of rows for each kind
of thing, with its texts by language in a table of their own. Texts are HTML, in which `{…}` is an
expression. Codes have letters and digits only: those of questions at most 20, unique in the
survey; those of rows at most 20, unique in their question; those of answers at most 5.

A code is the key without `_`. If that is too long, it is the beginning of the key and a digest of
it, so that it stays the same whatever else is asked. Pages are numbered: `LEVEL2[luamodules]`.
"""

import re
from base64 import b32encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from html import escape
from typing import Final
from xml.etree import ElementTree as ET

from wbskills.errors import QuestionnaireError
from wbskills.ontology.entries import Entry, Ontology
from wbskills.questionnaires.export import headings
from wbskills.questionnaires.export.export_format import AnswerColumns, ExportFile, ExportFormat
from wbskills.questionnaires.export.wording import (
    explained,
    fact_choices,
    language_question,
    level_choices,
    page_question,
    text_mark,
)
from wbskills.questionnaires.schema import Page, Questionnaire, Texts
from wbskills.surveys.files.cell_text import key
from wbskills.surveys.files.columns import SurveyColumn
from wbskills.surveys.mapping.schema import WITHHELD

_ID: Final = (
    100_000  # of the survey within the file; LimeSurvey gives it another one if it is taken
)
_DATABASE: Final = 400  # the first version with the texts in tables of their own
_LONGEST_CODE: Final = 20
_LONGEST_ANSWER_CODE: Final = 5
_LONGEST_TITLE: Final = 200
_DIGEST: Final = 5  # letters
# Rows whose codes mean something to LimeSurvey, or to who reads its export.
_RESERVED: Final = re.compile(r"time|other|.*comment")
_NOT_TICKED: Final = ("2",)  # “Convert N to” in the dialogue of the export
_INTERESTS: Final = {"wants_to_learn": "LEARN", "can_help": "HELP", "can_teach": "TEACH"}
_FACTS: Final = {"home_community": "WIKI", "time_zone": "ZONE", "availability": "AVAIL"}
_LANGUAGES: Final = {"languages": "LANG", "babel_level": "BABEL"}
_CONSENTS: Final = {"consent_named": "NAME", "consent_pseudonym": "PSEUD", "withheld": "NO"}
_AGREED: Final = 'CONSENT.NAOK == "NAME" || CONSENT.NAOK == "PSEUD"'
_NAMED: Final = 'CONSENT.NAOK == "NAME"'
_PSEUDONYM: Final = 'CONSENT.NAOK == "PSEUD"'

# No IP addresses and no referring pages are stored, and nothing that needs an email address; days
# are, as a level without a day says little.
_SETTINGS: Final = {
    "anonymized": "N", "datestamp": "Y", "ipaddr": "N", "ipanonymize": "Y", "refurl": "N",
    "savetimings": "N", "usecookie": "N", "allowsave": "N", "allowregister": "N",
    "publicstatistics": "N", "listpublic": "N", "format": "G", "allowprev": "Y",
    "showprogress": "Y", "showwelcome": "Y", "showxquestions": "N", "showqnumcode": "X",
    "showgroupinfo": "B", "shownoanswer": "Y", "questionindex": "0",
    "tokenanswerspersistence": "N",
}  # fmt: skip


class LimeSurvey(ExportFormat):
    """A survey structure for LimeSurvey 4 and later."""

    name = "limesurvey"
    title = "LimeSurvey"
    read_as = "limesurvey"
    next_steps = (
        "In LimeSurvey: Create survey → Import, and choose the .lss file.",
        "Look at the preview, then activate the survey. Texts may be changed; codes may not.",
        "Afterwards: Responses → Export → Export responses, as CSV.",
        "wbskills survey plan results-survey.csv",
    )

    def files(self, questionnaire: Questionnaire, ontology: Ontology) -> Iterator[ExportFile]:
        """Yield one file.

        Raises `QuestionnaireError` if two keys have the same code.
        """
        yield ExportFile(f"{questionnaire.name}.lss", _Survey(questionnaire, ontology).content())

    def columns(
        self,
        questionnaire: Questionnaire,
        ontology: Ontology,
        language: str,  # noqa: ARG002  # codes are the same in all
    ) -> AnswerColumns:
        """Return the columns by their codes, which all headings but “Full question text” have."""
        asked, codes = questionnaire, _skill_codes(questionnaire)
        pages = list(enumerate(asked.pages, 1))
        return AnswerColumns(
            tool=self.read_as,
            consent="CONSENT",
            username="USER",
            pseudonym="NICK" if asked.pseudonym else "",
            response_id="id",
            submitted="submitdate",
            unfinished_are_exported=True,
            levels={
                skill: f"LEVEL{number}[{codes[skill]}]"
                for number, page in pages
                for skill in page.skills
            },
            interests={
                interest: {
                    skill: f"{_INTERESTS[interest]}{number}[{codes[skill]}]"
                    for number, page in pages
                    for skill in page.skills
                }
                for interest in asked.interests
            },
            not_ticked=_NOT_TICKED,
            another_skill="ANOTHER" if asked.another_skill else "",
            languages=tuple(
                (f"LANG{number}", f"BABEL{number}")
                for number in range(1, asked.most_languages + 1)
                if "languages" in asked.facts
            ),
            facts={fact: code for fact, code in _FACTS.items() if fact in asked.facts},
            wordings=_wordings(asked, ontology),
            ignore=(asked.mark, *(f"AREAS[P{number}]" for number, page in pages if page.more)),
        )

    def variants(
        self, questionnaire: Questionnaire, ontology: Ontology, language: str
    ) -> Iterator[AnswerColumns]:
        """Yield the columns by their codes, then by their texts, for “Full question text”."""
        yield self.columns(questionnaire, ontology, language)
        for each in questionnaire.languages:
            yield _by_text(questionnaire, ontology, each)

    def fitted(self, columns: AnswerColumns, found: Sequence[SurveyColumn]) -> AnswerColumns:
        """Name the columns as the file has them, with underscores in place of spaces."""
        texts = {
            key(f"{column.text} [{column.row_text}]" if column.row_text else column.text): column
            for column in found
            if not column.code
        }
        by_heading = columns.renamed(
            lambda name: texts[key(name)].heading if key(name) in texts else name
        )
        return super().fitted(by_heading, found)


def _by_text(asked: Questionnaire, ontology: Ontology, language: str) -> AnswerColumns:
    def heading(question: str, row: str) -> str:
        return f"{_inert(question)} [{_inert(row)}]"

    columns = headings.columns_by_text(
        asked, ontology, language, tool=LimeSurvey.read_as, submitted="submitdate", heading=heading
    )
    areas = (
        heading(asked.more[language], page.title[language]) for page in asked.pages if page.more
    )
    return replace(
        columns,
        consent=asked.consent.question[language],
        response_id="id",
        unfinished_are_exported=True,
        not_ticked=_NOT_TICKED,
        wordings=_wordings(asked, ontology),
        ignore=(text_mark(asked, language), *areas),
    )


def _wordings(asked: Questionnaire, ontology: Ontology) -> dict[str, dict[str, str]]:
    """Return what the codes of answers mean."""
    choices = {fact: found for fact in asked.facts if (found := fact_choices(ontology, fact))} | {
        "level": level_choices(asked, ontology)
    }
    consents = {code: kind for kind, code in _CONSENTS.items()}
    consents["N/A"] = WITHHELD  # a response that ended before the question
    return {"consent": consents} | {
        question: {code: key for key, code in _answer_codes(asked, keys).items()}
        for question, keys in choices.items()
    }


def _skill_codes(asked: Questionnaire) -> dict[str, str]:
    return _codes(asked, asked.skills, _LONGEST_CODE)


def _answer_codes(asked: Questionnaire, keys: Iterable[str]) -> dict[str, str]:
    return _codes(asked, keys, _LONGEST_ANSWER_CODE)


def _codes(asked: Questionnaire, keys: Iterable[str], longest: int) -> dict[str, str]:
    """Return the code of each key.

    Raises `QuestionnaireError` if two are the same.
    """
    by_code: dict[str, str] = {}
    for name in keys:
        other = by_code.setdefault(code_of(name, longest), name)
        if other != name:
            raise QuestionnaireError.of(
                asked.file,
                f"“{other}” and “{name}” have the same code in LimeSurvey",
                f"leave out one of them, or give “{name}” another key",
            )
    return {name: code for code, name in by_code.items()}


def code_of(name: str, longest: int) -> str:
    """Return the code for a key: its letters and digits, shortened with a digest if need be.

    >>> code_of("lua_modules", 20), code_of("community_consultations", 20), code_of("alone", 5)
    ('luamodules', 'communityconsul454kz', 'alone')
    """
    plain = name.replace("_", "")
    if len(plain) <= longest and not _RESERVED.fullmatch(plain):
        return plain
    digest = b32encode(blake2b(name.encode()).digest()).decode().lower()
    return plain[: longest - _DIGEST] + digest[:_DIGEST]


def _inert(text: str) -> str:
    """Return a text in which LimeSurvey sees no expression: none begins with a brace and a space.

    >>> _inert("{TOKEN}")
    '{ TOKEN}'
    """
    return text.replace("{", "{ ")


def _html(text: str) -> str:
    return escape(_inert(text), quote=False)


class _Survey:
    """Collects the rows of the tables of one survey."""

    def __init__(self, questionnaire: Questionnaire, ontology: Ontology) -> None:
        self.asked, self.ontology = questionnaire, ontology
        self.languages = questionnaire.languages
        self.codes = _skill_codes(questionnaire)
        self.tables: dict[str, list[Mapping[str, object]]] = {}
        self.group = self.question = 0

    def content(self) -> bytes:
        """Return the whole file."""
        pages = list(enumerate(self.asked.pages, 1))
        self._settings()
        self._start()
        for number, page in pages:
            if not page.more:
                self._page(number, page, _AGREED)
        self._person({f"P{number}": page.title for number, page in pages if page.more})
        for number, page in pages:
            if page.more:
                self._page(number, page, f'({_AGREED}) && AREAS_P{number}.NAOK == "Y"')
        return self._document()

    def _settings(self) -> None:
        asked, languages = self.asked, self.languages
        self._row(
            "surveys", sid=_ID, gsid=1, language=languages[0],
            additional_languages=" ".join(languages[1:]), **_SETTINGS,
        )  # fmt: skip
        for language in languages:
            self._row(
                "surveys_languagesettings", surveyls_survey_id=_ID, surveyls_language=language,
                surveyls_title=_html(asked.title[language])[:_LONGEST_TITLE],
                surveyls_welcometext=_html(asked.introduction[language]),
                surveyls_endtext=_html(asked.thanks[language]), surveyls_dateformat=6,
                surveyls_numberformat=0,
            )  # fmt: skip

    def _start(self) -> None:
        """Add the consent and the name; nothing else is shown before there is consent.

        Who wants a pseudonym is not asked who they are.
        """
        asked, consent = self.asked, self.asked.consent
        self._group(asked.title, consent.text)
        marks = {language: text_mark(asked, language) for language in self.languages}
        mark = self._add("*", asked.mark, marks)
        self._row("question_attributes", qid=mark, attribute="hidden", value="1", language="")
        self._choice(
            "L",
            "CONSENT",
            consent.question,
            {_CONSENTS[kind]: texts for kind, texts in consent.answers.items()},
            mandatory=True,
        )
        self._add("S", "USER", asked.username, mandatory=True, relevance=_NAMED)
        if asked.pseudonym:
            self._add("S", "NICK", asked.pseudonym, mandatory=True, relevance=_PSEUDONYM)

    def _page(self, number: int, page: Page, relevance: str) -> None:
        self._group(page.title, relevance=relevance)
        levels = level_choices(self.asked, self.ontology)
        sentences = {
            language: "<br />".join(map(_html, explained(levels, language)))
            for language in self.languages
        }
        rows = {
            self.codes[skill]: self._labels(self.ontology.entries[skill]) for skill in page.skills
        }
        question = self._add(
            "F", f"LEVEL{number}", self._on(page, self.asked.level), help_html=sentences
        )
        self._rows(question, "F", rows)
        self._answers(question, self._coded(levels))
        for interest, texts in self.asked.interests.items():
            code = f"{_INTERESTS[interest]}{number}"
            self._rows(self._add("M", code, self._on(page, texts)), "M", rows)

    def _person(self, more: Mapping[str, Texts]) -> None:
        asked = self.asked
        if asked.another_skill or asked.facts or more:
            self._group(asked.title, relevance=_AGREED)
        if asked.another_skill:
            self._add("T", "ANOTHER", asked.another_skill)
        for fact, code in _FACTS.items():
            if fact in asked.facts:
                self._fact(code, fact, asked.facts[fact])
        for number in range(1, asked.most_languages + 1):
            for fact, code in _LANGUAGES.items():
                if fact in asked.facts:
                    texts = {
                        language: language_question(asked, fact, number, language)
                        for language in self.languages
                    }
                    self._fact(f"{code}{number}", fact, texts)
        if more:
            self._rows(self._add("M", "AREAS", asked.more), "M", more)

    def _fact(self, code: str, fact: str, texts: Texts) -> None:
        choices = fact_choices(self.ontology, fact)
        if choices:
            self._choice("!", code, texts, self._coded(choices))
        else:
            self._add("S", code, texts)

    def _on(self, page: Page, texts: Texts) -> Texts:
        return {language: page_question(texts, page, language) for language in self.languages}

    def _labels(self, entry: Entry) -> Texts:
        return {language: entry.terms.label(language) for language in self.languages}

    def _coded(self, choices: Mapping[str, Entry]) -> dict[str, Texts]:
        codes = _answer_codes(self.asked, choices)
        return {codes[key]: self._labels(entry) for key, entry in choices.items()}

    def _group(self, title: Texts, text: Texts | None = None, *, relevance: str = "1") -> None:
        self.group += 1
        self._row(
            "groups", gid=self.group, sid=_ID, group_order=self.group, randomization_group="",
            grelevance=relevance,
        )  # fmt: skip
        for language in self.languages:
            self._row(
                "group_l10ns", gid=self.group, group_name=_html(title[language]),
                description=_html((text or {}).get(language, "")), language=language,
            )  # fmt: skip

    def _add(
        self,
        kind: str,
        code: str,
        texts: Texts,
        *,
        help_html: Texts | None = None,
        mandatory: bool = False,
        relevance: str = "1",
        parent: int = 0,
    ) -> int:
        """Add a question, or a row of one; returns its id."""
        self.question += 1
        table = "subquestions" if parent else "questions"
        self._row(
            table, qid=self.question, parent_qid=parent, sid=_ID, gid=self.group, type=kind,
            title=code, other="N", mandatory="Y" if mandatory else "N", encrypted="N",
            question_order=len(self.tables.get(table, [])) + 1, scale_id=0, same_default=0,
            relevance=relevance,
        )  # fmt: skip
        for language in self.languages:
            self._row(
                "question_l10ns", qid=self.question, question=_html(texts[language]),
                help=(help_html or {}).get(language, ""), language=language,
            )  # fmt: skip
        return self.question

    def _choice(
        self,
        kind: str,
        code: str,
        texts: Texts,
        answers: Mapping[str, Texts],
        *,
        mandatory: bool = False,
    ) -> None:
        self._answers(self._add(kind, code, texts, mandatory=mandatory), answers)

    def _rows(self, question: int, kind: str, rows: Mapping[str, Texts]) -> None:
        for code, texts in rows.items():
            self._add(kind, code, texts, parent=question)

    def _answers(self, question: int, answers: Mapping[str, Texts]) -> None:
        for order, (code, texts) in enumerate(answers.items(), 1):
            answer = len(self.tables.get("answers", [])) + 1
            self._row(
                "answers", aid=answer, qid=question, code=code, sortorder=order,
                assessment_value=0, scale_id=0,
            )  # fmt: skip
            for language in self.languages:
                text = _html(texts[language])
                self._row("answer_l10ns", aid=answer, answer=text, language=language)

    def _row(self, table: str, **cells: object) -> None:
        self.tables.setdefault(table, []).append(cells)

    def _document(self) -> bytes:
        document = ET.Element("document")
        ET.SubElement(document, "LimeSurveyDocType").text = "Survey"
        ET.SubElement(document, "DBVersion").text = str(_DATABASE)
        languages = ET.SubElement(document, "languages")
        for language in self.languages:
            ET.SubElement(languages, "language").text = language
        for name, rows in self.tables.items():
            table = ET.SubElement(document, name)
            fields = ET.SubElement(table, "fields")
            for field in rows[0]:
                ET.SubElement(fields, "fieldname").text = field
            written = ET.SubElement(table, "rows")
            for row in rows:
                cells = ET.SubElement(written, "row")
                for field, cell in row.items():
                    ET.SubElement(cells, field).text = str(cell)
        ET.indent(document, " ")
        content: bytes = ET.tostring(document, encoding="UTF-8", xml_declaration=True)
        return content + b"\n"
