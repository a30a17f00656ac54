"""Fine strokes that interpolation left softer are noise; strokes that changed, moved or faded are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from diffspot.backends import get_backend
from diffspot.pipeline.verdict.softened import without_softened
from tests.placing import registered

if TYPE_CHECKING:
    from numpy.typing import NDArray

BOX = (20, 20, 60, 40)
COMPONENT = (BOX, 200, 0.3, 0.2)


def _strokes(*, gap: float = 5.0, ink: float = 150.0) -> NDArray[np.float32]:
    """(80, 100, 3) levels: slanted strokes 1 px wide on paper."""
    y, x = np.mgrid[:80, :100].astype(np.float32)
    inside = (np.abs(x - 50) < 26) & (np.abs(y - 40) < 16)
    stroke = np.clip(1 - np.abs((x + 0.3 * y) % gap - gap / 2), 0, 1) * inside
    return np.asarray(np.repeat((230 - ink * stroke)[..., None], 3, axis=2), np.float32)


def _kept(reference: NDArray[np.float32], candidate: NDArray[np.float32]) -> bool:
    """Whether the component stays a candidate for a change."""
    pair = registered(*(np.rint(picture).astype(np.uint8) for picture in (reference, candidate)))
    left, tally = without_softened([COMPONENT], pair, get_backend("numpy"))
    assert [(cause, pixels) for cause, _, pixels in tally.places] == ([] if left else [("noise", 200)])
    return left == [COMPONENT]


def _softer(picture: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)


@pytest.mark.parametrize("sigma", [0.4, 0.5, 0.6])
def test_softer_strokes_of_either_picture_are_noise(sigma: float) -> None:
    sharp = _strokes()
    soft = _softer(sharp, sigma)
    assert np.abs(soft - sharp).max() > 15
    assert not _kept(sharp, soft)
    assert not _kept(soft, sharp)


def test_strokes_that_interpolation_laid_aside_and_back_are_noise() -> None:
    sharp = _strokes()
    for by in (0.3, 0.5):
        there, back = (np.array([[1, 0, way], [0, 1, way / 2]], np.float32) for way in (by, -by))
        laid = sharp
        for step in (there, back):
            laid = cv2.warpAffine(laid, step, (100, 80), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        assert not _kept(sharp, laid)


def test_strokes_that_faded_were_left_out_or_are_others_stay() -> None:
    sharp = _strokes()
    for other in (_strokes(ink=75), _strokes(gap=4), _strokes(ink=0), np.roll(sharp, 2, axis=1)):
        assert _kept(sharp, other)
        assert _kept(sharp, _softer(other, 0.5))
        assert _kept(other, sharp)


def test_what_was_blurred_by_more_than_interpolation_stays() -> None:
    sharp = _strokes()
    assert _kept(sharp, _softer(sharp, 1.6))
