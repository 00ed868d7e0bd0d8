"""What a survey owner answers to the questions of a draft for the file of a tool."""

from tests.surveys.exports.tools import SKILLS, Tool
from wbskills.surveys.edit.questions import EditQuestion, Questions


def true_answer(question: EditQuestion, known: Questions, tool: Tool) -> str:
    """Answer one question as the person would who wrote the survey."""
    path, subject = question.paths[0], str(question.paths[0][-1])
    if path[0] == "consent":
        # An answer may have a column of its own, with its words in the heading.
        return "consent_named" if subject == tool.yes_no[0] else "withheld"
    if path[-2:] and path[-2] == "answers":
        return next(key for key, word in tool.words.items() if word == subject)
    if path[-2:] and path[-2] == "skills":
        by_name = {name: skill for skill, name in tool.choices.items()}
        return by_name.get(subject) or _asked_in(subject, known, tool)
    return {
        "chosen": "wants_to_learn",
        "property": "wikimedia_username",
        "en": "Spring 2026",
        "format": tool.time,
    }[subject]


def _asked_in(name: str, known: Questions, tool: Tool) -> str:
    """Return the skill that a column is about; empty if it is about none."""
    column = known.lookup.one(name, "")
    assert column is not None, name
    held = tool.layout[column.index]
    return next((part for part in held.split(":") if part in SKILLS), "")
