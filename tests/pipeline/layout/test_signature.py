"""Cells and how they agree."""

from __future__ import annotations

import numpy as np
import pytest

from diffspot.pipeline.layout.signature import agreement, cell_means, overlap, unseen_scores

FLAT = np.full((20, 4), 200, np.int16)
EDGE = np.repeat(np.where(np.arange(20) < 8, 200, 40), 4).reshape(20, 4).astype(np.int16)


def test_cell_means_are_means() -> None:
    plane = np.random.default_rng(0).integers(0, 255, (5, 1280), np.uint8)
    means = cell_means(plane)
    assert 40 <= means.shape[1] <= 160
    assert means == pytest.approx(plane.reshape(*means.shape, -1).mean(axis=2), abs=0.51)
    assert cell_means(plane[:, :7]).tolist() == plane[:, :7].tolist()


@pytest.mark.parametrize(
    ("candidate", "offset", "expected"),
    [
        (FLAT, 0, {0}),
        (EDGE, 0, {0, 1}),
        (np.roll(EDGE, 5, axis=0)[5:], 0, {0, 1}),
        (FLAT - 60, 0, {-1}),
        (FLAT - 15, 0, {0}),
        (FLAT - np.array([0, 0, 0, 15], np.int16), 0, {-1, 0}),
    ],
    ids=["blank", "same edge", "shorter", "other shade", "other stripe", "one cell of another shade"],
)
def test_agreement(candidate: np.ndarray, offset: int, expected: set[int]) -> None:
    reference = FLAT if candidate.min() > 40 else EDGE
    assert set(np.unique(agreement(reference, candidate, offset).near).tolist()) == expected


def test_structure_speaks_only_at_its_own_offset() -> None:
    below = np.vstack([FLAT[:6], EDGE])
    assert agreement(EDGE, below, 6).near[8].tolist() == [1] * 4
    assert agreement(EDGE, below, 0).near[8].tolist() == [-1] * 4


@pytest.mark.parametrize(
    ("sizes", "offset", "expected"),
    [
        ((10, 10), 0, (0, 10)),
        ((10, 10), 3, (0, 7)),
        ((10, 10), -3, (3, 10)),
        ((10, 10), 20, (0, 0)),
        ((5, 9), -7, (5, 5)),
    ],
)
def test_overlap(sizes: tuple[int, int], offset: int, expected: tuple[int, int]) -> None:
    assert overlap(*sizes, offset) == expected


def test_only_lines_with_structure_are_missed() -> None:
    scores = unseen_scores(EDGE)
    assert scores[8] == -1
    assert scores.sum() == -1
