"""Pairs that cannot be lined up are different, say why, and no budget makes them the same."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from skimage import data

from benchmarks.scenes.camera import add_noise
from benchmarks.scenes.photo import load_photo
from diffspot import compare
from diffspot.backends import CPU, get_backend
from diffspot.pipeline.cells import CELL, EVERY, cell_means
from diffspot.pipeline.preparation import to_levels
from tests.pictures import page
from tests.sweep import sweep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

SIZE = 320, 240
WHOLE = ("moved", (0, 0, 320, 240))


@cache
def photo(name: str) -> Picture:
    return load_photo(name, *SIZE)


def noisy(picture: Picture, seed: int = 3) -> Picture:
    return add_noise(picture, np.random.default_rng(seed), 4)


@pytest.mark.parametrize("other", sweep(["coffee", "camera", "astronaut"]))
def test_two_photos_of_different_things_are_one_region_and_a_reason(other: str) -> None:
    result = compare(photo("chelsea"), photo(other))
    assert (result.status, [(region.kind, region.bbox) for region in result.regions]) == ("different", [WHOLE])
    assert result.registration is not None
    assert result.registration.confidence < 0.1
    reason = f"could not be lined up: registration confidence {result.registration.confidence} is below 0.1"
    assert result.notes[-1] == reason
    assert result.forgiven == ()


def test_no_budget_makes_them_the_same() -> None:
    assert compare(photo("chelsea"), photo("coffee"), max_regions=9, max_diff_area="100%").status == "different"


def test_without_a_least_confidence_they_are_compared_as_they_lie() -> None:
    result = compare(photo("chelsea"), photo("coffee"), min_confidence=0)
    assert {region.kind for region in result.regions} == {"content"}
    assert not any("lined up" in note for note in result.notes)


def test_sizes_with_little_in_common_are_told_of_as_such() -> None:
    result = compare(photo("chelsea"), photo("coffee")[:70, :90])
    assert [(region.kind, region.bbox) for region in result.regions] == [WHOLE]
    assert result.notes[-1] == "could not be lined up: the sizes differ, and no movement brings the pictures together"


@pytest.mark.parametrize("shade", sweep([(120, 120, 120), (20, 200, 90)]))
def test_a_plain_wall_with_noise_needs_no_confidence(shade: tuple[int, int, int]) -> None:
    wall = np.full((*SIZE[::-1], 3), shade, np.uint8)
    patched = wall.copy()
    patched[100:130, 200:260] = 10
    assert compare(noisy(wall), noisy(wall, seed=4)).status == "same"
    result = compare(noisy(wall), noisy(patched, seed=4))
    assert result.registration is not None
    assert result.registration.confidence < 0.1
    (region,) = result.regions
    assert region.kind == "content"


def test_a_page_in_other_colours_lies_where_it_lay() -> None:
    result = compare(page(), 255 - page())
    assert result.status == "different"
    assert not any("lined up" in note for note in result.notes)


def test_a_motion_below_the_least_confidence_counts_for_nothing() -> None:
    reference, candidate = photo("coffee")[:200, :280], noisy(photo("coffee"))[7:207, 11:291]
    found = compare(reference, candidate)
    assert (found.status, found.registration and found.registration.method) == ("same", "translation")
    assert found.registration is not None
    least = round(found.registration.confidence + 0.001, 3)
    result = compare(reference, candidate, min_confidence=least)
    assert [(region.kind, region.bbox) for region in result.regions] == [("moved", (0, 0, 280, 200))]
    assert result.notes[-1].endswith(f"is below {least}")


def test_small_photos_that_show_other_shapes_are_no_pair() -> None:
    """Threshold and light take most of what differs; the shapes say that nothing is in common."""
    shots = (cv2.resize(shown, (200, 100), interpolation=cv2.INTER_AREA) for shown in (data.page(), data.brick()))
    result = compare(*shots)
    assert result.status == "different"
    assert any(note.startswith("could not be lined up") for note in result.notes)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_means_of_cells(kind: type, channels: int) -> None:
    picture = np.random.default_rng(3).integers(0, np.iinfo(kind).max + 1, (35, 50, channels)).astype(kind)
    levels, cpu, side = to_levels(picture), get_backend(CPU), CELL // EVERY
    whole = levels[:32:EVERY, :48:EVERY].reshape(4, side, 6, side, channels)
    np.testing.assert_allclose(cell_means(levels, cpu), whole.mean(axis=(1, 3)), atol=0.6)  # half a level, and float32
    assert cell_means(levels[:6], cpu).size == 0


def test_what_is_ignored_of_photos_of_other_shapes_is_not_asked() -> None:
    """Of 103 px every other one is looked at, in thirteen cells of four; whole cells of eight there are twelve."""
    shots = [cv2.resize(shown, (203, 103), interpolation=cv2.INTER_AREA) for shown in (data.page(), data.brick())]
    assert compare(*shots, ignore=["0,0,90,40"]).status == "different"


def test_a_wall_in_noise_has_no_shapes_and_stays_the_same() -> None:
    rng = np.random.default_rng(2)
    wall = np.full((100, 200, 1), 120.0)
    shots = ((wall + rng.normal(0, 8, wall.shape)).clip(0, 255).astype(np.uint8) for _ in range(2))
    assert compare(*shots).status == "same"
