"""Boards and prints whose edges wander show their defects alone; a page that another rasteriser drew is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from benchmarks.agreement import overlap
from benchmarks.pairs.pair import Pair
from diffspot import compare
from diffspot.pipeline.verdict.page import read_page
from diffspot.pipeline.verdict.ruled import read_ruled
from diffspot.pipeline.verdict.wandering import edges_wander
from tests.kinds import assert_changes_found, kind
from tests.pipeline.verdict.test_ruled import RULES, sheet
from tests.placing import registered
from tests.sweep import sweep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

HEIGHT, WIDTH = 360, 480
HOLE = 100, 118, 9, 9
"""Of a conductor, x, y, width and height."""
INKS = (30, 70, 40), (210, 170, 90)


def layout(*, holed: bool, thick: int, words: bool) -> NDArray[np.float32]:
    """A few conductors with pads, and words between them, (H, W) in [0, 1]."""
    board = np.zeros((HEIGHT, WIDTH), np.uint8)
    for y in range(50, HEIGHT - 40, 72):
        for lane in range(0, 2 * thick + 8, 2 * thick):
            cv2.line(board, (30, y + lane), (WIDTH - 40, y + lane), 1, thick)
            cv2.circle(board, (WIDTH - 40, y + lane), thick - 1, 1, -1)
        if words:
            cv2.putText(board, "R12 GND 100n", (60, y + 3 * thick + 22), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 1, 3)
    if holed:
        x, y, w, h = HOLE
        board[y : y + h, x : x + w] = 0
    return board.astype(np.float32)


def made(board: NDArray[np.float32], seed: int, *, aside: tuple[float, float] = (0, 0)) -> NDArray[np.bool_]:
    """The board with edges that wander by up to 2 px, so many px (x, y) aside."""
    rng = np.random.default_rng(seed)
    knots = np.clip(rng.normal(0, 0.9, (2, HEIGHT // 12, WIDTH // 12)), -2, 2).astype(np.float32)
    rows, columns = np.indices(board.shape, np.float32)
    across, down = (
        at + by + cv2.resize(offsets, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        for at, by, offsets in zip((columns, rows), aside, knots, strict=True)
    )
    return np.asarray(cv2.remap(board, across, down, cv2.INTER_LINEAR) > 0.5)


def printed(board: NDArray[np.bool_], *, coloured: bool) -> Picture:
    """In two colours, or in black and white."""
    if coloured:
        return np.where(board[..., None], *(np.array(ink, np.uint8) for ink in reversed(INKS)))
    return board.astype(np.uint8) * 255


@pytest.mark.parametrize("index", sweep([0, 1, 2, 3]))
def test_defects_of_a_board_whose_edges_wander_are_found(index: int) -> None:
    assert_changes_found(kind("board, wandering edges").pair(index, seed=3))


@pytest.mark.parametrize("coloured", [False, True])
@pytest.mark.parametrize(("thick", "words"), [(12, False), (12, True), (8, True)])
def test_a_hole_of_a_board_is_all_that_is_found(thick: int, *, words: bool, coloured: bool) -> None:
    good = layout(holed=False, thick=thick, words=words)
    other = layout(holed=True, thick=thick, words=words)
    reference = printed(good > 0.5, coloured=coloured)
    same, holed = (printed(made(one, 5, aside=(3, -2)), coloured=coloured) for one in (good, other))
    assert compare(reference, same).status == "same"
    assert_changes_found(Pair(reference, holed, (HOLE,)))


def test_a_board_of_16_bits_is_judged_as_one_of_8() -> None:
    good, holed = (layout(holed=holed, thick=12, words=False) for holed in (False, True))
    reference, candidate = (one.astype(np.uint16) * 40000 + 5000 for one in (good > 0.5, made(holed, 5)))
    (region,) = compare(reference, candidate).regions
    assert overlap(region.bbox, HOLE) > 0.3


def wander(one: Picture, other: Picture) -> bool:
    pair = registered(one, other)
    differing = pair.difference > 8
    page = read_page(differing, pair, read_ruled(pair, differing), None, by_words=True)
    return edges_wander(pair, page.tiles, page.classes.told)


def test_straight_edges_tell_a_board_from_a_page_that_was_drawn_anew() -> None:
    board = layout(holed=False, thick=12, words=True)
    good = printed(board > 0.5, coloured=True)
    assert wander(good, printed(made(board, 5), coloured=True))
    assert not wander(good, np.roll(good, 2, axis=0))  # it lies elsewhere, but its lines are straight
    assert not wander(sheet(RULES), sheet(RULES, 0.34))


def test_other_shapes_all_over_are_no_edges_that_wander() -> None:
    rng = np.random.default_rng(4)
    one, other = (np.zeros((HEIGHT, WIDTH, 3), np.uint8) for _ in range(2))
    for picture in (one, other):
        for y in range(30, HEIGHT, 24):
            text = "".join(map(str, rng.integers(0, 10, 34)))
            cv2.putText(picture, text, (10, y), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 255, 255), 1)
    assert not wander(one, other)
