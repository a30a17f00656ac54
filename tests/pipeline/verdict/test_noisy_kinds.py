"""Kinds of noisy pairs, both ways: what changed is found in a box that fits, and what did not change is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from skimage import data

import diffspot
from tests.kinds import assert_changes_found, kind
from tests.sweep import sweep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]
    Box = tuple[int, int, int, int]

HEIGHT, WIDTH = 240, 320
BALL: Box = (200, 120, 40, 32)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20)


def coffee() -> Picture:
    return np.ascontiguousarray(data.coffee()[60 : 60 + HEIGHT, 140 : 140 + WIDTH])


def levels(values: NDArray[Any]) -> Picture:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def noisy(picture: NDArray[Any], rng: np.random.Generator, sigma: float = 3.0) -> Picture:
    return levels(picture + rng.normal(0, sigma, picture.shape))


def with_ball(picture: Picture, box: Box = BALL) -> Picture:
    x, y, w, h = box
    return cv2.ellipse(picture.copy(), (x + w // 2, y + h // 2), (w // 2, h // 2), 0, 0, 360, (40, 90, 200), -1)


def boxes(reference: Picture, candidate: Picture) -> list[Box]:
    return [region.bbox for region in diffspot.compare(reference, candidate).regions]


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    sides = [min(one[i] + one[i + 2], other[i] + other[i + 2]) - max(one[i], other[i]) for i in (0, 1)]
    shared = max(0, sides[0]) * max(0, sides[1])
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)


def assert_found(found: list[Box], *expected: Box, least: float = 0.6) -> None:
    assert len(found) == len(expected)
    for box in expected:
        assert max(overlap(box, other) for other in found) > least


def hot(picture: Picture, rng: np.random.Generator) -> Picture:
    lit = picture.copy()
    lit[rng.integers(0, HEIGHT, 30), rng.integers(0, WIDTH, 30)] = 255
    return lit


def grained(picture: Picture, rng: np.random.Generator) -> Picture:
    grain = cv2.GaussianBlur(rng.normal(0, 1, picture.shape[:2]), (0, 0), 1.6)
    return levels(picture + (12 * grain / grain.std())[..., None])


def fading(picture: Picture) -> Picture:
    """Light that falls off to the corners, and another tone curve."""
    rows, columns = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
    return levels(255 * (picture / 255 * (1 / (1 + 0.2 * (rows**2 + columns**2)) ** 2)[..., None]) ** 0.87)


def test_hot_pixels_are_noise(rng: np.random.Generator) -> None:
    reference = coffee()
    pairs = [hot(noisy(each, rng), rng) for each in (reference, reference, with_ball(reference))]
    assert boxes(pairs[0], pairs[1]) == []
    assert_found(boxes(pairs[0], pairs[2]), BALL)


def test_coarse_grain_of_film_is_noise(rng: np.random.Generator) -> None:
    reference = coffee()
    pairs = [grained(each, rng) for each in (reference, reference, with_ball(reference))]
    assert boxes(pairs[0], pairs[1]) == []
    assert_found(boxes(pairs[0], pairs[2]), BALL)


def test_light_that_falls_off_with_a_bent_tone_curve_is_light(rng: np.random.Generator) -> None:
    reference = coffee()
    pairs = [noisy(each, rng, 2) for each in (reference, fading(reference), fading(with_ball(reference)))]
    result = diffspot.compare(pairs[0], pairs[1])
    assert result.regions == ()
    assert result.normalization is not None
    assert result.normalization.tone is not None
    assert_found(boxes(pairs[0], pairs[2]), BALL)


@pytest.mark.parametrize("sign", sweep([-1, 1]))
def test_a_patch_of_six_levels_is_found_by_its_area(rng: np.random.Generator, sign: int) -> None:
    reference = coffee().clip(10, 245)
    patched = reference.astype(int)
    patched[90:150, 120:200] += 6 * sign
    pairs = [noisy(each, rng, 4) for each in (reference, reference, patched)]
    assert boxes(pairs[0], pairs[1]) == []
    assert_found(boxes(pairs[0], pairs[2]), (120, 90, 80, 60))


@pytest.mark.parametrize("brightness", sweep([45, 110, 190]))
@pytest.mark.parametrize("texture", sweep([18, 0]))
def test_a_patch_far_below_the_noise_of_a_px_is_found_by_its_area(
    brightness: float, texture: float, rng: np.random.Generator
) -> None:
    grass = data.grass()[:HEIGHT, :WIDTH].astype(float)
    ground = brightness + texture * (grass - grass.mean()) / grass.std()
    changed, sigma = ground.copy(), (9 + brightness / 4) ** 0.5  # of a sensor: read noise of 3 levels, and photons
    changed[90:150, 120:200] += 8

    def taken(scene: NDArray[Any]) -> NDArray[Any]:
        return levels(scene + rng.normal(0, sigma, scene.shape))

    for _ in range(4):
        assert boxes(taken(ground), taken(ground)) == []
    assert_found(boxes(taken(ground), taken(changed)), (120, 90, 80, 60))


def test_light_of_six_levels_that_fades_is_no_patch(rng: np.random.Generator) -> None:
    reference = coffee().clip(10, 245)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    glow = 6 * np.exp(-((rows - 120) ** 2 + (columns - 160) ** 2) / 2 / 45**2)
    assert boxes(noisy(reference, rng, 4), noisy(reference + glow[..., None], rng, 4)) == []


@pytest.mark.parametrize("join", [0, 1, 3])
def test_a_ring_around_a_dot_is_found_where_parts_are_kept_apart(rng: np.random.Generator, join: float) -> None:
    ground = np.full((HEIGHT, WIDTH, 3), 120.0)
    ring = cv2.circle(ground.copy(), (100, 100), 40, (200, 60, 60), 16)
    cv2.circle(ring, (100, 100), 8, (60, 200, 60), -1)
    result = diffspot.compare(noisy(ground, rng, 3), noisy(ring, rng, 3), join=join)
    assert_found([region.bbox for region in result.regions], (52, 52, 97, 97))
    assert result.regions[0].area == pytest.approx(int(result.mask.sum()), rel=0.01)


def street(rng: np.random.Generator) -> NDArray[Any]:
    """Plain ground with a few details."""
    details = cv2.GaussianBlur(rng.normal(0, 1, (HEIGHT, WIDTH)), (0, 0), 2)
    return np.array([132.0, 128.0, 122.0]) + (6 * details / details.std())[..., None]


def with_car(ground: NDArray[Any], *, shade: bool, thin: bool = False) -> NDArray[Any]:
    """A red car at (100, 80), 60 x 40 px, and the shadow that it casts to the right."""
    lit, shadow = ground.copy(), np.zeros((HEIGHT, WIDTH))
    place = np.s_[104:118, 130:250] if thin else np.s_[84:118, 130:215]
    shadow[place] = 0.4 * shade
    lit *= (1 - cv2.GaussianBlur(shadow, (0, 0), 1))[..., None]
    lit[80:120, 100:160] = (190, 50, 40)
    lit[86:100, 110:150] = (60, 20, 20)
    return lit


@pytest.mark.parametrize("shade", sweep([True, False]))
@pytest.mark.parametrize("gone", [False, True])
def test_a_car_is_boxed_without_its_shadow(rng: np.random.Generator, *, shade: bool, gone: bool) -> None:
    ground = street(rng)
    pair = [noisy(each, rng, 2) for each in (ground, with_car(ground, shade=shade))]
    assert_found(boxes(*(reversed(pair) if gone else pair)), (100, 80, 60, 40))


@pytest.mark.parametrize("gone", sweep([False, True]))
def test_a_car_is_boxed_without_a_shadow_of_few_px_in_height(rng: np.random.Generator, *, gone: bool) -> None:
    ground = street(rng)
    pair = [noisy(each, rng, 2) for each in (ground, with_car(ground, shade=True, thin=True))]
    assert_found(boxes(*(reversed(pair) if gone else pair)), (100, 80, 60, 40))


@pytest.mark.parametrize("gone", sweep([False, True]))
def test_pale_paint_is_no_shadow_of_the_dark_parts_beside_it(rng: np.random.Generator, *, gone: bool) -> None:
    ground = street(rng)
    van = ground.copy()
    van[80:140, 100:160] = (225, 222, 216)
    van[122:136, 104:156] = (28, 28, 30)
    van[104:136, 160:190] *= 0.6
    pair = [noisy(each, rng, 2) for each in (ground, van)]
    found = boxes(*(reversed(pair) if gone else pair))
    assert len(found) == 1
    assert found[0][1] <= 84
    assert found[0][1] + found[0][3] >= 136


def test_a_shadow_without_an_object_keeps_its_box(rng: np.random.Generator) -> None:
    ground = street(rng)
    shaded = ground.copy()
    shaded[84:118, 130:215] *= 0.6
    assert_found(boxes(noisy(ground, rng, 2), noisy(shaded, rng, 2)), (130, 84, 85, 34))


@pytest.mark.parametrize("gone", sweep([False, True]))
@pytest.mark.parametrize("depth", sweep([0.36, 0.4]))
def test_a_shadow_from_outside_is_light_where_an_object_casts_one_like_it(
    rng: np.random.Generator, depth: float, *, gone: bool
) -> None:
    ground = street(rng)
    car = with_car(ground, shade=True)
    car[180:205, 240:] *= 1 - depth
    shots = [noisy(each, rng, 2) for each in (ground, car)]
    result = diffspot.compare(*(reversed(shots) if gone else shots))
    assert_found([region.bbox for region in result.regions], (100, 80, 60, 40))
    (light,) = (one for one in result.forgiven if one.cause == "light")
    assert light.places == 1
    assert overlap(light.largest, (240, 180, 80, 25)) > 0.8


def test_a_shadow_stays_light_where_a_faint_spot_is_found(rng: np.random.Generator) -> None:
    """Edges that the second shot shows softer raise the threshold above the spot, which is sought below it then."""
    ground = street(rng)
    for x in range(10, 230, 16):
        ground[130:235, x : x + 8], ground[130:235, x + 8 : x + 16] = 10, 245
    car = with_car(ground, shade=True)
    car[40:62, 240:] *= 0.6
    car[100:116, 280:300] -= 16
    softer = cv2.GaussianBlur(car, (0, 0), 0.8)
    softer[180:] = cv2.GaussianBlur(car, (0, 0), 1.8)[180:]  # no one kernel makes both halves as soft
    result = diffspot.compare(*(noisy(each, rng, 1.5) for each in (cv2.GaussianBlur(ground, (0, 0), 0.5), softer)))
    assert_found([region.bbox for region in result.regions], (100, 80, 60, 40), (280, 100, 20, 16))
    assert min(region.peak for region in result.regions) < (result.threshold or 0)


def test_dark_paint_is_no_shadow_of_a_pair_in_which_a_car_casts_one(rng: np.random.Generator) -> None:
    ground = street(rng)
    car = with_car(ground, shade=True)
    car[180:205, 240:290] = (70, 66, 90)
    assert_found(boxes(noisy(ground, rng, 2), noisy(car, rng, 2)), (100, 80, 60, 40), (240, 180, 50, 25))


def test_an_object_in_a_soft_shadow_is_found_alone(rng: np.random.Generator) -> None:
    ground, small = levels(street(rng)), (190, 120, 24, 20)
    shadow = cv2.GaussianBlur(cv2.circle(np.zeros((HEIGHT, WIDTH)), (200, 130), 80, 1, -1), (0, 0), 30)
    shade = (1 - 0.3 * shadow)[..., None]
    assert boxes(noisy(ground, rng), noisy(ground * shade, rng)) == []
    assert_found(boxes(noisy(ground, rng), noisy(with_ball(ground, small) * shade, rng)), small, least=0.4)


@pytest.mark.parametrize("index", sweep([0, 2, 4, 5]))
def test_a_band_that_changed_its_colour_a_little_is_found(index: int) -> None:
    assert_changes_found(kind("photo, a band in another colour").pair(index, seed=1))
    pair = kind("photo, a band in another colour, unchanged").pair(index, seed=1)
    assert diffspot.compare(pair.reference, pair.candidate).status == "same"


@pytest.mark.parametrize("index", sweep([0, 1, 4, 5]))
def test_a_colour_photo_beside_a_grey_one_shows_what_is_to_be_seen(index: int) -> None:
    pair = kind("photo beside a grey one").pair(index, seed=1)
    assert assert_changes_found(pair).notes[0] == "colour was compared with grey by its brightness"
    pair = kind("photo beside a grey one, unchanged").pair(index, seed=1)
    assert diffspot.compare(pair.reference, pair.candidate).status == "same"
    assert diffspot.compare(pair.candidate, pair.reference).status == "same"
    asked = diffspot.compare(pair.reference, pair.candidate, normalize="none")
    assert asked.notes[0] == "grey was compared as colour"
