"""Where the secret of a log-in comes from: the environment, a private file, or the keyring.

Never from a profile, which people copy and commit. In this order, the first that is there:

1. `WBSKILLS_SECRET_NAME` in the environment, NAME being that of the profile in capitals
   with `_` for `-`;
2. the file that `secret_file` in the profile names, which nobody else may be able to read;
3. the system's keyring, service `wbskills`, user NAME, where the profile says `keyring = true`.

What stands there is the secret itself (a bot password, an OAuth 2 access token), or, where a
log-in has several parts, `name=value` for each of them, apart by blanks or lines.
"""

import os
import re
import shlex
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from wbskills.errors import NotFound, WbskillsError
from wbskills.wikibase.remote.profile import Login, Profile, Secret

SERVICE: Final = "wbskills"
_TOKEN: Final = re.compile(r"[!-~]+")
_LONGEST: Final = 20_000  # bytes of a file; an OAuth 2 access token has about 1,000

# Parts that are enough for a log-in; the name of a single one may be left out.
PARTS: Final[Mapping[Login, tuple[tuple[str, ...], ...]]] = {
    Login.NONE: ((),),
    Login.BOT_PASSWORD: (("password",),),
    Login.OAUTH1: (("consumer_token", "consumer_secret", "access_token", "access_secret"),),
    Login.OAUTH2: (("access_token",), ("consumer_token", "consumer_secret")),
}


class SecretError(WbskillsError):
    """A secret is missing, can be read by others, or is not what the log-in needs."""


def find_secret(profile: Profile) -> Secret:
    """Find the secret of a profile's log-in.

    Raises `SecretError` if there is none, or others can read it.
    """
    if profile.login is Login.NONE:
        return Secret({})
    name = variable(profile.name)
    if told := os.environ.get(name):
        return parsed(told, profile.login, f"${name}")
    if profile.secret_file is not None:
        return parsed(
            _of_file(profile.secret_file), profile.login, f"the file {profile.secret_file}"
        )
    if profile.keyring:
        return parsed(_of_keyring(profile.name), profile.login, "the keyring")
    raise SecretError(
        f"the secret of the profile “{profile.name}” is not known",
        hint=f"the environment variable {name}, secret_file or keyring = true in the profile",
    )


def variable(name: str) -> str:
    """Give the environment variable that holds the secret of a profile.

    >>> variable("our-wiki")
    'WBSKILLS_SECRET_OUR_WIKI'
    """
    return f"WBSKILLS_SECRET_{name.upper().replace('-', '_')}"


def parsed(text: str, login: Login, where: str) -> Secret:
    """Read the text of a secret. Raises `SecretError`, which never quotes it."""
    known = {part for parts in PARTS[login] for part in parts}
    pieces = [piece.partition("=") for piece in text.split()]
    if pieces and all(sign and name in known for name, sign, _ in pieces):
        found = {name: value for name, _, value in pieces}
    else:
        single = next((parts[0] for parts in PARTS[login] if len(parts) == 1), None)
        found = {single: text.strip()} if single and text.strip() else {}
    if login in {Login.OAUTH1, Login.OAUTH2}:
        # They go into headers, and what cannot stand there would be quoted by whoever finds out.
        found = {name: value for name, value in found.items() if _TOKEN.fullmatch(value)}
    for parts in PARTS[login]:
        if all(found.get(part) for part in parts):
            return Secret({part: found[part] for part in parts})
    wanted = ", or ".join(" ".join(f"{part}=…" for part in parts) for parts in PARTS[login])
    raise SecretError(f"{where} does not hold what the log-in {login} needs", hint=wanted)


def _of_file(file: Path) -> str:
    try:
        # The rights are those of the very file that is read, whoever may be changing names.
        with file.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
                raise SecretError(
                    f"others can read {file}", hint=f"chmod 600 {shlex.quote(str(file))}"
                )
            return opened.read(_LONGEST).decode("utf-8")
    except OSError as error:
        raise SecretError(
            f"the secret in {file} cannot be read: {error.strerror}",
            hint="a file that you may read, and nobody else",
        ) from error
    except UnicodeDecodeError:
        # `from None`: the error's own text has the bytes.
        raise SecretError(f"{file} is not UTF-8", hint="a text file") from None


def _of_keyring(name: str) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError as error:
        raise NotFound(
            "the library for keyrings is not installed", hint='pip install "wbskills[keyring]"'
        ) from error
    try:
        found: str | None = keyring.get_password(SERVICE, name)
    except KeyringError as error:
        raise SecretError(
            f"the keyring cannot be used: {type(error).__name__}",
            hint="unlocking it, or another place for the secret",
        ) from error
    if not found:
        raise SecretError(
            f"the keyring holds no secret of “{name}”",
            hint=f"python -m keyring set {SERVICE} {name}",
        )
    return found
