"""What is forgiven of rendered pages: all that differs and is in no region, and nothing that is ignored."""

from __future__ import annotations

import numpy as np

from diffspot import compare
from tests.pipeline.verdict.drawing import (
    assert_same,
    both_ways,
    drawn,
    edited,
    forgiven,
    in_regions,
    pasted,
    role,
    shop,
    words,
)
from tests.pipeline.verdict.shop import page, place_of, sheet, table


def test_ignored_areas_hold_neither_regions_nor_what_is_forgiven() -> None:
    again = drawn(page(), rasteriser="unhinted")
    x, y, w, h = place_of(role("heading", 0, page()), text="")
    heading = (x - 4, y - 4, w + 8, h + 8)
    candidate = pasted(pasted(sheet(), again, heading), drawn(shop(3)), (200, 300, 300, 30))
    assert forgiven(compare(sheet(), candidate)).get("rendering", 0) > 0
    for result in both_ways(sheet(), candidate, ignore=[heading]):
        assert result.status == "different"
        assert "rendering" not in forgiven(result)
        assert all(region.bbox[1] >= 290 for region in result.regions)
    for result in both_ways(sheet(), candidate, ignore=[(200, 300, 300, 30)]):
        assert_same(result)
        assert set(forgiven(result)) <= {"rendering", "noise"}
    for result in both_ways(sheet(), candidate, ignore=[heading, (200, 300, 300, 30)]):
        assert (result.status, result.forgiven) == ("same", ())


def test_nothing_is_forgiven_of_an_untouched_pair() -> None:
    for picture in (sheet(), table(), words()):
        result = compare(picture, picture.copy())
        assert (result.status, result.regions, result.forgiven) == ("same", (), ())


def test_what_is_forgiven_and_what_is_found_is_all_that_differs() -> None:
    """But for differences of one level, which rounding leaves and nobody sees: they are forgiven or not told at all."""
    again = drawn(page(), rasteriser="unhinted")
    x, y, w, h = place_of(role("heading", 0, page()), text="")
    candidate = pasted(sheet(), again, (x - 4, y - 4, w + 8, h + 8))
    for picture in (candidate, drawn(edited(page(), role("price"), text="$88.88"))):
        levels = np.abs(sheet().astype(int) - picture).max(axis=2)
        for result in both_ways(sheet(), picture):
            explained = sum(one.pixels for one in result.forgiven)
            assert np.count_nonzero((levels > 1) & ~in_regions(result)) <= explained <= np.count_nonzero(levels)
            assert all(one.pixels >= one.places >= 1 for one in result.forgiven)
