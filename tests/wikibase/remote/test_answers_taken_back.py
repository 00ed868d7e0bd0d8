"""A corrected file is imported into a Wikibase far away: the same comes of it as in a folder."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import wbskills
from tests.tasks.corrected_files import FULL, MAPPING, Row, write
from tests.wikibase.remote.disturbed_wiki import DisturbedWiki, snapshot

SECOND = FULL | {"SK lua_modules": "", "HELP python": "", "Language": "", "Home": "frwiki"}


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    """The file of the mapping."""
    file = tmp_path / "mapping.toml"
    file.write_text(MAPPING, encoding="utf-8")
    return file


@pytest.fixture
def far(wiki: DisturbedWiki, monkeypatch: pytest.MonkeyPatch) -> Iterator[wbskills.Capacity]:
    """The wiki, opened by its profile."""
    monkeypatch.chdir(wiki.folder)
    monkeypatch.setenv("XDG_STATE_HOME", str(wiki.folder / "elsewhere"))
    monkeypatch.setenv("WBSKILLS_SECRET_FAR", wiki.served.bot_password)
    (wiki.folder / "wbskills.toml").write_text(
        f'[wikibase.far]\napi = "{wiki.served.api}"\nsparql = "{wiki.served.sparql}"\n'
        'login = "bot-password"\nuser = "Tester@tests"\nstate = "."\n'
    )
    with wbskills.open("far") as opened:
        yield opened


def survey(folder: Path, row: Row) -> Path:
    """Write a file in which six people answered the same."""
    return write(folder / "answers.csv", {number: (number, row) for number in range(1, 7)}, "Ada")


def people(wiki: DisturbedWiki) -> dict[str, Any]:
    """Describe the items of people."""
    found = snapshot(wiki.served.store)
    return {
        name: item for name, item in found.items() if item["labels"].get("en", "")[:3] == "Ada"
    }


def test_a_correction_over_http_is_made_once_and_can_be_undone(
    far: wbskills.Capacity, wiki: DisturbedWiki, mapping: Path, tmp_path: Path
) -> None:
    """One edit for each person; again none; undo brings all back."""
    far.import_survey(survey(tmp_path, FULL), mapping=mapping)
    before = people(wiki)
    file = survey(tmp_path, SECOND)
    planned = str(far.plan_survey(file, mapping=mapping))
    wiki.traffic.reset()

    receipt = far.import_survey(file, mapping=mapping)

    assert wiki.traffic.actions["wbeditentity"] == 6
    assert "18 statements would be removed" in planned  # home, language and one skill of each
    assert receipt.tally.statements_removed == 18
    after = people(wiki)
    assert len(after) == 6
    assert all(len(after[name]["statements"]) < len(before[name]["statements"]) for name in after)
    assert far.import_survey(file, mapping=mapping).edits == 0
    far.undo(receipt.batch)
    assert people(wiki) == before


@pytest.mark.parametrize("moment", [1, 3, 6])
def test_a_correction_that_was_refused_in_part_is_completed(
    far: wbskills.Capacity, wiki: DisturbedWiki, mapping: Path, tmp_path: Path, moment: int
) -> None:
    """The batch is resumed, and ends as if nothing had been refused."""
    far.import_survey(survey(tmp_path, FULL), mapping=mapping)
    file = survey(tmp_path, SECOND)
    wiki.traffic.reset()
    wiki.traffic.acts[moment] = lambda: setattr(wiki.served.faults, "refuse", "Ada")
    broken = far.import_survey(file, mapping=mapping)
    assert broken.refused
    wiki.served.faults.refuse = ""

    far.resume(broken.batch)

    assert far.import_survey(file, mapping=mapping).edits == 0
    for person in people(wiki).values():
        texts = str(person["statements"])
        assert "Lua modules" not in texts
        assert "German" not in texts
