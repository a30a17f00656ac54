"""What is left where it lies: pictures that did not move, and pictures that have nothing to do with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from diffspot.pipeline.placement import find_motion
from tests.pipeline.registration import scenes
from tests.pipeline.registration.disturbances import DISTURBANCES
from tests.placing import register
from tests.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pipeline.registration.scenes import Picture


def test_method_none_never_moves() -> None:
    reference = scenes.photo("coffee")
    found = find_motion(reference, np.roll(reference, 9, axis=1), align="none", rendered=False)
    assert (found.method, found.confidence, found.overlap) == ("none", 1, 1)
    assert np.array_equal(found.matrix, np.eye(3))


@pytest.mark.parametrize("disturb", [*DISTURBANCES, np.copy])
@pytest.mark.parametrize("name", sweep(["coffee", "camera"]))
def test_what_lies_still_stays(disturb: Callable[[Picture], Picture], name: str) -> None:
    reference = scenes.photo(name)
    found = register(reference, disturb(reference), method="auto")
    assert (found.method, found.overlap) == ("none", 1)
    assert np.array_equal(found.matrix, np.eye(3))


def test_rerendered_page_stays() -> None:
    page = scenes.document()
    rendered = np.where(page < 250, np.clip(page.astype(int) + 25, 0, 250), page).astype(np.uint8)
    found = register(page, rendered, method="auto")
    assert found.method == "none"
    assert np.array_equal(found.matrix, np.eye(3))


UNRELATED = {
    "photos": (scenes.photo("coffee", 280), scenes.photo("chelsea", 280)),
    "page and photo": (scenes.document(300, 400), scenes.photo("camera")),
    "skies": (scenes.noisy(scenes.stars(seed=1), 4, 1), scenes.noisy(scenes.stars(seed=9), 4, 2)),
    "noise": (scenes.noisy(scenes.flat(128), 20, 1), scenes.noisy(scenes.flat(128), 20, 2)),
    "shades": (scenes.flat(20), scenes.flat(200)),
    "sizes": (scenes.photo("coffee", 280), scenes.photo("chelsea", 200, 310)),
}


@pytest.mark.slow
@pytest.mark.parametrize("pair", UNRELATED.values(), ids=UNRELATED)
def test_unrelated_pictures_are_left_alone(pair: tuple[Picture, Picture]) -> None:
    found = register(*pair, method="auto")
    assert found.method == "none"
    assert np.array_equal(found.matrix, np.eye(3))
    assert found.confidence < 0.2


def test_pages_that_share_only_their_ruling_are_left_alone() -> None:
    found = register(scenes.document(seed=1), scenes.document(seed=2), method="auto")
    assert found.method == "none"
    assert found.confidence < 0.5


def test_periodic_wall_that_lies_still_stays() -> None:
    wall = scenes.bricks()
    found = register(scenes.noisy(wall, 3, 1), scenes.noisy(wall, 3, 2), method="auto")
    assert found.method == "none"


@pytest.mark.parametrize("method", sweep(["auto", "translation", "homography"]))
@pytest.mark.parametrize(
    "shapes",
    [
        ((1, 1, 1), (1, 1, 1)),
        ((1, 1, 3), (5, 7, 3)),
        ((3, 2000, 3), (3, 2000, 3)),
        ((2000, 3, 1), (1990, 3, 1)),
        ((1, 500, 1), (1, 500, 1)),
        ((17, 900, 1), (900, 17, 1)),
        ((400, 400, 1), (10, 10, 1)),
    ],
)
def test_tiny_and_thin_pictures_have_an_answer(shapes: tuple[tuple[int, int, int], ...], method: str) -> None:
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 256, shape, np.uint8) for shape in shapes]
    for pair in (noise, [np.zeros(shape, np.uint8) for shape in shapes]):
        found = register(pair[0], pair[1], method=method)
        assert np.isfinite(found.matrix).all()
        assert 0 <= found.confidence <= 1
        assert 0 <= found.overlap <= 1
