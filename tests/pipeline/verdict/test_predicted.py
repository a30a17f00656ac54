"""What changed on a page that another rasteriser drew in its place is found however little it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from scipy import ndimage

from diffspot import compare
from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.verdict.predicted import BLEND, find_unlike
from tests.kinds import assert_changes_found, kind
from tests.pipeline.verdict.drawing import (
    PRICES,
    assert_found,
    assert_same,
    both_ways,
    covered,
    differing,
    drawn,
    edited,
    price_table,
    within,
)
from tests.sweep import sweep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

SOFT = 0.6
"""Px, sigma, along the line: a filter as of subpixel text."""


def soft(picture: Picture) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (3, 1), SOFT))


def table(raised: int | None = None, *, further: float = 0.0) -> Picture:
    """The table of prices, of which one is a cent higher, or lies some px further right."""
    page = price_table([] if raised is None or further else [raised])
    if raised is not None and further:
        price = [each for each in page.elements if each.role == "price"][raised]
        page = edited(page, lambda each: each is price, x=price.x + further)
    return drawn(page, rasteriser="unhinted")


@pytest.mark.parametrize("raised", sweep([78, 79, 80, 81, 82, 83, 84, 85, 86]))
def test_a_digit_that_became_another_one_among_prices_drawn_softer(raised: int) -> None:
    """From each digit to the next one, of which 5 and 6 have all but the same strokes."""
    box = differing(table(), table(raised))
    for result in both_ways(table(), soft(table(raised))):
        (region,) = result.regions
        assert covered(box, [region.bbox]) >= 0.5, (box, region.bbox)
        assert within(region.bbox, box, margin=30), (box, region.bbox)  # the digit, or the price with it


def test_prices_of_the_benchmark_drawn_softer() -> None:
    for index in range(3):
        assert_changes_found(kind("page, prices drawn softer").pair(index, seed=3))


def test_prices_drawn_softer_are_no_change() -> None:
    for index in range(3):
        pair = kind("page, prices drawn softer, unchanged").pair(index, seed=3)
        assert_same(compare(pair.reference, pair.candidate))
    for result in both_ways(table(), soft(table())):
        assert_same(result)


def test_a_price_that_moved_by_a_px_among_prices_drawn_softer() -> None:
    box = differing(table(), table(PRICES // 2, further=1))
    for result in both_ways(table(), soft(table(PRICES // 2, further=1))):
        assert_found(result, box)


def found(reference: Picture, candidate: Picture, known: NDArray[np.bool_] | None = None) -> NDArray[np.bool_]:
    difference = cv2.absdiff(reference, candidate).max(axis=2)
    whole = np.ones(difference.shape, bool)
    pair = RegisteredPair(reference, candidate, difference, whole)
    return find_unlike(pair, difference > 8, ~whole if known is None else known)


def blended(picture: Picture, blend: NDArray[np.float64]) -> Picture:
    """The picture by any blend, by another library."""
    planes = [ndimage.correlate(picture[..., at].astype(float), blend, mode="nearest") for at in range(3)]
    return np.clip(np.rint(np.dstack(planes)), 0, 255).astype(np.uint8)


def any_blend(rng: np.random.Generator) -> NDArray[np.float64]:
    width, height = BLEND
    blend = rng.uniform(0, 1, (height, width))
    blend[height // 2, width // 2] += 4
    return blend / blend.sum()


def test_any_blend_is_known_and_what_it_does_not_explain_is_found(rng: np.random.Generator) -> None:
    for raised in (80, 82, 83):
        blend, box = any_blend(rng), differing(table(), table(raised))
        assert not found(table(), blended(table(), blend)).any()
        for pair in ((table(), blended(table(raised), blend)), (blended(table(raised), blend), table())):
            rows, columns = np.nonzero(found(*pair))
            x, y, w, h = box
            assert len(rows), raised
            assert y - 3 <= rows.min() <= rows.max() < y + h + 3
            assert x - 5 <= columns.min() <= columns.max() < x + w + 5


def test_what_is_known_is_not_found_again_nor_is_what_lies_beside_it() -> None:
    reference, candidate = table(), soft(table(80))
    x, y, w, h = differing(table(), table(80))
    known = np.zeros(reference.shape[:2], bool)
    known[y : y + h, x + 1 : x + w - 1] = True
    assert found(reference, candidate).any()
    assert not found(reference, candidate, known).any()


def test_noise_in_few_or_in_all_letters_is_no_change(rng: np.random.Generator) -> None:
    """Chance is told by the page itself, and a page of a few letters tells none."""
    for strength in (2, 8, 16):
        noisy = soft(table()).astype(int) + rng.normal(0, strength, table().shape)
        assert not found(table(), np.clip(noisy, 0, 255).astype(np.uint8)).any()
    few, other = table()[:30, :140], soft(table(0))[:30, :140]
    assert not found(few, other).any()


def test_where_letters_moved_each_for_itself_a_digit_says_nothing() -> None:
    """Words say what changed there."""
    raised = edited(
        price_table([80]), lambda each: each.role == "price", x=lambda each: each.x + (round(each.x + each.y) % 3 - 1)
    )
    assert not found(table(), drawn(raised, rasteriser="unhinted")).any()
