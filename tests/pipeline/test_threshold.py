"""The threshold of a pair, and the limits that its noise sets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffspot.api.pairs import compare
from diffspot.backends import get_backend
from diffspot.model import HIDES, Image
from diffspot.options.types import as_share
from diffspot.pipeline.metrics import METRICS, find_metric
from diffspot.pipeline.noise import Noise
from diffspot.pipeline.parameters import Parameters, limits_of
from diffspot.pipeline.preparation import common_form
from diffspot.pipeline.result import describe_scores
from diffspot.pipeline.segmentation import Morphology, find_thresholds

if TYPE_CHECKING:
    from numpy.typing import NDArray

NUMPY = get_backend("numpy")
TENTHS = np.repeat(np.linspace(0, 1, 11, dtype=np.float32), 100)
"""The q-quantile of these lies at q, rounded to a tenth."""
BIN = 1 / (1 << 16)
"""Quantiles are read from a histogram of so wide bins, rounded up."""
SHARE = st.integers(0, 100).map(lambda percent: percent / 100)
WHITE = common_form(*(Image(np.full((60, 90, 1), 255, np.uint8)) for _ in range(2)))
GRAINY = Noise(grainy=True, level=5 / 255, edge_noise=0, step=1 / 255)


def found_threshold(
    scores: NDArray[np.float32],
    given: float | str,
    valid: NDArray[np.bool_] | None = None,
    *,
    noise: Noise = GRAINY,
    metric: str = "absdiff",
) -> tuple[float, Parameters]:
    """The threshold of a pair with this noise under `--threshold GIVEN`."""
    fixed = given != "auto"
    quantile = as_share(given) if isinstance(given, str) and fixed else None
    parameters = Parameters(
        0, 0, find_metric(metric), Morphology(0, 1, 1, 1), 0, quantile=quantile, fixed=fixed, crisp=False
    )
    limits = limits_of(noise, parameters, given)
    inside = np.ones(scores.shape, bool) if valid is None else valid
    found = find_thresholds(scores, inside, NUMPY, quantile=quantile, threshold=limits.threshold)
    return found, parameters  # type: ignore[return-value]  of a single pair


@pytest.mark.parametrize(
    ("given", "expected"),
    [("auto", 20 / 255), (0.0, 0.0), (0.1, 0.1), (1.0, 1.0), ("0%", 0.0), ("45%", 0.4), ("85%", 0.9), ("100%", 1.0)],
)
def test_it_is_of_noise_or_a_score_or_a_quantile(given: float | str, expected: float) -> None:
    assert found_threshold(TENTHS, given)[0] == pytest.approx(expected, abs=BIN)


@pytest.mark.parametrize(("given", "expected"), [("auto", 20 / 255), (0.1, 0.1), ("95%", 0.0)])
def test_no_scores_have_a_threshold_too(given: float | str, expected: float) -> None:
    assert found_threshold(TENTHS, given, np.zeros(TENTHS.shape, bool))[0] == expected


def test_only_the_scores_of_the_valid_area_count() -> None:
    assert found_threshold(TENTHS, "100%", TENTHS <= 0.5)[0] == pytest.approx(0.5, abs=BIN)


def test_each_pair_of_a_batch_has_its_own_quantile() -> None:
    scores = np.stack([TENTHS, TENTHS / 2]).reshape(2, 1, -1)
    every = np.ones(scores.shape, bool)
    found = find_thresholds(scores, every, NUMPY, quantile=0.85, threshold=np.zeros((2, 1, 1)))
    np.testing.assert_allclose(np.ravel(found), [0.9, 0.45], atol=BIN)


@settings(derandomize=True, deadline=None, max_examples=50)
@given(scores=st.lists(SHARE, min_size=1, max_size=40), percent=st.integers(0, 100))
def test_a_quantile_is_that_of_numpy(scores: list[float], percent: int) -> None:
    found, _ = found_threshold(np.array(scores, np.float32), f"{percent}%")
    least = float(np.quantile(scores, percent / 100, method="lower"))
    assert least - BIN <= found <= least + BIN


@pytest.mark.parametrize("metric", METRICS)
def test_what_is_given_leaves_noise_no_say(metric: str) -> None:
    for given_one in (0.1, "95%"):
        _, parameters = found_threshold(TENTHS, given_one, metric=metric)
        assert limits_of(GRAINY, parameters, given_one)[1:3] == (0, 0)
    _, parameters = found_threshold(TENTHS, "auto", metric=metric)
    assert min(limits_of(GRAINY, parameters, "auto")[:2]) > 0


@pytest.mark.parametrize(
    ("metric", "threshold", "said"),
    [("absdiff", 0.1, False), ("absdiff", 0.11, True), ("ssim", 0.25, False), ("ssim", 0.31, True)],
)
def test_a_high_threshold_of_noise_is_told_of(metric: str, threshold: float, said: bool) -> None:  # noqa: FBT001  a column
    _, of_noise = found_threshold(TENTHS, "auto", metric=metric)
    note = f"high threshold: noise hides differences that score less than {threshold:.2f}; "
    note += "try --blur 3 or a lower --threshold"
    assert describe_scores(threshold, of_noise, WHITE, stretched=False) == ((note,) if said else ())
    _, given_one = found_threshold(TENTHS, 0.9, metric=metric)
    assert describe_scores(threshold, given_one, WHITE, stretched=False) == ()


@pytest.mark.parametrize("black", [0, 30000])
def test_a_threshold_that_is_high_for_what_camera_data_use_is_told_of(black: int) -> None:
    rng = np.random.default_rng(5)
    dark = (rng.normal(2000, 60, (2, 120, 160)) + np.linspace(0, 1500, 160) + black).astype(np.uint16)
    dark[:, 0, 0] = 2**14  # a hot pixel uses the upper bits
    (note,) = compare(*dark).notes
    said = r"a change must reach 1\d levels of 255, and the pictures use 6\.\d; try --normalize stretch"
    assert re.fullmatch(HIDES + said, note)
    assert not any(note.startswith(HIDES) for note in compare(*dark, normalize="stretch").notes)
    assert not any(note.startswith(HIDES) for note in compare(*(30 * (dark[:, :, 1:] - black - 1700))).notes)


@pytest.mark.parametrize(
    ("metric", "noise", "floor"),
    [
        ("absdiff", Noise(grainy=False, level=0, edge_noise=0, step=1 / 255), 8 / 255),
        ("absdiff", Noise(grainy=False, level=30 / 255, edge_noise=0, step=1 / 255), 8 / 255),
        ("absdiff", Noise(grainy=False, level=0, edge_noise=0, step=1 / 65535), 8 / 65535),
        ("absdiff", Noise(grainy=True, level=0, edge_noise=0, step=1 / 255), 11 / 255),
        ("absdiff", Noise(grainy=True, level=0, edge_noise=0, step=1 / 65535), 11 / 255),
        ("absdiff", Noise(grainy=True, level=5 / 255, edge_noise=0, step=1 / 255), 20 / 255),
        ("absdiff", Noise(grainy=True, level=2 / 255, edge_noise=0.1, step=1 / 255), 16 / 255),
        ("absdiff", Noise(grainy=True, level=0.5, edge_noise=0.9, step=1 / 255), 45 / 255),
        ("ssim", Noise(grainy=False, level=0, edge_noise=0, step=1 / 255), 8 / 255),
        ("ssim", Noise(grainy=True, level=0, edge_noise=0, step=1 / 255), 0.25),
        ("ssim", Noise(grainy=True, level=0.5, edge_noise=0, step=1 / 255), 0.35),
    ],
)
def test_the_floor_follows_the_noise(metric: str, noise: Noise, floor: float) -> None:
    assert find_metric(metric).floor(noise) == pytest.approx(floor)
