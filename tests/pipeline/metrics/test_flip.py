"""FLIP against its authors' own program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import flip_evaluator
import numpy as np
import pytest
from skimage import data

from diffspot.pipeline.metrics.flip import Flip, make_filters
from tests.sweep import sweep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

TOLERANCE = 1e-4
"""Both work in float32; the square root and the power of 0.7 raise roundings of 1e-6 in small differences to 2e-5."""


def scored(reference: NDArray[Any], candidate: NDArray[Any], backend: Backend, ppd: float = 67) -> NDArray[np.float32]:
    return backend.to_host(Flip(ppd).distance(backend.from_host(reference), backend.from_host(candidate), backend))


@pytest.fixture(scope="module")
def pair() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    reference = np.ascontiguousarray(data.astronaut()[:90, 150:270])
    candidate = reference.copy()
    candidate[30:50, 20:50, 2] = 255 - candidate[30:50, 20:50, 2]
    candidate = cv2.GaussianBlur(candidate, (0, 0), 0.8)
    candidate[60:62, 40:110] = 0
    return reference, candidate


@pytest.mark.parametrize("ppd", sweep([67, 20.5, 140]))
def test_map_is_that_of_the_authors(backend: Backend, pair: tuple[NDArray[Any], NDArray[Any]], ppd: float) -> None:
    shares = [picture.astype(np.float32) / 255 for picture in pair]
    expected, mean, _ = flip_evaluator.evaluate(*shares, "LDR", True, False, True, {"ppd": ppd})
    found = scored(*pair, backend, ppd)
    np.testing.assert_allclose(found, np.asarray(expected)[..., 0], atol=TOLERANCE, rtol=0)
    assert found.mean() == pytest.approx(mean, abs=TOLERANCE)


def test_from_further_away_less_is_seen(backend: Backend) -> None:
    rng = np.random.default_rng(1)
    reference = rng.integers(0, 256, (60, 60, 3), dtype=np.uint8)
    candidate = rng.integers(0, 256, (60, 60, 3), dtype=np.uint8)
    means = [float(scored(reference, candidate, backend, ppd).mean()) for ppd in (10, 30, 90, 180)]
    assert means == sorted(means, reverse=True)
    assert means[0] > 1.3 * means[-1]


def test_it_is_symmetric(backend: Backend, pair: tuple[NDArray[Any], NDArray[Any]]) -> None:
    np.testing.assert_array_equal(scored(*pair, backend), scored(*pair[::-1], backend))


def test_green_against_blue_is_the_largest_difference_of_colour(backend: Backend) -> None:
    green, blue = np.zeros((30, 30, 3), np.uint8), np.zeros((30, 30, 3), np.uint8)
    green[..., 1] = blue[..., 2] = 255
    np.testing.assert_allclose(scored(green, blue, backend), 1, atol=TOLERANCE)


def test_filters_are_those_of_the_paper() -> None:
    filters = make_filters(67)
    assert len(filters.contrast[2][0][1]) == 21  # 3 sigma of the widest, 0.045 degrees
    assert len(filters.edge) == 19  # 3 sigma of half of 0.082 degrees
    for gaussians in filters.contrast:
        assert sum(weight for weight, _ in gaussians) == pytest.approx(1)
        for _, kernel in gaussians:
            assert kernel.sum() == pytest.approx(1, abs=1e-6)
    for kernel in (filters.edge, filters.point):
        assert kernel[kernel > 0].sum() == pytest.approx(1, abs=1e-6)
        assert kernel[kernel < 0].sum() == pytest.approx(-1, abs=1e-6)
