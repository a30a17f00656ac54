"""Tiles against slow references in plain NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np
import pytest

from diffspot.pipeline.verdict.tiles import EXACT, MARGIN, TEXTURE, TILE, brightness
from diffspot.pipeline.verdict.windows import BETTER, FLAT, ROUNDING, SMOOTHING, measure_tiles
from tests.pipeline.verdict.drawing import drawn, shop
from tests.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Picture = NDArray[Any]

SIZES = ((1, 1), (1, 30), (7, 5), (12, 12), (13, 25), (24, 36), (31, 59))
AROUND = 10
"""Px of the repeated edge that the references work with: more than windows, shifts and smoothing reach."""
CLOSE = 2e-3
"""Variances in float32 are differences of squares of levels: of 255^2 the last bit is 0.004, FLAT is 0.4."""


class Slow(NamedTuple):
    """What a tile looks like, and how far the best shift leads."""

    likeness: float
    shift: tuple[int, int]
    lead: float
    exact: bool
    energy: tuple[float, float]
    remaining: float
    lost: float
    scattered: float
    changed: float
    textured: bool


def smoothed(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    offsets = np.arange(-3, 4)
    kernel = np.exp(-(offsets**2) / (2 * SMOOTHING**2))
    kernel /= kernel.sum()
    for axis in (0, 1):
        plane = np.apply_along_axis(np.convolve, axis, plane, kernel, mode="same")
    return plane


def outside_range(one: NDArray[np.float64], other: NDArray[np.float64], y: int, x: int) -> float:
    """Levels by which a pixel of one lies outside the range of its neighbours in the other."""
    near = other[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2]
    return max(one[y, x] - near.max(), near.min() - one[y, x], 0)


def slowly(reference: Picture, candidate: Picture, row: int, column: int) -> Slow:
    """One tile, pixel by pixel."""
    pictures = reference, candidate
    planes = [brightness(picture).astype(np.float64) for picture in pictures]
    wide = [np.pad(plane, AROUND, mode="edge") for plane in planes]
    # Padding is a multiple of a tile here and there: the last cells reach beyond the picture.
    wide = [np.pad(plane, ((0, TILE), (0, TILE)), mode="edge") for plane in wide]
    smooth = [smoothed(plane) for plane in wide]
    colour = [
        np.pad(picture, ((AROUND, AROUND + TILE), (AROUND, AROUND + TILE), (0, 0)), mode="edge").astype(np.float64)
        for picture in pictures
    ]
    top, left = row * TILE - MARGIN + AROUND, column * TILE - MARGIN + AROUND

    def window(plane: NDArray[np.float64], x: int = 0, y: int = 0) -> NDArray[np.float64]:
        side = TILE + 2 * MARGIN
        return plane[top + y : top + y + side, left + x : left + x + side]

    def likeness(x: int, y: int) -> float:
        a, b = window(smooth[0]).ravel(), window(smooth[1], x, y).ravel()
        product = a.var() * b.var()
        if product > FLAT * FLAT:
            return float(np.corrcoef(a, b)[0, 1])
        return float(np.mean((a - a.mean()) * (b - b.mean())) / FLAT)

    shifts = sorted(((x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)), key=lambda by: (abs(by[0]) + abs(by[1]), by))
    values = {by: likeness(*by) for by in shifts}
    best = shifts[0]
    for by in shifts[1:]:
        if values[by] > values[best] + BETTER:
            best = by
    lead = min(abs(values[best] - value - BETTER * (by > best)) for by, value in values.items() if by != best)
    stays, moves = (np.abs(window(colour[0]) - window(colour[1], *by)).max() for by in ((0, 0), best))
    contrast = max(np.ptp(window(plane[..., at])) for plane in colour for at in range(plane.shape[2]))
    cell = [
        (y, x)
        for y in range(row * TILE, min((row + 1) * TILE, len(planes[0])))
        for x in range(column * TILE, min((column + 1) * TILE, planes[0].shape[1]))
    ]
    lost = max(max(outside_range(*planes, *at), outside_range(*planes[::-1], *at)) for at in cell)
    a, b = (window(brightness(plane.astype(np.float32)).astype(np.float64)).ravel() for plane in colour)
    left_over = b.var() - np.mean((a - a.mean()) * (b - b.mean())) ** 2 / max(a.var(), FLAT) - ROUNDING
    return Slow(
        likeness=values[best],
        shift=best,
        lead=lead,
        exact=best != (0, 0) and bool(moves <= EXACT),
        energy=(float(window(smooth[0]).var()), float(window(smooth[1], *best).var())),
        remaining=min(stays, moves) / max(contrast, 1),
        lost=lost / max(*(np.ptp(window(plane)) for plane in wide), 1),
        scattered=a.size * max(left_over, 0),
        changed=float(((b - a) ** 2).sum()),
        textured=any(steps(plane, cell) for plane in planes),
    )


def steps(plane: NDArray[np.float64], cell: list[tuple[int, int]]) -> bool:
    """Whether brightness changes by more than TEXTURE from px to px in a cell, both ways."""
    across = max((abs(plane[y, x] - plane[y, x - 1]) for y, x in cell if x), default=0)
    down = max((abs(plane[y, x] - plane[y - 1, x]) for y, x in cell if y), default=0)
    return min(across, down) > TEXTURE


def assert_as_slow(reference: Picture, candidate: Picture, differing: NDArray[np.bool_] | None = None) -> int:
    """All tiles are measured as the reference does; how many."""
    if differing is None:
        differing = np.ones(reference.shape[:2], bool)
    tiles = measure_tiles(reference, candidate, differing)
    count = 0
    for (row, column), number in np.ndenumerate(tiles.index):
        place = np.s_[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
        assert (number >= 0) == differing[place].any()
        slow = slowly(reference, candidate, row, column)
        assert tiles.textured[row, column] == slow.textured
        if number < 0:
            continue
        assert number == count  # along rows
        count += 1
        assert tiles.likeness[number] == pytest.approx(slow.likeness, abs=CLOSE)
        assert tiles.lost[number] == pytest.approx(slow.lost, abs=1e-6)
        assert tiles.scattered[number] == pytest.approx(slow.scattered, rel=CLOSE, abs=324 * 0.05)
        assert tiles.changed[number] == pytest.approx(slow.changed, rel=CLOSE, abs=1)
        if slow.lead > CLOSE:
            assert tuple(tiles.shift[number]) == slow.shift
            assert tiles.exact[number] == slow.exact
            assert tiles.energy[number] == pytest.approx(slow.energy, rel=CLOSE, abs=0.05)
            assert tiles.remaining[number] == pytest.approx(slow.remaining, abs=1e-6)
    assert len(tiles.likeness) == count
    return count


def scenes(height: int, width: int, rng: np.random.Generator) -> Iterator[tuple[str, Picture, Picture]]:
    """Pairs of (height, width, 3) uint8."""
    noise = rng.integers(0, 256, (height, width, 3)).astype(np.uint8)
    large = cv2.resize(noise[: height // 3 + 1, : width // 3 + 1], (width, height), interpolation=cv2.INTER_CUBIC)
    yield "constant", np.full_like(noise, 200), np.full_like(noise, 190)
    yield "noise", noise, rng.permutation(noise.ravel()).reshape(noise.shape)
    yield "moved", large, np.roll(large, (1, -1), (0, 1))
    yield "other colour", large, (255 - large // 2).astype(np.uint8)
    impulse = np.zeros_like(noise)
    impulse[-1, -1] = impulse[0, 0] = 255
    yield "corners", np.zeros_like(noise), impulse
    step = np.zeros_like(noise)
    step[:, width // 2 :] = (250, 20, 120)
    yield "step", step, np.roll(step, 1, 1)


def stray_slowly(reference: Picture, candidate: Picture) -> NDArray[np.float64]:
    """(H, W) px of strokes that one picture alone has, pixel by pixel."""
    planes = [brightness(picture).astype(np.float64) for picture in (reference, candidate)]
    height, width = planes[0].shape

    def near(plane: NDArray[np.float64], y: int, x: int, down: int, right: int) -> NDArray[np.float64]:
        return plane[max(y - down, 0) : y + down + 1, max(x - right, 0) : x + right + 1]

    places = [(y, x) for y in range(height) for x in range(width)]
    contrast, share = np.zeros((2, height, width))
    for at in places:
        contrast[at] = max(float(np.ptp(near(plane, *at, 3, 3))) for plane in planes)
    for at in places:
        gone = max(outside_range(*planes, *at), outside_range(*planes[::-1], *at))
        share[at] = max(gone / max(contrast[at], 0.6 * near(contrast, *at, 4, 4).max(), 24) - 0.5, 0)
    summed = np.zeros_like(share)
    for at in places:
        summed[at] = near(share, *at, 4, 3).sum()
    return summed


@pytest.mark.parametrize("size", sweep([(31, 59), (1, 1), (12, 12)], keep=2), ids=str)
def test_strokes_that_one_picture_alone_has(size: tuple[int, int], rng: np.random.Generator) -> None:
    for _, reference, candidate in scenes(*size, rng):
        tiles = measure_tiles(reference, candidate, np.ones(size, bool))
        slow = stray_slowly(reference, candidate)
        for (row, column), number in np.ndenumerate(tiles.index):
            cell = slow[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
            assert tiles.stray[number] == pytest.approx(cell.max(), abs=1e-4)


def test_letters_drawn_anew_have_no_stray_strokes_and_other_letters_have() -> None:
    page = shop()
    for rasteriser in ("unhinted", "aside", "lcd"):
        again = drawn(page, rasteriser=rasteriser)
        assert measure_tiles(drawn(page), again, np.ones(again.shape[:2], bool)).stray.max() < 0.06
    other = drawn(shop(3))
    assert np.quantile(measure_tiles(drawn(page), other, (drawn(page) != other).any(axis=2)).stray, 0.5) > 1


def test_brightness(rng: np.random.Generator) -> None:
    for channels, weights in ((1, [1]), (2, [0.5] * 2), (3, [0.299, 0.587, 0.114]), (4, [0.25] * 4)):
        levels = rng.integers(0, 256, (9, 8, channels)).astype(np.uint8)
        expected = levels.astype(np.float64) @ weights
        assert brightness(levels).dtype == np.uint8
        assert np.abs(brightness(levels) - expected).max() < 1  # rounded, or cut off
        assert brightness(levels.astype(np.float32)) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("size", sweep(SIZES), ids=str)
def test_all_sizes(size: tuple[int, int], rng: np.random.Generator) -> None:
    for _, reference, candidate in scenes(*size, rng):
        assert_as_slow(reference, candidate)


def test_depths_and_channels(rng: np.random.Generator) -> None:
    four = rng.integers(0, 256, (26, 37, 4)).astype(np.uint8)
    other = np.roll(four, (0, 1), (0, 1))
    for channels in (1, 2, 3, 4):
        pair = four[..., :channels], other[..., :channels]
        assert assert_as_slow(*map(np.ascontiguousarray, pair)) == 12
        levels = [np.ascontiguousarray(plane).astype(np.float32) * np.float32(0.9) + np.float32(0.37) for plane in pair]
        assert assert_as_slow(*levels) == 12


@pytest.mark.slow
@pytest.mark.parametrize("rasteriser", sweep(["unhinted", "aside", "lcd"]))
def test_text(rasteriser: str) -> None:
    page = shop()
    place = np.s_[60:160, 20:180]
    pair = [np.ascontiguousarray(picture[place]) for picture in (drawn(page), drawn(page, rasteriser=rasteriser))]
    assert assert_as_slow(*pair, (pair[0] != pair[1]).any(axis=2)) > 30


def test_single_pixels_that_differ_here_and_there(rng: np.random.Generator) -> None:
    reference = rng.integers(0, 256, (70, 61, 3)).astype(np.uint8)
    candidate = rng.integers(0, 256, (70, 61, 3)).astype(np.uint8)
    for places in ([(0, 0)], [(69, 60)], [(0, 60), (69, 0)], [(11, 11), (12, 40), (36, 5), (69, 30)]):
        differing = np.zeros((70, 61), bool)
        for place in places:
            differing[place] = True
        assert assert_as_slow(reference, candidate, differing) == len(places)


def test_a_tile_looks_the_same_whatever_else_differs(rng: np.random.Generator) -> None:
    reference = drawn(shop())[:240]
    candidate = drawn(shop(), rasteriser="unhinted")[:240]
    whole = measure_tiles(reference, candidate, np.ones(reference.shape[:2], bool))
    for row, column in rng.integers((0, 0), whole.index.shape, (20, 2)):
        alone = np.zeros(reference.shape[:2], bool)
        alone[row * TILE, column * TILE] = True
        one, number = measure_tiles(reference, candidate, alone), whole.index[row, column]
        for name in ("likeness", "energy", "remaining", "lost"):
            found, expected = getattr(one, name)[0], getattr(whole, name)[number]
            assert found == pytest.approx(expected, rel=CLOSE, abs=CLOSE), name
        assert np.array_equal(one.shift[0], whole.shift[number])


def test_whole_px_of_movement_is_exact_up_to_rounding() -> None:
    reference = drawn(shop())[60:110, 20:330]
    place = reference[..., 0] < 250
    for by in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1)):
        x, y = by
        candidate = np.roll(reference, (y, x), (0, 1))
        for levels, exact in ((0, True), (EXACT, True), (EXACT + 1, False)):
            marked = candidate.astype(np.int16)
            marked[::2] -= levels * (marked[::2] > 128)
            tiles = measure_tiles(reference, marked.astype(np.uint8), place)
            inner = tiles.index[1:-1, 1:-1]
            textured = inner[(inner >= 0) & tiles.textured[1:-1, 1:-1]]
            assert (tiles.shift[textured] == by).all()
            assert (tiles.exact[textured] == exact).all()


def test_equal_tiles_are_alike_and_lose_nothing() -> None:
    picture = drawn(shop())
    tiles = measure_tiles(picture, picture.copy(), np.ones(picture.shape[:2], bool))
    textured = tiles.index[tiles.textured]
    assert tiles.likeness[textured] == pytest.approx(1, abs=1e-4)
    assert not tiles.shift[textured].any()
    assert not tiles.exact[textured].any()
    for nothing in (tiles.remaining, tiles.lost, tiles.stray, tiles.changed):
        assert not nothing.any()
