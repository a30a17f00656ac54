"""Working pictures: noise is measured, light and gain vanish from structure, points are where structure is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from diffspot.pipeline.preparation import luminance
from diffspot.pipeline.registration.pictures import (
    MEDIAN_TO_SIGMA,
    NOISE_KERNEL_GAIN,
    NOISE_ROWS,
    noise,
    pyramid,
    scaling,
    strongest_points,
    structure,
)
from tests.pipeline.registration import scenes


@pytest.mark.parametrize("sigma", [1.0, 4.0, 12.0])
def test_noise_is_measured_on_a_ramp(sigma: float) -> None:
    ramp = np.linspace(60, 180, 300) + np.linspace(0, 20, 200)[:, None]
    grainy = ramp + np.random.default_rng(0).normal(0, sigma, ramp.shape)
    assert noise(np.rint(grainy).astype(np.uint8)) == pytest.approx(sigma, rel=0.05)


@pytest.mark.parametrize("shape", [(3, 3), (3, 9), (40, 31), (1025, 1300), (1537, 1100)])
@pytest.mark.parametrize("spread", [2, 128])
def test_noise_of_sampled_rows_is_that_of_the_whole_response(shape: tuple[int, int], spread: int) -> None:
    picture = np.random.default_rng(spread).integers(128 - spread, 128 + spread, shape, np.uint8)
    kernel = np.outer((1, -2, 1), (1, -2, 1)).astype(np.float32)
    response = np.abs(cv2.filter2D(picture.astype(np.float32), cv2.CV_32F, kernel))
    rows = response[:: max(1, min(shape) // NOISE_ROWS)]
    assert noise(picture) == float(np.median(rows)) * MEDIAN_TO_SIGMA / NOISE_KERNEL_GAIN


def test_tiny_picture_has_no_noise() -> None:
    assert noise(np.zeros((2, 9), np.uint8)) == 0


def test_structure_is_free_of_light_and_gain() -> None:
    picture = luminance(scenes.photo("coffee")).astype(np.float32)
    plain, lit, dimmed = (structure(p, 0) for p in (picture, picture + 30, picture * np.float32(0.6)))
    strong = np.abs(plain) > 0.5
    np.testing.assert_allclose(lit, plain, atol=1e-3, rtol=0)
    assert np.median(np.abs(plain - dimmed)[strong]) < 0.05
    assert structure(np.full((40, 50), 90, np.float32), 0) == pytest.approx(0, abs=1e-4)


def test_pyramid_halves_down_to_the_smallest_side() -> None:
    levels = pyramid(np.zeros((100, 260), np.uint8), 24)
    assert [level.shape for level in levels] == [(100, 260), (50, 130), (25, 65)]
    assert scaling(2).tolist() == [[4, 0, 0], [0, 4, 0], [0, 0, 1]]


def test_points_lie_on_the_only_edge() -> None:
    step = np.zeros((60, 80), np.float32)
    step[:, 40:] = 1
    points = strongest_points(step, 60, 0.25)
    assert set(points.x.tolist()) <= {39, 40}
    assert points.x.size > 0
    assert points.gx == pytest.approx(0.5)
    assert points.gy == pytest.approx(0)
