"""The documents name files and pages that exist."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from wbskills.cli import main
from wbskills.report.translation import available_languages

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "scripts").rglob("*.md")]
)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(document: Path) -> None:
    """A relative link names a file that exists, and a heading of it."""
    text = document.read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", text)

    broken = [target for target in targets if not _exists(document, target)]

    assert broken == []


def test_the_architecture_names_modules_that_exist() -> None:
    """Every path in code marks is below the root, the package or the folder named before."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    names = set(re.findall(r"`((?:[a-z_]+/)*[a-z_]+\.(?:py|toml|rq|md))`", text))
    folders = ("wbskills", "ontology", "queries", "docs", "scripts", "tests")
    present = [str(path) for folder in folders for path in (ROOT / folder).rglob("*.*")]

    missing = [name for name in names if not any(path.endswith(f"/{name}") for path in present)]

    assert len(names) > 30
    assert missing == []


def _exists(document: Path, target: str) -> bool:
    name, _, anchor = target.partition("#")
    file = (document.parent / name).resolve() if name else document
    if not anchor or file.suffix != ".md":
        return file.exists()
    headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return anchor in {
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings
    }


def test_the_help_of_the_report_lists_its_languages() -> None:
    """They are written there so that a help text loads nothing."""
    done = CliRunner().invoke(main, ["report", "build", "--help"])

    assert f"Pages: {', '.join(sorted(available_languages()))}." in " ".join(done.output.split())


def test_every_query_is_listed_in_its_document() -> None:
    """With the others, so that people find it."""
    text = (ROOT / "docs" / "saved-queries.md").read_text(encoding="utf-8")
    queries = [path.stem for path in (ROOT / "queries").glob("*.rq")]

    assert len(queries) > 20
    assert [name for name in queries if f"`{name}`" not in text] == []
