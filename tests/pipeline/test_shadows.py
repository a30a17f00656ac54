"""Shadows are evened out and counted; changes with a border, stains and edits stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from diffspot import compare
from diffspot.backends import get_backend
from diffspot.pipeline.cells import CELL
from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.shadows import even_light, forgiven_light, rim_of
from tests.sweep import sweep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

HEIGHT, WIDTH = 335, 445  # no whole cells


@pytest.fixture(scope="module")
def ground() -> NDArray[np.float32]:
    rough = np.random.default_rng(3).uniform(60, 240, (HEIGHT, WIDTH)).astype(np.float32)
    texture = cv2.GaussianBlur(rough, (0, 0), 2)
    return np.dstack([texture, texture * 0.9, texture * 0.7])


def shot(picture: NDArray[Any], seed: int) -> NDArray[np.uint8]:
    return (picture + np.random.default_rng(seed).normal(0, 2, picture.shape)).clip(0, 255).round().astype(np.uint8)


def shade(softness: float, strength: float = 0.35) -> NDArray[np.float32]:
    """(H, W, 1) factor: a slanted band that is darker; `softness` px is the sigma of its border."""
    band = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.line(band, (200, -60), (280, HEIGHT + 60), 1, 120)
    soft = cv2.GaussianBlur(band, (0, 0), softness) if softness else band
    return 1 - strength * soft[..., None]


def pair(reference: NDArray[Any], candidate: NDArray[Any], backend: Backend) -> RegisteredPair:
    planes = [backend.from_host(plane) for plane in (reference, candidate, np.ones(reference.shape[:2], bool))]
    return RegisteredPair(*planes, backend.absdiff(*planes[:2]))


def test_a_soft_shadow_is_evened_out(ground: NDArray[np.float32], backend: Backend) -> None:
    dim = pair(shot(ground, 1), shot(ground * shade(16), 2), backend)
    lit, (shadow,) = even_light(dim, backend)
    before, after = (float(np.quantile(backend.to_host(one.difference), 0.99)) for one in (dim, lit))
    assert before > 45
    assert after < 14
    assert shadow.levels.max() == pytest.approx(52, abs=6)
    (light,) = forgiven_light([shadow], 20)
    assert light.cause == "light"
    assert light.places == 1
    assert 120 * HEIGHT * 0.8 < light.pixels < 160 * HEIGHT
    assert light.largest == shadow.box
    assert shadow.box[1] + shadow.box[3] == HEIGHT
    assert forgiven_light([shadow], 80) == ()


@pytest.mark.parametrize("softness", [0, 2, 4])
def test_a_border_stays(ground: NDArray[np.float32], softness: float) -> None:
    backend = get_backend("numpy")
    sharp = pair(shot(ground, 1), shot(ground * shade(softness), 2), backend)
    same, shadows = even_light(sharp, backend)
    assert same is sharp
    assert shadows == []


def test_a_stain_stays(ground: NDArray[np.float32]) -> None:
    backend = get_backend("numpy")
    yellow = ground * np.dstack([np.ones((HEIGHT, WIDTH)), np.ones((HEIGHT, WIDTH)), shade(16, 0.6)])
    assert even_light(pair(shot(ground, 1), shot(yellow, 2), backend), backend)[1] == []


def test_a_soft_edit_of_equal_pictures_stays(ground: NDArray[np.float32]) -> None:
    backend = get_backend("numpy")
    reference, factor = shot(ground, 1), shade(16)
    edited = np.where(factor > 0.98, reference, reference * factor).astype(np.uint8)
    assert even_light(pair(reference, edited, backend), backend)[1] == []


@pytest.mark.parametrize(("height", "width"), [(3, 3), (CELL * 5, 200), (200, CELL)])
def test_pictures_of_any_size_can_be_looked_at(height: int, width: int) -> None:
    backend = get_backend("numpy")
    picture = np.full((height, width, 3), 90, np.uint8)
    assert even_light(pair(picture, picture + np.uint8(1), backend), backend)[1] == []


def test_a_part_that_is_missing_in_the_shadow_is_found_alone(ground: NDArray[np.float32]) -> None:
    reference = ground.copy()
    reference[100:120, 230:256] = 20
    assert compare(shot(reference, 1), shot(reference * shade(16), 2)).regions == ()
    result = compare(shot(reference, 1), shot(ground * shade(16), 2))
    (region,) = result.regions
    assert all(abs(found - true) <= 8 for found, true in zip(region.bbox, (230, 100, 26, 20), strict=True))
    (light,) = (entry for entry in result.forgiven if entry.cause == "light")
    assert light.pixels > 20_000


@pytest.mark.parametrize("share", sweep([0.35, 0.1]))
def test_a_picture_that_is_darker_all_over_than_any_exposure_is_a_change(
    ground: NDArray[np.float32], backend: Backend, share: float
) -> None:
    dim = pair(shot(ground, 1), shot(ground * share, 2), backend)
    lit, shadows = even_light(dim, backend)
    assert lit is dim
    assert shadows == []
    (region,) = compare(shot(ground, 1), shot(ground * share, 2)).regions
    assert region.area > 0.9 * HEIGHT * WIDTH


def spots_of(count: int) -> NDArray[np.float32]:
    """(H, W, 1) grey levels: soft spots of 30 levels and sigma 20 px, well within the picture."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    middles = [(100, 120), (230, 330), (90, 330), (240, 110)][:count]
    bumps = (np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * 20**2)) for y, x in middles)
    return np.asarray(30 * sum(bumps))[..., None]


def test_a_lone_soft_spot_stays_and_is_a_region() -> None:
    backend, wall = get_backend("numpy"), np.full((HEIGHT, WIDTH, 3), 120, np.float32)
    same, shadows = even_light(pair(shot(wall, 1), shot(wall + spots_of(1), 2), backend), backend)
    assert shadows == []
    assert same.difference.max() > 30
    (region,) = compare(shot(wall, 1), shot(wall + spots_of(1), 2)).regions
    x, y, w, h = region.bbox
    assert (x + w / 2, y + h / 2) == pytest.approx((120, 100), abs=6)
    assert 36 <= min(w, h) <= max(w, h) <= 84  # what exceeds half of it is 47 px wide


def test_many_soft_spots_and_one_at_the_frame_are_light() -> None:
    backend, wall = get_backend("numpy"), np.full((HEIGHT, WIDTH, 3), 120, np.float32)
    assert len(even_light(pair(shot(wall, 1), shot(wall + spots_of(4), 2), backend), backend)[1]) == 4
    beside = np.roll(spots_of(1), -100, axis=1)
    assert len(even_light(pair(shot(wall, 1), shot(wall + beside, 2), backend), backend)[1]) == 1


def test_the_rim_of_a_shadow_lies_along_its_border() -> None:
    area = np.zeros((20, 30), bool)
    area[5:12, 8:20] = True
    rim = rim_of(area, (slice(0, 20), slice(0, 30)), (20 * CELL - 3, 30 * CELL))
    cells = np.zeros(area.shape, bool)
    for x, y, w, h in rim:
        assert (w % CELL, h) == (0, CELL)
        run = cells[y // CELL, x // CELL : (x + w) // CELL]
        assert not run.any()
        run[:] = True
    assert cells[5, 8:20].all()
    assert cells[3:7, 14].all()
    assert not cells[7:10, 10:18].any()
    assert not cells[:3].any()
