"""What moved as a whole is told: what, from where to where, and whether that counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import cv2
import numpy as np
import pytest

from benchmarks.scenes.photo import load_photo
from diffspot import compare
from diffspot.backends import get_backend
from diffspot.model import IDENTITY, Region, Registration
from diffspot.pipeline.ignored import exclude_ignored
from diffspot.pipeline.movement import with_movement
from diffspot.pipeline.placement import place
from diffspot.pipeline.preparation import CommonForm
from tests.pipeline.verdict.drawing import both_ways, drawn, shop, told
from tests.sweep import sweep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Forgiven, Matrix

    Picture = NDArray[Any]
    Most = Literal["auto", "any"] | float

NUMPY = get_backend("numpy")
SIZE = (100, 80)
CONTENT = Region(bbox=(5, 5, 9, 9), candidate_bbox=(5, 5, 9, 9), area=81, peak=0.5, mean=0.5)


def shifted(dx: float, dy: float) -> Matrix:
    return ((1.0, 0.0, dx), (0.0, 1.0, dy), (0.0, 0.0, 1.0))


def told_of(
    matrix: Matrix,
    most: Most,
    *,
    rendered: bool = False,
    pictures: tuple[Picture, Picture] | None = None,
    method: str = "translation",
    ignored: NDArray[np.bool_] | None = None,
) -> tuple[list[Region], tuple[Forgiven, ...], tuple[str, ...]]:
    """What is told of a candidate that lies by this matrix over a reference of 100 x 80 px."""
    reference, candidate = pictures or (np.zeros((80, 100, 1), np.uint8), np.zeros((80, 100, 1), np.uint8))
    placement = place(candidate, Registration(method=method, matrix=matrix), reference.shape[:2], NUMPY)
    pair = CommonForm(reference, candidate, (), 1 / 255)
    placement = exclude_ignored(placement, ignored, NUMPY)
    movement = with_movement([CONTENT], pair, placement, most=most, rendered=rendered, least_confidence=0)
    return movement.regions, movement.forgiven, movement.notes


def square(x: int, y: int, side: int = 20) -> Picture:
    """A dark square on a light ground."""
    picture = np.full((80, 100, 3), 240, np.uint8)
    picture[y : y + side, x : x + side] = (20, 60, 90)
    return picture


@pytest.mark.parametrize(
    ("matrix", "most", "beyond"),
    [
        (shifted(3, 4), 5.0, False),
        (shifted(3, 4), 4.99, True),
        (shifted(40, 4), "any", False),
        (IDENTITY, 0.0, False),
        # The far corner (99, 79) moves most, by 0.01 of hypot(99, 79) = 126.66 px.
        (((1.01, 0.0, 0.0), (0.0, 1.01, 0.0), (0.0, 0.0, 1.0)), 1.26, True),
        (((1.01, 0.0, 0.0), (0.0, 1.01, 0.0), (0.0, 0.0, 1.0)), 1.27, False),
        # (99, 79) goes to (99, 79) / 1.099, by 126.66 * 0.0901 = 11.41 px.
        (((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.001, 0.0, 1.0)), 11.4, True),
        (((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.001, 0.0, 1.0)), 11.42, False),
    ],
)
def test_movement_beyond_the_limit(
    matrix: Matrix,
    most: Most,
    beyond: bool,  # noqa: FBT001 - a column of the table
) -> None:
    regions, forgiven, notes = told_of(matrix, most)
    assert regions[0] == CONTENT
    assert len(regions) == 1 + beyond
    assert (forgiven, notes) == ((), ())


def test_a_photo_that_moved_too_far_is_one_region() -> None:
    whole = load_photo("coffee", 360, 280)
    reference, candidate = whole[20:260, 20:340], whole[12:252, 14:334]
    for most, regions in (("auto", []), ("any", []), (10.01, []), (9.99, [("moved", (0, 0, 320, 240))])):
        result = compare(reference, candidate, align="translation", max_shift=most)
        assert told(result) == regions, most
        if regions:
            (region,) = result.regions
            assert (region.candidate_bbox, region.area) == ((6, 8, 314, 232), 320 * 240)
            assert (region.peak, region.mean) == (1, 1)


def test_auto_lets_photos_move_and_rendered_pictures_by_a_px() -> None:
    pair = square(20, 20), square(26, 28)
    for rendered, by, moved in (
        (False, (-6, -8), False),
        (True, (-6, -8), True),
        (True, (-1, 0), False),
        (True, (-1, -1), True),
        (True, (-6.5, -8), False),  # resampled: no whole px
    ):
        regions, forgiven, notes = told_of(shifted(*by), "auto", rendered=rendered, pictures=pair)
        assert ([region.kind for region in regions] == ["content", "moved"]) == moved
        whole = rendered and all(float(side).is_integer() for side in by)
        assert notes == ((f"candidate: moved by ({-by[0]}, {-by[1]}) px",) if whole else ())
        assert bool(forgiven) == (rendered and not moved)


def test_what_moved_is_boxed_where_it_was_and_where_it_is() -> None:
    pair = square(10, 10), square(50, 35)
    regions, forgiven, _ = told_of(shifted(-40, -25), "auto", rendered=True, pictures=pair)
    moved = [(region.kind, region.bbox, region.candidate_bbox) for region in regions[1:]]
    assert moved == [("moved", (10, 10, 20, 20), (50, 35, 20, 20)), ("moved", (50, 35, 20, 20), (50, 35, 20, 20))]
    assert forgiven == ()
    regions, _, _ = told_of(shifted(-6, 0), "auto", rendered=True, pictures=(square(10, 10), square(16, 10)))
    assert [region.bbox for region in regions[1:]] == [(10, 10, 26, 20)]


def test_what_is_forgiven_counts_the_pixels_that_differ() -> None:
    regions, (forgiven,), notes = told_of(
        shifted(-1, 0), "auto", rendered=True, pictures=(square(10, 10), square(11, 10))
    )
    assert regions == [CONTENT]
    assert (forgiven.cause, forgiven.pixels, forgiven.places) == ("movement", 40, 1)
    assert forgiven.largest == (0, 0, *SIZE)
    assert notes == ("candidate: moved by (1, 0) px",)


def test_what_is_ignored_did_not_move() -> None:
    ignored = np.zeros((80, 100), np.bool_)
    ignored[:35] = True
    pair = square(10, 10), square(16, 10)
    both = [picture.copy() for picture in pair]
    for picture, x in zip(both, (60, 66), strict=True):
        picture[50:70, x : x + 20] = (20, 60, 90)
    regions, _, _ = told_of(shifted(-6, 0), "auto", rendered=True, pictures=(both[0], both[1]))
    assert [region.bbox for region in regions[1:]] == [(10, 10, 26, 20), (60, 50, 26, 20)]
    regions, _, _ = told_of(shifted(-6, 0), "auto", rendered=True, pictures=(both[0], both[1]), ignored=ignored)
    assert [region.bbox for region in regions[1:]] == [(60, 50, 26, 20)]
    # What moved out of the ignored area is not told of either: it is the same thing.
    out = square(10, 10), square(10, 40)
    regions, _, _ = told_of(shifted(0, -30), "auto", rendered=True, pictures=out, ignored=ignored)
    assert regions[1:] == []
    one_px = square(10, 10), square(11, 10)
    ignored = np.zeros((80, 100), np.bool_)
    ignored[:15] = True
    _, (forgiven,), _ = told_of(shifted(-1, 0), "auto", rendered=True, pictures=one_px, ignored=ignored)
    assert forgiven.pixels == 2 * 15


def test_a_picture_that_has_little_in_common_is_one_region() -> None:
    pictures = np.zeros((80, 100, 1), np.uint8), np.zeros((30, 60, 1), np.uint8)
    regions, forgiven, (note,) = told_of(IDENTITY, "any", pictures=pictures, method="none")
    assert [(region.kind, region.bbox) for region in regions] == [("moved", (0, 0, *SIZE))]
    assert forgiven == ()
    assert "could not be lined up" in note


@pytest.mark.parametrize("by", sweep([(6, 0), (0, 9), (-7, 5), (150, 40)]), ids=str)
def test_a_thing_that_moved_on_a_plain_ground_is_told(by: tuple[int, int]) -> None:
    def ground(x: int, y: int) -> Picture:
        picture = np.full((240, 400, 3), 250, np.uint8)
        picture[y : y + 40, x : x + 120] = (28, 110, 164)
        picture[y + 10 : y + 30, x + 12 : x + 100] = drawn(shop())[164:184, 46:134]
        return picture

    reference, candidate = ground(60, 80), ground(60 + by[0], 80 + by[1])
    for result in both_ways(reference, candidate):
        assert result.status == "different"
        assert {region.kind for region in result.regions} == {"moved"}
    for result in both_ways(reference, candidate, max_shift="any"):
        if result.registration.method != "none":
            assert (result.status, [one.cause for one in result.forgiven][-1]) == ("same", "movement")


def test_of_a_page_that_was_scaled_movement_is_all_of_it_and_no_px_counts_twice() -> None:
    page = drawn(shop())
    half = cv2.resize(page, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    (whole,) = (entry for entry in compare(page, half).forgiven if entry.cause == "movement")
    assert whole.pixels == page.shape[0] * page.shape[1]
