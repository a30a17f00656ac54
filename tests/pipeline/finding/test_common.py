"""What frames share: objects on changing photos, and the background behind what moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
import skimage.data

from diffspot.backends import get_backend
from diffspot.errors import OptionError
from diffspot.model import Image
from diffspot.pipeline.finding.common import (
    FEW,
    STRIP_BYTES,
    common,
    cut_out,
    in_order,
    median_frame,
    mog2_background,
    quantile,
)
from tests.pipeline.finding.overlays import frames

if TYPE_CHECKING:
    from numpy.typing import NDArray

BACKEND = get_backend("numpy")


def iou(found: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    return float((found & truth).sum() / (found | truth).sum())


def test_more_frames_tell_better_what_is_shared() -> None:
    scores = np.zeros((4, 3))
    for seed in range(4):
        shown, mask = frames(8, seed)
        for column, count in enumerate((2, 4, 8)):
            found = common([Image(frame) for frame in shown[:count]], BACKEND, align="none")
            scores[seed, column] = iou(found.mask, mask)
    two, four, eight = scores.mean(axis=0)
    assert 0.85 <= two < four < eight
    assert scores.min() >= 0.85


def test_objects_are_told_with_their_boxes() -> None:
    shown, mask = frames(8, 1)
    found = common([Image(frame) for frame in shown], BACKEND, align="none")
    assert len(found.objects) == 4
    assert sum(one.area for one in found.objects) == found.mask.sum()
    for one in found.objects:
        x, y, w, h = one.bbox
        assert mask[y : y + h, x : x + w].any(axis=0).mean() > 0.9
        assert mask[y : y + h, x : x + w].any(axis=1).mean() > 0.9
    assert [one.bbox[1] for one in found.objects] == sorted(one.bbox[1] for one in found.objects)


def test_frames_that_moved_are_laid_over_the_first() -> None:
    photo = skimage.data.astronaut()
    first, second = photo[20:220, 30:290], photo[23:223, 26:286]
    second = second.copy()
    second[60:110, 150:200] = (200, 30, 30)
    found = common([Image(np.ascontiguousarray(first)), Image(second)], BACKEND)
    (registration,) = found.registrations
    assert registration.matrix == ((1, 0, -4), (0, 1, 3), (0, 0, 1))
    unlike = ~found.mask[:, 8:-8][8:-8]
    assert unlike[63 - 8 : 113 - 8, 146 - 8 : 196 - 8].mean() > 0.95
    assert unlike.sum() < 1.15 * 50 * 50


def test_an_overlay_that_stays_wins_over_a_background_that_moves() -> None:
    (first, third, fourth, second), mask = frames(4, 1)
    photo = skimage.data.coffee()
    for frame, x in ((first, 100), (second, 118)):
        frame[~mask] = photo[50 : 50 + mask.shape[0], x : x + mask.shape[1]][~mask]
    images = [Image(frame) for frame in (first, second, third, fourth)]
    (moved,) = common(images[:2], BACKEND, align="translation").registrations
    assert moved.matrix == ((1, 0, 18), (0, 1, 0), (0, 0, 1))
    assert iou(common(images, BACKEND).mask, mask) > 0.9


def test_a_digit_that_changed_is_not_shared() -> None:
    first, second = (np.full((60, 80, 3), 255, np.uint8) for _ in range(2))
    for frame, text in ((first, "128"), (second, "129")):
        cv2.putText(frame, text, (10, 35), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 1, cv2.LINE_AA)
    rows, columns = np.nonzero((np.abs(first.astype(int) - second) > 80).any(axis=2))
    assert 10 <= len(rows) < 64
    shared = common([Image(first), Image(second)], BACKEND).mask
    assert not shared[rows, columns].any()
    assert (~shared).sum() < 4 * len(rows)


def moving_block() -> tuple[list[NDArray[np.uint8]], NDArray[np.uint8]]:
    ground = np.random.default_rng(1).integers(0, 255, (60, 90, 3), np.uint8)
    shown = []
    for step in range(9):
        frame = ground.copy()
        frame[20:40, 9 * step : 9 * step + 9] = 255
        shown.append(frame)
    return shown, ground


def test_the_background_behind_a_moving_block() -> None:
    shown, ground = moving_block()
    images = [Image(frame) for frame in shown]
    exact = common(images, BACKEND, take="median", align="none")
    assert np.array_equal(exact.picture, ground)
    assert exact.mask.all()
    near = common(images, BACKEND, take="mog2", align="none").picture
    assert np.abs(near.astype(int) - ground).mean() < 3
    assert np.abs(np.mean(shown, axis=0) - ground).mean() > 3, "a plain mean would not do"


def test_the_median_is_that_of_numpy() -> None:
    stack = np.random.default_rng(2).integers(0, 65536, (6, 7, 5, 3), np.uint16)
    expected = np.rint(np.median(stack, axis=0))
    assert np.array_equal(median_frame(stack), expected)
    assert median_frame(stack).dtype == np.uint16


def test_frames_that_fill_several_strips_have_the_same_median() -> None:
    row = np.random.default_rng(3).integers(0, 256, (2, 1, STRIP_BYTES // 20, 1), np.uint8)  # 8 bytes a px of both
    stack = np.concatenate([row, row[::-1], row + np.uint8(1)], axis=1)  # two rows a strip, and one is left
    assert np.array_equal(median_frame(stack), np.rint(stack.mean(axis=0, dtype=np.float32)))


@pytest.mark.parametrize("count", [1, 2, 3, 8, FEW, FEW + 1])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_order_and_quantiles_are_those_of_numpy(count: int, dtype: type) -> None:
    values = np.random.default_rng(count).integers(0, 256, (count, 5, 7)).astype(dtype)
    ordered = in_order(values)
    assert np.array_equal(np.stack(ordered), np.sort(values, axis=0))
    for q in (0, 0.5, 0.6, 1):
        # float32 holds 255 to 2e-5
        assert np.allclose(quantile(ordered, q), np.quantile(values, q, axis=0), atol=1e-4)


def test_frames_of_other_kinds_are_brought_together() -> None:
    grey = np.random.default_rng(3).integers(0, 256, (40, 50, 1), np.uint8)
    deep = np.repeat(grey.astype(np.uint16) * 257, 3, axis=2)
    clear = np.concatenate([np.repeat(grey, 3, axis=2), np.full((40, 50, 1), 255, np.uint8)], axis=2)
    found = common([Image(grey), Image(deep), Image(clear)], BACKEND, align="none")
    assert found.mask.all()
    assert np.array_equal(found.picture, deep)
    assert mog2_background(np.stack([deep] * 3)).shape == (40, 50, 3)


def test_what_is_cut_out() -> None:
    picture = np.array([[[10, 20, 30], [40, 50, 60]]], np.uint8)
    mask = np.array([[True, False]])
    assert cut_out(picture, mask, None).tolist() == [[[10, 20, 30, 255], [0, 0, 0, 0]]]
    assert cut_out(picture, mask, (1, 2, 3)).tolist() == [[[10, 20, 30], [1, 2, 3]]]
    half = np.array([[[50, 50, 50, 128], [9, 9, 9, 9]]], np.uint8)  # multiplied by alpha: 100 straight
    assert cut_out(half, mask, None).tolist() == [[[100, 100, 100, 128], [0, 0, 0, 0]]]
    assert cut_out(half, mask, (255, 255, 255))[0, 0].tolist() == [177, 177, 177]  # 50 + 255 * 127 / 255
    assert cut_out(picture[..., :1].astype(np.uint16) * 257, mask, (255, 0, 0)).tolist() == [
        [[2570, 2570, 2570], [65535, 0, 0]]
    ]


def test_one_frame_shares_nothing_with_others() -> None:
    with pytest.raises(OptionError, match="two or more"):
        common([Image(np.zeros((4, 4, 1), np.uint8))], BACKEND)


def test_frames_smaller_than_an_object_share_none() -> None:
    tiny = [Image(np.full((1, 1, 1), level, np.uint8)) for level in (3, 200)]
    assert not common(tiny, BACKEND).mask.any()


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (1, 0, 3, 2), (3, 2, 1, 0)])
def test_frames_of_every_form_go_together(order: tuple[int, ...]) -> None:
    opaque = np.full((40, 50, 4), 255, np.uint8)
    translucent = opaque.copy()
    translucent[:, 25:, 3] = 0
    grey = np.full((40, 50, 1), 255, np.uint8)
    deep = np.full((40, 50, 3), 65535, np.uint16)
    given = [opaque, translucent, grey, deep]
    found = common([Image(given[index]) for index in order], get_backend("numpy"), take="median")
    assert (found.picture.shape, found.picture.dtype) == ((40, 50, 4), np.uint16)
    assert found.mask.all()
    assert (found.picture == 65535).all()  # what one of four hides is not in the median


def test_two_frames_of_which_one_is_opaque_go_together() -> None:
    opaque = np.full((40, 50, 4), 255, np.uint8)
    translucent = opaque.copy()
    translucent[:, 25:, 3] = 0
    for both in ([opaque, translucent], [translucent, opaque]):
        found = common([Image(frame) for frame in both], get_backend("numpy"))
        assert found.picture.shape == (40, 50, 4)
        assert (found.mask[:, 5:20].all(), found.mask[:, 30:].any()) == (True, False)
