"""`wbskills survey edit`: the questions of a mapping, in the terminal.

Where no list can be drawn (a pipe, TERM=dumb, NO_COLOR), choices are numbered lines.
"""

import os
import shlex
import sys
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Final, Protocol

import click

from wbskills.cli.options import echo, open_capacity, printable
from wbskills.errors import InvalidValue
from wbskills.surveys.edit.decisions import Value
from wbskills.surveys.edit.questions import IGNORED, Choice, EditQuestion, Kind
from wbskills.surveys.files.cell_text import counted
from wbskills.surveys.mapping.open_points import OPEN
from wbskills.tasks.mapping_editor import MappingEditor

_SHOWN_COLUMNS: Final = 3


class Move(Enum):
    """What someone can do instead of answering."""

    OTHER = "something else: type its name"
    BACK = "back to the question before"
    QUIT = "quit, and keep what is decided"


Option = tuple[str, Value | Move]  # what is shown, and what it means


class Asker(Protocol):
    """Asks a person; raises `KeyboardInterrupt` or `click.Abort` if they want to end."""

    def choose(self, question: str, options: Sequence[Option], current: Value) -> Value | Move:
        """Let a person choose one of some options."""

    def type_in(self, question: str) -> str:
        """Let a person type a line."""


class PlainAsker:
    """Asks by numbered lines."""

    def choose(self, question: str, options: Sequence[Option], current: Value) -> Value | Move:
        """Let a person choose by number, or by what the mapping would have."""
        for number, (shown, value) in enumerate(options, 1):
            echo(f"  {number}  {shown}{' (now)' if value == current else ''}")
        by_text = {str(number): value for number, (_, value) in enumerate(options, 1)}
        by_text |= {str(value): value for _, value in options if not isinstance(value, Move)}
        while True:
            typed = str(click.prompt(printable(question), prompt_suffix=" ")).strip()
            if typed in by_text:
                return by_text[typed]
            echo(f"  Type a number from 1 to {len(options)}.")

    def type_in(self, question: str) -> str:
        """Let a person type a line."""
        return str(click.prompt(printable(question), prompt_suffix=" "))


class ListAsker:
    """Asks by lists that are drawn in the terminal, for arrow keys and Enter."""

    def choose(self, question: str, options: Sequence[Option], current: Value) -> Value | Move:
        """Let a person choose from a list."""
        import questionary

        choices = [
            questionary.Choice(title=printable(shown), value=number)
            for number, (shown, _) in enumerate(options)
        ]
        decided = [n for n, (_, value) in enumerate(options) if value == current != OPEN]
        asked = questionary.select(
            printable(question),
            choices=choices,
            default=choices[decided[0]] if decided else None,
            instruction=" ",
        )
        chosen: int = asked.unsafe_ask()
        return options[chosen][1]

    def type_in(self, question: str) -> str:
        """Let a person type a line."""
        import questionary

        return str(questionary.text(printable(question)).unsafe_ask())


def edit_survey(
    file: Path, mapping: Path, wikibase: str, ontology_files: tuple[Path, ...]
) -> None:
    """Ask what is open in the mapping of a survey file, then show what an import would do."""
    editor = MappingEditor(file, mapping, ontology_files)
    if editor.begin():
        echo(f"{mapping} is a first draft of the mapping.")
    else:
        echo(f"The mapping is in {mapping}.")
    asker = ListAsker() if _can_draw() else PlainAsker()
    try:
        _ask_all(editor, asker)
    except (KeyboardInterrupt, click.Abort):
        echo("")
    names = [str(file), "--mapping", str(mapping)]
    left = len(editor.questions())
    if left:
        echo(f"{counted(left, 'question is', 'questions are')} open; the others are decided.")
        echo(f"  Try: {shlex.join(['wbskills', 'survey', 'edit', *names])}")
        return
    echo("Nothing is open.", "")
    with open_capacity(wikibase, ontology_files) as capacity:
        planned = capacity.plan_survey(file, mapping=mapping)
    echo(*planned.receipt.effects(), "", "Nothing was imported yet.")
    echo(f"  Try: {shlex.join(['wbskills', 'survey', 'apply', *names])}")


def _can_draw() -> bool:
    """Return whether lists can be drawn in the terminal."""
    is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    return is_terminal and os.environ.get("TERM") != "dumb" and not os.environ.get("NO_COLOR")


def _ask_all(editor: MappingEditor, asker: Asker) -> None:
    """Ask one question after the other until none is open, or left open on purpose."""
    before: list[EditQuestion] = []
    left: set[object] = set()
    again: EditQuestion | None = None
    while True:
        waiting = [each for each in editor.questions() if each.paths not in left]
        question = again or (waiting[0] if waiting else None)
        if question is None:
            return
        decision = _ask(editor, asker, question, len(waiting))
        again = None
        if decision is Move.QUIT:
            return
        if isinstance(decision, Move):
            again = _current(editor, before.pop() if before else question)
            continue
        editor.decide({question: decision})
        before.append(question)
        (left.add if decision == OPEN else left.discard)(question.paths)


def _current(editor: MappingEditor, question: EditQuestion) -> EditQuestion:
    """Return a question with what the mapping has now."""
    known = {each.paths: each for each in editor.questions(also_decided=True)}
    return next((each for paths, each in known.items() if question.paths[0] in paths), question)


def _ask(
    editor: MappingEditor, asker: Asker, question: EditQuestion, waiting: int
) -> Value | Move:
    """Ask one question, until there is an answer to it or a move."""
    echo("", f"({counted(waiting, 'open question')}) {question.title}", *_known(question))
    choices = question.choices
    while True:
        if not choices and question.kind is not Kind.ITEM:
            typed = _type_in(asker, question)
        else:
            answer = asker.choose("Your answer:", _options(question, choices), question.value)
            if answer is not Move.OTHER:
                return answer
            typed = _type_in(asker, question)
        if isinstance(typed, Move):
            return typed
        try:
            return editor.known.read(question, typed)
        except InvalidValue as error:
            echo(f"  {error}")
        if question.kind is Kind.ITEM:
            choices = tuple(editor.known.nearest(question, typed))


def _type_in(asker: Asker, question: EditQuestion) -> str | Move:
    """Let a person type an answer; `?` leaves the question open, `<` goes back."""
    example = f"for example {question.example}; " if question.example else ""
    typed = asker.type_in(f"Type it ({example}? leaves it open, < goes back, Ctrl-C quits):")
    return Move.BACK if typed.strip() == "<" else typed


def _known(question: EditQuestion) -> list[str]:
    """Describe in lines what the survey file says about a question."""
    lines = [f"  column: {heading}" for heading in question.columns[:_SHOWN_COLUMNS]]
    if len(question.columns) > _SHOWN_COLUMNS:
        lines.append(f"  and {len(question.columns) - _SHOWN_COLUMNS} more columns")
    if question.count:
        lines.append(f"  {counted(question.count, 'time')} in the file")
    if question.examples:
        shown = ", ".join(f"{answer} ({count})" for answer, count in question.examples)
        lines.append(f"  answers: {shown}")
    return lines


def _options(question: EditQuestion, choices: Sequence[Choice]) -> list[Option]:
    """List what a person can choose from, the likeliest first."""
    options: list[Option] = [(str(choice), choice.value) for choice in choices]
    if question.kind is Kind.ITEM:
        options.append(("none: ignore it", IGNORED))
    if question.kind is not Kind.CHOICE:
        options.append((Move.OTHER.value, Move.OTHER))
    options.append(("leave open", OPEN))
    return [*options, *((move.value, move) for move in (Move.BACK, Move.QUIT))]
