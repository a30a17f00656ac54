"""Laying a candidate out as the reference is."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest

from diffspot.pipeline.layout import Band, Bands, Block, rearrange


def turned(picture: np.ndarray, axis: int) -> np.ndarray:
    return np.swapaxes(picture, 0, axis)


@pytest.mark.parametrize("axis", [0, 1])
def test_equal_lines_are_put_back_exactly(axis: Literal[0, 1]) -> None:
    rng = np.random.default_rng(0)
    reference = rng.integers(0, 255, (60, 20, 3), np.uint8)
    new = rng.integers(0, 255, (9, 20, 3), np.uint8)
    candidate = np.vstack([reference[:25], new, reference[30:]])
    bands = Bands(axis, (Block(0, 20, (Band(0, 25, 0), Band(30, 60, 4))),), (60, 20), (64, 20))
    size = (60, 20) if axis == 0 else (20, 60)
    laid_out, valid = rearrange(turned(candidate, axis), bands, *size)
    back, covered = turned(laid_out, axis), turned(valid, axis)
    expected = np.r_[np.ones(25, bool), np.zeros(5, bool), np.ones(30, bool)]
    assert np.array_equal(covered, np.repeat(expected[:, None], 20, axis=1))
    assert np.array_equal(back[expected], reference[expected])
    assert not back[~expected].any()


def test_blocks_move_apart() -> None:
    candidate = np.arange(40, dtype=np.uint8).reshape(10, 4, 1)
    bands = Bands(0, (Block(0, 2, (Band(0, 10, 0),)), Block(2, 4, (Band(0, 7, 3),))), (10, 4), (10, 4))
    laid_out, valid = rearrange(candidate, bands, 10, 4)
    assert np.array_equal(laid_out[:, :2], candidate[:, :2])
    assert np.array_equal(laid_out[:7, 2:], candidate[3:, 2:])
    assert valid.sum() == 10 * 2 + 7 * 2


def test_the_finer_steps_of_sixteen_bits_are_kept() -> None:
    candidate = (np.arange(40).reshape(10, 4, 1) / 7).astype(np.float32)
    laid_out, _ = rearrange(candidate, Bands(0, (Block(0, 4, (Band(0, 7, 3),)),), (10, 4), (10, 4)), 10, 4)
    assert laid_out.dtype == np.float32
    assert np.array_equal(laid_out[:7], candidate[3:])
