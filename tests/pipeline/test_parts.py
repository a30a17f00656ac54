"""Compared part by part, pictures give what they give as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from diffspot import compare
from diffspot.backends.groups import ALL
from diffspot.pipeline import compare as pipeline
from diffspot.pipeline import windows
from diffspot.pipeline.windows import find_parts
from tests.edits import HEIGHT, KINDS, edited, in_kind, sheet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot import PairResult
    from diffspot.backends.groups import Group
    from diffspot.backends.interface import Backend

METRICS = ("absdiff", "ssim")
IGNORED = [(0, 0, 40, 5), (505, 0, 30, 4), (0, "95%", "100%", "1%"), (300, 200, 400, 300)]


def as_one(differs: NDArray[Any], backend: Backend, reach: float) -> list[Group]:
    """All of two pictures as one part, whatever lies apart."""
    del differs, backend, reach
    return [ALL]


def assert_parts_give_the_whole(
    monkeypatch: pytest.MonkeyPatch,
    reference: NDArray[Any],
    candidate: NDArray[Any],
    **options: Any,  # noqa: ANN401
) -> tuple[PairResult, int]:
    """Compares both ways; returns the result, and how many parts it is put together from."""
    counts: list[int] = []

    def counted(differs: NDArray[Any], backend: Backend, reach: float) -> list[Group]:
        parts = find_parts(differs, backend, reach)
        counts.append(len(parts))
        return parts

    monkeypatch.setattr(pipeline, "find_parts", counted)
    found = compare(reference, candidate, align="none", **options)
    monkeypatch.setattr(pipeline, "find_parts", as_one)
    assert found == compare(reference, candidate, align="none", **options)
    return found, counts[0]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"padding": 9},
        {"dilation": 15},
        {"closing": 31},
        {"opening": 3},
        {"opening": 5, "closing": 5, "dilation": 3},
        {"join": 0},
        {"join": 90.5},
        {"tolerance": 0},
        {"tolerance": 1.5},
        {"tolerance": 6, "closing": 9},
        {"blur": 0.7},
        {"blur": 3, "tolerance": 2},
        {"ignore": IGNORED},
        {"only": [(0, 0, "60%", "100%"), ("90%", "40%", "10%", "60%")], "blur": 1},
        {"threshold": 0, "min_area": 1, "opening": 1, "tolerance": 0},
        {"threshold": 0.4, "min_area": 30},
        {"threshold": 0.02, "blur": 1, "tolerance": 1},
    ],
    ids=str,
)
def test_under_every_option(options: dict[str, Any], metric: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found, count = assert_parts_give_the_whole(monkeypatch, sheet(), edited(), metric=metric, **options)
    assert found.status == "different"
    assert len(found.regions) > 3
    assert count > 3


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("options", [{}, {"blur": 1.5, "tolerance": 1, "dilation": 5}], ids=str)
@pytest.mark.parametrize("kind", KINDS[1:])
def test_of_every_kind(kind: str, options: dict[str, Any], metric: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = in_kind(sheet(), kind), in_kind(edited(1), kind)
    found, count = assert_parts_give_the_whole(monkeypatch, *pair, metric=metric, **options)
    assert len(found.regions) > 3
    assert count > 3


@pytest.mark.parametrize("seed", range(2, 12))
def test_of_edits_here_and_there(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for metric in METRICS:
        _, count = assert_parts_give_the_whole(monkeypatch, sheet(), edited(seed), metric=metric)
        assert count > 3


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("gap", [1, 17, 18, 19, 64, 100, 128, 150, 192, 256])
def test_of_two_edits_that_lie_nearly_apart(gap: int, metric: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are joined up to a gap of 18 px, corner to corner a smaller one, and share a part for a few cells more."""
    for y, x in ((200, 190), (0, 0)):
        counts = []
        for dy, dx in ((0, 1), (1, 0), (1, 1)):
            candidate = sheet().copy()
            candidate[y : y + 12, x : x + 12] ^= 128
            top, left = y + dy * (12 + gap), x + dx * (12 + gap)
            candidate[top : top + 12, left : left + 12] ^= 128
            found, count = assert_parts_give_the_whole(monkeypatch, sheet(), candidate, metric=metric, join=18)
            assert len(found.regions) == (1 if gap == 1 or (gap <= 18 and not dy * dx) else 2)
            counts.append(count)
        assert set(counts) == {1} if gap < 64 else {2} if gap > 192 else {1, 2}


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
def test_parts_are_no_smaller_than_they_must_be(
    options: dict[str, Any], metric: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With cells of a pixel, nothing but the reach itself keeps edits together that have to do with each other.

    Where windows do not begin at whole cells, kernels round a wider blur otherwise here and there.
    """
    monkeypatch.setattr(windows, "CELL", 1)
    settled = {"join": 0, "tolerance": 0, "blur": 0, "threshold": 0, "min_area": 1} | options
    reference = np.ascontiguousarray(sheet()[100:190, 40:240])
    counts = []
    for gap in range(1, 100, 3):
        candidate = reference.copy()
        for x in (30, 42 + gap):
            candidate[40:52, x : x + 12] ^= 128
            candidate[44:46, x - 4 : x + 16] ^= 64
        counts.append(assert_parts_give_the_whole(monkeypatch, reference, candidate, metric=metric, **settled)[1])
    assert counts == sorted(counts)
    assert set(counts) == {1, 2}


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("blur", [5, 12, 16])
def test_a_part_holds_what_the_blur_at_its_rim_depends_on(
    blur: float, metric: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate = sheet().copy()
    for y, x in ((192, 128), (512, 832)):  # whole cells, so that no part of one lies around them
        candidate[y : y + 64, x : x + 64] ^= 128
    for tolerance in (0, 3):
        options = {"metric": metric, "blur": blur, "tolerance": tolerance, "join": 0, "threshold": 0.002}
        found, count = assert_parts_give_the_whole(monkeypatch, sheet(), candidate, **options)
        assert len(found.regions) >= count == 2


@pytest.mark.parametrize("metric", METRICS)
def test_a_quantile_asks_for_all_scores_at_once(metric: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for quantile in ("50%", "99.9%"):
        options = {"metric": metric, "threshold": quantile}
        found, count = assert_parts_give_the_whole(monkeypatch, sheet(), edited(), **options)
        assert (found.status, count) == ("different", 1)


@pytest.mark.parametrize("metric", METRICS)
def test_pictures_of_which_one_shows_less(metric: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for part in (edited()[:612], edited()[:, :801], edited()[:333, :777]):
        for options in ({}, {"blur": 2, "tolerance": 1}):
            for pair in ((sheet(), part), (part, sheet())):
                found, count = assert_parts_give_the_whole(monkeypatch, *pair, metric=metric, **options)
                assert found.size == (pair[0].shape[1], pair[0].shape[0])
                assert len(found.regions) > 2
                assert count > 1


def test_pages_that_are_equal_where_both_show_anything_have_no_part(monkeypatch: pytest.MonkeyPatch) -> None:
    for options in ({}, {"threshold": "95%"}):
        found, count = assert_parts_give_the_whole(monkeypatch, sheet(), sheet()[: HEIGHT - 80], **options)
        assert (found.status, found.regions, count) == ("same", (), 0)
