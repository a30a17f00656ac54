"""Components that moved together are one."""

from __future__ import annotations

from functools import partial

import numpy as np

from diffspot.pipeline.verdict.interface import Judged
from diffspot.pipeline.verdict.moved import join_moved
from diffspot.pipeline.verdict.tiles import TILE

GRID = (20, 30)


def part(x: int, y: int, *, offset: tuple[int, int] = (1, 0), area: int = 100, mean: float = 0.5) -> Judged:
    """What moved: 2 x 1 tiles in cell (x, y)."""
    return Judged(((x * TILE, y * TILE, 2 * TILE, TILE), area, 2 * mean, mean), "moved", offset)


def still(*cells: tuple[int, int]) -> np.ndarray:
    """Tiles (x, y) that show something and lie as they did."""
    grid = np.zeros(GRID, bool)
    for x, y in cells:
        grid[y, x] = True
    return grid


def test_parts_that_moved_alike_are_one() -> None:
    parts = [part(2, 3, mean=0.2), part(10, 3, area=300, mean=0.4), part(4, 12)]
    (joined,) = join_moved(parts, still)
    assert (joined.box, joined.kind, joined.offset) == ((2 * TILE, 3 * TILE, 10 * TILE, 10 * TILE), "moved", (1, 0))
    (_, area, peak, mean) = joined.component
    assert (area, peak) == (500, 1.0)
    assert mean == (100 * 0.2 + 300 * 0.4 + 100 * 0.5) / 500


def test_the_order_does_not_matter() -> None:
    parts = [part(2, 3), part(2, 5), part(20, 15, offset=(0, 1)), part(20, 17, offset=(0, 1)), part(4, 7)]
    expected = {(2 * TILE, 3 * TILE, 4 * TILE, 5 * TILE), (20 * TILE, 15 * TILE, 2 * TILE, 3 * TILE)}
    for _ in parts:
        parts = [*parts[1:], parts[0]]
        assert {one.box for one in join_moved(parts, still)} == expected


def test_what_moved_otherwise_or_did_not_move_stays_apart() -> None:
    content = Judged(((5 * TILE, 3 * TILE, TILE, TILE), 50, 0.5, 0.5))
    parts = [part(2, 3), part(8, 3, offset=(0, 1)), content, part(8, 6, offset=(-1, 0))]
    assert join_moved(parts, still) == parts
    assert join_moved([], still) == []


def test_what_lies_still_between_keeps_parts_apart() -> None:
    parts = [part(2, 3), part(12, 3)]
    # The two hold 4 tiles, a fifth of which may lie still.
    assert len(join_moved(parts, partial(still, (6, 3)))) == 2
    assert len(join_moved(parts, partial(still, (6, 4), (6, 2), (15, 3)))) == 1  # beside the box around both
