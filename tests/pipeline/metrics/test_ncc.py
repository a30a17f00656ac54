"""NCC against the double loop over pixels and NumPy's corrcoef, the outside oracle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from diffspot.pipeline.metrics.ncc import VARIANCE_FLOOR, Ncc, correlation
from tests.sweep import sweep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

EXACT = 5e-15
"""Sums of whole levels are exact in float64; a dozen roundings of 1.1e-16 are left, in the loop more than here."""
DEEP = 1e-9
"""Levels of 16 bits are taken in steps of 1/257 of a level, as they come; float32 holds them to 1e-7 of a level."""


def double_loop(x: NDArray[Any], y: NDArray[Any], radius: int) -> NDArray[np.float64]:
    """The correlation coefficient of the patches around each pixel, one after the other; (H, W)."""
    padded = [np.pad(plane.astype(np.float64), radius, mode="symmetric") for plane in (x, y)]
    result = np.zeros(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            patches = [plane[i : i + 2 * radius + 1, j : j + 2 * radius + 1].ravel() for plane in padded]
            result[i, j] = np.corrcoef(*patches)[0, 1]
    return result


@pytest.mark.parametrize("radius", [1, 2, 3])
@pytest.mark.parametrize("kind", sweep([np.uint8, np.float32]))
def test_it_is_the_double_loop(backend: Backend, radius: int, kind: type) -> None:
    rng = np.random.default_rng(radius)
    steps = 1 if kind is np.uint8 else 257
    reference = (rng.integers(0, 256 * steps, (24, 31, 2)) / steps).astype(kind)
    candidate = (reference * 0.5 + rng.integers(0, 128 * steps, (24, 31, 2)) / steps).astype(kind)
    r, c = backend.from_host(reference), backend.from_host(candidate)
    found = backend.to_host(correlation(r, c, radius, backend, floor=0))
    for channel in range(2):
        planes = (np.rint(levels[..., channel].astype(np.float64) * steps) for levels in (reference, candidate))
        expected = double_loop(*planes, radius)
        np.testing.assert_allclose(found[..., channel], expected, atol=EXACT if steps == 1 else DEEP, rtol=0)


def test_the_map_is_half_of_what_r_lacks(backend: Backend) -> None:
    rng = np.random.default_rng(3)
    reference, candidate = (rng.integers(0, 256, (20, 20, 1), dtype=np.uint8) for _ in range(2))
    r, c = backend.from_host(reference), backend.from_host(candidate)
    expected = (1 - double_loop(reference[..., 0], candidate[..., 0], 2)) / 2
    found = backend.to_host(Ncc(window=5).distance(r, c, backend))
    # The floor takes no more than its share of these variances off r: 36 of some 5,000, half of it in the score.
    np.testing.assert_allclose(found, expected, atol=0.02, rtol=0)


def scored(reference: NDArray[np.uint8], candidate: NDArray[np.uint8], backend: Backend) -> NDArray[np.float32]:
    return backend.to_host(Ncc().distance(backend.from_host(reference), backend.from_host(candidate), backend))


def test_light_is_no_change_and_structure_is(backend: Backend) -> None:
    rng = np.random.default_rng(4)
    reference = rng.integers(0, 120, (30, 30, 1), dtype=np.uint8)
    assert scored(reference, reference + np.uint8(90), backend).max() == 0
    assert scored(reference, 2 * reference, backend).max() < 0.01
    assert scored(reference, 119 - reference, backend).min() > 0.95


def test_noise_in_flat_paper_is_no_change(backend: Backend) -> None:
    rng = np.random.default_rng(5)
    paper = [np.rint(230 + rng.normal(0, 1.5, (60, 60, 1))).astype(np.uint8) for _ in range(2)]
    assert scored(paper[0], paper[1], backend).max() < 0.1
    plain = backend.to_host(correlation(*(backend.from_host(one) for one in paper), 3, backend, floor=0))
    assert np.median(plain) < 0.2  # without the floor all of it would be
    dotted = paper[1].copy()
    dotted[28:32, 28:32] = 120
    assert scored(paper[0], dotted, backend)[28:32, 28:32].min() > 0.35
    assert VARIANCE_FLOOR == 36


def test_flat_windows_are_alike_whatever_their_brightness(backend: Backend) -> None:
    flat = np.full((9, 9, 3), 50, np.uint8)
    assert scored(flat, flat + np.uint8(100), backend).max() == 0
