"""Ruled lines that lie at another part of a px are no change; one that is gone, moved, shorter or red is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from diffspot import compare
from diffspot.pipeline.verdict import ruled
from diffspot.pipeline.verdict.ruled import read_ruled
from tests.pipeline.verdict.drawing import assert_same, both_ways, forgiven, told, within
from tests.placing import registered

if TYPE_CHECKING:
    from tests.pipeline.verdict.drawing import Picture

SIZE = 480, 320
"""Width and height, px."""
ZOOM = 6
ROWS, COLUMNS = [40 + 36 * row for row in range(7)], [20, 160, 300, 440]
INK = (40, 44, 60)


class Rule(NamedTuple):
    """A filled rectangle, px."""

    x: float
    y: float
    w: float
    h: float
    ink: tuple[int, int, int] = INK


RULES = [*(Rule(20, y, 421, 1) for y in ROWS), *(Rule(x, 40, 1, 217) for x in COLUMNS)]


def sheet(rules: list[Rule], aside: float = 0.0) -> Picture:
    """A table of numbers: crisp, or, where its rules lie so many px aside, all of it drawn larger and made smaller."""
    zoom = ZOOM if aside else 1
    picture = Image.new("RGB", (SIZE[0] * zoom, SIZE[1] * zoom), "white")
    drawing = ImageDraw.Draw(picture)
    for x, y, w, h, ink in rules:
        left, top, wide, high = (round(zoom * value) for value in (x + aside, y + aside, w, h))
        drawing.rectangle((left, top, left + wide - 1, top + high - 1), fill=ink)
    for row, y in enumerate(ROWS[:-1]):
        for column, x in enumerate(COLUMNS[:-1]):
            text = f"{37 * (row + 2) * (column + 3) % 997}.{row}{column}"
            drawing.text(((x + 14) * zoom, (y + 10) * zoom), text, fill=INK, font=ImageFont.load_default(13 * zoom))
    return np.asarray(picture.resize(SIZE, Image.Resampling.BOX))


@pytest.mark.parametrize("aside", [0.34, -0.34, 0.5])
def test_a_table_drawn_anew_is_the_same(aside: float) -> None:
    result = compare(sheet(RULES), sheet(RULES, aside))
    assert_same(result)
    assert set(forgiven(result)) <= {"rendering", "noise"}


@pytest.mark.parametrize(
    ("changed", "box"),
    [
        (None, (20, 112, 421, 1)),
        (Rule(20, 115, 421, 1), (20, 112, 421, 4)),
        (Rule(20, 112, 200, 1), (220, 112, 221, 1)),
        (Rule(20, 112, 421, 3), (20, 112, 421, 3)),
        (Rule(20, 112, 421, 1, (220, 40, 40)), (20, 112, 421, 1)),
    ],
    ids=["gone", "moved", "shorter", "thicker", "red"],
)
def test_a_rule_that_changed_on_a_table_drawn_anew_is_found(
    changed: Rule | None, box: tuple[int, int, int, int]
) -> None:
    rules = [*RULES[:2], *RULES[3:], *([changed] if changed else [])]
    result = compare(sheet(RULES), sheet(rules, 0.34))
    assert result.status == "different"
    assert all(within(region.bbox, box, 4) for region in result.regions), told(result)
    width = sum(region.bbox[2] for region in result.regions)
    assert width > 0.8 * box[2], told(result)


@pytest.mark.parametrize(("shares", "anew"), [((0.34, 0.66), True), ((0.0, 1.0), False), ((0.2, 0.2), False)])
@pytest.mark.parametrize("upright", [False, True])
def test_ink_shared_by_two_rows_is_the_same_line(shares: tuple[float, float], *, anew: bool, upright: bool) -> None:
    one, other = (np.full((80, 90, 3), 255, np.uint8) for _ in range(2))
    one[40, 10:80] = 0
    other[40, 10:80], other[41, 10:80] = (round(255 * (1 - share)) for share in shares)
    pair = registered(*(np.ascontiguousarray(p.swapaxes(0, 1)) if upright else p for p in (one, other)))
    assert bool(read_ruled(pair, pair.difference > 8).anew.any()) is anew


@pytest.mark.parametrize("shade", [222, 234])
def test_a_faint_line_that_moved_by_a_px_is_not_drawn_anew(shade: int) -> None:
    one, other = (np.full((80, 90, 3), 255, np.uint8) for _ in range(2))
    one[40, 10:80] = other[41, 10:80] = shade
    pair = registered(one, other)
    assert not read_ruled(pair, pair.difference > 8).anew.any()


@pytest.mark.parametrize("step", [0.4, 1.0])
def test_the_side_of_a_box_lies_less_than_a_px_aside(step: float) -> None:
    one, other = (np.full((80, 90, 3), 230, np.uint8) for _ in range(2))
    one[:40] = other[:40] = 60
    other[40] = round(230 - step * 170)
    pair = registered(one, other)
    assert bool(read_ruled(pair, pair.difference > 8).anew.any()) is (step < 0.75)


def test_px_are_looked_across_alike_however_many_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = registered(sheet(RULES), sheet([*RULES[:2], *RULES[3:]], 0.34))
    found = read_ruled(pair, pair.difference > 8)
    monkeypatch.setattr(ruled, "AT_ONCE", 1000)
    again = read_ruled(pair, pair.difference > 8)
    assert found.anew.any()
    assert found.changed.any()
    np.testing.assert_array_equal(again.anew, found.anew)
    np.testing.assert_array_equal(again.changed, found.changed)


@pytest.mark.parametrize("shape", [(1, 90, 3), (90, 1, 3), (2, 90, 1), (90, 2, 4)])
def test_edges_at_the_rim_of_a_narrow_picture_are_read(shape: tuple[int, int, int]) -> None:
    pair = registered(np.full(shape, 255, np.uint8), np.full(shape, 128, np.uint8))
    assert not read_ruled(pair, pair.difference > 8).redrawn


def test_a_picture_of_one_row_has_no_edges() -> None:
    row = np.full((1, 90), 255, np.uint8)
    for result in both_ways(row, row // 2):
        assert [region.bbox for region in result.regions] == [(0, 0, 90, 1)]


def test_bars_that_lie_close_together_say_nothing_and_a_double_line_does() -> None:
    """Of bars of 2 px each is among what lies across the next."""
    for count, told_of in ((2, True), (20, False)):
        one = np.full((80, 160, 3), 255, np.uint8)
        for bar in range(count):
            one[10:70, 20 + 6 * bar : 22 + 6 * bar] = 0
        other = np.asarray(Image.fromarray(one).resize((272, 136), Image.Resampling.BICUBIC).resize((160, 80)))
        ruled = read_ruled(registered(one, other), (one != other).any(axis=2))
        assert bool((ruled.anew | ruled.changed).any()) is told_of
