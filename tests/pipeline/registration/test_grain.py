"""Grain that a JPEG left coarse looks like structure; what lies between it is laid all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from diffspot.pipeline.registration import register
from diffspot.pipeline.registration.auto import LEAST_CONFIDENCE, choose
from diffspot.pipeline.registration.pair import Pair

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDTH, HEIGHT, STARS = 820, 600, 150


def sky(places: NDArray[np.float64], lights: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.uint8]:
    """(H, W) stars at places (2, N) of (N,) grey levels, with a camera's grain and saved as JPEG."""
    rows, columns = np.indices((HEIGHT, WIDTH), np.float64)
    picture = np.full((HEIGHT, WIDTH), 12.0)
    for x, y, light in zip(*places, lights, strict=True):
        near = slice(max(0, int(y) - 7), int(y) + 8), slice(max(0, int(x) - 7), int(x) + 8)
        picture[near] += light * np.exp(-((columns[near] - x) ** 2 + (rows[near] - y) ** 2) / 2 / 1.2**2)
    grey = np.dstack([picture] * 3) + rng.normal(0, 4, (HEIGHT, WIDTH, 3))
    _, data = cv2.imencode(".jpg", grey.clip(0, 255).round().astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 90])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


@pytest.mark.parametrize("seed", [0, 1])
def test_stars_between_coarse_grain_are_laid(seed: int) -> None:
    rng = np.random.default_rng(seed)
    places = rng.uniform((0, 0), (WIDTH, HEIGHT), (STARS, 2)).T
    lights = 25 * rng.pareto(1.6, STARS) + 20
    moved = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), 0.8, 1) + np.array([[0, 0, 3.2], [0, 0, -5.1]])
    shots = sky(places, lights, rng), sky(moved @ np.vstack([places, np.ones(STARS)]), lights, rng)
    registration = register(*shots, method="auto", photo=True)
    corners = np.array([[0, 0, 1], [WIDTH, 0, 1], [0, HEIGHT, 1], [WIDTH, HEIGHT, 1]], np.float64).T
    back = np.array(registration.matrix) @ np.vstack([moved @ corners, np.ones(4)])
    assert registration.confidence > LEAST_CONFIDENCE
    np.testing.assert_allclose(back[:2] / back[2], corners[:2], atol=1)


def test_other_stars_are_not_laid() -> None:
    rng = np.random.default_rng(5)
    shots = (sky(rng.uniform((0, 0), (WIDTH, HEIGHT), (STARS, 2)).T, np.full(STARS, 120.0), rng) for _ in range(2))
    assert choose(Pair(*shots), photo=True).model == "none"
