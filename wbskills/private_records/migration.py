"""Moving the records that earlier versions kept for each profile into one folder for each wiki.

Block lists are joined; all journals, receipts and decisions are kept. There can be one salt only:
that of the folder with the latest batch; the others are stored next to it. Suggestions that wait
for a decision are dropped, as the next import of their survey adds them again.

Each step can be repeated, so that the next run completes an interrupted one.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Final

from wbskills.bulk import ignore
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


def migrate(profile: Profile, on_progress: Callable[[str], object] = ignore) -> None:
    """Move all records of a profile's wiki into its folder.

    Raises `StoreError` if a file is damaged or cannot be moved; then nothing of it is lost.
    """
    if profile.state != state_folder_of(profile.api):
        return  # the profile names a folder of its own
    former = former_state_folders(profile.api)
    if not former:
        return
    try:
        if not profile.state.exists():
            former.sort(key=lambda folder: (_newest_batch(folder), folder.name), reverse=True)
            first = former.pop(0)
            first.rename(profile.state)
            on_progress(f"The records of this wiki moved from {first} to {profile.state}")
        for folder in former:
            if _same_wiki(folder, profile.state):
                _merge(folder, profile.state)
                on_progress(
                    f"{folder} was merged into {profile.state}: removed people, batches and"
                    " receipts. The next import of a survey adds its suggestions again, and gives"
                    " its statements new response keys"
                )
    except OSError as error:
        raise StoreError(
            f"the records cannot be merged into {profile.state}: {error.strerror}",
            hint="free some space on the disk, or get permission to write there; then run the"
            " same command again",
        ) from error


def _newest_batch(folder: Path) -> str:
    """Return the file name of the latest batch, which begins with its time."""
    return max((path.name for path in (folder / JOURNALS).glob(f"*{ENDING}")), default="")


def _same_wiki(folder: Path, other: Path) -> bool:
    """Whether two folders may be about one wiki: their concept bases do not differ."""
    bases = {_base_of(folder), _base_of(other)} - {""}
    return len(bases) < 2


def _base_of(folder: Path) -> str:
    """Return the concept base of a folder; empty if it is not stored."""
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
            hint="move it elsewhere; everything except the salt is also in the wiki",
        ) from error


def _merge(folder: Path, into: Path) -> None:
    """Move everything in a folder into another one, and remove the folder."""
    if (folder / BLOCKED).exists():
        Forgotten(into).take_over(folder / BLOCKED)
    if (folder / QUEUE).exists():
        _copy_decisions(folder, into)
    salts = {name: value for name, value in _settings(folder).items() if name.startswith("salt")}
    if salts and not (into / STATE).exists():
        shutil.move(folder / STATE, into / STATE)
    elif salts:
        _store_salts(into, folder.name, salts.items())
    for path in sorted(folder.rglob("*")):
        if path.is_dir() or path.name in _MERGED:
            continue
        to = into / path.relative_to(folder)
        private_folder(to.parent)
        if to.exists():
            to = to.with_name(f"{path.stem} of {folder.name}{path.suffix}")
        shutil.move(path, to)
    shutil.rmtree(folder)


def _copy_decisions(folder: Path, into: Path) -> None:
    """Copy decisions on suggestions that have none yet."""
    with Candidates(folder, write=False) as theirs, Candidates(into) as ours:
        known = {decision.wording for decision in ours.decisions()}
        for decision in theirs.decisions():
            if decision.wording not in known:
                ours.decide(decision)


def _store_salts(into: Path, name: str, salts: Iterable[tuple[str, str | bytes]]) -> None:
    with closing(sqlite3.connect(into / STATE)) as db, db:
        db.executemany(
            "INSERT OR IGNORE INTO setting VALUES (?, ?)",
            [(f"{which} of {name}", value) for which, value in salts],
        )
