"""Noise of which half of all pixels differ by more than 45 levels is told from another picture, and averaged over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.scenes.photo import load_photo
from diffspot import compare
from diffspot.backends import get_backend
from diffspot.pipeline.noise import averages_out
from diffspot.pipeline.pair import RegisteredPair
from tests.backends.opened import STAND_IN, opened

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIZE = (240, 320)


def rendering(rng: np.random.Generator, *, sample: float, ball: bool = False) -> NDArray[np.uint8]:
    """A scene traced with few samples a pixel: noise of `sample` of its brightness, in each channel for itself."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    scene = np.stack([90 + 0.2 * columns, 130 - 0.2 * rows, 110 + 0.1 * rows], axis=2)
    scene[60:150, 40:110] = (150, 60, 50)
    if ball:
        scene[(rows - 150) ** 2 + (columns - 220) ** 2 < 22**2] = (230, 210, 40)
    return np.clip(scene * rng.gamma(sample**-2, sample**2, scene.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("sample", [0.4, 0.7])
def test_a_scene_traced_again_is_the_same_and_a_ball_in_it_one_region(rng: np.random.Generator, sample: float) -> None:
    before, again, changed = (rendering(rng, sample=sample, ball=ball) for ball in (False, False, True))
    usual = np.median(np.abs(before.astype(int) - again).max(axis=2))
    assert usual > 45
    assert compare(before, again).status == "same"
    ((x, y, w, h),) = [region.bbox for region in compare(before, changed).regions]
    # Noise beside the ball is joined to it, by 10 px at most.
    assert 187 <= x <= 205 and 117 <= y <= 135 and 235 <= x + w <= 253 and 165 <= y + h <= 187  # noqa: PT018


def test_another_picture_is_no_noise() -> None:
    photo = load_photo("astronaut", 256, 256)
    assert compare(photo, 255 - photo).status == "different"
    gravel = load_photo("gravel", 512, 512).astype(int)
    harsh = np.clip(3 * (gravel - 120) + 120, 0, 255).astype(np.uint8)
    one, other = (np.ascontiguousarray(harsh[top : top + 240, :320]) for top in (0, 260))
    assert np.median(np.abs(one.astype(int) - other)) > 45
    assert compare(one, other).status == "different"


def test_noise_of_one_scene_is_told_from_noise_without_any(rng: np.random.Generator) -> None:
    one, other = (rng.integers(0, 256, (*SIZE, 3), dtype=np.uint8) for _ in range(2))
    assert compare(one, other).status == "different"


@pytest.mark.parametrize("name", ["numpy", STAND_IN])
def test_every_backend_tells_whether_noise_averages_out(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    backend = opened(name, monkeypatch)
    scenes = [rendering(rng, sample=0.7) for _ in range(2)]
    static = [rng.integers(0, 256, (*SIZE, 3), dtype=np.uint8) for _ in range(2)]
    for pictures, expected in ((scenes, True), (static, False)):
        difference = get_backend("numpy").absdiff(*pictures)
        pair = RegisteredPair(*pictures, np.ones(SIZE, bool), difference).from_host(backend)
        assert averages_out(pair, backend) is expected
