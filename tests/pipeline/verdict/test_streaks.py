"""Thin lines that came or went are found by what they add up to; edges that moved, light and noise are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from diffspot import compare
from diffspot.backends import get_backend
from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.verdict.streaks import find_streaks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.components import Component

NUMPY = get_backend("numpy")
SIZE = (300, 400)
Ends = tuple[tuple[int, int], tuple[int, int]]


def line(ends: Ends, width: float = 1) -> NDArray[np.float32]:
    """A line of height 1 with smooth borders."""
    large = np.zeros((4 * SIZE[0], 4 * SIZE[1]), np.uint8)
    one, other = ((4 * x + 2, 4 * y + 2) for x, y in ends)
    cv2.line(large, one, other, 255, round(4 * width))
    return cv2.resize(large, SIZE[::-1], interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def box_of(ends: Ends) -> tuple[int, int, int, int]:
    (x, y), (right, bottom) = ends
    return min(x, right), min(y, bottom), abs(right - x) + 1, abs(bottom - y) + 1


def texture(seed: int = 3) -> NDArray[np.float32]:
    """A ground of stones."""
    rough = np.random.default_rng(seed).uniform(40, 210, SIZE).astype(np.float32)
    return 125 + 3 * (cv2.GaussianBlur(rough, (0, 0), 3) - 125)


def streaks(
    before: NDArray[Any] | float,
    after: NDArray[Any] | float,
    *,
    noise: float = 3.0,
    seed: int = 5,
    components: tuple[Component, ...] = (),
    explained: tuple[tuple[int, int, int, int], ...] = (),
    still: bool = True,
    ignored: NDArray[np.bool_] | None = None,
) -> list[tuple[int, int, int, int]]:
    """Boxes of what is found in a grey pair under noise."""
    rng = np.random.default_rng(seed)
    one, other = ((each + rng.normal(0, noise, SIZE))[..., None].astype(np.float32) for each in (before, after))
    valid = np.ones(SIZE, bool) if ignored is None else ~ignored
    pair = RegisteredPair(one, other, valid, np.abs(one - other).max(axis=2), ignored)
    return [box for box, *_ in find_streaks(pair, components, explained, NUMPY, still=still)]


def lies_at(found: tuple[int, int, int, int], true: tuple[int, int, int, int], room: int = 8) -> bool:
    """Whether both boxes end at the same places but for a step by which lines are followed."""
    edges = [(x, y, x + w, y + h) for x, y, w, h in (found, true)]
    return all(abs(own - other) <= room for own, other in zip(*edges, strict=True))


@pytest.mark.parametrize(
    "ends",
    [((60, 100), (300, 130)), ((60, 240), (300, 60)), ((200, 40), (215, 260)), ((310, 50), (190, 250))],
)
@pytest.mark.parametrize("height", [15, -15])
def test_a_faint_line_is_found_whatever_its_direction(ends: Ends, height: float) -> None:
    (found,) = streaks(120, 120 + height * line(ends))
    assert lies_at(found, box_of(ends))


def test_a_column_is_found_from_edge_to_edge() -> None:
    change = np.zeros(SIZE, np.float32)
    change[:, 200:203] = -7
    (found,) = streaks(120, 120 + change, noise=2)
    assert lies_at(found, (200, 0, 3, SIZE[0]), room=20)  # cells at the frame tell nothing


def test_a_line_on_a_texture_is_found() -> None:
    ends = (60, 100), (300, 130)
    (found,) = streaks(texture(), texture() + 45 * line(ends))
    assert lies_at(found, box_of(ends))


def test_noise_alone_is_none() -> None:
    assert [streaks(120, 120, noise=noise, seed=seed) for seed, noise in enumerate((1, 3, 8))] == [[]] * 3


def test_most_noise_is_told_from_cells_twice_as_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diffspot.pipeline.verdict.streaks.find_sums", pytest.fail)
    assert streaks(120, 120) == []
    square = np.zeros(SIZE, np.float32)
    square[100:160, 150:250] = 60
    assert streaks(120, 120 + square, components=(((150, 100, 100, 60), 6000, 0.3, 0.3),)) == [(150, 100, 100, 60)]


def test_a_line_of_which_most_was_found_is_told_to_its_ends() -> None:
    ends = (60, 100), (300, 130)
    found = streaks(120, 120 + 25 * line(ends), components=(((80, 102, 150, 20), 300, 0.2, 0.1),))
    assert [lies_at(one, box_of(ends)) for one in found] == [True]


def test_a_line_that_both_show_is_none() -> None:
    shown = 120 + 80 * line(((60, 100), (300, 130)), 2)
    assert streaks(shown, shown) == []


def test_a_line_that_moved_by_a_pixel_is_none() -> None:
    shown, moved = (120 + 80 * line(((60, 100 + down), (300, 130 + down)), 3) for down in (0, 1))
    assert streaks(shown, moved) == []


def test_an_edge_that_moved_is_none() -> None:
    steps = [np.where(np.arange(SIZE[0]) < row, 90.0, 150.0)[:, None] * np.ones(SIZE) for row in (150, 151)]
    assert streaks(*steps) == []


def test_edges_that_wander_are_none() -> None:
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float32)
    aside = np.sin(rows / 23) + np.cos(columns / 31)
    moved = cv2.remap(texture(), columns + 0.4 * aside, rows - 0.4 * aside, cv2.INTER_CUBIC)
    assert streaks(texture(), moved) == []


def test_the_border_of_an_area_is_none() -> None:
    rows = np.arange(SIZE[0])[:, None] * np.ones(SIZE)
    assert streaks(120, np.where(rows < 150, 120.0, 128.0)) == []


def test_a_soft_band_is_none() -> None:
    rows = np.arange(SIZE[0])[:, None] * np.ones(SIZE)
    assert streaks(120, 120 + 12 * np.exp(-((rows - 150) ** 2) / (2 * 12**2))) == []


def test_resampling_asks_for_more() -> None:
    ends = (60, 100), (260, 125)
    (found,) = streaks(120, 120 + 5 * line(ends))
    assert lies_at(found, box_of(ends), 40)
    assert streaks(120, 120 + 5 * line(ends), still=False) == []


def test_pieces_of_a_line_that_were_found_become_one_with_it() -> None:
    ends = (60, 100), (300, 130)
    pieces = ((90, 102, 20, 6), 60, 0.2, 0.1), ((220, 118, 30, 8), 90, 0.3, 0.1), ((200, 220, 30, 30), 800, 0.5, 0.4)
    found = streaks(120, 120 + 25 * line(ends), components=pieces)
    assert found[0] == (200, 220, 30, 30)
    assert len(found) == 2
    assert lies_at(found[1], box_of(ends))


def test_a_line_in_what_was_judged_before_is_part_of_it() -> None:
    ends = (60, 100), (300, 130)
    assert streaks(120, 120 + 25 * line(ends), explained=((40, 80, 280, 70),)) == []
    ignored = np.zeros(SIZE, bool)
    ignored[80:150] = True
    assert streaks(120, 120 + 25 * line(ends), ignored=ignored) == []


def test_a_line_along_the_border_of_something_solid_is_part_of_it() -> None:
    ends = (200, 60), (200, 240)
    solid, thin = ((150, 100, 44, 60), 2400, 0.5, 0.4), ((196, 100, 10, 60), 180, 0.5, 0.4)
    assert streaks(120, 120 + 25 * line(ends), components=(solid,)) == [solid[0]]
    (found,) = streaks(120, 120 + 25 * line(ends), components=(thin,))
    assert lies_at(found, box_of(ends))


def test_what_rings_beside_a_steep_edge_is_no_line() -> None:
    columns = np.arange(SIZE[1])[None] * np.ones(SIZE)
    ends = (190, 40), (190, 260)
    for step, expected in ((160, 0), (20, 1)):  # 3 % of the one is more than the line, of the other less
        ground = np.where(columns < 200, 60.0, 60.0 + step)
        assert len(streaks(ground, ground + 4 * line(ends, 2), noise=1.0)) == expected


def test_small_pictures_have_none() -> None:
    pair = RegisteredPair(
        *(np.zeros((40, 50, 1), np.uint8),) * 2, np.ones((40, 50), bool), np.zeros((40, 50), np.uint8)
    )
    assert find_streaks(pair, [], [], NUMPY, still=True) == []


@pytest.mark.parametrize("turned", [False, True])
def test_a_scratch_is_a_region_of_a_photo(*, turned: bool) -> None:
    rng, ends = np.random.default_rng(2), ((80, 110), (300, 140))
    scratched = texture() + 50 * line(ends)
    if turned:
        matrix = cv2.getRotationMatrix2D((200, 150), 0.6, 1)
        scratched = cv2.warpAffine(scratched, matrix, SIZE[::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    before, after = (
        np.repeat((each + rng.normal(0, 2, SIZE)).clip(0, 255).round().astype(np.uint8)[..., None], 3, axis=2)
        for each in (texture(), scratched)
    )
    (region,) = compare(before, after).regions
    assert lies_at(region.bbox, box_of(ends))
