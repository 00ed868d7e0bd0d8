"""Reading the questions of a mapping: what is asked of skills and languages, and the answers."""

from collections.abc import Mapping
from typing import Any

from wbskills.surveys.files.cell_text import clean, key
from wbskills.surveys.mapping.item_names import near
from wbskills.surveys.mapping.schema import SCALE, Answers, LanguagePair, Others, Question
from wbskills.surveys.mapping.toml_reader import Table


class Questions:
    """The questions of one mapping, being read; `[answers.NAME]` holds answers they share."""

    def __init__(self, top: Table) -> None:
        self.top = top
        named = top.table("answers")
        self.named = {name: named.pairs(name) for name in named.members} if named else {}

    def read(self) -> dict[str, Any]:
        """Read all of them, by the names that `SurveyMapping` has for them."""
        top = self.top
        return {
            "questions": tuple(self._question(one, "skills") for one in top.tables("questions")),
            "interests": tuple(self._question(one, "skills") for one in top.tables("interests")),
            "others": tuple(self._others(table) for table in top.tables("others")),
            **self._languages(),
        }

    def _question(self, table: Table, things: str, empty: str = "skipped") -> Question:
        empty = "nothing" if table.place.startswith("interests") else empty
        question = Question(
            place=table.place,
            columns=table.texts("columns"),
            things=table.pairs(things),
            answers=self.answers(table, empty),
            chosen=table.text("chosen"),
            not_chosen=table.text("not_chosen"),
            between=table.text("between"),
            about=table.text(things[:-1]),
        )
        if question.about and (question.things or question.between or not question.columns):
            table.fault(
                f"with “{things[:-1]}”, all columns ask for one and the same",
                f'columns = "Q7_*" beside it, without “{things}” and “between”',
                things[:-1],
            )
        if not question.columns and not question.things:
            table.fault("it is not said which columns", f'columns = "SK[{{{things[:-1]}}}]"')
        if ("answers" in table) == bool(question.chosen):
            table.fault(
                "either “answers” say what the answers mean, or “chosen” what a choice means",
                'answers = "scale:self_5", or chosen = "wants_to_learn"',
            )
        if question.not_chosen and not question.chosen:
            table.fault("“not_chosen” goes with “chosen”", 'chosen = "alone"', "not_chosen")
        if question.between:
            self._check_between(table, question, things)
        self._check_things(table, question, things)
        table.finish()
        return question

    def _check_things(self, table: Table, question: Question, things: str) -> None:
        """Check that no two spellings of one name stand for two things."""
        met: dict[str, str] = {}
        for name, thing in question.things.items():
            known = met.setdefault(key(name), thing)
            if known != thing:
                table.fault(
                    f"“{clean(name)}” is “{known}” and “{thing}” at once: upper case and blanks"
                    " make no difference",
                    "one of the two; or the columns by letter, such as “column C”",
                    things,
                )

    def _check_between(self, table: Table, question: Question, things: str) -> None:
        if not question.chosen:
            table.fault(
                "several choices in one cell need “chosen”", 'chosen = "wants_to_learn"', "between"
            )
        if not question.columns or not question.things:
            table.fault(
                "several choices in one cell need the column, and each choice with what it is",
                f'columns = "Q7" and {things} = {{ "Lua" = "lua_modules" }}',
                things,
            )

    def answers(self, table: Table, empty: str = "skipped") -> Answers:
        """Read what the answers of some columns mean; `empty` names the list of those skipped."""
        scales: tuple[str, ...] = ()
        merged = _Merged(table)
        told = table.members.get("answers")
        if isinstance(told, dict) and any(isinstance(member, dict) for member in told.values()):
            by_language = table.table("answers")
            for language in by_language.members if by_language else ():
                pairs = by_language.pairs(language) if by_language else {}
                merged.add(pairs, f"answers.{language}", "language")
        elif isinstance(told, dict):
            merged.table |= table.pairs("answers")
        else:
            for name in table.texts("answers"):
                if name.startswith(SCALE):
                    scales += (name.removeprefix(SCALE),)
                elif name in self.named:
                    merged.add(self.named[name], "answers", "table")
                else:
                    self._no_answers(table, name)
        skipped = table.texts(empty) if empty in table else ("",)
        table.asked.add(empty)
        return Answers(
            table=merged.table, scales=scales, skipped=skipped, not_asked=table.texts("not_asked")
        )

    def _no_answers(self, table: Table, name: str) -> None:
        hint = near(name, self.named) or 'a table of answers, or "scale:self_5"'
        table.fault(f"there is no [answers.{name}]", hint, "answers")

    def _others(self, table: Table) -> Others:
        others = Others(
            place=table.place,
            columns=table.texts("columns"),
            level=table.text("level"),
            level_column=table.text("level_column"),
            answers=self.answers(table),
            between=table.texts("between"),
        )
        if not others.columns:
            table.fault("it is not said which columns", 'columns = "SK[other]"')
        if bool(others.level) == bool(others.level_column):
            table.fault(
                "either one level for all, or a column that tells it",
                'level = "alone"; or level_column = "SKOTHER" and answers = "scale:self_5"',
            )
        if "" in others.between:
            table.fault("a sign between skills is empty", 'between = [";"]', "between")
        table.finish()
        return others

    def _languages(self) -> dict[str, Any]:
        arrays, pairs = [], []
        for table in self.top.tables("languages"):
            if "column" in table:
                pairs.append(
                    LanguagePair(
                        place=table.place,
                        column=table.text("column"),
                        level_column=table.text("level_column"),
                        languages=table.pairs("languages"),
                        answers=self.answers(table),
                    )
                )
                table.finish()
            else:
                arrays.append(self._question(table, "languages"))
        return {"languages": tuple(arrays), "language_pairs": tuple(pairs)}


class _Merged:
    """The answers of several tables in one: the same one must not mean two things."""

    def __init__(self, place: Table) -> None:
        self.place = place
        self.table: dict[str, str] = {}
        self._met: dict[str, str] = {}

    def add(self, pairs: Mapping[str, str], name: str, kind: str) -> None:
        """Add a table, which stands under `name` in the mapping."""
        for answer, meaning in pairs.items():
            known = self._met.setdefault(key(answer), meaning)
            if known == meaning:
                self.table[answer] = meaning
                continue
            self.place.fault(
                f"“{clean(answer)}” means “{known}” in one {kind} and “{meaning}” in another, and"
                f" an answer does not say its {kind}",
                "another wording in the form; else two files, each with its own mapping",
                name,
            )
