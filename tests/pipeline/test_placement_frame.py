"""The candidate in the reference's frame, and boxes carried back into its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.scenes.photo import load_photo
from diffspot.backends import get_backend
from diffspot.model import IDENTITY, Registration
from diffspot.pipeline.placement import describe_motion
from diffspot.pipeline.placement import place as place_candidate
from tests.pipeline.layout.pages import blank, page, stacked
from tests.placing import place
from tests.sweep import sweep_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Box, Matrix
    from diffspot.pipeline.placement import Placement

    Picture = NDArray[np.uint8]

NUMPY = get_backend("numpy")
WIDTH, HEIGHT = 320, 240


def views(dx: int, dy: int) -> tuple[Picture, Picture]:
    """Two views of a photo; what lies at (x, y) in the first lies at (x + dx, y + dy) in the second."""
    whole = load_photo("coffee", WIDTH + 40, HEIGHT + 40)
    corners = ((20, 20), (20 - dx, 20 - dy))
    first, second = (np.ascontiguousarray(whole[y : y + HEIGHT, x : x + WIDTH]) for x, y in corners)
    return first, second


def shifted(dx: float, dy: float) -> Matrix:
    return ((1.0, 0.0, dx), (0.0, 1.0, dy), (0.0, 0.0, 1.0))


def placed(matrix: Matrix, size: tuple[int, int] = (100, 80)) -> Placement:
    """A candidate of (width, height) px that lies by this matrix over a reference of 100 x 80 px."""
    candidate = np.zeros((size[1], size[0], 1), np.uint8)
    return place_candidate(candidate, Registration(method="affine", matrix=matrix), (80, 100), NUMPY)


@pytest.mark.parametrize(
    ("matrix", "notes"),
    [
        (IDENTITY, ()),
        (shifted(300, -4), ()),
        (((-1.0, 0.0, 99.0), (0.0, -1.0, 79.0), (0.0, 0.0, 1.0)), ("turned by 180 degrees",)),
        (((0.0, 1.0, 0.0), (-1.0, 0.0, 79.0), (0.0, 0.0, 1.0)), ("turned by 90 degrees",)),
        (((0.5, 0.0, 0.0), (0.0, 0.5, 0.0), (0.0, 0.0, 1.0)), ("scaled by 0.50",)),
        (((0.0, -2.0, 99.0), (2.0, 0.0, 0.0), (0.0, 0.0, 1.0)), ("turned by 90 degrees and scaled by 2.00",)),
        (((0.999, 0.05, 0.0), (-0.05, 0.999, 0.0), (0.0, 0.0, 1.0)), ()),
    ],
)
def test_a_large_turn_or_scale_is_told(matrix: Matrix, notes: tuple[str, ...]) -> None:
    expected = tuple(f"laid over the reference: the candidate was {note}" for note in notes)
    assert describe_motion(placed(matrix)) == expected


@pytest.mark.parametrize(
    ("matrix", "resampled"),
    [
        (IDENTITY, False),
        (shifted(3, -4), False),
        (shifted(3 - 1e-9, 0), False),
        (shifted(0.1, 0), True),
        (shifted(0, 2.5), True),
        (((1.001, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), True),
        (((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (1e-5, 0.0, 1.0)), True),
        (((0.0, -1.0, 79.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)), True),
    ],
)
def test_what_moves_by_more_than_whole_pixels_is_resampled(
    matrix: Matrix,
    resampled: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert placed(matrix).resampled == resampled


@pytest.mark.parametrize(("dx", "dy"), [(5, 0), (-3, 4), (12, -7)])
@pytest.mark.parametrize("align", ["translation", "auto"])
def test_a_translation_by_whole_pixels_is_undone_exactly(align: str, dx: int, dy: int) -> None:
    reference, candidate = views(dx, dy)
    placement = place(reference, candidate, NUMPY, align=align, rendered=False)
    assert np.array(placement.registration.matrix) == pytest.approx(np.array(shifted(-dx, -dy)), abs=1e-9)
    assert np.array_equal(placement.candidate[placement.valid], reference[placement.valid])
    expected = np.zeros((HEIGHT, WIDTH), bool)
    expected[max(0, -dy) : HEIGHT - max(0, dy), max(0, -dx) : WIDTH - max(0, dx)] = True
    assert np.array_equal(placement.valid, expected)
    assert placement.to_candidate((50, 60, 7, 8)) == (50 + dx, 60 + dy, 7, 8)
    assert placement.shifts == ()


def test_without_registration_the_candidate_is_taken_as_it_is(backend: Backend) -> None:
    reference, candidate = views(5, 3)
    placement = place(reference, candidate, backend, align="none", rendered=False)
    assert placement.registration.matrix == IDENTITY
    assert np.array_equal(backend.to_host(placement.candidate), candidate)
    assert bool(placement.valid.all())
    assert placement.to_candidate((1, 2, 3, 4)) == (1, 2, 3, 4)


@pytest.mark.parametrize(("width", "height"), sweep_rows([(300, 200), (340, 260), (300, 260)], keep=2))
def test_only_what_both_sizes_hold_is_valid(backend: Backend, width: int, height: int) -> None:
    whole = load_photo("coffee", 360, 280)
    reference, candidate = whole[:HEIGHT, :WIDTH], whole[:height, :width]
    placement = place(reference, candidate, backend, align="none", rendered=False)
    shown, valid = backend.to_host(placement.candidate), backend.to_host(placement.valid)
    assert shown.shape == reference.shape
    expected = np.zeros((HEIGHT, WIDTH), bool)
    expected[:height, :width] = True
    assert np.array_equal(valid, expected)
    assert np.array_equal(shown[valid], reference[valid])


def test_sixteen_bits_become_levels() -> None:
    reference = np.full((50, 60, 1), 257 * 9 + 1, np.uint16)
    placement = place(reference, reference + np.uint16(1), NUMPY, align="none", rendered=False)
    assert placement.candidate.dtype == np.float32
    assert placement.candidate[0, 0, 0] == pytest.approx(9 + 2 / 257)


def test_levels_of_sixteen_bits_that_were_moved_are_from_0_to_255(backend: Backend) -> None:
    """Beside a step from black to white the cubic kernel goes beyond both, by a tenth of it."""
    step = np.zeros((50, 60, 1), np.uint16)
    step[:, 30:] = 65535
    motion = Registration(method="translation", matrix=shifted(0.5, 0))
    levels = backend.to_host(place_candidate(step, motion, (50, 60), backend).candidate)
    assert (levels.dtype, levels.min(), levels.max()) == (np.float32, 0, 255)


@pytest.mark.parametrize(
    ("matrix", "box", "expected"),
    [
        (IDENTITY, (10, 20, 30, 40), (10, 20, 30, 40)),
        (shifted(-7, 3), (10, 20, 30, 40), (17, 17, 30, 40)),
        # Half a pixel further on touches one more pixel each way.
        (shifted(0.5, -0.5), (10, 20, 4, 4), (9, 20, 5, 5)),
        # Pixel edges lie half a pixel off the centres: 9.5..13.5 / 2 = 4.75..6.75, which pixels 5..7 hold.
        (((2.0, 0.0, 0.0), (0.0, 2.0, 0.0), (0.0, 0.0, 1.0)), (10, 20, 4, 4), (5, 10, 3, 3)),
        # With edges on edges, x' = 2 x + 0.5, the box halves exactly.
        (((2.0, 0.0, 0.5), (0.0, 2.0, 0.5), (0.0, 0.0, 1.0)), (10, 20, 4, 4), (5, 10, 2, 2)),
        # A quarter turn: x' = 79 - y, y' = x.
        (((0.0, -1.0, 79.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)), (60, 10, 5, 8), (10, 15, 8, 5)),
        (shifted(20, 0), (10, 20, 30, 40), (0, 20, 20, 40)),
        (shifted(-80, -60), (10, 10, 30, 40), (90, 70, 10, 10)),
        (shifted(-200, 0), (10, 20, 30, 40), (100, 20, 0, 40)),
    ],
    ids=["identity", "moved", "half", "twice", "twice on edges", "turned", "cut left", "cut corner", "outside"],
)
def test_boxes_are_carried_to_the_candidate(matrix: Matrix, box: Box, expected: Box) -> None:
    assert placed(matrix).to_candidate(box) == expected


def test_boxes_are_cut_at_the_edge_of_the_candidate_and_not_the_reference() -> None:
    assert placed(IDENTITY, (50, 30)).to_candidate((40, 20, 30, 30)) == (40, 20, 10, 10)
    assert placed(shifted(-60, 0), (200, 80)).to_candidate((60, 20, 30, 30)) == (120, 20, 30, 30)


def test_boxes_are_carried_through_a_perspective() -> None:
    matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.002, 0.0, 1.0))
    # x' = x / (1 + 0.002 x), so x = x' / (1 - 0.002 x'), y = y' / (1 - 0.002 x'). Corners at x' = 49.5 and 59.5,
    # y' = 19.5 and 29.5: x = 54.94 and 67.54; y from 19.5 / 0.901 = 21.64 to 29.5 / 0.881 = 33.48.
    x, y, right, bottom = 55, 22, 69, 34
    assert placed(matrix).to_candidate((50, 20, 10, 10)) == (x, y, right - x, bottom - y)


def test_inserted_rows_are_regions_and_put_back() -> None:
    reference = stacked(page(width=640))[:900]
    candidate = np.vstack([reference[:400], blank(40, 640, shade=120), reference[400:]])
    placement = place(reference, candidate, NUMPY, align="auto", rendered=True)
    assert placement.registration.method == "layout"
    (shift,) = placement.shifts
    assert (shift.kind, shift.peak, shift.mean, shift.area) == ("inserted-rows", 1, 1, 640 * 40)
    assert (shift.bbox[0], shift.bbox[2:], shift.candidate_bbox[2:]) == (0, (640, 1), (640, 40))
    assert np.array_equal(placement.candidate[placement.valid], reference[placement.valid])
    assert placement.valid.mean() > 0.99
    assert placement.to_candidate((5, 700, 20, 20)) == (5, 740, 20, 20)
    assert place(reference, candidate, NUMPY, align="none", rendered=True).shifts == ()


def test_only_a_rendered_page_has_a_layout() -> None:
    reference = stacked(page(width=640))[:900]
    candidate = np.vstack([reference[:400], blank(40, 640, shade=120), reference[400:]])
    methods = [
        place(reference, candidate, NUMPY, align="auto", rendered=rendered).registration.method
        for rendered in (True, False)
    ]
    assert methods[0] == "layout" != methods[1]


@pytest.mark.parametrize(
    ("box", "expected"),
    [((100, 5, 10, 10), (50, 5, 0, 10)), ((40, 5, 20, 30), (40, 5, 10, 15)), ((0, 0, 50, 20), (0, 0, 50, 20))],
)
def test_a_box_is_cut_at_the_edge_of_a_smaller_candidate(box: Box, expected: Box) -> None:
    placement = place(blank(40, 120), blank(20, 50), NUMPY, align="none", rendered=True)
    assert placement.to_candidate(box) == expected
