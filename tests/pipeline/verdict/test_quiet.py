"""Changes below the threshold of a noisy pair, in places where noise is weaker than at its edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

import diffspot
from benchmarks.scenes.cartoon import draw_cartoon, make_cartoon
from benchmarks.stages import request_of
from diffspot.backends.numpy import NumpyBackend
from diffspot.model import Image
from diffspot.options.options import make_options
from diffspot.pipeline.detection import detect
from diffspot.pipeline.verdict import quiet
from diffspot.pipeline.verdict.noisy import Candidate
from diffspot.pipeline.verdict.quiet import MOST_NEAR, WORTHWHILE, find_quiet, with_quiet_places
from tests.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

WIDTH, HEIGHT = 620, 470
SPOT = (270, 20, 16, 14)
NOISE = 1.5
STRONG_EDGES = 0.1
"""A score that the noise of these edges drives the threshold above: 25 levels, more than the spot has."""


@pytest.fixture(scope="module")
def drawing() -> Picture:
    return draw_cartoon(make_cartoon(np.random.default_rng(3), width=WIDTH, height=HEIGHT), width=WIDTH, height=HEIGHT)


def printed(picture: Picture, sigma: float, rng: np.random.Generator, noise: float = NOISE) -> Picture:
    soft = cv2.GaussianBlur(picture, (0, 0), sigma).astype(np.float32)
    return np.clip(np.rint(soft + rng.normal(0, noise, picture.shape)), 0, 255).astype(np.uint8)


def darker(picture: Picture, levels: int) -> Picture:
    x, y, w, h = SPOT
    changed = picture.copy()
    changed[y : y + h, x : x + w] -= np.uint8(levels)
    return changed


# Where light and sharpness are left alone, another sharpness makes the edges differ.
def test_a_faint_spot_is_found_where_edges_differ_by_more(drawing: Picture) -> None:
    rng = np.random.default_rng(5)
    pair = diffspot.compare(printed(drawing, 0.5, rng), printed(darker(drawing, 20), 1.1, rng), normalize="none")
    assert pair.threshold is not None
    assert pair.threshold > STRONG_EDGES
    (region,) = pair.regions
    assert np.allclose(region.bbox, SPOT, atol=2)
    assert region.peak < pair.threshold


def test_a_softer_print_without_a_change_is_the_same(drawing: Picture) -> None:
    rng = np.random.default_rng(6)
    assert diffspot.compare(printed(drawing, 0.5, rng), printed(drawing, 1.1, rng)).status == "same"


def test_where_noise_comes_near_everywhere_nothing_below_the_threshold_is_a_change(drawing: Picture) -> None:
    rng = np.random.default_rng(7)
    coarse = cv2.GaussianBlur(rng.normal(0, 1, drawing.shape[:2]).astype(np.float32), (0, 0), 3)
    clouds = np.clip(drawing + 8 * (coarse / coarse.std())[..., None], 0, 255).astype(np.uint8)
    pair = diffspot.compare(printed(drawing, 0.5, rng), printed(darker(clouds, 20), 1.1, rng))
    assert all(region.peak > (pair.threshold or 0) for region in pair.regions)
    assert len(pair.regions) == 0  # one without the look at how near noise comes


@pytest.mark.parametrize("levels", sweep([18, 0, 14, 22, 30]))
def test_places_are_looked_at_only_where_a_core_stands_out(drawing: Picture, levels: int) -> None:
    rng, backend = np.random.default_rng(levels), NumpyBackend()
    pair = Image(printed(drawing, 0.5, rng)), Image(printed(darker(drawing, levels), 1.1, rng))
    registered, parameters, limits, _ = request = request_of(*pair, make_options({"normalize": "none"}), backend)
    assert limits.threshold >= WORTHWHILE * limits.even_threshold
    found = detect(request, backend)
    everywhere = with_quiet_places(registered, found, parameters, limits, backend)
    assert find_quiet(registered, found, parameters, limits, backend) == everywhere


def test_once_noise_came_near_too_often_no_more_places_are_looked_at(
    drawing: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng, backend, asked = np.random.default_rng(1), NumpyBackend(), []

    def places(*_: object) -> Iterator[object]:
        for number in range(3 * MOST_NEAR):
            asked.append(number)
            yield quiet._Place(Candidate((9 * number, 5, 4, 4), 0.1, 1.0, 16), 0.1)  # noqa: SLF001  as strong as noise

    monkeypatch.setattr(quiet, "_places", places)
    pair = Image(printed(drawing, 0.5, rng)), Image(printed(drawing, 1.1, rng))
    registered, parameters, limits, _ = request = request_of(*pair, make_options({"normalize": "none"}), backend)
    found = detect(request, backend)._replace(components=[])
    assert with_quiet_places(registered, found, parameters, limits, backend) == []
    assert len(asked) == MOST_NEAR + 1
