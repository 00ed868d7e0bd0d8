"""Reading the questions of a mapping, and what their answers mean."""

from collections.abc import Mapping
from typing import Any

from wbskills.names import did_you_mean
from wbskills.surveys.files.cell_text import clean, key
from wbskills.surveys.mapping.schema import (
    SCALE,
    Answers,
    GeneralInterest,
    LanguagePair,
    OpenQuestion,
    Question,
)
from wbskills.toml_reader import TomlTable


class QuestionsReader:
    """Reads the questions of one mapping; `[answers.NAME]` has answers that they share."""

    def __init__(self, top: TomlTable) -> None:
        self.top = top
        shared = top.table("answers")
        self.shared = (
            {name: shared.text_by_text(name) for name in shared.members} if shared else {}
        )

    def read(self) -> dict[str, Any]:
        """Read all questions, by the names of the fields of `SurveyMapping`."""
        top = self.top
        languages, pairs = [], []
        for table in top.tables("languages"):
            if "column" in table:
                pairs.append(self._language_pair(table))
            else:
                languages.append(self._question(table, "language"))
        interests, general = [], []
        for table in top.tables("interests"):
            if "column" in table:
                general.append(self._general_interest(table))
            else:
                interests.append(self._question(table, "skill", skipped="nothing"))
        return {
            "questions": tuple(
                self._question(table, "skill") for table in top.tables("questions")
            ),
            "interests": tuple(interests),
            "general_interests": tuple(general),
            "others": tuple(map(self._open_question, top.tables("others"))),
            "languages": tuple(languages),
            "language_pairs": tuple(pairs),
        }

    def answers(self, table: TomlTable, skipped: str = "skipped") -> Answers:
        """Read what the answers of some columns mean.

        `skipped` is the member that lists the answers which mean that nothing was answered.
        """
        scales: tuple[str, ...] = ()
        merged = _MergedAnswers(table)
        found = table.members.get("answers")
        if isinstance(found, dict) and any(isinstance(one, dict) for one in found.values()):
            by_language = table.table("answers")
            for language in by_language.members if by_language else ():
                pairs = by_language.text_by_text(language) if by_language else {}
                merged.add(pairs, f"answers.{language}", "language")
        elif isinstance(found, dict):
            merged.table |= table.text_by_text("answers")
        else:
            for name in table.texts("answers"):
                if name.startswith(SCALE):
                    scales += (name.removeprefix(SCALE),)
                elif name in self.shared:
                    merged.add(self.shared[name], "answers", "table")
                else:
                    hint = did_you_mean(name, self.shared)
                    table.fault(
                        f"there is no [answers.{name}]",
                        hint or 'write a table of answers, or "scale:self_5"',
                        "answers",
                    )
        return Answers(
            table=merged.table,
            scales=scales,
            skipped=table.texts(skipped) if table.raw(skipped) is not None else ("",),
            not_asked=table.texts("not_asked"),
        )

    def _question(self, table: TomlTable, kind: str, skipped: str = "skipped") -> Question:
        subjects = f"{kind}s"
        question = Question(
            place=table.place,
            columns=table.texts("columns"),
            subjects=table.text_by_text(subjects),
            answers=self.answers(table, skipped),
            chosen=table.text("chosen"),
            not_chosen=table.text("not_chosen"),
            between=table.text("between"),
            about=table.text(kind),
        )
        if question.about and (question.subjects or question.between or not question.columns):
            table.fault(
                f"with “{kind}”, all columns ask about that one {kind}",
                f'add columns = "Q7_*", and remove “{subjects}” and “between”',
                kind,
            )
        if not question.columns and not question.subjects:
            table.fault("this question has no columns", f'add columns = "SK[{{{kind}}}]"')
        if ("answers" in table) == bool(question.chosen):
            table.fault(
                "a question needs either “answers” that say what the answers mean, or “chosen” for"
                " what a choice means",
                'write answers = "scale:self_5", or chosen = "wants_to_learn"',
            )
        if question.not_chosen and not question.chosen:
            table.fault("“not_chosen” needs “chosen”", 'add chosen = "alone"', "not_chosen")
        if question.between:
            _check_choices(table, question, subjects)
        _check_names(table, question, subjects)
        table.finish()
        return question

    def _open_question(self, table: TomlTable) -> OpenQuestion:
        question = OpenQuestion(
            place=table.place,
            columns=table.texts("columns"),
            level=table.text("level"),
            level_column=table.text("level_column"),
            answers=self.answers(table),
            between=table.texts("between"),
        )
        if not question.columns:
            table.fault("this question has no columns", 'add columns = "SK[other]"')
        if bool(question.level) == bool(question.level_column):
            table.fault(
                "this needs either one level for all, or a column with the level",
                'write level = "alone"; or level_column = "SKOTHER" and answers = "scale:self_5"',
            )
        if "" in question.between:
            hint = 'write between = [";"]'
            table.fault("a text that separates skills is empty", hint, "between")
        table.finish()
        return question

    def _general_interest(self, table: TomlTable) -> GeneralInterest:
        question = GeneralInterest(
            place=table.place,
            column=table.required_text("column", "Could you help others?"),
            answers=self.answers(table, skipped="nothing"),
            at_least=table.text("at_least"),
            skills=table.texts("skills"),
            groups=table.texts("groups"),
        )
        if not (question.at_least or question.skills or question.groups):
            table.fault(
                "this question does not say which skills it is about",
                'add at_least = "alone" (skills that the person has at this level), or skills or'
                " groups",
            )
        table.finish()
        return question

    def _language_pair(self, table: TomlTable) -> LanguagePair:
        pair = LanguagePair(
            place=table.place,
            column=table.text("column"),
            level_column=table.text("level_column"),
            languages=table.text_by_text("languages"),
            answers=self.answers(table),
            between=table.texts("between"),
        )
        if pair.between and pair.level_column:
            table.fault(
                "with several languages in one cell, the levels stand behind these",
                "remove “level_column”",
                "level_column",
            )
        if "" in pair.between:
            table.fault(
                "a text that separates languages is empty", 'write between = [";"]', "between"
            )
        table.finish()
        return pair


