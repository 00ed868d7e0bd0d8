"""Writing profiles: a table of TOML at the end of a file that people may edit as they like."""

import json
from collections.abc import Mapping
from pathlib import Path

from wbskills.errors import StoreError, WbskillsError
from wbskills.wikibase.remote.profile import parse_profiles, read_profiles

Setting = str | int | float | bool


def as_toml(name: str, settings: Mapping[str, Setting]) -> str:
    """Write a profile as a table of TOML; empty settings are left out."""
    lines = [f"[wikibase.{name}]"]
    lines += [f"{key} = {_value(value)}" for key, value in settings.items() if value != ""]
    return "\n".join(lines) + "\n"


def add_profile(file: Path, name: str, settings: Mapping[str, Setting]) -> None:
    """Add a profile to a file, which is made if it is not there; all else in it stays.

    Raises `ProfileError` if the file or the new profile is wrong, `WbskillsError` if there is
    one of this name already; then the file is as it was.
    """
    before = ""
    if file.is_file():
        if name in read_profiles(file):
            raise WbskillsError(
                f"{file} has a profile “{name}” already",
                hint="another name, or changing the file by hand",
            )
        before = file.read_text(encoding="utf-8").rstrip("\n") + "\n\n"
    text = before + as_toml(name, settings)
    parse_profiles(text, file)
    beside = file.with_name(f"{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        beside.replace(file)
    except OSError as error:
        raise StoreError(
            f"{file} cannot be written: {error.strerror}", hint="a folder that you may write to"
        ) from error


def _value(value: Setting) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    # What JSON escapes in a text, TOML escapes alike.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
