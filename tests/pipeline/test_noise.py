"""Noise is told from drawing, and measured."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from benchmarks.scenes.page import make_page
from benchmarks.scenes.photo import load_photo
from benchmarks.scenes.render import render_page
from diffspot.backends import get_backend
from diffspot.pipeline.noise import is_noisy, measure_noise, to_scores
from tests.placing import registered, told_grainy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.pipeline.noise import Noise

    Picture = NDArray[np.uint8]

NUMPY = get_backend("numpy")
SIZE = (320, 240)
PHOTOS = ("astronaut", "chelsea", "coffee", "camera")
BIN = 1 / (1 << 16)
"""Quantiles are read from a histogram of so wide bins, rounded up."""


@cache
def photo(name: str) -> Picture:
    picture = load_photo(name, *SIZE)
    return picture.reshape(*picture.shape[:2], -1)


def noisy(picture: Picture, sigma: float) -> Picture:
    rng = np.random.default_rng(5)
    return np.clip(np.rint(picture + rng.normal(0, sigma, picture.shape)), 0, 255).astype(np.uint8)


def jpeg(picture: Picture, quality: int) -> Picture:
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), np.uint8).reshape(picture.shape)


def grainy(reference: Picture, candidate: Picture, backend: Backend = NUMPY) -> bool:
    return told_grainy(registered(reference, candidate, backend=backend), backend)


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("sigma", [2, 5, 10, 20])
def test_sensor_noise_is_grainy(name: str, sigma: int) -> None:
    assert grainy(photo(name), noisy(photo(name), sigma))


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("quality", [95, 80])
def test_jpeg_is_grainy(name: str, quality: int) -> None:
    assert grainy(photo(name), jpeg(photo(name), quality))


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("jitter", "hinted"), [(0.2, True), (0.0, False)], ids=["bolder", "unhinted"])
def test_a_page_drawn_again_is_not(seed: int, jitter: float, hinted: bool) -> None:  # noqa: FBT001 - a column of the table
    page, rng = make_page(np.random.default_rng(seed), width=480, height=320), np.random.default_rng(seed)
    reference, candidate = render_page(page), render_page(page, rng, jitter=jitter, hinted=hinted)
    assert (reference != candidate).any()
    assert not grainy(reference, candidate)


def test_a_changed_shade_is_not(backend: Backend) -> None:
    reference = photo("coffee")
    candidate = reference.copy()
    candidate[40:140, 60:200, 1] ^= 32
    assert not grainy(reference, candidate, backend)
    assert not grainy(reference, reference, backend)


@pytest.mark.parametrize(("weak", "expected"), [(60, False), (140, True)], ids=["thin lines", "a JPEG saved again"])
def test_where_most_edges_are_equal_to_the_bit_more_must_look_like_noise(weak: int, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    page = render_page(make_page(np.random.default_rng(2), width=480, height=320))
    rng, candidate = np.random.default_rng(2), page.astype(np.int16)
    y, x = divmod(rng.choice(300 * 460, 300, replace=False), 460)
    change = np.repeat([-4, -40], [weak, 300 - weak])
    candidate[y + 10, x + 10] += np.where(candidate[y + 10, x + 10] > 128, change[:, None], -change[:, None])
    pair = registered(page, candidate.clip(0, 255).astype(np.uint8))
    assert is_noisy(pair, NUMPY, step=1 / 255, rendered=True) is expected
    assert is_noisy(pair, NUMPY, step=1 / 255, rendered=False)


@pytest.mark.parametrize("shift", [1, 3, 6])
def test_a_gradient_drawn_further_on_is_not(shift: int) -> None:
    wide = np.broadcast_to(np.linspace(20, 130, 330)[:, None], (240, 330, 1))
    drawn = np.rint(wide).astype(np.uint8)
    assert not grainy(drawn[:, :320].copy(), drawn[:, shift : 320 + shift].copy())


def test_a_gradient_dithered_anew_is_not() -> None:
    gradient, rng = np.linspace(20, 130, 320)[:, None], np.random.default_rng(0)
    reference, candidate = np.floor(gradient + rng.random((2, 240, 320, 1))).astype(np.uint8)
    assert (reference != candidate).mean() > 0.2
    assert not grainy(reference, candidate)


def test_only_the_valid_area_speaks(backend: Backend) -> None:
    reference = photo("camera")
    candidate = reference.copy()
    candidate[:, :160] = noisy(reference, 4)[:, :160]
    valid = np.zeros(reference.shape[:2], bool)
    valid[:, 170:] = True
    for area, expected in ((valid, False), (~valid, True)):
        shown = np.where(area[..., None], candidate, reference)
        assert told_grainy(registered(reference, shown, area, backend), backend) is expected


def measured(
    reference: Picture, candidate: Picture, backend: Backend, valid: NDArray[np.bool_] | None = None, sigma: float = 0
) -> Noise:
    return measure_noise(registered(reference, candidate, valid, backend), backend, sigma=sigma, grainy=True, step=0.25)


def stripes(low: int, high: int, columns: int = 64) -> Picture:
    """Upright stripes 4 px wide."""
    row = np.where(np.arange(columns) // 4 % 2, high, low)
    return np.broadcast_to(row[:, None], (32, columns, 1)).astype(np.uint8)


def test_level_is_the_median_difference(backend: Backend) -> None:
    reference = np.full((10, 10, 3), 100, np.uint8)
    candidate = reference.copy()
    candidate[:, :6, 2] = 107
    candidate[:, 6:] = 90
    noise = measured(reference, candidate, backend)
    assert noise.level == pytest.approx(7 / 255, abs=BIN)
    assert (noise.grainy, noise.edge_noise, noise.step) == (True, 0, 0.25)
    candidate[:, 4:] = 200
    assert measured(reference, candidate, backend).level == pytest.approx(100 / 255, abs=BIN)


def test_edge_noise_is_the_difference_of_edges_in_shares_of_their_contrast(backend: Backend) -> None:
    noise = measured(stripes(0, 200), stripes(20, 180), backend)
    assert noise.level == pytest.approx(20 / 255, abs=BIN)
    assert noise.edge_noise == pytest.approx(20 / 160, abs=BIN)
    assert measured(stripes(0, 200), stripes(200, 0), backend).edge_noise == 1


def test_noise_is_that_of_the_blurred_pictures(backend: Backend) -> None:
    pair = stripes(0, 200), stripes(20, 180)
    blurred = [backend.to_host(backend.gaussian_blur(backend.from_host(picture), 1.5)) for picture in pair]
    noise = measured(*pair, backend, sigma=1.5)
    assert noise == measured(*blurred, backend)
    assert noise.level < 15 / 255


def test_weak_or_few_edges_tell_no_edge_noise(backend: Backend) -> None:
    assert measured(stripes(0, 20), stripes(1, 21), backend).edge_noise == 0
    assert measured(stripes(0, 21), stripes(1, 22), backend).edge_noise == pytest.approx(1 / 21, abs=BIN)
    valid = np.zeros((32, 64), bool)
    valid[:, 3:6] = True  # columns 3 and 4 are edges: 64 px
    assert measured(stripes(0, 200), stripes(20, 180), backend, valid).edge_noise == 0
    assert measured(stripes(0, 200), stripes(20, 180), backend, valid).level == pytest.approx(20 / 255, abs=BIN)


def test_levels_become_scores() -> None:
    scores = to_scores(np.array([0, 51, 255], np.uint8))
    assert scores.dtype == np.float32
    assert scores.tolist() == [0, np.float32(0.2), 1]


def _subpixel(picture: Picture) -> Picture:
    """The picture as text for a display of coloured stripes: red a third of a px further left, blue further right."""
    plane = cv2.resize(picture, (picture.shape[1] * 3, picture.shape[0]), interpolation=cv2.INTER_LINEAR)
    plane = cv2.blur(plane, (3, 1))
    return np.ascontiguousarray(np.dstack([plane[:, channel::3, channel] for channel in range(3)]))


def test_subpixel_text_is_no_noise_and_jpeg_of_it_is() -> None:
    page = np.full((240, 320, 3), 255, np.uint8)
    for row in range(20, 230, 20):
        cv2.putText(page, "Price 1234 per item and day", (8, row), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (60, 60, 60), 1, 16)
    pair = registered(page, _subpixel(page))
    assert not is_noisy(pair, NUMPY, step=1 / 255, rendered=True)
    assert is_noisy(registered(page, jpeg(page, 80)), NUMPY, step=1 / 255, rendered=True)


def test_a_panel_that_became_fainter_with_its_text_is_no_noise() -> None:
    page = np.full((240, 320, 3), (27, 23, 21), np.uint8)
    page[10:230, 10:310] = 45
    for row in range(40, 230, 20):
        cv2.putText(page, "Price 1234 per item", (20, row), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (236, 232, 230), 1, 16)
    fainter = page.copy()
    fainter[10:230, 10:310] = np.rint(0.97 * page[10:230, 10:310] + 0.03 * page[0, 0])
    assert (page != fainter).any(axis=2).mean() > 0.5
    assert not is_noisy(registered(page, fainter), NUMPY, step=1 / 255, rendered=True)
    assert is_noisy(registered(page, jpeg(fainter, 80)), NUMPY, step=1 / 255, rendered=True)
