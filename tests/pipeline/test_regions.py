"""From what nothing explains to the regions of a pair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from diffspot.model import Region, Registration
from diffspot.pipeline.placement import Placement
from diffspot.pipeline.regions import sorted_regions, to_regions
from diffspot.pipeline.segmentation import MIN_WEIGHT
from diffspot.pipeline.verdict.interface import Judged, Tally

if TYPE_CHECKING:
    from diffspot.model import Box

SIZE = (200, 100)


def found(*judged: Judged, **options: Any) -> list[Region]:  # noqa: ANN401
    """Their regions in a picture of SIZE; everything is kept but for what is asked."""
    given = {"min_area": 1, "least": 0, "padding": 0, "to_candidate": lambda box: box, "dropped": Tally()} | options
    return to_regions(judged, SIZE, **given)


def one(box: Box, *, mean: float = 0.5, kind: Any = "content", offset: tuple[int, int] = (0, 0)) -> Judged:  # noqa: ANN401
    """What differs in all of a box."""
    return Judged((box, box[2] * box[3], 2 * mean, mean), kind, offset)


def boxes(*judged: Judged, **options: Any) -> list[Box]:  # noqa: ANN401
    return [region.bbox for region in found(*judged, **options)]


def test_a_region_says_what_was_judged() -> None:
    (region,) = found(Judged(((5, 6, 4, 2), 7, 0.7500001, 0.3000004), "recolored"))
    assert (region.kind, region.bbox, region.candidate_bbox) == ("recolored", (5, 6, 4, 2), (5, 6, 4, 2))
    assert (region.area, region.peak, region.mean) == (7, 0.75, 0.3)


def test_small_and_faint_ones_are_dropped() -> None:
    small, large = one((2, 2, 3, 2)), one((20, 20, 4, 4))  # worth 3 and 8 px of the highest score
    for options, left in (
        ({"min_area": 6}, [small, large]),
        ({"min_area": 7}, [large]),
        ({"min_area": 17}, []),
        ({"least": 3 / MIN_WEIGHT}, [small, large]),
        ({"least": 3.1 / MIN_WEIGHT}, [large]),
        ({"least": 8.1 / MIN_WEIGHT}, []),
    ):
        found_boxes = sorted(boxes(small, large, **options))
        assert found_boxes == [judged.box for judged in left], options


def test_what_is_dropped_is_counted_with_its_reason() -> None:
    dropped = Tally()
    found(one((2, 2, 3, 2)), one((9, 9, 2, 2)), one((20, 20, 4, 4)), min_area=5, least=4 / MIN_WEIGHT, dropped=dropped)
    told = [(entry.cause, entry.pixels, entry.places, entry.largest) for entry in dropped.forgiven()]
    assert told == [("noise", 6, 1, (2, 2, 3, 2)), ("small", 4, 1, (9, 9, 2, 2))]


def test_of_a_picture_smaller_than_the_least_area_all_may_differ() -> None:
    regions = to_regions([one((0, 0, 2, 3))], (2, 3), lambda box: box, min_area=50, least=0, padding=0, dropped=Tally())
    assert [region.bbox for region in regions] == [(0, 0, 2, 3)]


def test_padding_stops_at_the_edge() -> None:
    width, height = SIZE
    corners = one((2, 10, 4, 4)), one((width - 3, height - 3, 3, 3))
    assert boxes(*corners, padding=5) == [(0, 5, 11, 14), (width - 8, height - 8, 8, 8)]


def test_the_padded_box_is_carried_to_the_candidate() -> None:
    (region,) = found(one((10, 12, 4, 4)), padding=1, to_candidate=lambda box: (box[0] + 7, *box[1:]))
    assert (region.bbox, region.candidate_bbox) == ((9, 11, 6, 6), (16, 11, 6, 6))


def test_what_moved_lies_elsewhere_in_the_candidate_and_never_outside_it() -> None:
    for offset, place in (((3, -2), (13, 10)), ((-30, 0), (0, 12)), ((900, 900), (SIZE[0] - 4, SIZE[1] - 5))):
        (region,) = found(one((10, 12, 4, 5), kind="moved", offset=offset))
        assert (region.kind, region.bbox) == ("moved", (10, 12, 4, 5))
        assert region.candidate_bbox == (*place, 4, 5)
    (region,) = found(one((10, 12, 4, 5), offset=(3, 2)), to_candidate=lambda box: (box[0] + 100, *box[1:]))
    assert region.candidate_bbox == (113, 14, 4, 5)


def test_regions_come_by_y_then_x() -> None:
    placed = [one(box) for box in ((30, 4, 3, 3), (2, 5, 3, 3), (15, 4, 3, 9), (15, 4, 5, 3), (1, 30, 2, 2))]
    ordered = [region.bbox for region in sorted_regions(found(*placed))]
    assert ordered == [(15, 4, 5, 3), (15, 4, 3, 9), (30, 4, 3, 3), (2, 5, 3, 3), (1, 30, 2, 2)]


def test_a_box_in_another_is_part_of_it() -> None:
    outer, inner, beside = one((10, 10, 40, 30), mean=0.2), one((20, 12, 10, 5), mean=0.4), one((49, 39, 4, 4))
    for kind in ("content", "recolored"):
        for judged in ([outer, inner, beside], [beside, inner, outer]):
            whole, other = sorted_regions(found(*(each._replace(kind=kind) for each in judged)))
            assert (whole.bbox, whole.kind, whole.area, whole.peak) == ((10, 10, 40, 30), kind, 1250, 0.8)
            assert (whole.mean, other.bbox) == (round((1200 * 0.2 + 50 * 0.4) / 1250, 6), (49, 39, 4, 4))
    (whole,) = found(outer._replace(kind="recolored"), inner)
    assert whole.kind == "content"


def stretch(kind: Any, bbox: Box, candidate_bbox: Box) -> Region:  # noqa: ANN401
    """Rows or columns that only one picture has."""
    area = max(box[2] * box[3] for box in (bbox, candidate_bbox))
    return Region(kind=kind, bbox=bbox, candidate_bbox=candidate_bbox, area=area, peak=1.0, mean=1.0)


def test_of_rows_the_height_is_held_to_the_largest_box_and_of_columns_the_width() -> None:
    rows = stretch("inserted-rows", (0, 50, 200, 1), (0, 50, 200, 30))  # 30 % of the height, 6000 px
    columns = stretch("removed-columns", (20, 0, 30, 100), (20, 0, 1, 100))  # 15 % of the width, 3000 px
    picture = np.zeros((*SIZE[::-1], 1), np.uint8)
    placed = Placement(
        picture, picture[..., 0] == 0, Registration(), lambda box: box, lambda mask: mask, shifts=(rows, columns)
    )
    for most, min_area, kept, long in (
        ("none", 1, (rows, columns), 0),
        ("30%", 1, (rows, columns), 0),
        ("29%", 1, (columns,), 1),
        ("14%", 1, (), 2),
        ("none", 3001, (rows,), 0),
        ("none", 6001, (), 0),
        ("29%", 3001, (), 1),
    ):
        limited, too_long = placed.limited(min_area, most)
        assert (limited.shifts, too_long) == (kept, long), (most, min_area)
