"""docs/metrics.md tells of every metric and measure, and its commands and its example work."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np
import pytest

from diffspot.backends import get_backend
from diffspot.options.types import MeasureName, MetricName
from tests.in_process import diffspot
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from diffspot.pipeline.metrics.interface import Metric

PAGE = (Path(__file__).parent.parent.parent / "docs" / "metrics.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    diffspot (compare a\.png b\.png.*)$", PAGE, re.MULTILINE)


def test_every_metric_has_a_section_and_every_measure_a_row() -> None:
    assert re.findall(r"^## ([a-z-]+)$", PAGE, re.MULTILINE) == list(get_args(MetricName))
    rows = PAGE[PAGE.index("| measure |") :]
    assert re.findall(r"^\| `([a-z-]+)` \|", rows, re.MULTILINE) == list(get_args(MeasureName))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_works(tmp_path: Path, command: str) -> None:
    save(tmp_path / "a.png", plain())
    save(tmp_path / "b.png", changed())
    done = diffspot(*shlex.split(command), cwd=tmp_path)
    if "lpips" in command:
        assert "--lpips-model alex.onnx cannot be used" in done.stderr
    else:
        assert done.returncode == 1, done.stderr
        assert done.stderr == ""


def test_there_are_commands() -> None:
    assert len(COMMANDS) == len(get_args(MetricName)) + 6


def test_the_example_of_a_metric_scores() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, type[Metric]] = {}
    exec(example, names)  # noqa: S102  our own page
    reference = np.zeros((2, 2, 3), np.uint8)
    candidate = reference.copy()
    candidate[0, 0] = 51, 255, 255
    backend = get_backend("numpy")
    found = names["Red"]().score(reference, candidate, backend.absdiff(reference, candidate), backend)
    np.testing.assert_array_equal(found, np.array([[0.2, 0], [0, 0]], np.float32))
