"""Even patches of noisy pairs are told from lines that waver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from skimage import data

from diffspot import compare
from diffspot.backends import get_backend
from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.verdict import grids
from diffspot.pipeline.verdict import patches as verdict_patches
from diffspot.pipeline.verdict.patches import _to_half, find_patches
from tests.sweep import sweep

if TYPE_CHECKING:
    from numpy.typing import NDArray

NUMPY = get_backend("numpy")
SIZE = (240, 320)
THRESHOLD = 11 / 255


def patches(reference: NDArray[Any], candidate: NDArray[Any], rng: np.random.Generator) -> list[tuple[int, ...]]:
    """Boxes of the patches of a grey pair to which noise is added."""
    noisy = [(each + rng.normal(0, 2, SIZE))[..., None].astype(np.float32) for each in (reference, candidate)]
    pair = RegisteredPair(*noisy, np.ones(SIZE, bool), np.abs(noisy[0] - noisy[1]).max(axis=2))
    return [box for box, *_ in find_patches(pair, [], THRESHOLD, NUMPY, still=False)]


@pytest.mark.parametrize("sign", sweep([-1, 1]))
def test_a_double_frame_line_that_wavers_by_one_px_is_no_patch(rng: np.random.Generator, sign: int) -> None:
    page, drawn = np.full(SIZE, 140.0), []
    for row in (102, 103):
        drawn.append(page.copy())
        drawn[-1][[row, row + 2], 80:240] += 40 * sign
    assert patches(*drawn, rng) == []
    drawn[1][160:200, 80:240] += 6 * sign
    ((x, y, w, h),) = patches(*drawn, rng)
    assert abs(x - 80) <= 8 and abs(y - 160) <= 8 and abs(x + w - 240) <= 8 and abs(y + h - 200) <= 8  # noqa: PT018


def test_light_that_falls_off_at_the_frame_is_no_patch(rng: np.random.Generator) -> None:
    light, patch = np.full(SIZE, 140.0), np.full(SIZE, 140.0)
    light[:48, -56:] -= 5
    patch[16:64, -72:-16] -= 5
    assert patches(np.full(SIZE, 140.0), light, rng) == []
    ((x, y, w, h),) = patches(np.full(SIZE, 140.0), patch, rng)
    assert abs(x - 248) <= 8 and abs(y - 16) <= 8 and abs(x + w - 304) <= 8 and abs(y + h - 64) <= 8  # noqa: PT018


ROUND = cv2.ellipse2Poly((160, 120), (40, 28), 0, 0, 360, 5)
ASKEW = np.array([(60, 120), (180, 40), (240, 110), (120, 190)])
RAGGED = np.array([(90, 60), (230, 60), (230, 180), (190, 180), (190, 100), (130, 100), (130, 180), (90, 180)])


@pytest.mark.parametrize("outline", [ROUND, ASKEW], ids=["round", "askew"])
def test_a_patch_need_not_fill_its_box(outline: NDArray[Any], rng: np.random.Generator) -> None:
    """A pill or a label is faint all over; what light leaves has bays."""
    ground = np.full(SIZE, 140.0)
    changed, bays = (
        ground + 6 * cv2.fillPoly(np.zeros(SIZE, np.uint8), [each.astype(np.int32)], 1) for each in (outline, RAGGED)
    )
    ((x, y, w, h),) = patches(ground, changed, rng)
    left, top, width, height = cv2.boundingRect(outline.astype(np.int32))
    sides = (x - left, y - top, x + w - left - width, y + h - top - height)
    assert max(map(abs, sides)) <= 12
    assert patches(ground, bays, rng) == []


def test_where_no_mean_differs_by_as_much_as_a_patch_nothing_is_measured(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> float:
        raise AssertionError

    ground, patch = np.full(SIZE, 140.0), np.full(SIZE, 140.0)
    patch[80:136, 80:160] += 5
    assert len(patches(ground, patch, rng)) == 1
    monkeypatch.setattr(verdict_patches, "usual", refuse)
    assert patches(ground, ground, rng) == []
    with pytest.raises(AssertionError):
        patches(ground, patch, rng)


@pytest.mark.parametrize("quality", sweep([85, 30]))
def test_a_patch_that_exceeds_the_threshold_in_the_mean_is_found_in_a_photo_beside_its_own_jpeg(quality: int) -> None:
    photo = data.coffee()
    changed = photo.copy()
    changed[200:240, 200:260] = np.clip(changed[200:240, 200:260].astype(int) - 14, 0, 255)
    same, different = (_saved(picture, quality) for picture in (photo, changed))
    assert compare(photo, same).status == "same"
    (region,) = compare(photo, different).regions
    x, y, w, h = region.bbox
    assert abs(x - 200) <= 8 and abs(y - 200) <= 8 and abs(x + w - 260) <= 12 and abs(y + h - 240) <= 12  # noqa: PT018


def _saved(picture: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    _, file = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(cv2.imdecode(file, cv2.IMREAD_COLOR)[..., ::-1])


def test_a_patch_filled_from_its_cells_is_the_component_that_begins_last(rng: np.random.Generator) -> None:
    several = 0
    for _ in range(20):
        high = np.abs(cv2.blur(rng.normal(0, 9, (60, 80)).astype(np.float32), (3, 3)))
        inside = rng.random(high.shape) < 0.97
        blobs = (cv2.GaussianBlur(rng.normal(0, 1, high.shape), (0, 0), 3) > 0) & inside
        count, labels, table, _ = cv2.connectedComponentsWithStats(blobs.view(np.uint8), connectivity=4)
        for index in range(1, count):
            sure = labels == index
            half = (high > float(np.median(high[sure])) / 2) & inside
            _, parts, boxes, _ = cv2.connectedComponentsWithStats(half.view(np.uint8), connectivity=4)
            last = parts[sure].max()
            x, y, w, h, _ = table[index].tolist()
            own, box = _to_half(sure, (x, y, w, h), high, inside)
            np.testing.assert_array_equal(own, parts == last)
            assert list(box) == boxes[last, :4].tolist()
            several += len(np.unique(parts[sure & half])) > 1
    assert several > 5


def test_of_noise_that_jpeg_rounds_wider_windows_are_not_looked_at(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    for module in (verdict_patches, grids):
        monkeypatch.setattr(module, "median", lambda values: asked.append(len(values)) or np.median(values))
    scene = rng.uniform(90, 160, (30, 40, 3)).repeat(8, axis=0).repeat(8, axis=1)
    one, other = ((scene + rng.normal(0, 2, scene.shape)).clip(0, 255).astype(np.uint8) for _ in range(2))
    other[80:96, 80:96] += 8  # some mean differs, but by too few cells
    backend = get_backend("numpy")
    pair = RegisteredPair(one, other, np.ones(one.shape[:2], bool), backend.absdiff(one, other))
    assert find_patches(pair, [], 0.1, backend, still=True) == []
    assert len(asked) == 9  # of each channel the noise, the middle and the deviation of the means over the least window
