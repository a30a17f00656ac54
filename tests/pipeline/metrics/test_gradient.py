"""Gradients in closed form against HIPS autograd and central differences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

import diffspot
from diffspot.backends.interface import SSIM_C1, SSIM_C2
from diffspot.errors import OptionError
from diffspot.pipeline.metrics.gradient import Gradient, ms_ssim_gradient, mse_gradient, ssim_gradient
from diffspot.pipeline.metrics.ms_ssim import scale_weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

EXACT = 1e-14
"""Relative to the largest: a few dozen roundings of 1.1e-16 in float64 on either side."""
KERNEL = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)


def blurring(side: int) -> NDArray[np.float64]:
    """The blur of a line of so many px as a matrix: mirrored with the edge pixel repeated."""
    lines = np.pad(np.eye(side), ((0, 0), (side, side)), mode="symmetric")
    while lines.shape[1] < side + 10:
        lines = np.pad(np.eye(side), ((0, 0), (5, 5)), mode="symmetric")
    middle = lines.shape[1] // 2 - side // 2
    weights = KERNEL / KERNEL.sum()
    start = (lines.shape[1] - side) // 2
    assert middle >= 5
    return np.stack([np.convolve(line, weights, "same")[start : start + side] for line in lines], axis=1)


def terms(x: Any, y: Any) -> tuple[Any, Any]:  # noqa: ANN401  arrays of autograd
    """SSIM, and contrast and structure, of planes (H, W)."""
    down, across = blurring(x.shape[0]), blurring(x.shape[1])

    def mean(plane: Any) -> Any:  # noqa: ANN401
        return anp.dot(anp.dot(down, plane), across.T)

    ux, uy = mean(x), mean(y)
    variances = mean(x * x) - ux * ux + mean(y * y) - uy * uy
    contrast = (2 * (mean(x * y) - ux * uy) + SSIM_C2) / (variances + SSIM_C2)
    return (2 * ux * uy + SSIM_C1) / (ux * ux + uy * uy + SSIM_C1) * contrast, contrast


def mse(x: Any, y: Any) -> Any:  # noqa: ANN401
    return anp.mean((x - y) ** 2)


def psnr(x: Any, y: Any) -> Any:  # noqa: ANN401
    return -10 * anp.log(mse(x, y)) / np.log(10)


def ssim(x: Any, y: Any) -> Any:  # noqa: ANN401
    return anp.mean(terms(x, y)[0])


def halved(plane: Any) -> Any:  # noqa: ANN401
    rows = anp.concatenate([plane, plane[-1:]]) if plane.shape[0] % 2 else plane
    even = anp.concatenate([rows, rows[:, -1:]], axis=1) if plane.shape[1] % 2 else rows
    return (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4


def ms_ssim(x: Any, y: Any) -> Any:  # noqa: ANN401
    product = 1.0
    weights = scale_weights((x.shape[1], x.shape[0]))
    for index, weight in enumerate(weights):
        similarity, contrast = terms(x, y)
        product = product * anp.mean(similarity if index == len(weights) - 1 else contrast) ** weight
        x, y = halved(x), halved(y)
    return product


def pictures(shape: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng(shape[0])
    x = rng.random(shape)
    return x, np.clip(x + rng.normal(0, 0.1, shape), 0, 1)


@pytest.mark.parametrize("shape", [(12, 15), (25, 26), (45, 23)])
@pytest.mark.parametrize(
    ("closed", "metric"), [(mse_gradient, mse), (ssim_gradient, ssim), (ms_ssim_gradient, ms_ssim)]
)
def test_it_is_what_autograd_finds(
    backend: Backend, closed: Callable[..., Any], metric: Callable[..., Any], shape: tuple[int, int]
) -> None:
    x, y = pictures(shape)
    expected = autograd.grad(metric, 1)(x, y)
    given = (backend.from_host(plane[..., None] - 0.5) for plane in (x, y))
    found = backend.to_host(closed(*given, backend))[..., 0]
    np.testing.assert_allclose(found, expected, atol=EXACT * abs(expected).max(), rtol=0)


def test_ms_ssim_has_several_scales_there() -> None:
    assert [len(scale_weights(size)) for size in ((15, 12), (26, 25), (23, 45), (160, 400), (161, 400))] == [
        1,
        2,
        2,
        4,
        5,
    ]


@pytest.mark.slow
@pytest.mark.parametrize("metric", [mse, psnr])
def test_of_mse_and_psnr_it_is_the_scaled_difference(backend: Backend, metric: Callable[..., Any]) -> None:
    rng = np.random.default_rng(1)
    reference, candidate = (rng.integers(0, 256, (20, 30, 1), dtype=np.uint8) for _ in range(2))
    slopes = abs(autograd.grad(metric, 1)(reference[..., 0] / 255, candidate[..., 0] / 255))
    r, c = backend.from_host(reference), backend.from_host(candidate)
    found = backend.to_host(Gradient("absdiff").distance(r, c, backend))
    difference = backend.to_host(backend.absdiff(r, c)).astype(float)
    # A float32 score is rounded by 3e-8.
    np.testing.assert_allclose(found, slopes / slopes.max(), atol=1e-7, rtol=0)
    np.testing.assert_allclose(found, difference / difference.max(), atol=1e-7, rtol=0)


@pytest.mark.parametrize("of", ["absdiff", "ssim", "ms-ssim"])
def test_central_differences_agree(backend: Backend, of: str) -> None:
    """Of the whole: levels in, the largest channel, scaled by the maximum."""
    whole = {"absdiff": mse, "ssim": ssim, "ms-ssim": ms_ssim}[of]
    rng = np.random.default_rng(2)
    reference = rng.integers(40, 200, (24, 22, 2)).astype(np.float32)
    candidate = reference + rng.integers(-30, 30, (24, 22, 2)).astype(np.float32)
    found = backend.to_host(Gradient(of).distance(backend.from_host(reference), backend.from_host(candidate), backend))
    x, y = reference.astype(np.float64) / 255, candidate.astype(np.float64) / 255
    slopes = []
    for row, column in ((0, 0), (0, 21), (11, 7), (23, 21), (5, 12)):
        steps = []
        for channel in range(2):
            plus, minus = y[..., channel].copy(), y[..., channel].copy()
            plus[row, column] += 1e-5
            minus[row, column] -= 1e-5
            steps.append(abs(whole(x[..., channel], plus) - whole(x[..., channel], minus)) / 2e-5)
        slopes.append((max(steps), found[row, column]))
    scales = [score / slope for slope, score in slopes]
    np.testing.assert_allclose(scales, scales[0], rtol=1e-4)  # the next term of the series is 1e-10 / slope of 1e-4


@pytest.mark.parametrize("of", ["absdiff", "ssim", "ms-ssim"])
def test_equal_pictures_have_none_and_others_reach_one(backend: Backend, of: str) -> None:
    rng = np.random.default_rng(3)
    picture = backend.from_host(rng.integers(0, 256, (30, 40, 3), dtype=np.uint8))
    assert backend.to_host(Gradient(of).distance(picture, picture.copy(), backend)).max() == 0
    other = backend.from_host(rng.integers(0, 256, (30, 40, 3), dtype=np.uint8))
    assert backend.to_host(Gradient(of).distance(picture, other, backend)).max() == 1


def test_a_change_is_found_by_its_gradient() -> None:
    reference = np.full((90, 120), 200, np.uint8)
    reference[::7] = 120
    candidate = reference.copy()
    candidate[40:50, 60:75] = 30
    for metric in ("absdiff", "ssim", "ms-ssim"):
        result = diffspot.compare(reference, candidate, metric=metric, score="gradient")
        assert len(result.regions) == 1
        x, y, width, height = result.regions[0].bbox
        assert abs(x - 60) + abs(y - 40) + abs(width - 15) + abs(height - 10) <= 4, metric


def test_a_metric_without_one_is_refused() -> None:
    white, grey = np.full((20, 20), 255, np.uint8), np.full((20, 20), 90, np.uint8)
    with pytest.raises(OptionError, match="--score gradient is not for --metric flip; choose one of absdiff, ssim"):
        diffspot.compare(white, grey, metric="flip", score="gradient")
