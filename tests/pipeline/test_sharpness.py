"""Pictures of another sharpness are the same, and what changed on them is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from benchmarks.agreement import overlap
from benchmarks.scenes.camera import move
from benchmarks.scenes.page import make_page
from benchmarks.scenes.photo import load_photo
from benchmarks.scenes.render import render_page
from diffspot import compare
from diffspot.backends.numpy import NumpyBackend
from diffspot.pipeline import sharpness
from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.sharpness import (
    DIFFERING,
    LEAST_DIFFERING,
    RADIUS,
    WORTH,
    Kernel,
    _rows,
    alike_in_sharpness,
    find_kernel,
)
from tests.kinds import assert_changes_found, kind
from tests.pipeline.test_compare import boxes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

BACKEND = NumpyBackend()
BOX = (40, 60, 30, 20)


def photo() -> Picture:
    return load_photo("coffee", 480, 360).copy()


def pair_of(reference: Picture, candidate: Picture) -> RegisteredPair:
    valid = np.ones(reference.shape[:2], bool)
    return RegisteredPair(reference, candidate, valid, BACKEND.absdiff(reference, candidate))


def convolved(picture: Picture, weights: NDArray[np.float64]) -> Picture:
    """As SciPy has it: correlation by the definition, edges repeated."""
    channels = np.moveaxis(picture.astype(np.float64), 2, 0)
    planes = [ndimage.correlate(channel, weights, mode="nearest") for channel in channels]
    return np.clip(np.rint(np.stack(planes, axis=2)), 0, 255).astype(np.uint8)


def gaussian(sigma: float) -> NDArray[np.float64]:
    line = np.exp(-(np.arange(-RADIUS, RADIUS + 1) ** 2) / (2 * sigma**2))
    weights = np.outer(line, line)
    return weights / weights.sum()


@pytest.mark.parametrize(("differing", "looked"), [(LEAST_DIFFERING - 1, 0), (LEAST_DIFFERING, 2)])
def test_edges_are_looked_at_only_where_enough_px_differ(
    differing: int, looked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr(sharpness, "_rows", lambda *given: seen.append(given) or _rows(*given))
    reference, candidate = photo(), photo()
    changed = candidate.reshape(-1, 3)[5000 : 5000 + differing]
    changed += np.where(changed < 128, DIFFERING, -DIFFERING).astype(np.int8).view(np.uint8)
    assert find_kernel(pair_of(reference, candidate), BACKEND) is None
    assert len(seen) == looked


@pytest.mark.parametrize("of_reference", [True, False])
@pytest.mark.parametrize("sigma", [0.6, 0.9])
def test_the_kernel_that_softened_a_photo_is_found(sigma: float, *, of_reference: bool) -> None:
    sharp, soft = photo(), convolved(photo(), gaussian(sigma))
    kernel = find_kernel(pair_of(sharp, soft) if of_reference else pair_of(soft, sharp), BACKEND)
    assert kernel is not None
    assert kernel.of_reference == of_reference
    assert kernel.weights.sum() == pytest.approx(1)
    assert np.abs(kernel.weights - gaussian(sigma)).max() < 0.02


def test_a_pair_in_one_sharpness_has_the_same_bits_as_scipy_gives() -> None:
    sharp, soft = photo(), convolved(photo(), gaussian(0.8))
    pair = pair_of(sharp, soft)
    kernel = find_kernel(pair, BACKEND)
    assert kernel is not None
    alike = alike_in_sharpness(pair, kernel, BACKEND)
    assert np.abs(alike.reference.astype(int) - convolved(sharp, kernel.weights)).max() <= 1
    assert np.array_equal(alike.candidate, soft)
    assert np.array_equal(alike.difference, np.abs(alike.reference.astype(int) - soft).max(axis=2))


def test_noise_alone_asks_for_no_kernel() -> None:
    rng = np.random.default_rng(5)
    for spread in (2, 6, 12):
        noisy = [np.clip(photo() + rng.normal(0, spread, photo().shape), 0, 255).astype(np.uint8) for _ in range(2)]
        assert find_kernel(pair_of(*noisy), BACKEND) is None


def test_another_light_or_another_page_asks_for_no_kernel() -> None:
    page, other = (render_page(make_page(np.random.default_rng(seed), width=480, height=360)) for seed in (1, 2))
    assert find_kernel(pair_of(photo(), np.clip(photo() * 0.9, 0, 255).astype(np.uint8)), BACKEND) is None
    assert find_kernel(pair_of(page, other), BACKEND) is None
    assert find_kernel(pair_of(page, page), BACKEND) is None


def test_letters_of_another_colour_and_nearly_the_same_brightness_ask_for_no_kernel() -> None:
    """Edges of them differ by a few levels of brightness, which a kernel could make of some blur, and by 40 of blue."""
    page = render_page(make_page(np.random.default_rng(3)))
    blue = page.copy()
    blue[..., 2] = 40 + page[..., 2] * (215 / 255)
    pair = pair_of(page, blue)
    assert (pair.difference >= DIFFERING).sum() > LEAST_DIFFERING
    assert find_kernel(pair, BACKEND) is None


def test_few_edges_ask_for_no_kernel() -> None:
    even = np.full((64, 64, 3), 90, np.uint8)
    even[20:40, 20:40] = 200
    assert find_kernel(pair_of(even, cv2.GaussianBlur(even, (5, 5), 0.8)), BACKEND) is None


def test_what_is_outside_the_valid_area_says_nothing() -> None:
    sharp, soft = photo(), convolved(photo(), gaussian(0.8))
    valid = np.zeros(sharp.shape[:2], bool)
    valid[60:300, 80:400] = True
    torn = np.where(valid[..., None], soft, sharp)
    pair = RegisteredPair(sharp, torn, valid, BACKEND.absdiff(sharp, torn))
    kernel = find_kernel(pair, BACKEND)
    assert kernel is not None
    alike = alike_in_sharpness(pair, kernel, BACKEND)
    assert int(alike.difference[~valid].max()) == 0
    inner = valid.copy()
    inner[60:63] = inner[297:300] = inner[:, 80:83] = inner[:, 397:400] = False
    before = np.abs(sharp - torn.astype(int)).max(axis=2)[inner]
    assert np.percentile(alike.difference[inner], 99) <= WORTH * np.percentile(before, 99)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_photo_of_which_one_is_out_of_focus_is_the_same_and_it_is_said(dtype: type) -> None:
    scale = 257 if dtype is np.uint16 else 1
    sharp = photo().astype(dtype) * dtype(scale)
    soft = convolved(photo(), gaussian(0.8)).astype(dtype) * dtype(scale)
    for one, other, said in ((sharp, soft, "reference"), (soft, sharp, "candidate")):
        result = compare(one, other)
        assert (result.status, [each.cause for each in result.forgiven]) == ("same", ["noise"])
        assert any(note.startswith(f"the {said} was compared in the sharpness of the ") for note in result.notes)


def test_what_changed_in_a_photo_out_of_focus_is_found() -> None:
    x, y, w, h = BOX
    changed = photo()
    changed[y : y + h, x : x + w] = 255 - changed[y : y + h, x : x + w]
    for one, other in ((photo(), changed), (changed, photo())):
        (found,) = boxes(compare(one, convolved(other, gaussian(0.9))))
        assert overlap(found, BOX) > 0.5


def test_a_page_half_a_px_aside_is_the_same_and_its_change_is_found() -> None:
    page = render_page(make_page(np.random.default_rng(4), width=480, height=360))
    aside = move(page, 0.5, 0.3)
    assert compare(page, aside).status == "same"
    for pair, way in ((pair_of(page, aside), 1), (pair_of(aside, page), -1)):
        kernel = find_kernel(pair, BACKEND)
        assert kernel is not None
        across, down = map(float, kernel.note.removesuffix(" px aside").split(" lies ")[1].split(", "))
        assert (across, down) == pytest.approx((way * 0.5, way * 0.3), abs=0.06)
    changed = page.copy()
    x, y, w, h = BOX
    changed[y : y + h, x : x + w] = (40, 90, 200)
    (found,) = boxes(compare(page, move(changed, 0.5, 0.3)))
    assert overlap(found, BOX) > 0.5


def test_a_page_sharpened_by_an_unsharp_mask_keeps_its_change() -> None:
    sharp = Image.fromarray(photo())
    soft = Image.fromarray(cv2.GaussianBlur(photo(), (0, 0), 1))
    masked = np.asarray(Image.blend(soft, sharp, 1.4))
    assert boxes(compare(photo(), masked)) == []


@pytest.mark.parametrize("name", ["photo, captions, resized", "diagram, part of a px aside"])
def test_of_drawn_pairs_every_change_is_found_and_no_other(name: str) -> None:
    for index in range(3):
        assert_changes_found(kind(name).pair(index, seed=1), alone=False)
        unchanged = kind(f"{name}, unchanged").pair(index, seed=1)
        assert boxes(compare(unchanged.reference, unchanged.candidate)) == []


def test_a_picture_a_whole_px_aside_asks_for_no_kernel() -> None:
    assert find_kernel(pair_of(photo(), np.roll(photo(), 1, axis=0)), BACKEND) is None
    assert find_kernel(pair_of(photo(), np.roll(photo(), 1, axis=1)), BACKEND) is None


def test_a_photo_of_which_one_half_is_out_of_focus_asks_for_no_kernel() -> None:
    half = photo()
    half[:, :240] = convolved(photo(), gaussian(0.9))[:, :240]
    assert find_kernel(pair_of(photo(), half), BACKEND) is None


def test_levels_of_16_bits_stay_within_those_that_there_are() -> None:
    bars = np.zeros((24, 32, 1), np.float32)
    bars[:, ::8] = bars[:, 1::8] = 255
    weights = np.zeros((5, 5))
    weights[2] = 0, -0.2, 1.4, -0.2, 0
    valid = np.ones(bars.shape[:2], bool)
    pair = RegisteredPair(bars, bars, valid, np.zeros(bars.shape[:2], np.float32))
    sharper = alike_in_sharpness(pair, Kernel(weights, of_reference=True), BACKEND).reference
    assert (sharper.min(), sharper.max()) == (0, 255)


def test_a_page_that_another_rasteriser_drew_has_no_kernel_though_its_rules_have() -> None:
    rng = np.random.default_rng(7)
    page, anew = (np.full((400, 500, 3), 255, np.uint8) for _ in range(2))
    for y in range(20, 380, 24):
        page[y, 20:480], anew[y, 20:480], anew[y + 1, 20:480] = 0, 85, 170
        for x in range(30, 460, 10):  # letters, whose strokes lie elsewhere by parts of a px of their own
            share = int(rng.integers(0, 200))
            page[y + 6 : y + 16, x] = 0
            anew[y + 6 : y + 16, x], anew[y + 6 : y + 16, x + 1] = share, 255 - share
    pair = pair_of(page, anew)
    assert find_kernel(pair, BACKEND) is not None
    assert find_kernel(pair, BACKEND, drawn=True) is None
