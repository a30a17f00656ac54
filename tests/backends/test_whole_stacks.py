"""Pairs compared as a stack have the regions that each has alone, and a bad one spoils no other."""

from __future__ import annotations

import threading
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from benchmarks.stages import request_of
from diffspot import compare_directories
from diffspot.backends.batching import Batcher
from diffspot.image_io import encode_png
from diffspot.image_io.arrays import image_of
from diffspot.options.options import make_options
from diffspot.pipeline.detection import find_differences
from diffspot.pipeline.segmentation import MIN_WEIGHT
from tests.backends.opened import STAND_IN, WHOLE, opened
from tests.edits import KINDS, edited, in_kind, sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from diffspot.backends.interface import Backend
    from diffspot.pipeline.batch import Found, Request

STACKING = ["reference", *WHOLE]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"metric": "ssim"},
    {"metric": "ssim", "blur": 1, "tolerance": 1.5, "opening": 3},
    {"tolerance": 0, "closing": 5, "dilation": 3, "join": 0},
    {"threshold": "98%"},
    {"metric": "ssim", "threshold": 0.1, "min_area": 20, "padding": 2},
    {"ignore": [(0, 0, 200, 90), (300, 200, 80, 40)]},
]
PAGES = [*product(KINDS, OPTIONS[:3]), *product(KINDS[:1], OPTIONS[3:])]
"""Kind and options: each metric on each kind; what acts on scores alone, on one kind."""


@pytest.fixture(params=STACKING)
def stacking(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Backend:
    return opened(request.param, monkeypatch)


def assert_stacked_as_alone(backend: Backend, asked: Sequence[Request]) -> list[Found]:
    """A stack of pairs gives for each what it gives alone, to the last digit."""
    assert len({one.batch_key for one in asked}) == 1
    found = find_differences(asked, backend)
    assert found == [find_differences([one], backend)[0] for one in asked]
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "options"), PAGES, ids=str)
def test_pages(stacking: Backend, kind: str, options: dict[str, Any]) -> None:
    reference = in_kind(sheet(), kind)[:240, :400]
    pairs = [(reference, in_kind(edited(seed), kind)[:240, :400]) for seed in range(3)]
    given = make_options({"tolerance": 0.5, "blur": 1, "opening": 3, "align": "none", **options})
    ignored = None
    if "ignore" in options:
        ignored = np.zeros(reference.shape[:2], bool)
        ignored[100:, 50:90] = True
    asked = [request_of(*map(image_of, pair), given, stacking, ignored) for pair in pairs]
    found = assert_stacked_as_alone(stacking, asked)
    assert all(one.components for one in found)
    assert len({str(one.components) for one in found}) == len(found)


@pytest.mark.parametrize("metric", ["absdiff", "ssim"])
def test_photos_of_different_noise(stacking: Backend, metric: str, rng: np.random.Generator) -> None:
    smooth = np.add.outer(np.arange(120), np.arange(160))[..., None] * np.array([0.5, 0.4, 0.6]) + 20
    smooth[30:60, 40:80] = smooth[30:60, 40:80][:, ::-1] * 0.5
    asked = []
    for spread in (2, 4, 7):
        first, second = (np.clip(smooth + rng.normal(0, spread, smooth.shape), 0, 255) for _ in range(2))
        second[70:90, 100:130] = 250 - 20 * spread
        pair = (image_of(picture.astype(np.uint8)) for picture in (first, second))
        asked.append(request_of(*pair, make_options({"metric": metric, "align": "none"}), stacking))
    assert len({one.limits for one in asked}) == len(asked)
    found = assert_stacked_as_alone(stacking, asked)
    kept = [[area for _, area, _, mean in one.components if area * mean > MIN_WEIGHT * one.threshold] for one in found]
    assert list(map(len, kept)) == [1, 1, 1]


def test_pairs_that_have_nothing_in_common_stay_as_they_are(stacking: Backend) -> None:
    pages = [
        request_of(image_of(sheet()[:90, :120]), image_of(edited(0)[:90, :120]), make_options(given), stacking)
        for given in ({}, {"metric": "ssim"}, {"tolerance": 4})
    ]
    assert len({one.batch_key for one in pages}) == len(pages)


