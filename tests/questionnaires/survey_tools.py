"""What survey tools do with the files that were written for them: read them, and export answers.

Each tool reads its file by what is known of its importer, and knows nothing of how it was
written: codes, questions, rows and choices come from the file. Answers are given in the words of
a language.
"""

import csv
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any, Final

from tests.questionnaires.respondents import Respondent
from wbskills.ontology.entries import Ontology
from wbskills.questionnaires.schema import Questionnaire


class Words:
    """The answers of people in the words of one language, as they see them in a form."""

    def __init__(self, asked: Questionnaire, ontology: Ontology, language: str) -> None:
        self.asked, self.ontology, self.language = asked, ontology, language
        self.skills = {self.of(key): key for key in asked.skills}

    def of(self, key: str) -> str:
        """Return the label of a skill, level, language …; empty for no answer."""
        return self.ontology.entries[key].terms.label(self.language) if key else ""

    def consent(self, kind: str) -> str:
        """Return the wording of a consent."""
        return self.asked.consent.answers[kind][self.language]

    def answer(self, person: Respondent, question: str) -> str:
        """Return what a person answers to a question with one answer, by its text in the form."""
        asked, language = self.asked, self.language
        question = re.sub(r" \(wbs-[^)]*\)$", "", question)
        number = re.search(r" \((\d)\)$", question)
        at = int(number[1]) - 1 if number else 0
        plain = question.removesuffix(number[0]) if number else question
        pair = person.languages[at] if at < len(person.languages) else ("", "")
        facts = asked.facts
        answers = {
            asked.consent.question[language]: self.consent(person.consent),
            asked.username[language]: person.username,
            asked.pseudonym[language]: person.pseudonym,
            asked.another_skill[language]: person.another_skill,
            facts["home_community"][language]: self.of(person.facts.get("home_community", "")),
            facts["time_zone"][language]: person.facts.get("time_zone", ""),
            facts["availability"][language]: self.of(person.facts.get("availability", "")),
            facts["languages"][language]: self.of(pair[0]),
            facts["babel_level"][language]: self.of(pair[1]),
        }
        return answers[plain]

    def level(self, person: Respondent, row: str) -> str:
        """Return the level that a person chooses in the row of a skill."""
        return self.of(person.levels.get(self.skills[row], ""))

    def ticked(self, person: Respondent, question: str, choice: str) -> bool:
        """Return whether a person ticks a choice of a question."""
        if question == self.asked.more[self.language]:
            page = next(each for each in self.asked.pages if each.title[self.language] == choice)
            return any(skill in person.levels for skill in page.skills)
        interest = next(
            key
            for key, texts in self.asked.interests.items()
            if question.startswith(texts[self.language])
        )
        return self.skills[choice] in person.interests.get(interest, ())


Files = Mapping[str, bytes]
Rows = list[list[str]]


def text(rows: Rows, *, separator: str = ",", quotes: bool = False, mark: str = "") -> bytes:
    """Write a CSV file."""
    written = StringIO()
    if quotes:
        writer = csv.writer(written, delimiter=separator, quoting=csv.QUOTE_ALL)
    else:
        writer = csv.writer(written, delimiter=separator)
    writer.writerows(rows)
    return (mark + written.getvalue()).encode()


# -------------------- LimeSurvey


