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
    from numpy.typing import NDArray

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


def wandering() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A board of 60 parts, to the bit as it was but for edges that lie up to 3 px elsewhere."""
    rng = np.random.default_rng(3)
    board = np.full((400, 500, 3), 235, np.uint8)
    for _ in range(60):
        x, y, w, h = (int(rng.integers(*ends)) for ends in ((5, 440), (5, 350), (8, 50), (8, 50)))
        cv2.rectangle(board, (x, y), (x + w, y + h), rng.integers(0, 255, 3).tolist(), -1)
    rows, columns = np.indices(board.shape[:2], np.float32)
    across, down = (cv2.GaussianBlur(rng.normal(0, 1, rows.shape).astype(np.float32), (0, 0), 4) for _ in "xy")
    sources = (at + 0.8 * by / by.std() for at, by in ((columns, across), (rows, down)))
    return board, cv2.remap(board, *map(np.rint, sources), cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)


def test_edges_of_a_crisp_picture_that_wander_are_told() -> None:
    board, other = wandering()
    result = compare(board, other)
    differs = np.count_nonzero((board != other).any(axis=2))
    assert (result.status, [one.cause for one in result.forgiven]) == ("same", ["noise"])
    assert 0.9 * differs < result.forgiven[0].pixels <= differs


def test_a_tolerance_that_was_given_tells_what_it_took() -> None:
    board = np.full((60, 80, 3), 40, np.uint8)
    board[20:40, 30:60] = 200
    result = compare(board, np.roll(board, 1, axis=1), align="none", tolerance=1)
    assert [(one.cause, one.pixels) for one in result.forgiven] == [("noise", 40)]


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
