"""Whole comparisons on other backends than the default one: the same regions, whatever has to be done for them."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from benchmarks.pairs.kinds import KINDS
from diffspot.backends import get_backend
from diffspot.image_io import read_image
from diffspot.image_io.arrays import image_of
from diffspot.options.options import make_options
from diffspot.pipeline.compare import compare_images
from tests.backends.opened import WHOLE, opened
from tests.test_fixtures import CASES, SCORE_TOLERANCE, own_options, taken_apart

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.pipeline.comparison import Comparison

    Picture = NDArray[Any]

KIND_BY_NAME = {kind.name: kind for kind in KINDS}
AREA_TOLERANCE = 0.05
"""Share of a region's pixels: where a blur in 8 bits rounds the other way, one at the threshold counts or not."""
LEVEL_TOLERANCE = 0.001
"""Share of a level of light or a px of movement, which are larger than scores."""
UNSAID = {"ignored_areas", "maps", "over_max_box"}
"""What a comparison has beside the fields of a result."""
SMALLEST = [(1, 1), (1, 40), (3, 7), (31, 33), (70, 5)]


@pytest.fixture(params=WHOLE)
def other(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Backend:
    return opened(request.param, monkeypatch)


@cache
def drawn(name: str) -> tuple[Picture, Picture]:
    """A pair of that kind with a change."""
    pair = KIND_BY_NAME[name].pair(0, seed=1)
    return pair.reference, pair.candidate


def said(comparison: Comparison) -> dict[str, Any]:
    """What a comparison found, as JSON holds it."""
    found = {name: getattr(comparison, name) for name in comparison.__slots__ if name not in UNSAID}
    shown: dict[str, Any] = json.loads(msgspec.json.encode(found))
    for region in shown["regions"]:
        del region["severity"]  # which follows from area and mean
    return shown


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_fixtures_have_the_expected_regions(other: Backend, case: Path) -> None:
    reference, candidate = (read_image(next(case.glob(f"{side}.*"))) for side in ("reference", "candidate"))
    found = said(compare_images(reference, candidate, make_options(own_options(case)), other))
    golden = json.loads((case / "expected.json").read_text())
    assert found.pop("lined_up") == (golden["status"] != "error")  # a report says it in its notes
    assert_alike(found, {key: golden[key] for key in found})


def _areas(one: dict[str, Any]) -> list[float]:
    """The px of each region, and the px and places that each cause explains; taken out of what was found."""
    regions = [region.pop("area") for region in one["regions"]]
    return [*regions, *(cause.pop(name) for cause in one["forgiven"] for name in ("pixels", "places"))]


def assert_alike(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """All the same, boxes to the pixel; but for what a grey level more or less does."""
    areas, expected_areas = (_areas(one) for one in (found, expected))
    (rest, floats), (expected_rest, expected_floats) = taken_apart(found), taken_apart(expected)
    assert rest == expected_rest
    assert areas == pytest.approx(expected_areas, rel=AREA_TOLERANCE)
    assert floats == pytest.approx(expected_floats, abs=SCORE_TOLERANCE, rel=LEVEL_TOLERANCE)


def assert_as_numpy(
    other: Backend,
    pair: tuple[Picture, Picture],
    ignored: NDArray[np.bool_] | None = None,
    **options: Any,  # noqa: ANN401
) -> dict[str, Any]:
    """Both backends say the same of a pair; what it is."""
    reference, candidate = (image_of(one, "HWC" if one.ndim > 2 else "HW") for one in pair)
    found, expected = (
        compare_images(reference, candidate, make_options(options), backend, ignored)
        for backend in (other, get_backend("numpy"))
    )
    assert_alike(said(found), said(expected))
    assert (found.ignored_areas is None) == (ignored is None)
    if found.ignored_areas and expected.ignored_areas:
        np.testing.assert_array_equal(found.ignored_areas.candidate, expected.ignored_areas.candidate)
    return said(found)


@pytest.mark.parametrize("name", KIND_BY_NAME)
def test_drawn_pairs(other: Backend, name: str) -> None:
    assert_as_numpy(other, drawn(name))


@pytest.mark.parametrize("name", ["page, few changes", "photo, homography", "microscope"])
def test_maps(other: Backend, name: str) -> None:
    pictures = [image_of(one) for one in drawn(name)]
    found, expected = (
        compare_images(*pictures, make_options({}), backend, keep=True).maps
        for backend in (other, get_backend("numpy"))
    )
    assert found is not None
    assert expected is not None
    assert isinstance(found.scores, np.ndarray)
    np.testing.assert_allclose(
        found.scores, expected.scores, atol=3 / 255
    )  # a warp in 8 bits may be a level off, twice
    assert (found.mask != expected.mask).mean() < 0.001
    assert np.abs(found.aligned.astype(int) - expected.aligned).max() <= 1
    assert found.aligned.shape == expected.aligned.shape


@pytest.mark.parametrize("name", ["page, few changes", "photo, homography", "microscope"])
def test_ssim(other: Backend, name: str) -> None:
    assert_as_numpy(other, drawn(name), metric="ssim")


@pytest.mark.parametrize(
    "options",
    [
        {"blur": 2, "tolerance": 0},
        {"tolerance": 1.5, "normalize": "none"},
        {"threshold": "99%", "metric": "ssim"},
        {"opening": 5, "closing": 9, "dilation": 7, "join": 0},
        {"min_area": 1, "threshold": 0.05, "padding": 3},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["page, many changes", "photo, noise"])
def test_options(other: Backend, name: str, options: dict[str, Any]) -> None:
    assert assert_as_numpy(other, drawn(name), **options)["regions"]


@pytest.mark.parametrize("name", ["page, few changes", "page, banner inserted", "photo, homography"])
def test_ignored_areas(other: Backend, name: str) -> None:
    pair = drawn(name)
    ignored = np.zeros(pair[0].shape[:2], bool)
    ignored[: len(ignored) // 3, ::2] = ignored[-9:] = True
    assert assert_as_numpy(other, pair, ignored)["ignored"] == round(ignored.mean(), 6)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_depths_and_channels(other: Backend, kind: type, channels: int, rng: np.random.Generator) -> None:
    reference = rng.integers(0, np.iinfo(kind).max, (90, 120, channels)).astype(kind)
    candidate = reference.copy()
    candidate[20:40, 30:60] = candidate[20:40, 30:60][::-1]
    assert assert_as_numpy(other, (reference, candidate))["regions"]


@pytest.mark.parametrize("metric", ["absdiff", "ssim"])
@pytest.mark.parametrize("size", SMALLEST, ids=str)
def test_tiny_pictures(other: Backend, size: tuple[int, int], metric: str) -> None:
    dark, light = np.zeros((*size, 3), np.uint8), np.full((*size, 3), 250, np.uint8)
    assert assert_as_numpy(other, (dark, light), metric=metric)["regions"]


def test_pictures_of_different_sizes(other: Backend) -> None:
    reference, candidate = drawn("photo, noise")
    assert_as_numpy(other, (reference, np.ascontiguousarray(candidate[5:-20, 9:])))