class LimeSurveyImport:
    """A survey as LimeSurvey's importer reads it; raises `ValueError` where that gives up.

    LimeSurvey/LimeSurvey, application/helpers/admin/import_helper.php and models/Question.php.
    """

    _CODE: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9]{0,19}")
    _ROW: Final = re.compile(r"[a-zA-Z0-9]{1,20}")

    def __init__(self, content: bytes) -> None:
        document = ET.fromstring(content)  # noqa: S314 - written by the test's own program
        if document.findtext("LimeSurveyDocType") != "Survey":
            raise ValueError("this is not a survey")
        self.tables = {
            table.tag: [
                {cell.tag: cell.text or "" for cell in row} for row in table.iterfind("rows/row")
            ]
            for table in document
            if table.find("rows") is not None
        }
        self.languages = [each.text or "" for each in document.iterfind("languages/language")]
        self.questions = self._rows("questions")
        self._check()

    def _rows(self, table: str) -> list[dict[str, str]]:
        return self.tables.get(table, [])

    def _check(self) -> None:
        self._check_survey()
        self._check_questions()
        self._check_texts()
        self._check_expressions()
        answers: dict[str, list[str]] = {}
        for row in self._rows("answers"):
            answers.setdefault(row["qid"], []).append(row["code"])
            if not re.fullmatch(r"[A-Za-z0-9]{1,5}", row["code"]):
                raise ValueError(f"code of an answer: {row['code']}")
        if any(len(set(each)) < len(each) for each in answers.values()):
            raise ValueError("two answers of a question have the same code")

    def _check_survey(self) -> None:
        survey = self._rows("surveys")[0]
        said = [survey["language"], *survey["additional_languages"].split()]
        if said != self.languages or int(survey["sid"]) <= 0:
            raise ValueError("the languages differ")
        titled = {row["surveyls_language"] for row in self._rows("surveys_languagesettings")}
        if titled != set(self.languages):
            raise ValueError("a language has no title")

    def _check_questions(self) -> None:
        codes = [row["title"] for row in self.questions]
        different = {code.lower() for code in codes}
        if len(different) < len(codes) or not all(map(self._CODE.fullmatch, codes)):
            raise ValueError(f"codes of questions: {codes}")
        parents: dict[str, list[str]] = {}
        for row in self._rows("subquestions"):
            parents.setdefault(row["parent_qid"], []).append(row["title"].lower())
            if not self._ROW.fullmatch(row["title"]) or row["title"] == "time":
                raise ValueError(f"code of a row: {row['title']}")
        if any(len(set(rows)) < len(rows) for rows in parents.values()):
            raise ValueError("two rows of a question have the same code")

    def _check_texts(self) -> None:
        every = [*self.questions, *self._rows("subquestions")]
        ids = {row["qid"] for row in every}
        parents = {row["parent_qid"] for row in self._rows("subquestions")}
        groups = {row["gid"] for row in self._rows("groups")}
        if len(ids) < len(every) or not parents <= ids:
            raise ValueError("ids of questions")
        if not {row["gid"] for row in every} <= groups:
            raise ValueError("a question is in no group")
        for table, of in (("question_l10ns", "qid"), ("group_l10ns", "gid")):
            there = {(row[of], row["language"]) for row in self._rows(table)}
            wanted = ids if of == "qid" else groups
            if there != {(each, language) for each in wanted for language in self.languages}:
                raise ValueError(f"texts are missing in {table}")

    def _check_expressions(self) -> None:
        """A text has no expression: a brace with something right behind it."""
        texts = [
            cell
            for table in (
                "question_l10ns",
                "group_l10ns",
                "answer_l10ns",
                "surveys_languagesettings",
            )
            for row in self._rows(table)
            for cell in row.values()
        ]
        if any(re.search(r"(?<!\\)\{(?!\s)", text) for text in texts):
            raise ValueError("a text has an expression")
        known = {row["title"] for row in self.questions} | {
            f"{one['title']}_{row['title']}"
            for one in self.questions
            for row in self.rows_of(one["qid"])
        }
        conditions = [row["grelevance"] for row in self._rows("groups")] + [
            row["relevance"] for row in self.questions
        ]
        used = {name for each in conditions for name in re.findall(r"(\w+)\.NAOK", each)}
        if not used <= known:
            raise ValueError(f"conditions about {used - known}")

    def text_of(self, question: str, language: str) -> str:
        """Return the text of a question or row."""
        return _unescaped(
            next(
                row["question"]
                for row in self._rows("question_l10ns")
                if (row["qid"], row["language"]) == (question, language)
            )
        )

    def rows_of(self, question: str) -> list[dict[str, str]]:
        """Return the rows of a question."""
        return [row for row in self._rows("subquestions") if row["parent_qid"] == question]

    def code_of(self, question: str, answer: str, language: str) -> str:
        """Return the code of an answer, by its text."""
        texts = {
            row["aid"]: _unescaped(row["answer"])
            for row in self._rows("answer_l10ns")
            if row["language"] == language
        }
        return next(
            row["code"]
            for row in self._rows("answers")
            if row["qid"] == question and texts[row["aid"]] == answer
        )


