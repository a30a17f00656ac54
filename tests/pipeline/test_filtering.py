"""Filters against NumPy's FFT, stretching against scikit-image."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from skimage import data, exposure

import diffspot
from diffspot.pipeline.filtering import filtered, low_frequencies, stretched
from diffspot.pipeline.pair import RegisteredPair

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

OF_RANGE = 255 * 1e-5
"""float32 rounds levels by 1.5e-5; the transform in float64 by far less."""


def pair_of(backend: Backend, *pictures: NDArray[Any], valid: NDArray[np.bool_] | None = None) -> RegisteredPair:
    r, c = map(backend.from_host, pictures)
    inside = backend.from_host(np.ones(pictures[0].shape[:2], bool) if valid is None else valid)
    return RegisteredPair(r, c, inside, backend.absdiff(r, c))


def one_liner(plane: NDArray[Any], share: float) -> NDArray[np.float64]:
    """Keeps the block around the middle of k-space, int(n * share // 2) each side."""
    height, width = plane.shape
    rows, columns = (np.abs(np.arange(n) - n // 2) <= int(n * share // 2) for n in (height, width))
    kept = np.fft.fftshift(np.fft.fft2(plane)) * (rows[:, None] & columns)
    return np.fft.ifft2(np.fft.ifftshift(kept)).real


def test_low_frequencies_are_those_of_numpy(backend: Backend) -> None:
    for shape, share in product([(40, 60), (41, 33), (1, 1), (1, 20), (3, 2)], [0, 0.1, 0.5, 0.9, 1]):
        rng = np.random.default_rng(1)
        picture = rng.integers(0, 256, (*shape, 3), dtype=np.uint8)
        found = backend.to_host(low_frequencies(backend.from_host(picture), share, backend))
        assert found.dtype == np.float32
        expected = np.stack([one_liner(picture[..., channel], share) for channel in range(3)], axis=-1)
        np.testing.assert_allclose(found, expected, atol=OF_RANGE, rtol=0, err_msg=f"{shape} {share}")


def test_low_and_high_pass_of_one_factor_are_the_picture(backend: Backend) -> None:
    picture, other = data.astronaut()[:51, :70], data.coffee()[:51, :70]
    pair = pair_of(backend, picture.copy(), other.copy())
    low, high = (filtered(pair, kind, 0.3, backend) for kind in ("lowpass", "highpass"))
    for name, expected in (("reference", picture), ("candidate", other)):
        total = backend.to_host(getattr(low, name) + getattr(high, name))
        np.testing.assert_allclose(total, expected, atol=OF_RANGE, rtol=0)
    np.testing.assert_array_equal(
        backend.to_host(low.difference), backend.to_host(backend.absdiff(low.reference, low.candidate))
    )


def test_a_high_pass_takes_the_mean_and_so_any_shift_of_brightness(backend: Backend) -> None:
    rng = np.random.default_rng(2)
    reference = rng.integers(0, 200, (30, 30, 1), dtype=np.uint8)
    high = filtered(pair_of(backend, reference, reference + np.uint8(50)), "highpass", 0, backend)
    assert abs(backend.to_host(high.reference).mean()) < OF_RANGE
    assert backend.to_host(high.difference).max() < OF_RANGE


def test_what_is_not_valid_stays_equal(backend: Backend) -> None:
    rng = np.random.default_rng(3)
    pictures = (rng.integers(0, 256, (30, 40, 3), dtype=np.uint8) for _ in range(2))
    valid = np.ones((30, 40), bool)
    valid[:9] = False
    pair = pair_of(backend, *pictures, valid=valid)
    for made in (filtered(pair, "lowpass", 0.2, backend), stretched(pair, backend)):
        assert backend.to_host(made.difference)[:9].max() == 0
        assert backend.to_host(made.difference)[9:].max() > 0


def test_stretching_is_that_of_scikit_image(backend: Backend) -> None:
    rng = np.random.default_rng(4)
    reference = rng.integers(30, 120, (20, 30, 3), dtype=np.uint8)
    candidate = rng.integers(90, 200, (20, 30, 3), dtype=np.uint8)
    made = stretched(pair_of(backend, reference, candidate), backend)
    for levels, picture in ((made.reference, reference), (made.candidate, candidate)):
        expected = exposure.rescale_intensity(picture.astype(np.float64), out_range=(0, 255))
        np.testing.assert_allclose(backend.to_host(levels), expected, atol=1e-4, rtol=0)  # float32 of 255: 1.5e-5 twice
        assert backend.to_host(levels).min() == 0


def test_a_picture_of_one_colour_is_all_0_and_alpha_stays(backend: Backend) -> None:
    flat = np.full((5, 6, 4), 77, np.uint8)
    made = backend.to_host(stretched(pair_of(backend, flat, flat), backend).reference)
    assert made[..., :3].max() == 0
    np.testing.assert_array_equal(made[..., 3], 77)


def test_a_stretched_pair_in_another_contrast_is_the_same() -> None:
    rng = np.random.default_rng(5)
    reference = rng.integers(0, 128, (60, 80), dtype=np.uint8)
    reference[0, :2] = 0, 127
    candidate = 2 * reference
    assert diffspot.compare(reference, candidate, normalize="none", align="none").status == "different"
    assert diffspot.compare(reference, candidate, normalize="stretch", align="none").status == "same"


def test_a_filter_chooses_what_counts() -> None:
    """A slow shade and a fine mark: each filter leaves one."""
    x = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    reference = np.full((120, 200), 128, np.uint8)
    shaded = np.rint(128 + 40 * np.sin(x) * np.ones((120, 1))).astype(np.uint8)
    marked = reference.copy()
    marked[50:52, 90:92] = 255
    options = {"align": "none", "normalize": "none", "threshold": 0.1, "tolerance": 0, "blur": 0}
    for candidate, low, high in ((shaded, "different", "same"), (marked, "same", "different")):
        statuses = [
            diffspot.compare(reference, candidate, filter=f"{kind}=0.1", **options).status
            for kind in ("lowpass", "highpass")
        ]
        assert statuses == [low, high]


def test_a_blur_may_be_a_share_of_the_width() -> None:
    reference = np.full((60, 200), 128, np.uint8)
    candidate = reference.copy()
    candidate[20:40, 80:110] = 250
    options = {"align": "none", "normalize": "none", "threshold": 0.1, "tolerance": 0}
    given, share, wider = (diffspot.compare(reference, candidate, blur=blur, **options) for blur in (4, "2%", "5%"))
    assert given.regions == share.regions
    assert wider.regions != share.regions
    most = diffspot.compare(reference, candidate, blur="100%", **options)
    assert most.regions == diffspot.compare(reference, candidate, blur=50, **options).regions
