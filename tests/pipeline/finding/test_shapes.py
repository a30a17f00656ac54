"""Areas of like colour, held to scikit-image's labels of each quantised colour and to a flood fill."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np
import pytest
import skimage.data
import skimage.measure

from diffspot.model import Image
from diffspot.pipeline.finding.shapes import find_shapes
from tests.sweep import sweep

if TYPE_CHECKING:
    from numpy.typing import NDArray


def same_partition(one: NDArray[np.int32], other: NDArray[np.int32]) -> bool:
    pairs = set(zip(one.ravel().tolist(), other.ravel().tolist(), strict=True))
    return len(pairs) == len({pair[0] for pair in pairs}) == len({pair[1] for pair in pairs})


@pytest.mark.parametrize("connectivity", [4, 8])
@pytest.mark.parametrize("levels", sweep([2, 3, 8, 256]))
def test_they_are_those_of_scikit_image(levels: int, connectivity: int) -> None:
    photo = skimage.data.chelsea()[100:180, 100:220]
    steps = photo.astype(int) * levels // 256
    codes = (steps[..., 0] * 256 + steps[..., 1]) * 256 + steps[..., 2]
    oracle = skimage.measure.label(codes, connectivity=connectivity // 4, background=-1)
    found = find_shapes(Image(photo), levels=levels, connectivity=connectivity)
    assert same_partition(found.labels, oracle)
    measured = {props.label: props for props in skimage.measure.regionprops(oracle)}
    for shape in found.shapes:
        x, y, w, h = shape.bbox
        here = found.labels == shape.id
        props = measured[int(oracle[here][0])]
        assert (y, x, y + h, x + w) == props.bbox
        assert shape.area == props.num_pixels
        assert shape.color == tuple(np.rint(photo[here].mean(axis=0)).astype(int).tolist())


EDGES = ((-1, 0), (1, 0), (0, -1), (0, 1))
CORNERS = ((-1, -1), (-1, 1), (1, -1), (1, 1))


def flooded(pixels: NDArray[np.uint8], tolerance: int, connectivity: int) -> NDArray[np.int32]:
    ways = (*EDGES, *CORNERS)[:connectivity]
    labels, number = np.zeros(pixels.shape[:2], np.int32), 0
    for start in np.ndindex(labels.shape):
        if labels[start]:
            continue
        number += 1
        labels[start] = number
        waiting = deque([start])
        while waiting:
            y, x = waiting.popleft()
            for v, u in ((y + down, x + right) for down, right in ways):
                if 0 <= v < labels.shape[0] and 0 <= u < labels.shape[1] and not labels[v, u]:
                    step = np.abs(pixels[v, u].astype(int) - pixels[y, x]).max()
                    if step <= tolerance:
                        labels[v, u] = number
                        waiting.append((v, u))
    return labels


@pytest.mark.parametrize("connectivity", [4, 8])
@pytest.mark.parametrize("tolerance", [0, 7, 20])
def test_with_a_tolerance_they_are_those_of_a_flood_fill(tolerance: int, connectivity: int) -> None:
    photo = np.ascontiguousarray(skimage.data.coffee()[200:230, 300:340])
    found = find_shapes(Image(photo), levels=None, tolerance=tolerance, connectivity=connectivity)
    assert same_partition(found.labels, flooded(photo, tolerance, connectivity))


def test_across_corners_a_chequered_board_is_two_areas_and_a_long_diagonal_one() -> None:
    board = np.uint8(255) * (np.indices((9, 12)).sum(axis=0)[..., None] % 2).astype(np.uint8)
    assert len(find_shapes(Image(board)).shapes) == 108
    found = find_shapes(Image(board), connectivity=8).shapes
    assert [(shape.bbox, shape.area, shape.color) for shape in found] == [
        ((0, 0, 12, 9), 54, (0,)),
        ((0, 0, 12, 9), 54, (255,)),
    ]
    line = np.uint8(255) * np.eye(300, dtype=np.uint8)[::-1, :, None]
    assert [shape.area for shape in find_shapes(Image(line), connectivity=8).shapes] == [89_700, 300]


def test_pictures_of_one_row_or_column_have_no_corners() -> None:
    row = np.array([0, 0, 255], np.uint8)
    for picture in (row[None, :, None], row[:, None, None]):
        assert [shape.area for shape in find_shapes(Image(picture), connectivity=8).shapes] == [2, 1]


def test_small_ones_are_dropped_and_the_rest_numbered_by_place() -> None:
    picture = np.zeros((8, 10, 1), np.uint8)
    picture[1:3, 6:9], picture[5, 1], picture[4:7, 4:6] = 250, 250, 130
    found = find_shapes(Image(picture), min_area=2)
    assert [(shape.id, shape.bbox, shape.area, shape.color) for shape in found.shapes] == [
        (1, (0, 0, 10, 8), 67, (0,)),
        (2, (6, 1, 3, 2), 6, (250,)),
        (3, (4, 4, 2, 3), 6, (130,)),
    ]
    assert found.labels[5, 1] == 0
    assert [int((found.labels == number).sum()) for number in (1, 2, 3)] == [67, 6, 6]
    assert find_shapes(Image(picture), min_area=100).shapes == []


def test_deep_and_long_shapes_end() -> None:
    spiral = np.zeros((401, 401, 1), np.uint8)
    spiral[::4] = spiral[:, ::4] = 255  # one net of 401 x 401 px
    assert find_shapes(Image(spiral)).shapes[0].area == int((spiral == 255).sum())


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 5, 1), (5, 1, 4), (2, 2, 2)])
def test_tiny_pictures(shape: tuple[int, ...]) -> None:
    picture = np.full(shape, 255, np.uint8)
    (found,) = find_shapes(Image(picture)).shapes
    assert (found.bbox, found.area) == ((0, 0, shape[1], shape[0]), shape[0] * shape[1])


def test_sixteen_bits_and_what_alpha_hides() -> None:
    deep = np.zeros((3, 4, 3), np.uint16)
    deep[:, 2:] = (65535, 257, 514)
    assert [shape.color for shape in find_shapes(Image(deep)).shapes] == [(0, 0, 0), (255, 1, 2)]
    hidden = np.random.default_rng(1).integers(0, 256, (6, 6, 4), np.uint8)
    hidden[..., 3] = 0
    (shape,) = find_shapes(Image(hidden)).shapes
    assert shape.color == (0, 0, 0, 0)
