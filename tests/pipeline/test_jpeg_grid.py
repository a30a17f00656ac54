"""Pictures cut out of JPEGs: where blocks lie is found, what was compressed is noise, and changes stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.scenes.photo import load_photo
from diffspot import compare
from diffspot.pipeline.jpeg_grid import Rim, find_rim, with_colours
from diffspot.pipeline.nearest import nearest
from diffspot.pipeline.quantization import compression_of
from diffspot.pipeline.units import sample_units
from tests.pipeline.test_jpeg_traces import saved, shapes
from tests.pipeline.test_nearest import apart, puzzle

if TYPE_CHECKING:
    from tests.pipeline.test_jpeg_traces import Picture

CUTS = [(3, 5), (13, 0), (22, 9)]
"""Rows and columns that were cut off."""
GROUND = (150, 210, 240)


def cut(picture: Picture, rows: int, columns: int) -> Picture:
    return np.ascontiguousarray(picture[rows:, columns:])


def noisy(picture: Picture) -> Picture:
    levels = picture + np.random.default_rng(2).normal(0, 5, picture.shape)
    return np.clip(levels, 0, 255).astype(np.uint8)


def rim_of(*pair: Picture) -> Rim | None:
    sample = sample_units(*pair)
    assert sample is not None
    return find_rim(sample.units)


@pytest.mark.parametrize(("rows", "columns"), CUTS)
@pytest.mark.parametrize("better", [None, 90])
def test_what_was_cut_off_is_told_to_the_px(rows: int, columns: int, better: int | None) -> None:
    whole = shapes(1, GROUND)
    pair = [cut(picture, rows, columns) for picture in (saved(whole, better) if better else whole, saved(whole, 60))]
    rim = rim_of(*pair)
    assert rim == (rows % 8, columns % 8)
    assert with_colours(pair, rim) == (rows % 16, columns % 16)


def test_nothing_is_told_of_blocks_that_are_whole_and_of_what_was_no_jpeg() -> None:
    whole = shapes(2, GROUND)
    assert rim_of(saved(whole, 90), saved(whole, 60)) is None
    assert rim_of(whole, saved(whole, 60)) is None
    assert rim_of(cut(whole, 16, 24), cut(saved(whole, 60), 16, 24)) is None
    photo = load_photo("coffee", 256, 256)
    assert rim_of(photo, noisy(photo)) is None
    assert compare(whole, noisy(whole)).status == "same"


def test_a_rim_continues_the_picture_and_comes_off_again() -> None:
    picture = shapes(3)[:40, :56]
    for plane in (picture, picture[..., :1], picture[..., 0]):
        wider = Rim(5, 11).put(plane)
        assert wider.shape == (45, 67, *plane.shape[2:])
        assert wider.dtype == plane.dtype
        assert (wider[:5, 11:] == plane[0]).all()
        assert np.array_equal(Rim(5, 11).off(wider), plane)


@pytest.mark.parametrize("better", [None, 90])
@pytest.mark.parametrize(("rows", "columns"), CUTS)
def test_pictures_cut_out_are_the_same_and_each_recoloured_shape_is_a_region(
    rows: int, columns: int, better: int | None
) -> None:
    (before, _), (after, middles) = puzzle(302, set()), puzzle(302, {7, 16, 22, 31, 40})
    reference, same, other = (
        cut(saved(picture, quality) if quality else picture, rows, columns)
        for picture, quality in ((before, better), (before, 60), (after, 60))
    )
    assert compare(reference, same).status == "same"
    assert compare(same, reference).status == "same"
    boxes = [region.bbox for region in compare(reference, other).regions]
    assert len(boxes) == len(middles)
    for x, y in middles:
        inside = [left <= x - columns <= left + w and top <= y - rows <= top + h for left, top, w, h in boxes]
        assert sum(inside) == 1


@pytest.mark.parametrize("seed", [5, 7, 8])
def test_what_runs_out_of_the_picture_is_explained_as_far_as_it_is_seen(seed: int) -> None:
    whole, rim = shapes(seed), Rim(14, 13)
    reference, candidate = (rim.put(cut(picture, *rim)) for picture in (whole, saved(whole, 40)))
    without, left = (
        rim.off(apart(nearest(reference, candidate, None, compression_of(40), unseen=unseen), reference))
        for unseen in ((0, 0), rim)
    )
    assert max(without[:2].max(), without[:, :3].max()) > 18
    assert max(left[:2].max(), left[:, :3].max()) <= 12
    assert np.array_equal(left[2:, 3:], without[2:, 3:])


def test_a_box_at_the_rim_is_a_change() -> None:
    whole = shapes(6, GROUND)
    changed = whole.copy()
    changed[3:20, 100:130] = (225, 60, 40)
    (found,) = compare(cut(whole, 3, 5), cut(saved(changed, 60), 3, 5)).regions
    x, y, w, h = found.bbox
    assert y <= 2
    assert x <= 98
    assert x + w >= 122
    assert 14 <= y + h <= 32
