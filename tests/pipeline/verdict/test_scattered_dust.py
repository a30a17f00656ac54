"""Dust all over a scan is taken off both; few dots, dots in a row, stops and what is larger stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from diffspot import compare
from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.verdict.dust import MANY, without_dust

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

SCATTERED = ((40, 40), (330, 60), (180, 150), (60, 250), (350, 270))
"""(x, y) of paper beside the type."""
LEAST = 11.0


def page() -> Picture:
    """Two words of block letters 20 px high, whose feet stand on one line each."""
    paper = np.full((320, 400, 3), 240, np.uint8)
    for y in (90, 200):
        for x in range(100, 300, 14):
            paper[y : y + 20, x : x + 8] = 30
    return paper


def dotted(places: Sequence[tuple[int, int]], side: int = 4, level: int = 60) -> Picture:
    """The page with a dark square at each place."""
    picture = page()
    for x, y in places:
        picture[y : y + side, x : x + side] = level
    return picture


def pair(reference: Picture, candidate: Picture) -> RegisteredPair:
    """The pair as it comes from registration, all of it compared."""
    difference = cv2.absdiff(reference, candidate).max(axis=2)
    return RegisteredPair(reference, candidate, np.ones(difference.shape, bool), difference)


def left_of(places: Sequence[tuple[int, int]], *, swapped: bool = False) -> tuple[int, int]:
    """Px that differ once dust is off a page with such dots, and the places that were counted."""
    pictures = page(), dotted(places)
    clean, tally = without_dust(pair(*(pictures[::-1] if swapped else pictures)), LEAST, bilevel=False, few=False)
    again = cv2.absdiff(clean.reference, clean.candidate).max(axis=2)
    assert np.array_equal(again, clean.difference)
    assert {cause for cause, *_ in tally.places} <= {"noise"}
    return int(np.count_nonzero(clean.difference)), len(tally.places)


@pytest.mark.parametrize("order", ["as they are", "swapped"])
def test_dots_scattered_on_one_scan_are_dust(order: str) -> None:
    assert left_of(SCATTERED, swapped=order == "swapped") == (0, len(SCATTERED))


def test_fewer_dots_than_many_stay() -> None:
    few = SCATTERED[: MANY - 1]
    assert left_of(few) == (16 * len(few), 0)


def test_dots_in_a_row_stay() -> None:
    row = [(x, 40) for x in range(40, 240, 20)]
    assert left_of(row) == (16 * len(row), 0)


def test_what_is_larger_than_dust_stays_beside_dust() -> None:
    pictures = page(), dotted(SCATTERED)
    pictures[1][280:289, 200:209] = 60
    clean, tally = without_dust(pair(*pictures), LEAST, bilevel=False, few=False)
    assert len(tally.places) == len(SCATTERED)
    rows, columns = np.nonzero(clean.difference)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (280, 288, 200, 208)


def test_a_dot_beside_a_letter_is_dust_where_there_is_dust_and_a_stop_is_none() -> None:
    above, stop = (200, 84), (300, 106)
    assert left_of([*SCATTERED, above]) == (0, len(SCATTERED) + 1)
    assert left_of([*SCATTERED, stop]) == (16, len(SCATTERED))


@pytest.mark.parametrize(("beside", "stays"), [(14, True), (17, False)])
def test_a_dot_stands_on_a_line_that_ends_within_a_space_beside_it(beside: int, *, stays: bool) -> None:
    """On the feet of a word, with so many px of paper before it: what smoothing carries there says nothing."""
    dot = (304 + beside, 107)
    pictures = page(), dotted([*SCATTERED, dot], side=3, level=140)
    clean, _ = without_dust(pair(*pictures), LEAST, bilevel=False, few=False)
    assert np.count_nonzero(clean.difference) == 9 * stays


@pytest.mark.parametrize("bilevel", [False, True])
def test_few_dots_on_both_scans_are_dust_of_scans_that_were_laid_alone(*, bilevel: bool) -> None:
    here = pair(dotted(SCATTERED[:1]), dotted(SCATTERED[1:2]))
    assert without_dust(here, LEAST, bilevel=bilevel, few=False)[0] is here
    clean, tally = without_dust(here, LEAST, bilevel=bilevel, few=True)
    assert not clean.difference.any()
    assert len(tally.places) == 2


def test_a_dark_ground_has_no_dust() -> None:
    """Stars are no dust."""
    sky = 255 - page(), 255 - dotted(SCATTERED)
    here = pair(*sky)
    clean, tally = without_dust(here, LEAST, bilevel=False, few=False)
    assert clean is here
    assert not tally.places


@pytest.mark.parametrize("ink", ["dark", "light"])
def test_scans_in_black_and_white_stay_so(ink: str) -> None:
    """In these all edges wander, and ink is what there is less of."""
    first, second = (np.where(one > 127, 255, 0).astype(np.uint8) for one in (page(), dotted(SCATTERED)))
    first[90:110:3, 99:300:14] = 0
    pictures = (255 - first, 255 - second) if ink == "light" else (first, second)
    clean, tally = without_dust(pair(*pictures), LEAST, bilevel=True, few=False)
    assert len(tally.places) == len(SCATTERED)
    assert np.array_equal(clean.reference, pictures[0])
    assert set(np.unique(clean.candidate)) == {0, 255}
    assert np.count_nonzero(clean.difference) == np.count_nonzero(cv2.absdiff(first, page_in_black()).max(axis=2))


def page_in_black() -> Picture:
    """The page in black and white."""
    return np.where(page() > 127, 255, 0).astype(np.uint8)


def test_dust_is_told_as_noise_and_a_letter_that_is_gone_is_the_only_region() -> None:
    rng = np.random.default_rng(5)
    changed = dotted(SCATTERED, side=3)
    changed[200:220, 156:164] = 240
    scans = [(one + rng.normal(0, 2, one.shape)).clip(0, 255).astype(np.uint8) for one in (page(), changed)]
    turn = cv2.getRotationMatrix2D((200, 160), 0.3, 1)
    turned = cv2.warpAffine(scans[1], turn, (400, 320), borderValue=(240, 240, 240))
    result = compare(scans[0], turned)
    (region,) = result.regions
    x, y, w, h = region.bbox
    assert (abs(x - 156) < 6, abs(y - 200) < 6, w < 20, h < 32) == (True,) * 4
    assert sum(one.places for one in result.forgiven if one.cause == "noise") >= len(SCATTERED)


def test_dust_beside_a_screen_of_dots_is_taken_off_alone() -> None:
    screen = np.full((800, 800, 3), 240, np.uint8)
    screen[20::3, 420::3] = 60  # 33,000 dots, each as small as dust
    clear = screen.copy()
    clear[:, 400:] = 240
    for picture, places in ((screen, SCATTERED), (clear, ())):
        picture[:320, :400] = dotted(places)
    clean, tally = without_dust(pair(clear, screen), LEAST, bilevel=True, few=False)
    assert len(tally.places) == len(SCATTERED)
    assert not clean.difference[:, :400].any()
    assert np.array_equal(clean.candidate[:, 400:], screen[:, 400:])
