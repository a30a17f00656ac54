"""A letter that became another one is found on compressed pages and on photos, though its edges hide most of it."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from benchmarks.agreement import overlap
from benchmarks.pairs.edited_pages import draw_prices
from benchmarks.scenes.camera import add_noise, move
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


CHANGED = 295, 154, 8, 9
"""The last digit of a resistor in the middle."""


def resistors(value: str) -> Picture:
    """A board of 30 resistors with three digits each, soft as a lens leaves it; `value` is on the one in the middle."""
    board = np.full((330, 520, 3), (32, 92, 58), np.uint8)
    for number in range(30):
        x, y = 30 + number % 6 * 80, 30 + number // 6 * 58
        cv2.rectangle(board, (x, y), (x + 54, y + 24), (46, 46, 50), -1)
        for end in (x, x + 44):
            cv2.rectangle(board, (end, y), (end + 10, y + 24), (195, 195, 190), -1)
        digits = value if number == 15 else ("103", "221", "472")[number % 3]
        cv2.putText(board, digits, (x + 14, y + 16), cv2.FONT_HERSHEY_SIMPLEX, 0.38, (170, 170, 170), 1, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(board, (0, 0), 0.7), np.uint8)


@pytest.mark.parametrize("degrees", [0.0, 1.5])
def test_a_digit_of_a_board_that_was_photographed_anew_is_found(degrees: float) -> None:
    rng = np.random.default_rng(5)
    reference = add_noise(resistors("472"), rng, 3)
    same, other = (add_noise(move(resistors(value), 1.4, -0.6, degrees=degrees), rng, 3) for value in ("472", "474"))
    assert compare(reference, same).status == "same"
    (found,) = compare(reference, other).regions
    assert overlap(found.bbox, CHANGED) > 0.3


def written(page_number: int) -> Picture:
    """A page of 12 lines of small type with its number at its foot, as a scanner sees it."""
    big = Image.new("RGB", (1500, 1080), (250, 249, 245))
    draw, font = ImageDraw.Draw(big), ImageFont.load_default(39)
    words = ["lease", "rent", "due", "paid", "owner", "flat"]
    for line in range(12):
        text = " ".join(f"{words[(line + k) % 6]} {17 * line + k}" for k in range(6))
        draw.text((90, 60 + 72 * line), text, (40, 40, 42), font)
    draw.text((640, 980), f"Page {page_number} of 5", (40, 40, 42), ImageFont.load_default(33))
    return np.asarray(big.resize((500, 360), Image.Resampling.BOX))


@pytest.mark.parametrize("degrees", sweep([0.5, -0.8]))
def test_a_page_number_is_found_in_two_scans_and_nothing_in_two_of_one_page(degrees: float) -> None:
    def scanned(page: Picture, *, degrees: float, seed: int) -> Picture:
        laid = page if not degrees else move(page, 1.3, -0.7, degrees=degrees)
        soft = np.asarray(cv2.GaussianBlur(laid, (0, 0), 0.6), np.uint8)
        return saved(add_noise(soft, np.random.default_rng(seed), 2.5), "JPEG", 90)

    reference = scanned(written(2), degrees=0, seed=1)
    assert compare(reference, scanned(written(2), degrees=degrees, seed=2)).status == "same"
    (found,) = compare(reference, scanned(written(3), degrees=degrees, seed=2)).regions
    y, x = np.argwhere(np.abs(written(2).astype(int) - written(3)).max(axis=2) > 25).min(axis=0)
    assert abs(found.bbox[0] - x) <= 3
    assert abs(found.bbox[1] - y) <= 3
    assert max(found.bbox[2:]) <= 14
