"""Spots and their triangles."""

from __future__ import annotations

import numpy as np
import pytest

from diffspot.pipeline.registration.point_patterns import match_point_patterns, spots, triangles
from tests.pipeline.registration import scenes
from tests.sweep import sweep


def test_spots_are_found_strongest_first() -> None:
    sky = np.full((60, 90), 10, np.float32)
    for x, y, peak in ((20, 15, 90), (70, 40, 200), (40, 30, 120)):
        sky[y - 1 : y + 2, x - 1 : x + 2] = peak
    assert spots(sky)[:3].tolist() == [70 + 40j, 40 + 30j, 20 + 15j]


def test_triangles_do_not_change_with_the_frame() -> None:
    rng = np.random.default_rng(0)
    at = rng.uniform(0, 300, 12) + 1j * rng.uniform(0, 300, 12)
    corners, sides = triangles(at)
    turned, other_sides = triangles(at * 1.3 * np.exp(0.4j) + 20)
    assert other_sides == pytest.approx(sides)
    assert turned == pytest.approx(corners * 1.3 * np.exp(0.4j) + 20)
    assert (sides[:, 0] <= sides[:, 1]).all()


@pytest.mark.parametrize("degrees", sweep([8, 0, 90]))
def test_turned_sky_is_recognised(degrees: float) -> None:
    sky, truth = scenes.stars(), scenes.motion(6, -4, degrees)
    here, there = (p[..., 0].astype(np.float32) for p in (sky, scenes.moved(sky, truth)))
    (found,) = match_point_patterns(here, there)
    assert found[:2, :2] == pytest.approx(truth[:2, :2], abs=0.01)
    assert found[:2] @ [200, 150, 1] == pytest.approx(truth[:2] @ [200, 150, 1], abs=1)


def test_other_sky_and_empty_sky_are_not() -> None:
    here, there, empty = (s[..., 0].astype(np.float32) for s in (scenes.stars(), scenes.stars(4), scenes.flat(9)))
    assert match_point_patterns(here, there) == []
    assert match_point_patterns(here, empty) == []
