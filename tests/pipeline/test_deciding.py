"""Scores that cannot decide anything are not worked out, and the mask is the same."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffspot.backends import get_backend
from diffspot.pipeline.segmentation import REACH, Morphology, active_pixels, make_mask

if TYPE_CHECKING:
    from diffspot.backends.interface import Backend

NUMPY = get_backend("numpy")
SIZES = st.sampled_from([1, 3, 5, 7])
MORPHOLOGIES = st.builds(Morphology, st.integers(0, 3), SIZES, SIZES, SIZES)


@pytest.mark.parametrize("tolerance", [0, 1, 2])
def test_what_lies_outside_does_not_change_the_mask(backend: Backend, tolerance: int) -> None:
    rng, threshold = np.random.default_rng(3), 0.2
    sizes = product((1, 3), ((1, 1), (5, 1), (1, 5), (7, 3)), (0.002, 0.05, 0.4))
    for opening, (closing, dilation), share in sizes:
        morphology = Morphology(tolerance, opening, closing, dilation)
        plain = rng.integers(0, 256, (70, 90)).astype(np.uint8) * (rng.random((70, 90)) < share)
        scores = backend.from_host(np.asarray(plain * rng.random((70, 90)) / 255, np.float32))
        where, levels = (
            active_pixels(backend.from_host(plain > 255 * threshold), backend, morphology),
            backend.from_host(plain),
        )
        masks = [make_mask(one, levels, threshold, backend, morphology) for one in (scores, scores * where)]
        every, found = (backend.to_host(mask) for mask in masks)
        np.testing.assert_array_equal(found, every)
        assert not (every & ~backend.to_host(where)).any()


@settings(derandomize=True, deadline=None, max_examples=100)
@given(seed=st.integers(0, 10_000), morphology=MORPHOLOGIES, share=st.sampled_from([0.02, 0.3, 0.7, 0.95]))
def test_a_mask_and_its_scores_are_those_of_all_scores(seed: int, morphology: Morphology, share: float) -> None:
    """Whatever the scores of possible pixels are, and whatever the plain difference."""
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(1, 60, 2).tolist())
    possible = rng.random(shape) < share
    possible[rng.integers(shape[0]) :, rng.integers(shape[1]) :] &= rng.random() < share  # type: ignore[misc]
    scores = (rng.random(shape) * possible).astype(np.float32)
    plain = (rng.integers(0, 256, shape) * (rng.random(shape) < 0.5)).astype(np.uint8)
    decided = scores * active_pixels(possible, NUMPY, morphology)
    for threshold in (0.0, 0.1, 0.5):
        mask, expected = (make_mask(one, plain, threshold, NUMPY, morphology) for one in (decided, scores))
        np.testing.assert_array_equal(mask, expected)
        np.testing.assert_array_equal(decided[mask], scores[mask])


def test_what_a_mask_can_grow_to_is_decided_and_no_more(backend: Backend) -> None:
    morphology = Morphology(tolerance=2, opening=3, closing=5, dilation=7)
    possible = np.zeros((60, 80), bool)
    possible[30:33, 40:43] = True  # just survives the opening
    # 4 px of weak neighbours, 2 of the tolerance, 2 of the closing and 3 of the dilation.
    possible[5, 5], possible[50:52, 10:70] = True, True  # too thin
    expected = np.zeros((60, 80), bool)
    expected[30 - 11 : 33 + 11, 40 - 11 : 43 + 11] = True
    assert np.array_equal(backend.to_host(active_pixels(backend.from_host(possible), backend, morphology)), expected)


@pytest.mark.parametrize("opening", [1, 3])
def test_what_is_decided_in_windows_is_what_is_decided_on_the_whole(opening: int, rng: np.random.Generator) -> None:
    morphology = Morphology(tolerance=1, opening=opening, closing=1, dilation=1)
    possible = np.zeros((330, 400), bool)
    for y, x in rng.integers(0, (330, 400), (12, 2)).tolist():
        possible[y : y + 4, x : x + 5] = True
    possible[60:70, 62:66] = possible[:3, 190:194] = possible[-2:, -4:] = True  # across cells and at the edges
    sure = NUMPY.dilate(NUMPY.erode(np.pad(possible, 1), opening), opening)[1:-1, 1:-1]
    expected = NUMPY.dilate(sure, 2 * (REACH + 1) + 1)
    np.testing.assert_array_equal(active_pixels(possible, NUMPY, morphology), expected)
    assert not active_pixels(np.zeros_like(possible), NUMPY, morphology).any()
