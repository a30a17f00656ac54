"""A letter that became another one on a compressed page is found, though little of it stands out from its edges."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from benchmarks.agreement import overlap
from benchmarks.pairs.edited_pages import draw_prices
from diffspot import compare
from tests.kinds import kind
from tests.sweep import sweep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.pairs.pair import Pair

    Picture = NDArray[np.uint8]

WAYS = [("PNG", "WEBP", 0, 95), ("JPEG", "JPEG", 85, 80), ("PNG", "JPEG", 0, 95)]


def prices(index: int) -> Pair:
    """A table of prices, a few of them a cent higher."""
    return kind("page, prices, compressed").pair(index, seed=3)


def saved(picture: Picture, name: str, quality: int) -> Picture:
    with BytesIO() as file:
        Image.fromarray(picture).save(file, name, quality=quality)
        return np.asarray(Image.open(file).convert("RGB"))


def test_of_drawn_tables_nearly_all_are_right() -> None:
    right = 0
    for index in range(8):
        pair = prices(index)
        found = [region.bbox for region in compare(pair.reference, pair.candidate).regions]
        missed = [box for box in pair.boxes if not any(overlap(box, one) for one in found)]
        wrong = [one for one in found if not any(overlap(box, one) for box in pair.boxes)]
        right += not missed and not wrong
    assert right >= 7


COLOURED = "page, prices in colours, WebP"


@pytest.mark.parametrize("index", sweep([0, 1, 2]))
def test_digits_in_colours_are_found_though_colours_ran_beside_them(index: int) -> None:
    pair = kind(COLOURED).pair(index, seed=3)
    found = [region.bbox for region in compare(pair.reference, pair.candidate).regions]
    assert len(found) == len(pair.boxes)
    assert all(any(overlap(one, true) > 0.3 for one in found) for true in pair.boxes)


def test_coloured_type_that_did_not_change_is_the_same() -> None:
    pair = kind(f"{COLOURED}, unchanged").pair(0, seed=3)
    assert compare(pair.reference, pair.candidate).status == "same"


@cache
def one_price() -> Pair:
    """A table of which one price is a cent higher, not compressed."""
    drawn = (draw_prices(np.random.default_rng(seed), changed=True) for seed in range(100))
    return next(pair for pair in drawn if len(pair.boxes) == 1)


@pytest.mark.parametrize("way", sweep(WAYS))
def test_a_digit_is_found_and_nothing_where_none_changed(way: tuple[str, str, int, int]) -> None:
    (first, second, one, other), pair = way, one_price()
    reference = saved(pair.reference, first, one)
    assert compare(reference, saved(pair.reference, second, other)).status == "same"
    candidate = saved(pair.candidate, second, other)
    (found,) = compare(reference, candidate).regions
    assert overlap(found.bbox, pair.boxes[0]) > 0.3
    (x, y, w, h), room = pair.boxes[0], 8
    around = x - room, y - room, w + 2 * room, h + 2 * room
    assert compare(reference, candidate, ignore=[around]).status == "same"


def test_a_threshold_that_the_user_gives_decides_alone() -> None:
    pair = one_price()
    pictures = pair.reference, saved(pair.candidate, "WEBP", 90)
    assert compare(*pictures).status == "different"
    assert compare(*pictures, threshold=0.5).status == "same"