JOBS = 6


@pytest.fixture
def directories(tmp_path: Path) -> tuple[Path, Path]:
    """Pairs of one size, each with another change."""
    sides = tmp_path / "reference", tmp_path / "candidate"
    for side in sides:
        side.mkdir()
    for number in range(JOBS):
        for side, picture in zip(sides, (sheet(), edited(number)), strict=True):
            (side / f"{number}.png").write_bytes(encode_png(picture[:240, :400]))
    return sides


class Sizes(list[int]):
    """How many requests were worked on at a time; those that are `too_much` find no memory."""

    backend: Backend
    too_much: Callable[[Sequence[Request]], bool] | None = None


@pytest.fixture
def gathering(monkeypatch: pytest.MonkeyPatch) -> Sizes:
    """Lets the first pair wait until all others have gathered."""
    sizes = Sizes()
    sizes.backend = opened(STAND_IN, monkeypatch)
    work_on = Batcher._work_on  # noqa: SLF001

    def once_all_wait(stacks: Batcher, stack: Sequence[Any]) -> None:
        def work(requests: Sequence[Request]) -> Sequence[Found]:
            if sizes.too_much and sizes.too_much(requests):
                raise sizes.backend.xp.cuda.memory.OutOfMemoryError
            return find(requests)  # type: ignore[no-any-return]

        while not sizes and len(stacks._waiting) < JOBS - 1:  # noqa: SLF001
            threading.Event().wait(0.001)
        sizes.append(len(stack))
        find = stack[0].work
        work_on(stacks, [replace(one, work=work) for one in stack])

    monkeypatch.setattr(Batcher, "_work_on", once_all_wait)
    return sizes


def test_a_directory_is_compared_in_stacks(directories: tuple[Path, Path], gathering: Sizes) -> None:
    options = {"tolerance": 0, "align": "none"}
    report = compare_directories(*directories, backend="cupy", jobs=JOBS, **options)
    assert gathering == [1, JOBS - 1]
    assert report.summary.different == JOBS
    assert [pair.regions for pair in report.pairs] == [
        pair.regions for pair in compare_directories(*directories, **options).pairs
    ]


@pytest.mark.slow
def test_a_stack_too_large_is_halved(
    directories: tuple[Path, Path], gathering: Sizes, monkeypatch: pytest.MonkeyPatch
) -> None:
    cupy = opened(STAND_IN, monkeypatch).xp
    stack, tried = cupy.stack, []

    def of_two_at_most(planes: Sequence[Any]) -> Any:  # noqa: ANN401
        tried.append(len(planes))
        if len(planes) > 2:
            raise cupy.cuda.memory.OutOfMemoryError
        return stack(planes)

    monkeypatch.setattr(cupy, "stack", of_two_at_most)
    report = compare_directories(*directories, backend="cupy", jobs=JOBS, tolerance=0, align="none")
    assert gathering == [1, JOBS - 1]
    assert set(tried) == {5, 3, 2}
    assert report.summary.different == JOBS


@pytest.mark.slow
def test_only_the_bad_pair_of_a_stack_is_an_error(directories: tuple[Path, Path], gathering: Sizes) -> None:
    bad, backend = (77, 88, 99), gathering.backend
    picture = edited(3)[:240, :400].copy()
    picture[100, 100] = bad
    (directories[1] / "3.png").write_bytes(encode_png(picture))
    gathering.too_much = lambda requests: any(
        backend.to_host(one.pair.candidate)[100, 100].tolist() == [*bad] for one in requests
    )
    report = compare_directories(*directories, backend="cupy", jobs=JOBS, tolerance=0, align="none")
    assert gathering == [1, JOBS - 1, 1]  # alone, once more
    assert [pair.status for pair in report.pairs] == ["different"] * 3 + ["error"] + ["different"] * 2
    assert report.pairs[3].error == "The pair needs more memory than Stand-in GPU has free; use --backend numpy."
