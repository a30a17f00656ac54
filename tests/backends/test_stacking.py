"""Batcher of pictures: each comes out as it would alone, of the reference body and of the backend that takes stacks."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from diffspot.backends.cupy.cuda import SSIM_SIDE, STRETCH
from tests.backends.opened import GPU_FAULT, STAND_IN, opened
from tests.backends.sweep import CHANNELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

    Array = NDArray[Any]

COUNTS = [1, 2, 5]
SHAPES = [
    (1, 1),
    (3, 7),
    (9, 40),
    (9, 44),
    (SSIM_SIDE, SSIM_SIDE),
    (SSIM_SIDE - 1, 2 * SSIM_SIDE + 1),
    (STRETCH + 1, 2),
]
OF_PICTURES: dict[str, tuple[Any, ...]] = {
    "gaussian_blur": (1, 1.5),
    "local_minimum": (1, 2),
    "local_maximum": (1, 2),
    "local_range": (1, 2),
    "absdiff": (2,),
    "blend": (2, 0.3),
    "excess": (3,),
    "ssim": (2, 1.5),
}
"""How many pictures each primitive takes, and what else."""
OF_MASKS: dict[str, float] = {"dilate": 5, "erode": 3, "within": 2.5}


@pytest.fixture(params=["reference", STAND_IN, *([] if GPU_FAULT else [pytest.param("cupy", marks=pytest.mark.gpu)])])
def stacking(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Backend:
    return opened(request.param, monkeypatch)


def on_host(backend: Backend, name: str, *arguments: Any) -> Array:  # noqa: ANN401 - whatever it takes
    given = (backend.from_host(one) if isinstance(one, np.ndarray) else one for one in arguments)
    return backend.to_host(getattr(backend, name)(*given))


def assert_as_alone(backend: Backend, name: str, stacks: list[Array], *rest: object) -> None:
    together = on_host(backend, name, *stacks, *rest)
    for index, found in enumerate(together):
        np.testing.assert_array_equal(found, on_host(backend, name, *(stack[index] for stack in stacks), *rest))


@pytest.mark.parametrize("name", OF_PICTURES)
def test_pictures(stacking: Backend, name: str, rng: np.random.Generator) -> None:
    many, *rest = OF_PICTURES[name]
    for count, kind in product(COUNTS, (np.uint8, np.float32)):
        for shape, channels in zip(SHAPES, CHANNELS * 2, strict=False):
            stacks = [rng.integers(0, 256, (count, *shape, channels)).astype(kind) for _ in range(many)]
            assert_as_alone(stacking, name, stacks, *rest)


@pytest.mark.parametrize("name", OF_MASKS)
def test_masks(stacking: Backend, name: str, rng: np.random.Generator) -> None:
    for count, shape in product(COUNTS, SHAPES):
        assert_as_alone(stacking, name, [rng.random((count, *shape)) < 0.2], OF_MASKS[name])


def test_select(stacking: Backend, rng: np.random.Generator) -> None:
    for count in COUNTS:
        one, other = rng.integers(0, 256, (2, count, 5, 6, 3), dtype=np.uint8)
        assert_as_alone(stacking, "select", [rng.random((count, 5, 6)) < 0.5, one, other])


def test_what_has_gaps_in_memory(stacking: Backend, rng: np.random.Generator) -> None:
    """Parts of pictures are views, whose rows do not follow on each other."""
    whole = rng.integers(0, 256, (3, 40, 50, 3), dtype=np.uint8)
    for name, (many, *rest) in OF_PICTURES.items():
        for place in (np.s_[4:39, 7:], np.s_[1:], np.s_[1:, 2:]):
            parts = [stacking.from_host(whole[index])[place] for index in range(many)]
            found = stacking.to_host(getattr(stacking, name)(*parts, *rest))
            expected = on_host(stacking, name, *(whole[index][place].copy() for index in range(many)), *rest)
            np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("reach", [0.0, 2.5, 100.0])
def test_parts_of_different_pictures_are_never_one(stacking: Backend, reach: float, rng: np.random.Generator) -> None:
    for count, shape in product(COUNTS, SHAPES):
        masks, scores = rng.random((count, *shape)) < 0.1, rng.random((count, *shape), dtype=np.float32)
        labels, total = stacking.label(stacking.from_host(masks), reach)
        together = stacking.components(labels, total, stacking.from_host(scores))
        numbers, first = stacking.to_host(labels), 0
        for index in range(count):
            alone, parts = stacking.label(stacking.from_host(masks[index]), reach)
            table = stacking.components(alone, parts, stacking.from_host(scores[index]))
            # Labels go up from picture to picture, as they do within one.
            np.testing.assert_array_equal(numbers[index], stacking.to_host(alone) + first * masks[index])
            assert together.pictures[first : first + parts].tolist() == [index] * parts
            for column, of_stack in zip(table[:4], together[:4], strict=True):
                np.testing.assert_array_equal(of_stack[first : first + parts], column)
            first += parts
        assert first == total


def test_components_are_measured_within_their_picture(stacking: Backend) -> None:
    labels, scores = np.zeros((3, 200, 9), np.int32), np.zeros((3, 200, 9), np.float32)
    labels[0, 10:150, 3], scores[0, 10:150, 3] = 2, 0.25
    labels[2, 0, 0:2], scores[2, 0, 0:2] = 1, (1, 0.5)
    labels[2, 199, 8], scores[2, 199, 8] = 3, 2.0**-30
    table = stacking.components(stacking.from_host(labels), 3, stacking.from_host(scores))
    assert table.boxes.tolist() == [[0, 0, 2, 1], [3, 10, 1, 140], [8, 199, 1, 1]]
    assert table.areas.tolist() == [2, 140, 1]
    assert table.peaks.tolist() == [1.0, 0.25, 2.0**-30]
    assert table.means.tolist() == [0.75, 0.25, 2.0**-30]
    assert table.pictures.tolist() == [2, 0, 2]
    assert [part.dtype for part in table] == [np.int64, np.int64, np.float64, np.float64, np.int64]


def test_no_components(stacking: Backend) -> None:
    nothing = stacking.from_host(np.zeros((2, 4, 5), bool))
    labels, count = stacking.label(nothing, 3)
    assert count == 0
    table = stacking.components(labels, count, stacking.from_host(np.zeros((2, 4, 5), np.float32)))
    assert table.boxes.shape == (0, 4)
    assert [len(part) for part in table] == [0] * 5
