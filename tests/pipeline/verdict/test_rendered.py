"""Rendered pages in both directions: what changed is found where it is, and what was drawn anew is clean."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from benchmarks.scenes.page import PRODUCTS, WHITE, Shape, Text
from diffspot import compare
from tests.pipeline.verdict.drawing import (
    PRICES,
    RASTERISERS,
    assert_found,
    assert_same,
    both_ways,
    differing,
    drawn,
    edited,
    forgiven,
    in_regions,
    pasted,
    price_table,
    role,
    shop,
    told,
    with_more,
    within,
    without,
    words,
)
from tests.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.scenes.page import Page
    from diffspot import PairResult
    from diffspot.model import Box
    from tests.pipeline.verdict.drawing import Picture


@cache
def page() -> Page:
    return shop()


@cache
def sheet() -> Picture:
    return drawn(page())


@cache
def table() -> Picture:
    return drawn(price_table())


def place_of(which: Callable[[Any], bool], **fields: Any) -> Box:  # noqa: ANN401
    """Where the page differs if those elements have other fields."""
    return differing(sheet(), drawn(edited(page(), which, **fields)))


def lighter(by: int) -> Callable[[Any], tuple[int, ...]]:
    return lambda each: tuple(min(level + by, 255) for level in each.colour)


def moved(which: Callable[[Any], bool], x: int, y: int, of: Page) -> Picture:
    return drawn(edited(of, which, x=lambda each: each.x + x, y=lambda each: each.y + y))


def card(nth: int = 1) -> Shape:
    return [each for each in page().elements if isinstance(each, Shape) and each.h == 118][nth]


def button() -> Shape:
    return next(each for each in page().elements if isinstance(each, Shape) and each.h == 32)


def inside(frame: Shape) -> Callable[[Any], bool]:
    return lambda each: frame.x <= each.x < frame.x + frame.w and frame.y <= each.y < frame.y + frame.h


def around(frame: Shape, x: int, y: int) -> Box:
    """The place of a shape, and where it lies (x, y) px further on."""
    return frame.x, frame.y, frame.w + x, frame.h + y


def seen_share(result: PairResult, reference: Picture, candidate: Picture, rows: slice) -> float:
    """Share of the pixels that differ in some rows that lie in a region."""
    apart = (reference != candidate).any(axis=2)[rows]
    return float(in_regions(result)[rows][apart].mean())


def assert_seen(result: PairResult, candidate: Picture) -> None:
    assert seen_share(result, sheet(), candidate, np.s_[:]) > 0.9


def assert_within(result: PairResult, box: Box) -> None:
    assert all(within(region.bbox, box) for region in result.regions), (told(result), box)


@cache
def raised_boxes() -> list[Box]:
    """Where each price differs if it is a cent higher, its last digit alone."""
    dear, boxes = drawn(price_table(range(PRICES))), []
    for at in range(PRICES):
        row, column = divmod(at, 4)
        x, y = 20 + 150 * column, 9 + 22 * row  # in its cell of 150 x 22 px
        left, top, w, h = differing(*(picture[y : y + 22, x : x + 150] for picture in (table(), dear)))
        boxes.append((x + left, y + top, w, h))
    assert boxes[77] == differing(table(), drawn(price_table([77])))
    return boxes


@pytest.mark.parametrize("count", sweep([20, 1, 2, 40, 80, PRICES]))
def test_prices_a_cent_higher(count: int) -> None:
    """However many changed: what one of them explains does not raise what is forgiven of the others."""
    raised = range(0, PRICES, PRICES // count)
    boxes = [raised_boxes()[at] for at in raised]
    for result in both_ways(table(), drawn(price_table(raised))):
        assert result.tolerance == 0
        assert_found(result, *boxes)
        assert len(result.regions) == count
        assert "rendering" not in forgiven(result)


def test_a_change_leaves_others_as_they_are() -> None:
    """What a pair says of one place is the same whatever else changed."""
    alone = told(compare(table(), drawn(price_table([77]))))
    for others in ([3], range(0, PRICES, 7), range(PRICES)):
        assert set(alone) <= set(told(compare(table(), drawn(price_table({77, *others})))))


@pytest.mark.parametrize("rasteriser", ["unhinted", "aside"])
def test_a_heading_drawn_anew(rasteriser: str) -> None:
    again = drawn(page(), rasteriser=rasteriser)
    box = place_of(role("heading", 0, page()), text="")
    candidate = pasted(sheet(), again, (box[0] - 4, box[1] - 4, box[2] + 8, box[3] + 8))
    for result in both_ways(sheet(), candidate):
        assert_same(result)
        assert result.tolerance == 0
        (rendering,) = [one for one in result.forgiven if one.cause == "rendering"]
        x, y, w, h = rendering.largest
        assert x >= box[0] - 4
        assert x + w <= box[0] + box[2] + 4
        assert box[1] - 4 <= y <= y + h <= box[1] + box[3] + 4


@pytest.mark.xfail(
    reason="Few places are redrawn only where nearly all that differs is: a price more, and it is boxed."
)
def test_a_price_that_changed_does_not_box_a_heading_drawn_anew() -> None:
    heading = next(each for each in page().elements if each.text == "From the journal")
    rows = (0, heading.y - 2, 640, 28)
    candidate = pasted(sheet(), drawn(page(), rasteriser="unhinted"), rows)
    for result in both_ways(sheet(), candidate):
        assert_same(result)
    price = drawn(edited(page(), role("price", 1, page()), text="$88.25"))
    for result in both_ways(sheet(), pasted(price, candidate, rows)):
        assert_found(result, differing(sheet(), price))


@pytest.mark.parametrize("rasteriser", RASTERISERS)
def test_a_page_drawn_anew(rasteriser: str) -> None:
    for result in both_ways(sheet(), drawn(page(), rasteriser=rasteriser)):
        assert_same(result)
        assert forgiven(result)["rendering"] > 1000


@pytest.mark.slow
@pytest.mark.parametrize(
    "rasteriser",
    [
        pytest.param(name, marks=pytest.mark.xfail(reason="A 5 that became a 6 has no stroke that is not near one."))
        for name in RASTERISERS
    ],
)
def test_one_digit_on_a_table_drawn_anew(rasteriser: str) -> None:
    box = differing(table(), drawn(price_table([77])))
    for result in both_ways(table(), drawn(price_table([77]), rasteriser=rasteriser)):
        assert_found(result, box)


@pytest.mark.slow
@pytest.mark.parametrize(
    "rasteriser", ["unhinted", *(pytest.param(name, marks=pytest.mark.slow) for name in RASTERISERS[1:])]
)
def test_other_digits_on_a_table_drawn_anew(rasteriser: str) -> None:
    for raised in (13, 100):
        box = differing(table(), drawn(price_table([raised])))
        for result in both_ways(table(), drawn(price_table([raised]), rasteriser=rasteriser)):
            assert result.registration.method == "none"
            assert_found(result, box)
            assert len(result.regions) == 1
    for result in both_ways(table(), drawn(price_table(), rasteriser=rasteriser)):
        assert_same(result)


def aside(raised: tuple[int, ...] = ()) -> Picture:
    """The table as another hinting draws it: a fifth of its rows 3 px aside."""
    further = edited(
        price_table(raised),
        lambda each: isinstance(each, Text) and round(each.y) // 22 % 5 == 0,
        x=lambda each: each.x + 3,
    )
    return drawn(further, rasteriser="aside")


@pytest.mark.slow
def test_words_that_another_hinting_moved_aside() -> None:
    for result in both_ways(table(), aside()):
        assert_same(result)
        assert forgiven(result)["rendering"] > 1000
    box = differing(table(), drawn(price_table((13,))))
    for result in both_ways(table(), aside((13,))):
        (region,) = result.regions
        assert within(region.bbox, box)


def test_boxes_and_badges_on_a_page_drawn_anew() -> None:
    badge = Shape(500, 110, 60, 20, 9, (206, 52, 60))
    wider = edited(page(), lambda each: each is button(), w=lambda each: each.w + 4)
    cards = edited(page(), lambda each: isinstance(each, Shape) and each.h == card().h, colour=(230, 240, 220))
    again = drawn(page(), rasteriser="unhinted")
    for changed in (with_more(page(), badge), wider, cards):
        candidate = drawn(changed, rasteriser="unhinted")
        for result in both_ways(sheet(), candidate):
            assert_found(result, differing(again, candidate))


@pytest.mark.parametrize("by", sweep([(1, 0), (0, 1), (2, 0), (0, 2), (3, 5), (40, 0)], keep=2), ids=str)
def test_a_card_or_a_button_that_moved(by: tuple[int, int]) -> None:
    for frame in (card(), button()):
        candidate = moved(inside(frame), *by, page())
        for result in both_ways(sheet(), candidate):
            assert_seen(result, candidate)
            assert_within(result, around(frame, *by))
            assert max(by) > 1 or "moved" in {region.kind for region in result.regions}


@pytest.mark.xfail(reason="Only movement by a px is told.")
@pytest.mark.parametrize("by", sweep([(2, 0), (0, 2), (3, 5), (40, 0), (400, 0)], keep=2), ids=str)
def test_what_moved_further_is_one_region(by: tuple[int, int]) -> None:
    for result in both_ways(sheet(), moved(inside(button()), *by, page())):
        assert [region.kind for region in result.regions] == ["moved"]


def test_moved_by_a_px_says_where_to() -> None:
    for by in ((1, 0), (0, 1)):
        for result, sign in zip(both_ways(sheet(), moved(inside(button()), *by, page())), (1, -1), strict=True):
            (region,) = result.regions
            x, y, w, h = region.bbox
            assert (region.kind, region.candidate_bbox) == ("moved", (x + sign * by[0], y + sign * by[1], w, h))


def test_a_button_across_the_page() -> None:
    here = button()
    there = here.x + 400, here.y, here.w, here.h
    for result in both_ways(sheet(), moved(inside(here), 400, 0, page())):
        assert_found(result, (here.x, here.y, here.w, here.h), there)
        assert {region.kind for region in result.regions} <= {"moved", "added", "removed"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "by",
    [
        (1, 0),
        pytest.param((0, 1), marks=pytest.mark.xfail(reason="Rows of letters a px lower pass for another hinting.")),
        pytest.param((2, 0), marks=pytest.mark.slow),
        pytest.param((0, 2), marks=pytest.mark.slow),
        pytest.param((3, 1), marks=pytest.mark.xfail(reason="Columns are moved aside, and a px down with them.")),
    ],
    ids=str,
)
def test_a_column_that_moved(by: tuple[int, int]) -> None:
    def column(each: Any) -> bool:  # noqa: ANN401
        return bool(310 <= each.x < 460)

    candidate = moved(column, *by, price_table())
    for result in both_ways(table(), candidate):
        x, y, w, h = differing(table(), candidate)
        assert_within(result, (x, y, w, h))
        for top in range(0, 880, 22):
            rows = np.s_[top : top + 22]
            assert seen_share(result, table(), candidate, rows) > 0.5, top


def test_text_of_another_colour() -> None:
    for which in (role("heading", 0, page()), role("price", 1, page()), role("label", 0, page())):
        for levels in (16, 40):
            box = place_of(which, colour=lighter(levels))
            for result in both_ways(sheet(), drawn(edited(page(), which, colour=lighter(levels)))):
                assert_found(result, box, kind="recolored")
                assert len(result.regions) == 1


def test_all_text_of_another_colour() -> None:
    for result in both_ways(sheet(), drawn(edited(page(), role("word"), colour=lighter(16)))):
        assert result.status == "different"
        assert {region.kind for region in result.regions} == {"recolored"}
        assert "rendering" not in forgiven(result)


@pytest.mark.parametrize(
    "style",
    sweep([{"bold": 0.25}, {"bold": 0.5}, {"slant": 0.2}, {"spacing": 0.2}, {"spacing": 0.5}, {"spacing": 1}]),
    ids=str,
)
def test_a_line_of_another_style(style: dict[str, float]) -> None:
    for size in (12, 14, 18):
        reference, candidate = words(size), words(size, **style)
        for result in both_ways(reference, candidate):
            assert_found(result, differing(reference, candidate))


def test_what_is_gone_and_what_is_new() -> None:
    badge = Shape(500, 110, 60, 20, 9, (206, 52, 60)), Text(508, 112, "New", 11, WHITE, "label")
    pages = {
        "heading": without(page(), role("heading", 0, page())),
        "price": without(page(), role("price", 1, page())),
        "icon": without(page(), role("icon", 1, page())),
    }
    for shorter in pages.values():
        gone, new = both_ways(sheet(), drawn(shorter))
        for result, kind in ((gone, "removed"), (new, "added")):
            assert_found(result, differing(sheet(), drawn(shorter)), kind=kind)
            assert len(result.regions) == 1
    candidate = drawn(with_more(page(), *badge))
    for result, kind in zip(both_ways(sheet(), candidate), ("added", "removed"), strict=True):
        assert_found(result, differing(sheet(), candidate), kind=kind)


def test_one_colour_is_nothing_only_where_it_lies_around(rng: np.random.Generator) -> None:
    plain = np.full((90, 120, 3), 250, np.uint8)
    block = plain.copy()
    block[30:50, 40:80] = (60, 90, 200)
    assert [told(result) for result in both_ways(plain, block)] == [
        [(kind, (40, 30, 40, 20))] for kind in ("added", "removed")
    ]
    photo = rng.integers(60, 200, plain.shape).astype(np.uint8)
    painted = photo.copy()
    painted[30:50, 40:80] = 230
    for result in both_ways(photo, painted):
        ((kind, box),) = told(result)
        assert box == (40, 30, 40, 20)
        assert kind not in {"added", "removed"}


def test_another_word_of_the_same_length() -> None:
    labels = [each for each in page().elements if isinstance(each, Text) and each.text in PRODUCTS]
    for which in labels:
        for other in ("Pruning saw", "Hand trowel"):
            if other == which.text:
                continue
            candidate = drawn(edited(page(), lambda each, own=which: each is own, text=other))
            for result in both_ways(sheet(), candidate):
                assert_found(result, differing(sheet(), candidate))
                assert "rendering" not in forgiven(result)


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
    """But for differences of one level, which rounding leaves and nobody sees."""
    again = drawn(page(), rasteriser="unhinted")
    x, y, w, h = place_of(role("heading", 0, page()), text="")
    candidate = pasted(sheet(), again, (x - 4, y - 4, w + 8, h + 8))
    for picture in (candidate, drawn(edited(page(), role("price"), text="$88.88"))):
        levels = np.abs(sheet().astype(int) - picture).max(axis=2)
        for result in both_ways(sheet(), picture):
            explained = sum(one.pixels for one in result.forgiven)
            assert np.count_nonzero((levels > 1) & ~in_regions(result)) <= explained <= np.count_nonzero(levels > 1)
            assert all(one.pixels >= one.places >= 1 for one in result.forgiven)


def test_a_coloured_mark_that_turned_grey_of_the_same_brightness_is_no_other_rasteriser() -> None:
    """Compressed alike, its edges differ all around, as those of letters drawn anew do."""
    halved = [cv2.IMWRITE_JPEG_QUALITY, 30, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420]
    pair = []
    for colour in ((220, 60, 60), (120, 120, 120)):
        picture = sheet().copy()
        picture[380:480, 470:640] = WHITE
        cv2.circle(picture, (549, 423), 8, colour, -1, cv2.LINE_AA)
        tick = np.array([(545, 423), (548, 426), (553, 420)])
        cv2.polylines(picture, [tick], isClosed=False, color=WHITE, thickness=2, lineType=cv2.LINE_AA)
        file = cv2.imencode(".jpg", picture[..., ::-1], halved)[1]
        pair.append(np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR_RGB), np.uint8))
    for result in both_ways(*pair):
        assert in_regions(result)[415:432, 541:558].mean() > 0.5, told(result)
