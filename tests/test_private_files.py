"""What tells of people, or holds secrets, is for its owner alone, also at a usual umask."""

import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import perf_counter

import pytest
from click.testing import CliRunner

from tests.query.demo import MAPPING, SURVEY
from wbskills.cli import main
from wbskills.domain import Identity
from wbskills.private_records.forgotten import FILE, Forgotten
from wbskills.stores import open_folder
from wbskills.wikibase.remote.state import LocalState
from wbskills.wikibase.server.accounts import add_user
from wbskills.wikibase.server.site import open_site

ADA, GRACE = Identity("wikimedia_username", "Ada"), Identity("pseudonym", "Grace")


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    """Everybody may read what is made without a thought."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def readable(folder: Path) -> list[str]:
    """List what others than the owner may read, or enter; Oxigraph may remove files meanwhile."""
    found = []
    for path in [folder, *folder.rglob("*")]:
        with suppress(FileNotFoundError):
            if path.stat().st_mode & 0o077:
                found.append(str(path))
    return found


def run(*arguments: str) -> None:
    """Run a command."""
    result = CliRunner().invoke(main, [*arguments], catch_exceptions=False)
    assert result.exit_code in {0, 1}, result.output


def test_a_store_and_all_that_commands_put_beside_it(tmp_path: Path) -> None:
    """Entities, triples, rows, answers, journals, receipts, the queue, blocks, rows set aside."""
    survey = tmp_path / "survey.csv"
    text = SURVEY.read_text(encoding="utf-8-sig")
    survey.write_text(text.replace("Yoruba Wikipedia", "Yourba Wikipedia", 1), encoding="utf-8")
    place, aside = tmp_path / "made" / "here", tmp_path / "aside.csv"
    at = ("--wikibase", str(place))

    run("survey", "apply", str(survey), "--mapping", str(MAPPING), *at, "--set-aside", str(aside))
    run("query", "run", "coverage", *at)
    run("forget", "Zoe", *at, "--yes", "--unseen")
    with open_site(str(place), "http://127.0.0.1") as site:
        add_user(site.store.accounts, "Ada", "secret")
        assert [path for path in readable(place) if "/triples/" not in path] == []

    assert readable(place) == []
    made = {path.name for path in place.rglob("*")}
    assert {"entities.sqlite", "triples", "journals", "receipts", "forgotten.json"} <= made
    assert [path for path in (tmp_path, tmp_path / "made") if path.stat().st_mode & 0o055] != []
    assert aside.stat().st_mode & 0o077 == 0


def test_a_store_of_before_is_tightened_when_it_is_written_to(tmp_path: Path) -> None:
    """But not by a process that only reads it; what a link leads to is not ours."""
    place, elsewhere = tmp_path / "store", tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    elsewhere.chmod(0o644)
    with open_folder(str(place)):
        pass
    (place / "link").symlink_to(elsewhere)
    for path in [place, *place.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)

    with open_folder(str(place), write=False):
        pass
    assert place.stat().st_mode & 0o777 == 0o755
    with open_folder(str(place)):
        assert place.stat().st_mode & 0o777 == 0o700
        assert (place / "entities.sqlite").stat().st_mode & 0o777 == 0o600
    elsewhere_is = elsewhere.stat().st_mode & 0o777

    (place / "link").unlink()
    assert readable(place) == []
    assert elsewhere_is == 0o644


def test_the_state_of_a_wiki(tmp_path: Path) -> None:
    """Also one that an earlier version made."""
    folder = tmp_path / "state"
    folder.mkdir(mode=0o755)
    (folder / "journals").mkdir()
    (folder / "journals" / "old.jsonl").write_text("{}")
    LocalState(folder, "http://example.org/entity/").close()

    assert readable(folder) == []


def test_a_key_of_a_name_is_slow_to_try_out(tmp_path: Path) -> None:
    """Milliseconds for one name, and not at all for who blocks nobody; once in a run."""
    blocked = Forgotten(tmp_path)
    start = perf_counter()
    assert not any(Identity("wikimedia_username", str(at)) in blocked for at in range(1000))
    free = perf_counter() - start
    blocked.add(ADA)
    names = [Identity("wikimedia_username", f"x{at}") for at in range(20)]
    start = perf_counter()
    assert not any(name in blocked for name in names)
    first = perf_counter() - start
    start = perf_counter()
    assert not any(name in blocked for name in names)
    again = perf_counter() - start

    assert free < 0.02
    assert 0.001 < first / len(names) < 0.1
    assert again < first / 10


def test_a_file_of_before_counts_and_is_made_anew(tmp_path: Path) -> None:
    """A key cannot be turned without its name; when that is seen, it is."""
    salt = secrets.token_hex(16)

    def fast(identity: Identity) -> str:
        name = f"{identity.property}/{identity.name}".encode()
        return hashlib.blake2b(name, key=bytes.fromhex(salt), digest_size=16).hexdigest()

    file = tmp_path / FILE
    old = {"forgotten": 1, "keys": {salt: [fast(ADA), fast(GRACE)]}}
    file.write_text(json.dumps(old), encoding="utf-8")
    file.chmod(0o644)

    blocked = Forgotten(tmp_path)
    assert len(blocked) == 2
    assert ADA in blocked
    text = file.read_text(encoding="utf-8")
    assert fast(ADA) not in text
    assert fast(GRACE) in text
    assert file.stat().st_mode & 0o077 == 0
    assert not blocked.add(GRACE)
    assert salt not in file.read_text(encoding="utf-8")
    again = Forgotten(tmp_path)
    assert len(again) == 2
    assert ADA in again
    assert GRACE in again


def test_two_who_block_at_once_both_do(tmp_path: Path) -> None:
    """Each had read the file before the other wrote it."""
    one, other = Forgotten(tmp_path), Forgotten(tmp_path)
    one.add(ADA)
    other.add(GRACE)

    both = Forgotten(tmp_path)
    assert ADA in both
    assert GRACE in both
