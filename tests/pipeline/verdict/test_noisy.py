"""The verdict on candidates of noisy pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from diffspot import compare
from diffspot.backends import get_backend
from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.verdict.noisy import (
    GLINTS,
    LIKE_PLACES,
    NO_MATCH,
    NOISE_MULTIPLE,
    PLACE,
    Candidate,
    Match,
    is_clear,
    is_large,
    match_surroundings,
    noise_of_places,
    stands_out,
    without_glints,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Box

THRESHOLD = 0.1
BOX = (40, 40, 8, 8)


def candidates(*peaks: float) -> list[Candidate]:
    return [Candidate((index * PLACE, 0, 5, 5), peak, 100.0, 25) for index, peak in enumerate(peaks)]


def same(_: Box) -> Match:
    return Match(0.95, 0.1)


def other(_: Box) -> Match:
    return Match(0.3, 0.9)


def test_the_strongest_places_do_not_count_as_noise() -> None:
    peaks = [0.9] * LIKE_PLACES + [0.3] * 5
    assert noise_of_places(candidates(*peaks), THRESHOLD, same) == 0.3


def test_few_places_show_no_noise() -> None:
    assert noise_of_places(candidates(*[0.9] * LIKE_PLACES), THRESHOLD, same) == 0.0


def test_many_parts_of_few_changes_show_no_noise() -> None:
    parts = [Candidate((place * PLACE + 8 * part, 0, 5, 5), 0.5, 100.0, 25) for place in range(4) for part in range(5)]
    assert noise_of_places(parts, THRESHOLD, same) == 0.0


def test_places_of_other_structure_are_no_noise_however_many() -> None:
    assert noise_of_places(candidates(*[0.5] * 100), THRESHOLD, other) == 0.0


def test_a_change_stands_out_from_the_threshold_and_from_the_noise() -> None:
    (faint, strong) = candidates(0.15, 0.5)
    assert stands_out(faint, THRESHOLD, 0.0, other)
    assert not stands_out(faint, THRESHOLD, 0.1, other)
    assert stands_out(strong, THRESHOLD, 0.5 / NOISE_MULTIPLE - 0.01, other)


def test_other_light_on_the_same_structure_has_to_be_twice_as_strong() -> None:
    (faint, strong) = candidates(0.15, 0.25)
    assert not stands_out(faint, THRESHOLD, 0.0, same)
    assert stands_out(strong, THRESHOLD, 0.0, same)
    assert stands_out(faint, THRESHOLD, 0.0, lambda _: Match(0.95, 0.9, tint=0.14))


def test_the_strongest_of_many_glints_is_one_and_a_change_twice_as_strong_is_none() -> None:
    many = candidates(0.9, *[0.5] * (GLINTS + 1))
    first = np.arange(len(many)) == 0
    assert without_glints(many, first, same).tolist() == [False] * len(many)
    assert without_glints(many[:-1], first[:-1], same).tolist() == first[:-1].tolist()
    assert without_glints(candidates(1.1, *[0.5] * 9), np.arange(10) == 0, same).any()
    assert without_glints(many, first, other).tolist() == first.tolist()


def test_changes_that_stand_out_do_not_make_glints_of_each_other() -> None:
    assert without_glints(candidates(*[0.9] * 20), np.ones(20, bool), same).all()


def test_the_largest_place_of_noise_is_one_place_and_no_chain_of_them() -> None:
    rng = np.random.default_rng(3)
    grid = np.full((240, 320, 3), 150, np.float32)
    for first in (0, 1):
        grid[first::12] = grid[:, first::16] = 40
    grid = cv2.GaussianBlur(grid, (0, 0), 0.7)
    rows, columns = np.indices(grid.shape[:2], np.float32)
    down, across = (cv2.GaussianBlur(rng.normal(0, 1, rows.shape).astype(np.float32), (0, 0), 5) for _ in "yx")
    sources = columns + 2.2 * across / across.std(), rows + 2.2 * down / down.std()
    wandering = cv2.remap(grid, *sources, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    pictures = [(one + rng.normal(0, 3, grid.shape)).clip(0, 255).astype(np.uint8) for one in (grid, wandering)]
    (noise,) = compare(*pictures, align="none").forgiven
    # px that touch lie on the edges of one mesh of the grid, which is 16 x 12 px, or of two side by side
    assert max(noise.largest[2:]) <= 2 * 16
    assert noise.places > 20


def test_an_edge_that_moved_is_not_clear_and_new_content_is() -> None:
    (strong,) = candidates(0.5)
    assert is_clear(strong, THRESHOLD, other)
    assert not is_clear(strong, THRESHOLD, same)
    assert not is_clear(Candidate(BOX, 0.5, 0.2, 25), THRESHOLD, other)


@pytest.mark.parametrize(
    ("box", "area", "large"),
    [
        ((0, 0, 80, 60), 4700, True),
        ((0, 0, 80, 60), 3600, False),
        ((0, 0, 20, 20), 400, False),
        ((0, 0, 300, 4), 1200, False),
    ],
)
def test_a_faint_change_is_told_by_its_size_and_its_outline(box: Box, area: int, *, large: bool) -> None:
    candidate = Candidate(box, 0.07, 300.0, area)
    assert is_large(candidate, 0.0) is large
    assert not is_large(candidate, 0.05)


def test_a_faint_patch_of_a_noisy_photo_is_found() -> None:
    rng = np.random.default_rng(8)
    y, x = np.mgrid[:240, :320]
    ground = 128 + 40 * np.sin(x / 50) * np.cos(y / 40)
    changed = ground.copy()
    changed[90:150, 120:200] += 10
    shots = ((plane[..., None] + rng.normal(0, 2, (240, 320, 3))).astype(np.uint8) for plane in (ground, changed))
    (region,) = compare(*shots).regions
    assert all(abs(found - true) <= 6 for found, true in zip(region.bbox, (120, 90, 80, 60), strict=True))


@pytest.fixture(scope="module")
def texture() -> NDArray[np.uint8]:
    rough = np.random.default_rng(3).integers(0, 256, (100, 120, 3)).astype(np.uint8)
    return cv2.GaussianBlur(rough, (0, 0), 2) * np.uint8(2)


def pair(reference: NDArray[Any], candidate: NDArray[Any]) -> RegisteredPair:
    valid = np.ones(reference.shape[:2], bool)
    return RegisteredPair(reference, candidate, valid, cv2.absdiff(reference, candidate).max(axis=2))


def test_surroundings_that_moved_match_and_leave_nothing(texture: NDArray[np.uint8]) -> None:
    moved = np.roll(texture, (2, -1), axis=(0, 1))
    match = match_surroundings(pair(texture, moved), BOX, get_backend("numpy"), sigma=1.0)
    assert match.correlation > 0.999
    assert match.left < 0.01


def test_new_content_does_not_match(texture: NDArray[np.uint8]) -> None:
    changed = texture.copy()
    changed[36:52, 36:52] = texture[70:86, 80:96]
    match = match_surroundings(pair(texture, changed), BOX, get_backend("numpy"), sigma=1.0)
    assert match.correlation < 0.8
    assert match.left > 0.5


@pytest.mark.parametrize("box", [(0, 0, 2, 2), (119, 99, 1, 1), (0, 40, 1, 30), (0, 0, 120, 100)])
def test_every_box_can_be_looked_at(texture: NDArray[np.uint8], box: Box) -> None:
    match = match_surroundings(pair(texture, texture), box, get_backend("numpy"), sigma=1.0)
    assert match == NO_MATCH or match.correlation == pytest.approx(1, abs=0.001)


def board(shine: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Dark plates with a bright dome each, whose brightness varies by `shine` levels from shot to shot."""
    picture = np.full((300, 400), 60, np.float32)
    for y in range(30, 290, 50):
        for x in range(30, 390, 50):
            cv2.circle(picture, (x, y), 14, 110, -1)
            cv2.circle(picture, (x, y), 7, 150 + shine * rng.uniform(-1, 1), -1)
    picture += rng.normal(0, 3, picture.shape)
    return np.dstack([picture.clip(0, 255).astype(np.uint8)] * 3)