def _unescaped(shown: str) -> str:
    """Return what people see of a text that LimeSurvey shows as HTML."""
    return unescape(shown)


# As LimeSurvey 6 writes them, in the language that is chosen for the export.
_LIME_OWN: Final = {
    "en": ("Response ID", "Date submitted", "Last page"),
    "de": ("Antwort ID", "Datum Abgeschickt", "Letzte Seite"),
    "es": ("ID de respuesta", "Fecha de envío", "Última página"),
    "fr": ("ID de la réponse", "Date de soumission", "Dernière page"),
    "ar": ("رقم الاستجابة", "سلم بتاريخ", "الصفحة الاخيرة"),
}
_YES_NO: Final = {
    "en": ("Yes", "No"), "de": ("Ja", "Nein"), "es": ("Sí", "No"), "fr": ("Oui", "Non"),
    "ar": ("نعم", "لا"),
}  # fmt: skip


def limesurvey(
    files: Files,
    words: Words,
    people: Sequence[Respondent],
    *,
    heading: str,
    codes: tuple[str, str] | None = None,
    row: str = "[{}]",
    underscores: bool = False,
) -> bytes:
    """Export answers as LimeSurvey does; `heading` is made of {code} and {text}.

    With `codes`, those of a yes and a no, answers are codes, else full texts. `row` is how the
    code of a row follows that of its question; `underscores` replace spaces in texts.
    """
    survey = LimeSurveyImport(files["ambassadors.lss"])
    language = words.language
    own = dict(zip(("id", "submitdate", "lastpage"), _LIME_OWN[language], strict=True))
    headings = [heading.format(code=code, text=name) for code, name in own.items()]
    cells: list[Callable[[Respondent], str]] = []

    def chosen(question: str, label: str) -> str:
        return survey.code_of(question, label, language) if codes and label else label

    def level(question: str, _: str, skill: str, one: Respondent) -> str:
        return chosen(question, words.level(one, skill))

    def tick(_: str, asked: str, choice: str, one: Respondent) -> str:
        yes, no = codes or _YES_NO[language]
        return yes if words.ticked(one, asked, choice) else no

    def answer(kind: str, question: str, asked: str, one: Respondent) -> str:
        if kind == "*":  # an equation: its text is its value
            return asked
        said = words.answer(one, asked)
        return chosen(question, said) if kind in "L!" else said

    for each in survey.questions:
        code, qid, kind = each["title"], each["qid"], each["type"]
        asked = survey.text_of(qid, language)
        if kind in "FM":
            for sub in survey.rows_of(qid):
                name = survey.text_of(sub["qid"], language)
                whole = code + row.format(sub["title"])
                headings.append(heading.format(code=whole, text=f"{asked} [{name}]"))
                cells.append(partial(level if kind == "F" else tick, qid, asked, name))
        else:
            headings.append(heading.format(code=code, text=asked))
            cells.append(partial(answer, kind, qid, asked))
    rows = [
        [str(number), f"{one.when:%Y-%m-%d %H:%M:%S}", "5", *(cell(one) for cell in cells)]
        for number, one in enumerate(map(Respondent.not_named, people), 1)
    ]
    # One who began, and did not send it.
    rows.append(["9", "", "1", *("" for _ in cells)])
    if underscores:
        headings = [each.replace(" ", "_") for each in headings]
    return text([headings, *rows], quotes=True, mark="\ufeff")


