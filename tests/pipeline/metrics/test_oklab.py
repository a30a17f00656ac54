"""OKLab against the numbers that its author published."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from diffspot.pipeline.metrics.colour import transformed
from diffspot.pipeline.metrics.oklab import CONES, LAB, Oklab, oklab

if TYPE_CHECKING:
    from diffspot.backends.interface import Backend

PUBLISHED = [
    ((0.950, 1.000, 1.089), (1.000, 0.000, 0.000)),
    ((1.000, 0.000, 0.000), (0.450, 1.236, -0.019)),
    ((0.000, 1.000, 0.000), (0.922, -0.671, 0.263)),
    ((0.000, 0.000, 1.000), (0.153, -1.415, -0.449)),
]
"""CIE XYZ (D65) and OKLab, the table "Test values" of https://bottosson.github.io/posts/oklab/, three digits."""
XYZ_TO_RGB = np.linalg.inv([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
"""IEC 61966-2-1."""
COLOURS = {
    (255, 255, 255): (1.0, 0.0, 0.0),
    (255, 0, 0): (0.627955, 0.224863, 0.125846),
    (0, 255, 0): (0.866440, -0.233888, 0.179498),
    (0, 0, 255): (0.452014, -0.032457, -0.311528),
}
"""sRGB and OKLab as CSS Color 4's sample conversion gives them."""


@pytest.mark.parametrize(("xyz", "lab"), PUBLISHED)
def test_the_published_values(xyz: tuple[float, ...], lab: tuple[float, ...]) -> None:
    rgb = [np.array([part], np.float32) for part in XYZ_TO_RGB @ np.array(xyz)]
    found = transformed([np.cbrt(plane) for plane in transformed(rgb, CONES)], LAB)
    # Three digits are given, and of XYZ three or four; colours outside sRGB stand near the steep root of 0.
    np.testing.assert_allclose([float(plane[0]) for plane in found], lab, atol=4e-3)


@pytest.mark.parametrize("rgb", list(COLOURS))
def test_levels_of_srgb(backend: Backend, rgb: tuple[int, int, int]) -> None:
    found = oklab(backend.from_host(np.array([[rgb]], np.uint8)), backend)
    np.testing.assert_allclose([backend.to_host(plane)[0, 0] for plane in found], COLOURS[rgb], atol=2e-5)


def test_scores_are_distances(backend: Backend) -> None:
    reference = np.array([[(0, 0, 0), (255, 0, 0), (10, 20, 30)]], np.uint8)
    candidate = np.array([[(255, 255, 255), (0, 255, 0), (10, 20, 30)]], np.uint8)
    found = backend.to_host(Oklab().distance(backend.from_host(reference), backend.from_host(candidate), backend))
    red, green = (np.array(COLOURS[rgb]) for rgb in ((255, 0, 0), (0, 255, 0)))
    np.testing.assert_allclose(found, [[1, np.linalg.norm(red - green), 0]], atol=5e-5)
    assert found[0, 2] == 0


def test_a_step_in_the_dark_counts_more_than_one_in_the_light(backend: Backend) -> None:
    dark, bright = (np.full((1, 1, 3), level, np.uint8) for level in (20, 220))
    scores = []
    for grey in (dark, bright):
        one, other = backend.from_host(grey), backend.from_host(grey + np.uint8(10))
        scores.append(float(backend.to_host(Oklab().distance(one, other, backend))[0, 0]))
    assert scores[0] > 1.2 * scores[1]


def test_alpha_counts_where_colours_do_not_differ(backend: Backend) -> None:
    reference, candidate = np.array([[[9, 9, 9, 255]]], np.uint8), np.array([[[9, 9, 9, 204]]], np.uint8)
    found = backend.to_host(Oklab().distance(backend.from_host(reference), backend.from_host(candidate), backend))
    assert found[0, 0] == np.float32(51 / 255)
