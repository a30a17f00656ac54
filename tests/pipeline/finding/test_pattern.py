"""Binary shapes: every place, in every orientation, held to two independent ways of finding them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import scipy.ndimage

from diffspot.errors import OptionError
from diffspot.pipeline.finding.pattern import find_pattern, orientations, read_ones, read_shape, to_ones

if TYPE_CHECKING:
    from numpy.typing import NDArray


def naive(ones: NDArray[np.bool_], shape: NDArray[np.int8]) -> set[tuple[int, int]]:
    height, width = shape.shape
    return {
        (x, y)
        for y in range(ones.shape[0] - height + 1)
        for x in range(ones.shape[1] - width + 1)
        if all(value < 0 or ones[y + i, x + j] == value for (i, j), value in np.ndenumerate(shape))
    }


@pytest.mark.parametrize("text", ["1000/1111", "1?0/0?1", "1", "0", "?", "10/01", "111/101/111"])
def test_naive_scipy_and_ours_agree_on_all_orientations(text: str) -> None:
    ones = np.random.default_rng(3).random((28, 28)) < 0.5
    shapes = orientations(read_shape(text), 8)
    found = find_pattern(ones, shapes)
    slow = [(x, y, one.turned, one.mirrored) for one in shapes for x, y in naive(ones, one.shape)]
    assert sorted((*hit.bbox[:2], hit.turned, hit.mirrored) for hit in found) == sorted(slow)
    if "?" not in text:  # SciPy's default complement asks for zeros wherever the shape has no one
        hits = [scipy.ndimage.binary_hit_or_miss(ones, one.shape == 1, one.shape == 0).sum() for one in shapes]
        inside = sum(len(naive(ones, one.shape)) for one in shapes)
        assert len(found) == inside == sum(hits)


def test_the_count_of_the_classic_example() -> None:
    ones = np.random.default_rng(3).random((28, 28)) < 0.5
    assert len(find_pattern(ones, orientations(read_shape("1000/1111"), 8))) == 17


@pytest.mark.parametrize(
    ("text", "counts"),
    [("1000/1111", (1, 4, 8)), ("11/11", (1, 1, 1)), ("10/01", (1, 2, 2)), ("111/010", (1, 4, 4)), ("111", (1, 2, 2))],
)
def test_symmetric_shapes_are_looked_for_once(text: str, counts: tuple[int, int, int]) -> None:
    assert tuple(len(orientations(read_shape(text), count)) for count in (1, 4, 8)) == counts


def test_where_and_how_it_was_turned() -> None:
    ones = np.zeros((9, 9), bool)
    ones[2:6, 3], ones[5, 4] = True, True  # an L, which is J turned by 180 degrees and mirrored
    (hit,) = find_pattern(ones, orientations(read_shape("10/10/10/11"), 8))
    assert (hit.bbox, hit.turned, hit.mirrored) == ((3, 2, 2, 4), 0, False)
    (hit,) = find_pattern(np.rot90(ones), orientations(read_shape("10/10/10/11"), 8))
    assert (hit.turned, hit.mirrored, hit.bbox[2:]) == (90, False, (4, 2))
    (hit,) = find_pattern(ones[:, ::-1], orientations(read_shape("10/10/10/11"), 8))
    assert (hit.turned, hit.mirrored) == (0, True)
    assert find_pattern(ones[:, ::-1], orientations(read_shape("10/10/10/11"), 4)) == []


def test_as_many_as_are_asked_for_and_none_in_a_smaller_picture() -> None:
    ones = np.ones((5, 5), bool)
    assert [hit.bbox for hit in find_pattern(ones, orientations(read_shape("11"), 1), most=2)] == [
        (0, 0, 2, 1),
        (1, 0, 2, 1),
    ]
    assert find_pattern(ones[:1, :1], orientations(read_shape("11/11"), 8)) == []


@pytest.mark.parametrize("text", ["", "10/1", "12", "1//1", "abc"])
def test_a_shape_that_is_none_is_told(text: str) -> None:
    with pytest.raises(OptionError, match="--shape cannot be"):
        read_shape(text)


def test_pictures_become_ones_and_zeros() -> None:
    levels = np.array([[10, 20, 200], [15, 210, 220]], np.uint8)
    assert to_ones(levels, dark=False).tolist() == [[False, False, True], [False, True, True]]
    assert to_ones(levels, dark=True).tolist() == [[True, True, False], [True, False, False]]
    assert to_ones(np.full((2, 2), 255, np.uint8), dark=False).all()
    assert not to_ones(np.zeros((2, 2), np.uint8), dark=False).any()


def test_text_becomes_ones_and_zeros() -> None:
    rows = [[True, False, False], [True, True, True]]
    for text in ("100\n111", " 1 0 0 \r\n 1 1 1\n\n", "[[True, False, False],\n [True, True, True]]"):
        assert read_ones(text).tolist() == rows
    flat = np.random.default_rng(1).random(784) < 0.3
    text = ",".join(map(str, flat.astype(int)))
    assert np.array_equal(read_ones(text, flat=True), flat.reshape(28, 28))


@pytest.mark.parametrize(
    ("text", "flat", "told"),
    [("102", False, "else"), ("10\n1", False, "unequal"), ("101", True, "no square"), ("", False, "else")],
)
def test_text_that_is_no_picture_is_told(text: str, told: str, *, flat: bool) -> None:
    with pytest.raises(ValueError, match=told):
        read_ones(text, flat=flat)
