"""Shade with a border is evened out where it crosses what lies there; things that became darker, or came, stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from diffspot import compare
from diffspot.backends import get_backend
from diffspot.pipeline.cells import CELL
from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.shade import even_shade

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

    Levels = NDArray[np.float64]

HEIGHT, WIDTH = 331, 445  # no whole cells
DEPTH = 0.4


@pytest.fixture(scope="module")
def scene() -> Levels:
    """A yard with details of all sizes, in three colours."""
    rng = np.random.default_rng(5)
    details = sum(size * cv2.GaussianBlur(rng.normal(0, 1, (HEIGHT, WIDTH)), (0, 0), size) for size in (1, 3, 9))
    return (150 + 28 * details / details.std())[..., None].clip(70, 230) * np.array([1.0, 0.9, 0.7])


def shot(picture: Levels, seed: int) -> NDArray[np.uint8]:
    return (picture + np.random.default_rng(seed).normal(0, 2, picture.shape)).clip(0, 255).round().astype(np.uint8)


def shaded(picture: Levels, depth: float | Levels = DEPTH) -> Levels:
    """What lies right of a slanted border is darker."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    share = np.clip((x + 0.4 * y - 320) / 6 + 0.5, 0, 1)[..., None]
    return np.asarray(picture * (1 - depth * share))


def pair(reference: NDArray[Any], candidate: NDArray[Any], backend: Backend) -> RegisteredPair:
    planes = [backend.from_host(plane) for plane in (reference, candidate, np.ones(reference.shape[:2], bool))]
    return RegisteredPair(*planes, backend.absdiff(*planes[:2]))


def close(box: tuple[int, ...], true: tuple[int, ...], within: int) -> bool:
    return all(abs(found - side) <= within for found, side in zip(box, true, strict=True))


def test_shade_with_a_border_is_evened_out(scene: Levels, backend: Backend) -> None:
    dim = pair(shot(scene, 1), shot(shaded(scene), 2), backend)
    lit, (shadow,) = even_shade(dim, backend)
    before, after = (float(np.quantile(backend.to_host(one.difference), 0.99)) for one in (dim, lit))
    assert before > 60
    assert after < 16
    assert np.median(shadow.levels) == pytest.approx(DEPTH * np.mean(scene), rel=0.2)
    x, y, w, h = shadow.box
    assert (y, x + w, y + h) == (0, WIDTH // CELL * CELL, HEIGHT // CELL * CELL)
    assert x == pytest.approx(320 - 0.4 * HEIGHT, abs=2 * CELL)


@pytest.mark.parametrize("order", [1, -1])
def test_shade_in_either_picture_is_light(scene: Levels, order: int) -> None:
    result = compare(*(shot(scene, 1), shot(shaded(scene), 2))[::order])
    assert result.regions == ()
    (light,) = (entry for entry in result.forgiven if entry.cause == "light")
    assert light.pixels == pytest.approx(0.43 * HEIGHT * WIDTH, rel=0.15)


def test_shade_of_grey_photos_is_light(scene: Levels) -> None:
    grey = scene[..., :1]
    result = compare(shot(grey, 1), shot(shaded(grey), 2))
    assert result.regions == ()
    assert {entry.cause for entry in result.forgiven} >= {"light"}


def test_a_thing_that_came_into_the_shade_is_found_alone(scene: Levels) -> None:
    changed = scene.copy()
    changed[200:230, 360:396] = (60, 120, 200)
    (region,) = compare(shot(scene, 1), shot(shaded(changed), 2)).regions
    assert close(region.bbox, (360, 200, 36, 30), 6)


def test_a_thing_that_became_darker_ends_at_its_edges(scene: Levels) -> None:
    framed = scene.copy()
    cv2.rectangle(framed, (250, -5), (460, 180), (20, 20, 20), 5)
    darker = framed.copy()
    darker[:178, 253:] *= 1 - DEPTH
    (region,) = compare(shot(framed, 1), shot(darker, 2)).regions
    assert close(region.bbox, (253, 0, WIDTH - 253, 178), 8)


def test_what_hides_the_ground_is_no_shade(scene: Levels) -> None:
    other = scene[::-1, ::-1]
    backend = get_backend("numpy")
    covered = np.where(shaded(np.ones_like(scene)) < 1 - DEPTH / 2, (1 - DEPTH) * other, scene)
    assert even_shade(pair(shot(scene, 1), shot(covered, 2), backend), backend)[1] == []


def test_another_colour_is_no_shade(scene: Levels) -> None:
    backend = get_backend("numpy")
    yellow = shaded(scene, np.array([0.05, 0.1, 0.6]))
    assert even_shade(pair(shot(scene, 1), shot(yellow, 2), backend), backend)[1] == []


@pytest.mark.parametrize(("height", "width"), [(3, 3), (CELL * 5, 200), (200, CELL)])
def test_pictures_of_any_size_can_be_looked_at(height: int, width: int) -> None:
    backend = get_backend("numpy")
    picture = np.full((height, width, 3), 90, np.uint8)
    assert even_shade(pair(picture, picture - np.uint8(40), backend), backend)[1] == []
