"""Messages and styles: every message exists, and text on every shade is readable."""

import re
import tomllib
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from string import Formatter

import pytest
from markupsafe import Markup

import wbskills.report
from wbskills.data import base_stylesheet
from wbskills.errors import InvalidValue
from wbskills.report.translation import Translation

FOLDER = Path(wbskills.report.__file__).parent
CSS = "".join(
    file.read_text(encoding="utf-8")
    for file in (base_stylesheet(), FOLDER / "static" / "site.css")
)
# Names that templates put together.
BUILT = (
    "fault.",
    "map.key_", "map.example_", "nav.", "skill.", "robustness.", "table.", "freshness.band_",
)  # fmt: skip
LANGUAGES = sorted(file.stem for file in (FOLDER / "messages").glob("*.toml"))
Message = str | dict[str, str]


def messages(language: str) -> dict[str, Message]:
    """All messages of a language, by name."""
    text = (FOLDER / "messages" / f"{language}.toml").read_text(encoding="utf-8")
    sections = tomllib.loads(text)
    return {f"{section}.{name}": message for section, names in sections.items()
            for name, message in names.items()}  # fmt: skip


def texts(message: Message) -> list[str]:
    """A message in all its plural forms."""
    return [message] if isinstance(message, str) else list(message.values())


def test_templates_and_messages_agree() -> None:
    """Every message that is used exists, and every message is used."""
    there = set(messages("en"))
    sources = [*(FOLDER / "templates").iterdir(), *FOLDER.glob("*.py")]
    used = {
        name
        for file in sources
        for name in re.findall(
            r'\b(?:t|plain)\(\s*"([a-z]+\.[a-z_0-9]*[a-z0-9])"',
            file.read_text(encoding="utf-8"),
        )
    } | {"freshness.undated", "site.title", "word.availability", "word.time_zone"}
    assert used <= there
    # Headings are named in tables of their own.
    named = {
        name
        for file in FOLDER.glob("*.py")
        for name in re.findall(r"[\"'=+ ]([a-z]+\.[a-z_]+)\b", file.read_text(encoding="utf-8"))
    }
    assert {name for name in there - used - named if not name.startswith(BUILT)} == set()


def test_values_are_escaped_and_messages_too() -> None:
    """A level that looks like a tag is shown as text."""
    words = Translation("en")
    assert str(words("coverage.lead", level="<b>")).count("&lt;b&gt;") == 1
    assert str(words("coverage.lead", level=Markup("<b>"))).count("<b>") == 1
    assert str(words("index.people", n=1)) == "person"
    assert str(words("index.people", n=2)) == "people"


def test_messages_are_escaped_once(tmp_path: Path) -> None:
    """Doubled braces are braces."""
    (tmp_path / "en.toml").write_text('[x]\ny = "R&D {{of}} {who} <3"\n', encoding="utf-8")
    words = Translation("en", folder=tmp_path)
    assert str(words("x.y", who="A&B")) == "R&amp;D {of} A&amp;B &lt;3"
    assert words.plain("x.y", who="A&B") == "R&D {of} A&B <3"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_each_message_with_its_values(language: str) -> None:
    """A translation has every message with the same values."""
    english, own = messages("en"), messages(language)
    assert set(own) == set(english)
    # Spanish and French have a form of their own for whole millions; “other” does for these.
    plurals = {*map(Translation(language).plural, range(200)), "other"}
    for name, message in own.items():
        wanted = {value for text in texts(english[name]) for value in values(text)}
        assert {value for text in texts(message) for value in values(text)} == wanted, name
        assert isinstance(message, str) == isinstance(english[name], str), name
        if not isinstance(message, str):
            assert set(message) == plurals, (name, "needs", sorted(plurals))
            required = wanted - {"n"}  # “one person” needs no 1
            assert all(required <= set(values(text)) for text in message.values()), name


def values(text: str) -> list[str]:
    """The names of the values in a message."""
    return [name for _, name, _, _ in Formatter().parse(text) if name]


@pytest.mark.parametrize(
    ("language", "number", "share", "day", "age"),
    [
        ("en", "1,234.5", "63%", "Mar 4, 2026", "8 months"),
        ("de", "1.234,5", "63\u00a0%", "04.03.2026", "8 Monate"),
        ("es", "1.234,5", "63\u00a0%", "4 mar 2026", "8 meses"),
        ("fr", "1\u202f234,5", "63\u00a0%", "4 mars 2026", "8 mois"),
        ("tlh", "1,234.5", "63%", "Mar 4, 2026", "8 months"),
    ],
)
def test_numbers_are_formatted_by_language(
    language: str, number: str, share: str, day: str, age: str
) -> None:
    """An unknown language has the formats of English."""
    words = Translation(language)
    assert words.number(Decimal("1234.5"), 1) == number
    assert words.percent(5, 8) == share
    assert words.day(date(2026, 3, 4)) == day
    assert words.age(240) == age


