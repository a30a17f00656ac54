"""What movement explains, and how far edges wander."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from benchmarks.scenes.board import DEFECTS, draw_board, etch, make_board, make_wander
from diffspot.backends import get_backend
from diffspot.pipeline.tolerance import estimate_tolerance, moved_difference, residual, shared_contrast
from tests.pipeline.layout.pages import page, stacked
from tests.placing import registered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

    Picture = NDArray[np.uint8]

NUMPY = get_backend("numpy")
PICTURES = arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12), st.just(2)))
PAIRS = PICTURES.flatmap(lambda one: st.tuples(st.just(one), arrays(np.uint8, one.shape)))
MARGIN = 5


def moved_pair(dx: int, dy: int) -> tuple[Picture, Picture]:
    """Two views of random pixels, the second moved."""
    whole = np.random.default_rng(1).integers(0, 256, (40, 50, 3), np.uint8)
    views = [whole[y : y + 30, x : x + 40] for x, y in ((MARGIN, MARGIN), (MARGIN - dx, MARGIN - dy))]
    return views[0].copy(), views[1].copy()


def difference(reference: Picture, candidate: Picture, radius: int, backend: Backend = NUMPY) -> NDArray[np.uint8]:
    found = moved_difference(backend.from_host(reference), backend.from_host(candidate), radius, backend)
    return backend.to_host(found)


@pytest.mark.parametrize("radius", [1, 2, 3])
def test_movement_within_the_radius_leaves_nothing(backend: Backend, radius: int) -> None:
    for dx, dy in ((0, 0), (1, 0), (0, -1), (1, 1), (2, -1), (-2, -2), (0, 3), (3, -3)):
        # Pixels whose partner lies outside the other view are left out.
        inner = difference(*moved_pair(dx, dy), radius, backend)[3:-3, 3:-3]
        assert (inner.max() == 0) == (max(abs(dx), abs(dy)) <= radius), (dx, dy)


@pytest.mark.parametrize("radius", [1, 2])
def test_a_thin_line_is_lost_only_beyond_the_radius(backend: Backend, radius: int) -> None:
    reference, candidate = np.full((2, 20, 20, 1), 200, np.uint8)
    reference[:, 8] = 50
    candidate[:, 8 + radius] = 50
    assert difference(reference, candidate, radius, backend).max() == 0
    candidate = np.roll(candidate, 1, axis=1)
    lost = difference(reference, candidate, radius, backend)
    assert set(np.flatnonzero(lost.max(axis=0)).tolist()) == {8, 9 + radius}
    assert lost.max() == 150


@settings(derandomize=True, deadline=None, max_examples=50)
@given(pair=PAIRS, radius=st.integers(0, 3))
def test_it_is_symmetric_and_shrinks_as_the_radius_grows(pair: tuple[Picture, Picture], radius: int) -> None:
    reference, candidate = pair
    here, further = (difference(reference, candidate, r) for r in (radius, radius + 1))
    assert np.array_equal(here, difference(candidate, reference, radius))
    assert (further <= here).all()
    plain = np.abs(reference.astype(int) - candidate).max(axis=2)
    assert np.array_equal(difference(reference, candidate, 0), plain)
    assert (here <= plain).all()


@settings(derandomize=True, deadline=None, max_examples=50)
@given(pair=PAIRS, tolerance=st.integers(0, 3), wander=st.integers(0, 10).map(lambda tenth: tenth / 10))
def test_unexplained_is_never_more_than_what_movement_leaves(
    pair: tuple[Picture, Picture], tolerance: int, wander: float
) -> None:
    left, moved = residual(*pair, tolerance, wander, NUMPY), difference(*pair, tolerance)
    assert (left >= 0).all()
    assert (left <= moved).all()
    if not tolerance:
        assert np.array_equal(left, moved)


@pytest.mark.parametrize(("wander", "expected"), [(0.0, 39), (0.02, 39), (0.1, 25), (0.15, 10), (0.9, 0)])
def test_a_share_of_the_contrast_that_both_show_is_allowed(backend: Backend, wander: float, expected: float) -> None:
    reference = np.zeros((11, 12, 1), np.uint8)
    reference[:, 6:] = 200
    candidate = reference.copy()
    candidate[5, 5] = 255  # 55 above the range of 0 to 200 that both show there
    pictures = [backend.from_host(picture) for picture in (reference, candidate)]
    left = backend.to_host(residual(*pictures, 1, wander, backend))
    assert left[5, 5] == pytest.approx(expected, abs=1e-4)
    assert np.delete(left.ravel(), 5 * 12 + 5).max() == 0


@pytest.mark.parametrize(("column", "expected"), [(4, 239), (3, 255)])
def test_contrast_counts_one_pixel_beyond_the_tolerance(backend: Backend, column: int, expected: float) -> None:
    reference = np.zeros((11, 12, 1), np.uint8)
    reference[:, 6:] = 200
    candidate = reference.copy()
    candidate[5, column] = 255
    pictures = [backend.from_host(picture) for picture in (reference, candidate)]
    assert backend.to_host(residual(*pictures, 1, 0.0, backend))[5, column] == pytest.approx(expected, abs=1e-4)


def test_below_a_pixel_less_is_allowed(backend: Backend) -> None:
    reference = np.zeros((11, 12, 1), np.uint8)
    reference[:, 6:] = 200
    candidate = reference.copy()
    candidate[5, 5] = 255  # half of the way to the 200 beside it is 100
    pictures = [backend.from_host(picture) for picture in (reference, candidate)]
    left = backend.to_host(residual(*pictures, 0.5, 0.0, backend))
    assert left[5, 5] == pytest.approx(255 - 100 - 0.05 * 200, abs=1e-4)


def test_a_new_object_lends_itself_no_contrast(backend: Backend) -> None:
    reference = np.full((9, 9, 3), 90, np.uint8)
    candidate = reference.copy()
    candidate[3:6, 3:6, 1] = 190
    pictures = [backend.from_host(picture) for picture in (reference, candidate)]
    assert backend.to_host(shared_contrast(*pictures, 2, backend)).max() == 0
    assert backend.to_host(residual(*pictures, 2, 1.0, backend))[4, 4] == 100


def estimated(reference: Picture, candidate: Picture) -> int:
    return estimate_tolerance(registered(reference, candidate), NUMPY)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("sigma", "expected"), [(0.0, 0), (0.4, 1), (1.0, 2)])
def test_boards_whose_edges_wander(seed: int, sigma: float, expected: int) -> None:
    rng = np.random.default_rng(seed)
    board = make_board(rng)
    steps = draw_board(board, rng, DEFECTS)
    wander = make_wander(rng, board, sigma) if sigma else None
    assert estimated(etch(steps[0])[..., None], etch(steps[-1], wander)[..., None]) == expected


def test_equal_pages_with_one_change_need_none() -> None:
    reference = stacked(page(width=640))[:500]
    candidate = reference.copy()
    candidate[200:230, 100:260] = 0
    assert estimated(reference, candidate) == 0
    assert estimated(reference, reference) == 0


def test_too_few_edges_decide_nothing() -> None:
    reference = np.full((200, 200, 1), 255, np.uint8)
    reference[:, 40] = 0
    assert estimated(reference, np.roll(reference, 1, axis=1)) == 0


def test_only_the_valid_area_votes() -> None:
    rng = np.random.default_rng(0)
    board = make_board(rng)
    (coverage,) = draw_board(board, rng)
    reference, candidate = etch(coverage)[..., None], etch(coverage, make_wander(rng, board, 1.0))[..., None]
    assert estimated(reference, candidate) > 0
    valid = np.zeros(reference.shape[:2], bool)
    assert estimate_tolerance(registered(reference, candidate, valid), NUMPY) == 0
