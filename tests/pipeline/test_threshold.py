"""The threshold of a pair, and the limits that its noise sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffspot.backends import get_backend
from diffspot.pipeline.metrics import METRICS
from diffspot.pipeline.metrics.absdiff import AbsDiff
from diffspot.pipeline.noise import Noise
from diffspot.pipeline.parameters import Parameters, limits_of
from diffspot.pipeline.segmentation import Morphology, find_thresholds

if TYPE_CHECKING:
    from numpy.typing import NDArray

Limit = Literal["auto"] | float

NUMPY = get_backend("numpy")
TENTHS = np.repeat(np.linspace(0, 1, 11, dtype=np.float32), 100)
"""The q-quantile of these lies at q, rounded to a tenth."""
BIN = 1 / (1 << 16)
"""Quantiles are read from a histogram of so wide bins, rounded up."""
OWN = 0.2
SHARE = st.integers(0, 100).map(lambda percent: percent / 100)


class Fixed(AbsDiff):
    """A metric whose noise floor is given."""

    def __init__(self, noise_floor: float) -> None:
        self.noise_floor = noise_floor

    def floor(self, noise: Noise) -> float:
        del noise
        return self.noise_floor


def found_threshold(
    scores: NDArray[np.float32],
    valid: NDArray[np.bool_],
    *,
    quantile: float,
    floor: Limit,
    ceiling: Limit,
    noise_floor: float,
) -> float:
    """The threshold of a pair under these options, whose own noise sets this floor."""
    metric, morphology = Fixed(noise_floor), Morphology(0, 1, 1, 1)
    asked = (None, 1.0) if ceiling == "auto" else (quantile, ceiling)
    parameters = Parameters(0, 0, metric, morphology, 0, *asked)
    limits = limits_of(Noise(grainy=False, level=0, edge_noise=0, step=1 / 255), parameters, floor)
    return find_thresholds(  # type: ignore[return-value]  of a single pair
        scores, valid, NUMPY, quantile=parameters.quantile, floor=limits.floor, ceiling=parameters.ceiling
    )


@pytest.mark.parametrize(
    ("quantile", "floor", "ceiling", "expected"),
    [
        (0.45, "auto", "auto", 0.2),
        (0.05, "auto", "auto", 0.2),
        (0.45, 0.1, "auto", 0.1),
        (0.05, 0.0, "auto", 0.0),
        (0.45, "auto", 0.6, 0.4),
        (0.95, "auto", 0.8, 0.8),
        (1.0, "auto", 1.0, 1.0),
        (0.95, "auto", 0.1, 0.1),
        (0.05, "auto", 0.1, 0.1),
        (0.05, 0.7, "auto", 0.7),
        (0.45, 0.3, 0.35, 0.35),
        (0.05, 0.3, 0.35, 0.3),
    ],
)
def test_the_quantile_is_kept_between_floor_and_ceiling(
    quantile: float, floor: Limit, ceiling: Limit, expected: float
) -> None:
    every = np.ones(TENTHS.shape, bool)
    found = found_threshold(TENTHS, every, quantile=quantile, floor=floor, ceiling=ceiling, noise_floor=OWN)
    assert found == pytest.approx(expected, abs=BIN)


def test_no_scores_give_the_floor() -> None:
    none = np.zeros(TENTHS.shape, bool)
    for ceiling in ("auto", 1.0):
        given = {"quantile": 0.9, "floor": "auto", "ceiling": ceiling, "noise_floor": OWN}
        assert found_threshold(TENTHS, none, **given) == OWN


def test_only_the_scores_of_the_valid_area_count() -> None:
    found = found_threshold(TENTHS, TENTHS <= 0.5, quantile=1, floor="auto", ceiling=1, noise_floor=OWN)
    assert found == pytest.approx(0.5, abs=BIN)


@settings(derandomize=True, deadline=None, max_examples=50)
@given(
    scores=st.lists(SHARE, max_size=40),
    quantile=SHARE,
    noise_floor=SHARE,
    floor=st.just("auto") | SHARE,
    ceiling=st.just("auto") | SHARE,
)
def test_what_is_given_holds_whatever_the_scores(
    scores: list[float], quantile: float, noise_floor: float, floor: Limit, ceiling: Limit
) -> None:
    found = found_threshold(
        np.array(scores, np.float32),
        np.ones(len(scores), bool),
        quantile=quantile,
        floor=floor,
        ceiling=ceiling,
        noise_floor=noise_floor,
    )
    if floor != "auto":
        assert found >= floor
    if ceiling == "auto":
        assert found == (noise_floor if floor == "auto" else floor)
    elif floor == "auto" or floor <= ceiling:
        assert found <= ceiling
    if scores and ceiling != "auto":
        exact = float(np.quantile(scores, quantile, method="higher"))
        assert found <= max(exact + BIN, noise_floor if floor == "auto" else floor)


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
    assert METRICS[metric].floor(noise) == pytest.approx(floor)
