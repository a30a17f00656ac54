"""Measures of a whole pair against scikit-image, NumPy, sewar and pytorch-msssim's formula."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import scipy
import skimage
from scipy.ndimage import uniform_filter
from skimage import data

import diffspot
from diffspot.pipeline.measures import measure_pair, ms_ssim, ncc, ssim
from diffspot.pipeline.pair import RegisteredPair

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

AS_THEY_ARE: dict[str, Any] = {"align": "none", "normalize": "none"}
ROUNDED = 5e-7
"""Six digits after the point are kept."""
WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


@pytest.fixture(scope="module")
def pair() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    reference = np.ascontiguousarray(data.astronaut()[:256, 100:420])
    rng = np.random.default_rng(1)
    candidate = np.clip(reference + rng.normal(0, 12, reference.shape), 0, 255).astype(np.uint8)
    candidate[100:130, 60:90, 1] = 255 - candidate[100:130, 60:90, 1]
    return reference, candidate


def measured(pair: tuple[NDArray[Any], NDArray[Any]], *names: str) -> dict[str, float | None]:
    return diffspot.compare(*pair, measure=names, **AS_THEY_ARE).measures


def test_mse_psnr_and_ssim_are_those_of_scikit_image(pair: tuple[NDArray[Any], NDArray[Any]]) -> None:
    found = measured(pair, "mse", "psnr", "ssim")
    assert list(found) == ["mse", "psnr", "ssim"]
    assert found["mse"] == pytest.approx(skimage.metrics.mean_squared_error(*pair), abs=ROUNDED)
    assert found["psnr"] == pytest.approx(skimage.metrics.peak_signal_noise_ratio(*pair, data_range=255), abs=ROUNDED)
    expected = skimage.metrics.structural_similarity(
        *pair, gaussian_weights=True, use_sample_covariance=False, channel_axis=2, data_range=255
    )
    assert found["ssim"] == pytest.approx(expected, abs=ROUNDED)


def test_ncc_and_norm_are_those_of_numpy(pair: tuple[NDArray[Any], NDArray[Any]]) -> None:
    found = measured(pair, "ncc", "norm")
    x, y = (picture.astype(np.float64).ravel() for picture in pair)
    assert found["ncc"] == pytest.approx(np.corrcoef(x, y)[0, 1], abs=ROUNDED)
    assert found["norm"] == pytest.approx(np.linalg.norm(x - y), abs=ROUNDED)
    assert found["norm"] == pytest.approx(math.sqrt(x.size * skimage.metrics.mean_squared_error(*pair)), abs=ROUNDED)


def means_of_four(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of cells of 2 x 2 px that begin in the corner, as pytorch-msssim has them."""
    return plane.reshape(len(plane) // 2, 2, -1, 2).mean(axis=(1, 3))


def shifted_means(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of cells that begin a px above and left of it, as sewar has them."""
    return np.asarray(uniform_filter(plane, 2)[::2, ::2])


def formula(x: NDArray[Any], y: NDArray[Any], halved: Callable[[NDArray[Any]], NDArray[np.float64]]) -> float:
    """MS-SSIM of planes as pytorch-msssim writes it, derived anew: valid windows, five scales."""
    shares = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    window = np.outer(shares, shares) / shares.sum() ** 2
    product, x, y = 1.0, x.astype(np.float64), y.astype(np.float64)
    for scale, weight in enumerate(WEIGHTS):
        mx, my, mxx, myy, mxy = (
            scipy.signal.convolve2d(plane, window, "valid") for plane in (x, y, x * x, y * y, x * y)
        )
        cs = (2 * (mxy - mx * my) + 58.5225) / (mxx - mx * mx + myy - my * my + 58.5225)
        similar = cs if scale < 4 else cs * (2 * mx * my + 6.5025) / (mx * mx + my * my + 6.5025)
        product *= max(float(similar.mean()), 0) ** weight
        x, y = halved(x), halved(y)
    return product


def test_ms_ssim_is_the_formula(pair: tuple[NDArray[Any], NDArray[Any]]) -> None:
    expected = [formula(pair[0][..., c], pair[1][..., c], means_of_four) for c in range(3)]
    assert measured(pair, "ms-ssim")["ms-ssim"] == pytest.approx(np.mean(expected), abs=ROUNDED)


def test_the_formula_is_that_of_sewar(pair: tuple[NDArray[Any], NDArray[Any]]) -> None:
    grey = [picture[..., 1] for picture in pair]
    import sewar  # noqa: PLC0415  slow to import

    expected = sewar.msssim(*grey)
    assert formula(grey[0], grey[1], shifted_means) == pytest.approx(expected, abs=1e-9)
    # Cells a px further on are another sample of the same picture.
    assert ms_ssim(*(plane[..., None] for plane in grey), np.ones(grey[0].shape, bool)) == pytest.approx(
        expected, abs=0.01
    )


def test_measures_of_16_bits_are_in_levels_of_8(pair: tuple[NDArray[Any], NDArray[Any]]) -> None:
    deep = [picture.astype(np.uint16) * 257 for picture in pair]
    names = ("mse", "psnr", "ssim", "ms-ssim", "ncc", "norm")
    expected = measured(pair, *names)
    # float32 levels are rounded by 1e-5 of 255.
    assert measured((deep[0], deep[1]), *names) == pytest.approx(expected, rel=1e-5)


def test_only_what_is_valid_counts(backend: Backend, pair: tuple[NDArray[Any], NDArray[Any]]) -> None:
    valid = np.zeros(pair[0].shape[:2], bool)
    valid[40:220, 30:300] = True
    r, c = (backend.from_host(picture) for picture in pair)
    whole = RegisteredPair(
        r, backend.select(backend.from_host(valid), c, r), backend.from_host(valid), backend.absdiff(r, c)
    )
    found = measure_pair(whole, ("mse", "ncc", "ssim"), backend, model="none")
    cut = [picture[40:220, 30:300] for picture in pair]
    assert found["mse"] == pytest.approx(skimage.metrics.mean_squared_error(*cut), abs=ROUNDED)
    assert found["ncc"] == pytest.approx(np.corrcoef(*(picture.ravel() for picture in cut))[0, 1], abs=ROUNDED)
    filled = np.where(valid[..., None], pair[1], pair[0])
    _, full = skimage.metrics.structural_similarity(
        pair[0], filled, gaussian_weights=True, use_sample_covariance=False, channel_axis=2, data_range=255, full=True
    )
    assert found["ssim"] == pytest.approx(full[valid].mean(), abs=ROUNDED)


def test_equal_pictures_have_an_infinite_psnr_which_is_null_and_told() -> None:
    picture = np.full((30, 30, 3), 9, np.uint8)
    result = diffspot.compare(picture, picture, measure="psnr,ms-ssim,mse,norm,lpips,ssim,ncc")
    assert result.status == "same"
    assert result.measures == {"psnr": None, "ms-ssim": 1, "mse": 0, "norm": 0, "lpips": 0, "ssim": 1, "ncc": 1}
    assert "psnr is infinite: the pictures are equal" in result.notes


def test_pictures_that_only_moved_are_measured_once_registered() -> None:
    photo = data.astronaut()
    reference, moved = photo[20:220, 30:330].copy(), photo[24:224, 35:335].copy()
    found = diffspot.compare(reference, moved, measure="mse,ssim").measures
    assert found["mse"] is not None
    assert found["mse"] < 0.01 * skimage.metrics.mean_squared_error(reference, moved)
    assert found["ssim"] == pytest.approx(1, abs=0.01)


def test_a_picture_of_one_colour_has_no_correlation() -> None:
    grey, black = np.full((30, 30), 90, np.uint8), np.zeros((30, 30), np.uint8)
    black[10:20, 10:20] = 200
    result = diffspot.compare(grey, black, measure="ncc", **AS_THEY_ARE)
    assert result.measures == {"ncc": None}
    assert "ncc has no value: a picture is of one colour" in result.notes
    assert math.isnan(ncc(grey, black))


@pytest.mark.parametrize("side", [1, 2, 5, 10, 11, 20, 21])
def test_tiny_pictures(side: int) -> None:
    rng = np.random.default_rng(side)
    for channels in (1, 2, 3, 4):
        x, y = (rng.integers(0, 256, (side, 20, channels), dtype=np.uint8) for _ in range(2))
        everywhere = np.ones((side, 20), bool)
        assert -1 <= ssim(x, y, everywhere) < 1
        assert 0 <= ms_ssim(x, y, everywhere) < 1
        assert ssim(x, x, everywhere) == ms_ssim(x, x, everywhere) == 1


def test_nothing_is_measured_unless_asked_for(pair: tuple[NDArray[Any], NDArray[Any]]) -> None:
    assert diffspot.compare(*pair, **AS_THEY_ARE).measures == {}
