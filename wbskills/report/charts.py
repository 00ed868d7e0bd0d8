"""Charts as SVG files, drawn when the site is built: no script, nothing from elsewhere.

Each stands in a page as a picture with its numbers in words beside it. A picture knows whether
its reader wants a dark page, so the colours are given for both.
"""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from wbskills.report.changes import Changes
from wbskills.report.drawing import Style, pygal
from wbskills.report.facts import Thing
from wbskills.report.freshness import Ages
from wbskills.report.overview import ROBUSTNESS, Bar, GroupRobustness
from wbskills.report.words import Words

_SHOWN: Final = 20
_LABEL: Final = 34  # characters of a name; the table beside the chart has all of it
_WIDTH: Final = 860

# Cividis again, so that the charts speak the language of the map: light paper, dark paper.
_INK: Final = ("#202122", "#e9e7e0")
_SOFT: Final = ("#54595d", "#a9aaa6")
_LINE: Final = ("#dad9d2", "#3a3d43")
_RANGED: Final = ("#7f8db8", "#8d8149")  # an interval can be seen across it
_TWO: Final = (("#31446b", "#cbba69"), ("#cbba69", "#5f7fb8"))
_FOUR: Final = (
    ("#e8e6dd", "#2d3036"),
    ("#f8e473", "#31446b"),
    ("#958f78", "#958f78"),
    ("#31446b", "#fee838"),
)


class Chart(NamedTuple):
    """A picture: the name of its file, its bytes, its size in pixels."""

    name: str
    svg: bytes
    width: int
    height: int


def coverage(bars: Sequence[Bar], words: Words) -> Chart | None:
    """Draw the shares of the most widespread skills, with how far each could be off."""
    shown = [one for one in bars if one.whole and not one.withheld][:_SHOWN]
    if not shown:
        return None
    chart = _bars(words, len(shown), [_RANGED], ranged=True)
    chart.x_labels = [_short(one.thing) for one in reversed(shown)]
    chart.add(
        words.plain("chart.share"),
        [
            {
                "value": _percent(one.part, one.whole),
                "ci": {"low": float(one.low), "high": float(one.high)},
            }
            for one in reversed(shown)
        ],
    )
    return _drawn("coverage", chart, words)


def change(changed: Changes, words: Words) -> Chart | None:
    """Draw who could before and who can now, of the same people, where most has changed."""
    moved = [one for one in changed.skills if one.able_before != one.able_after]
    moved.sort(key=lambda one: -abs(one.able_after - one.able_before) / one.same)
    shown = moved[:_SHOWN]
    if not shown:
        return None
    chart = _bars(words, len(shown) * 2, [_TWO[1], _TWO[0]], ranged=True, legend=True)
    chart.x_labels = [_short(one.skill) for one in reversed(shown)]
    for wave, ables in (
        (changed.old.wave, [one.able_before for one in shown]),
        (changed.new.wave, [one.able_after for one in shown]),
    ):
        chart.add(
            _short(wave),
            [_percent(able, one.same) for able, one in zip(ables, shown, strict=True)][::-1],
        )
    return _drawn("change", chart, words)


def freshness(ages: Ages, words: Words) -> Chart | None:
    """Draw how many answers are how old."""
    if not ages.answers:
        return None
    names = [f"freshness.band_{at}" for at in range(len(ages.bands))]
    counts = [*ages.bands]
    if ages.undated:
        names.append("freshness.undated")
        counts.append(ages.undated)
    chart = _bars(words, len(counts), [_TWO[0]])
    chart.x_labels = [words.plain(name) for name in reversed(names)]
    chart.add(words.plain("freshness.answers"), counts[::-1])
    return _drawn("freshness", chart, words)


def robustness(groups: Sequence[GroupRobustness], words: Words) -> Chart | None:
    """Draw how many skills of each group rest on nobody, on one, on a few, on many."""
    shown = [one for one in groups if one.skills]
    if not shown:
        return None
    chart = _bars(words, len(shown), _FOUR, legend=True, stacked=True)
    chart.x_labels = [
        _cut(one.group.label or words.plain("word.other_group")) for one in reversed(shown)
    ]
    for at, name in enumerate(ROBUSTNESS):
        chart.add(words.plain(f"robustness.{name}"), [one.counts[at] for one in reversed(shown)])
    return _drawn("robustness", chart, words)