# -------------------- forms in one language


def items_of_script(content: bytes) -> list[dict[str, Any]]:
    """Return the questions that the script of Google Forms builds, in order."""
    data = content.decode().partition("var QUESTIONNAIRE = ")[2].rstrip().removesuffix(";")
    form = json.loads(data)
    return [form["consent"], *(item for section in form["sections"] for item in section["items"])]


def by_text(  # noqa: PLR0913 - what differs between tools
    items: Iterable[Mapping[str, Any]],
    words: Words,
    people: Sequence[Respondent],
    *,
    own: Mapping[str, str],
    grid: str,
    between: str = "",
    choice: str = "",
    time: str = "%Y-%m-%d %H:%M:%S",
) -> Rows:
    """Return headings and answers of a tool whose headings are texts.

    `own` are the first columns: heading → cell, where {time} is the time. `grid` makes a heading
    of {question} and {row}. Several choices are in one cell, with `between` between them, or in a
    column each, whose heading is made by `choice`.
    """
    headings = list(own)
    cells: list[Callable[[Respondent], str]] = [partial(_own, cell, time) for cell in own.values()]

    def level(row: str, one: Respondent) -> str:
        return words.level(one, row)

    def choices(title: str, offered: Sequence[str], one: Respondent) -> str:
        return between.join(each for each in offered if words.ticked(one, title, each))

    def answer(title: str, one: Respondent) -> str:
        return words.answer(one, title)

    for item in items:
        title = item["title"]
        if item["kind"] == "grid":
            headings += [grid.format(question=title, row=row) for row in item["rows"]]
            cells += [partial(level, row) for row in item["rows"]]
        elif item["kind"] == "checkboxes" and between:
            headings.append(title)
            cells.append(partial(choices, title, item["choices"]))
        elif item["kind"] == "checkboxes":
            headings += [choice.format(question=title, row=row) for row in item["choices"]]
            cells += [partial(choices, title, [row]) for row in item["choices"]]
        else:
            headings.append(title)
            cells.append(partial(level if title in words.skills else answer, title))
    return [headings, *([cell(one) for cell in cells] for one in people)]


def _own(cell: str, time: str, person: Respondent) -> str:
    return cell.format(time=_time(person, time))


def _time(person: Respondent, form: str) -> str:
    return form.format(person.when) if "{" in form else f"{person.when:{form}}"


def surveymonkey_rows(rows: Rows) -> Rows:
    """Put the rows of grids and choices into a second row of headings, as SurveyMonkey does."""
    first, second, last = [], [], ""
    for heading in rows[0]:
        question, mark, row = heading.partition("\u0000")
        first.append("" if mark and question == last else question)
        second.append(row if mark else "Response" if heading.startswith("Own") else "")
        last = question
    own = 9
    second = ["" if at < own else second[at] or "Open-Ended Response" for at in range(len(second))]
    return [first, second, *rows[1:]]


# -------------------- Qualtrics


