"""A mapping is completed question by question, and each decision is saved at once."""

import stat
from pathlib import Path

import pytest

from wbskills.errors import InvalidValue, MappingError, WbskillsError
from wbskills.surveys.edit.questions import EditQuestion, Kind
from wbskills.tasks.mapping_editor import MappingEditor

ROWS = """user,when,Lua modules,Templates,Gadgets,Mail
Ada,2026-03-01,Sometimes,Sometimes,Ja,ada@example.org
Bob,2026-03-02,Sometimes,Always,Ja,bob@example.org
Cyd,2026-03-03,Always,Sometimes,Nein,cyd@example.org
Dan,2026-03-03,Always,Sometimes,Nein,dan@example.org
Eve,2026-03-03,Always,Always,Ja,eve@example.org
"""
MAPPING = """title = "Survey"
[waves.skills]  # as the part of a question is called
label = { en = "?" }
start = 2026-03-01
end = 2026-03-31
[identity]
column = "user"
property = "wikimedia_username"
[date]
column = "when"
[consent]
ground = "?"
[[questions]]
[questions.answers]
"Sometimes" = "?"  # perhaps with_help, aware; 2 times
"Always" = "?"
[questions.skills]
"Lua modules" = "lua_modules"
[[questions]]
[questions.answers]
"Always" = "?"
"sometimes" = "?"
[questions.skills]
"Templates" = "?"
[[questions]]
[questions.answers.de]
"Ja" = "?"
"Nein" = "none"
[questions.skills]
"Gadgets" = "?"
[[questions]]
answers = "scale:self_5"
[questions.skills]
"Mail" = "?"
"""


@pytest.fixture
def editor(tmp_path: Path) -> MappingEditor:
    """An editor of the mapping above."""
    (tmp_path / "s.csv").write_text(ROWS, "utf-8")
    (tmp_path / "m.toml").write_text(MAPPING, "utf-8")
    return MappingEditor(tmp_path / "s.csv", tmp_path / "m.toml")


def asked(editor: MappingEditor, title: str) -> EditQuestion:
    """Return the only question with a text in its title."""
    (found,) = [each for each in editor.questions() if title in each.title]
    return found


def test_equal_scales_are_asked_once(editor: MappingEditor) -> None:
    """And the answer is written into each of them."""
    question = asked(editor, "“Sometimes”")
    assert question.columns == ("Lua modules", "Templates")
    assert question.count == 5
    assert [choice.value for choice in question.choices][:3] == ["with_help", "aware", "none"]
    assert "somebody to ask" in question.choices[0].meaning

    editor.decide({question: "with_help"})

    text = editor.mapping.read_text("utf-8")
    assert '"Sometimes" = "with_help"  # perhaps with_help, aware; 2 times' in text
    assert '"sometimes" = "with_help"' in text


def test_each_kind_of_question_has_its_choices(editor: MappingEditor) -> None:
    """Also the answers of one language; a wave may be called as the part of a question is."""
    assert asked(editor, "“Ja”").kind is Kind.CHOICE
    assert asked(editor, "Which skill is “Gadgets”?").choices[0].value == "gadgets"
    assert asked(editor, "called").kind is Kind.TEXT


def test_nothing_of_personal_columns_is_shown(editor: MappingEditor) -> None:
    """Whatever the mapping asks about them."""
    question = asked(editor, "“Mail”")

    assert question.examples == ()
    assert question.columns == ()


def test_answers_are_read(editor: MappingEditor) -> None:
    """By key or by name; what is none is refused with what may be meant."""
    gadgets, yes = asked(editor, "“Gadgets”"), asked(editor, "“Ja”")

    assert editor.known.read(gadgets, "Lua modules (Scribunto)") == "lua_modules"
    assert editor.known.read(gadgets, "") == ""
    assert editor.known.read(yes, "With help") == "with_help"
    for question, text in ((gadgets, "gadgts"), (yes, "rating_1"), (yes, "")):
        with pytest.raises(InvalidValue):
            editor.known.read(question, text)


def test_the_mapping_is_replaced_as_a_whole(
    editor: MappingEditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link stays a link and rights stay; an error leaves the old mapping and no other file."""
    real = editor.mapping.rename(editor.mapping.with_name("real.toml"))
    real.chmod(0o640)
    editor.mapping.symlink_to(real)
    editor.decide({asked(editor, "“Ja”"): "alone"})
    assert editor.mapping.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert '"Ja" = "alone"' in real.read_text("utf-8")
    before, files = real.read_bytes(), {*real.parent.iterdir()}

    def fail(_: int) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(WbskillsError, match="no space left"):
        editor.decide({asked(editor, "“Always”"): "alone"})
    assert (real.read_bytes(), {*real.parent.iterdir()}) == (before, files)


def test_a_mapping_that_is_no_toml_is_told(editor: MappingEditor) -> None:
    """And it is left as it is."""
    editor.mapping.write_text("title = ", "utf-8")

    with pytest.raises(MappingError, match="not TOML"):
        editor.questions()
