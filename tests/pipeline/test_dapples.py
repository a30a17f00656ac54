"""Ragged shade is evened out where the ground is seen as before; what came or went in it stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from diffspot import compare
from diffspot.backends import get_backend
from diffspot.pipeline.cells import CELL
from diffspot.pipeline.dapples import even_dapples
from diffspot.pipeline.pair import RegisteredPair

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

    Levels = NDArray[np.float64]

HEIGHT, WIDTH = 331, 445  # no whole cells
DEPTH = 0.45


@pytest.fixture(scope="module")
def scene() -> Levels:
    """A yard with details of all sizes, in three colours."""
    rng = np.random.default_rng(5)
    details = sum(size * cv2.GaussianBlur(rng.normal(0, 1, (HEIGHT, WIDTH)), (0, 0), size) for size in (1, 3, 9))
    return (150 + 28 * details / details.std())[..., None].clip(80, 230) * np.array([1.0, 0.9, 0.7])


def leaves(right: int) -> Levels:
    """(H, W, 1) the share of the light that leaves take, which hang so many px further to the right."""
    rng, mask = np.random.default_rng(7), np.zeros((HEIGHT, WIDTH))
    for x, y, size, turn in zip(
        rng.normal(190, 60, 110),
        rng.normal(160, 45, 110),
        rng.integers(6, 17, 110),
        rng.uniform(0, 180, 110),
        strict=True,
    ):
        cv2.ellipse(mask, (int(x) + right, int(y)), (int(size), int(size) // 2 + 2), float(turn), 0, 360, (1,), -1)
    return cv2.GaussianBlur(mask, (0, 0), 2)[..., None]


def shaded(picture: Levels, right: int, depth: float | Levels = DEPTH) -> Levels:
    return np.asarray(picture * (1 - depth * leaves(right)))


def shot(picture: Levels, seed: int) -> NDArray[np.uint8]:
    return (picture + np.random.default_rng(seed).normal(0, 2, picture.shape)).clip(0, 255).round().astype(np.uint8)


def pair(reference: NDArray[Any], candidate: NDArray[Any], backend: Backend) -> RegisteredPair:
    planes = [backend.from_host(plane) for plane in (reference, candidate, np.ones(reference.shape[:2], bool))]
    return RegisteredPair(*planes, backend.absdiff(*planes[:2]))


def close(box: tuple[int, ...], true: tuple[int, ...], within: int) -> bool:
    return all(abs(found - side) <= within for found, side in zip(box, true, strict=True))


def test_shade_that_wandered_is_evened_out(scene: Levels, backend: Backend) -> None:
    dim = pair(shot(shaded(scene, 0), 1), shot(shaded(scene, 40), 2), backend)
    lit, (shadow,) = even_dapples(dim, backend)
    before, after = (float(np.quantile(backend.to_host(one.difference), 0.99)) for one in (dim, lit))
    assert before > 55
    assert after < 16
    x, y, w, h = shadow.box
    rows, columns = np.nonzero(np.abs(leaves(0) - leaves(40))[..., 0] > 0.5)
    assert x <= columns.min() + CELL
    assert y <= rows.min() + CELL
    assert x + w >= columns.max() - CELL
    assert y + h >= rows.max() - CELL


@pytest.mark.parametrize("order", [1, -1])
def test_ragged_shade_in_either_picture_is_light(scene: Levels, order: int) -> None:
    result = compare(*(shot(scene, 1), shot(shaded(scene, 0), 2))[::order])
    assert result.regions == ()
    (light,) = (entry for entry in result.forgiven if entry.cause == "light")
    assert light.pixels == pytest.approx(np.count_nonzero(leaves(0) > 0.2), rel=0.25)


def test_a_person_who_came_is_found_alone(scene: Levels) -> None:
    changed = scene.copy()
    changed[180:226, 330:345] = (60, 50, 110)
    (region,) = compare(shot(shaded(scene, 0), 1), shot(shaded(changed, 40), 2)).regions
    assert close(region.bbox, (330, 180, 15, 46), 6)


def test_a_dark_thing_beside_the_shade_is_found(scene: Levels) -> None:
    changed = scene.copy()
    changed[40:75, 390:430] = 0.6 * scene[40:75, 390:430].mean((0, 1))  # as dark as the shade, but without the ground
    (region,) = compare(shot(shaded(scene, 0), 1), shot(shaded(changed, 30), 2)).regions
    assert close(region.bbox, (390, 40, 40, 35), 8)


def test_leaves_that_hide_the_ground_are_no_shade(scene: Levels) -> None:
    backend = get_backend("numpy")
    other, share = scene[::-1, ::-1], leaves(0)
    covered = scene * (1 - share) + (1 - DEPTH) * other * share
    assert even_dapples(pair(shot(scene, 1), shot(covered, 2), backend), backend)[1] == []


def test_another_colour_is_no_shade(scene: Levels) -> None:
    backend = get_backend("numpy")
    mould = shaded(scene, 0, np.array([0.6, 0.2, 0.6]))
    assert even_dapples(pair(shot(scene, 1), shot(mould, 2), backend), backend)[1] == []


def test_one_dark_place_is_no_ragged_shade(scene: Levels) -> None:
    backend = get_backend("numpy")
    wet = scene.copy()
    cv2.circle(wet, (220, 160), 70, (0, 0, 0), -1)
    wet = np.where(wet == 0, (1 - DEPTH) * scene, scene)
    assert even_dapples(pair(shot(scene, 1), shot(wet, 2), backend), backend)[1] == []


@pytest.mark.parametrize("size", [(3, 3), (CELL * 5, 200), (200, CELL)])
@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_of_any_size_can_be_looked_at(size: tuple[int, int], channels: int) -> None:
    backend = get_backend("numpy")
    picture = np.full((*size, channels), 90, np.uint8)
    picture[::2] += 60
    assert even_dapples(pair(picture, picture[::-1] - np.uint8(40), backend), backend)[1] == []


def test_large_pictures_are_worked_out_smaller(scene: Levels, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diffspot.pipeline.dapples.LARGEST", 200_000)
    backend = get_backend("numpy")
    grown = [cv2.resize(side, None, fx=2, fy=2) for side in (scene, shaded(scene, 0))]
    dim = pair(shot(grown[0], 1), shot(grown[1], 2), backend)
    lit, (_,) = even_dapples(dim, backend)
    before, after = (float(np.quantile(one.difference, 0.99)) for one in (dim, lit))
    assert before > 55
    assert after < 20
