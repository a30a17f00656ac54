"""What tolerance took without a word is told, px by px, and noise below the threshold is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from skimage.data import astronaut

from diffspot import compare
from diffspot.backends import get_backend
from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.verdict.interface import Tally
from diffspot.pipeline.verdict.untold import find_untold
from tests.pipeline.test_parts import compressed, lines, page

if TYPE_CHECKING:
    from diffspot.model import Box


def test_nothing_is_told_of_noise(rng: np.random.Generator) -> None:
    scene = cv2.resize(astronaut(), (1024, 1024), interpolation=cv2.INTER_CUBIC)
    shots = [np.clip(scene + rng.normal(0, 4, scene.shape), 0, 255).astype(np.uint8) for _ in range(2)]
    result = compare(*shots)
    assert (result.status, result.forgiven) == ("same", ())


def test_edges_that_compression_left_elsewhere_are_told() -> None:
    result = compare(compressed(page(lines()), 90), compressed(page(lines()), 40))
    (entry,) = result.forgiven
    assert result.status == "same"
    assert (entry.cause, entry.pixels > 0, entry.places <= entry.pixels) == ("noise", True, True)


def test_edges_of_a_photo_that_was_laid_are_told_as_movement() -> None:
    scene = astronaut()
    turned = cv2.getRotationMatrix2D((256, 256), 0.8, 1) + np.array([[0, 0, 3.3], [0, 0, -2.6]])
    shot = cv2.warpAffine(scene, turned, (512, 512), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    result = compare(scene, shot)
    told = {one.cause: one for one in result.forgiven}
    assert (result.status, result.registration.method) == ("same", "euclidean")
    x, y, w, h = told["movement"].largest
    assert 20 < told["movement"].pixels < 0.02 * 512**2
    assert 0 <= x < x + w <= 512
    assert 0 <= y < y + h <= 512


def test_of_what_was_told_before_nothing_is_told_again() -> None:
    """Px in the box of a place count beyond those that the place has, and those in regions do not count at all."""
    picture = np.full((64, 64, 3), 100, np.uint8)
    other = picture.copy()
    other[10:20, 10:30] = other[40:50, 40:50] = 160
    differs = (other != picture).any(axis=2)
    levels = np.where(differs, np.uint8(60), np.uint8(0))
    pair = RegisteredPair(picture, other, np.ones((64, 64), bool), levels)

    def pixels(regions: list[Box], told: list[tuple[Box, int]]) -> int:
        tally = Tally([("noise", *place) for place in told])
        found = find_untold(pair, regions, tally, 20, get_backend("numpy"), sigma=0, still=True)
        return sum(one.pixels for one in found)

    assert pixels([], []) == 300
    assert pixels([(10, 10, 20, 10)], []) == 100
    assert pixels([(10, 10, 20, 10)], [((40, 40, 10, 10), 70)]) == 30
    assert pixels([(10, 10, 20, 10), (40, 40, 10, 10)], []) == 0
