"""Quantiles of scores and of grey levels, against NumPy's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from diffspot.backends import get_backend
from diffspot.backends.interface import QUANTILE_BINS, Backend
from tests.backends.opened import WORKING

if TYPE_CHECKING:
    from numpy.typing import NDArray

QUARTERS = [0.0, 0.25, 0.5, 0.75, 1.0]
"""In binary exact, so that the rank has no rounding to disagree about."""


def test_of_scores_it_is_numpys_within_a_bin(backend: Backend, rng: np.random.Generator) -> None:
    scores = rng.random(5001, dtype=np.float32)
    for q in (0.0, 0.5, 0.95, 1.0):
        expected = np.quantile(scores, q, method="lower")
        assert expected <= backend.quantile(backend.from_host(scores), q) <= expected + 1 / QUANTILE_BINS


@pytest.mark.parametrize("name", WORKING)
@settings(derandomize=True, deadline=None, max_examples=50)
@given(levels=arrays(np.uint8, st.integers(1, 300)), q=st.sampled_from(QUARTERS))
def test_of_levels_it_is_exactly_numpys(name: str, levels: NDArray[np.uint8], q: float) -> None:
    expected = int(np.quantile(levels, q, method="lower")) / 255
    for backend in (Backend(), get_backend(name)):
        assert backend.quantile(backend.from_host(levels), q) == expected


@pytest.mark.parametrize("size", [2, 101, 300_001])
def test_of_many_levels_it_is_exactly_numpys(backend: Backend, size: int, rng: np.random.Generator) -> None:
    levels = np.rint(rng.beta(1, 4, size) * 255).astype(np.uint8)
    for q in (0.0, 0.5, 0.75, 0.95, 1.0):
        assert backend.quantile(backend.from_host(levels), q) == int(np.quantile(levels, q, method="lower")) / 255


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_of_zeros_and_of_nothing_it_is_exactly_zero(backend: Backend, kind: type) -> None:
    for size in (9, 0):
        assert backend.quantile(backend.from_host(np.zeros(size, kind)), 0.95) == 0.0


def test_of_more_levels_than_float32_can_count_it_is_exact(backend: Backend) -> None:
    zeros = (1 << 24) + 1
    levels = np.zeros(zeros + 1, np.uint8)
    levels[-1] = 255
    # The last of the zeros has the rank 2^24; counted as float32 there would be one less.
    assert backend.quantile(backend.from_host(levels), (zeros - 1) / zeros) == 0
    assert backend.quantile(backend.from_host(levels), 1.0) == 1
