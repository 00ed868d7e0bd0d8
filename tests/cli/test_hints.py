"""What a message says to try works when it is pasted."""

import ast
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from wbskills.cli import main

ROOT = Path(__file__).parents[2]
MAPPING = ROOT / "ontology/surveys/sample.toml"
_COMMANDS = re.compile(r"Try: .*?(wbskills (?:[\w-]+ ?)+[^“”\n;]*)")

Prepare = Callable[[Path], list[str]]


def plan_without_mapping(folder: Path) -> list[str]:
    """An export that answers no questionnaire."""
    del folder
    return ["survey", "plan", "answers.csv"]


def plan_with_draft(folder: Path) -> list[str]:
    """A draft whose questions are open."""
    run("survey", "inspect", "answers.csv", "--draft", str(folder / "draft.toml"))
    return ["survey", "plan", "answers.csv", "--mapping", "draft.toml"]


def plan_with_no_such_mapping(folder: Path) -> list[str]:
    """A mapping that is not there."""
    del folder
    return ["survey", "plan", "answers.csv", "--mapping", "nowhere.toml"]


def inspect(folder: Path) -> list[str]:
    """A first look."""
    del folder
    return ["survey", "inspect", "answers.csv"]


def edit_nothing(folder: Path) -> list[str]:
    """An editing that ended at once."""
    del folder
    return ["survey", "edit", "answers.csv"]


def changed_form(folder: Path) -> list[str]:
    """A table of a questionnaire that lacks columns."""
    run("questionnaire", "export", "ambassadors", "paper", "--tool", "paper")
    table = (folder / "paper" / "ambassadors-table.csv").read_text(encoding="utf-8")
    (folder / "typed.csv").write_text(table.replace("A1 templates,", ""), encoding="utf-8")
    return ["survey", "plan", "typed.csv"]


def new_questionnaire(folder: Path) -> list[str]:
    """A questionnaire of one's own."""
    del folder
    return ["questionnaire", "new", "our_wiki"]


def run(*arguments: str) -> str:
    """Run a command as people do; what it prints and says."""
    done = CliRunner().invoke(main, arguments, input="")
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.output


@pytest.mark.parametrize(
    "prepare",
    [
        plan_without_mapping,
        plan_with_draft,
        plan_with_no_such_mapping,
        inspect,
        edit_nothing,
        changed_form,
        new_questionnaire,
    ],
)
def test_a_command_in_a_hint_can_be_pasted(
    prepare: Prepare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names the files that it is about, and is no usage error."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "scripts/sample/ambassadors-survey.csv", tmp_path / "answers.csv")

    said = run(*prepare(tmp_path))

    commands = _COMMANDS.findall(said)
    assert commands, said
    for command in commands:
        output = run(*shlex.split(command)[1:])
        assert "Usage: " not in output, (command, output)
        assert "not found" not in output, (command, output)
        assert "Traceback" not in output


LINES = (
    ('title = "', 'titel = "'),
    ("\nstart = 2025-03-10", ""),
    ('column = "USER"\n', ""),
    ('answers = "scale:self_5"\n', ""),
    ('"No" = "withheld"', '"No" = "withhold"'),
    ('[date]\ncolumn = "submitdate"\n', "[date]\n"),
)


@pytest.mark.parametrize(("old", "new"), LINES)
def test_a_spoilt_line_is_told_with_its_place_and_a_hint(
    old: str, new: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each fault has something to try."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "scripts/sample/ambassadors-survey.csv", tmp_path / "answers.csv")
    text = MAPPING.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "m.toml").write_text(text.replace(old, new, 1), encoding="utf-8")

    said = run("survey", "plan", "answers.csv", "--mapping", "m.toml")

    assert said.startswith("Error: m.toml: ")
    assert "Try: " in said


def quoted_commands() -> list[str]:
    """List every command that a text of the program names, with its options."""
    found: dict[str, None] = {}
    for path in sorted((ROOT / "wbskills").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [
                    str(each.value) if isinstance(each, ast.Constant) else "X"
                    for each in node.values
                ]
                text = "".join(parts)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
            else:
                continue
            for match in re.finditer(r"wbskills [a-z][^“”\n;|`]*", text):
                found[match[0].strip()] = None
    return list(found)


def test_every_command_in_a_text_exists_with_its_options() -> None:
    """A renamed command or option must not live on in a hint."""
    checked, wrong = 0, []
    for text in quoted_commands():
        words = text.split()[1:]
        command = main.commands.get(words[0])
        if command is None:
            continue  # a sentence about wbskills
        if isinstance(command, click.Group) and len(words) > 1:
            command = command.commands.get(words[1].rstrip(".,:)"))
        if command is None:
            wrong.append(text)
            continue
        checked += 1
        known = {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
        named = set(re.findall(r"(?<!\S)--[a-z-]+", text)) - known - {"--help"}
        wrong += [f"{text}: {option}" for option in named]

    assert checked > 100
    assert wrong == []
