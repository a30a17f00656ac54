"""The map of MS-SSIM; its number over a picture is in test_measures.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import diffspot
from diffspot.pipeline.metrics.ms_ssim import WEIGHTS, MsSsim, halved, scale_weights
from diffspot.pipeline.metrics.ssim import Ssim

if TYPE_CHECKING:
    from diffspot.backends.interface import Backend


def test_weights_of_fewer_scales_have_the_same_sum() -> None:
    for side, count in ((1, 1), (20, 1), (21, 2), (41, 3), (81, 4), (161, 5), (4000, 5)):
        weights = scale_weights((side, 5000))
        assert len(weights) == count
        assert sum(weights) == pytest.approx(sum(WEIGHTS))
        assert weights[0] / sum(weights) == pytest.approx(WEIGHTS[0] / sum(WEIGHTS[:count]))


def test_halving_takes_means_of_four_and_repeats_an_odd_edge(backend: Backend) -> None:
    picture = np.arange(15, dtype=np.float32).reshape(3, 5, 1)
    expected = [[3, 5, 6.5], [10.5, 12.5, 14]]
    np.testing.assert_array_equal(backend.to_host(halved(backend.from_host(picture), backend))[..., 0], expected)


def test_one_scale_is_what_ssim_lacks(backend: Backend) -> None:
    rng = np.random.default_rng(1)
    reference = rng.integers(0, 256, (20, 20, 3), dtype=np.uint8)
    candidate = np.clip(reference + rng.normal(0, 25, reference.shape), 0, 255).astype(np.uint8)
    r, c = backend.from_host(reference), backend.from_host(candidate)
    similarity = 1 - 2 * backend.to_host(Ssim().distance(r, c, backend))
    found = backend.to_host(MsSsim().distance(r, c, backend))
    # The weights of the paper sum to 1.0001; SSIM is off by 5e-5 a side.
    np.testing.assert_allclose(found, 1 - similarity, atol=3e-4, rtol=0)


def test_a_change_scores_where_it_is_and_fine_texture_less(backend: Backend) -> None:
    rng = np.random.default_rng(2)
    reference = np.full((200, 200, 1), 128, np.uint8)
    object_, texture = reference.copy(), reference.copy()
    object_[80:120, 80:120] = 30
    texture[80:120, 80:120] = np.clip(128 + rng.normal(0, 12, (40, 40, 1)), 0, 255).astype(np.uint8)
    one, other = (
        backend.to_host(MsSsim().distance(backend.from_host(reference), backend.from_host(changed), backend))
        for changed in (object_, texture)
    )
    assert one[85:115, 85:115].min() > 0.5
    assert one[:16, :16].max() < 1e-4  # the window of the coarsest scale reaches that far
    assert other[85:115, 85:115].mean() < 0.8 * one[85:115, 85:115].mean()


def test_a_note_tells_of_missing_scales() -> None:
    white, grey = np.full((90, 120), 255, np.uint8), np.full((90, 120), 90, np.uint8)
    assert (
        "ms-ssim: 4 of 5 scales; all of them need 161 px a side"
        in diffspot.compare(white, grey, metric="ms-ssim", threshold=0.1).notes
    )
