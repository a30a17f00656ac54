"""What lies still is told without a search, what moved by a fifth of a px is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from diffspot.pipeline.preparation import luminance
from diffspot.pipeline.registration import unmoved as registration_unmoved
from diffspot.pipeline.registration.unmoved import GLANCE, unmoved
from tests.pipeline.registration import scenes
from tests.sweep import sweep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane = NDArray[np.uint8]

PHOTOS = ("astronaut", "coffee")


def photo(name: str, times: int = 1) -> Plane:
    """A photo, `times` as large."""
    return np.asarray(
        cv2.resize(luminance(scenes.photo(name)), None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
    )


def warped(picture: Plane, matrix: list[list[float]]) -> Plane:
    size = (picture.shape[1], picture.shape[0])
    moved = cv2.warpPerspective(
        picture, np.array(matrix, np.float64), size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )
    return np.asarray(moved)


def noisy(picture: Plane, seed: int, sigma: float = 2) -> Plane:
    noise = np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("name", PHOTOS)
def test_noise_light_and_a_change_move_nothing(name: str, times: int) -> None:
    one = photo(name, times)
    other = np.clip(one * 0.9 + 12, 0, 255).astype(np.uint8)
    other[40:90, 60:120] = 255 - other[40:90, 60:120]
    assert 0.9 < unmoved(noisy(one, 1), noisy(other, 2)) <= 1
    assert unmoved(one, one) == 1


@pytest.mark.parametrize("shift", sweep([0.2, 0.5, 1, 3, 20]))
@pytest.mark.parametrize("times", sweep([1, 3]))
@pytest.mark.parametrize("name", PHOTOS)
def test_a_shift_of_a_fifth_of_a_px_is_seen(name: str, times: int, shift: float) -> None:
    one = photo(name, times)
    for x, y in ((shift, 0), (0, -shift)):
        other = warped(one, [[1, 0, x], [0, 1, y], [0, 0, 1]])
        assert unmoved(noisy(one, 1), noisy(other, 2)) == 0


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("kind", ["turned", "scaled", "tilted"])
def test_corners_alone_that_moved_by_half_a_px_are_seen(name: str, kind: str) -> None:
    one = photo(name)
    height, width = one.shape
    small = 0.5 / (max(one.shape) / 2)
    middle = np.array([[1, 0, width / 2], [0, 1, height / 2], [0, 0, 1]])
    motion = {
        "turned": [[1, -small, 0], [small, 1, 0], [0, 0, 1]],
        "scaled": [[1 + small, 0, 0], [0, 1 + small, 0], [0, 0, 1]],
        "tilted": [[1, 0, 0], [0, 1, 0], [small / (width / 2), 0, 1]],
    }[kind]
    matrix = middle @ np.array(motion) @ np.linalg.inv(middle)
    assert unmoved(noisy(one, 1), noisy(warped(one, matrix.tolist()), 2)) == 0


def test_text_that_moved_between_lines_that_did_not_is_seen() -> None:
    one = np.full((300, 400), 255, np.uint8)
    other = one.copy()
    for row in range(20, 300, 30):
        at = [np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1.0]]), np.array([[1, 0, 0.5], [0, 1, 0], [0, 0, 1.0]])]
        text = np.full((20, 400), 255, np.uint8)
        cv2.putText(text, "the quick brown fox", (5, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 0, 1, cv2.LINE_AA)
        for picture, matrix in zip((one, other), at, strict=True):
            picture[row - 17 : row + 3] = warped(text, matrix.tolist())
            picture[row + 5] = 90
            picture[row + 7, ::2] = 90
    assert unmoved(one, one) == 1
    assert unmoved(one, other) == 0


def test_what_shows_too_little_is_not_decided() -> None:
    flat = np.full((600, 800), 90, np.uint8)
    spot = flat.copy()
    spot[40:60, 40:60] = 200
    for picture in (flat, spot, flat[:5, :5]):
        assert unmoved(picture, picture) == 0
    assert unmoved(noisy(flat, 1, 20), noisy(flat, 2, 20)) == 0
    stripes = np.tile(np.uint8([0, 0, 0, 0, 200, 200, 200, 200]), (400, 100))  # they may have moved along themselves
    assert unmoved(stripes, stripes) == 0


def test_another_size_moved() -> None:
    one = photo("coffee")
    assert unmoved(one, one[:-1]) == 0


def test_a_glance_tells_that_noise_lies_still_and_never_that_it_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []

    def fit(columns: NDArray[np.float32], values: NDArray[np.float32]) -> object:
        looked.append(len(values))
        return robust_fit(columns, values)

    robust_fit = registration_unmoved._robust_fit  # noqa: SLF001
    monkeypatch.setattr(registration_unmoved, "_robust_fit", fit)
    one = photo("astronaut", 3)
    assert unmoved(noisy(one, 1), noisy(one, 2)) > 0
    assert max(looked) < 2 * GLANCE
    looked.clear()
    assert unmoved(noisy(one, 1), noisy(warped(one, [[1, 0, 0.3], [0, 1, 0], [0, 0, 1]]), 2)) == 0
    assert len(looked) == 2
    assert max(looked) > 4 * GLANCE
