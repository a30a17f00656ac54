"""The classic recipe (blur, SSIM, quantile, opening, components), step by step against scikit-image and SciPy."""

# SciPy and scikit-image have no types of their own.
# mypy: allow-untyped-calls
from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
from scipy.ndimage import binary_opening
from skimage.data import chelsea, page
from skimage.filters import gaussian
from skimage.measure import label, regionprops
from skimage.metrics import structural_similarity

from benchmarks.scenes.camera import add_noise
from diffspot import compare
from diffspot.backends import get_backend
from diffspot.backends.interface import blur_radius
from diffspot.options.options import make_options
from diffspot.pipeline.batch import Request
from diffspot.pipeline.detection import find_differences
from diffspot.pipeline.difference import blurred_difference, score
from diffspot.pipeline.parameters import estimate_parameters
from diffspot.pipeline.segmentation import make_mask
from tests.placing import registered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

SIGMA, SIDE = 1.5, 3
RECIPE: dict[str, Any] = {
    "metric": "ssim",
    "blur": SIGMA,
    "threshold": "95%",
    "tolerance": 0,
    "align": "none",
    "normalize": "none",
    "opening": SIDE,
    "join": 0,
}
NUMPY = get_backend("numpy")
ROUNDING = 1.5
"""Grey levels: half a one because the blur of 8 bits ends in whole levels, and one because its weights are rounded to
1/256, which beside an edge of 255 levels moves a level by as much."""
SSIM_ERROR = 5e-5
"""As derived in metrics/test_ssim.py."""
BIN = 1 / (1 << 16)
"""Quantiles are read from a histogram of so wide bins."""


class Steps(NamedTuple):
    """What diffspot has after each step."""

    blurred: list[Picture]
    scores: NDArray[np.float32]
    threshold: float
    mask: NDArray[np.bool_]


def patched(picture: Picture, *, noise: float) -> Picture:
    """Three patches and noise."""
    changed = picture.copy()
    for y, x, h, w in ((20, 30, 12, 40), (90, 150, 25, 25), (140, 10, 4, 60)):
        changed[y : y + h, x : x + w] = 255 - changed[y : y + h, x : x + w]
    return add_noise(changed, np.random.default_rng(5), noise)


PAIRS = {
    "a photo with noise": (chelsea()[:170, :230], 3.0),
    "a crisp page": (np.repeat(page()[:170, :230, None], 3, axis=2), 0.0),
    "a grey page with noise": (page()[:170, :230, None], 3.0),
}


@cache
def pair_of(name: str) -> tuple[Picture, Picture]:
    picture, noise = PAIRS[name]
    return picture, patched(picture, noise=noise)


@cache
def steps(name: str, threshold: float | str = "95%") -> Steps:
    """The stages of the pipeline under the recipe's options."""
    reference, candidate = pair_of(name)
    pair = registered(reference, candidate)
    options = make_options(RECIPE | {"threshold": threshold})
    parameters, limits = estimate_parameters(pair, options, NUMPY, step=1 / 255, resampled=False, rendered=False)
    plain = blurred_difference(pair, NUMPY, sigma=SIGMA)
    scores = score(pair, np.ones(plain.shape, bool), NUMPY, parameters, limits)
    (found,) = find_differences([Request(pair, parameters, limits)], NUMPY)
    mask = make_mask(scores, plain, found.threshold, NUMPY, parameters.morphology, weak=not parameters.fixed)
    return Steps([NUMPY.gaussian_blur(one, SIGMA) for one in (reference, candidate)], scores, found.threshold, mask)


@pytest.mark.parametrize("name", PAIRS)
def test_the_blur_is_that_of_scikit_image(name: str) -> None:
    for picture, found in zip(pair_of(name), steps(name).blurred, strict=True):
        truncate = blur_radius(SIGMA) / SIGMA
        expected = gaussian(picture.astype(float), SIGMA, mode="reflect", truncate=truncate, channel_axis=2)
        np.testing.assert_allclose(found, expected, atol=ROUNDING, rtol=0)
        assert abs(found - expected).mean() < ROUNDING / 4


@pytest.mark.parametrize("name", PAIRS)
def test_the_scores_are_those_of_scikit_image(name: str) -> None:
    one, other = (picture / 255 for picture in steps(name).blurred)
    _, similarity = structural_similarity(
        one, other, channel_axis=2, full=True, data_range=1.0, gaussian_weights=True, use_sample_covariance=False
    )
    expected = ((1 - similarity.min(axis=2)) / 2).clip(0, 1)
    np.testing.assert_allclose(steps(name).scores, expected, atol=SSIM_ERROR, rtol=0)


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("percent", [50, 95, 99.5])
def test_the_threshold_is_the_quantile_of_all_scores(name: str, percent: float) -> None:
    scores, threshold = steps(name).scores, steps(name, f"{percent}%").threshold
    assert threshold == pytest.approx(float(np.quantile(scores, percent / 100, method="lower")), abs=BIN)


@pytest.mark.parametrize("threshold", ["95%", "50%", 0.2])
@pytest.mark.parametrize("name", PAIRS)
def test_the_mask_is_an_opening_of_what_scores_more(name: str, threshold: float | str) -> None:
    found = steps(name, threshold)
    expected = binary_opening(found.scores > found.threshold, np.ones((SIDE, SIDE)))
    assert expected.any()
    np.testing.assert_array_equal(found.mask, expected)


@pytest.mark.parametrize("threshold", ["95%", "50%", 0.2])
@pytest.mark.parametrize("name", PAIRS)
def test_the_regions_are_the_components_of_the_mask(name: str, threshold: float | str) -> None:
    found = steps(name, threshold)
    expected = sorted(
        (part.bbox[0], part.bbox[1], part.bbox[3] - part.bbox[1], part.bbox[2] - part.bbox[0], int(part.area))
        for part in regionprops(label(found.mask, connectivity=2))
    )
    result = compare(*pair_of(name), **RECIPE | {"threshold": threshold})
    regions = [(y, x, w, h, region.area) for region in result.regions for x, y, w, h in [region.bbox]]
    assert sorted(regions) == expected
    assert {region.kind for region in result.regions} == {"content"}
    assert result.threshold == pytest.approx(found.threshold, abs=1e-6)


def test_a_quantile_flags_its_share_of_a_picture_that_differs_by_noise_alone() -> None:
    reference = pair_of("a photo with noise")[0]
    noisy = add_noise(reference, np.random.default_rng(6), 3)
    result = compare(reference, noisy, **RECIPE | {"opening": 1, "min_area": 1})
    area = sum(region.area for region in result.regions)
    assert area == pytest.approx(0.05 * reference.shape[0] * reference.shape[1], rel=0.02)
    assert compare(reference, noisy).status == "same"
