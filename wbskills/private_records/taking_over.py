"""What earlier versions remembered for each profile, brought together for the wiki it is of.

A block list is joined, journals and receipts of all are kept. There can be one salt only: it is
that of the folder with the newest batch, as the wiki was written with it last; the others are
noted beside it. What waits to be read again in surveys (words that people named) is dropped.

Each step can be repeated, so a run that is broken off is gone on with by the next one.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Final

from wbskills.errors import StoreError
from wbskills.private_files import private_folder
from wbskills.private_records.candidates import FILE as QUEUE
from wbskills.private_records.candidates import Candidates
from wbskills.private_records.forgotten import FILE as BLOCKED
from wbskills.private_records.forgotten import Forgotten
from wbskills.wikibase.journal.read import ENDING, JOURNALS
from wbskills.wikibase.remote.profile import Profile, former_state_folders, state_folder_of
from wbskills.wikibase.remote.state import FILE as STATE

_MERGED: Final = frozenset({QUEUE, BLOCKED, STATE, f"{STATE}-wal", f"{STATE}-shm"})

Tell = Callable[[str], object]


def take_over(profile: Profile, tell: Tell = lambda _: None) -> None:
    """Bring the state of a profile's wiki together in its folder.

    Raises `StoreError` if a file is damaged or cannot be moved: then nothing of it is lost.
    """
    if profile.state != state_folder_of(profile.api):
        return  # the profile says where
    former = former_state_folders(profile.api)
    if not former:
        return
    try:
        if not profile.state.exists():
            former.sort(key=lambda folder: (_newest_batch(folder), folder.name), reverse=True)
            first = former.pop(0)
            first.rename(profile.state)
            tell(f"What is remembered of this wiki moved from {first} to {profile.state}")
        for folder in former:
            if _same_wiki(folder, profile.state):
                _merge(folder, profile.state)
                tell(
                    f"{folder} was joined with {profile.state}: who asked to be forgotten,"
                    " batches and receipts; words that people named come back with the next"
                    " import of their survey, which also gives its statements new response keys"
                )
    except OSError as error:
        raise StoreError(
            f"{profile.state} cannot take over what is remembered: {error.strerror}",
            hint="room on the disk, and the right to write there; then the same command again",
        ) from error


def _newest_batch(folder: Path) -> str:
    """Give the name of the newest batch, which begins with its time."""
    return max((path.name for path in (folder / JOURNALS).glob(f"*{ENDING}")), default="")


def _same_wiki(folder: Path, other: Path) -> bool:
    """Tell whether two folders may be about one wiki: a profile may have named another base."""
    bases = {_base_of(folder), _base_of(other)} - {""}
    return len(bases) < 2


def _base_of(folder: Path) -> str:
    """Tell which concept base a folder is about; empty if it does not say."""
    found = _settings(folder).get("concept_base", "")
    return found.decode() if isinstance(found, bytes) else found


def _settings(folder: Path) -> dict[str, str | bytes]:
    if not (folder / STATE).is_file():
        return {}
    try:
        with closing(sqlite3.connect(folder / STATE)) as db:
            return dict(db.execute("SELECT name, value FROM setting"))
    except sqlite3.DatabaseError as error:
        raise StoreError(
            f"{folder / STATE} is damaged: {error}",
            hint="moving it away; all is found again in the wiki, but for the salt",
        ) from error


def _merge(folder: Path, into: Path) -> None:
    """Move everything of a folder into another one, and remove it."""
    if (folder / BLOCKED).exists():
        Forgotten(into).take_over(folder / BLOCKED)
    if (folder / QUEUE).exists():
        _decisions(folder, into)
    salts = {name: value for name, value in _settings(folder).items() if name.startswith("salt")}
    if salts and not (into / STATE).exists():
        shutil.move(folder / STATE, into / STATE)
    elif salts:
        _note_salts(into, folder.name, salts.items())
    for path in sorted(folder.rglob("*")):
        if path.is_dir() or path.name in _MERGED:
            continue
        to = into / path.relative_to(folder)
        private_folder(to.parent)
        if to.exists():
            to = to.with_name(f"{path.stem} of {folder.name}{path.suffix}")
        shutil.move(path, to)
    shutil.rmtree(folder)


def _decisions(folder: Path, into: Path) -> None:
    """Take over what was decided on words, where nothing else was decided."""
    with Candidates(folder, write=False) as theirs, Candidates(into) as ours:
        known = {each.wording for each in ours.decisions()}
        for each in theirs.decisions():
            if each.wording not in known:
                ours.decide(each)


def _note_salts(into: Path, name: str, salts: Iterable[tuple[str, str | bytes]]) -> None:
    with closing(sqlite3.connect(into / STATE)) as db, db:
        db.executemany(
            "INSERT OR IGNORE INTO setting VALUES (?, ?)",
            [(f"{which} of {name}", value) for which, value in salts],
        )
