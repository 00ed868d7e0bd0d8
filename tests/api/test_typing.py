"""The types of the API, as strangers meet them."""

from pathlib import Path

from mypy import api


def test_a_strangers_script_passes_strict_type_checks() -> None:
    """And a wrong argument does not."""
    script = Path(__file__).with_name("stranger.py")
    wrong = "import wbskills; wbskills.open(3)"

    report, errors, code = api.run(["--strict", "--follow-imports=silent", str(script)])
    assert (code, errors) == (0, ""), report
    report, _, code = api.run(["--strict", "--follow-imports=silent", "-c", wrong])
    assert code == 1
    assert "arg-type" in report
