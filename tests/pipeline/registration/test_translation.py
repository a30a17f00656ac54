"""Translations, against scikit-image's phase correlation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import fourier_shift
from skimage.registration import phase_cross_correlation

from diffspot.pipeline.registration.translation import correlation, translations
from tests.pipeline.registration import scenes
from tests.placing import register
from tests.sweep import sweep


@pytest.mark.parametrize("shift", sweep([(0.5, -0.25), (3.7, 2.2), (-8.4, 11.6)]))
@pytest.mark.parametrize("name", ["coffee", "camera"])
def test_agrees_with_phase_cross_correlation(name: str, shift: tuple[float, float]) -> None:
    reference = scenes.photo(name)[..., :1].copy()
    spectrum = fourier_shift(np.fft.fft2(reference[..., 0]), shift)
    candidate = np.clip(np.rint(np.fft.ifft2(spectrum).real), 0, 255).astype(np.uint8)[..., None]
    oracle = phase_cross_correlation(reference[..., 0], candidate[..., 0], upsample_factor=100)[0]
    found = register(reference, candidate, method="translation")
    assert found.method == "translation"
    assert np.array(found.matrix)[:2, 2] == pytest.approx(oracle[::-1], abs=0.05)
    assert oracle == pytest.approx([-shift[0], -shift[1]], abs=0.05)


def test_correlation_peaks_at_the_wrapped_shift() -> None:
    picture = np.random.default_rng(0).normal(size=(64, 96)).astype(np.float32)
    surface = correlation(picture, np.roll(picture, (5, -7), axis=(0, 1)))
    assert np.unravel_index(surface.argmax(), surface.shape) == (5, surface.shape[1] - 7)


def test_likeliest_translation_comes_first() -> None:
    picture = np.random.default_rng(0).normal(size=(80, 100)).astype(np.float32)
    first = translations(picture[10:70, 10:90], picture[6:66, 19:99], 3)[0]
    assert first.tolist() == [[1, 0, -9], [0, 1, 4], [0, 0, 1]]


def test_blank_pictures_have_no_warning() -> None:
    blank = np.zeros((40, 50), np.float32)
    assert np.isfinite(correlation(blank, blank)).all()
