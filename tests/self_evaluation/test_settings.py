"""The settings of the form: all faults at once, and no secret in the file."""

from pathlib import Path

import pytest

from wbskills.errors import StoreError
from wbskills.private_records.sealing import FILE, VARIABLE, Key, SealBroken, load_key
from wbskills.private_records.self_evaluations import SelfEvaluations
from wbskills.tasks.form_settings import SECRET, FormSettings, SettingsError, load_settings
from wbskills.wikibase.remote.login import SecretError


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, with no settings of a user."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv(SECRET, raising=False)
    monkeypatch.delenv(VARIABLE, raising=False)


def test_without_a_file_there_are_the_usual_ones() -> None:
    """Accounts and invitations, for ambassadors."""
    assert load_settings() == FormSettings()


def test_all_faults_are_told_at_once() -> None:
    """With the place of each."""
    Path("wbskills.toml").write_text(
        """
        [self_evaluation]
        log_in = ["wiki", "telephone"]
        coordinators = ["a#b"]
        colour = "green"
        [self_evaluation.wiki]
        rest = "http://meta.example/w/rest.php"
        """
    )
    with pytest.raises(SettingsError) as caught:
        load_settings()
    for said in ("telephone", "a#b", "colour", "not encrypted", "client_id"):
        assert said in str(caught.value)


def test_where_the_secret_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a private file or the environment, and in no text."""
    Path("secret").write_text("s3cret\n")
    Path("wbskills.toml").write_text(
        """
        [self_evaluation.wiki]
        rest = "https://meta.example/w/rest.php"
        client_id = "x"
        secret_file = "secret"
        """
    )
    Path("secret").chmod(0o644)
    with pytest.raises(SecretError, match="chmod 600"):
        load_settings()
    Path("secret").chmod(0o600)
    found = load_settings()
    assert found.wiki is not None
    assert found.wiki.client_secret == "s3cret"  # noqa: S105 - of this test
    assert "s3cret" not in repr(found)
    monkeypatch.setenv(SECRET, "other")
    found = load_settings()
    assert found.wiki is not None
    assert found.wiki.client_secret == "other"  # noqa: S105 - of this test


def test_the_key_is_made_once_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And lies in the settings, unless it is in the environment."""
    key = load_key(tmp_path / "config")
    file = tmp_path / "config" / FILE
    assert file.stat().st_mode & 0o077 == 0
    sealed = key.seal("told")
    assert load_key(tmp_path / "config").open(sealed) == "told"
    assert repr(key) == "Key(…)"
    file.chmod(0o644)
    with pytest.raises(StoreError, match="chmod 600"):
        load_key(tmp_path / "config")
    monkeypatch.setenv(VARIABLE, "no key")
    with pytest.raises(StoreError, match="is not a key"):
        load_key(tmp_path / "config")


def test_another_key_is_refused(tmp_path: Path) -> None:
    """What people have written must not be lost silently."""
    with SelfEvaluations(tmp_path, b"salt", Key.random()):
        pass
    with pytest.raises(StoreError, match="put the key of before back"):
        SelfEvaluations(tmp_path, b"salt", Key.random())
    with pytest.raises(SealBroken):
        Key.random().open(Key.random().seal("x"))
