"""Soft spots that noise hides are found by their area; light, edges that moved and noise alone are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from diffspot import compare
from diffspot.backends import get_backend
from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.verdict.spots import _evenly_windowed, _reach_of, _whole_reach, _windowed, find_spots

if TYPE_CHECKING:
    from numpy.typing import NDArray

NUMPY = get_backend("numpy")
SIZE = (320, 400)
THRESHOLD = 20 / 255


def bump(row: float, column: float, sigma: float) -> NDArray[np.float64]:
    """A Gaussian of height 1."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    return np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * sigma**2))  # type: ignore[no-any-return]


def spots(
    change: NDArray[Any], rng: np.random.Generator, *, noise: float = 8.0, content: NDArray[Any] | float = 120.0
) -> list[tuple[int, ...]]:
    """Boxes of the spots of a noisy grey pair whose candidate is brighter by the change."""
    before, after = (
        (content + each + rng.normal(0, noise, SIZE))[..., None].astype(np.float32) for each in (0, change)
    )
    pair = RegisteredPair(before, after, np.ones(SIZE, bool), np.abs(before - after).max(axis=2))
    return [box for box, *_ in find_spots(pair, [], THRESHOLD, NUMPY, still=True)]


@pytest.mark.parametrize(("sigma", "height"), [(7, 12), (7, -12), (12, 9)])
def test_a_soft_spot_weaker_than_the_noise_of_a_pixel_is_found_with_its_box(
    rng: np.random.Generator, sigma: float, height: float
) -> None:
    ((x, y, w, h),) = spots(height * bump(140, 180, sigma), rng)
    assert abs(x + w / 2 - 180) <= 6 and abs(y + h / 2 - 140) <= 6  # noqa: PT018
    assert 1.5 * sigma <= w <= 4.5 * sigma


def test_a_wide_spot_under_weak_noise_is_found_too(rng: np.random.Generator) -> None:
    ((x, y, w, h),) = spots(12 * bump(150, 190, 20), rng, noise=1.0)
    assert abs(x + w / 2 - 190) <= 6 and abs(y + h / 2 - 150) <= 6  # noqa: PT018
    assert 30 <= w <= 90


def test_noise_alone_has_no_spot_at_the_frame_or_elsewhere(rng: np.random.Generator) -> None:
    assert [spots(np.zeros(SIZE), rng) for _ in range(8)] == [[]] * 8


@pytest.mark.parametrize("sigma", [4, 7, 12, 20])
def test_noise_alone_ends_at_coarse_cells_that_show_each_spot(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch, sigma: float
) -> None:
    assert len(spots(max(60 / sigma, 9) * bump(140, 180, sigma), rng, noise=3.0)) == 1
    monkeypatch.setattr("diffspot.pipeline.verdict.spots._fine_cells", pytest.fail)
    assert spots(np.zeros(SIZE), rng, noise=3.0) == []


def test_windows_of_even_weight_are_worked_out_by_rows_and_columns() -> None:
    even = np.ones((23, 31), np.float32)
    for sigma in (0.7, 1.75, 6.0):
        np.testing.assert_allclose(_evenly_windowed(even, sigma), _windowed(even, sigma), rtol=1e-5)
    for kept, plain in zip(_whole_reach((23, 31), 1.75), _reach_of(even, 1.75, _windowed), strict=True):
        # each gain is the root of a difference of sums that are right to 1e-5
        np.testing.assert_allclose(kept, plain, rtol=1e-4)
    assert _whole_reach((23, 31), 1.75) is _whole_reach((23, 31), 1.75)


def test_light_that_changed_over_a_wide_area_is_no_spot(rng: np.random.Generator) -> None:
    assert spots(16 * bump(140, 180, 70) - 10 * bump(0, 0, 60), rng) == []


def test_edges_that_moved_all_over_are_no_spots(rng: np.random.Generator) -> None:
    blobs = 30 * sum(bump(row, column, 6) for row in range(40, 300, 50) for column in range(40, 380, 50))
    content = 100 + np.asarray(blobs)
    assert spots(np.roll(content, 1, axis=1) - content, rng, content=content, noise=4.0) == []


def test_a_spot_of_few_levels_is_what_rounding_leaves(rng: np.random.Generator) -> None:
    assert spots(2 * bump(140, 180, 12), rng, noise=5.0) == []


def test_a_nodule_in_film_noise_is_the_one_region_of_its_pair(rng: np.random.Generator) -> None:
    film = 110 + 25 * bump(200, 260, 60) + 20 * bump(90, 90, 40)
    before, same, nodule = (
        np.clip(film + each + rng.normal(0, 7, SIZE), 0, 255).astype(np.uint8)
        for each in (0, 0, 11 * bump(140, 180, 8))
    )
    assert compare(before, same).status == "same"
    ((x, y, w, h),) = [region.bbox for region in compare(before, nodule).regions]
    assert abs(x + w / 2 - 180) <= 6 and abs(y + h / 2 - 140) <= 6  # noqa: PT018


def test_what_pixels_show_is_left_to_them(rng: np.random.Generator) -> None:
    change = 60 * bump(140, 180, 9)
    assert spots(change, rng) == []


def test_which_picture_is_the_reference_decides_nothing(rng: np.random.Generator) -> None:
    blobs = 60 * sum(bump(row, column, 9) for row in range(40, 300, 80) for column in range(40, 380, 80))
    content = 100 + np.asarray(blobs)
    for height in range(8, 30):
        before, after = (
            (content + each + rng.normal(0, 8, SIZE))[..., None].astype(np.float32)
            for each in (0, height * bump(140, 180, 5))
        )
        pairs = (
            RegisteredPair(*both, np.ones(SIZE, bool), np.abs(before - after).max(axis=2))
            for both in ((before, after), (after, before))
        )
        one, other = (find_spots(pair, [], THRESHOLD, NUMPY, still=False) for pair in pairs)
        assert one == other, height
