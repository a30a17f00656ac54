"""Strips of a page that one rasteriser drew: where they meet, and that blanks do not tear them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from diffspot import compare
from diffspot.pipeline.layout.bands import Band, Bands, Block
from diffspot.pipeline.layout.strips import with_best_strips
from tests.pipeline.layout.pages import line, lines_of_text, sidebar, stacked

if TYPE_CHECKING:
    from tests.pipeline.layout.pages import Picture

STILL, GROWN = (Band(0, 400, 0),), (Band(0, 200, 0), Band(200, 400, 20))
ROWS = 20


def planes(moved_from: int) -> list[Picture]:
    """Two planes of dots, (400, 600) and (420, 600): from a column on what lies below line 200 went 20 px down."""
    rng = np.random.default_rng(2)
    reference = np.where(rng.random((400, 600)) < 0.1, 0, 255).astype(np.uint8)
    candidate = np.full((420, 600), 255, np.uint8)
    candidate[:400, :moved_from] = reference[:, :moved_from]
    candidate[:200, moved_from:] = reference[:200, moved_from:]
    candidate[220:, moved_from:] = reference[200:, moved_from:]
    return [reference, candidate]


def strips(*blocks: Block) -> Bands:
    return Bands(0, blocks, (400, 600), (420, 600))


def edges(bands: Bands) -> list[tuple[int, int]]:
    return [(block.start, block.stop) for block in bands.blocks]


def test_strips_meet_where_what_moved_begins() -> None:
    found = with_best_strips(strips(Block(0, 280, STILL), Block(280, 600, GROWN)), *planes(moved_from=301))
    assert edges(found) == [(0, 301), (301, 600)]
    assert [block.bands for block in found.blocks] == [STILL, GROWN]


def test_strips_meet_where_they_met_in_a_blank() -> None:
    reference, candidate = planes(moved_from=301)
    reference[:, 250:350], candidate[:, 250:350] = 255, 255
    found = with_best_strips(strips(Block(0, 280, STILL), Block(280, 600, GROWN)), reference, candidate)
    assert edges(found) == [(0, 280), (280, 600)]


def test_a_strip_that_moved_like_its_neighbours_is_theirs() -> None:
    torn = strips(Block(0, 200, GROWN), Block(200, 400, STILL), Block(400, 600, GROWN))
    assert edges(with_best_strips(torn, *planes(moved_from=0))) == [(0, 600)]


def listing(height: int) -> Picture:
    """Rows with a name, a blank and a date, each so many px high and with a faint line below."""
    names, dates = lines_of_text(ROWS, seed=4), lines_of_text(ROWS, seed=5)
    rows = []
    for name, date in zip(names, dates, strict=True):
        row = line("", height=height)
        row[:24, :300], row[:24, 1080:] = name[:, :300], date[:, :200]
        row[-1] = 235
        rows.append(row)
    return stacked(rows)


def test_rows_that_grew_are_told_over_their_blank() -> None:
    reference, candidate = listing(28), listing(30)
    result = compare(reference, candidate[: len(reference)])
    assert {region.kind for region in result.regions} == {"inserted-rows"}
    assert {region.bbox[2] for region in result.regions} == {1280}


def test_a_bar_beside_rows_that_grew_stays() -> None:
    reference, candidate = listing(28), listing(30)[: 28 * ROWS]
    for picture in (reference, candidate):
        picture[:, :240] = sidebar(len(picture))
    result = compare(reference, candidate)
    assert {region.kind for region in result.regions} == {"inserted-rows"}
    assert min(region.bbox[0] for region in result.regions) >= 110  # where its words end
