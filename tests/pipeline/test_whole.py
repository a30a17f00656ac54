"""Windows, parts and scores that are passed over do not show: a pair gives what working out all of it gives."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from benchmarks.stages import request_of
from diffspot.backends import get_backend
from diffspot.image_io.arrays import image_of
from diffspot.options.options import make_options
from diffspot.pipeline.compare import compare_images
from diffspot.pipeline.detection import find_differences
from diffspot.pipeline.windows import find_parts
from diffspot.runner.ignored import find_ignored
from tests.backends.whole import WholeBackend
from tests.edits import HEIGHT, KINDS, edited, in_kind, sheet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.pipeline.comparison import Comparison

    Picture = NDArray[Any]

NUMPY, WHOLE = get_backend("numpy"), WholeBackend()
METRICS = ("absdiff", "ssim")
IGNORED = [(0, 0, 40, 5), (505, 0, 30, 4), (0, "95%", "100%", "1%"), (300, 200, 400, 300)]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"padding": 9},
    {"dilation": 15},
    {"closing": 31},
    {"opening": 5},
    {"opening": 7, "closing": 9},
    {"opening": 3, "closing": 7, "dilation": 5, "join": 0},
    {"join": 90.5},
    {"tolerance": 0},
    {"tolerance": 2.5},
    {"tolerance": 6, "opening": 3, "closing": 9},
    {"blur": 0.7},
    {"blur": 3, "tolerance": 2},
    {"blur": 0.8, "tolerance": 1, "opening": 3, "closing": 5},
    {"ignore": IGNORED},
    {"only": [(0, 0, "60%", "100%"), ("90%", "40%", "10%", "60%")], "blur": 1},
    {"threshold": 0, "min_area": 1, "opening": 1, "tolerance": 0},
    {"threshold": 0.4, "min_area": 30},
    {"threshold": 0.02, "blur": 1, "tolerance": 1},
    {"threshold": "99.9%"},
]
FEW = [{}, {"blur": 1.5, "tolerance": 1, "opening": 3, "closing": 5, "dilation": 5}]


def found(pair: tuple[Picture, Picture], backend: Backend, **options: Any) -> Comparison:  # noqa: ANN401
    chosen = make_options({"align": "none", **options})
    ignored = find_ignored(pair[0].shape[:2], chosen)
    return compare_images(*map(image_of, pair), chosen, backend, ignored)


def assert_as_whole(pair: tuple[Picture, Picture], **options: Any) -> Comparison:  # noqa: ANN401
    """Compares a pair with all that spares work, and without; returns what was found."""
    one, whole = (found(pair, backend, **options) for backend in (NUMPY, WHOLE))
    assert_equal(one, whole)
    return one


def assert_as_of_all_scores(pair: tuple[Picture, Picture], **options: Any) -> None:  # noqa: ANN401
    """The same against a request of which every pixel may score, however little it differs."""
    request = request_of(*map(image_of, pair), make_options({"align": "none", **options}), NUMPY)
    every = request._replace(limits=request.limits._replace(least_difference=0.0))
    one, other = (find_differences([asked], backend)[0] for asked, backend in ((request, NUMPY), (every, WHOLE)))
    assert one.threshold == other.threshold
    assert sorted(one.components) == sorted(other.components)


def assert_equal(one: Comparison, other: Comparison) -> None:
    for name in (name for name in one.__slots__ if name != "ignored_areas"):
        assert getattr(one, name) == getattr(other, name), name


def count_parts(pair: tuple[Picture, Picture], **options: Any) -> int:  # noqa: ANN401
    """How many parts a pair is compared in."""
    request = request_of(*map(image_of, pair), make_options({"align": "none", **options}), NUMPY)
    return len(find_parts(request.pair.difference, NUMPY, request.parameters.reach))


def test_the_edits_lie_in_several_parts() -> None:
    for options in ({}, {"dilation": 15}, {"blur": 3, "tolerance": 2}):
        assert count_parts((sheet(), edited()), **options) > 3
    assert count_parts((sheet(), edited()), threshold="95%") == 1


@pytest.mark.slow
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_under_every_option(options: dict[str, Any]) -> None:
    for number, metric in enumerate(METRICS):
        pair = sheet(), edited(number)
        assert len(assert_as_whole(pair, metric=metric, **options).regions) > 1
    if "threshold" not in options:
        assert_as_of_all_scores(pair, metric="absdiff", **options)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS[1:])
def test_of_every_kind(kind: str) -> None:
    pair = in_kind(sheet(), kind), in_kind(edited(1), kind)
    for metric, options in zip(METRICS, FEW, strict=True):
        assert len(assert_as_whole(pair, metric=metric, **options).regions) > 1
        assert_as_of_all_scores(pair, metric=metric, **options)


def test_of_edits_here_and_there() -> None:
    for seed, metric in zip(range(2, 12), METRICS * 5, strict=True):
        assert_as_whole((sheet(), edited(seed)), metric=metric)


@pytest.mark.slow
@pytest.mark.parametrize("metric", METRICS)
def test_of_noise_all_over(metric: str) -> None:
    rng = np.random.default_rng(6)
    noisy = (picture + rng.normal(0, 5, sheet().shape) for picture in (sheet(), edited()))
    one, other = (np.clip(picture, 0, 255).astype(np.uint8) for picture in noisy)
    for options in ({}, {"opening": 5, "closing": 7}, {"tolerance": 2, "dilation": 7}):
        assert assert_as_whole((one, other), metric=metric, **options).regions
        assert_as_of_all_scores((one, other), metric=metric, **options)


@pytest.mark.slow
@pytest.mark.parametrize("gap", [1, 17, 18, 19, 64, 128, 256])
def test_of_two_edits_that_lie_nearly_apart(gap: int) -> None:
    """They are joined up to a gap of 18 px, corner to corner a smaller one."""
    for (y, x), (dy, dx) in product(((200, 190), (0, 0)), ((0, 1), (1, 0), (1, 1))):
        candidate = sheet().copy()
        candidate[y : y + 12, x : x + 12] ^= 128
        top, left = y + dy * (12 + gap), x + dx * (12 + gap)
        candidate[top : top + 12, left : left + 12] ^= 128
        regions = assert_as_whole((sheet(), candidate), join=18).regions
        assert len(regions) == (1 if gap == 1 or (gap <= 18 and not dy * dx) else 2)


@pytest.mark.slow
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"blur": 1},
        {"tolerance": 5},
        {"closing": 21},
        {"dilation": 21},
        {"closing": 11, "dilation": 11, "blur": 1, "tolerance": 1.5},
        {"join": 25},
        {"join": 12, "dilation": 13},
    ],
    ids=str,
)
def test_edits_out_of_reach_have_nothing_to_do_with_each_other(options: dict[str, Any], metric: str) -> None:
    settled = {"join": 0, "tolerance": 0, "blur": 0, "threshold": 0, "min_area": 1, "metric": metric} | options
    reference = np.ascontiguousarray(sheet()[100:190, 40:300])

    def with_edits(*places: int) -> Picture:
        candidate = reference.copy()
        for x in places:
            candidate[40:52, x : x + 12] ^= 128
            candidate[44:46, x - 4 : x + 16] ^= 64
        return candidate

    one = with_edits(30)
    request = request_of(image_of(reference), image_of(one), make_options({"align": "none", **settled}), NUMPY)
    apart = int(2 * request.parameters.reach) + 1
    for step in (0, 1, 2, 7):  # from edge to edge, which are 4 px further out than the places
        place = 30 + 20 + apart + step
        regions = [found((reference, with_edits(*places)), WHOLE, **settled).regions for places in ((30,), (place,))]
        both = found((reference, with_edits(30, place)), WHOLE, **settled).regions
        assert set(both) == {*regions[0], *regions[1]}


@pytest.mark.slow
@pytest.mark.parametrize(("blur", "metric"), [(5, "absdiff"), (5, "ssim"), (12, "ssim")])
def test_a_part_holds_what_the_blur_at_its_rim_depends_on(blur: float, metric: str) -> None:
    candidate = sheet().copy()
    for y, x in ((192, 128), (512, 832)):  # whole cells, so that no part of one lies around them
        candidate[y : y + 64, x : x + 64] ^= 128
    for tolerance in (0, 3):
        options = {"metric": metric, "blur": blur, "tolerance": tolerance, "join": 0, "threshold": 0.002}
        assert count_parts((sheet(), candidate), **options) == 2
        assert len(assert_as_whole((sheet(), candidate), **options).regions) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("metric", METRICS)
def test_pictures_of_which_one_shows_less(metric: str) -> None:
    for part, options in zip((edited()[:612], edited()[:, :801], edited()[:333, :777]), [*FEW, {}], strict=True):
        for pair in ((sheet(), part), (part, sheet())):
            comparison = assert_as_whole(pair, metric=metric, **options)
            assert comparison.size == (pair[0].shape[1], pair[0].shape[0])
            assert len(comparison.regions) > 2
            assert count_parts(pair, metric=metric, **options) > 1


def test_pages_that_are_equal_where_both_show_anything_have_no_part() -> None:
    pair = sheet(), sheet()[: HEIGHT - 80]
    for options in ({}, {"threshold": "95%"}):
        assert count_parts(pair, **options) == 0
        assert assert_as_whole(pair, **options).regions == ()
