"""The check before anything is estimated."""

from __future__ import annotations

import numpy as np
import pytest

from diffspot.pipeline.preparation import luminance
from diffspot.pipeline.registration.interface import TILE, tile_means, unmoved_agreement
from tests.pipeline.registration import scenes

COFFEE = luminance(scenes.photo("coffee"))


def test_equal_pictures_agree_everywhere() -> None:
    assert unmoved_agreement(COFFEE, COFFEE) == 1


def test_a_changed_patch_leaves_the_rest_agreeing() -> None:
    changed = COFFEE.copy()
    changed[100:130, 200:240] = 0
    assert 0.9 < unmoved_agreement(COFFEE, changed) < 1


@pytest.mark.parametrize("shift", [1, 5])
def test_a_shift_is_seen(shift: int) -> None:
    assert unmoved_agreement(COFFEE, np.roll(COFFEE, shift, axis=1)) < 0.5


def test_another_size_agrees_nowhere() -> None:
    assert unmoved_agreement(COFFEE, COFFEE[:-1]) == 0


@pytest.mark.parametrize("size", [(20, 20), (200, 200)])
def test_flat_pictures_agree_only_when_equal(size: tuple[int, int]) -> None:
    blank = np.full(size, 80, np.uint8)
    assert unmoved_agreement(blank, blank) == 1
    assert unmoved_agreement(blank, blank + np.uint8(40)) == 0


def test_sums_of_large_pictures_do_not_wrap() -> None:
    stripes = np.tile(np.repeat(np.array([0, 255], np.uint8), 8), (3008, 188))
    assert unmoved_agreement(stripes, stripes) == 1
    assert unmoved_agreement(stripes, 255 - stripes) == 0


@pytest.mark.parametrize("shape", [(64, 64), (65, 95), (131, 200)])
def test_sums_of_tiles(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    rows, columns = shape[0] // TILE, shape[1] // TILE
    whole = picture[: rows * TILE, : columns * TILE].reshape(rows, TILE, columns, TILE)
    np.testing.assert_array_equal(tile_means(picture, rows, columns), whole.mean(axis=(1, 3)).astype(np.float32))
    short = tile_means(picture[:, : columns * TILE - 1], rows, columns)
    lost = whole[:, :, -1, -1].sum(axis=1) / TILE**2
    np.testing.assert_array_equal(short[:, -1], (whole[:, :, -1].mean(axis=(1, 2)) - lost).astype(np.float32))
