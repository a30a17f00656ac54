"""Trends, with SciPy as the oracle for what rises and by how much."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest
import scipy

from diffspot.outputs.history import Entry, History
from diffspot.outputs.trends import FLIPS, Trend, find_trends, growth_of, sparkline
from diffspot.outputs.trends_svg import MOST, draw_trends

SVG = "{http://www.w3.org/2000/svg}"


def history(**pairs: list[float | str | None]) -> History:
    """Runs of pairs: a severity (0 is the same), a status, or None where a pair was not in a run."""
    length = max(map(len, pairs.values()))
    runs = tuple(f"2026-01-{day:02}T00:00:00.000+00:00" for day in range(1, length + 1))
    entries = {}
    for name, values in pairs.items():
        entries[name] = {
            run: _entry(name, run, value) for run, value in zip(runs, values, strict=False) if value is not None
        }
    return History(runs, entries, 0)


def _entry(name: str, run: str, value: float | str) -> Entry:
    if isinstance(value, str):
        return Entry(run=run, name=name, status=value)
    return Entry(run=run, name=name, status="different" if value else "same", severity=float(value))


@pytest.mark.parametrize("length", [3, 4, 6, 10, 30])
@pytest.mark.parametrize("slope", [-0.5, 0.0, 0.3, 1.0])
def test_growth_is_what_kendall_and_sen_say(length: int, slope: float) -> None:
    random = np.random.default_rng(length)
    for _ in range(20):
        values = (slope * np.arange(length) + random.integers(0, 4, length)).tolist()
        if len(set(values)) == 1:
            assert growth_of(values) is None
            continue
        oracle = scipy.stats.kendalltau(range(length), values, method="asymptotic", alternative="greater")
        found = growth_of(values)
        assert (found is not None) == (oracle.pvalue < 0.05)
        assert found is None or found == pytest.approx(scipy.stats.theilslopes(values)[0])


def test_courses() -> None:
    found = find_trends(
        history(
            flaky=[5, 0, 5, 0],
            mended=[0, 5, 5, 0],
            wears=[0, 0, 4, 5, 7, 9],
            jumped=[0, 0, 0, 8, 8, 8],
            heals=[9, 8, 5, 3],
            same=[0, 0, 0],
            broken=["error", "error"],
        )
    )
    courses = {trend.name: (trend.course, trend.growth) for trend in found}
    assert courses == {
        "flaky": ("flaky", None),
        "wears": ("grows", pytest.approx(11 / 6)),
        **dict.fromkeys(("mended", "jumped", "heals", "same", "broken"), ("steady", None)),
    }
    assert [trend.name for trend in found] == ["flaky", "wears", "heals", "jumped", "mended", "broken", "same"]
    assert FLIPS == 3


def test_only_the_last_runs_count() -> None:
    of_all = history(a=[5, 0, 5, 0, 0, 0], gone=[5, None, None, None, None, None])
    assert [(trend.name, trend.course) for trend in find_trends(of_all)] == [("a", "flaky"), ("gone", "steady")]
    assert [(trend.name, trend.course, trend.failed) for trend in find_trends(of_all, 3)] == [("a", "steady", 0)]


def test_a_sparkline_has_a_bar_a_run() -> None:
    (trend,) = find_trends(history(a=[0, 1, 50, None, 80, "error", 100]))
    assert sparkline(trend) == "▁▂▅ ▇·█"
    assert (trend.failed, trend.took_part) == (5, 6)


def test_the_picture_has_a_line_a_pair_and_a_dot_a_run() -> None:
    found = find_trends(history(**{"a<&>\x07.png": [0, 5, 10, "error"], "b": [1, 2, 3, 4]}))
    root = ET.fromstring(draw_trends(history(a=[0] * 4).runs, found))  # noqa: S314  drawn here
    rows = root.findall(f"{SVG}g")
    assert [row.findtext(f"{SVG}text", "")[:1] for row in rows] == ["b", "a"]
    assert rows[1].findtext(f"{SVG}text") == "a<&>\N{REPLACEMENT CHARACTER}.png"
    assert [dot.get("class") for dot in rows[1].findall(f"{SVG}circle")] == ["same", "different", "different", "error"]
    heights = [float(dot.get("cy", "")) for dot in rows[1].findall(f"{SVG}circle")]
    assert heights == [0.0, -13.0, -26.0, 0.0]
    assert rows[0].findall(f"{SVG}text")[-1].text == "grows +1.0 a run"


def test_a_picture_is_not_endless() -> None:
    trends = [
        Trend(name=f"{index}", statuses=("different",), severities=(1.0,), course="steady") for index in range(MOST + 7)
    ]
    root = ET.fromstring(draw_trends(("2026-01-01",), trends))  # noqa: S314  drawn here
    assert len(root.findall(f"{SVG}g")) == MOST
    assert root.findall(f"{SVG}text")[-1].text == "and 7 more"
