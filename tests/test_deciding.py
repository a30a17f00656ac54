"""Scores that cannot decide anything are not worked out, and what is found is what all scores give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from msgspec.structs import replace

from diffspot import pipeline
from diffspot.backends import get_backend
from diffspot.model import Image
from diffspot.options import Options
from diffspot.pipeline import compare_images
from diffspot.segmentation import Morphology, deciding, make_mask

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

NUMPY = get_backend("numpy")
MORPHOLOGIES = [
    Morphology(tolerance, opening, closing, dilation)
    for tolerance in (0, 1, 2)
    for opening in (1, 3)
    for closing, dilation in ((1, 1), (5, 1), (1, 5), (7, 3))
]


@pytest.mark.parametrize("morphology", MORPHOLOGIES, ids=str)
def test_what_lies_outside_does_not_change_the_mask(backend: Backend, morphology: Morphology) -> None:
    rng = np.random.default_rng(3)
    for share in (0.002, 0.05, 0.4):
        plain = rng.integers(0, 256, (70, 90)).astype(np.uint8) * (rng.random((70, 90)) < share)
        scores = np.asarray(plain * rng.random((70, 90)) / 255, np.float32)
        threshold = 0.2
        where = deciding(backend.from_host(plain > 255 * threshold), backend, morphology)
        levels, all_scores = backend.from_host(plain), backend.from_host(scores)
        masks = [
            backend.to_host(make_mask(part, levels, threshold, backend, morphology))
            for part in (all_scores, all_scores * where)
        ]
        np.testing.assert_array_equal(*masks)
        assert not (masks[0] & ~backend.to_host(where)).any()


def noisy_pair(rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A soft ramp with noise on both sides, of which the second has two spots more."""
    ramp = np.linspace(40, 200, 260)[:, None, None] + np.linspace(-30, 30, 310)[:, None]
    pair = [np.rint(ramp + rng.normal(0, 3, (260, 310, 3))).clip(0, 255).astype(np.uint8) for _ in range(2)]
    pair[1][40:60, 50:80] += 40
    pair[1][200:206, 250:262] -= 35
    return pair[0], pair[1]


@pytest.mark.parametrize("metric", ["absdiff", "ssim"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"opening": 1},
        {"closing": 9},
        {"dilation": 7},
        {"tolerance": 0},
        {"tolerance": 2.0},
        {"blur": 0},
        {"floor": 0.1},
    ],
    ids=str,
)
def test_the_regions_are_those_of_all_scores(
    metric: str, changes: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = [Image(pixels) for pixels in noisy_pair(np.random.default_rng(5))]
    options = replace(Options(metric=metric), **changes)
    asked: list[float] = []

    def noting(possible: NDArray[np.bool_], backend: Backend, morphology: Morphology) -> NDArray[np.bool_]:
        where = deciding(possible, backend, morphology)
        asked.append(float(where.mean()))
        return where

    monkeypatch.setattr(pipeline, "deciding", noting)
    found = compare_images(*pair, options, NUMPY)
    monkeypatch.setattr(pipeline, "deciding", lambda possible, *_: np.ones_like(possible))
    expected = compare_images(*pair, options, NUMPY)
    assert found == expected
    assert found.regions
    assert min(asked) < 1
