"""Circuit boards in black and white: traces, pads, the four classic defects, wandering edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.scenes.camera import LINEAR, resample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]
    Field = NDArray[np.float64]

# Drawn this much larger, then averaged down, for clean edges at any angle.
OVERSAMPLING = 4
TRACE, PITCH, PAD, DRILL = 7.0, 16.0, 7.0, 2.6
MARGIN = 22.0
# Room for a bus of four lines that steps by two.
SLOT = 5.6 * PITCH
# Edges wander on this scale along the trace, px.
WANDER_LENGTH = 11
DEFECTS = ("open", "short", "spur", "hole")


@dataclass(frozen=True, slots=True)
class Run:
    """A straight horizontal piece of trace; `neighbour` tells that one runs PITCH px below."""

    x0: float
    x1: float
    y: float
    neighbour: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """One trace: its corners from pad to pad, px."""

    corners: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A board's traces and the straight runs on which defects can lie."""

    width: int
    height: int
    traces: tuple[Trace, ...]
    runs: tuple[Run, ...]


def _bus(rng: np.random.Generator, width: int, top: float, lines: int) -> tuple[list[Trace], list[Run]]:
    """Lay `lines` parallel traces, left to right, that step up or down together at 45 degrees."""
    bend = rng.uniform(0.35, 0.65) * width
    step = PITCH * float(rng.choice((-2, -1, 1, 2)))
    first = top + max(-step, 0.0)
    traces, runs = [], []
    for line in range(lines):
        y = first + line * PITCH
        left = MARGIN + (line % 2) * 1.3 * PITCH
        right = width - MARGIN - (line % 2) * 1.3 * PITCH
        # The bend of each line is moved so that the gap stays equal around the corner.
        turn = bend - np.sign(step) * line * PITCH * 0.414
        end = turn + abs(step)
        traces.append(Trace(((left, y), (turn, y), (end, y + step), (right, y + step))))
        below = line + 1 < lines
        runs.append(Run(MARGIN + 45, turn - 16, y, below))
        runs.append(Run(end + 16, width - MARGIN - 45, y + step, below))
    return traces, runs


def make_board(rng: np.random.Generator, *, width: int = 400, height: int = 300) -> Board:
    """Lay out buses of three or four parallel traces from the top of the board to its bottom."""
    traces, runs = list[Trace](), list[Run]()
    for slot in range(int((height - 1.4 * MARGIN) // SLOT)):
        lines = int(rng.integers(3, 5))
        bus, straight = _bus(rng, width, 1.2 * MARGIN + slot * SLOT, lines)
        traces += bus
        runs += straight
    return Board(width, height, tuple(traces), tuple(runs))


def _disc(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, fill: int) -> None:
    corners = [v * OVERSAMPLING for v in (x - radius, y - radius, x + radius, y + radius)]
    pen.ellipse(corners, fill=fill)


def _draw_trace(pen: ImageDraw.ImageDraw, trace: Trace) -> None:
    points = [(x * OVERSAMPLING, y * OVERSAMPLING) for x, y in trace.corners]
    pen.line(points, fill=255, width=round(TRACE * OVERSAMPLING), joint="curve")
    for x, y in (trace.corners[0], trace.corners[-1]):
        _disc(pen, x, y, PAD, 255)
        _disc(pen, x, y, DRILL, 0)


def _draw_defect(pen: ImageDraw.ImageDraw, kind: str, x: float, run: Run) -> None:
    """Draw one defect at `x` on a run."""

    def bar(x0: float, y0: float, x1: float, y1: float, fill: int) -> None:
        pen.rectangle([v * OVERSAMPLING for v in (x0, y0, x1, y1)], fill=fill)

    if kind == "open":
        bar(x - 3.5, run.y - TRACE, x + 3.5, run.y + TRACE, 0)
    elif kind == "short":
        bar(x - 2.5, run.y, x + 2.5, run.y + PITCH, 255)
    elif kind == "spur":
        _disc(pen, x, run.y - TRACE / 2 - 1.0, 4.0, 255)
    else:
        _disc(pen, x, run.y, 2.5, 0)


def _place(
    board: Board, kind: str, taken: Sequence[tuple[float, float]], rng: np.random.Generator
) -> tuple[float, Run]:
    """Find a place for a defect, well apart from the others."""
    while True:
        run = board.runs[rng.integers(len(board.runs))]
        x = rng.uniform(run.x0, run.x1) if run.x1 > run.x0 else -1.0
        far = all(abs(x - ox) > 40 or abs(run.y - oy) > 40 for ox, oy in taken)
        if x > 0 and far and (run.neighbour or kind != "short"):
            return x, run


def draw_board(board: Board, rng: np.random.Generator, defects: Sequence[str] = ()) -> list[NDArray[np.float64]]:
    """Draw a board, then with one defect more each.

    Args:
        board: From `make_board`.
        rng: Decides where the defects lie.
        defects: Of `DEFECTS`.

    Returns:
        One (H, W) float64 coverage in [0, 255] for the good board and one a defect: pass each
        through `etch`.
    """
    size = (board.width * OVERSAMPLING, board.height * OVERSAMPLING)
    sheet = Image.new("L", size, 0)
    pen = ImageDraw.Draw(sheet)
    for trace in board.traces:
        _draw_trace(pen, trace)
    steps, taken = [sheet.reduce(OVERSAMPLING)], list[tuple[float, float]]()
    for kind in defects:
        x, run = _place(board, kind, taken, rng)
        _draw_defect(pen, kind, x, run)
        taken.append((x, run.y))
        steps.append(sheet.reduce(OVERSAMPLING))
    return [np.asarray(step, dtype=np.float64) for step in steps]


def make_wander(rng: np.random.Generator, board: Board, sigma: float) -> Field:
    """Return a smooth (2, H, W) float64 field of row and column offsets, within 2.2 sigma px."""
    coarse = (board.height // WANDER_LENGTH + 1, board.width // WANDER_LENGTH + 1)
    layers = []
    for _ in range(2):
        knots = np.clip(rng.normal(0.0, sigma, coarse), -2.2 * sigma, 2.2 * sigma)
        layer = Image.fromarray(knots.astype(np.float32))
        smooth = layer.resize((board.width, board.height), Image.Resampling.BICUBIC)
        layers.append(np.asarray(smooth, dtype=np.float64))
    return np.stack(layers)


def etch(coverage: Field, wander: Field | None = None) -> Picture:
    """Turn a drawing into a black and white (H, W) uint8 picture whose edges follow `wander`."""
    if wander is not None:
        where = np.mgrid[: coverage.shape[0], : coverage.shape[1]] + wander
        coverage = resample(coverage, where, order=LINEAR)
    return np.where(coverage > 127.5, np.uint8(255), np.uint8(0))
