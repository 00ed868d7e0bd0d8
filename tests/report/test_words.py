"""Words and looks: every message is there, and every shade can be read."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

import wbskills.report
from wbskills.errors import InvalidValue
from wbskills.report.words import Words

FOLDER = Path(wbskills.report.__file__).parent
CSS = (FOLDER / "static" / "site.css").read_text(encoding="utf-8")
BUILT = ("map.key_", "nav.", "skill.")  # names that templates put together


def test_templates_and_messages_agree() -> None:
    """No page looks for a message that is not there; no message waits for a page."""
    sections = tomllib.loads((FOLDER / "messages" / "en.toml").read_text(encoding="utf-8"))
    there = {f"{section}.{name}" for section, names in sections.items() for name in names}
    texts = [file.read_text(encoding="utf-8") for file in (FOLDER / "templates").iterdir()]
    used = {name for text in texts for name in re.findall(r't\("([a-z_.]+[a-z])"', text)}
    assert used <= there
    assert {name for name in there - used if not name.startswith(BUILT)} == set()


def test_values_are_escaped_and_messages_too() -> None:
    """A level named like a tag is shown like a level."""
    words = Words("en")
    assert str(words("map.lead", level="<b>")).count("&lt;b&gt;") == 1
    assert str(words("index.people", n=1)) == "person"
    assert str(words("index.people", n=2)) == "people"


def test_a_value_keeps_its_direction_to_itself() -> None:
    """A label that turns the direction of writing does not turn the sentence around it."""
    text = Words("en")("map.lead", level="\u202egnp.exe\u2069")
    assert "“\u2068gnp.exe\u2069”" in text


def test_what_is_not_translated_is_english(tmp_path: Path) -> None:
    """Half a translation is of use; a regional one stands on the general one."""
    (tmp_path / "en.toml").write_text('[a]\nx = "one & two"\ny = "why"\nz = "zed"\n')
    (tmp_path / "pt.toml").write_text('[a]\nx = "um"\nz = "zê"\n', encoding="utf-8")
    (tmp_path / "pt-br.toml").write_text('[a]\nx = "um só"\n', encoding="utf-8")
    words = Words("pt-BR", folder=tmp_path)
    assert [words("a.x"), words("a.y"), words("a.z")] == ["um só", "why", "zê"]
    assert Words("ja", folder=tmp_path)("a.x") == "one &amp; two"


@pytest.mark.parametrize(
    ("language", "direction"),
    [("en", "ltr"), ("ar", "rtl"), ("fa-IR", "rtl"), ("az-Arab", "rtl"), ("ku-Latn", "ltr"),
     ("ks-latn", "ltr"), ("zh-hant", "ltr")],
)  # fmt: skip
def test_direction_comes_from_the_language(language: str, direction: str) -> None:
    """The script counts more than the language."""
    assert Words(language).direction == direction


@pytest.mark.parametrize("language", ["", "../../etc/passwd", "en/x", 'en"'])
def test_a_language_is_a_code(language: str) -> None:
    """It becomes part of a path and of a tag."""
    with pytest.raises(InvalidValue, match="not the code of a language"):
        Words(language)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_shade_can_be_read(theme: int) -> None:
    """Text on a cell has a contrast of 4.5 or more, and shades go one way from light to dark."""
    colours = [
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block))
        for block in re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    ]
    chosen = colours[0] | colours[theme]
    pairs = [(chosen[name], chosen[f"on-{name}"]) for name in "abcdef"]
    pairs += [(chosen[ground], chosen[text]) for ground in ("paper", "wash", "tag")
              for text in ("ink", "soft", "link")]  # fmt: skip
    for ground, text in pairs:
        light, dark = sorted((luminance(ground), luminance(text)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (ground, text)
    steps = [luminance(chosen[name]) for name in "abcdef"]
    assert all((a > b) == (theme == 0) for a, b in pairwise(steps))


def test_nothing_is_fetched_from_elsewhere() -> None:
    """The report works without a network, and tells nobody who reads it."""
    for file in (FOLDER / "static").iterdir():
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|//[a-z]+\.|@import|url\(", text), file.name


def luminance(colour: str) -> float:
    """WCAG's relative luminance of a colour."""
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
