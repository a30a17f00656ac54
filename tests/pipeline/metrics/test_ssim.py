"""SSIM against scikit-image, the outside oracle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from diffspot.pipeline.metrics import find_metric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

WINDOW = 11
TOLERANCE = 5e-5
"""Against float64 on pictures with noise, where variances stand well above C2 = 9e-4: they are
differences of float32 terms up to 0.25, off by a few roundings of 1.5e-8, so SSIM is off by about
1e-5; a wrong window, border or constant moves it by more than 1e-3."""


def oracle(reference: NDArray[np.float64], candidate: NDArray[np.float64]) -> NDArray[np.float64]:
    """scikit-image's map; it refuses less than a window, so tiny pictures are mirrored first."""
    pads = [(WINDOW, WINDOW), (WINDOW, WINDOW), (0, 0)]
    pair = [np.pad(picture, pads, mode="symmetric") for picture in (reference, candidate)]
    _, full = structural_similarity(
        *pair,
        gaussian_weights=True,
        use_sample_covariance=False,
        full=True,
        channel_axis=2,
        data_range=1.0,
    )
    return full[WINDOW:-WINDOW, WINDOW:-WINDOW]


@pytest.mark.parametrize("shape", [(64, 48, 3), (37, 101, 1), (11, 11, 4), (33, 65, 2), (5, 7, 3), (1, 1, 1)])
def test_map_equals_scikit_image(backend: Backend, shape: tuple[int, int, int], rng: np.random.Generator) -> None:
    reference = rng.random(shape, dtype=np.float32)
    noisy = reference + rng.normal(0, 0.1, shape)
    candidate = np.clip(noisy, 0, 1).astype(np.float32)
    expected = oracle(reference.astype(np.float64), candidate.astype(np.float64)).min(axis=-1)
    found = backend.to_host(backend.ssim(backend.from_host(255 * reference), backend.from_host(255 * candidate), 1.5))
    np.testing.assert_allclose(found, expected, atol=TOLERANCE, rtol=0)


def test_score_is_half_the_dissimilarity_of_the_worst_channel(backend: Backend, rng: np.random.Generator) -> None:
    reference = rng.integers(0, 256, (32, 40, 3), dtype=np.uint8)
    candidate = reference.copy()
    candidate[..., 1] = 255 - candidate[..., 1]
    expected = (1 - oracle(reference / 255, candidate / 255).min(axis=-1)) / 2
    r, c = backend.from_host(reference), backend.from_host(candidate)
    found = find_metric("ssim").score(r, c, backend.absdiff(r, c), backend)
    np.testing.assert_allclose(backend.to_host(found), expected.clip(0, 1), atol=TOLERANCE, rtol=0)