def test_shares_are_never_rounded_to_all_or_nothing() -> None:
    """Only none is 0%, and only all is 100%; without people there is no share."""
    words = Translation("en")
    found = [words.percent(part, 1000) for part in (0, 1, 5, 500, 999, 1000)]
    assert found == ["0%", "<1%", "<1%", "50%", ">99%", "100%"]
    assert words.percent(0, 0) == "–"


def test_the_direction_of_values_is_isolated() -> None:
    """A label cannot change the direction of the sentence."""
    text = Translation("en")("coverage.lead", level="\u202egnp.exe\u2069")
    assert "“\u2068gnp.exe\u2069”" in text


def test_missing_messages_are_english(tmp_path: Path) -> None:
    """A regional translation falls back to the general one first."""
    (tmp_path / "en.toml").write_text('[a]\nx = "one & two"\ny = "why"\nz = "zed"\n')
    (tmp_path / "pt.toml").write_text('[a]\nx = "um"\nz = "zê"\n', encoding="utf-8")
    (tmp_path / "pt-br.toml").write_text('[a]\nx = "um só"\n', encoding="utf-8")
    words = Translation("pt-BR", folder=tmp_path)
    assert [words("a.x"), words("a.y"), words("a.z")] == ["um só", "why", "zê"]
    assert Translation("ja", folder=tmp_path)("a.x") == "one &amp; two"


@pytest.mark.parametrize(
    ("language", "direction"),
    [("en", "ltr"), ("ar", "rtl"), ("fa-IR", "rtl"), ("az-Arab", "rtl"), ("ku-Latn", "ltr"),
     ("ks-latn", "ltr"), ("zh-hant", "ltr")],
)  # fmt: skip
def test_the_direction_depends_on_language_and_script(language: str, direction: str) -> None:
    """The script takes precedence."""
    assert Translation(language).direction == direction


@pytest.mark.parametrize("language", ["", "../../etc/passwd", "en/x", 'en"'])
def test_languages_must_be_codes(language: str) -> None:
    """They become part of paths and of tags."""
    with pytest.raises(InvalidValue, match="not a language code"):
        Translation(language)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_on_every_shade_is_readable(theme: int) -> None:
    """The contrast is at least 4.5, and shades go from light to dark."""
    colours = [
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block))
        for block in re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    ]
    bright, night = colours[0] | colours[2], colours[1] | colours[3]
    chosen = bright | night if theme else bright
    pairs = [(chosen[name], chosen[f"on-{name}"]) for name in "abcdef"]
    pairs += [(chosen[ground], chosen[text]) for ground in ("paper", "wash", "tag")
              for text in ("ink", "soft", "link")]  # fmt: skip
    for ground, text in pairs:
        light, dark = sorted((luminance(ground), luminance(text)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (ground, text)
    steps = [luminance(chosen[name]) for name in "abcdef"]
    assert all((a > b) == (theme == 0) for a, b in pairwise(steps))


def test_static_files_load_nothing() -> None:
    """The report works without a network, and no one learns who reads it."""
    for file in (FOLDER / "static").iterdir():
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|//[a-z]+\.|@import|url\(", text), file.name


def luminance(colour: str) -> float:
    """WCAG's relative luminance of a colour."""
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "May 2, 2026, 08:30 UTC"),
        ("de", "02.05.2026, 08:30 UTC"),
        ("fr", "2 mai 2026, 08:30 UTC"),
    ],
)
def test_timestamps_are_formatted_by_language(language: str, written: str) -> None:
    """The date as the language writes it, the time to the minute, with its zone."""
    when = datetime(2026, 5, 2, 8, 30, tzinfo=UTC)
    assert Translation(language).timestamp(when) == written
    assert Translation(language).timestamp(when.replace(tzinfo=None)) == written.removesuffix(
        " UTC"
    )


def test_values_are_isolated_in_text_from_the_right() -> None:
    """Otherwise a date, a time and a zone would change places."""
    when = Translation("ar").plain("site.stamp", date="2026-05-02 08:30 UTC", revision="7")
    assert "\u20682026-05-02 08:30 UTC\u2069" in when
    assert "\u2068" not in Translation("en").plain("site.stamp", date="2026-05-02", revision="7")


def test_comparison_signs_are_not_mirrored() -> None:
    """In text from the right, “<1%” would be read as “>1%”."""
    assert Translation("ar").percent(1, 300) == "\u2066<1%\u2069"
    assert Translation("en").percent(299, 300) == ">99%"
