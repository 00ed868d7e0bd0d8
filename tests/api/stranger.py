"""The API as a stranger would use it; `mypy --strict` reads this file, and nothing runs it."""

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, assert_type

import wbskills
from wbskills.table import Cell

if TYPE_CHECKING:
    pass


def import_and_ask(folder: Path, survey: str) -> list[str]:
    """Import a survey, and return the names of people who know Lua."""
    seen: list[wbskills.Progress] = []
    with wbskills.open(folder, language="fr", ontology=["our-skills.toml"]) as capacity:
        assert_type(capacity, wbskills.Capacity)
        assert_type(capacity.apply_ontology(on_progress=print).batch, str)
        plan = capacity.plan_survey(survey, mapping=folder / "mapping.toml")
        assert_type(plan, wbskills.SurveyPlan)
        receipt = capacity.import_survey(
            survey, mapping="mapping.toml", set_aside="bad.csv", on_progress=seen.append
        )
        assert_type(receipt.edits, int)
        assert_type(receipt.saved_to, Path | None)
        if receipt.refused:
            receipt = capacity.resume(receipt.batch)
        ratings = capacity.import_ratings("ratings.csv", mapping="ratings.toml")
        assert_type(ratings.statements, int)
        answer = capacity.ask("who_can", skill="lua_modules", level=None)
        assert_type(answer, wbskills.Answer)
        return [str(row["personLabel"]) for row in answer if row["level"] != 0]


def largest_share(capacity: wbskills.Capacity) -> Decimal:
    """Return the largest share in an answer, with the types of its cells."""
    answer = capacity.ask("coverage", level="alone")
    row = answer.to_dicts()[0]
    assert_type(row, dict[str, Cell])
    return max(cell for row in answer.rows for cell in row if isinstance(cell, Decimal))


def tidy_up(capacity: wbskills.Capacity, batch: str) -> bool:
    """Undo a batch, and forget a person; whether all of it was done."""
    undone = capacity.undo(batch)
    assert_type(undone.lines(), list[str])
    try:
        forgotten = capacity.forget("Ada Lovelace", one_name=True)
    except wbskills.WbskillsError as error:
        print(error.what, error.hint)  # noqa: T201 - as a script would
        return False
    return not (undone.refused or forgotten.refused)
