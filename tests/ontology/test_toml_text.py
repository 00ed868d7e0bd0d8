"""Untrusted TOML is read at a cost that is bounded by its size."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from wbskills import toml_reader
from wbskills.data import ontology_folder
from wbskills.errors import WbskillsError
from wbskills.ontology.load import load
from wbskills.surveys import capacity_ratings
from wbskills.surveys.mapping import toml_file
from wbskills.wikibase.remote.profile import read_profiles

DOTTED = ".".join(["a"] * 100_000)
HARMFUL = {
    "key": (f"{DOTTED} = 1", "more than 32 parts"),
    "table": (f"[table]\nother = 1\n[{DOTTED}]", "more than 32 parts .at line 3."),
    "tables": (f"[[{DOTTED}]]", "more than 32 parts"),
    "quoted": (" . ".join(["a", '"b c"', "'d'"] * 20_000) + " = 1", "more than 32 parts"),
    "arrays": ("a = " + "[" * 100_000, "nested too deeply"),
    "inline": ("a = " + "{b=" * 100_000, "nested too deeply"),
    "long": ("#" * (toml_reader.LONGEST + 1), "more than 4,000,000 characters"),
}


@pytest.mark.parametrize(
    "read",
    [
        toml_file.load,
        read_profiles,
        lambda file: load(ontology_folder(), file),
        lambda file: capacity_ratings.load(file, load(ontology_folder())),
    ],
    ids=["mapping", "profiles", "ontology", "ratings"],
)
@pytest.mark.parametrize("name", HARMFUL)
def test_what_would_take_gigabytes_is_refused(
    read: Callable[[Path], object], name: str, tmp_path: Path
) -> None:
    """A key of 100,000 parts took 5.8 GB."""
    text, told = HARMFUL[name]
    file = tmp_path / "harmful.toml"
    file.write_text(text)
    tracemalloc.start()
    try:
        with pytest.raises(WbskillsError, match=f"this is not TOML: .*{told}"):
            read(file)
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "form",
    [
        'a = "{}"', "a = '{}'", 'a = """\n{}\n"""', "a = '''\n{}'''", "# {}", "a = 1 # {}",
        '"{}" = 1', '"\\"{}" = 1', "'{}'.b = 1",
    ],
)  # fmt: skip
def test_dots_in_texts_are_no_parts(form: str) -> None:
    """Nor are those in comments and in quoted names."""
    toml_reader.loads(form.replace("{}", DOTTED))


def test_a_key_of_a_mapping_is_read_as_ever() -> None:
    """Quoted, dotted, and as deep as a mapping needs."""
    deep = ".".join(["a"] * toml_reader.MOST_PARTS)

    assert toml_reader.loads("a.\"b.c\" . 'd' = 1.5") == {"a": {"b.c": {"d": 1.5}}}
    assert toml_reader.loads(f"{deep} = 1")