def test_glints_are_no_regions_and_a_missing_dome_is_one() -> None:
    rng = np.random.default_rng(5)
    reference, candidate = board(20, rng), board(20, rng)
    assert compare(reference, candidate).regions == ()
    candidate[105:156, 155:206] = (60 + rng.normal(0, 3, (51, 51, 1))).astype(np.uint8)
    (region,) = compare(reference, candidate).regions
    x, y, w, h = region.bbox
    assert 160 <= x <= 168
    assert 110 <= y <= 118
    assert 24 <= w <= 38
    assert 24 <= h <= 38


def test_places_of_another_colour_are_no_noise_and_fringes_are() -> None:
    def tinted(_: Box) -> Match:
        return Match(0.95, 0.9, tint=1.5 * THRESHOLD)

    def all_over(width: int, height: int, area: int) -> list[Candidate]:
        return [Candidate((index * PLACE, 0, width, height), 0.5, 100.0, area) for index in range(100)]

    assert noise_of_places(all_over(20, 20, 300), THRESHOLD, tinted) == 0.0
    assert noise_of_places(all_over(20, 20, 100), THRESHOLD, tinted) == 0.5
    assert noise_of_places(all_over(60, 5, 300), THRESHOLD, tinted) == 0.5


def chips(rng: np.random.Generator, hue: tuple[int, int, int], changed: int, step: int) -> NDArray[np.uint8]:
    """A wall of 35 marked chips in noise; of the first `changed` every one is `step` levels of `hue` away."""
    picture = np.full((300, 400, 3), 60, np.float32)
    for index, (y, x) in enumerate((y, x) for y in range(30, 290, 50) for x in range(30, 380, 50)):
        colour = np.array([150, 120, 100]) + (step * np.array(hue) if index < changed else 0)
        cv2.circle(picture, (x, y), 14, colour.tolist(), -1)
        cv2.circle(picture, (x, y), 5, (20, 20, 20), -1)
    return (picture + rng.normal(0, 2, picture.shape)).clip(0, 255).astype(np.uint8)


def test_more_recolourings_than_places_that_are_passed_over_are_found() -> None:
    rng = np.random.default_rng(4)
    shots = (chips(rng, (1, 0, -1), changed, 40) for changed in (0, 20))
    assert len(compare(*shots).regions) == 20


def test_places_that_all_became_brighter_are_counted_as_noise() -> None:
    rng = np.random.default_rng(4)
    result = compare(*(chips(rng, (1, 1, 1), changed, 40) for changed in (0, 20)))
    assert result.regions == ()
    (noise,) = (entry for entry in result.forgiven if entry.cause == "noise")
    assert noise.places == 20
    assert 20 * 200 < noise.pixels < 20 * 700
    assert noise.largest[2] == pytest.approx(25, abs=4)
