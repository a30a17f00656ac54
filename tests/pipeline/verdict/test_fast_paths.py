"""What the verdict works out fast is what the plain way gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
import scipy.ndimage

from diffspot.pipeline.verdict.drawings import NEAR, Letter, cuts, cuts_of_each, distances, other_inks
from diffspot.pipeline.verdict.rendered import BACKGROUND, is_ground
from diffspot.pipeline.verdict.ruled import _long
from diffspot.pipeline.verdict.straight import points
from diffspot.pipeline.verdict.tiles import (
    EXACT,
    SHIFT,
    TILE,
    _stray,
    cell_maximum,
    find_textured,
    highest_in_tiles,
    lost,
    lost_in,
    stray_of,
    textured_tiles,
)
from diffspot.pipeline.verdict.windows import SHIFTS, shift_codes
from diffspot.pipeline.verdict.words import TALLEST, Connected, Edges, count_near, find_words

if TYPE_CHECKING:
    from numpy.typing import NDArray


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_the_ground_of_a_box(kind: type) -> None:
    rng, grounds = np.random.default_rng(0), 0
    for _ in range(1000):
        channels = int(rng.choice([1, 3, 4]))
        spread = rng.integers(-3, 4, (12, 14, channels)) * (rng.random((12, 14, 1)) < 0.1)
        levels = np.clip(rng.choice([0, 1, 2, 3, 128, 253, 254, 255]) + spread, 0, 255)
        picture = (levels + (rng.random(levels.shape) if kind is np.float32 else 0)).astype(kind)
        rim = np.ones(picture.shape[:2], bool)
        rim[:1] = rim[12:] = rim[:, :2] = rim[:, 13:] = False  # farther than RIM px
        rim[4:9, 5:10] = False
        median = np.median(picture[rim], axis=0)
        plain = bool((np.abs(picture[4:9, 5:10] - median).max(axis=2) <= EXACT).mean() > BACKGROUND)
        assert is_ground(picture, (5, 4, 5, 5)) == plain
        grounds += plain
    assert 20 < grounds < 980  # both answers occur


@pytest.mark.parametrize("shape", [(TILE * 4, TILE * 6), (TILE * 4 - 5, TILE * 6 - 11), (1, 30), (5, 1)])
@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_the_highest_of_each_cell(kind: type, shape: tuple[int, int]) -> None:
    plane = np.random.default_rng(1).integers(0, 256, shape).astype(kind)
    starts = [range(0, side, TILE) for side in shape]
    expected = [[plane[y : y + TILE, x : x + TILE].max() for x in starts[1]] for y in starts[0]]
    np.testing.assert_array_equal(cell_maximum(plane), expected)


@pytest.mark.parametrize("share", [0.02, 0.3, 1.0])
@pytest.mark.parametrize("shape", [(TILE * 6, TILE * 9), (TILE * 6 - 5, TILE * 9 - 7), (9, 30)])
def test_what_is_lost_is_worked_out_where_tiles_are(shape: tuple[int, int], share: float) -> None:
    rng = np.random.default_rng(2)
    one, other = rng.integers(0, 256, (2, *shape), np.uint8)
    active = rng.random([-(-side // TILE) for side in shape]) < share
    active[0, 0] = True
    inside = active.repeat(TILE, axis=0).repeat(TILE, axis=1)[: shape[0], : shape[1]]
    gone, stray = lost_in(active, one, other)
    np.testing.assert_array_equal(gone[inside], lost(one, other)[inside])
    everywhere = lost_in(np.ones_like(active), one, other)[1]
    np.testing.assert_allclose(stray[inside], everywhere[inside], atol=1e-4)


def test_codes_of_shifts_rise_with_x_then_y() -> None:
    shifts = np.array(sorted(SHIFTS), np.int8)
    assert shift_codes(shifts).tolist() == list(range((2 * SHIFT + 1) ** 2))


@pytest.mark.parametrize("length", [1, 2, 7, 31, 32, 55, 56])
@pytest.mark.parametrize("shape", [(130, 131), (56, 9), (31, 64), (1, 1)])
def test_long_runs_are_an_opening(shape: tuple[int, int], length: int) -> None:
    mask = np.random.default_rng(3).random(shape) < 0.98
    mask[: shape[0] // 2] |= np.random.default_rng(4).random((1, shape[1])) < 0.5
    for axis in range(2):
        line = np.ones((length, 1) if axis == 0 else (1, length), bool)
        np.testing.assert_array_equal(_long(mask, axis, length), scipy.ndimage.binary_opening(mask, line))


def test_strokes_are_worked_out_where_there_are_any() -> None:
    rng = np.random.default_rng(5)
    one = np.full((300, 200), 255, np.uint8)
    one[::7, ::5] = rng.integers(0, 256, one[::7, ::5].shape)
    other = one.copy()
    for place in (np.s_[0:2, 0:3], np.s_[9:12, 60:62], np.s_[40:60, 190:200], np.s_[297:300, 100:110]):
        other[place] = rng.integers(0, 256, other[place].shape)
    gone = lost(one, other)
    strays = stray_of(gone, one, other)
    np.testing.assert_array_equal(strays > 0, _stray(gone, one, other) > 0)
    np.testing.assert_allclose(strays, _stray(gone, one, other), rtol=1e-6)  # float32, summed from other starts
    assert 0 < np.count_nonzero(strays) < strays.size / 10


def page_of_words(rng: np.random.Generator, height: int) -> NDArray[np.uint8]:
    """Words of strokes in lines, a frame, and a drawing taller than a line."""
    page = np.full((height, 400, 3), 255, np.uint8)
    for top in range(10, height - 20, 24):
        for left in range(8, 330, 60):
            for x in range(left, left + int(rng.integers(6, 46)), 3):
                page[top : top + 12, x : x + 1] = rng.integers(0, 120)
    page[:, 392:394] = 0
    page[height // 2 : height // 2 + 70, 340:380:2] = 40
    return page


def test_words_near_what_differs_are_those_of_the_page() -> None:
    rng, told, spared = np.random.default_rng(6), 0, 0
    for _ in range(40):
        reference = page_of_words(rng, int(rng.integers(150, 1500)))
        candidate, tops = reference.copy(), rng.integers(0, len(reference), int(rng.integers(0, 4)))
        for top in tops:
            candidate[top : top + int(rng.integers(1, 30)), : int(rng.integers(1, 400))] //= 2
        differing = (reference != candidate).any(axis=2)
        near = count_near(reference, candidate, differing, lambda _: True)
        whole = find_words(Edges(reference, candidate), differing).counts()
        if near is not None:
            told += near.texts > 0
            assert near[:2] == whole[:2]
            assert near.still <= whole.still
            few = count_near(reference, candidate, differing, lambda _: False)  # in the parts that differ alone
            assert few is not None
            assert near.texts <= few.texts
            assert near.long <= few.long
            assert few.still <= near.still
            spared += few.still < near.still
    assert told > 5
    assert spared > 5


@pytest.mark.parametrize("share", [0.0, 0.02, 0.2])
def test_tiles_are_told_where_they_are_as_on_the_whole(share: float) -> None:
    rng = np.random.default_rng(8)
    for shape in ((TILE * 6, TILE * 9), (TILE * 6 - 5, TILE * 9 - 7), (9, 30)):
        plane = (rng.integers(0, 256, shape) * (rng.random(shape) < 0.05)).astype(np.uint8)
        active = rng.random([-(-side // TILE) for side in shape]) < share
        np.testing.assert_array_equal(highest_in_tiles(plane, active), cell_maximum(plane)[active])
        np.testing.assert_array_equal(textured_tiles(plane, active), find_textured(plane)[active])


@pytest.mark.parametrize("gap", [5, 13])
def test_words_are_components_of_edges_that_lie_close(gap: int) -> None:
    edges = (np.random.default_rng(9).random((240, 300)) < 0.03).astype(np.uint8)
    edges[20:100, 40], edges[20, 40:150] = 1, 1  # as tall as a drawing
    close = cv2.dilate(edges, np.ones((1, gap), np.uint8))
    count, labels, table, _ = cv2.connectedComponentsWithStats(close, connectivity=8)
    found = Connected(edges, gap)
    assert len(found.boxes) <= count - 1  # without what lies inside of others
    expected = {tuple(box): number for number, box in enumerate(table[:, :4].tolist()) if number}
    tops = []
    for number, (x, y, w, h) in enumerate(found.boxes):
        own = labels[y : y + h, x : x + w] == expected[x, y, w, h]
        np.testing.assert_array_equal(found.own(number), own if h > TALLEST else np.ones((h, w), bool))
        tops.append(y)
    assert tops == sorted(tops)
    assert max(h for *_, h in found.boxes) >= 80


def test_letters_of_one_size_are_cut_at_once() -> None:
    rng = np.random.default_rng(8)
    plane = rng.integers(0, 256, (60, 90, 3)).astype(np.uint8)
    sizes = [(5, 7), (4, 9), (5, 7), (70, 3), (5, 7)]  # one reaches beyond the edge
    shapes = [
        [
            Letter((int(rng.integers(0, 85)), int(rng.integers(0, 55)), *size), (int(rng.integers(-3, 4)), 1), 255)
            for _ in range(count)
        ]
        for size, count in zip(sizes, (2, 3, 9, 1, 1), strict=True)
    ]
    for room in ((0, 0), (1, 1)):
        for letters, cut in zip(shapes, cuts_of_each(plane, shapes, room), strict=True):
            np.testing.assert_array_equal(cut, cuts(plane, letters, room))
    assert cuts_of_each(plane, [], (1, 1)) == []


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_the_ink_of_a_letter_that_is_another_one_than_that_of_most(kind: type) -> None:
    rng = np.random.default_rng(9)
    shown = rng.integers(0, 256, (12, 7, 6, 3)).astype(kind)
    ground = np.median(shown[:, [0, -1]].reshape(-1, 3), axis=0)
    inks = (shown.astype(np.float64) - ground).sum(axis=(1, 2))
    expected = np.linalg.norm(inks - np.median(inks, axis=0), axis=1) / np.linalg.norm(np.median(inks, axis=0))
    np.testing.assert_allclose(other_inks(shown), expected, rtol=1e-12 if kind is np.uint8 else 1e-4)
    assert other_inks(np.full((3, 5, 5, 1), 200, np.uint8)).tolist() == [0, 0, 0]


def test_letters_that_are_all_drawn_alike_need_not_be_held_to_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    plane = np.full((20, 120), 255, np.uint8)
    drawing = np.random.default_rng(10).integers(0, 256, (9, 6)).astype(np.uint8)
    letters = [Letter((x, 4, 6, 9), (0, 0), 255) for x in range(5, 105, 10)]
    for x, y, w, h in (letter.box for letter in letters):
        plane[y : y + h, x : x + w] = drawing
    one_other = plane.copy()
    one_other[6:9, 35:38] ^= 255
    away = distances(one_other, letters, cuts(one_other, letters, (0, 0)), NEAR)
    assert np.flatnonzero(away).tolist() == [3]
    monkeypatch.setattr("diffspot.pipeline.verdict.drawings.inked", pytest.fail)
    assert distances(plane, letters, cuts(plane, letters, (0, 0)), NEAR).tolist() == [0] * 10


def test_cells_along_a_line() -> None:
    rng = np.random.default_rng(11)
    for _ in range(300):
        one, other = (tuple(rng.choice([rng.integers(-3, 60), rng.uniform(-3, 60)], 2).tolist()) for _ in range(2))
        count = 1 + round(max(abs(one[0] - other[0]), abs(one[1] - other[1])))
        y, x = points(one, other, (40, 50))
        for found, axis, side in ((x, 0, 50), (y, 1, 40)):
            expected = np.rint(np.linspace(one[axis], other[axis], count)).clip(0, side - 1)
            np.testing.assert_array_equal(found, expected)
