"""Faint and large: an even area counts however few levels it differs by; grain and gradients do not."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.scenes.page import Shape
from diffspot import compare
from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.verdict.faint import LEAST_AREA, judge_faint
from tests.pipeline.verdict.drawing import assert_found, assert_same, both_ways, drawn, edited, forgiven, shop

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.pipeline.verdict.interface import Judged, Tally
    from tests.pipeline.verdict.drawing import Picture

FOOTER = (0, 440, 640, 40)
SHAPE = (120, 160)
LIMIT = 8.0


@cache
def sheet() -> Picture:
    return drawn(shop())


def tinted(which: str, by: tuple[int, int, int]) -> Picture:
    """The page with the inside of its second card, or its footer, darker by so many levels a channel."""
    shapes = [
        each for each in shop().elements if isinstance(each, Shape) and each.h == (116 if which == "card" else 40)
    ]
    chosen = shapes[1 if which == "card" else 0]
    colour = tuple(level - less for level, less in zip(chosen.colour, by, strict=True))
    return drawn(edited(shop(), lambda each: each == chosen, colour=colour))


def judged(
    levels: NDArray[np.float32], ignored: NDArray[np.bool_] | None = None, valid: NDArray[np.bool_] | None = None
) -> tuple[list[Judged], Tally]:
    """The verdict on a grey ground that became darker by (H, W) levels."""
    reference = np.full((*levels.shape, 1), 200, np.float32)
    inside = np.ones(levels.shape, bool) if valid is None else valid
    pair = RegisteredPair(reference, reference - levels[..., None], inside, levels * inside, ignored)
    return judge_faint(pair, limit=LIMIT, join=10)


def area(x: int, y: int, w: int, h: int, levels: float) -> NDArray[np.float32]:
    plane = np.zeros(SHAPE, np.float32)
    plane[y : y + h, x : x + w] = levels
    return plane


def test_a_tint_is_found_from_two_levels_on() -> None:
    for by in ((2, 2, 2), (5, 5, 5), (7, 7, 7), (0, 3, 0), (2, 0, 2)):
        for result in both_ways(sheet(), tinted("footer", by)):
            assert_found(result, FOOTER, kind="recolored")
            assert len(result.regions) == 1


def test_a_card_with_text_on_it() -> None:
    for levels in (2, 3, 5, 7, 12):
        for result in both_ways(sheet(), tinted("card", (levels,) * 3)):
            assert_found(result, (228, 215, 183, 116), kind="recolored")
            assert len(result.regions) == 1


def test_one_level_is_rounding() -> None:
    for which in ("footer", "card"):
        for result in both_ways(sheet(), tinted(which, (1, 1, 1))):
            assert_same(result)


def test_gradients_drawn_anew_are_clean(rng: np.random.Generator) -> None:
    ramp = np.linspace(40, 90, 400)[None, :, None] + np.zeros((60, 1, 3))
    cut, rounded = np.floor(ramp), np.rint(ramp)
    dithered = np.floor(ramp + rng.random(ramp.shape))
    banded = np.rint(ramp / 2) * 2
    for one, other in ((cut, rounded), (cut, dithered), (rounded, dithered), (rounded, banded), (banded, dithered)):
        pair = []
        for gradient in (one, other):
            picture = sheet().copy()
            picture[380:440, 40:440] = gradient.astype(np.uint8)
            pair.append(picture)
        for result in both_ways(*pair):
            assert_same(result)


def test_a_tint_of_all_is_light_and_is_said() -> None:
    darker = (sheet() - 2 * (sheet() > 250)).astype(np.uint8)
    for result in both_ways(sheet(), darker):
        assert_same(result)
        assert forgiven(result) == {"light": np.count_nonzero((sheet() > 250).any(axis=2))}


def test_an_even_area_is_found_with_its_levels() -> None:
    for levels in (2, 3, 5, LIMIT):
        (found,), tally = judged(area(20, 30, 40, 25, levels))
        assert found.kind == "recolored"
        assert found.component == ((20, 30, 40, 25), 1000, pytest.approx(levels / 255), pytest.approx(levels / 255))
        assert tally.forgiven() == ()


def test_what_is_too_small_too_thin_or_too_strong_is_no_faint_area() -> None:
    side = int(LEAST_AREA**0.5)
    for plane in (area(20, 30, side - 1, side - 1, 5), area(0, 60, 160, 3, 5), area(20, 30, 40, 25, LIMIT + 1)):
        found, tally = judged(plane)
        assert found == []
        expected = np.count_nonzero((plane >= 2) & (plane <= LIMIT))
        assert sum(one.pixels for one in tally.forgiven()) == expected


def test_boxes_lie_on_the_area_at_every_place() -> None:
    for x, y in ((0, 0), (1, 2), (3, 0), (119, 94), (120, 95)):
        (found,), _ = judged(area(x, y, 40, 25, 3))
        assert found.box == (x, y, 40, 25)


def test_the_rim_of_a_strong_difference_belongs_to_it() -> None:
    plane = area(36, 26, 28, 28, 4)
    plane[30:50, 40:60] = 90
    found, _ = judged(plane)
    assert found == []


def test_grain_is_noise_and_is_counted(rng: np.random.Generator) -> None:
    grain = rng.integers(0, 4, SHAPE).astype(np.float32) * (np.arange(SHAPE[0])[:, None] < 50)
    found, tally = judged(grain)
    assert found == []
    (noise,) = tally.forgiven()
    assert (noise.cause, noise.pixels) == ("noise", np.count_nonzero(grain))


def test_an_area_one_level_off_is_what_rounding_leaves_and_is_counted() -> None:
    found, tally = judged(area(10, 10, 60, 40, 1))
    assert found == []
    (noise,) = tally.forgiven()
    assert (noise.cause, noise.pixels) == ("noise", 60 * 40)


def test_two_areas_far_apart_are_two_and_close_ones_are_one() -> None:
    for gap, boxes in ((9, [(10, 10, 49, 25)]), (30, [(10, 10, 20, 25), (60, 10, 20, 25)])):
        found, _ = judged(area(10, 10, 20, 25, 5) + area(30 + gap, 10, 20, 25, 5))
        assert [one.box for one in found] == boxes


def test_what_is_ignored_or_covered_by_one_picture_alone_is_no_area() -> None:
    plane = area(10, 10, 60, 40, 5)
    hidden = np.zeros(SHAPE, bool)
    hidden[:, :40] = True
    for options in ({"ignored": hidden}, {"valid": ~hidden}):
        (found,), tally = judged(plane, **options)
        assert (found.box, found.component[1]) == ((40, 10, 30, 40), 1200)
        assert tally.forgiven() == ()
    assert judged(plane, ignored=np.ones(SHAPE, bool))[0] == []


def test_ignored_tints_are_not_told() -> None:
    assert_same(compare(sheet(), tinted("footer", (5, 5, 5)), ignore=[FOOTER]))
