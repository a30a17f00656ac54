"""Scans in black and white: other words are found, wandering edges, other thresholds and bent paper are not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from benchmarks.scenes.camera import move
from diffspot import compare
from diffspot.pipeline.verdict.displacement import AROUND, CELL, FARTHEST, STRIP, _costs, displacements
from diffspot.pipeline.verdict.strokes import LETTER, STEPS, _as_dark, is_bilevel
from tests.kinds import assert_changes_found, kind
from tests.sweep import sweep

FAX = "faxed document"


@pytest.mark.parametrize("index", sweep([0, 1, 2]))
def test_other_words_of_a_fax_are_found_each_alone(index: int) -> None:
    result = assert_changes_found(kind(FAX).pair(index, seed=5))
    assert {one.cause for one in result.forgiven} >= {"noise"}


@pytest.mark.parametrize("index", sweep([0, 1, 2]))
def test_the_same_fax_is_the_same(index: int) -> None:
    pair = kind(f"{FAX}, unchanged").pair(index, seed=5)
    result = compare(pair.reference, pair.candidate)
    assert result.status == "same"
    counted = sum(one.pixels for one in result.forgiven if one.cause == "noise")
    assert counted > 1000  # what wanders is counted all the same


def test_nothing_is_detected_where_strokes_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = kind(FAX).pair(1, seed=5)
    monkeypatch.setattr("diffspot.pipeline.compare.detect", None)  # which would end in an error
    assert len(compare(pair.reference, pair.candidate).regions) == len(pair.boxes)


def test_an_inverted_fax_has_the_same_regions() -> None:
    pair = kind(FAX).pair(1, seed=5)
    boxes = [one.bbox for one in compare(pair.reference, pair.candidate).regions]
    inverted = [one.bbox for one in compare(255 - pair.reference, 255 - pair.candidate).regions]
    assert len(boxes) == len(inverted) == len(pair.boxes)


def test_what_is_ignored_is_no_region() -> None:
    pair = kind(FAX).pair(1, seed=5)
    areas = [(x - 20, y - 12, w + 40, h + 24) for x, y, w, h in pair.boxes]
    assert compare(pair.reference, pair.candidate, ignore=areas).status == "same"


def test_two_pages_that_have_nothing_in_common_are_different() -> None:
    first, second = (kind(FAX).pair(index, seed=5) for index in (0, 1))
    assert compare(first.reference, second.reference).status == "different"


def test_a_page_in_black_and_white_whose_edges_lie_still_is_compared_to_the_bit() -> None:
    pair = kind(FAX).pair(0, seed=5)
    candidate = pair.reference.copy()
    candidate[300:303, 300:303] = 255 - candidate[300:303, 300:303]
    (region,) = compare(pair.reference, candidate).regions
    assert region.bbox == (300, 300, 3, 3)


def test_black_and_white_is_told_from_few_grey_levels() -> None:
    page = np.full((100, 100, 3), 255, np.uint8)
    page[40:60] = 0
    assert is_bilevel(page)
    page[60:62] = 128
    assert not is_bilevel(page)
    assert not is_bilevel(page.astype(np.uint16))


def test_displacements_are_those_by_which_a_page_was_bent() -> None:
    """Words are drawn by noise; a parabola through three costs is at most a tenth of a px off where it bends."""
    rng = np.random.default_rng(0)
    ink = cv2.GaussianBlur((rng.random((320, 480)) > 0.8).astype(np.float32), (0, 0), 1.5)
    bend = 1.5 * np.sin(np.linspace(0, np.pi, 480)).astype(np.float32)
    x, y = np.meshgrid(np.arange(480, dtype=np.float32), np.arange(320, dtype=np.float32))
    bent = cv2.remap(ink, x, y - bend, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    found = displacements(ink, bent)
    true = bend.reshape(30, 16).mean(axis=1)
    assert np.abs(found[1, 3:-3, 3:-3] - true[3:-3]).max() < 0.2
    assert np.abs(found[0, 3:-3, 3:-3]).max() < 0.1
    still = displacements(ink, ink)
    assert np.abs(still).max() < 0.01


def test_a_turned_fax_keeps_its_regions() -> None:
    pair = kind(FAX).pair(1, seed=5)
    turned = move(np.asarray(pair.candidate, np.uint8), 0, 0, degrees=0.2)
    turned = np.where(turned > 127, 255, 0).astype(np.uint8)
    assert len(compare(pair.reference, turned).regions) == len(pair.boxes)


def test_small_faults_of_a_board_in_black_and_white_are_found() -> None:
    """Conductors are wider than strokes, and their faults smaller."""
    board = np.zeros((320, 320), np.uint8)
    for x in range(16, 320, 40):
        board[:, x : x + 20] = 255
    rng = np.random.default_rng(0)
    worn = board.copy()
    for x in range(16, 320, 40):  # edges that wander
        for left in (x, x + 19):
            worn[rng.random(320) < 0.5, left] = 0
    worn[100:106, 62:68] = 0
    assert any(abs(one.bbox[0] - 62) <= 4 for one in compare(board, worn).regions)


@pytest.mark.parametrize("share", [0.1, 0.25])
def test_a_part_of_a_fax_without_its_text_is_a_change_in_either_order(share: float) -> None:
    """What changed in many places must not raise what is forgiven in them."""
    pair = kind(f"{FAX}, unchanged").pair(0, seed=5)
    candidate = np.array(pair.candidate, np.uint8)
    inked = np.flatnonzero((candidate < 128).any(axis=1))
    top, bottom = (int(np.quantile(inked, q)) for q in (0.3, 0.3 + share))
    candidate[top:bottom] = 255
    for pictures in ((pair.reference, candidate), (candidate, pair.reference)):
        regions = compare(*pictures).regions
        assert regions
        assert all(top - LETTER <= one.bbox[1] <= bottom + LETTER for one in regions)


def test_a_page_of_which_most_is_another_one_is_different() -> None:
    first, second = (kind(FAX).pair(index, seed=5) for index in (0, 1))
    for share in (0.4, 0.7):
        candidate = np.array(first.candidate)
        rows = int(share * len(candidate))
        candidate[:rows] = np.asarray(second.candidate)[:rows]
        assert compare(first.reference, candidate).status == "different"


def test_what_is_ignored_tells_nothing_of_how_edges_wander() -> None:
    first, second = (kind(f"{FAX}, unchanged").pair(index, seed=5) for index in (0, 1))
    candidate = np.array(first.candidate)
    height, width = candidate.shape[:2]
    candidate[: height * 3 // 4] = np.asarray(second.candidate)[: height * 3 // 4]
    assert compare(first.reference, candidate, ignore=[(0, 0, width, height * 3 // 4)]).status == "same"


def test_what_displacements_leave_some_rows_at_a_time_is_what_they_leave_of_the_whole() -> None:
    rng, rows, columns = np.random.default_rng(5), 2 * STRIP + 1, 6
    one = rng.random((rows * CELL, columns * CELL), np.float32)
    other = rng.random((rows * CELL + 2 * FARTHEST, columns * CELL + 2 * FARTHEST), np.float32)
    costs = _costs(one, other)
    for y, x in ((0, 0), (2, 5), (6, 6)):
        apart = (one.astype(np.float64) - other[y:, x:][: len(one), : one.shape[1]]) ** 2
        means = apart.reshape(rows, CELL, columns, CELL).mean(axis=(1, 3))
        expected = cv2.blur(means, (AROUND, AROUND), borderType=cv2.BORDER_REFLECT)
        np.testing.assert_allclose(costs[y, x], expected, rtol=1e-5)  # float32 adds up 256 squares


def test_a_density_as_dark_as_another_has_the_levels_of_its_distribution() -> None:
    rng = np.random.default_rng(6)
    like = rng.random((4 * CELL, 5 * CELL)).astype(np.float32)
    density = np.where(rng.random(like.shape) < 0.6, np.float32(0), like * like)
    common = np.ones((4, 5), bool)
    before, after = (
        np.cumsum(np.histogram(plane, bins=STEPS, range=(0, 1))[0]) / plane.size for plane in (density, like)
    )
    steps = np.arange(STEPS) / STEPS
    expected = np.interp(density, steps, np.interp(before, after, steps)).astype(np.float32)
    np.testing.assert_array_equal(_as_dark(density, like, common), expected)