def _check_names(table: TomlTable, question: Question, subjects: str) -> None:
    """Check that no two spellings of one name have different subjects."""
    first: dict[str, str] = {}
    for name, subject in question.subjects.items():
        known = first.setdefault(key(name), subject)
        if known != subject:
            table.fault(
                f"“{clean(name)}” is both “{known}” and “{subject}”: upper case and blanks make no"
                " difference",
                "remove one of the two; or name the columns by letter, for example “column C”",
                subjects,
            )


def _check_choices(table: TomlTable, question: Question, subjects: str) -> None:
    if not question.chosen:
        hint = 'add chosen = "wants_to_learn"'
        table.fault("several choices in one cell need “chosen”", hint, "between")
    if not question.columns or not question.subjects:
        table.fault(
            "several choices in one cell need the column, and the meaning of each choice",
            f'write columns = "Q7" and {subjects} = {{ "Lua" = "lua_modules" }}',
            subjects,
        )


class _MergedAnswers:
    """The answers of several tables in one; no answer may have two meanings."""

    def __init__(self, place: TomlTable) -> None:
        self.place = place
        self.table: dict[str, str] = {}
        self._meanings: dict[str, str] = {}

    def add(self, pairs: Mapping[str, str], name: str, kind: str) -> None:
        for answer, meaning in pairs.items():
            known = self._meanings.setdefault(key(answer), meaning)
            if known == meaning:
                self.table[answer] = meaning
                continue
            self.place.fault(
                f"“{clean(answer)}” means “{known}” in one {kind} and “{meaning}” in another, and"
                f" an answer does not show its {kind}",
                "use another wording in the survey, or two files with a mapping each",
                name,
            )
