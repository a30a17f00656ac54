"""Pairs are drawn twice the same, and their truth is where their pictures differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from benchmarks.pairs.boards import plant_board
from benchmarks.pairs.cartoons import plant_cartoon
from benchmarks.pairs.cells import plant_cells
from benchmarks.pairs.documents import plant_document
from benchmarks.pairs.kinds import KINDS, UNCHANGED_EVERY
from benchmarks.pairs.pages import draw_few, draw_many, draw_paragraph_grown, draw_section_removed
from benchmarks.pairs.pair import Pair, Planted, save_pair
from benchmarks.pairs.photos import no_motion, plant_photo, take_again
from benchmarks.pairs.stars import VISIBLE, plant_stars
from benchmarks.scenes.page import make_page
from benchmarks.scenes.render import render_page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.pairs.kinds import Kind
    from benchmarks.scenes.truth import Box

pytestmark = pytest.mark.slow
SEED = 7
PLANTERS = {
    # How it is planted, and the levels up to which a soft edge counts as unchanged.
    "photo": (plant_photo, 0.0),
    "board": (plant_board, 0.0),
    "cartoon": (plant_cartoon, 0.0),
    "document": (plant_document, 0.0),
    "stars": (plant_stars, VISIBLE),
    "cells": (plant_cells, 8.0),
}
each_planter = pytest.mark.parametrize("name", PLANTERS)


def outside(boxes: tuple[Box, ...], shape: tuple[int, ...]) -> np.ndarray:
    """The pixels that lie in no box."""
    free = np.ones(shape[:2], dtype=bool)
    for x, y, w, h in boxes:
        free[y : y + h, x : x + w] = False
    return free


def differing(planted: Planted | Pair, above: float = 0.0) -> np.ndarray:
    """The pixels that differ by more than so many levels."""
    pictures = (
        (planted.before, planted.after) if isinstance(planted, Planted) else (planted.reference, planted.candidate)
    )
    before, after = (picture.astype(np.int16) for picture in pictures)
    return np.abs(after - before).reshape(*before.shape[:2], -1).max(axis=2) > above


@pytest.mark.parametrize("name", ["page, few changes", "photo, noise", "scanned document"])
def test_a_pair_is_drawn_twice_the_same(name: str) -> None:
    kind = next(kind for kind in KINDS if kind.name == name)
    once, again = kind.pair(0, SEED), kind.pair(0, SEED)
    assert np.array_equal(once.reference, again.reference)
    assert np.array_equal(once.candidate, again.candidate)
    assert once.boxes == again.boxes
    assert not np.array_equal(once.reference, kind.pair(1, SEED).reference)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_boxes_lie_inside_the_reference_and_unchanged_pairs_have_none(kind: Kind) -> None:
    changed, unchanged = kind.pair(0, SEED), kind.pair(UNCHANGED_EVERY - 1, SEED)
    height, width = changed.reference.shape[:2]
    assert bool(changed.boxes) == kind.changes
    assert unchanged.boxes == ()
    for x, y, w, h in changed.boxes:
        assert x >= 0
        assert y >= 0
        assert w >= 1
        assert h >= 1
        assert x + w <= width
        assert y + h <= height


@each_planter
def test_what_was_planted_differs_in_its_boxes_only(name: str) -> None:
    plant, soft = PLANTERS[name]
    planted = plant(np.random.default_rng(SEED), changed=True)
    changed = differing(planted, soft)
    assert not (changed & outside(planted.boxes, changed.shape)).any()
    for x, y, w, h in planted.boxes:
        assert changed[y : y + h, x : x + w].any()


@each_planter
def test_where_nothing_was_planted_nothing_differs(name: str) -> None:
    planted = PLANTERS[name][0](np.random.default_rng(SEED), changed=False)
    assert planted.boxes == ()
    assert not differing(planted).any()


@pytest.mark.parametrize("draw", [draw_few, draw_many])
def test_page_edits_differ_in_their_boxes_only(draw: Callable[..., Pair]) -> None:
    pair = draw(np.random.default_rng(SEED), changed=True)
    changed = differing(pair)
    assert not (changed & outside(pair.boxes, changed.shape)).any()
    for x, y, w, h in pair.boxes:
        box = changed[y : y + h, x : x + w]
        assert box[0].any()
        assert box[-1].any()
        assert box[:, 0].any()
        assert box[:, -1].any()


def test_rows_of_a_removed_section_are_those_that_are_gone() -> None:
    pair = draw_section_removed(np.random.default_rng(SEED), changed=True)
    ((_, top, width, height),) = pair.boxes
    assert width == pair.reference.shape[1]
    kept = np.delete(pair.reference, np.s_[top : top + height], axis=0)
    assert np.array_equal(kept, pair.candidate)


def test_a_grown_paragraph_moves_what_is_below_its_seam() -> None:
    pair = draw_paragraph_grown(np.random.default_rng(SEED), changed=True)
    seam, *edits = pair.boxes
    added = pair.candidate.shape[0] - pair.reference.shape[0]
    back = np.delete(pair.candidate, np.s_[seam[1] : seam[1] + added], axis=0)
    changed = differing(Planted(pair.reference, back))
    assert added > 0
    assert not (changed & outside(tuple(edits), changed.shape)).any()


def test_a_camera_on_a_stand_changes_light_and_noise_only() -> None:
    planted = plant_photo(np.random.default_rng(SEED), changed=False)
    pair = take_again(planted, np.random.default_rng(SEED), no_motion)
    before, after = (each.reshape(-1).astype(float) for each in (pair.reference, pair.candidate))
    assert np.corrcoef(before, after)[0, 1] > 0.97


def test_without_hinting_glyphs_move_but_no_word_far() -> None:
    page = make_page(np.random.default_rng(SEED))
    plain, other = render_page(page), render_page(page, hinted=False)
    assert plain.shape == other.shape
    assert not np.array_equal(plain, other)
    # Averaged over 8 x 8 px, the same ink lies in about the same place.
    small = [np.asarray(Image.fromarray(each).reduce(8), dtype=float) for each in (plain, other)]
    assert np.corrcoef(small[0].ravel(), small[1].ravel())[0, 1] > 0.97


@pytest.mark.parametrize(("quality", "extension"), [(None, "png"), (90, "jpg")])
def test_a_pair_is_saved_as_it_says(tmp_path: Path, quality: int | None, extension: str) -> None:
    picture = np.full((8, 9, 3), 40, dtype=np.uint8)
    paths = save_pair(Pair(picture, picture + 60, (), quality), tmp_path, "a")
    assert [path.name for path in paths] == [f"a-reference.{extension}", f"a-candidate.{extension}"]
    levels = [int(np.asarray(Image.open(path)).mean()) for path in paths]
    assert levels == pytest.approx([40, 100], abs=1)
