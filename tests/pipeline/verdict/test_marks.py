"""Icons alone: what another rasteriser draws anew, and strokes, colours and parts that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from diffspot import compare
from diffspot.pipeline.verdict.marks import find_drawing

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

INK, GREY, FINE = (51, 51, 51), (119, 119, 119), 12
ICONS = {
    "cross": [[(18, 6), (6, 18)], [(6, 6), (18, 18)]],
    "check": [[(4, 12), (9, 17), (20, 6)]],
    "house": [[(3, 9), (12, 2), (21, 9), (21, 20), (3, 20), (3, 9)], [(9, 20), (9, 12), (15, 12), (15, 20)]],
    "letter": [[(2, 4), (22, 4), (22, 20), (2, 20), (2, 4)], [(22, 6), (12, 13), (2, 6)]],
}


def _icon(
    name: str,
    side: int,
    *,
    stroke: float = 2.0,
    colour: tuple[int, int, int] = INK,
    at: tuple[float, float] = (0, 0),
    samples: int = FINE,
    strokes: int = 9,
) -> NDArray[np.uint8]:
    """(side + 8, side + 8, 3) levels of an icon on a grid of 24, with so many samples each way of each px."""
    scale, room, step = side / 24, side + 8, FINE // samples
    big = np.full((room * FINE, room * FINE, 3), 255, np.uint8)
    for line in ICONS[name][:strokes]:
        points = [[round((p * scale + 4 + by) * FINE) for p, by in zip(q, at, strict=True)] for q in line]
        cv2.polylines(big, [np.array(points, np.int32)], False, colour, round(stroke * scale * FINE))
    seen = big[step // 2 :: step, step // 2 :: step]
    return np.asarray(seen.reshape(room, samples, room, samples, 3).mean(axis=(1, 3)).round(), np.uint8)


@pytest.mark.parametrize("side", [20, 24, 32, 48])
def test_an_icon_drawn_anew_is_the_same(side: int) -> None:
    for name in ICONS:
        for other in (
            _icon(name, side, samples=4),
            _icon(name, side, at=(0.25, 0)),
            _icon(name, side, at=(-0.25, 0.25)),
        ):
            result = compare(_icon(name, side), other)
            assert result.status == "same", (name, result.regions)
            assert {one.cause for one in result.forgiven} <= {"rendering", "noise"}


@pytest.mark.parametrize("side", [16, 24, 48])
@pytest.mark.parametrize("samples", [4, FINE])
def test_another_stroke_or_colour_of_an_icon_is_a_change(side: int, samples: int) -> None:
    for name in ICONS:
        changes: tuple[dict[str, Any], ...] = (
            {"stroke": 1.5},
            {"stroke": 2.5},
            {"colour": GREY},
            {"colour": (200, 30, 30)},
        )
        for change in changes:
            result = compare(_icon(name, side), _icon(name, side, samples=samples, **change))
            assert [one.bbox for one in result.regions], (name, change)
            *_, w, h = result.regions[0].bbox
            assert w * h > side * side / 5, (name, change)


def test_a_slightly_other_colour_of_an_icon_is_a_change() -> None:
    for name in ICONS:
        (region,) = compare(_icon(name, 24), _icon(name, 24, colour=(62, 62, 62))).regions
        assert region.bbox[2] >= 14, name


def test_a_stroke_left_out_of_an_icon_drawn_anew_is_boxed_alone() -> None:
    result = compare(_icon("house", 48), _icon("house", 48, at=(0.25, 0.25), strokes=1))
    (region,) = result.regions
    x, y, w, h = region.bbox
    assert min(x - 20, y - 26, 37 - x - w, 47 - y - h) >= 0


def test_an_area_fainter_than_marks_beside_an_icon_drawn_anew_is_a_change() -> None:
    one, other = (
        np.vstack([_icon("house", 48, at=at), np.full((24, 56, 3), 255, np.uint8)]) for at in ((0, 0), (0.25, 0))
    )
    other[58:76, 10:40] = 249
    for pair in ((one, other), (other, one)):
        (region,) = compare(*pair).regions
        assert region.bbox == (10, 58, 30, 18)


@pytest.mark.parametrize("side", [2, 3])
def test_a_dot_inside_an_icon_drawn_anew_is_boxed_alone(side: int) -> None:
    for name, (x, y) in {"house": (27, 20), "letter": (20, 34)}.items():
        one, other = _icon(name, 48), _icon(name, 48, at=(0.25, 0))
        other[y : y + side, x : x + side] = INK
        for pair in ((one, other), (other, one)):
            (region,) = compare(*pair).regions
            assert np.abs(np.subtract(region.bbox, (x, y, side, side))).max() <= 1, (name, region.bbox)


def test_one_icon_that_changed_among_others_drawn_anew_is_boxed_alone() -> None:
    one = np.hstack([_icon(name, 24) for name in ICONS])
    other = np.hstack([_icon(name, 24, samples=4, stroke=1.5 if name == "house" else 2) for name in ICONS])
    (region,) = compare(one, other).regions
    x, _, w, _ = region.bbox
    assert min(x - 64, 96 - x - w) >= 0


BADGE = {"field": (60, 90, 220), "disc": (245, 245, 245), "heart": (120, 60, 30)}


def _badge(side: int, samples: int = FINE, at: float = 0.0, **colours: tuple[int, int, int]) -> NDArray[np.uint8]:
    """(side, side, 4) levels: a disc and a smaller one on a square with a margin; nothing shows around it."""
    centre, big = side / 2 + at, np.zeros((side * samples, side * samples, 4), np.float64)
    y, x = (np.mgrid[: len(big), : len(big)] + 0.5) / samples - centre
    shades = {name: (*colour, 255) for name, colour in (BADGE | colours).items()}
    big[np.maximum(np.abs(x), np.abs(y)) < 0.42 * side] = shades["field"]
    for name, radius in (("disc", 0.3), ("heart", 0.14)):
        big[np.hypot(x, y) < radius * side] = shades[name]
    seen = big.reshape(side, samples, side, samples, 4).mean(axis=(1, 3))
    seen[..., :3] *= 255 / np.maximum(seen[..., 3:], 1)  # of what shows
    return np.asarray(seen.round(), np.uint8)


@pytest.mark.parametrize("side", [24, 32, 48, 64])
def test_a_filled_icon_drawn_anew_is_the_same(side: int) -> None:
    for other in (_badge(side, 3), _badge(side, at=0.3), _badge(side, 5, at=-0.2)):
        result = compare(_badge(side), other)
        assert result.status == "same", result.regions


@pytest.mark.parametrize("samples", [3, FINE])
@pytest.mark.parametrize("part", ["field", "heart"])
def test_another_colour_within_a_filled_icon_is_a_change(part: str, samples: int) -> None:
    red, green, blue = BADGE[part]
    for side in (32, 48, 64):
        (region,) = compare(_badge(side), _badge(side, samples, **{part: (red + 24, green, blue)})).regions
        half = (0.42 if part == "field" else 0.14) * side
        assert np.abs(np.array(region.bbox) - (side / 2 - half, side / 2 - half, 2 * half, 2 * half)).max() <= 2


@pytest.mark.parametrize("samples", [3, FINE])
def test_a_band_along_the_edge_of_a_filled_icon_is_boxed_alone(samples: int) -> None:
    for side in (32, 48, 64):
        banded, high = _badge(side, samples), side // 12
        banded[-high:] = (0, 0, 0, 120)
        (region,) = compare(_badge(side), banded).regions
        assert region.bbox[:3] == (0, side - region.bbox[3], side)
        assert high <= region.bbox[3] <= high + 3


def test_pages_and_photos_are_no_drawings(rng: np.random.Generator) -> None:
    page = np.full((400, 900, 3), 255, np.uint8)
    assert find_drawing(page, page) is None
    grain = rng.integers(0, 255, (64, 64, 3), np.uint8)
    assert find_drawing(grain, grain) is None
    word = np.full((40, 120, 3), 255, np.uint8)
    cv2.putText(word, "Price", (8, 28), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 1, cv2.LINE_AA)
    other = word.copy()
    other[5, 5] = 0
    assert find_drawing(word, other) is None
    icon = _icon("cross", 24)
    assert find_drawing(icon, np.roll(icon, 3, axis=1)) is None
    changed = find_drawing(_icon("house", 48), _icon("house", 48, strokes=1))
    assert changed is not None
    assert not changed.redrawn


@pytest.mark.parametrize("missing", [None, 3])
def test_marks_in_two_compressions_are_compared_in_one(missing: int | None, tmp_path: Path) -> None:
    """Discs on even ground, as pills are, of which JPEG blends every rim anew; one of them may be gone."""
    paths = []
    for name, quality, gone in (("before.jpg", 88, None), ("after.jpg", 72, missing)):
        sheet = np.full((180, 270, 3), (205, 200, 198), np.uint8)
        for index in range(6):
            place = 48 + 86 * (index % 3), 48 + 84 * (index // 3)
            cv2.circle(sheet, place, 26, (222, 217, 215), -1)
            cv2.circle(sheet, place, 26, (158, 152, 150), 1)
            if index != gone:
                cv2.circle(sheet, place, 18, (232, 240, 240), -1)
        paths.append(tmp_path / name)
        cv2.imwrite(str(paths[-1]), sheet, [cv2.IMWRITE_JPEG_QUALITY, quality])
    found = [region.bbox for region in compare(*paths).regions]
    if missing is None:
        assert found == []
    else:
        ((x, y, w, h),) = found
        assert (x + w / 2, y + h / 2) == pytest.approx((48, 132), abs=3)
        assert max(w, h) < 48
