"""Metrics that other packages bring, by an entry point: from a distribution that is made here."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

import diffspot
from diffspot.errors import OptionError
from tests.in_process import diffspot as command
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from pathlib import Path

CODE = """
import numpy as np

from diffspot.pipeline.metrics.interface import Metric


class Red(Metric):
    name = "red"

    def distance(self, reference, candidate, backend):
        first, second = (levels[..., 0].astype(np.float32) for levels in (reference, candidate))
        return abs(first - second) / np.float32(255)


class Cut(Metric):
    name = "cut"

    def distance(self, reference, candidate, backend):
        return np.zeros((2, 2), np.float32)


def broken():
    raise RuntimeError("no licence")
"""
POINTS = """[diffspot.metrics]
red = shade_metrics:Red
cut = shade_metrics:Cut
broken = shade_metrics:broken
other = shade_metrics:np.float32
"""


@pytest.fixture(autouse=True)
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A distribution on the path, as pip leaves one."""
    site = tmp_path / "site"
    info = site / "shade_metrics-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "shade_metrics.py").write_text(CODE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shade-metrics\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(POINTS)
    monkeypatch.syspath_prepend(site)
    monkeypatch.delitem(sys.modules, "shade_metrics", raising=False)


def spotted(channel: int) -> tuple[np.ndarray, np.ndarray]:
    reference = np.full((40, 60, 3), 100, np.uint8)
    candidate = reference.copy()
    candidate[10:20, 30:45, channel] = 240
    return reference, candidate


def test_it_scores_pairs() -> None:
    result = diffspot.compare(*spotted(0), metric="red", align="none", threshold=0.2)
    assert [region.bbox for region in result.regions] == [(30, 10, 15, 10)]
    assert result.regions[0].peak == pytest.approx(140 / 255, abs=1e-6)
    assert diffspot.compare(*spotted(1), metric="red", align="none", threshold=0.2).status == "same"
    assert [region.bbox for region in diffspot.compare(*spotted(0), metric="red").regions] == [(30, 10, 15, 10)]


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("broken", r"--metric broken does not load from shade_metrics:broken \(RuntimeError: no licence\)"),
        ("other", "--metric other is not a Metric, as shade_metrics:np.float32 makes it"),
        ("cut", r"--metric cut gives float32 \(2, 2\) for pictures of \(40, 60, 3\); its `distance` must return"),
        ("blue", r"--metric cannot be 'blue': expected absdiff\|ssim\|"),
    ],
)
def test_what_does_not_work_is_one_sentence(metric: str, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        diffspot.compare(*spotted(0), metric=metric)


def test_the_command_takes_it_and_refuses_a_broken_one_once(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        save(tmp_path / "reference" / name, plain())
        save(tmp_path / "candidate" / name, changed())
    folders = tmp_path / "reference", tmp_path / "candidate"
    assert command("compare", *folders, "--metric", "red").returncode == 1
    done = command("compare", *folders, "--metric", "broken")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "no licence" in done.stderr
