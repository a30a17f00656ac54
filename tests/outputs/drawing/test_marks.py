"""Where frames and tags fall, seen through `annotate` on one grey."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffspot.model import Image, Region
from diffspot.outputs.drawing.annotate import annotate
from diffspot.outputs.drawing.marks import LINE_COLOUR, Rect, Sheet, Style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.model import Box

GREY = 128
BLACK, WHITE = (0, 0, 0), (255, 255, 255)


def drawn(boxes: Sequence[Box], height: int = 200, width: int = 300) -> NDArray[np.uint8]:
    image = Image(pixels=np.full((height, width, 3), GREY, np.uint8))
    regions = [Region(bbox=box, candidate_bbox=box, area=1, peak=0.5, mean=0.5) for box in boxes]
    return annotate(image, image, regions, side="reference")


def framed(boxes: Sequence[Box], height: int = 200, width: int = 300) -> NDArray[np.uint8]:
    """Frames without tags."""
    canvas = np.full((height, width, 3), GREY, np.uint8)
    sheet = Sheet(canvas.shape, Style.of(canvas.shape))
    sheet.frame_all([Rect(x, y, x + w, y + h) for x, y, w, h in boxes])
    sheet.print_on(canvas)
    return canvas


def lined(canvas: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.asarray((canvas == LINE_COLOUR).all(axis=2))


def tag_count(canvas: NDArray[np.uint8], frames: NDArray[np.uint8]) -> int:
    """How many pixels of line colour tags add to the frames."""
    return int(np.count_nonzero(lined(canvas) & ~lined(frames)))


def relative_luminance(colour: tuple[int, int, int]) -> float:
    """WCAG 2."""
    share = np.array(colour) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def test_line_stands_out_from_white_and_from_black() -> None:
    luminance = relative_luminance(LINE_COLOUR)
    assert 1.05 / (luminance + 0.05) >= 4.5
    assert (luminance + 0.05) / 0.05 >= 4.5


def test_frame_is_line_white_black_from_the_box_outwards() -> None:
    out = framed([(100, 80, 40, 30)])
    for outwards in (
        out[79:75:-1, 120],  # above
        out[110:114, 120],  # below
        out[95, 99:95:-1],  # left
        out[95, 140:144],  # right
    ):
        assert [tuple(pixel) for pixel in outwards] == [LINE_COLOUR, WHITE, BLACK, (GREY,) * 3]
    assert (out[80:110, 100:140] == GREY).all()


@pytest.mark.parametrize(
    ("shape", "line", "halo", "font"),
    [
        ((1, 1), 1, 1, 12),
        ((300, 300), 1, 1, 12),
        ((512, 512), 2, 1, 12),
        ((900, 1280), 2, 1, 16),
        ((12000, 1280), 3, 1, 23),
        ((6000, 8000), 13, 5, 109),
    ],
)
def test_widths_follow_the_shorter_side(shape: tuple[int, int], line: int, halo: int, font: int) -> None:
    assert Style.of(shape) == Style(line=line, halo=halo, font=font)


@pytest.mark.parametrize("height", [0, 1])
def test_a_seam_shows_above_and_below(height: int) -> None:
    lines = lined(framed([(0, 90, 300, height)]))
    assert lines[89].all()
    assert lines[90 + height].all()
    assert not lines[88].any()
    assert not lines[91 + height].any()


@pytest.mark.parametrize("box", [(50, 60, 0, 0), (50, 60, 1, 1), (50, 60, 0, 20)])
def test_the_smallest_boxes_are_closed_frames(box: Box) -> None:
    x, y, width, height = box
    lines = lined(framed([box]))
    assert lines[y - 1, x - 1 : x + width + 1].all()
    assert lines[y + height, x - 1 : x + width + 1].all()
    assert lines[y - 1 : y + height + 1, x - 1].all()
    assert lines[y - 1 : y + height + 1, x + width].all()


@pytest.mark.parametrize(
    ("box", "beside"),
    [
        ((0, 0, 50, 40), [(40, 20), (20, 50)]),
        ((260, 170, 40, 30), [(169, 280), (185, 259)]),
        ((-20, -10, 70, 50), [(40, 20), (20, 50)]),
        ((260, 170, 90, 90), [(169, 280), (185, 259)]),
    ],
)
def test_frames_are_cut_off_at_the_edge(box: Box, beside: list[tuple[int, int]]) -> None:
    lines = lined(drawn([box]))
    assert all(lines[place] for place in beside)
    x, y, width, height = box
    inside = lines[max(0, y) : y + height, max(0, x) : x + width]
    assert not inside.any()


def test_a_box_that_fills_the_picture_is_framed_along_its_edge() -> None:
    out = drawn([(0, 0, 300, 200)])
    assert lined(out)[[2, -3], 100:297].all()
    assert lined(out)[100:197, [2, -3]].all()
    assert (out[50:-3, 50:-3] == GREY).all()


def test_neighbours_one_px_apart_leave_each_other_alone() -> None:
    out = framed([(100, 80, 40, 30), (141, 80, 20, 30)])
    assert (out[80:110, 100:140] == GREY).all()
    assert (out[80:110, 141:161] == GREY).all()
    assert lined(out)[80:110, 140].all()


def test_a_box_inside_another_keeps_its_frame_in_either_order() -> None:
    outer, inner = (50, 40, 150, 120), (90, 80, 20, 20)
    lines = lined(framed([inner, outer]))
    np.testing.assert_array_equal(framed([inner, outer]), framed([outer, inner]))
    assert lines[79, 90:110].all()
    assert lines[39, 50:200].all()


def test_tag_stands_above_the_left_corner() -> None:
    box = (100, 80, 40, 30)
    out = drawn([box])
    added = lined(out) & ~lined(framed([box]))
    rows, columns = np.nonzero(added)
    assert rows.max() < 80
    assert columns.min() == 99
    assert columns.max() < 120
    assert (out[60:80, 95:120] == WHITE).all(axis=2).any()


@pytest.mark.parametrize(
    "box",
    [(0, 0, 40, 30), (260, 0, 40, 30), (0, 170, 40, 30), (260, 170, 40, 30), (0, 0, 300, 30)],
)
def test_tags_at_the_edge_are_whole_and_off_the_box(box: Box) -> None:
    x, y, width, height = box
    out = drawn([box])
    middle = drawn([(100, 80, 40, 30)])
    assert (out[y : y + height, x : x + width] == GREY).all()
    ink = [int(np.count_nonzero(lined(canvas))) for canvas in (out, middle)]
    assert ink[0] > 0
    full = tag_count(middle, framed([(100, 80, 40, 30)]))
    # what a tag adds differs only by the stretch of frame that it stands on
    assert tag_count(out, framed([box])) == pytest.approx(full, abs=20)


def test_tags_stand_clear_of_small_boxes_and_of_each_other() -> None:
    boxes = [(100 + 30 * i, 80 + 16 * j, 26, 12) for i in range(2) for j in range(2)]
    out = drawn(boxes)
    for x, y, width, height in boxes:
        assert (out[y : y + height, x : x + width] == GREY).all()
    single = tag_count(drawn(boxes[:1]), framed(boxes[:1]))
    assert tag_count(out, framed(boxes)) > 3 * single


def test_numbers_that_would_only_fit_on_others_are_left_out() -> None:
    out = drawn([(20, 20, 4, 4)] * 40, 60, 60)
    few = drawn([(20, 20, 4, 4)] * 20, 60, 60)
    np.testing.assert_array_equal(out, few)


@pytest.mark.parametrize("size", [(1, 1), (5, 5), (3, 200), (200, 3)])
def test_tiny_pictures_keep_their_size_and_go_without_tags(size: tuple[int, int]) -> None:
    height, width = size
    out = drawn([(0, 0, 1, 1)], height, width)
    assert out.shape == (height, width, 3)
    assert (out[0, 0] == GREY).all()
    np.testing.assert_array_equal(out, framed([(0, 0, 1, 1)], height, width))


@st.composite
def separate_boxes(draw: st.DrawFn) -> list[Box]:
    """One box in each of some cells of 50 px, at least 10 px from the cell's edge."""
    cells = draw(st.sets(st.integers(0, 23), min_size=1, max_size=10))
    sizes = [draw(st.tuples(st.integers(1, 30), st.integers(1, 30))) for _ in cells]
    return [(cell % 6 * 50 + 10, cell // 6 * 50 + 10, *size) for cell, size in zip(sorted(cells), sizes, strict=True)]


@settings(derandomize=True, deadline=None, max_examples=50)
@given(boxes=separate_boxes())
def test_separate_boxes_are_whole_and_their_pixels_untouched(boxes: list[Box]) -> None:
    out = drawn(boxes)
    lines = lined(framed(boxes))
    for x, y, width, height in boxes:
        assert (out[y : y + height, x : x + width] == GREY).all()
        assert lines[y - 1, x : x + width].all()
        assert lines[y + height, x : x + width].all()
        assert lines[y : y + height, x - 1].all()
        assert lines[y : y + height, x + width].all()
