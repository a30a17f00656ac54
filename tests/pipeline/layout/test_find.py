"""Layout shifts drawn on pages: what was inserted or removed is found, undone, and nothing else is invented."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffspot.pipeline.layout import looks_rendered, rearrange
from tests.pipeline.layout.pages import blank, card, item_list, line, page, paragraph, sidebar, stacked, table
from tests.placing import find_bands

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diffspot.pipeline.layout import Bands
    from tests.pipeline.layout.pages import Picture

PAGE = page()
WHOLE = stacked(PAGE)


def found(reference: Picture, candidate: Picture) -> Bands:
    bands = find_bands(reference, candidate)
    assert bands is not None
    return bands


def wrong(reference: Picture, candidate: Picture, bands: Bands) -> float:
    """Share of the valid pixels that differ after undoing the layout."""
    height, width = reference.shape[:2]
    laid_out, valid = rearrange(candidate, bands, height, width)
    return float((laid_out != reference).any(axis=2)[valid].mean())


def changes(bands: Bands) -> list[tuple[str, int]]:
    """Kind and thickness, px, of each stretch."""
    side = 3 - bands.axis
    return [(stretch.kind, max(stretch.bbox[side], stretch.candidate_bbox[side])) for stretch in bands.stretches]


def test_banner_inserted() -> None:
    candidate = stacked([blank(43, shade=90), WHOLE])
    bands = found(WHOLE, candidate)
    (stretch,) = bands.stretches
    assert (stretch.kind, stretch.bbox, stretch.candidate_bbox) == ("inserted-rows", (0, 0, 1280, 1), (0, 0, 1280, 43))
    assert wrong(WHOLE, candidate, bands) == 0
    assert bands.to_candidate((10, 100, 50, 20)) == (10, 143, 50, 20)


def test_section_removed() -> None:
    candidate = stacked(PAGE[:4] + PAGE[5:])
    bands = found(WHOLE, candidate)
    assert changes(bands) == [("removed-rows", len(PAGE[4]))]
    assert wrong(WHOLE, candidate, bands) == 0


def test_two_insertions() -> None:
    rng = np.random.default_rng(9)
    candidate = stacked([*PAGE[:3], card(rng, 77), *PAGE[3:8], paragraph(rng, 2), *PAGE[8:]])
    bands = found(WHOLE, candidate)
    assert changes(bands) == [("inserted-rows", 77), ("inserted-rows", 78)]
    assert wrong(WHOLE, candidate, bands) == 0


@pytest.mark.parametrize("items", [item_list(40), [line("o  the same")] * 40], ids=["numbered", "equal"])
def test_line_in_periodic_list(items: list[Picture]) -> None:
    head, foot, new = page(3)[:3], page(4)[:3], line("o   a new item nobody has seen")
    reference = stacked(head + items + foot)
    candidate = stacked([*head, *items[:20], new, *items[20:], *foot])
    bands = found(reference, candidate)
    assert changes(bands) == [("inserted-rows", 24)]
    assert wrong(reference, candidate, bands) < 1e-3


def test_line_in_numbered_list_is_found_at_its_place() -> None:
    head, items, new = page(3)[:3], item_list(40), line("o   a new item nobody has seen")
    bands = found(stacked(head + items), stacked([*head, *items[:20], new, *items[20:]]))
    assert bands.stretches[0].bbox[1] == pytest.approx(sum(map(len, head)) + 20 * 24, abs=24)


def test_table_row_removed() -> None:
    rows = page(3)[:2] + table(30)
    reference, candidate = stacked(rows), stacked(rows[:13] + rows[14:])
    bands = found(reference, candidate)
    assert changes(bands) == [("removed-rows", 32)]
    assert wrong(reference, candidate, bands) < 2e-3


def striped(numbers: Sequence[int], first: int = 0) -> Picture:
    """Those lines of a dark list; its stripes, 15 levels apart, lie where they lie, whatever line is on them."""
    rng = np.random.default_rng(0)
    lines = np.split(np.hstack([paragraph(rng, 16, 160)[: 16 * 24] for _ in range(4)]), 16)
    stripes = [24 + 15 * ((first + place) % 2) for place in range(len(numbers))]
    drawn = [np.where(lines[at] == 255, stripe, 255 - lines[at]) for at, stripe in zip(numbers, stripes, strict=True)]
    return stacked(drawn).astype(np.uint8)


@pytest.mark.parametrize("gone", [8, 9, 11])
def test_row_removed_from_a_striped_list(gone: int) -> None:
    """All stripes below are of the other shade."""
    bands = found(striped(range(16)), striped([at for at in range(16) if at != gone]))
    assert changes(bands) == [("removed-rows", 24)]
    assert abs(bands.stretches[0].bbox[1] - 24 * gone) <= 8


def test_stripes_that_change_places_move_no_row() -> None:
    assert find_bands(striped(range(16)), striped(range(16), first=1)) is None


@pytest.mark.parametrize("cut", [False, True], ids=["longer", "same size"])
def test_paragraph_grows_beside_a_fixed_sidebar(cut: bool) -> None:  # noqa: FBT001 - a column of the table
    sections = page(7, 1040)
    grown = stacked([sections[3][:100], blank(18, 1040), sections[3][100:]])
    before, after = stacked(sections), stacked([*sections[:3], grown, *sections[4:]])
    after = after[: len(before)] if cut else after
    side = sidebar(len(after))
    reference, candidate = np.hstack([side[: len(before)], before]), np.hstack([side, after])
    bands = found(reference, candidate)
    assert len(bands.blocks) == 2
    assert wrong(reference, candidate, bands) < 1e-3
    (inner,) = (stretch for stretch in bands.stretches if stretch.bbox[2] > 500)
    assert inner.candidate_bbox[3] == 18
    assert inner.bbox[0] == pytest.approx(240, abs=20)


@pytest.mark.parametrize("width", [1340, 1280])
def test_column_inserted(width: int) -> None:
    reference = stacked(page(8))
    wider = np.hstack([reference[:, :400], np.repeat(reference[:, 400:401], 60, 1), reference[:, 400:]])
    candidate = np.ascontiguousarray(wider[:, :width])
    bands = found(reference, candidate)
    assert bands.axis == 1
    assert changes(bands) == [("inserted-columns", 60)]
    assert wrong(reference, candidate, bands) == 0


def test_grown_and_shrunk_at_the_bottom() -> None:
    shorter = stacked(PAGE[:9])
    grown = found(shorter, WHOLE)
    assert changes(grown) == [("inserted-rows", len(WHOLE) - len(shorter))]
    assert changes(found(WHOLE, shorter)) == [("removed-rows", len(WHOLE) - len(shorter))]
    assert wrong(shorter, WHOLE, grown) == 0


def test_scrolled_at_equal_size() -> None:
    reference, candidate = WHOLE[:900], WHOLE[137:1037]
    bands = found(reference, candidate)
    assert changes(bands) == [("removed-rows", 137)]
    assert wrong(reference, candidate, bands) == 0


def test_what_falls_off_the_bottom_is_not_a_change() -> None:
    reference = WHOLE[:1000]
    candidate = stacked([*PAGE[:2], card(np.random.default_rng(3), 131), *PAGE[2:]])[:1000]
    bands = found(reference, candidate)
    assert changes(bands) == [("inserted-rows", 131)]
    assert wrong(reference, candidate, bands) == 0


def test_large_blanks_and_a_changed_element() -> None:
    pad, banner = blank(400), blank(60, shade=200)
    reference = stacked([PAGE[0], pad, PAGE[1], pad, PAGE[2], pad])
    candidate = stacked([PAGE[0], pad, banner, PAGE[1], pad, PAGE[2], pad])
    candidate[-500:-460, 200:300] = (0, 0, 200)
    bands = found(reference, candidate)
    assert changes(bands) == [("inserted-rows", 60)]
    assert 0 < wrong(reference, candidate, bands) < 0.01


def test_noise_and_specks_do_not_hide_an_insertion() -> None:
    rng = np.random.default_rng(1)
    longer = stacked([WHOLE[:700], blank(50), WHOLE[700:]])
    candidate = np.clip(longer + rng.normal(0, 3, longer.shape), 0, 255).astype(np.uint8)
    for y, x in zip(rng.integers(0, len(candidate), 60), rng.integers(0, 1280, 60), strict=True):
        candidate[y : y + 3, x : x + 3] = 0
    assert changes(found(WHOLE, candidate)) == [("inserted-rows", 50)]


@pytest.mark.parametrize("quality", [95, 60])
def test_compressed_pages_are_still_pages(quality: int) -> None:
    pair = [
        np.asarray(cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1), np.uint8)
        for picture in (WHOLE, stacked([blank(43, shade=90), WHOLE]))
    ]
    assert looks_rendered(pair[0])
    assert looks_rendered(pair[1])
    assert changes(found(pair[0], pair[1])) == [("inserted-rows", 43)]


@st.composite
def edits(draw: st.DrawFn) -> tuple[Picture, Picture, int, str]:
    """A page, another with rows inserted or removed, how many, and which of the two."""
    width = draw(st.integers(300, 500))
    reference = stacked(page(draw(st.integers(0, 50)), width)[:7])
    count, place = draw(st.integers(8, 120)), draw(st.integers(100, len(reference) - 260))
    if draw(st.booleans()):
        new = blank(count, width, shade=draw(st.sampled_from([0, 90, 200])))
        return reference, stacked([reference[:place], new, reference[place:]]), count, "inserted-rows"
    return reference, stacked([reference[:place], reference[place + count :]]), count, "removed-rows"


@settings(derandomize=True, deadline=None, max_examples=25)
@given(edits())
def test_any_insertion_or_removal_is_found_exactly(edit: tuple[Picture, Picture, int, str]) -> None:
    reference, candidate, count, kind = edit
    bands = found(reference, candidate)
    assert changes(bands) == [(kind, count)]
    assert wrong(reference, candidate, bands) == 0
