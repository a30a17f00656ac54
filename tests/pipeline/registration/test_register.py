"""Known motions are recovered, on photos and drawings, through changes, light and noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from diffspot.pipeline.registration.models import LADDER
from tests.pipeline.registration import scenes
from tests.pipeline.registration.disturbances import DISTURBANCES
from tests.placing import register
from tests.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pipeline.registration.scenes import Matrix, Picture

ALLOWED = 0.3
"""Px: finer than what a tolerance of one px leaves as a difference."""

MOTIONS = {
    "translation": scenes.motion(3.4, -2.3),
    "euclidean": scenes.motion(4, 3, 3),
    "similarity": scenes.motion(4, 3, -2, 1.04),
    "affine": np.array([[1.03, 0.02, -4.0], [-0.04, 0.97, 6.0], [0, 0, 1]]),
    "homography": np.array([[1.02, 0.01, -3.0], [0.02, 0.98, 2.0], [8e-5, -6e-5, 1]]),
}
PHOTOS = ("astronaut", "coffee", "chelsea")


@pytest.mark.parametrize("name", sweep(PHOTOS))
@pytest.mark.parametrize("model", LADDER)
def test_auto_recovers_the_motion_and_its_model(model: str, name: str) -> None:
    reference = scenes.photo(name, 240, 340)
    candidate = scenes.noisy(scenes.view(name, MOTIONS[model]), 2)
    found = register(reference, candidate, method="auto")
    assert found.method == model
    assert scenes.error(found, MOTIONS[model], reference.shape, candidate.shape) < ALLOWED
    assert found.confidence > 0.5


@pytest.mark.parametrize("model", LADDER)
def test_explicit_method_recovers_its_own_motion(model: str) -> None:
    reference = scenes.photo("coffee", 280, 400)
    candidate = scenes.moved(reference, MOTIONS[model])
    found = register(reference, candidate, method=model)
    assert found.method == model
    assert scenes.error(found, MOTIONS[model], reference.shape, candidate.shape) < ALLOWED


@pytest.mark.parametrize("method", LADDER)
@pytest.mark.parametrize("drawn", sweep(["translation", "similarity", "homography"]))
def test_explicit_method_answers_with_itself_or_none(method: str, drawn: str) -> None:
    reference = scenes.photo("chelsea", 280, 400)
    found = register(reference, scenes.moved(reference, MOTIONS[drawn]), method=method)
    assert found.method in (method, "none")


@pytest.mark.parametrize(("dx", "dy"), [(7, -3), (-25, 12), (0, 40), (1, 0)])
@pytest.mark.parametrize("name", ["coffee", "camera"])
def test_whole_pixel_shift_gives_exactly_whole_numbers(name: str, dx: int, dy: int) -> None:
    larger = scenes.photo(name, 360, 460)
    reference, candidate = larger[50:310, 50:410], larger[50 - dy : 310 - dy, 50 - dx : 410 - dx]
    found = register(np.ascontiguousarray(reference), scenes.noisy(candidate, 2), method="auto")
    assert found.method == "translation"
    assert found.matrix == ((1, 0, -dx), (0, 1, -dy), (0, 0, 1))
    assert found.overlap == pytest.approx((360 - abs(dx)) * (260 - abs(dy)) / (360 * 260), abs=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("disturb", DISTURBANCES)
@pytest.mark.parametrize("model", ["translation", "similarity"])
def test_motion_survives_changes(disturb: Callable[[Picture], Picture], model: str) -> None:
    reference = scenes.photo("coffee")
    candidate = disturb(scenes.moved(reference, MOTIONS[model]))
    found = register(reference, candidate, method="auto")
    assert scenes.error(found, MOTIONS[model], reference.shape, candidate.shape) < ALLOWED


@pytest.mark.parametrize(
    ("top", "left", "height", "width"), [(60, 90, 150, 200), (0, 0, 160, 400), (100, 160, 90, 110)]
)
def test_crop_is_located_either_way_round(top: int, left: int, height: int, width: int) -> None:
    whole = scenes.photo("coffee")
    crop = np.ascontiguousarray(whole[top : top + height, left : left + width])
    found, back = register(whole, crop, method="auto"), register(crop, whole, method="auto")
    assert np.array(found.matrix)[:2, 2].tolist() == [left, top]
    assert np.array(back.matrix)[:2, 2].tolist() == [-left, -top]
    assert found.overlap == pytest.approx(height * width / (300 * 400), abs=1e-4)
    assert back.overlap == 1


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_other_resolution(scale: float) -> None:
    reference = scenes.photo("coffee")
    size = (int(400 * scale), int(300 * scale))
    candidate = np.asarray(cv2.resize(reference, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC))
    truth = np.array([[scale, 0, (scale - 1) / 2], [0, scale, (scale - 1) / 2], [0, 0, 1]])
    found = register(reference, candidate.astype(np.uint8), method="auto")
    assert scenes.error(found, truth, reference.shape, candidate.shape) < ALLOWED
    assert found.overlap == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("degrees", sweep([30, 90, 180]))
def test_any_rotation(degrees: float) -> None:
    reference, truth = scenes.photo("coffee"), scenes.motion(0, 0, degrees)
    candidate = scenes.noisy(scenes.moved(reference, truth), 2)
    found = register(reference, candidate, method="auto")
    assert scenes.error(found, truth, reference.shape, candidate.shape) < ALLOWED


@pytest.mark.parametrize("truth", sweep([scenes.motion(11.3, -6.7), scenes.motion(5, 4, 4)]))
@pytest.mark.parametrize("sky", [scenes.stars(), scenes.stars(25, 600, 700)], ids=["rich", "sparse"])
def test_star_field(sky: Picture, truth: Matrix) -> None:
    candidate = scenes.noisy(scenes.moved(sky, truth), 5, 2)
    found = register(scenes.noisy(sky, 5, 1), candidate, method="auto")
    assert scenes.error(found, truth, sky.shape, candidate.shape) < ALLOWED


def test_periodic_wall_is_told_by_what_hangs_on_it() -> None:
    wall = scenes.with_patches(scenes.bricks(), 5)
    candidate = scenes.noisy(scenes.moved(wall, scenes.motion(30, 10)), 2)
    found = register(wall, candidate, method="auto")
    assert scenes.error(found, scenes.motion(30, 10), wall.shape, candidate.shape) < ALLOWED


@pytest.mark.parametrize("half", ["kept", "shifted"])
def test_half_replaced(half: str) -> None:
    reference, truth = scenes.photo("coffee", 280), scenes.motion(6.4, -5.3) if half == "shifted" else np.eye(3)
    candidate = scenes.moved(reference, truth)
    candidate[:, 200:] = scenes.photo("chelsea", 280)[:, 200:]
    found = register(reference, candidate, method="auto")
    assert scenes.error(found, truth, (280, 180), candidate.shape) < ALLOWED


def test_grey_moves_as_colour_does() -> None:
    reference = scenes.photo("camera")
    candidate = scenes.moved(reference, MOTIONS["similarity"])
    coloured = [np.repeat(picture, 3, axis=2) for picture in (reference, candidate)]
    assert register(reference, candidate, method="auto") == register(*coloured, method="auto")


@pytest.mark.parametrize("model", ["translation", "homography"])
def test_two_calls_give_the_same(model: str) -> None:
    reference = scenes.photo("coffee")
    candidate = scenes.noisy(scenes.moved(reference, MOTIONS[model]), 4)
    assert register(reference, candidate, method="auto") == register(reference, candidate, method="auto")