def qualtrics(files: Files, words: Words, people: Sequence[Respondent]) -> bytes:
    """Export answers as Qualtrics does after importing the text of a language."""
    name = f"ambassadors-{words.language}.txt"
    lines = files[name].decode().splitlines()
    assert lines[0] == "[[AdvancedFormat]]"
    blocks = re.split(r"(?m)^\[\[Question:", "\n".join(lines))
    mark = re.search(r"\[\[ED:(\w+):1\]\]", blocks[0])
    assert mark is not None
    own = {
        "StartDate": ("Start Date", "startDate", "{time}"),
        "EndDate": ("End Date", "endDate", "{time}"),
        "Status": ("Response Type", "status", "IP Address"),
        "IPAddress": ("IP Address", "ipAddress", "192.0.2.7"),
        "Finished": ("Finished", "finished", "True"),
        "ResponseId": ("Response ID", "_recordId", "R_{number}"),
    }
    codes, texts = list(own), [each[0] for each in own.values()]
    cells: list[Callable[[Respondent], str]] = []

    def level(row: str, one: Respondent) -> str:
        return words.level(one, row)

    def ticks(title: str, offered: Sequence[str], one: Respondent) -> str:
        return ",".join(each for each in offered if words.ticked(one, title, each))

    def answer(title: str, one: Respondent) -> str:
        return words.answer(one, title)

    for block in blocks[1:]:
        kind, _, rest = block.partition("]]\n")
        if kind == "DB":
            continue
        found = re.match(r"\[\[ID:(\w+)\]\]\n(.*)\n", rest)
        assert found is not None
        code, title = found[1], found[2].partition("<br>")[0].replace("&amp;", "&")
        parts = re.split(r"\[\[(?:Choices|Answers)\]\]\n", rest)
        choices = [line for line in parts[1].splitlines() if line] if len(parts) > 1 else []
        choices = [line for line in choices if not line.startswith("[[")]
        if kind == "Matrix":
            codes += [f"{code}_{number}" for number in range(1, len(choices) + 1)]
            texts += [f"{title} - {row}" for row in choices]
            cells += [partial(level, row) for row in choices]
        else:
            codes.append(code)
            texts.append(title)
            several = kind == "MC:MultipleAnswer:Vertical"
            cells.append(partial(ticks, title, choices) if several else partial(answer, title))
    codes.append(mark[1])
    texts.append(mark[1])
    third = [f'{{"ImportId":"{code}"}}' for code in codes]
    rows = [
        [
            *(cell.format(time=_time(one, "%Y-%m-%d %H:%M:%S"), number=number)
              for _, _, cell in own.values()),
            *(cell(one) for cell in cells), "1",
        ]
        for number, one in enumerate(people, 1)
    ]  # fmt: skip
    return text([codes, texts, third, *rows])


# -------------------- paper


def typed(files: Files, words: Words, people: Sequence[Respondent]) -> bytes:
    """Type the answers of sheets into the table, with the codes that stand on the sheets."""
    table = next(csv.reader(StringIO(files["ambassadors-table.csv"].decode())))
    codes = {each.split()[1]: each.split()[0] for each in table if re.match(r"[A-Z]\d+ ", each)}
    numbers = {"none": "0", "aware": "1", "with_help": "2", "alone": "3", "leads": "4"}
    numbers |= {"not_sure": "?", "does_not_apply": "-"}
    consents = {"consent_named": "1", "consent_pseudonym": "2", "withheld": "0"}
    interests = {"learn": "wants_to_learn", "help": "can_help", "teach": "can_teach"}
    del words

    def cell(one: Respondent, number: int, heading: str) -> str:
        if heading.startswith("sheet"):
            return str(number)
        if heading in interests:
            return " ".join(codes[skill] for skill in one.interests.get(interests[heading], ()))
        if re.match(r"[A-Z]\d+ ", heading):
            return numbers.get(one.levels.get(heading.split()[1], ""), "")
        found = re.match(r"(level of )?language (\d)", heading)
        if found:
            at = int(found[2]) - 1
            pair = one.languages[at] if at < len(one.languages) else ("", "")
            return pair[1].removeprefix("babel_") if found[1] else pair[0].removeprefix("lang_")
        return {
            "date": f"{one.when:%Y-%m-%d}", "consent": consents[one.consent],
            "username": one.username, "pseudonym": one.pseudonym,
            "another skill": one.another_skill,
            **{name.replace("_", " "): value for name, value in one.facts.items()},
        }.get(heading, "")  # fmt: skip

    rows = [
        [cell(one, number, heading) for heading in table] for number, one in enumerate(people, 1)
    ]
    return text([table, *rows])


def written(folder: Path) -> Files:
    """Return the files of a folder by name."""
    return {file.name: file.read_bytes() for file in folder.iterdir()}