def _bars(
    words: Words,
    rows: int,
    colours: Sequence[tuple[str, str]],
    *,
    ranged: bool = False,
    legend: bool = False,
    stacked: bool = False,
) -> pygal.HorizontalBar:
    """Make an empty chart of horizontal bars, high enough for so many."""
    kind = pygal.HorizontalStackedBar if stacked else pygal.HorizontalBar
    return kind(
        style=_style(colours),
        css=["file://style.css", "file://graph.css", f"inline:{_for_dark(colours)}"],
        js=(),
        width=_WIDTH,
        height=rows * 26 + (110 if legend else 70),
        explicit_size=False,
        disable_xml_declaration=True,
        pretty_print=False,
        show_legend=legend,
        legend_at_bottom=True,
        legend_at_bottom_columns=4 if stacked else 2,
        legend_box_size=14,
        range=(0, 100) if ranged else None,
        include_x_axis=True,
        value_formatter=_ticks(words, ranged=ranged),
        truncate_label=-1,
        truncate_legend=-1,
        margin=12,
        spacing=8,
        no_data_text="",
    )


def _style(colours: Sequence[tuple[str, str]]) -> Style:
    light = tuple(colour for colour, _ in colours)
    return Style(
        background="transparent",
        plot_background="transparent",
        foreground=_SOFT[0],
        foreground_strong=_INK[0],
        foreground_subtle=_LINE[0],
        opacity="1",
        opacity_hover="1",
        colors=light,
        ci_colors=(_INK[0],) * len(light),
        font_family='system-ui, "Noto Sans", sans-serif',
        label_font_size=13,
        major_label_font_size=13,
        legend_font_size=13,
        guide_stroke_color=_LINE[0],
        major_guide_stroke_color=_LINE[0],
    )


def _for_dark(colours: Sequence[tuple[str, str]]) -> str:
    """Write the rules that make the same chart one for a dark page."""
    series = "".join(
        f".color-{at}{{fill:{dark} !important;stroke:{dark} !important}}"
        for at, (_, dark) in enumerate(colours)
    )
    return (
        f".ci{{stroke:{_INK[0]} !important;stroke-width:1.5px}}"
        "@media (prefers-color-scheme:dark){"
        f"{series}"
        f".axis text,.legend text{{fill:{_INK[1]} !important}}"
        f".ci{{stroke:{_INK[1]} !important}}"
        f".guide.line{{stroke:{_LINE[1]} !important}}"
        "}"
    )


def _ticks(words: Words, *, ranged: bool) -> Callable[[float], str]:
    if ranged:
        return lambda value: words.percent(round(value), 100)
    return lambda value: words.number(Decimal(value)) if value == int(value) else ""


def _drawn(name: str, chart: pygal.HorizontalBar, words: Words) -> Chart:
    chart.uuid = name  # else a new one each time: the same content gives the same bytes
    root = chart.render_tree()
    for parent in list(root.iter()):
        for child in list(parent):
            # pygal adds a script for its own tooltips, and a remark with the day.
            if not isinstance(child.tag, str) or child.tag.endswith("script"):
                parent.remove(child)
    width, height = chart.config.width, chart.config.height
    if words.direction == "rtl":
        _mirror(root, int(width))
    svg = ET.tostring(root, encoding="utf-8")
    return Chart(name, svg, int(width), int(height))


def _mirror(root: ET.Element, width: int) -> None:
    """Turn a picture round for who reads from the right: names at the right, bars leftwards.

    Only texts are not turned. As they run from the right, what was the end that they are held by
    is so still.
    """
    root.set("direction", "rtl")
    for parent in list(root.iter()):
        for at, child in enumerate(list(parent)):
            if child.tag.endswith("text"):
                x = Decimal(child.get("x", "0"))
                upright = ET.Element("g", transform=f"translate({2 * x} 0) scale(-1 1)")
                upright.append(child)
                parent[at] = upright
    for child in root:
        if child.tag.endswith("g"):
            child.set("transform", f"translate({width} 0) scale(-1 1)")


def _percent(part: int, whole: int) -> float:
    return float(Decimal(part) * 100 / whole) if whole else 0.0


def _short(thing: Thing) -> str:
    return _cut(thing.label)


def _cut(text: str) -> str:
    return text if len(text) <= _LABEL else f"{text[: _LABEL - 1].rstrip()}…"
