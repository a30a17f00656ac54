"""Components that moved together are one."""

from __future__ import annotations

import numpy as np

from diffspot.pipeline.verdict.interface import Judged
from diffspot.pipeline.verdict.moved import join_moved
from diffspot.pipeline.verdict.tiles import TILE

GRID = (20, 30)


def part(x: int, y: int, w: int = 4, *, offset: tuple[int, int] = (1, 0), area: int = 100, mean: float = 0.5) -> Judged:
    """What moved: w x 1 tiles in cell (x, y)."""
    return Judged(((x * TILE, y * TILE, w * TILE, TILE), area, 2 * mean, mean), "moved", offset)


def joined(parts: list[Judged], *still: tuple[int, int]) -> list[Judged]:
    """The parts, joined; `still` are tiles (x, y) that show something and lie as they did."""
    lying, moved = np.zeros((2, *GRID), bool)
    for x, y in still:
        lying[y, x] = True
    for x, y, w, h in (one.box for one in parts):
        moved[y // TILE : (y + h) // TILE, x // TILE : (x + w) // TILE] = True
    return join_moved(parts, lambda: (lying, moved))


def test_parts_that_moved_alike_are_one() -> None:
    parts = [part(2, 3, mean=0.2), part(8, 3, area=300, mean=0.4), part(4, 5)]
    (one,) = joined(parts)
    assert (one.box, one.kind, one.offset) == ((2 * TILE, 3 * TILE, 10 * TILE, 3 * TILE), "moved", (1, 0))
    (_, area, peak, mean) = one.component
    assert (area, peak) == (500, 1.0)
    assert mean == (100 * 0.2 + 300 * 0.4 + 100 * 0.5) / 500


def test_the_order_does_not_matter() -> None:
    parts = [part(2, 3), part(2, 5), part(20, 15, offset=(0, 1)), part(20, 17, offset=(0, 1)), part(4, 7)]
    expected = {(2 * TILE, 3 * TILE, 6 * TILE, 5 * TILE), (20 * TILE, 15 * TILE, 4 * TILE, 3 * TILE)}
    for _ in parts:
        parts = [*parts[1:], parts[0]]
        assert {one.box for one in joined(parts)} == expected


def test_what_moved_otherwise_or_did_not_move_stays_apart() -> None:
    content = Judged(((6 * TILE, 3 * TILE, TILE, TILE), 50, 0.5, 0.5))
    parts = [part(2, 3), part(8, 3, offset=(0, 1)), content, part(8, 6, offset=(-1, 0))]
    assert joined(parts) == parts
    assert joined([]) == []


def test_what_lies_still_between_keeps_parts_apart() -> None:
    parts = [part(2, 3), part(10, 3)]
    assert len(joined(parts, (7, 3))) == 2
    assert len(joined(parts, (7, 4), (7, 2), (15, 3))) == 1  # beside the box around both
    assert len(joined(parts, (3, 3), (11, 3), (12, 3))) == 1  # within one of them


def test_words_far_apart_in_a_line_moved_each_for_itself() -> None:
    assert len(joined([part(2, 3), part(10, 3)])) == 1  # 48 px between them
    assert len(joined([part(2, 3), part(11, 3)])) == 2


def test_parts_with_little_but_ground_in_their_common_box_stay_apart() -> None:
    assert len(joined([part(2, 3), part(7, 4)])) == 1
    assert len(joined([part(2, 3), part(20, 15)])) == 2
