"""Charts as SVG files, drawn when the site is built, without scripts or external resources.

Pages show each as a picture, with its numbers in a table. A picture has the colours of light
and of dark pages.
"""

import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from wbskills.report.facts import ItemRef
from wbskills.report.freshness import Ages
from wbskills.report.overview import ROBUSTNESS, Bar, Changes, GroupRobustness
from wbskills.report.translation import Translation

if TYPE_CHECKING:
    import pygal
    from pygal.style import Style

_SHOWN: Final = 20
_LABEL: Final = 34  # characters of a name; the table next to the chart has all of it
_WIDTH: Final = 860

# Cividis, as on the map: each for light pages and for dark pages.
_INK: Final = ("#202122", "#e9e7e0")
_SOFT: Final = ("#54595d", "#a9aaa6")
_LINE: Final = ("#dad9d2", "#3a3d43")
_RANGED: Final = ("#7f8db8", "#8d8149")  # an interval is visible across it
_TWO: Final = (("#31446b", "#cbba69"), ("#cbba69", "#5f7fb8"))
_FOUR: Final = (
    ("#e8e6dd", "#2d3036"),
    ("#f8e473", "#31446b"),
    ("#958f78", "#958f78"),
    ("#31446b", "#fee838"),
)


class Chart(NamedTuple):
    """A picture: the name of its file, the SVG, and its size in pixels."""

    name: str
    svg: bytes
    width: int
    height: int


def coverage(bars: Sequence[Bar], t: Translation) -> Chart | None:
    """Draw the shares of the most widespread skills, with their intervals; None without skills."""
    shown = [bar for bar in bars if bar.whole][:_SHOWN]
    if not shown:
        return None
    chart = _bars(t, len(shown), [_RANGED], ranged=True)
    chart.x_labels = [_short(one.item) for one in reversed(shown)]
    chart.add(
        t.plain("chart.share"),
        [
            {
                "value": _percent(one.part, one.whole),
                "ci": {"low": float(one.low), "high": float(one.high)},
            }
            for one in reversed(shown)
        ],
    )
    return _drawn("coverage", chart, t)


def change(changed: Changes, t: Translation) -> Chart | None:
    """Draw the skills of the same people before and after, for those that changed most."""
    moved = [skill for skill in changed.skills if skill.both_able_before != skill.both_able_after]
    moved.sort(key=lambda one: -abs(one.both_able_after - one.both_able_before) / one.both)
    shown = moved[:_SHOWN]
    if not shown:
        return None
    chart = _bars(t, len(shown) * 2, [_TWO[1], _TWO[0]], ranged=True, legend=True)
    chart.x_labels = [_short(one.skill) for one in reversed(shown)]
    for wave, ables in (
        (changed.old.wave, [one.both_able_before for one in shown]),
        (changed.new.wave, [one.both_able_after for one in shown]),
    ):
        chart.add(
            _short(wave),
            [_percent(able, one.both) for able, one in zip(ables, shown, strict=True)][::-1],
        )
    return _drawn("change", chart, t)


def freshness(ages: Ages, t: Translation) -> Chart | None:
    """Draw the number of answers by age."""
    if not ages.answers:
        return None
    names = [f"freshness.band_{at}" for at in range(len(ages.bands))]
    counts = [*ages.bands]
    if ages.undated:
        names.append("freshness.undated")
        counts.append(ages.undated)
    chart = _bars(t, len(counts), [_TWO[0]])
    chart.x_labels = [t.plain(name) for name in reversed(names)]
    chart.add(t.plain("freshness.answers"), counts[::-1])
    return _drawn("freshness", chart, t)


def robustness(groups: Sequence[GroupRobustness], t: Translation) -> Chart | None:
    """Draw how many skills of each group depend on nobody, on one, on few, on many people."""
    shown = [group for group in groups if group.skills]
    if not shown:
        return None
    chart = _bars(t, len(shown), _FOUR, legend=True, stacked=True)
    chart.x_labels = [
        _cut(one.group.label or t.plain("word.other_group")) for one in reversed(shown)
    ]
    for at, name in enumerate(ROBUSTNESS):
        chart.add(t.plain(f"robustness.{name}"), [one.counts[at] for one in reversed(shown)])
    return _drawn("robustness", chart, t)


def _bars(
    t: Translation,
    rows: int,
    colours: Sequence[tuple[str, str]],
    *,
    ranged: bool = False,
    legend: bool = False,
    stacked: bool = False,
) -> "pygal.HorizontalBar":
    """Make an empty chart of horizontal bars, high enough for `rows`."""
    import pygal

    # pygal hooks itself into every import of the process, for maps that are not used here. On
    # Python 3.11 each later import would then warn, and tests treat warnings as errors.
    sys.meta_path[:] = [each for each in sys.meta_path if type(each).__module__ != "pygal"]
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
        value_formatter=_ticks(t, ranged=ranged),
        truncate_label=-1,
        truncate_legend=-1,
        margin=12,
        spacing=8,
        no_data_text="",
    )


def _style(colours: Sequence[tuple[str, str]]) -> "Style":
    from pygal.style import Style

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
    """Write the style rules of the chart for dark pages."""
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


def _ticks(t: Translation, *, ranged: bool) -> Callable[[float], str]:
    if ranged:
        return lambda value: t.percent(round(value), 100)
    return lambda value: t.number(Decimal(value)) if value == int(value) else ""


def _drawn(name: str, chart: "pygal.HorizontalBar", t: Translation) -> Chart:
    chart.uuid = name  # random otherwise; the same content gives the same bytes
    root = chart.render_tree()
    for parent in list(root.iter()):
        for child in list(parent):
            # pygal adds a script for tooltips, and a comment with the date.
            if not isinstance(child.tag, str) or child.tag.endswith("script"):
                parent.remove(child)
    width, height = chart.config.width, chart.config.height
    if t.direction == "rtl":
        _mirror(root, int(width))
    svg = ET.tostring(root, encoding="utf-8")
    return Chart(name, svg, int(width), int(height))


def _mirror(root: ET.Element, width: int) -> None:
    """Mirror a picture for languages written from right to left: names right, bars leftwards.

    Texts are not mirrored; as they run from the right, their anchors still hold.
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


def _short(item: ItemRef) -> str:
    return _cut(item.label)


def _cut(text: str) -> str:
    return text if len(text) <= _LABEL else f"{text[: _LABEL - 1].rstrip()}…"
