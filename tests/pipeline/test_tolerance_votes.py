"""Blocks vote band by band as they would on the whole picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from diffspot.backends import get_backend
from diffspot.backends.numpy import NumpyBackend
from diffspot.pipeline.tolerance import (
    BAND,
    BLOCK,
    EDGE_RANGE,
    LARGEST,
    MIN_BLOCKS,
    PRESMOOTH,
    STRONG,
    VOTING_ROWS,
    WANDERING,
    _lasting,
    _may_be_strong,
    estimate_tolerance,
    moved_difference,
)
from tests.placing import registered
from tests.sweep import sweep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

    Picture = NDArray[np.uint8]

NUMPY = get_backend("numpy")
WANDERS = {0: {0: 1.0}, 1: {1: 1.0}, 2: {1: 0.5, 2: 0.5}}
"""Tolerance -> the shares of edges, by px, that move so far."""


def plainly_estimated(reference: Picture, candidate: Picture, valid: NDArray[np.bool_]) -> int:
    """The vote of all blocks, worked out on the whole picture."""
    rows, columns = (side // BLOCK for side in valid.shape)

    def strongest(levels: Picture) -> Picture:
        blocks = (levels * valid)[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
        return np.asarray(blocks.max(axis=(1, 3)))

    r, c = (NUMPY.gaussian_blur(picture, PRESMOOTH) for picture in (reference, candidate))
    grey = NUMPY.gaussian_blur(NUMPY.luminance(reference), PRESMOOTH)
    voters = strongest(NUMPY.local_range(grey[..., None], 1)) > EDGE_RANGE
    if voters.sum() < MIN_BLOCKS:
        return 0
    strong = [strongest(moved_difference(r, c, radius, NUMPY)) > STRONG for radius in range(LARGEST + 1)]
    for radius in range(LARGEST):
        if (strong[radius] & ~strong[radius + 1])[voters].mean() < WANDERING:
            return radius
    return LARGEST


def bars(rng: np.random.Generator, height: int, width: int, moved: dict[int, float]) -> tuple[Picture, Picture]:
    """A sheet of bars a block apart, and the same with a share of them moved: {px: share}.

    Bars lie across the rows at which bands and blocks meet, so that much is decided a pixel or two away from there.
    """
    sheet, other = np.full((2, height, width, 1), 220, np.uint8)
    for y in range(BLOCK - 3, height, BLOCK):
        for x in range(6, width - 12, BLOCK):
            chance, by, dy = rng.random(), 0, int(rng.integers(0, 3))
            for px, share in moved.items():
                chance -= share
                by = px if chance < 0 and not by else by
            sheet[y + dy : y + dy + 4, x : x + 12] = 60
            other[y + dy + by : y + dy + by + 4, x : x + 12] = 60
    return sheet, other


def estimated(reference: Picture, candidate: Picture, valid: NDArray[np.bool_], backend: Backend = NUMPY) -> int:
    return estimate_tolerance(registered(reference, candidate, valid, backend), backend)


def assert_voted_as_the_whole(reference: Picture, candidate: Picture, valid: NDArray[np.bool_]) -> int:
    expected = plainly_estimated(reference, candidate, valid)
    assert estimated(reference, candidate, valid) == expected
    return expected


@pytest.mark.slow
@pytest.mark.parametrize("height", [1, 31, 33, 90, BAND, BAND + 1, BAND + 40, 500, VOTING_ROWS - 50, VOTING_ROWS])
def test_bands_vote_as_the_whole_does(height: int) -> None:
    rng, answers = np.random.default_rng(height), []
    for share in np.linspace(0, 3 * WANDERING, 7):
        for first, second in ((1, 0), (2, 0), (2, 1), (0, 1)):
            reference, candidate = bars(rng, height, 400, {1: share * first, 2: share * second})
            answers.append(assert_voted_as_the_whole(reference, candidate, np.ones((height, 400), bool)))
    assert len(set(answers)) == (3 if height > 2 * BLOCK else 2 if height > BLOCK else 1)


@pytest.mark.parametrize("height", [BAND, 777])
def test_bands_vote_as_the_whole_does_on_what_is_valid(height: int) -> None:
    rng, answers = np.random.default_rng(1), []
    for share in np.linspace(0, 4 * WANDERING, 12):
        reference, candidate = bars(rng, height, 500, {1: share, 2: share})
        valid = cv2.resize(rng.random((height // 20, 25)), (500, height)) < 0.6
        candidate[~valid] = reference[~valid]
        answers.append(assert_voted_as_the_whole(reference, candidate, valid))
    assert len(set(answers)) > 1


@pytest.mark.parametrize("width", [BLOCK - 1, 5 * BLOCK, 9 * BLOCK + 7])
def test_columns_that_are_passed_over_have_no_sliver(width: int, rng: np.random.Generator) -> None:
    height = 4 * BLOCK
    for _ in range(20):
        reference = np.kron(rng.integers(0, 256, (height // 4, -(-width // 4), 3)), np.ones((4, 4, 1)))
        reference = np.ascontiguousarray(reference[:, :width].astype(np.uint8))
        candidate = reference.copy()
        for by in (1, 2, 5):  # a stretch of columns wanders by so much
            begin = int(rng.integers(0, max(1, width - 40)))
            part = reference[:, begin : begin + int(rng.integers(8, 40))]
            candidate[:, begin : begin + part.shape[1]] = np.roll(part, by, axis=1)
        valid = rng.random((height, width)) < 0.99
        band = registered(reference, candidate, valid), slice(None)
        possible = _may_be_strong(*band, NUMPY)
        found = _lasting(*band, possible, NUMPY)
        assert (found[~possible] == -1).all()
        r, c = (NUMPY.gaussian_blur(picture, PRESMOOTH) for picture in (reference, candidate))
        expected = np.full(found.shape, -1)
        for radius in range(LARGEST + 1):
            left = NUMPY.block_maximum(moved_difference(r, c, radius, NUMPY) * valid, BLOCK)
            expected[left > STRONG] = radius
        np.testing.assert_array_equal(found, expected)


class Polling(NumpyBackend):
    """Counts the bands that are asked whether their blocks hold an edge, of brightness."""

    polled = 0

    def luminance(self, image: NDArray[Any]) -> NDArray[Any]:
        self.polled += 1
        return super().luminance(image)


def test_so_few_slivers_that_nobody_else_need_be_asked() -> None:
    rng, backend = np.random.default_rng(2), Polling()
    reference, candidate = bars(rng, VOTING_ROWS, 800, {})
    assert estimate_tolerance(registered(reference, candidate), backend) == 0
    assert backend.polled == 1
    candidate[100:110, 100:300] = 255 - candidate[100:110, 100:300]  # a sliver in every block of a stretch
    assert assert_voted_as_the_whole(reference, candidate, np.ones(reference.shape[:2], bool)) == 0


def test_what_lies_beyond_the_rows_of_a_band_counts_in_its_votes() -> None:
    """Of 24 blocks, each decides: one that is left strong or not is more than the share that wanders."""
    answers = []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        reference = np.full((2 * BAND, 2 * BLOCK, 1), 128, np.uint8)
        reference[:, BLOCK // 2 :: BLOCK] = 255  # an edge in every block
        candidate = reference.copy()
        rows = np.repeat(rng.integers(60, 196, 12), rng.integers(1, 4, 12))
        place, by = BAND - len(rows) // 2 + int(rng.integers(-4, 5)), int(rng.integers(0, 4))
        reference[place : place + len(rows), 2:14, 0] = rows[:, None]
        candidate[place + by : place + by + len(rows), 2:14, 0] = rows[:, None]
        answers.append(assert_voted_as_the_whole(reference, candidate, np.ones(reference.shape[:2], bool)))
    assert min(answers.count(radius) for radius in range(LARGEST + 1)) > 10


def test_only_blocks_of_the_valid_area_are_counted() -> None:
    rng, height = np.random.default_rng(2), 3 * BAND
    reference, candidate = bars(rng, height, 800, {1: 0.04})
    valid = np.ones((height, 800), bool)
    valid[:, 200:] = False
    candidate[~valid] = reference[~valid]
    assert assert_voted_as_the_whole(reference, candidate, valid) == 1
    assert estimated(reference, candidate, np.ones_like(valid)) == 0


@pytest.mark.parametrize("kind", sweep([np.uint8, np.float32]))
@pytest.mark.parametrize("by", list(WANDERS))
def test_of_a_tall_picture_bands_all_over_it_vote(backend: Backend, by: int, kind: type) -> None:
    height = 2 * VOTING_ROWS + 77
    reference, candidate = (
        picture.astype(kind) for picture in bars(np.random.default_rng(by), height, 100, WANDERS[by])
    )
    valid = np.ones((height, 100), bool)
    assert estimated(reference, candidate, valid, backend) == by
    # Edges that wander over a fifth of its height are seen wherever that lies.
    for top in range(0, height - 6 * BAND, 7 * BAND):
        part = reference.copy()
        part[top : top + 6 * BAND] = candidate[top : top + 6 * BAND]
        assert estimated(reference, part, valid, backend) == by
