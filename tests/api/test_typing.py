"""The types of the API, as strangers meet them."""

from pathlib import Path

from mypy import api


def test_a_strangers_script_passes_strict_type_checks(tmp_path: Path) -> None:
    """And a wrong argument does not."""
    script = Path(__file__).with_name("stranger.py")
    wrong = tmp_path / "wrong.py"
    wrong.write_text("import wbskills\n\nwbskills.open(3)\n", encoding="utf-8")

    report, errors, code = api.run(["--strict", "--follow-imports=silent", str(script)])
    assert (code, errors) == (0, ""), report
    report, _, code = api.run(["--strict", "--follow-imports=silent", str(wrong)])
    assert code == 1, report
    assert "arg-type" in report
