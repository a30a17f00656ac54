"""What diffspot promises, end to end: nothing where nothing changed, and what changed where it changed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from benchmarks.scenes.camera import add_noise
from benchmarks.scenes.photo import load_photo
from diffspot import compare
from tests.pipeline.layout.pages import page, stacked
from tests.sweep import sweep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot import PairResult

    Picture = NDArray[Any]

WIDTH, HEIGHT = 320, 240
PHOTOS = ("astronaut", "chelsea", "coffee", "camera")
METRICS = ("absdiff", "ssim")
STRICT = {"threshold": 0, "blur": 0, "tolerance": 0, "min_area": 1, "opening": 1}
"""The options that let most through."""


@cache
def photo(name: str) -> NDArray[np.uint8]:
    return load_photo(name, WIDTH, HEIGHT)


@cache
def sheet() -> NDArray[np.uint8]:
    """A drawn page, 640 x 400."""
    return stacked(page(width=640))[:400]


def boxes(result: PairResult) -> list[tuple[int, int, int, int]]:
    return [region.bbox for region in result.regions]


def covered(result: PairResult) -> NDArray[np.bool_]:
    """(H, W) bool, inside any bbox."""
    inside = np.zeros((HEIGHT, WIDTH), bool)
    for x, y, w, h in boxes(result):
        inside[y : y + h, x : x + w] = True
    return inside


def altered(picture: Picture, box: tuple[int, int, int, int], by: int) -> Picture:
    """Every sample in the box moved by that many levels, away from the nearer end of the range."""
    x, y, w, h = box
    changed = picture.copy()
    part = changed[y : y + h, x : x + w].astype(int)
    changed[y : y + h, x : x + w] = np.where(part >= 128, part - by, part + by)
    return changed


def jpeg(picture: Picture, quality: int) -> Picture:
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED))


@pytest.mark.parametrize(
    "options",
    [
        {},
        STRICT,
        {"threshold": 0},
        {"threshold": "0%"},
        {"threshold": "100%"},
        {"blur": 3},
        {"tolerance": 3},
        {"opening": 5, "closing": 5, "dilation": 5},
        {"join": 0, "padding": 9},
        {"normalize": "none"},
        {"max_shift": 0},
        *({"align": align} for align in ("none", "translation", "euclidean", "similarity", "affine", "homography")),
    ],
    ids=str,
)
@pytest.mark.parametrize("metric", METRICS)
def test_identical_pictures_are_the_same_under_every_option(metric: str, options: dict[str, Any]) -> None:
    for picture in (photo("chelsea"), sheet(), np.full((40, 50), 255, np.uint8)):
        result = compare(picture, picture.copy(), metric=metric, **options)
        assert (result.status, result.regions) == ("same", ())


@pytest.mark.parametrize("align", ["auto", "none", "translation"])
@pytest.mark.parametrize("metric", METRICS)
def test_equal_pixels_stay_equal_beside_a_change(metric: str, align: str) -> None:
    candidate, how = altered(sheet(), (300, 200, 20, 10), 90), {"metric": metric, "align": align}
    result = compare(sheet(), candidate, **how, **STRICT | {"threshold": "auto"})
    # SSIM looks 5 px around a pixel, but counts only where a pixel differs, unless the threshold is given.
    assert boxes(result) == [(300, 200, 20, 10)]
    around = 5 * (metric == "ssim")
    assert boxes(compare(sheet(), candidate, **how, **STRICT)) == [
        (300 - around, 200 - around, 20 + 2 * around, 10 + 2 * around)
    ]


@pytest.mark.parametrize("name", sweep(PHOTOS))
@pytest.mark.parametrize(("metric", "sigma"), [("absdiff", 2), ("absdiff", 10), ("ssim", 2)])
def test_noise_alone_is_no_change(name: str, metric: str, sigma: float) -> None:
    noisy = add_noise(photo(name), np.random.default_rng(4), sigma)
    assert boxes(compare(photo(name), noisy, metric=metric)) == []


@pytest.mark.parametrize("name", sweep(PHOTOS))
@pytest.mark.parametrize("metric", METRICS)
def test_jpeg_alone_is_no_change(name: str, metric: str) -> None:
    assert boxes(compare(photo(name), jpeg(photo(name), 95), metric=metric)) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("metric", METRICS)
def test_a_half_inverted_is_found_whole(name: str, metric: str) -> None:
    candidate = photo(name).copy()
    candidate[:, WIDTH // 2 :] = 255 - candidate[:, WIDTH // 2 :]
    inside = covered(compare(photo(name), candidate, metric=metric))
    assert inside[:, WIDTH // 2 :].mean() >= 0.9
    assert inside[:, : WIDTH // 2].mean() <= 0.05


@pytest.mark.parametrize("by", [40, 90])
@pytest.mark.parametrize("place", [(300, 200), (100, 100), (20, 30), (0, 0), (637, 397)])
def test_three_pixels_square_on_a_crisp_page_are_found_exactly(place: tuple[int, int], by: int) -> None:
    box = (*place, 3, 3)
    result = compare(sheet(), altered(sheet(), box, by))
    assert boxes(result) == [box]
    (region,) = result.regions
    assert (region.candidate_bbox, region.area) == (box, 9)
    assert region.peak == pytest.approx(by / 255, abs=1e-6)
    assert region.mean == pytest.approx(by / 255, abs=1e-6)


def test_two_changes_are_two_regions_in_order() -> None:
    candidate = altered(altered(sheet(), (500, 300, 9, 5), 80), (40, 60, 6, 7), 80)
    assert boxes(compare(sheet(), candidate)) == [(40, 60, 6, 7), (500, 300, 9, 5)]


@pytest.mark.parametrize("metric", METRICS)
def test_a_change_of_colour_alone_is_found(metric: str) -> None:
    reference, candidate = np.full((2, 100, 120, 3), 235, np.uint8)
    reference[40:60, 30:70] = (200, 80, 80)
    candidate[40:60, 30:70] = (80, 142, 80)
    luma = [float(picture[50, 50] @ [0.299, 0.587, 0.114]) for picture in (reference, candidate)]
    assert abs(luma[0] - luma[1]) < 1
    assert boxes(compare(reference, candidate, metric=metric)) == [(30, 40, 40, 20)]


@pytest.mark.parametrize("name", PHOTOS)
def test_a_patch_is_found_among_noise(name: str) -> None:
    rng = np.random.default_rng(7)
    changed = photo(name).copy()
    changed[100:112, 140:152] = (changed[100:112, 140:152].astype(int) + 128) % 256
    (box,) = boxes(compare(add_noise(photo(name), rng, 4), add_noise(changed, rng, 4)))
    x, y, w, h = box
    # The reach to weak neighbours, and the px that the tolerance gives back, widen a patch by at most 5 px a side.
    assert 135 <= x <= 142
    assert 95 <= y <= 102
    assert 150 <= x + w <= 157
    assert 110 <= y + h <= 117


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 20), (5, 5), (3, 2000), (2000, 3)])
@pytest.mark.parametrize("metric", METRICS)
def test_tiny_and_narrow_pictures(height: int, width: int, metric: str) -> None:
    reference = np.full((height, width, 3), 200, np.uint8)
    assert compare(reference, reference.copy(), metric=metric, layout="HWC").status == "same"
    candidate = reference.copy()
    candidate[:, : width // 2] = 0
    found = boxes(compare(reference, candidate, metric=metric, layout="HWC"))
    assert found == ([(0, 0, width // 2, height)] if width > 1 else [])


@pytest.mark.parametrize(("height", "width"), [(500, 1), (300, 3), (2, 600), (34, 400), (63, 300), (64, 300)])
def test_noise_on_narrow_pictures_is_no_change(height: int, width: int) -> None:
    ground, rng = np.full((height, width, 3), 120, np.uint8), np.random.default_rng(3)
    assert compare(add_noise(ground, rng, 4), add_noise(ground, rng, 4), layout="HWC").status == "same"


@pytest.mark.parametrize("metric", METRICS)
def test_what_lies_outside_the_other_picture_does_not_reach_in(metric: str) -> None:
    for part in (sheet()[:210], sheet()[:, :333]):
        result = compare(sheet(), part, metric=metric, blur=4, tolerance=0, align="none")
        assert (result.status, result.tolerance) == ("same", 0)


@pytest.mark.parametrize("metric", METRICS)
def test_two_calls_give_the_same_result(metric: str) -> None:
    reference = photo("astronaut")
    candidate = altered(add_noise(np.roll(reference, 3, axis=1), np.random.default_rng(2), 4), (80, 90, 25, 20), 90)
    first, second = (compare(reference, candidate, metric=metric) for _ in range(2))
    assert first.status == "different"
    assert first == second


@pytest.mark.parametrize("share", sweep([0.05, 0.15, 0.4, 1.0]))
@pytest.mark.parametrize("levels", [10, 30, 60])
def test_a_faint_change_is_found_however_large(share: float, levels: int) -> None:
    page = np.full((400, 600, 3), 255, np.uint8)
    page[40:60, 40:300] = 30
    other = page.copy()
    band = other[: round(400 * share)]
    band -= np.minimum(band, levels)
    result = compare(page, other)
    assert result.status == "different"
    assert sum(region.area for region in result.regions) >= 0.9 * share * 400 * 600


def test_pictures_with_little_in_common_are_not_the_same(rng: np.random.Generator) -> None:
    tall, wide = (rng.integers(0, 256, shape, dtype=np.uint8) for shape in ((900, 3), (3, 900)))
    result = compare(tall, wide)
    assert [region.kind for region in result.regions] == ["moved"]
    assert any("3x900" in note and "900x3" in note for note in result.notes)


@pytest.mark.parametrize("align", ["auto", "none"])
def test_another_picture_is_one_difference(rng: np.random.Generator, align: str) -> None:
    small, large = (rng.integers(0, 256, shape, dtype=np.uint8) for shape in ((90, 120, 3), (300, 400, 3)))
    for reference, candidate in ((small, large), (large, small)):
        (region,) = compare(reference, candidate, align=align).regions
        assert (region.kind, region.bbox) == ("moved", (0, 0, reference.shape[1], reference.shape[0]))


@pytest.mark.parametrize("shape", [(4, 4), (16, 16), (100, 100), (300, 400), (300, 1), (8, 300), (1, 200)])
@pytest.mark.parametrize("align", ["auto", "none"])
def test_pictures_of_noise_that_have_nothing_in_common_differ_everywhere(
    rng: np.random.Generator, shape: tuple[int, int], align: str
) -> None:
    reference, candidate = rng.integers(0, 256, (2, *shape, 3), dtype=np.uint8)
    result = compare(reference, candidate, align=align, layout="HWC")
    assert result.status == "different"
    assert sum(region.area for region in result.regions) > 0.8 * shape[0] * shape[1]


def test_what_most_pixels_differ_by_is_noise_only_up_to_a_size(rng: np.random.Generator) -> None:
    ground = np.full((120, 160, 3), 128.0)
    for sigma, status in ((3, "same"), (12, "same"), (90, "different")):
        reference, candidate = (
            np.clip(ground + rng.normal(0, sigma, ground.shape), 0, 255).astype(np.uint8) for _ in range(2)
        )
        assert compare(reference, candidate).status == status


def sawtooth(height: int, width: int, start: int) -> NDArray[np.uint8]:
    """Grey levels that count on from pixel to pixel and begin again after 255."""
    count = np.arange(height * width * 3, dtype=np.int64) + start
    return (count % 256).astype(np.uint8).reshape(height, width, 3)


@pytest.mark.parametrize(("start", "align"), [(74, "auto"), (74, "none"), (128, "none"), (182, "none")])
def test_tiny_pictures_of_which_every_pixel_differs(start: int, align: str) -> None:
    """That one lies over the other after a move by 7 of its 16 rows does not make them the same."""
    assert compare(sawtooth(16, 16, 0), sawtooth(16, 16, start), align=align).status == "different"


def test_a_part_laid_into_its_whole_is_the_same() -> None:
    reference = photo("astronaut")
    height, width = reference.shape[:2]
    part = reference[height // 3 : height // 3 + height // 4, width // 3 : width // 3 + width // 3]
    result = compare(reference, np.ascontiguousarray(part))
    assert (result.status, result.registration.method if result.registration else "") == ("same", "translation")


@pytest.mark.parametrize("levels", [60000, 300])
@pytest.mark.parametrize("rounding", [0, 128])
def test_sixteen_bits_are_the_same_as_their_own_eight(levels: int, rounding: int) -> None:
    page = np.full((100, 150, 3), levels, np.uint16)
    page[20:40, 30:100] = 12345
    page[50:60, 20:90, 0] = 33333
    eight = ((page.astype(np.uint32) + rounding) // 257).astype(np.uint8)
    for result in (compare(page, eight), compare(eight, page)):
        assert (result.status, result.forgiven) == ("same", ())
    eight[70:80, 40:60] += 20
    assert boxes(compare(page, eight)) == [(40, 70, 20, 10)]
    finer = page.copy()
    finer[70:80, 40:60] += 300  # little more than a level of 255, and told where both have the depth
    assert boxes(compare(page, finer)) == [(40, 70, 20, 10)]


def test_rows_of_sixteen_bits_are_inserted_and_removed_as_those_of_eight() -> None:
    page = sheet()
    longer = np.vstack([page[:200], np.full((60, *page.shape[1:]), 255, np.uint8), page[200:]])
    for pair, kind, area in (
        ((page, longer), "inserted-rows", 640 * 60),
        ((longer, page), "removed-rows", 640 * 60),
    ):
        eight = compare(*pair)
        sixteen = compare(*(picture * np.uint16(257) for picture in pair))
        (region,) = sixteen.regions
        assert (region.kind, region.area) == (kind, area)
        assert (sixteen.status, sixteen.regions) == (eight.status, eight.regions)


def test_the_smallest_picture_can_differ() -> None:
    assert compare(np.zeros((1, 1), np.uint8), np.full((1, 1), 255, np.uint8)).status == "different"


def test_a_metric_of_colours_sees_that_a_photo_lost_its_own() -> None:
    colour = photo("astronaut")
    grey = cv2.cvtColor(cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    assert compare(colour, grey).status == "same"
    for metric in ("oklab", "flip"):
        assert compare(colour, grey, metric=metric).status == "different"
