"""What a picture looks like under its boxes, and how two are put side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffspot.model import IgnoredAreas, Image, Region
from diffspot.outputs.drawing.annotate import annotate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Box
    from diffspot.outputs.drawing.annotate import Side

GAP = (128, 128, 128)


def region(bbox: Box, candidate: Box | None = None) -> Region:
    return Region(bbox=bbox, candidate_bbox=candidate or bbox, area=1, peak=0.5, mean=0.5)


def shown(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    image = Image(pixels=pixels)
    return annotate(image, image, [], side="reference")


def grey(height: int, width: int, value: int = 128) -> Image:
    return Image(pixels=np.full((height, width, 3), value, np.uint8))


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, 0), (128, 0), (129, 1), (257, 1), (0x8080, 128), (65406, 254), (65407, 255), (65535, 255)],
)
def test_16_bits_are_rounded_to_8(value: int, expected: int) -> None:
    out = shown(np.full((2, 3, 3), value, np.uint16))
    assert out.dtype == np.uint8
    assert (out == expected).all()


def test_rgb_without_regions_is_the_picture_itself_but_another_array() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (7, 5, 3), dtype=np.uint8)
    out = shown(pixels)
    np.testing.assert_array_equal(out, pixels)
    assert not np.shares_memory(out, pixels)


def test_grey_becomes_rgb() -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4, 1)
    np.testing.assert_array_equal(shown(pixels), np.repeat(pixels, 3, axis=2))


@pytest.mark.parametrize("channels", [2, 4])
@pytest.mark.parametrize(("dtype", "top"), [(np.uint8, 255), (np.uint16, 65535)])
def test_opaque_pictures_hide_the_checkerboard(channels: int, dtype: type[np.generic], top: int) -> None:
    pixels = np.zeros((20, 20, channels), dtype)
    pixels[..., -1] = top
    assert (shown(pixels) == 0).all()


@pytest.mark.parametrize("channels", [2, 4])
def test_alpha_shows_a_light_checkerboard(channels: int) -> None:
    out = shown(np.zeros((20, 20, channels), np.uint8))
    assert {tuple(pixel) for pixel in out.reshape(-1, 3).tolist()} == {(255,) * 3, (225,) * 3}
    assert tuple(out[0, 0]) == tuple(out[8, 8]) != tuple(out[0, 8])


def test_half_transparent_red_mixes_with_white() -> None:
    pixels = np.empty((2, 2, 4), np.uint8)
    pixels[:] = (255, 0, 0, 51)
    # 51 / 255 is a fifth of red and four fifths of the white square
    assert (shown(pixels) == (255, 204, 204)).all()


def test_both_puts_the_reference_left_and_fills_up_with_grey() -> None:
    out = annotate(grey(20, 30, 10), grey(12, 17, 200), [], side="both")
    assert out.shape == (20, 30 + 4 + 17, 3)
    assert (out[:, :30] == 10).all()
    assert (out[:, 30:34] == GAP).all()
    assert (out[:12, 34:] == 200).all()
    assert (out[12:, 34:] == GAP).all()


def test_both_draws_each_box_in_its_own_picture() -> None:
    reference, candidate = grey(200, 200), grey(200, 200)
    regions = [region((20, 60, 30, 30), (120, 110, 40, 20))]
    both = annotate(reference, candidate, regions, side="both")
    plain = annotate(reference, candidate, [], side="both")
    rows, columns = np.nonzero((both != plain).any(axis=2))
    left = columns < 200
    assert (columns[left].min(), columns[left].max()) == (20 - 3, 50 + 2)
    assert rows[left].max() == 90 + 2
    assert (columns[~left].min() - 204, columns[~left].max() - 204) == (120 - 3, 160 + 2)
    assert rows[~left].max() == 130 + 2


@pytest.mark.parametrize(("side", "value"), [("reference", 10), ("candidate", 200)])
def test_one_side_shows_that_picture(side: Side, value: int) -> None:
    regions = [region((5, 25, 6, 6), (40, 50, 6, 6))]
    out = annotate(grey(80, 80, 10), grey(90, 70, 200), regions, side=side)
    assert out.shape == ((80, 80, 3) if side == "reference" else (90, 70, 3))
    assert (out[75, 69] == value).all()
    x, y = (5, 25) if side == "reference" else (40, 50)
    assert (out[y : y + 6, x : x + 6] == value).all()
    assert (out[y + 3, x - 1] != value).any()


@pytest.mark.parametrize("side", ["reference", "candidate", "both"])
def test_the_ignored_area_is_hatched_on_its_own_side(side: Side) -> None:
    image, areas = grey(60, 80), np.zeros((2, 60, 80), np.bool_)
    areas[0, 10:30, 5:40] = True
    areas[1, 20:50, 30:70] = True
    plain = annotate(image, image, [], side=side)
    hatched = annotate(image, image, [], side=side, hidden=IgnoredAreas(areas[0], areas[1]))
    touched = (hatched != plain).any(axis=2)
    shown = [touched[:, :80], touched[:, -80:]]
    for part, area, drawn in zip(shown, areas, (side != "candidate", side != "reference"), strict=True):
        if drawn:
            assert not part[~area].any()
            assert 0.2 < part[area].mean() < 0.3


def test_a_frame_lies_over_the_hatching() -> None:
    image, area = grey(200, 200), np.ones((200, 200), np.bool_)
    boxes = [region((60, 60, 50, 50))]
    hatched = annotate(image, image, boxes, side="reference", hidden=IgnoredAreas(area, area))
    plain = annotate(image, image, boxes, side="reference")
    assert (hatched[80, 57:60] == plain[80, 57:60]).all()


@pytest.mark.parametrize(("size", "captions"), [((200, 300), 2), ((30, 300), 0), ((300, 80), 0)])
def test_captions_stand_only_where_there_is_room(size: tuple[int, int], captions: int) -> None:
    width = size[1]
    out = annotate(grey(*size), grey(*size), [], side="both")
    right = out[:, out.shape[1] - width :]
    found = sum(int((part != 128).any()) for part in (out[:, :width], right))
    assert found == captions


def test_a_region_under_the_caption_keeps_it_away() -> None:
    image = grey(200, 300)
    out = annotate(image, image, [region((0, 0, 40, 40))], side="both")
    assert (out[:40, :40] == 128).all()


def test_the_same_call_gives_the_same_bytes() -> None:
    rng = np.random.default_rng(7)
    image = Image(pixels=rng.integers(0, 256, (120, 160, 3), dtype=np.uint8))
    boxes = [region(tuple(rng.integers(1, 60, 4).tolist())) for _ in range(20)]
    first, second = (annotate(image, image, boxes, side="both") for _ in range(2))
    assert first.tobytes() == second.tobytes()


numbers = st.integers(-5, 70)
lengths = st.integers(0, 70)
boxes_anywhere = st.tuples(numbers, numbers, lengths, lengths)


@settings(derandomize=True, deadline=None, max_examples=50)
@given(
    boxes=st.lists(boxes_anywhere, max_size=12),
    size=st.tuples(st.integers(1, 64), st.integers(1, 64), st.integers(1, 4)),
    side=st.sampled_from(["reference", "candidate", "both"]),
    dtype=st.sampled_from([np.uint8, np.uint16]),
)
def test_any_boxes_keep_shape_and_dtype(
    boxes: list[Box], size: tuple[int, int, int], side: Side, dtype: type[np.generic]
) -> None:
    height, width, _ = size
    pixels: NDArray[Any] = np.full(size, 77, dtype)
    image = Image(pixels=pixels)
    out = annotate(image, image, [region(box) for box in boxes], side=side)
    assert out.dtype == np.uint8
    assert out.shape == (height, 2 * width + 4 if side == "both" else width, 3)
    assert (pixels == 77).all()
