"""What the tests of reports share: expected files, and sites of invented people."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.report.made_up import Survey, content, site_of, spoiled
from wbskills.report.content import Content

FOLDER = Path(__file__).parent / "golden"


class Golden:
    """A file of expected text: equal to the same text, rewritten if WBSKILLS_GOLDEN=1."""

    def __init__(self, path: Path, *, rewrite: bool) -> None:
        self.path, self.rewrite = path, rewrite

    def __eq__(self, text: object) -> bool:
        if self.rewrite:
            self.path.parent.mkdir(exist_ok=True)
            self.path.write_text(str(text), encoding="utf-8", newline="")
        with self.path.open(encoding="utf-8", newline="") as file:
            return file.read() == text

    def __repr__(self) -> str:
        return f"<{self.path.name}; WBSKILLS_GOLDEN=1 rewrites it>"

    __hash__ = None  # type: ignore[assignment]  # compared, never kept in a set


@pytest.fixture
def golden() -> Callable[[str], Golden]:
    """Expected files by name."""
    rewrite = os.environ.get("WBSKILLS_GOLDEN") == "1"
    return lambda name: Golden(FOLDER / name, rewrite=rewrite)


@pytest.fixture(scope="session")
def small() -> Content:
    """A site that a person can read through."""
    return content(Survey(communities=3, skills=6, people=5))


@pytest.fixture(scope="session")
def small_site(small: Content) -> dict[str, bytes]:
    """The files of the small site, by path."""
    return site_of(small)


@pytest.fixture(scope="session")
def hostile() -> Content:
    """A site in which every text that people can enter is an attack."""
    return spoiled(content(Survey(communities=4, skills=8, people=9)))


@pytest.fixture(scope="session")
def hostile_site(hostile: Content) -> dict[str, bytes]:
    """The files of the hostile site, by path."""
    return site_of(hostile)


@pytest.fixture(scope="session")
def empty_site() -> dict[str, bytes]:
    """The files of a site without people."""
    return site_of(content(Survey(0, 0, 0, waves=0)))
