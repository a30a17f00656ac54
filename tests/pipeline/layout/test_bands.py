"""What bands say about places: where a bbox went, and which stretches only one picture has."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffspot.pipeline.layout import Band, Bands, Block

ROWS = Bands(0, (Block(0, 50, (Band(0, 40, 0), Band(40, 100, 15))),), (100, 50), (115, 50))
COLUMNS = Bands(1, (Block(0, 50, (Band(0, 40, 0), Band(60, 100, -20))),), (50, 100), (50, 80))
HALVES = Bands(0, (Block(0, 20, (Band(0, 100, 0),)), Block(20, 50, (Band(0, 90, 10),))), (100, 50), (100, 50))


@pytest.mark.parametrize(
    ("bands", "bbox", "expected"),
    [
        (ROWS, (3, 10, 5, 20), (3, 10, 5, 20)),
        (ROWS, (3, 50, 5, 20), (3, 65, 5, 20)),
        (ROWS, (3, 30, 5, 20), (3, 30, 5, 35)),
        (COLUMNS, (70, 3, 10, 5), (50, 3, 10, 5)),
        (COLUMNS, (42, 3, 4, 5), (39, 3, 1, 5)),
        (HALVES, (2, 50, 10, 10), (2, 50, 10, 10)),
        (HALVES, (30, 50, 10, 10), (30, 60, 10, 10)),
    ],
    ids=["above", "below", "across", "columns", "removed", "still block", "moved block"],
)
def test_to_candidate(bands: Bands, bbox: tuple[int, ...], expected: tuple[int, ...]) -> None:
    x, y, w, h = bbox
    assert bands.to_candidate((x, y, w, h)) == expected


@pytest.mark.parametrize(
    ("bands", "expected"),
    [
        (ROWS, [("inserted-rows", (0, 40, 50, 1), (0, 40, 50, 15))]),
        (COLUMNS, [("removed-columns", (40, 0, 20, 50), (40, 0, 1, 50))]),
        (HALVES, [("inserted-rows", (20, 0, 30, 1), (20, 0, 30, 10))]),
    ],
    ids=["rows", "columns", "halves"],
)
def test_stretches(bands: Bands, expected: list[tuple[str, tuple[int, ...], tuple[int, ...]]]) -> None:
    assert [(s.kind, s.bbox, s.candidate_bbox) for s in bands.stretches] == expected


@st.composite
def chains(draw: st.DrawFn) -> Bands:
    """Bands of rows with removed and inserted rows between them."""
    line = place = 0
    bands = []
    for length, removed, inserted in draw(
        st.lists(st.tuples(st.integers(1, 40), *[st.integers(0, 20)] * 2), min_size=1)
    ):
        line, place = line + removed, place + inserted
        bands.append(Band(line, line + length, place - line))
        line, place = line + length, place + length
    return Bands(0, (Block(0, 30, tuple(bands)),), (line, 30), (place, 30))


@settings(derandomize=True, deadline=None, max_examples=50)
@given(chains())
def test_each_band_goes_where_its_offset_says(bands: Bands) -> None:
    for band in bands.blocks[0].bands:
        assert bands.to_candidate((0, band.start, 30, band.stop - band.start)) == (
            0,
            band.start + band.offset,
            30,
            band.stop - band.start,
        )


@settings(derandomize=True, deadline=None, max_examples=50)
@given(chains())
def test_bands_and_stretches_together_are_both_pictures(bands: Bands) -> None:
    kept = sum(band.stop - band.start for band in bands.blocks[0].bands)
    gone = sum(s.bbox[3] for s in bands.stretches if s.kind == "removed-rows")
    new = sum(s.candidate_bbox[3] for s in bands.stretches if s.kind == "inserted-rows")
    if bands.reference_size != bands.candidate_size:
        assert (kept + gone, kept + new) == (bands.reference_size[0], bands.candidate_size[0])
