"""As near to each other as compression lets them be: nothing is left of it, and what changed stays."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import cv2
import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
import pytest

from diffspot import compare
from diffspot.pipeline import nearest as room
from diffspot.pipeline.jpeg_traces import find_traces
from diffspot.pipeline.nearest import Grid, nearest
from diffspot.pipeline.quantization import FULL, HALVED, compression_of
from tests.pipeline.test_jpeg_traces import saved, shapes, units

if TYPE_CHECKING:
    from tests.pipeline.test_jpeg_traces import Picture

PLACE = slice(96, 112), slice(120, 146)
"""Where a box of 26 x 16 px turned from cyan to beige."""


def with_box(picture: Picture, colour: tuple[int, int, int]) -> Picture:
    drawn = picture.copy()
    drawn[PLACE] = colour
    return drawn


def apart(one: Picture, other: Picture) -> Picture:
    return np.abs(one.astype(int) - other).max(axis=2)


@pytest.mark.parametrize(
    "ways",
    [
        ((90, HALVED), (60, HALVED)),
        ((75, FULL), (85, FULL)),
        ((95, HALVED), (40, HALVED)),
        ((90, (1, 2)), (60, HALVED)),
        ((90, FULL), (70, (1, 2))),
    ],
)
@pytest.mark.parametrize("ground", [(255, 255, 255), (30, 32, 40), (150, 210, 240)])
def test_nothing_is_left_of_one_picture_saved_in_two_ways(
    ways: tuple[tuple[int, tuple[int, int]], ...], ground: tuple[int, int, int]
) -> None:
    pair = [saved(with_box(shapes(5, ground), (90, 210, 215)), *way) for way in ways]
    left = apart(nearest(pair[0], pair[1], *(compression_of(*way) for way in ways)), pair[0])
    assert np.mean(apart(pair[0], pair[1]) > 2) > 0.02
    assert np.mean(left > 2) < 0.01
    assert left.max() <= 16


@pytest.mark.parametrize("turned", [False, True])
def test_a_box_of_another_colour_stays_and_nothing_else(*, turned: bool) -> None:
    before, after = (with_box(shapes(6, (150, 210, 240)), one) for one in ((90, 210, 215), (225, 205, 160)))
    pair, ways = [saved(before, 90), saved(after, 60)], [compression_of(90), compression_of(60)]
    if turned:
        pair, ways = pair[::-1], ways[::-1]
    left = apart(nearest(*pair, *ways), pair[0])
    assert np.median(left[PLACE]) > 0.8 * np.median(apart(before, after)[PLACE])
    left[80:128, 112:160] = 0  # the units it lies in
    assert left.max() <= 4


def test_grey_and_what_is_no_jpeg_and_equal_pictures() -> None:
    picture = shapes(7)
    grey = np.ascontiguousarray(picture[..., :1])
    assert apart(nearest(grey, saved(grey, 50), None, compression_of(50, FULL)), grey).max() <= 4
    assert np.array_equal(nearest(picture, picture, compression_of(80), compression_of(60)), picture)
    noisy = np.clip(picture + np.random.default_rng(7).normal(0, 20, picture.shape), 0, 255).astype(np.uint8)
    assert np.median(np.abs(nearest(picture, noisy, None, None).astype(int) - noisy)) <= 2


def test_rows_that_are_looked_at_together_decide_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = (
        saved(with_box(shapes(8), one)[:233, :219], way) for one, way in (((0, 0, 255), 90), ((9, 200, 9), 60))
    )
    given = before.copy()
    for ways in (
        [compression_of(90), compression_of(60)],
        [compression_of(90, FULL), compression_of(60)],
    ):
        found = []
        for rows in (1, 4, 99):
            monkeypatch.setattr(room, "ROWS", rows)
            found.append(nearest(before, after, *ways))
        assert np.array_equal(found[0], found[1])
        assert np.array_equal(found[0], found[2])
    assert np.array_equal(before, given)


@pytest.mark.parametrize("height", [63, 65, 66, 129])  # four rows of units are looked at at once
@pytest.mark.parametrize("before", [None, (90, FULL), (75, HALVED), (80, (1, 2))])
def test_pictures_may_have_any_height(height: int, before: tuple[int, tuple[int, int]] | None) -> None:
    reference = saved(shapes(5)[:height], *before) if before else shapes(5)[:height]
    way = compression_of(*before) if before else None
    found = nearest(reference, saved(reference, 60), way, compression_of(60))
    assert np.mean(apart(found, reference) > 2) < 0.02


@pytest.mark.parametrize("grid", [Grid(False), Grid(True), Grid(True, HALVED), Grid(True, (1, 2)), Grid(True, (2, 1))])
def test_the_way_back_is_the_transpose_of_the_way_there(grid: Grid) -> None:
    rng = np.random.default_rng(9)
    levels = rng.normal(size=(3, 16, 16, 3 if grid.colours else 1)).astype(np.float32)
    there = grid.frequencies(levels)
    other = rng.normal(size=there.shape).astype(np.float32)
    # sums of 2304 products in float32
    assert np.sum(there * other) == pytest.approx(np.sum(levels * grid.back(other)), abs=1e-2)
    if grid.sampling == FULL:
        assert np.abs(grid.levels(there) - levels).max() < 1e-4


@pytest.mark.parametrize("before", [FULL, (1, 2), (2, 1), HALVED])
def test_interpolated_colours_are_taken_back_to_their_samples(before: tuple[int, int]) -> None:
    samples = np.random.default_rng(10).uniform(-90, 90, (12, 20, 2)).astype(np.float32)
    levels = cv2.resize(samples, None, fx=before[1], fy=before[0], interpolation=cv2.INTER_LINEAR)  # by 3/4 and 1/4
    assert np.abs(room.sampled(levels, before, before) - samples).max() < 1e-3
    means = cv2.resize(samples, None, fx=before[1] / 2, fy=before[0] / 2, interpolation=cv2.INTER_AREA)
    assert np.abs(room.sampled(levels, before, HALVED) - means).max() < 1e-3


def puzzle(seed: int, recoloured: set[int]) -> tuple[Picture, list[tuple[int, int]]]:
    """A drawing of 45 outlined shapes on sky and grass, some in another colour; and the middles of those."""
    pick = random.Random(seed)  # noqa: S311  a drawing, no secret
    picture = PIL.Image.new("RGB", (1400, 1000), (150, 210, 240))
    pen, middles = PIL.ImageDraw.Draw(picture), []
    pen.rectangle((0, 640, 1400, 1000), fill=(120, 190, 90))
    for number in range(45):
        x, y = 40 + (number % 9) * 150 + pick.randrange(50), 30 + (number // 9) * 190 + pick.randrange(80)
        side, kind, (r, g, b) = pick.randrange(20, 64), pick.choice("etr"), (pick.randrange(40, 250) for _ in range(3))
        fill = (g, b, r) if number in recoloured else (r, g, b)
        if kind == "e":
            pen.ellipse((x, y, x + side, y + side), fill=fill, outline=(20, 20, 20), width=3)
        elif kind == "r":
            pen.rectangle((x, y, x + side, y + side * 0.7), fill=fill, outline=(20, 20, 20), width=3)
        else:
            pen.polygon((x, y + side, x + side / 2, y, x + side, y + side), fill=fill, outline=(20, 20, 20))
        if number in recoloured:
            middles.append((x // 2 + side // 4, y // 2 + side // 4))
    return np.asarray(picture.resize((700, 500), PIL.Image.Resampling.LANCZOS)), middles


@pytest.mark.parametrize(("seed", "ways"), [(302, (90, 75)), (206, (85, 60)), (304, (90, 60))])
def test_a_drawing_of_two_qualities_is_the_same_and_each_recoloured_shape_is_a_region(
    seed: int, ways: tuple[int, int]
) -> None:
    (before, _), (after, middles) = puzzle(seed, set()), puzzle(seed, {7, 16, 22, 31, 40})
    reference = saved(before, ways[0])
    assert find_traces(units(reference[:496, :688])) == compression_of(ways[0])
    assert compare(reference, saved(before, ways[1])).status == "same"
    boxes = [region.bbox for region in compare(reference, saved(after, ways[1])).regions]
    assert len(boxes) == len(middles)
    for x, y in middles:
        assert sum(left <= x <= left + w and top <= y <= top + h for left, top, w, h in boxes) == 1


def letters(numbers: list[int]) -> Picture:
    """(480, 640, 3) thin letters in grey and in colours on white, none of which has a px away from white."""
    picture = PIL.Image.new("RGB", (640, 480), "white")
    pen, font = PIL.ImageDraw.Draw(picture), PIL.ImageFont.load_default(13)
    for line, number in enumerate(numbers):
        colour = ((20, 60, 160), (30, 30, 30), (200, 30, 40))[line % 3]
        pen.text((30, 20 + 30 * line), "Delivery of the engine to the customer", font=font, fill=colour)
        pen.text((400, 20 + 30 * line), str(number), font=font, fill=colour)
    return np.asarray(picture)


@pytest.mark.parametrize("ways", [(90, 60), (95, 50)])
@pytest.mark.parametrize("sampling", [HALVED, FULL])
def test_thin_letters_in_colours_on_white_of_two_qualities_are_the_same_and_another_number_is_a_region(
    ways: tuple[int, int], sampling: tuple[int, int]
) -> None:
    numbers = np.random.default_rng(12).integers(1000, 9999, 15).tolist()
    other = [9999 - number if line == 3 else number for line, number in enumerate(numbers)]
    reference = saved(letters(numbers), ways[0], sampling)
    assert find_traces(units(reference)) == compression_of(ways[0], sampling)
    assert compare(reference, saved(letters(numbers), ways[1], sampling)).status == "same"
    (found,) = compare(reference, saved(letters(other), ways[1], sampling)).regions
    x, y, w, h = found.bbox
    assert x >= 384
    assert x + w <= 448
    assert y >= 104
    assert y + h <= 136
