"""Circuit boards whose edges wander, with planted defects."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from benchmarks.pairs.pair import Pair, Planted
from benchmarks.scenes.board import DEFECTS, draw_board, etch, make_board, make_wander
from benchmarks.scenes.truth import step_boxes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.scenes.board import Board

    Coverage = NDArray[np.float64]

WIDTH, HEIGHT = 340, 260
# A camera sees the board this much larger.
ZOOM = 2
# Sigma, px: edges wander by 1 to 3 px.
WANDER = (0.5, 1.5)
# The board lies this far aside at most, px.
MISPLACED = 6


def _enlarge(coverage: Coverage) -> Coverage:
    height, width = coverage.shape
    sheet = Image.fromarray(coverage.astype(np.float32))
    larger = sheet.resize((width * ZOOM, height * ZOOM), Image.Resampling.BICUBIC)
    return np.asarray(larger, dtype=np.float64)


def _lay_out(rng: np.random.Generator, *, changed: bool) -> tuple[Board, list[Coverage]]:
    board = make_board(rng, width=WIDTH, height=HEIGHT)
    defects = rng.choice(DEFECTS, rng.integers(3, 8)).tolist() if changed else ()
    steps = [_enlarge(step) for step in draw_board(board, rng, defects)]
    return replace(board, width=WIDTH * ZOOM, height=HEIGHT * ZOOM), steps


def plant_board(rng: np.random.Generator, *, changed: bool) -> Planted:
    """Lay out a board and plant three to seven defects; its edges are straight."""
    _, steps = _lay_out(rng, changed=changed)
    etched = [etch(step) for step in steps]
    return Planted(etched[0], etched[-1], step_boxes(etched))


def draw_board_pair(rng: np.random.Generator, *, changed: bool) -> Pair:
    """The good board as drawn, against a made one: its edges wander and it lies aside."""
    board, steps = _lay_out(rng, changed=changed)
    wander = make_wander(rng, board, float(rng.uniform(*WANDER)))
    wander += rng.uniform(-MISPLACED, MISPLACED, (2, 1, 1))
    boxes = step_boxes([etch(step) for step in steps])
    return Pair(etch(steps[0]), etch(steps[-1], wander), boxes)
