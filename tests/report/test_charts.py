"""Charts: pictures without external resources and without scripts."""

import re
import xml.etree.ElementTree as ET
from decimal import Decimal

import pytest

from tests.report.made_up import HOSTILE
from wbskills.report import charts
from wbskills.report.facts import ItemRef
from wbskills.report.freshness import Ages
from wbskills.report.overview import GroupRobustness, bar
from wbskills.report.translation import Translation

WORDS = Translation("en")


def skills(*labels: str) -> list[ItemRef]:
    """Skills with these labels."""
    return [ItemRef(f"Q{at}", label, "") for at, label in enumerate(labels, 1)]


def texts(chart: charts.Chart | None) -> list[str]:
    """The texts of a picture."""
    assert chart is not None
    root = ET.fromstring(chart.svg)  # noqa: S314  # ours
    return ["".join(one.itertext()) for one in root.iter() if one.tag.endswith("}text")]


@pytest.mark.parametrize("label", HOSTILE)
def test_labels_are_text(label: str) -> None:
    """A label that is markup is drawn as letters."""
    clean = re.sub("[\x00-\x08\x1b]", "", label)
    chart = charts.coverage([bar(skill, 1, 2) for skill in skills(clean, "other")], WORDS)
    assert chart is not None
    root = ET.fromstring(chart.svg)  # noqa: S314  # ours
    tags = {one.tag.rpartition("}")[2] for one in root.iter()}
    assert not tags & {"script", "image", "foreignObject", "a", "iframe"}
    wanted = " ".join(clean.split())[:20]
    assert any(" ".join(text.split())[:20] == wanted for text in texts(chart))


def test_a_chart_loads_nothing() -> None:
    """The only addresses are XML namespaces."""
    chart = charts.coverage([bar(skill, 1, 2) for skill in skills("Lua")], WORDS)
    assert chart is not None
    text = re.sub(rb'xmlns(:\w+)?="[^"]*"', b"", chart.svg)
    assert not re.search(rb"https?:|url\(|@import|href", text)


def test_bars_have_intervals() -> None:
    """Intervals are drawn, and the axis is in per cent."""
    chart = charts.coverage([bar(skill, 12, 19) for skill in skills("Lua", "CSS")], WORDS)
    assert chart is not None
    assert chart.svg.count(b'class="ci"') == 2
    assert {"0%", "50%", "100%"} <= set(texts(chart))


def test_a_chart_without_data_is_none() -> None:
    """There is no empty picture."""
    assert charts.coverage([], WORDS) is None
    assert charts.robustness([], WORDS) is None
    assert charts.freshness(Ages(0, 0, None, (0, 0, 0, 0), 0, 0, 0), WORDS) is None


def test_the_chart_of_robustness_has_a_legend() -> None:
    """The legend names each part, so that it does not depend on colour alone."""
    groups = [GroupRobustness(skill, (1, 2, 3, 4)) for skill in skills("Data", "Bots")]
    assert {"nobody", "fragile", "thin", "solid", "Data", "Bots"} <= set(
        texts(charts.robustness(groups, WORDS))
    )


def test_the_same_numbers_give_the_same_bytes() -> None:
    """A chart holds no date and no random name."""
    bars = [bar(skill, 1, 2) for skill in skills("Lua")]
    assert charts.coverage(bars, WORDS) == charts.coverage(bars, WORDS)


def test_charts_are_mirrored_for_languages_from_the_right() -> None:
    """Everything but the texts is mirrored, in the same size."""
    bars = [bar(skill, 1, 2) for skill in skills("لوا (Lua)", "other")]
    plain, turned = charts.coverage(bars, WORDS), charts.coverage(bars, Translation("ar"))
    assert plain is not None
    assert turned is not None
    assert (turned.width, turned.height) == (plain.width, plain.height)
    assert b"scale(-1 1)" not in plain.svg
    root = ET.fromstring(turned.svg)  # noqa: S314  # ours
    assert root.get("direction") == "rtl"
    (graph,) = [one for one in root if one.tag.endswith("}g")]
    assert graph.get("transform") == f"translate({turned.width} 0) scale(-1 1)"
    above = {child: parent for parent in root.iter() for child in parent}
    found = [one for one in root.iter() if one.tag.endswith("}text")]
    assert found
    for one in found:
        assert one.get("transform") is None  # or pygal's style would hold it by another end
        x = Decimal(one.get("x", "0"))
        assert above[one].get("transform") == f"translate({2 * x} 0) scale(-1 1)"
