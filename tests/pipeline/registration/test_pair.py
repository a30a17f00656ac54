"""Pictures with a side beyond the 32,766 px at which OpenCV's sampling ends."""

from __future__ import annotations

import tracemalloc

import cv2
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from diffspot.pipeline.registration.pair import Pair
from diffspot.pipeline.registration.refine import LONGEST_STRETCH, residual, sample
from tests.pipeline.registration import scenes
from tests.placing import register

LONG = 33_001


def blobs(rng: np.random.Generator, height: int, width: int) -> scenes.Picture:
    """Smooth noise, (height, width, 1)."""
    coarse = rng.normal(128, 40, (height // 4 + 1, width // 4 + 1)).astype(np.float32)
    fine = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(fine, 0, 255).astype(np.uint8)[..., None]


@pytest.mark.parametrize("shape", [(LONG, 60), (60, LONG)])
def test_the_finest_level_is_sampled_whole(rng: np.random.Generator, shape: tuple[int, int]) -> None:
    picture = blobs(rng, *shape)[..., 0]
    pair = Pair(picture, picture)
    level = pair.levels[pair.finest]
    assert level.shape == shape
    left, known = residual(level.points, level.moving, np.eye(3))
    assert known.any()
    assert np.abs(left[known]).max() < 1e-3


def test_a_stretch_is_sampled_as_the_whole_is(rng: np.random.Generator) -> None:
    """Near the cut between two stretches the same values come as from a picture that is not cut there."""
    picture = rng.random((LONGEST_STRETCH + 500, 9), np.float32)
    u, v = rng.uniform(0, 8, 4000), rng.uniform(LONGEST_STRETCH - 20, LONGEST_STRETCH + 20, 4000)
    u, v = np.round(u * 32) / 32, np.round(v * 32) / 32  # the steps that OpenCV places pixels by
    start = LONGEST_STRETCH - 100
    cut, inside = sample(picture, u, v)
    whole, also = sample(picture[start:], u, v - start)
    assert_array_equal(cut, whole)
    assert inside.all()
    assert also.all()


@pytest.mark.slow
@pytest.mark.parametrize("transposed", [False, True], ids=["tall", "wide"])
def test_a_long_picture_scaled_is_registered(rng: np.random.Generator, *, transposed: bool) -> None:
    reference = blobs(rng, 33_000, 48)
    candidate = cv2.resize(reference, (47, 32_990), interpolation=cv2.INTER_AREA)[..., None]
    motion = np.diag([47 / 48, 32_990 / 33_000, 1.0])
    motion[:2, 2] = (np.diag(motion)[:2] - 1) / 2  # centres of pixels
    if transposed:
        reference, candidate = (np.ascontiguousarray(picture.swapaxes(0, 1)) for picture in (reference, candidate))
        motion = motion[[1, 0, 2]][:, [1, 0, 2]]
    found = register(reference, candidate, method="auto")
    assert found.method != "none"
    assert scenes.error(found, motion, reference.shape, candidate.shape) < 0.5


@pytest.mark.parametrize("method", ["auto", "affine", "homography"])
def test_what_nothing_is_known_of_is_not_flattened(rng: np.random.Generator, method: str) -> None:
    line = rng.integers(0, 255, (65_537, 1, 1), np.uint8)
    found = register(line, np.roll(line, 3, 0), method=method)
    assert found.method in ("none", "translation", method)
    assert np.linalg.cond(np.array(found.matrix)[:2, :2]) < 1000


def test_a_tall_and_a_wide_picture_take_no_plane_as_tall_and_as_wide(rng: np.random.Generator) -> None:
    tracemalloc.start()
    found = register(blobs(rng, 30_000, 30), blobs(rng, 30, 30_000), method="auto")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.method == "none"
    assert peak < 500e6
