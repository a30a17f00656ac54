"""Pages that drift: another rasteriser sets each line of text a px further off than the one above."""

from __future__ import annotations

import numpy as np
import pytest

from diffspot import compare
from diffspot.pipeline.layout import rearrange
from diffspot.pipeline.layout.bands import Band, drifts
from tests.pipeline.layout.pages import blank, card, line, lines_of_text, spread, stacked
from tests.placing import find_bands

LINES = lines_of_text(60)


@pytest.mark.parametrize("every", [1, 3, 7])
def test_each_line_is_laid_on_its_own(every: int) -> None:
    reference, candidate = stacked(LINES), stacked(spread(LINES, every))[: 24 * len(LINES)]
    bands = find_bands(reference, candidate)
    assert bands is not None
    assert bands.stretches == ()
    laid, valid = rearrange(candidate, bands, *reference.shape[:2])
    assert np.array_equal(laid[valid], reference[valid])


@pytest.mark.parametrize("back", [False, True], ids=["lower", "higher"])
def test_a_drift_is_forgiven_and_said(back: bool) -> None:  # noqa: FBT001 - a column of the table
    pair = [stacked(LINES), stacked(spread(LINES, 4))]
    result = compare(*(pair[::-1] if back else pair))
    assert (result.status, result.registration.method) == ("same", "layout")
    (movement,) = (one for one in result.forgiven if one.cause == "movement")
    assert (movement.places, movement.pixels) == (15, 15 * 1280)


def test_two_px_between_lines_that_are_drawn_as_they_were_are_told() -> None:
    result = compare(stacked(LINES), stacked(spread(LINES, 4, by=2)))
    assert [region.kind for region in result.regions] == ["inserted-rows"] * 15
    assert {region.area for region in result.regions} == {2 * 1280}
    assert result.forgiven == ()


@pytest.mark.parametrize(("most", "status"), [("auto", "same"), ("any", "same"), (14, "same"), (13, "different")])
def test_a_drift_further_than_may_be_is_told(most: str | float, status: str) -> None:
    result = compare(stacked(LINES), stacked(spread(LINES, 4)), max_shift=most)
    note = "laid over the reference: lines of the candidate lie up to 14 px higher or lower"
    assert (result.status, note in result.notes) == (status, status == "same")
    assert len(result.regions) == (15 if status == "different" else 0)


def test_changes_on_a_page_that_drifts_are_found() -> None:
    changed = spread(LINES, 4)
    changed[20] = lines_of_text(1, seed=9)[0]
    changed[45] = changed[45].copy()
    changed[45][4:20, 20:120] = (40, 90, 200)
    result = compare(stacked(LINES), stacked(changed))
    rows = sorted(region.bbox[1] // 24 for region in result.regions)
    assert (result.status, rows) == ("different", [20, 45])


def test_a_section_inserted_into_a_page_that_drifts_is_told_alone() -> None:
    drifting = spread(LINES, 4)
    candidate = stacked([*drifting[:30], card(np.random.default_rng(1), 90), *drifting[30:]])
    bands = find_bands(stacked(LINES), candidate)
    assert bands is not None
    (stretch,) = bands.stretches
    assert (stretch.kind, stretch.candidate_bbox[3]) == ("inserted-rows", 90)
    assert len(bands.drift) == 15


@pytest.mark.parametrize(("offsets", "expected"), [((0, 1, 2, 3), False), ((0, 1, 2, 3, 4), True), ((0, 40), False)])
def test_small_steps_make_a_drift(offsets: tuple[int, ...], expected: bool) -> None:  # noqa: FBT001 - a column
    assert drifts([Band(50 * k, 50 * k + 40, offset) for k, offset in enumerate(offsets)]) is expected


def test_lines_that_waver_do_not_drift() -> None:
    assert not drifts([Band(50 * k, 50 * k + 40, k % 2) for k in range(20)])


def test_a_banner_below_the_margin_has_its_seam_there() -> None:
    margin = blank(8)
    reference = stacked([margin, *LINES])
    candidate = stacked([margin, blank(40, shade=90), *LINES])
    bands = find_bands(reference, candidate)
    assert bands is not None
    (stretch,) = bands.stretches
    assert (stretch.bbox, stretch.candidate_bbox) == ((0, 8, 1280, 1), (0, 8, 1280, 40))


def test_a_banner_and_its_shadow_are_one_region() -> None:
    reference = stacked([card(np.random.default_rng(1), 120), *LINES])
    below = reference.astype(np.float64)
    below[:12] *= np.linspace(0.85, 1, 12)[:, None, None]
    candidate = stacked([blank(40, shade=90), np.rint(below).astype(np.uint8)])
    (region,) = compare(reference, candidate).regions
    assert (region.kind, region.bbox, region.candidate_bbox) == ("inserted-rows", (0, 0, 1280, 1), (0, 0, 1280, 40))


def test_a_change_beside_a_seam_is_a_region_of_its_own() -> None:
    reference = stacked([card(np.random.default_rng(1), 120), *LINES])
    changed = reference.copy()
    changed[2:8, 100:1200] = (200, 40, 40)
    kinds = [region.kind for region in compare(reference, stacked([blank(40, shade=90), changed])).regions]
    assert len(kinds) == 2


@pytest.mark.parametrize(("before", "after"), [("3", "8"), ("8", "6"), ("5", "6"), ("9", "8"), ("0", "8")])
def test_another_digit_on_a_page_that_drifts_is_a_change(before: str, after: str) -> None:
    rows, changed = (
        [*LINES[:31], line(f"in all there are 4{digit} of them"), *LINES[31:]] for digit in (before, after)
    )
    (region,) = compare(stacked(rows), stacked(spread(changed, 4))).regions
    assert region.bbox[1] // 24 == 31
    assert region.bbox[2] < 16
